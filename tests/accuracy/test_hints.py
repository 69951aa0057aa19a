"""What is handed to a person is worth a look, and what is certain is so."""

from __future__ import annotations

import pytest
from hints import RULES, hints, precision, run, table
from measure import Figures

PRECISION, RECALL = 0.8, 0.95
PLANTED, INNOCENT = 30, 100


@pytest.fixture(scope="module")
def measured() -> tuple[dict[str, Figures], list[str]]:
    return run(list(hints()))


@pytest.mark.parametrize("rule", RULES)
def test_rule(rule, measured):
    total, errors = measured
    figures = total[rule]
    wrong = f"{table(total)}\n" + "\n".join(error for error in errors if error.startswith(f"{rule} "))
    assert figures.planted >= PLANTED
    assert figures.innocent >= INNOCENT
    assert figures.wrong == 0, wrong
    assert figures.review == 0, wrong  # what can be proved is said to be so
    assert precision(figures) >= PRECISION, wrong
    assert figures.recall >= RECALL, wrong
