"""What is still to be asked, and whose turn it is.

A host has a slot: so many requests at once, so far apart, and never in an even beat; one at a time until it has
answered, and less often where it is slow. A host that must wait holds no slot and slows no other, and other sites'
hosts together leave room for the site's own. An address is marked when it is queued, so it is asked once whoever links
to it.

Three phases keep one ask an address true: pages first (they may turn a plain link into a column or an article), then
leaf links of the site itself, then suspects once more. Links to other hosts need not wait for the pages.
"""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from crawler.line import IDLE, PHASES, STAGES, Line
from crawler.target import Stage, Target
from crawler.urls import authority, origin

_JITTER = 0.25  # of a gap: a request comes as much later at most, never earlier
_LONGEST_PACE = 10.0  # seconds between two requests to a host, however slow it is

__all__ = ["Frontier", "Stage", "Target", "Turn"]


class Turn(NamedTuple):
    """A target that is to be asked now."""

    number: int
    stage: Stage
    """CONFIRM for a suspect, whatever its own stage."""
    plain: bool
    """It waited for its GET."""


@dataclass(slots=True)
class _Slot:
    gap: float
    """Seconds between two requests, as somebody asked for them."""
    outside: bool
    pace: float = 0.0
    """The same, as its answers suggest."""
    free_at: float = 0.0
    in_flight: int = 0
    answered: bool = False
    listed: float | None = None
    """When its turn comes; None: it is not in line."""
    lines: list[Line] = field(default_factory=list)
    """Of its origins: http, https."""

    def waits(self) -> bool:
        return any(line.back is not None if line.witness is not None else any(line.counts) for line in self.lines)

    def head(self) -> tuple[tuple[Stage, float, int], Line] | None:
        heads = [(head, n) for n, line in enumerate(self.lines) if (head := line.head()) is not None]
        if not heads:
            return None
        first, n = min(heads)
        return first, self.lines[n]


class Frontier:
    """Targets, by number, of hosts (`host[:port]`). Times are seconds of any steady clock; the caller passes `now`."""

    def __init__(
        self,
        *,
        gap: float,
        concurrency: int,
        outside: int,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`gap`: seconds between two requests to a host; 0: as fast as it answers, unless it asks for more itself.
        `concurrency`: requests at once a host; `outside`: at once to all hosts that are not the site's own. `chance`:
        any number from 0 to 1.
        """
        self._gap = gap
        self._concurrency = concurrency
        self._outside = outside
        self._chance = chance
        self._turns = bytearray()
        self._lines: dict[str, Line] = {}
        self._slots: dict[str, _Slot] = {}
        # Hosts whose turn may have come: the site's own, and the others.
        self._ready: tuple[list[tuple[float, int, str]], list[tuple[float, int, str]]] = ([], [])
        self._held: tuple[deque[str], deque[str], deque[str]] = (deque(), deque(), deque())
        self._open = [0, 0, 0]
        """Queued or in flight, by phase; what waits for a witness left out."""
        self._shut = 0
        """What waits for a witness."""
        self._abroad = 0
        self._listings = 0

    def add(self, target: Target, due: float = 0.0) -> None:
        """Queue a target, new or taken before, in its turn; a suspect not before `due`."""
        number, stage = target.id, target.turn
        if number >= len(self._turns):
            self._turns.extend(bytes([IDLE]) * (number + 1 - len(self._turns)))
        line = self._line(target.url, outside=not target.internal)
        line.add(number, stage, due, plain=target.plain)
        if line.witness not in (None, number):
            self._shut += 1
        else:
            self._open[PHASES[stage]] += 1
            self._list(line.host)

    def stage(self, number: int) -> Stage | None:
        """The stage in which a target waits to be asked; None when it was, or is not to be."""
        turn = self._turns[number] if number < len(self._turns) else IDLE
        return STAGES[turn & 7] if turn & 7 < Stage.CONFIRM else None

    def promote(self, number: int, url: str, stage: Stage) -> None:
        """A target that waits turns out to be more than a leaf: it moves to the earlier stage."""
        line = self._lines[origin(url)]
        before = self.stage(number)
        line.move(number, stage)
        if line.witness is None and before is not None:
            self._open[PHASES[before]] -= 1
            self._open[PHASES[stage]] += 1
            self._list(line.host)

    def take(self, now: float) -> Turn | None:
        """The next target that may be asked now; None when all must wait."""
        turn = self._take(now, self._ready[0])
        if turn is None and self._abroad < self._outside:
            turn = self._take(now, self._ready[1])
        return turn

    def _take(self, now: float, ready: list[tuple[float, int, str]]) -> Turn | None:
        while ready and ready[0][0] <= now:
            at, _, name = heapq.heappop(ready)
            slot = self._slots[name]
            if slot.listed != at:
                continue  # it was listed anew, for an earlier moment
            slot.listed = None
            found = slot.head()
            if found is None or slot.in_flight >= self._most(slot):
                continue
            (stage, due, number), line = found
            if slot.free_at > now or due > now:
                self._list(name, max(slot.free_at, due))
                continue
            if self._must_hold(PHASES[stage], slot):
                self._held[PHASES[stage]].append(name)
                continue
            plain = line.pop(stage)
            slot.in_flight += 1
            self._abroad += slot.outside
            slot.free_at = now + self._step(slot)
            self._list(name)
            return Turn(number, stage, plain)
        return None

    def release(self, target: Target, turn: Stage, *, answered: bool) -> None:
        """The target, taken at `turn`, was asked, and what it led to has been added. `answered`: its host spoke."""
        self._open[PHASES[turn]] -= 1
        name = authority(target.url)
        slot = self._slots[name]
        slot.in_flight -= 1
        self._abroad -= slot.outside
        slot.answered = slot.answered or answered
        self._list(name)
        if self._open[0] == 0:
            self._unhold(1)
            if self._open[1] == 0:
                self._unhold(2)

    def discard(self, target: Target, turn: Stage, now: float) -> None:
        """The target, just taken at `turn`, is not asked after all: its host may be asked for another at once."""
        self._slots[authority(target.url)].free_at = now
        self.release(target, turn, answered=False)

    # A host's moments.

    def book(self, url: str, now: float) -> float:
        """The moment when a request outside the queue (robots.txt, a redirect) may go to this host; the queue waits."""
        slot = self._slot(authority(url), outside=True)
        at = max(slot.free_at, now)
        slot.free_at = at + self._step(slot)
        return at

    def cool(self, url: str, until: float) -> None:
        """Ask this host nothing before `until`."""
        slot = self._slots[authority(url)]
        slot.free_at = max(slot.free_at, until)

    def slow(self, url: str, gap: float) -> None:
        """Keep at least `gap` seconds between two requests to this host (Crawl-delay, back-off). Never lowers."""
        slot = self._slots[authority(url)]
        slot.gap = max(slot.gap, gap)

    def gap(self, url: str) -> float:
        """The least seconds between two requests to this host."""
        slot = self._slots[authority(url)]
        return max(slot.gap, slot.pace)

    def hear(self, url: str, seconds: float, *, good: bool) -> None:
        """This host took so long to answer. It is asked so often that about half of what it may be asked at once is
        under way. An error never lowers the delay: a host in trouble says so quickly.

        The step toward the new delay is half the way, as in Scrapy's AutoThrottle.
        """
        slot = self._slots.get(authority(url))
        if slot is None or not self._gap:
            return
        wanted = min(seconds / max(self._concurrency / 2, 1), _LONGEST_PACE)
        pace = (slot.pace + wanted) / 2
        if good or pace > slot.pace:
            slot.pace = pace

    # An origin that does not answer: one address stands for all.

    def suspend(self, witness: Target) -> None:
        """The origin gave no answer to `witness`: its other targets wait until `resume` or `drop`."""
        line = self._lines[origin(witness.url)]
        line.witness = witness.id
        for phase, count in enumerate(line.counts):
            self._open[phase] -= count
            self._shut += count

    def witness(self, url: str) -> int | None:
        """The target that stands for all others of this origin; None when they are asked as usual."""
        line = self._lines.get(origin(url))
        return line.witness if line is not None else None

    def resume(self, url: str) -> None:
        """The origin answers: what waited is asked again, and its witness like any suspect."""
        line = self._lines[origin(url)]
        for phase, count in enumerate(line.counts):
            self._open[phase] += count
            self._shut -= count
        witness, back = line.witness, line.back
        line.witness, line.back = None, None
        if witness is not None and back is not None:
            line.add(witness, Stage.CONFIRM, back, plain=False)
        self._list(line.host)

    def drop(self, url: str) -> list[int]:
        """What waited for the origin's witness, no longer kept here."""
        line = self._lines[origin(url)]
        fresh, suspects = line.clear()
        line.witness = None
        self._shut -= len(fresh) + len(suspects)
        return fresh + suspects

    def next_at(self) -> float | None:
        """When `take` should be tried again; None when only an answer in flight can change anything."""
        own, others = self._ready
        heads = [own[0][0]] if own else []
        if others and self._abroad < self._outside:
            heads.append(others[0][0])
        return min(heads, default=None)

    def __len__(self) -> int:
        """Targets queued, waiting or in flight."""
        return sum(self._open) + self._shut

    def drain(self) -> list[int]:
        """Empty the queues (a limit was reached): what was never asked. Targets in flight stay until they are
        released.
        """
        left: list[int] = []
        for line in self._lines.values():
            for phase, count in enumerate(line.counts):
                self._open[phase] -= count if line.witness is None else 0
            self._open[PHASES[Stage.CONFIRM]] -= line.back is not None
            left += line.clear()[0]
            line.witness = None
        self._shut = 0
        for slot in self._slots.values():
            slot.listed = None
        for hosts in (*self._ready, *self._held):
            hosts.clear()
        return left

    def _line(self, url: str, *, outside: bool) -> Line:
        line = self._lines.get(origin(url))
        if line is None:
            line = self._lines[origin(url)] = Line(authority(url), self._turns)
            self._slot(line.host, outside=outside).lines.append(line)
        elif not outside:
            self._slot(line.host, outside=False)
        return line

    def _slot(self, name: str, *, outside: bool) -> _Slot:
        slot = self._slots.get(name)
        if slot is None:
            slot = self._slots[name] = _Slot(self._gap, outside)
        elif slot.outside and not outside and not slot.in_flight and slot.listed is None:
            slot.outside = False  # it turned out to be the site's own
        return slot

    def _step(self, slot: _Slot) -> float:
        return max(slot.gap, slot.pace) * (1 + _JITTER * self._chance())

    def _most(self, slot: _Slot) -> int:
        return self._concurrency if slot.answered else 1

    def _must_hold(self, phase: int, slot: _Slot) -> bool:
        if phase == 1:
            return not slot.outside and self._open[0] > 0
        return phase == 2 and self._open[0] + self._open[1] > 0

    def _list(self, name: str, at: float | None = None) -> None:
        slot = self._slots[name]
        when = slot.free_at if at is None else at
        if slot.in_flight < self._most(slot) and (slot.listed is None or when < slot.listed) and slot.waits():
            slot.listed = when
            self._listings += 1
            heapq.heappush(self._ready[slot.outside], (when, self._listings, name))

    def _unhold(self, phase: int) -> None:
        held = self._held[phase]
        while held:
            self._list(held.popleft())
