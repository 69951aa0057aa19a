"""One address of a visit: why it is asked, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from crawler.page import LinkKind


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


@dataclass(slots=True)
class Target:
    """One address. It is an object only while it is asked: a visit may know a million, and the archive keeps them."""

    id: int
    """Counted from 1."""
    url: str
    stage: Stage
    kind: LinkKind
    internal: bool
    depth: int = 0
    name: str = ""
    """What the link that led here calls the column."""
    asked: int = 0
    again: bool = False
    """A suspect that waits for its second ask."""
    plain: bool = False
    """HEAD, or a part of it, was no use: it waits for its GET."""

    @property
    def turn(self) -> Stage:
        return Stage.CONFIRM if self.again else self.stage
