"""What is handed to a person is worth a look, and what is certain is so. Fixed samples, as in test_accuracy.py."""

from __future__ import annotations

from collections.abc import Iterator

import hints
import measure
import moments
import pytest
import tallies
import texts
import visits
from goals import CERTAIN, REVIEW, Goal, shortfalls
from measure import sample
from told import Hints, table

from rules import MODULES, all_rules

HINTS, VISITS, TALLIES = 3, 8, 8
"""One in so many."""


def goals() -> Iterator[tuple[str, Goal]]:
    yield from ((rule, REVIEW.on(HINTS)) for rule in hints.RULES)
    for rule in visits.RULES:
        yield rule, (CERTAIN if rule in visits.CERTAIN else REVIEW).on(VISITS)
    yield from ((rule, REVIEW.on(TALLIES)) for rule in tallies.RULES)
    yield from ((rule, REVIEW) for rule in moments.RULES)


def test_every_rule_is_measured():
    sets = (measure.RULES, texts.RULES, hints.RULES, visits.RULES, moments.RULES, tallies.RULES)
    own = {id_ for id_, rule in all_rules().items() if rule.check.__module__ in MODULES}
    assert {rule for rules in sets for rule in rules} == own


@pytest.fixture(scope="module")
def measured() -> tuple[dict[str, Hints], list[str]]:
    figures: dict[str, Hints] = {}
    errors: list[str] = []
    for told, wrong in (
        hints.run(sample(hints.hints(), HINTS)),
        visits.run(sample(visits.visits(), VISITS)),
        tallies.run(sample(tallies.tallies(), TALLIES)),
        moments.measure(moments.moments()),
    ):
        figures |= told
        errors += wrong
    return figures, errors


@pytest.mark.parametrize(("rule", "goal"), list(goals()))
def test_rule(rule, goal, measured):
    total, errors = measured
    figures = total[rule]
    wrong = f"{table(total)}\n" + "\n".join(error for error in errors if error.startswith(f"{rule} "))
    assert list(shortfalls(total, {rule: goal})) == [], wrong
    assert figures.wrong == 0, wrong
    assert figures.review == 0, wrong  # what can be proved is said to be so
