"""Status lines, headers and body framing that no standard knows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, cycle, repeat

from behaviour import BLOCKED, BROKEN, HTML, OK, UNSURE, Behaviour, Do, Request, answer, page, raw, turns

PAGE = page()
GOOD = answer(PAGE)
LENGTH = f"Content-Length: {len(PAGE.encode())}"
TYPE = f"Content-Type: {HTML}"
FIRST = "HTTP/1.1 200 OK"
CHUNKED = "Transfer-Encoding: chunked"
TITLE = "政务公开"


def chunked(*parts: bytes, end: bytes = b"0\r\n\r\n", head: tuple[str, ...] = ()) -> bytes:
    framed = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    return raw(FIRST, TYPE, CHUNKED, *head, body=framed + end)


def first_line(line: str | bytes) -> bytes:
    return raw(line, TYPE, LENGTH, body=PAGE)


def with_header(*lines: str | bytes) -> bytes:
    return raw(FIRST, TYPE, LENGTH, *lines, body=PAGE)


def _informs(times: int, line: str = "HTTP/1.1 100 Continue") -> list[bytes]:
    return [raw(line)] * times


def _endless_headers(_: Request) -> Iterator[bytes]:
    return chain([b"HTTP/1.1 200 OK\r\n"], repeat(b"X-Filler: " + b"y" * 1000 + b"\r\n"))


def _by_cookie(request: Request) -> bytes:
    return GOOD if "session=1" in request.headers.get("cookie", "") else answer(status="404 Not Found")


BODY = PAGE.encode()

BEHAVIOURS = (
    # Status lines.
    Behaviour("no-reason", "a status line that ends with the number", OK, "ok", first_line("HTTP/1.1 200")),
    Behaviour("reason-gbk", "a reason phrase in GBK", OK, "ok", first_line("HTTP/1.1 200 确定".encode("gb18030"))),
    Behaviour("bare-lf", "lines that end without CR", OK, "ok", raw(FIRST, TYPE, LENGTH, end=b"\n", body=PAGE), "page"),
    Behaviour(
        "http-1.0",
        "the old version, without a length",
        OK,
        "ok",
        [raw("HTTP/1.0 200 OK", TYPE, body=PAGE), Do.CLOSE],
        "page",
        title=TITLE,
    ),
    Behaviour("blank-line-first", "an empty line before the status line", OK, "ok", b"\r\n" + GOOD, "page"),
    Behaviour("version-3.7", "a version nobody knows", BROKEN, "protocol", first_line("HTTP/3.7 200 OK")),
    Behaviour("no-number", "a status line without a number", BROKEN, "protocol", first_line("HTTP/1.1 OK")),
    Behaviour("two-digits", "a status of two digits", BROKEN, "protocol", first_line("HTTP/1.1 20 OK")),
    Behaviour("long-number", "a status of seven digits", BROKEN, "protocol", first_line("HTTP/1.1 2000000 OK")),
    Behaviour("negative-number", "a status below zero", BROKEN, "protocol", first_line("HTTP/1.1 -200 OK")),
    Behaviour("status-000", "status 000", UNSURE, "http-0", answer(status="000 Nothing")),
    Behaviour("status-600", "a status outside every class", UNSURE, "http-600", answer(status="600 Odd")),
    Behaviour("status-999", "a wall's own status", BLOCKED, "http-999", answer(status="999 Request denied")),
    Behaviour(
        "speaks-first", "an answer before the question", UNSURE, "http-408", answer(status="408 Request Timeout")
    ),
    # 1xx.
    Behaviour(
        "early-hints",
        "103 with links, then the answer",
        OK,
        "ok",
        [raw("HTTP/1.1 103 Early Hints", "Link: </a.css>; rel=preload"), GOOD],
        "page",
        title=TITLE,
    ),
    Behaviour(
        "continue-storm",
        "a thousand times 100 Continue, then the answer",
        OK,
        "ok",
        [*_informs(1000), GOOD],
        "page",
        title=TITLE,
    ),
    Behaviour(
        "continue-for-ever",
        "100 Continue without end",
        BROKEN,
        "timeout",
        lambda _: cycle([raw("HTTP/1.1 100 Continue"), Do.PAUSE]),
        "page",
        silent=True,
    ),
    Behaviour(
        "switches-protocols",
        "101 that nobody asked for",
        UNSURE,
        "http-101",
        [raw("HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"), Do.STALL],
    ),
    # Headers.
    Behaviour(
        "header-12k",
        "a Content-Security-Policy of 12 KB",
        OK,
        "ok",
        with_header("Content-Security-Policy: " + "default-src " * 1000),
    ),
    Behaviour("header-1m", "a header line of 1 MB", BROKEN, "protocol", with_header("X-Long: " + "y" * 1_000_000)),
    Behaviour("headers-100k", "100,000 headers", BROKEN, "protocol", with_header(*["X-Many: y"] * 100_000)),
    Behaviour("headers-for-ever", "headers without end", BROKEN, "protocol", _endless_headers),
    Behaviour("no-colon", "a header line without a colon", OK, "ok", with_header("nothing here"), "page", title=TITLE),
    Behaviour("blank-before-colon", "a blank before the colon", OK, "ok", with_header("Server : x"), "page"),
    Behaviour("empty-name", "a header without a name", OK, "ok", with_header(": nothing"), "page", title=TITLE),
    Behaviour(
        "chinese-name", "a header name in Chinese", OK, "ok", with_header("编号: 1".encode()), "page", title=TITLE
    ),
    Behaviour("folded", "a header on two lines", OK, "ok", with_header("X-Long: one", "  two"), "page", title=TITLE),
    Behaviour("nul-in-header", "a NUL in a header", OK, "ok", with_header(b"X-Odd: a\0b"), "page", title=TITLE),
    Behaviour(
        "bare-cr-in-header",
        "a line break of CR alone, and a cookie behind it",
        OK,
        "ok",
        with_header(b"X-Odd: a\rSet-Cookie: b=c"),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "control-bytes",
        "every control byte in a header",
        OK,
        "ok",
        with_header(b"X-Odd: " + bytes(b for b in range(1, 32) if b not in b"\r\n")),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "no-headers",
        "a status line, a blank line and the page",
        OK,
        "ok",
        [raw(FIRST, body=PAGE), Do.CLOSE],
        "page",
        title=TITLE,
    ),
    Behaviour("two-types", "two Content-Types", OK, "ok", with_header("Content-Type: image/png"), "page"),
    # Lengths and chunks.
    Behaviour("length-twice", "the same Content-Length twice", OK, "ok", with_header(LENGTH), "page", title=TITLE),
    Behaviour(
        "length-in-words",
        "a Content-Length that is no number",
        OK,
        "ok",
        [raw(FIRST, TYPE, "Content-Length: many", body=PAGE), Do.CLOSE],
        "page",
        title=TITLE,
    ),
    Behaviour(
        "length-negative",
        "a Content-Length below zero",
        OK,
        "ok",
        [raw(FIRST, TYPE, "Content-Length: -1", body=PAGE), Do.CLOSE],
        "page",
        title=TITLE,
    ),
    Behaviour(
        "length-huge",
        "says 9,999,999,999 bytes and sends a page",
        OK,
        "too-large",
        [raw(FIRST, TYPE, "Content-Length: 9999999999", body=PAGE), Do.STALL],
        "page",
    ),
    Behaviour(
        "length-short",
        "a body longer than its length",
        OK,
        "ok",
        [answer(PAGE) + b"<p>more</p>" * 100],
        "page",
        title=TITLE,
    ),
    Behaviour(
        "length-and-chunks",
        "both framings at once",
        OK,
        "ok",
        raw(FIRST, TYPE, LENGTH, CHUNKED, body=b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "chunks-of-one",
        "every byte a chunk",
        OK,
        "ok",
        chunked(*(BODY[n : n + 1] for n in range(len(BODY)))),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "chunk-extensions",
        "chunks with extensions of 8 KB",
        OK,
        "ok",
        raw(FIRST, TYPE, CHUNKED, body=b"%x;%s\r\n%s\r\n0\r\n\r\n" % (len(BODY), b"a=b;" * 2000, BODY)),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "chunk-size-words",
        "a chunk size that is no number",
        BROKEN,
        "reset",
        [raw(FIRST, TYPE, CHUNKED, body=b"zz\r\n" + BODY), Do.CLOSE],
        "page",
    ),
    Behaviour(
        "chunk-size-negative",
        "a chunk size below zero",
        BROKEN,
        "protocol",
        [raw(FIRST, TYPE, CHUNKED, body=b"-5\r\n" + BODY), Do.CLOSE],
        "page",
    ),
    Behaviour(
        "chunk-size-huge",
        "a chunk of 2^64 bytes",
        BROKEN,
        "reset",
        [raw(FIRST, TYPE, CHUNKED, body=b"fffffffffffffff0\r\n" + BODY), Do.CLOSE],
        "page",
    ),
    Behaviour(
        "chunk-size-of-zeros",
        "a chunk size with 1 MB of zeros before it",
        OK,
        "ok",
        [raw(FIRST, TYPE, CHUNKED, body=b"0" * 1_000_000 + b"5\r\nhello\r\n0\r\n\r\n"), Do.CLOSE],
        "page",
    ),
    Behaviour("chunks-cut", "the last chunk is missing", BROKEN, "reset", [chunked(BODY, end=b""), Do.CLOSE], "page"),
    Behaviour(
        "chunks-cut-once",
        "the last chunk is missing the first time",
        OK,
        "ok",
        turns([chunked(BODY, end=b""), Do.CLOSE], chunked(BODY)),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "trailers",
        "headers behind the last chunk",
        OK,
        "ok",
        chunked(BODY, end=b"0\r\nX-Behind: 1\r\n\r\n"),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "trailers-for-ever",
        "100,000 headers behind the last chunk",
        OK,
        "ok",
        [chunked(BODY, end=b"0\r\n" + b"X-Behind: 1\r\n" * 100_000 + b"\r\n"), Do.CLOSE],
        "page",
    ),
    Behaviour(
        "transfer-coding-unknown",
        "a transfer coding nobody knows",
        OK,
        "ok",
        [raw(FIRST, TYPE, "Transfer-Encoding: x-none", body=PAGE), Do.CLOSE],
        "page",
    ),
    # Cookies.
    Behaviour(
        "cookie-gate",
        "a cookie, and the same address again",
        OK,
        "ok",
        lambda request: (
            _by_cookie(request)
            if "cookie" in request.headers
            else answer(b"", "Set-Cookie: session=1; path=/", "Location: /x", status="302 Found")
        ),
    ),
    Behaviour(
        "cookie-odd",
        "cookies that no jar reads",
        OK,
        "ok",
        with_header(b"Set-Cookie: \xff\xfe", "Set-Cookie: ;;;===", "Set-Cookie: a=" + "b" * 4000, "Set-Cookie:"),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "cookie-1000",
        "a thousand cookies",
        OK,
        "ok",
        with_header(*(f"Set-Cookie: c{n}=1" for n in range(1000))),
        "page",
    ),
    Behaviour(
        "cookie-loop",
        "a new cookie each time, and the same address again",
        BROKEN,
        "redirects",
        lambda request: answer(b"", f"Set-Cookie: turn={request.number}", "Location: /x", status="302 Found"),
    ),
    Behaviour(
        "cookie-snowball",
        "one more cookie of 4 KB each time",
        BROKEN,
        "redirects",
        lambda request: answer(
            b"", f"Set-Cookie: turn{request.number}={'y' * 4000}", "Location: /x", status="302 Found"
        ),
    ),
)
