"""A page's text as a person reads it: one line a block, a table's cell or a <br>, in reading order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from turbohtml import Element, Node, Text

from crawler.html import Document

_UNSHOWN = frozenset({"script", "style", "template", "noscript", "head", "title", "select", "textarea", "svg"})
_FOOT = re.compile(
    r"主办单位|主办[:：]|承办单位|版权所有|网站标识码|ICP备|公网安备|Copyright|上一篇|下一篇|相关链接|友情链接",
    re.IGNORECASE,
)
_PARAGRAPH = 200  # characters: a longer line is text that speaks of such things
_INLINE = """
    a abbr b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp small span strike strong sub sup
    time tt u var wbr
"""
_WITHIN = frozenset(_INLINE.split())
"""Elements that stand within a line; any other begins one, and ends one."""


def lines(document: Document) -> Iterator[str]:
    """The lines with their white space collapsed; empty ones are left out.

    `Document.text()` lays tables out in columns, so that a cell of several paragraphs is no longer a line each.
    """
    body = document.root.find("body")
    if body is None:
        return
    kept: list[str] = []
    stack: list[tuple[bool, Iterator[Node]]] = [(True, iter(body.children))]
    while stack:
        block, children = stack[-1]
        for node in children:
            if isinstance(node, Text):
                kept.append(node.data)
            elif isinstance(node, Element) and node.tag not in _UNSHOWN:
                own = node.tag not in _WITHIN
                if own:
                    yield from _line(kept)
                stack.append((own, iter(node.children)))
                break
        else:
            stack.pop()
            if block:
                yield from _line(kept)


def content(document: Document) -> Iterator[str]:
    """The lines above the page's foot, full width made half and without blanks, for finding words in them."""
    for line in lines(document):
        plain = unicodedata.normalize("NFKC", "".join(line.split()))
        if len(plain) < _PARAGRAPH and _FOOT.search(plain):
            return
        yield plain


def _line(kept: list[str]) -> Iterator[str]:
    text = " ".join("".join(kept).split())
    kept.clear()
    if text:
        yield text
