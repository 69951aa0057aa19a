"""自查表: 检查对象 | 指标 | 评分细则 | 检查情况, one row a clause, as a site that checks itself hands it in."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from reports import styles
from reports.background import Background
from reports.details import NoticeDetails
from reports.labels import RESULTS
from reports.official import OfficialDocument, TableColumn
from reports.phrases import CHINESE, Speech
from reports.summary import is_manual
from reports.tally import Entry, entries, name, tally
from reports.text import line, plain
from reports.typography import formal
from rules.engine.assessment import Assessment, Check, Run, Status
from rules.engine.edition import Edition, Part

_FACTS = 3
_CELL = 600
_SHOWN = (Part.VETO, Part.DEDUCT, Part.BONUS)


def render(
    run: Run, assessment: Assessment, edition: Edition, *, details: NoticeDetails, background: Background
) -> bytes:
    """The form as a Word file in landscape."""
    text = Speech(run, tally(run, [assessment]), edition, details, background)
    wording, site = text.wording, assessment.site
    document = OfficialDocument(
        title=text.phrase("checklist.title"),
        author=details.office,
        created=run.finished or run.started,
        header=wording.one("draft.header") if details.draft else "",
        watermark=wording.one("draft.watermark") if details.draft else "",
        landscape=True,
    )
    document.title([text.phrase("checklist.title")])
    document.blank()
    for key, words in (
        ("object", {"name": name(site)}),
        ("span", {"span": details.period or text.span}),
        ("result", {"result": str(RESULTS[assessment.result])}),
    ):
        document.paragraph(text.phrase(f"checklist.{key}", **words), styles.FLUSH)
    titles = wording.several("checklist.columns")
    columns = [TableColumn(title, width) for title, width in zip(titles, (35, 38, 80, 69), strict=True)]
    document.table(columns, _rows(text, assessment), merge=(0, 1))
    document.paragraph(text.phrase("checklist.note"), styles.NOTE)
    return document.to_bytes()


def _rows(text: Speech, assessment: Assessment) -> Iterator[tuple[str, str, str, str]]:
    called = name(assessment.site)
    shown = [check for check in assessment.checks if check.part in _SHOWN]
    found: dict[tuple[str, int], list[Entry]] = {}
    for entry in entries(assessment):
        for charge in entry.finding.charges:
            found.setdefault((charge.indicator, charge.clause), []).append(entry)
    for code, checks in groupby(shown, key=lambda check: check.indicator):
        heading = line(str(text.catalogue.heading(code)), 60)
        for check in checks:
            clause = text.catalogue.clause(check)
            told = _told(text, check, found.get((code, check.clause), []))
            yield called, heading, line(clause.text, _CELL) if clause else "—", told


def _told(text: Speech, check: Check, found: list[Entry]) -> str:
    certain = [entry for entry in found if entry.finding.certain]
    suspected = len(found) - len(certain)
    parts = []
    if certain:
        facts = list(dict.fromkeys(text.fact(entry) for entry in certain))
        key = "found_more" if len(facts) > _FACTS else "found"
        parts.append(text.phrase(f"checklist.{key}", count=len(certain), facts="；".join(facts[:_FACTS])))
    if suspected:
        parts.append(text.phrase("checklist.suspected", count=suspected))
    why = formal(line(CHINESE.text(check.why), 200)).rstrip("。") if check.why else "—"
    if is_manual(check) or (check.status is Status.REVIEW and not found):
        parts.append(text.phrase("checklist.manual", why=why))
    elif check.status is Status.UNCHECKED:
        parts.append(text.phrase("checklist.unchecked", why=why))
    elif not parts and check.status is Status.NOT_APPLICABLE:
        parts.append(text.phrase("checklist.not_applicable", why=why))
    elif not parts:
        parts.append(text.phrase("checklist.none"))
    return plain("".join(parts), _CELL)
