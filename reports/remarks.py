"""起草说明: for the drafter only, on a page of its own: what is left to fill in, to look at, and to doubt."""

from __future__ import annotations

from collections.abc import Iterator

from reports.phrases import CHINESE, Speech, listing, site_name
from reports.summary import is_unchecked
from reports.tally import manual
from reports.text import line


def remarks(text: Speech) -> Iterator[str]:
    figures, details = text.figures, text.details
    yield text.phrase("draft.source")
    blanks = [label for label, value in _blanks(text) if not value]
    if blanks:
        yield text.phrase("draft.blanks", names="、".join(blanks))
    if figures.problems and not details.issued and not details.due:
        yield text.phrase("draft.issued")
    if figures.problems and text.assumed:
        yield text.phrase("draft.assumed", year=text.due.year)
    yield from _share(text)
    if figures.reviews:
        yield text.phrase("draft.reviews")
    if codes := manual(figures.assessments):
        yield text.phrase("draft.manual", titles=text.indicators(codes, len(codes)))
    unchecked = [n for a in figures.assessments if (n := sum(map(is_unchecked, a.checks)))]
    if unchecked:
        yield text.phrase("draft.unchecked", count=sum(unchecked), sites=len(unchecked))
    for key, doubtful in (
        ("incomplete", [a for a in figures.assessments if not a.coverage.complete]),
        ("estimate", [a for a in figures.assessments if a.score is not None and a.score_is_estimate]),
        ("guessed", [a for a in figures.assessments if a.kind_guessed]),
    ):
        if doubtful:
            names = listing([site_name(a) for a in doubtful])
            yield text.phrase(f"draft.{key}", count=len(doubtful), names=names)
    if figures.failures:
        yield text.phrase("draft.failures", names=listing([line(url, 80) for url, _ in figures.failures]))


def _share(text: Speech) -> Iterator[str]:
    checked, running = text.figures.checked, text.details.running
    if running is not None and running < checked:
        yield text.phrase("draft.running")
    elif running and checked < text.details.required_share * running:
        yield text.phrase("draft.below", share=CHINESE.percent(checked / running))


def _blanks(text: Speech) -> Iterator[tuple[str, object]]:
    yield "发文机关", text.details.office
    yield "主送机关", text.details.addressee
    yield "文号", text.details.number
    yield "成文日期", text.details.issued
    if text.figures.problems:
        yield "整改情况报送对象", text.details.report_to
