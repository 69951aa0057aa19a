"""What is still to be asked, and whose turn it is.

A host has a slot: so many requests at once, so far apart; one at a time until it has answered. A host that must wait
holds no slot and slows no other, and other sites' hosts together leave room for the site's own. An address is marked
when it is queued, so it is asked once whoever links to it.

Three phases keep one ask an address true: pages first (they may turn a plain link into a column or an article), then
leaf links of the site itself, then suspects once more. Links to other hosts need not wait for the pages.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum

from crawler.page import LinkKind
from crawler.urls import authority, origin


class Stage(IntEnum):
    """Why an address is asked, in the order of asking."""

    HOME = 0
    COLUMN = 1
    """May be a column: its page decides."""
    ARTICLE = 2
    PAGE = 3
    LEAF = 4
    """Asked for its outcome only."""
    CONFIRM = 5
    """A suspect, asked again."""


_PHASE = {Stage.HOME: 0, Stage.COLUMN: 0, Stage.ARTICLE: 0, Stage.PAGE: 0, Stage.LEAF: 1, Stage.CONFIRM: 2}


@dataclass(slots=True)
class Target:
    """One address of the visit."""

    id: int
    url: str
    stage: Stage
    kind: LinkKind
    internal: bool
    depth: int = 0
    name: str = ""
    """What the link that led here calls the column."""
    asked: int = 0
    taken: bool = False
    """In flight."""
    again: bool = False
    """A suspect that waits for its second ask."""
    plain: bool = False
    """HEAD, or a part of it, was no use: it waits for its GET."""
    due: float = 0.0
    """Not before this moment of the frontier's clock."""
    entry: int = 0
    """Its one valid place in the queue of its host; 0: it has none."""

    @property
    def turn(self) -> Stage:
        return Stage.CONFIRM if self.again else self.stage


@dataclass(slots=True)
class _Slot:
    gap: float
    outside: bool
    free_at: float = 0.0
    in_flight: int = 0
    answered: bool = False
    listed: float | None = None
    """When its turn comes; None: it is not in line."""
    queue: list[tuple[Stage, float, int, Target]] = field(default_factory=list)


@dataclass(slots=True)
class _Silence:
    """An origin that gave no answer to `witness`; its other targets wait for what the witness's second ask brings."""

    witness: Target
    waiting: list[Target] = field(default_factory=list)


class Frontier:
    """Targets by host (`host[:port]`). Times are seconds of any steady clock; the caller passes `now`."""

    def __init__(self, *, gap: float, concurrency: int, outside: int) -> None:
        """`concurrency`: requests at once a host; `outside`: at once to all hosts that are not the site's own."""
        self._gap = gap
        self._concurrency = concurrency
        self._outside = outside
        self._slots: dict[str, _Slot] = {}
        # Hosts whose turn may have come: the site's own, and the others.
        self._ready: tuple[list[tuple[float, int, str]], list[tuple[float, int, str]]] = ([], [])
        self._held: tuple[deque[str], deque[str], deque[str]] = (deque(), deque(), deque())
        self._open = [0, 0, 0]
        self._silent: dict[str, _Silence] = {}
        self._abroad = 0
        self._turn = 0

    def add(self, target: Target) -> None:
        silence = self._silent.get(origin(target.url)) if self._silent else None
        if silence is not None and silence.witness is not target:
            silence.waiting.append(target)
        else:
            self._push(target)

    def promote(self, target: Target, stage: Stage) -> None:
        """A queued leaf turns out to be a page: it moves to the earlier stage."""
        if not target.entry:  # it waits for its host's witness
            target.stage = stage
            return
        self._open[_PHASE[target.turn]] -= 1
        target.stage = stage
        self._push(target)

    def take(self, now: float) -> Target | None:
        """The next target that may be asked now; None when all must wait."""
        target = self._take(now, self._ready[0])
        if target is None and self._abroad < self._outside:
            target = self._take(now, self._ready[1])
        return target

    def _take(self, now: float, ready: list[tuple[float, int, str]]) -> Target | None:
        while ready and ready[0][0] <= now:
            at, _, name = heapq.heappop(ready)
            slot = self._slots[name]
            if slot.listed != at:
                continue  # it was listed anew, for an earlier moment
            slot.listed = None
            while slot.queue and slot.queue[0][2] != slot.queue[0][3].entry:
                heapq.heappop(slot.queue)
            if not slot.queue or slot.in_flight >= self._most(slot):
                continue
            stage, due, _, target = slot.queue[0]
            if slot.free_at > now or due > now:
                self._list(name, slot, max(slot.free_at, due))
                continue
            if self._must_hold(_PHASE[stage], target):
                self._held[_PHASE[stage]].append(name)
                continue
            heapq.heappop(slot.queue)
            target.taken, target.entry = True, 0
            slot.in_flight += 1
            self._abroad += slot.outside
            slot.free_at = now + slot.gap
            self._list(name, slot)
            return target
        return None

    def release(self, target: Target, turn: Stage, *, answered: bool) -> None:
        """The target, taken at `turn`, was asked, and what it led to has been added. `answered`: its host spoke."""
        self._open[_PHASE[turn]] -= 1
        target.taken = False
        name = authority(target.url)
        slot = self._slots[name]
        slot.in_flight -= 1
        self._abroad -= slot.outside
        slot.answered = slot.answered or answered
        self._list(name, slot)
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
        slot.free_at = at + slot.gap
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
        """Seconds between two requests to this host."""
        return self._slots[authority(url)].gap

    # An origin that does not answer: one address stands for all.

    def suspend(self, witness: Target) -> None:
        """The origin gave no answer to `witness`: its other targets wait until `resume` or `drop`."""
        name = origin(witness.url)
        silence = self._silent[name] = _Silence(witness)
        for _, _, entry, target in self._slots[authority(witness.url)].queue:
            if entry == target.entry and target is not witness and origin(target.url) == name:
                self._open[_PHASE[target.turn]] -= 1
                target.entry = 0
                silence.waiting.append(target)

    def witness(self, url: str) -> Target | None:
        """The target that stands for all others of this origin; None when they are asked as usual."""
        silence = self._silent.get(origin(url)) if self._silent else None
        return silence.witness if silence is not None else None

    def resume(self, url: str) -> None:
        """The origin answers: what waited is queued again."""
        for target in self.drop(url):
            self._push(target)

    def drop(self, url: str) -> list[Target]:
        """What waited for the origin's witness, no longer kept here."""
        return self._silent.pop(origin(url)).waiting

    def next_at(self) -> float | None:
        """When `take` should be tried again; None when only an answer in flight can change anything."""
        own, others = self._ready
        heads = [own[0][0]] if own else []
        if others and self._abroad < self._outside:
            heads.append(others[0][0])
        return min(heads, default=None)

    def __len__(self) -> int:
        """Targets queued, waiting or in flight."""
        return sum(self._open) + sum(len(silence.waiting) for silence in self._silent.values())

    def drain(self) -> list[Target]:
        """Empty the queues (a limit was reached); targets in flight stay until they are released."""
        left = []
        for slot in self._slots.values():
            for _, _, entry, target in slot.queue:
                if entry == target.entry:
                    self._open[_PHASE[target.turn]] -= 1
                    target.entry = 0
                    left.append(target)
            slot.queue.clear()
            slot.listed = None
        for hosts in (*self._ready, *self._held):
            hosts.clear()
        for silence in self._silent.values():
            left += silence.waiting
        self._silent.clear()
        return left

    def _slot(self, name: str, *, outside: bool) -> _Slot:
        slot = self._slots.get(name)
        if slot is None:
            slot = self._slots[name] = _Slot(self._gap, outside)
        elif slot.outside and not outside and not slot.in_flight and slot.listed is None:
            slot.outside = False  # it turned out to be the site's own
        return slot

    def _most(self, slot: _Slot) -> int:
        return self._concurrency if slot.answered else 1

    def _push(self, target: Target) -> None:
        name = authority(target.url)
        slot = self._slot(name, outside=not target.internal)
        self._open[_PHASE[target.turn]] += 1
        self._turn += 1
        target.entry = self._turn
        heapq.heappush(slot.queue, (target.turn, target.due, self._turn, target))
        self._list(name, slot)

    def _must_hold(self, phase: int, target: Target) -> bool:
        if phase == 1:
            return target.internal and self._open[0] > 0
        return phase == 2 and self._open[0] + self._open[1] > 0

    def _list(self, name: str, slot: _Slot, at: float | None = None) -> None:
        when = slot.free_at if at is None else at
        if slot.queue and slot.in_flight < self._most(slot) and (slot.listed is None or when < slot.listed):
            slot.listed = when
            self._turn += 1
            heapq.heappush(self._ready[slot.outside], (when, self._turn, name))

    def _unhold(self, phase: int) -> None:
        held = self._held[phase]
        while held:
            name = held.popleft()
            self._list(name, self._slots[name])
