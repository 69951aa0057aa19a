"""Numbers of persons that a page shows to everybody. Nothing that is written from here holds a whole number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from crawler.message import Message, say
from crawler.numbers import Number, NumberKind, find, mask
from crawler.page import Page
from rules.engine.rule import Problem, rule
from rules.excerpt import excerpt
from rules.lexicon import table

# The worked examples of GB 11643-1999, which explanations of the number quote.
_EXAMPLES = frozenset({"440524188001010014", "11010519491231002X"})
_BEFORE = 24  # characters in which a label stands
_AFTER = 8
_SEVERAL = 2
_BREAK = re.compile(r"[。；;！!？?]")
_KINDS: Mapping[NumberKind, Message] = {
    NumberKind.RESIDENT: say("居民身份证号码"),
    NumberKind.MOBILE: say("个人手机号码"),
    NumberKind.CARD: say("银行卡号"),
}


def _words(name: str) -> frozenset[str]:
    return frozenset(table("privacy")[name])


def _terms(_: Mapping[str, Any]) -> frozenset[str]:
    return _words("personal")


@rule("exposed-identity", each="page", terms=_terms)
def exposed_identity(
    page: Page, *, kinds: tuple[Literal["resident", "mobile", "card"], ...] = ("resident", "mobile", "card")
) -> Iterator[Problem]:
    """页面公开了居民身份证号码、个人手机号码或银行卡号。

    查什么：
        标题和正文里有没有完整的居民身份证号码（18位，校验码、出生日期、省级代码都对）、银行卡号（校验位和发卡机构代码都对）、
        个人手机号码。中间有空格、短横，用全角数字写的，也算；已经打了星号的不算。
    为什么：
        公开涉及个人隐私的政府信息会损害第三方合法权益，行政机关不得公开（《政府信息公开条例》第十五条）。公示名单、附表里
        忘了隐去号码，是通报中常见的问题。
    参数：
        kinds：查哪几种，resident 居民身份证号码，mobile 个人手机号码，card 银行卡号。
    例：
        临时救助公示名单里写着完整的身份证号码。本程序的提示和报告里只写“35*************123”“138****1234”。
    改法：
        立即撤下或隐去号码（身份证号码隐去中间13位，手机号码隐去中间4位，住址只写到乡镇、街道），同时处理附件和搜索引擎快照。
    局限：
        附件和图片里的看不到。统一社会信用代码、订单号、文号、图片名称、单位账号不算；填表示例、惩戒公示里的，没有“身份证”
        字样而只有一个的，转人工复核。手机号码只看个人信息名单里的（两个以上），一律转人工复核；机关和工作人员对外公布的
        联系电话不算。
    """
    seen = page.numbers
    if seen == {NumberKind.MOBILE} and not page.terms(_words("personal")):
        return
    wanted = seen.intersection(map(NumberKind, kinds))
    if not wanted:
        return
    text = page.words
    for kind in (k for k in NumberKind if k in wanted):
        found = [n for n in find(text) if n.kind is kind and n.digits not in _EXAMPLES and _is_personal(n, text)]
        different = list({number.digits: number for number in found}.values())
        if not different or (kind is NumberKind.MOBILE and len(different) < _SEVERAL):
            continue
        first = different[0]
        yield Problem(
            at=page.url,
            message=say(
                "页面公开了{count}个{kind}，如 {number}", count=len(different), kind=_KINDS[kind], number=mask(first)
            ),
            excerpt=excerpt(_line(first, text)),
            certain=_is_certain(kind, different, page) and not page.saved,
            expected=say("不公开个人的号码，或者隐去中间各位"),
            found=say("有{count}个完整的{kind}", count=len(different), kind=_KINDS[kind]),
            key=kind.value,
        )


def _is_personal(number: Number, text: str) -> bool:
    """What stands around it does not say that it is something else."""
    before, after = _around(number, text)
    if number.kind is NumberKind.RESIDENT:
        return _last(before, "identity") >= _last(before, "codes")
    if number.kind is NumberKind.CARD:
        line = _line(number, text)
        return _last(before, "codes") < 0 and not any(word in line for word in _words("offices"))
    near = before + after
    return _last(before, "codes") < 0 and not any(word in near for word in _words("contacts"))


def _is_certain(kind: NumberKind, found: list[Number], page: Page) -> bool:
    text, title = page.words, page.title
    if kind is NumberKind.MOBILE or any(word in title for word in _words("lawful")):
        return False
    if all(any(word in _line(n, text) for word in _words("samples")) for n in found):
        return False
    if any(word in title for word in _words("samples")):
        return False
    labels = _words("identity" if kind is NumberKind.RESIDENT else "cards")
    return any(label in text for label in labels) or (kind is NumberKind.RESIDENT and len(found) >= _SEVERAL)


def _around(number: Number, text: str) -> tuple[str, str]:
    """What stands before and after it in the same sentence."""
    before = text[max(number.start - _BEFORE, 0) : number.start].rpartition("\n")[2]
    after = text[number.stop : number.stop + _AFTER].partition("\n")[0]
    return _BREAK.split(before)[-1], _BREAK.split(after)[0]


def _last(before: str, words: str) -> int:
    """Where the last of these words begins; -1 where none is."""
    return max((before.rfind(word) for word in _words(words)), default=-1)


def _line(number: Number, text: str) -> str:
    start, stop = text.rfind("\n", 0, number.start) + 1, text.find("\n", number.stop)
    line = text[max(start, number.start - 80) : min(stop if stop >= 0 else len(text), number.stop + 80)]
    return " ".join(line.split())
