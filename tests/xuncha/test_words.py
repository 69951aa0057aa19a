"""An office's own list of wrong words: read as clerks write it, and looked for on every page."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from xuncha.settings import SettingsError
from xuncha.words import wrong_words


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("between", [" ", "\t", "，", ", ", " → ", "　", ";"])
def test_a_list(tmp_path: Path, coding: str, between: str) -> None:
    path = tmp_path / "错写.txt"
    path.write_bytes(f"# 本县领导\r\n\r\n甲木木{between}甲林\r\n云领县{between}云岭县\r\n".encode(coding))
    assert wrong_words(path) == {"甲木木": "甲林", "云领县": "云岭县"}


@pytest.mark.parametrize("line", ["甲木木", "甲木木 甲林 乙", "甲 乙", "相同 相同", "，甲林"])
def test_a_line_that_is_no_pair_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "错写.txt"
    path.write_text(f"云领县 云岭县\n{line}\n", "utf-8")
    with pytest.raises(SettingsError, match="第 2 行"):
        wrong_words(path)


def test_a_list_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"无法读取.*没有\.txt"):
        wrong_words(tmp_path / "没有.txt")
    path = tmp_path / "图.txt"
    path.write_bytes(b"\x89PNG\xff\xff\xff")
    with pytest.raises(SettingsError, match="不是文本文件"):
        wrong_words(path)


def test_the_office_s_words_are_looked_for(xuncha: Any, web: Any) -> None:
    web.sound()
    web.page("/c3/a12.html", "<h1>公告</h1><p>县长甲木木调研。</p><p>资金拔付情况</p>", title="公告")
    xuncha.write("错写.txt", "甲木木 甲林\n")
    xuncha.write("xuncha.toml", f"wrong_words = '错写.txt'\n[run]\nrate = 0\n[[site]]\nurl = '{web.url}'\n")
    xuncha("audit", "--as-of", "2026-11-20T09:00", "--format", "json", "--out", "out")
    [first] = xuncha.data()["sites"]
    found = {f["message"] for f in first["findings"] if f["rule"] == "wrong-word"}
    assert found == {"“甲木木”疑为“甲林”之误，共1处", "“拔付”疑为“拨付”之误，共1处"}
    assert {f["certain"] for f in first["findings"] if f["rule"] == "wrong-word"} == {False}
    # Judged again with the same list, whatever the settings say by now.
    xuncha.write("错写.txt", "甲木木 甲森\n")
    xuncha("audit", "--replay", "last", "--format", "json", "--out", "again")
    assert {f["message"] for f in xuncha.data("again")["sites"][0]["findings"] if f["rule"] == "wrong-word"} == found


def test_an_edition_that_looks_for_other_words_finds_them_in_what_was_visited(xuncha: Any, web: Any) -> None:
    web.sound()
    web.page("/c3/a12.html", "<h1>公告</h1><p>县长甲木木调研。</p>", title="公告")
    xuncha("audit", web.url, "--rate", 0, "--as-of", "2026-11-20T09:00", "--format", "json", "--out", "out")
    assert [f for f in xuncha.data()["sites"][0]["findings"] if f["rule"] == "wrong-word"] == []
    law = files("rules").joinpath("editions", "cn-2019.toml").read_text("utf-8")
    own = law.replace('rule = "wrong-word"', 'rule = "wrong-word"\nparams = { more = { "甲木木" = "甲林" } }')
    xuncha.write("own.toml", own.replace('id = "cn-2019"', 'id = "own"'))
    asked = len(web.asked)
    xuncha("audit", "--replay", "last", "--edition", "own.toml", "--format", "json", "--out", "again")
    assert len(web.asked) == asked
    found = [f["message"] for f in xuncha.data("again")["sites"][0]["findings"] if f["rule"] == "wrong-word"]
    assert found == ["“甲木木”疑为“甲林”之误，共1处"]
