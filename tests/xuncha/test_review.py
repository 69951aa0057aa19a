"""The review page, through its own port: who may come in, what is written, what a browser does with it."""

from __future__ import annotations

import asyncio
import functools
import html
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from crawler.numbers import is_resident
from crawler.plan import Plan
from xuncha import orders
from xuncha.__main__ import main
from xuncha.review.serve import serve

PERSON = next(n for n in (f"53000019800517021{c}" for c in "0123456789X") if is_resident(n))
PHONE = "13912345678"
HOSTILE = (
    "<title>局</title><h1>通知公告</h1>"
    "<script>top.document.title='OWNED'</script><img src=http://127.0.0.1:9/x onerror=\"top.document.title='OWNED'\">"
    "<style>@import url(http://127.0.0.1:9/s.css);p{background:url(http://127.0.0.1:9/p)}</style>"
    f"<form action=http://127.0.0.1:9/><button>x</button></form><p>身份证号 {PERSON} 手机 {PHONE}</p>"
    '<a href="/gone1.html">&quot;&gt;&lt;img src=x onerror=alert(1)&gt;</a><a href=/gone2.html>另一个</a>'
    "<a href=http://127.0.0.1:9/closed.html>外部</a>"
)


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of one run over one hostile page."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = HOSTILE.encode() if self.path == "/" else b"<p>404"
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815 - the base class's name

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Tests are quiet."""

    folder = tmp_path_factory.mktemp("review")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(orders, "Plan", functools.partial(Plan, confirm_after=0.05))
        code = main(
            ["audit", f"http://127.0.0.1:{server.server_port}/", "--rate", "0", "--as-of", "2026-11-20T09:00",
             "--format", "json", "--data", str(folder / "data"), "--out", str(folder / "out"), "--quiet"]
        )  # fmt: skip
    server.shutdown()
    thread.join()
    server.server_close()
    assert code in (1, 3)
    return folder / "data"


@dataclass
class Desk:
    """A server of the data folder `data`, and the browser of a clerk who came in."""

    data: Path
    told: Queue[str] = field(default_factory=Queue)
    client: httpx.Client = field(default_factory=lambda: httpx.Client(follow_redirects=True))

    @functools.cached_property
    def entrance(self) -> str:
        return re.findall(r"http\S+", self.told.get(timeout=60))[0]

    @property
    def base(self) -> str:
        return self.entrance.partition("/enter")[0]

    def get(self, path: str) -> str:
        answer = self.client.get(self.base + path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, path: str, page: str, **fields: Any) -> str:
        """Send the form of `page`, as a browser does; the page that it leads to."""
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
        sent = {"token": hidden["token"], "seen": hidden.get("seen", ""), "all": hidden.get("all", "")} | fields
        answer = self.client.post(self.base + path, data=sent, headers={"Origin": self.base})
        assert answer.status_code == 200, answer.text
        assert [step.status_code for step in answer.history] == [303]
        return answer.text

    def listed(self, query: str = "?state=all") -> list[str]:
        return re.findall(r'name="item" value="(\S+) ', self.get(f"/{query}"))

    def key(self, rule: str) -> str:
        return self.listed(f"?state=all&rule={rule}")[0]

    def rows(self) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.data / "xuncha.db")) as db:
            return db.execute("SELECT act, who, why, day FROM events ORDER BY id").fetchall()


def marks(page: str) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: found.append((tag, dict(attrs)))  # type: ignore[method-assign]
    parser.feed(page)
    return found


def notice(page: str) -> str:
    found = re.search(r'class="notice \w+" role="\w+">\s*<p>(.*?)</p>', page)
    return "" if found is None else html.unescape(found[1])


@pytest.fixture
def desks(audited: Path, tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Serve a copy of the data folder."""
    shutil.copytree(audited, tmp_path / "data")
    opened: list[tuple[Desk, Callable[[], object], Thread]] = []

    def make(**options: Any) -> Desk:
        desk = Desk(tmp_path / "data")
        ending: Queue[Callable[[], object]] = Queue()

        async def until() -> None:
            stop, loop = asyncio.Event(), asyncio.get_running_loop()
            ending.put(lambda: loop.call_soon_threadsafe(stop.set))
            await stop.wait()

        asked = orders.orders(orders.load_settings(None), {"data": desk.data})
        given = {"host": "127.0.0.1", "port": 0, "who": "甲科", "network": False, "patience": 0.2} | options
        serving = functools.partial(
            serve, asked, "last", until=until, tell=lambda message: desk.told.put(str(message)), **given
        )
        thread = Thread(target=serving)
        thread.start()
        desk.client.get(desk.entrance)
        opened.append((desk, ending.get(timeout=60), thread))
        return desk

    yield make
    for desk, stop, thread in opened:
        stop()
        thread.join()
        desk.client.close()


@pytest.fixture
def desk(desks: Callable[..., Desk]) -> Desk:
    return desks()


# Who may come in


def test_the_address_opens_once_and_leaves_a_strict_cookie(desk: Desk) -> None:
    with httpx.Client() as other:
        again = other.get(desk.entrance)
        assert (again.status_code, again.cookies) == (403, httpx.Cookies())
        assert other.get(f"{desk.base}/").status_code == 403
        assert desk.client.get(desk.entrance).status_code == 200, "the browser that is in may ask again"
        desk.told.get(timeout=60)
        [fresh] = re.findall(r"http\S+", desk.told.get(timeout=60))
        assert other.head(fresh).status_code == 405, "a look at it does not use it up"
        assert other.get(f"{desk.base}/enter?key=%ff%ed%a0%80").status_code == 403
        cookie = other.get(fresh).headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert other.get(f"{desk.base}/").status_code == 200


def test_a_foreign_name_for_this_machine_is_refused(desk: Desk) -> None:
    port = desk.base.rpartition(":")[2]
    for host in ("evil.example", f"evil.example:{port}", f"127.0.0.1.evil.example:{port}", "127.0.0.1", f"@:{port}"):
        for path in ("/", "/enter?key=x", "/static/review.js", "/exhibit/0-0000000000000000"):
            assert desk.client.get(desk.base + path, headers={"Host": host}).status_code == 403
    assert desk.client.get(f"{desk.base}/", headers={"Host": f"localhost:{port}"}).status_code == 200


def test_a_form_of_another_site_writes_nothing(desk: Desk) -> None:
    [key, *_] = desk.listed()
    page = desk.get(f"/finding/{key}")
    own = {"Origin": desk.base}
    for headers, changed in (
        ({"Origin": "http://evil.example"}, {}),
        ({"Origin": "null"}, {}),
        ({}, {}),
        (own, {"token": "other"}),
        (own, {"token": ""}),
    ):
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)) | changed
        for path in (f"/finding/{key}", "/decide", "/undo", "/name"):
            sent = fields | {"choice": "confirm", "who": "x", "which": "all"}
            assert desk.client.post(desk.base + path, data=sent, headers=headers).status_code == 403
    assert desk.rows() == []
    assert "甲科" in desk.get("/name")


def test_what_is_no_form_and_no_page_is_one_line(desk: Desk) -> None:
    origin = {"Origin": desk.base}
    for answer, code in (
        (desk.client.post(f"{desk.base}/decide", json={}, headers=origin), 415),
        (desk.client.post(f"{desk.base}/decide", data={"why": "x" * 2_000_000}, headers=origin), 413),
        (desk.client.get(f"{desk.base}/decide"), 405),
        (desk.client.put(f"{desk.base}/name", headers=origin), 405),
        (desk.client.get(f"{desk.base}/finding/0-0000000000000000"), 404),
        (desk.client.get(f"{desk.base}/static/..%2fdesk.py"), 404),
        (desk.client.get(f"{desk.base}/finding/%00"), 404),
    ):
        assert answer.status_code == code
        assert len(re.findall(r"<h1>[^<]+</h1>", answer.text)) == 1
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    for query in ("?state=lost&page=x", "?page=99999999", "?site=%00&words=%ff", "?rule=" + "x" * 5000):
        assert desk.client.get(f"{desk.base}/{query}").status_code == 200


@pytest.mark.parametrize(("host", "words"), [("0.0.0.0", ()), ("192.0.2.1", ()), ("192.0.2.1", ("--allow-network",))])
def test_other_computers_are_let_in_only_when_it_is_asked_for(
    xuncha: Any, audited: Path, host: str, words: tuple[str, ...]
) -> None:
    said = xuncha("review", "serve", "--data", audited, "--host", host, *words)
    assert said.code == 2
    assert ("--allow-network" in said.line) is not bool(words)
    assert host in said.line


def test_a_port_that_is_taken_is_one_line(xuncha: Any, audited: Path, here: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert str(port) in xuncha("review", "serve", "--data", audited, "--port", port).line
    assert "65536" in xuncha("review", "serve", "--data", audited, "--port", 65536).line
    assert "nine" in xuncha("review", "serve", "nine", "--data", audited).line
    assert "没有找到数据库" in xuncha("review", "serve", "--data", here / "none").line


# What is shown


def test_every_page_is_text_masked_and_asks_for_nothing(desk: Desk) -> None:
    own = [desk.get("/?state=all"), desk.get("/record"), desk.get("/name")]
    theirs = []
    for key in desk.listed():
        own.append(desk.get(f"/finding/{key}"))
        theirs += [desk.get(f"/exhibit/{key}"), desk.get(f"/exchanges/{key}")]
    assert any("onerror=alert(1)" in html.unescape(page) for page in own), "the text itself is shown"
    for page in (*own, *theirs):
        bare = re.sub(r"<[^>]*>|[ -]", "", page)
        assert PERSON not in bare
        assert PHONE not in bare
    for tag, attrs in (mark for page in own for mark in marks(page)):
        assert tag not in ("img", "base", "object", "style")
        assert not [name for name in attrs if name.startswith("on")]
        if "src" in attrs:
            assert attrs["src"].startswith({"iframe": ("/exhibit/", "/exchanges/"), "script": "/static/"}[tag])
        assert tag != "iframe" or attrs["sandbox"] is None
        assert tag != "form" or attrs["action"].startswith("/")
        assert tag != "a" or attrs["href"][0] in "/#" or attrs["rel"] == "noreferrer noopener"
    for tag, attrs in (mark for page in theirs for mark in marks(page)):
        assert tag not in ("script", "iframe", "base")
        assert not [name for name in attrs if name.startswith("on")]
        assert not {"src", "href", "action", "formaction"} & set(attrs)


def test_each_page_says_what_a_browser_must_not_do(desk: Desk) -> None:
    key = desk.key("broken-link")
    for path, wanted in (
        ("/", "script-src 'self'"),
        (f"/exhibit/{key}", "sandbox"),
        (f"/exchanges/{key}", "sandbox"),
    ):
        answer = desk.client.get(desk.base + path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert wanted in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
    assert "script-src" not in policy
    assert 'id="xuncha-spot"' in desk.get(f"/exhibit/{key}")
    assert " 404 " in desk.get(f"/exchanges/{key}")


def test_the_list_is_narrowed_by_each_filter(desk: Desk) -> None:
    everything = desk.listed()
    assert set(desk.listed("?rule=broken-link")) < set(everything)
    assert len(desk.listed("?host=127.0.0.1")) == len(everything)
    assert desk.listed("?host=other.example") == []
    assert desk.listed("?site=0") == everything
    assert desk.listed("?site=1") == []
    assert len(desk.listed("?words=gone2")) == 1
    assert len(desk.listed("?state=new")) + len(desk.listed("?state=review")) == len(everything)


def test_evidence_that_is_gone_is_said(desk: Desk) -> None:
    key = desk.key("broken-link")
    [warc] = desk.data.glob("runs/*/*/visit.warc.gz")
    warc.write_bytes(b"no gzip" * 10_000)
    assert "已损坏" in desk.get(f"/exchanges/{key}")
    warc.unlink()
    assert "证据文件缺失" in desk.get(f"/exhibit/{key}")
    assert desk.post(f"/finding/{key}", desk.get(f"/finding/{key}"), choice="confirm")


def test_in_english(desks: Callable[..., Desk]) -> None:
    from reports.language import Language
    from xuncha.parameters import speak

    speak(Language("en"))
    try:
        desk = desks()
        page = desk.get(f"/finding/{desk.key('broken-link')}")
        assert '<html lang="en">' in page
        assert "Confirmed" in page
        assert not re.search("[\u4e00-\u9fff]", re.sub(r"<bdi>.*?</bdi>|/zh", "", page))
    finally:
        speak(Language("zh"))


# What is written


def test_it_writes_what_a_filled_in_list_writes(desk: Desk, xuncha: Any, here: Path) -> None:
    keys = desk.listed()[:3]
    told: dict[str, dict[str, str]] = {
        "confirm": {},
        "mistaken": {"why": "该文件已下架", "until": "2099-01-01"},
        "appeal": {"why": "域名已批准"},
    }
    for key, (choice, fields) in zip(keys, told.items(), strict=True):
        desk.post(f"/finding/{key}", desk.get(f"/finding/{key}"), choice=choice, **fields)
    written = desk.rows()
    assert [row[0] for row in written] == ["confirm", "appeal", "uphold", "appeal"]
    assert {row[1] for row in written} == {"甲科"}

    copy = here / "copy"
    shutil.copytree(desk.data, copy)
    with closing(sqlite3.connect(copy / "xuncha.db")) as db, db:
        db.execute("DROP TRIGGER events_remain")
        db.execute("DELETE FROM events")
    assert xuncha("review", "export", "--data", copy, "--out", "out").code == 0
    book = load_workbook("out/annex.xlsx")
    sheet = book["问题清单"]
    head = [cell.value for cell in sheet[1]]
    for row in range(2, sheet.max_row + 1):
        for key, word, why in zip(keys, ("确认", "误报", "申诉"), ("", "该文件已下架", "域名已批准"), strict=True):
            if sheet.cell(row, head.index("指纹") + 1).value == key.partition("-")[2]:
                sheet.cell(row, head.index("复核意见") + 1, word)
                sheet.cell(row, head.index("复核说明") + 1, why)
    book.save("out/annex.xlsx")
    said = xuncha(
        "review", "import", "out/annex.xlsx", "--who", "甲科", "--partial", "--until", "2099-01-01", "--data", copy
    )
    assert (said.code, said.err) == (0, "")
    with closing(sqlite3.connect(copy / "xuncha.db")) as db:
        assert sorted(map(str, db.execute("SELECT act, who, why, day FROM events"))) == sorted(map(str, written))


def test_a_decision_leads_to_the_next_one_and_can_be_taken_back(desk: Desk, xuncha: Any) -> None:
    first, second, *_ = desk.listed("")
    page = desk.post(f"/finding/{first}", desk.get(f"/finding/{first}"), choice="confirm")
    assert f'action="/finding/{second}"' in page
    assert notice(page) == "确认 1 个问题，已记入"
    [batch] = set(re.findall(r'name="batch" value="([^"]*)"', page))
    page = desk.post("/undo", page, key=first, batch=html.unescape(batch))
    assert notice(page) == "已撤销 1 个问题的“确认”"
    assert [row[0] for row in desk.rows()] == ["confirm", "withdraw"]
    assert first in desk.listed("")
    page = desk.post("/undo", page, key=first, batch=html.unescape(batch))
    assert "没有撤销" in notice(page)
    assert len(desk.rows()) == 2
    told = desk.get("/record")
    assert "<s>确认</s>" in told
    assert told.count("甲科") >= 2
    assert "确认（已撤销）" in xuncha("ledger", "show", first.partition("-")[2], "--data", desk.data).out


_IMPOSSIBLE: tuple[tuple[dict[str, str], str], ...] = (
    ({"choice": "mistaken", "until": "2099-01-01"}, "误报要写理由"),
    ({"choice": "appeal"}, "申诉要写理由"),
    ({"choice": "mistaken", "why": "因为"}, "误报要写有效期"),
    ({"choice": "mistaken", "why": "因为", "until": "明年"}, "“明年”不是日期"),
    ({"choice": "mistaken", "why": "因为", "until": "2020-01-01"}, "已经过去"),
    ({"choice": "uphold", "why": "因为", "until": "2099-01-01"}, "没有申诉"),
    ({"choice": "notify", "why": "因为"}, "没有选择"),
    ({"why": "因为"}, "没有选择"),
    ({"choice": "confirm", "why": "因为", "seen": "9.9"}, "有了新的记录"),
)


@pytest.mark.parametrize("many", [False, True])
def test_what_cannot_be_written_stands_in_the_form_again(desk: Desk, many: bool) -> None:
    key = desk.key("broken-link")
    for fields, told in _IMPOSSIBLE:
        if many:
            seen = fields.get("seen", "1.0")
            page = desk.post("/decide?rule=broken-link", desk.get("/"), item=f"{key} {seen}", **fields)
        else:
            page = desk.post(f"/finding/{key}?rule=broken-link", desk.get(f"/finding/{key}"), **fields)
        assert told in notice(page)
        assert f">{fields.get('why', '')}</textarea>" in page
    assert desk.rows() == []
    assert "还没有记录" in desk.get("/record")


def test_who_has_no_name_is_asked_for_it(desks: Callable[..., Desk]) -> None:
    desk = desks(who="")
    key = desk.key("broken-link")
    page = desk.post(f"/finding/{key}", desk.get(f"/finding/{key}"), choice="appeal", why="域名已批准")
    assert "姓名或单位" in notice(page)
    assert "域名已批准</textarea>" in page
    assert desk.rows() == []
    assert "要写" in notice(desk.post("/name", page, who=" "))
    desk.post("/name", page, who="乙 <b>")
    page = desk.post(f"/finding/{key}", desk.get(f"/finding/{key}"), choice="appeal", why=f"见 {PERSON}")
    assert desk.rows() == [("appeal", "乙 <b>", f"见 {PERSON[:2]}{'*' * 13}{PERSON[-3:]}", None)]
    assert "乙 &lt;b&gt;" in page


def test_what_another_writes_meanwhile_is_seen_first(desk: Desk, xuncha: Any) -> None:
    key = desk.key("broken-link")
    page = desk.get(f"/finding/{key}")
    noted = xuncha("ledger", "note", key.partition("-")[2], "--act", "confirm", "--who", "乙科", "--data", desk.data)
    assert noted.code == 0
    page = desk.post(f"/finding/{key}", page, choice="appeal", why="域名已批准")
    assert "有了新的记录" in notice(page)
    assert "域名已批准</textarea>" in page
    assert "乙科：确认" in page
    page = desk.post(f"/finding/{key}", page, choice="appeal", why="域名已批准")
    assert [row[:2] for row in desk.rows()] == [("confirm", "乙科"), ("appeal", "甲科")]


def test_a_locked_database_loses_nothing(desk: Desk) -> None:
    key = desk.key("broken-link")
    page = desk.get(f"/finding/{key}")
    with closing(sqlite3.connect(desk.data / "xuncha.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        page = desk.post(f"/finding/{key}", page, choice="appeal", why="域名已批准")
        assert "正被另一个程序占用" in notice(page)
        assert "域名已批准</textarea>" in page
        other.execute("ROLLBACK")
    desk.post(f"/finding/{key}", page, choice="appeal", why="域名已批准")
    assert [row[0] for row in desk.rows()] == ["appeal"]


def test_many_at_once_by_rule_or_host_and_back_at_once(desk: Desk) -> None:
    page = desk.get("/?rule=broken-link")
    assert 'href="/?rule=broken-link"' in desk.get(f"/finding/{desk.key('broken-link')}")
    wanted = desk.listed("?rule=broken-link")
    assert len(wanted) > 1
    page = desk.post("/decide?rule=broken-link", page, which="all", choice="confirm")
    assert notice(page) == f"确认 {len(wanted)} 个问题，已记入"
    assert [row[0] for row in desk.rows()] == ["confirm"] * len(wanted)
    assert not set(wanted) & set(desk.listed(""))
    [batch] = set(re.findall(r'name="batch" value="([^"]*)"', page))
    record = desk.post("/undo", page, batch=html.unescape(batch), key="")
    assert notice(record) == f"已撤销 {len(wanted)} 个问题的“确认”"
    assert set(wanted) <= set(desk.listed(""))


def test_many_at_once_are_those_that_were_seen(desk: Desk) -> None:
    page = desk.get("/?host=127.0.0.1")
    one, other, *_ = desk.listed("?host=127.0.0.1")
    assert "没有勾选" in notice(desk.post("/decide", page, choice="confirm"))
    desk.post(f"/finding/{one}", desk.get(f"/finding/{one}"), choice="confirm")
    assert "有了变化" in notice(desk.post("/decide?host=127.0.0.1", page, which="all", choice="confirm"))
    told = notice(desk.post("/decide", page, item=[f"{other} 1.0", f"{one} 1.0"], choice="confirm"))
    assert one.partition("-")[2] in told
    assert len(desk.rows()) == 1


def test_one_of_a_batch_that_went_on_keeps_the_batch(desk: Desk) -> None:
    page = desk.post("/decide?rule=broken-link", desk.get("/?rule=broken-link"), which="all", choice="confirm")
    [batch] = set(re.findall(r'name="batch" value="([^"]*)"', page))
    key = desk.key("broken-link")
    desk.post(f"/finding/{key}", desk.get(f"/finding/{key}"), choice="appeal", why="域名已批准")
    count = len(desk.rows())
    assert "逐个撤销" in notice(desk.post("/undo", page, batch=html.unescape(batch), key=""))
    assert len(desk.rows()) == count


def test_an_appeal_gets_its_outcome_here(desk: Desk) -> None:
    key = desk.key("broken-link")
    desk.post(f"/finding/{key}", desk.get(f"/finding/{key}"), choice="appeal", why="域名已批准")
    page = desk.get(f"/finding/{key}")
    assert re.findall(r'name="choice" value="(\w+)"', page) == ["reject", "uphold"]
    page = desk.post(f"/finding/{key}?state=all", page, choice="uphold", why="属实", until="2099-01-01")
    assert "申诉成立（至 2099-01-01）" in desk.get(f"/finding/{key}")


def test_ctrl_c_and_sigterm_end_it_cleanly(audited: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        with subprocess.Popen(
            [sys.executable, "-m", "xuncha", "review", "serve", "--data", str(audited)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        ) as running:
            assert running.stdout is not None
            [address] = re.findall(r"http\S+", running.stdout.readline())
            with httpx.Client(follow_redirects=True) as client:  # its connection is left open
                assert client.get(address).status_code == 200
                running.send_signal(number)
                out, err = running.communicate(timeout=60)
            assert (running.returncode, err) == (0, "")
            assert out.endswith("复核页面已关闭\n")


# In a browser


@pytest.fixture
def chromium(browser: dict[str, Any]) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    from crawler.browser import find

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=str(find()), args=["--no-sandbox"])
        yield started
        started.close()


def test_a_clerk_reviews_by_keys_and_nothing_of_the_site_moves(desk: Desk, chromium: Any) -> None:
    desk.told.get(timeout=60)
    [fresh] = re.findall(r"http\S+", desk.told.get(timeout=60))
    page = chromium.new_page()
    asked: list[Any] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.extend([request]))
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(fresh)
    keys = desk.listed("")
    place = keys.index(desk.key("broken-link"))
    page.click(f"a.m >> nth={place}")
    spot = page.frame_locator("iframe").locator("#xuncha-spot")
    assert spot.is_visible()
    assert "outline" in spot.get_attribute("style")

    page.keyboard.press("2")
    assert page.evaluate("document.activeElement.name") == "why", "a reason is asked for first"
    page.keyboard.type("2 已下架")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".notice.good")
    assert [row[:3] for row in desk.rows()] == [("appeal", "甲科", "2 已下架"), ("uphold", "甲科", "2 已下架")]
    here = page.url
    page.keyboard.press("k")
    page.wait_for_url(lambda url: url != here)
    page.keyboard.press("j")
    page.wait_for_url(here)
    page.keyboard.press("1")
    page.wait_for_selector(".notice.good")
    page.keyboard.press("u")
    page.wait_for_selector(".notice.good >> text=撤销")
    assert [row[0] for row in desk.rows()][2:] == ["confirm", "withdraw"]
    page.uncheck("[data-keys]")
    page.locator("[data-keys]").blur()
    page.keyboard.press("1")
    page.reload()
    assert len(desk.rows()) == 4

    assert "OWNED" not in page.title()
    # What the browser complains of is what the page of the site was not let do.
    assert [told for told in wrong if "Content Security Policy" not in told or "127.0.0.1:9/" not in told] == []
    foreign = [request for request in asked if not request.url.startswith((f"{desk.base}/", "data:"))]
    assert [request.url for request in foreign if request.failure != "csp"] == [], "stopped before it was sent"


def test_a_narrow_window_without_script(desk: Desk, chromium: Any) -> None:
    desk.told.get(timeout=60)
    [fresh] = re.findall(r"http\S+", desk.told.get(timeout=60))
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(fresh)
    for path in ("/", f"/finding/{desk.key('broken-link')}", "/record", "/name"):
        page.goto(desk.base + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto(f"{desk.base}/?rule=broken-link")
    page.check("input[name=item] >> nth=0")
    page.click("button[value=confirm]")
    assert "确认 1 个问题" in page.inner_text(".notice")
    page.click(".notice button")
    assert "已撤销" in page.inner_text(".notice")
    page.click("button[value=mistaken]")
    assert [row[0] for row in desk.rows()] == ["confirm", "withdraw"], "the browser asks for a reason first"
    page.fill("textarea", "已下架")
    page.click("button[value=mistaken]")
    assert [row[0] for row in desk.rows()][2:] == ["appeal", "uphold"]
    context.close()
