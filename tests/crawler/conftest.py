"""A web server on the loopback that says exactly the bytes a test wants, breaks off, or says nothing at all.

Modules here import each other by name.
"""

import asyncio
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from crawler.archived import ArchivedSnapshot
from crawler.guard import Guard
from crawler.plan import Plan, Progress
from crawler.quiet import Quiet
from crawler.site import Column, Site
from crawler.visit import visit


class Do(Enum):
    """What a script does beside sending bytes."""

    CLOSE = "close"
    RESET = "reset"
    STALL = "stall"


Script = Sequence["bytes | Do"] | Callable[["Seen"], "Script"]
"""What is sent, in order; or what tells it from the request."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One request, as it came."""

    method: str
    target: str
    headers: dict[str, str]
    at: float
    """time.monotonic()"""
    connection: int
    """Counted from 1."""


@dataclass
class Server:
    """Tell it what to answer with `on`; read what was asked in `seen`. Unknown targets get a 404."""

    origin: str = ""
    port: int = 0
    seen: list[Seen] = field(default_factory=list)
    CLOSE = Do.CLOSE
    RESET = Do.RESET
    STALL = Do.STALL
    _scripts: dict[str, list[Script]] = field(default_factory=dict)
    connections: int = 0
    """How many were opened."""
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    def url(self, target: str) -> str:
        return self.origin + target

    def on(self, target: str, *scripts: Script | bytes) -> str:
        """Answer `target` with these, one a request; the last goes on. Returns the address."""
        self._scripts[target] = [[script] if isinstance(script, bytes) else script for script in scripts]
        return self.url(target)

    @staticmethod
    def answer(
        body: bytes = b"", *headers: str, status: str = "200 OK", content_type: str = "text/html; charset=utf-8"
    ) -> bytes:
        """A whole, correct answer."""
        lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(body)}", *headers]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    @staticmethod
    def redirect(location: str, *headers: str, status: str = "302 Found") -> bytes:
        return Server.answer(b"", f"Location: {location}", *headers, status=status)

    def targets(self) -> list[str]:
        return [seen.target for seen in self.seen]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        connection = self.connections
        try:
            while await self._one(reader, writer, connection):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass  # the client left, as some tests make it
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int) -> bool:
        start = await reader.readexactly(1)
        if start == b"\x16":  # TLS where plain text was expected: answered as web servers do
            writer.write(self.answer(b"", status="400 Bad Request"))
            return False
        head = (start + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        self.seen.append(Seen(method, target, headers, time.monotonic(), connection))
        scripts = self._scripts.get(target) or [[self.answer("没有这个页面".encode(), status="404 Not Found")]]
        script = scripts.pop(0) if len(scripts) > 1 else scripts[0]
        while callable(script):
            script = script(self.seen[-1])
        for part in script:
            if isinstance(part, bytes):
                end = part.find(b"\r\n\r\n") + 4 if method == "HEAD" and b"\r\n\r\n" in part else len(part)
                writer.write(part[:end])
                await writer.drain()
            elif part is Do.STALL:
                await reader.read(1)  # until the client leaves
                return False
            else:
                if part is Do.RESET:
                    sock = writer.get_extra_info("socket")
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
        return True


async def _settle() -> None:
    """Let every callback that is due run, and those that it leads to."""
    for _ in range(10):
        await asyncio.sleep(0)


def _run(server: Server, tls: ssl.SSLContext | None) -> Iterator[Server]:
    """In a thread of its own, so that code under test may run its own event loop."""
    ready, loop = threading.Event(), asyncio.new_event_loop()

    async def serve(stop: asyncio.Event) -> None:
        listener = await asyncio.start_server(server._serve, "127.0.0.1", 0, ssl=tls)
        server.port = listener.sockets[0].getsockname()[1]
        server.origin = f"{'https' if tls else 'http'}://127.0.0.1:{server.port}"
        ready.set()
        await stop.wait()
        for sock in listener.sockets:
            loop.remove_reader(sock.fileno())
        # What was accepted in this very moment becomes a task that has begun; a server that is closed before that
        # never closes it (asyncio: Server._attach fails in the transport's constructor).
        await _settle()
        listener.close()
        for writer in server._writers:
            writer.transport.abort()  # even one whose client does not read what is still to be written
        while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await _settle()  # and what was aborted is closed

    stop = asyncio.Event()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve(stop))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


@pytest.fixture
def server() -> Iterator[Server]:
    yield from _run(Server(), None)


@pytest.fixture
def other() -> Iterator[Server]:
    """Another machine."""
    yield from _run(Server(), None)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of this machine that refuses connections, for as long as the test runs."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


AS_OF = datetime(2026, 11, 24, 9, 30, tzinfo=timezone(timedelta(hours=8)))

Visitor = Callable[..., ArchivedSnapshot]


@pytest.fixture
def go(tmp_path: Path) -> Iterator[Visitor]:
    """go(address, …) visits a site on this machine into `folder`: quick, with nothing to wait for unless told so.

    `hosts`: name → port, on this machine too. Everything else is a field of the plan, or of the call of `visit`.
    """
    opened: list[ArchivedSnapshot] = []

    def run(
        url: str,
        *,
        folder: Path | None = None,
        hosts: dict[str, int] | None = None,
        columns: Sequence[Column] = (),
        baseline: Path | None = None,
        stop: Callable[[], bool] = lambda: False,
        report: Callable[[Progress], None] = lambda _: None,
        now: Callable[[], datetime] = lambda: AS_OF,
        quiet: Sequence[Quiet] = (),
        **plan: Any,
    ) -> ArchivedSnapshot:
        names = tuple((name, ("127.0.0.1", port)) for name, port in (hosts or {}).items())
        guard = Guard(named=frozenset({"127.0.0.1"}), hosts=names)
        soon = {"rate": 0, "confirm_after": 0.0, "robots_after": 0.0, "render": "never"}
        wanted: dict[str, Any] = {"as_of": AS_OF, "guard": guard} | soon | plan
        site = Site(url, "云岭县人民政府", quiet=tuple(quiet), columns=tuple(columns))
        where = folder or tmp_path / "visit"
        found = asyncio.run(visit(site, Plan(**wanted), where, baseline=baseline, stop=stop, report=report, now=now))
        opened.append(found)
        return found

    yield run
    for snapshot in opened:
        snapshot.close()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Key and self-signed certificate of www.yunling.gov.cn and 127.0.0.1, in one PEM file."""
    path = tmp_path / "server.pem"
    path.write_text(_PEM, encoding="ascii")
    return path


@pytest.fixture
def tls_server(certificate: Path) -> Iterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    yield from _run(Server(), context)


# Made for these tests, valid 2020 to 2119; it protects nothing.
_PEM = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgEAShvdkQyaDjldrb
C8KIf0DR25U0aTL0aYsOfDPiEqChRANCAARYRr0Tp7X071ov7bDd/A26V8lGN+oN
w0BGAwOxH8U48A7KA+DIcwjJ1npf/hl8/qYTZUnujMATizz6K4yxT8lO
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBtTCCAVugAwIBAgIBATAKBggqhkjOPQQDAjAdMRswGQYDVQQDDBJ3d3cueXVu
bGluZy5nb3YuY24wIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMB0x
GzAZBgNVBAMMEnd3dy55dW5saW5nLmdvdi5jbjBZMBMGByqGSM49AgEGCCqGSM49
AwEHA0IABFhGvROntfTvWi/tsN38DbpXyUY36g3DQEYDA7EfxTjwDsoD4MhzCMnW
el/+GXz+phNlSe6MwBOLPPorjLFPyU6jgYkwgYYwIwYDVR0RBBwwGoISd3d3Lnl1
bmxpbmcuZ292LmNuhwR/AAABMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQD
AgKEMB0GA1UdDgQWBBTG9Z6Kis5XbiFIo/sWL2WloAGY2zAfBgNVHSMEGDAWgBTG
9Z6Kis5XbiFIo/sWL2WloAGY2zAKBggqhkjOPQQDAgNIADBFAiBDUzTpnCJ5o68G
OIYmtyQUfvVhnHkyp397AWHJE2rTZQIhALvPbsIN7xcPqZmSm2u1tl+Pam8vJMRb
kr0724rI4nPC
-----END CERTIFICATE-----
"""
