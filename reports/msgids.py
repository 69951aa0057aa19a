"""Every sentence the program can say: what a catalogue has to translate. For development, not for a run."""

from __future__ import annotations

import ast
import inspect
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.pofile import generate_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast

PACKAGES = ("crawler", "rules", "reports", "xuncha")
_CALLS = ("say", "_")
_OPTIONS = ("option", "version_option")
_COMMANDS = ("command", "group")


@dataclass(frozen=True, slots=True)
class Msgid:
    text: str
    place: str
    """`reports/findings.py:120`."""


class NotLiteral(Exception):  # noqa: N818 - what is wrong with the call
    """`say()` or a help was given something else than one literal: no catalogue can know it."""


def collect(packages: Sequence[str] = PACKAGES) -> Iterator[Msgid]:
    """Every msgid of `packages`: calls of `say` and `_` in code, `_` in templates, the help of click's commands and
    options; for `rules` also what editions say of themselves (titles, groups, reasons for a person to look), the names
    in word lists, and what the rules' docstrings say under 改法."""
    for package in packages:
        for path, file in _walk(files(package), package):
            if path.endswith(".py"):
                yield from _of_python(file.read_text("utf-8"), path)
            elif path.endswith(".j2"):
                yield from _of_template(file.read_text("utf-8"), path)
            elif package == "rules" and path.endswith(".toml"):
                yield from _of_data(file.read_text("utf-8"), path)
        if package == "rules":
            yield from _of_docstrings()


def missing(msgids: Iterable[Msgid], translated: Mapping[str, str]) -> list[Msgid]:
    """The msgids without a translation, each once, and those whose translation fills in other names."""
    found = {m.text: m for m in msgids if m.text}
    return [m for m in found.values() if m.text not in translated or names(m.text) != names(translated[m.text])]


def names(template: str) -> set[str]:
    """What a template asks for: `{name}` → name."""
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def entries(msgids: Sequence[Msgid]) -> str:
    """The msgids as PO entries to fill in."""
    po = Catalog(locale="en", fuzzy=False)
    for msgid in msgids:
        path, _, number = msgid.place.partition(":")
        po.add(msgid.text, locations=[(path, int(number) if number else None)])  # type: ignore[list-item]
    return "".join(generate_po(po, omit_header=True, width=0))


def _walk(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            yield from _walk(entry, f"{path}/{entry.name}")
        else:
            yield f"{path}/{entry.name}", entry


def _of_python(source: str, path: str) -> Iterator[Msgid]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield from _of_call(node, path)
        elif isinstance(node, ast.FunctionDef) and any(_called(d) in _COMMANDS for d in node.decorator_list):
            yield Msgid(inspect.cleandoc(ast.get_docstring(node) or ""), f"{path}:{node.lineno}")


def _of_call(node: ast.Call, path: str) -> Iterator[Msgid]:
    name = _called(node)
    if name in _CALLS and node.args:
        said = node.args[0]
        # A wrapper hands its own parameter `template` on; anything else hides a sentence.
        if not (isinstance(said, ast.Name) and said.id == "template"):
            yield _literal(said, path, f"{name}() 的第一个参数")
    elif name in _OPTIONS:
        for word in node.keywords:
            if word.arg == "help":
                yield _literal(word.value, path, f"{name}() 的 help")


def _literal(node: ast.expr, path: str, what: str) -> Msgid:
    place = f"{path}:{node.lineno}"
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return Msgid(node.value, place)
    raise NotLiteral(f"{place}: {what}应是一个字符串字面量")


def _called(node: ast.expr) -> str:
    """`f` of `f(…)` and of `x.f(…)`."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _of_template(source: str, path: str) -> Iterator[Msgid]:
    for number, _, found in extract_from_ast(Environment(autoescape=True).parse(source), ("_",)):
        # (template, None, …) when values are filled in: those are not literals.
        text = found[0] if isinstance(found, tuple) else found
        if text is None:
            raise NotLiteral(f"{path}:{number}: _() 的第一个参数应是一个字符串字面量")
        yield Msgid(text, f"{path}:{number}")


def _of_data(source: str, path: str) -> Iterator[Msgid]:
    """An edition, or a word list whose entries have a `name`."""
    data = tomllib.loads(source)
    yield Msgid(data.get("title", ""), path)
    for indicator in data.get("indicator", ()):
        yield Msgid(indicator.get("group", ""), path)
        yield Msgid(indicator.get("title", ""), path)
        for clause in indicator.get("clause", ()):
            manual = clause.get("manual", "")
            yield Msgid(manual if isinstance(manual, str) else "", path)
            yield Msgid(clause.get("unseen", ""), path)
    for entry in data.values():
        if isinstance(entry, dict):
            yield Msgid(entry.get("name", ""), path)


def _of_docstrings() -> Iterator[Msgid]:
    from rules import all_rules
    from rules.engine.explain import sections

    for rule in all_rules().values():
        yield Msgid(sections(rule).get("改法", ""), f"rules/{rule.id}")
