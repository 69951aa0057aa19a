"""Parts of a site that go on for ever, or say the same again under ever new addresses: calendars, sessions, orders and
prints of one list, mirrored trees. Pure.

A part is an address template (`crawler.templates`), and it is judged by what its pages bring, never by their number
alone: a column of 5,000 articles is one template too, and each of its pages says something new. A page is *stale* when
its words, digits left out, were all read before on another page of the site, or when nearly all of its lines were read
on earlier pages of its template, and it names no file that is new. After `PATIENCE` stale pages in a row the template
is cut; after `LONG_PATIENCE` in a row, what several templates grow from: one path with ever other parameters, one
folder with ever other names. One page that brings something new begins the count anew.

Pages of a cut template are no longer opened to go on from; `LEAVES` of them are still asked for their outcome, as links
are, and the rest is not asked. The same holds for further spellings of an address that is known (session ids, the order
of parameters): the first stands for them. A visit that cut a template is complete all the same, for what it left is
like what it saw; coverage names the template, the pages opened and the addresses not asked.

What this does not see: a trap that writes new sentences for every page. That is bounded by the limits of the visit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b

from crawler.templates import template, trunk
from crawler.urls import domain

PATIENCE = 30
LONG_PATIENCE = 120
LEAVES = 100
"""Addresses of a cut template, or further spellings of known ones, that are asked for their outcome."""
HOSTS = 500
"""Hosts under one registrable domain; a province names a few hundred."""
_GRACE = 5  # pages of a template before its lines are remembered
_TRUST = 20  # pages in a row that brought something: from then on only every `_SAMPLE`th is looked at line by line
_SAMPLE = 16
_NEW = 10 * 3  # bytes of words that are new on a page that brings something: ten Chinese characters
_READ = 100_000  # characters of a page
# All of ASCII but letters and the line's end.
_NO_WORDS = bytes(b for b in range(0x80) if not (chr(b).isalpha() or b == 0x0A))


@dataclass(frozen=True, slots=True)
class Look:
    """What a page was like beside those before it. `words`: a fingerprint of 63 bits."""

    words: int
    stale: bool
    cut: str | None = None
    """The template that this page was one too many of."""


@dataclass(slots=True)
class _Part:
    pages: int = 0
    run: int = 0
    """Stale pages since the last that brought something."""
    trusted: int = 0
    lines: set[int] = field(default_factory=set)


class Traps:
    """The templates of one visit, and which of them are cut."""

    def __init__(self) -> None:
        self._parts: dict[str, _Part] = {}
        self._words: set[int] = set()
        self._cut: set[str] = set()
        self._leaves: dict[str, int] = {}
        self._hosts: set[str] = set()
        self._domains: dict[str, int] = {}

    def look(self, url: str, text: str, *, again: bool, files: bool) -> Look:
        """Judge a page that came. `again`: its bytes came before; `files`: it names files that are new."""
        letters = text[:_READ].encode("utf-8", "surrogatepass").translate(None, _NO_WORDS)
        words = int.from_bytes(blake2b(letters, digest_size=8).digest()) >> 1
        name = template(url)
        part = self._parts.setdefault(name, _Part())
        if files:
            stale = False
        elif again or words in self._words:
            stale = True
        else:
            stale = self._is_worn(part, letters)
        return Look(words, stale, self._count(name, part, words, stale=stale))

    def _is_worn(self, part: _Part, letters: bytes) -> bool:
        """Whether next to no line of a page is new to its template."""
        if part.pages < _GRACE or (part.trusted >= _TRUST and part.pages % _SAMPLE):
            return False
        new = {hash(line): len(line) for line in letters.split(b"\n")}
        fresh = sum(length for line, length in new.items() if line not in part.lines)
        part.lines.update(new)
        return fresh < _NEW

    def _count(self, name: str, part: _Part, words: int, *, stale: bool) -> str | None:
        """Book a page; the template that must be cut for it."""
        self._words.add(words)
        above = self._parts.setdefault(trunk(name), _Part())
        for each in (part, above):
            each.pages += 1
            each.run = each.run + 1 if stale else 0
            each.trusted = 0 if stale else each.trusted + 1
        if part.run >= PATIENCE and name not in self._cut:
            return name
        return trunk(name) if above.run >= LONG_PATIENCE and trunk(name) not in self._cut else None

    def recall(self, url: str, words: int, *, stale: bool) -> Look:
        """As `look`, of a page that was judged already: before the visit was parked, or in an earlier one."""
        name = template(url)
        return Look(words, stale, self._count(name, self._parts.setdefault(name, _Part()), words, stale=stale))

    def cut(self, name: str) -> int:
        """From now on no page of this template is opened; how many were."""
        self._cut.add(name)
        self._parts.setdefault(name, _Part()).lines.clear()
        return self._parts[name].pages

    def is_cut(self, url: str) -> bool:
        if not self._cut:
            return False
        name = template(url)
        return name in self._cut or trunk(name) in self._cut

    def spare(self, url: str) -> bool:
        """Take one of the asks that are left for addresses like this one."""
        name = template(url)
        asked = self._leaves[name] = self._leaves.get(name, 0) + 1
        return asked <= LEAVES

    def crowds(self, host: str) -> bool:
        """Whether a host, new or not, is one too many under its domain. `host`: without port."""
        if host in self._hosts:
            return False
        if self._domains:
            name = domain(host)
            if name and self._domains.get(name, 0) >= HOSTS:
                return True
            self._domains[name] = self._domains.get(name, 0) + 1
        self._hosts.add(host)
        if not self._domains and len(self._hosts) >= HOSTS:  # before that, it need not be known what belongs together
            self._tally(self._hosts)
        return False

    def _tally(self, hosts: Iterable[str]) -> None:
        for host in hosts:
            name = domain(host)
            self._domains[name] = self._domains.get(name, 0) + 1
