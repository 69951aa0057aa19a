"""Whatever a server does, a fetch ends in time, within its limits, as a value that says what happened."""

import asyncio
import gzip
import hashlib
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import brotli
import httpx
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from crawler import urls
from crawler.fetch import Fetcher, Limits, Reply, decode_body, refusal, retry_after
from crawler.page import FailureKind, Hop
from crawler.transport import Guard

OPEN = Guard(allow_private=True)
LIMITS = Limits()
PAGE = "<html><head><title>云岭县人民政府</title></head><body>通知公告</body></html>".encode()


def fetch(url: str, *, guard: Guard = OPEN, limits: Limits = LIMITS, **options: Any) -> Reply:
    async def run() -> Reply:
        async with Fetcher(agent="xuncha/test", guard=guard, limits=limits) as fetcher:
            return await fetcher.fetch(url, **options)

    return asyncio.run(run())


def mocked(handle: Callable[[httpx.Request], httpx.Response], url: str) -> Reply:
    """By a transport that needs no network."""

    async def run() -> Reply:
        async with Fetcher(agent="xuncha", guard=Guard(), transport=httpx.MockTransport(handle)) as fetcher:
            return await fetcher.fetch(url)

    return asyncio.run(run())


def failure(reply: Reply) -> FailureKind | None:
    """The kind; and what must hold of every failure."""
    answer = reply.answer
    if answer.failure is None:
        assert answer.status is not None
        return None
    assert answer.status is None
    assert not answer.ok
    assert answer.digest == ""
    assert "\n" not in answer.failure.detail
    return answer.failure.kind


def test_a_page(server: Any) -> None:
    url = server.on("/a?b=1", server.answer(PAGE, "X-A: 1", "X-A: 2"))
    before = datetime.now(UTC)
    reply = fetch(url.upper().replace("/A?B", "/a?b") + "#top")
    answer = reply.answer
    assert (answer.asked, answer.url, answer.status, answer.ok) == (url, url, 200, True)
    assert answer.failure is None
    assert answer.media_type == "text/html"
    assert reply.content_type == "text/html; charset=utf-8"
    assert reply.body == PAGE
    assert answer.size == len(PAGE)
    assert answer.digest == hashlib.sha256(PAGE).hexdigest()
    assert answer.server == "127.0.0.1"
    assert before <= answer.at <= datetime.now(UTC)
    assert reply.headers["x-a"] == "1, 2"
    (exchange,) = reply.exchanges
    assert (exchange.url, exchange.method, exchange.status, exchange.reason) == (url, "GET", 200, "OK")
    assert (exchange.http_version, exchange.server, exchange.truncated) == ("HTTP/1.1", "127.0.0.1", False)
    assert exchange.body == PAGE
    assert exchange.headers.count(("X-A", "1")) == 1
    assert 0 < exchange.elapsed <= answer.elapsed
    sent = {name.lower(): value for name, value in exchange.request_headers}
    assert sent == server.seen[0].headers
    assert sent["user-agent"] == "xuncha/test"
    assert sent["accept"].startswith("text/html,application/xhtml+xml")
    assert sent["accept-language"] == "zh-CN,zh;q=0.9,en;q=0.5"
    assert sent["accept-encoding"] == "gzip, deflate, br, zstd"


def test_head_has_no_body(server: Any) -> None:
    reply = fetch(server.on("/", server.answer(PAGE)), method="HEAD")
    assert (reply.answer.status, reply.answer.method, reply.body, reply.answer.digest) == (200, "HEAD", b"", "")
    assert reply.headers["content-length"] == str(len(PAGE))
    assert server.seen[0].method == "HEAD"


@pytest.mark.parametrize("status", [204, 304, 404, 410, 500, 503, 999, 300])
def test_other_statuses_are_answers(server: Any, status: int) -> None:
    body = b"" if status in (204, 304) else PAGE
    reply = fetch(server.on("/", server.answer(body, status=f"{status} X")))
    assert failure(reply) is None
    assert (reply.answer.status, reply.body) == (status, body)
    assert reply.answer.ok is (status == 204)


@pytest.mark.parametrize(
    "url", ["mailto:a@b", "ftp://www.yunling.gov.cn/", "", "www.yunling.gov.cn", "http://", "http://[/"]
)
def test_what_is_no_web_address_is_not_asked(url: str) -> None:
    reply = fetch(url)
    assert failure(reply) is FailureKind.PROTOCOL
    assert (reply.answer.asked, reply.exchanges) == (url, ())


@pytest.mark.parametrize("host", ["云岭.政务", "_云岭.gov.cn", "xn--gmq37nfpx.xn--zfr164b"])
def test_chinese_names_are_asked_by_their_ascii_form(host: str) -> None:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=PAGE)

    reply = mocked(handle, f"http://{host}:8080/")
    assert failure(reply) is None
    assert seen[0].headers["host"] == seen[0].url.netloc.decode() == urls.authority(reply.answer.url)
    assert seen[0].headers["host"].isascii()


def test_an_address_longer_than_anybody_carries() -> None:
    reply = fetch("http://www.yunling.gov.cn/" + "a" * 70_000)
    assert failure(reply) is FailureKind.PROTOCOL


@given(st.text(max_size=30), st.text(max_size=10))
def test_no_address_makes_it_raise(path: str, host: str) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        assert str(request.url) == urls.normalize(str(request.url))
        return httpx.Response(302, headers=[(b"location", path.encode("utf-8", "replace"))])

    for url in (f"http://www.yunling.gov.cn/{path}", f"http://{host}/{path}", path):
        reply = mocked(handle, url)
        assert all(exchange.url.isascii() for exchange in reply.exchanges)


# Redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_and_recorded(server: Any, status: int) -> None:
    a = server.on("/x/a", server.redirect("../b?q#part", status=f"{status} Moved"))
    b = server.on("/b?q", server.redirect(server.url("/c"), status=f"{status} Moved"))
    c = server.on("/c", server.answer(PAGE))
    reply = fetch(a)
    assert reply.answer.hops == (Hop(a, status, b), Hop(b, status, c))
    assert (reply.answer.asked, reply.answer.url, reply.answer.status) == (a, c, 200)
    assert [(e.url, e.status) for e in reply.exchanges] == [(a, status), (b, status), (c, 200)]
    assert reply.body == PAGE
    assert sum(e.elapsed for e in reply.exchanges) <= reply.answer.elapsed


def test_redirects_can_be_left_alone(server: Any) -> None:
    reply = fetch(server.on("/a", server.redirect("/b")), follow=False)
    assert (reply.answer.status, reply.answer.hops) == (302, ())
    assert server.targets() == ["/a"]


@pytest.mark.parametrize("location", ["/云岭/通知".encode(), "/云岭/通知".encode("gb18030")])
def test_a_location_gets_its_own_bytes_back(server: Any, location: bytes) -> None:
    server.on("/a", b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n")
    fetch(server.url("/a"))
    assert server.targets()[1] == "".join(chr(b) if b < 0x80 else f"%{b:02X}" for b in location)


@pytest.mark.parametrize("location", ["/a", "", "#top"])
def test_a_redirect_to_itself(server: Any, location: str) -> None:
    reply = fetch(server.on("/a", server.redirect(location)))
    assert failure(reply) is (FailureKind.REDIRECTS if location else None)
    assert server.targets() == ["/a"]


def test_a_loop_of_two(server: Any) -> None:
    server.on("/a", server.redirect("/b"))
    server.on("/b", server.redirect("/a"))
    reply = fetch(server.url("/a"))
    assert failure(reply) is FailureKind.REDIRECTS
    assert server.targets() == ["/a", "/b"]
    assert len(reply.answer.hops) == 2


def test_endless_redirects(server: Any) -> None:
    for n in range(20):
        server.on(f"/{n}", server.redirect(f"/{n + 1}"))
    reply = fetch(server.url("/0"), limits=Limits(redirects=5))
    assert failure(reply) is FailureKind.REDIRECTS
    assert server.targets() == [f"/{n}" for n in range(6)]


def test_a_cookie_handed_out_on_the_way_is_brought_along(server: Any) -> None:
    """Not a loop: the second time the cookie is there, and the page comes."""
    url = server.on("/", server.redirect("/", "Set-Cookie: visited=1; path=/"), server.answer(PAGE))
    reply = fetch(url)
    assert (failure(reply), reply.body) == (None, PAGE)
    assert server.seen[1].headers["cookie"] == "visited=1"


@pytest.mark.parametrize(
    "cookie",
    [
        "名=云岭".encode(),
        "名=云岭".encode("gb18030"),
        b"=;;=",
        b"\x01\xff; path",
        b"a=" + b"b" * 9000,
        b"a=b; expires=Mon, 01 Jaj 2035 00:00:00 GMT",
    ],
)
def test_cookies_of_any_bytes_do_no_harm(server: Any, cookie: bytes) -> None:
    server.on("/a", b"HTTP/1.1 302 F\r\nLocation: /b\r\nContent-Length: 0\r\nSet-Cookie: " + cookie + b"\r\n\r\n")
    server.on("/b", server.redirect("/c"))
    server.on("/c", server.answer(PAGE))
    assert failure(fetch(server.url("/a"))) is None
    if cookie.decode("utf-8", "replace") == "名=云岭":
        assert server.seen[2].headers["cookie"].encode("latin-1") == cookie


def test_a_cookie_stays_on_its_site(server: Any) -> None:
    elsewhere = server.url("/b").replace("127.0.0.1", "localhost")
    server.on("/a", server.redirect(elsewhere, "Set-Cookie: visited=1"))
    server.on("/b", server.redirect(server.url("/c")))
    fetch(server.url("/a"))
    assert [seen.headers.get("cookie") for seen in server.seen] == [None, None, None]


def test_a_cookie_does_not_outlive_its_fetch(server: Any) -> None:
    url = server.on("/", server.redirect("/b", "Set-Cookie: visited=1"))

    async def run() -> None:
        async with Fetcher(agent="xuncha", guard=OPEN) as fetcher:
            await fetcher.fetch(url)
            await fetcher.fetch(url)

    asyncio.run(run())
    assert "cookie" not in server.seen[2].headers


@pytest.mark.parametrize(
    "location", ["mailto:a@yunling.gov.cn", "javascript:alert(1)", "file:///etc/passwd", "http://[::1", "ftp://a/"]
)
def test_redirects_out_of_the_web(server: Any, location: str) -> None:
    reply = fetch(server.on("/a", server.redirect(location)))
    assert failure(reply) is FailureKind.PROTOCOL
    assert server.targets() == ["/a"]


def test_redirects_to_private_addresses_are_refused(server: Any) -> None:
    """The first host is named by the operator; where it sends us is not."""
    for location in (
        f"http://localhost:{server.port}/secret",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
    ):
        reply = fetch(server.on("/a", server.redirect(location)), guard=Guard(named=frozenset({"127.0.0.1"})))
        assert failure(reply) is FailureKind.PRIVATE
        assert reply.answer.hops[0].to.startswith(location)
    assert set(server.targets()) == {"/a"}


def test_every_further_hop_needs_leave(server: Any) -> None:
    server.on("/a", server.redirect("/b"))
    server.on("/b", server.redirect("/c"))
    asked: list[str] = []

    async def allowed(url: str) -> bool:
        asked.append(url)
        return not url.endswith("/c")

    reply = fetch(server.url("/a"), allowed=allowed)
    assert failure(reply) is FailureKind.ROBOTS
    assert asked == [server.url("/b"), server.url("/c")]
    assert server.targets() == ["/a", "/b"]
    assert reply.answer.url == server.url("/c")


def test_no_credentials_for_another_origin(server: Any) -> None:
    elsewhere = server.url("/b").replace("127.0.0.1", "localhost")
    server.on("/a", server.redirect(elsewhere))
    fetch(server.url("/a"), headers={"Authorization": "x", "Cookie": "a=b", "Referer": "http://r/", "X-Kept": "1"})
    first, second = (seen.headers for seen in server.seen)
    assert {"authorization", "cookie", "referer", "x-kept"} <= first.keys()
    assert {"authorization", "cookie", "referer"}.isdisjoint(second)
    assert second["x-kept"] == "1"


@pytest.mark.parametrize("how", ["short", "long", "reset"])
def test_the_body_of_a_redirect_does_not_matter(server: Any, how: str) -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 10000000\r\n\r\n"
    body = b"x" * (200_000 if how == "long" else 10)
    server.on("/a", [head + body, server.RESET if how == "reset" else server.CLOSE])
    server.on("/b", server.answer(PAGE))
    reply = fetch(server.url("/a"))
    assert (failure(reply), reply.body) == (None, PAGE)
    assert reply.exchanges[0].truncated


# Limits


def test_too_large_by_announcement(server: Any) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"
    reply = fetch(server.on("/", [head, server.STALL]))
    assert failure(reply) is FailureKind.TOO_LARGE
    assert reply.exchanges[0].truncated
    assert reply.exchanges[0].status == 200


def test_too_large_by_surprise(server: Any) -> None:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    reply = fetch(server.on("/", [head, *[chunk] * 100, server.STALL]), limits=Limits(body=300_000))
    assert failure(reply) is FailureKind.TOO_LARGE
    assert len(reply.exchanges[0].body) == 300_000


def test_exactly_the_limit_is_not_too_large(server: Any) -> None:
    reply = fetch(server.on("/", server.answer(b"x" * 1000)), limits=Limits(body=1000, decoded=1000))
    assert (failure(reply), len(reply.body)) == (None, 1000)


def test_a_peek(server: Any) -> None:
    url = server.on("/a.pdf", [server.answer(b"%PDF-1.7" + b"x" * 500_000)[:400_000], server.STALL])
    reply = fetch(url, limit=1000, headers={"Range": "bytes=0-999"})
    assert (failure(reply), reply.answer.status, len(reply.body)) == (None, 200, 1000)
    assert reply.truncated
    assert reply.answer.digest == ""
    assert server.seen[0].headers["range"] == "bytes=0-999"


def test_a_peek_at_a_short_body_is_whole(server: Any) -> None:
    reply = fetch(server.on("/", server.answer(PAGE)), limit=len(PAGE))
    assert (reply.truncated, reply.body) == (False, PAGE)
    assert reply.answer.digest


def test_a_peek_at_a_compressed_body(server: Any) -> None:
    body = gzip.compress(hashlib.sha512(b"").digest() * 10_000 + bytes(range(256)) * 999)
    reply = fetch(server.on("/", server.answer(body, "Content-Encoding: gzip")), limit=400)
    assert failure(reply) is None
    assert reply.body.startswith(hashlib.sha512(b"").digest())


@pytest.mark.parametrize(
    "script",
    [
        lambda s: [s.STALL],
        lambda s: [b"HTTP/1.1 200 OK\r\nContent-Le", s.STALL],
        lambda s: [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", s.STALL],
    ],
)
def test_time_is_up(server: Any, script: Callable[[Any], list[Any]]) -> None:
    reply = fetch(server.on("/", script(server)), total=0.1)
    assert failure(reply) is FailureKind.TIMEOUT
    assert reply.exchanges[-1].failure is not None
    assert 0.09 <= reply.answer.elapsed < 5


def test_time_counts_over_redirects(server: Any) -> None:
    server.on("/a", server.redirect("/b"))
    server.on("/b", [server.STALL])
    reply = fetch(server.url("/a"), total=0.1)
    assert failure(reply) is FailureKind.TIMEOUT
    assert len(reply.answer.hops) == 1
    assert [e.status for e in reply.exchanges] == [302, None]


class Silent(httpx.AsyncBaseTransport):
    """Never answers."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.set()
        await asyncio.Event().wait()
        raise AssertionError


def test_a_cancelled_fetch_is_cancelled() -> None:
    async def run() -> None:
        silent = Silent()
        async with Fetcher(agent="xuncha", guard=OPEN, transport=silent) as fetcher:
            task = asyncio.create_task(fetcher.fetch("http://www.yunling.gov.cn/"))
            await silent.asked.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(run())


def test_broken_off_bodies(server: Any) -> None:
    for end in (server.CLOSE, server.RESET):
        reply = fetch(server.on("/", [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", end]))
        assert failure(reply) is FailureKind.RESET
        assert (reply.exchanges[0].status, reply.exchanges[0].truncated) == (200, True)


def test_a_body_that_ends_with_the_connection_is_whole(server: Any) -> None:
    reply = fetch(server.on("/", [b"HTTP/1.0 200 OK\r\nContent-Type: TEXT/HTML\r\n\r\n" + PAGE, server.CLOSE]))
    assert (failure(reply), reply.body, reply.exchanges[0].http_version) == (None, PAGE, "HTTP/1.0")
    assert reply.answer.media_type == "text/html"


def test_fresh_connections(server: Any) -> None:
    async def run() -> None:
        async with Fetcher(agent="xuncha", guard=OPEN) as fetcher:
            for fresh in (False, True, False):
                await fetcher.fetch(server.url("/"), fresh=fresh)

    asyncio.run(run())
    kept, fresh, again = server.seen
    assert kept.connection == again.connection != fresh.connection
    assert fresh.headers["connection"] == "close"


# Content codings


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:]),
    "GZIP": lambda data: gzip.compress(data)[:-8] + b"badcheck",
    "deflate": zlib.compress,
    "Deflate": raw_deflate,
    "br": lambda data: brotli.compress(data, quality=4),
    "zstd": zstandard.compress,
    "deflate, gzip": lambda data: gzip.compress(zlib.compress(data)),
    "identity": bytes,
    "utf-8": bytes,
}


@pytest.mark.parametrize("name", CODINGS)
def test_codings_are_undone(server: Any, name: str) -> None:
    packed = CODINGS[name](PAGE * 100)
    reply = fetch(server.on("/", server.answer(packed, f"Content-Encoding: {name}")))
    assert (failure(reply), reply.body) == (None, PAGE * 100)
    assert reply.exchanges[0].body == packed
    assert reply.answer.size == len(packed)
    assert reply.answer.digest == hashlib.sha256(PAGE * 100).hexdigest()
    assert decode_body(packed, name) == PAGE * 100


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_bombs_are_too_large(server: Any, name: str) -> None:
    packed = CODINGS[name](bytes(22_000_000))
    assert len(packed) < 100_000
    reply = fetch(server.on("/", server.answer(packed, f"Content-Encoding: {name}")))
    assert (failure(reply), reply.body) == (FailureKind.TOO_LARGE, b"")


def test_bombs_in_bombs_are_too_large(server: Any) -> None:
    packed = gzip.compress(gzip.compress(gzip.compress(bytes(22_000_000))))
    reply = fetch(server.on("/", server.answer(packed, "Content-Encoding: gzip, gzip, gzip")))
    assert failure(reply) is FailureKind.TOO_LARGE
    reply = fetch(server.on("/", server.answer(packed, "Content-Encoding: " + "gzip, " * 50)))
    assert failure(reply) is FailureKind.PROTOCOL


@pytest.mark.parametrize("name", ["gzip", "br", "zstd", "deflate"])
def test_a_page_that_only_says_it_is_compressed_is_a_page(server: Any, name: str) -> None:
    reply = fetch(server.on("/", server.answer(PAGE, f"Content-Encoding: {name}")))
    assert (failure(reply), reply.body) == (None, PAGE)


@pytest.mark.parametrize("name", ["gzip", "br", "zstd"])
def test_a_corrupt_body_is_a_fault(server: Any, name: str) -> None:
    packed = CODINGS[name](PAGE * 100)
    broken = packed[:20] + bytes(40) + packed[40:]
    reply = fetch(server.on("/", server.answer(broken, f"Content-Encoding: {name}")))
    assert failure(reply) is FailureKind.PROTOCOL
    assert reply.exchanges[0].body == broken


@given(st.binary(max_size=200), st.sampled_from([*CODINGS, "gzip, br, zstd", ",", "x" * 99]))
def test_decoding_never_raises(body: bytes, name: str) -> None:
    assert isinstance(decode_body(body, name), bytes)


@given(st.binary(max_size=2000), st.sampled_from(sorted(CODINGS)))
def test_decoding_round_trips(body: bytes, name: str) -> None:
    assert decode_body(CODINGS[name](body), name) == body


# Any transport of httpx fits


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectTimeout("x"), FailureKind.TIMEOUT),
        (httpx.ReadTimeout("x"), FailureKind.TIMEOUT),
        (httpx.ConnectError("x"), FailureKind.REFUSED),
        (httpx.ReadError("x"), FailureKind.RESET),
        (httpx.RemoteProtocolError("x"), FailureKind.PROTOCOL),
        (httpx.InvalidURL("x"), FailureKind.PROTOCOL),
        (httpx.TooManyRedirects("x"), FailureKind.REDIRECTS),
    ],
)
def test_errors_of_a_transport_are_values(error: Exception, kind: FailureKind) -> None:
    def handle(_: httpx.Request) -> httpx.Response:
        raise error

    reply = mocked(handle, "http://www.yunling.gov.cn/")
    assert failure(reply) is kind
    assert reply.exchanges[0].failure == reply.answer.failure


def test_a_fault_of_ours_is_heard() -> None:
    def handle(_: httpx.Request) -> httpx.Response:
        raise KeyError("ours")

    with pytest.raises(KeyError):
        mocked(handle, "http://www.yunling.gov.cn/")


def test_refusal() -> None:
    reply = refusal("http://www.yunling.gov.cn/a", FailureKind.ROBOTS, "why")
    assert failure(reply) is FailureKind.ROBOTS
    assert (reply.exchanges, reply.headers, reply.body, reply.truncated) == ((), {}, b"", False)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 5 ", 5),
        ("0", 0),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("9" * 400, 999_999_999),
        ("١٢", 12),
    ],
)
def test_retry_after_in_seconds(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}) == seconds


def test_retry_after_as_a_date() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(minutes=2), usegmt=True)
    assert 100 < (retry_after({"retry-after": soon}) or 0) <= 120
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
    assert retry_after({}) is None


@given(st.text(max_size=40))
def test_retry_after_never_raises(value: str) -> None:
    seconds = retry_after({"retry-after": value})
    assert seconds is None or seconds >= 0
