"""The disclosure column (政府信息公开专栏) and what stands within two clicks of it, for every rule about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from crawler.outcome import Outcome, Verdict
from crawler.page import Page
from crawler.site import ColumnKind
from crawler.snapshot import Snapshot
from crawler.urls import same_site
from rules.foot import may_write
from rules.lexicon import table
from rules.once import once
from rules.page_links import page_links
from rules.section import plain, section_of

NEEDS = frozenset({"home", "columns", "pages", "links"})
"""What a rule must declare to look at it."""

_LONGER = 8  # characters that a link may have beside the name of a part


@dataclass(frozen=True, slots=True)
class Way:
    """A link: its text without blanks and punctuation, and where it leads."""

    text: str
    url: str


@dataclass(frozen=True, slots=True, weakref_slot=True)
class DisclosureColumn:
    entries: tuple[Page, ...]
    """The pages that are the column; none: it was not found, or not read."""
    ways: tuple[Way, ...]
    """The links on these pages, on the pages one click behind, and on the home page."""
    dead: Mapping[str, Outcome]
    """Addresses that do not open."""
    drawn: bool
    """Scripts or frames draw the column: what is missing from its source proves nothing."""
    writes: bool
    """A script of the column may add to what its source shows."""

    def to(self, part: str) -> Iterator[Way]:
        """The links that are named like that part of the column (`rules/words/disclosure.toml`)."""
        terms = table("disclosure")[part]["terms"]
        return (way for way in self.ways if any(_names(term, way.text) for term in terms))


@once
def disclosure_column(snapshot: Snapshot) -> DisclosureColumn:
    """The column as it was gathered. Raises NotGathered when the home page was not."""
    home = snapshot.home
    entries = _entries(snapshot)
    pages = (*entries, *_behind(snapshot, entries), home)
    return DisclosureColumn(
        tuple(entries),
        tuple(way for page in pages for way in _ways(page)),
        {} if snapshot.saved else _dead(snapshot),
        drawn=any(p.script_drawn or p.document.root.select_one("frameset,iframe[src]") for p in entries),
        writes=any(may_write(page.document) for page in entries),
    )


def _entries(snapshot: Snapshot) -> list[Page]:
    """Pages of the site that are its disclosure column, by what the visit found and by what the home page calls so."""
    section = section_of("disclosure")
    found = {
        column.page.url: column.page
        for column in snapshot.columns
        if column.page is not None and (column.kind == ColumnKind.DISCLOSURE or section.named(plain(column.name)))
    }
    for way in _ways(snapshot.home):
        page = snapshot.page(way.url) if section.named(way.text) else None
        if page is not None and page.url != snapshot.home.url:
            found.setdefault(page.url, page)
    return list(found.values())


def _behind(snapshot: Snapshot, entries: list[Page]) -> Iterator[Page]:
    """The pages one click behind the column, as far as they were read."""
    seen = {page.url for page in entries}
    for entry in entries:
        for way in _ways(entry):
            page = snapshot.page(way.url) if same_site(way.url, entry.url) else None
            if page is not None and page.url not in seen:
                seen.add(page.url)
                yield page


def _ways(page: Page) -> Iterator[Way]:
    for ref, url in page_links(page):
        text = plain(ref.text)
        if text and url is not None:
            yield Way(text, url)


def _dead(snapshot: Snapshot) -> dict[str, Outcome]:
    return {link.url: link.outcome for link in snapshot.links() if link.outcome.verdict is Verdict.BROKEN}


def _names(term: str, text: str) -> bool:
    return term in text and len(text) - len(term) <= _LONGER
