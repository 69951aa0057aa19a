"""Numbers of persons that a page, or a file on it, shows to everybody. Nothing that is written from here holds a whole
number."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote

from crawler.file_clues import UNREAD, File
from crawler.message import Message, say
from crawler.numbers import NumberKind
from crawler.page import Page
from crawler.sightings import Sighting, sightings
from crawler.snapshot import NotGathered
from rules.engine.rule import Problem, rule
from rules.excerpt import excerpt
from rules.lexicon import table

_SEVERAL = 2
_NAME = 40  # characters of a file's name
_BREAK = re.compile(r"[。；;！!？?]")
_KINDS: Mapping[NumberKind, Message] = {
    NumberKind.RESIDENT: say("居民身份证号码"),
    NumberKind.MOBILE: say("个人手机号码"),
    NumberKind.CARD: say("银行卡号"),
}


def _words(name: str) -> frozenset[str]:
    return frozenset(table("privacy")[name])


def _terms(_: Mapping[str, Any]) -> frozenset[str]:
    return _words("personal") | _words("identity") | _words("cards")


@rule("exposed-identity", each="page", needs={"attachments"}, terms=_terms)
def exposed_identity(
    page: Page, *, kinds: tuple[Literal["resident", "mobile", "card"], ...] = ("resident", "mobile", "card")
) -> Iterator[Problem]:
    """页面或附件公开了居民身份证号码、个人手机号码或银行卡号。

    查什么：
        标题、正文和本网站的附件里有没有完整的居民身份证号码（18位，校验码、出生日期、省级代码都对）、银行卡号（校验位和
        发卡机构代码都对）、个人手机号码。中间有空格、短横，用全角数字写的，也算；已经打了星号的不算。附件读取PDF、Word
        （.docx）、Excel和WPS表格（.xlsx、.xls、.et，包括隐藏的工作表）、OFD、CSV和文本文件，指出在第几页、第几行。
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
        扫描件、图片、加密文件、旧版Word文档（.doc）、压缩包和超过数量、大小上限的附件看不到，列为未检查；只读取打开了的页面上
        本网站的附件。统一社会信用代码、订单号、文号、图片名称、单位账号不算；填表示例、惩戒公示里的，没有“身份证”字样而
        只有一个的，转人工复核。手机号码只看个人信息名单里的（两个以上），一律转人工复核；机关和工作人员对外公布的联系电话
        不算。
    """
    wanted = frozenset(map(NumberKind, kinds))
    if page.numbers & wanted and not (page.numbers == {NumberKind.MOBILE} and not page.terms(_words("personal"))):
        yield from _exposed(_of_page(page), wanted)
    for file in page.files:
        if file.clues.sightings:
            yield from _exposed(_of_file(file, page), wanted)
    missed = [file for file in page.files if file.clues.unread is not None]
    if missed:
        raise NotGathered(_unread(missed), places=tuple(file.url for file in missed))


@dataclass(frozen=True, slots=True)
class _Text:
    """A page or a file as this rule sees it."""

    at: str
    on: str | None
    column: str | None
    name: str
    """Of a file; empty for a page."""
    title: str
    seen: tuple[Sighting, ...]
    has: Callable[[Collection[str]], bool]
    """One of these words stands in it."""
    saved: bool


def _of_page(page: Page) -> _Text:
    text = page.words

    def has(words: Collection[str]) -> bool:
        return any(word in text for word in words)

    return _Text(page.url, None, None, "", page.title, tuple(sightings(text)), has, page.saved)


def _of_file(file: File, page: Page) -> _Text:
    name, clues = file_name(file), file.clues

    def has(words: Collection[str]) -> bool:
        return not clues.terms.isdisjoint(words)

    title = f"{name} {file.text} {page.title}"
    return _Text(file.url, page.url, page.column or None, name, title, clues.sightings, has, page.saved)


def file_name(file: File) -> str:
    """What a person calls it: the link's text, else the name in its address."""
    text = " ".join(file.text.split()) or unquote(file.url.partition("?")[0].rstrip("/").rpartition("/")[2])
    return excerpt(text, _NAME)


def _exposed(text: _Text, wanted: Collection[NumberKind]) -> Iterator[Problem]:
    if {one.kind for one in text.seen} == {NumberKind.MOBILE} and not text.has(_words("personal")):
        return
    for kind in (k for k in NumberKind if k in wanted):
        found = [one for one in text.seen if one.kind is kind and _is_personal(one)]
        different = list({one.which: one for one in reversed(found)}.values())[::-1]
        if not different or (kind is NumberKind.MOBILE and len(different) < _SEVERAL):
            continue
        first, count = different[0], len(different)
        yield Problem(
            at=text.at,
            on=text.on,
            column=text.column,
            message=_message(text.name, first, count),
            excerpt=excerpt(first.line),
            certain=_is_certain(kind, different, text) and not text.saved,
            expected=say("不公开个人的号码，或者隐去中间各位"),
            found=say("有{count}个完整的{kind}", count=count, kind=_KINDS[kind]),
            key=kind.value,
        )


def _message(name: str, first: Sighting, count: int) -> Message:
    kind = _KINDS[first.kind]
    if not name or first.where is None:
        return say("页面公开了{count}个{kind}，如 {number}", count=count, kind=kind, number=first.shown)
    return say(
        "附件“{name}”公开了{count}个{kind}，如 {number}（{where}）",
        name=name,
        count=count,
        kind=kind,
        number=first.shown,
        where=first.where,
    )


def _unread(files: Sequence[File]) -> Message:
    first = files[0]
    why = UNREAD[first.clues.unread] if first.clues.unread is not None else say("没有读取")
    if len(files) == 1:
        return say("附件“{name}”{why}", name=file_name(first), why=why)
    return say("{count}个附件没有查看，如“{name}”{why}", count=len(files), name=file_name(first), why=why)


def _is_personal(one: Sighting) -> bool:
    """What stands around it does not say that it is something else."""
    before, after = _BREAK.split(one.before)[-1], _BREAK.split(one.after)[0]
    if one.kind is NumberKind.RESIDENT:
        return _last(before, "identity") >= _last(before, "codes")
    if one.kind is NumberKind.CARD:
        return _last(before, "codes") < 0 and not any(word in one.line for word in _words("offices"))
    return _last(before, "codes") < 0 and not any(word in before + after for word in _words("contacts"))


def _is_certain(kind: NumberKind, found: Sequence[Sighting], text: _Text) -> bool:
    if kind is NumberKind.MOBILE or any(word in text.title for word in _words("lawful")):
        return False
    if all(any(word in one.line for word in _words("samples")) for one in found):
        return False
    if any(word in text.title for word in _words("samples")):
        return False
    labels = _words("identity" if kind is NumberKind.RESIDENT else "cards")
    return text.has(labels) or (kind is NumberKind.RESIDENT and len(found) >= _SEVERAL)


def _last(before: str, words: str) -> int:
    """Where the last of these words begins; -1 where none is."""
    return max((before.rfind(word) for word in _words(words)), default=-1)
