"""The yearly reports that a site shows: on disclosure (政府信息公开年报) and on the website itself (年度报表).

Derived once, for every rule about them. What a report holds is read in `rules/report_form.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from crawler.lists import listing
from crawler.message import Message, say
from crawler.page import Page
from crawler.selection import NOTHING
from crawler.site import ColumnKind
from crawler.snapshot import ColumnView, DateSource, NotGathered, Snapshot
from rules.disclosure_column import DisclosureColumn, disclosure_column
from rules.foot import may_write
from rules.foremost import foremost
from rules.once import once
from rules.page_links import is_file, page_links
from rules.section import plain

_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_CHINESE_YEAR = re.compile(r"[一二][〇○零０0九一二三四五六七八]{3}(?=年)")
_DIGITS = str.maketrans("〇○零０一二三四五六七八九", "0000123456789")
_DISCLOSURE = re.compile(r"(?:信息|政务)公开.{0,12}(?:年报|报告)|年报|年度(?:工作)?报告")
_WEBSITE = re.compile(r"网站.{0,8}(?:年报|报表|年度报告)|报表")
_ABOUT = re.compile(
    r"通知|方案|培训|部署|会议|解读|要点|计划|清单|征求|意见|图解|读懂|考核|评估|决算|预算|企业|审计|公告|修订|提纲|模板|要求"
)
_ELSE = re.compile(r"决算|预算|财务|企业|统计|法治|双随机|质量|上市|公司|慈善|社会组织")
_BODY = re.compile(
    r"(?:关于)?([\u4e00-\u9fff]{2,24}?(?:局|委员会|管委会|委|办公室|办|厅|镇|乡|街道|街道办事处|(?:镇|乡)(?:人民)?政府|中心|支队|大队|公司|学校|"
    r"医院|银行|所|站|馆|院))(?:关于)?(?:19|20|政府信息|信息公开|年度)"
)
_GOVERNMENT = re.compile(r"(?<![镇乡])(?:人民)?政府$|[省市县区州盟旗]$")
_FOLDER = re.compile(r"(?:19|20)\d\d年?度?(?:报告)?")
_SPOKEN = re.compile(r"(20\d\d)\s*年度?[^\n\d]{0,30}?(?:年报|年度报告|报表)")
_PAGER = re.compile(r"下一页|下页|尾页|末页|共\s*(?:[2-9]|\d\d+)\s*页|\b1\s*/\s*(?:[2-9]|\d\d+)\b")
_SAME = 3  # last characters by which a body is known under a longer name


class Subject(StrEnum):
    """What a yearly report is about."""

    DISCLOSURE = "disclosure"  # 政府信息公开工作年度报告
    WEBSITE = "website"  # 政府网站工作年度报表


@dataclass(frozen=True, slots=True)
class AnnualReport:
    """One report, as it is listed."""

    year: int
    """The year it reports on."""
    title: str
    url: str
    published: date | None
    source: DateSource | None
    own: bool
    """It is the site's own; a portal may show those of its departments too."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Shelf:
    """What the site shows of one subject."""

    at: str
    """The column's address; empty where no column of that kind was read."""
    name: str
    reports: tuple[AnnualReport, ...]
    unlike: tuple[tuple[int | None, str], ...]
    """Titles of the column that are none of its reports, or do not say of which year, with the year they bear."""
    hidden: Message | None
    """Why a report that was not seen may be there all the same; None: everything the site shows was seen."""
    oldest: date | None
    """Of the dated items of the column's first page, when more pages follow; None: there are no more pages."""
    spoken: frozenset[int]
    """Years of which the column's own text speaks as of a report's."""
    blank: bool
    """The column's page lists nothing and says so."""
    writes: bool
    """A script of the column may add to what its source shows."""

    def of(self, year: int) -> tuple[AnnualReport, ...]:
        return tuple(report for report in self.reports if report.year == year)


def year_due(today: date, month: int, day: int) -> int:
    """The year whose report was due last, when each is due on that day of the year after.

    >>> year_due(date(2026, 3, 31), 3, 31), year_due(date(2026, 4, 1), 3, 31)
    (2024, 2025)
    """
    return today.year - (1 if today > date(today.year, month, day) else 2)


def years(title: str) -> list[int]:
    """The years that a title names, in digits or in Chinese numerals, in order.

    >>> years("云岭县二〇二五年政府信息公开工作年度报告"), years("第20250号")
    ([2025], [])
    """
    text = _CHINESE_YEAR.sub(lambda match: match[0].translate(_DIGITS), title)
    return [int(match[1]) for match in _YEAR.finditer(text)]


@once
def disclosure_shelf(snapshot: Snapshot) -> Shelf:
    """The yearly reports on disclosure. Raises NotGathered where nothing was asked or the home page is missing."""
    return _shelf(snapshot, Subject.DISCLOSURE)


@once
def website_shelf(snapshot: Snapshot) -> Shelf:
    """The yearly tables on the website."""
    return _shelf(snapshot, Subject.WEBSITE)


def shelf_of(snapshot: Snapshot, subject: Subject) -> Shelf:
    return disclosure_shelf(snapshot) if subject == Subject.DISCLOSURE else website_shelf(snapshot)


def on_home(snapshot: Snapshot, shelf: Shelf, year: int) -> bool:
    """A link of the home page leads to the table on that year, or to the column that holds it; or that cannot be told.

    A link that is named like the tables will do, whatever year it names: it may lead to a folder of them.
    """
    home = snapshot.home
    if home.script_drawn or may_write(home.document):
        return True
    places = {report.url for report in shelf.of(year)} | {shelf.at}
    links = [(plain(ref.text), url) for ref, url in page_links(home)]
    return any(url in places or _named(text, Subject.WEBSITE) for text, url in links if url is not None)


def _shelf(snapshot: Snapshot, subject: Subject) -> Shelf:
    if snapshot.saved:
        raise NotGathered(say("检查的是保存的网页，不知道网站上还有什么"))
    column = disclosure_column(snapshot)
    views = [view for view in snapshot.columns if _is_shelf(view, subject)]
    found: dict[tuple[str, int], AnnualReport] = {}
    unlike: list[tuple[int | None, str]] = []
    site = snapshot.site.name
    for view in views:
        for item in view.items:
            named = _named(item.title, subject)
            told = years(item.title)
            if named and not told and item.date is not None:
                told = [item.date.year - 1]  # of the year before it came out
            if not (named and told):
                unlike.append((told[0] if told else None, item.title))
                continue
            for year in told:
                report = AnnualReport(year, item.title, item.url, item.date, item.source, _is_own(item.title, site))
                found.setdefault((item.url, year), report)
    for text, url in _elsewhere(snapshot, column, views):
        for year in years(text) if _named(text, subject) else ():
            found.setdefault((url, year), AnnualReport(year, text, url, None, None, _is_own(text, site)))
    pages = [(view, view.page) for view in views if view.page is not None]
    reaches = [day for day in (_oldest(view, page) for view, page in pages) if day is not None]
    first = foremost(views)
    return Shelf(
        first.url if first is not None else "",
        first.name if first is not None else "",
        tuple(found.values()),
        tuple(unlike),
        _hidden(views, snapshot),
        max(reaches, default=None),
        frozenset(int(match[1]) for _, page in pages for match in _SPOKEN.finditer(page.text)),
        all(NOTHING.search(page.text) is not None and not view.items for view, page in pages),
        any(may_write(page.document) for _, page in pages),
    )


def _elsewhere(snapshot: Snapshot, column: DisclosureColumn, views: Iterable[ColumnView]) -> Iterator[tuple[str, str]]:
    """Links beside the lists: of the disclosure column, of the whole site, and folders by year."""
    yield from ((way.text, way.url) for way in column.ways)
    yield from ((plain(link.text), link.url) for link in snapshot.links() if link.internal)
    for view in views:
        for ref, url in page_links(view.page) if view.page is not None else ():
            text = plain(ref.text)
            if url is not None and _FOLDER.fullmatch(text):
                yield f"{text}年度报告", url


def _is_shelf(view: ColumnView, subject: Subject) -> bool:
    if view.kind != ColumnKind.REPORT or _ELSE.search(view.name):
        return False
    return _subject(view.name, Subject.DISCLOSURE) is subject


def _subject(title: str, usual: Subject) -> Subject:
    """What a report is about; where the title does not tell, what those beside it are about."""
    if re.search(r"(?:信息|政务)公开", title):
        return Subject.DISCLOSURE
    return Subject.WEBSITE if _WEBSITE.search(title) else usual


def _named(text: str, subject: Subject) -> bool:
    """The title is one of such a report."""
    if _ELSE.search(text) or _ABOUT.search(text):
        return False
    if subject is Subject.WEBSITE:
        return _WEBSITE.search(text) is not None
    return _subject(text, Subject.DISCLOSURE) is Subject.DISCLOSURE and _DISCLOSURE.search(text) is not None


def _is_own(title: str, site: str) -> bool:
    """The title names no body, or the site's own."""
    match = _BODY.match(plain(title))
    if match is None or not site:
        return True
    body, owner = match[1], plain(site)
    if body in owner or owner in body:
        return True
    return not _GOVERNMENT.search(owner) and body[-_SAME:] == owner[-_SAME:]


def _hidden(views: Iterable[ColumnView], snapshot: Snapshot) -> Message | None:
    for view in views:
        if view.unobservable is not None:
            return view.unobservable
        if view.answer is not None and not (view.answer.ok or is_file(view.answer)):
            return say("栏目页面没有打开")
        if view.page is None or view.page.script_drawn or view.page.document.root.select_one("iframe[src]"):
            return say("年报栏目由脚本或框架生成，看不到其中的内容")
    if not snapshot.coverage.complete:
        return say("检查没有做完，年报可能在没有检查到的页面上")
    return None


def _oldest(view: ColumnView, page: Page) -> date | None:
    """How far back the first page reaches, where a pager leads further."""
    listed = listing(page.document, page.url, fetched_at=page.answer.at, as_of=view.as_of, name=view.name)
    if listed.next_page is None and not _PAGER.search(page.text):
        return None
    return min((item.date for item in view.items if item.date is not None), default=date.max)
