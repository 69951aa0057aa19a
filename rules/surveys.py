"""征集调查: how many in a year, and does each say from when to when?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from crawler.kinds import kind_of
from crawler.message import say
from crawler.page import Page, Role
from crawler.site import ColumnKind
from crawler.snapshot import ColumnView, NotGathered, Snapshot
from rules.engine.rule import Problem, rule
from rules.excerpt import excerpt
from rules.foremost import foremost
from rules.freshness import before
from rules.lines import content
from rules.page_links import page_links

_RESULT = re.compile(r"结果|反馈|采纳|情况(?:说明|汇总|通报|的公示)?$|公布|揭晓|汇总|统计|答复")
_SURVEY = re.compile(r"征集|征求|调查|问卷|投票|听证|意见建议")
_DAY = r"(?:\d{4}[年/.-])?\d{1,2}[月/.-]\d{1,2}日?"
_SPAN = re.compile(
    rf"{_DAY}(?:\d{{1,2}}[:时点]\d{{0,2}}分?)?(?:起|开始)?(?:至|到|—+|-+|~+|－+|～)(?:{_DAY}|\d{{1,2}}日|\d+月底|长期)"
)
_END = re.compile(
    rf"(?:截止|截至|结束|期限|终止)[^。\n]{{0,16}}?\n?(?:{_DAY}|\d{{1,2}}月底)|{_DAY}[^。\n]{{0,12}}?(?:前|截止|止|之前|以前)"
    r"|自?(?:发布|公告|公布|公示)之日起[^。\n]{0,6}?[\d一二三四五六七八九十]+(?:个)?(?:工作日|日|天|周|月)|"
    r"(?:期限|时间|为期)[:为]?[\d一二三四五六七八九十]+(?:个)?(?:工作日|日|天|周|月)"
)
_LONGEST = 16  # characters of a link that is an entry
_START = re.compile(rf"(?:开始|起始|即日起|之日起|自{_DAY}|{_DAY}起)")


@rule("few-surveys", each="site", needs={"home", "columns"})
def few_surveys(snapshot: Snapshot, *, least: int = 6) -> Iterator[Problem]:
    """一年内开展的征集调查活动太少。

    查什么：
        征集调查类栏目的列表上，监测时间点前一年之内的活动有多少次；公布结果、反馈情况的不算一次。没有这类栏目的也提示。
    为什么：
        检查指标“征集调查”：提供在线调查征集渠道（不含电子邮件形式），且监测时间点前1年内开展活动超过（含）6次。
    参数：
        least：一年至少多少次，默认6。
    例：
        “民意征集”栏目一年之内只有2次活动，其余是结果反馈。
    改法：
        结合规划、政策制定和民生实事定期开展征集调查，写明起止日期，结束后公布结果。
    局限：
        只看列表第一页和标题；列表看不到、只看到入口的列为未检查。是否算一次活动由人判断，一律转人工复核。
    """
    surveys = [view for view in snapshot.columns if view.column.kind is ColumnKind.SURVEY]
    views = [view for view in surveys if not view.column.archived]
    if not views:
        yield from _without_column(snapshot, surveys)
        return
    seen = [view for view in views if view.unobservable is None]
    since, today = before(snapshot.as_of.date(), "1 year"), snapshot.as_of.date()
    items = {item.url: item for view in seen for item in view.items if not _RESULT.search(item.title)}
    undated = sum(item.date is None for item in items.values())
    count = sum(item.date is not None and since <= item.date <= today for item in items.values())
    if count + undated >= least:
        return
    if len(seen) < len(views):
        raise NotGathered(next(view.unobservable for view in views if view.unobservable is not None))
    first = foremost(views) or views[0]
    yield Problem(
        at=first.url,
        column=first.name,
        message=say("一年之内的征集调查活动有{count}次，不足{least}次", count=count + undated, least=least),
        excerpt=excerpt("；".join(item.title for item in list(items.values())[:3])),
        certain=False,
        expected=say("一年{least}次以上", least=least),
        found=say("{count}次", count=count + undated),
    )


def _without_column(snapshot: Snapshot, closed: Sequence[ColumnView]) -> Iterator[Problem]:
    """`closed`: columns of surveys that are kept as they were."""
    if snapshot.saved:
        raise NotGathered(say("检查的是保存的网页，不知道网站上还有什么"))
    home = snapshot.home
    pages = (home, *(view.page for view in snapshot.columns if view.page is not None))
    names = (" ".join(ref.text.split()) for page in pages for ref, url in page_links(page) if url is not None)
    entry = next((name for name in names if len(name) <= _LONGEST and kind_of(name)[0] is ColumnKind.SURVEY), None)
    if entry is not None and not closed:
        raise NotGathered(say("“{name}”的页面没有打开", name=excerpt(entry)))
    yield Problem(
        at=home.url,
        message=say("没有看到征集调查类栏目"),
        excerpt=excerpt(home.title),
        certain=False,
        expected=say("提供在线调查征集渠道"),
        key="channel",
    )


@rule("undated-survey", each="page")
def undated_survey(page: Page) -> Iterator[Problem]:
    """征集调查没有写明起止日期。

    查什么：
        征集调查类栏目中的活动页面，正文里有没有开始和结束的日期（或者期限，如“自发布之日起30日”）。显示了发布日期的，
        当作开始日期。
    为什么：
        通报中点名过开展调查活动中未标注开始和结束日期。公众不知道意见什么时候还能提。
    参数：
        无。
    例：
        “关于征求某办法意见的公告”只写了电子邮箱，没有写截止日期。
    改法：
        在正文开头写明“征集时间：某年某月某日至某年某月某日”，到期后注明已结束并公布结果。
    局限：
        公布结果的页面不看。日期在附件、图片里或者由脚本写出的看不到，一律转人工复核。
    """
    if page.role in (Role.HOME, Role.COLUMN) or page.script_drawn:
        return
    kind, _ = kind_of(page.meta("ColumnName") or page.column, page.meta("ColumnType"), page.url)
    title = page.meta("ArticleTitle") or page.title
    if kind is not ColumnKind.SURVEY or _RESULT.search(title) or not _SURVEY.search(title):
        return
    text = "\n".join(content(page.document))
    if _SPAN.search(text):
        return
    told = page.dating
    ends = _END.search(text) is not None
    starts = _START.search(text) is not None or (told is not None and (told.shown or told.meta) is not None)
    if ends and starts:
        return
    yield Problem(
        at=page.url,
        column=page.column or None,
        message=say("征集调查“{title}”没有写明开始日期", title=excerpt(title, 60))
        if ends
        else say("征集调查“{title}”没有写明结束日期", title=excerpt(title, 60)),
        excerpt=excerpt(title),
        certain=False,
        expected=say("写明开始和结束日期"),
    )
