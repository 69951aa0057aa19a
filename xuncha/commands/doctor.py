"""xuncha doctor: is this machine ready?"""

from __future__ import annotations

from pathlib import Path

import click

from xuncha.help import Command
from xuncha.options import data_option, settings_option, with_options
from xuncha.parameters import spoken


@click.command(cls=Command)
@with_options(settings_option, data_option)
def doctor(*, settings_file: Path | None, data: Path | None) -> int:
    """看看这台计算机是否已准备好：程序、设置、数据目录、时钟、证书，一项一行，并说明怎么办。

    不访问网络。有“不行”的，退出码是 1。
    """
    from xuncha.doctor import WORDS, Health, examine

    bad = False
    for symptom in examine(settings_file, data):
        bad = bad or symptom.health is Health.BAD
        click.echo(f"{spoken().text(WORDS[symptom.health])}  {spoken().text(symptom.told)}")
    return 1 if bad else 0
