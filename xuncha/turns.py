"""Turns: what became of each time that a line of the schedule was due. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crawler.message import Message


class Task(StrEnum):
    """What a line of the schedule does."""

    AUDIT = "audit"
    PROBE = "probe"
    RECHECK = "recheck"
    NOTICE = "notice"
    REVIEW = "review"
    BACKUP = "backup"
    PRUNE = "prune"


RUNS = frozenset({Task.AUDIT, Task.RECHECK})
"""They are runs of the store, which can be parked and gone on with."""
AFTER = (Task.REVIEW, Task.RECHECK, Task.NOTICE, Task.BACKUP, Task.PRUNE)
"""What may be done after a run, and does not need to be asked which sites."""


class TurnState(StrEnum):
    DONE = "done"
    PARKED = "parked"
    """Stopped half way; it is gone on with."""
    FAILED = "failed"
    """Our fault, or the operator's: nothing is said of any site."""


@dataclass(frozen=True, slots=True)
class Turn:
    schedule: str
    task: Task
    started: datetime
    finished: datetime
    state: TurnState
    told: Message
    """What came of it, in one sentence."""
    code: int | None = None
    """As the exit code of the command; None where it was not done."""
    run: str | None = None
    """The run that it was, or that it followed."""
