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
    became = outcomes(past, ledger, now)
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
        unseen=count("unseen"),
    )


def outcomes(notices: Iterable[Notice], ledger: Ledger, now: datetime) -> dict[Place, str]:
    """What became of each finding that the notices named first: mended, upheld, back, waiting, unseen, overdue
    or open."""
    first: dict[Place, Notice] = {}
    for notice in sorted(notices, key=lambda n: n.at):
        for place in notice.findings:
            first.setdefault(place, notice)
    return {place: _outcome(ledger[place], notice, now) for place, notice in first.items() if place in ledger}


def _outcome(entry: Entry, notice: Notice, now: datetime) -> str:
    stands = standing(entry, now)
    if stands.state is State.UPHELD:
        return "upheld"
    if not stands.open:
        return "mended"
    if any(not look.found and notice.at < look.at <= now for look in entry.looks):
        return "back"
    if stands.state is State.RECTIFIED:
        return "waiting"
    if not any(look.found and notice.at < look.at <= now for look in entry.looks):
        return "unseen"  # no visit came to the place since, or none could tell
    # By the notice's own deadline: a later one that sets another does not undo that this one passed. What was let be
    # for a while after an objection had no day to keep.
    let_be = any(event.act is Act.UPHOLD and event.at > notice.at for event in stands.done)
    late = notice.due is not None and now.astimezone(CHINA).date() > notice.due and not let_be
    return "overdue" if late else "open"


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
    """The number of the last notice whose deadline has passed since the finding was gone last, or the day of it where
    no number was written down. What is asked for today is not late."""
    gone = max((look.at for look in entry.looks if not look.found and look.at <= now), default=None)
    today = now.astimezone(CHINA).date()
    told = [
        e
        for e in standing(entry, now).done
        if e.act is Act.NOTIFY and e.day is not None and e.day < today and (gone is None or e.at > gone)
    ]
    return (told[-1].why or f"{told[-1].at.astimezone(CHINA):%Y-%m-%d}") if told else ""


def _mended(entry: Entry, seen: datetime, now: datetime) -> bool:
    return not standing(entry, now).open and any(not look.found and seen < look.at <= now for look in entry.looks)
