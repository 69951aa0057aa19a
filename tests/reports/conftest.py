"""Sample assessments of a fictional county, for every test of a document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from crawler.message import say
from crawler.page import Evidence
from crawler.probe import Day
from crawler.site import Site, SiteKind
from crawler.snapshot import Coverage, HostLinks, Repeat, Trap
from rules.engine.assessment import Assessment, Check, ColumnState, Finding, Result, Run, Status
from rules.engine.edition import Clause, Edition, Indicator, Part

BEIJING = timezone(timedelta(hours=8))
AS_OF = datetime(2026, 11, 24, 9, 30, tzinfo=BEIJING)
HOME = "https://www.yunling.gov.cn/"


@pytest.fixture
def edition() -> Edition:
    return Edition(
        id="cn-sample",
        title="政府网站检查指标（样例）",
        basis="国办秘函〔2019〕19号",
        published=date(2019, 4, 1),
        pass_score=60,
        bonus_gate=80,
        service_group="办事服务",
        indicators=(
            Indicator(
                "1.2",
                Part.VETO,
                "单项否决",
                "站点无法访问",
                0,
                (
                    Clause(
                        "监测1周，每天间隔性访问20次以上，超过（含）15秒网站仍打不开的次数累计占比超过（含）5%。",
                        "unreachable-home",
                        share=0.05,
                        source="国办秘函〔2019〕19号",
                        verified=True,
                    ),
                ),
            ),
            Indicator(
                "1.4",
                Part.VETO,
                "单项否决",
                "栏目不更新",
                0,
                (
                    Clause(
                        "监测时间点前2周内的动态、要闻类栏目，以及监测时间点前6个月内的通知公告、政策文件类一级栏目，累计超过（含）5个未更新。",
                        "stale-column",
                        {"days": {"news": 14, "explain": "6 months", "notice": "6 months"}, "top_only": ["notice"]},
                        at_least=5,
                        source="国办秘函〔2019〕19号",
                        verified=True,
                    ),
                    Clause("空白栏目数量超过（含）5个。", "empty-column", at_least=5, verified=True),
                ),
            ),
            Indicator(
                "1.6",
                Part.VETO,
                "单项否决",
                "严重表述错误",
                0,
                (Clause("出现严重表述错误。", None, verified=True),),
            ),
            Indicator(
                "2.15",
                Part.DEDUCT,
                "功能设计",
                "链接可用性",
                10,
                (
                    Clause(
                        "首页上的链接（包括图片、附件、外部链接等）打不开或错误，每个扣1分；其他页面的链接，每个扣0.1分。",
                        "broken-link",
                        points=1,
                        cap=10,
                    ),
                ),
            ),
            Indicator(
                "2.16",
                Part.DEDUCT,
                "功能设计",
                "网站标识",
                5,
                (Clause("底部功能区缺网站标识码等，每缺1项扣1分。", "missing-mark", points=1, cap=5),),
            ),
            Indicator(
                "3.1", Part.BONUS, "加分", "征集调查", 5, (Clause("一年内开展征集调查6次以上。", None, points=5),)
            ),
        ),
    )


@pytest.fixture
def run() -> Run:
    return Run(
        id="20261124-093015-3f2a",
        as_of=AS_OF,
        started=AS_OF + timedelta(seconds=15),
        finished=AS_OF + timedelta(minutes=7, seconds=3),
        edition="cn-sample",
        scope="quick",
        version="0.1.0",
    )


@pytest.fixture
def make_finding() -> Callable[..., Finding]:
    """A broken link of the home page, numbered, with any field replaced."""

    def make(number: int = 1, **fields: Any) -> Finding:
        given: dict[str, Any] = {
            "fingerprint": f"{number:016x}",
            "rule": "broken-link",
            "indicators": ("2.15",),
            "part": Part.DEDUCT,
            "points": 1.0,
            "certain": True,
            "at": f"{HOME}xxgk/zcwj/{number}.html",
            "message": say("链接打不开：{reason}", reason=say("页面不存在（HTTP {status}）", status=404)),
            "on": HOME,
            "excerpt": f"关于印发第{number}号文件的通知",
            "expected": say("能打开"),
            "found": say("HTTP {status}", status=404),
            "evidence": Evidence("visit.warc.gz", 10_000 * number, f"{number:064x}"),
            "status": 404,
            "fetched_at": AS_OF + timedelta(seconds=number),
            "asked": 2,
        }
        return Finding(**(given | fields))

    return make


@pytest.fixture
def unqualified(make_finding: Callable[..., Finding]) -> Assessment:
    """Vetoed for six stale columns; dead links, a review, an unchecked clause and manual ones besides."""
    names = ("云岭要闻", "部门动态", "乡镇动态", "通知公告", "政策文件", "图片新闻")
    kinds = ("news", "news", "news", "notice", "policy", "news")
    newest = [date(2026, 9, 1), date(2026, 8, 12), date(2026, 10, 8), date(2026, 3, 2), date(2025, 12, 30), None]
    stale = tuple(
        make_finding(
            100 + n,
            rule="stale-column",
            indicators=("1.4",),
            part=Part.VETO,
            points=0.0,
            at=f"{HOME}col/{n}/",
            on=None,
            column=name,
            message=say("栏目“{name}”{days}天没有更新", name=name, days=(AS_OF.date() - day).days)
            if day
            else say("栏目“{name}”的条目没有日期，视为不更新", name=name),
            excerpt="",
            expected=say("{days}天内有更新", days=14),
            found=say("最新一条的日期是{day}", day=day.isoformat()) if day else say("没有日期"),
            status=200,
        )
        for n, (name, day) in enumerate(zip(names, newest, strict=True))
    )
    links = tuple(make_finding(n, points=0.0) for n in range(1, 9))
    review = make_finding(
        50,
        certain=False,
        points=0.0,
        at="https://service.example.com/query",
        message=say("主机{host}拒绝访问（HTTP {status}），不能判断其链接", host="service.example.com", status=403),
        found=None,
        expected=None,
        status=403,
    )
    columns = tuple(
        ColumnState(
            name,
            f"{HOME}col/{n}/",
            kind,
            True,
            20,
            day,
            None,
            say("栏目名称含“{word}”", word="动态"),
            updates=(*[0] * 23, 4, 2, 1) if n == 2 else (),
        )
        for n, (name, kind, day) in enumerate(zip(names, kinds, newest, strict=True))
    )
    return Assessment(
        site=Site(HOME, "云岭县人民政府", "5399990001", "云岭县人民政府办公室", SiteKind.PORTAL),
        kind=SiteKind.PORTAL,
        kind_guessed=True,
        edition="cn-sample",
        as_of=AS_OF,
        started=AS_OF + timedelta(seconds=15),
        finished=AS_OF + timedelta(minutes=3, seconds=27),
        result=Result.UNQUALIFIED,
        score=None,
        score_is_estimate=False,
        measured_points=0,
        vetoes=("1.4",),
        availability=(Day(AS_OF - timedelta(days=1), AS_OF, 24, 1, doubtful=1, unsure=2, ours=3, announced=4),),
        checks=(
            Check(
                "1.2",
                1,
                "unreachable-home",
                Part.VETO,
                Status.UNCHECKED,
                why=say("没有连续一周的监测记录"),
            ),
            Check("1.4", 1, "stale-column", Part.VETO, Status.FAIL, 41, 6),
            Check("1.4", 2, "empty-column", Part.VETO, Status.PASS, 41, 0),
            Check("1.6", 1, None, Part.VETO, Status.REVIEW, why=say("需人工检查")),
            Check("2.15", 1, "broken-link", Part.DEDUCT, Status.FAIL, 1204, 8, verified=False),
            Check("2.16", 1, "missing-mark", Part.DEDUCT, Status.PASS, 1, 0, verified=False),
            Check("3.1", 1, None, Part.BONUS, Status.NOT_APPLICABLE, why=say("有单项否决，不进入加分")),
        ),
        findings=(*links, review, *stale),
        columns=(
            *columns,
            ColumnState(
                "政策解读",
                f"{HOME}col/7/",
                "explain",
                True,
                35,
                date(2026, 11, 20),
                None,
                say("META ColumnType“{type}”", type="政策解读"),
            ),
            ColumnState(
                "云岭视频", f"{HOME}col/8/", "news", False, 0, None, say("列表由脚本生成，没有看到内容"), say("名称")
            ),
        ),
        coverage=Coverage(
            62,
            1204,
            ("service.example.com",),
            {"robots": 12, "max-pages": 230},
            complete=False,
            traps=(
                Trap(f"{HOME}rl?month", 31, 480),
                Trap(f"{HOME}a/b/", 0, 7, "endless"),
                Trap("*.example.cn", 0, 5, "hosts"),
                Trap(f"{HOME}x", 0, 3, "variant"),
            ),
            repeats=(Repeat(HOME, 12),),
            outcomes={"ok": 1194, "broken": 8, "blocked": 2, "skipped": 12},
            hosts=(
                HostLinks("www.yunling.gov.cn", {"ok": 1184, "broken": 8, "skipped": 12}),
                HostLinks("service.example.com", {"blocked": 2}),
                HostLinks("www.gov.cn", {"ok": 10}),
            ),
        ),
    )


@pytest.fixture
def qualified(make_finding: Callable[..., Finding]) -> Assessment:
    """A score of the measured part only, and an estimate."""
    return Assessment(
        site=Site("https://www.qingxi.gov.cn/", "清溪县人民政府", "5399990002", kind=SiteKind.PORTAL),
        kind=SiteKind.PORTAL,
        kind_guessed=False,
        edition="cn-sample",
        as_of=AS_OF,
        started=AS_OF + timedelta(seconds=20),
        finished=AS_OF + timedelta(seconds=65),
        result=Result.QUALIFIED,
        score=87.5,
        score_is_estimate=True,
        measured_points=40,
        vetoes=(),
        checks=(
            Check("1.4", 1, "stale-column", Part.VETO, Status.PASS, 30, 2),
            Check("1.6", 1, None, Part.VETO, Status.REVIEW, why=say("需人工检查")),
            Check("2.15", 1, "broken-link", Part.DEDUCT, Status.FAIL, 800, 5, 5.0, verified=False),
        ),
        findings=tuple(make_finding(n, at=f"https://www.qingxi.gov.cn/{n}.html") for n in range(200, 205)),
        coverage=Coverage(50, 800),
    )


@pytest.fixture
def undetermined() -> Assessment:
    """The home page could not be had."""
    return Assessment(
        site=Site("https://jtj.yunling.gov.cn/", "云岭县交通运输局", kind=SiteKind.DEPARTMENT),
        kind=SiteKind.DEPARTMENT,
        kind_guessed=False,
        edition="cn-sample",
        as_of=AS_OF,
        started=AS_OF,
        finished=AS_OF + timedelta(seconds=30),
        result=Result.UNDETERMINED,
        score=None,
        score_is_estimate=False,
        measured_points=0,
        vetoes=(),
        checks=(
            Check("1.4", 1, "stale-column", Part.VETO, Status.UNCHECKED, why=say("首页没有打开，没有看到栏目")),
            Check("1.6", 1, None, Part.VETO, Status.REVIEW, why=say("需人工检查")),
        ),
        coverage=Coverage(0, 0, ("jtj.yunling.gov.cn",), {}, complete=False),
        why=say("首页要求人机验证，没有看到内容"),
    )


HOSTILE = (
    "<script>document.title='OWNED'</script>",
    "</script><script>document.title='OWNED'</script>",
    '"><img src=x onerror="document.title=\'OWNED\'">',
    "</bdi></td></tr></table></details><svg/onload=document.title='OWNED'>",
    "{{ 7*7 }}{% raw %}${7*7}",
    '=HYPERLINK("http://evil.example/")',
    "\u202egnp.exe\u2066\u200f",
    "nul\x00 bell\x07 esc\x1b[31m del\x7f c1\x9b",
    "lone \ud800 and \udfff",
    "]]><!-- --><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
    "字" * 1_000_000,
)
"""What a page may hold in its titles, names and texts."""


@pytest.fixture
def hostile(unqualified: Assessment, make_finding: Callable[..., Finding]) -> Assessment:
    """Everything that comes from a page is an attack."""
    findings = tuple(
        make_finding(
            n,
            at=address,
            on=address,
            column=text,
            excerpt=text,
            message=say("链接打不开：{reason}", reason=text),
            expected=say("{text}", text=text),
            found=say("{text}", text=text),
        )
        for n, (text, address) in enumerate(
            (text, address)
            for text in HOSTILE
            for address in (f"javascript:document.title='OWNED'//{text}", f"http://www.yunling.gov.cn/?{text}")
        )
    )
    columns = tuple(
        ColumnState(
            text, f"data:text/html,{text}", "news", True, 1, None, say("{text}", text=text), say("{text}", text=text)
        )
        for text in HOSTILE
    )
    checks = (
        *unqualified.checks,
        Check("9.9", 7, "no-such-rule", Part.ADVICE, Status.FAIL, why=say("{t}", t=HOSTILE[1])),
    )
    traps, repeats = tuple(Trap(t, 1, 1) for t in HOSTILE), tuple(Repeat(t, 1) for t in HOSTILE)
    skipped = dict.fromkeys(HOSTILE, 1)
    outcomes = {"ok": 5, "broken": 3}
    hosts = tuple(HostLinks(text, outcomes) for text in HOSTILE)
    coverage = Coverage(1, 1, HOSTILE, skipped, False, traps, repeats, 0, outcomes, hosts)
    site = Site(f"javascript:{HOSTILE[1]}", HOSTILE[1] + HOSTILE[8] + HOSTILE[7], HOSTILE[0], HOSTILE[2])
    return replace(unqualified, site=site, findings=findings, columns=columns, checks=checks, coverage=coverage)
