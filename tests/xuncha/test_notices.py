"""Notices that went out: kept for good, and told to the ledger."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest

from crawler.message import say
from crawler.site import Site, SiteKind
from reports.details import Form
from rules.engine.assessment import Assessment, Finding, Result, Run
from rules.engine.edition import Part
from xuncha.ledger import Act, State, standing
from xuncha.notices import Notice, Told
from xuncha.store import Store
from xuncha.store.database import StoreError

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=timezone(timedelta(hours=8)))
DUE = date(2026, 12, 8)
HOME = "http://sl.yunling.gov.cn/"


def finding(number):
    return Finding(
        f"{number:016x}", "stale-column", ("1.4",), Part.VETO, 0, True, f"{HOME}{number}/", say("栏目长期没有更新")
    )


@pytest.fixture
def store(tmp_path):
    """One site with three findings."""
    with Store.open(tmp_path / "xuncha.db") as opened:
        run = Run("20261124-120000-aaaa", NOON, NOON, NOON, "cn-2019", "quick", "0.1.0")
        site = Site(HOME, "云岭县水利局", "5399990002")
        opened.runs.start(run, [site])
        opened.assessments.save(
            run.id,
            Assessment(
                site, SiteKind.DEPARTMENT, False, "cn-2019", NOON, NOON, NOON, Result.UNQUALIFIED, None, False, 0,
                ("1.4",), findings=tuple(map(finding, (1, 2, 3))),
            ),
        )  # fmt: skip
        yield opened


def notice(*numbers, **changes):
    known = Notice(
        number="云政办函〔2026〕18号",
        form=Form.CIRCULAR,
        period="2026Q4",
        office="云岭县人民政府办公室",
        issued=date(2026, 11, 24),
        due=DUE,
        who="县政府办",
        at=NOON + timedelta(hours=1),
        runs=("20261124-120000-aaaa",),
        sites=(Told(HOME, "云岭县水利局", Result.UNQUALIFIED, tuple(f"{n:016x}" for n in numbers)),),
        template="3",
        sha256="ab" * 32,
    )
    return replace(known, **changes)


def test_what_went_out_is_read_back_as_it_was(store):
    first, second = notice(1, 2), notice(3, number="云政办函〔2026〕19号", form=Form.ORDER, due=DUE + timedelta(days=1))
    store.notices.add([first])
    store.notices.add([second])
    assert store.notices.all() == [first, second]
    assert store.notices.all()[0].named(HOME) == {f"{1:016x}", f"{2:016x}"}


def test_the_ledger_is_told_of_each_finding_that_is_named_and_of_no_other(store):
    store.notices.add([notice(1, 2)])
    entries = store.ledger.entries()
    states = [standing(entry, NOON + timedelta(days=1)) for entry in entries]
    assert [(s.state, s.due) for s in states] == [(State.NOTIFIED, DUE), (State.NOTIFIED, DUE), (State.NEW, None)]
    [event] = entries[0].events
    assert (event.act, event.who, event.why, event.day) == (Act.NOTIFY, "县政府办", "云政办函〔2026〕18号", DUE)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (notice(3), "云政办函〔2026〕18号 已经用过"),
        (notice(3, number="2", due=NOON.date() - timedelta(days=1)), "已经过去"),
        (notice(3, number="2", due=None), "--until"),
        (notice(9, number="2"), "台账中没有"),
    ],
)
def test_a_notice_that_cannot_go_out_leaves_nothing_behind(store, wrong, told):
    store.notices.add([notice(1)])
    before = store.notices.all(), store.ledger.entries()
    with pytest.raises(StoreError, match=told):
        store.notices.add([notice(2, number="1"), wrong])
    assert (store.notices.all(), store.ledger.entries()) == before


def test_a_notice_without_problems_has_no_deadline(store):
    clean = notice(due=None)
    store.notices.add([clean])
    assert store.notices.all() == [clean]
    assert not any(entry.events for entry in store.ledger.entries())


def test_the_record_is_only_ever_added_to(store, tmp_path):
    store.notices.add([notice(1)])
    with closing(sqlite3.connect(tmp_path / "xuncha.db")) as db:
        for sql in (
            "UPDATE notices SET number = '1'",
            "DELETE FROM notices",
            "DELETE FROM notice_sites",
            "UPDATE notice_findings SET fingerprint = '1'",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
                db.execute(sql)
