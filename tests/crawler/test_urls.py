"""Addresses are read as browsers read them; private ones are known in every spelling."""

import ada_url
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import urls
from crawler.page import LinkKind
from crawler.urls import Joiner, TargetKind, normalize

BASE = "http://www.yunling.gov.cn/zwgk/tzgg/202601/t20260105_1.html?page=2"


@pytest.mark.parametrize(
    ("raw", "asked"),
    [
        ("HTTP://WWW.YunLing.GOV.cn:80", "http://www.yunling.gov.cn/"),
        ("https://www.yunling.gov.cn:443/a#b", "https://www.yunling.gov.cn/a"),
        ("http://www.yunling.gov.cn:8080/./a/../b", "http://www.yunling.gov.cn:8080/b"),
        ("http://user:secret@www.yunling.gov.cn/@a", "http://www.yunling.gov.cn/@a"),
        ("http://云岭县人民政府.政务/首页 1", "http://xn--9kqtd08oi5k1mcivpg4l.xn--zfr164b/%E9%A6%96%E9%A1%B5%201"),
        ("  http://www.yunling.gov.cn/a\n/b\t ", "http://www.yunling.gov.cn/a/b"),
        ("http:\\\\www.yunling.gov.cn\\a", "http://www.yunling.gov.cn/a"),
        ("http://www.yunling.gov.cn/%e4%ba%91?q=%e5%b2%ad", "http://www.yunling.gov.cn/%e4%ba%91?q=%e5%b2%ad"),
        ("http://127.1/", "http://127.0.0.1/"),
        (
            "http://www.yunling.gov.cn/\ud800a\U00020bb7?\udfff",
            "http://www.yunling.gov.cn/%EF%BF%BDa%F0%A0%AE%B7?%EF%BF%BD",
        ),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://[::FFFF:7f00:1]/", "http://[::ffff:7f00:1]/"),
        ("//www.yunling.gov.cn/", None),
        ("www.yunling.gov.cn", None),
        ("ftp://www.yunling.gov.cn/", None),
        ("mailto:x@yunling.gov.cn", None),
        ("http://", None),
        ("http://www.yunling.gov.cn:99999/", None),
        ("http://a b.gov.cn/", None),
        ("http://\ud800/", None),
        ("", None),
    ],
)
def test_normalize(raw: str, asked: str | None) -> None:
    assert normalize(raw) == asked


@pytest.mark.parametrize(
    ("raw", "url", "fragment"),
    [
        ("../202602/t2.html#top", "http://www.yunling.gov.cn/zwgk/tzgg/202602/t2.html", "top"),
        ("/index.html", "http://www.yunling.gov.cn/index.html", ""),
        ("//oss.yunling.gov.cn/a.pdf", "http://oss.yunling.gov.cn/a.pdf", ""),
        ("?page=3", "http://www.yunling.gov.cn/zwgk/tzgg/202601/t20260105_1.html?page=3", ""),
        ("http:", "http://www.yunling.gov.cn/zwgk/tzgg/202601/t20260105_1.html?page=2", ""),
        ("\n /a\tb.html \r", "http://www.yunling.gov.cn/ab.html", ""),
        ("xxgk@yunling.gov.cn", "http://www.yunling.gov.cn/zwgk/tzgg/202601/xxgk@yunling.gov.cn", ""),
        ("www.yunling.gov.cn/a", "http://www.yunling.gov.cn/zwgk/tzgg/202601/www.yunling.gov.cn/a", ""),
        (
            "http：//www.yunling.gov.cn",
            "http://www.yunling.gov.cn/zwgk/tzgg/202601/http%EF%BC%9A//www.yunling.gov.cn",
            "",
        ),
        ("../../../../../a", "http://www.yunling.gov.cn/a", ""),
        ("http://u:p@www.yunling.gov.cn/a#x", "http://www.yunling.gov.cn/a", "x"),
    ],
)
def test_join_web(raw: str, url: str, fragment: str) -> None:
    target = Joiner(BASE).join(raw)
    assert (target.kind, target.url, target.fragment) == (TargetKind.WEB, url, fragment)


@pytest.mark.parametrize(
    ("raw", "scheme"),
    [
        ("mailto:xxgk@yunling.gov.cn", "mailto"),
        ("JavaScript:void(0)", "javascript"),
        (" java\nscript:;", "javascript"),
        ("tel:0871-0000000", "tel"),
        ("data:image/gif;base64,R0lGOD", "data"),
        ("file:///C:/通知.doc", "file"),
        ("about:blank", "about"),
        ("ftp://www.yunling.gov.cn/a", "ftp"),
        ("localhost:8080/a", "localhost"),
    ],
)
def test_join_other_schemes(raw: str, scheme: str) -> None:
    target = Joiner(BASE).join(raw)
    assert (target.kind, target.scheme, target.url) == (TargetKind.OTHER, scheme, None)


@pytest.mark.parametrize(
    ("raw", "fragment"), [("", ""), ("  \n", ""), ("#", ""), (" #top", "top"), ("#第 一", "%E7%AC%AC%20%E4%B8%80")]
)
def test_join_same_document(raw: str, fragment: str) -> None:
    target = Joiner(BASE).join(raw)
    assert (target.kind, target.fragment) == (TargetKind.SAME, fragment)


@pytest.mark.parametrize(
    "raw", ["http://", "https://[::1/", "http://www.yunling.gov.cn:80:80/", "//a^b/", "http://\ud800"]
)
def test_join_unreadable(raw: str) -> None:
    assert Joiner(BASE).join(raw).kind is TargetKind.UNREADABLE


@pytest.mark.parametrize(
    "base", ["http://www.yunling.gov.cn", "HTTP://WWW.YunLing.GOV.cn:80", "http://www.yunling.gov.cn?a"]
)
def test_a_base_without_a_path(base: str) -> None:
    assert Joiner(base).join("b.html#c").url == "http://www.yunling.gov.cn/b.html"
    assert Joiner(base).join("http://www.yunling.gov.cn/d").url == "http://www.yunling.gov.cn/d"


def test_half_a_character_is_replaced() -> None:
    assert Joiner(BASE).join("/\ud800\udfb7\udfb7").url == "http://www.yunling.gov.cn/%F0%90%8E%B7%EF%BF%BD"


def test_query_is_encoded_as_the_page_is() -> None:
    raw = "/查询.asp?名称=通知&k=1#通知"
    path = "http://www.yunling.gov.cn/%E6%9F%A5%E8%AF%A2.asp"
    gb = Joiner(BASE, "gb18030").join(raw)
    assert gb.url == f"{path}?%C3%FB%B3%C6=%CD%A8%D6%AA&k=1"
    assert gb.fragment == "%E9%80%9A%E7%9F%A5"
    assert Joiner(BASE).join(raw).url == f"{path}?%E5%90%8D%E7%A7%B0=%E9%80%9A%E7%9F%A5&k=1"
    assert Joiner(BASE, "big5").join("?q=县").url.endswith("?q=%26%2321439%3B")


def test_host_and_origin() -> None:
    assert urls.origin("https://www.yunling.gov.cn:8443/a/b?c") == "https://www.yunling.gov.cn:8443"
    assert urls.host("https://www.yunling.gov.cn:8443/a") == "www.yunling.gov.cn"
    assert urls.authority("https://www.yunling.gov.cn:8443/a") == "www.yunling.gov.cn:8443"
    assert urls.host("http://[2001:db8::1]:81/") == "2001:db8::1"
    assert urls.origin("HTTP://WWW.YunLing.GOV.cn:80") == urls.origin("http://www.yunling.gov.cn/a")
    assert urls.origin("http://a@b.cn/c") == "http://b.cn"
    assert urls.origin("https://云岭.政务:443/c") == "https://xn--9kqv75a.xn--zfr164b"
    assert urls.origin("http://a.cn:99999/") == ""
    assert urls.host("mailto:a@b") == urls.origin("javascript:1") == ""


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("http://www.yunling.gov.cn/", "https://zwfw.yunling.gov.cn:8443/a", True),
        ("http://www.yunling.gov.cn/", "http://www.xialing.gov.cn/", False),
        ("http://10.0.0.1/", "http://10.0.0.1:8080/", True),
        ("http://10.0.0.1/", "http://10.0.0.2/", False),
        ("http://localhost/", "http://www.localhost/", False),
        ("http://gov.cn/", "http://www.gov.cn/", False),
        ("nonsense", "nonsense", False),
    ],
)
def test_same_site(a: str, b: str, same: bool) -> None:
    assert urls.same_site(a, b) is same


@pytest.mark.parametrize("host", ["www.yunling.gov.cn", "gov.cn", "WWW.GOV.CN.", "云岭.政务", "xn--gmq37n.xn--zfr164b"])
def test_government(host: str) -> None:
    assert urls.is_government(host)


@pytest.mark.parametrize("host", ["www.gov.cn.example.com", "yunlinggov.cn", "www.gov.hk", "政务", ""])
def test_not_government(host: str) -> None:
    assert not urls.is_government(host)


@pytest.mark.parametrize(
    ("url", "tag", "attr", "kind"),
    [
        ("http://www.yunling.gov.cn/a/P0202.DOCX?v=1", "a", "href", LinkKind.ATTACHMENT),
        ("http://www.yunling.gov.cn/%E9%80%9A%E7%9F%A5.ofd", "a", "href", LinkKind.ATTACHMENT),
        ("http://www.yunling.gov.cn/a.pdf", "iframe", "src", LinkKind.ATTACHMENT),
        ("http://www.yunling.gov.cn/a.jpg", "a", "href", LinkKind.IMAGE),
        ("http://www.yunling.gov.cn/captcha.jsp", "img", "src", LinkKind.IMAGE),
        ("http://www.yunling.gov.cn/bg", "td", "background", LinkKind.IMAGE),
        ("http://www.yunling.gov.cn/list.html", "td", "onclick", LinkKind.PAGE),
        ("http://www.yunling.gov.cn/bg.png", "div", "style", LinkKind.IMAGE),
        ("http://www.yunling.gov.cn/font.woff", "style", "text", LinkKind.ASSET),
        ("http://www.yunling.gov.cn/a.js", "script", "src", LinkKind.ASSET),
        ("http://www.yunling.gov.cn/", "a", "href", LinkKind.PAGE),
        ("http://www.yunling.pdf", "a", "href", LinkKind.PAGE),
        ("http://www.yunling.gov.cn/a.doc/", "a", "href", LinkKind.PAGE),
        ("http://www.yunling.gov.cn/list?f=a.doc", "a", "href", LinkKind.PAGE),
    ],
)
def test_kind(url: str, tag: str, attr: str, kind: LinkKind) -> None:
    assert urls.kind_of(url, tag, attr) is kind


@pytest.mark.parametrize(
    "path",
    [
        "/list/list/list/list/a.html",
        "/a/b/a/b/a/b/a/b/",
        "/a?page=1&page=2&page=3&page=4",
        "/" + "/".join(map(str, range(30))),
        "/a?q=" + "x" * 3000,
    ],
)
def test_endless(path: str) -> None:
    assert urls.looks_endless(f"http://www.yunling.gov.cn{path}")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/zwgk/2026/01/01/01/t20260101_1.html",
        "/art/2026/1/1/art_1_1.html",
        "/col/col1/index.html?uid=1&pageNum=2",
        "/zwgk/zfxxgk/fdzdgknr/zdlyxxgk/sbgg/ysgg/2026/01/05/",
        "/query?id=1&id=2",
        "/index.jsp;jsessionid=0F1E2D3C4B5A?id=1",
    ],
)
def test_not_endless(path: str) -> None:
    assert not urls.looks_endless(f"http://www.yunling.gov.cn{path}")


PRIVATE = """
    localhost LOCALHOST. a.localhost oa.local nas.lan www.test db.internal 127.0.0.1 127.1 2130706433 0x7f.1
    017700000001 0 0.0.0.0 10.0.0.8 172.16.1.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 100.100.100.200
    198.18.0.1 192.0.0.192 168.63.129.16 224.0.0.1 240.0.0.1 255.255.255.255 [::] [::1] [fe80::1] [fc00::1]
    [fd00:ec2::254] [ff02::1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::ffff:10.0.0.1] [64:ff9b::7f00:1] [2002:7f00:1::]
    [::7f00:1] [2001:db8::1] [3fff::1] [100::1] [64:ff9b:1::a00:1] １２７.０.０.１
"""
PUBLIC = """
    www.yunling.gov.cn localhost.yunling.gov.cn local.cn 8.8.8.8 172.32.0.1 100.128.0.1 11.0.0.1 [2400:3200::1]
    [::ffff:8.8.8.8] [64:ff9b::808:808] 10.0.0.1.yunling.gov.cn
"""


@pytest.mark.parametrize("host", PRIVATE.split())
def test_private(host: str) -> None:
    assert urls.looks_private(f"http://{host}/a")


@pytest.mark.parametrize("host", PUBLIC.split())
def test_public(host: str) -> None:
    assert urls.looks_private(f"http://{host}/a") is None


@given(
    st.one_of(
        st.text(max_size=80),
        st.text(max_size=60).map(lambda s: f"http://{s}"),
        st.from_regex(r"https?://[a-z@:/?#%.\[\]0-9]{0,30}"),
    )
)
def test_normalize_is_idempotent_and_never_raises(raw: str) -> None:
    url = normalize(raw)
    if url is not None:
        assert normalize(url) == url
        assert url.isascii()
        assert url.startswith(("http://", "https://"))
        assert "#" not in url
        assert "@" not in urls.origin(url)
        assert urls.host(url)


@given(st.text(max_size=80), st.sampled_from(["utf-8", "gb18030", "big5", "utf-16le", "x-mac-cyrillic"]))
def test_join_never_raises_and_gives_normal_addresses(raw: str, encoding: str) -> None:
    target = Joiner(BASE, encoding).join(raw)
    assert (target.url is not None) == (target.kind is TargetKind.WEB)
    if target.url is not None:
        assert normalize(target.url) == target.url
        urls.kind_of(target.url, "a")
        urls.looks_private(target.url)


@given(st.text(max_size=40))
def test_folder_memory_changes_nothing(raw: str) -> None:
    first = Joiner(BASE).join(raw)
    assert Joiner(BASE).join(raw) == first
    if first.url is not None:
        other = Joiner("http://www.yunling.gov.cn/zwgk/tzgg/202601/t20260105_2.html").join(first.url)
        assert other.url == first.url


@given(
    st.one_of(
        st.text(max_size=30),
        st.text("ab/?#:.\\@ \t\nhtps%", max_size=16),
        st.text("ab/?#:.\\@ \t\nhtps%", max_size=16).map(lambda s: f"/{s}"),
        st.text("ab/?#:.\\@ \t\nhtps%", max_size=16).map(lambda s: f"http:{s}"),
    )
)
def test_what_is_remembered_is_what_a_browser_joins(raw: str) -> None:
    url = Joiner(BASE).join(raw).url
    if url is not None:
        joined = normalize(ada_url.join_url(BASE, raw))
        assert url == joined
        assert urls.origin(url) == "/".join(url.split("/", 3)[:3])
        assert Joiner(Joiner(BASE).base_of(raw)).join(raw).url == url


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_judged_by_what_it_carries(ip: object) -> None:
    assert (urls.address_reason(str(ip)) is None) == (urls.address_reason(f"::ffff:{ip}") is None)
