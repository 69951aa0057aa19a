"""What pages write may be remembered, but not at any length."""

from __future__ import annotations

from crawler.remembered import LONGEST, remembered


def test_short_texts_are_asked_once_and_long_ones_each_time():
    asked: list[int] = []

    @remembered(8)
    def length(text: str) -> int:
        asked.append(len(text))
        return len(text)

    assert [length("a" * n) for n in (LONGEST, LONGEST, LONGEST + 1, LONGEST + 1)] == [2000, 2000, 2001, 2001]
    assert asked == [LONGEST, LONGEST + 1, LONGEST + 1]
