"""One visit of one site: from the home page to the outcome of every link, into a visit folder.

Quick scope: the home page, the columns, their newest articles, and every link on them asked once.
Full scope: every page of the site's own hosts too. Both end at `max_pages`, `max_seconds` or `max_bytes`, and say so.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from crawler import harvest, outcome
from crawler.archive import Archive, LinkRow
from crawler.archived import ArchivedSnapshot, open_snapshot
from crawler.fetch import Fetcher, Reply, refusal, retry_after
from crawler.frontier import Frontier, Stage, Target
from crawler.harvest import Harvest, Lead, Reading, Scene
from crawler.message import Message, say
from crawler.outcome import Missing, Sign, SignKind
from crawler.page import Answer, FailureKind, LinkKind
from crawler.plan import Plan, Progress
from crawler.robots import Robots
from crawler.site import Column, Site
from crawler.urls import authority, looks_endless, origin

_PEEK = 64 * 1024  # of a leaf's body: enough to tell a document from an error page
_CLIENT_REDIRECTS = 5
_LONGEST_WAIT = 60.0  # of a Retry-After that a visit obeys; a longer one leaves the answer as it is


async def visit(
    site: Site,
    plan: Plan,
    folder: Path,
    *,
    report: Callable[[Progress], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> ArchivedSnapshot:
    """Visit `site` into `folder`, or go on with the visit that lies there. Never raises for what the site does.

    `stop` is asked between requests; when it says true the visit parks: what is answered is kept, and calling again
    goes on with the rest. Raises crawler.archive.ArchiveError when the folder cannot be written.
    """
    archive = Archive(folder, plan.software)
    try:
        async with Fetcher(agent=plan.agent, guard=plan.guard) as fetcher:
            await _Visit(site, plan, archive, fetcher, report, stop).run()
    finally:
        archive.close()
    return open_snapshot(folder)


class _Visit:
    def __init__(
        self,
        site: Site,
        plan: Plan,
        archive: Archive,
        fetcher: Fetcher,
        report: Callable[[Progress], None],
        stop: Callable[[], bool],
    ) -> None:
        self._site = site
        self._plan = plan
        self._archive = archive
        self._fetcher = fetcher
        self._report = report
        self._stop = stop
        self._gap = 1 / plan.rate if plan.rate else 0.0
        self._frontier = Frontier(gap=self._gap, concurrency=plan.concurrency)
        self._robots = Robots(get=self._get_robots, ignore=plan.ignore_robots)
        self._known: dict[str, Target] = {}
        self._skipped: set[int] = set()
        self._pages: set[str] = set()
        """Final addresses stored as pages."""
        self._columns: set[str] = set()
        """Names with the folder, and with the bytes, of the columns found so far."""
        self._page_targets = 0
        self._hosts = {authority(site.url)} | {authority(c.url) for c in site.columns}
        self._given = {c.url: c for c in site.columns}
        self._missing: dict[str, asyncio.Task[Missing]] = {}
        self._sent: dict[str, int] = {}
        """Address → how many pages in a row sent their reader on to it."""
        self._home_sign: Sign | None = None
        self._home_urls: set[str] = set()
        self._asked = 0
        self._suspects = 0
        self._bytes = 0
        self._began = time.monotonic()

    async def run(self) -> None:
        archive, plan = self._archive, self._plan
        archive.begin(self._site, plan.as_of, datetime.now(UTC), plan.scope, plan.needs)
        self._resume()
        if not self._known:
            self._queue(Lead(self._site.url, Stage.HOME), depth=0)
        cut = await self._loop()
        if self._stop():
            return
        why = cut or self._homeless()
        archive.finish(datetime.now(UTC), complete=why is None, why=why)

    def _homeless(self) -> Message | None:
        """Why there is no home page, if there is none."""
        if self._pages:
            return None
        if self._home_sign is not None and self._home_sign.kind is not SignKind.GOOD:
            return say("首页没有打开：{why}", why=self._home_sign.reason)
        return say("首页返回的不是网页")

    def _resume(self) -> None:
        """Take up a parked visit: what was answered stays answered, what was queued is queued again."""
        signs = self._archive.last_signs()
        self._pages = self._archive.page_urls()
        self._columns = self._archive.column_keys()
        for target, skip in self._archive.targets():
            self._known[target.url] = target
            self._page_targets += target.stage < Stage.LEAF
            if target.stage is Stage.HOME:
                self._hosts.add(authority(target.url))
            if skip in (None, "interrupted"):
                if target.asked == 1 and signs[target.id] is SignKind.SUSPECT:
                    target.again = True
                if target.asked == 0 or target.again:
                    self._frontier.add(target)
            else:
                self._skipped.add(target.id)
        self._home_urls = self._archive.page_urls("home")
        self._hosts.update(authority(url) for url in self._home_urls)

    # Many at once, each host at its own pace.

    async def _loop(self) -> Message | None:
        """Ask until nothing is left; the reason when a limit cut it short."""
        answers: asyncio.Queue[tuple[Target, Stage, Reply]] = asyncio.Queue()
        running: set[asyncio.Task[None]] = set()
        clock = asyncio.get_running_loop().time
        committed = clock()

        async def ask(target: Target, turn: Stage) -> None:
            answers.put_nowait((target, turn, await self._ask(target)))

        cut: Message | None = None
        try:
            while not self._stop():
                cut = cut or self._over_limit()
                while cut is None and len(running) < self._plan.in_flight:
                    target = self._frontier.take(clock())
                    if target is None:
                        break
                    running.add(asyncio.create_task(ask(target, target.turn)))
                if not running and answers.empty() and (cut is not None or self._frontier.next_at() is None):
                    break
                at = self._frontier.next_at() if cut is None and len(running) < self._plan.in_flight else None
                wait = 0.5 if at is None else min(max(at - clock(), 0.0), 0.5)
                for task in await self._first(answers, running, wait):
                    running.discard(task)
                    task.result()  # a fault of ours must be heard
                if clock() - committed > 0.5:
                    self._archive.commit()
                    committed = clock()
        finally:
            pending = [*running, *self._missing.values()]
            for task_ in pending:
                task_.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
        return cut

    async def _first(
        self, answers: asyncio.Queue[tuple[Target, Stage, Reply]], running: set[asyncio.Task[None]], wait: float
    ) -> list[asyncio.Task[None]]:
        """Take in every answer that is here, waiting at most `wait` seconds for the first; the tasks that ended."""
        try:
            async with asyncio.timeout(wait):
                first = await answers.get()
        except TimeoutError:
            pass
        else:
            self._take_in(*first)
            while not answers.empty():
                self._take_in(*answers.get_nowait())
        return [task for task in running if task.done()]

    def _over_limit(self) -> Message | None:
        plan = self._plan
        for code, over, why in (
            ("max-seconds", time.monotonic() - self._began > plan.max_seconds, say("达到时间上限，提前结束")),
            ("max-bytes", self._bytes > plan.max_bytes, say("达到流量上限，提前结束")),
        ):
            if over:
                for target in self._frontier.drain():
                    if target.asked == 0:
                        self._archive.skip_target(target.id, code)
                return why
        return None

    async def _ask(self, target: Target) -> Reply:
        """One ask of one address, in the way that suits it."""
        fetch = self._fetcher.fetch
        total = self._plan.home_seconds if target.stage is Stage.HOME else None
        if not target.internal:
            return await self._ask_leaf(target)
        if not await self._may_ask(target):
            return refusal(target.url, FailureKind.ROBOTS)
        delay = self._robots.delay(origin(target.url))
        if delay:
            self._frontier.slow(target.url, delay)
        if target.kind is not LinkKind.PAGE:
            reply = await self._ask_leaf(target)
        else:
            reply = await fetch(target.url, total=total, fresh=target.again, allowed=self._robots.allowed)
        if reply.answer.ok:
            await self._missing_of(target.url)
        return reply

    async def _may_ask(self, target: Target) -> bool:
        """robots.txt; where it cannot be read the home page is asked all the same, to know whether the site is up."""
        if await self._robots.allowed(target.url):
            return True
        return target.stage is Stage.HOME and self._robots.state(origin(target.url)) == "unreachable"

    async def _ask_leaf(self, target: Target) -> Reply:
        """HEAD, or the beginning of a document; then GET whenever the first is not a clear 2xx."""
        fetch = self._fetcher.fetch
        if target.again:
            return await fetch(target.url, fresh=True, limit=_PEEK)
        if target.kind is LinkKind.ATTACHMENT:
            reply = await fetch(target.url, headers={"Range": f"bytes=0-{_PEEK - 1}"}, limit=_PEEK)
        else:
            reply = await fetch(target.url, method="HEAD")
        failure = reply.answer.failure
        if reply.answer.ok or (failure is not None and failure.kind is FailureKind.PRIVATE):
            return reply
        await asyncio.sleep(self._gap)
        return await fetch(target.url, limit=_PEEK)

    async def _missing_of(self, url: str) -> Missing:
        """How the host answers for an address that cannot exist; asked once a visit."""
        name = authority(url)
        if name not in self._missing:
            self._missing[name] = asyncio.create_task(self._probe(url))
        return await asyncio.shield(self._missing[name])

    async def _probe(self, url: str) -> Missing:
        # Not random: the same visit twice asks the same address.
        token = hashlib.sha256(f"xuncha {authority(url)}".encode()).hexdigest()[:20]
        reply = await self._fetcher.fetch(f"{origin(url)}/{token}.html")
        self._keep(reply)
        seen = harvest.read(reply).glimpse
        return Missing(reply.answer.status, reply.answer.url, seen.title, seen.text)

    async def _get_robots(self, url: str) -> Reply:
        reply = await self._fetcher.fetch(url, total=self._plan.home_seconds)
        self._keep(reply)
        return reply

    def _keep(self, reply: Reply) -> None:
        for exchange in reply.exchanges:
            self._archive.evidence.write(exchange)

    # What an answer leads to. Nothing below waits: it is one transaction.

    def _take_in(self, target: Target, turn: Stage, reply: Reply) -> None:
        target.asked += 1
        self._asked += 1
        self._bytes += reply.answer.size
        reading = harvest.read(reply)
        sign = self._sign(target, reply, reading)
        self._archive.add_answer(target, reply, sign)
        confirmed, target.again = target.again, False
        if target.stage is Stage.HOME:
            self._home_sign = sign
        if sign.kind is SignKind.GOOD and target.stage < Stage.LEAF and reading.document is not None:
            self._gather(target, reply, reading)
        elif not confirmed:
            self._ask_again(target, reply, sign)
        self._frontier.release(target, turn)
        seconds = time.monotonic() - self._began
        left = len(self._frontier)
        self._report(Progress(len(self._pages), self._asked, left, authority(target.url), seconds, self._suspects))

    def _sign(self, target: Target, reply: Reply, reading: Reading) -> Sign:
        probe = self._missing.get(authority(target.url))
        return outcome.read(
            reply.answer,
            headers=reply.headers,
            body=reply.body,
            glimpse=None if reply.answer.method == "HEAD" else reading.glimpse,
            document_expected=target.kind is LinkKind.ATTACHMENT,
            missing=probe.result() if probe is not None and probe.done() else None,
            home=target.stage is Stage.HOME or reply.answer.url in self._home_urls,
        )

    def _ask_again(self, target: Target, reply: Reply, sign: Sign) -> None:
        now = asyncio.get_running_loop().time()
        wait = retry_after(reply.headers) if reply.answer.status in (429, 503) else None
        if wait is not None:
            self._frontier.cool(target.url, now + min(wait, _LONGEST_WAIT))
        if sign.kind is SignKind.SUSPECT or reply.answer.status == 429:
            self._suspects += 1
            target.again = True
            target.due = now + max(self._plan.confirm_after, min(wait or 0.0, _LONGEST_WAIT))
            self._frontier.add(target)

    def _gather(self, target: Target, reply: Reply, reading: Reading) -> None:
        answer, plan = reply.answer, self._plan
        if target.stage is Stage.HOME:
            self._hosts.add(authority(answer.url))
        scene = Scene(
            stage=target.stage,
            name=target.name,
            depth=target.depth,
            url=target.url,
            given=self._given.get(target.url),
            columns_given=bool(self._given),
            internal=self._internal,
            scope=plan.scope,
            as_of=plan.as_of,
            undated_articles=plan.undated_articles,
            dated_articles=plan.dated_articles,
            links_wanted="links" in plan.needs,
        )
        found = harvest.harvest(answer, reading, scene)
        sent = self._sent.get(target.url, 0) + 1
        if found.onward is not None and sent <= _CLIENT_REDIRECTS:
            if target.stage is Stage.HOME:
                self._hosts.add(authority(found.onward.url))
            self._sent[found.onward.url] = sent
            self._queue(found.onward, depth=target.depth)
            return
        if found.facts is None or answer.url in self._pages:
            return
        self._pages.add(answer.url)
        if target.stage is Stage.HOME:
            self._home_urls |= {answer.url, target.url}
        self._archive.add_page(target.id, found.facts)
        if found.column is not None and self._is_new(found.column, answer):
            self._archive.add_column(found.column, target.id)
        self._follow(target, found)

    def _is_new(self, column: Column, answer: Answer) -> bool:
        """Not a column we have by another address: `/x/` and `/x/index.html`, page 2 of its list, the same bytes."""
        if column.given:
            return True
        keys = {f"{column.name} {answer.url.rpartition('/')[0]}", f"{column.name} {answer.digest}"}
        known = bool(keys & self._columns)
        self._columns |= keys
        return not known

    def _follow(self, target: Target, found: Harvest) -> None:
        if target.stage is Stage.HOME:
            for given in self._given.values():
                self._queue(Lead(given.url, Stage.COLUMN, name=given.name), depth=1)
        for lead in found.leads:
            self._queue(lead, depth=target.depth + 1)
        rows = []
        for link in found.links:
            to = self._queue(link.lead, depth=target.depth + 1)
            rows.append(LinkRow(to.id, link.lead.kind, link.text, link.raw, link.line))
        self._archive.add_links(target.id, rows)

    def _internal(self, url: str) -> bool:
        return authority(url) in self._hosts

    def _queue(self, lead: Lead, *, depth: int) -> Target:
        """The target of an address: marked as known now, asked in its turn, once."""
        stage = lead.stage
        full = stage < Stage.LEAF and self._page_targets >= self._plan.max_pages
        if full and self._plan.scope == "quick":
            stage, full = Stage.LEAF, False  # still asked, as a link
        target = self._known.get(lead.url)
        if target is not None:
            if stage < target.stage and not (full or target.taken or target.asked or target.id in self._skipped):
                target.name = target.name or lead.name
                self._page_targets += target.stage >= Stage.LEAF
                self._frontier.promote(target, stage)
                self._archive.move_target(target)
            return target
        target = Target(len(self._known) + 1, lead.url, stage, lead.kind, self._internal(lead.url), depth, lead.name)
        self._known[lead.url] = target
        self._archive.add_target(target)
        why = "trap" if looks_endless(lead.url) else "max-pages" if full else None
        if why:
            self._archive.skip_target(target.id, why)
            self._skipped.add(target.id)
        else:
            self._page_targets += stage < Stage.LEAF
            self._frontier.add(target)
        return target
