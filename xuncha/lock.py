"""One program at a time: a lock of the operating system, which does not outlive the process that holds it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from crawler.message import Message, say
from xuncha.parameters import Mistake


@contextmanager
def alone(path: Path, busy: Message) -> Iterator[None]:
    """Hold the lock file at `path`. Raises Mistake with `busy` when another holds it."""
    lock = FileLock(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise Mistake(busy) from error
    except OSError as error:
        raise Mistake(say("不能写入 {path}（{why}）", path=str(path), why=error.strerror or str(error))) from error
    try:
        yield
    finally:
        lock.release()
