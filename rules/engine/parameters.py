"""Does a value of an edition file fit what a rule's parameter is annotated with?

Beyond plain types, a rule says which words it knows with `Annotated`, so that a misspelt one is found when the edition
is read and not when a site is judged:

    def missing_section(snapshot, *, sections: list[Annotated[str, OneOf(known_sections)]]): ...
    def stale_column(column, *, days: dict[ColumnKind, Annotated[int | str, Written("[0-9]+ days", "如 9 days")]]): ...
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

_LISTS = (list, tuple, set, frozenset, Sequence, Collection, Iterable)
_TABLES = (dict, Mapping)
_WORDS = {int: "整数", float: "数", str: "文字", bool: "true 或 false", type(None): "空"}


@dataclass(frozen=True, slots=True)
class OneOf:
    """The text is one of these names (asked when an edition is read: they may come from a file)."""

    names: Callable[[], Iterable[str]]

    def admits(self, value: object) -> bool:
        return value in tuple(self.names())

    @property
    def words(self) -> str:
        return "、".join(self.names())


@dataclass(frozen=True, slots=True)
class Written:
    """A text is written like this; a value that is no text is not meant."""

    pattern: str
    words: str

    def admits(self, value: object) -> bool:
        return not isinstance(value, str) or re.fullmatch(self.pattern, value) is not None


def fits(value: Any, annotation: Any) -> bool:  # noqa: ANN401, PLR0911 - any TOML value; one case an annotation
    """True when `value`, as TOML gives it, is of the annotated type. An unknown annotation admits all."""
    origin, args = get_origin(annotation) or annotation, get_args(annotation)
    if origin is Annotated:
        return fits(value, args[0]) and all(m.admits(value) for m in args[1:] if isinstance(m, OneOf | Written))
    if origin in (Union, types.UnionType):
        return any(fits(value, arg) for arg in args)
    if origin is Literal:
        return any(value == arg and type(value) is type(arg) for arg in args)
    if origin in _LISTS:
        return isinstance(value, list) and (not args or all(fits(v, args[0]) for v in value))
    if origin in _TABLES:
        return isinstance(value, dict) and (
            not args or all(fits(k, args[0]) and fits(v, args[1]) for k, v in value.items())
        )
    if origin is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if origin is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if isinstance(origin, type) and issubclass(origin, StrEnum):
        return isinstance(value, str) and value in {member.value for member in origin}
    return origin is Any or not isinstance(origin, type) or isinstance(value, origin)


def described(annotation: Any) -> str:  # noqa: ANN401, PLR0911
    """The annotation in words, for the person who wrote the edition: `列表（文字）`."""
    origin, args = get_origin(annotation) or annotation, get_args(annotation)
    if origin is Annotated:
        return next((m.words for m in args[1:] if isinstance(m, OneOf | Written)), described(args[0]))
    if origin in (Union, types.UnionType):
        return "或".join(described(arg) for arg in args)
    if origin is Literal:
        return "、".join(str(arg) for arg in args)
    if origin in _LISTS:
        return f"列表（{described(args[0])}）" if args else "列表"
    if origin in _TABLES:
        return f"表（{described(args[0])} = {described(args[1])}）" if args else "表"
    if isinstance(origin, type) and issubclass(origin, StrEnum):
        return "、".join(member.value for member in origin)
    return _WORDS.get(origin, getattr(origin, "__name__", str(origin)))
