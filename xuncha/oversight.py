"""`xuncha ledger due|repeat|exempt`: what is near or over, what comes again and again, and what is let be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path

import click

from crawler.message import Message, say
from rules.workdays import Holidays
from xuncha.casework import home_of
from xuncha.duties import Duty, Repeated, described, duties, repeated
from xuncha.ledger import Exemption
from xuncha.parameters import CHINA, Mistake, spoken
from xuncha.store import Store


def show_due(data: Path, site: str | None, *, days: int, holidays: Holidays | None) -> int:
    """1 where something is overdue."""
    now = datetime.now(CHINA)
    with Store.open(data / "xuncha.db", read_only=True) as store:
        entries = store.ledger.entries(url=home_of(store, site) if site else None)
    found, assumed = duties(entries, now, days=days, holidays=holidays)
    text = spoken().text
    if assumed:
        click.echo(text(say("注意：日历没有今后的调休安排，工作日按周一至周五和设置中的 holidays 推算")), err=True)
    if not found:
        click.echo(text(say("没有逾期的问题，{days} 个工作日之内也没有到期的", days=days)))
    for heading, own in _parts(found, days):
        if own:
            click.echo(text(heading))
            for home, listed in groupby(own, key=lambda duty: duty.entry.site):
                shown = list(listed)
                click.echo(f"  {shown[0].entry.name or home}")
                for duty in shown:
                    click.echo(f"    {duty.entry.fingerprint}  {text(described(duty))}")
                    click.echo(f"{'':22}{text(duty.entry.message)}")
    return 1 if any(duty.overdue for duty in found) else 0


def _parts(found: list[Duty], days: int) -> Iterator[tuple[Message, list[Duty]]]:
    late = [duty for duty in found if duty.overdue]
    soon = [duty for duty in found if not duty.overdue and duty.standing.due is not None]
    ends = [duty for duty in found if duty.standing.due is None]
    yield say("逾期没有整改（{count} 个）", count=len(late)), late
    yield say("{days} 个工作日之内到期（{count} 个）", days=days, count=len(soon)), soon
    yield say("{days} 个工作日之内，申诉成立或豁免到期（{count} 个）", days=days, count=len(ends)), ends


def show_repeated(data: Path, *, quarters: int) -> None:
    now = datetime.now(CHINA)
    with Store.open(data / "xuncha.db", read_only=True) as store:
        found = repeated(store.notices.all(), now, quarters=quarters)
        messages = {
            one.finding: next((e.message for e in store.ledger.entries(url=one.url, fingerprint=one.finding)), None)
            for one in found
            if one.finding is not None
        }
    text = spoken().text
    if not found:
        click.echo(text(say("最近 {quarters} 个季度的通报中，没有多次不合格的网站和多次通报的问题", quarters=quarters)))
    for one in found:
        click.echo(text(_repeated(one)))
        message = messages.get(one.finding) if one.finding is not None else None
        if message is not None:
            click.echo(f"    {text(message)}")


def _repeated(one: Repeated) -> Message:
    periods = tuple(period.name for period in one.periods)
    if one.finding is None:
        return say("{site}：{count} 次不合格（{periods}）", site=one.name, count=len(periods), periods=periods)
    return say(
        "{site} {finding}：{count} 次被通报（{periods}）",
        site=one.name,
        finding=one.finding,
        count=len(periods),
        periods=periods,
    )


def exempt(
    data: Path, site: str, rule: str | None, below: str, *, who: str, why: str, until: date | None, end: bool
) -> None:
    """Let be until a day, or no longer. Raises Mistake, StoreError."""
    from rules import all_rules

    now = datetime.now(CHINA)
    if rule is None or rule not in all_rules():
        raise Mistake(say("--rule：没有规则“{rule}”，见 xuncha explain", rule=rule or ""))
    if not who.strip() or not why.strip():
        raise Mistake(say("豁免要写谁批准（--who）和理由（--why）"))
    if end == (until is not None):
        raise Mistake(say("豁免要写到哪一天：--until 日期；提前结束只写 --end"))
    if until is not None and until < now.date():
        raise Mistake(say("日期 {day} 已经过去", day=until.isoformat()))
    last = until or now.date() - timedelta(days=1)
    with Store.open(data / "xuncha.db") as store:
        exemption = Exemption(home_of(store, site), rule, below.strip(), now, who.strip(), why.strip(), last)
        place = (exemption.site, rule, exemption.below)
        held = [(one.site, one.rule, one.below) for one in store.ledger.exemptions() if one.until >= now.date()]
        if end and place not in held:
            raise Mistake(say("没有这项豁免；现有的见 xuncha ledger exempt"))
        store.ledger.exempt(exemption)
        count = sum(exemption.holds(entry, now) for entry in store.ledger.entries(url=exemption.site))
    if end:
        click.echo(spoken().text(say("豁免已结束")))
    else:
        click.echo(
            spoken().text(say("豁免到 {day}，台账中现有 {count} 个这样的问题", day=last.isoformat(), count=count))
        )


def show_exemptions(data: Path) -> None:
    today = datetime.now(CHINA).date()
    with Store.open(data / "xuncha.db", read_only=True) as store:
        found = [one for one in store.ledger.exemptions() if one.until >= today]
    text = spoken().text
    if not found:
        click.echo(text(say("没有豁免")))
    for one in found:
        told = say(
            "{site} {rule}：豁免到 {day}，{who}，{why}",
            site=one.site,
            rule=one.rule,
            day=one.until.isoformat(),
            who=one.who,
            why=one.why,
        )
        click.echo(text(told))
        if one.below:
            click.echo(f"    {one.below}")
