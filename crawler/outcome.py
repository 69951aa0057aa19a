"""From an Answer to an Outcome: the state machine that decides whether a link is broken."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from crawler.message import Message


class Verdict(StrEnum):
    OK = "ok"
    BROKEN = "broken"
    BLOCKED = "blocked"
    UNSURE = "unsure"
    PRIVATE = "private"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known of a link's target. Only BROKEN accuses, and it was seen at least twice."""

    verdict: Verdict
    code: str
    """Stable reason: `http-404`, `dns`, `soft-404`, `error-page`, `empty-file`, `challenge`, `robots`, `limit` …"""
    reason: Message
    asked: int = 1
    """How many times it was asked in this visit."""
