"""Draws of sites for a spot check."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

from xuncha.sampling import Sample
from xuncha.store.cells import Read, Row, as_json, storable
from xuncha.store.database import Tables


class Samples:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, sample: Sample) -> None:
        with self._tables.writing():
            self._tables.insert("samples", [_row(sample)])

    def all(self) -> list[Sample]:
        """Every draw, newest first."""
        with self._tables.reading():
            return [_read(row) for row in self._tables.select("SELECT * FROM samples ORDER BY rowid DESC")]


def _row(sample: Sample) -> Row:
    lists = {"drawn": as_json(sample.drawn), "forced": as_json(sample.forced)}
    return storable({**asdict(sample), "at": sample.at.isoformat(), **lists})


def _read(row: Read) -> Sample:
    told = {name: tuple(json.loads(row[name])) for name in ("drawn", "forced")}
    return Sample(**{**row, **told, "at": datetime.fromisoformat(row["at"]), "renewed": bool(row["renewed"])})
