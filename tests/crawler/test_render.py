"""A portal whose home page and columns are drawn by script, seen with a browser and without one."""

import json
from collections import Counter
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from crawler.archived import open_snapshot
from crawler.page import Role
from crawler.quiet import parse
from crawler.rendering import FAILED, NO_BROWSER
from crawler.site import Column, ColumnKind
from crawler.warc import records

AS_OF = datetime(2026, 11, 24, 9, 30, tzinfo=timezone(timedelta(hours=8)))
SHELL = "<!DOCTYPE html><html><head><meta charset=utf-8><title>云岭县人民政府</title></head><body>{}</body></html>"
HOME = SHELL.format("<div id=app></div><script src=/home.js></script>")
MENU = ("通知公告", "政策文件", "机构职能", "领导信息")
FOOT = f"<div class=foot>主办单位：云岭县人民政府 网站标识码：5399990001 {'为人民服务' * 60}</div>"
# What a column's script does with the rows that came.
FILL = (
    "const fill = rows => {document.getElementById('list').innerHTML = rows.map(row => '<li><a href=\"' + row.url + "
    "'\">' + row.title + '</a><span>' + row.date + '</span></li>').join('')}; "
)
FETCH = "fetch('{api}').then(r => r.json()).then(fill)"


def page(server: Any, target: str, html: str, *, kept: bool = False) -> str:
    """`kept`: it has an ETag, and a 304 for whoever knows it."""
    whole = server.answer(html.encode(), *(['ETag: "shell"'] if kept else []))
    unchanged = b'HTTP/1.1 304 Not Modified\r\nETag: "shell"\r\n\r\n'
    return server.on(target, lambda seen: [unchanged if kept and "if-none-match" in seen.headers else whole])


def rows(server: Any, api: str, *, month: str = "2026-10") -> str:
    """`api` answers with ten items of that month."""
    found = [
        {"url": f"/a/{n}.html", "title": f"云岭县召开第{n}次工作会议", "date": f"{month}-{n:02}"}
        for n in range(10, 0, -1)
    ]
    return server.on(api, server.answer(json.dumps(found).encode(), content_type="application/json"))


def column(server: Any, target: str, script: str, more: str = "", *, kept: bool = False) -> str:
    """A column page whose list is empty until `script` has run."""
    scripts = f"{more}<script>{FILL}{script}</script>"
    return page(server, target, SHELL.format(f"<div class=main><ul id=list></ul></div>{FOOT}{scripts}"), kept=kept)


def still_home(server: Any) -> None:
    """A home page that no script draws."""
    links = "".join(f"<a href=/x{n}>{n}</a>" for n in range(5))
    page(server, "/", SHELL.format(f"{links}<p>{'云岭县' * 200}</p>"))


def portal(server: Any, *, kept: bool = False) -> None:
    """A home page that a script draws, and a column whose list comes as JSON."""
    page(server, "/", HOME, kept=kept)
    menu = "".join(f"<li><a href=/c{n}/>{name}</a></li>" for n, name in enumerate(MENU))
    drawn = f"<ul class=nav><li><a href=/xw/>工作动态</a></li>{menu}</ul>{FOOT}"
    script = f"document.getElementById('app').innerHTML = '{drawn}'"
    server.on("/home.js", server.answer(script.encode(), content_type="text/javascript"))
    rows(server, "/api/news.json")
    column(server, "/xw/", FETCH.format(api="/api/news.json"), kept=kept)
    for n in range(1, 11):
        page(server, f"/a/{n}.html", SHELL.format(f"<h1>第{n}次工作会议</h1><p>{'会议强调。' * 60}</p>"))


def seen(snapshot: Any) -> Any:
    """What rules can see of it."""
    views = [(v.name, v.url, v.kind, v.items, str(v.unobservable)) for v in snapshot.columns]
    pages = [(p.url, p.role, p.script_drawn, p.source, p.answer) for p in snapshot.pages()]
    return views, pages, list(snapshot.links()), snapshot.coverage


def test_pages_that_scripts_draw_are_read_as_the_browser_shows_them(server: Any, go: Any, browser: Any) -> None:
    portal(server)
    snapshot = go(server.url("/"), **browser)
    home, [view] = snapshot.home, [view for view in snapshot.columns if view.url == server.url("/xw/")]
    assert (home.script_drawn, "网站标识码：5399990001" in home.text) == (False, True)
    assert (str(view.newest), len(view.observed()), view.items[0].opened) == ("2026-10-10", 10, False)
    assert view.page.answer.rendered.rendered_by.startswith("Chromium ")
    assert server.url("/a/10.html") in {article.url for article in snapshot.pages(Role.ARTICLE)}
    assert {server.url("/xw/"), server.url("/c3/"), server.url("/a/1.html")} <= {link.url for link in snapshot.links()}
    assert not set(snapshot.coverage.skipped)


def test_the_browser_asks_nothing_past_the_visit(server: Any, go: Any, browser: Any) -> None:
    portal(server)
    go(server.url("/"), **browser)
    assert {request.headers["user-agent"] for request in server.seen} == {"xuncha"}
    asked = Counter(request.target for request in server.seen if request.method == "GET")
    assert asked["/"] == asked["/xw/"] == asked["/home.js"] == asked["/api/news.json"] == 1


def test_a_replay_sees_the_same_without_a_browser(server: Any, go: Any, browser: Any, tmp_path: Path) -> None:
    portal(server)
    first = seen(go(server.url("/"), **browser))
    asked = len(server.seen)
    again = open_snapshot(tmp_path / "visit")
    assert seen(again) == first
    assert len(server.seen) == asked
    again.close()


def test_a_second_visit_draws_again_what_has_not_changed_in_itself(
    server: Any, go: Any, browser: Any, tmp_path: Path
) -> None:
    """The page is the same shell, the server says so by 304, and the list that its script fetches has grown."""
    portal(server, kept=True)
    first = go(server.url("/"), folder=tmp_path / "first", **browser)
    assert [str(v.newest) for v in first.columns if v.url == server.url("/xw/")] == ["2026-10-10"]
    first.close()
    same = go(server.url("/"), folder=tmp_path / "same", baseline=tmp_path / "first", **browser)
    assert [str(v.newest) for v in same.columns if v.url == server.url("/xw/")] == ["2026-10-10"]
    assert (same.home.script_drawn, "网站标识码：5399990001" in same.home.text) == (False, True)
    same.close()
    rows(server, "/api/news.json", month="2026-11")
    again = go(server.url("/"), folder=tmp_path / "again", baseline=tmp_path / "same", **browser)
    assert [str(v.newest) for v in again.columns if v.url == server.url("/xw/")] == ["2026-11-10"]


def test_a_second_visit_without_the_browser_is_unsure_of_what_it_drew(
    server: Any, go: Any, browser: Any, tmp_path: Path
) -> None:
    portal(server, kept=True)
    go(server.url("/"), folder=tmp_path / "first", **browser).close()
    given = [Column("工作动态", server.url("/xw/"), ColumnKind.NEWS)]
    again = go(server.url("/"), folder=tmp_path / "again", baseline=tmp_path / "first", columns=given, render="never")
    assert again.home.script_drawn
    assert again.columns[0].unobservable is not None


def test_a_rendering_is_a_conversion_of_the_answer_it_was_made_of(
    server: Any, go: Any, browser: Any, tmp_path: Path
) -> None:
    portal(server)
    home = go(server.url("/"), **browser).home.answer
    kept = {}
    for record in records(tmp_path / "visit" / "visit.warc.gz"):
        head = record.rec_headers
        if head.get_header("WARC-Target-URI") == server.url("/"):
            kept[record.rec_type] = (head.get_header("WARC-Record-ID"), head.get_header("WARC-Refers-To"))
    assert kept["conversion"][1] == kept["response"][0]
    assert home.rendered.offset > home.evidence.offset


@pytest.mark.parametrize("plan", [{"render": "never"}, {"render": "auto", "browser": "/nowhere/chromium"}])
def test_without_a_browser_such_pages_are_unsure(server: Any, go: Any, plan: Any) -> None:
    portal(server)
    snapshot = go(server.url("/"), columns=[Column("工作动态", server.url("/xw/"), ColumnKind.NEWS)], **plan)
    assert snapshot.home.script_drawn
    assert snapshot.columns[0].unobservable is not None
    assert snapshot.coverage.skipped == ({} if plan["render"] == "never" else {NO_BROWSER: 2})
    assert not any(request.target.startswith("/api/") for request in server.seen)


def test_a_browser_that_does_not_start_leaves_them_unsure(server: Any, go: Any, browser: Any, tmp_path: Path) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 1\n", encoding="ascii")
    broken.chmod(0o755)
    portal(server)
    given = [Column("工作动态", server.url("/xw/"), ColumnKind.NEWS)]
    snapshot = go(server.url("/"), columns=given, **browser | {"browser": str(broken)})
    assert "浏览器没有启动" in str(snapshot.columns[0].unobservable)
    assert snapshot.coverage.skipped[FAILED] == 2


def test_a_list_that_was_not_drawn_for_a_visitor_stays_unsure(
    server: Any, other: Any, go: Any, browser: Any, tmp_path: Path
) -> None:
    """However it failed: what a slow or refused script would have shown is not known."""
    still_home(server)
    server.on("/robots.txt", server.answer(b"User-agent: *\nDisallow: /shut/\n", content_type="text/plain"))
    server.on("/wall.json", server.answer(b"<html><script>document.cookie='__jsl_clearance=1'</script></html>"))
    server.on("/broken.json", server.answer(b"{}", status="500 Internal Server Error"))
    for api in ("/shut/news.json", "/rows.json"):
        rows(server, api)
    elsewhere = f"http://127.0.0.2:{other.port}/rows.json"
    metadata = "http://169.254.169.254/latest/meta-data"
    cases = {
        "元数据": (FETCH.format(api=metadata), f"{metadata} 指向内部网络地址"),
        "别的主机": (FETCH.format(api=elsewhere), f"{elsewhere} 指向内部网络地址"),
        "不许": (FETCH.format(api="/shut/news.json"), "robots.txt 不允许访问"),
        "出错": (FETCH.format(api="/broken.json"), "返回 HTTP 500"),
        "没有": (FETCH.format(api="/none.json"), "返回 HTTP 404"),
        "拦截": (FETCH.format(api="/wall.json"), "没有取得"),
        "提交": ("fetch('/rows.json', {method: 'POST'}).then(r => r.json()).then(fill)", "POST"),
        "套接字": (f"new WebSocket('ws://127.0.0.1:{other.port}/')", "WebSocket"),
        "转走": ("setTimeout(() => {location.href = '/' + 'rows.json'}, 100)", "页面要转到"),
        "等待": ("document.getElementById('list').innerHTML = '<li>数据加载中，请稍候</li>'", "仍写着"),
        "太慢": ("setTimeout(() => fetch('/rows.json').then(r => r.json()).then(fill), 600000)", "仍是空的"),
    }
    given = [
        Column(name, column(server, f"/{n}/", script), ColumnKind.NEWS)
        for n, (name, (script, _)) in enumerate(cases.items())
    ]
    snapshot = go(server.url("/"), columns=given, needs=frozenset({"columns"}), **browser)
    told = {view.name: str(view.unobservable) for view in snapshot.columns}
    assert {name: expected in told[name] for name, (_, expected) in cases.items()} == dict.fromkeys(cases, True), told
    assert other.seen == []
    refused = {
        record.rec_headers.get_header("WARC-Target-URI")
        for record in records(tmp_path / "visit" / "visit.warc.gz")
        if record.rec_type == "metadata"
    }
    assert {metadata, elsewhere, server.url("/shut/news.json")} <= refused


@pytest.mark.parametrize("allowed", [True, False])
def test_a_script_reads_of_other_hosts_what_they_let_it(
    server: Any, other: Any, go: Any, browser: Any, allowed: bool
) -> None:
    """As in a visitor's browser (Fetch Standard, CORS check)."""
    still_home(server)
    rows(server, "/rows.json")
    [answer] = server._scripts["/rows.json"][0]
    head = b"HTTP/1.1 200 OK\r\n" + (b"Access-Control-Allow-Origin: *\r\n" if allowed else b"")
    other.on("/rows.json", answer.replace(b"HTTP/1.1 200 OK\r\n", head))
    given = [Column("工作动态", column(server, "/xw/", FETCH.format(api="http://api.yunling.gov.cn/rows.json")))]
    hosts = {"api.yunling.gov.cn": other.port}
    view = go(server.url("/"), columns=given, needs=frozenset({"columns"}), hosts=hosts, **browser).columns[0]
    assert (str(view.newest), view.unobservable is None) == (("2026-10-10", True) if allowed else ("None", False))
    assert "/rows.json" in other.targets()


def test_what_scripts_want_in_quiet_hours_is_asked_for_afterwards(server: Any, go: Any, browser: Any) -> None:
    still_home(server)
    rows(server, "/rows.json")
    looks: list[int] = []
    """Requests so far, at each look at the clock since the column came."""

    def now() -> datetime:
        if "/xw/" not in server.targets():
            return AS_OF.replace(hour=7)
        looks.append(len(server.seen))
        return AS_OF.replace(hour=9 if len(looks) <= 10 else 19)

    given = [Column("工作动态", column(server, "/xw/", FETCH.format(api="/rows.json")), ColumnKind.NEWS)]
    view = go(
        server.url("/"), columns=given, needs=frozenset({"columns"}), quiet=[parse("8:30-18:00")], now=now, **browser
    ).columns[0]
    assert str(view.newest) == "2026-10-10", view.unobservable
    assert len(set(looks[:10])) == 1, "nothing in between"


def test_an_empty_list_beside_old_dates_proves_nothing(server: Any, go: Any, browser: Any) -> None:
    """What was asked for came, and the page made nothing of it."""
    still_home(server)
    server.on("/rows.json", server.answer(b'{"code": 401, "data": []}', content_type="application/json"))
    aside = "".join(f"<li><a href=/a/{n}.html>云岭县旧闻第{n}条</a><span>2024-03-0{n}</span></li>" for n in range(1, 8))
    script = FILL + "fetch('/rows.json').then(r => r.json()).then(r => fill(r.data))"
    server.on("/news.js", server.answer(script.encode(), content_type="text/javascript"))
    html = f"<div class=main><ul id=list></ul></div><div class=side><ul>{aside}</ul></div>{FOOT}"
    at = page(server, "/xw/", SHELL.format(f"{html}<script src=/news.js></script>"))
    given = [Column("工作动态", at, ColumnKind.NEWS)]
    view = go(server.url("/"), columns=given, needs=frozenset({"columns"}), **browser).columns[0]
    assert "列表容器“list”仍是空的" in str(view.unobservable), view.newest


def test_what_draws_no_list_is_not_asked_for_and_does_no_harm(server: Any, go: Any, browser: Any) -> None:
    still_home(server)
    rows(server, "/rows.json")
    needless = (
        "window.open('/popup.html'); navigator.sendBeacon('/beacon', 'x'); navigator.serviceWorker?.register('/sw.js')"
        ".catch(() => 0); const a = document.createElement('a'); a.href = '/file.zip'; a.download = 'x.zip'; a.click();"
        "navigator.geolocation.getCurrentPosition(() => 0); new Image().src = '/i.png'; alert(1); throw new Error('x')"
    )
    more = (
        "<iframe src=/frame.html></iframe><link rel=stylesheet href=/s.css><link rel=prefetch href=/p>"
        f"<script src=http://hm.baidu.com/hm.js></script><script src=/none.js></script><script>{needless}</script>"
    )
    later = f"setTimeout(() => {FETCH.format(api='/rows.json')}, 4000)"
    given = [Column("工作动态", column(server, "/xw/", later, more), ColumnKind.NEWS)]
    snapshot = go(server.url("/"), columns=given, needs=frozenset({"columns"}), **browser)
    assert str(snapshot.columns[0].newest) == "2026-10-10", snapshot.columns[0].unobservable
    asked = set(server.targets())
    assert {"/none.js", "/rows.json"} <= asked
    assert not asked & {"/popup.html", "/beacon", "/sw.js", "/file.zip", "/i.png", "/frame.html", "/s.css", "/p"}


def test_a_foot_that_a_script_draws_is_read_as_the_browser_shows_it(server: Any, go: Any, browser: Any) -> None:
    news = "".join(f"<li><a href=/x{n}>云岭县召开第{n}次工作会议</a><span>2026-11-1{n}</span></li>" for n in range(9))
    page(server, "/", SHELL.format(f"<ul>{news}</ul><div id=foot></div><script src=/foot.js></script>"))
    foot = "document.getElementById('foot').innerHTML = '主办单位：云岭县人民政府 网站标识码：5399990001'"
    server.on("/foot.js", server.answer(foot.encode(), content_type="text/javascript"))
    home = go(server.url("/"), **browser).home
    assert "网站标识码：5399990001" in home.text
    assert home.answer.rendered.rendered_by.startswith("Chromium ")
    assert server.targets().count("/") == 1
