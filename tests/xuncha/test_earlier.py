"""A date that an earlier visit saw otherwise is told, from what the store kept of the lists."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

TOLD = ("--rate", "0", "--as-of", "2026-11-20T09:00", "--format", "json")


def found(xuncha: Any, folder: str) -> set[tuple[str, str]]:
    [site] = xuncha.data(folder)["sites"]
    return {(f["at"].rpartition("/")[2], f["message"]) for f in site["findings"] if f["rule"] == "suspect-date"}


def test_an_item_whose_date_was_changed_is_told_by_the_next_visit_and_by_its_replay(xuncha: Any, web: Any) -> None:
    web.sound()
    xuncha("audit", web.url, *TOLD, "--out", "first")
    assert found(xuncha, "first") == set()
    with closing(sqlite3.connect(Path("xuncha-data/xuncha.db"))) as db, db:
        # As if that visit had been in summer, when the item was new.
        db.execute("UPDATE items SET since = '2026-07-01', shown = '2026-06-28' WHERE shown = '2026-11-12'")
        [count] = db.execute("SELECT count(*) FROM items WHERE since = '2026-07-01'").fetchone()
    assert count
    xuncha("audit", web.url, *TOLD, "--out", "second")
    message = "2026-07-01检查时列表上的日期是2026-06-28，现在是2026-11-12，请核对是不是旧稿件改了日期"
    assert ("a12.html", message) in found(xuncha, "second")
    xuncha("audit", "--replay", "last", "--format", "json", "--out", "again")
    assert found(xuncha, "again") == found(xuncha, "second")
    with closing(sqlite3.connect(Path("xuncha-data/xuncha.db"))) as db:
        [since] = db.execute("SELECT DISTINCT since FROM items WHERE shown = '2026-06-28'").fetchone()
    assert since == "2026-07-01", "the first sight stays"
