"""The browser that shows what scripts draw: Chromium, driven by Playwright (extra `browser`). Found, started, closed.

It reaches nothing by itself: every request is answered by whoever opens the page (`crawler/render.py`), and what should
escape that finds no name that resolves and a proxy that is not there. It keeps no profile, and every page has a
context of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.rendering import FAILED, NO_BROWSER, REASONS, ROOT

if TYPE_CHECKING:
    import psutil
    from playwright.async_api import Browser as Chromium
    from playwright.async_api import BrowserContext, Playwright


_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge", "microsoft-edge", "chrome")
_MAC = ("Google Chrome", "Microsoft Edge", "Chromium")
_WINDOWS = (r"Google\Chrome\Application\chrome.exe", r"Microsoft\Edge\Application\msedge.exe")
_START = 30.0  # seconds
_STOP = 10.0
_LOOK = 0.5
_MOST_MEMORY = 1024**3  # bytes of one process: more than any list needs, and less than a clerk's computer has
_STARTS = 2  # a browser that broke off twice is left alone
_FLAGS = (
    # Nothing of the page may reach the network past its requests: neither names looked up beforehand, nor WebRTC.
    "--proxy-server=http://nowhere.invalid:9",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--block-new-web-contents",
    "--disable-3d-apis",
    "--js-flags=--max-old-space-size=512",
)
# What Playwright wants for tests, and hostile pages would use: storms of windows and of messages, drawing on the CPU.
_NOT = ("--disable-popup-blocking", "--disable-ipc-flooding-protection", "--enable-unsafe-swiftshader")


class BrowserGone(Exception):  # noqa: N818 - what happened, as Playwright's own errors say it
    """The browser broke off, or none can be had: `code` is one of REASONS."""

    def __init__(self, code: str) -> None:
        super().__init__(str(REASONS[code]))
        self.code = code


class Browser:
    """One browser of one event loop, started when it is first needed. After `off` says why, there is none any more."""

    def __init__(self, path: str = "", *, sandbox: bool = True) -> None:
        self.off = ""
        """One of REASONS; empty while a browser may be had."""
        self.name = ""
        """And version, once it was started."""
        self._path = path
        self._sandbox = sandbox
        self._starts = 0
        self._starting = asyncio.Lock()
        self._playwright: Playwright | None = None
        self._chromium: Chromium | None = None
        self._process: psutil.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        found = find(path)
        if found is None or any(importlib.util.find_spec(name) is None for name in ("playwright", "psutil")):
            self.off = NO_BROWSER
        elif sandbox and _is_root():
            self.off = ROOT
        else:
            self._path = found

    @property
    def alive(self) -> bool:
        return self._chromium is not None and self._chromium.is_connected()

    @asynccontextmanager
    async def context(self, agent: str) -> AsyncIterator[BrowserContext]:
        """A profile for one page, gone with it. Raises BrowserGone."""
        from playwright.async_api import Error

        chromium = await self._start()
        try:
            async with asyncio.timeout(_START):
                context = await chromium.new_context(
                    user_agent=agent,
                    locale="zh-CN",
                    timezone_id="Asia/Shanghai",
                    viewport={"width": 1366, "height": 2000},
                    accept_downloads=False,
                    service_workers="block",
                    permissions=[],
                )
        except (Error, TimeoutError) as error:
            await self.drop()
            raise BrowserGone(FAILED) from error
        try:
            yield context
        finally:
            try:
                async with asyncio.timeout(_STOP):
                    await context.close()
            except (Error, TimeoutError):
                await self.drop()

    async def drop(self) -> None:
        """Close the browser; the next page starts another, twice at most."""
        chromium, self._chromium = self._chromium, None
        playwright, self._playwright = self._playwright, None
        process, self._process = self._process, None
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
            self._watch = None
        if playwright is None:
            return
        from playwright.async_api import Error

        with contextlib.suppress(Error, TimeoutError):
            async with asyncio.timeout(_STOP):
                if chromium is not None:
                    await chromium.close()
        if process is not None:  # one that does not answer
            _end(process)
        with contextlib.suppress(Error, TimeoutError):
            async with asyncio.timeout(_STOP):
                await playwright.stop()

    async def _start(self) -> Chromium:
        from playwright.async_api import Error, async_playwright

        async with self._starting:
            if self._chromium is not None and self.alive:
                return self._chromium
            await self.drop()
            self._starts += 1
            if self.off or self._starts > _STARTS:
                self.off = self.off or FAILED
                raise BrowserGone(self.off)
            try:
                async with asyncio.timeout(_START):
                    self._playwright = await async_playwright().start()
                    self._chromium = await self._playwright.chromium.launch(
                        executable_path=self._path,
                        chromium_sandbox=self._sandbox,
                        args=list(_FLAGS),
                        ignore_default_args=list(_NOT),
                        # Ctrl-C is the visit's matter.
                        handle_sigint=False,
                        handle_sigterm=False,
                        handle_sighup=False,
                    )
                    self._process = await _process_of(self._chromium)
            except (Error, OSError, TimeoutError) as error:
                await self.drop()
                self.off = FAILED
                raise BrowserGone(FAILED) from error
            self.name = f"Chromium {self._chromium.version}"
            if self._process is not None:
                self._watch = asyncio.create_task(_keep_small(self._process))
            return self._chromium


async def _process_of(chromium: Chromium) -> psutil.Process | None:
    """The browser's own process; None when it has ended."""
    import psutil

    session = await chromium.new_browser_cdp_session()
    found = (await session.send("SystemInfo.getProcessInfo"))["processInfo"]
    with contextlib.suppress(psutil.Error):
        return next((psutil.Process(process["id"]) for process in found if process["type"] == "browser"), None)
    return None


async def _keep_small(browser: psutil.Process) -> None:
    """End whatever process of the browser eats the machine's memory: its page breaks off.

    The script engine's own limit is for its objects, not for buffers, blobs and what else a page may hold. The browser
    is not asked: it may have no time to answer.
    """
    while True:
        await asyncio.sleep(_LOOK)
        await asyncio.to_thread(_end, browser, _MOST_MEMORY)


def _end(browser: psutil.Process, most: int = 0) -> None:
    """End the processes of a browser that hold more bytes than that."""
    import psutil

    with contextlib.suppress(psutil.Error):  # it has ended meanwhile
        for process in (*browser.children(recursive=True), browser):
            with contextlib.suppress(psutil.Error):
                if most == 0 or process.memory_info().rss > most:
                    process.kill()


def find(path: str = "") -> str | None:
    """The browser at `path`, else the first that this computer has; None when there is none."""
    if path:
        return shutil.which(path)
    return next((found for found in map(shutil.which, _places()) if found), None)


def _places() -> Iterator[str]:
    yield from _NAMES
    if sys.platform == "darwin":
        for name in _MAC:
            yield f"/Applications/{name}.app/Contents/MacOS/{name}"
    if sys.platform == "win32":
        for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
            for inner in _WINDOWS:
                yield str(Path(os.environ.get(variable, "C:\\")) / inner)


def _is_root() -> bool:
    """Chromium refuses to start as root with its sandbox on."""
    return sys.platform == "linux" and os.geteuid() == 0
