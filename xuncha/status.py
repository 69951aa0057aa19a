"""`xuncha status`: does the watch live, what comes next, what came of the last turn, is the record of probes whole?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from crawler.message import Message, say
from crawler.probe import Period, period
from xuncha import pulse, schedule
from xuncha.lock import alone
from xuncha.parameters import Mistake, spoken
from xuncha.probing import home
from xuncha.progress import label
from xuncha.pulse import Pulse
from xuncha.schedule import moment_of, newest_of, times, zone_of
from xuncha.settings import ScheduleSettings, Settings
from xuncha.store import Store
from xuncha.store.runs import RunRow
from xuncha.targets import known_sites
from xuncha.turns import Task, Turn, TurnState

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_WHOLE = 0.9  # of the planned probes of a day
_ROOM = 1024**3  # bytes that should be free


UNWITNESSED = say(
    "提示：[watch] 中没有写对照网址（witnesses）：监测的网站同时都打不开时，只能当作本机网络不通，不计入；"
    "网站都在同一个平台上的，请写一两个平台以外的网址"
)


def unwitnessed(config: Settings) -> bool:
    """Home pages are probed, and there is nothing but them to tell our own outage from theirs."""
    return not config.watch.witnesses and any(line.task is Task.PROBE for line in config.schedule)


@dataclass(frozen=True, slots=True)
class Share:
    """Rounds of probes in a span of time."""

    planned: int
    made: int

    @property
    def part(self) -> float | None:
        """None where none was planned."""
        return min(self.made / self.planned, 1.0) if self.planned else None


@dataclass(frozen=True, slots=True)
class Line:
    line: ScheduleSettings
    due: datetime | None
    last: RunRow | Turn | None
    turn: Turn | None
    """The newest turn; of a run begun by an earlier version there is none."""
    failed: tuple[Message, ...] = ()
    """Why it, or what follows it, was not done the last time."""
    day: Share | None = None
    """Of a line that probes."""
    week: Share | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """A home page over the last seven days."""

    name: str
    url: str
    seen: Period


@dataclass(frozen=True, slots=True)
class Status:
    at: datetime
    running: bool
    pulse: Pulse | None
    lines: tuple[Line, ...]
    homes: tuple[Home, ...]
    free: int
    """Bytes on the disk of the data folder."""

    @property
    def troubles(self) -> tuple[Message, ...]:
        """What a person should see to."""
        return tuple(self._troubles())

    def _troubles(self) -> Iterator[Message]:
        if self.lines and not self.running:
            yield say("xuncha watch 没有在运行，日程不会执行")
        elif self.running and (self.pulse is None or not self.pulse.fresh(self.at)):
            yield say("xuncha watch 没有响应，请重新启动")
        for line in self.lines:
            yield from line.failed
            part = line.day.part if line.day is not None else None
            if part is not None and part < _WHOLE:
                percent = f"{100 * part:.0f}"
                yield say("“{name}”最近24小时只做了应做的{part}%", name=line.line.name, part=percent)
        if self.free < _ROOM:
            yield say("数据目录所在磁盘只剩 {mb} MB", mb=self.free // 1024**2)


def gather(config: Settings, data: Path, now: datetime | None = None) -> Status:
    """Raises Mistake, SiteListError, StoreError. Writes nothing."""
    zone = zone_of(config)
    now = now or datetime.now(zone)
    beat, last, path = pulse.read(data), newest_of(config, data), data / "xuncha.db"
    lines: list[Line] = []
    homes: list[Home] = []
    sites = {home(site): label(site) for site in known_sites(config)}
    if path.exists():
        with Store.open(path, read_only=True) as store:
            for line in config.schedule:
                shares = [_share(store, line, config, now, span, beat) for span in (_DAY, _WEEK)]
                due = next(times(line, zone, now), None)
                turns = store.turns.newest_of_each(line.name)
                own = next((turn for turn in turns if turn.task is line.task), None)
                failed = [t.told for t in turns if t.state is TurnState.FAILED and t.task in (line.task, *line.after)]
                lines.append(Line(line, due, last.get(line.name), own, tuple(failed), *shares))
            for url, name in sites.items():
                watched = store.probes.watched(url, now - _WEEK, now)
                if watched.probes:
                    homes.append(Home(name, url, period(watched, now)))
    else:
        lines = [Line(line, next(times(line, zone, now), None), None, None) for line in config.schedule]
    return Status(now, _running(data), beat, tuple(lines), tuple(homes), _free(data))


def _share(
    store: Store, line: ScheduleSettings, config: Settings, now: datetime, span: timedelta, beat: Pulse | None
) -> Share | None:
    """Since the line probed first: what was planned before it was there was not missed."""
    if line.task is not Task.PROBE:
        return None
    first = store.probes.first_round(line.name) or (beat.started if beat is not None else now)
    since = max(now - span, first - timedelta(seconds=1))
    planned = 0
    for due in times(line, zone_of(config), since):
        # One that is put off by the jitter is not missed yet.
        if due > now - timedelta(seconds=line.jitter + 60):
            break
        planned += 1
    return Share(planned, len(store.probes.rounds(line.name, since)))


def _running(data: Path) -> bool:
    """A watch holds its lock as long as it lives."""
    if not (data / schedule.LOCK).exists():
        return False
    try:
        with alone(data / schedule.LOCK, say("-")):
            return False
    except Mistake:
        return True


def _free(data: Path) -> int:
    folder = next(place for place in (data.absolute(), *data.absolute().parents) if place.is_dir())
    return shutil.disk_usage(folder).free


# As people and programs read it


def told(status: Status, config: Settings) -> Iterator[tuple[Message, tuple[Message, ...]]]:
    """Sentences, each with those that stand below it."""
    zone = zone_of(config)
    if status.running and status.pulse is not None:
        since = moment_of(status.pulse.started, zone)
        yield say("值守：正在运行（进程 {pid}，自 {since}）", pid=status.pulse.pid, since=since), ()
    else:
        yield say("值守：正在运行") if status.running else say("值守：没有运行"), ()
    for line in status.lines:
        name = say("{name}（{when}）", name=line.line.name, when=schedule.rule(line.line))
        yield name, tuple(_line(line, status, zone))
    for page in status.homes:
        yield _home(page), ()
    if unwitnessed(config):
        yield UNWITNESSED, ()
    troubles = status.troubles
    if not status.lines and not status.homes:
        yield say("没有日程，也没有监测过首页：值守没有可以判断的"), ()
    elif not troubles:
        yield say("一切正常"), ()
    for trouble in troubles:
        yield say("注意：{what}", what=trouble), ()


def _line(line: Line, status: Status, zone: tzinfo) -> Iterator[Message]:
    beat = status.pulse if status.running else None
    if beat is not None and line.line.name in beat.busy:
        yield say("正在进行")
    due = beat.upcoming.get(line.line.name) if beat is not None else None
    if due is None or due <= status.at:  # the beat is some seconds old
        due = line.due
    if due is not None:
        yield say("下一次：{due}", due=moment_of(due, zone))
    yield say("上一次：{last}", last=say("还没有做过") if line.last is None else schedule.result(line.last, zone))
    for name, share in ((say("最近24小时"), line.day), (say("最近7天"), line.week)):
        if share is not None and share.part is not None:
            yield say(
                "{span}应监测 {planned} 轮，做了 {made} 轮（{part}%）",
                span=name,
                planned=share.planned,
                made=share.made,
                part=f"{100 * share.part:.0f}",
            )


def _home(page: Home) -> Message:
    counted, failed = page.seen.sum("counted"), page.seen.sum("failed")
    return say(
        "{site}：最近7天监测 {counted} 次，打不开 {failed} 次（{part}%）{beside}",
        site=page.name,
        counted=counted,
        failed=failed,
        part=f"{100 * failed / counted:.1f}" if counted else "0",
        beside=_beside(page.seen),
    )


def _beside(seen: Period) -> Message | str:
    left_out = sum(map(seen.sum, ("doubtful", "unsure", "ours", "announced")))
    return say("，另有 {n} 次不计入", n=left_out) if left_out else ""


def as_json(status: Status) -> dict[str, Any]:
    text = spoken().text
    return {
        "at": status.at.isoformat(timespec="seconds"),
        "running": status.running,
        "healthy": not status.troubles,
        "troubles": [text(trouble) for trouble in status.troubles],
        "watch": None if status.pulse is None else status.pulse.as_json(),
        "free_bytes": status.free,
        "schedule": [_line_json(line) for line in status.lines],
        "homes": [
            {
                "name": page.name,
                "url": page.url,
                **{
                    name: page.seen.sum(name)
                    for name in ("counted", "failed", "doubtful", "unsure", "ours", "announced")
                },
            }
            for page in status.homes
        ],
    }


def _line_json(line: Line) -> dict[str, Any]:
    last, turn = line.last, line.turn
    return {
        "name": line.line.name,
        "task": line.line.task.value,
        "next": line.due.isoformat(timespec="seconds") if line.due else None,
        "last": None
        if last is None
        else {
            "started": last.started.isoformat(timespec="seconds"),
            "finished": last.finished.isoformat(timespec="seconds") if last.finished else None,
            "run": last.run if isinstance(last, Turn) else last.id,
        },
        "state": turn.state.value if turn is not None else None,
        "code": turn.code if turn is not None else None,
        "probes": None
        if line.week is None or line.day is None
        else {
            span: {"planned": share.planned, "made": share.made}
            for span, share in (("day", line.day), ("week", line.week))
        },
    }
