"""A picture of a page that does nothing any more, from top to bottom, as a browser draws it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.browser import Browser, BrowserGone
from crawler.rendering import FAILED

if TYPE_CHECKING:
    from playwright.async_api import Route

_HIGHEST = 16_000
"""Pixels: Chromium draws no more in one piece."""
_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Picture:
    png: bytes
    by: str
    """Name and version of the browser."""
    whole: bool
    """The page is not higher than a picture can be."""


def take(html: str, browser: str = "", *, sandbox: bool = True) -> Picture:
    """The picture of an HTML document. Nothing it names is asked for. `browser`, `sandbox`: as in crawler.plan. Raises
    BrowserGone where there is no browser, or it breaks off."""
    return asyncio.run(_take(html, Browser(browser, sandbox=sandbox)))


async def _take(html: str, browser: Browser) -> Picture:
    if browser.off:
        raise BrowserGone(browser.off)
    from playwright.async_api import Error

    try:
        async with asyncio.timeout(_SECONDS), browser.context("xuncha") as context:
            await context.route("**/*", _refuse)
            page = await context.new_page()
            await page.set_content(html, wait_until="load")
            size = await page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
            width, height = (min(int(side), _HIGHEST) for side in size)
            png = await page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})
            return Picture(png, browser.name, int(size[1]) <= _HIGHEST)
    except (Error, TimeoutError) as error:
        raise BrowserGone(FAILED) from error
    finally:
        await browser.drop()


async def _refuse(route: Route) -> None:
    await route.abort()
