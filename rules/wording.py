"""Words that are written wrong wherever they stand; a list, no judgement of sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from crawler.message import say
from crawler.page import Page
from rules.engine.rule import Problem, rule
from rules.excerpt import excerpt
from rules.lexicon import table

_AROUND = 20
_WORD = 40
# The page speaks of the slip itself: “拔款”应为“拨款”.
_EXPLAINED = re.compile(r"[”\"』」]?\s*(?:应为|应改为|改为|误写|是错|系笔误)")
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Book:
    """The program's list and the operator's together."""

    right: Mapping[str, str]
    """Wrong → right."""
    words: frozenset[str]
    serious: frozenset[str]
    innocent: Mapping[str, tuple[str, ...]]
    """Wrong → longer strings in which it is not wrong."""


_books: list[tuple[Mapping[str, str], _Book]] = []


def _book(more: Mapping[str, str]) -> _Book:
    """Made once for each list of the operator's: pages ask by the thousand, and a list may have ten thousand words."""
    for known, book in _books:
        if known is more:
            return book
    data = table("wrong_words")
    right = {**data["serious"], **data["words"], **more}
    innocent = {word: tuple(longer) for word, longer in data["except"].items()}
    book = _Book(right, frozenset(right), frozenset(data["serious"]), innocent)
    _books[:] = [*_books[-3:], (more, book)]
    return book


def _terms(params: Mapping[str, Any]) -> frozenset[str]:
    return _book(params["more"]).words


@rule("wrong-word", each="page", terms=_terms)
def wrong_word(page: Page, *, more: Mapping[str, str] = _NONE) -> Iterator[Problem]:
    """页面有用词差错。

    查什么：
        标题、META 关键词和描述、正文里有没有固定的错写，如“拔款”“关健环节”“中华人民共合国”。错写和正确写法见
        rules/words/wrong_words.toml；本单位自己的错写名单写在设置文件的 wrong_words 里。
    为什么：
        检查指标“安全、泄密事故等严重问题”：出现严重表述错误的，单项否决。是不是严重由人判断，所以一律转人工复核，不扣分。
    参数：
        more：另外要查的字样，错写 = 正确写法；设置文件的 wrong_words 加在这里。
    例：
        “确保资金及时拔付”应为“拨付”。
    改法：
        改正后重新发布；同一稿件在别处转载的一并改正。
    局限：
        只认名单上的字样，不懂语法，也不查标点和重字；名单以外的错别字查不出来。引用原文、说明错别字的也会指出。
    """
    book = _book(more)
    there = page.terms(book.words)
    if not there:
        return
    text = page.words
    seen: dict[str, list[int]] = {}
    for match in _pattern(there).finditer(text):
        if not _is_innocent(match, text, book):
            seen.setdefault(match[0].lower(), []).append(match.start())
    names = {word.lower(): word for word in there}
    for low, places in seen.items():
        wrong = names[low]
        right, count, at = book.right[wrong], len(places), places[0]
        shown, better = excerpt(wrong, _WORD), excerpt(right, _WORD)
        yield Problem(
            at=page.url,
            message=say(
                "“{wrong}”疑为“{right}”之误，属重要名称或提法，共{count}处", wrong=shown, right=better, count=count
            )
            if wrong in book.serious
            else say("“{wrong}”疑为“{right}”之误，共{count}处", wrong=shown, right=better, count=count),
            excerpt=excerpt(text[max(at - _AROUND, 0) : at + len(wrong) + _AROUND]),
            certain=False,
            expected=say("写作“{right}”", right=better),
            found=say("写作“{wrong}”", wrong=shown),
            key=wrong,
        )


def _pattern(words: frozenset[str]) -> re.Pattern[str]:
    # The longest first: 防讯抗旱 is one slip, not two.
    return re.compile("|".join(map(re.escape, sorted(words, key=lambda w: (-len(w), w)))), re.IGNORECASE)


def _is_innocent(match: re.Match[str], text: str, book: _Book) -> bool:
    if _EXPLAINED.match(text, match.end()):
        return True
    for longer in book.innocent.get(match[0], ()):
        start = match.start() - longer.find(match[0])
        if start >= 0 and text.startswith(longer, start):
            return True
    # A right form may hold the wrong one: what is written right is no slip.
    right = book.right.get(match[0], "")
    at = right.find(match[0])
    return at >= 0 and text.startswith(right, max(match.start() - at, 0))
