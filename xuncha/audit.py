"""One job: visit a site, judge it. A plain function of a picklable job, so that any executor can run it anywhere."""

from __future__ import annotations

import asyncio
import gc
import importlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from crawler.archived import ArchivedSnapshot, open_snapshot
from crawler.earlier import Earlier
from crawler.itinerary import Itinerary
from crawler.message import say
from crawler.plan import Plan, Progress
from crawler.probe import Watched
from crawler.saved import keep
from crawler.site import Site, SiteKind
from crawler.visit import visit
from rules import all_rules
from rules.engine import edition as editions
from rules.engine.assessment import Assessment
from rules.engine.gone import Known
from rules.engine.judge import judge, needs, terms
from rules.engine.recheck import narrowed, rechecked
from rules.engine.trial import Stopped
from xuncha import log
from xuncha.settings import SettingsError
from xuncha.words import OfficeWords

_STOP_CHECK = 0.5  # seconds between two looks for the stop file


class Parked(Exception):  # noqa: N818 - not an error: the visit was told to stop and can be resumed
    """The visit, or the judging of it, stopped half way because the operator asked; its folder holds what was
    answered."""


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
    rule_folder: Path | None = None
    """Where the rule modules are looked for when they are not installed."""
    words: OfficeWords = field(default_factory=OfficeWords)
    kind: SiteKind | None = None
    files: tuple[Path, ...] = ()
    """Saved pages to read instead of a visit."""
    moment_known: bool = False
    """The operator said which moment the saved pages show."""
    baseline: Path | None = None
    """The folder of the last good visit, to build on."""
    replay: bool = False
    as_of: datetime | None = None
    """For a replay at another 监测时间点."""
    stop_file: Path | None = None
    """The job parks when this file appears: the one signal that reaches threads, processes and clusters alike."""
    log: Path | None = None
    """Folder of the log, for a process that has none."""
    known: tuple[Known, ...] = ()
    """Open findings of earlier visits, to be looked for again."""
    watched: Watched = field(default_factory=Watched)
    """The probes of the home page in the days before."""
    earlier: Earlier = field(default_factory=dict)
    """What visits before this one saw of the items of the site's lists."""
    itinerary: Itinerary | None = None
    """For a recheck: where `known` are looked for, and nothing else is judged."""


def audit(job: Job, report: Callable[[Progress], None] = lambda _: None) -> Assessment:
    """Visit and judge one site. Raises Parked, ArchiveError, EditionError, OSError; never for what the site does."""
    if job.log is not None:
        log.of_worker(job.log)
    import_rules(job.rule_modules, job.rule_folder)
    edition = editions.load(job.edition)
    edition = job.words.added_to(edition)
    if job.itinerary is not None:
        edition = narrowed(edition, frozenset(known.rule for known in job.known))
    stop = _stop(job.stop_file)
    if job.replay:
        snapshot = open_snapshot(job.folder, as_of=job.as_of, moment_known=job.moment_known)
    else:
        plan = replace(job.plan, needs=needs(edition), terms=terms(edition))
        if job.itinerary is not None:  # what stands on the pages tells where the findings stood
            plan = replace(plan, needs=plan.needs | {"links"})
        snapshot = _gather(job, plan, report, stop)
    snapshot.watched, snapshot.earlier = job.watched, job.earlier
    try:
        assessment = judge(
            snapshot,
            edition,
            kind=job.kind,
            started=snapshot.started,
            finished=snapshot.finished,
            known=job.known,
            stop=stop,
        )
        if job.itinerary is not None:
            assessment = rechecked(assessment, snapshot, job.known, all_rules())
    except Stopped as stopped:
        raise Parked(job.site.url) from stopped
    else:
        return assessment
    finally:
        snapshot.close()


def import_rules(modules: Sequence[str], folder: Path | None) -> None:
    """Import the operator's own rules; `folder` is searched last, so that no file in it hides a library. Raises
    SettingsError."""
    if modules and folder is not None and str(folder) not in sys.path:
        sys.path.append(str(folder))
    for module in modules:
        try:
            importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{module}.".startswith(f"{error.name}."):
                raise _unusable(module, error) from error
            raise SettingsError(
                say(
                    "rule_modules：找不到模块 {module}，应已安装，或在 {folder} 中",
                    module=module,
                    folder=str(folder or ""),
                )
            ) from error
        except Exception as error:  # whatever the operator's code trips over
            raise _unusable(module, error) from error


def _unusable(module: str, error: Exception) -> SettingsError:
    why = " ".join(f"{type(error).__name__}: {error}".split())
    return SettingsError(say("rule_modules：模块 {module} 有误（{why}）", module=module, why=why))


def _gather(job: Job, plan: Plan, report: Callable[[Progress], None], stop: Callable[[], bool]) -> ArchivedSnapshot:
    if job.files:
        return keep(job.site, job.files, plan, job.folder, moment_known=job.moment_known)
    with rare_collections():
        snapshot = asyncio.run(
            visit(
                job.site,
                plan,
                job.folder,
                baseline=job.baseline,
                itinerary=job.itinerary,
                report=report,
                stop=stop,
            )
        )
    if stop():
        snapshot.close()
        raise Parked(job.site.url)
    return snapshot


@contextmanager
def rare_collections() -> Iterator[None]:
    """A visit makes many small objects and hardly a cycle; looking for cycles at Python's default pace cost a sixth of
    its CPU time (18.2 against 15.3 s on bench's 2,000 pages, for 4 MB more)."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _stop(path: Path | None) -> Callable[[], bool]:
    looked, seen = 0.0, False

    def stop() -> bool:
        nonlocal looked, seen
        now = time.monotonic()
        if path is not None and not seen and now - looked >= _STOP_CHECK:
            looked, seen = now, path.exists()
        return seen

    return stop
