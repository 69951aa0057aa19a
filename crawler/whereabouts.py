"""Where addresses stood in a visit that is over: what must be looked at to say of them again what was said."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from crawler.page import LinkKind, Role
from crawler.target import Stage

Rows = Callable[[str, Sequence[Any]], Iterator[Any]]

_TARGET = "SELECT id, kind, stage, name FROM targets WHERE url = ?"
_PAGE = "SELECT role, column FROM pages WHERE target = ? OR url = ? LIMIT 1"
_VIA = "SELECT t.url, t.kind FROM passages p JOIN targets t ON t.id IN (p.via, p.root) WHERE p.target = ? GROUP BY t.id"
# Every page once, whatever the number of targets.
_STANDS = """
SELECT target, max(rank), json_group_array(url) FILTER (WHERE rank <= ?) FROM (
  SELECT a.target AS target, p.url AS url, row_number() OVER (PARTITION BY a.target ORDER BY p.target) AS rank
  FROM pages p, json_each(p.links) l JOIN anchors a ON a.id = l.key
  WHERE a.target IN (SELECT value FROM json_each(?)) GROUP BY a.target, p.target
) GROUP BY target
"""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """One address in a visit."""

    kind: LinkKind
    stage: Stage
    name: str
    """What its column is called."""
    role: Role | None
    """None: it was not read as a page."""
    pages: tuple[str, ...] = ()
    """Pages that led to it, in the order of visiting, at most as many as were asked for."""
    count: int = 0
    """All pages that led to it."""
    via: tuple[tuple[str, LinkKind], ...] = ()
    """Style sheets, and pages that only send their reader on, that it was found through."""


def whereabouts(rows: Rows, urls: Iterable[str], most: int) -> dict[str, Whereabouts]:
    """Of those of `urls` that the visit knew. `rows` asks the visit's database; `most`: pages named of each."""
    found: dict[str, tuple[int, Whereabouts]] = {}
    for url in urls:
        row = next(rows(_TARGET, [url]), None)
        if row is None:
            continue
        target, kind, stage, name = row
        role, column = next(rows(_PAGE, [target, url]), (None, ""))
        via = tuple((to, LinkKind(k)) for to, k in rows(_VIA, [target]))
        seen = Whereabouts(LinkKind(kind), Stage(stage), name or column, Role(role) if role else None, via=via)
        found[url] = target, seen
    wanted = json.dumps([target for target, _ in found.values()])
    stands = {target: (count, tuple(json.loads(pages))) for target, count, pages in rows(_STANDS, [most, wanted])}
    return {
        url: Whereabouts(w.kind, w.stage, w.name, w.role, pages=pages, count=count, via=w.via)
        for url, (target, w) in found.items()
        for count, pages in [stands.get(target, (0, ()))]
    }
