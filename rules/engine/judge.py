"""One site judged by one edition: which clauses it breaks, what that costs, and whether it is 合格.

The arithmetic of the law is here and in `rules/engine/score.py`, and nowhere else. 「超过(含)N个」 is ≥ N; 「低于60分」
and 「高于80分」 are strict (国办秘函〔2019〕19号, 指标说明).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction

from crawler.message import Message, say
from crawler.site import SiteKind
from crawler.snapshot import ColumnView, NotGathered, Snapshot
from rules.engine.assessment import WEEKS, Assessment, Check, ColumnState, Result, Status
from rules.engine.edition import Clause, Edition, Indicator, Part, charging_order
from rules.engine.findings import Case, findings
from rules.engine.gone import Known, gone
from rules.engine.kind import guess_kind
from rules.engine.rule import Each, Rule
from rules.engine.score import ZERO, Sum, allot, exact, published
from rules.engine.trial import Tally, place, run

_DECIDED = (Status.PASS, Status.FAIL)
_KINDS = {SiteKind.PORTAL: say("政府门户网站"), SiteKind.DEPARTMENT: say("部门网站")}
_NONE: Mapping[Each, Message] = {
    "site": say("没有可检查的网站"),
    "column": say("网站没有本条所指的栏目"),
    "page": say("网站没有本条所指的页面"),
    "link": say("网站没有本条所指的链接"),
}


def needs(edition: Edition, *, rules: Mapping[str, Rule] | None = None) -> frozenset[str]:
    """What the edition's rules must have gathered: the crawl plan."""
    known = _rules(rules)
    bound = (known[clause.rule] for i in edition.indicators for clause in i.clauses if clause.rule is not None)
    return frozenset(need for rule in bound for need in rule.needs)


def terms(edition: Edition, *, rules: Mapping[str, Rule] | None = None) -> frozenset[str]:
    """What the edition's rules look for in the words of pages."""
    known = _rules(rules)
    bound = (clause for i in edition.indicators for clause in i.clauses if clause.rule is not None)
    return frozenset(term for c in bound for term in known[c.rule or ""].terms(known[c.rule or ""].settled(c.params)))


def judge(
    snapshot: Snapshot,
    edition: Edition,
    *,
    started: datetime,
    finished: datetime,
    kind: SiteKind | None = None,
    rules: Mapping[str, Rule] | None = None,
    known: Sequence[Known] = (),
) -> Assessment:
    """Try every clause of `edition` on the site.

    `kind` overrides what the site says of itself; without either it is guessed from the site's name and title.
    `known`: findings of earlier visits, to be told when they are gone. `started` and `finished` are the visit's.
    `rules` default to all rules of the program. A rule that cannot tell, or crashes, leaves its clause `unchecked`;
    only the caller's own storage may raise.
    """
    book = _rules(rules)
    given = kind or snapshot.site.kind
    kind = given or _guessed(snapshot)
    missing = _not_visited(snapshot)
    cases = [
        Case(indicator, number, clause, exempt=_exemption(snapshot, edition, indicator, clause, kind))
        for indicator in edition.indicators
        for number, clause in enumerate(indicator.clauses, 1)
    ]
    _try(snapshot, edition, cases, book, missing)

    vetoes = tuple(dict.fromkeys(c.indicator.code for c in cases if c.part is Part.VETO and c.status is Status.FAIL))
    total = _measure(edition, cases, kind)
    scoring = total.full > 0 and not vetoes and missing is None
    if scoring:
        total = Sum(total.full, total.measured, _deduct(edition, cases))
    result, why = _result(edition, cases, vetoes, missing, total if scoring else None)
    score = total.score if scoring and result is not Result.UNDETERMINED else None
    return Assessment(
        site=snapshot.site,
        kind=kind,
        kind_guessed=given is None,
        edition=edition.id,
        as_of=snapshot.as_of,
        started=started,
        finished=finished,
        result=result,
        score=None if score is None else published(score, edition.pass_score, edition.bonus_gate),
        score_is_estimate=score is not None and _is_estimate(snapshot, cases, total),
        measured_points=float(total.measured),
        vetoes=vetoes,
        checks=tuple(_check(case, edition, kind, vetoes, score) for case in cases),
        findings=findings(snapshot, cases),
        columns=_columns(snapshot),
        coverage=snapshot.coverage,
        why=why,
        gone=gone(snapshot, [(c.clause.rule or "", c.tally) for c in cases if c.tally is not None], known, book),
    )


def _rules(rules: Mapping[str, Rule] | None) -> Mapping[str, Rule]:
    if rules is not None:
        return rules
    from rules import all_rules

    return all_rules()


def _guessed(snapshot: Snapshot) -> SiteKind:
    try:
        home = snapshot.home
    except NotGathered:
        return guess_kind(snapshot.site.name, "")
    return guess_kind(snapshot.site.name or home.meta("SiteName"), home.title)


def _not_visited(snapshot: Snapshot) -> Message | None:
    """Why nothing can be said of this site at all; None when it was visited. Zero pages is not a pass."""
    try:
        _ = snapshot.home
    except NotGathered as missing:
        return missing.why
    return None if snapshot.coverage.pages else say("没有取得任何页面")


def _exemption(
    snapshot: Snapshot, edition: Edition, indicator: Indicator, clause: Clause, kind: SiteKind
) -> Message | None:
    """Why the clause is not for this site or this day."""
    if edition.service_group and indicator.group == edition.service_group and not snapshot.site.services:
        return say("没有对外服务职能的部门，不检查本项指标")
    if clause.applies_to not in ("all", kind.value):
        return say("本条只适用于{kind}", kind=_KINDS[SiteKind(clause.applies_to)])
    today = snapshot.as_of.date()
    if clause.since is not None and today < clause.since:
        return say("本条自{day}起适用", day=clause.since.isoformat())
    if clause.until is not None and today > clause.until:
        return say("本条适用至{day}为止", day=clause.until.isoformat())
    return None


def _try(
    snapshot: Snapshot, edition: Edition, cases: Sequence[Case], rules: Mapping[str, Rule], missing: Message | None
) -> None:
    """Run the rules and give every case its status."""
    bound = [case for case in cases if case.exempt is None and case.clause.rule is not None]
    for case, tally in zip(bound, run(snapshot, [case.clause for case in bound], rules), strict=True):
        case.tally = tally
    charged: dict[str, set[str]] = {}
    for indicator in charging_order(edition.indicators):
        places = charged.setdefault(indicator.code, set())
        for case in cases:
            if case.indicator is not indicator:
                continue
            if case.exempt is not None:
                case.why = case.exempt
            elif case.tally is None:
                case.status, case.why = Status.REVIEW, _for_a_person(case.clause.manual)
            else:
                taken = {at for code in case.clause.unless for at in charged.get(code, ())}
                each = rules[case.clause.rule or ""].each
                _decide(case, case.tally, taken, each, snapshot, missing)
                if case.status is Status.FAIL:
                    places.update(place(problem.at) for problem in case.certain.values())


def _for_a_person(reason: str) -> Message:
    return say("需人工检查：{reason}", reason=Message(reason)) if reason else say("需人工检查")


def _decide(case: Case, tally: Tally, taken: set[str], each: Each, snapshot: Snapshot, missing: Message | None) -> None:
    case.counted = {key: p for key, p in tally.problems.items() if not taken or place(p.at) not in taken}
    sure, told = len(case.certain), len(case.counted)
    if not tally.subjects and not tally.unchecked:
        case.status, case.why = _without_subjects(each, snapshot, missing)
    elif _reached(case.clause, sure, tally.subjects):
        case.status, case.why = Status.FAIL, _not_all(tally)
    elif _reached(case.clause, told, tally.subjects):
        case.status, case.why = Status.REVIEW, _not_all(tally)
    elif tally.unchecked and (tally.endless or _reached(case.clause, told + tally.unchecked, tally.subjects)):
        case.status, case.why = Status.UNCHECKED, _not_all(tally)
        if case.clause.unseen and missing is None:
            case.status, case.why = Status.REVIEW, _for_a_person(case.clause.unseen)
    else:
        case.status, case.why = Status.PASS, _not_all(tally)
        if case.why is None and len(tally.problems) > told:
            count = len(tally.problems) - told
            case.why = say("有 {count} 处已按其他指标扣分，不重复扣分", count=count)
        elif case.why is None and each in ("page", "link") and not snapshot.coverage.complete:
            case.why = say("访问未完成，结论只对已检查的 {count} 个有效", count=tally.subjects)


def _reached(clause: Clause, count: int, subjects: int) -> bool:
    return count >= clause.at_least and (clause.share is None or count >= exact(clause.share) * subjects)


def _not_all(tally: Tally) -> Message | None:
    """What kept some subjects from being checked."""
    count, total = tally.unchecked, max(tally.subjects, tally.unchecked)
    if tally.why is None or total == 1 or (tally.endless and count == 1):
        return tally.why
    return say("{total} 个中有 {count} 个未能检查，其中：{reason}", total=total, count=count, reason=tally.why)


def _without_subjects(each: Each, snapshot: Snapshot, missing: Message | None) -> tuple[Status, Message]:
    """No such thing on the site, or did we only not see it?"""
    if missing is not None:
        return Status.UNCHECKED, missing
    if not snapshot.coverage.complete:
        return Status.UNCHECKED, say("访问未完成，没有取得本条要检查的内容")
    if each == "column" and not snapshot.columns:
        return Status.UNCHECKED, say("没有识别出任何栏目")
    return Status.NOT_APPLICABLE, _NONE[each]


def _measure(edition: Edition, cases: Sequence[Case], kind: SiteKind) -> Sum:
    """Points that apply and points that could be measured. An indicator is measured when a clause of it was decided."""
    full = measured = ZERO
    if kind in edition.scored:
        for indicator in edition.indicators:
            own = [case for case in cases if case.indicator is indicator]
            if indicator.part is Part.DEDUCT and any(case.exempt is None for case in own):
                full += exact(indicator.points)
                if any(case.status in _DECIDED for case in own):
                    measured += exact(indicator.points)
    return Sum(full, measured, ZERO)


def _deduct(edition: Edition, cases: Sequence[Case]) -> Fraction:
    """Charge the failed clauses, each up to its cap and to what is left of its indicator's points."""
    deducted = ZERO
    for indicator in edition.indicators:
        left = exact(indicator.points)
        for case in cases:
            if case.indicator is indicator and case.part is Part.DEDUCT and case.status is Status.FAIL:
                cap = case.clause.cap
                limit = left if cap is None else min(left, exact(cap))
                certain = case.certain
                case.costs = dict(zip(certain, allot(case.clause.points, len(certain), limit), strict=True))
                spent = sum(case.costs.values(), ZERO)
                left -= spent
                deducted += spent
    return deducted


def _is_estimate(snapshot: Snapshot, cases: Sequence[Case], total: Sum) -> bool:
    """Not certain to the point: something that counts was unverified, undecided or not visited."""
    if total.measured != total.full or not snapshot.coverage.complete:
        return True
    counting = [case for case in cases if case.part is Part.DEDUCT and case.status is not Status.NOT_APPLICABLE]
    return any(case.status not in _DECIDED or not case.clause.verified for case in counting)


def _result(
    edition: Edition, cases: Sequence[Case], vetoes: Sequence[str], missing: Message | None, total: Sum | None
) -> tuple[Result, Message | None]:
    """`total` is None where nothing is scored."""
    if vetoes or (total is not None and total.best is not None and total.best < exact(edition.pass_score)):
        return Result.UNQUALIFIED, None
    why = missing or _veto_doubt(cases) or (_score_doubt(edition, total) if total is not None else None)
    return (Result.QUALIFIED if why is None else Result.UNDETERMINED), why


def _veto_doubt(cases: Sequence[Case]) -> Message | None:
    unchecked = [case for case in cases if case.part is Part.VETO and case.status is Status.UNCHECKED]
    if not unchecked:
        return None
    codes = tuple(dict.fromkeys(case.indicator.code for case in unchecked))
    reason = unchecked[0].why or say("原因不明")
    return say("单项否决指标 {codes} 未能检查，不能判定：{reason}", codes=codes, reason=reason)


def _score_doubt(edition: Edition, total: Sum) -> Message | None:
    score = total.score
    if score is None:
        return say("没有一项扣分指标得到检查，不能评分")
    if score >= exact(edition.pass_score):
        return None
    # Scaled up from the part that was measured: the rest may still lift it above the mark.
    return say(
        "按已检查的 {measured:g} 分折算为 {score:g} 分，低于 {passing:g} 分；但其余指标尚未检查，不能判定",
        measured=float(total.measured),
        score=published(score, edition.pass_score, edition.bonus_gate),
        passing=edition.pass_score,
    )


def _check(case: Case, edition: Edition, kind: SiteKind, vetoes: Sequence[str], score: Fraction | None) -> Check:
    status, why = case.status, case.why
    unscored = case.part in (Part.DEDUCT, Part.BONUS) and kind not in edition.scored
    # What could not be checked stays unchecked: its findings would have been listed, scored or not.
    if case.exempt is None and unscored and not (case.part is Part.DEDUCT and status is Status.UNCHECKED):
        status = Status.NOT_APPLICABLE
        why = (
            say("扣分指标不适用于{kind}；发现的问题仍列出，不扣分", kind=_KINDS[kind])
            if case.part is Part.DEDUCT
            else say("加分指标不适用于{kind}", kind=_KINDS[kind])
        )
    elif case.exempt is None and case.part is Part.BONUS and not unscored:
        status, why = _bonus(edition, vetoes, score)
    return Check(
        indicator=case.indicator.code,
        clause=case.number,
        rule=case.clause.rule,
        part=case.part,
        status=status,
        subjects=case.tally.subjects if case.tally is not None else 0,
        problems=len(case.certain),
        points=float(sum(case.costs.values(), ZERO)),
        why=why,
        verified=case.clause.verified,
    )


def _bonus(edition: Edition, vetoes: Sequence[str], score: Fraction | None) -> tuple[Status, Message]:
    gate = edition.bonus_gate
    if vetoes:
        return Status.NOT_APPLICABLE, say("存在单项否决问题，不进入加分环节")
    if score is None:
        return Status.UNCHECKED, say("尚无得分，不能确定是否进入加分环节")
    if score > exact(gate):
        return Status.REVIEW, say("得分高于 {gate:g} 分，进入加分环节，由人工评定", gate=gate)
    return Status.NOT_APPLICABLE, say("得分未高于 {gate:g} 分，不进入加分环节", gate=gate)


def _columns(snapshot: Snapshot) -> tuple[ColumnState, ...]:
    try:
        views = snapshot.columns
    except NotGathered:
        return ()
    return tuple(
        ColumnState(
            name=view.name,
            url=view.url,
            kind=view.kind,
            top=view.column.top,
            items=len(view.items),
            newest=view.newest,
            unobservable=view.unobservable,
            evidence=view.column.evidence,
            archived=view.column.archived,
            days=view.column.days,
            updates=_updates(view),
        )
        for view in views
    )


def _updates(view: ColumnView) -> tuple[int, ...]:
    """Items by week before the check date, the newest week last."""
    weeks = [0] * WEEKS
    for item in view.items:
        age = (view.as_of.date() - item.date).days if item.date is not None else -1
        if 0 <= age < 7 * WEEKS:
            weeks[-1 - age // 7] += 1
    return tuple(weeks) if view.newest is not None else ()
