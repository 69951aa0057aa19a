"""What a run adds up to: the figures that notice and annex share, counted once so that they agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from urllib.parse import urlsplit

from crawler.message import Message, say
from crawler.site import Site
from reports.summary import is_manual
from reports.text import line
from rules.engine.assessment import Assessment, Finding, Result, Run
from rules.engine.edition import Part


class Judgement(StrEnum):
    """判定: what one finding means for its site, the most severe first."""

    VETO = "veto"
    DEDUCT = "deduct"
    NOTED = "noted"
    """A fact against an indicator that cost nothing: below the number of a veto, or in a site that is not scored."""
    ADVICE = "advice"
    REVIEW = "review"


JUDGEMENTS: Mapping[Judgement, Message] = {
    Judgement.VETO: say("单项否决"),
    Judgement.DEDUCT: say("扣分"),
    Judgement.NOTED: say("一般问题"),
    Judgement.ADVICE: say("建议"),
    Judgement.REVIEW: say("待复核"),
}
RANK = {judgement: rank for rank, judgement in enumerate(Judgement)}


def is_fault(judgement: Judgement) -> bool:
    return judgement not in (Judgement.ADVICE, Judgement.REVIEW)


@dataclass(frozen=True, slots=True)
class Kind:
    """问题类别: rules that a notice speaks of together."""

    id: str
    title: Message
    rules: tuple[str, ...]
    urgent: bool = False
    """To be dealt with at once, not within the deadline."""


KINDS = (
    Kind("access", say("无法访问"), ("unreachable-home",)),
    Kind(
        "integrity",
        say("篡改和异常链接"),
        ("tampered-page", "hidden-link", "cloaked-page", "hijacked-link"),
        urgent=True,
    ),
    Kind("privacy", say("个人信息泄露"), ("exposed-identity",), urgent=True),
    Kind(
        "update",
        say("更新不及时"),
        ("stale-home", "stale-column", "nearly-stale-home", "nearly-stale-column", "undated-column"),
    ),
    Kind("empty", say("空白栏目"), ("empty-column",)),
    Kind(
        "link",
        say("链接不可用"),
        (
            "broken-link",
            "broken-attachment",
            "broken-image",
            "blocked-host",
            "private-link",
            "missing-anchor",
            "unannounced-exit",
        ),
    ),
    Kind("interaction", say("互动回应"), ("missing-channel", "unanswered-message")),
    Kind("service", say("办事服务"), ("missing-service", "incomplete-guide")),
    Kind(
        "disclosure",
        say("信息公开"),
        ("missing-disclosure", "missing-annual-report", "late-annual-report", "incomplete-annual-report"),
    ),
    Kind("section", say("栏目缺失"), ("missing-section",)),
    Kind(
        "identity",
        say("标识和功能"),
        ("missing-mark", "wrong-domain", "missing-meta", "missing-search", "slow-home", "weak-https", "missing-ipv6"),
    ),
    Kind("content", say("内容差错"), ("suspect-date", "wrong-word", "altered-phrase", "former-leader")),
    Kind("other", say("其他"), ()),
)
_KIND_OF = {rule: kind for kind in KINDS for rule in kind.rules}


@dataclass(frozen=True, slots=True)
class Entry:
    """One finding of one site, as a list of problems has it."""

    assessment: Assessment
    finding: Finding
    kind: Kind
    judgement: Judgement

    @property
    def is_fault(self) -> bool:
        """A notice may name it: it is certain, and against an indicator."""
        return is_fault(self.judgement)


@dataclass(frozen=True)
class Tally:
    """Sites by result and what was found in them. Undetermined and failed ones are neither checked nor passed."""

    qualified: tuple[Assessment, ...]
    unqualified: tuple[Assessment, ...]
    undetermined: tuple[Assessment, ...]
    failures: tuple[tuple[str, str], ...]
    """(home address, reason) of the sites whose job failed on our side."""

    @property
    def checked(self) -> int:
        return len(self.qualified) + len(self.unqualified)

    @property
    def assessments(self) -> tuple[Assessment, ...]:
        """The worst results first, in the order they were given."""
        return (*self.unqualified, *self.undetermined, *self.qualified)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every finding: site by site, within a site the most severe first."""
        return tuple(e for a in self.assessments for e in entries(a))

    @cached_property
    def problems(self) -> tuple[Entry, ...]:
        """What a notice may name."""
        return tuple(e for e in self.entries if e.is_fault)

    @cached_property
    def listed(self) -> tuple[Entry, ...]:
        """Everything certain: problems and advice."""
        return tuple(e for e in self.entries if e.judgement is not Judgement.REVIEW)

    @property
    def reviews(self) -> int:
        return len(self.entries) - len(self.listed)

    @property
    def rate(self) -> float | None:
        """合格率, from 0 to 1, over the sites checked; None when none was."""
        return len(self.qualified) / self.checked if self.checked else None


def tally(run: Run, assessments: Sequence[Assessment]) -> Tally:
    def having(result: Result) -> tuple[Assessment, ...]:
        return tuple(a for a in assessments if a.result is result)

    return Tally(having(Result.QUALIFIED), having(Result.UNQUALIFIED), having(Result.UNDETERMINED), tuple(run.failures))


def entries(assessment: Assessment) -> list[Entry]:
    found = [
        Entry(assessment, f, _KIND_OF.get(f.rule, KINDS[-1]), judgement(assessment, f)) for f in assessment.findings
    ]
    return sorted(found, key=lambda e: (RANK[e.judgement], -e.finding.points))


def judgement(assessment: Assessment, finding: Finding) -> Judgement:
    """A veto only where the site was vetoed for it: two stale columns of five are a fact, not a veto.

    The judge gives a problem of a clause that did not fail the part `advice`; what it bears on is told by the checks.
    """
    if not finding.certain:
        return Judgement.REVIEW
    if finding.part is Part.VETO and any(code in assessment.vetoes for code in finding.indicators):
        return Judgement.VETO
    own = [c for c in assessment.checks if c.indicator in finding.indicators]
    if finding.part in (Part.ADVICE, Part.BONUS) and not any(c.part in (Part.VETO, Part.DEDUCT) for c in own):
        return Judgement.ADVICE
    # By the indicator's sum: what lies beyond its cap cost nothing more, and is of the same sort all the same.
    costly = finding.part is Part.DEDUCT and any(c.points > 0 for c in own)
    return Judgement.DEDUCT if costly and assessment.score is not None else Judgement.NOTED


def by_kind(entries: Iterable[Entry]) -> list[tuple[Kind, list[Entry]]]:
    """Kinds that hold a veto first, else in the order of KINDS; within a kind the most severe entry first."""
    groups: dict[Kind, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.kind, []).append(entry)
    return sorted(
        groups.items(),
        key=lambda g: (all(e.judgement is not Judgement.VETO for e in g[1]), KINDS.index(g[0])),
    )


def by_site(entries: Iterable[Entry]) -> list[tuple[Assessment, list[Entry]]]:
    """Sites vetoed for it first, then those with the most of it."""
    groups: dict[int, tuple[Assessment, list[Entry]]] = {}
    for entry in entries:
        groups.setdefault(id(entry.assessment), (entry.assessment, []))[1].append(entry)
    return sorted(groups.values(), key=lambda g: (g[1][0].judgement is not Judgement.VETO, -len(g[1])))


def manual(assessments: Iterable[Assessment]) -> tuple[str, ...]:
    """Codes of the indicators with a veto or deduction clause that a person must look at."""
    return tuple(
        dict.fromkeys(
            c.indicator for a in assessments for c in a.checks if is_manual(c) and c.part in (Part.VETO, Part.DEDUCT)
        )
    )


def name(site: Site, limit: int = 60) -> str:
    """What to call a site: its name, else its host, else its address."""
    return line(site.name or _host(site.url) or site.url, limit)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
