from datetime import UTC, datetime, timedelta

import pytest
from assessed import NOON, PORTAL, SCHOOLS, WATER, assessment, make_run, raw

from rules.engine.assessment import Result
from xuncha.store import Store
from xuncha.store.database import StoreError


def test_a_run_is_resumed_from_what_is_pending(path):
    options = {"edition": "cn-2019", "max_pages": 50, "allow_private": ["127.0.0.1"], "rate": 0.5, "out": None}
    with Store.open(path) as store:
        store.runs.start(make_run(), [PORTAL, SCHOOLS, WATER], options=options)
        store.assessments.save(make_run().id, assessment(SCHOOLS))
        store.runs.fail(make_run().id, PORTAL.url, "工作进程已退出")

    with Store.open(path) as store:
        assert store.runs.pending("last") == [PORTAL, WATER]  # a fault of ours is tried again
        assert store.runs.options("last") == options
        assert store.runs.get("last") == make_run(failures=((PORTAL.url, "工作进程已退出"),))
        store.assessments.save(make_run().id, assessment(PORTAL))
        store.runs.finish(make_run().id, NOON + timedelta(hours=1))

        assert [a.site for a in store.assessments.of("last")] == [PORTAL, SCHOOLS]
        assert store.runs.get("last") == make_run(finished=NOON + timedelta(hours=1))


def test_failures_known_at_the_start_are_kept(store):
    run = make_run(failures=((SCHOOLS.url, "内存不足"),))
    store.runs.start(run, [PORTAL, SCHOOLS])

    assert store.runs.get(run.id) == run
    assert store.runs.pending(run.id) == [PORTAL, SCHOOLS]
    assert store.runs.sites(run.id) == [PORTAL, SCHOOLS]


def test_saving_twice_changes_nothing(store, path):
    store.runs.start(make_run(), [PORTAL])
    store.assessments.save(make_run().id, assessment())
    with raw(path) as db:
        before = list(db.iterdump())

    store.assessments.save(make_run().id, assessment())
    store.assessments.save(make_run().id, assessment(findings=(), result=Result.QUALIFIED))
    store.runs.fail(make_run().id, PORTAL.url, "同一任务的第二次执行失败")

    with raw(path) as db:
        assert list(db.iterdump()) == before
    assert list(store.assessments.of("last")) == [assessment()]


def test_runs_are_counted_newest_first(store):
    store.runs.start(make_run("20261124-1"), [PORTAL, SCHOOLS, WATER], options={})
    store.runs.start(make_run("20261125-1", as_of=NOON + timedelta(days=1)), [PORTAL])
    store.runs.start(make_run("20261123-1"), [])
    store.assessments.save("20261124-1", assessment(PORTAL))
    store.assessments.save("20261124-1", assessment(WATER, result=Result.UNDETERMINED, score=None, findings=()))
    store.runs.fail("20261124-1", SCHOOLS.url, "超出内存")
    store.runs.finish("20261124-1", NOON)

    newest, middle, oldest = store.runs.rows()

    assert (newest.id, newest.sites, newest.pending, newest.findings) == ("20261125-1", 1, 1, 0)
    assert newest.as_of == NOON + timedelta(days=1)
    assert (middle.sites, middle.qualified, middle.unqualified, middle.undetermined) == (3, 0, 1, 1)
    assert (middle.pending, middle.failed, middle.findings, middle.finished) == (0, 1, 2, NOON)
    assert (oldest.id, oldest.sites, oldest.pending, oldest.finished) == ("20261123-1", 0, 0, None)


def test_the_newest_run_of_a_line_of_the_schedule(store):
    assert store.runs.newest_of("每日") is None
    store.runs.start(make_run("20261124-1"), [PORTAL, WATER], options={"schedule": "每日"})
    store.runs.start(make_run("20261125-1"), [PORTAL], options={"schedule": "每日"})
    store.runs.start(make_run("20261126-1"), [PORTAL], options={"schedule": "每周"})
    store.runs.start(make_run("20261127-1"), [PORTAL], options={"schedule": None})
    store.runs.start(make_run("20261128-1"), [PORTAL])
    store.assessments.save("20261125-1", assessment(PORTAL))
    store.runs.finish("20261125-1", NOON)

    newest = store.runs.newest_of("每日")

    assert (newest.id, newest.sites, newest.unqualified, newest.findings) == ("20261125-1", 1, 1, 2)
    assert newest.finished == NOON
    assert store.runs.newest_of("每周").finished is None
    assert store.runs.newest_of("每") is None


def test_a_run_is_named_by_a_unique_beginning(store):
    for run_id in ("20261124-1", "20261124-12", "20261125-1"):
        store.runs.start(make_run(run_id), [])

    assert store.runs.get("20261125").id == "20261125-1"
    assert store.runs.get("20261124-1").id == "20261124-1"
    assert store.runs.get("last").id == "20261125-1"
    for name in ("2026112", "20261124", "", "2027", "%", "_", "Last"):
        with pytest.raises(StoreError, match="20261124-12"):
            store.runs.get(name)


ASK = {
    "run": lambda store, run: store.runs.get(run),
    "options": lambda store, run: store.runs.options(run),
    "pending": lambda store, run: store.runs.pending(run),
    "assessments": lambda store, run: store.assessments.of(run),
}


@pytest.mark.parametrize("ask", ASK.values(), ids=ASK)
def test_an_unknown_run_is_an_error_not_an_empty_answer(store, ask):
    with pytest.raises(StoreError, match="还没有运行记录"):
        ask(store, "last")
    store.runs.start(make_run(), [])
    with pytest.raises(StoreError, match=f"没有运行“nope”.*{make_run().id}"):
        ask(store, "nope")


def test_writing_to_what_is_not_there_is_an_error(store):
    store.runs.start(make_run(), [PORTAL])
    for write in (
        lambda: store.assessments.save("nope", assessment()),
        lambda: store.assessments.save(make_run().id, assessment(WATER)),
        lambda: store.runs.fail(make_run().id, WATER.url, "x"),
        lambda: store.runs.finish("nope", NOON),
        lambda: store.runs.start(make_run(), [WATER]),
        lambda: store.runs.start(make_run("other"), [WATER, PORTAL, WATER]),
        lambda: store.runs.start(make_run("other", failures=((WATER.url, "x"),)), [PORTAL]),
    ):
        with pytest.raises(StoreError):
            write()
    assert [row.id for row in store.runs.rows()] == [make_run().id]
    assert store.runs.pending("last") == [PORTAL]


def test_times_keep_the_moment_in_any_zone(store):
    run = make_run(as_of=datetime(2026, 1, 1, 0, 0, 0, 5, tzinfo=UTC))
    store.runs.start(run, [])
    assert store.runs.get("last") == run
