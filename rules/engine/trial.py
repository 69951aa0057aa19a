"""Running the rules: every rule once for each set of parameters, over subjects that stream past.

Nothing here knows what a problem costs. A trial ends in one `Tally` a clause; `rules/engine/judge.py` decides on it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn
from urllib.parse import urlsplit, urlunsplit

from crawler.earlier import Earlier
from crawler.file_clues import FileClues
from crawler.message import Message, say
from crawler.page import Answer, Link, LostPlace, Page, Role
from crawler.probe import Watched
from crawler.site import Site
from crawler.snapshot import ColumnView, Coverage, NotGathered, Snapshot
from rules.engine.edition import Clause
from rules.engine.rule import Each, Problem, Rule
from rules.engine.subject import Selector, selector

_log = logging.getLogger(__name__)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class Stopped(Exception):  # noqa: N818 - what the caller wanted
    """The caller wants to hear no more of it; nothing is decided."""


@dataclass(slots=True)
class Tally:
    """What one clause's subjects came to."""

    problems: dict[str, Problem] = field(default_factory=dict)
    """By fingerprint: the same thing told twice is one problem. The certain telling wins."""
    subjects: int = 0
    unchecked: int = 0
    """Subjects the rule could not decide on."""
    endless: bool = False
    """One unchecked subject may have held any number of problems: a site, or a list that could not be read."""
    why: Message | None = None
    """The first reason for an unchecked subject."""
    undecided: set[str] = field(default_factory=set)
    """The places of the unchecked subjects that have one, or those that the rule named."""
    untold: set[str] = field(default_factory=set)
    """Fingerprints of problems that could not be told, where the rule could tell of every other."""
    tried: set[str] = field(default_factory=set)
    """Of the places that are watched, those of the subjects."""

    def add(self, fingerprint: str, problem: Problem) -> None:
        known = self.problems.get(fingerprint)
        if known is None or (problem.certain and not known.certain):
            self.problems[fingerprint] = problem

    def miss(self, why: Message, *, endless: bool) -> None:
        self.unchecked += 1
        self.endless = self.endless or endless
        self.why = self.why or why


@dataclass(slots=True)
class _Trial:
    """One rule with one set of parameters, and the clauses that wait for its problems."""

    rule: Rule
    params: Mapping[str, Any]
    takers: list[tuple[Selector, Tally]] = field(default_factory=list)
    crashes: int = 0
    watched: frozenset[str] = frozenset()

    def run(self, subject: Any) -> None:  # noqa: ANN401 - a snapshot, column, page or link
        tallies = [tally for wanted, tally in self.takers if wanted(subject)]
        if not tallies:
            return
        if self.watched and (at := place(getattr(subject, "url", ""))) in self.watched:
            for tally in tallies:
                tally.tried.add(at)
        found: list[tuple[str, Problem]] = []
        why: Message | None = None
        only: str | None = None
        places: tuple[str, ...] = ()
        try:
            if not self.rule.concerns(subject):
                return
            for problem in self.rule.check(subject, **self.params):
                found.append((fingerprint(self.rule.id, problem), problem))  # noqa: PERF401 - kept when the next raises
        except NotGathered as missing:
            why = missing.why  # what was told before it is true all the same
            if missing.only is not None:
                at, key = missing.only
                only = fingerprint(self.rule.id, Problem(at, why, key=key))
            places = missing.places
        except Exception as error:  # noqa: BLE001 - a rule's fault must not condemn the site nor stop the others
            why = self._crashed(error)
            found.clear()
        for tally in tallies:
            tally.subjects += 1
            for key, problem in found:
                tally.add(key, problem)
            if why is not None:
                tally.miss(why, endless=self.rule.each == "site" and only is None)
                tally.undecided.update(map(place, places or filter(None, (getattr(subject, "url", None),))))
            if only is not None:
                tally.untold.add(only)

    def lose(self, why: Message) -> None:
        """The subjects could not be listed, or not to the end."""
        for _, tally in self.takers:
            tally.miss(why, endless=True)

    def _crashed(self, error: Exception) -> Message:
        self.crashes += 1
        kind = type(error).__name__
        if self.crashes == 1:
            # Frames only: an exception's own words may quote the page, and a page may hold what no log should.
            frames = "".join(traceback.format_tb(error.__traceback__))
            _log.error("rule %s crashed: %s\n%s", self.rule.id, kind, frames)
        return say("规则 {rule} 运行出错（{kind}），属本程序问题", rule=self.rule.id, kind=kind)


def run(
    snapshot: Snapshot,
    clauses: Sequence[Clause],
    rules: Mapping[str, Rule],
    watched: frozenset[str] = frozenset(),
    stop: Callable[[], bool] = lambda: False,
) -> list[Tally]:
    """The tally of each rule-bound clause, in the order given. Pages and links are read once, one at a time.

    `watched`: places of which it is to be told whether the rule was tried there. `stop`: asked after every subject;
    raises Stopped as soon as it says true.
    """
    trials: dict[tuple[str, str], _Trial] = {}
    tallies = []
    for clause in clauses:
        rule = rules[clause.rule or ""]
        params = rule.settled(clause.params)
        key = (rule.id, json.dumps(params, sort_keys=True, default=str))
        tally = Tally()
        trials.setdefault(key, _Trial(rule, params, watched=watched)).takers.append(
            (selector(rule.each, clause.where), tally)
        )
        tallies.append(tally)
    for each in ("site", "column", "page", "link"):
        _stream(snapshot, each, [trial for trial in trials.values() if trial.rule.each == each], stop)
    for trial in trials.values():
        if trial.crashes > 1:
            _log.error("rule %s crashed on %d subjects", trial.rule.id, trial.crashes)
    return tallies


def _stream(snapshot: Snapshot, each: Each, trials: list[_Trial], stop: Callable[[], bool]) -> None:
    if not trials:
        return
    if each == "site":
        # One view a set of needs: what rules derive from it is kept for their other parameters, and for each other.
        views: dict[frozenset[str], Snapshot] = {
            trial.rule.needs: Declared(snapshot, trial.rule.needs) for trial in trials
        }
        for trial in trials:
            trial.run(views[trial.rule.needs])
            if stop():
                raise Stopped
        return
    if each == "link" and snapshot.saved:
        for trial in trials:
            trial.lose(say("检查的是保存的网页，没有访问其中的链接"))
        return
    try:
        for subject in _subjects(snapshot, each):
            for trial in trials:
                trial.run(subject)
            del subject  # before the next one is made: one page at a time
            if stop():
                raise Stopped
    except NotGathered as missing:
        for trial in trials:
            trial.lose(missing.why)


def _subjects(snapshot: Snapshot, each: Each) -> Iterable[Any]:
    if each == "column":
        return snapshot.columns
    return snapshot.pages() if each == "page" else snapshot.links()


class Declared:
    """The Snapshot as a rule about the site sees it: what the rule did not declare is not there.

    Otherwise a rule would work in the edition where some other rule had asked for the same facts, and fail alone.
    """

    def __init__(self, snapshot: Snapshot, needs: frozenset[str]) -> None:
        self._snapshot = snapshot
        self._needs = needs

    @property
    def site(self) -> Site:
        return self._snapshot.site

    @property
    def as_of(self) -> datetime:
        return self._snapshot.as_of

    @property
    def saved(self) -> bool:
        return self._snapshot.saved

    @property
    def home_answer(self) -> Answer | None:
        return self._snapshot.home_answer

    @property
    def home(self) -> Page:
        return self._snapshot.home

    @property
    def ipv6(self) -> bool:
        self._declared("dns")
        return self._snapshot.ipv6

    @property
    def watched(self) -> Watched:
        self._declared("probes")
        return self._snapshot.watched

    @property
    def earlier(self) -> Earlier:
        self._declared("columns")
        return self._snapshot.earlier

    @property
    def coverage(self) -> Coverage:
        return self._snapshot.coverage

    def answer(self, url: str) -> Answer | None:
        return self._snapshot.answer(url)

    def unread(self, url: str) -> Message:
        return self._snapshot.unread(url)

    @property
    def columns(self) -> tuple[ColumnView, ...]:
        self._declared("columns")
        return self._snapshot.columns

    def pages(self, role: Role | None = None) -> Iterator[Page]:
        self._declared("pages", "articles", "columns")
        return self._snapshot.pages(role)

    def page(self, url: str) -> Page | None:
        self._declared("pages", "articles", "columns")
        return self._snapshot.page(url)

    def links(self) -> Iterator[Link]:
        self._declared("links")
        return self._snapshot.links()

    def file(self, url: str) -> FileClues | None:
        self._declared("attachments")
        return self._snapshot.file(url)

    def lost_places(self) -> Iterator[LostPlace]:
        self._declared("links")
        return self._snapshot.lost_places()

    def _declared(self, *needs: str) -> None:
        if self._needs.isdisjoint(needs):
            self._refuse(needs[0])

    def _refuse(self, need: str) -> NoReturn:
        raise NotGathered(say("规则没有声明需要 {need}", need=need))


def place(url: str) -> str:
    """An address as a place: scheme and host in lower case, no default port, no fragment. Never raises."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    scheme, host = parts.scheme.lower(), parts.netloc.lower()
    host = host.removesuffix(_DEFAULT_PORTS.get(scheme, "\0"))
    return urlunsplit((scheme, host, parts.path or ("/" if host else ""), parts.query, ""))


def fingerprint(rule: str, problem: Problem) -> str:
    """16 hex digits that stay the same from visit to visit: SHA-256 of rule id, place and key."""
    text = "\0".join((rule, place(problem.at), problem.key))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
