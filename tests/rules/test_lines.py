"""The lines of a page are the lines that a person reads."""

from hypothesis import given
from hypothesis import strategies as st

from crawler.html import parse
from rules.lines import lines


def read(source):
    return list(lines(parse(source)))


def test_blocks_breaks_and_cells_begin_lines():
    source = (
        "<p>一、<b>总体</b>情况<br>二、主动公开<table><tr><td>甲<td>乙<p>丙</p>丁</table><ul><li> 戊 \n 己<li></ul>庚"
    )
    assert read(source) == ["一、总体情况", "二、主动公开", "甲", "乙", "丙", "丁", "戊 己", "庚"]


def test_what_is_not_shown_is_no_line():
    assert read("<script>x</script><style>y</style><template>z</template><p>文") == ["文"]
    assert read("") == []


@given(st.text(alphabet="一二三 \n\u3000", max_size=60))
def test_no_text_is_lost_and_none_added(text):
    assert "".join("".join(read(f"<div><p>{text}</p></div>")).split()) == "".join(text.split())


def test_deep_nesting_is_walked():
    assert read("<div>" * 20_000 + "底") == ["底"]
