"""The command line: options in, one call, a few lines out. What the commands do stands in the modules they call.

A module that brings a document, network or database library with it is imported by the command that needs it: `--help`
answers at once.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.guard import Guard
from crawler.message import say
from crawler.plan import RENDER, Plan
from crawler.site import Site, SiteKind
from xuncha import __version__, orders, settings, targets
from xuncha.executors import NAMES
from xuncha.help import Group
from xuncha.ledger import ACTS, STATES, Act
from xuncha.orders import Orders
from xuncha.outputs import DEFAULT, FORMATS
from xuncha.parameters import Mistake, Moment, Number, OneOf, spoken

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from xuncha.inspection import Ended
    from xuncha.profile import Samples
    from xuncha.settings import Settings

_FAIL_ON = ("veto", "deduct", "review", "never")
_KINDS = tuple(kind.value for kind in SiteKind)

Command = Callable[..., Any]


def _options(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


_PATH = click.Path(path_type=Path)
_data_option = click.option(
    "--data",
    type=_PATH,
    metavar="DIR",
    envvar="XUNCHA_DATA",
    help="数据目录（数据库和证据），默认 xuncha-data，也可用环境变量 XUNCHA_DATA 指定",
)
_settings_option = click.option(
    "--settings", "settings_file", type=_PATH, metavar="FILE", help="设置文件，默认是当前目录的 xuncha.toml"
)
_out_option = click.option("--out", type=_PATH, metavar="DIR", help="报告文件夹，默认 xuncha-report/检查编号")
_format_option = click.option(
    "--format", "formats", type=OneOf(tuple(FORMATS), many=True), help="报告格式，用逗号隔开，默认 html,docx,json"
)
_quiet_option = click.option("--quiet", is_flag=True, help="只报告错误，不显示进度和结果")
_json_log_option = click.option("--json-log", is_flag=True, help="进度和错误写成 JSON，一行一条，写到标准错误")
_rate_option = click.option("--rate", type=Number(float, 0), help="对每台主机每秒最多几次请求，0 为不限，默认 5")
_private_option = click.option("--allow-private", is_flag=True, help="允许访问内部网络地址；写明的网址总是允许")


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", message="xuncha %(version)s", help="显示版本")
@click.option("--lang", metavar="zh|en", expose_value=False, help="界面和报告的语言，可以写在任何位置，默认 zh")
def cli() -> None:
    """巡查：按国务院办公厅检查指标检查政府网站，列出问题和证据，起草抽查通报。"""


@cli.command()
@click.option("--open/--no-open", "opening", default=None, help="完成后是否在浏览器中打开报告，有桌面时默认打开")
@_options(
    click.option("--out", type=_PATH, metavar="DIR", help="报告文件夹，默认 xuncha-demo"), _format_option, _data_option
)
@_options(_quiet_option, _json_log_option)
def demo(*, opening: bool | None, **options: Any) -> int:  # noqa: ANN401 - click's values
    """检查随程序附带的示例网站（虚构的云岭县门户），不连接外网。"""
    from xuncha import inspection
    from xuncha.demo import AS_OF, Portal

    formats = options["formats"] or DEFAULT
    if opening and "html" not in formats:
        raise Mistake(_NO_HTML)
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
    _show(ended, quiet=options["quiet"], opening=opening)
    return 0


@cli.command()
@click.argument("targets_", metavar="[TARGET]...", nargs=-1)
@_options(
    _settings_option,
    click.option("--edition", metavar="ID|FILE", help="检查指标：编号或指标文件（.toml），默认 cn-2019"),
    click.option("--as-of", type=Moment(), help="监测时间点，默认现在；只写日期指当天结束"),
    click.option(
        "--scope", type=OneOf(("quick", "full")), help="quick：首页、栏目、最新文章及其链接；full：全站。默认 quick"
    ),
    click.option("--max-pages", type=Number(int, 1), help="每个网站最多读多少网页，默认 quick 500、full 10000"),
    click.option("--max-seconds", type=Number(float, 1), help="每个网站最多检查多少秒，默认 3600"),
    _rate_option,
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
    _private_option,
    _out_option,
    _format_option,
    _data_option,
    click.option("--resume", metavar="RUN|last", help="继续一次没有做完的检查"),
    click.option("--replay", metavar="RUN|last", help="用一次检查保存的数据重新评判，不访问网站"),
    click.option("--executor", type=OneOf(NAMES), help="多个网站怎样同时检查，默认 inline（逐个）"),
    click.option("--workers", type=Number(int, 1), help="同时检查几个网站"),
    click.option("--cluster", metavar="ADDR", help="Dask 调度器地址（tcp://主机:端口）"),
    click.option("--fail-on", type=OneOf(_FAIL_ON), help="发现哪一级问题时退出码为 1，默认 deduct"),
)
@_options(
    _quiet_option,
    _json_log_option,
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
    resumed, replayed = options["resume"], options["replay"]
    if resumed is not None and replayed is not None:
        raise Mistake(say("--resume 和 --replay 不能同时使用"))
    if targets_ and (resumed is not None or replayed is not None):
        raise Mistake(say("--resume 和 --replay 不能和网址一起使用"))
    if opening and "html" not in (options["formats"] or DEFAULT):
        raise Mistake(_NO_HTML)
    config = orders.load_settings(None if any(map(targets.is_settings, targets_)) else options["settings_file"])
    chosen: list[targets.Chosen] = []
    if resumed is None and replayed is None:
        chosen, config = targets.choose(targets_, config)
    hosts = frozenset(host for c in chosen for host in targets.hosts(c.site))
    ready = orders.allowing(orders.orders(config, options), hosts)

    with _profiling(ready) if profiled else contextlib.nullcontext() as samples:
        from xuncha import inspection  # not before the mistakes that can be told at once

        if resumed is not None:
            ended = inspection.resume(ready, resumed, options)
        elif replayed is not None:
            ended = inspection.replay(ready, replayed, options)
        else:
            ended = inspection.carry_out(ready, chosen)
    _show(ended, quiet=options["quiet"], opening=opening)
    if samples is not None:
        from xuncha import summary

        summary.show_profile(samples, sum(a.coverage.pages for a in ended.assessments))
    return ended.exit_code


@cli.command()
@click.argument("url", metavar="URL")
@_options(_settings_option, _rate_option, _private_option, _quiet_option)
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


@cli.command()
@_options(_settings_option, _data_option)
def runs(*, settings_file: Path | None, data: Path | None) -> int:
    """列出做过的检查。"""
    from xuncha import summary
    from xuncha.store import Store

    folder = orders.data_folder(orders.load_settings(settings_file), data)
    with Store.open(folder / "xuncha.db", read_only=True) as store:
        found = store.runs()
    summary.show_runs(found)
    return 0


@cli.command()
@click.argument("run", metavar="RUN|last")
@_options(_settings_option, _format_option, _out_option, _data_option)
@click.option("--open", "opening", is_flag=True, help="完成后在浏览器中打开报告")
def report(run: str, *, opening: bool, **options: Any) -> int:  # noqa: ANN401
    """把一次检查重新写成报告。

    RUN 是检查编号或其开头，last 是最近一次；编号见 xuncha runs。
    """
    from xuncha import inspection, summary

    if opening and "html" not in (options["formats"] or DEFAULT):
        raise Mistake(_NO_HTML)
    config = orders.load_settings(options["settings_file"])
    ended = inspection.write_again(orders.orders(config, options), run)
    summary.show_files(ended)
    if opening:
        summary.open_report(ended)
    return 0


@cli.command()
@click.argument("finding", metavar="[FINDING]", required=False)
@_options(
    click.option("--run", metavar="RUN|last", default="last", help="哪一次检查，默认最近一次"),
    click.option("--out", type=_PATH, metavar="FILE", help="证据文件，默认 xuncha-evidence-编号.zip"),
    click.option("--verify", type=_PATH, metavar="FILE", help="核对一个证据文件，不导出"),
    click.option("--unmasked", is_flag=True, help="泄露个人信息的问题，也收入没有遮盖的原始记录"),
    _settings_option,
    _data_option,
)
def evidence(finding: str | None, *, run: str, out: Path | None, verify: Path | None, **options: Any) -> int:  # noqa: ANN401
    """把一个问题的全部证据导出为一个 zip 文件。

    FINDING 是问题编号或其开头，见检查报告、附件和 findings.json。
    """
    from xuncha import evidence as package

    if (finding is None) == (verify is None):
        raise Mistake(say("请写一个问题编号，或用 --verify 指定要核对的证据文件"))
    text = spoken().text
    if verify is not None:
        digest, differences = package.verify(verify)
        for difference in differences:
            click.echo(text(difference), err=True)
        if not differences:
            click.echo(text(say("{path} 完整，与清单一致", path=str(verify))))
        click.echo(text(say("清单 SHA-256：{digest}", digest=digest)))
        return 1 if differences else 0
    config = orders.load_settings(options.pop("settings_file"))
    path, digest = package.export(
        orders.orders(config, options), run, finding or "", out, unmasked=options.pop("unmasked")
    )
    click.echo(text(say("证据文件：{path}", path=str(path))))
    click.echo(text(say("清单 SHA-256：{digest}", digest=digest)))
    return 0


@cli.command()
@click.argument("subject", metavar="[RULE|RUN]", required=False)
@click.argument("site", metavar="[SITE]", required=False)
@_options(
    click.option("--all", "everything", is_flag=True, help="全部规则，Markdown 格式"), _settings_option, _data_option
)
def explain(subject: str | None, site: str | None, *, everything: bool, **options: Any) -> int:  # noqa: ANN401
    """说明一条规则，或者一个网站的结论和得分是怎样算出来的。

    RULE 是规则编号：说明查什么、为什么、参数、例、改法、局限。不写时列出全部规则。
    RUN 是检查编号（见 xuncha runs）或 last，SITE 是网站的名称、标识码或网址：逐条列出条款、检查数、问题和扣分。
    """
    if subject is not None and site is not None:
        if everything:
            raise Mistake(say("--all 列出全部规则，不能和检查编号一起使用"))
        from xuncha import explanation

        config = orders.load_settings(options["settings_file"])
        for line in explanation.explain(orders.orders(config, options), subject, site):
            click.echo(line)
        return 0
    from rules import all_rules
    from rules.engine import explain as explanations

    known = all_rules()
    if everything:
        click.echo(explanations.all_pages(), nl=False)
    elif subject is None:
        for found in sorted(known.values(), key=lambda r: r.id):
            click.echo(f"{found.id:<{max(map(len, known)) + 2}}{found.doc.splitlines()[0]}")
    elif subject not in known:
        raise Mistake(say("没有规则“{rule}”，可用：{known}", rule=subject, known=tuple(sorted(known))))
    else:
        click.echo(explanations.page(known[subject]), nl=False)
    return 0


@cli.command()
@_options(
    _settings_option,
    _data_option,
    click.option("--once", metavar="NAME", help="现在做一次这项日程，做完即退出"),
    click.option("--list", "listed", is_flag=True, help="列出各项日程接下来三次的时间和上一次的结果"),
    _json_log_option,
)
def watch(*, settings_file: Path | None, data: Path | None, once: str | None, listed: bool, json_log: bool) -> int:
    """按设置文件中的日程（[[schedule]]）定时检查，直到按 Ctrl-C 或收到 SIGTERM。

    停下时没有做完的检查，下次启动时继续；停机期间错过的，启动时补做一次。
    收到 SIGHUP 时重新读取设置文件。
    """
    from xuncha import schedule, watch

    def load() -> Settings:
        return settings.load(settings_file or orders.SETTINGS)

    if once is not None and listed:
        raise Mistake(say("--once 和 --list 不能同时使用"))
    if listed:
        config = load()
        for line, *more in schedule.listing(config, orders.data_folder(config, data)):
            click.echo(spoken().text(line))
            for message in more:
                click.echo(f"  {spoken().text(message)}")
    elif once is not None:
        ended = schedule.once(load(), once, {"data": data, "json_log": json_log})
        _show(ended, quiet=False, opening=False)
        return ended.exit_code
    else:
        watch.Watch(load, data, json_log=json_log).run()
    return 0


@cli.group()
def ledger() -> None:
    """台账：每个问题从发现到整改的经过。"""


@ledger.command("list")
@click.argument("site", metavar="[SITE]", required=False)
@_options(
    click.option("--state", type=OneOf(tuple(STATES), many=True), help="只列出这些状态，默认列出没有了结的"),
    click.option("--all", "everything", is_flag=True, help="已经了结的也列出"),
    _settings_option,
    _data_option,
)
def ledger_list(site: str | None, *, state: tuple[str, ...] | None, everything: bool, **options: Any) -> int:  # noqa: ANN401
    """列出问题和它们的状态。

    SITE 是网站首页的网址，不写时列出全部网站的。
    """
    from xuncha import casework

    folder = orders.data_folder(orders.load_settings(options["settings_file"]), options["data"])
    casework.show_list(folder, site, state or (), everything=everything)
    return 0


@ledger.command("show")
@click.argument("finding", metavar="FINDING")
@_options(_settings_option, _data_option)
def ledger_show(finding: str, **options: Any) -> int:  # noqa: ANN401
    """一个问题的经过：哪些检查看到了它，谁在什么时候做了什么。"""
    from xuncha import casework

    folder = orders.data_folder(orders.load_settings(options["settings_file"]), options["data"])
    casework.show_history(folder, finding)
    return 0


@ledger.command("note")
@click.argument("findings", metavar="FINDING...", nargs=-1, required=True)
@_options(
    click.option("--act", type=OneOf(tuple(ACTS)), required=True, help="做了什么"),
    click.option("--who", metavar="NAME", required=True, help="谁做的：姓名或单位"),
    click.option("--why", metavar="TEXT", default="", help="理由或说明，申诉和申诉结果必须写"),
    click.option("--until", type=Moment(), help="通报的整改期限，或申诉成立的有效期"),
    _settings_option,
    _data_option,
)
def ledger_note(findings: tuple[str, ...], *, act: str, until: datetime | None, **options: Any) -> int:  # noqa: ANN401
    """记下对问题做了什么。

    confirm 确认，notify 通报，rectify 开始整改，report 报告已整改，appeal 申诉，uphold 申诉成立，reject 申诉不成立。
    写几个问题时，有一个记不了就都不记。
    """
    from xuncha import casework

    folder = orders.data_folder(orders.load_settings(options["settings_file"]), options["data"])
    casework.note(
        folder, findings, Act(act), who=options["who"], why=options["why"], until=until.date() if until else None
    )
    return 0


@cli.group()
def review() -> None:
    """复核：导出问题清单，填写后导入台账。"""


@review.command("export")
@click.argument("run", metavar="[RUN|last]", default="last")
@_options(_settings_option, _out_option, _data_option)
def review_export(run: str, **options: Any) -> int:  # noqa: ANN401
    """把一次检查的问题写成问题清单（annex.xlsx），供人填写复核意见和整改情况。"""
    from xuncha import inspection, summary

    config = orders.load_settings(options["settings_file"])
    summary.show_files(inspection.write_again(orders.orders(config, options | {"formats": ("xlsx",)}), run))
    return 0


@review.command("import")
@click.argument("file", metavar="FILE", type=_PATH)
@_options(
    click.option("--who", metavar="NAME", required=True, help="谁复核的：姓名或单位"),
    click.option("--until", type=Moment(), help="误报的有效期，默认一年"),
    click.option("--partial", is_flag=True, help="有的行没有填意见时，只导入已填的"),
    _settings_option,
    _data_option,
)
def review_import(file: Path, *, who: str, until: datetime | None, partial: bool, **options: Any) -> int:  # noqa: ANN401
    """把填好的问题清单导入台账。

    有一行不对，就一行也不导入。误报和申诉要写复核说明。
    """
    from datetime import timedelta

    from xuncha import casework
    from xuncha.parameters import CHINA

    folder = orders.data_folder(orders.load_settings(options["settings_file"]), options["data"])
    last = (until or datetime.now(CHINA) + timedelta(days=365)).date()
    casework.import_opinions(folder, file, who=who, until=last, partial=partial)
    return 0


_NO_HTML = say("--open 打开的是 HTML 报告，请在 --format 中加上 html")


def _profiling(ready: Orders) -> AbstractContextManager[Samples]:
    from xuncha import profile

    if not profile.possible():
        raise Mistake(say("这个系统不支持 --profile"))
    if ready.executor != "inline":
        raise Mistake(say("--profile 只能和 --executor inline 一起使用，其他方式的检查不在本进程的主线程中进行"))
    return profile.sampled()


def _show(ended: Ended, *, quiet: bool, opening: bool) -> None:
    from xuncha import summary

    # Whoever reads the output may have seen enough (`| head`); the run is done all the same, and its exit code stands.
    with contextlib.suppress(OSError):
        if not quiet:
            summary.show(ended)
        if opening:
            summary.open_report(ended)
