"""Content codings (RFC 9110, 8.4.1) undone, never beyond a limit: a kilobyte may unfold to a gigabyte.

A body that ends early gives what it held, as in a browser. A coding nobody knows leaves the body as it is: servers
write `utf-8` or `none` there.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
import zstandard

# More codings than this in one header are an attack, not a page.
_MOST = 3
_MAGIC = b"\x1f\x8b"
_TRAILER = 8
# RFC 9659: what a decoder must bear in HTTP.
_ZSTD_WINDOW = 8 * 1024 * 1024


class CorruptBody(Exception):  # noqa: N818 - the state of a body
    """The body is not in the coding it claims."""


class BodyTooLarge(Exception):  # noqa: N818
    """The decoded body is longer than the limit."""


def decode(body: bytes, coding: str, limit: int) -> bytes:
    """`body` as it was before the codings of a Content-Encoding header; at most `limit` bytes at every step.

    Raises CorruptBody and BodyTooLarge.
    """
    names = [name.strip().lower() for name in coding.split(",") if name.strip()]
    if len(names) > _MOST:
        raise CorruptBody(f"{len(names)} codings")
    for name in reversed(names):
        decoder = _DECODERS.get(name)
        if decoder is None or not body:
            return body
        try:
            body = decoder(body, limit + 1)
        except (zlib.error, brotli.error, zstandard.ZstdError) as error:
            raise CorruptBody(f"{name}: {error}") from error
        if len(body) > limit:
            raise BodyTooLarge(f"{name}: more than {limit} bytes")
    return body


def _gzip(body: bytes, most: int) -> bytes:
    if not body.startswith(_MAGIC):
        raise zlib.error("no gzip header")
    # Without the trailer: browsers show a page whose checksum is wrong.
    rest = body[:-_TRAILER] if len(body) > 2 * _TRAILER else body
    found = b""
    while rest.startswith(_MAGIC) and len(found) < most:
        stream = zlib.decompressobj(16 + zlib.MAX_WBITS)
        found += stream.decompress(rest, most - len(found))
        rest = stream.unused_data
    return found


def _deflate(body: bytes, most: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(body, most)
    except zlib.error:
        # Raw, as some servers understood the word.
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(body, most)


def _brotli(body: bytes, most: int) -> bytes:
    stream = brotli.Decompressor()
    found = stream.process(body, output_buffer_limit=most)
    while len(found) < most and not stream.is_finished():
        more = stream.process(b"", output_buffer_limit=most - len(found))
        if not more:
            break
        found += more
    return bytes(found)


def _zstd(body: bytes, most: int) -> bytes:
    reader = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).stream_reader(body, read_across_frames=True)
    found = b""
    while len(found) < most:
        more = reader.read(most - len(found))
        if not more:
            break
        found += more
    return found


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
