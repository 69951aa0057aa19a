"""What is still to be asked, and whose turn it is.

A host has a slot: so many requests at once, so far apart. A host that must wait holds no slot and slows no other. An
address is marked when it is queued, so it is asked once whoever links to it.

Three phases keep one ask an address true: pages first (they may turn a plain link into a column or an article), then
leaf links of the site itself, then suspects once more. Links to other hosts need not wait for the pages.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum

from crawler.page import LinkKind
from crawler.urls import authority


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
    due: float = 0.0
    """Not before this moment of the frontier's clock."""

    @property
    def turn(self) -> Stage:
        return Stage.CONFIRM if self.again else self.stage


@dataclass(slots=True)
class _Slot:
    gap: float
    free_at: float = 0.0
    in_flight: int = 0
    listed: bool = False
    queue: list[tuple[int, float, int, Target]] = field(default_factory=list)


class Frontier:
    """Targets by host. Times are seconds of any steady clock; the caller passes `now`."""

    def __init__(self, *, gap: float, concurrency: int) -> None:
        self._gap = gap
        self._concurrency = concurrency
        self._slots: dict[str, _Slot] = {}
        self._ready: list[tuple[float, int, str]] = []
        self._held: tuple[deque[str], deque[str], deque[str]] = (deque(), deque(), deque())
        self._open = [0, 0, 0]
        self._turn = 0

    def add(self, target: Target) -> None:
        self._open[_PHASE[target.turn]] += 1
        name = authority(target.url)
        slot = self._slots.setdefault(name, _Slot(self._gap))
        self._turn += 1
        heapq.heappush(slot.queue, (target.turn, target.due, self._turn, target))
        self._list(name, slot)

    def promote(self, target: Target, stage: Stage) -> None:
        """A queued leaf turns out to be a page: it moves to the earlier stage (its old entry is passed over)."""
        self._open[_PHASE[target.turn]] -= 1
        target.stage = stage
        self.add(target)

    def take(self, now: float) -> Target | None:
        """The next target that may be asked now; None when all must wait."""
        while self._ready and self._ready[0][0] <= now:
            _, _, name = heapq.heappop(self._ready)
            slot = self._slots[name]
            slot.listed = False
            while slot.queue and slot.queue[0][0] != slot.queue[0][3].turn:
                heapq.heappop(slot.queue)
            if not slot.queue or slot.in_flight >= self._concurrency:
                continue
            stage, due, _, target = slot.queue[0]
            if slot.free_at > now or due > now:
                self._list(name, slot, max(slot.free_at, due))
                continue
            phase = _PHASE[Stage(stage)]
            if self._must_hold(phase, target):
                self._held[phase].append(name)
                continue
            heapq.heappop(slot.queue)
            target.taken = True
            slot.in_flight += 1
            slot.free_at = now + slot.gap
            self._list(name, slot)
            return target
        return None

    def release(self, target: Target, turn: Stage) -> None:
        """The target, taken at `turn`, has been answered, and what it led to has been added."""
        self._open[_PHASE[turn]] -= 1
        target.taken = False
        name = authority(target.url)
        slot = self._slots[name]
        slot.in_flight -= 1
        self._list(name, slot)
        if self._open[0] == 0:
            self._unhold(1)
            if self._open[1] == 0:
                self._unhold(2)

    def cool(self, url: str, until: float) -> None:
        """Ask this host nothing before `until`."""
        slot = self._slots[authority(url)]
        slot.free_at = max(slot.free_at, until)

    def slow(self, url: str, gap: float) -> None:
        """Keep at least `gap` seconds between two requests to this host (Crawl-delay, back-off). Never lowers."""
        slot = self._slots.setdefault(authority(url), _Slot(self._gap))
        slot.gap = max(slot.gap, gap)

    def next_at(self) -> float | None:
        """When `take` should be tried again; None when only an answer in flight can change anything."""
        return self._ready[0][0] if self._ready else None

    def __len__(self) -> int:
        """Targets queued or in flight."""
        return sum(self._open)

    def drain(self) -> list[Target]:
        """Empty the queues (a limit was reached); targets in flight stay until they are released."""
        left = []
        for slot in self._slots.values():
            for stage, _, _, target in slot.queue:
                if stage == target.turn:
                    self._open[_PHASE[target.turn]] -= 1
                    left.append(target)
            slot.queue.clear()
        return left

    def _must_hold(self, phase: int, target: Target) -> bool:
        if phase == 1:
            return target.internal and self._open[0] > 0
        return phase == 2 and self._open[0] + self._open[1] > 0

    def _list(self, name: str, slot: _Slot, at: float | None = None) -> None:
        if slot.queue and not slot.listed and slot.in_flight < self._concurrency:
            slot.listed = True
            self._turn += 1
            heapq.heappush(self._ready, (slot.free_at if at is None else at, self._turn, name))

    def _unhold(self, phase: int) -> None:
        held = self._held[phase]
        while held:
            name = held.popleft()
            self._list(name, self._slots[name])
