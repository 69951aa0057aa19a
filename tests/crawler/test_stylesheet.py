"""Of a style sheet, the addresses that a browser asks for: none of them left out, nothing else taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import stylesheet


def found(css: str) -> list[str]:
    return list(stylesheet.addresses(css))


@pytest.mark.parametrize(
    ("css", "expected"),
    [
        ("a{background:url(x.png)}", ["x.png"]),
        ("a{background:URL( 'x.png' )}", ["x.png"]),
        ('a{background:url("x y.png") no-repeat,url(z.png)}', ["x y.png", "z.png"]),
        ("a{background:url(x\\ y.png)}", ["x y.png"]),
        ("a{background:url(x\\000029 .png)}", ["x).png"]),
        ("a{background:url('x\\\n.png')}", ["x.png"]),
        ("@media print{a{background:url(x)}}b{list-style:url(y)}", ["x", "y"]),
        ("a{&:hover{background:url(x)}cursor:url(y),auto}", ["x", "y"]),
        ("a{background:image-set('x' 1x,url(y) 2x type('image/png'))}", ["x", "y"]),
        ("a{-webkit-mask-image:url(x)}", ["x"]),
        ("@import 'x';@import url(y) screen;@charset 'z';", ["x", "y"]),
        ('@charset "utf-8";@layer a;@import "x" supports(color:red);', ["x"]),
        ("a{background:url(x", ["x"]),
        ("a{background:/**/url(x)/*url(y)*/}", ["x"]),
        ("<!-- a{background:url(x)} -->", ["x"]),
        ("@font-face{src:url(f.eot);src:url('f.eot?#iefix') format('x'),url(f.woff)}", ["f.woff"]),
        ("a{content:'b\nc}d{background:url(x)}", ["x"]),
    ],
)
def test_what_is_loaded(css: str, expected: list[str]) -> None:
    assert found(css) == expected


@pytest.mark.parametrize(
    "css",
    [
        "/* a{background:url(x)} */",
        "a{content:'url(x)'}",
        "a{background:url()} b{background:url('')}",
        "a{background:url(data:image/png;base64,AA)} b{background:url('DATA:x')}",
        "a{filter:url(#shadow)}",
        "@namespace url(http://www.w3.org/1999/xhtml);",
        "@document url(http://x/){}",
        "a{}@import 'x';",
        "a{*background:url(x);_background:url(x);--c:url(x);-ms-filter:url(x);behavior:url(x.htc)}",
        "a{// background:url(x);\n}",
        "// url(x)\na{}",
        "a{background:url(x y)} b{background:url(x'y)}",
        "a{filter:progid:DXImageTransform.Microsoft.AlphaImageLoader(src='x')}",
        "a[href='x']{}",
        "background:url(x);",
    ],
)
def test_what_is_not_loaded(css: str) -> None:
    assert found(css) == []


def test_a_style_attribute_holds_declarations_alone() -> None:
    assert list(stylesheet.addresses("color:red;background:url(x)", attribute=True)) == ["x"]
    assert list(stylesheet.addresses("a{background:url(x)}}background:url(y)", attribute=True)) == ["x", "y"]


PIECES = st.sampled_from(
    ["url(", "url('", "'", '"', "\\", "/*", "*/", "{", "}", ";", ":", "@import ", "(", ")", "a", "\n"]
)


@given(st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=40).map("".join))
def test_any_text_is_a_style_sheet(css: str) -> None:
    assert all(raw and not raw.startswith("#") for raw in stylesheet.addresses(css))


@pytest.mark.parametrize(
    "piece", ["url(", "url('", "/*", "/**", '"', '"\n', "\\", "image-set(", "@import ", "{", "(", "a:"]
)
def test_no_style_sheet_keeps_us_busy(piece: str) -> None:
    """Each would take hours were anything quadratic; the test run itself would show it."""
    assert len(found("a{b:url(x)}" + piece * 200_000)) >= 1
