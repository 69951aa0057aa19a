"""Bodies that are compressed, or say so."""

from __future__ import annotations

import gzip
import zlib

import brotli
import zstandard
from behaviour import BROKEN, OK, Behaviour, answer, page

PAGE = page()
BODY = PAGE.encode()
TITLE = "政务公开"
ZEROS = bytes(64 * 1024 * 1024)
ZIPPED = gzip.compress(BODY)


def coded(body: bytes, coding: str, content_type: str = "text/html; charset=utf-8") -> bytes:
    return answer(body, f"Content-Encoding: {coding}", content_type=content_type)


def _deflated(body: bytes, window: int = zlib.MAX_WBITS) -> bytes:
    stream = zlib.compressobj(6, zlib.DEFLATED, window)
    return stream.compress(body) + stream.flush()


BEHAVIOURS = (
    Behaviour("gzip", "a page in gzip", OK, "ok", coded(ZIPPED, "gzip"), "page", title=TITLE),
    Behaviour("deflate", "a page in zlib's format", OK, "ok", coded(_deflated(BODY), "deflate"), "page", title=TITLE),
    Behaviour(
        "deflate-raw", "a page in raw deflate", OK, "ok", coded(_deflated(BODY, -15), "deflate"), "page", title=TITLE
    ),
    Behaviour("br", "a page in brotli", OK, "ok", coded(brotli.compress(BODY), "br"), "page", title=TITLE),
    Behaviour("zstd", "a page in zstd", OK, "ok", coded(zstandard.compress(BODY), "zstd"), "page", title=TITLE),
    Behaviour(
        "gzip-of-gzip",
        "a page in gzip twice",
        OK,
        "ok",
        coded(gzip.compress(ZIPPED), "gzip, gzip"),
        "page",
        title=TITLE,
    ),
    Behaviour("gzip-capitals", "X-GZIP in capitals", OK, "ok", coded(ZIPPED, "X-GZIP"), "page", title=TITLE),
    Behaviour("gzip-bomb", "64 MB of nothing in gzip", OK, "too-large", coded(gzip.compress(ZEROS, 1), "gzip"), "page"),
    Behaviour(
        "deflate-bomb", "64 MB of nothing in deflate", OK, "too-large", coded(_deflated(ZEROS), "deflate"), "page"
    ),
    Behaviour(
        "br-bomb", "64 MB of nothing in brotli", OK, "too-large", coded(brotli.compress(ZEROS, quality=1), "br"), "page"
    ),
    Behaviour(
        "zstd-bomb", "64 MB of nothing in zstd", OK, "too-large", coded(zstandard.compress(ZEROS), "zstd"), "page"
    ),
    Behaviour(
        "gzip-of-gzip-bomb",
        "64 MB of nothing, twice in gzip",
        OK,
        "too-large",
        coded(gzip.compress(gzip.compress(ZEROS, 1)), "gzip, gzip"),
        "page",
    ),
    Behaviour(
        "gzip-bomb-in-pieces",
        "a bomb of 64 members",
        OK,
        "too-large",
        coded(gzip.compress(ZEROS[: 1 << 20], 1) * 64, "gzip"),
        "page",
    ),
    Behaviour(
        "robots-bomb",
        "robots.txt is 64 MB of nothing in gzip",
        OK,
        "ok",
        answer(PAGE),
        "page",
        others={"/robots.txt": coded(gzip.compress(ZEROS, 1), "gzip", "text/plain")},
        title=TITLE,
    ),
    Behaviour("gzip-lie", "says gzip and sends the page as it is", OK, "ok", coded(BODY, "gzip"), "page", title=TITLE),
    Behaviour("br-lie", "says brotli and sends the page as it is", OK, "ok", coded(BODY, "br"), "page", title=TITLE),
    Behaviour("br-is-gzip", "says brotli and sends gzip", BROKEN, "protocol", coded(ZIPPED, "br"), "page"),
    Behaviour(
        "gzip-is-noise", "says gzip and sends noise", BROKEN, "protocol", coded(bytes(range(256)), "gzip"), "page"
    ),
    Behaviour(
        "gzip-checksum",
        "gzip with a wrong checksum",
        OK,
        "ok",
        coded(ZIPPED[:-8] + bytes(8), "gzip"),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "gzip-rest", "gzip, and rubbish behind it", OK, "ok", coded(ZIPPED + b"rubbish", "gzip"), "page", title=TITLE
    ),
    Behaviour("gzip-empty", "says gzip and sends nothing", OK, "ok", coded(b"", "gzip"), "page"),
    Behaviour("gzip-of-nothing", "an empty page in gzip", OK, "ok", coded(gzip.compress(b""), "gzip"), "page"),
    Behaviour(
        "coding-unknown",
        "a coding nobody knows, and the page as it is",
        OK,
        "ok",
        coded(BODY, "x-none"),
        "page",
        title=TITLE,
    ),
    Behaviour("coding-charset", "a charset for a coding", OK, "ok", coded(BODY, "utf-8"), "page", title=TITLE),
    Behaviour("codings-100", "a hundred codings", BROKEN, "protocol", coded(ZIPPED, ", ".join(["gzip"] * 100)), "page"),
)
