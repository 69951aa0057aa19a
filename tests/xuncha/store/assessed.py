"""Runs, sites and assessments to be stored."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

from crawler.message import say
from crawler.page import Evidence
from crawler.probe import Day
from crawler.quiet import Quiet
from crawler.site import Column, Site, SiteKind
from crawler.snapshot import Coverage
from rules.engine.assessment import (
    Assessment,
    Charge,
    Check,
    ColumnState,
    Finding,
    Result,
    Run,
    Status,
)
from rules.engine.edition import Part

BEIJING = timezone(timedelta(hours=8))
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=BEIJING)
PORTAL = Site("http://www.yunling.gov.cn/", "云岭县人民政府", "5399990001", "云岭县人民政府办公室", SiteKind.PORTAL)
SCHOOLS = Site("http://jy.yunling.gov.cn/", "云岭县教育体育局", "5399990002", kind=SiteKind.DEPARTMENT)
WATER = Site(
    "http://sw.yunling.gov.cn/",
    "云岭县水务局",
    columns=(Column("通知", "http://sw.yunling.gov.cn/tz/"),),
    quiet=(Quiet(510, 1080),),
)


def make_run(run_id="20261124-120000-aaaa", **changes):
    return replace(Run(run_id, NOON, NOON, None, "cn-2019", "quick", "0.1.0"), **changes)


def finding(n=1, **changes):
    known = Finding(
        fingerprint=f"f{n}",
        rule="broken-link",
        indicators=("1.3", "2.4"),
        part=Part.VETO,
        points=1.0,
        certain=True,
        at=f"http://www.yunling.gov.cn/a{n}.html",
        message=say("链接“{text}”打不开(HTTP {status})", text="通知公告", status=404),
        on="http://www.yunling.gov.cn/",
        column="通知公告",
        excerpt="<a>通知公告</a>",
        evidence=Evidence("visit.warc.gz", 1024, "ab" * 32, "Chromium 156.0.8078.79"),
        status=404,
        fetched_at=NOON,
        charges=(Charge("1.3", 1), Charge("2.4", 2, 1.0)),
    )
    return replace(known, **changes)


def assessment(site=PORTAL, **changes):
    known = Assessment(
        site=site,
        kind=SiteKind.PORTAL,
        kind_guessed=False,
        edition="cn-2019",
        as_of=NOON,
        started=NOON,
        finished=NOON + timedelta(minutes=3),
        result=Result.UNQUALIFIED,
        score=87.5,
        score_is_estimate=True,
        measured_points=92.0,
        vetoes=("1.3",),
        checks=(Check("1.3", 1, "broken-link", Part.VETO, Status.FAIL, 120, 2, 2.0),),
        findings=(finding(1), finding(2, evidence=None, certain=False, fetched_at=None)),
        availability=(Day(NOON - timedelta(days=1), NOON, 24, 2, announced=1),),
        columns=(
            ColumnState(
                "通知公告", "http://www.yunling.gov.cn/tz/", "notice", True, 3, date(2026, 11, 1), None, say("名称")
            ),
        ),
        coverage=Coverage(12, 120, ("blocked.example",), {"limit": 7}, complete=False),
        gone=("00aa", "00bb"),
    )
    return replace(known, **changes)


def raw(path):
    return closing(sqlite3.connect(path))
