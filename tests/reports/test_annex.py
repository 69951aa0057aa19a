"""The workbook: read back with openpyxl, as the office fills it in."""

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from io import BytesIO

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.message import say
from crawler.page import Evidence
from crawler.site import Site, SiteKind
from reports import annex
from reports.history import Ground, History, Past
from reports.language import Language
from rules.engine.assessment import Assessment, Check, ColumnState, Finding, Result, Run, Status
from rules.engine.edition import Clause, Edition, Indicator, Part

AT = datetime(2026, 11, 24, 9, 30, tzinfo=timezone(timedelta(hours=8)))
RUN = Run("20261124-093000-0001", AT, AT, AT, "cn-2019", "quick", "0.1.0")
EDITION = Edition(
    "cn-2019",
    "政府网站与政务新媒体检查指标",
    "国办秘函〔2019〕19号",
    date(2019, 4, 1),
    60,
    80,
    (
        Indicator("1.4", Part.VETO, "单项否决", "栏目不更新", 0, (Clause("", None),)),
        Indicator("2.16", Part.DEDUCT, "", "可用性", 10, (Clause("", None),)),
    ),
    "办事服务",
)
HEAD = [
    "序号",
    "网站标识码",
    "网站名称",
    "主办单位",
    "首页网址",
    "指标（一级/二级）",
    "栏目",
    "问题网址",
    "所在页网址",
    "问题描述",
    "最近信息日期",
    "监测时间（北京时间）",
    "HTTP状态/证据编号",
    "判定",
    "首次发现",
    "台账情况",
    "复核意见",
    "复核说明",
    "整改期限",
    "整改情况",
]
_numbers = itertools.count(1)


def finding(message="链接“网上办事”打不开", *, certain=True, points=1.0, **more):
    number = next(_numbers)
    return Finding(
        f"{number:016x}",
        more.pop("rule", "broken-link"),
        more.pop("indicators", ("2.16",)),
        more.pop("part", Part.DEDUCT),
        points,
        certain,
        more.pop("at", f"http://www.yunling.gov.cn/{number}.html"),
        say("{m}", m=message),
        **more,
    )


def assessment(*findings, result=Result.QUALIFIED, score=90.0, **more):
    checks = more.pop("checks", (Check("2.16", 1, "broken-link", Part.DEDUCT, Status.FAIL, 1, 1, 1.0),))
    return Assessment(
        more.pop("site", Site("http://www.yunling.gov.cn/", "云岭县人民政府", "5399990001", "云岭县人民政府办公室")),
        SiteKind.PORTAL,
        False,
        "cn-2019",
        AT,
        AT,
        AT,
        result,
        score,
        more.pop("score_is_estimate", False),
        100,
        more.pop("vetoes", ()),
        checks,
        findings,
        **more,
    )


def render(*assessments, run=RUN, language="zh", **more):
    return openpyxl.load_workbook(BytesIO(annex.render(run, assessments, EDITION, Language(language), **more)))


def values(sheet):
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_a_row_a_finding_with_all_its_facts():
    one = finding(
        column="政务公开",
        on="http://www.yunling.gov.cn/zwgk/",
        at="http://www.yunling.gov.cn/gone.html",
        status=404,
        evidence=Evidence("visit.warc.gz", 10234, "ab" * 32),
        fetched_at=datetime(2026, 11, 24, 1, 31, tzinfo=UTC),
    )
    head, row = values(render(assessment(one))["问题清单"])
    assert head[:-1] == HEAD
    assert row == [
        1,
        "5399990001",
        "云岭县人民政府",
        "云岭县人民政府办公室",
        "http://www.yunling.gov.cn/",
        "2.16 可用性",
        "政务公开",
        "http://www.yunling.gov.cn/gone.html",
        "http://www.yunling.gov.cn/zwgk/",
        "链接“网上办事”打不开",
        None,
        datetime(2026, 11, 24, 9, 31),  # noqa: DTZ001 - Excel knows no zones; the head says Beijing
        "404 / visit.warc.gz@10234",
        "扣分",
        None,
        None,
        None,
        None,
        None,
        None,
        one.fingerprint,
    ]


def test_a_row_says_since_when_and_why_it_is_let_be():
    site = Site("http://www.yunling.gov.cn/", "云岭县人民政府")
    old, let_be = finding("旧"), finding("改版")
    first = datetime(2026, 9, 30, 20, 0, tzinfo=UTC)
    exempt = Ground("张三", "改版期间", date(2026, 12, 31), exempt=True)
    past = {
        old.fingerprint: Past(first, AT, 3, "overdue", say("逾期（期限 2026-11-01）")),
        let_be.fingerprint: Past(first, AT, 2, "upheld", say("豁免（至 2026-12-31）"), exempt),
    }
    book = render(assessment(old, let_be, site=site), histories={site.url: History(past=past)}, due=date(2026, 12, 8))
    _, one, two = values(book["问题清单"])
    day = datetime(2026, 10, 1)  # noqa: DTZ001 - Excel knows no zones; in Beijing it is the next day
    assert one[14:16] == [day, "逾期（期限 2026-11-01）"]
    assert two[14:16] == [day, "豁免（至 2026-12-31），张三：改版期间"]
    assert (one[18] is None, two[18]) == (False, None)


def test_a_column_has_the_date_of_its_newest_item_and_its_indicator_both_levels():
    listed = ColumnState(
        "部门动态", "http://www.yunling.gov.cn/bmdt/", "news", True, 9, date(2026, 10, 9), None, say("名称")
    )
    by_name = finding(rule="stale-column", indicators=("1.4",), part=Part.VETO, column="部门动态")
    by_place = finding(rule="undated-column", indicators=("1.4",), part=Part.VETO, at=listed.url)
    _, first, second = values(render(assessment(by_name, by_place, columns=(listed,)))["问题清单"])
    assert first[10] == second[10] == datetime(2026, 10, 9)  # noqa: DTZ001
    assert first[5] == "单项否决/1.4 栏目不更新"


def test_a_draft_says_so_on_every_page():
    book = render(assessment(finding()), draft=True)
    assert all("草稿" in sheet.oddHeader.right.text for sheet in book)
    assert not render(assessment(finding()))["问题清单"].oddHeader.right.text


def test_review_findings_are_listed_as_such_and_get_no_deadline():
    sheet = render(assessment(finding(certain=False), finding()), due=date(2026, 12, 8))["问题清单"]
    judged = {row[13]: row[18] for row in values(sheet)[1:]}
    assert judged == {"扣分": datetime(2026, 12, 8), "待复核": None}  # noqa: DTZ001


def test_the_key_column_is_hidden_and_outside_filter_and_print():
    sheet = render(assessment(finding(), finding()))["问题清单"]
    assert sheet.column_dimensions["U"].hidden
    assert sheet.auto_filter.ref == "A1:T3"
    assert sheet.print_area == "'问题清单'!$A$1:$T$3"


def test_frozen_head_lists_of_answers_and_print_setup():
    sheet = render(assessment(finding(), finding()))["问题清单"]
    assert sheet.freeze_panes == "A2"
    lists = {str(v.sqref): v.formula1 for v in sheet.data_validations.dataValidation}
    assert lists == {"Q2:Q3": '"确认,误报,申诉"', "T2:T3": '"未整改,整改中,已整改"'}
    assert sheet.page_setup.orientation == "landscape"
    assert str(sheet.page_setup.paperSize) == "9"
    assert (sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.page_setup.fitToHeight) == (True, 0)
    assert sheet.print_title_rows == "$1:$1"
    assert all(sheet.column_dimensions[c].width > 5 for c in "ABCDEFGHIJKLMNOPQ")


def test_a_site_a_row_with_counts_of_what_is_certain():
    vetoed = assessment(
        finding(rule="stale-column", indicators=("1.4",), part=Part.VETO, points=0),
        finding(rule="empty-column", indicators=("1.4",), part=Part.VETO, points=0),
        finding(certain=False),
        finding(rule="weak-https", part=Part.ADVICE, points=0, indicators=("4.1",)),
        result=Result.UNQUALIFIED,
        score=None,
        vetoes=("1.4",),
        checks=(
            Check("1.1", 1, None, Part.VETO, Status.REVIEW),
            Check("1.2", 1, "unreachable-home", Part.VETO, Status.UNCHECKED),
        ),
    )
    book = render(assessment(finding(), score=87.5, score_is_estimate=True), vetoed)
    head, first, second = values(book["网站汇总"])
    worst, good = dict(zip(head, first, strict=True)), dict(zip(head, second, strict=True))
    assert (worst["结果"], worst["否决项"], worst["得分（估算）"]) == ("不合格", "栏目不更新", None)
    counts = [worst[c] for c in ("更新不及时", "空白栏目", "链接不可用", "建议", "待复核", "未能检查", "需人工")]
    assert counts == [1, 1, 0, 1, 1, 1, 1]
    assert (good["结果"], good["得分（估算）"], good["链接不可用"]) == ("合格", 87.5, 1)


def test_an_undetermined_site_shows_no_zeros_and_its_reason():
    unseen = assessment(result=Result.UNDETERMINED, score=None, why=say("首页被防护设备拦截"))
    run = replace(RUN, failures=(("http://nyj.yunling.gov.cn/", "程序内部错误"),))
    head, row, failed = values(render(unseen, run=run)["网站汇总"])
    told = dict(zip(head, row, strict=True))
    assert (told["结果"], told["链接不可用"], told["说明"]) == ("无法判定", None, "首页被防护设备拦截")
    told = dict(zip(head, failed, strict=True))
    assert (told["结果"], told["首页网址"], told["说明"]) == (
        "未完成检查",
        "http://nyj.yunling.gov.cn/",
        "程序内部错误",
    )
    assert told["链接不可用"] is None


def test_nothing_at_all_is_still_a_workbook():
    book = render()
    assert book.sheetnames == ["问题清单", "网站汇总"]
    assert len(values(book["问题清单"])) == len(values(book["网站汇总"])) == 1


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "{="])
def test_no_text_becomes_a_formula_or_a_link(start):
    bad = start + 'HYPERLINK("http://evil.example/","x")'
    book = render(assessment(finding(bad, at=bad, on=bad, column=bad), site=Site(bad, bad, bad, bad)))
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in "snd"
                assert cell.hyperlink is None
                # Excel would read it as a formula once somebody edits the cell.
                if isinstance(cell.value, str) and cell.value[0] in "=+-@\t":
                    assert cell.quotePrefix


def test_addresses_stay_text_and_more_than_excel_allows_links_does_not_matter():
    book = render(assessment(finding(at="mailto:a@yunling.gov.cn"), finding(at="http://a" * 1000)))
    assert not book["问题清单"]._hyperlinks


def test_characters_that_xml_forbids_and_endless_texts_do_not_break_the_file():
    nasty = "\x00\x0b\ud800\uffff<b>&_x000D_" + "长" * 40_000 + "😀" * 40_000
    book = render(
        assessment(
            finding(nasty, at=nasty, column=nasty), finding("😀" * 32_767), site=Site(nasty, nasty, nasty, nasty)
        )
    )
    cells = [c.value for sheet in book for row in sheet.iter_rows() for c in row if isinstance(c.value, str)]
    assert any("_x000D_" in text and "<b>&" in text for text in cells)
    assert all(len(text.encode("utf-16-le")) <= 2 * 32_767 for text in cells)
    assert not any(c in text for text in cells for c in "\x00\x0b\ud800\uffff")


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(monkeypatch):
    monkeypatch.setattr(annex, "LAST_ROW", 3)
    book = render(assessment(*(finding() for _ in range(7))))
    assert book.sheetnames == ["问题清单", "问题清单(2)", "问题清单(3)", "网站汇总"]
    numbers = [[row[0] for row in values(book[name])[1:]] for name in book.sheetnames[:3]]
    assert numbers == [[1, 2, 3], [4, 5, 6], [7]]
    assert all(values(book[name])[0][:-1] == HEAD for name in book.sheetnames[:3])
    assert render(assessment(*(finding() for _ in range(3)))).sheetnames == ["问题清单", "网站汇总"]


def test_english_keeps_the_columns_and_the_values():
    one = finding("县长信箱")
    chinese, english = (
        values(render(assessment(one)).worksheets[0]),
        values(render(assessment(one), language="en").worksheets[0]),
    )
    assert len(chinese[0]) == len(english[0])
    assert english[1][9] == "县长信箱"
    assert english[1][20] == one.fingerprint


def test_the_same_run_gives_the_same_bytes():
    given_ = (assessment(finding()),)
    assert annex.render(RUN, given_, EDITION, Language()) == annex.render(RUN, given_, EDITION, Language())


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_gives_a_workbook_that_opens(a, b):
    book = render(assessment(finding(a, at=b, column=a, on=b), site=Site(b, a, b, a), why=say("{a}", a=a)))
    assert len(values(book["问题清单"])) == 2
