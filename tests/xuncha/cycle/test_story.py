"""One quarter over the demo portal, by the clock of the story: from the first inspection to the second notice."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import openpyxl
import pytest
from clock import Clock
from docx import Document
from living import Living, living

from xuncha.ledger import STATES, State
from xuncha.store import Store

FIRST, REPAIRED, CHECKED, SECOND = (
    datetime.fromisoformat(text)
    for text in (
        "2026-11-20T09:00+08:00",
        "2026-12-01T10:00+08:00",
        "2026-12-07T09:00+08:00",
        "2027-01-05T09:00+08:00",
    )
)
PDF, FORM, PICTURE = "/ylx/czyjs/2024/juesuan.pdf", "/ylx/bsfw/fj/wfgz-sqb.doc", "/ylx/images/2026/shuili.png"
MOVED, GUIDE, TOPICS = "/ylx/zcwj/hnzc/content_8301.html", "/ylx/zjyl/lyzn.html", "/ylx/ztzl/"
EMPTY = "/ylx/zfxxgk/fdzdgknr/yjgl/"
NUMBER, NEXT = "云政办函〔2026〕18号", "云政办函〔2027〕1号"
SETTINGS = """
[notice]
office = "云岭县人民政府办公室"
addressee = "县政府各部门"
report_to = "县政府办公室"
area = "全县"
"""


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Living]:
    with living(monkeypatch) as opened:
        yield opened


class Office:
    def __init__(self, xuncha: Any, portal: Living, here: Path) -> None:
        self.xuncha, self.portal, self.here = xuncha, portal, here
        xuncha.write("xuncha.toml", f'{SETTINGS}\n[[site]]\nname = "云岭县人民政府"\nurl = "{portal.url}"\n')

    def run(self, *words: object, code: int = 0) -> str:
        said = self.xuncha(*words)
        assert said.code == code, said.err
        return str(said.out)

    def audit(self, out: str) -> list[Mapping[str, Any]]:
        """The findings."""
        self.run("audit", "--rate", 0, "--render", "never", "--format", "json,xlsx", "--out", out, code=1)
        [site] = self.xuncha.data(out)["sites"]
        assert site["verdict"] == "unqualified"
        found: list[Mapping[str, Any]] = site["findings"]
        return found

    def review(self, mistaken: frozenset[str] = frozenset()) -> None:
        """Fill in the list as a person does, and hand it in."""
        self.run("review", "export", "--out", "review")
        path = self.here / "review" / "annex.xlsx"
        book = openpyxl.load_workbook(path)
        page = book["问题清单"]
        column = {cell.value: cell.column for cell in page[1]}
        for row in range(2, page.max_row + 1):
            wrong = page.cell(row, column["指纹"]).value in mistaken
            page.cell(row, column["复核意见"]).value = "误报" if wrong else "确认"
            page.cell(row, column["复核说明"]).value = "图片由脚本换用" if wrong else None
        book.save(path)
        self.run("review", "import", "review/annex.xlsx", "--who", "县政府办")

    def notice(self, period: str, number: str) -> str:
        """The text of the notice that went out."""
        self.run("notice", "--form", "通报", "--period", period, "--number", number, "--out", f"notice-{period}")
        document = Document(str(self.here / f"notice-{period}" / "notice.docx"))
        return "\n".join(paragraph.text for paragraph in document.paragraphs)

    def ledger(self) -> dict[str, str]:
        """Fingerprint → how it stands, as the list says."""
        told = re.findall(r"^  ([0-9a-f]{16})  ([^，（\n]+)", self.run("ledger", "list", "--all"), re.MULTILINE)
        return dict(told)


def at(found: list[Mapping[str, Any]], rule: str, path: str) -> str:
    """The fingerprint of what the rule found there."""
    [one] = [f for f in found if f["rule"] == rule and urlsplit(f["at"]).path == path]
    return str(one["fingerprint"])


def test_a_quarter(xuncha: Any, portal: Living, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, office = Clock(monkeypatch), Office(xuncha, portal, here)

    clock.set(FIRST)
    found = office.audit("first")
    picture, guide = at(found, "broken-image", PICTURE), at(found, "broken-link", GUIDE)
    office.review(frozenset({picture}))
    office.notice("2026Q4", NUMBER)
    store = functools.partial(Store.open, here / "xuncha-data" / "xuncha.db", read_only=True)
    with store() as opened:
        [notice] = opened.notices.all()
    named = {finding for _, finding in notice.findings}
    assert picture not in named
    assert str(notice.due) == "2026-12-04", "ten working days"
    assert {state for finding, state in office.ledger().items() if finding in named} == {"已通报"}

    clock.set(REPAIRED)
    portal.give(PDF, "application/pdf", b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n")
    portal.give(FORM, "text/html", b"<p>forbidden</p>", status=403)
    portal.give(MOVED, "text/html", b"<p>404", status=404)
    portal.edit(TOPICS, "wmcj2019/index.html", "index.html")
    form, paper = at(found, "broken-attachment", FORM), at(found, "broken-attachment", PDF)
    moved, topic = at(found, "missing-meta", MOVED), at(found, "broken-link", f"{TOPICS}wmcj2019/index.html")
    office.run("ledger", "note", form, paper, topic, "--act", "report", "--who", "县政务服务中心")
    office.run("ledger", "object", guide, "--who", "县文化和旅游局", "--why", "旅游指南正在改版")
    until = ("--until", "2026-12-31")
    office.run("ledger", "object", guide, "--decide", "uphold", "--who", "县政府办", "--why", "改版属实", *until)

    clock.set(CHECKED)
    late = named - {form, paper, topic, guide}
    assert {finding for finding, state in office.ledger().items() if state == "逾期"} == late
    office.run("ledger", "due", code=1)
    office.run("recheck", NUMBER, "--rate", 0, "--out", "again", code=1)
    again = json.loads((here / "again" / "recheck.json").read_text("utf-8"))["findings"]
    results = {f["fingerprint"]: f["result"] for f in again}
    assert results.keys() == named - {guide}
    became = {paper: "fixed", topic: "fixed", moved: "gone", form: "untested"}
    assert {finding: results[finding] for finding in became} == became
    # Dates that lie ahead, and a list that has lost an article, are doubts now: what was certain is not told again.
    assert set(results.values()) == {"fixed", "gone", "untested", "not-fixed"}
    left = {finding for finding, result in results.items() if result == "not-fixed"}
    assert len(left) > 10
    states = office.ledger()
    assert {states[finding] for finding in left} == {"逾期"}
    assert {states[finding] for finding in (paper, topic, moved)} == {"复查通过"}
    assert (states[form], states[guide]) == ("已整改", "申诉成立")
    assert {f["fingerprint"]: f["state"].partition("（")[0] for f in again} == {f: states[f] for f in results}

    clock.set(SECOND)
    assert office.ledger()[guide] == "新发现", "the objection held until the end of the year"
    del portal.changed[PDF]
    second = office.audit("second")
    states = office.ledger()
    for finding in second:
        told = str(STATES[State(finding["state"])]).partition("（")[0]
        assert told == states[finding["fingerprint"]], "the report agrees with the ledger"
    assert "反复" in office.run("ledger", "show", paper)
    office.review(frozenset({picture}))
    text = office.notice("2027Q1", NEXT)
    still = {finding["fingerprint"] for finding in second} & named
    mended = {topic, moved}
    assert named - still == {*mended, form}, "what answered with a refusal was neither found nor closed"
    owed = still - {paper}
    assert guide in owed
    figures = (
        f"2026年第四季度通报1家网站的问题{len(named)}个，截至2027年1月5日，经复查已整改{len(mended)}个，",
        f"其余{len(named) - 2}个中，尚未整改{len(owed)}个（其中逾期{len(owed) - 1}个）；",
        "报告已整改、尚待复查1个；整改后又出现1个。",
        "逾期未整改的网站：“云岭县人民政府”网站。",
        "再次不合格的网站：“云岭县人民政府”网站（2026年第四季度也不合格）。",
    )
    for sentence in figures:
        assert sentence in text
    repeated = office.run("ledger", "repeat").splitlines()
    assert repeated[0] == "云岭县人民政府：2 次不合格（2026年第四季度、2027年第一季度）"
    assert {line.split()[1][:16] for line in repeated if "次被通报" in line} == still
    with store() as opened:
        _, following = opened.notices.all()
    states = office.ledger()
    assert {states[finding] for _, finding in following.findings} == {"已通报"}
    assert states[form] == "已整改"
