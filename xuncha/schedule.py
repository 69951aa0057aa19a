"""The lines of the schedule: when each is due, what it inspects, what became of it.

The schedule lives in the settings, what was done in the store; nothing else is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice
from pathlib import Path
from typing import Any

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

from crawler.message import Message, say
from crawler.site import Site
from rules.engine.assessment import Run
from xuncha import inspection, register, targets
from xuncha.cron import Cron
from xuncha.lock import alone
from xuncha.orders import Orders, allowing, orders
from xuncha.parameters import CHINA, Mistake, spoken
from xuncha.settings import ScheduleSettings, Settings
from xuncha.store import Store
from xuncha.store.runs import RunRow
from xuncha.targets import Chosen
from xuncha.turns import RUNS, Turn

LOCK = "watch.lock"
"""In the data folder; held as long as the watch lives."""
_CRON_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_DAYS = (say("周一"), say("周二"), say("周三"), say("周四"), say("周五"), say("周六"), say("周日"))
_FIRST = datetime(2001, 1, 1)  # noqa: DTZ001 - a Monday's midnight by the wall clock, wherever that hangs


# When a line is due


class _Every(BaseTrigger):  # type: ignore[misc]  # apscheduler ships no types
    """Every so long by the wall clock, counted from a midnight: the same times after every start, whatever the jitter.
    IntervalTrigger counts from the start of the program and adds one jitter to the next."""

    def __init__(self, step: timedelta, zone: tzinfo, jitter: int) -> None:
        self._step = step
        self._zone = zone
        self._jitter = jitter

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        # By way of UTC, where a time that the clock skips is one that it shows.
        local = (previous_fire_time or now).astimezone(UTC).astimezone(self._zone)
        after = local.replace(tzinfo=None)
        due = _FIRST + (after - _FIRST) // self._step * self._step
        if due < after or previous_fire_time is not None:
            due += self._step
        due = due.replace(tzinfo=self._zone, fold=local.fold).astimezone(UTC).astimezone(self._zone)
        return self._apply_jitter(due, self._jitter, now)  # type: ignore[no-any-return]


def trigger(line: ScheduleSettings, zone: tzinfo, *, jitter: bool = True) -> Any:  # noqa: ANN401 - a BaseTrigger
    seconds = line.jitter if jitter else 0
    if line.every is not None:
        return _Every(line.every.step, zone, seconds)
    if line.cron is None:
        raise ValueError(line)
    if not line.cron.either:
        return _cron(line.cron, zone, line.cron.days, line.cron.weekdays, seconds)
    days, weekdays = tuple(range(1, 32)), tuple(range(7))
    either = [_cron(line.cron, zone, line.cron.days, weekdays), _cron(line.cron, zone, days, line.cron.weekdays)]
    return OrTrigger(either, jitter=seconds)


def _cron(cron: Cron, zone: tzinfo, days: Sequence[int], weekdays: Sequence[int], jitter: int = 0) -> Any:  # noqa: ANN401
    """Weekdays by name: to apscheduler 0 is Monday."""
    return CronTrigger(
        minute=_listed(cron.minutes),
        hour=_listed(cron.hours),
        day=_listed(days),
        month=_listed(cron.months),
        day_of_week=",".join(_CRON_DAYS[number] for number in weekdays),
        second=0,
        timezone=zone,
        jitter=jitter,
    )


def _listed(numbers: Sequence[int]) -> str:
    return ",".join(map(str, numbers))


def times(line: ScheduleSettings, zone: tzinfo, after: datetime) -> Iterator[datetime]:
    """When the line is due after a moment, on and on, without jitter."""
    when = trigger(line, zone, jitter=False)
    due: datetime | None = when.get_next_fire_time(None, (after + timedelta(microseconds=1)).astimezone(zone))
    while due is not None:
        yield due
        due = when.get_next_fire_time(due, due)


def missed(line: ScheduleSettings, zone: tzinfo, newest: RunRow | Turn | None, now: datetime) -> datetime | None:
    """When the line was first due without a run, if it was, since its newest run. One that never ran missed nothing:
    it is new. What was due while a run was going on was left out."""
    if newest is None:
        return None
    due = next(times(line, zone, max(newest.started, newest.finished or newest.started)), None)
    return due if due is not None and due <= now else None


# What a line does


def zone_of(config: Settings) -> tzinfo:
    return config.watch.timezone or CHINA


def line_of(config: Settings, name: str) -> ScheduleSettings:
    """Raises Mistake."""
    for line in config.schedule:
        if line.name == name:
            return line
    raise Mistake(say("没有名为“{name}”的日程，现有：{known}", name=name, known=tuple(x.name for x in config.schedule)))


def prepared(config: Settings, line: ScheduleSettings, given: Mapping[str, Any]) -> tuple[Orders, list[Chosen]]:
    """The orders and the sites of one line, now. `given`: options of the command line. Raises Mistake."""
    chosen = _chosen(config, line)
    asked = {"scope": line.scope, "edition": line.edition, "formats": line.formats, "out": line.out, **given}
    named = frozenset(host for c in chosen for host in targets.hosts(c.site))
    after = tuple(task.value for task in line.after)
    return replace(allowing(orders(config, asked), named), schedule=line.name, after=after), chosen


def numbered(asked: Orders) -> tuple[Orders, Run]:
    """The run that will be made, and the orders with a folder for its documents."""
    run = inspection.new_run(asked)
    return replace(asked, out=asked.out or Path("xuncha-report") / (asked.schedule or "") / run.id), run


def _chosen(config: Settings, line: ScheduleSettings) -> list[Chosen]:
    known = targets.known_sites(config)
    if not known:
        raise Mistake(say("没有要检查的网站：请在设置文件中写明 [[site]] 或 register"))
    if line.sites is None:
        return [Chosen(site) for site in known]
    found: dict[str, Chosen] = {}
    for word in line.sites:
        site = next((site for site in known if site.name == word or _marks(word) & {*register.marks(site)}), None)
        if site is None:
            raise Mistake(say("日程“{name}”：设置文件和名录中没有网站“{site}”", name=line.name, site=word))
        found[site.url] = Chosen(site)
    return list(found.values())


def _marks(word: str) -> set[str]:
    """Of the site that is meant by a code or an address."""
    found: set[str] = set()
    with suppress(ValueError):  # it is no code
        found.add(register.site_code(word))
    with suppress(ValueError):  # it is no address
        found.update(register.marks(Site(register.home_address(word))))
    return found


def check(config: Settings, given: Mapping[str, Any]) -> None:
    """Find out now what else would fail at half past two. Raises Mistake, EditionError, SiteListError."""
    if not config.schedule:
        raise Mistake(say("设置文件中没有日程，请写明 [[schedule]]"))
    for line in config.schedule:
        inspection.load_edition(prepared(config, line, given)[0])


def listing(config: Settings, data: Path, now: datetime | None = None) -> Iterator[tuple[Message, Message, Message]]:
    """Of each line its name and rule, its next three times, its last run with the result."""
    zone = zone_of(config)
    now = now or datetime.now(zone)
    newest = newest_of(config, data)
    for line in config.schedule:
        due = tuple(spoken().text(moment_of(moment, zone)) for moment in islice(times(line, zone, now), 3))
        last = newest.get(line.name)
        yield (
            say("{name}（{when}）", name=line.name, when=rule(line)),
            say("接下来：{times}", times=due),
            say("上一次：{last}", last=say("还没有检查过") if last is None else result(last, zone)),
        )


def rule(line: ScheduleSettings) -> str:
    return line.cron.text if line.cron is not None else line.every.text if line.every is not None else ""


def result(run: RunRow | Turn, zone: tzinfo) -> Message:
    if isinstance(run, Turn):
        return say("{when}，{told}", when=moment_of(run.started, zone), told=run.told)
    if run.finished is None:
        return say("{when}，编号 {run}，没有做完", when=moment_of(run.started, zone), run=run.id)
    return say(
        "{when}，编号 {run}，网站 {sites} 个，不合格 {unqualified} 个，无法判定 {undetermined} 个，"
        "没能检查 {left} 个，问题 {findings} 个",
        when=moment_of(run.started, zone),
        run=run.id,
        sites=run.sites,
        unqualified=run.unqualified,
        undetermined=run.undetermined,
        left=run.pending + run.failed,
        findings=run.findings,
    )


def moment_of(moment: datetime, zone: tzinfo) -> Message:
    """`2026-11-20 周五 02:30`."""
    local = moment.astimezone(zone)
    return say("{day} {weekday} {time}", day=f"{local:%Y-%m-%d}", weekday=_DAYS[local.weekday()], time=f"{local:%H:%M}")


def newest_of(config: Settings, data: Path) -> dict[str, RunRow | Turn]:
    """Of each line its newest run, or where it makes none the newest turn; nothing of one that had none yet."""
    path = data / "xuncha.db"
    if not path.exists():
        return {}
    with Store.open(path, read_only=True) as store:
        found = {
            line.name: store.runs.newest_of(line.name) if line.task in RUNS else store.turns.newest(line.name)
            for line in config.schedule
        }
    return {name: last for name, last in found.items() if last is not None}


@contextmanager
def one_of(data: Path, line: ScheduleSettings) -> Iterator[None]:
    """One run of a line at a time, by whatever program."""
    with alone(data / f"watch-{line.name}.lock", say("日程“{name}”正由另一个程序检查", name=line.name)):
        yield
