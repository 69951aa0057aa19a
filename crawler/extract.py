"""The records of an evidence file that concern some addresses, copied byte for byte."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.charset import decode
from crawler.exchange import decode_body
from crawler.page import Answer
from crawler.warc import names_of

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord


_TEXTUAL = re.compile(r"text/|application/(?:json|xml|xhtml\+xml|javascript)", re.IGNORECASE)
_SAID = 20_000
"""Characters of a response that are told; the record has all of it."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a WARC file (ISO 28500), with what a person wants to read of it."""

    kind: str
    """WARC-Type: warcinfo, request, response, revisit, metadata, resource or conversion."""
    url: str
    at: str
    """WARC-Date, UTC."""
    server: str
    """WARC-IP-Address; empty where there was none."""
    offset: int
    """Of the gzip member in the file, in bytes."""
    member: bytes
    """The gzip member as it stands in the file."""
    head: str
    """The head of the request or response; of a record about something else its whole text."""
    text: str = ""
    """The beginning of what a response says, where that is text."""


def addresses(answer: Answer) -> Iterator[str]:
    """Every address on the way to an answer, and under which it is kept who answered."""
    for url in dict.fromkeys(_way(answer)):
        yield url
        yield from names_of(url)


def _way(answer: Answer) -> Iterator[str]:
    yield answer.asked
    for hop in answer.hops:
        yield hop.url
        yield hop.to
    yield answer.url


def extract(path: Path, urls: Collection[str]) -> list[Record]:
    """The warcinfo record and, in order, every record about one of `urls`: all asks, redirects and failures of them.

    Reads the whole file. Raises OSError, and warcio's ArchiveLoadFailed for a file that is no WARC.
    """
    from warcio.archiveiterator import ArchiveIterator

    found = []
    with path.open("rb") as file, path.open("rb") as again:
        records = ArchiveIterator(file)
        for record in records:
            url = record.rec_headers.get_header("WARC-Target-URI") or ""
            if record.rec_type != "warcinfo" and url not in urls:
                continue
            head, text = _head(record), _text(record)
            offset, length = records.get_record_offset(), records.get_record_length()
            again.seek(offset)
            found.append(
                Record(
                    kind=record.rec_type,
                    url=url,
                    at=record.rec_headers.get_header("WARC-Date") or "",
                    server=record.rec_headers.get_header("WARC-IP-Address") or "",
                    offset=offset,
                    member=again.read(length),
                    head=head,
                    text=text,
                )
            )
    return found


def _text(record: ArcWarcRecord) -> str:
    if record.rec_type != "response" or record.http_headers is None:
        return ""
    kind, coding = (record.http_headers.get_header(name) or "" for name in ("Content-Type", "Content-Encoding"))
    if not _TEXTUAL.match(kind.strip()):
        return ""
    # Raw: warcio knows fewer codings than servers use.
    body = decode_body(record.raw_stream.read(), coding.strip().lower())
    text = decode(body, kind)[0]
    return text if len(text) <= _SAID else f"{text[:_SAID]}…"


def _head(record: ArcWarcRecord) -> str:
    if record.http_headers is not None:
        return str(record.http_headers.to_str()).strip()
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    if record.rec_type in ("metadata", "warcinfo") or url.startswith(("dns:", "tls:")):
        return str(record.content_stream().read().decode("utf-8", "replace")).strip()
    return ""
