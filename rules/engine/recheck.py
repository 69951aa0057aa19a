"""What became of earlier findings, from a visit that went to their places only (复查).

A recheck accuses of nothing new, and of nothing that it could not see: where the rule is less sure than it was, where
the place was not reached or the link neither opens nor fails for certain, the finding was not tested.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from crawler.message import Message, say
from crawler.outcome import Verdict
from crawler.snapshot import NotGathered, Snapshot
from rules.engine.assessment import Assessment, Finding, Mended, Rechecked, Result, Status
from rules.engine.edition import Edition
from rules.engine.gone import Known, Links, is_removed
from rules.engine.rule import Rule

_NO_VERDICT = say("复查只访问未了结问题所在的位置，不作合格判定")


def narrowed(edition: Edition, rules: frozenset[str]) -> Edition:
    """The edition with the clauses of `rules` alone."""
    indicators = (
        replace(indicator, clauses=tuple(c for c in indicator.clauses if c.rule in rules))
        for indicator in edition.indicators
    )
    return replace(edition, indicators=tuple(i for i in indicators if i.clauses))


def rechecked(
    assessment: Assessment, snapshot: Snapshot, known: Sequence[Known], rules: Mapping[str, Rule]
) -> Assessment:
    """`assessment`, of the clauses of `known`, as what it says of `known` alone. Its findings are those that are not,
    or not wholly, mended; what was certain stays so, and what was not does too."""
    now = {finding.fingerprint: finding for finding in assessment.findings}
    links = Links(snapshot)
    told: list[Rechecked] = []
    left: list[Finding] = []
    for one in sorted(known, key=lambda k: k.fingerprint):
        finding = now.get(one.fingerprint)
        rule = rules.get(one.rule)
        if finding is not None and ((one.certain and not finding.certain) or _is_unsure(one, links)):
            now.pop(one.fingerprint)
        if one.fingerprint in assessment.gone:
            mended = Mended.GONE if _is_gone(one, snapshot, links) else Mended.FIXED
            told.append(Rechecked(one.fingerprint, mended, one.message))
        elif rule is None:
            told.append(Rechecked(one.fingerprint, Mended.UNTESTED, one.message, say("程序已没有发现它的规则")))
        elif one.fingerprint not in now:
            mended, why = _undecided(one, finding, assessment, snapshot, links, rule)
            told.append(Rechecked(one.fingerprint, mended, one.message, why))
        else:
            told.append(_still(one, now[one.fingerprint], rule))
            left.append(replace(now[one.fingerprint], certain=one.certain))
    return replace(
        assessment,
        result=Result.UNDETERMINED,
        why=_NO_VERDICT,
        score=None,
        score_is_estimate=False,
        measured_points=0.0,
        vetoes=(),
        checks=(),
        columns=(),
        availability=(),
        findings=tuple(replace(finding, points=0.0, charges=()) for finding in left),
        rechecked=tuple(told),
    )


def _still(known: Known, finding: Finding, rule: Rule) -> Rechecked:
    if not (known.certain or known.confirmed):
        why = say("没有变化，须人工核实：{message}", message=finding.message)
        return Rechecked(known.fingerprint, Mended.UNTESTED, known.message, why)
    # What is counted over a site is less where less of it is looked at.
    less = rule.each != "site" and is_less(known.message, finding.message)
    mended = Mended.PARTLY if less else Mended.NOT_FIXED
    return Rechecked(
        known.fingerprint, mended, known.message, finding.message if finding.message != known.message else None
    )


def is_less(before: Message, now: Message) -> bool:
    """The same was told, and less of it: of what was listed some is gone and nothing has come, or the count is less."""
    if before.template != now.template:
        return False
    less, values = False, dict(now.args)
    for name, old in before.args:
        new = values.get(name)
        if isinstance(old, tuple) and isinstance(new, tuple):
            was, left = {str(one) for one in old}, {str(one) for one in new}
            if not left <= was:
                return False
            less = less or left < was
        elif name == "count" and isinstance(old, int) and isinstance(new, int):
            if new > old:
                return False
            less = less or new < old
    return less


def _is_gone(known: Known, snapshot: Snapshot, links: Links) -> bool:
    """Not mended in its place: the place itself is no more."""
    if known.stood is None or not known.stood or known.on is None:
        return is_removed(snapshot, known.at.partition("#")[0])
    return not links.to(known.at) and all(is_removed(snapshot, url) for url in known.stood)


def _is_unsure(known: Known, links: Links) -> bool:
    """A link that may be dead or not, as it already was."""
    if known.on is None:
        return False
    try:
        return any(link.outcome.verdict is Verdict.UNSURE for link in links.to(known.at))
    except NotGathered:
        return False


def _undecided(
    known: Known, finding: Finding | None, assessment: Assessment, snapshot: Snapshot, links: Links, rule: Rule
) -> tuple[Mended, Message]:
    if known.stood is not None and known.beyond and known.on is not None and _is_down(known, links):
        why = say(
            "所查的 {seen} 个网页上已没有这个链接，另有 {beyond} 个网页没有查看",
            seen=len(known.stood),
            beyond=known.beyond,
        )
        return Mended.PARTLY, why
    file = snapshot.file(known.at)
    if file is not None and file.sightings and _is_down(known, links):
        return Mended.PARTLY, say("网页上已没有这个附件的链接，但文件仍可下载")
    reasons = _reasons(known, finding, assessment, snapshot, links, rule)
    return Mended.UNTESTED, next(reasons, say("没有访问到问题所在的位置"))


def _is_down(known: Known, links: Links) -> bool:
    try:
        return links.taken_down(known)
    except NotGathered:
        return False


def _reasons(
    known: Known, finding: Finding | None, assessment: Assessment, snapshot: Snapshot, links: Links, rule: Rule
) -> Iterator[Message]:
    """Why nothing can be said, the best first."""
    own = [check for check in assessment.checks if check.rule == known.rule]
    if not own:
        yield say("所用的检查指标没有这条规则")
    for check in own:
        if check.status is Status.NOT_APPLICABLE and check.why is not None:
            yield check.why
    if finding is not None:
        yield say("程序不能确定，须人工查看：{message}", message=finding.message)
    url = known.at.partition("#")[0]
    try:
        for link in links.to(known.at) if rule.each == "link" or known.on is not None else ():
            if link.outcome.verdict is not Verdict.OK:
                yield link.outcome.reason
    except NotGathered:
        pass  # then it is no rule about links
    for place in dict.fromkeys((url, *(known.stood or ()))):
        page = snapshot.page(place)
        if page is not None and page.script_drawn:
            yield say("网页内容由脚本生成，看不到：{url}", url=place)
        if page is None and (rule.each != "link" or place != url):
            yield say("没有取得网页 {url}：{why}", url=place, why=snapshot.unread(place))
    for check in own:
        if check.status is Status.UNCHECKED and check.why is not None:
            yield check.why
