"""The commands that keep the data: backup, restore and prune."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from crawler.message import say
from xuncha import orders
from xuncha.help import Command
from xuncha.options import PATH, data_option, settings_option, with_options
from xuncha.parameters import CHINA, Mistake, Number, spoken


@click.command(cls=Command)
@click.argument("file", metavar="FILE", type=PATH)
@with_options(settings_option, data_option)
def backup(file: Path, **options: Any) -> int:  # noqa: ANN401
    """把整个数据目录（数据库和证据）备份成一个 ZIP 文件。

    正在值守、正在检查时也可以备份。
    """
    from xuncha import backup as backups

    folder = orders.data_folder(orders.load_settings(options["settings_file"]), options["data"])
    count = backups.backup(folder, file)
    click.echo(spoken().text(say("已备份 {count} 个文件：{path}", count=count, path=str(file))))
    return 0


@click.command(cls=Command)
@click.argument("file", metavar="FILE", type=PATH)
@with_options(settings_option, data_option)
def restore(file: Path, **options: Any) -> int:  # noqa: ANN401
    """用备份文件恢复数据目录，逐个核对文件。

    只恢复到新的数据目录，不覆盖已有的数据。
    """
    from xuncha import backup as backups

    folder = orders.data_folder(orders.load_settings(options["settings_file"]), options["data"])
    count = backups.restore(file, folder)
    click.echo(spoken().text(say("已恢复 {count} 个文件到 {path}", count=count, path=str(folder))))
    return 0


@click.command(cls=Command)
@with_options(
    click.option("--days", type=Number(int, 90), help="保留最近多少天的证据，默认按设置 [retention]"),
    click.option(
        "--records", type=Number(int, 35), help="保留最近多少天的首页监测和日程执行的记录，默认按设置 [retention]"
    ),
    click.option("--dry-run", "dry", is_flag=True, help="只说明会删除多少，不删除"),
    settings_option,
    data_option,
)
def prune(*, days: int | None, records: int | None, dry: bool, **options: Any) -> int:  # noqa: ANN401
    """删除过期检查的证据和过期的监测记录，按设置文件 [retention] 中保留的天数。

    没有了结的问题的证据、每个网站最近一次检查的证据，无论多久都不删除；没有做完的检查也不删除。台账和检查结果不删除。
    """
    from xuncha import retention

    config = orders.load_settings(options["settings_file"])
    days, records = days or config.retention.days, records or config.retention.records
    if days is None and records is None:
        raise Mistake(say("请用 --days、--records 或者在设置文件 [retention] 中写明保留多少天"))
    for told in retention.carry_out(orders.orders(config, options), days, records, datetime.now(CHINA), dry=dry):
        click.echo(spoken().text(told))
    return 0
