"""What Datasette is told of the main database: every table described, facets that exist, queries that run."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.message import say
from crawler.site import Site, SiteKind
from crawler.snapshot import Coverage, HostLinks
from rules.engine.assessment import Assessment, Check, ColumnState, Finding, Result, Run, Status
from rules.engine.edition import Part
from xuncha.browsing import QUERIES, metadata
from xuncha.store import Store

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs over one site that mended nothing."""
    path = tmp_path_factory.mktemp("数据") / "xuncha.db"
    site = Site("http://www.yunling.gov.cn/", "云岭县人民政府", "5399990001", "云岭县人民政府办公室", SiteKind.PORTAL)
    column = ColumnState("要闻", f"{site.url}yw/", "news", True, 3, AT.date().replace(day=4), None, None)
    sure = Finding("f1", "broken-link", ("2.21",), Part.DEDUCT, 1.0, True, f"{site.url}a.html", say("打不开"))
    doubt = Finding("f2", "wrong-word", ("5.4",), Part.ADVICE, 0.0, False, f"{site.url}b.html", say("疑似错字"))
    with Store.open(path) as store:
        for day in (20, 24):
            at = AT.replace(day=day)
            run = Run(f"202611{day}", at, at, None, "cn-2019", "quick", "0.1.0")
            store.runs.start(run, [site])
            store.assessments.save(
                run.id,
                Assessment(
                    site, SiteKind.PORTAL, False, "cn-2019", at, at, at, Result.UNQUALIFIED, None, False, 0, ("1.4",),
                    checks=(Check("2.21", 1, "broken-link", Part.DEDUCT, Status.FAIL, 9, 1, 1.0),),
                    findings=(sure, doubt),
                    columns=(column,),
                    coverage=Coverage(3, 9, hosts=(HostLinks("www.yunling.gov.cn", {"ok": 8, "broken": 1}),)),
                ),
            )  # fmt: skip
            store.runs.finish(run.id, at)
    return path


def test_every_table_and_view_is_described(database: Path) -> None:
    with closing(sqlite3.connect(database)) as db:
        names = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}
        told = metadata(database)["databases"]["xuncha"]["tables"]
        assert set(told) == {name for name in names if not name.startswith("sqlite_")}
        for name, table in told.items():
            if table.get("hidden"):
                continue
            chinese, between, english = table["description"].partition(" · ")
            assert any("\u4e00" <= c <= "\u9fff" for c in chinese), name
            assert between, name
            assert english.isascii(), name
            known = {row[1] for row in db.execute(f"PRAGMA table_info({name})")}
            assert {*table["columns"], *table.get("facets", ()), *filter(None, [table.get("sort_desc")])} <= known, name
    assert told["findings"]["columns"]["certain"] == "0: a person must look"
    assert told["sites"]["description"] == (
        "每次检查中的每个网站一行：结论、得分、检查范围。 · One row a site of a run: verdict, score, coverage."
    )


@pytest.mark.parametrize("name", QUERIES)
def test_canned_queries_answer(database: Path, name: str) -> None:
    answers = {
        "latest_results": {"name": "云岭县人民政府", "certain": 1, "review": 1, "result": "unqualified"},
        "organs": {"organ": "云岭县人民政府办公室", "sites": 1, "pass_rate": 0.0},
        "to_review": {"fingerprint": "f2"},
        "long_standing": {"fingerprint": "f1", "times": 2},
        "by_indicator": {"indicator": "2.21", "sites": 1, "certain": 1},
        "oldest_columns": {"column": "要闻", "days": 20},
        "links_by_host": {"host": "www.yunling.gov.cn", "ok": 8, "broken": 1},
    }
    sql = metadata(database)["databases"]["xuncha"]["queries"][name]["sql"]
    with closing(sqlite3.connect(database)) as db:
        db.row_factory = sqlite3.Row
        first = dict(db.execute(sql, {"run": ""} if ":run" in sql else {}).fetchone())
    assert first | answers[name] == first


def test_without_a_database_one_line_says_so(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "xuncha.browsing", str(tmp_path / "no.db")],
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert (said.returncode, said.stdout, len(said.stderr.splitlines())) == (2, "", 1)
