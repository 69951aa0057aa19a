"""The outline of a page: its links and texts in reading order, and in which part of the page each stands.

One walk over the tree, kept in flat lists, so that every question about a subtree is a question about a range. The
walk is linear and does not recurse. (The parser itself flattens what nests deeper than 512 elements, as browsers do.)
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from turbohtml import Element, Node, Text

from crawler.html import Document, squeeze

if TYPE_CHECKING:
    from crawler.rows import Group


class Region(IntEnum):
    """The part of a page, by its element or the words in its class and id."""

    MAIN = 0
    NAV = 1
    FOOT = 2
    CRUMB = 3
    SIDE = 4  # 热点, 推荐, 相关: lists of other columns' items


_SKIP = frozenset({"script", "style", "template", "noscript", "select", "textarea", "svg", "head", "button", "object"})
_TAG_REGIONS = {"nav": Region.NAV, "header": Region.NAV, "footer": Region.FOOT, "aside": Region.SIDE}
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def _each(words: str, region: Region) -> dict[str, Region]:
    return dict.fromkeys(words.split(), region)


# Words that name a part of the page wherever they stand in a class.
_NAMES = {
    **_each("nav navs navbar navi navigation menu menus submenu header daohang subnav sidenav", Region.NAV),
    **_each("foot footer footers copyright yqlj banquan", Region.FOOT),
    **_each("crumb crumbs breadcrumb breadcrumbs dqwz mbx dangqianweizhi weizhi", Region.CRUMB),
    **_each("sidebar hotnews ranking related recommend tuijian rmtj xgxx xgwz paihang", Region.SIDE),
}
# Words that do so only as a class of their own (`top`, `bottomBox`): `margin-top-15` and `bg-bottom` are layout.
_PLACES = {
    **_each("head top topbar tool tools toolbar search drop dropdown lang login dh", Region.NAV),
    **_each("bottom link links friend friends friendlink friendlinks", Region.FOOT),
    **_each("position location path wz bread lujing", Region.CRUMB),
    **_each("aside hot hots rank ranks relate relation relevant remen redian", Region.SIDE),
}
_AFFIX_WORDS = "box wrap wrapper bar con cont area main inner bg in w list"
_AFFIXES = frozenset(_AFFIX_WORDS.split())
# A part that holds most of a page's own words is no menu and no foot, whatever its class says.
_MOST = 0.6
_FEW_WORDS = 150
_PAGER_SCRIPT = re.compile(r"createPageHTML|createPager|下一页|下页")
_GO = re.compile(
    r"""(?:location(?:\.href)?\s*=|location\.(?:assign|replace)\s*\(|\bopen\s*\()\s*(["'])([^"'\s<>+]+)\1\s*(?!\s*\+)"""
)


class Leaf:
    """A text, a link's start or a mark in reading order."""

    __slots__ = ("kind", "parent", "text")

    def __init__(self, kind: str, parent: int, text: str) -> None:
        self.kind = kind
        """`text`, `link`, `image`, `pager`."""
        self.parent = parent
        self.text = text


class Outline:
    """Elements by their number in document order; `ends[i]` is one past the last element inside element `i`."""

    def __init__(self, document: Document) -> None:
        self.elements: list[Element] = []
        self.tags: list[str] = []
        self.parents: list[int] = []
        self.ends: list[int] = []
        self.regions: list[Region] = []
        self.leaf_from: list[int] = []
        self.leaf_to: list[int] = []
        self.leaves: list[Leaf] = []
        self.links: list[int] = []
        """Elements that lead somewhere: `<a href>`, and others with a script that goes to an address."""
        self.targets: dict[int, str] = {}
        """Link element → raw address; empty when only a script knows it."""
        self.frames: list[int] = []
        self.heads: dict[int, dict[int, str]] = {}
        """Table whose head was looked for → its cells, each with the head of its column (crawler.heads)."""
        self.groups: dict[datetime, Sequence[Group]] = {}
        """Moment that relative dates count from → the lists of links, once they were looked for (crawler.rows)."""
        self._own: list[Region | None] = []
        self._in_article: list[bool] = []
        body = document.root.find("body")
        if body is not None:
            self._walk(body)
            self._divide()

    @classmethod
    def of(cls, document: Document) -> Outline:
        """The outline of a document, made once: a column page is asked for its kind, its items and its own columns."""
        known = _KNOWN.get(document)
        if known is None:
            known = _KNOWN[document] = cls(document)
        return known

    def _walk(self, body: Element) -> None:
        self._enter(body, -1)
        stack: list[tuple[int, Iterator[Node]]] = [(0, iter(body.children))]
        while stack:
            at, children = stack[-1]
            for node in children:
                if isinstance(node, Text):
                    text = node.data
                    if not text.isspace():
                        self.leaves.append(Leaf("text", at, text))
                elif isinstance(node, Element):
                    if node.tag in _SKIP:
                        if node.tag == "script" and _PAGER_SCRIPT.search(node.text):
                            self.leaves.append(Leaf("pager", at, ""))
                        continue
                    inside = self._enter(node, at)
                    stack.append((inside, iter(node.children)))
                    break
            else:
                stack.pop()
                self.ends[at] = len(self.elements)
                self.leaf_to[at] = len(self.leaves)

    def _enter(self, node: Element, parent: int) -> int:
        at = len(self.elements)
        tag = node.tag
        self.elements.append(node)
        self.tags.append(tag)
        self.parents.append(parent)
        self.ends.append(at + 1)
        attributes = node.attrs
        inside = tag == "article" or (parent >= 0 and self._in_article[parent])
        self._in_article.append(inside)
        # The head and the foot of an article are its title and its date, not the page's.
        named = (attributes or tag in _TAG_REGIONS) and not inside
        self._own.append(_region(tag, attributes) if named else None)
        self.leaf_from.append(len(self.leaves))
        self.leaf_to.append(len(self.leaves))
        if not attributes:
            return at
        if tag == "a" or "onclick" in attributes:
            raw = _target(node, tag)
            if raw is not None:
                self.links.append(at)
                self.targets[at] = raw
                self.leaves.append(Leaf("link", at, ""))
        elif tag in ("img", "video", "embed"):
            self.leaves.append(Leaf("image", at, squeeze(node.attr("alt") or node.attr("title") or "")))
        elif tag in ("iframe", "frame"):
            self.frames.append(at)
        elif tag == "time" and node.attr("datetime"):
            self.leaves.append(Leaf("time", at, node.attr("datetime") or ""))
        return at

    def _divide(self) -> None:
        """Give every element its region: its own, else its parent's."""
        words = self._own_words()
        most = max(_FEW_WORDS, words[-1] * _MOST)
        for at, own in enumerate(self._own):
            parent = self.parents[at]
            region = own
            if own is not None and words[self.leaf_to[at]] - words[self.leaf_from[at]] > most:
                region = None
            if region is None:
                region = self.regions[parent] if parent >= 0 else Region.MAIN
            self.regions.append(region)

    def _own_words(self) -> list[int]:
        """Characters of text outside links before each leaf."""
        total = 0
        sums = [0]
        link_end = 0
        for i, leaf in enumerate(self.leaves):
            if leaf.kind == "link":
                link_end = max(link_end, self.leaf_to[leaf.parent])
            elif leaf.kind == "text" and i >= link_end:
                total += len(leaf.text.strip())
            sums.append(total)
        return sums

    @cached_property
    def _link_leaves(self) -> list[int]:
        return [self.leaf_from[link] for link in self.links]

    def links_in(self, at: int) -> range:
        """Numbers (in `links`) of the links inside element `at`, itself included."""
        return range(bisect_left(self.links, at), bisect_left(self.links, self.ends[at]))

    def has_link(self, at: int) -> bool:
        return bool(self.links_in(at))

    def texts(self, start: int, stop: int) -> Iterator[tuple[int, str]]:
        """The texts among leaves `start` to `stop`, with their numbers."""
        for i in range(start, stop):
            leaf = self.leaves[i]
            if leaf.kind in ("text", "time"):
                yield i, leaf.text

    def children(self, at: int) -> Iterator[int]:
        """The child elements of `at`."""
        child = at + 1
        while child < self.ends[at]:
            yield child
            child = self.ends[child]

    @cached_property
    def lengths(self) -> list[int]:
        """Characters of text before each leaf: `lengths[b] - lengths[a]` is what stands between two."""
        total = 0
        sums = [0]
        for leaf in self.leaves:
            if leaf.kind == "text":
                total += len(leaf.text.strip())
            sums.append(total)
        return sums

    def is_link_text(self, leaf: int) -> bool:
        """The leaf stands inside a link."""
        number = bisect_left(self._link_leaves, leaf) - 1
        return number >= 0 and leaf < self.leaf_to[self.links[number]]


_KNOWN: WeakKeyDictionary[Document, Outline] = WeakKeyDictionary()


def _region(tag: str, attributes: Mapping[str, object]) -> Region | None:
    own = _TAG_REGIONS.get(tag)
    if own is not None or tag in ("body", "a"):
        return own
    classes = attributes.get("class") or ()
    names = list(classes) if isinstance(classes, list) else [str(classes)] if classes else []
    ident = attributes.get("id")
    if ident:
        names.append(str(ident))
    for name in names:
        words = [word.lower() for word in _WORD.findall(name)]
        for word in words:
            own = _NAMES.get(word)
            if own is not None:
                return own
        if words and words[0] in _PLACES and all(word in _AFFIXES for word in words[1:]):
            return _PLACES[words[0]]
    return None


def _target(node: Element, tag: str) -> str | None:
    href = (node.attr("href") or "").strip() if tag == "a" else ""
    script = href.lower().startswith("javascript:")
    if href and not script and not href.startswith("#"):
        return None if href.lower().startswith(("mailto:", "tel:", "data:")) else href
    match = _GO.search(node.attr("onclick") or "") or (_GO.search(href) if script else None)
    if match:
        return match[2]
    return "" if tag == "a" and (script or node.attr("onclick") is not None) else None
