"""办事统计、留言统计: are the figures published, and how old are they?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal

from crawler.dates import in_china
from crawler.message import Message, say
from crawler.page import Page
from crawler.site import ColumnKind
from crawler.snapshot import NotGathered, Snapshot
from rules.engine.parameters import Written
from rules.engine.rule import Problem, rule
from rules.excerpt import excerpt
from rules.foremost import foremost
from rules.freshness import before
from rules.lines import content
from rules.page_links import page_links
from rules.section import plain

Of = Literal["service", "message"]

_NAMES: dict[str, tuple[Message, re.Pattern[str]]] = {
    "service": (
        say("办事统计数据"),
        re.compile(
            r"(?:办事|办件|服务|事项|审批|政务)(?:办理|数据|情况|服务)*统计|办件(?:量|数据|情况|公示)|统计.{0,4}办件"
        ),
    ),
    "message": (
        say("留言受理反馈情况统计数据"),
        re.compile(
            r"(?:留言|信件|来信|信箱|互动|咨询|诉求|答复|受理反馈)(?:办理|受理|反馈|回复|答复|处理|数据|情况|及)*统计|统计.{0,4}(?:留言|信件|来信)"
        ),
    ),
}
_KINDS = {"service": ColumnKind.SERVICE, "message": ColumnKind.MESSAGE}
_LONGEST = 20  # characters of a link that is an entry
# What a table of figures tells beside them: 截至2026年9月, 2026年第三季度, 2026年9月30日.
_MONTH = re.compile(
    r"(20\d\d)年(?:(?:1[0-2]|[1-9])月?[-—–~～至到]+)?(1[0-2]|0?[1-9])月(?:(3[01]|[12]\d|0?[1-9])日)?|"
    r"(20\d\d)[-/.](1[0-2]|0?[1-9])(?:[-/.](3[01]|[12]\d|0?[1-9]))?(?!\d)"
)
_QUARTER = re.compile(r"(20\d\d)年(?:第)?([一二三四1-4])季度?|(20\d\d)年(上|下)半年")
_ENDS = {"一": 3, "二": 6, "三": 9, "四": 12, "1": 3, "2": 6, "3": 9, "4": 12, "上": 6, "下": 12}
_CLOCK = re.compile(r"今天是|今日是|现在是|当前时间|北京时间")
_BESIDE = 40  # lines after a heading that are its figures
_PRESENT = re.compile(r"(?:今日|今天|本日|本周|本月|实时)(?:新增|累计|共)?.{0,8}(?:办|受理|收|留言|来信)")


@dataclass(frozen=True, slots=True)
class _Entry:
    text: str
    url: str | None


@rule("missing-statistics", each="site", needs={"home", "columns"})
def missing_statistics(snapshot: Snapshot, *, of: Of = "service") -> Iterator[Problem]:
    """没有公开办事或留言的统计数据。

    查什么：
        打开了的页面的链接文字、栏目名称和首页、栏目页的正文里，有没有办事统计、办件统计（of 为 message 时是留言统计、
        信件统计）的入口或数据。
    为什么：
        检查指标“办事统计数据”“统计数据”：未公开办事统计数据、留言受理反馈情况统计数据的，扣分。
    参数：
        of：service 办事统计，message 留言统计。
    例：
        “互动交流”中只有信件列表，没有来信数量、办结数量。
    改法：
        在办事服务、互动交流页面按月或者按季度公开受理、办结数量，并写明统计时段。
    局限：
        只看文字。统计数据多为图片或者脚本生成，或者在其他平台上，看不到，一律转人工复核。
    """
    name, pattern = _NAMES[of]
    home = snapshot.home
    if snapshot.saved:
        raise NotGathered(say("检查的是保存的网页，不知道网站上还有什么"))
    if _entries(snapshot, pattern) or any(_tells(page, pattern) for page in _openings(snapshot)):
        return
    column = foremost(view for view in snapshot.columns if view.column.kind is _KINDS[of])
    yield Problem(
        at=column.url if column is not None else home.url,
        column=column.name if column is not None else None,
        message=say("没有看到{name}", name=name),
        excerpt=excerpt(home.title),
        certain=False,
        expected=say("公开{name}，写明统计时段", name=name),
        key=of,
    )


@rule("stale-statistics", each="site", needs={"home", "columns"})
def stale_statistics(
    snapshot: Snapshot,
    *,
    of: Of = "service",
    limit: Annotated[str, Written(r"\d{1,2} months?", "如“3 months”")] = "3 months",
) -> Iterator[Problem]:
    """办事或留言的统计数据长期没有更新。

    查什么：
        办事统计（of 为 message 时是留言统计）页面写明的最近的统计时段、发布日期，或者统计栏目最近一条的日期，离监测时
        间点多久。
    为什么：
        检查指标“办事统计数据”：在监测时间点前3个月内，未及时更新办事统计数据的，扣2分。
    参数：
        of：service 办事统计，message 留言统计。
        limit：多久没有更新才提示，默认3个月。
    例：
        11月检查时，“办件统计”仍是“截至2026年6月30日”。
    改法：
        按月或者按季度更新，写明统计时段；自动生成的，把时段一起显示出来。
    局限：
        页面没有打开、没有写日期的，不能判断，列为未检查；图片和脚本写出的数字看不到。一律转人工复核。
    """
    name, pattern = _NAMES[of]
    entries, today = _entries(snapshot, pattern), snapshot.as_of.date()
    read = [page for entry in entries if entry.url and (page := snapshot.page(entry.url)) is not None]
    newest = [(day, page) for page in read if (day := _newest(snapshot, page, today)) is not None]
    if not read:
        newest = [(day, page) for page in _openings(snapshot) if (day := _beside(page, pattern, today)) is not None]
    if not newest:
        if not entries:
            raise NotGathered(say("没有看到{name}的入口", name=name))
        raise NotGathered(
            say("“{name}”的页面没有打开", name=entries[0].text)
            if not read
            else say("“{name}”的页面没有写明统计时段或日期", name=entries[0].text)
        )
    day, page = max(newest, key=lambda one: one[0])
    if day >= before(today, limit):
        return
    yield Problem(
        at=page.url,
        message=say("{name}最近的日期是{day}，请核对是不是没有更新", name=name, day=day.isoformat()),
        excerpt=excerpt(page.title),
        certain=False,
        found=say("最近的日期是{day}", day=day.isoformat()),
        key=of,
    )


def _openings(snapshot: Snapshot) -> Iterator[Page]:
    """The pages from which a reader sets out: the home page and the columns."""
    yield snapshot.home
    yield from (view.page for view in snapshot.columns if view.page is not None)


def _entries(snapshot: Snapshot, pattern: re.Pattern[str]) -> list[_Entry]:
    found: dict[tuple[str, str | None], _Entry] = {}
    for view in snapshot.columns:
        if pattern.search(plain(view.name)):
            found[view.name, view.url] = _Entry(view.name, view.url)
    for page in _openings(snapshot):
        for ref, url in page_links(page):
            text = plain(ref.text)
            if len(text) <= _LONGEST and pattern.search(text):
                found.setdefault((text, url), _Entry(text, url))
    return list(found.values())


def _tells(page: Page, pattern: re.Pattern[str]) -> bool:
    """The figures stand on the page itself."""
    return pattern.search(re.sub(r"\s+", "", page.text)) is not None


def _newest(snapshot: Snapshot, page: Page, today: date) -> date | None:
    """The last day that the page tells of: of its list, of its figures, or of its own publication."""
    listed = (view.newest for view in snapshot.columns if view.page is not None and view.page.url == page.url)
    told = page.dating
    own = (told.shown, told.meta) if told is not None else ()
    return _latest(page, content(page.document), (*listed, *own), today)


def _beside(page: Page, pattern: re.Pattern[str], today: date) -> date | None:
    """The last day that figures tell of which stand on a page of something else, below their heading."""
    text = list(content(page.document))
    at = next((n for n, line in enumerate(text) if len(line) <= _LONGEST and pattern.search(line)), None)
    return None if at is None else _latest(page, text[at : at + _BESIDE], (), today)


def _latest(page: Page, lines: Iterable[str], others: Iterable[date | None], today: date) -> date | None:
    text = "\n".join(line for line in lines if not _CLOCK.search(line))
    if _PRESENT.search(text):
        return in_china(page.answer.at).date()
    return max((day for day in (*others, *_periods(text)) if day is not None and day <= today), default=None)


def _periods(text: str) -> Iterator[date]:
    for found in _MONTH.finditer(text):
        year, month, day = found.group(1, 2, 3) if found[1] else found.group(4, 5, 6)
        yield from _day(int(year), int(month), int(day or 0))
    for found in _QUARTER.finditer(text):
        year, part = found.group(1, 2) if found[1] else found.group(3, 4)
        yield from _day(int(year), _ENDS[part], 0)


def _day(year: int, month: int, day: int) -> Iterator[date]:
    """`day` 0: the month's last."""
    try:
        if day:
            yield date(year, month, day)
        else:
            yield date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    except ValueError:
        return  # no such day
