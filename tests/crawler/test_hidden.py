"""Links that a page keeps from its readers; and what is hidden on every sound page."""

import base64
from typing import Any

import pytest

from crawler import html
from crawler.hidden import How, concealed, hidden_links

URL = "https://www.yunling.gov.cn/xw/1.html"
LINK = "<a href='http://qp.example/'>棋牌</a>"


def found(source: str) -> list[tuple[str, str]]:
    return [(h.url, h.how.value) for h in hidden_links(html.parse(source), URL)]


@pytest.mark.parametrize(
    ("source", "how"),
    [
        (f"<div style='display:none;'><li>{LINK}</li></div>", How.NONE),
        (f"<div style='DISPLAY : none !important'><p><b>{LINK}</b></p></div>", How.NONE),
        (f"<div style='visibility:hidden'>{LINK}</div>", How.NONE),
        (f"<div hidden>{LINK}</div>", How.NONE),
        (f"<div style='position:absolute;left:-9999px'>{LINK}</div>", How.POSITION),
        (f"<p style='text-indent:-999em'>{LINK}</p>", How.POSITION),
        (f"<div style='margin-top:-1200px'>{LINK}</div>", How.POSITION),
        (f"<div style='height:0;overflow:hidden'>{LINK}</div>", How.SIZE),
        (f"<div style='width:1px;height:1px;overflow:hidden'>{LINK}</div>", How.SIZE),
        (f"<font style='font-size:0px'>{LINK}</font>", How.SIZE),
        (f"<marquee height=1 width=1 scrollamount=3000>{LINK}</marquee>", How.MARQUEE),
        (f"<marquee scrollamount='30000'>{LINK}</marquee>", How.MARQUEE),
        (f"<body><noscript>{LINK}</noscript>", How.NOSCRIPT),
        (f"<style>.x9{{position:absolute;top:-2000px}}</style><div class='a x9'>{LINK}</div>", How.POSITION),
        (f"<style>a,#q{{display:none}}</style><div id=q>{LINK}</div>", How.SHEET),
        (f"<div id=fl>{LINK}</div><script>document.getElementById('fl').style.display='none';</script>", How.SCRIPT),
        (f"<div id=fl>{LINK}</div><script>$('#fl').hide()</script>", How.SCRIPT),
    ],
)
def test_ways_of_hiding(source: str, how: How) -> None:
    assert found(source) == [("http://qp.example/", how.value)]


CODES = ",".join(str(ord(c)) for c in "<a href='http://qp.example/'>x</a>")
HEX = "".join(f"\\x{ord(c):02x}" for c in "<script src=http://qp.example/a.js></script>")
PERCENT = "".join(f"%{ord(c):02X}" for c in "<script src=http://qp.example/a.js></script>")
PACKED = (
    "eval(function(p,a,c,k,e,d){return p}('0.1(\"<2 3=4://5.6/>\");',7,7,"
    "'document|write|a|href|http|qp|example'.split('|'),0,{}))"
)


@pytest.mark.parametrize(
    "script",
    [
        f"document.write(String.fromCharCode({CODES}));",
        f"document['write']('{HEX}');",
        f"var u=atob('{base64.b64encode(b'http://qp.example/x.js').decode()}');s.src=u;",
        f"document.write(unescape('{PERCENT}'));",
        PACKED,
    ],
)
def test_addresses_spelt_in_code(script: str) -> None:
    assert found(f"<body><script>{script}</script>") == [("http://qp.example/", "coded")]


@pytest.mark.parametrize(
    "script",
    [
        "if(/mobile/i.test(navigator.userAgent)){window.location.href='http://qp.example/i.php'}",
        "if(navigator.userAgent.match(/(iPhone|Android)/i)){location.replace('//qp.example/m')}",
        "var r=document.referrer;if(r.indexOf('baidu')>0){location='http://qp.example/'}",
        "if(!/spider|bot/.test(navigator.userAgent)){document.write('<iframe src=\"http://qp.example/\"></iframe>')}",
    ],
)
def test_doors_for_some_readers(script: str) -> None:
    assert found(f"<body><script>{script}</script>") == [("http://qp.example/", "gate")]


@pytest.mark.parametrize(
    "source",
    [
        f"<!-- <div style='display:none'>{LINK}</div> -->",
        f"<div>{LINK}</div>",
        "<div style='display:none'>" + "".join(f"<a href=/lm/{n}/>栏目{n}</a>" for n in range(300)) + "</div>",
        "<div style='display:none'><a href='http://www.yunnan.gov.cn/'>省政府</a></div>",
        "<div style='display:none'><a href='mailto:a@b.example'>信</a><a href='javascript:;'>x</a></div>",
        f"<marquee scrollamount=3>{LINK}</marquee>",
        f"<style>@media print{{.n{{display:none}}}}</style><div class=n>{LINK}</div>",
        f"<style>.a .n{{display:none}}</style><div class=n>{LINK}</div>",
        f"<div style='margin-left:-10px'>{LINK}</div>",
        f"<div style='opacity:0.9;font-size:12px'>{LINK}</div>",
        "<script>document.write(unescape('%3Cspan%3E%3C/span%3E%3Cscript src=//tj.example/s.js%3E'))</script>",
        "<script>var s='\\u4e91\\u5cad';if(navigator.userAgent.indexOf('MSIE')>0){alert(1)}</script>",
        "<script>var s=String.fromCharCode(65,66,67,68,69)</script>",
        "<script>if(/mobile/.test(navigator.userAgent)){s=document.createElement('i');s.src='//player.example/p.js'}</script>",
        "<script>//qq.example 弹窗\nif(document.referrer.indexOf('baidu')>0){document.write('<p>')}</script>",
        "<script>location.href='http://m.yunling.gov.cn/'; navigator.userAgent.match(/iphone/i)</script>",
    ],
)
def test_what_is_no_hidden_link(source: str) -> None:
    assert found(source) == []


@pytest.mark.parametrize(
    "source",
    [
        "<style>" + "a{" * 20_000 + "</style>" + f"<div>{LINK}",
        "<style>" + "@media x{" * 5_000 + "</style>" + f"<div>{LINK}",
        "<script>fromCharCode(" + "1," * 50_000 + "</script>",
        "<script>atob('" + "A" * 100_000 + "')</script>",
        "<script>unescape('" + "%3C" * 30_000 + "')</script>",
        "<script>eval(function(p,a,c,k,e,d){}('" + "a b " * 20_000 + "',99,1,'|'.split('|')))</script>",
        "<script>fromCharCode(" + "1" * 150_000 + "x</script>",
        "<script>fromCharCode(" + "1 " * 70_000 + "x</script>",
        "<script>unescape(" + ("'" + "%3C" * 2_600) * 24 + "</script>",
        "<script>atob(" + "'AAAAAAAA" * 20_000 + "</script>",
        "<script>eval(function(p,a,c,k,e,d){" + "}('" * 60_000 + "</script>",
        "<script>eval(function(p,a,c,k,e,d){}('" + "\\" * 190_000 + "</script>",
        "<script>userAgent iphone location" + "<iframe " * 20_000 + "</script>",
        "<script>userAgent iphone location" + "location=" * 20_000 + "</script>",
        "<script>referrer baidu location" + "'//a" * 40_000 + "</script>",
        "<style>" + "a" * 199_000 + f"</style><div>{LINK}",
        "<style>" + "a," * 90_000 + "{display:none" + f"</style><div>{LINK}",
        "<style>" + "@media x{a{" * 10_000 + f"</style><div>{LINK}",
        f"<div style='{'opacity:0.' + '0' * 100_000}'>{LINK}</div>",
        f"<marquee style='{'width:' * 30_000}'>{LINK}</marquee>",
        "<div style='display:none'>" * 3_000 + LINK,
        "<div style='" + "left:-" * 20_000 + f"'>{LINK}</div>",
    ],
)
def test_a_hostile_page_is_only_a_page(source: str) -> None:
    assert len(found(source)) <= 1


@pytest.mark.parametrize(
    ("sheet", "hides"),
    [
        (".a{display:none}", {".a": How.SHEET}),
        ("div.a , #b{left:-999px;position:absolute}", {".a": How.POSITION, "#b": How.POSITION}),
        (".a{display:none}.a{display:block}", {}),
        (".a{display:none}.a{color:red}", {".a": How.SHEET}),
        ("/* .a{display:none} */.b{font-size:0}", {".b": How.SIZE}),
        ("@media print{.a{display:none}}", {}),
        (".a .b{display:none}", {}),
        (".a{" * 50, {}),
        ("/*" * 5_000, {}),
    ],
)
def test_what_a_sheet_conceals(sheet: str, hides: dict[str, How]) -> None:
    assert concealed(sheet) == hides


def test_only_the_sheets_that_a_page_links_to_hide_what_is_on_it(go: Any, server: Any) -> None:
    page = "<title>{0}</title><link rel=stylesheet href=/{0}.css><p>{1}</p><div class=fl id=q9>" + LINK + "</div>"
    for name, more in (("a", "<a href=/b.html>乙</a><a href=/c.html>丙</a>"), ("b", ""), ("c", "")):
        target = "/" if name == "a" else f"/{name}.html"
        server.on(target, server.answer(page.format(name, more).encode()))
    css = {"a": "p{color:red}", "b": ".fl{display:none}", "c": "@import url(d.css);", "d": "#q9{left:-999px}"}
    for name, text in css.items():
        server.on(f"/{name}.css", server.answer(text.encode(), content_type="text/css"))
    snapshot = go(server.url("/"), scope="full", needs=frozenset({"pages", "links"}), hosts={"qp.example": server.port})
    assert {page.title: dict(page.concealed) for page in snapshot.pages()} == {
        "a": {},
        "b": {".fl": How.SHEET},
        "c": {"#q9": How.POSITION},
    }
    assert not any("document" in page.__dict__ for page in snapshot.pages())
