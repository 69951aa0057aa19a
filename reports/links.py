"""What became of a site's links: all together, and host by host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from crawler.outcome import Verdict
from crawler.snapshot import Coverage
from reports import charts, labels
from reports.language import Language
from reports.text import line

_SHOWN = 10
"""Hosts that are shown at once; the others are folded."""


@dataclass(frozen=True, slots=True)
class Sum:
    """The links of one outcome."""

    id: str
    word: str
    count: str


@dataclass(frozen=True, slots=True)
class HostRow:
    host: str
    total: str
    counts: tuple[str, ...]
    """In the order of LinksView.sums."""
    chart: Markup


@dataclass(frozen=True, slots=True)
class LinksView:
    total: str
    sums: tuple[Sum, ...]
    """Only of the outcomes that occur."""
    chart: Markup
    alternative: str
    """What the chart shows, in words."""
    hosts: tuple[HostRow, ...]
    more: tuple[HostRow, ...]


def links_view(coverage: Coverage, language: Language) -> LinksView | None:
    """None where no link was asked, or a run of an earlier version did not keep what became of them."""
    counts = coverage.outcomes
    total = sum(counts.values())
    if not total:
        return None
    verdicts = [verdict for verdict in Verdict if counts.get(verdict.value)]
    number = language.number
    sums = tuple(Sum(v.value, language.text(labels.OUTCOMES[v]), number(counts[v.value])) for v in verdicts)
    rows = [
        HostRow(
            host=line(links.host, 100),
            total=number(sum(links.outcomes.values())),
            counts=tuple(number(links.outcomes.get(v.value, 0)) for v in verdicts),
            chart=_chart(links.outcomes),
        )
        for links in coverage.hosts
    ]
    told = language.list([language.say("{word} {n}", word=one.word, n=one.count) for one in sums])
    return LinksView(number(total), sums, _chart(counts), told, tuple(rows[:_SHOWN]), tuple(rows[_SHOWN:]))


def _chart(counts: Mapping[str, int]) -> Markup:
    return charts.stack((verdict.value, counts.get(verdict.value, 0)) for verdict in Verdict)
