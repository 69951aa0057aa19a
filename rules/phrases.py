"""Set phrases that were written with one character too many, too few, or another. The list is the office's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crawler.message import say
from crawler.page import Page
from rules.engine.rule import Problem, rule
from rules.excerpt import excerpt

_AROUND = 20
_SHOWN = 40
_SHORTEST = 6  # characters: halves of less stand everywhere


def _terms(params: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(half for phrase in params["phrases"] if len(phrase) >= _SHORTEST for half in _halves(phrase))


@rule("altered-phrase", each="page", terms=_terms, office=("phrases", "set_phrases"))
def altered_phrase(page: Page, *, phrases: tuple[str, ...] = ()) -> Iterator[Problem]:
    """页面把固定提法写走了样。

    查什么：
        设置文件的 set_phrases 名单上的固定提法（六个字以上），标题、META 关键词和描述、正文里有没有写错一个字、多一个
        字、少一个字或者前后两个字颠倒的。
    为什么：
        检查指标“安全、泄密事故等严重问题”：出现严重表述错误的，单项否决。是不是错、是不是严重，由人判断，所以一律转人工复核。
    参数：
        phrases：固定提法的正确写法；设置文件的 set_phrases 加在这里。
    例：
        名单上有“扫黑除恶专项斗争”，页面上写的是“扫黑险恶专项斗争”。
    改法：
        按正确写法改正；另一种正确的提法写进名单，就不再提示。
    局限：
        只看相差一个字的；首字、末字不同的可能是另一个提法，不提示。只差标点和空格的不提示。没有设置名单的不检查。
    """
    wanted = {phrase: _halves(phrase) for phrase in phrases if len(phrase) >= _SHORTEST}
    there = page.terms(frozenset(half for halves in wanted.values() for half in halves))
    if not there:
        return
    text, right = page.words, frozenset(phrases)
    for phrase, halves in wanted.items():
        if there.isdisjoint(halves):
            continue
        found: dict[str, list[int]] = {}
        for start, stop in _alike(text, phrase):
            if not any(text.startswith(other, start) for other in right):
                found.setdefault(text[start:stop], []).append(start)
        for written, places in found.items():
            at = places[0]
            shown, better = excerpt(written, _SHOWN), excerpt(phrase, _SHOWN)
            yield Problem(
                at=page.url,
                message=say("“{wrong}”疑为“{right}”之误，共{count}处", wrong=shown, right=better, count=len(places)),
                excerpt=excerpt(text[max(at - _AROUND, 0) : at + len(written) + _AROUND]),
                certain=False,
                expected=say("写作“{right}”", right=better),
                found=say("写作“{wrong}”", wrong=shown),
                key=written,
            )


def _halves(phrase: str) -> tuple[str, str]:
    """One slip spares one of them."""
    middle = len(phrase) // 2
    return phrase[:middle], phrase[middle:]


def _alike(text: str, phrase: str) -> Iterator[tuple[int, int]]:
    """Where the text is the phrase but for one slip within."""
    first, second = _halves(phrase)
    for at in _places(text, first):
        for length in (0, -1, 1):
            stop = at + len(phrase) + length
            if is_slip(text[at:stop], phrase):
                yield at, stop
                break
    for at in _places(text, second):
        for length in (0, -1, 1):
            start = at - len(first) - length
            if start >= 0 and is_slip(text[start : at + len(second)], phrase):
                yield start, at + len(second)
                break


def _places(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def is_slip(written: str, phrase: str) -> bool:
    """One character within is another, too many or missing, or two stand in each other's place.

    >>> is_slip("扫黑险恶专项斗争", "扫黑除恶专项斗争"), is_slip("扫黑除恶专项斗争", "扫黑除恶专项斗争")
    (True, False)
    """
    shorter = min(len(written), len(phrase))
    head = _common(written, phrase, shorter)
    tail = _common(written[::-1], phrase[::-1], shorter - head)
    if head == 0 or tail == 0:
        return False  # the same, or another phrase that begins or ends otherwise
    was, now = phrase[head : len(phrase) - tail], written[head : len(written) - tail]
    if len(was) > 1 or len(now) > 1:
        return len(was) == 2 and now == was[::-1]
    return (was + now).isalnum()


def _common(a: str, b: str, most: int) -> int:
    """How many characters the two begin with alike."""
    return next((i for i in range(most) if a[i] != b[i]), most)
