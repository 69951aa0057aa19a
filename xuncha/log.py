"""The log of what goes wrong in the program itself: `xuncha.log` in the data folder. A clerk sees one line, the log the
traceback.
"""

from __future__ import annotations

import logging
import os
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

NAME = "xuncha.log"
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_folder: Path | None = None


class _File(logging.FileHandler):
    """Made at the first line: a run without a fault leaves no empty log."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, encoding="utf-8", errors="backslashreplace", delay=True)
        self.setFormatter(logging.Formatter(_FORMAT))
        self.setLevel(logging.WARNING)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the base class's name
        """A full disk: what the record was about is reported all the same, without a traceback on the screen."""


def silence() -> None:
    """Nothing is logged to the screen; does nothing where logging is set up already."""
    logging.basicConfig(handlers=[logging.NullHandler()])


def of_worker(folder: Path) -> None:
    """Log to `folder` for the rest of this process, unless its logging is set up already."""
    if not logging.getLogger().handlers:
        logging.basicConfig(handlers=[_File(folder / NAME)])


@contextmanager
def to(folder: Path) -> Iterator[None]:
    """Log to `folder` within the block; `record` does so for the rest of the process."""
    global _folder  # noqa: PLW0603 - one data folder a process
    _folder = folder
    handler = _File(folder / NAME)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()


def record(error: BaseException) -> Path | None:
    """Write down a fault of ours: in the data folder, else among temporary files; None when neither can be written."""
    text = f"{datetime.now(UTC).isoformat()} {os.getpid()}\n{''.join(traceback.format_exception(error))}\n"
    for folder in (_folder, Path(tempfile.gettempdir())):
        if folder is None:
            continue
        try:
            with (folder / NAME).open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
        except OSError:
            continue
        return folder / NAME
    return None
