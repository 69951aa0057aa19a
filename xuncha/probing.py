"""Rounds of probes: home pages asked for now, and what came of it written down whole."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crawler import quiet
from crawler.message import Message, say
from crawler.probe import Probe, ProbeState
from crawler.prober import Stopped, probe
from crawler.site import Site
from crawler.urls import normalize
from xuncha import log, targets
from xuncha.orders import Orders, allowing
from xuncha.parameters import Interrupted, Mistake
from xuncha.progress import label
from xuncha.store import Store

if TYPE_CHECKING:
    from xuncha.settings import Settings

_NEIGHBOURS = 3  # known sites that bear witness when others are probed


@dataclass(frozen=True, slots=True)
class Round:
    probes: Mapping[str, Probe]
    """Home address → what was found."""
    names: Mapping[str, str]
    """Home address → the site as people call it."""
    resting: Mapping[str, datetime]
    """Home address → the end of its quiet hours: it was not asked."""

    @property
    def exit_code(self) -> int:
        """0 all open · 1 some shut · 3 of some nobody can tell."""
        states = {found.state for found in self.probes.values()}
        if ProbeState.DOWN in states:
            return 1
        return 3 if states & {ProbeState.UNSURE, ProbeState.OURS} else 0


def carry_out(
    orders: Orders,
    config: Settings,
    sites: Sequence[Site],
    schedule: str | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Round:
    """Probe the home pages of `sites` that have no quiet hours now, and store the round. Raises StoreError, and
    Interrupted where `stop` said true before its end."""
    started = datetime.now(UTC)
    homes = {home(site): site for site in sites}
    ends = {url: quiet.until(site.quiet, started) for url, site in homes.items()}
    asked = [url for url, end in ends.items() if end is None]
    neighbours = [home(site) for site in targets.known_sites(config) if not quiet.until(site.quiet, started)]
    witnesses = (*(config.watch.witnesses or ()), *[url for url in neighbours if url not in homes][:_NEIGHBOURS])
    hosts = frozenset(host for url in (*asked, *witnesses) for host in targets.hosts(Site(url)))
    with log.to(orders.data), Store.open(orders.data / "xuncha.db") as store:
        plan = allowing(orders, hosts).plan
        try:
            found = asyncio.run(probe(asked, plan, witnesses=witnesses, stop=stop)) if asked else {}
        except Stopped as stopped:
            raise Interrupted(say("已中断，这一轮监测没有存入")) from stopped
        if found:
            store.probes.add_round(found, started=started, finished=datetime.now(UTC), schedule=schedule)
    names = {url: label(site) for url, site in homes.items()}
    return Round(found, names, {url: end for url, end in ends.items() if end is not None})


def home(site: Site) -> str:
    """The address under which its probes are kept."""
    return normalize(site.url) or site.url


def sites_of(words: Sequence[str], config: Settings) -> list[Site]:
    """The sites that are meant: all known ones, or those of these names, codes or addresses. Raises Mistake."""
    chosen, _ = targets.choose(words, config)
    saved = next((one for one in chosen if one.files), None)
    if saved is not None:
        raise Mistake(say("“{site}”是保存的网页，没有首页可以监测", site=saved.site.name))
    return [one.site for one in chosen]


def told(done: Round) -> Iterator[Message]:
    """One sentence a site, and the sum."""
    for url, found in done.probes.items():
        if found.state is ProbeState.UP:
            yield say("{site}：打开了，用了{seconds}秒", site=done.names[url], seconds=f"{found.elapsed:.1f}")
        elif found.state is ProbeState.DOWN:
            yield say("{site}：打不开（{why}）", site=done.names[url], why=found.reason)
        else:
            yield say("{site}：不能判断（{why}）", site=done.names[url], why=found.reason)
    for url, until in done.resting.items():
        yield say("{site}：现在是免打扰时段，{time} 以前不监测", site=done.names[url], time=f"{until:%m-%d %H:%M}")
    yield summed(done)


def summed(done: Round) -> Message:
    counts = Counter(found.state for found in done.probes.values())
    return say(
        "共监测 {count} 个首页：打开 {up} 个，打不开 {down} 个，不能判断 {other} 个",
        count=len(done.probes),
        up=counts[ProbeState.UP],
        down=counts[ProbeState.DOWN],
        other=counts[ProbeState.UNSURE] + counts[ProbeState.OURS],
    )
