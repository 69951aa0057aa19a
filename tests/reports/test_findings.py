"""The HTML report: whole in one file, true to the verdict, and deaf to what pages say."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from crawler.message import say
from crawler.probe import Day
from reports.findings import render
from reports.history import Gone, History, Past, Visit
from reports.language import Language
from rules.engine.assessment import Assessment, ColumnState, Finding, Result, Run, Status
from rules.engine.edition import Edition, Part

HOME = "https://www.yunling.gov.cn/"
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
    assert "动态要闻 栏目名称含“动态” 20 2026-09-01 84 天 14 天 超过 70 天 有问题" in columns
    assert "— — — 14 天 无法观察 列表由脚本生成，没有看到内容" in columns
    assert "政策解读 META ColumnType“政策解读” 35 2026-11-20 4 天 6 个月 还剩 180 天 未发现问题" in columns


def test_found_within_the_limit_is_not_nothing_found(run: Run, unqualified: Assessment, edition: Edition) -> None:
    checks = tuple(
        replace(check, status=Status.PASS, problems=2, subjects=20, why=None) if check.rule == "empty-column" else check
        for check in unqualified.checks
    )
    text = Report(render(run, [replace(unqualified, checks=checks)], edition)).text
    assert "有问题，未达到限度 2/20 — 发现 2 个，未达到 5 个。" in text
    assert "有问题，未达到限度 1、不符合" in text


@pytest.mark.parametrize(
    ("kind", "top", "newest", "state"),
    [
        ("news", True, date(2026, 11, 11), "14 天 还剩 1 天 未发现问题"),
        ("news", True, date(2026, 11, 10), "14 天 正在期限当天 未作判断"),
        ("notice", True, date(2026, 11, 11), "6 个月 还剩 171 天 未发现问题"),
        ("notice", True, date(2019, 5, 1), "6 个月 超过 2,580 天 未作判断"),
        ("notice", False, date(2019, 5, 1), "— 未检查更新"),
        ("other", True, date(2019, 5, 1), "— 未检查更新"),
    ],
)
def test_a_column_that_no_clause_dates_is_not_said_to_be_fine(
    run: Run, qualified: Assessment, edition: Edition, kind: str, top: bool, newest: date, state: str
) -> None:
    old = ColumnState("专题", f"{qualified.site.url}zt/", kind, top, 3, newest, None, None)
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
        r"<bdi>.*?</bdi>|<q>.*?</q>|<style>.*?</style>|<span lang=.*?</span>|<p lang=.*?</p>",
        "",
        document,
        flags=re.DOTALL,
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
    assert re.findall(r'<details class="group"[^>]*>', document) == [
        '<details class="group" data-part="deduct" data-rule="broken-link">'
    ]
    assert "2,000 处" in document


def test_hostile_pages_are_text(run: Run, hostile: Assessment, edition: Edition) -> None:
    for language in (Language("zh"), Language("en")):
        document = render(run, [hostile, hostile], edition, language)
        document.encode()
        report = Report(document)
        assert len(report.scripts) == 1
        assert "img" not in {tag for tag, _ in report.tags}
        assert all((attrs["class"] or "").startswith("chart ") and "onload" not in attrs for attrs in report.all("svg"))
        assert all((a["href"] or "").startswith(("#", "http://", "https://")) for a in report.all("a"))
        assert not [name for _, attrs in report.tags for name in attrs if name.startswith("on")]
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", document)
        assert "{{ 7*7 }}" in report.text
        assert len(document) < 3_000_000


def test_links_are_told_by_outcome_and_host(run: Run, unqualified: Assessment, edition: Edition) -> None:
    text = Report(render(run, [unqualified], edition)).text
    assert "链接情况 1,216 个链接地址" in text
    assert "能打开 1,194 打不开 8 拒绝访问 2 没有访问 12" in text
    assert "www.yunling.gov.cn 1,204 1,184 8 0 12" in text


def test_charts_are_drawn_here_and_said_in_words(run: Run, unqualified: Assessment, edition: Edition) -> None:
    report = Report(render(run, [unqualified], edition))
    assert all(attrs["aria-hidden"] == "true" for attrs in report.all("svg"))
    drawn = [attrs["aria-label"] or "" for attrs in report.all("span") if attrs.get("class") == "drawn"]
    assert "能打开 1,194、打不开 8、拒绝访问 2、没有访问 12" in drawn
    assert any(label.startswith("近 26 周每周条目数：0、") and label.endswith("、2、1") for label in drawn)


def test_the_trend_is_of_visits_that_compare(run: Run, qualified: Assessment, edition: Edition) -> None:
    visits = (
        Visit(run.as_of - timedelta(days=90), Result.UNDETERMINED, None, 0, 0),
        Visit(run.as_of - timedelta(days=30), Result.UNQUALIFIED, None, 31, 4),
        Visit(run.as_of, Result.QUALIFIED, 87.5, 5, 0),
    )
    home = qualified.site.url
    told = Report(render(run, [qualified], edition, histories={home: History(visits=visits)})).text
    assert "历次检查 范围和检查指标相同的最近 3 次" in told
    assert "2026-08-26 09:30 无法判定 — 0 0 2026-10-25 09:30 不合格 — 31 4 2026-11-24 09:30 合格 87.5 5 0" in told
    alone = Report(render(run, [qualified], edition, histories={home: History(visits=visits[-1:])})).text
    assert "历次检查" not in alone


def test_what_changed_is_told_with_since_when(run: Run, unqualified: Assessment, edition: Edition) -> None:
    old, new, *_ = unqualified.findings
    before = run.as_of - timedelta(days=45)
    past = {
        old.fingerprint: Past(before, run.as_of, 4, "rectifying", say("整改中")),
        new.fingerprint: Past(run.as_of, run.as_of, 1, "new", say("新发现")),
    }
    history = History(
        run.as_of - timedelta(days=15),
        past,
        (Gone("9" * 16, "empty-column", say("栏目“旧闻”没有内容"), f"{HOME}col/9/"),),
    )
    report = Report(render(run, [unqualified], edition, histories={HOME: history}))
    assert "新增 1 处，仍然存在 14 处（最早的一处 2026-10-10 首次发现），已消失 1 处" in report.text
    assert "首次发现 2026-10-10 09:30 最近确认 2026-11-24 09:30 共看到 4 次，整改中" in report.text
    assert [attrs.get("data-first") for attrs in report.all("tr") if "data-new" in attrs] == ["2026-11-24"]
    assert "本次访问 2 次" in report.text
    assert "如何核对 在浏览器中打开所在页，找到这个链接点开" in report.text


def test_a_finding_leads_to_the_words_on_the_page(
    run: Run, qualified: Assessment, edition: Edition, make_finding: Callable[..., Finding]
) -> None:
    def spots(**fields: Any) -> list[str | None]:
        site = replace(qualified, findings=(make_finding(1, **fields),))
        return [a["href"] for a in Report(render(run, [site], edition)).all("a") if a.get("class") == "spot"]

    assert spots(excerpt="第1-2号 文件") == [f"{HOME}#:~:text=%E7%AC%AC1%2D2%E5%8F%B7%20%E6%96%87%E4%BB%B6"]
    assert spots(excerpt="电话") != spots(excerpt="电话", on=None, at=f"{HOME}a.html", status=200)
    assert spots(excerpt="110***********1234") == []  # masked: it stands nowhere so
    assert spots(excerpt="电话", on=None, status=404) == []  # nothing stands there
    assert spots(excerpt="电话", on="javascript:alert(1)") == []


def test_every_page_lists_what_is_to_be_mended_on_it(run: Run, unqualified: Assessment, edition: Edition) -> None:
    document = render(run, [unqualified], edition)
    places = document[document.index('id="s1-places"') : document.index('id="s1-columns"')]
    assert re.findall(r"<summary>.*?</summary>", places)[0].endswith("<span>9 处</span></summary>")
    told = re.findall(r'<li>(\d+) <a href="#s1-(\d+)">', places)
    assert sorted(int(number) for number, _ in told) == [n + 1 for n in range(len(unqualified.findings))]
    assert all(number == id_ for number, id_ in told)


def test_the_days_before_are_told_as_probes_found_them(run: Run, qualified: Assessment, edition: Edition) -> None:
    begins = [run.as_of - timedelta(days=n) for n in (3, 2, 1)]
    days = (
        Day(begins[0], begins[1], counted=24, failed=3),
        Day(begins[1], begins[2], counted=20, doubtful=2, ours=1, announced=4),
        Day(begins[2], run.as_of),
    )
    document = render(run, [replace(qualified, availability=days)], edition)
    text = Report(document).text
    assert "首页能否打开 3 天里计入的访问 44 次，打不开 3 次" in text
    assert "11-21 09:30 至 11-22 09:30 24 21 3 12.5% —" in text
    assert "27 20 0 0% 其他网站也打不开 2、检查方网络中断 1、已报备维护 4" in text
    assert "11-23 09:30 至 11-24 09:30 0 0 0 — —" in text  # nobody looked: nothing is claimed
    assert "首页能否打开" not in Report(render(run, [qualified], edition)).text
