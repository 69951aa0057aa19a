"""Rows: the lists on a page. A row is the largest piece of the page that leads to one address; rows with one parent
are a list. Which of the lists are the column's items is decided in `crawler/selection.py`."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from crawler.heads import heading_before, labelled, table_heads
from crawler.html import squeeze
from crawler.outline import Outline, Region
from crawler.stamps import Stamp, find_issued, find_shown, fold, in_china, possible, read
from crawler.titles import Run, is_stop, title_of, told, words_of_picture

# How far a row may reach around its link: levels, and characters of text beside the link's own.
_LEVELS = 12
_BESIDE = 600
_PIECES = 60
_SHORT = 8
_ACROSS = 9  # characters of a title whose date may stand in another box
# A picture, a title, a summary and a 详细 to one address; a page of nothing but one link is no list.
_SAME = 6

_CLOCK = re.compile(r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?")
_DOTTED = re.compile(r"\s*(\d{1,2})\.(\d{1,2})\s*")
_SEVERAL = 3
_WORDS = re.compile(r"[^\W_][\W_]*[^\W_]")
_ENTRIES = ("li", "tr", "dd", "dl", "article")


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


def groups(outline: Outline, *, fetched_at: datetime) -> Sequence[Group]:
    """Every list of links on the page, menus included, in document order."""
    if fetched_at not in outline.groups:
        outline.groups[fetched_at] = _groups(outline, fetched_at)
    return outline.groups[fetched_at]


def _groups(outline: Outline, fetched_at: datetime) -> list[Group]:
    runs = _runs(outline)
    firsts = [outline.leaf_from[run.links[0]] for run in runs]
    spans: dict[tuple[int, Region], list[tuple[Run, int, int]]] = {}
    for run, first in zip(runs, firsts, strict=True):
        row = _widest(outline, run, firsts)
        start = min(outline.leaf_from[row], first)
        stop = max(outline.leaf_to[row], outline.leaf_to[run.links[-1]])
        spans.setdefault((_home(outline, row), outline.regions[run.links[0]]), []).append((run, start, stop))
    found = []
    for container, entries in _joined(outline, spans, fetched_at):
        region = outline.regions[entries[0][0].links[0]]
        group = Group(container, region, heading_before(outline, entries[0][1]))
        group.rows = list(_rows(outline, container, entries, fetched_at))
        if group.rows:
            found.append(group)
    found.sort(key=lambda g: g.first)
    for group in found:
        _read_across(outline, group, fetched_at)
        _read_clocks(group, fetched_at)
        _read_dotted(group)
    return found


def _read_dotted(group: Group) -> None:
    """11.18 alone may be any number; where every row has one that is a day of the year, it is the day."""
    if group.dated or len(group.rows) < _SEVERAL:
        return
    found = [next(filter(None, map(_DOTTED.fullmatch, row.beside.split("\n"))), None) for row in group.rows]
    days = [
        (int(match[1]), int(match[2]))
        for match in found
        if match is not None and possible(None, int(match[1]), int(match[2]))
    ]
    if len(days) == len(group.rows):
        stamps = [Stamp(None, month, day, None, f"{month}.{day}") for month, day in days]
        group.rows = [replace(row, stamp=stamp) for row, stamp in zip(group.rows, stamps, strict=True)]


def _read_clocks(group: Group, fetched_at: datetime) -> None:
    """Above rows with dates, a row with nothing but a time of day is of today, the day of the fetch."""
    today = in_china(fetched_at)
    for at, row in enumerate(group.rows):
        if row.stamp is not None:
            continue
        clock = next((line for line in row.beside.split("\n") if _CLOCK.fullmatch(fold(line.strip()))), None)
        if clock is None or not any(other.stamp is not None for other in group.rows[at + 1 :]):
            return
        stamp = Stamp(today.year, today.month, today.day, clock.strip(), clock.strip())
        group.rows[at] = replace(row, stamp=stamp)


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


def _runs(outline: Outline) -> list[Run]:
    runs: list[Run] = []
    for number, link in enumerate(outline.links):
        if len(outline.links_in(link)) > 1:
            continue  # an element with a script around real links
        raw = outline.targets[link]
        text = squeeze("".join(outline.elements[link].text.split("\n"))) if outline.tags[link] != "img" else ""
        text = text or words_of_picture(outline, link)
        if runs and raw and runs[-1].raw == raw and _in_one_entry(outline, runs[-1].links[-1], link):
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
        runs.append(Run([link], raw, text))
    return _without_tags(outline, [run for run in runs if run.text])


def _in_one_entry(outline: Outline, one: int, other: int) -> bool:
    """Two links to one address belong to one row: not the last of a list and the first of the next box."""
    if outline.regions[one] is not outline.regions[other]:
        return False
    at = other
    for _ in range(_LEVELS):
        if at < 0 or outline.tags[at] in ("li", "tr"):
            break
        at = outline.parents[at]
    return at < 0 or outline.tags[at] not in ("li", "tr") or at < one < outline.ends[at]


def _without_tags(outline: Outline, runs: list[Run]) -> list[Run]:
    """Drop short links that share a list row with one long title: [部门动态], 附件, 来源."""
    by_row: dict[int, list[Run]] = {}
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


def _widest(outline: Outline, run: Run, firsts: list[int]) -> int:
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
    outline: Outline, spans: dict[tuple[int, Region], list[tuple[Run, int, int]]], fetched_at: datetime
) -> Iterator[tuple[int, list[tuple[Run, int, int]]]]:
    """Lists split into groups of five are one list: same parent, same tag, nothing between them."""
    waiting: tuple[int, list[tuple[Run, int, int]]] | None = None
    for (container, _), entries in sorted(spans.items(), key=lambda item: item[1][0][1]):
        if waiting is not None:
            before, rows = waiting
            menu = _is_menu(outline, rows, fetched_at) and not _is_menu(outline, entries, fetched_at)
            if not menu and _continues(outline, before, container, entries):
                # The later container stands for the join, so that a third group is compared with its neighbour.
                rows.extend(entries)
                waiting = (container if container != outline.parents[before] else before, rows)
                continue
            yield waiting
        waiting = (container, entries)
    if waiting is not None:
        yield waiting


def _continues(outline: Outline, before: int, container: int, entries: list[tuple[Run, int, int]]) -> bool:
    """The next group of five, or the odd one at the end of a list of two columns (a row that is its own container)."""
    odd = (
        outline.parents[before] == container
        and len(entries) == 1
        and outline.tags[_child(outline, container, entries[0][0].links[0])] == outline.tags[before]
    )
    alike = (
        outline.parents[before] == outline.parents[container] >= 0
        and outline.tags[before] == outline.tags[container]
        and outline.elements[before].attr("class") == outline.elements[container].attr("class")
    )
    start, stop = outline.leaf_to[before], entries[0][1]
    return (odd or alike) and start <= stop and not any(True for _ in outline.texts(start, stop))


def _is_menu(outline: Outline, entries: list[tuple[Run, int, int]], fetched_at: datetime) -> bool:
    """Short names and no date: right above a list of items it is no part of it."""
    if sum(len(run.text) for run, _, _ in entries) > _SHORT * len(entries):
        return False
    texts = outline.texts(entries[0][1], min(entries[0][2], entries[0][1] + _PIECES))
    return not any(read(squeeze(text), fetched_at=fetched_at) for _, text in texts)


def _child(outline: Outline, container: int, at: int) -> int:
    """The child of `container` that holds element `at`."""
    while outline.parents[at] > container:
        at = outline.parents[at]
    return at


def _rows(outline: Outline, container: int, entries: list[tuple[Run, int, int]], fetched_at: datetime) -> Iterator[Row]:
    gaps = _gaps(outline, container, entries, fetched_at)
    heads = table_heads(outline, entries[0][0].links[0])
    for (run, start, stop), gap in zip(entries, gaps, strict=True):
        title, inside = title_of(outline, run, fetched_at)
        own = [(outline.leaf_from[link], outline.leaf_to[link]) for link in run.links]
        pieces = [
            labelled(outline, heads, leaf, squeeze(text))
            for leaf, text in outline.texts(start, min(stop, start + _PIECES))
            if not any(a <= leaf < b for a, b in own)
        ]
        beside = "\n".join([*inside, *pieces])[:2000]
        stamp = find_shown(beside, fetched_at=fetched_at)
        for more in (gap, "\n".join(told(outline, run))):
            if stamp is None and more:
                beside = f"{beside}\n{more}" if beside else more
                stamp = find_shown(beside, fetched_at=fetched_at)
        issued = find_issued(beside, fetched_at=fetched_at) if stamp is None else None
        if _WORDS.search(title) and not is_stop(title):
            yield Row(run.raw, title, beside, stamp, issued, start, stop, tuple(run.links))


def _gaps(outline: Outline, container: int, entries: list[tuple[Run, int, int]], fetched_at: datetime) -> list[str]:
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
