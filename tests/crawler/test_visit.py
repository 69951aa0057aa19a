"""Visits of a small server that behaves well, badly, or as an enemy: what is told of it must be true."""

import functools
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from crawler import asker
from crawler import visit as module
from crawler.fetch import Fetcher, Limits
from crawler.outcome import Verdict
from crawler.page import Landing, Link, LinkKind, Role
from crawler.site import Column, ColumnKind
from crawler.snapshot import NotGathered

TEXT = "<p>云岭县人民政府办公室主办，本页是首页的正文，公布本县政务信息，欢迎监督。</p>" * 8


def page(*links: str, title: str = "云岭县人民政府", text: str = TEXT, head: str = "") -> bytes:
    body = "".join(f'<p><a href="{link}">去 {number}</a></p>' for number, link in enumerate(links))
    return f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body>{body}{text}</body></html>".encode()


def home(server: Any, *links: str, **more: Any) -> str:
    return server.on("/", server.answer(page(*links, **more)))


def links(snapshot: Any) -> dict[str, Link]:
    return {link.url: link for link in snapshot.links()}


def told(snapshot: Any, url: str) -> tuple[Verdict, str]:
    found = links(snapshot)[url].outcome
    return found.verdict, found.code


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fetch that gives up after a moment."""
    monkeypatch.setattr(module, "Fetcher", functools.partial(Fetcher, limits=Limits(connect=0.3, total=0.3)))
    monkeypatch.setattr(asker, "_HEAD_SECONDS", 0.3)
    monkeypatch.setattr(asker, "_LEAF_SECONDS", 0.3)


# One link, and what it answers each time.


def status(server: Any, line: str, *headers: str, body: bytes = b"x") -> bytes:
    return server.answer(body, *headers, status=line, content_type="application/octet-stream")


OK, GONE, ERROR = "200 OK", "404 Not Found", "500 Internal Server Error"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([OK], (Verdict.OK, "ok")),
        ([GONE], (Verdict.BROKEN, "http-404")),
        (["410 Gone"], (Verdict.BROKEN, "http-410")),
        ([ERROR], (Verdict.BROKEN, "http-500")),
        (["502 Bad Gateway"], (Verdict.BROKEN, "http-502")),
        ([GONE, OK], (Verdict.OK, "ok")),
        ([ERROR, OK], (Verdict.OK, "ok")),
        ([GONE, ERROR], (Verdict.UNSURE, "mixed")),
        ([GONE, "403 Forbidden"], (Verdict.BLOCKED, "http-403")),
        (["401 Unauthorized"], (Verdict.BLOCKED, "http-401")),
        (["403 Forbidden"], (Verdict.BLOCKED, "http-403")),
        (["405 Method Not Allowed"], (Verdict.BLOCKED, "http-405")),
        (["412 Precondition Failed"], (Verdict.BLOCKED, "http-412")),
        (["521 Origin Down"], (Verdict.BLOCKED, "http-521")),
        (["429 Too Many Requests"], (Verdict.BLOCKED, "http-429")),
        (["429 Too Many Requests", OK], (Verdict.OK, "ok")),
        (["400 Bad Request"], (Verdict.UNSURE, "http-400")),
        (["304 Not Modified"], (Verdict.UNSURE, "http-304")),
    ],
)
@pytest.mark.parametrize("target", ["/x", "/x.pdf", "/x.png"])
def test_a_link_of_the_site(server: Any, go: Any, lines: list[str], expected: tuple[Verdict, str], target: str) -> None:
    # A leaf is looked at, then asked; a limit on whoever asks is believed at once.
    first = [lines[0]] if target == "/x" or lines[0].startswith("429") else [lines[0]] * 2
    answers = [status(server, line) for line in [*first, *lines[1:]]]
    server.on(target, *answers)
    assert told(go(home(server, target)), server.url(target)) == expected


def test_a_server_that_knows_no_head(server: Any, other: Any, go: Any) -> None:
    for number, line in enumerate(["405 Method Not Allowed", GONE, ERROR, "501 Not Implemented", "403 Forbidden"]):
        other.on(f"/{number}", status(other, line), status(other, OK))
    url = home(server, *(f"http://www.xishan.gov.cn/{n}" for n in range(5)))
    snapshot = go(url, hosts={"www.xishan.gov.cn": other.port})
    assert {told(snapshot, f"http://www.xishan.gov.cn/{n}") for n in range(5)} == {(Verdict.OK, "ok")}
    methods = Counter((seen.method, seen.target) for seen in other.seen)
    assert set(methods.values()) == {1}
    assert {method for method, _ in methods} == {"HEAD", "GET"}


def test_other_sites_are_asked_by_head_alone_when_all_is_well(server: Any, other: Any, go: Any) -> None:
    other.on("/", other.answer(page()))
    snapshot = go(home(server, "http://www.xishan.gov.cn/"), hosts={"www.xishan.gov.cn": other.port})
    assert told(snapshot, "http://www.xishan.gov.cn/") == (Verdict.OK, "ok")
    assert [(seen.method, seen.target) for seen in other.seen] == [("HEAD", "/")]


def test_one_page_of_each_other_site_is_looked_at_when_a_rule_asks(server: Any, other: Any, go: Any) -> None:
    body = "<html><head><title>本域名正在出售</title></head><body><p>有意者请联系。</p><script>x</script></body></html>"
    for path in ("/", "/a.html"):
        other.on(path, other.answer(body.encode()))
    other.on("/to", other.redirect("http://www.dan.com/buy"))
    other.on("/buy", other.answer(b""))
    urls = ["http://www.xishan.gov.cn/", "http://www.xishan.gov.cn/a.html", "http://www.lake.cn/to"]
    hosts = dict.fromkeys(("www.xishan.gov.cn", "www.lake.cn", "www.dan.com"), other.port)
    snapshot = go(home(server, *urls), hosts=hosts, needs=frozenset({"columns", "pages", "links", "landings"}))
    looked = {url: link.look() for url, link in links(snapshot).items() if url in urls}
    assert sorted(seen.method for seen in other.seen if seen.target in ("/", "/a.html")) == ["GET", "HEAD"]
    titles = sorted(landing.title for url, landing in looked.items() if landing and "xishan" in url)
    assert titles == ["", "本域名正在出售"]
    assert {landing.text for landing in looked.values() if landing} == {"", "有意者请联系。"}
    assert looked["http://www.lake.cn/to"] == Landing("http://www.dan.com/buy")
    assert all(link.look() is None for link in links(snapshot).values() if link.internal)


def test_a_landing_that_failed_is_none(server: Any, other: Any, go: Any) -> None:
    other.on("/", status(other, ERROR))
    url = home(server, "http://www.xishan.gov.cn/")
    snapshot = go(url, hosts={"www.xishan.gov.cn": other.port}, needs=frozenset({"links", "landings"}))
    assert told(snapshot, "http://www.xishan.gov.cn/") == (Verdict.BROKEN, "http-500")
    assert links(snapshot)["http://www.xishan.gov.cn/"].look() is None
    assert [seen.method for seen in other.seen] == ["GET", "GET"]


def test_the_second_ask_is_later_anew_and_by_get(server: Any, other: Any, go: Any) -> None:
    url = home(server, "/gone", "http://www.xishan.gov.cn/gone")
    snapshot = go(url, hosts={"www.xishan.gov.cn": other.port}, confirm_after=1.1)
    assert links(snapshot)[server.url("/gone")].outcome.asked == 2
    first, second = [seen for seen in server.seen if seen.target == "/gone"]
    assert second.at - first.at >= 1.1
    assert (first.method, second.method) == ("GET", "GET")
    assert second.connection not in {seen.connection for seen in server.seen if seen is not second}
    assert second.headers["connection"] == "close"
    look, ask, again = [seen for seen in other.seen if seen.target == "/gone"]
    assert (look.method, ask.method, again.method) == ("HEAD", "GET", "GET")
    assert again.at - ask.at >= 1.1


def test_retry_after_is_obeyed_and_slows_nobody_else(server: Any, other: Any, go: Any) -> None:
    server.on("/busy", status(server, "503 Service Unavailable", "Retry-After: 1"), status(server, OK))
    other.on("/1", status(other, OK))
    snapshot = go(home(server, "/busy", "http://www.xishan.gov.cn/1"), hosts={"www.xishan.gov.cn": other.port})
    assert told(snapshot, server.url("/busy")) == (Verdict.OK, "ok")
    first, second = [seen.at for seen in server.seen if seen.target == "/busy"]
    assert second - first >= 1
    assert all(seen.at < first + 1 for seen in other.seen)


def test_a_host_that_limits_us_is_not_asked_for_everything(server: Any, other: Any, go: Any) -> None:
    names = [f"http://www.xishan.gov.cn/{n}" for n in range(30)]
    for n in range(30):
        other.on(f"/{n}", status(other, "429 Too Many Requests"))
    snapshot = go(home(server, *names), hosts={"www.xishan.gov.cn": other.port})
    assert {told(snapshot, name) for name in names} == {(Verdict.BLOCKED, "http-429")}
    assert len(other.seen) <= 3
    assert snapshot.coverage.blocked_hosts == ("www.xishan.gov.cn",)


def test_connections_that_break(server: Any, go: Any) -> None:
    server.on("/reset", [server.RESET])
    server.on("/close", [server.CLOSE])
    server.on("/half", [server.answer(b"x" * 99)[:-50], server.CLOSE])
    server.on("/once", [server.RESET], status(server, OK))
    server.on("/odd", [b"SSH-2.0-OpenSSH_9.0\r\n\r\n", server.CLOSE])
    snapshot = go(home(server, "/reset", "/close", "/half", "/once", "/odd"))
    assert told(snapshot, server.url("/once")) == (Verdict.OK, "ok")
    for target in ("/reset", "/close", "/half", "/odd"):
        verdict, _ = told(snapshot, server.url(target))
        assert verdict is Verdict.BROKEN, target
    assert server.targets().count("/") == 2, "the home page stood control"


def test_a_site_that_cuts_us_off_is_not_broken(server: Any, go: Any) -> None:
    """It answers at first; then a firewall has had enough of us."""
    server.on("/", server.answer(page("/a", "/b", "/c")), [server.RESET])
    for target in ("/a", "/b", "/c"):
        server.on(target, [server.RESET])
    snapshot = go(server.url("/"))
    assert {told(snapshot, server.url(target)) for target in ("/a", "/b", "/c")} == {(Verdict.UNSURE, "vantage")}


@pytest.mark.usefixtures("hasty")
def test_silence(server: Any, other: Any, go: Any) -> None:
    server.on("/mute", [server.STALL])
    server.on("/drip", [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx", server.STALL])
    server.on("/slow-once", [server.STALL], status(server, OK))
    other.on("/mute", [other.STALL])
    other.on("/", status(other, OK))
    url = home(server, "/mute", "/drip", "/slow-once", "http://www.xishan.gov.cn/", "http://www.xishan.gov.cn/mute")
    snapshot = go(url, hosts={"www.xishan.gov.cn": other.port})
    assert told(snapshot, server.url("/mute")) == (Verdict.BROKEN, "timeout")
    assert told(snapshot, server.url("/drip")) == (Verdict.BROKEN, "timeout")
    assert told(snapshot, server.url("/slow-once")) == (Verdict.OK, "ok")
    assert told(snapshot, "http://www.xishan.gov.cn/mute") == (Verdict.BROKEN, "timeout")


def test_redirects(server: Any, other: Any, go: Any) -> None:
    server.on("/loop", server.redirect("/pool"))
    server.on("/pool", server.redirect("/loop"))
    for n in range(15):
        server.on(f"/r{n}", server.redirect(f"/r{n + 1}"))
    server.on("/inside", server.redirect("http://10.0.0.1/admin"))
    server.on("/metadata", server.redirect("http://169.254.169.254/latest/meta-data/"))
    server.on("/away", server.redirect("http://www.xishan.gov.cn/there"))
    server.on("/gone-away", server.redirect("http://www.xishan.gov.cn/gone"))
    server.on("/file", server.redirect("file:///etc/passwd"))
    other.on("/there", other.answer(page()))
    targets = ("/loop", "/r0", "/inside", "/metadata", "/away", "/gone-away", "/file")
    snapshot = go(home(server, *targets), hosts={"www.xishan.gov.cn": other.port})
    assert {target: told(snapshot, server.url(target)) for target in targets} == {
        "/loop": (Verdict.BROKEN, "redirects"),
        "/r0": (Verdict.BROKEN, "redirects"),
        "/inside": (Verdict.PRIVATE, "private"),
        "/metadata": (Verdict.PRIVATE, "private"),
        "/away": (Verdict.OK, "ok"),
        "/gone-away": (Verdict.BROKEN, "http-404"),
        "/file": (Verdict.BROKEN, "protocol"),
    }


def test_addresses_that_are_not_for_the_public_are_not_asked(server: Any, go: Any) -> None:
    targets = ("http://10.1.2.3/", "http://localhost:1/", "http://169.254.169.254/", "http://[::1]:1/")
    snapshot = go(home(server, *targets))
    assert {told(snapshot, target)[0] for target in targets} == {Verdict.PRIVATE}
    assert snapshot.coverage.skipped == {"private": 4}


def test_soft_404_with_the_probe(server: Any, go: Any, tmp_path: Path) -> None:
    error = page(title="提示", text="<p>您访问的页面不存在</p>" + "<p>政务公开 办事服务 互动交流</p>" * 40)
    server.on("/real", server.answer(page(title="要闻")))
    server.on("/gone", server.answer(error))
    url = home(server, "/gone", "/real")
    go(url, folder=tmp_path / "first")
    absent = next(seen.target for seen in server.seen if seen.target.endswith(".html"))
    server.on(absent, server.answer(error))
    snapshot = go(url, folder=tmp_path / "second")
    assert told(snapshot, server.url("/gone")) == (Verdict.BROKEN, "soft-404")
    assert told(snapshot, server.url("/real")) == (Verdict.OK, "ok")
    assert server.targets().count(absent) == 2, "once a visit"


def test_documents(server: Any, go: Any) -> None:
    def file(target: str, body: bytes, content_type: str) -> str:
        server.on(target, server.answer(body, content_type=content_type))
        return target

    html = "text/html; charset=utf-8"
    office = b'<html xmlns:o="urn:schemas-microsoft-com:office:office"><p>' + "申请表".encode() * 90 + b"</p></html>"
    login = "<html><title>登录</title><form><input type=password></form></html>".encode()
    targets = [
        file("/a.pdf", b"%PDF-1.4 startxref 0 %%EOF", "application/pdf"),
        file("/b.doc", "<html><p>出错了</p></html>".encode(), html),
        file("/c.doc", office, "application/msword"),
        file("/d.doc", login, html),
        file("/e.xls", b"", "application/vnd.ms-excel"),
        file("/f.zip", b"PK\x03\x04" + bytes(200_000), "application/zip"),
        file("/g.pdf", page(text=TEXT * 9), html),
        file("/h.pdf", b"%PDF-1.4 x", "application/pdf"),
        file("/i.docx", b"PK\x03\x04" + bytes(300), "application/zip"),
        file("/j.ofd", b"PK\x03\x04" + bytes(300) + b"PK\x05\x06" + bytes(18), html),
        file("/k.rar", b"<html><script>location.href='/files/k.rar'</script></html>", html),
        file("/l.wps", "<html><title>统一身份认证</title><div id=app></div></html>".encode(), html),
    ]
    snapshot = go(home(server, *targets))
    assert {target: told(snapshot, server.url(target))[1] for target in targets} == {
        "/a.pdf": "ok",
        "/b.doc": "error-page",
        "/c.doc": "ok",
        "/d.doc": "login",
        "/e.xls": "empty-file",
        "/f.zip": "ok",
        "/g.pdf": "error-page",
        "/h.pdf": "cut-file",
        "/i.docx": "cut-file",
        "/j.ofd": "ok",
        "/k.rar": "script-page",
        "/l.wps": "login",
    }
    assert told(snapshot, server.url("/h.pdf"))[0] is Verdict.BROKEN
    assert told(snapshot, server.url("/k.rar"))[0] is Verdict.UNSURE
    assert told(snapshot, server.url("/d.doc"))[0] is Verdict.BLOCKED
    assert all(seen.headers["range"] for seen in server.seen if seen.target == "/a.pdf")


def ranged(server: Any, body: bytes, start: int, stop: int) -> bytes:
    stands = f"Content-Range: bytes {start}-{stop - 1}/{len(body)}"
    return server.answer(body[start:stop], stands, status="206 Partial Content", content_type="application/pdf")


PEEK, GLANCE, TAIL = 64 * 1024, 2048, 66_000
END = b"startxref\n0\n%%EOF\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"%PDF-1.7" + bytes(200_000) + END, (Verdict.OK, "ok")),
        (b"%PDF-1.7" + bytes(200_000) + END + bytes(9000), (Verdict.OK, "ok")),
        (b"%PDF-1.7" + bytes(200_000), (Verdict.BROKEN, "cut-file")),
        (b"PK\x03\x04" + bytes(200_000), (Verdict.BROKEN, "cut-file")),
        (b"PK\x03\x04" + bytes(200_000) + b"PK\x05\x06" + bytes(65_000), (Verdict.OK, "ok")),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(200_000), (Verdict.OK, "ok")),
    ],
)
def test_the_end_of_a_long_file_is_looked_at(server: Any, go: Any, body: bytes, expected: tuple[Verdict, str]) -> None:
    whole = server.answer(body, content_type="application/octet-stream")
    glance = ranged(server, body, len(body) - GLANCE, len(body))
    tail = ranged(server, body, len(body) - TAIL, len(body))
    server.on("/a.pdf", ranged(server, body, 0, PEEK), glance, whole, tail)
    if expected[0] is Verdict.BROKEN:
        server.on("/a.pdf", ranged(server, body, 0, PEEK), glance, whole, tail, whole, tail)
    assert told(go(home(server, "/a.pdf")), server.url("/a.pdf")) == expected


@pytest.mark.parametrize("stands", ["bytes 0-65535/*", "bytes 0-65535/9999999", "nonsense"])
def test_a_server_without_parts_condemns_no_file(server: Any, go: Any, stands: str) -> None:
    body = b"%PDF-1.7" + bytes(200_000)
    first = server.answer(body[:PEEK], f"Content-Range: {stands}", status="206 Partial Content", content_type="a/b")
    server.on("/a.pdf", first, server.answer(body, content_type="a/b"))
    server.on("/b.pdf", server.answer(body, content_type="a/b"))
    snapshot = go(home(server, "/a.pdf", "/b.pdf"))
    assert told(snapshot, server.url("/a.pdf"))[0] is Verdict.OK
    assert told(snapshot, server.url("/b.pdf"))[0] is Verdict.OK


# A host that does not answer.


def test_one_address_speaks_for_a_dead_host(server: Any, other: Any, go: Any, closed_port: int) -> None:
    dead = [f"http://www.beihe.gov.cn/{n}" for n in range(40)]
    other.on("/", status(other, OK))
    hosts = {"www.beihe.gov.cn": closed_port, "www.xishan.gov.cn": other.port}
    snapshot = go(home(server, "http://www.xishan.gov.cn/", *dead), hosts=hosts)
    found = links(snapshot)
    assert {told(snapshot, url) for url in dead} == {(Verdict.BROKEN, "refused")}
    assert sorted({found[url].outcome.asked for url in dead}) == [0, 2]
    assert sum(found[url].outcome.asked for url in dead) == 2
    assert snapshot.coverage.links == 41
    assert snapshot.coverage.complete
    assert snapshot.coverage.skipped == {}


def test_a_host_that_was_down_for_a_moment(server: Any, other: Any, go: Any) -> None:
    limited = status(other, "429 Too Many Requests")
    other.on("/0", limited, status(other, OK))
    names = [f"http://www.xishan.gov.cn/{n}" for n in range(3)]
    for n in range(1, 3):
        other.on(f"/{n}", status(other, OK if n != 2 else GONE))
    snapshot = go(home(server, *names), hosts={"www.xishan.gov.cn": other.port})
    assert [told(snapshot, name)[0] for name in names] == [Verdict.OK] * 2 + [Verdict.BROKEN]


@pytest.mark.parametrize("several", [1, 2, 5])
def test_a_machine_without_a_way_out_accuses_nobody(server: Any, go: Any, closed_port: int, several: int) -> None:
    names = {f"www.h{n}.gov.cn": closed_port for n in range(several)}
    snapshot = go(home(server, *(f"http://{name}/" for name in names)), hosts=names)
    assert [told(snapshot, f"http://{name}/") for name in names] == [(Verdict.UNSURE, "vantage")] * several


def test_a_name_that_leads_nowhere_needs_no_way_out(server: Any, go: Any, closed_port: int) -> None:
    url = "http://www.nowhere.invalid/"
    snapshot = go(home(server, url), hosts={"www.nowhere.invalid": closed_port})
    assert told(snapshot, url) == (Verdict.BROKEN, "refused")


def test_a_bad_certificate_speaks_for_https_alone(server: Any, other: Any, tls_server: Any, go: Any) -> None:
    server.on("/ok", status(server, OK))
    other.on("/", status(other, OK))
    secure = [f"https://127.0.0.1:{tls_server.port}/{n}" for n in range(3)]
    url = home(server, "/ok", "http://www.xishan.gov.cn/", *secure)
    snapshot = go(url, hosts={"www.xishan.gov.cn": other.port})
    assert {told(snapshot, name) for name in secure} == {(Verdict.UNSURE, "http-404")}
    assert told(snapshot, server.url("/ok")) == (Verdict.OK, "ok")


# One ask an address.


def test_many_spellings_are_one_address(server: Any, go: Any) -> None:
    port = server.port
    spellings = [
        "/a/%7Ex",
        "/a/~x",
        "/a/../a/%7Ex",
        "/a/%7Ex#part",
        f"http://127.0.0.1:{port}/a/%7Ex",
        f"HTTP://127.0.0.1:{port}/a/%7Ex#top",
        f"//127.0.0.1:{port}/a/%7Ex",
        f"http://user:secret@127.0.0.1:{port}/a/%7Ex",
        "  /a/%7Ex\n",
    ]
    server.on("/a/%7Ex", server.answer(page()))
    server.on("/a/~x", server.answer(page()))
    go(home(server, *spellings, "/", "#top", "/index.html", "/b/", "/b/"))
    counts = Counter(server.targets())
    assert counts["/a/%7Ex"] == 1
    assert counts["/a/~x"] == 1, "another address by the URL Standard"
    assert counts["/"] == 1
    assert "secret" not in str([(seen.target, seen.headers) for seen in server.seen])


def test_a_target_of_many_pages_is_asked_once(server: Any, go: Any) -> None:
    pages = [f"/p{n}.html" for n in range(12)]
    for target in pages:
        server.on(target, server.answer(page("/shared.html", "/shared.pdf", *pages, title=target)))
    server.on("/shared.html", server.answer(page()))
    server.on("/shared.pdf", server.answer(b"%PDF", content_type="application/pdf"))
    snapshot = go(home(server, *pages), scope="full")
    assert set(Counter(server.targets()).values()) == {1}
    assert links(snapshot)[server.url("/shared.pdf")].places == 12
    assert len(list(snapshot.pages())) == 14
    assert snapshot.coverage.complete


# Politeness: see test_politeness.py too.


def test_no_more_at_once_than_asked_for(server: Any, go: Any) -> None:
    targets = [f"/{n}.html" for n in range(20)]
    for target in targets:
        server.on(target, server.answer(page()))
    go(home(server, *targets), concurrency=3, scope="full")
    assert len({seen.connection for seen in server.seen}) <= 3


def test_robots_are_obeyed(server: Any, go: Any) -> None:
    server.on("/robots.txt", server.answer(b"User-agent: *\nDisallow: /private/\n", content_type="text/plain"))
    server.on("/ok", status(server, OK))
    url = home(server, "/private/a.html", "/private/b.pdf", "/ok")
    snapshot = go(url)
    assert told(snapshot, server.url("/private/a.html")) == (Verdict.SKIPPED, "robots")
    assert told(snapshot, server.url("/private/b.pdf")) == (Verdict.SKIPPED, "robots")
    assert snapshot.coverage.skipped == {"robots": 2}
    assert not any(target.startswith("/private") for target in server.targets())


def test_a_supervising_body_may_look_behind_robots(server: Any, go: Any) -> None:
    server.on("/robots.txt", server.answer(b"User-agent: *\nDisallow: /\n", content_type="text/plain"))
    snapshot = go(home(server, "/gone"), ignore_robots=True)
    assert told(snapshot, server.url("/gone")) == (Verdict.BROKEN, "http-404")
    assert "/robots.txt" not in server.targets()


# The home page.


def why_no_home(snapshot: Any) -> str:
    with pytest.raises(NotGathered) as caught:
        _ = snapshot.home
    assert not snapshot.coverage.complete
    assert snapshot.why is not None
    return str(caught.value.why)


def test_a_home_page(server: Any, go: Any) -> None:
    snapshot = go(home(server))
    assert snapshot.home.title == "云岭县人民政府"
    assert snapshot.home.role is Role.HOME
    assert snapshot.home.url == server.url("/")
    assert snapshot.home.source.encode() == page()
    assert snapshot.home_answer.status == 200
    assert snapshot.coverage.complete
    assert snapshot.why is None


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("404 Not Found", "HTTP 404"),
        ("500 Internal Server Error", "HTTP 500"),
        ("403 Forbidden", "拒绝访问（HTTP 403）"),
        ("521 Origin Down", "HTTP 521"),
        ("429 Too Many Requests", "HTTP 429"),
    ],
)
def test_a_home_page_with_a_bad_status(server: Any, go: Any, line: str, why: str) -> None:
    server.on("/", status(server, line, body=page()))
    snapshot = go(server.url("/"))
    assert why in why_no_home(snapshot)
    assert snapshot.coverage.pages == 0
    assert list(snapshot.links()) == []


def test_a_home_page_that_was_down_for_a_moment(server: Any, go: Any) -> None:
    server.on("/", status(server, ERROR), server.answer(page("/ok")))
    server.on("/ok", status(server, OK))
    snapshot = go(server.url("/"))
    assert snapshot.home.title == "云岭县人民政府"
    assert told(snapshot, server.url("/ok")) == (Verdict.OK, "ok")
    assert snapshot.coverage.complete


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("reset", "连接被中断"),
        ("close", "连接被中断"),
        ("stall", "超时"),
    ],
)
def test_a_home_page_that_does_not_come(server: Any, go: Any, script: str, why: str) -> None:
    do = {"reset": server.RESET, "close": server.CLOSE, "stall": server.STALL}[script]
    server.on("/", [do])
    assert why in why_no_home(go(server.url("/"), home_seconds=0.3))


def test_a_site_that_is_not_there(go: Any, closed_port: int) -> None:
    snapshot = go("http://www.beihe.gov.cn/", hosts={"www.beihe.gov.cn": closed_port})
    assert "拒绝连接" in why_no_home(snapshot)
    assert snapshot.home_answer.failure is not None


def test_a_name_that_is_not_there(go: Any) -> None:
    snapshot = go("http://no such name/")
    assert "首页" in why_no_home(snapshot)


@pytest.mark.parametrize(
    ("body", "content_type", "why"),
    [
        (b"", "text/html", "空的（0字节）"),
        (b"%PDF-1.4 x", "application/pdf", "不是网页（类型 application/pdf）"),
        (b"\x89PNG\r\n", "image/png", "不是网页（类型 image/png）"),
        (b"<html>" + b"x" * 6 * 1024 * 1024, "text/html", "超过大小上限"),
    ],
)
def test_a_home_page_that_is_no_page(server: Any, go: Any, body: bytes, content_type: str, why: str) -> None:
    server.on("/", server.answer(body, content_type=content_type))
    assert why in why_no_home(go(server.url("/")))


def test_a_home_page_behind_a_challenge(server: Any, go: Any) -> None:
    wall = b"<html><script>document.cookie='__jsl_clearance_s=1';location.href=location.pathname</script></html>"
    server.on("/", server.answer(wall))
    assert "人机验证" in why_no_home(go(server.url("/")))


def test_a_home_page_is_never_a_soft_404(server: Any, go: Any) -> None:
    url = home(server, text="<p>404 Not Found 页面不存在</p>")
    assert go(url).home.title == "云岭县人民政府"


def test_a_home_page_that_robots_forbid(server: Any, go: Any) -> None:
    server.on("/robots.txt", server.answer(b"User-agent: *\nDisallow: /\n", content_type="text/plain"))
    snapshot = go(home(server, "/a"))
    assert "robots.txt" in why_no_home(snapshot)
    assert server.targets() == ["/robots.txt"]


@pytest.mark.parametrize("line", ["500 Internal Server Error", "503 Service Unavailable"])
def test_robots_that_cannot_be_read_still_let_us_see_whether_the_site_is_up(server: Any, go: Any, line: str) -> None:
    server.on("/robots.txt", status(server, line))
    snapshot = go(home(server, "/a.html", "/b.pdf"))
    assert snapshot.home.title == "云岭县人民政府"
    assert {told(snapshot, server.url(t)) for t in ("/a.html", "/b.pdf")} == {(Verdict.SKIPPED, "robots")}
    assert "读取失败" in str(links(snapshot)[server.url("/a.html")].outcome.reason)
    assert "/a.html" not in server.targets()


FORWARDS = [
    '<html><head><meta http-equiv="refresh" content="0; url=/main/"></head></html>',
    "<html><head><meta http-equiv=REFRESH content=\"3;URL='/main/'\"></head><body>请稍候</body></html>",
    "<html><script>window.location.href='/main/';</script></html>",
    '<html><script>location.replace("/main/")</script></html>',
    "<html><body onload=\"location='/main/'\"></body></html>",
    '<html><frameset><frame src="/main/"></frameset></html>',
    '<html><body><iframe src="/main/" width="100%"></iframe></body></html>',
]


@pytest.mark.parametrize("source", FORWARDS)
def test_a_home_page_that_sends_its_reader_on(server: Any, go: Any, source: str) -> None:
    server.on("/", server.answer(source.encode()))
    server.on("/main/", server.answer(page("/x")))
    server.on("/x", status(server, OK))
    snapshot = go(server.url("/"))
    assert snapshot.home.url == server.url("/main/")
    assert snapshot.home.role is Role.HOME
    assert told(snapshot, server.url("/x")) == (Verdict.OK, "ok")
    assert server.targets().count("/main/") == 1


@pytest.mark.parametrize(
    "source",
    [
        "<html><noscript><meta http-equiv=refresh content='0;url=/nojs'></noscript><title>云岭县</title></html>",
        "<html><script src=a.js></script><noscript><iframe src=/nojs></iframe></noscript><title>云岭县</title></html>",
        "<html><title>云岭县</title><frameset><frame src=/top><frame src=/main></frameset></html>",
        "<html><meta http-equiv=refresh content='600;url=/nojs'><title>云岭县</title></html>",
        "<html><meta http-equiv=refresh content='30'><title>云岭县</title></html>",
    ],
)
def test_a_home_page_that_stays(server: Any, go: Any, source: str) -> None:
    server.on("/", server.answer(source.encode()))
    snapshot = go(server.url("/"))
    assert snapshot.home.url == server.url("/")
    assert snapshot.home.title == "云岭县"


def test_frames_are_nothing_to_judge_by(server: Any, go: Any) -> None:
    server.on("/", server.answer(b"<html><frameset><frame src=/top><frame src=/main></frameset></html>"))
    assert go(server.url("/")).home.script_drawn


@pytest.mark.parametrize(
    ("first", "second"),
    [("/", "/"), ("/b", "/"), ("/?1", "/?2")],
)
def test_a_home_page_that_leads_in_circles(server: Any, go: Any, first: str, second: str) -> None:
    def forward(to: str) -> bytes:
        return server.answer(f"<html><title>云岭县</title><script>location.href='{to}'</script></html>".encode())

    server.on("/", forward(first))
    server.on(first, forward(second))
    server.on(second, forward(first))
    snapshot = go(server.url("/"))
    assert snapshot.home.title == "云岭县"


def test_a_home_page_that_leads_on_for_ever(server: Any, go: Any) -> None:
    for n in range(20):
        server.on(f"/{n or ''}", server.answer(f"<title>第{n}页</title><script>location='/{n + 1}'</script>".encode()))
    snapshot = go(server.url("/"))
    assert snapshot.home.title == "第5页"
    assert len(server.targets()) < 12


def test_home_on_another_own_host(server: Any, other: Any, go: Any) -> None:
    server.on("/", server.redirect("http://www.yunling.gov.cn/"))
    other.on("/", other.answer(page("/x", "http://old.yunling.gov.cn/y")))
    other.on("/x", status(other, OK))
    hosts = {"www.yunling.gov.cn": other.port, "old.yunling.gov.cn": server.port}
    snapshot = go("http://old.yunling.gov.cn/", hosts=hosts)
    assert snapshot.home.url == "http://www.yunling.gov.cn/"
    found = links(snapshot)
    assert found["http://www.yunling.gov.cn/x"].internal
    assert found["http://old.yunling.gov.cn/y"].internal
    assert snapshot.home_answer.hops[0].status == 302


def test_the_time_of_the_home_page_is_its_own(server: Any, other: Any, go: Any) -> None:
    """robots.txt of the host it redirects to is silent: that is not the home page's slowness."""
    server.on("/", server.redirect("http://www.yunling.gov.cn/"))
    other.on("/", other.answer(page()))
    other.on("/robots.txt", [other.STALL])
    hosts = {"www.yunling.gov.cn": other.port, "old.yunling.gov.cn": server.port}
    snapshot = go("http://old.yunling.gov.cn/", hosts=hosts, home_seconds=0.5)
    assert snapshot.home_answer.elapsed < 0.5


# Limits.


def wide(server: Any, count: int = 30) -> str:
    targets = [f"/p{n}.html" for n in range(count)]
    for target in targets:
        server.on(target, server.answer(page(title=target)))
    return home(server, *targets)


def test_max_pages_of_a_full_visit(server: Any, go: Any) -> None:
    snapshot = go(wide(server), scope="full", max_pages=10)
    assert snapshot.coverage.pages == 10
    assert snapshot.coverage.skipped == {"max-pages": 21}
    assert not snapshot.coverage.complete
    assert "页数上限" in str(snapshot.why)
    skipped = [link for link in snapshot.links() if link.outcome.verdict is Verdict.SKIPPED]
    assert {link.outcome.code for link in skipped} == {"max-pages"}


def test_max_pages_of_a_quick_visit(server: Any, go: Any) -> None:
    columns = [Column(f"栏目{n}", server.url(f"/c{n}/"), ColumnKind.NEWS, given=True) for n in range(5)]
    for n in range(5):
        server.on(f"/c{n}/", server.answer(page(title=f"栏目{n}")))
    snapshot = go(home(server), columns=columns, max_pages=3)
    assert snapshot.coverage.pages == 3
    assert not snapshot.coverage.complete
    assert "页数上限" in str(snapshot.why)
    assert len(snapshot.columns) == 5
    assert [view.unobservable is None for view in snapshot.columns] == [True, True, False, False, False]


def test_one_page_is_the_home_page(server: Any, go: Any) -> None:
    server.on("/", server.answer(FORWARDS[0].encode()))
    server.on("/main/", server.answer(page()))
    assert go(server.url("/"), max_pages=1).home.url == server.url("/main/")


def test_max_seconds(server: Any, go: Any) -> None:
    snapshot = go(wide(server), scope="full", max_seconds=0.5, rate=10)
    coverage = snapshot.coverage
    assert not coverage.complete
    assert "时间上限" in str(snapshot.why)
    assert 0 < coverage.pages < 30
    assert coverage.skipped["max-seconds"] == 31 - len([t for t in set(server.targets()) if t == "/" or "/p" in t])


def test_a_resumed_visit_has_what_is_left_of_its_time(server: Any, go: Any, tmp_path: Path) -> None:
    url = wide(server)
    go(url, scope="full", rate=20, folder=tmp_path / "v", stop=lambda: len(server.seen) > 8).close()
    asked = len(server.seen)
    snapshot = go(url, scope="full", max_seconds=0.2, rate=20, folder=tmp_path / "v")
    assert len(server.seen) == asked
    assert "时间上限" in str(snapshot.why)


def test_max_bytes(server: Any, go: Any) -> None:
    snapshot = go(wide(server), scope="full", max_bytes=20_000)
    assert not snapshot.coverage.complete
    assert "流量上限" in str(snapshot.why)
    assert snapshot.coverage.skipped["max-bytes"] > 0


def test_a_limit_before_the_second_ask_accuses_nobody(server: Any, go: Any) -> None:
    snapshot = go(home(server, "/gone"), max_seconds=0.8, confirm_after=30.0)
    assert told(snapshot, server.url("/gone")) == (Verdict.UNSURE, "http-404")


def test_a_site_that_shuts_most_doors_was_not_seen_whole(server: Any, go: Any, tmp_path: Path) -> None:
    url = wide(server, 20)
    for n in range(3):
        server.on(f"/p{n}.html", status(server, "403 Forbidden"))
    snapshot = go(url, scope="full", folder=tmp_path / "some")
    assert not snapshot.coverage.complete
    assert "21 个页面中的 3 个" in str(snapshot.why)
    for n in range(1, 3):
        server.on(f"/p{n}.html", server.answer(page()))
    assert go(url, scope="full", folder=tmp_path / "one").coverage.complete, "a login is closed to anybody"


def test_robots_that_leave_nothing_to_see(server: Any, go: Any) -> None:
    server.on("/robots.txt", server.answer(b"User-agent: *\nDisallow: /p\n", content_type="text/plain"))
    snapshot = go(wide(server), scope="full")
    assert not snapshot.coverage.complete
    assert snapshot.coverage.skipped == {"robots": 30}


# Scopes and sources.

SOURCES = f"""<!DOCTYPE html><html><head><title>云岭县</title>
<link rel="stylesheet" href="/s/link.css"><link rel="preconnect" href="/n/hint"><script src="/s/script.js"></script>
<style>@import "/s/import.css"; /* url(/n/css-comment.png) */ body {{ background: url("/s/style.png") }}</style>
</head><body background="/s/body.png">
<a href="/s/a">甲</a> <map><area href="/s/area"></map> <iframe src="/s/iframe"></iframe>
<img src="/s/img.png" srcset="/s/srcset1.png 1x, /s/srcset2.png 2x"> <div style="background:url('/s/inline.png')"></div>
<video src="/s/video.mp4" poster="/s/poster.png"></video><object data="/s/object.swf"></object>
<embed src="/s/embed.swf"><td><span onclick="window.open('/s/onclick')">乙</span>
<a href="javascript:location.href='/s/javascript'">丙</a>
<table background="/s/table.png"></table> <input type="image" src="/s/input.png">
<!-- <a href="/n/comment">丁</a> --><script>var x = '<a href="/n/script">戊</a>'; // window.open('/n/later')
</script><form action="/n/post" method="post"></form><form action="/s/form"></form>
<a href="mailto:a@b.c">邮</a> <a href="tel:110">电</a> <a href="">空</a>
<a name="x">锚</a> <a href="#x">下</a> <img src="data:image/png;base64,AAAA"> <a href="http://">坏</a>{TEXT}</body></html>"""


@pytest.mark.parametrize("scope", ["quick", "full"])
def test_links_are_found_wherever_they_stand(server: Any, go: Any, scope: str) -> None:
    server.on("/", server.answer(SOURCES.encode()))
    found = {link.url.removeprefix(server.url("")): link for link in go(server.url("/"), scope=scope).links()}
    wanted = {
        *("link.css", "script.js", "style.png", "import.css", "body.png", "a", "area", "iframe", "img.png"),
        *("srcset1.png", "srcset2.png", "inline.png", "video.mp4", "poster.png", "object.swf", "embed.swf"),
        *("onclick", "javascript", "table.png", "input.png", "form"),
    }
    assert {url.removeprefix("/s/") for url in found if url.startswith("/s/")} == wanted
    assert {url for url in found if not url.startswith("/s/")} == set(), "the empty link is the page itself"
    assert found["/s/a"].text == "甲"
    assert found["/s/onclick"].text == "乙"
    assert found["/s/img.png"].kind is LinkKind.IMAGE
    assert found["/s/link.css"].kind is LinkKind.ASSET
    assert found["/s/a"].line > 0


def test_a_quick_visit_opens_no_further_pages(server: Any, go: Any) -> None:
    server.on("/a/200.html", server.answer(page("/b.html")))
    server.on("/b.html", server.answer(page("/c.html")))
    snapshot = go(home(server, "/a/200.html"))
    assert told(snapshot, server.url("/a/200.html")) == (Verdict.OK, "ok")
    assert "/c.html" not in server.targets()


def test_a_full_visit_stays_on_the_site(server: Any, other: Any, go: Any) -> None:
    server.on("/a.html", server.answer(page("/b.html", "http://www.xishan.gov.cn/")))
    server.on("/b.html", server.answer(page("/")))
    other.on("/", other.answer(page("/more")))
    snapshot = go(home(server, "/a.html"), scope="full", hosts={"www.xishan.gov.cn": other.port})
    assert {p.url for p in snapshot.pages()} == {server.url(t) for t in ("/", "/a.html", "/b.html")}
    assert other.targets() == ["/"]


def test_nobody_asks_for_links_nobody_asked_for_links(server: Any, other: Any, go: Any) -> None:
    url = home(server, "/a", "http://www.xishan.gov.cn/")
    snapshot = go(url, needs=frozenset({"pages"}), hosts={"www.xishan.gov.cn": other.port})
    assert other.seen == []
    with pytest.raises(NotGathered):
        list(snapshot.links())


def test_queries_are_written_in_the_encoding_of_the_page(server: Any, go: Any) -> None:
    source = '<html><meta charset="gb2312"><title>云岭县</title><a href="/s?q=云岭">搜</a></html>'.encode("gb18030")
    server.on("/", server.answer(source, content_type="text/html"))
    go(server.url("/"))
    assert "/s?q=%D4%C6%C1%EB" in server.targets()


# Columns.

LIST = "<ul>" + "".join(
    f"<li><a href='/xw/t{n}.html'>云岭县召开第{n}次会议部署重点工作</a> 2026-11-{n + 10}</li>" for n in range(6)
)


def test_a_column_the_operator_named_is_told_of_whatever_becomes_of_it(server: Any, go: Any, closed_port: int) -> None:
    server.on("/xw/", server.answer(page(title="动态要闻", text=LIST + "</ul>")))
    server.on("/old/", server.answer(FORWARDS[0].replace("/main/", "/xw/").encode()))
    server.on("/file/", server.answer(b"%PDF", content_type="application/pdf"))
    named = {"/xw/": "动态要闻", "/gone/": "通知公告", "/file/": "政策文件"}
    columns = [Column(name, server.url(url), ColumnKind.NEWS, given=True) for url, name in named.items()]
    columns.append(Column("市政府公报", "http://www.beihe.gov.cn/gb/", given=True))
    snapshot = go(home(server), columns=columns, hosts={"www.beihe.gov.cn": closed_port})
    views = {view.name: view for view in snapshot.columns}
    assert list(views) == ["动态要闻", "通知公告", "政策文件", "市政府公报"]
    assert len(views["动态要闻"].items) == 6
    assert "HTTP 404" in str(views["通知公告"].unobservable)
    assert "application/pdf" in str(views["政策文件"].unobservable)
    assert "拒绝连接" in str(views["市政府公报"].unobservable)


def test_a_column_that_moved(server: Any, go: Any) -> None:
    server.on("/old/", server.answer(FORWARDS[0].replace("/main/", "/xw/").encode()))
    server.on("/xw/", server.answer(page(title="动态要闻", text=LIST + "</ul>")))
    snapshot = go(home(server), columns=[Column("动态要闻", server.url("/old/"), ColumnKind.NEWS, given=True)])
    (view,) = snapshot.columns
    assert len(view.items) == 6
    assert view.page is not None
    assert view.page.role is Role.COLUMN


def test_columns_are_asked_though_the_home_page_is_down(server: Any, go: Any) -> None:
    server.on("/", status(server, ERROR))
    server.on("/xw/", server.answer(page(title="动态要闻", text=LIST + "</ul>")))
    snapshot = go(server.url("/"), columns=[Column("动态要闻", server.url("/xw/"), ColumnKind.NEWS, given=True)])
    assert "HTTP 500" in why_no_home(snapshot)
    assert len(snapshot.columns[0].items) == 6


# An enemy.


def test_a_page_of_nothing_but_links(server: Any, go: Any) -> None:
    flood = "".join(f"<a href=/{n}.jpg>x</a>" for n in range(7000))
    server.on("/", server.answer(f"<title>云岭县</title>{flood}".encode()))
    snapshot = go(server.url("/"), max_seconds=0.2)
    assert snapshot.home.title == "云岭县"
    assert sum(1 for _ in snapshot.links()) == 5000
    assert not snapshot.coverage.complete


def test_a_maze_is_bounded_and_named(server: Any, go: Any) -> None:
    deep = "/" + "a/" * 30
    server.on("/", server.answer(page(deep, "/?" + "&".join(f"x={n}" for n in range(9)), "/" + "b" * 3000)))
    snapshot = go(server.url("/"), scope="full")
    assert snapshot.coverage.skipped == {"endless": 3}
    assert server.targets().count("/") == 1


def test_nothing_a_server_says_leaves_the_folder(server: Any, go: Any, tmp_path: Path) -> None:
    names = ["/../../../../etc/passwd", "/..%2f..%2fx.html", "/a\\..\\..\\b.html", "/%00.html", "/con.html"]
    evil = server.answer(page(title="../../x\x00"), 'Content-Disposition: attachment; filename="../../evil"')
    for name in ("/etc/passwd", "/..%2f..%2fx.html", "/b.html", "/%00.html", "/con.html"):
        server.on(name, evil)
    go(home(server, *names), scope="full")
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")} == {
        "visit",
        "visit/visit.db",
        "visit/visit.warc.gz",
    }


def test_odd_bytes_everywhere(server: Any, go: Any) -> None:
    odd = (
        "<title>\ud800云\x00岭</title>".encode("utf-8", "surrogatepass")
        + "<a href='/\u202e\ufffe'>\x00\x07</a>".encode()
    )
    server.on("/", server.answer(odd + b"\xff\xfe<meta name=a content=\x00>", "X-Odd: \xff\x01\x7f"))
    snapshot = go(server.url("/"))
    assert "云" in snapshot.home.title
    assert sum(1 for _ in snapshot.links()) == 1


@pytest.mark.parametrize("line", ["200 确定", "200 \xb2\xbb", "200", "200 " + "x" * 4000])
def test_odd_words_for_a_status(server: Any, go: Any, line: str) -> None:
    server.on("/", server.answer(page()).replace(b"200 OK", line.encode("latin-1" if "\xb2" in line else "utf-8")))
    assert go(server.url("/")).home.title == "云岭县人民政府"


def test_a_fault_of_ours_is_heard_and_leaves_a_whole_folder(
    server: Any, go: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = home(server, "/a")
    with monkeypatch.context() as patch:
        patch.setattr("crawler.visit.harvest.harvest", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            go(url)
    assert go(url).home.title == "云岭县人民政府"


def test_progress_is_told(server: Any, go: Any) -> None:
    steps: list[Any] = []
    go(wide(server, 5), scope="full", report=steps.append)
    assert [step.pages for step in steps] == sorted(step.pages for step in steps)
    assert steps[-1].pages == 6
    assert steps[-1].queued == 0


# Links that stand in no page.


def css(server: Any, text: str) -> bytes:
    return server.answer(text.encode(), content_type="text/css")


def test_style_sheets_are_read(server: Any, other: Any, go: Any) -> None:
    home(server, "/gone", head='<link rel="stylesheet" href="/css/a.css"><link rel=stylesheet href="/css/gone.css">')
    server.on("/css/a.css", css(server, "@import 'b.css'; a{background:url(../bg.png)} b{x:url(bad.png)}"))
    server.on("/css/b.css", css(server, f"@import 'a.css'; @import 'gone.css'; c{{x:url({other.url('/out.png')})}}"))
    server.on("/bg.png", status(server, OK))
    other.on("/out.png", status(other, OK))
    snapshot = go(server.url("/"))
    found = links(snapshot)
    dead = found[server.url("/css/bad.png")]
    assert (dead.kind, dead.outcome.verdict) == (LinkKind.IMAGE, Verdict.BROKEN)
    assert (dead.on, dead.via, dead.in_sheet) == (server.url("/"), server.url("/css/a.css"), True)
    assert found[server.url("/bg.png")].outcome.verdict is Verdict.OK
    assert found[server.url("/css/b.css")].via == server.url("/css/a.css")
    assert found[other.url("/out.png")].on == server.url("/")
    # What the page names itself is the page's, and told of once.
    assert found[server.url("/css/gone.css")].via == ""
    assert len(found) == len(list(snapshot.links())) == snapshot.coverage.links
    assert Counter(server.targets())["/css/a.css"] == 1


def test_what_is_no_style_sheet_is_not_read(server: Any, go: Any) -> None:
    home(server, head='<link rel="stylesheet" href="/a.css"><link rel="stylesheet" href="/b.css">')
    server.on("/a.css", server.answer(b"a{background:url(/no.png)}", content_type="text/plain"))
    server.on("/b.css", server.answer(page(text=TEXT * 9 + "<p>a{background:url(/no.png)}</p>")))
    assert {link.url for link in go(server.url("/")).links()} == {server.url("/a.css"), server.url("/b.css")}


def test_sheets_that_import_others_for_ever(server: Any, go: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_SHEETS", 5)
    home(server, head='<link rel="stylesheet" href="/0.css">')
    for number in range(20):
        server.on(f"/{number}.css", css(server, f"@import '/{number + 1}.css';"))
    snapshot = go(server.url("/"))
    assert len([target for target in server.targets() if target.endswith(".css")]) == 6
    assert not snapshot.coverage.complete


def test_a_page_that_sends_its_reader_to_nothing(server: Any, go: Any) -> None:
    home(server, "/old/")
    server.on("/old/", server.answer(b'<meta http-equiv="refresh" content="0;url=/new/">'))
    found = links(go(server.url("/"), scope="full"))
    assert found[server.url("/old/")].outcome.verdict is Verdict.OK
    dead = found[server.url("/new/")]
    assert (dead.outcome.verdict, dead.on, dead.via) == (Verdict.BROKEN, server.url("/"), server.url("/old/"))


def test_a_form_that_is_also_linked_to_is_a_page(server: Any, go: Any) -> None:
    text = f'<form action="/search/"><input name="q"></form><form action="/only.jsp"></form>{TEXT}'
    home(server, "/list/", text=text)
    server.on("/list/", server.answer(page("/search/", "/list/1.html")))
    server.on("/list/1.html", server.answer(page()))
    server.on("/search/", server.answer(page("/search/deep.html")))
    server.on("/search/deep.html", server.answer(page()))
    found = links(go(server.url("/"), scope="full"))
    assert found[server.url("/search/")].kind is LinkKind.PAGE
    assert found[server.url("/search/deep.html")].outcome.verdict is Verdict.OK
    assert found[server.url("/only.jsp")].kind is LinkKind.FORM


def test_lost_places(server: Any, other: Any, go: Any, tmp_path: Path) -> None:
    names = ["/a.html#here", "/a.html#lost", "#own", "#gone", "/b.html", "/doc.pdf#page=2", other.url("/x.html#lost")]
    home(server, *names, text=f"<p id=own>{TEXT}")
    server.on("/a.html", server.answer(page("/b.html#twice", text=f'<h2 id="here">章</h2><a name="第二章"></a>{TEXT}')))
    server.on("/b.html", server.answer(page("/b.html#twice", "/a.html#lost", "/a.html#第二章", "/drawn.html#x")))
    server.on("/drawn.html", server.answer(b"<html><div id=app></div><script src=/app.js></script></html>"))
    other.on("/x.html", other.answer(page()))
    snapshot = go(server.url("/"), scope="full")
    assert {place.url: (place.on, place.raw, place.line) for place in snapshot.lost_places()} == {
        server.url("/#gone"): (server.url("/"), "#gone", 1),
        server.url("/a.html#lost"): (server.url("/"), "/a.html#lost", 1),
        server.url("/b.html#twice"): (server.url("/a.html"), "/b.html#twice", 1),
    }
    # Nothing is known of pages that were not read.
    less = go(server.url("/"), scope="full", max_pages=1, folder=tmp_path / "less")
    assert [place.url for place in less.lost_places()] == [server.url("/#gone")]


def test_a_lost_place_of_a_page_that_is_the_same_as_another(server: Any, go: Any) -> None:
    home(server, "?word=a#lost")
    server.on("/?word=a", server.answer(page("?word=a#lost")))
    lost = go(server.url("/"), scope="full").lost_places()
    assert [(place.url, place.on, place.line) for place in lost] == [(server.url("/?word=a#lost"), server.url("/"), 1)]


def test_a_lost_place_of_a_page_that_is_redirected(server: Any, go: Any) -> None:
    server.on("/", server.redirect("/home/"))
    server.on("/home/", server.answer(page("#lost")))
    [lost] = go(server.url("/"), scope="full").lost_places()
    assert (lost.url, lost.on, lost.raw, lost.line) == (server.url("/home/#lost"), server.url("/home/"), "#lost", 1)


def test_places_of_a_page_with_a_base_are_the_bases(server: Any, go: Any) -> None:
    home(server, "#lost", head='<base href="/a.html">')
    server.on("/a.html", server.answer(page()))
    assert list(go(server.url("/")).lost_places()) == []
