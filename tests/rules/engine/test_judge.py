"""From problems to checks, findings and a verdict."""

from __future__ import annotations

import gc
import logging
import pickle
import weakref
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from crawler.message import say
from crawler.outcome import Verdict
from crawler.page import Role
from crawler.site import ColumnKind, Site, SiteKind
from crawler.snapshot import Coverage
from rules.engine.assessment import Result, Status
from rules.engine.edition import Part
from rules.engine.judge import needs, terms
from rules.engine.rule import Problem
from rules.engine.trial import fingerprint, place

NEWS, NOTICE, POLICY = ColumnKind.NEWS, ColumnKind.NOTICE, ColumnKind.POLICY


def _columns(kit: SimpleNamespace, stale: int, fresh: int = 0, unsure: int = 0, unseen: int = 0) -> Any:
    views = [kit.column(f"旧{i}", archived=True) for i in range(stale)]
    views += [kit.column(f"新{i}") for i in range(fresh)]
    views += [kit.column(f"?{i}") for i in range(unsure)]
    views += [kit.column(f"未{i}", unobservable=say("列表由脚本生成")) for i in range(unseen)]
    return kit.Memory(column_views=tuple(views))


@pytest.mark.parametrize(
    ("stale", "unsure", "unseen", "status"),
    [
        (4, 0, 0, Status.PASS),
        (5, 0, 0, Status.FAIL),  # 超过(含)5个
        (6, 0, 9, Status.FAIL),  # a fail stands whatever was not seen
        (4, 1, 0, Status.REVIEW),
        (0, 5, 0, Status.REVIEW),
        (4, 0, 1, Status.UNCHECKED),
        (3, 1, 1, Status.UNCHECKED),
        (3, 1, 0, Status.PASS),
        (0, 0, 4, Status.PASS),  # could not have reached five
        (0, 0, 5, Status.UNCHECKED),
    ],
)
def test_threshold_is_inclusive(kit: SimpleNamespace, stale: int, unsure: int, unseen: int, status: Status) -> None:
    snapshot = _columns(kit, stale, 2, unsure, unseen)
    result = kit.judged(snapshot, kit.indicator("1.4", "veto", kit.clause("stale", at_least=5)))
    check = kit.check(result, "1.4")
    assert check.status is status
    assert check.subjects == stale + 2 + unsure + unseen
    assert check.problems == stale
    expected = {Status.FAIL: Result.UNQUALIFIED, Status.UNCHECKED: Result.UNDETERMINED}
    assert result.result is expected.get(status, Result.QUALIFIED)


def test_unchecked_names_the_number_and_the_reason(kit: SimpleNamespace) -> None:
    result = kit.judged(_columns(kit, 3, 1, 0, 2), kit.indicator("1.4", "veto", kit.clause("stale", at_least=5)))
    assert str(kit.check(result, "1.4").why) == "6 个中有 2 个未能检查，其中：列表由脚本生成"
    assert str(result.why) == "单项否决指标 1.4 未能检查，不能判定：6 个中有 2 个未能检查，其中：列表由脚本生成"
    assert result.score is None


def test_one_counter_over_news_and_notices(kit: SimpleNamespace) -> None:
    views = [kit.column(f"动态{i}", NEWS, archived=True) for i in range(3)]
    views += [kit.column(f"公告{i}", NOTICE, archived=True) for i in range(2)]
    views += [kit.column(f"计划{i}", ColumnKind.PLAN, archived=True) for i in range(7)]
    both = kit.clause("stale", where={"kind": ["news", "notice", "policy"]}, at_least=5)
    result = kit.judged(kit.Memory(column_views=tuple(views)), kit.indicator("1.4", "veto", both))
    assert kit.check(result, "1.4").problems == 5
    assert result.vetoes == ("1.4",)
    assert {f.column for f in result.findings} == {v.name for v in views[:5]}
    assert all(f.part is Part.VETO and f.certain and f.points == 0 for f in result.findings)


def test_share_of_the_subjects(kit: SimpleNamespace) -> None:
    half = kit.indicator("1.9", "veto", kit.clause("stale", share=0.5))
    assert kit.check(kit.judged(_columns(kit, 2, 2), half), "1.9").status is Status.FAIL
    assert kit.check(kit.judged(_columns(kit, 2, 3), half), "1.9").status is Status.PASS


def test_below_a_veto_threshold_it_is_advice(kit: SimpleNamespace) -> None:
    result = kit.judged(_columns(kit, 2, 3), kit.indicator("1.4", "veto", kit.clause("stale", at_least=5)))
    assert [(f.part, f.points, f.indicators) for f in result.findings] == [(Part.ADVICE, 0.0, ("1.4",))] * 2


def test_below_a_veto_threshold_a_deduction_takes_it(kit: SimpleNamespace) -> None:
    result = kit.judged(
        _columns(kit, 2, 3),
        kit.indicator("1.4", "veto", kit.clause("stale", at_least=5)),
        kit.indicator("2.9", "deduct", kit.clause("stale", points=3), points=100),
    )
    assert [(f.part, f.points, f.indicators) for f in result.findings] == [(Part.DEDUCT, 3.0, ("2.9", "1.4"))] * 2
    assert result.score == 94


def test_uncertain_problems_cost_nothing_and_keep_their_clause(kit: SimpleNamespace) -> None:
    result = kit.judged(
        _columns(kit, 1, 0, 4),
        kit.indicator("1.4", "veto", kit.clause("stale", at_least=5)),
        kit.indicator("2.9", "deduct", kit.clause("stale", points=3), points=100),
    )
    unsure = kit.finding(result, "?0")
    assert (unsure.certain, unsure.points, unsure.part, unsure.indicators) == (False, 0.0, Part.VETO, ("1.4", "2.9"))
    assert kit.finding(result, "旧0").part is Part.DEDUCT
    assert kit.check(result, "1.4").status is Status.REVIEW
    assert result.result is Result.QUALIFIED
    assert result.vetoes == ()


def test_a_certain_charge_goes_before_a_suspicion(kit: SimpleNamespace) -> None:
    """The same problem awaits review under a veto and is plain under a deduction: it is told as the deduction."""
    result = kit.judged(
        kit.Memory(),
        kit.indicator("1.1", "veto", kit.clause("missing", params={"sections": ["?甲"]})),
        kit.indicator("2.1", "deduct", kit.clause("sure", points=5), points=100),
        rules={"sure": kit.replace(kit.RULES["missing"], id="missing", check=_sure, parameters={}, types={})},
    )
    (found,) = result.findings
    assert (found.part, found.points, found.certain, found.indicators) == (Part.DEDUCT, 5.0, True, ("2.1", "1.1"))


def _sure(snapshot: Any) -> Any:
    yield Problem(snapshot.home.url, say("没有"), key="?甲")


def test_the_same_thing_told_twice_is_one_problem(kit: SimpleNamespace) -> None:
    """Two columns at one address are one place: a column listed twice must not add up to a veto."""
    views = tuple(kit.column(f"动态{i}", url="http://WWW.yunling.gov.cn:80/dt/#a", archived=True) for i in range(5))
    result = kit.judged(kit.Memory(column_views=views), kit.indicator("1.4", "veto", kit.clause("stale", at_least=5)))
    assert kit.check(result, "1.4").problems == 1
    assert kit.check(result, "1.4").status is Status.PASS
    assert len(result.findings) == 1


def test_certain_wins_over_uncertain_at_one_place(kit: SimpleNamespace) -> None:
    def both(target: Any) -> Any:
        yield Problem(target.url, say("疑似"), certain=False)
        yield Problem(target.url, say("确实"))
        yield Problem(target.url, say("疑似"), certain=False)

    rules = {"both": kit.make_rule("both", "column", both)}
    result = kit.judged(_columns(kit, 0, 1), kit.indicator("1.4", "veto", kit.clause("both")), rules=rules)
    assert [str(f.message) for f in result.findings] == ["确实"]
    assert kit.check(result, "1.4").status is Status.FAIL


def test_rules_run_once_for_equal_parameters(kit: SimpleNamespace) -> None:
    seen: list[tuple[str, int]] = []

    def counted(view: Any, *, days: int = 14) -> Any:
        seen.append((view.name, days))
        yield from ()

    rules = {"counted": kit.make_rule("counted", "column", counted)}
    kit.judged(
        _columns(kit, 0, 2),
        kit.indicator("1.4", "veto", kit.clause("counted"), kit.clause("counted", params={"days": 14}, at_least=3)),
        kit.indicator("2.9", "deduct", kit.clause("counted", params={"days": 365}), points=100),
        rules=rules,
    )
    assert sorted(seen) == [("新0", 14), ("新0", 365), ("新1", 14), ("新1", 365)]


def test_a_rule_is_not_asked_about_what_no_clause_wants(kit: SimpleNamespace) -> None:
    seen: list[str] = []

    def noted(view: Any) -> Any:
        seen.append(view.name)
        yield from ()

    views = (kit.column("动态", NEWS), kit.column("公告", NOTICE))
    only = kit.indicator("1.4", "veto", kit.clause("noted", where={"kind": "notice"}))
    result = kit.judged(kit.Memory(column_views=views), only, rules={"noted": kit.make_rule("noted", "column", noted)})
    assert (kit.check(result, "1.4").status, kit.check(result, "1.4").subjects, seen) == (Status.PASS, 1, ["公告"])


def test_what_a_rule_is_not_about_is_not_counted_as_looked_at(kit: SimpleNamespace) -> None:
    views = (kit.column("动态", NEWS), kit.column("公告", NOTICE))

    def judged(name: str) -> Any:
        rule = replace(kit.make_rule("noted", "column", lambda _: iter(())), concerns=lambda view: view.name == name)
        clauses = (kit.clause("noted"), kit.clause("noted", unseen="由人工核对"))
        wants = kit.indicator("1.4", "veto", *clauses)
        result = kit.judged(kit.Memory(column_views=views), wants, rules={"noted": rule})
        return [(check.status, check.subjects, str(check.why or "")) for check in result.checks[:2]]

    assert judged("公告") == [(Status.PASS, 1, "")] * 2
    nothing = "网站没有本条所指的栏目"
    person = f"需人工检查：由人工核对（{nothing}）"
    assert judged("信箱") == [(Status.NOT_APPLICABLE, 0, nothing), (Status.REVIEW, 0, person)]


def test_one_bad_subject_does_not_stop_the_next(kit: SimpleNamespace) -> None:
    views = (
        kit.column("旧0", archived=True),
        kit.column("未0", unobservable=say("没有打开")),
        kit.column("!坏"),
        kit.column("旧1", archived=True),
    )
    result = kit.judged(
        kit.Memory(column_views=views),
        kit.indicator("1.4", "veto", kit.clause("stale", at_least=2), kit.clause("stale", at_least=3)),
    )
    assert kit.check(result, "1.4", 1).status is Status.FAIL
    assert kit.check(result, "1.4", 2).status is Status.UNCHECKED
    assert str(kit.check(result, "1.4", 2).why) == "4 个中有 2 个未能检查，其中：没有打开"


def test_a_crash_is_unchecked_and_logged_without_page_text(
    kit: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    views = tuple(kit.column(f"!53010219900101{i}", url=f"{kit.HOME}{i}/") for i in range(3))
    with caplog.at_level(logging.ERROR):
        result = kit.judged(
            kit.Memory(column_views=views),
            kit.indicator("1.4", "veto", kit.clause("stale")),
            kit.indicator("1.5", "veto", kit.clause("empty")),
        )
    check = kit.check(result, "1.4")
    assert check.status is Status.UNCHECKED
    assert "规则 stale 运行出错（ValueError）" in str(check.why)
    assert kit.check(result, "1.5").status is Status.PASS
    assert result.result is Result.UNDETERMINED
    assert "rule stale crashed: ValueError" in caplog.text
    assert "in stale" in caplog.text  # the frames are there
    assert "53010219900101" not in caplog.text
    assert len(caplog.records) == 2  # once with frames, once with the number; not once a subject
    assert "crashed on 3 subjects" in caplog.text


def test_what_a_crashed_rule_said_before_is_not_believed(kit: SimpleNamespace) -> None:
    def halfway(view: Any) -> Any:
        yield Problem(view.url, say("半途"))
        raise RuntimeError

    rules = {"halfway": kit.make_rule("halfway", "column", halfway)}
    result = kit.judged(_columns(kit, 0, 1), kit.indicator("1.4", "veto", kit.clause("halfway")), rules=rules)
    assert kit.check(result, "1.4").status is Status.UNCHECKED
    assert result.findings == ()


def test_what_was_said_before_something_was_missing_stands(kit: SimpleNamespace) -> None:
    def partly(snapshot: Any) -> Any:
        yield Problem(snapshot.home.url, say("没有概况"), key="overview")
        snapshot.links()

    rules = {"partly": kit.make_rule("partly", "site", partly, {"home"})}
    fails, waits = kit.clause("partly"), kit.clause("partly", at_least=9)  # one site may hold any number
    result = kit.judged(kit.Memory(), kit.indicator("1.9", "veto", fails, waits), rules=rules)
    assert kit.check(result, "1.9", 1).status is Status.FAIL
    assert kit.check(result, "1.9", 2).status is Status.UNCHECKED
    assert str(kit.check(result, "1.9", 2).why) == "规则没有声明需要 links"


@pytest.mark.parametrize("result", [None, [3], "text", [None]])
def test_a_rule_that_yields_nonsense_is_a_crash(kit: SimpleNamespace, result: Any) -> None:
    rules = {"odd": kit.make_rule("odd", "site", lambda _snapshot: result)}
    assessment = kit.judged(kit.Memory(), kit.indicator("1.9", "veto", kit.clause("odd")), rules=rules)
    assert kit.check(assessment, "1.9").status is Status.UNCHECKED


@pytest.mark.parametrize(
    ("needs_", "touch"),
    [
        ((), lambda s: s.columns),
        ((), lambda s: list(s.links())),
        ((), lambda s: list(s.pages())),
        (("links",), lambda s: s.page("http://www.yunling.gov.cn/")),
        (("pages",), lambda s: s.columns),
    ],
)
def test_a_rule_sees_what_it_declared_only(kit: SimpleNamespace, needs_: Any, touch: Any) -> None:
    def reads(snapshot: Any) -> Any:
        touch(snapshot)
        yield from ()

    rules = {"reads": kit.make_rule("reads", "site", reads, needs_)}
    assessment = kit.judged(kit.Memory(), kit.indicator("1.9", "veto", kit.clause("reads")), rules=rules)
    assert kit.check(assessment, "1.9").status is Status.UNCHECKED
    assert "没有声明需要" in str(kit.check(assessment, "1.9").why)


def test_a_rule_sees_what_it_declared(kit: SimpleNamespace) -> None:
    def reads(snapshot: Any) -> Any:
        assert snapshot.site.name == "云岭县人民政府"
        assert (snapshot.as_of, snapshot.saved, snapshot.coverage.pages) == (kit.AS_OF, False, 1)
        assert snapshot.home_answer is not None
        assert snapshot.answer("http://nowhere.gov.cn/") is None
        assert (snapshot.columns, list(snapshot.links()), len(list(snapshot.pages()))) == ((), [], 1)
        assert snapshot.page(kit.HOME) is not None
        yield from ()

    rules = {"reads": kit.make_rule("reads", "site", reads, ("columns", "pages", "links"))}
    snapshot = kit.Memory(page_list=(kit.page(),))
    assessment = kit.judged(snapshot, kit.indicator("1.9", "veto", kit.clause("reads")), rules=rules)
    assert kit.check(assessment, "1.9").status is Status.PASS


def test_needs_are_the_union_over_the_edition(kit: SimpleNamespace) -> None:
    one = kit.edition(kit.indicator("1.4", "veto", kit.clause("stale"), kit.clause(None)))
    assert needs(one, rules=kit.RULES) == {"columns"}
    more = kit.edition(
        kit.indicator("1.4", "veto", kit.clause("stale")),
        kit.indicator("2.1", "deduct", kit.clause("broken"), kit.clause("missing", params={"sections": []})),
    )
    assert needs(more, rules=kit.RULES) == {"columns", "links", "home"}


def test_terms_are_the_union_over_the_edition_by_the_parameters_of_each_clause(kit: SimpleNamespace) -> None:
    def check(page: Any, *, words: tuple[str, ...] = ("默认",)) -> Iterator[Problem]:
        yield from ()

    one = replace(kit.make_rule("words", "page", check), terms=lambda params: frozenset(params["words"]))
    rules = {**kit.RULES, "words": one}
    clauses = (kit.clause("words"), kit.clause("words", params={"words": ["甲", "乙"]}), kit.clause("stale"))
    assert terms(kit.edition(kit.indicator("1.4", "veto", *clauses)), rules=rules) == {"默认", "甲", "乙"}


def test_pages_stream_past_once_and_one_at_a_time(kit: SimpleNamespace) -> None:
    alive: list[weakref.ref[Any]] = []
    most = 0

    def stream() -> Any:
        nonlocal most
        for number in range(20):
            gc.collect()
            most = max(most, sum(ref() is not None for ref in alive))
            made = kit.page(f"{kit.HOME}{number}.html", Role.ARTICLE)
            alive.append(weakref.ref(made))
            yield made
            del made

    snapshot = kit.Memory(page_list=stream)
    other = kit.make_rule("other", "page", kit.RULES["bare"].check)
    result = kit.judged(
        snapshot,
        kit.indicator("2.1", "deduct", kit.clause("bare", points=0.1), points=50),
        kit.indicator("2.2", "deduct", kit.clause("other", where={"role": "article"}, points=0.1), points=50),
        rules={"other": other},
    )
    assert len(result.findings) == 40
    assert most == 0  # when the next page is made, the one before is gone
    assert snapshot.read == ["pages"]


def test_links_stream_past_once(kit: SimpleNamespace) -> None:
    links = (
        kit.link("a", Verdict.BROKEN),
        kit.link("b", Verdict.BROKEN, Role.ARTICLE),
        kit.link("c", Verdict.BLOCKED),
        kit.link("d", Verdict.SKIPPED),
    )
    snapshot = kit.Memory(link_list=links)
    asked = ["ok", "broken", "unsure"]
    result = kit.judged(
        snapshot,
        kit.indicator(
            "2.21",
            "deduct",
            kit.clause("broken", where={"on_role": "home", "outcome": asked}, points=1),
            kit.clause("broken", where={"on_role": ["column", "article"], "outcome": asked}, points=0.1),
            points=100,
        ),
    )
    assert snapshot.read == ["links"]
    assert [(c.subjects, c.points) for c in result.checks] == [(1, 1.0), (1, 0.1)]
    assert result.score == 98.9


def test_links_that_were_not_asked_are_unchecked(kit: SimpleNamespace) -> None:
    dead = kit.indicator("2.21", "deduct", kit.clause("broken", points=1), points=100)
    result = kit.judged(kit.Memory(link_list=say("本次检查没有访问链接")), dead)
    assert kit.check(result, "2.21").status is Status.UNCHECKED
    assert str(kit.check(result, "2.21").why) == "本次检查没有访问链接"


def test_links_of_saved_pages_are_unchecked(kit: SimpleNamespace) -> None:
    snapshot = kit.Memory(saved=True, link_list=(kit.link("a", Verdict.BROKEN),))
    result = kit.judged(snapshot, kit.indicator("2.21", "deduct", kit.clause("broken", points=1), points=100))
    assert kit.check(result, "2.21").status is Status.UNCHECKED
    assert "没有访问其中的链接" in str(kit.check(result, "2.21").why)
    assert snapshot.read == []
    assert result.findings == ()


def test_a_list_that_breaks_off_is_unchecked(kit: SimpleNamespace) -> None:
    def stream() -> Any:
        yield kit.page(metas={"sitename": ("云岭县人民政府",)})
        kit.Memory(page_list=say("数据不完整")).pages().__next__()

    result = kit.judged(kit.Memory(page_list=stream), kit.indicator("1.9", "veto", kit.clause("bare", at_least=99)))
    assert kit.check(result, "1.9").status is Status.UNCHECKED
    assert str(kit.check(result, "1.9").why) == "数据不完整"


@pytest.mark.parametrize(
    ("snapshot", "status", "why"),
    [
        ({"column_views": (1,)}, Status.NOT_APPLICABLE, "网站没有本条所指的栏目"),
        ({}, Status.UNCHECKED, "没有识别出任何栏目"),
        ({"column_views": (1,), "coverage": Coverage(pages=1, complete=False)}, Status.UNCHECKED, "访问未完成"),
        ({"column_views": (1,), "home_page": say("首页打不开")}, Status.UNCHECKED, "首页打不开"),
        ({"column_views": say("没有识别栏目")}, Status.UNCHECKED, "没有识别栏目"),
    ],
)
def test_no_subjects(kit: SimpleNamespace, snapshot: Any, status: Status, why: str) -> None:
    if isinstance(snapshot.get("column_views"), tuple):
        snapshot = {**snapshot, "column_views": (kit.column("动态", NEWS),)}
    wants = kit.indicator("1.4", "veto", kit.clause("stale", where={"kind": "policy"}))
    check = kit.check(kit.judged(kit.Memory(**snapshot), wants), "1.4")
    assert check.status is status
    assert why in str(check.why)


def test_incomplete_visit_passes_only_what_it_saw(kit: SimpleNamespace) -> None:
    snapshot = kit.Memory(link_list=(kit.link("a"),), coverage=Coverage(pages=9, complete=False))
    result = kit.judged(snapshot, kit.indicator("2.21", "deduct", kit.clause("broken", points=1), points=100))
    assert kit.check(result, "2.21").status is Status.PASS
    assert str(kit.check(result, "2.21").why) == "访问未完成，结论只对已检查的 1 个有效"
    assert result.score == 100
    assert result.score_is_estimate


def test_an_unreachable_home_page_is_undetermined(kit: SimpleNamespace) -> None:
    snapshot = kit.Memory(home_page=say("首页没有打开：域名不能解析"), coverage=Coverage(complete=False))
    result = kit.judged(
        snapshot,
        kit.indicator("1.3", "veto", kit.clause("missing", params={"sections": []})),
        kit.indicator("2.1", "deduct", kit.clause("missing", params={"sections": ["-甲"]}, points=100), points=100),
    )
    assert (result.result, result.score, str(result.why)) == (Result.UNDETERMINED, None, "首页没有打开：域名不能解析")
    assert {c.status for c in result.checks} == {Status.UNCHECKED}


def test_zero_pages_is_not_a_pass(kit: SimpleNamespace) -> None:
    result = kit.judged(kit.Memory(coverage=Coverage()), kit.absent("2.1", 0))
    assert (result.result, str(result.why)) == (Result.UNDETERMINED, "没有取得任何页面")


def test_a_veto_condemns_even_when_others_are_unchecked(kit: SimpleNamespace) -> None:
    result = kit.judged(
        _columns(kit, 5),
        kit.indicator("1.4", "veto", kit.clause("stale", at_least=5)),
        kit.indicator("1.9", "veto", kit.clause("broken")),
        kit.absent("2.1", 30),
    )
    assert (result.result, result.vetoes, result.score) == (Result.UNQUALIFIED, ("1.4",), None)
    deducted = [f for f in result.findings if f.part is Part.DEDUCT]
    assert [(f.indicators, f.points) for f in deducted] == [(("2.1",), 0.0)]  # listed, not scored
    assert kit.check(result, "2.1").points == 0


def test_a_manual_clause_is_for_a_person_and_decides_nothing(kit: SimpleNamespace) -> None:
    result = kit.judged(
        kit.Memory(),
        kit.indicator("1.1", "veto", kit.clause(None), kit.clause(None, manual="须监测7天")),
        kit.absent("2.1", 0),
    )
    assert [c.status for c in result.checks[:2]] == [Status.REVIEW] * 2
    assert [str(c.why) for c in result.checks[:2]] == ["需人工检查", "需人工检查：须监测7天"]
    assert result.checks[0].rule is None
    assert result.result is Result.QUALIFIED


def test_what_a_rule_may_not_get_to_see_is_for_a_person_and_decides_nothing(kit: SimpleNamespace) -> None:
    blind = kit.Memory(link_list=say("没有访问链接"))
    clauses = [kit.clause("broken", unseen="须查看后台"), kit.clause("broken")]
    result = kit.judged(blind, kit.indicator("1.5", "veto", clauses[0]), kit.absent("2.1", 0))
    seen = kit.check(result, "1.5")
    assert (seen.status, str(seen.why), result.result) == (
        Status.REVIEW,
        "需人工检查：须查看后台（没有访问链接）",
        Result.QUALIFIED,
    )
    result = kit.judged(blind, kit.indicator("1.5", "veto", *clauses), kit.absent("2.1", 0))
    assert [c.status for c in result.checks[:2]] == [Status.REVIEW, Status.UNCHECKED]
    assert result.result is Result.UNDETERMINED


@pytest.mark.parametrize(
    ("more", "kind", "why"),
    [
        ({"applies_to": "portal"}, SiteKind.DEPARTMENT, "本条只适用于政府门户网站"),
        ({"applies_to": "department"}, SiteKind.PORTAL, "本条只适用于部门网站"),
        ({"since": "2026-11-25"}, SiteKind.PORTAL, "本条自2026-11-25起适用"),
        ({"until": "2026-11-23"}, SiteKind.PORTAL, "本条适用至2026-11-23为止"),
        ({"since": "2026-11-24", "until": "2026-11-24"}, SiteKind.PORTAL, None),
    ],
)
def test_clauses_for_other_sites_and_other_days(kit: SimpleNamespace, more: Any, kind: SiteKind, why: Any) -> None:
    more = {key: type(kit.AS_OF.date()).fromisoformat(v) if key != "applies_to" else v for key, v in more.items()}
    bad = kit.indicator("1.9", "veto", kit.clause("missing", params={"sections": ["-甲"]}, **more))
    result = kit.judged(kit.Memory(), bad, kind=kind)
    check = kit.check(result, "1.9")
    if why is None:
        assert check.status is Status.FAIL
    else:
        assert (check.status, str(check.why), result.findings) == (Status.NOT_APPLICABLE, why, ())


def test_evidence_is_of_the_place_else_of_the_page_it_stands_on_else_of_home(kit: SimpleNamespace) -> None:
    links = (kit.link("a", Verdict.BROKEN), kit.link("b", Verdict.BROKEN))
    on = kit.answer(kit.HOME)
    snapshot = kit.Memory(link_list=links, answers={f"{kit.HOME}a": kit.answer(f"{kit.HOME}a", 404), kit.HOME: on})
    result = kit.judged(snapshot, kit.indicator("2.21", "deduct", kit.clause("broken", points=1), points=100))
    first, second = kit.finding(result, f"{kit.HOME}a"), kit.finding(result, f"{kit.HOME}b")
    assert (first.status, first.evidence.offset, first.fetched_at) == (404, len(f"{kit.HOME}a"), kit.AS_OF)
    assert (second.status, second.evidence) == (200, on.evidence)
    bare = kit.judged(
        kit.Memory(), kit.indicator("1.9", "veto", kit.clause("missing", params={"sections": ["-甲"]}))
    ).findings[0]
    assert bare.status == 200


def test_columns_are_listed(kit: SimpleNamespace) -> None:
    views = (
        kit.column("动态", unobservable=say("列表由脚本生成"), evidence=say("名称")),
        kit.column("公告", NOTICE, top=False),
    )
    states = kit.judged(kit.Memory(column_views=views), kit.absent("2.1", 0)).columns
    assert [(s.name, s.kind, s.top, s.items, s.evidence) for s in states] == [
        ("动态", "news", True, 0, say("名称")),
        ("公告", "notice", False, 0, None),
    ]
    assert str(states[0].unobservable) == "列表由脚本生成"
    assert kit.judged(kit.Memory(column_views=say("没有")), kit.absent("2.1", 0)).columns == ()


def test_kind_given_told_or_guessed(kit: SimpleNamespace) -> None:
    told = kit.Memory(site=Site(kit.HOME, "云岭县教育局", kind=SiteKind.PORTAL))
    guessed = kit.Memory(site=Site(kit.HOME, "云岭县教育局"))
    titled = kit.Memory(site=Site(kit.HOME), home_page=kit.page(title="云岭县水务局 - 首页"))
    meta = kit.Memory(site=Site(kit.HOME), home_page=kit.page(title="首页", metas={"sitename": ("云岭县人民政府",)}))
    dark = kit.Memory(site=Site(kit.HOME, "云岭县人民政府"), home_page=say("打不开"))
    kinds = [
        (a.kind, a.kind_guessed)
        for a in (
            kit.judged(told, kit.absent("2.1", 0), kind=SiteKind.DEPARTMENT),
            kit.judged(told, kit.absent("2.1", 0), kind=None),
            kit.judged(guessed, kit.absent("2.1", 0), kind=None),
            kit.judged(titled, kit.absent("2.1", 0), kind=None),
            kit.judged(meta, kit.absent("2.1", 0), kind=None),
            kit.judged(dark, kit.absent("2.1", 0), kind=None),
        )
    ]
    portal, department = SiteKind.PORTAL, SiteKind.DEPARTMENT
    assert kinds == [
        (department, False),
        (portal, False),
        (department, True),
        (department, True),
        (portal, True),
        (portal, True),
    ]


def test_an_assessment_crosses_processes(kit: SimpleNamespace) -> None:
    result = kit.judged(_columns(kit, 2, 1, 1, 1), kit.indicator("1.4", "veto", kit.clause("stale", at_least=2)))
    assert pickle.loads(pickle.dumps(result)) == result  # noqa: S301


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://A.gov.cn", "http://a.gov.cn/", True),
        ("http://a.gov.cn:80/x#top", "HTTP://a.gov.cn/x", True),
        ("https://a.gov.cn:443/", "https://a.gov.cn/", True),
        ("https://a.gov.cn:80/", "https://a.gov.cn/", False),
        ("http://a.gov.cn/x?y=1", "http://a.gov.cn/x", False),
        ("http://a.gov.cn/X", "http://a.gov.cn/x", False),
        ("http://[::1", "http://[::1", True),
        ("\ud800", "\ud800", True),
    ],
)
def test_fingerprints_last_from_visit_to_visit(one: str, other: str, same: bool) -> None:
    first, second = (fingerprint("stale", Problem(url, say("x"))) for url in (one, other))
    assert len(first) == 16
    assert (first == second) is same
    assert (place(one) == place(other)) is same


def test_fingerprints_tell_rule_and_key_apart() -> None:
    made = {
        fingerprint(rule, Problem("http://a.gov.cn/", say("x"), key=key))
        for rule in ("missing-mark", "missing-section")
        for key in ("", "code", "icp")
    }
    assert len(made) == 6
