"""The places that fragments name, and those that only look so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import fragments
from crawler.urls import Joiner


@pytest.mark.parametrize(
    "fragment",
    [
        "",
        "top",
        "TOP",
        "#",
        "##",
        "!",
        "!/news",
        "/list",
        "a/b",
        "tab=2",
        "a&b",
        "none",
        "{id}",
        "%D4%C6",
        "x" * 301,
        ":~:text=a",
        "top:~:text=a",
    ],
)
def test_no_place_is_meant(fragment: str) -> None:
    assert fragments.meant(fragment) == ""


@pytest.mark.parametrize(
    ("fragment", "name"),
    [("c3", "c3"), ("c3:~:text=a", "c3"), ("topic", "topic"), ("%E7%AC%AC", "%E7%AC%AC"), ("(a,b)", "(a,b)")],
)
def test_a_place_is_meant(fragment: str, name: str) -> None:
    assert fragments.meant(fragment) == name


@pytest.mark.parametrize(
    ("name", "places", "there"),
    [
        ("a", ["a", "b"], True),
        ("A", ["a"], False),
        ("", [], False),
        ("%E7%AC%AC", ["第"], True),
        ("第", ["第"], True),
        ("%E7%AC%AC", ["%E7%AC%AC"], True),
        ("install", ["user-content-install"], True),
        ("a%20b", ["a b"], True),
    ],
)
def test_leads(name: str, places: list[str], there: bool) -> None:
    assert fragments.leads(name, fragments.unpack(fragments.pack(places))) is there


@given(st.lists(st.text(max_size=20)), st.text(min_size=1, max_size=20))
def test_what_is_there_is_found_however_it_is_written(names: list[str], name: str) -> None:
    places = fragments.unpack(fragments.pack([*names, name]))
    assert fragments.leads(name, places)
    asked = Joiner("http://www.yunling.gov.cn/a.html").join(f"b.html#{name}").fragment
    meant = fragments.meant(asked)
    plain = not set(name) & set("\t\n\r%\0") and name == name.strip("".join(map(chr, range(0x21))))
    assert not plain or not meant or fragments.leads(meant, places)


@given(st.text(max_size=400))
def test_never_raises(fragment: str) -> None:
    fragments.leads(fragments.meant(fragment), frozenset())
