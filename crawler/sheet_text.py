"""The text of a spreadsheet, row by row: cells beside each other, a tab between."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from crawler.file_clues import Unread
from crawler.message import Message, say
from crawler.passage import Parts, Passage, Unreadable

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

_MOST_CELLS = 12_000_000  # of one sheet, empty ones too: a stray blank in the last row makes a million rows
_CHUNK = 2_000  # lines told at once
_LONG_NUMBER = re.compile(r"[0-9０-９]{11}|[0-9]{4}[ -][0-9]{4}")
_HEAD = 12  # characters of a column's name
_NAME = 40
_EXACT = 1e15  # beyond, a floating-point number has lost digits


def sheets(body: bytes) -> Parts:
    """Every sheet, hidden ones too: whoever gets the file can show them. Raises Unreadable, CalamineError."""
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(body))
    except python_calamine.PasswordError as error:
        raise Unreadable(Unread.LOCKED) from error
    hidden = {m.name for m in book.sheets_metadata if m.visible != python_calamine.SheetVisibleEnum.Visible}
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        if sheet.total_height * sheet.total_width > _MOST_CELLS:
            raise Unreadable(Unread.LARGE)
        yield from _rows(sheet, name, hidden=name in hidden)


def _rows(sheet: CalamineSheet, name: str, *, hidden: bool) -> Iterator[Passage]:
    """A long number stands after the name of its column."""
    heads: dict[int, str] = {}
    lines: list[str] = []
    first = 1
    for cells in sheet.iter_rows():
        told = [_cell(value) for value in cells]
        if not any(map(_LONG_NUMBER.search, told)):
            heads |= {i: text[:_HEAD] for i, text in enumerate(told) if text and not any(map(str.isdigit, text))}
        lines.append("\t".join(_named(heads.get(i), text) for i, text in enumerate(told)))
        if len(lines) >= _CHUNK:
            yield Passage("\n".join(lines), _in_sheet(name, first, hidden=hidden))
            first, lines = first + len(lines), []
    if lines:
        yield Passage("\n".join(lines), _in_sheet(name, first, hidden=hidden))


def _named(head: str | None, text: str) -> str:
    return f"{head}：{text}" if head and _LONG_NUMBER.search(text) else text


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))  # a telephone number that the sheet holds as a number
    return " ".join(str(value).split())


def _in_sheet(name: str, first: int, *, hidden: bool) -> Callable[[int], Message]:
    name = name[:_NAME]
    if hidden:
        return lambda line: say("隐藏的工作表“{sheet}”第{row}行", sheet=name, row=first + line)
    return lambda line: say("工作表“{sheet}”第{row}行", sheet=name, row=first + line)
