"""A second try for answers that browsers read and aiohttp refuses.

Both lengths in one head, a length twice, a blank before a colon, a body after 204, words after the end: old servers of
this field do all of it, and a reader sees a page. The standard library's HTTP client bears it. It blocks a thread, so
only what aiohttp could not read comes here; the guard is the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import io
import re
import socket
import ssl
from typing import cast

from crawler import tls as secure
from crawler.guard import Guard
from crawler.libraries import httpx
from crawler.transport import PrivateAddress, Refused, Resolver

_PIECE = 64 * 1024
# A thread that nobody could wake ends after this many silent seconds.
_SILENCE = 30.0
# Chrome reads as much of a head; the standard library stops at a hundred lines.
_HEAD_BYTES = 256 * 1024
_HEAD_LINES = 80
# What must be known of an answer, however late it stands.
_NEEDED = frozenset(
    {b"content-length", b"transfer-encoding", b"content-type", b"content-encoding", b"location", b"connection"}
)
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110, 5.6.2 "token"
_VERSIONS = {9: b"HTTP/0.9", 10: b"HTTP/1.0", 11: b"HTTP/1.1"}


class TolerantTransport(httpx.AsyncBaseTransport):
    """Each request on a connection of its own, its body read whole, up to the extension `most` bytes.

    Other extensions and exceptions as crawler.transport.Transport has them.
    """

    def __init__(self, guard: Guard, *, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._resolver = Resolver(guard)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        call = _Call(request, self._tls or secure.strict())
        try:
            return await asyncio.to_thread(call.run, await self._addresses(call.host, call.port))
        except asyncio.CancelledError:
            call.hang_up()
            raise
        except Refused as error:
            raise PrivateAddress(str(error), request=request) from error
        except http.client.IncompleteRead as error:
            raise httpx.ReadError(f"{len(error.partial)} bytes, then nothing", request=request) from error
        except TimeoutError as error:
            raise httpx.ReadTimeout(str(error), request=request) from error
        except OSError as error:  # before ValueError and HTTPException: some are both
            known = httpx.ConnectError if call.line is None else httpx.ReadError
            raise known(str(error), request=request) from error
        except (http.client.HTTPException, ValueError) as error:
            raise httpx.RemoteProtocolError(f"{type(error).__name__}: {error}", request=request) from error

    async def aclose(self) -> None:
        await self._resolver.close()

    async def _addresses(self, host: str, port: int) -> list[tuple[str, int]]:
        """Guarded like those of crawler.transport; a host that is an address already resolves to itself."""
        return [(entry["host"], entry["port"]) for entry in await self._resolver.resolve(host, port)]


class _Mended:
    """A file whose header lines the standard library's parser can take: it gives up at the first odd one."""

    def __init__(self, file: io.BufferedReader) -> None:
        self._file = file
        self._lines = 0
        self._bytes = 0
        self._kept = 0
        self._wanted = False
        self._head = True

    def readline(self, limit: int = -1) -> bytes:
        while True:
            line = self._file.readline(limit)
            self._lines += 1
            if not self._head or self._lines == 1:
                return line
            self._bytes += len(line)
            if self._bytes > _HEAD_BYTES:
                raise http.client.HTTPException(f"a head of more than {_HEAD_BYTES} bytes")
            if not line.strip():
                self._head = False
                return line
            name, colon, value = line.partition(b":")
            if line[:1] in b" \t":  # it goes on with the line before, wherever that went
                if self._wanted:
                    return line
                continue
            name = name.strip()
            self._wanted = bool(colon and _NAME.fullmatch(name))
            if self._wanted and self._kept >= _HEAD_LINES:
                self._wanted = name.lower() in _NEEDED
            if self._wanted:
                self._kept += 1
                return name + colon + value

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)


class _Answer(http.client.HTTPResponse):
    def begin(self) -> None:
        self.fp = cast("io.BufferedReader", _Mended(self.fp))
        super().begin()


class _Call:
    """One request, in a thread; `hang_up` may come from another."""

    def __init__(self, request: httpx.Request, tls: ssl.SSLContext) -> None:
        url = request.url
        self.host = url.raw_host.decode("ascii").strip("[]")
        self.port = url.port or (443 if url.scheme == "https" else 80)
        self.line: socket.socket | None = None
        self._request = request
        self._tls = tls if url.scheme == "https" else None
        self._over = False

    def hang_up(self) -> None:
        self._over = True
        if self.line is not None:
            with contextlib.suppress(OSError):  # it may be gone already
                self.line.shutdown(socket.SHUT_RDWR)

    def run(self, addresses: list[tuple[str, int]]) -> httpx.Response:
        request = self._request
        with contextlib.closing(self._connect(addresses)) as line:
            self.line = line
            if self._over:
                raise ConnectionAbortedError("nobody waits any more")
            line.settimeout(_SILENCE)
            # Asked now: the client closes the line as soon as it knows that the answer is the last on it.
            peer = line.getpeername()[:2]
            tls = line if isinstance(line, ssl.SSLSocket) else None
            certificate = tls.getpeercert(binary_form=True) if tls is not None else None
            expires = secure.expiry(tls) if tls is not None else None
            connection = http.client.HTTPConnection(self.host, self.port)
            connection.response_class = _Answer
            connection.sock = line
            target = request.url.raw_path.decode("ascii")
            connection.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers.raw:
                connection.putheader(name.decode("ascii"), value)
            connection.endheaders()
            answer = connection.getresponse()
            body = _read(answer, int(request.extensions.get("most", 0)))
            return httpx.Response(
                answer.status,
                headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.getheaders()],
                stream=httpx.ByteStream(body),
                request=request,
                extensions={
                    "http_version": _VERSIONS.get(answer.version, b"HTTP/1.1"),
                    "reason_phrase": answer.reason.encode("latin-1"),
                    "server_addr": peer,
                    "certificate": certificate,
                    "expires": expires,
                    "resolved": tuple(dict.fromkeys(host for host, _ in addresses if host != self.host)),
                },
            )

    def _connect(self, addresses: list[tuple[str, int]]) -> socket.socket:
        last: OSError = ConnectionRefusedError("no address")
        seconds = self._request.extensions.get("timeout", {}).get("connect")
        for address in addresses:
            try:
                line = socket.create_connection(address, timeout=seconds)
            except OSError as error:
                last = error
                continue
            try:
                return line if self._tls is None else self._tls.wrap_socket(line, server_hostname=self.host)
            except BaseException:
                line.close()
                raise
        raise last


def _read(answer: http.client.HTTPResponse, most: int) -> bytes:
    pieces: list[bytes] = []
    read = 0
    while read < most:
        piece = answer.read(min(_PIECE, most - read))
        if not piece:
            if answer.length:
                raise http.client.IncompleteRead(b"".join(pieces), answer.length)
            break
        pieces.append(piece)
        read += len(piece)
    return b"".join(pieces)
