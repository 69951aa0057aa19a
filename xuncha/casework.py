"""`xuncha ledger`: what stands in the ledger, and what people write into it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from pathlib import Path

import click

from crawler.message import Message, say
from reports import annex
from reports.labels import MENDED
from rules.engine.assessment import Rechecked
from xuncha import opinions
from xuncha.decision import Decision, chosen, obstacle
from xuncha.help import wrap
from xuncha.ledger import ACTS, Act, Entry, Event, Look, Standing, described, in_force, standing
from xuncha.parameters import CHINA, Mistake, spoken
from xuncha.store import Store

_FINGERPRINT = re.compile(r"[0-9a-f]{1,16}")


def show_list(data: Path, site: str | None, states: Sequence[str], *, everything: bool) -> None:
    now = datetime.now(CHINA)
    with Store.open(data / "xuncha.db", read_only=True) as store:
        entries = store.ledger.entries(url=home_of(store, site) if site else None)
    told = [(entry, standing(entry, now)) for entry in entries]
    wanted = [(e, s) for e, s in told if (s.state in states if states else everything or s.open)]
    text = spoken().text
    if not wanted:
        click.echo(text(say("台账中没有这样的问题（共有 {count} 个）", count=len(entries))))
        return
    columns = shutil.get_terminal_size().columns
    for home, own in groupby(wanted, key=lambda one: one[0].site):
        shown = list(own)
        click.echo(text(say("{site}（{count} 个）", site=shown[0][0].name or home, count=len(shown))))
        for entry, stands in shown:
            click.echo(f"  {entry.fingerprint}  {text(_stands(stands))}")
            for line in wrap(text(entry.message), columns - 20):
                click.echo(f"{'':20}{line}")


def show_history(data: Path, finding: str) -> None:
    with Store.open(data / "xuncha.db", read_only=True) as store:
        entry = _one(store, finding)
        rechecks = store.rechecks.of(entry)
    text = spoken().text
    stands = standing(entry, datetime.now(CHINA))
    click.echo(text(entry.message))
    click.echo(text(say("网站：{name} {url}", name=entry.name or entry.site, url=entry.site)))
    click.echo(text(say("问题地址：{url}", url=entry.at)))
    if entry.on is not None:
        click.echo(text(say("所在页面：{url}", url=entry.on)))
    click.echo(text(say("状态：{state}", state=described(stands))))
    for at, told in sorted(history(entry, rechecks), key=lambda one: one[0]):
        click.echo(f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}  {text(told)}")


def note(data: Path, findings: Sequence[str], acts: Sequence[Act], *, who: str, why: str, until: date | None) -> None:
    """Write that these were done, one after the other. All or nothing: the first that cannot be written is named, and
    none is."""
    now, who, why = datetime.now(CHINA), who.strip(), why.strip()
    if not who:
        raise Mistake(say("--who：要写姓名或单位"))
    events = [Event(now, act, who, why, until if len(acts) == 1 or act is Act.UPHOLD else None) for act in acts]
    with Store.open(data / "xuncha.db") as store:
        entries = {entry.fingerprint + entry.site: entry for entry in (_one(store, finding) for finding in findings)}
        for entry in entries.values():
            why_not = obstacle(entry, events)
            if why_not is not None:
                raise Mistake(say("{finding}：{why}", finding=entry.fingerprint, why=why_not))
        store.ledger.add([(entry, event) for entry in entries.values() for event in events])
        for entry in entries.values():
            after = described(standing(_one(store, entry.fingerprint, entry.site), now))
            click.echo(spoken().text(say("{finding}：{state}", finding=entry.fingerprint, state=after)))


def import_opinions(data: Path, file: Path, *, who: str, until: date, partial: bool) -> None:
    """Write what a filled-in annex says into the ledger, all or nothing."""
    read = opinions.read(file)
    lacking = opinions.missing(read, file.name)
    if lacking is not None and not partial:
        raise Mistake(lacking)
    if not who.strip():
        raise Mistake(say("--who：要写姓名或单位"))
    now = datetime.now(CHINA)
    with Store.open(data / "xuncha.db") as store:
        written: list[tuple[Entry, Event]] = []
        for opinion in read:
            events = list(_events(opinion, now, who.strip(), until))
            if events:
                entry = _row_of(store, opinion, file.name)
                why_not = obstacle(entry, events)
                if why_not is not None:
                    raise Mistake(say("{file} 第 {row} 行：{why}", file=file.name, row=opinion.row, why=why_not))
                written += [(entry, event) for event in events]
        store.ledger.add(written)
    findings = {entry.fingerprint + entry.site for entry, _ in written}
    click.echo(
        spoken().text(
            say(
                "已记入台账：{count} 个问题；没有意见的 {left} 行没有记",
                count=len(findings),
                left=len(read) - len(findings),
            )
        )
    )


def _row_of(store: Store, opinion: opinions.Opinion, file: str) -> Entry:
    found = store.ledger.entries(url=opinion.url, fingerprint=opinion.fingerprint)
    if not found:
        raise Mistake(
            say(
                "{file} 第 {row} 行：台账中没有 {site} 的问题 {finding}",
                file=file,
                row=opinion.row,
                site=opinion.url,
                finding=opinion.fingerprint,
            )
        )
    return found[0]


def _events(opinion: opinions.Opinion, now: datetime, who: str, until: date) -> Iterator[Event]:
    if opinion.review is not None:
        yield from Decision(chosen(opinion.review), who, opinion.why, until).events(now)
    if opinion.state == annex.MENDING:
        yield Event(now, Act.RECTIFY, who, opinion.why)
    elif opinion.state == annex.MENDED:
        yield Event(now, Act.REPORT, who, opinion.why)


def home_of(store: Store, given: str) -> str:
    """The home address of the site that `given` names. Raises Mistake, StoreError."""
    found = store.sites.home(given)
    if found is None:
        raise Mistake(say("台账中没有网站 {site}", site=given))
    return found


def _one(store: Store, finding: str, site: str | None = None) -> Entry:
    """The entry that `finding`, a fingerprint or its beginning, means."""
    found = store.ledger.entries(url=site, fingerprint=finding) if _FINGERPRINT.fullmatch(finding) else []
    if not found:
        raise Mistake(say("台账中没有问题“{finding}”；编号见 xuncha ledger list", finding=finding))
    if len(found) > 1:
        known = tuple(f"{entry.fingerprint} {entry.site}" for entry in found[:5])
        raise Mistake(say("“{finding}”对应多个问题：{known}；请写得更完整", finding=finding, known=known))
    return found[0]


def _stands(stands: Standing) -> Message:
    first, last = (f"{moment.astimezone(CHINA):%Y-%m-%d}" for moment in (stands.first, stands.last))
    if stands.times == 1:
        return say("{state}，{day} 发现", state=described(stands), day=first)
    seen = say("{first} 发现，{last} 第 {times} 次看到", first=first, last=last, times=stands.times)
    return say("{state}，{told}", state=described(stands), told=seen)


def history(entry: Entry, rechecks: Sequence[tuple[Look, Rechecked]] = ()) -> Iterator[tuple[datetime, Message]]:
    """What happened to it: the visits, and then what people wrote."""
    again = {look.run for look, _ in rechecks}
    for look in entry.looks:
        if look.run not in again:
            yield look.at, _looked(look)
    for look, told in rechecks:
        what = say("复查 {run}：{mended}", run=look.run, mended=MENDED[told.mended])
        yield look.at, what if told.why is None else say("{what}，{why}", what=what, why=told.why)
    valid = in_force(entry.events)
    for event in entry.events:
        what = say("{who}：{act}", who=event.who, act=ACTS[event.act])
        if event.day is not None:
            what = say("{what}（至 {day}）", what=what, day=event.day.isoformat())
        if event.why:
            what = say("{what}，{why}", what=what, why=event.why)
        taken_back = event.act is not Act.WITHDRAW and event not in valid
        yield event.at, say("{what}（已撤销）", what=what) if taken_back else what


def _looked(look: Look) -> Message:
    if not look.found:
        return say("检查 {run} 看过，问题已经没有", run=look.run)
    return say("检查 {run} 发现", run=look.run) if look.certain else say("检查 {run} 发现，待复核", run=look.run)
