"""What the operator types: mistakes get one line, help fits the terminal, and both speak the reader's language."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import click
import pytest

from xuncha import __version__
from xuncha import help as helps
from xuncha.cli import cli
from xuncha.outputs import FORMATS, Format

ROOT = Path(__file__).parents[2]
AS_OF = "2026-11-20T09:00"

EDITION = """
id = "own"
title = "自编"
basis = "无"
published = 2026-01-01
pass_score = 60
bonus_gate = 80
[[indicator]]
code = "1"
part = "veto"
title = "一"
  [[indicator.clause]]
  text = "一"
  rule = "{rule}"
  params = {{ {params} }}
  verified = true
"""
REGISTER = "网站标识码,网站名称,主办单位,首页网址,网站类型\n"


def columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def chinese(text: str) -> bool:
    return any("\u4e00" <= c <= "\u9fff" for c in text)


# Mistakes


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("frobnicate", "没有命令 frobnicate"),
        ("adit", "是不是 audit？"),
        ("audit --forma json", "是不是 --format"),
        ("audit --nothing", "没有选项 --nothing"),
        ("audit -x", "没有选项 -x"),
        ("audit x.cn --format pdf", "没有“pdf”，可用：html、docx、xlsx、json、csv、sarif、junit"),
        ("audit x.cn --format html,", "没有“”"),
        ("audit x.cn --rate -1", "应是不小于0的数"),
        ("audit x.cn --rate nan", "“nan”不对"),
        ("audit x.cn --rate inf", "“inf”不对"),
        ("audit x.cn --rate", "选项 --rate 后面缺少值"),
        ("audit x.cn --quiet=yes", "选项 --quiet 后面不能写值"),
        ("audit x.cn --concurrency 0", "应是不小于1的整数"),
        ("audit x.cn --max-pages 1.5", "应是不小于1的整数"),
        ("audit x.cn --workers zwei", "应是不小于1的整数"),
        ("audit x.cn --as-of 昨天", "不是日期"),
        ("audit x.cn --as-of 2026-02-30", "不是日期"),
        ("audit x.cn --as-of 2026-11-20T25:00", "不是日期"),
        ("audit x.cn --scope half", "可用：quick、full"),
        ("audit x.cn --kind school", "可用：portal、department"),
        ("audit x.cn --fail-on always", "可用：veto、deduct、review、never"),
        ("audit x.cn --executor cloud", "可用：inline、threads、processes、dask"),
        ("audit x.cn --executor inline --workers 2", "threads"),
        ("audit x.cn --cluster tcp://127.0.0.1:1", "--executor dask"),
        ("audit x.cn --edition cn-1999", "没有名为“cn-1999”的检查指标"),
        ("audit x.cn --edition no.toml", "no.toml：没有这个文件"),
        ("audit x.cn --format json --open", "--format 中加上 html"),
        ("audit --resume last --replay last", "不能同时使用"),
        ("audit x.cn --resume last", "不能和网址一起使用"),
        ("audit x.cn --replay last", "不能和网址一起使用"),
        ("audit --resume last", "还没有运行记录"),
        ("audit --replay 2026", "还没有运行记录"),
        ("audit", "没有要检查的网站"),
        ("audit --settings none.toml", "找不到设置文件 none.toml"),
        ("report nope", "没有找到数据库"),
        ("report", "缺少参数 RUN"),
        ("report last --fleet --format json", "--fleet 写的是网页"),
        ("runs", "没有找到数据库"),
        ("runs --data nowhere", "nowhere"),
        ("runs x", "多余的参数“x”"),
        ("explain no-rule", "、blocked-host、"),
        ("discover", "缺少参数 URL"),
        ("discover a.csv", "a.csv"),
        ("demo x", "多余的参数“x”"),
        ("demo --format json --open", "--format 中加上 html"),
        ("demo --lang fr", "可用：zh、en"),
        ("runs --lang", "可用：zh、en"),
    ],
)
def test_a_mistake_is_one_chinese_line(xuncha: Any, here: Path, words: str, wanted: str) -> None:
    said = xuncha(*words.split())
    assert (said.code, said.out) == (2, "")
    assert wanted in said.line
    assert not re.search(r"[a-z]{3,} [a-z]{3,} [a-z]{3,}", said.line), "click's own words"
    assert not (here / "xuncha-report").exists()


def test_a_mistake_in_english(xuncha: Any) -> None:
    for words in (["frobnicate"], ["audit", "--rate", "x"], ["audit", "no.html"], ["runs", "x"], ["demo", "--forma"]):
        said = xuncha("--lang", "en", *words)
        assert said.code == 2
        assert not chinese(said.line)


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        ("no-such.html", "找不到“no-such.html”"),
        ("sites.csv", "找不到“sites.csv”"),
        ("list.xlsx", "找不到“list.xlsx”"),
        ("a/b/c", "找不到“a/b/c”"),
        ("x.docx", "“x.docx”既不是网址"),
        ("云岭县林业局", "“云岭县林业局”既不是网址"),
        ("", "“”既不是网址"),
        ("ftp://www.yunling.gov.cn/", "不是能检查的网址"),
        ("https：//www.yunling.gov.cn", "不是存在的文件或文件夹，也不是网址"),
        ("http://", "不是能检查的网址"),
        ("http://a b.cn/", "不是能检查的网址"),
        ("http://127.0.0.1:99999/", "不是能检查的网址"),
        ("http://clerk:secret@127.0.0.1/", "不能有用户名和密码"),
        ("javascript:alert(1)", "既不是网址"),
        ("file:///no/such/page.html", "找不到文件或文件夹"),
        (r"C:\no\such\page.html", "找不到"),
        ("http://127.0.0.1\0/", "不是能检查的网址"),
        ("x" * 5000, "既不是网址"),
        ("none.toml", "找不到设置文件 none.toml"),
    ],
)
def test_a_target_that_is_nothing(xuncha: Any, target: str, wanted: str) -> None:
    said = xuncha("audit", target)
    assert (said.code, said.out) == (2, "")
    assert wanted in said.line
    assert "secret" not in said.line


def test_a_file_of_another_kind(xuncha: Any) -> None:
    xuncha.write("通知.docx", "PK")
    said = xuncha("audit", "通知.docx")
    assert said.code == 2
    assert "不认识 通知.docx：应是保存的网页（.html、.htm、.shtml、.xhtml）、文件夹" in said.line


def test_an_empty_folder(xuncha: Any, here: Path) -> None:
    (here / "空").mkdir()
    said = xuncha("audit", "空")
    assert (said.code, "没有保存的网页" in said.line) == (2, True)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[run]\nspeed = 3\n", "xuncha.toml：没有 “run.speed” 这一项"),
        ('[[site]]\nurl = "http://127.0.0.1:9/"\n[[site.column]]\nname = "通知公告"\n', "site[1].column[1].url"),
        ('[run]\nrate = "fast"\n', "run.rate 应为不小于 0 的数"),
        ("[run\n", "第1行"),
        ('register = "none.csv"\n', "none.csv"),
        ("[notice]\nworkdays = 5000\n[[site]]\nurl = 'http://127.0.0.1:9/'\n", "workdays"),
        ("rule_modules = ['yunling.rules']\n[[site]]\nurl = 'http://127.0.0.1:9/'\n", "找不到模块 yunling.rules"),
        ("rule_modules = ['json.rules']\n[[site]]\nurl = 'http://127.0.0.1:9/'\n", "找不到模块 json.rules"),
    ],
)
@pytest.mark.parametrize("as_target", [True, False])
def test_a_mistake_in_the_settings(xuncha: Any, here: Path, text: str, wanted: str, as_target: bool) -> None:
    xuncha.write("xuncha.toml", text)
    said = xuncha("audit", "xuncha.toml") if as_target else xuncha("audit")
    assert (said.code, said.out) == (2, "")
    assert wanted in said.line
    assert not (here / "xuncha-report").exists()


def test_a_register_with_a_duplicate(xuncha: Any) -> None:
    row = "5399990001,云岭县人民政府,县政府办,http://127.0.0.1:{}/,门户网站\n"
    xuncha.write("名录.csv", REGISTER + row.format(8) + row.format(9))
    said = xuncha("audit", "名录.csv")
    assert said.code == 2
    assert "名录.csv 第3行：网站标识码 5399990001 与名录.csv 第2行重复" in said.line


@pytest.mark.parametrize(
    ("rule", "params", "wanted"),
    [
        ("no-such-rule", "", "没有名为“no-such-rule”的规则"),
        ("stale-column", "days = { news = 14 }, hours = 3", "没有参数“hours”"),
        ("stale-column", "", "缺少参数“days”"),
    ],
)
def test_a_mistake_in_an_edition(xuncha: Any, rule: str, params: str, wanted: str) -> None:
    xuncha.write("own.toml", EDITION.format(rule=rule, params=params))
    said = xuncha("audit", "http://127.0.0.1:9/", "--edition", "own.toml")
    assert (said.code, wanted in said.line, "own.toml" in said.line) == (2, True, True)


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("def broken(:\n", "SyntaxError"),
        ("import no_such_library\n", "no_such_library"),
        ("raise ValueError('a\\nb')\n", "ValueError: a b"),
        ("from rules.engine.rule import rule\nrule('broken-link', each='link')(lambda link: ())\n", "broken-link"),
    ],
)
def test_a_rule_module_with_a_fault(xuncha: Any, source: str, wanted: str, request: pytest.FixtureRequest) -> None:
    name = f"own_{abs(hash(source))}"
    xuncha.write(f"{name}.py", source)
    xuncha.write("xuncha.toml", f"rule_modules = ['{name}']\n[[site]]\nurl = 'http://127.0.0.1:9/'\n")
    said = xuncha("audit")
    assert (said.code, wanted in said.line, name in said.line) == (2, True, True)


# Places that cannot be written


def test_a_report_folder_that_is_a_file(xuncha: Any, here: Path) -> None:
    xuncha.write("报告", "")
    for out in ("报告", "报告/一"):
        said = xuncha("audit", "http://127.0.0.1:9/", "--out", out)
        assert said.code == 2
        assert "不能在 报告" in said.line and "--out" in said.line
    assert "还没有做过检查" in xuncha("runs").out, "nothing was begun"


def test_a_data_folder_that_is_a_file(xuncha: Any, here: Path) -> None:
    xuncha.write("数据", "")
    for words in (
        ("audit", "http://127.0.0.1:9/"),
        ("status",),
        ("announce",),
        ("watch", "--list"),
        ("ledger", "list"),
        ("backup", "b.zip"),
        ("restore", "b.zip"),
    ):
        xuncha.write("xuncha.toml", '[[schedule]]\nname = "a"\nevery = "1 days"\n')
        said = xuncha(*words, "--data", "数据")
        assert (said.code, "数据目录 数据 是文件，不是文件夹" in said.line) == (2, True), words
    Path("xuncha.toml").unlink()
    assert {p.name for p in here.iterdir()} == {"数据"}


def test_a_store_that_is_no_database(xuncha: Any) -> None:
    xuncha.write("xuncha-data/xuncha.db", "这不是数据库，只是文字，长度足够读出文件头。" * 20)
    for words in (
        ["audit", "http://127.0.0.1:9/"],
        ["runs"],
        ["report", "last"],
        ["audit", "--replay", "last"],
        ["demo"],
    ):
        said = xuncha(*words)
        assert (said.code, "不是数据库文件" in said.line) == (2, True), words


def test_a_run_that_is_not_known(xuncha: Any, web: Any) -> None:
    web.say("/", 204)
    xuncha("audit", web.url, "--out", "out", "--rate", 0)
    for words in (["report", "1999"], ["audit", "--resume", "1999"], ["audit", "--replay", "1999"]):
        said = xuncha(*words)
        assert (said.code, "没有运行“1999”" in said.line) == (2, True)


# Where things are


def test_the_data_folder_is_that_of_the_command_line_then_environment_then_settings(
    xuncha: Any, web: Any, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.say("/", 204)

    def audit(*words: str) -> set[str]:
        assert xuncha("audit", web.url, "--out", "out", "--format", "json", *words).code == 3
        return {p.parent.name for p in here.glob("*/xuncha.db")}

    assert audit() == {"xuncha-data"}
    xuncha.write("xuncha.toml", '[run]\nrate = 0\ndata = "file"\n')
    assert audit() == {"xuncha-data", "file"}
    assert xuncha("runs").code == 0
    monkeypatch.setenv("XUNCHA_DATA", "environment")
    assert audit() == {"xuncha-data", "file", "environment"}
    assert audit("--data", "line") == {"xuncha-data", "file", "environment", "line"}
    for data in ("file", "environment", "line"):
        assert len(xuncha("runs", "--data", data).out.splitlines()) == 2


def test_the_command_line_wins_over_the_settings(xuncha: Any, web: Any) -> None:
    web.sound()
    xuncha.write("xuncha.toml", f"[run]\nrate = 0\nmax_pages = 2\nscope = 'full'\n[[site]]\nurl = '{web.url}'\n")
    xuncha("audit", "--out", "a", "--format", "json", "--as-of", "2026-11-20")
    xuncha("audit", "--out", "b", "--format", "json", "--as-of", "2026-11-20", "--max-pages", "9", "--scope", "quick")
    [a], [b] = xuncha.data("a")["sites"], xuncha.data("b")["sites"]
    assert (xuncha.data("a")["run"]["scope"], a["coverage"]["pages"]) == ("full", 2)
    assert (xuncha.data("b")["run"]["scope"], b["coverage"]["pages"]) == ("quick", 9)


# Targets


def test_a_site_of_the_settings_by_name_code_or_address(xuncha: Any, webs: Any) -> None:
    one, other = webs(), webs()
    for site in (one, other):
        site.say("/", 204)
    xuncha.write(
        "xuncha.toml",
        f"[run]\nrate = 0\n[[site]]\nurl = '{one.url}'\nname = '云岭县林业局'\ncode = '5399990012'\n"
        f"[[site]]\nurl = '{other.url}'\nname = '云岭县水务局'\n",
    )
    for target in ("云岭县林业局", "5399990012", one.url, one.url.rstrip("/"), f"127.0.0.1:{one.port}"):
        assert xuncha("audit", target, "--out", "out", "--format", "json").code == 3
        [site] = xuncha.data()["sites"]
        assert site["site"]["name"] == "云岭县林业局", target
    assert xuncha("audit", "--out", "out", "--format", "json").code == 3
    assert [s["site"]["name"] for s in xuncha.data()["sites"]] == ["云岭县林业局", "云岭县水务局"]
    assert xuncha("audit", one.url, one.url, "云岭县林业局", "--out", "out", "--format", "json").code == 3
    assert len(xuncha.data()["sites"]) == 1
    for name in ("xuncha.toml", "./xuncha.toml"):
        assert xuncha("audit", name, "--out", "out", "--format", "json").code == 3
        assert len(xuncha.data()["sites"]) == 2
    xuncha.write("二.toml", "")
    said = xuncha("audit", "xuncha.toml", "二.toml")
    assert (said.code, "一次只能用一个设置文件" in said.line) == (2, True)


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize("place", ["target", "settings"])
def test_a_register(xuncha: Any, web: Any, here: Path, suffix: str, place: str) -> None:
    web.say("/", 204)
    row = ["5399990012", "云岭县林业局", "云岭县林业局", web.url, "部门网站"]
    if suffix == "csv":
        xuncha.write("名录 一.csv", REGISTER + ",".join(row) + "\n")
    else:
        from openpyxl import Workbook

        book = Workbook()
        book.active.append(REGISTER.strip().split(","))
        book.active.append(row)
        book.save(here / "名录 一.xlsx")
        book.close()
    xuncha.write("xuncha.toml", f'register = "名录 一.{suffix}"\n' if place == "settings" else "")
    words = [f"名录 一.{suffix}"] if place == "target" else []
    assert xuncha("audit", *words, "--rate", 0, "--out", "out", "--format", "json").code == 3
    [site] = xuncha.data()["sites"]
    wanted = {
        "name": "云岭县林业局",
        "code": "5399990012",
        "url": web.url,
        "organ": "云岭县林业局",
        "kind": "department",
    }
    assert {**site["site"], **wanted} == site["site"]


def test_own_rules_lie_beside_the_settings(xuncha: Any, web: Any, here: Path) -> None:
    web.sound()
    xuncha.write(
        "县里/yunling_rules/extra.py",
        "from crawler.message import say\nfrom rules.engine.rule import Problem, rule\n"
        '@rule("red-title", each="page")\n'
        "def red_title(page):\n"
        '    """标题。"""\n'
        '    if page.title == "通知公告":\n'
        '        yield Problem(page.url, say("标题不对"))\n',
    )
    xuncha.write("县里/own.toml", EDITION.format(rule="red-title", params=""))
    xuncha.write(
        "县里/设置.toml",
        f"rule_modules = ['yunling_rules.extra']\n[run]\nedition = 'own.toml'\nrate = 0\n[[site]]\nurl = '{web.url}'\n",
    )
    said = xuncha("audit", "县里/设置.toml", "--out", "out", "--format", "json", "--as-of", "2026-11-20")
    assert said.code == 1, said.err
    assert [f["at"] for f in xuncha.data()["sites"][0]["findings"]] == [f"{web.url}c3/"]
    # A replay and a report need no settings: the run knows its rules.
    assert xuncha("audit", "--replay", "last", "--out", "again", "--format", "json").code == 1
    assert xuncha.facts("again") == xuncha.facts()
    assert xuncha("report", "last", "--out", "third", "--format", "json").code == 0


# The end of a run


def test_quiet_says_nothing(xuncha: Any, web: Any) -> None:
    web.say("/", 204)
    said = xuncha("audit", web.url, "--rate", 0, "--out", "out", "--quiet")
    assert (said.code, said.out, said.err) == (3, "", "")
    said = xuncha("demo", "--quiet", "--format", "json")
    assert (said.code, said.out, said.err) == (0, "", "")


def test_opening_without_a_browser_is_a_message(xuncha: Any, web: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    web.say("/", 204)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) and False)
    said = xuncha("audit", web.url, "--rate", 0, "--out", "报告 一", "--quiet", "--open")
    assert said.code == 3
    assert str(Path("报告 一") / "findings.html") in said.line
    monkeypatch.setenv("DISPLAY", ":0")
    assert xuncha("report", "last", "--out", "报告 一", "--open").code == 0
    assert opened[-1].startswith("file:///")
    assert opened[-1].endswith("findings.html")


def test_a_moment_in_the_future_is_remarked(xuncha: Any, web: Any) -> None:
    web.say("/", 204)
    said = xuncha("audit", web.url, "--rate", 0, "--out", "out", "--as-of", "2099-01-01")
    assert "监测时间点 2099-01-01 23:59 晚于现在" in said.err


def test_explain(xuncha: Any) -> None:
    listed = xuncha("explain").out
    for line in listed.splitlines():
        rule = line.split()[0]
        page = xuncha("explain", rule)
        assert page.code == 0
        assert rule in page.out
    assert xuncha("explain", "--all").code == 0


def _sheet(out: str) -> dict[str, tuple[float, list[float], str]]:
    """Indicator → points deducted, the points of its findings, all its lines."""
    found: dict[str, tuple[float, list[float], str]] = {}
    for block in re.split(r"^  (?=\d+\.\d+ )", out, flags=re.MULTILINE)[1:]:
        lost = re.search(r"：扣 ([\d.]+) 分", block.partition("\n")[0])
        costs = [float(cost) for cost in re.findall(r"^ +−([\d.]+) 分", block, re.MULTILINE)]
        found[block.partition(" ")[0]] = float(lost[1]) if lost else 0.0, costs, block
    return found


def test_the_sum_of_a_site_is_explained(xuncha: Any, web: Any) -> None:
    web.sound()
    dead = "".join(f"<a href=/gone{n}.html>已经删除的第{n}个网页</a>" for n in range(8))
    web.say("/", 200, web.answers["/"][2].replace(b"<ul>", f"{dead}<ul>".encode(), 1), "text/html; charset=utf-8")
    done = xuncha("audit", web.url, "--rate", 0, "--out", "out", "--as-of", AS_OF, "--kind", "portal", "--quiet")
    assert done.code == 1
    [site] = xuncha.data()["sites"]
    said = xuncha("explain", "last", web.url)
    assert said.code == 0
    sheet = _sheet(said.out)
    for lost, costs, _ in sheet.values():
        assert sum(costs) == pytest.approx(lost)
    assert sheet["2.21"][0] == 5
    assert sheet["2.21"][1] == [1, 1, 1, 1, 1]
    assert "8 个 × 1 分 = 8 分，本项分数扣完为止，扣 5 分" in sheet["2.21"][2]
    assert sheet["2.21"][2].count("计 1 个：") == 3  # found, and nothing left to deduct
    assert "没有测得，不计入总分" in sheet["2.12"][2]
    [formula] = re.findall(r"（([\d.]+) − ([\d.]+)）× 100 ÷ ([\d.]+) = ([\d.]+) 分", said.out)
    measured, lost, again, score = map(float, formula)
    assert measured == again
    assert lost == pytest.approx(sum(lost for lost, _, _ in sheet.values()))
    assert score == site["score"] == pytest.approx((measured - lost) * 100 / measured, abs=0.005)


def test_the_sum_is_explained_in_english(xuncha: Any, web: Any) -> None:
    web.sound()
    web.say("/c3/", 404)
    xuncha("audit", web.url, "--rate", 0, "--out", "out", "--as-of", AS_OF, "--kind", "portal", "--quiet")
    said = xuncha("--lang", "en", "explain", "last", web.url)
    quoted = re.compile(r"Clause \d+: .*|“[^”]*”|source: .*|\(国办秘函.*\)|^.*127\.0\.0\.1:\d+/$", re.MULTILINE)
    assert not chinese(quoted.sub("", said.out))
    assert "× 100 ÷" in said.out


def test_a_vetoed_site_and_a_department_are_not_scored(xuncha: Any, webs: Any) -> None:
    old, department = webs(), webs()
    for web in (old, department):
        web.sound()
    common = ("--rate", 0, "--out", "out", "--quiet")
    xuncha("audit", old.url, *common, "--as-of", "2027-11-20", "--kind", "portal")
    said = xuncha("explain", "last", f"127.0.0.1:{old.port}")
    assert "存在单项否决问题，不再评分" in said.out
    assert "1.3 首页不更新：" in said.out.partition("【")[0]
    assert "（5 分）：不评分" in said.out
    assert "× 100 ÷" not in said.out
    xuncha("audit", department.url, *common, "--as-of", AS_OF, "--kind", "department")
    said = xuncha("explain", "last", department.url)
    assert "扣分指标不适用于部门网站" in said.out.splitlines()[-1]


def test_an_edition_that_was_changed_since_is_said(xuncha: Any, web: Any) -> None:
    web.sound()
    source = (ROOT / "rules" / "editions" / "cn-2019.toml").read_text("utf-8").replace('"cn-2019"', '"own"', 1)
    own = xuncha.write("own.toml", source)
    xuncha(
        "audit", web.url, "--rate", 0, "--out", "out", "--as-of", AS_OF, "--kind", "portal", "--edition", own, "--quiet"
    )
    assert "改过" not in xuncha("explain", "last", web.url).out
    xuncha.write("own.toml", source.replace("points = 5\n", "points = 4\n", 1))
    assert "改过" in xuncha("explain", "last", web.url).out


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("explain last 不存在", "没有检查完的网站“不存在”；有：甲、乙"),
        ("explain last 127", "“127”对应多个网站：http://127"),
        ("explain 2099 甲", "没有运行“2099”"),
        ("explain --all last 甲", "--all 列出全部规则"),
        ("explain last", "没有规则“last”"),
    ],
)
def test_a_mistake_about_the_site_to_explain(xuncha: Any, webs: Any, words: str, wanted: str) -> None:
    one, other = webs(), webs()
    sites = f'[[site]]\nurl = "{one.url}"\nname = "甲"\n[[site]]\nurl = "{other.url}"\nname = "乙"\n'
    xuncha("audit", xuncha.write("sites.toml", sites), "--rate", 0, "--out", "out", "--quiet")
    said = xuncha(*words.split())
    assert said.code == 2
    assert wanted in said.line


def test_version(xuncha: Any) -> None:
    assert xuncha("--version").out == f"xuncha {__version__}\n"
    assert xuncha("-V").out == f"xuncha {__version__}\n"


# Help


COMMANDS = ["", *sorted(cli.commands)]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("wide", [60, 80, 200])
def test_help_fits_the_terminal_in_the_reader_s_language(
    xuncha: Any, command: str, language: str, wide: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(wide))
    said = xuncha("--lang", language, *command.split(), "--help")
    assert said.code == 0
    assert max(map(columns, said.out.splitlines())) <= wide
    if language == "en":
        assert not chinese(said.out)
    else:
        words = re.sub(r"https?://\S+|\S*[|:/,.]\S*", "", said.out)
        assert not re.search(r"\b(Usage|Options|Commands|Show|this message|OPTIONS|ARGS)\b", words)
        assert said.out.startswith("用法：xuncha")


def test_help_in_chinese_after_english(xuncha: Any) -> None:
    first = xuncha("audit", "--help").out
    assert xuncha("--lang=en", "audit", "--help").out != first
    assert xuncha("audit", "--help").out == first


def test_no_line_begins_with_a_closing_mark() -> None:
    lines = list(helps.wrap("检查指标：编号（cn-2019）、指标文件（.toml），默认“cn-2019”；quick：首页。" * 3, 21))
    assert not [line for line in lines if line[0] in "，。；：、）”" or line[-1] in "（“"]
    assert (
        "".join(lines).replace(" ", "")
        == "检查指标：编号（cn-2019）、指标文件（.toml），默认“cn-2019”；quick：首页。" * 3
    )


def test_every_option_of_the_design_is_there() -> None:
    audit = cli.commands["audit"]
    have = {name for p in audit.params for name in p.opts}
    assert have >= {
        *("--edition", "--as-of", "--scope", "--max-pages", "--out", "--format", "--resume", "--replay"),
        *("--allow-private", "--rate", "--concurrency", "--kind", "--data", "--executor", "--workers"),
        *("--cluster", "--fail-on"),
    }
    assert set(cli.commands) >= {"demo", "audit", "discover", "runs", "report", "explain"}
    assert all(
        isinstance(p, click.Argument) or (p.help and p.help.strip()) for c in cli.commands.values() for p in c.params
    )
    assert all(isinstance(f, Format) for f in FORMATS.values())


# As a program


def program(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)


def test_as_a_module(tmp_path: Path) -> None:
    done = program("-m", "xuncha", "audit", "no.html", folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("找不到“no.html”")


HEAVY = {"aiohttp", "httpx", "docx", "xlsxwriter", "openpyxl", "jinja2", "bs4", "rich", "sqlite_utils", "distributed"}


@pytest.mark.parametrize(
    ("words", "needed"),
    [
        ("--help", set()),
        ("audit --help", set()),
        ("audit no.html", set()),
        ("--version", set()),
        ("runs --data {data}", {"rich", "sqlite_utils"}),
    ],
)
def test_a_command_imports_what_it_needs(xuncha: Any, tmp_path: Path, words: str, needed: set[str]) -> None:
    xuncha.write("x.html", "<title>x</title>")
    xuncha("audit", "x.html", "--out", "out", "--format", "json")
    code = (
        "import sys\nfrom xuncha.__main__ import main\nmain(sys.argv[1:])\n"
        f"print(*sorted({HEAVY!r} & set(sys.modules)))"
    )
    done = program("-c", code, *words.format(data="xuncha-data").split(), folder=tmp_path)
    assert set(done.stdout.splitlines()[-1].split()) == needed


def test_whoever_reads_may_go_away(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-m", "xuncha", "explain", "--all"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=tmp_path, encoding="utf-8", **pipes) as process:  # type: ignore[call-overload]
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("ledger", "due", "--days", "99999999999"), "不大于250"),
        (("ledger", "repeat", "--quarters", "999999999"), "不大于40"),
        (("announce", "--withdraw", "9" * 30), "不大于"),
        (("audit", "x.html", "--max-seconds", "1e300"), "不大于"),
        (("audit", "x.html", "--rate", "nan"), "不小于0"),
        (("runs", "--data", "file"), "file"),
        (("ledger", "list", "--data", "file"), "file"),
        (("review", "serve", "--data", "file"), "file"),
    ],
)
def test_numbers_beyond_measure_and_files_for_folders_are_one_line(
    xuncha: Any, words: tuple[str, ...], told: str
) -> None:
    xuncha.write("file", "")
    said = xuncha(*words)
    assert said.code == 2
    assert told in said.line


def test_in_english_rules_are_listed_and_explained_in_english(xuncha: Any) -> None:
    listed = xuncha("--lang", "en", "explain")
    assert listed.code == 0
    assert not [line for line in listed.out.splitlines() if any("\u4e00" <= c <= "\u9fff" for c in line)]
    first, *_ = (page := xuncha("--lang", "en", "explain", "broken-link").out).splitlines()
    assert first == "broken-link: Broken link"
    before, _, after = page.partition("in Chinese:")
    assert "How to put it right: " in before
    assert not any("\u4e00" <= c <= "\u9fff" for c in before)
    assert "## broken-link" in after
    assert xuncha("explain", "broken-link").out.startswith("## broken-link\n")
