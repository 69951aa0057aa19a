"""The visible sheets of an XLSX file that people have filled in, as text."""

from __future__ import annotations

import io
import warnings

_SHOWN = 60  # characters of the library's complaint


class DamagedError(Exception):
    """No sound XLSX file; its argument is what the library said, in one line."""


def visible(data: bytes) -> list[tuple[str, list[tuple[str, ...]]]]:
    """Name and rows of each sheet that is not hidden. Raises DamagedError."""
    from openpyxl import load_workbook  # a quarter of a second

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validations, which do not matter here
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            sheets = []
            for sheet in book.worksheets:
                if sheet.sheet_state == "visible":
                    sheet.reset_dimensions()  # some programs write a wrong one, and rows would be lost
                    sheets.append((sheet.title, [tuple(map(cell, row)) for row in sheet.iter_rows(values_only=True)]))
            return sheets
    except Exception as error:
        # openpyxl raises whatever the damage trips over: bad zips, XML, references, numbers.
        text = " ".join((str(error) or type(error).__name__).split())
        raise DamagedError(text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…") from error


def cell(value: object) -> str:
    """A cell's text, without what editors leave around it."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a code that Excel holds as a number
    return "" if value is None else str(value).strip("\ufeff\u200b \t\r\n\u3000\xa0")
