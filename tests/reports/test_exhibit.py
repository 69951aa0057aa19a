"""A page as an exhibit: nothing in it moves, whatever it was, and the spot is found."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from crawler.message import Message
from reports.exhibit import SPOT, exhibit
from reports.language import Language
from rules.engine.assessment import Finding
from rules.engine.edition import Part

URL = "http://www.example.gov.cn/a/b.html"
PIECES = st.sampled_from(
    [
        "<script>", "</script>", "<p onclick=x()>", "</p>", "<a href='c.html'>甲</a>", "<svg onload=x>", "</svg>",
        "<iframe src=x>", "<math>", "<style>", "</style>", "<!--", "-->", "<![CDATA[", "]]>", "<template>",
        "<base href=//x>", "<table>", "<select>",
        "<form action=x>", "<body onload=x>", "</body>", "<html>", "</html>", "&lt;script&gt;", "<textarea>", "<title>",
        "<noscript>", "</noscript>", "<xmp>", "<plaintext>", "政策文件内容", "\x00", "\ud800",
        "<meta http-equiv=refresh content=0>",
    ]
)  # fmt: skip


def finding(at: str = URL, on: str | None = None, excerpt: str = "") -> Finding:
    return Finding("f" * 16, "broken-link", ("2.21",), Part.DEDUCT, 1.0, True, at, Message("打不开"), on, None, excerpt)


def spot(page: str) -> Any:
    return BeautifulSoup(page, "html.parser").find(id=SPOT)


@given(st.lists(PIECES | st.text(max_size=8), max_size=40).map("".join))
def test_nothing_moves(source: str) -> None:
    page = exhibit(
        source,
        finding(at="http://www.example.gov.cn/a/c.html", on=URL, excerpt="政策文件内容"),
        URL,
        "甲",
        Language("zh"),
    )
    soup = BeautifulSoup(page, "html.parser")
    assert not soup.find_all(["script", "iframe", "frame", "object", "embed", "base", "link"])
    assert [meta.get("http-equiv") or meta.get("charset") for meta in soup.find_all("meta")] == [
        "utf-8",
        "Content-Security-Policy",
    ]
    for node in soup.find_all(True):
        assert not {name for name in node.attrs if name.startswith("on") or name in ("href", "src", "action")}


@pytest.mark.parametrize(
    ("source", "at", "text"),
    [
        ("<a href='c.html'>甲</a>", "http://www.example.gov.cn/a/c.html", "甲"),
        ("<a href='/政策.html'>乙</a>", "http://www.example.gov.cn/%E6%94%BF%E7%AD%96.html", "乙"),
        ("<base href='/z/'><a href=' c.html\n'>丙</a>", "http://www.example.gov.cn/z/c.html", "丙"),
        ("<img src=c.html alt=x><a href='c.html'>丁</a>", "http://www.example.gov.cn/a/c.html", ""),
    ],
)  # fmt: skip
def test_a_link_is_found_by_where_it_leads(source: str, at: str, text: str) -> None:
    found = spot(exhibit(source, finding(at=at, on=URL), URL, "", Language("zh")))
    assert found.get_text() == text


@pytest.mark.parametrize(
    ("source", "excerpt", "name"),
    [
        ("<ul><li>关于春季防火的通知<li>另一条</ul>", "关于春季防火的通知", "li"),
        ("<p>关于<b>春季</b>防火 的\n通知</p>", "关于春季防火的通知", "p"),
        ("<title>关于春季防火的通知</title><h1>关于春季防火的通知</h1>", "关于春季防火的通知", "h1"),
        ("<p>关于春季防火的通知，各单位：</p>", "关于春季防火的通知，各单位…", "p"),
    ],
)
def test_a_passage_is_found_by_its_text(source: str, excerpt: str, name: str) -> None:
    assert spot(exhibit(source, finding(excerpt=excerpt), URL, "", Language("zh"))).name == name


@pytest.mark.parametrize("excerpt", ["", "无", "页面上没有这句话的任何一个字"])
def test_where_there_is_no_spot_the_head_says_so(excerpt: str) -> None:
    page = exhibit("<p>别的内容</p>", finding(excerpt=excerpt), URL, "", Language("zh"))
    assert spot(page) is None
    assert "没有可以单独标出的位置" in page


def test_deep_pages_are_shown() -> None:
    page = exhibit(
        "<div>" * 20_000 + "关于春季防火的通知", finding(excerpt="关于春季防火的通知"), URL, "", Language("zh")
    )
    assert spot(page).name == "div"
