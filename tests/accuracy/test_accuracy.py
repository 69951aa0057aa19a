"""The promise behind every notice: what is called certain is so, and what is there is found.

A fixed sample of what `make accuracy` measures whole, against the same goals.
"""

from __future__ import annotations

import pytest
from goals import CERTAIN, REVIEW, shortfalls
from measure import REVIEWED, RULES, Figures, few, run, table

SHARE = 5


@pytest.fixture(scope="module")
def measured() -> tuple[dict[str, Figures], dict[str, int], list[str]]:
    return run(few(SHARE))


@pytest.mark.parametrize("rule", RULES)
def test_rule(rule, measured):
    total, lists, errors = measured
    wrong = "\n".join(error for error in errors if f": {rule} " in error)
    goal = (REVIEW if rule in REVIEWED else CERTAIN).on(SHARE)
    assert list(shortfalls(total, {rule: goal})) == [], f"{table(total, lists)}\n{wrong}"


def test_lists_are_read_as_a_person_reads_them(measured):
    _, lists, errors = measured
    wrong = "\n".join(error for error in errors if ": list " in error)
    assert lists["right"] >= 0.99 * sum(lists.values()) > 0, wrong
