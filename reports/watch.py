"""Whether a site could be reached over the days before the check, as probes of its home page found it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from markupsafe import Markup

from crawler.probe import Day
from reports import charts
from reports.language import Language, compact
from rules.engine.assessment import Assessment


@dataclass(frozen=True, slots=True)
class DayRow:
    span: str
    probes: str
    opened: str
    failed: str
    share: str
    """Of the probes that count; empty where none does."""
    aside: str
    """Probes that count for nothing, and why."""


@dataclass(frozen=True, slots=True)
class WatchView:
    chart: Markup
    alternative: str
    """What the chart shows, in words; the rows hold its figures."""
    days: tuple[DayRow, ...]


def watch_view(assessment: Assessment, language: Language, zone: tzinfo | None) -> WatchView | None:
    """None where nobody watches the site: then nothing is known of the days before."""
    days = assessment.availability
    if not days:
        return None
    counted, failed = sum(day.counted for day in days), sum(day.failed for day in days)
    told = language.say(
        "{n} 天里计入的访问 {counted} 次，打不开 {failed} 次",
        n=language.number(len(days)),
        counted=language.number(counted),
        failed=language.number(failed),
    )
    chart = charts.timeline([_parts(day) for day in days])
    return WatchView(chart, told, tuple(_row(day, language, zone) for day in days))


def _parts(day: Day) -> tuple[tuple[str, int], ...]:
    return (
        ("good", day.counted - day.failed),
        ("fail", day.failed),
        ("warn", day.doubtful + day.unsure),
        ("idle", day.ours + day.announced),
    )


def _row(day: Day, language: Language, zone: tzinfo | None) -> DayRow:
    number = language.number
    aside = [
        language.say("{word} {n}", word=word, n=number(n))
        for word, n in (
            (language.say("不能确定"), day.unsure),
            (language.say("其他网站也打不开"), day.doubtful),
            (language.say("检查方网络中断"), day.ours),
            (language.say("已报备维护"), day.announced),
        )
        if n
    ]
    return DayRow(
        span=language.say("{start} 至 {end}", start=compact(day.begins, zone)[5:16], end=compact(day.ends, zone)[5:16]),
        probes=number(sum(n for _, n in _parts(day))),
        opened=number(day.counted - day.failed),
        failed=number(day.failed),
        share=language.percent(day.failed / day.counted) if day.counted else "—",
        aside=language.list(aside),
    )
