"""免打扰时段: hours of the day in which a site is asked nothing, by China's clock. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from crawler.stamps import CHINA

_WRITTEN = re.compile(r"(\d{1,2}):([0-5]\d)\s*-\s*(\d{1,2}):([0-5]\d)")
_DAY = 24 * 60


class Quiet(NamedTuple):
    """From `start` up to `end`, in minutes after midnight; over midnight where `end` comes before `start`."""

    start: int
    end: int

    def __str__(self) -> str:
        return "-".join(f"{minutes // 60:02}:{minutes % 60:02}" for minutes in self)


def parse(text: str) -> Quiet:
    """`08:30-18:00`, `22:00-6:00`, `18:00-24:00`. Raises ValueError for anything else, and for a time of no length."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    start, end = (int(hour) * 60 + int(minute) for hour, minute in (found.group(1, 2), found.group(3, 4)))
    if start >= _DAY or end > _DAY or start == end % _DAY:
        raise ValueError(text)
    return Quiet(start, end)


def is_whole_day(times: Iterable[Quiet]) -> bool:
    return len(_minutes(times)) == _DAY


def until(times: Iterable[Quiet], moment: datetime) -> datetime | None:
    """When the quiet time that covers this moment ends, in China's time; None when none does.

    Times that follow one another without a pause are one. There must be a pause (`is_whole_day`).
    """
    now = moment.astimezone(CHINA)
    begun = now.replace(second=0, microsecond=0)
    quiet = _minutes(times)
    ahead = (begun + timedelta(minutes=n) for n in range(_DAY))
    end = next((then for then in ahead if then.hour * 60 + then.minute not in quiet), None)
    return end if end != begun else None


def _minutes(times: Iterable[Quiet]) -> set[int]:
    found: set[int] = set()
    for start, end in times:
        found.update(range(start, end) if start < end else (*range(start, _DAY), *range(end)))
    return found
