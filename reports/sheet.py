"""Sheets of a workbook that people print and fill in: heads, widths, heights and cells that stay what they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from io import BytesIO
from math import ceil
from typing import TYPE_CHECKING

from crawler.message import Message, say
from reports.language import Language
from reports.text import FORMULA, plain
from reports.typography import width
from rules.engine.assessment import Run

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

CELL = 32_767
"""Characters in one cell (Excel's own limit)."""
BEIJING = timezone(timedelta(hours=8))
_SHOWN, _LINES = 2000, 12
"""Characters that count for the height of a row, and its most lines."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A text that leads to a file beside the workbook."""

    text: str
    file: str
    """Relative, with slashes."""


Cell = str | int | float | datetime | date | Linked | None


@dataclass(frozen=True, slots=True)
class Column:
    title: Message
    width: float
    """Characters."""
    centred: bool = False
    choices: tuple[Message, ...] = ()
    hidden: bool = False


def workbook(file: BytesIO, run: Run, title: str) -> Workbook:
    """A workbook to be written to `file`: what begins as a formula or an address does stays text."""
    from xlsxwriter import Workbook  # every audit imports this module, and few write a sheet

    book = Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    created = (run.finished or run.started).astimezone(UTC).replace(tzinfo=None)
    book.set_properties({"title": title, "created": created})
    return book


class Pen:
    """Writes cells of a workbook: text stays text, whatever it begins with."""

    def __init__(self, book: Workbook, language: Language, *, draft: bool = False) -> None:
        """`draft`: every page is marked as one."""
        self.book, self.language, self.draft = book, language, draft
        body = {"font_name": "宋体", "font_size": 10, "border": 1, "valign": "vcenter", "text_wrap": True}
        head = {**body, "font_name": "黑体", "bold": True, "align": "center", "bg_color": "#D9E2F3"}
        self.head = book.add_format(head)
        self.link = book.add_format({**body, "font_color": "#0A4FA8", "underline": 1})
        self._formats: dict[tuple[bool, str], Format] = {}
        for centred in (False, True):
            shape = {**body, "align": "center"} if centred else body
            self._formats[centred, "text"] = book.add_format(shape)
            # A text that looks like a formula stays one when somebody edits the cell.
            self._formats[centred, "quoted"] = book.add_format({**shape, "quote_prefix": True})
            self._formats[centred, "moment"] = book.add_format({**shape, "num_format": "yyyy-mm-dd hh:mm"})
            self._formats[centred, "day"] = book.add_format({**shape, "num_format": "yyyy-mm-dd"})

    def sheet(self, title: str, columns: Sequence[Column]) -> Worksheet:
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
        sheet.set_margins(left=0.4, right=0.4, top=0.8 if self.draft else 0.6, bottom=0.6)
        if self.draft:
            sheet.set_header(f"&R&16&KC00000{self.language.text(say('草稿　未经复核，不得印发'))}")
        sheet.set_footer("&C— &P —")
        return sheet

    @staticmethod
    def _height(columns: Sequence[Column], cells: Sequence[Cell]) -> float:
        """In points, estimated: only Excel itself fits rows to their wrapped text."""
        lines = [1]
        for column, cell in zip(columns, cells, strict=True):
            if isinstance(cell, str) and not column.hidden:
                filled = ceil(2 * width(cell[:_SHOWN]) / (column.width - 1))
                # Addresses break at their slashes and leave lines short.
                lines.append(filled + 1 if filled > 1 and "/" in cell else filled)
        return min(max(lines), _LINES) * 13 + 3

    def write(self, sheet: Worksheet, row: int, columns: Sequence[Column], cells: Sequence[Cell]) -> None:
        sheet.set_row(row, self._height(columns, cells))
        for place, (column, cell) in enumerate(zip(columns, cells, strict=True)):
            centred = column.centred
            if cell is None or cell == "":
                sheet.write_blank(row, place, None, self._formats[centred, "text"])
            elif isinstance(cell, datetime):
                moment = cell.astimezone(BEIJING).replace(tzinfo=None)
                sheet.write_datetime(row, place, moment, self._formats[centred, "moment"])
            elif isinstance(cell, date):
                sheet.write_datetime(row, place, cell, self._formats[centred, "day"])
            elif isinstance(cell, Linked):
                sheet.write_url(row, place, f"external:{cell.file}", self.link, cell.text)
            elif isinstance(cell, str):
                text = _fit(cell)
                kind = "quoted" if text.startswith(FORMULA) else "text"
                sheet.write_string(row, place, text, self._formats[centred, kind])
            else:
                sheet.write_number(row, place, cell, self._formats[centred, "text"])


def _fit(text: str) -> str:
    """Fit for a cell, whose characters Excel counts in UTF-16."""
    text = plain(text, CELL)
    return text.encode("utf-16-le")[: 2 * CELL].decode("utf-16-le", "ignore")
