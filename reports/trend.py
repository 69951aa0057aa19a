"""How a site did in its last audits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from markupsafe import Markup

from reports import charts, labels
from reports.history import History
from reports.language import Language, compact
from rules.engine.assessment import Result

TONES = {Result.QUALIFIED: "good", Result.UNQUALIFIED: "fail", Result.UNDETERMINED: "warn"}


@dataclass(frozen=True, slots=True)
class VisitRow:
    at: str
    result: str
    tone: str
    score: str
    certain: str
    review: str


@dataclass(frozen=True, slots=True)
class TrendView:
    chart: Markup
    alternative: str
    """What the chart shows, in words; the rows hold its figures."""
    visits: tuple[VisitRow, ...]


def trend_view(history: History, language: Language, zone: tzinfo | None) -> TrendView | None:
    """None where there is nothing to compare with."""
    visits = history.visits
    if len(visits) < 2:
        return None
    number = language.number
    told = language.say(
        "最近 {n} 次检查，确定的问题从 {first} 处到 {last} 处",
        n=number(len(visits)),
        first=number(visits[0].certain),
        last=number(visits[-1].certain),
    )
    rows = tuple(
        VisitRow(
            at=compact(visit.at, zone)[:16],
            result=language.text(labels.RESULTS[visit.result]),
            tone=TONES[visit.result],
            score="—" if visit.score is None else number(visit.score),
            certain=number(visit.certain),
            review=number(visit.review),
        )
        for visit in visits
    )
    return TrendView(charts.trend([(TONES[v.result], v.certain, v.review) for v in visits]), told, rows)
