"""What a file is, told by its first bytes, and whether it came whole, told by its last.

The end is known of PDF and of ZIP, which OFD and today's office formats are: both end in a mark without which no
program finds what is in them.
"""

from __future__ import annotations

import re

from crawler.exchange import Reply

# ISO 32000-1, 7.5.5: the last lines. Anything may follow them in practice.
GLANCE = 2048
# The end record of a ZIP is 22 bytes and a comment of at most 65,535 (APPNOTE 4.3.16).
TAIL = 66_000
_BLANK = b"\xef\xbb\xbf\0 \t\r\n"
_ENDS = {b"%PDF-": (b"%%EOF", b"startxref"), b"PK\x03\x04": (b"PK\x05\x06",)}
_DOCUMENTS = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
# Documents, archives, pictures; whatever type a server gives them, they are no page.
_FILES = (
    *(b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c"),
    *(b"\x1f\x8b\x08", b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a"),
)
_RANGE = re.compile(r"bytes\s+(\d{1,18})-(\d{1,18})/(\d{1,18})", re.IGNORECASE)


def is_file(head: bytes) -> bool:
    """It begins as no page does."""
    return head[:64].lstrip(_BLANK).startswith(_FILES)


def has_end(head: bytes) -> bool:
    """The file is of a kind whose end bears a mark."""
    return _marks(head) != ()


def size(reply: Reply) -> int | None:
    """Bytes of the whole file, of which `reply` holds the beginning; None when the server does not tell."""
    headers = reply.headers
    if "content-encoding" in headers:
        return None
    if reply.answer.status == 206:
        found = _RANGE.fullmatch(headers.get("content-range", "").strip())
        return int(found[3]) if found and int(found[1]) == 0 else None
    length = headers.get("content-length", "")
    return int(length) if reply.answer.status == 200 and length.isdecimal() and len(length) < 19 else None


def piece(reply: Reply, start: int, whole: int) -> bytes | None:
    """The last bytes of a file, from `start` on; None when it is not just these that came."""
    found = _RANGE.fullmatch(reply.headers.get("content-range", "").strip())
    asked = (start, whole - 1, whole)
    if reply.answer.status != 206 or found is None or tuple(map(int, found.groups())) != asked:
        return None
    return reply.body if len(reply.body) == whole - start else None


def holds_text(head: bytes) -> bool:
    """It begins as documents and spreadsheets do."""
    return head[:64].lstrip(_BLANK).startswith(_DOCUMENTS)


def is_whole(reply: Reply) -> bool:
    """All of the file is in `reply`, or in the former answer that it is the same as."""
    if reply.same is not None and not reply.body:
        return reply.same.former.status == 200
    return not reply.truncated and (reply.answer.status == 200 or size(reply) == len(reply.body))


def is_cut(reply: Reply) -> bool:
    """The end of the file was seen and bears no mark."""
    end = reply.body if is_whole(reply) else reply.tail
    marks = _marks(reply.body)
    return end is not None and marks != () and not any(mark in end for mark in marks)


def _marks(head: bytes) -> tuple[bytes, ...]:
    start = head[:64].lstrip(_BLANK)
    return next((marks for magic, marks in _ENDS.items() if start.startswith(magic)), ())
