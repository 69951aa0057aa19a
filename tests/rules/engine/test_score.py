"""The arithmetic of the law: caps, no double deduction, scaling, and thresholds on the right side."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.message import say
from crawler.outcome import Verdict
from crawler.page import Role
from crawler.site import ColumnKind, Site, SiteKind
from rules.engine.assessment import Result, Status
from rules.engine.edition import Part
from rules.engine.score import allot, exact, published


def _links(kit: SimpleNamespace, home: int, inside: int) -> Any:
    links = [kit.link(f"h{i}", Verdict.BROKEN) for i in range(home)]
    links += [kit.link(f"p{i}", Verdict.BROKEN, Role.ARTICLE) for i in range(inside)]
    return kit.Memory(link_list=(*links, kit.link("ok")))


def _usable(kit: SimpleNamespace, points: float, **more: Any) -> Any:
    return kit.indicator(
        "2.21",
        "deduct",
        kit.clause("broken", where={"on_role": "home"}, points=1, **more),
        kit.clause("broken", where={"on_role": "article"}, points=0.1),
        points=points,
    )


@pytest.mark.parametrize(
    ("home", "inside", "points", "score"),
    [
        (0, 0, 5, 100),
        (0, 7, 5, 99.3),  # 0.1 × 7, not 0.7000000000000001
        (2, 3, 5, 97.7),
        (5, 0, 5, 95),
        (9, 99, 5, 95),  # 单项指标扣分之和不超过该项指标总分值
    ],
)
def test_an_indicator_loses_no_more_than_it_has(
    kit: SimpleNamespace, home: int, inside: int, points: float, score: float
) -> None:
    result = kit.judged(_links(kit, home, inside), _usable(kit, points), kit.absent("2.1", 0, 100 - points))
    assert result.score == score
    assert sum(Fraction(str(c.points)) for c in result.checks) == 100 - exact(score)
    assert sum(Fraction(str(f.points)) for f in result.findings) == 100 - exact(score)
    assert len(result.findings) == home + inside  # what costs nothing any more is still listed


def test_a_clause_loses_no_more_than_its_cap(kit: SimpleNamespace) -> None:
    result = kit.judged(_links(kit, 9, 3), _usable(kit, 50, cap=2.5), kit.absent("2.1", 0, 50))
    assert [c.points for c in result.checks] == [2.5, 0.3, 0.0]
    assert [c.problems for c in result.checks] == [9, 3, 0]
    assert result.score == 97.2


def test_no_double_deduction_for_one_place(kit: SimpleNamespace) -> None:
    views = (
        kit.column("政策", ColumnKind.POLICY, archived=True),
        kit.column("计划", ColumnKind.PLAN, archived=True),
    )
    result = kit.judged(
        kit.Memory(column_views=views),
        kit.indicator("2.9", "deduct", kit.clause("empty", points=1, unless=["2.5"]), points=50),
        kit.indicator("2.5", "deduct", kit.clause("stale", where={"kind": "policy"}, points=5), points=50),
    )
    assert (kit.check(result, "2.5").points, kit.check(result, "2.9").points) == (5.0, 1.0)
    assert result.score == 94
    assert {(f.column, f.rule, f.indicators, f.points) for f in result.findings} == {
        ("政策", "stale", ("2.5",), 5.0),
        ("计划", "empty", ("2.9",), 1.0),
    }


def test_no_double_deduction_leaves_a_pass_with_its_reason(kit: SimpleNamespace) -> None:
    """A chain: 2.9 leaves alone what 2.5 charged, and 2.10 what 2.9 charged; it was left nothing to charge."""
    views = (kit.column("政策", ColumnKind.POLICY, archived=True),)
    result = kit.judged(
        kit.Memory(column_views=views),
        kit.indicator("2.10", "deduct", kit.clause("stale", points=1, unless=["2.9"]), points=10),
        kit.indicator("2.9", "deduct", kit.clause("stale", points=1, unless=["2.5"]), points=10),
        kit.indicator("2.5", "deduct", kit.clause("empty", points=5), points=80),
    )
    assert kit.check(result, "2.9").status is Status.PASS
    assert str(kit.check(result, "2.9").why) == "有 1 处已按其他指标扣分，不重复扣分"
    assert kit.check(result, "2.10").points == 1  # 2.9 charged nothing
    assert result.score == 94


def test_unless_does_not_spare_what_the_other_only_suspects(kit: SimpleNamespace) -> None:
    views = (kit.column("?政策", ColumnKind.POLICY, archived=True),)

    def unsure(view: Any) -> Any:
        yield from (kit.replace(p, certain=False) for p in kit.RULES["empty"].check(view))

    result = kit.judged(
        kit.Memory(column_views=views),
        kit.indicator("2.5", "deduct", kit.clause("unsure", points=5), points=50),
        kit.indicator("2.9", "deduct", kit.clause("empty", points=1, unless=["2.5"]), points=50),
        rules={"unsure": kit.make_rule("unsure", "column", unsure)},
    )
    assert kit.check(result, "2.5").status is Status.REVIEW
    assert kit.check(result, "2.9").points == 1


def test_unless_does_not_spare_what_the_other_let_pass(kit: SimpleNamespace) -> None:
    views = (kit.column("政策", ColumnKind.POLICY, archived=True),)
    result = kit.judged(
        kit.Memory(column_views=views),
        kit.indicator("2.5", "deduct", kit.clause("stale", points=5, at_least=3), points=50),
        kit.indicator("2.9", "deduct", kit.clause("empty", points=1, unless=["2.5"]), points=50),
    )
    assert (kit.check(result, "2.5").points, kit.check(result, "2.9").points) == (0, 1)


def test_departments_are_judged_by_vetoes_alone(kit: SimpleNamespace) -> None:
    result = kit.judged(
        kit.Memory(),
        kit.indicator("1.1", "veto", kit.clause("missing", params={"sections": ["甲"]})),
        kit.absent("2.1", 90),
        kit.indicator("2.2", "deduct", kit.clause(None), points=10),
        kit.indicator("3.1", "bonus", kit.clause(None)),
        kind=SiteKind.DEPARTMENT,
    )
    assert (result.result, result.score, result.score_is_estimate) == (Result.QUALIFIED, None, False)
    assert [c.status for c in result.checks] == [Status.PASS] + [Status.NOT_APPLICABLE] * 3
    assert str(kit.check(result, "2.1").why) == "扣分指标不适用于部门网站；发现的问题仍列出，不扣分"
    assert str(kit.check(result, "3.1").why) == "加分指标不适用于部门网站"
    assert [(f.part, f.points, f.indicators) for f in result.findings] == [(Part.DEDUCT, 0.0, ("2.1",))]
    assert kit.check(result, "2.1").points == 0
    assert result.measured_points == 0


def test_an_inspecting_body_may_score_departments(kit: SimpleNamespace) -> None:
    both = (SiteKind.PORTAL, SiteKind.DEPARTMENT)
    result = kit.judged(kit.Memory(), kit.absent("2.1", 10), kind=SiteKind.DEPARTMENT, scored=both)
    assert (result.result, result.score) == (Result.QUALIFIED, 90)


@pytest.mark.parametrize(("lost", "score"), [(0, 100), (15, 80), (30, 60), (7.5, 90), (10, 86.67)])
def test_seventy_five_points_count_four_thirds(kit: SimpleNamespace, lost: float, score: float) -> None:
    serving = kit.indicator(
        "2.10", "deduct", kit.clause("missing", params={"sections": ["-办事"]}, points=25), points=25, group="办事服务"
    )
    veto = kit.indicator(
        "1.6", "veto", kit.clause("missing", params={"sections": ["-办事"]}), kit.clause(None), group="办事服务"
    )
    snapshot = kit.Memory(site=Site(kit.HOME, "云岭县人民政府", services=False))
    result = kit.judged(snapshot, veto, kit.absent("2.1", lost, 75), serving, service_group="办事服务")
    assert (result.score, result.measured_points, result.result) == (score, 75, Result.QUALIFIED)
    assert not result.score_is_estimate  # the law's own rule, not an estimate of ours
    exempt = [kit.check(result, "1.6", 1), kit.check(result, "1.6", 2), kit.check(result, "2.10")]
    assert [(c.status, str(c.why)) for c in exempt] == [
        (Status.NOT_APPLICABLE, "没有对外服务职能的部门，不检查本项指标")
    ] * 3


@pytest.mark.parametrize(
    ("lost", "status", "why"),
    [
        (19, Status.REVIEW, "得分高于 80 分，进入加分环节，由人工评定"),
        (19.999, Status.REVIEW, "得分高于 80 分，进入加分环节，由人工评定"),
        (20, Status.NOT_APPLICABLE, "得分未高于 80 分，不进入加分环节"),
        (30, Status.NOT_APPLICABLE, "得分未高于 80 分，不进入加分环节"),
    ],
)
def test_the_bonus_gate_is_above_eighty(kit: SimpleNamespace, lost: float, status: Status, why: str) -> None:
    result = kit.judged(kit.Memory(), kit.absent("2.1", lost), kit.indicator("3.1", "bonus", kit.clause(None)))
    check = kit.check(result, "3.1")
    assert (check.status, str(check.why)) == (status, why)
    assert (result.score > 80) is (status is Status.REVIEW)


@pytest.mark.parametrize(("snapshot", "status"), [("veto", Status.NOT_APPLICABLE), ("dark", Status.UNCHECKED)])
def test_no_bonus_without_a_score(kit: SimpleNamespace, snapshot: str, status: Status) -> None:
    home = {"home_page": say("首页打不开")} if snapshot == "dark" else {}
    result = kit.judged(
        kit.Memory(**home),
        kit.indicator("1.1", "veto", kit.clause("missing", params={"sections": ["-甲"]})),
        kit.absent("2.1", 0),
        kit.indicator("3.1", "bonus", kit.clause(None)),
    )
    assert kit.check(result, "3.1").status is status


@pytest.mark.parametrize(
    ("lost", "result"),
    [
        (40, Result.QUALIFIED),
        (40.001, Result.UNQUALIFIED),
        (39.999, Result.QUALIFIED),
        (41, Result.UNQUALIFIED),
        (100, Result.UNQUALIFIED),
    ],
)
def test_below_sixty_is_strict(kit: SimpleNamespace, lost: float, result: Result) -> None:
    assessment = kit.judged(kit.Memory(), kit.absent("2.1", lost))
    assert assessment.result is result
    assert (assessment.score < 60) is (result is Result.UNQUALIFIED)
    assert assessment.why is None


def test_nobody_fails_on_what_was_not_seen(kit: SimpleNamespace) -> None:
    """10 of 20 measured points lost is 50 when scaled, but the other 80 may be full: 90."""
    rest = kit.indicator("2.2", "deduct", kit.clause(None), points=80)
    result = kit.judged(kit.Memory(), kit.absent("2.1", 10, 20), rest)
    assert (result.result, result.score, result.measured_points) == (Result.UNDETERMINED, None, 20)
    assert str(result.why) == "按已检查的 20 分折算为 50 分，低于 60 分；但其余指标尚未检查，不能判定"
    assert kit.check(result, "2.1").points == 10


def test_somebody_fails_when_the_rest_cannot_help(kit: SimpleNamespace) -> None:
    rest = kit.indicator("2.2", "deduct", kit.clause(None), points=20)
    result = kit.judged(kit.Memory(), kit.absent("2.1", 41, 80), rest)
    assert (result.result, result.score, result.score_is_estimate) == (Result.UNQUALIFIED, 48.75, True)


def test_unmeasured_indicators_leave_the_denominator(kit: SimpleNamespace) -> None:
    result = kit.judged(
        kit.Memory(column_views=(kit.column("动态"),), link_list=say("没有访问链接")),
        kit.absent("2.1", 5, 40),
        kit.indicator("2.2", "deduct", kit.clause(None), points=10),
        kit.indicator("2.3", "deduct", kit.clause("broken", points=1), points=20),
        kit.indicator("2.4", "deduct", kit.clause("stale", where={"kind": "policy"}, points=5), points=20),
        kit.indicator("2.5", "deduct", kit.clause("missing", params={"sections": ["?甲"]}, points=5), points=10),
    )
    assert [c.status for c in result.checks] == [
        Status.FAIL,
        Status.REVIEW,
        Status.UNCHECKED,
        Status.NOT_APPLICABLE,
        Status.REVIEW,
    ]
    assert (result.measured_points, result.score, result.score_is_estimate) == (40, 87.5, True)


def test_one_decided_clause_measures_the_indicator(kit: SimpleNamespace) -> None:
    partly = kit.indicator(
        "2.1", "deduct", kit.clause("missing", params={"sections": ["甲"]}, points=5), kit.clause(None), points=100
    )
    result = kit.judged(kit.Memory(), partly)
    assert (result.measured_points, result.score) == (100, 100)
    assert result.score_is_estimate  # the manual clause may still cost something


def test_nothing_measured_is_undetermined(kit: SimpleNamespace) -> None:
    result = kit.judged(kit.Memory(), kit.indicator("2.1", "deduct", kit.clause(None), points=100))
    assert (result.result, result.score) == (Result.UNDETERMINED, None)
    assert str(result.why) == "没有一项扣分指标得到检查，不能评分"


def test_an_edition_of_vetoes_needs_no_score(kit: SimpleNamespace) -> None:
    veto = kit.indicator("1.1", "veto", kit.clause("missing", params={"sections": ["甲"]}))
    result = kit.judged(kit.Memory(), veto)
    assert (result.result, result.score) == (Result.QUALIFIED, None)


def test_unverified_numbers_make_an_estimate(kit: SimpleNamespace) -> None:
    assert not kit.judged(kit.Memory(), kit.absent("2.1", 5)).score_is_estimate
    result = kit.judged(kit.Memory(), kit.absent("2.1", 5, verified=False))
    assert (result.score, result.score_is_estimate) == (95, True)
    assert not kit.check(result, "2.1").verified
    other = kit.indicator("1.1", "veto", kit.clause(None, verified=False))
    assert not kit.judged(kit.Memory(), other, kit.absent("2.1", 5)).score_is_estimate


def test_below_its_threshold_a_clause_costs_nothing(kit: SimpleNamespace) -> None:
    views = tuple(kit.column(f"旧{i}", archived=True) for i in range(2))
    late = kit.indicator("2.9", "deduct", kit.clause("stale", points=5, at_least=3), points=100)
    result = kit.judged(kit.Memory(column_views=views), late)
    assert (result.score, [f.part for f in result.findings]) == (100, [Part.ADVICE] * 2)


@given(st.integers(1, 300), st.integers(0, 300), st.integers(0, 500))
def test_allotment_adds_up(tenths: int, count: int, limit: int) -> None:
    costs = allot(tenths / 10, count, Fraction(limit, 10))
    assert len(costs) == count
    assert sum(costs) == min(Fraction(tenths * count, 10), Fraction(limit, 10))
    assert all(cost >= 0 for cost in costs)


@given(st.fractions(0, 100))
def test_a_published_score_stays_on_its_side(score: Fraction) -> None:
    told = exact(published(score, 60, 80))
    assert abs(told - score) < Fraction(1, 100)
    assert (told < 60) == (score < 60)
    assert (told > 80) == (score > 80)
    assert (told == 100) == (score == 100)


_CLAUSES = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.1, 0.5, 1, 3, 7.5]),  # points
        st.sampled_from([None, 0.0, 0.3, 2, 50]),  # cap
        st.integers(1, 4),  # at_least
        st.booleans(),  # unless the first indicator
    ),
    min_size=1,
    max_size=3,
)


@given(
    st.lists(st.tuples(st.sampled_from([1, 5, 20, 40]), _CLAUSES), min_size=1, max_size=4),
    st.integers(0, 6),
    st.integers(0, 3),
    st.integers(0, 3),
)
def test_the_sums_agree(kit: SimpleNamespace, indicators: Any, stale: int, unsure: int, unseen: int) -> None:
    """Whatever the edition: checks and findings lose the same, no more than there is; nothing unseen passes."""
    views = [kit.column(f"旧{i}", archived=True) for i in range(stale)]
    views += [kit.column(f"?{i}") for i in range(unsure)]
    views += [kit.column(f"未{i}", unobservable=say("未知")) for i in range(unseen)]
    made = [
        kit.indicator(
            f"2.{number}",
            "deduct",
            *(
                kit.clause("stale", points=p, cap=c, at_least=n, unless=["2.0"] if number and spare else [])
                for p, c, n, spare in clauses
            ),
            points=points,
        )
        for number, (points, clauses) in enumerate(indicators)
    ]
    result = kit.judged(kit.Memory(column_views=(*views, kit.column("新"))), *made)
    lost = sum(exact(c.points) for c in result.checks)
    assert sum(exact(f.points) for f in result.findings) == lost
    for indicator in made:
        assert sum(exact(c.points) for c in result.checks if c.indicator == indicator.code) <= exact(indicator.points)
    for check, (_, _, least, _) in zip(result.checks, (c for _, cs in indicators for c in cs), strict=True):
        assert check.status is not Status.PASS or check.problems + unseen < least
        assert check.points == 0 or check.status is Status.FAIL
    if result.score is not None:
        measured = exact(result.measured_points)
        assert abs(exact(result.score) - (measured - lost) * 100 / measured) < Fraction(1, 100)
        assert 0 <= result.score <= 100
    assert (result.result is Result.UNQUALIFIED) is (result.score is not None and result.score < 60)
