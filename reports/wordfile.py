"""The template of the notices as a Word file: one table a section, the sentences in its second column to be edited.

What is read is the tables' first two columns; headings, remarks and the third column are for people.
"""

from __future__ import annotations

from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from docx import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from crawler.message import say
from reports.slots import words
from reports.text import line
from reports.wording import VERSION, Wording, WordingError

_HEAD = ("句子", "文字（只改这一列）", "可填的名称，带 * 的不能少")
_WIDTHS = (42, 88, 40)  # mm
_LEAD = (
    "通报、整改通知书、自查表、年度报表的文字。只改第二列；花括号里的名称由程序填写，可以移动，不能改名；"
    "第一列、表格的行不要增减（grades 一节按合格率分档，可以增减，0 一档必须有）。改完后不要留修订标记。"
)
_CHANGES = tuple(qn(f"w:{mark}") for mark in ("ins", "del", "moveFrom", "moveTo"))


def write(wording: Wording) -> bytes:
    """The template in a Word file, for the office to edit."""
    document = Document()
    style: Any = document.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(11)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "宋体")
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    document.add_paragraph(_LEAD)
    _table(document, [("version", (str(VERSION),), "不要改")])
    for name, keys in groupby(wording.texts, key=lambda key: key.partition(".")[0]):
        document.add_heading(name, 2)
        _table(document, [(key, wording.several(key), _hint(key)) for key in keys])
    output = BytesIO()
    document.save(output)
    return output.getvalue()


def _table(document: Any, rows: list[tuple[str, tuple[str, ...], str]]) -> None:  # noqa: ANN401 - python-docx's
    table = document.add_table(rows=1, cols=3)
    table.style = "Table Grid"
    table.autofit = False
    for cell, title in zip(table.rows[0].cells, _HEAD, strict=True):
        cell.text = title
    for key, texts, hint in rows:
        cells = table.add_row().cells
        cells[0].text, cells[2].text = key, hint
        cells[1].text = texts[0]
        for text in texts[1:]:
            cells[1].add_paragraph(text)
    for row in table.rows:
        for cell, width in zip(row.cells, _WIDTHS, strict=True):
            cell.width = Mm(width)


def _hint(key: str) -> str:
    needed, own = words(key)
    return " ".join([*(f"{{{word}}}*" for word in needed), *(f"{{{word}}}" for word in own)])


def read(path: Path) -> dict[str, Any]:
    """Sentence → its text, or its texts where there are several paragraphs. Raises WordingError."""
    try:
        document = Document(str(path))
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError, AttributeError) as error:
        if not path.exists():
            raise FileNotFoundError(2, "No such file or directory", str(path)) from error
        raise WordingError(say("模板 {file} 不是 Word 文件（.docx）", file=path.name)) from error
    if any(True for _ in document.element.body.iter(*_CHANGES)):
        raise WordingError(say("模板 {file} 中留有修订标记；请在 Word 中接受或拒绝全部修订后再用", file=path.name))
    found: dict[str, Any] = {}
    for table in document.tables:
        for row in table.rows[1:]:
            cells = row.cells
            if len(cells) < 2:
                raise WordingError(say("模板 {file} 中有一行不足两列", file=path.name))
            key = cells[0].text.strip()
            if key in found:
                raise WordingError(say("模板 {file} 中 {key} 出现了两次", file=path.name, key=line(key, 60)))
            texts = [paragraph.text for paragraph in cells[1].paragraphs]
            found[key] = texts if len(texts) > 1 else texts[0]
    return found
