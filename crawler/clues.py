"""What a visit notes of a page while it has the document in hand, so that rules about text open only pages that call
for it. Whatever was not looked for then is looked for in the page itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from crawler.html import Document
from crawler.numbers import NumberKind

if TYPE_CHECKING:
    from ahocorasick_rs import BytesAhoCorasick

_PIECE = 1 << 17  # bytes searched at a time: what a hostile page matches is forgotten piece by piece
_LONG = 1000  # characters: a page, not a title
_FEW = 2000  # terms


@dataclass(frozen=True, slots=True)
class Clues:
    terms: frozenset[str] = frozenset()
    """Of the terms that were looked for, those in the page's words."""
    numbers: frozenset[NumberKind] = frozenset()
    """Kinds of number in the page's words."""
    hides: bool = False
    """There is a link that leads elsewhere and is not shown (crawler/hidden.py)."""
    around: frozenset[str] = frozenset()
    """Classes and ids of what links to elsewhere stand in: a linked style sheet may hide them."""


def words(document: Document) -> str:
    """Title, META keywords and description, and the visible text: what a reader or a search engine is shown."""
    metas = (content for name in ("keywords", "description") for content in document.metas.get(name, ()))
    return "\n".join((document.title, *metas, document.text()))


def occurring(terms: frozenset[str], text: str) -> frozenset[str]:
    """Which of the terms are in the text. Latin letters in small, capital and Title writing are one."""
    if not terms:
        return terms
    machine, names, longest = _machine(terms, full=len(text) > _LONG and len(terms) <= _FEW)
    raw = text.encode("utf-8", "surrogatepass")
    found: set[str] = set()
    for start in range(0, len(raw), _PIECE):
        piece = raw[start : start + _PIECE + longest]
        found.update(names[match[0]] for match in machine.find_matches_as_indexes(piece, overlapping=True))
    return frozenset(found)


@lru_cache(maxsize=6)
def _machine(terms: frozenset[str], *, full: bool) -> tuple[BytesAhoCorasick, tuple[str, ...], int]:
    """The automaton, the term of each of its patterns, and the bytes of the longest.

    `full`: with a table of every state and byte. It searches in three fifths of the time, but takes four times as
    long to build (900 patterns 12 ms) and more memory (2,000 terms 12 MB).
    """
    from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

    written = {form: term for term in sorted(terms) for form in (term.title(), term.upper(), term.lower(), term)}
    patterns = [form.encode() for form in written]
    kind = Implementation.DFA if full else Implementation.ContiguousNFA
    machine = BytesAhoCorasick(patterns, matchkind=MatchKind.Standard, implementation=kind)
    return machine, tuple(written.values()), max(map(len, patterns))
