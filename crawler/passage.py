"""A part of a file's text, and where each of its lines stands in the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from crawler.file_clues import Unread
from crawler.message import Message, say

MOST_PAGES = 300
FEW = 8  # letters: less beside a picture is no text but a page number


class Unreadable(Exception):  # noqa: N818 - the state of a file
    """Nothing, or nothing more, can be read of the file."""

    def __init__(self, why: Unread) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Passage:
    text: str
    where: Callable[[int], Message]
    """The place of a line of `text`, counted from 0."""


Parts = Iterator[Passage | None]
"""None: something that is shown and holds no text, as a scanned page."""


def letters(text: str) -> int:
    """Letters and digits that are some; glyphs without a meaning (U+FFFD, private use) are none."""
    return sum(c.isalnum() for c in text)


def on_page(number: int) -> Callable[[int], Message]:
    return lambda _: say("第{page}页", page=number)


def in_line(line: int) -> Message:
    return say("第{number}行", number=line + 1)
