"""Some pages of a visit asked once more in other guises (crawler/guise.py), after everything else.

A guise that sees something else than the visit did is asked again, and so is the page itself: what is there by accident
(an advertisement, an article of this minute) is not there both times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from crawler import harvest, html, stored
from crawler.archive import Archive
from crawler.asker import Asker
from crawler.exchange import Reply
from crawler.guise import OTHERS, Guise, Looks, differ, looks
from crawler.harvest import Reading
from crawler.outcome import Sign, SignKind
from crawler.page import Evidence
from crawler.target import Target

_PAGES = 3  # the home page and two others

Wanted = tuple[Target, str, Evidence, str, str]
"""A page, its final address, where its bytes are, their Content-Type and encoding."""


class Disguise:
    def __init__(self, archive: Archive, asker: Asker, sign: Callable[[Target, Reply, Reading], Sign]) -> None:
        self._archive = archive
        self._asker = asker
        self._sign = sign
        self._walls: set[Guise] = set()
        """Guises that the site refused: it is not asked again in them."""

    def wanted(self) -> Sequence[Wanted]:
        """The pages that are still to be asked."""
        return self._archive.guises_wanted(_PAGES)

    async def ask(self, page: Wanted) -> int:
        """Ask for one page and keep what came; how many bytes that were."""
        target, url, where, content_type, encoding = page
        own = looks(html.parse(stored.text(self._archive.folder, where, content_type, encoding)), url)
        told: list[tuple[Guise, Reply, Sign]] = []
        doubtful: list[Guise] = []
        for guise in OTHERS:
            if guise not in self._walls:
                seen = await self._ask(target, guise, told)
                if seen is not None and differ(own, seen):
                    doubtful.append(guise)
        for guise in (Guise.SELF, *doubtful) if doubtful else ():
            await self._ask(target, guise, told)
        self._archive.add_guises(target.id, told)
        self._archive.commit()
        return sum(len(hop.body) for _, reply, _ in told for hop in reply.exchanges)

    async def _ask(self, target: Target, guise: Guise, told: list[tuple[Guise, Reply, Sign]]) -> Looks | None:
        """What the page looks like in a guise; None where none came."""
        reply = await self._asker.disguised(target.url, guise)
        reading = harvest.read(reply)
        sign = self._sign(target, reply, reading)
        told.append((guise, reply, sign))
        if sign.kind is SignKind.BLOCKED:
            self._walls.add(guise)
        if sign.kind is not SignKind.GOOD or reading.document is None:
            return None
        return looks(reading.document, reply.answer.url)
