"""One page shown in one context of the browser, until it has come to rest; then read back.

Its scripts may be hostile: whatever they do is bounded here or ends the showing, and reaches only what `ask` reaches.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from crawler import outcome
from crawler.exchange import Reply
from crawler.harvest import Reading, read
from crawler.message import Message, say
from crawler.outcome import SignKind
from crawler.page import FailureKind
from crawler.urls import host, normalize, origin
from crawler.view import MOST_ELEMENTS, View

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page, Request, Route, WebSocketRoute

_LONGEST = 180.0  # seconds of a page, with those in which it waits for answers
_TICK = 0.25
_STILL = 3  # ticks without a change
_AHEAD = 5000  # milliseconds: timers due so soon are run at once when the page has come to rest
_MOST_PARTS = 100  # requests of one page
_MOST_BYTES = 20 * 1024 * 1024
_MOST_TEXT = 5 * 1024 * 1024
_WANTED = frozenset({"script", "xhr", "fetch"})
# Resources that draw no list; all others that are refused may have.
_NEEDLESS = frozenset({"image", "stylesheet", "font", "media", "manifest", "ping", "texttrack", "document", "other"})
_PASSING = frozenset({404, 410})  # of a script: no visitor has it either
# They count visitors, and an inspection is none.
_COUNTERS = ("hm.baidu.com", "cnzz.com", "umeng.com", "51.la", "google-analytics.com", "googletagmanager.com")
# Of a request, what our own transport says for itself; of an answer, what was of the transfer only.
_OURS = ("host", "cookie", "user-agent", "accept-encoding", "connection", "content-", "proxy-", "sec-", "range", "if-")
_OF_TRANSFER = frozenset(
    {"content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive", "set-cookie", "refresh"}
)
_POLICY = "sandbox allow-scripts allow-same-origin allow-forms"  # no windows, dialogs, downloads (HTML, "sandboxing")
# Connections that are no requests.
_BEFORE = (
    "for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'WebTransport']) delete globalThis[name];"
)
BROKEN_OFF = say("浏览器打开页面时中断")
_TOO_MUCH = say("脚本画出的内容过多")

Part = Callable[[str, Mapping[str, str]], Awaitable[Reply]]


class Showing:
    """After `run`, `faults` says what keeps it from counting. `ask`: address, headers → Reply; `at_once` of them.

    `seconds`: of its scripts.
    """

    def __init__(self, reply: Reply, reading: Reading, ask: Part, seconds: float, at_once: int) -> None:
        self.faults: list[Message] = []
        self.size = 0
        """Bytes that were transferred for it."""
        self._reply = reply
        self._reading = reading
        self._ask = ask
        self._asks = asyncio.Semaphore(at_once)
        self._served = False
        self._parts = 0
        self._open = 0
        self._clock = asyncio.get_running_loop().time
        self._since = self._clock()
        self._left = seconds
        self._ends = self._since + _LONGEST
        self._limit = asyncio.timeout(seconds)
        self._over = False

    async def run(self, context: BrowserContext) -> str:
        """What the page shows in the end, as HTML; empty when there is a fault. Raises Playwright's Error when the
        browser broke off.
        """
        try:
            async with self._limit:
                return await self._run(context)
        except TimeoutError:
            if not self.faults:
                self.faults.append(say("页面上的脚本一直没有运行完"))
        finally:
            self._over = True
        return ""

    async def _run(self, context: BrowserContext) -> str:
        await context.route("**/*", self._answer)
        await context.route_web_socket("**/*", self._refuse_socket)
        await context.add_init_script(_BEFORE)
        page = await context.new_page()
        context.on("page", _close)
        page.on("worker", lambda _: self._blame(say("页面使用后台脚本（Worker）")))
        page.on("crash", lambda _: self._blame(BROKEN_OFF))
        await page.clock.install()
        view = await View.of(context, page)
        await page.goto(self._reply.answer.url, wait_until="commit", timeout=0)
        html = await self._at_rest(page, view)
        await context.unroute_all(behavior="ignoreErrors")
        return html

    async def _at_rest(self, page: Page, view: View) -> str:
        """Wait until nothing is on its way and nothing changes any more, then read the page."""
        before: list[int] = []
        still, ahead = 0, False
        while True:
            await asyncio.sleep(_TICK)
            now = await view.measure()
            if not now:
                self._blame(BROKEN_OFF)
            elif now[0] > MOST_ELEMENTS or now[2] > _MOST_TEXT:
                self._blame(_TOO_MUCH)
            still = still + 1 if now == before and not self._open else 0
            before = now
            if still >= _STILL and ahead:
                html = await view.read(self._own_scripts())
                if not html:
                    self._blame(_TOO_MUCH)
                return html
            if still >= _STILL:
                await page.clock.run_for(_AHEAD)
                still, ahead = 0, True

    def _own_scripts(self) -> list[str]:
        document = self._reading.document
        return [node.attr("src") or "" for node in document.root.select("script[src]")] if document else []

    def _blame(self, fault: Message) -> None:
        """It does not count any more: no need to look on."""
        self.faults.append(fault)
        self._until(self._clock())

    async def _answer(self, route: Route) -> None:
        """Every request of the context comes here."""
        from playwright.async_api import Error

        with suppress(Error):  # the page has gone meanwhile
            request = route.request
            if self.faults:
                await route.abort("aborted")
            elif request.is_navigation_request():
                await self._navigate(route, request)
            elif request.resource_type not in _WANTED or _counts(request.url):
                if request.resource_type not in _NEEDLESS | _WANTED:
                    self._blame(say("脚本要访问 {url}（{kind}）", url=request.url, kind=request.resource_type))
                await route.abort("blockedbyclient")
            else:
                await self._bring(route, request)

    async def _navigate(self, route: Route, request: Request) -> None:
        """The page itself, once; it may lead nowhere else, and its frames stay empty."""
        if self._served:
            if request.frame.parent_frame is None:
                self._blame(say("页面要转到 {url}", url=request.url))
            await route.abort("aborted")
            return
        self._served = True
        headers = _passed_on(self._reply.headers) | {"content-type": f"text/html; charset={self._reading.encoding}"}
        policies = headers.get("content-security-policy")
        headers["content-security-policy"] = f"{policies}, {_POLICY}" if policies else _POLICY
        await route.fulfill(status=200, headers=headers, body=self._reply.body)

    async def _bring(self, route: Route, request: Request) -> None:
        url = normalize(request.url)
        self._parts += 1
        fault: Message | None = None
        if url is None or request.method != "GET":
            fault = say("脚本要用 {method} 方法访问 {url}", method=request.method, url=request.url)
        elif self._parts > _MOST_PARTS or self.size > _MOST_BYTES:
            fault = say("脚本要访问的地址过多")
        if url is None or fault is not None:
            self._blame(fault or say("脚本要访问 {url}", url=request.url))
            await route.abort("blockedbyclient")
            return
        wanted = {n: v for n, v in request.headers.items() if not n.startswith(_OURS) and v.isascii()}
        self._begin()
        try:
            async with self._asks:
                reply = None if self._over else await self._ask(url, wanted)
        finally:
            self._end()
        if reply is None:
            await route.abort("aborted")
            return
        self.size += sum(len(exchange.body) for exchange in reply.exchanges)
        fault = _fault(reply, request.resource_type)
        if fault is not None:
            self._blame(fault)
        if reply.answer.status is None or _is_foreign(request, reply):
            await route.abort("failed")
        else:
            await route.fulfill(status=reply.answer.status, headers=_passed_on(reply.headers), body=reply.body)

    def _refuse_socket(self, socket: WebSocketRoute) -> None:
        """It is never connected."""
        self._blame(say("脚本要访问 {url}（{kind}）", url=socket.url, kind="WebSocket"))

    # The seconds of a page are those in which it waits for nobody.

    def _begin(self) -> None:
        self._open += 1
        if self._open == 1:
            self._left -= self._clock() - self._since
            self._until(self._ends)

    def _end(self) -> None:
        self._open -= 1
        if self._open == 0:
            self._since = self._clock()
            self._until(min(self._since + self._left, self._ends))

    def _until(self, when: float) -> None:
        if not (self._over or self._limit.expired()):
            self._limit.reschedule(when if not self.faults else min(when, self._clock()))


async def _close(page: Page) -> None:
    """A window that the page opens."""
    from playwright.async_api import Error

    with suppress(Error):
        await page.close()


def _counts(url: str) -> bool:
    return any(host(url) == name or host(url).endswith(f".{name}") for name in _COUNTERS)


def _fault(reply: Reply, kind: str) -> Message | None:
    """Why what came back is not what a visitor's browser would have got, as far as that can be told."""
    answer, failure = reply.answer, reply.answer.failure
    if failure is not None:
        if failure.kind is FailureKind.ROBOTS:
            return say("robots.txt 不允许访问 {url}", url=answer.url)
        if failure.kind is FailureKind.PRIVATE:
            return say("{url} 指向内部网络地址，没有访问", url=answer.url)
        return say("没有取得 {url}", url=answer.asked)
    if answer.ok and answer.media_type == "text/html":  # a wall, a login, a page that says that there is none
        sign = outcome.read(answer, headers=reply.headers, body=reply.body, glimpse=read(reply).glimpse)
        if kind == "script" or sign.kind is not SignKind.GOOD:
            return say("没有取得 {url}", url=answer.asked)
    if answer.ok or (kind == "script" and answer.status in _PASSING):
        return None
    return say("{url} 返回 HTTP {status}", url=answer.asked, status=answer.status or 0)


def _is_foreign(request: Request, reply: Reply) -> bool:
    """A visitor's browser would not let the script read it (Fetch Standard, CORS check). Playwright would."""
    asker = request.headers.get("origin")
    return (
        asker is not None and asker != origin(reply.answer.url) and "access-control-allow-origin" not in reply.headers
    )


def _passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    return {n: v for n, v in headers.items() if n not in _OF_TRANSFER and v.isascii() and v.isprintable()}
