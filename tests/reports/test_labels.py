"""Every state and id that a document can meet has a name for people."""

from __future__ import annotations

import pytest

from crawler.file_clues import UNREAD
from crawler.linked import SKIP_REASONS
from crawler.site import ColumnKind, SiteKind
from reports import labels
from rules import all_rules
from rules.engine.assessment import Result, Status
from rules.engine.edition import Part


@pytest.mark.parametrize(
    ("named", "kinds"),
    [
        (labels.RESULTS, Result),
        (labels.STATUSES, Status),
        (labels.PARTS, Part),
        (labels.SITE_KINDS, SiteKind),
        (labels.COLUMN_KINDS, ColumnKind),
    ],
)
def test_every_state_has_a_name(named: object, kinds: object) -> None:
    assert set(named) == set(kinds)


def test_every_rule_and_every_reason_has_a_name() -> None:
    ours = {rule.id for rule in all_rules().values() if rule.check.__module__.startswith("rules.")}
    assert ours <= set(labels.RULES)
    assert set(SKIP_REASONS) | set(UNREAD) <= set(labels.SKIPS)


def test_what_is_not_ours_speaks_for_itself() -> None:
    assert str(labels.rule("sichuan-rule")) == "sichuan-rule"
    assert str(labels.skip("省里的规定")) == "省里的规定"
    assert str(labels.column_kind("unknown")) == "unknown"
    assert str(labels.column_kind("news")) == "动态要闻"
