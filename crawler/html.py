"""The one door to the fast HTML parser (turbohtml).

`parse` never raises on page text: the parser follows the WHATWG algorithm, under which every string is a document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import turbohtml
from turbohtml import Element

# Attributes that make the browser load or go to an address (HTML Standard, "attributes" index).
_ADDRESS_ATTRIBUTES = {
    "a": ("href",),
    "area": ("href",),
    "link": ("href",),
    "img": ("src", "srcset"),
    "script": ("src",),
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
    "td": ("background",),
    "input": ("src",),
}
_SELECTOR = ",".join(f"{tag}[{attr}]" for tag, attrs in _ADDRESS_ATTRIBUTES.items() for attr in attrs)
# `rel` values whose href is a hint or a name, not something the page needs.
_HINT_RELS = frozenset({"dns-prefetch", "preconnect", "canonical", "shortlink", "pingback", "edituri", "wlwmanifest"})
_CSS_URL = re.compile(r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^"')\s]+))\s*\)""", re.IGNORECASE)
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# onclick="location.href='…'", window.open("…"): navigation of older content management systems.
_SCRIPT_GO = re.compile(
    r"""(?:location(?:\.href)?\s*=|location\.(?:assign|replace)\s*\(|window\.open\s*\(|\bopen\s*\()\s*(["'])([^"'\s<>+]+)\1\s*(?![+.\s]*\+)"""
)
_META_REFRESH = re.compile(r"""^\s*[\d.]*\s*[;,]?\s*(?:url\s*=\s*)?["']?\s*([^"']+?)\s*["']?\s*$""", re.IGNORECASE)
# Above this much visible text a page is a page, and a `location=` in a script is a click handler, not a redirect.
_SHELL_TEXT = 200


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
    """A parsed page. `root` is turbohtml's own tree, for code that walks lists and tables."""

    def __init__(self, source: str) -> None:
        self.root = turbohtml.parse(source)

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
        """Every address the document holds, in document order by kind: elements, styles, click handlers."""
        for node in self.root.select(_SELECTOR):
            yield from _element_refs(node)
        for node in self.root.select("[style]"):
            yield from _css_refs(node.attr("style") or "", node.tag, "style", node)
        for node in self.root.select("style"):
            yield from _css_refs(node.text, "style", "text", node)
        for node in self.root.select("[onclick]"):
            for match in _SCRIPT_GO.finditer(node.attr("onclick") or ""):
                yield Ref(node.tag, "onclick", match[2], label(node), node.source_line or 0)

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
        return self.root.to_text()

    @cached_property
    def script_drawn(self) -> bool:
        """An empty shell: next to no text and no links, but scripts. What is missing from it is not observable."""
        if self.root.select_one("script") is None:
            return False
        return len(squeeze(self.text())) < _SHELL_TEXT and len(self.root.select("a[href]")) < 3

    def client_redirect(self) -> str | None:
        """Where the page sends its reader by META refresh (within 10 s) or by script; None when it stays.

        A script counts only on a page that shows next to nothing itself, and only outside functions that wait for a
        click; a META refresh to the page's own address (a reload) is for the caller to see by comparing.
        """
        for node in self.root.select("meta[http-equiv]"):
            if (node.attr("http-equiv") or "").strip().lower() != "refresh":
                continue
            content = node.attr("content") or ""
            wait = re.match(r"\s*(\d+)", content)
            match = _META_REFRESH.match(content)
            if match and "=" in content and (wait is None or int(wait[1]) <= 10):
                return match[1]
        if len(squeeze(self.text())) > _SHELL_TEXT or self.root.select_one("frameset") is not None:
            return None
        for node in self.root.select("script"):
            if not node.attr("src"):
                match = _SCRIPT_GO.search(_strip_script_comments(node.text))
                if match and "open" not in match[0].split("(")[0]:
                    return match[2]
        body = self.root.select_one("body[onload]")
        match = _SCRIPT_GO.search(body.attr("onload") or "") if body is not None else None
        return match[2] if match else None


def parse(source: str) -> Document:
    return Document(source)


def label(node: Element) -> str:
    """What a person reads on a link: its text, else title, else the alt of its image."""
    text = squeeze(node.text) if node.tag not in ("script", "style", "object", "iframe") else ""
    if text:
        return text
    for name in ("title", "alt", "aria-label"):
        value = squeeze(node.attr(name) or "")
        if value:
            return value
    image = node.select_one("img[alt],img[title]")
    return squeeze(image.attr("alt") or image.attr("title") or "") if image is not None else ""


def _element_refs(node: Element) -> Iterator[Ref]:
    tag = node.tag
    line = node.source_line or 0
    if tag == "link" and _HINT_RELS & set((node.attr("rel") or "").lower().split()):
        return
    if tag == "input" and (node.attr("type") or "").lower() != "image":
        return
    for attr in _ADDRESS_ATTRIBUTES[tag]:
        raw = node.attr(attr)
        if raw is None:
            continue
        if attr == "srcset":
            for candidate in raw.split(","):
                address = candidate.split()
                if address and not address[0].startswith("data:"):
                    yield Ref(tag, attr, address[0], label(node), line)
            continue
        yield Ref(tag, attr, raw, label(node), line)
    if tag == "a" and (node.attr("href") or "").lstrip().lower().startswith("javascript:"):
        for match in _SCRIPT_GO.finditer(node.attr("href") or ""):
            yield Ref(tag, "href", match[2], label(node), line)


def _css_refs(css: str, tag: str, attr: str, node: Element) -> Iterator[Ref]:
    if "url(" not in css.lower():
        return
    for match in _CSS_URL.finditer(_CSS_COMMENT.sub("", css)):
        raw = match[1] or match[2] or match[3] or ""
        if raw and not raw.startswith(("data:", "#")):
            yield Ref(tag, attr, raw, "", node.source_line or 0)


def _strip_script_comments(script: str) -> str:
    # Line comments only where no address can hold the two slashes.
    return re.sub(r"(?m)(?<![:\"'])//.*$", "", _CSS_COMMENT.sub("", script))
