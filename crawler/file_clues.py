"""What a visit notes of a file's text when it reads it: the text itself is not kept.

Like `crawler/clues.py` for pages, but a file is not read a second time when it is judged: whatever a rule wants to know
of it stands here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from crawler.message import Message, say
from crawler.numbers import NumberKind
from crawler.sightings import Sighting


class Unread(StrEnum):
    """Why a file, or a part of it, was not read. The same words are reasons in `Coverage.skipped`."""

    SCAN = "file-scan"
    PARTLY_SCAN = "file-partly-scan"
    LOCKED = "file-locked"
    DAMAGED = "file-damaged"
    FORMAT = "file-format"
    LARGE = "file-large"
    LONG = "file-long"
    SLOW = "file-slow"
    BUDGET = "file-budget"
    OFF = "file-off"
    UNREACHED = "file-unreached"
    NO_READER = "file-no-reader"


UNREAD: Mapping[Unread, Message] = {
    Unread.SCAN: say("是扫描件或图片，没有文字可查"),
    Unread.PARTLY_SCAN: say("有的页是扫描件或图片，没有文字可查"),
    Unread.LOCKED: say("设有打开密码"),
    Unread.DAMAGED: say("不能读取，可能已损坏"),
    Unread.FORMAT: say("是本程序不能读取的格式"),
    Unread.LARGE: say("过大，没有读取"),
    Unread.LONG: say("过长，只读了前面的部分"),
    Unread.SLOW: say("读取时间过长，没有读完"),
    Unread.BUDGET: say("超过读取附件的数量或流量上限，没有读取"),
    Unread.OFF: say("按设置没有读取"),
    Unread.UNREACHED: say("没有完整取得"),
    Unread.NO_READER: say("不能读取：本机不能启动读取程序"),
}


@dataclass(frozen=True, slots=True)
class FileClues:
    sightings: tuple[Sighting, ...] = ()
    terms: frozenset[str] = frozenset()
    """Of the terms that were looked for, those in the file's text."""
    unread: Unread | None = None
    """What was not read of it; the rest, if any, was."""

    def as_json(self) -> dict[str, Any]:
        seen = [
            [s.kind, s.which, s.shown, s.line, s.at, s.where.as_json() if s.where else None] for s in self.sightings
        ]
        return {"sightings": seen, "terms": sorted(self.terms), "unread": self.unread}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FileClues:
        seen = (
            Sighting(NumberKind(kind), which, shown, line, at, Message.from_json(where) if where else None)
            for kind, which, shown, line, at, where in data["sightings"]
        )
        unread = Unread(data["unread"]) if data["unread"] else None
        return cls(tuple(seen), frozenset(data["terms"]), unread)


@dataclass(frozen=True, slots=True)
class File:
    """A file of the site's own that a page links to."""

    url: str
    text: str
    """Of the link."""
    clues: FileClues


def dumps(clues: FileClues) -> str:
    return json.dumps(clues.as_json(), ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=4)
def key(terms: frozenset[str]) -> str:
    """Of the terms that were looked for: thousands, and the same for every file."""
    return hashlib.blake2b(repr(sorted(terms)).encode(), digest_size=16).hexdigest()


@lru_cache(maxsize=64)
def loads(text: str) -> FileClues:
    """Most files of a site have nothing to tell, in the same words: they share one answer."""
    return FileClues.from_json(json.loads(text))
