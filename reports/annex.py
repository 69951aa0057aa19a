"""annex.xlsx: the list of problems as a workbook, one row a finding, to be reviewed, sent out and filled in.

Rows carry the finding's fingerprint in a hidden column, so that what people fill in can find its way back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from io import BytesIO
from math import ceil

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from crawler.message import Message, say
from reports.labels import RESULTS
from reports.language import Language
from reports.summary import Catalogue, is_manual, is_unchecked
from reports.tally import JUDGEMENTS, KINDS, Entry, Judgement, Tally, entries, name, tally
from reports.text import plain
from reports.typography import width
from rules.engine.assessment import Assessment, Result, Run
from rules.engine.edition import Edition

LAST_ROW = 1_048_575
"""Rows under the head in one sheet (Excel's own limit); a longer list goes on in the next one."""
CELL = 32_767
"""Characters in one cell (Excel's own limit)."""
_BEIJING = timezone(timedelta(hours=8))
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
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

_SHOWN, _LINES = 2000, 12
"""Characters that count for the height of a row, and its most lines."""

Cell = str | int | float | datetime | date | None


@dataclass(frozen=True, slots=True)
class _Column:
    title: Message
    width: float
    """Characters."""
    centred: bool = False
    choices: tuple[Message, ...] = ()
    hidden: bool = False


_PROBLEMS = (
    _Column(say("序号"), 6, centred=True),
    _Column(say("网站标识码"), 11, centred=True),
    _Column(say("网站名称"), 16),
    _Column(say("主办单位"), 12),
    _Column(SITE, 18),
    _Column(say("指标"), 14),
    _Column(say("栏目"), 10),
    _Column(say("问题网址"), 28),
    _Column(say("所在页网址"), 22),
    _Column(say("问题描述"), 32),
    _Column(say("监测时间（北京时间）"), 16, centred=True),
    _Column(say("HTTP状态/证据编号"), 14),
    _Column(say("判定"), 9, centred=True),
    _Column(REVIEW, 9, centred=True, choices=REVIEWS),
    _Column(REASON, 16),
    _Column(say("整改期限"), 11, centred=True),
    _Column(STATE, 9, centred=True, choices=STATES),
    _Column(KEY, 18, hidden=True),
)
_KEY = len(_PROBLEMS) - 1


def render(
    run: Run,
    assessments: Sequence[Assessment],
    edition: Edition,
    language: Language,
    *,
    due: date | None = None,
) -> bytes:
    """The workbook: 问题清单 with every finding, certain or for review, and 网站汇总 with every site.

    `due` fills 整改期限 of the certain ones; without it the office fills it in.
    """
    figures = tally(run, assessments)
    output = BytesIO()
    book = Workbook(output, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    created = (run.finished or run.started).astimezone(UTC).replace(tzinfo=None)
    book.set_properties({"title": language.text(say("网站检查问题清单")), "created": created})
    pen = _Pen(book, language)
    _problems(pen, figures.entries, Catalogue(edition), due)
    _summary(pen, figures, Catalogue(edition))
    book.close()
    return output.getvalue()


class _Pen:
    """Writes cells of a workbook: text stays text, whatever it begins with."""

    def __init__(self, book: Workbook, language: Language) -> None:
        self.book, self.language = book, language
        body = {"font_name": "宋体", "font_size": 10, "border": 1, "valign": "vcenter", "text_wrap": True}
        head = {**body, "font_name": "黑体", "bold": True, "align": "center", "bg_color": "#D9E2F3"}
        self.head = book.add_format(head)
        self._formats: dict[tuple[bool, str], Format] = {}
        for centred in (False, True):
            shape = {**body, "align": "center"} if centred else body
            self._formats[centred, "text"] = book.add_format(shape)
            # A text that looks like a formula stays one when somebody edits the cell.
            self._formats[centred, "quoted"] = book.add_format({**shape, "quote_prefix": True})
            self._formats[centred, "moment"] = book.add_format({**shape, "num_format": "yyyy-mm-dd hh:mm"})
            self._formats[centred, "day"] = book.add_format({**shape, "num_format": "yyyy-mm-dd"})

    def sheet(self, title: str, columns: Sequence[_Column]) -> Worksheet:
        """With its head frozen and repeated in print, A4 landscape, one page wide."""
        sheet = self.book.add_worksheet(title)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(0, place, self.language.text(column.title), self.head)
        sheet.set_row(0, self._height(columns, [self.language.text(c.title) for c in columns]))
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        sheet.set_footer("&C— &P —")
        return sheet

    @staticmethod
    def _height(columns: Sequence[_Column], cells: Sequence[Cell]) -> float:
        """In points, estimated: only Excel itself fits rows to their wrapped text."""
        lines = [1]
        for column, cell in zip(columns, cells, strict=True):
            if isinstance(cell, str) and not column.hidden:
                filled = ceil(2 * width(cell[:_SHOWN]) / (column.width - 1))
                # Addresses break at their slashes and leave lines short.
                lines.append(filled + 1 if filled > 1 and "/" in cell else filled)
        return min(max(lines), _LINES) * 13 + 3

    def write(self, sheet: Worksheet, row: int, columns: Sequence[_Column], cells: Sequence[Cell]) -> None:
        sheet.set_row(row, self._height(columns, cells))
        for place, (column, cell) in enumerate(zip(columns, cells, strict=True)):
            centred = column.centred
            if cell is None or cell == "":
                sheet.write_blank(row, place, None, self._formats[centred, "text"])
            elif isinstance(cell, datetime):
                moment = cell.astimezone(_BEIJING).replace(tzinfo=None)
                sheet.write_datetime(row, place, moment, self._formats[centred, "moment"])
            elif isinstance(cell, date):
                sheet.write_datetime(row, place, cell, self._formats[centred, "day"])
            elif isinstance(cell, str):
                text = _fit(cell)
                kind = "quoted" if text.startswith(_FORMULA) else "text"
                sheet.write_string(row, place, text, self._formats[centred, kind])
            else:
                sheet.write_number(row, place, cell, self._formats[centred, "text"])


def _fit(text: str) -> str:
    """Fit for a cell, whose characters Excel counts in UTF-16."""
    text = plain(text, CELL)
    return text.encode("utf-16-le")[: 2 * CELL].decode("utf-16-le", "ignore")


def _problems(pen: _Pen, found: Sequence[Entry], catalogue: Catalogue, due: date | None) -> None:
    title = pen.language.text(SHEET)
    for part, first in enumerate(range(0, max(len(found), 1), LAST_ROW), 1):
        sheet = pen.sheet(title if part == 1 else f"{title}({part})", _PROBLEMS)
        rows = found[first : first + LAST_ROW]
        for row, entry in enumerate(rows, 1):
            pen.write(sheet, row, _PROBLEMS, _problem(first + row, entry, catalogue, pen.language, due))
        sheet.autofilter(0, 0, len(rows), _KEY - 1)
        sheet.print_area(0, 0, len(rows), _KEY - 1)
        sheet.set_column(_KEY, _KEY, None, None, {"hidden": True})
        for place, column in enumerate(_PROBLEMS):
            if column.choices and rows:
                choices = [pen.language.text(c) for c in column.choices]
                sheet.data_validation(1, place, len(rows), place, {"validate": "list", "source": choices})


def _problem(number: int, entry: Entry, catalogue: Catalogue, language: Language, due: date | None) -> tuple[Cell, ...]:
    site, finding = entry.assessment.site, entry.finding
    return (
        number,
        site.code,
        site.name,
        site.organ,
        site.url,
        language.list([language.text(catalogue.heading(code)) for code in finding.indicators]),
        finding.column,
        finding.at,
        finding.on,
        finding.message.text(language.gettext),
        finding.fetched_at or entry.assessment.started,
        _evidence(entry),
        language.text(JUDGEMENTS[entry.judgement]),
        None,
        None,
        due if finding.certain else None,
        None,
        finding.fingerprint,
    )


def _evidence(entry: Entry) -> str:
    """`404 / visit.warc.gz@10234`: the status and where the record lies in the visit's folder."""
    finding = entry.finding
    record = f"{finding.evidence.warc}@{finding.evidence.offset}" if finding.evidence else ""
    return " / ".join(part for part in (str(finding.status) if finding.status else "", record) if part)


def _summary(pen: _Pen, figures: Tally, catalogue: Catalogue) -> None:
    language = pen.language
    columns = (
        _Column(say("序号"), 6, centred=True),
        _Column(say("网站标识码"), 11, centred=True),
        _Column(say("网站名称"), 20),
        _Column(say("首页网址"), 22),
        _Column(say("结果"), 10, centred=True),
        _Column(say("得分（估算）") if _estimated(figures) else say("得分"), 8, centred=True),
        _Column(say("否决项"), 16),
        *(_Column(kind.title, 6.5, centred=True) for kind in KINDS),
        _Column(say("建议"), 6, centred=True),
        _Column(say("待复核"), 7, centred=True),
        _Column(say("未能检查"), 6, centred=True),
        _Column(say("需人工"), 7, centred=True),
        _Column(say("说明"), 24),
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
