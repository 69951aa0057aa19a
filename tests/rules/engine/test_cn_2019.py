"""The bundled edition against what the regulation says."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from crawler.site import SiteKind
from rules import all_rules
from rules.engine.edition import Clause, Edition, Indicator, Part, load


@pytest.fixture(scope="module")
def edition() -> Edition:
    return load("cn-2019")


def _clauses(edition: Edition) -> list[tuple[Indicator, int, Clause]]:
    return [(i, n, c) for i in edition.indicators for n, c in enumerate(i.clauses, 1)]


def _clause(edition: Edition, code: str, number: int) -> Clause:
    return next(c for i, n, c in _clauses(edition) if (i.code, n) == (code, number))


def test_frame(edition: Edition) -> None:
    assert (edition.basis, edition.published.isoformat()) == ("国办秘函〔2019〕19号", "2019-04-18")
    assert (edition.pass_score, edition.bonus_gate) == (60, 80)
    assert edition.scored == (SiteKind.PORTAL,)


def test_the_vetoes_stand_in_the_order_of_the_table(edition: Edition) -> None:
    vetoes = [(i.code, i.title) for i in edition.indicators if i.part is Part.VETO]
    assert vetoes == [
        ("1.1", "安全、泄密事故等严重问题"),
        ("1.2", "站点无法访问"),
        ("1.3", "首页不更新"),
        ("1.4", "栏目不更新"),
        ("1.5", "互动回应差"),
        ("1.6", "服务不实用"),
    ]
    assert [len(i.clauses) for i in edition.indicators if i.part is Part.VETO] == [8, 1, 1, 3, 2, 3]


def test_the_deductions_are_a_hundred_points_in_four_groups(edition: Edition) -> None:
    groups: dict[str, float] = {}
    for indicator in edition.indicators:
        if indicator.part is Part.DEDUCT:
            groups[indicator.group] = groups.get(indicator.group, 0) + indicator.points
    assert list(groups) == ["发布解读", "办事服务", "互动交流", "功能设计"]
    assert sum(groups.values()) == 100
    assert groups["办事服务"] == 25  # 75 × 4/3
    assert edition.service_group == "办事服务"


def test_thresholds(edition: Edition) -> None:
    first, second, third = (_clause(edition, "1.4", n) for n in (1, 2, 3))
    assert [c.at_least for c in (first, second, third)] == [5, 10, 5]
    assert [c.rule for c in (first, second, third)] == ["stale-column", "stale-column", "empty-column"]
    assert first.params["days"] == {"news": 14, "notice": "6 months", "policy": "6 months"}
    assert first.params["top_only"] == ["notice", "policy"]
    assert _clause(edition, "1.3", 1).params == {"days": 14}
    access = _clause(edition, "1.2", 1)
    assert access.rule == "unreachable-home"
    assert access.params == {"seconds": 15.0, "days": 7, "a_day": 20, "share": 0.05}
    assert "7天" in access.unseen


def test_sourced_points(edition: Edition) -> None:
    """The three deductions that were read in a ministry's own report: 5, 2 and 3 points."""
    assert (_clause(edition, "2.5", 2).points, _clause(edition, "2.16", 2).points) == (5, 3)
    sourced = [(i.code, n) for i, n, c in _clauses(edition) if i.part is Part.DEDUCT and c.verified]
    assert sourced == [("2.5", 2), ("2.13", 2), ("2.16", 2)]


def test_what_comes_from_memory_says_so(edition: Edition) -> None:
    for indicator, number, clause in _clauses(edition):
        assert clause.source, (indicator.code, number)
        if clause.verified:
            assert "记忆" not in clause.source, (indicator.code, number)
            assert clause.source.startswith("国办秘函〔2019〕19号"), (indicator.code, number)
        elif indicator.part is not Part.ADVICE:
            assert re.search(r"记忆（[高中低]）|推定", clause.source), (indicator.code, number)


def test_every_rule_of_the_program_is_bound(edition: Edition) -> None:
    bound = {clause.rule for _, _, clause in _clauses(edition)} - {None}
    own = {id_ for id_, rule in all_rules().items() if rule.check.__module__.startswith("rules.")}
    assert bound == own


def test_a_clause_checks_only_kinds_that_have_a_limit(edition: Edition) -> None:
    for indicator, number, clause in _clauses(edition):
        if clause.rule == "stale-column":
            kinds = clause.where["kind"]
            wanted = {kinds} if isinstance(kinds, str) else set(kinds)
            assert wanted == set(clause.params["days"]), (indicator.code, number)


def test_nothing_is_certain_where_nothing_was_seen(kit: SimpleNamespace, edition: Edition) -> None:
    """A site that did not answer: every clause is unchecked, manual or not applicable; none passes."""
    from crawler.message import say
    from crawler.snapshot import Coverage
    from rules.engine.assessment import Result, Status
    from rules.engine.judge import judge

    dark = kit.Memory(
        home_page=say("首页没有打开"),
        column_views=say("没有识别栏目"),
        page_list=say("没有取得页面"),
        link_list=say("没有访问链接"),
        coverage=Coverage(complete=False),
    )
    result = judge(dark, edition, started=kit.AS_OF, finished=kit.AS_OF, kind=SiteKind.PORTAL)
    assert (result.result, str(result.why), result.score) == (Result.UNDETERMINED, "首页没有打开", None)
    applied = [c for c in result.checks if c.status is not Status.NOT_APPLICABLE]
    assert {c.status for c in applied if c.rule is not None} == {Status.UNCHECKED}
    assert {c.status for c in applied} <= {Status.UNCHECKED, Status.REVIEW}
    assert result.findings == ()
