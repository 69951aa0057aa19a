"""What one fetch brought: each request with its answer as it stood on the wire, and the whole of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING

from crawler import coding
from crawler.page import Answer, Failure, FailureKind

if TYPE_CHECKING:
    from crawler.attachments import Opened
    from crawler.baseline import Same
    from crawler.rendering import Rendering

MOST_DECODED = 20 * 1024 * 1024
_LONGEST_WAIT = 60.0  # of a Retry-After: some ask for a year, and the visit has an hour
_NOT_TEXT = bytes(b for b in range(0x20) if b not in b"\t\n\f\r\x1b")


@dataclass(frozen=True)
class Exchange:
    """One request and its answer on the wire, for the evidence. `status` None: no answer came."""

    url: str
    method: str
    at: datetime
    """When it was sent (UTC)."""
    elapsed: float
    request_headers: tuple[tuple[str, str], ...] = ()
    status: int | None = None
    reason: str = ""
    http_version: str = "HTTP/1.1"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    """As transferred, without its chunk framing."""
    truncated: bool = False
    """The body went on."""
    server: str = ""
    """Address of the machine that answered."""
    resolved: tuple[str, ...] = ()
    """All addresses that its name was resolved to."""
    certificate: bytes | None = None
    """The server's, in DER."""
    failure: Failure | None = None

    @cached_property
    def sha256(self) -> str:
        """Of the body as transferred, hex."""
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Reply:
    """What one fetch brought. `answer.evidence` is None: the archive fills it in."""

    answer: Answer
    exchanges: tuple[Exchange, ...] = ()
    """One a hop, in order; empty when nothing was asked."""
    body: bytes = b""
    """Of the last hop, content-decoded. Of a truncated one, its beginning."""
    content_type: str = ""
    rendering: Rendering | None = None
    """What a browser made of the page, where its scripts draw it."""
    same: Same | None = None
    """The body is one that an earlier visit got. Of a 304 `answer` and `content_type` are the earlier answer's, and
    `body` is empty."""
    opened: Opened | None = None
    """What was read of the file that it is."""
    tail: bytes | None = None
    """The last bytes of a file that is longer than `body`; None where they were not asked for, or did not come."""

    @property
    def headers(self) -> dict[str, str]:
        """Of the last hop, names in lower case; repeated ones joined by a comma."""
        return folded(self.exchanges[-1].headers) if self.exchanges else {}

    @property
    def truncated(self) -> bool:
        return bool(self.exchanges) and self.exchanges[-1].truncated


def refusal(url: str, kind: FailureKind, detail: str = "") -> Reply:
    """The reply for an address that was not asked at all."""
    return Reply(Answer(url, url, datetime.now(UTC), 0.0, failure=Failure(kind, detail)))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that Retry-After asks for (RFC 9110, 10.2.3); None when it says nothing readable."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)


def wait_asked(reply: Reply) -> float | None:
    """Seconds that an answer asks us to stay away, at most a minute; None when it does not ask."""
    wait = retry_after(reply.headers) if reply.answer.status in (429, 503) else None
    return None if wait is None else min(wait, _LONGEST_WAIT)


def folded(headers: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Names in lower case; repeated headers joined by a comma."""
    folded: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        folded[key] = f"{folded[key]}, {value}" if key in folded else value
    return folded


def decode_body(body: bytes, content_encoding: str) -> bytes:
    """A stored body, decoded as it was when it came; as it is where that failed."""
    return decoded(body, content_encoding, MOST_DECODED)[0]


def decoded(body: bytes, content_encoding: str, limit: int) -> tuple[bytes, Failure | None]:
    """The body without its content codings, at most `limit` bytes; or why it has none."""
    if not content_encoding or not body:
        return body, None
    try:
        return coding.decode(body, content_encoding, limit), None
    except coding.BodyTooLarge as error:
        return b"", Failure(FailureKind.TOO_LARGE, str(error))
    except coding.CorruptBody as error:
        if _is_text(body):
            # Said to be compressed and is not: a misconfigured server, a readable page.
            return body, None
        return b"", Failure(FailureKind.PROTOCOL, f"content-encoding {error}")


def _is_text(body: bytes) -> bool:
    head = body[:1024]
    return len(head.translate(None, _NOT_TEXT)) == len(head)
