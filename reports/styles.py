"""The paragraph styles and fonts of an official document (GB/T 9704-2012 section 7)."""

from __future__ import annotations

from dataclasses import dataclass

from docx.oxml.ns import nsdecls

XIAOBIAOSONG, FANGSONG, KAITI, HEITI, SONGTI = "方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体"
FALLBACKS = {XIAOBIAOSONG: SONGTI, FANGSONG: "仿宋", KAITI: "楷体", HEITI: "SimHei", SONGTI: "SimSun"}
LATIN = "Times New Roman"

LINE = 579
"""Height of a line in twentieths of a point: 22 of them in 225 mm."""
TIGHT = -6
"""Twentieths of a point between characters: 28 of 16 pt in 156 mm, and in the 155.6 mm to which LibreOffice rounds 28
cells of the grid."""


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style: font, size in points, first-line indent in characters, alignment, outline level from 1."""

    name: str
    font: str
    size: float = 16
    first_line: int = 0
    align: str = "both"
    outline: int | None = None
    table: bool = False
    """In table cells: single spacing, off the grid, and addresses may break anywhere."""

    @property
    def paragraph_properties(self) -> str:
        """Lines of their exact height lie on the grid by themselves."""
        spacing = "w:line='240' w:lineRule='auto'" if self.table else f"w:line='{LINE}' w:lineRule='exact'"
        twips = round(self.first_line * self.size * 20)
        indent = f"<w:ind w:firstLineChars='{self.first_line * 100}' w:firstLine='{twips}'/>" if self.first_line else ""
        outline = f"<w:outlineLvl w:val='{self.outline - 1}'/>" if self.outline else ""
        keep = "<w:keepNext/>" if self.outline else ""
        anywhere = "<w:wordWrap w:val='0'/>" if self.table else ""
        return (
            f"<w:pPr {nsdecls('w')}>{keep}<w:widowControl w:val='0'/>{anywhere}<w:autoSpaceDE w:val='0'/>"
            "<w:autoSpaceDN w:val='0'/><w:snapToGrid w:val='0'/>"
            f"<w:spacing w:before='0' w:after='0' {spacing}/>{indent}<w:jc w:val='{self.align}'/>{outline}</w:pPr>"
        )

    @property
    def run_properties(self) -> str:
        """28 characters a line by spacing, not by the grid: LibreOffice gives a 16-pt character two of its cells."""
        spacing = "" if self.table else f"<w:spacing w:val='{TIGHT}'/>"
        half_points = round(self.size * 2)
        return (
            f"<w:rPr {nsdecls('w')}><w:rFonts w:ascii='{LATIN}' w:hAnsi='{LATIN}' w:eastAsia='{self.font}' "
            f"w:cs='{LATIN}'/><w:snapToGrid w:val='0'/>{spacing}<w:sz w:val='{half_points}'/>"
            f"<w:szCs w:val='{half_points}'/></w:rPr>"
        )


TITLE = Style("公文标题", XIAOBIAOSONG, 22, align="center", outline=1)
NUMBER = Style("发文字号", FANGSONG, align="center")
ADDRESSEE = Style("主送机关", FANGSONG, align="left")
BODY = Style("公文正文", FANGSONG, first_line=2)
LEVEL_1 = Style("一级标题", HEITI, first_line=2, outline=2)
FLUSH = Style("顶格", FANGSONG)
ANNEX_LABEL = Style("附件标识", HEITI, align="left")
REMARK = Style("起草说明", FANGSONG, 14, first_line=2, align="left")
NOTE = Style("表注", FANGSONG, 12, align="left", table=True)
HEAD_CELL = Style("表头", HEITI, 10.5, align="center", table=True)
CELL = Style("表格内容", FANGSONG, 10.5, align="left", table=True)
CELL_CENTER = Style("表格居中", FANGSONG, 10.5, align="center", table=True)
STYLES = (
    TITLE, NUMBER, ADDRESSEE, BODY, LEVEL_1, FLUSH, ANNEX_LABEL, REMARK, NOTE, HEAD_CELL, CELL, CELL_CENTER,
)  # fmt: skip
