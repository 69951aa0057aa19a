"""Problems become findings: each is told once, under every indicator it bears on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from crawler.message import Message
from crawler.page import Answer
from crawler.snapshot import Snapshot
from rules.engine.assessment import Charge, Finding, Status
from rules.engine.edition import Clause, Indicator, Part
from rules.engine.rule import Problem
from rules.engine.score import ZERO
from rules.engine.trial import Tally

_SEVERITY = {part: rank for rank, part in enumerate((Part.VETO, Part.DEDUCT, Part.BONUS, Part.ADVICE))}


@dataclass(slots=True)
class Case:
    """One clause on its way to a Check."""

    indicator: Indicator
    number: int
    clause: Clause
    exempt: Message | None
    tally: Tally | None = None
    """None: exempt or manual."""
    status: Status = Status.NOT_APPLICABLE
    why: Message | None = None
    counted: dict[str, Problem] = field(default_factory=dict)
    """The tally's problems without those that another indicator has charged."""
    costs: dict[str, Fraction] = field(default_factory=dict)

    @property
    def part(self) -> Part:
        return self.indicator.part

    @property
    def certain(self) -> dict[str, Problem]:
        return {key: problem for key, problem in self.counted.items() if problem.certain}


@dataclass(slots=True)
class _Charge:
    """One problem as one clause sees it."""

    case: Case
    problem: Problem
    part: Part
    """The clause's own part where the clause has failed or awaits review because of it; else only advice."""

    @property
    def rank(self) -> tuple[int, int]:
        """Certain charges first, then suspicions, then mere listings; within them by severity."""
        holds = self.part is self.case.part
        return (2 if not holds else 0 if self.problem.certain else 1), _SEVERITY[self.part]


def findings(snapshot: Snapshot, cases: Sequence[Case]) -> tuple[Finding, ...]:
    """One Finding a fingerprint, whoever found it; the most severe first."""
    return _ordered([_finding(snapshot, key, found) for key, found in _charges(cases).items()], cases)


def charged_again(known: Sequence[Finding], cases: Sequence[Case]) -> tuple[Finding, ...]:
    """Findings that are there already, with what the cases charge them now; those that no case counts are left out."""
    charges = _charges(cases)
    again = [
        replace(
            finding,
            certain=charges[finding.fingerprint][0].problem.certain,
            **_bears(finding.fingerprint, charges[finding.fingerprint]),
        )
        for finding in known
        if finding.fingerprint in charges
    ]
    return _ordered(again, cases)


def _ordered(found: Sequence[Finding], cases: Sequence[Case]) -> tuple[Finding, ...]:
    order = {case.indicator.code: number for number, case in enumerate(cases)}
    return tuple(sorted(found, key=lambda f: (_SEVERITY[f.part], not f.certain, order[f.indicator])))


def _charges(cases: Sequence[Case]) -> dict[str, list[_Charge]]:
    """By fingerprint, in the edition's order."""
    charges: dict[str, list[_Charge]] = {}
    for case in cases:
        for key, problem in case.counted.items():
            holds = case.status is Status.FAIL or (case.status is Status.REVIEW and not problem.certain)
            charges.setdefault(key, []).append(_Charge(case, problem, case.part if holds else Part.ADVICE))
    return charges


def _bears(key: str, counted: Sequence[_Charge]) -> dict[str, Any]:
    """What a finding bears on, and what it costs: the fields of Finding."""
    ranked = sorted(counted, key=lambda charge: charge.rank)  # stable: the edition's order within a rank
    return {
        "indicators": tuple(dict.fromkeys(charge.case.indicator.code for charge in ranked)),
        "part": ranked[0].part,
        "points": float(sum((charge.case.costs.get(key, ZERO) for charge in counted), ZERO)),
        "charges": tuple(
            Charge(c.case.indicator.code, c.case.number, float(c.case.costs.get(key, ZERO))) for c in counted
        ),
    }


def _finding(snapshot: Snapshot, key: str, charges: Sequence[_Charge]) -> Finding:
    first = min(charges, key=lambda charge: charge.rank)
    problem = first.problem
    answer = _answer(snapshot, problem) if problem.visited else None
    return Finding(
        fingerprint=key,
        rule=first.case.clause.rule or "",
        certain=problem.certain,
        at=problem.at,
        message=problem.message,
        on=problem.on,
        column=problem.column,
        excerpt=problem.excerpt,
        expected=problem.expected,
        found=problem.found,
        evidence=(answer.rendered or answer.evidence) if answer is not None else None,
        status=answer.status if answer is not None else None,
        fetched_at=answer.at if answer is not None else None,
        asked=answer.times if answer is not None else None,
        **_bears(key, charges),
    )


def _answer(snapshot: Snapshot, problem: Problem) -> Answer | None:
    """The proof: the rule's own, else what the place answered, else the page it stands on, else the home page."""
    if problem.proof is not None:
        return problem.proof
    for url in (problem.at, problem.on):
        answer = snapshot.answer(url.partition("#")[0]) if url else None
        if answer is not None:
            return answer
    return snapshot.home_answer
