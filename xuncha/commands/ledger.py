"""xuncha ledger: a finding from its first visit to its repair."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from xuncha import orders
from xuncha.help import Group
from xuncha.ledger import ACTS, STATES, Act
from xuncha.options import data_option, settings_option, with_options
from xuncha.parameters import Moment, OneOf


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
        folder, findings, Act(act), who=options["who"], why=options["why"], until=until.date() if until else None
    )
    return 0
