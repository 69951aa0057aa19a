"""The command line: the group, and the commands in the order in which `--help` lists them."""

from __future__ import annotations

import click

from xuncha import __version__
from xuncha.commands import (
    doctor,
    inspect,
    keeping,
    ledger,
    notice,
    probes,
    recheck,
    records,
    review,
    sample,
    schedule,
)
from xuncha.help import Group


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", message="xuncha %(version)s", help="显示版本")
@click.option("--lang", metavar="zh|en", expose_value=False, help="界面和报告的语言，可以写在任何位置，默认 zh")
def cli() -> None:
    """巡查：按国务院办公厅检查指标检查政府网站，列出问题和证据，起草抽查通报。"""


for command in (
    inspect.demo,
    inspect.audit,
    inspect.discover,
    records.runs,
    records.report,
    records.evidence,
    records.explain,
    schedule.watch,
    schedule.status,
    probes.probe,
    probes.announce,
    ledger.ledger,
    recheck.recheck,
    sample.sample,
    review.review,
    notice.notice,
    keeping.backup,
    keeping.restore,
    keeping.prune,
    doctor.doctor,
):
    cli.add_command(command)
