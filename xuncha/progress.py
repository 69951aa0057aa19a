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
from typing import Protocol, TextIO

from rich.console import Console
from rich.live import Live
from rich.table import Table

from crawler.message import Message, say
from crawler.plan import Progress
from rules.engine.assessment import Assessment, Result
from xuncha.parameters import spoken

_LINE_EVERY = 5.0  # seconds between two plain lines of one site

RESULTS = {
    Result.QUALIFIED: say("未发现不合格情形"),
    Result.UNQUALIFIED: say("不合格"),
    Result.UNDETERMINED: say("无法判定"),
}


class Watcher(Protocol):
    def step(self, site: str, progress: Progress) -> None: ...

    def ended(self, site: str, assessment: Assessment | None, fault: str | None) -> None: ...

    def note(self, message: Message) -> None: ...


class Silent:
    """`--quiet`."""

    def step(self, site: str, progress: Progress) -> None:
        pass

    def ended(self, site: str, assessment: Assessment | None, fault: str | None) -> None:
        pass

    def note(self, message: Message) -> None:
        pass


class JsonLines:
    """One JSON object a line on standard error."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = Lock()

    def step(self, site: str, progress: Progress) -> None:
        self._write("progress", site=site, **asdict(progress))

    def ended(self, site: str, assessment: Assessment | None, fault: str | None) -> None:
        if assessment is None:
            self._write("failed" if fault else "parked", site=site, why=fault)
        else:
            self._write("assessed", site=site, verdict=assessment.result, findings=len(assessment.findings))

    def note(self, message: Message) -> None:
        self._write("note", message=spoken().text(message))

    def _write(self, event: str, **values: object) -> None:
        line = json.dumps({"at": datetime.now(UTC).isoformat(), "event": event, **values}, ensure_ascii=False)
        with self._lock:
            print(line, file=self._stream, flush=True)


class Lines:
    """Plain lines on standard error, one a site every few seconds."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._last: dict[str, float] = {}

    def step(self, site: str, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._last.setdefault(site, now) >= _LINE_EVERY:
            self._last[site] = now
            self._print(
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

    def ended(self, site: str, assessment: Assessment | None, fault: str | None) -> None:
        self._print(ending(site, assessment, fault))

    def note(self, message: Message) -> None:
        self._print(message)

    def _print(self, message: Message) -> None:
        print(spoken().text(message), file=self._stream, flush=True)


class Screen:
    """A live table; sites that ended scroll away above it."""

    def __init__(self, console: Console, live: Live) -> None:
        self._console = console
        self._live = live
        self._now: dict[str, Progress] = {}
        self._findings = 0
        self._lock = Lock()

    def step(self, site: str, progress: Progress) -> None:
        with self._lock:
            self._now[site] = progress
        self._live.update(self._table())

    def ended(self, site: str, assessment: Assessment | None, fault: str | None) -> None:
        with self._lock:
            self._now.pop(site, None)
            self._findings += len(assessment.findings) if assessment else 0
        self._console.print(spoken().text(ending(site, assessment, fault)), markup=False, highlight=False)
        self._live.update(self._table())

    def note(self, message: Message) -> None:
        self._console.print(spoken().text(message), markup=False, highlight=False)

    def _table(self) -> Table:
        text = spoken().text
        found = text(say("已列出问题 {findings}", findings=self._findings)) if self._findings else None
        table = Table(box=None, pad_edge=False, caption=found, caption_justify="left")
        for name in (
            say("网站"),
            say("网页"),
            say("已访问"),
            say("待访问"),
            say("疑似问题"),
            say("个/秒"),
            say("当前主机"),
        ):
            table.add_column(text(name), no_wrap=True, overflow="ellipsis")
        with self._lock:
            now = list(self._now.items())[:12]
        for site, p in now:
            table.add_row(site, str(p.pages), str(p.asked), str(p.queued), str(p.suspects), str(rate(p)), p.host)
        return table


def rate(progress: Progress) -> float:
    return round(progress.asked / progress.seconds, 1) if progress.seconds > 0 else 0.0


def ending(site: str, assessment: Assessment | None, fault: str | None) -> Message:
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
        return say("{site}：检查程序自身出错，未能完成（{fault}）", site=site, fault=fault)
    return say("{site}：已停下，可以继续", site=site)


@contextmanager
def watch(*, quiet: bool, json_log: bool) -> Iterator[Watcher]:
    """The watcher that fits: silent, JSON lines, a live table on a terminal, else plain lines; on standard error."""
    if json_log:
        yield JsonLines(sys.stderr)
    elif quiet:
        yield Silent()
    elif sys.stderr.isatty():
        console = Console(stderr=True)
        with Live(console=console, refresh_per_second=4, transient=True) as live:
            yield Screen(console, live)
    else:
        yield Lines(sys.stderr)
