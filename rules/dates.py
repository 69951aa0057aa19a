"""发稿日期: dates that cannot be right, and dates that do not agree with each other. What is suspected is for a person
to look at; only a date that is still to come is certain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from crawler.dates import in_address, in_china
from crawler.message import say
from crawler.snapshot import ColumnView, DateSource, Snapshot
from crawler.stamps import impossible
from rules.engine.rule import Problem, rule
from rules.excerpt import excerpt
from rules.republished import Article, backdated, bursts, filled, in_list, redated, repeated

_GRACE = timedelta(days=1)  # time zones


@rule("suspect-date", each="site", needs={"columns", "articles"})
def suspect_date(
    snapshot: Snapshot, *, tolerance: int = 30, burst: int = 10, fill: int = 5, gap: int = 180, recent: int = 90
) -> Iterator[Problem]:
    """发稿日期可疑。

    查什么：
        内容页上显示的发布日期、META标签 PubDate、网址中的日期和栏目列表上的日期：
        一是晚于监测时间点（也晚于访问的时间）；二是日历上没有（如2月30日），或者是程序的占位日期（如1970-01-01）；
        三是互相对不上，相差超过规定的天数；四是近期突击更新：同一分钟内发布许多条信息，或者长期没有更新的栏目一天之内
        发布许多条；五是旧稿新发：同一栏目中同样的或者大部分语句相同的正文又以新的日期发布，或者以前检查时看到的日期早得多；
        六是倒填日期：按日期早该在列表上，以前检查时列表中却没有。
    为什么：
        检查指标“安全、泄密事故等严重问题”列有弄虚作假行为（如伪造发稿日期等），通报中点名过旧稿新发、突击更新；
        晚于监测时间点的日期不算更新。是不是弄虚作假，只能由人判断。
    参数：
        tolerance：日期之间相差多少天以内不提示，默认30。
        burst：同一分钟内发布多少条才提示，默认10。
        fill：长期没有更新的栏目一天之内发布多少条才提示，默认5。
        gap：多少天没有更新算长期，默认180。
        recent：只看监测时间点以前多少天之内的突击更新，默认90。
    例：
        内容页显示“发布时间：2026-11-10”，网址中的日期是2019年6月3日；11月18日10时17分同时发布24条信息。
    改法：
        更正写错的日期；旧稿件保留原来的发布日期；不要为应付检查集中补发。网站迁移、批量导入造成的，保留说明备查。
    局限：
        除发布日期晚于监测时间点而且写明“发布时间”的以外，都转人工复核。网站迁移后网址中的日期晚于显示的日期很常见，不提示；
        整点发布的时间多为编辑填写的，不算同一分钟；标题只有数字不同的（如第3期、2025年）是一个系列，正文相近不提示；长期不更新
        的只看动态、公告、政策、解读类栏目。与以前检查相比的，只比同一数据目录中的检查。栏目列表只看第一页，内容页只看访问到的。
    """
    pages = {page.url: Article.of(page, page.dating) for page in snapshot.pages() if page.dating is not None}
    today = snapshot.as_of.date()
    for article in pages.values():
        yield from _of_article(article, today, tolerance)
    for view in snapshot.columns:
        yield from _of_list(view, pages, today, tolerance)
    since = today - timedelta(days=recent)
    for view in snapshot.columns:
        if view.unobservable is None:
            yield from filled(view, fill, gap, since)
            yield from redated(view, snapshot.earlier, tolerance)
            yield from backdated(view, snapshot.earlier, tolerance)
    yield from bursts(snapshot, pages.values(), burst, since)
    yield from repeated(pages.values(), tolerance)


def _latest(today: date, asked: datetime) -> date:
    """No honest date is later: the check date, or the day on which the page was read where that came after."""
    return max(today, in_china(asked).date()) + _GRACE


def _of_article(article: Article, today: date, tolerance: int) -> Iterator[Problem]:
    told = article.dating
    shown, meta, address = told.shown, told.meta, in_address(article.url)
    latest = _latest(today, article.asked)
    if shown is not None and shown > latest:
        yield article.problem(
            "future",
            say("发布日期{day}晚于监测时间点{today}", day=shown.isoformat(), today=today.isoformat()),
            found=told.shown_raw,
            certain=told.labelled,
        )
    elif meta is not None and meta > latest:
        yield article.problem(
            "future",
            say("META标签 PubDate 的日期{day}晚于监测时间点{today}", day=meta.isoformat(), today=today.isoformat()),
            found=told.meta_raw,
        )
    if impossible(told.unread):
        yield article.problem("impossible", say("日期“{text}”不存在", text=excerpt(told.unread, 40)), found=told.unread)
    if shown is not None and meta is not None and abs((shown - meta).days) > tolerance:
        yield article.problem(
            "meta",
            say(
                "页面上的发布日期是{shown}，META标签 PubDate 是{meta}，相差{days}天",
                shown=shown.isoformat(),
                meta=meta.isoformat(),
                days=abs((shown - meta).days),
            ),
            found=f"{told.shown_raw} / {told.meta_raw}",
        )
    day = article.day
    if day is not None and address is not None and (day - address).days > tolerance:
        yield article.problem(
            "address",
            say(
                "发布日期是{day}，网址中的日期是{address}，早{days}天，请核对是不是旧稿件改了日期",
                day=day.isoformat(),
                address=address.isoformat(),
                days=(day - address).days,
            ),
            found=told.shown_raw or told.meta_raw,
        )


def _of_list(view: ColumnView, pages: Mapping[str, Article], today: date, tolerance: int) -> Iterator[Problem]:
    if view.unobservable is not None or view.page is None:
        return
    latest = _latest(today, view.page.answer.at)
    for item in view.items:
        if item.source is not None and item.source is not DateSource.SHOWN:
            continue
        if item.date is None:
            if impossible(item.shown):
                yield in_list(view, item, "impossible", say("日期“{text}”不存在", text=excerpt(item.shown, 40)))
            continue
        own = pages.get(item.url)
        day = own.day if own is not None else None
        if item.date > latest and (day is None or day <= latest):
            message = say("列表上的日期{day}晚于监测时间点{today}", day=item.date.isoformat(), today=today.isoformat())
            yield in_list(view, item, "future", message)
        elif day is not None and abs((item.date - day).days) > tolerance:
            message = say(
                "栏目列表上的日期是{listed}，内容页上的发布日期是{day}，相差{days}天",
                listed=item.date.isoformat(),
                day=day.isoformat(),
                days=abs((item.date - day).days),
            )
            yield in_list(view, item, "list", message)
