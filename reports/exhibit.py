"""One finding's page as an exhibit: as it was, made inert, the failing spot marked."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from html import escape

import turbohtml
from turbohtml import Doctype, Document, Element, Text

from crawler.message import say
from crawler.numbers import kinds, masked
from crawler.urls import Joiner
from reports.language import Language
from reports.text import ADDRESS, line, plain
from rules.engine.assessment import Finding

SPOT = "xuncha-spot"
"""The id of the marked element, so that `page.html#xuncha-spot` opens there."""
# Nothing is loaded, nothing runs, nothing is sent, nobody is asked.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"
_REMOVED = frozenset(
    [
        "script",
        "iframe",
        "frame",
        "frameset",
        "object",
        "embed",
        "applet",
        "link",
        "base",
        "portal",
        "template",
        "meta",
        "noscript",
        "noframes",
        "noembed",
        "xmp",
        "plaintext",
    ]
)
_REMOVED_ALL = ",".join(sorted(_REMOVED))
# Attributes with an address. They keep their value under another name: an exhibit must not lose what it shows.
_ADDRESSES = ("href", "src", "srcset", "action", "formaction", "background", "poster", "data", "ping", "xlink:href")
_UNSEEN = "script,style,template,title,noscript"
_WHOLE = 1 << 30  # characters: all of the page
_MARK = "outline:4px solid #d00;outline-offset:2px;background:#ff0"
_SHORT = 6  # characters of an excerpt that are too few to be found by


def exhibit(source: str, finding: Finding, url: str, told: str, language: Language) -> str:
    """`source` (the page at `url`) as one HTML file without anything that moves, numbers of persons masked.

    `told`: what stands above it: where it comes from, and when. The spot is the link that a link rule names, else the
    first text that the excerpt begins with; where neither is found, the head says so.
    """
    document = turbohtml.parse(source)
    spot = _link(document, url, finding.at) if finding.on is not None else None
    spot = spot or _passage(document, finding.excerpt)
    if spot is not None:
        spot.attrs["id"] = SPOT
        spot.attrs["style"] = f"{spot.attr('style') or ''};{_MARK}".lstrip(";")
    _disarm(document)
    _mask(document)
    where = say("有问题的位置用红框标出") if spot is not None else say("页面中没有可以单独标出的位置")
    head = (
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>{escape(language.text(say('证据页面')))}</title></head><body>"
        f'<div style="all:initial;display:block;font:16px/1.6 sans-serif;background:#ffd;border:2px solid #d00;'
        f'padding:8px;margin:0 0 8px;white-space:pre-wrap">{escape(told)}\n{escape(language.text(where))}</div>'
    )
    return plain(f"{head}{_shown(document)}</body></html>", _WHOLE)


def _link(document: Document, base: str, at: str) -> Element | None:
    """The element that leads to `at`, an address as it was asked."""
    joiner = Joiner(base)
    own = document.select_one("base[href]")
    if own is not None:
        joiner = Joiner(joiner.join(own.attr("href") or "").url or base)
    for node in document.iter_elements():
        if node.tag in _REMOVED:
            continue
        for name in _ADDRESSES:
            value = node.attr(name)
            if value and joiner.join(value).url == at:
                return node
    return None


def _passage(document: Document, excerpt: str) -> Element | None:
    """The element in which the excerpt, or how it begins, starts. White space is not compared."""
    wanted = "".join(excerpt.rstrip("…").split())
    strings, starts, length = [], [], 0
    for node in document.descendants:
        if isinstance(node, Text) and node.closest(_UNSEEN) is None:
            string = "".join(node.text.split())
            strings.append((node, string))
            starts.append(length)
            length += len(string)
    whole = "".join(string for _, string in strings)
    for text in (wanted, wanted[:40], wanted[:20]):
        place = whole.find(text) if len(text) >= _SHORT else -1
        if place >= 0:
            parent = strings[bisect_right(starts, place) - 1][0].parent
            return parent if isinstance(parent, Element) else None
    return None


def _disarm(document: Document) -> None:
    for node in document.select(_REMOVED_ALL):
        node.decompose()
    for comment in [node for node in document.descendants if not isinstance(node, (Element, Text, Doctype))]:
        comment.decompose()
    for node in document.iter_elements():
        for name, value in list(node.attrs.items()):
            lower = name.lower()
            if lower.startswith("on"):
                del node.attrs[name]
            elif lower in _ADDRESSES:
                del node.attrs[name]
                node.attrs[f"data-{lower.replace(':', '-')}"] = value


def _mask(document: Document) -> None:
    """Nobody's number is shown again: in texts, in attributes, and put together from the texts of several elements."""
    for node in document.descendants:
        if isinstance(node, Text):
            node.data = masked(node.text)
    for element in document.iter_elements():
        for name, value in list(element.attrs.items()):
            if isinstance(value, str):
                element.attrs[name] = masked(value)
    body = document.select_one("body")
    if body is not None and kinds(body.to_text()):
        body.set_text(masked(body.to_text()))


def _shown(document: Document) -> str:
    """The styles of the head, for what the page looked like, and all of the body."""
    body = document.select_one("body")
    styles = "".join(node.html for node in document.select("head style"))
    return styles + (body.inner_html if body is not None else "")


def about(finding: Finding, language: Language) -> Iterator[str]:
    """The finding in a few lines."""
    text = language.text
    yield line(text(finding.message))
    yield text(say("问题地址：{url}", url=plain(finding.at, ADDRESS)))
    if finding.on is not None:
        yield text(say("所在页面：{url}", url=plain(finding.on, ADDRESS)))
    if finding.excerpt:
        yield text(say("页面文字：{excerpt}", excerpt=line(finding.excerpt)))
    if finding.expected is not None:
        yield text(say("应为：{expected}", expected=finding.expected))
    if finding.found is not None:
        yield text(say("实为：{found}", found=finding.found))
