"""Every address of a visit: known once, whoever links to it, and either queued or skipped for a reason.

A site may have a million of them, so what is kept here is numbers; addresses and what is known of them lie in the
archive until their turn comes.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from hashlib import blake2b

from crawler.archive import Anchor, Archive
from crawler.frontier import Frontier
from crawler.harvest import FoundLink, Lead
from crawler.page import LinkKind
from crawler.plan import Plan
from crawler.snapshot import TrapReason
from crawler.target import Stage, Target
from crawler.templates import identity
from crawler.traps import Traps
from crawler.urls import authority, host, looks_endless, origin

_ANCHORS = 1 << 14  # remembered; about 100 bytes each
_UNNEEDED = "not-needed"


class Addresses:
    def __init__(
        self,
        plan: Plan,
        archive: Archive,
        frontier: Frontier,
        traps: Traps,
        hosts: set[str],
        given: Container[str] = frozenset(),
        wanted: Callable[[str], bool] | None = None,
    ) -> None:
        """`given`: addresses that the operator named; they are asked whatever becomes of their like. `wanted`: which
        links of pages are asked; None: all."""
        self.hosts = hosts
        """The site's own, as `host[:port]`."""
        self.silent: dict[str, int] = {}
        """Origin that gave no answer twice → the target that showed it."""
        self.files = 0
        """Known files of the site's own: attachments, images, parts of pages."""
        self._plan = plan
        self._archive = archive
        self._frontier = frontier
        self._traps = traps
        self._given = given
        self._wanted = wanted
        self._unneeded: set[int] = set()
        """Links that were not wanted; they may be needed for more yet."""
        self._known: dict[int, int] = {}
        """Fingerprint of an address → its target."""
        self._first: dict[int, int] = {}
        """Fingerprint of an identity → the target that came first of those spelled otherwise."""
        self._forms: set[int] = set()
        self._anchors: dict[Anchor, tuple[int, Stage]] = {}
        """Anchors met lately → their number in the archive, and the stage in which they were queued."""
        self._pages = 0
        self._capped = False

    def __len__(self) -> int:
        return len(self._known)

    def get(self, url: str) -> int | None:
        """The number of a known address."""
        return self._known.get(_fingerprint(url))

    def internal(self, url: str) -> bool:
        return authority(url) in self.hosts

    def restore(self, target: Target, skip: str | None, shares: int | None) -> bool:
        """Know a target of a parked visit; whether it may still have to be asked."""
        key = _fingerprint(target.url)
        spelled = identity(target.url)
        if skip is None and target.stage is Stage.LEAF and self._is_spare(target.url, key, spelled, target.stage):
            self._traps.spare(target.url)
        self._know(target, key, spelled)
        if skip == _UNNEEDED:
            self._unneeded.add(target.id)
        if not target.internal:
            self._traps.crowds(host(target.url))
        self._pages += skip is None and target.stage < Stage.LEAF
        if target.stage is Stage.HOME:
            self.hosts.add(authority(target.url))
        if skip is None and shares is not None:
            self.silent[origin(target.url)] = shares
        return skip is None and shares is None

    def queue(self, lead: Lead, *, depth: int, sent: bool = False, wanted: bool = True) -> int:
        """The number of an address: marked as known now, asked in its turn, once.

        `sent`: a page sends its reader there, so it is asked for what it holds however it is spelled. `wanted`: when
        false, a new address is only known.
        """
        url, stage, key = lead.url, lead.stage, _fingerprint(lead.url)
        known = self._known.get(key)
        waits = self._frontier.stage(known) if known is not None else None
        if known in self._forms and waits is not None and lead.kind is not LinkKind.FORM:
            self._forms.discard(known)
            self._archive.set_kind(known, lead.kind)  # a link to it says more
        if known in self._unneeded and wanted:
            return self._need(known, lead)
        if known is not None and (waits is None or waits <= stage):
            return known
        spelled = identity(url)
        spare = stage > Stage.HOME and not sent and self._is_spare(url, key, spelled, stage)
        if spare:
            stage = Stage.LEAF
        full = Stage.HOME < stage < Stage.LEAF and self._pages >= self._plan.max_pages
        if full:
            self.cap("max-pages")
            if self._plan.scope != "full":
                stage, full = Stage.LEAF, False  # still asked, as a link
        if known is not None and waits is not None:
            if stage < waits and not full:
                self._pages += waits is Stage.LEAF
                self._frontier.promote(known, url, stage)
                self._archive.move_target(known, stage, lead.name)
            return known
        target = Target(len(self._known) + 1, url, stage, lead.kind, self.internal(url), depth, lead.name)
        self._know(target, key, spelled)
        self._archive.add_target(target)
        why = "max-pages" if full else _UNNEEDED if not wanted else self._trapped(url, spare=spare)
        witness = self.silent.get(origin(url)) if self.silent else None
        if why:
            self._archive.skip_targets([target.id], why)
            if why == _UNNEEDED:
                self._unneeded.add(target.id)
        elif witness is not None:
            self._archive.share(target.id, witness)
        else:
            self._pages += stage < Stage.LEAF
            self._frontier.add(target)
        return target.id

    def queue_links(self, links: Iterable[FoundLink], *, depth: int) -> dict[int, int]:
        """Queue what a page links to; the archive's number of the anchor of each link → its line."""
        lines: dict[int, int] = {}
        for anchor, stage, line in links:
            known = self._anchors.get(anchor)
            if known is None or stage < known[1]:
                number = self._queue_link(Lead(anchor.url, stage, anchor.kind), depth)
                if len(self._anchors) >= _ANCHORS:
                    self._anchors.clear()
                known = known[0] if known is not None else self._archive.add_anchor(number, anchor), stage
                self._anchors[anchor] = known
            lines[known[0]] = line
        return lines

    def queue_known(self, anchors: Iterable[tuple[int, Anchor]], *, depth: int) -> None:
        """Queue what a page links to that an earlier visit knew, and keep the anchors under their numbers."""
        for number, anchor in anchors:
            follow = self._plan.scope == "full" and anchor.goes and self.internal(anchor.url)
            lead = Lead(anchor.url, Stage.PAGE if follow else Stage.LEAF, anchor.kind)
            self._archive.keep_anchor(number, self._queue_link(lead, depth), anchor)

    def _queue_link(self, lead: Lead, depth: int) -> int:
        return self.queue(lead, depth=depth, wanted=self._wanted is None or self._wanted(lead.url))

    def _need(self, number: int, lead: Lead) -> int:
        """What was only known is asked after all."""
        self._unneeded.discard(number)
        target = self._archive.target(number)
        target.stage = lead.stage
        self._archive.move_target(number, lead.stage, lead.name)
        self._archive.skip_targets([number], None)
        self._pages += lead.stage < Stage.LEAF
        self._frontier.add(target)
        return number

    def take(self, now: float) -> tuple[Target, Stage] | None:
        """The next target that may be asked now, and in what turn; None when all must wait."""
        while (turn := self._frontier.take(now)) is not None:
            target = self._archive.target(turn.number)
            target.again, target.plain = turn.stage is Stage.CONFIRM, turn.plain
            target.asked = int(target.again)
            if self._admits(target):
                return target, turn.stage
            self._frontier.discard(target, turn.stage, now)
        return None

    def _admits(self, target: Target) -> bool:
        """Whether a target whose turn has come is still to be asked: its template may have been cut while it waited."""
        may_go = target.stage not in (Stage.COLUMN, Stage.PAGE) or target.asked or target.plain
        if may_go or target.url in self._given or not self._traps.is_cut(target.url):
            return True
        self._pages -= 1
        if not self._traps.spare(target.url):
            self._archive.skip_targets([target.id], "trap")
            return False
        target.stage = Stage.LEAF
        self._archive.move_target(target.id, target.stage)
        return True

    def _know(self, target: Target, key: int, spelled: str) -> None:
        self._known[key] = target.id
        self.files += target.internal and target.kind not in (LinkKind.PAGE, LinkKind.FORM)
        if target.kind is LinkKind.FORM:
            self._forms.add(target.id)
        if spelled != target.url:
            first = _fingerprint(spelled)
            if first not in self._known:
                self._first.setdefault(first, target.id)

    def _is_spare(self, url: str, key: int, spelled: str, stage: Stage) -> bool:
        """Nothing is missed when what is at this address is not opened: another spelling of it is, or its like were."""
        if spelled != url:
            same = _fingerprint(spelled)
            first = self._first.get(same, self._known.get(same))
        else:
            first = self._first.get(key)
        if first is not None and first != self._known.get(key):
            return True
        return stage is not Stage.ARTICLE and self._traps.is_cut(url)

    def _trapped(self, url: str, *, spare: bool) -> TrapReason | None:
        """Why a new address is one too many of its kind."""
        if looks_endless(url):
            return "endless"
        if not self.internal(url) and self._traps.crowds(host(url)):
            return "hosts"
        if spare and not self._traps.spare(url):
            return "trap" if self._traps.is_cut(url) else "variant"
        return None

    def drop_queued(self, why: str) -> None:
        """A limit was reached: what was never asked is skipped for it, what waits for its second ask stays unsure."""
        self._archive.skip_targets(self._frontier.drain(), why)

    def cap(self, why: str) -> None:
        """Some of the site is not looked at, because there is too much of it."""
        if not self._capped:
            self._capped = True
            self._archive.set_meta(cap=why)


def _fingerprint(url: str) -> int:
    """60 bits, the most that take 32 bytes: of a million addresses two are taken for one once in two million visits.

    The same in every process, so that a parked visit that is gone on with mistakes none that it did not mistake before.
    """
    return int.from_bytes(blake2b(url.encode("utf-8", "surrogatepass"), digest_size=8).digest()) >> 4
