"""The main database: which sites a run has, what was found there, and what became of it.

One process writes (the coordinator), any number may read meanwhile. A site is written in one transaction, so a run
that was killed holds whole sites only and is resumed from its pending ones. Each module here keeps the rows of one
noun, and turns its values into rows and back, equal field for field; the tables are in `schema.py`.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from xuncha.store.assessments import Assessments
from xuncha.store.database import Tables
from xuncha.store.ledger import Ledger
from xuncha.store.notices import Notices
from xuncha.store.probes import Probes
from xuncha.store.rechecks import Rechecks
from xuncha.store.runs import Runs
from xuncha.store.samples import Samples
from xuncha.store.sites import Sites
from xuncha.store.turns import Turns
from xuncha.store.visits import Visits


class Store:
    """Made by `Store.open`; use it as a context manager, in one thread. What it holds is asked of its parts, whose
    every method raises StoreError."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.runs = Runs(tables)
        self.sites = Sites(tables)
        self.assessments = Assessments(tables, self.runs)
        self.visits = Visits(tables, self.runs, self.assessments)
        self.rechecks = Rechecks(tables)
        self.ledger = Ledger(tables)
        self.notices = Notices(tables, self.ledger)
        self.probes = Probes(tables)
        self.samples = Samples(tables)
        self.turns = Turns(tables)

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False, patience: float = 10.0) -> Store:
        """Open the database file, and make it (and its folder) unless `read_only`. `patience`: seconds to wait for
        another program's lock."""
        return cls(Tables.open(path, read_only=read_only, patience=patience))

    def close(self) -> None:
        self._tables.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
