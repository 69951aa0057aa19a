"""The bundled county portal and the loopback server that `xuncha demo` audits.

云岭县 exists nowhere. Its pages (`portal/site`), what is wrong with them (`portal/truth.toml`) and how its server
misbehaves (`portal/behaviour.toml`) are made up for this program. All dates count back from `AS_OF`, so the demo is
the same every day.
"""

from __future__ import annotations

import contextlib
import re
import socket
import sys
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath
from socketserver import TCPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import quote, unquote, urlsplit

AS_OF = datetime(2026, 11, 20, 9, tzinfo=timezone(timedelta(hours=8)))
"""监测时间点 of the demo."""

OWN_NAME = "www.yunling.gov.cn"
"""The portal's own host name (META SiteDomain); it resolves to the loopback server too."""

# Not `mimetypes`: on Windows that reads the registry, where any program may have left its own idea of .js or .zip.
_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "application/javascript",
    ".json": "application/json",
    ".txt": "text/plain",
    ".xml": "text/xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".pdf": "application/pdf",
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
}
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How one path answers when it does more than hand out its file. One `[[answer]]` of behaviour.toml."""

    path: str
    """Decoded, from the root. A trailing `*` stands for everything that begins so."""
    host: str = ""
    """An outside host that the portal's pages link to; empty: the portal itself."""
    status: int = 200
    first_status: int | None = None
    """Of the first GET; a HEAD answers as the next GET would."""
    head_status: int | None = None
    """Of HEAD, for servers that do not know the method."""
    body: str = ""
    """File under portal/answers, or of the site; empty: the file at the path, or no body where there is none."""
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back over the wire, HEAD or not."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class _Content:
    """Everything the server can say, read into memory once (well under a megabyte)."""

    def __init__(self, folder: Traversable) -> None:
        rules = tomllib.loads((folder / "behaviour.toml").read_text(encoding="utf-8"))
        self._charsets: dict[str, str] = rules["header_charset"]
        behaviours = [Behaviour(**row) for row in rules["answer"]]
        self._exact = {(b.host, b.path): b for b in behaviours if not b.path.endswith("*")}
        self._below = sorted((b for b in behaviours if b.path.endswith("*")), key=lambda b: -len(b.path))
        self._files = dict(_walk(folder / "site", "/"))
        self._bodies = dict(_walk(folder / "answers", "")) | self._files
        self.hosts = frozenset(b.host for b in behaviours) - {""}

    def reply(self, host: str, path: str, *, head: bool, earlier: int) -> Reply:
        """The answer of `host` ("" is the portal) for a decoded `path` that was given `earlier` times before by GET."""
        behaviour = self._behaviour(host, path)
        if behaviour is not None:
            return self._behave(behaviour, path, head=head, earlier=earlier)
        if host:
            return self._page(404, {})
        name = path + "index.html" if path.endswith("/") else path
        if name in self._files:
            return Reply(200, {"Content-Type": self._type(name)}, self._files[name])
        if path + "/index.html" in self._files:
            return Reply(301, {"Location": quote(path + "/")})
        return self._page(404, {})

    def _behaviour(self, host: str, path: str) -> Behaviour | None:
        exact = self._exact.get((host, path))
        return exact or next((b for b in self._below if b.host == host and path.startswith(b.path[:-1])), None)

    def _behave(self, behaviour: Behaviour, path: str, *, head: bool, earlier: int) -> Reply:
        if head and behaviour.head_status is not None:
            return self._page(behaviour.head_status, {"Allow": "GET"} if behaviour.head_status == 405 else {})
        if behaviour.first_status is not None and earlier == 0:
            return self._page(behaviour.first_status, {"Retry-After": "1"})
        name = path + "index.html" if path.endswith("/") else path
        body = self._bodies[behaviour.body] if behaviour.body else self._files.get(name, b"")
        kind = behaviour.content_type or self._type(behaviour.body or name)
        return Reply(behaviour.status, {"Content-Type": kind, **behaviour.headers}, body)

    def _page(self, status: int, headers: Mapping[str, str]) -> Reply:
        """The server's own page for a status: portal/answers/<status>.html."""
        return Reply(status, {"Content-Type": "text/html; charset=utf-8", **headers}, self._bodies[f"{status}.html"])

    def _type(self, path: str) -> str:
        kind = _TYPES.get(PurePosixPath(path).suffix.lower(), "application/octet-stream")
        if kind != "text/html":
            return kind
        folder = max((f for f in self._charsets if path.startswith(f)), key=len, default="")
        return f"{kind}; charset={self._charsets[folder]}" if folder else kind


class Portal:
    """The portal of 云岭县 on a free port of 127.0.0.1, for as long as the `with` block lasts.

    >>> with Portal() as portal:
    ...     portal.url.startswith("http://127.0.0.1:")
    True
    """

    def __init__(self) -> None:
        self._content = _Content(files("xuncha") / "portal")
        self._server: _Server | None = None
        self._thread: Thread | None = None
        self._lock = Lock()
        self.requests: Counter[tuple[str, str]] = Counter()
        """(method, decoded path) → how often it was asked in this block; `//host/path` for outside hosts."""

    @property
    def url(self) -> str:
        """The address to audit. Raises RuntimeError outside the `with` block."""
        return f"http://127.0.0.1:{self._port}/"

    @property
    def resolve(self) -> Mapping[str, tuple[str, int]]:
        """Host name → (address, port) here, for the portal's own name and the outside hosts that its pages link to."""
        return dict.fromkeys(sorted({OWN_NAME, *self._content.hosts}), ("127.0.0.1", self._port))

    def __enter__(self) -> Portal:
        self.requests.clear()
        self._server = _Server(self)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="portal")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        server, thread = self._server, self._thread
        self._server = self._thread = None
        if server is not None and thread is not None:
            server.shutdown()
            thread.join()
            server.hang_up()
            server.server_close()

    @property
    def _port(self) -> int:
        if self._server is None:
            raise RuntimeError("the portal is served inside its with block only")
        return self._server.server_port

    def reply(self, method: str, host: str, target: str) -> Reply:
        """Count and answer one request; `host` is the Host header, `target` the request target as it came."""
        name = host.rpartition(":")[0] if re.search(r":\d+$", host) else host
        name = name.lower()
        if name in ("127.0.0.1", "localhost", OWN_NAME):
            name = ""
        elif name not in self._content.hosts:
            return Reply(421, {"Content-Type": "text/plain"}, b"no such host here\n")
        path = unquote(urlsplit(target).path, errors="replace") or "/"
        key = f"//{name}{path}" if name else path
        with self._lock:
            earlier = self.requests["GET", key]
            self.requests[method, key] += 1
        return self._content.reply(name, path, head=method == "HEAD", earlier=earlier)


class _Server(ThreadingHTTPServer):
    # Joined when the portal closes: no thread and no socket outlives the block.
    daemon_threads = False

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self._open: set[Any] = set()
        self._lock = Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    def server_bind(self) -> None:
        # HTTPServer's own asks the resolver for this machine's name, which takes seconds where there is none.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.socket.getsockname()[1]

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the base class's types
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        # A client that hangs up in the middle is its own affair; a fault of ours must be seen.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        """End kept-alive connections, whose threads would else wait for another request."""
        with self._lock:
            waiting = list(self._open)
        for connection in waiting:
            with contextlib.suppress(OSError):  # the client was faster
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "yunling"
    sys_version = ""
    timeout = 30
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def _answer(self) -> None:
        reply = self.server.portal.reply(self.command, self.headers.get("Host", ""), self.path)
        status, headers, body = reply.status, dict(reply.headers), reply.body
        if status == 200 and not headers["Content-Type"].startswith("text/html"):
            status, extra, body = _ranged(self.headers.get("Range", ""), body)
            headers |= extra
        headers["Content-Length"] = str(len(body))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - the base class's names
        """The demo's screen belongs to the audit."""


def _ranged(asked: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
    """One byte range of `body` (RFC 9110, 14.2); several ranges, or none that is well formed, get the whole."""
    match = _RANGE.fullmatch(asked.strip())
    if match is None or not (match[1] or match[2]):
        return 200, {"Accept-Ranges": "bytes"}, body
    size = len(body)
    if match[1]:
        start, stop = int(match[1]), min(int(match[2]) + 1 if match[2] else size, size)
        if match[2] and int(match[2]) < int(match[1]):
            return 200, {"Accept-Ranges": "bytes"}, body
    else:
        start, stop = max(size - int(match[2]), 0), size
    if start >= stop:
        return 416, {"Content-Range": f"bytes */{size}"}, b""
    return 206, {"Accept-Ranges": "bytes", "Content-Range": f"bytes {start}-{stop - 1}/{size}"}, body[start:stop]


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for child in folder.iterdir():
        if child.is_dir():
            found += _walk(child, f"{prefix}{child.name}/")
        else:
            found.append((prefix + child.name, child.read_bytes()))
    return found
