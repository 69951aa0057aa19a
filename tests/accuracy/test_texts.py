"""What is said of a page's words is so, and what is there is found; with the clues of a visit as without them."""

from __future__ import annotations

import pytest
from goals import CERTAIN, REVIEW, shortfalls
from texts import REVIEWED, RULES, Text, measure, reviews, table, texts


@pytest.fixture(scope="module")
def chosen() -> list[Text]:
    return texts()


@pytest.fixture(scope="module")
def measured(chosen):
    return measure(chosen)


@pytest.mark.parametrize("rule", RULES)
def test_rule(rule, chosen, measured):
    total, errors = measured
    figures = total[rule]
    wrong = f"{table(total, chosen)}\n" + "\n".join(error for error in errors if error.startswith(f"{rule} "))
    assert list(shortfalls(total, {rule: REVIEW if rule in REVIEWED else CERTAIN})) == [], wrong
    wanted, told = reviews(chosen, rule)
    assert told >= REVIEW.recall * wanted > 0, wrong
    assert figures.noise <= (1 - REVIEW.precision) * (told + figures.noise), wrong


def test_the_clues_of_a_visit_change_nothing(measured):
    _, errors = measured
    assert [error for error in errors if "without the clues" in error] == []
