"""The doctor: one line a matter, and it ends with 1 only where an inspection would fail."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest


def test_a_fresh_machine_is_ready_and_nothing_is_left_behind(xuncha: Any, here: Path) -> None:
    said = xuncha("doctor", "--data", "kept/data")
    assert (said.code, said.err) == (0, "")
    assert "不行" not in said.out
    for told in ("Python 3", "没有设置文件 xuncha.toml", "kept/data 可以写入", "还没有数据库", "时钟是", "个根证书"):
        assert told in said.out
    assert list(here.iterdir()) == []


def test_what_an_inspection_left_can_be_opened(xuncha: Any, here: Path) -> None:
    xuncha.write(
        "xuncha.toml", '[agent]\ncontact = "0999-0000012"\n[[site]]\nname = "甲局"\nurl = "http://a.example/"\n'
    )
    assert xuncha("sample", "--rate", "100%").code == 0
    said = xuncha("doctor")
    assert said.code == 0
    assert "设置文件 xuncha.toml 没有错误：网站 1 个，检查指标 cn-2019" in said.out
    assert "数据库可以打开，有 0 次检查" in said.out
    assert "联系方式" not in said.out
    with closing(sqlite3.connect(here / "xuncha-data" / "xuncha.db")) as db, db:
        db.execute("DELETE FROM _sqlite_migrations WHERE name = 'm_recheck_exemptions'")
        db.execute("DROP TABLE exemptions")
    said = xuncha("doctor")
    assert (said.code, "旧版程序建立的" in said.out) == (0, True)
    os.utime(here / "xuncha-data" / "xuncha.db", (4_102_444_800, 4_102_444_800))  # in 2100
    said = xuncha("doctor")
    assert said.code == 1
    assert "不行  时钟是" in said.out


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("[run]\nrates = 3\n", "rates"),
        ('register = "none.xlsx"\n', "none.xlsx"),
        ('[run]\nedition = "cn-1999"\n', "cn-1999"),
    ],
)
def test_what_is_wrong_is_named_and_the_rest_is_told_all_the_same(xuncha: Any, settings: str, told: str) -> None:
    xuncha.write("xuncha.toml", settings)
    xuncha.write("data", "a file where a folder should be")
    xuncha.write("data2/xuncha.db", "no database")
    said = xuncha("doctor", "--data", "data2")
    assert said.code == 1
    [settled, stored] = [line for line in said.out.splitlines() if line.startswith("不行")]
    assert told in settled
    assert "data2/xuncha.db" in stored
    assert "个根证书" in said.out
