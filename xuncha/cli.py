"""The command line: options in, one call, a few lines out. What the commands do stands in the modules they call."""

from __future__ import annotations

import os
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from crawler.guard import Guard
from crawler.message import Message, say
from crawler.plan import Plan
from crawler.site import Site, SiteKind
from reports.details import NoticeDetails
from rules import all_rules
from rules.engine import explain as explanations
from rules.engine.assessment import Assessment
from xuncha import __version__, inspection, settings, targets
from xuncha.demo import AS_OF, Portal
from xuncha.discovery import discover as discover_columns
from xuncha.executors import NAMES
from xuncha.inspection import FAIL_ON, Orders
from xuncha.outputs import DEFAULT, FORMATS
from xuncha.parameters import CHINA, Mistake, Moment, Number, OneOf, spoken
from xuncha.progress import RESULTS
from xuncha.settings import Settings
from xuncha.store import Store

_SETTINGS = "xuncha.toml"
_DATA = "xuncha-data"
_KINDS = tuple(kind.value for kind in SiteKind)

Command = Callable[..., Any]


def _options(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


_data_option = click.option(
    "--data", type=click.Path(path_type=Path), envvar="XUNCHA_DATA", help="数据目录（数据库和证据），默认 xuncha-data"
)
_settings_option = click.option(
    "--settings", "settings_file", type=click.Path(path_type=Path), help="设置文件，默认是当前目录的 xuncha.toml"
)
_out_option = click.option("--out", type=click.Path(path_type=Path), help="报告文件夹，默认 xuncha-report/检查编号")
_format_option = click.option(
    "--format", "formats", type=OneOf(tuple(FORMATS), many=True), help="报告格式，用逗号隔开，默认 html,docx,json"
)
_open_option = click.option("--open", "open_report", is_flag=True, help="完成后在浏览器中打开报告")
_quiet_options = _options(
    click.option("--quiet", is_flag=True, help="不显示进度"),
    click.option("--json-log", is_flag=True, help="进度写成 JSON，一行一条，写到标准错误"),
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", message="xuncha %(version)s", help="显示版本")
@click.option("--lang", metavar="zh|en", expose_value=False, help="界面和报告的语言；可以写在任何位置")
def cli() -> None:
    """巡查：按国务院办公厅检查指标检查政府网站，列出问题和证据，起草抽查通报。"""


@cli.command()
@_open_option
@_options(_out_option, _data_option, _format_option)
@_quiet_options
def demo(
    *,
    open_report: bool,
    out: Path | None,
    data: Path | None,
    formats: tuple[str, ...] | None,
    quiet: bool,
    json_log: bool,
) -> int:
    """检查随程序附带的示例网站（虚构的云岭县门户），不连接外网。"""
    with Portal() as portal:
        plan = Plan(as_of=AS_OF, rate=0, concurrency=8, confirm_after=0.5, agent=_agent(Settings()))
        plan = replace(plan, guard=Guard(named=frozenset({"127.0.0.1"}), hosts=tuple(portal.resolve.items())))
        orders = Orders(
            plan=plan,
            data=data or Path(_DATA),
            out=out or Path("xuncha-demo"),
            formats=formats or DEFAULT,
            fail_on="never",
            quiet=quiet,
            json_log=json_log,
        )
        site = Site(portal.url, "云岭县人民政府", "5399990001", "云岭县人民政府办公室", SiteKind.PORTAL)
        ended = inspection.carry_out(orders, [targets.Chosen(site)])
    _summary(ended, open_report=open_report)
    return 0


@cli.command()
@click.argument("targets_", metavar="[TARGET]...", nargs=-1)
@_options(
    _settings_option,
    click.option("--edition", help="检查指标：编号（cn-2019）或指标文件，默认 cn-2019"),
    click.option("--as-of", type=Moment(), help="监测时间点，默认现在；只写日期指当天结束"),
    click.option(
        "--scope", type=OneOf(("quick", "full")), help="quick：首页、栏目、最新文章及其链接；full：全站。默认 quick"
    ),
    click.option("--max-pages", type=Number(int, 1), help="每个网站最多读多少网页，默认 quick 500、full 10000"),
    click.option("--max-seconds", type=Number(float, 1), help="每个网站最多检查多少秒，默认 3600"),
    click.option("--rate", type=Number(float, 0), help="对每台主机每秒最多几次请求，0 为不限，默认 5"),
    click.option("--concurrency", type=Number(int, 1), help="对每台主机同时几个请求，默认 4"),
    click.option("--kind", type=OneOf(_KINDS), help="网站类型：portal 门户、department 部门；默认从网站名称判断"),
    click.option("--allow-private", is_flag=True, help="允许访问内部网络地址"),
    _out_option,
    _format_option,
    _data_option,
    click.option("--resume", metavar="RUN|last", help="继续一次没有做完的检查"),
    click.option("--replay", metavar="RUN|last", help="用一次检查保存的数据重新评判，不访问网站"),
    click.option("--executor", type=OneOf(NAMES), help="多个网站怎样同时检查，默认 inline（逐个）"),
    click.option("--workers", type=Number(int, 1), help="同时检查几个网站"),
    click.option("--cluster", metavar="ADDR", help="Dask 调度器地址（tcp://主机:端口）"),
    click.option("--fail-on", type=OneOf(FAIL_ON), default="deduct", help="发现哪一级问题时退出码为 1，默认 deduct"),
)
@_quiet_options
@_open_option
def audit(targets_: tuple[str, ...], *, open_report: bool, **options: Any) -> int:  # noqa: ANN401 - click's values
    """检查网站。

    TARGET 可以是网址、保存的网页（.html）、保存网页的文件夹、设置文件（.toml）或网站名录（.csv、.xlsx）；
    不写时检查设置文件中的全部网站。

    退出码：0 没有发现问题；1 发现问题；2 命令或设置有误；3 有网站或指标没能检查；130 被中断，可以继续。
    """
    if options["resume"] and options["replay"]:
        raise Mistake(say("--resume 和 --replay 不能同时使用"))
    if targets_ and (options["resume"] or options["replay"]):
        raise Mistake(say("--resume 和 --replay 不能和网址一起使用"))
    config = _settings(options["settings_file"])
    if options["resume"]:
        ended = inspection.resume(_orders(config, options), options["resume"])
    elif options["replay"]:
        ended = inspection.replay(_orders(config, options), options["replay"], options["as_of"])
    else:
        chosen, config = targets.choose(targets_, config)
        orders = _orders(config, options)
        named = frozenset(host for c in chosen for host in targets.hosts(c.site))
        guard = replace(orders.plan.guard, named=orders.plan.guard.named | named)
        ended = inspection.carry_out(replace(orders, plan=replace(orders.plan, guard=guard)), chosen)
    if not options["quiet"]:
        _summary(ended, open_report=open_report)
    elif open_report:
        _open(ended)
    return ended.exit_code


@cli.command()
@click.argument("url")
@_options(
    click.option("--rate", type=Number(float, 0), help="对每台主机每秒最多几次请求，0 为不限，默认 5"),
    click.option("--allow-private", is_flag=True, help="允许访问内部网络地址"),
)
def discover(url: str, *, rate: float | None, allow_private: bool) -> int:
    """找出网站的栏目，按设置文件的格式打印，供人核对。"""
    chosen, config = targets.choose([url], Settings())
    options: dict[str, Any] = {"rate": rate, "allow_private": allow_private}
    plan = _plan(config, options)
    site = chosen[0].site
    guard = replace(plan.guard, named=plan.guard.named | targets.hosts(site))
    text, found = discover_columns(site, replace(plan, guard=guard))
    click.echo(text)
    return 0 if found else 3


@cli.command()
@_data_option
def runs(*, data: Path | None) -> int:
    """列出做过的检查。"""
    path = (data or Path(_DATA)) / "xuncha.db"
    with Store.open(path, read_only=True) as store:
        found = store.runs()
    text = spoken().text
    table = Table(box=None, pad_edge=False)
    heads = (
        say("检查编号"),
        say("监测时间点"),
        say("指标"),
        say("网站"),
        say("不合格"),
        say("未判定"),
        say("未完成"),
        say("问题"),
    )
    for head in heads:
        table.add_column(text(head), no_wrap=True)
    for run in found:
        left = run.pending + run.failed
        cells = (run.sites, run.unqualified, run.undetermined, left, run.findings)
        table.add_row(run.id, f"{run.as_of.astimezone(CHINA):%Y-%m-%d %H:%M}", run.edition, *map(str, cells))
    _console().print(table) if found else click.echo(text(say("还没有做过检查")))
    return 0


@cli.command()
@click.argument("run")
@_options(_settings_option, _format_option, _out_option, _data_option)
@_open_option
def report(run: str, *, open_report: bool, **options: Any) -> int:  # noqa: ANN401 - click's values
    """把一次检查（编号、编号开头或 last）重新写成报告。"""
    ended = inspection.write_again(_orders(_settings(options["settings_file"]), options), run)
    _paths(ended)
    if open_report:
        _open(ended)
    return 0


@cli.command()
@click.argument("rule", required=False)
@click.option("--all", "everything", is_flag=True, help="全部规则，Markdown 格式")
def explain(rule: str | None, *, everything: bool) -> int:
    """说明一条规则：查什么、为什么、参数、例、改法、局限。"""
    known = all_rules()
    if everything:
        click.echo(explanations.all_pages(), nl=False)
    elif rule is None:
        for found in sorted(known.values(), key=lambda r: r.id):
            click.echo(f"{found.id:<22}{found.doc.splitlines()[0]}")
    elif rule not in known:
        raise Mistake(say("没有规则“{rule}”，可用：{known}", rule=rule, known="、".join(sorted(known))))
    else:
        click.echo(explanations.page(known[rule]), nl=False)
    return 0


# From options and settings to orders.


def _settings(path: Path | None) -> Settings:
    if path is None and not Path(_SETTINGS).is_file():
        return Settings()
    return settings.load(path or Path(_SETTINGS))


def _orders(config: Settings, options: Mapping[str, Any]) -> Orders:
    """The command line wins over the settings file, and that over the defaults."""
    run = config.run
    workers = options.get("workers") or run.workers
    name = options.get("executor") or run.executor or ("threads" if (workers or 1) > 1 else "inline")
    kind = options.get("kind")
    if options.get("cluster") and name != "dask":
        raise Mistake(say("--cluster 只能和 --executor dask 一起使用"))
    return Orders(
        plan=_plan(config, options),
        data=options.get("data") or run.data or Path(_DATA),
        out=options.get("out"),
        formats=options.get("formats") or DEFAULT,
        edition=options.get("edition") or run.edition or "cn-2019",
        rule_modules=config.rule_modules,
        kind=SiteKind(kind) if kind else None,
        moment_known=options.get("as_of") is not None,
        executor=name,
        workers=workers or (1 if name == "inline" else os.cpu_count() or 1),
        cluster=options.get("cluster"),
        fail_on=options.get("fail_on") or "deduct",
        details=NoticeDetails(**settings.given(config.notice)),
        quiet=bool(options.get("quiet")),
        json_log=bool(options.get("json_log")),
    )


def _plan(config: Settings, options: Mapping[str, Any]) -> Plan:
    run = config.run

    def pick(name: str, default: Any) -> Any:  # noqa: ANN401
        for value in (options.get(name), getattr(run, name, None)):
            if value is not None:
                return value
        return default

    scope = pick("scope", "quick")
    guard = Guard(
        allow_private=bool(options.get("allow_private")),
        named=frozenset(h.lower() for h in run.allow_private or ()),
    )
    return Plan(
        as_of=options.get("as_of") or datetime.now(CHINA).replace(microsecond=0),
        scope=scope,
        max_pages=pick("max_pages", 500 if scope == "quick" else 10_000),
        max_seconds=pick("max_seconds", 3600.0),
        max_bytes=pick("max_bytes", 1024**3),
        rate=pick("rate", 5.0),
        concurrency=pick("concurrency", 4),
        ignore_robots=bool(run.ignore_robots),
        agent=_agent(config),
        software=f"xuncha/{__version__}",
        guard=guard,
    )


def _agent(config: Settings) -> str:
    """The User-Agent: who asks, and how to reach them. ASCII, as RFC 9110 wants it."""
    contact = config.agent.contact or "contact not set"
    name = config.agent.name or "xuncha"
    text = f"{name}/{__version__} (website inspection; {contact})"
    return text.encode("ascii", "replace").decode()


# What a person sees at the end.


def _console() -> Console:
    return Console(highlight=False, markup=False, soft_wrap=False)


def _summary(ended: inspection.Outcome, *, open_report: bool) -> None:
    text = spoken().text
    table = Table(box=None, pad_edge=False)
    for head in (say("网站"), say("结果"), say("得分"), say("问题"), say("待复核"), say("网页"), say("链接")):
        table.add_column(text(head), overflow="fold")
    for assessment in ended.assessments:
        certain = sum(f.certain for f in assessment.findings)
        table.add_row(
            inspection.label(assessment.site),
            text(_verdict(assessment)),
            text(_score(assessment)),
            str(certain),
            str(len(assessment.findings) - certain),
            str(assessment.coverage.pages),
            str(assessment.coverage.links),
        )
    _console().print(table)
    for assessment in ended.assessments:
        if assessment.why is not None:
            click.echo(text(say("{site}:{why}", site=inspection.label(assessment.site), why=assessment.why)))
    for url, reason in ended.run.failures:
        click.echo(text(say("{site}：检查程序自身出错，未能完成（{fault}）", site=url, fault=reason)))
    _paths(ended)
    if open_report:
        _open(ended)


def _paths(ended: inspection.Outcome) -> None:
    click.echo(spoken().text(say("检查编号 {run}", run=ended.run.id)))
    for path in ended.files:
        click.echo(str(path))


def _open(ended: inspection.Outcome) -> None:
    page = next((p for p in ended.files if p.suffix == ".html"), None)
    if page is None:
        raise Mistake(say("没有写 HTML 报告，不能打开；请在 --format 中加上 html"))
    webbrowser.open(page.resolve().as_uri())


def _verdict(assessment: Assessment) -> Message:
    if assessment.vetoes:
        codes = "、".join(assessment.vetoes)
        return say("{result}（单项否决 {codes}）", result=RESULTS[assessment.result], codes=codes)
    return RESULTS[assessment.result]


def _score(assessment: Assessment) -> Message:
    if assessment.score is None:
        return say("—")
    score = spoken().number(assessment.score)
    return say("{score}（估算）", score=score) if assessment.score_is_estimate else say("{score}", score=score)
