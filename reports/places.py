"""The findings of a site page by page: what an editor sees to in one sitting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reports.listing import Address, Listing, address
from reports.text import line
from rules.engine.assessment import Finding

_FEW = 50
_MESSAGE = 90
"""Characters of a finding's message that the list repeats."""


@dataclass(frozen=True, slots=True)
class Mention:
    id: str
    number: int
    message: str


@dataclass(frozen=True, slots=True)
class Place:
    page: Address
    count: str
    open: bool
    """Shown unfolded: there is little of it, and few others."""
    mentions: tuple[Mention, ...]


def place(finding: Finding) -> str:
    """The page on which it is mended: the one it stands on, else the failing one itself."""
    return finding.on or finding.at


def places(listing: Listing) -> Iterator[Place]:
    """The pages with most findings first, else in the order of the findings."""
    found: dict[str, list[Mention]] = {}
    text = listing.language.text
    for group in listing.groups:
        for number, finding in group.numbered():
            mention = Mention(f"{listing.id}-{number}", number, line(text(finding.message), _MESSAGE))
            found.setdefault(place(finding), []).append(mention)
    few = len(found) <= _FEW
    for url, mentions in sorted(found.items(), key=lambda one: -len(one[1])):
        count = listing.language.number(len(mentions))
        yield Place(address(url), count, few and len(mentions) <= _FEW, tuple(mentions))
