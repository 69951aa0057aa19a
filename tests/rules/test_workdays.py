"""Deadlines in working days."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import workdays


def test_counts_the_days_after_the_start_and_skips_weekends():
    # 2026-11-24 is a Tuesday; no holiday until New Year.
    assert workdays.add(date(2026, 11, 24), 1) == workdays.Deadline(date(2026, 11, 25), assumed=False)
    assert workdays.add(date(2026, 11, 24), 10) == workdays.Deadline(date(2026, 12, 8), assumed=False)


def test_a_start_on_a_day_off_counts_from_the_next_working_day():
    assert workdays.add(date(2026, 11, 28), 1).date == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        # 国庆 2025: off 1 to 8 October, worked on Sunday 28 September and Saturday 11 October.
        (date(2025, 9, 26), 1, date(2025, 9, 28)),
        (date(2025, 9, 30), 1, date(2025, 10, 9)),
        (date(2025, 9, 30), 3, date(2025, 10, 11)),
        (date(2025, 9, 30), 4, date(2025, 10, 13)),
    ],
)
def test_knows_holidays_and_the_days_worked_in_exchange(start, days, expected):
    assert workdays.add(start, days) == workdays.Deadline(expected, assumed=False)


def test_a_year_without_calendar_is_counted_by_weekdays_and_said():
    assert workdays.add(date(2090, 6, 1), 5) == workdays.Deadline(date(2090, 6, 8), assumed=True)
    assert workdays.add(date(1999, 6, 1), 1) == workdays.Deadline(date(1999, 6, 2), assumed=True)


def test_one_unknown_day_on_the_way_is_enough_to_be_assumed():
    last = max(chinese_calendar.holidays).year
    assert not workdays.add(date(last, 12, 1), 5).assumed
    assert workdays.add(date(last, 12, 31), 1).assumed


def test_the_operators_list_fills_an_unknown_year():
    off = {date(2090, 6, 2): True, date(2090, 6, 3): False}  # a Friday off, the Saturday after it worked
    assert workdays.add(date(2090, 6, 1), 1, holidays=off) == workdays.Deadline(date(2090, 6, 3), assumed=True)


def test_the_operators_list_wins_over_the_calendar():
    assert workdays.add(date(2026, 11, 24), 1, holidays={date(2026, 11, 25): True}).date == date(2026, 11, 26)
    assert workdays.add(date(2026, 11, 27), 1, holidays={date(2026, 11, 28): False}).date == date(2026, 11, 28)
    assert not workdays.add(date(2026, 11, 24), 1, holidays={date(2026, 11, 25): True}).assumed


@pytest.mark.parametrize("days", [0, -1])
def test_less_than_one_day_is_refused(days):
    with pytest.raises(ValueError, match="工作日天数"):
        workdays.add(date(2026, 11, 24), days)


@given(start=st.dates(date(2000, 1, 1), date(2060, 1, 1)), days=st.integers(1, 40), more=st.integers(1, 20))
def test_later_counts_end_later_and_in_steps(start, days, more):
    first = workdays.add(start, days)
    assert first.date >= start + timedelta(days=days)
    whole, second = workdays.add(start, days + more), workdays.add(first.date, more)
    assert whole.date == second.date
    assert whole.assumed == (first.assumed or second.assumed)
