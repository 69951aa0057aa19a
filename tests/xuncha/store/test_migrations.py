"""For Datasette and sqlite-utils."""

import subprocess
import sys
from dataclasses import replace

import sqlite_utils
from assessed import PORTAL, SCHOOLS, assessment, finding, make_run, raw

from rules.engine.assessment import Result
from xuncha.store import Store
from xuncha.store.migrations import MIGRATIONS


def test_migrations_are_applied_once(path):
    for _ in range(2):
        with Store.open(path):
            pass
    db = sqlite_utils.Database(path)
    applied = [row["name"] for row in db["_sqlite_migrations"].rows]
    assert len(applied) == len(set(applied)) > 0
    assert MIGRATIONS.pending(db) == []


def test_runs_of_an_earlier_version_have_no_charges(store, path):
    store.runs.start(make_run(), [PORTAL])
    store.assessments.save(make_run().id, assessment())
    store.close()
    old = sqlite_utils.Database(path)
    old.execute("ALTER TABLE findings DROP COLUMN charges")
    old["_sqlite_migrations"].delete_where("name = 'm004_charges'")
    with Store.open(path) as upgraded:
        [found] = upgraded.assessments.of("last")
    without = tuple(replace(finding, charges=()) for finding in assessment().findings)
    assert found == replace(assessment(), findings=without)


def test_the_findings_of_an_older_store_were_read_as_they_came(path):
    with Store.open(path) as store:
        store.runs.start(make_run(), [PORTAL])
        store.assessments.save(make_run().id, assessment())
    with raw(path) as db, db:
        db.execute("ALTER TABLE findings DROP COLUMN rendered_by")
        db.execute("DELETE FROM _sqlite_migrations WHERE name = 'm005_rendered_by'")
    with Store.open(path) as store:
        [read] = store.assessments.of("last")
    assert [f.evidence.rendered_by for f in read.findings if f.evidence] == [""]


def test_a_database_of_before_is_brought_up(path):
    with Store.open(path) as store:
        store.runs.start(make_run(), [PORTAL])
        store.assessments.save(make_run().id, assessment())
    with raw(path) as db:
        db.execute("ALTER TABLE sites DROP COLUMN reused")
        for table, column in [("sites", "outcomes"), ("sites", "hosts"), ("findings", "asked")]:
            db.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        for column in ("archived", "days", "updates"):
            db.execute(f"ALTER TABLE columns DROP COLUMN {column}")
        db.execute("DELETE FROM _sqlite_migrations WHERE name IN ('m006_pages_reused', 'm_page_what_reports_show')")
        db.commit()
    with Store.open(path) as store:
        assert list(store.assessments.of("last")) == [assessment()]


def test_the_tables_are_plain_sqlite(store, path):
    store.runs.start(make_run(), [PORTAL])
    store.assessments.save(make_run().id, assessment())
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
        store.runs.start(make_run(day), [PORTAL, SCHOOLS])
    store.assessments.save("1", assessment(PORTAL, findings=(finding(1),)))
    store.assessments.save("1", assessment(SCHOOLS, findings=(finding(2),)))
    store.assessments.save("2", assessment(PORTAL, findings=(finding(3),)))
    store.assessments.save("2", assessment(SCHOOLS, findings=(), result=Result.QUALIFIED))
    store.runs.fail("3", SCHOOLS.url, "x")
    assert latest() == [("2", PORTAL.url, "f3")]

    store.assessments.save("3", assessment(PORTAL, findings=(finding(4),), result=Result.UNDETERMINED))
    assert latest() == [("2", PORTAL.url, "f3")]
