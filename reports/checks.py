"""Every clause that was tried, as a report lists them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports import labels
from reports.language import Language
from reports.listing import Listing
from reports.summary import is_manual
from reports.text import line
from rules.engine.assessment import Check, Status

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
        status=language.text(labels.MANUAL if is_manual(check) else labels.STATUSES[check.status]),
        tone=_TONES[check.status],
        count=f"{language.number(check.problems)}/{language.number(check.subjects)}" if tried else "—",
        points=language.number(check.points) if check.points else "—",
        why=language.text(check.why) if check.why else "",
        verified=check.verified,
    )


def check_counts(checks: Sequence[Check], language: Language) -> str:
    counted = [(label, sum(c.status is s and not is_manual(c) for c in checks)) for s, label in labels.STATUSES.items()]
    counted.append((labels.MANUAL, sum(is_manual(c) for c in checks)))
    return language.list([language.say("{label} {n}", label=label, n=n) for label, n in counted if n])
