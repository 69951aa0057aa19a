"""What a person sees while a run goes on: a live table on a terminal, plain lines elsewhere, JSON for machines."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Protocol, TextIO

from crawler.message import Message, say
from crawler.plan import Progress
from crawler.site import Site
from crawler.urls import authority
from rules.engine.assessment import Assessment, Mended, Result
from xuncha.parameters import spoken

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_LINE_EVERY = 5.0  # seconds between two plain lines of one site
_ROWS = 12  # of the live table

RESULTS = {
    Result.QUALIFIED: say("未发现不合格情形"),
    Result.UNQUALIFIED: say("不合格"),
    Result.UNDETERMINED: say("无法判定"),
}


def label(site: Site) -> str:
    """How a site is called on the screen: its name, else its host."""
    return site.name or authority(site.url) or site.url


class Watcher(Protocol):
    """Called from the threads of the jobs too."""

    def step(self, site: str, progress: Progress) -> None: ...

    def ended(self, site: str, assessment: Assessment | None, fault: Message | None) -> None: ...

    def note(self, message: Message) -> None: ...


class Silent:
    """`--quiet`."""

    def step(self, site: str, progress: Progress) -> None:
        pass

    def ended(self, site: str, assessment: Assessment | None, fault: Message | None) -> None:
        pass

    def note(self, message: Message) -> None:
        pass


class _Stream:
    """Lines to a reader who may go away (`| head`): then nothing more is written, and the run goes on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream: TextIO | None = stream
        self._lock = Lock()

    def write(self, line: str) -> None:
        with self._lock:
            if self._stream is not None:
                try:
                    print(line, file=self._stream, flush=True)
                except OSError:
                    self._stream = None


class JsonLines:
    """One JSON object a line on standard error."""

    def __init__(self, stream: TextIO) -> None:
        self._lines = _Stream(stream)

    def step(self, site: str, progress: Progress) -> None:
        until = progress.quiet_until.isoformat() if progress.quiet_until else None
        self._lines.write(event("progress", site=site, **{**asdict(progress), "quiet_until": until}))

    def ended(self, site: str, assessment: Assessment | None, fault: Message | None) -> None:
        if assessment is not None:
            line = event("assessed", site=site, verdict=assessment.result, findings=len(assessment.findings))
        elif fault is not None:
            line = event("failed", site=site, why=spoken().text(fault))
        else:
            line = event("parked", site=site)
        self._lines.write(line)

    def note(self, message: Message) -> None:
        self._lines.write(event("note", message=spoken().text(message)))


def event(name: str, **values: object) -> str:
    """One line of the JSON log."""
    return json.dumps({"at": datetime.now(UTC).isoformat(), "event": name, **values}, ensure_ascii=False)


class Lines:
    """Plain lines on standard error, one a site every few seconds."""

    def __init__(self, stream: TextIO) -> None:
        self._lines = _Stream(stream)
        self._last: dict[str, float] = {}

    def step(self, site: str, progress: Progress) -> None:
        now = time.monotonic()
        if progress.quiet_until is not None:
            self.note(resting(site, progress.quiet_until))
            return
        if now - self._last.setdefault(site, now) >= _LINE_EVERY:
            self._last[site] = now
            self.note(
                say(
                    "{site}：网页 {pages}，已访问 {asked}，待访问 {queued}，疑似 {suspects}，{host}，每秒 {rate} 个",
                    site=site,
                    pages=progress.pages,
                    asked=progress.asked,
                    queued=progress.queued,
                    suspects=progress.suspects,
                    host=progress.host,
                    rate=rate(progress),
                )
            )

    def ended(self, site: str, assessment: Assessment | None, fault: Message | None) -> None:
        self.note(ending(site, assessment, fault))

    def note(self, message: Message) -> None:
        self._lines.write(spoken().text(message))


class Screen:
    """A live table; sites that ended scroll away above it. rich asks for the table when it draws."""

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._total = total
        self._now: dict[str, Progress] = {}
        self._ended = 0
        self._findings = 0
        self._lock = Lock()

    def step(self, site: str, progress: Progress) -> None:
        with self._lock:
            self._now[site] = progress

    def ended(self, site: str, assessment: Assessment | None, fault: Message | None) -> None:
        with self._lock:
            self._now.pop(site, None)
            self._ended += 1
            self._findings += len(assessment.findings) if assessment else 0
        self.note(ending(site, assessment, fault))

    def note(self, message: Message) -> None:
        self._console.print(spoken().text(message), markup=False, highlight=False, emoji=False)

    def table(self) -> Table:
        from rich.table import Table

        text = spoken().text
        with self._lock:
            now = list(self._now.items())[:_ROWS]
            told = say(
                "已完成 {ended}/{total} 个网站，列出问题 {findings} 个",
                ended=self._ended,
                total=self._total,
                findings=self._findings,
            )
        table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, expand=True)  # so that the texts share the width
        table.caption, table.caption_justify = text(told), "left"
        table.add_column(text(say("网站")), no_wrap=True, overflow="ellipsis", ratio=1)
        for name in (say("网页"), say("已访问"), say("待访问"), say("疑似"), say("每秒")):
            heading = text(name)
            table.add_column(heading, no_wrap=True, justify="right", min_width=6)
        table.add_column(text(say("当前主机")), no_wrap=True, overflow="ellipsis", ratio=1)
        for site, p in now:
            where = text(say("免打扰，{time} 继续", time=f"{p.quiet_until:%H:%M}")) if p.quiet_until else p.host
            table.add_row(site, str(p.pages), str(p.asked), str(p.queued), str(p.suspects), str(rate(p)), where)
        return table


def rate(progress: Progress) -> float:
    return round(progress.asked / progress.seconds, 1) if progress.seconds > 0 else 0.0


def resting(site: str, until: datetime) -> Message:
    """`until`: in China's time."""
    at = f"{until:%m-%d %H:%M}"
    return say("{site}：现在是免打扰时段，不访问网站，{time} 以后继续（可按 Ctrl-C 停下）", site=site, time=at)


def ending(site: str, assessment: Assessment | None, fault: Message | None) -> Message:
    if assessment is not None and assessment.rechecked:
        left = sum(one.mended in (Mended.NOT_FIXED, Mended.PARTLY) for one in assessment.rechecked)
        return say(
            "{site}：复查问题 {count} 个，未整改或部分整改 {left} 个，未能复查 {untested} 个",
            site=site,
            count=len(assessment.rechecked),
            left=left,
            untested=sum(one.mended is Mended.UNTESTED for one in assessment.rechecked),
        )
    if assessment is not None:
        certain = sum(f.certain for f in assessment.findings)
        return say(
            "{site}：{result}，问题 {certain} 个，待复核 {review} 个，网页 {pages} 个，链接 {links} 个",
            site=site,
            result=RESULTS[assessment.result],
            certain=certain,
            review=len(assessment.findings) - certain,
            pages=assessment.coverage.pages,
            links=assessment.coverage.links,
        )
    if fault is not None:
        return say("{site}：没有检查完，与网站无关（{fault}）", site=site, fault=fault)
    return say("{site}：已停下，可以继续", site=site)


@contextmanager
def watch(total: int, *, quiet: bool, json_log: bool) -> Iterator[Watcher]:
    """The watcher that fits: silent, JSON lines, a live table on a terminal, else plain lines; on standard error.
    `total`: how many sites there are."""
    if json_log:
        yield JsonLines(sys.stderr)
    elif quiet:
        yield Silent()
    elif sys.stderr.isatty():
        from rich.console import Console
        from rich.live import Live

        console = Console(stderr=True)
        screen = Screen(console, total)
        with Live(get_renderable=screen.table, console=console, refresh_per_second=4, transient=True):
            yield screen
    else:
        yield Lines(sys.stderr)
