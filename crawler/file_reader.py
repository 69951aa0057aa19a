"""A process that reads files: what is in them may eat memory, hang or crash whoever reads it, so it is not the visit.

The visit gives it a file and gets its clues, one at a time, each with a limit of time; a process that does not answer,
or dies, is replaced for the next file. It is started for the first file and ends with the visit.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from typing import IO

from crawler.clues import occurring
from crawler.file_clues import FileClues, Unread
from crawler.file_text import passages
from crawler.passage import Passage, Unreadable
from crawler.sightings import Sighting, sightings

_SECONDS = 40.0  # most take milliseconds; on a busy machine the start of the process alone takes seconds
_MEMORY = 1024**3  # bytes of address space; where the system knows no such limit, only time is bounded
_MOST = 1000  # sightings of one file
_PROGRAM = "from crawler.file_reader import serve; serve()"


class FileReader:
    def __init__(self, terms: frozenset[str], *, seconds: float = _SECONDS) -> None:
        self._terms = terms
        self.seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = asyncio.Lock()

    async def read(self, body: bytes, name: str) -> FileClues:
        """What stands in a file; `name` is its file name's extension. Never raises for what the file is."""
        async with self._turn:
            return await asyncio.to_thread(self._ask, body, name)

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _ask(self, body: bytes, name: str) -> FileClues:
        try:
            process = self._started()
        except OSError:
            return FileClues(unread=Unread.NO_READER)
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(self.seconds, stop)
        timer.start()
        try:
            with suppress(OSError):  # it died: nothing will be read
                _tell(process.stdin, {"name": name, "size": len(body)}, body)
            answer = process.stdout.readline() if process.stdout is not None else b""
        finally:
            timer.cancel()
        if answer.endswith(b"\n"):
            return FileClues.from_json(json.loads(answer))
        self.close()
        return FileClues(unread=Unread.SLOW if late.is_set() else Unread.DAMAGED)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            # -P: no module of the folder that the operator happens to be in. What it is told goes over its pipes.
            process = subprocess.Popen(  # noqa: S603 - this very Python
                [sys.executable, "-P", "-c", _PROGRAM],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # libraries quote what they stumble over
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
            self._process = process
            with suppress(OSError):
                _tell(process.stdin, sorted(self._terms))
        return self._process


def _tell(pipe: IO[bytes] | None, told: object, body: bytes = b"") -> None:
    if pipe is not None:
        pipe.write(json.dumps(told, ensure_ascii=True).encode() + b"\n")
        pipe.write(body)
        pipe.flush()


# The other side.


def serve() -> None:
    """Read files from standard input until it ends, and tell their clues on standard output."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    _limit_memory()
    asked = sys.stdin.buffer
    terms = frozenset(json.loads(asked.readline()))
    while line := asked.readline():
        file = json.loads(line)
        clues = clues_of(asked.read(file["size"]), file["name"], terms)
        answers.write(json.dumps(clues.as_json()).encode() + b"\n")
        answers.flush()


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    with suppress(ValueError, OSError):  # a lower limit holds already
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def _note(found: list[Sighting], passage: Passage, known: dict[str, int]) -> None:
    for one in sightings(passage.text, known, passage.where):
        if len(found) >= _MOST:
            raise Unreadable(Unread.LONG)
        found.append(one)


def clues_of(body: bytes, name: str, terms: frozenset[str]) -> FileClues:
    """What a visit notes of the file. In this very process: it may not come back."""
    found: list[Sighting] = []
    there: frozenset[str] = frozenset()
    known: dict[str, int] = {}
    why: Unread | None = None
    try:
        for passage in passages(body, name):
            there |= occurring(terms - there, passage.text)
            _note(found, passage, known)
    except Unreadable as unreadable:
        why = unreadable.why
    except MemoryError:
        why = Unread.LARGE
    except Exception:  # noqa: BLE001 - parsers meet hostile files with errors of every kind
        why = Unread.DAMAGED
    return FileClues(tuple(found), there, why)
