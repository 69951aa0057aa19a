"""The portal's images, attachments, style sheet and script: small, valid, the same bytes on every machine."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from xml.sax.saxutils import escape

_IMAGES = {
    "logo.png": (320, 60, (178, 34, 34)),
    "banner.png": (500, 80, (58, 110, 165)),
    "navbg.png": (4, 36, (30, 80, 140)),
    "jiguan.png": (60, 72, (200, 30, 30)),
    "jiucuo.png": (100, 48, (230, 120, 20)),
    "ditu.png": (240, 180, (120, 170, 120)),
    "zt1.png": (220, 80, (180, 60, 60)),
    "zt2.png": (220, 80, (60, 90, 150)),
    "2026/yanlian.png": (200, 120, (90, 130, 70)),
    "2026/daogu.png": (200, 120, (220, 180, 60)),
    "2026/budao.png": (200, 120, (90, 150, 190)),
    "2026/jinfang.png": (200, 120, (200, 80, 80)),
}

_CSS = """body{margin:0;font:14px/1.8 "Microsoft YaHei",SimSun,sans-serif;color:#333}
.head,.nav,.main,.foot,.crumb{width:1000px;margin:0 auto}
.nav{background:#1e508c url(../images/navbg.png) repeat-x;color:#fff}
.nav a{color:#fff;padding:0 8px}
.list span,.block span{float:right;color:#999}
.foot{border-top:2px solid #1e508c;text-align:center;padding:12px 0}
"""

_JS = """function writeLetter(){alert("请先登录后写信");return false;}
function loadList(url,draw){var r=new XMLHttpRequest();
r.onload=function(){draw(JSON.parse(r.responseText));};r.open("GET",url);r.send();}
function drawList(id){var box=document.getElementById(id),rows=box.innerHTML.split("<![CDATA[").slice(1);
for(var i=0,html="";i<rows.length;i++){html+=rows[i].split("]]>")[0];}
box.innerHTML="<ul>"+html+"</ul>";}
"""

_ROBOTS = """User-agent: *
Disallow: /private/
"""


def files() -> dict[str, bytes]:
    """Path in the site → bytes."""
    return {f"ylx/images/{name}": _png(*size) for name, size in _IMAGES.items()} | {
        "robots.txt": _ROBOTS.encode(),
        "ylx/css/style.css": _CSS.encode(),
        "ylx/js/common.js": _JS.encode(),
        "ylx/czyjs/2025/juesuan.pdf": _pdf("云岭县2025年度政府决算", "一般公共预算支出决算情况说明"),
        "ylx/czyjs/2026/yusuan.pdf": _pdf("云岭县2026年政府预算", "一般公共预算收支情况说明"),
        "ylx/zfxxgk/zfxxgknb/2024nb.pdf": _pdf("云岭县人民政府2024年政府信息公开工作年度报告"),
        "ylx/fj/ysqgk.docx": _docx("政府信息公开申请表", "申请人:", "所需信息内容描述:", "获取方式:"),
        "ylx/bsfw/fj/yhz.docx": _docx("老年人优待证申请表(样表)", "姓名:丁某某", "住址:云岭县云溪街道"),
        "ylx/bsfw/fj/wfgz-cns.doc": _rtf("承诺书", "本人承诺所提交的材料真实、有效。"),
        "ylx/bsfw/fj/gth.zip": _zip({"说明.txt": "文书样本仅供参考。\n".encode()}),
        "ylx/gsgg/fj/2025xmwcqk.xls": b"",
        "ylx/gsgg/fj/2025laomo.xlsx": _xlsx([["序号", "姓名", "单位"], ["1", "甲某某", "甲溪镇人民政府"]]),
    }


def _png(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    """One flat colour, palette of one, one bit a pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    # Stored, not deflated: zlib and zlib-ng pack differently, and the bytes must not depend on which is there.
    rows = (b"\0" + b"\0" * ((width + 7) // 8)) * height
    header = struct.pack(">IIBBBBB", width, height, 1, 3, 0, 0, 0)
    data = zlib.compress(rows, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"PLTE", bytes(colour))
        + chunk(b"IDAT", data)
        + chunk(b"IEND", b"")
    )


def _pdf(*lines: str) -> bytes:
    """One page of Chinese text in a font every reader has (ISO 32000-1, 9.7.5.2: predefined CMaps)."""
    shown = "".join(
        f"BT /F1 16 Tf 72 {760 - 32 * n} Td <{line.encode('utf-16-be').hex().upper()}> Tj ET\n"
        for n, line in enumerate(lines)
    )
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            "/Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        f"<< /Length {len(shown)} >>\nstream\n{shown}endstream",
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>",
        (
            "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo "
            "<< /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /FontDescriptor 7 0 R /DW 1000 >>"
        ),
        (
            "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 "
            "/Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>"
        ),
    ]
    out = bytearray(b"%PDF-1.4\n%\xe4\xb8\xad\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def _rtf(*lines: str) -> bytes:
    """What many a .doc on a portal truly is."""
    body = "\\par ".join("".join(f"\\u{ord(c) if ord(c) < 32768 else ord(c) - 65536}?" for c in line) for line in lines)
    return ("{\\rtf1\\ansi\\ansicpg936\\deff0 " + body + "}").encode("ascii")


def _docx(*lines: str) -> bytes:
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    text = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in lines)
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return _zip({
        "[Content_Types].xml": _types({"/word/document.xml": kind}),
        "_rels/.rels": _relations("officeDocument", "word/document.xml"),
        "word/document.xml": _xml(f'<w:document xmlns:w="{word}"><w:body>{text}</w:body></w:document>'),
    })  # fmt: skip


def _xlsx(rows: list[list[str]]) -> bytes:
    sheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    cells = "".join(
        f'<row r="{r}">'
        + "".join(
            f'<c r="{chr(64 + c)}{r}" t="inlineStr"><is><t>{escape(text)}</t></is></c>' for c, text in enumerate(row, 1)
        )
        + "</row>"
        for r, row in enumerate(rows, 1)
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    return _zip({
        "[Content_Types].xml": _types({
            "/xl/workbook.xml": kind + "sheet.main+xml",
            "/xl/worksheets/sheet1.xml": kind + "worksheet+xml",
        }),
        "_rels/.rels": _relations("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": _xml(
            f'<workbook xmlns="{sheet}" xmlns:r="{relation}">'
            '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": _relations("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": _xml(f'<worksheet xmlns="{sheet}"><sheetData>{cells}</sheetData></worksheet>'),
    })  # fmt: skip


def _types(parts: dict[str, str]) -> bytes:
    overrides = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in parts.items())
    return _xml(
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _relations(kind: str, target: str) -> bytes:
    base = "http://schemas.openxmlformats.org"
    return _xml(
        f'<Relationships xmlns="{base}/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{base}/officeDocument/2006/relationships/{kind}" Target="{target}"/>'
        "</Relationships>"
    )


def _xml(text: str) -> bytes:
    return ('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + text).encode()


def _zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, body in parts.items():
            info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            info.create_system = 0  # the builder's machine must not show
            archive.writestr(info, body)
    return out.getvalue()
