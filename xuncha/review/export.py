"""`xuncha review export`: the list to be filled in, each row with a link to its page as it was saved."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from crawler.archive import ArchiveError
from crawler.message import say
from reports.exhibit import SPOT
from rules.engine.assessment import Run
from xuncha import evidence, inspection, outputs
from xuncha.inspection import Ended, visit_folder
from xuncha.orders import Orders
from xuncha.parameters import Interrupted, Mistake, spoken
from xuncha.store import Store

_FOLDER = "evidence"


def export(orders: Orders, name: str, stop: Callable[[], bool] = lambda: False) -> Ended:
    """The documents of the run, with the pages in a folder beside them. Raises Mistake, StoreError, and Interrupted
    where `stop` said true before its end."""
    return inspection.write_again(orders, name, partial(_exhibits, orders, stop))


def _exhibits(
    orders: Orders, stop: Callable[[], bool], store: Store, run: Run, folder: Path
) -> dict[tuple[str, str], str]:
    """Where there is no evidence any more, there is no link."""
    beside, visited = folder / _FOLDER, store.runs.visited(run.id)
    written: dict[tuple[str, str], str] = {}
    try:
        beside.mkdir(exist_ok=True)
        for place, assessment in enumerate(store.assessments.of(run.id)):
            visit = visit_folder(orders, visited, assessment.site)
            with suppress(ArchiveError):
                for finding, page in evidence.pages(visit, assessment.findings, spoken()):
                    if stop():
                        raise Interrupted(say("已中断，清单没有写完"))
                    file = f"{place}-{finding.fingerprint}.html"
                    outputs.replace(beside / file, page.encode("utf-8", "replace"))
                    written[assessment.site.url, finding.fingerprint] = f"{_FOLDER}/{file}#{SPOT}"
    except OSError as error:
        raise Mistake(say("不能写入 {path}（{why}）", path=str(beside), why=error.strerror or str(error))) from error
    return written
