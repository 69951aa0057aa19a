"""The ledger: what became of each finding, through visits and through what people write down."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.message import Message
from xuncha.ledger import CLOSED, Act, Entry, Event, Look, State, refusal, standing
from xuncha.store import Store
from xuncha.store.database import StoreError

AS_OF = "2026-11-20T09:00"
START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = date(2026, 2, 1)
CONFIRMED = State.CONFIRMED


def entry(*happened: Look | Event) -> Entry:
    return Entry(
        site="http://a.example/",
        name="甲局",
        fingerprint="0" * 16,
        rule="broken-link",
        at="http://a.example/x",
        on=None,
        message=Message("打不开"),
        looks=tuple(h for h in happened if isinstance(h, Look)),
        events=tuple(h for h in happened if isinstance(h, Event)),
    )


def found(day: int, *, certain: bool = True) -> Look:
    return Look(START + timedelta(days=day), f"r{day}", found=True, certain=certain)


def missed(day: int) -> Look:
    return Look(START + timedelta(days=day), f"r{day}", found=False)


def done(day: int, act: Act, until: date | None = None) -> Event:
    return Event(START + timedelta(days=day), act, "甲", "理由", until)


def state(*happened: Look | Event, now: int = 200) -> State:
    return standing(entry(*happened), START + timedelta(days=now)).state


@pytest.mark.parametrize(
    ("happened", "wanted"),
    [
        ([found(0)], State.NEW),
        ([found(0, certain=False)], State.REVIEW),
        ([found(0, certain=False), found(1)], State.NEW),
        ([found(0), missed(1)], State.GONE),
        ([found(0), done(1, Act.CONFIRM)], CONFIRMED),
        ([found(0), done(1, Act.CONFIRM), found(2)], CONFIRMED),
        ([found(0), done(1, Act.CONFIRM), missed(2)], State.GONE),
        ([found(0), done(1, Act.NOTIFY, date(2026, 12, 1))], State.NOTIFIED),
        ([found(0), done(1, Act.NOTIFY, DAY)], State.OVERDUE),
        ([found(0), done(1, Act.NOTIFY, DAY), missed(2)], State.PASSED),
        ([found(0), done(1, Act.NOTIFY, DAY), found(2), done(3, Act.CONFIRM)], State.OVERDUE),
        ([found(0), done(1, Act.NOTIFY, DAY), done(2, Act.REPORT), done(3, Act.CONFIRM)], State.RECTIFIED),
        ([found(0), done(1, Act.NOTIFY, DAY), done(2, Act.RECTIFY)], State.OVERDUE),
        ([found(0), done(1, Act.NOTIFY, DAY), done(2, Act.REPORT)], State.RECTIFIED),
        ([found(0), done(1, Act.REPORT), missed(2)], State.PASSED),
        ([found(0), done(1, Act.REPORT), found(2)], State.FAILED),
        ([found(0), done(1, Act.NOTIFY, DAY), done(2, Act.REPORT), found(3)], State.OVERDUE),
        ([found(0), done(1, Act.APPEAL)], State.APPEALED),
        ([found(0), done(1, Act.APPEAL), found(2)], State.APPEALED),
        ([found(0), done(1, Act.CONFIRM), done(2, Act.APPEAL), done(3, Act.REJECT)], CONFIRMED),
        ([found(0), done(1, Act.APPEAL), done(2, Act.UPHOLD, date(2026, 12, 1)), found(3)], State.UPHELD),
        ([found(0), done(1, Act.APPEAL), done(2, Act.UPHOLD, DAY)], State.NEW),
        ([found(0), done(1, Act.APPEAL), done(2, Act.UPHOLD, DAY), found(100, certain=False)], State.REVIEW),
        ([found(0), missed(1), found(2)], State.NEW),
        ([found(0), done(300, Act.CONFIRM)], State.NEW),
        ([found(0), done(1, Act.NOTIFY, date(2026, 12, 1)), done(2, Act.CONFIRM)], State.NOTIFIED),
        ([found(0), done(1, Act.NOTIFY, DAY), done(2, Act.CONFIRM)], State.OVERDUE),
        ([found(0), done(1, Act.APPEAL), done(2, Act.CONFIRM)], State.APPEALED),
        ([found(0), done(1, Act.CONFIRM), done(2, Act.APPEAL), done(3, Act.APPEAL), done(4, Act.REJECT)], CONFIRMED),
        ([found(0), done(1, Act.CONFIRM), done(2, Act.WITHDRAW)], State.NEW),
        ([found(0), done(1, Act.CONFIRM), done(2, Act.NOTIFY, DAY), done(3, Act.WITHDRAW)], CONFIRMED),
        ([found(0), done(1, Act.CONFIRM), *(done(n, Act.WITHDRAW) for n in (2, 3))], State.NEW),
        ([found(0), done(1, Act.APPEAL), done(1, Act.UPHOLD, DAY), done(2, Act.WITHDRAW)], State.NEW),
        ([found(0), done(1, Act.CONFIRM), done(2, Act.WITHDRAW), done(3, Act.APPEAL)], State.APPEALED),
        ([found(0), done(1, Act.NOTIFY, DAY), missed(2), done(3, Act.WITHDRAW)], State.GONE),
    ],
)  # fmt: skip
def test_the_state_follows_from_what_happened(happened: list[Look | Event], wanted: State) -> None:
    assert state(*happened) is wanted


@pytest.mark.parametrize(("back", "relapsed"), [(90, True), (91, False)])
def test_back_within_90_days_is_a_relapse(back: int, relapsed: bool) -> None:
    again = standing(entry(found(0), missed(1), found(1 + back)), START + timedelta(days=300))
    assert (again.state, again.relapsed, again.times) == (State.NEW, relapsed, 2)


def test_the_day_of_the_deadline_is_not_late() -> None:
    notified = [found(0), done(1, Act.NOTIFY, DAY)]
    assert state(*notified, now=31) is State.NOTIFIED
    assert state(*notified, now=32) is State.OVERDUE


_ACTS = st.sampled_from(Act)
_HAPPENED = st.lists(
    st.one_of(
        st.builds(found, st.integers(1, 400), certain=st.booleans()),
        st.builds(missed, st.integers(1, 400)),
        st.builds(done, st.integers(1, 400), _ACTS, st.just(DAY)),
    ),
    max_size=12,
)


@given(_HAPPENED, st.integers(0, 500))
def test_any_course_has_a_standing(happened: list[Look | Event], now: int) -> None:
    stands = standing(entry(found(0), *happened), START + timedelta(days=now))
    assert stands.first == START
    assert stands.first <= stands.last
    assert (stands.state in CLOSED) is not stands.open
    assert not (stands.relapsed and not stands.open)


@given(_HAPPENED, st.integers(0, 500))
def test_what_comes_later_changes_nothing_before(happened: list[Look | Event], now: int) -> None:
    moment = START + timedelta(days=now)
    earlier = [h for h in happened if h.at <= moment]
    assert standing(entry(found(0), *happened), moment) == standing(entry(found(0), *earlier), moment)


@pytest.mark.parametrize(
    ("happened", "event", "told"),
    [
        ([missed(1)], done(2, Act.CONFIRM), "已消失"),
        ([], done(2, Act.UPHOLD, DAY), "没有申诉"),
        ([], done(2, Act.REJECT), "没有申诉"),
        ([], done(2, Act.NOTIFY), "--until"),
        ([], done(2, Act.CONFIRM, DAY), "--until"),
        ([], done(100, Act.NOTIFY, DAY), "已经过去"),
        ([], Event(START + timedelta(days=2), Act.APPEAL, "甲"), "--why"),
        ([], done(2, Act.WITHDRAW), "没有可以撤销"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(happened: list[Look], event: Event, told: str) -> None:
    refused = refusal(standing(entry(found(0), *happened), event.at), event)
    assert refused is not None
    assert told in str(refused)


# Through the command line


@dataclass
class Office:
    xuncha: Any
    web: Any
    here: Path

    def audit(self, *words: object) -> None:
        said = self.xuncha(
            "audit", self.web.url, "--as-of", AS_OF, "--rate", 0, "--out", "out", *(words or ("--format", "json"))
        )
        assert said.code in (0, 1, 3)

    def listed(self, *words: object) -> str:
        said = self.xuncha("ledger", "list", *words)
        assert (said.code, said.err) == (0, "")
        return str(said.out)

    def broken(self) -> str:
        [found] = [f for f in self.xuncha.data("out")["sites"][0]["findings"] if f["rule"] == "broken-link"]
        return str(found["fingerprint"])

    def history(self, finding: str) -> str:
        return str(self.xuncha("ledger", "show", finding).out)


@pytest.fixture
def office(xuncha: Any, webs: Callable[[], Any], here: Path) -> Office:
    web = webs()
    web.sound()
    return Office(xuncha, web, here)


def test_from_finding_to_repair_and_back(office: Office) -> None:
    page = office.web.answers.pop("/c4/a12.html")
    office.audit()
    broken = office.broken()
    assert "新发现" in office.listed()

    said = office.xuncha("ledger", "note", broken, "--act", "notify", "--who", "县政府办", "--until", "2099-12-31")
    assert (said.code, said.out) == (0, f"{broken}：已通报（期限 2099-12-31）\n")

    office.web.answers["/c4/a12.html"] = page
    office.audit()
    assert broken not in office.listed()
    assert f"{broken}  复查通过" in office.listed("--all")

    del office.web.answers["/c4/a12.html"]
    office.audit()
    assert "新发现，反复" in office.listed(office.web.url)
    assert office.history(broken).count(" 发现\n") == 2
    assert "看过，问题已经没有" in office.history(broken)
    assert "县政府办：通报（至 2099-12-31）" in office.history(broken)


def test_a_visit_that_did_not_come_there_closes_nothing(office: Office) -> None:
    del office.web.answers["/c4/a12.html"]
    office.audit()
    broken = office.broken()
    whole = dict(office.web.answers)
    office.web.say("/c4/", 503)
    office.audit()
    assert f"{broken}  新发现" in office.listed(), "the page it stands on was not read"
    office.web.answers.clear()
    office.audit()
    assert f"{broken}  新发现" in office.listed(), "nothing of the site was read"
    office.web.answers.update(whole)
    office.web.say("/c4/a12.html", 403)
    office.audit()
    assert f"{broken}  新发现" in office.listed(), "a refusal is no repair"


def test_a_replay_is_no_new_look(office: Office) -> None:
    del office.web.answers["/c4/a12.html"]
    office.audit()
    broken = office.broken()
    for _ in range(2):
        assert office.xuncha("audit", "--replay", "last", "--out", "o2", "--format", "json").code == 1
    assert office.history(broken).count("检查 ") == 1


def test_what_people_wrote_can_only_be_added_to(office: Office) -> None:
    del office.web.answers["/c4/a12.html"]
    office.audit()
    office.xuncha("ledger", "note", office.broken(), "--act", "confirm", "--who", "甲")
    with sqlite3.connect(office.here / "xuncha-data" / "xuncha.db") as db:
        for sql in ("UPDATE events SET who = '乙'", "DELETE FROM events"):
            with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
                db.execute(sql)
    db.close()


def test_all_notes_or_none(office: Office) -> None:
    del office.web.answers["/c4/a12.html"]
    del office.web.answers["/c4/a17.html"]
    office.audit()
    findings = [f["fingerprint"] for f in office.xuncha.data("out")["sites"][0]["findings"]]
    assert office.xuncha("ledger", "note", findings[0], "--act", "appeal", "--who", "乙局", "--why", "是旧址").code == 0
    uphold = ("--act", "uphold", "--who", "甲", "--why", "属实", "--until", "2099-01-01")
    said = office.xuncha("ledger", "note", *findings, *uphold)
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert office.listed("--state", "appealed").count("申诉中") == 1
    assert office.xuncha("ledger", "note", findings[0], *uphold).code == 0
    assert "申诉成立（至 2099-01-01）" in office.listed("--state", "upheld")


def test_what_was_written_by_mistake_is_taken_back_and_stays_written(office: Office) -> None:
    del office.web.answers["/c4/a12.html"]
    office.audit()
    broken = office.broken()
    office.xuncha("ledger", "note", broken, "--act", "confirm", "--who", "甲")
    said = office.xuncha("ledger", "note", broken, "--act", "withdraw", "--who", "乙", "--why", "看错")
    assert (said.code, said.out) == (0, f"{broken}：新发现\n")
    told = office.history(broken)
    assert "甲：确认（已撤销）" in told
    assert "乙：撤销，看错\n" in told
    said = office.xuncha("ledger", "note", broken, "--act", "withdraw", "--who", "乙")
    assert (said.code, said.line) == (2, f"{broken}：没有可以撤销的记录")


def test_what_another_wrote_meanwhile_is_not_passed_over(office: Office) -> None:
    del office.web.answers["/c4/a12.html"]
    office.audit()
    event = Event(datetime.now(UTC), Act.CONFIRM, "甲")
    with Store.open(office.here / "xuncha-data" / "xuncha.db") as store:
        seen = store.ledger.entries(fingerprint=office.broken())
        store.ledger.add([(entry, event) for entry in seen])
        with pytest.raises(StoreError, match="新的记录"):
            store.ledger.add([(entry, event) for entry in seen])
        assert [entry.events for entry in store.ledger.entries(fingerprint=office.broken())] == [(event,)]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("show", "ffff"), "ffff"),
        (("show", "*"), "*"),
        (("show", ""), "没有问题"),
        (("list", "http://nowhere.example/"), "nowhere.example"),
        (("list", "--state", "lost"), "lost"),
        (("note", "ffff", "--act", "confirm", "--who", "甲"), "ffff"),
        (("note", "ffff", "--act", "forget", "--who", "甲"), "forget"),
        (("note", "--act", "confirm", "--who", "甲"), "FINDING"),
    ],
)
def test_mistakes_are_one_line(office: Office, words: tuple[str, ...], told: str) -> None:
    office.audit()
    said = office.xuncha("ledger", *words)
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert told in said.err


def test_the_report_says_what_has_changed(office: Office) -> None:
    def report() -> str:
        office.audit("--format", "html,json")
        return (office.here / "out" / "findings.html").read_text("utf-8")

    a12 = office.web.answers.pop("/c4/a12.html")
    assert "有什么变化" not in report(), "nothing to compare with"
    office.web.answers["/c4/a12.html"] = a12
    del office.web.answers["/c4/a17.html"]
    page = report()
    assert re.search("新增 1 处，仍然存在 2 处（最早的一处 .{10,20} 首次发现），已消失 1 处", page)
    assert len(re.findall(r"<tr [^>]*data-new", page)) == 1
    assert "政策文件内容12" in page[page.index("已消失的问题") : page.index("检查了什么")]
    assert "共看到 2 次，待复核" in page
    page = report()
    assert re.search("新增 0 处，仍然存在 3 处（最早的一处 .{10,20} 首次发现），已消失 0 处", page)
    assert not re.search(r"<tr [^>]*data-new", page)
    assert office.xuncha("report", "last", "--format", "html", "--out", "again").code == 0
    assert (office.here / "again" / "findings.html").read_text("utf-8") == page
