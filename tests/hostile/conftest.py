"""Visits of servers on the loopback. The modules here import each other by name."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from loopback import Loopback

from crawler.archived import ArchivedSnapshot
from crawler.guard import Guard
from crawler.plan import Plan
from crawler.site import Site
from crawler.visit import visit

AS_OF = datetime(2026, 11, 24, 9, 30, tzinfo=timezone(timedelta(hours=8)))
Go = Callable[..., ArchivedSnapshot]


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    with Loopback() as servers:
        yield servers


@pytest.fixture
def go(tmp_path: Path) -> Iterator[Go]:
    """go(address, hosts={name: port}, …) visits a site on this machine with nothing to wait for."""
    opened: list[ArchivedSnapshot] = []

    def run(url: str, *, hosts: dict[str, int], **plan: Any) -> ArchivedSnapshot:
        names = tuple((name, ("127.0.0.1", port)) for name, port in hosts.items())
        wanted: dict[str, Any] = {"as_of": AS_OF, "rate": 0, "confirm_after": 0.0, "guard": Guard(hosts=names)} | plan
        folder = tmp_path / f"visit{len(opened)}"
        opened.append(asyncio.run(visit(Site(url, "云岭县人民政府"), Plan(**wanted), folder)))
        return opened[-1]

    yield run
    for snapshot in opened:
        snapshot.close()
