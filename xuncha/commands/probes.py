"""The commands of home pages that are watched: probe and announce."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from crawler.message import say
from xuncha import orders
from xuncha.help import Command
from xuncha.options import data_option, private_option, quiet_option, settings_option, with_options
from xuncha.parameters import Mistake, Moment, Number, spoken


@click.command(cls=Command)
@click.argument("sites", metavar="[SITE]...", nargs=-1)
@with_options(settings_option, data_option, private_option, quiet_option)
def probe(sites: tuple[str, ...], *, quiet: bool, **options: Any) -> int:  # noqa: ANN401
    """监测首页：现在能不能打开，结果存入数据库。

    SITE 是网站的名称、标识码或网址，不写时监测设置文件中的全部网站。
    只访问首页，不读其他网页。“站点无法访问”按7天、每天20次以上的监测记录判定，可在设置文件中写日程定时监测。

    退出码：0 都打开了，1 有打不开的，3 有不能判断的。
    """
    from xuncha import probing

    config = orders.load_settings(options["settings_file"])
    done = probing.carry_out(orders.orders(config, options), config, probing.sites_of(sites, config))
    for message in () if quiet else probing.told(done):
        click.echo(spoken().text(message))
    return done.exit_code


@click.command(cls=Command)
@click.argument("site", metavar="[SITE]", required=False)
@click.argument("begins", metavar="[FROM]", required=False, type=Moment("start"))
@click.argument("ends", metavar="[TO]", required=False, type=Moment("end"))
@click.argument("reason", metavar="[REASON]", required=False)
@with_options(
    click.option("--withdraw", type=Number(int, 1), help="撤销这个编号的报备"),
    settings_option,
    data_option,
)
def announce(
    site: str | None,
    begins: datetime | None,
    ends: datetime | None,
    reason: str | None,
    *,
    withdraw: int | None,
    **options: Any,  # noqa: ANN401
) -> int:
    """报备维护：这段时间里打不开不计入“站点无法访问”。

    SITE 是网站的名称、标识码或网址；FROM 和 TO 写成 2026-11-20 或 2026-11-20T22:00，只写日期指从当天零点到当天结束。
    什么都不写时，列出报备过的维护，包括设置文件中的。
    """
    from xuncha import maintenance

    config = orders.load_settings(options["settings_file"])
    folder = orders.data_folder(config, options["data"])
    if withdraw is not None:
        if site is not None:
            raise Mistake(say("--withdraw 只写编号，编号见 xuncha announce"))
        click.echo(spoken().text(maintenance.withdraw(folder, withdraw)))
    elif site is None:
        for message in maintenance.listing(folder, config):
            click.echo(spoken().text(message))
    elif begins is None or ends is None or not (reason or "").strip():
        raise Mistake(say("报备要写明网站、开始时间、结束时间和原因"))
    else:
        click.echo(spoken().text(maintenance.announce(folder, config, site, begins, ends, reason or "")))
    return 0
