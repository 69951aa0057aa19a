"""The annex goes out, is filled in, and comes back into the ledger: strictly, and all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest

AS_OF = "2026-11-20T09:00"
Rows = list[dict[str, Any]]


@dataclass
class Desk:
    xuncha: Any
    here: Path

    @property
    def file(self) -> Path:
        return self.here / "out" / "annex.xlsx"

    def fill(self, change: Callable[[Rows], object], *, sheet: str = "问题清单") -> None:
        """Let `change` edit the rows as a person does in a spreadsheet."""
        book = openpyxl.load_workbook(self.file)
        page = book[sheet]
        heads = [cell.value for cell in page[1]]
        rows = [dict(zip(heads, [cell.value for cell in row], strict=True)) for row in page.iter_rows(min_row=2)]
        change(rows)
        page.delete_rows(2, page.max_row)
        for row in rows:
            page.append([row.get(head) for head in heads])
        book.save(self.file)

    def imported(self, *words: object) -> Any:
        return self.xuncha("review", "import", "out/annex.xlsx", "--who", "县政府办", *words)

    def ledger(self) -> str:
        return str(self.xuncha("ledger", "list", "--all").out)


@pytest.fixture
def desk(xuncha: Any, webs: Callable[[], Any], here: Path) -> Desk:
    """Two broken links and two doubts, exported."""
    web = webs()
    web.sound()
    del web.answers["/c4/a12.html"]
    del web.answers["/c4/a17.html"]
    xuncha("audit", web.url, "--as-of", AS_OF, "--rate", 0, "--out", "first", "--format", "json")
    said = xuncha("review", "export", "--out", "out")
    assert (said.code, said.err) == (0, "")
    assert "annex.xlsx" in said.out
    return Desk(xuncha, here)


def all_confirmed(rows: Rows) -> None:
    for row in rows:
        row["复核意见"] = "确认"


def test_opinions_reach_the_ledger(desk: Desk) -> None:
    def fill(rows: Rows) -> None:
        all_confirmed(rows)
        rows[0]["整改情况"] = "已整改"
        rows[1] |= {"复核意见": "误报", "复核说明": "该文件已按规定下架"}
        rows[2] |= {"复核意见": "申诉", "复核说明": "域名已经批准"}

    desk.fill(fill)
    said = desk.imported("--until", "2099-06-30")
    assert (said.code, said.err) == (0, "")
    assert "4 个问题" in said.out
    told = desk.ledger()
    for state in ("已整改（待复查）", "申诉成立（至 2099-06-30）", "申诉中"):
        assert told.count(state) == 1


def test_a_year_is_how_long_a_mistake_of_ours_holds(desk: Desk) -> None:
    def fill(rows: Rows) -> None:
        all_confirmed(rows)
        rows[0] |= {"复核意见": "误报", "复核说明": "栏目已改版"}

    desk.fill(fill)
    assert desk.imported().code == 0
    assert "申诉成立（至 20" in desk.ledger()


def test_rows_without_an_opinion_are_named_or_left_out(desk: Desk) -> None:
    def fill(rows: Rows) -> None:
        rows[1]["复核意见"] = "确认"

    desk.fill(fill)
    said = desk.imported()
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "第 2、4、5 行没有复核意见" in said.err
    assert "已确认" not in desk.ledger()
    said = desk.imported("--partial")
    assert said.code == 0
    assert "没有意见的 3 行" in said.out
    assert desk.ledger().count("已确认") == 1


def change(number: int, **fields: Any) -> Callable[[Rows], None]:
    def fill(rows: Rows) -> None:
        all_confirmed(rows)
        rows[number] |= fields

    return fill


def twice(rows: Rows) -> None:
    all_confirmed(rows)
    rows.append(dict(rows[0]))


@pytest.mark.parametrize(
    ("fill", "told"),
    [
        (change(1, 复核意见="也许"), "第 3 行的复核意见“也许”"),
        (change(1, 整改情况="快了"), "第 3 行的整改情况“快了”"),
        (change(1, 指纹="0123"), "第 3 行的指纹“0123”"),
        (change(1, 指纹="0123456789abcdef"), "没有 http"),
        (change(1, 首页网址="http://other.example/"), "http://other.example/"),
        (change(1, 复核意见="误报"), "第 3 行：误报要写复核说明"),
        (change(2, 复核意见="申诉"), "第 4 行：申诉要写复核说明"),
        (lambda rows: rows.append({"问题描述": "另外", "复核意见": "确认"}), "第 6 行的指纹“”"),
        (twice, "第 2、6 行是同一个问题"),
        (lambda rows: rows.clear(), "没有工作表"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_written(desk: Desk, fill: Callable[[Rows], None], told: str) -> None:
    desk.fill(fill)
    said = desk.imported()
    assert (said.code, said.err.count("\n")) == (2, 1), said.err
    assert told in said.err
    assert "已确认" not in desk.ledger()


def test_other_files_are_one_line(desk: Desk) -> None:
    desk.file.write_bytes(b"PK\x03\x04 and nothing")
    assert desk.imported().err.count("\n") == 1
    desk.file.unlink()
    said = desk.imported()
    assert (said.code, said.err.count("\n")) == (2, 1)
    openpyxl.Workbook().save(desk.file)
    said = desk.imported()
    assert (said.code, said.err.count("\n")) == (2, 1)


def test_in_english_too(desk: Desk) -> None:
    assert desk.xuncha("--lang", "en", "review", "export", "--out", "out").code == 0
    book = openpyxl.load_workbook(desk.file)
    page = book.worksheets[0]
    heads = [cell.value for cell in page[1]]
    for row in range(2, page.max_row + 1):
        page.cell(row, heads.index("Review") + 1, "Confirmed")
    book.save(desk.file)
    said = desk.imported()
    assert (said.code, said.err) == (0, "")
    assert desk.ledger().count("已确认") == 4


def test_each_row_leads_to_its_page(desk: Desk) -> None:
    sheet = openpyxl.load_workbook(desk.file)["问题清单"]
    heads = [cell.value for cell in sheet[1]]
    place, key, message = (heads.index(head) for head in ("HTTP状态/证据编号", "指纹", "问题描述"))
    for row in sheet.iter_rows(min_row=2):
        link = row[place].hyperlink
        page = (desk.here / "out" / link.target.replace("\\", "/")).read_text("utf-8")  # as Excel writes it
        assert str(row[key].value) in link.target
        assert str(row[message].value) in page
        assert link.location == "xuncha-spot"
        assert "default-src 'none'" in page


def test_without_its_evidence_the_list_has_no_links(desk: Desk) -> None:
    for visit in desk.here.glob("xuncha-data/runs/*/*/visit.db"):
        visit.unlink()
    assert desk.xuncha("review", "export", "--out", "again").code == 0
    sheet = openpyxl.load_workbook(desk.here / "again" / "annex.xlsx")["问题清单"]
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.hyperlink]
