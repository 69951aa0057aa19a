"""JUnit: a clause is a case, and only a passed clause passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree as ET

from crawler.message import say
from reports.history import Gone, History, Past
from reports.junit import as_junit
from reports.language import Language
from rules.engine.assessment import Assessment, Finding, Run, Status
from rules.engine.edition import Edition

ZH = Language("zh")


def parse(document: str) -> ET.Element:
    return ET.fromstring(document.encode())  # noqa: S314 - our own document


def test_a_clause_is_a_case(run: Run, unqualified: Assessment, edition: Edition) -> None:
    root = parse(as_junit(run, [unqualified], edition, ZH))
    (suite,) = root.findall("testsuite")
    assert suite.get("name") == "云岭县人民政府"
    assert [suite.get(k) for k in ("tests", "failures", "errors", "skipped")] == ["7", "2", "0", "3"]
    for case, check in zip(suite.findall("testcase"), unqualified.checks, strict=True):
        inside = [child.tag for child in case]
        wanted = {Status.PASS: [], Status.FAIL: ["failure"]}.get(check.status, ["skipped"])
        assert inside == wanted
    (veto, _) = suite.iter("failure")
    assert veto.get("message") == "发现 6 个，达到 5 个即不符合。"
    assert (veto.text or "").count("\n") == 5
    assert [s.get("message") for s in suite.iter("skipped")] == [
        "未检查：没有连续一周的监测记录",
        "需人工检查",
        "不适用：有单项否决，不进入加分",
    ]


def test_our_own_failure_is_an_error(run: Run, edition: Edition) -> None:
    failed = replace(run, failures=(("https://lyj.yunling.gov.cn/", "检查进程意外退出"),))
    root = parse(as_junit(failed, [], edition, ZH))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("1", "0", "1")
    (error,) = root.iter("error")
    assert error.get("message") == "检查进程意外退出"


def test_a_site_without_checks_is_not_clean(run: Run, undetermined: Assessment, edition: Edition) -> None:
    root = parse(as_junit(run, [replace(undetermined, checks=())], edition, ZH))
    (skipped,) = root.iter("skipped")
    assert skipped.get("message") == "首页要求人机验证，没有看到内容"


def test_a_long_list_is_cut_and_says_so(
    run: Run, unqualified: Assessment, edition: Edition, make_finding: Callable[..., Finding]
) -> None:
    many = replace(unqualified, findings=tuple(make_finding(n) for n in range(150)))
    failures = list(parse(as_junit(run, [many], edition, ZH)).iter("failure"))
    assert (failures[1].text or "").endswith("另有 50 处，略")


def test_a_suite_tells_what_changed(run: Run, unqualified: Assessment, edition: Edition) -> None:
    old, fresh, *_ = unqualified.findings
    before = run.as_of - timedelta(days=30)
    past = {
        old.fingerprint: Past(before, run.as_of, 3, "rectifying", say("整改中")),
        fresh.fingerprint: Past(run.as_of, run.as_of, 1, "new", say("新发现")),
    }
    gone = Gone("9" * 16, "empty-column", say("栏目“旧闻”没有内容"), "https://www.yunling.gov.cn/col/9/")
    histories = {unqualified.site.url: History(before, past, (gone,))}
    (suite,) = parse(as_junit(run, [unqualified], edition, ZH, histories))
    told = {one.get("name"): one.get("value") for one in suite.iter("property")}
    assert [told[name] for name in ("new", "still", "gone")] == ["1", str(len(unqualified.findings) - 1), "1"]
    assert told["previous"] == before.isoformat()
    assert suite.findtext("system-out") == "已消失：栏目“旧闻”没有内容 https://www.yunling.gov.cn/col/9/"
    said = "\n".join(failure.text or "" for failure in suite.iter("failure"))
    assert said.count("（首次发现 2026-10-25 09:30、最近确认 2026-11-24 09:30、共看到 3 次，整改中）") == 1
    assert said.count("（新增、首次发现 2026-11-24 09:30、") == 1
    assert parse(as_junit(run, [unqualified], edition, ZH))[0].find("system-out") is None


def test_hostile_pages_are_text(run: Run, hostile: Assessment, edition: Edition) -> None:
    (suite,) = parse(as_junit(run, [hostile], edition, ZH))
    assert len(suite.findall("testcase")) == len(hostile.checks)
