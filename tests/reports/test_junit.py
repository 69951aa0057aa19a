"""JUnit: a clause is a case, and only a passed clause passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree as ET

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


def test_hostile_pages_are_text(run: Run, hostile: Assessment, edition: Edition) -> None:
    (suite,) = parse(as_junit(run, [hostile], edition, ZH))
    assert len(suite.findall("testcase")) == len(hostile.checks)
