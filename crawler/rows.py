"""Rows: the lists on a page. A row is the largest piece of the page that leads to one address; rows with one parent
are a list. Which of the lists are the column's items is decided in `crawler/columns.py`."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from crawler.html import squeeze
from crawler.outline import Outline, Region
from crawler.stamps import Stamp, find_issued, find_shown, fold, read

# How far a row may reach around its link: levels, and characters of text beside the link's own.
_LEVELS = 12
_BESIDE = 600
_PIECES = 60
_SHORT = 8
_ACROSS = 9  # characters of a title whose date may stand in another box
# A picture, a title, a summary and a 详细 to one address; a page of nothing but one link is no list.
_SAME = 6

_STOP = re.compile(
    r"[\[【(（<《]*(?:更多|查看更多|more|首页|上一页|下一页|上页|下页|尾页|末页|最后一页|第一页|前一页|后一页|跳转|go|详情|详细|查看详情|"
    r"查看|查看全文|阅读全文|全文|下载|打印|关闭|收藏|加入收藏|设为首页|返回|返回顶部|返回首页|登录|注册|搜索|高级搜索|分享|无障碍|无障碍浏览|长者模式|简体|繁体|"
    r"[大中小]|默认|微信|微博|qq空间|english|手机版|收起|展开|展开全部|上一篇|下一篇|上一条|下一条|rss|\d{1,4}|[.…·>»›<«‹|]+)[\]】)）>》»›+]*",
    re.IGNORECASE,
)
_CHARS_OF_DATES = re.compile(r"[\d\s./\-年月日:|\[\]()T]+")
_BRACKETED = re.compile(r"[\[【]\s*([^\[\]【】]{4,20}?)\s*[\]】]")
_DIGIT = re.compile(r"\d")
_LABELS = re.compile(r"名称|标题|题名|日期|时间|索引|文号|发布机构|发文|来源|序号|状态")
_CELLS = frozenset(
    {"选择", "编号", "点击", "点击数", "点击量", "浏览", "浏览量", "浏览次数", "部门", "栏目", "作者", "操作", "类别"}
)
# A title attribute that a system filled with a table of facts.
_FACTS = re.compile(r"^\s*(?:文章|信息)?标\s*题\s*[:：]|(?:发布|更新|录入|添加|公布)(?:时间|日期)\s*[:：]")
_PERIOD = re.compile(r"(?:19|20)\d\d\s*年(?:度|\s*\d{1,2}\s*月)?")
_COUNTS = re.compile(r"共\s*(?:有)?\s*\d+\s*[页条篇]|下一页|尾页|第\s*\d+\s*/?\s*\d*\s*页")
_ABOVE = 24  # leaves before a list in which its head is looked for
_HEAD = 16  # characters
_PATH = re.compile(r"[>＞»›→]+|-+>")
_ENTRIES = ("li", "tr", "dd", "dl", "article")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6", "dt")


@dataclass(frozen=True, slots=True)
class Row:
    """One entry: where it leads, its title, and everything that stands beside the title, a piece a line."""

    raw: str
    """The address as it stands; empty when only a script knows it."""
    title: str
    beside: str
    stamp: Stamp | None
    issued: Stamp | None
    """The document's own date, where the row shows no date of publication."""
    first: int
    """Leaves of the outline that the row covers, its link included."""
    last: int
    links: tuple[int, ...]
    """Its link elements."""


@dataclass(slots=True)
class Group:
    """Rows under one parent, in order."""

    container: int
    region: Region
    heading: str
    rows: list[Row] = field(default_factory=list)

    @property
    def dated(self) -> int:
        return sum(row.stamp is not None or row.issued is not None for row in self.rows)

    @property
    def first(self) -> int:
        return self.rows[0].first

    @property
    def last(self) -> int:
        return self.rows[-1].last


@dataclass(slots=True)
class _Run:
    """Links to one address that follow each other: a picture and its title."""

    links: list[int]
    raw: str
    text: str


def groups(outline: Outline, *, fetched_at: datetime) -> list[Group]:
    """Every list of links on the page, menus included, in document order."""
    runs = _runs(outline)
    firsts = [outline.leaf_from[run.links[0]] for run in runs]
    spans: dict[tuple[int, Region], list[tuple[_Run, int, int]]] = {}
    for run, first in zip(runs, firsts, strict=True):
        row = _widest(outline, run, firsts)
        start = min(outline.leaf_from[row], first)
        stop = max(outline.leaf_to[row], outline.leaf_to[run.links[-1]])
        spans.setdefault((_home(outline, row), outline.regions[run.links[0]]), []).append((run, start, stop))
    found = []
    for container, entries in _joined(outline, spans):
        region = outline.regions[entries[0][0].links[0]]
        group = Group(container, region, _heading(outline, entries[0][1]))
        group.rows = list(_rows(outline, container, entries, fetched_at))
        if group.rows:
            found.append(group)
    found.sort(key=lambda g: g.first)
    for group in found:
        _read_across(outline, group, fetched_at)
    return found


def _read_across(outline: Outline, group: Group, fetched_at: datetime) -> None:
    """Titles in one box, as many dates in the box after or before it: a person reads across."""
    if group.dated or sum(len(row.title) for row in group.rows) < _ACROSS * len(group.rows):
        return
    after = _dates_only(outline, range(group.last, len(outline.leaves)), len(group.rows), fetched_at)
    before = _dates_only(outline, range(group.first - 1, -1, -1), len(group.rows), fetched_at)[::-1]
    for stamps in (after, before):
        if len(stamps) == len(group.rows):
            group.rows = [replace(row, stamp=stamp) for row, stamp in zip(group.rows, stamps, strict=True)]
            return


def _dates_only(outline: Outline, leaves: range, most: int, fetched_at: datetime) -> list[Stamp]:
    """The dates that follow each other among these leaves, up to the first link or other word."""
    stamps: list[Stamp] = []
    for i in leaves:
        leaf = outline.leaves[i]
        stamp = read(squeeze(leaf.text), fetched_at=fetched_at) if leaf.kind == "text" else None
        if stamp is None or len(stamps) > most:
            break
        stamps.append(stamp)
    return stamps


def is_stop(text: str) -> bool:
    """Words of pagers and tools, never a title: 更多, 下一页, 打印, page numbers."""
    return _STOP.fullmatch(text.strip()) is not None


def _runs(outline: Outline) -> list[_Run]:
    runs: list[_Run] = []
    for number, link in enumerate(outline.links):
        if len(outline.links_in(link)) > 1:
            continue  # an element with a script around real links
        raw = outline.targets[link]
        text = squeeze("".join(outline.elements[link].text.split("\n"))) if outline.tags[link] != "img" else ""
        text = text or _alt(outline, link)
        if runs and raw and runs[-1].raw == raw and outline.regions[runs[-1].links[-1]] is outline.regions[link]:
            if len(runs[-1].links) < _SAME:
                runs[-1].links.append(link)
            if not is_stop(text) and len(text) > len(runs[-1].text):
                runs[-1].text = text
            continue
        if not text or is_stop(text):
            # A picture without words may belong to the title that follows it.
            following = outline.links[number + 1] if number + 1 < len(outline.links) else -1
            if text or following < 0 or outline.targets[following] != raw or not raw:
                continue
        runs.append(_Run([link], raw, text))
    return _without_tags(outline, [run for run in runs if run.text])


def _alt(outline: Outline, link: int) -> str:
    element = outline.elements[link]
    title = squeeze(element.attr("title") or "")
    if title:
        return title
    return next(
        (leaf.text for leaf in outline.leaves[outline.leaf_from[link] : outline.leaf_to[link]] if leaf.kind == "image"),
        "",
    )


def _without_tags(outline: Outline, runs: list[_Run]) -> list[_Run]:
    """Drop short links that share a list row with one long title: [部门动态], 附件, 来源."""
    by_row: dict[int, list[_Run]] = {}
    for run in runs:
        at = run.links[0]
        for _ in range(6):
            at = outline.parents[at]
            if at < 0 or outline.tags[at] in _ENTRIES:
                break
        if at >= 0 and outline.tags[at] in _ENTRIES:
            by_row.setdefault(at, []).append(run)
    dropped: set[int] = set()
    for shared in by_row.values():
        long = [run for run in shared if len(run.text) > _SHORT]
        if len(long) == 1 and 1 < len(shared) <= 4:
            dropped.update(run.links[0] for run in shared if run is not long[0])
    return [run for run in runs if run.links[0] not in dropped]


def _widest(outline: Outline, run: _Run, firsts: list[int]) -> int:
    """The largest element around a run's links that holds no other run and not much other text."""
    at = run.links[0]
    own = outline.lengths[outline.leaf_to[run.links[-1]]] - outline.lengths[outline.leaf_from[run.links[0]]]
    for _ in range(_LEVELS):
        up = outline.parents[at]
        if up < 0 or outline.tags[up] in ("body", "form", "center") or outline.tags[at] in ("ul", "ol"):
            break
        start, stop = outline.leaf_from[up], outline.leaf_to[up]
        if bisect_left(firsts, stop) - bisect_left(firsts, start) > 1:
            break
        if outline.lengths[stop] - outline.lengths[start] > own + _BESIDE:
            break
        at = up
    return at


def _home(outline: Outline, row: int) -> int:
    return max(outline.parents[row], 0)


def _joined(
    outline: Outline, spans: dict[tuple[int, Region], list[tuple[_Run, int, int]]]
) -> Iterator[tuple[int, list[tuple[_Run, int, int]]]]:
    """Lists split into groups of five are one list: same parent, same tag, nothing between them."""
    waiting: tuple[int, list[tuple[_Run, int, int]]] | None = None
    for (container, _), entries in sorted(spans.items(), key=lambda item: item[1][0][1]):
        if waiting is not None:
            before, rows = waiting
            if _continues(outline, before, container, entries):
                # The later container stands for the join, so that a third group is compared with its neighbour.
                rows.extend(entries)
                waiting = (container if container != outline.parents[before] else before, rows)
                continue
            yield waiting
        waiting = (container, entries)
    if waiting is not None:
        yield waiting


def _continues(outline: Outline, before: int, container: int, entries: list[tuple[_Run, int, int]]) -> bool:
    """The next group of five, or the odd one at the end of a list of two columns (a row that is its own container)."""
    if outline.parents[before] == container and len(entries) == 1:
        start = entries[0][1]
    elif outline.parents[before] == outline.parents[container] >= 0:
        start = outline.leaf_from[container]
        if outline.tags[before] != outline.tags[container]:
            return False
        if outline.elements[before].attr("class") != outline.elements[container].attr("class"):
            return False
    else:
        return False
    return outline.leaf_to[before] <= start and not any(True for _ in outline.texts(outline.leaf_to[before], start))


def _rows(
    outline: Outline, container: int, entries: list[tuple[_Run, int, int]], fetched_at: datetime
) -> Iterator[Row]:
    gaps = _gaps(outline, container, entries, fetched_at)
    heads = _table_heads(outline, entries)
    for (run, start, stop), gap in zip(entries, gaps, strict=True):
        title, inside = _title(outline, run, fetched_at)
        own = [(outline.leaf_from[link], outline.leaf_to[link]) for link in run.links]
        pieces = [
            _labelled(outline, heads, leaf, squeeze(text))
            for leaf, text in outline.texts(start, min(stop, start + _PIECES))
            if not any(a <= leaf < b for a, b in own)
        ]
        beside = "\n".join([*inside, *pieces])[:2000]
        stamp = find_shown(beside, fetched_at=fetched_at)
        for more in (gap, "\n".join(_told(outline, run))):
            if stamp is None and more:
                beside = f"{beside}\n{more}" if beside else more
                stamp = find_shown(beside, fetched_at=fetched_at)
        issued = find_issued(beside, fetched_at=fetched_at) if stamp is None else None
        if sum(c.isalnum() for c in title) > 1 and not is_stop(title):
            yield Row(run.raw, title, beside, stamp, issued, start, stop, tuple(run.links))


def _gaps(outline: Outline, container: int, entries: list[tuple[_Run, int, int]], fetched_at: datetime) -> list[str]:
    """What stands between the rows: dates in a <dd> after their <dt>, or in the bare text of `<a>…</a> 11-03 <br>`.

    It belongs to the row before it, unless the first row has a date before it and the last has none after it.
    """
    edges = [(start, stop) for _, start, stop in entries]
    low, high = outline.leaf_from[container], outline.leaf_to[container]
    low = min(low, edges[0][0])
    between = []
    for i in range(len(edges) + 1):
        a = edges[i - 1][1] if i else max(low, edges[0][0] - 6)
        b = edges[i][0] if i < len(edges) else min(max(high, a), a + 6)
        between.append(_between(outline, a, min(b, a + 12), last=i < 1))
    before = find_shown(between[0], fetched_at=fetched_at) is not None
    after = find_shown(between[-1], fetched_at=fetched_at) is not None
    return between[:-1] if before and not after else between[1:]


def _between(outline: Outline, start: int, stop: int, *, last: bool) -> str:
    """Text between two rows, up to the next link; before the first row, from the last link on."""
    links = [i for i in range(start, stop) if outline.leaves[i].kind == "link"]
    if links and last:
        start = outline.leaf_to[outline.leaves[links[-1]].parent]
    elif links:
        stop = links[0]
    return "\n".join(squeeze(text) for _, text in outline.texts(start, stop))[:400]


def _title(outline: Outline, run: _Run, fetched_at: datetime) -> tuple[str, list[str]]:
    """The title of a row, and the pieces of its link that are dates or labelled information."""
    words: list[str] = []
    dates: list[str] = []
    heading = ""
    for link in run.links:
        for leaf, text in outline.texts(outline.leaf_from[link], outline.leaf_to[link]):
            piece = squeeze(text)
            if outline.leaves[leaf].kind == "time" or _is_date(piece, fetched_at):
                dates.append(piece)
                continue
            bracketed = _BRACKETED.search(piece)
            if bracketed is not None and read(bracketed[1], fetched_at=fetched_at) is not None:
                dates.append(bracketed[1])
                piece = squeeze(piece.replace(bracketed[0], " "))
            if not piece or is_stop(piece):
                continue
            if not heading and _in_heading(outline, leaf, link):
                heading = piece
            words.append(piece)
    full = squeeze("".join(words)) if len(words) < 4 else squeeze(" ".join(words))
    named = _named(outline, run)
    if not words:
        return (named or run.text), dates
    if heading and len(words) > 1:
        return heading, dates + words
    if named and (full.endswith(("...", "…", "..")) or len(full) > 120):
        return named, dates + words[1:]
    if len(words) > 1 and len(full) > 80:
        return max(words[:3], key=len)[:200], dates + words
    return full[:300], dates


def _is_date(piece: str, fetched_at: datetime) -> bool:
    if len(piece) > 80:
        return False
    folded = fold(piece)
    if not _DIGIT.search(folded):
        return read(piece, fetched_at=fetched_at) is not None
    return _CHARS_OF_DATES.fullmatch(folded) is not None or read(piece, fetched_at=fetched_at) is not None


def _named(outline: Outline, run: _Run) -> str:
    """The link's title attribute, unless a system filled it with a table of facts (标题：… 作者：…)."""
    for link in run.links:
        raw = outline.elements[link].attr("title") or ""
        if raw and "\n" not in raw.strip() and not _FACTS.search(raw):
            return squeeze(raw)[:300]
    return ""


def _told(outline: Outline, run: _Run) -> list[str]:
    """What a title attribute tells beside the title: 标题：… 作者：… 更新时间：…, a line each."""
    told: list[str] = []
    for link in run.links:
        raw = outline.elements[link].attr("title") or ""
        if _FACTS.search(raw) and len(raw) < _BESIDE:
            told += [line for line in map(squeeze, raw.splitlines()) if line]
    return told


def _in_heading(outline: Outline, leaf: int, link: int) -> bool:
    at = outline.leaves[leaf].parent
    while at > link:
        if outline.tags[at] in _HEADINGS:
            return True
        at = outline.parents[at]
    return False


def _table_heads(outline: Outline, entries: list[tuple[_Run, int, int]]) -> dict[int, str]:
    """Cell of a row → the head of its column, for rows of a table with a head (索引号, 名称, 发布日期)."""
    heads: dict[int, str] = {}
    table = _ancestor(outline, entries[0][0].links[0], "table")
    if table < 0 or outline.tags[table] != "table":
        return heads
    names: list[str] = []
    for at in range(table + 1, outline.ends[table]):
        if outline.tags[at] != "tr":
            continue
        cells = [c for c in outline.children(at) if outline.tags[c] in ("td", "th")]
        if not names:
            texts = [
                "".join(t.strip() for _, t in outline.texts(outline.leaf_from[c], outline.leaf_to[c])) for c in cells
            ]
            if len(texts) > 1 and sum(bool(_LABELS.search(t)) and len(t) <= 8 for t in texts) * 2 >= len(texts):
                names = texts
            elif outline.has_link(at) or at > table + 40:
                break
            continue
        if len(cells) == len(names):
            heads.update(zip(cells, names, strict=True))
    return heads


def _ancestor(outline: Outline, at: int, tag: str) -> int:
    for _ in range(_LEVELS):
        if at < 0 or outline.tags[at] == tag:
            return at
        at = outline.parents[at]
    return -1


def _labelled(outline: Outline, heads: dict[int, str], leaf: int, text: str) -> str:
    if not heads:
        return text
    at = outline.leaves[leaf].parent
    for _ in range(4):
        if at in heads:
            return f"{heads[at]}：{text}" if _LABELS.search(heads[at]) else text
        at = outline.parents[at]
        if at < 0:
            break
    return text


def _heading(outline: Outline, first: int) -> str:
    """The short text right before a list: its block's head, or the end of the breadcrumb. Heads of tables are none."""
    for i in range(first - 1, max(first - _ABOVE, -1), -1):
        leaf = outline.leaves[i]
        text = squeeze(leaf.text)
        if leaf.kind != "text" or not text or is_stop(text) or _COUNTS.search(text) or _is_table_head(outline, i, text):
            continue
        text = squeeze(_PATH.split(text)[-1]) or text
        if _PERIOD.fullmatch(text):
            return text
        if len(text) > _HEAD or (_DIGIT.search(text) and _CHARS_OF_DATES.fullmatch(fold(text))):
            return ""  # the end of another list
        return text
    return ""


def _is_table_head(outline: Outline, leaf: int, text: str) -> bool:
    if len(text) > 8:
        return False
    return outline.tags[outline.leaves[leaf].parent] == "th" or _LABELS.search(text) is not None or text in _CELLS
