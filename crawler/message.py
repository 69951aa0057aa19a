"""A sentence for people: a Chinese template and what fills it.

Rules and the crawler say things in Chinese; a report may be asked for in English. A `Message` keeps the template apart
from its values, so that the catalogue (reports/locale) can translate the template and format it again later, even from
the store. The template is the msgid, as in gettext.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """`str(message)` is Chinese; `message.text(gettext)` is the same sentence in another language.

    A value may itself be a Message (the reason inside a sentence): it is translated with the sentence. A tuple is a
    list of names: `甲、乙`, `A, B`.
    """

    template: str
    args: tuple[tuple[str, Value], ...] = ()

    def __str__(self) -> str:
        return self.text(_unchanged)

    def text(self, gettext: Callable[[str], str]) -> str:
        """The sentence with its template translated by `gettext`. Values are quoted as they are."""
        if not self.args:
            return gettext(self.template)
        return gettext(self.template).format_map({name: _filled(value, gettext) for name, value in self.args})

    def as_json(self) -> dict[str, Any]:
        return {
            "template": self.template,
            "args": {k: v.as_json() if isinstance(v, Message) else v for k, v in self.args},  # a tuple is an array
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Message:
        args = data["args"].items()
        return cls(data["template"], tuple((k, _value(v)) for k, v in args))


Value = str | int | float | Message | tuple[str, ...]


def say(template: str, /, **args: Value) -> Message:
    """Make a message. `template` must be a literal: the catalogue is extracted from the calls of this function.

    >>> str(say("栏目“{name}”没有内容", name="通知公告"))
    '栏目“通知公告”没有内容'
    """
    return Message(template, tuple(args.items()))


_BETWEEN = say("、")


def _filled(value: Value, gettext: Callable[[str], str]) -> str | int | float:
    if isinstance(value, Message):
        return value.text(gettext)
    return _BETWEEN.text(gettext).join(value) if isinstance(value, tuple) else value


def _value(data: Any) -> Value:  # noqa: ANN401 - JSON
    if isinstance(data, Mapping):
        return Message.from_json(data)
    return tuple(data) if isinstance(data, list) else data


def _unchanged(text: str) -> str:
    return text
