"""公文: a Word document in the geometry of GB/T 9704-2012. What it says is the caller's.

A4, 天头 37 mm, 订口 28 mm, 版心 156 × 225 mm, 22 lines of 28 characters, title 22 pt 小标宋, body 16 pt 仿宋, page
numbers — 1 — outside the 版心, odd pages right and even pages left. The fonts are licensed, so they are named with a
fallback and never embedded. The red head (版头) and the foot (版记) belong to the stationery and are not drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from types import MappingProxyType
from typing import Any
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.text.font import CT_RPr
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.section import Section
from docx.shared import RGBColor, Twips
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from reports.styles import (
    ANNEX_LABEL,
    BODY,
    CELL,
    FALLBACKS,
    FANGSONG,
    FLUSH,
    HEAD_CELL,
    HEITI,
    KAITI,
    LATIN,
    LINE,
    SONGTI,
    STYLES,
    TITLE,
    Style,
)
from reports.typography import width

# Twentieths of a point. The grid: 22 lines in 225 mm, 28 characters in 156 mm (0.207 pt, 848/4096, off each).
_GRID = f'<w:docGrid {nsdecls("w")} w:type="linesAndChars" w:linePitch="{LINE}" w:charSpace="-848"/>'
_LONG, _SHORT = 16838, 11906
_TOP, _BOTTOM, _LEFT, _RIGHT = 2098, 1985, 1587, 1474
_FOOTER = 1417  # 25 mm: the rules of the page number then lie 7 mm below the 版心


@dataclass(frozen=True, slots=True)
class TableColumn:
    title: str
    width: float
    """Millimetres."""
    style: Style = CELL


class OfficialDocument:
    """Written from top to bottom; `to_bytes` ends it. The same content gives the same bytes."""

    def __init__(
        self,
        *,
        title: str,
        author: str,
        created: datetime,
        header: str = "",
        watermark: str = "",
        landscape: bool = False,
    ) -> None:
        """`landscape`: how it begins. `header`: a mark over every page; `watermark`: a large one behind its text, such
        as 草稿. Texts must be fit for XML (reports/text.py)."""
        self._document = Document()
        self._turned = landscape
        self._settle(title, author, created)
        section = self._document.sections[0]
        (self._landscape if landscape else self._portrait)(section)
        self._page_numbers(section)
        if header or watermark:
            for number, part in enumerate((section.header, section.even_page_header), 1):
                self._mark(part.paragraphs[0], header)
                if watermark:
                    part.paragraphs[0]._p.append(_watermark(watermark, number))

    def title(self, lines: Sequence[str], style: Style = TITLE) -> None:
        paragraph = self.paragraph(lines[0], style)
        for text in lines[1:]:
            _run(paragraph, "").add_break()
            _run(paragraph, text)

    def paragraph(
        self, text: str, style: Style = BODY, *, lead: str = "", new_page: bool = False, keep: bool = False
    ) -> Paragraph:
        """`lead`: a 楷体 heading that the text runs on from. `keep`: on one page with the next paragraph."""
        paragraph = self._document.add_paragraph(style=style.name)
        if lead:
            _font(_run(paragraph, lead)._r.get_or_add_rPr(), KAITI)
        _run(paragraph, text)
        if new_page:
            paragraph.paragraph_format.page_break_before = True
        if keep:
            paragraph.paragraph_format.keep_with_next = True
        return paragraph

    def blank(self, *, keep: bool = False) -> None:
        self.paragraph("", FLUSH, keep=keep)

    def annex_list(self, names: Sequence[str]) -> None:
        """附件说明: numbered when there are several; wrapped lines stand under the name."""
        for number, text in enumerate(names, 1):
            mark = f"{number}. " if len(names) > 1 else ""
            label = "附件：" if number == 1 else ""
            # Two characters in, three for the label, one for the number.
            left, hanging = (6, 4) if mark else (5, 3)
            paragraph = self.paragraph(f"{label}{mark}{text}", FLUSH, keep=True)
            _indent(paragraph, left=left, hanging=hanging if label else 1)

    def sign_off(self, office: str, day: str) -> None:
        """落款 with a seal: the date four characters from the right, the office centred above it."""
        office_width, day_width = width(office), width(day)
        right = max(4.0, 2 + (office_width - day_width) / 2)
        name = self.paragraph(office, FLUSH, keep=True)
        for paragraph, margin in (
            (name, max(0.0, right + (day_width - office_width) / 2)),
            (self.paragraph(day, FLUSH), right),
        ):
            _indent(paragraph, right=margin)
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT

    def sheet(self, label: str, title: str, *, landscape: bool = False) -> None:
        """A new page, as an annex begins: the label at the left of the first line, the title on the third."""
        turned = landscape is not self._turned
        if turned:
            (self._landscape if landscape else self._portrait)(self._section())
            self._turned = landscape
        self.paragraph(label, ANNEX_LABEL, new_page=not turned)
        self.blank()
        self.title([title])
        self.blank()

    def table(
        self, columns: Sequence[TableColumn], rows: Iterable[Sequence[str]], *, merge: Sequence[int] = ()
    ) -> None:
        """Fixed widths; the head is repeated on every page and no row is split between two. `merge`: columns whose
        cells are joined with those above that say the same, from the left."""
        widths = [round(c.width * 1440 / 25.4) for c in columns]
        grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
        table = parse_xml(
            f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
            f"<w:tblBorders>{_BORDERS}</w:tblBorders><w:tblLayout w:type='fixed'/>"
            "<w:tblCellMar><w:left w:w='57' w:type='dxa'/><w:right w:w='57' w:type='dxa'/></w:tblCellMar></w:tblPr>"
            f"<w:tblGrid>{grid}</w:tblGrid></w:tbl>"
        )
        ids = [self._style_id(c.style) for c in columns]
        head = [self._style_id(HEAD_CELL)] * len(columns)
        table.append(_row([c.title for c in columns], widths, head, head=True))
        above: Sequence[str] = ()
        for row in rows:
            joined = {place: above[: place + 1] == row[: place + 1] for place in merge}
            table.append(_row(row, widths, ids, joined=joined))
            above = row
        # What follows, a note, may not stand on a page without a row.
        for paragraph in table.findall(f"{qn('w:tr')}[last()]//{qn('w:p')}"):
            paragraph.find(qn("w:pPr")).append(parse_xml(f"<w:keepNext {nsdecls('w')}/>"))
        # Before the section's own properties, after everything written so far.
        self._document.element.body._insert_tbl(table)

    def to_bytes(self) -> bytes:
        raw, packed = BytesIO(), BytesIO()
        self._document.save(raw)
        with ZipFile(raw) as source, ZipFile(packed, "w", ZIP_DEFLATED) as target:
            for entry in source.infolist():
                # No clock: a document depends on what it says, not on when it was written.
                still = ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0))
                still.create_system = 0
                target.writestr(still, source.read(entry), ZIP_DEFLATED)
        return packed.getvalue()

    def _settle(self, title: str, author: str, created: datetime) -> None:
        document = self._document
        document.settings.odd_and_even_pages_header_footer = True
        language: Any = document.settings.element.find(qn("w:themeFontLang"))
        language.set(qn("w:eastAsia"), "zh-CN")
        properties = document.core_properties
        properties.title, properties.author, properties.last_modified_by = title[:255], author[:255], author[:255]
        properties.comments, properties.language, properties.revision = "", "zh-CN", 1
        properties.created = properties.modified = created.astimezone(UTC).replace(tzinfo=None)
        for id, relationship in list(document.part.package.rels.items()):  # noqa: A001
            if relationship.reltype.endswith("/thumbnail"):
                del document.part.package.rels[id]
        self._name_fonts()
        self._define_styles()

    def _name_fonts(self) -> None:
        fonts = "".join(
            f'<w:font w:name="{name}"><w:altName w:val="{fallback}"/><w:charset w:val="86"/></w:font>'
            for name, fallback in FALLBACKS.items()
        )
        latin = f'<w:font w:name="{LATIN}"><w:charset w:val="00"/></w:font>'
        xml = f"<?xml version='1.0' encoding='UTF-8'?><w:fonts {nsdecls('w')}>{fonts}{latin}</w:fonts>"
        part = self._document.part
        for id, relationship in list(part.rels.items()):  # noqa: A001
            if relationship.reltype == RELATIONSHIP_TYPE.FONT_TABLE:
                del part.rels[id]
        uri, package = PackURI("/word/fontTable.xml"), part.package
        part.relate_to(Part(uri, CONTENT_TYPE.WML_FONT_TABLE, xml.encode(), package), RELATIONSHIP_TYPE.FONT_TABLE)

    def _define_styles(self) -> None:
        styles = self._document.styles
        defaults = styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
        _font(defaults, FANGSONG, 16)
        defaults.find(qn("w:lang")).set(qn("w:eastAsia"), "zh-CN")
        normal: Any = styles["Normal"].element
        _font(normal.get_or_add_rPr(), FANGSONG, 16)
        for style in STYLES:
            element: Any = styles.add_style(style.name, WD_STYLE_TYPE.PARAGRAPH).element
            for properties in (style.paragraph_properties, style.run_properties):
                element.append(parse_xml(properties))

    def _style_id(self, style: Style) -> str:
        return str(self._document.styles[style.name].style_id)

    def _section(self) -> Section:
        section: Section = self._document.add_section(WD_SECTION.NEW_PAGE)
        # The break comes in a paragraph of its own, which could fall on an empty page: the one before it carries it.
        carrier: Any = self._document.paragraphs[-1]._p
        before: Any = carrier.getprevious()
        if before is not None and before.tag == carrier.tag:
            before.get_or_add_pPr().append(carrier.pPr.find(qn("w:sectPr")))
            carrier.getparent().remove(carrier)
        return section

    def _portrait(self, section: Section) -> None:
        _page(section, WD_ORIENT.PORTRAIT, (_SHORT, _LONG), (_TOP, _RIGHT, _BOTTOM, _LEFT), _FOOTER)

    def _landscape(self, section: Section) -> None:
        # The same sheet turned left: its 订口 is now above, its 天头 at the right.
        _page(section, WD_ORIENT.LANDSCAPE, (_LONG, _SHORT), (_LEFT, _TOP, _RIGHT, _BOTTOM), 850)

    def _page_numbers(self, section: Section) -> None:
        for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
            paragraph: Any = footer.paragraphs[0]._p
            properties = paragraph.get_or_add_pPr()
            for child in list(properties):
                properties.remove(child)
            for child in parse_xml(
                f"<w:pPr {nsdecls('w')}><w:snapToGrid w:val='0'/><w:spacing w:before='0' w:after='0' w:line='360' "
                f"w:lineRule='exact'/><w:ind w:{side}Chars='100' w:{side}='280'/><w:jc w:val='{side}'/></w:pPr>"
            ):
                properties.append(child)
            for run in ("<w:t xml:space='preserve'>— </w:t>", *_PAGE, "<w:t xml:space='preserve'> —</w:t>"):
                element: Any = parse_xml(f"<w:r {nsdecls('w')}><w:rPr/>{run}</w:r>")
                _font(element.get_or_add_rPr(), SONGTI, 14, latin=SONGTI)
                paragraph.append(element)

    def _mark(self, paragraph: Paragraph, text: str) -> None:
        run = paragraph.add_run(text)
        _font(run._r.get_or_add_rPr(), HEITI, 12)
        run.font.color.rgb = RGBColor(0xC0, 0, 0)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _watermark(text: str, number: int) -> BaseOxmlElement:
    """As Word itself draws one: WordArt in the header, aslant behind the text."""
    height = 165  # points
    width = height * max(1, len(text))
    style = (
        f"position:absolute;margin-left:0;margin-top:0;width:{width}pt;height:{height}pt;rotation:315;z-index:-251658752;"
        "mso-position-horizontal:center;mso-position-horizontal-relative:margin;"
        "mso-position-vertical:center;mso-position-vertical-relative:margin"
    )
    font = quoteattr(f'font-family:"{HEITI}";font-size:1pt')
    return parse_xml(
        f"<w:r {nsdecls('w')} {_VML}><w:rPr><w:noProof/></w:rPr><w:pict>{_WORD_ART}"
        f'<v:shape id="Watermark{number}" o:spid="_x0000_s{2048 + number}" type="#_x0000_t136" style="{style}" '
        f'o:allowincell="f" fillcolor="#c0c0c0" stroked="f"><v:fill opacity=".5"/>'
        f"<v:textpath style={font} string={quoteattr(text)}/></v:shape></w:pict></w:r>"
    )


_VML = 'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
_WORD_ART = (
    '<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" '
    'path="m@7,l@8,m@5,21600l@6,21600e"><v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/>'
    '<v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/><v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/>'
    '<v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/><v:f eqn="if @0 @4 21600"/><v:f eqn="mid @5 @6"/>'
    '<v:f eqn="mid @8 @5"/><v:f eqn="mid @7 @8"/><v:f eqn="mid @6 @7"/><v:f eqn="sum @6 0 @5"/></v:formulas>'
    '<v:path textpathok="t" o:connecttype="custom" o:connectlocs="@9,0;@10,10800;@11,21600;@12,10800" '
    'o:connectangles="270,180,90,0"/><v:textpath on="t" fitshape="t"/></v:shapetype>'
)
"""The shape of straight WordArt (ECMA-376 part 4, the VML of word processing)."""
_BORDERS = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
_HINT = '<w:rFonts w:hint="eastAsia"/>'
"""Quotation marks, dashes and dots are Chinese ones: else Word takes them from the Latin font."""
_PAGE = (
    "<w:fldChar w:fldCharType='begin'/>",
    "<w:instrText xml:space='preserve'> PAGE </w:instrText>",
    "<w:fldChar w:fldCharType='separate'/>",
    "<w:t>1</w:t>",
    "<w:fldChar w:fldCharType='end'/>",
)


def _row(
    texts: Sequence[str],
    widths: Sequence[int],
    styles: Sequence[str],
    *,
    head: bool = False,
    joined: Mapping[int, bool] = MappingProxyType({}),
) -> BaseOxmlElement:
    """`joined`: columns whose cells may be part of one that spans rows → whether it goes on from the row above."""
    merges = {place: "<w:vMerge/>" if on else '<w:vMerge w:val="restart"/>' for place, on in joined.items()}
    texts = ["" if joined.get(place) else text for place, text in enumerate(texts)]
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{merges.get(place, "")}<w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>'
        f'<w:r><w:rPr>{_HINT}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p></w:tc>'
        for place, (text, width, style) in enumerate(zip(texts, widths, styles, strict=True))
    )
    repeat = "<w:tblHeader/>" if head else ""
    return parse_xml(f"<w:tr {nsdecls('w')}><w:trPr><w:cantSplit/>{repeat}</w:trPr>{cells}</w:tr>")


def _run(paragraph: Paragraph, text: str) -> Run:
    run = paragraph.add_run(text)
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:hint"), "eastAsia")
    return run


def _font(properties: CT_RPr, font: str, size: float | None = None, *, latin: str = LATIN) -> None:
    fonts = properties.get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for script, value in (("ascii", latin), ("hAnsi", latin), ("eastAsia", font), ("cs", latin)):
        fonts.set(qn(f"w:{script}"), value)
    if size is not None:
        properties.get_or_add_sz().set(qn("w:val"), str(round(size * 2)))


def _indent(paragraph: Paragraph, **characters: float) -> None:
    """In characters of 16 pt: `left`, `right`, `hanging`."""
    properties: Any = paragraph._p.get_or_add_pPr()
    indent = properties.get_or_add_ind()
    for side, count in characters.items():
        indent.set(qn(f"w:{side}Chars"), str(round(count * 100)))
        indent.set(qn(f"w:{side}"), str(round(count * 316)))


def _page(
    section: Section,
    orientation: WD_ORIENT,
    size: tuple[int, int],
    margins: tuple[int, int, int, int],
    footer: int,
) -> None:
    section.orientation = orientation
    section.page_width, section.page_height = Twips(size[0]), Twips(size[1])
    top, right, bottom, left = (Twips(m) for m in margins)
    section.top_margin, section.right_margin, section.bottom_margin, section.left_margin = top, right, bottom, left
    section.header_distance, section.footer_distance = Twips(850), Twips(footer)
    element: Any = section._sectPr
    old = element.find(qn("w:docGrid"))
    if old is not None:
        element.remove(old)
    element.append(parse_xml(_GRID))
