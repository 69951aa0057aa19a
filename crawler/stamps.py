"""A date as it is written: on a list row, near a title, in a META. What it means is for `crawler/dates.py`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import IntEnum
from functools import lru_cache

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has kept UTC+8 without summer time since 1992; a fixed offset needs no zone files on Windows."""

# One character for one, so that positions in the folded text are positions in the original.
_FOLD = str.maketrans(
    "０１２３４５６７８９－–—‐‑−／．：∶︰﹕（［【〔「『〖）］】〕」』〗｜～〜　\xa0\u2002\u2003\u2009\u202f\t\r",
    "0123456789------/.::::([[[[[[)]]]]]]|~~        ",
)
# A line break may part two elements of one date: read as white space.
_S = r"\s{0,8}"
_YEAR = r"(?:199\d|20\d\d|2100)"
_FORMS = tuple(
    form.replace("Y!", f"(?P<y{n}>{_YEAR})")
    .replace("M!", rf"(?P<m{n}>\d{{1,2}})")
    .replace("D!", rf"(?P<d{n}>\d{{1,2}})")
    .replace("_", _S)
    for n, form in enumerate(
        (
            r"Y!_年_M!_月_D!_[日号]?",  # 2026年11月3日
            r"Y!_(?P<sep>[-/.])_M!_(?P=sep)_D!日?",  # 2026-11-03, 2026/11/3, 2026.11.03
            r"Y!年?_[|/]?\s_M!_[-./月]_D!日?",  # 2026 | 11-03 over two elements
            r"Y!_[-./年]_M!月?_[|/]?\s_D!日?(?!\s*月)",  # 2026-11 | 03
            r"D!日?(?:\s|[/|])_[/|]?_Y!_[-./年]_M!月?",  # 03 / 2026-11
            r"M!_[-./月]_D!日?_[|]?\s_Y!年?",  # 11-03 | 2026
            r"M!_月_D!_[日号]?",  # 11月3日
            r"D!日?_\s_M!月",  # 03 | 11月
        )
    )
)
_COUNT = len(_FORMS)
_DATE = re.compile(
    r"(?<![0-9A-Za-z_./\-年])(?:"
    + "|".join(_FORMS)
    + rf"|(?P<y{_COUNT}>{_YEAR})(?P<m{_COUNT}>\d\d)(?P<d{_COUNT}>\d\d)"  # 20261103
    + rf"|(?P<m{_COUNT + 1}>\d{{1,2}})-(?P<d{_COUNT + 1}>\d{{1,2}})"  # 11-03
    + rf"|(?P<m{_COUNT + 2}>\d\d)/(?P<d{_COUNT + 2}>\d\d)"  # 11/03: two digits each, for 1/20 is a pager
    + rf"|(?P<y{_COUNT + 3}>[0-3]\d|9\d)-(?P<m{_COUNT + 3}>\d\d)-(?P<d{_COUNT + 3}>\d\d)"  # 26-11-03
    + r")(?![0-9年月日号%]|[./:]\d|-(?!(?:199|20\d)\d)\d|[A-SU-Za-z_])"
)
_AGO = re.compile(
    r"(?P<word>今天|今日|昨天|昨日|前天|刚刚)(?!\s*[:是])|(?P<n>\d{1,3})\s?(?P<unit>秒钟?|分钟|个?小时|天)之?前"
)
_TIME = re.compile(
    r"(?P<half>凌晨|早上|上午|中午|下午|晚上)?\s?(?P<hour>\d{1,2})(?::|时)(?P<minute>\d{2})(?:(?::|分)(?P<second>\d{2})(?:\.\d{1,9})?)?分?秒?"
    r"(?:\s?(?P<zone>Z|[+-]\d{2}:?\d{2}))?(?![\d:])"
)
_WEEKDAY = re.compile(r"[(\[](?:星期|周)[一二三四五六日天][)\]]|(?:星期|周)[一二三四五六日天]")
MAY_HOLD = re.compile(r"[\d０-９]|今[天日]|昨[天日]|前天|刚刚")
# Written dates that are not read: 二〇二六年十一月十八日, 十一月十八日, Nov 18, 2026, 18 November 2026.
_MONTH_NAME = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_UNREAD = re.compile(
    r"(?:[〇零○O0一二三四五六七八九]{4}\s?年\s?)?[一二三四五六七八九十]{1,3}\s?月\s?[一二三四五六七八九十]{1,3}\s?[日号]"
    rf"|(?<![a-z]){_MONTH_NAME}\s?\d{{1,2}}(?:st|nd|rd|th)?,?\s?(?:19|20)\d\d(?!\d)"
    rf"|(?<!\d)\d{{1,2}}(?:st|nd|rd|th)?[\s-]{_MONTH_NAME}[\s,-]{{0,2}}(?:19|20)\d\d(?!\d)",
    re.IGNORECASE,
)
_WRITTEN = re.compile(r"(?<![\d./-])(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?![\d.-])")
_PLACEHOLDERS = frozenset({"0000-00-00", "0001-01-01", "1900-01-01", "1970-01-01", "9999-12-31"})
_ALONE = re.compile(r"[\s\[\]()|,，、]*")
_CJK = re.compile(r"[\u4e00-\u9fff]")
_SPACE = re.compile(r"\s+")

_NOUN = r"(?:时间|日期|时刻)"
_PUBLISHED = re.compile(rf"(?:(?:发布|公布|发表|发稿|公开|上网|上传|刊发|刊登|发出){_NOUN}|发布于|发表于)$")
_ISSUED = re.compile(rf"(?:成文|发文|生成|印发|签发|制发|签署|制定|形成){_NOUN}?$")
_UPDATED = re.compile(rf"(?:更新|修改){_NOUN}?$")
_STARTED = re.compile(rf"(?:(?:开始|起始|起止|征集|公示|调查|发起|受理){_NOUN}|公示期限?)$")
_PLAIN = re.compile(
    rf"(?:^|[^\u4e00-\u9fff]|信息|录入|添加|入库|创建|提交|来信|留言|写信|答复|回复|办结|新闻|文章){_NOUN}$"
)
_OTHER = re.compile(
    rf"(?:{_NOUN}|有效期|截止|截至|施行|实施|生效|废止|失效|到期|结束|终止|执行|今天是?|今日是?|现在是?|农历|民国)$"
)
# What may follow a date directly on a page's information line; any other word makes it running text.
_AFTER = re.compile(
    r"\s*(?:来源|信息来源|稿源|作者|编辑|责任|浏览|阅读|点击|访问|发布|更新|字号|字体|打印|分享|星期|周[一二三四五六日])"
)
_INFO = re.compile(r"来源|稿源|作者|责编|编辑|浏览|阅读|点击|访问|字号|字体|打印|分享|关闭")
_RUNNING = re.compile(r"(?:于|至|到|自|从|在|期|年|是|为|民国)$")
# 浏览：2015 | 11-03 is a count and a date without a year.
_VIEWS = re.compile(r"(?:浏览|阅读|点击|访问|人气)[量数次]{0,2}[\s:]*$")
_PROSE = re.compile(r"[。；！？;!?]")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A written date. `year` is None where only month and day stand (`11-03`); a relative one has its year already."""

    year: int | None
    month: int
    day: int
    time: str | None
    """`HH:MM` or `HH:MM:SS`, China time; None where no time stands."""
    raw: str
    """As it stands in the page, white space collapsed."""

    @property
    def as_date(self) -> date | None:
        """The day; None without a year."""
        return None if self.year is None else date(self.year, self.month, self.day)


class Rank(IntEnum):
    """How well a date's surroundings say that it is the date of publication; smaller is better."""

    PUBLISHED = 0  # 发布日期：
    PLAIN = 1  # alone, or 日期：
    STARTED = 2  # 征集时间：, the first day of a range
    UPDATED = 3  # 更新时间：
    ISSUED = 4  # 成文日期：, 生成日期： — the document's own date
    NEVER = 5  # 施行日期, 截止时间, running text


_ABOVE = re.compile(rf"{_NOUN}$|^(?:至|到|[-~]+)$")
_RANKS = (
    (_PUBLISHED, Rank.PUBLISHED),
    (_ISSUED, Rank.ISSUED),
    (_UPDATED, Rank.UPDATED),
    (_STARTED, Rank.STARTED),
    (_OTHER, Rank.NEVER),
)


@dataclass(frozen=True, slots=True)
class Found:
    stamp: Stamp
    rank: Rank
    start: int
    end: int
    info: bool
    """It stands on an information line: 来源, 浏览, 字号 beside it."""
    labelled: bool


def fold(text: str) -> str:
    """Full-width digits, colons, brackets and spaces as ASCII; same length as `text`."""
    return text.translate(_FOLD)


def in_china(moment: datetime) -> datetime:
    """A moment in China time; one without a zone is taken as China time already."""
    return moment.replace(tzinfo=CHINA) if moment.tzinfo is None else moment.astimezone(CHINA)


def read(text: str, *, fetched_at: datetime) -> Stamp | None:
    """The date that a whole string is: a label (发布时间：), brackets, a weekday and a time are tolerated.

    None when it is not a date, is impossible (2026-02-30), lies outside 1990–2100, counts in 民国 years, or is
    labelled as something else than publication (成文日期, 截止时间). Relative dates count from `fetched_at`.
    """
    # Asked of every text of a page: only what may be a date is worth remembering.
    return _read(text, fetched_at) if text and len(text) <= 80 and MAY_HOLD.search(text) is not None else None


@lru_cache(maxsize=1024)
def _read(text: str, fetched_at: datetime) -> Stamp | None:
    for found in scan(text, fetched_at=fetched_at):
        if found.rank not in (Rank.PUBLISHED, Rank.PLAIN, Rank.UPDATED):
            return None
        folded = fold(text)
        before = _SPACE.sub("", folded[: found.start]).strip("[]()|*·:")
        for label in (_PUBLISHED, _UPDATED, _PLAIN):
            before = label.sub("", before)
        before = _TIME.sub("", _WEEKDAY.sub("", before))
        whole = not before and _ALONE.fullmatch(folded, found.end) is not None
        return found.stamp if whole else None
    return None


@lru_cache(maxsize=1024)
def find_shown(row: str, *, fetched_at: datetime) -> Stamp | None:
    """The publication date in a list row without its link's text. Lines of `row` are its pieces (elements, cells).

    A date labelled 发布日期 wins; of several unlabelled ones the last that is not in the future, since tables put the
    document's own date (成文) before the date of publication; a range (征集, 公示) counts from its first day. Dates in
    running text, of documents, deadlines and events do not count.
    """
    found = [f for f in scan(row, fetched_at=fetched_at) if f.rank <= Rank.UPDATED]
    if not found:
        return None
    best = min(f.rank for f in found)
    stamps = [f.stamp for f in found if f.rank == best]
    if best is not Rank.PLAIN:
        return stamps[0]
    limit = in_china(fetched_at).date() + timedelta(days=1)
    past = [s for s in stamps if s.as_date is None or s.as_date <= limit]
    return past[-1] if past else stamps[0]


@lru_cache(maxsize=1024)
def find_issued(row: str, *, fetched_at: datetime) -> Stamp | None:
    """The document's own date (成文日期, 生成日期, 印发日期) in a row: older than its publication, so a last resort."""
    return next((f.stamp for f in scan(row, fetched_at=fetched_at) if f.rank is Rank.ISSUED), None)


def scan(text: str, *, fetched_at: datetime) -> Iterator[Found]:
    """Every date in `text` with the rank its surroundings give it, in order."""
    if MAY_HOLD.search(text) is None:
        return
    folded = fold(text)
    last_end = 0
    for match in _matches(folded):
        stamp, end = _stamp(match, folded, text, fetched_at)
        if stamp is None:
            continue
        rank, labelled, info = _rank(folded, match, end, last_end)
        if rank is Rank.STARTED and not labelled and stamp.time:
            rank = Rank.PLAIN
        yield Found(stamp, rank, match.start(), end, info, labelled)
        last_end = end


def unreadable(text: str) -> str:
    """The first date in `text` that a person reads and this program does not; empty when there is none.

    It dates nothing, but it forbids saying that no date is there.
    """
    wrong = impossible(text)
    if wrong:
        return wrong
    match = _UNREAD.search(fold(text))
    return _SPACE.sub(" ", text[match.start() : match.end()]).strip() if match is not None else ""


def impossible(text: str) -> str:
    """The first date in `text` that no calendar has (2026-02-30), or that stands for none (0000-00-00, 1970-01-01); as
    it is written, empty when there is none."""
    for match in _WRITTEN.finditer(fold(text)):
        year, month, day = (int(match[n]) for n in (1, 2, 3))
        placeholder = match[0] in _PLACEHOLDERS
        if placeholder or (1990 <= year <= 2100 and not possible(year, month, day)):
            return text[match.start() : match.end()]
    return ""


def possible(year: int | None, month: int, day: int) -> bool:
    """Whether the calendar has this day; without a year, whether any year has it."""
    try:
        date(2000 if year is None else year, month, day)
    except ValueError:
        return False
    return True


def _matches(folded: str) -> Iterator[re.Match[str]]:
    if "前" in folded or "今" in folded or "昨" in folded or "刚" in folded:
        yield from sorted([*_DATE.finditer(folded), *_AGO.finditer(folded)], key=lambda m: m.start())
    else:
        yield from _DATE.finditer(folded)


def _stamp(match: re.Match[str], folded: str, text: str, fetched_at: datetime) -> tuple[Stamp | None, int]:
    groups = match.groupdict()
    start, end = match.span()
    if "unit" in groups:
        day = _relative(groups["word"], groups["n"], groups["unit"], fetched_at)
        year, month, day_of_month = (day.year, day.month, day.day) if day is not None else (None, 0, 0)
    else:
        year, month, day_of_month = _numbers(groups)
        if groups["y2"] and _VIEWS.search(folded, max(0, match.start() - 16), match.start()):
            year, start = None, match.start("m2")
    if not possible(year, month, day_of_month):
        return None, end
    weekday = _WEEKDAY.match(folded, _skip(folded, end))
    end = weekday.end() if weekday else end
    at = _skip(folded, end, also="T|,(")
    clock = _TIME.match(folded, at)
    time = None
    if clock and int(clock["hour"]) < 25 and int(clock["minute"]) < 60:
        hour = int(clock["hour"]) + (12 if clock["half"] in ("下午", "晚上") and int(clock["hour"]) < 12 else 0)
        time = f"{hour:02}:{clock['minute']}" + (f":{clock['second']}" if clock["second"] else "")
        end = clock.end()
        if clock["zone"] and year is not None:
            year, month, day_of_month, time = _to_china(year, month, day_of_month, time, clock["zone"])
    raw = _SPACE.sub(" ", text[start:end]).strip()
    return Stamp(year, month, day_of_month, time, raw), end


def _numbers(groups: dict[str, str | None]) -> tuple[int | None, int, int]:
    n = next(name[1:] for name, value in groups.items() if name[0] == "d" and value is not None)
    year = groups.get(f"y{n}")
    if year is not None and len(year) == 2:
        year = f"{'19' if year[0] == '9' else '20'}{year}"
    return (int(year) if year else None, int(groups[f"m{n}"] or 0), int(groups[f"d{n}"] or 0))


def _relative(word: str | None, count: str | None, unit: str | None, fetched_at: datetime) -> date | None:
    now = in_china(fetched_at)
    if word is not None:
        days = {"昨": 1, "前": 2}.get(word[0], 0)
        return (now - timedelta(days=days)).date()
    n = int(count or 0)
    if unit is None:
        return None
    if unit[0] == "天":
        return (now - timedelta(days=n)).date()
    return (now - (timedelta(hours=n) if "小时" in unit else timedelta(minutes=n if unit[0] == "分" else 0))).date()


def _to_china(year: int, month: int, day: int, time: str, zone: str) -> tuple[int, int, int, str]:
    hours, minutes = (0, 0) if zone == "Z" else (int(zone[1:3]), int(zone[-2:]))
    if hours > 14 or minutes > 59:
        return year, month, day, time
    offset = timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)
    clock = [int(part) for part in time.split(":")]
    moment = datetime(year, month, day, tzinfo=UTC) + timedelta(hours=clock[0], minutes=clock[1]) - offset
    there = moment.astimezone(CHINA)
    seconds = f":{clock[2]:02}" if len(clock) > 2 else ""
    return there.year, there.month, there.day, f"{there:%H:%M}{seconds}"


def _rank(folded: str, match: re.Match[str], end: int, last_end: int) -> tuple[Rank, bool, bool]:
    """The rank, whether a label decided it, and whether the line is an information line."""
    start = match.start()
    line_start = folded.rfind("\n", max(0, start - 120), start) + 1 or max(0, start - 120)
    line_end = folded.find("\n", end, end + 120)
    line = folded[line_start : line_end if line_end >= 0 else end + 120]
    info = _INFO.search(line) is not None
    near = folded[max(last_end, line_start, start - 40) : start]
    label = _label(near) or _label_above(folded[max(last_end, start - 40) : start])
    words = near.rstrip(" :[(\n").split()
    plain = _PLAIN.search(label) is not None or (bool(words) and _PLAIN.match(words[-1]) is not None)
    for pattern, rank in _RANKS:
        if pattern.search(label) and not (plain and rank is Rank.NEVER):
            return rank, True, info
    ends_range = last_end > 0 and re.fullmatch(r"[)\]]?(?:至|到|[-~]+)[(\[]?", label) is not None
    if ends_range or _is_running(folded, start, end, near, line, plain=plain):
        return Rank.NEVER, plain or ends_range, info
    begins_range = re.match(r"\s*(?:至|到|[-~])+\s*\d", folded[end : end + 12]) is not None
    return (Rank.STARTED if begins_range else Rank.PLAIN), plain, info


def _label(near: str) -> str:
    """The words before a date, without the spaces that spread them (日　期：)."""
    return _SPACE.sub("", near).rstrip("[(").rstrip(":")


def _label_above(near: str) -> str:
    """A label that stands as an element of its own before the date's element."""
    label = _label(near)
    return label if _ABOVE.search(label) or _SPACE.sub("", near).endswith(":") else ""


def _is_running(folded: str, start: int, end: int, near: str, line: str, *, plain: bool) -> bool:
    """A date within a sentence: words touch it, or the line it stands on is prose."""
    after = folded[end : end + 8]
    info_follows = _AFTER.match(after) is not None
    if after[:1] and (_CJK.match(after) or after[0] in "，、“《") and not info_follows:
        return re.match(r"[至到]\s*\d", after) is None
    if plain:
        return False
    if _RUNNING.search(_SPACE.sub("", near)):
        return True
    if near and _CJK.match(near[-1]) and "月" in folded[start:end]:
        return True
    if info_follows:
        return False
    return _PROSE.search(line) is not None or len(_CJK.findall(line)) > 36


def _skip(folded: str, at: int, also: str = "") -> int:
    stop = min(len(folded), at + 8)
    while at < stop and (folded[at].isspace() or folded[at] in also):
        at += 1
    return at
