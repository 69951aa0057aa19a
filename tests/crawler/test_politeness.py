"""A visit as its servers see it: how far apart its requests are, what it waits for, and what it leaves alone.

Only lower bounds are asserted: a busy machine is slow, and never fast.
"""

import itertools
import time
from datetime import datetime
from typing import Any

import pytest

from crawler import visit as module
from crawler.outcome import Verdict
from crawler.plan import Progress
from crawler.quiet import parse
from crawler.stamps import CHINA

TEXT = "<p>云岭县人民政府办公室主办，本页是首页的正文，公布本县政务信息，欢迎监督。</p>" * 8


def page(*links: str) -> bytes:
    body = "".join(f'<p><a href="{link}">去 {number}</a></p>' for number, link in enumerate(links))
    return f"<!DOCTYPE html><title>云岭县人民政府</title><body>{body}{TEXT}</body>".encode()


def home(server: Any, *links: str) -> str:
    return server.on("/", server.answer(page(*links)))


def file(server: Any, *headers: str, status: str = "200 OK") -> bytes:
    return server.answer(b"x", *headers, status=status, content_type="application/octet-stream")


def verdicts(snapshot: Any) -> dict[str, tuple[Verdict, str]]:
    return {link.url: (link.outcome.verdict, link.outcome.code) for link in snapshot.links()}


# How far apart.


def test_the_gaps_between_requests(server: Any, other: Any, go: Any) -> None:
    targets = [f"/{n}" for n in range(8)]
    for target in targets:
        server.on(target, file(server))
    server.on("/0", server.redirect("/1"))
    go(home(server, *targets, "http://www.xishan.gov.cn/a"), rate=10, hosts={"www.xishan.gov.cn": other.port})
    for machine in (server, other):
        seen = list(machine.seen)
        # Each request had its turn 0.1 s after the one before. How late it then came is the machine's, so that two may
        # come closer together; all of them together cannot come faster. A redirect is paid for afterwards.
        assert seen[-1].at - seen[0].at >= 0.1 * (len(seen) - 1) - 0.1, machine.targets()
        hops = {n for n, one in enumerate(seen) if n and seen[n - 1].target == "/0"}
        gaps = [b.at - a.at for n, (a, b) in enumerate(itertools.pairwise(seen), 1) if n not in hops]
        assert sorted(gaps)[len(gaps) // 2] >= 0.08, machine.targets()


def test_crawl_delay_is_kept_where_it_is_longer(server: Any, go: Any) -> None:
    server.on("/robots.txt", server.answer(b"User-agent: *\nCrawl-delay: 0.2\n", content_type="text/plain"))
    for n in range(4):
        server.on(f"/{n}", file(server))
    go(home(server, *(f"/{n}" for n in range(4))))
    files = [seen.at for seen in server.seen if seen.target not in ("/", "/robots.txt")]
    assert len(files) == 5
    assert files[-1] - files[0] >= 0.2 * (len(files) - 1) - 0.1


# What it waits for.


def test_a_cooling_host_holds_no_slot(server: Any, other: Any, go: Any) -> None:
    """One request at a time over all: a host that asks for a minute must not be what it is spent on."""
    names = [f"http://www.xishan.gov.cn/{n}" for n in range(20)]
    for n in range(20):
        other.on(f"/{n}", file(other))
    server.on("/busy", file(server, "Retry-After: 60", status="503 Service Unavailable"))
    snapshot = go(
        home(server, "/busy", "/later", *names),
        hosts={"www.xishan.gov.cn": other.port},
        in_flight=1,
        stop=lambda: len(other.seen) >= 20,
        max_seconds=20,
    )
    assert {other.url(f"/{n}") for n in range(20)} == {other.origin + seen.target for seen in other.seen}
    assert server.targets().count("/busy") == 1, "not before the minute is over"
    assert not snapshot.coverage.complete


@pytest.mark.parametrize("value", ["-30", "-1e9", "soon", "", "NaN", "1e400", "0x10"])
def test_a_retry_after_that_says_nothing(server: Any, go: Any, value: str) -> None:
    server.on("/busy", file(server, f"Retry-After: {value}", status="503 Service Unavailable"), file(server))
    snapshot = go(home(server, "/busy"), max_seconds=30)
    assert verdicts(snapshot) == {server.url("/busy"): (Verdict.OK, "ok")}
    assert snapshot.coverage.complete


@pytest.mark.parametrize("value", ["99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_retry_after_of_centuries(server: Any, go: Any, value: str) -> None:
    """It is not waited for longer than a minute: so much a visit is willing to."""
    waits: list[float] = []
    server.on("/busy", file(server, f"Retry-After: {value}", status="503 Service Unavailable"), file(server))
    url = home(server, "/busy")
    snapshot = go(url, stop=lambda: server.targets().count("/busy") > 0, report=lambda now: waits.append(now.queued))
    assert server.targets().count("/busy") == 1
    assert not snapshot.coverage.complete
    assert waits[-1] == 1, "it is to be asked again"


def test_robots_that_fail_once_are_asked_for_again(server: Any, go: Any) -> None:
    rules = server.answer(b"User-agent: *\nDisallow: /private/\n", content_type="text/plain")
    server.on("/robots.txt", file(server, status="503 Service Unavailable"), rules)
    server.on("/a.html", server.answer(page("/x")))
    snapshot = go(home(server, "/a.html", "/private/b.pdf"), scope="full", robots_after=0.3)
    asked = [seen.at for seen in server.seen if seen.target == "/robots.txt"]
    assert len(asked) == 2
    assert asked[1] - asked[0] >= 0.25
    assert min(seen.at for seen in server.seen if seen.target not in ("/robots.txt", "/")) >= asked[1], "nothing before"
    assert verdicts(snapshot)[server.url("/private/b.pdf")] == (Verdict.SKIPPED, "robots")
    assert verdicts(snapshot)[server.url("/a.html")] == (Verdict.OK, "ok")
    assert verdicts(snapshot)[server.url("/x")] == (Verdict.BROKEN, "http-404")
    assert snapshot.coverage.complete


def test_robots_that_ask_for_time_get_it(server: Any, go: Any) -> None:
    busy = file(server, "Retry-After: 1", status="503 Service Unavailable")
    server.on("/robots.txt", busy, server.answer(status="404 Not Found"))
    server.on("/a.html", server.answer(page()))
    snapshot = go(home(server, "/a.html"))
    first, second = [seen.at for seen in server.seen if seen.target == "/robots.txt"]
    assert second - first >= 1
    assert verdicts(snapshot) == {server.url("/a.html"): (Verdict.OK, "ok")}


def test_robots_that_fail_for_good_leave_the_home_page_and_what_others_hold(server: Any, other: Any, go: Any) -> None:
    server.on("/robots.txt", file(server, status="500 Internal Server Error"))
    other.on("/1", file(other))
    url = home(server, "/a.html", "http://www.xishan.gov.cn/1")
    snapshot = go(url, hosts={"www.xishan.gov.cn": other.port})
    assert server.targets().count("/robots.txt") == 3
    assert set(server.targets()) == {"/robots.txt", "/"}
    assert verdicts(snapshot)["http://www.xishan.gov.cn/1"] == (Verdict.OK, "ok")
    assert snapshot.coverage.skipped == {"robots": 1}
    assert not snapshot.coverage.complete
    assert "robots.txt" in str(snapshot.why)


# Quiet hours.

OFFICE = [parse("08:30-12:00"), parse("12:00-18:00")]


def china(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 24, hour, minute, tzinfo=CHINA)


def test_nothing_is_asked_in_quiet_hours(server: Any, go: Any) -> None:
    told: list[Progress] = []
    url = home(server, "/a")
    parked = go(url, quiet=OFFICE, now=lambda: china(9), report=told.append, stop=lambda: len(told) > 0)
    assert server.seen == []
    assert [progress.quiet_until for progress in told] == [china(18)]
    assert not parked.coverage.complete
    done = go(url, quiet=OFFICE, now=lambda: china(18))
    assert done.coverage.complete
    assert verdicts(done) == {server.url("/a"): (Verdict.BROKEN, "http-404")}


def test_a_visit_rests_when_quiet_hours_begin_and_goes_on_afterwards(
    server: Any, go: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_REST", 0.2)
    told: list[Progress] = []
    looks: list[int] = []
    """Requests so far, at each look at the clock since the quiet hours began."""

    def now() -> datetime:
        if len(server.seen) < 5:
            return china(8, 29)
        looks.append(len(server.seen))
        return china(9) if len(looks) <= 10 else china(18)

    for n in range(12):
        server.on(f"/{n}", file(server))
    url = home(server, *(f"/{n}" for n in range(12)))
    began = time.monotonic()
    snapshot = go(url, quiet=OFFICE, now=now, report=told.append, concurrency=1)
    assert [progress.quiet_until for progress in told if progress.quiet_until] == [china(18)], "told once"
    assert len(set(looks[4:10])) == 1, "nothing in between"
    assert set(verdicts(snapshot).values()) == {(Verdict.OK, "ok")}, "and the rest afterwards"
    assert snapshot.coverage.complete
    assert time.monotonic() - began - told[-1].seconds >= 1, "the pause is not the visit's time"
