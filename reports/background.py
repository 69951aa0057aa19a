"""What earlier notices and the ledger have to say to a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

Place = tuple[str, str]
"""(home address, fingerprint) of one finding."""


@dataclass(frozen=True, slots=True)
class Followup:
    """What became of the findings that the notices of the last period named. The numbers of `mended`, `upheld`,
    `waiting`, `open`, `unseen` and `back` add up to `named`."""

    period: str
    """As a document calls it, such as 2026年第三季度."""
    today: date
    named: int
    sites: int
    mended: int
    """Looked for again and not found."""
    waiting: int
    """Reported as mended, and not looked for since."""
    open: int
    """Seen since, and neither mended nor reported as such."""
    back: int
    """Mended, and there again."""
    upheld: int
    """The objection was right: no fault of the site's."""
    overdue: int
    """Of `open`, those whose deadline has passed."""
    late: tuple[str, ...] = ()
    """Names of the sites with such ones."""
    unseen: int = 0
    """Not reported as mended, and no visit has come to the place since: nobody knows."""


@dataclass(frozen=True, slots=True)
class Background:
    followup: Followup | None = None
    """None: nothing went out in an earlier period."""
    failed_before: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Home address → the recent periods, in order, in which a notice called the site 不合格."""
    noticed: Mapping[Place, str] = field(default_factory=dict)
    """Findings that a notice named whose deadline has passed, and that were never mended since → its number."""
    mended: frozenset[Place] = frozenset()
    """Findings of this inspection that a later visit found mended."""
