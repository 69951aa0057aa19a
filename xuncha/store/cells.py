"""One value as a cell of a row, and back. A moment is ISO 8601 with its offset; a list is JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from crawler.message import Message

Row = dict[str, Any]
Read = Mapping[str, Any]


def storable(row: Row) -> Row:
    """Half a surrogate pair, as hostile text may hold, is no Unicode text and SQLite refuses it: it becomes `?`."""
    return {name: _text(value) if isinstance(value, str) else value for name, value in row.items()}


def _text(value: str) -> str:
    return value.encode("utf-8", "replace").decode("utf-8")


def message_cells(name: str, message: Message | None) -> Row:
    """Twice: as people read it, and as what it can be told from in another language."""
    if message is None:
        return {name: None, f"{name}_json": None}
    return {name: str(message), f"{name}_json": as_json(message.as_json())}


def message(row: Read, name: str) -> Message | None:
    text = row[f"{name}_json"]
    return None if text is None else Message.from_json(json.loads(text))


def as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def iso(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def moments(row: Read) -> dict[str, Any]:
    return {name: moment(row[name]) for name in ("as_of", "started", "finished")}


def utc(moment: datetime) -> str:
    """Texts that compare as the moments do."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
