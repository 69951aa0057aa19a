"""The yearly reports (政府信息公开年报, 政府网站工作年度报表): published, in time, complete?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated

from crawler import dates
from crawler.message import Message, say
from crawler.page import Page
from crawler.snapshot import DateSource, NotGathered, Snapshot
from crawler.urls import ATTACHMENTS, suffix
from rules.disclosure_column import NEEDS
from rules.engine.parameters import Written
from rules.engine.rule import Problem, rule
from rules.excerpt import excerpt
from rules.report_form import Element, Form, disagreements, elements, form_of
from rules.shelf import AnnualReport, Shelf, Subject, disclosure_shelf, on_home, shelf_of, year_due

_DAY = r"(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
Day = Annotated[str, Written(_DAY, "月-日，如 03-31")]
_FIRST_NEW = 2019  # the first year that the regulation of 2019 governs; before, 31 March was everybody's day
_OLD_DAY = "03-31"
_FEW = 3  # headings that make a page a report in parts
_SHORT = 300  # characters: less is a page around a file
_GOVERNMENT = re.compile(r"政府|街道|管委会|管理委员会|开发区")
_NAMES = {Subject.DISCLOSURE: say("政府信息公开工作年度报告"), Subject.WEBSITE: say("政府网站工作年度报表")}


@rule("missing-annual-report", each="site", needs=NEEDS)
def missing_annual_report(snapshot: Snapshot, *, due: Day, subject: Subject = Subject.DISCLOSURE) -> Iterator[Problem]:
    """没有发布最近一个应当发布的年度报告。

    查什么：
        监测时间点以前最近一个到期的年度报告，在年报栏目的列表中、在政府信息公开专栏和网站的链接文字中有没有；政府网站工作
        年度报表还看首页上有没有它的入口。
    为什么：
        《政府信息公开条例》（国务院令第711号）第四十九条要求每年公布上一年度的政府信息公开工作年度报告；国办函〔2018〕12号
        要求每年1月31日前在网站首页公布政府网站工作年度报表。
    参数：
        due：每年到期的月日，如03-31；当天仍算按时。
        subject：disclosure（政府信息公开工作年度报告）或者website（政府网站工作年度报表）。
    例：
        监测时间点是2026年11月24日，年报栏目中最近的是2024年度报告，没有2025年度报告。
    改法：
        尽快公布报告，并注明发布日期；已经公布在别处的，在年报栏目中加上链接。
    局限：
        只看已经到期的最近一年。没有找到年报栏目、栏目由脚本写出或者没有检查完的，不能判断；列表有多页而第一页没有列到那一年、
        有名称看不出年份的信息、只有其他单位的报告的，乡镇政府和街道过了1月31日还没有到3月31日的，转人工复核。年度报表可能放在
        任何页面上，首页的入口可能是图片，一律转人工复核。
    """
    shelf = shelf_of(snapshot, subject)
    year = _due(snapshot, due)
    name = _NAMES[Subject(subject)]
    if any(report.own for report in shelf.of(year)):
        if subject == Subject.WEBSITE and not on_home(snapshot, shelf, year):
            yield _deep(snapshot.home.url, name, year, shelf)
        return
    if subject == Subject.WEBSITE:
        yield _unseen(snapshot.home.url, name, year, shelf, certain=False)
        return
    if not shelf.at:
        raise NotGathered(say("没有找到{report}的栏目", report=name))
    if shelf.hidden is not None:
        raise NotGathered(shelf.hidden)
    others = shelf.of(year)
    doubtful = any(told in (year, None) for told, _ in shelf.unlike) or year in shelf.spoken or shelf.writes
    began = date(year + 1, 1, 1)
    whole = shelf.oldest is None or shelf.oldest < began
    sure = whole and not others and not doubtful and (any(report.own for report in shelf.reports) or shelf.blank)
    sure = sure and snapshot.as_of.date() > _surely_by(snapshot, due, year)
    yield _unseen(shelf.at, name, year, shelf, certain=sure)


@rule("late-annual-report", each="site", needs=NEEDS)
def late_annual_report(snapshot: Snapshot, *, due: Day, subject: Subject = Subject.DISCLOSURE) -> Iterator[Problem]:
    """年度报告超过规定日期才发布。

    查什么：
        最近一个到期的政府信息公开工作年度报告（或者政府网站工作年度报表），列表、内容页和META标签中最早的发布日期，
        是否晚于规定日期。
    为什么：
        《政府信息公开条例》（国务院令第711号）第四十九条：县级以上人民政府部门每年1月31日前公布，各级政府的报告3月31日前公布；
        2018年度及以前的报告，都是3月31日前。国办函〔2018〕12号：政府网站工作年度报表每年1月31日前公布。
    参数：
        due：每年到期的月日，如03-31；当天仍算按时。
        subject：disclosure（政府信息公开工作年度报告）或者website（政府网站工作年度报表）。
    例：
        县政府2025年度报告的发布日期是2026年4月15日。
    改法：
        下一年度按时公布；迁移网站时重新发布的，改回原来的发布日期。
    局限：
        只看发布日期。日期只见于网址的、几个年度的报告都是同一天发布的（可能是迁移后重新发布）、只有其他单位的报告的、
        乡镇政府和街道在3月31日以前发布的，转人工复核；没有找到报告或者报告没有日期的，不能判断。
    """
    shelf = shelf_of(snapshot, subject)
    year = _due(snapshot, due)
    report = _own(shelf, year)
    limit = date(year + 1, *_month_day(due, year))
    told = list(_dates(snapshot, [r for r in shelf.of(year) if r.own == report.own]))
    if not told:
        raise NotGathered(say("{year}年度报告没有注明发布日期", year=str(year)))
    first = min(day for day, _ in told)
    if first <= limit:
        return
    shown = any(source is DateSource.SHOWN for day, source in told)
    again = any(r.published == report.published for r in shelf.reports if r.published is not None and r.year != year)
    yield Problem(
        at=report.url,
        message=say(
            "{year}年度的{report}发布日期是{day}，晚于规定的{limit}",
            year=str(year),
            report=_NAMES[Subject(subject)],
            day=first.isoformat(),
            limit=limit.isoformat(),
        ),
        excerpt=excerpt(report.title),
        certain=shown and report.own and not again and first > _surely_by(snapshot, due, year),
        expected=say("{limit}以前发布", limit=limit.isoformat()),
        found=say("发布日期是{day}", day=first.isoformat()),
        key=str(year),
    )


@rule("incomplete-annual-report", each="site", needs=NEEDS)
def incomplete_annual_report(snapshot: Snapshot, *, due: Day, sums: bool = True) -> Iterator[Problem]:
    """年度报告缺少规定的部分或者统计表，数字合计不符。

    查什么：
        最近一个到期的政府信息公开工作年度报告，有没有当年格式规定的各个部分和统计表
        （见 rules/words/annual_report.toml）；表中各栏之和是否等于总计，新收与结转是否平衡，分类条数之和是否等于总数。
    为什么：
        《政府信息公开条例》第五十条规定了年度报告的内容；国办公开办函〔2021〕30号规定了六个部分和三张表，不能遗漏。
    参数：
        due：每年到期的月日，如03-31。
        sums：是否核对合计。
    例：
        2025年度报告没有“其他需要报告的事项”，也没有行政复议、行政诉讼情况统计表。
    改法：
        按规定的格式补充后重新公布；数字不符的，核对台账后更正。
    局限：
        报告是附件、图片，或者没有打开的，不能判断。没有分条标题的、正文中提到的、有图片或附件可能含有统计表的、
        数字合计不符的，转人工复核。只看有没有，不看内容是否属实。
    """
    shelf = disclosure_shelf(snapshot)
    year = _due(snapshot, due)
    report = _own(shelf, year)
    page = _page(snapshot, report)
    form = form_of(page)
    if len("".join(page.text.split())) < _SHORT and (form.attached or form.pictures):
        raise NotGathered(say("{year}年度报告的正文在附件或者图片中，没有读取", year=str(year)))
    if page.script_drawn:
        raise NotGathered(say("{year}年度报告的页面由脚本生成，看不到内容", year=str(year)))
    if len(form.headings) < _FEW:
        yield _shapeless(page, report)
    else:
        yield from (_lacking(page, report, element, form) for element in elements(year) if not form.has(element))
    if sums:
        for number, wrong in enumerate(disagreements(page)):
            yield Problem(
                at=page.url,
                message=say(
                    "{year}年度报告的数字不符：{what}，写的是{stated}，加起来是{counted}",
                    year=str(year),
                    what=excerpt(wrong.what, 60) if isinstance(wrong.what, str) else wrong.what,
                    stated=wrong.stated,
                    counted=wrong.counted,
                ),
                excerpt=excerpt(wrong.what) if isinstance(wrong.what, str) else "",
                certain=False,
                expected=say("各项之和等于总计"),
                found=say("写的是{stated}，加起来是{counted}", stated=wrong.stated, counted=wrong.counted),
                key=f"sum-{number}",
            )


def _due(snapshot: Snapshot, due: str) -> int:
    """The year whose report is due last at the moment of the check."""
    today = snapshot.as_of.date()
    year = year_due(today, *_month_day(due, today.year - 1))
    return year if year >= _FIRST_NEW else year_due(today, *_month_day(_OLD_DAY, year))


def _month_day(due: str, year: int) -> tuple[int, int]:
    """The day on which the report on that year was due."""
    month, day = (due if year >= _FIRST_NEW else _OLD_DAY).split("-")
    return int(month), int(day)


def _surely_by(snapshot: Snapshot, due: str, year: int) -> date:
    """The day by which that report was due beyond doubt: whether a town's or a street's office is a department of the
    county, is for a person to say."""
    name = snapshot.site.name or snapshot.home.meta("SiteName") or snapshot.home.title
    days = (_month_day(due, year), _month_day(_OLD_DAY, year))
    return date(year + 1, *(max(days) if _GOVERNMENT.search(name) else days[0]))


def _own(shelf: Shelf, year: int) -> AnnualReport:
    """The site's own report on that year, the dated telling of it before others; NotGathered when none was seen."""
    found = sorted(shelf.of(year), key=lambda report: (not report.own, report.published is None))
    if not found:
        raise NotGathered(say("没有找到{year}年度报告", year=str(year)))
    return found[0]


def _dates(snapshot: Snapshot, reports: list[AnnualReport]) -> Iterator[tuple[date, DateSource | None]]:
    """Every date at which one of these says that it was published."""
    for report in reports:
        if report.published is not None:
            yield report.published, report.source
        in_address = dates.in_address(report.url)
        if in_address is not None:
            yield in_address, DateSource.ADDRESS
        page = snapshot.page(report.url)
        if page is None:
            continue
        at = page.answer.at
        for told in (dates.on_page(page.document, fetched_at=at), dates.in_meta(page.document, fetched_at=at)):
            if told.date is not None:
                yield told.date, told.source


def _page(snapshot: Snapshot, report: AnnualReport) -> Page:
    page = snapshot.page(report.url)
    if page is None:
        if suffix(report.url) in ATTACHMENTS:
            raise NotGathered(say("{year}年度报告是附件，没有读取", year=str(report.year)))
        raise NotGathered(say("{year}年度报告的页面没有打开", year=str(report.year)))
    return page


def _unseen(at: str, name: Message, year: int, shelf: Shelf, *, certain: bool) -> Problem:
    newest = max((report.year for report in shelf.reports if report.own), default=None)
    others = shelf.of(year)
    if others:
        found = say("只有其他单位的报告，如“{title}”", title=excerpt(others[0].title, 60))
    elif newest is not None:
        found = say("最近的是{year}年度的报告", year=str(newest))
    else:
        found = say("没有看到任何年度的报告")
    return Problem(
        at=at,
        message=say("没有看到{year}年度的{report}", year=str(year), report=name),
        excerpt=excerpt(next((title for told, title in shelf.unlike if told in (year, None)), "")),
        certain=certain,
        column=shelf.name or None,
        expected=say("公布{year}年度的报告", year=str(year)),
        found=found,
        key=f"{year}",
    )


def _deep(home: str, name: Message, year: int, shelf: Shelf) -> Problem:
    report = shelf.of(year)[0]
    return Problem(
        at=home,
        message=say("首页上没有看到{year}年度的{report}的入口", year=str(year), report=name),
        excerpt=excerpt(report.title),
        certain=False,
        expected=say("在首页显著位置公布"),
        found=say("报告在 {url}", url=excerpt(report.url, 120)),
        key=f"{year} home",
    )


def _shapeless(page: Page, report: AnnualReport) -> Problem:
    return Problem(
        at=page.url,
        message=say("{year}年度报告没有按规定的格式分部分", year=str(report.year)),
        excerpt=excerpt(report.title),
        certain=False,
        expected=say("报告分为规定的几个部分"),
        found=say("正文中没有“一、”“二、”这样的标题"),
        key="form",
    )


def _lacking(page: Page, report: AnnualReport, element: Element, form: Form) -> Problem:
    spoken = form.speaks_of(element)
    elsewhere = form.attached or (element.is_table and form.pictures)
    name = Message(element.name)
    year = str(report.year)
    return Problem(
        at=page.url,
        message=say("{year}年度报告没有{table}", year=year, table=name)
        if element.is_table
        else say("{year}年度报告没有“{part}”部分", year=year, part=name),
        excerpt=excerpt(report.title),
        certain=report.own and not (spoken or elsewhere or form.pictures),
        expected=say("报告有{name}", name=name),
        found=say("正文提到了，没有单列标题") if spoken else say("正文中没有"),
        key=element.key,
    )
