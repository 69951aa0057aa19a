"""Deadlines, exemptions and what comes again: each follows from the ledger and the notices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.message import Message
from reports.details import Form
from rules.engine.assessment import Result
from xuncha.duties import duties, repeated
from xuncha.ledger import Act, Entry, Event, Exemption, Look, State, standing
from xuncha.notices import Notice, Told
from xuncha.parameters import CHINA

SEEN = datetime(2026, 9, 1, 4, tzinfo=UTC)


def entry(*events: Event, name: str = "0" * 16, exemptions: tuple[Exemption, ...] = ()) -> Entry:
    site, at = "http://a.example/", "http://a.example/x/1.html"
    looks = (Look(SEEN, "r", found=True),)
    return Entry(site, "甲局", name, "stale-column", at, None, Message("长期未更新"), looks, events, exemptions)


def notified(until: date) -> Event:
    return Event(SEEN + timedelta(hours=1), Act.NOTIFY, "县政府办", "一号", until)


def exemption(**changes: Any) -> Exemption:
    known = Exemption("http://a.example/", "stale-column", "", SEEN, "县政府办", "机构改革", date(2026, 10, 15))
    return replace(known, **changes)


def test_what_is_over_and_what_ends_soon_is_told_by_working_days() -> None:
    now = datetime(2026, 9, 29, 1, tzinfo=UTC)  # a Tuesday before the National Day
    entries = [
        entry(notified(date(2026, 9, 28)), name="late"),
        entry(notified(date(2026, 9, 29)), name="today"),
        # 1 to 7 October are days off: the second working day is the 8th.
        entry(notified(date(2026, 10, 8)), name="soon"),
        entry(notified(date(2026, 10, 9)), name="later"),
        entry(name="exempt", exemptions=(exemption(until=date(2026, 10, 1)),)),
        entry(name="new"),
    ]
    found, assumed = duties(entries, now, days=2)
    assert [(duty.entry.fingerprint, duty.left, duty.overdue) for duty in found] == [
        ("late", -1, True),
        ("today", 0, False),
        ("exempt", 2, False),
        ("soon", 9, False),
    ]
    assert not assumed
    found, assumed = duties(entries, datetime(2036, 1, 1, tzinfo=UTC), days=3)
    assert assumed, "no calendar for that year"
    assert {duty.entry.fingerprint for duty in found if duty.overdue} == {"late", "today", "soon", "later"}


@pytest.mark.parametrize(
    ("exempt", "day", "wanted"),
    [
        (exemption(), date(2026, 10, 15), State.UPHELD),
        (exemption(), date(2026, 10, 16), State.NEW),
        (exemption(below="http://a.example/x/"), date(2026, 10, 1), State.UPHELD),
        (exemption(below="http://a.example/y/"), date(2026, 10, 1), State.NEW),
        (exemption(rule="stale-home"), date(2026, 10, 1), State.NEW),
        (exemption(site="http://b.example/"), date(2026, 10, 1), State.NEW),
        (exemption(at=SEEN + timedelta(days=40)), date(2026, 10, 1), State.NEW),
    ],
)
def test_an_exemption_holds_for_its_place_until_its_day(exempt: Exemption, day: date, wanted: State) -> None:
    now = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    stands = standing(entry(exemptions=(exempt,)), now)
    assert stands.state is wanted
    assert (stands.ground is not None) == (wanted is State.UPHELD)


def test_an_exemption_closes_nothing_and_outlives_what_was_done_before() -> None:
    now = SEEN + timedelta(days=30)
    late = entry(notified(date(2026, 9, 10)), exemptions=(exemption(),))
    assert standing(late, now).state is State.UPHELD
    assert standing(late, now + timedelta(days=60)).state is State.OVERDUE
    gone = replace(late, looks=(*late.looks, Look(SEEN + timedelta(days=2), "s", found=False)))
    assert standing(gone, now).state is State.PASSED


def notice(period: str, number: str, *sites: Told) -> Notice:
    return Notice(number, Form.CIRCULAR, period, "县政府办", date(2026, 1, 1), None, "甲", SEEN, ("r",), sites)


def test_who_fails_again_and_what_is_named_again_within_so_many_quarters() -> None:
    def told(result: Result, *findings: str, url: str = "http://a.example/") -> Told:
        return Told(url, "甲局", result, findings)

    notices = [
        notice("2025Q4", "0", told(Result.UNQUALIFIED, "aa")),
        notice("2026Q1", "1", told(Result.UNQUALIFIED, "aa"), told(Result.QUALIFIED, "cc", url="http://b.example/")),
        notice("2026Q2", "2", told(Result.QUALIFIED, "aa"), told(Result.UNQUALIFIED, url="http://b.example/")),
        notice("2026Q3", "3", told(Result.UNQUALIFIED, "bb")),
        notice("2026Q3", "3a", told(Result.UNQUALIFIED, "bb")),
    ]
    now = datetime(2026, 9, 29, tzinfo=UTC)

    def found(quarters: int) -> list[tuple[str, str | None, list[str]]]:
        return [
            (one.url, one.finding, list(map(str, one.periods))) for one in repeated(notices, now, quarters=quarters)
        ]

    assert found(3) == [
        ("http://a.example/", None, ["2026Q1", "2026Q3"]),
        ("http://a.example/", "aa", ["2026Q1", "2026Q2"]),
    ]
    assert found(2) == []
    assert found(4)[0] == ("http://a.example/", None, ["2025Q4", "2026Q1", "2026Q3"])


# Through the command line


def test_exemptions_opinions_and_objections_stand_in_the_ledger_and_in_the_report(
    xuncha: Any, webs: Callable[[], Any], here: Path
) -> None:
    web = webs()
    web.sound()
    for path in ("/c4/a12.html", "/c4/a17.html", "/c5/a12.html"):
        del web.answers[path]

    def audit() -> dict[str, Any]:
        words = ("--as-of", "2026-11-20T09:00", "--rate", 0, "--out", "out", "--format", "json,html")
        assert xuncha("audit", web.url, *words).code == 1
        [site] = xuncha.data("out")["sites"]
        return {f["at"].removeprefix(web.url): f for f in site["findings"] if f["rule"] == "broken-link"}

    a, b, c = (audit()[path]["fingerprint"] for path in ("c4/a12.html", "c4/a17.html", "c5/a12.html"))
    who = ("--who", "县政府办")
    said = xuncha("ledger", "review", a, "--opinion", "mistaken", *who, "--why", "已改版", "--until", "2099-01-01")
    assert (said.code, said.out) == (0, f"{a}：申诉成立（至 2099-01-01）\n")
    assert xuncha("ledger", "object", b, "--who", "林业局", "--why", "属外部链接").out == f"{b}：申诉中\n"
    assert xuncha("ledger", "object", b, *who, "--why", "应由本局维护", "--decide", "reject").out == f"{b}：新发现\n"
    assert xuncha("ledger", "review", b, "--opinion", "confirm", *who).out == f"{b}：已确认\n"
    day = (datetime.now(CHINA) + timedelta(days=60)).date().isoformat()
    note = ("--act", "notify", *who, "--until", day)
    assert xuncha("ledger", "note", b, *note).code == 0
    exempt = ("ledger", "exempt", web.url, "--rule", "broken-link", "--below", f"{web.url}c5/")
    said = xuncha(*exempt, *who, "--why", "系统迁移", "--until", "2099-06-30")
    assert (said.code, said.out) == (0, "豁免到 2099-06-30，台账中现有 1 个这样的问题\n")
    assert f"{c}  豁免（至 2099-06-30）" in xuncha("ledger", "list").out
    assert "豁免到 2099-06-30，县政府办，系统迁移" in xuncha("ledger", "exempt").out

    found = audit()
    assert {path: f["let_be"] for path, f in found.items()} == {
        "c4/a12.html": {"kind": "appeal", "by": "县政府办", "why": "已改版", "until": "2099-01-01"},
        "c4/a17.html": None,
        "c5/a12.html": {"kind": "exemption", "by": "县政府办", "why": "系统迁移", "until": "2099-06-30"},
    }
    page = (here / "out" / "findings.html").read_text("utf-8")
    assert "豁免（至 2099-06-30），县政府办：系统迁移" in page
    assert "申诉成立（至 2099-01-01），县政府办：已改版" in page

    said = xuncha("ledger", "due", web.url)
    assert (said.code, said.out) == (0, "没有逾期的问题，5 个工作日之内也没有到期的\n")
    said = xuncha("ledger", "due", "--days", 250)
    assert said.code == 0
    assert f"{b}  {day} 到期，还有" in said.out
    assert xuncha(*exempt, *who, "--why", "迁移完成", "--end").out == "豁免已结束\n"
    assert f"{c}  新发现" in xuncha("ledger", "list").out
    assert "没有多次不合格" in xuncha("ledger", "repeat").out
    assert xuncha("ledger", "recheck", "--help").code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("exempt http://a.example/", "--rule"),
        ("exempt http://a.example/ --rule broken-link", "--who"),
        ("exempt http://a.example/ --rule broken-link --who 甲 --why 乙", "--until"),
        ("exempt http://a.example/ --rule broken-link --who 甲 --why 乙 --until 2020-01-01", "2020-01-01"),
        ("due http://a.example/", "没有找到数据库"),
        ("repeat --quarters 1", "--quarters"),
        ("object ffff --who 甲", "--why"),
    ],
)
def test_mistakes_are_one_line(xuncha: Any, words: str, told: str) -> None:
    said = xuncha("ledger", *words.split())
    assert said.code == 2
    assert told in said.line
