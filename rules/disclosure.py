"""The disclosure column (政府信息公开专栏): does it hold what it must hold?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Annotated

from crawler.message import Message, say
from crawler.page import Page
from crawler.snapshot import NotGathered, Snapshot
from rules.disclosure_column import NEEDS, DisclosureColumn, Way, disclosure_column
from rules.engine.parameters import OneOf
from rules.engine.rule import Problem, rule
from rules.excerpt import excerpt
from rules.lexicon import table
from rules.lines import content

_SHORT = 300  # characters: the frame of a page around a file


def _known() -> Iterable[str]:
    return table("disclosure")


@rule("missing-disclosure", each="site", needs=NEEDS)
def missing_disclosure(snapshot: Snapshot, *, parts: list[Annotated[str, OneOf(_known)]]) -> Iterator[Problem]:
    """政府信息公开专栏缺少应有的内容。

    查什么：
        从首页的“政府信息公开”栏目出发，两次点击之内有没有公开指南、公开制度、法定主动公开内容、公开年报和依申请公开的
        入口（叫法见 rules/words/disclosure.toml），入口能不能打开。
    为什么：
        《政府信息公开条例》（国务院令第711号）和国办公开办函〔2019〕61号要求各级行政机关在统一的专栏中公布这些内容。
    参数：
        parts：要检查的内容代号，见 rules/words/disclosure.toml。
    例：
        政府信息公开专栏有指南、制度和年报，没有依申请公开的入口。
    改法：
        在政府信息公开专栏中按规定名称设置入口；入口打不开的，更正链接。
    局限：
        只看有没有入口，不看内容。专栏由脚本写出、设在其他网站，或者页面没有检查到的，不能判断；页面上另有会写出内容的
        脚本、或者有字样没有链接的，转人工复核。首页没有政府信息公开栏目的，见 missing-section。
    """
    wanted = [(key, table("disclosure")[key]) for key in parts]
    column = disclosure_column(snapshot)
    if not column.entries:
        raise NotGathered(say("没有取得政府信息公开栏目的页面"))
    if column.drawn:
        raise NotGathered(say("政府信息公开栏目由脚本或框架生成，看不到其中的入口"))
    for key, part in wanted:
        own = list(column.to(key))
        if not any(way.url not in column.dead for way in own):
            yield _problem(column, key, part, own, sure=not (column.writes or snapshot.saved))


@rule("incomplete-disclosure-guide", each="site", needs=NEEDS)
def incomplete_disclosure_guide(snapshot: Snapshot) -> Iterator[Problem]:
    """政府信息公开指南缺少应有的内容。

    查什么：
        政府信息公开指南的正文中有没有信息分类、编排体系、获取方式，工作机构的名称、办公地址、办公时间、联系电话、传真号码、
        互联网联系方式（写法见 rules/words/disclosure_guide.toml）。
    为什么：
        《政府信息公开条例》（国务院令第711号）第十二条规定了指南应当包括的内容，并要求及时更新。
    参数：
        无。
    例：
        指南写了受理机构和电话，没有办公时间和传真号码。
    改法：
        补充缺少的内容；确实没有的（如已停用传真），在指南中说明。
    局限：
        只看有没有这些字样，不看内容是否准确，一律转人工复核。指南是附件、没有打开或者由脚本写出的，不能判断。
    """
    column = disclosure_column(snapshot)
    ways = list(column.to("guide"))
    if not ways:
        raise NotGathered(say("没有找到政府信息公开指南的入口"))
    page = next(filter(None, (snapshot.page(way.url) for way in ways)), None)
    if page is None or page.script_drawn:
        raise NotGathered(say("政府信息公开指南的页面没有打开，或者由脚本生成"))
    text = "".join(content(page.document))
    if not any(char.isdigit() for char in text) and len(text) < _SHORT:
        raise NotGathered(say("政府信息公开指南的正文不在页面上，可能在附件中"))
    for key, part in table("disclosure_guide").items():
        if not any(re.search(term, text) for term in part["terms"]):
            yield Problem(
                at=page.url,
                message=say("政府信息公开指南没有写明{part}", part=Message(str(part["name"]))),
                excerpt=excerpt(page.title),
                certain=False,
                expected=say("指南写明{part}", part=Message(str(part["name"]))),
                key=key,
            )


def _problem(column: DisclosureColumn, key: str, part: dict[str, list[str]], own: list[Way], *, sure: bool) -> Problem:
    entry = column.entries[0]
    name = Message(str(part["name"]))
    expected = say("政府信息公开专栏有“{part}”的入口，并且能打开", part=name)
    if own:
        outcome = column.dead[own[0].url]
        return Problem(
            at=entry.url,
            message=say(
                "“{part}”的入口“{text}”打不开：请求{asked}次，{reason}",
                part=name,
                text=excerpt(own[0].text, 40),
                asked=outcome.asked,
                reason=outcome.reason,
            ),
            excerpt=excerpt(f"{own[0].text} {own[0].url}"),
            expected=expected,
            found=outcome.reason,
            key=key,
        )
    text = _plain_text(entry)
    word = next((term for term in part["terms"] if term in text), "")
    return Problem(
        at=entry.url,
        message=say("政府信息公开专栏没有“{part}”的入口", part=name),
        excerpt=word,
        certain=sure and not word,
        expected=expected,
        found=say("有“{word}”字样，没有链接", word=word) if word else say("两次点击之内没有这样的链接"),
        key=key,
    )


def _plain_text(page: Page) -> str:
    """The page's text without blanks, so that words set apart for looks are found."""
    return "".join(page.text.split())
