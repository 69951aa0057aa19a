"""xuncha sample: which sites are inspected this time?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from crawler.message import say
from xuncha.help import Command
from xuncha.options import PATH, data_option, settings_option, with_options
from xuncha.parameters import Mistake, Share


@click.command(cls=Command)
@click.argument("targets_", metavar="[TARGET]...", nargs=-1)
@with_options(
    click.option("--rate", type=Share(), help="抽查比例，如 30%"),
    click.option("--seed", metavar="N", help="抽签种子：种子和网站名录相同，抽到的就相同；默认随机，并写出来"),
    click.option("--period", metavar="PERIOD", help="为哪一期抽查，如 2026Q4、2026-11，默认本季度"),
    click.option("--renew", is_flag=True, help="先抽本年还没有检查过的网站"),
    click.option("--out", type=PATH, metavar="FILE", help="把抽到的网站写成网站名录（.csv）"),
    click.option("--list", "listed", is_flag=True, help="列出抽过的签和本年的覆盖情况"),
    settings_option,
    data_option,
)
def sample(targets_: tuple[str, ...], *, listed: bool, out: Path | None, **options: Any) -> int:  # noqa: ANN401
    """抽取要检查的网站，按网站类型、地区和主办单位分层。

    TARGET 是网站名录（.csv、.xlsx）、设置文件（.toml）或网址，不写时从设置文件中的全部网站抽取。
    上一期不合格的网站必定抽中，计算在比例之内。
    抽到的网址逐行打印，抽签记录在台账中；检查抽到的网站：xuncha audit --sample last。
    """
    from xuncha import draws

    if listed:
        if options["rate"] is not None or targets_:
            raise Mistake(say("--list 只列出抽过的签，不能和其他参数一起使用"))
        draws.show(options)
        return 0
    if options["rate"] is None:
        raise Mistake(say("请写抽查比例，如 --rate 30%"))
    draws.carry_out(targets_, out, options)
    return 0
