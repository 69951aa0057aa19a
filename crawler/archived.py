"""The read-only view of a visit folder that rules see: `crawler.snapshot.Snapshot` over visit.db and visit.warc.gz."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any

from crawler import columns, dates, file_clues, html, outcome, places, stored
from crawler.archive import SCHEMA, ArchiveError, obstacle
from crawler.clues import Clues
from crawler.concealed import Concealed
from crawler.earlier import Earlier
from crawler.file_clues import File, FileClues
from crawler.guise import Appearance, Guise
from crawler.message import Message, say
from crawler.numbers import NumberKind
from crawler.outcome import Outcome, Reach, Sign, SignKind, Verdict
from crawler.page import (
    Answer,
    Dating,
    Evidence,
    Failure,
    FailureKind,
    Hop,
    Landing,
    Link,
    LinkKind,
    LostPlace,
    Page,
    Role,
)
from crawler.probe import Watched
from crawler.quiet import Quiet
from crawler.rendering import REASONS
from crawler.site import Column, ColumnKind, Site, SiteKind
from crawler.snapshot import ColumnView, Coverage, HostLinks, NotGathered, Repeat, Trap, TrapReason
from crawler.templates import template, trunk
from crawler.urls import address_reason, authority, domain, host, origin
from crawler.whereabouts import Whereabouts, whereabouts


def open_snapshot(folder: Path, *, as_of: datetime | None = None, moment_known: bool = False) -> ArchivedSnapshot:
    """The read-only view of a finished or parked visit; ArchiveError when the folder holds none.

    `moment_known`: the operator says now that saved pages show the moment `as_of`.
    """
    path = folder / "visit.db"
    if not path.exists():
        raise ArchiveError(say("目录中没有检查数据：{folder}", folder=str(folder)))
    conn = sqlite3.connect(path)
    try:
        return ArchivedSnapshot(folder, conn, as_of, moment_known)
    except ArchiveError:
        conn.close()
        raise
    except (sqlite3.Error, KeyError, TypeError, ValueError) as error:
        conn.close()
        raise damaged(path, error) from error


def damaged(path: Path, error: Exception) -> ArchiveError:
    said = obstacle(path, error)
    if said is not None:
        return ArchiveError(said)
    why = " ".join(str(error).split()) or type(error).__name__
    return ArchiveError(say("检查数据已损坏，不能读取：{path}（{why}）", path=str(path), why=why))


class ArchivedSnapshot:
    """crawler.snapshot.Snapshot over a visit folder. Bodies are read back from the WARC one at a time."""

    def __init__(self, folder: Path, conn: sqlite3.Connection, as_of: datetime | None, moment_known: bool) -> None:
        self._folder = folder
        self._conn = conn
        conn.execute("PRAGMA query_only = 1")
        self._meta: dict[str, str] = dict(conn.execute("SELECT key, value FROM meta").fetchall())
        if "site" not in self._meta:
            raise ArchiveError(say("检查数据不完整，没有网站信息：{folder}", folder=str(folder)))
        if self._meta["schema"] != str(SCHEMA):
            raise ArchiveError(say("{folder} 中的检查数据是另一版本的程序写的，不能读取", folder=str(folder)))
        warc, end = folder / "visit.warc.gz", int(self._meta.get("warc_end") or 0)
        if end and (not warc.exists() or warc.stat().st_size < end):
            raise ArchiveError(say("证据文件缺失或不完整：{path}", path=str(warc)))
        self.site = _site_from_json(json.loads(self._meta["site"]))
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
        self._conn.close()

    @cached_property
    def why(self) -> Message | None:
        """Why the visit was cut short; None when it was not."""
        text = self._meta.get("why")
        return Message.from_json(json.loads(text)) if text else None

    def _rows(self, sql: str, args: Sequence[Any] = ()) -> Iterator[Any]:
        try:
            yield from self._conn.execute(sql, args)
        except sqlite3.Error as error:
            raise damaged(self._folder / "visit.db", error) from error

    def _row(self, sql: str, args: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """The first row; None when there is none."""
        return next(self._rows(sql, args), None)

    def _count(self, sql: str) -> int:
        row = self._row(sql)
        return row[0] if row else 0

    @cached_property
    def home_answer(self) -> Answer | None:
        row = self._row("SELECT id FROM targets WHERE stage = 0 ORDER BY id DESC LIMIT 1")
        return self._answer(row[0]) if row else None

    @cached_property
    def _home(self) -> Page | None:
        row = self._row(f"{_PAGE_SQL} WHERE p.role = 'home' ORDER BY p.target DESC LIMIT 1")
        return self._page(row) if row else None

    @property
    def home(self) -> Page:
        page = self._home
        if page is not None:
            return page
        if self.saved:
            raise NotGathered(say("检查的是保存的网页，其中没有首页"))
        row = self._row("SELECT id FROM targets WHERE stage = 0 ORDER BY id DESC LIMIT 1")
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
        return tuple(self._column(*row) for row in list(self._rows(f"SELECT {fields} FROM columns ORDER BY {order}")))

    def pages(self, role: Role | None = None) -> Iterator[Page]:
        where, args = (" WHERE p.role = ?", [role.value]) if role else ("", [])
        for row in self._rows(f"{_PAGE_SQL}{where} ORDER BY p.target", args):
            yield self._page(row)

    def links(self) -> Iterator[Link]:
        self._ask_for_links()
        for row in self._rows(_LINK_SQL):
            yield self._link(row)

    def lost_places(self) -> Iterator[LostPlace]:
        self._ask_for_links()
        return places.lost(self._rows, self._page_at)

    def _page_at(self, target: int) -> Page | None:
        row = self._row(f"{_PAGE_SQL} WHERE p.target = ?", [target])
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
        twin = self._row("SELECT twin FROM looks WHERE target = ? AND twin IS NOT NULL", [target])
        return self._page_at(twin[0] if twin else target)

    def unread(self, url: str) -> Message:
        target = self._target(url)
        return self._no_page(target) if target is not None else say("没有检查")

    def whereabouts(self, urls: Iterable[str], most: int) -> dict[str, Whereabouts]:
        """Where those of `urls` that the visit knew stood, with at most `most` pages each."""
        return whereabouts(self._rows, urls, most)

    def file(self, url: str) -> FileClues | None:
        target = self._target(url)
        row = self._row("SELECT clues FROM files WHERE target = ?", [target]) if target is not None else None
        return file_clues.loads(row[0]) if row is not None else None

    @cached_property
    def _files(self) -> dict[str, tuple[File, ...]]:
        """Page → the files that stand there first."""
        found: dict[str, list[File]] = {}
        if self._row("SELECT 1 FROM files LIMIT 1") is not None:
            for page, url, text, clues in self._rows(_FILE_SQL):
                found.setdefault(page, []).append(File(url, text, file_clues.loads(clues)))
        return {page: tuple(files) for page, files in found.items()}

    @cached_property
    def coverage(self) -> Coverage:
        pages = self._count("SELECT count(*) FROM pages")
        links = self._count(
            "SELECT count(*) FROM (SELECT DISTINCT l.target FROM "
            "(SELECT target FROM anchors UNION ALL SELECT target FROM passages) l JOIN targets t ON t.id = l.target "
            "WHERE t.shares IS NOT NULL OR EXISTS (SELECT 1 FROM answers a WHERE a.target = l.target))"
        )
        sql = (
            "SELECT coalesce(skip, 'not-asked') AS why, count(*) FROM targets t WHERE skip IS NOT NULL OR "
            "shares IS NULL AND NOT EXISTS (SELECT 1 FROM answers a WHERE a.target = t.id) GROUP BY why ORDER BY why"
        )
        skipped: dict[str, int] = dict(self._rows(sql))
        blocked: dict[str, None] = {}
        sql = "SELECT t.url, a.sign, a.code FROM answers a JOIN targets t ON t.id = a.target WHERE a.sign IN (?, ?, ?)"
        for url, sign, code in self._rows(sql, [SignKind.BLOCKED, SignKind.SKIPPED, SignKind.PRIVATE]):
            if sign == SignKind.BLOCKED:
                blocked[authority(url)] = None
            else:
                skipped[code] = skipped.get(code, 0) + 1
        # The page as its scripts draw it was not looked at.
        skipped |= dict(self._rows("SELECT code, count(*) FROM renderings WHERE code != '' GROUP BY code"))
        skipped |= dict(self._rows("SELECT code, count(*) FROM files WHERE code != '' GROUP BY code"))
        reused = self._count("SELECT count(*) FROM pages p JOIN bases b ON b.target = p.target WHERE b.unchanged <> ''")
        whole = self._meta.get("complete") == "1"
        traps, repeats = tuple(self._traps()), tuple(self._repeats())
        outcomes, hosts = self._by_host()
        return Coverage(pages, links, tuple(blocked), skipped, whole, traps, repeats, reused, outcomes, hosts)

    def _by_host(self) -> tuple[dict[str, int], tuple[HostLinks, ...]]:
        """What became of the link targets: all together, and by host."""
        if self.saved or "links" not in self._needs:
            return {}, ()
        total: Counter[str] = Counter()
        hosts: dict[str, Counter[str]] = {}
        for url, *known in self._rows(_TARGET_SQL):
            verdict = self._outcome(url, *known).verdict.value
            total[verdict] += 1
            hosts.setdefault(host(url) or url, Counter())[verdict] += 1
        good = Verdict.OK.value
        ranked = sorted(hosts.items(), key=lambda one: (one[1][good] - one[1].total(), -one[1].total(), one[0]))
        return dict(total), tuple(HostLinks(name, dict(counts)) for name, counts in ranked[:_MOST_TOLD])

    def _traps(self) -> list[Trap]:
        left: Counter[tuple[str, TrapReason]] = Counter()
        pages: dict[str, int] = dict(self._rows("SELECT template, pages FROM traps ORDER BY template"))
        sql = "SELECT url, skip FROM targets WHERE skip IN ('trap', 'endless', 'hosts', 'variant') ORDER BY id"
        for url, reason in self._rows(sql):
            name = f"*.{domain(host(url)) or host(url)}" if reason == "hosts" else template(url)
            left[trunk(name) if reason == "trap" and trunk(name) in pages else name, reason] += 1
        for name in pages:
            left[name, "trap"] += 0
        found = sorted(left.items(), key=lambda one: (-one[1], one[0]))[:_MOST_TOLD]
        return [Trap(name, pages.get(name, 0) if reason == "trap" else 0, n, reason) for (name, reason), n in found]

    def _repeats(self) -> Iterator[Repeat]:
        sql = (
            "SELECT p.url, count(*) AS n FROM looks l JOIN pages p ON p.target = l.twin GROUP BY l.twin "
            "ORDER BY n DESC, l.twin LIMIT ?"
        )
        for url, addresses in self._rows(sql, [_MOST_TOLD]):
            yield Repeat(url, addresses)

    # Rows to values.

    def _target(self, url: str) -> int | None:
        row = self._row("SELECT id FROM targets WHERE url = ?", [url])
        if row is None:
            row = self._row("SELECT target FROM pages WHERE url = ?", [url])
        return row[0] if row else None

    @cached_property
    def _renderings(self) -> dict[str, Evidence]:
        """Final address → what a browser made of the page there."""
        sql = "SELECT url, warc, offset, sha256, software FROM renderings WHERE warc IS NOT NULL"
        return {url: Evidence(*where) for url, *where in self._rows(sql)}

    def _answer(self, target: int) -> Answer | None:
        """The last ask, the one that decided; of a target that shares another's silence, the other's."""
        sql = f"SELECT {_ANSWER_FIELDS} FROM answers a WHERE target = ? ORDER BY attempt DESC LIMIT 1"
        row = self._row(sql, [target])
        if row is None:
            row = self._row(sql.replace("target = ?", "target = (SELECT shares FROM targets WHERE id = ?)"), [target])
        return self._answer_from(row) if row else None

    def _answer_from(self, row: Sequence[Any]) -> Answer:
        answer = _answer_from(row)
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
        return {url: Evidence(*where) for url, *where in self._rows(sql)}

    def _no_page(self, target: int) -> Message:
        """Why there is no page at this target."""
        answer = self._answer(target)
        row = self._row("SELECT skip, shares FROM targets WHERE id = ?", [target])
        if answer is None or row is None:
            return SKIP_REASONS[row[0]] if row and row[0] else say("没有检查")
        sql = "SELECT sign, code, reason FROM answers WHERE target IN (?, ?) ORDER BY target = ? DESC, attempt DESC"
        sign = self._row(sql, [target, row[1], target])
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
            dating=_dating(row[11]) if row[11] else None,
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
        return Concealed(self._rows, self._text)

    @cached_property
    def _appearances(self) -> dict[int, tuple[Appearance, ...]]:
        """Target → how its page looked to whom, where it was asked in several guises."""
        found: dict[int, list[Appearance]] = {}
        own = (
            f"SELECT a.target, '{Guise.SELF}', '{SignKind.GOOD}', '', p.encoding, a.content_type, {_ANSWER_FIELDS} "
            f"FROM pages p JOIN answers a ON a.target = p.target AND {_LAST} "
            "WHERE a.target IN (SELECT target FROM guises)"
        )
        other = (
            f"SELECT a.target, a.guise, a.sign, a.reason, '', a.content_type, {_ANSWER_FIELDS} FROM guises a "
            "ORDER BY a.target, a.attempt, a.guise"
        )
        for sql in (own, other):
            for target, guise, sign, reason, encoding, content_type, *row in self._rows(sql):
                answer = _answer_from(row)
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
            return stored.text(self._folder, where, content_type, encoding)
        except (OSError, ValueError) as error:
            raise damaged(self._folder / where.warc, error) from error

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
        row = self._row(f"{_PAGE_SQL} WHERE p.target = ?", [target]) if target is not None else None
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
        row = self._row("SELECT why, code FROM renderings WHERE url = ?", [url])
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

    # What else the visit saw, when a link failed.

    @cached_property
    def _spoken(self) -> set[str]:
        """Origins that answered anything at all."""
        found: set[str] = set()
        for url, status, hops in self._rows("SELECT url, status, hops FROM answers"):
            if status is not None:
                found.add(origin(url))
            if hops != "[]":
                found.update(origin(hop["url"]) for hop in json.loads(hops))
        return found

    @cached_property
    def _controls(self) -> dict[str, bool]:
        return {name: bool(good) for name, good in self._rows("SELECT origin, good FROM controls")}

    @cached_property
    def _away(self) -> bool:
        """Nothing shows that this machine reaches the outside: no outside site answered, and either several were asked,
        or the site itself is no proof of a way out."""
        failed: set[str] = set()
        sql = (
            "SELECT a.url, a.status FROM targets t JOIN answers a ON a.target = t.id "
            "WHERE NOT t.internal AND a.sign NOT IN ('private', 'skipped')"
        )
        for url, status in self._rows(sql):
            if status is not None:
                return False
            failed.add(host(url))
        if len(failed) >= _SEVERAL:
            return True
        home = self.home_answer
        return home is None or not home.server or address_reason(home.server) is not None or _is_number(host(home.url))

    def _link(self, row: Sequence[Any]) -> Link:
        (url, kind, internal, skip, shares, places, text, raw, line, on, role, title, own, witness, last, via) = row
        found = self._outcome(url, internal, skip, shares, own, witness, last)
        link = Link(url, LinkKind(kind), on, Role(role), title, text, raw, line, places, bool(internal), found, via)
        return link if internal or found.asked == 0 else replace(link, look=partial(self._landing, url))

    def _outcome(
        self, url: str, internal: int, skip: str | None, shares: int | None, own: str, witness: str, last: str | None
    ) -> Outcome:
        signs = _signs(own)
        if not signs and skip:
            return Outcome(Verdict.SKIPPED, skip, SKIP_REASONS[skip], asked=0)
        found = outcome.share(signs, _signs(witness)) if shares is not None else outcome.conclude(signs)
        if found.verdict is not Verdict.BROKEN:
            return found
        name = origin(last or url)
        away = self._away and not internal and not host(last or url).endswith(_NOWHERE)
        return outcome.weigh(found, Reach(name in self._spoken, self._controls.get(name), away))

    def _landing(self, url: str) -> Landing | None:
        target = self._target(url)
        sql = f"SELECT a.content_type, {_ANSWER_FIELDS} FROM answers a WHERE target = ? ORDER BY attempt DESC LIMIT 1"
        row = self._row(sql, [target]) if target is not None else None
        if row is None:
            return None
        answer = _answer_from(row[1:])
        if not answer.ok:
            return None
        html_body = answer.method == "GET" and answer.media_type in ("text/html", "application/xhtml+xml")
        if not html_body or not answer.size:
            return Landing(answer.url)
        document = html.parse(self._reader(answer, row[0], "")())
        return Landing(answer.url, document.title, html.squeeze(document.text()[:_LANDING]))


@lru_cache(maxsize=512)
def _signs(text: str | None) -> tuple[Sign, ...]:
    return tuple(
        Sign(SignKind(s["sign"]), s["code"], Message.from_json(s["reason"]))
        for s in json.loads(text or "[]")
        if s["sign"]
    )


def _is_number(name: str) -> bool:
    """The host is an address, not a name: reaching it says nothing of names."""
    return ":" in name or name.replace(".", "").isdigit()


_LANDING = 4000  # characters of what stands at another site
_NOWHERE = (".invalid", ".example")  # names that lead nowhere from any machine (RFC 6761, 6.4 and 6.5)
_MOST_TOLD = 100  # traps, and repeated pages, that coverage names
_SEVERAL = 3  # outside hosts: so many dead ones at once, and not one alive, are rather our own way out
SKIP_REASONS = {
    "max-pages": say("超过页数上限，没有检查"),
    "max-seconds": say("超过时间上限，没有检查"),
    "max-bytes": say("超过流量上限，没有检查"),
    "interrupted": say("检查被中断，没有检查"),
    "trap": say("同类地址接连没有新内容，没有检查"),
    "endless": say("疑似无限循环的地址，没有检查"),
    "hosts": say("同一域名下的主机过多，没有检查"),
    "variant": say("同一地址的另一种写法，没有检查"),
    "not-needed": say("本次检查不需要访问"),
}


_ANSWER_FIELDS = (
    "a.asked, a.url, a.at, a.elapsed, a.status, a.failure, a.detail, a.hops, a.method, a.media_type, a.size, a.digest, "
    "a.server, a.warc, a.offset, a.sha256, a.weak, a.expires, a.attempt"
)
_LAST = "a.attempt = (SELECT max(attempt) FROM answers WHERE target = p.target)"
_PAGE_SQL = (
    "SELECT p.url, p.role, p.column, p.title, p.metas, p.encoding, p.script_drawn, a.content_type, p.terms, p.numbers, "
    "p.hides, p.dating, p.around, "
    f"{_ANSWER_FIELDS}, p.target FROM pages p JOIN answers a ON a.target = p.target AND {_LAST}"
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
# What its own asks say, what those of the target say whose silence it shares, and where the last of its own ended.
_SIGNS = """
       (SELECT json_group_array(json_object('sign', a.sign, 'code', a.code, 'reason', json(a.reason)))
          FROM (SELECT * FROM answers WHERE target = t.id ORDER BY attempt) a),
       (SELECT json_group_array(json_object('sign', a.sign, 'code', a.code, 'reason', json(a.reason)))
          FROM (SELECT * FROM answers WHERE target = t.shares ORDER BY attempt) a),
       (SELECT url FROM answers WHERE target = t.id ORDER BY attempt DESC LIMIT 1)"""
_TARGET_SQL = f"""
SELECT t.url, t.internal, t.skip, t.shares, {_SIGNS}
FROM targets t WHERE t.id IN (SELECT target FROM anchors UNION SELECT target FROM passages)
"""
# The best place of each target: the home page, then columns, then articles, then the order of visiting.
# SQLite takes the bare columns of a min() from the row that has it. A form's address that is also linked to is told of
# as a link. What stands in no page is told of once, after the rest, at the best place of what leads to it.
_LINK_SQL = f"""
WITH stands AS (
  SELECT l.key AS anchor, l.value AS line, count(*) AS places,
         min(CASE p.role WHEN 'home' THEN 0 WHEN 'column' THEN 1 WHEN 'article' THEN 2 ELSE 3 END * 1000000000
             + p.target) AS rank
  FROM pages p, json_each(p.links) l GROUP BY l.key
), best AS MATERIALIZED (
  SELECT a.target, a.kind, a.text, a.raw, s.line, sum(s.places) AS places, min(s.rank) AS rank
  FROM stands s JOIN anchors a ON a.id = s.anchor GROUP BY a.target, a.kind
), told AS (
  SELECT target, kind, text, raw, line, places, rank, 0 AS via
  FROM best WHERE kind != 'form' OR target NOT IN (SELECT target FROM best WHERE kind != 'form')
  UNION ALL
  SELECT p.target, p.kind, '', p.raw, 0, r.places, r.rank, min(p.via)
  FROM passages p
  JOIN (SELECT target, sum(places) AS places, min(rank) AS rank FROM best GROUP BY target) r ON r.target = p.root
  WHERE p.target NOT IN (SELECT target FROM best)
  GROUP BY p.target, p.kind
)
SELECT t.url, b.kind, t.internal, t.skip, t.shares, b.places, b.text, b.raw, b.line, p.url, p.role, p.title,
       {_SIGNS},
       coalesce(v.url, '')
FROM told b
JOIN targets t ON t.id = b.target
JOIN pages p ON p.target = b.rank % 1000000000
LEFT JOIN targets v ON v.id = b.via
ORDER BY b.via != 0, b.target, b.kind
"""


def _answer_from(row: Sequence[Any]) -> Answer:
    asked, url, at, elapsed, status, failure, detail, hops, method, media, *rest = row
    size, digest, server, warc, offset, sha, weak, expires, attempt = rest
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
        weak=weak,
        expires=datetime.fromisoformat(expires) if expires else None,
        evidence=Evidence(warc, offset, sha) if warc else None,
        times=attempt,
    )


def _dating(text: str) -> Dating:
    data = json.loads(text)
    days = {name: date.fromisoformat(data[name]) for name in ("shown", "meta", "updated") if name in data}
    return Dating(**data | days | {"sketch": tuple(data.get("sketch", ()))})


def _site_from_json(data: dict[str, Any]) -> Site:
    found = tuple(Column(**{**c, "kind": ColumnKind(c["kind"])}) for c in data.pop("columns"))
    kind = data.pop("kind")
    quiet = tuple(Quiet(*times) for times in data.pop("quiet", ()))
    return Site(**data, kind=SiteKind(kind) if kind else None, quiet=quiet, columns=found)
