"""A recheck (复查): which open findings are looked for again, and where a visit must go to say what became of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

from crawler.archive import ArchiveError
from crawler.archived import open_snapshot
from crawler.harvest import Lead
from crawler.itinerary import Itinerary
from crawler.page import LinkKind, Role
from crawler.site import Column, ColumnKind, Site
from crawler.target import Stage
from crawler.urls import kind_of
from crawler.whereabouts import Whereabouts
from reports.rechecks import Line
from rules.engine.assessment import Assessment, ColumnState, Mended
from rules.engine.gone import Known
from rules.engine.rule import Rule
from rules.engine.trial import place
from xuncha.ledger import Entry, State, described, standing
from xuncha.store import Store

MOST_PAGES = 5
"""Of the pages that a dead link stood on, so many are looked at: a menu stands on every page."""
_ALONE = frozenset({"home", "pages", "https", "dns", "probes"})
"""What a rule about a site may need, and still be tried on the home page and the page that it named."""
_STAGES = {Role.ARTICLE: Stage.ARTICLE, Role.COLUMN: Stage.COLUMN}

_ORDER = (Mended.NOT_FIXED, Mended.PARTLY, Mended.UNTESTED, Mended.GONE, Mended.FIXED)

Folder = Callable[[str, Site], Path]
"""Of the visit of a site in a run."""


@dataclass(frozen=True, slots=True)
class Errand:
    """One site of a recheck."""

    site: Site
    known: tuple[Known, ...]
    itinerary: Itinerary


def due(entries: Iterable[Entry], now: datetime) -> list[Entry]:
    """The findings to be looked for again: the open ones, without those whose appeal was upheld and those that stand
    in saved files."""
    return [
        entry
        for entry in entries
        if (stands := standing(entry, now)).open
        and stands.state is not State.UPHELD
        and entry.site.startswith(("http://", "https://"))
    ]


def errand(
    site: Site, entries: Sequence[Entry], store: Store, folder: Folder, rules: Mapping[str, Rule], now: datetime
) -> Errand:
    """Where the site must be visited to look for `entries` again.

    A finding is looked for at its place; one about the site as a whole (a missing section) where a quick visit would
    see it mended: the home page, the columns, and what is new on them.
    """
    lost = [_known(entry, None, None, now) for entry in entries if entry.rule not in rules]
    entries = [entry for entry in entries if entry.rule in rules]
    good = store.visits.newest_good(site.url)
    states = good[1].columns if good is not None else ()
    every = {column.url: column for column in (*map(_column, states), *site.columns)}
    wide = any(_is_wide(entry, rules[entry.rule]) for entry in entries)
    # What is dead elsewhere must be known to be dead when the site as a whole is judged.
    others = due(store.ledger.entries(url=site.url), now) if wide else []
    beside = [e for e in others if e not in entries and e.rule in rules and rules[e.rule].each == "link"]
    seen = _whereabouts([*entries, *beside], site, store.runs.rechecks(), folder)
    known = tuple(_known(entry, rules[entry.rule], seen.get(entry.fingerprint), now) for entry in entries)
    columns = {place(url): column for url, column in every.items()}
    told = [columns[place(e.at)] for e in entries if _in_column(e, rules[e.rule], seen) and place(e.at) in columns]
    leads: list[Lead] = [
        *(lead for e, k in zip(entries, known, strict=True) for lead in _pages(e, k, rules[e.rule], seen)),
        *(lead for e in (*entries, *beside) for lead in _links(e, rules[e.rule], seen)),
    ]
    if wide:
        leads = [*(Lead(c.url, Stage.COLUMN, name=c.name) for c in told), *leads]
    return Errand(
        site,
        (*known, *lost),
        Itinerary(
            leads=tuple(dict.fromkeys(sorted(leads, key=lambda lead: lead.stage))),
            columns=tuple(dict.fromkeys(replace(column, given=True) for column in told)),
            onward=any(rules[e.rule].each == "column" and "articles" in rules[e.rule].needs for e in entries),
            wide=wide,
            new_links=any(rules[e.rule].each == "site" and "links" in rules[e.rule].needs for e in entries),
        ),
    )


def lines(assessment: Assessment, entries: Iterable[Entry]) -> Iterator[Line]:
    """What a recheck says of each finding, and how it stands thereafter. `entries`: the ledger of the site."""
    known = {entry.fingerprint: entry for entry in entries}
    at = assessment.finished
    for one in sorted(assessment.rechecked, key=lambda one: _ORDER.index(one.mended)):
        entry = known[one.fingerprint]
        before, after = standing(entry, at - timedelta.resolution), standing(entry, at)
        yield Line(
            site=assessment.site,
            fingerprint=one.fingerprint,
            rule=entry.rule,
            message=one.before,
            at=entry.at,
            on=entry.on,
            first=after.first,
            due=before.due,
            seen=at,
            rechecked=one,
            state=described(after),
        )


def exit_code(told: Sequence[Line], pending: int) -> int:
    """As of an audit: 1 something is not mended, 3 something could not be tested, 0 all is well."""
    found = {line.rechecked.mended for line in told}
    if found & {Mended.NOT_FIXED, Mended.PARTLY}:
        return 1
    return 3 if pending or Mended.UNTESTED in found else 0


def _is_wide(entry: Entry, rule: Rule) -> bool:
    return rule.each == "site" and entry.on is None and bool(rule.needs - _ALONE - {"links"})


def _is_link(entry: Entry, rule: Rule) -> bool:
    """The place is where a link of a page leads: an address, or a file of the page."""
    return rule.each == "link" or (rule.each in ("site", "page") and entry.on is not None)


def _in_column(entry: Entry, rule: Rule, seen: Mapping[str, Whereabouts]) -> bool:
    was = seen.get(entry.fingerprint)
    return rule.each == "column" or (rule.each == "page" and was is not None and was.role is Role.COLUMN)


def _known(entry: Entry, rule: Rule | None, was: Whereabouts | None, now: datetime) -> Known:
    certain = next(look.certain for look in reversed(entry.looks) if look.found)
    confirmed = standing(entry, now).state is not State.REVIEW
    known = Known(entry.fingerprint, entry.rule, entry.at, entry.on, certain, confirmed, entry.message, stood=())
    if rule is None or not _is_link(entry, rule):
        return known
    pages = was.pages if was is not None else ()
    stood = tuple(dict.fromkeys([*([entry.on] if entry.on is not None else []), *pages]))
    # Where nobody knows any more how many pages led there, there may be another.
    beyond = max(was.count - len(stood), 0) if was is not None and (was.count or was.via) else 1
    return replace(known, stood=stood, beyond=beyond)


def _pages(entry: Entry, known: Known, rule: Rule, seen: Mapping[str, Whereabouts]) -> Iterator[Lead]:
    """The pages to be read for a finding."""
    was = seen.get(entry.fingerprint)
    url = entry.at.partition("#")[0]
    for page in known.stood or ():
        yield Lead(page, Stage.PAGE)
    if rule.each == "column":
        yield Lead(url, Stage.COLUMN, name=was.name if was is not None else "")
    elif not _is_link(entry, rule) or (rule.each == "site" and was is not None and was.role is not None):
        role = was.role if was is not None else None
        if role is not Role.HOME:
            yield Lead(url, _STAGES.get(role, Stage.PAGE) if role else Stage.PAGE, name=was.name if was else "")


def _links(entry: Entry, rule: Rule, seen: Mapping[str, Whereabouts]) -> Iterator[Lead]:
    """The links to be asked for a finding, with what they were found through."""
    if not _is_link(entry, rule):
        return
    was = seen.get(entry.fingerprint)
    for url, kind in was.via if was is not None else ():
        yield Lead(url, Stage.LEAF if kind is LinkKind.ASSET else Stage.PAGE, kind)
    url = entry.at.partition("#")[0]
    yield Lead(url, Stage.LEAF, was.kind if was is not None else kind_of(url, "a"))


def _whereabouts(
    entries: Sequence[Entry], site: Site, rechecks: frozenset[str], folder: Folder
) -> dict[str, Whereabouts]:
    """By fingerprint, from the newest whole visit that found it, as far as its folder is still there."""
    found: dict[str, Whereabouts] = {}

    def run(entry: Entry) -> str:
        return next((look.run for look in reversed(entry.looks) if look.found and look.run not in rechecks), "")

    for name, own in groupby(sorted(entries, key=run), key=run):
        by_url: dict[str, list[Entry]] = {}
        for entry in own:
            by_url.setdefault(entry.at.partition("#")[0], []).append(entry)
        try:
            with closing(open_snapshot(folder(name, site))) as snapshot:
                seen = snapshot.whereabouts(by_url, MOST_PAGES)
        except ArchiveError:
            continue  # pruned, or of another version: then less is known, and less is said
        found |= {entry.fingerprint: seen[url] for url in by_url.keys() & seen.keys() for entry in by_url[url]}
    return found


def _column(state: ColumnState) -> Column:
    return Column(
        state.name,
        state.url,
        ColumnKind(state.kind),
        top=state.top,
        archived=state.archived,
        days=state.days,
        evidence=state.evidence,
    )
