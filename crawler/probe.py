"""A home page watched over time: what each probe of it found, and which maintenance was announced. Data only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from crawler.message import Message

DAYS = 7
SECONDS = 15.0
APART = timedelta(minutes=30)
REACH = timedelta(days=31)
"""As far back as a rule may look for probes."""
_DAY = timedelta(days=1)


class ProbeState(StrEnum):
    UP = "up"
    DOWN = "down"
    """No page came within the time that the clause gives (15 seconds)."""
    UNSURE = "unsure"
    """Somebody answered who may not be the site, or turns programs away: neither open nor shut."""
    OURS = "ours"
    """This machine had no way out. It says nothing of the site."""


@dataclass(frozen=True, slots=True)
class Probe:
    """The home page asked for once."""

    at: datetime
    state: ProbeState
    code: str
    """As of an Outcome: `ok`, `http-502`, `timeout`, `dns` …"""
    reason: Message
    elapsed: float
    """Seconds until the page was here, or the probe gave up."""
    status: int | None = None
    witnessed: bool = True
    """Of one that is DOWN: something else answered at the same time, so it was not our own network."""


@dataclass(frozen=True, slots=True)
class Announced:
    """报备: maintenance that the site's office announced."""

    begins: datetime
    ends: datetime
    """Not included."""
    reason: str

    def covers(self, moment: datetime) -> bool:
        return self.begins <= moment < self.ends


@dataclass(frozen=True, slots=True)
class Watched:
    """What is known of a home page beside the visit: no visit gathers it."""

    probes: tuple[Probe, ...] = ()
    """In the order of time."""
    announced: tuple[Announced, ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """24 hours of a watch. A probe is counted where it found the page open, or surely shut, outside announced times;
    the others are told beside it and count for nothing."""

    begins: datetime
    ends: datetime
    """Included."""
    counted: int = 0
    failed: int = 0
    """Of `counted`."""
    doubtful: int = 0
    """Shut, and nothing else answered either: it may have been us."""
    unsure: int = 0
    ours: int = 0
    announced: int = 0


@dataclass(frozen=True, slots=True)
class Period:
    """Some days of a watch that end at one moment."""

    days: tuple[Day, ...]
    failures: tuple[Probe, ...] = field(default=())
    """Those that were counted as failed."""

    def sum(self, name: str) -> int:
        return sum(getattr(day, name) for day in self.days)


def period(
    watched: Watched, until: datetime, *, days: int = DAYS, seconds: float = SECONDS, apart: timedelta = APART
) -> Period:
    """The last `days` times 24 hours before `until`, the oldest first.

    `seconds`: a page that took so long, or longer, counts as shut. `apart`: of probes that follow one another faster
    than that, the first is taken (the clause wants them spaced: 间隔性访问).
    """
    begins = until - days * _DAY
    counts = [Day(begins + n * _DAY, begins + (n + 1) * _DAY) for n in range(days)]
    failures = []
    inside = [probe for probe in watched.probes if begins < probe.at <= until]
    for probe in _spaced(inside, apart):
        number = -(-(probe.at - begins) // _DAY) - 1
        names: tuple[str, ...]
        if any(window.covers(probe.at) for window in watched.announced):
            names = ("announced",)
        elif probe.state is ProbeState.OURS:
            names = ("ours",)
        elif probe.state is ProbeState.UNSURE:
            names = ("unsure",)
        elif probe.state is ProbeState.UP and probe.elapsed < seconds:
            names = ("counted",)
        elif probe.witnessed:
            names = ("counted", "failed")
            failures.append(probe)
        else:
            names = ("doubtful",)
        day = counts[number]
        counts[number] = replace(day, **{name: getattr(day, name) + 1 for name in names})
    return Period(tuple(counts), tuple(failures))


def _spaced(probes: Sequence[Probe], apart: timedelta) -> Iterator[Probe]:
    last: datetime | None = None
    for probe in probes:
        if last is None or probe.at - last >= apart:
            last = probe.at
            yield probe
