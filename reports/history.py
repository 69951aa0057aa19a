"""What earlier visits of a site knew of it, as a report tells it beside what this one found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo

from crawler.message import Message, say
from reports.language import Language, compact
from reports.text import line
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

    @property
    def stands(self) -> Message:
        """How it stands, and who lets it be, and why."""
        if self.ground is None:
            return self.state
        who, why = line(self.ground.who, 60), line(self.ground.why, 200)
        return say("{state}，{who}：{why}", state=self.state, who=who, why=why)

    def told(self, language: Language, zone: tzinfo | None) -> Iterator[str]:
        """Since when it is known, how often it was seen and how it stands, a line each."""
        yield language.say("首次发现 {moment}", moment=compact(self.first, zone)[:16])
        yield language.say("最近确认 {moment}", moment=compact(self.last, zone)[:16])
        yield language.say("共看到 {times} 次，{state}", times=language.number(self.times), state=self.stands)


@dataclass(frozen=True, slots=True)
class Gone:
    """A finding of an earlier visit that this one looked for and did not find."""

    fingerprint: str
    rule: str
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

    def new(self, fingerprint: str) -> bool:
        """No earlier visit saw it, and there was one."""
        past = self.past.get(fingerprint)
        return self.previous is not None and past is not None and past.new
