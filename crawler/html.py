"""The one door to the fast HTML parser (turbohtml).

`parse` never raises on page text: the parser follows the WHATWG algorithm, under which every string is a document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import turbohtml
from turbohtml import Element

from crawler import stylesheet
from crawler.plain import plain

# Attributes that make the browser load or go to an address (HTML Standard, "attributes" index). Left out of those that
# turbohtml lists: ping, cite, longdesc, formaction.
_ADDRESS_ATTRIBUTES = {
    "a": ("href", "xlink:href"),
    "area": ("href",),
    "link": ("href", "imagesrcset"),
    "meta": ("content",),
    "form": ("action",),
    "img": ("src", "srcset"),
    "script": ("src", "href", "xlink:href"),
    "iframe": ("src",),
    "frame": ("src",),
    "source": ("src", "srcset"),
    "object": ("data",),
    "embed": ("src",),
    "video": ("src", "poster"),
    "audio": ("src",),
    "track": ("src",),
    "body": ("background",),
    "table": ("background",),
    "tr": ("background",),
    "th": ("background",),
    "td": ("background",),
    "input": ("src",),
    "image": ("href", "xlink:href"),
    "feImage": ("href", "xlink:href"),
    "use": ("href", "xlink:href"),
}
_LOADED = frozenset((tag, attr) for tag, attrs in _ADDRESS_ATTRIBUTES.items() for attr in attrs)
_MAY_NOT_COUNT = frozenset({"link", "input", "meta", "form"})
# `rel` values whose href is a hint or a name, not something the page needs.
_HINT_RELS = frozenset({"dns-prefetch", "preconnect", "canonical", "shortlink", "pingback", "edituri", "wlwmanifest"})
# onclick="location.href='…'", window.open("…"): navigation of older content management systems.
_SCRIPT_GO = re.compile(
    r"""(?:location(?:\.href)?\s*=|location\.(?:assign|replace)\s*\(|window\.open\s*\(|\bopen\s*\()\s*(["'])([^"'\s<>+]+)\1(?![+.\s]*\+)"""
)
# HTML Standard, "shared declarative refresh steps". Every pattern takes one run of characters: a hostile page is long.
_REFRESH_TIME = re.compile(r"[\t\n\f\r ]*(?:(\d+)[.\d]*|\.[.\d]*)([\t\n\f\r ]*[;,]?[\t\n\f\r ]*)", re.ASCII)
_REFRESH_URL = re.compile(r"url[\t\n\f\r ]*=[\t\n\f\r ]*", re.IGNORECASE)
_REFRESH_SECONDS = 10
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
# Above this much visible text a page is a page, and a `location=` in a script is a click handler, not a redirect.
_SHELL_TEXT = 200
_GRID = 4_000_000  # characters of a page's tables, drawn as a grid
# Characters of all link texts of a page: links nested in links would hold the whole page each.
_LABELS = 1_000_000
_LABEL = 20
_SCRIPT_TYPES = frozenset({"", "text/javascript", "application/javascript", "module", "text/ecmascript"})
# What stands in these is not said of their address.
_UNREAD = frozenset(
    {"script", "style", "object", "iframe", "body", "form", "table", "tr", "th", "td", "video", "audio"}
)
_CLICKED = ("onclick", "role", "data-toggle", "data-bs-toggle", "data-target")


@dataclass(frozen=True, slots=True)
class Ref:
    """One address in a document, as it stands there."""

    tag: str
    attr: str
    raw: str
    text: str
    line: int


def squeeze(text: str) -> str:
    """Collapse white space, as a person reads it."""
    return " ".join(text.split())


class Document:
    """A parsed page. `root` is turbohtml's own tree, for code that walks lists and tables.

    `rendered`: the source is what a browser drew, so its scripts have run and bring nothing more.
    """

    def __init__(self, source: str, *, rendered: bool = False) -> None:
        self.root = turbohtml.parse(source)
        self.rendered = rendered
        self._labels = _LABELS

    @cached_property
    def title(self) -> str:
        node = self.root.find("title")
        return squeeze(node.text) if node is not None else ""

    @cached_property
    def metas(self) -> dict[str, tuple[str, ...]]:
        """Lower-case META name → every content given, in order; empty contents are kept: empty is not missing."""
        found: dict[str, list[str]] = {}
        for node in self.root.select("meta[name]"):
            name = (node.attr("name") or "").strip().lower()
            if name:
                found.setdefault(name, []).append(squeeze(node.attr("content") or ""))
        return {name: tuple(contents) for name, contents in found.items()}

    @cached_property
    def base(self) -> str | None:
        """The href of the first <base> that has one (HTML Standard 2.4.3)."""
        node = self.root.select_one("base[href]")
        return node.attr("href") if node is not None else None

    def refs(self) -> Iterator[Ref]:
        """Every address the document holds: elements and styles in document order, then click handlers."""
        for tag, attr, raw, node in self.places():
            yield Ref(tag, attr, raw, self.label(node), node.source_line or 0)

    def places(self) -> Iterator[tuple[str, str, str, Element]]:
        """Tag, attribute, address and element of each of `refs`, without what is dear to tell."""
        styled: Element | None = None
        for link in self.root.links():
            node, attr, raw = link.element, link.attribute, link.url
            tag = node.tag
            if attr is not None and (tag, attr) in _LOADED:
                if tag in _MAY_NOT_COUNT and not _counts(tag, node):
                    continue
                if tag == "meta":  # the parser's own reading takes what is malformed, and browsers ignore
                    raw = _refresh(node.attr("content") or "")[1]
                    if not raw:
                        continue
                yield tag, attr, raw, node
                if tag in ("a", "area") and raw.lstrip()[:11].lower() == "javascript:":
                    for to in _script_goes(raw):
                        yield tag, attr, to, node
            elif (attr is None or attr == "style") and node != styled:  # a sheet, or a style: it may hold several
                styled = node
                style = node.text if attr is None else node.attr("style") or ""
                for one in stylesheet.addresses(style, attribute=attr is not None):
                    yield tag, attr or "text", one, node
        for node in self.root.select("[onclick]"):
            for to in _script_goes(node.attr("onclick") or ""):
                yield node.tag, "onclick", to, node

    def label(self, node: Element) -> str:
        """What a person reads on a link; empty once the page has said more than any page says."""
        if self._labels <= 0:
            return ""
        text, length = _label(node)
        self._labels -= length
        return text

    def inline_scripts(self) -> list[str]:
        """The text of each script that stands in the page itself."""
        nodes = self.root.select("script")
        return [n.text for n in nodes if not n.attr("src") and (n.attr("type") or "").strip().lower() in _SCRIPT_TYPES]

    def ids(self) -> set[str]:
        """Fragment targets: every id, and the name of every <a>."""
        found = {node.attr("id") or "" for node in self.root.select("[id]")}
        found.update(node.attr("name") or "" for node in self.root.select("a[name]"))
        return found - {""}

    def text(self) -> str:
        """Visible text, one line a block; without script, style and template."""
        return self._text

    @cached_property
    def _text(self) -> str:
        # The parser draws tables as a grid of characters: a cell that holds a table is a line that holds its grid, and
        # nested tables of 50 KB become gigabytes. So do rows beside one long cell.
        rows = len(self.root.select("tr"))
        if rows > 1 and (rows * len(self.root.text) > _GRID or self.root.select_one("table table") is not None):
            return plain(self.root)
        return self.root.to_text()

    @cached_property
    def script_drawn(self) -> bool:
        """An empty shell: next to no text and no links, but scripts or frames. What is missing from it is not
        observable."""
        if self.root.select_one("frameset") is not None:
            return True
        return self._is_shell and self.root.select_one("script,iframe") is not None and not self._has_links

    @cached_property
    def _is_shell(self) -> bool:
        text = self.text()
        return len(squeeze(text[: 20 * _SHELL_TEXT])) < _SHELL_TEXT and len(squeeze(text)) < _SHELL_TEXT

    @cached_property
    def _has_links(self) -> bool:
        return len(self.root.select("a[href]")) >= 3

    def client_redirect(self) -> str | None:
        """Where the page sends its reader by META refresh (within 10 s), by script, or by being no more than a frame
        around another page; None when it stays.

        A script counts only on a page that shows next to nothing itself, and only outside functions that wait for a
        click; a META refresh to the page's own address (a reload) is for the caller to see by comparing.
        """
        for node in self.root.select("meta[http-equiv]"):
            if (node.attr("http-equiv") or "").strip().lower() == "refresh" and node.closest("noscript") is None:
                seconds, to = _refresh(node.attr("content") or "")
                if to and seconds <= _REFRESH_SECONDS:
                    return to
        if not self._is_shell:
            return None
        scripts = self.root.select("script")
        if self.root.select_one("frameset") is not None or not (scripts or self._has_links):
            frames = self.root.select("frame[src],iframe[src]")
            if frames:
                return frames[0].attr("src") if len(frames) == 1 else None
        return self._script_redirect(scripts)

    def _script_redirect(self, scripts: Sequence[Element]) -> str | None:
        for node in scripts:
            if not node.attr("src"):
                match = _SCRIPT_GO.search(_strip_script_comments(node.text))
                if match and "open" not in match[0].split("(")[0]:
                    return match[2]
        body = self.root.select_one("body[onload]")
        match = _SCRIPT_GO.search(body.attr("onload") or "") if body is not None else None
        return match[2] if match else None


def parse(source: str, *, rendered: bool = False) -> Document:
    return Document(source, rendered=rendered)


def is_clicked(node: Element) -> bool:
    """A link that a script takes over rather than one that leads somewhere: a tab, a button, a menu."""
    return any(node.attr(name) is not None for name in _CLICKED)


def label(node: Element) -> str:
    """What a person reads on a link: its text, else title, else the alt of its image."""
    return _label(node)[0]


def _label(node: Element) -> tuple[str, int]:
    """The label, and what it cost to find, in characters."""
    raw = "" if node.tag in _UNREAD else node.text
    text = squeeze(raw)
    if text:
        return text, len(raw) + _LABEL
    for name in ("title", "alt", "aria-label"):
        value = squeeze(node.attr(name) or "")
        if value:
            return value, len(value) + _LABEL
    image = node.select_one("img[alt],img[title]") if node.tag not in _UNREAD else None
    return squeeze(image.attr("alt") or image.attr("title") or "") if image is not None else "", len(raw) + _LABEL


def _counts(tag: str, node: Element) -> bool:
    """The address of such an element leads somewhere: no hint, no picture of a button that is none, no form that
    changes something, no way for browsers without scripts."""
    if tag == "link":
        return _HINT_RELS.isdisjoint((node.attr("rel") or "").lower().split())
    if tag == "form":
        return (node.attr("method") or "get").strip().lower() == "get"
    if tag == "meta":
        return node.closest("noscript") is None
    return (node.attr("type") or "").lower() == "image"


def _script_goes(script: str) -> Iterator[str]:
    """Where a click handler goes; addresses with escapes that are more than `\\/` are left alone."""
    for match in _SCRIPT_GO.finditer(script):
        to = match[2].replace("\\/", "/")
        if "\\" not in to:
            yield to


def _refresh(content: str) -> tuple[int, str]:
    """Seconds and address in the content of a META refresh; the address is empty where browsers go nowhere."""
    time = _REFRESH_TIME.match(content)
    if time is None or not time[2]:
        return 0, ""
    rest = content[time.end() :]
    named = _REFRESH_URL.match(rest)
    rest = rest[named.end() :] if named else rest
    quote = rest[:1]
    if quote in ("'", '"'):
        rest = rest[1:].partition(quote)[0]
    return int((time[1] or "0")[:9]), rest.strip()


def _strip_script_comments(script: str) -> str:
    # Line comments only where no address can hold the two slashes.
    return re.sub(r"(?m)(?<![:\"'])//.*$", "", _COMMENT.sub("", script))
