"""The evidence file of a visit: WARC 1.1 (ISO 28500), one gzip member a record, compressed by isal.

Every response is stored as it was transferred, every redirect hop a record of its own; what never answered is a
metadata record. warcio reads the file from end to end, for checks. It neither writes the records (it refuses header
bytes outside ASCII, which servers send) nor reads one of ours back: it takes longer for a record than for the page in
it, and to import than a small visit takes.

What is unchanged since an earlier visit is a revisit record (6.7). The record it refers to is copied beside it, member
for member, out of the earlier visit's file: unpacked once to compare its digest, never packed again. So every file
proves its findings and replays alone, whichever earlier visits are deleted later; runs that must outlive each other
would be a promise that nobody who clears a disk knows of. The price is the disk of a first visit, no more.
"""

from __future__ import annotations

import hashlib
import os
import ssl
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit

from isal import igzip, igzip_lib

from crawler.exchange import Exchange
from crawler.page import Evidence

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord

    from crawler.rendering import Rendering

# The body is stored without its chunk framing, so the header that announces one must not stand beside it.
_RENAMED = {"transfer-encoding": "X-Archive-Orig-Transfer-Encoding"}
# Below so many bytes the quick level saves three quarters of the time, and costs a third of the bytes.
_SMALL = 2048
_NO_GZIP: type[Exception] = igzip_lib.IsalError  # type: ignore[assignment] # its stub calls the class an object of it
_PIECE = 32 * 1024  # bytes read at once: most records are smaller
# A header's value is one line, whatever a server folded into it.
_ONE_LINE = str.maketrans(dict.fromkeys("\r\n\0", " "))


class Profile(StrEnum):
    """Why a revisit record has no payload (WARC 1.1, 6.7)."""

    NOT_MODIFIED = "server-not-modified"
    IDENTICAL = "identical-payload-digest"


@dataclass(frozen=True, slots=True)
class Member:
    """A response record of an earlier visit, as it lies in its file, and the body in it, which is what it should be."""

    packed: bytes
    """The gzip member."""
    name: str
    """WARC-Record-ID."""
    url: str
    date: str
    """WARC-Date, as written."""
    headers: dict[str, str]
    """Of the response; lower-case names."""
    body: bytes
    """As transferred."""


class EvidenceFile:
    """Appends exchanges to one WARC file. Not safe for two writers."""

    def __init__(self, path: Path, software: str) -> None:
        self.path = path
        self._file: BinaryIO = path.open("ab")
        self._names = _names()
        self._told: dict[str, frozenset[str] | bytes] = {}
        """The resolver's answers and the certificates that stand here already, by what they are kept under."""
        self.size = self._file.tell()
        """Where the next record will begin."""
        if self.size == 0:
            fields = {"WARC-Date": _date(datetime.now(UTC)), "Content-Type": "application/warc-fields"}
            self._append(self._record("warcinfo", _info(software), fields))

    def write(self, exchange: Exchange) -> Evidence:
        """Store one exchange and say where the response (or the failure) lies."""
        self._witness(exchange)
        about = _about(exchange)
        body = exchange.body
        if exchange.method == "FILE":
            record = self._record("resource", body, about | {"Content-Type": "text/html"})
            return self._evidence(record, exchange.sha256)
        if exchange.failure is not None or exchange.status is None:
            body = _failure(exchange)
            record = self._record("metadata", body, about | {"Content-Type": "application/warc-fields"})
            return self._evidence(record, hashlib.sha256(body).hexdigest())
        fields = {"WARC-Payload-Digest": f"sha256:{exchange.sha256}"}
        if exchange.truncated:
            fields["WARC-Truncated"] = "length"
        offset = self._append_pair("response", exchange, _response_head(exchange) + body, fields)
        return Evidence(self.path.name, offset, exchange.sha256)

    def write_revisit(self, exchange: Exchange, earlier: Member, profile: Profile, sha256: str) -> Evidence:
        """Store an answer whose body is that of `earlier`, with digest `sha256`; says where the body lies: the copy.

        The head of a 304 stands in a metadata record beside a revisit record without a block (6.7.3 allows either):
        pywb shows the page of such a record, and nothing where the record itself says 304.
        """
        self._witness(exchange)
        evidence = Evidence(self.path.name, self._write(earlier.packed), sha256)
        fields = {
            "WARC-Profile": f"http://netpreserve.org/warc/1.1/revisit/{profile}",
            "WARC-Payload-Digest": f"sha256:{sha256}",
            "WARC-Refers-To": earlier.name,
            "WARC-Refers-To-Target-URI": earlier.url,
            "WARC-Refers-To-Date": earlier.date,
        }
        if profile is Profile.NOT_MODIFIED:
            self._append_pair("revisit", exchange, b"", fields, beside=b"statusLine: " + _response_head(exchange))
        else:
            self._append_pair("revisit", exchange, _response_head(exchange), fields)
        return evidence

    def write_rendering(self, url: str, rendering: Rendering, of: Evidence) -> Evidence:
        """Store what a browser made of the page in the record `of` (WARC 1.1, 6.9: a conversion)."""
        self.flush()
        body = rendering.html.encode("utf-8", "replace")
        about = {
            "WARC-Target-URI": url,
            "WARC-Date": _date(rendering.at),
            "WARC-Refers-To": _record_id(self.path, of.offset),
            "X-Rendered-By": rendering.by,
            "Content-Type": "text/html; charset=utf-8",
        }
        evidence = self._evidence(self._record("conversion", body, about), hashlib.sha256(body).hexdigest())
        return replace(evidence, rendered_by=rendering.by)

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()

    def _witness(self, exchange: Exchange) -> None:
        """Who answered: what its name was resolved to (RFC 4027), and its certificate (RFC 7468), once each."""
        if not exchange.resolved and exchange.certificate is None:
            return
        dns, tls = names_of(exchange.url)
        found = frozenset(exchange.resolved)
        if found and self._told.get(dns) != found:
            self._told[dns] = found
            self._resource(exchange, dns, "text/dns", _resolved(dns.removeprefix("dns:"), exchange.resolved))
        if exchange.certificate is not None and self._told.get(tls) != exchange.certificate:
            self._told[tls] = exchange.certificate
            pem = ssl.DER_cert_to_PEM_cert(exchange.certificate)
            self._resource(exchange, tls, "application/x-pem-file", pem.encode())

    def _resource(self, exchange: Exchange, url: str, kind: str, body: bytes) -> None:
        about = _about(exchange) | {"WARC-Target-URI": url, "Content-Type": kind}
        self._append(self._record("resource", body, about))

    def _append_pair(
        self, kind: str, exchange: Exchange, block: bytes, more: dict[str, str], *, beside: bytes = b""
    ) -> int:
        """The answer, what is told of it beside it, and the request that got it; where the answer begins."""
        name = next(self._names)
        about = _about(exchange)
        fields = about | {"WARC-Record-ID": name} | more
        if block:
            fields["Content-Type"] = "application/http; msgtype=response"
        if exchange.server:
            fields["WARC-IP-Address"] = exchange.server
        offset = self._append(self._record(kind, block, fields))
        if beside:
            told = about | {"Content-Type": "application/warc-fields", "WARC-Concurrent-To": name}
            self._append(self._record("metadata", beside, told))
        request = about | {"Content-Type": "application/http; msgtype=request", "WARC-Concurrent-To": name}
        self._append(self._record("request", _head(_request_line(exchange), exchange.request_headers), request))
        return offset

    def _evidence(self, record: bytes, sha256: str) -> Evidence:
        return Evidence(self.path.name, self._append(record), sha256)

    def _append(self, record: bytes) -> int:
        return self._write(igzip.compress(record, 0 if len(record) < _SMALL else 2))

    def _write(self, member: bytes) -> int:
        offset = self.size
        self.size += self._file.write(member)
        return offset

    def _record(self, kind: str, block: bytes, fields: dict[str, str]) -> bytes:
        named = {"WARC-Type": kind, "WARC-Record-ID": fields.get("WARC-Record-ID") or next(self._names)} | fields
        if "WARC-Payload-Digest" not in named:
            named["WARC-Block-Digest"] = f"sha256:{hashlib.sha256(block).hexdigest()}"
        head = _head("WARC/1.1", [*named.items(), ("Content-Length", str(len(block)))])
        return head + block + b"\r\n\r\n"


def read_response(path: Path, offset: int, sha256: str) -> tuple[dict[str, str], bytes]:
    """Headers (lower-case names) and the body as transferred of the response record at `offset`.

    Raises OSError, or ValueError when what lies there is not the body with that digest.
    """
    with path.open("rb") as file:
        _, headers, body = _read(file, offset, sha256)
    return headers, body


def read_member(file: BinaryIO, offset: int, sha256: str) -> Member:
    """The whole record that lies at `offset`, for a copy of it. Raises as `read_response`."""
    fields, headers, body = _read(file, offset, sha256)
    names = ("warc-record-id", "warc-target-uri", "warc-date")
    if fields.get("warc-type") != "response" or not fields.keys() >= set(names):
        raise ValueError(f"no response at {offset}")
    name, url, date = (fields[key] for key in names)
    end = file.tell()
    file.seek(offset)
    return Member(file.read(end - offset), name, url, date, headers, body)


def _read(file: BinaryIO, offset: int, sha256: str) -> tuple[dict[str, str], dict[str, str], bytes]:
    """The record's fields, the response's headers and its body. Leaves the file where the record ends."""
    file.seek(offset)
    try:
        record = _member(file)
    except (EOFError, _NO_GZIP) as error:
        raise ValueError(f"no record at {offset}: {error}") from error
    fields, block = _parted(record)
    headers: dict[str, str] = {}
    body = block[: int(fields.get("content-length", "0"))]
    if fields.get("warc-type") == "response":
        headers, body = _parted(body)
    if hashlib.sha256(body).hexdigest() != sha256:
        raise ValueError(f"no such body at {offset}")
    return fields, headers, body


def _member(file: BinaryIO) -> bytes:
    """What the gzip member that begins here holds; the file is left at its end. Raises isal's error when there is none,
    EOFError when it is cut short."""
    unpacking, parts = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP), []
    while not unpacking.eof:
        piece = file.read(_PIECE)
        if not piece:
            raise EOFError("cut short")
        parts.append(unpacking.decompress(piece))
    file.seek(-len(unpacking.unused_data), os.SEEK_CUR)
    return b"".join(parts)


def _parted(message: bytes) -> tuple[dict[str, str], bytes]:
    """The headers (lower-case names; of two of a name the last) and what follows the empty line. `_head` made them, so
    each is one line."""
    head, _, rest = message.partition(b"\r\n\r\n")
    pairs = (line.decode("utf-8", "replace").partition(":") for line in head.split(b"\r\n")[1:])
    return {name.lower(): value.strip() for name, _, value in pairs}, rest


def _record_id(path: Path, offset: int) -> str:
    with path.open("rb") as file:
        file.seek(offset)
        return _parted(_member(file))[0]["warc-record-id"]


def records(path: Path) -> Iterator[ArcWarcRecord]:
    """Every record, in order, for checks."""
    from warcio.archiveiterator import ArchiveIterator

    with path.open("rb") as file:
        yield from ArchiveIterator(file)


def truncate(path: Path, end: int) -> None:
    """Drop what was written after `end`: a record that a crash left half, or that the database never heard of."""
    if path.exists() and path.stat().st_size > end:
        with path.open("r+b") as file:
            file.truncate(end)


def _head(first: str, headers: Iterable[tuple[str, str]]) -> bytes:
    lines = [first, *[f"{name}: {value}" for name, value in headers]]
    text = "\r\n".join(lines)
    if text.count("\r") + text.count("\n") != 2 * len(lines) - 2 or "\0" in text:
        text = "\r\n".join([line.translate(_ONE_LINE) for line in lines])
    return text.encode("utf-8", "replace") + b"\r\n\r\n"


def _resolved(host: str, addresses: Iterable[str]) -> bytes:
    lines = (f"{host}. IN {'AAAA' if ':' in address else 'A'} {address}\r\n" for address in addresses)
    return "".join(lines).encode("utf-8", "replace")


def names_of(url: str) -> tuple[str, str]:
    """Under which addresses the resolver's answer and the certificate of its host are kept: `dns:host` (RFC 4501), and
    `tls:host:port`, a name of our own."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 443
    except ValueError:  # no address at all: nobody answered there
        host, port = "", 443
    return f"dns:{host}", f"tls:{host}:{port}"


def _response_head(exchange: Exchange) -> bytes:
    return _head(
        f"{exchange.http_version} {exchange.status} {exchange.reason}".rstrip(),
        [(_RENAMED.get(key.lower(), key), value) for key, value in exchange.headers],
    )


def _about(exchange: Exchange) -> dict[str, str]:
    return {"WARC-Target-URI": exchange.url, "WARC-Date": _date(exchange.at)}


def _date(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).isoformat('T', 'seconds')[:-6]}Z"


def _names() -> Iterator[str]:
    """Record ids without end. Ten random bytes a file and a number a record: random ones throughout cost more than the
    request in the record.
    """
    start = uuid.uuid4().int & ~0xFFFF_FFFF_FFFF
    for number in range(0x1_0000_0000_0000):
        name = f"{start | number:032x}"
        yield f"<urn:uuid:{name[:8]}-{name[8:12]}-{name[12:16]}-{name[16:20]}-{name[20:]}>"


def _request_line(exchange: Exchange) -> str:
    rest = exchange.url.split("://", 1)[-1]
    slash = rest.find("/")
    path = rest[slash:] if slash >= 0 else "/"
    return f"{exchange.method} {path} HTTP/1.1"


def _failure(exchange: Exchange) -> bytes:
    failure = exchange.failure
    fields = (
        ("failure", failure.kind.value if failure else "protocol"),
        ("detail", failure.detail if failure else ""),
        ("method", exchange.method),
        ("elapsed", f"{exchange.elapsed:.3f}"),
    )
    lines = "\r\n".join(f"{name}: {value}".translate(_ONE_LINE) for name, value in fields)
    return f"{lines}\r\n".encode("utf-8", "replace")


def _info(software: str) -> bytes:
    return (
        f"software: {software}\r\nformat: WARC File Format 1.1\r\n"
        "conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n"
    ).encode()
