"""Probes of home pages, asked of real servers on the loopback."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.guard import Guard
from crawler.message import say
from crawler.plan import Plan
from crawler.probe import Announced, Probe, ProbeState, Watched, period
from crawler.prober import probe

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
DEAD = "http://127.0.0.1:9/"


def probed(*urls, seconds=15.0, again=(), witnesses=()):
    plan = Plan(NOON, guard=Guard(allow_private=True), home_seconds=seconds)
    found = asyncio.run(probe(urls, plan, again=again, witnesses=witnesses))
    return [found[url] for url in urls]


def shown(found):
    return (found.state.value, found.code, found.status, found.witnessed)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"body": b"<title>x</title>"}, ("up", "ok", 200, True)),
        ({"body": "页面不存在".encode()}, ("up", "ok", 200, True)),  # a home page is never a soft 404
        ({"status": "502 Bad Gateway"}, ("down", "http-502", 502, True)),
        ({"status": "404 Not Found"}, ("down", "http-404", 404, True)),
        ({"status": "403 Forbidden"}, ("unsure", "http-403", 403, True)),
        ({"status": "200 OK", "body": b"<script>$_ts={}</script>"}, ("unsure", "challenge", 200, True)),
    ],
)
def test_what_a_server_says(server, answer, expected):
    [found] = probed(server.on("/", server.answer(**answer)))
    assert shown(found) == expected
    assert server.targets() == ["/"]  # nothing else is asked, robots.txt neither


def test_a_redirect_is_followed(server):
    server.on("/zw/", server.answer(b"<p>"))
    [found] = probed(server.on("/", server.redirect("/zw/")))
    assert shown(found) == ("up", "ok", 200, True)


def test_silence_is_shut_after_the_time(server):
    server.on("/up", server.answer(b"<p>"))
    down, up = probed(server.on("/", [server.STALL]), server.url("/up"), seconds=0.3)
    assert shown(down) == ("down", "timeout", None, True)
    assert 0.3 <= down.elapsed < 5
    assert up.state is ProbeState.UP


def test_what_fails_at_once_is_asked_again_within_the_time(server):
    bad, good = server.answer(status="503 Service Unavailable"), server.answer(b"<p>")
    [found] = probed(server.on("/", bad, [server.RESET], good), again=(0.05, 0.1))
    assert shown(found) == ("up", "ok", 200, True)
    [found] = probed(server.on("/down", bad), again=(0.05, 0.1, 99))
    assert shown(found) == ("down", "http-503", 503, True)
    assert server.targets().count("/down") == 3  # 99 seconds are beyond the 15


def test_all_shut_at_once_is_our_own_outage(server):
    first, second = probed(DEAD, "http://127.0.0.2:9/", witnesses=["http://127.0.0.3:9/"])
    assert shown(first) == shown(second) == ("ours", "outage", None, True)


def test_a_witness_tells_that_it_is_not_us(server):
    first, second = probed(DEAD, "http://127.0.0.2:9/", witnesses=[server.on("/", server.answer(b"<p>"))])
    assert shown(first) == shown(second) == ("down", "refused", None, True)
    assert server.targets() == ["/"]


def test_a_witness_is_not_asked_without_need(server):
    down, up = probed(DEAD, server.on("/", server.answer(b"<p>")), witnesses=[server.url("/witness")])
    assert (down.state, up.state) == (ProbeState.DOWN, ProbeState.UP)
    assert "/witness" not in server.targets()


def test_one_site_alone_has_no_witness(server):
    [found] = probed(DEAD)
    assert shown(found) == ("down", "refused", None, False)
    [found] = probed(server.on("/", server.answer(status="500 Oops")))
    assert shown(found) == ("down", "http-500", 500, True)  # it says so itself


def test_nothing_to_probe():
    assert probed() == []


# How probes are counted


def at(minutes, state=ProbeState.UP, **more):
    return Probe(NOON - timedelta(minutes=minutes), state, "x", say("-"), more.pop("elapsed", 0.4), **more)


def test_days_count_back_from_the_moment():
    week = period(Watched(tuple(at(60 * n) for n in reversed(range(24 * 8)))), NOON)
    assert [day.counted for day in week.days] == [24] * 7
    assert (week.days[0].begins, week.days[-1].ends) == (NOON - timedelta(days=7), NOON)


@given(
    st.lists(
        st.tuples(
            st.integers(-60, 24 * 60 * 9),
            st.sampled_from(ProbeState),
            st.booleans(),
            st.sampled_from([0.4, 15.0, 20.0]),
        ),
        max_size=60,
    ),
    st.integers(0, 24 * 60 * 7),
    st.integers(1, 24 * 60),
)
def test_every_spaced_probe_is_counted_once(probes, begins, length):
    made = sorted((at(m, s, witnessed=w, elapsed=e) for m, s, w, e in probes), key=lambda probe: probe.at)
    window = Announced(NOON - timedelta(minutes=begins), NOON - timedelta(minutes=begins - length), "x")
    found = period(Watched(tuple(made), (window,)), NOON, apart=timedelta(0))
    inside = [probe for probe in made if NOON - timedelta(days=7) < probe.at <= NOON]
    assert sum(map(found.sum, ("counted", "doubtful", "unsure", "ours", "announced"))) == len(inside)
    assert found.sum("failed") == len(found.failures) <= found.sum("counted")
    assert not any(window.covers(probe.at) for probe in found.failures)
    assert all(probe.witnessed and (probe.elapsed >= 15 or probe.state is ProbeState.DOWN) for probe in found.failures)
    spaced = period(Watched(tuple(made)), NOON, apart=timedelta(minutes=30))
    assert sum(map(spaced.sum, ("counted", "doubtful", "unsure", "ours"))) <= 7 * 48 + 1
