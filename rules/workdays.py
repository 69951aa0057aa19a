"""Working days: deadlines that know the yearly holidays and the days worked in exchange (调休)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

Holidays = Mapping[date, bool]
"""The operator's own list: date → is it a day off."""

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Deadline:
    date: date
    assumed: bool
    """Some day on the way was counted by its weekday (and the operator's list) only: the calendar has no such year."""


def add(start: date, days: int, *, holidays: Holidays | None = None) -> Deadline:
    """The `days`-th working day after `start`; `start` itself is not counted (民法典 Art. 201).

    `holidays` wins over the calendar, so that local holidays (such as 三月三) can be told. For years the calendar does
    not know, Monday to Friday are working days unless `holidays` says otherwise, and the deadline is `assumed`.

    Raises ValueError for less than one day, OverflowError past the year 9999.
    """
    if days < 1:
        raise ValueError(f"工作日天数应为大于0的整数，现为{days}")
    told = holidays or {}
    day, assumed = start, False
    while days:
        day += timedelta(days=1)
        working, known = _working(day, told)
        assumed = assumed or not known
        days -= working
    return Deadline(day, assumed)


def _working(day: date, told: Holidays) -> tuple[bool, bool]:
    """(is it a working day, does the calendar know its year)."""
    import chinese_calendar  # only a notice needs it

    try:
        working, known = chinese_calendar.is_workday(day), True
    except NotImplementedError:
        working, known = day.weekday() < _SATURDAY, False
    return (not told[day] if day in told else working), known
