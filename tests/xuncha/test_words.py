"""An office's own list of wrong words: read as clerks write it, and looked for on every page."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from xuncha.settings import SettingsError
from xuncha.words import former_leaders, set_phrases, wrong_words


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


def test_former_leaders(tmp_path: Path) -> None:
    path = tmp_path / "离任.txt"
    path.write_bytes("# 名单\n甲某某 2024-05-01\n乙木，2024年5月1日\n丙某某\n阿甲·乙丙\t2024/5/1\n".encode("gb18030"))
    day = "2024-05-01"
    assert former_leaders(path) == {"甲某某": day, "乙木": day, "丙某某": "", "阿甲·乙丙": day}


@pytest.mark.parametrize("line", ["甲", "甲某某 2024-02-30", "甲某某 去年", "2024-05-01", "甲 某某 乙"])
def test_a_line_that_names_nobody_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "离任.txt"
    path.write_text(f"甲某某\n{line}\n", "utf-8")
    with pytest.raises(SettingsError, match="第 2 行"):
        former_leaders(path)


def test_set_phrases(tmp_path: Path) -> None:
    path = tmp_path / "提法.txt"
    path.write_text("扫黑除恶专项斗争\n\n 扫黑除恶专项斗争 \n", "utf-8")
    assert set_phrases(path) == ("扫黑除恶专项斗争",)
    path.write_text("四个自信\n", "utf-8")
    with pytest.raises(SettingsError, match="第 1 行"):
        set_phrases(path)


def test_the_office_s_lists_are_looked_for_and_without_them_nothing_is(xuncha: Any, web: Any) -> None:
    web.sound()
    web.page("/c3/a12.html", "<h1>公告</h1><p>丙某某同志讲话，部署扫黑险恶专项斗争。</p>", title="公告")
    told = ("--as-of", "2026-11-20T09:00", "--format", "json", "--rate", "0")
    xuncha("audit", web.url, *told, "--out", "without")
    of = {"former-leader": "former_leaders", "altered-phrase": "set_phrases"}
    checks = {c["rule"]: c for c in xuncha.data("without")["sites"][0]["checks"] if c["rule"] in of}
    assert {rule: check["status"] for rule, check in checks.items()} == dict.fromkeys(of, "not-applicable")
    assert all(of[rule] in check["why"] for rule, check in checks.items())
    xuncha.write("离任.txt", "丙某某\n")
    xuncha.write("提法.txt", "扫黑除恶专项斗争\n")
    xuncha.write("xuncha.toml", f"former_leaders = '离任.txt'\nset_phrases = '提法.txt'\n[[site]]\nurl = '{web.url}'\n")
    xuncha("audit", *told, "--out", "out")

    def found(folder: str) -> set[tuple[str, str]]:
        [first] = xuncha.data(folder)["sites"]
        return {(f["rule"], f["message"]) for f in first["findings"] if f["rule"] in of}

    assert found("out") == {
        ("former-leader", "页面有应清理的“丙某某”，共1处"),
        ("altered-phrase", "“扫黑险恶专项斗争”疑为“扫黑除恶专项斗争”之误，共1处"),
    }
    xuncha.write("提法.txt", "不忘初心牢记使命\n")
    xuncha("audit", "--replay", "last", "--format", "json", "--out", "again")
    assert found("again") == found("out")
