"""What a page holds, as a browser sees it; and that no page can make us work for ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import html

LONG = "云岭县人民政府今天召开常务会议，研究部署近期重点工作。" * 20


def raws(source: str) -> list[tuple[str, str, str]]:
    return [(ref.tag, ref.attr, ref.raw) for ref in html.parse(source).refs()]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<a href=x>", ("a", "href", "x")),
        ("<A HREF=' x '>", ("a", "href", "x")),
        ("<map><area href=x></map>", ("area", "href", "x")),
        ("<link rel=stylesheet href=x>", ("link", "href", "x")),
        ("<img src=x>", ("img", "src", "x")),
        ("<img srcset='x 2x'>", ("img", "srcset", "x")),
        ("<picture><source srcset=x></picture>", ("source", "srcset", "x")),
        ("<script src=x></script>", ("script", "src", "x")),
        ("<iframe src=x></iframe>", ("iframe", "src", "x")),
        ("<frameset><frame src=x></frameset>", ("frame", "src", "x")),
        ("<object data=x></object>", ("object", "data", "x")),
        ("<embed src=x>", ("embed", "src", "x")),
        ("<video src=x></video>", ("video", "src", "x")),
        ("<video poster=x></video>", ("video", "poster", "x")),
        ("<audio src=x></audio>", ("audio", "src", "x")),
        ("<video><track src=x></video>", ("track", "src", "x")),
        ("<body background=x>", ("body", "background", "x")),
        ("<table background=x></table>", ("table", "background", "x")),
        ("<table><td background=x></table>", ("td", "background", "x")),
        ("<table><tr background=x></table>", ("tr", "background", "x")),
        ("<input type=image src=x>", ("input", "src", "x")),
        ("<form action=x><input name=q></form>", ("form", "action", "x")),
        ("<form action=x method=GET></form>", ("form", "action", "x")),
        ("<meta http-equiv=refresh content='30; url=x'>", ("meta", "content", "x")),
        ("<link rel=preload as=image imagesrcset='x 2x'>", ("link", "imagesrcset", "x")),
        ("<svg><use href=x /></svg>", ("use", "href", "x")),
        ("<svg><use xlink:href=x /></svg>", ("use", "xlink:href", "x")),
        ("<svg><feImage href=x /></svg>", ("feImage", "href", "x")),
        ("<svg><script href=x /></svg>", ("script", "href", "x")),
        ("<svg><image href=x /></svg>", ("image", "href", "x")),
        ("<svg><a xlink:href=x /></svg>", ("a", "xlink:href", "x")),
        ("<p style='background:url(x)'>", ("p", "style", "x")),
        ('<style>b{background:url( "x" )}</style>', ("style", "text", "x")),
        ("<style>@import 'x';</style>", ("style", "text", "x")),
        ("<p onclick=\"location.href='x'\">", ("p", "onclick", "x")),
        ("<p onclick=\"window.location = 'x'\">", ("p", "onclick", "x")),
        ("<p onclick=\"window.open('x','_blank')\">", ("p", "onclick", "x")),
        ("<p onclick=\"location.replace('x')\">", ("p", "onclick", "x")),
    ],
)
def test_where_addresses_stand(source: str, expected: tuple[str, str, str]) -> None:
    assert raws(source) == [expected]


@pytest.mark.parametrize(
    "source",
    [
        "<!-- <a href=x> -->",
        "<script>'<a href=x>'; url(x)</script>",
        "<textarea><a href=x></textarea>",
        "<title><a href=x></title>",
        "<style>/* url(x) */</style>",
        "<link rel=preconnect href=x><link rel=canonical href=x><link rel=dns-prefetch href=x>",
        "<input src=x><input type=text src=x>",
        "<form method=post action=x><blockquote cite=x>x</blockquote></form>",
        "<form><button formaction=x></button></form>",
        "<a ping=x>y</a>",
        "<noscript><meta http-equiv=refresh content='0;url=x'></noscript>",
        "<meta http-equiv=refresh content=5><meta name=refresh content='0;url=x'>",
        "<meta http-equiv=refresh content='3x;url=x'><meta http-equiv=refresh content=';url=x'>",
        "<p style='background:url(data:image/png;base64,AA)'>",
        "<p onclick=\"location.href='x'+id\">",
        "<p onclick=\"go('x')\">",
        "<p onclick=\"location.href='x\\\\u002ehtml'\">",
        "<p style='*background:url(x);_background:url(x);behavior:url(x)'>",
        "<style>@namespace url(x); // background:url(x);\np{}</style>",
        "<a name=x>",
    ],
)
def test_where_no_addresses_stand(source: str) -> None:
    assert raws(source) == []


def test_a_javascript_address_that_leads_somewhere() -> None:
    assert raws("<a href=\"javascript:location.href='x'\">a</a>")[1:] == [("a", "href", "x")]
    assert raws(r"""<area href=" javascript:window.open('http:\/\/x')">""")[1:] == [("area", "href", "http://x")]


def test_every_candidate_of_a_set_and_every_address_of_a_style() -> None:
    source = (
        "<img srcset='a 1x, b,c 2x, d 3x' src=e><p style='background:url(f),url(\"g\")'></p><style>p{x:url(h)}</style>"
    )
    assert [raw for _, _, raw in raws(source)] == ["a", "b,c", "d", "e", "f", "g", "h"]


@pytest.mark.parametrize(
    ("source", "label"),
    [
        ("<a href=x> 通知\n公告 </a>", "通知 公告"),
        ("<a href=x title=公告><img src=i></a>", "公告"),
        ("<a href=x><img src=i alt=公告></a>", "公告"),
        ("<a href=x aria-label=公告></a>", "公告"),
        ("<a href=x></a>", ""),
        ("<table background=x><td>全部文字</td></table>", ""),
    ],
)
def test_what_a_person_reads_on_a_link(source: str, label: str) -> None:
    assert next(iter(html.parse(source).refs())).text == label


def test_lines_count_from_one() -> None:
    assert [ref.line for ref in html.parse("<p>\n<a href=x>a</a>\n\n<a href=y>b</a>").refs()] == [2, 4]


def test_metas_keep_what_is_empty_and_what_is_double() -> None:
    source = "<meta name=SiteName content=''><meta name=sitename content=' 云岭 县 '>"
    source += "<meta name='' content=x><meta content=y>"
    assert html.parse(source).metas == {"sitename": ("", "云岭 县")}


@pytest.mark.parametrize(
    ("content", "to"),
    [
        ("0;url=/x", "/x"),
        ("0; URL = '/x'", "/x"),
        ('3;url="/x"; y', "/x"),
        ("0,url=/x", "/x"),
        ("0 url=/x", "/x"),
        ("0;/x", "/x"),
        ("  .5 ; url=/x ", "/x"),
        ("0;url=x'y", "x'y"),
        ("10;url=/x", "/x"),
        ("11;url=/x", None),
        ("600;url=/x", None),
        ("5", None),
        ("0;", None),
        ("0;url=", None),
        ("", None),
        ("url=/x", None),
        ("9" * 5000 + ";url=/x", None),
        ("٣;url=/x", None),
        ("3x;url=/x", None),
        ("3x;abc=/x", None),
        (";url=/x", None),
        ("-2;url=/x", None),
        ("1.5.;url=/x", "/x"),
        (" " * 100_000 + "0;url='" + " " * 100_000, None),
    ],
)
def test_meta_refresh(content: str, to: str | None) -> None:
    quoted = content.replace('"', "&quot;")
    assert html.parse(f'<meta http-equiv="Refresh" content="{quoted}"><p>{LONG}').client_redirect() == to


@pytest.mark.parametrize(
    ("script", "to"),
    [
        ("window.location.href = '/x';", "/x"),
        ('location="/x"', "/x"),
        ("top.location.replace('/x')", "/x"),
        ("// location='/x'", None),
        ("/* location='/x' */", None),
        ("window.open('/x')", None),
        ("location = '/x' + id", None),
        ("var u = 'http://h/x'; location = 'http://h/y'", "http://h/y"),
    ],
)
def test_script_redirects(script: str, to: str | None) -> None:
    assert html.parse(f"<script>{script}</script>").client_redirect() == to
    assert html.parse(f"<script>{script}</script><p>{LONG}").client_redirect() is None, "a page that stays"


@pytest.mark.parametrize(
    ("source", "drawn"),
    [
        ("<div id=app></div><script src=app.js></script>", True),
        ("<frameset><frame src=a><frame src=b></frameset>", True),
        ("<iframe src=a></iframe><iframe src=b></iframe>", True),
        ("<div id=app></div>", False),
        (f"<script>x</script><p>{LONG}", False),
        ("<script>x</script><a href=a>甲</a><a href=b>乙</a><a href=c>丙</a>", False),
    ],
)
def test_an_empty_shell(source: str, drawn: bool) -> None:
    assert html.parse(source).script_drawn == drawn


def test_the_base_is_the_first_with_an_address() -> None:
    assert html.parse("<base target=x><base href=/a/><base href=/b/>").base == "/a/"
    assert html.parse("<p>").base is None


def test_places_within_the_page() -> None:
    assert html.parse("<p id=a><a name=b></a><b id=''></b><p name=c>").ids() == {"a", "b"}


def test_visible_text_only() -> None:
    text = html.parse("<title>t</title><script>s</script><style>c</style><template>p</template><p>云岭</p>").text()
    assert "云岭" in text
    assert not any(hidden in text.split() for hidden in ("s", "c", "p"))


HOSTILE = {
    "links in links": "<a href=x><table><td>" * 20_000,
    "clicks in clicks": "<div onclick=\"location.href='u'\">" * 20_000 + "x",
    "backgrounds in backgrounds": "<table background=t><td background=z>" * 20_000 + "x",
    "styles in styles": "<div style='a:url(b)'>" * 20_000 + "x",
    "comments without end": "<style>" + "/*" * 300_000 + "</style>",
    "scripts of comments": "<script>" + "/*" * 300_000 + "</script>",
    "addresses without end": "<style>" + "url(" * 300_000 + "</style>",
    "quotes without end": "<style>" + "url('" * 300_000 + "</style>",
    "blanks in a script": "<script>location='x'" + " " * 300_000 + "+</script>",
    "locations": "<script>" + "location = " * 100_000 + "</script>",
    "openings": '<p onclick="' + "open( " * 100_000 + '">',
    "blanks in a refresh": f"<meta http-equiv=refresh content='{' ' * 300_000}x\"'>",
    "candidates": f"<img srcset='{'a,' * 300_000}'>",
    "depth": "<div>" * 100_000,
    "attributes": "<p " + "".join(f"a{n}=b " for n in range(50_000)) + ">",
    "bold without end": "<b><i><u>" * 10_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_page_keeps_us_busy(name: str) -> None:
    """Each would take minutes or hours were anything quadratic; the test run itself would show it."""
    document = html.parse(HOSTILE[name])
    assert sum(1 for _ in document.refs()) <= 200_000
    _ = document.title, document.metas, document.base, document.script_drawn, document.client_redirect()
    assert document.ids() == set()


TAGS = st.sampled_from(["<a href='", "'>", "<table>", "<td>", "<script>", "</script>", "location='", "url(", "<meta "])


@given(st.lists(st.one_of(TAGS, st.text(max_size=20)), max_size=40).map("".join))
def test_any_text_is_a_document(source: str) -> None:
    source = source.encode("utf-8", "replace").decode()
    document = html.parse(source)
    for ref in document.refs():
        assert ref.raw.encode()
        assert ref.text.encode() is not None
    _ = (
        document.title,
        document.metas,
        document.base,
        document.script_drawn,
        document.client_redirect(),
        document.text(),
    )


BOMBS = {
    "tables within tables": "<table><tr><td>甲乙<td>丙<tr><td>丁" * 20,
    "a long cell beside many rows": f"<table><tr><td>{'甲' * 5000}<td>乙{'<tr><td>丙<td>丁' * 2000}",
}


@pytest.mark.parametrize("source", BOMBS.values(), ids=list(BOMBS))
def test_text_stays_in_proportion_to_the_page(source):
    assert len(html.parse(source).text()) < len(source)


def test_tables_that_lay_a_page_out_part_its_lines():
    source = """<title>标题</title><style>a{}</style><table><tr><td><h1>关于召开会议的通知</h1>发布时间：2026-11-03
        来源：<b>县政府办</b><script>x</script><p>第一段。</p>第二段。<template>不见</template></td>
        <td><table><tr><th>姓名<th>电话<tr><td>甲某<td>0000-1234567</table></td></tr></table><pre>一
二</pre>尾"""
    assert html.parse(source).text().split("\n") == [
        "关于召开会议的通知",
        "发布时间：2026-11-03 来源：县政府办",
        "第一段。",
        "第二段。",
        "姓名  电话",
        "甲某  0000-1234567",
        "一",
        "二",
        "尾",
    ]
