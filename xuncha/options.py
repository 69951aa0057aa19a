"""What several commands have in common: their options, and how they end."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.message import say
from xuncha.outputs import FORMATS
from xuncha.parameters import Number, OneOf

if TYPE_CHECKING:
    from xuncha.inspection import Ended

Command = Callable[..., Any]


def with_options(*choices: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for choice in reversed(choices):
            command = choice(command)
        return command

    return decorate


PATH = click.Path(path_type=Path)
data_option = click.option(
    "--data",
    type=PATH,
    metavar="DIR",
    envvar="XUNCHA_DATA",
    help="数据目录（数据库和证据），默认 xuncha-data，也可用环境变量 XUNCHA_DATA 指定",
)
settings_option = click.option(
    "--settings", "settings_file", type=PATH, metavar="FILE", help="设置文件，默认是当前目录的 xuncha.toml"
)
out_option = click.option("--out", type=PATH, metavar="DIR", help="报告文件夹，默认 xuncha-report/检查编号")
format_option = click.option(
    "--format", "formats", type=OneOf(tuple(FORMATS), many=True), help="报告格式，用逗号隔开，默认 html,docx,json"
)
quiet_option = click.option("--quiet", is_flag=True, help="只报告错误，不显示进度和结果")
json_log_option = click.option("--json-log", is_flag=True, help="进度和错误写成 JSON，一行一条，写到标准错误")
rate_option = click.option("--rate", type=Number(float, 0), help="对每台主机每秒最多几次请求，0 为不限，默认 5")
private_option = click.option("--allow-private", is_flag=True, help="允许访问内部网络地址；写明的网址总是允许")
NO_HTML = say("--open 打开的是 HTML 报告，请在 --format 中加上 html")


def show(ended: Ended, *, quiet: bool, opening: bool) -> None:
    from xuncha import summary

    # Whoever reads the output may have seen enough (`| head`); the run is done all the same, and its exit code stands.
    with contextlib.suppress(OSError):
        if not quiet:
            summary.show(ended)
        if opening:
            summary.open_report(ended)
