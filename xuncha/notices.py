"""Notices that went out: what was told to whom, by when it is to be mended. A draft is no notice.

The record is only ever added to. For each finding that a notice names, the ledger holds the event `notify`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from crawler.message import Message, say
from reports.details import Form
from rules.engine.assessment import Result
from xuncha.ledger import Act, Entry, Event, refusal, standing


@dataclass(frozen=True, slots=True)
class Told:
    """One site that a notice speaks of."""

    url: str
    """Its home address."""
    name: str
    result: Result
    """As the notice told it."""
    findings: tuple[str, ...] = ()
    """Fingerprints of what it named there."""


@dataclass(frozen=True, slots=True)
class Notice:
    number: str
    """文号: there is one notice of a number."""
    form: Form
    period: str
    """Such as `2026Q4`, see `xuncha.period`."""
    office: str
    issued: date
    due: date | None
    """Until when it is to be mended; None where nothing is."""
    who: str
    """Who sent it out."""
    at: datetime
    """When it was written down."""
    runs: tuple[str, ...]
    sites: tuple[Told, ...]
    template: str = ""
    """Version and digest of the wording."""
    sha256: str = ""
    """Of the file."""

    @property
    def findings(self) -> frozenset[tuple[str, str]]:
        """(home address, fingerprint)."""
        return frozenset((site.url, finding) for site in self.sites for finding in site.findings)

    def named(self, url: str) -> frozenset[str]:
        """What it named at the site."""
        return frozenset(finding for site in self.sites if site.url == url for finding in site.findings)


def events(notice: Notice, entries: Iterable[Entry]) -> list[tuple[Entry, Event]]:
    """What the ledger is told: each finding the notice names was notified. Raises ValueError, with a Message, for one
    that cannot be (it is closed, or the deadline has passed) or that the ledger does not have."""
    known = {(entry.site, entry.fingerprint): entry for entry in entries}
    event = Event(notice.at, Act.NOTIFY, notice.who, notice.number, notice.due)
    found: list[tuple[Entry, Event]] = []
    for url, fingerprint in sorted(notice.findings):
        entry = known.get((url, fingerprint))
        why: Message | None = say("台账中没有这个问题")
        if entry is not None:
            why = refusal(standing(entry, notice.at), event)
            found.append((entry, event))
        if why is not None:
            raise ValueError(say("{finding}：{why}", finding=fingerprint, why=why))
    return found
