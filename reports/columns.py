"""The columns of one site as a report lists them: what was seen of each, and what was not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from reports import charts, labels
from reports.language import Language
from reports.listing import Address, Listing, address
from reports.tally import JUDGEMENTS, Judgement, is_fault
from reports.text import line
from rules.engine.assessment import ColumnState
from rules.freshness import before


@dataclass(frozen=True, slots=True)
class ColumnRow:
    name: str
    url: Address
    kind: str
    evidence: str
    items: str
    newest: str
    age: str
    limit: str
    """How old the newest may be; empty where no clause says."""
    left: str
    """Days until it is too old, or since it is."""
    over: bool
    updates: Markup | None
    told: str
    """What the chart of its updates shows, in words."""
    state: str
    tone: str
    why: str
    problem: str
    """Id of the finding about it; empty when there is none."""


def column_row(listing: Listing, column: ColumnState) -> ColumnRow:
    """Unseen is not wrong, and what nobody looked at is not fine: each has a state of its own."""
    language = listing.language
    known = listing.about.get(column.url)
    limit = _limit(listing, column)
    seen = column.unobservable is None
    today = listing.assessment.as_of.date()
    age = "—"
    if column.newest is not None:
        age = language.say("{n} 天", n=language.number((today - column.newest).days))
    days = None
    if seen and column.newest is not None and limit is not None:
        # Counted as the rule counts: on the edge a person decides, before it is too old.
        days = (column.newest - before(today, limit)).days
    if not seen:
        state, tone = language.say("无法观察"), "warn"
    elif known is not None:
        state, tone = (language.say("有问题"), "fail") if is_fault(known[1]) else _mild(known[1], language)
    elif not column.items:
        state, tone = language.say("没有内容条目"), "idle"
    elif column.newest is None:
        state, tone = language.say("条目没有日期"), "idle"
    elif limit is None:
        state, tone = language.say("未检查更新"), "idle"
    elif days is not None and days <= 0:
        state, tone = language.say("未作判断"), "warn"  # the rule could not tell: no finding, and not fine
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
        limit=_told(limit, language) if limit is not None else "",
        left=_left(days, language) if days is not None else "",
        over=days is not None and days < 0,
        updates=charts.sparkline(column.updates) if column.updates else None,
        told=language.list([language.number(n) for n in column.updates]),
        state=state,
        tone=tone,
        why=language.text(column.unobservable) if column.unobservable else "",
        problem=known[0] if known else "",
    )


def _mild(judged: Judgement, language: Language) -> tuple[str, str]:
    return language.text(JUDGEMENTS[judged]), "warn" if judged is Judgement.REVIEW else "idle"


def _limit(listing: Listing, column: ColumnState) -> int | str | None:
    """How old its newest item may be, in days or as `6 months`; None where no clause expects new items of it. Without
    one nobody looked at its dates: they are not said to be fine."""
    if column.archived:
        return None
    for indicator in listing.catalogue.edition.indicators:
        for clause in indicator.clauses:
            if (
                clause.rule == "stale-column"
                and column.kind in clause.params.get("days", ())
                and (column.top or column.kind not in clause.params.get("top_only", ()))
                and clause.applies_to in ("all", listing.assessment.kind.value)
                and _fits(column, clause.where)
            ):
                limit: int | str = clause.params["days"][column.kind]
                return limit if column.days is None else column.days
    return None


def _fits(column: ColumnState, where: Mapping[str, Any]) -> bool:
    """Whether the clause means this column; what is not known here is not claimed."""
    known = {
        "name": column.name,
        "url": column.url,
        "kind": column.kind,
        "top": column.top,
        "archived": column.archived,
        "given": column.evidence is None,
    }
    return all(
        name in known and (known[name] in wanted if isinstance(wanted, list | tuple) else known[name] == wanted)
        for name, wanted in where.items()
    )


def _told(limit: int | str, language: Language) -> str:
    if isinstance(limit, int):
        return language.say("{n} 天", n=language.number(limit))
    number, _, unit = limit.strip().partition(" ")
    if unit.startswith("month"):
        return language.say("{n} 个月", n=number)
    return language.say("{n} 年", n=number) if unit.startswith("year") else language.say("{n} 天", n=number)


def _left(days: int, language: Language) -> str:
    if days > 0:
        return language.say("还剩 {n} 天", n=language.number(days))
    return language.say("超过 {n} 天", n=language.number(-days)) if days else language.say("正在期限当天")
