"""Command-line parameters that say in one plain line what they expected, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, timezone
from fractions import Fraction
from typing import Literal, NoReturn

import click

from crawler.message import Message, say
from reports.language import Language
from reports.text import line

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?) ?(%?)", re.ASCII)
_language = Language("zh")


def speak(language: Language) -> None:
    """Set the language of this process's command line, once, before click parses it."""
    global _language  # noqa: PLW0603 - one command line a process
    _language = language


def spoken() -> Language:
    return _language


class Mistake(click.UsageError):
    """The operator's mistake: one line. Exit code 2."""

    def __init__(self, message: Message) -> None:
        super().__init__(_language.text(message))


class Interrupted(Exception):  # noqa: N818 - what the operator wanted
    """A run was stopped half way and can be resumed. Its one argument is a Message that says how. Exit code 130."""


def refuse(param: click.Parameter | None, message: Message) -> NoReturn:
    if isinstance(param, click.Argument):
        name = param.human_readable_name.strip("[].")
    else:
        name = "/".join(param.opts) if param is not None else ""
    raise Mistake(say("{name}：{why}", name=name, why=message) if name else message)


class OneOf(click.ParamType[str | tuple[str, ...]]):
    """One of a few words; `many`: several, separated by commas."""

    name = "word"

    def __init__(self, words: Sequence[str], *, many: bool = False) -> None:
        self.words = tuple(words)
        self.many = many

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002 - click's signature
        return ("," if self.many else "|").join(self.words)

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str | tuple[str, ...]:  # noqa: ARG002
        if isinstance(value, tuple):
            return value
        given = [w.strip() for w in str(value).split(",")] if self.many else [str(value)]
        for word in given:
            if word not in self.words:
                refuse(param, say("没有“{word}”，可用：{words}", word=word, words=self.words))
        return tuple(dict.fromkeys(given)) if self.many else given[0]


class Number(click.ParamType[float]):
    """A number that is at least `low`, and at most `high`."""

    name = "number"

    def __init__(self, kind: type[int] | type[float], low: float, high: float = 1_000_000_000) -> None:
        self.kind = kind
        self.low = low
        self.high = high

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002
        return "N"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ARG002
        try:
            number: float = self.kind(str(value))
        except ValueError:
            number = float("nan")  # not at least anything
        if self.low <= number <= self.high:
            return number
        if number > self.high:
            what = say("应不大于{high}", high=self.high)
        elif self.kind is int:
            what = say("应是不小于{low}的整数", low=self.low)
        else:
            what = say("应是不小于{low}的数", low=self.low)
        refuse(param, say("“{value}”不对，{what}", value=line(str(value), 40), what=what))


class Share(click.ParamType[Fraction]):
    """A share above nothing and at most the whole: `30%` or `0.3`."""

    name = "share"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002
        return "N%"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:  # noqa: ARG002
        if isinstance(value, Fraction):
            return value
        try:
            return share(str(value))
        except ValueError:
            refuse(param, say("“{value}”不对，应是大于 0、不超过 100% 的比例，如 30% 或 0.3", value=str(value).strip()))


def share(text: str) -> Fraction:
    """Above nothing and at most the whole: `30%` or `0.3`. Raises ValueError."""
    match = _SHARE.fullmatch(text.strip().replace("％", "%"))
    found = Fraction(match[1]) / (100 if match[2] else 1) if match else Fraction(0)
    if not 0 < found <= 1:
        raise ValueError(text)
    return found


class Moment(click.ParamType[datetime]):
    """A date (its last second; now, when it is today) or a date and time; Beijing time where no zone is given.

    `whole`: a date stands for its first moment (`start`), or for the first of the day after (`end`), past or to come.
    """

    name = "date"

    def __init__(self, whole: Literal["start", "end"] | None = None) -> None:
        self._whole = whole

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002
        return "YYYY-MM-DD"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:  # noqa: ARG002
        if isinstance(value, datetime):
            return value
        text = str(value).strip()
        try:
            if len(text) <= 10:
                day = date.fromisoformat(text)
                if self._whole is not None:
                    return datetime.combine(day, time(), CHINA) + timedelta(days=self._whole == "end")
                now = datetime.now(CHINA)
                last = datetime.combine(day, time(23, 59, 59), CHINA)
                return min(last, now) if day == now.date() else last
            moment = datetime.fromisoformat(text)
        except ValueError:
            refuse(param, say("“{value}”不是日期，应如 2026-11-20 或 2026-11-20T09:00", value=text))
        return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)
