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
from crawler.snapshot import DateSource, Item
from crawler.stamps import CHINA, Stamp, read
from crawler.urls import Joiner, suffix

# A title says something; an entry of a menu names something.
_TITLE = 9
# Static text that makes a page something other than blank, in characters outside links.
_TEXT = 30

_SAME_VISIT = timedelta(days=180)
# A page with so many dated lists is a home or channel page: its 热点 is a block like the others.
_PORTAL = 3

_SIDE_HEADING = re.compile(r"热点|热门|推荐|相关|排行|点击榜|猜你|最新更新|友情|链接|更多内容|延伸阅读|往期|图片新闻$")
_NOTHING = re.compile(
    r"暂无(?:相关)?(?:信息|数据|内容|记录|文章|更新|公开)?|没有(?:找到)?(?:相关|任何|符合)?(?:的)?(?:信息|数据|内容|记录)|无(?:相关)?(?:信息|数据|内容|记录)|"
    r"栏目建设中|内容(?:正在)?(?:建设|更新)中|敬请期待|共\s*0\s*(?:条|页|篇)"
)
_PLUMBING = re.compile(
    r"当前位置|您的位置|您现在的位置|所在位置|上一页|下一页|下页|尾页|共\s*\d+\s*[页条]|每页|第\s*\d+\s*页|跳转|转到|搜索|检索|请输入|字号|打印|关闭|"
    r"^(?:标题|名称|日期|时间|发布日期|发布时间|索引号|文号|发文字号|发布机构|生成日期|成文日期|来源|序号|栏目|首页|更多|[>＞»›|/·\-—:：\s\d.]+)$"
)
_FOOT = re.compile(r"主办单位|承办单位|版权所有|网站标识码|ICP备|公网安备|Copyright", re.IGNORECASE)
_PAGER = re.compile(r"下一页|下页|尾页|末页")
_NEXT = re.compile(r"[\[【(]?\s*(?:下一页|下页|后一页|后页|next|next page|>|›|»)\s*[>›»\]】)]*", re.IGNORECASE)
_TRS_PAGER = re.compile(r"""createPageHTML\(\s*(\d+)\s*,\s*(\d+)\s*,\s*["']([\w-]+)["']\s*,\s*["'](\w+)["']""")
# A written year needs no moment to count from; relative words are not taken here.
_ANY_MOMENT = datetime(1990, 1, 1, tzinfo=CHINA)
_HAS_NUMBER = re.compile(r"\d")


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


def listing(document: Document, url: str, *, fetched_at: datetime, as_of: datetime | date) -> Listing:
    """The items of a column page at `url`, in the page's order, of every list in its main content.

    Menus, breadcrumbs, pagers, sidebars (热点, 推荐, 相关链接) and the foot give no items. Of a page with a pager only
    the list before the pager counts. Year-less dates are resolved within their list against `as_of`. An item
    without a shown publication date has `date` None; a document's own date (成文日期) stands in `shown` then.
    """
    bound = _bound(fetched_at, as_of)
    joiner = Joiner(base_of(document, url))
    outline = Outline(document)
    found = rows.groups(outline, fetched_at=fetched_at)
    names = _names(document)
    foot = _foot(outline)
    chosen = _column_lists([g for g in found if g.first < foot and _is_list(g, url, joiner)], names)
    chosen = _before_pager(outline, chosen)
    data = scripted.records(document)
    lists = rows.groups(Outline(parse(data)), fetched_at=fetched_at) if data else chosen
    items = list(_items(lists, url, joiner, bound))
    dated = sum(item.date is not None for item in items)
    has_text = _has_text(outline, names, foot) or _has_board(found, chosen, url, joiner)
    unobservable = None
    if not (data and items):
        unobservable = scripted.reason(document, outline, dated=dated > 0, static=has_text and not items)
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
    if article is not None and article.date is not None:
        return replace(item, date=article.date, source=article.source)
    day = in_address(item.url)
    if day is not None:
        return replace(item, date=day, source=DateSource.ADDRESS)
    stamp = read(item.shown, fetched_at=_ANY_MOMENT)
    if stamp is not None and stamp.year is not None and str(stamp.year) in item.shown:
        return replace(item, date=stamp.as_date, source=DateSource.SHOWN)
    return item


def base_of(document: Document, url: str) -> str:
    """The address that relative links on the page count from."""
    return (Joiner(url).join(document.base).url or url) if document.base else url


def _names(document: Document) -> set[str]:
    """What the page calls itself: its column's own list may be named 热点 too."""
    parts = re.split(r"\s*[-_|—–>]+\s*", document.title)
    return {squeeze(n) for n in (*document.metas.get("columnname", ()), *parts) if n}


def _foot(outline: Outline) -> int:
    """The leaf where the page's foot begins; nothing in the first half of a page is a foot."""
    half = len(outline.leaves) // 2
    for i, text in outline.texts(half, len(outline.leaves)):
        if _FOOT.search(text):
            return i
    return len(outline.leaves)


def _column_lists(found: list[Group], names: set[str]) -> list[Group]:
    """Without the sidebars (热点, 推荐, 相关), which show other columns' items."""
    own = [group for group in found if not _is_aside(group, names)]
    return found if sum(group.dated > 0 for group in own) >= _PORTAL else own


def _is_list(group: Group, url: str, joiner: Joiner) -> bool:
    count = len(group.rows)
    length = sum(len(row.title) for row in group.rows) / count
    if group.dated * 2 >= count:
        # Anything may stand in a page head with today's date; a list of dated titles is a list wherever it stands.
        return group.region in _CONTENT_REGIONS or (
            group.region is not Region.CRUMB and count >= 3 and length >= _TITLE
        )
    if group.region not in _CONTENT_REGIONS or length < _TITLE:
        return False
    targets = [joiner.join(row.raw).url or "" for row in group.rows]
    pages = sum(is_article_address(target) for target in targets)
    return pages * 5 >= count * 3 and url not in targets


_CONTENT_REGIONS = (Region.MAIN, Region.SIDE)


def _is_aside(group: Group, names: set[str]) -> bool:
    if group.heading in names:
        return False
    return group.region is Region.SIDE or _SIDE_HEADING.search(group.heading) is not None


def is_article_address(url: str) -> bool:
    """The address looks like one of many: a number in its file name or query, or a document."""
    if in_address(url) is not None or suffix(url) in ("pdf", "doc", "docx", "ofd", "wps"):
        return True
    path, _, query = url.partition("?")
    name = path.rstrip("/").rpartition("/")[2]
    return sum(c.isdigit() for c in name) >= 3 or len(name) >= 24 or _HAS_NUMBER.search(query) is not None


def _before_pager(outline: Outline, chosen: list[Group]) -> list[Group]:
    """On a page with a pager, the list that the pager turns (with its equals) is the column's; others are boxes."""
    pagers = [
        i
        for i, leaf in enumerate(outline.leaves)
        if leaf.kind == "pager" or (leaf.kind == "text" and len(leaf.text) < 80 and _PAGER.search(leaf.text))
    ]
    if not pagers or len(chosen) < 2:
        return chosen
    before = [g for g in chosen if g.first < pagers[-1]]
    main = before[-1] if before else None
    if main is None or len(main.rows) * 2 < max(len(g.rows) for g in chosen):
        return chosen  # the pager may stand above its list: better a box too many than the list too little
    form = _form(outline, main)
    return [g for g in chosen if g is main or _form(outline, g) == form]


def _form(outline: Outline, group: Group) -> tuple[int, str, str]:
    at = group.container
    depth = 0
    up = at
    while up > 0 and depth < 64:
        up = outline.parents[up]
        depth += 1
    return depth, outline.tags[at], outline.elements[at].attr("class") or ""


def _items(chosen: Sequence[Group], url: str, joiner: Joiner, as_of: date) -> Iterator[Item]:
    found: dict[tuple[str, str], Item] = {}
    for group in map(_without_strays, chosen):
        targets = [joiner.join(row.raw).url or url if row.raw else url for row in group.rows]
        stamps = [_with_year(row, target) for row, target in zip(group.rows, targets, strict=True)]
        days = resolve_years(stamps, as_of=as_of)
        for row, target, day in zip(group.rows, targets, days, strict=True):
            if row.raw and _leads_up(target, url):
                continue
            shown = row.stamp or row.issued
            item = Item(
                target, row.title, shown.raw if shown else "", day, DateSource.SHOWN if day is not None else None
            )
            key = (target, row.title if target == url else "")
            if key not in found or (found[key].date is None and item.date is not None):
                found[key] = item
    yield from found.values()


def _without_strays(group: Group) -> Group:
    """In a list of dated rows, a short link without a date belongs to the page's frame: logo, column name, button."""
    if not group.dated:
        return group
    kept = [row for row in group.rows if row.stamp or row.issued or len(row.title) >= _TITLE]
    return replace(group, rows=kept)


def _leads_up(target: str, url: str) -> bool:
    """The page itself or a page above it: its channel, the home page."""
    return target == url or url.startswith(plain_address(target) + "/")


def plain_address(url: str) -> str:
    """An address without its default page: `/tzgg/index.html`, `/tzgg/` and `/tzgg` are one column."""
    return re.sub(r"/(?:index|default|home)\.\w+$|/$", "", url)


def _with_year(row: Row, target: str) -> Stamp | None:
    """The address of an item settles the year of its `11-03`."""
    stamp = row.stamp
    if stamp is None or stamp.year is not None:
        return stamp
    year = year_in_address(target, stamp.month, stamp.day)
    return stamp if year is None else replace(stamp, year=year)


def _has_text(outline: Outline, names: set[str], foot: int) -> bool:
    total = 0
    for i in range(foot):
        leaf = outline.leaves[i]
        if outline.regions[leaf.parent] is not Region.MAIN:
            continue
        if leaf.kind == "image" and _is_content_picture(outline, i):
            return True
        if leaf.kind != "text" or outline.is_link_text(i):
            continue
        text = squeeze(leaf.text)
        if text in names or _NOTHING.search(text) or _PLUMBING.search(text) or "{{" in text:
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


def _has_board(found: Sequence[Group], chosen: Sequence[Group], url: str, joiner: Joiner) -> bool:
    """Links in the main content that are neither items nor a menu holding this page: a board of services or outside
    sites. Such a column leads on; it is not blank."""
    for group in found:
        if group in chosen or group.region is not Region.MAIN or len(group.rows) < 2:
            continue
        targets = {joiner.join(row.raw).url for row in group.rows if row.raw}
        if url not in targets and len(targets) > 1 and not _SIDE_HEADING.search(group.heading):
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
