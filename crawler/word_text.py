"""The text of a Word document (.docx): its paragraphs and the rows of its tables, in order.

python-docx loads the whole package, pictures and all, and takes minutes over the cells of a long table; here the parts
that hold text are read as a stream.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from itertools import islice

from crawler.message import Message, say
from crawler.passage import FEW, Parts, Passage, letters

_CHUNK = 2_000  # lines told at once
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MAIN = "word/document.xml"
_PARTS = re.compile(r"word/(?:document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml")
_SIGNS = {"tab": "\t", "br": "\t", "cr": "\t", "noBreakHyphen": "-", "softHyphen": "-"}

Line = tuple[str, Message]


def word(file: zipfile.ZipFile) -> Parts:
    """Raises zipfile.BadZipFile and lxml's errors."""
    names = file.namelist()
    found = 0
    for name in sorted(set(filter(_PARTS.fullmatch, names))):
        told = _Part(main=name == _MAIN).lines(file, name)
        while lines := tuple(islice(told, _CHUNK)):
            found += sum(letters(line) for line, _ in lines)
            yield _passage(lines)
    if found < FEW and any(name.startswith("word/media/") for name in names):
        yield None


def _passage(lines: tuple[Line, ...]) -> Passage:
    return Passage("\n".join(line for line, _ in lines), [where for _, where in lines].__getitem__)


class _Part:
    """ECMA-376-1, 17.3 and 17.4."""

    def __init__(self, *, main: bool) -> None:
        self._main = main
        self._text: list[str] = []
        self._cells: list[str] = []
        self._depth = 0
        """Rows within rows."""
        self._paragraphs = self._tables = self._rows = 0

    def lines(self, file: zipfile.ZipFile, name: str) -> Iterator[Line]:
        from lxml import etree

        with file.open(name) as part:
            events = etree.iterparse(
                part, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
            )
            for event, node in events:
                tag = node.tag.removeprefix(_W) if isinstance(node.tag, str) else ""
                if event == "start":
                    self._start(tag)
                elif tag == "t":
                    self._text.append(node.text or "")
                elif tag in _SIGNS:
                    self._text.append(_SIGNS[tag])
                elif tag in ("p", "tc", "tr"):
                    yield from self._end(tag)
                    node.clear()  # a long document is never in memory as a whole

    def _start(self, tag: str) -> None:
        if tag == "tbl" and self._depth == 0:
            self._tables, self._rows = self._tables + 1, 0
        elif tag == "tr":
            self._depth += 1
            if self._depth == 1:
                self._text, self._cells, self._rows = [], [], self._rows + 1

    def _end(self, tag: str) -> Iterator[Line]:
        if tag == "p" and self._depth == 0:
            self._paragraphs += 1
            yield self._taken(), self._place(say("第{number}段", number=self._paragraphs))
        elif tag == "p":
            self._text.append(" ")
        elif tag == "tc" and self._depth == 1:
            self._cells.append(self._taken())
        elif tag == "tr":
            self._depth -= 1
            if self._depth == 0:
                where = say("第{table}个表格第{row}行", table=self._tables, row=self._rows)
                yield "\t".join(self._cells), self._place(where)

    def _place(self, where: Message) -> Message:
        return where if self._main else say("页眉、页脚、脚注或批注")

    def _taken(self) -> str:
        text, self._text = "".join(self._text).replace("\n", " ").strip(), []
        return text
