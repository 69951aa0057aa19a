"""What an earlier visit understood of a page, for a page whose bytes are still the same: nothing is parsed again.

To understand a page is a pure function of its bytes and its scene (`crawler/harvest.py`), so what it gave once it gives
again, and is kept with a key of everything it was made from. What was read at a moment is kept with that moment: the
newest items of a column are looked for anew on another day.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import filterfalse
from typing import Any

from crawler import file_clues
from crawler.archive import Anchor, Base, Understood
from crawler.baseline import Baseline, column_from, column_json
from crawler.dates import in_china
from crawler.exchange import Reply
from crawler.harvest import Harvest, Lead, Reading, Scene
from crawler.outcome import Glimpse, is_settled
from crawler.page import Dating, LinkKind
from crawler.site import Column, ColumnKind
from crawler.target import Stage

_GOOD = frozenset({200, 206})
"""206: the part of a document that was asked for."""
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Recalled:
    """A page as it was understood before."""

    row: tuple[Any, ...]
    """For `Archive.copy_page`."""
    column: Column | None
    leads: tuple[Lead, ...]
    anchors: list[tuple[int, Anchor]]
    """Those of its links that no page before it has brought into this visit, with their numbers."""
    cut: bool
    understood: Understood


class Recall:
    def __init__(self, baseline: Baseline | None) -> None:
        self._baseline = baseline
        self._met: set[str] = set()
        """Numbers of the anchors handed out."""
        self._hosts = 0

    def reading(self, reply: Reply) -> Reading | None:
        """For a reply whose outcome needs no look into its body; None for all others."""
        if reply.same is None or not reply.same.former.settled or reply.answer.weak:
            return None
        former = reply.same.former
        return Reading(None, "", Glimpse(html=former.html, length=former.size))

    def page(self, reply: Reply, scene: Scene, hosts: Collection[str]) -> Recalled | None:
        """What the page was understood as; None where it must be read again. Its anchors are told once: whoever asks
        takes them in.
        """
        if reply.same is None or self._baseline is None:
            return None
        former = reply.same.former
        before = former.understood
        if before.scene != _key(reply, scene, hosts) or (before.moment and before.moment != _moment(reply, scene)):
            return None
        page = self._baseline.page(former)
        if page is None:
            return None
        links, row = page
        if len(hosts) != self._hosts:  # what was a leaf may be a page of the site now
            self._hosts = len(hosts)
            self._met.clear()
        new = list(filterfalse(self._met.__contains__, json.loads(links)))
        anchors = self._baseline.anchors(new) if new else []
        if anchors is None:
            return None
        self._met.update(new)
        if not before.harvest:
            return Recalled(row, None, (), anchors, cut=False, understood=before)
        kept = json.loads(before.harvest)
        column = column_from(kept["column"]) if kept["column"] else None
        leads = tuple(Lead(url, Stage(stage), LinkKind(kind), name) for url, stage, kind, name in kept["leads"])
        return Recalled(row, column, leads, anchors, kept["cut"], before)

    def look(self, reply: Reply) -> tuple[int, bool] | None:
        """The words of the page, and whether it brought nothing new (crawler.traps.Look); None where it was not
        compared with others."""
        if reply.same is None or self._baseline is None:
            return None
        return self._baseline.look(reply.same.former)


def base(reply: Reply, reading: Reading, understood: Understood | None) -> Base | None:
    """What a later visit may build on: a good answer, and what its page was understood as.

    None for what is no baseline: the first look by HEAD, a redirect's or an error's body, a page that was not read to
    its end.
    """
    answer, headers = reply.answer, reply.headers
    if answer.method != "GET" or answer.status not in _GOOD or not answer.size:
        return None
    if answer.status == 200 and not answer.digest:
        return None
    same = reply.same
    return Base(
        etag=headers.get("etag", "") or (same.former.etag if same is not None else ""),
        modified=headers.get("last-modified", "") or (same.former.modified if same is not None else ""),
        received=answer.at if same is None or reply.body else same.former.received,
        html=reading.glimpse.html,
        settled=is_settled(reading.glimpse) if reading.document is not None or same is None else same.former.settled,
        unchanged=same.profile if same is not None else "",
        understood=understood or Understood("", "", ""),
    )


def understood(reply: Reply, scene: Scene, found: Harvest, hosts: Iterable[str]) -> Understood:
    """What `found` was made of, and what of it does not stand in the archive's rows of the page."""
    column = found.column
    listed = column is not None and column.kind is not ColumnKind.STATIC and not column.archived
    dated = listed or (found.facts is not None and _counts_from_now(found.facts.dating))
    told = ""
    if column is not None or found.leads or found.cut:
        kept = {
            "column": column_json(column) if column is not None else None,
            "leads": [(lead.url, lead.stage, lead.kind, lead.name) for lead in found.leads],
            "cut": found.cut,
        }
        told = json.dumps(kept, ensure_ascii=False)
    return Understood(_key(reply, scene, hosts), _moment(reply, scene) if dated else "", told)


def _key(reply: Reply, scene: Scene, hosts: Iterable[str]) -> str:
    """Of everything but its bytes that a page is understood by."""
    given = column_json(scene.given) if scene.given is not None else None
    parts = (
        reply.answer.url,
        scene.url,
        scene.stage,
        scene.name,
        scene.depth <= 1,
        given,
        scene.columns_given,
        sorted(hosts),
        scene.scope,
        scene.undated_articles,
        scene.dated_articles,
        scene.links_wanted,
        scene.may_leave,
        scene.rendered,
        file_clues.key(scene.terms),
    )
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def _counts_from_now(told: Dating | None) -> bool:
    """A date without a year, or in words (3小时前), is another at another moment."""
    raws = (told.shown_raw, told.meta_raw, told.updated_raw) if told is not None else ()
    return any(raw and not _YEAR.search(raw) for raw in raws)


def _moment(reply: Reply, scene: Scene) -> str:
    """Dates count from the day of the fetch, and those of a list from the moment that is judged too."""
    return f"{in_china(reply.answer.at).date()} {in_china(scene.as_of).date()}"
