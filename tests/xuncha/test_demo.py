"""The demo finds what is planted in its portal, accuses nothing that is innocent, and every document agrees."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from docx import Document
from openpyxl import load_workbook

import reports
from xuncha import demo
from xuncha.outputs import FORMATS

TRUTH: dict[str, Any] = tomllib.loads((Path(demo.__file__).parent / "portal" / "truth.toml").read_text("utf-8"))
SCHEMA = json.loads((Path(reports.__file__).parent / "findings.schema.json").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Shown:
    out: str
    err: str
    folder: Path
    data: dict[str, Any]

    @property
    def site(self) -> dict[str, Any]:
        site: dict[str, Any] = self.data["sites"][0]
        return site


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """One demo of all formats, as a person starts it, in a folder with a Chinese name and a space."""
    folder = tmp_path_factory.mktemp("demo") / "检查 一"
    folder.mkdir()
    command = [sys.executable, "-W", "error", "-m", "xuncha", "demo", "--format", ",".join(FORMATS)]
    environment = {**os.environ, "XUNCHA_DATA": "数据 目录"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    data = json.loads((folder / "xuncha-demo" / "findings.json").read_text("utf-8"))
    yield Shown(done.stdout, done.stderr, folder, data)


def place(url: str | None) -> str | None:
    """As the truth writes addresses: decoded paths of the portal, whole addresses elsewhere."""
    if url is None:
        return None
    parts = urlsplit(url)
    return unquote(parts.path) if parts.hostname in ("127.0.0.1", demo.OWN_NAME) else unquote(url)


def told(finding: dict[str, Any]) -> tuple[Any, ...]:
    return finding["rule"], place(finding["at"]), place(finding["on"]), finding["certain"]


def test_exactly_the_planted_problems_are_found(shown: Shown) -> None:
    planted = Counter((p["rule"], p["at"], p.get("on"), p["certain"]) for p in TRUTH["planted"])
    assert Counter(map(told, shown.site["findings"])) == planted
    assert (shown.site["verdict"], shown.site["vetoes"]) == (TRUTH["result"], TRUTH["vetoes"])


def test_every_planted_problem_names_its_column(shown: Shown) -> None:
    named = {(p["rule"], p["at"]): p["column"] for p in TRUTH["planted"] if "column" in p}
    found = {(f["rule"], place(f["at"])): f["column"] for f in shown.site["findings"]}
    assert {key: found[key] for key in named} == named


@pytest.mark.parametrize("innocent", TRUTH["innocent"], ids=lambda i: i["at"])
def test_no_innocent_is_accused(shown: Shown, innocent: dict[str, Any]) -> None:
    rules = innocent.get("rules")
    accused = [f for f in shown.site["findings"] if place(f["at"]) == innocent["at"]]
    assert [f["message"] for f in accused if rules is None or f["rule"] in rules] == []


def test_json_is_what_its_schema_says(shown: Shown) -> None:
    jsonschema.validate(shown.data, SCHEMA, format_checker=jsonschema.FormatChecker())
    assert shown.data["run"]["as_of"] == "2026-11-20T09:00:00+08:00"
    assert shown.data["run"]["edition"] == "cn-2019"
    assert len({f["fingerprint"] for f in shown.site["findings"]}) == len(shown.site["findings"])


def test_evidence_lies_where_the_finding_says(shown: Shown) -> None:
    [warc] = (shown.folder / "数据 目录" / "runs").glob("*/*/visit.warc.gz")
    size = warc.stat().st_size
    for finding in shown.site["findings"]:
        evidence = finding["evidence"]
        assert evidence is not None, finding["message"]
        assert evidence["warc"] == warc.name
        assert 0 <= evidence["offset"] < size
        assert warc.read_bytes()[evidence["offset"] :][:2] == b"\x1f\x8b"


def test_links_are_counted_by_host_and_outcome(shown: Shown) -> None:
    coverage = shown.site["coverage"]
    outcomes = coverage["outcomes"]
    assert sum(outcomes.values()) - outcomes["skipped"] <= coverage["links"] <= sum(outcomes.values())
    assert {name: sum(host[name] for host in coverage["hosts"]) for name in outcomes} == outcomes
    dead = {f["at"] for f in shown.site["findings"] if f["rule"].startswith("broken-") and f["certain"]}
    assert outcomes["broken"] == len(dead) > 0
    assert all(f["asked"] >= 2 for f in shown.site["findings"] if f["at"] in dead)


def test_columns_tell_their_updates_by_week(shown: Shown) -> None:
    as_of = date.fromisoformat(shown.data["run"]["as_of"][:10])
    dated = [c for c in shown.site["columns"] if c["updates"]]
    assert any(sum(c["updates"]) > 1 for c in dated)
    for column in dated:
        assert len(column["updates"]) == 26
        newest = (as_of - date.fromisoformat(column["newest"])).days // 7
        weeks = [-1 - place for place, n in enumerate(reversed(column["updates"])) if n]
        assert (weeks[0] if weeks else -27) == max(-1 - newest, -27)
        assert sum(column["updates"]) <= column["items"]


class _Rows(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.foreign: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("script", "link", "img", "iframe") and (given.get("src") or given.get("href") or "").startswith(
            "http"
        ):
            self.foreign.append(tag)


def _html(folder: Path, data: dict[str, Any]) -> int:
    source = (folder / "findings.html").read_text("utf-8")
    assert _Rows(source).foreign == []
    return sum(f["fingerprint"] in source for f in data["sites"][0]["findings"])


def _xlsx(folder: Path, data: dict[str, Any]) -> int:
    book = load_workbook(folder / "annex.xlsx", read_only=True)
    cells = [
        str(cell) for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for cell in row if cell
    ]
    book.close()
    return sum(any(f["fingerprint"] in cell for cell in cells) for f in data["sites"][0]["findings"])


def _csv(folder: Path, data: dict[str, Any]) -> int:
    rows = list(csv.DictReader(io.StringIO((folder / "findings.csv").read_text("utf-8-sig"))))
    assert {row["问题编号"] for row in rows} == {f["fingerprint"] for f in data["sites"][0]["findings"]}
    return len(rows)


def _sarif(folder: Path, data: dict[str, Any]) -> int:
    [run] = json.loads((folder / "findings.sarif").read_text("utf-8"))["runs"]
    certain = sum(f["certain"] for f in data["sites"][0]["findings"])
    assert sum(r["kind"] == "fail" for r in run["results"]) == certain
    return len(run["results"])


@pytest.mark.parametrize("read", [_html, _xlsx, _csv, _sarif])
def test_every_document_counts_the_same(shown: Shown, read: Callable[[Path, dict[str, Any]], int]) -> None:
    assert read(shown.folder / "xuncha-demo", shown.data) == len(shown.site["findings"])


def test_junit_fails_the_clauses_that_failed(shown: Shown) -> None:
    root = ET.parse(shown.folder / "xuncha-demo" / "junit.xml").getroot()  # noqa: S314 - our own
    failed = [c for c in shown.site["checks"] if c["status"] == "fail"]
    assert int(root.get("failures", "")) == len(failed) > 0
    assert int(root.get("tests", "")) == len(shown.site["checks"])


def test_notice_is_a_document_with_the_site_in_it(shown: Shown) -> None:
    notice = Document(str(shown.folder / "xuncha-demo" / "notice.docx"))
    text = "\n".join(p.text for p in notice.paragraphs) + "\n".join(
        cell.text for table in notice.tables for row in table.rows for cell in row.cells
    )
    assert "云岭县人民政府" in text
    assert "单项否决" in text


def test_the_screen_says_verdict_counts_files_and_what_to_do(shown: Shown) -> None:
    findings = shown.site["findings"]
    certain = sum(f["certain"] for f in findings)
    coverage = shown.site["coverage"]
    row = next(line for line in shown.out.splitlines() if line.startswith("云岭县人民政府"))
    assert row.split()[-4:] == [
        str(n) for n in (certain, len(findings) - certain, coverage["pages"], coverage["links"])
    ]
    assert "不合格（单项否决 1.4）" in row
    for wanted in FORMATS.values():
        assert str(Path("xuncha-demo") / wanted.file) in shown.out
    assert shown.out.splitlines()[-1].startswith("下一步：")
    assert shown.data["run"]["id"] in shown.out
    assert f"问题 {certain} 个，待复核 {len(findings) - certain} 个" in shown.err


def test_a_fleet_is_an_index_that_leads_to_a_page_a_site(shown: Shown) -> None:
    command = [sys.executable, "-W", "error", "-m", "xuncha", "report", "last", "--fleet", "--out", "../全部"]
    environment = {**os.environ, "XUNCHA_DATA": "数据 目录"}
    done = subprocess.run(
        command, cwd=shown.folder, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    index = shown.folder.parent / "全部" / "index.html"
    assert done.stdout == f"总览：{Path('..') / '全部' / 'index.html'}（1 个网站，每个一页）\n"
    links = set(re.findall(r'href="(sites/[^"#]+)(#[^"]*)?"', index.read_text("utf-8")))
    assert {page for page, _ in links} == {f"sites/{path.name}" for path in index.parent.glob("sites/*")}
    page = (index.parent / next(iter(links))[0]).read_text("utf-8")
    assert {f'id="{place[1:]}"' in page for _, place in links if place} == {True}
    assert 'href="../index.html"' in page
    assert page.count("<tr id=") == len(shown.site["findings"])


def test_nothing_but_the_report_and_the_data_is_written(shown: Shown) -> None:
    assert {p.name for p in shown.folder.iterdir()} == {"xuncha-demo", "数据 目录"}
    assert {p.name for p in (shown.folder / "xuncha-demo").iterdir()} == {f.file for f in FORMATS.values()}
    assert {p.name for p in (shown.folder / "数据 目录").iterdir()} <= {
        "runs",
        "xuncha.db",
        "xuncha.db-wal",
        "xuncha.db-shm",
    }


def test_in_english_no_chinese_but_the_site_s_own_words(xuncha: Any) -> None:
    said = xuncha("--lang", "en", "demo", "--format", "json", "--json-log")
    assert said.code == 0
    words = [line for line in said.out.splitlines() if "云岭" not in line]
    assert not [line for line in words if any("\u4e00" <= c <= "\u9fff" for c in line)]
    assert all(json.loads(line)["event"] for line in said.err.splitlines())
