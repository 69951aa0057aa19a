"""What a pure function said of a short text, remembered."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

LONGEST = 2000
"""Characters. Longer texts are asked about anew each time: thousands of `data:` addresses or scripts, of 100 KB each,
would fill the memory, and a hostile page makes them longer still."""

_Answer = TypeVar("_Answer")


def remembered(most: int) -> Callable[[Callable[[str], _Answer]], Callable[[str], _Answer]]:
    """`functools.lru_cache` of a function of one text that a page may have written, for `most` texts."""

    def decorate(function: Callable[[str], _Answer]) -> Callable[[str], _Answer]:
        cached = lru_cache(maxsize=most)(function)

        @wraps(function)
        def ask(text: str) -> _Answer:
            return cached(text) if len(text) <= LONGEST else function(text)

        return ask

    return decorate
