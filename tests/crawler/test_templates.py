"""Addresses that are alike are told from addresses that are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.templates import identity, template, trunk
from crawler.urls import normalize

SITE = "http://www.yunling.gov.cn"
SESSION = "0F1E2D3C4B5A69788796A5B4C3D2E1F0"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/art/2026/11/3/art_123_4567.html", "/art/#/art_#_#.html"),
        ("/2031/05/", "/#/"),
        ("/calendar?month=2031-05", "/calendar?month"),
        ("/list?page=3&sort=asc", "/list?page&sort=asc"),
        ("/list?sort=asc&page=12", "/list?page&sort=asc"),
        (f"/list;jsessionid={SESSION}?page=1", "/list?page"),
        (f"/list?PHPSESSID={SESSION}&page=1", "/list?page"),
        (f"/x/{SESSION}.html", "/x/*.html"),
        (f"/show?guid={SESSION}", "/show?guid"),
        ("/index.php?m=content&a=show&id=5", "/index.php?a=show&id&m=content"),
        ("/a/b/a/b/a/", "/a/b/"),
        ("/%E4%BA%91/%E5%B2%AD1.html", "/%/%#.html"),
        ("/", "/"),
    ],
)
def test_templates(path: str, expected: str) -> None:
    assert template(SITE + path) == SITE + expected


def test_hosts_are_folded_too() -> None:
    assert template("http://a12.b3.example.cn:81/1") == "http://a#.b#.example.cn:81/#"
    assert template("http://10.0.0.8:81/1") == "http://10.0.0.8:81/#"
    assert template("http://[2001:db8::8]:81/1") == "http://[2001:db8::8]:81/#"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/list?page&sort=asc", "/list?…"),
        ("/tag/#/", "/tag/…"),
        ("/art/art_#.html", "/art/…"),
    ],
)
def test_what_several_templates_grow_from(path: str, expected: str) -> None:
    assert trunk(SITE + path) == SITE + expected


@pytest.mark.parametrize(
    "path",
    [
        f"/x;jsessionid={SESSION}?b=2&a=1",
        f"/x?a=1&sid={SESSION}&b=2",
        "/x?b=2&a=1",
        "/x?b=2&a=1&_=1763971200000",
        "/x?a=1&b=2&r=0.8372651920",
    ],
)
def test_spellings_of_one_address(path: str) -> None:
    assert identity(SITE + path) == f"{SITE}/x?a=1&b=2"


@pytest.mark.parametrize(
    "path",
    [
        "/x?sid=12",
        "/x?id=8a8080f5912837465566778899aabbcc",
        "/x?date=20261124",
        "/x?t=3",
        "/x?a=1&a=2",
        "/a(1).html",
        "/x;version=2",
        "/art/2026/11/3/art_123_4567.html",
    ],
)
def test_what_makes_an_address_another_one(path: str) -> None:
    assert identity(SITE + path) == SITE + path


def test_the_cookieless_folder_of_a_session() -> None:
    assert identity(f"{SITE}/(S(lit3py55t21z5v55vlm25s55))/a.aspx") == f"{SITE}/a.aspx"


@given(st.text(alphabet="ab1/?&=;%()._-#…", max_size=60))
def test_any_address_has_one_template(rest: str) -> None:
    url = normalize(f"{SITE}/{rest}")
    assert url is not None
    assert identity(identity(url)) == identity(url)
    assert template(identity(url)) == template(url)
    assert template(url).startswith(f"{SITE}/")
    assert trunk(template(url)).endswith("…")
