"""The findings of one site as a report lists them: by indicator and rule, each with its address and its evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import cached_property
from urllib.parse import quote

from markupsafe import escape

from reports import labels
from reports.handcheck import by_hand
from reports.history import History, Past
from reports.language import Language, compact
from reports.summary import Catalogue, against
from reports.tally import JUDGEMENTS, RANK, Judgement, judgement
from reports.text import ADDRESS, SENTENCE, line, plain
from rules.engine.assessment import Assessment, Check, Finding, Status
from rules.engine.edition import Edition, Part

_OPEN_ROWS = 50
"""A group of more findings than this is folded at first."""
_FRAGMENT = 100
"""Characters of an excerpt that a text fragment looks for: enough to be the only ones."""
_SHOWN_ADDRESS = 300
"""Characters of an address that are shown; the link behind it is whole."""
_TONES = {
    Judgement.VETO: "fail",
    Judgement.DEDUCT: "fail",
    Judgement.NOTED: "idle",
    Judgement.ADVICE: "idle",
    Judgement.REVIEW: "warn",
}


@dataclass(frozen=True, slots=True)
class Address:
    text: str
    href: str | None
    """None where following it would be unsafe or pointless: not http(s), or too long to be an address."""

    def __html__(self) -> str:
        """What a template shows of it (markupsafe's protocol)."""
        text = escape(self.text)
        if self.href is None:
            return f"<bdi>{text}</bdi>"
        return f'<a href="{escape(self.href)}" rel="noreferrer noopener" target="_blank">{text}</a>'


def address(url: str) -> Address:
    """An address as text, and as a link where that is safe."""
    safe = len(url) <= ADDRESS and url.lower().startswith(("http://", "https://"))
    return Address(line(url, _SHOWN_ADDRESS), plain(url, ADDRESS) if safe else None)


@dataclass(frozen=True, slots=True)
class Row:
    """One finding."""

    id: str
    number: int
    message: str
    at: Address
    on: Address | None
    column: str
    excerpt: str
    expected: str
    found: str
    certain: bool
    judgement: str
    tone: str
    points: str
    also: str
    """The other indicators it is charged to."""
    spot: str
    """Leads to the very words on the page (a text fragment); empty where none are known, or it would be unsafe."""
    new: bool
    first: str
    """Day it was seen first; empty where other visits are not known."""
    proof: str
    """Line by line: when it was asked and how often, where its answer lies, since when it is known, and its number."""


@dataclass(frozen=True, slots=True)
class ClauseRow:
    number: int
    text: str
    count: str
    why: str
    source: str


@dataclass(frozen=True, slots=True)
class GroupView:
    name: str
    rule: str
    count: str
    open: bool
    clauses: tuple[ClauseRow, ...]
    fix: str
    by_hand: str
    """How to check its findings without this program."""
    findings: Iterator[Row]
    """Drawn once: ten thousand rows need not exist at the same time."""


@dataclass(frozen=True, slots=True)
class IndicatorView:
    id: str
    code: str
    title: str
    group: str
    part: str
    part_id: str
    tone: str
    count: str
    groups: tuple[GroupView, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one rule under one indicator, with the number of the first."""

    indicator: str
    rule: str
    first: int
    findings: tuple[Finding, ...]
    """The certain ones first, else in the judge's order."""

    def numbered(self) -> Iterator[tuple[int, Finding]]:
        return enumerate(self.findings, self.first)


def groups(findings: Sequence[Finding], edition: Edition) -> tuple[Group, ...]:
    """The findings by indicator and rule, in the catalogue's order; codes the catalogue does not have come last."""
    together: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        together.setdefault((finding.indicator, finding.rule), []).append(finding)
    order = {indicator.code: number for number, indicator in enumerate(edition.indicators)}
    made: list[Group] = []
    first = 1
    for code, rule in sorted(together, key=lambda key: order.get(key[0], len(order))):
        members = sorted(together[code, rule], key=lambda f: not f.certain)
        made.append(Group(code, rule, first, tuple(members)))
        first += len(members)
    return tuple(made)


@dataclass(frozen=True)
class Listing:
    """The findings of `assessment`, told in `language`, with ids that start with `id`."""

    id: str
    assessment: Assessment
    catalogue: Catalogue
    language: Language
    zone: tzinfo | None
    fixes: Callable[[str], str]
    history: History = field(default_factory=History)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        return groups(self.assessment.findings, self.catalogue.edition)

    @cached_property
    def about(self) -> Mapping[str, tuple[str, Judgement]]:
        """Address → id and judgement of the gravest finding about it."""
        rows: dict[str, tuple[str, Judgement]] = {}
        for group in self.groups:
            for number, finding in group.numbered():
                judged = judgement(self.assessment, finding)
                known = rows.get(finding.at)
                if known is None or RANK[judged] < RANK[known[1]]:
                    rows[finding.at] = (f"{self.id}-{number}", judged)
        return rows

    def indicators(self) -> Iterator[IndicatorView]:
        by_code: dict[str, list[Group]] = {}
        for group in self.groups:
            by_code.setdefault(group.indicator, []).append(group)
        for place, (code, members) in enumerate(by_code.items(), 1):
            indicator = self.catalogue.indicators.get(code)
            part = indicator.part if indicator else members[0].findings[0].part
            yield IndicatorView(
                id=f"{self.id}-i{place}",
                code=line(code),
                title=self.language.text(self.catalogue.title(code)) if indicator else "",
                group=line(self.language.gettext(indicator.group))
                if indicator and indicator.group != str(labels.PARTS[part])
                else "",
                part=self._part(part, code),
                part_id=part.value,
                tone="fail" if code in self.assessment.vetoes else "idle",
                count=self._count([f for group in members for f in group.findings]),
                groups=tuple(self._group(group) for group in members),
            )

    def _part(self, part: Part, code: str) -> str:
        if part is Part.VETO and code not in self.assessment.vetoes:
            return self.language.say("单项否决指标，未构成否决")
        return self.language.text(labels.PARTS[part])

    def _count(self, findings: Sequence[Finding]) -> str:
        say, number = self.language.say, self.language.number
        review = sum(not f.certain for f in findings)
        if review == len(findings):
            return say("{n} 处待复核", n=number(review))
        if review:
            return say("{n} 处，其中 {review} 处待复核", n=number(len(findings)), review=number(review))
        return say("{n} 处", n=number(len(findings)))

    def _group(self, group: Group) -> GroupView:
        count = self._count(group.findings)
        checks = [c for c in self.assessment.checks if c.indicator == group.indicator and c.rule == group.rule]
        if points := sum(c.points for c in checks):
            count = self.language.say("{count}，共扣 {points} 分", count=count, points=self.language.number(points))
        return GroupView(
            name=self.language.text(labels.rule(group.rule)),
            rule=line(group.rule),
            count=count,
            open=len(group.findings) <= _OPEN_ROWS,
            clauses=tuple(self._clauses(checks)),
            fix=plain(self.language.gettext(self.fixes(group.rule)).strip(), 4 * SENTENCE),
            by_hand=self.language.text(by_hand(group.rule)),
            findings=(self._row(number, finding) for number, finding in group.numbered()),
        )

    def _clauses(self, checks: Sequence[Check]) -> Iterator[ClauseRow]:
        for check in checks:
            clause = self.catalogue.clause(check)
            if clause is None or (check.status is Status.PASS and not check.problems):
                continue
            yield ClauseRow(
                number=check.clause,
                text=line(clause.text),
                count=self.language.text(against(check, clause)),
                why=self.language.text(check.why) if check.why else "",
                source=line(clause.source),
            )

    def _row(self, number: int, finding: Finding) -> Row:
        text = self.language.text
        past = self.history.past.get(finding.fingerprint)
        judged = judgement(self.assessment, finding)
        return Row(
            id=f"{self.id}-{number}",
            number=number,
            message=text(finding.message),
            at=address(finding.at),
            on=address(finding.on) if finding.on and finding.on != finding.at else None,
            column=line(finding.column or ""),
            excerpt=line(finding.excerpt, 300),
            expected=text(finding.expected) if finding.expected else "",
            found=text(finding.found) if finding.found else "",
            certain=finding.certain,
            judgement=text(JUDGEMENTS[judged]),
            tone=_TONES[judged],
            points=self.language.number(finding.points) if finding.points else "",
            also=self.language.list([line(code) for code in finding.indicators[1:]]),
            spot=_spot(finding),
            new=self.history.new(finding.fingerprint),
            first=compact(past.first, self.zone)[:10] if past else "",
            proof="\n".join(self._proof(finding, past)),
        )

    def _proof(self, finding: Finding, past: Past | None) -> Iterator[str]:
        say, evidence = self.language.say, finding.evidence
        asked = compact(finding.fetched_at, self.zone) if finding.fetched_at else ""
        if finding.status:
            asked = f"HTTP {finding.status} {asked}".strip()
        if asked:
            yield asked
        if finding.asked:
            yield say("本次访问 {n} 次", n=self.language.number(finding.asked))
        if evidence is None:
            yield say("没有单独的响应记录")
        else:
            if evidence.rendered_by:
                yield say("页面由浏览器渲染后读取（{browser}）", browser=line(evidence.rendered_by))
            yield f"{line(evidence.warc)} +{evidence.offset}"
            yield f"SHA-256 {line(evidence.sha256, 80)[:12]}…"
        if past is not None:
            yield from past.told(self.language, self.zone)
        yield say("编号 {id}", id=line(finding.fingerprint, 80))


def _spot(finding: Finding) -> str:
    """The page with the words that stand there as a text fragment (WICG Scroll To Text Fragment)."""
    page = finding.on or (finding.at if finding.status is not None and finding.status < 400 else "")
    words = line(finding.excerpt, _FRAGMENT).removesuffix("…").strip()
    # What is masked, or made of several pieces, stands nowhere so.
    if not words or "*" in words or "…" in words or (href := address(page).href) is None or "#" in href:
        return ""
    return f"{href}#:~:text={quote(words, safe='').replace('-', '%2D')}"
