"""Which earlier findings are no more: only what was really looked at again can be gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from crawler.file_clues import FileClues
from crawler.message import Message
from crawler.outcome import Verdict
from crawler.page import Link
from crawler.snapshot import NotGathered, Snapshot
from rules.engine.rule import Rule
from rules.engine.trial import Tally, place

_GONE = (404, 410)
_UNTOLD = Message("")


@dataclass(frozen=True, slots=True)
class Known:
    """A finding of an earlier visit."""

    fingerprint: str
    rule: str
    at: str
    on: str | None = None
    certain: bool = True
    confirmed: bool = True
    """False: the program was not certain, and nobody has looked yet."""
    message: Message = _UNTOLD
    """As it was told last."""
    stood: tuple[str, ...] | None = None
    """Pages on the way of a recheck that led to it; None: the visit is no recheck."""
    beyond: int = 0
    """Pages that led to it too and are not on the way."""


def gone(
    snapshot: Snapshot, tried: Sequence[tuple[str, Tally]], known: Sequence[Known], rules: Mapping[str, Rule]
) -> tuple[str, ...]:
    """Fingerprints of those of `known` that this visit disproves, sorted. `tried`: rule ids and what came of them.

    Its place was reached, its rule was tried there and told nothing. A visit that was blocked, cut short or failed
    before it came there, a rule that could not tell and an edition without the rule leave it open; so do saved files,
    which show what once was.
    """
    if snapshot.saved or not known:
        return ()
    by_rule: dict[str, list[Tally]] = {}
    for rule, tally in tried:
        by_rule.setdefault(rule, []).append(tally)
    links = Links(snapshot)
    return tuple(
        sorted(
            one.fingerprint
            for one in known
            if _told_nothing(by_rule.get(one.rule, ()), one)
            and _disproved(snapshot, one, rules[one.rule], by_rule[one.rule], links)
        )
    )


def watched(snapshot: Snapshot, known: Iterable[Known]) -> frozenset[str]:
    """The places of `known`, by the addresses that were found there."""
    found = set()
    for one in known:
        page = snapshot.page(one.at.partition("#")[0])
        found.update({place(one.at), place(page.url)} if page is not None else {place(one.at)})
    return frozenset(found)


def _told_nothing(tallies: Sequence[Tally], known: Known) -> bool:
    """The rule came to an end at that place, in every clause that asks for it, and does not name the finding."""
    return bool(tallies) and not any(
        tally.endless
        or known.fingerprint in tally.problems
        or known.fingerprint in tally.untold
        or place(known.at) in tally.undecided
        for tally in tallies
    )


def _disproved(snapshot: Snapshot, known: Known, rule: Rule, tallies: Sequence[Tally], links: Links) -> bool:
    def tried(url: str) -> bool:
        """A clause that is for other columns or pages tells nothing of this one."""
        return any(place(url) in tally.tried for tally in tallies)

    try:
        if rule.each == "link":
            return links.disprove(known)
        if rule.each == "column":
            found = [column for column in snapshot.columns if place(column.url) == place(known.at)]
            readable = all(column.unobservable is None and tried(column.url) for column in found)
            return readable if found else is_removed(snapshot, known.at)
        file = snapshot.file(known.at)
        return _out_of(file, known, links) if file is not None else _off_the_page(snapshot, known, rule, tried, links)
    except NotGathered:
        return False


def _out_of(file: FileClues, known: Known, links: Links) -> bool:
    """Of a finding about a file. One that no page leads to any more is no page's, and still there to be had."""
    return file.unread is None and (known.stood is None or not file.sightings or bool(links.to(known.at)))


def _off_the_page(snapshot: Snapshot, known: Known, rule: Rule, tried: Callable[[str], bool], links: Links) -> bool:
    """Of a finding about a page, or about the site that was told at a page."""
    url, within, _ = known.at.partition("#")
    page = snapshot.page(url)
    if page is None and place(url) == place(snapshot.site.url):
        page = snapshot.home  # the address may only lead on to it
    if rule.each == "site" and known.on is not None and page is None and not within:
        return links.disprove(known)
    if page is not None:
        seen = rule.each == "site" or tried(page.url)
        return seen and not page.script_drawn and (known.on is None or _was_read(snapshot, known.on))
    return rule.each == "page" and is_removed(snapshot, known.at)


def is_removed(snapshot: Snapshot, url: str) -> bool:
    """There is nothing at the address any more."""
    answer = snapshot.answer(url)
    return answer is not None and answer.status in _GONE


def _was_read(snapshot: Snapshot, url: str) -> bool:
    """What stands on the page is known: the links of one that is gone are gone with it."""
    page = snapshot.page(url)
    return not page.script_drawn if page is not None else is_removed(snapshot, url)


class Links:
    """The links of the visit by place, read when first asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._by_place: dict[str, list[Link]] | None = None

    def to(self, url: str) -> list[Link]:
        if self._by_place is None:
            self._by_place = {}
            for link in self._snapshot.links():
                self._by_place.setdefault(place(link.url), []).append(link)
        return self._by_place.get(place(url), [])

    def taken_down(self, known: Known) -> bool:
        """No page that was looked at leads there, and those that did were."""
        pages = (known.on,) if known.stood is None else known.stood
        looked_at = all(url is not None and _was_read(self._snapshot, url) for url in pages)
        return not self.to(known.at) and bool(pages) and looked_at

    def disprove(self, known: Known) -> bool:
        """The link works now, or the page it stood on was read and no page leads there any more."""
        found = self.to(known.at)
        if found:
            return all(link.outcome.verdict is Verdict.OK for link in found)
        whole = self._snapshot.coverage.complete if known.stood is None else not known.beyond
        return whole and self.taken_down(known)
