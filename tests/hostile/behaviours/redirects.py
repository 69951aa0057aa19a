"""Where an answer sends its client."""

from __future__ import annotations

from behaviour import BLOCKED, BROKEN, OK, PRIVATE, UNSURE, Behaviour, Request, answer, page, redirect

GOOD = answer(page())
LOGIN = answer("<html><title>登录</title><form><input name=u><input type=password></form></html>")
PDF = answer(b"%PDF-1.7 " + bytes(2000) + b"startxref 0 %%EOF", content_type="application/pdf")


def _without_credentials(request: Request) -> bytes:
    return GOOD if "authorization" not in request.headers else answer(status="500 Internal Server Error")


BEHAVIOURS = (
    Behaviour("redirect-to-itself", "302 to its own address", BROKEN, "redirects", redirect("/x")),
    Behaviour(
        "redirect-in-a-circle",
        "two addresses that send to each other",
        BROKEN,
        "redirects",
        redirect("/y"),
        others={"/y": redirect("/x")},
    ),
    Behaviour(
        "redirect-for-ever",
        "each time to a new address",
        BROKEN,
        "redirects",
        redirect("/0"),
        others={f"/{n}": redirect(f"/{n + 1}") for n in range(40)},
    ),
    Behaviour(
        "redirect-by-query",
        "each time one more parameter",
        BROKEN,
        "redirects",
        redirect("/x?a=1"),
        others={
            "/x" + "?" + "&".join(["a=1"] * n): redirect("/x?" + "&".join(["a=1"] * (n + 1))) for n in range(1, 20)
        },
    ),
    Behaviour(
        "redirect-chain",
        "eight hops, then the page",
        OK,
        "ok",
        redirect("/7"),
        others={"/0": GOOD} | {f"/{n}": redirect(f"/{n - 1}") for n in range(1, 8)},
    ),
    Behaviour("redirect-to-gone", "to an address that is not there", BROKEN, "http-404", redirect("/gone")),
    Behaviour(
        "redirect-to-wall",
        "to a wall",
        BLOCKED,
        "http-403",
        redirect("/wall"),
        others={"/wall": answer(status="403 Forbidden")},
    ),
    Behaviour(
        "redirect-to-login",
        "a document behind a login",
        BLOCKED,
        "login",
        redirect("/login"),
        "file",
        others={"/login": LOGIN},
    ),
    Behaviour(
        "redirect-to-login-page", "a page behind a login", OK, "ok", redirect("/login"), others={"/login": LOGIN}
    ),
    Behaviour("redirect-empty", "302 with an empty Location", UNSURE, "http-302", redirect("")),
    Behaviour("redirect-without-location", "301 without Location", UNSURE, "http-301", answer(status="301 Moved")),
    Behaviour("multiple-choices", "300 without Location", UNSURE, "http-300", answer(status="300 Multiple Choices")),
    Behaviour("redirect-relative", "to `?b` of its own address", OK, "ok", redirect("?b"), others={"/x?b": GOOD}),
    Behaviour(
        "redirect-308", "308, as 301", OK, "ok", redirect("/y", status="308 Permanent Redirect"), others={"/y": GOOD}
    ),
    Behaviour(
        "redirect-body-cut",
        "a redirect whose body ends too soon",
        OK,
        "ok",
        [b"HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 500\r\n\r\nshort"],
        "page",
        others={"/y": GOOD},
    ),
    Behaviour(
        "redirect-body-endless",
        "a redirect with 1 MB of body",
        OK,
        "ok",
        answer(b"x" * 1_000_000, "Location: /y", status="302 Found"),
        "page",
        others={"/y": GOOD},
    ),
    Behaviour(
        "redirect-to-private", "to an address of the own network", PRIVATE, "private", redirect("http://10.0.0.1/admin")
    ),
    Behaviour(
        "redirect-to-metadata", "to a cloud's metadata", PRIVATE, "private", redirect("http://169.254.169.254/latest/")
    ),
    Behaviour("redirect-to-localhost", "to localhost by name", PRIVATE, "private", redirect("http://localhost:1/")),
    Behaviour(
        "redirect-to-loopback-number",
        "to loopback as one decimal number",
        PRIVATE,
        "private",
        redirect("http://2130706433/"),
    ),
    Behaviour("redirect-to-loopback-hex", "to loopback in hexadecimal", PRIVATE, "private", redirect("http://0x7f.1/")),
    Behaviour(
        "redirect-to-mapped",
        "to an IPv4 address dressed as IPv6",
        PRIVATE,
        "private",
        redirect("http://[::ffff:10.0.0.1]/"),
    ),
    Behaviour("redirect-to-zero", "to 0.0.0.0", PRIVATE, "private", redirect("http://0.0.0.0:1/")),
    Behaviour("redirect-to-cgnat", "to a carrier's network", PRIVATE, "private", redirect("http://100.64.0.1/")),
    Behaviour(
        "redirect-to-full-width",
        "to loopback in full-width digits",
        PRIVATE,
        "private",
        redirect("http://１２７.０.０.１/"),
    ),
    Behaviour("redirect-to-file", "to a file", BROKEN, "protocol", redirect("file:///etc/passwd")),
    Behaviour("redirect-to-script", "to a script", BROKEN, "protocol", redirect("javascript:alert(1)")),
    Behaviour("redirect-to-data", "to a data address", BROKEN, "protocol", redirect("data:text/html,<title>x</title>")),
    Behaviour("redirect-to-ftp", "to ftp", BROKEN, "protocol", redirect("ftp://ftp.yunling.gov.cn/")),
    Behaviour("redirect-to-nothing", "to an address without a host", BROKEN, "protocol", redirect("http://")),
    Behaviour(
        "redirect-to-64k",
        "to an address of 70 KB, too long to send",
        BROKEN,
        "protocol",
        [b"HTTP/1.1 302 Found\r\nLocation: /" + b"y" * 70_000 + b"\r\nContent-Length: 0\r\n\r\n"],
    ),
    Behaviour(
        "redirect-gbk",
        "to a path in bare GBK bytes",
        OK,
        "ok",
        redirect(b"/" + "公开".encode("gb18030")),
        others={"/%B9%AB%BF%AA": GOOD},
    ),
    Behaviour("redirect-blanks", "to a path with blanks in it", OK, "ok", redirect("/a b"), others={"/a%20b": GOOD}),
    Behaviour(
        "redirect-injection",
        "to a path that would break a line",
        OK,
        "ok",
        redirect("/a%0d%0aX-Evil:1"),
        others={"/a%0d%0aX-Evil:1": GOOD},
    ),
    Behaviour(
        "redirect-traversal",
        "out of the root by dots",
        OK,
        "ok",
        redirect("/../../../etc/passwd"),
        others={"/etc/passwd": GOOD},
    ),
    Behaviour(
        "redirect-credentials",
        "with a name and a password in the address",
        OK,
        "ok",
        redirect("http://root:secret@redirect-credentials.gov.cn/y"),
        others={"/y": _without_credentials},
    ),
    Behaviour("redirect-fragment", "to a fragment of another page", OK, "ok", redirect("/y#part"), others={"/y": GOOD}),
    Behaviour(
        "redirect-file-to-file", "a document that moved", OK, "ok", redirect("/y.pdf"), "file", others={"/y.pdf": PDF}
    ),
)
