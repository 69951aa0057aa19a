"""What became of the lines of the schedule, each time one was due."""

from __future__ import annotations

import json
from datetime import datetime

from crawler.message import Message
from xuncha.store.cells import Read, Row, message_cells, storable, utc
from xuncha.store.database import Tables
from xuncha.turns import Task, Turn, TurnState


class Turns:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, turn: Turn) -> None:
        with self._tables.writing():
            self._tables.insert("turns", [_row(turn)])

    def newest(self, schedule: str) -> Turn | None:
        """The newest turn of this line that was not parked."""
        sql = "SELECT * FROM turns WHERE schedule = ? AND state <> 'parked' ORDER BY started DESC, id DESC LIMIT 1"
        with self._tables.reading():
            return next((_read(row) for row in self._tables.select(sql, schedule)), None)


def _row(turn: Turn) -> Row:
    return storable(
        {
            "schedule": turn.schedule,
            "task": turn.task,
            "started": utc(turn.started),
            "finished": utc(turn.finished),
            "state": turn.state,
            **message_cells("told", turn.told),
            "code": turn.code,
            "run": turn.run,
        }
    )


def _read(row: Read) -> Turn:
    return Turn(
        schedule=row["schedule"],
        task=Task(row["task"]),
        started=datetime.fromisoformat(row["started"]),
        finished=datetime.fromisoformat(row["finished"]),
        state=TurnState(row["state"]),
        told=Message.from_json(json.loads(row["told_json"])),
        code=row["code"],
        run=row["run"],
    )
