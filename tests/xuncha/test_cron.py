from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xuncha.cron import cron, every

SUNDAY, MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY = range(7)


@pytest.mark.parametrize(
    ("field", "days"),
    [
        ("*", range(7)),
        ("0", [SUNDAY]),
        ("7", [SUNDAY]),
        ("sun", [SUNDAY]),
        ("1", [MONDAY]),
        ("5", [FRIDAY]),
        ("6", [SATURDAY]),
        ("1-5", [MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY]),
        ("mon-fri", [MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY]),
        ("MON,Wed", [MONDAY, WEDNESDAY]),
        ("6,7", [SUNDAY, SATURDAY]),
        ("6-7", [SUNDAY, SATURDAY]),
        ("5-7", [SUNDAY, FRIDAY, SATURDAY]),
        ("fri-sun", [SUNDAY, FRIDAY, SATURDAY]),
        ("sun-tue", [SUNDAY, MONDAY, TUESDAY]),
        ("0-6", range(7)),
        ("1-7", range(7)),
        ("1-5/2", [MONDAY, WEDNESDAY, FRIDAY]),
        ("*/2", [SUNDAY, TUESDAY, THURSDAY, SATURDAY]),
    ],
)
def test_weekdays_are_counted_as_crontab_counts_them(field, days):
    assert cron(f"30 2 * * {field}").weekdays == tuple(days)


def test_the_other_fields():
    found = cron(" 0,30\t8-18/2 1 jan-mar,12 * ")
    assert (found.text, found.minutes, found.hours) == ("0,30 8-18/2 1 jan-mar,12 *", (0, 30), (8, 10, 12, 14, 16, 18))
    assert (found.days, found.months) == ((1,), (1, 2, 3, 12))
    assert cron("*/20 * * * *").minutes == (0, 20, 40)


@pytest.mark.parametrize(
    ("text", "either"),
    [("0 0 1 * 1", True), ("0 0 * * 1", False), ("0 0 1 * *", False), ("0 0 */2 * 1", False), ("0 0 1-7 * */2", False)],
)
def test_a_day_and_a_weekday(text, either):
    assert cron(text).either is either


@pytest.mark.parametrize(
    "text",
    [
        *("", "* * * *", "* * * * * *", "@daily", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 13 *"),
        *("* * * 0 *", "* * * * 8", "-1 * * * *", "5-1 * * * *", "* * * * 6-1", "* * * * sat-mon", "*/0 * * * *"),
        *("*/90 * * * *", "5/10 * * * *", "1-5/0 * * * *", "1,,2 * * * *", ", * * * *", "* * L * *", "* * ? * *"),
        *("* * * * 1#2", "* * * * mond", "* * * * 一", "１ * * * *", "1.5 * * * *", "mon * * * *", "* * 30 2 *"),
        *("* * 31 4,6,9,11 *", f"{'9' * 5000} * * * *", "* * * * *; rm"),
    ],
)
def test_what_is_no_crontab_line(text):
    with pytest.raises(ValueError, match=r"(?s).*"):
        cron(text)


@pytest.mark.parametrize("text", ["0 0 29 2 *", "0 0 31 1,2 *", "0 0 30 2 1"])
def test_a_day_that_comes_now_and_then(text):
    assert cron(text).text == text


@given(st.text(alphabet="0123456789*/-, abcfgnrstuy\t", max_size=30))
def test_any_text_is_read_or_refused(text):
    try:
        found = cron(text)
    except ValueError:
        return
    assert set(found.minutes) <= set(range(60))
    assert set(found.hours) <= set(range(24))
    assert set(found.days) <= set(range(1, 32))
    assert set(found.months) <= set(range(1, 13))
    assert set(found.weekdays) <= set(range(7))
    assert min(map(len, (found.minutes, found.hours, found.days, found.months, found.weekdays))) > 0
    assert cron(found.text) == found


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("6 hours", timedelta(hours=6)),
        ("1 hour", timedelta(hours=1)),
        (" 90minutes ", timedelta(minutes=90)),
        ("366 Days", timedelta(days=366)),
    ],
)
def test_every(text, step):
    assert every(text).step == step


@pytest.mark.parametrize(
    "text",
    ["", "6", "hours", "0 days", "367 days", "-1 hours", "1.5 hours", "6 weeks", "6 hours 5 minutes", "1e3 days"],
)
def test_what_is_no_interval(text):
    with pytest.raises(ValueError, match=r"(?s).*"):
        every(text)
