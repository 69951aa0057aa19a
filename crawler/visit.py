"""One visit of one site: from the home page to the outcome of every link, into a visit folder.

Quick scope: the home page, the columns, their newest articles, and every link on them asked once.
Full scope: every page of the site's own hosts too. A recheck: the home page and the places of its itinerary.
All end at `max_pages`, `max_seconds` or `max_bytes`, and say so.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from crawler import harvest, outcome, quiet, recall
from crawler.addresses import Addresses
from crawler.archive import Anchor, Archive, Understood, unwritable
from crawler.archived import ArchivedSnapshot, open_snapshot
from crawler.asker import Asker, Later
from crawler.attachments import Attachments
from crawler.baseline import Baseline
from crawler.disguise import Disguise
from crawler.exchange import Reply, refusal, wait_asked
from crawler.fetch import Fetcher
from crawler.frontier import Frontier
from crawler.harvest import Harvest, Lead, Reading, Scene
from crawler.ipv6 import has_ipv6
from crawler.itinerary import Itinerary
from crawler.message import Message, say
from crawler.outcome import Sign, SignKind
from crawler.page import Answer, FailureKind, LinkKind
from crawler.plan import Plan, Progress
from crawler.recall import Recall, Recalled
from crawler.rendering import Rendering
from crawler.site import Column, Site
from crawler.target import Stage, Target
from crawler.traps import Traps
from crawler.urls import authority, host, normalize, origin, secure_twin

if TYPE_CHECKING:
    from crawler.render import Renderer
    from crawler.showing import Part

_CLIENT_REDIRECTS = 5
_LONGEST_GAP = 10.0  # between two requests to a host that says it is asked too much
_MOST_SHEETS = 500  # style sheets of one site that are read
_AT_A_TIME = 8  # controls
_REST = 0.5  # seconds between two looks at the clock in quiet hours
_FEW = 0.1  # of a site's pages may be closed to us, as logins are, before the visit is no whole one
_TRY_GET = frozenset({SignKind.SUSPECT, SignKind.BLOCKED, SignKind.UNCLEAR})

Answered = tuple[Target, Stage, Reply | Later]


async def visit(
    site: Site,
    plan: Plan,
    folder: Path,
    *,
    baseline: Path | None = None,
    itinerary: Itinerary | None = None,
    report: Callable[[Progress], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> ArchivedSnapshot:
    """Visit `site` into `folder`, or go on with the visit that lies there. Never raises for what the site does.

    `stop` is asked between requests; when it says true the visit parks: what is answered is kept, and calling again
    goes on with the rest. `now` tells when the site's quiet hours are; while they last nothing is asked. `baseline`:
    the folder of an earlier visit (crawler.baseline.last_good); what has not changed since is not fetched, and not
    parsed, again. `itinerary`: the places to look at, for a visit of scope `recheck`. Raises
    crawler.archive.ArchiveError when the folder cannot be written.
    """
    archive = Archive(folder, plan.software)
    whole = False
    try:
        try:
            with _earlier(archive, baseline) as earlier:
                async with Fetcher(agent=plan.agent, guard=plan.guard) as fetcher:
                    await _Visit(site, plan, archive, fetcher, earlier, itinerary, report, stop, now).run()
            whole = True
        finally:
            # What an answer led to is kept whole or not at all.
            archive.close(keep=whole)
            harvest.forget()
    except (OSError, sqlite3.Error) as error:
        raise unwritable(folder, error) from error
    return open_snapshot(folder)


@contextmanager
def _earlier(archive: Archive, folder: Path | None) -> Iterator[Baseline | None]:
    """An earlier visit; None where there is none, or it cannot be read."""
    try:
        baseline = Baseline(archive, folder) if folder is not None else None
    except (OSError, sqlite3.Error, ValueError):
        baseline = None
    try:
        yield baseline
    finally:
        if baseline is not None:
            baseline.close()


class _Visit:
    def __init__(
        self,
        site: Site,
        plan: Plan,
        archive: Archive,
        fetcher: Fetcher,
        baseline: Baseline | None,
        itinerary: Itinerary | None,
        report: Callable[[Progress], None],
        stop: Callable[[], bool],
        now: Callable[[], datetime],
    ) -> None:
        self._site = site
        self._plan = plan
        self._archive = archive
        self._itinerary = itinerary
        self._report = report
        self._stop = stop
        self._now = now
        gap = 1 / plan.rate if plan.rate else 0.0
        # Other sites' hosts may be slow to say that they are dead: they leave a quarter to the site's own.
        abroad = max(plan.in_flight * 3 // 4, 1)
        self._frontier = Frontier(gap=gap, concurrency=plan.concurrency, outside=abroad)
        self._home = normalize(site.url) or site.url
        self._pages: set[str] = set()
        """Final addresses stored as pages."""
        self._columns: set[str] = set()
        """Names with the folder, and with the bytes, of the columns found so far."""
        narrow = itinerary is not None and not itinerary.wide
        self._told = itinerary.columns if itinerary is not None and narrow else site.columns
        self._given = {normalize(c.url) or c.url: c for c in self._told}
        """The columns that are told, not discovered, by the address their page is asked under."""
        hosts = {authority(self._home)} | {authority(url) for url in self._given}
        self._traps = Traps()
        wanted = None
        if itinerary is not None:
            hosts |= {authority(lead.url) for lead in itinerary.leads if lead.stage < Stage.LEAF}
            wanted = _wanted(itinerary, baseline)
        self._addresses = Addresses(plan, archive, self._frontier, self._traps, hosts, self._given, wanted)
        self._asker = Asker(plan, fetcher, self._frontier, self._addresses.internal, self._keep, baseline)
        self._recall = Recall(baseline)
        self._attachments = Attachments(plan, self._home, self._asker.whole, baseline)
        self._digests: dict[str, int] = {}
        """Bytes of a page → its target, which stands for all that bring the same."""
        self._renderer = _renderer(plan, self._part)
        self._sent: dict[str, int] = {}
        """Address → how many pages in a row sent their reader on to it."""
        self._home_urls: set[str] = set()
        self._rests_until: datetime | None = None
        """As it was reported."""
        self._sheets = 0
        self._asked = 0
        self._suspects = 0
        self._bytes = archive.bytes_read()
        self._began = time.monotonic() - float(archive.meta("spent") or 0)

    async def run(self) -> None:
        archive, plan = self._archive, self._plan
        archive.begin(self._site, plan.as_of, datetime.now(UTC), plan.scope, plan.needs, plan.terms)
        self._resume()
        if not self._addresses:
            self._start()
        try:
            cut = await self._loop()
            if not (await self._control() and await self._disguise()):
                return
            await self._ask_dns()
        finally:
            if self._renderer is not None:
                await self._renderer.close()
            await self._asker.close()
            self._attachments.close()
        why = cut or self._incomplete()
        archive.finish(datetime.now(UTC), complete=why is None, why=why)

    def _start(self) -> None:
        self._addresses.queue(Lead(self._home, Stage.HOME), depth=0)
        for column in self._told:
            url = normalize(column.url) or column.url
            # Named by the operator, it is told of whether it opens or not.
            self._archive.add_column(
                column, self._addresses.queue(Lead(url, Stage.COLUMN, name=column.name), depth=1, sent=True)
            )
        for lead in self._itinerary.leads if self._itinerary is not None else ():
            self._addresses.queue(lead, depth=1, sent=True)
        self._archive.commit()

    def _incomplete(self) -> Message | None:
        """What the visit did not see though it ran to its end."""
        if not self._home_urls:
            return say("没有取得首页")
        if self._archive.pages_lost():
            return say("检查途中网站不再回应，部分页面没有检查")
        shut, pages = self._archive.pages_shut()
        if shut and self._asker.robots_failed(self._home):
            return say("多次读取网站的 robots.txt 都遇到服务器错误，按规定没有检查其中 {shut} 个页面", shut=shut)
        if shut > pages * _FEW:
            return say("网站拒绝访问 {pages} 个页面中的 {shut} 个", pages=pages, shut=shut)
        return _CAPS.get(self._archive.meta("cap") or "")

    def _resume(self) -> None:
        """Take up a parked visit: what was answered stays answered, what was queued is queued again."""
        archive = self._archive
        suspects = archive.suspects()
        self._pages = archive.page_urls()
        self._columns = archive.column_keys()
        for url, given in archive.given_columns().items():
            self._given[url] = self._given[normalize(given) or given]
        self._home_urls = archive.page_urls("home")
        self._addresses.hosts.update(authority(url) for url in self._home_urls)
        self._digests = archive.digests()
        self._attachments.spent(*archive.files_read())
        for url, words, stale in archive.looks():
            self._traps.recall(url, words, stale=stale)
        for name in archive.cuts():
            self._traps.cut(name)
        soon = asyncio.get_running_loop().time() + self._plan.confirm_after
        for target, skip, shares in archive.targets():
            if not self._addresses.restore(target, skip, shares):
                continue
            target.again = target.id in suspects
            if target.asked == 0 or target.again:
                self._frontier.add(target, soon if target.again else 0.0)

    # Many at once, each host at its own pace.

    async def _loop(self) -> Message | None:
        """Ask until nothing is left; the reason when a limit cut it short."""
        answers: asyncio.Queue[Answered] = asyncio.Queue()
        running: set[asyncio.Task[None]] = set()
        clock = asyncio.get_running_loop().time
        frontier, most = self._frontier, self._plan.in_flight

        async def ask(target: Target, turn: Stage) -> None:
            reply = await self._drawn(target, await self._asker.ask(target))
            answers.put_nowait((target, turn, await self._opened(target, reply)))

        cut: str | None = None
        try:
            while not self._stop():
                until = self._quiet_until()
                if until is not None and len(frontier) and not running and answers.empty():
                    await self._rest(until)
                    continue
                cut = cut or self._over_limit()
                if cut:
                    self._addresses.drop_queued(cut)
                while until is None and len(running) < most and (taken := self._addresses.take(clock())) is not None:
                    running.add(asyncio.create_task(ask(*taken)))
                at = frontier.next_at() if until is None and len(running) < most else None
                if at is None and not running and answers.empty():
                    break
                wait = 0.5 if at is None else min(max(at - clock(), 0.0), 0.5)
                await self._take_all(answers, wait)
                for task in [task for task in running if task.done()]:
                    running.discard(task)
                    task.result()  # a fault of ours must be heard
            await self._take_rest(answers)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        return _CAPS[cut] if cut else None

    async def _take_all(self, answers: asyncio.Queue[Answered], wait: float) -> None:
        """Take in every answer that is here, waiting at most `wait` seconds for the first, and keep it for good."""
        try:
            async with asyncio.timeout(wait):
                first = await answers.get()
        except TimeoutError:
            return
        self._take_in(*first)
        await self._take_rest(answers)

    async def _take_rest(self, answers: asyncio.Queue[Answered]) -> None:
        while not answers.empty():
            await asyncio.sleep(0)  # requests in flight go on: the time that we need must not be theirs
            self._take_in(*answers.get_nowait())
        self._archive.set_meta(spent=f"{time.monotonic() - self._began:.3f}")  # a resumed visit has the rest
        self._archive.commit()

    def _over_limit(self) -> str | None:
        if time.monotonic() - self._began > self._plan.max_seconds:
            return "max-seconds"
        return "max-bytes" if self._bytes > self._plan.max_bytes else None

    def _quiet_until(self) -> datetime | None:
        return quiet.until(self._site.quiet, self._now()) if self._site.quiet else None

    async def _rest(self, until: datetime) -> None:
        """Spend a moment of the quiet hours. It is not counted as the visit's time."""
        before = time.monotonic()
        if until != self._rests_until:
            self._rests_until = until
            self._report(self._progress(self._home, until))
        await asyncio.sleep(_REST)
        self._began += time.monotonic() - before

    async def _control(self) -> bool:
        """Origins that answered once and then timed out: do they answer at all any more? Else it may be about us.

        False: the visit was told to stop.
        """
        wanted = self._archive.controls_wanted()
        for start in range(0, len(wanted), _AT_A_TIME):
            if not await self._may_go_on():
                return False
            some = wanted[start : start + _AT_A_TIME]
            for url, good in zip(some, await asyncio.gather(*map(self._asker.control, some)), strict=True):
                self._archive.add_control(origin(url), good=good)
        return not self._stop()

    async def _disguise(self) -> bool:
        """Some pages once more in other guises. False: the visit was told to stop."""
        if not self._plan.disguises:
            return True
        disguise = Disguise(self._archive, self._asker, self._sign)
        for page in disguise.wanted():
            if not await self._may_go_on():
                return False
            if self._over_limit():
                break
            self._bytes += await disguise.ask(page)
            self._report(self._progress(page[0].url))
        return True

    async def _may_go_on(self) -> bool:
        """Wait for the end of quiet hours. False: the visit was told to stop."""
        while not self._stop() and (until := self._quiet_until()) is not None:
            await self._rest(until)
        return not self._stop()

    async def _ask_dns(self) -> None:
        """Whether the home page's host has an IPv6 address; not noted where that cannot be told."""
        home = next(iter(sorted(self._home_urls)), "") if "dns" in self._plan.needs else ""
        known = await has_ipv6(host(home), self._plan.guard) if home else None
        if known is not None:
            self._archive.set_meta(ipv6="1" if known else "0")

    async def _drawn(self, target: Target, reply: Reply | Later) -> Reply | Later:
        """With the page as a browser shows it, where it is a home page or a column that scripts draw."""
        renderer = self._renderer
        if isinstance(reply, Later) or not reply.answer.ok or target.stage > Stage.COLUMN:
            return reply
        if renderer is None or renderer.browser.off or self._over_limit():
            return reply
        reading, scene = harvest.read(reply), self._scene(target)
        good = self._sign(target, reply, reading).kind is SignKind.GOOD
        if not good or reading.document is None or not harvest.undrawn(reply.answer, reading, scene):
            return reply
        rendering = await renderer.draw(reply, reading)
        self._bytes += rendering.size
        if rendering.why is not None and self._quiet_until() is not None:
            return Later(_REST)  # what its scripts want may be asked for afterwards
        return replace(reply, rendering=rendering)

    async def _opened(self, target: Target, reply: Reply | Later) -> Reply | Later:
        """With what stands in the file that it is."""
        if isinstance(reply, Later) or not reply.answer.ok or not self._attachments.concerns(target, reply):
            return reply
        reading = self._recall.reading(reply)
        if reading is None and self._sign(target, reply, harvest.read(reply)).kind is not SignKind.GOOD:
            return reply
        if self._quiet_until() is not None:
            return Later(_REST)  # the rest of it may be asked for afterwards
        return replace(reply, opened=await self._attachments.open(reply))

    async def _part(self, url: str, headers: Mapping[str, str]) -> Reply:
        """What the script of a page asks for. Nothing is asked in quiet hours."""
        if self._quiet_until() is not None:
            return refusal(url, FailureKind.TIMEOUT, "quiet hours")
        return await self._asker.part(url, headers)

    def _keep(self, reply: Reply) -> None:
        for exchange in reply.exchanges:
            self._archive.evidence.write(exchange)

    # What an answer leads to. Nothing below waits: it is one transaction.

    def _take_in(self, target: Target, turn: Stage, reply: Reply | Later) -> None:
        now = asyncio.get_running_loop().time()
        if isinstance(reply, Later):
            self._frontier.cool(target.url, now + reply.seconds)
            self._frontier.add(target)
            self._frontier.release(target, turn, answered=False)
            return
        self._asked += 1
        self._bytes += sum(len(hop.body) for hop in reply.exchanges)
        if reply.opened is not None and reply.opened.whole is not None:
            self._bytes += sum(len(hop.body) for hop in reply.opened.whole.exchanges)
        for hop in reply.exchanges[1:]:
            self._frontier.book(hop.url, now)
        recalled = self._recall.reading(reply)
        whole = _with_body(reply) if recalled is None else reply
        reading = recalled or harvest.read(whole)
        sign = self._sign(target, whole, reading) if recalled is None else outcome.GOOD
        for hop in reply.exchanges:
            good = sign.kind is SignKind.GOOD or hop is not reply.exchanges[-1]
            self._frontier.hear(hop.url, hop.elapsed, good=good)
        silent = outcome.of_origin(reply.answer, sign)
        if sign.kind in _TRY_GET and not silent and self._asker.is_first_look(target):
            self._keep(reply)
            target.plain = True
            self._frontier.add(target)
        else:
            self._settle(target, reply, reading, sign, silent=silent)
        self._frontier.release(target, turn, answered=not silent)
        self._report(self._progress(target.url))

    def _progress(self, url: str, quiet_until: datetime | None = None) -> Progress:
        seconds, left = time.monotonic() - self._began, len(self._frontier)
        return Progress(
            len(self._pages), self._asked, left, authority(url), seconds, self._suspects, quiet_until=quiet_until
        )

    def _settle(self, target: Target, reply: Reply, reading: Reading, sign: Sign, *, silent: bool) -> None:
        target.asked += 1
        reply = replace(reply, answer=self._archive.add_answer(target, reply, sign))
        confirmed, target.again, target.plain = target.again, False, False
        self._hear(target, silent=silent, confirmed=confirmed)
        understood = None
        if sign.kind is SignKind.GOOD and target.stage < Stage.LEAF and reading.glimpse.html:
            understood = self._gather(target, reply, reading)
        elif sign.kind is SignKind.GOOD and target.kind is LinkKind.ASSET and self._asker.reads(target):
            self._read_sheet(target, reply)
        elif not confirmed:
            self._ask_again(target, reply, sign)
        if sign.kind is SignKind.GOOD and reply.opened is not None:
            self._archive.add_file(target.id, reply.opened, self._plan.terms)
        if sign.kind is SignKind.GOOD:
            self._archive.add_base(target, recall.base(reply, reading, understood))

    def _sign(self, target: Target, reply: Reply, reading: Reading) -> Sign:
        return outcome.read(
            reply.answer,
            headers=reply.headers,
            body=reply.body,
            glimpse=None if reply.answer.method == "HEAD" else reading.glimpse,
            document_expected=target.kind is LinkKind.ATTACHMENT,
            missing=self._asker.missing(target.url),
            home=target.stage is Stage.HOME or reply.answer.url in self._home_urls,
        )

    def _hear(self, target: Target, *, silent: bool, confirmed: bool) -> None:
        """One address stands for all of an origin that does not answer: they wait for its second ask, and share it."""
        witness = self._frontier.witness(target.url)
        if not silent:
            self._addresses.silent.pop(origin(target.url), None)
            if witness is not None:
                self._frontier.resume(target.url)
        elif witness == target.id:
            self._addresses.silent[origin(target.url)] = target.id
            for other in self._frontier.drop(target.url):
                self._archive.share(other, target.id)
        elif witness is None and not confirmed and origin(target.url) not in self._addresses.silent:
            self._frontier.suspend(target)

    def _ask_again(self, target: Target, reply: Reply, sign: Sign) -> None:
        now = asyncio.get_running_loop().time()
        wait = wait_asked(reply)
        if wait is not None:
            self._frontier.cool(target.url, now + wait)
        if reply.answer.status == 429:
            self._frontier.slow(target.url, min(max(2 * self._frontier.gap(target.url), 0.5), _LONGEST_GAP))
        witness = self._addresses.silent.get(origin(target.url))
        if witness is not None and outcome.of_origin(reply.answer, sign):
            self._archive.share(target.id, witness)
        elif outcome.is_suspect(sign.kind, sign.code):
            self._suspects += 1
            target.again = True
            self._frontier.add(target, now + max(self._plan.confirm_after, wait or 0.0))

    def _gather(self, target: Target, reply: Reply, reading: Reading) -> Understood | None:
        """Take in what the page is and leads to, read now or known before; None where that is nothing of its own."""
        answer, hosts = reply.answer, self._addresses.hosts
        if target.stage is Stage.HOME:
            hosts.add(authority(answer.url))
        # Named by the operator, a page speaks for itself.
        own = target.stage is Stage.HOME or target.url in self._given
        twin = None if own else self._digests.get(answer.digest)
        if twin is not None and target.stage is not Stage.COLUMN:
            self._look(target, reply, reading, twin=twin)
            return None
        scene, files = self._scene(target), self._addresses.files
        # What scripts draw may be new though the page is not.
        may_know = twin is None and reply.rendering is None and answer.url not in self._pages
        known = self._recall.page(reply, scene, hosts) if may_know else None
        if known is not None:
            understood: Understood | None = known.understood
            self._follow(target, answer, known, known.column if self._is_new(known.column, answer) else None)
            self._addresses.queue_known(known.anchors, depth=target.depth + 1)
            self._archive.copy_page(target.id, known.row)
        else:
            reply, reading = harvest.shown(reply, _whole(reply, reading), scene)
            if reading.document is not None and reading.document.rendered:
                twin = None  # one shell may show many pages
            found = harvest.harvest(answer, reading, scene)
            alone = found.onward is None
            if found.onward is not None:
                if self._goes_on(target, found.onward):
                    return None
                found = harvest.harvest(answer, reading, replace(scene, may_leave=False))
            if found.facts is None or answer.url in self._pages:
                return None
            column = found.column if self._is_new(found.column, answer) else None
            if twin is not None and column is None:
                self._look(target, reply, reading, twin=twin)
                return None
            self._follow(target, answer, found, column)
            links = self._addresses.queue_links(found.links, depth=target.depth + 1)
            self._archive.add_page(target.id, found.facts, links)
            drawn = reply.rendering is not None or (found.undrawn and target.stage <= Stage.COLUMN)
            understood = recall.understood(reply, scene, found, hosts) if alone and not drawn else None
            if drawn:
                self._archive.add_rendering(
                    answer, reply.rendering or Rendering(datetime.now(UTC), code=self._no_browser())
                )
        if not own:
            self._look(target, reply, reading, files=self._addresses.files > files)
        return understood

    def _ask_securely(self, home: str) -> None:
        """Does the home page come by HTTPS too?"""
        secure = secure_twin(home) if "https" in self._plan.needs else None
        if secure is not None:
            self._addresses.queue(Lead(secure, Stage.LEAF), depth=1)

    def _look(
        self, target: Target, reply: Reply, reading: Reading, *, twin: int | None = None, files: bool = False
    ) -> None:
        """Compare a page with those before it. What scripts will draw on it nobody knows: it is not judged."""
        before = self._recall.look(reply) if reading.document is None else None
        if before is not None:
            words, stale = before
            look = self._traps.recall(target.url, words, stale=twin is not None or (stale and not files))
        else:
            document = _whole(reply, reading).document
            look = None
            if document is not None and not document.script_drawn:
                look = self._traps.look(target.url, document.text(), again=twin is not None, files=files)
        self._archive.add_look(target.id, look, twin)
        if look is not None and look.cut is not None:
            self._archive.add_trap(look.cut, self._traps.cut(look.cut))

    def _no_browser(self) -> str:
        return self._renderer.browser.off if self._renderer is not None else ""

    def _scene(self, target: Target) -> Scene:
        plan = self._plan
        return Scene(
            stage=target.stage,
            name=target.name,
            depth=target.depth,
            url=target.url,
            given=self._given.get(target.url),
            columns_given=bool(self._given),
            internal=self._addresses.internal,
            scope=plan.scope,
            as_of=plan.as_of,
            undated_articles=plan.undated_articles,
            dated_articles=plan.dated_articles,
            links_wanted=not plan.needs.isdisjoint({"links", "attachments"}),
            rendered=plan.render == "auto",
            terms=plan.terms,
        )

    def _read_sheet(self, target: Target, reply: Reply) -> None:
        """Whatever a style sheet names is asked too; sheets that import others for ever come to an end."""
        self._sheets += 1
        if self._sheets > _MOST_SHEETS:
            self._addresses.cap("max-links")
            return
        anchors = []
        for anchor in harvest.sheet(reply.answer, _with_body(reply)):
            to = self._addresses.queue(Lead(anchor.url, Stage.LEAF, anchor.kind), depth=target.depth + 1)
            anchors.append((to, anchor))
        self._archive.add_passages(target.id, anchors)

    def _goes_on(self, target: Target, onward: Lead) -> bool:
        """Follow a page that only sends its reader on; false where it leads in a circle, or nowhere new for ever."""
        sent = self._sent.get(target.url, 0) + 1
        known = self._addresses.get(onward.url)
        if sent > _CLIENT_REDIRECTS:
            return False
        if target.stage is Stage.HOME and known is not None and self._archive.was_asked(known):
            return False
        if target.stage is Stage.HOME:
            self._addresses.hosts.add(authority(onward.url))
        self._sent[onward.url] = sent
        if target.url in self._given:
            self._given.setdefault(onward.url, self._given[target.url])
        to = self._addresses.queue(onward, depth=target.depth, sent=True)
        self._archive.move_column(target.id, to)
        self._archive.add_passages(target.id, [(to, Anchor(onward.url, LinkKind.PAGE, "", onward.url, goes=True))])
        return True

    def _is_new(self, column: Column | None, answer: Answer) -> bool:
        """Not a column we have by another address: `/x/` and `/x/index.html`, page 2 of its list, the same bytes."""
        if column is None or column.given:
            return False  # since the beginning
        keys = {f"{column.name} {answer.url.rpartition('/')[0]}", f"{column.name} {answer.digest}"}
        known = bool(keys & self._columns)
        self._columns |= keys
        return not known

    def _follow(self, target: Target, answer: Answer, found: Harvest | Recalled, column: Column | None) -> None:
        """Know the page, and the column that it alone is, and queue what it leads to beside its links."""
        self._pages.add(answer.url)
        if answer.digest:
            self._digests.setdefault(answer.digest, target.id)
        if target.stage is Stage.HOME:
            self._home_urls |= {answer.url, target.url}
            self._ask_securely(answer.url)
        if column is not None:
            self._archive.add_column(column, target.id)
        way = self._itinerary
        for lead in found.leads if way is None or way.wide or way.onward else ():
            self._addresses.queue(lead, depth=target.depth + 1)
        if found.cut:
            self._addresses.cap("max-links")


def _wanted(itinerary: Itinerary, baseline: Baseline | None) -> Callable[[str], bool]:
    """Which links on the pages of a recheck are asked, beside those on its way."""
    if not itinerary.new_links:
        return lambda _: False
    return (lambda url: not baseline.knows(url)) if baseline is not None else lambda _: True


def _with_body(reply: Reply) -> Reply:
    """With the body that a 304 did not bring."""
    return replace(reply, body=reply.same.body()) if reply.same is not None and not reply.body else reply


def _whole(reply: Reply, reading: Reading) -> Reading:
    """With the document that was not needed until now."""
    if reading.document is None and reading.glimpse.html:
        return harvest.read(_with_body(reply))
    return reading


def _renderer(plan: Plan, part: Part) -> Renderer | None:
    if plan.render == "never":
        return None
    from crawler.render import Renderer

    return Renderer(plan, part)


_CAPS = {
    "max-seconds": say("达到时间上限，提前结束"),
    "max-bytes": say("达到流量上限，提前结束"),
    "max-pages": say("达到页数上限，部分页面没有打开"),
    "max-links": say("有的页面链接过多，超出部分没有检查"),
}
