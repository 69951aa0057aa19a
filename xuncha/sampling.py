"""Drawing the sites of a spot check (抽查): stratified, from a seed, so that anybody can draw the same again.

The lot of a site is the SHA-256 of the seed and its home address; no generator of random numbers is in it, so the draw
is the same on every machine and with every version. Sites are ordered by kind, region, organ and lot, and are taken at
equal distances (systematic sampling), which gives each stratum its share to within one site.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from crawler.site import Site, SiteKind
from rules.engine.kind import guess_kind

_REGION = re.compile(r"(\d{6})\d{4}")
_LOTS = 1 << 64


@dataclass(frozen=True, slots=True)
class Stratum:
    kind: SiteKind
    region: str
    """The first six digits of the site code (GB/T 2260); empty where it has none."""
    organ: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One draw. It is recorded, and an audit names it."""

    id: str
    """Sorts by time: `s20261124-093015-3f2a`."""
    at: datetime
    period: str
    """What it is drawn for, such as `2026Q4`."""
    rate: str
    """As it was asked for, such as `30%`."""
    seed: str
    population: int
    digest: str
    """SHA-256 of the home addresses it was drawn from, sorted, a line feed after each."""
    drawn: tuple[str, ...]
    """Home addresses, sorted."""
    forced: tuple[str, ...] = ()
    """Of `drawn`, those that are in because they failed in the period before."""
    renewed: bool = False
    """Sites that had not been inspected in the year were drawn first."""


def stratum(site: Site) -> Stratum:
    region = _REGION.fullmatch(site.code)
    return Stratum(site.kind or guess_kind(site.name, ""), region[1] if region else "", site.organ)


def draw(
    sites: Sequence[Site],
    rate: Fraction,
    seed: str,
    *,
    forced: Collection[str] = frozenset(),
    stale: Collection[str] | None = None,
) -> tuple[str, ...]:
    """Home addresses, sorted: `rate` of `sites`, rounded up, among them every one that is `forced`.

    `stale`: addresses that are drawn before all others. The order of `sites` does not matter.
    """
    urls = {site.url for site in sites}
    taken = urls & set(forced)
    left = max(math.ceil(rate * len(urls)) - len(taken), 0)
    rest = [site for site in sites if site.url not in taken]
    first = rest if stale is None else [site for site in rest if site.url in stale]
    then = [] if stale is None else [site for site in rest if site.url not in stale]
    for pool in (first, then):
        some = _systematic(pool, min(left, len(pool)), seed)
        taken |= some
        left -= len(some)
    return tuple(sorted(taken))


def digest(sites: Sequence[Site]) -> str:
    """Of the population, see `Sample.digest`."""
    return hashlib.sha256("".join(f"{url}\n" for url in sorted(s.url for s in sites)).encode()).hexdigest()


def by_stratum(sites: Sequence[Site], drawn: Collection[str]) -> Mapping[Stratum, tuple[int, int]]:
    """Stratum → how many sites it has and how many of them were drawn, in order."""
    own = Counter(stratum(site) for site in sites)
    taken = Counter(stratum(site) for site in sites if site.url in drawn)
    return {one: (own[one], taken[one]) for one in sorted(own, key=_order)}


def _systematic(sites: Sequence[Site], count: int, seed: str) -> set[str]:
    ordered = sorted(sites, key=lambda site: (*_order(stratum(site)), lot(seed, site.url)))
    if not count:
        return set()
    step = Fraction(len(ordered), count)
    start = Fraction(lot(seed, ""), _LOTS) * step
    return {ordered[math.floor(start + number * step)].url for number in range(count)}


def lot(seed: str, url: str) -> int:
    """The first 64 bits of SHA-256 over the seed, a line feed and the address."""
    return int.from_bytes(hashlib.sha256(f"{seed}\n{url}".encode()).digest()[:8])


def _order(stratum: Stratum) -> tuple[str, str, str]:
    return stratum.kind, stratum.region, stratum.organ
