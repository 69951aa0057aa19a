"""`xuncha recheck`: what the operator named, made into findings to be looked for again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from crawler.message import say
from crawler.site import Site
from rules.engine.assessment import Run
from xuncha import inspection, orders, outputs, targets
from xuncha.inspection import Ended
from xuncha.ledger import Entry
from xuncha.orders import Orders
from xuncha.parameters import CHINA, Mistake
from xuncha.recheck import due
from xuncha.register import marks
from xuncha.settings import Settings
from xuncha.store import Store

FORMATS = ("xlsx", "json")
_BRACKETS = str.maketrans("[]［］【】()（）", "〔〕〔〕〔〕〔〕〔〕")  # of a 文号, whatever brackets were typed


class Nothing(Mistake):
    """There is no open finding to look for."""


def carry_out(which: str | None, options: Mapping[str, Any]) -> Ended:
    """`which`: the number of a notice, a site, or None for everything that is open. Raises Mistake, StoreError."""
    config = orders.load_settings(options["settings_file"])
    return look_again(config, orders.orders(config, {**options, "formats": options["formats"] or FORMATS}), which)


def look_again(config: Settings, ready: Orders, which: str | None = None, run: Run | None = None) -> Ended:
    """As `carry_out`, by orders. `run`: made by `inspection.new_run`, for a caller that must know its id beforehand."""
    if ready.formats == outputs.DEFAULT:
        ready = replace(ready, formats=FORMATS)
    path = ready.data / "xuncha.db"
    with Store.open(path, read_only=not path.exists()) as store:  # an older version's is brought up to date
        entries = due(named(store, which), datetime.now(CHINA))
        sites = {site.url: site for site in _sites(store, config, {entry.site for entry in entries})}
    if not entries:
        raise Nothing(say("没有要复查的问题：台账中没有未了结的"))
    hosts = frozenset(host for site in sites.values() for host in targets.hosts(site))
    return inspection.look_again(orders.allowing(ready, hosts), entries, sites, run)


def named(store: Store, which: str | None) -> list[Entry]:
    """The findings of a notice, of a site, or of all sites. Raises Mistake where there is neither."""
    if which is None:
        return store.ledger.entries()
    number = which.translate(_BRACKETS)
    notice = next((one for one in store.notices.all() if one.number.translate(_BRACKETS) == number), None)
    if notice is not None:
        told = notice.findings
        return [
            entry
            for site in notice.sites
            for entry in store.ledger.entries(url=site.url)
            if (entry.site, entry.fingerprint) in told
        ]
    home = store.sites.home(which)
    if home is None:
        raise Mistake(say("没有文号或网站“{which}”；网站写首页网址、名称或标识码，见 xuncha ledger list", which=which))
    return store.ledger.entries(url=home)


def _sites(store: Store, config: Settings, homes: Iterable[str]) -> Iterator[Site]:
    """Each site as the settings have it now (its quiet hours above all), else as it was inspected last."""
    known = {mark: site for site in targets.known_sites(config) for mark in marks(site)}
    for url in sorted(homes):
        site = store.sites.at(url)
        now = next((known[mark] for mark in reversed(marks(site)) if mark in known), None)
        yield site if now is None else replace(now, url=url)  # the ledger knows it by this address
