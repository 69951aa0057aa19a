"""The ledger (台账): what became of each finding, from the visits that saw it and from what people wrote down.

One finding is one identity on one site, its fingerprint. Its state is never stored: it follows, in the order of time,
from looks (a visit that found it, a visit that found it gone) and events (what an office did). A visit that did not
come to the place is no look, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from crawler.message import Message, say
from reports.history import Ground, Past

RELAPSE_DAYS = 90
"""Gone and back again within so many days: 反复."""


class State(StrEnum):
    NEW = "new"
    REVIEW = "review"
    CONFIRMED = "confirmed"
    NOTIFIED = "notified"
    RECTIFYING = "rectifying"
    RECTIFIED = "rectified"
    PASSED = "passed"
    FAILED = "failed"
    OVERDUE = "overdue"
    APPEALED = "appealed"
    UPHELD = "upheld"
    GONE = "gone"


STATES = {
    State.NEW: say("新发现"),
    State.REVIEW: say("待复核"),
    State.CONFIRMED: say("已确认"),
    State.NOTIFIED: say("已通报"),
    State.RECTIFYING: say("整改中"),
    State.RECTIFIED: say("已整改（待复查）"),
    State.PASSED: say("复查通过"),
    State.FAILED: say("复查未过"),
    State.OVERDUE: say("逾期"),
    State.APPEALED: say("申诉中"),
    State.UPHELD: say("申诉成立"),
    State.GONE: say("已消失"),
}
CLOSED = frozenset({State.PASSED, State.GONE})
REVIEWED = frozenset({State.CONFIRMED, State.NOTIFIED, State.RECTIFYING, State.RECTIFIED, State.FAILED, State.OVERDUE})
"""A person has confirmed it, and no objection stands: a notice may name it."""


class Act(StrEnum):
    """What an office does with a finding."""

    CONFIRM = "confirm"
    NOTIFY = "notify"
    RECTIFY = "rectify"
    REPORT = "report"
    APPEAL = "appeal"
    UPHOLD = "uphold"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    """Takes back what was written down last. What was written stays."""


ACTS = {
    Act.CONFIRM: say("确认"),
    Act.NOTIFY: say("通报"),
    Act.RECTIFY: say("开始整改"),
    Act.REPORT: say("报告已整改"),
    Act.APPEAL: say("申诉"),
    Act.UPHOLD: say("申诉成立"),
    Act.REJECT: say("申诉不成立"),
    Act.WITHDRAW: say("撤销"),
}
_TO = {
    Act.CONFIRM: State.CONFIRMED,
    Act.NOTIFY: State.NOTIFIED,
    Act.RECTIFY: State.RECTIFYING,
    Act.REPORT: State.RECTIFIED,
    Act.APPEAL: State.APPEALED,
    Act.UPHOLD: State.UPHELD,
}
_DATED = frozenset({Act.NOTIFY, Act.UPHOLD})
# The office has asked for it to be mended, and it is not: a deadline runs.
_DUE = frozenset({State.NOTIFIED, State.RECTIFYING, State.FAILED})
_ASKED = _DUE | {State.RECTIFIED}


@dataclass(frozen=True, slots=True)
class Look:
    """A visit that came to the place."""

    at: datetime
    run: str
    found: bool
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime
    act: Act
    who: str
    why: str = ""
    day: date | None = None
    """NOTIFY: to be mended by; UPHOLD: holds until."""


@dataclass(frozen=True, slots=True)
class Exemption:
    """豁免: what a rule finds at a place is let be until a day. Another one for the same takes its place."""

    site: str
    """Home address."""
    rule: str
    below: str
    """Addresses that begin so; empty: wherever on the site."""
    at: datetime
    who: str
    why: str
    until: date
    """Its last day."""

    def holds(self, entry: Entry, now: datetime) -> bool:
        same = entry.site == self.site and entry.rule == self.rule and entry.at.startswith(self.below)
        return same and self.at <= now and now.date() <= self.until


@dataclass(frozen=True, slots=True)
class Entry:
    """One finding of one site through time."""

    site: str
    """Its home address."""
    name: str
    fingerprint: str
    rule: str
    at: str
    on: str | None
    message: Message
    """As it was told last."""
    looks: tuple[Look, ...]
    """In the order of time; the first found it."""
    events: tuple[Event, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    """In the order of time, those that another has replaced not among them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a finding stands at a moment."""

    state: State
    first: datetime
    last: datetime
    """When it was seen last."""
    times: int
    due: date | None = None
    until: date | None = None
    """Of an upheld appeal, and of an exemption."""
    ground: Ground | None = None
    """Why it is let be, while it is."""
    relapsed: bool = False
    """It was gone, and came back within RELAPSE_DAYS."""
    done: tuple[Event, ...] = ()
    """What was done and not taken back, in the order of time."""

    @property
    def open(self) -> bool:
        return self.state not in CLOSED


@dataclass(slots=True)
class _Course:
    """The way so far."""

    state: State = State.NEW
    before: State = State.NEW
    """What an appeal came from."""
    gone: datetime | None = None
    due: date | None = None
    until: date | None = None
    ground: Ground | None = None
    relapsed: bool = False
    certain: bool = True
    seen: list[datetime] = field(default_factory=list)

    def fresh(self) -> State:
        return State.NEW if self.certain else State.REVIEW

    def look(self, look: Look) -> None:
        self.expire(look.at.date())
        if not look.found:
            if self.state not in CLOSED:
                self.state, self.gone = State.PASSED if self.state in _ASKED else State.GONE, look.at
                self.due = None
            return
        first, self.certain = not self.seen, look.certain
        self.seen.append(look.at)
        if first:
            self.state = self.fresh()
        elif self.state in CLOSED:
            self.relapsed = self.gone is not None and look.at - self.gone <= timedelta(days=RELAPSE_DAYS)
            self.state, self.until = self.fresh(), None
        elif self.state is State.RECTIFIED:
            self.state = State.FAILED
        elif self.state in (State.NEW, State.REVIEW):
            self.state = self.fresh()

    def act(self, event: Event) -> None:
        self.expire(event.at.date())
        if event.act is Act.CONFIRM and (self.state in _ASKED or self.state is State.APPEALED):
            return  # confirmed once more, it is no less to be mended by its day, and an appeal is no less to be decided
        # An appeal against an appeal is the same one.
        if event.act is Act.APPEAL and self.state is not State.APPEALED:
            self.before = self.state
        if event.act is Act.NOTIFY:
            self.due = event.day
        if event.act is Act.UPHOLD:
            self.until = event.day
            self.ground = Ground(event.who, event.why, event.day, exempt=False)
        self.state = self.before if event.act is Act.REJECT else _TO[event.act]

    def expire(self, today: date) -> None:
        if self.state is State.UPHELD and self.until is not None and today > self.until:
            self.state, self.until = self.fresh(), None


def standing(entry: Entry, now: datetime) -> Standing:
    """How it stands, after all that happened until `now`."""
    # A clock that was set back does not undo that the finding was seen.
    now = max(now, entry.looks[0].at)
    course = _Course()
    done = in_force(event for event in entry.events if event.at <= now)
    happened: list[Look | Event] = [*(look for look in entry.looks if look.at <= now), *done]
    for one in sorted(happened, key=lambda h: h.at):
        if isinstance(one, Look):
            course.look(one)
        elif course.seen:
            course.act(one)
    today = now.date()
    course.expire(today)
    state, until = course.state, course.until
    ground = course.ground if state is State.UPHELD else None
    exemption = next((one for one in reversed(entry.exemptions) if one.holds(entry, now)), None)
    if exemption is not None and state not in CLOSED:
        state, until = State.UPHELD, exemption.until
        ground = Ground(exemption.who, exemption.why, exemption.until, exempt=True)
    if state in _DUE and course.due is not None and today > course.due:
        state = State.OVERDUE
    return Standing(
        state=state,
        first=course.seen[0],
        last=course.seen[-1],
        times=len(course.seen),
        due=course.due if state in _DUE or state is State.OVERDUE else None,
        until=until,
        ground=ground,
        relapsed=course.relapsed and state not in CLOSED,
        done=tuple(done),
    )


def in_force(events: Iterable[Event]) -> list[Event]:
    """The events that were not taken back, in the order of time. What was written in one go (one moment: an appeal and
    its outcome) goes in one go."""
    kept: list[Event] = []
    for event in sorted(events, key=lambda e: e.at):
        if event.act is not Act.WITHDRAW:
            kept.append(event)
            continue
        last = kept[-1].at if kept else None
        while kept and kept[-1].at == last:
            kept.pop()
    return kept


def stood(entry: Entry, seen: datetime, now: datetime) -> Standing:
    """How it stood when it was last there after a visit saw it at `seen`: before the next look that found it gone, or
    else now. What was confirmed and mended since was confirmed all the same."""
    gone = [look.at for look in entry.looks if not look.found and seen < look.at <= now]
    return standing(entry, min(gone) - timedelta(microseconds=1) if gone else now)


def past(entry: Entry, now: datetime) -> Past:
    """What a report of a visit at `now` tells of it."""
    stands = standing(entry, now)
    return Past(stands.first, stands.last, stands.times, stands.state.value, described(stands), stands.ground)


def described(standing: Standing) -> Message:
    """How it stands, in words, with the day and the reason that matter."""
    state, ground = STATES[standing.state], standing.ground
    if ground is not None and ground.exempt:
        state = say("豁免")
    if standing.until is not None and standing.state is State.UPHELD:
        state = say("{state}（至 {day}）", state=state, day=standing.until.isoformat())
    elif standing.due is not None:
        state = say("{state}（期限 {day}）", state=state, day=standing.due.isoformat())
    return say("{state}，反复", state=state) if standing.relapsed else state


def refusal(standing: Standing, event: Event) -> Message | None:
    """Why the event cannot be written down for a finding that stands so; None when it can."""
    act = ACTS[event.act]
    if not standing.open:
        return say("问题的状态是“{state}”，不能再{act}", state=STATES[standing.state], act=act)
    if event.act is Act.WITHDRAW and not standing.done:
        return say("没有可以撤销的记录")
    if event.act in (Act.UPHOLD, Act.REJECT) and standing.state is not State.APPEALED:
        return say("没有申诉，不能写申诉的结果；现在的状态是“{state}”", state=STATES[standing.state])
    if event.act in (Act.APPEAL, Act.UPHOLD, Act.REJECT) and not event.why:
        return say("{act}要写理由：--why 理由", act=act)
    return _wrong_day(event)


def _wrong_day(event: Event) -> Message | None:
    if event.act not in _DATED:
        return None if event.day is None else say("--until 只用于通报（整改期限）和申诉成立（有效期）")
    if event.day is None:
        return say("{act}要写到哪一天：--until 日期", act=ACTS[event.act])
    return say("日期 {day} 已经过去", day=event.day.isoformat()) if event.day < event.at.date() else None
