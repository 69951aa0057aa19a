"""An audit builds on the last one of the site in the same data folder, and finds what a fresh one finds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crawler.guard import Guard
from crawler.plan import Plan
from crawler.site import Site, SiteKind
from xuncha import inspection
from xuncha.demo import AS_OF as DEMO_AS_OF
from xuncha.demo import Portal
from xuncha.orders import Orders
from xuncha.targets import Chosen


def audit(xuncha: Any, *words: object, out: str) -> Any:
    words = ("audit", *words, "--rate", 0, "--as-of", "2026-11-20T09:00", "--out", out, "--format", "json,html")
    return xuncha(*words)


def coverage(xuncha: Any, out: str) -> dict[str, Any]:
    found: dict[str, Any] = xuncha.data(out)["sites"][0]["coverage"]
    return found


def test_the_second_audit_builds_on_the_first(xuncha: Any, web: Any, here: Path) -> None:
    web.sound()
    del web.answers["/c2/a1.html"]
    audit(xuncha, web.url, out="first")
    audit(xuncha, web.url, out="again")
    assert xuncha.facts("again") == xuncha.facts("first")
    assert coverage(xuncha, "first")["reused"] == 0
    assert coverage(xuncha, "again")["reused"] == coverage(xuncha, "again")["pages"] > 10
    assert "页与上次检查时相同" in next((here / "again").glob("*.html")).read_text("utf-8")


@pytest.mark.parametrize("way", ["option", "settings"])
def test_it_can_be_told_not_to(xuncha: Any, web: Any, way: str) -> None:
    web.sound()
    audit(xuncha, web.url, out="first")
    if way == "settings":
        xuncha.write("xuncha.toml", "[run]\nreuse = false\n")
    audit(xuncha, web.url, *(["--no-reuse"] if way == "option" else []), out="again")
    assert coverage(xuncha, "again")["reused"] == 0
    audit(xuncha, web.url, "--reuse", out="third")
    assert coverage(xuncha, "third")["reused"] > 0, "the command line wins"


def test_a_site_that_was_down_does_not_lose_its_baseline(xuncha: Any, web: Any) -> None:
    web.sound()
    audit(xuncha, web.url, out="first")
    kept = dict(web.answers)
    web.answers.clear()
    audit(xuncha, web.url, out="down")
    assert coverage(xuncha, "down")["pages"] == 0
    web.answers.update(kept)
    audit(xuncha, web.url, out="again")
    assert coverage(xuncha, "again")["reused"] == coverage(xuncha, "again")["pages"]
    assert xuncha.facts("again") == xuncha.facts("first")


def test_another_site_is_no_baseline(xuncha: Any, webs: Any) -> None:
    for out in ("one", "other"):
        web = webs()
        web.sound()
        audit(xuncha, web.url, out=out)
        assert coverage(xuncha, out)["reused"] == 0


def test_a_replay_of_an_audit_that_built_on_another(xuncha: Any, web: Any, here: Path) -> None:
    web.sound()
    audit(xuncha, web.url, out="first")
    audit(xuncha, web.url, out="again")
    web.answers.clear()
    xuncha("audit", "--replay", "last", "--out", "replayed", "--format", "json")
    assert xuncha.facts("replayed") == xuncha.facts("again")
    assert coverage(xuncha, "replayed") == coverage(xuncha, "again")


def test_the_demo_portal_twice(xuncha: Any, here: Path) -> None:
    """With all that is planted in it."""
    with Portal() as portal:
        guard = Guard(named=frozenset({"127.0.0.1"}), hosts=tuple(portal.resolve.items()))
        plan = Plan(as_of=DEMO_AS_OF, rate=0, concurrency=8, confirm_after=0.1, guard=guard)
        site = Site(portal.url, "云岭县人民政府", "5399990001", "云岭县人民政府办公室", SiteKind.PORTAL)
        for out in ("first", "again"):
            orders = Orders(plan=plan, data=here / "data", out=here / out, formats=("json",), quiet=True)
            inspection.carry_out(orders, [Chosen(site)])
    assert len(xuncha.data("first")["sites"][0]["findings"]) > 20
    assert xuncha.facts("again") == xuncha.facts("first")
    assert coverage(xuncha, "again")["reused"] == coverage(xuncha, "again")["pages"]
