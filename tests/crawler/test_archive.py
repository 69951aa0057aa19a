"""A visit folder survives whatever ends the visit, and says the same whenever it is read."""

import asyncio
import errno
import json
import os
import socket
import sqlite3
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from evidence import check, facts

from crawler.archive import Archive, ArchiveError
from crawler.archived import open_snapshot
from crawler.exchange import Exchange
from crawler.guard import Guard
from crawler.message import Message
from crawler.outcome import Verdict
from crawler.page import Evidence
from crawler.plan import Plan
from crawler.site import Column, ColumnKind, Site
from crawler.snapshot import NotGathered
from crawler.visit import visit
from crawler.warc import EvidenceFile

TEXT = "<p>云岭县人民政府办公室主办，本页公布本县政务信息，欢迎监督。</p>" * 8
PDF = b"%PDF-1.4 startxref 0 %%EOF"


def html(title: str, *links: str) -> bytes:
    body = "".join(f"<li><a href='{link}'>{title}第{n}项</a></li>" for n, link in enumerate(links))
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body><ul>{body}</ul>{TEXT}</body></html>".encode()


def build(server: Any, dead: int) -> str:
    """Some forty pages with every kind of link; returns the home address."""
    pages = [f"/p/{n}.html" for n in range(36)]
    for n, target in enumerate(pages):
        ahead = [pages[(n + step) % len(pages)] for step in (1, 5, 7)]
        files = [f"/f/{n}.pdf", "/f/shared.pdf", f"/gone/{n % 5}.html", f"http://127.0.0.1:{dead}/{n % 9}"]
        server.on(target, server.answer(html(f"第{n}页", *ahead, *files)))
        server.on(f"/f/{n}.pdf", server.answer(PDF, content_type="application/pdf"))
    server.on("/f/shared.pdf", server.answer(PDF, content_type="application/pdf"))
    server.on("/old", server.redirect("/p/3.html"))
    server.on("/cut", [server.RESET])
    rows = "".join(
        f"<li><a href='/xw/{n}.html'>云岭县召开第{n}次会议部署重点工作</a><span>2026-11-{n + 10}</span></li>"
        for n in range(4)
    )
    server.on("/xw/", server.answer(f"<title>动态要闻</title><ul>{rows}</ul>{TEXT}".encode()))
    for n in range(4):
        server.on(f"/xw/{n}.html", server.answer(html(f"会议{n}", "/")))
    server.on("/", server.answer(html("云岭县人民政府", "/xw/", *pages[:9], "/old", "/cut", "/f/0.pdf")))
    return server.url("/")


def plan(server: Any, **more: Any) -> Plan:
    moment = datetime.fromisoformat("2026-11-24T09:30:00+08:00")
    guard = Guard(named=frozenset({"127.0.0.1"}))
    wanted: dict[str, Any] = {"scope": "full", "rate": 0, "confirm_after": 0.05, "render": "never", "guard": guard}
    return Plan(**({"as_of": moment} | wanted | more))


@pytest.fixture
def site(server: Any, closed_port: int) -> Site:
    url = build(server, closed_port)
    return Site(url, "云岭县人民政府", columns=(Column("动态要闻", server.url("/xw/"), ColumnKind.NEWS, given=True),))


@pytest.fixture
def undisturbed(server: Any, site: Site, tmp_path: Path) -> dict[str, Any]:
    snapshot = asyncio.run(visit(site, plan(server), tmp_path / "undisturbed"))
    found = facts(snapshot) | {"asked": Counter(server.targets())}
    snapshot.close()
    server.seen.clear()
    return found


def test_an_undisturbed_visit(undisturbed: dict[str, Any]) -> None:
    """What the others are measured by is worth it."""
    verdicts = Counter(link[4] for link in undisturbed["links"])
    assert verdicts[Verdict.BROKEN] == 5 + 1  # gone, cut off
    assert verdicts[Verdict.UNSURE] == 9  # nothing outside answered at all
    assert len(undisturbed["pages"]) == 1 + 1 + 4 + 36
    assert [len(items) for _, _, _, items, _ in undisturbed["columns"]] == [4]
    assert undisturbed["coverage"].complete


KILLER = """
    import asyncio, os, random, signal, sys, time
    from datetime import datetime
    from pathlib import Path
    from crawler.guard import Guard
    from crawler.plan import Plan
    from crawler.site import Column, ColumnKind, Site
    from crawler.visit import visit

    url, folder, wanted = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    site = Site(url, "云岭县人民政府", columns=(Column("动态要闻", url + "xw/", ColumnKind.NEWS, given=True),))
    plan = Plan(as_of=datetime.fromisoformat("2026-11-24T09:30:00+08:00"), scope="full", rate=80, confirm_after=0.05,
                render="never", guard=Guard(named=frozenset({"127.0.0.1"})))
    dice, killed = random.Random(int(sys.argv[4])), 0
    while True:
        child = os.fork()
        if child == 0:
            asyncio.run(visit(site, plan, folder)).close()
            os._exit(0)
        if killed < wanted:
            time.sleep(dice.uniform(0.02, 0.12))
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            print(killed, status)
            break
        killed += 1
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills by signal")
@pytest.mark.parametrize("seed", [1])
def test_killed_again_and_again(
    server: Any, site: Site, undisturbed: dict[str, Any], tmp_path: Path, seed: int
) -> None:
    folder = tmp_path / "killed"
    command = [sys.executable, "-c", textwrap.dedent(KILLER), site.url, str(folder), "20", str(seed)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.stderr == ""
    killed, status = map(int, run.stdout.split())
    assert (killed, status) == (20, 0)
    with_kills = open_snapshot(folder)
    found = facts(with_kills)
    assert found == {key: undisturbed[key] for key in found}
    with_kills.close()
    extra = Counter(server.targets()) - undisturbed["asked"]
    for target in [t for t in extra if t == "/robots.txt" or (t.endswith(".html") and t.count("/") == 1)]:
        del extra[target]  # asked anew by every process
    # Four at once to the site; what was in flight at a kill may be asked again.
    assert sum(extra.values()) <= killed * 4
    assert max(extra.values(), default=0) <= killed
    assert check(folder / "visit.warc.gz") == 0


def parked_after(count: int) -> tuple[Callable[[Any], None], Callable[[], bool]]:
    """A report that counts answers, and a stop that is true after so many."""
    seen = 0

    def report(_: Any) -> None:
        nonlocal seen
        seen += 1

    return report, lambda: seen >= count


@pytest.mark.parametrize("step", [3, 30])
def test_parked_again_and_again(
    server: Any, site: Site, undisturbed: dict[str, Any], tmp_path: Path, step: int
) -> None:
    folder = tmp_path / "parked"
    rounds = 0
    while True:
        rounds += 1
        report, stop = parked_after(step)
        snapshot = asyncio.run(visit(site, plan(server), folder, report=report, stop=stop))
        if not stop():
            break
        assert not snapshot.coverage.complete
        snapshot.close()
        assert rounds < 400
    found = facts(snapshot)
    assert found == {key: undisturbed[key] for key in found}
    snapshot.close()
    extra = Counter(server.targets()) - undisturbed["asked"]
    for target in [t for t in extra if t == "/robots.txt" or (t.endswith(".html") and t.count("/") == 1)]:
        del extra[target]
    assert sum(extra.values()) <= rounds * 4
    assert check(folder / "visit.warc.gz") == 0


def test_a_finished_visit_is_not_made_again(
    server: Any, site: Site, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    again = asyncio.run(visit(site, plan(server), tmp_path / "undisturbed"))
    assert facts(again) == {key: undisturbed[key] for key in facts(again)}
    assert server.targets() == []
    again.close()


# Replay.


def test_a_snapshot_says_the_same_twice(
    undisturbed: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No clock, no socket, nothing written: the same bytes, the same facts, in the same order."""
    folder = tmp_path / "undisturbed"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    monkeypatch.setattr(socket, "socket", None)
    monkeypatch.setattr("crawler.dates.datetime", None, raising=False)
    told = []
    for _ in range(2):
        snapshot = open_snapshot(folder)
        told.append((list(snapshot.links()), list(snapshot.pages()), snapshot.columns, snapshot.coverage))
        told[-1] += ([page.text for page in snapshot.pages()],)
        snapshot.close()
    assert told[0] == told[1]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_another_moment_is_another_moment(undisturbed: dict[str, Any], tmp_path: Path) -> None:
    later = datetime.fromisoformat("2027-01-01T00:00:00+08:00")
    snapshot = open_snapshot(tmp_path / "undisturbed", as_of=later)
    assert snapshot.as_of == later
    assert snapshot.columns[0].as_of == later
    assert snapshot.home.as_of == later
    assert snapshot.finished >= snapshot.started
    assert snapshot.finished - snapshot.started < timedelta(minutes=1)
    snapshot.close()


def test_a_folder_that_cannot_be_written_can_be_read(undisturbed: dict[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / "undisturbed"
    assert {path.name for path in folder.iterdir()} == {"visit.db", "visit.warc.gz"}, "no journal is left"
    for path in folder.iterdir():
        path.chmod(0o444)
    snapshot = open_snapshot(folder)
    assert facts(snapshot)["pages"] == undisturbed["pages"]
    snapshot.close()


def test_every_body_is_what_the_server_sent(server: Any, undisturbed: dict[str, Any], tmp_path: Path) -> None:
    snapshot = open_snapshot(tmp_path / "undisturbed")
    for page in snapshot.pages():
        sent = server._scripts[page.url.removeprefix(server.origin)][0][0].partition(b"\r\n\r\n")[2]
        assert page.source.encode() == sent
        assert page.answer.evidence is not None
        assert page.answer.size == len(sent)
    snapshot.close()


# Damage.


def one_line(caught: Any) -> str:
    (message,) = caught.value.args
    assert isinstance(message, Message)
    assert "\n" not in str(message)
    return str(message)


def refused(folder: Path, *, also_to_write: bool = True) -> str:
    with pytest.raises(ArchiveError) as caught:
        open_snapshot(folder)
    text = one_line(caught)
    if also_to_write:
        with pytest.raises(ArchiveError) as caught:
            Archive(folder, "xuncha").close()
        one_line(caught)
    return text


def test_no_folder_no_visit(tmp_path: Path) -> None:
    assert str(tmp_path / "nowhere") in refused(tmp_path / "nowhere", also_to_write=False)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("content", [b"\x00" * 4096, b"SQLite format 3\x00" + b"\xff" * 5000, b"not a database" * 99])
def test_a_database_that_is_none(undisturbed: dict[str, Any], tmp_path: Path, content: bytes) -> None:
    (tmp_path / "undisturbed" / "visit.db").write_bytes(content)
    refused(tmp_path / "undisturbed")


def test_an_empty_database(undisturbed: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "undisturbed" / "visit.db").write_bytes(b"")
    refused(tmp_path / "undisturbed", also_to_write=False)


def test_a_database_of_another_version(undisturbed: dict[str, Any], tmp_path: Path) -> None:
    conn = sqlite3.connect(tmp_path / "undisturbed" / "visit.db")
    conn.execute("UPDATE meta SET value = '1' WHERE key = 'schema'")
    conn.commit()
    conn.close()
    assert "另一版本" in refused(tmp_path / "undisturbed")


@pytest.mark.parametrize(
    ("key", "value"),
    [("site", "{"), ("site", "{}"), ("site", json.dumps({"columns": [{}]})), ("as_of", "yesterday"), ("needs", "1")],
)
def test_facts_that_make_no_sense(undisturbed: dict[str, Any], tmp_path: Path, key: str, value: str) -> None:
    conn = sqlite3.connect(tmp_path / "undisturbed" / "visit.db")
    conn.execute("UPDATE meta SET value = ? WHERE key = ?", [value, key])
    conn.commit()
    conn.close()
    assert "已损坏" in refused(tmp_path / "undisturbed", also_to_write=False)


def test_a_table_that_is_gone(undisturbed: dict[str, Any], tmp_path: Path) -> None:
    conn = sqlite3.connect(tmp_path / "undisturbed" / "visit.db")
    conn.execute("DROP TABLE answers")
    conn.commit()
    conn.close()
    snapshot = open_snapshot(tmp_path / "undisturbed")
    with pytest.raises(ArchiveError) as caught:
        list(snapshot.links())
    one_line(caught)
    snapshot.close()


def test_evidence_that_is_gone(undisturbed: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "undisturbed" / "visit.warc.gz").unlink()
    assert "证据文件" in refused(tmp_path / "undisturbed")


def test_evidence_that_is_cut(undisturbed: dict[str, Any], tmp_path: Path) -> None:
    warc = tmp_path / "undisturbed" / "visit.warc.gz"
    warc.write_bytes(warc.read_bytes()[:-7])
    assert "证据文件" in refused(tmp_path / "undisturbed")


@pytest.mark.parametrize("byte", [0, 20, 60])
def test_evidence_that_was_changed(undisturbed: dict[str, Any], tmp_path: Path, byte: int) -> None:
    snapshot = open_snapshot(tmp_path / "undisturbed")
    home = snapshot.home
    assert home.answer.evidence is not None
    warc = tmp_path / "undisturbed" / home.answer.evidence.warc
    content = bytearray(warc.read_bytes())
    for n in range(8):
        content[home.answer.evidence.offset + byte + n] ^= 0xFF
    warc.write_bytes(content)
    with pytest.raises(ArchiveError) as caught:
        _ = home.source
    assert "visit.warc.gz" in one_line(caught)
    snapshot.close()


def test_one_writer_a_folder(undisturbed: dict[str, Any], server: Any, site: Site, tmp_path: Path) -> None:
    """A second process must not cut off what the first is writing."""
    folder = tmp_path / "undisturbed"
    first = Archive(folder, "xuncha")
    size = (folder / "visit.warc.gz").stat().st_size
    code = (
        "import sys, sqlite3; from pathlib import Path; from crawler.archive import Archive, ArchiveError\n"
        "connect = sqlite3.connect\n"
        "sqlite3.connect = lambda *a, **k: connect(*a, **(k | {'timeout': 0.1}))\n"
        "try: Archive(Path(sys.argv[1]), 'xuncha')\n"
        "except ArchiveError as error: print(error)"
    )
    run = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True)
    assert "正被另一个程序占用" in run.stdout
    assert (folder / "visit.warc.gz").stat().st_size == size
    first.close()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(ArchiveError) as caught:
        Archive(tmp_path / "file" / "visit", "xuncha")
    assert str(tmp_path) in one_line(caught)


@pytest.mark.parametrize("room", [0, 7, 70])
def test_a_disk_that_is_full(
    server: Any, site: Site, undisturbed: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    """At a record of the evidence; what else happens on such a disk is in tests/xuncha/test_obstacles.py."""
    write, left = EvidenceFile.write, iter(range(room))

    def full(file: EvidenceFile, exchange: Exchange) -> Evidence:
        if next(left, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, exchange)

    folder = tmp_path / "full"
    with monkeypatch.context() as patch:
        patch.setattr(EvidenceFile, "write", full)
        with pytest.raises(ArchiveError) as caught:
            asyncio.run(visit(site, plan(server), folder))
    assert one_line(caught) == f"{folder} 所在磁盘已满；请腾出空间后继续"
    snapshot = asyncio.run(visit(site, plan(server), folder))
    found = facts(snapshot)
    assert found == {key: undisturbed[key] for key in found}
    snapshot.close()
    assert check(folder / "visit.warc.gz") == 0


def test_a_folder_that_is_being_written_is_not_damaged(
    undisturbed: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **more: connect(*args, **({"timeout": 0.1} | more)))
    folder = tmp_path / "undisturbed"
    archive = Archive(folder, "xuncha")
    with pytest.raises(ArchiveError) as caught:
        open_snapshot(folder)
    assert "正被另一个程序占用" in one_line(caught)
    archive.close()
    open_snapshot(folder).close()


def clock(monkeypatch: pytest.MonkeyPatch, jump: timedelta, looks: int) -> None:
    """Set the clock that the crawler sees to another time, after so many looks at it."""
    left = iter(range(looks))

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return super().now(tz) + (jump if next(left, None) is None else timedelta())

    for name, module in list(sys.modules.items()):
        if name.startswith("crawler.") and getattr(module, "datetime", None) is datetime:
            monkeypatch.setattr(module, "datetime", Clock)


@pytest.mark.parametrize("years", [-10, 10])
@pytest.mark.parametrize("looks", [0, 40])
def test_a_clock_that_jumps(
    server: Any,
    site: Site,
    undisturbed: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    years: int,
    looks: int,
) -> None:
    """Between parking a visit and going on with it, and in the middle of it."""
    folder = tmp_path / "jumped"
    report, stop = parked_after(20)
    asyncio.run(visit(site, plan(server), folder, report=report, stop=stop)).close()
    with monkeypatch.context() as patch:
        clock(patch, timedelta(days=365 * years), looks)
        snapshot = asyncio.run(visit(site, plan(server), folder))
    found = facts(snapshot)
    assert found == {key: undisturbed[key] for key in found}
    assert abs(snapshot.finished - snapshot.started) > timedelta(days=365), "it did jump"
    snapshot.close()
    assert check(folder / "visit.warc.gz") == 0


def test_a_visit_that_was_parked_before_anything_was_asked(site: Site, server: Any, tmp_path: Path) -> None:
    snapshot = asyncio.run(visit(site, plan(server), tmp_path / "parked", stop=lambda: True))
    assert snapshot.coverage.skipped == {"not-asked": 2}
    assert not snapshot.coverage.complete
    with pytest.raises(NotGathered):
        _ = snapshot.home
    assert "没有检查" in str(snapshot.columns[0].unobservable)
    snapshot.close()
