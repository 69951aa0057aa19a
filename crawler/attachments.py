"""The files of a site: which of them are fetched whole and read, within a budget, and what an earlier visit knew.

Only files of the site's own that its pages link to and that are there; each once, in its host's turn. One in which an
earlier visit saw a number is always fetched and read again, whatever the budget: what accuses is looked at anew.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from crawler import documents
from crawler.baseline import Baseline
from crawler.exchange import Reply
from crawler.file_clues import FileClues, Unread
from crawler.file_reader import FileReader
from crawler.page import LinkKind
from crawler.plan import Plan
from crawler.target import Target
from crawler.urls import same_site, suffix
from crawler.warc import Profile

MOST_BYTES = 10_000_000  # of one file
# Whatever they hold, it is no text that could be read.
_ARCHIVES = frozenset({"zip", "rar", "7z", "gz", "tar", "tgz"})


@dataclass(frozen=True, slots=True)
class Opened:
    """What was read of a file."""

    clues: FileClues
    whole: Reply | None = None
    """What brought it, where that was not the answer itself."""
    size: int = 0
    """Bytes that it took of the budget."""


class Attachments:
    def __init__(
        self, plan: Plan, home: str, get: Callable[[str, int], Awaitable[Reply]], baseline: Baseline | None
    ) -> None:
        """`get` asks an address for its whole body, of at most so many bytes."""
        self._plan = plan
        self._home = home
        self._get = get
        self._baseline = baseline
        self._reader = FileReader(plan.terms)
        self._files = 0
        self._bytes = 0

    def spent(self, files: int, bytes_: int) -> None:
        """Of the budget, before the visit was parked."""
        self._files, self._bytes = files, bytes_

    def concerns(self, target: Target, reply: Reply) -> bool:
        """The good answer is that of a file of the site's own that may hold text."""
        if "attachments" not in self._plan.needs or reply.answer.method == "HEAD":
            return False
        if not (target.internal or same_site(target.url, self._home)) or suffix(reply.answer.url) in _ARCHIVES:
            return False
        if target.kind is LinkKind.PAGE:  # handed out by a program, under no file name
            return target.internal and (documents.holds_text(reply.body) or self._former(reply) is not None)
        return target.kind is LinkKind.ATTACHMENT

    async def open(self, reply: Reply) -> Opened:
        """Read the file, or say why not."""
        former = self._former(reply)
        if former is not None and not former.sightings and _is_as_it_was(reply):
            return Opened(former)
        if self._plan.max_files == 0:
            return Opened(FileClues(unread=Unread.OFF))
        again = former is not None and bool(former.sightings)
        size = documents.size(reply)
        if size is not None and size > MOST_BYTES:
            return Opened(FileClues(unread=Unread.LARGE))
        if not again and (self._files >= self._plan.max_files or self._bytes + (size or 0) > self._plan.max_file_bytes):
            return Opened(FileClues(unread=Unread.BUDGET))
        self._files, self._bytes = self._files + 1, self._bytes + (size or 0)
        whole = None if reply.body and documents.is_whole(reply) else await self._get(reply.answer.url, MOST_BYTES)
        brought = whole or reply
        taken = max(brought.answer.size, 1)
        self._bytes += taken - (size or 0)
        if not brought.answer.ok or brought.truncated:
            return Opened(FileClues(unread=Unread.LARGE if brought.answer.ok else Unread.UNREACHED), whole, taken)
        return Opened(await self._reader.read(brought.body, suffix(reply.answer.url)), whole, taken)

    def close(self) -> None:
        self._reader.close()

    def _former(self, reply: Reply) -> FileClues | None:
        if self._baseline is None or reply.same is None:
            return None
        return self._baseline.file(reply.same.former, self._plan.terms)


def _is_as_it_was(reply: Reply) -> bool:
    """The whole file, not only its first bytes: the server says so, or all of it came."""
    same = reply.same
    if same is None or same.profile is Profile.NOT_MODIFIED or documents.is_whole(reply):
        return same is not None
    told = (reply.headers.get("etag", ""), reply.headers.get("last-modified", ""))
    return told == (same.former.etag, same.former.modified) != ("", "")
