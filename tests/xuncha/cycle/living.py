"""The bundled portal, whose office mends some of it, and whose line is cut at times."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from urllib.parse import unquote, urlsplit

import pytest

from crawler.guard import Guard
from xuncha import orders
from xuncha.demo import Portal, Reply


class Living(Portal):
    def __init__(self) -> None:
        super().__init__()
        self.changed: dict[str, Reply] = {}
        self.witness = ""
        """Another host that is there for those who ask whether their own network works."""
        self.cut = False
        """Nothing of all this can be reached: our own line."""
        self.gate = Event()
        """Articles come while it is open."""
        self.gate.set()
        self.held = Event()
        """Somebody waits at the gate."""

    def reply(self, method: str, host: str, target: str) -> Reply:
        path = unquote(urlsplit(target).path)
        if self.cut:
            raise ConnectionAbortedError
        if host == self.witness:
            return Reply(200, {"Content-Type": "text/html; charset=utf-8"}, "<h1>中国政府网</h1>".encode())
        if "content_" in path and not self.gate.is_set():
            self.held.set()
            self.gate.wait()
        own = host.startswith("127.0.0.1")
        return self.changed[path] if own and path in self.changed else super().reply(method, host, target)

    def open(self) -> None:
        self.held.clear()
        self.gate.set()

    def give(self, path: str, kind: str, body: bytes, status: int = 200) -> None:
        self.changed[path] = Reply(status, {"Content-Type": kind}, body)

    def edit(self, path: str, old: str, new: str, charset: str = "utf-8") -> None:
        was = super().reply("GET", "127.0.0.1", path)
        assert old.encode(charset) in was.body, path
        self.changed[path] = Reply(was.status, was.headers, was.body.replace(old.encode(charset), new.encode(charset)))


@contextmanager
def living(patch: pytest.MonkeyPatch) -> Iterator[Living]:
    """It, with the hosts that its pages lead to."""
    with Living() as portal:
        patch.setattr(orders, "Guard", functools.partial(Guard, hosts=tuple(portal.resolve.items())))
        yield portal
