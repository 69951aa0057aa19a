"""The items of a column page: which of its lists are the column's, and whether the list could be read at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from crawler import rows, scripted
from crawler.dates import Published, in_address, in_china, resolve_years, year_in_address
from crawler.html import Document, parse, squeeze
from crawler.message import Message
from crawler.outline import Outline, Region
from crawler.rows import Group, Row
from crawler.selection import NOTHING, SIDE_HEADING, TITLE, Place, is_news_box, lists_of, place_of
from crawler.snapshot import DateSource, Item
from crawler.stamps import CHINA, Stamp, possible, read, unreadable
from crawler.urls import Joiner

# Static text that makes a page something other than blank, in characters outside links.
_TEXT = 30

_SAME_VISIT = timedelta(days=180)
_PLUMBING = re.compile(
    r"当前位置|您的位置|您现在的位置|所在位置|上一页|下一页|下页|尾页|共\s*\d+\s*[页条]|每页|第\s*\d+\s*页|跳转|转到|搜索|检索|请输入|字号|打印|关闭|"
    r"^(?:标题|名称|日期|时间|发布日期|发布时间|索引号|文号|发文字号|发布机构|生成日期|成文日期|来源|序号|栏目|首页|更多|[>＞»›|/·\-—:：\s\d.]+)$"
)
_PIECE = 30  # characters: a date, its label and little else
# 2026年, 2026年度: the head of a list whose dates have no year.
_YEAR = re.compile(r"((?:19|20)\d\d)\s*年?度?")
_NEXT = re.compile(r"[\[【(]?\s*(?:下一页|下页|后一页|后页|next|next page|>|›|»)\s*[>›»\]】)]*", re.IGNORECASE)
_TRS_PAGER = re.compile(r"""createPageHTML\(\s*(\d+)\s*,\s*(\d+)\s*,\s*["']([\w-]+)["']\s*,\s*["'](\w+)["']""")
# A written year needs no moment to count from; relative words are not taken here.
_ANY_MOMENT = datetime(1990, 1, 1, tzinfo=CHINA)


@dataclass(frozen=True, slots=True)
class Listing:
    """What a column page lists. With `unobservable` set, no items prove nothing."""

    items: tuple[Item, ...]
    unobservable: Message | None
    dated: int
    """Items with a date of publication shown beside them."""
    has_text: bool
    """Static text, pictures or a board of links stand in the main content: the page is not blank."""
    next_page: str | None


def listing(
    document: Document,
    url: str,
    *,
    fetched_at: datetime,
    as_of: datetime | date,
    name: str = "",
    whole: bool = False,
) -> Listing:
    """The items of a column page at `url`, in the page's order, of every list in its main content.

    Menus, breadcrumbs, pagers, sidebars (热点, 推荐, 相关链接) and the foot give no items. Of a page with a pager only
    the list before the pager counts. Year-less dates are resolved within their list against `as_of`. An item
    without a shown publication date has `date` None; a document's own date (成文日期) stands in `shown` then. `name` is
    what the links to the page call it: the list under that head is its own. `whole`: every list of the page is wanted,
    as of a home page, whose blocks are all its own.
    """
    bound = _bound(fetched_at, as_of)
    joiner = Joiner(base_of(document, url))
    outline = Outline.of(document)
    found = rows.groups(outline, fetched_at=fetched_at)
    place = place_of(document, outline, url, joiner, name)
    chosen, titles = lists_of(place, found)
    chosen = titles if whole else chosen
    data = scripted.records(document)
    lists = rows.groups(Outline.of(parse(data)), fetched_at=fetched_at) if data else chosen
    items = list(_items(lists, url, joiner, bound))
    dated = sum(item.date is not None for item in items)
    has_text = _has_text(place) or (not place.blank and _has_board(found, titles, url, joiner))
    unobservable = None
    if not (data and items):
        own = dated > 0 and not all(is_news_box(place, g) for g in chosen)
        unobservable = scripted.reason(document, outline, dated=own, static=has_text and not items)
        # A list that scripts draw leaves at most menus and sidebars behind.
        items = [] if unobservable is not None else items
    return Listing(
        tuple(items),
        unobservable,
        dated if items else 0,
        has_text,
        _next_page(document, outline, url, joiner),
    )


def _bound(fetched_at: datetime, as_of: datetime | date) -> date:
    """The day no year-less date can be after. A page fetched some time after the moment it is judged for shows newer
    items, which belong to this year; a page judged for a moment long before it was stored is of that moment."""
    moment = in_china(as_of).date() if isinstance(as_of, datetime) else as_of
    fetched = in_china(fetched_at).date()
    return fetched if abs(fetched - moment) <= _SAME_VISIT else moment


def date_items(items: Sequence[Item], articles: Callable[[str], Published | None]) -> tuple[Item, ...]:
    """Give undated items the date of their article's page or META, else that in their address.

    A date shown in the list stands. A document's own date in the list (成文日期) counts last: it is older than the
    publication, and could make a fresh column stale.
    """
    return tuple(item if item.date is not None else _dated(item, articles(item.url)) for item in items)


def _dated(item: Item, article: Published | None) -> Item:
    item = replace(item, opened=article is not None)
    if article is not None and article.date is not None:
        return replace(item, date=article.date, source=article.source)
    day = in_address(item.url)
    if day is not None:
        return replace(item, date=day, source=DateSource.ADDRESS)
    stamp = read(item.shown, fetched_at=_ANY_MOMENT)
    if stamp is not None and stamp.year is not None and str(stamp.year) in item.shown:
        return replace(item, date=stamp.as_date, source=DateSource.SHOWN)
    return replace(item, shown=item.shown or article.shown) if article is not None else item


def base_of(document: Document, url: str) -> str:
    """The address that relative links on the page count from."""
    return (Joiner(url).join(document.base).url or url) if document.base else url


def _items(chosen: Sequence[Group], url: str, joiner: Joiner, as_of: date) -> Iterator[Item]:
    found: dict[tuple[str, str], Item] = {}
    for group in map(_without_strays, chosen):
        targets = [joiner.join(row.raw).url or url if row.raw else url for row in group.rows]
        year = _YEAR.fullmatch(group.heading)
        stamps = [
            _with_year(row, target, int(year[1]) if year else None)
            for row, target in zip(group.rows, targets, strict=True)
        ]
        days = resolve_years(stamps, as_of=as_of)
        for row, target, day in zip(group.rows, targets, days, strict=True):
            if row.raw and _leads_up(target, url):
                continue
            shown = row.stamp or row.issued
            item = Item(
                target,
                row.title,
                shown.raw if shown else _unread(row),
                day,
                DateSource.SHOWN if day is not None else None,
            )
            key = (target, row.title if target == url else "")
            if key not in found or (found[key].date is None and item.date is not None):
                found[key] = item
    yield from found.values()


def _unread(row: Row) -> str:
    """A date beside the title in a writing that is not read; one inside a summary belongs to its text."""
    return next(filter(None, (unreadable(piece) for piece in row.beside.split("\n") if len(piece) <= _PIECE)), "")


def _without_strays(group: Group) -> Group:
    """In a list of dated rows, a short link without a date belongs to the page's frame: logo, column name, button."""
    if not group.dated:
        return group
    kept = [row for row in group.rows if row.stamp or row.issued or len(row.title) >= TITLE]
    return replace(group, rows=kept)


def _leads_up(target: str, url: str) -> bool:
    """The page itself or a page above it: its channel, the home page."""
    return target == url or url.startswith(plain_address(target) + "/")


def plain_address(url: str) -> str:
    """An address without its default page: `/tzgg/index.html`, `/tzgg/` and `/tzgg` are one column."""
    return re.sub(r"/(?:index|default|home)\.\w+$|/$", "", url)


def _with_year(row: Row, target: str, year: int | None) -> Stamp | None:
    """The head of its list (`year`) or the address of an item settles the year of its `11-03`."""
    stamp = row.stamp
    if stamp is None or stamp.year is not None:
        return stamp
    if year is not None and possible(year, stamp.month, stamp.day):
        return replace(stamp, year=year)
    year = year_in_address(target, stamp.month, stamp.day)
    return stamp if year is None else replace(stamp, year=year)


def _has_text(place: Place) -> bool:
    outline = place.outline
    total = 0
    for i in range(place.foot):
        leaf = outline.leaves[i]
        if outline.regions[leaf.parent] is not Region.MAIN:
            continue
        if leaf.kind == "image" and _is_content_picture(outline, i):
            return True
        if leaf.kind != "text" or outline.is_link_text(i):
            continue
        text = squeeze(leaf.text)
        if text in place.names or NOTHING.search(text) or _PLUMBING.search(text) or "{{" in text:
            continue
        total += sum(c.isalnum() for c in text)
        if total >= _TEXT:
            return True
    return False


_CONTENT = re.compile(r"\b(?:zoom|ucap-content|trs_editor|editor|article|neirong|detail|artcon|wzcon)\b", re.IGNORECASE)


def _is_content_picture(outline: Outline, leaf: int) -> bool:
    """A chart or a portrait within an article's body; logos and ornaments stand elsewhere."""
    if outline.is_link_text(leaf):
        return False
    at = outline.leaves[leaf].parent
    for _ in range(8):
        if at < 0:
            return False
        element = outline.elements[at]
        if _CONTENT.search(f"{element.attr('class') or ''} {element.attr('id') or ''}"):
            return True
        at = outline.parents[at]
    return False


def _has_board(found: Sequence[Group], lists: Sequence[Group], url: str, joiner: Joiner) -> bool:
    """Links in the main content that are neither items nor a menu holding this page: a board of services or outside
    sites. Such a column leads on; it is not blank."""
    for group in found:
        if group in lists or group.region is not Region.MAIN or len(group.rows) < 2:
            continue
        targets = {joiner.join(row.raw).url for row in group.rows if row.raw}
        if url not in targets and len(targets) > 1 and not SIDE_HEADING.search(group.heading):
            return True
    return False


def _next_page(document: Document, outline: Outline, url: str, joiner: Joiner) -> str | None:
    for link in outline.links:
        element = outline.elements[link]
        if "next" in (element.attr("rel") or "") or _NEXT.fullmatch(squeeze(element.text)):
            target = joiner.join(outline.targets[link]).url if outline.targets[link] else None
            if target and target != url:
                return target
    for node in document.root.select("script"):
        match = _TRS_PAGER.search(node.text)
        if match and int(match[2]) + 1 < int(match[1]):
            return joiner.join(f"{match[3]}_{int(match[2]) + 1}.{match[4]}").url
    return None
