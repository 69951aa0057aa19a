"""An independent check of broken links: another parser, another joiner, another client, no shared code.

Starts at one address, follows every link inside the same host and folder breadth first, and asks each address once with
the standard library. Prints the broken ones, and compares them with a findings.json when given one:

    python bench/independent.py http://127.0.0.1:8080/manual/ --findings out/findings.json

Exit code 1 when the two sets differ.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import sys
import time
from collections import deque
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urldefrag, urljoin, urlsplit

ATTRIBUTES = {
    "a": ["href"], "area": ["href"], "link": ["href"], "img": ["src"], "script": ["src"], "iframe": ["src"],
    "frame": ["src"], "source": ["src"], "object": ["data"], "embed": ["src"], "video": ["src", "poster"],
    "audio": ["src"], "body": ["background"], "table": ["background"], "td": ["background"], "track": ["src"],
}  # fmt: skip
HINTS = {"dns-prefetch", "preconnect", "canonical", "shortlink", "pingback", "edituri", "wlwmanifest"}
PAGES = ("text/html", "application/xhtml+xml")


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.base: str | None = None
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {}
        for name, value in attrs:
            values.setdefault(name, value)
        if tag == "base" and self.base is None and values.get("href"):
            self.base = values["href"]
        if tag == "link" and HINTS & set((values.get("rel") or "").lower().split()):
            return
        for name in ATTRIBUTES.get(tag, ()):
            if values.get(name) is not None:
                self.found.append(values[name] or "")


def ask(host: str, path: str) -> tuple[int, str, str, bytes]:
    connection = http.client.HTTPConnection(host, timeout=20)
    try:
        connection.request("GET", path, headers={"User-Agent": "independent-check", "Accept": "text/html,*/*"})
        answer = connection.getresponse()
        body = answer.read()
        return answer.status, answer.headers.get_content_type(), answer.headers.get("Location", ""), body
    finally:
        connection.close()


def tidy(url: str) -> str:
    """Percent-encode what no request line may hold, as a browser does."""
    url = urldefrag(url).url
    parts = urlsplit(url)
    path = quote(parts.path, safe="/%:@!$&'()*+,;=-._~[]|^{}`\\") or "/"
    query = f"?{quote(parts.query, safe='/%:@!$&()*+,;=-._~?[]')}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}{path}{query}"


def walk(start: str) -> tuple[dict[str, int], int]:
    host = urlsplit(start).netloc
    status: dict[str, int] = {}
    queue = deque([tidy(start)])
    seen = {tidy(start)}
    read: set[str] = set()
    while queue:
        url = queue.popleft()
        where, hops = url, 0
        code, kind, location, body = ask(host, where.split(host, 1)[1])
        while code in (301, 302, 303, 307, 308) and location and hops < 10:
            where, hops = tidy(urljoin(where, location)), hops + 1
            if urlsplit(where).netloc != host:
                break
            code, kind, location, body = ask(host, where.split(host, 1)[1])
        status[url] = code
        if code != 200 or kind not in PAGES or where in read:
            continue
        read.add(where)
        charset = re.search(rb"charset=[\"']?([\w-]+)", body[:4096])
        text = body.decode(charset[1].decode() if charset else "utf-8", "replace")
        links = Links()
        links.feed(text)
        base = urljoin(where, links.base) if links.base else where
        for raw in links.found:
            joined = urljoin(base, raw.strip())
            if joined.startswith(("http://", "https://")) and urlsplit(joined).netloc == host:
                target = tidy(joined)
                if target not in seen:
                    seen.add(target)
                    queue.append(target)
    return status, len(read)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("start")
    parser.add_argument("--findings", type=Path)
    options = parser.parse_args()
    began = time.perf_counter()
    status, pages = walk(options.start)
    broken = {url for url, code in status.items() if code in (404, 410) or code >= 500}
    seconds = time.perf_counter() - began
    print(f"independent: {pages} pages, {len(status)} addresses, {len(broken)} broken, {seconds:.1f} s")
    if options.findings is None:
        print("\n".join(sorted(broken)))
        return 0
    host = urlsplit(options.start).netloc
    found = {
        finding["at"]
        for site in json.loads(options.findings.read_text("utf-8"))["sites"]
        for finding in site["findings"]
        if finding["rule"].startswith("broken-") and finding["certain"] and urlsplit(finding["at"]).netloc == host
    }
    for title, urls in (("only found by us", found - broken), ("only found independently", broken - found)):
        print(f"{title}: {len(urls)}")
        for url in sorted(urls)[:20]:
            print(f"  {url}")
    return int(found != broken)


if __name__ == "__main__":
    sys.exit(main())
