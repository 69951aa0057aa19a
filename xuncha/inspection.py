"""A run from beginning to end: jobs to an executor, assessments to the store, documents to a folder, an exit code."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from crawler.plan import Plan
from crawler.site import Site, SiteKind
from crawler.urls import authority
from reports.details import NoticeDetails
from rules.engine import edition as editions
from rules.engine.assessment import Assessment, Result, Run, Status
from rules.engine.edition import Part
from xuncha import __version__, fleet, outputs
from xuncha.audit import Job, audit
from xuncha.executors import executor
from xuncha.parameters import CHINA, spoken
from xuncha.progress import Watcher, watch
from xuncha.store import Store
from xuncha.targets import Chosen

FAIL_ON = ("veto", "deduct", "review", "never")


@dataclass(frozen=True, slots=True)
class Orders:
    """What the operator wants done, all defaults filled in."""

    plan: Plan
    data: Path
    out: Path | None = None
    """None: a folder of the run's own below `xuncha-report`."""
    formats: tuple[str, ...] = outputs.DEFAULT
    edition: str = "cn-2019"
    rule_modules: tuple[str, ...] = ()
    kind: SiteKind | None = None
    moment_known: bool = False
    executor: str = "inline"
    workers: int = 1
    cluster: str | None = None
    fail_on: str = "deduct"
    details: NoticeDetails = field(default_factory=NoticeDetails)
    schedule: str | None = None
    """The line of the schedule that this run is for."""
    quiet: bool = False
    json_log: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended."""

    run: Run
    assessments: tuple[Assessment, ...]
    files: tuple[Path, ...]
    exit_code: int


def new_run(orders: Orders) -> Run:
    started = datetime.now(CHINA)
    return Run(
        id=f"{started:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}",
        as_of=orders.plan.as_of,
        started=started,
        finished=None,
        edition=orders.edition,
        scope=orders.plan.scope,
        version=__version__,
    )


def carry_out(orders: Orders, chosen: Sequence[Chosen], run: Run | None = None) -> Outcome:
    """Audit every chosen site in a new run. KeyboardInterrupt parks the run: what was answered is kept.

    `run`: made by `new_run` beforehand, for a caller that must know its id.
    """
    run = run or new_run(orders)
    edition = load_edition(orders)
    outputs.prepare(_out(orders, run))
    with Store.open(orders.data / "xuncha.db") as store:
        store.start_run(run, [c.site for c in chosen], options=_options(orders, chosen))
        jobs = [_job(orders, run, c) for c in chosen]
        return _run(orders, run, jobs, store, edition)


def resume(orders: Orders, name: str) -> Outcome:
    """Go on with a parked or killed run, as it was begun."""
    with Store.open(orders.data / "xuncha.db") as store:
        run = store.run(name)
        options = store.options(run.id)
        orders = _restored(orders, run, options)
        edition = load_edition(orders)
        outputs.prepare(_out(orders, run))
        files: dict[str, list[str]] = options.get("files", {})
        chosen = [Chosen(s, tuple(Path(f) for f in files.get(s.url, []))) for s in store.pending(run.id)]
        jobs = [_job(orders, run, c) for c in chosen]
        return _run(orders, run, jobs, store, edition)


def replay(orders: Orders, name: str, as_of: datetime | None) -> Outcome:
    """Judge the bytes of an earlier run again: no site is asked anything. Another edition or moment may be named."""
    with Store.open(orders.data / "xuncha.db") as store:
        old = store.run(name)
        orders = replace(
            orders,
            plan=replace(orders.plan, as_of=as_of or old.as_of, scope="full" if old.scope == "full" else "quick"),
        )
        run = new_run(orders)
        edition = load_edition(orders)
        outputs.prepare(_out(orders, run))
        sites = store.sites(old.id)
        chosen = [Chosen(site) for site in sites]
        options = _options(orders, chosen) | {"replay": old.id}
        store.start_run(run, sites, options=options)
        source = store.options(old.id).get("replay") or old.id
        jobs = [
            replace(_job(orders, run, c), folder=_folder(orders, source, c.site), replay=True, as_of=orders.plan.as_of)
            for c in chosen
        ]
        return _run(orders, run, jobs, store, edition)


def write_again(orders: Orders, name: str) -> Outcome:
    """Write the documents of a stored run."""
    with Store.open(orders.data / "xuncha.db", read_only=True) as store:
        run = store.run(name)
        assessments = tuple(store.assessments(run.id))
    orders = replace(orders, edition=run.edition)
    edition = load_edition(orders)
    folder = _out(orders, run)
    outputs.prepare(folder)
    files = outputs.write(folder, orders.formats, run, assessments, edition, spoken(), orders.details)
    return Outcome(run, assessments, tuple(files), 0)


def _run(orders: Orders, run: Run, jobs: Sequence[Job], store: Store, edition: editions.Edition) -> Outcome:
    stop_file = orders.data / "runs" / run.id / "stop"
    stop_file.parent.mkdir(parents=True, exist_ok=True)
    with (
        watch(quiet=orders.quiet, json_log=orders.json_log) as watcher,
        executor(orders.executor, orders.workers, orders.cluster) as pool,
    ):
        in_flight = 1 if orders.executor == "inline" else orders.workers
        for done in fleet.run(jobs, pool, _work(orders, watcher), in_flight=in_flight, stop_file=stop_file):
            if done.assessment is not None:
                store.save(run.id, done.assessment)
            elif done.fault is not None:
                store.fail(run.id, done.job.site.url, done.fault)
            watcher.ended(label(done.job.site), done.assessment, done.fault)
    store.finish(run.id, datetime.now(CHINA))
    run = store.run(run.id)
    assessments = tuple(store.assessments(run.id))
    files = outputs.write(_out(orders, run), orders.formats, run, assessments, edition, spoken(), orders.details)
    return Outcome(run, assessments, tuple(files), exit_code(run, assessments, orders.fail_on))


def _work(orders: Orders, watcher: Watcher) -> Any:  # noqa: ANN401 - a callable that the executor may have to pickle
    """`audit`, with progress where the job runs in this process."""
    if orders.executor not in ("inline", "threads"):
        return audit
    return partial(_watched, watcher)


def _watched(watcher: Watcher, job: Job) -> Assessment:
    return audit(job, report=partial(watcher.step, label(job.site)))


def label(site: Site) -> str:
    """How a site is called on the screen: its name, else its host."""
    return site.name or authority(site.url) or site.url


def exit_code(run: Run, assessments: Sequence[Assessment], fail_on: str) -> int:
    """0 nothing at or above `fail_on` · 1 findings · 3 something could not be checked and nothing failed."""
    parts = {"veto": {Part.VETO}, "deduct": {Part.VETO, Part.DEDUCT}, "review": {Part.VETO, Part.DEDUCT}}
    counted = parts.get(fail_on, set())
    for assessment in assessments:
        for finding in assessment.findings:
            if (finding.certain and finding.part in counted) or (fail_on == "review" and not finding.certain):
                return 1
        if assessment.result is Result.UNQUALIFIED and fail_on != "never":
            return 1
    unchecked = any(c.rule is not None and c.status is Status.UNCHECKED for a in assessments for c in a.checks)
    undetermined = any(a.result is Result.UNDETERMINED for a in assessments)
    return 3 if unchecked or undetermined or run.failures or not assessments else 0


def load_edition(orders: Orders) -> editions.Edition:
    """Raises EditionError, and what importing the operator's own rule modules raises."""
    import importlib

    for module in orders.rule_modules:
        importlib.import_module(module)
    return editions.load(orders.edition)


def _job(orders: Orders, run: Run, chosen: Chosen) -> Job:
    return Job(
        site=chosen.site,
        plan=orders.plan,
        folder=_folder(orders, run.id, chosen.site),
        edition=orders.edition,
        rule_modules=orders.rule_modules,
        kind=orders.kind,
        files=chosen.files,
        moment_known=orders.moment_known,
        stop_file=orders.data / "runs" / run.id / "stop",
    )


def _folder(orders: Orders, run: str, site: Site) -> Path:
    """A visit folder: the host for people, a digest of the address so that two sites of one host do not meet."""
    host = re.sub(r"[^a-z0-9.-]+", "-", authority(site.url).lower() or "saved")[:60].strip(".-")
    return orders.data / "runs" / run / f"{host}-{hashlib.sha256(site.url.encode()).hexdigest()[:8]}"


def _out(orders: Orders, run: Run) -> Path:
    return orders.out or Path("xuncha-report") / run.id


def _options(orders: Orders, chosen: Sequence[Chosen]) -> dict[str, Any]:
    plan = orders.plan
    return {
        "plan": {name: getattr(plan, name) for name in _PLAN},
        "guard": {"allow_private": plan.guard.allow_private, "named": sorted(plan.guard.named)},
        "edition": orders.edition,
        "rule_modules": list(orders.rule_modules),
        "kind": orders.kind,
        "moment_known": orders.moment_known,
        "formats": list(orders.formats),
        "out": str(orders.out) if orders.out else None,
        "executor": orders.executor,
        "workers": orders.workers,
        "cluster": orders.cluster,
        "fail_on": orders.fail_on,
        "schedule": orders.schedule,
        "files": {c.site.url: [str(f) for f in c.files] for c in chosen if c.files},
    }


_PLAN = (
    "scope",
    "max_pages",
    "max_seconds",
    "max_bytes",
    "rate",
    "concurrency",
    "confirm_after",
    "ignore_robots",
    "agent",
    "software",
)


def _restored(orders: Orders, run: Run, options: dict[str, Any]) -> Orders:
    guard = replace(
        orders.plan.guard,
        allow_private=options["guard"]["allow_private"],
        named=frozenset(options["guard"]["named"]),
    )
    plan = replace(orders.plan, as_of=run.as_of, guard=guard, **options["plan"])
    return replace(
        orders,
        plan=plan,
        out=orders.out or (Path(options["out"]) if options["out"] else None),
        formats=tuple(options["formats"]),
        edition=options["edition"],
        rule_modules=tuple(options["rule_modules"]),
        kind=SiteKind(options["kind"]) if options["kind"] else None,
        moment_known=options["moment_known"],
        executor=options["executor"],
        workers=options["workers"],
        cluster=options["cluster"],
        fail_on=options["fail_on"],
    )
