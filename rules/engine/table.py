"""A TOML table read with care: every mistake is one line that names the file, the place and what is known."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from crawler.message import Message, say
from rules.excerpt import excerpt

_REQUIRED: Any = object()
_KIND_WORDS = {
    str: say("文字"),
    bool: say("true 或 false"),
    int: say("整数"),
    float: say("数"),
    date: say("日期"),
    dict: say("表"),
    list: say("列表"),
}


class EditionError(Exception):
    """The edition file is wrong: one line with file, indicator, clause, what was wrong and what is known."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Table:
    """One TOML table, with its place for the error line."""

    data: Mapping[str, Any]
    file: str
    place: Message

    def wrong(self, what: Message) -> EditionError:
        return EditionError(say("{file}：{place}：{what}", file=self.file, place=self.place, what=what))

    def only(self, known: tuple[str, ...]) -> None:
        for key in self.data:
            if key not in known:
                raise self.wrong(say("不认识“{key}”；可用的键：{known}", key=excerpt(key, 40), known=known))

    def take(self, key: str, kind: type, default: Any = _REQUIRED) -> Any:  # noqa: ANN401 - a TOML value
        if key not in self.data:
            if default is _REQUIRED:
                raise self.wrong(say("缺少“{key}”", key=key))
            return default
        value = self.data[key]
        if not _is(value, kind):
            raise self.wrong(say("“{key}”应为{kind}", key=key, kind=_KIND_WORDS[kind]))
        return value

    def words(self, key: str) -> str:
        """A text that must be there and say something."""
        value: str = self.take(key, str)
        if not value.strip():
            raise self.wrong(say("“{key}”不能为空", key=key))
        return value

    def number(self, key: str, default: Any = _REQUIRED, most: float = math.inf) -> Any:  # noqa: ANN401
        value = self.take(key, float, default)
        if value is None:
            return None
        if not math.isfinite(value) or not 0 <= value <= most:
            if most < math.inf:
                raise self.wrong(say("“{key}”应在 0 与 {most:g} 之间", key=key, most=most))
            raise self.wrong(say("“{key}”应为不小于 0 的数", key=key))
        return float(value)

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.take(key, list, [])
        if not all(isinstance(v, str) for v in value):
            raise self.wrong(say("“{key}”应为文字列表", key=key))
        return tuple(value)

    def choice(self, key: str, known: tuple[str, ...], default: Any = _REQUIRED) -> str:  # noqa: ANN401
        value: str = self.take(key, str, default)
        if value not in known:
            shown = excerpt(value, 40)
            raise self.wrong(say("“{key}”没有“{value}”这个值；可用的值：{known}", key=key, value=shown, known=known))
        return value


def _is(value: Any, kind: type) -> bool:  # noqa: ANN401
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if kind is date:  # a TOML date-time is a date to Python, and would not compare with one
        return isinstance(value, date) and not isinstance(value, datetime)
    return isinstance(value, kind)
