"""Can a reader search the site from its home page?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from turbohtml import Element

from crawler.html import Document
from crawler.message import say
from crawler.snapshot import NotGathered, Snapshot
from rules.engine.rule import Problem, rule
from rules.foot import may_write

_SAYS = re.compile(r"搜索|检索|搜一搜|搜一下|站内查询|全站查询|关键[字词]|(?<!re)search|keyword", re.IGNORECASE)
_SHORT = 14  # characters: longer ones are titles that speak of a search, as 开展山林搜索救援演练 does
_TEXT = frozenset({"", "text", "search"})
_FIELDS = "input,textarea"
_WAYS = "a,area,button,img,label,span,div,li,em,i,form,iframe"
_SPOKEN = frozenset({"value", "title", "alt", "aria-label"})
"""Attributes that hold what a person reads."""
_TOLD = (
    "value",
    "placeholder",
    "title",
    "alt",
    "aria-label",
    "name",
    "id",
    "class",
    "action",
    "onclick",
    "href",
    "src",
)


@rule("missing-search", each="site", needs={"home"})
def missing_search(snapshot: Snapshot) -> Iterator[Problem]:
    """首页没有站内搜索。

    查什么：
        首页源代码中有没有搜索框或搜索入口：可以填写文字的输入框（登录用的不算），或者名称、地址中有“搜索”“检索”“search”等字样的链接、
        按钮、图片、框架。
    为什么：
        检查指标“搜索功能”：无全站搜索功能或搜索功能不可用的，扣分。
    参数：
        无。
    例：
        首页没有任何输入框，也没有“搜索”“检索”字样的链接。
    改法：
        在首页显著位置设置全站搜索框，并确认能搜到已发布的信息。
    局限：
        只看有没有，不试用，也不看搜得准不准。首页有会写出内容的脚本或框架时，搜索框可能由它写出，转人工复核。
    """
    home = snapshot.home
    if home.script_drawn or home.document.root.select_one("frameset") is not None:
        raise NotGathered(say("首页内容由脚本或框架生成，看不到搜索框"))
    if _searchable(home.document):
        return
    yield Problem(
        at=home.url,
        message=say("首页没有站内搜索"),
        certain=not (snapshot.saved or may_write(home.document)),
        expected=say("首页有全站搜索框或者搜索入口"),
        found=say("网页源代码中没有可以填写文字的输入框，也没有搜索入口"),
    )


def _searchable(document: Document) -> bool:
    fields = document.root.select(_FIELDS)
    if any((node.attr("type") or "").strip().lower() in _TEXT and not _logs_in(node) for node in fields):
        return True
    return any(_tells(node, name) for node in document.root.select(_WAYS) for name in _TOLD) or any(
        _says(node.text) for node in document.root.select("a,button,label")
    )


def _logs_in(field: Element) -> bool:
    """It asks for a name beside a password."""
    form = field.closest("form")
    return form is not None and form.select_one("input[type=password]") is not None


def _tells(node: Element, name: str) -> bool:
    value = (node.attr(name) or "")[:500]
    return _says(value) if name in _SPOKEN else _SAYS.search(value) is not None


def _says(text: str) -> bool:
    plain = "".join(text[:500].split())
    return len(plain) <= _SHORT and _SAYS.search(plain) is not None
