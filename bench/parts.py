"""Where an audit's CPU time goes: by part, as `xuncha audit --profile` tells it, and by line and function.

python bench/parts.py URL [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from xuncha.profile import Place, Samples, inner, part, sampled  # noqa: E402

_JUDGED = "rules"


@dataclass(slots=True)
class Detail(Samples):
    judging: Counter[str] = field(default_factory=Counter)
    """What of the judging is spent on, by the part of its innermost frame."""
    own: Counter[str] = field(default_factory=Counter)
    """Line of ours → samples in it and in the libraries it called."""
    inclusive: Counter[str] = field(default_factory=Counter)
    """Function of ours → samples with it anywhere on the stack."""

    def take(self, stack: Sequence[Place]) -> None:
        Samples.take(self, stack)
        ours = [place for place in stack if place.module is not None and "/" in place.module]
        if part(stack) == _JUDGED:
            self.judging[inner([place.module for place in stack])] += 1
        self.inclusive.update({f"{p.module}.py:{p.first} {p.function}" for p in ours})
        if ours:
            self.own[f"{ours[0].module}.py:{ours[0].line} {ours[0].function}"] += 1


def sample(command: list[str]) -> Detail:
    """Run the program in this process with its command line."""
    detail = Detail()
    with sampled(detail):
        try:
            from xuncha.__main__ import run

            sys.argv = ["xuncha", *command]
            run()
        except SystemExit as ended:
            if ended.code not in (0, 1, 3, None):
                raise
    return detail


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--json", type=Path, help="also write everything there")
    parser.add_argument("--concurrency", type=int, default=16)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="xuncha-parts-"))
    command = ["audit", options.url, "--scope", "full", "--rate", "0", "--concurrency", str(options.concurrency)]
    command += ["--max-pages", "20000", "--as-of", "2026-11-20", "--format", "json", "--fail-on", "never", "--quiet"]
    try:
        samples = sample([*command, "--data", str(folder / "data"), "--out", str(folder / "out")])
        report = json.loads((folder / "out" / "findings.json").read_text("utf-8"))
        pages = report["sites"][0]["coverage"]["pages"]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    cpu, seconds = samples.cpu, samples.cpu / max(1, samples.total)
    print(f"{pages} pages, {cpu:.2f} s CPU, {samples.total} samples")
    for title, counter, count in (
        ("part", samples.parts, None),
        ("within rules", samples.judging, None),
        ("lines (with the libraries they call)", samples.own, 30),
        ("functions, inclusive", samples.inclusive, 60),
    ):
        print(f"\n{title}")
        for name, hits in counter.most_common(count):
            print(f"  {1000 * hits * seconds / pages:7.3f} ms/page {100 * hits / samples.total:5.1f} %  {name}")
    if options.json:
        parts = {name: hits * seconds for name, hits in samples.parts.items()}
        options.json.write_text(json.dumps({"pages": pages, "cpu": cpu, "parts": parts}), "utf-8")


if __name__ == "__main__":
    main()
