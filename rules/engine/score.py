"""The sums of the deduction part, in exact fractions: 0.1 × 7 is 0.7, and 60 is not below 60."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

FULL = 100
ZERO = Fraction(0)


def exact(number: float) -> Fraction:
    """The number as it was written in the edition, not its binary neighbour."""
    return Fraction(str(number))


def allot(points: float, count: int, limit: Fraction) -> list[Fraction]:
    """What each of `count` problems costs, at `points` each, until `limit` is used up."""
    costs: list[Fraction] = []
    each, left = exact(points), limit
    for _ in range(count):
        cost = min(each, left)
        costs.append(cost)
        left -= cost
    return costs


@dataclass(frozen=True, slots=True)
class Sum:
    """The deduction part of one site."""

    full: Fraction
    """Points of all indicators that apply to the site: 100, or 75 without services."""
    measured: Fraction
    """Points of the indicators that could be checked; the others leave the denominator."""
    deducted: Fraction

    @property
    def score(self) -> Fraction | None:
        """Of 100, scaled to what was measured. 75 points without services are counted × 4/3 by this same rule."""
        return (self.measured - self.deducted) * FULL / self.measured if self.measured else None

    @property
    def best(self) -> Fraction | None:
        """The score if everything that was not measured turned out to be right: nobody fails on what was not seen."""
        return (self.full - self.deducted) * FULL / self.full if self.full else None


def published(score: Fraction, passing: float, gate: float) -> float:
    """The score with two decimals, on the side of the thresholds on which it really lies: 59.996 is not 60."""
    rounded = Fraction(math.floor(score * FULL + Fraction(1, 2)), FULL)
    if any(score < limit <= rounded for limit in (exact(passing), exact(FULL))):
        rounded = Fraction(math.floor(score * FULL), FULL)
    elif score > exact(gate) >= rounded:
        rounded = Fraction(math.ceil(score * FULL), FULL)
    return float(rounded)
