"""One page at a time shown by a browser, as a visitor's would show it, and read back when it is done.

The page itself comes from the bytes that the visit has. What its scripts ask for is asked by the visit, in its host's
turn, under robots.txt and the address guard, and is evidence like everything else; pictures, styles, frames, sockets,
beacons and counters of visitors are not asked for at all. A rendering counts only when nothing that might matter was
refused or lost, and when the page had come to rest: then waiting longer shows nothing new.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from crawler.browser import Browser, BrowserGone
from crawler.exchange import Reply
from crawler.harvest import Reading
from crawler.plan import Plan
from crawler.rendering import FAILED, Rendering
from crawler.showing import BROKEN_OFF, Part, Showing

_AT_ONCE = 2  # pages
_MOST_KEPT = 32 * 1024 * 1024  # of what scripts asked for, between two pages


class Renderer:
    """Shows pages in one browser. `part` asks for what a page's script wants: address, headers → Reply."""

    def __init__(self, plan: Plan, part: Part) -> None:
        self.browser = Browser(plan.browser, sandbox=plan.browser_sandbox)
        self._agent = plan.agent
        self._seconds = plan.render_seconds
        self._part = part
        self._parts: dict[str, asyncio.Task[Reply]] = {}
        self._kept = 0
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._at_once = plan.concurrency

    async def draw(self, reply: Reply, reading: Reading) -> Rendering:
        """The page of `reply` as the browser shows it. Never raises for what the page does."""
        at = datetime.now(UTC)
        async with self._turns:
            try:
                try:
                    drawn = await self._draw(reply, reading)
                except BrowserGone:  # broken off by another page, or by a hand: once more
                    drawn = await self._draw(reply, reading)
            except BrowserGone as gone:
                return Rendering(at, self.browser.name, why=BROKEN_OFF, code=gone.code if self.browser.off else "")
        return replace(drawn, at=at, by=self.browser.name)

    async def close(self) -> None:
        for task in self._parts.values():
            task.cancel()
        await asyncio.gather(*self._parts.values(), return_exceptions=True)
        await self.browser.drop()

    async def _draw(self, reply: Reply, reading: Reading) -> Rendering:
        from playwright.async_api import Error

        async with self.browser.context(self._agent) as context:
            showing = Showing(reply, reading, self._ask, self._seconds, self._at_once)
            html = ""
            try:
                html = await showing.run(context)
            except Error as error:
                if not self.browser.alive:
                    raise BrowserGone(FAILED) from error
                showing.faults.append(BROKEN_OFF)
        why = next(iter(showing.faults), None)
        return Rendering(datetime.now(UTC), html="" if why else html, why=why, size=showing.size)

    async def _ask(self, url: str, headers: Mapping[str, str]) -> Reply:
        """One address is asked once a visit, whichever page wants it."""
        if url not in self._parts:
            if self._kept > _MOST_KEPT:
                self._parts = {url: task for url, task in self._parts.items() if not task.done()}
                self._kept = 0
            self._parts[url] = asyncio.create_task(self._bring(url, headers))
        return await asyncio.shield(self._parts[url])

    async def _bring(self, url: str, headers: Mapping[str, str]) -> Reply:
        reply = await self._part(url, headers)
        self._kept += len(reply.body)
        if not reply.exchanges:  # it was not the time to ask
            self._parts.pop(url, None)
        return reply
