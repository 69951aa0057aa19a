"""How often is the program right? Precision and recall of each rule over portals whose faults are known.

    python tests/accuracy/measure.py [--seed N] [--only NAME] [--errors]

Each portal is served on the loopback, visited as any site is, and judged by cn-2019. For each rule:

    planted   problems that are there and can be proved
    found     of them, reported as certain; review: reported, but only for a person to look at
    wrong     certain findings about what is not planted
    innocent  columns, pages or links that have no planted problem of this kind
"""

from __future__ import annotations

import argparse
import itertools
import random
import shutil
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import duties
from minis import minis
from portal import CHINA, Portal, Truth
from portals import portals

from crawler.guard import Guard
from crawler.plan import Plan
from crawler.site import Site, SiteKind
from rules.engine.assessment import Assessment, Finding
from xuncha.audit import Job, audit

ORDINARY = (
    "stale-column", "empty-column", "undated-column", "stale-home", "missing-section", "missing-mark", "missing-meta",
    "wrong-domain", "broken-link", "broken-attachment", "broken-image",
)  # fmt: skip
RULES = (*ORDINARY, *duties.RULES)
REVIEWED = duties.REVIEWED
"""Rules that only ever hand things to a person: for them a review is the finding, and one too many is wrong."""


@dataclass(slots=True)
class Figures:
    """Counts of one rule; they add up."""

    planted: int = 0
    found: int = 0
    review: int = 0
    wrong: int = 0
    noise: int = 0
    """Uncertain findings about what is not planted."""
    innocent: int = 0

    def __iadd__(self, other: Figures) -> Figures:
        for name in (one.name for one in fields(self)):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.wrong) if self.found + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.found / self.planted if self.planted else 1.0


@dataclass(slots=True)
class Result:
    """One portal measured."""

    figures: dict[str, Figures] = field(default_factory=lambda: {rule: Figures() for rule in RULES})
    errors: list[str] = field(default_factory=list)
    lists: Counter[str] = field(default_factory=Counter)
    """How the columns' lists were read: `right`, `wrong`, `unobservable`, `missed` (the column was not found)."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 20

    def do_GET(self) -> None:
        agent, referer = self.headers.get("User-Agent", ""), self.headers.get("Referer", "")
        who = "spider" if "Baiduspider" in agent else "searcher" if "baidu.com" in referer else ""
        status, kind, body = self.server.answer(self.headers.get("Host", ""), self.path, self.command, who)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", kind)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 - the base class's name

    def log_message(self, *args) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.asked: Counter[str] = Counter()
        self.count = itertools.count(2_345)
        super().__init__(("127.0.0.1", 0), _Handler)

    def server_bind(self) -> None:
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def handle_error(self, request, client_address) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def answer(self, host: str, path: str, method: str, who: str) -> tuple[int, str, bytes]:
        """Status, type (of a redirect: where to) and body."""
        portal, name = self.portal, host.partition(":")[0]
        own = name.removeprefix("www.") == portal.host.removeprefix("www.")
        key = unquote(path) if own else f"//{name}{path}"
        if key not in portal.pages:
            return 404, "text/html; charset=utf-8", b"<html><title>404</title><body>404 Not Found</body></html>"
        if (who, key) in portal.moved:
            return 302, portal.moved[who, key], b""
        if (who, key) in portal.walls:
            return 403, "text/html", b"Forbidden"
        plan = portal.status.get(key, (200,))
        if method == "GET":
            self.asked[key] += 1
        status = plan[min(max(self.asked[key], 1), len(plan)) - 1]
        charset = f"; charset={portal.charset}" if own and portal.charset == "utf-8" else ""
        body = portal.shown.get((who, key), portal.pages[key]).replace(b"@COUNT@", b"%d" % next(self.count))
        return status, portal.types.get(key, f"text/html{charset}"), body


@contextmanager
def served(portal: Portal) -> Iterator[Guard]:
    server = _Server(portal)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    bare = portal.host.removeprefix("www.")
    outside = {urlsplit(path).hostname or "" for path in portal.pages if path.startswith("//")}
    names = {
        bare,
        f"www.{bare}",
        "dead.example.cn",
        "zfwzgl.www.gov.cn",
        "bszs.conac.cn",
        "beian.miit.gov.cn",
        *outside,
    }
    place = ("127.0.0.1", server.server_port)
    try:
        yield Guard(hosts=tuple((name, place) for name in sorted(names)))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def judged(portal: Portal) -> Assessment:
    as_of = datetime.combine(portal.today, time(17), CHINA) if portal.later else datetime.now(CHINA)
    folder = Path(tempfile.mkdtemp(prefix="accuracy-"))
    try:
        with served(portal) as guard:
            plan = Plan(as_of=as_of, rate=0.0, concurrency=8, confirm_after=0.0, render="never", guard=guard)
            plan = replace(plan, cloaking="always" if "cloaked-page" in portal.rules else "never")
            site = Site(url=portal.url(portal.home), name=portal.title)
            return audit(Job(site, plan, folder / "visit", str(_edition(folder)), kind=SiteKind(portal.kind)))
    finally:
        shutil.rmtree(folder)


def _edition(folder: Path) -> Path:
    """cn-2019, but for one clause: it asks a person about every element a guide lacks, and what is measured is the
    veto's claim, that four are missing for certain."""
    text = files("rules").joinpath("editions", "cn-2019.toml").read_text(encoding="utf-8")
    asked, claimed = "params = { missing = 1, decide = false }", "params = { missing = 4 }"
    assert text.count(asked) == 1
    path = folder / "edition.toml"
    path.write_text(text.replace(asked, claimed), encoding="utf-8")
    return path


def measure(portal: Portal) -> Result:
    seen = judged(portal)
    result = Result()
    for rule in portal.rules or ORDINARY:
        told = {(_place(f.at), _key(f)): f for f in seen.findings if f.rule == rule}
        truths = {(_place(t.at), t.key): t for t in portal.truths if t.rule == rule}
        _compare(portal, rule, told, truths, result)
        alike = portal.look_alikes[rule] if portal.rules else max(_subjects(seen, rule) - len(truths), 0)
        result.figures[rule].innocent = alike
    _lists(portal, seen, result)
    return result


def _compare(
    portal: Portal,
    rule: str,
    told: dict[tuple[str, str], Finding],
    truths: dict[tuple[str, str], Truth],
    result: Result,
) -> None:
    figures = result.figures[rule]
    reviewed = rule in REVIEWED
    for place, truth in truths.items():
        finding = told.get(place)
        if reviewed:
            figures.planted += 1
            figures.found += finding is not None
            if finding is None:
                result.errors.append(f"{portal.name}: {rule} {place[0]} {place[1]} missed")
        elif truth.certain:
            figures.planted += 1
            figures.found += finding is not None and finding.certain
            figures.review += finding is not None and not finding.certain
            if finding is None or not finding.certain:
                how = "missed" if finding is None else f"review only: {finding.message}"
                result.errors.append(f"{portal.name}: {rule} {place[0]} {place[1]} {how}")
        elif truth.certain is False and finding is not None and finding.certain:
            figures.wrong += 1
            result.errors.append(f"{portal.name}: {rule} {place[0]} {place[1]} too certain: {finding.message}")
    for place, finding in told.items():
        if place in truths:
            continue
        figures.wrong += finding.certain or reviewed
        figures.noise += not finding.certain and not reviewed
        sort = "WRONG" if finding.certain or reviewed else "noise"
        result.errors.append(
            f"{portal.name}: {rule} {place[0]} {place[1]} {sort}: {finding.message} [{finding.excerpt}]"
        )


def _lists(portal: Portal, seen: Assessment, result: Result) -> None:
    states = {_place(state.url): state for state in seen.columns}
    for column in portal.columns:
        state = states.get(_place(portal.url(column.path)))
        items = [i for i in column.items if i.day is None or i.day <= portal.today]
        newest = max((i.day for i in items if i.day is not None), default=None)
        if state is None:
            how = "missed"
        elif state.unobservable is not None:
            how = "unobservable"
        elif state.items != len(column.items) or state.newest != newest or state.kind != column.kind:
            how = "wrong"
        else:
            how = "right"
        result.lists[how] += 1
        if how != "right":
            told = f"{state.items} {state.newest} {state.kind} {state.unobservable or ''}" if state else ""
            known = f"{len(column.items)} {newest} {column.kind}"
            result.errors.append(f"{portal.name}: list {column.path} {column.name} {how}: {told}; is {known}")


def _place(url: str) -> str:
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    return f"{host}{unquote(parts.path)}{'?' + parts.query if parts.query else ''}"


def _key(finding: Finding) -> str:
    args = dict(finding.message.args)
    for name in ("section", "mark", "part", "table"):
        if name in args:
            return str(args[name])
    return ""


def _subjects(seen: Assessment, rule: str) -> int:
    """Of all clauses bound to the rule: how many things it looked at; a site's rule looks at each section or mark."""
    checks = [check for check in seen.checks if check.rule == rule]
    if rule in ("missing-section", "missing-mark"):
        return 9 if rule == "missing-section" else 8
    return (
        sum(check.subjects for check in checks)
        if rule.startswith("broken")
        else max((c.subjects for c in checks), default=0)
    )


def table(total: dict[str, Figures], lists: Counter[str]) -> str:
    lines = [
        f"{'rule':<28}{'planted':>8}{'found':>7}{'review':>7}{'wrong':>7}{'noise':>7}{'innocent':>9}{'precision':>11}{'recall':>8}"
    ]
    for rule, f in total.items():
        lines.append(
            f"{rule:<28}{f.planted:>8}{f.found:>7}{f.review:>7}{f.wrong:>7}{f.noise:>7}{f.innocent:>9}{f.precision:>11.3f}{f.recall:>8.3f}"
        )
    lines.append("lists: " + ", ".join(f"{name} {count}" for name, count in sorted(lists.items())))
    return "\n".join(lines)


def everything(seed: int = 0, only: str = "") -> list[Portal]:
    return [portal for portal in (*portals(seed), *minis(seed), *duties.duties(seed)) if only in portal.name]


def few(share: int) -> list[Portal]:
    """One in `share` of each sort of portal."""
    return [portal for sort in (portals(), minis(), duties.duties()) for portal in sample(sort, share)]


def sample(chosen: Iterable[Any], share: int) -> list[Any]:
    """One in `share` of them, always the same."""
    every = list(chosen)
    picked = random.Random(share).sample(range(len(every)), len(every) // share)  # noqa: S311
    return [every[at] for at in sorted(picked)]


def run(chosen: Iterable[Portal], workers: int = 4) -> tuple[dict[str, Figures], Counter[str], list[str]]:
    total, lists, errors = {rule: Figures() for rule in RULES}, Counter[str](), []
    # Not forked: the caller may have threads.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for result in pool.map(measure, chosen, chunksize=4):
            for rule in RULES:
                total[rule] += result.figures[rule]
            lists += result.lists
            errors += result.errors
    return total, lists, errors


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="portals whose name contains this")
    parser.add_argument("--seed", type=int, default=0, help="other portals than the usual ones")
    parser.add_argument("--errors", action="store_true", help="print each difference")
    asked = parser.parse_args(arguments)
    total, lists, errors = run(everything(asked.seed, asked.only))
    if asked.errors:
        print("\n".join(errors))
    print(table(total, lists))


if __name__ == "__main__":
    main()
