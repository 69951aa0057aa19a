"""What a list of many sites keeps of one: its page is written and forgotten, for a fleet may be large."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from reports.history import History
from reports.listing import groups
from reports.summary import is_manual, is_unchecked
from reports.tally import name
from reports.text import line
from rules.engine.assessment import Assessment, Check, Result, Status
from rules.engine.edition import Edition


@dataclass(frozen=True, slots=True)
class Cell:
    """One indicator at one site."""

    certain: int = 0
    review: int = 0
    unchecked: bool = False
    """Some clause of it could not be tried."""
    manual: bool = False
    """Some clause of it only a person can check."""
    applies: bool = False
    anchor: str = ""
    """Where the site's page tells of it."""


@dataclass(frozen=True, slots=True)
class Standing:
    name: str
    file: str
    """Name of its page."""
    organ: str
    result: Result
    score: float | None
    estimate: bool
    vetoes: tuple[str, ...]
    certain: int
    review: int
    pages: int
    complete: bool
    new: int | None
    """None: there is no earlier visit to compare with."""
    gone: int | None
    cells: Mapping[str, Cell]
    """By code of the indicator."""


def standing(number: int, assessment: Assessment, edition: Edition, history: History) -> Standing:
    """`number`: the place of the site in the run, from 1; it makes the name of its page unique."""
    certain = sum(finding.certain for finding in assessment.findings)
    compared = history.previous is not None
    return Standing(
        name=name(assessment.site),
        file=_file(number, assessment.site.url),
        organ=line(assessment.site.organ, 100),
        result=assessment.result,
        score=assessment.score,
        estimate=assessment.score_is_estimate,
        vetoes=assessment.vetoes,
        certain=certain,
        review=len(assessment.findings) - certain,
        pages=assessment.coverage.pages,
        complete=assessment.coverage.complete,
        new=sum(past.new for past in history.past.values()) if compared else None,
        gone=len(history.gone) if compared else None,
        cells=_cells(assessment, edition),
    )


def _file(number: int, url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    told = re.sub(r"[^a-z0-9.-]+", "-", host.lower())[:60].strip(".-")
    return f"{number:03}-{told or 'site'}.html"


def _cells(assessment: Assessment, edition: Edition) -> dict[str, Cell]:
    anchors = dict.fromkeys(group.indicator for group in groups(assessment.findings, edition))
    places = {code: f"#s1-i{place}" for place, code in enumerate(anchors, 1)}
    found: dict[str, list[int]] = {}
    for finding in assessment.findings:
        for code in finding.indicators:
            found.setdefault(code, [0, 0])[not finding.certain] += 1
    checks: dict[str, list[Check]] = {code: [] for code in found}
    for check in assessment.checks:
        checks.setdefault(check.indicator, []).append(check)
    return {
        code: Cell(
            certain=found[code][0] if code in found else 0,
            review=found[code][1] if code in found else 0,
            unchecked=any(is_unchecked(check) for check in tried),
            manual=any(is_manual(check) for check in tried),
            applies=any(check.status is not Status.NOT_APPLICABLE for check in tried),
            anchor=places.get(code, ""),
        )
        for code, tried in checks.items()
    }
