"""The HTML report: whole in one file, true to the verdict, and deaf to what pages say."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from reports.findings import render
from reports.language import Language
from rules.engine.assessment import Assessment, ColumnState, Finding, Run
from rules.engine.edition import Edition, Part

VOID = {"meta", "link", "input", "br", "img"}


class Report(HTMLParser):
    """Tags with their attributes, the script, and the text without script and style."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.words: list[str] = []
        self._inside = ""
        self.feed(document)
        self.close()
        self.text = re.sub(r"\s+", " ", " ".join(self.words))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._inside = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside != "style":
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def test_nothing_in_the_file_asks_for_anything(
    run: Run, unqualified: Assessment, qualified: Assessment, edition: Edition
) -> None:
    report = Report(render(run, [unqualified, qualified], edition))
    assert {"img", "iframe", "object", "embed", "video", "form", "base"}.isdisjoint(tag for tag, _ in report.tags)
    assert [link["href"] for link in report.all("link")] == ["data:,"]
    assert all("src" not in attrs and "style" not in attrs for _, attrs in report.tags)
    assert not [name for _, attrs in report.tags for name in attrs if name.startswith("on")]
    outside = [a for a in report.all("a") if not (a["href"] or "").startswith("#")]
    assert outside
    assert all(a["rel"] == "noreferrer noopener" for a in outside)


def test_the_policy_allows_one_script_and_no_request(run: Run, unqualified: Assessment, edition: Edition) -> None:
    report = Report(render(run, [unqualified], edition))
    (policy,) = [m["content"] for m in report.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    (script,) = report.scripts
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


def test_the_verdict_comes_first_with_its_count_and_threshold(
    run: Run, unqualified: Assessment, edition: Edition
) -> None:
    document = render(run, [unqualified], edition)
    text = Report(document[document.index("<main>") :]).text
    order = [
        "云岭县人民政府",
        " 不合格 ",
        "1.4 栏目不更新：发现 6 个，达到 5 个即不符合。",
        "不计分",
        " 问题清单 ",
        " 栏目情况 ",
        " 条款逐项结果 ",
    ]
    places = [text.index(word) for word in order]
    assert places == sorted(places)
    assert "国办秘函〔2019〕19号" in document
    assert "2026年11月24日 09:30（北京时间）" in document
    assert "政府门户网站（按网站名称推定）" in text


def test_coverage_and_what_is_left_for_people(run: Run, unqualified: Assessment, edition: Edition) -> None:
    text = Report(render(run, [unqualified], edition)).text
    assert "242（超过页数上限 230、robots.txt 不允许访问 12）" in text
    assert "提前结束，未检查完" in text
    assert "service.example.com" in text
    assert "rl?month：打开 31 页后连续没有新内容，不再打开；480 个没有访问" in text
    assert "a/b/：地址无限增长，7 个没有访问" in text
    assert "*.example.cn：主机过多，5 个地址没有访问" in text
    assert "x：同一地址的其他写法（会话标识、参数顺序等），3 个没有访问" in text
    assert "另有 12 个地址与" in text
    for left in ("1 项条款须人工检查", "1 处问题待人工复核", "1 项条款本次未能检查", "检查提前结束，有内容没有看到"):
        assert left in text


def test_every_finding_says_where_what_and_how_to_fix(run: Run, unqualified: Assessment, edition: Edition) -> None:
    fixes = {"stale-column": "恢复更新，\n或者归档。", "broken-link": "改正链接。"}
    report = Report(render(run, [unqualified], edition, fixes=lambda rule: fixes.get(rule, "")))
    for finding in unqualified.findings:
        assert str(finding.message) in report.text
        assert finding.at in {a["href"] for a in report.all("a")}
        assert finding.fingerprint in report.text
    for words in (
        "栏目： 云岭要闻",
        "应为： 14天内有更新",
        "实为： 最新一条的日期是2026-09-01",
        "HTTP 404 2026-11-24 09:30:01",
        "visit.warc.gz +10000",
        "SHA-256 000000000000…",
        "关于印发第1号文件的通知",
        "累计超过（含）5个未更新。",
        "恢复更新，",
        "改正链接。",
    ):
        assert words in report.text, words


def test_findings_follow_the_catalogue(run: Run, unqualified: Assessment, edition: Edition) -> None:
    document = render(run, [unqualified], edition)
    listed = document[document.index('class="indicator"') :]
    assert listed.index("栏目长期未更新") < listed.index("链接打不开")
    assert len(re.findall(r"<tr id=", document)) == len(unqualified.findings)


def test_below_the_threshold_is_no_veto(
    run: Run, qualified: Assessment, edition: Edition, make_finding: Callable[..., Finding]
) -> None:
    stale = [make_finding(n, rule="stale-column", indicators=("1.4",), part=Part.VETO, points=0.0) for n in (1, 2)]
    text = Report(render(run, [replace(qualified, findings=tuple(stale))], edition)).text
    assert "单项否决指标，未构成否决" in text
    assert "发现 2 个，未达到 5 个。" in text


def test_a_good_verdict_claims_no_more_than_was_seen(run: Run, qualified: Assessment, edition: Edition) -> None:
    text = Report(render(run, [qualified], edition)).text
    assert "机器检查项未发现不合格情形。" in text
    assert "另有1 项条款须人工检查，不在此结论之内。" in text
    assert "估算分 87.5" in text
    assert "测得 40/100 分的项目" in text


def test_an_undetermined_site_never_looks_good(run: Run, undetermined: Assessment, edition: Edition) -> None:
    document = render(run, [undetermined], edition)
    body = document[document.index("<body>") :]
    assert "无法判定" in body
    assert "首页要求人机验证，没有看到内容" in body
    assert "没有看到网站的内容，不能说没有问题。" in body
    assert "确定 0 处" not in body
    assert "✓" not in body
    assert not re.search(r'class="[^"]*\bgood\b', body)


def test_several_sites_begin_with_an_overview(
    run: Run, unqualified: Assessment, qualified: Assessment, undetermined: Assessment, edition: Edition
) -> None:
    failed = replace(run, failures=(("https://lyj.yunling.gov.cn/", "检查进程意外退出"),))
    report = Report(render(failed, [unqualified, qualified, undetermined], edition))
    assert "总览 4 个网站 不合格 1 无法判定 1 合格 1 没有完成检查 1" in report.text
    assert "原因在检查程序一方，不是网站的问题" in report.text
    ids = [attrs["id"] for _, attrs in report.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = {a["href"] for a in report.all("a") if (a["href"] or "").startswith("#")}
    assert {"#s1", "#s2", "#s3"} <= targets
    assert {str(target)[1:] for target in targets} <= set(ids)


def test_no_result_is_not_a_good_result(run: Run, edition: Edition) -> None:
    text = Report(render(replace(run, finished=None), [], edition)).text
    assert "没有检查不等于没有问题" in text
    assert "未结束" in text


def test_columns_tell_unseen_from_wrong(run: Run, unqualified: Assessment, edition: Edition) -> None:
    text = Report(render(run, [unqualified], edition)).text
    columns = text[text.index("栏目情况") : text.index("条款逐项结果", text.index("栏目情况"))]
    assert "动态要闻 栏目名称含“动态” 20 2026-09-01 84 天 有问题" in columns
    assert "— — — 无法观察 列表由脚本生成，没有看到内容" in columns
    assert "政策解读 META ColumnType“政策解读” 35 2026-11-20 4 天 未发现问题" in columns


@pytest.mark.parametrize(
    ("kind", "top", "state"),
    [
        ("news", True, "未发现问题"),
        ("notice", True, "未发现问题"),
        ("notice", False, "未检查更新"),
        ("other", True, "未检查更新"),
    ],
)
def test_a_column_that_no_clause_dates_is_not_said_to_be_fine(
    run: Run, qualified: Assessment, edition: Edition, kind: str, top: bool, state: str
) -> None:
    old = ColumnState("专题", f"{qualified.site.url}zt/", kind, top, 3, date(2019, 5, 1), None, None)
    text = Report(render(run, [replace(qualified, columns=(old,))], edition)).text
    columns = text[text.index("栏目情况") : text.index("条款逐项结果", text.index("栏目情况"))]
    assert columns.rstrip().endswith(state)


def test_advice_about_a_column_is_no_fault_of_it(
    run: Run, qualified: Assessment, edition: Edition, make_finding: Callable[..., Finding]
) -> None:
    column = ColumnState("要闻", f"{qualified.site.url}yw/", "news", True, 3, date(2026, 11, 20), None, None)
    advice = make_finding(1, part=Part.ADVICE, at=column.url, certain=True, points=0.0, indicators=("9.9",))
    text = Report(render(run, [replace(qualified, columns=(column,), findings=(advice,))], edition)).text
    columns = text[text.index("栏目情况") : text.index("条款逐项结果", text.index("栏目情况"))]
    assert columns.rstrip().endswith("建议")


def test_english(run: Run, unqualified: Assessment, edition: Edition) -> None:
    document = render(run, [unqualified], edition, Language("en"))
    report = Report(document)
    assert report.all("html") == [{"lang": "en"}]
    assert "Non-compliant" in report.text
    assert "1.4 Columns not updated: 6 found; 5 or more fail the clause." in report.text
    own = re.sub(
        r"<bdi>.*?</bdi>|<style>.*?</style>|<span lang=.*?</span>|<p lang=.*?</p>", "", document, flags=re.DOTALL
    )
    for finding in unqualified.findings:
        own = own.replace(str(finding.message), "")
    own = own.replace(edition.title, "")
    for word in ("问题", "判定", "证据", "扣分", "检查", "栏目："):
        assert word not in own, word


def test_many_findings_stay_one_row_each(
    run: Run, unqualified: Assessment, edition: Edition, make_finding: Callable[..., Finding]
) -> None:
    many = replace(unqualified, findings=tuple(make_finding(n) for n in range(2_000)))
    document = render(run, [many], edition)
    assert document.count("<tr id=") == 2_000
    assert re.findall(r'<details class="group"[^>]*>', document) == ['<details class="group" data-part="deduct">']
    assert "2,000 处" in document


def test_hostile_pages_are_text(run: Run, hostile: Assessment, edition: Edition) -> None:
    for language in (Language("zh"), Language("en")):
        document = render(run, [hostile, hostile], edition, language)
        document.encode()
        report = Report(document)
        assert len(report.scripts) == 1
        assert {"img", "svg"}.isdisjoint(tag for tag, _ in report.tags)
        assert all((a["href"] or "").startswith(("#", "http://", "https://")) for a in report.all("a"))
        assert not [name for _, attrs in report.tags for name in attrs if name.startswith("on")]
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", document)
        assert "{{ 7*7 }}" in report.text
        assert len(document) < 3_000_000


def _chromium() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def test_hostile_pages_run_nothing_in_a_browser(
    run: Run, hostile: Assessment, edition: Edition, tmp_path: Path
) -> None:
    browser = _chromium()
    if browser is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing: install it, this promise is not tested without it")
        pytest.skip("Chromium is not installed")
    report = tmp_path / "report.html"
    report.write_text(render(run, [hostile, hostile], edition), "utf-8")
    command = [
        browser,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
    ]
    command += ["--disable-component-update", "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"]
    shown = subprocess.run(
        [*command, report.as_uri()], capture_output=True, encoding="utf-8", timeout=120, check=True
    ).stdout
    dom = Report(shown)
    assert "<title>OWNED" not in shown
    # Our own script did run: it takes the filter out of hiding.
    (bar,) = [attrs for tag, attrs in dom.tags if attrs.get("id") == "filter"]
    assert "hidden" not in bar
    assert len(dom.scripts) == 1
    assert {"img", "svg"}.isdisjoint(tag for tag, _ in dom.tags)
