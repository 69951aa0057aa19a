"""What a second visit of an unchanged site costs beside the first: parse CPU, bytes on the wire, all CPU, wall time.

    python bench/reuse.py [--sites gov,pg,jdk] [--rounds 3] [--gzip]

Each round visits the site twice in this process, the second time on the first as its baseline, and compares what both
found. Bytes are those that nginx says it sent, heads included. `parse` is what understanding pages costs: decoding and
parsing them, finding columns and links; on the second visit also recalling what was understood before.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import sites  # noqa: E402

from crawler import harvest, recall  # noqa: E402
from crawler.archived import ArchivedSnapshot  # noqa: E402
from crawler.guard import Guard  # noqa: E402
from crawler.plan import Plan  # noqa: E402
from crawler.site import Site  # noqa: E402
from crawler.visit import visit  # noqa: E402

Found = tuple[list[Any], list[Any], list[Any]]  # links, pages, columns
GOALS = {"parse": 0.10, "bytes": 0.05}


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one visit. Seconds, bytes."""

    parse: float
    bytes: int
    cpu: float
    wall: float
    pages: int
    reused: int


class Parsing:
    """CPU seconds within the functions that understand pages, nested calls counted once."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._inside = False
        for owner, name in (
            (harvest, "read"),
            (harvest, "harvest"),
            (harvest, "sheet"),
            (recall, "base"),
            (recall, "understood"),
            (recall.Recall, "reading"),
            (recall.Recall, "page"),
        ):
            setattr(owner, name, self._timed(getattr(owner, name)))

    def _timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def timed(*args: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever it is given
            if self._inside:
                return function(*args, **named)
            self._inside, began = True, time.process_time()
            try:
                return function(*args, **named)
            finally:
                self.seconds += time.process_time() - began
                self._inside = False

        return timed


def measure(url: str, folder: Path, baseline: Path | None, log: Path, parsing: Parsing) -> tuple[Cost, Found]:
    plan = Plan(
        as_of=datetime(2026, 11, 20, tzinfo=UTC),
        scope="full",
        max_pages=20_000,
        rate=0,
        concurrency=16,
        guard=Guard(named=frozenset({"127.0.0.1"})),
    )
    sent, parsed, cpu, wall = _sent(log), parsing.seconds, time.process_time(), time.perf_counter()
    snapshot = asyncio.run(visit(Site(url, ""), plan, folder, baseline=baseline))
    seconds = time.process_time() - cpu
    try:
        coverage = snapshot.coverage
        cost = Cost(
            parse=parsing.seconds - parsed,
            bytes=_sent(log) - sent,
            cpu=seconds,
            wall=time.perf_counter() - wall,
            pages=coverage.pages,
            reused=coverage.reused,
        )
        return cost, _found(snapshot)
    finally:
        snapshot.close()


def _sent(log: Path) -> int:
    time.sleep(1.2)  # nginx keeps its log back for up to a second
    return sum(map(int, log.read_text("ascii").split()))


def _found(snapshot: ArchivedSnapshot) -> Found:
    return (
        sorted(
            (link.url, link.kind, link.places, link.outcome.verdict, link.outcome.code) for link in snapshot.links()
        ),
        sorted((page.url, page.role, page.title, page.column) for page in snapshot.pages()),
        [(view.name, view.url, len(view.items)) for view in snapshot.columns],
    )


def tell(name: str, rounds: list[tuple[Cost, Cost]]) -> None:
    first, second = rounds[0]
    print(f"\n{name}: {first.pages:,} pages, {second.reused:,} of them as before; {len(rounds)} rounds, medians")
    for field in ("parse", "bytes", "cpu", "wall"):
        pairs = [(getattr(one, field), getattr(two, field)) for one, two in rounds]
        before, after = (median(pair[at] for pair in pairs) for at in (0, 1))
        shares = sorted(two / one for one, two in pairs)
        figures = f"{before:>13,.0f} {after:>13,.0f}" if field == "bytes" else f"{before:13.3f} {after:13.3f}"
        goal = GOALS.get(field)
        aim = f"  goal ≤ {goal:.0%}" if goal is not None else ""
        print(f"  {field:6} {figures}  {median(shares):7.2%} ({shares[0]:.2%} to {shares[-1]:.2%}){aim}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sites", default="gov", help="of gov, pg, jdk")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--gzip", action="store_true", help="nginx packs what it sends, and weakens its ETags")
    parser.add_argument("--port", type=int, default=8470)
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "xuncha-bench")
    options = parser.parse_args()
    wanted = options.sites.split(",")
    folders = {s.name: sites.prepare(s, options.scratch) for s in sites.SOURCES if s.name in wanted}
    visits = Path(tempfile.mkdtemp(prefix="xuncha-reuse-"))
    log, parsing = visits / "sent.log", Parsing()
    try:
        with sites.serve(folders, options.scratch, options.port, sent=log, packed=options.gzip) as served:
            for site in served.values():
                rounds = []
                for number in range(options.rounds):
                    one, two = visits / f"{site.name}-{number}-1", visits / f"{site.name}-{number}-2"
                    first, found = measure(site.url, one, None, log, parsing)
                    second, again = measure(site.url, two, one, log, parsing)
                    if found != again:
                        raise SystemExit(f"{site.name}: the second visit found something else")
                    rounds.append((first, second))
                    shutil.rmtree(one)
                    shutil.rmtree(two)
                tell(site.name, rounds)
    finally:
        shutil.rmtree(visits, ignore_errors=True)


if __name__ == "__main__":
    main()
