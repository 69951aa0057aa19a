"""What reports cost: one site with 10,000 findings, and a fleet of 500 sites with 200 findings each.

    python bench/reports.py            both
    python bench/reports.py --sites 50 --findings 200 --open 0

Makes a store of made-up findings (nothing is asked of any site), writes the pages with `xuncha report last --fleet`,
and says the wall and CPU seconds, the peak memory and the size. Then it writes the findings page of one site with
10,000 findings and opens it from the disk in Chromium: until `load`, until the next frame is painted, until a search
has narrowed it down, and until it is sorted by page; the median of five, with a new page each.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from crawler.browser import find  # noqa: E402
from crawler.message import say  # noqa: E402
from crawler.page import Evidence  # noqa: E402
from crawler.plan import Plan  # noqa: E402
from crawler.site import Site, SiteKind  # noqa: E402
from crawler.snapshot import Coverage, HostLinks  # noqa: E402
from reports.findings import render  # noqa: E402
from rules.engine import edition as editions  # noqa: E402
from rules.engine.assessment import (  # noqa: E402
    WEEKS,
    Assessment,
    Check,
    ColumnState,
    Finding,
    Result,
    Run,
    Status,
)
from rules.engine.edition import Part  # noqa: E402
from xuncha import __version__  # noqa: E402
from xuncha.orders import Orders, stored  # noqa: E402
from xuncha.store import Store  # noqa: E402

AS_OF = datetime(2026, 11, 24, 9, 30, tzinfo=timezone(timedelta(hours=8)))
EDITION = editions.load("cn-2019")
GONE = 5
"""Findings of the run before that are gone in this one, a site."""
RULES = tuple(
    dict.fromkeys(
        (clause.rule, indicator.code, indicator.part)
        for indicator in EDITION.indicators
        for clause in indicator.clauses
        if clause.rule is not None
    )
)


def finding(home: str, number: int) -> Finding:
    rule, code, part = RULES[number % len(RULES)]
    return Finding(
        fingerprint=f"{number:016x}",
        rule=rule,
        indicators=(code,),
        part=part,
        points=0.5 if part is Part.DEDUCT else 0.0,
        certain=number % 5 > 0,
        at=f"{home}xxgk/zcwj/art_{number}_{number * 7919 % 100_000}.html",
        message=say(
            "链接“{text}”打不开：{reason}", text=f"关于印发第{number}号文件的通知", reason="页面不存在（HTTP 404）"
        ),
        on=f"{home}col/{number % 300}/index.html",
        column=f"栏目{number % 40}",
        excerpt=f"关于印发第{number}号文件的通知",
        expected=say("链接可以打开"),
        found=say("HTTP {status}", status=404),
        evidence=Evidence("visit.warc.gz", 1000 * number, f"{number:064x}"),
        status=404,
        fetched_at=AS_OF,
        asked=2,
    )


def assessment(site: int, findings: int) -> Assessment:
    home = f"https://www.site{site:03}.gov.cn/"
    result = (Result.UNQUALIFIED, Result.QUALIFIED, Result.QUALIFIED, Result.UNDETERMINED)[site % 4]
    columns = tuple(
        ColumnState(
            f"栏目{n}", f"{home}col/{n}/", "news", True, 20, AS_OF.date() - timedelta(days=n % 30), None, None,
            updates=tuple((n + site + week * week) % 5 for week in range(WEEKS)),
        )
        for n in range(30)
    )  # fmt: skip
    checks = tuple(
        Check(indicator.code, number, clause.rule, indicator.part, Status.FAIL if clause.rule else Status.REVIEW, 9, 2)
        for indicator in EDITION.indicators
        for number, clause in enumerate(indicator.clauses, 1)
    )
    outcomes = {"ok": 1800, "broken": 40, "blocked": 12}
    hosts = tuple(
        HostLinks(f"host{n}.example.cn", {"ok": 90 + site % 50 + n, "broken": n % 7, "blocked": site % 3})
        for n in range(30)
    )
    return Assessment(
        site=Site(home, f"第{site}号县人民政府", f"53{site:08}", f"第{site % 80}号单位", SiteKind.PORTAL),
        kind=SiteKind.PORTAL,
        kind_guessed=False,
        edition=EDITION.id,
        as_of=AS_OF,
        started=AS_OF,
        finished=AS_OF + timedelta(minutes=3),
        result=result,
        score=72.5 if result is Result.QUALIFIED else None,
        score_is_estimate=True,
        measured_points=60,
        vetoes=("1.4",) if result is Result.UNQUALIFIED else (),
        checks=checks,
        findings=tuple(finding(home, number) for number in range(findings)),
        columns=columns,
        coverage=Coverage(400, 1852, outcomes=outcomes, hosts=hosts),
        gone=tuple(f"{1_000_000 + number:016x}" for number in range(GONE)),
    )


def earlier(now: Assessment) -> Assessment:
    """The site as the run before found it: a tenth of today's problems not yet there, some more that are gone since."""
    ago = timedelta(days=90)
    here = len(now.findings) - len(now.findings) // 10
    other = tuple(finding(now.site.url, 1_000_000 + number) for number in range(GONE))
    return replace(
        now,
        as_of=now.as_of - ago,
        started=now.started - ago,
        finished=now.finished - ago,
        findings=(*now.findings[:here], *other),
        gone=(),
    )


def run(number: int) -> Run:
    at = AS_OF - timedelta(days=90 * (2 - number))
    return Run(f"2026112{number}-093000-0000", at, at, None, EDITION.id, "quick", __version__)


def fleet(folder: Path, sites: int, findings: int) -> None:
    made = time.perf_counter()
    with Store.open(folder / "data" / "xuncha.db") as store:
        known = [assessment(site, findings) for site in range(sites)]
        for this, told in ((run(1), map(earlier, known)), (run(2), known)):
            store.runs.start(this, [a.site for a in known], options=stored(Orders(Plan(AS_OF), folder), ()))
            for a in told:
                store.assessments.save(this.id, a)
            store.runs.finish(this.id, this.as_of)
    print(f"made {sites} sites × {findings} findings, two runs, in {time.perf_counter() - made:.0f} s")
    command = [sys.executable, "-m", "xuncha", "report", "last", "--fleet", "--data", str(folder / "data")]
    start = time.perf_counter()
    with subprocess.Popen(
        [*command, "--out", str(folder / "out")], cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)}
    ) as program:
        largest, ended = 0, 0
        while not ended:  # all processes together: the system's own figure is of the largest one
            largest = max(largest, together(program.pid))
            time.sleep(0.1)
            ended, status, used = os.wait4(program.pid, os.WNOHANG)
        program.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    size = sum(path.stat().st_size for path in (folder / "out").rglob("*.html"))
    index = (folder / "out" / "index.html").stat().st_size
    print(
        f"fleet: exit {program.returncode}, {wall:.1f} s wall, {used.ru_utime + used.ru_stime:.1f} s CPU, "
        f"{largest / 1e6:.0f} MB peak, {size / 1e6:.0f} MB of pages, index {index / 1e6:.2f} MB"
    )


def together(pid: int) -> int:
    """Bytes in memory of a process and all that it started; what they share counts for each."""
    used = 0
    with contextlib.suppress(psutil.Error):
        program = psutil.Process(pid)
        for process in (program, *program.children(recursive=True)):
            with contextlib.suppress(psutil.Error):  # it has ended meanwhile
                used += process.memory_info().rss
    return used


def page(folder: Path, findings: int) -> None:
    start = time.process_time()
    document = render(run(2), [assessment(0, findings)], EDITION, fixes=lambda _: "改正。")
    print(f"page: {findings} findings written in {time.process_time() - start:.1f} s CPU, {len(document) / 1e6:.1f} MB")
    file = folder / "findings.html"
    file.write_text(document, "utf-8")
    program = find()
    if program is None:
        print("Chromium is not installed: the page was not opened")
        return
    from playwright.sync_api import sync_playwright

    frame = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    said = "() => document.querySelector('#filter output').value"
    times: dict[str, list[float]] = {
        "load": [],
        "painted": [],
        "CPU of the page's process until then": [],
        "search": [],
        "sort": [],
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for _ in range(5):
            tab = browser.new_page(viewport={"width": 1280, "height": 900})
            start = time.perf_counter()
            tab.goto(file.as_uri(), wait_until="load")
            times["load"].append(time.perf_counter() - start)
            tab.evaluate(frame)
            times["painted"].append(time.perf_counter() - start)
            session = tab.context.new_cdp_session(tab)
            session.send("Performance.enable")
            metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
            times["CPU of the page's process until then"].append(metrics["ProcessTime"])
            before, start = tab.evaluate(said), time.perf_counter()
            tab.fill("[name=words]", f"art_{findings - 1}_")
            while tab.evaluate(said) == before:
                time.sleep(0.01)
            tab.evaluate(frame)
            times["search"].append(time.perf_counter() - start)
            tab.fill("[name=words]", "")
            start = time.perf_counter()
            tab.select_option("[name=order]", "page")
            tab.evaluate(frame)
            times["sort"].append(time.perf_counter() - start)
            tab.close()
        browser.close()
    print("opened in Chromium: " + ", ".join(f"{name} {statistics.median(took):.2f} s" for name, took in times.items()))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sites", type=int, default=500)
    options.add_argument("--findings", type=int, default=200)
    options.add_argument("--open", type=int, default=10_000, help="findings of the page that is opened; 0: none")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        if asked.sites:
            fleet(Path(name), asked.sites, asked.findings)
        if asked.open:
            page(Path(name), asked.open)


if __name__ == "__main__":
    main()
