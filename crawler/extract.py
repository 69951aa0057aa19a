"""The records of an evidence file that concern some addresses, copied byte for byte."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.page import Answer

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord


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
    """The head of the request or response; of a metadata record its whole text."""


def addresses(answer: Answer) -> Iterator[str]:
    """Every address on the way to an answer."""
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
            head = _head(record)
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
                )
            )
    return found


def _head(record: ArcWarcRecord) -> str:
    if record.http_headers is not None:
        return str(record.http_headers.to_str()).strip()
    if record.rec_type in ("metadata", "warcinfo"):
        return str(record.content_stream().read().decode("utf-8", "replace")).strip()
    return ""
