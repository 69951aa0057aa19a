"""xuncha recheck: are the open findings mended?"""

from __future__ import annotations

from typing import Any

import click

from xuncha.help import Command
from xuncha.options import (
    data_option,
    json_log_option,
    out_option,
    private_option,
    quiet_option,
    rate_option,
    settings_option,
    show,
    with_options,
)
from xuncha.outputs import RECHECK
from xuncha.parameters import Moment, OneOf


@click.command(cls=Command)
@click.argument("which", metavar="[NOTICE|SITE]", required=False)
@with_options(
    click.option("--as-of", type=Moment(), help="监测时间点，默认现在；只写日期指当天结束"),
    rate_option,
    private_option,
    settings_option,
    out_option,
    click.option("--format", "formats", type=OneOf(tuple(RECHECK), many=True), help="复查情况表的格式，默认 xlsx,json"),
    data_option,
    quiet_option,
    json_log_option,
)
def recheck(which: str | None, **options: Any) -> int:  # noqa: ANN401
    """复查没有了结的问题，只访问问题所在的位置。

    NOTICE 是通报的文号，SITE 是网站的首页网址、名称或标识码；不写时复查全部没有了结的问题。
    逐个说明已整改、部分整改、未整改、网页已撤下，还是未能复查，并记入台账。申诉成立、仍在有效期内的不复查。
    涉及整个网站的问题（如缺少栏目）要看首页和各栏目，其余只看问题网址和它所在的网页。

    退出码：
    0 都已整改
    1 有的没有整改，或只整改了一部分
    2 命令、设置或程序有误，没有得出结果
    3 有的未能复查
    130 被中断，可以继续
    """
    from xuncha import rechecking

    ended = rechecking.carry_out(which, options)
    show(ended, quiet=options["quiet"], opening=False)
    return ended.exit_code
