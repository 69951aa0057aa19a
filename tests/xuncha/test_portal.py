"""The demo portal is what its truth file says: everything planted is there, and everything else is sound."""

from __future__ import annotations

import importlib.util
import re
import socket
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import httpx
import pytest

from xuncha import demo
from xuncha.demo import AS_OF, OWN_NAME, Portal

PORTAL = Path(demo.__file__).parent / "portal"
SITE = PORTAL / "site"
BUILDER = Path(__file__).parents[1] / "site" / "build.py"
TRUTH: dict[str, Any] = tomllib.loads((PORTAL / "truth.toml").read_text(encoding="utf-8"))
PLANTED: list[dict[str, Any]] = TRUTH["planted"]
INNOCENT: list[dict[str, Any]] = TRUTH["innocent"]
COLUMNS: list[dict[str, Any]] = TRUTH["column"]
LINK_RULES = ("broken-link", "broken-attachment", "broken-image")
OUTSIDE = {"www.gov.cn", "bszs.conac.cn", "zfwzgl.www.gov.cn", "beian.miit.gov.cn"}


class Markup(HTMLParser):
    """Addresses, META and text of a page, by the standard library alone: independent of the product's parser."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.refs: list[str] = []
        self.metas: dict[str, str] = {}
        self.words: list[str] = []
        self._raw = False
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._raw = tag in ("script", "style")
        for name in ("href", "src", "background", "action"):
            if name in given:
                self.refs.append(given[name])
        self.refs += re.findall(r"url\('([^']+)'\)", given.get("style", ""))
        self.refs += re.findall(r"window\.open\('([^']+)'\)", given.get("onclick", ""))
        if tag == "meta" and "name" in given:
            self.metas[given["name"]] = given.get("content", "")

    def handle_endtag(self, tag: str) -> None:
        self._raw = False

    def handle_data(self, data: str) -> None:
        if not self._raw:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@dataclass
class Walk:
    """Every page reachable from the home page, and what every address on them answered."""

    pages: dict[str, tuple[httpx.Response, Markup]] = field(default_factory=dict)
    answers: dict[str, list[httpx.Response]] = field(default_factory=dict)
    """Address (decoded path, or an outside address) → its answers to two GETs, redirects not followed."""
    on: dict[str, set[str]] = field(default_factory=dict)
    """Address → the pages it stands on."""


def absolute(base: str, raw: str) -> str | None:
    """The address a browser would ask (WHATWG URL: trimmed, back slashes are slashes), decoded; None: not http."""
    at = urljoin("http://portal" + base, raw.strip().replace("\n", "").replace("\\", "/")).partition("#")[0]
    parts = urlsplit(at)
    if parts.scheme != "http":
        return None
    return unquote(parts.path) if parts.netloc == "portal" else f"http://{parts.netloc}{unquote(parts.path)}"


def is_page(address: str, answer: httpx.Response) -> bool:
    own = not address.startswith("http")
    return own and answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")


def may_ask(address: str) -> bool:
    return not address.startswith(("/private/", "http://10."))


def get(client: httpx.Client, portal: Portal, address: str, method: str = "GET", **headers: str) -> httpx.Response:
    parts = urlsplit(address)
    if parts.netloc:
        headers["Host"] = parts.netloc
    return client.request(method, portal.url.rstrip("/") + parts.path, headers=headers)


def decoded(answer: httpx.Response) -> str:
    """By META, as the portal's pages are meant."""
    charset = re.search(rb"charset=\"?([\w-]+)", answer.content)
    assert charset is not None
    return answer.content.decode("gb18030" if charset[1] == b"gb2312" else charset[1].decode())


@pytest.fixture(scope="module")
def walk() -> Iterator[Walk]:
    seen = Walk()
    with Portal() as portal, httpx.Client(trust_env=False) as client:
        waiting = [TRUTH["home"]]
        while waiting:
            address = waiting.pop()
            first = get(client, portal, address)
            second = get(client, portal, address)
            seen.answers[address] = [first, second]
            follow = []
            if second.has_redirect_location:
                follow = [second.headers["Location"]]
            elif is_page(address, second):
                page = Markup(decoded(second))
                seen.pages[address] = (second, page)
                follow = page.refs
            for raw in follow:
                target = absolute(address, raw)
                if target is None:
                    continue
                seen.on.setdefault(target, set()).add(address)
                if may_ask(target) and target not in seen.answers and target not in waiting:
                    waiting.append(target)
        assert not any("/private" in path for _, path in portal.requests)
    yield seen


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as client:
        yield client


def page_of(walk: Walk, path: str) -> tuple[httpx.Response, Markup]:
    return walk.pages[path]


# The files


def test_pages_are_what_the_content_makes() -> None:
    spec = importlib.util.spec_from_file_location("site_build", BUILDER)
    assert spec is not None and spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    sys.path.remove(str(BUILDER.parent))
    assert build.differences(build.Site().build(), SITE) == []


def test_bundle_is_small_and_holds_no_real_data() -> None:
    files = [p for p in PORTAL.rglob("*") if p.is_file()]
    assert sum(p.stat().st_size for p in files) < 600_000
    assert all(p.name.isascii() for p in files)
    for path in SITE.rglob("*.html"):
        text = (
            path.read_bytes().decode("gb18030") if b"charset=gb2312" in path.read_bytes() else path.read_text("utf-8")
        )
        assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", text), path
        assert not re.search(r"(?<!\d)[1-9]\d{16}[\dXx](?!\d)", text), path
        assert {h for h in re.findall(r"//([\w.-]+\.\w+)", text) if h not in OUTSIDE} <= {
            "10.0.12.8",
            "www.w3.org",  # the doctype
            "www.beian.gov.cn",  # in a comment: the missing mark
        }, path


def test_every_file_is_linked(walk: Walk) -> None:
    linked = {a + "index.html" if a.endswith("/") else a for a in walk.answers}
    files = {"/" + p.relative_to(SITE).as_posix() for p in SITE.rglob("*") if p.is_file()}
    # The shell in front of the home page, robots.txt, and a file that is served under another name.
    assert files - linked == {"/index.html", "/robots.txt", "/ylx/bsfw/fj/yhz.docx"}


def test_portal_is_a_county_portal_in_size(walk: Walk) -> None:
    assert len(walk.pages) >= 60
    assert len({c["style"] for c in COLUMNS if c.get("items")}) >= 5


# What is wrong, and nothing else


def test_every_link_is_good_or_in_the_truth(walk: Walk) -> None:
    excused = {i["at"] for i in INNOCENT if i.get("answers", 200) not in (200, 302)}
    wrong = {at for at, (_, second) in walk.answers.items() if second.status_code >= 400 and at not in excused}
    empty = {at for at, (_, second) in walk.answers.items() if second.status_code == 200 and not second.content}
    phrases = ("您访问的页面不存在", "您要下载的文件不存在")
    disguised = {
        at
        for at, (_, second) in walk.answers.items()
        if second.status_code == 200 and len(second.content) < 600 and any(p in second.text for p in phrases)
    }
    assert wrong | empty | disguised == {p["at"] for p in PLANTED if p["rule"] in LINK_RULES}


@pytest.mark.parametrize("planted", [p for p in PLANTED if p["rule"] in LINK_RULES], ids=lambda p: p["at"])
def test_planted_link_is_broken_every_time(walk: Walk, planted: dict[str, Any]) -> None:
    first, second = walk.answers[planted["at"]]
    assert [first.status_code, second.status_code] == [planted["answers"]] * 2
    assert planted["on"] in walk.on[planted["at"]]
    if TRUTH["home"] in walk.on[planted["at"]]:
        assert planted["on"] == TRUTH["home"]
    if planted["rule"] == "broken-attachment" and planted["answers"] == 200:
        assert first.headers["Content-Type"].startswith("text/html") or not first.content


@pytest.mark.parametrize("innocent", INNOCENT, ids=lambda i: i["at"])
def test_innocent_answers_as_declared(walk: Walk, client: httpx.Client, innocent: dict[str, Any]) -> None:
    at = innocent["at"]
    if "on" in innocent and innocent.get("asked", True):
        assert innocent["on"] in walk.on[at]
    if innocent.get("asked", True) is False:
        assert at not in walk.answers
        on = page_of(walk, innocent["on"])[0]
        assert at in decoded(on)
        return
    with Portal() as portal:
        if "head_answers" in innocent:
            assert get(client, portal, at, "HEAD").status_code == innocent["head_answers"]
        if "first_answers" in innocent:
            assert get(client, portal, at, "HEAD").status_code == innocent["first_answers"]
            assert get(client, portal, at).status_code == innocent["first_answers"]
        answer = get(client, portal, at)
        assert answer.status_code == innocent.get("answers", 200)
        assert get(client, portal, at).status_code == answer.status_code
        if "lands" in innocent:
            hops = 0
            while answer.has_redirect_location:
                answer = get(client, portal, answer.headers["Location"])
                hops += 1
            assert hops == 2
            assert urlsplit(str(answer.url)).path == innocent["lands"]
            assert answer.status_code == 200


def test_addresses_of_the_truth_exist(walk: Walk) -> None:
    for entry in (*PLANTED, *INNOCENT, *COLUMNS):
        for address in (entry["at"], entry.get("on", entry["at"])):
            known = address in walk.answers or address in walk.on or address == "/old/index.asp" or "api" in address
            assert known, address


def test_every_rule_about_this_site_is_planted() -> None:
    assert {p["rule"] for p in PLANTED} == {
        "stale-column",
        "empty-column",
        "undated-column",
        "suspect-date",
        "missing-statistics",
        "few-surveys",
        "missing-section",
        "missing-mark",
        "missing-meta",
        "wrong-domain",
        "blocked-host",
        "private-link",
        "unanswered-message",
        "vague-material",
        "missing-annual-report",
        "incomplete-annual-report",
        "wrong-word",
        "weak-https",
        *LINK_RULES,
    }
    keys = [(p["rule"], p["at"], p.get("key")) for p in PLANTED]
    assert len(keys) == len(set(keys))


def test_veto_is_decided_by_stale_columns_alone() -> None:
    kinds = {c["at"]: c["kind"] for c in COLUMNS}
    stale = [p for p in PLANTED if p["rule"] == "stale-column"]
    assert len([p for p in stale if p["certain"] and kinds[p["at"]] in ("news", "notice", "policy")]) >= 5
    assert len([p for p in PLANTED if p["rule"] == "empty-column"]) < 5


# Home page, marks, META


def test_root_is_an_empty_page_that_goes_home_by_script(client: httpx.Client) -> None:
    with Portal() as portal:
        page = client.get(portal.url)
        assert page.status_code == 200
        assert not Markup(page.text).text.replace("云岭县人民政府", "")
        target = re.search(r"window\.location\.href='([^']+)'", page.text)
        assert target is not None and target[1] == TRUTH["home"]


def test_home_page_has_every_mark_but_the_planted_one(walk: Walk) -> None:
    answer, page = page_of(walk, TRUTH["home"])
    marks = {
        "conac": any("bszs.conac.cn" in r for r in page.refs),
        "jiucuo": any("zfwzgl.www.gov.cn" in r and "5399990001" in r for r in page.refs),
        "code": "网站标识码：5399990001" in page.text,
        "icp": "云ICP备00000001号" in page.text,
        "police": "公网安备" in page.text or any("beian.gov.cn" in r for r in page.refs),
        "organ": "主办单位" in page.text,
        "contact": "联系电话" in page.text,
        "sitemap": "网站地图" in page.text,
    }
    assert {k for k, there in marks.items() if not there} == {p["key"] for p in PLANTED if p["rule"] == "missing-mark"}
    assert "公网安备" in answer.text, "it stands in a comment"


def test_section_entries_of_the_home_page(walk: Walk) -> None:
    _, page = page_of(walk, TRUTH["home"])
    dead = {p["at"] for p in PLANTED if p["rule"] == "broken-link"}
    assert "/ylx/jgzn/" in page.refs
    assert dead & set(page.refs) == {"/ylx/jgzn/"}
    for name in (
        "走进云岭",
        "领导之窗",
        "要闻动态",
        "通知公告",
        "政府信息公开",
        "政策文件",
        "政策解读",
        "办事服务",
        "互动交流",
    ):
        assert name in page.text
    # No other name for the missing section anywhere.
    for _, other in walk.pages.values():
        assert not re.search("机构设置|组织机构|部门职责|主要职责|内设机构", other.text)


def test_pages_carry_their_metas(walk: Walk) -> None:
    missing, empty = {}, {}
    for at, (_, page) in walk.pages.items():
        if at in {p["at"] for p in PLANTED if p["rule"] in LINK_RULES}:
            continue
        names = {"SiteName", "SiteDomain", "SiteIDCode"}
        if at != TRUTH["home"]:
            names |= {"ColumnName", "ColumnType"}
            is_article = "ArticleTitle" in page.metas
            names |= {"PubDate", "ContentSource"} if is_article else {"ColumnDescription", "ColumnKeywords"}
        if lost := names - page.metas.keys():
            missing[at] = ",".join(sorted(lost))
        if blank := {n for n, content in page.metas.items() if not content.strip()}:
            empty[at] = ",".join(sorted(blank))
        assert page.metas["SiteDomain"] == OWN_NAME
    planted = [p for p in PLANTED if p["rule"] == "missing-meta"]
    assert missing == {p["at"]: p["missing"] for p in planted if "missing" in p}
    assert empty == {p["at"]: p["empty"] for p in planted if "empty" in p}


# Dates


def test_article_dates_agree(walk: Walk) -> None:
    """META PubDate, the shown 发布时间 and a date in the address are one date."""
    articles = 0
    for at, (_, page) in walk.pages.items():
        if "PubDate" not in page.metas:
            continue
        articles += 1
        published = page.metas["PubDate"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", published)
        assert f"发布时间：{published}" in page.text
        if in_address := re.search(r"/t(\d{4})(\d\d)(\d\d)_", at):
            assert "-".join(in_address.groups()) == published[:10]
    assert articles >= 35


def listed(source: str, style: str) -> list[date | None]:
    """The items' dates of a list page, read by the style the truth names; None where the list shows none."""
    body = source.partition('class="main"')[2] or source.partition("class=main")[2]
    body = re.split(r'class="?foot', body)[0]
    pattern = {
        "ul": r"<li[^>]*><span>(\d{4})-(\d\d)-(\d\d)</span><a ",
        "table": r"<tr><td>[\d-]+</td><td><a .*?</a></td><td>.*?</td><td>(\d{4})年(\d+)月(\d+)日</td></tr>",
        "dl": r"<dl><dt>(?P<d>\d\d)<span>(?P<y>\d{4})-(?P<m>\d\d)</span></dt><dd><a ",
        "bracket": r"</a>\((\d{4})-(\d\d)-(\d\d)\)</p>",
        "channel": r"</a> \[(\d{4})-(\d\d)-(\d\d)\]</li>",
        "yearless": r"</a> <em>\[(?P<m>\d\d)-(?P<d>\d\d)\]</em></li>",
        "card": r"<time datetime=\"[\d-]+\">(\d{4})\.(\d\d)\.(\d\d)</time>",
        "letters": r"<td>(\d{4})-(\d\d)-(\d\d)</td><td>已答复</td>",
        "plain": r"<li><a href=\"[\w./-]+\">",
    }[style]
    found: list[date | None] = []
    for match in re.finditer(pattern, body):
        named = match.groupdict()
        if style == "plain":
            found.append(None)
        elif style == "yearless":
            day = date(AS_OF.year, int(named["m"]), int(named["d"]))
            found.append(day if day <= AS_OF.date() else day.replace(year=AS_OF.year - 1))
        elif named:
            found.append(date(int(named["y"]), int(named["m"]), int(named["d"])))
        else:
            found.append(date(*map(int, match.groups())))
    return found


@pytest.mark.parametrize("column", COLUMNS, ids=lambda c: c["name"])
def test_column_is_as_declared(walk: Walk, column: dict[str, Any]) -> None:
    answer, page = page_of(walk, column["at"])
    source = decoded(answer)
    assert page.metas["ColumnName"] == column["name"]
    assert ("charset=gb2312" in source) == (column["charset"] == "gbk")
    if "items" not in column:
        assert ("<datastore>" in source) or ("loadList(" in source)
        return
    if not column["items"]:
        assert ("暂无信息" in source) == (column["style"] == "none")
        body = re.split(r'class="?foot', re.split(r'class="?main', source)[1])[0]
        assert "<a " not in body.lower()
        return
    days = listed(source, column["style"])
    assert len(days) == column["items"]
    if column["style"] == "plain":
        days = [
            date.fromisoformat(article.metas["PubDate"][:10])
            for at, (_, article) in walk.pages.items()
            if at.startswith(column["at"]) and "PubDate" in article.metas
        ]
    past = [day for day in days if day is not None and day <= AS_OF.date()]
    assert max(past, default=None) == column.get("newest")
    assert (column.get("archived", False)) == ("已归档" in page.text)


def test_stale_columns_are_stale_and_the_others_are_not() -> None:
    limits = {"news": date(2026, 11, 6), "notice": date(2026, 5, 20), "policy": date(2026, 5, 20)}
    stale = {
        c["at"]
        for c in COLUMNS
        if c["kind"] in limits and "items" in c and (c.get("newest") is None or c["newest"] < limits[c["kind"]])
    }
    assert stale == {p["at"] for p in PLANTED if p["rule"] == "stale-column"}
    for planted in PLANTED:
        if "newest" in planted:
            assert planted["newest"] == next(c["newest"] for c in COLUMNS if c["at"] == planted["at"])


def test_one_list_begins_with_a_future_date_and_one_with_a_pinned_old_item(walk: Walk) -> None:
    future = listed(decoded(page_of(walk, "/ylx/xwdt/bmdt/")[0]), "dl")
    assert future[0] is not None and future[0] > AS_OF.date()
    pinned = listed(decoded(page_of(walk, "/ylx/xwdt/ylyw/")[0]), "ul")
    assert pinned[0] == date(2026, 3, 12)
    assert pinned[0] == min(day for day in pinned if day is not None)


# Encodings


def test_encodings_are_mixed(walk: Walk) -> None:
    gbk = [at for at, (answer, _) in walk.pages.items() if b"charset=gb2312" in answer.content]
    assert 30 <= len(gbk) <= len(walk.pages) - 30
    beyond = 0
    for at in gbk:
        answer, page = walk.pages[at]
        assert "云岭县人民政府" in page.text
        text = answer.content.decode("gbk")
        beyond += "垚" in text  # in GBK, not in the GB 2312 that the page declares
        with pytest.raises(UnicodeDecodeError):
            answer.content.decode("utf-8")
    assert beyond >= 2
    headers = {walk.pages[at][0].headers["Content-Type"] for at in gbk}
    assert headers == {"text/html", "text/html; charset=gb2312", "text/html; charset=utf-8"}


def test_header_contradicts_the_page_once(walk: Walk) -> None:
    answer, page = page_of(walk, "/ylx/rsrm/")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert b"charset=gb2312" in answer.content
    assert page.metas["ColumnName"] == "人事任免"


def test_one_page_begins_with_a_byte_order_mark(walk: Walk) -> None:
    assert [at for at, (a, _) in walk.pages.items() if a.content.startswith(b"\xef\xbb\xbf")] == ["/ylx/hdjl/"]


# Attachments and images


def test_good_attachments_are_real_files(walk: Walk) -> None:
    broken = {p["at"] for p in PLANTED}
    good = {at: a[1].content for at, a in walk.answers.items() if at not in broken and not at.startswith("http")}
    kinds = {
        suffix: [c for at, c in good.items() if at.endswith(suffix)]
        for suffix in (".pdf", ".docx", ".xlsx", ".png", ".doc")
    }
    assert all(kinds.values())
    assert all(c.startswith(b"%PDF-") and c.rstrip().endswith(b"%%EOF") for c in kinds[".pdf"])
    assert all(c.startswith(b"{\\rtf1") for c in kinds[".doc"])
    assert all(c.startswith(b"\x89PNG") and c.endswith(b"IEND\xaeB`\x82") for c in kinds[".png"])
    for content in (*kinds[".docx"], *kinds[".xlsx"]):
        with zipfile.ZipFile(BytesIO(content)) as archive:
            assert archive.testzip() is None
            assert "[Content_Types].xml" in archive.namelist()


def test_office_files_open() -> None:
    import docx
    import openpyxl

    form = docx.Document(str(SITE / "ylx/fj/ysqgk.docx"))
    assert form.paragraphs[0].text == "政府信息公开申请表"
    sheet = openpyxl.load_workbook(SITE / "ylx/gsgg/fj/2025laomo.xlsx").active
    assert sheet is not None and sheet["B2"].value == "甲某某"


# The server


def test_ranges(client: httpx.Client) -> None:
    path = "/ylx/czyjs/2026/yusuan.pdf"
    whole = (SITE / path[1:]).read_bytes()
    with Portal() as portal:
        plain = get(client, portal, path)
        assert (plain.status_code, plain.content) == (200, whole)
        assert plain.headers["Accept-Ranges"] == "bytes"
        part = get(client, portal, path, Range="bytes=0-15")
        assert (part.status_code, part.content) == (206, whole[:16])
        assert part.headers["Content-Range"] == f"bytes 0-15/{len(whole)}"
        assert get(client, portal, path, Range="bytes=10-").content == whole[10:]
        assert get(client, portal, path, Range="bytes=-6").content == whole[-6:]
        assert get(client, portal, path, Range=f"bytes=0-{10**9}").content == whole
        beyond = get(client, portal, path, Range=f"bytes={len(whole)}-")
        assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(whole)}")
        for odd in ("bytes=5-2", "bytes=-", "bytes=a-b", "lines=1-2", "bytes=0-1,4-5"):
            assert get(client, portal, path, Range=odd).content == whole, odd


@pytest.mark.parametrize(
    "target",
    [
        "/../demo.py",
        "/%2e%2e/%2e%2e/demo.py",
        "/ylx/..%5c..%5cdemo.py",
        "/ylx/%ff%fe.html",
        "/behaviour.toml",
        "/YLX/index.html",
    ],
)
def test_only_the_site_is_served(target: str) -> None:
    with Portal() as portal:
        port = urlsplit(portal.url).port
        with socket.create_connection(("127.0.0.1", port or 0)) as connection:
            connection.sendall(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
            answer = b""
            while block := connection.recv(65536):
                answer += block
    assert answer.startswith(b"HTTP/1.1 404 ")


def test_folder_without_slash_is_redirected(client: httpx.Client) -> None:
    with Portal() as portal:
        answer = get(client, portal, "/ylx/zjyl")
        assert (answer.status_code, answer.headers["Location"]) == (301, "/ylx/zjyl/")


def test_outside_hosts_are_known_by_name(client: httpx.Client) -> None:
    with Portal() as portal:
        assert set(portal.resolve) == OUTSIDE | {OWN_NAME}
        assert {urlsplit(f"http://{h}:{p}").netloc for h, p in portal.resolve.values()} == {urlsplit(portal.url).netloc}
        assert get(client, portal, "http://www.gov.cn/").status_code == 200
        assert get(client, portal, "http://www.gov.cn:80/").status_code == 200
        assert get(client, portal, "http://WWW.GOV.CN/").status_code == 200
        # A host is no site where every address answers: the soft 404 probe must see a 404.
        assert get(client, portal, "http://www.gov.cn/no-such-page.html").status_code == 404
        assert get(client, portal, f"http://{OWN_NAME}{TRUTH['home']}").status_code == 200
        assert get(client, portal, "http://example.com/").status_code == 421
        assert portal.requests["GET", "//www.gov.cn/"] == 3
        assert portal.requests["GET", TRUTH["home"]] == 1


def test_head_has_the_length_and_no_body(client: httpx.Client) -> None:
    with Portal() as portal:
        head = get(client, portal, TRUTH["home"], "HEAD")
        page = get(client, portal, TRUTH["home"])
        assert head.content == b""
        assert head.headers["Content-Length"] == str(len(page.content)) == page.headers["Content-Length"]
        assert get(client, portal, TRUTH["home"], "POST").status_code == 501


def test_requests_are_counted_and_forgotten(client: httpx.Client) -> None:
    portal = Portal()
    with pytest.raises(RuntimeError):
        _ = portal.url
    for _ in range(2):
        with portal:
            statuses = [get(client, portal, "/ylx/fw/gongjiao.html").status_code for _ in range(3)]
            assert statuses == [503, 200, 200]
            assert portal.requests == {("GET", "/ylx/fw/gongjiao.html"): 3}


def test_many_at_once_are_all_counted(client: httpx.Client) -> None:
    with Portal() as portal, ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: get(client, portal, "/ylx/fw/gongjiao.html").status_code, range(200)))
        assert answers.count(503) == 1
        assert portal.requests["GET", "/ylx/fw/gongjiao.html"] == 200


def test_closing_ends_open_connections(capfd: pytest.CaptureFixture[str]) -> None:
    with Portal() as portal:
        port = urlsplit(portal.url).port or 0
        idle = socket.create_connection(("127.0.0.1", port))
        idle.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert idle.recv(15) == b"HTTP/1.1 200 OK"
        rude = socket.create_connection(("127.0.0.1", port))
        rude.sendall(b"GET /ylx/images/banner.png HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        rude.close()
    with idle:
        while idle.recv(65536):
            pass  # the rest of the page, then the end: the server has hung up
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=1):
        pass
    assert capfd.readouterr() == ("", "")
