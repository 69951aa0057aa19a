"""Who did what: what was written in one go, newest first, and whether it can be taken back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crawler.message import Message
from xuncha.decision import CHOICES, told
from xuncha.ledger import ACTS, Act, Event, in_force
from xuncha.review.docket import Item

_OURS = frozenset({Act.CONFIRM, Act.APPEAL, Act.UPHOLD, Act.REJECT})
"""What a review writes. A notice is not taken back with a click."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one person wrote at one moment."""

    name: str
    at: datetime
    who: str
    word: Message
    why: str
    items: tuple[Item, ...]
    valid: bool
    """It was not taken back."""
    last: bool
    """Nothing was written about any of them since, so that it can be taken back."""


def name(at: datetime, who: str) -> str:
    return f"{at.isoformat()} {who}"


def batches(items: Iterable[Item]) -> list[Batch]:
    together: dict[str, list[tuple[Item, list[Event]]]] = {}
    for item in items:
        own: dict[str, list[Event]] = {}
        for event in item.entry.events if item.entry is not None else ():
            own.setdefault(name(event.at, event.who), []).append(event)
        for batch, events in own.items():
            together.setdefault(batch, []).append((item, events))
    found = [_batch(batch, members) for batch, members in together.items()]
    return sorted(found, key=lambda batch: batch.at, reverse=True)


def _batch(batch: str, members: list[tuple[Item, list[Event]]]) -> Batch:
    first = members[0][1][0]
    ours = all(event.act in _OURS for _, events in members for event in events)
    return Batch(
        batch,
        first.at,
        first.who,
        _word(members[0][1]),
        first.why,
        tuple(item for item, _ in members),
        valid=first.act is Act.WITHDRAW or any(_holds(item, first) for item, _ in members),
        last=ours and all(_is_last(item, batch) for item, _ in members),
    )


def last(item: Item) -> Batch | None:
    """What can be taken back of this one finding."""
    return next((batch for batch in batches([item]) if batch.last), None)


def _word(events: list[Event]) -> Message:
    choice = next(told(events), None)
    return ACTS[events[0].act] if choice is None else CHOICES[choice]


def _holds(item: Item, event: Event) -> bool:
    return item.entry is not None and event in in_force(item.entry.events)


def _is_last(item: Item, batch: str) -> bool:
    done = item.stands.done if item.stands is not None and item.stands.open else ()
    return bool(done) and name(done[-1].at, done[-1].who) == batch
