"""Many sites at a glance: a league table by organ and a heat map of indicators, leading to one page a site."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports import charts, labels
from reports.document import document
from reports.findings import about, failures, overview
from reports.language import Language
from reports.standing import Cell, Standing
from reports.summary import Catalogue
from reports.text import line
from reports.trend import TONES
from rules.engine.assessment import Result, Run
from rules.engine.edition import Edition

INDEX = "index.html"
FOLDER = "sites"
_ORDER = (Result.UNQUALIFIED, Result.UNDETERMINED, Result.QUALIFIED)
_STEPS = (1, 2, 5, 10)
"""From how many findings on a cell of the heat map has its next shade."""


@dataclass(frozen=True, slots=True)
class OrganRow:
    rank: str
    organ: str
    sites: str
    unqualified: str
    undetermined: str
    qualified: str
    rate: str
    certain: str
    each: str
    """Certain findings a site that was judged."""
    review: str
    chart: Markup


@dataclass(frozen=True, slots=True)
class SiteRow:
    name: str
    href: str
    organ: str
    word: str
    tone: str
    score: str
    estimate: bool
    vetoes: str
    certain: str
    review: str
    new: str
    gone: str
    pages: str
    complete: bool
    heat: tuple[HeatCell, ...]


@dataclass(frozen=True, slots=True)
class HeatCell:
    text: str
    told: str
    """The same in words."""
    shade: str
    href: str


@dataclass(frozen=True, slots=True)
class Head:
    code: str
    title: str
    sites: str
    """How many have a finding there."""


def render_index(run: Run, standings: Sequence[Standing], edition: Edition, language: Language | None = None) -> str:
    """The page that leads to all the others, as one HTML document. The worst results come first."""
    language = language or Language()
    ordered = sorted(standings, key=lambda s: (_ORDER.index(s.result), -s.certain, -s.review))
    codes = _codes(ordered, edition)
    catalogue = Catalogue(edition)
    heads = tuple(
        Head(
            line(code),
            language.text(catalogue.title(code)),
            language.number(sum(_found(one, code) for one in ordered)),
        )
        for code in codes
    )
    results = [one.result for one in standings]
    return document(
        "fleet.html.j2",
        language,
        heading=language.say("政府网站检查结果总览"),
        title=language.say("政府网站检查结果总览 {name}", name=line(run.id)),
        overview=overview(run, results, language),
        count=language.number(len(results) + len(run.failures)),
        chart=charts.stack((TONES[result], results.count(result)) for result in _ORDER),
        told=language.list(
            [
                language.say("{label} {n}", label=labels.RESULTS[result], n=language.number(results.count(result)))
                for result in _ORDER
            ]
        ),
        failures=failures(run),
        organs=tuple(_organs(standings, language)),
        heads=heads,
        quiet=language.number(len(edition.indicators) - len(codes)),
        sites=tuple(_row(one, codes, language) for one in ordered),
        **about(run, edition, language),
    )


def _codes(standings: Iterable[Standing], edition: Edition) -> tuple[str, ...]:
    """The indicators that something was found for, in the catalogue's order; others last."""
    known = {indicator.code: place for place, indicator in enumerate(edition.indicators)}
    found = dict.fromkeys(code for one in standings for code in one.cells if _found(one, code))
    return tuple(sorted(found, key=lambda code: known.get(code, len(known))))


def _found(one: Standing, code: str) -> bool:
    cell = one.cells.get(code)
    return cell is not None and cell.certain + cell.review > 0


def _organs(standings: Iterable[Standing], language: Language) -> Iterable[OrganRow]:
    """By share of qualified sites among those that were judged, then by findings a site. Who has none that was judged
    has no rank: nothing is known."""
    together: dict[str, list[Standing]] = {}
    for one in standings:
        together.setdefault(one.organ, []).append(one)

    def measured(sites: Sequence[Standing]) -> tuple[float, float] | None:
        judged = [one for one in sites if one.result is not Result.UNDETERMINED]
        if not judged:
            return None
        bad = sum(one.result is Result.UNQUALIFIED for one in judged)
        return bad / len(judged), sum(one.certain for one in judged) / len(judged)

    measures = {organ: measured(sites) for organ, sites in together.items()}
    known = sorted(measure for measure in measures.values() if measure is not None)
    number = language.number
    for organ in sorted(together, key=lambda organ: measures[organ] or (2, 0)):
        sites, measure = together[organ], measures[organ]
        counts = {result: sum(one.result is result for one in sites) for result in _ORDER}
        yield OrganRow(
            # As in sports: who is level shares a rank, and the next one is so much lower.
            rank="—" if measure is None else number(1 + known.index(measure)),
            organ=organ or language.say("（没有登记主办单位）"),
            sites=number(len(sites)),
            unqualified=number(counts[Result.UNQUALIFIED]),
            undetermined=number(counts[Result.UNDETERMINED]),
            qualified=number(counts[Result.QUALIFIED]),
            rate="—" if measure is None else language.percent(1 - measure[0]),
            certain=number(sum(one.certain for one in sites)),
            each="—" if measure is None else number(round(measure[1], 1)),
            review=number(sum(one.review for one in sites)),
            chart=charts.stack((TONES[result], counts[result]) for result in _ORDER),
        )


def _row(one: Standing, codes: Sequence[str], language: Language) -> SiteRow:
    number = language.number
    href = f"{FOLDER}/{one.file}"
    return SiteRow(
        name=one.name,
        href=href,
        organ=one.organ,
        word=language.text(labels.RESULTS[one.result]),
        tone=TONES[one.result],
        score="—" if one.score is None else number(one.score),
        estimate=one.score is not None and one.estimate,
        vetoes=language.list([line(code) for code in one.vetoes]),
        # None found where nothing was seen is not none.
        certain=number(one.certain) if one.pages else "—",
        review=number(one.review) if one.pages else "—",
        new="—" if one.new is None else number(one.new),
        gone="—" if one.gone is None else number(one.gone),
        pages=number(one.pages),
        complete=one.complete,
        heat=tuple(_heat(one.cells.get(code, Cell()), href, language) for code in codes),
    )


def _heat(cell: Cell, href: str, language: Language) -> HeatCell:
    """Numbers for what was found; a word for what was not looked at, which is not nothing."""
    say, number = language.say, language.number
    link = f"{href}{cell.anchor}"
    if cell.certain:
        shade = f"h{sum(cell.certain >= step for step in _STEPS)}"
        told = say("{n} 处", n=number(cell.certain))
        if cell.review:
            told = say(
                "{n} 处，其中 {review} 处待复核", n=number(cell.certain + cell.review), review=number(cell.review)
            )
        return HeatCell(number(cell.certain), told, shade, link)
    if cell.review:
        return HeatCell(f"{number(cell.review)}?", say("{n} 处待复核", n=number(cell.review)), "doubt", link)
    if cell.unchecked:
        return HeatCell("×", say("未检查"), "blind", "")
    if cell.manual:
        return HeatCell("○", say("需人工检查"), "blind", "")
    if not cell.applies:
        return HeatCell("", say("不适用"), "none", "")
    return HeatCell("·", say("未发现问题"), "none", "")
