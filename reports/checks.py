"""Every clause that was tried, as a report lists them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crawler.message import Message
from reports import labels
from reports.language import Language
from reports.listing import Listing
from reports.summary import against, is_manual
from reports.text import line
from rules.engine.assessment import Check, Status
from rules.engine.edition import Clause

_TONES = {
    Status.PASS: "good",
    Status.FAIL: "fail",
    Status.REVIEW: "warn",
    Status.UNCHECKED: "warn",
    Status.NOT_APPLICABLE: "idle",
}


@dataclass(frozen=True, slots=True)
class CheckRow:
    code: str
    title: str
    part: str
    text: str
    rule: str
    status: str
    tone: str
    count: str
    points: str
    why: str
    verified: bool


def check_row(check: Check, listing: Listing) -> CheckRow:
    catalogue, language = listing.catalogue, listing.language
    clause = catalogue.clause(check)
    tried = check.rule is not None and check.status in (Status.PASS, Status.FAIL, Status.REVIEW)
    return CheckRow(
        code=line(check.indicator),
        title=language.text(catalogue.title(check.indicator)),
        part=language.text(labels.PARTS[check.part]),
        text=line(clause.text) if clause else "",
        rule=line(check.rule or ""),
        status=language.text(_label(check)),
        tone="idle" if _below(check) else _TONES[check.status],
        count=f"{language.number(check.problems)}/{language.number(check.subjects)}" if tried else "—",
        points=language.number(check.points) if check.points else "—",
        why=" ".join(_why(check, clause, language)),
        verified=check.verified,
    )


def check_counts(checks: Sequence[Check], language: Language) -> str:
    found = Counter(map(_label, checks))
    order = (labels.STATUSES[Status.PASS], labels.BELOW, *list(labels.STATUSES.values())[1:], labels.MANUAL)
    return language.list([language.say("{label} {n}", label=label, n=found[label]) for label in order if found[label]])


def _below(check: Check) -> bool:
    """It passes, though problems were found: fewer than the clause allows. That is not the same as none."""
    return check.status is Status.PASS and check.problems > 0


def _label(check: Check) -> Message:
    if is_manual(check):
        return labels.MANUAL
    return labels.BELOW if _below(check) else labels.STATUSES[check.status]


def _why(check: Check, clause: Clause | None, language: Language) -> Iterator[str]:
    if _below(check):
        yield language.text(against(check, clause))
    if check.why:
        yield language.text(check.why)
