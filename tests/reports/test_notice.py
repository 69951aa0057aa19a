"""The draft of the notice: read back from the Word file, as the office reads it."""

import itertools
import re
import zipfile
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from io import BytesIO

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Pt, Twips
from docx.text.paragraph import Paragraph
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from crawler.message import say
from crawler.site import Site, SiteKind
from crawler.snapshot import Coverage
from reports import notice, tables, wording
from reports.background import Background
from reports.language import Language
from reports.narrative import Narrative
from reports.notice import NoticeDetails
from reports.tally import KINDS, tally
from rules.engine.assessment import Assessment, Check, Finding, Result, Run, Status
from rules.engine.edition import Clause, Edition, Indicator, Part

AT = datetime(2026, 11, 24, 9, 30, tzinfo=timezone(timedelta(hours=8)))
RUN = Run("20261124-093000-0001", AT, AT, AT, "cn-2019", "quick", "0.1.0")
ISSUED = NoticeDetails(
    office="云岭县人民政府办公室",
    addressee="各乡镇人民政府，县政府各部门",
    number="云政办函[2026]18号",
    period="2026年第四季度",
    area="全县",
    issued=date(2026, 11, 24),
    report_to="县政府办公室政务公开股",
    draft=False,
)


def indicator(code, part, title):
    return Indicator(code, part, "", title, 0, (Clause("", None),))


EDITION = Edition(
    "cn-2019",
    "政府网站与政务新媒体检查指标",
    "国办秘函〔2019〕19号",
    date(2019, 4, 1),
    60,
    80,
    (
        indicator("1.1", Part.VETO, "安全、泄密事故等严重问题"),
        indicator("1.4", Part.VETO, "栏目不更新"),
        indicator("2.16", Part.DEDUCT, "可用性"),
        indicator("4.1", Part.ADVICE, "安全连接"),
    ),
    "办事服务",
)
_numbers = itertools.count(1)


def stale(column, since="2026年3月1日", **more):
    message = say("栏目“{name}”最近一次更新为{since},已超过6个月", name=column, since=since)
    return found("stale-column", "1.4", Part.VETO, message, column=column, **more)


def dead(text, **more):
    return found("broken-link", "2.16", Part.DEDUCT, say("链接“{name}”打不开", name=text), **more)


def found(rule, code, part, message, *, certain=True, points=0.0, **more):
    number = next(_numbers)
    more.setdefault("at", f"http://www.yunling.gov.cn/{number}.html")
    return Finding(f"{number:016x}", rule, (code,), part, points, certain, message=message, **more)


def site(name, *findings, result=Result.QUALIFIED, vetoes=(), score=None, estimate=False, checks=(), **more):
    number = next(_numbers)
    costs = [Check(f.indicator, 1, f.rule, f.part, Status.FAIL, 1, 1, f.points) for f in findings if f.points]
    return Assessment(
        Site(f"http://s{number}.yunling.gov.cn/", name, f"{5399990000 + number}"),
        SiteKind.DEPARTMENT,
        False,
        "cn-2019",
        AT,
        AT,
        AT,
        result,
        score,
        estimate,
        100,
        tuple(vetoes),
        (*checks, *costs),
        tuple(findings),
        coverage=more.pop("coverage", Coverage(10, 100)),
        **more,
    )


def failed(name="云岭县水利局", *findings):
    return site(name, *(findings or (stale("通知公告"),)), result=Result.UNQUALIFIED, vetoes=("1.4",))


def undetermined(name="云岭县自然资源局", *findings):
    return site(name, *findings, result=Result.UNDETERMINED, why=say("首页被防护设备拦截,无法检查"))


def render(assessments, details=ISSUED, run=RUN, edition=EDITION):
    return Document(BytesIO(notice.render(run, assessments, edition, Language("zh"), details=details)))


def text(document):
    return "\n".join(p.text for p in document.paragraphs)


def rows(document, number):
    return [[cell.text for cell in row.cells] for row in document.tables[number].rows]


# Figures


def test_counts_checked_failed_and_share_of_running():
    said = text(render([failed(), site("甲局"), site("乙局"), undetermined()], replace(ISSUED, running=8)))
    assert (
        "全县正常运行的政府网站共8家，本次抽查3家，占37.5%，符合每次不低于30%的要求。其中，合格2家，不合格1家，合格率66.67%。"
        in said
    )
    assert "另有1家网站（“云岭县自然资源局”网站）因检查条件限制无法判定，不计入检查数，也不计入合格率。" in said
    assert "“云岭县水利局”网站存在单项否决问题：栏目不更新。" in said


def test_the_rate_never_reads_whole_while_one_failed_nor_nothing_while_one_passed():
    def overview(*assessments):
        _, sentences = Narrative(RUN, tally(RUN, assessments), EDITION, ISSUED, Background()).sections[0]
        return sentences[0].text

    good, bad = site("甲局"), failed("乙局")
    assert "合格20000家，不合格1家，合格率99.99%。" in overview(*[good] * 20_000, bad)
    assert "合格1家，不合格20000家，合格率0.01%。" in overview(good, *[bad] * 20_000)


def test_all_passed_and_all_failed():
    assert "检查结果均为合格，合格率100%。" in text(render([site("甲局"), site("乙局")]))
    assert "检查结果均为不合格，合格率0%。" in text(render([failed("甲局"), failed("乙局")]))


def test_full_coverage_is_called_so():
    said = text(render([site("甲局"), site("乙局")], replace(ISSUED, running=2)))
    assert "全县正常运行的政府网站共2家，本次对2家进行全覆盖检查。" in said
    assert "全县政府网站检查情况的通报" in said


def test_a_number_of_running_sites_below_the_checked_ones_gives_no_share():
    said = text(render([site("甲局"), site("乙局")], replace(ISSUED, running=1, draft=True)))
    assert "正常运行的政府网站共" not in said
    assert "填写的正常运行网站数（1家）少于检查数（2家），未计算抽查比例，请核对。" in said


def test_one_site():
    said = text(render([failed()]))
    assert "该网站为“云岭县水利局”网站，检查结果为不合格。" in said


def test_only_undetermined_sites_have_no_rate_and_no_clean_bill():
    document = render([undetermined()])
    said = text(document)
    assert "因检查条件限制无法判定，不计算合格率。" in said
    assert "本次没有网站得出检查结论，不能认定有无问题。" in said
    assert not re.search(r"合格率\d", said)
    assert rows(document, 0)[1][3:] == ["无法判定", "—", "—", "首页被防护设备拦截，无法检查"]


def test_sites_whose_audit_failed_on_our_side_are_named_apart():
    run = replace(RUN, failures=(("http://nyj.yunling.gov.cn/", "程序内部错误"),))
    document = render([site("甲局")], run=run)
    assert "另有1家网站因检查方原因未完成检查，不计入检查数，也不计入合格率。" in text(document)
    assert rows(document, 0)[2] == ["2", "—", "http://nyj.yunling.gov.cn/", "未完成检查", "—", "—", "程序内部错误"]
    alone = text(render([], run=run))
    assert "均未完成检查，不能得出结论，不计算合格率。" in alone


def test_an_empty_run_says_so():
    document = render([])
    assert "本次没有检查任何网站，不能得出结论。" in text(document)
    assert not document.tables
    assert "附件：" not in text(document)


def test_a_low_score_is_told_with_the_pass_mark_and_as_an_estimate_where_it_is_one():
    low = site("甲局", dead("下载", points=45.5), result=Result.UNQUALIFIED, score=54.5)
    assert "“甲局”网站得分54.5分，低于60分。" in text(render([low, site("乙局")]))
    document = render([replace(low, score_is_estimate=True)])
    assert "“甲局”网站估算得分54.5分，低于60分，须复核评分后认定。" in text(document)
    assert rows(document, 0)[1][4] == "54.5（估算）"


def test_causes_are_counted_when_many_sites_failed():
    many = [failed(f"第{n}局") for n in range(12)]
    low = site("甲局", result=Result.UNQUALIFIED, score=50)
    said = text(render([*many, low]))
    assert "按不合格原因统计：栏目不更新12家；得分低于60分1家（同一网站涉及多项的分别计算）。" in said
    assert "不合格网站13家，以下列出10家，其余见附件1：" in said


def test_manual_indicators_are_not_claimed_as_checked():
    manual = Check("1.1", 1, None, Part.VETO, Status.REVIEW)
    elsewhere = Check("4.1", 1, None, Part.DEDUCT, Status.NOT_APPLICABLE)
    said = text(render([site("甲局", checks=(manual, elsewhere))]))
    assert "安全、泄密事故等严重问题中须人工判断的内容不在统计范围内。" in said
    assert "安全连接" not in said


# Problems


def test_only_certain_findings_are_named_and_review_ones_are_counted():
    document = render(
        [site("甲局", stale("确定栏目"), stale("疑似栏目", certain=False), dead("疑似链接", certain=False))]
    )
    assert "检查共发现问题1个，涉及网站1家，问题清单见附件2。另有疑似问题2个待人工复核，未列入本通报。" in text(
        document
    )
    everything = text(document) + str([rows(document, n) for n in range(2)])
    assert "确定栏目" in everything
    assert "疑似栏目" not in everything
    assert "疑似链接" not in everything


def test_kinds_have_headings_counts_and_named_examples_with_vetoes_first():
    said = text(
        render(
            [site("甲局", dead("网上办事", points=1), score=99), failed("乙局", stale("通知公告"), stale("政策文件"))]
        )
    )
    assert said.index("（一）内容更新不及时。1家网站的首页或栏目未按要求更新，涉及2处。") < said.index(
        "（二）链接、附件、图片不可用。"
    )
    assert "“乙局”网站：栏目“通知公告”最近一次更新为2026年3月1日，已超过6个月；栏目“政策文件”" in said
    assert "“甲局”网站：链接“网上办事”打不开。" in said


def test_a_site_with_many_problems_is_told_by_two_facts_and_a_number():
    said = text(render([failed("甲局", *(stale(f"栏目{n}") for n in range(7)))]))
    assert said.count("最近一次更新为") == 2
    assert "此类问题共7个。" in said


def test_the_column_is_named_where_the_message_does_not():
    one = found("empty-column", "1.4", Part.VETO, say("没有内容"), column="数据开放")
    assert "“甲局”网站：“数据开放”栏目没有内容。" in text(render([site("甲局", one)]))


def test_a_rule_without_a_kind_is_another_problem():
    own = found("local-rule", "9.9", Part.DEDUCT, say("本地要求未落实"), points=1)
    document = render([site("甲局", own, score=99)])
    assert "（一）其他问题。1家网站存在其他问题1个。" in text(document)
    assert rows(document, 1)[1][3] == "9.9"


def test_judgements_do_not_call_a_veto_what_vetoed_nothing():
    # The judge lists a problem of a clause that did not fail as advice under the indicator it bears on.
    tried = Check("1.4", 1, "stale-column", Part.VETO, Status.PASS, 6, 1)
    below = site("甲局", replace(stale("通知公告"), part=Part.ADVICE), checks=(tried,))
    document = render([below, failed("乙局"), site("丙局", dead("办事", points=1), score=99)])
    assert {row[2]: row[7] for row in rows(document, 1)[1:]} == {"甲局": "一般问题", "乙局": "单项否决", "丙局": "扣分"}


def test_beside_a_veto_of_one_clause_the_problem_of_another_is_a_fact():
    blank = found("empty-column", "1.4", Part.ADVICE, say("栏目“{name}”没有内容", name="数据开放"))
    checks = (
        Check("1.4", 1, "stale-column", Part.VETO, Status.FAIL, 9, 5),
        Check("1.4", 3, "empty-column", Part.VETO, Status.PASS, 9, 1),
    )
    vetoed = site("甲局", stale("通知公告"), blank, result=Result.UNQUALIFIED, vetoes=("1.4",), checks=checks)
    assert [row[7] for row in rows(render([vetoed]), 1)[1:]] == ["单项否决", "一般问题"]


def test_advice_is_listed_and_is_no_problem():
    document = render([site("甲局", found("weak-https", "4.1", Part.ADVICE, say("没有启用HTTPS")))])
    said = text(document)
    assert "另提出改进建议1条，见附件2。" in said
    assert "检查共发现问题" not in said
    assert "本次检查的网站未发现经确认的问题。" in said
    assert rows(document, 1)[1][7] == "建议"


def test_five_hundred_sites_keep_the_text_short_and_the_table_bounded():
    many = [failed(f"第{n}局", *(stale(f"栏目{k}") for k in range(9))) for n in range(500)]
    document = render(many)
    table = rows_of(document.tables[1])
    assert len(table) == tables.ROWS + 1
    assert len({row[2] for row in table[1:]}) == 500, "no site may crowd out another"
    assert "共有问题4500个，本表按严重程度列示1000个" in text(document)
    assert "其余495家网站的此类问题见附件2。" in text(document)
    assert len(text(document)) < 4000


def rows_of(table):
    """Faster than python-docx for long tables."""
    return [["".join(c.itertext()) for c in row.iter(qn("w:tc"))] for row in table._tbl.iter(qn("w:tr"))]


# Demands


def test_the_deadline_is_computed_in_working_days():
    assert (
        "自本文印发之日起10个工作日内（2026年12月8日前）完成整改，并将整改情况书面报送县政府办公室政务公开股。"
        in text(render([failed()]))
    )
    assert "5个工作日内（2026年12月1日前）" in text(render([failed()], replace(ISSUED, workdays=5)))


def test_the_operators_holidays_move_the_deadline():
    details = replace(ISSUED, workdays=1, holidays={date(2026, 11, 25): True})
    assert "（2026年11月26日前）" in text(render([failed()], details))


def test_a_year_without_calendar_is_said_in_the_text_and_to_the_drafter():
    said = text(render([failed()], replace(ISSUED, issued=date(2090, 6, 1), draft=True)))
    assert "该日期按周一至周五为工作日推算，未计入放假调休安排，遇放假调休的相应顺延" in said
    assert "日历缺少2090年的放假调休安排" in said
    assert "放假调休" not in text(render([failed()]))


def test_without_a_date_the_deadline_is_a_supposition():
    said = text(render([failed()], NoticeDetails()))
    assert "（如于2026年11月24日印发，即2026年12月8日前）" in said
    assert "成文日期未填写" in said


def test_no_problem_no_deadline():
    said = text(render([site("甲局")]))
    assert "工作日" not in said
    assert "本次检查的网站未发现经确认的问题。" in said


def test_dangerous_findings_are_to_be_dealt_with_at_once():
    hijacked = found("hijacked-link", "1.1", Part.VETO, say("链接“{name}”打开的是赌博网站", name="友情链接"))
    assert "立即处置严重问题" in text(render([site("甲局", hijacked)]))
    assert "立即处置严重问题" not in text(render([failed()]))


@pytest.mark.parametrize(("field", "value"), [("workdays", 0), ("workdays", 10**9), ("running", -1)])
def test_details_that_make_no_sense_are_refused_in_one_line(field, value):
    with pytest.raises(ValueError, match=field) as error:
        NoticeDetails(**{field: value})
    assert "\n" not in str(error.value)


# Form


def test_what_the_office_must_fill_in_is_blank_and_listed():
    document = render([failed()], NoticeDetails())
    said = text(document)
    assert [p.text for p in document.paragraphs][:5] == [
        "〔　　　　〕　　号",
        "",
        "〔　　〕关于2026年11月\n政府网站抽查情况的通报",
        "",
        "〔　　〕：",
    ]
    assert "〔　　〕年〔　　〕月〔　　〕日" in said
    assert "待填写：发文机关、主送机关、文号、成文日期、整改情况报送对象。" in said


def test_a_draft_is_marked_on_every_page_and_a_notice_is_not():
    draft = render([failed()], replace(ISSUED, draft=True))
    for part in (draft.sections[0].header, draft.sections[0].even_page_header):
        assert "草稿" in part.paragraphs[0].text
    assert all(section.header.is_linked_to_previous for section in list(draft.sections)[1:])
    final = render([failed()])
    assert "草稿" not in final.sections[0].header.paragraphs[0].text
    assert "起草说明" not in text(final)


def test_page_geometry_of_gb_t_9704():
    upright, wide = render([failed()]).sections
    twips = [
        round(m.twips) for m in (upright.top_margin, upright.bottom_margin, upright.left_margin, upright.right_margin)
    ]
    assert twips == [2098, 1985, 1587, 1474]
    assert (round(upright.page_width.mm), round(upright.page_height.mm)) == (210, 297)
    grid = upright._sectPr.find(qn("w:docGrid"))
    assert [grid.get(qn(f"w:{a}")) for a in ("type", "linePitch", "charSpace")] == ["linesAndChars", "579", "-848"]
    assert wide.orientation == WD_ORIENT.LANDSCAPE
    assert wide.page_width > wide.page_height


def test_fonts_sizes_lines_and_indents_of_gb_t_9704():
    document = render([failed()])
    paragraphs = {p.text.split("\n")[0]: p for p in document.paragraphs if p.text}
    title = paragraphs["云岭县人民政府办公室关于2026年第四季度"].style
    body = next(p.style for p in document.paragraphs if p.text.startswith("根据"))
    heading = paragraphs["一、总体情况"].style

    def east(style):
        return style.element.rPr.rFonts.get(qn("w:eastAsia"))

    assert (east(title), title.font.size) == ("方正小标宋简体", Pt(22))
    assert (east(body), body.font.size) == ("仿宋_GB2312", Pt(16))
    assert (east(heading), heading.font.size) == ("黑体", Pt(16))
    assert body.element.pPr.ind.get(qn("w:firstLineChars")) == "200"
    spacing = body.element.pPr.find(qn("w:spacing"))
    assert (spacing.get(qn("w:line")), spacing.get(qn("w:lineRule"))) == ("579", "exact")
    character = 16 * 20 + int(body.element.rPr.find(qn("w:spacing")).get(qn("w:val")))
    page = document.sections[0]
    line = round((page.page_width - page.left_margin - page.right_margin) / Twips(1))
    # LibreOffice makes the line 28 cells of the grid, each of whole twips.
    assert 28 * character <= 28 * (line // 28) < 29 * character
    second = next(p for p in document.paragraphs if p.text.startswith("（一）内容更新不及时"))
    assert second.runs[0]._r.rPr.rFonts.get(qn("w:eastAsia")) == "楷体_GB2312"


def test_every_font_has_a_fallback():
    package = zipfile.ZipFile(BytesIO(notice.render(RUN, [failed()], EDITION, Language("zh"))))
    fonts = etree.fromstring(package.read("word/fontTable.xml"))
    named = {f.get(qn("w:name")): f.find(qn("w:altName")) for f in fonts}
    used = set(re.findall(r'w:eastAsia="([^"]+)"/?>?', package.read("word/styles.xml").decode())) - {"zh-CN"}
    for font in ("方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体"):
        assert named[font] is not None
    assert {"方正小标宋简体", "仿宋_GB2312", "黑体"} <= used


def test_page_numbers_are_fields_between_rules_odd_right_even_left():
    document = render([failed()])
    assert document.settings.odd_and_even_pages_header_footer
    section = document.sections[0]
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        paragraph = footer.paragraphs[0]._p
        assert "".join(t.text for t in paragraph.iter(qn("w:t"))) == "— 1 —"
        assert [i.text.strip() for i in paragraph.iter(qn("w:instrText"))] == ["PAGE"]
        assert paragraph.pPr.find(qn("w:jc")).get(qn("w:val")) == side
        assert paragraph.pPr.find(qn("w:ind")).get(qn(f"w:{side}Chars")) == "100"


def test_number_addressee_and_date_as_offices_write_them():
    document = render([site("甲局")], replace(ISSUED, issued=date(2026, 4, 3), addressee="各乡镇人民政府:"))
    said = text(document)
    assert document.paragraphs[0].text == "云政办函〔2026〕18号"
    assert "各乡镇人民政府：\n" in said
    assert "\n云岭县人民政府办公室\n2026年4月3日\n" in said


def test_annexes_are_numbered_when_there_are_two_and_listed_before_the_signature():
    said = text(render([failed()]))
    assert said.index("附件：1. 政府网站检查结果一览表") < said.index("\n2026年11月24日") < said.index("附件1\n")
    alone = text(render([site("甲局")]))
    assert "附件：政府网站检查结果一览表" in alone
    assert "附件1" not in alone


def test_table_heads_repeat_and_rows_stay_whole():
    for table in render([failed()]).tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)


def test_a_note_stands_above_its_table():
    document = render([failed(), failed("云岭县林业局")])
    for table in document.tables:
        before = Paragraph(table._tbl.getprevious(), document)
        assert before.text.startswith("注：")
        assert before.paragraph_format.keep_with_next


def test_the_problem_table_has_a_row_a_problem():
    one = dead("网上办事", points=1, on="http://www.yunling.gov.cn/zwfw/", at="http://www.yunling.gov.cn/gone.html")
    assessment = site("甲局", one, score=99)
    table = rows(render([assessment]), 1)
    assert table[0] == ["序号", "网站标识码", "网站名称", "指标", "栏目/所在页面", "问题网址", "问题描述", "判定"]
    assert table[1] == [
        "1",
        assessment.site.code,
        "甲局",
        "可用性",
        "http://www.yunling.gov.cn/zwfw/",
        "http://www.yunling.gov.cn/gone.html",
        "链接“网上办事”打不开",
        "扣分",
    ]


def test_the_same_run_gives_the_same_bytes_and_english_changes_nothing():
    given_ = [failed(), site("甲局")]
    first = notice.render(RUN, given_, EDITION, Language("zh"), details=ISSUED)
    assert first == notice.render(RUN, given_, EDITION, Language("en"), details=ISSUED)


def test_no_trace_of_the_library_in_the_properties():
    properties = render([failed()]).core_properties
    assert (properties.author, properties.comments) == ("云岭县人民政府办公室", "")
    assert properties.title == "云岭县人民政府办公室关于2026年第四季度全县政府网站抽查情况的通报"


def test_every_part_is_well_formed_and_no_thumbnail_is_left():
    package = zipfile.ZipFile(BytesIO(notice.render(RUN, [failed()], EDITION, Language("zh"))))
    for entry in package.namelist():
        if entry.endswith((".xml", ".rels")):
            etree.fromstring(package.read(entry))
    assert not [n for n in package.namelist() if "thumbnail" in n]


# Wording


def test_every_kind_of_problem_has_its_words():
    kinds = {key.removeprefix("problems.kinds.") for key in wording.default().texts if "kinds" in key}
    assert kinds == {kind.id for kind in KINDS}


# Hostile content

NASTY = "\x00\x0b\ud800\ufffe<w:p>&amp;]]>“\u202e{name}{0}%s\r\n\t" + "长" * 200


def test_hostile_texts_break_nothing():
    huge = "A" * 1_000_000
    hostile = replace(
        failed(NASTY, stale(NASTY, at="http://www.yunling.gov.cn/" + huge, on=NASTY), dead(huge, points=1)),
        site=Site(huge, NASTY, NASTY, NASTY),
        why=say("{x}", x=NASTY),
    )
    run = replace(RUN, failures=((NASTY, huge),))
    details = NoticeDetails(office=NASTY, addressee=huge, number=NASTY, period=NASTY, area=NASTY, contact=NASTY)
    document = render([hostile, undetermined(NASTY)], details, run)
    assert len(text(document)) < 20_000
    assert "{name}" in text(document)


def test_a_site_without_a_name_is_called_by_its_host():
    nameless = site("")
    host = nameless.site.url.removeprefix("http://").rstrip("/")
    assert rows(render([nameless]), 0)[1][2] == host
    render([replace(nameless, site=Site("http://[", ""))])


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters(), max_size=40), st.text(st.characters(), max_size=40))
def test_any_text_gives_a_file_that_opens(name, words):
    hostile = failed(name, stale(words, at=words, on=words, excerpt=words))
    render([hostile, undetermined(words)], NoticeDetails(office=name, addressee=words, number=name, period=words))
