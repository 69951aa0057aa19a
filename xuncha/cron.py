"""When a line of the schedule is due: five crontab fields, or every so many minutes, hours or days. No clock here.

Read as crontab(5) reads them: Sunday is 0 and 7; where both a day of the month and a weekday are named, either will do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_PART = re.compile(r"(?:\*|([0-9]+|[a-z]+)(?:-([0-9]+|[a-z]+))?)(?:/([0-9]+))?", re.IGNORECASE | re.ASCII)
_EVERY = re.compile(r"([0-9]{1,6}) *(minute|hour|day)s?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Cron:
    """Each field as the numbers it names, in order."""

    text: str
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    """0 is Sunday."""
    either: bool
    """Due on a day that is one of `days` or one of `weekdays`; else it must be both."""


@dataclass(frozen=True, slots=True)
class Every:
    text: str
    step: timedelta


def cron(text: str) -> Cron:
    """Minute, hour, day of the month, month, weekday. Raises ValueError, also for a day that never comes."""
    fields = text.split()
    if len(fields) != 5:
        raise ValueError(text)
    minute, hour, day, month, weekday = fields
    found = Cron(
        text=" ".join(fields),
        minutes=_numbers(minute, 0, 59),
        hours=_numbers(hour, 0, 23),
        days=_numbers(day, 1, 31),
        months=_numbers(month, 1, 12, _MONTHS),
        weekdays=tuple(sorted({number % 7 for number in _numbers(weekday, 0, 7, _WEEKDAYS)})),
        either=not day.startswith("*") and not weekday.startswith("*"),
    )
    if not found.either and found.days[0] > max(_LONGEST[number - 1] for number in found.months):
        raise ValueError(text)
    return found


def every(text: str) -> Every:
    """`6 hours`: minutes, hours or days, a year at most. Raises ValueError."""
    match = _EVERY.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    step = timedelta(**{f"{match[2].lower()}s": int(match[1])})
    if not timedelta(0) < step <= timedelta(days=366):
        raise ValueError(text)
    return Every(text.strip(), step)


def _numbers(field: str, low: int, high: int, names: Sequence[str] = ()) -> tuple[int, ...]:
    """`*`, `7`, `1-5`, `*/10`, `8-18/2`, names for numbers, several separated by commas."""
    found: set[int] = set()
    for part in field.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(field)
        first = low if match[1] is None else _number(match[1], low, names)
        last = high if match[1] is None else first if match[2] is None else _number(match[2], low, names, first)
        step = 1 if match[3] is None else int(match[3])
        # A step needs a range to go through, and one longer than the range is somebody's mistake: */90 minutes.
        single = match[1] is not None and match[2] is None
        if not low <= first <= last <= high or (match[3] is not None and (single or not 1 <= step <= high - low)):
            raise ValueError(field)
        found.update(range(first, last + 1, step))
    return tuple(sorted(found))


def _number(word: str, low: int, names: Sequence[str], after: int = 0) -> int:
    """`after`: where the range begins, for fri-sun ends with a 7."""
    if word.isdigit():
        return int(word)
    number = names.index(word.lower()) + low
    return 7 if names is _WEEKDAYS and number == 0 and after > 0 else number
