"""xuncha review: what a person says of the findings."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from xuncha import orders
from xuncha.help import Group
from xuncha.options import PATH, data_option, out_option, settings_option, with_options
from xuncha.parameters import Moment, Number


@click.group(cls=Group)
def review() -> None:
    """复核：在网页上，或导出问题清单，填写后导入台账。"""


@review.command("export")
@click.argument("run", metavar="[RUN|last]", default="last")
@with_options(settings_option, out_option, data_option)
def review_export(run: str, **options: Any) -> int:  # noqa: ANN401
    """把一次检查的问题写成问题清单（annex.xlsx），供人填写复核意见和整改情况。

    有问题的网页（已去除脚本，问题位置已标出）放在旁边的文件夹 evidence 中，从“HTTP状态/证据编号”一栏可以打开。
    """
    from xuncha import summary
    from xuncha.review.export import export

    config = orders.load_settings(options["settings_file"])
    summary.show_files(export(orders.orders(config, options | {"formats": ("xlsx",)}), run))
    return 0


@review.command("import")
@click.argument("file", metavar="FILE", type=PATH)
@with_options(
    click.option("--who", metavar="NAME", required=True, help="谁复核的：姓名或单位"),
    click.option("--until", type=Moment(), help="误报的有效期，默认一年"),
    click.option("--partial", is_flag=True, help="有的行没有填意见时，只导入已填的"),
    settings_option,
    data_option,
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


@review.command("serve")
@click.argument("run", metavar="[RUN|last]", default="last")
@with_options(
    click.option("--host", metavar="ADDR", default="127.0.0.1", help="在哪个地址上打开，默认 127.0.0.1（只限本机）"),
    click.option("--port", type=Number(int, 0, 65_535), default=0, help="端口，默认自动选一个空闲的"),
    click.option("--who", metavar="NAME", default="", help="复核人：姓名或单位，不写时在页面上写"),
    click.option("--allow-network", is_flag=True, help="允许从其他电脑打开；内容不加密，只用于可信的内部网络"),
    settings_option,
    data_option,
)
def review_serve(run: str, *, host: str, port: int, who: str, allow_network: bool, **options: Any) -> int:  # noqa: ANN401
    """在浏览器中逐个复核一次检查的问题，旁边是证据。

    意见随时记入台账，和 review import 记的一样；可以撤销。按 Ctrl-C 停止。
    """
    from xuncha.review.serve import serve

    config = orders.load_settings(options["settings_file"])
    serve(orders.orders(config, options), run, host=host, port=int(port), who=who, network=allow_network)
    return 0
