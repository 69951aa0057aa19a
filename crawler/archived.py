"""The read-only view of a visit folder that rules see: `crawler.snapshot.Snapshot` over visit.db and visit.warc.gz."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from crawler import charset, columns, dates, html, outcome
from crawler.archive import ArchiveError
from crawler.exchange import decode_body
from crawler.message import Message, say
from crawler.outcome import Outcome, Sign, SignKind, Verdict
from crawler.page import Answer, Evidence, Failure, FailureKind, Hop, Link, LinkKind, Page, Role
from crawler.site import Column, ColumnKind, Site, SiteKind
from crawler.snapshot import ColumnView, Coverage, NotGathered
from crawler.urls import authority
from crawler.warc import read_response


def open_snapshot(folder: Path, *, as_of: datetime | None = None) -> ArchivedSnapshot:
    """The read-only view of a finished or parked visit; ArchiveError when the folder holds none."""
    path = folder / "visit.db"
    if not path.exists():
        raise ArchiveError(say("目录中没有检查数据：{folder}", folder=str(folder)))
    try:
        conn = sqlite3.connect(path)
        conn.execute("PRAGMA query_only = 1")
        if conn.execute("SELECT value FROM meta WHERE key = 'site'").fetchone() is None:
            raise ArchiveError(say("检查数据不完整，没有网站信息：{path}", path=str(path)))
    except sqlite3.Error as error:
        raise ArchiveError(say("检查数据已损坏，不能读取：{path}（{why}）", path=str(path), why=str(error))) from error
    return ArchivedSnapshot(folder, conn, as_of)


class ArchivedSnapshot:
    """crawler.snapshot.Snapshot over a visit folder. Bodies are read back from the WARC one at a time."""

    def __init__(self, folder: Path, conn: sqlite3.Connection, as_of: datetime | None) -> None:
        self._folder = folder
        self._conn = conn
        self._meta = dict(conn.execute("SELECT key, value FROM meta").fetchall())
        self.site = _site_from_json(json.loads(self._meta["site"]))
        self.as_of = as_of or datetime.fromisoformat(self._meta["as_of"])
        self.saved = self._meta["scope"] == "saved"
        self.started = datetime.fromisoformat(self._meta["started"])
        self.finished = datetime.fromisoformat(self._meta.get("finished") or self._meta["started"])
        self._needs = frozenset(json.loads(self._meta["needs"]))

    def close(self) -> None:
        self._conn.close()

    @cached_property
    def why(self) -> Message | None:
        """Why the visit was cut short; None when it was not."""
        text = self._meta.get("why")
        return Message.from_json(json.loads(text)) if text else None

    @cached_property
    def home_answer(self) -> Answer | None:
        row = self._conn.execute("SELECT id FROM targets WHERE stage = 0 ORDER BY id DESC LIMIT 1").fetchone()
        return self._answer(row[0]) if row else None

    @cached_property
    def _home(self) -> Page | None:
        row = self._conn.execute(f"{_PAGE_SQL} WHERE p.role = 'home' ORDER BY p.target DESC LIMIT 1").fetchone()
        return self._page(row) if row else None

    @property
    def home(self) -> Page:
        page = self._home
        if page is not None:
            return page
        answer = self.home_answer
        if self.saved:
            raise NotGathered(say("检查的是保存的网页，其中没有首页"))
        if answer is None:
            raise NotGathered(say("首页没有检查"))
        if answer.failure is not None:
            raise NotGathered(say("首页没有打开：{why}", why=outcome.read(answer, headers={}).reason))
        if not answer.ok:
            raise NotGathered(say("首页没有打开（HTTP {status}）", status=answer.status or 0))
        raise NotGathered(say("首页返回的不是网页（类型 {type}）", type=answer.media_type or "?"))

    @cached_property
    def columns(self) -> tuple[ColumnView, ...]:
        fields = "name, url, kind, top, archived, days, given, evidence, target"
        sql = f"SELECT {fields} FROM columns ORDER BY target, position"
        return tuple(self._column(*row) for row in self._conn.execute(sql).fetchall())

    def pages(self, role: Role | None = None) -> Iterator[Page]:
        where, args = (" WHERE p.role = ?", [role.value]) if role else ("", [])
        for row in self._conn.execute(f"{_PAGE_SQL}{where} ORDER BY p.target", args):
            yield self._page(row)

    def links(self) -> Iterator[Link]:
        if self.saved:
            raise NotGathered(say("检查的是保存的网页，没有访问其中的链接"))
        if "links" not in self._needs:
            raise NotGathered(say("本次检查没有访问链接"))
        away = self._away
        for row in self._conn.execute(_LINK_SQL):
            yield self._link(row, away)

    def answer(self, url: str) -> Answer | None:
        target = self._target(url)
        return self._answer(target) if target is not None else None

    def page(self, url: str) -> Page | None:
        target = self._target(url)
        if target is None:
            return None
        row = self._conn.execute(f"{_PAGE_SQL} WHERE p.target = ?", [target]).fetchone()
        return self._page(row) if row else None

    @cached_property
    def coverage(self) -> Coverage:
        count = self._conn.execute
        pages = count("SELECT count(*) FROM pages").fetchone()[0]
        links = count("SELECT count(DISTINCT l.target) FROM links l JOIN answers a ON a.target = l.target").fetchone()[
            0
        ]
        blocked: dict[str, None] = {}
        skipped = dict(
            count("SELECT skip, count(*) FROM targets WHERE skip IS NOT NULL GROUP BY skip ORDER BY skip").fetchall()
        )
        sql = "SELECT t.url, a.sign, a.code FROM answers a JOIN targets t ON t.id = a.target WHERE a.sign IN (?, ?, ?)"
        for url, sign, code in count(sql, [SignKind.BLOCKED, SignKind.SKIPPED, SignKind.PRIVATE]):
            if sign == SignKind.BLOCKED:
                blocked[authority(url)] = None
            else:
                skipped[code] = skipped.get(code, 0) + 1
        return Coverage(pages, links, tuple(blocked), skipped, complete=self._meta.get("complete") == "1")

    # Rows to values.

    def _target(self, url: str) -> int | None:
        row = self._conn.execute("SELECT id FROM targets WHERE url = ?", [url]).fetchone()
        if row is None:
            row = self._conn.execute("SELECT target FROM pages WHERE url = ?", [url]).fetchone()
        return row[0] if row else None

    def _answer(self, target: int) -> Answer | None:
        """The last ask: the one that decided."""
        row = self._conn.execute(
            f"SELECT {_ANSWER_FIELDS} FROM answers a WHERE target = ? ORDER BY attempt DESC LIMIT 1", [target]
        ).fetchone()
        return _answer_from(row) if row else None

    def _page(self, row: Sequence[Any]) -> Page:
        answer = _answer_from(row[8:])
        content_type, encoding = row[7], row[5]
        return Page(
            answer=replace(answer, url=row[0]),
            role=Role(row[1]),
            column=row[2],
            title=row[3],
            metas={k: tuple(v) for k, v in json.loads(row[4]).items()},
            script_drawn=bool(row[6]),
            as_of=self.as_of,
            saved=self.saved and self._meta.get("moment_known") != "1",
            read=self._reader(answer, content_type, encoding),
        )

    def _reader(self, answer: Answer, content_type: str, encoding: str) -> Callable[[], str]:
        def read() -> str:
            if answer.evidence is None:
                return ""
            headers, raw = read_response(self._folder / answer.evidence.warc, answer.evidence.offset)
            body = decode_body(raw, headers.get("content-encoding", ""))
            return charset.decode(body, content_type)[0] if not encoding else charset.decode_as(body, encoding)

        return read

    def _column(
        self,
        name: str,
        url: str,
        kind: str,
        top: int,
        archived: int,
        days: int | None,
        given: int,
        evidence: str | None,
        target: int | None,
    ) -> ColumnView:
        told = Message.from_json(json.loads(evidence)) if evidence else None
        column = Column(name, url, ColumnKind(kind), bool(top), bool(archived), days, bool(given), told)
        answer = self._answer(target) if target is not None else None
        row = self._conn.execute(f"{_PAGE_SQL} WHERE p.target = ?", [target]).fetchone() if target is not None else None
        if row is None:
            return ColumnView(column, self.as_of, answer, None, unobservable=_no_list(answer))
        page = self._page(row)
        # A document of our own, dropped at once: the view must not keep every column's tree alive.
        found = columns.listing(html.parse(page.read()), page.url, fetched_at=page.answer.at, as_of=self.as_of)
        items = columns.date_items(found.items, self._published)
        return ColumnView(column, self.as_of, answer, page, items, found.unobservable)

    def _published(self, url: str) -> dates.Published | None:
        """The date of an article's own page, if it was opened."""
        page = self.page(url)
        return dates.published(html.parse(page.read()), page.url, fetched_at=page.answer.at) if page else None

    @cached_property
    def _away(self) -> bool:
        """No outside host answered at all though several were asked: this machine may have no way out."""
        sql = (
            "SELECT t.url, a.failure FROM targets t JOIN answers a ON a.target = t.id "
            "WHERE t.internal = 0 AND a.sign NOT IN ('private', 'skipped')"
        )
        failed: set[str] = set()
        for url, failure in self._conn.execute(sql):
            if failure not in (FailureKind.DNS, FailureKind.TIMEOUT, FailureKind.REFUSED):
                return False
            failed.add(authority(url))
        return len(failed) >= 3

    def _link(self, row: Sequence[Any], away: bool) -> Link:
        (url, kind, internal, skip, places, text, raw, line, on, role, title, signs) = row
        seen = [
            Sign(SignKind(s["sign"]), s["code"], Message.from_json(s["reason"])) for s in json.loads(signs) if s["sign"]
        ]
        if not seen and skip:
            result = Outcome(Verdict.SKIPPED, skip, SKIP_REASONS[skip], asked=0)
        else:
            result = outcome.conclude(seen)
        if away and not internal and result.verdict is Verdict.BROKEN and result.code in ("dns", "timeout", "refused"):
            reason = say("检查时所有外部网站都连不上，可能是本机网络所限：{why}", why=result.reason)
            result = Outcome(Verdict.UNSURE, "vantage", reason, result.asked)
        return Link(url, LinkKind(kind), on, Role(role), title, text, raw, line, places, bool(internal), result)


SKIP_REASONS = {
    "max-pages": say("超过页数上限，没有检查"),
    "max-seconds": say("超过时间上限，没有检查"),
    "max-bytes": say("超过流量上限，没有检查"),
    "interrupted": say("检查被中断，没有检查"),
    "trap": say("疑似无限循环的地址，没有检查"),
    "not-needed": say("本次检查不需要访问"),
}


def _no_list(answer: Answer | None) -> Message:
    if answer is None:
        return say("栏目页面没有检查")
    if answer.failure is not None or not answer.ok:
        return say("栏目页面没有打开：{why}", why=outcome.read(answer, headers={}).reason)
    return say("栏目地址返回的不是网页（类型 {type}）", type=answer.media_type or "?")


_ANSWER_FIELDS = (
    "a.asked, a.url, a.at, a.elapsed, a.status, a.failure, a.detail, a.hops, a.method, a.media_type, a.size, a.digest, "
    "a.server, a.warc, a.offset, a.sha256"
)
_PAGE_SQL = (
    "SELECT p.url, p.role, p.column, p.title, p.metas, p.encoding, p.script_drawn, a.content_type, "
    f"{_ANSWER_FIELDS} FROM pages p JOIN answers a ON a.target = p.target AND a.attempt = "
    "(SELECT max(attempt) FROM answers WHERE target = p.target)"
)
# The best place of each target: the home page, then columns, then articles, then the order of visiting.
_LINK_SQL = """
WITH best AS (
  SELECT l.target, l.kind, count(DISTINCT l.page) AS places,
         min(CASE p.role WHEN 'home' THEN 0 WHEN 'column' THEN 1 WHEN 'article' THEN 2 ELSE 3 END * 1000000000 + l.page)
           AS rank
  FROM links l JOIN pages p ON p.target = l.page GROUP BY l.target, l.kind
)
SELECT t.url, b.kind, t.internal, t.skip, b.places, l.text, l.raw, l.line, p.url, p.role, p.title,
       (SELECT json_group_array(json_object('sign', a.sign, 'code', a.code, 'reason', json(a.reason)))
          FROM (SELECT * FROM answers WHERE target = b.target ORDER BY attempt) a)
FROM best b
JOIN targets t ON t.id = b.target
JOIN links l ON l.page = b.rank % 1000000000 AND l.target = b.target AND l.kind = b.kind
JOIN pages p ON p.target = l.page
ORDER BY b.target, b.kind
"""


def _answer_from(row: Sequence[Any]) -> Answer:
    (asked, url, at, elapsed, status, failure, detail, hops, method, media, size, digest, server, warc, offset, sha) = (
        row
    )
    return Answer(
        asked=asked,
        url=url,
        at=datetime.fromisoformat(at),
        elapsed=elapsed,
        status=status,
        failure=Failure(FailureKind(failure), detail) if failure else None,
        hops=tuple(Hop(**h) for h in json.loads(hops)),
        method=method,
        media_type=media,
        size=size,
        digest=digest,
        server=server,
        evidence=Evidence(warc, offset, sha) if warc else None,
    )


def _site_from_json(data: dict[str, Any]) -> Site:
    found = tuple(Column(**{**c, "kind": ColumnKind(c["kind"])}) for c in data.pop("columns"))
    kind = data.pop("kind")
    return Site(**data, kind=SiteKind(kind) if kind else None, columns=found)
