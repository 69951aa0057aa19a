"""The journal of the watch: what happens, one line each on standard error."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from datetime import datetime, tzinfo
from threading import Lock

from crawler.message import Message
from xuncha.parameters import spoken


class Journal:
    """At the times of the schedule's zone; or as JSON. Its lines come from several threads."""

    def __init__(self, zone: tzinfo, *, as_json: bool) -> None:
        self.zone = zone
        self._as_json = as_json
        self._lock = Lock()

    def __call__(self, event: str, message: Message, **facts: object) -> None:
        now, text = datetime.now(self.zone), spoken().text(message)
        line = f"{now:%Y-%m-%d %H:%M:%S} {text}"
        if self._as_json:
            at = now.isoformat(timespec="seconds")
            line = json.dumps({"at": at, "event": event, "message": text, **facts}, ensure_ascii=False)
        # Whoever read the log may be gone; the inspections go on.
        with self._lock, suppress(OSError):
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()
