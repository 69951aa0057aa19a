"""What a fetch asks of whatever carries its requests: `send` → an Arrival, whose body is read piece by piece.

`crawler.transport.Transport` is one, without an object of httpx between a request and its answer: those cost as much as
all the rest. Any other transport of httpx becomes one in `Wrapped`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Protocol, cast

from crawler.libraries import httpx

Headers = tuple[tuple[bytes, bytes], ...]
"""Names and values as they stand on the wire, `Host` among those of a request."""


class Arrival(Protocol):
    """An answer whose head is here. Read it to its end, or close it: then its connection is closed too."""

    status: int
    reason: bytes
    http_version: bytes
    headers: Headers
    server: str
    """Address of the machine that answers; empty when it is not known."""
    resolved: tuple[str, ...]
    """All addresses that its name was resolved to; empty when they are not known, or it has no name."""

    @property
    def certificate(self) -> bytes | None:
        """The server's, in DER; None where nothing was encrypted."""

    @property
    def expires(self) -> datetime | None:
        """Until when its certificate is valid (UTC); None where it was not checked."""

    async def read(self) -> bytes:
        """The next piece of the body as it is transferred; empty at its end. Raises httpx.TransportError."""

    async def aclose(self) -> None: ...


class Carrier(Protocol):
    async def send(
        self, method: str, url: str, headers: Headers, *, connect: float | None, fresh: bool, most: int
    ) -> Arrival:
        """Send a request without a body. Raises httpx.TransportError and httpx.InvalidURL.

        `url` is normalized (crawler.urls). `connect`: seconds until there is a connection. `fresh`: on a connection of
        its own. `most`: bytes of the body that will be read, for those who read before they hand over.
        """

    async def aclose(self) -> None: ...


class Wrapped:
    """A Carrier over a transport of httpx."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def send(
        self, method: str, url: str, headers: Headers, *, connect: float | None, fresh: bool, most: int
    ) -> Arrival:
        extensions = {"timeout": {"connect": connect, "read": None}, "fresh": fresh, "most": most}
        request = httpx.Request(method, url, headers=list(headers), extensions=extensions)
        return _Unwrapped(await self._transport.handle_async_request(request))

    async def aclose(self) -> None:
        await self._transport.aclose()


class _Unwrapped:
    """An httpx.Response as an Arrival."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.reason = cast("bytes", response.extensions.get("reason_phrase", b""))
        self.http_version = cast("bytes", response.extensions.get("http_version", b"HTTP/1.1"))
        self.headers = tuple(response.headers.raw)
        peer = response.extensions.get("server_addr")
        self.server: str = peer[0] if peer else ""
        self.resolved = cast("tuple[str, ...]", response.extensions.get("resolved", ()))
        self.certificate = cast("bytes | None", response.extensions.get("certificate"))
        self.expires = cast("datetime | None", response.extensions.get("expires"))
        self._response = response
        self._pieces: AsyncIterator[bytes] = aiter(cast("httpx.AsyncByteStream", response.stream))

    async def read(self) -> bytes:
        async for piece in self._pieces:
            if piece:
                return piece
        return b""

    async def aclose(self) -> None:
        await self._response.aclose()
