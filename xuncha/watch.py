"""`xuncha watch`: each line of the schedule is an ordinary run when it is due, until the program is told to stop.

A start finds out from the store what was left half done and what was missed.
"""

from __future__ import annotations

import json
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from threading import Event, Lock
from time import monotonic
from types import FrameType
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.blocking import BlockingScheduler

from crawler.message import Message, say
from xuncha import inspection, log
from xuncha.inspection import Ended
from xuncha.lock import alone
from xuncha.orders import data_folder
from xuncha.parameters import Interrupted, Mistake, spoken
from xuncha.progress import ending, label
from xuncha.schedule import (
    check,
    missed,
    moment_of,
    newest_of,
    numbered,
    one_of,
    prepared,
    trigger,
    zone_of,
)
from xuncha.settings import ScheduleSettings, Settings
from xuncha.store import Store

_STEP = 0.5  # seconds between two looks at the clock and at the signals
_GRACE = 3600  # seconds
_CODES = {0: say("没有发现问题"), 1: say("发现问题"), 3: say("有网站或指标没能检查")}


class _Journal:
    """What happens, one line each on standard error, at the times of the schedule's zone; or JSON."""

    def __init__(self, zone: tzinfo, *, as_json: bool) -> None:
        self.zone = zone
        self._as_json = as_json
        self._lock = Lock()

    def __call__(self, event: str, message: Message, **facts: object) -> None:
        now, text = datetime.now(self.zone), spoken().text(message)
        line = f"{now:%Y-%m-%d %H:%M:%S} {text}"
        if self._as_json:
            at = now.isoformat(timespec="seconds")
            line = json.dumps({"at": at, "event": event, "message": text, **facts}, ensure_ascii=False)
        # Whoever read the log may be gone; the inspections go on.
        with self._lock, suppress(OSError):
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()


class _Clock(BlockingScheduler):  # type: ignore[misc]  # apscheduler ships no types
    """Waits in short steps. So a signal handler need only set a flag (to wake a thread from one can deadlock), Ctrl-C
    is heard on Windows, and a machine that slept looks at the clock again."""

    def __init__(self, over: Callable[[], bool], **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        self._over = over

    def _main_loop(self) -> None:
        while True:
            wait = self._process_jobs()
            if self._over():
                return
            self._event.wait(min(wait, _STEP))
            self._event.clear()


class Watch:
    """The schedule of one settings file, in the main thread of a program; the runs are in one other thread."""

    def __init__(self, load: Callable[[], Settings], data: Path | None, *, json_log: bool = False) -> None:
        """`load` reads the settings, now and whenever they are to be read again. `data`: the command line's folder."""
        self._load = load
        self._config = load()
        self._asked = data
        self._data = data_folder(self._config, data)
        self._given: Mapping[str, Any] = {"data": self._data, "quiet": True}
        self._journal = _Journal(zone_of(self._config), as_json=json_log)
        self._clock = _Clock(self._over, timezone=self._journal.zone, executors={"default": ThreadPoolExecutor(1)})
        self._clock.add_listener(self._heard, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES | EVENT_JOB_ERROR)
        self._parked: dict[str, str] = {}  # line → its run that is not done
        self._missed: set[str] = set()
        self._late: deque[str] = deque()
        self._at_work: str | None = None  # the run that is going on
        self._idle = Event()
        self._idle.set()
        self._stopping = False
        self._to_reload = False

    def run(self) -> None:
        """Until SIGTERM or Ctrl-C; a second one ends the program at once. Raises Mistake, EditionError, SiteListError,
        StoreError for what is wrong at the start."""
        check(self._config, self._given)
        with alone(self._data / "watch.lock", say("数据目录 {data} 已有 xuncha watch 在运行", data=str(self._data))):
            with Store.open(self._data / "xuncha.db"):
                pass  # made or brought up to date, or refused, before it is needed at night
            with self._signals():
                self._begin()
                self._clock.start()
                self._end()

    def _begin(self) -> None:
        now, zone = datetime.now(self._journal.zone), self._journal.zone
        newest = newest_of(self._config, self._data)
        self._journal("started", say("开始值守，日程 {count} 项", count=len(self._config.schedule)))
        for line in self._config.schedule:
            last, start = newest.get(line.name), None
            due = missed(line, zone, last, now)
            if due is not None:
                self._missed.add(line.name)
                start = now + timedelta(milliseconds=1)  # behind what is to be gone on with
                told = say("“{name}”错过了 {due} 的检查，补做一次", name=line.name, due=moment_of(due, zone))
                self._journal("missed", told, schedule=line.name)
            if last is not None and last.finished is None:
                self._parked[line.name] = last.id
                start = now
            self._plan(line, now, start)

    def _plan(self, line: ScheduleSettings, now: datetime, start: datetime | None = None) -> None:
        """`start`: for once at this time, and then as it says."""
        zone = self._journal.zone
        when = trigger(line, zone)
        due = when.get_next_fire_time(None, now)
        self._clock.add_job(
            self._due,
            when,
            args=[line.name],
            id=line.name,
            # From the same moment as what was missed, so that nothing falls between the two.
            next_run_time=start or due,
            replace_existing=True,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=self._config.watch.misfire_grace or _GRACE,
        )
        told = say("“{name}”下次检查：{due}", name=line.name, due=moment_of(due, zone))
        self._journal("planned", told, schedule=line.name, due=due.isoformat())

    def _over(self) -> bool:
        """Asked at every step, between two looks at the jobs."""
        while self._late:
            with suppress(JobLookupError):  # the settings do not have it any more
                self._clock.modify_job(self._late.popleft(), next_run_time=datetime.now(self._journal.zone))
        if self._to_reload:
            self._to_reload = False
            self._reload()
        return self._stopping

    def _reload(self) -> None:
        old = self._config
        why: Message | None = None
        try:
            new = self._load()
            check(new, self._given)
        except Exception as error:  # noqa: BLE001 - whatever the file says, the old schedule goes on
            new, why = old, _why(error)
        if data_folder(new, self._asked) != self._data:
            why = say("run.data 改变后要重新启动")
        if why is not None:
            self._journal("kept", say("设置没有更新，仍按原来的日程：{why}", why=why))
            return
        self._config, self._journal.zone = new, zone_of(new)
        self._journal("reloaded", say("已重新读取设置，日程 {count} 项", count=len(new.schedule)))
        for line in old.schedule:
            if line.name not in {other.name for other in new.schedule}:
                self._clock.remove_job(line.name)
        for line in new.schedule:
            # A line that stays as it is keeps its time: the jitter may have put off what is due by now.
            if line not in old.schedule or new.watch != old.watch:
                self._plan(line, datetime.now(self._journal.zone))

    def _heard(self, event: JobEvent) -> None:
        """What apscheduler says about a job."""
        name, zone = event.job_id, self._journal.zone
        if event.code == EVENT_JOB_MAX_INSTANCES:
            due = moment_of(event.scheduled_run_times[-1], zone)
            told = say("“{name}”上一次还没有检查完，跳过 {due} 的检查", name=name, due=due)
            self._journal("skipped", told, schedule=name)
        elif event.code == EVENT_JOB_ERROR:
            self._journal("failed", say("“{name}”没有检查完：{why}", name=name, why=_why(event.exception)))
        elif not self._stopping:
            due = moment_of(event.scheduled_run_time, zone)
            self._journal("missed", say("“{name}”错过了 {due} 的检查，补做一次", name=name, due=due), schedule=name)
            self._late.append(name)  # apscheduler may be about to set this job's next time

    # In the thread of the runs

    def _due(self, name: str) -> None:
        self._idle.clear()
        try:
            line = next((line for line in self._config.schedule if line.name == name), None)
            if line is None or self._stopping:
                return
            with one_of(self._data, line):
                parked = self._parked.pop(name, None)
                if parked is not None:
                    self._carry_out(line, parked)
                if (parked is None or name in self._missed) and not self._stopping:
                    self._missed.discard(name)
                    self._carry_out(line)
        except Mistake as error:
            self._journal("skipped", say("“{name}”这次没有检查：{why}", name=name, why=_why(error)), schedule=name)
        finally:
            self._idle.set()

    def _carry_out(self, line: ScheduleSettings, parked: str | None = None) -> None:
        """A new run, or the rest of a parked one. Whatever goes wrong in it, the watch goes on."""
        name, began = line.name, monotonic()
        try:
            asked, chosen = prepared(self._config, line, self._given)
            if parked is None:
                told = say("“{name}”开始检查，网站 {count} 个", name=name, count=len(chosen))
                self._journal("began", told, schedule=name)
                asked, run = numbered(asked)
                self._at_work = run.id
                ended = inspection.carry_out(asked, chosen, run)
            else:
                told = say("“{name}”继续没有做完的检查 {run}", name=name, run=parked)
                self._journal("resumed", told, schedule=name, run=parked)
                self._at_work = parked
                ended = inspection.resume(asked, parked, {})
        except Interrupted:
            self._journal("parked", say("“{name}”已停下，下次启动时继续", name=name), schedule=name)
        except Exception as error:  # noqa: BLE001
            self._journal("failed", say("“{name}”没有检查完：{why}", name=name, why=_why(error)), schedule=name)
        else:
            self._tell(name, ended, monotonic() - began)
        finally:
            self._at_work = None

    def _tell(self, name: str, ended: Ended, seconds: float) -> None:
        for assessment in ended.assessments:
            site = label(assessment.site)
            self._journal("assessed", ending(site, assessment, None), schedule=name, site=assessment.site.url)
        for url, reason in ended.run.failures:
            told = say("{site}：没有检查完，与网站无关（{fault}）", site=url, fault=reason)
            self._journal("failed", told, schedule=name, site=url)
        told = say(
            "“{name}”检查完毕，编号 {run}，退出码 {code}（{meaning}），用时 {seconds} 秒，报告在 {folder}",
            name=name,
            run=ended.run.id,
            code=ended.exit_code,
            meaning=_CODES[ended.exit_code],
            seconds=round(seconds),
            folder=str(ended.files[0].parent),
        )
        self._journal("ended", told, schedule=name, run=ended.run.id, code=ended.exit_code)

    # Stopping

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def stop(number: int, _: FrameType | None) -> None:
            if self._stopping:
                signal.signal(number, signal.SIG_DFL)
                signal.raise_signal(number)
            self._stopping = True

        def read_again(_: int, __: FrameType | None) -> None:
            self._to_reload = True

        wanted = {"SIGINT": stop, "SIGTERM": stop, "SIGBREAK": stop, "SIGHUP": read_again}  # some are not everywhere
        numbers = {getattr(signal, name): heed for name, heed in wanted.items() if hasattr(signal, name)}
        old = {number: signal.signal(number, heed) for number, heed in numbers.items()}
        try:
            yield
        finally:
            for number, heed in old.items():
                signal.signal(number, heed)

    def _end(self) -> None:
        self._journal("stopping", say("正在停下"))
        self._clock.shutdown(wait=False)
        while not self._idle.wait(_STEP):
            self._park()
        self._journal("stopped", say("已停止值守"))

    def _park(self) -> None:
        """Asked again and again: a run that is just beginning removes the stop file of an earlier time."""
        run = self._at_work
        if run is not None:
            stop_file = self._data / "runs" / run / "stop"
            with suppress(OSError):  # its folder is not made yet; or the disk is full, and the run goes on to its end
                stop_file.touch()


def _why(error: BaseException) -> Message:
    """What an exception says to a person; a fault of ours is written down in the log."""
    said = error.args[0] if error.args else None
    if isinstance(said, Message):
        return said
    if isinstance(error, Mistake):
        return say("{why}", why=error.message)
    path = log.record(error)
    return say("程序自身出错（{kind}），详情见 {path}", kind=type(error).__name__, path=str(path or "-"))
