"""The addresses a style sheet makes a browser load (CSS Syntax Level 3, CSS Values 4.5), and those alone.

A token scanner of our own. The fast HTML parser's takes whatever looks like `url(…)`: the names of namespaces, lines
that are meant for comments (`// …`) and properties no browser knows would be called dead images. A whole CSS parser
builds a tree of every colour and length for the few addresses among them. Each token is one run of characters that
gives nothing back, so that a hostile sheet costs linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""
      (?P<comment> /\*(?:[^*]|\*(?!/))*+(?:\*/)? | <!-- | --> )
    | (?P<string> "(?:[^"\\\n]|\\[\s\S])*+"? | '(?:[^'\\\n]|\\[\s\S])*+'? )
    | (?P<url> [uU][rR][lL]\([ \t\r\n\f]*+(?!["'])(?:[^)\\]|\\[\s\S])*+\)? )
    | (?P<word> (?:@|[\w-]|[^\x00-\x7f]|\\[^\n])(?:[\w-]|[^\x00-\x7f]|\\[^\n])*+\(? )
    | (?P<space> [ \t\r\n\f]++ )
    | (?P<mark> [\s\S] )
    """,
    re.VERBOSE | re.ASCII,
)
_ESCAPED = re.compile(r"\\(?:([0-9a-fA-F]{1,6})(?:\r\n|[ \t\r\n\f])?|(\r\n|[\n\f])|([\s\S]))")
# What an address without quotes may hold; anything else makes the token one that browsers drop.
_PLAIN = re.compile(r"""(?:[^"'()\\\x00-\x20\x7f]|\\[0-9a-fA-F]{1,6}[ \t\n]?|\\[^\n])*+""")
_PROPERTY = re.compile(r"[a-z]|-(?:webkit|moz)-")
# Known only to browsers that are gone.
_GONE = frozenset({"behavior", "-moz-binding"})
# Functions whose strings are addresses.
_LOADING = frozenset({"url(", "image-set(", "-webkit-image-set("})
_ANY = re.compile(r"url\(|@import|image-set\(", re.IGNORECASE)
_BEFORE_IMPORT = frozenset({"", "@import", "@charset", "@layer"})


@dataclass(slots=True)
class _Statement:
    """A declaration or an at-rule on its way: what stands between `;`, `{` and `}`."""

    head: str = ""
    colon: bool = False
    spoilt: bool = False
    """It begins as no declaration does (`*zoom`, `// …`), or holds a token that browsers drop."""
    found: list[str] = field(default_factory=list)


def addresses(css: str, *, attribute: bool = False) -> Iterator[str]:
    """The addresses as they stand there, escapes undone: of `@import` before any rule, and of declarations.

    Left out: `data:`, places in the document (`#…`), and font files that no browser of today reads. `attribute`: the
    text is that of a `style` attribute, which holds declarations alone.
    """
    if not _ANY.search(css):
        return
    for raw in _Scan(css, attribute=attribute).run():
        if raw and not raw.startswith("#") and raw[:5].lower() != "data:":
            yield raw


class _Scan:
    def __init__(self, css: str, *, attribute: bool) -> None:
        self._css = css
        self._now = _Statement()
        self._blocks: list[str] = ["style"] if attribute else []
        """Heads of the open blocks."""
        self._outermost = len(self._blocks)
        self._open: list[str] = []
        """Functions and brackets of the statement that are open: nothing ends a statement inside them."""
        self._fonts: list[str] = []
        """Of the `@font-face` that is open: its last `src` is the one that counts."""
        self._ruled = False

    def run(self) -> Iterator[str]:
        for token in _TOKEN.finditer(self._css):
            kind, text = token.lastgroup, token[0]
            if kind == "mark":
                if text in ";{}" and not self._open:
                    yield from self._stop(text)
                else:
                    self._mark(text)
            elif kind == "word":
                self._word(text.lower())
            elif kind == "url":
                self._url(text)
            elif kind == "string":
                self._string(text)
        yield from self._end()
        yield from self._fonts

    def _word(self, text: str) -> None:
        now = self._now
        if text.endswith("("):
            self._open.append(text)
        if not now.head:
            now.head = text
        elif not now.colon and now.head[0] != "@":
            now.spoilt = True  # two words before the colon: a selector, or nothing

    def _mark(self, text: str) -> None:
        now = self._now
        if text in "([":
            self._open.append(text)
        elif text in ")]":
            if self._open:
                self._open.pop()
        elif text == ":" and now.head:
            now.colon = True
        elif not now.colon and not now.head.startswith("@"):
            now.spoilt = True

    def _url(self, text: str) -> None:
        inner = text[4:].removesuffix(")").strip(" \t\r\n\f")
        if _PLAIN.fullmatch(inner):
            self._now.found.append(_unescape(inner))
        else:
            self._now.spoilt = True

    def _string(self, text: str) -> None:
        if len(text) < 2 or text[-1] != text[0]:
            self._now.spoilt = True
        elif (self._open and self._open[-1] in _LOADING) or (self._now.head == "@import" and not self._open):
            self._now.found.append(_unescape(text[1:-1]))

    def _stop(self, text: str) -> Iterator[str]:
        if text == "{":  # what came before was a selector, or the condition of an at-rule
            self._ruled = True
            self._blocks.append(self._now.head)
            self._now = _Statement()
            return
        yield from self._end()
        if text == "}" and len(self._blocks) > self._outermost and self._blocks.pop() == "@font-face":
            yield from self._fonts
            self._fonts = []

    def _end(self) -> Iterator[str]:
        now, self._now = self._now, _Statement()
        if now.head.startswith("@"):
            if now.head == "@import" and not self._ruled and not self._blocks:
                yield from now.found[:1]
            self._ruled = self._ruled or now.head not in _BEFORE_IMPORT
        elif self._blocks and now.colon and not now.spoilt and _PROPERTY.match(now.head) and now.head not in _GONE:
            if self._blocks[-1] != "@font-face":
                yield from now.found
            elif now.head == "src":
                self._fonts = [raw for raw in now.found if not _is_eot(raw)]


def _is_eot(raw: str) -> bool:
    return raw.partition("?")[0].partition("#")[0].lower().endswith(".eot")


def _unescape(text: str) -> str:
    return _ESCAPED.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    """CSS Syntax 4.3.7."""
    if match[1]:
        code = int(match[1], 16)
        return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
    return match[3] or ""
