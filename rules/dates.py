"""发稿日期: dates that cannot be right, and dates that do not agree with each other. What is suspected is for a person
to look at; only a date that is still to come is certain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crawler.dates import in_address, in_china, read
from crawler.message import Message, say
from crawler.page import Dating, Page
from crawler.snapshot import ColumnView, DateSource, Item, Snapshot
from crawler.stamps import impossible
from rules.engine.rule import Problem, rule
from rules.excerpt import excerpt

_TEMPLATE = 5  # pages with one text: so many are made of a template, not one article published again
_GRACE = timedelta(days=1)  # time zones


@rule("suspect-date", each="site", needs={"columns", "articles"})
def suspect_date(snapshot: Snapshot, *, tolerance: int = 30, burst: int = 10, recent: int = 90) -> Iterator[Problem]:
    """发稿日期可疑。

    查什么：
        内容页上显示的发布日期、META标签 PubDate、网址中的日期和栏目列表上的日期：
        一是晚于监测时间点（也晚于访问的时间）；二是日历上没有（如2月30日），或者是程序的占位日期（如1970-01-01）；
        三是互相对不上，相差超过规定的天数；四是近期同一分钟内发布许多条信息；五是同一栏目中同样的正文又以新的日期发布。
    为什么：
        检查指标“安全、泄密事故等严重问题”列有弄虚作假行为（如伪造发稿日期等），通报中点名过旧稿新发、突击更新；
        晚于监测时间点的日期不算更新。是不是弄虚作假，只能由人判断。
    参数：
        tolerance：日期之间相差多少天以内不提示，默认30。
        burst：同一分钟内发布多少条才提示，默认10。
        recent：只看监测时间点以前多少天之内的突击更新，默认90。
    例：
        内容页显示“发布时间：2026-11-10”，网址中的日期是2019年6月3日；11月18日10时17分同时发布24条信息。
    改法：
        更正写错的日期；旧稿件保留原来的发布日期；不要为应付检查集中补发。网站迁移、批量导入造成的，保留说明备查。
    局限：
        除发布日期晚于监测时间点而且写明“发布时间”的以外，都转人工复核。网站迁移后网址中的日期晚于显示的日期很常见，不提示；
        整点发布的时间多为编辑填写的，不算同一分钟；改写过的旧稿看不出来。栏目列表只看第一页，内容页只看访问到的。
    """
    pages = {page.url: _Article(page, page.dating) for page in snapshot.pages() if page.dating is not None}
    today = snapshot.as_of.date()
    for article in pages.values():
        yield from _of_article(article, today, tolerance)
    for view in snapshot.columns:
        yield from _of_list(view, pages, today, tolerance)
    yield from _bursts(snapshot, pages.values(), burst, today - timedelta(days=recent))
    yield from _repeated(pages.values(), tolerance)


@dataclass(frozen=True, slots=True)
class _Article:
    page: Page
    dating: Dating

    @property
    def url(self) -> str:
        return self.page.url

    @property
    def day(self) -> date | None:
        return self.dating.shown or self.dating.meta

    def problem(self, key: str, message: Message, *, found: str, certain: bool = False) -> Problem:
        return Problem(
            at=self.url,
            column=self.page.column or None,
            message=message,
            excerpt=excerpt(self.page.title),
            certain=certain,
            found=say("{text}", text=excerpt(found, 60)),
            key=key,
        )


def _latest(today: date, asked: datetime) -> date:
    """No honest date is later: the check date, or the day on which the page was read where that came after."""
    return max(today, in_china(asked).date()) + _GRACE


def _of_article(article: _Article, today: date, tolerance: int) -> Iterator[Problem]:
    told = article.dating
    shown, meta, address = told.shown, told.meta, in_address(article.url)
    latest = _latest(today, article.page.answer.at)
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


def _of_list(view: ColumnView, pages: Mapping[str, _Article], today: date, tolerance: int) -> Iterator[Problem]:
    if view.unobservable is not None or view.page is None:
        return
    latest = _latest(today, view.page.answer.at)
    for item in view.items:
        if item.source is not None and item.source is not DateSource.SHOWN:
            continue
        if item.date is None:
            if impossible(item.shown):
                yield _in_list(view, item, "impossible", say("日期“{text}”不存在", text=excerpt(item.shown, 40)))
            continue
        own = pages.get(item.url)
        day = own.day if own is not None else None
        if item.date > latest and (day is None or day <= latest):
            message = say("列表上的日期{day}晚于监测时间点{today}", day=item.date.isoformat(), today=today.isoformat())
            yield _in_list(view, item, "future", message)
        elif day is not None and abs((item.date - day).days) > tolerance:
            message = say(
                "栏目列表上的日期是{listed}，内容页上的发布日期是{day}，相差{days}天",
                listed=item.date.isoformat(),
                day=day.isoformat(),
                days=abs((item.date - day).days),
            )
            yield _in_list(view, item, "list", message)


def _in_list(view: ColumnView, item: Item, key: str, message: Message) -> Problem:
    return Problem(
        at=item.url,
        on=view.page.url if view.page is not None else view.url,
        column=view.name,
        message=message,
        excerpt=excerpt(item.title),
        certain=False,
        found=say("{text}", text=excerpt(item.shown, 60)),
        key=key,
    )


def _bursts(snapshot: Snapshot, articles: Iterable[_Article], least: int, since: date) -> Iterator[Problem]:
    """Many addresses published within one minute that is no full hour."""
    minutes: dict[str, dict[str, str]] = defaultdict(dict)
    for article in articles:
        if article.dating.shown is not None and article.dating.time:
            minutes[f"{article.dating.shown} {article.dating.time[:5]}"][article.url] = article.page.title
    for view in snapshot.columns:
        for item in view.items:
            if item.source is DateSource.SHOWN and ":" in item.shown and item.date is not None:
                stamp = read(item.shown, fetched_at=snapshot.as_of)
                if stamp is not None and stamp.time:
                    minutes[f"{item.date} {stamp.time[:5]}"].setdefault(item.url, item.title)
    for minute, found in sorted(minutes.items()):
        if len(found) < least or minute.endswith(":00") or minute[:10] < since.isoformat():
            continue
        yield Problem(
            at=next(iter(found)),
            message=say("{minute}这一分钟内发布了{count}条信息，请核对是不是突击更新", minute=minute, count=len(found)),
            excerpt=excerpt("；".join(list(found.values())[:3])),
            certain=False,
            found=say("同一分钟{count}条", count=len(found)),
            key=f"burst {minute}",
        )


def _repeated(articles: Iterable[_Article], tolerance: int) -> Iterator[Problem]:
    """One text in one column under dates that lie apart."""
    same: dict[tuple[str, str], list[_Article]] = defaultdict(list)
    for article in articles:
        if article.dating.text and article.day is not None:
            same[article.page.column, article.dating.text].append(article)
    for found in same.values():
        if 1 < len(found) <= _TEMPLATE:
            yield from _later_ones(sorted(found, key=lambda a: (a.day or date.min, a.url)), tolerance)


def _later_ones(found: Sequence[_Article], tolerance: int) -> Iterator[Problem]:
    first = found[0]
    for article in found[1:]:
        if first.day is None or article.day is None or (article.day - first.day).days <= tolerance:
            continue
        yield article.problem(
            "repeat",
            say(
                "正文与{first}发布的“{title}”相同，发布日期却是{day}，请核对是不是旧稿新发",
                first=first.day.isoformat(),
                title=excerpt(first.page.title, 40),
                day=article.day.isoformat(),
            ),
            found=first.url,
        )
