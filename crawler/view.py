"""What a page in the browser shows, seen from a world of our own (an isolated world, as extensions have one).

The scripts of the page can neither see that world nor answer for it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, CDPSession, Page

MOST_ELEMENTS = 50_000
_MOST_HTML = 20 * 1024 * 1024  # characters, as many as bytes of a page that no script draws
_NAME = "xuncha"
# An address like mailto: would start a program of the computer.
_GUARD = """navigation.addEventListener('navigate', event => {
  if (!/^https?:/.test(event.destination.url)) event.preventDefault();
});"""
# Names that a page gives to its forms and pictures hide the document's own (HTML Standard, "DOM tree accessors").
_OWN = "const own = name => Object.getOwnPropertyDescriptor(Document.prototype, name).get.call(document);"
_MEASURE = f"""(() => {{
  {_OWN}
  const root = own('documentElement');
  if (!root) return [0, 0, 0];
  const all = Document.prototype.getElementsByTagName.call(document, '*').length;
  return [all, own('links').length, all > {MOST_ELEMENTS} ? 0 : root.textContent.length];
}})()"""
# Scripts that scripts brought in are not the page's own: what they are called by changes from visit to visit.
_READ = f"""(served) => {{
  {_OWN}
  const root = own('documentElement'), ours = new Set(served);
  if (!root) return '<!DOCTYPE html>';
  const copy = root.cloneNode(true);
  for (const script of Element.prototype.querySelectorAll.call(copy, 'script[src]'))
    if (!ours.has(script.getAttribute('src'))) script.remove();
  const html = copy.outerHTML;
  return html.length > {_MOST_HTML} ? '' : '<!DOCTYPE html>' + html;
}}"""


class View:
    """One page from its first document on. The Error of Playwright is raised when the page has gone."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session
        self._world: int | None = None

    @classmethod
    async def of(cls, context: BrowserContext, page: Page) -> View:
        """To be called before the page is opened."""
        session = await context.new_cdp_session(page)
        await session.send("Page.enable")
        await session.send("Page.addScriptToEvaluateOnNewDocument", {"source": _GUARD, "worldName": _NAME})
        return cls(session)

    async def measure(self) -> list[int]:
        """How many elements, links and characters of text there are; nothing when that cannot be told."""
        found = await self._evaluate(_MEASURE)
        return found if isinstance(found, list) else []

    async def read(self, served: list[str]) -> str:
        """The page as HTML, without the scripts that are not among the `served`; empty when it is too long."""
        html = await self._evaluate(f"({_READ})({json.dumps(served)})")
        return html if isinstance(html, str) else ""

    async def _evaluate(self, expression: str) -> Any:  # noqa: ANN401 - a value of JSON
        send = self._session.send
        if self._world is None:
            frame = (await send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
            world = await send("Page.createIsolatedWorld", {"frameId": frame, "worldName": _NAME})
            self._world = world["executionContextId"]
        wanted = {"expression": expression, "contextId": self._world, "returnByValue": True}
        return (await send("Runtime.evaluate", wanted))["result"].get("value")
