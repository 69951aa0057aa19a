"""The facts of a visit: its database, asked for reading only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from crawler.archive import ArchiveError, obstacle
from crawler.message import say

_CACHE = 256  # KiB


class Facts:
    """Rows of `visit.db`. ArchiveError where it is damaged."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "visit.db"
        if not self.path.exists():
            raise ArchiveError(say("目录中没有检查数据：{folder}", folder=str(folder)))
        self._conn = sqlite3.connect(self.path)
        self._conn.execute("PRAGMA query_only = 1")

    def close(self) -> None:
        self._conn.close()

    def rows(self, sql: str, args: Sequence[Any] = ()) -> Iterator[Any]:
        try:
            yield from self._conn.execute(sql, args)
        except sqlite3.Error as error:
            raise damaged(self.path, error) from error

    def row(self, sql: str, args: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """The first row; None when there is none."""
        return next(self.rows(sql, args), None)

    def count(self, sql: str) -> int:
        row = self.row(sql)
        return row[0] if row else 0

    def keep(self, table: str, sql: str) -> None:
        """Keep what `sql` finds as a table that this connection alone sees; SQLite puts a large one on disk."""
        try:
            self._conn.execute("PRAGMA query_only = 0")
            for name in ("main", "temp"):  # each of the tables in between has a cache of that size
                self._conn.execute(f"PRAGMA {name}.cache_size = -{_CACHE}")
            self._conn.execute(f"CREATE TEMP TABLE {table} AS {sql}")
            self._conn.execute("PRAGMA query_only = 1")
        except sqlite3.Error as error:
            raise damaged(self.path, error) from error


def damaged(path: Path, error: Exception) -> ArchiveError:
    said = obstacle(path, error)
    if said is not None:
        return ArchiveError(said)
    why = " ".join(str(error).split()) or type(error).__name__
    return ArchiveError(say("检查数据已损坏，不能读取：{path}（{why}）", path=str(path), why=why))
