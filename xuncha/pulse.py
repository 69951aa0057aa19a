"""The pulse of the watch: `watch.json` in the data folder says that it lives, what it does and what comes next.

For supervisors and for `xuncha status`: a file is read where no port may be opened.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

NAME = "watch.json"
EVERY = 15.0
"""Seconds between two beats."""
STILL = timedelta(seconds=90)
"""Older than this, the watch is dead, or the machine slept."""


@dataclass(frozen=True, slots=True)
class Pulse:
    pid: int
    version: str
    started: datetime
    at: datetime
    upcoming: Mapping[str, datetime | None] = field(default_factory=dict)
    """Line → when it is due next."""
    busy: Mapping[str, str | None] = field(default_factory=dict)
    """Line that is at work → the run it makes."""
    skipped: int = 0
    missed: int = 0
    failed: int = 0
    """Since the start: runs left out for an overlap, caught up late, not done."""

    def fresh(self, now: datetime) -> bool:
        """A clock that was set back leaves a pulse of the future."""
        return abs(now - self.at) <= STILL

    def as_json(self) -> dict[str, Any]:
        return {
            "pid": self.pid,
            "version": self.version,
            "started": _text(self.started),
            "at": _text(self.at),
            "next": {name: None if due is None else _text(due) for name, due in self.upcoming.items()},
            "busy": dict(self.busy),
            "skipped": self.skipped,
            "missed": self.missed,
            "failed": self.failed,
        }


def write(folder: Path, pulse: Pulse) -> None:
    """Whole or not at all. A full disk does not end the watch."""
    path, new = folder / NAME, folder / f"{NAME}.new"
    with suppress(OSError):
        new.write_text(json.dumps(pulse.as_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        new.replace(path)


def read(folder: Path) -> Pulse | None:
    """The last pulse; None when there was none, or it is not readable."""
    try:
        data = json.loads((folder / NAME).read_text("utf-8"))
        upcoming = {name: None if due is None else datetime.fromisoformat(due) for name, due in data["next"].items()}
        return Pulse(
            pid=data["pid"],
            version=data["version"],
            started=datetime.fromisoformat(data["started"]),
            at=datetime.fromisoformat(data["at"]),
            upcoming=upcoming,
            busy=data["busy"],
            skipped=data["skipped"],
            missed=data["missed"],
            failed=data["failed"],
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
