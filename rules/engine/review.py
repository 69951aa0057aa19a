"""One site judged again after people have looked: by what they confirmed, and by nothing else.

A machine's certain finding is not yet an accusation. What a notice says of a site must hold on confirmed findings
alone; what nobody has looked at yet neither condemns the site nor clears it.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace

from crawler.message import Message, say
from rules.engine.assessment import Assessment, Check, Finding, Result, Status
from rules.engine.edition import Edition
from rules.engine.findings import Case, charged_again
from rules.engine.rule import Problem
from rules.engine.trial import Tally
from rules.engine.verdict import exemption, reached, settle

_PENDING = say("有 {count} 个问题尚未复核，复核后才能判定", count=0)


def reviewed(assessment: Assessment, edition: Edition, *, confirmed: Set[str], rejected: Set[str]) -> Assessment:
    """The assessment with its confirmed findings alone, all of them certain, and the verdict that they bear out.

    `confirmed`, `rejected`: fingerprints. The other findings await review: where they could make the site fail that
    does not fail without them, it is undetermined. `edition` must be the one it was judged by.
    """
    waiting = {f.fingerprint for f in assessment.findings} - confirmed - rejected
    kept = dict.fromkeys(confirmed - rejected, True)
    again = _again(assessment, edition, kept, waiting)
    if again.result is not Result.UNQUALIFIED and waiting:
        worst = _again(assessment, edition, kept | dict.fromkeys(waiting, True), frozenset())
        if worst.result is Result.UNQUALIFIED:
            why = Message(_PENDING.template, (("count", len(waiting)),))
            return replace(again, result=Result.UNDETERMINED, why=why, score=None, score_is_estimate=False)
    return again


def awaits_review(assessment: Assessment) -> bool:
    """It is undetermined for that reason alone."""
    return assessment.why is not None and assessment.why.template == _PENDING.template


def corrected(assessment: Assessment, edition: Edition, *, confirmed: Set[str], rejected: Set[str]) -> Assessment:
    """The assessment as the machine has it, but for what people said of its findings already: for a draft."""
    if not rejected and all(f.certain for f in assessment.findings if f.fingerprint in confirmed):
        return assessment
    kept = {f.fingerprint: f.certain or f.fingerprint in confirmed for f in assessment.findings}
    return _again(assessment, edition, {key: kept[key] for key in kept.keys() - rejected}, frozenset())


def _again(assessment: Assessment, edition: Edition, kept: Mapping[str, bool], waiting: Set[str]) -> Assessment:
    """Judged by the findings in `kept`; fingerprint → is it certain. `waiting`: those left out for now."""
    known = {(check.indicator, check.clause): check for check in assessment.checks}
    told = _told(assessment)
    cases = []
    for indicator in edition.indicators:
        for number, clause in enumerate(indicator.clauses, 1):
            check = known.get((indicator.code, number))
            if check is not None:
                today = assessment.as_of.date()
                exempt = exemption(assessment.site, today, edition, indicator, clause, assessment.kind)
                case = Case(indicator, number, clause, exempt, status=check.status, why=check.why)
                _decide(case, check, told.get((indicator.code, number), {}), kept, waiting)
                cases.append(case)
    missing = None if assessment.coverage.pages else assessment.why or say("没有取得任何页面")
    verdict = settle(cases, edition, assessment.kind, complete=assessment.coverage.complete, missing=missing)
    still = assessment.result is verdict.result is Result.UNDETERMINED
    return replace(
        assessment,
        result=verdict.result,
        score=verdict.score,
        score_is_estimate=verdict.score_is_estimate,
        measured_points=verdict.measured_points,
        vetoes=verdict.vetoes,
        checks=verdict.checks,
        findings=charged_again(assessment.findings, cases),
        why=assessment.why if still else verdict.why,
    )


def _decide(case: Case, check: Check, told: Mapping[str, Problem], kept: Mapping[str, bool], waiting: Set[str]) -> None:
    if case.exempt is not None:
        case.status, case.why = Status.NOT_APPLICABLE, case.exempt
        return
    if case.clause.rule is None:
        case.status = Status.REVIEW
        return
    case.tally = Tally(subjects=check.subjects)
    case.counted = {key: replace(problem, certain=kept[key]) for key, problem in told.items() if key in kept}
    if case.certain and reached(case.clause, len(case.certain), check.subjects):
        case.status = Status.FAIL
    elif case.counted and reached(case.clause, len(case.counted), check.subjects):
        case.status = Status.REVIEW
    elif check.status is Status.FAIL or (
        check.status is Status.REVIEW and reached(case.clause, len(told), check.subjects)
    ):
        left = sum(key in waiting for key in told)
        if left:
            case.status, case.why = Status.REVIEW, say("有 {count} 个问题尚未复核", count=left)
        elif check.why is not None:
            # Some subjects were not checked; that mattered little while enough others failed.
            case.status = Status.UNCHECKED
        else:
            case.status, case.why = Status.PASS, say("经人工复核，不予认定")


_Told = Mapping[tuple[str, int], Mapping[str, Problem]]


def _told(assessment: Assessment) -> _Told:
    """Clause → what it counted, by fingerprint."""
    told: dict[tuple[str, int], dict[str, Problem]] = {}
    for finding in assessment.findings:
        for clause in _clauses(assessment, finding):
            told.setdefault(clause, {})[finding.fingerprint] = Problem(finding.at, finding.message, finding.excerpt)
    return told


def _clauses(assessment: Assessment, finding: Finding) -> list[tuple[str, int]]:
    """The clauses that counted it. Where they were not written down (runs of an early version), those of its rule."""
    if finding.charges:
        return [(charge.indicator, charge.clause) for charge in finding.charges]
    return [
        (check.indicator, check.clause)
        for check in assessment.checks
        if check.rule == finding.rule and check.indicator in finding.indicators
    ]
