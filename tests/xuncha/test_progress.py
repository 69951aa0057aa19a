"""What a person or a machine sees while a run goes on."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from crawler.message import say
from crawler.plan import Progress
from crawler.stamps import CHINA
from xuncha import progress
from xuncha.progress import JsonLines, Lines, Screen

STEP = Progress(pages=12, asked=340, queued=56, host="www.yunling.gov.cn", seconds=10.0, suspects=3)


def columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def test_every_line_of_the_log_is_json(xuncha: Any, web: Any) -> None:
    web.sound()
    said = xuncha("audit", web.url, "http://127.0.0.1:9/", "--rate", 0, "--out", "out", "--json-log")
    events = [json.loads(line) for line in said.err.splitlines()]
    kinds = [event["event"] for event in events]
    assert kinds.count("assessed") == 2
    assert kinds.count("progress") > 10
    steps = [e for e in events if e["event"] == "progress" and e["site"] in web.url]
    assert [e["asked"] for e in steps] == sorted(e["asked"] for e in steps)
    assert steps[-1].keys() >= {"at", "site", "pages", "asked", "queued", "host", "seconds", "suspects"}
    assert events[-1]["verdict"] == "undetermined"


def test_plain_lines_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    out = io.StringIO()
    lines = Lines(out)
    for _ in range(100):
        now[0] += 0.2
        lines.step("甲", STEP)
        lines.step("乙", STEP)
    assert 6 <= len(out.getvalue().splitlines()) <= 8
    for figure in ("甲：网页 12", "已访问 340", "待访问 56", "疑似 3", "www.yunling.gov.cn", "每秒 34.0 个"):
        assert figure in out.getvalue()


RESTS = replace(STEP, quiet_until=datetime(2026, 11, 24, 18, 0, tzinfo=CHINA))


def test_a_site_that_is_left_alone_for_hours_is_told_of_at_once() -> None:
    out, log, console = io.StringIO(), io.StringIO(), Console(width=120, file=io.StringIO())
    Lines(out).step("甲", RESTS)
    assert out.getvalue() == "甲：现在是免打扰时段，不访问网站，11-24 18:00 以后继续（可按 Ctrl-C 停下）\n"
    JsonLines(log).step("甲", RESTS)
    assert json.loads(log.getvalue())["quiet_until"] == "2026-11-24T18:00:00+08:00"
    screen = Screen(console, 1)
    screen.step("甲", RESTS)
    with console.capture() as caught:
        console.print(screen.table())
    assert "免打扰，18:00 继续" in caught.get()


class Gone(io.StringIO):
    """Whoever read has gone away."""

    def write(self, text: str) -> int:
        raise OSError(errno.EPIPE, "Broken pipe")


@pytest.mark.parametrize("make", [Lines, JsonLines])
def test_a_reader_who_goes_away_stops_nothing(make: Callable[[Any], Any]) -> None:
    watcher = make(Gone())
    for _ in range(3):
        watcher.step("甲", STEP)
        watcher.note(say("“{name}”", name="乙"))
        watcher.ended("甲", None, say("“{name}”", name="乙"))
        watcher.ended("甲", None, None)


@pytest.mark.parametrize("wide", [60, 80, 120])
def test_the_live_table_fits(wide: int) -> None:
    console = Console(width=wide, file=io.StringIO())
    screen = Screen(console, 30)
    for number in range(20):
        screen.step(f"云岭县第{number}中学和少年宫及其附属幼儿园的网站", STEP)
    screen.step("big", Progress(123456, 1234567, 123456, "a.very.long.host.name.of.yunling.gov.cn:8080", 1.0, 12345))
    screen.ended("big", None, say("“{name}”", name="丙"))
    with console.capture() as caught:
        console.print(screen.table())
    lines = caught.get().splitlines()
    assert max(map(columns, lines)) <= wide
    assert len(lines) == 1 + 12 + 1
    assert "340" in lines[1] and "34.0" in lines[1]
    assert "已完成 1/30 个网站" in lines[-1]
    for heading in ("网页", "已访问", "待访问", "疑似", "每秒", "当前主机"):
        assert heading in lines[0]


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX terminal")
def test_on_a_terminal_a_table_lives(web: Any, tmp_path: Path) -> None:
    import fcntl
    import pty
    import struct
    import termios

    web.sound()
    pid, terminal = pty.fork()
    if pid == 0:  # the child: a program on a terminal of 80 columns
        os.chdir(tmp_path)
        words = ["-m", "xuncha", "audit", web.url, "--rate", "30", "--as-of", "2026-11-20", "--out", "out"]
        environment = {**os.environ, "TERM": "xterm", "LINES": "24", "COLUMNS": "80"}
        os.execve(sys.executable, [sys.executable, *words], environment)  # noqa: S606
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    shown = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # how Linux says that the child has closed its terminal
            break
        if not piece:
            break
        shown += piece
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    text = shown.decode("utf-8")
    assert "\x1b[?25l" in text, "the cursor is hidden while the table lives"
    assert text.count("\x1b[?25h") >= 1, "and shown again"
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
    assert max(columns(line) for line in re.split(r"[\r\n]+", plain)) <= 80
    assert "已完成 0/1 个网站" in plain
    assert "127.0.0.1" in plain
    assert "下一步：" in plain
