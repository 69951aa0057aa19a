"""What a clause's `where` may ask of the thing a rule looks at: its attributes by name, and the values they take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from crawler.message import Message, say
from crawler.outcome import Verdict
from crawler.page import LinkKind, Role
from crawler.site import ColumnKind
from rules.engine.rule import Each
from rules.excerpt import excerpt

_SHOWN = 40  # characters of a value inside an error line
Selector = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Attribute:
    read: Callable[[Any], Any]
    type: type[str] | type[bool] = str
    values: tuple[str, ...] = ()
    """Every value it can have; empty: any."""


def _one_of(read: Callable[[Any], Any], values: Iterable[StrEnum]) -> Attribute:
    return Attribute(read, str, tuple(value.value for value in values))


ATTRIBUTES: Mapping[Each, Mapping[str, Attribute]] = {
    "site": {
        "name": Attribute(lambda s: s.site.name),
        "url": Attribute(lambda s: s.site.url),
        "code": Attribute(lambda s: s.site.code),
        "organ": Attribute(lambda s: s.site.organ),
        "services": Attribute(lambda s: s.site.services, bool),
    },
    "column": {
        "name": Attribute(lambda c: c.name),
        "url": Attribute(lambda c: c.url),
        "kind": _one_of(lambda c: c.kind, ColumnKind),
        "top": Attribute(lambda c: c.column.top, bool),
        "archived": Attribute(lambda c: c.column.archived, bool),
        "given": Attribute(lambda c: c.column.given, bool),
    },
    "page": {
        "url": Attribute(lambda p: p.url),
        "role": _one_of(lambda p: p.role, Role),
        "column": Attribute(lambda p: p.column),
        "script_drawn": Attribute(lambda p: p.script_drawn, bool),
        "saved": Attribute(lambda p: p.saved, bool),
        "compared": Attribute(lambda p: bool(p.appearances) or p.role is Role.HOME or p.saved, bool),
    },
    "link": {
        "url": Attribute(lambda k: k.url),
        "on": Attribute(lambda k: k.on),
        "kind": _one_of(lambda k: k.kind, LinkKind),
        "on_role": _one_of(lambda k: k.on_role, Role),
        "internal": Attribute(lambda k: k.internal, bool),
        "outcome": _one_of(lambda k: k.outcome.verdict, Verdict),
    },
}


def selector(each: Each, where: Mapping[str, Any]) -> Selector:
    """A test of one subject: every attribute has the value, or one of the values, that `where` names."""
    tests = [(ATTRIBUTES[each][name].read, _values(wanted)) for name, wanted in where.items()]
    return lambda subject: all(read(subject) in wanted for read, wanted in tests)


def mistake(each: Each, where: Mapping[str, Any]) -> Message | None:
    """What is wrong with a clause's `where`; None when nothing is."""
    known = ATTRIBUTES[each]
    for name, wanted in where.items():
        attribute = known.get(name)
        if attribute is None:
            shown, names = excerpt(name, _SHOWN), tuple(known)
            return say("where 中的“{name}”不是检查对象的属性；可用的属性：{known}", name=shown, known=names)
        if wanted == []:
            return say("where 中的“{name}”没有列出任何值", name=name)
        for value in _values(wanted):
            if type(value) is not attribute.type:
                return (
                    say("where 中的“{name}”应为 true 或 false", name=name)
                    if attribute.type is bool
                    else say("where 中的“{name}”应为文字或文字列表", name=name)
                )
            if attribute.values and value not in attribute.values:
                shown, values = excerpt(str(value), _SHOWN), attribute.values
                return say(
                    "where 中“{name}”没有“{value}”这个值；可用的值：{known}", name=name, value=shown, known=values
                )
    return None


def _values(wanted: Any) -> tuple[Any, ...]:  # noqa: ANN401 - whatever a TOML file holds
    return tuple(wanted) if isinstance(wanted, list) else (wanted,)
