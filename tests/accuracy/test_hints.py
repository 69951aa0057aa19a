"""What is handed to a person is worth a look, and what is certain is so. A fixed sample, as in test_accuracy.py."""

from __future__ import annotations

import pytest
from goals import REVIEW, shortfalls
from hints import RULES, hints, run, table
from measure import Figures, sample

SHARE = 3


@pytest.fixture(scope="module")
def measured() -> tuple[dict[str, Figures], list[str]]:
    return run(sample(hints(), SHARE))


@pytest.mark.parametrize("rule", RULES)
def test_rule(rule, measured):
    total, errors = measured
    figures = total[rule]
    wrong = f"{table(total)}\n" + "\n".join(error for error in errors if error.startswith(f"{rule} "))
    assert list(shortfalls(total, {rule: REVIEW.on(SHARE)})) == [], wrong
    assert figures.wrong == 0, wrong
    assert figures.review == 0, wrong  # what can be proved is said to be so
