"""The findings report: one self-contained HTML file that opens from a disk, without a network and without script.

Nothing in it asks for anything: no image, no font, no style sheet from elsewhere, and its Content-Security-Policy
would forbid it. The one script is ours, named by its hash; it finds, sorts and copies what is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports import labels
from reports.document import document
from reports.history import History
from reports.language import Language, compact, zone_name
from reports.listing import Address, Listing, address
from reports.portrait import portrait
from reports.summary import Catalogue
from reports.text import line
from reports.trend import TONES
from rules.engine.assessment import Assessment, Result, Run
from rules.engine.edition import Edition, Part


@dataclass(frozen=True, slots=True)
class Total:
    word: str
    count: str
    tone: str


@dataclass(frozen=True, slots=True)
class Overview:
    count: str
    totals: tuple[Total, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    word: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list of findings can be narrowed to."""

    parts: tuple[Choice, ...]
    rules: tuple[Choice, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FailureRow:
    at: Address
    reason: str


def render(
    run: Run,
    assessments: Sequence[Assessment],
    edition: Edition,
    language: Language | None = None,
    *,
    fixes: Callable[[str], str] | None = None,
    histories: Mapping[str, History] | None = None,
    index: str = "",
) -> str:
    """The whole report as one HTML document.

    `fixes` gives the Chinese text of 改法 for a rule id, or an empty one; `histories` what is known of a site, by its
    home address. `index`: file name of the page that lists all sites, to lead back to.
    """
    language = language or Language()
    zone = run.as_of.tzinfo
    catalogue = Catalogue(edition)
    sites = [
        portrait(
            Listing(
                f"s{number}",
                assessment,
                catalogue,
                language,
                zone,
                fixes or (lambda _: ""),
                (histories or {}).get(assessment.site.url, History()),
            )
        )
        for number, assessment in enumerate(assessments, 1)
    ]
    return document(
        "findings.html.j2",
        language,
        heading=language.say("政府网站检查结果"),
        title=language.say("政府网站检查结果 {name}", name=sites[0].name if len(sites) == 1 else run.id),
        overview=overview(run, [a.result for a in assessments], language),
        failures=failures(run),
        compared=any(site.before for site in sites),
        filters=_filters(assessments, language),
        sites=sites,
        index=index,
        **about(run, edition, language),
    )


def about(run: Run, edition: Edition, language: Language) -> dict[str, Any]:
    """What head and foot of a document say of the run."""
    title = line(language.gettext(edition.title))
    return {
        "version": line(run.version),
        "run_id": line(run.id),
        "as_of": language.moment(run.as_of),
        "zone": language.text(zone_name(run.as_of)),
        "basis": line(edition.basis),
        "edition": f"{title} · {line(edition.id)}" if title else line(edition.id),
        "scope": language.text(labels.SCOPES[run.scope]) if run.scope in labels.SCOPES else line(run.scope),
        "ran": language.say(
            "{start} 至 {end}",
            start=compact(run.started, run.as_of.tzinfo),
            end=compact(run.finished, run.as_of.tzinfo) if run.finished else language.say("未结束"),
        ),
    }


def failures(run: Run) -> list[FailureRow]:
    return [FailureRow(address(url), line(reason)) for url, reason in run.failures]


def overview(run: Run, results: Sequence[Result], language: Language) -> Overview | None:
    """For several sites: how many of each result, the failed jobs apart."""
    count = len(results) + len(run.failures)
    if count < 2:
        return None
    totals = [
        Total(language.text(labels.RESULTS[result]), language.number(results.count(result)), TONES[result])
        for result in (Result.UNQUALIFIED, Result.UNDETERMINED, Result.QUALIFIED)
    ]
    if run.failures:
        totals.append(Total(language.say("没有完成检查"), language.number(len(run.failures)), "idle"))
    return Overview(language.number(count), tuple(totals))


def _filters(assessments: Iterable[Assessment], language: Language) -> Filters:
    found = [finding for assessment in assessments for finding in assessment.findings]
    parts = {finding.part for finding in found}
    rules = dict.fromkeys(finding.rule for finding in found)
    return Filters(
        parts=tuple(Choice(part.value, language.text(labels.PARTS[part])) for part in Part if part in parts),
        rules=tuple(Choice(line(rule), language.text(labels.rule(rule))) for rule in rules),
        columns=tuple(dict.fromkeys(line(finding.column) for finding in found if finding.column)),
    )
