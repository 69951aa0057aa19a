"""Runs from the command line: exit codes, resuming, replaying, saved pages, and what goes wrong on the way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from crawler.stamps import CHINA
from xuncha import fleet, inspection

AS_OF = "2026-11-20T09:00"


def audit(xuncha: Any, *words: object, out: str = "out") -> Any:
    return xuncha("audit", *words, "--rate", 0, "--as-of", AS_OF, "--out", out, "--format", "json")


# Exit codes


def test_0_for_a_site_without_findings(xuncha: Any, web: Any) -> None:
    web.sound()
    said = audit(xuncha, web.url)
    assert said.code == 0, xuncha.data()["sites"][0]["findings"]
    assert "按名称作为部门网站检查" in said.out
    assert xuncha.data()["sites"][0]["site"]["kind_guessed"] is True
    asked = [line.split()[1] for line in web.asked]
    assert "/c2/a12.html" in asked


@pytest.mark.parametrize(
    ("level", "broken", "code"),
    [
        ("veto", True, 0),
        ("deduct", True, 1),
        ("review", True, 1),
        ("never", True, 0),
        ("veto", False, 0),
        ("deduct", False, 0),
        ("review", False, 1),  # the domain is to be looked at by a person
        ("never", False, 0),
    ],
)
def test_1_from_the_level_on(xuncha: Any, web: Any, level: str, broken: bool, code: int) -> None:
    web.sound()
    if broken:
        del web.answers["/c2/a1.html"]
    said = audit(xuncha, web.url, "--fail-on", level)
    found = [f for f in xuncha.data()["sites"][0]["findings"] if f["rule"] == "broken-link"]
    assert [f["at"] for f in found] == [f"{web.url}c2/a1.html"] * broken
    assert [f["on"] for f in found] == [web.url] * broken
    assert said.code == code


def test_1_for_a_veto(xuncha: Any, web: Any) -> None:
    web.sound()
    said = xuncha("audit", web.url, "--rate", 0, "--as-of", "2026-12-20", "--out", "out", "--fail-on", "veto")
    assert said.code == 1
    assert xuncha.data()["sites"][0]["vetoes"] == ["1.3"]
    assert "单项否决 1.3" in said.out


def test_3_when_the_home_page_cannot_be_opened(xuncha: Any, webs: Callable[[], Any]) -> None:
    port = webs().port
    said = audit(xuncha, "http://no-such-host.invalid/", "http://127.0.0.1:9/")
    assert port
    assert said.code == 3
    for site in xuncha.data()["sites"]:
        assert (site["verdict"], site["score"], site["coverage"]["complete"]) == ("undetermined", None, False)
        # One visit proves nothing: at most a person is asked to look.
        assert all((f["rule"], f["certain"]) == ("unreachable-home", False) for f in site["findings"])
    assert said.out.count("无法判定") == 2
    assert "没有取得任何网页，不能得出结论" in said.out


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"%PDF-1.7\n%\xe2\xe3", "application/pdf"),
        (200, b"", "text/html"),
        (500, b"<p>error", "text/html"),
        (403, b"<p>forbidden", "text/html"),
        (204, b"", "text/html"),
    ],
    ids=["pdf", "empty", "500", "403", "204"],
)
def test_3_when_the_home_page_is_none(xuncha: Any, web: Any, answer: tuple[int, bytes, str]) -> None:
    web.say("/", *answer)
    said = audit(xuncha, web.url, "--fail-on", "never")
    [site] = xuncha.data()["sites"]
    assert (said.code, site["verdict"], site["score"]) == (3, "undetermined", None), said.out
    assert "无法判定" in said.out
    assert "未发现" not in said.out + said.err


def test_3_when_something_was_not_checked_and_nothing_failed(xuncha: Any, web: Any) -> None:
    web.sound()
    xuncha.write("页面/index.html", web.answers["/"][2].decode())
    said = audit(xuncha, "页面")
    assert said.code == 3
    assert xuncha.data()["sites"][0]["findings"] == []


def test_1_wins_over_3(xuncha: Any, web: Any) -> None:
    web.sound()
    del web.answers["/c2/a1.html"]
    assert audit(xuncha, "http://127.0.0.1:9/", web.url).code == 1


# Replays


@pytest.fixture
def audited(xuncha: Any, web: Any) -> Any:
    """A site with a broken link and an old column, audited into `out`."""
    web.sound()
    del web.answers["/c2/a1.html"]
    assert audit(xuncha, web.url, "--kind", "portal").code == 1
    return xuncha


def test_a_replay_asks_nothing_and_finds_the_same(audited: Any, web: Any) -> None:
    asked = len(web.asked)
    said = audited("audit", "--replay", "last", "--out", "again", "--format", "json")
    assert (said.code, len(web.asked)) == (1, asked)
    assert audited.facts("again") == audited.facts("out")
    assert audited.data("again")["run"]["id"] != audited.data("out")["run"]["id"]
    [before], [after] = audited.data("out")["sites"], audited.data("again")["sites"]
    for key in ("score", "measured_points", "columns", "coverage", "site", "as_of", "started"):
        assert before[key] == after[key], key
    # A replay of a replay reads the same bytes.
    assert audited("audit", "--replay", "last", "--out", "third", "--format", "json").code == 1
    assert audited.facts("third") == audited.facts("out")


def test_a_replay_at_another_moment(audited: Any, web: Any) -> None:
    asked = len(web.asked)
    assert audited("audit", "--replay", "last", "--as-of", "2027-11-20", "--out", "later", "--format", "json").code == 1
    assert len(web.asked) == asked
    later = audited.data("later")
    assert later["run"]["as_of"] == "2027-11-20T23:59:59+08:00"
    assert "1.3" in later["sites"][0]["vetoes"]
    assert audited.data("out")["sites"][0]["vetoes"] == []


def test_a_replay_by_another_edition_and_kind(audited: Any) -> None:
    edition = """
    id = "own-1"
    title = "自编"
    basis = "云政办〔2026〕1号"
    published = 2026-01-01
    pass_score = 60
    bonus_gate = 80
    [[indicator]]
    code = "9"
    part = "veto"
    title = "链接"
      [[indicator.clause]]
      text = "有一个打不开"
      rule = "broken-link"
      verified = true
    """
    audited.write("指标/own.toml", edition)
    said = audited("audit", "--replay", "last", "--edition", "指标/own.toml", "--kind", "department", "--out", "own")
    assert said.code == 1
    data = audited.data("own")
    assert data["run"]["edition"] == "own-1"
    [site] = data["sites"]
    assert (site["vetoes"], site["site"]["kind"], site["edition"]) == (["9"], "department", "own-1")
    # The edition of the replayed run is the default, from wherever it is replayed.
    assert audited("audit", "--replay", "last", "--out", "own2", "--format", "json").code == 1
    assert audited.facts("own2") == audited.facts("own")
    assert audited("report", "last", "--out", "own3", "--format", "json").code == 0
    assert audited.facts("own3") == audited.facts("own")


def test_a_replay_of_a_damaged_visit_is_our_fault_in_one_line(audited: Any) -> None:
    [db] = Path("xuncha-data/runs").glob("*/*/visit.db")
    for damage in (lambda: db.write_text("not a database"), db.unlink, lambda: shutil.rmtree(db.parent)):
        damage()
        said = audited("audit", "--replay", "last", "--out", "broken", "--format", "json")
        assert said.code == 3
        data = audited.data("broken")
        assert data["sites"] == []
        [failure] = data["run"]["failures"]
        assert "检查数据" in failure["reason"]
        assert "没有检查完，与网站无关" in said.line
        assert "--resume" in said.out


def test_the_scope_of_a_replay_is_given(audited: Any) -> None:
    said = audited("audit", "--replay", "last", "--scope", "full")
    assert (said.code, "quick" in said.line) == (2, True)


# Reports again


def test_documents_can_be_written_again(audited: Any, web: Any) -> None:
    asked = len(web.asked)
    run = audited.data()["run"]["id"]
    said = audited("report", run[:-2], "--out", "again", "--format", "json,csv")
    assert (said.code, len(web.asked)) == (0, asked)
    assert audited.data("again") == audited.data("out")
    assert str(Path("again") / "findings.csv") in said.out


def test_runs_are_listed(audited: Any) -> None:
    audited("audit", "--replay", "last", "--out", "again", "--format", "json")
    said = audited("runs")
    assert said.code == 0
    for folder in ("out", "again"):
        assert audited.data(folder)["run"]["id"] in said.out
    assert max(map(len, said.out.splitlines())) <= 80
    assert "…" not in said.out


# Stopping and going on


@pytest.fixture
def slow(web: Any) -> Any:
    """A site that takes a while at a few requests a second."""
    web.sound()
    web.say("/robots.txt", 200, b"User-agent: *\nAllow: /\n")
    del web.answers["/c2/a1.html"]
    return web


def subprocess_audit(folder: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "error", "-m", "xuncha", "audit", *words]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX signal")
def test_a_site_is_left_alone_in_its_quiet_hours(xuncha: Any, web: Any, here: Path) -> None:
    web.sound()
    now, hour = datetime.now(CHINA), timedelta(hours=1)
    times = f"{now - hour:%H:%M}-{now + hour:%H:%M}"
    xuncha.write("xuncha.toml", f'[[site]]\nname = "云岭县人民政府"\nurl = "{web.url}"\nquiet = "{times}"\n')
    process = subprocess_audit(here, "--as-of", AS_OF, "--format", "json", "--out", "out")
    assert process.stderr is not None
    line = process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (
        line == f"云岭县人民政府：现在是免打扰时段，不访问网站，{now + hour:%m-%d %H:%M} 以后继续（可按 Ctrl-C 停下）\n"
    )
    assert process.returncode == 130, err
    assert web.asked == []


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX signal")
def test_130_when_interrupted_and_the_rest_is_found_on_resuming(xuncha: Any, slow: Any, here: Path) -> None:
    assert audit(xuncha, slow.url, out="whole").code == 1
    slow.asked.clear()
    words = [slow.url, "--rate", "8", "--as-of", AS_OF, "--format", "json", "--data", "数据 一", "--out", "out"]
    process = subprocess_audit(here, *words)
    while len(slow.asked) < 12 and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert "已经检查的都已保存，继续请运行：xuncha audit --resume 2" in err
    assert '--data "数据 一"' in err
    assert not Path("out/findings.json").exists()
    before = len(slow.asked)
    said = xuncha("audit", "--resume", "last", "--data", "数据 一", "--rate", 0)
    assert said.code == 1
    assert xuncha.facts("out") == xuncha.facts("whole")
    pages = [line for line in slow.asked if line.startswith("GET /c")]
    again = {page for page in pages if pages.count(page) > 1} - {"GET /c2/a1.html"}
    assert len(again) <= 4, "only what was under way may be asked twice"
    assert len(slow.asked) > before
    said = xuncha("runs", "--data", "数据 一")
    assert said.out.splitlines()[1].split()[-2] == "0"


def test_a_site_is_parked_while_it_is_judged(xuncha: Any, web: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long its pages keep the rules busy: here the stop file comes while the second page is looked at."""
    monkeypatch.setattr("xuncha.audit._STOP_CHECK", 0.0)
    web.sound()
    xuncha.write(
        "busy_rules.py",
        "import pathlib\n"
        "from rules.engine.rule import rule\n"
        '@rule("busy-page", each="page")\n'
        "def busy_page(page):\n"
        '    """忙。"""\n'
        '    with open("pages.txt", "a") as told:\n'
        "        print(page.url, file=told)\n"
        '    if len(pathlib.Path("pages.txt").read_text().splitlines()) == 2:\n'
        '        [run] = pathlib.Path("xuncha-data/runs").iterdir()\n'
        '        (run / "stop").touch()\n'
        "    yield from ()\n",
    )
    xuncha.write(
        "own.toml",
        'id = "own"\ntitle = "自编"\nbasis = "无"\npublished = 2026-01-01\npass_score = 60\nbonus_gate = 80\n'
        '[[indicator]]\ncode = "1"\npart = "veto"\ntitle = "一"\n'
        '[[indicator.clause]]\ntext = "一"\nrule = "busy-page"\nverified = true\n',
    )
    xuncha.write("xuncha.toml", "rule_modules = ['busy_rules']\n")
    said = audit(xuncha, web.url, "--edition", "own.toml")
    assert (said.code, "xuncha audit --resume" in said.err) == (130, True)
    assert len(Path("pages.txt").read_text("utf-8").splitlines()) == 2
    asked = len(web.asked)
    assert xuncha("audit", "--resume", "last").code == 0
    assert len(web.asked) == asked, "the visit was whole"
    assert len(set(Path("pages.txt").read_text("utf-8").splitlines())) > 20


def test_a_run_goes_on_as_it_was_begun(xuncha: Any, slow: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(fleet, "_submit", interrupted)
        words = ("--kind", "portal", "--max-pages", 7, "--scope", "full", "--fail-on", "never")
        assert audit(xuncha, slow.url, *words).code == 130
    for option, other in (("--as-of", "2026-11-01"), ("--kind", "department"), ("--render", "never")):
        said = xuncha("audit", "--resume", "last", option, other)
        assert (said.code, option in said.line) == (2, True)
    said = xuncha("audit", "--resume", "last", "--kind", "portal", "--format", "json,csv")
    assert said.code in (0, 3)  # --fail-on never
    data = xuncha.data()
    assert (data["run"]["scope"], data["run"]["as_of"]) == ("full", "2026-11-20T09:00:00+08:00")
    assert data["sites"][0]["site"]["kind_guessed"] is False
    assert data["sites"][0]["coverage"]["skipped"]["max-pages"] > 0
    assert Path("out/findings.csv").exists()


def test_an_interrupted_replay_goes_on_as_a_replay(audited: Any, web: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    asked = len(web.asked)
    with monkeypatch.context() as patch:
        patch.setattr(fleet, "_submit", interrupted)
        assert audited("audit", "--replay", "last", "--out", "again", "--format", "json").code == 130
    assert audited("audit", "--resume", "last").code == 1
    assert len(web.asked) == asked
    assert audited.facts("again") == audited.facts("out")


def test_a_finished_run_can_be_resumed_for_its_documents(audited: Any, web: Any) -> None:
    asked = len(web.asked)
    Path("out/findings.json").unlink()
    assert audited("audit", "--resume", "last").code == 1
    assert len(web.asked) == asked
    assert audited.data()["sites"]


def test_a_demo_is_not_resumed(xuncha: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(fleet, "_submit", interrupted)
        said = xuncha("demo")
        assert (said.code, "--resume" in said.err) == (130, False)
    said = xuncha("audit", "--resume", "last")
    assert (said.code, "xuncha demo" in said.line) == (2, True)


def test_two_programs_do_not_go_on_with_one_run(audited: Any) -> None:
    run = audited.data()["run"]["id"]
    with FileLock(Path("xuncha-data") / "runs" / run / "running.lock"):
        said = audited("audit", "--resume", "last")
    assert (said.code, run in said.line) == (2, True)


def test_two_runs_at_once_in_one_data_folder(xuncha: Any, webs: Callable[[], Any], here: Path) -> None:
    sites = [webs(), webs()]
    for site in sites:
        site.sound()
    both = [
        subprocess_audit(here, s.url, "--rate", "0", "--as-of", AS_OF, "--format", "json", "--out", str(n))
        for n, s in enumerate(sites)
    ]
    for process in both:
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
    assert [[*xuncha.facts(str(n))] for n in range(2)] == [[s.url] for s in sites]
    assert len(xuncha("runs").out.splitlines()) == 3


# Saved pages


@pytest.fixture
def saved(xuncha: Any, web: Any) -> Any:
    """A sound site's pages in a folder, as a browser saves them."""
    web.sound()
    for path, (_, _, body) in web.answers.items():
        name = f"{path.strip('/').replace('/', '-') or 'index'}".removesuffix(".html")
        xuncha.write(f"保存 的/{name}.html", body.decode())
    xuncha.write("保存 的/index_files/style.css", "p {}")
    return xuncha


def rules(data: dict[str, Any], status: str) -> set[str]:
    return {c["rule"] for c in data["sites"][0]["checks"] if c["rule"] and c["status"] == status}


def test_saved_pages_are_judged_without_asking_anything(saved: Any, web: Any) -> None:
    said = saved("audit", "保存 的", "--kind", "portal", "--out", "out", "--format", "json")
    assert web.asked == []
    data = saved.data()
    assert said.code == 3
    assert {"broken-link", "broken-image", "broken-attachment", "stale-home"} <= rules(data, "unchecked")
    assert "stale-column" in rules(data, "unchecked"), "nobody said which moment the pages show"
    assert data["sites"][0]["verdict"] == "undetermined"
    assert data["sites"][0]["site"]["url"] == (saved.here / "保存 的").as_uri()


def test_the_moment_of_saved_pages_may_be_told_when_they_are_judged_again(saved: Any) -> None:
    words = ("--kind", "portal", "--format", "json", "--out")
    saved("audit", "保存 的", *words, "unknown")
    saved("audit", "--replay", "last", *words, "still")
    saved("audit", "--replay", "last", "--as-of", AS_OF, *words, "known")
    assert saved.facts("still") == saved.facts("unknown")
    assert "stale-home" in rules(saved.data("known"), "pass")
    saved("audit", "保存 的", "--as-of", AS_OF, *words, "at once")
    assert saved.facts("known") == saved.facts("at once")


def test_saved_pages_of_a_known_moment(saved: Any, web: Any) -> None:
    words = ("--kind", "portal", "--format", "json")
    assert saved("audit", "保存 的", "--as-of", AS_OF, "--out", "out", *words).code == 3
    assert "stale-home" in rules(saved.data(), "pass")
    assert "broken-link" in rules(saved.data(), "unchecked")
    assert saved.data()["sites"][0]["findings"] == []
    assert saved("audit", "保存 的", "--as-of", "2027-11-20", "--out", "late", "--format", "json").code == 1
    assert saved.data("late")["sites"][0]["vetoes"] == ["1.3"]
    assert web.asked == []


@pytest.mark.parametrize("form", [str, lambda p: Path(p).absolute().as_uri(), lambda p: Path(p).absolute()])
def test_one_saved_page(saved: Any, form: Callable[[str], Any]) -> None:
    assert saved("audit", form("保存 的/c3.html"), "--out", "out", "--format", "json").code == 3
    [site] = saved.data()["sites"]
    assert site["site"]["url"] == (saved.here / "保存 的" / "c3.html").as_uri()
    assert site["verdict"] == "undetermined"


# What goes wrong


def test_one_crashing_job_does_not_stop_the_others(
    xuncha: Any, webs: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    sites = [webs() for _ in range(3)]
    for site in sites:
        site.sound()
    done = inspection.audit

    def crash(job: Any, **options: Any) -> Any:
        if job.site.url == sites[1].url:
            raise RuntimeError("boom\nand more")
        return done(job, **options)

    monkeypatch.setattr(inspection, "audit", crash)
    said = audit(xuncha, *(s.url for s in sites))
    assert said.code == 3
    data = xuncha.data()
    assert [s["site"]["url"] for s in data["sites"]] == [sites[0].url, sites[2].url]
    assert data["run"]["failures"] == [{"url": sites[1].url, "reason": "RuntimeError: boom and more"}]
    assert "没有检查完，与网站无关" in said.out
    log = (Path("xuncha-data") / "xuncha.log").read_text("utf-8")
    assert "RuntimeError: boom" in log and "Traceback" in log
    assert "xuncha.log" in said.err
    monkeypatch.undo()
    os.chdir(xuncha.here)
    assert xuncha("audit", "--resume", "last").code == 0
    assert len(xuncha.data()["sites"]) == 3
    assert xuncha.data()["run"]["failures"] == []


def test_an_unexpected_fault_is_one_line_and_a_log(xuncha: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(inspection, "new_run", crash)
    said = xuncha("audit", "http://127.0.0.1:9/")
    assert said.code == 2
    assert "程序自身出错（ZeroDivisionError），与被检查的网站无关" in said.line
    assert "secret detail" in (Path("xuncha-data") / "xuncha.log").read_text("utf-8")
    said = xuncha("audit", "http://127.0.0.1:9/", "--json-log")
    assert json.loads(said.line)["event"] == "error"


def test_the_report_that_cannot_be_written_loses_nothing(audited: Any, web: Any) -> None:
    Path("full").mkdir()
    Path("full/findings.json").mkdir()
    asked = len(web.asked)
    said = audited("audit", "--replay", "last", "--out", "full", "--format", "json,csv")
    assert said.code == 2
    last = said.err.splitlines()[-1]
    assert "findings.json" in last and "xuncha report" in last
    assert {p.name for p in Path("full").iterdir()} == {"findings.json", "findings.csv"}
    assert audited("report", "last", "--out", "elsewhere", "--format", "json").code == 0
    assert audited.facts("elsewhere") == audited.facts("out")
    assert len(web.asked) == asked


def test_a_full_disk_is_said_so(xuncha: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "x.db")

    monkeypatch.setattr(inspection, "new_run", crash)
    said = xuncha("audit", "http://127.0.0.1:9/")
    assert (said.code, said.line) == (2, "读写文件出错：No space left on device x.db")


def test_the_table_fits_whatever_the_sites_are_called(
    xuncha: Any, webs: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    sites = [webs(), webs()]
    text = "[run]\nrate = 0\n"
    for number, site in enumerate(sites):
        site.say("/", 204)
        name = f"云岭县第{number}少年宫及其附属幼儿园和中小学生综合实践基地管理中心（云岭县校外教育办公室）门户网站"
        text += f"[[site]]\nurl = '{site.url}'\nname = '{name}'\n"
    xuncha.write("xuncha.toml", text)
    monkeypatch.setenv("COLUMNS", "80")
    for language in ("zh", "en"):
        said = xuncha("audit", "--lang", language, "--out", "out", "--format", "json")
        table = said.out.partition("云岭县第0少年宫及其附属幼儿园和中小学生综合实践基地管理中心")[0]
        assert max(sum(2 if ord(c) > 0x2E80 else 1 for c in line) for line in table.splitlines()) <= 80
