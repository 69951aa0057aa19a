"""`xuncha watch`: each line of the schedule is an ordinary run when it is due, until the program is told to stop.

A start finds out from the store what was left half done and what was missed.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Condition
from time import monotonic
from types import FrameType
from typing import TYPE_CHECKING, Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.blocking import BlockingScheduler

from crawler import quiet
from crawler.message import say
from xuncha import __version__, pulse, tasks
from xuncha.journal import Journal
from xuncha.lock import alone
from xuncha.orders import data_folder
from xuncha.parameters import Interrupted, Mistake
from xuncha.pulse import EVERY, STILL, Pulse
from xuncha.schedule import LOCK, check, missed, moment_of, newest_of, one_of, trigger, zone_of
from xuncha.settings import ScheduleSettings, Settings
from xuncha.status import UNWITNESSED, Status, gather, unwitnessed
from xuncha.store import Store
from xuncha.store.runs import RunRow
from xuncha.tasks import Done, Errand
from xuncha.turns import Task

if TYPE_CHECKING:
    from xuncha.notify import Postman

_STEP = 0.5  # seconds between two looks at the clock and at the signals
_GRACE = 3600  # seconds
_SET_BACK = 60.0  # seconds by which a clock that is only kept right is never put back at once


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
        self._journal = Journal(zone_of(self._config), as_json=json_log)
        # A probe must not wait until a whole inspection is done.
        executors = {"default": ThreadPoolExecutor(1), Task.PROBE.value: ThreadPoolExecutor(1)}
        self._clock = _Clock(self._over, timezone=self._journal.zone, executors=executors)
        self._clock.add_listener(self._heard, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES | EVENT_JOB_ERROR)
        self._parked: dict[str, str] = {}  # line → its run that is not done
        self._missed: set[str] = set()
        self._late: deque[tuple[str, datetime]] = deque()  # line, and when it is to be done instead
        self._postman: Postman | None = None
        self._counts = {"skipped": 0, "missed": 0, "failed": 0}
        self._started = datetime.now(self._journal.zone)
        self._looked = monotonic()
        self._ahead = self._started.timestamp() - self._looked  # of the clock that cannot be set
        self._beaten = -EVERY
        self._busy: dict[str, str | None] = {}  # line that is at work → its run, where it has one
        self._idle = Condition()
        self._stopping = False
        self._to_reload = False

    def run(self) -> None:
        """Until SIGTERM or Ctrl-C; a second one ends the program at once. Raises Mistake, EditionError, SiteListError,
        StoreError for what is wrong at the start."""
        check(self._config, self._given)
        with alone(self._data / LOCK, say("数据目录 {data} 已有 xuncha watch 在运行", data=str(self._data))):
            with Store.open(self._data / "xuncha.db"):
                pass  # made or brought up to date, or refused, before it is needed at night
            with self._signals(), self._endpoint(), self._post_office():
                self._begin()
                self._clock.start()
                self._end()

    @contextmanager
    def _endpoint(self) -> Iterator[None]:
        listen = self._config.watch.listen
        if listen is None:
            yield
            return
        from xuncha.endpoint import served

        with served(listen, self._health, self._status) as port:
            where = f"http://{listen[0]}:{port}/"
            self._journal("listening", say("在 {where} 提供 /health 和 /metrics", where=where), port=port)
            yield

    @contextmanager
    def _post_office(self) -> Iterator[None]:
        self._hire(self._config)
        try:
            yield
        finally:
            if self._postman is not None:
                self._postman.close()

    def _hire(self, config: Settings) -> None:
        """A postman, only where a line of the schedule has news to tell; he who is there goes by these settings.
        Raises Mistake."""
        if not any(line.notify for line in config.schedule):
            return
        from xuncha import notify

        send, pause = notify.sender(config), notify.pause(config)
        if self._postman is None:
            self._postman = notify.Postman(send, self._journal, pause=pause)
        else:
            self._postman.serve(send, pause)

    def _status(self) -> Status:
        return replace(gather(self._config, self._data), running=True, pulse=self._pulse())

    def _health(self) -> tuple[bool, dict[str, Any]]:
        """Whether the clock still goes: every half second it looks about."""
        return monotonic() - self._looked < STILL.total_seconds(), self._pulse().as_json()

    def _pulse(self) -> Pulse:
        upcoming = {job.id: job.next_run_time for job in self._clock.get_jobs()}
        return Pulse(
            pid=os.getpid(),
            version=__version__,
            started=self._started,
            at=datetime.now(self._journal.zone),
            upcoming=upcoming,
            busy=dict(self._busy),
            **self._counts,
        )

    def _begin(self) -> None:
        now, zone = datetime.now(self._journal.zone), self._journal.zone
        newest = newest_of(self._config, self._data)
        self._journal("started", say("开始值守，日程 {count} 项", count=len(self._config.schedule)))
        if unwitnessed(self._config):
            self._journal("unwitnessed", UNWITNESSED)
        for line in self._config.schedule:
            last, start = newest.get(line.name), None
            due = missed(line, zone, last, now)
            if due is not None:
                self._counts["missed"] += 1
                self._missed.add(line.name)
                start = now + timedelta(milliseconds=1)  # behind what is to be gone on with
                told = say("“{name}”错过了 {due} 的检查，补做一次", name=line.name, due=moment_of(due, zone))
                self._journal("missed", told, schedule=line.name)
            if isinstance(last, RunRow) and tasks.left(self._data, last.id):
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
            executor=Task.PROBE.value if line.task is Task.PROBE else "default",
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
            name, when = self._late.popleft()
            with suppress(JobLookupError):  # the settings do not have it any more
                self._clock.modify_job(name, next_run_time=when)
        self._looked = monotonic()
        self._mind_the_clock()
        if self._looked - self._beaten >= EVERY:
            self._beaten = self._looked
            pulse.write(self._data, self._pulse())
        if self._to_reload:
            self._to_reload = False
            self._reload()
        return self._stopping

    def _mind_the_clock(self) -> None:
        """What was planned by a clock that was fast would wait until that time comes. After one that was slow, what is
        late is caught up as after a sleep."""
        now = datetime.now(self._journal.zone)
        ahead = now.timestamp() - self._looked
        back, self._ahead = self._ahead - ahead, ahead
        if back > _SET_BACK:
            self._journal("clock", say("时钟向回拨了 {seconds} 秒，重新安排日程", seconds=round(back)))
            for line in self._config.schedule:
                self._plan(line, now)

    def _reload(self) -> None:
        old = self._config
        try:
            new = self._load()
            self._fit(new)
            self._hire(new)
        except Exception as error:  # noqa: BLE001 - whatever the file says, the old schedule goes on
            self._journal("kept", say("设置没有更新，仍按原来的日程：{why}", why=tasks.why(error)))
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

    def _fit(self, new: Settings) -> None:
        """Raises whatever keeps them from being gone by from now on."""
        check(new, self._given)
        if data_folder(new, self._asked) != self._data:
            raise Mistake(say("run.data 改变后要重新启动"))
        if new.watch.listen != self._config.watch.listen:
            raise Mistake(say("watch.listen 改变后要重新启动"))

    def _heard(self, event: JobEvent) -> None:
        """What apscheduler says about a job."""
        name, zone = event.job_id, self._journal.zone
        if event.code == EVENT_JOB_MAX_INSTANCES:
            due = moment_of(event.scheduled_run_times[-1], zone)
            told = say("“{name}”上一次还没有检查完，跳过 {due} 的检查", name=name, due=due)
            self._counts["skipped"] += 1
            self._journal("skipped", told, schedule=name)
        elif event.code == EVENT_JOB_ERROR:
            self._counts["failed"] += 1
            self._journal("failed", say("“{name}”没有检查完：{why}", name=name, why=tasks.why(event.exception)))
        elif not self._stopping:
            self._counts["missed"] += 1
            due = moment_of(event.scheduled_run_time, zone)
            self._journal("missed", say("“{name}”错过了 {due} 的检查，补做一次", name=name, due=due), schedule=name)
            # At the next step: apscheduler may be about to set this job's next time.
            self._late.append((name, datetime.now(zone)))

    # In the threads of the runs

    def _due(self, name: str) -> None:
        with self._idle:
            self._busy[name] = None
        try:
            line = next((line for line in self._config.schedule if line.name == name), None)
            if line is None or self._stopping or self._rests_now(line):
                return
            with one_of(self._data, line):
                parked = self._parked.pop(name, None)
                if parked is not None:
                    self._carry_out(line, parked)
                if (parked is None or name in self._missed) and not self._stopping:
                    self._missed.discard(name)
                    self._carry_out(line)
        except Mistake as error:
            told = say("“{name}”这次没有检查：{why}", name=name, why=tasks.why(error))
            self._counts["skipped"] += 1
            self._journal("skipped", told, schedule=name)
        finally:
            with self._idle:
                del self._busy[name]
                self._idle.notify_all()

    def _rests_now(self, line: ScheduleSettings) -> bool:
        """Put it off to the end of its quiet hours. A probe has its next turn soon enough."""
        until = quiet.until(line.quiet, datetime.now(self._journal.zone))
        if until is None:
            return False
        zone, name = self._journal.zone, line.name
        if line.task is not Task.PROBE:
            self._late.append((name, until.astimezone(zone)))
            told = say("“{name}”现在是免打扰时段，推迟到 {until}", name=name, until=moment_of(until, zone))
            self._journal("put-off", told, schedule=name)
        return True

    def _carry_out(self, line: ScheduleSettings, parked: str | None = None) -> None:
        """A new run, or the rest of one; then what is to follow it."""
        errand = Errand(
            config=self._config,
            line=line,
            data=self._data,
            given=self._given,
            tell=self._journal,
            stop=lambda: self._stopping,
            working=partial(self._busy.__setitem__, line.name),
            parked=parked,
        )
        run = parked
        if parked is None or tasks.left(self._data, parked).itself:
            done = self._do(errand)
            if done is None:
                return
            run = done.run
        for task in tasks.left(self._data, run).after if run is not None else line.after:
            if not self._stopping:
                self._do(tasks.following(errand, task, run))

    def _do(self, errand: Errand) -> Done | None:
        """None where it was not done: whatever goes wrong in it, the watch goes on."""
        line, name = errand.line, errand.line.name
        try:
            done = tasks.carry_out(errand)
            changed = tasks.news_of(errand, done) if line.notify and self._postman is not None else None
            if changed is not None and self._postman is not None:
                self._postman.post(changed)
        except Interrupted:
            self._journal("parked", tasks.stopped(name), schedule=name)
        except Exception as error:  # noqa: BLE001
            self._counts["failed"] += 1
            self._journal("failed", tasks.failed(name, error), schedule=name)
        else:
            return done
        finally:
            self._busy[name] = None
        return None

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
        while not self._rests(_STEP):
            self._park()
        with suppress(OSError):
            (self._data / pulse.NAME).unlink()
        self._journal("stopped", say("已停止值守"))

    def _rests(self, seconds: float) -> bool:
        with self._idle:
            return self._idle.wait_for(lambda: not self._busy, seconds)

    def _park(self) -> None:
        """Asked again and again: a run that is just beginning removes the stop file of an earlier time."""
        for run in [run for run in self._busy.values() if run is not None]:
            stop_file = self._data / "runs" / run / "stop"
            with suppress(OSError):  # its folder is not made yet; or the disk is full, and the run goes on to its end
                stop_file.touch()
