"""What was measured, as Markdown between two marks of BENCHMARKS.md; what a person wrote around them stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from check import Difference
from measure import Cost
from peers import Result

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
_OURS = "xuncha"


@dataclass(frozen=True, slots=True)
class Run:
    """One tool on one site, once."""

    site: str
    tool: str
    round: int
    cost: Cost
    result: Result | None
    differences: tuple[Difference, ...]
    why: str
    """Why there is no result."""


@dataclass(frozen=True, slots=True)
class Machine:
    cpu: str
    cores: int
    memory: float
    """GiB."""
    system: str
    python: str
    nginx: str
    load: tuple[float, float, float]
    """Load averages when the measuring began."""
    date: date


@dataclass(frozen=True, slots=True)
class Measured:
    """A site as the independent check saw it."""

    name: str
    about: str
    pages: int
    addresses: int
    broken: int


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure of ours, or the ratio of ours to another tool's, and the most it should be."""

    what: str
    site: str
    tool: str
    figure: str
    """`cpu`, `wall` or `peak`."""
    most: float


# Ratios: ours divided by theirs. Peaks: MiB.
GOALS = (
    *(Goal("CPU / lychee", site, "lychee", "cpu", most) for site, most in (("pg", 0.8), ("gov", 0.5), ("jdk", 0.7))),
    *(Goal("wall / lychee", site, "lychee", "wall", most) for site, most in (("pg", 1.0), ("gov", 0.8), ("jdk", 0.8))),
    Goal("CPU / Scrapy", "pg", "Scrapy", "cpu", 1 / 10),
    Goal("CPU / Scrapy", "gov", "Scrapy", "cpu", 1 / 10),
    Goal("CPU / LinkChecker", "pg", "LinkChecker", "cpu", 1 / 25),
    Goal("CPU / linkinator", "pg", "linkinator", "cpu", 1 / 5),
    Goal("CPU / linkinator", "gov", "linkinator", "cpu", 1 / 12),
    Goal("CPU / plain stack", "gov", "plain stack", "cpu", 1 / 12),
    Goal("peak memory, 2,000 pages", "gov", _OURS, "peak", 80),
    Goal("peak memory, 10,000 pages", "jdk", _OURS, "peak", 250),
)


@dataclass(frozen=True, slots=True)
class Bench:
    machine: Machine
    sites: tuple[Measured, ...]
    tools: tuple[tuple[str, str, str], ...]
    """Name, what it does, version."""
    absent: tuple[str, ...]
    commands: Mapping[str, str]
    runs: tuple[Run, ...]
    parts: Mapping[str, Mapping[str, Any]]
    concurrency: int
    limit: int

    def of(self, site: str, tool: str) -> list[Run]:
        return [run for run in self.runs if run.site == site and run.tool == tool]

    def ratios(self, site: str, tool: str, figure: str) -> list[float]:
        """Ours / theirs, round by round."""
        theirs = {run.round: _figure(run, figure) for run in self.of(site, tool)}
        return [_figure(run, figure) / theirs[run.round] for run in self.of(site, _OURS) if theirs.get(run.round)]


def _figure(run: Run, name: str) -> float:
    return float(getattr(run.cost, name))


def insert(path: Path, text: str) -> None:
    """Put `text` between the marks of the file; a file without them gets them at its end."""
    old = path.read_text("utf-8") if path.exists() else "# Benchmarks\n\n"
    head, begin, rest = old.partition(BEGIN)
    _, _, tail = rest.partition(END)
    path.write_text(f"{head}{BEGIN}\n\n{text}\n{END}{tail if begin else chr(10)}", "utf-8")


def markdown(bench: Bench) -> str:
    blocks = [_about(bench), *(_site(bench, site) for site in bench.sites), _goals(bench), _parts(bench)]
    blocks += [_sets(bench), _commands(bench)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _rows(head: Sequence[str], rows: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines)


def _about(bench: Bench) -> str:
    machine = bench.machine
    load = " / ".join(f"{figure:.2f}" for figure in machine.load)
    text = (
        f"Measured on {machine.date.isoformat()}: {machine.cores} cores ({machine.cpu}), {machine.memory:.0f} GiB, "
        f"{machine.system}, Python {machine.python}, nginx {machine.nginx} on the same cores; "
        f"load average at the start {load}. {bench.concurrency} requests at once for every tool that can be told, "
        f"time limit {bench.limit} s. CPU is user + system of the whole process tree, by GNU time; "
        "medians where a tool ran more than once."
    )
    table = _rows(("tool", "version", "what it does here"), [(n, v, a) for n, a, v in bench.tools])
    absent = f"\n\nCould not be installed, so not measured: {', '.join(bench.absent)}." if bench.absent else ""
    return f"{text}\n\n{table}{absent}"


def _site(bench: Bench, site: Measured) -> str:
    ours = bench.of(site.name, _OURS)
    rows = []
    for name, _, _ in bench.tools:
        runs = bench.of(site.name, name)
        if not runs:
            continue
        last = runs[-1]
        more = "> " if any(run.cost.stopped for run in runs) else ""
        cpu, wall, peak = (median(_figure(run, figure) for run in runs) for figure in ("cpu", "wall", "peak"))
        ratio = bench.ratios(site.name, name, "cpu")
        rows.append(
            (
                f"**{name}**" if name == _OURS else name,
                str(len(runs)),
                f"{more}{wall:.2f}",
                f"{more}{cpu:.2f}",
                f"{1000 * cpu / site.pages:.2f}" if not more else "",
                f"{more}{peak:.0f}",
                "" if name == _OURS or not ratio else f"{'< ' if more else ''}{median(ratio):.2f}",
                "" if last.result is None or last.result.unique is None else f"{last.result.unique:,}",
                last.why if last.result is None else f"{len(last.result.broken):,}",
            )
        )
    head = ("tool", "runs", "wall s", "CPU s", "CPU ms a page", "peak MiB", "our CPU / theirs", "addresses", "broken")
    waits = [run.result.waited for run in ours if run.result is not None and run.result.waited is not None]
    note = ""
    if waits and median(waits) >= 0.1:
        note = (
            f"\n\nOf our wall time {median(waits):.1f} s is deliberate: a suspect is asked a second time no sooner "
            "than 3 s after the first."
        )
    title = (
        f"### `{site.name}`: {site.about}\n\n{site.pages:,} pages, {site.addresses:,} addresses, {site.broken} broken "
        "by the independent check."
    )
    return f"{title}\n\n{_rows(head, rows)}{note}"


def _goals(bench: Bench) -> str:
    rows = []
    for goal in GOALS:
        if goal.tool == _OURS:
            figures = [_figure(run, goal.figure) for run in bench.of(goal.site, _OURS)]
            shape = "{:.0f} MiB"
        else:
            figures = bench.ratios(goal.site, goal.tool, goal.figure)
            shape = "{:.2f}" if goal.most >= 0.5 else "{:.3f}"
        if not figures:
            continue
        found = median(figures)
        spread = "" if len(figures) == 1 else f" ({shape.format(min(figures))} to {shape.format(max(figures))})"
        bound = any(run.cost.stopped for run in bench.of(goal.site, goal.tool))
        met = "yes" if found <= goal.most else "**no**"
        if bound and found > goal.most:
            met = "not decided"
        rows.append(
            (goal.what, goal.site, f"{'< ' if bound else ''}{shape.format(found)}{spread}",
             f"≤ {shape.format(goal.most)}", met)
        )  # fmt: skip
    note = "Ratios are ours divided by theirs, taken round by round: median, and the least and the most."
    return f"### Against the goals\n\n{note}\n\n{_rows(('figure', 'site', 'measured', 'goal', 'met'), rows)}"


def _parts(bench: Bench) -> str:
    names = sorted(
        {name for found in bench.parts.values() for name in found["parts"]},
        key=lambda name: -sum(found["parts"].get(name, 0) / found["pages"] for found in bench.parts.values()),
    )
    if not names:
        return ""
    rows = [
        (name, *(f"{1000 * found['parts'].get(name, 0) / found['pages']:.3f}" for found in bench.parts.values()))
        for name in names
    ]
    sums = (f"**{1000 * found['cpu'] / found['pages']:.2f}**" for found in bench.parts.values())
    rows.append(("**sum**", *sums))
    note = (
        "CPU milliseconds a page, one run each under the sampler of `bench/parts.py`, which makes it a few per cent "
        "dearer. “Rules” includes reading the pages back from the evidence file."
    )
    return f"### Where our time goes\n\n{note}\n\n{_rows(('part', *bench.parts), rows)}"


def _sets(bench: Bench) -> str:
    rows = []
    for site in bench.sites:
        for name, _, _ in bench.tools:
            runs = bench.of(site.name, name)
            if not runs:
                continue
            last = runs[-1]
            same = len({run.result.broken for run in runs if run.result is not None}) <= 1
            if last.result is None:
                said = last.why
            elif not last.differences:
                said = "the same set"
            else:
                said = "; ".join(f"{len(d.urls)} {d.side}: {d.reason}" for d in last.differences)
            rows.append((site.name, name, said + ("" if same else "; not the same in every run")))
    note = "Each tool's broken addresses against those of `bench/independent.py`, set for set."
    return f"### The broken sets\n\n{note}\n\n{_rows(('site', 'tool', 'difference'), rows)}"


def _commands(bench: Bench) -> str:
    lines = "\n".join(f"{command}" for command in bench.commands.values())
    return f"### Commands\n\nAs run for the first site; `$SCRATCH` is a temporary folder.\n\n```sh\n{lines}\n```"
