"""What befalls a clerk's computer: a full disk, another program's lock, a clock that jumps. One clear line, nothing
corrupt, and `--resume` goes on."""

from __future__ import annotations

import functools
import shlex
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from warcio.checker import Checker

from xuncha import inspection
from xuncha.audit import Job
from xuncha.audit import audit as work
from xuncha.store import Store

AS_OF = "2026-11-20T09:00"
WORDS = ("--rate", "0", "--as-of", AS_OF, "--format", "json")


@pytest.fixture
def site(web: Any) -> Any:
    """A site with a finding."""
    web.sound()
    web.page("/c2/a1.html", "<h1>林区防火工作1</h1><p>发布时间：2026-11-11 08:00</p>")
    return web


@pytest.fixture
def whole(xuncha: Any, site: Any) -> Any:
    """What an undisturbed audit finds."""
    xuncha("audit", site.url, *WORDS, "--data", "undisturbed", "--out", "whole")
    facts = xuncha.facts("whole")
    assert xuncha.data("whole")["sites"][0]["findings"]
    return facts


def intact(data: Path) -> None:
    """Every database and every evidence file of a data folder is whole."""
    for path in data.rglob("*.db"):
        with closing(sqlite3.connect(path)) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    for path in data.rglob("*.warc.gz"):

        class Command:
            inputs = (str(path),)
            verbose = False

        assert Checker(Command()).process_all() == 0


# A full disk: a file system of a few kilobytes, in a namespace of its own.

NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]
SMALL = """
mkdir data && mount -t tmpfs -o size="$1"k none data || exit 99
{xuncha} --lang {language} audit {url} {words} --out out 2>first.err
echo $? >first.code
mount -o remount,size=64m data || exit 99
{xuncha} audit {again} --out out 2>second.err
echo $? >second.code
cp -r data kept
"""


@functools.cache
def can_make_a_disk(folder: Path) -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*NAMESPACE, "mount", "-t", "tmpfs", "none", folder], check=False).returncode == 0


@pytest.mark.parametrize(
    ("size", "again", "language", "told"),
    [
        (24, "{url} {words}", "zh", "data/xuncha.db 所在磁盘已满；请腾出空间后继续"),
        (260, "--resume last", "zh", "所在磁盘已满；请腾出空间后继续"),
        (360, "--resume last", "en", "is full; free some space and go on"),
    ],
)
def test_a_full_disk(
    here: Path, site: Any, whole: Any, xuncha: Any, size: int, again: str, language: str, told: str
) -> None:
    """Before the run is written down, and twice in the middle of it."""
    if not can_make_a_disk(here):
        pytest.skip("no namespace to mount a small disk in")
    words = " ".join(WORDS)
    script = SMALL.format(
        xuncha=f"{shlex.quote(sys.executable)} -m xuncha",
        language=language,
        url=site.url,
        words=f"{words} --data data",
        again=again.format(url=site.url, words=words) + " --data data",
    )
    subprocess.run([*NAMESPACE, "sh", "-c", script, "sh", str(size)], check=True, cwd=here)
    first, second = (Path(f"{name}.err").read_text("utf-8") for name in ("first", "second"))
    assert int(Path("first.code").read_text("utf-8")) in (2, 3)
    assert sum(told in line for line in first.splitlines()) == 1, first
    assert "Traceback" not in first
    assert int(Path("second.code").read_text("utf-8")) == 0, second
    assert xuncha.facts("out") == whole
    intact(Path("kept"))


# Another program's lock


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks are waited for a moment only."""
    opened, connect = Store.open, sqlite3.connect
    monkeypatch.setattr(Store, "open", functools.partial(opened, patience=0.1))
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **more: connect(*args, **({"timeout": 0.1} | more)))


def lock(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("BEGIN EXCLUSIVE")
    return db


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("language", "told"), [("zh", "正被另一个程序占用"), ("en", "is used by another program")])
def test_what_another_program_holds(
    xuncha: Any, site: Any, whole: Any, monkeypatch: pytest.MonkeyPatch, language: str, told: str
) -> None:
    """The store when a site is to be saved; then the folder of its visit."""
    held: list[sqlite3.Connection] = []

    def locked_afterwards(job: Job, **more: Any) -> Any:
        found = work(job, **more)
        held.append(lock(Path("data/xuncha.db")))
        return found

    with monkeypatch.context() as patch:
        patch.setattr(inspection, "audit", locked_afterwards)
        said = xuncha("--lang", language, "audit", site.url, *WORDS, "--data", "data", "--out", "out", "--quiet")
    held.pop().close()
    assert said.code == 2
    assert told in said.line and "xuncha.db" in said.line
    assert "xuncha audit --resume 2" in said.line
    asked = len(site.asked)
    again = ("--lang", language, "audit", "--resume", "last", "--data", "data", "--out", "out")
    with closing(lock(next(Path("data/runs").rglob("visit.db")))):
        said = xuncha(*again)
    assert said.code == 3
    assert sum(told in line and "runs" in line for line in said.err.splitlines()) == 1, said.err
    assert xuncha(*again[2:]).code == 0
    assert xuncha.facts("out") == whole
    assert len(site.asked) == asked, "the visit was whole"
    intact(Path("data"))


# A clock that jumps


@pytest.mark.parametrize("years", [-10, 10])
@pytest.mark.parametrize("looks", [0, 5, 60])
def test_a_clock_that_jumps(
    xuncha: Any, site: Any, whole: Any, monkeypatch: pytest.MonkeyPatch, years: int, looks: int
) -> None:
    """While a site is audited again: the report is as it was, and the run is the last one."""
    left = iter(range(looks))

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            jump = timedelta(days=365 * years)
            return super().now(tz) + (jump if next(left, None) is None else timedelta())

    with monkeypatch.context() as patch:
        for name, module in list(sys.modules.items()):
            if name.startswith(("crawler.", "xuncha.")) and getattr(module, "datetime", None) is datetime:
                patch.setattr(module, "datetime", Clock)
        words = ("--rate", "0", "--as-of", AS_OF, "--format", "json,html,docx,xlsx,junit")
        said = xuncha("audit", site.url, *words, "--data", "undisturbed", "--out", "out", "--quiet")
    assert (said.code, [line for line in said.err.splitlines() if "晚于现在" not in line]) == (0, [])
    assert xuncha.facts("out") == whole
    run = xuncha.data("out")["run"]["id"]
    xuncha("report", "last", "--data", "undisturbed", "--out", "again", "--format", "json")
    assert xuncha.data("again")["run"]["id"] == run
    xuncha("audit", "--replay", "last", "--data", "undisturbed", "--out", "replayed", "--format", "json")
    assert xuncha.facts("replayed") == whole
    # The next one builds on what it finds, whatever its date.
    xuncha("audit", site.url, *WORDS, "--data", "undisturbed", "--out", "after")
    assert xuncha.facts("after") == whole
    intact(Path("undisturbed"))
