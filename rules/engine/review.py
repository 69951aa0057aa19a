"""One site judged again after people have looked: by what they confirmed, and by nothing else.

A machine's certain finding is not yet an accusation. What a notice says of a site must hold on confirmed findings
alone; what nobody has looked at yet neither condemns the site nor clears it.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace

from crawler.message import say
from rules.engine.assessment import Assessment, Check, Finding, Result, Status
from rules.engine.edition import Edition
from rules.engine.findings import Case, charged_again
from rules.engine.rule import Problem
from rules.engine.trial import Tally
from rules.engine.verdict import Verdict, exemption, reached, settle


def reviewed(assessment: Assessment, edition: Edition, *, confirmed: Set[str], rejected: Set[str]) -> Assessment:
    """The assessment with its confirmed findings alone, all of them certain, and the verdict that they bear out.

    `confirmed`, `rejected`: fingerprints. The other findings await review: where they could make the site fail that
    does not fail without them, it is undetermined. `edition` must be the one it was judged by.
    """
    open_ = {f.fingerprint for f in assessment.findings} - confirmed - rejected
    told = _told(assessment)
    cases, verdict = _settled(assessment, edition, told, confirmed - rejected, open_)
    why = verdict.why
    if assessment.result is verdict.result is Result.UNDETERMINED:
        why = assessment.why
    if verdict.result is not Result.UNQUALIFIED and open_:
        _, worst = _settled(assessment, edition, told, confirmed - rejected | open_, frozenset())
        if worst.result is Result.UNQUALIFIED:
            why = say("有 {count} 个问题尚未复核，复核后才能判定", count=len(open_))
            verdict = replace(verdict, result=Result.UNDETERMINED, score=None, score_is_estimate=False)
    return replace(
        assessment,
        result=verdict.result,
        score=verdict.score,
        score_is_estimate=verdict.score_is_estimate,
        measured_points=verdict.measured_points,
        vetoes=verdict.vetoes,
        checks=verdict.checks,
        findings=charged_again(assessment.findings, cases),
        why=why,
    )


def _settled(
    assessment: Assessment, edition: Edition, told: _Told, kept: Set[str], waiting: Set[str]
) -> tuple[list[Case], Verdict]:
    known = {(check.indicator, check.clause): check for check in assessment.checks}
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
    return cases, verdict


def _decide(case: Case, check: Check, told: Mapping[str, Problem], kept: Set[str], waiting: Set[str]) -> None:
    if case.exempt is not None:
        case.status, case.why = Status.NOT_APPLICABLE, case.exempt
        return
    if case.clause.rule is None:
        case.status = Status.REVIEW
        return
    case.tally = Tally(subjects=check.subjects)
    case.counted = {key: problem for key, problem in told.items() if key in kept}
    if case.counted and reached(case.clause, len(case.counted), check.subjects):
        case.status = Status.FAIL
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
