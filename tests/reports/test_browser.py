"""The HTML report as a person meets it: opened from the disk in a browser, read, narrowed down, copied and printed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from crawler.browser import find
from crawler.message import say
from reports.findings import render
from reports.fleet import render_index
from reports.history import History, Past, Visit
from reports.standing import standing
from rules.engine.assessment import Assessment, Finding, Result, Run
from rules.engine.edition import Edition

HOME = "https://www.yunling.gov.cn/"
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    program = find()
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing: install it, this promise is not tested without it")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(program), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens a document from a file. At the end: it asked for nothing else, and complained of nothing."""
    heard: list[str] = []
    pages: list[Page] = []

    def open_(document: str, **options: Any) -> Page:
        file = tmp_path / "报告 一.html"
        file.write_bytes(document.encode("utf-8", "replace"))
        page = chromium.new_page(**options)
        pages.append(page)
        page.on("request", lambda request: heard.append(request.url) if not request.url.startswith("data:") else None)
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.goto(file.as_uri())
        assert heard == [file.as_uri()]
        heard.clear()
        return page

    yield open_
    for page in pages:
        page.close()
    assert heard == []


@pytest.fixture
def report(run: Run, unqualified: Assessment, edition: Edition) -> str:
    """One site with a history."""
    first, second, *_ = unqualified.findings
    before = run.as_of - timedelta(days=45)
    past = {f.fingerprint: Past(before, run.as_of, 4, "new", say("新发现")) for f in unqualified.findings}
    past[second.fingerprint] = Past(run.as_of, run.as_of, 1, "new", say("新发现"))
    past[first.fingerprint] = replace(past[first.fingerprint], first=before - timedelta(days=9))
    visits = tuple(Visit(run.as_of - timedelta(days=n), Result.UNQUALIFIED, None, 9, 1) for n in (45, 0))
    history = History(before, past, visits=visits)
    return render(
        run, [unqualified], edition, fixes=lambda rule: f"改正 {rule}。", histories={unqualified.site.url: history}
    )


def shown(page: Page) -> list[str]:
    return page.evaluate(
        "() => [...document.querySelectorAll('table.findings tbody > tr')].filter(row => row.checkVisibility())"
        ".map(row => row.id)"
    )


def count(page: Page) -> str:
    return str(page.evaluate("() => document.querySelector('#filter output').value"))


def test_choices_narrow_the_list(opened: Open, report: str) -> None:
    page = opened(report)
    assert count(page) == "显示 15 条，共 15 条"
    assert page.locator("#filter").is_visible()
    page.select_option("[name=rule]", "stale-column")
    assert (len(shown(page)), count(page)) == (6, "显示 6 条，共 15 条")
    page.select_option("[name=column]", "乡镇动态")
    assert [page.locator(f"#{row} .c bdi").text_content() for row in shown(page)] == ["乡镇动态"]
    page.select_option("[name=column]", "")
    page.select_option("[name=rule]", "")
    page.select_option("[name=state]", "new")
    assert [page.locator(f"#{row} .tag.new").text_content() for row in shown(page)] == ["新增"]
    page.select_option("[name=state]", "review")
    assert len(shown(page)) == 1
    page.select_option("[name=part]", "veto")
    assert shown(page) == []
    assert count(page) == "显示 0 条，共 15 条"


def test_words_are_searched_as_they_are_typed(opened: Open, report: str) -> None:
    page = opened(report)
    page.fill("[name=words]", "zcwj/3.html 404")
    page.wait_for_function("() => document.querySelector('#filter output').value.includes('显示 1 条')")
    [row] = shown(page)
    assert "xxgk/zcwj/3.html" in (page.locator(f"#{row}").text_content() or "")


def test_a_sorted_list_is_one_table_that_tells_the_indicator(opened: Open, report: str) -> None:
    page = opened(report)
    before = shown(page)
    page.select_option("[name=order]", "at")
    places = [page.locator(f"#{row} .at a").text_content() for row in shown(page)]
    assert places == sorted(places)
    assert len(places) == 15
    assert page.locator("[data-of='1.4 栏目不更新 · 栏目长期未更新']").count() == 6
    page.select_option("[name=order]", "first")
    assert page.locator(f"#{shown(page)[0]}").get_attribute("data-first") == "2026-10-01"
    assert page.locator(f"#{shown(page)[-1]} .tag.new").count() == 1
    page.select_option("[name=rule]", "broken-link")
    assert len(shown(page)) == 9
    page.select_option("[name=rule]", "")
    page.select_option("[name=order]", "")
    assert shown(page) == before


def test_a_finding_and_a_list_are_copied_as_text(opened: Open, report: str) -> None:
    page = opened(report)
    page.evaluate(
        "() => { navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); } }"
    )
    row = page.locator("table.findings tbody > tr", has_text="xxgk/zcwj/3.html").first
    row.hover()
    row.get_by_role("button", name="复制").click()
    text = page.evaluate("() => window.copied").splitlines()
    assert text[0] == "云岭县人民政府　2.15 链接可用性　链接打不开"
    assert text[1:7] == [
        "链接打不开：页面不存在（HTTP 404）",
        f"{HOME}xxgk/zcwj/3.html",
        f"所在页：{HOME}",
        "页面文字：关于印发第3号文件的通知 到页面上看",
        "应为：能打开",
        "实为：HTTP 404",
    ]
    assert "编号 0000000000000003" in text[7]
    assert text[8] == "如何改正：改正 broken-link。"
    page.select_option("[name=rule]", "stale-column")
    page.get_by_role("button", name="复制所列问题").click()
    assert page.evaluate("() => window.copied").count("栏目长期未更新") == 6
    assert count(page) == "已复制"


def test_it_is_copied_where_the_clipboard_is_refused(opened: Open, report: str) -> None:
    page = opened(report)
    page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no'));"
        "document.execCommand = () => { window.copied = document.activeElement.value; return true; } }"
    )
    page.get_by_role("button", name="复制所列问题").click()
    page.wait_for_function("() => document.querySelector('#filter output').value === '已复制'")
    assert page.evaluate("() => window.copied").count("编号 ") == 15
    assert page.locator("textarea").count() == 0


def test_the_keyboard_goes_everywhere(opened: Open, report: str) -> None:
    page = opened(report)
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("() => location.hash") == "#s1-findings"
    names = []
    for _ in range(8):
        page.keyboard.press("Tab")
        names.append(page.evaluate("() => document.activeElement.name || document.activeElement.tagName"))
    assert {"words", "part", "rule", "column", "state", "order", "copy"} <= set(names)
    # Into a row by its first link, then on to the button that the row got.
    page.evaluate("() => document.querySelector('table.findings tbody > tr a').focus()")
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.className") == "copy":
            break
    assert page.evaluate("() => document.activeElement.textContent") == "复制"


def test_a_link_to_a_folded_finding_opens_what_it_is_folded_in(
    opened: Open, run: Run, unqualified: Assessment, edition: Edition, make_finding: Callable[..., Finding]
) -> None:
    many = replace(unqualified, findings=tuple(make_finding(n) for n in range(80)))
    page = opened(render(run, [many], edition))
    assert shown(page) == []
    page.evaluate("() => { location.hash = '#s1-70' }")
    page.wait_for_function("() => document.getElementById('s1-70').checkVisibility()")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_nothing_serious(
    opened: Open, run: Run, unqualified: Assessment, edition: Edition, width: int, scheme: Any
) -> None:
    # A few of everything: axe looks at each element, and more of the same tell nothing more.
    few = replace(unqualified, findings=unqualified.findings[7:10], columns=unqualified.columns[1:3])
    visits = tuple(Visit(run.as_of - timedelta(days=n), Result.UNQUALIFIED, None, 9, 1) for n in (45, 0))
    past = {f.fingerprint: Past(run.as_of, run.as_of, 1, "new", say("新发现")) for f in few.findings}
    histories = {HOME: History(run.as_of - timedelta(days=45), past, visits=visits)}
    document = render(run, [few], edition, fixes=lambda rule: f"改正 {rule}。", histories=histories)
    page = opened(document, viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page.evaluate("() => document.querySelectorAll('details').forEach(details => details.open = true)")
    page.locator("table.findings tbody > tr").first.hover()
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")] == []


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_stands_beside_the_screen(opened: Open, report: str, width: int) -> None:
    page = opened(report, viewport={"width": width, "height": 900})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width


def test_it_is_whole_without_script(opened: Open, report: str) -> None:
    page = opened(report, java_script_enabled=False)
    assert not page.locator("#filter").is_visible()
    assert page.locator("table.findings tbody > tr:visible").count() == 15
    assert page.locator(".law .fix").first.is_visible()


def test_it_prints_on_a4_with_everything_unfolded(
    opened: Open, run: Run, qualified: Assessment, edition: Edition, make_finding: Callable[..., Finding]
) -> None:
    many = replace(qualified, findings=tuple(make_finding(n) for n in range(60)))
    page = opened(render(run, [many], edition))
    assert shown(page) == []  # folded at first, and printed all the same
    pdf = page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert {(round(float(w)), round(float(h))) for w, h in boxes} == {(595, 842)}
    # Sixty rows, some eight a page, and once more by page; folded they would be three.
    assert 7 <= len(re.findall(rb"/Type /Page\b(?!s)", pdf)) <= 14


def test_hostile_pages_run_nothing(opened: Open, run: Run, hostile: Assessment, edition: Edition) -> None:
    page = opened(render(run, [hostile, hostile], edition))
    assert "OWNED" not in page.title()
    # Our own script did run: it takes the filter out of hiding.
    assert page.locator("#filter").is_visible()
    assert page.evaluate("() => document.scripts.length") == 1
    assert page.locator("img").count() == 0
    assert page.evaluate("() => [...document.querySelectorAll('svg')].every(s => s.classList.contains('chart'))")
    assert page.evaluate(
        "() => [...document.querySelectorAll('*')].every(e => [...e.attributes].every(a => !a.name.startsWith('on')))"
    )
    page.select_option("[name=order]", "page")
    page.get_by_role("button", name="复制所列问题").click()
    assert "OWNED" not in page.title()


def test_the_index_of_many_sites_is_open_to_everybody(
    opened: Open, run: Run, unqualified: Assessment, undetermined: Assessment, edition: Edition
) -> None:
    few = [standing(number, one, edition, History()) for number, one in enumerate((unqualified, undetermined), 1)]
    document = render_index(run, few, edition)
    page = opened(document, viewport={"width": 390, "height": 900}, color_scheme="dark", bypass_csp=True)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")] == []
