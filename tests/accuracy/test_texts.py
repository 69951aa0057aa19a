"""What is said of a page's words is so, and what is there is found; with the clues of a visit as without them."""

from __future__ import annotations

import pytest
from texts import REVIEWED, RULES, Text, measure, reviews, table, texts

PRECISION, RECALL, REVIEWS = 0.99, 0.97, 0.95
REVIEW_PRECISION = 0.8
PLANTED, INNOCENT = 30, 100


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
    assert figures.planted >= PLANTED
    assert figures.innocent >= INNOCENT
    assert figures.precision >= (REVIEW_PRECISION if rule in REVIEWED else PRECISION), wrong
    assert figures.recall >= (REVIEWS if rule in REVIEWED else RECALL), wrong
    wanted, told = reviews(chosen, rule)
    assert told >= REVIEWS * wanted > 0, wrong
    assert figures.noise <= (1 - REVIEW_PRECISION) * (told + figures.noise), wrong


def test_the_clues_of_a_visit_change_nothing(measured):
    _, errors = measured
    assert [error for error in errors if "without the clues" in error] == []
