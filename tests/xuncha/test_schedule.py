import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.site import Site, SiteKind
from rules.engine.assessment import Run
from rules.engine.table import EditionError
from xuncha import schedule
from xuncha.cron import cron, every
from xuncha.parameters import CHINA, Mistake
from xuncha.settings import ScheduleSettings, Settings, WatchSettings
from xuncha.store import Store
from xuncha.store.runs import RunRow

PORTAL = Site("http://www.yunling.gov.cn/", "云岭县人民政府", "5399990001", kind=SiteKind.PORTAL)
SCHOOLS = Site("https://jy.yunling.gov.cn/edu/", "云岭县教育体育局", "bm99990002")
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=CHINA)  # a Friday


def line(text, name="每日", **changes):
    when = {"cron": cron(text)} if " " in text and text.count(" ") == 4 else {"every": every(text)}
    return ScheduleSettings(name, **when, **changes)


def due(text, after=NOON, count=3, zone=CHINA):
    return [f"{t:%a %m-%d %H:%M}" for t in islice(schedule.times(line(text), zone, after), count)]


# When a line is due


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30 2 * * 1-5", ["Mon 11-23 02:30", "Tue 11-24 02:30", "Wed 11-25 02:30"]),
        ("30 2 * * 0", ["Sun 11-22 02:30", "Sun 11-29 02:30", "Sun 12-06 02:30"]),
        ("30 2 * * 7", ["Sun 11-22 02:30", "Sun 11-29 02:30", "Sun 12-06 02:30"]),
        ("30 2 * * sun", ["Sun 11-22 02:30", "Sun 11-29 02:30", "Sun 12-06 02:30"]),
        ("30 2 * * 1", ["Mon 11-23 02:30", "Mon 11-30 02:30", "Mon 12-07 02:30"]),
        ("30 2 * * 6", ["Sat 11-21 02:30", "Sat 11-28 02:30", "Sat 12-05 02:30"]),
        ("0 12 * * 5", ["Fri 11-27 12:00", "Fri 12-04 12:00", "Fri 12-11 12:00"]),
        ("0 0 1 * 1", ["Mon 11-23 00:00", "Mon 11-30 00:00", "Tue 12-01 00:00"]),
        ("0 0 31 * *", ["Thu 12-31 00:00", "Sun 01-31 00:00", "Wed 03-31 00:00"]),
        ("0 0 29 2 *", ["Tue 02-29 00:00", "Sun 02-29 00:00", "Fri 02-29 00:00"]),
        ("59 23 * * *", ["Fri 11-20 23:59", "Sat 11-21 23:59", "Sun 11-22 23:59"]),
        ("6 hours", ["Fri 11-20 18:00", "Sat 11-21 00:00", "Sat 11-21 06:00"]),
        ("90 minutes", ["Fri 11-20 13:30", "Fri 11-20 15:00", "Fri 11-20 16:30"]),
        ("1 days", ["Sat 11-21 00:00", "Sun 11-22 00:00", "Mon 11-23 00:00"]),
        ("7 days", ["Mon 11-23 00:00", "Mon 11-30 00:00", "Mon 12-07 00:00"]),
    ],
)
def test_when_a_line_is_due(text, expected):
    assert due(text) == expected


def test_the_times_are_those_of_the_zone():
    assert due("30 2 * * *", zone=ZoneInfo("Asia/Urumqi"), count=1) == ["Sat 11-21 02:30"]
    first = next(schedule.times(line("30 2 * * *"), ZoneInfo("Asia/Urumqi"), NOON))
    assert first.astimezone(UTC) == datetime(2026, 11, 20, 20, 30, tzinfo=UTC)
    assert next(schedule.times(line("1 days"), ZoneInfo("Asia/Urumqi"), NOON)).astimezone(CHINA).hour == 2


def matches(found, moment):
    days, weekdays = moment.day in found.days, moment.isoweekday() % 7 in found.weekdays
    day = (days or weekdays) if found.either else (days and weekdays)
    return moment.minute in found.minutes and moment.hour in found.hours and moment.month in found.months and day


numbers = st.integers(0, 7)
weekday = st.sampled_from(["*", "*/2", "0", "7", "1-5", "5-7", "sat,sun", "3"]) | numbers.map(str)
day = st.sampled_from(["*", "*/10", "1", "13", "28-31", "1,15"])


@given(st.integers(0, 23), day, st.sampled_from(["*", "11,12", "jan-feb"]), weekday, st.integers(0, 60 * 24 * 400))
@settings(max_examples=60)
def test_due_is_what_crontab_says_and_nothing_between(hour, day, month, weekday, minutes):
    found = cron(f"15 {hour} {day} {month} {weekday}")
    after = NOON + timedelta(minutes=minutes)
    candidate = after.replace(minute=15, second=0)
    expected = []
    while len(expected) < 2:
        if candidate > after and matches(found, candidate):
            expected.append(candidate)
        candidate += timedelta(hours=1)
    assert list(islice(schedule.times(ScheduleSettings("x", cron=found), CHINA, after), 2)) == expected


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"])
@pytest.mark.parametrize("text", ["30 minutes", "45 minutes", "6 hours", "1 days", "7 days"])
def test_every_goes_on_through_changes_of_the_clock(zone, text):
    zone = ZoneInfo(zone)
    when = line(text)
    for start in (
        datetime(2026, 3, 6, tzinfo=UTC),
        datetime(2026, 4, 3, tzinfo=UTC),
        datetime(2026, 10, 23, tzinfo=UTC),
    ):
        after = start
        for moment in islice(schedule.times(when, zone, start), 300):
            assert moment.astimezone(UTC) > after.astimezone(UTC)
            again = next(schedule.times(when, zone, after.astimezone(UTC)))
            assert again.astimezone(UTC) == moment.astimezone(UTC), (after, moment)
            after = moment


def test_jitter_puts_off_and_does_not_add_up():
    random.seed(7)
    when = schedule.trigger(line("6 hours", jitter=3600), CHINA)
    moment = when.get_next_fire_time(None, NOON)
    late = []
    for expected in islice(schedule.times(line("6 hours"), CHINA, NOON - timedelta(seconds=1)), 200):
        assert timedelta(0) <= moment - expected <= timedelta(hours=1)
        late.append(moment - expected)
        moment = when.get_next_fire_time(moment, moment)
    assert max(late) > timedelta(minutes=30)
    either = schedule.trigger(line("0 0 1 * 1", jitter=60), CHINA)
    assert (
        timedelta(0)
        <= either.get_next_fire_time(None, NOON) - datetime(2026, 11, 23, tzinfo=CHINA)
        <= timedelta(minutes=1)
    )


# What was missed


def newest(started, finished=None):
    with_counts = {"sites": 1, "qualified": 0, "unqualified": 0, "undetermined": 0, "pending": 0, "failed": 0}
    return RunRow("r", started, started, finished, "cn-2019", "quick", "0", **with_counts, findings=0)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("started", "finished", "now", "expected"),
    [
        ("2026-11-19T02:30:01", "2026-11-19T02:50", "2026-11-20T02:29", None),
        ("2026-11-19T02:30:01", "2026-11-19T02:50", "2026-11-20T02:30", "2026-11-20T02:30"),
        ("2026-11-17T02:30:01", "2026-11-17T02:50", "2026-11-20T12:00", "2026-11-18T02:30"),
        ("2026-11-20T02:30:01", "2026-11-20T02:50", "2026-11-20T12:00", None),
        ("2026-11-20T09:00:00", "2026-11-20T09:10", "2026-11-20T12:00", None),  # by hand, afterwards
        ("2026-11-19T02:30:01", "2026-11-20T03:00", "2026-11-20T12:00", None),  # went on until then
        ("2026-11-19T02:30:01", None, "2026-11-19T12:00", None),  # left half done: is gone on with
        ("2026-11-19T02:30:01", None, "2026-11-20T12:00", "2026-11-20T02:30"),
    ],
)
def test_what_was_missed(started, finished, now, expected):
    run = newest(at(started), at(finished) if finished else None)
    found = schedule.missed(line("30 2 * * *"), CHINA, run, at(now))
    assert found == (at(expected) if expected else None)


def test_a_new_line_missed_nothing():
    assert schedule.missed(line("* * * * *"), CHINA, None, NOON) is None


# What a line does


def config(*lines, **changes):
    return replace(Settings(schedule=lines, sites=(PORTAL, SCHOOLS)), **changes)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (None, [PORTAL, SCHOOLS]),
        (("云岭县教育体育局",), [SCHOOLS]),
        (("5399990001",), [PORTAL]),
        (("BM99990002",), [SCHOOLS]),
        (("http://jy.yunling.gov.cn/edu",), [SCHOOLS]),
        (("www.yunling.gov.cn", "云岭县人民政府"), [PORTAL]),
        (("bm99990002", "https://www.yunling.gov.cn/"), [SCHOOLS, PORTAL]),
    ],
)
def test_the_sites_of_a_line(words, expected):
    asked, chosen = schedule.prepared(config(), line("1 days", sites=words), {})
    assert [c.site for c in chosen] == expected
    assert asked.plan.guard.named == {c.site.url.split("/")[2] for c in chosen}


@pytest.mark.parametrize("word", ["云岭县", "5399990009", "http://www.yunling.gov.cn/other/", "javascript:x", "*"])
def test_a_site_that_is_not_in_the_settings(word):
    with pytest.raises(Mistake, match="没有网站"):
        schedule.prepared(config(), line("1 days", sites=(word,)), {})


def test_the_line_wins_over_the_settings(tmp_path):
    full = line("1 days", scope="full", formats=("csv",), out=tmp_path / "out", edition="cn-2019")
    asked, _ = schedule.prepared(config(), full, {"data": tmp_path})
    assert (asked.plan.scope, asked.formats, asked.data) == ("full", ("csv",), tmp_path)
    assert asked.schedule == "每日"
    assert schedule.numbered(asked)[0].out == tmp_path / "out"
    plain, run = schedule.numbered(schedule.prepared(config(), line("1 days"), {})[0])
    assert plain.out.parts == ("xuncha-report", "每日", run.id)


def test_what_would_fail_at_night_is_told_at_once(tmp_path):
    with pytest.raises(Mistake, match=r"没有日程"):
        schedule.check(config(), {})
    with pytest.raises(Mistake, match=r"没有要检查的网站"):
        schedule.check(config(line("1 days"), sites=()), {})
    with pytest.raises(EditionError, match=r"nothing\.toml"):
        schedule.check(config(line("1 days", edition=str(tmp_path / "nothing.toml"))), {})
    schedule.check(config(line("1 days")), {})


def test_a_name_that_is_not_there():
    with pytest.raises(Mistake, match="没有名为“每月”的日程，现有：每日、每周"):
        schedule.line_of(config(line("1 days"), line("7 days", name="每周")), "每月")


# What is listed


def test_the_list(tmp_path):
    wanted = config(
        line("30 2 * * 1-5"),
        line("6 hours", name="首页"),
        line("0 3 * * 7", name="全站"),
        watch=WatchSettings(timezone=ZoneInfo("Asia/Urumqi")),
    )
    with Store.open(tmp_path / "xuncha.db") as store:
        for run_id, name, finished in (("20261120-1", "每日", NOON), ("20261120-2", "首页", None)):
            run = Run(run_id, NOON, NOON, None, "cn-2019", "quick", "0.1.0")
            store.runs.start(run, [PORTAL, SCHOOLS], options={"schedule": name})
            store.runs.fail(run_id, PORTAL.url, "超出内存")
            if finished:
                store.runs.finish(run_id, finished)

    lines = [str(message) for told in schedule.listing(wanted, tmp_path, NOON) for message in told]

    counts = "网站 2 个，不合格 0 个，无法判定 0 个，没能检查 2 个，问题 0 个"
    assert lines == [
        "每日（30 2 * * 1-5）",
        "接下来：2026-11-23 周一 02:30、2026-11-24 周二 02:30、2026-11-25 周三 02:30",
        f"上一次：2026-11-20 周五 10:00，编号 20261120-1，{counts}",
        "首页（6 hours）",
        "接下来：2026-11-20 周五 12:00、2026-11-20 周五 18:00、2026-11-21 周六 00:00",
        "上一次：2026-11-20 周五 10:00，编号 20261120-2，没有做完",
        "全站（0 3 * * 7）",
        "接下来：2026-11-22 周日 03:00、2026-11-29 周日 03:00、2026-12-06 周日 03:00",
        "上一次：还没有检查过",
    ]
    assert {str(last) for _, _, last in schedule.listing(wanted, tmp_path / "nothing", NOON)} == {
        "上一次：还没有检查过"
    }
    assert not (tmp_path / "nothing").exists()
