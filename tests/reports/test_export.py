"""JSON and CSV: the contract, its schema, and cells that stay text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from crawler.message import say
from reports import dictionary
from reports.export import as_csv, as_json
from reports.findings import render
from reports.history import Gone, History, Past
from reports.language import Language
from reports.text import ADDRESS
from rules.engine.assessment import Assessment, Finding, Run
from rules.engine.edition import Edition
from xuncha.ledger import State

ZH, EN = Language("zh"), Language("en")
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n=", " =", "＝", "＠")


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json.loads(files("reports").joinpath("findings.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("language", [ZH, EN], ids=["zh", "en"])
def test_every_document_keeps_the_schema(
    validator: Draft202012Validator,
    run: Run,
    unqualified: Assessment,
    qualified: Assessment,
    undetermined: Assessment,
    hostile: Assessment,
    edition: Edition,
    language: Language,
) -> None:
    failed = replace(run, failures=(("https://lyj.yunling.gov.cn/", "检查进程意外退出"),), finished=None)
    for given_run, sites in ((run, []), (failed, [unqualified, qualified, undetermined, hostile])):
        document = as_json(given_run, sites, edition, language)
        document.encode()
        validator.validate(json.loads(document))


def test_the_schema_is_strict(validator: Draft202012Validator) -> None:
    def objects(schema: Any) -> list[dict[str, Any]]:
        if isinstance(schema, list):
            return [found for part in schema for found in objects(part)]
        if not isinstance(schema, dict):
            return []
        own = [schema] if schema.get("type") == "object" else []
        return own + [found for part in schema.values() for found in objects(part)]

    for found in objects(validator.schema):
        if "properties" in found:
            assert found["additionalProperties"] is False
            assert sorted(found["required"]) == sorted(found["properties"])
            missing = [k for k, v in found["properties"].items() if not {"description", "$ref", "const"} & v.keys()]
            assert missing == []


def test_the_contract(run: Run, unqualified: Assessment, qualified: Assessment, edition: Edition) -> None:
    data = json.loads(as_json(run, [unqualified, qualified], edition, ZH))
    assert data["schema"] == 1
    assert data["tool"] == {"name": "xuncha", "version": "0.1.0"}
    assert data["run"]["as_of"] == "2026-11-24T09:30:00+08:00"
    bad, good = data["sites"]
    assert (bad["verdict"], bad["score"], bad["vetoes"]) == ("unqualified", None, ["1.4"])
    assert (good["verdict"], good["score"], good["score_is_estimate"]) == ("qualified", 87.5, True)
    assert bad["coverage"]["skipped"] == {"robots": 12, "max-pages": 230}
    home = "https://www.yunling.gov.cn/"
    assert bad["coverage"]["traps"][0] == {
        "template": f"{home}rl?month",
        "reason": "trap",
        "pages": 31,
        "skipped": 480,
    }
    assert bad["coverage"]["repeats"] == [{"at": home, "addresses": 12}]
    assert bad["checks"][0] | {"why": ""} == {
        "indicator": "1.2", "clause": 1, "rule": "unreachable-home", "part": "veto", "status": "unchecked",
        "subjects": 0, "problems": 0, "points": 0.0, "verified": True, "why": "",
    }  # fmt: skip
    finding = bad["findings"][0]
    assert finding["at"] == "https://www.yunling.gov.cn/xxgk/zcwj/1.html"
    assert finding["message"] == "链接打不开：页面不存在（HTTP 404）"
    assert finding["evidence"] == {
        "warc": "visit.warc.gz", "offset": 10000, "sha256": f"{1:064x}", "status": 404,
        "fetched_at": "2026-11-24T09:30:01+08:00", "rendered_by": None,
    }  # fmt: skip


def test_a_finding_charged_twice_is_listed_once(
    run: Run, qualified: Assessment, edition: Edition, make_finding: Callable[..., Finding]
) -> None:
    twice = make_finding(1, indicators=("1.4", "2.15"), evidence=None, on=None)
    data = json.loads(as_json(run, [replace(qualified, findings=(twice,))], edition, ZH))
    (finding,) = data["sites"][0]["findings"]
    assert (finding["indicator"], finding["indicators"]) == ("1.4", ["1.4", "2.15"])
    assert (finding["evidence"], finding["on"]) == (None, None)
    (row,) = rows(as_csv(run, [replace(qualified, findings=(twice,))], edition, ZH))
    assert row["指标"] == "1.4 栏目不更新、2.15 链接可用性"


def test_the_documents_agree(run: Run, unqualified: Assessment, qualified: Assessment, edition: Edition) -> None:
    sites = [unqualified, qualified]
    wanted = [f.fingerprint for site in sites for f in site.findings]
    data = json.loads(as_json(run, sites, edition, ZH))
    page = render(run, sites, edition)
    assert [f["fingerprint"] for site in data["sites"] for f in site["findings"]] == wanted
    assert [row["问题编号"] for row in rows(as_csv(run, sites, edition, ZH))] == wanted
    assert all(page.count(f"编号 {fingerprint}<") == 1 for fingerprint in wanted)


def test_csv_opens_in_a_spreadsheet(run: Run, unqualified: Assessment, edition: Edition) -> None:
    data = as_csv(run, [unqualified], edition, ZH)
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == len(unqualified.findings) + 1
    first = rows(data)[0]
    assert first["网站名称"] == "云岭县人民政府"
    assert first["网站结论"] == "不合格"
    assert first["访问时间"] == "2026-11-24 09:30:01"
    assert rows(data)[8]["是否确定"] == "待复核"
    assert "Address of the problem" in rows(as_csv(run, [unqualified], edition, EN))[0]


# The fixtures are frozen values: one of each serves every example.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(st.text(), st.builds(str.__add__, st.sampled_from(STARTS), st.text())))
def test_no_cell_starts_a_formula(
    run: Run, qualified: Assessment, edition: Edition, make_finding: Callable[..., Finding], text: str
) -> None:
    said = say("{text}", text=text)
    finding = make_finding(
        1, rule=text, at=text, on=text, column=text, excerpt=text, indicators=(text,), fingerprint=text,
        message=said, expected=said, found=said,
    )  # fmt: skip
    site = replace(qualified.site, name=text, code=text, url=text, organ=text)
    data = as_csv(run, [replace(qualified, site=site, findings=(finding,))], edition, ZH)
    _, cells = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    for cell in cells:
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
        assert "\n" not in cell


def test_an_address_keeps_its_length(
    run: Run, qualified: Assessment, edition: Edition, make_finding: Callable[..., Finding]
) -> None:
    for length, kept in ((5000, 5000), (1_000_000, ADDRESS)):
        long = make_finding(1, at="https://www.yunling.gov.cn/?" + "a" * (length - 28))
        site = replace(qualified, findings=(long,))
        (finding,) = json.loads(as_json(run, [site], edition, ZH))["sites"][0]["findings"]
        assert len(finding["at"]) == kept
        assert len(rows(as_csv(run, [site], edition, ZH))[0]["问题地址"]) == kept


def test_hostile_pages_stay_in_their_cells(run: Run, hostile: Assessment, edition: Edition) -> None:
    data = rows(as_csv(run, [hostile], edition, ZH))
    assert [row["问题编号"] for row in data] == [f.fingerprint for f in hostile.findings]


def test_a_finding_tells_its_history(run: Run, unqualified: Assessment, edition: Edition) -> None:
    known, unknown = unqualified.findings[:2]
    first, last = run.as_of - timedelta(days=30), run.as_of
    gone = Gone("9" * 16, "empty-column", say("栏目“旧闻”没有内容"), "https://www.yunling.gov.cn/col/9/")
    history = History(first, {known.fingerprint: Past(first, last, 3, "rectifying", say("整改中"))}, (gone,))
    data = json.loads(as_json(run, [unqualified], edition, ZH, {unqualified.site.url: history}))
    (site,) = data["sites"]
    told, other = site["findings"][:2]
    keys = ("first_seen", "last_confirmed", "times_seen", "state", "new")
    assert tuple(told[k] for k in keys) == (first.isoformat(), last.isoformat(), 3, "rectifying", False)
    assert (other["fingerprint"], *(other[k] for k in keys)) == (unknown.fingerprint, None, None, None, None, None)
    row, unknown_row = rows(as_csv(run, [unqualified], edition, ZH, {unqualified.site.url: history}))[:2]
    told_row = ("首次发现", "最近确认", "看到的次数", "台账情况")
    assert [row[name] for name in told_row] == ["2026-10-25 09:30:00", "2026-11-24 09:30:00", "3", "整改中"]
    assert [unknown_row[name] for name in told_row] == ["", "", "", ""]
    assert site["previous"] == first.isoformat()
    assert site["gone"] == [
        {
            "fingerprint": "9" * 16,
            "rule": "empty-column",
            "at": "https://www.yunling.gov.cn/col/9/",
            "message": "栏目“旧闻”没有内容",
        }
    ]


def test_every_state_of_the_ledger_is_in_the_schema(validator: Draft202012Validator) -> None:
    states = validator.schema["$defs"]["finding"]["properties"]["state"]["enum"]
    assert states == [*(state.value for state in State), None]


def test_the_dictionary_is_what_the_schema_says(validator: Draft202012Validator) -> None:
    page = files("reports").joinpath("README.md").read_text("utf-8")
    assert page == dictionary.page(validator.schema), "run: make dictionary"
    for name, part in validator.schema["$defs"].items():
        section = page[page.index(f"\n## {name}\n") :]
        for key, value in part["properties"].items():
            assert f"| `{key}` | {value['title']} |" in section
