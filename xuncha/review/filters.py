"""By what the list can be narrowed, each choice with how many it leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from crawler.message import Message, say
from crawler.numbers import masked
from reports import labels
from reports.language import Language
from xuncha.ledger import STATES, State
from xuncha.progress import label
from xuncha.review.docket import ALL, OPEN, Item, Selection

_EVERYTHING = (("", say("全部")),)
_STATES = ((OPEN, say("尚未复核")), (ALL, say("全部")))


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    word: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Filter:
    name: str
    """Of the field in `Selection`."""
    word: str
    options: tuple[Option, ...]


def filters(items: Sequence[Item], selection: Selection, language: Language) -> Iterator[Filter]:
    """Counted among what the other filters leave, the most first."""
    sites = {place(item): item.site for item in items}

    def option(name: str, value: str, word: str) -> Option:
        return Option(value, word, value == getattr(selection, name))

    def one(
        name: str,
        title: Message,
        of: Callable[[Item], str],
        word: Callable[[str], Message | str],
        first: Sequence[tuple[str, Message]],
    ) -> Filter:
        others = replace(selection, **{name: ALL if name == "state" else ""})
        counted = Counter(of(item) for item in items if others.holds(item))
        counted.pop("", None)  # what is not in the ledger has no state
        given = getattr(selection, name)
        if given not in dict(first):
            counted.setdefault(given, 0)
        told = [option(name, value, language.text(message)) for value, message in first]
        for value, count in counted.most_common():
            what = say("{what}（{count}）", what=word(value), count=count)
            told.append(option(name, value, masked(language.text(what))))
        return Filter(name, language.text(title), tuple(told))

    def site(value: str) -> str:
        return label(sites[value]) if value in sites else value

    yield one("state", say("状态"), _state, _state_word, _STATES)
    yield one("site", say("网站"), place, site, _EVERYTHING)
    yield one("rule", say("规则"), lambda item: item.finding.rule, labels.rule, _EVERYTHING)
    yield one("host", say("主机"), lambda item: item.host, str, _EVERYTHING)


def place(item: Item) -> str:
    """The site's, in the run."""
    return item.key.partition("-")[0]


def _state(item: Item) -> str:
    return "" if item.stands is None else item.stands.state.value


def _state_word(value: str) -> Message | str:
    return STATES[State(value)] if value in list(State) else value
