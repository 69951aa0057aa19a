"""xuncha ledger: a finding from its first visit to its repair."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import click

from xuncha import orders
from xuncha.commands.recheck import recheck
from xuncha.help import Group
from xuncha.ledger import ACTS, STATES, Act
from xuncha.options import data_option, settings_option, with_options
from xuncha.parameters import CHINA, Moment, Number, OneOf


@click.group(cls=Group)
def ledger() -> None:
    """台账：每个问题从发现到整改的经过。"""


@ledger.command("list")
@click.argument("site", metavar="[SITE]", required=False)
@with_options(
    click.option("--state", type=OneOf(tuple(STATES), many=True), help="只列出这些状态，默认列出没有了结的"),
    click.option("--all", "everything", is_flag=True, help="已经了结的也列出"),
    settings_option,
    data_option,
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
@with_options(settings_option, data_option)
def ledger_show(finding: str, **options: Any) -> int:  # noqa: ANN401
    """一个问题的经过：哪些检查看到了它，谁在什么时候做了什么。"""
    from xuncha import casework

    folder = orders.data_folder(orders.load_settings(options["settings_file"]), options["data"])
    casework.show_history(folder, finding)
    return 0


@ledger.command("note")
@click.argument("findings", metavar="FINDING...", nargs=-1, required=True)
@with_options(
    click.option("--act", type=OneOf(tuple(ACTS)), required=True, help="做了什么"),
    click.option("--who", metavar="NAME", required=True, help="谁做的：姓名或单位"),
    click.option("--why", metavar="TEXT", default="", help="理由或说明，申诉和申诉结果必须写"),
    click.option("--until", type=Moment(), help="通报的整改期限，或申诉成立的有效期"),
    settings_option,
    data_option,
)
def ledger_note(findings: tuple[str, ...], *, act: str, until: datetime | None, **options: Any) -> int:  # noqa: ANN401
    """记下对问题做了什么。

    confirm 确认，notify 通报，rectify 开始整改，report 报告已整改，appeal 申诉，uphold 申诉成立，reject 申诉不成立，
    withdraw 撤销上一次记下的。
    写几个问题时，有一个记不了就都不记。
    """
    from xuncha import casework

    folder = orders.data_folder(orders.load_settings(options["settings_file"]), options["data"])
    casework.note(
        folder, findings, [Act(act)], who=options["who"], why=options["why"], until=until.date() if until else None
    )
    return 0


@ledger.command("review")
@click.argument("findings", metavar="FINDING...", nargs=-1, required=True)
@with_options(
    click.option(
        "--opinion", type=OneOf(("confirm", "mistaken")), required=True, help="复核意见：confirm 确认，mistaken 误报"
    ),
    click.option("--who", metavar="NAME", required=True, help="谁复核的：姓名或单位"),
    click.option("--why", metavar="TEXT", default="", help="复核说明，误报必须写"),
    click.option("--until", type=Moment(), help="误报的有效期，默认一年"),
    settings_option,
    data_option,
)
def ledger_review(findings: tuple[str, ...], *, opinion: str, **options: Any) -> int:  # noqa: ANN401
    """记下复核意见：问题属实，还是误报。

    成批复核用 xuncha review。
    """
    from xuncha import casework

    folder = orders.data_folder(orders.load_settings(options["settings_file"]), options["data"])
    until: datetime | None = options["until"]
    acts, last = [Act.CONFIRM], until.date() if until else None
    if opinion == "mistaken":
        acts, last = [Act.APPEAL, Act.UPHOLD], (until or datetime.now(CHINA) + timedelta(days=365)).date()
    casework.note(folder, findings, acts, who=options["who"], why=options["why"], until=last)
    return 0


@ledger.command("object")
@click.argument("findings", metavar="FINDING...", nargs=-1, required=True)
@with_options(
    click.option("--decide", type=OneOf(("uphold", "reject")), help="裁定：uphold 成立，reject 不成立；不写是提出申诉"),
    click.option("--who", metavar="NAME", required=True, help="谁提出或裁定的：姓名或单位"),
    click.option("--why", metavar="TEXT", required=True, help="理由"),
    click.option("--until", type=Moment(), help="申诉成立的有效期，到期自动失效"),
    settings_option,
    data_option,
)
def ledger_object(findings: tuple[str, ...], *, decide: str | None, **options: Any) -> int:  # noqa: ANN401
    """记下申诉，或者对申诉的裁定。"""
    from xuncha import casework

    folder = orders.data_folder(orders.load_settings(options["settings_file"]), options["data"])
    until: datetime | None = options["until"]
    act = {"uphold": Act.UPHOLD, "reject": Act.REJECT}.get(decide or "", Act.APPEAL)
    casework.note(
        folder, findings, [act], who=options["who"], why=options["why"], until=until.date() if until else None
    )
    return 0


@ledger.command("exempt")
@click.argument("site", metavar="[SITE]", required=False)
@with_options(
    click.option("--rule", metavar="RULE", help="哪条规则发现的问题，见 xuncha explain"),
    click.option("--below", metavar="URL", default="", help="只豁免以此开头的地址，默认全站"),
    click.option("--who", metavar="NAME", default="", help="谁批准的：姓名或单位"),
    click.option("--why", metavar="TEXT", default="", help="理由"),
    click.option("--until", type=Moment(), help="豁免到哪一天，到期自动失效"),
    click.option("--end", is_flag=True, help="提前结束这项豁免"),
    settings_option,
    data_option,
)
def ledger_exempt(site: str | None, *, until: datetime | None, end: bool, **options: Any) -> int:  # noqa: ANN401
    """豁免一个网站的一类问题到某一天，现有的和以后发现的都在内。

    SITE 是网站的首页网址、名称或标识码，不写时列出现有的豁免。
    """
    from xuncha import oversight

    folder = orders.data_folder(orders.load_settings(options["settings_file"]), options["data"])
    if site is None:
        oversight.show_exemptions(folder)
    else:
        oversight.exempt(
            folder,
            site,
            options["rule"],
            options["below"],
            who=options["who"],
            why=options["why"],
            until=until.date() if until else None,
            end=end,
        )
    return 0


@ledger.command("due")
@click.argument("site", metavar="[SITE]", required=False)
@with_options(
    click.option("--days", type=Number(int, 1, 250), default=5, help="几个工作日之内到期的，默认 5"),
    settings_option,
    data_option,
)
def ledger_due(site: str | None, *, days: int, **options: Any) -> int:  # noqa: ANN401
    """列出逾期没有整改的和快到期的问题，以及快到期的豁免和申诉结果。

    有逾期的，退出码是 1。
    """
    from xuncha import oversight

    config = orders.load_settings(options["settings_file"])
    return oversight.show_due(
        orders.data_folder(config, options["data"]), site, days=days, holidays=config.notice.holidays
    )


@ledger.command("repeat")
@with_options(
    click.option("--quarters", type=Number(int, 2, 40), default=4, help="最近几个季度，默认 4"),
    settings_option,
    data_option,
)
def ledger_repeat(*, quarters: int, **options: Any) -> int:  # noqa: ANN401
    """列出最近几个季度的通报中不止一次不合格的网站、不止一次被通报的问题。"""
    from xuncha import oversight

    folder = orders.data_folder(orders.load_settings(options["settings_file"]), options["data"])
    oversight.show_repeated(folder, quarters=quarters)
    return 0


ledger.add_command(recheck)
