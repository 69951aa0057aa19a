"""Sentences: filled in, translated, stored and read back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.message import Message, Value, say

ENGLISH = {
    "缺少{names}": "missing: {names}",
    "、": ", ",
    "没有打开：{why}": "did not open: {why}",
    "超时": "timed out",
    "应为{words}，{why}": "expected {words}; {why}",
}


def english(template: str) -> str:
    return ENGLISH.get(template, template)


def test_a_reason_is_translated_with_its_sentence() -> None:
    message = say("没有打开：{why}", why=say("超时"))
    assert str(message) == "没有打开：超时"
    assert message.text(english) == "did not open: timed out"


@pytest.mark.parametrize(
    ("names", "chinese", "translated"),
    [
        ((), "缺少", "missing: "),
        (("甲",), "缺少甲", "missing: 甲"),
        (("甲", "乙{x}", "丙"), "缺少甲、乙{x}、丙", "missing: 甲, 乙{x}, 丙"),
    ],
)
def test_names_are_listed_as_the_language_lists_them(names: tuple[str, ...], chinese: str, translated: str) -> None:
    message = say("缺少{names}", names=names)
    assert str(message) == chinese
    assert message.text(english) == translated


def test_a_list_inside_a_reason_is_listed_too() -> None:
    message = say("应为{words}，{why}", words=("a", "b"), why=say("缺少{names}", names=("c", "d")))
    assert message.text(english) == "expected a, b; missing: c, d"


def test_what_has_no_values_is_no_template() -> None:
    assert str(Message("{0} {x} 100%")) == "{0} {x} 100%"


def values() -> st.SearchStrategy[Value]:
    plain = st.text() | st.integers() | st.floats(allow_nan=False) | st.lists(st.text()).map(tuple)
    return plain | st.builds(lambda text, names: say("{text}{names}", text=text, names=names), st.text(), plain)


@given(values())
def test_what_is_stored_comes_back_the_same(value: Value) -> None:
    message = say("{value}", value=value)
    stored = json.loads(json.dumps(message.as_json()))
    assert Message.from_json(stored) == message
    assert str(Message.from_json(stored)) == str(message)
