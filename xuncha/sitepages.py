"""A run as a folder of pages: an index of all sites, and one page a site.

The sites are read one after another; where there are many, their pages are written in a few processes side by side.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from crawler.message import say
from xuncha import log, outputs
from xuncha.audit import import_rules, rare_collections
from xuncha.executors import executor
from xuncha.inspection import history, load_edition, report_folder
from xuncha.orders import Orders, judged_by
from xuncha.parameters import Mistake, spoken
from xuncha.store import Store

if TYPE_CHECKING:
    from reports.history import History
    from reports.language import Language
    from reports.standing import Standing
    from rules.engine.assessment import Assessment, Run
    from rules.engine.edition import Edition

T = TypeVar("T")
U = TypeVar("U")

_MANY = 20
"""From how many sites on further processes pay: each takes half a second to be ready."""
_MOST_PROCESSES = 3
"""Some 90 MB each."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """All that a site's page is written from: it goes to another process."""

    number: int
    run: Run
    assessment: Assessment
    edition: Edition
    language: Language
    past: History
    rule_modules: tuple[str, ...]
    rule_folder: Path | None


def write(orders: Orders, name: str, *, processes: int | None = None) -> tuple[Path, int]:
    """The path of the index, and how many sites have a page. `processes`: how many write pages, 1 for this one alone;
    by default as many as there are cores, within limits, if there are sites enough for it. Raises Mistake."""
    # Not before they are needed: they bring the template engine.
    from reports.fleet import FOLDER, INDEX, render_index

    with rare_collections(), log.to(orders.data), Store.open(orders.data / "xuncha.db", read_only=True) as store:
        run = store.runs.get(name)
        orders = judged_by(orders, store.runs.options(run.id))
        edition, language = load_edition(orders), spoken()
        folder = report_folder(orders, run)
        outputs.prepare(folder / FOLDER)
        processes = processes or _processes(len(store.runs.sites(run.id)))
        sheets = (
            _Sheet(
                number,
                run,
                assessment,
                edition,
                language,
                history(store, run, assessment),
                tuple(orders.rule_modules),
                orders.rule_folder,
            )
            for number, assessment in enumerate(store.assessments.of(run.id), 1)
        )
        standings = []
        try:
            with executor("inline" if processes == 1 else "processes", processes) as pool:
                for one, page in _in_order(pool, _page, sheets, in_hand=2 * processes - 1):
                    outputs.put(folder / FOLDER / one.file, page, run.id)
                    standings.append(one)
        except BrokenExecutor as error:
            raise Mistake(
                say("写报告的进程意外退出（内存不足？），请重新运行：xuncha report {run} --fleet", run=run.id)
            ) from error
        index = outputs.put(folder / INDEX, render_index(run, standings, edition, language), run.id)
    return index, len(standings)


def _processes(sites: int) -> int:
    return min(os.cpu_count() or 1, _MOST_PROCESSES) if sites >= _MANY else 1


def _page(sheet: _Sheet) -> tuple[Standing, str]:
    """Where the site stands, and its page."""
    from reports.findings import render
    from reports.fleet import INDEX
    from reports.standing import standing

    import_rules(sheet.rule_modules, sheet.rule_folder)  # they know how to put right what they find
    assessment = sheet.assessment
    with rare_collections():
        page = render(
            sheet.run,
            [assessment],
            sheet.edition,
            sheet.language,
            fixes=outputs.fix,
            histories={assessment.site.url: sheet.past},
            index=f"../{INDEX}",
        )
        return standing(sheet.number, assessment, sheet.edition, sheet.past), page


def _in_order(pool: Executor, work: Callable[[T], U], jobs: Iterable[T], *, in_hand: int) -> Iterator[U]:
    """What `work` makes of each job, in their order. No more than `in_hand` are given out and not yet taken back, so
    that a fast reader does not fill the memory."""
    given: deque[Future[U]] = deque()
    for job in jobs:
        given.append(pool.submit(work, job))
        if len(given) >= in_hand:
            yield given.popleft().result()
    while given:
        yield given.popleft().result()
