"""How a visit's frontier grows: seconds and resident memory with 10,000, 100,000 and 1,000,000 addresses queued, and
while they are taken one by one. Each step is a process of its own.

    python bench/frontier.py [--hosts N] [--steps 10000,100000,1000000]

It does what a visit does for every address of a page and no more: look whether it is known, write it to the visit
folder, queue it; then take it, read it back, and let it go. Nothing is asked of anybody.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent
_COMMIT = 500  # addresses: the links of a few pages


def memory(what: str = "VmRSS") -> float:
    """Resident MB now; with `VmHWM` the most it ever was."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith(what):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError(f"no {what}")


def address(number: int, hosts: int) -> str:
    """About 75 characters, as a portal's articles have."""
    return f"http://www{number % hosts}.yunling.gov.cn/xxgk/col{number % 200:03}/2026/t20261120_{number:09}/index.html"


def measure(most: int, hosts: int) -> None:
    """One step, in this process; prints its row."""
    sys.path.insert(0, str(ROOT))
    from crawler.addresses import Addresses
    from crawler.archive import Archive
    from crawler.frontier import Frontier
    from crawler.harvest import Lead
    from crawler.plan import Plan
    from crawler.target import Stage
    from crawler.traps import Traps

    folder = Path(tempfile.mkdtemp(prefix="xuncha-frontier-"))
    archive = Archive(folder, "bench")
    own = {f"www{number}.yunling.gov.cn" for number in range(hosts)}
    frontier = Frontier(gap=0, concurrency=16, outside=64)
    plan = Plan(as_of=datetime.now(UTC), scope="full", max_pages=most)
    addresses = Addresses(plan, archive, frontier, Traps(), own)
    empty, began = memory(), time.process_time()
    try:
        for number in range(most):
            addresses.queue(Lead(address(number, hosts), Stage.PAGE), depth=2)
            if number % _COMMIT == 0:
                archive.commit()
        archive.commit()
        queued, full = time.process_time() - began, memory()
        for number in range(most):
            addresses.queue(Lead(address(number, hosts), Stage.PAGE), depth=2)
        known = time.process_time() - began - queued
        taken = 0
        while (found := addresses.take(float(taken))) is not None:
            target, turn = found
            frontier.release(target, turn, answered=True)
            taken += 1
        drained = time.process_time() - began - queued - known
    finally:
        archive.close()
        shutil.rmtree(folder, ignore_errors=True)
    if taken != most or len(addresses) != most:
        raise RuntimeError(f"{taken} taken and {len(addresses)} known of {most}")
    each = [f"{1e6 * seconds / most:.1f}" for seconds in (queued, known, drained)]
    print(
        f"| {most:,} | {empty:.0f} | {full:.0f} | {memory('VmHWM'):.0f} | {queued:.2f} | {' | '.join(each)} |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=4, help="hosts of the site")
    parser.add_argument("--steps", default="10000,100000,1000000")
    parser.add_argument("--step", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        measure(options.step, options.hosts)
        return
    print("| addresses | MB before | MB queued | MB at most | s to queue | us each | us known again | us taken |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for step in options.steps.split(","):
        subprocess.run([sys.executable, __file__, "--step", step, "--hosts", str(options.hosts)], check=True)


if __name__ == "__main__":
    main()
