"""Nothing private is reached, however it is spelled or resolved; every error is one of httpx's; the peer is known."""

import asyncio
import inspect
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest

from crawler import transport
from crawler.page import NO_CONNECTION, FailureKind
from crawler.transport import Guard, PrivateAddress, Transport, failure_of

OPEN = Guard(allow_private=True)
SHUT = Guard()


async def ask(carrier: Transport, url: str, **extensions: Any) -> tuple[httpx.Response, bytes]:
    """One GET, whole."""
    request = httpx.Request("GET", url, headers={"user-agent": "xuncha"}, extensions=extensions)
    response = await carrier.handle_async_request(request)
    try:
        return response, b"".join([chunk async for chunk in response.stream])  # type: ignore[union-attr]
    finally:
        await response.aclose()


def once(url: str, guard: Guard = OPEN, tls: ssl.SSLContext | None = None, **extensions: Any) -> httpx.Response:
    async def run() -> httpx.Response:
        async with Transport(guard, tls=tls) as carrier:
            response, response.extensions["body"] = await ask(carrier, url, **extensions)
            return response

    return asyncio.run(run())


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """A name server of our own: host → addresses. Other names do not exist."""
    known: dict[str, list[str]] = {}

    def lookup(host: str, port: int, family: int = 0, kind: int = 0, *, flags: int = 0) -> list[Any]:
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [
            (socket.AF_INET6 if ":" in a else socket.AF_INET, kind, 6, "", (a, port, 0, 0) if ":" in a else (a, port))
            for a in known[host]
        ]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return known


def test_answers_with_peer_and_raw_body(server: Any) -> None:
    url = server.on("/a", server.answer(b"\x1f\x8bnot gzip", "Content-Encoding: gzip", "X-Name: \xe4"))
    response = once(url)
    assert response.status_code == 200
    assert response.extensions["body"] == b"\x1f\x8bnot gzip"
    assert response.extensions["server_addr"] == ("127.0.0.1", server.port)
    assert response.extensions["certificate"] is None
    assert response.extensions["resolved"] == ()
    assert response.extensions["http_version"] == b"HTTP/1.1"
    assert response.extensions["reason_phrase"] == b"OK"


def test_an_empty_body_has_a_peer_too(server: Any) -> None:
    assert once(server.on("/", server.answer(b""))).extensions["server_addr"] == ("127.0.0.1", server.port)


def test_the_address_is_sent_as_it_stands(server: Any) -> None:
    targets = ["/a%2Fb/%e4%ba%91;x=1?q=%C3%FB&a=b+c%20d'|", "/[x]^{}?`", "//double//slash", "/a?b?c=/../d"]
    for target in targets:
        once(server.url(target))
    assert server.targets() == ["/a%2Fb/%e4%ba%91;x=1?q=%C3%FB&a=b+c%20d'|", "/[x]^%7B%7D?`", *targets[2:]]


def test_only_the_given_headers_are_sent(server: Any) -> None:
    once(server.url("/"))
    assert set(server.seen[0].headers) == {"host", "user-agent"}
    assert server.seen[0].headers["host"] == f"127.0.0.1:{server.port}"


def test_connections_are_kept_and_fresh_ones_are_not(server: Any) -> None:
    async def run() -> None:
        async with Transport(OPEN) as carrier:
            for fresh in (False, False, True, True, False):
                await ask(carrier, server.url("/"), fresh=fresh)

    asyncio.run(run())
    first, second, third, fourth, last = (seen.connection for seen in server.seen)
    assert first == second == last
    assert len({first, third, fourth}) == 3


def test_no_cookie_is_kept(server: Any) -> None:
    url = server.on("/", server.answer(b"", "Set-Cookie: a=b"))

    async def run() -> None:
        async with Transport(OPEN) as carrier:
            await ask(carrier, url)
            await ask(carrier, url)

    asyncio.run(run())
    assert "cookie" not in server.seen[1].headers


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "0x7f000001",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "10.1.2.3",
        "169.254.169.254",
        "[fd00:ec2::254]",
    ],
)
def test_literal_private_addresses_are_refused_unasked(server: Any, host: str) -> None:
    with pytest.raises((PrivateAddress, httpx.UnsupportedProtocol)):
        once(f"http://{host}:{server.port}/", SHUT)
    assert server.seen == []


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.1", "100.64.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"]
)
def test_names_of_private_addresses_are_refused(server: Any, names: dict[str, list[str]], address: str) -> None:
    names["rebind.yunling.gov.cn"] = [address]
    with pytest.raises(PrivateAddress, match="地址"):
        once(f"http://rebind.yunling.gov.cn:{server.port}/", SHUT)
    assert server.seen == []


def test_localhost_is_refused(server: Any) -> None:
    for name in ("localhost", "LOCALHOST"):
        with pytest.raises(PrivateAddress):
            once(f"http://{name}:{server.port}/", SHUT)
    assert server.seen == []


def resolved(host: str, guard: Guard = SHUT) -> list[str]:
    async def run() -> list[str]:
        resolver = transport.Resolver(guard)
        try:
            return [entry["host"] for entry in await resolver.resolve(host, 80)]
        finally:
            await resolver.close()

    return asyncio.run(run())


def test_every_lookup_is_looked_at_anew(names: dict[str, list[str]]) -> None:
    names["rebind.yunling.gov.cn"] = ["8.8.8.8"]
    assert resolved("rebind.yunling.gov.cn") == ["8.8.8.8"]
    names["rebind.yunling.gov.cn"] = ["192.168.1.1"]
    with pytest.raises(transport.Refused):
        resolved("rebind.yunling.gov.cn")


def test_of_mixed_addresses_only_public_ones_are_used(names: dict[str, list[str]]) -> None:
    names["mixed.yunling.gov.cn"] = ["127.0.0.1", "8.8.8.8", "::1"]
    assert resolved("mixed.yunling.gov.cn") == ["8.8.8.8"]


def test_named_hosts_may_be_private(server: Any, names: dict[str, list[str]]) -> None:
    names["www.yunling.gov.cn"] = ["127.0.0.1"]
    guard = Guard(named=frozenset({"www.yunling.gov.cn"}))
    assert once(f"http://www.yunling.gov.cn:{server.port}/", guard).status_code == 404
    assert once(server.url("/"), Guard(named=frozenset({"127.0.0.1"}))).status_code == 404
    with pytest.raises(PrivateAddress):
        once(server.url("/"), guard)


def test_all_addresses_of_a_name_are_told(server: Any, names: dict[str, list[str]]) -> None:
    names["www.yunling.gov.cn"] = ["127.0.0.1", "127.0.0.2"]
    server.on("/a", server.answer(b"x"))
    response = once(f"http://www.yunling.gov.cn:{server.port}/a")
    assert response.extensions["resolved"] == ("127.0.0.1", "127.0.0.2")
    assert response.extensions["server_addr"][0] in ("127.0.0.1", "127.0.0.2")


def test_tls_with_a_trusted_certificate(tls_server: Any, certificate: Path) -> None:
    response = once(tls_server.url("/"), tls=ssl.create_default_context(cafile=str(certificate)))
    pem = certificate.read_text(encoding="ascii")
    assert response.extensions["certificate"] == ssl.PEM_cert_to_DER_cert(pem[pem.index("-----BEGIN CERT") :])


def caught(url: str, guard: Guard = OPEN, **extensions: Any) -> httpx.TransportError:
    with pytest.raises(httpx.TransportError) as error:
        once(url, guard, **extensions)
    return error.value


def test_tls_with_an_unknown_certificate(tls_server: Any) -> None:
    failure = failure_of(caught(tls_server.url("/")))
    assert failure.kind is FailureKind.TLS
    assert "certificate" in failure.detail.lower()
    assert tls_server.seen == []


def test_plain_text_where_tls_was_expected(server: Any) -> None:
    error = caught(server.url("/").replace("http:", "https:"))
    assert isinstance(error, httpx.ConnectError)
    assert failure_of(error).kind is FailureKind.TLS


def test_unknown_name(names: dict[str, list[str]]) -> None:
    for name in ("none.yunling.gov.cn", "a" * 64 + ".yunling.gov.cn", "a..b"):
        failure = failure_of(caught(f"http://{name}/"))
        assert failure.kind is FailureKind.DNS


def test_a_silent_resolver_is_said_to_be_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def lookup(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(socket.EAI_AGAIN, "不知道这样的主机。")  # as a system in Chinese says it

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    failure = failure_of(caught("http://www.yunling.gov.cn/"))
    assert failure.kind is FailureKind.DNS
    assert "temporary failure in name resolution" in failure.detail.lower()


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        failure = failure_of(caught(f"http://127.0.0.1:{taken.getsockname()[1]}/"))
    assert failure.kind in (FailureKind.REFUSED, FailureKind.TIMEOUT)


def test_connect_timeout(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: Any, **__: Any) -> list[Any]:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(transport.Resolver, "resolve", never)
    error = caught("http://www.yunling.gov.cn/", timeout={"connect": 0.05})
    assert isinstance(error, httpx.ConnectTimeout)


def test_read_timeout(server: Any) -> None:
    error = caught(server.on("/", [server.STALL]), timeout={"connect": 5, "read": 0.05})
    assert isinstance(error, httpx.ReadTimeout)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
BREAKS: dict[str, tuple[Callable[[Any], list[Any]], type[httpx.TransportError]]] = {
    "reset before the answer": (lambda s: [s.RESET], httpx.ReadError),
    "closed before the answer": (lambda s: [s.CLOSE], httpx.ReadError),
    "closed in the head": (lambda s: [b"HTTP/1.1 200 OK\r\nConte", s.CLOSE], httpx.ReadError),
    "short body": (lambda s: [HEAD + b"Content-Length: 10\r\n\r\nabc", s.CLOSE], httpx.ReadError),
    "reset in the body": (lambda s: [HEAD + b"Content-Length: 10\r\n\r\nabc", s.RESET], httpx.ReadError),
    "unfinished chunks": (lambda s: [HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab", s.CLOSE], httpx.ReadError),
    "not HTTP": (lambda s: [b"SSH-2.0-OpenSSH_9.2\r\n\r\n", s.CLOSE], httpx.RemoteProtocolError),
    "status not a number": (lambda s: [b"HTTP/1.1 OK\r\n\r\n", s.CLOSE], httpx.RemoteProtocolError),
    "endless header": (lambda s: [HEAD + b"X: " + b"x" * 40_000 + b"\r\n\r\n", s.CLOSE], httpx.RemoteProtocolError),
    "endless headers": (lambda s: [HEAD + b"X: y\r\n" * 5_000 + b"\r\n", s.CLOSE], httpx.RemoteProtocolError),
    "two lengths": (
        lambda s: [HEAD + b"Content-Length: 1\r\nContent-Length: 5\r\n\r\nabcde", s.CLOSE],
        httpx.RemoteProtocolError,
    ),
    "bad chunk": (lambda s: [HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nab", s.CLOSE], httpx.TransportError),
}


@pytest.mark.parametrize("name", BREAKS)
def test_broken_answers(server: Any, name: str) -> None:
    script, expected = BREAKS[name]
    assert isinstance(caught(server.on("/", script(server))), expected)


@pytest.mark.parametrize(("method", "asked"), [("GET", 2), ("HEAD", 2), ("POST", 1)])
def test_a_connection_that_ended_is_replaced_once(server: Any, method: str, asked: int) -> None:
    url = server.on("/", [server.CLOSE], server.answer(b"ok"))

    async def run() -> int:
        async with Transport(OPEN) as carrier:
            arrival = await carrier.send(method, url, ((b"Host", b"x"),))
            await arrival.aclose()
            return arrival.status

    if asked == 2:
        assert asyncio.run(run()) == 200
    else:
        with pytest.raises(httpx.ReadError):
            asyncio.run(run())
    assert len(server.seen) == asked


def test_what_only_announces_an_answer_is_passed_over(server: Any) -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
    assert once(server.on("/", [early + server.answer(b"ok")])).extensions["body"] == b"ok"


@pytest.mark.parametrize(
    ("target", "header"),
    [
        ("/", (b"Cookie", b"a=b\r\nX: y")),
        ("/", (b"Cookie\nX: y\r\nA", b"b")),
        ("/", (b"Cookie", b"a\0b")),
        ("/ HTTP/1.1\r\nX: y", (b"A", b"b")),
        ("/a b", (b"A", b"b")),
        ("/" + "a" * 70_000, (b"A", b"b")),
    ],
)
def test_nothing_slips_into_a_request(server: Any, target: str, header: tuple[bytes, bytes]) -> None:
    async def run() -> None:
        async with Transport(OPEN) as carrier:
            await carrier.send("GET", server.url(target), ((b"Host", b"x"), header))

    with pytest.raises(httpx.LocalProtocolError):
        asyncio.run(run())
    assert server.seen == []


def test_a_body_left_unread_ends_its_connection(server: Any) -> None:
    url = server.on("/", [HEAD + b"Content-Length: 3000000\r\n\r\n" + b"x" * 3_000_000])

    async def run() -> None:
        async with Transport(OPEN) as carrier:
            for _ in range(2):
                arrival = await carrier.send("GET", url, ((b"Host", b"x"),))
                assert await arrival.read()
                await arrival.aclose()

    asyncio.run(run())
    assert server.seen[0].connection != server.seen[1].connection


def test_headers_of_real_length_pass(server: Any) -> None:
    url = server.on("/", server.answer(b"ok", "Content-Security-Policy: " + "x" * 12_000))
    assert once(url).status_code == 200


def test_every_exception_of_aiohttp_has_its_translation() -> None:
    names = [cls for _, cls in inspect.getmembers(aiohttp, inspect.isclass) if issubclass(cls, aiohttp.ClientError)]
    assert len(names) > 20
    general = {
        aiohttp.ClientError,
        aiohttp.UploadAbortedError,
        aiohttp.RedirectClientError,
    }  # base; uploads; not followed
    for cls in set(names) - general:
        assert any(issubclass(cls, theirs) for theirs, _ in transport._TRANSLATIONS), cls


# None of these can come from a server through a transport: the first is raised on demand, the others by wrong use.
NEVER = {
    httpx.HTTPStatusError,
    httpx.CookieConflict,
    httpx.StreamError,
    httpx.StreamClosed,
    httpx.StreamConsumed,
    httpx.RequestNotRead,
    httpx.ResponseNotRead,
}


def test_every_exception_of_httpx_means_a_failure() -> None:
    known = {cls for _, cls in inspect.getmembers(httpx, inspect.isclass) if issubclass(cls, Exception)}
    assert known - set(transport.FAILURES) == NEVER
    assert set(transport.FAILURES) - known == {PrivateAddress}


@pytest.mark.parametrize("error", sorted(transport.FAILURES, key=lambda cls: cls.__name__))
def test_failure_details_are_one_line(error: type[Exception]) -> None:
    mark = f"{NO_CONNECTION}: "
    assert failure_of(error("two\nlines")).detail.removeprefix(mark) == "two lines"
    assert failure_of(error("")).detail.removeprefix(mark) == error.__name__


def test_a_connection_that_never_came_is_told_from_a_silent_page() -> None:
    assert failure_of(httpx.ConnectTimeout("")).detail.startswith(NO_CONNECTION)
    assert not failure_of(httpx.ReadTimeout("")).detail.startswith(NO_CONNECTION)
    error = httpx.ConnectError("Cannot connect")
    error.__cause__ = TimeoutError(transport.errno.ETIMEDOUT, "Connect call failed")
    assert failure_of(error).detail.startswith(NO_CONNECTION)


def test_our_own_network_is_recognisable() -> None:
    error = httpx.ConnectError("向一个无法连接的网络尝试了一个套接字操作。")
    error.__cause__ = OSError(transport.errno.ENETUNREACH, "向一个无法连接的网络尝试了一个套接字操作。")
    assert failure_of(error).detail.startswith("network is unreachable: ")
