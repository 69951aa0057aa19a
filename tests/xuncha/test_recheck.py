"""Rechecks: only the places of open findings are visited, and what became of each is said and kept."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

AS_OF = "2026-11-20T09:00"


def audit(xuncha: Any, web: Any) -> dict[tuple[str, str], str]:
    """(rule, path) → fingerprint of what was found."""
    said = xuncha("audit", web.url, "--as-of", AS_OF, "--rate", 0, "--out", "out", "--format", "json")
    assert said.code in (0, 1, 3)
    [site] = xuncha.data("out")["sites"]
    return {(f["rule"], f["at"].removeprefix(web.url[:-1])): f["fingerprint"] for f in site["findings"]}


def recheck(xuncha: Any, *words: object) -> Any:
    return xuncha("recheck", *words, "--as-of", AS_OF, "--rate", 0, "--out", "again")


def results(here: Path) -> dict[str, str]:
    data = json.loads((here / "again" / "recheck.json").read_text("utf-8"))
    return {f["fingerprint"]: f["result"] for f in data["findings"]}


def without(body: bytes, *texts: str) -> bytes:
    for text in texts:
        assert text.encode() in body, text
        body = body.replace(text.encode(), b"")
    return body


def change(web: Any, path: str, *texts: str) -> None:
    status, headers, body = web.answers[path]
    web.answers[path] = (status, headers, without(body, *texts))


META = '<meta name="ContentSource" content="云岭县林业局">'
CODE = '<meta name="SiteIDCode" content="5399990012">'


def test_each_finding_is_told_what_became_of_it_by_a_visit_to_its_place_alone(
    xuncha: Any, webs: Callable[[], Any], here: Path
) -> None:
    web = webs()
    web.sound()
    sound = dict(web.answers)
    for path in ("/c4/a12.html", "/c4/a17.html", "/c5/a12.html", "/c5/a17.html"):
        del web.answers[path]
    change(web, "/", "主办单位：云岭县林业局 ")
    for path in ("/c6/a12.html", "/c7/a12.html"):
        change(web, path, META, CODE)
    found = audit(xuncha, web)
    web.answers |= {path: sound[path] for path in ("/", "/c4/a12.html", "/c6/a12.html")}
    change(web, "/c5/", "<li><a href=/c5/a12.html>政策解读内容12</a><span>2026-11-12</span></li>")
    web.say("/c5/a17.html", 403)
    change(web, "/c6/a12.html", META)
    del web.answers["/c7/a12.html"]
    web.asked.clear()

    said = recheck(xuncha, web.url)
    assert said.code == 1
    wanted = {
        found["broken-link", "/c4/a12.html"]: "fixed",
        found["broken-link", "/c4/a17.html"]: "not-fixed",
        found["broken-link", "/c5/a12.html"]: "fixed",
        found["broken-link", "/c5/a17.html"]: "untested",
        found["missing-mark", "/"]: "fixed",
        found["missing-meta", "/c6/a12.html"]: "partly",
        found["missing-meta", "/c7/a12.html"]: "gone",
        found["weak-https", "/"]: "untested",  # uncertain, and nobody has looked
        found["wrong-domain", "/"]: "untested",
    }
    assert results(here) == wanted
    assert "共复查 9 个问题：已整改 3 个、部分整改 1 个、未整改 1 个、网页已撤下 1 个、未能复查 3 个" in said.out
    places = {at for _, at in found} | {"/c4/", "/c5/", "/robots.txt"}
    probes = {path for _, path in map(str.split, web.asked)} - places
    assert len(probes) == 1, "the one address that cannot exist, by which a host shows its own error page"

    told = xuncha("ledger", "list").out
    open_now = {fingerprint for fingerprint, what in wanted.items() if what not in ("fixed", "gone")}
    assert {fingerprint for fingerprint in wanted if fingerprint in told} == open_now
    assert "缺少META标签ContentSource" in told, "what is left of it"


def test_a_link_that_stood_on_more_pages_than_were_looked_at_is_not_closed(
    xuncha: Any, webs: Callable[[], Any], here: Path
) -> None:
    web = webs()
    web.sound()
    menu = "<a href=/old/>旧栏目</a>"
    for path, (status, headers, body) in web.answers.items():
        web.answers[path] = (status, headers, body.replace(b"</body>", f"{menu}</body>".encode()))
    broken = audit(xuncha, web)["broken-link", "/old/"]
    for path in list(web.answers):
        change(web, path, menu)
    assert recheck(xuncha, web.url).code == 1
    assert results(here)[broken] == "partly"
    assert "另有" in (here / "again" / "recheck.json").read_text("utf-8")
    assert broken in xuncha("ledger", "list").out
    audit(xuncha, web)
    assert broken not in xuncha("ledger", "list").out, "a whole visit sees every page"


def test_what_stands_in_no_page_is_found_again_by_the_way_it_was_found(
    xuncha: Any, webs: Callable[[], Any], here: Path
) -> None:
    web = webs()
    web.sound()
    status, headers, body = web.answers["/"]
    more = "<a href=/d0.html#nowhere>定位</a><a href=/jump.html>跳转页</a><a href=/wall.html>防护</a></body>".encode()
    sheet = b"<link rel=stylesheet href=/s.css></head>"
    web.answers["/"] = (status, headers, body.replace(b"</head>", sheet).replace(b"</body>", more))
    web.say("/s.css", 200, b"a{background:url(/none.png)} @font-face{src:url(/f.woff)}", "text/css")
    web.page("/jump.html", "", metas='<meta http-equiv=refresh content="0;url=/lost.html">')
    web.say("/wall.html", 412)
    found = audit(xuncha, web)
    doubts = {
        found["missing-anchor", "/d0.html#nowhere"],
        found["blocked-host", "/wall.html"],
        found["broken-image", "/none.png"],
        found["broken-link", "/f.woff"],
    }
    jump = found["broken-link", "/lost.html"]
    recheck(xuncha)
    assert {finding: results(here)[finding] for finding in (jump, *doubts)} == {
        jump: "not-fixed",
        **dict.fromkeys(doubts, "untested"),
    }
    web.say("/none.png", 200, b"\x89PNG\r\n\x1a\n" + bytes(50), "image/png")
    web.say("/f.woff", 200, b"wOFF", "font/woff")
    web.page("/lost.html", "<p>恢复了</p>")
    web.page("/wall.html", "<p>可以打开</p>")
    status, headers, body = web.answers["/d0.html"]
    web.answers["/d0.html"] = (status, headers, body.replace(b"<h1>", b"<h1 id=nowhere>"))
    web.asked.clear()
    recheck(xuncha)
    assert {results(here)[finding] for finding in (jump, *doubts)} == {"fixed"}
    assert len(web.asked) < 20


def test_a_file_that_is_no_longer_linked_to_is_still_there_to_be_had(
    xuncha: Any, webs: Callable[[], Any], here: Path
) -> None:
    web = webs()
    web.sound()
    digits = "53990119900101123"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    number = digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11]
    web.say("/list.csv", 200, f"户主,身份证号\n甲某,{number}\n".encode(), "text/csv")
    link = "<a href=/list.csv>名单</a>"
    status, headers, body = web.answers["/c3/a12.html"]
    web.answers["/c3/a12.html"] = (status, headers, body.replace(b"</body>", f"{link}</body>".encode()))
    exposed = audit(xuncha, web)["exposed-identity", "/list.csv"]
    recheck(xuncha)
    assert results(here)[exposed] == "not-fixed"
    change(web, "/c3/a12.html", link)
    said = recheck(xuncha)
    assert results(here)[exposed] == "partly"
    assert "文件仍可下载" in said.out
    assert number not in said.out
    web.say("/list.csv", 404)
    recheck(xuncha)
    assert results(here)[exposed] == "fixed"


def test_what_concerns_the_whole_site_is_looked_for_where_a_quick_visit_would_see_it(
    xuncha: Any, webs: Callable[[], Any], here: Path
) -> None:
    web = webs()
    web.sound()
    item = "<li><a href=/c5/>政策解读</a></li>"
    change(web, "/", item)
    missing = audit(xuncha, web)["missing-section", "/"]
    recheck(xuncha, web.url)
    assert results(here)[missing] == "not-fixed"
    status, headers, body = web.answers["/"]
    web.answers["/"] = (status, headers, body.replace(b"<ul>", f"<ul>{item}".encode(), 1))
    recheck(xuncha, web.url)
    assert results(here)[missing] == "fixed"


def test_a_site_that_does_not_answer_is_not_accused_and_the_rest_is_done_later(
    xuncha: Any, webs: Callable[[], Any], here: Path
) -> None:
    web = webs()
    web.sound()
    del web.answers["/c4/a12.html"]
    broken = audit(xuncha, web)["broken-link", "/c4/a12.html"]
    note = ("--act", "notify", "--who", "县政府办", "--until", "2099-12-31")
    assert xuncha("ledger", "note", broken, *note).code == 0
    whole = dict(web.answers)
    for path in whole:
        web.say(path, 503)
    assert recheck(xuncha).code == 3
    assert set(results(here).values()) == {"untested"}
    assert f"{broken}  已通报" in xuncha("ledger", "list").out
    web.answers.update(whole)
    assert recheck(xuncha, web.url.removesuffix("/")).code == 1
    assert f"{broken}  已通报（期限 2099-12-31）" in xuncha("ledger", "list").out
    assert "未整改" in xuncha("ledger", "show", broken).out
    web.page("/c4/a12.html", "<h1>政策文件内容12</h1>")
    recheck(xuncha)
    assert f"{broken}  复查通过" in xuncha("ledger", "list", "--all").out


def test_a_recheck_gives_no_verdict_and_is_no_inspection(xuncha: Any, webs: Callable[[], Any], here: Path) -> None:
    web = webs()
    web.sound()
    del web.answers["/c4/a12.html"]
    audit(xuncha, web)
    [inspected] = [row for row in xuncha("runs").out.splitlines() if "cn-2019" in row]
    recheck(xuncha)
    again = [row.split()[0] for row in xuncha("runs").out.splitlines() if "复查" in row]
    assert len(again) == 1
    assert xuncha("report", "last", "--format", "json", "--out", "last").code == 0
    assert xuncha.data("last")["run"]["id"] == inspected.split()[0]
    assert xuncha("report", again[0], "--out", "later").code == 0
    assert (here / "later" / "recheck.json").read_text("utf-8") == (here / "again" / "recheck.json").read_text("utf-8")
    with closing(sqlite3.connect(here / "xuncha-data" / "xuncha.db")) as db, db:
        db.execute("UPDATE findings SET rule = 'no-more' WHERE rule = 'broken-link'")
    assert recheck(xuncha).code == 3
    assert "程序已没有发现它的规则" in (here / "again" / "recheck.json").read_text("utf-8")
    assert xuncha("audit", "--replay", again[0]).line == f"{again[0]} 是复查，不能重新评判"


def test_mistakes_are_one_line(xuncha: Any, webs: Callable[[], Any]) -> None:
    assert "没有找到数据库" in xuncha("recheck").line
    web = webs()
    web.sound()
    audit(xuncha, web)
    assert "http://nowhere.example/" in xuncha("recheck", "http://nowhere.example/").line
    assert "docx" in xuncha("recheck", "--format", "docx").line
