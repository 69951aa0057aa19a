"""What the style sheets of a visited site hide: classes and ids, by the sheets that each page links to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from crawler.hidden import How, concealed
from crawler.page import Evidence

_MOST = 100  # sheets of a site that are looked into
_SHEETS = """
SELECT t.id, s.root, a.content_type, a.warc, a.offset, a.sha256 FROM targets t JOIN answers a ON a.target = t.id
LEFT JOIN passages s ON s.target = t.id AND s.kind = 'asset'
WHERE t.internal AND t.kind = 'asset' AND a.sign = 'good' AND a.method = 'GET' AND a.media_type IN ('', 'text/css')
  AND a.warc IS NOT NULL
ORDER BY t.id LIMIT ?
"""
_LINKED = """
SELECT DISTINCT a.target FROM pages p, json_each(p.links) l JOIN anchors a ON a.id = l.key
WHERE p.target = ? AND a.kind = 'asset'
"""


class Concealed:
    """`rows` asks the visit's database; `text` reads a body from its evidence. The sheets are read on first need."""

    def __init__(
        self, rows: Callable[[str, Sequence[Any]], Iterator[Any]], text: Callable[[Evidence, str], str]
    ) -> None:
        self._rows = rows
        self._text = text

    def on(self, page: int, names: frozenset[str]) -> Mapping[str, How]:
        """Which of these names the sheets hide that the page (a target's number) links to, or that those import."""
        if names.isdisjoint(self._names):
            return {}
        linked = {sheet for (sheet,) in self._rows(_LINKED, [page])}
        return {
            name: how
            for (sheet, importing), hides in self._sheets.items()
            if sheet in linked or importing in linked
            for name, how in hides.items()
            if name in names
        }

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(name for hides in self._sheets.values() for name in hides)

    @cached_property
    def _sheets(self) -> dict[tuple[int, int | None], Mapping[str, How]]:
        """Each sheet, with the one at first that imports it, that hides something → what it hides."""
        found = {}
        for sheet, importing, content_type, *where in self._rows(_SHEETS, [_MOST]):
            hides = concealed(self._text(Evidence(*where), content_type))
            if hides:
                found[sheet, importing] = hides
        return found
