"""How a rule is declared: a pure function from one subject to Problems, found by its id."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_type_hints

from crawler.message import Message
from crawler.page import Answer

Each = Literal["site", "column", "page", "link"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at a place. Knows no law and no points; the judge charges it to clauses."""

    at: str
    """Absolute address of the failing thing."""
    message: Message
    """The fact, with names and numbers, as it could stand in a notice."""
    excerpt: str = ""
    """What stands there: text of the page, never longer than 200 characters."""
    certain: bool = True
    """False: a person must look; it costs no points."""
    on: str | None = None
    """The page it stands on, where that is another than `at`."""
    column: str | None = None
    expected: Message | None = None
    found: Message | None = None
    proof: Answer | None = None
    """The answer that shows it, where that is not the one which the visit got from `at`."""
    key: str = ""
    """Tells apart several problems of one rule at one place (the section, the mark)."""
    visited: bool = True
    """False: it was seen outside this visit, whose answers prove nothing of it."""


Check = Callable[..., Iterator[Problem]]
Terms = Callable[[Mapping[str, Any]], frozenset[str]]
Concern = Callable[[Any], bool]


def _no_terms(_: Mapping[str, Any]) -> frozenset[str]:
    return frozenset()


def _any_subject(_: object) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    each: Each
    needs: frozenset[str]
    """Snapshot fields beyond the subject itself: `columns`, `pages`, `articles`, `links`, `https`, `probes`."""
    check: Check
    parameters: Mapping[str, inspect.Parameter]
    types: Mapping[str, Any]
    terms: Terms = _no_terms
    """What it looks for in the words of pages, by its parameters: the visit notes which pages hold them."""
    office: tuple[str, str] | None = None
    """The parameter that an office fills by a list of its own, and the list's name in the settings: while it is empty,
    there is nothing to look for."""
    concerns: Concern = _any_subject
    """Whether the rule is about a subject at all: of the pages, the guides. Others are not counted as looked at."""

    def settled(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters of a clause with the rule's defaults for the rest."""
        default = {name: p.default for name, p in self.parameters.items() if p.default is not p.empty}
        return default | dict(params)

    @property
    def doc(self) -> str:
        return inspect.getdoc(self.check) or ""


_RULES: dict[str, Rule] = {}


def rule(
    id: str,  # noqa: A002
    *,
    each: Each,
    needs: frozenset[str] | set[str] = frozenset(),
    terms: Terms = _no_terms,
    office: tuple[str, str] | None = None,
    concerns: Concern = _any_subject,
) -> Callable[[Check], Check]:
    """Register a rule. Its keyword-only arguments are the parameters an edition may set; the id is stable for ever."""

    def register(check: Check) -> Check:
        if id in _RULES:
            raise ValueError(f"rule {id} is declared twice")
        parameters = {
            name: parameter
            for name, parameter in inspect.signature(check).parameters.items()
            if parameter.kind is inspect.Parameter.KEYWORD_ONLY
        }
        own = {"column": {"columns"}, "page": {"pages"}, "link": {"links"}, "site": set()}[each]
        _RULES[id] = Rule(
            id,
            each,
            frozenset(needs) | own,
            check,
            parameters,
            get_type_hints(check, include_extras=True),
            terms,
            office,
            concerns,
        )
        return check

    return register


def registered() -> Mapping[str, Rule]:
    """Every rule declared so far, by id. `rules.all_rules()` imports the modules first."""
    return _RULES
