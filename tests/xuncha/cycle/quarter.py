"""A quarter of `xuncha watch` over the bundled portal, by a simulated clock: `make soak`.

    python tests/xuncha/cycle/quarter.py [DAYS]

The program is the real one: scheduler, crawler, judge, documents, database. Time passes whenever the scheduler waits
and nothing is at work. On the way our own line is cut, the site is down, a run takes longer than a day, the settings
are read again (good ones and bad ones), and the program is down for two days and a half. Prints what was seen; exit
code 1 when something is not as it should be. Linux.
"""

from __future__ import annotations

import functools
import json
import os
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, redirect_stderr
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from io import StringIO
from itertools import takewhile
from pathlib import Path
from threading import Condition, active_count
from typing import Any

import pytest
from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MISSED,
    EVENT_JOB_SUBMITTED,
    JobExecutionEvent,
)

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from clock import Clock
from living import Living, living

from crawler.plan import Plan
from crawler.probe import Period, period
from crawler.prober import probe
from xuncha import log, notify, orders, probing, settings_file, status
from xuncha.cron import every
from xuncha.ledger import Act, Event, standing
from xuncha.parameters import CHINA
from xuncha.schedule import times
from xuncha.settings import ScheduleSettings, Settings
from xuncha.store import Store
from xuncha.watch import Watch

BEGINS = datetime(2026, 10, 1, 0, 35, tzinfo=CHINA)
DAY = timedelta(days=1)
_SETTINGS = """
[run]
rate = 0
render = "never"
data = "data"
[notice]
office = "云岭县人民政府办公室"
[watch]
witnesses = ["http://{witness}/"]
[notify]
pause = 0
[retention]
days = 90
records = 35
backups = "copies"
copies = 2
[[schedule]]
name = "probes"
task = "probe"
every = "{probes}"
jitter = {jitter}
notify = true
[[schedule]]
name = "quick"
cron = "{quick}"
formats = ["json"]
[[schedule]]
name = "full"
cron = "{full}"
scope = "full"
formats = ["json", "html"]
after = ["review"]
[[schedule]]
name = "recheck"
task = "recheck"
cron = "{recheck}"
quiet = "08:30-18:00"
[[schedule]]
name = "notice"
task = "notice"
cron = "0 9 2 1 *"
[[schedule]]
name = "backup"
task = "backup"
cron = "0 5 1,15 * *"
[[schedule]]
name = "prune"
task = "prune"
cron = "{prune}"
[[site]]
url = "{url}"
name = "云岭县人民政府"
code = "5399990001"
kind = "portal"
"""


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is done in the quarter."""

    probes: str = "60 minutes"
    jitter: int = 720
    """So they are 60 to 72 minutes apart."""
    quick: str = "30 2 * * 1-5"
    full: str = "0 3 * * 6"
    recheck: str = "0 10 * * 3"
    prune: str = "30 5 * * *"
    days: int = 100
    """The quarter, and some days of the next, when its circular is drafted."""


BRISK = Pace(
    probes="8 hours",
    quick="30 2 6,7,13,20,21 10 *",
    full="0 3 10 10,12 *",
    recheck="0 10 21 10,12 *",
    prune="30 5 * * 4",
)
"""For the test suite: the same, seldomer."""


@dataclass(slots=True)
class Weighed:
    """What the process holds."""

    memory: int
    """KiB."""
    files: int
    threads: int
    database: int
    """Bytes."""


@dataclass(slots=True)
class Seen:
    """What the quarter came to."""

    log: list[Mapping[str, Any]] = field(default_factory=list)
    up: list[tuple[datetime, datetime]] = field(default_factory=list)
    """When a watch lived by the same settings."""
    cut: list[tuple[datetime, datetime]] = field(default_factory=list)
    """When our own line was cut."""
    down: list[tuple[datetime, datetime]] = field(default_factory=list)
    """When the site was down."""
    weeks: list[Period] = field(default_factory=list)
    """What was known of its home page after each of the two."""
    open: list[frozenset[str]] = field(default_factory=list)
    """Findings that were open, before and after a visit while it was down."""
    events: int = 0
    """That a person wrote down."""
    news: list[str] = field(default_factory=list)
    weighed: list[Weighed] = field(default_factory=list)
    share: float = 0.0
    """Of the probes of the last week against those planned, as `xuncha status` says."""
    seconds: float = 0.0

    def told(self, event: str, schedule: str | None = None) -> int:
        """How often the log says so."""
        return sum(
            line["event"] == event and (schedule is None or line.get("schedule") == schedule) for line in self.log
        )


class _Waits:
    """In the place of the event that the scheduler waits for: what passes meanwhile is decided by the quarter."""

    def __init__(self, pass_time: Callable[[], None]) -> None:
        self._pass = pass_time

    def wait(self, _: float | None = None) -> None:
        self._pass()

    def is_set(self) -> bool:
        return False

    def set(self) -> None: ...

    def clear(self) -> None: ...


class Quarter:
    def __init__(self, folder: Path, portal: Living, clock: Clock, pace: Pace) -> None:
        self.folder, self.portal, self.clock, self.pace = folder, portal, clock, pace
        self.seen = Seen()
        self._at_work: Counter[str] = Counter()
        self._moved = Condition()
        self._watch: Any = None
        self._settings = folder / "xuncha.toml"
        self._agenda = sorted(self._planned(), key=lambda entry: entry[0])
        self._write("72 minutes")

    def _write(self, probes: str, more: str = "") -> None:
        pace = self.pace
        text = _SETTINGS.format(
            url=self.portal.url,
            witness=self.portal.witness,
            probes=probes,
            jitter=pace.jitter,
            quick=pace.quick,
            full=pace.full,
            recheck=pace.recheck,
            prune=pace.prune,
        )
        self._settings.write_text(text + more, encoding="utf-8")

    @property
    def store(self) -> Path:
        return self.folder / "data" / "xuncha.db"

    # What happens

    def _planned(self) -> Iterator[tuple[datetime, Callable[[], object]]]:
        def on(day: float, act: Callable[[], object]) -> tuple[datetime, Callable[[], object]]:
            return BEGINS + day * DAY, act

        last = self.pace.days
        yield on(5.5, self._confirm)  # after the first inspection
        yield on(6.10, functools.partial(self._read_again, "72 minutes", "[[schedule]]\nname = 'bad'\n"))
        yield on(6.11, functools.partial(self._read_again, self.pace.probes))
        yield on(8.3, functools.partial(self._line, cut=True))
        yield on(8.9, functools.partial(self._line, cut=False))
        yield on(11.25, self._look)
        yield on(11.3, functools.partial(self._site, down=True))
        yield on(12.6, functools.partial(self._site, down=False))
        yield on(12.65, self._look)
        yield on(18.9, self.portal.gate.clear)  # before an inspection, which then waits for more than a day
        yield on(20.5, self.portal.open)
        yield on(26.2, functools.partial(self._stay_away, 2.5))
        for day in (30, last * 0.55, last * 0.8, last - 0.6):
            yield on(day, self._weigh)
        yield on(last - 0.5, self._share)
        yield on(last, self._end)

    def _read_again(self, probes: str, more: str = "") -> None:
        self._write(probes, more)
        signal.raise_signal(signal.SIGHUP)
        if not more:
            self.seen.up[-1] = self.seen.up[-1][0], self.clock.now()
            self.seen.up.append((self.clock.now(), self.clock.now()))

    def _look(self) -> None:
        now = self.clock.now()
        with Store.open(self.store, read_only=True) as store:
            self.seen.weeks.append(period(store.probes.watched(self.portal.url, now - 7 * DAY, now), now))
            entries = [entry for entry in store.ledger.entries() if standing(entry, now).open]
        self.seen.open.append(frozenset(entry.fingerprint for entry in entries))

    def _line(self, *, cut: bool) -> None:
        self.portal.cut = cut
        self._span(self.seen.cut, begins=cut)

    def _site(self, *, down: bool) -> None:
        if down:
            self.portal.give("/", "text/html", b"<h1>Bad Gateway</h1>", status=502)
        else:
            del self.portal.changed["/"]
        self._span(self.seen.down, begins=down)

    def _span(self, spans: list[tuple[datetime, datetime]], *, begins: bool) -> None:
        now = self.clock.now()
        if begins:
            spans.append((now, now))
        else:
            spans[-1] = spans[-1][0], now

    def _confirm(self) -> None:
        """A person writes down what the first inspection found."""
        with Store.open(self.store) as store:
            found = store.ledger.entries()
            store.ledger.add([(entry, Event(self.clock.now(), Act.CONFIRM, "县政府办")) for entry in found])
        self.seen.events += len(found)

    def _stay_away(self, days: float) -> None:
        self._away = self.clock.now() + days * DAY
        signal.raise_signal(signal.SIGTERM)

    def _end(self) -> None:
        self._away = None
        signal.raise_signal(signal.SIGTERM)

    def _weigh(self) -> None:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        self.seen.weighed.append(
            Weighed(
                memory=pages * os.sysconf("SC_PAGE_SIZE") // 1024,
                files=len(os.listdir("/proc/self/fd")),  # noqa: PTH208 - one of them is the listing itself
                threads=active_count(),
                database=self.store.stat().st_size,
            )
        )

    def _share(self) -> None:
        config = settings_file.load(self._settings)
        found = status.gather(config, self.folder / "data", self.clock.now())
        [line] = [line for line in found.lines if line.line.name == "probes"]
        assert line.week is not None
        self.seen.share = line.week.made / line.week.planned

    # Time

    def _pass(self) -> None:
        """Called where the scheduler waits."""
        with self._moved:
            # A run that waits at the gate takes as long as it takes; so do those that wait behind it.
            if self._at_work["probes"] if self.portal.held.is_set() else self._at_work.total():
                self._moved.wait(0.01)
                return
        due = [job.next_run_time for job in self._watch._clock.get_jobs()]
        moment, act = self._agenda[0]
        now = self.clock.now()
        if moment <= min(due, default=moment) or moment <= now:
            self._agenda.pop(0)
            self.clock.set(max(moment, now))
            act()
        elif (then := min(due)) > now:
            self.clock.set(then)

    def _heard(self, event: JobExecutionEvent) -> None:
        with self._moved:
            self._at_work[event.job_id] += 1 if event.code == EVENT_JOB_SUBMITTED else -1
            self._moved.notify_all()

    # The program

    def run(self) -> Seen:
        began = time.monotonic()
        self.clock.set(BEGINS)
        told = StringIO()
        self._away: datetime | None = BEGINS
        while self._away is not None:
            self.clock.set(max(self._away, self.clock.now()))
            self._at_work.clear()
            with redirect_stderr(told):
                self._watch = Watch(lambda: settings_file.load(self._settings), None, json_log=True)
                self._watch._clock._event = _Waits(self._pass)
                heard = EVENT_JOB_SUBMITTED | EVENT_JOB_EXECUTED | EVENT_JOB_ERROR | EVENT_JOB_MISSED
                self._watch._clock.add_listener(self._heard, heard)
                self.seen.up.append((self.clock.now(), self.clock.now()))
                self._watch.run()
            self.seen.up[-1] = self.seen.up[-1][0], self.clock.now()
        self.seen.log = [json.loads(line) for line in told.getvalue().splitlines()]
        self.seen.seconds = time.monotonic() - began
        return self.seen


@contextmanager
def simulated(folder: Path, pace: Pace) -> Iterator[Quarter]:
    """A quarter in a folder of its own, with the portal that it is spent at."""
    with pytest.MonkeyPatch.context() as patch, living(patch) as portal:
        portal.witness = "www.gov.cn"
        patch.setattr(orders, "Plan", functools.partial(Plan, confirm_after=0.01))
        patch.setattr(probing, "probe", functools.partial(probe, again=()))  # what fails is not asked again in seconds
        clock = Clock(patch)
        patch.chdir(folder)
        quarter = Quarter(folder, portal, clock, pace)

        def sender(_: Settings) -> Callable[[str, str], bool]:
            def send(title: str, body: str) -> bool:
                quarter.seen.news.append(body)
                return True

            return send

        patch.setattr(notify, "sender", sender)
        yield quarter


# What must be so

_OLD = (35 + 7 + 1) * DAY  # kept for 35 days, and pruned within a week
_GROWTH = 24 * 1024  # KiB that the process may grow by after its first month: what is read again is not kept


def faults(quarter: Quarter) -> Iterator[str]:
    """What is not as it should be, in a line each."""
    yield from _of_turns(quarter)
    yield from _of_probes(quarter)
    yield from _of_ledger(quarter)
    yield from _of_process(quarter)


def _of_turns(quarter: Quarter) -> Iterator[str]:
    """Each time that a line was due it was done once, or said to be skipped; and once after the downtime."""
    seen, config = quarter.seen, settings_file.load(Path("xuncha.toml"))
    first, second, third = seen.up
    for line in config.schedule:
        spans = [(line, second), (line, third)]
        before = replace(line, every=every("72 minutes")) if line.name == "probes" else line
        due = sum(_due(one, *span) for one, span in [(before, first), *spans])
        away = min(_due(line, second[1], third[0]), 1)
        ended, skipped = seen.told("ended", line.name), seen.told("skipped", line.name)
        if line.after:
            ended -= seen.told("ended", line.name) // (1 + len(line.after)) * len(line.after)
        if ended + skipped != due + away:
            yield f"{line.name}: due {due} times, and {away} while away; done {ended}, skipped {skipped}"
        if line.name != "probes" and not ended:
            yield f"{line.name} was never done"
        at_start = sum(
            one["event"] == "missed" and one["schedule"] == line.name and one["at"] >= third[0].isoformat()
            for one in seen.log
        )
        if at_start != away:
            yield f"{line.name}: {away} to be made up for after the downtime, {at_start} told"
    wanted = {"kept": 1, "reloaded": 1, "started": 2, "stopped": 2, "failed": 0, "parked": 0}
    for event, count in wanted.items():
        if seen.told(event) != count:
            lines = [one["message"] for one in seen.log if one["event"] == event]
            yield f"{event} {seen.told(event)} times instead of {count}: {lines[:3]}"
    if not seen.told("skipped", "quick"):
        yield "a run that overlaps was not skipped, or it was not said"
    if not seen.told("put-off", "recheck"):
        yield "the quiet hours did not put the recheck off"


def _due(line: ScheduleSettings, since: datetime, until: datetime) -> int:
    return sum(1 for _ in takewhile(lambda moment: moment <= until, times(line, CHINA, since)))


def _of_probes(quarter: Quarter) -> Iterator[str]:
    """Our own outage counts against nobody, the site's does; all are there; old ones are not."""
    seen = quarter.seen
    ours, theirs = seen.weeks
    [(cut, mended)], [(down, up)] = seen.cut, seen.down
    config = settings_file.load(Path("xuncha.toml"))
    line = config.schedule[0]
    if (ours.sum("failed"), ours.sum("ours")) != (0, _due(line, cut, mended)):
        yield f"our own outage: {ours.sum('failed')} failed, {ours.sum('ours')} ours, {_due(line, cut, mended)} probes"
    if abs(theirs.sum("failed") - _due(line, down, up)) > 1:  # one may be put off by the jitter
        yield f"the site was down: {theirs.sum('failed')} failed, {_due(line, down, up)} probes"
    if seen.share < 1:
        yield f"{seen.share:.1%} of the planned probes of the last week were made"
    told = [line for news in seen.news for line in news.splitlines() if "打开" in line or "打不开：" in line]
    if sum("打不开：" in line for line in told) != 1 or sum("恢复打开：" in line for line in told) != 1:
        yield f"of the home page was told: {told}"
    with closing(sqlite3.connect(quarter.store)) as db:
        for table, moment in (("probes", "at"), ("turns", "started"), ("rounds", "started")):
            [(count, oldest)] = db.execute(f"SELECT count(*), min({moment}) FROM {table}").fetchall()
            age = quarter.clock.now() - datetime.fromisoformat(oldest)
            if not count or (table != "turns" and age > _OLD):
                yield f"{table}: {count}, the oldest {age.days} days old"
        [(newest_each,)] = db.execute(
            "SELECT count(*) FROM turns WHERE julianday(started) < julianday(?)",
            [(quarter.clock.now() - _OLD).isoformat()],
        ).fetchall()
        if newest_each > 3 * len(config.schedule):
            yield f"{newest_each} old turns"


def _of_ledger(quarter: Quarter) -> Iterator[str]:
    """Nothing is lost, doubled or half done."""
    seen = quarter.seen
    before, after = seen.open
    if not before or before - after:
        yield f"of {len(before)} open findings a visit while the site was down closed {len(before - after)}"
    with closing(sqlite3.connect(quarter.store)) as db:
        if db.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            yield "the database is damaged"
        for what, sql in {
            "runs that are not done": "SELECT count(*) FROM runs WHERE finished IS NULL",
            "sites that are not judged": "SELECT count(*) FROM sites WHERE state <> 'done'",
            "findings that are there twice": "SELECT count(*) - count(DISTINCT site || fingerprint) FROM findings",
            "rounds without probes": "SELECT count(*) FROM rounds WHERE id NOT IN (SELECT round FROM probes)",
            "probes without a round": "SELECT count(*) FROM probes WHERE round NOT IN (SELECT id FROM rounds)",
        }.items():
            [(count,)] = db.execute(sql).fetchall()
            if count:
                yield f"{count} {what}"
        [(events, different)] = db.execute("SELECT count(*), count(DISTINCT url || fingerprint) FROM events").fetchall()
        if not seen.events or (events, different) != (seen.events, seen.events):
            yield f"{seen.events} events were written down, {events} are there, of {different} findings"
        runs = {run for (run,) in db.execute("SELECT id FROM runs")}
    folders = {path.name for path in Path("data/runs").iterdir() if any(inside.is_dir() for inside in path.iterdir())}
    if not folders < runs:
        yield "no evidence was pruned" if folders == runs else f"folders of no run: {folders - runs}"
    if len(list(Path("copies").iterdir())) != 2:
        yield f"{len(list(Path('copies').iterdir()))} backups"
    if not list(Path("xuncha-report").glob("notice-2026Q4/*.docx")):
        yield "no draft of the quarter's circular"
    lists = list(Path("xuncha-report/full").glob("*/annex.xlsx"))
    if len(lists) != seen.told("ended", "full") // 2:
        yield f"{len(lists)} lists for review"


def _of_process(quarter: Quarter) -> Iterator[str]:
    _, first, *_, last = quarter.seen.weighed  # before that not every thread of the pools was needed yet
    if last.files > first.files or last.threads > first.threads:
        yield f"files {first.files} → {last.files}, threads {first.threads} → {last.threads}"
    if last.memory - first.memory > _GROWTH:
        yield f"memory {first.memory} → {last.memory} KiB"


def main(days: int) -> int:
    log.silence()
    with tempfile.TemporaryDirectory() as name, simulated(Path(name), replace(Pace(), days=days)) as quarter:
        seen = quarter.run()
        found = list(faults(quarter))
        with closing(sqlite3.connect(quarter.store)) as db:
            counts = {
                table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in ("runs", "findings", "events", "rounds", "probes", "turns")
            }
    done = Counter(line["schedule"] for line in seen.log if line["event"] == "ended")
    print(f"{days} days in {seen.seconds:.0f} s; done: {dict(done)}; left in the store: {counts}")
    for weighed in seen.weighed:
        print(weighed)
    print("\n".join(found) or "all as it should be")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else Pace().days))
