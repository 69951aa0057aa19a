"""What a home page says of itself: the marks of its foot, wherever they stand and however they are written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote, urlsplit

from crawler.html import Document
from crawler.page import Page
from rules.lexicon import table, terms
from rules.once import once

CODE = re.compile(r"(?<![0-9a-z])(?:bm\d{8}|\d{10})(?!\d)", re.IGNORECASE)
"""网站标识码: ten digits, or bm and eight (ministries)."""

_CODE_SHOWN = re.compile(r"标识码[^0-9a-z]{0,6}((?:bm)?\d+)", re.IGNORECASE)
_CODE_ASKED = re.compile(r"site_?code[\"'=:\s]{1,4}(bm\d{8}|\d{10})(?!\d)", re.IGNORECASE)
_STATIC = 3  # so many of the written marks in the source: the foot is not drawn by script
_ADDRESS = 2000  # characters of an address that are looked at
_PIECES = re.compile(r"[\s\"'<>(),;]+")  # what parts the addresses in a script
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_WRITES = re.compile(
    r"document\.write|\.(?:load|append|prepend|html|before|after|replaceWith)\s*\(|innerHTML|outerHTML|insertAdjacentHTML|"
    r"appendChild|createElement|insertBefore"
)
_FOOT = re.compile(r"foot|bottom|copyright|dibu|banquan", re.IGNORECASE)
_LOADS_FOOT = re.compile(
    r"""(?:foot|bottom|copyright)[\w-]{0,20}["']\s*\)\s*\.(?:load|html|append)\s*\(""", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Mark:
    """One entry of `rules/words/marks.toml`."""

    key: str
    name: str
    text: tuple[re.Pattern[str], ...]
    address: tuple[re.Pattern[str], ...]
    partial: tuple[re.Pattern[str], ...]
    scripted: bool


@dataclass(frozen=True, slots=True)
class Foot:
    """All that a home page's source tells about marks. Texts are half width and lower case."""

    texts: tuple[str, ...]
    """The visible text, alternative texts and what inline scripts write: with single blanks, then without any."""
    addresses: tuple[str, ...]
    """Of links, pictures, frames and scripts, and every piece of the inline scripts; without comments."""
    codes: tuple[str, ...]
    """Well-formed codes after the words 网站标识码."""
    malformed: tuple[str, ...]
    """What stands there in place of a code."""
    fault_codes: tuple[str, ...]
    """Codes that the 找错 entry names."""
    meta_codes: tuple[str, ...]
    writes: bool
    """A script of the page, or a frame, may add to what the source shows."""
    drawn: bool
    """A script or a frame that is named after the foot draws it."""
    rendered: bool = False
    """Read as a browser drew it: its scripts have run, and only frames were left empty."""

    def has(self, mark: Mark) -> bool:
        return any(p.search(text) for p in mark.text for text in self.texts) or any(self.where(mark))

    def where(self, mark: Mark) -> Iterator[str]:
        """Addresses that carry the mark."""
        return (address for address in self.addresses if any(p.search(address) for p in mark.address))

    def partly(self, mark: Mark) -> str:
        """What was found in place of the whole mark, as it stands; empty when nothing was."""
        found = (p.search(self.texts[0]) or p.search(self.texts[1]) for p in mark.partial)
        return next((match[0] for match in found if match), "")

    def hides(self, mark: Mark) -> bool:
        """The source proves no absence of this mark: a script may draw it."""
        if self.drawn or not (self.writes or self.rendered):
            return self.drawn
        if mark.scripted and self.writes:
            return True
        # A foot that is not there at all may come when somebody scrolls down to it.
        return sum(self.has(m) for m in map(mark_of, table("marks")) if not m.scripted) < _STATIC


def known_marks() -> Iterable[str]:
    """The keys of `rules/words/marks.toml`."""
    return table("marks")


@cache
def mark_of(key: str) -> Mark:
    """The mark of that key; ValueError names the known ones."""
    data = table("marks").get(key)
    if data is None:
        raise ValueError(f"没有代号为 {key} 的标识；已有的代号：{'、'.join(table('marks'))}")
    return Mark(
        key,
        data["name"],
        _patterns(data["text"]),
        _patterns(data["address"]),
        _patterns(data["partial"]),
        data["scripted"],
    )


@once
def read_foot(page: Page) -> Foot:
    """Read the whole page: sites put these marks anywhere, and a mark that is there must never be called missing."""
    document = page.document
    scripts = [_bare(node.text) for node in document.root.select("script:not([src])")]
    written = "\n".join(_ESCAPE.sub(lambda m: chr(int(m[1], 16)), unquote(script)) for script in scripts)
    spaced = plain("\n".join((page.text, *_alternatives(document), re.sub(r"<[^>]{0,500}>", "", written))))
    texts = (spaced, spaced.replace(" ", ""))
    attributes = [f"sitecode={node.attr('sitecode') or ''}" for node in document.root.select("[sitecode]")]
    refs = [unquote(ref.raw[:_ADDRESS]) for ref in document.refs()]
    pieces = (piece[:_ADDRESS] for piece in _PIECES.split(written))
    addresses = tuple(text.lower() for text in (*refs, *pieces, *attributes) if text)
    shown = [match[1] for text in texts for match in _CODE_SHOWN.finditer(text)]
    codes = _unique(code for code in shown if CODE.fullmatch(code))
    return Foot(
        texts=texts,
        addresses=addresses,
        codes=codes,
        malformed=() if codes else _unique(shown),
        fault_codes=_unique(match[1] for text in addresses for match in _CODE_ASKED.finditer(text)),
        meta_codes=_unique(
            code for content in page.metas.get("siteidcode", ()) for code in CODE.findall(plain(content))
        ),
        writes=document.root.select_one("iframe[src]") is not None if document.rendered else may_write(document),
        drawn=any(
            _FOOT.search((node.attr("src") or "")[:_ADDRESS])
            for node in document.root.select("iframe[src]" if document.rendered else "iframe[src],script[src]")
        )
        or (not document.rendered and any(_LOADS_FOOT.search(script) for script in scripts)),
        rendered=document.rendered,
    )


def plain(text: str) -> str:
    """Half width, lower case, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def _patterns(sources: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(source, re.IGNORECASE) for source in sources)


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value.lower() for value in values))


def _alternatives(document: Document) -> Iterator[str]:
    for node in document.root.select("[alt],[title],[aria-label]"):
        for name in ("alt", "title", "aria-label"):
            value = node.attr(name)
            if value:
                yield value[:_ADDRESS]


def _bare(script: str) -> str:
    """A script without its comments: a mark that is commented out is not shown."""
    kept: list[str] = []
    at = 0
    while (start := script.find("/*", at)) >= 0:
        end = script.find("*/", start + 2)
        kept.append(script[at:start])
        if end < 0:
            return "".join(kept)
        at = end + 2
    kept.append(script[at:])
    return "\n".join(line for line in "".join(kept).splitlines() if not line.lstrip().startswith("//"))


def may_write(document: Document) -> bool:
    """A script of the page, or a frame, may add to what its source shows."""
    inline = (_bare(node.text) for node in document.root.select("script:not([src])"))
    if any(_WRITES.search(script) for script in inline):
        return True
    if document.root.select_one("iframe[src]") is not None:
        return True
    known = terms("script_libraries")
    return any(not _file(node.attr("src") or "").startswith(known) for node in document.root.select("script[src]"))


def _file(address: str) -> str:
    try:
        return urlsplit(address).path.rpartition("/")[2].lower()
    except ValueError:  # a bad address in a page is the page's; it names no known library
        return ""
