"""One job: visit a site, judge it. A plain function of a picklable job, so that any executor can run it anywhere."""

from __future__ import annotations

import asyncio
import importlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from crawler.archived import ArchivedSnapshot, open_snapshot
from crawler.plan import Plan, Progress
from crawler.saved import keep
from crawler.site import Site, SiteKind
from crawler.visit import visit
from rules.engine import edition as editions
from rules.engine.assessment import Assessment
from rules.engine.judge import judge, needs

_STOP_CHECK = 0.5  # seconds between two looks for the stop file


class Parked(Exception):  # noqa: N818 - not an error: the visit was told to stop and can be resumed
    """The visit stopped half way because the operator asked; its folder holds what was answered."""


@dataclass(frozen=True, slots=True)
class Job:
    """Everything one site's audit needs, in plain values."""

    site: Site
    plan: Plan
    folder: Path
    """The visit folder: made, gone on with, or (replay) only read."""
    edition: str
    """An edition's id or the path of its file."""
    rule_modules: tuple[str, ...] = ()
    kind: SiteKind | None = None
    files: tuple[Path, ...] = ()
    """Saved pages to read instead of a visit."""
    moment_known: bool = False
    """The operator said which moment the saved pages show."""
    replay: bool = False
    as_of: datetime | None = None
    """For a replay at another 监测时间点."""
    stop_file: Path | None = None
    """The job parks when this file appears: the one signal that reaches threads, processes and clusters alike."""


def audit(job: Job, report: Callable[[Progress], None] = lambda _: None) -> Assessment:
    """Visit and judge one site. Raises Parked, ArchiveError, EditionError, OSError; never for what the site does."""
    for module in job.rule_modules:
        importlib.import_module(module)
    edition = editions.load(job.edition)
    if job.replay:
        snapshot = open_snapshot(job.folder, as_of=job.as_of)
    else:
        plan = replace(job.plan, needs=needs(edition))
        snapshot = _gather(job, plan, report)
    try:
        return judge(snapshot, edition, kind=job.kind, started=snapshot.started, finished=snapshot.finished)
    finally:
        snapshot.close()


def _gather(job: Job, plan: Plan, report: Callable[[Progress], None]) -> ArchivedSnapshot:
    if job.files:
        return keep(job.site, job.files, plan, job.folder, moment_known=job.moment_known)
    stop = _stop(job.stop_file)
    snapshot = asyncio.run(visit(job.site, plan, job.folder, report=report, stop=stop))
    if stop():
        snapshot.close()
        raise Parked(job.site.url)
    return snapshot


def _stop(path: Path | None) -> Callable[[], bool]:
    looked, seen = 0.0, False

    def stop() -> bool:
        nonlocal looked, seen
        now = time.monotonic()
        if path is not None and not seen and now - looked >= _STOP_CHECK:
            looked, seen = now, path.exists()
        return seen

    return stop
