"""The pages of a fleet: the same whoever writes them, and a clear word when a process dies on the way."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from xuncha import sitepages


@pytest.fixture
def audited(xuncha: Any, here: Path) -> None:
    for name in ("甲", "乙", "丙"):
        xuncha.write(f"{name}.html", f"<title>{name}</title><h1>{name}县人民政府</h1><a href=/x>x</a>")
    xuncha("audit", *here.glob("*.html"), "--as-of", "2026-11-20", "--out", "out", "--format", "json")


def pages(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.html")}


def test_many_processes_write_what_one_writes(
    xuncha: Any, audited: None, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert xuncha("report", "last", "--fleet", "--out", "one").code == 0
    monkeypatch.setattr(sitepages, "_MANY", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert xuncha("report", "last", "--fleet", "--out", "two").code == 0
    assert len(pages(here / "one")) == 4
    assert pages(here / "two") == pages(here / "one")


class Deadly:
    """Ends the process that reads it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (1,)


def test_a_process_that_dies_is_told_in_one_line(
    xuncha: Any, audited: None, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitepages, "_MANY", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(sitepages, "spoken", Deadly)
    said = xuncha("report", "last", "--fleet", "--out", "dead")
    assert said.code == 2
    assert "写报告的进程意外退出" in said.line
    assert pages(here / "dead") == {}
