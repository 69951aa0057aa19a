"""One site judged by one edition: data only, picklable, what every report is written from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from crawler.message import Message
from crawler.page import Evidence
from crawler.probe import Day
from crawler.site import Site, SiteKind
from crawler.snapshot import Coverage
from rules.engine.edition import Part

WEEKS = 26
"""How far back a column's updates are told."""


class Status(StrEnum):
    PASS = "pass"  # noqa: S105 - an outcome, not a password
    FAIL = "fail"
    REVIEW = "review"
    UNCHECKED = "unchecked"
    NOT_APPLICABLE = "not-applicable"


class Mended(StrEnum):
    """What a recheck (复查) found of an earlier finding."""

    FIXED = "fixed"
    PARTLY = "partly"
    NOT_FIXED = "not-fixed"
    GONE = "gone"
    """The page that it was about, or stood on, is no more."""
    UNTESTED = "untested"


class Result(StrEnum):
    QUALIFIED = "qualified"
    UNQUALIFIED = "unqualified"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class Check:
    """One clause tried once."""

    indicator: str
    clause: int
    """Number of the clause in its indicator, from 1."""
    rule: str | None
    """None: manual."""
    part: Part
    status: Status
    subjects: int = 0
    """How many columns, pages, links or sites were tested."""
    problems: int = 0
    """Certain ones."""
    points: float = 0.0
    """Deducted, after the clause's cap."""
    why: Message | None = None
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Charge:
    """One clause that counted a Finding, and what it cost there."""

    indicator: str
    clause: int
    """Number of the clause in its indicator, from 1."""
    points: float = 0.0


@dataclass(frozen=True, slots=True)
class Finding:
    """A Problem charged to one or more clauses; listed once."""

    fingerprint: str
    rule: str
    indicators: tuple[str, ...]
    """Codes, the most severe part first."""
    part: Part
    points: float
    certain: bool
    at: str
    message: Message
    on: str | None = None
    column: str | None = None
    excerpt: str = ""
    expected: Message | None = None
    found: Message | None = None
    evidence: Evidence | None = None
    status: int | None = None
    """HTTP status of the evidence."""
    fetched_at: datetime | None = None
    charges: tuple[Charge, ...] = ()
    """Every clause that counted it, in the edition's order; their points add up to `points`."""
    asked: int | None = None
    """How many times the place of the evidence was asked in the visit; None where no answer proves it."""

    @property
    def indicator(self) -> str:
        return self.indicators[0]


@dataclass(frozen=True, slots=True)
class Rechecked:
    """One earlier finding at a recheck."""

    fingerprint: str
    mended: Mended
    before: Message
    """As it was told before."""
    why: Message | None = None
    """What was left of it, or why it could not be tested."""


@dataclass(frozen=True, slots=True)
class ColumnState:
    """One column as the report lists it."""

    name: str
    url: str
    kind: str
    top: bool
    items: int
    newest: date | None
    unobservable: Message | None
    evidence: Message | None
    """Why it has this kind."""
    archived: bool = False
    days: int | None = None
    """The operator's own limit for it; None: the edition's."""
    updates: tuple[int, ...] = ()
    """Dated items a week, the last WEEKS before `as_of`, the newest week last; empty where nothing is dated. A list
    shows so many items and no more: an old week may have had others."""


@dataclass(frozen=True, slots=True)
class Assessment:
    site: Site
    kind: SiteKind
    kind_guessed: bool
    edition: str
    as_of: datetime
    started: datetime
    finished: datetime
    result: Result
    score: float | None
    """None where no score is due: a veto, a department, an undetermined site."""
    score_is_estimate: bool
    measured_points: float
    """Points of the deduction part that were measured, of 100; the score is scaled to them."""
    vetoes: tuple[str, ...]
    checks: tuple[Check, ...] = ()
    findings: tuple[Finding, ...] = ()
    columns: tuple[ColumnState, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)
    why: Message | None = None
    """For an undetermined site: what could not be done."""
    gone: tuple[str, ...] = ()
    """Fingerprints of earlier findings that this visit looked for and did not find, sorted."""
    availability: tuple[Day, ...] = ()
    """The home page over the days before `as_of`, the oldest first; empty where nobody watched it."""
    items: tuple[tuple[int, date | None], ...] = ()
    """Of the items of its columns, the keys of their addresses (crawler.earlier.key) and the dates beside them: what
    later visits compare theirs with."""
    rechecked: tuple[Rechecked, ...] = ()
    """Of a recheck, in the order of fingerprints; it has no checks, no score and no verdict."""


@dataclass(frozen=True, slots=True)
class Run:
    """One audit of a selection of sites at one 监测时间点."""

    id: str
    """Sorts by time, fit for a folder name: `20261124-093015-3f2a`."""
    as_of: datetime
    started: datetime
    finished: datetime | None
    edition: str
    scope: str
    """`quick` or `full`."""
    version: str
    """Of this program."""
    failures: tuple[tuple[str, str], ...] = ()
    """(home address, reason) of the sites whose job itself failed: our fault, never the site's."""
