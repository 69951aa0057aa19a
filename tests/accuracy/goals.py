"""How right the rules must be, and on how much that must be shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from measure import Figures


@dataclass(frozen=True, slots=True)
class Goal:
    precision: float = 0.99
    recall: float = 0.97
    planted: int = 30
    innocent: int = 100

    def on(self, share: int) -> Goal:
        """What a sample of one in `share` must hold: fewer things, told as rightly."""
        return Goal(self.precision, self.recall, self.planted // (2 * share), self.innocent // (2 * share))


CERTAIN = Goal()
"""For what is called certain."""
REVIEW = Goal(0.8, 0.95)
"""For what is handed to a person."""


def shortfalls(figures: Mapping[str, Figures], goals: Mapping[str, Goal]) -> Iterator[str]:
    """Each figure that misses its rule's goal, in words."""
    for rule, goal in goals.items():
        measured = figures[rule]
        for name in ("precision", "recall", "planted", "innocent"):
            value, wanted = getattr(measured, name), getattr(goal, name)
            if value < wanted:
                yield f"{rule}: {name} {value:.3f}, wanted {wanted}"
