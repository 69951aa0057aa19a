"""SARIF: what other machines read must not read as clean where nothing was seen."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta

from crawler.message import say
from reports.history import Gone, Ground, History, Past
from reports.language import Language
from reports.sarif import as_sarif
from rules.engine.assessment import Assessment, Run
from rules.engine.edition import Edition

ZH = Language("zh")
HOME = "https://www.yunling.gov.cn/"


def test_results_have_a_rule_a_place_and_a_fingerprint(run: Run, unqualified: Assessment, edition: Edition) -> None:
    log = json.loads(as_sarif(run, [unqualified], edition, ZH))
    assert log["version"] == "2.1.0"
    (told,) = log["runs"]
    rules = told["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["broken-link", "stale-column"]
    assert rules[1]["fullDescription"]["text"] == "1.4 栏目不更新"
    for result, finding in zip(told["results"], unqualified.findings, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding.rule
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == finding.at
        assert result["partialFingerprints"] == {"xuncha/v1": finding.fingerprint}
        assert result["message"]["text"] == str(finding.message)


def test_only_what_is_certain_has_a_level(run: Run, unqualified: Assessment, edition: Edition) -> None:
    results = json.loads(as_sarif(run, [unqualified], edition, ZH))["runs"][0]["results"]
    assert {(r["kind"], r["level"], r["ruleId"]) for r in results} == {
        ("fail", "error", "stale-column"),
        ("fail", "warning", "broken-link"),
        ("review", "none", "broken-link"),
    }


def test_what_was_not_checked_is_said(run: Run, undetermined: Assessment, edition: Edition) -> None:
    failed = replace(run, failures=(("https://lyj.yunling.gov.cn/", "检查进程意外退出"),))
    (invocation,) = json.loads(as_sarif(failed, [undetermined], edition, ZH))["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert (invocation["startTimeUtc"], invocation["endTimeUtc"]) == ("2026-11-24T01:30:15Z", "2026-11-24T01:37:03Z")
    assert [(n["level"], n["message"]["text"]) for n in invocation["toolExecutionNotifications"]] == [
        ("error", "没有完成检查：检查进程意外退出"),
        ("warning", "无法判定：首页要求人机验证，没有看到内容"),
        ("note", "1.4 栏目不更新：未检查：首页没有打开，没有看到栏目"),
        ("note", "1.6 严重表述错误：需人工检查"),
    ]


def test_an_unfinished_run_is_not_successful(run: Run, edition: Edition) -> None:
    (invocation,) = json.loads(as_sarif(replace(run, finished=None), [], edition, ZH))["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "endTimeUtc" not in invocation


def test_a_result_tells_its_history(run: Run, unqualified: Assessment, edition: Edition) -> None:
    old, fresh, let_be, *_ = unqualified.findings
    before = run.as_of - timedelta(days=30)
    ground = Ground("张三", "改版期间", date(2026, 12, 31), exempt=True)
    past = {
        old.fingerprint: Past(before, run.as_of, 3, "rectifying", say("整改中")),
        fresh.fingerprint: Past(run.as_of, run.as_of, 1, "new", say("新发现")),
        let_be.fingerprint: Past(before, run.as_of, 2, "confirmed", say("已确认"), ground),
    }
    gone = Gone("9" * 16, "empty-column", say("栏目“旧闻”没有内容"), f"{HOME}col/9/")
    histories = {unqualified.site.url: History(before, past, (gone,))}
    (told,) = json.loads(as_sarif(run, [unqualified], edition, ZH, histories))["runs"]
    by_id = {result["partialFingerprints"]["xuncha/v1"]: result for result in told["results"]}
    assert len(by_id) == len(unqualified.findings) + 1
    known = by_id[old.fingerprint]
    assert known["baselineState"] == "unchanged"
    assert known["provenance"] == {
        "firstDetectionTimeUtc": "2026-10-25T01:30:00Z",
        "lastDetectionTimeUtc": "2026-11-24T01:30:00Z",
    }
    assert [known["properties"][key] for key in ("times_seen", "state")] == [3, "rectifying"]
    assert by_id[fresh.fingerprint]["baselineState"] == "new"
    (suppression,) = by_id[let_be.fingerprint]["suppressions"]
    assert (suppression["status"], suppression["justification"]) == ("accepted", "张三：改版期间")
    assert suppression["properties"] == {"kind": "exemption", "until": "2026-12-31"}
    absent = by_id["9" * 16]
    assert (absent["baselineState"], absent["kind"], absent["level"]) == ("absent", "pass", "none")
    assert told["tool"]["driver"]["rules"][absent["ruleIndex"]]["id"] == "empty-column"
    unknown = by_id[unqualified.findings[3].fingerprint]
    assert not {"baselineState", "provenance", "suppressions"} & unknown.keys()


def test_without_an_earlier_visit_nothing_is_new(run: Run, unqualified: Assessment, edition: Edition) -> None:
    (first, *_) = unqualified.findings
    past = {first.fingerprint: Past(run.as_of, run.as_of, 1, "new", say("新发现"))}
    histories = {unqualified.site.url: History(None, past)}
    (told,) = json.loads(as_sarif(run, [unqualified], edition, ZH, histories))["runs"]
    assert told["results"][0]["provenance"]["firstDetectionTimeUtc"] == "2026-11-24T01:30:00Z"
    assert not [result for result in told["results"] if "baselineState" in result]


def test_hostile_addresses_are_uris(run: Run, hostile: Assessment, edition: Edition) -> None:
    document = as_sarif(run, [hostile], edition, ZH)
    document.encode()
    for result in json.loads(document)["runs"][0]["results"]:
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"[A-Za-z0-9%/:?#\[\]@!$&'()*+,;=~._-]*", uri)
