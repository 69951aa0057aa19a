"""The commands that visit websites: demo, audit, discover."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.guard import Guard
from crawler.message import say
from crawler.plan import RENDER, Plan
from crawler.site import Site, SiteKind
from xuncha import orders, targets
from xuncha.executors import NAMES
from xuncha.help import Command
from xuncha.options import (
    NO_HTML,
    PATH,
    data_option,
    format_option,
    json_log_option,
    out_option,
    private_option,
    quiet_option,
    rate_option,
    settings_option,
    show,
    with_options,
)
from xuncha.orders import Orders
from xuncha.outputs import DEFAULT
from xuncha.parameters import Mistake, Moment, Number, OneOf, spoken

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from xuncha.profile import Samples

_FAIL_ON = ("veto", "deduct", "review", "never")
_KINDS = tuple(kind.value for kind in SiteKind)


@click.command(cls=Command)
@click.option("--open/--no-open", "opening", default=None, help="完成后是否在浏览器中打开报告，有桌面时默认打开")
@with_options(
    click.option("--out", type=PATH, metavar="DIR", help="报告文件夹，默认 xuncha-demo"), format_option, data_option
)
@with_options(quiet_option, json_log_option)
def demo(*, opening: bool | None, **options: Any) -> int:  # noqa: ANN401 - click's values
    """检查随程序附带的示例网站（虚构的云岭县门户），不连接外网。"""
    from xuncha import inspection
    from xuncha.demo import AS_OF, Portal

    formats = options["formats"] or DEFAULT
    if opening and "html" not in formats:
        raise Mistake(NO_HTML)
    with Portal() as portal:
        guard = Guard(named=frozenset({"127.0.0.1"}), hosts=tuple(portal.resolve.items()))
        config = orders.load_settings(None)
        demo_orders = Orders(
            plan=Plan(
                as_of=AS_OF,
                rate=0,
                concurrency=8,
                confirm_after=0.5,
                render="never",  # the same everywhere
                agent=orders.agent(config),
                guard=guard,
            ),
            data=orders.data_folder(config, options["data"]),
            out=options["out"] or Path("xuncha-demo"),
            formats=formats,
            fail_on="never",
            quiet=options["quiet"],
            json_log=options["json_log"],
            demo=True,
            reuse=False,
        )
        site = Site(portal.url, "云岭县人民政府", "5399990001", "云岭县人民政府办公室", SiteKind.PORTAL)
        ended = inspection.carry_out(demo_orders, [targets.Chosen(site)])
    if opening is None:
        from xuncha.summary import has_screen

        opening = "html" in formats and not options["quiet"] and sys.stdout.isatty() and has_screen()
    show(ended, quiet=options["quiet"], opening=opening)
    return 0


@click.command(cls=Command)
@click.argument("targets_", metavar="[TARGET]...", nargs=-1)
@with_options(
    settings_option,
    click.option("--edition", metavar="ID|FILE", help="检查指标：编号或指标文件（.toml），默认 cn-2019"),
    click.option("--as-of", type=Moment(), help="监测时间点，默认现在；只写日期指当天结束"),
    click.option(
        "--scope", type=OneOf(("quick", "full")), help="quick：首页、栏目、最新文章及其链接；full：全站。默认 quick"
    ),
    click.option("--max-pages", type=Number(int, 1), help="每个网站最多读多少网页，默认 quick 500、full 10000"),
    click.option(
        "--max-files", type=Number(int, 0), help="每个网站最多读取多少附件的内容，0 为不读取；默认 quick 20、full 50"
    ),
    click.option("--max-seconds", type=Number(float, 1), help="每个网站最多检查多少秒，默认 3600"),
    rate_option,
    click.option("--concurrency", type=Number(int, 1), help="对每台主机同时几个请求，默认 4"),
    click.option(
        "--render",
        type=OneOf(RENDER),
        help="由脚本绘制的首页和栏目：auto 用浏览器打开（须装组件 browser），never 不打开。默认 auto",
    ),
    click.option("--kind", type=OneOf(_KINDS), help="网站类型：portal 门户、department 部门；默认从网站名称判断"),
    click.option(
        "--reuse/--no-reuse", "reuse", default=None, help="与上次检查时相同的网页是否不再下载和解析，默认不再"
    ),
    private_option,
    out_option,
    format_option,
    data_option,
    click.option("--sample", metavar="ID|last", help="检查抽签抽到的网站，见 xuncha sample"),
    click.option("--resume", metavar="RUN|last", help="继续一次没有做完的检查"),
    click.option("--replay", metavar="RUN|last", help="用一次检查保存的数据重新评判，不访问网站"),
    click.option("--executor", type=OneOf(NAMES), help="多个网站怎样同时检查，默认 inline（逐个）"),
    click.option("--workers", type=Number(int, 1), help="同时检查几个网站"),
    click.option("--cluster", metavar="ADDR", help="Dask 调度器地址（tcp://主机:端口）"),
    click.option("--fail-on", type=OneOf(_FAIL_ON), help="发现哪一级问题时退出码为 1，默认 deduct"),
)
@with_options(
    quiet_option,
    json_log_option,
    click.option("--open", "opening", is_flag=True, help="完成后在浏览器中打开报告"),
    click.option("--profile", "profiled", is_flag=True, help="最后列出 CPU 时间用在哪里，只用于逐个检查"),
)
def audit(targets_: tuple[str, ...], *, opening: bool, profiled: bool, **options: Any) -> int:  # noqa: ANN401
    """检查网站。

    TARGET 可以是网址、保存的网页（.html）、保存网页的文件夹、设置文件（.toml）或网站名录（.csv、.xlsx）。
    不写时检查设置文件中的全部网站。

    退出码：
    0 没有发现 --fail-on 所指的问题
    1 发现问题
    2 命令、设置或程序有误，没有得出结果
    3 没有发现问题，但有网站或指标没能检查
    130 被中断，可以继续
    """
    resumed, replayed, drawn = options["resume"], options["replay"], options["sample"]
    if resumed is not None and replayed is not None:
        raise Mistake(say("--resume 和 --replay 不能同时使用"))
    if targets_ and (resumed is not None or replayed is not None):
        raise Mistake(say("--resume 和 --replay 不能和网址一起使用"))
    if drawn is not None and (targets_ or resumed is not None or replayed is not None):
        raise Mistake(say("--sample 已写明检查哪些网站，不能和网址、--resume、--replay 一起使用"))
    if opening and "html" not in (options["formats"] or DEFAULT):
        raise Mistake(NO_HTML)
    config = orders.load_settings(None if any(map(targets.is_settings, targets_)) else options["settings_file"])
    if drawn is not None:
        from xuncha import draws

        sample = draws.find(orders.data_folder(config, options["data"]), drawn)
        drawn, targets_ = sample.id, sample.drawn
    chosen: list[targets.Chosen] = []
    if resumed is None and replayed is None:
        chosen, config = targets.choose(targets_, config)
    hosts = frozenset(host for c in chosen for host in targets.hosts(c.site))
    ready = replace(orders.allowing(orders.orders(config, options), hosts), sample=drawn)

    with _profiling(ready) if profiled else contextlib.nullcontext() as samples:
        from xuncha import inspection  # not before the mistakes that can be told at once

        if resumed is not None:
            ended = inspection.resume(ready, resumed, options)
        elif replayed is not None:
            ended = inspection.replay(ready, replayed, options)
        else:
            ended = inspection.carry_out(ready, chosen)
    show(ended, quiet=options["quiet"], opening=opening)
    if samples is not None:
        from xuncha import summary

        summary.show_profile(samples, sum(a.coverage.pages for a in ended.assessments))
    return ended.exit_code


@click.command(cls=Command)
@click.argument("url", metavar="URL")
@with_options(settings_option, rate_option, private_option, quiet_option)
def discover(url: str, *, settings_file: Path | None, quiet: bool, **options: Any) -> int:  # noqa: ANN401
    """找出网站的栏目，按设置文件的格式打印，供人核对。

    用法示例：xuncha discover http://www.example.gov.cn/ > sites.toml
    """
    from functools import partial

    from xuncha import discovery
    from xuncha.progress import label, watch

    site = targets.address(url)
    found = orders.allowing(orders.orders(orders.load_settings(settings_file), options), targets.hosts(site))
    with watch(1, quiet=quiet, json_log=False) as watcher:
        text, why = discovery.discover(site, found.plan, partial(watcher.step, label(site)))
    click.echo(text)
    if why is None:
        return 0
    click.echo(spoken().text(say("{site}：{why}", site=label(site), why=why)), err=True)
    return 3


def _profiling(ready: Orders) -> AbstractContextManager[Samples]:
    from xuncha import profile

    if not profile.possible():
        raise Mistake(say("这个系统不支持 --profile"))
    if ready.executor != "inline":
        raise Mistake(say("--profile 只能和 --executor inline 一起使用，其他方式的检查不在本进程的主线程中进行"))
    return profile.sampled()
