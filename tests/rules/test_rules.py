"""Every rule against its cases, and the promises that hold for all of them."""

from __future__ import annotations

import inspect
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.message import Message
from rules import MODULES, all_rules
from rules.engine.rule import Problem
from rules.excerpt import LIMIT, excerpt
from rules.foot import mark_of
from rules.freshness import before, later
from rules.lexicon import table, terms

CASES = Path(__file__).with_name("cases")
RULES = {id_: rule for id_, rule in all_rules().items() if rule.check.__module__ in MODULES}
PATHS = sorted(CASES.rglob("*.toml"))
HEADINGS = ("查什么：", "为什么：", "参数：", "例：", "改法：", "局限：")
LIVE_PARAMS: dict[str, dict[str, Any]] = {
    "stale-column": {"days": {"news": 14, "notice": "6 months"}},
    "nearly-stale-column": {"days": {"news": 14}, "after": {"news": 10}},
    "missing-section": {"sections": list(table("sections"))},
    "missing-mark": {"marks": list(table("marks"))},
    "missing-annual-report": {"due": "03-31"},
    "late-annual-report": {"due": "03-31"},
    "incomplete-annual-report": {"due": "03-31"},
    "unanswered-message": {"limit": "3 months", "exempt": ["信访"], "late_answers": True},
    "altered-phrase": {"phrases": ("扫黑除恶专项斗争",)},
    "former-leader": {"names": {"甲某某": "2024-05-01", "乙木": ""}},
    "missing-disclosure": {"parts": list(table("disclosure"))},
    "missing-meta": {"required": {"site": ["SiteName"], "article": ["PubDate"]}},
}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_case(path: Path, load: Callable[..., Any], tried: Callable[..., Any]) -> None:
    case = load(path)
    said = tried(RULES[case.rule], case.snapshot, case.params)
    certain = [problem for problem in said.problems if problem.certain]
    assert case.why
    assert path.stem.startswith(f"{case.expect}-")
    for problem in said.problems:
        assert_fit_for_print(problem)
    match case.expect:
        case "pass" | "tolerated":
            assert said.problems == ()
            assert said.unchecked == ()
        case "unsure":
            assert certain == []
            assert said.problems or said.unchecked
            assert bool(said.unchecked) == case.unchecked
        case "fail":
            assert said.unchecked == ()
            assert list(said.problems) == certain
            assert len(certain) == len(case.problems) > 0
            for wanted in case.problems:
                found = next(p for p in certain if (p.at, p.key) == (wanted["at"], wanted.get("key", "")))
                assert wanted.get("says", "") in str(found.message)
                assert wanted.get("on") in (None, found.on)
        case other:
            pytest.fail(f"{path}: expect = {other!r}")


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_a_finding_is_known_by_does_not_hang_on_the_order_of_the_visit(
    path: Path, load: Callable[..., Any], tried: Callable[..., Any]
) -> None:
    """A recheck comes to the places in another order, and must find the same ones."""
    case = load(path)
    seen = case.snapshot
    links = seen.asked_links and seen.asked_links[::-1]
    other = replace(seen, columns=seen.columns[::-1], other_pages=seen.other_pages[::-1], asked_links=links)
    told, again = (tried(RULES[case.rule], snapshot, case.params) for snapshot in (seen, other))
    known = [{(problem.at, problem.key, problem.certain) for problem in one.problems} for one in (told, again)]
    assert known[0] == known[1]
    assert len(told.unchecked) == len(again.unchecked)


def assert_fit_for_print(problem: Problem) -> None:
    assert len(problem.excerpt) <= LIMIT
    for text in (problem.excerpt, *map(str, filter(None, (problem.message, problem.expected, problem.found)))):
        assert all(unicodedata.category(c)[0] != "C" for c in text)
    assert problem.at
    for message in filter(None, (problem.message, problem.expected, problem.found)):
        assert Message.from_json(json.loads(json.dumps(message.as_json()))) == message


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_cases_of_every_kind(rule: str) -> None:
    kinds = Counter(path.stem.partition("-")[0] for path in CASES.joinpath(rule).glob("*.toml"))
    assert set(kinds) == {"pass", "tolerated", "unsure"} | (set() if rule in REVIEW_ONLY else {"fail"})
    assert min(kinds.values()) >= 2


REVIEW_ONLY = frozenset(
    {
        "wrong-word",
        "altered-phrase",
        "former-leader",
        "blocked-host",
        "slow-home",
        "vague-material",
        "incomplete-disclosure-guide",
    }
) | {
    "altered-phrase",
    "former-leader",
    "missing-form",
    "missing-statistics",
    "stale-statistics",
    "few-surveys",
    "undated-survey",
    "missing-anchor",
    "unannounced-exit",
    "missing-ipv6",
}
"""Rules that never accuse: a person must look, always."""


def test_every_case_belongs_to_a_rule() -> None:
    assert {path.parent.name for path in PATHS} == set(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_docstring_says_what_why_and_how(rule: str) -> None:
    doc = RULES[rule].doc
    lines = doc.splitlines()
    assert [line for line in lines if line in HEADINGS] == list(HEADINGS)
    assert lines[0].endswith("。")
    assert lines[1] == ""
    for name in RULES[rule].parameters:
        assert f"{name}：" in doc, f"{rule}: parameter {name} is not explained"
    for heading, body in zip(HEADINGS, re.split("|".join(HEADINGS), doc)[1:], strict=True):
        assert body.strip(), f"{rule}: nothing under {heading}"


def test_rules_are_declared_in_kebab_case_without_verbs() -> None:
    for id_, rule in RULES.items():
        assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", id_)
        assert rule.check.__name__ == id_.replace("-", "_")


@given(source=st.text(max_size=400) | st.binary(max_size=400).map(lambda b: b.decode("latin-1")))
def test_no_page_text_breaks_a_rule(source: str) -> None:
    run_all_on(
        f"<html><head><title>{source}</title><meta name=PubDate content='{source}'></head><body>{source}</body></html>"
    )


@pytest.mark.parametrize(
    "source",
    [
        "",
        "<frameset><frame src=a.html></frameset>",
        "<a href='http://[::1'>走进</a>" * 50,
        "<script>" + "/*" * 20_000 + "</script>",
        "<script>" + "\\ud800" * 50 + "网站标识码：" + "9" * 10_000 + "</script>",
        "<p>网站标识码：" + "\u202e0001999935" + "\x00</p>",
        "<a href='https://beian.gov.cn/" + "beian.gov.cn" * 5_000 + "'>公网安备</a>",
        "<div class=nav>" * 300 + "<a href=#>领导</a>",
        "<base href='javascript:x'><a href=a>概况</a>" * 10,
        "<script src='http://[bad/x.js'></script><iframe src='foot'></iframe>",
        "<meta name=SiteDomain content='http://[::1]:x/,,、http://[a.b/ [a.b'><meta name=SiteIDCode content='"
        + "1" * 5_000
        + "'>",
        "<li><a href=1>{name}{0}{x!r}</a>2020-01-01</li>" * 5,
    ],
)
def test_hostile_pages_break_no_rule(source: str) -> None:
    run_all_on(source)


RUNNERS: dict[str, Any] = {}


@pytest.fixture(autouse=True)
def _runners(tried: Any, page_of: Any, link_of: Any, column_of: Any, snapshot_of: Any) -> None:
    RUNNERS.update(tried=tried, page_of=page_of, link_of=link_of, column_of=column_of, snapshot_of=snapshot_of)


def run_all_on(source: str) -> None:
    """Every rule over a site whose home page, column and article are all `source`."""
    from crawler.page import Role
    from crawler.site import Site

    page = RUNNERS["page_of"](source)
    article = RUNNERS["page_of"](source, url="https://www.yunling.gov.cn/1.html", role=Role.ARTICLE)
    column = RUNNERS["column_of"]({"name": source[:300], "kind": "news", "html": source}, page.as_of)
    link = RUNNERS["link_of"](url="https://www.yunling.gov.cn/x", text=source, verdict="broken")
    snapshot = RUNNERS["snapshot_of"](
        site=Site("https://www.yunling.gov.cn/", code="5399990001"),
        home_page=page,
        columns=(column,),
        other_pages=(article,),
        asked_links=(link,),
    )
    for rule in RULES.values():
        for problem in RUNNERS["tried"](rule, snapshot, LIVE_PARAMS.get(rule.id, {})).problems:
            assert_fit_for_print(problem)


@given(st.text(), st.integers(min_value=2, max_value=300))
def test_an_excerpt_is_one_short_visible_line(text: str, limit: int) -> None:
    cut = excerpt(text, limit)
    assert len(cut) <= limit
    assert all(unicodedata.category(c)[0] != "C" for c in cut)
    assert cut == " ".join(cut.split())
    assert excerpt(cut, limit) == cut


@pytest.mark.parametrize(
    ("today", "limit", "first"),
    [
        (date(2026, 11, 24), 14, date(2026, 11, 10)),
        (date(2026, 11, 24), "6 months", date(2026, 5, 24)),
        (date(2026, 8, 31), "6 months", date(2026, 2, 28)),
        (date(2024, 2, 29), "12 months", date(2023, 2, 28)),
        (date(2026, 1, 15), "1 month", date(2025, 12, 15)),
        (date(2026, 11, 24), "14 days", date(2026, 11, 10)),
        (date(2028, 2, 29), "1 year", date(2027, 2, 28)),
    ],
)
def test_windows_count_calendar_months(today: date, limit: int | str, first: date) -> None:
    assert before(today, limit) == first


@given(
    st.dates(date(1991, 1, 1), date(2100, 1, 1)), st.sampled_from([0, 14, "5 months", "6 months", "1 year", "10 days"])
)
def test_a_limit_that_has_passed_has_the_day_at_its_edge(day: date, limit: int | str) -> None:
    ends = later(day, limit)
    assert before(ends, limit) <= day <= ends
    assert (day - before(ends, limit)).days <= 3  # the 31st of a month that has fewer days


@given(st.dates(date(1991, 1, 1), date(2100, 1, 1)), st.integers(min_value=0, max_value=60))
def test_a_window_of_months_is_never_shorter_than_28_days_each(today: date, months: int) -> None:
    first = before(today, f"{months} months")
    assert 28 * months <= (today - first).days <= 31 * months


@pytest.mark.parametrize("limit", ["六个月", "6", "6 fortnights", "-1 months", "6 months!", ""])
def test_an_unknown_window_is_the_operators_mistake(limit: str) -> None:
    with pytest.raises(ValueError, match="无法识别"):
        before(date(2026, 11, 24), limit)


def test_unknown_sections_and_marks_name_the_known_ones(snapshot_of: Any, page_of: Any, tried: Any) -> None:
    from crawler.site import Site

    snapshot = snapshot_of(site=Site("https://www.yunling.gov.cn/"), home_page=page_of("<p>x</p>"))
    with pytest.raises(ValueError, match="overview"):
        tried(RULES["missing-section"], snapshot, {"sections": ["gaikuang"]})
    with pytest.raises(ValueError, match="jiucuo"):
        tried(RULES["missing-mark"], snapshot, {"marks": ["badge"]})


def test_rules_about_links_say_so_when_links_were_not_asked(snapshot_of: Any, page_of: Any, tried: Any) -> None:
    from crawler.site import Site

    home = page_of("".join(f"<a href=/{i}>栏目{i}概况</a>" for i in range(20)))
    snapshot = snapshot_of(site=Site("https://www.yunling.gov.cn/"), home_page=home, asked_links=None)
    said = tried(RULES["missing-section"], snapshot, {"sections": ["leaders"]})
    assert said.problems == ()
    assert said.unchecked


def test_lexicons_are_clean_data() -> None:
    for key, section in table("sections").items():
        assert set(section) - {"within", "place", "free"} == {"name", "terms", "except", "hints", "kinds"}, key
        for name in ("terms", "except", "hints"):
            assert len(section[name]) == len(set(section[name])), f"{key}.{name} has a term twice"
            assert all(term == term.strip() and term for term in section[name])
    for key in table("marks"):
        assert mark_of(key).text
    for name in ("nothing_here", "script_libraries"):
        words = terms(name)
        assert words
        assert len(words) == len(set(words))


def test_rules_reach_no_clock_and_no_network() -> None:
    for module in MODULES:
        source = inspect.getsource(import_module(module))
        assert not re.search(r"\b(?:now|today|utcnow|time)\(\)|\bhttpx\b|\baiohttp\b|\bopen\(", source)
