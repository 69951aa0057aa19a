"""A run from beginning to end: jobs to an executor, assessments to the store, documents to a folder, an exit code."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from crawler import quiet
from crawler.baseline import last_good
from crawler.message import Message, say
from crawler.probe import REACH
from crawler.site import Site
from crawler.urls import authority, normalize
from reports.history import Gone, History
from reports.rechecks import Line
from rules import all_rules
from rules.engine import edition as editions
from rules.engine.assessment import Assessment, Result, Run, Status
from rules.engine.edition import Edition, Part
from rules.engine.gone import Known
from xuncha import __version__, fleet, log, outputs, recheck
from xuncha.audit import Job, audit, import_rules
from xuncha.executors import executor
from xuncha.ledger import Entry, past, standing
from xuncha.lock import alone
from xuncha.orders import DATA, Orders, judged_by, restored, stored
from xuncha.parameters import CHINA, Interrupted, Mistake, spoken
from xuncha.progress import Watcher, label, resting, watch
from xuncha.store import Store
from xuncha.store.database import StoreError
from xuncha.targets import Chosen

_TELLING = ("inline", "threads")  # executors whose jobs tell how they get on
_COUNTED = {"veto": {Part.VETO}, "deduct": {Part.VETO, Part.DEDUCT}, "review": {Part.VETO, Part.DEDUCT}}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended."""

    run: Run
    assessments: tuple[Assessment, ...]
    formats: tuple[str, ...]
    files: tuple[Path, ...]
    """One each format."""
    exit_code: int
    pending: int = 0
    """Sites that are not judged yet."""
    lines: tuple[Line, ...] = ()
    """Of a recheck."""


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


def carry_out(orders: Orders, chosen: Sequence[Chosen], run: Run | None = None) -> Ended:
    """Audit every chosen site in a new run. Raises Interrupted: what was answered is kept.

    `run`: made by `new_run` beforehand, for a caller that must know its id.
    """
    edition = load_edition(orders)
    with _store(orders) as store, _pool(orders, len(chosen)) as pool:
        run = replace(run or new_run(orders), edition=edition.id)
        _begin(orders, run, store, [c.site for c in chosen], stored(orders, chosen))
        return _go(orders, run, [_job(orders, run, c) for c in chosen], pool, store, edition)


def resume(orders: Orders, name: str, given: Mapping[str, Any]) -> Ended:
    """Go on with a parked or killed run, as it was begun. `given`: the options of this command line."""
    with _store(orders) as store:
        run = store.runs.get(name)
        options = store.runs.options(run.id)
        orders = restored(orders, run, options, given)
        if orders.demo:
            raise Mistake(say("{run} 是演示，不能继续；请重新运行 xuncha demo", run=run.id))
        edition = load_edition(orders)
        outputs.prepare(report_folder(orders, run))
        sites = store.runs.pending(run.id)
        if run.scope == "recheck":
            jobs = list(_errands(orders, run, store, sites, options["recheck"]))
        elif options.get("replay"):
            jobs = _replays(orders, run, sites, options["replay"])
        else:
            files: dict[str, list[str]] = options["files"]
            chosen = [Chosen(site, tuple(map(Path, files.get(site.url, [])))) for site in sites]
            jobs = [_job(orders, run, c) for c in chosen]
        with _pool(orders, len(jobs)) as pool:
            return _go(orders, run, jobs, pool, store, edition)


def replay(orders: Orders, name: str, given: Mapping[str, Any]) -> Ended:
    """Judge the bytes of an earlier run again: no site is asked anything. Edition, kind and moment may be `given`."""
    with _store(orders) as store:
        old = store.runs.get(name)
        options = store.runs.options(old.id)
        if old.scope == "recheck":
            raise Mistake(say("{run} 是复查，不能重新评判", run=old.id))
        if given.get("scope") not in (None, old.scope):
            raise Mistake(say("{run} 的检查范围是 {scope}，重新评判时不能改", run=old.id, scope=old.scope))
        as_begun = judged_by(orders, options)
        orders = replace(
            as_begun,
            plan=replace(orders.plan, as_of=given.get("as_of") or old.as_of, scope=options["plan"]["scope"]),
            edition=orders.edition if given.get("edition") else as_begun.edition,
            kind=orders.kind or as_begun.kind,
            moment_known=orders.moment_known or as_begun.moment_known,
        )
        edition = load_edition(orders)
        source = options.get("replay") or old.id
        sites = store.runs.sites(old.id)
        run = replace(new_run(orders), edition=edition.id)
        with _pool(orders, len(sites)) as pool:
            _begin(orders, run, store, sites, stored(orders, ()) | {"replay": source})
            return _go(orders, run, _replays(orders, run, sites, source), pool, store, edition)


def look_again(orders: Orders, entries: Sequence[Entry], sites: Mapping[str, Site], run: Run | None = None) -> Ended:
    """Recheck `entries`: visit their places only, and say what became of each. `sites`: by home address, all of them.

    Judged by the edition that the newest inspection of them was judged by. Raises Interrupted.
    """
    with _store(orders) as store:
        wanted: dict[str, list[str]] = {}
        for entry in entries:
            wanted.setdefault(entry.site, []).append(entry.fingerprint)
        found = (good for url in wanted if (good := store.visits.newest_good(url)) is not None)
        newest = max((run for run, _ in found), key=lambda run: run.started, default=None)
        if newest is not None:
            orders = judged_by(orders, store.runs.options(newest.id))
        orders = replace(orders, plan=replace(orders.plan, scope="recheck"))
        edition = load_edition(orders)
        run = replace(run or new_run(orders), edition=edition.id, scope="recheck")
        chosen = [sites[url] for url in wanted]
        _begin(orders, run, store, chosen, stored(orders, ()) | {"recheck": wanted})
        jobs = list(_errands(orders, run, store, chosen, wanted))
        with _pool(orders, len(jobs)) as pool:
            return _go(orders, run, jobs, pool, store, edition)


Exhibit = Callable[[Store, Run, Path], Mapping[tuple[str, str], str]]
"""Writes evidence into a folder; where, relative to it, by home address and fingerprint."""


def write_again(orders: Orders, name: str, exhibit: Exhibit | None = None) -> Ended:
    """Write the documents of a stored run, and first what they are to lead to."""
    with log.to(orders.data), Store.open(orders.data / "xuncha.db", read_only=True) as store:
        run = store.runs.get(name)
        orders = judged_by(orders, store.runs.options(run.id))
        edition = load_edition(orders)
        folder = report_folder(orders, run)
        outputs.prepare(folder)
        return _write(orders, run, store, edition, exhibit(store, run, folder) if exhibit is not None else {})


def exit_code(run: Run, assessments: Sequence[Assessment], fail_on: str) -> int:
    """0 nothing at or above `fail_on` · 1 findings · 3 something could not be checked and nothing failed."""
    counted = _COUNTED.get(fail_on, set())
    for assessment in assessments:
        for finding in assessment.findings:
            if (finding.certain and finding.part in counted) or (fail_on == "review" and not finding.certain):
                return 1
        if assessment.result is Result.UNQUALIFIED and fail_on != "never":
            return 1
    unchecked = any(c.rule is not None and c.status is Status.UNCHECKED for a in assessments for c in a.checks)
    undetermined = any(a.result is Result.UNDETERMINED for a in assessments)
    return 3 if unchecked or undetermined or run.failures or not assessments else 0


# Within


@contextmanager
def _store(orders: Orders) -> Iterator[Store]:
    with log.to(orders.data), Store.open(orders.data / "xuncha.db") as store:
        yield store


def _begin(orders: Orders, run: Run, store: Store, sites: Sequence[Site], options: Mapping[str, Any]) -> None:
    outputs.prepare(report_folder(orders, run))
    store.runs.start(run, sites, options=options)


def _pool(orders: Orders, jobs: int) -> AbstractContextManager[Executor]:
    return executor(orders.executor, max(1, min(orders.workers, jobs)), orders.cluster)


def _go(orders: Orders, run: Run, jobs: Sequence[Job], pool: Executor, store: Store, edition: Edition) -> Ended:
    folder = orders.data / "runs" / run.id
    with (
        alone(folder / "running.lock", say("{run} 正由另一个窗口检查，请等它结束", run=run.id)),
        watch(len(jobs), quiet=orders.quiet, json_log=orders.json_log) as watcher,
    ):
        if orders.plan.as_of > datetime.now(CHINA) and not orders.demo:
            watcher.note(say("注意：监测时间点 {as_of} 晚于现在", as_of=f"{orders.plan.as_of:%Y-%m-%d %H:%M}"))
        ordered = _by_rest(jobs, datetime.now(CHINA))
        if orders.executor not in _TELLING:
            for job, until in ordered:
                if until is not None:
                    watcher.note(resting(label(job.site), until))
        in_flight = 1 if orders.executor == "inline" else orders.workers
        stopping = partial(watcher.note, say("正在停下；再按一次 Ctrl-C 立即退出"))
        stop_file = folder / "stop"
        ends = fleet.run(
            [_knowing(job, orders, store) for job, _ in ordered],
            pool,
            _work(orders, watcher),
            in_flight=in_flight,
            stop_file=stop_file,
            interrupted=stopping,
        )
        try:
            for done in ends:
                fault = done.fault and say("{fault}（详见 {log}）", fault=done.fault, log=str(orders.data / log.NAME))
                if done.assessment is not None:
                    store.assessments.save(run.id, done.assessment)
                elif done.fault is not None:
                    store.runs.fail(run.id, done.job.site.url, spoken().text(done.fault))
                watcher.ended(label(done.job.site), done.assessment, fault)
            store.runs.finish(run.id, datetime.now(CHINA))
        except KeyboardInterrupt as error:
            stop_file.touch()  # it may have come between two ends: what still runs must hear of it
            raise Interrupted(_how_to_go_on(orders, run)) from error
        except StoreError as error:
            with suppress(OSError):  # on a full disk what still runs ends by itself
                stop_file.touch()
            raise StoreError(_what_is_kept(orders, run, error)) from error
    return _write(orders, store.runs.get(run.id), store, edition)


def _knowing(job: Job, orders: Orders, store: Store) -> Job:
    """The job with what the store knows: how its home page was watched, and the open findings of its site, to be looked
    for again. Old bytes tell nothing of those."""
    if job.files:
        return job
    url, until = normalize(job.site.url) or job.site.url, job.as_of or job.plan.as_of
    watched = store.probes.watched(url, until - REACH, until)
    announced = (*watched.announced, *orders.announced.get(url, ()))
    job = replace(job, watched=replace(watched, announced=announced), earlier=store.visits.items(job.site.url))
    if job.replay or job.itinerary is not None:
        return job
    now = datetime.now(CHINA)
    entries = [entry for entry in store.ledger.entries(url=job.site.url) if standing(entry, now).open]
    return replace(job, known=tuple(Known(e.fingerprint, e.rule, e.at, e.on) for e in entries))


def _by_rest(jobs: Sequence[Job], now: datetime) -> list[tuple[Job, datetime | None]]:
    """The jobs, with the end of the quiet hours that their sites are in; those that must wait come last."""
    ends = [(job, None if job.replay or job.files else quiet.until(job.site.quiet, now)) for job in jobs]
    return sorted(ends, key=lambda pair: pair[1] or now)


def _how_to_go_on(orders: Orders, run: Run) -> Message:
    if orders.demo:
        return say("已中断演示")
    return say("已中断。已经检查的都已保存，继续请运行：{command}", command=_resume_command(orders, run))


def _what_is_kept(orders: Orders, run: Run, error: StoreError) -> Message:
    if orders.demo:
        return error.message
    command = _resume_command(orders, run)
    return say("{why}。已经检查的都已保存，继续请运行：{command}", why=error.message, command=command)


def _resume_command(orders: Orders, run: Run) -> str:
    return f"xuncha audit --resume {run.id}{_data_option(orders)}"


def _data_option(orders: Orders) -> str:
    return "" if orders.data == DATA else f' --data "{orders.data}"'


def _write(
    orders: Orders, run: Run, store: Store, edition: Edition, exhibits: Mapping[tuple[str, str], str] | None = None
) -> Ended:
    assessments = tuple(store.assessments.of(run.id))
    again, pending = run.scope == "recheck", len(store.runs.pending(run.id))
    histories = {} if again else {a.site.url: history(store, run, a) for a in assessments}
    lines = tuple(line for a in assessments for line in recheck.lines(a, store.ledger.entries(url=a.site.url)))
    contents = outputs.Contents(run, assessments, edition, spoken(), orders.details, histories, lines, exhibits or {})
    known = outputs.formats_of(run)
    formats = tuple(name for name in orders.formats if name in known) or tuple(known)
    files = outputs.write(report_folder(orders, run), formats, contents)
    code = recheck.exit_code(lines, pending) if again else exit_code(run, assessments, orders.fail_on)
    return Ended(run, assessments, formats, tuple(files), code, pending=pending, lines=lines)


def history(store: Store, run: Run, assessment: Assessment) -> History:
    """What visits before this one knew. A replay has no place of its own in the order of visits."""
    if store.runs.options(run.id).get("replay"):
        return History()
    url, now = assessment.site.url, assessment.finished
    entries = {entry.fingerprint: entry for entry in store.ledger.entries(url=url)}
    return History(
        previous=store.visits.before(url, now),
        past={
            finding.fingerprint: past(entries[finding.fingerprint], now)
            for finding in assessment.findings
            if finding.fingerprint in entries
        },
        gone=tuple(
            Gone(one, entries[one].rule, entries[one].message, entries[one].at)
            for one in assessment.gone
            if one in entries
        ),
        visits=tuple(store.visits.trend(run.id, url)),
    )


def _work(orders: Orders, watcher: Watcher) -> Callable[[Job], Assessment]:
    """`audit`, with progress where the job runs in this process; else a function that the executor can pickle."""
    if orders.executor not in _TELLING:
        return audit
    return partial(_watched, watcher)


def _watched(watcher: Watcher, job: Job) -> Assessment:
    return audit(job, report=partial(watcher.step, label(job.site)))


def load_edition(orders: Orders) -> Edition:
    """Raises EditionError, and SettingsError for the operator's own rule modules."""
    import_rules(orders.rule_modules, orders.rule_folder)
    return editions.load(orders.edition)


def _errands(
    orders: Orders, run: Run, store: Store, sites: Sequence[Site], wanted: Mapping[str, Sequence[str]]
) -> Iterator[Job]:
    """`wanted`: home address → fingerprints."""
    rules, now = all_rules(), datetime.now(CHINA)
    for site in sites:
        entries = [entry for entry in store.ledger.entries(url=site.url) if entry.fingerprint in wanted[site.url]]
        errand = recheck.errand(site, entries, store, partial(visit_folder, orders), rules, now)
        yield replace(_job(orders, run, Chosen(site)), known=errand.known, itinerary=errand.itinerary)


def _job(orders: Orders, run: Run, chosen: Chosen) -> Job:
    return Job(
        site=chosen.site,
        plan=orders.plan,
        folder=visit_folder(orders, run.id, chosen.site),
        edition=orders.edition,
        rule_modules=orders.rule_modules,
        rule_folder=orders.rule_folder,
        words=orders.words,
        kind=orders.kind,
        files=chosen.files,
        moment_known=orders.moment_known,
        baseline=_baseline(orders, run.id, chosen),
        stop_file=orders.data.absolute() / "runs" / run.id / "stop",
        log=orders.data.absolute(),
    )


def _baseline(orders: Orders, run: str, chosen: Chosen) -> Path | None:
    """The folder of the newest good visit of the site in another run; run ids sort by time."""
    runs = orders.data.absolute() / "runs"
    if not orders.reuse or chosen.files or not runs.is_dir():
        return None
    others = sorted((path.name for path in runs.iterdir() if path.name != run), reverse=True)
    return last_good((visit_folder(orders, other, chosen.site) for other in others), orders.plan.software)


def _replays(orders: Orders, run: Run, sites: Sequence[Site], source: str) -> list[Job]:
    return [
        replace(
            _job(orders, run, Chosen(site)),
            folder=visit_folder(orders, source, site),
            replay=True,
            as_of=orders.plan.as_of,
        )
        for site in sites
    ]


def visit_folder(orders: Orders, run: str, site: Site) -> Path:
    """A visit folder: the host for people, a digest of the address so that two sites of one host do not meet."""
    host = re.sub(r"[^a-z0-9.-]+", "-", authority(site.url).lower() or "saved")[:60].strip(".-")
    name = f"{host}-{hashlib.sha256(site.url.encode()).hexdigest()[:8]}"
    return orders.data.absolute() / "runs" / run / name


def report_folder(orders: Orders, run: Run) -> Path:
    """Where the documents of the run are written."""
    return orders.out or Path("xuncha-report") / run.id
