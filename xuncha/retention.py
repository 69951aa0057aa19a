"""`xuncha prune`: visit folders, probes and turns that are older than the settings keep them. The evidence of an open
finding stays.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from crawler.message import Message, say
from crawler.probe import REACH
from crawler.site import Site
from rules import all_rules
from xuncha.inspection import visit_folder
from xuncha.ledger import Entry, Look, standing
from xuncha.lock import alone
from xuncha.orders import Orders
from xuncha.parameters import Interrupted, Mistake
from xuncha.probing import home
from xuncha.store import Store


def carry_out(
    orders: Orders,
    days: int | None,
    records: int | None,
    now: datetime,
    *,
    dry: bool = False,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Message]:
    """Prune what has a time to be kept; a sentence for each. Raises Mistake, StoreError, and Interrupted where `stop`
    said true before its end."""
    if days is not None:
        yield prune(orders, days, now, dry=dry, stop=stop).told(dry=dry)
    if records is not None:
        yield forget(orders.data, records, now, dry=dry).told(dry=dry)


@dataclass(frozen=True, slots=True)
class Pruned:
    folders: tuple[Path, ...]
    kept: int
    """Folders old enough that stay: they hold the evidence of open findings, or the last good visit of a site."""
    size: int
    """Bytes."""

    def told(self, *, dry: bool) -> Message:
        if dry:
            return say("可删除 {n} 个检查的证据，{mb} MB；另有 {kept} 个仍要保留", **self._figures())
        return say("已删除 {n} 个检查的证据，{mb} MB；另有 {kept} 个仍要保留", **self._figures())

    def _figures(self) -> dict[str, int]:
        return {"n": len(self.folders), "mb": self.size // 1024**2, "kept": self.kept}


def prune(
    orders: Orders, days: int, now: datetime, *, dry: bool = False, stop: Callable[[], bool] = lambda: False
) -> Pruned:
    """Remove the visit folders of runs that ended more than `days` ago; the records of the main database stay. Raises
    Mistake, StoreError, Interrupted."""
    with Store.open(orders.data / "xuncha.db") as store:
        needed = set(_needed(store, orders, now))
        old = list(_old(store, orders, now - timedelta(days=days)))
    gone = [folder for folder in old if folder not in needed]
    size = sum(path.stat().st_size for folder in gone for path in folder.rglob("*") if path.is_file())
    for folder in () if dry else gone:
        if stop():
            raise Interrupted(say("已中断，没有删除完"))
        try:
            with alone(folder.parent / "running.lock", say("{path} 正在检查", path=str(folder))):
                shutil.rmtree(folder)
        except OSError as error:
            raise Mistake(
                say("不能删除 {path}（{why}）", path=str(folder), why=error.strerror or str(error))
            ) from error
    return Pruned(tuple(gone), len(old) - len(gone), size)


@dataclass(frozen=True, slots=True)
class Forgotten:
    probes: int
    turns: int

    def told(self, *, dry: bool) -> Message:
        if dry:
            return say("可删除 {probes} 次首页监测和 {turns} 次日程执行的记录", probes=self.probes, turns=self.turns)
        return say("已删除 {probes} 次首页监测和 {turns} 次日程执行的记录", probes=self.probes, turns=self.turns)


def forget(data: Path, days: int, now: datetime, *, dry: bool = False) -> Forgotten:
    """Remove the probes and turns of more than `days` ago. Of each line of the schedule the newest turns stay, and so
    do the probes that an open finding rests on. Raises StoreError."""
    before = now - timedelta(days=days)
    with Store.open(data / "xuncha.db") as store:
        moments = {run.id: run.as_of for run in store.runs.rows()}
        rests = [
            (home(Site(entry.site)), moments[look.run] - REACH, moments[look.run])
            for entry in store.ledger.entries()
            if _of_probes(entry.rule) and standing(entry, now).open
            for look in _telling(entry)
        ]
        return Forgotten(store.probes.prune(before, rests, dry=dry), store.turns.prune(before, dry=dry))


def _of_probes(rule: str) -> bool:
    found = all_rules().get(rule)
    return found is not None and "probes" in found.needs


def _old(store: Store, orders: Orders, before: datetime) -> Iterator[Path]:
    """Of runs that ended before; one that is parked is not at its end."""
    for run in store.runs.rows():
        if run.finished is None or run.finished >= before:
            continue
        for site in store.runs.sites(run.id):
            folder = visit_folder(orders, run.id, site)
            if folder.is_dir():
                yield folder


def _telling(entry: Entry) -> Iterator[Look]:
    """Where it was found first and last, and what people had seen of it when they wrote something down. What stands
    for years is seen every day: to keep all of that would fill the disk."""
    found = [look for look in entry.looks if look.found]
    yield from (found[0], found[-1])
    for event in entry.events:
        yield from [look for look in found if look.at <= event.at][-1:]


def _needed(store: Store, orders: Orders, now: datetime) -> Iterator[Path]:
    """Of the visits that tell of a finding which is open, and of the last good visit of each site."""
    for entry in store.ledger.entries():
        if standing(entry, now).open:
            site = store.sites.at(entry.site)
            yield from (visit_folder(orders, look.run, site) for look in _telling(entry))
    for url in store.sites.homes():
        newest = store.visits.newest_good(url)
        if newest is not None:
            yield visit_folder(orders, newest[0].id, store.sites.at(url))
