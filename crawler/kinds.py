"""What a column is for, by its name: the lexicon `kinds.toml` and how it is read."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from urllib.parse import urlsplit

from crawler.message import Message, say
from crawler.site import ColumnKind

UPDATED = frozenset(
    {
        ColumnKind.NEWS,
        ColumnKind.NOTICE,
        ColumnKind.POLICY,
        ColumnKind.EXPLAIN,
        ColumnKind.PERSON,
        ColumnKind.PLAN,
        ColumnKind.FINANCE,
        ColumnKind.SURVEY,
        ColumnKind.OTHER,
    }
)
"""Kinds whose columns are expected to show new items (应更新). Not: static pages, 指南 and 制度, services, the yearly
report, and letter boxes, whose items are the public's."""

_NOISE = re.compile(r"[\s“”\"'《》「」·>»›]+|[（(\[【][^（()\]】]*[）)\]】]")
_PARTS = re.compile(r"[，,、;；/|\s]+")
_ARCHIVED = re.compile(
    r"(?:本|该|此)?(?:栏目|频道|专题)(?:内容|信息)?(?:现)?已(?:经)?归档|"
    r"(?:本|该|此)(?:栏目|频道|专题)(?:内容|信息)?(?:现|目前)?(?:(?:已(?:经)?)?(?:停止更新|停更|停用|关闭)|(?:已(?:经)?)?不再更新)|"
    r"[（(\[【]\s*已归档\s*[）)\]】]|^\s*(?:已归档|历史归档)\s*$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Term:
    """One row of the lexicon: any of its words decides."""

    kind: ColumnKind
    exact: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    path: tuple[str, ...] = ()

    def match(self, name: str) -> Message | None:
        """How a column's name matches, with the word, as evidence; None when it does not."""
        if name in self.exact:
            return say("栏目名称为“{word}”", word=name)
        if word := next((w for w in self.starts if name.startswith(w)), None):
            return say("栏目名称以“{word}”开头", word=word)
        if word := next((w for w in self.ends if name.endswith(w)), None):
            return say("栏目名称以“{word}”结尾", word=word)
        if word := next((w for w in self.contains if w in name), None):
            return say("栏目名称含“{word}”", word=word)
        return None


def kind_of(name: str, column_type: str = "", url: str = "") -> tuple[ColumnKind, Message | None]:
    """The kind of a column and the evidence for it; OTHER without evidence when nothing tells.

    The name decides, then META ColumnType, then a directory of the address (`/tzgg/`). A ColumnType may list several
    kinds: the most telling one counts.
    """
    found = _by_words(name)
    if found is not None:
        return found
    types = [t for t in (_by_words(part) for part in _PARTS.split(column_type) if part) if t is not None]
    telling = [t for t in types if t[0] not in (ColumnKind.OTHER, ColumnKind.DISCLOSURE)]
    if types:
        kind = (telling or types)[0][0]
        return kind, say("META ColumnType“{type}”", type=column_type.strip())
    return _by_path(url)


def is_archived(name: str, text: str = "") -> bool:
    """Whether a column is marked as closed: 已归档 in its name, or the page says so of the column (not of an item)."""
    return "已归档" in name or name.strip().endswith("归档") or _ARCHIVED.search(text) is not None


@lru_cache(maxsize=1024)
def _by_words(name: str) -> tuple[ColumnKind, Message] | None:
    plain = _NOISE.sub("", name)
    if not plain or len(plain) > 30:
        return None
    for term in _terms():
        how = term.match(plain)
        if how is not None:
            return term.kind, how
    return None


def _by_path(url: str) -> tuple[ColumnKind, Message | None]:
    try:
        segments = urlsplit(url).path.lower().split("/")[:-1]
    except ValueError:
        segments = []
    for segment in reversed(segments):
        for term in _terms():
            if segment in term.path:
                return term.kind, say("地址含“/{segment}/”", segment=segment)
    return ColumnKind.OTHER, None


@cache
def _terms() -> tuple[Term, ...]:
    data = tomllib.loads(files("crawler").joinpath("kinds.toml").read_text(encoding="utf-8"))
    return tuple(
        Term(ColumnKind(row["kind"]), **{key: tuple(value) for key, value in row.items() if key != "kind"})
        for row in data["term"]
    )
