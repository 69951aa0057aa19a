"""The sentences of the notices: a template that the office may edit, as a Word file or as text (TOML).

A sentence is known by its section and its name, such as `overview.share`. Words in braces are filled in. A template
must have every sentence, no other one, and in each only words that are known there: it is refused as a whole, in one
line, before anything is written from it.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Any

from crawler.message import Message, say
from reports.slots import SHARED, words
from reports.text import line, plain

VERSION = 2
"""Raised when a sentence is added or removed or takes other words: a template of another version is refused."""
_LONGEST = 2000  # characters of a sentence
_GRADES = "grades"

Texts = str | tuple[str, ...]


class WordingError(ValueError):
    """The template is wrong: file, sentence, what is wrong, in one line."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Wording:
    """A template that was found right."""

    texts: Mapping[str, Texts]
    """By `section.name`; several texts are the parts of a title, or a heading and what follows it."""
    digest: str
    """SHA-256 of its sentences: whether two documents were worded by the same template."""

    @property
    def label(self) -> str:
        """Version and digest, as the record of a notice keeps them."""
        return f"{VERSION}:{self.digest[:16]}"

    def one(self, key: str) -> str:
        text = self.texts[key]
        return text if isinstance(text, str) else "".join(text)

    def several(self, key: str) -> tuple[str, ...]:
        text = self.texts[key]
        return (text,) if isinstance(text, str) else text

    def grade(self, qualified: int, checked: int) -> str:
        """What is said of a share of compliant sites: the sentence of the highest mark it reaches, rounding nothing."""
        prefix = f"{_GRADES}."
        marks = {int(key.removeprefix(prefix)): key for key in self.texts if key.startswith(prefix)}
        return self.one(marks[max(mark for mark in marks if mark * checked <= 100 * qualified)])


@lru_cache(maxsize=1)
def default() -> Wording:
    """The template that comes with the program."""
    return _checked(_toml(source(), "notice.toml"), "notice.toml")


def source() -> str:
    """The text of `default`, with its comments, to be edited."""
    return files("reports").joinpath("templates", "notice.toml").read_text("utf-8")


def load(path: Path) -> Wording:
    """The template in a file (.toml or .docx). Raises WordingError."""
    try:
        if path.suffix.lower() == ".docx":
            from reports import wordfile

            return _checked(wordfile.read(path), path.name)
        return _checked(_toml(path.read_text("utf-8-sig"), path.name), path.name)
    except UnicodeDecodeError as error:
        raise WordingError(
            say("模板 {file} 不是 UTF-8 编码的文本；请另存为 UTF-8，或改用 Word 模板（.docx）", file=path.name)
        ) from error
    except OSError as error:
        raise WordingError(
            say("不能读取模板 {file}（{why}）", file=str(path), why=error.strerror or str(error))
        ) from error


def _toml(text: str, file: str) -> dict[str, Any]:
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise WordingError(say("模板 {file} 不是有效的 TOML：{detail}", file=file, detail=line(str(error)))) from error
    return _flat(data)


def _flat(table: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in table.items():
        key = f"{path}.{name}" if path else name
        flat |= _flat(value, key) if isinstance(value, Mapping) else {key: value}
    return flat


def _checked(given: Mapping[str, Any], file: str) -> Wording:
    version = given.get("version")
    if str(version) != str(VERSION):
        raise WordingError(
            say(
                "模板 {file} 的版本是 {version}，应是 {wanted}；请用 xuncha notice --template-out 取出新模板再修改",
                file=file,
                version=line(str(version), 20) if version is not None else say("空的"),
                wanted=VERSION,
            )
        )
    known = _known()
    for key in given:
        if key != "version" and key not in known and not _is_grade(key):
            raise WordingError(say("模板 {file} 中多出 {key}，程序没有这一句", file=file, key=line(key, 60)))
    texts: dict[str, Texts] = {}
    for key, shape in known.items():
        if key not in given:
            raise WordingError(say("模板 {file} 中缺少 {key} 这一句", file=file, key=key))
        texts[key] = _text(given[key], shape, key, file)
    for key in sorted(filter(_is_grade, given)):
        texts[key] = _text(given[key], str, key, file)
    if f"{_GRADES}.0" not in texts:
        raise WordingError(say("模板 {file} 中缺少 {key} 这一句", file=file, key=f"{_GRADES}.0"))
    digest = hashlib.sha256("\0".join(f"{key}={texts[key]}" for key in sorted(texts)).encode()).hexdigest()
    return Wording(texts, digest)


@lru_cache(maxsize=1)
def _known() -> Mapping[str, int | type[str]]:
    """Every sentence there is: one text, or so many (0: one or more)."""
    return {
        key: (0 if key.endswith(".parts") else len(value)) if isinstance(value, list) else str
        for key, value in _toml(source(), "notice.toml").items()
        if key != "version" and not _is_grade(key)
    }


def _is_grade(key: str) -> bool:
    section, _, mark = key.partition(".")
    return section == _GRADES and mark.isascii() and mark.isdigit() and int(mark) <= 100


def _text(value: Any, shape: int | type[str], key: str, file: str) -> Texts:  # noqa: ANN401 - whatever TOML holds
    parts = value if isinstance(value, list) else [value]
    if any(not isinstance(part, str) for part in parts):
        raise WordingError(say("模板 {file} 的 {key} 应是文字", file=file, key=key))
    if isinstance(shape, int) and shape and len(parts) != shape:
        raise WordingError(
            say(
                "模板 {file} 的 {key} 应有 {wanted} 段文字，现有 {count} 段",
                file=file,
                key=key,
                wanted=shape,
                count=len(parts),
            )
        )
    if shape is str and len(parts) != 1:
        raise WordingError(say("模板 {file} 的 {key} 应是一段文字", file=file, key=key))
    whole = "".join(parts)
    if len(whole) > _LONGEST:
        raise WordingError(say("模板 {file} 的 {key} 超过 {limit} 字", file=file, key=key, limit=_LONGEST))
    _check_words(whole, key, file)
    if isinstance(shape, int):
        return tuple(_plain(part) for part in parts)
    return _plain(whole)


def _plain(text: str) -> str:
    """In one line; full-width blanks stay, which set names apart."""
    return plain(" ".join(text.splitlines()).strip(" \t"), _LONGEST)


def _check_words(text: str, key: str, file: str) -> None:
    needed, own = words(key)
    allowed = SHARED | {*needed, *own}
    try:
        fields = [field[1:] for field in Formatter().parse(text) if field[1] is not None]
    except ValueError as error:
        raise WordingError(say("模板 {file} 的 {key} 中花括号没有配对", file=file, key=key)) from error
    found = {name for name, _, _ in fields}
    for name, spec, conversion in fields:
        if spec or conversion or name not in allowed:
            raise WordingError(
                say(
                    "模板 {file} 的 {key} 中没有 {name} 可填，可用：{known}",
                    file=file,
                    key=key,
                    name=f"{{{line(name or '', 40)}}}",
                    known=tuple(sorted({*needed, *own}) or sorted(SHARED)),
                )
            )
    lacking = [name for name in needed if name not in found]
    if lacking:
        raise WordingError(
            say("模板 {file} 的 {key} 中少了 {name}，这一项必须写出", file=file, key=key, name=f"{{{lacking[0]}}}")
        )
