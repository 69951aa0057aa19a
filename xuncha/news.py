"""What changed: findings that a run saw first, that it found gone, that are overdue since the visit before; home pages
that went down or came back. The first line says it all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.message import Message, say
from crawler.probe import ProbeState
from xuncha.ledger import Entry, State, standing
from xuncha.parameters import CHINA
from xuncha.probing import Round
from xuncha.progress import label
from xuncha.store import Store

_SHOWN = 20  # lines


@dataclass(frozen=True, slots=True)
class News:
    title: Message
    lines: tuple[Message, ...]


def of_run(store: Store, run: str, now: datetime | None = None) -> News | None:
    """None where nothing changed."""
    now = now or datetime.now(CHINA)
    new: list[Message] = []
    fixed: list[Message] = []
    overdue: list[Message] = []
    for assessment in store.assessments.of(run):
        name, gone = label(assessment.site), set(assessment.gone)
        before = store.visits.before(assessment.site.url, assessment.finished)
        certain = {finding.fingerprint for finding in assessment.findings if finding.certain}
        for entry in store.ledger.entries(url=assessment.site.url):
            first = next((look.run for look in entry.looks if look.found), None)
            if first == run and entry.fingerprint in certain:
                new.append(say("新发现：{site}，{what}", site=name, what=entry.message))
            if entry.fingerprint in gone:
                fixed.append(say("已消失：{site}，{what}", site=name, what=entry.message))
            elif _is_late(entry, now) and not (before is not None and _is_late(entry, before)):
                overdue.append(say("逾期：{site}，{what}", site=name, what=entry.message))
    if not (new or fixed or overdue):
        return None
    title = say(
        "新发现 {new} 个，已消失 {fixed} 个，逾期 {overdue} 个", new=len(new), fixed=len(fixed), overdue=len(overdue)
    )
    return News(title, _cut([*new, *overdue, *fixed]))


def _is_late(entry: Entry, moment: datetime) -> bool:
    return standing(entry, moment).state is State.OVERDUE


def of_round(store: Store, done: Round) -> News | None:
    """Of home pages whose state is not what it was at the probe before."""
    lines: list[Message] = []
    for url, found in done.probes.items():
        until = found.at - timedelta(seconds=1)
        earlier = store.probes.watched(url, until - timedelta(days=2), until).probes
        before = [probe.state for probe in earlier if probe.state in (ProbeState.UP, ProbeState.DOWN)]
        was_down = bool(before) and before[-1] is ProbeState.DOWN
        if found.state is ProbeState.DOWN and not was_down:
            lines.append(say("打不开：{site}，{what}", site=done.names[url], what=found.reason))
        elif found.state is ProbeState.UP and was_down:
            lines.append(say("恢复打开：{site}", site=done.names[url]))
    return News(say("首页有变化的网站 {n} 个", n=len(lines)), _cut(lines)) if lines else None


def joined(news: Sequence[News]) -> News:
    """Several, as one: the first line of each is kept."""
    if len(news) == 1:
        return news[0]
    lines = [line for one in news for line in (one.title, *one.lines)]
    return News(say("有 {n} 次检查发现变化", n=len(news)), _cut(lines))


def _cut(lines: Sequence[Message]) -> tuple[Message, ...]:
    if len(lines) <= _SHOWN:
        return tuple(lines)
    return (*lines[:_SHOWN], say("……共 {n} 条，详见报告", n=len(lines)))
