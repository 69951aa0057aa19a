"""Periods that are inspected: quarters, months, years."""

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xuncha.period import Period


@pytest.mark.parametrize(
    ("text", "name", "first", "last"),
    [
        ("2026Q4", "2026年第四季度", date(2026, 10, 1), date(2026, 12, 31)),
        ("2024q1", "2024年第一季度", date(2024, 1, 1), date(2024, 3, 31)),
        ("2024-02", "2024年2月", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-9", "2026年9月", date(2026, 9, 1), date(2026, 9, 30)),
        ("2026", "2026年", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_period_has_a_name_a_first_and_a_last_day(text, name, first, last):
    period = Period.read(text)
    assert (period.name, period.first, period.last) == (name, first, last)


@pytest.mark.parametrize(
    "text", ["", "2026Q5", "2026Q0", "2026-13", "2026-00", "Q4", "26Q4", "2026年", "2026Q4x", "２０２６"]
)
def test_what_is_no_period_is_refused_in_one_line(text):
    with pytest.raises(ValueError, match="2026Q4") as error:
        Period.read(text)
    assert "\n" not in str(error.value)


def test_days_are_those_of_beijing():
    quarter = Period.read("2026Q4")
    assert datetime(2026, 9, 30, 16, 0, tzinfo=UTC) in quarter
    assert datetime(2026, 9, 30, 15, 59, tzinfo=UTC) not in quarter
    assert datetime(2026, 12, 31, 16, 0, tzinfo=UTC) not in quarter


@given(st.integers(2000, 2099), st.sampled_from([(12, 1), (3, 4), (1, 12)]), st.data())
def test_what_is_written_is_read_again(year, shape, data):
    months, most = shape
    period = Period(year, months, data.draw(st.integers(1, most)))
    assert Period.read(str(period)) == period


def test_a_year_has_four_quarters_that_fill_it():
    year = Period.read("2026")
    quarters = year.quarters()
    assert (quarters[0].first, quarters[-1].last, len(quarters)) == (year.first, year.last, 4)
    assert all((later.first - earlier.last).days == 1 for earlier, later in pairwise(quarters))
