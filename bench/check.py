"""A site as the independent check sees it, and why a tool's broken set differs from it."""

from __future__ import annotations

import functools
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import independent
from peers import Result
from sites import Site


@dataclass(frozen=True, slots=True)
class Truth:
    """Address → status, of every address inside the site that a link leads to."""

    status: dict[str, int]
    pages: int

    @property
    def broken(self) -> frozenset[str]:
        return frozenset(url for url, code in self.status.items() if code in (404, 410) or code >= 500)

    @property
    def page_urls(self) -> list[str]:
        return sorted(u for u, code in self.status.items() if code == 200 and u.endswith(("/", ".html", ".htm")))


@dataclass(frozen=True, slots=True)
class Difference:
    """One reason why a tool and the independent check do not agree, with the addresses."""

    side: str
    """`more` or `fewer` than the independent check."""
    reason: str
    urls: tuple[str, ...]


def truth(site: Site, scratch: Path) -> Truth:
    """Walk the site once with `independent.walk`, in a process of its own; later runs read what it found."""
    path = scratch / "sites" / f"{site.name}.independent.json"
    made = site.folder.parent / f"{site.name}.made"
    if not path.exists() or path.stat().st_mtime < made.stat().st_mtime:
        subprocess.run([sys.executable, __file__, site.url, str(path)], check=True)
    said = json.loads(path.read_text("utf-8"))
    if said["start"] != site.url:
        path.unlink()
        return truth(site, scratch)
    return Truth(said["status"], said["pages"])


def differences(site: Site, known: Truth, result: Result, *, stopped: bool) -> list[Difference]:
    """Set for set: what the tool calls broken beyond, and short of, the independent check, grouped by reason."""
    said = frozenset(_plain(url) for url in result.broken)
    sides = (("more", said - known.broken), ("fewer", known.broken - said))
    found: dict[tuple[str, str], list[str]] = {}
    for side, urls in sides:
        for url in sorted(urls):
            why = _reason(site, known, url, side=side, stopped=stopped)
            found.setdefault((side, why), []).append(url)
    return [Difference(side, why, tuple(urls)) for (side, why), urls in found.items()]


def _reason(site: Site, known: Truth, url: str, *, side: str, stopped: bool) -> str:
    return _more(site, known, url) if side == "more" else _fewer(site, url, stopped=stopped)


def _more(site: Site, known: Truth, url: str) -> str:
    if known.status.get(url) == 200:
        return "false alarm: the address answers 200"
    if not url.startswith(site.url):
        return "not an address of this site"
    if _exists(site, url):
        return "false alarm: the file is there, in a place the independent check does not read"
    return f"truly missing, in {_place(site, url)}, which the independent check does not read"


def _fewer(site: Site, url: str, *, stopped: bool) -> str:
    if stopped:
        return "the tool was stopped at its time limit"
    if "@" in unquote(urlsplit(url).path.rpartition("/")[2]):
        return "a relative address with an @ in it, taken for mail"
    return f"not reported; stands in {_place(site, url)}"


def _plain(url: str) -> str:
    return independent.tidy(url) if url.startswith("http") else url


def _exists(site: Site, url: str) -> bool:
    path = site.folder / unquote(urlsplit(url).path).lstrip("/")
    return path.is_file() or (path / "index.html").is_file()


@functools.cache
def _place(site: Site, url: str) -> str:
    """The element the address stands in: by the generator's record, else by a look at the pages."""
    path = urlsplit(url).path
    if site.planted is not None:
        planted = json.loads(site.planted.read_text("utf-8"))
        if path in planted:
            return f"`{planted[path]}`"
    name = unquote(path.rpartition("/")[2])
    if not name:
        return "a link to a folder"
    found = subprocess.run(
        ["grep", "-rhoEm1", f"<[a-zA-Z]+[^<>]*{re.escape(name)}", str(site.folder), "--include=*.html"],
        capture_output=True,
        check=False,
    ).stdout.decode("utf-8", "replace")
    element = re.match(r"<([a-zA-Z]+)", found)
    if element is None:
        return "no element of a page"
    return f"`{element[1].lower()}`"


if __name__ == "__main__":
    status, pages = independent.walk(sys.argv[1])
    Path(sys.argv[2]).write_text(json.dumps({"start": sys.argv[1], "pages": pages, "status": status}), "utf-8")
