"""robots.txt (RFC 9309), asked once an origin and visit."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from protego import Protego

from crawler import charset
from crawler.exchange import Reply
from crawler.page import Failure, FailureKind
from crawler.urls import Joiner, origin

State = Literal["rules", "absent", "unreachable", "html"]

# RFC 9309, 2.5: at least so much is read; the rest need not be.
_MOST = 500 * 1024
_LONGEST_DELAY = 30.0
# A word of the file format before anything that looks like a page; a file that begins with a tag is none.
_HTML = re.compile(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype|[a-z?!])", re.IGNORECASE | re.DOTALL)
_AGENT_LINE = re.compile(r"^([ \t]*user[- ]?agent[ \t]*:?[ \t]*)([^\r\n#]*)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _File:
    """What one origin's robots.txt came to."""

    state: State
    rules: Protego | None = None
    failure: Failure | None = None


class Robots:
    """The robots.txt files of one visit. `get` fetches an address; `agent` is our product token.

    `ignore`: a supervising body inspects what it is responsible for, whatever the file says; nothing is asked then.
    """

    def __init__(self, get: Callable[[str], Awaitable[Reply]], *, agent: str = "xuncha", ignore: bool = False) -> None:
        self._get = get
        self._agent = agent
        self._ignore = ignore
        self._files: dict[str, _File] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def allowed(self, url: str) -> bool:
        """Whether the file lets us ask `url`. Where it cannot be read (5xx, no answer) nothing is allowed: `state` and
        `failure` say why, and the caller may still ask one page to learn whether the site is up.
        """
        if self._ignore:
            return True
        file = await self._load(origin(url))
        if file.rules is not None:
            return file.rules.can_fetch(url, self._agent)
        return file.state != "unreachable"

    def state(self, site: str) -> State | None:
        """What the file of an origin (`https://host[:port]`) is; None when it was not asked.

        `absent`: 4xx, so everything is allowed. `html`: a page under 200, which holds no rules. `unreachable`: 5xx or
        no answer at all.
        """
        file = self._files.get(site)
        return file.state if file is not None else None

    def failure(self, site: str) -> Failure | None:
        """Why the file of an origin did not come, where there was no answer."""
        file = self._files.get(site)
        return file.failure if file is not None else None

    def forget(self, site: str) -> None:
        """Ask for the file of this origin anew: there was no connection, and there may be one later."""
        self._files.pop(site, None)

    def delay(self, site: str) -> float | None:
        """Crawl-delay in seconds, at most 30; None when none is asked for."""
        file = self._files.get(site)
        wanted = file.rules.crawl_delay(self._agent) if file is not None and file.rules is not None else None
        return min(wanted, _LONGEST_DELAY) if wanted else None

    def sitemaps(self, site: str) -> tuple[str, ...]:
        """Addresses of the sitemaps the file names, absolute, each once."""
        file = self._files.get(site)
        if file is None or file.rules is None:
            return ()
        joiner = Joiner(f"{site}/")
        found = (joiner.join(raw).url for raw in file.rules.sitemaps)
        return tuple(dict.fromkeys(url for url in found if url is not None))

    async def _load(self, site: str) -> _File:
        # A lock, not a shared task: when the first caller is cancelled, the next one asks.
        async with self._locks.setdefault(site, asyncio.Lock()):
            if site not in self._files:
                self._files[site] = read(await self._get(f"{site}/robots.txt"), self._agent)
            return self._files[site]


def read(reply: Reply, agent: str) -> _File:
    """RFC 9309, 2.3.1: what an answer to /robots.txt means."""
    answer = reply.answer
    if answer.failure is not None:
        # Too many redirects, and a file far too long, are "unavailable" (2.3.1.2): as if there were none.
        absent = answer.failure.kind in (FailureKind.REDIRECTS, FailureKind.TOO_LARGE)
        return _File("absent" if absent else "unreachable", failure=answer.failure)
    status = answer.status or 0
    if not 200 <= status < 300:
        return _File("unreachable" if status >= 500 else "absent")
    text = charset.decode(reply.body[:_MOST], reply.content_type)[0]
    if _HTML.match(text):
        return _File("html")
    return _File("rules", Protego.parse(_only_ours(text, agent.lower())))


def _only_ours(text: str, agent: str) -> str:
    """The file with all other agents under one name: their rules stay apart, and a hostile file stays cheap.

    The parser copies every rule to every agent of its group: 20,000 agents with 20,000 rules would never end.
    """

    def rename(match: re.Match[str]) -> str:
        value = match[2].strip().lower()
        ours = value == "*" or (value.strip("*") and value.strip("*") in agent)
        return match[0] if ours else f"{match[1]}~"  # no product token holds a tilde

    return _AGENT_LINE.sub(rename, text)
