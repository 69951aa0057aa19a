"""When something was published: the year of year-less dates, dates in addresses and METAs, an article's own date."""

from __future__ import annotations

import hashlib
import re
import zlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from urllib.parse import urlsplit

from crawler.html import Document, squeeze
from crawler.page import Dating
from crawler.snapshot import DateSource
from crawler.stamps import (
    CHINA,
    Found,
    Rank,
    Stamp,
    find_issued,
    find_shown,
    impossible,
    in_china,
    possible,
    read,
    scan,
    unreadable,
)

__all__ = [
    "CHINA",
    "Published",
    "Stamp",
    "dating",
    "find_issued",
    "find_shown",
    "in_address",
    "in_china",
    "in_meta",
    "on_page",
    "published",
    "published_by",
    "read",
    "resolve_years",
]

# An item a little out of order (sorted by another date, pinned for a day) is no turn of the year.
_SLACK = timedelta(days=60)
# A year-less date this far ahead of the moment is a date set ahead by mistake rather than a year-old one.
_AHEAD = timedelta(days=7)
# A list in no order turns the year at every row; before this one there was nothing to turn to.
_FIRST = 1990
# Sites pin a handful of old items above a list, not more.
_PINNED = 5

_META_NAMES = ("pubdate", "publishdate", "article:published_time", "publishtime", "pubtime", "datepublished")

_YEAR = r"(199\d|20\d\d|2100)"
_ADDRESS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"/t{_YEAR}(\d\d)(\d\d)_\d+[^/]*$",  # TRS: /202611/t20261103_123456.html
        rf"/{_YEAR}/(\d{{1,2}})/(\d{{1,2}})(?=/)",  # /2026/11/3/, 大汉 /art/2026/11/3/art_1_2.html
        rf"/{_YEAR}[-_.](\d{{1,2}})[-_.](\d{{1,2}})(?=[/_.-])",  # /2026-11-03/
        rf"/{_YEAR}-(\d\d)/(\d\d)(?=/)",  # /2026-11/03/content_1.htm
        rf"/{_YEAR}(\d\d)/(\d\d)(?=/)",  # /202611/03/
        rf"/{_YEAR}/(\d\d)(\d\d)(?=/)",  # /2026/1103/
        rf"/{_YEAR}(\d\d)(\d\d)(?=/)",  # /20261103/
        rf"/{_YEAR}(\d\d)/(?:art_)?\1\2(\d\d)[_-]\d+[^/]*$",  # /202611/20261103_1.html: month and file name agree
    )
)
_MONTH = re.compile(rf"/{_YEAR}[-/]?(0?[1-9]|1[0-2])/")

_NOT_NEWS = re.compile(r"今天|今日|现在是|当前时间|农历|欢迎|版权|copyright|备案|generat|produced")  # of small letters
_TITLE_END = re.compile(r"\s*[-_|—–]+\s*")
_NEAR = 6
_UNDER = 2  # lines under a title where a date alone may be the article's
_SENTENCE = re.compile(r"[。，；：:]")
# An information line is short; what follows in a line of a whole article is its text.
_LINE = 2000
_LABEL = re.compile(r"(?:时间|日期)\s{0,4}[:：]\s{0,4}([^\n]{4,40})")
_HEAD = 20_000  # characters of a page's text in which its publication stands
_PROSE_LINE = 30  # characters: a paragraph, not a title
SKETCH = 32
_SENTENCE_END = re.compile(r"[。！？；!?;]")
_FIGURES = "0123456789０１２３４５６７８９"
_LONG = 10  # characters that are not written twice by chance
_ENOUGH_SENTENCES = 4
_ENOUGH_PROSE = 150  # characters of paragraphs that are not equal by chance
# A date can be a publication's only under a label or on an information line; elsewhere it must stand at the title.
_MAY_DATE = re.compile(r"[\d前天]")
_MAY_LABEL = re.compile(r"[间期刻于新改][\s:：∶︰﹕|｜\[\](（）【】「」]{0,8}(?:\d|今|昨|前天|刚)")
_MAY_INFORM = re.compile(r"来源|稿源|作者|责编|编辑|浏览|阅读|点击|访问|字号|字体|打印|分享|关闭")
_INFORMS = 200  # characters of a line of facts; these words stand in running text too


@dataclass(frozen=True, slots=True)
class Published:
    """When a page was published, and where that stands. `source` is None together with `date`."""

    date: date | None = None
    source: DateSource | None = None
    shown: str = ""
    """As it stands on the page, in the META or in the address."""


def resolve_years(stamps: Sequence[Stamp | None], *, as_of: date) -> list[date | None]:
    """Dates of a list's rows, in order; year-less ones take their year from the order and from `as_of`.

    Lists run from new to old (or, where that fits better, from old to new): a month and day clearly later than the one
    before it belongs to the year before. The first takes the latest year that puts it not after `as_of` (a day of
    grace for time zones). A few old items pinned on top, dates with a year among those without, and dates a little out
    of order leave the rest alone; a list in no order takes the latest possible year for every row. In doubt the newer
    year is taken: the site has the benefit.
    """
    dates = [stamp.as_date if stamp is not None else None for stamp in stamps]
    open_rows = [(i, s) for i, s in enumerate(stamps) if s is not None and s.year is None]
    if not open_rows:
        return dates
    limit = as_of + timedelta(days=1)
    latest = [_latest(s.month, s.day, limit) for _, s in open_rows]
    ahead = [_is_ahead(s, limit) for _, s in open_rows]
    down = _walk(latest, ahead, limit)
    up = _walk(latest[::-1], ahead[::-1], limit)
    best, turns = min((down, (up[0][::-1], up[1])), key=lambda walk: walk[1])
    if turns * 2 > len(latest) or min(best).year <= _FIRST:
        best = latest
    for (i, _), day in zip(open_rows, best, strict=True):
        dates[i] = day
    return dates


def in_address(url: str) -> date | None:
    """The day in an address, as content management systems write it; a month alone or a number is none."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    for pattern in _ADDRESS:
        for match in reversed(list(pattern.finditer(path))):
            year, month, day = int(match[1]), int(match[2]), int(match[3])
            if possible(year, month, day):
                return date(year, month, day)
    return None


def year_in_address(url: str, month: int, day: int) -> int | None:
    """The year that brings a year-less date nearest to the day or month in the address; None when that says nothing."""
    near = in_address(url)
    if near is None:
        match = _MONTH.search(url)
        if match is None:
            return None
        near = date(int(match[1]), int(match[2]), 15)
    years = [y for y in (near.year - 1, near.year, near.year + 1) if possible(y, month, day)]
    best = min(years, key=lambda y: abs(date(y, month, day) - near), default=None)
    return best if best is not None and abs(date(best, month, day) - near) <= _SLACK else None


def in_meta(document: Document, *, fetched_at: datetime) -> Published:
    """The META PubDate (any letter case; publishdate and article:published_time too). Maketime is never looked at."""
    for name in _META_NAMES:
        for content in document.metas.get(name, ()):
            stamp = read(content, fetched_at=fetched_at)
            if stamp is not None and stamp.as_date is not None:
                return Published(stamp.as_date, DateSource.META, content)
    for node in document.root.select('meta[property="article:published_time"]'):
        content = node.attr("content") or ""
        stamp = read(content, fetched_at=fetched_at)
        if stamp is not None and stamp.as_date is not None:
            return Published(stamp.as_date, DateSource.META, content)
    return Published()


def on_page(document: Document, *, fetched_at: datetime) -> Published:
    """The publication date that an article page shows: a labelled one, or one on the information line at the title."""
    found = _best_on_page(document, fetched_at, updated=False)
    return _as_published(found, fetched_at)


def dating(document: Document, *, fetched_at: datetime) -> Dating:
    """All that an article page says of its own publication, read once."""
    found = _best_on_page(document, fetched_at, updated=False)
    shown, meta = _as_published(found, fetched_at), in_meta(document, fetched_at=fetched_at)
    updated = Published()
    if shown.date is None and meta.date is None:
        updated = _as_published(_best_on_page(document, fetched_at, updated=True), fetched_at)
    told = "" if shown.date is not None else _label_unread(document)
    prose = _prose(document)
    return Dating(
        shown=shown.date,
        shown_raw=shown.shown,
        time=(found.stamp.time or "") if found is not None else "",
        labelled=found is not None and found.rank is Rank.PUBLISHED,
        meta=meta.date,
        meta_raw=meta.shown,
        updated=updated.date,
        updated_raw=updated.shown,
        unread=told or ("" if meta.date is not None else _meta_unread(document)),
        text=text_digest(prose),
        sketch=text_sketch(prose),
    )


def published(document: Document, url: str, *, fetched_at: datetime) -> Published:
    """An article's publication date: shown on the page, else its META, else 更新时间 alone, else its address.

    Dates of the document (成文, 印发), of events and deadlines, today's date in the page head and the time the page was
    generated are none of these.
    """
    return published_by(dating(document, fetched_at=fetched_at), url)


def published_by(told: Dating, url: str) -> Published:
    """As `published`, of what was noted of the page before."""
    if told.shown is not None:
        return Published(told.shown, DateSource.SHOWN, told.shown_raw)
    if told.meta is not None:
        return Published(told.meta, DateSource.META, told.meta_raw)
    if told.updated is not None:
        return Published(told.updated, DateSource.SHOWN, told.updated_raw)
    day = in_address(url)
    if day is not None:
        return Published(day, DateSource.ADDRESS, day.isoformat())
    return Published(shown=told.unread)


def text_digest(prose: Sequence[str]) -> str:
    """16 hex digits of the SHA-256 of an article's sentences: long lines of prose, not the page's frame. Empty where
    there are too few to tell one article from another."""
    text = "\n".join(prose)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16] if len(text) >= _ENOUGH_PROSE else ""


def text_sketch(prose: Sequence[str]) -> tuple[int, ...]:
    """The least of the hashes of an article's sentences, in order: two articles share as large a part of them as of
    their sentences (bottom-k sketch, Broder 1997). Figures do not count. Empty where there are too few sentences."""
    text = "".join("。".join(prose).split())
    for figure in _FIGURES:
        text = text.replace(figure, "")
    sentences = (sentence for sentence in _SENTENCE_END.split(text) if len(sentence) >= _LONG)
    hashes = {zlib.crc32(sentence.encode("utf-8", "replace")) for sentence in sentences}
    return tuple(sorted(hashes)[:SKETCH]) if len(hashes) >= _ENOUGH_SENTENCES else ()


def alike(a: tuple[int, ...], b: tuple[int, ...]) -> float:
    """The share of sentences that two articles have in common, by their sketches: from 0 to 1."""
    least = set(sorted({*a, *b})[:SKETCH])
    return len(least.intersection(a).intersection(b)) / len(least) if a and b else 0.0


def _prose(document: Document) -> list[str]:
    lines = (squeeze(line[:_LINE]) for line in document.text().split("\n") if len(line) >= _PROSE_LINE and "。" in line)
    return [line for line in lines if len(line) >= _PROSE_LINE and not _NOT_NEWS.search(line[:_PROSE_LINE].lower())]


def _label_unread(document: Document) -> str:
    text = document.text()[:_HEAD]
    label = _LABEL.search(text)
    return (unreadable(label[1]) if label is not None else "") or _impossible_at_title(document, text)


def _impossible_at_title(document: Document, text: str) -> str:
    """A date that no calendar has, where an article's own date stands without a label."""
    lines = [line for line in text.split("\n") if line.strip()]
    under = (line for i in _title_lines(document, lines) for line in lines[i + 1 : i + 3] if _is_line_of_facts(line))
    return next(filter(None, map(impossible, under)), "")


def _is_line_of_facts(line: str) -> bool:
    return len(line) <= 2 * _PROSE_LINE and not any(mark in line for mark in "。，；！？")


def _meta_unread(document: Document) -> str:
    """A PubDate that no calendar has."""
    contents = (c for name in _META_NAMES for c in document.metas.get(name, ()))
    return next(filter(None, (impossible(content) for content in contents)), "")


def _latest(month: int, day: int, limit: date) -> date:
    """The latest such day not after `limit` (29 February needs a leap year)."""
    year = limit.year
    while year > _FIRST and (not possible(year, month, day) or date(year, month, day) > limit):
        year -= 1
    return date(year, month, day if possible(year, month, day) else day - 1)


def _is_ahead(stamp: Stamp, limit: date) -> bool:
    if not possible(limit.year, stamp.month, stamp.day):
        return False
    return limit < date(limit.year, stamp.month, stamp.day) <= limit + _AHEAD


def _walk(latest: Sequence[date], ahead: Sequence[bool], limit: date) -> tuple[list[date], int]:
    """Walk from new to old; the days, and how often the year had to turn. Chooses how many rows on top are pinned."""
    plain = _descend(latest, ahead, limit)
    for pinned in range(1, min(_PINNED, len(latest) // 2) + 1):
        head, rest = latest[:pinned], latest[pinned:]
        if len(rest) < 2 or rest[0] <= max(head):
            continue
        # Read as one list, the year turns after the pinned rows; is that step longer than the list's own?
        step = head[-1] - (rest[0] - timedelta(days=365))
        if step <= abs(rest[0] - rest[1]):
            continue
        days, turns = _descend(rest, ahead[pinned:], limit)
        if turns < plain[1]:
            return [*head, *days], turns
    return plain


def _descend(latest: Sequence[date], ahead: Sequence[bool], limit: date) -> tuple[list[date], int]:
    days: list[date] = []
    turns = 0
    reference = limit
    for day, early in zip(latest, ahead, strict=True):
        fitted = day
        if fitted > reference + _SLACK:
            fitted = _latest(day.month, day.day, min(limit, reference + _SLACK))
            turns += fitted.year < (days[-1].year if days else limit.year)
        days.append(fitted)
        if not early:
            reference = min(reference, fitted)
    return days, turns


def _best_on_page(document: Document, fetched_at: datetime, *, updated: bool) -> Found | None:
    lines = [line[:_LINE] for line in document.text().split("\n") if line.strip()]
    titles = _title_lines(document, lines)
    first = titles[0] if titles else -1
    best: tuple[tuple[int, bool, int], Found] | None = None
    title_set = set(titles)
    shown_titles = " ".join((document.title, *document.metas.get("articletitle", ())))
    near_title = {i + k for i in titles for k in range(_UNDER + 1) if i + k < len(lines)}
    for i in sorted(near_title | _telling(lines)):
        line = lines[i]
        if _MAY_DATE.search(line) is None:
            continue
        above = bisect_right(titles, i)
        last_title = titles[above - 1] if above else -_NEAR - 1
        text = line
        if i and len(lines[i - 1]) < 12 and "\n" not in lines[i - 1]:
            text = f"{lines[i - 1]}\n{line}"  # a label may stand on a line of its own
        if i not in near_title and not _may_tell(text):
            continue
        for found in scan(text, fetched_at=fetched_at):
            if found.start < len(text) - len(line):
                continue
            under = i - last_title <= 1 or (i - last_title == 2 and _is_short(lines[i - 1]))
            weight = _weight(found, line, near=i - last_title <= _NEAR, under_title=under, updated=updated)
            if weight is None and i in title_set and found.rank is Rank.PLAIN and not updated:
                weight = 3 if _follows_title(found, line, shown_titles) else None
            if weight is not None:
                key = (weight, i < first, i)
                if best is None or key < best[0]:
                    best = (key, found)
    return best[1] if best is not None else None


def _telling(lines: Sequence[str]) -> set[int]:
    """Lines of which `_may_tell` may be true, alone or together with the line before."""
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    whole, found = "\n".join(lines), set[int]()
    for pattern in (_MAY_LABEL, _MAY_INFORM):
        for match in pattern.finditer(whole):
            first, last = bisect_right(starts, match.start()) - 1, bisect_right(starts, match.end() - 1) - 1
            found.update(range(first, min(last + 2, len(lines))))
    return found


def _may_tell(text: str) -> bool:
    """Whether `_weight` can want a date of this text, where no title is near: quick, and right when it says no."""
    return _MAY_LABEL.search(text) is not None or (len(text) <= _INFORMS and _MAY_INFORM.search(text) is not None)


def _weight(found: Found, line: str, *, near: bool, under_title: bool, updated: bool) -> int | None:
    """How surely a date on this line is the article's own; None when it is not.

    A bare date counts only right under the title: further down it is the date a document is signed with (落款).
    """
    if updated:
        return 0 if found.rank is Rank.UPDATED else None
    if found.rank is Rank.PUBLISHED:
        return 0
    if _NOT_NEWS.search(line.lower()) or found.rank is not Rank.PLAIN:
        return None
    if found.info:
        return 1 if near else 2
    return 3 if under_title and _stands_alone(found, line) else None


def _is_short(line: str) -> bool:
    return len(line) <= 20 and _SENTENCE.search(line) is None


def _stands_alone(found: Found, line: str) -> bool:
    rest = squeeze(line).replace(found.stamp.raw, "", 1)
    return not rest.strip(" *[]()（）【】|：:时间日期")


def _follows_title(found: Found, line: str, titles: str) -> bool:
    """The date closes the title's line and is no part of the title."""
    return found.stamp.raw not in titles and squeeze(line).rstrip(" )）]】").endswith(found.stamp.raw)


def _title_lines(document: Document, lines: Sequence[str]) -> list[int]:
    """Lines that hold the article's title: by META ArticleTitle, else <title>, else the first <h1>."""
    names = [*document.metas.get("articletitle", ()), *_TITLE_END.split(document.title)[:1]]
    heading = document.root.find("h1")
    if heading is not None:
        names.append(" ".join(heading.text.split()))
    for name in names:
        key = "".join(name.split())[:16]
        if len(key) < 4:
            continue
        found = [
            i for i, line in enumerate(lines) if len(line) < 400 and key[0] in line and key in "".join(line.split())
        ]
        if found:
            return found
    return []


def _as_published(found: Found | None, fetched_at: datetime) -> Published:
    if found is None:
        return Published()
    today = in_china(fetched_at).date()
    day = resolve_years([found.stamp], as_of=today)[0]
    return Published(day, DateSource.SHOWN, found.stamp.raw) if day is not None else Published()
