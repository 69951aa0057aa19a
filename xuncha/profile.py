"""Where the CPU time of an audit goes, by part: `xuncha audit --profile`.

The main thread's stack is looked at every few milliseconds of CPU time. cProfile charges every call and so blames
small functions; a sample costs next to nothing and blames nobody. What a C library does is charged to the frame that
called it.
"""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from crawler.message import Message, say

_INTERVAL = 0.002  # seconds of CPU time between two samples; the kernel may round it up to its tick
_ROOT = Path(__file__).parent.parent
_OURS = ("crawler", "rules", "reports", "xuncha")
_JUDGE = "rules/engine/judge"

NAMES = {
    "http": say("网络请求"),
    "parse": say("解码和解析"),
    "columns": say("栏目、列表和日期"),
    "links": say("收集链接"),
    "clues": say("查找字样、号码和暗链"),
    "join": say("合并网址"),
    "queue": say("排队和判定链接"),
    "store": say("数据库"),
    "evidence": say("证据文件"),
    "rules": say("规则（含再次读取网页）"),
    "reports": say("报告"),
    "start": say("启动"),
    "other": say("其他"),
}
# The innermost frame that says something decides; a library speaks for the part it serves.
_MODULES = {
    "http": "crawler/transport crawler/carrier crawler/fetch crawler/exchange crawler/robots crawler/guard "
    "crawler/tolerant crawler/asker crawler/unchanged crawler/heads aiohttp httpx httpcore yarl multidict asyncio "
    "ssl selectors concurrent",
    "parse": "crawler/html crawler/charset crawler/coding turbohtml",
    "columns": "crawler/columns crawler/lists crawler/rows crawler/outline crawler/selection crawler/titles "
    "crawler/dates crawler/stamps crawler/discovery crawler/scripted crawler/kinds",
    "links": "crawler/harvest",
    "clues": "crawler/clues crawler/numbers crawler/hidden ahocorasick_rs",
    "join": "crawler/urls ada_url",
    "queue": "crawler/visit crawler/frontier crawler/addresses crawler/outcome crawler/plan crawler/page crawler/site",
    "store": "crawler/archive crawler/archived crawler/baseline crawler/recall sqlite_utils sqlite3 xuncha/store",
    "evidence": "crawler/warc warcio isal",
    "rules": "rules",
    "reports": "reports xuncha/outputs jinja2 docx xlsxwriter",
}
_PART = {module: part for part, modules in _MODULES.items() for module in modules.split()}


class Place(NamedTuple):
    """A frame of the stack."""

    module: str | None
    """`crawler/html` for a file of ours, the package's name for a library's, None for the rest of the tree."""
    function: str
    first: int
    """Line of its `def`."""
    line: int


@dataclass(slots=True)
class Samples:
    """What was seen, counted."""

    parts: Counter[str] = field(default_factory=Counter)
    """Key of NAMES → samples."""
    total: int = 0
    cpu: float = 0.0
    """Seconds of the whole process, once the sampling is over."""

    def take(self, stack: Sequence[Place]) -> None:
        """One sample, the innermost frame first."""
        self.total += 1
        self.parts[part(stack)] += 1


def part(stack: Sequence[Place]) -> str:
    """The part that a stack works for. All that the judging needs is the rules' doing; an import is not."""
    modules = [place.module for place in stack]
    if _JUDGE in modules:
        return "rules"
    return "start" if "importlib" in modules else inner(modules)


def inner(modules: Sequence[str | None]) -> str:
    """The part of the innermost frame that says something."""
    known = (_PART[name] for m in modules if m is not None for name in (m, *_above(m)) if name in _PART)
    return next(known, "other")


def _above(module: str) -> Iterator[str]:
    """The packages that it is in, the nearest first."""
    while "/" in module:
        module = module.rpartition("/")[0]
        yield module


def possible() -> bool:
    """Windows has no such timer."""
    return hasattr(signal, "SIGPROF")


@contextmanager
def sampled(samples: Samples | None = None) -> Iterator[Samples]:
    """Sample the main thread while the block runs. Only from the main thread, and one at a time."""
    samples = samples or Samples()
    old = signal.signal(signal.SIGPROF, lambda _, frame: samples.take(_stack(frame)))
    began = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, _INTERVAL, _INTERVAL)
    try:
        yield samples
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, old)
        samples.cpu = time.process_time() - began


def told(samples: Samples, pages: int) -> tuple[Message, list[tuple[Message, float, float]]]:
    """The sum in a sentence; by part, the dearest first: milliseconds a page and share of the whole."""
    seconds = samples.cpu / max(1, samples.total)
    each = 1000 / max(1, pages)
    head = say(
        "CPU 时间 {seconds} 秒，网页 {pages} 个，平均每个 {each} 毫秒（采样 {samples} 次）",
        seconds=f"{samples.cpu:.2f}",
        pages=pages,
        each=f"{each * samples.cpu:.2f}",
        samples=samples.total,
    )
    rows = [(NAMES[key], hits * seconds * each, hits / samples.total) for key, hits in samples.parts.most_common()]
    return head, rows


def _stack(frame: FrameType | None) -> list[Place]:
    found = []
    while frame is not None:
        code = frame.f_code
        found.append(Place(_module(code.co_filename), code.co_name, code.co_firstlineno, frame.f_lineno or 0))
        frame = frame.f_back
    return found


_KNOWN: dict[str, str | None] = {}


def _module(file: str) -> str | None:
    if file not in _KNOWN:
        _KNOWN[file] = _named(file)
    return _KNOWN[file]


def _named(file: str) -> str | None:
    if "importlib" in file:
        return "importlib"
    path = Path(file)
    if path.is_relative_to(_ROOT):
        inside = path.relative_to(_ROOT).with_suffix("").parts
        if inside[0] in _OURS:
            return "/".join(inside)
    if "site-packages" in path.parts:
        return path.parts[path.parts.index("site-packages") + 1].removesuffix(".py")
    if path.is_relative_to(_ROOT):
        return None
    # The standard library: its package, or the module itself.
    return path.parent.name if path.parent.name in _PART else path.stem
