"""What rechecks said of a finding."""

from __future__ import annotations

import json
from datetime import datetime

from crawler.message import Message
from rules.engine.assessment import Mended, Rechecked
from xuncha.ledger import Entry, Look
from xuncha.store.cells import Read, Row, message, message_cells, storable
from xuncha.store.database import Tables


class Rechecks:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def of(self, entry: Entry) -> list[tuple[Look, Rechecked]]:
        """What rechecks said of the finding, in the order of time; also of those that could not test it."""
        sql = """
            SELECT c.*, s.finished, s.run FROM rechecks c JOIN sites s ON s.id = c.site
            WHERE s.url = ? AND c.fingerprint = ? ORDER BY s.finished, s.run
        """
        with self._tables.reading():
            return [(_look(row), read_recheck(row)) for row in self._tables.select(sql, entry.site, entry.fingerprint)]


def recheck_row(rechecked: Rechecked) -> Row:
    return storable(
        {
            "fingerprint": rechecked.fingerprint,
            "mended": rechecked.mended,
            **message_cells("before", rechecked.before),
            **message_cells("why", rechecked.why),
        }
    )


def read_recheck(row: Read) -> Rechecked:
    before = Message.from_json(json.loads(row["before_json"]))
    return Rechecked(row["fingerprint"], Mended(row["mended"]), before, message(row, "why"))


def _look(row: Read) -> Look:
    """`found` where something of it is left."""
    found = Mended(row["mended"]) in (Mended.NOT_FIXED, Mended.PARTLY)
    return Look(datetime.fromisoformat(row["finished"]), row["run"], found)
