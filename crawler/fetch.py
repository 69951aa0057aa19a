"""One address asked, every hop of it recorded: `Fetcher.fetch(url)` → Reply. What a server does is a value, never an
exception.

Of httpx this uses transports (crawler.carrier) and exceptions. Its client is left out: redirects, cookies, time and
decoding are done here, hop by hop, and the client's own handling of them costs as much as all the rest.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Self, cast

from crawler import tls
from crawler.carrier import Arrival, Carrier, Headers, Wrapped
from crawler.exchange import MOST_DECODED, Exchange, Reply, decode_body, decoded, folded, refusal, retry_after
from crawler.guard import Guard
from crawler.libraries import httpx
from crawler.page import Answer, Failure, FailureKind, Hop
from crawler.tolerant import TolerantTransport
from crawler.transport import Transport, failure_of
from crawler.urls import Joiner, TargetKind, normalize, origin, same_site
from crawler.weakness import weakness

__all__ = ["Exchange", "Fetcher", "Limits", "Reply", "decode_body", "refusal", "retry_after"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REDIRECT_BODY = 64 * 1024
_REDIRECT_SECONDS = 2.0  # for that body; its end is not waited for, as in browsers
_BODYLESS = frozenset({204, 304})
# What a browser in this country sends; servers negotiate by it.
_HEADERS = (
    (b"accept", b"text/html,application/xhtml+xml,*/*;q=0.8"),
    (b"accept-language", b"zh-CN,zh;q=0.9,en;q=0.5"),
    (b"accept-encoding", b"gzip, deflate, br, zstd"),
)
_CLOSE = (b"connection", b"close")
_OF_ONE_ORIGIN = frozenset({"authorization", "cookie", "referer"})
# What is known of one address says nothing of the one it redirects to.
_OF_ONE_ADDRESS = frozenset({"if-none-match", "if-modified-since"})


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and bytes."""

    connect: float = 10.0
    total: float = 30.0
    """Of the whole fetch, redirects included."""
    body: int = 5 * 1024 * 1024
    """As transferred."""
    decoded: int = MOST_DECODED
    redirects: int = 10


@dataclass(slots=True)
class _Chain:
    """A fetch on its way."""

    url: str
    exchanges: list[Exchange] = field(default_factory=list)
    hops: list[Hop] = field(default_factory=list)
    cookies: dict[bytes, bytes] = field(default_factory=dict)
    """Of this chain and its present site only: many systems hand one out and redirect to the same address."""
    location: str | None = None
    """Where the last hop redirects to, as it stands in the header."""
    failure: Failure | None = None
    weak: str = ""
    """What is wrong with a secure connection on the way (crawler.weakness)."""
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Way:
    """How requests travel: the carrier, and the one for answers that it cannot read."""

    carrier: Carrier
    tolerant: Carrier | None = None

    async def aclose(self) -> None:
        await self.carrier.aclose()
        if self.tolerant is not None:
            await self.tolerant.aclose()


class Fetcher:
    """Asks addresses. One event loop; an async context manager that closes its connections."""

    def __init__(
        self, *, agent: str, guard: Guard, limits: Limits = Limits(), transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        own = transport is None
        carrier: Carrier = Transport(guard) if transport is None else Wrapped(transport)
        self._strict = _Way(carrier, Wrapped(TolerantTransport(guard)) if own else None)
        lenient = tls.lenient()
        self._lenient = (
            _Way(Transport(guard, tls=lenient), Wrapped(TolerantTransport(guard, tls=lenient))) if own else None
        )
        self._weak: dict[str, str] = {}
        """Origin → what was wrong with its secure connection."""
        self._limits = limits
        self._headers: Headers = ((b"user-agent", agent.encode("utf-8")), *_HEADERS)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._strict.aclose()
        if self._lenient is not None:
            await self._lenient.aclose()

    async def fetch(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        limit: int | None = None,
        total: float | None = None,
        fresh: bool = False,
        follow: bool = True,
        allowed: Callable[[str], Awaitable[bool]] | None = None,
    ) -> Reply:
        """Ask `url` and what it redirects to.

        `limit`: read only so many bytes of the body; the rest is left and the exchange marked truncated. Without it a
        body over `Limits.body` is the failure `too-large`. `total`: seconds for all of it. `fresh`: on a connection of
        its own. `follow`: go after redirects. `allowed`: asked before every further hop; a no is the failure `robots`.
        """
        asked = normalize(url)
        if asked is None:
            return refusal(url, FailureKind.PROTOCOL, "not an http(s) address")
        at, started = datetime.now(UTC), time.monotonic()
        seconds = self._limits.total if total is None else total
        chain = _Chain(asked)
        try:
            async with asyncio.timeout(seconds):
                await self._follow(chain, method, headers or {}, limit, fresh, follow, allowed)
        except TimeoutError:
            chain.failure = Failure(FailureKind.TIMEOUT, f"not finished within {seconds:g} s")
        return self._reply(chain, asked, at, time.monotonic() - started, method)

    async def _follow(
        self,
        chain: _Chain,
        method: str,
        extra: Mapping[str, str],
        limit: int | None,
        fresh: bool,
        follow: bool,
        allowed: Callable[[str], Awaitable[bool]] | None,
    ) -> None:
        seen: set[tuple[str, tuple[tuple[bytes, bytes], ...]]] = set()
        while True:
            state = (chain.url, tuple(chain.cookies.items()))
            if state in seen:
                chain.failure = Failure(FailureKind.REDIRECTS, f"loop at {chain.url}")
                return
            seen.add(state)
            sent = self._sent(chain, extra, fresh=fresh)
            exchange = await self._hop(chain, method, sent, limit, fresh=fresh)
            chain.failure = exchange.failure
            location = chain.location
            if chain.failure is not None or location is None or not follow:
                return
            target = Joiner(chain.url).join(location)
            onward = chain.url if target.kind is TargetKind.SAME else target.url
            if onward is None:
                chain.failure = Failure(FailureKind.PROTOCOL, f"redirect to {location[:200]}")
                return
            if len(chain.hops) >= self._limits.redirects:
                chain.failure = Failure(FailureKind.REDIRECTS, f"more than {self._limits.redirects}")
                return
            chain.hops.append(Hop(chain.url, exchange.status or 0, onward))
            extra = {name: value for name, value in extra.items() if name.lower() not in _OF_ONE_ADDRESS}
            if origin(onward) != origin(chain.url):
                extra = {name: value for name, value in extra.items() if name.lower() not in _OF_ONE_ORIGIN}
            if not same_site(onward, chain.url):
                chain.cookies.clear()
            chain.url = onward
            if allowed is not None and not await allowed(onward):
                chain.failure = Failure(FailureKind.ROBOTS, onward)
                return

    def _sent(self, chain: _Chain, extra: Mapping[str, str], *, fresh: bool) -> Headers:
        host = (b"Host", chain.url.split("/", 3)[2].encode("ascii"))
        if not (extra or fresh or chain.cookies):
            return (host, *self._headers)
        named = {name: (name, value) for name, value in self._headers}
        named |= {name.lower().encode(): (name.encode(), value.encode()) for name, value in extra.items()}
        if fresh:
            named[_CLOSE[0]] = _CLOSE
        if chain.cookies:
            named[b"cookie"] = (b"cookie", b"; ".join(b"=".join(pair) for pair in chain.cookies.items()))
        return (host, *named.values())

    async def _hop(self, chain: _Chain, method: str, sent: Headers, limit: int | None, *, fresh: bool) -> Exchange:
        """One hop. Where the secure connection fails, once more over one that trusts anybody: does somebody answer?"""
        name = origin(chain.url)
        weak = "" if fresh else self._weak.get(name, "")
        checked: Exchange | None = None
        if not weak:
            checked = await self._over(self._strict, chain, method, sent, limit, fresh=fresh)
            if self._lenient is not None and _failed_wordless(checked):
                chain.exchanges.pop()  # by chance, or always?
                checked = await self._over(self._strict, chain, method, sent, limit, fresh=fresh)
            if self._lenient is None or not _failed_secure(checked):
                return checked
            weak = weakness(checked.failure.detail if checked.failure else "")
            weak = "tls-old" if weak in ("", "tls-handshake") else weak
        if not chain.weak:
            chain.cookies.clear()
        sent = _without_credentials(sent, cookies=bool(chain.cookies))
        before, chain.weak = chain.weak, chain.weak or weak
        exchange = await self._over(cast("_Way", self._lenient), chain, method, sent, limit, fresh=fresh)
        if checked is not None and exchange.status is None:
            chain.exchanges.pop()
            chain.weak = before
            return checked
        self._weak[name] = weak
        return exchange

    async def _over(
        self, way: _Way, chain: _Chain, method: str, sent: Headers, limit: int | None, *, fresh: bool
    ) -> Exchange:
        exchange = await self._ask(way.carrier, chain, method, sent, limit, fresh=fresh)
        unread = exchange.failure is not None and exchange.failure.kind is FailureKind.PROTOCOL
        if unread and way.tolerant is not None:
            chain.exchanges.pop()
            sent = sent if fresh else (*sent, _CLOSE)
            exchange = await self._ask(way.tolerant, chain, method, sent, limit, fresh=True)
        return exchange

    async def _ask(
        self, carrier: Carrier, chain: _Chain, method: str, sent: Headers, limit: int | None, *, fresh: bool
    ) -> Exchange:
        """One hop. The exchange is recorded however it ends."""
        at, started = datetime.now(UTC), time.monotonic()
        arrival: Arrival | None = None
        chunks: list[bytes] = []
        truncated, failure = True, None
        chain.location = None
        try:
            arrival = await carrier.send(
                method,
                chain.url,
                sent,
                connect=self._limits.connect,
                fresh=fresh,
                most=(self._limits.body if limit is None else limit) + 1,
            )
            chain.expires = arrival.expires
            try:
                chain.location = _location(arrival)
                if chain.location is None:
                    truncated, failure = await self._read(method, arrival, chunks, limit)
                else:
                    truncated = await self._read_redirect(method, arrival, chunks, limit)
            finally:
                await arrival.aclose()
            if chain.location is not None:
                chain.cookies.update(_cookies(arrival))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # A redirect is followed as soon as its head is here, as browsers do, however its body ends.
            https = chain.url.startswith("https:")
            failure = failure_of(error, https=https) if chain.location is None else None
        except asyncio.CancelledError:
            failure = Failure(FailureKind.TIMEOUT, "cut off")
            raise
        finally:
            elapsed = time.monotonic() - started
            exchange = _exchange(chain.url, method, sent, arrival, at, elapsed, chunks, truncated, failure)
            chain.exchanges.append(exchange)
        return exchange

    async def _read_redirect(self, method: str, arrival: Arrival, chunks: list[bytes], limit: int | None) -> bool:
        """Whether the body was cut. Nobody waits for the end of it."""
        try:
            async with asyncio.timeout(_REDIRECT_SECONDS):
                return (await self._read(method, arrival, chunks, limit))[0]
        except TimeoutError:
            return True

    async def _read(
        self, method: str, arrival: Arrival, chunks: list[bytes], limit: int | None
    ) -> tuple[bool, Failure | None]:
        """Read the body into `chunks`: whether it was cut, and why that is a failure."""
        if method == "HEAD" or arrival.status in _BODYLESS:
            return False, None
        whole = limit is None and arrival.status not in _REDIRECTS
        most = self._limits.body if whole else _REDIRECT_BODY if limit is None else limit
        too_large = Failure(FailureKind.TOO_LARGE, f"more than {most} bytes") if whole else None
        announced = _header(arrival, b"content-length")
        if whole and announced.isdigit() and int(announced) > most:
            return True, too_large
        read = 0
        while chunk := await arrival.read():
            chunks.append(chunk[: most - read])
            read += len(chunk)
            if read > most:
                return True, too_large
        return False, None

    def _reply(self, chain: _Chain, asked: str, at: datetime, elapsed: float, method: str) -> Reply:
        last = chain.exchanges[-1] if chain.exchanges else None
        body, content_type, failure = b"", "", chain.failure
        if last is not None and last.url == chain.url:
            headers = folded(last.headers)
            content_type = headers.get("content-type", "")
            if failure is None:
                body, failure = decoded(last.body, headers.get("content-encoding", ""), self._limits.decoded)
        digest = ""
        if failure is None and last is not None and not last.truncated and body:
            digest = last.sha256 if body is last.body else hashlib.sha256(body).hexdigest()
        answer = Answer(
            asked=asked,
            url=chain.url,
            at=at,
            elapsed=elapsed,
            status=last.status if failure is None and last is not None else None,
            failure=failure,
            hops=tuple(chain.hops),
            method=method,
            media_type=content_type.partition(";")[0].strip().lower(),
            size=len(last.body) if last is not None else 0,
            digest=digest,
            server=last.server if last is not None else "",
            weak=chain.weak,
            expires=chain.expires if failure is None and not chain.weak else None,
        )
        return Reply(answer, tuple(chain.exchanges), body, content_type)


def _failed_secure(exchange: Exchange) -> bool:
    return exchange.failure is not None and exchange.failure.kind is FailureKind.TLS


def _failed_wordless(exchange: Exchange) -> bool:
    """The secure connection failed, and nothing says why."""
    return _failed_secure(exchange) and not weakness(exchange.failure.detail if exchange.failure else "")


def _without_credentials(sent: Headers, *, cookies: bool) -> Headers:
    """`cookies`: keep them, for they are of the same unchecked site."""
    dropped = _OF_ONE_ORIGIN - {"cookie"} if cookies else _OF_ONE_ORIGIN
    return tuple(pair for pair in sent if pair[0].decode("latin-1").lower() not in dropped)


def _exchange(
    url: str,
    method: str,
    sent: Headers,
    arrival: Arrival | None,
    at: datetime,
    elapsed: float,
    chunks: list[bytes],
    truncated: bool,
    failure: Failure | None,
) -> Exchange:
    if arrival is None:
        return Exchange(url, method, at, elapsed, _texts(sent), failure=failure)
    return Exchange(
        url=url,
        method=method,
        at=at,
        elapsed=elapsed,
        request_headers=_texts(sent),
        status=arrival.status,
        reason=_text(arrival.reason),
        http_version=_text(arrival.http_version),
        headers=_texts(arrival.headers),
        body=chunks[0] if len(chunks) == 1 else b"".join(chunks),
        truncated=truncated,
        server=arrival.server,
        resolved=arrival.resolved,
        certificate=arrival.certificate,
        failure=failure,
    )


def _header(arrival: Arrival, name: bytes) -> bytes:
    """The first header of this name as it was sent; empty when there is none."""
    return next((value for key, value in arrival.headers if key.lower() == name), b"")


def _cookies(arrival: Arrival) -> dict[bytes, bytes]:
    """Names and values, as they stand. For the length of one fetch nothing else of a cookie matters, and the standard
    library's cookie jar warns aloud about odd ones.
    """
    pairs = (value.partition(b";")[0].partition(b"=") for key, value in arrival.headers if key.lower() == b"set-cookie")
    return {name.strip(): value.strip() for name, equals, value in pairs if equals and name.strip()}


def _location(arrival: Arrival) -> str | None:
    """Where a redirect leads; None when the answer is none. An empty Location is none, as in browsers.

    Bytes outside ASCII are escaped one by one, whatever encoding they were meant in: the server gets back its own.
    """
    if arrival.status not in _REDIRECTS:
        return None
    raw = _header(arrival, b"location")
    return "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in raw).strip() or None


def _texts(headers: Headers) -> tuple[tuple[str, str], ...]:
    try:
        return tuple([(name.decode("latin-1"), value.decode("utf-8")) for name, value in headers])
    except UnicodeDecodeError:
        return tuple([(name.decode("latin-1"), _text(value)) for name, value in headers])


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("gb18030", "replace")
