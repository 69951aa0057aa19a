"""Many sites: hand jobs to an executor and tell how each ended, so that one writer can save it."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass
from pathlib import Path

from crawler.message import Message, say
from crawler.urls import authority
from rules.engine.assessment import Assessment
from xuncha.audit import Job, Parked

_log = logging.getLogger(__name__)
_LONGEST_WAIT = 1.0  # seconds: on Windows Ctrl-C is not heard while a lock is waited for


@dataclass(frozen=True, slots=True)
class Done:
    """One job's end: an assessment, a fault of ours, or parked (neither)."""

    job: Job
    assessment: Assessment | None = None
    fault: Message | None = None


def run(
    jobs: Sequence[Job],
    executor: Executor,
    work: Callable[[Job], Assessment],
    *,
    in_flight: int,
    stop_file: Path,
    interrupted: Callable[[], None] = lambda: None,
) -> Iterator[Done]:
    """Every job's end, in the order they end. At most `in_flight` jobs run, and never two on the same host.

    KeyboardInterrupt while waiting makes the stop file, calls `interrupted`, yields what still ends, and is raised
    again; a second one is raised at once. A stop file that someone else makes has the same effect.
    """
    waiting: deque[Job] = deque(jobs)
    running: dict[Future[Assessment], Job] = {}
    busy: set[str] = set()
    stopped = False
    stop_file.unlink(missing_ok=True)
    while running or (waiting and not stopped):
        try:
            while not stopped and len(running) < in_flight:
                job = next((j for j in waiting if _host(j) not in busy), None)
                if job is None:
                    break
                waiting.remove(job)
                busy.add(_host(job))
                running[_submit(executor, work, job)] = job
                if any(f.done() for f in running):
                    break  # inline, or broken: tell at once
            ended, _ = wait(running, timeout=_LONGEST_WAIT, return_when=FIRST_COMPLETED)
        except KeyboardInterrupt:
            stop_file.touch()
            if stopped:
                raise
            stopped = True
            interrupted()
            continue
        for future in ended:
            job = running.pop(future)
            busy.discard(_host(job))
            done = _end(job, future)
            stopped = stopped or (done.assessment is None and done.fault is None)
            yield done
    stop_file.unlink(missing_ok=True)
    if stopped:
        raise KeyboardInterrupt


def _submit(executor: Executor, work: Callable[[Job], Assessment], job: Job) -> Future[Assessment]:
    try:
        return executor.submit(work, job)
    except BrokenExecutor as error:  # a worker died and took its pool with it
        future: Future[Assessment] = Future()
        future.set_exception(error)
        return future


def _end(job: Job, future: Future[Assessment]) -> Done:
    try:
        return Done(job, assessment=future.result())
    except Parked:
        return Done(job)
    except Exception as error:  # noqa: BLE001 - a fault of ours in one job must not end the others
        _log.error("job for %s failed", job.site.url, exc_info=error)
        return Done(job, fault=_fault(error))


def _fault(error: Exception) -> Message:
    said = error.args[0] if error.args else None
    if isinstance(said, Message):
        return said
    if isinstance(error, BrokenExecutor):
        return say("工作进程意外退出")
    return say("{kind}: {detail}", kind=type(error).__name__, detail=" ".join(str(error).split())[:300])


def _host(job: Job) -> str:
    return str(job.folder) if job.files or job.replay else authority(job.site.url)
