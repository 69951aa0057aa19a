"""What the clauses of one site come to: the vetoes, the score, and whether it is 合格.

The arithmetic of the law is here and in `rules/engine/score.py`, and nowhere else. 「超过(含)N个」 is ≥ N; 「低于60分」
and 「高于80分」 are strict (国办秘函〔2019〕19号, 指标说明).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from crawler.message import Message, say
from crawler.site import Site, SiteKind
from rules.engine.assessment import Check, Result, Status
from rules.engine.edition import Clause, Edition, Indicator, Part
from rules.engine.findings import Case
from rules.engine.score import ZERO, Sum, allot, exact, published

_DECIDED = (Status.PASS, Status.FAIL)
_KINDS = {SiteKind.PORTAL: say("政府门户网站"), SiteKind.DEPARTMENT: say("部门网站")}


@dataclass(frozen=True, slots=True)
class Verdict:
    """As the Assessment has it."""

    result: Result
    why: Message | None
    score: float | None
    score_is_estimate: bool
    measured_points: float
    vetoes: tuple[str, ...]
    checks: tuple[Check, ...]


def settle(
    cases: Sequence[Case], edition: Edition, kind: SiteKind, *, complete: bool, missing: Message | None
) -> Verdict:
    """`cases` have their status; what they cost is written into them. `complete`: of the coverage; `missing`: why the
    site was not visited at all."""
    vetoes = tuple(dict.fromkeys(c.indicator.code for c in cases if c.part is Part.VETO and c.status is Status.FAIL))
    total = _measure(edition, cases, kind)
    scoring = total.full > 0 and not vetoes and missing is None
    if scoring:
        total = Sum(total.full, total.measured, _deduct(edition, cases))
    result, why = _result(edition, cases, vetoes, missing, total if scoring else None)
    score = total.score if scoring and result is not Result.UNDETERMINED else None
    return Verdict(
        result=result,
        why=why,
        score=None if score is None else published(score, edition.pass_score, edition.bonus_gate),
        score_is_estimate=score is not None and _is_estimate(cases, total, complete=complete),
        measured_points=float(total.measured),
        vetoes=vetoes,
        checks=tuple(_check(case, edition, kind, vetoes, score) for case in cases),
    )


def exemption(
    site: Site, today: date, edition: Edition, indicator: Indicator, clause: Clause, kind: SiteKind
) -> Message | None:
    """Why the clause is not for this site or this day."""
    if edition.service_group and indicator.group == edition.service_group and not site.services:
        return say("没有对外服务职能的部门，不检查本项指标")
    if clause.applies_to not in ("all", kind.value):
        return say("本条只适用于{kind}", kind=_KINDS[SiteKind(clause.applies_to)])
    if clause.since is not None and today < clause.since:
        return say("本条自{day}起适用", day=clause.since.isoformat())
    if clause.until is not None and today > clause.until:
        return say("本条适用至{day}为止", day=clause.until.isoformat())
    return None


def reached(clause: Clause, count: int, subjects: int) -> bool:
    return count >= clause.at_least and (clause.share is None or count >= exact(clause.share) * subjects)


def _measure(edition: Edition, cases: Sequence[Case], kind: SiteKind) -> Sum:
    """Points that apply and points that could be measured. An indicator is measured when a clause of it was decided."""
    full = measured = ZERO
    if kind in edition.scored:
        for indicator in edition.indicators:
            own = [case for case in cases if case.indicator is indicator]
            if indicator.part is Part.DEDUCT and any(case.exempt is None for case in own):
                full += exact(indicator.points)
                if any(case.status in _DECIDED for case in own):
                    measured += exact(indicator.points)
    return Sum(full, measured, ZERO)


def _deduct(edition: Edition, cases: Sequence[Case]) -> Fraction:
    """Charge the failed clauses, each up to its cap and to what is left of its indicator's points."""
    deducted = ZERO
    for indicator in edition.indicators:
        left = exact(indicator.points)
        for case in cases:
            if case.indicator is indicator and case.part is Part.DEDUCT and case.status is Status.FAIL:
                cap = case.clause.cap
                limit = left if cap is None else min(left, exact(cap))
                certain = case.certain
                case.costs = dict(zip(certain, allot(case.clause.points, len(certain), limit), strict=True))
                spent = sum(case.costs.values(), ZERO)
                left -= spent
                deducted += spent
    return deducted


def _is_estimate(cases: Sequence[Case], total: Sum, *, complete: bool) -> bool:
    """Not certain to the point: something that counts was unverified, undecided or not visited."""
    if total.measured != total.full or not complete:
        return True
    counting = [case for case in cases if case.part is Part.DEDUCT and case.status is not Status.NOT_APPLICABLE]
    return any(case.status not in _DECIDED or not case.clause.verified for case in counting)


def _result(
    edition: Edition, cases: Sequence[Case], vetoes: Sequence[str], missing: Message | None, total: Sum | None
) -> tuple[Result, Message | None]:
    """`total` is None where nothing is scored."""
    if vetoes or (total is not None and total.best is not None and total.best < exact(edition.pass_score)):
        return Result.UNQUALIFIED, None
    why = missing or _veto_doubt(cases) or (_score_doubt(edition, total) if total is not None else None)
    return (Result.QUALIFIED if why is None else Result.UNDETERMINED), why


def _veto_doubt(cases: Sequence[Case]) -> Message | None:
    unchecked = [case for case in cases if case.part is Part.VETO and case.status is Status.UNCHECKED]
    if not unchecked:
        return None
    codes = tuple(dict.fromkeys(case.indicator.code for case in unchecked))
    reason = unchecked[0].why or say("原因不明")
    return say("单项否决指标 {codes} 未能检查，不能判定：{reason}", codes=codes, reason=reason)


def _score_doubt(edition: Edition, total: Sum) -> Message | None:
    score = total.score
    if score is None:
        return say("没有一项扣分指标得到检查，不能评分")
    if score >= exact(edition.pass_score):
        return None
    # Scaled up from the part that was measured: the rest may still lift it above the mark.
    return say(
        "按已检查的 {measured:g} 分折算为 {score:g} 分，低于 {passing:g} 分；但其余指标尚未检查，不能判定",
        measured=float(total.measured),
        score=published(score, edition.pass_score, edition.bonus_gate),
        passing=edition.pass_score,
    )


def _check(case: Case, edition: Edition, kind: SiteKind, vetoes: Sequence[str], score: Fraction | None) -> Check:
    status, why = case.status, case.why
    unscored = case.part in (Part.DEDUCT, Part.BONUS) and kind not in edition.scored
    # What could not be checked stays unchecked: its findings would have been listed, scored or not.
    if case.exempt is None and unscored and not (case.part is Part.DEDUCT and status is Status.UNCHECKED):
        status = Status.NOT_APPLICABLE
        why = (
            say("扣分指标不适用于{kind}；发现的问题仍列出，不扣分", kind=_KINDS[kind])
            if case.part is Part.DEDUCT
            else say("加分指标不适用于{kind}", kind=_KINDS[kind])
        )
    elif case.exempt is None and case.part is Part.BONUS and not unscored:
        status, why = _bonus(edition, vetoes, score)
    return Check(
        indicator=case.indicator.code,
        clause=case.number,
        rule=case.clause.rule,
        part=case.part,
        status=status,
        subjects=case.tally.subjects if case.tally is not None else 0,
        problems=len(case.certain),
        points=float(sum(case.costs.values(), ZERO)),
        why=why,
        verified=case.clause.verified,
    )


def _bonus(edition: Edition, vetoes: Sequence[str], score: Fraction | None) -> tuple[Status, Message]:
    gate = edition.bonus_gate
    if vetoes:
        return Status.NOT_APPLICABLE, say("存在单项否决问题，不进入加分环节")
    if score is None:
        return Status.UNCHECKED, say("尚无得分，不能确定是否进入加分环节")
    if score > exact(gate):
        return Status.REVIEW, say("得分高于 {gate:g} 分，进入加分环节，由人工评定", gate=gate)
    return Status.NOT_APPLICABLE, say("得分未高于 {gate:g} 分，不进入加分环节", gate=gate)
