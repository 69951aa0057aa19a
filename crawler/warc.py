"""The evidence file of a visit: WARC 1.1 (ISO 28500), one gzip member a record, compressed by isal.

Every response is stored as it was transferred, every redirect hop a record of its own; what never answered is a
metadata record. warcio makes and reads the records; only the gzip members are ours, because zlib costs nine times more.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from isal import igzip
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParserException
from warcio.warcwriter import WARCWriter

from crawler.exchange import Exchange
from crawler.page import Evidence

# The body is stored without its chunk framing, so the header that announces one must not stand beside it.
_RENAMED = {"transfer-encoding": "X-Archive-Orig-Transfer-Encoding"}


class EvidenceFile:
    """Appends exchanges to one WARC file. Not safe for two writers."""

    def __init__(self, path: Path, software: str) -> None:
        self.path = path
        self._file: BinaryIO = path.open("ab")
        if self._file.tell() == 0:
            self._append(_build("warcinfo", None, _info(software), "application/warc-fields"))

    @property
    def size(self) -> int:
        return self._file.tell()

    def write(self, exchange: Exchange) -> Evidence:
        """Store one exchange and say where the response (or the failure) lies."""
        date = exchange.at.strftime("%Y-%m-%dT%H:%M:%SZ")
        digest = hashlib.sha256(exchange.body).hexdigest()
        if exchange.method == "FILE":
            file = _build("resource", exchange.url, exchange.body, "text/html", date)
            return Evidence(self.path.name, self._append(file), digest)
        if exchange.failure is not None or exchange.status is None:
            failure = exchange.failure
            lines = (
                f"failure: {failure.kind if failure else 'protocol'}\r\ndetail: {failure.detail if failure else ''}\r\n"
            )
            lines += f"method: {exchange.method}\r\nelapsed: {exchange.elapsed:.3f}\r\n"
            record = _build("metadata", exchange.url, lines.encode(), "application/warc-fields", date)
            return Evidence(self.path.name, self._append(record), hashlib.sha256(lines.encode()).hexdigest())
        headers = [(_RENAMED.get(name.lower(), name), value) for name, value in exchange.headers]
        response = _build(
            "response",
            exchange.url,
            exchange.body,
            "application/http; msgtype=response",
            date,
            StatusAndHeaders(f"{exchange.status} {exchange.reason}".strip(), headers, protocol=exchange.http_version),
            {
                "WARC-Payload-Digest": f"sha256:{digest}",
                **({"WARC-IP-Address": exchange.server} if exchange.server else {}),
                **({"WARC-Truncated": "length"} if exchange.truncated else {}),
            },
        )
        offset = self._append(response)
        request = _build(
            "request",
            exchange.url,
            b"",
            "application/http; msgtype=request",
            date,
            StatusAndHeaders(_target(exchange), list(exchange.request_headers), is_http_request=True),
            {"WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID")},
        )
        self._append(request)
        return Evidence(self.path.name, offset, digest)

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()

    def _append(self, record: ArcWarcRecord) -> int:
        buffer = BytesIO()
        WARCWriter(buffer, gzip=False).write_record(record)
        offset = self._file.tell()
        self._file.write(igzip.compress(buffer.getvalue(), 2))
        return offset


def read_response(path: Path, offset: int, sha256: str) -> tuple[dict[str, str], bytes]:
    """Headers (lower-case names) and the body as transferred of the response record at `offset`.

    Raises OSError, or ValueError when what lies there is not the body with that digest.
    """
    with path.open("rb") as file:
        file.seek(offset)
        try:
            record = next(iter(ArchiveIterator(file)), None)
            body = record.raw_stream.read() if record is not None else b""
        except (ArchiveLoadFailed, StatusAndHeadersParserException, EOFError, zlib.error) as error:
            raise ValueError(f"no record at {offset}: {error}") from error
        if record is None or hashlib.sha256(body).hexdigest() != sha256:
            raise ValueError(f"no such body at {offset}")
        headers = record.http_headers.headers if record.http_headers else []
        return {name.lower(): value for name, value in headers}, body


def truncate(path: Path, end: int) -> None:
    """Drop what was written after `end`: a record that a crash left half, or that the database never heard of."""
    if path.exists() and path.stat().st_size > end:
        with path.open("r+b") as file:
            file.truncate(end)


def _build(
    kind: str,
    url: str | None,
    payload: bytes,
    content_type: str,
    date: str | None = None,
    http: StatusAndHeaders | None = None,
    extra: dict[str, str] | None = None,
) -> ArcWarcRecord:
    headers: dict[str, Any] = dict(extra or {})
    if date:
        headers["WARC-Date"] = date
    builder = _BUILDER
    return builder.create_warc_record(
        url or "",
        kind,
        payload=BytesIO(payload),
        length=len(payload),
        warc_content_type=content_type,
        warc_headers_dict=headers,
        http_headers=http,
    )


def _target(exchange: Exchange) -> str:
    rest = exchange.url.split("://", 1)[-1]
    slash = rest.find("/")
    path = rest[slash:] if slash >= 0 else "/"
    return f"{exchange.method} {path} HTTP/1.1"


def _info(software: str) -> bytes:
    return f"software: {software}\r\nformat: WARC File Format 1.1\r\nconformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n".encode()


_BUILDER = WARCWriter(BytesIO(), gzip=False, warc_version="1.1")


def records(path: Path) -> Iterator[ArcWarcRecord]:
    """Every record, in order, for checks."""
    with path.open("rb") as file:
        yield from ArchiveIterator(file)
