"""The older edition: what it shares with the one of 2019, and where the two differ."""

from __future__ import annotations

import pytest

from crawler.site import SiteKind
from rules.engine.edition import Clause, Edition, Indicator, Part, load


@pytest.fixture(scope="module")
def edition() -> Edition:
    return load("cn-2015")


def _clauses(edition: Edition) -> list[tuple[Indicator, Clause]]:
    return [(i, c) for i in edition.indicators for c in i.clauses]


def test_frame(edition: Edition) -> None:
    assert edition.basis == "国办发〔2015〕15号"
    assert edition.pass_score == 60
    assert edition.scored == (SiteKind.PORTAL, SiteKind.DEPARTMENT)
    assert not [i for i in edition.indicators if i.part is Part.BONUS]
    assert edition.bonus_gate == 100, "nothing is above it: there is no bonus part"


def test_vetoes(edition: Edition) -> None:
    vetoes = [i.title for i in edition.indicators if i.part is Part.VETO]
    assert vetoes == ["站点无法访问", "网站不更新", "栏目不更新", "严重错误", "互动回应差"]


def test_the_deductions_are_a_hundred_points_in_four_groups(edition: Edition) -> None:
    groups: dict[str, float] = {}
    for indicator in edition.indicators:
        if indicator.part is Part.DEDUCT:
            groups[indicator.group] = groups.get(indicator.group, 0) + indicator.points
    assert list(groups) == ["网站可用性", "信息更新情况", "互动回应情况", "服务实用情况"]
    assert sum(groups.values()) == 100
    assert groups["信息更新情况"] > 40, "a site was failed for more than 40 points of it"


def test_columns_of_any_level_count(edition: Edition) -> None:
    """一级栏目 came in 2019."""
    assert not any("top_only" in c.params or "top" in c.where for _, c in _clauses(edition))
    assert any(c.params.get("top_only") == ["notice", "policy"] for _, c in _clauses(load("cn-2019")))


def test_only_the_veto_part_was_seen(edition: Edition) -> None:
    for indicator, clause in _clauses(edition):
        assert clause.source, indicator.code
        if clause.verified:
            assert indicator.part is Part.VETO
            assert "记忆" not in clause.source
