"""What happens to the connection itself."""

from __future__ import annotations

from itertools import repeat

from behaviour import BROKEN, OK, UNSURE, Behaviour, Do, answer, page, raw, turns

GOOD = answer(page())
_HEAD, _, _BODY = GOOD.partition(b"\r\n\r\n")

BEHAVIOURS = (
    Behaviour("reset-at-once", "RST for the answer", BROKEN, "reset", [Do.RESET]),
    Behaviour("close-at-once", "FIN for the answer", BROKEN, "reset", [Do.CLOSE]),
    Behaviour("reset-in-status-line", "RST in the status line", BROKEN, "reset", [b"HTTP/1.1 2", Do.RESET]),
    Behaviour("reset-in-head", "RST between two headers", BROKEN, "reset", [_HEAD[:30], Do.RESET]),
    Behaviour("close-in-head", "FIN between two headers", BROKEN, "reset", [_HEAD[:30], Do.CLOSE]),
    Behaviour(
        "reset-after-head", "RST where the body begins", BROKEN, "reset", [_HEAD + b"\r\n\r\n", Do.RESET], "page"
    ),
    Behaviour("reset-in-body", "RST within the body", BROKEN, "reset", [GOOD[:-90], Do.RESET], "page"),
    Behaviour("close-in-body", "FIN before Content-Length", BROKEN, "reset", [GOOD[:-90], Do.CLOSE], "page"),
    Behaviour("cut-file", "a document cut off under its length", BROKEN, "reset", [GOOD[:-90], Do.CLOSE], "file"),
    Behaviour("reset-once", "RST for the first request only", OK, "ok", turns([Do.RESET], GOOD)),
    Behaviour("reset-twice", "RST for the first two requests", OK, "ok", turns([Do.RESET], [Do.RESET], GOOD)),
    Behaviour(
        "cut-once", "the first body cut off, the second whole", OK, "ok", turns([GOOD[:-9], Do.CLOSE], GOOD), "page"
    ),
    Behaviour(
        "reset-then-gone",
        "RST as often as it is asked the first time, then 404",
        UNSURE,
        "mixed",
        turns(*[[Do.RESET]] * 4, answer(status="404 Not Found")),
        "page",
    ),
    Behaviour(
        "half-closed", "sends the answer, then FIN, and goes on reading", OK, "ok", [GOOD, Do.HALF_CLOSE, Do.STALL]
    ),
    Behaviour(
        "half-closed-mute", "FIN for the answer, and goes on reading", BROKEN, "reset", [Do.HALF_CLOSE, Do.STALL]
    ),
    Behaviour(
        "keep-alive-lie",
        "says keep-alive and closes after each answer",
        OK,
        "ok",
        [answer(page(), "Connection: keep-alive"), Do.CLOSE],
        "page",
        title="政务公开",
    ),
    Behaviour(
        "until-close",
        "no length: the body ends with the connection",
        OK,
        "ok",
        [raw("HTTP/1.1 200 OK", "Content-Type: text/html", body=page()), Do.CLOSE],
        "page",
        title="政务公开",
    ),
    Behaviour(
        "until-reset",
        "no length, and RST where the body ends: the page is here",
        OK,
        "ok",
        [raw("HTTP/1.1 200 OK", "Content-Type: text/html", body=page()), Do.RESET],
        "page",
    ),
    Behaviour(
        "one-byte-pieces",
        "the whole answer byte by byte",
        OK,
        "ok",
        [GOOD[n : n + 1] for n in range(len(GOOD))],
        "page",
        title="政务公开",
    ),
    Behaviour("never-answers", "takes the request and says nothing", BROKEN, "timeout", [Do.STALL], silent=True),
    Behaviour(
        "mute-after-head",
        "sends the head and no body",
        BROKEN,
        "timeout",
        [_HEAD + b"\r\n\r\n", Do.STALL],
        "page",
        silent=True,
    ),
    Behaviour("mute-in-body", "stops within the body", BROKEN, "timeout", [GOOD[:-90], Do.STALL], "page", silent=True),
    Behaviour(
        "drip-head",
        "a byte of a header each moment, for ever",
        BROKEN,
        "timeout",
        [b"HTTP/1.1 200 OK\r\nX: "] + [b"y", Do.PAUSE] * 3000,
        silent=True,
    ),
    Behaviour(
        "drip-body",
        "a byte of a body each moment, for ever",
        BROKEN,
        "timeout",
        [_HEAD + b"\r\n\r\n"] + [b"y", Do.PAUSE] * 3000,
        "page",
        silent=True,
    ),
    Behaviour("mute-to-head", "never answers HEAD, and GET at once", OK, "ok", GOOD, head=[Do.STALL]),
    Behaviour("another-protocol", "greets as SSH does", BROKEN, "protocol", [b"SSH-2.0-OpenSSH_9.0\r\n\r\n", Do.CLOSE]),
    Behaviour("mail-server", "greets as SMTP does", BROKEN, "protocol", [b"220 mail ESMTP\r\n", Do.CLOSE]),
    Behaviour(
        "tls-alert",
        "answers plain text with a TLS alert",
        BROKEN,
        "protocol",
        [b"\x15\x03\x01\x00\x02\x02\x46", Do.CLOSE],
    ),
    Behaviour("http-0.9", "sends a page without any head", BROKEN, "protocol", [page().encode(), Do.CLOSE]),
    Behaviour("noise", "sends bytes that mean nothing", BROKEN, "protocol", [bytes(range(256)) * 64, Do.CLOSE]),
    Behaviour("endless-body", "a chunked body without end", OK, "too-large", lambda _: _endless(), "page"),
    Behaviour("endless-file", "a document without end", OK, "ok", lambda _: _endless(b"%PDF-1.7 "), "file"),
    Behaviour(
        "second-answer",
        "an answer to a question nobody asked, behind the first",
        OK,
        "ok",
        GOOD,
        "page",
        others={"/robots.txt": answer(b"", content_type="text/plain") + answer(b"", status="404 Not Found")},
        title="政务公开",
    ),
)


def _endless(first: bytes = b""):
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    yield b"%x\r\n%s\r\n" % (len(first), first) if first else b""
    yield from repeat(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
