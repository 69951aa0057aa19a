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

    def prune(self, before: datetime, *, dry: bool = False) -> int:
        """Remove the turns begun before, but of each line and task the newest of each state; how many. `dry`: only
        count them."""
        which = "started < ? AND id NOT IN (SELECT max(id) FROM turns GROUP BY schedule, task, state)"
        with self._tables.writing():
            if dry:
                [found] = self._tables.select(f"SELECT count(*) AS n FROM turns WHERE {which}", utc(before))
                return int(found["n"])
            return self._tables.change(f"DELETE FROM turns WHERE {which}", utc(before))

    def of_run(self, run: str) -> list[tuple[Task, TurnState]]:
        """What became of a run, and of what followed it."""
        with self._tables.reading():
            found = self._tables.select("SELECT task, state FROM turns WHERE run = ? ORDER BY id", run)
            return [(Task(row["task"]), TurnState(row["state"])) for row in found]

    def newest(self, schedule: str) -> Turn | None:
        """The newest turn of this line that was not parked."""
        return next(iter(self.newest_of_each(schedule)), None)

    def newest_of_each(self, schedule: str) -> list[Turn]:
        """Of each task of this line the newest turn that was not parked, the newest first. By the order in which they
        were written: the clock may have been set back."""
        sql = """
            SELECT * FROM turns WHERE id IN (
                SELECT max(id) FROM turns WHERE schedule = ? AND state <> 'parked' GROUP BY task
            ) ORDER BY id DESC
        """
        with self._tables.reading():
            return [_read(row) for row in self._tables.select(sql, schedule)]


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
