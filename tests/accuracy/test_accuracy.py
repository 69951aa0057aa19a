"""The promise behind every notice: what is called certain is so, and what is there is found."""

from __future__ import annotations

import pytest
from measure import REVIEWED, RULES, Figures, everything, run, table

PRECISION, RECALL = 0.99, 0.97
REVIEWED_PRECISION, REVIEWED_RECALL = 0.8, 0.95
PLANTED, INNOCENT = 30, 100


@pytest.fixture(scope="module")
def measured() -> tuple[dict[str, Figures], dict[str, int], list[str]]:
    return run(everything())


@pytest.mark.parametrize("rule", RULES)
def test_rule(rule, measured):
    total, lists, errors = measured
    figures = total[rule]
    wrong = "\n".join(error for error in errors if f": {rule} " in error)
    assert figures.planted >= PLANTED
    assert figures.innocent >= INNOCENT
    precision, recall = (REVIEWED_PRECISION, REVIEWED_RECALL) if rule in REVIEWED else (PRECISION, RECALL)
    assert figures.precision >= precision, f"{table(total, lists)}\n{wrong}"
    assert figures.recall >= recall, f"{table(total, lists)}\n{wrong}"


def test_lists_are_read_as_a_person_reads_them(measured):
    _, lists, errors = measured
    wrong = "\n".join(error for error in errors if ": list " in error)
    assert lists["right"] >= 0.99 * sum(lists.values()) > 0, wrong
