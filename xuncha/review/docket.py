"""The findings of one run, in their order, each with how it stands in the ledger now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from urllib.parse import urlencode

from crawler.message import Message
from crawler.site import Site
from crawler.urls import host
from rules.engine.assessment import Finding
from xuncha.casework import history
from xuncha.ledger import Entry, Event, Standing, State, standing
from xuncha.parameters import CHINA, spoken
from xuncha.store import Store
from xuncha.store.ledger import Mark

UNDECIDED = frozenset({State.NEW, State.REVIEW})
OPEN, ALL = "undecided", "all"
"""Of `Selection.state`, beside the states themselves."""


@dataclass(frozen=True, slots=True)
class Item:
    key: str
    """`0-0123456789abcdef`: the site's place in the run and the fingerprint."""
    site: Site
    finding: Finding
    host: str
    """Of the failing address."""
    entry: Entry | None
    """None: the ledger does not know it, as what only a replay found."""
    stands: Standing | None
    text: str
    """What words are looked for in, in small letters."""

    @property
    def version(self) -> str:
        """Another one when anything has happened to it."""
        return "" if self.entry is None else f"{len(self.entry.looks)}.{len(self.entry.events)}"

    @property
    def undecided(self) -> bool:
        return self.stands is not None and self.stands.state in UNDECIDED


@dataclass(frozen=True, slots=True)
class Selection:
    """What a person wants to see. Empty: all."""

    site: str = ""
    """Its place in the run."""
    rule: str = ""
    host: str = ""
    state: str = OPEN
    words: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Selection:
        return cls(**{f.name: query[f.name][:200] for f in fields(cls) if f.name in query})

    def query(self, **changes: str) -> str:
        """As the end of an address, with its `?`; empty for what is asked for at first."""
        wanted, first = replace(self, **changes), Selection()
        told = {
            f.name: getattr(wanted, f.name) for f in fields(self) if getattr(wanted, f.name) != getattr(first, f.name)
        }
        return f"?{urlencode(told)}" if told else ""

    def holds(self, item: Item) -> bool:
        return (
            self.site in ("", item.key.partition("-")[0])
            and self.rule in ("", item.finding.rule)
            and self.host in ("", item.host)
            and self._stands(item)
            and all(word in item.text for word in self.words.lower().split())
        )

    def _stands(self, item: Item) -> bool:
        if self.state == OPEN:
            return item.undecided
        return self.state == ALL or (item.stands is not None and self.state == item.stands.state)


def _text(site: Site, finding: Finding) -> str:
    told = spoken().text(finding.message)
    words = (told, finding.at, finding.on or "", finding.excerpt, finding.column or "", site.name, finding.fingerprint)
    return "\n".join(words).lower()


class Docket:
    """Read in one thread with its store, and read again where something has been written since."""

    def __init__(self, store: Store, run: str) -> None:
        self._store, self._run = store, run
        self._mark = Mark()
        self._today = date.min
        self._items: dict[str, Item] = {}

    def items(self) -> Mapping[str, Item]:
        """By key, in the order of the sites and of the judge. Raises StoreError."""
        mark, today = self._store.ledger.mark(), datetime.now(CHINA).date()
        if (mark.visits, mark.exemptions) != (self._mark.visits, self._mark.exemptions):
            self._read()
        elif mark.events != self._mark.events:
            for url, fingerprint in self._store.ledger.noted_since(self._mark.events):
                self._read_again(url, fingerprint)
        elif today != self._today:  # deadlines pass, and what was upheld runs out
            self._items = {key: _standing(item) for key, item in self._items.items()}
        self._mark, self._today = mark, today
        return self._items

    def history(self, item: Item) -> Iterator[tuple[datetime, Message]]:
        """What happened to it, as `xuncha ledger show` tells it."""
        return iter(()) if item.entry is None else history(item.entry, self._store.rechecks.of(item.entry))

    def write(self, events: Sequence[tuple[Entry, Event]]) -> None:
        """All or nothing. Raises StoreError, also when one of the entries is not any more as it was read."""
        self._store.ledger.add(events)

    def _read(self) -> None:
        places = {site.url: place for place, site in enumerate(self._store.runs.sites(self._run))}
        self._items = {}
        for assessment in self._store.assessments.of(self._run):
            site = assessment.site
            entries = {entry.fingerprint: entry for entry in self._store.ledger.entries(url=site.url)}
            for finding in assessment.findings:
                key = f"{places[site.url]}-{finding.fingerprint}"
                entry = entries.get(finding.fingerprint)
                item = Item(key, site, finding, host(finding.at), entry, None, _text(site, finding))
                self._items[key] = _standing(item)

    def _read_again(self, url: str, fingerprint: str) -> None:
        for key, item in self._items.items():
            if item.finding.fingerprint == fingerprint and item.site.url == url:
                [entry] = self._store.ledger.entries(url=url, fingerprint=fingerprint)
                self._items[key] = _standing(replace(item, entry=entry))


def _standing(item: Item) -> Item:
    stands = None if item.entry is None else standing(item.entry, datetime.now(CHINA))
    return replace(item, stands=stands)


def beside(items: Sequence[Item], wanted: Iterable[Item], key: str) -> tuple[str | None, str | None]:
    """The keys before and after `key` among those wanted, which need not hold it."""
    place = {item.key: number for number, item in enumerate(items)}
    here = place[key]
    before = after = None
    for item in wanted:
        if place[item.key] < here:
            before = item.key
        elif place[item.key] > here:
            after = item.key
            break
    return before, after
