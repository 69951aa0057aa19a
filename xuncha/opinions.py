"""A filled-in annex (问题清单): what people wrote beside each finding, read strictly.

Nothing is guessed: a row that was added, a key that was changed and an opinion that is none are named, with their rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler.message import Message, say
from reports import annex
from reports.language import Language
from xuncha import workbook
from xuncha.parameters import Mistake

_KEY = re.compile(r"[0-9a-f]{16}")
_SHOWN = 5  # rows that an error names


@dataclass(frozen=True, slots=True)
class Opinion:
    row: int
    """In the sheet, from 1."""
    url: str
    """Home address of the site."""
    fingerprint: str
    review: Message | None
    """One of annex.REVIEWS."""
    why: str
    state: Message | None
    """One of annex.STATES."""


def read(path: Path) -> list[Opinion]:
    """Every row of the annex. Raises Mistake."""
    try:
        sheets = workbook.visible(path.read_bytes())
    except OSError as error:
        raise Mistake(say("不能读取 {path}（{why}）", path=str(path), why=error.strerror or str(error))) from error
    except workbook.DamagedError as error:
        raise Mistake(say("{path} 不是完好的 XLSX 文件（{why}）", path=str(path), why=str(error))) from error
    titles = {name: language for language in (Language("zh"), Language("en")) for name in (language.text(annex.SHEET),)}
    found: list[Opinion] = []
    for name, rows in sheets:
        language = titles.get(re.sub(r"\(\d+\)$", "", name))
        if language is not None and rows:
            found += _opinions(path.name, rows, language)
    if not found:
        raise Mistake(
            say("{path} 中没有工作表“{sheet}”，或者其中没有问题；应是 annex.xlsx", path=str(path), sheet=annex.SHEET)
        )
    keys = [(opinion.url, opinion.fingerprint) for opinion in found]
    twice = [opinion.row for opinion in found if keys.count((opinion.url, opinion.fingerprint)) > 1]
    if twice:
        raise Mistake(say("{file} 第 {rows} 行是同一个问题", file=path.name, rows=_rows(twice)))
    return found


def _opinions(file: str, rows: Sequence[tuple[str, ...]], language: Language) -> Iterator[Opinion]:
    head = {title: place for place, title in enumerate(rows[0])}
    places: dict[str, int] = {}
    for heading in (annex.SITE, annex.REVIEW, annex.REASON, annex.STATE, annex.KEY):
        title = language.text(heading)
        if title not in head:
            raise Mistake(say("{file} 没有“{title}”一列；请不要删改表头", file=file, title=title))
        places[str(heading)] = head[title]
    for number, row in enumerate(rows[1:], 2):
        cells = {name: row[place] if place < len(row) else "" for name, place in places.items()}
        if not any(row):
            continue
        key = cells[str(annex.KEY)]
        if not _KEY.fullmatch(key):
            raise Mistake(
                say(
                    "{file} 第 {row} 行的指纹“{key}”不对；请不要增加行或改最后一列",
                    file=file,
                    row=number,
                    key=key,
                )
            )
        review, why = _choice(file, number, cells, annex.REVIEW, annex.REVIEWS, language), cells[str(annex.REASON)]
        if review in (annex.MISTAKEN, annex.APPEALED) and not why:
            raise Mistake(say("{file} 第 {row} 行：{opinion}要写复核说明", file=file, row=number, opinion=review))
        yield Opinion(
            row=number,
            url=cells[str(annex.SITE)],
            fingerprint=key,
            review=review,
            why=why,
            state=_choice(file, number, cells, annex.STATE, annex.STATES, language),
        )


def _choice(
    file: str, row: int, cells: Mapping[str, str], heading: Message, choices: Sequence[Message], language: Language
) -> Message | None:
    given = cells[str(heading)]
    if not given:
        return None
    for choice in choices:
        if given in (language.text(choice), str(choice)):
            return choice
    raise Mistake(
        say(
            "{file} 第 {row} 行的{title}“{given}”不对，应是 {choices}",
            file=file,
            row=row,
            title=heading,
            given=given,
            choices=tuple(language.text(c) for c in choices),
        )
    )


def missing(opinions: Sequence[Opinion], file: str) -> Message | None:
    """Which rows have no opinion; None when all have one."""
    rows = [opinion.row for opinion in opinions if opinion.review is None]
    if not rows:
        return None
    return say("{file} 第 {rows} 行没有复核意见；只导入已填的，请加 --partial", file=file, rows=_rows(rows))


def _rows(rows: Sequence[int]) -> Message:
    shown = tuple(str(row) for row in rows[:_SHOWN])
    return say("{rows}", rows=shown) if len(rows) <= _SHOWN else say("{rows} 等", rows=shown)
