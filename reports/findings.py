"""The findings report: one self-contained HTML file that opens from a disk, without a network and without script.

Nothing in it asks for anything: no image, no font, no style sheet from elsewhere, and its Content-Security-Policy
would forbid it. The one script is ours, named by its hash; it only filters rows.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from crawler.message import Message, say
from crawler.site import SiteKind
from crawler.snapshot import Coverage, Repeat, Trap
from reports import labels
from reports.columns import ColumnRow, column_row
from reports.history import History
from reports.language import Language, compact, zone_name
from reports.listing import Address, IndicatorView, Listing, address
from reports.summary import Catalogue, Summary, is_manual
from reports.text import line
from rules.engine.assessment import Assessment, Check, Result, Run, Status
from rules.engine.edition import Edition, Part

_TONES = {Result.QUALIFIED: "good", Result.UNQUALIFIED: "fail", Result.UNDETERMINED: "warn"}
_MARKS = {Result.QUALIFIED: "✓", Result.UNQUALIFIED: "✕", Result.UNDETERMINED: "?"}
_STATUS_TONES = {
    Status.PASS: "good",
    Status.FAIL: "fail",
    Status.REVIEW: "warn",
    Status.UNCHECKED: "warn",
    Status.NOT_APPLICABLE: "idle",
}
_SHOWN_HOSTS = 20
_SHOWN_TRAPS = 5


@dataclass(frozen=True, slots=True)
class CheckRow:
    code: str
    title: str
    part: str
    text: str
    rule: str
    status: str
    tone: str
    count: str
    points: str
    why: str
    verified: bool


@dataclass(frozen=True, slots=True)
class GoneRow:
    message: str
    at: Address


@dataclass(frozen=True, slots=True)
class SiteView:
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
    pages: str
    links: str
    skipped: str
    blocked: str
    traps: tuple[str, ...]
    repeats: tuple[str, ...]
    complete: bool
    visited: str
    left: tuple[str, ...]
    before: str
    """When the site was visited before; empty: it was not."""
    changes: str
    gone: tuple[GoneRow, ...]
    indicators: tuple[IndicatorView, ...]
    columns: tuple[ColumnRow, ...]
    checks: tuple[CheckRow, ...]
    check_counts: str


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
) -> str:
    """The whole report as one HTML document.

    `fixes` gives the Chinese text of 改法 for a rule id, or an empty one; `histories` what is known of a site, by its
    home address.
    """
    language = language or Language()
    zone = run.as_of.tzinfo
    catalogue = Catalogue(edition)
    sites = [
        _site(
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
    script = _resource("findings.js")
    parts = {finding.part for assessment in assessments for finding in assessment.findings}
    title = line(language.gettext(edition.title))
    return (
        _environment()
        .get_template("findings.html.j2")
        .render(
            _=language.say,
            lang=language.tag,
            gap=language.gap,
            title=language.say("政府网站检查结果 {name}", name=sites[0].name if len(sites) == 1 else run.id),
            style=Markup(_resource("findings.css")),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            script_hash=_csp_hash(script),
            version=line(run.version),
            run_id=line(run.id),
            as_of=language.moment(run.as_of),
            zone=language.text(zone_name(run.as_of)),
            basis=line(edition.basis),
            edition=f"{title} · {line(edition.id)}" if title else line(edition.id),
            scope=language.text(labels.SCOPES[run.scope]) if run.scope in labels.SCOPES else line(run.scope),
            ran=language.say(
                "{start} 至 {end}",
                start=compact(run.started, zone),
                end=compact(run.finished, zone) if run.finished else language.say("未结束"),
            ),
            overview=_overview(run, assessments, language),
            failures=[FailureRow(address(url), line(reason)) for url, reason in run.failures],
            compared=any(site.before for site in sites),
            filter=tuple(Choice(part.value, language.text(labels.PARTS[part])) for part in Part if part in parts),
            sites=sites,
        )
    )


def _overview(run: Run, assessments: Sequence[Assessment], language: Language) -> Overview | None:
    """For several sites: how many of each result, the failed jobs apart."""
    count = len(assessments) + len(run.failures)
    if count < 2:
        return None
    totals = [
        Total(
            language.text(labels.RESULTS[result]),
            language.number(sum(a.result is result for a in assessments)),
            _TONES[result],
        )
        for result in (Result.UNQUALIFIED, Result.UNDETERMINED, Result.QUALIFIED)
    ]
    if run.failures:
        totals.append(Total(language.say("没有完成检查"), language.number(len(run.failures)), "idle"))
    return Overview(language.number(count), tuple(totals))


def _site(listing: Listing) -> SiteView:
    assessment, language = listing.assessment, listing.language
    text, number = language.text, language.number
    summary = Summary(assessment, listing.catalogue)
    site, coverage = assessment.site, assessment.coverage
    kind = text(labels.SITE_KINDS[assessment.kind])
    left = tuple(text(item) for item in summary.left)
    return SiteView(
        id=listing.id,
        name=line(site.name) or address(site.url).text,
        url=address(site.url),
        code=line(site.code),
        organ=line(site.organ),
        kind=language.say("{kind}（按网站名称推定）", kind=kind) if assessment.kind_guessed else kind,
        tone=_TONES[assessment.result],
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
        pages=_pages(coverage, language),
        links=number(coverage.links),
        skipped=_skipped(assessment, language),
        blocked=_hosts(coverage.blocked_hosts, language),
        traps=_few([_trap(trap, language) for trap in coverage.traps], language),
        repeats=_few([_repeat(repeat, language) for repeat in coverage.repeats], language),
        complete=coverage.complete,
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
        columns=tuple(column_row(listing, column) for column in assessment.columns),
        checks=tuple(_check(check, listing) for check in assessment.checks),
        check_counts=_check_counts(assessment.checks, language),
    )


def _changes(listing: Listing) -> str:
    """What is new, still there and gone; empty where nothing can be compared."""
    history, findings, number = listing.history, listing.assessment.findings, listing.language.number
    if history.previous is None:
        return ""
    new = sum(listing.new(finding) for finding in findings)
    return listing.language.say(
        "新增 {new} 处，仍然存在 {still} 处，已消失 {gone} 处",
        new=number(new),
        still=number(len(findings) - new),
        gone=number(len(history.gone)),
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


def _pages(coverage: Coverage, language: Language) -> str:
    if not coverage.reused:
        return language.number(coverage.pages)
    return language.say(
        "{n}，其中 {same} 页与上次检查时相同", n=language.number(coverage.pages), same=language.number(coverage.reused)
    )


def _skipped(assessment: Assessment, language: Language) -> str:
    skipped = assessment.coverage.skipped
    if not skipped:
        return "0"
    reasons = [
        language.say("{reason} {n}", reason=labels.skip(reason), n=language.number(n))
        for reason, n in sorted(skipped.items(), key=lambda entry: -entry[1])
    ]
    return language.say("{n}（{reasons}）", n=language.number(sum(skipped.values())), reasons=language.list(reasons))


def _trap(trap: Trap, language: Language) -> str:
    template, pages, skipped = line(trap.template, 100), language.number(trap.pages), language.number(trap.skipped)
    if trap.reason == "endless":
        return language.say("{template}：地址无限增长，{skipped} 个没有访问", template=template, skipped=skipped)
    if trap.reason == "hosts":
        return language.say("{template}：主机过多，{skipped} 个地址没有访问", template=template, skipped=skipped)
    if trap.reason == "variant":
        return language.say(
            "{template}：同一地址的其他写法（会话标识、参数顺序等），{skipped} 个没有访问",
            template=template,
            skipped=skipped,
        )
    return language.say(
        "{template}：打开 {pages} 页后连续没有新内容，不再打开；{skipped} 个没有访问",
        template=template,
        pages=pages,
        skipped=skipped,
    )


def _repeat(repeat: Repeat, language: Language) -> str:
    others = language.number(repeat.addresses)
    return language.say("另有 {n} 个地址与 {page} 内容相同，只计一次", n=others, page=line(repeat.url, 100))


def _few(lines: Sequence[str], language: Language) -> tuple[str, ...]:
    if len(lines) <= _SHOWN_TRAPS:
        return tuple(lines)
    more = language.say("等 {n} 项", n=language.number(len(lines)))
    return (*lines[:_SHOWN_TRAPS], more)


def _hosts(hosts: Sequence[str], language: Language) -> str:
    shown = language.list([line(host, 100) for host in hosts[:_SHOWN_HOSTS]])
    if len(hosts) <= _SHOWN_HOSTS:
        return shown
    return language.say("{hosts} 等 {n} 个", hosts=shown, n=language.number(len(hosts)))


def _check(check: Check, listing: Listing) -> CheckRow:
    catalogue, language = listing.catalogue, listing.language
    clause = catalogue.clause(check)
    tried = check.rule is not None and check.status in (Status.PASS, Status.FAIL, Status.REVIEW)
    return CheckRow(
        code=line(check.indicator),
        title=language.text(catalogue.title(check.indicator)),
        part=language.text(labels.PARTS[check.part]),
        text=line(clause.text) if clause else "",
        rule=line(check.rule or ""),
        status=language.text(labels.MANUAL if is_manual(check) else labels.STATUSES[check.status]),
        tone=_STATUS_TONES[check.status],
        count=f"{language.number(check.problems)}/{language.number(check.subjects)}" if tried else "—",
        points=language.number(check.points) if check.points else "—",
        why=language.text(check.why) if check.why else "",
        verified=check.verified,
    )


def _check_counts(checks: Sequence[Check], language: Language) -> str:
    counted = [(label, sum(c.status is s and not is_manual(c) for c in checks)) for s, label in labels.STATUSES.items()]
    counted.append((labels.MANUAL, sum(is_manual(c) for c in checks)))
    return language.list([language.say("{label} {n}", label=label, n=n) for label, n in counted if n])


def _csp_hash(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


@lru_cache
def _resource(name: str) -> str:
    # Universal newlines: a browser hashes the script after turning CRLF into LF.
    return files("reports").joinpath("templates", name).read_text("utf-8")


@lru_cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
