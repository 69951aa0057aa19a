"""How one site came to its verdict and its score: the sum line by line, every number with the clause and the findings
it comes from. Lines of text for a terminal; the judge's numbers are quoted, only their sum is written out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from crawler.message import Message, say
from reports import labels
from reports.language import Language, compact
from reports.summary import Catalogue, Summary, against, is_manual, status_of
from reports.text import ADDRESS, line
from rules.engine.assessment import Assessment, Check, Finding, Run, Status
from rules.engine.edition import Clause, Edition, Indicator, Part

_DECIDED = (Status.PASS, Status.FAIL)
_ROUNDING = 1e-9


def lines(run: Run, assessment: Assessment, edition: Edition, language: Language) -> Iterator[str]:
    """The whole sheet. `edition` is the one the run was judged by; where its file was changed since, a line says so."""
    return iter(_Sheet(run, assessment, edition, language))


class _Sheet:
    def __init__(self, run: Run, assessment: Assessment, edition: Edition, language: Language) -> None:
        self.run, self.assessment, self.edition, self.language = run, assessment, edition, language
        self._checks: dict[str, list[Check]] = defaultdict(list)
        for check in assessment.checks:
            self._checks[check.indicator].append(check)
        self._counted: dict[tuple[str, int], list[tuple[Finding, float]]] = defaultdict(list)
        for finding in assessment.findings:
            for charge in finding.charges:
                self._counted[charge.indicator, charge.clause].append((finding, charge.points))

    def __iter__(self) -> Iterator[str]:
        yield from self._head()
        for part in (Part.VETO, Part.DEDUCT, Part.BONUS):
            indicators = [i for i in self.edition.indicators if i.part is part]
            if indicators:
                yield ""
                yield self._text(say("【{part}】", part=labels.PARTS[part]))
                for indicator in indicators:
                    yield from self._indicator(indicator)
        yield ""
        yield from self._sum()

    def _text(self, message: Message, depth: int = 0) -> str:
        return "  " * depth + self.language.text(message)

    def _points(self, value: float) -> str:
        return self.language.number(value)

    def _head(self) -> Iterator[str]:
        a = self.assessment
        url = line(a.site.url, ADDRESS)
        yield self._text(say("{name} {url}", name=a.site.name, url=url) if a.site.name else say("{url}", url=url))
        yield self._text(
            say(
                "检查编号 {run}，监测时间点 {as_of}，检查指标 {id}（{basis}）",
                run=self.run.id,
                as_of=compact(a.as_of),
                id=self.edition.id,
                basis=self.edition.basis,
            )
        )
        kind = labels.SITE_KINDS[a.kind]
        yield self._text(
            say("网站类型：{kind}（按名称判断）", kind=kind) if a.kind_guessed else say("网站类型：{kind}", kind=kind)
        )
        yield self._text(say("结论：{result}", result=labels.RESULTS[a.result]))
        for reason in Summary(a, Catalogue(self.edition)).reasons:
            yield self._text(reason, 1)

    def _indicator(self, indicator: Indicator) -> Iterator[str]:
        checks = self._checks[indicator.code]
        title = say("{code} {title}", code=indicator.code, title=Message(indicator.title))
        if indicator.part is Part.DEDUCT:
            full = self._points(indicator.points)
            if not self._scored:
                title = say("{indicator}（{full} 分）：不评分", indicator=title, full=full)
            elif any(check.status in _DECIDED for check in checks):
                lost = self._points(sum(check.points for check in checks))
                title = say("{indicator}（{full} 分）：扣 {lost} 分", indicator=title, full=full, lost=lost)
            else:
                title = say("{indicator}（{full} 分）：没有测得，不计入总分", indicator=title, full=full)
        yield self._text(title, 1)
        for check in checks:
            clause = indicator.clauses[check.clause - 1] if check.clause <= len(indicator.clauses) else None
            yield from self._check(check, clause)

    def _check(self, check: Check, clause: Clause | None) -> Iterator[str]:
        yield self._text(say("第 {n} 条：{text}", n=check.clause, text=line(clause.text) if clause else ""), 2)
        if is_manual(check) or check.rule is None:
            yield self._text(status_of(check), 3)
            return
        found = self._counted[check.indicator, check.clause]
        yield self._text(
            say(
                "规则 {rule}：检查 {subjects} 个，确定的问题 {problems} 个，待复核 {reviews} 个；{status}",
                rule=check.rule,
                subjects=check.subjects,
                problems=check.problems,
                reviews=sum(not finding.certain for finding, _ in found),
                status=status_of(check),
            ),
            3,
        )
        if check.part is Part.VETO and check.status in (Status.FAIL, Status.PASS, Status.REVIEW):
            yield self._text(against(check, clause), 3)
        if check.points and clause is not None:
            yield self._text(self._cost(check, clause), 3)
        if not check.verified and check.status in _DECIDED and check.part is Part.DEDUCT:
            yield self._text(
                say("条文或分值未经官方来源核对：{source}", source=line(clause.source) if clause else ""), 3
            )
        yield from self._findings(found)

    def _cost(self, check: Check, clause: Clause) -> Message:
        full = check.problems * clause.points
        product = say(
            "{problems} 个 × {points} 分 = {full} 分",
            problems=check.problems,
            points=self._points(clause.points),
            full=self._points(full),
        )
        if full - check.points < _ROUNDING:
            return product
        cap = clause.cap
        return (
            say(
                "{product}，本条最多扣 {cap} 分，扣 {cost} 分",
                product=product,
                cap=self._points(cap),
                cost=self._points(check.points),
            )
            if cap is not None and abs(cap - check.points) < _ROUNDING
            else say("{product}，本项分数扣完为止，扣 {cost} 分", product=product, cost=self._points(check.points))
        )

    def _findings(self, found: Sequence[tuple[Finding, float]]) -> Iterator[str]:
        for finding, points in found:
            message, at = finding.message, line(finding.at, ADDRESS)
            if points:
                told = say("−{points} 分：{message} {at}", points=self._points(points), message=message, at=at)
            elif finding.certain:
                told = say("计 1 个：{message} {at}", message=message, at=at)
            else:
                told = say("待复核，不计：{message} {at}", message=message, at=at)
            yield self._text(told, 4)

    @property
    def _scored(self) -> bool:
        """The deductions were added up, even where the sum decides nothing."""
        return self.assessment.kind in self.edition.scored and not self.assessment.vetoes

    def _sum(self) -> Iterator[str]:
        a = self.assessment
        yield self._text(say("【得分】"))
        lost = self._points(sum(check.points for check in a.checks if check.part is Part.DEDUCT))
        full = self._points(a.measured_points)
        passing, gate = self._points(self.edition.pass_score), self._points(self.edition.bonus_gate)
        if a.vetoes:
            yield self._text(say("存在单项否决问题，不再评分"), 1)
        elif not self._scored:
            yield self._text(say("扣分指标不适用于{kind}", kind=labels.SITE_KINDS[a.kind]), 1)
        elif a.score is None:
            yield self._text(say("测得 {full} 分，扣 {lost} 分；检查不足，不能评分", full=full, lost=lost), 1)
        else:
            score = self._points(a.score)
            total = say(
                "测得 {full} 分，扣 {lost} 分：（{full} − {lost}）× 100 ÷ {full} = {score} 分",
                full=full,
                lost=lost,
                score=score,
            )
            yield self._text(total, 1)
            limits = say("低于 {passing} 分为不合格，高于 {gate} 分的进入加分环节", passing=passing, gate=gate)
            yield self._text(limits, 1)
            if a.score_is_estimate:
                yield self._text(say("有的条款没有检查完，或者条文、分值未经官方来源核对，分数仅供参考。"), 1)
        if a.kind in self.edition.scored and abs(self._measured() - a.measured_points) > _ROUNDING:
            yield self._text(say("注意：检查指标在这次检查以后改过，上面的条文和分值不是当时的"), 1)

    def _measured(self) -> float:
        """What the judge measured, by the edition as it is now."""
        return sum(
            indicator.points
            for indicator in self.edition.indicators
            if indicator.part is Part.DEDUCT and any(c.status in _DECIDED for c in self._checks[indicator.code])
        )
