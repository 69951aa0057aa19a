"""Draws: each stratum has its share, one seed draws one sample, failures are in, and all is recorded."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.site import Site, SiteKind
from xuncha.sampling import by_stratum, digest, draw

COUNTY = tuple(
    Site(
        url=f"http://s{n}.yunling.gov.cn/",
        name=f"云岭县第{n}局",
        code=f"5399{n % 4:02}{n:04}",
        organ=f"第{n % 7}办",
        kind=SiteKind.PORTAL if n % 9 == 0 else SiteKind.DEPARTMENT,
    )
    for n in range(60)
)
numbers = st.sets(st.integers(0, 59), min_size=1).map(lambda chosen: [COUNTY[n] for n in sorted(chosen)])
rates = st.integers(1, 100).map(lambda percent: Fraction(percent, 100))


@given(numbers, rates, st.text(max_size=8), st.randoms())
def test_each_stratum_has_its_share_to_within_one(sites: list[Site], rate: Fraction, seed: str, random: Any) -> None:
    drawn = draw(sites, rate, seed)
    count = math.ceil(rate * len(sites))
    assert len(drawn) == len(set(drawn)) == count
    for total, taken in by_stratum(sites, drawn).values():
        assert abs(taken - Fraction(total * count, len(sites))) < 1
    mixed = list(sites)
    random.shuffle(mixed)
    assert draw(mixed, rate, seed) == drawn
    assert digest(mixed) == digest(sites)


@given(numbers, rates, st.sets(st.integers(0, 59)), st.sets(st.integers(0, 59)))
def test_failures_are_in_and_what_was_not_inspected_comes_first(
    sites: list[Site], rate: Fraction, failed: set[int], old: set[int]
) -> None:
    forced = {COUNTY[n].url for n in failed} & {site.url for site in sites}
    stale = {COUNTY[n].url for n in old}
    drawn = set(draw(sites, rate, "1", forced=forced, stale=stale))
    assert forced <= drawn
    assert len(drawn) == max(math.ceil(rate * len(sites)), len(forced))
    if drawn - forced - stale:
        assert {site.url for site in sites} & stale <= drawn


def test_the_draw_is_the_same_on_every_machine_and_in_every_version() -> None:
    drawn = draw(COUNTY, Fraction(3, 20), "20261124")
    assert hashlib.sha256("".join(drawn).encode()).hexdigest()[:16] == "a0e5395324817af9"
    assert draw(COUNTY, Fraction(3, 20), "20261125") != drawn


# Through the command line


def register(here: Path, sites: Sequence[Site], name: str = "sites.csv") -> Path:
    kinds = {SiteKind.PORTAL: "门户网站", SiteKind.DEPARTMENT: "部门网站"}
    rows = ["网站标识码,网站名称,主办单位,首页网址,网站类型"]
    rows += [f"{s.code},{s.name},{s.organ},{s.url},{kinds[s.kind or SiteKind.DEPARTMENT]}" for s in sites]
    path = here / name
    path.write_text("\n".join(rows), "utf-8")
    return path


def test_a_draw_is_recorded_and_can_be_audited(xuncha: Any, webs: Any, here: Path) -> None:
    web, other = webs(), webs()
    for one in (web, other):
        one.page("/", "<a href=/x.html>办事指南</a>")
    sites = [
        Site(web.url, "云岭县林业局", "", "云岭县林业局", SiteKind.DEPARTMENT),
        Site(other.url, "云岭县水利局", "", "云岭县水利局", SiteKind.DEPARTMENT),
        *(replace(site, code="") for site in COUNTY[1:5]),
    ]
    listed = register(here, sites)
    audit = ("--rate", 0, "--max-pages", 3, "--format", "json", "--out")
    assert xuncha("audit", web.url, *audit, "first").code == 1
    [failed] = xuncha.data("first")["sites"]
    assert failed["verdict"] == "unqualified"

    said = xuncha("sample", listed, "--rate", "30%", "--seed", 7, "--period", "2099Q1", "--out", "drawn.csv")
    assert said.code == 0
    drawn = said.out.split()
    assert len(drawn) == 2
    assert web.url in drawn
    assert "6 个网站按 30% 抽 2 个" in said.err
    assert "必定抽中的 1 个" in said.err
    assert "2099 年已检查 0 个，占 6 个的 0.0%；检查这一签后 2 个，占 33.3%" in said.err
    again = xuncha("sample", listed, "--rate", "0.3", "--seed", 7, "--period", "2099Q1")
    assert again.out.split() == drawn

    assert xuncha("sample", other.url, "--rate", "100%", "--seed", 1).out.split() == [other.url]
    assert xuncha("audit", "--sample", "last", *audit, "out").code == 1
    [audited] = xuncha.data("out")["sites"]
    assert audited["site"]["url"] == other.url
    run = xuncha.data("out")["run"]["id"]
    told = xuncha("sample", "--list").out
    assert told.count("种子 7") == 2
    assert f"检查编号：{run}" in told
    said = xuncha("audit", "drawn.csv", "--resume", "last")
    assert said.code == 2
    assert "云岭县林业局" in (here / "drawn.csv").read_text("utf-8-sig")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "--rate"),
        (("--rate", "30"), "30%"),
        (("--rate", "0%"), "0%"),
        (("--rate", "101%"), "101%"),
        (("--rate", "30%", "--period", "2026Q5"), "2026Q5"),
        (("--rate", "30%"), "没有要检查的网站"),
        (("--rate", "30%", "--list"), "--list"),
    ],
)
def test_mistakes_are_one_line(xuncha: Any, words: tuple[str, ...], told: str) -> None:
    said = xuncha("sample", *words)
    assert said.code == 2
    assert told in said.line


def test_an_audit_of_no_draw_says_so(xuncha: Any, here: Path) -> None:
    assert "没有找到数据库" in xuncha("audit", "--sample", "last").line
    assert xuncha("sample", "http://127.0.0.1:9/", "--rate", "100%").code == 0
    assert "s1" in xuncha("audit", "--sample", "s1").line
    assert "--sample" in xuncha("audit", "--sample", "last", "http://127.0.0.1:9/").line
