"""Files as offices publish them, and as attackers make them. Every number in them is made up."""

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from itertools import pairwise

import docx
import openpyxl

PEOPLE = ("530000198005170210", "530000197503021184")
SHOWN = ("53*************210", "53*************184")
_DOCX = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def word(paragraphs: Sequence[str] = (), rows: Sequence[Sequence[str]] = (), *, ballast: int = 0) -> bytes:
    """`ballast`: so many bytes that nothing compresses, as pictures are."""
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    table = document.add_table(rows=0, cols=max(map(len, rows), default=1))
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    out = io.BytesIO()
    document.save(out)
    if ballast:
        with zipfile.ZipFile(out, "a") as packed:
            packed.writestr("word/media/a.bin", bytes(i * i * 7919 >> 3 & 255 for i in range(ballast)))
    return out.getvalue()


def workbook(sheets: Mapping[str, Sequence[Sequence[object]]], *, hidden: Sequence[str] = ()) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def pdf(*pages: Sequence[str], scans: int = 0, count: int | None = None) -> bytes:
    """Latin lines on pages, and pages that are a picture. `count`: what the page tree claims instead of the truth."""
    objects: dict[int, bytes] = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        3: b"<</Type/Font/Subtype/Type1/BaseFont/Courier>>",
    }
    kids = []

    def page(content: bytes) -> None:
        number = len(objects) + 2
        kids.append(b"%d 0 R" % number)
        objects[number] = (
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents %d 0 R"
            b"/Resources<</Font<</F 3 0 R>>/XObject<</I 4 0 R>>>>>>" % (number + 1)
        )
        objects[number + 1] = b"<</Length %d>>stream\n" % len(content) + content + b"\nendstream"

    dots = zlib.compress(bytes(64))
    objects[4] = (
        b"<</Type/XObject/Subtype/Image/Width 8/Height 8/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/FlateDecode"
        b"/Length %d>>stream\n" % len(dots) + dots + b"\nendstream"
    )
    for lines in pages:
        page(b"BT /F 10 Tf 12 TL 40 760 Td " + b"".join(b"(%s) Tj T* " % line.encode() for line in lines) + b"ET")
    for _ in range(scans):
        page(b"q 600 0 0 800 0 0 cm /I Do Q")
    objects[2] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids) if count is None else count, b" ".join(kids))
    out = b"%PDF-1.4\n"
    places = {}
    for number, body in sorted(objects.items()):
        places[number] = len(out)
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start, size = len(out), max(objects) + 1
    rows = b"".join(b"%010d 00000 n \n" % places[n] if n in places else b"0000000000 65535 f \n" for n in range(size))
    return (
        out
        + b"xref\n0 %d\n" % size
        + rows
        + b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (size, start)
    )


def zipped(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, body in members.items():
            packed.writestr(name, body)
    return out.getvalue()


def document_xml(body: str, *, before: str = "") -> bytes:
    return f'<?xml version="1.0"?>{before}<w:document xmlns:w="{_DOCX}"><w:body>{body}</w:body></w:document>'.encode()


def ofd(*pages: Sequence[str]) -> bytes:
    parts = {"OFD.xml": b"<ofd/>"}
    for number, texts in enumerate(pages):
        body = "".join(f"<ofd:TextObject><ofd:TextCode>{text}</ofd:TextCode></ofd:TextObject>" for text in texts)
        parts[f"Doc_0/Pages/Page_{number}/Content.xml"] = (
            f'<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016">{body}</ofd:Page>'.encode()
        )
    return zipped(parts)


def entity_bomb() -> bytes:
    """A billion laughs, ending in a number."""
    names = "abcdefghij"
    laughs = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise(names))
    head = f'<!DOCTYPE x [<!ENTITY a "{PEOPLE[0]} ">{laughs}]>'
    return zipped({"word/document.xml": document_xml("<w:p><w:r><w:t>&j;</w:t></w:r></w:p>", before=head)})


def far_cell() -> bytes:
    """A sheet with one cell in its last corner."""
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "序号", PEOPLE[0]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zip_bomb() -> bytes:
    return zipped({"word/document.xml": b"<a>" + bytes(120_000_000)})


def lying_bomb() -> bytes:
    """A workbook whose strings unfold to 60 MB, where its directory says 60 bytes."""
    body = zipped({"xl/workbook.xml": b"<workbook/>", "xl/sharedStrings.xml": bytes(60_000_000)})
    return body.replace((60_000_000).to_bytes(4, "little"), (60).to_bytes(4, "little"))
