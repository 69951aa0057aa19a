"""Every address of a visit: known once, whoever links to it, and either queued or skipped for a reason."""

from __future__ import annotations

from collections.abc import Iterable

from crawler.archive import Anchor, Archive
from crawler.frontier import Frontier, Stage, Target
from crawler.harvest import FoundLink, Lead
from crawler.page import LinkKind
from crawler.plan import Plan
from crawler.templates import identity
from crawler.traps import Traps
from crawler.urls import authority, host, looks_endless, origin

_ANCHORS = 1 << 14  # remembered; about 100 bytes each


class Addresses:
    def __init__(self, plan: Plan, archive: Archive, frontier: Frontier, traps: Traps, hosts: set[str]) -> None:
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
        self._known: dict[str, Target] = {}
        self._anchors: dict[Anchor, tuple[Target, int]] = {}
        """Anchors met lately → where they lead, and their number in the archive."""
        self._first: dict[str, str] = {}
        """Identity → the address that came first of those spelled otherwise."""
        self._skipped: set[int] = set()
        self._pages = 0
        self._capped = False

    def __len__(self) -> int:
        return len(self._known)

    def get(self, url: str) -> Target | None:
        return self._known.get(url)

    def internal(self, url: str) -> bool:
        return authority(url) in self.hosts

    def restore(self, target: Target, skip: str | None, shares: int | None) -> bool:
        """Know a target of a parked visit; whether it may still have to be asked."""
        if skip is None and target.stage is Stage.LEAF and self._is_spare(target.url, target.stage):
            self._traps.spare(target.url)
        self._know(target)
        if not target.internal:
            self._traps.crowds(host(target.url))
        self._pages += target.stage < Stage.LEAF
        if target.stage is Stage.HOME:
            self.hosts.add(authority(target.url))
        if skip is not None:
            self._skipped.add(target.id)
        elif shares is not None:
            self.silent[origin(target.url)] = shares
        return skip is None and shares is None

    def queue(self, lead: Lead, *, depth: int, sent: bool = False) -> Target:
        """The target of an address: marked as known now, asked in its turn, once.

        `sent`: a page sends its reader there, so it is asked for what it holds however it is spelled.
        """
        stage = lead.stage
        target = self._known.get(lead.url)
        spare = Stage.HOME < stage < (target.stage if target else 9) and not sent and self._is_spare(lead.url, stage)
        if spare:
            stage = Stage.LEAF
        full = Stage.HOME < stage < Stage.LEAF and self._pages >= self._plan.max_pages
        if full and (target is None or stage < target.stage):
            self.cap("max-pages")
        if full and self._plan.scope == "quick":
            stage, full = Stage.LEAF, False  # still asked, as a link
        if target is not None:
            if target.kind is LinkKind.FORM is not lead.kind and not (target.taken or target.asked):
                target.kind = lead.kind  # a link to it says more
                self._archive.move_target(target)
            if stage < target.stage and not (full or target.taken or target.asked or target.id in self._skipped):
                target.name = target.name or lead.name
                self._pages += target.stage >= Stage.LEAF
                self._frontier.promote(target, stage)
                self._archive.move_target(target)
            return target
        target = Target(len(self._known) + 1, lead.url, stage, lead.kind, self.internal(lead.url), depth, lead.name)
        self._know(target)
        self._archive.add_target(target)
        why = "max-pages" if full else self._trapped(lead.url, spare=spare)
        witness = self.silent.get(origin(lead.url)) if self.silent else None
        if why:
            self._skip(target, why)
        elif witness is not None:
            self._archive.share(target.id, witness)
        else:
            self._pages += stage < Stage.LEAF
            self._frontier.add(target)
        return target

    def queue_links(self, links: Iterable[FoundLink], *, depth: int) -> dict[int, int]:
        """Queue what a page links to; the archive's number of the anchor of each link → its line."""
        lines: dict[int, int] = {}
        for anchor, stage, line in links:
            known = self._anchors.get(anchor)
            if known is None or stage < known[0].stage:
                target = self.queue(Lead(anchor.url, stage, anchor.kind), depth=depth)
            if known is None:
                if len(self._anchors) >= _ANCHORS:
                    self._anchors.clear()
                known = self._anchors[anchor] = target, self._archive.add_anchor(target.id, anchor)
            lines[known[1]] = line
        return lines

    def admit(self, target: Target) -> bool:
        """Whether a target whose turn has come is still to be asked: its template may have been cut while it waited."""
        may_go = target.stage not in (Stage.COLUMN, Stage.PAGE) or target.asked or target.plain
        if may_go or not self._traps.is_cut(target.url):
            return True
        self._pages -= 1
        if not self._traps.spare(target.url):
            self._skip(target, "trap")
            return False
        target.stage = Stage.LEAF
        self._archive.move_target(target)
        return True

    def _know(self, target: Target) -> None:
        self._known[target.url] = target
        self.files += target.internal and target.kind not in (LinkKind.PAGE, LinkKind.FORM)
        spelled = identity(target.url)
        if spelled != target.url and spelled not in self._known:
            self._first.setdefault(spelled, target.url)

    def _is_spare(self, url: str, stage: Stage) -> bool:
        """Nothing is missed when what is at this address is not opened: another spelling of it is, or its like were."""
        spelled = identity(url)
        first = self._first.get(spelled) or (spelled if spelled != url and spelled in self._known else url)
        return first != url or (stage is not Stage.ARTICLE and self._traps.is_cut(url))

    def _trapped(self, url: str, *, spare: bool) -> str | None:
        """Why a new address is one too many of its kind."""
        if looks_endless(url) or (not self.internal(url) and self._traps.crowds(host(url))):
            return "trap"
        if spare and not self._traps.spare(url):
            return "trap" if self._traps.is_cut(url) else "variant"
        return None

    def drop_queued(self, why: str) -> None:
        """A limit was reached: what was never asked is skipped for it, what waits for its second ask stays unsure."""
        for target in self._frontier.drain():
            if target.asked == 0:
                self._skip(target, why)

    def cap(self, why: str) -> None:
        """Some of the site is not looked at, because there is too much of it."""
        if not self._capped:
            self._capped = True
            self._archive.set_meta(cap=why)

    def _skip(self, target: Target, why: str) -> None:
        self._archive.skip_target(target.id, why)
        self._skipped.add(target.id)
