import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from textwrap import dedent
from typing import get_args

import pytest
import sqlite_utils
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.message import Message, say
from crawler.outcome import Verdict
from crawler.page import Evidence
from crawler.probe import Day
from crawler.quiet import Quiet
from crawler.site import Column, ColumnKind, Site, SiteKind
from crawler.snapshot import Coverage, HostLinks, Repeat, Trap, TrapReason
from rules.engine.assessment import (
    Assessment,
    Charge,
    Check,
    ColumnState,
    Finding,
    Mended,
    Rechecked,
    Result,
    Run,
    Status,
)
from rules.engine.edition import Part
from xuncha.schema import MIGRATIONS
from xuncha.store import Store, StoreError

BEIJING = timezone(timedelta(hours=8))
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=BEIJING)
PORTAL = Site("http://www.yunling.gov.cn/", "云岭县人民政府", "5399990001", "云岭县人民政府办公室", SiteKind.PORTAL)
SCHOOLS = Site("http://jy.yunling.gov.cn/", "云岭县教育体育局", "5399990002", kind=SiteKind.DEPARTMENT)
WATER = Site(
    "http://sw.yunling.gov.cn/",
    "云岭县水务局",
    columns=(Column("通知", "http://sw.yunling.gov.cn/tz/"),),
    quiet=(Quiet(510, 1080),),
)


def make_run(run_id="20261124-120000-aaaa", **changes):
    return replace(Run(run_id, NOON, NOON, None, "cn-2019", "quick", "0.1.0"), **changes)


def finding(n=1, **changes):
    known = Finding(
        fingerprint=f"f{n}",
        rule="broken-link",
        indicators=("1.3", "2.4"),
        part=Part.VETO,
        points=1.0,
        certain=True,
        at=f"http://www.yunling.gov.cn/a{n}.html",
        message=say("链接“{text}”打不开(HTTP {status})", text="通知公告", status=404),
        on="http://www.yunling.gov.cn/",
        column="通知公告",
        excerpt="<a>通知公告</a>",
        evidence=Evidence("visit.warc.gz", 1024, "ab" * 32, "Chromium 156.0.8078.79"),
        status=404,
        fetched_at=NOON,
        charges=(Charge("1.3", 1), Charge("2.4", 2, 1.0)),
    )
    return replace(known, **changes)


def assessment(site=PORTAL, **changes):
    known = Assessment(
        site=site,
        kind=SiteKind.PORTAL,
        kind_guessed=False,
        edition="cn-2019",
        as_of=NOON,
        started=NOON,
        finished=NOON + timedelta(minutes=3),
        result=Result.UNQUALIFIED,
        score=87.5,
        score_is_estimate=True,
        measured_points=92.0,
        vetoes=("1.3",),
        checks=(Check("1.3", 1, "broken-link", Part.VETO, Status.FAIL, 120, 2, 2.0),),
        findings=(finding(1), finding(2, evidence=None, certain=False, fetched_at=None)),
        availability=(Day(NOON - timedelta(days=1), NOON, 24, 2, announced=1),),
        columns=(
            ColumnState(
                "通知公告", "http://www.yunling.gov.cn/tz/", "notice", True, 3, date(2026, 11, 1), None, say("名称")
            ),
        ),
        coverage=Coverage(12, 120, ("blocked.example",), {"limit": 7}, complete=False),
        gone=("00aa", "00bb"),
    )
    return replace(known, **changes)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "xuncha.db"


@pytest.fixture
def store(path):
    with Store.open(path) as opened:
        yield opened


def raw(path):
    return closing(sqlite3.connect(path))


# Anything an assessment may hold

no_surrogates = st.characters(exclude_categories=["Cs"])
text = st.text(no_surrogates, max_size=12)
names = st.text("abcdefgh", min_size=1, max_size=4)
integers = st.integers(0, 2**40)
floats = st.floats(-1e6, 1e6)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(timezones=zones)
days = st.dates()


@st.composite
def messages(draw, inner=None):
    values = text | st.integers() | floats
    args = draw(st.dictionaries(names, values if inner is None else values | inner, max_size=3))
    plain = draw(text).replace("{", "{{").replace("}", "}}") if args else draw(text)
    return Message(plain + "".join(f"「{{{name}}}」" for name in args), tuple(args.items()))


maybe_message = st.none() | messages(messages())
columns = st.builds(
    Column,
    text,
    text,
    st.sampled_from(ColumnKind),
    st.booleans(),
    st.booleans(),
    st.none() | integers,
    st.booleans(),
    text,
)
sites = st.builds(
    Site,
    url=text,
    name=text,
    code=text,
    organ=text,
    kind=st.none() | st.sampled_from(SiteKind),
    services=st.booleans(),
    columns=st.lists(columns, max_size=2).map(tuple),
)
checks = st.builds(
    Check,
    indicator=text,
    clause=integers,
    rule=st.none() | text,
    part=st.sampled_from(Part),
    status=st.sampled_from(Status),
    subjects=integers,
    problems=integers,
    points=floats,
    why=maybe_message,
    verified=st.booleans(),
)
findings = st.builds(
    Finding,
    fingerprint=text,
    rule=text,
    indicators=st.lists(text, max_size=3).map(tuple),
    part=st.sampled_from(Part),
    points=floats,
    certain=st.booleans(),
    at=text,
    message=messages(messages()),
    on=st.none() | text,
    column=st.none() | text,
    excerpt=text,
    expected=maybe_message,
    found=maybe_message,
    evidence=st.none() | st.builds(Evidence, text, integers, text),
    status=st.none() | integers,
    fetched_at=st.none() | moments,
    asked=st.none() | integers,
)
states = st.builds(
    ColumnState,
    name=text,
    url=text,
    kind=text,
    top=st.booleans(),
    items=integers,
    newest=st.none() | days,
    unobservable=maybe_message,
    evidence=maybe_message,
    archived=st.booleans(),
    days=st.none() | integers,
    updates=st.lists(integers, max_size=3).map(tuple),
)
outcomes = st.dictionaries(st.sampled_from(Verdict).map(str), integers, max_size=2)
assessments = st.builds(
    Assessment,
    site=sites,
    kind=st.sampled_from(SiteKind),
    kind_guessed=st.booleans(),
    edition=text,
    as_of=moments,
    started=moments,
    finished=moments,
    result=st.sampled_from(Result),
    score=st.none() | floats,
    score_is_estimate=st.booleans(),
    measured_points=floats,
    vetoes=st.lists(text, max_size=2).map(tuple),
    checks=st.lists(checks, max_size=3).map(tuple),
    findings=st.lists(findings, max_size=3).map(tuple),
    columns=st.lists(states, max_size=2).map(tuple),
    coverage=st.builds(
        Coverage,
        integers,
        integers,
        st.lists(text, max_size=2).map(tuple),
        st.dictionaries(text, integers, max_size=2),
        st.booleans(),
        st.lists(st.builds(Trap, text, integers, integers, st.sampled_from(get_args(TrapReason))), max_size=2).map(
            tuple
        ),
        st.lists(st.builds(Repeat, text, integers), max_size=2).map(tuple),
        integers,
        outcomes,
        st.lists(st.builds(HostLinks, text, outcomes), max_size=2).map(tuple),
    ),
    why=maybe_message,
    rechecked=st.lists(
        st.builds(Rechecked, text, st.sampled_from(Mended), messages(messages()), maybe_message),
        max_size=2,
        unique_by=lambda one: one.fingerprint,
    ).map(lambda told: tuple(sorted(told, key=lambda one: one.fingerprint))),
)


@given(saved=assessments)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_an_assessment_comes_back_as_it_was_saved(store, saved):
    run = make_run(f"run-{len(store.runs()):06}")
    store.start_run(run, [saved.site])

    assert store.pending(run.id) == [saved.site]
    store.save(run.id, saved)

    [back] = store.assessments(run.id)
    assert back == saved
    assert [type(value) for value in (back.kind, back.result)] == [SiteKind, Result]
    assert [(f.message.args, type(f.part)) for f in back.findings] == [(f.message.args, Part) for f in saved.findings]
    assert [t.utcoffset() for t in (back.as_of, back.started)] == [t.utcoffset() for t in (saved.as_of, saved.started)]
    assert store.pending(run.id) == []


def test_half_a_surrogate_pair_in_a_page_does_not_lose_the_site(store):
    run = make_run()
    store.start_run(run, [PORTAL])

    store.save(run.id, assessment(findings=(finding(excerpt="坏\ud800字", found=say("{x}", x="\udfff")),)))

    [back] = store.assessments(run.id)
    assert back.findings[0].excerpt == "坏?字"
    assert str(back.findings[0].found) == "?"


# The life of a run


def test_a_run_is_resumed_from_what_is_pending(path):
    options = {"edition": "cn-2019", "max_pages": 50, "allow_private": ["127.0.0.1"], "rate": 0.5, "out": None}
    with Store.open(path) as store:
        store.start_run(make_run(), [PORTAL, SCHOOLS, WATER], options=options)
        store.save(make_run().id, assessment(SCHOOLS))
        store.fail(make_run().id, PORTAL.url, "工作进程已退出")

    with Store.open(path) as store:
        assert store.pending("last") == [PORTAL, WATER]  # a fault of ours is tried again
        assert store.options("last") == options
        assert store.run("last") == make_run(failures=((PORTAL.url, "工作进程已退出"),))
        store.save(make_run().id, assessment(PORTAL))
        store.finish(make_run().id, NOON + timedelta(hours=1))

        assert [a.site for a in store.assessments("last")] == [PORTAL, SCHOOLS]
        assert store.run("last") == make_run(finished=NOON + timedelta(hours=1))


def test_failures_known_at_the_start_are_kept(store):
    run = make_run(failures=((SCHOOLS.url, "内存不足"),))
    store.start_run(run, [PORTAL, SCHOOLS])

    assert store.run(run.id) == run
    assert store.pending(run.id) == [PORTAL, SCHOOLS]
    assert store.sites(run.id) == [PORTAL, SCHOOLS]


def test_saving_twice_changes_nothing(store, path):
    store.start_run(make_run(), [PORTAL])
    store.save(make_run().id, assessment())
    with raw(path) as db:
        before = list(db.iterdump())

    store.save(make_run().id, assessment())
    store.save(make_run().id, assessment(findings=(), result=Result.QUALIFIED))
    store.fail(make_run().id, PORTAL.url, "同一任务的第二次执行失败")

    with raw(path) as db:
        assert list(db.iterdump()) == before
    assert list(store.assessments("last")) == [assessment()]


def test_runs_are_counted_newest_first(store):
    store.start_run(make_run("20261124-1"), [PORTAL, SCHOOLS, WATER], options={})
    store.start_run(make_run("20261125-1", as_of=NOON + timedelta(days=1)), [PORTAL])
    store.start_run(make_run("20261123-1"), [])
    store.save("20261124-1", assessment(PORTAL))
    store.save("20261124-1", assessment(WATER, result=Result.UNDETERMINED, score=None, findings=()))
    store.fail("20261124-1", SCHOOLS.url, "超出内存")
    store.finish("20261124-1", NOON)

    newest, middle, oldest = store.runs()

    assert (newest.id, newest.sites, newest.pending, newest.findings) == ("20261125-1", 1, 1, 0)
    assert newest.as_of == NOON + timedelta(days=1)
    assert (middle.sites, middle.qualified, middle.unqualified, middle.undetermined) == (3, 0, 1, 1)
    assert (middle.pending, middle.failed, middle.findings, middle.finished) == (0, 1, 2, NOON)
    assert (oldest.id, oldest.sites, oldest.pending, oldest.finished) == ("20261123-1", 0, 0, None)


def test_the_newest_run_of_a_line_of_the_schedule(store):
    assert store.newest_of("每日") is None
    store.start_run(make_run("20261124-1"), [PORTAL, WATER], options={"schedule": "每日"})
    store.start_run(make_run("20261125-1"), [PORTAL], options={"schedule": "每日"})
    store.start_run(make_run("20261126-1"), [PORTAL], options={"schedule": "每周"})
    store.start_run(make_run("20261127-1"), [PORTAL], options={"schedule": None})
    store.start_run(make_run("20261128-1"), [PORTAL])
    store.save("20261125-1", assessment(PORTAL))
    store.finish("20261125-1", NOON)

    newest = store.newest_of("每日")

    assert (newest.id, newest.sites, newest.unqualified, newest.findings) == ("20261125-1", 1, 1, 2)
    assert newest.finished == NOON
    assert store.newest_of("每周").finished is None
    assert store.newest_of("每") is None


def test_a_run_is_named_by_a_unique_beginning(store):
    for run_id in ("20261124-1", "20261124-12", "20261125-1"):
        store.start_run(make_run(run_id), [])

    assert store.run("20261125").id == "20261125-1"
    assert store.run("20261124-1").id == "20261124-1"
    assert store.run("last").id == "20261125-1"
    for name in ("2026112", "20261124", "", "2027", "%", "_", "Last"):
        with pytest.raises(StoreError, match="20261124-12"):
            store.run(name)


@pytest.mark.parametrize("ask", ["run", "options", "pending", "assessments"])
def test_an_unknown_run_is_an_error_not_an_empty_answer(store, ask):
    with pytest.raises(StoreError, match="还没有运行记录"):
        getattr(store, ask)("last")
    store.start_run(make_run(), [])
    with pytest.raises(StoreError, match=f"没有运行“nope”.*{make_run().id}"):
        getattr(store, ask)("nope")


def test_writing_to_what_is_not_there_is_an_error(store):
    store.start_run(make_run(), [PORTAL])
    for write in (
        lambda: store.save("nope", assessment()),
        lambda: store.save(make_run().id, assessment(WATER)),
        lambda: store.fail(make_run().id, WATER.url, "x"),
        lambda: store.finish("nope", NOON),
        lambda: store.start_run(make_run(), [WATER]),
        lambda: store.start_run(make_run("other"), [WATER, PORTAL, WATER]),
        lambda: store.start_run(make_run("other", failures=((WATER.url, "x"),)), [PORTAL]),
    ):
        with pytest.raises(StoreError):
            write()
    assert [row.id for row in store.runs()] == [make_run().id]
    assert store.pending("last") == [PORTAL]


# Whole or not at all


def test_a_save_that_breaks_leaves_nothing_behind(store):
    store.start_run(make_run(), [PORTAL])

    with pytest.raises(OverflowError):
        store.save(make_run().id, assessment(findings=(finding(1), finding(2, status=2**70))))

    assert store.pending("last") == [PORTAL]
    assert list(store.assessments("last")) == []
    assert store.runs()[0].findings == 0
    store.save(make_run().id, assessment())
    assert list(store.assessments("last")) == [assessment()]


def test_a_process_killed_in_the_middle_of_a_save_leaves_nothing_behind(path):
    killed = """
        import os, sys
        from dataclasses import replace
        from pathlib import Path
        sys.path.insert(0, sys.argv[2])
        from test_store import PORTAL, SCHOOLS, Store, assessment, make_run

        class Killing(tuple):
            def __iter__(self):
                os._exit(9)

        with Store.open(Path(sys.argv[1])) as store:
            store.start_run(make_run(), [PORTAL, SCHOOLS])
            store.save(make_run().id, assessment(PORTAL))
            store.save(make_run().id, replace(assessment(SCHOOLS), columns=Killing()))
    """
    ended = subprocess.run([sys.executable, "-c", dedent(killed), path, Path(__file__).parent], check=False)

    assert ended.returncode == 9
    with Store.open(path) as store:
        assert list(store.assessments("last")) == [assessment(PORTAL)]
        assert store.pending("last") == [SCHOOLS]
        assert store.runs()[0].findings == 2
        store.save(make_run().id, assessment(SCHOOLS))
        assert store.pending("last") == []


def test_readers_go_on_while_another_writes(store, path):
    store.start_run(make_run(), [PORTAL, SCHOOLS, WATER])
    store.save(make_run().id, assessment(PORTAL))
    store.save(make_run().id, assessment(SCHOOLS))

    with Store.open(path, read_only=True, patience=0) as reader, raw(path) as writer:
        found = reader.assessments("last")
        assert next(found) == assessment(PORTAL)
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM findings")
        assert next(found) == assessment(SCHOOLS)
        assert reader.runs()[0].findings == 4
        writer.rollback()
        store.save(make_run().id, assessment(WATER))
        assert reader.runs()[0].findings == 6


def test_a_second_writer_that_read_before_may_write(store, path):
    store.start_run(make_run(), [PORTAL, SCHOOLS])
    with Store.open(path, patience=0) as other:
        assert other.pending("last") == [PORTAL, SCHOOLS]
        store.save(make_run().id, assessment(PORTAL))
        other.save(make_run().id, assessment(SCHOOLS))
        assert store.pending("last") == []


# The file


def test_a_reader_cannot_write(store, path):
    store.start_run(make_run(), [PORTAL])
    with Store.open(path, read_only=True) as reader:
        with pytest.raises(StoreError, match="不能写入"):
            reader.fail(make_run().id, PORTAL.url, "x")
        assert reader.pending("last") == [PORTAL]


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("这是一个文本文件，不是数据库\n".encode() * 20, "不是数据库文件"),
        (b"SQLite format 3\0" + b"\xff" * 4096, "不是数据库文件|已损坏"),
    ],
)
def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path, content, told, read_only):
    path = tmp_path / "xuncha.db"
    path.write_bytes(content)

    with pytest.raises(StoreError, match=told) as caught:
        Store.open(path, read_only=read_only)

    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == content


def test_a_damaged_database_is_told_wherever_the_damage_shows(path, tmp_path):
    with Store.open(path) as store:
        store.start_run(make_run(), [PORTAL])
        store.save(make_run().id, assessment(findings=tuple(finding(n) for n in range(200))))
    whole = path.read_bytes()
    damaged = tmp_path / "damaged.db"
    told = 0
    for page in range(1, len(whole) // 4096):
        damaged.write_bytes(whole[: page * 4096] + b"\xa5" * 4096 + whole[(page + 1) * 4096 :])
        try:
            with Store.open(damaged) as store:
                store.runs()
                assert list(store.assessments("last"))
        except StoreError as error:
            told += 1
            assert str(damaged) in str(error)
    assert told > 20


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE findings SET message_json = '{'",
        "UPDATE findings SET message_json = '[]'",
        "UPDATE findings SET message_json = NULL",
        "UPDATE findings SET part = 'x'",
        "UPDATE findings SET message_json = CAST(x'ff' AS TEXT)",
        "UPDATE sites SET as_of = '昨天'",
        "UPDATE sites SET site_json = '{}'",
        "UPDATE sites SET vetoes = NULL",
    ],
)
def test_a_row_changed_by_hand_is_told(store, path, change):
    store.start_run(make_run(), [PORTAL])
    store.save(make_run().id, assessment())
    with raw(path) as db, db:
        db.execute("PRAGMA writable_schema = ON")
        db.execute("UPDATE sqlite_master SET sql = replace(sql, 'message_json  TEXT NOT NULL', 'message_json TEXT')")
    with raw(path) as db, db:
        db.execute(change)

    with Store.open(path) as again, pytest.raises(StoreError, match=r"xuncha\.db"):
        list(again.assessments("last"))


def test_a_locked_database_is_told(store, path):
    with raw(path) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="正被另一个程序占用"):
            Store.open(path, patience=0)


def test_a_newer_schema_is_read_and_not_written(store, path):
    with raw(path) as db, db:
        db.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('xuncha', 'm999_x', '')")
        db.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('other', 'mine', '')")

    with pytest.raises(StoreError, match=r"更新版本.*m999_x"):
        Store.open(path)
    with Store.open(path, read_only=True) as reader:
        assert reader.runs() == []


def test_another_programs_database_is_left_alone(tmp_path):
    path = tmp_path / "xuncha.db"
    with raw(path) as db, db:
        db.execute("CREATE TABLE runs (id)")
    before = path.read_bytes()

    with pytest.raises(StoreError, match="其他程序的数据库"):
        Store.open(path)
    with pytest.raises(StoreError, match="不是本版本"):
        Store.open(path, read_only=True)
    assert path.read_bytes() == before


def test_a_place_where_no_database_can_be_is_told(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("x", encoding="utf-8")

    for path in (tmp_path, blocked / "xuncha.db", blocked / "deeper" / "xuncha.db"):
        with pytest.raises(StoreError, match="数据目录"):
            Store.open(path)
    with pytest.raises(StoreError, match="没有找到"):
        Store.open(tmp_path / "nothing.db", read_only=True)
    assert not (tmp_path / "nothing.db").exists()


def test_a_path_with_signs_of_an_address_is_a_path(tmp_path):
    path = tmp_path / "100% 数据?mode=memory#1" / "xuncha.db"
    with Store.open(path) as store:
        store.start_run(make_run(), [PORTAL])
    assert path.is_file()
    with Store.open(path, read_only=True) as store:
        assert store.pending("last") == [PORTAL]


def test_a_copy_of_the_file_alone_is_the_whole_store(path, tmp_path):
    with Store.open(path) as store:
        store.start_run(make_run(), [PORTAL])
        store.save(make_run().id, assessment())
    copy = shutil.copy(path, tmp_path / "copy.db")

    with Store.open(copy, read_only=True) as store:
        assert list(store.assessments("last")) == [assessment()]


# For Datasette and sqlite-utils


def test_migrations_are_applied_once(path):
    for _ in range(2):
        with Store.open(path):
            pass
    db = sqlite_utils.Database(path)
    applied = [row["name"] for row in db["_sqlite_migrations"].rows]
    assert len(applied) == len(set(applied)) > 0
    assert MIGRATIONS.pending(db) == []


def test_runs_of_an_earlier_version_have_no_charges(store, path):
    store.start_run(make_run(), [PORTAL])
    store.save(make_run().id, assessment())
    store.close()
    old = sqlite_utils.Database(path)
    old.execute("ALTER TABLE findings DROP COLUMN charges")
    old["_sqlite_migrations"].delete_where("name = 'm004_charges'")
    with Store.open(path) as upgraded:
        [found] = upgraded.assessments("last")
    without = tuple(replace(finding, charges=()) for finding in assessment().findings)
    assert found == replace(assessment(), findings=without)


def test_the_findings_of_an_older_store_were_read_as_they_came(path):
    with Store.open(path) as store:
        store.start_run(make_run(), [PORTAL])
        store.save(make_run().id, assessment())
    with raw(path) as db, db:
        db.execute("ALTER TABLE findings DROP COLUMN rendered_by")
        db.execute("DELETE FROM _sqlite_migrations WHERE name = 'm005_rendered_by'")
    with Store.open(path) as store:
        [read] = store.assessments("last")
    assert [f.evidence.rendered_by for f in read.findings if f.evidence] == [""]


def test_a_database_of_before_is_brought_up(path):
    with Store.open(path) as store:
        store.start_run(make_run(), [PORTAL])
        store.save(make_run().id, assessment())
    with raw(path) as db:
        db.execute("ALTER TABLE sites DROP COLUMN reused")
        for table, column in [("sites", "outcomes"), ("sites", "hosts"), ("findings", "asked")]:
            db.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        for column in ("archived", "days", "updates"):
            db.execute(f"ALTER TABLE columns DROP COLUMN {column}")
        db.execute("DELETE FROM _sqlite_migrations WHERE name IN ('m006_pages_reused', 'm_page_what_reports_show')")
        db.commit()
    with Store.open(path) as store:
        assert list(store.assessments("last")) == [assessment()]


def test_the_tables_are_plain_sqlite(store, path):
    store.start_run(make_run(), [PORTAL])
    store.save(make_run().id, assessment())
    db = sqlite_utils.Database(path)

    assert {"runs", "sites", "checks", "findings", "columns"} <= set(db.table_names())
    links = {(name, f.column, f.other_table) for name in db.table_names() for f in db[name].foreign_keys}
    assert links == {
        ("sites", "run", "runs"),
        ("checks", "site", "sites"),
        ("findings", "site", "sites"),
        ("columns", "site", "sites"),
        ("gone", "site", "sites"),
        ("rechecks", "site", "sites"),
        ("notice_sites", "notice", "notices"),
        ("notice_findings", "notice", "notices"),
        ("probes", "round", "rounds"),
    }
    first = next(db["findings"].rows)
    assert first["message"] == "链接“通知公告”打不开(HTTP 404)"
    assert (
        first["message_json"]
        == '{"template": "链接“{text}”打不开(HTTP {status})", "args": {"text": "通知公告", "status": 404}}'
    )
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    printed = subprocess.run(
        [sys.executable, "-m", "sqlite_utils", "rows", path, "latest_findings", "-c", "name", "-c", "rule", "--csv"],
        check=True,
        capture_output=True,
    ).stdout.decode()
    assert printed.split() == ["name,rule", "云岭县人民政府,broken-link", "云岭县人民政府,broken-link"]


def test_latest_findings_are_those_of_the_last_visit_that_could_judge(store, path):
    def latest():
        with raw(path) as db:
            return db.execute(
                "SELECT run, url, fingerprint FROM (SELECT *, home AS url FROM latest_findings)"
            ).fetchall()

    for day in ("1", "2", "3"):
        store.start_run(make_run(day), [PORTAL, SCHOOLS])
    store.save("1", assessment(PORTAL, findings=(finding(1),)))
    store.save("1", assessment(SCHOOLS, findings=(finding(2),)))
    store.save("2", assessment(PORTAL, findings=(finding(3),)))
    store.save("2", assessment(SCHOOLS, findings=(), result=Result.QUALIFIED))
    store.fail("3", SCHOOLS.url, "x")
    assert latest() == [("2", PORTAL.url, "f3")]

    store.save("3", assessment(PORTAL, findings=(finding(4),), result=Result.UNDETERMINED))
    assert latest() == [("2", PORTAL.url, "f3")]


def test_times_keep_the_moment_in_any_zone(store):
    run = make_run(as_of=datetime(2026, 1, 1, 0, 0, 0, 5, tzinfo=UTC))
    store.start_run(run, [])
    assert store.run("last") == run


def test_visits_that_compare_make_a_trend(store):
    def visit(day, result=Result.QUALIFIED, run=None, **options):
        at = NOON + timedelta(days=day)
        run = run or make_run(f"r{day}")
        store.start_run(run, [PORTAL], options=options)
        store.save(run.id, assessment(as_of=at, finished=at, result=result, score=80.0 + day))

    visit(1)
    visit(2, Result.UNDETERMINED)
    visit(3, run=make_run("r3", scope="full"))
    visit(4, replay="r1")
    visit(5)
    visit(9)
    trend = store.visits("r5", PORTAL.url)
    assert [(v.at - NOON).days for v in trend] == [1, 2, 5]
    assert trend[1].result is Result.UNDETERMINED
    assert (trend[-1].score, trend[-1].certain, trend[-1].review) == (85.0, 1, 1)
    assert [(v.at - NOON).days for v in store.visits("r5", PORTAL.url, most=2)] == [2, 5]
