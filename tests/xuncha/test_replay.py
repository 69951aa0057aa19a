"""A replay judges the bytes, the failures and the times of a run again, with every socket shut."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from warcio.checker import Checker

AS_OF = "2026-11-20T09:00"
WORDS = ("--rate", "0", "--as-of", AS_OF, "--kind", "portal", "--format", "json")


@contextmanager
def shut() -> Iterator[list[object]]:
    """No socket connects and no name is looked up; the attempts."""
    tried: list[object] = []

    def refuse(*words: object, **_: object) -> Any:
        tried.append(words[-1])
        raise OSError("every socket is shut")

    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, refuse)
        for name in ("getaddrinfo", "gethostbyname", "create_connection"):
            patch.setattr(socket, name, refuse)
        yield tried


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def faulty(web: Any, closed_port: int) -> Any:
    """A site with a page that is gone, an error, a refusal, a port where nobody listens and a page that has moved."""
    web.sound()
    del web.answers["/c2/a1.html"]
    links = "".join(
        f"<a href='{url}'>{url}</a>" for url in ("/500", "/403", "/moved", f"http://127.0.0.1:{closed_port}/")
    )
    status, headers, body = web.answers["/"]
    web.answers["/"] = (status, headers, body.replace(b"</body>", links.encode() + b"</body>"))
    web.say("/500", 500)
    web.say("/403", 403)
    web.say("/moved", 302, Location="/c2/a2.html")
    return web


def warcs() -> list[Path]:
    return sorted(Path("xuncha-data/runs").rglob("*.warc.gz"))


def test_with_every_socket_shut(xuncha: Any, faulty: Any) -> None:
    with shut() as tried:
        assert xuncha("audit", faulty.url, *WORDS, "--out", "never").code == 3
        assert tried, "an audit tries"
    xuncha("audit", faulty.url, *WORDS, "--out", "first")
    xuncha("audit", faulty.url, *WORDS, "--out", "second")
    assert xuncha.data("second")["sites"][0]["coverage"]["reused"] > 0
    asked = len(faulty.asked)
    for source in ("first", "second"):
        run = xuncha.data(source)["run"]["id"]
        with shut() as tried:
            xuncha("audit", "--replay", run, "--out", f"{source}-again", "--format", "json")
        assert tried == []
        again, [site] = xuncha.data(f"{source}-again")["sites"], xuncha.data(source)["sites"]
        # A replay has no place in the order of visits: it tells nothing of them.
        history = dict.fromkeys(("first_seen", "last_confirmed", "times_seen", "state", "new"))
        findings = [finding | history for finding in site["findings"]]
        assert again == [site | {"findings": findings, "previous": None, "gone": []}]
    assert len(faulty.asked) == asked
    assert {f["rule"] for f in xuncha.data("second")["sites"][0]["findings"]} >= {"broken-link"}


def test_the_evidence_of_both_visits_is_sound(xuncha: Any, faulty: Any) -> None:
    for out in ("first", "second"):
        xuncha("audit", faulty.url, *WORDS, "--out", out)
    assert len(warcs()) == 2
    for warc in warcs():

        class Command:
            inputs = (str(warc),)
            verbose = False

        assert Checker(Command()).process_all() == 0


def test_the_times_are_those_of_the_visit(xuncha: Any, faulty: Any) -> None:
    xuncha("audit", faulty.url, *WORDS, "--out", "first")
    rules = {f["rule"] for f in xuncha.data("first")["sites"][0]["findings"]}
    assert "slow-home" not in rules
    with closing(sqlite3.connect(warcs()[0].with_name("visit.db"))) as db:
        db.execute("UPDATE answers SET elapsed = 7.5 WHERE target = 1")
        db.commit()
    xuncha("audit", "--replay", "last", "--out", "again", "--format", "json")
    [slow] = [f for f in xuncha.data("again")["sites"][0]["findings"] if f["rule"] == "slow-home"]
    assert "7.5" in slow["message"]
