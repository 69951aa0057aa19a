"""站点无法访问: how often a watched home page was shut, and whether that may be held against the site."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction

from crawler.message import Message, say
from crawler.probe import Period, period
from crawler.snapshot import NotGathered, Snapshot
from crawler.stamps import CHINA
from rules.engine.rule import Problem
from rules.excerpt import excerpt

_WATCH = "watch"
_SHOWN = 6  # failures in the excerpt


def problems(
    snapshot: Snapshot, days: int, seconds: float, a_day: int, share: float, apart: timedelta
) -> Iterator[Problem]:
    """Decided where the watch was as the clause wants it, or where what is missing from it could change nothing."""
    home, limit = snapshot.site.url, Fraction(str(share))
    seen = period(snapshot.watched, snapshot.as_of, days=days, seconds=seconds, apart=apart)
    counted, failed, doubtful = seen.sum("counted"), seen.sum("failed"), seen.sum("doubtful")
    if not counted + doubtful + sum(map(seen.sum, ("unsure", "ours", "announced"))):
        raise NotGathered(say("监测时间点以前{days}天没有监测记录", days=days), only=(home, _WATCH))
    # Announced times leave out probes that nobody may miss; every other gap may hide either answer.
    gaps = sum(max(a_day - day.counted - day.announced, 0) for day in seen.days)
    unknown = sum(max(a_day - day.counted - day.doubtful - day.announced, 0) for day in seen.days)
    short = sum(day.counted < a_day for day in seen.days)
    bad = failed + doubtful
    if not short and failed >= limit * counted:
        yield _problem(home, seen, share, certain=True)
    elif bad and bad >= limit * (counted + doubtful + unknown):
        yield _problem(home, seen, share, certain=False, short=short, a_day=a_day)
    elif failed + gaps >= limit * (counted + gaps):
        why = say(
            "监测记录不够：{days}天中有{short}天不足{a_day}次，共{counted}次，打不开{bad}次{beside}",
            days=days,
            short=short,
            a_day=a_day,
            counted=counted,
            bad=bad,
            beside=_beside(seen),
        )
        raise NotGathered(why, only=(home, _WATCH))


def _problem(home: str, seen: Period, share: float, *, certain: bool, short: int = 0, a_day: int = 0) -> Problem:
    failed = seen.sum("failed") + seen.sum("doubtful")
    counted = seen.sum("counted") + seen.sum("doubtful")
    figures = say(
        "{days}天共监测{counted}次，{failed}次打不开，占{part}%",
        days=len(seen.days),
        counted=counted,
        failed=failed,
        part=f"{100 * failed / counted:.1f}",
    )
    message = say("首页经常打不开：{figures}{beside}", figures=figures, beside=_beside(seen))
    if not certain and short:
        message = say("{told}；有{short}天不足{a_day}次，须人工判断", told=message, short=short, a_day=a_day)
    elif not certain:
        message = say("{told}；打不开时没有别的网站可以对照，须人工判断", told=message)
    times = [f"{probe.at.astimezone(CHINA):%m-%d %H:%M}" for probe in seen.failures]
    return Problem(
        at=home,
        message=message,
        excerpt=excerpt("、".join(times[:_SHOWN]) + ("…" if len(times) > _SHOWN else "")),
        certain=certain,
        expected=say("打不开的次数不到{share}%", share=f"{100 * share:g}"),
        found=figures,
        key=_WATCH,
        visited=False,
    )


def _beside(seen: Period) -> Message | str:
    """What was left out, so that nobody need ask."""
    parts = [
        say("报备维护期间{n}次", n=seen.sum("announced")) if seen.sum("announced") else None,
        say("本机网络不通{n}次", n=seen.sum("ours")) if seen.sum("ours") else None,
        say("不能判断{n}次", n=seen.sum("unsure")) if seen.sum("unsure") else None,
    ]
    told = [part for part in parts if part is not None]
    if not told:
        return ""
    joined = told[0]
    for part in told[1:]:
        joined = say("{one}、{other}", one=joined, other=part)
    return say("（另有{parts}，没有计入）", parts=joined)
