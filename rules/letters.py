"""Messages that a site shows (留言, 来信): asked when, answered when, in what state.

Read from tables that have a head, else from lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from crawler.html import Document, squeeze
from crawler.outline import Outline
from crawler.page import Page
from crawler.rows import Row, groups
from crawler.stamps import scan
from crawler.urls import Joiner
from rules.once import once

_LONGEST = 16  # characters of a cell that tells a state
_HEADS = 3  # rows of a table among which its head stands
_MOST = 500  # messages of one page

_TITLE = re.compile(r"标题|主题|内容|名称|事由|问题|诉求")
_ASKED = re.compile(
    r"(?:来信|提交|咨询|留言|提问|写信|信件|信访|受理|收信|反映|登记|发布|创建|投诉|建议)(?:日期|时间)|^(?:日期|时间)$"
)
_ANSWERED = re.compile(r"(?:答复|回复|办结|办理|处理|反馈|回信|完成)(?:日期|时间)")
_STATE = re.compile(r"状态|(?:办理|处理|答复|回复)(?:情况|结果|进度)|是否(?:答复|回复|办结)|进度")
_ASKED_AT = re.compile(r"(?:来信|提交|咨询|留言|提问|写信|信件|受理|收信|反映|登记|投诉|建议)(?:日期|时间)\s*[:：]?")
_ANSWERED_AT = re.compile(r"(?:答复|回复|办结|办理|处理|反馈|回信)(?:日期|时间)\s*[:：]?")


class State(StrEnum):
    """How far a message has come, by the site's own words."""

    VOID = "void"  # not accepted, taken back
    WAITING = "waiting"  # nobody has answered
    PENDING = "pending"  # accepted or handed on, not said to be answered
    ANSWERED = "answered"
    UNTOLD = "untold"


# In this order: 未办结 is not 办结.
_STATES = (
    (State.VOID, re.compile(r"不予?(?:受理|公开|处理|答复|回复)|无效|退回|撤[回销]|作废|重复|已关闭|垃圾")),
    (
        State.WAITING,
        re.compile(r"(?:未|没有|尚未|还未|待|等待|暂无|暂未)(?:被)?(?:答复|回复|回信|处理|受理|回应)"),
    ),
    (
        State.PENDING,
        re.compile(
            r"(?:办理|处理|受理|审核|转办|交办|流转|核实|调查|答复|回复|解决)(?:之)?中|(?:延期|部门|分级)办理|正在(?:办理|处理|受理)|(?:已|待)(?:受理|转办|交办|分办|转交|批转|签收)|"
            r"(?:未|待|尚未)(?:办理|办结|审核|办|解决)|^受理$|^办理$"
        ),
    ),
    (
        State.ANSWERED,
        re.compile(
            r"(?:已|全部)?(?:答复|回复|办结|反馈|回信|解决|办毕|结案|公开)|(?:已|全部)(?:处理|办理)|(?:处理|办理)(?:完毕|完成|完结)|完成"
        ),
    ),
)
_YES_NO = {"是": "已回复", "否": "未回复"}  # below a head 是否回复
_BRACKET = re.compile(r"[\[【(（]([^\]】)）]{2,8})[\]】)）]")


@dataclass(frozen=True, slots=True)
class Letter:
    """One message of a list."""

    title: str
    url: str
    """Its own page; the list's where it has none."""
    asked: date | None
    answered: date | None
    state: State
    told: str
    """The words that tell the state; empty with UNTOLD."""
    labelled: bool
    """The dates are named as what they are: by a head, or by words before them."""
    blank: bool
    """The table has a column for the date of the answer, and this one's is empty."""


@once
def letters(page: Page) -> tuple[Letter, ...]:
    """The messages that stand on a list page, in its order; none where the page is no list of messages."""
    found = list(_of_tables(page))
    return tuple(found or _of_rows(page))[:_MOST]


def state_of(text: str) -> State:
    """What a short text says of a message.

    >>> [str(state_of(text)) for text in ("已办结", "未办结", "待回复", "不予受理", "县水务局")]
    ['answered', 'pending', 'waiting', 'void', 'untold']
    """
    plain = "".join(text.split())
    if not plain or len(plain) > _LONGEST:
        return State.UNTOLD
    return next((state for state, pattern in _STATES if pattern.search(plain)), State.UNTOLD)


def _of_tables(page: Page) -> Iterator[Letter]:
    joiner = _joiner(page)
    for table in page.document.root.select("table"):
        rows = [row for row in table.select("tr") if row.closest("table") is table]
        cells = [[cell for cell in row.select("td,th") if cell.closest("tr") is row] for row in rows]
        texts = [[squeeze(cell.text) for cell in row] for row in cells]
        at, head = next(((i, h) for i, row in enumerate(texts[:_HEADS]) if (h := _head(row))), (0, None))
        if head is None:
            continue
        for row, words in zip(cells[at + 1 :], texts[at + 1 :], strict=True):
            if len(words) != len(texts[at]):
                continue
            link = row[head.title].select_one("a[href]") or next(
                (a for cell in row if (a := cell.select_one("a[href]")) is not None), None
            )
            url = joiner.join(link.attr("href") or "").url if link is not None else None
            title = squeeze(link.attr("title") or "") if link is not None else ""
            yield _letter(page, head, words, title or words[head.title], url or page.url)


@dataclass(frozen=True, slots=True)
class _Head:
    """Which cell of a row holds what."""

    title: int
    asked: int | None
    answered: int | None
    state: int | None


def _head(row: Sequence[str]) -> _Head | None:
    names = ["".join(name.split()) for name in row]
    if len(names) < 2 or any(len(name) > _LONGEST for name in names):
        return None
    answered = _first(names, _ANSWERED, ())
    state = _first(names, _STATE, (answered,))
    asked = _first(names, _ASKED, (answered, state))
    title = _first(names, _TITLE, (answered, state, asked))
    if title is None or (state is None and answered is None):
        return None
    return _Head(title, asked, answered, state)


def _first(names: Sequence[str], pattern: re.Pattern[str], taken: tuple[int | None, ...]) -> int | None:
    return next((i for i, name in enumerate(names) if i not in taken and pattern.search(name)), None)


def _letter(page: Page, head: _Head, words: Sequence[str], title: str, url: str) -> Letter:
    at = page.answer.at
    answered = _day(words[head.answered], at) if head.answered is not None else None
    told = words[head.state] if head.state is not None else ""
    state = state_of(_YES_NO.get(told, told))
    if state is State.UNTOLD and answered is not None:
        state = State.ANSWERED
    return Letter(
        title=title,
        url=url,
        asked=_day(words[head.asked], at) if head.asked is not None else None,
        answered=answered,
        state=state,
        told=told,
        labelled=True,
        blank=head.answered is not None and not words[head.answered].strip("-—－/ 无"),
    )


def _of_rows(page: Page) -> Iterator[Letter]:
    joiner = _joiner(page)
    for group in groups(Outline.of(page.document), fetched_at=page.answer.at):
        found = [_of_row(page, joiner, row) for row in group.rows]
        if any(letter.state is not State.UNTOLD for letter in found):
            yield from found


def _of_row(page: Page, joiner: Joiner, row: Row) -> Letter:
    pieces = [squeeze(piece) for piece in row.beside.split("\n")]
    words = [word for piece in pieces for word in re.split(r"[\s|｜]+", piece) if word]
    words += _BRACKET.findall(row.title)
    told = next((word for word in words if state_of(_unlabelled(word)) is not State.UNTOLD), "")
    at = page.answer.at
    beside = "\n".join(pieces)
    asked, answered = _after(_ASKED_AT, beside, at), _after(_ANSWERED_AT, beside, at)
    labelled = asked is not None
    days = [found.stamp.as_date for found in scan(beside, fetched_at=at)]
    state = state_of(_unlabelled(told))
    if asked is None and answered is None and days:
        # Of two, the question comes first; the only date of one that waits is the question's.
        if len(days) > 1:
            asked, answered = days[0], days[1]
        elif state in (State.WAITING, State.PENDING):
            asked, labelled = days[0], True
    return Letter(
        title=row.title,
        url=(joiner.join(row.raw).url if row.raw else None) or page.url,
        asked=asked,
        answered=answered,
        state=state,
        told=told,
        labelled=labelled,
        blank=False,
    )


def _unlabelled(word: str) -> str:
    """状态：已回复 → 已回复; 答复时间：… tells no state."""
    label, colon, rest = word.replace("：", ":").partition(":")
    if not colon:
        return "" if re.search(r"日期|时间|单位|部门", word) else word
    return rest if _STATE.search(label) else ""


def _after(label: re.Pattern[str], text: str, at: datetime) -> date | None:
    """The date that a label names."""
    match = label.search(text)
    return _day(text[match.end() : match.end() + 40], at) if match is not None else None


def _day(text: str, at: datetime) -> date | None:
    """The first date of a text; None where there is none, or it has no year."""
    found = next(scan(text, fetched_at=at), None)
    return found.stamp.as_date if found is not None else None


def _joiner(page: Page) -> Joiner:
    document: Document = page.document
    joiner = Joiner(page.url)
    return Joiner(joiner.join(document.base).url or page.url) if document.base else joiner
