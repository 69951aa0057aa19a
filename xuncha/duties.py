"""What an office must see to in the ledger: deadlines that are near or over, exemptions that end, offences repeated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from crawler.message import Message, say
from rules import workdays
from rules.engine.assessment import Result
from rules.workdays import Holidays
from xuncha.ledger import Entry, Standing, State, standing
from xuncha.notices import Notice
from xuncha.parameters import CHINA
from xuncha.period import Period

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Duty:
    """One finding whose day is near or over."""

    entry: Entry
    standing: Standing
    day: date
    """Until when it is to be mended, or is let be."""
    left: int
    """Calendar days until then; below nothing: since then."""

    @property
    def overdue(self) -> bool:
        return self.standing.state is State.OVERDUE


@dataclass(frozen=True, slots=True)
class Repeated:
    """A site that failed in more than one of the last periods, or a finding that was named in more than one."""

    url: str
    name: str
    periods: tuple[Period, ...]
    """In the order of time."""
    finding: str | None = None
    """Fingerprint; None: the site as a whole was 不合格."""


def duties(
    entries: Iterable[Entry], now: datetime, *, days: int, holidays: Holidays | None = None
) -> tuple[list[Duty], bool]:
    """The findings that are overdue, and those whose deadline or exemption ends within `days` working days; the first
    to end first. True beside them: the calendar of working days lacks a year on the way, and the limit was counted by
    weekdays."""
    today = now.astimezone(CHINA).date()
    limit = workdays.add(today, days, holidays=holidays)
    found = []
    for entry in entries:
        stands = standing(entry, now)
        day = stands.due if stands.due is not None else stands.until if stands.state is State.UPHELD else None
        if stands.open and day is not None and day <= limit.date:
            found.append(Duty(entry, stands, day, (day - today).days))
    found.sort(key=lambda duty: (duty.day, duty.entry.site, duty.entry.fingerprint))
    return found, limit.assumed


def described(duty: Duty) -> Message:
    if duty.standing.state is State.UPHELD:
        return say("{day} 到期，不再豁免", day=duty.day.isoformat())
    if duty.left < 0:
        return say("{day} 到期，已逾期 {days} 天", day=duty.day.isoformat(), days=-duty.left)
    if duty.left == 0:
        return say("今天到期")
    return say("{day} 到期，还有 {days} 天", day=duty.day.isoformat(), days=duty.left)


def repeated(notices: Sequence[Notice], now: datetime, *, quarters: int) -> list[Repeated]:
    """What the notices of the last `quarters` quarters, this one included, say more than once: sites first."""
    last = _quarters(now, quarters)
    sites: dict[str, set[Period]] = {}
    findings: dict[tuple[str, str], set[Period]] = {}
    names: dict[str, str] = {}
    for notice in notices:
        period = Period.read(notice.period)
        if period.last < last[0].first or period.first > last[-1].last:
            continue
        for site in notice.sites:
            names[site.url] = site.name or site.url
            if site.result is Result.UNQUALIFIED:
                sites.setdefault(site.url, set()).add(period)
            for finding in site.findings:
                findings.setdefault((site.url, finding), set()).add(period)
    told = [Repeated(url, names[url], _in_order(periods)) for url, periods in _often(sites).items()]
    return told + [
        Repeated(url, names[url], _in_order(periods), finding) for (url, finding), periods in _often(findings).items()
    ]


def _often(found: Mapping[T, set[Period]]) -> dict[T, set[Period]]:
    return {key: found[key] for key in found if len(found[key]) > 1}


def _in_order(periods: Iterable[Period]) -> tuple[Period, ...]:
    return tuple(sorted(periods, key=lambda period: period.first))


def _quarters(now: datetime, count: int) -> list[Period]:
    day = now.astimezone(CHINA)
    found = [Period(day.year, 3, (day.month + 2) // 3)]
    while len(found) < count:
        found.append(found[-1].before)
    return found[::-1]
