"""A column that a script draws, judged as the browser shows it; and what the clerk is told where there is none."""

import io
import json
import zipfile
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.rendering import NO_BROWSER

AS_OF = "2026-11-20T09:00"
OLD = [{"url": f"/c2/a{n}.html", "title": f"林区防火工作{n}", "date": f"2026-03-0{n}"} for n in (3, 2, 1)]
SCRIPT = (
    "fetch('/api/news.json').then(r => r.json()).then(rows => {document.getElementById('list').innerHTML = rows.map("
    "row => '<li><a href=\"' + row.url + '\">' + row.title + '</a><span>' + row.date + '</span></li>').join('')})"
)


@pytest.fixture
def drawn(web: Any) -> Any:
    """A sound site but for its news: the newest that a visitor sees there is of March."""
    web.sound()
    metas = '<meta name="ColumnName" content="部门动态">'
    web.page("/c2/", f"<h1>部门动态</h1><ul id=list></ul><script>{SCRIPT}</script>", title="部门动态", metas=metas)
    web.say("/api/news.json", 200, json.dumps(OLD).encode(), "application/json")
    return web


def audit(xuncha: Any, *words: object, out: str = "out") -> Any:
    return xuncha("audit", *words, "--out", out, "--format", "json,html")


def stale(xuncha: Any, web: Any, folder: str = "out") -> list[Any]:
    site = xuncha.data(folder)["sites"][0]
    return [f for f in site["findings"] if f["rule"] == "stale-column" and f["at"] == f"{web.url}c2/"]


def settings(xuncha: Any, browser: dict[str, Any]) -> Any:
    sandbox = str(browser["browser_sandbox"]).lower()
    return xuncha.write("render.toml", f"[run]\nrate = 0\nbrowser_sandbox = {sandbox}\n")


def test_a_stale_list_that_only_the_browser_shows_is_found(xuncha: Any, drawn: Any, browser: Any, here: Any) -> None:
    audit(xuncha, drawn.url, "--as-of", AS_OF, "--settings", settings(xuncha, browser))
    [found] = stale(xuncha, drawn)
    assert (found["certain"], "2026-03-03" in found["message"] + found["excerpt"]) == (True, True), found
    assert found["evidence"]["rendered_by"].startswith("Chromium ")
    assert "页面由浏览器渲染后读取（Chromium " in (here / "out" / "findings.html").read_text("utf-8")
    asked = list(drawn.asked)
    audit(xuncha, "--replay", "last", out="again")
    # A replay has no place in the order of visits: it tells nothing of them.
    history = dict.fromkeys(("first_seen", "last_confirmed", "times_seen", "state", "new"))
    assert stale(xuncha, drawn, "again") == [found | history]
    assert drawn.asked == asked


def test_its_evidence_is_what_the_browser_drew(xuncha: Any, drawn: Any, browser: Any, here: Any) -> None:
    audit(xuncha, drawn.url, "--as-of", AS_OF, "--settings", settings(xuncha, browser))
    [found] = stale(xuncha, drawn)
    assert xuncha("evidence", found["fingerprint"], "--out", "e.zip").code == 0
    with zipfile.ZipFile(here / "e.zip") as package:
        page, records = package.read("page.html").decode(), package.read("records.warc.gz")
    assert ("林区防火工作3" in page, found["evidence"]["sha256"] in page) == (True, True)
    kinds = [r.rec_type for r in ArchiveIterator(io.BytesIO(records))]
    assert kinds.count("conversion") == 1


def test_without_it_nothing_is_said_of_that_list(xuncha: Any, drawn: Any, browser: Any) -> None:
    said = audit(xuncha, drawn.url, "--as-of", AS_OF, "--settings", settings(xuncha, browser), "--render", "never")
    assert stale(xuncha, drawn) == []
    assert "GET /api/news.json" not in drawn.asked
    assert "浏览器" not in said.out
    coverage = xuncha.data()["sites"][0]["coverage"]
    assert NO_BROWSER not in coverage["skipped"]


def test_whoever_has_no_browser_is_told_what_to_install(xuncha: Any, drawn: Any) -> None:
    file = xuncha.write("render.toml", '[run]\nrate = 0\nbrowser = "no-such-browser"\n')
    said = audit(xuncha, drawn.url, "--as-of", AS_OF, "--settings", file)
    assert stale(xuncha, drawn) == []
    assert "1 个网页由脚本绘制，看不到内容：需要安装 browser 组件" in said.out
    assert xuncha.data()["sites"][0]["coverage"]["skipped"][NO_BROWSER] == 1
