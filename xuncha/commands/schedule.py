"""The commands of the schedule: watch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.message import Message, say
from xuncha import orders
from xuncha.help import Command
from xuncha.options import data_option, json_log_option, settings_option, show, with_options
from xuncha.parameters import Mistake, spoken

if TYPE_CHECKING:
    from xuncha.settings import Settings


@click.command(cls=Command)
@with_options(
    settings_option,
    data_option,
    click.option("--once", metavar="NAME", help="现在做一次这项日程，做完即退出"),
    click.option("--list", "listed", is_flag=True, help="列出各项日程接下来三次的时间和上一次的结果"),
    json_log_option,
)
def watch(*, settings_file: Path | None, data: Path | None, once: str | None, listed: bool, json_log: bool) -> int:
    """按设置文件中的日程（[[schedule]]）定时检查，直到按 Ctrl-C 或收到 SIGTERM。

    停下时没有做完的检查，下次启动时继续；停机期间错过的，启动时补做一次。
    收到 SIGHUP 时重新读取设置文件。
    """
    from xuncha import schedule, tasks, watch
    from xuncha.settings_file import load as load_file

    def load() -> Settings:
        return load_file(settings_file or orders.SETTINGS)

    if once is not None and listed:
        raise Mistake(say("--once 和 --list 不能同时使用"))
    if listed:
        config = load()
        for line, *more in schedule.listing(config, orders.data_folder(config, data)):
            click.echo(spoken().text(line))
            for message in more:
                click.echo(f"  {spoken().text(message)}")
    elif once is not None:
        config = load()
        given = {"data": data, "json_log": json_log}
        codes = []
        for done in tasks.once(config, orders.data_folder(config, data), once, given, _silent):
            codes.append(done.code)
            if done.ended is not None:
                show(done.ended, quiet=False, opening=False)
            else:
                click.echo(spoken().text(done.told))
        return codes[0]
    else:
        watch.Watch(load, data, json_log=json_log).run()
    return 0


@click.command(cls=Command)
@with_options(
    settings_option, data_option, click.option("--json", "as_json", is_flag=True, help="写成 JSON，供其他程序读取")
)
def status(*, settings_file: Path | None, data: Path | None, as_json: bool) -> int:
    """值守是否正常：日程接下来和上一次的情况，应做的监测做了多少，各网站最近7天打不开的次数。

    退出码：0 一切正常，1 有需要处理的。
    """
    import json

    from xuncha import status as statuses

    config = orders.load_settings(settings_file)
    found = statuses.gather(config, orders.data_folder(config, data))
    if as_json:
        click.echo(json.dumps(statuses.as_json(found), ensure_ascii=False, indent=1))
    else:
        for message, below in statuses.told(found, config):
            click.echo(spoken().text(message))
            for more in below:
                click.echo(f"  {spoken().text(more)}")
    return 1 if found.troubles else 0


def _silent(event: str, message: Message, **facts: object) -> None:
    """One line done at once is shown as its command shows it."""
