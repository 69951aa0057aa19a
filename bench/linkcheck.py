"""The fixtures of two other link checkers (linkinator and htmltest), served on loopback and audited: what their own
suites promise beside what we report.

    python bench/linkcheck.py FOLDER [--only WORD]

FOLDER holds `linkinator/` (its test/fixtures) and `htmltest/` (its repository); neither is part of this project. What
is promised, and where and why we mean to differ, stands in bench/linkcheck.toml. Each page is one site of one audit.
Addresses of other hosts are not judged here: what they answer depends on the network of the day. Exit code 1 when a
fixture differs in a way that linkcheck.toml does not give a reason for.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import subprocess
import sys
import tempfile
import threading
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, unquote, urlsplit

PAGES = (".html", ".htm")
SUITES = {"linkinator": Path("linkinator"), "htmltest": Path("htmltest/htmltest/fixtures")}
BROKEN = ("broken-link", "broken-image", "broken-attachment")
ANCHOR = "missing-anchor"
WORKERS = 8


@dataclass(frozen=True, slots=True)
class Fixture:
    name: str
    """Suite and path: its key in linkcheck.toml."""
    root: Path
    """The folder that is the site."""
    path: str
    """Of the page below it."""


@dataclass(frozen=True, slots=True)
class Promise:
    broken: frozenset[str] = frozenset()
    anchors: frozenset[str] = frozenset()
    more: frozenset[str] = frozenset()
    fewer: frozenset[str] = frozenset()
    doubt: frozenset[str] = frozenset()
    outside: int | None = None
    why: str = ""
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Ours:
    """Addresses of the page's own site, as they lead from it."""

    certain: frozenset[str]
    doubtful: frozenset[str]
    anchors: frozenset[str]
    outside: int


class Handler(SimpleHTTPRequestHandler):
    """Files of one folder; a folder without an index is not found; stand-ins for what the folder lacks."""

    protocol_version = "HTTP/1.1"
    stand_ins: frozenset[str] = frozenset()
    index_pages = ("index.html", "index.htm")

    def send_head(self) -> BytesIO | BinaryIO | None:
        name = unquote(urlsplit(self.path).path).rpartition("/")[2]
        if name in self.stand_ins and not Path(self.translate_path(self.path)).exists():
            body = b"/* stands in */"
            self.send_response(200)
            self.send_header("Content-Type", self.guess_type(name))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            return BytesIO(body)
        folder = Path(self.translate_path(self.path))
        if folder.is_dir() and (folder / "index.htm").exists() and self.path.endswith("/"):
            self.path += "index.htm"
        return super().send_head()

    def list_directory(self, path: Any) -> None:  # noqa: ANN401, ARG002 - as the standard library has it
        self.send_error(404)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401
        """Nothing: the table is the report."""


def fixtures(folder: Path) -> list[Fixture]:
    """Every page of both suites. The site of a page is the folder of its test: the one it lies in for htmltest (the
    first one for its `documents`), the first one for linkinator.
    """
    found = []
    for suite, below in SUITES.items():
        top = folder / below
        for path in sorted(p for p in top.rglob("*") if p.suffix in PAGES and p.is_file()):
            parts = path.relative_to(top).parts
            depth = 1 if suite == "linkinator" else 2 if parts[0] == "documents" else len(parts) - 1
            name = f"{suite}/{'/'.join(parts)}"
            found.append(Fixture(name, top.joinpath(*parts[:depth]), "/".join(parts[depth:])))
    return found


def promises(path: Path) -> tuple[dict[str, Promise], frozenset[str]]:
    data = tomllib.loads(path.read_text("utf-8"))
    made = {
        name: Promise(**{key: frozenset(value) if isinstance(value, list) else value for key, value in entry.items()})
        for name, entry in data["fixture"].items()
    }
    return made, frozenset(data["stand_ins"])


def serve(roots: list[Path], stand_ins: frozenset[str]) -> dict[Path, str]:
    """One server a site, until the program ends; the origins."""
    handler = type("Served", (Handler,), {"stand_ins": stand_ins})
    origins = {}
    for root in roots:
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(root)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        origins[root] = f"http://127.0.0.1:{server.server_address[1]}"
    return origins


def audit(urls: list[str], scratch: Path) -> dict[str, Ours]:
    """Page → what one audit of all of them says of it."""
    out, data = scratch / "out", scratch / "data"
    command = [sys.executable, "-m", "xuncha", "audit", *urls, "--scope", "full", "--rate", "0", "--format", "json"]
    command += ["--out", str(out), "--data", str(data), "--fail-on", "never", "--quiet"]
    command += ["--executor", "threads", "--workers", str(WORKERS)]
    ended = subprocess.run(command, check=False)
    if ended.returncode not in (0, 3):
        raise SystemExit(f"xuncha ended with {ended.returncode}")
    outside = _outside(data)
    said = {}
    for site in json.loads((out / "findings.json").read_text("utf-8"))["sites"]:
        page = site["site"]["url"]
        here = [f for f in site["findings"] if f["on"] == page and _same_host(f["at"], page)]
        broken = [f for f in here if f["rule"] in BROKEN]
        said[page] = Ours(
            certain=frozenset(f["at"] for f in broken if f["certain"]),
            doubtful=frozenset(f["at"] for f in broken if not f["certain"]),
            anchors=frozenset(f["at"] for f in here if f["rule"] == ANCHOR),
            outside=outside.get(page, 0),
        )
    return said


def _outside(data: Path) -> dict[str, int]:
    """Page → how many addresses of other hosts it led to."""
    found = {}
    for path in data.rglob("visit.db"):
        conn = sqlite3.connect(path)
        (site,) = conn.execute("SELECT value FROM meta WHERE key = 'site'").fetchone()
        (count,) = conn.execute(
            "SELECT count(DISTINCT t.id) FROM targets h JOIN pages p ON p.target = h.id JOIN json_each(p.links) l "
            "JOIN anchors a ON a.id = l.key JOIN targets t ON t.id = a.target WHERE NOT t.internal AND h.stage = 0"
        ).fetchone()
        found[json.loads(site)["url"]] = count
        conn.close()
    return found


def _same_host(url: str, page: str) -> bool:
    return urlsplit(url).netloc == urlsplit(page).netloc


def verdict(promise: Promise, ours: Ours, page: str) -> tuple[str, str]:
    """`agree`, `by choice` or `DIFFERS`, and in what."""
    lead = partial(_lead, page)
    want = set(map(lead, promise.broken | promise.anchors))
    meant = want - set(map(lead, promise.fewer)) | set(map(lead, promise.more))
    said = ours.certain | ours.anchors
    wrong = [f"not promised: {_short(u, page)}" for u in sorted(said - meant)]
    wrong += [f"not reported: {_short(u, page)}" for u in sorted(meant - said)]
    wrong += [f"in doubt: {_short(u, page)}" for u in sorted(ours.doubtful ^ set(map(lead, promise.doubt)))]
    if promise.outside is not None and promise.outside != ours.outside and not promise.why:
        wrong.append(f"outside: {ours.outside} instead of {promise.outside}")
    if wrong:
        return "DIFFERS", "; ".join(wrong)
    if promise.why:
        return "by choice", promise.why
    return "agree", f"beside: {promise.beside}" if promise.beside else ""


def _lead(page: str, path: str) -> str:
    """Absolute address of what linkcheck.toml names: `#name`, `?query`, `/path` or `path`."""
    if path.startswith(("#", "?")):
        return page + path
    base = "/".join(page.split("/", 3)[:3]) + "/" if path.startswith("/") else page.rpartition("/")[0] + "/"
    return base + quote(path.lstrip("/"), safe="/#()+:%")


def _short(url: str, page: str) -> str:
    return url.removeprefix(page).removeprefix("/".join(page.split("/", 3)[:3]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="only fixtures with this in their name")
    options = parser.parse_args()
    made, stand_ins = promises(Path(__file__).with_suffix(".toml"))
    tried = [f for f in fixtures(options.folder) if options.only in f.name]
    if not tried:
        raise SystemExit(f"no fixtures in {options.folder}")
    origins = serve(sorted({f.root for f in tried}), stand_ins)
    pages = {f"{origins[f.root]}/{quote(f.path)}": f for f in tried}
    with tempfile.TemporaryDirectory() as scratch:
        said = audit(list(pages), Path(scratch))
    counts: Counter[str] = Counter()
    print("| fixture | promised | ours | | why |\n|---|---|---|---|---|")
    for page, fixture in pages.items():
        promise, ours = made.get(fixture.name, Promise()), said[page]
        word, why = verdict(promise, ours, page)
        counts[fixture.name.partition("/")[0], word] += 1
        told = f"{len(ours.certain)} broken, {len(ours.anchors)} anchors, {ours.outside} outside"
        print(f"| {fixture.name} | {len(promise.broken)}, {len(promise.anchors)} | {told} | {word} | {why} |")
    print()
    for suite in SUITES:
        print(suite, ", ".join(f"{counts[suite, word]} {word}" for word in ("agree", "by choice", "DIFFERS")))
    return int(any(word == "DIFFERS" for _, word in counts))


if __name__ == "__main__":
    sys.exit(main())
