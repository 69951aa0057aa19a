"""What a recheck (复查) says of each finding: recheck.xlsx for people, recheck.json for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

from crawler.message import Message, say
from crawler.site import Site
from reports import labels
from reports.language import Language
from reports.sheet import Cell, Column, Pen, workbook
from rules.engine.assessment import Mended, Rechecked, Run


@dataclass(frozen=True, slots=True)
class Line:
    """One finding at a recheck."""

    site: Site
    fingerprint: str
    rule: str
    message: Message
    at: str
    on: str | None
    first: datetime
    """When it was seen first."""
    due: date | None
    """Until when it was to be mended."""
    seen: datetime
    """When it was rechecked."""
    rechecked: Rechecked
    state: Message
    """How it stands in the ledger thereafter."""


_LINES = (
    Column(say("序号"), 6, centred=True),
    Column(say("网站标识码"), 11, centred=True),
    Column(say("网站名称"), 16),
    Column(say("主办单位"), 12),
    Column(say("问题类型"), 12),
    Column(say("问题网址"), 28),
    Column(say("所在页网址"), 22),
    Column(say("问题描述"), 30),
    Column(say("首次发现（北京时间）"), 16, centred=True),
    Column(say("整改期限"), 11, centred=True),
    Column(say("复查时间（北京时间）"), 16, centred=True),
    Column(say("复查结果"), 10, centred=True),
    Column(say("说明"), 26),
    Column(say("台账状态"), 10, centred=True),
    Column(say("问题编号"), 18, centred=True),
)


def as_xlsx(run: Run, lines: Sequence[Line], language: Language) -> bytes:
    """The workbook: 复查情况 with one row a finding, and 汇总 with one row a site."""
    output = BytesIO()
    book = workbook(output, run, language.text(say("复查情况表")))
    pen = Pen(book, language)
    sheet = pen.sheet(language.text(say("复查情况")), _LINES)
    for number, line in enumerate(lines, 1):
        pen.write(sheet, number, _LINES, _cells(number, line, language))
    sheet.autofilter(0, 0, len(lines), len(_LINES) - 1)
    _summary(pen, lines)
    book.close()
    return output.getvalue()


def as_json(run: Run, lines: Sequence[Line], language: Language) -> str:
    """`{"schema": 1, "run": {...}, "findings": [{...}]}`; `result` is a value of Mended."""
    moments = {"as_of": run.as_of, "started": run.started, "finished": run.finished}
    data = {
        "schema": 1,
        "run": {
            "id": run.id,
            **{name: moment.isoformat() if moment else None for name, moment in moments.items()},
            "edition": run.edition,
            "scope": run.scope,
        },
        "findings": [_record(line, language) for line in lines],
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _record(line: Line, language: Language) -> dict[str, Any]:
    why = line.rechecked.why
    return {
        "site": {"name": line.site.name, "url": line.site.url, "code": line.site.code},
        "fingerprint": line.fingerprint,
        "rule": line.rule,
        "at": line.at,
        "on": line.on,
        "message": language.text(line.message),
        "first_seen": line.first.isoformat(),
        "due": line.due.isoformat() if line.due else None,
        "rechecked": line.seen.isoformat(),
        "result": line.rechecked.mended.value,
        "why": language.text(why) if why is not None else None,
        "state": language.text(line.state),
    }


def _cells(number: int, line: Line, language: Language) -> tuple[Cell, ...]:
    site, why = line.site, line.rechecked.why
    return (
        number,
        site.code,
        site.name or site.url,
        site.organ,
        language.text(labels.rule(line.rule)),
        line.at,
        line.on,
        language.text(line.message),
        line.first,
        line.due,
        line.seen,
        language.text(labels.MENDED[line.rechecked.mended]),
        language.text(why) if why is not None else None,
        language.text(line.state),
        line.fingerprint,
    )


def _summary(pen: Pen, lines: Sequence[Line]) -> None:
    columns = (
        Column(say("序号"), 6, centred=True),
        Column(say("网站标识码"), 12, centred=True),
        Column(say("网站名称"), 24),
        Column(say("首页网址"), 28),
        Column(say("复查问题"), 10, centred=True),
        *(Column(labels.MENDED[mended], 10, centred=True) for mended in Mended),
    )
    sheet = pen.sheet(pen.language.text(say("汇总")), columns)
    by_site: dict[str, list[Line]] = {}
    for line in lines:
        by_site.setdefault(line.site.url, []).append(line)
    for number, own in enumerate(by_site.values(), 1):
        site = own[0].site
        counts = (sum(line.rechecked.mended is mended for line in own) for mended in Mended)
        pen.write(sheet, number, columns, (number, site.code, site.name, site.url, len(own), *counts))
