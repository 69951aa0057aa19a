"""What carries every request: httpx outside, aiohttp inside, and a guard at the only door.

httpx's own pool costs 5 ms a request at fifty connections (it polls every socket each time); aiohttp needs 0.15 ms.
aiohttp follows no redirect, keeps no cookie and decodes nothing here: `crawler/fetch.py` does that, hop by hop.

The guard looks at the very addresses a connection is opened to, after the name was resolved and before anything is
sent; a redirect, a changing DNS answer or an odd spelling of an address cannot get past it.
"""

from __future__ import annotations

import asyncio
import errno
import functools
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

import certifi
from yarl import URL

from crawler.guard import Guard
from crawler.libraries import AbstractResolver, ResolveResult, aiohttp, httpx
from crawler.page import NO_CONNECTION, Failure, FailureKind

if TYPE_CHECKING:
    from aiohttp.connector import Connection

# A slow name server holds a thread for as long as it likes; the names of other hosts must not wait behind it.
_RESOLVER_THREADS = 64
_KEEP_ALIVE = 15.0
_DNS_SECONDS = 300
# Of one header line; the default 8 KB refuses real Content-Security-Policy headers.
_HEADER_BYTES = 16 * 1024
# What aiohttp would send unasked.
_SILENT = frozenset({b"accept", b"accept-encoding", b"user-agent"})


class PrivateAddress(httpx.ConnectError):
    """The address is not on the public internet, and nobody allowed it."""


class Refused(Exception):  # noqa: N818 - internal, becomes PrivateAddress
    """Not an OSError: aiohttp would take it for a DNS failure."""


class Resolver(AbstractResolver):
    """The system's resolver in threads of its own, with the guard behind it."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._threads = ThreadPoolExecutor(_RESOLVER_THREADS, thread_name_prefix="resolve")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        fixed = self._guard.fixed(host)
        if fixed is not None:
            return _lookup(fixed[0], fixed[1], family)
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, functools.partial(_lookup, host, port, family))
        refusals = {entry["host"]: self._guard.refuses(host, entry["host"]) for entry in found}
        allowed = [entry for entry in found if refusals[entry["host"]] is None]
        if not allowed:
            raise Refused("; ".join(str(why) for why in refusals.values() if why is not None))
        return allowed

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _lookup(host: str, port: int, family: int) -> list[ResolveResult]:
    try:
        infos = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    except UnicodeError as error:  # a label that DNS cannot hold
        raise socket.gaierror(socket.EAI_NONAME, f"not a domain name: {error}") from error
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:  # it waited long enough once
            raise
        # AI_ADDRCONFIG hides loopback-only hosts on machines that have no other address.
        infos = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
    return [
        ResolveResult(
            hostname=host,
            host=str(address[0]),
            port=port,
            family=found,
            proto=proto,
            flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
        )
        for found, _, proto, _, address in infos
    ]


class _Response(aiohttp.ClientResponse):
    """Remembers its peer: an empty body gives the connection back before anybody could ask for it."""

    peer: tuple[str, int] | None = None
    certificate: bytes | None = None

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        transport = connection.transport
        if transport is not None:
            peer = transport.get_extra_info("peername")
            self.peer = (peer[0], peer[1]) if peer else None
            tls = transport.get_extra_info("ssl_object")
            self.certificate = tls.getpeercert(binary_form=True) if tls is not None else None
        return await super().start(connection)


class _Body(httpx.AsyncByteStream):
    """The body as transferred. Closed before its end, it closes the connection."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        with _in_httpx_words():
            chunk = await self._response.content.readany()
        if not chunk:
            raise StopAsyncIteration
        return chunk

    async def aclose(self) -> None:
        self._response.close()


class Transport(httpx.AsyncBaseTransport):
    """One connection pool. Extensions read: `timeout` (connect, read), `fresh` (a connection of its own).

    Extensions given: `server_addr` (address, port), `certificate` (the leaf in DER, or None), `http_version`,
    `reason_phrase`. Raises httpx's exceptions only; `__cause__` is aiohttp's or the system's.
    """

    def __init__(self, guard: Guard, *, tls: ssl.SSLContext | None = None) -> None:
        self._guard = guard
        self._tls = tls
        self._resolver = Resolver(guard)
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.raw_host.decode("ascii").strip("[]")
        # A literal address is never resolved, so the resolver's guard does not see it.
        refusal = self._guard.refuses(host, host)
        if refusal is not None:
            raise PrivateAddress(str(refusal), request=request)
        timeout = request.extensions.get("timeout", {})
        headers = request.headers.raw
        unsaid = _SILENT.difference(name.lower() for name, _ in headers)
        with _in_httpx_words(request):
            session = self._session(fresh=bool(request.extensions.get("fresh")))
            # Not before the first https address: to read the authorities takes as long as a hundred requests.
            tls = (self._tls or default_tls()) if request.url.scheme == "https" else True
            answer = await session.request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=[(name.decode("ascii"), value.decode("utf-8", "replace")) for name, value in headers],
                skip_auto_headers=[name.decode("ascii") for name in unsaid] or None,
                allow_redirects=False,
                ssl=tls,
                timeout=aiohttp.ClientTimeout(connect=timeout.get("connect"), sock_read=timeout.get("read")),
            )
        response = cast("_Response", answer)
        version = response.version
        return httpx.Response(
            response.status,
            headers=list(response.raw_headers),
            stream=_Body(response),
            request=request,
            extensions={
                "http_version": f"HTTP/{version.major}.{version.minor}".encode() if version else b"HTTP/1.1",
                "reason_phrase": (response.reason or "").encode("utf-8", "surrogateescape"),
                "server_addr": response.peer,
                "certificate": response.certificate,
            },
        )

    async def aclose(self) -> None:
        for session in self._sessions.values():
            await session.close()
        await self._resolver.close()

    def _session(self, *, fresh: bool) -> aiohttp.ClientSession:
        if fresh not in self._sessions:
            self._sessions[fresh] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    resolver=self._resolver,
                    ttl_dns_cache=_DNS_SECONDS,
                    limit=0,  # politeness is the frontier's; a queue here would eat into the time of the request
                    **({"force_close": True} if fresh else {"keepalive_timeout": _KEEP_ALIVE}),
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                response_class=_Response,
                max_line_size=_HEADER_BYTES,
                max_field_size=_HEADER_BYTES,
            )
        return self._sessions[fresh]


@functools.cache
def default_tls() -> ssl.SSLContext:
    """The system's authorities and Mozilla's: Windows installs many of its own only when a browser asks for them."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context


@contextmanager
def _in_httpx_words(request: httpx.Request | None = None) -> Iterator[None]:
    """aiohttp's and the system's exceptions as httpx's."""
    try:
        yield
    except Refused as error:
        raise PrivateAddress(str(error), request=request) from error
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        raise _translated(error)(_line(error), request=request) from error


def _translated(error: Exception) -> type[httpx.TransportError]:
    for theirs, ours in _TRANSLATIONS:
        if isinstance(error, theirs):
            return ours
    return httpx.ReadError


# The first that fits; the order is from special to general.
_TRANSLATIONS: tuple[tuple[type[BaseException], type[httpx.TransportError]], ...] = (
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    (aiohttp.ServerTimeoutError, httpx.ReadTimeout),
    (aiohttp.ServerDisconnectedError, httpx.ReadError),
    (aiohttp.ClientPayloadError, httpx.ReadError),
    (aiohttp.NonHttpUrlClientError, httpx.UnsupportedProtocol),
    (aiohttp.InvalidURL, httpx.UnsupportedProtocol),
    (aiohttp.ClientResponseError, httpx.RemoteProtocolError),
    (ssl.SSLError, httpx.ConnectError),
    (TimeoutError, httpx.ReadTimeout),
    (OSError, httpx.ReadError),
    (aiohttp.ClientConnectionError, httpx.ReadError),
    (ValueError, httpx.LocalProtocolError),
)


def _line(error: BaseException) -> str:
    """What went wrong, in one line."""
    return " ".join(str(error).split()) or type(error).__name__


# Every exception of httpx that a transport may raise; the rest cannot come from a server (test_transport lists them).
FAILURES: dict[type[Exception], FailureKind] = {
    PrivateAddress: FailureKind.PRIVATE,
    httpx.ConnectTimeout: FailureKind.TIMEOUT,
    httpx.ReadTimeout: FailureKind.TIMEOUT,
    httpx.WriteTimeout: FailureKind.TIMEOUT,
    httpx.PoolTimeout: FailureKind.TIMEOUT,
    httpx.TimeoutException: FailureKind.TIMEOUT,
    httpx.ConnectError: FailureKind.REFUSED,  # or what lies under it: see _cause
    httpx.ReadError: FailureKind.RESET,
    httpx.WriteError: FailureKind.RESET,
    httpx.CloseError: FailureKind.RESET,
    httpx.NetworkError: FailureKind.RESET,
    httpx.ProxyError: FailureKind.REFUSED,
    httpx.LocalProtocolError: FailureKind.PROTOCOL,
    httpx.RemoteProtocolError: FailureKind.PROTOCOL,
    httpx.ProtocolError: FailureKind.PROTOCOL,
    httpx.UnsupportedProtocol: FailureKind.PROTOCOL,
    httpx.DecodingError: FailureKind.PROTOCOL,
    httpx.InvalidURL: FailureKind.PROTOCOL,
    httpx.TooManyRedirects: FailureKind.REDIRECTS,
    httpx.TransportError: FailureKind.RESET,
    httpx.RequestError: FailureKind.RESET,
    httpx.HTTPError: FailureKind.RESET,
}
# What lies under a ConnectError, from special to general.
_UNDER: tuple[tuple[type[BaseException], FailureKind], ...] = (
    (socket.gaierror, FailureKind.DNS),
    (ssl.SSLError, FailureKind.TLS),
    (ConnectionRefusedError, FailureKind.REFUSED),
    (ConnectionError, FailureKind.RESET),
    (TimeoutError, FailureKind.TIMEOUT),
)
# Troubles of this machine, by number: their texts are in the system's language, and `outcome.ours` must know them.
_OURS = {
    errno.ENETUNREACH: "network is unreachable",
    errno.ENETDOWN: "network is down",
    errno.EHOSTUNREACH: "no route to host",
    errno.EADDRNOTAVAIL: "cannot assign requested address",
    errno.EMFILE: "too many open files",
    errno.ENFILE: "too many open files in system",
    errno.ENOBUFS: "no buffer space available",
}
_RESOLVER = {socket.EAI_AGAIN: "temporary failure in name resolution (EAI_AGAIN)"}


def failure_of(error: Exception) -> Failure:
    """The Failure an exception of the transport means."""
    kind = next(FAILURES[cls] for cls in type(error).__mro__ if cls in FAILURES)
    detail = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, httpx.ConnectTimeout):
        return Failure(kind, f"{NO_CONNECTION}: {detail}")
    if isinstance(error, httpx.ConnectError) and kind is not FailureKind.PRIVATE:
        return _cause(error, kind, detail)
    return Failure(kind, detail)


def _cause(error: BaseException, kind: FailureKind, detail: str) -> Failure:
    causes = list(_causes(error))
    for theirs, ours in _UNDER:
        if any(isinstance(cause, theirs) for cause in causes):
            kind = ours
            break
    numbers = [cause.errno for cause in causes if isinstance(cause, OSError) and cause.errno is not None]
    names = _RESOLVER if kind is FailureKind.DNS else _OURS
    note = next((names[number] for number in numbers if number in names), None)
    if note is not None and note.split(" (")[0] not in detail.lower():
        detail = f"{note}: {detail}"
    return Failure(kind, f"{NO_CONNECTION}: {detail}" if kind is FailureKind.TIMEOUT else detail)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__
