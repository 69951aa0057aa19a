"""One site judged by one edition: which clauses it breaks, what that costs, and whether it is 合格.

Which clauses fail is decided here; what that comes to, in `rules/engine/verdict.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from crawler.earlier import key
from crawler.message import Message, say
from crawler.probe import period
from crawler.site import SiteKind
from crawler.snapshot import ColumnView, DateSource, NotGathered, Snapshot
from rules.engine.assessment import WEEKS, Assessment, ColumnState, Status
from rules.engine.edition import Clause, Edition, charging_order
from rules.engine.findings import Case, findings
from rules.engine.gone import Known, gone, watched
from rules.engine.kind import guess_kind
from rules.engine.rule import Each, Rule
from rules.engine.trial import Tally, place, run
from rules.engine.verdict import exemption, reached, settle

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
    stop: Callable[[], bool] = lambda: False,
) -> Assessment:
    """Try every clause of `edition` on the site.

    `kind` overrides what the site says of itself; without either it is guessed from the site's name and title.
    `known`: findings of earlier visits, to be told when they are gone. `started` and `finished` are the visit's.
    `stop`: asked again and again; Stopped is raised when it says true. `rules` default to all rules of the program. A
    rule that cannot tell, or crashes, leaves its clause `unchecked`; only the caller's own storage may raise.
    """
    book = _rules(rules)
    given = kind or snapshot.site.kind
    kind = given or _guessed(snapshot)
    missing = _not_visited(snapshot)
    cases = [
        Case(
            indicator,
            number,
            clause,
            exempt=exemption(snapshot.site, snapshot.as_of.date(), edition, indicator, clause, kind)
            or _without_list(clause, book),
        )
        for indicator in edition.indicators
        for number, clause in enumerate(indicator.clauses, 1)
    ]
    _try(snapshot, edition, cases, book, missing, watched(snapshot, known), stop)

    verdict = settle(cases, edition, kind, complete=snapshot.coverage.complete, missing=missing)
    return Assessment(
        site=snapshot.site,
        kind=kind,
        kind_guessed=given is None,
        edition=edition.id,
        as_of=snapshot.as_of,
        started=started,
        finished=finished,
        result=verdict.result,
        score=verdict.score,
        score_is_estimate=verdict.score_is_estimate,
        measured_points=verdict.measured_points,
        vetoes=verdict.vetoes,
        checks=verdict.checks,
        findings=findings(snapshot, cases),
        columns=_columns(snapshot),
        items=_items(snapshot),
        coverage=snapshot.coverage,
        why=verdict.why,
        gone=gone(snapshot, [(c.clause.rule or "", c.tally) for c in cases if c.tally is not None], known, book),
        availability=period(snapshot.watched, snapshot.as_of).days if snapshot.watched.probes else (),
    )


def _rules(rules: Mapping[str, Rule] | None) -> Mapping[str, Rule]:
    if rules is not None:
        return rules
    from rules import all_rules

    return all_rules()


def _without_list(clause: Clause, rules: Mapping[str, Rule]) -> Message | None:
    """The rule looks for what an office writes down, and this one has written nothing."""
    rule = rules[clause.rule] if clause.rule is not None else None
    if rule is None or rule.office is None or rule.settled(clause.params)[rule.office[0]]:
        return None
    return say("设置文件中没有 {list} 名单，不检查", list=rule.office[1])


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


def _try(
    snapshot: Snapshot,
    edition: Edition,
    cases: Sequence[Case],
    rules: Mapping[str, Rule],
    missing: Message | None,
    watched: frozenset[str],
    stop: Callable[[], bool],
) -> None:
    """Run the rules and give every case its status."""
    bound = [case for case in cases if case.exempt is None and case.clause.rule is not None]
    clauses = [case.clause for case in bound]
    for case, tally in zip(bound, run(snapshot, clauses, rules, watched, stop), strict=True):
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


def _for_a_person(reason: str, why: Message | None = None) -> Message:
    """`why`: what kept the program from it."""
    if not reason:
        return say("需人工检查")
    if why is not None:
        return say("需人工检查：{reason}（{why}）", reason=Message(reason), why=why)
    return say("需人工检查：{reason}", reason=Message(reason))


def _decide(case: Case, tally: Tally, taken: set[str], each: Each, snapshot: Snapshot, missing: Message | None) -> None:
    case.counted = {key: p for key, p in tally.problems.items() if not taken or place(p.at) not in taken}
    sure, told = len(case.certain), len(case.counted)
    if not tally.subjects and not tally.unchecked:
        case.status, case.why = _without_subjects(each, snapshot, missing)
        if case.status is Status.NOT_APPLICABLE and case.clause.unseen:
            case.status, case.why = Status.REVIEW, _for_a_person(case.clause.unseen, case.why)
    elif reached(case.clause, sure, tally.subjects):
        case.status, case.why = Status.FAIL, _not_all(tally)
    elif reached(case.clause, told, tally.subjects):
        case.status, case.why = Status.REVIEW, _not_all(tally)
    elif tally.unchecked and (tally.endless or reached(case.clause, told + tally.unchecked, tally.subjects)):
        case.status, case.why = Status.UNCHECKED, _not_all(tally)
        if case.clause.unseen and missing is None:
            case.status, case.why = Status.REVIEW, _for_a_person(case.clause.unseen, tally.why)
    else:
        case.status, case.why = Status.PASS, _not_all(tally)
        if case.why is None and len(tally.problems) > told:
            count = len(tally.problems) - told
            case.why = say("有 {count} 处已按其他指标扣分，不重复扣分", count=count)
        elif case.why is None and each in ("page", "link") and not snapshot.coverage.complete:
            case.why = say("访问未完成，结论只对已检查的 {count} 个有效", count=tally.subjects)


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


def _items(snapshot: Snapshot) -> tuple[tuple[int, date | None], ...]:
    try:
        views = () if snapshot.saved else snapshot.columns
    except NotGathered:
        return ()
    items = (item for view in views if view.unobservable is None for item in view.items)
    return tuple({key(i.url): i.date if i.source is DateSource.SHOWN else None for i in items}.items())


def _updates(view: ColumnView) -> tuple[int, ...]:
    """Items by week before the check date, the newest week last."""
    weeks = [0] * WEEKS
    for item in view.items:
        age = (view.as_of.date() - item.date).days if item.date is not None else -1
        if 0 <= age < 7 * WEEKS:
            weeks[-1 - age // 7] += 1
    return tuple(weeks) if view.newest is not None else ()
