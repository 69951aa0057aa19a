"""What the ledger and earlier notices have to say to a new notice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from reports.background import Background, Followup, Place
from rules.engine.assessment import Assessment, Result
from xuncha.ledger import Act, Entry, State, standing
from xuncha.notices import Notice
from xuncha.parameters import CHINA
from xuncha.period import Period

RECENT = timedelta(days=366)
"""How far back a site that fails again is reminded of earlier failures."""

Ledger = Mapping[Place, Entry]


def background(
    period: Period, assessments: Sequence[Assessment], notices: Sequence[Notice], ledger: Ledger, now: datetime
) -> Background:
    """`ledger` holds what `notices` and `assessments` name."""
    places = [(a.site.url, f.fingerprint) for a in assessments for f in a.findings]
    seen = {(a.site.url, f.fingerprint): a.finished for a in assessments for f in a.findings}
    return Background(
        followup=_followup(period, notices, ledger, now),
        failed_before=_failed_before(period, notices),
        noticed={place: number for place in places if place in ledger and (number := _noticed(ledger[place], now))},
        mended=frozenset(p for p in places if p in ledger and _mended(ledger[p], seen[p], now)),
    )


def previous(period: Period, notices: Iterable[Notice]) -> list[Notice]:
    """The notices of the last period before this one that has any."""
    earlier = [(Period.read(notice.period), notice) for notice in notices]
    earlier = [(p, notice) for p, notice in earlier if p.last < period.first]
    latest = max((p.last for p, _ in earlier), default=None)
    return [notice for p, notice in earlier if p.last == latest]


def _followup(period: Period, notices: Sequence[Notice], ledger: Ledger, now: datetime) -> Followup | None:
    past = previous(period, notices)
    if not past:
        return None
    told: dict[Place, datetime] = {}
    for notice in past:
        for place in notice.findings:
            told[place] = min(told.get(place, notice.at), notice.at)
    became = {place: outcome(ledger[place], since, now) for place, since in told.items() if place in ledger}
    count = list(became.values()).count
    late = dict.fromkeys(url for (url, _), state in sorted(became.items()) if state == "overdue")
    names = {site.url: site.name or site.url for notice in past for site in notice.sites}
    return Followup(
        period=Period.read(past[-1].period).name,
        today=now.astimezone(CHINA).date(),
        named=len(became),
        sites=len({url for url, _ in became}),
        mended=count("mended"),
        waiting=count("waiting"),
        open=count("open") + count("overdue"),
        back=count("back"),
        upheld=count("upheld"),
        overdue=count("overdue"),
        late=tuple(names[url] for url in late),
    )


def outcome(entry: Entry, since: datetime, now: datetime) -> str:
    """What became of a finding that was named at `since`: mended, upheld, back, waiting, overdue or open."""
    stands = standing(entry, now)
    if stands.state is State.UPHELD:
        return "upheld"
    if not stands.open:
        return "mended"
    if any(not look.found and since < look.at <= now for look in entry.looks):
        return "back"
    if stands.state is State.RECTIFIED:
        return "waiting"
    return "overdue" if stands.state is State.OVERDUE else "open"


def _failed_before(period: Period, notices: Iterable[Notice]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[Period, None]] = {}
    for notice in notices:
        earlier = Period.read(notice.period)
        if earlier.last < period.first <= earlier.last + RECENT:
            for site in notice.sites:
                if site.result is Result.UNQUALIFIED:
                    found.setdefault(site.url, {})[earlier] = None
    return {url: tuple(p.name for p in sorted(periods, key=lambda p: p.first)) for url, periods in found.items()}


def _noticed(entry: Entry, now: datetime) -> str:
    """The number of the last notice since the finding was gone last, or the day where no number was written down."""
    gone = max((look.at for look in entry.looks if not look.found and look.at <= now), default=None)
    told = [e for e in standing(entry, now).done if e.act is Act.NOTIFY and (gone is None or e.at > gone)]
    return (told[-1].why or f"{told[-1].at.astimezone(CHINA):%Y-%m-%d}") if told else ""


def _mended(entry: Entry, seen: datetime, now: datetime) -> bool:
    return not standing(entry, now).open and any(not look.found and seen < look.at <= now for look in entry.looks)
