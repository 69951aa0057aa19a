"""A visit is a folder: `visit.db` holds facts, `visit.warc.gz` holds the bytes.

`Archive` writes while the visit runs; `crawler/archived.py` reads. Everything one answer led to is written in one
transaction, after its bytes are in the WARC, so a kill at any moment leaves a folder that can be resumed.
"""

from __future__ import annotations

import errno
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlite_utils import Database

from crawler import file_clues
from crawler.clues import Clues
from crawler.exchange import Exchange, Reply
from crawler.guise import Guise
from crawler.message import Message, say
from crawler.outcome import Sign, SignKind, is_suspect
from crawler.page import Answer, Dating, Evidence, LinkKind, Role
from crawler.site import Column, Site
from crawler.target import Stage, Target
from crawler.traps import Look
from crawler.urls import origin
from crawler.values import answer_row, dating_json, site_json
from crawler.warc import EvidenceFile, Profile, truncate

if TYPE_CHECKING:
    from crawler.attachments import Opened
    from crawler.rendering import Rendering

SCHEMA = 14
_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE targets (id INTEGER PRIMARY KEY, url TEXT, stage INTEGER, kind TEXT, internal INTEGER, depth INTEGER,
  name TEXT, skip TEXT, shares INTEGER);
CREATE TABLE answers (target INTEGER, attempt INTEGER, url TEXT, at TEXT, elapsed REAL, status INTEGER, failure TEXT,
  detail TEXT, hops TEXT, method TEXT, media_type TEXT, content_type TEXT, size INTEGER, digest TEXT, server TEXT,
  warc TEXT, offset INTEGER, sha256 TEXT, sign TEXT, code TEXT, reason TEXT, asked TEXT,
  weak TEXT, expires TEXT,
  PRIMARY KEY (target, attempt)) WITHOUT ROWID;
CREATE TABLE guises (target INTEGER, attempt INTEGER, url TEXT, at TEXT, elapsed REAL, status INTEGER, failure TEXT,
  detail TEXT, hops TEXT, method TEXT, media_type TEXT, content_type TEXT, size INTEGER, digest TEXT, server TEXT,
  warc TEXT, offset INTEGER, sha256 TEXT, sign TEXT, code TEXT, reason TEXT, asked TEXT,
  weak TEXT, expires TEXT, guise TEXT,
  PRIMARY KEY (target, guise, attempt)) WITHOUT ROWID;
CREATE TABLE controls (origin TEXT PRIMARY KEY, good INTEGER) WITHOUT ROWID;
CREATE TABLE pages (target INTEGER PRIMARY KEY, url TEXT, role TEXT, column TEXT, title TEXT, metas TEXT, encoding TEXT,
  script_drawn INTEGER, links TEXT, terms TEXT, numbers TEXT, hides INTEGER, dating TEXT, places BLOB, spots TEXT,
  around TEXT);
CREATE TABLE anchors (id INTEGER PRIMARY KEY, target INTEGER, kind TEXT, text TEXT, raw TEXT, goes INTEGER);
CREATE TABLE passages (target INTEGER, kind TEXT, via INTEGER, root INTEGER, raw TEXT,
  PRIMARY KEY (target, kind, via)) WITHOUT ROWID;
CREATE TABLE bases (target INTEGER PRIMARY KEY, attempt INTEGER, etag TEXT, modified TEXT, received TEXT, html INTEGER,
  settled INTEGER, unchanged TEXT, scene TEXT, moment TEXT, harvest TEXT);
CREATE TABLE renderings (url TEXT PRIMARY KEY, at TEXT, software TEXT, warc TEXT, offset INTEGER, sha256 TEXT,
  why TEXT, code TEXT) WITHOUT ROWID;
CREATE TABLE files (target INTEGER PRIMARY KEY, terms TEXT, clues TEXT, code TEXT, read INTEGER, size INTEGER,
  warc TEXT, offset INTEGER, sha256 TEXT) WITHOUT ROWID;
CREATE TABLE columns (position INTEGER PRIMARY KEY, name TEXT, url TEXT, kind TEXT, top INTEGER, archived INTEGER,
  days INTEGER, given INTEGER, evidence TEXT, target INTEGER);
CREATE TABLE looks (target INTEGER PRIMARY KEY, words INTEGER, stale INTEGER, twin INTEGER);
CREATE TABLE traps (template TEXT PRIMARY KEY, pages INTEGER) WITHOUT ROWID;
"""
# Made when the visit is over: keys in random order would make every insert dearer as the table grows.
_INDEXES = (
    "CREATE INDEX IF NOT EXISTS targets_url ON targets(url)",
    "CREATE INDEX IF NOT EXISTS pages_url ON pages(url)",
)


class ArchiveError(Exception):
    """A visit folder that cannot be read or written. Its one argument is a Message."""


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What the parser found in a page, as it is stored."""

    url: str
    role: Role
    title: str
    metas: Mapping[str, tuple[str, ...]]
    encoding: str
    column: str = ""
    script_drawn: bool = False
    clues: Clues = field(default_factory=Clues)
    dating: Dating | None = None
    """Of an article."""
    places: bytes = b""
    """The names fragments may lead to, as `crawler.fragments.pack` makes them."""
    spots: tuple[tuple[str, str], ...] = ()
    """Places that links lead to, as address of the page and name. Without address: the page itself lacks it."""


@dataclass(frozen=True, slots=True, eq=False)
class Anchor:
    """What a link says and where it leads. A menu's anchors stand on every page: each is made and stored once.

    Two are the same when they are one object; an anchor that was forgotten and made again is stored again.
    """

    url: str
    kind: LinkKind
    text: str
    raw: str
    goes: bool
    """A person can go there, to a page; no part of the page that it stands on."""


class Understood(NamedTuple):
    """What a page was understood as, and the keys of what from (crawler.recall)."""

    scene: str
    moment: str
    harvest: str
    """What does not stand in the page's row and its anchors; nothing for most pages."""


@dataclass(frozen=True, slots=True)
class Base:
    """What a later visit needs to know of a good answer, to build on it."""

    etag: str
    modified: str
    """ETag and Last-Modified, as they stood in the answer."""
    received: datetime
    """When the body itself came over the wire."""
    html: bool
    settled: bool
    """As in crawler.outcome.is_settled."""
    unchanged: str
    """How it was known to be that of an earlier visit (crawler.warc.Profile); empty: it was not."""
    understood: Understood
    """Empty where it is no page."""


class Archive:
    """The writing side. One writer a folder."""

    def __init__(self, folder: Path, software: str) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # By URI, so that an earlier visit can be attached for reading only.
            self.db = Database(sqlite3.connect(folder / "visit.db", uri=True), execute_plugins=False)
        except (OSError, sqlite3.Error) as error:
            raise unwritable(folder, error) from error
        self._conn = self.db.conn
        self._anchors: list[tuple[int, int, LinkKind, str, str, bool]] = []
        """Not yet in the database."""
        try:
            self.evidence = self._open(software)
            self._next_anchor = self._count("SELECT coalesce(max(id), 0) + 1 FROM anchors")
        except (OSError, sqlite3.Error) as error:
            self.db.close()
            raise unwritable(folder, error) from error
        except ArchiveError:
            self.db.close()
            raise

    def _open(self, software: str) -> EvidenceFile:
        conn = self._conn
        # For as long as it is open: the end of the evidence may be cut off only by whoever wrote it.
        conn.execute("PRAGMA main.locking_mode=EXCLUSIVE")
        conn.execute("PRAGMA main.journal_mode=WAL")
        conn.execute("PRAGMA synchronous=NORMAL")
        conn.execute("BEGIN IMMEDIATE")
        if not self.db["meta"].exists():
            for sql in _TABLES.split(";\n"):
                conn.execute(sql)
            self.set_meta(schema=str(SCHEMA), software=software)
        elif self.meta("schema") != str(SCHEMA):
            raise ArchiveError(say("{folder} 中的检查数据是另一版本的程序写的，不能接着检查", folder=str(self.folder)))
        warc = self.folder / "visit.warc.gz"
        end = int(self.meta("warc_end") or 0)
        if end and (not warc.exists() or warc.stat().st_size < end):
            raise ArchiveError(say("证据文件不完整，不能接着检查：{path}", path=str(warc)))
        truncate(warc, end)
        return EvidenceFile(warc, software)

    def meta(self, key: str) -> str | None:
        row = self.db.conn.execute("SELECT value FROM meta WHERE key = ?", [key]).fetchone()
        return row[0] if row else None

    def set_meta(self, **values: str) -> None:
        self._conn.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(values.items()))

    def begin(
        self,
        site: Site,
        as_of: datetime,
        started: datetime,
        scope: str,
        needs: Iterable[str],
        terms: frozenset[str] = frozenset(),
    ) -> None:
        """Say whose visit this is. On a resumed visit the first beginning stands; of the terms, those that were looked
        for from beginning to end."""
        known = self.meta("terms")
        sought = terms if known is None else terms.intersection(json.loads(known))
        self.set_meta(terms=json.dumps(sorted(sought), ensure_ascii=False))
        if self.meta("site") is None:
            self.set_meta(
                site=site_json(site),
                as_of=as_of.isoformat(),
                started=started.isoformat(),
                scope=scope,
                needs=json.dumps(sorted(needs)),
                complete="0",
            )
        self.commit()

    def add_target(self, target: Target) -> None:
        self._conn.execute(
            "INSERT INTO targets VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
            (target.id, target.url, target.stage, target.kind, target.internal, target.depth, target.name),
        )

    def next_target(self) -> int:
        return self._count("SELECT coalesce(max(id), 0) + 1 FROM targets")

    def target(self, number: int) -> Target:
        """A target as it was queued. Whether it was asked, only the frontier knows at once."""
        sql = "SELECT url, stage, kind, internal, depth, name FROM targets WHERE id = ?"
        url, stage, kind, internal, depth, name = self._conn.execute(sql, [number]).fetchone()
        return Target(number, url, Stage(stage), LinkKind(kind), bool(internal), depth, name)

    def move_target(self, target: int, stage: Stage, name: str = "") -> None:
        """`name`: what its column is called, where it has no name yet."""
        sql = "UPDATE targets SET stage = ?, name = CASE name WHEN '' THEN ? ELSE name END WHERE id = ?"
        self._conn.execute(sql, (stage, name, target))

    def set_kind(self, target: int, kind: LinkKind) -> None:
        self._conn.execute("UPDATE targets SET kind = ? WHERE id = ?", (kind, target))

    def skip_targets(self, targets: Iterable[int], why: str | None) -> None:
        """`why` None: they are asked after all."""
        self._conn.executemany("UPDATE targets SET skip = ? WHERE id = ?", [(why, target) for target in targets])

    def share(self, target: int, witness: int) -> None:
        """The target's origin does not answer, as `witness` showed; the target is not asked (again)."""
        self._conn.execute("UPDATE targets SET shares = ? WHERE id = ?", (witness, target))

    def add_control(self, origin: str, *, good: bool) -> None:
        self._conn.execute("INSERT OR REPLACE INTO controls VALUES (?, ?)", (origin, good))

    def add_answer(self, target: Target, reply: Reply, sign: Sign) -> Answer:
        """Store every hop's bytes and the answer itself; returns the answer with its evidence."""
        answer = self._write_all(reply)
        self._conn.execute(
            "INSERT OR REPLACE INTO answers VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            answer_row(target.id, target.asked, answer, reply.content_type, sign),
        )
        return answer

    def add_guises(self, target: int, asked: Iterable[tuple[Guise, Reply, Sign]]) -> None:
        """Store what a page answered to each guise, in the order it was asked in."""
        times: Counter[Guise] = Counter()
        for guise, reply, sign in asked:
            row = answer_row(target, times[guise], self._write_all(reply), reply.content_type, sign)
            times[guise] += 1
            self._conn.execute(
                "INSERT OR REPLACE INTO guises VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                (*row, guise),
            )

    def _write_all(self, reply: Reply) -> Answer:
        evidence: Evidence | None = None
        for exchange in reply.exchanges:
            evidence = self._write(exchange, reply)
        return replace(reply.answer, evidence=evidence)

    def _write(self, exchange: Exchange, reply: Reply) -> Evidence:
        same = reply.same
        if same is None or same.member is None or exchange is not reply.exchanges[-1]:
            return self.evidence.write(exchange)
        return self.evidence.write_revisit(exchange, same.member, same.profile, same.former.sha256)

    def add_base(self, target: Target, base: Base | None) -> None:
        if base is None:
            return
        self._conn.execute(
            "INSERT OR REPLACE INTO bases VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            (
                target.id,
                target.asked,
                base.etag,
                base.modified,
                base.received.isoformat(),
                base.html,
                base.settled,
                base.unchanged,
                *base.understood,
            ),
        )

    def add_anchor(self, target: int, anchor: Anchor) -> int:
        """The number by which pages name the anchor; `target` is where it leads."""
        self._next_anchor += 1
        self.keep_anchor(self._next_anchor - 1, target, anchor)
        return self._next_anchor - 1

    def keep_anchor(self, number: int, target: int, anchor: Anchor) -> None:
        """As `add_anchor`, under the number that it has in the attached visit; once or oftener."""
        self._anchors.append((number, target, anchor.kind, anchor.text, anchor.raw, anchor.goes))

    def add_page(self, target: int, facts: PageFacts, links: Mapping[int, int]) -> None:
        """`links`: the number of the anchor of each link on the page → its line."""
        self.copy_page(
            target,
            (
                facts.url,
                facts.role,
                facts.column,
                facts.title,
                json.dumps({k: list(v) for k, v in facts.metas.items()}, ensure_ascii=False),
                facts.encoding,
                facts.script_drawn,
                json.dumps(links, separators=(",", ":")),
                json.dumps(sorted(facts.clues.terms), ensure_ascii=False),
                json.dumps(sorted(facts.clues.numbers)),
                facts.clues.hides,
                dating_json(facts.dating) if facts.dating is not None else None,
                facts.places,
                json.dumps(facts.spots, ensure_ascii=False) if facts.spots else None,
                " ".join(sorted(facts.clues.around)),
            ),
        )

    def copy_page(self, target: int, row: Sequence[Any]) -> None:
        """`row`: of the table `pages` of the attached visit, without its target."""
        self._conn.execute("INSERT OR REPLACE INTO pages VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", (target, *row))

    def add_passages(self, via: int, anchors: Iterable[tuple[int, Anchor]]) -> None:
        """What stands in no page but in `via`, a style sheet or a page that sends its reader on: each anchor, after the
        target it leads to."""
        known = self._conn.execute("SELECT root FROM passages WHERE target = ? LIMIT 1", [via]).fetchone()
        root = known[0] if known else via
        self._conn.executemany(
            "INSERT OR IGNORE INTO passages VALUES (?,?,?,?,?)",
            [(target, anchor.kind, via, root, anchor.raw) for target, anchor in anchors],
        )

    def add_look(self, target: int, look: Look | None, twin: int | None) -> None:
        """What a page was like beside those before it; None: it was not compared. `twin`: the target whose page has the
        same bytes, and stands for it.
        """
        words, stale = (look.words, look.stale) if look else (None, None)
        self._conn.execute("INSERT OR REPLACE INTO looks VALUES (?,?,?,?)", (target, words, stale, twin))

    def add_trap(self, template: str, pages: int) -> None:
        """After `pages` pages no more of this template are opened."""
        self._conn.execute("INSERT OR REPLACE INTO traps VALUES (?,?)", (template, pages))

    def add_rendering(self, answer: Answer, rendering: Rendering) -> None:
        """Store what a browser made of the page that `answer` brought, or why it made nothing of it."""
        evidence = None
        if rendering.html and answer.evidence is not None:
            evidence = self.evidence.write_rendering(answer.url, rendering, answer.evidence)
        self._conn.execute(
            "INSERT OR REPLACE INTO renderings VALUES (?,?,?,?,?,?,?,?)",
            (
                answer.url,
                rendering.at.isoformat(),
                rendering.by,
                evidence.warc if evidence else None,
                evidence.offset if evidence else None,
                evidence.sha256 if evidence else None,
                json.dumps(rendering.why.as_json(), ensure_ascii=False) if rendering.why else None,
                rendering.code,
            ),
        )

    def add_file(self, target: int, opened: Opened, terms: frozenset[str]) -> None:
        """Store what was read of a file, or why it was not, and the bytes that it was read from."""
        evidence = None
        for exchange in opened.whole.exchanges if opened.whole is not None else ():
            evidence = self.evidence.write(exchange)
        self._conn.execute(
            "INSERT OR REPLACE INTO files VALUES (?,?,?,?,?,?,?,?,?)",
            (
                target,
                file_clues.key(terms),
                file_clues.dumps(opened.clues),
                opened.clues.unread or "",
                opened.size > 0,
                opened.size,
                evidence.warc if evidence else None,
                evidence.offset if evidence else None,
                evidence.sha256 if evidence else None,
            ),
        )

    def files_read(self) -> tuple[int, int]:
        """How many files were fetched or read in this visit, and the bytes of them."""
        sql = "SELECT coalesce(sum(read), 0), coalesce(sum(size), 0) FROM files"
        count, size = self._conn.execute(sql).fetchone()
        return count, size

    def add_column(self, column: Column, target: int | None) -> None:
        self._conn.execute(
            "INSERT INTO columns VALUES (NULL,?,?,?,?,?,?,?,?,?)",
            (
                column.name,
                column.url,
                column.kind,
                column.top,
                column.archived,
                column.days,
                column.given,
                json.dumps(column.evidence.as_json(), ensure_ascii=False) if column.evidence else None,
                target,
            ),
        )

    def move_column(self, target: int, onward: int) -> None:
        """The page of the columns at `target` sends its reader on: what counts is there."""
        self._conn.execute("UPDATE columns SET target = ? WHERE target = ?", (onward, target))

    def attach(self, folder: Path) -> None:
        """Make the tables of another visit readable here, as `former`, and its numbers of anchors those of this visit
        too. Raises sqlite3.Error; ValueError for a visit without an end, and for another than the one at first, whose
        numbers would be mixed with these.
        """
        self.commit()
        self._conn.execute("COMMIT")
        try:
            self._conn.execute("ATTACH ? AS former", [f"{(folder / 'visit.db').absolute().as_uri()}?mode=ro"])
        finally:
            self._conn.execute("BEGIN IMMEDIATE")
        row = self._conn.execute("SELECT value FROM former.meta WHERE key = 'finished'").fetchone()
        before = self.meta("attached") if self.meta("site") else row and row[0]
        if row is None or row[0] != before:
            raise ValueError(f"no visit to build on: {folder}")
        self.set_meta(attached=row[0])
        self._next_anchor = max(self._next_anchor, self._count("SELECT coalesce(max(id), 0) + 1 FROM former.anchors"))

    def commit(self) -> None:
        """Bytes first, then the rows that point at them."""
        self.evidence.flush()
        if self._anchors:
            self._conn.executemany("INSERT OR IGNORE INTO anchors VALUES (?,?,?,?,?,?)", self._anchors)
            self._anchors.clear()
        self.set_meta(warc_end=str(self.evidence.size))
        self._conn.execute("COMMIT")
        self._conn.execute("BEGIN IMMEDIATE")

    def finish(self, finished: datetime, *, complete: bool, why: Message | None = None) -> None:
        self.set_meta(
            finished=finished.isoformat(),
            complete=str(int(complete)),
            why=json.dumps(why.as_json(), ensure_ascii=False) if why else "",
        )
        for sql in _INDEXES:
            self._conn.execute(sql)
        self.commit()

    def close(self, *, keep: bool = True) -> None:
        """Close both files with what was written; without what came after the last `commit` when `keep` is false."""
        try:
            if keep:
                self.commit()
            if self._conn.in_transaction:  # a full disk has ended it already
                self._conn.execute("ROLLBACK")
        finally:
            # A plain file again, readable from a folder that cannot be written. On a full disk it stays with its log
            # beside it: whoever opens it next takes in what the log holds.
            with suppress(sqlite3.Error):
                self._conn.execute("PRAGMA main.journal_mode=DELETE")
            with suppress(OSError):  # what is not written by now is the evidence of no row
                self.evidence.close()
            self.db.close()

    # What a resumed visit needs to know.

    def targets(self) -> Iterator[tuple[Target, str | None, int | None]]:
        """Every known target with why it was skipped, or whose silence it shares; in the order of queueing."""
        sql = (
            "SELECT t.id, t.url, t.stage, t.kind, t.internal, t.depth, t.name, t.skip, t.shares, "
            "count(a.target) "
            "FROM targets t LEFT JOIN answers a ON a.target = t.id GROUP BY t.id ORDER BY t.id"
        )
        for id_, url, stage, kind, internal, depth, name, skip, shares, asked in self._conn.execute(sql):
            yield Target(id_, url, Stage(stage), LinkKind(kind), bool(internal), depth, name, asked), skip, shares

    def page_urls(self, role: str | None = None) -> set[str]:
        """Final addresses of the stored pages."""
        where, args = (" WHERE role = ?", [role]) if role else ("", [])
        return {url for (url,) in self._conn.execute(f"SELECT url FROM pages{where}", args)}

    def column_keys(self) -> set[str]:
        """Names with the folder, and with the bytes, of the columns that were found."""
        sql = (
            "SELECT c.name, p.url, a.digest FROM columns c JOIN pages p ON p.target = c.target "
            "JOIN answers a ON a.target = c.target"
        )
        found = self._conn.execute(sql).fetchall()
        return {f"{n} {u.rpartition('/')[0]}" for n, u, _ in found} | {f"{n} {d}" for n, _, d in found}

    def digests(self) -> dict[str, int]:
        """Bytes of every stored page → the first target that brought them."""
        sql = (
            "SELECT a.digest, p.target FROM pages p JOIN answers a ON a.target = p.target WHERE a.digest != '' "
            "ORDER BY a.offset DESC"  # the order in which they came; the clock may have been set back
        )
        return dict(self._conn.execute(sql).fetchall())

    def looks(self) -> Iterator[tuple[str, int, bool]]:
        """Address, words and staleness of every page that was compared with those before it, in their order."""
        sql = (
            "SELECT t.url, l.words, l.stale FROM looks l JOIN targets t ON t.id = l.target "
            "JOIN answers a ON a.target = l.target WHERE l.words IS NOT NULL ORDER BY a.offset, l.target"
        )
        for url, words, stale in self._conn.execute(sql):
            yield url, words, bool(stale)

    def cuts(self) -> list[str]:
        return [name for (name,) in self._conn.execute("SELECT template FROM traps")]

    def suspects(self) -> set[int]:
        """Targets that were asked once, and must be asked again before anything is said."""
        sql = "SELECT target, sign, code FROM answers GROUP BY target HAVING count(*) = 1"
        return {target for target, kind, code in self._conn.execute(sql) if is_suspect(SignKind(kind), code)}

    def was_asked(self, target: int) -> bool:
        return self._conn.execute("SELECT 1 FROM answers WHERE target = ?", [target]).fetchone() is not None

    def given_columns(self) -> dict[str, str]:
        """Address under which each of the operator's columns is asked → the operator's address for it."""
        sql = "SELECT t.url, c.url FROM columns c JOIN targets t ON t.id = c.target WHERE c.given"
        return dict(self._conn.execute(sql).fetchall())

    def bytes_read(self) -> int:
        """Over the wire, as far as answers tell."""
        sql = (
            "SELECT coalesce(sum(a.size), 0) FROM answers a LEFT JOIN bases b ON b.target = a.target "
            "AND b.attempt = a.attempt WHERE b.unchanged IS NOT ?"
        )
        return self._count(sql, Profile.NOT_MODIFIED)

    def _count(self, sql: str, *args: str) -> int:
        return int(self._conn.execute(sql, args).fetchone()[0])

    def pages_lost(self) -> bool:
        """Pages of the site itself were not asked, because it answered no more."""
        sql = "SELECT 1 FROM targets WHERE shares IS NOT NULL AND internal AND stage < ? LIMIT 1"
        return self._conn.execute(sql, [Stage.LEAF]).fetchone() is not None

    def pages_shut(self) -> tuple[int, int]:
        """How many pages of the site itself a wall or robots.txt kept from us, and of how many that were asked."""
        sql = (
            "SELECT coalesce(sum(a.sign IN ('blocked', 'skipped')), 0), count(*) FROM targets t JOIN answers a "
            "ON a.target = t.id AND a.attempt = (SELECT max(attempt) FROM answers WHERE target = t.id) "
            "WHERE t.internal AND t.stage < ?"
        )
        shut, pages = self._conn.execute(sql, [Stage.LEAF]).fetchone()
        return shut, pages

    def guises_wanted(self, most: int) -> list[tuple[Target, str, Evidence, str, str]]:
        """The home page and the pages that stand for the others, at most so many: each that was not yet asked in a
        guise, with its final address, where its bytes are, its Content-Type and its encoding.
        """
        sql = (
            "SELECT target, url, warc, offset, sha256, content_type, encoding FROM (SELECT p.target, p.role, p.url, "
            "p.encoding, a.warc, a.offset, a.sha256, a.content_type, row_number() OVER (PARTITION BY p.role ORDER BY "
            "CASE p.role WHEN 'home' THEN -p.target ELSE p.target END) AS rank FROM pages p JOIN answers a "
            "ON a.target = p.target AND a.attempt = (SELECT max(attempt) FROM answers WHERE target = p.target) "
            "WHERE a.warc IS NOT NULL) ORDER BY role != 'home', rank, role LIMIT ?"
        )
        done = {target for (target,) in self._conn.execute("SELECT DISTINCT target FROM guises")}
        chosen = self._conn.execute(sql, [most]).fetchall()
        self.evidence.flush()
        return [
            (self.target(target), url, Evidence(*where), content_type, encoding)
            for target, url, *where, content_type, encoding in chosen
            if target not in done
        ]

    def controls_wanted(self) -> list[str]:
        """One good address of each origin of which others, asked twice, timed out or were cut off."""
        sql = "SELECT url, sign, code, attempt FROM answers WHERE sign = 'good' OR code IN ('timeout', 'reset')"
        good: dict[str, str] = {}
        doubtful: set[str] = set()
        for url, sign, _, attempt in self._conn.execute(sql):
            if sign == SignKind.GOOD:
                good.setdefault(origin(url), url)
            elif attempt > 1:
                doubtful.add(origin(url))
        doubtful -= {name for (name,) in self._conn.execute("SELECT origin FROM controls")}
        return [url for name, url in good.items() if name in doubtful]


def unwritable(folder: Path, error: Exception) -> ArchiveError:
    said = obstacle(folder, error)
    return ArchiveError(said or say("不能写入检查数据目录 {folder}：{why}", folder=str(folder), why=str(error)))


def obstacle(path: Path, error: Exception) -> Message | None:
    """What the operator can clear away: the disk is full, or another program holds the file. None for all else."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code of an extended one
    if code == sqlite3.SQLITE_FULL or getattr(error, "errno", 0) in _FULL:
        return say("{path} 所在磁盘已满；请腾出空间后继续", path=str(path))
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return say("{path} 正被另一个程序占用；请关闭正在使用它的程序后重试", path=str(path))
    return None


_FULL = (errno.ENOSPC, errno.EDQUOT)
