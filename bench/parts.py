"""Where an audit's CPU time goes, by part. Samples the main thread's stack every few milliseconds of CPU time.

    python bench/parts.py URL [--json FILE]

cProfile charges every Python call and so blames small functions; a sample costs next to nothing and blames nobody.
What a C library does is charged to the frame that called it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).parent.parent
_INTERVAL = 0.002
# The innermost frame that says something decides; a library speaks for the part it serves.
_PARTS = {
    "HTTP": "crawler/transport crawler/fetch crawler/exchange crawler/robots crawler/guard crawler/tolerant aiohttp "
    "httpx httpcore yarl multidict asyncio ssl selectors concurrent",
    "decode, parse, text": "crawler/html crawler/charset crawler/coding turbohtml",
    "columns, lists, dates": "crawler/columns crawler/lists crawler/rows crawler/outline crawler/dates crawler/stamps "
    "crawler/discovery crawler/scripted crawler/kinds",
    "links of a page": "crawler/harvest",
    "URL join": "crawler/urls ada_url",
    "frontier, outcome": "crawler/visit crawler/frontier crawler/outcome crawler/plan crawler/page crawler/site",
    "store": "crawler/archive crawler/archived sqlite_utils sqlite3 xuncha/store xuncha/rows",
    "evidence": "crawler/warc warcio isal",
    "rules": "rules",
    "documents": "reports xuncha/outputs jinja2 docx xlsxwriter",
}
_OF = {name: part for part, names in _PARTS.items() for name in names.split()}
_START = "start-up (imports)"
_OTHER = "other"


@dataclass(slots=True)
class Samples:
    parts: Counter[str] = field(default_factory=Counter)
    judging: Counter[str] = field(default_factory=Counter)
    """What of the judging is spent on, by the part of its innermost frame."""
    own: Counter[str] = field(default_factory=Counter)
    """Line of ours → samples in it and in the libraries it called."""
    inclusive: Counter[str] = field(default_factory=Counter)
    """Function of ours → samples with it anywhere on the stack."""
    total: int = 0

    def take(self, _: int, frame: FrameType | None) -> None:
        self.total += 1
        part, place, judging, importing = None, None, False, False
        functions: set[str] = set()
        while frame is not None:
            name, code = _name(frame.f_code.co_filename), frame.f_code
            importing = importing or name == "importlib"
            if name is not None:
                if part is None:
                    part = _OF.get(name) or _OF.get(name.partition("/")[0])
                if "/" in name:
                    functions.add(f"{name}.py:{code.co_firstlineno} {code.co_name}")
                    place = place or f"{name}.py:{frame.f_lineno} {code.co_name}"
                    judging = judging or name == "rules/engine/judge"
            frame = frame.f_back
        part = _START if importing and not judging else part or _OTHER
        if judging:
            self.judging[part] += 1
            part = "rules"
        self.parts[part] += 1
        self.inclusive.update(functions)
        if place is not None:
            self.own[place] += 1


_NAMES: dict[str, str | None] = {}


def _name(file: str) -> str | None:
    """`crawler/html` for a file of ours, the package's name for a library's, None for the rest."""
    if file not in _NAMES:
        _NAMES[file] = _named(file)
    return _NAMES[file]


def _named(file: str) -> str | None:
    if "importlib" in file:
        return "importlib"
    path = Path(file)
    if "site-packages" in path.parts:
        return path.parts[path.parts.index("site-packages") + 1].removesuffix(".py")
    if path.is_relative_to(ROOT):
        inner = path.relative_to(ROOT).with_suffix("").parts
        return "/".join(inner) if inner[0] in ("crawler", "rules", "reports", "xuncha") else None
    # The standard library: its package, or the module itself.
    return path.parent.name if path.parent.name in _OF else path.stem


def sample(command: list[str]) -> tuple[Samples, float]:
    """Run the program in this process with its command line; the samples and its CPU seconds."""
    sys.path.insert(0, str(ROOT))
    samples = Samples()
    signal.signal(signal.SIGPROF, samples.take)
    began = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, _INTERVAL, _INTERVAL)
    try:
        from xuncha.__main__ import run

        sys.argv = ["xuncha", *command]
        run()
    except SystemExit as ended:
        if ended.code not in (0, 1, 3, None):
            raise
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return samples, time.process_time() - began


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
        samples, cpu = sample([*command, "--data", str(folder / "data"), "--out", str(folder / "out")])
        report = json.loads((folder / "out" / "findings.json").read_text("utf-8"))
        pages = report["sites"][0]["coverage"]["pages"]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    seconds = cpu / max(1, samples.total)
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
