"""Hours in which a site is left alone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.quiet import Quiet, is_whole_day, parse, until
from crawler.stamps import CHINA


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, 24, hour, minute, second, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("08:30-18:00", Quiet(510, 1080)),
        ("8:30 - 18:00", Quiet(510, 1080)),
        (" 22:00-6:00 ", Quiet(1320, 360)),
        ("00:00-24:00", None),
        ("18:00-24:00", Quiet(1080, 1440)),
        ("18:00-00:00", Quiet(1080, 0)),
        ("24:00-06:00", None),
        ("08:30-25:00", None),
        ("08:60-18:00", None),
        ("08:30-08:30", None),
        ("08:30", None),
        ("08:30-", None),
        ("8-18", None),
        ("", None),
        ("08：30-18：00", None),
    ],
)
def test_what_is_written(text: str, found: Quiet | None) -> None:
    if found is None:
        with pytest.raises(ValueError, match=r"^.*$"):
            parse(text)
    else:
        assert parse(text) == found
        assert parse(str(found)) == found


def test_when_it_ends() -> None:
    day = [parse("08:30-12:00")]
    assert until(day, at(8, 29, 59)) is None
    assert until(day, at(8, 30)) == at(12)
    assert until(day, at(11, 59, 59)) == at(12)
    assert until(day, at(12)) is None
    assert until([], at(12)) is None


def test_over_midnight() -> None:
    night = [parse("22:00-06:00")]
    assert until(night, at(23)) == at(6) + timedelta(days=1)
    assert until(night, at(5)) == at(6)
    assert until(night, at(6)) is None


def test_times_that_follow_one_another_are_one() -> None:
    assert until([parse("12:00-18:00"), parse("08:30-12:00"), parse("17:00-24:00")], at(9)) == at(0) + timedelta(days=1)


def test_the_clock_is_that_of_china() -> None:
    assert until([parse("08:30-18:00")], datetime(2026, 11, 24, 1, 0, tzinfo=UTC)) == at(18)
    assert until([parse("08:30-18:00")], datetime(2026, 11, 24, 0, 0, tzinfo=UTC)) is None


def test_a_day_without_an_hour_to_visit() -> None:
    assert is_whole_day([parse("08:00-20:00"), parse("19:00-8:00")])
    assert not is_whole_day([parse("08:00-20:00"), parse("20:01-8:00")])


times = st.builds(Quiet, st.integers(0, 1439), st.integers(0, 1440)).filter(lambda q: q.start != q.end % 1440)


@given(st.lists(times, max_size=3), st.integers(0, 24 * 60 - 1))
def test_any_times(quiet: list[Quiet], minute: int) -> None:
    if is_whole_day(quiet):
        return
    moment = at(0) + timedelta(minutes=minute)
    end = until(quiet, moment)
    covered = any((a <= minute < b) if a < b else (minute >= a or minute < b) for a, b in quiet)
    assert (end is not None) == covered
    if end is not None:
        assert moment < end <= moment + timedelta(days=1)
        assert until(quiet, end) is None
