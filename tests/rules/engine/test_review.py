"""A site judged again by what people confirmed."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.site import SiteKind
from rules.engine.assessment import Assessment, Result, Status
from rules.engine.edition import Part
from rules.engine.review import corrected, reviewed


@pytest.fixture(scope="module")
def portal(kit: SimpleNamespace) -> SimpleNamespace:
    """Six stale columns, of which five are a veto, two more that may be; 30 points lost for what is missing."""
    indicators = (
        kit.indicator("1.4", "veto", kit.clause("stale", at_least=5)),
        kit.indicator("1.1", "veto", kit.clause(None)),
        kit.indicator("2.1", "deduct", kit.clause("missing", params={"sections": ["-甲", "乙"]}, points=30), points=60),
        kit.indicator("2.2", "deduct", kit.clause("missing", params={"sections": ["?丙"]}, points=15), points=40),
        kit.indicator("3.1", "bonus", kit.clause(None), points=30),
    )
    views = [kit.column(f"栏目{n}", archived=True) for n in range(6)] + [kit.column(f"?{n}") for n in range(2)]
    site = kit.judged(kit.Memory(column_views=(*views, kit.column("好"))), *indicators)
    stale = [f.fingerprint for f in site.findings if f.rule == "stale" and f.certain]
    maybe = [f.fingerprint for f in site.findings if f.rule == "stale" and not f.certain]
    lack, suspicion = (f.fingerprint for f in sorted(site.findings, key=lambda f: not f.certain) if f.rule == "missing")
    return SimpleNamespace(
        site=site, edition=kit.edition(*indicators), stale=stale, maybe=maybe, lack=lack, suspicion=suspicion, kit=kit
    )


def after(portal: Any, confirmed: Any, rejected: Any = ()) -> Assessment:
    return reviewed(portal.site, portal.edition, confirmed=frozenset(confirmed), rejected=frozenset(rejected))


def everything(portal: Any) -> set[str]:
    return {f.fingerprint for f in portal.site.findings}


def test_what_was_confirmed_bears_out_the_veto(portal: Any) -> None:
    assert (portal.site.result, portal.site.vetoes) == (Result.UNQUALIFIED, ("1.4",))
    site = after(portal, portal.stale[:5])
    assert (site.result, site.vetoes, site.score) == (Result.UNQUALIFIED, ("1.4",), None)
    assert [f.fingerprint for f in site.findings] == portal.stale[:5]
    assert all(f.certain and f.part is Part.VETO for f in site.findings)
    assert portal.kit.check(site, "1.4").problems == 5


def test_what_nobody_has_looked_at_neither_condemns_nor_clears(portal: Any) -> None:
    site = after(portal, portal.stale[:4])
    assert (site.result, site.score, site.vetoes) == (Result.UNDETERMINED, None, ())
    assert str(site.why) == "有 6 个问题尚未复核，复核后才能判定"
    assert portal.kit.check(site, "1.4").status is Status.REVIEW
    assert {f.part for f in site.findings} == {Part.ADVICE}, "four are no veto"
    assert after(portal, ()).result is Result.UNDETERMINED


def test_a_veto_that_does_not_hold_gives_way_to_the_score(portal: Any) -> None:
    site = after(portal, [*portal.stale[:4], portal.lack], everything(portal) - {*portal.stale[:4], portal.lack})
    assert (site.result, site.score, site.vetoes) == (Result.QUALIFIED, 70, ())
    assert portal.kit.check(site, "1.4").status is Status.PASS
    assert str(portal.kit.check(site, "1.4").why) == "经人工复核，不予认定"
    [lack] = [f for f in site.findings if f.rule == "missing"]
    assert (lack.part, lack.points) == (Part.DEDUCT, 30)


def test_suspicions_that_a_person_confirmed_count(portal: Any) -> None:
    chosen = [*portal.stale[:3], *portal.maybe]
    site = after(portal, chosen, everything(portal) - set(chosen))
    assert (site.result, site.vetoes) == (Result.UNQUALIFIED, ("1.4",))
    assert len([f for f in site.findings if f.part is Part.VETO and f.certain]) == 5
    both = after(portal, [portal.lack, portal.suspicion], everything(portal) - {portal.lack, portal.suspicion})
    assert both.score == 55
    assert both.result is Result.UNQUALIFIED


def test_an_objection_wins_over_a_confirmation(portal: Any) -> None:
    site = after(portal, everything(portal), everything(portal))
    assert (site.result, site.findings, site.score) == (Result.QUALIFIED, (), 100)


def test_a_department_is_not_scored(portal: Any) -> None:
    kit = portal.kit
    indicators = portal.edition.indicators
    views = [kit.column(f"栏目{n}", archived=True) for n in range(2)]
    site = kit.judged(kit.Memory(column_views=tuple(views)), *indicators, kind=SiteKind.DEPARTMENT)
    again = reviewed(
        site, portal.edition, confirmed={f.fingerprint for f in site.findings if f.certain}, rejected=set()
    )
    assert (again.result, again.score) == (Result.QUALIFIED, None)
    assert kit.check(again, "2.1").status is Status.NOT_APPLICABLE


def test_what_was_not_visited_stays_undetermined_for_its_own_reason(portal: Any) -> None:
    kit = portal.kit
    site = kit.judged(kit.Memory(coverage=replace(portal.site.coverage, pages=0)), *portal.edition.indicators)
    again = reviewed(site, portal.edition, confirmed=set(), rejected=set())
    assert (again.result, again.why, again.score) == (Result.UNDETERMINED, site.why, None)


def test_findings_of_a_run_that_did_not_write_down_its_charges(portal: Any) -> None:
    old = replace(portal.site, findings=tuple(replace(f, charges=()) for f in portal.site.findings))
    assert reviewed(old, portal.edition, confirmed=set(portal.stale), rejected=set()).vetoes == ("1.4",)


@given(st.data())
def test_the_more_is_confirmed_the_worse_and_what_is_confirmed_is_what_is_told(
    portal: Any, data: st.DataObject
) -> None:
    keys = sorted(everything(portal))
    confirmed = data.draw(st.sets(st.sampled_from(keys)))
    rejected = data.draw(st.sets(st.sampled_from(keys))) - confirmed
    site = after(portal, confirmed, rejected)
    assert {f.fingerprint for f in site.findings} == confirmed
    rank = [Result.QUALIFIED, Result.UNDETERMINED, Result.UNQUALIFIED]
    worse = after(portal, confirmed | rejected)
    assert rank.index(worse.result) >= rank.index(site.result)
    whole = after(portal, confirmed, set(keys) - confirmed)
    assert rank.index(whole.result) <= rank.index(site.result) or site.result is whole.result
    assert (site.result is Result.UNQUALIFIED) <= (whole.result is Result.UNQUALIFIED), "the rest only clears"


def test_all_confirmed_is_what_the_machine_said(portal: Any) -> None:
    certain = {f.fingerprint for f in portal.site.findings if f.certain}
    again = after(portal, certain, everything(portal) - certain)
    same = replace(
        portal.site,
        findings=tuple(f for f in portal.site.findings if f.certain),
        checks=again.checks,
        measured_points=100,  # what awaited a person was decided by one
    )
    assert again == same
    assert [c.points for c in again.checks] == [c.points for c in portal.site.checks]


def test_a_draft_keeps_what_awaits_review_and_leaves_out_what_was_rejected(portal: Any) -> None:
    assert corrected(portal.site, portal.edition, confirmed=set(portal.stale), rejected=set()) is portal.site
    site = corrected(portal.site, portal.edition, confirmed=set(), rejected=set(portal.stale[:3]))
    assert (site.result, site.vetoes) == (Result.UNDETERMINED, ()), "30 of the 60 points that were measured"
    assert portal.kit.check(site, "1.4").status is Status.REVIEW, "three stale, and two that may be"
    assert {f.fingerprint for f in site.findings} == everything(portal) - set(portal.stale[:3])
    assert not any(f.certain for f in site.findings if f.fingerprint in portal.maybe)
    site = corrected(portal.site, portal.edition, confirmed=set(portal.maybe), rejected=set(portal.stale[:3]))
    assert site.vetoes == ("1.4",)
