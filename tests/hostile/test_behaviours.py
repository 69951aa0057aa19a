"""Every way of misbehaving in `behaviours/`, each on a server of its own, and what is told of it."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

import pytest
from behaviour import Behaviour, answer, page
from behaviours import codings, connections, framing, pages, redirects, statuses, walls
from loopback import Loopback

from crawler import asker, exchange
from crawler import visit as visiting
from crawler.fetch import Fetcher, Limits
from crawler.guard import Guard
from crawler.outcome import Verdict
from crawler.plan import Plan
from crawler.site import Site
from crawler.visit import visit

BEHAVIOURS: dict[str, Behaviour] = {}
for module in (connections, framing, codings, redirects, statuses, walls, pages):
    for one in module.BEHAVIOURS:
        assert one.name not in BEHAVIOURS, one.name
        BEHAVIOURS[one.name] = one
AS_OF = datetime(2026, 11, 24, 9, 30, tzinfo=timezone(timedelta(hours=8)))
WELL = "www.well.gov.cn"


class Told(NamedTuple):
    verdict: Verdict
    code: str
    title: str | None


def address(behaviour: Behaviour) -> str:
    return f"http://{behaviour.name}.gov.cn{behaviour.target}"


def home(*urls: str) -> bytes:
    links = "".join(f"<p><a href='{url}'>链接{n}</a></p>" for n, url in enumerate((*urls, f"http://{WELL}/")))
    return answer(page("首页", links))


async def visited(site: str, ports: Mapping[str, int], folder: Path) -> dict[str, Told]:
    """Address → what a visit of `site` tells of it. Every name is on this machine."""
    guard = Guard(hosts=tuple((name, ("127.0.0.1", port)) for name, port in ports.items()))
    plan = Plan(as_of=AS_OF, scope="full", rate=0, confirm_after=0.0, robots_after=0.0, guard=guard, max_pages=20)
    with_pages = await visit(Site(site, "云岭县人民政府"), plan, folder)
    try:
        found = {}
        for link in with_pages.links():
            stored = with_pages.page(link.url)
            found[link.url] = Told(link.outcome.verdict, link.outcome.code, stored.title if stored else None)
        return found
    finally:
        with_pages.close()


async def of_links(some: list[Behaviour], loopback: Loopback, ports: dict[str, int], folder: Path) -> dict[str, Told]:
    """One visit of a site that links to all of them."""
    loopback_home = home(*map(address, some))
    ports = {
        **ports,
        "www.home.gov.cn": loopback.listen(Behaviour("home", "", Verdict.OK, "ok", b"").serve(loopback_home)),
    }
    ports |= {f"{b.name}.gov.cn": loopback.listen(b.serve()) for b in some}
    return await visited("http://www.home.gov.cn/", ports, folder)


async def of_page(behaviour: Behaviour, loopback: Loopback, ports: dict[str, int], folder: Path) -> dict[str, Told]:
    """One visit of the site whose page it is."""
    name = f"{behaviour.name}.gov.cn"
    port = loopback.listen(behaviour.serve(home(address(behaviour))))
    return await visited(f"http://{name}/", {**ports, name: port}, folder)


async def everything(loopback: Loopback, folder: Path, silent: bool) -> dict[str, Told]:
    well = Behaviour("well", "", Verdict.OK, "ok", b"").serve(answer(page()))
    ports = {WELL: loopback.listen(well)}
    some = [b for b in BEHAVIOURS.values() if b.silent is silent]
    visits = [of_links([b for b in some if b.at != "page"], loopback, ports, folder / "links")]
    visits += [of_page(b, loopback, ports, folder / b.name) for b in some if b.at == "page"]
    found: dict[str, Told] = {}
    for start in range(0, len(visits), 8):
        for told in await asyncio.gather(*visits[start : start + 8]):
            found |= told
    return found


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Behaviour], Told]]:
    """Asks all the servers, those that keep their client waiting with little patience."""
    folder = tmp_path_factory.mktemp("visits")
    with Loopback() as loopback, pytest.MonkeyPatch.context() as patch:
        patch.setattr(exchange, "_LONGEST_WAIT", 0.2)
        patch.setattr(asker, "_HEAD_SECONDS", 2.0)  # GET follows
        found = asyncio.run(everything(loopback, folder / "a", silent=False))
        patch.setattr(visiting, "Fetcher", functools.partial(Fetcher, limits=Limits(connect=2.0, total=2.0)))
        patch.setattr(asker, "_LEAF_SECONDS", 2.0)
        found |= asyncio.run(everything(loopback, folder / "b", silent=True))
        yield lambda behaviour: found[address(behaviour)]


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_what_is_told_of_it(told: Callable[[Behaviour], Told], name: str) -> None:
    behaviour = BEHAVIOURS[name]
    found = told(behaviour)
    assert (found.verdict, found.code) == (behaviour.verdict, behaviour.code), behaviour.does
    if behaviour.title is not None:
        assert found.title == behaviour.title
