"""The text of a document: PDF, Word (.docx), spreadsheets (.xlsx, .xls, .et, .ods), OFD, CSV and plain text. Pure.

Whatever the file is, it may be hostile: a ZIP that unfolds without end, a table of a billion empty cells, a page tree
that leads in a circle. What can be bounded is bounded here; what cannot, time and memory, by whoever runs it in a
process of its own (`crawler/file_reader.py`).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator

from crawler import charset, html
from crawler.file_clues import Unread
from crawler.passage import FEW, MOST_PAGES, Parts, Passage, Unreadable, in_line, letters, on_page
from crawler.pdf_text import pdf
from crawler.sheet_text import sheets
from crawler.word_text import word

MOST_TEXT = 20_000_000  # characters
_MOST_UNFOLDED = 100_000_000  # bytes of a ZIP's members
_MOST_MEMBERS = 10_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # [MS-CFB], of Office 97 to 2003
_LOCKED_OFFICE = "EncryptedPackage".encode("utf-16-le")
_BOOKS = ("Workbook\0".encode("utf-16-le"), "Book\0".encode("utf-16-le"))
_OFD_PAGE = re.compile(r"(?:.*/)?Pages/[^/]+/Content\.xml", re.IGNORECASE)
_TAGGED = re.compile(rb"<!doctype html|<html|<meta|<head|<table", re.IGNORECASE)
_TAGGED_NAMES = frozenset({"xls", "doc", "et", "wps"})


def passages(body: bytes, name: str) -> Iterator[Passage]:
    """The text of a file, part by part. `name`: its file name's extension, in lower case, where its bytes do not tell.

    Raises Unreadable, after what could be read; and whatever the libraries raise on a damaged file.
    """
    length, scanned = 0, False
    for passage in _reader(body, name)(body):
        if passage is None:
            scanned = True
            continue
        yield passage
        length += len(passage.text)
        if length > MOST_TEXT:
            raise Unreadable(Unread.LONG)
    if scanned:
        raise Unreadable(Unread.PARTLY_SCAN if length > FEW else Unread.SCAN)


def _reader(body: bytes, name: str) -> Callable[[bytes], Parts]:
    head = body[:1024].lstrip(b"\xef\xbb\xbf\0 \t\r\n")
    if head.startswith(b"%PDF-") or (name == "pdf" and b"%PDF-" in head):
        return pdf
    if head.startswith(b"PK\x03\x04"):
        return _packed
    if head.startswith(_OLE):
        if _LOCKED_OFFICE in body:
            raise Unreadable(Unread.LOCKED)
        if any(book in body for book in _BOOKS):
            return sheets
    elif name in ("csv", "txt"):
        return _lines
    elif name in _TAGGED_NAMES and _TAGGED.match(head):
        return _web  # what many systems hand out under these names
    raise Unreadable(Unread.FORMAT)


def _packed(body: bytes) -> Parts:
    try:
        file = zipfile.ZipFile(io.BytesIO(body))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Unreadable(Unread.DAMAGED) from error
    with file:
        members = file.infolist()
        names = {member.filename for member in members}
        # No member gives more than it declares: zipfile stops there, and calamine is bounded by its process.
        if len(members) > _MOST_MEMBERS or sum(member.file_size for member in members) > _MOST_UNFOLDED:
            raise Unreadable(Unread.LARGE)
        if any(member.flag_bits & 1 for member in members):
            raise Unreadable(Unread.LOCKED)
        if "word/document.xml" in names:
            yield from word(file)
        elif names & {"xl/workbook.xml", "xl/workbook.bin"} or {"mimetype", "content.xml"} <= names:
            yield from sheets(body)
        elif "OFD.xml" in names:
            yield from _ofd(file)
        else:
            raise Unreadable(Unread.FORMAT)


def _ofd(file: zipfile.ZipFile) -> Parts:
    """GB/T 33190-2016, 11.3: the text of a page stands in its TextCode elements."""
    from lxml import etree

    for number, name in enumerate(sorted(filter(_OFD_PAGE.fullmatch, file.namelist()), key=_in_order), start=1):
        if number > MOST_PAGES:
            raise Unreadable(Unread.LONG)
        pieces, pictures = [], False
        with file.open(name) as part:
            for _, node in etree.iterparse(part, resolve_entities=False, no_network=True, huge_tree=False):
                tag = etree.QName(node).localname if isinstance(node.tag, str) else ""
                if tag == "TextCode":
                    pieces.append(" ".join((node.text or "").split()))
                pictures = pictures or tag == "ImageObject"
        text = "\t".join(pieces)
        if pictures and letters(text) < FEW:
            yield None
        yield Passage(text, on_page(number))


def _in_order(name: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d{1,9}", name)]


def _lines(body: bytes) -> Parts:
    yield Passage(charset.decode(body)[0], in_line)


def _web(body: bytes) -> Parts:
    lines = html.parse(charset.decode(body)[0]).text().splitlines()
    yield Passage("\n".join(filter(str.strip, lines)), in_line)
