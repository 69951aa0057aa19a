"""Is anything new? The home page and the columns, counted back from the check date (监测时间点)."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated

from crawler import columns as lists
from crawler.kinds import UPDATED
from crawler.message import say
from crawler.page import Page
from crawler.site import ColumnKind
from crawler.snapshot import ColumnView, DateSource, Item, NotGathered, Snapshot
from crawler.urls import host, same_site
from rules.blank import holds_more, shows_picture
from rules.engine.parameters import Written
from rules.engine.rule import Problem, rule
from rules.excerpt import excerpt
from rules.lexicon import terms
from rules.page_links import is_file, page_links

_ON_DEMAND = frozenset({ColumnKind.SURVEY, ColumnKind.PERSON, ColumnKind.MESSAGE})
"""Kinds that may lawfully have nothing to show for a while."""
_TITLE = 10  # characters: the name of a menu entry is shorter
_ENOUGH = 3  # articles without a date that speak for the others of their list
_SEVERAL = 5  # titles that make a page one that shows items
_LIMIT = r"\s*(\d{1,4}) (day|month|year)s?\s*"
_MORE = re.compile(r"下一?页|尾页|末页|后一?页|共\s*\d+\s*页")
_MONTH = re.compile(r"(?<!\d)20\d\d(?:年(?:1[0-2]|0?[1-9])月(?!\d)|[-/.](?:1[0-2]|0?[1-9])(?![\d/.-]))")
_LOADS = re.compile(
    r"ajax|axios|fetch\s*\(|XMLHttpRequest|getJSON|\$\.(?:get|post)\b|dataproxy|v-for|ng-repeat|innerHTML|"
    r"document\.write|\.(?:load|append|html)\s*\(",
    re.IGNORECASE,
)


@rule("stale-home", each="site", needs={"home", "columns", "articles"})
def stale_home(snapshot: Snapshot, *, days: int = 14) -> Iterator[Problem]:
    """首页在规定时间内没有新信息。

    查什么：
        首页所列信息中发布日期最近的一条，是否在监测时间点前规定的天数之内。首页不显示日期的，用同一条信息在栏目列表、
        内容页上的日期。首页只有导航、不列信息的，看所有栏目。
    为什么：
        检查指标“首页不更新”：监测2周，首页无信息更新的，单项否决；首页仅为网站栏目导航入口的，看所有二级页面。
    参数：
        days：天数，默认14。
    例：
        监测时间点是2026年11月24日，首页最近一条信息的日期是2026年9月30日。
    改法：
        及时在首页发布动态、通知等信息；栏目里有新信息而首页没有的，检查首页的发布任务。
    局限：
        看信息的日期，不比较前后两次访问。正好在期限当天的、首页没有新信息而栏目里有的、有的栏目看不到日期的，转人工复核；
        首页和栏目都看不到日期的，不作判断。
    """
    home = snapshot.home
    _require_moment(home)
    today = snapshot.as_of.date()
    edge = today - timedelta(days=days)
    listed = lists.listing(home.document, home.url, fetched_at=home.answer.at, as_of=snapshot.as_of, whole=True)
    views = [v for v in snapshot.columns if not v.column.archived and v.kind != ColumnKind.STATIC]
    items = [*listed.items, *_known_items(home, views)]
    dated = {item.url for item in items if item.date is not None}
    untold = {url for url in _titles(home) if url not in dated}
    on_home = _newest(items, today)
    behind = max((v.newest for v in views if v.newest is not None), default=None)
    blind = home.script_drawn or listed.unobservable is not None or any(v.unobservable is not None for v in views)

    if on_home is not None and on_home > edge:
        return
    if on_home is None:
        shows_items = bool(items) or len(untold) >= _SEVERAL
        if behind is None or (behind > edge and (shows_items or home.script_drawn or listed.unobservable is not None)):
            raise NotGathered(say("首页上看不到信息的发布日期"))
        if behind > edge:
            return  # only a way in, and there is something new behind it
        unread = any(v.newest is None and (v.items or v.page is None) for v in views)
        sure = not (shows_items or blind or unread) and snapshot.coverage.complete
        message = say("首页没有注明日期的信息，各栏目最近一条信息的日期是{last}", last=behind.isoformat())
    elif behind is not None and behind > edge:
        sure = False
        message = say(
            "首页最近一条信息的日期是{last}，栏目中最近一条是{behind}，请核对首页是否更新",
            last=on_home.isoformat(),
            behind=behind.isoformat(),
        )
    else:
        sure = behind is not None and not blind and (len(untold) < _SEVERAL or len(untold) <= len(dated))
        message = say("首页最近一条信息的日期是{last}", last=on_home.isoformat())
    last = max(day for day in (on_home, behind) if day is not None)
    yield Problem(
        at=home.url,
        message=say(
            "{fact}，截至监测时间点{today}，{days}天内没有更新", fact=message, today=today.isoformat(), days=days
        )
        if behind is None or behind <= edge
        else message,
        excerpt=excerpt(next((item.title for item in items if item.date is not None and item.date == on_home), "")),
        certain=sure and last < edge,
        expected=say("{edge}以后有新信息", edge=edge.isoformat()),
        found=say("最近一条是{last}", last=(on_home or last).isoformat()),
    )


@rule("stale-column", each="column", needs={"articles"})
def stale_column(
    column: ColumnView,
    *,
    days: dict[ColumnKind, Annotated[int | str, Written(_LIMIT, "天数，或者如“6 months”、“1 year”")]],
    top_only: list[ColumnKind] = [],  # noqa: B006 - never changed
    undated_is_stale: bool = True,
) -> Iterator[Problem]:
    """栏目在规定时间内没有新信息。

    查什么：
        栏目列表中发布日期最近的一条，是否在监测时间点前规定的期限之内。晚于监测时间点的日期不算更新，置顶的旧信息不影响
        判断；列表上没有日期的信息，用内容页上的日期。
    为什么：
        检查指标“栏目不更新”：动态、要闻类栏目2周，通知公告、政策文件类一级栏目6个月，应更新但长期未更新的栏目，
        累计到规定数量即单项否决。未注明发布时间的视为不更新。
    参数：
        days：栏目类型对应的期限，写天数（14）、自然月（"6 months"）或者年（"1 year"）；没有写到的类型不检查。
        设置中为某个栏目单独规定天数的，按单独规定的天数。
        top_only：只查一级栏目的类型。
        undated_is_stale：未注明发布时间的是否视为不更新。
    例：
        监测时间点是2026年11月24日，动态要闻类栏目“云岭要闻”最近一条信息的日期是2026年10月8日。
    改法：
        补充发布应当公开的信息，并注明发布时间；确实不再更新的栏目，撤并或者标明“已归档”。不要把旧稿件改成新日期。
    局限：
        已归档的栏目和概况、机构职能等不按期更新的栏目不检查。正好在期限当天的、日期只见于网址的、列表由旧到新排列的、
        只有晚于监测时间点的日期的，转人工复核。列表由脚本读取而看不到的，不作判断。
    """
    kind = column.column.kind
    if kind not in days or column.column.archived or kind == ColumnKind.STATIC:
        return
    if kind in top_only and not column.column.top:
        return
    _require_moment(column.page)
    today = column.as_of.date()
    limit = column.column.days if column.column.days is not None else days[kind]
    edge = before(today, limit)
    items = _readable(column)
    if not items:
        return  # empty-column's matter
    newest = column.newest
    if newest is None:
        if any(item.date is not None for item in items):
            yield _only_future(column, items, today)
        elif undated_is_stale:
            yield _undated(column, items)
        return
    if newest > edge:
        return
    last = next(item for item in items if item.date == newest)
    in_address = all(i.source is DateSource.ADDRESS for i in items if i.date == newest)
    yield Problem(
        at=column.url,
        column=column.name,
        message=say(
            "栏目“{name}”最近一条信息的日期是{last}，截至监测时间点{today}已{age}天没有更新",
            name=excerpt(column.name, 40),
            last=newest.isoformat(),
            today=today.isoformat(),
            age=(today - newest).days,
        ),
        excerpt=excerpt(last.title),
        certain=newest < edge
        and not (in_address or _rising(column, items) or _just_ahead(items, today) or _hides_newer(items, newest)),
        expected=say("{edge}以后有新信息", edge=edge.isoformat()),
        found=say("最近一条是{last}（日期见于网址）", last=newest.isoformat())
        if in_address
        else say("最近一条是{last}", last=newest.isoformat()),
    )


@rule("nearly-stale-home", each="site", needs={"home", "columns", "articles"})
def nearly_stale_home(snapshot: Snapshot, *, days: int = 14, after: int = 10) -> Iterator[Problem]:
    """首页快到规定的更新期限了。

    查什么：
        首页最近一条信息的日期，距监测时间点超过after天而没有超过规定的天数。看日期的方法同 stale-home。
    为什么：
        检查指标“首页不更新”是单项否决：监测2周，首页无信息更新的，即判定为不合格网站。到期以前提醒，还来得及更新。
    参数：
        days：规定的天数，默认14。
        after：多少天没有更新就提醒，默认10。
    例：
        监测时间点是2026年11月24日，首页最近一条信息的日期是2026年11月12日，到11月26日就满14天。
    改法：
        在期限以前发布新信息。
    局限：
        这是提醒，不是问题，不影响判定和得分。日期拿不准的不提醒。
    """
    if any(stale_home(snapshot, days=days)):
        return
    for problem in stale_home(snapshot, days=after):
        if problem.certain and problem.found is not None:
            told = say("首页{found}，满{days}天没有新信息就超过期限", found=problem.found, days=days)
            yield replace(problem, message=told)


@rule("nearly-stale-column", each="column", needs={"articles"})
def nearly_stale_column(
    column: ColumnView,
    *,
    days: dict[ColumnKind, Annotated[int | str, Written(_LIMIT, "天数，或者如“6 months”、“1 year”")]],
    after: dict[ColumnKind, Annotated[int | str, Written(_LIMIT, "天数，或者如“5 months”")]],
    top_only: list[ColumnKind] = [],  # noqa: B006 - never changed
) -> Iterator[Problem]:
    """栏目快到规定的更新期限了。

    查什么：
        栏目最近一条信息的日期，距监测时间点超过提醒的期限而没有超过规定的期限。看日期的方法同 stale-column。
    为什么：
        检查指标“栏目不更新”是单项否决，未更新的栏目累计到规定数量，即判定为不合格网站。到期以前提醒，还来得及更新。
    参数：
        days：栏目类型对应的规定期限，写法同 stale-column。
        after：栏目类型对应的提醒期限，写法同上；没有写到的类型不提醒。
        top_only：只查一级栏目的类型。
    例：
        监测时间点是2026年11月24日，动态要闻类栏目“云岭要闻”最近一条信息的日期是2026年11月12日，11月26日满2周。
    改法：
        在期限以前发布新信息；没有应当公开的新信息的，不要为了更新而更新。
    局限：
        这是提醒，不是问题，不影响判定和得分。日期拿不准的、没有注明日期的、设置中单独规定了天数的栏目不提醒。
    """
    kind = column.column.kind
    if kind not in after or kind not in days or column.column.days is not None:
        return
    if any(stale_column(column, days=days, top_only=top_only)):
        return
    for problem in stale_column(column, days={kind: after[kind]}, top_only=top_only):
        if problem.certain and column.newest is not None:
            yield replace(
                problem,
                message=say(
                    "栏目“{name}”最近一条信息的日期是{last}，到{ends}就超过期限",
                    name=excerpt(column.name, 40),
                    last=column.newest.isoformat(),
                    ends=later(column.newest, days[kind]).isoformat(),
                ),
            )


@rule("empty-column", each="column")
def empty_column(column: ColumnView) -> Iterator[Problem]:
    """空白栏目：有栏目，没有内容。

    查什么：
        栏目页面能打开、列表能看到，而列表中一条信息也没有，页面上也没有成段的文字。
    为什么：
        检查指标“栏目不更新”：空白栏目数量超过（含）5个的，单项否决；《政府网站发展指引》要求避免出现空白栏目。
    参数：
        无。
    例：
        栏目“规划计划”的页面上只有“暂无信息”。
    改法：
        补充内容；暂时没有内容的栏目先不要开设，已经开设的撤下入口。
    局限：
        概况等不是列表的栏目、已归档的栏目不检查。征集、人事、留言类栏目可能确实没有内容，页面上有图片、内容可能由脚本写出的，
        转人工复核；
        列表由脚本读取、栏目页面打不开、栏目指向其他网站的，不作判断。
    """
    if column.kind == ColumnKind.STATIC or column.column.archived or _readable(column):
        return
    page = column.page
    if page is None or page.script_drawn:
        raise NotGathered(say("栏目页面的内容由脚本生成，看不到列表"))
    if host(page.url) != host(column.url):
        return  # the column leads to another site: nothing of it is ours to count
    if (to := page.document.client_redirect()) is not None:
        raise NotGathered(say("栏目页面只是转到“{to}”", to=excerpt(to, 60)))
    listed = _listed(column, page)
    if listed.has_text or holds_more(page):
        return
    told = next((term for term in terms("nothing_here") if term in page.text), "")
    loads = any(_LOADS.search(node.text) for node in page.document.root.select("script:not([src])"))
    scripts = page.document.root.select_one("script") is not None
    yield Problem(
        at=column.url,
        column=column.name,
        message=say("栏目“{name}”没有内容", name=excerpt(column.name, 40)),
        excerpt=excerpt(told or page.title),
        certain=not (column.kind in _ON_DEMAND or loads or (scripts and not told) or shows_picture(page.document)),
        expected=say("栏目有内容"),
        found=say("页面上写着“{text}”", text=told) if told else say("列表中没有一条信息"),
    )


@rule("undated-column", each="column")
def undated_column(column: ColumnView, *, share: float = 0.5, minimum: int = 3) -> Iterator[Problem]:
    """栏目列表不显示发布日期。

    查什么：
        栏目第一页的信息中，列表上没有显示日期的占多大比例。
    为什么：
        《政府网站发展指引》要求内容清晰显示发布时间；检查时，未注明发布时间的视为不更新。
    参数：
        share：达到这个比例（默认0.5，即一半）才提示。
        minimum：少于这么多条信息的栏目不看，默认3。
    例：
        栏目“通知公告”的20条信息都没有显示日期。
    改法：
        在栏目列表模板中加上发布日期，格式如2026-11-24。
    局限：
        只看列表，不看内容页；办事、留言、信息公开目录等不是信息列表的栏目不检查。日期只写到月的，转人工复核。
    """
    if column.kind not in UPDATED or column.column.archived:
        return
    items = _readable(column)
    if column.page is not None:  # as the list shows them, before their articles' dates were looked up
        items = _listed(column, column.page).items
    undated = [item for item in items if not item.shown]
    if len(items) < minimum or len(undated) < share * len(items) or not undated:
        return
    yield Problem(
        at=column.url,
        column=column.name,
        message=say(
            "栏目“{name}”列表中的{count}条信息有{undated}条没有显示日期",
            name=excerpt(column.name, 40),
            count=len(items),
            undated=len(undated),
        ),
        excerpt=excerpt(undated[0].title),
        certain=(column.kind != ColumnKind.OTHER or column.column.given) and not _tells_months(column, len(undated)),
        expected=say("每条信息都显示发布日期"),
        found=say("{count}条中有{undated}条没有日期", count=len(items), undated=len(undated)),
    )


def _tells_months(column: ColumnView, count: int) -> bool:
    """Beside so many items as have no day stands a month."""
    return column.page is not None and sum(1 for _ in _MONTH.finditer(column.page.text)) >= count


def before(today: date, limit: int | str) -> date:
    """The first day of the window that ends today: days, or calendar months (`"6 months"`).

    >>> before(date(2026, 8, 31), "6 months")
    datetime.date(2026, 2, 28)
    """
    return _moved(today, limit, -1)


def later(day: date, limit: int | str) -> date:
    """The day on which `limit` has passed since `day`.

    >>> later(date(2026, 8, 31), "6 months")
    datetime.date(2027, 2, 28)
    """
    return _moved(day, limit, 1)


def _moved(day: date, limit: int | str, way: int) -> date:
    if isinstance(limit, int):
        return day + timedelta(days=limit * way)
    match = re.fullmatch(_LIMIT, limit)
    if match is None:
        raise ValueError(f"期限“{limit}”无法识别：应为天数，或者如 6 months、1 year")
    if match[2] == "day":
        return day + timedelta(days=int(match[1]) * way)
    months = int(match[1]) * (12 if match[2] == "year" else 1)
    year, month = divmod(day.year * 12 + day.month - 1 + months * way, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _require_moment(page: Page | None) -> None:
    """A saved file shows some moment, and nobody knows which unless the operator says so."""
    if page is not None and page.saved:
        raise NotGathered(say("检查的是保存的网页，没有指明它是什么时候的，不能判断是否更新"))


def _readable(column: ColumnView) -> tuple[Item, ...]:
    """The items, where the column's page opened and its list could be read."""
    items = column.observed()
    answer = column.answer
    if answer is not None and not (answer.ok or is_file(answer)):
        raise NotGathered(say("栏目页面没有打开"))
    return items


def _listed(column: ColumnView, page: Page) -> lists.Listing:
    at = page.answer.at
    return lists.listing(page.document, page.url, fetched_at=at, as_of=column.as_of, name=column.name)


def _newest(items: Iterable[Item], today: date) -> date | None:
    return max((item.date for item in items if item.date is not None and item.date <= today), default=None)


def _known_items(home: Page, views: Sequence[ColumnView]) -> Iterator[Item]:
    """Links of the home page that are items of some column: there they have a date, on the home page often none."""
    known = {item.url: item for view in views for item in view.items if item.date is not None}
    if not known:
        return
    for _, url in page_links(home):
        item = known.pop(url, None) if url is not None else None
        if item is not None:
            yield item


def _rising(column: ColumnView, items: Sequence[Item]) -> bool:
    """The list runs from old to new: its newest item may stand on a later page."""
    days = [item.date for item in items if item.date is not None]
    if days != sorted(days) or len(set(days)) == 1:
        return False
    return len(set(days)) > 2 or (column.page is not None and _MORE.search(column.page.text) is not None)


def _hides_newer(items: Sequence[Item], newest: date) -> bool:
    """Above the newest dated item stand others whose date nobody has looked up, or that is written but not read."""
    for item in items:
        if item.date == newest:
            return False
        if item.date is None and (item.shown or not item.opened):
            return True
    return False


def _just_ahead(items: Iterable[Item], today: date) -> bool:
    """An item is dated tomorrow: a matter of time zones perhaps."""
    return any(item.date == today + timedelta(days=1) for item in items)


def _only_future(column: ColumnView, items: Sequence[Item], today: date) -> Problem:
    first = min(item.date for item in items if item.date is not None)
    return Problem(
        at=column.url,
        column=column.name,
        message=say(
            "栏目“{name}”信息的日期都晚于监测时间点{today}（最早的是{first}），请核对",
            name=excerpt(column.name, 40),
            today=today.isoformat(),
            first=first.isoformat(),
        ),
        excerpt=excerpt(next(item.title for item in items if item.date == first)),
        certain=False,
        expected=say("有监测时间点以前发布的信息"),
        found=say("最早的日期是{first}", first=first.isoformat()),
    )


def _undated(column: ColumnView, items: Sequence[Item]) -> Problem:
    # An item of another site, one not opened, or one whose date could not be read, may be dated all the same.
    own = all(host(item.url) == host(column.url) and not item.shown for item in items)
    opened = sum(item.opened for item in items)
    return Problem(
        at=column.url,
        column=column.name,
        message=say(
            "栏目“{name}”的{count}条信息都未注明发布时间，视为不更新", name=excerpt(column.name, 40), count=len(items)
        ),
        excerpt=excerpt(items[0].title),
        certain=own and opened >= min(len(items), _ENOUGH),
        expected=say("信息注明发布时间"),
        found=say("列表、META标签和网址中都没有日期"),
    )


def _titles(home: Page) -> set[str]:
    """Addresses on the home page that look like items by their text: more words than a menu has."""
    return {
        url
        for ref, url in page_links(home)
        if url is not None and len(ref.text) >= _TITLE and same_site(url, home.url) and url != home.url
    }
