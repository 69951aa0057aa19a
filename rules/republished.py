"""旧稿新发、突击更新、倒填日期: what is told by articles beside each other, and by what earlier visits saw."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from crawler.dates import alike, in_china, read
from crawler.earlier import Earlier, Sighted, key
from crawler.message import Message, say
from crawler.page import Dating, Page
from crawler.site import ColumnKind
from crawler.snapshot import ColumnView, DateSource, Item, Snapshot
from rules.engine.rule import Problem
from rules.excerpt import excerpt

_TEMPLATE = 5  # pages with one text, or one sentence: so many are made of a template, not one article published again
_NEARLY = 0.7  # of the sentences
_WITNESSES = 3  # items that stood in a list already; one alone may have been pinned there
# The others have their day: reports and budgets of all offices come at once.
_STEADY = frozenset({ColumnKind.NEWS, ColumnKind.NOTICE, ColumnKind.POLICY, ColumnKind.EXPLAIN})
_FIGURES = re.compile(r"[\d一二三四五六七八九十百零〇]+")


@dataclass(frozen=True, slots=True)
class Article:
    """What is compared of an article: all of a site's are held at once."""

    url: str
    column: str
    title: str
    name: str
    """META ArticleTitle; the title where there is none."""
    asked: datetime
    dating: Dating

    @classmethod
    def of(cls, page: Page, dating: Dating) -> Self:
        return cls(page.url, page.column, page.title, page.meta("ArticleTitle") or page.title, page.answer.at, dating)

    @property
    def day(self) -> date | None:
        return self.dating.shown or self.dating.meta

    def problem(self, key: str, message: Message, *, found: str, certain: bool = False) -> Problem:
        return Problem(
            at=self.url,
            column=self.column or None,
            message=message,
            excerpt=excerpt(self.title),
            certain=certain,
            found=say("{text}", text=excerpt(found, 60)),
            key=key,
        )


def in_list(view: ColumnView, item: Item, key: str, message: Message) -> Problem:
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


def dated(view: ColumnView) -> list[tuple[Item, date]]:
    """Items with the dates that stand beside them."""
    return [(i, i.date) for i in view.items if i.date is not None and i.source in (None, DateSource.SHOWN)]


def bursts(snapshot: Snapshot, articles: Iterable[Article], least: int, since: date) -> Iterator[Problem]:
    """Many addresses published within one minute that is no full hour."""
    minutes: dict[str, dict[str, str]] = defaultdict(dict)
    for article in articles:
        if article.dating.shown is not None and article.dating.time:
            minutes[f"{article.dating.shown} {article.dating.time[:5]}"][article.url] = article.title
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


def filled(view: ColumnView, least: int, gap: int, since: date) -> Iterator[Problem]:
    """Many items on one day of a column that had lain still for `gap` days before it."""
    days = Counter(day for _, day in dated(view)) if view.kind in _STEADY else Counter()
    for day, count in sorted(days.items()):
        before = max((other for other in days if other < day), default=None)
        if count < least or day < since or before is None or (day - before).days < gap:
            continue
        first = next(item for item, shown in dated(view) if shown == day)
        yield Problem(
            at=view.url,
            column=view.name,
            message=say(
                "栏目“{name}”自{before}起{days}天没有更新，{day}一天发布{count}条，请核对是不是突击更新",
                name=view.name,
                before=before.isoformat(),
                days=(day - before).days,
                day=day.isoformat(),
                count=count,
            ),
            excerpt=excerpt(first.title),
            certain=False,
            found=say("一天{count}条", count=count),
            key=f"filled {day}",
        )


def repeated(articles: Iterable[Article], tolerance: int) -> Iterator[Problem]:
    """One text in one column under dates that lie apart, or nearly the same one."""
    same: dict[tuple[str, str], list[Article]] = defaultdict(list)
    for article in articles:
        if article.dating.text and article.day is not None:
            same[article.column, article.dating.text].append(article)
    told: set[str] = set()
    for found in same.values():
        if 1 < len(found) <= _TEMPLATE:
            for problem in _later_ones(_by_day(found), tolerance):
                told.add(problem.at)
                yield problem
    firsts: dict[str, list[Article]] = defaultdict(list)
    for (column, _), found in same.items():
        firsts[column].append(_by_day(found)[0])
    for of_column in firsts.values():
        yield from _nearly(of_column, tolerance, told)


def _by_day(found: Iterable[Article]) -> list[Article]:
    return sorted(found, key=lambda a: (a.day or date.min, a.url))


def _later_ones(found: Sequence[Article], tolerance: int) -> Iterator[Problem]:
    first = found[0]
    for article in found[1:]:
        if first.day is None or article.day is None or (article.day - first.day).days <= tolerance:
            continue
        yield article.problem(
            "repeat",
            say(
                "正文与{first}发布的“{title}”相同，发布日期却是{day}，请核对是不是旧稿新发",
                first=first.day.isoformat(),
                title=excerpt(first.title, 40),
                day=article.day.isoformat(),
            ),
            found=first.url,
        )


def _nearly(articles: Iterable[Article], tolerance: int, told: set[str]) -> Iterator[Problem]:
    """Articles of a column that share most of their sentences. Those of a series, whose titles differ by figures alone
    (第3期, 2025年), are written so."""
    holders: dict[int, list[Article]] = defaultdict(list)
    for article in _by_day(articles):
        others: Counter[str] = Counter()
        by_url: dict[str, Article] = {}
        for hash_ in article.dating.sketch:
            there = holders[hash_]
            if len(there) <= _TEMPLATE:
                for other in there:
                    others[other.url] += 1
                    by_url[other.url] = other
            there.append(article)
        for url, _ in others.most_common(1):
            first = by_url[url]
            share = alike(first.dating.sketch, article.dating.sketch)
            if share < _NEARLY or article.url in told or _is_series(first, article):
                continue
            if first.day is None or article.day is None or (article.day - first.day).days <= tolerance:
                continue
            yield article.problem(
                "repeat",
                say(
                    "正文与{first}发布的“{title}”约{percent}%相同，发布日期却是{day}，请核对是不是旧稿新发",
                    first=first.day.isoformat(),
                    title=excerpt(first.title, 40),
                    percent=round(share * 100),
                    day=article.day.isoformat(),
                ),
                found=first.url,
            )


def _is_series(a: Article, b: Article) -> bool:
    return _FIGURES.sub("", a.name) == _FIGURES.sub("", b.name) and a.title != b.title


def redated(view: ColumnView, earlier: Earlier, tolerance: int) -> Iterator[Problem]:
    """Items that stood under an older date when an earlier visit saw them."""
    for item, day in dated(view):
        known = _known(view, item, earlier)
        if known is not None and known.shown is not None and (day - known.shown).days > tolerance:
            message = say(
                "{since}检查时列表上的日期是{first}，现在是{day}，请核对是不是旧稿件改了日期",
                since=known.since.isoformat(),
                first=known.shown.isoformat(),
                day=day.isoformat(),
            )
            yield in_list(view, item, "redated", message)


def backdated(view: ColumnView, earlier: Earlier, tolerance: int) -> Iterator[Problem]:
    """Items that no earlier visit saw, though their date says that they must have stood in the list it read: items
    below them, with older dates, were there."""
    items = dated(view)
    for place, (item, day) in enumerate(items):
        if _known(view, item, earlier) is not None:
            continue
        below = (_known(view, other, earlier) for other, shown in items[place + 1 :] if shown <= day)
        visits = sorted((known.since for known in below if known is not None), reverse=True)
        if len(visits) < _WITNESSES or (visits[_WITNESSES - 1] - day).days <= tolerance:
            continue
        message = say(
            "列表上的日期是{day}，{since}检查时列表中却还没有这一条，请核对是不是倒填日期",
            day=day.isoformat(),
            since=visits[_WITNESSES - 1].isoformat(),
        )
        yield in_list(view, item, "backdated", message)


def _known(view: ColumnView, item: Item, earlier: Earlier) -> Sighted | None:
    """What visits of days before this one saw of the item."""
    known = earlier.get(key(item.url))
    if known is None or view.answer is None or known.since > in_china(view.answer.at).date() - timedelta(days=1):
        return None
    return known
