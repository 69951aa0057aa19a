"""What an Assessment amounts to, in sentences: the conclusion, why, and what is left for people to do.

The conclusion is the judge's; nothing is computed again here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from crawler.message import Message, say
from reports import labels
from reports.language import Language
from rules.engine.assessment import Assessment, Check, Result, Status
from rules.engine.edition import Clause, Edition, Indicator, Part


@dataclass(frozen=True)
class Catalogue:
    """An Edition, found by code."""

    edition: Edition

    @cached_property
    def indicators(self) -> Mapping[str, Indicator]:
        return {indicator.code: indicator for indicator in self.edition.indicators}

    def title(self, code: str) -> Message:
        """The indicator's title; the code itself when the edition does not have it."""
        indicator = self.indicators.get(code)
        return Message(indicator.title if indicator else code)

    def heading(self, code: str) -> Message:
        """`1.4 栏目不更新`; the bare code when the edition does not have it."""
        return say("{code} {title}", code=code, title=self.title(code)) if code in self.indicators else Message(code)

    def clause(self, check: Check) -> Clause | None:
        """The clause that was tried; None when the edition does not have it."""
        indicator = self.indicators.get(check.indicator)
        if indicator is None or not 1 <= check.clause <= len(indicator.clauses):
            return None
        return indicator.clauses[check.clause - 1]


@dataclass(frozen=True)
class Summary:
    """One Assessment, told. All counts are of this Assessment alone."""

    assessment: Assessment
    catalogue: Catalogue

    @cached_property
    def certain(self) -> int:
        """Findings that are certain."""
        return sum(f.certain for f in self.assessment.findings)

    @property
    def review(self) -> int:
        """Findings a person must confirm."""
        return len(self.assessment.findings) - self.certain

    @cached_property
    def manual(self) -> int:
        """Clauses that only a person can check."""
        return sum(is_manual(c) for c in self.assessment.checks)

    @cached_property
    def unchecked(self) -> int:
        """Clauses the program has a rule for and could not check this time."""
        return sum(is_unchecked(c) for c in self.assessment.checks)

    @cached_property
    def conclusion(self) -> Message:
        """The verdict in one sentence that claims no more than was seen."""
        match self.assessment.result:
            case Result.QUALIFIED:
                return say("机器检查项未发现不合格情形。")
            case Result.UNQUALIFIED:
                return say("发现不合格情形，原因如下。")
            case Result.UNDETERMINED:
                return say("现有检查结果不足以判定合格或者不合格。")

    @cached_property
    def reasons(self) -> tuple[Message, ...]:
        """Why: the vetoes first, with count against threshold; then the score; then what could not be done."""
        assessment = self.assessment
        reasons = [reason for code in assessment.vetoes for reason in self._vetoes(code)]
        score = assessment.score
        pass_score = self.catalogue.edition.pass_score
        if assessment.result is Result.UNQUALIFIED and score is not None and score < pass_score:
            reasons.append(say("得分 {score}，低于 {limit} 分。", score=f"{score:g}", limit=f"{pass_score:g}"))
        if assessment.why is not None:
            reasons.append(assessment.why)
        return tuple(reasons)

    @cached_property
    def left(self) -> tuple[Message, ...]:
        """What a person still has to do before the conclusion can be signed."""
        left = []
        if self.manual:
            left.append(say("{n} 项条款须人工检查", n=self.manual))
        if self.review:
            left.append(say("{n} 处问题待人工复核", n=self.review))
        if self.unchecked:
            left.append(say("{n} 项条款本次未能检查", n=self.unchecked))
        if not self.assessment.coverage.complete:
            left.append(say("检查提前结束，有内容没有看到"))
        return tuple(left)

    def _vetoes(self, code: str) -> Iterator[Message]:
        failed = [
            check
            for check in self.assessment.checks
            if check.indicator == code and check.part is Part.VETO and check.status is Status.FAIL
        ]
        title = self.catalogue.title(code)
        if not failed:
            yield say("{code} {title}。", code=code, title=title)
        for check in failed:
            yield say("{code} {title}：{fact}", code=code, title=title, fact=self._fact(check))

    def _fact(self, check: Check) -> Message:
        """A single problem speaks for itself; several are counted."""
        if check.problems == 1:
            for finding in self.assessment.findings:
                if finding.certain and finding.rule == check.rule and check.indicator in finding.indicators:
                    return finding.message
        return against(check, self.catalogue.clause(check))


def is_manual(check: Check) -> bool:
    """Only a person can check it, and it does apply."""
    return check.rule is None and check.status is not Status.NOT_APPLICABLE


def is_unchecked(check: Check) -> bool:
    """The program has a rule for it and could not check it this time."""
    return check.rule is not None and check.status is Status.UNCHECKED


def status_of(check: Check) -> Message:
    """The status with its reason: `未检查：首页没有打开`."""
    if is_manual(check):
        return check.why or labels.MANUAL
    label = labels.STATUSES[check.status]
    return say("{label}：{why}", label=label, why=check.why) if check.why else label


def against(check: Check, clause: Clause | None) -> Message:
    """What was counted against what is allowed, and on which side of it."""
    limit = clause.at_least if clause else 1
    match check.status:
        case Status.UNCHECKED:
            return say("本次未能检查。")
        case Status.NOT_APPLICABLE:
            return say("不适用。")
        case Status.REVIEW if limit > 1:
            return say("确定的 {n} 个，加上待复核的达到 {limit} 个，须人工复核后判定。", n=check.problems, limit=limit)
        case Status.REVIEW:
            return say("须人工复核后判定。")
        case Status.PASS | Status.FAIL:
            return _counted(check, limit, clause.share if clause else None)


def _counted(check: Check, limit: int, share: float | None) -> Message:
    failed = check.status is Status.FAIL
    if share is not None:
        percent = Language().percent
        part, most = percent(check.problems / check.subjects) if check.subjects else "—", percent(share)
        if failed:
            return say("占 {share}，达到 {limit} 即不符合。", share=part, limit=most)
        return say("占 {share}，未达到 {limit}。", share=part, limit=most)
    if limit == 1:
        return say("发现 {problems} 个。", problems=check.problems)
    if failed:
        return say("发现 {problems} 个，达到 {limit} 个即不符合。", problems=check.problems, limit=limit)
    return say("发现 {problems} 个，未达到 {limit} 个。", problems=check.problems, limit=limit)
