"""Which of the lists on a page are the column's: not its menus, not the boxes that every page of the site carries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from crawler.dates import in_address
from crawler.html import Document, squeeze
from crawler.outline import Outline, Region
from crawler.rows import Group
from crawler.urls import Joiner, suffix

# A title says something; an entry of a menu names something.
TITLE = 9
# A page with so many dated lists is a home or channel page: its 热点 is a block like the others.
_PORTAL = 3

_BOX = 12  # rows at most of a box

SIDE_HEADING = re.compile(
    r"热点|热门|推荐|相关|排行|点击榜|人气|猜你|最新更新|友情|链接|更多内容|延伸阅读|往期|近期文章|标签|图片新闻$"
)
# Boxes of news of the whole site; where a page has no other list, it may be the column's all the same.
_NEW_HEADING = re.compile(r"^(?:本站|网站|站内)?(?:最新|最近|近期|今日|本周|本月)")
NOTHING = re.compile(
    r"暂无(?:相关)?(?:信息|数据|内容|记录|文章|更新|公开)?|没有(?:找到)?(?:相关|任何|符合)?(?:的)?(?:信息|数据|内容|记录)|无(?:相关)?(?:信息|数据|内容|记录)|"
    r"栏目建设中|内容(?:正在)?(?:建设|更新)中|敬请期待|共\s*0\s*(?:条|页|篇)"
)
_FOOT = re.compile(r"主办单位|承办单位|版权所有|网站标识码|ICP备|公网安备|Copyright", re.IGNORECASE)
_PAGER = re.compile(r"下一页|下页|尾页|末页")
_HAS_NUMBER = re.compile(r"\d")
_PERIOD = re.compile(r"(?:19|20)\d\d\s*年?(?:度|\s*\d{1,2}\s*月)?")
_WHERE = re.compile(r"(?:当前|所在|您的|你的|现在的?)\s*位置|您现在的位置|位置[:：]")
_PATH = re.compile(r"[>＞»›→|/\\]+|-+>|::+")
_LAST_OF_ALL = frozenset({"正文", "列表", "信息列表", "文章列表", "内容", "详细内容", "列表页"})
_CRUMBS = 24  # leaves of a breadcrumb
_NAME = 20  # characters
_NOTICE = 60
_CONTENT_REGIONS = (Region.MAIN, Region.SIDE)


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of a page while its lists are weighed."""

    outline: Outline
    url: str
    joiner: Joiner
    names: frozenset[str]
    """What the page calls itself."""
    foot: int
    """The leaf where its foot begins."""
    blank: bool
    """Right under its own name stands 暂无信息: what else the page lists is not the column's."""


def place_of(document: Document, outline: Outline, url: str, joiner: Joiner, name: str) -> Place:
    """`name` is what others call the page: the text of the link that leads to it; may be empty."""
    parts = re.split(r"\s*[-_|—–>·:：]+\s*|\s+", document.title)
    heads = [squeeze(node.text) for node in document.root.select("h1")]
    heads = heads if len(heads) == 1 else []  # several: the heads of its blocks
    own = (name, *document.metas.get("columnname", ()), *parts, *heads, *_crumb(outline))
    names = frozenset(n for n in map(squeeze, own) if 2 <= len(n) <= _NAME)
    foot = _foot(outline)
    return Place(outline, url, joiner, names, foot, _says_nothing(outline, names, foot))


def lists_of(place: Place, found: Sequence[Group]) -> tuple[list[Group], list[Group]]:
    """The column's lists, and all lists of titles on the page that might have been."""
    lists = [_above(g, place.foot) for g in found if g.first < place.foot]
    lists = [g for g in lists if _is_list(g, place)]
    if place.blank:
        return [], lists
    return _before_pager(place.outline, _own(place, lists)), lists


def is_article_address(url: str) -> bool:
    """The address looks like one of many: a number in its file name or query, or a document."""
    if in_address(url) is not None or suffix(url) in ("pdf", "doc", "docx", "ofd", "wps"):
        return True
    path, _, query = url.partition("?")
    name = path.rstrip("/").rpartition("/")[2]
    return sum(c.isdigit() for c in name) >= 3 or len(name) >= 20 or _HAS_NUMBER.search(query) is not None


def _says_nothing(outline: Outline, names: frozenset[str], foot: int) -> bool:
    after = 3  # texts since the name
    for i, raw in outline.texts(0, foot):
        after += 1
        if len(raw) > _NOTICE:
            continue
        text = squeeze(raw)
        if after <= 2 and NOTHING.search(text):
            return True
        if text in names or (len(text) <= _NOTICE and squeeze(_PATH.split(text)[-1]) in names):
            after = 0 if outline.regions[outline.leaves[i].parent] not in (Region.NAV, Region.FOOT) else after
    return False


def _above(group: Group, foot: int) -> Group:
    return group if group.last <= foot else replace(group, rows=[row for row in group.rows if row.first < foot])


def _crumb(outline: Outline) -> Iterator[str]:
    """The last name of the breadcrumb: 首页 > 政务公开 > 通知公告."""
    names: list[str] = []
    joined = True  # a separator stands before the next piece
    started = -1
    for i, raw in outline.texts(0, len(outline.leaves)):
        if started < 0:
            here = outline.regions[outline.leaves[i].parent] is Region.CRUMB
            if not here and ("位置" not in raw or not _WHERE.search(squeeze(raw))):
                continue
        text = squeeze(raw)
        if started < 0:
            started = i
            text = _WHERE.sub("", text).lstrip(":： 是为在")
        elif i - started > _CRUMBS or len(text) > 60:
            break
        pieces = _PATH.split(text)
        if not joined and len(pieces) == 1:
            break  # the first text that no separator joins to the path
        names += [piece.strip() for piece in pieces if piece.strip()]
        joined = not pieces[-1].strip()
    while len(names) > 1 and names[-1] in _LAST_OF_ALL:
        names.pop()
    yield from names[-1:]


def _foot(outline: Outline) -> int:
    """The leaf where the page's foot begins; nothing in the first half of a page is a foot."""
    half = len(outline.leaves) // 2
    for i, text in outline.texts(half, len(outline.leaves)):
        if _FOOT.search(text):
            return i
    return len(outline.leaves)


def _is_list(group: Group, place: Place) -> bool:
    count = len(group.rows)
    length = sum(len(row.title) for row in group.rows) / count
    if group.dated * 2 >= count:
        # Anything may stand in a page head with today's date; a list of dated titles is a list wherever it stands.
        return group.region in _CONTENT_REGIONS or (group.region is not Region.CRUMB and count >= 3 and length >= TITLE)
    if group.region not in _CONTENT_REGIONS or length < TITLE:
        return False
    targets = [place.joiner.join(row.raw).url or "" for row in group.rows]
    if place.url in targets:
        return False
    pages = sum(is_article_address(target) for target in targets)
    # Under the page's own name, long titles that lead to files (a.html, news1.html) are items too.
    return pages * 5 >= count * 3 or (group.heading in place.names and all(map(_is_file, targets)))


def _is_file(url: str) -> bool:
    return "." in url.partition("?")[0].rpartition("/")[2]


def _own(place: Place, lists: list[Group]) -> list[Group]:
    """Without the boxes that show other columns' items.

    A list under the page's own name is the column's; with it go lists under a year, lists without a head that look
    like it or are longer, lists too long for a box, and lists of the page's own directory. Where no list stands under
    that name, boxes are told by their heads (热点, 推荐, 最新信息). A page of many blocks shows them all.
    """
    boxes = [g for g in lists if _is_aside(g) and g.heading not in place.names]
    own = [g for g in lists if g not in boxes]
    if len({g.heading for g in own if g.dated and g.heading and not _is_frame(g.heading)}) >= _PORTAL:
        return lists
    titled = [g for g in own if g.heading in place.names]
    if not titled:
        lists = [g for g in own if not is_news_box(place, g)]
        return lists or ([] if _is_headed(place) else own)
    forms = {form(place.outline, g) for g in titled}
    rows = sum(len(g.rows) for g in titled)
    below = all(_is_below(g, place) for g in titled)
    return [
        g
        for g in own
        if g in titled
        or _PERIOD.fullmatch(g.heading)
        or (not g.heading and (form(place.outline, g) in forms or len(g.rows) > rows))
        or len(g.rows) > max(rows, _BOX)
        or (below and _is_below(g, place) and not is_news_box(place, g))
    ]


def is_news_box(place: Place, group: Group) -> bool:
    """A box of news of the whole site (最新信息); 最新公告 on the page 通知公告 is its own list."""
    start = _NEW_HEADING.match(group.heading)
    if start is None:
        return False
    rest = group.heading[start.end() :]
    pairs = {rest[i : i + 2] for i in range(len(rest) - 1)}
    return not any(pair in name for pair in pairs for name in place.names)


def _is_headed(place: Place) -> bool:
    """The page's own name stands over its content, and no list follows."""
    outline = place.outline
    return any(
        outline.regions[outline.leaves[i].parent] is Region.MAIN
        and squeeze(text) in place.names
        and not outline.is_link_text(i)
        for i, text in outline.texts(0, place.foot)
    )


def _is_frame(heading: str) -> bool:
    """The head of a part of a list (2026年), or of a box of news."""
    return _PERIOD.fullmatch(heading) is not None or _NEW_HEADING.search(heading) is not None


def _is_aside(group: Group) -> bool:
    return group.region is Region.SIDE or SIDE_HEADING.search(group.heading) is not None


def _is_below(group: Group, place: Place) -> bool:
    """Most of its items stand in the page's own directory, which is not the site's root."""
    directory = place.url.partition("?")[0].rpartition("/")[0] + "/"
    if directory.count("/") <= 3:
        return False
    inside = sum((place.joiner.join(row.raw).url or "").startswith(directory) for row in group.rows)
    return inside * 2 > len(group.rows)


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
    same = form(outline, main)
    return [g for g in chosen if g is main or form(outline, g) == same]


def form(outline: Outline, group: Group) -> tuple[int, str, str]:
    """How deep the list stands, and in what: lists of one form are parts of one."""
    at = group.container
    depth = 0
    up = at
    while up > 0 and depth < 64:
        up = outline.parents[up]
        depth += 1
    return depth, outline.tags[at], outline.elements[at].attr("class") or ""
