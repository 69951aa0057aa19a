"""One table of the settings file, read by its keys; what is wrong with it is told by its place in the file."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from crawler.message import Message, say
from xuncha.keys import KEYS
from xuncha.settings import SettingsError


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the file, read by its keys."""

    file: str
    name: str
    """In KEYS."""
    place: str
    """As an error calls it: `site[2].column[1]`."""
    raw: Mapping[str, Any]

    def values(self) -> dict[str, Any]:
        """What its keys say, checked; a key that is neither one of its own nor a table within it is refused."""
        keys = KEYS[self.name]
        inner = [table for table in KEYS if table and table.rpartition(".")[0] == self.name]
        known = [*keys, *(table.rpartition(".")[2] for table in inner)]
        for name in self.raw:
            if name not in known:
                raise self._unknown(name, known)
        found = {}
        for name, key in keys.items():
            if name in self.raw:
                try:
                    found[name] = key.kind.read(self.raw[name])
                except (ValueError, OverflowError):
                    raise self.wrong(name, key.kind.expected) from None
            elif key.required:
                raise SettingsError(
                    say(
                        "{file}：缺少 {key}，应为{expected}",
                        file=self.file,
                        key=self.key(name),
                        expected=key.kind.expected,
                    )
                )
        return found

    def table(self, name: str) -> Mapping[str, Any]:
        raw = self.raw.get(name, {})
        if not isinstance(raw, dict):
            raise self.wrong(name, say("一个表，写作 [{name}]", name=self.key(name)))
        return raw

    def tables(self, name: str) -> list[Table]:
        table = f"{self.name}.{name}".lstrip(".")
        raw = self.raw.get(name, [])
        if not isinstance(raw, list) or not all(isinstance(one, dict) for one in raw):
            raise self.wrong(name, say("一个或几个表，写作 [[{name}]]", name=table))
        return [Table(self.file, table, self.key(f"{name}[{n}]"), one) for n, one in enumerate(raw, start=1)]

    def key(self, name: str) -> str:
        return f"{self.place}.{name}".lstrip(".")

    def wrong(self, name: str, expected: Message) -> SettingsError:
        return SettingsError(
            say(
                "{file}：{key} 应为{expected}，现为 {value}",
                file=self.file,
                key=self.key(name),
                expected=expected,
                value=_shown(self.raw[name]),
            )
        )

    def _unknown(self, name: str, known: Sequence[str]) -> SettingsError:
        close = difflib.get_close_matches(name, known, n=1)
        key, words = _shown(self.key(name)), tuple(known)
        if close:
            return SettingsError(
                say(
                    "{file}：没有 {key} 这一项，是不是 {close}？可用的有：{known}",
                    file=self.file,
                    key=key,
                    close=close[0],
                    known=words,
                )
            )
        return SettingsError(say("{file}：没有 {key} 这一项，可用的有：{known}", file=self.file, key=key, known=words))


def _shown(value: Any) -> str:  # noqa: ANN401
    """As it stands in the file, more or less, in one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    text = " ".join(str(value).split()) if not isinstance(value, str) else f"“{' '.join(value.split())}”"
    return text if len(text) <= 60 else text[:59] + "…"
