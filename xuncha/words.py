"""Lists that an office keeps for the rules about wording: wrong words, former leaders, set phrases. Each is a text file
with one entry a line; blank lines and lines that begin with # are left out; UTF-8 or GB 18030, as editors here save it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Self

from crawler.message import Message, say
from rules.engine.edition import Edition, supplied
from xuncha.settings import Settings, SettingsError

_PAIR = re.compile(r"([^\s,，;；→]+)(?:\s*[,，;；→]\s*|\s+)([^\s,，;；→]+)")
_NAME = re.compile(r"([^\W\d_]{2,}(?:·[^\W\d_]+)*)(?:[\s,，;；]+(\d{4})[-.年/](\d{1,2})[-.月/](\d{1,2})日?)?")
_SHORTEST = 2
_PHRASE = 6  # characters: shorter ones stand by chance


@dataclass(frozen=True, slots=True)
class OfficeWords:
    wrong_words: Mapping[str, str] = field(default_factory=dict)
    """Wrong form → right form."""
    former_leaders: Mapping[str, str] = field(default_factory=dict)
    """Name → the day on which the person left, ISO 8601; empty: not to be shown at all."""
    set_phrases: tuple[str, ...] = ()
    """As they are right."""

    @classmethod
    def read(cls, config: Settings) -> Self:
        """Raises SettingsError with the file and the line."""
        return cls(
            wrong_words(config.wrong_words) if config.wrong_words else {},
            former_leaders(config.former_leaders) if config.former_leaders else {},
            set_phrases(config.set_phrases) if config.set_phrases else (),
        )

    @classmethod
    def stored(cls, options: Mapping[str, Any]) -> Self:
        """Those of a stored run."""
        return cls(
            options.get("wrong_words", {}), options.get("former_leaders", {}), tuple(options.get("set_phrases", ()))
        )

    def added_to(self, edition: Edition) -> Edition:
        """The edition with rules that look for these too."""
        if self.wrong_words:
            edition = supplied(edition, "wrong-word", more=self.wrong_words)
        if self.former_leaders:
            edition = supplied(edition, "former-leader", names=self.former_leaders)
        return supplied(edition, "altered-phrase", phrases=self.set_phrases) if self.set_phrases else edition


def wrong_words(path: Path) -> dict[str, str]:
    """Wrong → right. Raises SettingsError with the line."""
    found: dict[str, str] = {}
    expected = say("“错写 正确写法”，中间用空格隔开，错写至少两个字")
    for number, line in _lines(path, "wrong_words"):
        pair = _PAIR.fullmatch(line)
        if pair is None or len(pair[1]) < _SHORTEST or pair[1] == pair[2]:
            raise _wrong_line(path, number, expected)
        found[pair[1]] = pair[2]
    return found


def former_leaders(path: Path) -> dict[str, str]:
    """Name → day on which the person left, or nothing. Raises SettingsError with the line."""
    found: dict[str, str] = {}
    expected = say("“姓名”或“姓名 离任日期”，如 甲某某 2026-05-01，姓名至少两个字")
    for number, line in _lines(path, "former_leaders"):
        entry = _NAME.fullmatch(line)
        if entry is None:
            raise _wrong_line(path, number, expected)
        try:
            day = date(*map(int, entry.group(2, 3, 4))).isoformat() if entry[2] else ""
        except ValueError:
            raise _wrong_line(path, number, expected) from None
        found[entry[1]] = day
    return found


def set_phrases(path: Path) -> tuple[str, ...]:
    """Raises SettingsError with the line."""
    found = []
    for number, line in _lines(path, "set_phrases"):
        if len(line) < _PHRASE:
            raise _wrong_line(path, number, say("一条固定提法，至少 {count} 个字", count=_PHRASE))
        found.append(line)
    return tuple(dict.fromkeys(found))


def _lines(path: Path, key: str) -> Iterator[tuple[int, str]]:
    """Entries with the numbers of their lines, from 1."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise SettingsError(say("{key}：无法读取 {path}（{why}）", key=key, path=str(path), why=why)) from None
    for number, line in enumerate(_text(raw, path, key).splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line.strip()


def _text(raw: bytes, path: Path, key: str) -> str:
    for coding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(coding)
        except UnicodeDecodeError:
            continue
    raise SettingsError(say("{key}：{path} 不是文本文件", key=key, path=str(path)))


def _wrong_line(path: Path, line: int, expected: Message) -> SettingsError:
    return SettingsError(say("{path}：第 {line} 行应为{expected}", path=str(path), line=line, expected=expected))
