"""What rules see: everything gathered about one site at one moment, read-only.

`crawler/archive.py` makes the one real Snapshot from a visit folder; tests make them the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, Protocol

from crawler.earlier import Earlier
from crawler.file_clues import FileClues
from crawler.message import Message
from crawler.page import Answer, Link, LostPlace, Page, Role
from crawler.probe import Watched
from crawler.site import Column, Site


class NotGathered(Exception):  # noqa: N818 - the design's name: a state of knowledge, not an error
    """A rule touched what this visit did not or could not gather. The judge turns it into `unchecked`, with `why`."""

    def __init__(self, why: Message, *, only: tuple[str, str] | None = None, places: tuple[str, ...] = ()) -> None:
        """`only`: place and key of the one problem that cannot be told; the rule could tell of every other. `places`:
        addresses of what is not known; empty: the subject itself."""
        super().__init__(str(why))
        self.why = why
        self.only = only
        self.places = places


class DateSource(StrEnum):
    """Where an item's date was read; the earlier ones win."""

    SHOWN = "shown"
    META = "meta"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a column's list."""

    url: str
    title: str
    shown: str = ""
    """The date as it stands beside the link; empty when none does."""
    date: date | None = None
    source: DateSource | None = None
    opened: bool = False
    """Its own page was read in this visit: without a date, it shows none there either."""


@dataclass(frozen=True, slots=True)
class ColumnView:
    """A column as it was found. `unobservable` says why its list could not be read; then `items` proves nothing."""

    column: Column
    as_of: datetime
    answer: Answer | None
    page: Page | None
    items: tuple[Item, ...] = ()
    unobservable: Message | None = None

    @property
    def name(self) -> str:
        return self.column.name

    @property
    def url(self) -> str:
        return self.column.url

    @property
    def kind(self) -> str:
        return self.column.kind.value

    def observed(self) -> tuple[Item, ...]:
        """The items; raises NotGathered where the list could not be read."""
        if self.unobservable is not None:
            raise NotGathered(self.unobservable)
        return self.items

    @property
    def newest(self) -> date | None:
        """The latest item date not after `as_of`: a future date refreshes nothing, a pinned old item ages nothing."""
        today = self.as_of.date()
        return max((i.date for i in self.items if i.date is not None and i.date <= today), default=None)


TrapReason = Literal["trap", "endless", "hosts", "variant"]
"""trap: its pages brought nothing new. endless: the address itself says that there is no end, as a loop of folders
does. hosts: ever more hosts of one domain. variant: other spellings of known addresses (sessions, order of parameters).
"""


@dataclass(frozen=True, slots=True)
class Trap:
    """Addresses made alike that go on for ever or bring nothing new; the visit left most of them."""

    template: str
    """With digits as `#`, tokens as `*`, and `…` for anything; of hosts `*.` and their domain."""
    pages: int
    """Opened before the rest was left; 0 where that was not decided by what pages hold."""
    skipped: int
    """Addresses not asked at all."""
    reason: TrapReason = "trap"


@dataclass(frozen=True, slots=True)
class Repeat:
    """The page that stands for others with the same bytes: they count once, and their links are its links."""

    url: str
    addresses: int
    """Others that brought the same."""


@dataclass(frozen=True, slots=True)
class HostLinks:
    """The link targets on one host, by what became of them."""

    host: str
    outcomes: Mapping[str, int]
    """`crawler.outcome.Verdict` → number of targets; the verdicts that none had are left out."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was asked and what was not. Zero pages is not a pass."""

    pages: int = 0
    links: int = 0
    """Distinct link targets that have an outcome other than skipped."""
    blocked_hosts: tuple[str, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)
    """Reason → number of addresses that were known and not asked."""
    complete: bool = True
    """False: a limit, an interruption or an unreachable home page cut the visit short. A trap does not: what was left
    there is like what was seen."""
    traps: tuple[Trap, ...] = ()
    repeats: tuple[Repeat, ...] = ()
    reused: int = 0
    """Of `pages`, those with the very bytes that an earlier visit read."""
    outcomes: Mapping[str, int] = field(default_factory=dict)
    """Every link target, by what became of it, as in HostLinks. Empty where links were not asked."""
    hosts: tuple[HostLinks, ...] = ()
    """The same by host: those with most trouble first, then those with most links; at most a hundred."""


class Snapshot(Protocol):
    """Pages and links stream from disk; hold one page at a time."""

    @property
    def site(self) -> Site: ...

    @property
    def as_of(self) -> datetime:
        """监测时间点, with its time zone: all windows count back from it."""

    @property
    def saved(self) -> bool:
        """Made from saved files: nothing was asked, so nothing is known about links."""

    @property
    def home_answer(self) -> Answer | None: ...

    @property
    def home(self) -> Page:
        """Raises NotGathered when the home page did not come back as a page."""

    @property
    def ipv6(self) -> bool:
        """Whether the DNS has an IPv6 address for the home page's host; raises NotGathered where nobody could tell."""

    @property
    def watched(self) -> Watched:
        """The probes of the home page, which others than this visit made; empty where nobody watches it."""

    @property
    def earlier(self) -> Earlier:
        """What earlier visits saw of the items of columns; empty where nobody kept it."""

    @property
    def columns(self) -> tuple[ColumnView, ...]:
        """Every column, in the order of settings or navigation."""

    def pages(self, role: Role | None = None) -> Iterator[Page]: ...

    def links(self) -> Iterator[Link]:
        """One Link a target address and kind; raises NotGathered when links were not asked."""

    def lost_places(self) -> Iterator[LostPlace]:
        """Links to places that their pages lack, each place once; raises NotGathered when links were not asked.

        Of pages that were read, and not drawn by a script.
        """

    def answer(self, url: str) -> Answer | None:
        """What an address answered, if it was asked in this visit."""

    def page(self, url: str) -> Page | None:
        """The page at an asked or final address, if it was fetched; of several with the same bytes, the first."""

    def unread(self, url: str) -> Message:
        """Why there is no page at an address."""

    def file(self, url: str) -> FileClues | None:
        """What was read of a file at an asked or final address; None when it was not one of the site's own that its
        pages link to."""

    @property
    def coverage(self) -> Coverage: ...
