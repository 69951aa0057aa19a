"""What a person would say of places of portals, and how often the rules say the same.

A place is `certain` (there, and can be proved), `review` (there, and a person must look) or `none` (it only looks like
it).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context

from measure import Figures, judged
from portal import Portal

from rules.engine.assessment import Finding


@dataclass(frozen=True, slots=True)
class Place:
    rule: str
    at: str
    expect: str
    sort: str


@dataclass(slots=True)
class Known:
    """A portal, and what is known of it."""

    portal: Portal
    places: list[Place] = field(default_factory=list)

    def say(self, rule: str, path: str, expect: str, sort: str = "") -> None:
        at = path if "://" in path else f"http:{path}" if path.startswith("//") else self.portal.url(path)
        self.places.append(Place(rule, at, expect, sort))


@dataclass(slots=True)
class Hints(Figures):
    """Told is told, certain or not: of a rule that asks a person to look, whatever was told for nothing is noise."""

    def count(self, expect: str, said: str) -> None:
        """Of one place: what a person would say of it, and what the rule says."""
        self.planted += expect != "none"
        self.innocent += expect == "none"
        self.found += expect != "none" and said != "none"
        self.review += expect == "certain" and said == "review"
        self.noise += expect == "none" and said != "none"
        self.wrong += expect != "certain" and said == "certain"

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.noise) if self.found else 0.0


def measure(
    known: Known, rules: Sequence[str], told_at: Callable[[Finding], str], place: Callable[[str], str]
) -> tuple[dict[str, Hints], list[str]]:
    """`told_at`: the place a finding speaks of. `place`: an address of `known` as `told_at` has it."""
    seen = judged(known.portal)
    figures, errors = {rule: Hints() for rule in rules}, []
    for rule in rules:
        told = {told_at(f): f for f in seen.findings if f.rule == rule}
        places = {place(p.at): p for p in known.places if p.rule == rule}
        total = figures[rule]
        for at, planted in places.items():
            finding = told.get(at)
            said = "none" if finding is None else "certain" if finding.certain else "review"
            total.count(planted.expect, said)
            if said != planted.expect:
                message = f"{said}, is {planted.expect} {finding.message if finding is not None else ''}"
                errors.append(f"{rule} {known.portal.name} {at} ({planted.sort}): {message}")
        for at in told.keys() - places.keys():
            total.noise += 1
            total.wrong += told[at].certain
            errors.append(f"{rule} {known.portal.name} {at}: {told[at].message}, nothing is there")
    return figures, errors


def run(
    chosen: Sequence[Known],
    rules: Sequence[str],
    told_at: Callable[[Finding], str],
    place: Callable[[str], str],
    workers: int = 4,
) -> tuple[dict[str, Hints], list[str]]:
    """As `measure`, of them all. The two functions go to other processes by name."""
    total, errors = {rule: Hints() for rule in rules}, []
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        one = partial(measure, rules=rules, told_at=told_at, place=place)
        for figures, wrong in pool.map(one, chosen, chunksize=2):
            for rule in rules:
                total[rule] += figures[rule]
            errors += wrong
    return total, errors


def table(total: dict[str, Hints]) -> str:
    lines = [
        f"{'rule':<22}{'planted':>8}{'found':>7}{'wrong':>7}{'noise':>7}{'innocent':>9}{'precision':>11}{'recall':>8}"
    ]
    for rule, f in total.items():
        lines.append(
            f"{rule:<22}{f.planted:>8}{f.found:>7}{f.wrong:>7}{f.noise:>7}{f.innocent:>9}{f.precision:>11.3f}{f.recall:>8.3f}"
        )
    return "\n".join(lines)


def main(
    doc: str | None,
    portals: Callable[[int, int], Iterable[Known]],
    count: int,
    measured: Callable[[Sequence[Known]], tuple[dict[str, Hints], list[str]]],
) -> None:
    """The command line of a set: `portals` by seed and count."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0, help="other portals than the usual ones")
    parser.add_argument("--count", type=int, default=count)
    parser.add_argument("--errors", action="store_true", help="print each difference")
    asked = parser.parse_args()
    total, errors = measured(list(portals(asked.seed, asked.count)))
    if asked.errors:
        print("\n".join(errors))
    print(table(total))
