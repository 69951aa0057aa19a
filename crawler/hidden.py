"""Links that a page holds and does not show: by style, size, place, marquee, noscript, or spelt out by a script. Pure.

Menus and tabs are hidden too; only links to other people's hosts are looked at. What is within comments is no link.
A style sheet in a file of its own is read by itself: `concealed` tells what it hides, `around` what links stand in.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from urllib.parse import unquote

from turbohtml import Element

from crawler.html import Document, squeeze
from crawler.remembered import remembered
from crawler.urls import Joiner, host, is_government


class How(StrEnum):
    NONE = "none"
    """display, visibility, opacity or the attribute `hidden`: menus and tabs are hidden this way too."""
    SIZE = "size"
    POSITION = "position"
    MARQUEE = "marquee"
    NOSCRIPT = "noscript"
    SHEET = "sheet"
    """display or visibility in the page's own style sheet."""
    SCRIPT = "script"
    """A script hides the element that holds it."""
    CODED = "coded"
    """A script spells the address out of character codes, Base64 or packed words."""
    GATE = "gate"
    """A script sends readers on by their browser or by the search engine they come from."""


@dataclass(frozen=True, slots=True)
class Hidden:
    url: str
    text: str
    how: How
    linked: bool = False
    """By a style sheet in a file of its own, which another, or a script, may take back."""


FOLLOWED = frozenset({"a", "area"})
_DEEPEST = 40  # elements above a link
_NAME = 60  # characters of a class
_SPACE = re.compile(r"\s+|!important")
_NONE = re.compile(r"display:none|visibility:(?:hidden|collapse)|opacity:0?(?:\.0+)?(?:;|$)")
_SMALL = re.compile(r"(?:^|;)(?:max-)?(?:width|height):[01](?:px|pt|em|%)?(?:;|$)")
_NO_LETTERS = re.compile(r"(?:^|;)font-size:[01](?:\.\d+)?(?:px|pt|em|rem|%)?(?:;|$)")
_AWAY = re.compile(r"(?:^|;)(?:left|top|right|bottom|margin|margin-left|margin-top|text-indent):-\d{3,}(?:px|pt|em|%)?")
_SHOWN = re.compile(r"(?:display|visibility)\s*:\s*(?!none|hidden|collapse)\w")
_COMMENT = re.compile(r"/\*(?:[^*]|\*(?!/))*+(?:\*/)?")
_SIMPLE = re.compile(r"[\w-]*([.#][\w-]+)")
_HIDES = re.compile(
    r"""getElementById\(\s*["']([\w-]+)["']\s*\)\.style\.(?:display|visibility)\s*=\s*["'](?:none|hidden)["']"""
    r"""|\$\(\s*["']#([\w-]+)["']\s*\)\.hide\(\)"""
)
_STYLE = 2000  # characters of a style
_LONGEST = 100_000  # characters of a script or a sheet that is looked into
_REMEMBERED = 32  # scripts and sheets: a site's stand on all its pages
_SIGNS = ("fromCharCode", "atob(", "unescape(", "decodeURIComponent(", "\\x", "\\u00", "eval(function(p,a,c,k,e")
# Each takes one run of characters and gives nothing back: a script may be written to keep us busy.
_CODES = re.compile(r"fromCharCode\s*\(([\d\sxXa-fA-F,]{8,}+)\)")
_BASE64 = re.compile(r"""["']([A-Za-z0-9+/]{8,}={0,2})["']""")
_HEX = re.compile(r"(?:\\x[0-9a-fA-F]{2}|\\u00[0-9a-fA-F]{2}){4,}")
_QUOTED = re.compile(r"""["']([^"']*+)["']""")
_PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2}){2}")
_PACKED = re.compile(r"\}\('((?:[^'\\]|\\.)*+)',(\d{1,2}),\d{1,5},'((?:[^'\\]|\\.)*+)'\.split\('\|'\)", re.DOTALL)
_WORD = re.compile(r"\b\w+\b")
# Not the two slashes of a comment.
_ADDRESS = re.compile(r"""(?:https?:|(?<=["'=]))//([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)+)[^\s"'<>\\)]{0,500}""")
# Whom a gate tells apart: search engines and who comes from them; or only telephones, as many honest scripts do.
_SEARCH = re.compile(r"spider|\bbot\b|baidu|sogou|\bsm\.cn|\bso\.com", re.IGNORECASE)
_PHONE = re.compile(r"mobile|iphone|android", re.IGNORECASE)
_SENDS = re.compile(r"location|<iframe|createElement|document\.write")
_SENT = re.compile(
    r"""(?:location(?:\.href)?\s*=|location\.(?:replace|assign)\(|<iframe[^<>]{0,300}?\ssrc\s*=)\s*\\?["']?((?:https?:)?//[^\s"'<>\\)]+)"""
)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def hidden_links(document: Document, url: str, sheets: Mapping[str, How] = {}) -> Iterator[Hidden]:
    """What the page at `url` hides that leads to another's host. `sheets`: what its linked style sheets hide."""
    joiner = Joiner(url)
    joiner = Joiner(joiner.join(document.base).url or url) if document.base else joiner
    found = []
    for tag, _, raw, node in document.places():
        if tag in FOLLOWED:
            target = joiner.join(raw).url or ""
            if is_foreign(target, url):
                found.append((target, node))
    seen = set()
    for target, how, node in covered(document, found):
        seen.add(target)
        yield Hidden(target, squeeze(node.text)[:200], how)
    for target, node in found if sheets else ():
        by_sheet = _cover(node, sheets)
        if by_sheet is not None and target not in seen:
            yield Hidden(target, squeeze(node.text)[:200], by_sheet, linked=True)
    yield from spelt(document, url)


def is_foreign(target: str, own: str) -> bool:
    """A web address on a host that is neither the page's nor a government's."""
    name = host(target)
    return bool(name) and name != host(own) and not is_government(name)


def covered(document: Document, links: Iterable[tuple[str, Element]]) -> Iterator[tuple[str, How, Element]]:
    """Of these links (address, element), those that a reader cannot see."""
    names: dict[str, How] | None = None
    for target, node in links:
        if names is None:  # few pages come to this
            names = _names(document)
        how = _cover(node, names)
        if how is not None:
            yield target, how, node


def around(links: Iterable[tuple[str, Element]]) -> frozenset[str]:
    """Classes (`.a`) and ids (`#a`) of these elements and of all that they stand in."""
    found: set[str] = set()
    for _, node in links:
        at: object = node
        for _ in range(_DEEPEST):
            if not isinstance(at, Element):
                break
            ident = at.attr("id")
            if ident:
                found.add(f"#{ident[:_NAME]}")
            found.update(f".{name[:_NAME]}" for name in (at.attr("class") or "").split())
            at = at.parent
    return frozenset(found)


def spelt(document: Document, url: str) -> Iterator[Hidden]:
    """Foreign addresses that the page's scripts hide, or keep for some readers only."""
    for script in document.inline_scripts():
        for target, how, words in told(script) if len(script) <= _LONGEST else ():
            if is_foreign(target, url):
                yield Hidden(target, words, how)


@lru_cache(maxsize=_REMEMBERED)
def told(script: str) -> tuple[tuple[str, How, str], ...]:
    """Each address that a script does not write as it is: (address, how, the words around it)."""
    found: dict[str, tuple[str, How, str]] = {}
    if any(sign in script for sign in _SIGNS):
        text = " ".join(_decoded(script))
        plain = {match[1] for match in _ADDRESS.finditer(script)}
        for match in _ADDRESS.finditer(text):
            if match[1] not in plain:
                found.setdefault(match[1], (f"http://{match[1]}/", How.CODED, squeeze(text)[:200]))
    for name in _gated(script):
        found.setdefault(name, (f"http://{name}/", How.GATE, ""))
    return tuple(found.values())


def _gated(script: str) -> Iterator[str]:
    """The hosts to which a script sends some of the readers."""
    if not ("referrer" in script or "userAgent" in script) or not _SENDS.search(script):
        return
    if _SEARCH.search(script):
        yield from (match[1] for match in _ADDRESS.finditer(script))
    elif _PHONE.search(script):
        sent = (_ADDRESS.search(f"'{match[1]}") for match in _SENT.finditer(script))
        yield from (address[1] for address in sent if address is not None)


def _cover(node: Element, names: Mapping[str, How]) -> How | None:
    """How the link, or what it stands in, is hidden; the nearest cover is told."""
    at: object = node
    for _ in range(_DEEPEST):
        if not isinstance(at, Element):
            break
        style = at.attr("style")
        how = _by_style(style[:_STYLE]) if style else None
        if how is None and at.attr("hidden") is not None:
            how = How.NONE
        if how is None and at.tag == "noscript":
            how = How.NOSCRIPT
        if how is None and at.tag == "marquee" and _is_tiny(at):
            how = How.MARQUEE
        if how is None and names:
            how = names.get("#" + (at.attr("id") or ""))
            for name in (at.attr("class") or "").split():
                how = how or names.get("." + name)
        if how is not None:
            return how
        at = at.parent
    return None


@remembered(1 << 12)
def _by_style(style: str) -> How | None:
    plain = _SPACE.sub("", style.lower())
    if _NONE.search(plain):
        return How.NONE
    if _NO_LETTERS.search(plain) or ("overflow:hidden" in plain and _SMALL.search(plain)):
        return How.SIZE
    return How.POSITION if _AWAY.search(plain) else None


def _is_tiny(marquee: Element) -> bool:
    """One pixel high or wide, or so quick that nobody can read it."""
    sizes = [marquee.attr(name) or "" for name in ("height", "width")]
    style = _SPACE.sub("", (marquee.attr("style") or "").lower())
    quick = (marquee.attr("scrollamount") or "").strip()
    small = any(size.strip().removesuffix("px") in ("0", "1", "2", "3", "4", "5") for size in sizes)
    return small or _SMALL.search(style) is not None or (quick.isdecimal() and len(quick) >= 3)


def _names(document: Document) -> dict[str, How]:
    """Classes (`.a`) and ids (`#a`) that the page's own sheets or scripts hide."""
    found: dict[str, How] = {}
    for node in document.root.select("style"):
        sheet = node.text
        if len(sheet) <= _LONGEST:
            found.update(_hidden_by_sheet(sheet))
    for script in document.inline_scripts():
        if len(script) <= _LONGEST:
            found.update(_hidden_by_script(script))
    return found


@lru_cache(maxsize=_REMEMBERED)
def _hidden_by_script(script: str) -> dict[str, How]:
    return {"#" + (match[1] or match[2]): How.SCRIPT for match in _HIDES.finditer(script)}


def concealed(sheet: str) -> Mapping[str, How]:
    """Classes (`.a`) and ids (`#a`) that a style sheet hides, and does not show again further down."""
    return _hidden_by_sheet(sheet) if len(sheet) <= _LONGEST else {}


@lru_cache(maxsize=_REMEMBERED)
def _hidden_by_sheet(sheet: str) -> dict[str, How]:
    sheet = _COMMENT.sub("", sheet)
    found: dict[str, How] = {}
    depth = 0
    for block in sheet.split("}"):
        parts = block.split("{")
        depth += len(parts) - 1
        plain, depth = depth == 1 and len(parts) == 2, max(depth - 1, 0)  # not in @media
        how = _by_style(parts[1][:_STYLE]) if plain else None
        shown = how is None and plain and _SHOWN.search(parts[1][:_STYLE]) is not None
        for selector in parts[0].split(",") if how is not None or shown else ():
            simple = _SIMPLE.fullmatch(selector.strip())
            if simple is not None and shown:
                found.pop(simple[1], None)
            elif simple is not None and how is not None:
                found[simple[1]] = How.SHEET if how is How.NONE else how
    return found


def _decoded(script: str) -> Iterator[str]:
    """What the script's codes say."""
    for match in _CODES.finditer(script):
        numbers = (int(n, 16 if n[:2].lower() == "0x" else 10) for n in re.findall(r"0x[0-9a-fA-F]+|\d+", match[1]))
        yield "".join(chr(n) for n in numbers if n < 0x110000)
    if "atob(" in script:
        # Addresses come in pieces; in their order they make one again.
        yield "".join(_from_base64(match[1]) for match in _BASE64.finditer(script))
    for match in _HEX.finditer(script):
        yield bytes.fromhex(match[0].replace("\\x", "").replace("\\u00", "")).decode("latin-1")
    if "unescape(" in script or "decodeURIComponent(" in script:
        yield from (unquote(match[1]) for match in _QUOTED.finditer(script) if _PERCENT.search(match[1]))
    for match in _PACKED.finditer(script):
        yield _unpacked(match[1], int(match[2]), match[3].split("|"))


def _from_base64(text: str) -> str:
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
    return plain if plain.isprintable() else ""


def _unpacked(text: str, radix: int, words: list[str]) -> str:
    """Dean Edwards' packer: every word is the number of its place in the list."""
    if not 2 <= radix <= len(_DIGITS):
        return " ".join(words)

    def word(match: re.Match[str]) -> str:
        try:
            at = int(match[0], radix)
        except ValueError:
            return match[0]
        return words[at] if at < len(words) and words[at] else match[0]

    return _WORD.sub(word, text).replace("\\'", "'").replace('\\"', '"')
