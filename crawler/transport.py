"""What carries every request: aiohttp's connections and parser, and a guard at the only door.

httpx's own pool costs 5 ms a request at fifty connections (it polls every socket each time). aiohttp's session costs
three times what its connector and its parser do, which are all that is used here: redirects, cookies and decoding are
`crawler/fetch.py`'s, hop by hop, and a request is five lines that change in one.

The guard looks at the very addresses a connection is opened to, after the name was resolved and before anything is
sent; a redirect, a changing DNS answer or an odd spelling of an address cannot get past it.
"""

from __future__ import annotations

import asyncio
import errno
import functools
import socket
import ssl
import weakref
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING

from yarl import URL

from crawler import tls as secure
from crawler.guard import Guard
from crawler.libraries import AbstractResolver, HttpProcessingError, ResolveResult, aiohttp, httpx
from crawler.page import NO_CONNECTION, Failure, FailureKind
from crawler.weakness import weakness

if TYPE_CHECKING:
    from aiohttp.connector import Connection
    from aiohttp.http import RawResponseMessage

    from crawler.carrier import Headers

# A slow name server holds a thread for as long as it likes; the names of other hosts must not wait behind it.
_RESOLVER_THREADS = 64
_ANSWERS = 10_000  # hosts whose addresses are kept in mind
_KEEP_ALIVE = 15.0
_DNS_SECONDS = 300
# Of one header line; the default 8 KB refuses real Content-Security-Policy headers.
_HEADER_BYTES = 16 * 1024
# What httpx carries, and more than any server reads.
_LONGEST = 64 * 1024
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS"})


class PrivateAddress(httpx.ConnectError):
    """The address is not on the public internet, and nobody allowed it."""


class Refused(Exception):  # noqa: N818 - internal, becomes PrivateAddress
    """Not an OSError: aiohttp would take it for a DNS failure."""


class Resolver(AbstractResolver):
    """The system's resolver in threads of its own, with the guard behind it."""

    def __init__(self, guard: Guard) -> None:
        self.answers: dict[str, tuple[str, ...]] = {}
        """Host → the addresses that it was resolved to last, for the evidence."""
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
        self.answers.pop(host, None)
        self.answers[host] = tuple(dict.fromkeys(entry["host"] for entry in found))
        if len(self.answers) > _ANSWERS:
            del self.answers[next(iter(self.answers))]
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


# Read once a connection: the certificate is decoded for it.
_EXPIRIES: weakref.WeakKeyDictionary[ssl.SSLObject, datetime | None] = weakref.WeakKeyDictionary()


class _Arrival:
    """An answer whose head is here (crawler.carrier says what may be done with it)."""

    __slots__ = (
        "_body", "_connection", "_tls", "headers", "http_version", "peer", "reason", "resolved", "server", "status",
    )  # fmt: skip

    def __init__(
        self,
        connection: Connection,
        line: asyncio.Transport,
        message: RawResponseMessage,
        body: aiohttp.StreamReader,
        resolved: tuple[str, ...],
    ) -> None:
        self.status = message.code
        self.reason = (message.reason or "").encode("utf-8", "surrogateescape")
        self.http_version = b"HTTP/%d.%d" % message.version
        self.headers = message.raw_headers
        self.peer: tuple[str, int] | None = line.get_extra_info("peername")
        self.server = self.peer[0] if self.peer else ""
        self.resolved = resolved
        self._tls: ssl.SSLObject | None = line.get_extra_info("ssl_object")
        self._connection = connection
        self._body = body
        body.on_eof(connection.release)  # at once where there is none

    @property
    def certificate(self) -> bytes | None:
        """The server's, in DER; None where nothing was encrypted."""
        return self._tls.getpeercert(binary_form=True) if self._tls is not None else None

    @property
    def expires(self) -> datetime | None:
        """The end of the server's certificate; None where it was not checked."""
        if self._tls is None:
            return None
        if self._tls not in _EXPIRIES:
            _EXPIRIES[self._tls] = secure.expiry(self._tls)
        return _EXPIRIES[self._tls]

    async def read(self) -> bytes:
        try:
            return await self._body.readany()
        except _ERRORS as error:
            raise _in_httpx_words(error) from error

    async def aclose(self) -> None:
        self._connection.close()


class _Stream(httpx.AsyncByteStream):
    """The body for httpx."""

    def __init__(self, arrival: _Arrival) -> None:
        self._arrival = arrival

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while piece := await self._arrival.read():
            yield piece

    async def aclose(self) -> None:
        await self._arrival.aclose()


class Transport(httpx.AsyncBaseTransport):
    """One connection pool. Raises httpx's exceptions only; `__cause__` is aiohttp's or the system's.

    As a transport of httpx it reads the extensions `timeout` (connect, read) and `fresh` (a connection of its own), and
    gives `server_addr` (address, port), `certificate` (the leaf in DER, or None), `expires` (its end, where it was
    checked), `resolved` (addresses of its name), `http_version`, `reason_phrase`.
    """

    def __init__(self, guard: Guard, *, tls: ssl.SSLContext | None = None) -> None:
        self._guard = guard
        self._tls = tls
        self._resolver = Resolver(guard)
        self._connectors: dict[bool, aiohttp.TCPConnector] = {}
        self._origins: dict[str, aiohttp.ClientRequest] = {}
        """Scheme and authority → what aiohttp must know to connect."""

    async def send(
        self,
        method: str,
        url: str,
        headers: Headers,
        *,
        connect: float | None = None,
        read: float | None = None,
        fresh: bool = False,
        most: int = 0,  # noqa: ARG002 - nothing is read before it is asked for
    ) -> _Arrival:
        """As crawler.carrier has it. `read`: seconds of silence before the answer is given up."""
        try:
            origin, head = self._prepared(method, url, headers)
            try:
                return await self._once(method, origin, head, connect, read, fresh=fresh)
            except aiohttp.ClientConnectorError:
                raise
            except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
                # A kept connection may have ended just now (RFC 9112, 9.3.1): what changes nothing is sent once more.
                if method not in _IDEMPOTENT:
                    raise
                return await self._once(method, origin, head, connect, read, fresh=fresh)
        except _ERRORS as error:
            raise _in_httpx_words(error) from error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        extensions, url = request.extensions, request.url
        timeout = extensions.get("timeout", {})
        try:
            arrival = await self.send(
                request.method,
                f"{url.scheme}://{url.netloc.decode('ascii')}{url.raw_path.decode('ascii')}",
                tuple(request.headers.raw),
                connect=timeout.get("connect"),
                read=timeout.get("read"),
                fresh=bool(extensions.get("fresh")),
            )
        except httpx.TransportError as error:
            error.request = request
            raise
        return httpx.Response(
            arrival.status,
            headers=list(arrival.headers),
            stream=_Stream(arrival),
            request=request,
            extensions={
                "http_version": arrival.http_version,
                "reason_phrase": arrival.reason,
                "server_addr": arrival.peer and arrival.peer[:2],
                "certificate": arrival.certificate,
                "expires": arrival.expires,
                "resolved": arrival.resolved,
            },
        )

    async def aclose(self) -> None:
        for connector in self._connectors.values():
            await connector.close()
        await self._resolver.close()

    def _prepared(self, method: str, url: str, headers: Headers) -> tuple[aiohttp.ClientRequest, bytes]:
        """Whom to connect to, and what to send. Raises PrivateAddress and what stands in _ERRORS."""
        if len(url) > _LONGEST:
            raise ValueError(f"an address of {len(url)} characters")
        scheme, _, rest = url.partition("://")
        authority, _, target = rest.partition("/")
        name = f"{scheme}://{authority}"
        origin = self._origins.get(name)
        if origin is None:
            if scheme not in ("http", "https"):
                raise aiohttp.NonHttpUrlClientError(url)
            # Not before the first https address: to read the authorities takes as long as a hundred requests.
            tls = (self._tls or secure.strict()) if scheme == "https" else True
            start = URL(f"{name}/", encoded=True)
            origin = aiohttp.ClientRequest("GET", start, ssl=tls, loop=asyncio.get_running_loop())
            # A literal address is never resolved, so the resolver's guard does not see it.
            refusal = self._guard.refuses(origin.host, origin.host)
            if refusal is not None:
                raise PrivateAddress(str(refusal))
            self._origins[name] = origin
        lines = [f"{method} /{target} HTTP/1.1".encode("ascii"), *[b"%s: %s" % pair for pair in headers], b"", b""]
        head = b"\r\n".join(lines)
        breaks = len(lines) - 1
        if head.count(b"\r") != breaks or head.count(b"\n") != breaks or b"\0" in head or lines[0].count(b" ") != 2:
            raise ValueError("a line break or a blank where none may stand")
        return origin, head

    async def _once(
        self,
        method: str,
        origin: aiohttp.ClientRequest,
        head: bytes,
        connect: float | None,
        read: float | None,
        *,
        fresh: bool,
    ) -> _Arrival:
        try:
            connection = await self._connector(fresh=fresh).connect(origin, [], _timeout(connect))
        except TimeoutError as error:
            raise aiohttp.ConnectionTimeoutError(f"Connection timeout to host {origin.url}") from error
        protocol, line = connection.protocol, connection.transport
        if protocol is None or line is None:
            connection.close()
            raise aiohttp.ServerDisconnectedError
        try:
            protocol.set_response_params(
                skip_payload=method == "HEAD",
                read_until_eof=True,
                auto_decompress=False,
                read_timeout=read,
                max_line_size=_HEADER_BYTES,
                max_field_size=_HEADER_BYTES,
            )
            line.write(head)
            protocol.start_timeout()
            while True:
                message, body = await protocol.read()
                if message.code == 101 or not 100 <= message.code < 200:  # others only announce the answer
                    return _Arrival(connection, line, message, body, self._resolver.answers.get(origin.host or "", ()))
        except BaseException:
            connection.close()
            raise

    def _connector(self, *, fresh: bool) -> aiohttp.TCPConnector:
        connector = self._connectors.get(fresh)
        if connector is None:
            connector = self._connectors[fresh] = aiohttp.TCPConnector(
                resolver=self._resolver,
                ttl_dns_cache=_DNS_SECONDS,
                limit=0,  # politeness is the frontier's; a queue here would eat into the time of the request
                **({"force_close": True} if fresh else {"keepalive_timeout": _KEEP_ALIVE}),
            )
        return connector


@functools.lru_cache(maxsize=16)
def _timeout(connect: float | None) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(connect=connect)


def _in_httpx_words(error: Exception) -> httpx.TransportError:
    """aiohttp's or the system's exception as httpx's."""
    if isinstance(error, Refused):
        return PrivateAddress(str(error))
    return _translated(error)(_line(error))


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
    (HttpProcessingError, httpx.RemoteProtocolError),
    (ssl.SSLError, httpx.ConnectError),
    (TimeoutError, httpx.ReadTimeout),
    (OSError, httpx.ReadError),
    (aiohttp.ClientConnectionError, httpx.ReadError),
    (ValueError, httpx.LocalProtocolError),
)


# Whatever a connection, a name or an answer can bring about.
_ERRORS = (Refused, aiohttp.ClientError, HttpProcessingError, OSError, TimeoutError, ValueError)


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


def failure_of(error: Exception, *, https: bool = False) -> Failure:
    """The Failure an exception of the transport means. `https`: the address is one of https."""
    kind = next(FAILURES[cls] for cls in type(error).__mro__ if cls in FAILURES)
    detail = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, httpx.ConnectTimeout):
        return Failure(kind, f"{NO_CONNECTION}: {detail}")
    if isinstance(error, httpx.ConnectError) and kind is not FailureKind.PRIVATE:
        return _cause(error, kind, detail, https=https)
    if kind is FailureKind.RESET and weakness(detail):
        kind = FailureKind.TLS  # an alert that comes after the handshake, in TLS 1.3
    return Failure(kind, detail)


def _cause(error: BaseException, kind: FailureKind, detail: str, *, https: bool) -> Failure:
    causes = list(_causes(error))
    for theirs, ours in _UNDER:
        if any(isinstance(cause, theirs) for cause in causes):
            kind = ours
            break
    if kind is FailureKind.RESET and https:
        # Connected, and cut off before the first byte of an answer: old servers hang up on a hello that is too new.
        kind, detail = FailureKind.TLS, f"handshake cut off: {detail}"
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
