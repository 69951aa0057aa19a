"""The targets of one origin that wait to be asked, as numbers: eight bytes each, where an object takes hundreds."""

from __future__ import annotations

import heapq
from collections import deque

from crawler.target import Stage

IDLE = 0xFF
PLAIN = 8
_TURN = 7
PHASES = (0, 0, 0, 0, 1, 2)
"""By stage: pages, leaf links, suspects."""
STAGES = tuple(Stage)


class Line:
    """In the order of stages, and of coming.

    `turns` is the frontier's: by number, the stage in which a target waits, with `PLAIN` when it waits for its GET, or
    `IDLE` when it does not wait. An entry in the queue of another stage is a leftover, and passed over.
    """

    __slots__ = ("_queues", "_suspects", "_turns", "back", "counts", "host", "witness")

    def __init__(self, host: str, turns: bytearray) -> None:
        self.host = host
        self.counts = [0, 0, 0]
        """How many wait, by phase, the witness left out."""
        self.witness: int | None = None
        """The target that all others here wait for, as their origin gave no answer to it."""
        self.back: float | None = None
        """When the witness may be asked again; None: it does not wait."""
        self._turns = turns
        self._queues: list[deque[int] | None] = [None] * Stage.CONFIRM
        """By stage."""
        self._suspects: list[tuple[float, int]] = []

    def add(self, number: int, stage: Stage, due: float, *, plain: bool) -> None:
        self._turns[number] = stage | (PLAIN if plain else 0)
        if number == self.witness:
            self.back = due
            return
        self.counts[PHASES[stage]] += 1
        if stage is Stage.CONFIRM:
            heapq.heappush(self._suspects, (due, number))
        else:
            queue = self._queues[stage]
            if queue is None:
                queue = self._queues[stage] = deque()
            queue.append(number)

    def move(self, number: int, stage: Stage) -> None:
        """It waits for an earlier stage from now on."""
        turn = self._turns[number]
        self.counts[PHASES[turn & _TURN]] -= 1
        self.add(number, stage, 0.0, plain=bool(turn & PLAIN))

    def head(self) -> tuple[Stage, float, int] | None:
        """Stage, moment when due, and number of the next; None when none may be asked, whatever the moment."""
        if self.witness is not None:
            return None if self.back is None else (Stage.CONFIRM, self.back, self.witness)
        for stage, queue in enumerate(self._queues):
            if queue is None:
                continue
            while queue:
                if self._turns[queue[0]] & _TURN == stage:
                    return STAGES[stage], 0.0, queue[0]
                queue.popleft()
            self._queues[stage] = None  # an empty one is not small
        while self._suspects:
            due, number = self._suspects[0]
            if self._turns[number] == Stage.CONFIRM:
                return Stage.CONFIRM, due, number
            heapq.heappop(self._suspects)
        return None

    def pop(self, stage: Stage) -> bool:
        """Take the one that `head` named; whether it waited for its GET."""
        if self.witness is not None:
            number, self.back = self.witness, None
        else:
            queue = self._queues[stage] if stage < Stage.CONFIRM else None
            number = heapq.heappop(self._suspects)[1] if queue is None else queue.popleft()
            self.counts[PHASES[stage]] -= 1
        turn, self._turns[number] = self._turns[number], IDLE
        return bool(turn & PLAIN)

    def clear(self) -> tuple[list[int], list[int]]:
        """Let all go: the numbers of those that are still to be asked, and of the suspects but the witness."""
        fresh = []
        for stage, queue in enumerate(self._queues):
            for number in queue or ():
                if self._turns[number] & _TURN == stage:
                    self._turns[number] = IDLE
                    fresh.append(number)
        suspects = [number for _, number in self._suspects]
        for number in suspects:
            self._turns[number] = IDLE
        if self.witness is not None and self.back is not None:
            self._turns[self.witness] = IDLE
        self._queues = [None] * Stage.CONFIRM
        self._suspects.clear()
        self.counts, self.back = [0, 0, 0], None
        return fresh, suspects
