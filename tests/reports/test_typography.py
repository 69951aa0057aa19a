"""Numerals, punctuation and the shape of a title."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.typography import chinese, formal, title_lines, width


@pytest.mark.parametrize(
    ("number", "numeral"),
    [(1, "一"), (9, "九"), (10, "十"), (11, "十一"), (19, "十九"), (20, "二十"), (21, "二十一"), (99, "九十九")],
)
def test_chinese_numerals(number, numeral):
    assert chinese(number) == numeral


@pytest.mark.parametrize(
    ("half", "full"),
    [
        ("页面不存在(HTTP 404),未能复核:超时", "页面不存在（HTTP 404），未能复核：超时"),
        ("打不开: http://a.gov.cn/x?a=1,2", "打不开：http://a.gov.cn/x?a=1,2"),
        ("第1,024条 10:30", "第1,024条 10:30"),
        ("(试点)", "（试点）"),
        ("f(x), g(y): ok?", "f(x), g(y): ok?"),
        ("“通知公告”,“政策文件”;", "“通知公告”，“政策文件”；"),
        ("链接“友情链接:(一)2026-03-01”打不开;", "链接“友情链接:(一)2026-03-01”打不开；"),
        ("日期是2026-03-01,截至2026-11-24", "日期是2026年3月1日，截至2026年11月24日"),
        ("http://a.gov.cn/2026-03-01/", "http://a.gov.cn/2026-03-01/"),
    ],
)
def test_punctuation_beside_chinese_is_formal_and_addresses_are_left_alone(half, full):
    assert formal(half) == full


@given(st.text(max_size=80))
def test_formal_settles(text):
    assert formal(formal(text)) == formal(text)


def test_width_counts_latin_as_half():
    assert width("2026年") == 3
    assert width("abc") == 1.5


def test_a_short_title_is_one_line():
    assert title_lines(["甲局", "关于", "网站", "的通报"]) == ["甲局关于网站的通报"]


def test_a_long_title_breaks_between_its_parts_and_is_no_hourglass():
    parts = ["云岭县人民政府政务服务和数据管理局", "关于2026年第四季度", "全县政府网站", "抽查情况的通报"]
    lines = title_lines(parts)
    assert lines == ["云岭县人民政府政务服务和数据管理局", "关于2026年第四季度全县政府网站", "抽查情况的通报"]


@given(st.lists(st.text("甲", min_size=1, max_size=30), min_size=1, max_size=5))
def test_no_part_is_lost_or_split(parts):
    lines = title_lines(parts)
    assert "".join(lines) == "".join(parts)
    ends = set()
    for n in range(1, len(parts) + 1):
        ends.add(len("".join(parts[:n])))
    assert all(len("".join(lines[:n])) in ends for n in range(1, len(lines) + 1))
