"""The columns of one site as a report lists them: what was seen of each, and what was not."""

from __future__ import annotations

from dataclasses import dataclass

from reports import labels
from reports.language import Language
from reports.listing import Address, Listing, address
from reports.tally import JUDGEMENTS, Judgement, is_fault
from reports.text import line
from rules.engine.assessment import ColumnState


@dataclass(frozen=True, slots=True)
class ColumnRow:
    name: str
    url: Address
    kind: str
    evidence: str
    items: str
    newest: str
    age: str
    state: str
    tone: str
    why: str
    problem: str
    """Id of the finding about it; empty when there is none."""


def column_row(listing: Listing, column: ColumnState) -> ColumnRow:
    """Unseen is not wrong, and what nobody looked at is not fine: each has a state of its own."""
    language = listing.language
    known = listing.about.get(column.url)
    seen = column.unobservable is None
    age = "—"
    if column.newest is not None:
        age = language.say("{n} 天", n=language.number((listing.assessment.as_of.date() - column.newest).days))
    if not seen:
        state, tone = language.say("无法观察"), "warn"
    elif known is not None:
        state, tone = (language.say("有问题"), "fail") if is_fault(known[1]) else _mild(known[1], language)
    elif not column.items:
        state, tone = language.say("没有内容条目"), "idle"
    elif column.newest is None:
        state, tone = language.say("条目没有日期"), "idle"
    elif not _is_dated(listing, column):
        state, tone = language.say("未检查更新"), "idle"
    else:
        state, tone = language.say("未发现问题"), "good"
    return ColumnRow(
        name=line(column.name),
        url=address(column.url),
        kind=language.text(labels.column_kind(column.kind)),
        evidence=language.text(column.evidence) if column.evidence else "",
        items=language.number(column.items) if seen else "—",
        newest=column.newest.isoformat() if column.newest else "—",
        age=age,
        state=state,
        tone=tone,
        why=language.text(column.unobservable) if column.unobservable else "",
        problem=known[0] if known else "",
    )


def _mild(judged: Judgement, language: Language) -> tuple[str, str]:
    return language.text(JUDGEMENTS[judged]), "warn" if judged is Judgement.REVIEW else "idle"


def _is_dated(listing: Listing, column: ColumnState) -> bool:
    """Some clause expects new items of it. Without one nobody looked at its dates: they are not said to be fine."""
    return any(
        clause.rule == "stale-column"
        and column.kind in clause.params.get("days", ())
        and (column.top or column.kind not in clause.params.get("top_only", ()))
        and clause.applies_to in ("all", listing.assessment.kind.value)
        and not clause.where  # which asks for more than is known here
        for indicator in listing.catalogue.edition.indicators
        for clause in indicator.clauses
    )
