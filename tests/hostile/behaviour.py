"""A server that misbehaves in one way: what it does, as data, and what must be told of it.

`crawler/outcome.py` says why. Nothing here is wrong by chance; each
is a behaviour of servers of this field, of other link checkers' bug reports, or of whoever means harm.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from loopback import Serve, reset, until_gone

from crawler.outcome import Verdict

OK, BROKEN, BLOCKED = Verdict.OK, Verdict.BROKEN, Verdict.BLOCKED
UNSURE, PRIVATE, SKIPPED = Verdict.UNSURE, Verdict.PRIVATE, Verdict.SKIPPED

HTML = "text/html; charset=utf-8"
TEXT = "<p>云岭县人民政府办公室主办，本页公布本县政务信息，欢迎监督。</p>" * 8


class Do(Enum):
    """What a script does beside sending bytes."""

    CLOSE = "close"
    RESET = "reset"
    HALF_CLOSE = "half-close"
    """Send no more, and go on reading."""
    STALL = "stall"
    """Say no more until the client leaves."""
    PAUSE = "pause"
    """A hundredth of a second: the pace of a server, not of a test."""


Script = Iterable[bytes | Do] | bytes
"""What is sent for one request. Bytes alone are one whole answer."""
Says = Script | Callable[["Request"], Script]


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    target: str
    headers: Mapping[str, str]
    """Lower-case names."""
    number: int
    """How often this target was asked, counted from 1."""


@dataclass(frozen=True)
class Behaviour:
    """`says` answers the address under test; `others` answer other targets of its host, by name."""

    name: str
    does: str
    verdict: Verdict
    code: str
    says: Says
    at: Literal["link", "file", "page"] = "link"
    """Where the address stands: a link to another site (HEAD, then GET), a document of another site (a ranged GET), a
    page of the visited site (GET, and read)."""
    title: str | None = None
    """Of the page as it must be stored; None: nothing is asked of it."""
    head: Script | None = None
    """For HEAD; None: the head of what `says` says."""
    others: Mapping[str, Says] = field(default_factory=dict)
    silent: bool = False
    """It keeps its client waiting: asked with little patience."""
    path: str = ""
    """Of the address; empty: /x, /x.pdf or /x.html by where it stands."""

    @property
    def target(self) -> str:
        return self.path or {"link": "/x", "file": "/x.pdf", "page": "/x.html"}[self.at]

    def serve(self, home: bytes = b"") -> Serve:
        """Of one server. `home`: the answer for the site's home page."""
        counts: dict[str, int] = {}

        def says(request: Request) -> Script:
            if request.target == self.target:
                wanted: Says = self.head if request.method == "HEAD" and self.head is not None else self.says
            elif request.target in self.others:
                wanted = self.others[request.target]
            elif request.target == "/" and home:
                wanted = home
            else:
                wanted = answer("没有这个页面".encode(), status="404 Not Found")
            return wanted(request) if callable(wanted) else wanted

        async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
            method, target, headers = await _read(reader)
            counts[target] = counts.get(target, 0) + 1
            script = says(Request(method, target, headers, counts[target]))
            bodiless = method == "HEAD" and not (self.head is not None and target == self.target)
            return await _perform([script] if isinstance(script, bytes) else script, reader, writer, bodiless=bodiless)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while await one(reader, writer):
                pass

        return serve


async def _read(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str]]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines)
    return method, target, {name.lower(): value.strip() for name, _, value in pairs}


async def _perform(
    script: Iterable[bytes | Do], reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, bodiless: bool
) -> bool:
    """Whether the connection goes on."""
    over = False  # the head of an answer that has no body
    for part in script:
        if isinstance(part, bytes):
            if over:
                continue
            end = part.find(b"\r\n\r\n") + 4 if bodiless and b"\r\n\r\n" in part else len(part)
            over = bodiless and end != len(part)
            writer.write(part[:end])
            await writer.drain()
        elif part is Do.PAUSE:
            await asyncio.sleep(0.01)
        elif part is Do.HALF_CLOSE:
            writer.write_eof()
        elif part is Do.STALL:
            await until_gone(reader)
            return False
        else:
            if part is Do.RESET:
                reset(writer)
            return False
    return True


def answer(body: bytes | str = b"", *headers: str | bytes, status: str = "200 OK", content_type: str = HTML) -> bytes:
    """A whole, correct answer."""
    body = body.encode() if isinstance(body, str) else body
    first = (f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(body)}")
    lines = [line.encode() if isinstance(line, str) else line for line in (*first, *headers)]
    return b"\r\n".join((*lines, b"", body))


def raw(*lines: str | bytes, body: bytes | str = b"", end: bytes = b"\r\n") -> bytes:
    """An answer of these very lines."""
    body = body.encode() if isinstance(body, str) else body
    return end.join([*(line.encode("latin-1") if isinstance(line, str) else line for line in lines), b"", body])


def redirect(location: str | bytes, *headers: str | bytes, status: str = "302 Found") -> bytes:
    where = location.encode() if isinstance(location, str) else location
    return answer(b"", b"Location: " + where, *headers, status=status)


def page(title: str = "政务公开", text: str = TEXT, head: str = "") -> str:
    return f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body>{text}</body></html>"


def turns(*scripts: Script) -> Callable[[Request], Script]:
    """One script a request; the last goes on."""
    return lambda request: scripts[min(request.number, len(scripts)) - 1]
