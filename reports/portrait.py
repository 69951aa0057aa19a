"""One site's part of the findings report: the verdict first, then what was found, seen and left to people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crawler.message import Message, say
from crawler.site import SiteKind
from reports import labels
from reports.checks import CheckRow, check_counts, check_row
from reports.columns import ColumnRow, column_row
from reports.coverage import CoverageView, coverage_view
from reports.history import History
from reports.language import Language, compact
from reports.links import LinksView, links_view
from reports.listing import Address, IndicatorView, Listing, address
from reports.places import Place, places
from reports.summary import Summary
from reports.text import line
from reports.trend import TONES, TrendView, trend_view
from reports.watch import WatchView, watch_view
from rules.engine.assessment import Assessment, Result

_MARKS = {Result.QUALIFIED: "✓", Result.UNQUALIFIED: "✕", Result.UNDETERMINED: "?"}


@dataclass(frozen=True, slots=True)
class GoneRow:
    message: str
    at: Address


@dataclass(frozen=True, slots=True)
class Portrait:
    id: str
    name: str
    url: Address
    code: str
    organ: str
    kind: str
    tone: str
    mark: str
    word: str
    conclusion: str
    proviso: str
    """What a good verdict does not cover."""
    nothing: str
    """What to say where no finding is listed."""
    reasons: tuple[str, ...]
    score: str
    estimate: bool
    score_notes: tuple[str, ...]
    vetoes: str
    certain: str
    review: str
    coverage: CoverageView
    visited: str
    left: tuple[str, ...]
    before: str
    """When the site was visited before; empty: it was not."""
    changes: str
    gone: tuple[GoneRow, ...]
    indicators: tuple[IndicatorView, ...]
    places: tuple[Place, ...]
    links: LinksView | None
    trend: TrendView | None
    watch: WatchView | None
    columns: tuple[ColumnRow, ...]
    checks: tuple[CheckRow, ...]
    check_counts: str


def portrait(listing: Listing) -> Portrait:
    assessment, language = listing.assessment, listing.language
    text, number = language.text, language.number
    summary = Summary(assessment, listing.catalogue)
    site, coverage = assessment.site, assessment.coverage
    kind = text(labels.SITE_KINDS[assessment.kind])
    left = tuple(text(item) for item in summary.left)
    return Portrait(
        id=listing.id,
        name=line(site.name) or address(site.url).text,
        url=address(site.url),
        code=line(site.code),
        organ=line(site.organ),
        kind=language.say("{kind}（按网站名称推定）", kind=kind) if assessment.kind_guessed else kind,
        tone=TONES[assessment.result],
        mark=_MARKS[assessment.result],
        word=text(labels.RESULTS[assessment.result]),
        conclusion=text(summary.conclusion),
        proviso=_proviso(assessment, left, language),
        nothing=text(_nothing(coverage.pages)),
        reasons=tuple(text(reason) for reason in summary.reasons),
        score="" if assessment.score is None else number(assessment.score),
        estimate=assessment.score_is_estimate,
        score_notes=tuple(_score_notes(assessment, language)),
        vetoes=language.list([line(code) for code in assessment.vetoes]),
        # None found where nothing was seen is not none.
        certain=number(summary.certain) if coverage.pages else "—",
        review=number(summary.review) if coverage.pages else "—",
        coverage=coverage_view(coverage, language),
        visited=language.say(
            "{start}，用时 {length}",
            start=compact(assessment.started, listing.zone),
            length=language.duration(assessment.finished - assessment.started),
        ),
        left=left,
        before=compact(listing.history.previous, listing.zone) if listing.history.previous else "",
        changes=_changes(listing),
        gone=_gone(listing.history, language),
        indicators=tuple(listing.indicators()),
        places=tuple(places(listing)),
        links=links_view(coverage, language),
        trend=trend_view(listing.history, language, listing.zone),
        watch=watch_view(assessment, language, listing.zone),
        columns=tuple(column_row(listing, column) for column in assessment.columns),
        checks=tuple(check_row(check, listing) for check in assessment.checks),
        check_counts=check_counts(assessment.checks, language),
    )


def _changes(listing: Listing) -> str:
    """What is new, still there (and since when) and gone; empty where nothing can be compared."""
    history, findings, language = listing.history, listing.assessment.findings, listing.language
    if history.previous is None:
        return ""
    new = sum(history.new(finding.fingerprint) for finding in findings)
    counts = {
        "new": language.number(new),
        "still": language.number(len(findings) - new),
        "gone": language.number(len(history.gone)),
    }
    old = [past.first for past in history.past.values() if not past.new]
    if not old:
        return language.say("新增 {new} 处，仍然存在 {still} 处，已消失 {gone} 处", **counts)
    return language.say(
        "新增 {new} 处，仍然存在 {still} 处（最早的一处 {first} 首次发现），已消失 {gone} 处",
        first=compact(min(old), listing.zone)[:10],
        **counts,
    )


def _gone(history: History, language: Language) -> tuple[GoneRow, ...]:
    return tuple(GoneRow(language.text(gone.message), address(gone.at)) for gone in history.gone)


def _proviso(assessment: Assessment, left: Sequence[str], language: Language) -> str:
    if assessment.result is not Result.QUALIFIED or not left:
        return ""
    return language.say("另有{items}，不在此结论之内。", items=language.list(left))


def _nothing(pages: int) -> Message:
    if pages == 0:
        return say("没有看到网站的内容，不能说没有问题。")
    return say("检查过的内容中没有可列出的问题。未检查和须人工检查的条款见“条款逐项结果”。")


def _score_notes(assessment: Assessment, language: Language) -> Iterator[str]:
    if assessment.score is None:
        if assessment.vetoes:
            yield language.say("出现单项否决情形，不再评分。")
        elif assessment.result is Result.UNDETERMINED:
            yield language.say("检查不足，不能评分。")
        elif assessment.kind is SiteKind.DEPARTMENT:
            yield language.say("部门网站只检查单项否决指标。")
        return
    if assessment.measured_points < 100:
        measured = language.number(assessment.measured_points)
        yield language.say("测得 {measured}/100 分的项目，按比例折算；没有测得的项目不计分。", measured=measured)
    if assessment.score_is_estimate:
        yield language.say("有的条款没有检查完，或者条文、分值未经官方来源核对，分数仅供参考。")
