"""Pages that mean harm to whoever reads them."""

from __future__ import annotations

from behaviour import BROKEN, OK, TEXT, Behaviour, answer, page

TITLE = "政务公开"
HTML = "text/html"


def said(body: bytes | str, content_type: str = "text/html; charset=utf-8") -> bytes:
    return answer(body, content_type=content_type)


def plain(text: str, title: str = TITLE) -> str:
    """A page that declares nothing."""
    return f"<html><head><title>{title}</title></head><body>{text}</body></html>"


def _on(to: str) -> bytes:
    return said(f'<html><title>{TITLE}</title><meta http-equiv=refresh content="0;url={to}"></html>')


CHINESE = plain(TEXT)

BEHAVIOURS = (
    # Encodings.
    Behaviour(
        "gbk-undeclared",
        "GBK, and nobody says so",
        OK,
        "ok",
        said(CHINESE.encode("gb18030"), HTML),
        "page",
        title=TITLE,
    ),
    Behaviour("gbk-as-utf8", "GBK that says UTF-8", OK, "ok", said(CHINESE.encode("gb18030")), "page", title=TITLE),
    Behaviour(
        "utf8-as-gbk",
        "UTF-8 that says gb2312",
        OK,
        "ok",
        said(CHINESE, "text/html; charset=gb2312"),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "utf8-as-latin1",
        "UTF-8 that says iso-8859-1",
        OK,
        "ok",
        said(CHINESE, "text/html; charset=iso-8859-1"),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "big5",
        "Big5, declared",
        OK,
        "ok",
        said(plain(TEXT, "政務公開").encode("big5", "replace"), "text/html; charset=Big5"),
        "page",
        title="政務公開",
    ),
    Behaviour("utf16-bom", "UTF-16 with its mark", OK, "ok", said(CHINESE.encode("utf-16"), HTML), "page", title=TITLE),
    Behaviour(
        "utf16-no-bom",
        "UTF-16 without its mark",
        OK,
        "ok",
        said(CHINESE.encode("utf-16-le"), HTML),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "utf16-be-no-bom",
        "big-endian UTF-16 without its mark",
        OK,
        "ok",
        said(CHINESE.encode("utf-16-be"), HTML),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "charset-nonsense",
        "a charset nobody knows",
        OK,
        "ok",
        said(CHINESE, "text/html; charset=klingon"),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "charset-quoted",
        "a charset in capitals and quotes",
        OK,
        "ok",
        said(CHINESE.encode("gb18030"), "TEXT/HTML; CHARSET='GB2312'"),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "charset-64k",
        "a Content-Type of 14 KB",
        OK,
        "ok",
        said(CHINESE, "text/html; charset=" + "x" * 14_000),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "broken-utf8",
        "UTF-8 with a broken byte",
        OK,
        "ok",
        said(CHINESE.encode().replace(b"</body>", b"\xff\xe4</body>")),
        "page",
        title=TITLE,
    ),
    Behaviour("no-type", "no Content-Type", OK, "ok", said(page(), ""), "page", title=TITLE),
    Behaviour("type-text", "a page that says text/plain", OK, "ok", said(page(), "text/plain"), "page", title=TITLE),
    Behaviour(
        "type-unknown",
        "a page that says application/octet-stream",
        OK,
        "ok",
        said(page(), "application/octet-stream"),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "type-image", "a picture that says it is a page", OK, "ok", said(b"\x89PNG\r\n\x1a\n" + bytes(500)), "page"
    ),
    # Bytes.
    Behaviour(
        "nul-bytes",
        "NUL between all letters of the markup",
        OK,
        "ok",
        said(page().replace(TITLE, "政\0务\0公\0开").encode()),
        "page",
    ),
    Behaviour("only-nul", "a megabyte of NUL", OK, "ok", said(bytes(1_000_000)), "page"),
    Behaviour(
        "control-bytes-in-title",
        "escape sequences in the title",
        OK,
        "ok",
        said(page("\x1b]0;x\x07政务\x9b公开")),
        "page",
    ),
    Behaviour(
        "line-breaks-in-title",
        "a title of several lines",
        OK,
        "ok",
        said(page("政务\r\n公开\u2028二\u0085三")),
        "page",
        title="政务 公开 二 三",
    ),
    Behaviour(
        "bidi-title", "a title that turns the reading direction round", OK, "ok", said(page("政务\u202e公开")), "page"
    ),
    Behaviour(
        "markup-in-title",
        "a title that would be markup",
        OK,
        "ok",
        said(page("<b onclick=x>政务公开</b>")),
        "page",
        title="<b onclick=x>政务公开</b>",
    ),
    Behaviour("title-1m", "a title of 1 MB", OK, "ok", said(page("政务" * 170_000)), "page", title="政务" * 250),
    # Markup.
    Behaviour(
        "deep", "100,000 elements in each other", OK, "ok", said(page(text="<div>" * 100_000)), "page", title=TITLE
    ),
    Behaviour(
        "unclosed",
        "20,000 links that nobody closes",
        OK,
        "ok",
        said(page(text="<b><a href=#>" * 20_000)),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "attributes-50k",
        "one tag with 50,000 attributes",
        OK,
        "ok",
        said(page(text="<a " + " ".join(f"a{n}=1" for n in range(50_000)) + ">")),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "comment-open",
        "a comment that never ends",
        OK,
        "ok",
        said(page(text=TEXT + "<!--" + "x" * 100_000)),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "quotes-open",
        "an attribute that never ends",
        OK,
        "ok",
        said(page(text=TEXT + '<a href="' + "x" * 100_000)),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "entities",
        "200,000 character references",
        OK,
        "ok",
        said(page(text="&amp;&#x110000;&nosuch;" * 70_000)),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "tables",
        "5,000 tables in each other",
        OK,
        "ok",
        said(page(text="<table><tr><td>" * 5_000)),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "style-open",
        "200,000 braces in a style",
        OK,
        "ok",
        said(page(head="<style>" + "a{b:url(" * 50_000)),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "script-open",
        "200,000 brackets in a script",
        OK,
        "ok",
        said(page(text=TEXT + "<script>" + "location='" * 20_000)),
        "page",
        title=TITLE,
    ),
    Behaviour("page-6m", "a page of 6 MB", OK, "too-large", said(page(text="<p>公开</p>" * 600_000)), "page"),
    # Where it sends its reader.
    Behaviour("refresh-to-itself", "a page that reloads itself", OK, "ok", _on("/x.html"), "page", title=TITLE),
    Behaviour(
        "refresh-in-a-circle",
        "two pages that send to each other",
        OK,
        "ok",
        _on("/y.html"),
        "page",
        others={"/y.html": _on("/x.html")},
    ),
    Behaviour(
        "refresh-for-ever",
        "each page sends to a new one",
        OK,
        "ok",
        _on("/0.html"),
        "page",
        others={f"/{n}.html": _on(f"/{n + 1}.html") for n in range(30)},
    ),
    Behaviour("refresh-to-script", "to a script", OK, "ok", _on("javascript:alert(1)"), "page", title=TITLE),
    Behaviour("refresh-to-file", "to a file", OK, "ok", _on("file:///etc/passwd"), "page", title=TITLE),
    Behaviour(
        "script-in-a-circle",
        "a script that sets location to its own page",
        OK,
        "ok",
        said(f"<html><title>{TITLE}</title><script>location.href='/x.html'</script></html>"),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "base-elsewhere",
        "a base on another site, and a link",
        OK,
        "ok",
        said(page(head="<base href='http://10.0.0.1/'>", text="<a href=y>甲</a>" + TEXT)),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "base-of-script",
        "a base that is a script",
        OK,
        "ok",
        said(page(head="<base href='javascript:x'>", text="<a href=y>甲</a>" + TEXT)),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "base-80k",
        "a base of 60 KB",
        OK,
        "ok",
        said(page(head=f"<base href='/{'y' * 60_000}/'>", text="<a href=y>甲</a>" + TEXT)),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "addresses-odd",
        "links that no client may ask",
        OK,
        "ok",
        said(
            page(
                text="".join(
                    f"<a href='{raw}'>甲</a>"
                    for raw in (
                        "http://",
                        "http://[::1",
                        "http://a b/",
                        "//",
                        "///",
                        "http://:80/",
                        "http://x:99999/",
                        "http://%00/",
                        "http://xn--/",
                        "http://" + "a" * 300 + ".gov.cn/",
                        "\\\\www.well.gov.cn\\share",
                        "http:\\\\www.well.gov.cn",
                        "tel:",
                        "x@y",
                        "/..%2f..%2f..%2fetc/passwd",
                        "/a\tb\nc",
                        "?",
                        "&#0;",
                        "http://user@:80@/",
                    )
                )
                + TEXT
            )
        ),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "links-20k",
        "20,000 links on one page, to the parts of another",
        OK,
        "ok",
        said(page(text="".join(f"<a href='/y.html#{n}'>甲</a>" for n in range(20_000)))),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "link-80k",
        "an address of 80 KB",
        OK,
        "ok",
        said(page(text=f"<a href='/{'y' * 80_000}'>甲</a>" + TEXT)),
        "page",
        title=TITLE,
    ),
    Behaviour(
        "traversal-path",
        "an address that climbs out of the root",
        BROKEN,
        "http-404",
        answer(status="404 Not Found"),
        path="/..%2f..%2fetc/passwd",
    ),
    Behaviour(
        "dots-for-ever", "an address of 2,000 dot segments", OK, "ok", said(page()), path="/" + "%2e%2e%2f" * 200 + "x"
    ),
)
