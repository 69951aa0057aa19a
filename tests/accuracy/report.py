"""`make accuracy`: measure every set whole, write the tables of ACCURACY.md anew, and fail where a goal is missed.

    python tests/accuracy/report.py [--check] [SET…]

`--check`: leave ACCURACY.md as it is. SET: only these, as ACCURACY.md names them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import duties
import hints
import moments
import tallies
import texts
import visits
from goals import CERTAIN, REVIEW, Goal, shortfalls
from measure import ORDINARY, REVIEWED, Figures, everything, run

PAGE = Path(__file__).parents[2] / "ACCURACY.md"
Measured = tuple[Mapping[str, Figures], Sequence[str]]
"""The figures of each rule, and what was told wrongly."""


def _portals(only: str, rules: Sequence[str]) -> Measured:
    figures, _, errors = run(portal for portal in everything() if portal.name.startswith("duty") is (only == "duty"))
    return {rule: figures[rule] for rule in rules}, errors


@dataclass(slots=True)
class _Read(Figures):
    to_review: int = 0
    """Pages that a person must look at; of them, how many were told of at all."""
    told: int = 0


def _texts() -> Measured:
    chosen = texts.texts()
    figures, errors = texts.measure(chosen)
    return {rule: _Read(*astuple(f), *texts.reviews(chosen, rule)) for rule, f in figures.items()}, errors


SETS: dict[str, tuple[Callable[[], Measured], Mapping[str, Goal]]] = {
    "ordinary": (lambda: _portals("", ORDINARY), dict.fromkeys(ORDINARY, CERTAIN)),
    "duties": (
        lambda: _portals("duty", duties.RULES),
        {rule: REVIEW if rule in REVIEWED else CERTAIN for rule in duties.RULES},
    ),
    "hints": (lambda: hints.run(list(hints.hints())), dict.fromkeys(hints.RULES, REVIEW)),
    "texts": (
        _texts,
        {rule: REVIEW if rule in texts.REVIEWED else CERTAIN for rule in texts.RULES},
    ),
    "visits": (
        lambda: visits.run(list(visits.visits())),
        {rule: CERTAIN if rule in visits.CERTAIN else REVIEW for rule in visits.RULES},
    ),
    "tallies": (lambda: tallies.run(list(tallies.tallies())), dict.fromkeys(tallies.RULES, REVIEW)),
    "moments": (lambda: moments.measure(moments.moments()), dict.fromkeys(moments.RULES, REVIEW)),
}
"""Name in ACCURACY.md → how it is measured, and the goals."""


def table(figures: Mapping[str, Figures]) -> str:
    names = [one.name.replace("_", " ") for one in fields(next(iter(figures.values())))]
    rows = [
        f"| {rule} | {' | '.join(map(str, astuple(f)))} | {f.precision:.3f} | {f.recall:.3f} |"
        for rule, f in figures.items()
    ]
    head = f"| rule | {' | '.join(names)} | precision | recall |"
    return "\n".join([head, "|---|" + "---:|" * (len(names) + 2), *rows])


def main(arguments: Sequence[str]) -> int:
    page, missed = PAGE.read_text(encoding="utf-8"), []
    chosen = [name for name in arguments if name != "--check"] or list(SETS)
    for name in chosen:
        measure, goals = SETS[name]
        figures, errors = measure()
        told = table(figures)
        print(f"{name}\n{told}\n", flush=True)
        short = list(shortfalls(figures, goals))
        missed += short
        print("\n".join(errors if short else []), end="")
        block = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        if not block.search(page):
            raise SystemExit(f"{PAGE.name} has no place for the table of {name}")
        page = block.sub(lambda match, told=told: f"{match[1]}{told}\n{match[2]}", page)
    if "--check" not in arguments:
        PAGE.write_text(page, encoding="utf-8")
    print("\n".join(missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
