"""notice.docx: the draft of a 抽查通报, laid out as an official document (GB/T 9704-2012).

The sentences come from `narrative.py`, the geometry from `official.py`; here they are put in order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from reports import styles
from reports.details import NoticeDetails
from reports.labels import RESULTS
from reports.language import Language
from reports.narrative import BLANK, CHINESE, Narrative
from reports.official import OfficialDocument, TableColumn
from reports.styles import CELL_CENTER, LEVEL_1
from reports.summary import Catalogue
from reports.tally import JUDGEMENTS, Entry, Judgement, entries, name, tally
from reports.text import line
from reports.typography import chinese, formal, title_lines
from rules.engine.assessment import Assessment, Result, Run
from rules.engine.edition import Edition

__all__ = ["NoticeDetails", "render"]

ROWS = 1000
"""Rows of the table of problems; a longer one is the spreadsheet's business (annex.xlsx)."""
_CELL = 300
_ADDRESS = 300


def render(
    run: Run,
    assessments: Sequence[Assessment],
    edition: Edition,
    language: Language,  # noqa: ARG001 - every report is called alike
    *,
    details: NoticeDetails = NoticeDetails(),  # noqa: B008 - frozen
) -> bytes:
    """The notice as a Word file. It is a Chinese official document: `language` does not change it."""
    text = Narrative(run, tally(run, assessments), edition, details)
    document = OfficialDocument(
        title="".join(text.parts),
        author=details.office,
        created=run.finished or run.started,
        header=text.wording("draft", "header") if details.draft else "",
    )
    _body(document, text)
    for key in text.annexes:
        document.sheet(text.label(key), text.wording("annex", key), landscape=key == "problems")
        if key == "results":
            _results(document, text)
        else:
            _problems(document, text)
    if details.draft:
        document.sheet("", text.wording("draft", "heading"))
        document.paragraph(text.wording("draft", "lead"), styles.REMARK)
        for number, remark in enumerate(text.remarks(), 1):
            document.paragraph(f"{number}. {remark}", styles.REMARK)
    return document.to_bytes()


def _body(document: OfficialDocument, text: Narrative) -> None:
    details = text.details
    document.paragraph(_number(details.number), styles.NUMBER)
    document.blank()
    document.title(title_lines(text.parts))
    document.blank()
    document.paragraph(f"{details.addressee.rstrip(':： ') or BLANK}：", styles.ADDRESSEE)
    document.paragraph(text.lead)
    sections = text.sections
    for number, (heading, sentences) in enumerate(sections, 1):
        document.paragraph(f"{chinese(number)}、{heading}", LEVEL_1)
        for place, sentence in enumerate(sentences, 1):
            # The signature may not stand on a page without text.
            last = number == len(sections) and place == len(sentences)
            document.paragraph(sentence.text, lead=sentence.lead, keep=last)
    if text.annexes:
        document.blank(keep=True)
        document.annex_list([text.wording("annex", key) for key in text.annexes])
    document.blank(keep=True)
    document.blank(keep=True)
    blank = f"{BLANK}年{BLANK}月{BLANK}日"
    document.sign_off(details.office or BLANK, CHINESE.date(details.issued) if details.issued else blank)


def _number(number: str) -> str:
    """文号 with six-cornered brackets, whatever brackets were typed; blanks where none is given."""
    typed = str.maketrans("[]［］【】()（）", "〔〕〔〕〔〕〔〕〔〕")
    return number.translate(typed) if number else "〔　　　　〕　　号"


def _results(document: OfficialDocument, text: Narrative) -> None:
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
    document.table(columns, ((str(n), *row) for n, row in enumerate(rows, 1)))
    notes = []
    if any(a.score is None for a in figures.assessments):
        notes.append(text.wording("annex", "results_unscored"))
    if any(a.score is not None and a.score_is_estimate for a in figures.assessments):
        notes.append(text.wording("annex", "results_estimate"))
    document.paragraph(text.wording("annex", "results_note") + "".join(notes), styles.NOTE)


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


def _problems(document: OfficialDocument, text: Narrative) -> None:
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
    document.table(columns, ((str(n), *_problem(e, text.catalogue)) for n, e in enumerate(shown, 1)))
    note = text.wording("annex", "problems_note")
    if len(shown) < len(listed):
        note += text.wording("annex", "problems_cut").format(total=len(listed), shown=len(shown))
    document.paragraph(note, styles.NOTE)


def _problem(entry: Entry, catalogue: Catalogue) -> tuple[str, ...]:
    site, finding = entry.assessment.site, entry.finding
    return (
        line(site.code, 20) or "—",
        name(site),
        line(str(catalogue.title(finding.indicator)), 40),
        " ".join(line(part, _ADDRESS) for part in (finding.column, finding.on) if part) or "—",
        line(finding.at, _ADDRESS),
        formal(line(CHINESE.text(finding.message), _CELL)),
        str(JUDGEMENTS[entry.judgement]),
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
