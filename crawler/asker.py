"""How one address is asked: robots.txt first, pages by GET, leaves by HEAD, and never faster than its host is asked."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from crawler import documents, harvest
from crawler.baseline import Baseline
from crawler.exchange import Exchange, Reply, refusal, wait_asked
from crawler.fetch import Fetcher
from crawler.frontier import Frontier
from crawler.guise import SPIDER_TOKEN, Guise
from crawler.guise import headers as dress
from crawler.outcome import Missing, broke_off, by_chance, comes_first
from crawler.page import Answer, Failure, FailureKind, LinkKind
from crawler.plan import Plan
from crawler.robots import Robots
from crawler.target import Stage, Target
from crawler.unchanged import Unchanged
from crawler.urls import authority, origin, suffix

_PEEK = 64 * 1024  # of a leaf's body: enough to tell a document from an error page
_HEAD_SECONDS = 15.0  # more than a connection may take: that failure says more
_LEAF_SECONDS = 20.0
_FILE_SECONDS = 60.0  # megabytes
_ROBOTS_AGAIN = 2  # further asks of a robots.txt that its server failed to give


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing was asked: the host needs time."""

    seconds: float


@dataclass(slots=True)
class _Unread:
    times: int = 0
    until: float = 0.0
    """Of the loop's clock: not to be asked for before."""
    asked: float | None = None
    """Seconds that the server itself asked us to wait."""


class Asker:
    """`keep` takes every reply that is no target's answer: it is evidence all the same."""

    def __init__(
        self,
        plan: Plan,
        fetcher: Fetcher,
        frontier: Frontier,
        internal: Callable[[str], bool],
        keep: Callable[[Reply], None],
        baseline: Baseline | None = None,
    ) -> None:
        self._plan = plan
        self._fetcher = fetcher
        self._frontier = frontier
        self._internal = internal
        self._keep = keep
        self._robots = Robots(get=self._get_robots, ignore=plan.ignore_robots)
        self._robots_files: dict[str, Reply] = {}
        """The last answer of each robots.txt."""
        self._spider_robots = Robots(get=self._known_robots, agent=SPIDER_TOKEN, ignore=plan.ignore_robots)
        self._unread: dict[str, _Unread] = {}
        """Origins whose server failed to give their robots.txt."""
        self._probes: dict[str, asyncio.Task[Missing]] = {}
        self._looked: set[str] = set()
        self._unchanged = Unchanged(baseline, pause=self._pause, keep=keep)

    async def ask(self, target: Target) -> Reply | Later:
        """One ask of one address, in the way that suits it."""
        if not target.internal:
            return await self._leaf(target)
        unread = self._unread.get(origin(target.url))
        if unread is not None and (wait := unread.until - asyncio.get_running_loop().time()) > 0:
            return Later(wait)
        if not await self._may_ask(target):
            again = self._wait_for_robots(target.url)
            if again is not None:
                return Later(again)
            return refusal(target.url, FailureKind.ROBOTS, self._robots.state(origin(target.url)) or "")
        delay = self._robots.delay(origin(target.url))
        if delay:
            self._frontier.slow(target.url, delay)
        if not self.reads(target):
            reply = await self._leaf(target)
        elif target.stage is Stage.HOME:
            # Its time is measured: nothing but itself may be in it, no robots.txt of a host it redirects to.
            reply = await self._read(target, partial(self._fetcher.fetch, target.url, total=self._plan.home_seconds))
        else:
            reply = await self._read(target, partial(self._fetcher.fetch, target.url, allowed=self._may_hop))
        if reply.answer.ok:
            await self._missing_of(target.url)
        return reply

    async def _read(self, target: Target, fetch: Callable[..., Awaitable[Reply]]) -> Reply:
        """The whole of it, or word that it is as it was."""

        async def get(more: Mapping[str, str]) -> Reply:
            return await self._unbroken(partial(fetch, headers=more), target.url, broke_off, fresh=target.again)

        return await self._unchanged.ask(target, get)

    @staticmethod
    def reads(target: Target) -> bool:
        """It is asked whole, to be read: a page of the site, or one of its style sheets."""
        sheet = target.kind is LinkKind.ASSET and suffix(target.url) == "css"
        return target.internal and (sheet or target.kind is LinkKind.PAGE)

    def is_first_look(self, target: Target) -> bool:
        """The ask was a HEAD, or for a part only: when it is no use, a plain GET is due before anything is said."""
        return not (target.again or target.plain or self.reads(target))

    def missing(self, url: str) -> Missing | None:
        """How the host of `url` answers for an address that cannot exist; None when it was not asked."""
        probe = self._probes.get(authority(url))
        return probe.result() if probe is not None and probe.done() and not probe.cancelled() else None

    def robots_failed(self, url: str) -> bool:
        """The server failed to give the robots.txt of this address again and again, so nothing was asked."""
        return self._robots.state(origin(url)) == "unreachable" and self._robots.failure(origin(url)) is None

    async def part(self, url: str, headers: Mapping[str, str]) -> Reply:
        """What the script of a page asks for, wherever it is: in its host's turn, and where robots.txt lets us."""
        if not await self._robots.allowed(url):
            failure = self._refused(url)
            reply = refusal(url, failure.kind, failure.detail)
            # No request was made; that a script wanted one is evidence all the same.
            reply = replace(reply, exchanges=(Exchange(url, "GET", reply.answer.at, 0.0, failure=failure),))
            self._keep(reply)
            return reply
        await self._pause(url)
        reply = await self._fetcher.fetch(url, headers=headers, total=_LEAF_SECONDS, allowed=self._robots.allowed)
        now = asyncio.get_running_loop().time()
        for hop in reply.exchanges[1:]:
            self._frontier.book(hop.url, now)
        self._keep(reply)
        answer = reply.answer
        if answer.failure is not None and answer.failure.kind is FailureKind.ROBOTS:
            return replace(reply, answer=replace(answer, failure=self._refused(answer.url)))
        return reply

    async def whole(self, url: str, most: int) -> Reply:
        """All of a file whose beginning was good: in its host's turn, and where robots.txt lets us."""
        if not await self._robots.allowed(url):
            failure = self._refused(url)
            return refusal(url, failure.kind, failure.detail)
        await self._pause(url)
        return await self._fetcher.fetch(url, limit=most, total=_FILE_SECONDS, allowed=self._robots.allowed)

    def _refused(self, url: str) -> Failure:
        """Why robots.txt does not let us: it says so, or it is where we may not ask at all."""
        failure = self._robots.failure(origin(url))
        if failure is not None and failure.kind is FailureKind.PRIVATE:
            return failure
        return Failure(FailureKind.ROBOTS, self._robots.state(origin(url)) or "")

    async def control(self, url: str) -> bool:
        """Whether an address that was good still is: asked anew, on a connection of its own."""
        reply = await self._fetcher.fetch(url, fresh=True, limit=_PEEK, total=_LEAF_SECONDS)
        self._keep(reply)
        return reply.answer.ok

    async def disguised(self, url: str, guise: Guise) -> Reply:
        """A page of the site asked in some guise: in its host's turn, where robots.txt lets us and the guise."""
        rules = self._spider_robots if guise is Guise.SPIDER else self._robots
        if not (await self._robots.allowed(url) and await rules.allowed(url)):
            return refusal(url, FailureKind.ROBOTS, rules.state(origin(url)) or "")
        await self._pause(url)
        reply = await self._fetcher.fetch(
            url, headers=dress(guise, self._plan.agent, url), total=_LEAF_SECONDS, allowed=self._may_hop
        )
        now = asyncio.get_running_loop().time()
        for hop in reply.exchanges[1:]:
            self._frontier.book(hop.url, now)
        return reply

    async def close(self) -> None:
        await self._unchanged.close()
        for probe in self._probes.values():
            probe.cancel()
        await asyncio.gather(*self._probes.values(), return_exceptions=True)

    async def _may_ask(self, target: Target) -> bool:
        """robots.txt; where it cannot be read the home page is asked all the same, to know whether the site is up.

        So is any page of a host that gives no connection: it tells better than robots.txt what is the matter.
        """
        if await self._robots.allowed(target.url):
            return True
        site = origin(target.url)
        if self._robots.state(site) != "unreachable":
            return False
        failure = self._robots.failure(site)
        if failure is not None and comes_first(failure):
            self._robots.forget(site)
            return True
        return target.stage is Stage.HOME

    def _wait_for_robots(self, url: str) -> float | None:
        """Seconds until a robots.txt that its server failed to give (RFC 9309, 2.3.1.4: nothing may be asked) is asked
        for again; None when there is one, or it was asked for often enough.
        """
        site = origin(url)
        if self._robots.state(site) != "unreachable" or self._robots.failure(site) is not None:
            return None
        now = asyncio.get_running_loop().time()
        unread = self._unread.setdefault(site, _Unread())
        if unread.times >= _ROBOTS_AGAIN:
            return None
        wait = max(self._plan.robots_after, unread.asked or 0.0)
        unread.times, unread.until = unread.times + 1, now + wait
        self._robots.forget(site)
        self._probes.pop(authority(url), None)  # it was not allowed either
        return wait

    async def _may_hop(self, url: str) -> bool:
        """Redirects within the site obey robots.txt; one that leaves it is asked like any link."""
        return not self._internal(url) or await self._robots.allowed(url)

    async def _leaf(self, target: Target) -> Reply:
        """HEAD, or the beginning of a document; GET where that was no use, and for the second ask."""
        if self._looks(target):
            target.plain = True
        if target.kind is LinkKind.ATTACHMENT:
            return await self._file(target)
        if self.is_first_look(target):
            return await self._fetcher.fetch(target.url, method="HEAD", total=_HEAD_SECONDS)
        whole = partial(self._fetcher.fetch, target.url, limit=_PEEK, total=_LEAF_SECONDS)
        return await self._unbroken(whole, target.url, broke_off, fresh=target.again)

    async def _file(self, target: Target) -> Reply:
        """The beginning of a document, and its last bytes where its format ends in a mark."""
        first = self.is_first_look(target)
        ask = partial(self._fetcher.fetch, total=_LEAF_SECONDS)
        if first:
            part = {"Range": f"bytes=0-{_PEEK - 1}"}
            reply = await self._unchanged.ask(
                target, lambda more: ask(target.url, headers={**part, **more}, limit=_PEEK)
            )
        else:
            begin = partial(ask, target.url, limit=_PEEK)
            reply = await self._unbroken(begin, target.url, broke_off, fresh=target.again)
        whole = documents.size(reply)
        sends_parts = reply.answer.status == 206 or not first
        if whole is None or whole <= len(reply.body) or not (sends_parts and documents.has_end(reply.body)):
            return reply
        start = max(whole - (documents.GLANCE if first else documents.TAIL), 0)
        await self._pause(reply.answer.url)
        end = {"Range": f"bytes={start}-{whole - 1}"}
        rest = await ask(reply.answer.url, headers=end, limit=whole - start, fresh=target.again)
        self._keep(rest)
        return replace(reply, tail=documents.piece(rest, start, whole))

    async def _missing_of(self, url: str) -> Missing:
        """Asked once a host and visit."""
        name = authority(url)
        if name not in self._probes:
            self._probes[name] = asyncio.create_task(self._probe(url))
        return await asyncio.shield(self._probes[name])

    def _looks(self, target: Target) -> bool:
        """One page of each other host is asked for what stands there: who a domain belongs to shows on any of them."""
        name = authority(target.url)
        if target.internal or target.kind is not LinkKind.PAGE or "landings" not in self._plan.needs:
            return False
        first = name not in self._looked
        self._looked.add(name)
        return first

    async def _probe(self, url: str) -> Missing:
        # Not random: the same visit twice asks the same address.
        token = hashlib.sha256(f"xuncha {authority(url)}".encode()).hexdigest()[:20]
        absent = f"{origin(url)}/{token}.html"
        if not await self._robots.allowed(absent):
            return Missing(None)
        await self._pause(url)
        reply = await self._unbroken(partial(self._fetcher.fetch, absent, allowed=self._may_hop), absent, by_chance)
        self._keep(reply)
        seen = harvest.read(reply).glimpse
        return Missing(reply.answer.status, reply.answer.url, seen.title, seen.text)

    async def _get_robots(self, url: str) -> Reply:
        reply = await self._unbroken(partial(self._fetcher.fetch, url, total=self._plan.home_seconds), url, by_chance)
        self._keep(reply)
        self._robots_files[url] = reply
        if (reply.answer.status or 0) >= 500:
            self._unread.setdefault(origin(url), _Unread()).asked = wait_asked(reply)
        await self._pause(url)
        return reply

    async def _known_robots(self, url: str) -> Reply:
        return self._robots_files[url] if url in self._robots_files else await self._get_robots(url)

    async def _unbroken(
        self, fetch: Callable[..., Awaitable[Reply]], url: str, chance: Callable[[Answer], bool], *, fresh: bool = False
    ) -> Reply:
        """What `fetch` brings; once more, on a connection of its own, where that came to nothing by `chance`.

        A page that broke off would be read when the pages it leads to have been asked as mere links, and a robots.txt
        or a probe that broke off decides for a whole site.
        """
        reply = await fetch(fresh=fresh)
        if fresh or not chance(reply.answer):
            return reply
        self._keep(reply)
        await self._pause(url)
        return await fetch(fresh=True)

    async def _pause(self, url: str) -> None:
        """Wait for a turn of one's own, outside the queue."""
        now = asyncio.get_running_loop().time()
        await asyncio.sleep(self._frontier.book(url, now) - now)
