"""Home pages probed: is each open within 15 seconds, and if not, is it surely not our own network?

One probe asks for one page and nothing else; robots.txt, which is for those who crawl, is not read.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from crawler import harvest, outcome
from crawler.exchange import Reply
from crawler.fetch import Fetcher, Limits
from crawler.message import say
from crawler.outcome import Sign, SignKind
from crawler.plan import Plan
from crawler.probe import Probe, ProbeState
from crawler.urls import authority

AGAIN = (5.0, 10.0)
"""Seconds after the first ask at which a page that failed at once is asked for again: 超过15秒仍打不开."""
_AT_A_TIME = 16  # sites
_STEP = 0.5  # seconds between two looks whether to stop
_OURS = frozenset({"resolver", "no-route"})
_NO_ONE = say("同时检查的网站和对照网址都没有打开，可能是本机网络不通，不作判断")


class Stopped(Exception):  # noqa: N818 - what the operator wanted
    """The round was told to stop, and left nothing."""


async def probe(
    homes: Sequence[str],
    plan: Plan,
    *,
    witnesses: Sequence[str] = (),
    again: Sequence[float] = AGAIN,
    stop: Callable[[], bool] = lambda: False,
) -> dict[str, Probe]:
    """Probe every home page once, at the same time. Never raises for what a site does. Raises Stopped within a second
    after `stop` says true: half a round is none, since nobody could tell of it whether the fault was ours.

    `witnesses`: other addresses that are asked when no home page at all was open. Where they are not open either, and
    more than one host was asked, it is taken for our own outage; where only one host could be asked, and it gave no
    answer, its probe stays without a witness.
    """
    round_ = asyncio.create_task(_round(homes, plan, witnesses, again))
    while not (await asyncio.wait([round_], timeout=_STEP))[0]:
        if stop():
            round_.cancel()
            await asyncio.gather(round_, return_exceptions=True)
            raise Stopped
    return round_.result()


async def _round(
    homes: Sequence[str], plan: Plan, witnesses: Sequence[str], again: Sequence[float]
) -> dict[str, Probe]:
    turns = asyncio.Semaphore(_AT_A_TIME)
    limits = Limits(connect=plan.home_seconds, total=plan.home_seconds)
    async with Fetcher(agent=plan.agent, guard=plan.guard, limits=limits) as fetcher:

        async def ask(url: str) -> Probe:
            async with turns:
                return await _ask(fetcher, url, plan.home_seconds, again)

        async def all_of(urls: Sequence[str]) -> dict[str, Probe]:
            return dict(zip(urls, await asyncio.gather(*map(ask, urls)), strict=True))

        found = await all_of(list(dict.fromkeys(homes)))
        states = {probe.state for probe in found.values()}
        if ProbeState.UP in states or ProbeState.DOWN not in states:
            return found
        others = await all_of([url for url in dict.fromkeys(witnesses) if url not in found])
    return _weighed(found, others)


def _weighed(found: Mapping[str, Probe], others: Mapping[str, Probe]) -> dict[str, Probe]:
    """No home page was open: was it them, or us?"""
    if any(probe.state is ProbeState.UP for probe in others.values()):
        return dict(found)
    hosts = {authority(url) for url in (*found, *others)}
    return {url: _alone(probe, many=len(hosts) > 1) for url, probe in found.items()}


def _alone(probe: Probe, *, many: bool) -> Probe:
    if probe.state is not ProbeState.DOWN:
        return probe
    if many:
        return replace(probe, state=ProbeState.OURS, code="outage", reason=_NO_ONE)
    # A server that says itself that it fails needs nobody to confirm it.
    return replace(probe, witnessed=probe.status is not None)


async def _ask(fetcher: Fetcher, url: str, seconds: float, again: Sequence[float]) -> Probe:
    """The last of several asks within the time, or the first that brought the page."""
    at, began = datetime.now(UTC), time.monotonic()
    waits = [*again, None]
    while True:
        left = seconds - (time.monotonic() - began)
        reply = await fetcher.fetch(url, fresh=True, total=max(left, 0.1))
        sign = _sign(reply)
        spent, wait = time.monotonic() - began, waits.pop(0)
        if sign.kind is not SignKind.SUSPECT or wait is None or wait >= seconds or spent >= seconds:
            break
        await asyncio.sleep(wait - spent)
    answer = reply.answer
    return Probe(at, _state(sign, spent, seconds), sign.code, sign.reason, round(spent, 3), answer.status)


def _sign(reply: Reply) -> Sign:
    glimpse = harvest.read(reply).glimpse
    return outcome.read(reply.answer, headers=reply.headers, body=reply.body, glimpse=glimpse, home=True)


def _state(sign: Sign, spent: float, seconds: float) -> ProbeState:
    if sign.kind is SignKind.GOOD:
        return ProbeState.UP if spent < seconds else ProbeState.DOWN
    if sign.kind is SignKind.SUSPECT:
        return ProbeState.DOWN
    return ProbeState.OURS if sign.code in _OURS else ProbeState.UNSURE
