"""The read-only view of a visit folder that rules see: `crawler.snapshot.Snapshot` over visit.db and visit.warc.gz."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from crawler import columns, dates, file_clues, html, places, stored
from crawler.archive import SCHEMA, ArchiveError
from crawler.clues import Clues
from crawler.concealed import Concealed
from crawler.covered import coverage
from crawler.earlier import Earlier
from crawler.facts import Facts, damaged
from crawler.file_clues import File, FileClues
from crawler.guise import Appearance, Guise
from crawler.linked import SKIP_REASONS, Linked
from crawler.message import Message, say
from crawler.numbers import NumberKind
from crawler.outcome import SignKind
from crawler.page import (
    Answer,
    Evidence,
    Landing,
    Link,
    LostPlace,
    Page,
    Role,
)
from crawler.probe import Watched
from crawler.rendering import REASONS
from crawler.site import Column, ColumnKind
from crawler.snapshot import ColumnView, Coverage, NotGathered
from crawler.values import ANSWER_FIELDS, answer_from, dating_from, site_from
from crawler.whereabouts import Whereabouts, whereabouts


def open_snapshot(folder: Path, *, as_of: datetime | None = None, moment_known: bool = False) -> ArchivedSnapshot:
    """The read-only view of a finished or parked visit; ArchiveError when the folder holds none.

    `moment_known`: the operator says now that saved pages show the moment `as_of`.
    """
    facts = Facts(folder)
    try:
        return ArchivedSnapshot(facts, as_of, moment_known)
    except ArchiveError:
        facts.close()
        raise
    except (sqlite3.Error, KeyError, TypeError, ValueError) as error:
        facts.close()
        raise damaged(facts.path, error) from error


class ArchivedSnapshot:
    """crawler.snapshot.Snapshot over a visit folder. Bodies are read back from the WARC one at a time."""

    def __init__(self, facts: Facts, as_of: datetime | None, moment_known: bool) -> None:
        self._facts = facts
        folder = facts.folder
        self._meta: dict[str, str] = dict(facts.rows("SELECT key, value FROM meta"))
        if "site" not in self._meta:
            raise ArchiveError(say("检查数据不完整，没有网站信息：{folder}", folder=str(folder)))
        if self._meta["schema"] != str(SCHEMA):
            raise ArchiveError(say("{folder} 中的检查数据是另一版本的程序写的，不能读取", folder=str(folder)))
        warc, end = folder / "visit.warc.gz", int(self._meta.get("warc_end") or 0)
        if end and (not warc.exists() or warc.stat().st_size < end):
            raise ArchiveError(say("证据文件缺失或不完整：{path}", path=str(warc)))
        self.site = site_from(json.loads(self._meta["site"]))
        self.as_of = as_of or datetime.fromisoformat(self._meta["as_of"])
        self.saved = self._meta["scope"] == "saved"
        self._moment_known = moment_known or self._meta.get("moment_known") == "1"
        self.started = datetime.fromisoformat(self._meta["started"])
        self.finished = datetime.fromisoformat(self._meta.get("finished") or self._meta["started"])
        self._needs = frozenset(json.loads(self._meta["needs"]))
        self._terms = frozenset(json.loads(self._meta["terms"]))
        self.watched = Watched()
        self.earlier: Earlier = {}
        """Set by whoever has them: they are not the visit's."""

    def close(self) -> None:
        self._facts.close()

    @cached_property
    def why(self) -> Message | None:
        """Why the visit was cut short; None when it was not."""
        text = self._meta.get("why")
        return Message.from_json(json.loads(text)) if text else None

    @cached_property
    def home_answer(self) -> Answer | None:
        row = self._facts.row("SELECT id FROM targets WHERE stage = 0 ORDER BY id DESC LIMIT 1")
        return self._answer(row[0]) if row else None

    @cached_property
    def _home(self) -> Page | None:
        row = self._facts.row(f"{_PAGE_SQL} WHERE p.role = 'home' ORDER BY p.target DESC LIMIT 1")
        return self._page(row) if row else None

    @property
    def home(self) -> Page:
        page = self._home
        if page is not None:
            return page
        if self.saved:
            raise NotGathered(say("检查的是保存的网页，其中没有首页"))
        row = self._facts.row("SELECT id FROM targets WHERE stage = 0 ORDER BY id DESC LIMIT 1")
        raise NotGathered(say("没有取得首页：{why}", why=self._no_page(row[0])) if row else say("首页没有检查"))

    @property
    def ipv6(self) -> bool:
        known = self._meta.get("ipv6")
        if known is None:
            raise NotGathered(say("没有查到域名有没有IPv6地址"))
        return known == "1"

    @cached_property
    def columns(self) -> tuple[ColumnView, ...]:
        fields = "name, url, kind, top, archived, days, given, evidence, target"
        order = "given DESC, CASE WHEN given THEN position ELSE target END, position"
        return tuple(
            self._column(*row) for row in list(self._facts.rows(f"SELECT {fields} FROM columns ORDER BY {order}"))
        )

    def pages(self, role: Role | None = None) -> Iterator[Page]:
        where, args = (" WHERE p.role = ?", [role.value]) if role else ("", [])
        for row in self._facts.rows(f"{_PAGE_SQL}{where} ORDER BY p.target", args):
            yield self._page(row)

    def links(self) -> Iterator[Link]:
        self._ask_for_links()
        yield from self._linked

    @cached_property
    def _linked(self) -> Linked:
        return Linked(self._facts, self.home_answer, self._landing)

    def lost_places(self) -> Iterator[LostPlace]:
        self._ask_for_links()
        return places.lost(self._facts.rows, self._page_at)

    def _page_at(self, target: int) -> Page | None:
        row = self._facts.row(f"{_PAGE_SQL} WHERE p.target = ?", [target])
        return self._page(row) if row else None

    def _ask_for_links(self) -> None:
        if self.saved:
            raise NotGathered(say("检查的是保存的网页，没有访问其中的链接"))
        if "links" not in self._needs:
            raise NotGathered(say("本次检查没有访问链接"))

    def answer(self, url: str) -> Answer | None:
        target = self._target(url)
        return self._answer(target) if target is not None else None

    def page(self, url: str) -> Page | None:
        target = self._target(url)
        if target is None:
            return None
        twin = self._facts.row("SELECT twin FROM looks WHERE target = ? AND twin IS NOT NULL", [target])
        return self._page_at(twin[0] if twin else target)

    def unread(self, url: str) -> Message:
        target = self._target(url)
        return self._no_page(target) if target is not None else say("没有检查")

    def whereabouts(self, urls: Iterable[str], most: int) -> dict[str, Whereabouts]:
        """Where those of `urls` that the visit knew stood, with at most `most` pages each."""
        return whereabouts(self._facts.rows, urls, most)

    def file(self, url: str) -> FileClues | None:
        target = self._target(url)
        row = self._facts.row("SELECT clues FROM files WHERE target = ?", [target]) if target is not None else None
        return file_clues.loads(row[0]) if row is not None else None

    @cached_property
    def _files(self) -> dict[str, tuple[File, ...]]:
        """Page → the files that stand there first."""
        found: dict[str, list[File]] = {}
        if self._facts.row("SELECT 1 FROM files LIMIT 1") is not None:
            for page, url, text, clues in self._facts.rows(_FILE_SQL):
                found.setdefault(page, []).append(File(url, text, file_clues.loads(clues)))
        return {page: tuple(files) for page, files in found.items()}

    @cached_property
    def coverage(self) -> Coverage:
        asked = not self.saved and "links" in self._needs
        outcomes, hosts = self._linked.by_host() if asked else ({}, ())
        return coverage(self._facts, complete=self._meta.get("complete") == "1", outcomes=outcomes, hosts=hosts)

    # Rows to values.

    def _target(self, url: str) -> int | None:
        row = self._facts.row("SELECT id FROM targets WHERE url = ?", [url])
        if row is None:
            row = self._facts.row("SELECT target FROM pages WHERE url = ?", [url])
        return row[0] if row else None

    @cached_property
    def _renderings(self) -> dict[str, Evidence]:
        """Final address → what a browser made of the page there."""
        sql = "SELECT url, warc, offset, sha256, software FROM renderings WHERE warc IS NOT NULL"
        return {url: Evidence(*where) for url, *where in self._facts.rows(sql)}

    def _answer(self, target: int) -> Answer | None:
        """The last ask, the one that decided; of a target that shares another's silence, the other's."""
        sql = f"SELECT {ANSWER_FIELDS} FROM answers a WHERE target = ? ORDER BY attempt DESC LIMIT 1"
        row = self._facts.row(sql, [target])
        if row is None:
            row = self._facts.row(
                sql.replace("target = ?", "target = (SELECT shares FROM targets WHERE id = ?)"), [target]
            )
        return self._answer_from(row) if row else None

    def _answer_from(self, row: Sequence[Any]) -> Answer:
        answer = answer_from(row)
        drawn, whole = self._renderings.get(answer.url), self._wholes.get(answer.asked)
        if whole is not None:
            return replace(answer, evidence=whole)
        return replace(answer, rendered=drawn) if drawn is not None else answer

    @cached_property
    def _wholes(self) -> dict[str, Evidence]:
        """Asked address → the whole of a file whose beginning was asked for first."""
        sql = (
            "SELECT t.url, f.warc, f.offset, f.sha256 FROM files f JOIN targets t ON t.id = f.target "
            "WHERE f.warc IS NOT NULL"
        )
        return {url: Evidence(*where) for url, *where in self._facts.rows(sql)}

    def _no_page(self, target: int) -> Message:
        """Why there is no page at this target."""
        answer = self._answer(target)
        row = self._facts.row("SELECT skip, shares FROM targets WHERE id = ?", [target])
        if answer is None or row is None:
            return SKIP_REASONS[row[0]] if row and row[0] else say("没有检查")
        sql = "SELECT sign, code, reason FROM answers WHERE target IN (?, ?) ORDER BY target = ? DESC, attempt DESC"
        sign = self._facts.row(sql, [target, row[1], target])
        if sign is not None and sign[0] != SignKind.GOOD:
            return Message.from_json(json.loads(sign[2]))
        if sign is not None and sign[1] == "too-large":
            return say("内容超过大小上限，没有读完")
        if not answer.size:
            return say("内容是空的（0字节）")
        return say("返回的不是网页（类型 {type}）", type=answer.media_type or "?")

    def _page(self, row: Sequence[Any]) -> Page:
        answer = self._answer_from(row[13:-1])
        content_type, encoding = row[7], row[5]
        return Page(
            answer=replace(answer, url=row[0]),
            role=Role(row[1]),
            column=row[2],
            title=row[3],
            metas={k: tuple(v) for k, v in json.loads(row[4]).items()},
            script_drawn=bool(row[6]),
            as_of=self.as_of,
            saved=self.saved and not self._moment_known,
            dating=dating_from(row[11]) if row[11] else None,
            read=self._reader(answer, content_type, encoding),
            find_files=lambda: self._files.get(row[0], ()),
            clues=Clues(
                frozenset(json.loads(row[8])),
                frozenset(NumberKind(k) for k in json.loads(row[9])),
                bool(row[10]),
                frozenset(row[12].split()),
            ),
            sought=self._terms,
            appearances=self._appearances.get(row[-1], ()),
            find_concealed=lambda names: self._concealed.on(row[-1], names),
        )

    @cached_property
    def _concealed(self) -> Concealed:
        return Concealed(self._facts.rows, self._text)

    @cached_property
    def _appearances(self) -> dict[int, tuple[Appearance, ...]]:
        """Target → how its page looked to whom, where it was asked in several guises."""
        found: dict[int, list[Appearance]] = {}
        own = (
            f"SELECT a.target, '{Guise.SELF}', '{SignKind.GOOD}', '', p.encoding, a.content_type, {ANSWER_FIELDS} "
            f"FROM pages p JOIN answers a ON a.target = p.target AND {_LAST} "
            "WHERE a.target IN (SELECT target FROM guises)"
        )
        other = (
            f"SELECT a.target, a.guise, a.sign, a.reason, '', a.content_type, {ANSWER_FIELDS} FROM guises a "
            "ORDER BY a.target, a.attempt, a.guise"
        )
        for sql in (own, other):
            for target, guise, sign, reason, encoding, content_type, *row in self._facts.rows(sql):
                answer = answer_from(row)
                source = self._reader(answer, content_type, encoding)
                refused = Message.from_json(json.loads(reason)) if sign != SignKind.GOOD else None
                found.setdefault(target, []).append(Appearance(Guise(guise), answer, refused, source))
        return {target: tuple(several) for target, several in found.items()}

    def _reader(self, answer: Answer, content_type: str, encoding: str) -> Callable[[], str]:
        def read() -> str:
            where = answer.rendered or answer.evidence
            return self._text(where, content_type, encoding) if where is not None else ""

        return read

    def _text(self, where: Evidence, content_type: str, encoding: str = "") -> str:
        try:
            return stored.text(self._facts.folder, where, content_type, encoding)
        except (OSError, ValueError) as error:
            raise damaged(self._facts.folder / where.warc, error) from error

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
        row = self._facts.row(f"{_PAGE_SQL} WHERE p.target = ?", [target]) if target is not None else None
        if row is None:
            why = self._no_page(target) if target is not None else say("没有检查")
            missing = say("没有取得栏目页面：{why}", why=why)
            return ColumnView(column, self.as_of, answer, None, unobservable=missing)
        page = self._page(row)
        # A document of our own, dropped at once: the view must not keep every column's tree alive.
        document = html.parse(page.read(), rendered=page.answer.rendered is not None)
        found = columns.listing(document, page.url, fetched_at=page.answer.at, as_of=self.as_of, name=name)
        items = columns.date_items(found.items, self._published)
        unseen = found.unobservable
        if unseen is not None and page.answer.rendered is None:
            unseen = self._with_rendering(page.url, unseen)
        return ColumnView(column, self.as_of, answer, page, items, unseen)

    def _with_rendering(self, url: str, unseen: Message) -> Message:
        """Why a list cannot be read, and why a browser did not help."""
        row = self._facts.row("SELECT why, code FROM renderings WHERE url = ?", [url])
        if row is None or not (row[0] or row[1]):
            return unseen
        why = REASONS[row[1]] if row[1] else Message.from_json(json.loads(row[0]))
        return say("{why}；{told}", why=unseen, told=why)

    def _published(self, url: str) -> dates.Published | None:
        """The date of an article's own page, if it was opened."""
        page = self.page(url)
        if page is None:
            return None
        told = page.dating or dates.dating(html.parse(page.read()), fetched_at=page.answer.at)
        return dates.published_by(told, page.url)

    def _landing(self, url: str) -> Landing | None:
        target = self._target(url)
        sql = f"SELECT a.content_type, {ANSWER_FIELDS} FROM answers a WHERE target = ? ORDER BY attempt DESC LIMIT 1"
        row = self._facts.row(sql, [target]) if target is not None else None
        if row is None:
            return None
        answer = answer_from(row[1:])
        if not answer.ok:
            return None
        html_body = answer.method == "GET" and answer.media_type in ("text/html", "application/xhtml+xml")
        if not html_body or not answer.size:
            return Landing(answer.url)
        document = html.parse(self._reader(answer, row[0], "")())
        return Landing(answer.url, document.title, html.squeeze(document.text()[:_LANDING]))


_LANDING = 4000  # characters of what stands at another site
_LAST = "a.attempt = (SELECT max(attempt) FROM answers WHERE target = p.target)"
_PAGE_SQL = (
    "SELECT p.url, p.role, p.column, p.title, p.metas, p.encoding, p.script_drawn, a.content_type, p.terms, p.numbers, "
    "p.hides, p.dating, p.around, "
    f"{ANSWER_FIELDS}, p.target FROM pages p JOIN answers a ON a.target = p.target AND {_LAST}"
)
# Each file at its best place, as links are told below.
_FILE_SQL = """
SELECT p.url, t.url, b.text, f.clues FROM files f JOIN targets t ON t.id = f.target
JOIN (
  SELECT a.target, a.text,
         min(CASE p.role WHEN 'home' THEN 0 WHEN 'column' THEN 1 WHEN 'article' THEN 2 ELSE 3 END * 1000000000
             + p.target) AS rank
  FROM pages p, json_each(p.links) l JOIN anchors a ON a.id = l.key JOIN files f ON f.target = a.target
  GROUP BY a.target
) b ON b.target = f.target
JOIN pages p ON p.target = b.rank % 1000000000
ORDER BY f.target
"""
