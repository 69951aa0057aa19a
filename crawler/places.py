"""Which places that links lead to are not in their pages, told from what a visit has stored."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from crawler import fragments, html
from crawler.page import LostPlace, Page
from crawler.urls import Joiner

_SPOTS = "SELECT target, url, spots, script_drawn FROM pages WHERE spots IS NOT NULL ORDER BY target"
# What a script draws may have any place. A page of the same bytes as another is stored once.
_PLACES = """
SELECT places FROM pages WHERE NOT script_drawn
AND target = (SELECT coalesce(l.twin, t.id) FROM targets t LEFT JOIN looks l ON l.target = t.id WHERE t.url = ?)
"""

Rows = Callable[[str, Sequence[Any]], Iterator[Any]]


def lost(rows: Rows, page: Callable[[int], Page | None]) -> Iterator[LostPlace]:
    """Each place once. `rows` asks the visit's database, `page` reads one of its pages."""

    @lru_cache(maxsize=256)
    def places(url: str) -> frozenset[int] | None:
        row = next(rows(_PLACES, [url]), None)
        return fragments.unpack(row[0]) if row else None

    told: set[tuple[str, str]] = set()
    for on, own, spots, drawn in rows(_SPOTS, []):
        missing = []
        for url, name in json.loads(spots):
            spot = (url or own, name)
            there = places(url) if url else None if drawn else frozenset[int]()
            if there is not None and not fragments.leads(name, there) and spot not in told:
                told.add(spot)
                missing.append(spot)
        if missing and (read := page(on)) is not None:
            yield from _told(read, missing)


def _told(page: Page, missing: Sequence[tuple[str, str]]) -> Iterator[LostPlace]:
    """The page is read again to tell how its links look: that is dear, and seldom needed."""
    document = page.document
    base = Joiner(page.url).join(document.base).url if document.base else None
    joiner = Joiner(base or page.url)
    links: dict[tuple[str, str], html.Ref] = {}
    for ref in document.refs():
        if "#" in ref.raw and ref.tag in ("a", "area"):
            to = joiner.join(ref.raw)
            name = fragments.meant(to.fragment)
            links.setdefault((to.url or page.url, name), ref)
    for url, name in missing:
        found = links.get((url, name))
        told = (found.text, found.raw, found.line) if found else ("", f"#{name}", 0)
        yield LostPlace(f"{url}#{name}", page.url, *told)
