"""报备: maintenance that offices announced, in the store or in the settings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.message import Message, say
from crawler.probe import Announced
from crawler.site import Site
from reports.text import line
from xuncha.parameters import CHINA, Mistake
from xuncha.probing import home, sites_of
from xuncha.progress import label
from xuncha.store import Store
from xuncha.targets import known_sites

if TYPE_CHECKING:
    from xuncha.settings import Settings

_LONGEST = 300  # characters of a reason


def announce(folder: Path, config: Settings, word: str, begins: datetime, ends: datetime, reason: str) -> Message:
    """Write it down; says so. Raises Mistake, StoreError."""
    if ends <= begins:
        raise Mistake(say("报备的结束时间应晚于开始时间"))
    [site] = sites_of([word], config)
    announced = Announced(begins, ends, line(reason, _LONGEST))
    with Store.open(folder / "xuncha.db") as store:
        number = store.probes.announce(home(site), announced, datetime.now(CHINA))
    return say("已报备，编号 {n}：{what}", n=number, what=_told(label(site), announced))


def withdraw(folder: Path, number: int) -> Message:
    """Take it back; says so. Raises Mistake, StoreError."""
    with Store.open(folder / "xuncha.db") as store:
        if not store.probes.withdraw(number, datetime.now(CHINA)):
            raise Mistake(say("没有编号为 {n} 的报备，编号见 xuncha announce", n=number))
    return say("已撤销编号 {n} 的报备", n=number)


def listing(folder: Path, config: Settings) -> Iterator[Message]:
    """One line each: those of the store, then those of the settings."""
    names = {home(site): label(site) for site in known_sites(config)}
    path, empty = folder / "xuncha.db", True
    if path.exists():
        with Store.open(path, read_only=True) as store:
            for number, url, announced in store.probes.announcements():
                empty = False
                yield say("编号 {n}：{what}", n=number, what=_told(names.get(url) or label(Site(url)), announced))
    for url, windows in config.announced.items():
        for announced in windows:
            empty = False
            yield say("设置文件：{what}", what=_told(names.get(url) or label(Site(url)), announced))
    if empty:
        yield say("没有报备过维护")


def _told(site: str, announced: Announced) -> Message:
    begins, ends = (f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}" for moment in (announced.begins, announced.ends))
    return say("{site}，{begins} 至 {ends}，{reason}", site=site, begins=begins, ends=ends, reason=announced.reason)
