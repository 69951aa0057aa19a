"""The tables that the annexes of a notice consist of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from reports import styles
from reports.labels import RESULTS
from reports.official import OfficialDocument, TableColumn
from reports.phrases import CHINESE, Speech
from reports.styles import CELL_CENTER
from reports.summary import Catalogue
from reports.tally import JUDGEMENTS, Entry, Judgement, entries, name
from reports.text import line
from reports.typography import formal
from rules.engine.assessment import Assessment, Result

ROWS = 1000
"""Rows of the table of problems; a longer one is the spreadsheet's business (annex.xlsx)."""
_CELL = 300
_ADDRESS = 300


def results(document: OfficialDocument, text: Speech) -> None:
    columns = (
        TableColumn("序号", 10, CELL_CENTER),
        TableColumn("网站标识码", 23, CELL_CENTER),
        TableColumn("网站名称", 36),
        TableColumn("检查结果", 19, CELL_CENTER),
        TableColumn("得分", 25, CELL_CENTER),
        TableColumn("问题数", 14, CELL_CENTER),
        TableColumn("说明", 29),
    )
    figures = text.figures
    rows = [
        (
            line(a.site.code, 20) or "—",
            name(a.site),
            str(RESULTS[a.result]),
            _score(a),
            _count(a),
            _reason(a, text.catalogue),
        )
        for a in figures.assessments
    ]
    rows += [("—", line(url, 100), "未完成检查", "—", "—", line(reason, 100)) for url, reason in figures.failures]
    notes = []
    if any(a.score is None for a in figures.assessments):
        notes.append(text.wording.one("annex.results_unscored"))
    if any(a.score is not None and a.score_is_estimate for a in figures.assessments):
        notes.append(text.wording.one("annex.results_estimate"))
    # Above the table: below it, LibreOffice may leave it alone on a page.
    document.paragraph(text.wording.one("annex.results_note") + "".join(notes), styles.NOTE, keep=True)
    document.table(columns, ((str(n), *row) for n, row in enumerate(rows, 1)))


def _count(assessment: Assessment) -> str:
    problems = sum(e.is_fault for e in entries(assessment))
    # None found where little was seen is not none.
    return str(problems) if problems or assessment.result is not Result.UNDETERMINED else "—"


def _score(assessment: Assessment) -> str:
    if assessment.score is None:
        return "—"
    return CHINESE.number(assessment.score) + ("（估算）" if assessment.score_is_estimate else "")


def _reason(assessment: Assessment, catalogue: Catalogue) -> str:
    if assessment.vetoes:
        return "、".join(dict.fromkeys(line(str(catalogue.title(code)), 40) for code in assessment.vetoes))
    if assessment.why is not None:
        return formal(line(CHINESE.text(assessment.why), 100))
    if assessment.result is Result.UNQUALIFIED and assessment.score is not None:
        return f"低于{CHINESE.number(catalogue.edition.pass_score)}分"
    return ""


def problems(document: OfficialDocument, text: Speech) -> None:
    columns = (
        TableColumn("序号", 12, CELL_CENTER),
        TableColumn("网站标识码", 23, CELL_CENTER),
        TableColumn("网站名称", 25),
        TableColumn("指标", 20),
        TableColumn("栏目/所在页面", 32),
        TableColumn("问题网址", 40),
        TableColumn("问题描述", 56),
        TableColumn("判定", 17, CELL_CENTER),
    )
    listed = text.figures.listed
    shown = worst(listed, ROWS)
    note = text.wording.one("annex.problems_note")
    if len(shown) < len(listed):
        note += text.phrase("annex.problems_cut", total=len(listed), shown=len(shown))
    document.paragraph(note, styles.NOTE, keep=True)
    document.table(columns, ((str(n), *_problem(e, text)) for n, e in enumerate(shown, 1)))


def _problem(entry: Entry, text: Speech) -> tuple[str, ...]:
    site, finding = entry.assessment.site, entry.finding
    mended = (site.url, finding.fingerprint) in text.background.mended
    return (
        line(site.code, 20) or "—",
        name(site),
        line(str(text.catalogue.title(finding.indicator)), 40),
        " ".join(line(part, _ADDRESS) for part in (finding.column, finding.on) if part) or "—",
        line(finding.at, _ADDRESS),
        formal(line(CHINESE.text(finding.message), _CELL)),
        str(JUDGEMENTS[entry.judgement]) + (text.wording.one("annex.mended") if mended else ""),
    )


def worst(listed: Sequence[Entry], limit: int) -> list[Entry]:
    """At most `limit` entries in their order: the most severe of every site, so that no site crowds out another."""
    if len(listed) <= limit:
        return list(listed)
    seen: Counter[int] = Counter()
    ranked = []
    for place, entry in enumerate(listed):
        ranked.append((list(Judgement).index(entry.judgement), seen[id(entry.assessment)], place))
        seen[id(entry.assessment)] += 1
    return [listed[place] for place in sorted(place for _, _, place in sorted(ranked)[:limit])]
