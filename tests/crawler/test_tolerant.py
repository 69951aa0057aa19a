"""What a browser shows is read, whatever the server did to HTTP; what no browser shows stays a fault."""

import asyncio
import ssl
from pathlib import Path
from typing import Any

import httpx
import pytest

from crawler import tolerant
from crawler.fetch import Fetcher, Limits, Reply
from crawler.page import FailureKind
from crawler.tolerant import TolerantTransport
from crawler.transport import Guard, PrivateAddress

OPEN = Guard(allow_private=True)
PAGE = "<html><title>云岭县人民政府</title></html>".encode()
LENGTH = f"Content-Length: {len(PAGE)}\r\n".encode()


def fetch(url: str, *, guard: Guard = OPEN, **options: Any) -> Reply:
    async def run() -> Reply:
        async with Fetcher(agent="xuncha", guard=guard, limits=Limits(body=100_000)) as fetcher:
            return await fetcher.fetch(url, **options)

    return asyncio.run(run())


CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(PAGE), PAGE)
READABLE = {
    "both lengths": LENGTH + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKED,
    "a length twice": LENGTH * 2 + b"\r\n" + PAGE,
    "a list of lengths": LENGTH.rstrip() + b", %d\r\n\r\n" % len(PAGE) + PAGE,
    "a blank before a colon": b"Server : IIS\r\n" + LENGTH + b"\r\n" + PAGE,
    "a blank in a name": b"X Powered By: ASP\r\n" + LENGTH + b"\r\n" + PAGE,
    "a header without a name": b": x\r\n" + LENGTH + b"\r\n" + PAGE,
    "a line without a colon": b"P3P\r\n" + LENGTH + b"\r\n" + PAGE,
    "words after the end": LENGTH + b"Connection: close\r\n\r\n" + PAGE + b"\r\n\r\n<!-- statistics -->",
}


@pytest.mark.parametrize("name", READABLE)
def test_what_browsers_read(server: Any, name: str) -> None:
    url = server.on("/a?b", [b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + READABLE[name], server.CLOSE])
    reply = fetch(url)
    assert reply.answer.failure is None
    assert (reply.answer.status, reply.body) == (200, PAGE)
    (exchange,) = reply.exchanges
    assert (exchange.server, exchange.http_version, exchange.reason) == ("127.0.0.1", "HTTP/1.1", "OK")
    assert {name.lower(): value for name, value in exchange.request_headers} == server.seen[-1].headers
    assert exchange.body == PAGE


def test_a_body_after_204(server: Any) -> None:
    reply = fetch(server.on("/", [b"HTTP/1.1 204 No Content\r\n" + LENGTH + b"\r\n" + PAGE, server.CLOSE]))
    assert (reply.answer.status, reply.body) == (204, b"")


def test_redirects_are_read_too(server: Any) -> None:
    server.on("/a", [b"HTTP/1.1 302 Found\r\nServer : IIS\r\nLocation: /b\r\nSet-Cookie: a=b\r\n\r\n", server.CLOSE])
    server.on("/b", server.answer(PAGE))
    reply = fetch(server.url("/a"))
    assert (reply.answer.url, reply.body) == (server.url("/b"), PAGE)
    assert server.seen[-1].headers["cookie"] == "a=b"


@pytest.mark.parametrize(
    "body", [b"<html>no HTTP at all</html>", b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 OK\r\n\r\n", b"\0\1"]
)
def test_what_no_browser_reads(server: Any, body: bytes) -> None:
    reply = fetch(server.on("/", [body, server.CLOSE]))
    assert reply.answer.failure is not None
    assert reply.answer.failure.kind in (FailureKind.PROTOCOL, FailureKind.RESET)
    assert len(reply.exchanges) == 1


def test_limits_hold(server: Any) -> None:
    head = b"HTTP/1.1 200 OK\r\nServer : IIS\r\n\r\n"
    url = server.on("/", [head, *[b"x" * 60_000] * 10, server.STALL])
    reply = fetch(url)
    assert reply.answer.failure is not None
    assert reply.answer.failure.kind is FailureKind.TOO_LARGE
    assert len(reply.exchanges[0].body) == 100_000
    assert len(fetch(url, limit=10).body) == 10


def test_time_is_up(server: Any) -> None:
    reply = fetch(server.on("/", [b"HTTP/1.1 200 OK\r\nServer : IIS\r\n\r\nabc", server.STALL]), total=0.2)
    assert reply.answer.failure is not None
    assert reply.answer.failure.kind is FailureKind.TIMEOUT
    assert reply.answer.elapsed < 5


def test_a_short_body(server: Any) -> None:
    url = server.on("/", [b"HTTP/1.1 200 OK\r\nServer : IIS\r\nContent-Length: 99\r\n\r\nabc", server.CLOSE])
    reply = fetch(url)
    assert reply.answer.failure is not None
    assert reply.answer.failure.kind is FailureKind.RESET


def ask(url: str, guard: Guard = OPEN, tls: ssl.SSLContext | None = None) -> httpx.Response:
    async def run() -> httpx.Response:
        request = httpx.Request("GET", url, extensions={"most": 1000, "timeout": {"connect": 5}})
        async with TolerantTransport(guard, tls=tls) as carrier:
            return await carrier.handle_async_request(request)

    return asyncio.run(run())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254"])
def test_the_guard_is_the_same(server: Any, host: str) -> None:
    with pytest.raises(PrivateAddress):
        ask(f"http://{host}:{server.port}/", Guard())
    assert server.seen == []


def test_tls(tls_server: Any, certificate: Path) -> None:
    url = tls_server.on("/", tls_server.answer(PAGE))
    response = ask(url, tls=ssl.create_default_context(cafile=str(certificate)))
    assert response.extensions["certificate"]
    with pytest.raises(httpx.ConnectError) as error:
        ask(url)
    assert isinstance(error.value.__cause__, ssl.SSLError)


def test_nobody_is_left_hanging(server: Any) -> None:
    """A call that was given up before it was connected asks nothing."""
    call = tolerant._Call(httpx.Request("GET", server.url("/")), ssl.create_default_context())
    call.hang_up()
    with pytest.raises(ConnectionAbortedError):
        call.run([("127.0.0.1", server.port)])
    assert server.seen == []
