"""How the frontier grows: seconds and memory to know and queue 1,000 to 1,000,000 addresses, in one process.

    python bench/addresses.py [--stored]

With `--stored` each address is also written to a visit folder, as a visit does.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
STEPS = (1_000, 10_000, 100_000, 1_000_000)


def memory() -> float:
    """Resident MiB now."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmRSS")


def address(number: int) -> str:
    """About 75 characters, as a portal's articles have."""
    return f"http://www.yunling.gov.cn/xxgk/col{number % 200:03}/2026/t20261120_{number:09}/index.html"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stored", action="store_true")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from crawler.archive import Archive
    from crawler.frontier import Frontier, Stage, Target
    from crawler.page import LinkKind

    folder = Path(tempfile.mkdtemp(prefix="xuncha-addresses-"))
    archive = Archive(folder, "bench") if options.stored else None
    frontier = Frontier(gap=0, concurrency=16, outside=64)
    known: dict[str, Target] = {}
    before, began = memory(), time.process_time()
    try:
        for number in range(1, STEPS[-1] + 1):
            url = address(number)
            target = known[url] = Target(number, url, Stage.PAGE, LinkKind.PAGE, internal=True, depth=2)
            frontier.add(target)
            if archive is not None:
                archive.add_target(target)
                if number % 5000 == 0:
                    archive.commit()
            if number in STEPS:
                seconds, grown = time.process_time() - began, memory() - before
                each = 1e6 * seconds / number
                print(f"{number:>9,} addresses: {seconds:6.2f} s ({each:.1f} us each), +{grown:4.0f} MiB", flush=True)
    finally:
        if archive is not None:
            archive.close()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
