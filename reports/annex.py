"""annex.xlsx: the list of problems as a workbook, one row a finding, to be reviewed, sent out and filled in.

Rows carry the finding's fingerprint in a hidden column, so that what people fill in can find its way back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO

from crawler.message import say
from reports.history import History, Past
from reports.labels import RESULTS
from reports.language import Language
from reports.sheet import BEIJING, CELL, Cell, Column, Linked, Pen, workbook
from reports.summary import Catalogue, is_manual, is_unchecked
from reports.tally import JUDGEMENTS, KINDS, Entry, Judgement, Tally, entries, name, tally
from rules.engine.assessment import Assessment, Result, Run
from rules.engine.edition import Edition

LAST_ROW = 1_048_575
"""Rows under the head in one sheet (Excel's own limit); a longer list goes on in the next one."""
CONFIRMED, MISTAKEN, APPEALED = REVIEWS = (say("确认"), say("误报"), say("申诉"))
OPEN, MENDING, MENDED = STATES = (say("未整改"), say("整改中"), say("已整改"))
SITE, REVIEW, REASON, STATE, KEY = (
    say("首页网址"),
    say("复核意见"),
    say("复核说明"),
    say("整改情况"),
    say("指纹"),
)
"""Headings by which a filled-in annex is read back."""
SHEET = say("问题清单")

_PROBLEMS = (
    Column(say("序号"), 6, centred=True),
    Column(say("网站标识码"), 11, centred=True),
    Column(say("网站名称"), 16),
    Column(say("主办单位"), 12),
    Column(SITE, 18),
    Column(say("指标（一级/二级）"), 16),
    Column(say("栏目"), 10),
    Column(say("问题网址"), 28),
    Column(say("所在页网址"), 22),
    Column(say("问题描述"), 32),
    Column(say("最近信息日期"), 11, centred=True),
    Column(say("监测时间（北京时间）"), 16, centred=True),
    Column(say("HTTP状态/证据编号"), 14),
    Column(say("判定"), 9, centred=True),
    Column(say("首次发现"), 11, centred=True),
    Column(say("台账情况"), 14),
    Column(REVIEW, 9, centred=True, choices=REVIEWS),
    Column(REASON, 16),
    Column(say("整改期限"), 11, centred=True),
    Column(STATE, 9, centred=True, choices=STATES),
    Column(KEY, 18, hidden=True),
)
_KEY = len(_PROBLEMS) - 1


def render(
    run: Run,
    assessments: Sequence[Assessment],
    edition: Edition,
    language: Language,
    *,
    due: date | None = None,
    draft: bool = False,
    histories: Mapping[str, History] | None = None,
    exhibits: Mapping[tuple[str, str], str] | None = None,
) -> bytes:
    """The workbook: 问题清单 with every finding, certain or for review, and 网站汇总 with every site.

    `due` fills 整改期限 of the certain ones; without it the office fills it in. `draft`: marked so on every page.
    `histories`: what is known of a site, by its home address: since when, how it stands, why it is let be.
    `exhibits`: files beside the workbook with the evidence of a finding, by the site's home address and fingerprint.
    """
    figures = tally(run, assessments)
    output = BytesIO()
    book = workbook(output, run, language.text(say("网站检查问题清单")))
    pen = Pen(book, language, draft=draft)
    _problems(pen, figures.entries, Catalogue(edition), due, histories or {}, exhibits or {})
    _summary(pen, figures, Catalogue(edition))
    book.close()
    return output.getvalue()


def _problems(
    pen: Pen,
    found: Sequence[Entry],
    catalogue: Catalogue,
    due: date | None,
    histories: Mapping[str, History],
    exhibits: Mapping[tuple[str, str], str],
) -> None:
    title = pen.language.text(SHEET)
    for part, first in enumerate(range(0, max(len(found), 1), LAST_ROW), 1):
        sheet = pen.sheet(title if part == 1 else f"{title}({part})", _PROBLEMS)
        rows = found[first : first + LAST_ROW]
        for row, entry in enumerate(rows, 1):
            url, fingerprint = entry.assessment.site.url, entry.finding.fingerprint
            past = histories.get(url, History()).past.get(fingerprint)
            exhibit = exhibits.get((url, fingerprint), "")
            pen.write(sheet, row, _PROBLEMS, _problem(first + row, entry, catalogue, pen.language, due, past, exhibit))
        sheet.autofilter(0, 0, len(rows), _KEY - 1)
        sheet.print_area(0, 0, len(rows), _KEY - 1)
        sheet.set_column(_KEY, _KEY, None, None, {"hidden": True})
        for place, column in enumerate(_PROBLEMS):
            if column.choices and rows:
                choices = [pen.language.text(c) for c in column.choices]
                sheet.data_validation(1, place, len(rows), place, {"validate": "list", "source": choices})


def _problem(
    number: int,
    entry: Entry,
    catalogue: Catalogue,
    language: Language,
    due: date | None,
    past: Past | None,
    exhibit: str,
) -> tuple[Cell, ...]:
    site, finding = entry.assessment.site, entry.finding
    return (
        number,
        site.code,
        site.name,
        site.organ,
        site.url,
        language.list([_indicator(code, catalogue, language) for code in finding.indicators]),
        finding.column,
        finding.at,
        finding.on,
        finding.message.text(language.gettext),
        _newest(entry),
        finding.fetched_at or entry.assessment.started,
        Linked(_evidence(entry) or language.text(say("证据")), exhibit) if exhibit else _evidence(entry),
        language.text(JUDGEMENTS[entry.judgement]),
        past.first.astimezone(BEIJING).date() if past else None,
        language.text(past.stands) if past else None,
        None,
        None,
        due if finding.certain and not (past and past.ground) else None,
        None,
        finding.fingerprint,
    )


def _indicator(code: str, catalogue: Catalogue, language: Language) -> str:
    """单项否决/1.4 栏目不更新."""
    indicator = catalogue.indicators.get(code)
    heading = language.text(catalogue.heading(code))
    return f"{language.gettext(indicator.group)}/{heading}" if indicator and indicator.group else heading


def _newest(entry: Entry) -> date | None:
    """The date of the newest item of the column that the finding is about."""
    finding = entry.finding
    for column in entry.assessment.columns:
        if finding.at == column.url or (finding.column is not None and finding.column == column.name):
            return column.newest
    return None


def _evidence(entry: Entry) -> str:
    """`404 / visit.warc.gz@10234`: the status and where the record lies in the visit's folder."""
    finding = entry.finding
    record = f"{finding.evidence.warc}@{finding.evidence.offset}" if finding.evidence else ""
    return " / ".join(part for part in (str(finding.status) if finding.status else "", record) if part)


def _summary(pen: Pen, figures: Tally, catalogue: Catalogue) -> None:
    language = pen.language
    columns = (
        Column(say("序号"), 6, centred=True),
        Column(say("网站标识码"), 11, centred=True),
        Column(say("网站名称"), 20),
        Column(say("首页网址"), 22),
        Column(say("结果"), 10, centred=True),
        Column(say("得分（估算）") if _estimated(figures) else say("得分"), 8, centred=True),
        Column(say("否决项"), 16),
        *(Column(kind.title, 6.5, centred=True) for kind in KINDS),
        Column(say("建议"), 6, centred=True),
        Column(say("待复核"), 7, centred=True),
        Column(say("未能检查"), 6, centred=True),
        Column(say("需人工"), 7, centred=True),
        Column(say("说明"), 24),
    )
    sheet = pen.sheet(language.text(say("网站汇总")), columns)
    rows = [_site(a, catalogue, language) for a in figures.assessments]
    failed = language.text(say("未完成检查"))
    for url, reason in figures.failures:
        rows.append(("", "", url, failed, None, "", *([None] * (len(KINDS) + 4)), reason))
    for number, row in enumerate(rows, 1):
        pen.write(sheet, number, columns, (number, *row))
    sheet.autofilter(0, 0, len(rows), len(columns) - 1)


def _site(assessment: Assessment, catalogue: Catalogue, language: Language) -> tuple[Cell, ...]:
    found = entries(assessment)
    faults = [e for e in found if e.is_fault]
    # None found where little was seen is not none.
    none = None if assessment.result is Result.UNDETERMINED else 0
    return (
        assessment.site.code,
        name(assessment.site, CELL),
        assessment.site.url,
        language.text(RESULTS[assessment.result]),
        assessment.score,
        language.list([language.text(catalogue.title(code)) for code in assessment.vetoes]),
        *(sum(e.kind is kind for e in faults) or none for kind in KINDS),
        sum(e.judgement is Judgement.ADVICE for e in found),
        sum(e.judgement is Judgement.REVIEW for e in found),
        sum(map(is_unchecked, assessment.checks)),
        sum(map(is_manual, assessment.checks)),
        assessment.why.text(language.gettext) if assessment.why else "",
    )


def _estimated(figures: Tally) -> bool:
    return any(a.score is not None and a.score_is_estimate for a in figures.assessments)
