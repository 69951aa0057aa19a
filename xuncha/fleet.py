"""Many sites: hand jobs to an executor, save each Assessment in one transaction, one writer for the database."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from pathlib import Path

from crawler.urls import authority
from rules.engine.assessment import Assessment
from xuncha.audit import Job, Parked

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Done:
    """One job's end: an assessment, a fault of ours, or parked (neither)."""

    job: Job
    assessment: Assessment | None = None
    fault: str | None = None


def run(
    jobs: Sequence[Job],
    executor: Executor,
    work: Callable[[Job], Assessment],
    *,
    in_flight: int,
    stop_file: Path,
) -> Iterator[Done]:
    """Every job's end, in the order they end. At most `in_flight` jobs run, and never two on the same host.

    KeyboardInterrupt while waiting makes the stop file, yields what still ends, and is raised again. It is raised too
    when a job parked because another program or thread made the stop file: the run is not done.
    """
    waiting: deque[Job] = deque(jobs)
    running: dict[Future[Assessment], Job] = {}
    busy: set[str] = set()
    interrupted = False
    stop_file.unlink(missing_ok=True)
    while running or (waiting and not interrupted):
        try:
            while not interrupted and len(running) < in_flight:
                job = next((j for j in waiting if _host(j) not in busy), None)
                if job is None:
                    break
                waiting.remove(job)
                busy.add(_host(job))
                running[executor.submit(work, job)] = job
                if len(running) < in_flight and any(f.done() for f in running):
                    break
            ended, _ = wait(running, return_when=FIRST_COMPLETED)
        except KeyboardInterrupt:
            if interrupted:
                raise
            interrupted = True
            stop_file.touch()
            continue
        for future in ended:
            job = running.pop(future)
            busy.discard(_host(job))
            done = _end(job, future)
            interrupted = interrupted or (done.assessment is None and done.fault is None)
            yield done
    stop_file.unlink(missing_ok=True)
    if interrupted:
        raise KeyboardInterrupt


def _end(job: Job, future: Future[Assessment]) -> Done:
    try:
        return Done(job, assessment=future.result())
    except Parked:
        return Done(job)
    except Exception as error:  # noqa: BLE001 - a fault of ours in one job must not end the others
        _log.error("job for %s failed", job.site.url, exc_info=error)
        return Done(job, fault=f"{type(error).__name__}: {error}".splitlines()[0][:300])


def _host(job: Job) -> str:
    return authority(job.site.url) if not job.files else str(job.folder)
