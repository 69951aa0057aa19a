"""A reviewer's decision about a finding, and the events that it writes into the ledger: the same ones, whether it comes
in a filled-in list or from the review page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from crawler.message import Message, say
from reports import annex
from xuncha.ledger import Act, Entry, Event, State, refusal, standing


class Choice(StrEnum):
    CONFIRM = "confirm"
    MISTAKEN = "mistaken"
    APPEAL = "appeal"
    UPHOLD = "uphold"
    REJECT = "reject"


CHOICES = {
    Choice.CONFIRM: annex.CONFIRMED,
    Choice.MISTAKEN: annex.MISTAKEN,
    Choice.APPEAL: annex.APPEALED,
    Choice.UPHOLD: say("申诉成立"),
    Choice.REJECT: say("申诉不成立"),
}
_ACTS = {
    Choice.CONFIRM: (Act.CONFIRM,),
    # A mistake of ours is an appeal of the reviewer's own that is upheld at once.
    Choice.MISTAKEN: (Act.APPEAL, Act.UPHOLD),
    Choice.APPEAL: (Act.APPEAL,),
    Choice.UPHOLD: (Act.UPHOLD,),
    Choice.REJECT: (Act.REJECT,),
}


@dataclass(frozen=True, slots=True)
class Decision:
    choice: Choice
    who: str
    why: str = ""
    until: date | None = None
    """How long a mistake or an upheld appeal holds."""

    def events(self, now: datetime) -> list[Event]:
        """All of one moment, so that they are taken back together."""
        return [
            Event(now, act, self.who, self.why, self.until if act is Act.UPHOLD else None) for act in _ACTS[self.choice]
        ]

    @property
    def lacks_reason(self) -> bool:
        return self.choice is not Choice.CONFIRM and not self.why


def fitting(state: State) -> tuple[Choice, ...]:
    """What can be decided about an open finding that stands so: first whether an appeal holds."""
    if state is State.APPEALED:
        return (Choice.REJECT, Choice.UPHOLD)
    return (Choice.CONFIRM, Choice.MISTAKEN, Choice.APPEAL)


def obstacle(entry: Entry, events: Sequence[Event]) -> Message | None:
    """Why the events cannot follow one another here; None when they can."""
    for number, event in enumerate(events):
        before = replace(entry, events=(*entry.events, *events[:number]))
        why_not = refusal(standing(before, event.at), event)
        if why_not is not None:
            return why_not
    return None


def chosen(review: Message) -> Choice:
    """The choice that a filled-in list says."""
    return next(choice for choice, word in CHOICES.items() if word == review)


def told(events: Sequence[Event]) -> Iterator[Choice]:
    """The choices that events of one moment were."""
    acts = tuple(event.act for event in events)
    for choice, own in _ACTS.items():
        if acts == own:
            yield choice
