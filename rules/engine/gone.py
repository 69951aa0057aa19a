"""Which earlier findings are no more: only what was really looked at again can be gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crawler.outcome import Verdict
from crawler.page import Link
from crawler.snapshot import NotGathered, Snapshot
from rules.engine.rule import Rule
from rules.engine.trial import Tally, place

_GONE = (404, 410)


@dataclass(frozen=True, slots=True)
class Known:
    """A finding of an earlier visit."""

    fingerprint: str
    rule: str
    at: str
    on: str | None = None


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
    links = _Links(snapshot)
    return tuple(
        sorted(
            one.fingerprint
            for one in known
            if _told_nothing(by_rule.get(one.rule, ()), one) and _disproved(snapshot, one, rules[one.rule], links)
        )
    )


def _told_nothing(tallies: Sequence[Tally], known: Known) -> bool:
    """The rule came to an end at that place, in every clause that asks for it, and does not name the finding."""
    return bool(tallies) and not any(
        tally.endless
        or known.fingerprint in tally.problems
        or known.fingerprint in tally.untold
        or place(known.at) in tally.undecided
        for tally in tallies
    )


def _disproved(snapshot: Snapshot, known: Known, rule: Rule, links: _Links) -> bool:
    try:
        if rule.each == "link":
            return links.disprove(known)
        if rule.each == "column":
            found = [column for column in snapshot.columns if place(column.url) == place(known.at)]
            return all(column.unobservable is None for column in found) if found else _removed(snapshot, known.at)
        page = snapshot.page(known.at)
        if page is not None:
            return not page.script_drawn
        return rule.each == "page" and _removed(snapshot, known.at)
    except NotGathered:
        return False


def _removed(snapshot: Snapshot, url: str) -> bool:
    answer = snapshot.answer(url)
    return answer is not None and answer.status in _GONE


class _Links:
    """The links of the visit by place, read when first asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._by_place: dict[str, list[Link]] | None = None

    def disprove(self, known: Known) -> bool:
        """The link works now, or the page it stood on was read and no page leads there any more."""
        if self._by_place is None:
            self._by_place = {}
            for link in self._snapshot.links():
                self._by_place.setdefault(place(link.url), []).append(link)
        found = self._by_place.get(place(known.at), [])
        if found:
            return all(link.outcome.verdict is Verdict.OK for link in found)
        if known.on is None or not self._snapshot.coverage.complete:
            return False
        page = self._snapshot.page(known.on)
        return page is not None and not page.script_drawn
