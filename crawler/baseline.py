"""What an earlier visit of the same site got and understood: the baseline that a new visit is measured against.

Only good, whole answers are in it: a failed fetch never touches a baseline, and no error is ever taken for granted.
What was understood of a page is taken over only where it would be found again: the same bytes under the same type, the
same program, asked for the same purpose (`crawler/recall.py`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler import file_clues
from crawler.archive import SCHEMA, Anchor, Archive, Understood
from crawler.exchange import decode_body
from crawler.file_clues import FileClues, Unread
from crawler.message import Message
from crawler.page import LinkKind
from crawler.site import Column, ColumnKind
from crawler.warc import Member, Profile, read_member


@dataclass(frozen=True, slots=True)
class Former:
    """A good answer of the earlier visit."""

    target: int
    """Its number in that visit."""
    url: str
    """The final address."""
    status: int
    media_type: str
    content_type: str
    size: int
    digest: str
    """Of the decoded body; empty for the first part of a document."""
    offset: int
    sha256: str
    redirected: bool
    etag: str
    modified: str
    received: datetime
    """When the body itself last came over the wire: in that visit, or one before it."""
    html: bool
    settled: bool
    """Its body alone made it good, whatever the host says of addresses that cannot exist."""
    understood: Understood


@dataclass(frozen=True, slots=True)
class Same:
    """An answer has the bytes of a former one."""

    former: Former
    profile: Profile
    member: Member | None
    """The former record, to be kept beside the new one; None: the new one holds the body itself."""

    def body(self) -> bytes:
        """Decoded. Of a reply that brought none."""
        member = self.member
        return decode_body(member.body, member.headers.get("content-encoding", "")) if member is not None else b""


class Baseline:
    """The visit in `folder`, read only, through the connection of the visit that builds on it."""

    def __init__(self, archive: Archive, folder: Path) -> None:
        """Raises OSError, sqlite3.Error, ValueError."""
        self._warc = (folder / "visit.warc.gz").open("rb")
        try:
            archive.attach(folder)
        except (sqlite3.Error, ValueError):
            self._warc.close()
            raise
        self._conn = archive.db.conn

    def close(self) -> None:
        self._warc.close()

    def former(self, url: str) -> Former | None:
        """The good answer for this address as asked; None also where the tables are damaged."""
        try:
            row = self._conn.execute(_FORMER, [url]).fetchone()
        except sqlite3.DatabaseError:
            return None
        if row is None:
            return None
        told = dict(zip(_FIELDS, row, strict=False))
        told["received"] = datetime.fromisoformat(told["received"])
        told["redirected"] = told["redirected"] != "[]"
        return Former(**told, understood=Understood(*row[len(_FIELDS) :]))

    def knows(self, url: str) -> bool:
        """Whether that visit knew the address; False also where the tables are damaged."""
        try:
            return self._conn.execute("SELECT 1 FROM former.targets WHERE url = ?", [url]).fetchone() is not None
        except sqlite3.DatabaseError:
            return False

    def member(self, former: Former) -> Member | None:
        """Its record; None where the file does not hold the bytes any more."""
        try:
            return read_member(self._warc, former.offset, former.sha256)
        except (OSError, ValueError):
            return None

    def page(self, former: Former) -> tuple[str, tuple[Any, ...]] | None:
        """Its links in JSON, and its row for `Archive.copy_page`; None where there is none to be read."""
        try:
            row = self._conn.execute("SELECT links, * FROM former.pages WHERE target = ?", [former.target]).fetchone()
        except sqlite3.DatabaseError:
            return None
        return (row[0], row[2:]) if row is not None else None

    def file(self, former: Former, terms: frozenset[str]) -> FileClues | None:
        """What was read of the file, when these terms were looked for; None where nothing was."""
        sql = "SELECT clues FROM former.files WHERE target = ? AND terms = ? AND code NOT IN (?, ?, ?, ?)"
        try:
            row = self._conn.execute(sql, [former.target, file_clues.key(terms), *_ANOTHER_TIME]).fetchone()
        except sqlite3.DatabaseError:
            return None
        return file_clues.loads(row[0]) if row is not None else None

    def look(self, former: Former) -> tuple[int, bool] | None:
        """Its words and staleness, where it was compared with others."""
        sql = "SELECT words, stale FROM former.looks WHERE target = ? AND words IS NOT NULL"
        try:
            row = self._conn.execute(sql, [former.target]).fetchone()
        except sqlite3.DatabaseError:
            return None
        return (row[0], bool(row[1])) if row is not None else None

    def anchors(self, numbers: Sequence[str]) -> list[tuple[int, Anchor]] | None:
        """The anchors with these numbers; None where one is missing, or cannot be read."""
        try:
            rows = self._conn.execute(_ANCHORS, [json.dumps(numbers)]).fetchall()
        except sqlite3.DatabaseError:
            return None
        if len(rows) < len(numbers):
            return None
        return [(n, Anchor(url, LinkKind(kind), text, raw, bool(goes))) for n, url, kind, text, raw, goes in rows]


# Why a file was not read that may be read today.
_ANOTHER_TIME = (Unread.BUDGET, Unread.OFF, Unread.UNREACHED, Unread.NO_READER)


def last_good(folders: Iterable[Path], software: str) -> Path | None:
    """The first of `folders` that holds a visit which came to its end, saw the home page and was made by this very
    program: another version may understand pages otherwise."""
    return next((folder for folder in folders if _is_good(folder, software)), None)


def _is_good(folder: Path, software: str) -> bool:
    path, warc = folder / "visit.db", folder / "visit.warc.gz"
    if not path.is_file() or not warc.is_file():
        return False
    try:
        conn = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            meta = dict(conn.execute("SELECT key, value FROM meta").fetchall())
            home = conn.execute("SELECT 1 FROM pages WHERE role = 'home' LIMIT 1").fetchone()
        finally:
            conn.close()
        whole = warc.stat().st_size >= int(meta.get("warc_end") or 0)
    except (OSError, sqlite3.Error, ValueError):  # damaged, or still being written
        return False
    made_alike = (meta.get("schema"), meta.get("software")) == (str(SCHEMA), software)
    seen = home is not None and bool(meta.get("finished")) and meta.get("scope") not in ("saved", "recheck")
    return made_alike and whole and seen


_FIELDS = tuple(f.name for f in fields(Former))[:-1]
_FORMER = (
    "SELECT t.id, a.url, a.status, a.media_type, a.content_type, a.size, a.digest, a.offset, a.sha256, a.hops, b.etag, "
    "b.modified, b.received, b.html, b.settled, b.scene, b.moment, b.harvest "
    "FROM former.targets t JOIN former.bases b ON b.target = t.id JOIN former.answers a ON a.target = t.id "
    "AND a.attempt = b.attempt WHERE t.url = ?"
)
_ANCHORS = (
    "SELECT l.id, t.url, l.kind, l.text, l.raw, l.goes FROM json_each(?) n "
    "JOIN former.anchors l ON l.id = CAST(n.value AS INTEGER) JOIN former.targets t ON t.id = l.target ORDER BY n.key"
)


def column_json(column: Column) -> dict[str, Any]:
    return {**asdict(column), "evidence": column.evidence.as_json() if column.evidence else None}


def column_from(data: dict[str, Any]) -> Column:
    told = Message.from_json(data["evidence"]) if data["evidence"] else None
    return Column(**{**data, "kind": ColumnKind(data["kind"]), "evidence": told})
