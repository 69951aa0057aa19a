"""整改通知书, 自查表, 年度报表: geometry, hostile content, and what is left blank."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from lxml import etree

from reports import annex, annual, checklist, notice, order
from reports.annual import Figures
from reports.background import Background, Followup
from reports.details import NoticeDetails
from reports.language import Language
from rules.engine.assessment import Assessment

DRAFT = NoticeDetails(period="2026年第四季度")
FINAL = NoticeDetails(
    office="云岭县人民政府办公室",
    number="云政整〔2026〕9号",
    issued=date(2026, 11, 24),
    report_to="政府办",
    draft=False,
)


@pytest.fixture
def forms(run: Any, edition: Any) -> Callable[..., dict[str, bytes]]:
    def write(assessment: Assessment, details: NoticeDetails, past: Background | None = None) -> dict[str, bytes]:
        given: dict[str, Any] = {"details": details, "background": past or Background()}
        figures = Figures(2, 1, 0, 1, 7, 3, 1)
        return {
            "notice": notice.render(run, [assessment], edition, Language(), **given),
            "order": order.render(run, assessment, edition, **given),
            "checklist": checklist.render(run, assessment, edition, **given),
            "annual": annual.render(run, edition, 2026, [None, None, figures, figures], figures, details=details),
        }

    return write


def test_every_form_has_the_page_of_the_standard_and_a_watermark_while_it_is_a_draft(
    forms: Any, unqualified: Any
) -> None:
    for name, data in forms(unqualified, DRAFT).items():
        document = Document(BytesIO(data))
        first = document.sections[0]
        wide = name in ("checklist", "annual")
        assert (first.orientation is WD_ORIENT.LANDSCAPE) is wide, name
        assert [round(first.page_width.mm), round(first.page_height.mm)] == ([297, 210] if wide else [210, 297])
        grid = first._sectPr.find(qn("w:docGrid"))
        assert (grid.get(qn("w:linePitch")), grid.get(qn("w:charSpace"))) == ("579", "-848")
        for header in (first.header, first.even_page_header):
            assert 'string="草稿"' in header._element.xml
            assert "不得印发" in header.paragraphs[0].text
        assert all(s.header.is_linked_to_previous for s in list(document.sections)[1:])
    for data in forms(unqualified, FINAL).values():
        assert "草稿" not in "".join(p.decode("utf-8", "replace") for p in _parts(data).values())


def test_hostile_content_is_text_in_every_form(forms: Any, hostile: Any) -> None:
    past = Background(
        followup=Followup("<甲>", date(2026, 11, 24), 3, 1, 1, 0, 2, 0, 0, 1, late=(hostile.site.name,)),
        failed_before={hostile.site.url: ("2026年第三季度",)},
        noticed={(hostile.site.url, f.fingerprint): "]]>{x}\x00" for f in hostile.findings},
        mended=frozenset({(hostile.site.url, hostile.findings[0].fingerprint)}),
    )
    nasty = replace(DRAFT, office=hostile.site.name, addressee=hostile.site.organ, number=hostile.site.name)
    for name, data in forms(hostile, nasty, past).items():
        for file, part in _parts(data).items():
            if file.endswith((".xml", ".rels")):
                tree = etree.fromstring(part, etree.XMLParser(resolve_entities=False, huge_tree=True))
                assert not list(tree.iter("{*}script", "{*}img", "{*}hyperlink", "{*}object")), name
        document = Document(BytesIO(data))
        text = "\n".join(
            [*(p.text for p in document.paragraphs)]
            + [t.text or "" for table in document.tables for t in table._tbl.iter(qn("w:t"))]
        )
        assert not set(text) & {"\x00", "\x07", "\x1b", "\u202e", "\u2066", "\ud800", "\ufffe"}, name
        assert len(text) < 300_000, name
        assert ("<script>document.title='OWNED'</script>" in text) or name == "annual"
        assert ("{{ 7*7 }}" in text) or name in ("annual", "checklist"), "a page's text is no template of ours"


def test_hostile_content_is_text_in_the_workbook(run: Any, edition: Any, hostile: Any) -> None:
    data = annex.render(run, [hostile], edition, Language(), due=date(2026, 12, 8), draft=True)
    parts = _parts(data)
    for file, part in parts.items():
        if file.endswith((".xml", ".rels")):
            tree = etree.fromstring(part, etree.XMLParser(resolve_entities=False, huge_tree=True))
            assert not list(tree.iter("{*}f", "{*}hyperlink")), file
    book = openpyxl.load_workbook(BytesIO(data))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert any(cell.value.startswith("=HYPERLINK(") for cell in cells)
    assert all(cell.data_type == "s" for cell in cells)
    quoted = [c for c in cells if c.value.startswith(("=", "+", "-", "@", "\uff1d"))]
    assert quoted
    assert all(cell.quotePrefix for cell in quoted), "it stays text when somebody edits the cell"


def test_an_order_to_a_clean_site_asks_for_nothing(forms: Any, qualified: Any) -> None:
    text = "\n".join(
        p.text for p in Document(BytesIO(forms(replace(qualified, findings=()), FINAL)["order"])).paragraphs
    )
    assert "整改要求" not in text
    assert "附件" not in text


def test_the_same_content_gives_the_same_bytes(forms: Any, unqualified: Any) -> None:
    assert forms(unqualified, FINAL) == forms(unqualified, FINAL)


def _parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}
