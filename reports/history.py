"""What earlier visits of a site knew of it, as a report tells it beside what this one found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from crawler.message import Message
from rules.engine.assessment import Result


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a finding is let be: an appeal that was upheld, or an exemption."""

    who: str
    """Who decided so."""
    why: str
    until: date | None
    """The last day on which it holds."""
    exempt: bool


@dataclass(frozen=True, slots=True)
class Past:
    """One finding's."""

    first: datetime
    """When it was seen first."""
    last: datetime
    """When it was seen last."""
    times: int
    """In how many visits, this one included."""
    code: str
    """How it stands in the ledger: `new`, `confirmed` …"""
    state: Message
    """The same in words."""
    ground: Ground | None = None
    """Why it is let be, where it is."""

    @property
    def new(self) -> bool:
        return self.times == 1


@dataclass(frozen=True, slots=True)
class Gone:
    """A finding of an earlier visit that this one looked for and did not find."""

    message: Message
    at: str


@dataclass(frozen=True, slots=True)
class Visit:
    """What an audit of the site came to, this one or an earlier one."""

    at: datetime
    """Its 监测时间点."""
    result: Result
    score: float | None
    certain: int
    """Findings that are certain."""
    review: int


@dataclass(frozen=True, slots=True)
class History:
    previous: datetime | None = None
    """When the site was visited before; None when it was not: then nothing is new."""
    past: Mapping[str, Past] = field(default_factory=dict)
    """By fingerprint."""
    gone: tuple[Gone, ...] = ()
    visits: tuple[Visit, ...] = ()
    """The last ones in the order of time, this one included."""
