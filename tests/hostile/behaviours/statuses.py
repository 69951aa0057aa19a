"""What the status says, and whether it is true."""

from __future__ import annotations

from behaviour import BLOCKED, BROKEN, OK, SKIPPED, TEXT, UNSURE, Behaviour, Do, Request, answer, page, turns

GOOD = answer(page())
PDF = answer(b"%PDF-1.7 " + bytes(2000) + b"startxref 0 %%EOF", content_type="application/pdf")
OFFICE = b'<html xmlns:o="urn:schemas-microsoft-com:office:office"><p>' + "申请表".encode() * 90 + b"</p></html>"
GONE_IN_TEMPLATE = page("提示", "<p>您访问的页面不存在</p>" + "<p>政务公开 办事服务 互动交流</p>" * 40)


def status(line: str, *headers: str, body: str = "x") -> bytes:
    return answer(body, *headers, status=line)


def _range(request: Request) -> bytes:
    return answer(status="416 Range Not Satisfiable") if "range" in request.headers else PDF


_HEADS = {
    "405": "405 Method Not Allowed",
    "501": "501 Not Implemented",
    "404": "404 Not Found",
    "400": "400 Bad Request",
    "403": "403 Forbidden",
    "500": "500 Internal Server Error",
    "503": "503 Service Unavailable",
    "302-to-nowhere": "302 Found",
}
_UNCLEAR = {
    "400": "400 Bad Request",
    "402": "402 Payment Required",
    "406": "406 Not Acceptable",
    "409": "409 Conflict",
    "422": "422 Unprocessable",
    "304": "304 Not Modified",
}
_WALLS = {
    "401": "401 Unauthorized",
    "403": "403 Forbidden",
    "405": "405 Method Not Allowed",
    "407": "407 Proxy Authentication Required",
    "412": "412 Precondition Failed",
    "418": "418 I'm a teapot",
    "429": "429 Too Many Requests",
    "451": "451 Unavailable For Legal Reasons",
    "521": "521 Origin Down",
}
_RETRIES = {
    "seconds": "1",
    "date": "Wed, 21 Oct 2015 07:28:00 GMT",
    "far-date": "Wed, 21 Oct 2099 07:28:00 GMT",
    "negative": "-5",
    "absurd": "99999999999999999999",
    "words": "soon",
    "empty": "",
    "full-width": "１２",
}

BEHAVIOURS = (
    *(
        Behaviour(f"head-{name}", f"{line} for HEAD, the page for GET", OK, "ok", GOOD, head=status(line)[:-1])
        for name, line in _HEADS.items()
    ),
    Behaviour("head-reset", "RST for HEAD, the page for GET", OK, "ok", GOOD, head=[Do.RESET]),
    Behaviour("head-noise", "noise for HEAD, the page for GET", OK, "ok", GOOD, head=[b"\0" * 99, Do.CLOSE]),
    Behaviour(
        "head-with-body",
        "404 with a body for HEAD, the page for GET",
        OK,
        "ok",
        GOOD,
        head=status("404 Not Found", body=page()),
    ),
    Behaviour(
        "head-good-get-gone",
        "200 for HEAD; nobody reads the page",
        OK,
        "ok",
        status("404 Not Found"),
        head=GOOD[:90] + b"\r\n\r\n",
    ),
    *(
        Behaviour(f"status-{name}", line, UNSURE, f"http-{name}", status(line)[:-1] if name == "304" else status(line))
        for name, line in _UNCLEAR.items()
    ),
    *(Behaviour(f"status-{name}", line, BLOCKED, f"http-{name}", status(line)) for name, line in _WALLS.items()),
    *(
        Behaviour(
            f"429-retry-{name}",
            f"429 with Retry-After: {value}",
            BLOCKED,
            "http-429",
            status("429 Too Many Requests", f"Retry-After: {value}"),
        )
        for name, value in _RETRIES.items()
    ),
    *(
        Behaviour(
            f"503-retry-{name}",
            f"503 once with Retry-After: {value}",
            OK,
            "ok",
            turns(status("503 Service Unavailable", f"Retry-After: {value}"), GOOD),
            "page",
        )
        for name, value in _RETRIES.items()
    ),
    Behaviour("503-always", "503 each time", BROKEN, "http-503", status("503 Service Unavailable")),
    Behaviour(
        "500-with-page", "500 with the whole page below it", BROKEN, "http-500", status("500 Error", body=page())
    ),
    Behaviour(
        "404-with-page", "404 with the whole page below it", BROKEN, "http-404", status("404 Not Found", body=page())
    ),
    Behaviour(
        "404-with-wall-words",
        "404 that speaks of a firewall",
        BROKEN,
        "http-404",
        status("404 Not Found", body=page("404", "网站防火墙")),
        "page",
    ),
    Behaviour("410", "410 Gone", BROKEN, "http-410", status("410 Gone")),
    Behaviour("404-once", "404 the first time, then the page", OK, "ok", turns(status("404 Not Found"), GOOD), "page"),
    Behaviour(
        "404-then-500", "404, then 500", UNSURE, "mixed", turns(status("404 Not Found"), status("500 Error")), "page"
    ),
    Behaviour(
        "404-then-403",
        "404, then a wall",
        BLOCKED,
        "http-403",
        turns(status("404 Not Found"), status("403 Forbidden")),
        "page",
    ),
    Behaviour("empty-200", "200 and nothing", OK, "ok", answer(), "page"),
    Behaviour(
        "empty-200-without-length",
        "200, no length, nothing",
        OK,
        "ok",
        [b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", Do.CLOSE],
        "page",
    ),
    Behaviour("204", "204 No Content", OK, "ok", b"HTTP/1.1 204 No Content\r\n\r\n", "page"),
    Behaviour(
        "204-with-body", "204, and a body all the same", OK, "ok", answer(page(), status="204 No Content"), "page"
    ),
    Behaviour("205", "205 Reset Content", OK, "ok", answer(status="205 Reset Content"), "page"),
    Behaviour(
        "206-unasked",
        "a part that nobody asked for",
        OK,
        "ok",
        answer(page(), "Content-Range: bytes 0-99/999999", status="206 Partial Content"),
        "page",
    ),
    Behaviour(
        "206-of-nonsense",
        "a part of a range that makes no sense",
        OK,
        "ok",
        answer(
            b"%PDF-1.7 x", "Content-Range: bytes 9-0/-1", status="206 Partial Content", content_type="application/pdf"
        ),
        "file",
    ),
    Behaviour("416", "416 for a ranged look, the document for a plain GET", OK, "ok", _range, "file"),
    Behaviour("299", "an unknown kind of success", OK, "ok", answer(page(), status="299 Fine"), "page"),
    # 200 that is none.
    Behaviour(
        "soft-404-short",
        "200 and “not here” on a short page",
        BROKEN,
        "soft-404",
        answer(page("提示", "<p>您访问的页面不存在</p>")),
        "page",
    ),
    Behaviour(
        "soft-404-title",
        "200, and only the title says 404",
        BROKEN,
        "soft-404",
        answer(page("404 Not Found", "<p>返回首页</p>")),
        "page",
    ),
    Behaviour(
        "soft-404-redirect",
        "to an error page that says 200",
        BROKEN,
        "soft-404",
        answer(b"", "Location: /error.html", status="302 Found"),
        "page",
        others={"/error.html": answer(page("出错了", "<p>您访问的页面不存在</p>"))},
    ),
    Behaviour(
        "soft-404-template",
        "“not here” inside the site's template, with nothing to compare",
        OK,
        "ok",
        answer(GONE_IN_TEMPLATE),
        "page",
    ),
    Behaviour(
        "speaks-of-404",
        "a long article about the status 404",
        OK,
        "ok",
        answer(page("什么是404", "<p>404 Not Found 页面不存在</p>" + TEXT * 20)),
        "page",
        title="什么是404",
    ),
    Behaviour(
        "database-error",
        "200 and a database's error message",
        OK,
        "ok",
        answer(page("首页", "<p>Microsoft OLE DB Provider for SQL Server error '80040e14'</p>")),
        "page",
    ),
    # Documents.
    Behaviour("file", "a document", OK, "ok", PDF, "file"),
    Behaviour(
        "file-without-type",
        "a document without a Content-Type",
        OK,
        "ok",
        answer(b"PK\x03\x04" + bytes(99) + b"PK\x05\x06" + bytes(18), content_type=""),
        "file",
    ),
    Behaviour(
        "file-named-by-traversal",
        "a document that names itself ../../x",
        OK,
        "ok",
        answer(
            b"%PDF-1.7 startxref 0 %%EOF",
            'Content-Disposition: attachment; filename="../../../etc/cron.d/x\0\n.pdf"'.replace("\n", ""),
            content_type="application/pdf",
        ),
        "file",
    ),
    Behaviour("file-empty", "0 bytes", BROKEN, "empty-file", answer(content_type="application/pdf"), "file"),
    Behaviour(
        "file-is-error-page", "an error page for a document", BROKEN, "error-page", answer(page("出错了")), "file"
    ),
    Behaviour(
        "file-is-error-page-by-another-name",
        "an error page that says it is a document",
        BROKEN,
        "error-page",
        answer(page("出错了"), content_type="application/pdf"),
        "file",
    ),
    Behaviour(
        "file-is-login",
        "a login for a document",
        BLOCKED,
        "login",
        answer("<html><title>登录</title><form><input type=password></form></html>"),
        "file",
    ),
    Behaviour(
        "file-is-office-html", "a document that an office program wrote as HTML", OK, "ok", answer(OFFICE), "file"
    ),
    Behaviour(
        "file-ignores-range",
        "the whole 8 MB for a ranged look",
        OK,
        "ok",
        answer(b"%PDF-1.7 " + bytes(8_000_000), content_type="application/pdf"),
        "file",
    ),
    # robots.txt.
    Behaviour(
        "robots-503",
        "robots.txt cannot be read",
        SKIPPED,
        "robots",
        GOOD,
        "page",
        others={"/robots.txt": status("503 Service Unavailable")},
    ),
    Behaviour("robots-html", "robots.txt is a page", OK, "ok", GOOD, "page", others={"/robots.txt": answer(page())}),
    Behaviour(
        "robots-loop",
        "robots.txt sends to itself",
        OK,
        "ok",
        GOOD,
        "page",
        others={"/robots.txt": answer(b"", "Location: /robots.txt", status="302 Found")},
    ),
    Behaviour(
        "robots-20000-agents",
        "20,000 agents with 20,000 rules",
        OK,
        "ok",
        GOOD,
        "page",
        others={
            "/robots.txt": answer(
                "".join(f"User-agent: a{n}\n" for n in range(20_000))
                + "".join(f"Disallow: /{n}\n" for n in range(20_000)),
                content_type="text/plain",
            )
        },
    ),
    Behaviour(
        "robots-stars",
        "a rule of 200 stars",
        OK,
        "ok",
        GOOD,
        "page",
        others={"/robots.txt": answer("User-agent: *\nDisallow: /" + "*a" * 200 + "$", content_type="text/plain")},
    ),
)
