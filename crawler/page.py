"""What came back for an address, and what stands in it."""

from __future__ import annotations

import threading
import weakref
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from crawler import html
from crawler.clues import Clues, occurring, words
from crawler.file_clues import File
from crawler.numbers import NumberKind, kinds

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

    from crawler.guise import Appearance
    from crawler.hidden import How
    from crawler.outcome import Outcome


class FailureKind(StrEnum):
    """Why there is no answer. The site's fault or the network's, never an exception."""

    DNS = "dns"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    TLS = "tls"
    RESET = "reset"
    PROTOCOL = "protocol"
    REDIRECTS = "redirects"
    TOO_LARGE = "too-large"
    ROBOTS = "robots"
    PRIVATE = "private"


# How the detail of a TIMEOUT begins when not even a connection came about: then it is the host's, not the address's.
NO_CONNECTION = "no connection"


@dataclass(frozen=True, slots=True)
class Failure:
    kind: FailureKind
    detail: str = ""
    """The library's or the system's own words, in one line, for the evidence."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the proof lies: a record in a WARC file."""

    warc: str
    """File name, relative to the visit folder."""
    offset: int
    """Of the gzip member, in bytes."""
    sha256: str
    """Of the stored payload (the body as it was transferred), hex."""
    rendered_by: str = ""
    """The browser that drew the page, where the record is what it drew (WARC 1.1, 6.9, conversion)."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One redirect on the way: HTTP (`status` 3xx), or a client redirect by META refresh or script (`status` 200)."""

    url: str
    status: int
    to: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one address: a status or a Failure; neither for a saved file."""

    asked: str
    """The address as asked, percent-encoded, without fragment."""
    url: str
    """The final address, after `hops`."""
    at: datetime
    """When it was asked (UTC)."""
    elapsed: float
    """Seconds until the whole answer was here, redirects included."""
    status: int | None = None
    failure: Failure | None = None
    hops: tuple[Hop, ...] = ()
    method: str = "GET"
    media_type: str = ""
    """Of Content-Type, lower case, without parameters."""
    size: int = 0
    """Bytes of the body as transferred."""
    digest: str = ""
    """SHA-256 of the decoded body, hex; empty when there was none."""
    server: str = ""
    """Address of the machine that answered."""
    weak: str = ""
    """What is wrong with the secure connection it came over, as `tls-expired` (crawler.weakness): somebody answered,
    nobody knows who. Empty: it was checked, or there was none."""
    expires: datetime | None = None
    """Until when the certificate is valid (UTC); None when it was not checked."""
    evidence: Evidence | None = None
    rendered: Evidence | None = None
    """The page as a browser drew it, where its own bytes are a shell: what rules see of it then."""
    times: int = 1
    """How many times the address was asked in this visit; this is the last answer."""

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Dating:
    """Every date that an article gives for its own publication, and what its text is; empty where it gives none."""

    shown: date | None = None
    """Beside its title, or labelled 发布时间."""
    shown_raw: str = ""
    time: str = ""
    """`HH:MM` or `HH:MM:SS`, where one stands with `shown`."""
    labelled: bool = False
    """A label (发布时间：) says of `shown` that it is the date of publication."""
    meta: date | None = None
    """META PubDate."""
    meta_raw: str = ""
    updated: date | None = None
    """更新时间, looked for only where there is neither `shown` nor `meta`."""
    updated_raw: str = ""
    unread: str = ""
    """A date in the place of the publication's that the program cannot read, or that no calendar has."""
    text: str = ""
    """Digest of the sentences of its text, equal where they are equal; empty where they are few."""
    sketch: tuple[int, ...] = ()
    """By which texts that are nearly the same are known (crawler.dates.alike); empty where sentences are few."""


class Role(StrEnum):
    HOME = "home"
    COLUMN = "column"
    ARTICLE = "article"
    OTHER = "other"


class LinkKind(StrEnum):
    PAGE = "page"
    ATTACHMENT = "attachment"
    IMAGE = "image"
    ASSET = "asset"
    FORM = "form"
    """Where a form sends what is filled in. Asked without anything filled in, it proves nothing when it fails."""


@dataclass(frozen=True, slots=True)
class Landing:
    """Where a link to another site leads in the end, and what stands there."""

    url: str
    """After redirects."""
    title: str = ""
    text: str = ""
    """The first of its visible text; empty, as `title`, where nothing but the headers was asked for."""


def nowhere() -> Landing | None:
    return None


@dataclass(frozen=True, slots=True)
class Link:
    """One target address of a site, with the best place it stands: the home page before columns before the rest.

    A target that a hundred pages link to is one Link with `places` = 100: it is asked once and reported once.
    """

    url: str
    """Absolute, percent-encoded as asked, without fragment."""
    kind: LinkKind
    on: str
    """Address of the page it stands on."""
    on_role: Role
    on_title: str
    text: str
    """The link's text, else alt or title; collapsed white space."""
    raw: str
    """The attribute as it stands in the page."""
    line: int
    """Line in the page's source, from 1; 0: not known."""
    places: int
    internal: bool
    """On the site's own hosts."""
    outcome: Outcome
    via: str = ""
    """What it stands in, where that is not the page itself: a style sheet that `on` uses, or a page that `on` links to
    and that only sends its reader on."""
    look: Callable[[], Landing | None] = field(default=nowhere, repr=False, compare=False)
    """What stands where a link to another site leads; None where that was not looked at. Reads the evidence anew."""

    @property
    def in_sheet(self) -> bool:
        return self.via != "" and self.kind in (LinkKind.IMAGE, LinkKind.ASSET)


@dataclass(frozen=True, slots=True)
class LostPlace:
    """A link to a place in a page of the site that was read, and has no such place."""

    url: str
    """Of the page, with the fragment."""
    on: str
    """Address of the first page with such a link."""
    text: str
    raw: str
    line: int


def _none(_: frozenset[str]) -> Mapping[str, How]:
    return {}


@dataclass(frozen=True)
class Page:
    """An Answer with a body and a role. Facts of the visit are at hand; the body is read and parsed on first touch."""

    answer: Answer
    role: Role
    title: str
    metas: Mapping[str, tuple[str, ...]]
    """Lower-case name → every content given for it, in order. A name with an empty content is there, and empty."""
    as_of: datetime
    column: str = ""
    """Name of the column it belongs to, as META ColumnName or the link that led here says."""
    script_drawn: bool = False
    """The page is an empty shell that a script fills: what is missing from it is not observable."""
    saved: bool = False
    """A saved file of unknown moment: it cannot tell whether anything is still so."""
    dating: Dating | None = None
    """What the visit noted of an article's dates; None: not an article, or not known to be one."""
    read: Callable[[], str] = field(default=lambda: "", repr=False, compare=False)
    """Reads the decoded HTML back from the evidence, anew at each call."""
    find_files: Callable[[], tuple[File, ...]] = field(default=tuple, repr=False, compare=False)
    """Reads from the visit what it noted of the files."""
    clues: Clues | None = field(default=None, repr=False, compare=False)
    """What the visit noted of its text; None where nobody looked."""
    sought: frozenset[str] = field(default=frozenset(), repr=False, compare=False)
    """The terms that the visit looked for."""
    find_concealed: Callable[[frozenset[str]], Mapping[str, How]] = field(default=_none, repr=False, compare=False)
    """Which of some classes and ids its linked style sheets hide."""
    appearances: tuple[Appearance, ...] = field(default=(), repr=False, compare=False)
    """How it looked to whom, where it was asked in other guises too; first what the visit itself was answered."""

    @property
    def url(self) -> str:
        return self.answer.url

    def meta(self, name: str) -> str:
        """The first non-empty content of META `name`, in any letter case; empty when there is none."""
        return next((c for c in self.metas.get(name.lower(), ()) if c), "")

    @cached_property
    def source(self) -> str:
        """The decoded HTML, kept."""
        return self.read()

    @cached_property
    def document(self) -> html.Document:
        """Parsed at the first look. Of pages that somebody holds on to, the last few stay open: one takes up to half a
        megabyte."""
        _OPEN.add(self)
        return html.parse(self.source, rendered=self.answer.rendered is not None)

    @cached_property
    def text(self) -> str:
        """Visible text: no script, style, template; one line a block."""
        return self.document.text()

    @cached_property
    def words(self) -> str:
        """Title, META keywords and description, and the visible text."""
        return words(self.document)

    @cached_property
    def files(self) -> tuple[File, ...]:
        """Files of the site's own that stand here before any other page, and what was read of them; empty where files
        were not gathered."""
        return self.find_files()

    def terms(self, wanted: frozenset[str]) -> frozenset[str]:
        """Which of these stand in `words`. The page is opened only where the visit did not look for them all."""
        if self.clues is not None and _covers(self.sought, wanted):
            return self.clues.terms & wanted
        return occurring(wanted, self.words)

    @property
    def numbers(self) -> frozenset[NumberKind]:
        """Kinds of number (crawler/numbers.py) in `words`; told without opening the page after a visit."""
        return self.clues.numbers if self.clues is not None else kinds(self.words)

    @property
    def hides(self) -> bool:
        """It holds a link to another's host that is not shown; told without opening the page after a visit."""
        if self.clues is not None:
            return self.clues.hides
        from crawler.hidden import hidden_links  # it knows addresses, which know pages

        return any(True for _ in hidden_links(self.document, self.url))

    @property
    def concealed(self) -> Mapping[str, How]:
        """Of the classes (`.a`) and ids (`#a`) around its links to others' hosts, those that its linked style sheets
        hide; told without opening the page after a visit."""
        return self.find_concealed(self.clues.around) if self.clues is not None and self.clues.around else {}

    @cached_property
    def soup(self) -> BeautifulSoup:
        """For rule authors; ten times dearer than `document`."""
        from bs4 import BeautifulSoup

        return BeautifulSoup(self.source, "html.parser")


class _Open(threading.local):
    """The pages of this thread whose documents are held in memory."""

    MOST = 4

    def __init__(self) -> None:
        self._pages: deque[weakref.ref[Page]] = deque()

    def add(self, page: Page) -> None:
        if len(self._pages) == self.MOST:
            oldest = self._pages.popleft()()
            if oldest is not None:
                for name in ("document", "source"):
                    oldest.__dict__.pop(name, None)
        self._pages.append(weakref.ref(page))


_OPEN = _Open()

__all__ = [
    "Answer",
    "Dating",
    "Evidence",
    "Failure",
    "FailureKind",
    "Hop",
    "Landing",
    "Link",
    "LinkKind",
    "LostPlace",
    "Page",
    "Role",
]


@lru_cache(maxsize=64)
def _covers(sought: frozenset[str], wanted: frozenset[str]) -> bool:
    return wanted <= sought
