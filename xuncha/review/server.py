"""HTTP around the desk, with aiohttp's server: it is there for the crawl anyway, so a review needs no extra."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import FrameType
from typing import Final
from urllib.parse import parse_qs

from aiohttp import web

from crawler.message import Message, say
from xuncha import log
from xuncha.parameters import Mistake
from xuncha.review.desk import Desk, Reply
from xuncha.review.door import Door, Guest, Refused
from xuncha.review.page import Pages, resource
from xuncha.store.database import StoreError

_LARGEST = 1024 * 1024  # bytes of a form
_STOP = 3.0  # seconds for what is being answered
_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'"
_POLICIES: Mapping[str, str] = {
    "html": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; frame-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'self'"
    ),
    # A page of a site: no script, no request, no form, and an origin of its own that is nobody's.
    "exhibit": f"{_NOTHING}; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox",
    "text": f"{_NOTHING}; frame-ancestors 'self'; sandbox",
}
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: then a form's Origin would be null.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Server": "xuncha",
}
_TYPES = {"review.css": "text/css", "review.js": "text/javascript"}
_GUEST: Final = web.RequestKey("guest", Guest)
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """One desk on one port. The desk works in one thread, as its store does."""

    def __init__(
        self, desk: Desk, pages: Pages, door: Door, worker: ThreadPoolExecutor, opened: Callable[[], None]
    ) -> None:
        """`opened`: called when the one-time address was used, and another one holds."""
        self._desk, self._pages, self._door, self._worker, self._opened = desk, pages, door, worker, opened

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._guard], client_max_size=_LARGEST)
        app.add_routes(
            [
                web.get("/static/{name}", self._static),
                web.get("/enter", self._enter, allow_head=False),  # a look at the head must not use it up
                web.get("/", self._shown(lambda g, r: self._desk.list(g, r.query))),
                web.get("/finding/{key}", self._shown(lambda g, r: self._desk.finding(g, _key(r), r.query))),
                web.get("/exhibit/{key}", self._shown(lambda _, r: self._desk.exhibit(_key(r)))),
                web.get("/exchanges/{key}", self._shown(lambda _, r: self._desk.exchanges(_key(r)))),
                web.get("/record", self._shown(lambda g, _: self._desk.record(g))),
                web.get("/name", self._shown(lambda g, _: self._desk.name(g))),
                web.post("/name", self._written(lambda g, _, form: self._desk.rename(g, form))),
                web.post("/decide", self._written(lambda g, r, form: self._desk.decide_many(g, r.query, form))),
                web.post(
                    "/finding/{key}", self._written(lambda g, r, form: self._desk.decide(g, _key(r), r.query, form))
                ),
                web.post("/undo", self._written(lambda g, r, form: self._desk.take_back(g, r.query, form))),
            ]
        )
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        try:
            self._door.check_host(request.headers.get("Host", ""))
            if request.method not in ("GET", "HEAD"):
                self._door.check_origin(request.headers.get("Origin", ""), request.headers.get("Host", ""))
            if not request.path.startswith(("/static/", "/enter")):
                request[_GUEST] = self._door.guest(request.cookies.get(self._door.cookie, ""))
            response = await handler(request)
        except Refused as error:
            response = self._answer(self._told(error.args[0], 403))
        except StoreError as error:
            response = self._answer(self._told(error.message, 503))
        except web.HTTPException as error:
            response = self._answer(self._told(_HTTP.get(error.status, say("没有这一页")), error.status))
        except Exception as error:  # noqa: BLE001 - a fault of ours is one line here too
            path = log.record(error)
            told = say("程序自身出错，什么也没有记入；详情已写入 {path}", path=str(path or "-"))
            response = self._answer(self._told(told, 500))
        response.headers.update(_HEADERS)
        return response

    async def _enter(self, request: web.Request) -> web.StreamResponse:
        known = request.cookies.get(self._door.cookie, "")
        response = web.Response(status=303, headers={"Location": "/"})
        try:
            cookie = self._door.enter(request.query.get("key", ""))
        except Refused:
            self._door.guest(known)  # the address once more, in a browser that is in
            return response
        response.set_cookie(self._door.cookie, cookie, httponly=True, samesite="Strict", path="/")
        self._opened()
        return response

    async def _static(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name not in _TYPES:
            raise web.HTTPNotFound
        return web.Response(body=resource(name), content_type=_TYPES[name], charset="utf-8")

    def _shown(self, show: Callable[[Guest, web.Request], Reply]) -> _Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            return self._answer(await self._worked(partial(show, request[_GUEST], request)))

        return handle

    def _written(self, write: Callable[[Guest, web.Request, Mapping[str, list[str]]], Reply]) -> _Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            if request.content_type != "application/x-www-form-urlencoded":
                raise web.HTTPUnsupportedMediaType
            guest, sent = request[_GUEST], await request.read()
            form = parse_qs(sent.decode("utf-8", "replace"), keep_blank_values=True)
            self._door.check_form(guest, {name: values[0] for name, values in form.items()})
            return self._answer(await self._worked(partial(write, guest, request, form)))

        return handle

    async def _worked(self, work: Callable[[], Reply]) -> Reply:
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)

    def _told(self, why: Message, status: int) -> Reply:
        return Reply(self._pages.refused(why, inside=status == 404), status)

    @staticmethod
    def _answer(reply: Reply) -> web.Response:
        if reply.to:
            return web.Response(status=303, headers={"Location": reply.to})
        kind = "text/plain" if reply.kind == "text" else "text/html"
        body = reply.body.encode("utf-8", "replace")
        policy = {"Content-Security-Policy": _POLICIES[reply.kind]}
        return web.Response(body=body, status=reply.status, content_type=kind, charset="utf-8", headers=policy)


_HTTP = {
    405: say("没有这一页"),
    413: say("提交的内容太多，什么也没有记入"),
    415: say("不是复核页面的表单，什么也没有记入"),
}


def _key(request: web.Request) -> str:
    return request.match_info["key"]


async def listen(
    host: str, port: int, app: Callable[[int], web.Application], until: Callable[[], Awaitable[object]]
) -> None:
    """Serve until `until` ends. `app` is made when the port is known. Raises Mistake when it cannot be had."""
    bound = _bound(host, port)
    runner = web.AppRunner(app(bound.getsockname()[1]), access_log=None, shutdown_timeout=_STOP)
    await runner.setup()
    try:
        await web.SockSite(runner, bound).start()
        await until()
    finally:
        await runner.cleanup()


async def told_to_stop() -> None:
    """Ctrl-C or SIGTERM."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def heed(_: int, __: FrameType | None) -> None:
        loop.call_soon_threadsafe(stop.set)

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]
    old = {number: signal.signal(number, heed) for number in numbers}
    try:
        await stop.wait()
    finally:
        for number, heard in old.items():
            signal.signal(number, heard)


def _bound(host: str, port: int) -> socket.socket:
    try:
        [family, _, _, _, address] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family)
    except (OSError, UnicodeError, OverflowError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise Mistake(say("不能在 {host} 端口 {port} 打开复核页面（{why}）", host=host, port=port, why=why)) from error
