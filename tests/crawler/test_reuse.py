"""The second visit of a site builds on the first: what is unchanged is not fetched and not parsed again, and what it
finds is what a fresh visit finds."""

import hashlib
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from evidence import check, facts

from crawler import html
from crawler.archived import open_snapshot
from crawler.baseline import last_good
from crawler.outcome import Verdict
from crawler.site import Column, ColumnKind
from crawler.warc import records

TEXT = "<p>云岭县人民政府办公室主办，本页公布本县政务信息，欢迎社会各界监督并提出意见和建议。</p>" * 40
SHORT = "<p>本页内容不多。</p>"
PDF = b"%PDF-1.4 " + b"x" * 3000 + b" startxref 0 %%EOF "
DAY = "Tue, 10 Nov 2026 08:00:00 GMT"


@dataclass
class Portal:
    """A site that keeps its word: ETag, Last-Modified and 304. Tests change its pages, and its habits."""

    server: Any
    pages: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    etag: Callable[[bytes], str] = lambda body: f'"{hashlib.sha256(body).hexdigest()[:12]}"'
    modified: str = DAY
    answers: Callable[[Any, bytes], bytes | None] = lambda _seen, _body: None
    """What it says instead; None: what it should."""
    sent: int = 0
    """Bytes, heads included."""

    def put(self, target: str, body: bytes, content_type: str = "text/html; charset=utf-8") -> None:
        self.pages[target] = body
        self.types[target] = content_type
        self.server.on(target, self._say)

    def _say(self, seen: Any) -> list[Any]:
        body = self.pages.get(seen.target)
        if body is None:
            answer = self.server.answer(b"gone", status="404 Not Found")
        else:
            answer = self.answers(seen, body) or self.honest(seen, body)
        self.sent += answer.find(b"\r\n\r\n") + 4 if seen.method == "HEAD" else len(answer)
        whole = b"Content-Length: 9999" not in answer
        return [answer] if whole else [answer, self.server.CLOSE]

    def honest(self, seen: Any, body: bytes) -> bytes:
        etag = self.etag(body)
        headers = [
            *([f"ETag: {etag}"] if etag else []),
            *([f"Last-Modified: {self.modified}"] if self.modified else []),
        ]
        asked, since = seen.headers.get("if-none-match"), seen.headers.get("if-modified-since")
        if asked == etag if asked is not None else since is not None and since == self.modified:
            return "\r\n".join(["HTTP/1.1 304 Not Modified", *headers, "", ""]).encode()
        return self.server.answer(body, *headers, content_type=self.types[seen.target])

    @property
    def url(self) -> str:
        return self.server.url("/")


def page(title: str, *links: str, text: str = TEXT) -> bytes:
    body = "".join(f"<li><a href='{link}'>{title}第{n}项</a></li>" for n, link in enumerate(links))
    head = f"<title>{title}</title><link rel=stylesheet href=/s.css>"
    return f"<!DOCTYPE html><html><head>{head}</head><body><ul>{body}</ul>{text}</body></html>".encode()


@pytest.fixture
def portal(server: Any) -> Portal:
    """A home page, a column of four articles, thirty other pages with a document each, one of them in GBK."""
    found = Portal(server)
    pages = [f"/p/{n}.html" for n in range(30)]
    for n, target in enumerate(pages):
        ahead = [pages[(n + step) % 30] for step in (1, 5, 7)]
        body = page(f"第{n}页", *ahead, f"/f/{n}.pdf", f"/gone/{n % 3}.html")
        found.put(target, body)
        found.put(f"/f/{n}.pdf", PDF + str(n).encode(), "application/pdf")
    found.put("/p/3.html", page("国标", "/p/4.html").decode().encode("gb18030"), "text/html; charset=gbk")
    found.put("/s.css", b"body { background: url(/gone/back.png) }", "text/css")
    found.put("/p/4.html", page("短页", "/p/5.html", text=SHORT))
    rows = "".join(
        f"<li><a href='/xw/{n}.html'>云岭县召开第{n}次会议部署重点工作</a><span>11-{n + 10}</span></li>"
        for n in range(4)
    )
    found.put("/xw/", f"<title>动态要闻</title><ul>{rows}</ul>{TEXT}".encode())
    for n in range(4):
        found.put(f"/xw/{n}.html", page(f"会议{n}", "/"))
    found.put("/", page("云岭县人民政府", "/xw/", *pages[:9]))
    return found


@pytest.fixture
def audit(portal: Portal, go: Any, tmp_path: Path) -> Callable[..., Any]:
    """audit(name, on=name of an earlier one) visits the portal, full scope, into a folder of that name."""

    def run(name: str, on: str | None = None, **more: Any) -> Any:
        portal.server.seen.clear()
        portal.sent = 0
        column = Column("动态要闻", portal.server.url("/xw/"), ColumnKind.NEWS, given=True)
        baseline = tmp_path / on if on else None
        wanted = {"scope": "full", "columns": (column,)} | more
        return go(portal.url, folder=tmp_path / name, baseline=baseline, **wanted)

    return run


def conditional(portal: Portal) -> set[str]:
    return {seen.target for seen in portal.server.seen if {"if-none-match", "if-modified-since"} & seen.headers.keys()}


def revisits(warc: Path) -> Iterator[Any]:
    return (record.rec_headers for record in records(warc) if record.rec_type == "revisit")


def test_an_unchanged_site_costs_a_twentieth_of_the_bytes(portal: Portal, audit: Any) -> None:
    first = audit("first")
    whole = portal.sent
    again = audit("again", on="first")
    assert facts(again) == facts(first)
    assert again.coverage.reused == again.coverage.pages == 1 + 1 + 4 + 30
    assert first.coverage.reused == 0
    # What is always read: the home page and the column. The first of each kind of address is put to the proof.
    proved = ("/p/0.html", "/xw/0.html", "/f/0.pdf")
    always = sum(len(portal.pages[target]) for target in ("/", "/xw/", *proved))
    assert portal.sent - always < 0.05 * whole


def test_an_unchanged_page_is_not_parsed_again(audit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[int] = []
    parse = html.parse
    monkeypatch.setattr(html, "parse", lambda source: parsed.append(len(source)) or parse(source))
    audit("first")
    first = sum(parsed)
    parsed.clear()
    audit("again", on="first")
    # Short pages are looked at again: whether they are error pages hangs on what the host says of missing ones.
    assert sum(parsed) < first / 10


def test_what_is_asked_with_conditions(portal: Portal, audit: Any) -> None:
    audit("first")
    assert conditional(portal) == set()
    audit("again", on="first")
    asked = conditional(portal)
    assert {f"/p/{n}.html" for n in range(30)} | {f"/f/{n}.pdf" for n in range(5, 30)} <= asked
    assert not {"/", "/xw/", "/robots.txt"} & asked
    assert not any(target.startswith("/gone/") for target in asked), "an error is no baseline"


def test_a_visit_stands_alone_when_the_earlier_ones_are_deleted(audit: Any, tmp_path: Path) -> None:
    told = facts(audit("first"))
    audit("second", on="first")
    shutil.rmtree(tmp_path / "first")
    audit("third", on="second").close()
    shutil.rmtree(tmp_path / "second")
    with_nothing_else = open_snapshot(tmp_path / "third")
    assert facts(with_nothing_else) == told
    assert with_nothing_else.coverage.reused == with_nothing_else.coverage.pages
    with_nothing_else.close()


def test_revisit_records_refer_to_the_records_beside_them(audit: Any, portal: Portal, tmp_path: Path) -> None:
    audit("first")
    audit("again", on="first")
    warc = tmp_path / "again" / "visit.warc.gz"
    assert check(warc) == 0
    there = {
        r.rec_headers.get_header("WARC-Record-ID"): r.rec_headers for r in records(warc) if r.rec_type == "response"
    }
    profiles = set()
    for head in revisits(warc):
        original = there[head.get_header("WARC-Refers-To")]
        assert head.get_header("WARC-Refers-To-Target-URI") == original.get_header("WARC-Target-URI")
        assert head.get_header("WARC-Refers-To-Date") == original.get_header("WARC-Date")
        assert head.get_header("WARC-Payload-Digest") == original.get_header("WARC-Payload-Digest")
        profiles.add((head.get_header("WARC-Target-URI"), head.get_header("WARC-Profile").rpartition("/")[2]))
    # What the server said in the place of a body is kept beside a record that a replay takes for the page.
    heads = [r.content_stream().read() for r in records(warc) if r.rec_type == "metadata"]
    assert sum(head.startswith(b"statusLine: HTTP/1.1 304 Not Modified\r\n") for head in heads) == sum(
        profile == "server-not-modified" for _, profile in profiles
    )
    assert (portal.url, "identical-payload-digest") in profiles
    assert (portal.server.url("/p/7.html"), "server-not-modified") in profiles
    assert (portal.server.url("/f/7.pdf"), "server-not-modified") in profiles


def test_without_validators_the_same_bytes_are_recognised(portal: Portal, audit: Any, tmp_path: Path) -> None:
    portal.etag, portal.modified = (lambda _: ""), ""
    first = audit("first")
    again = audit("again", on="first")
    assert conditional(portal) == set()
    assert facts(again) == facts(first)
    assert again.coverage.reused == again.coverage.pages
    assert check(tmp_path / "again" / "visit.warc.gz") == 0


def test_what_changed_is_read_anew(portal: Portal, audit: Any) -> None:
    audit("first")
    portal.put("/p/8.html", page("新的第8页", "/p/9.html", "/new.html", "/f/8.pdf"))
    portal.put("/new.html", page("新页"))
    portal.put("/f/8.pdf", b"", "application/pdf")
    del portal.pages["/p/20.html"]
    again = audit("again", on="first")
    assert facts(again) == facts(audit("fresh"))
    verdicts = {link.url: link.outcome.verdict for link in again.links()}
    assert verdicts[portal.server.url("/p/20.html")] is Verdict.BROKEN
    assert verdicts[portal.server.url("/f/8.pdf")] is Verdict.BROKEN
    assert again.coverage.reused == again.coverage.pages - 2


def test_an_error_is_asked_plainly_the_next_time(portal: Portal, audit: Any) -> None:
    audit("first")
    kept = portal.pages.pop("/p/20.html")
    audit("broken", on="first")
    portal.put("/p/20.html", kept)
    again = audit("again", on="broken")
    assert "/p/20.html" not in conditional(portal)
    assert facts(again) == facts(audit("fresh"))


@pytest.mark.parametrize(
    "fault",
    [
        lambda portal: portal.server.answer("出错".encode(), status="500 Internal Server Error"),
        lambda portal: portal.server.answer("没有".encode(), status="404 Not Found"),
        lambda portal: portal.server.answer(b"", content_type="text/html"),
        lambda portal: portal.server.answer(b"<script>location.href='/login'</script>", status="403 Forbidden"),
        lambda portal: b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n<html>",
    ],
    ids=["500", "404", "empty", "403", "cut"],
)
def test_a_failed_fetch_touches_no_baseline(portal: Portal, audit: Any, tmp_path: Path, fault: Any) -> None:
    told = facts(audit("first"))
    before = {path.name: path.read_bytes() for path in (tmp_path / "first").iterdir()}
    portal.answers = lambda seen, _: fault(portal) if seen.target in ("/p/20.html", "/f/20.pdf") else None
    audit("failed", on="first")
    assert {path.name: path.read_bytes() for path in (tmp_path / "first").iterdir()} == before
    portal.answers = lambda *_: None
    # Whichever of the two the next one builds on.
    assert facts(audit("again", on="failed")) == told
    assert facts(audit("other", on="first")) == told


def test_a_date_that_counts_from_now_is_read_again(portal: Portal, audit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    metas = "<meta name=ArticleTitle content=云岭县召开会议部署工作>"
    for n, day in enumerate(("2026-11-10", "3小时前")):
        source = f"<title>会议</title>{metas}<h1>云岭县召开会议部署工作</h1><p>发布时间：{day}</p>{TEXT}"
        portal.put(f"/xw/{n}.html", source.encode())
    urls = [portal.server.url(f"/xw/{n}.html") for n in range(2)]
    shown = [audit("first").page(url).dating.shown for url in urls]

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return super().now(tz) + timedelta(days=2)

    for name in ("fetch", "unchanged", "visit"):
        monkeypatch.setattr(f"crawler.{name}.datetime", Later)
    again = audit("again", on="first")
    assert again.coverage.reused == again.coverage.pages
    assert [again.page(url).dating.shown for url in urls] == [shown[0], shown[1] + timedelta(days=2)]


def test_other_terms_are_looked_for_anew(audit: Any) -> None:
    """What the rules of another edition seek in the text."""
    audit("first", terms=frozenset({"政务信息"}))
    again = audit("again", on="first", terms=frozenset({"政务信息", "社会各界"}))
    sought = {page.url: page.terms(frozenset({"社会各界"})) for page in again.pages()}
    fresh = audit("fresh", terms=frozenset({"政务信息", "社会各界"}))
    assert sought == {page.url: page.terms(frozenset({"社会各界"})) for page in fresh.pages()}
    assert any(sought.values())


def test_other_dates_are_read_at_another_moment(audit: Any) -> None:
    """Year-less dates count from the moment that is judged."""
    first = audit("first")
    moment = first.as_of - timedelta(days=400)
    again = audit("again", on="first", as_of=moment)
    assert facts(again) == facts(audit("fresh", as_of=moment))
    assert facts(again)["columns"] != facts(first)["columns"]


def test_the_same_bytes_under_another_type_are_read_anew(portal: Portal, audit: Any) -> None:
    audit("first")
    portal.types["/p/3.html"] = "text/html; charset=big5"
    portal.answers = lambda seen, body: portal.server.answer(body, content_type=portal.types[seen.target])
    assert facts(audit("again", on="first")) == facts(audit("fresh"))


def test_another_scope_understands_pages_anew(audit: Any) -> None:
    audit("first")
    again = audit("again", on="first", scope="quick")
    assert facts(again) == facts(audit("fresh", scope="quick"))


def test_what_brings_nothing_new_is_left_again(portal: Portal, audit: Any) -> None:
    """A calendar without an end, and the same bytes under several addresses."""
    for n in range(60):
        portal.put(f"/cal/{n}.html", page("日历", f"/cal/{n + 1}.html", text=TEXT))
    for n in range(5):
        portal.put(f"/same/{n}.html", page("转载", "/cal/0.html"))
    portal.put("/", page("云岭县人民政府", "/xw/", "/p/0.html", *(f"/same/{n}.html" for n in range(5))))
    first = audit("first", concurrency=1)
    assert first.coverage.traps
    assert sum(repeat.addresses for repeat in first.coverage.repeats) == 4
    again = audit("again", on="first", concurrency=1)
    assert facts(again) == facts(first)
    assert again.coverage.reused == again.coverage.pages


# Servers that lie


def _always_304(portal: Portal) -> None:
    """Says 304 to whatever has a condition, as a cache that was set up wrongly does."""

    def say(seen: Any, body: bytes) -> bytes | None:
        asked = {"if-none-match", "if-modified-since"} & seen.headers.keys()
        return b"HTTP/1.1 304 Not Modified\r\n\r\n" if asked else None

    portal.answers = say


def _one_etag(portal: Portal) -> None:
    """The same validators whatever stands in the page."""
    portal.etag = lambda _: '"one"'


def _another_etag(portal: Portal) -> None:
    """Its 304 speaks of another page."""

    def say(seen: Any, body: bytes) -> bytes | None:
        asked = {"if-none-match", "if-modified-since"} & seen.headers.keys()
        return b'HTTP/1.1 304 Not Modified\r\nETag: "other"\r\n\r\n' if asked else None

    portal.answers = say


def _moved(portal: Portal) -> None:
    """Every page has moved to one, which is older than all."""

    def say(seen: Any, body: bytes) -> bytes | None:
        if seen.target.startswith("/p/") and seen.target != "/p/29.html":
            return portal.server.redirect("/p/29.html")
        asked = "if-modified-since" in seen.headers and seen.target == "/p/29.html"
        return b"HTTP/1.1 304 Not Modified\r\n\r\n" if asked else None

    portal.answers = say


@pytest.mark.parametrize("lie", [_always_304, _one_etag, _another_etag, _moved])
def test_a_liar_is_asked_plainly(portal: Portal, audit: Any, lie: Callable[[Portal], None]) -> None:
    if lie is _one_etag:
        lie(portal)
    audit("first")
    for target in [target for target in portal.pages if target.startswith("/p/")]:
        portal.pages[target] = page(f"新的{target}", "/p/1.html", "/f/1.pdf")
    lie(portal)
    again = audit("again", on="first")
    assert facts(again) == facts(audit("fresh"))


def test_a_weak_etag_is_not_sent(portal: Portal, audit: Any) -> None:
    portal.etag, portal.modified = (lambda body: f'W/"{len(body)}"'), ""
    audit("first")
    again = audit("again", on="first")
    assert conditional(portal) == set()
    assert again.coverage.reused == again.coverage.pages


def test_with_a_weak_etag_the_time_of_change_is_sent(portal: Portal, audit: Any) -> None:
    portal.etag = lambda body: f'W/"{len(body)}"'
    audit("first")
    audit("again", on="first")
    sent = [seen.headers for seen in portal.server.seen if seen.target == "/p/9.html"]
    assert [(h.get("if-none-match"), h.get("if-modified-since")) for h in sent] == [(None, DAY)]


def test_a_304_that_nobody_asked_for_is_no_page(portal: Portal, audit: Any) -> None:
    audit("first")
    portal.answers = lambda seen, _: b"HTTP/1.1 304 Not Modified\r\n\r\n" if seen.target == "/p/9.html" else None
    verdicts = {link.url: link.outcome.verdict for link in audit("fresh").links()}
    assert verdicts[portal.server.url("/p/9.html")] is Verdict.UNSURE
    verdicts = {link.url: link.outcome.verdict for link in audit("again", on="first").links()}
    assert verdicts[portal.server.url("/p/9.html")] is not Verdict.BROKEN


def test_a_304_for_a_body_that_is_gone_leads_to_a_plain_request(portal: Portal, audit: Any, tmp_path: Path) -> None:
    told = facts(audit("first"))
    warc = tmp_path / "first" / "visit.warc.gz"
    with sqlite3.connect(tmp_path / "first" / "visit.db") as conn:
        sql = "SELECT a.offset FROM answers a JOIN targets t ON t.id = a.target WHERE t.url = ?"
        [[offset]] = conn.execute(sql, [portal.server.url("/p/9.html")]).fetchall()
    conn.close()
    data = bytearray(warc.read_bytes())
    data[offset + 40 : offset + 60] = bytes(20)
    warc.write_bytes(data)
    assert facts(audit("again", on="first")) == told
    asked = [bool(s.headers.get("if-none-match")) for s in portal.server.seen if s.target == "/p/9.html"]
    assert asked == [True, False]


def test_what_was_not_read_for_long_is_read_again(portal: Portal, audit: Any, tmp_path: Path) -> None:
    told = facts(audit("first"))
    with sqlite3.connect(tmp_path / "first" / "visit.db") as conn:
        # A month ago, and in a future that a clock set back has not reached yet.
        conn.execute("UPDATE bases SET received = '2020-01-01T00:00:00+00:00' WHERE target % 2")
        conn.execute("UPDATE bases SET received = '2199-01-01T00:00:00+00:00' WHERE NOT target % 2")
    conn.close()
    assert facts(audit("again", on="first")) == told
    assert conditional(portal) == set()


# Which visit is a baseline


def test_only_a_good_visit_of_this_program_is_a_baseline(portal: Portal, audit: Any, tmp_path: Path) -> None:
    audit("first", software="xuncha/1")
    portal.pages.clear()
    assert audit("down", software="xuncha/1").coverage.pages == 0
    folders = [tmp_path / "nothing", tmp_path / "down", tmp_path / "first"]
    assert last_good(folders, "xuncha/1") == tmp_path / "first"
    assert last_good(folders, "xuncha/2") is None
    (tmp_path / "first" / "visit.warc.gz").write_bytes(b"")
    assert last_good(folders, "xuncha/1") is None


def test_a_parked_visit_is_no_baseline(audit: Any, tmp_path: Path) -> None:
    asked = iter(range(10_000))
    audit("parked", stop=lambda: next(asked) > 20)
    assert last_good([tmp_path / "parked"], "xuncha") is None
    audit("parked")
    assert last_good([tmp_path / "parked"], "xuncha") == tmp_path / "parked"


def test_a_damaged_baseline_is_as_none(audit: Any, tmp_path: Path) -> None:
    told = facts(audit("first"))
    (tmp_path / "first" / "visit.db").write_bytes(b"no database at all" * 100)
    assert last_good([tmp_path / "first"], "xuncha") is None
    assert facts(audit("again", on="first")) == told
    assert facts(audit("other", on="nothing")) == told


def test_a_visit_that_builds_on_another_can_be_parked(portal: Portal, audit: Any) -> None:
    told = facts(audit("first"))
    asked = iter(range(10_000))
    audit("again", on="first", stop=lambda: next(asked) > 30)
    answered = portal.server.targets()
    again = audit("again", on="first")
    assert facts(again) == told
    assert again.coverage.reused == again.coverage.pages
    assert not {t for t in answered if t.startswith("/p/")} & {
        t for t in portal.server.targets() if t.startswith("/p/")
    }


def test_conditions_are_as_polite(portal: Portal, audit: Any) -> None:
    """Proofs and second requests keep their distance too."""
    audit("first")
    _always_304(portal)
    began = time.monotonic()
    audit("again", on="first", rate=100)
    moments = [seen.at - began for seen in portal.server.seen]
    assert len(moments) > 70
    assert all(moment >= 0.01 * n for n, moment in enumerate(moments))
