"""backup, restore and prune; and databases of other versions."""

import json
import sqlite3
import threading
import zipfile
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from crawler.message import say
from crawler.probe import Probe, ProbeState
from xuncha import backup as backups
from xuncha import orders, retention
from xuncha.ledger import standing
from xuncha.parameters import CHINA, Interrupted
from xuncha.review.export import export
from xuncha.settings import Settings
from xuncha.store import Store
from xuncha.store.database import StoreError
from xuncha.store.migrations import MIGRATIONS
from xuncha.turns import Task, Turn, TurnState

DATA = Path("xuncha-data")


def audit(xuncha, web, *options):
    said = xuncha(
        "audit", web.url, "--as-of", "2026-11-20T09:00", "--rate", 0, "--out", "out", "--format", "json", *options
    )
    assert said.code in (0, 1, 3), said.err


def contents(folder):
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and p.suffix != ".lock"}


def test_a_backup_is_the_data_again(xuncha, web):
    web.sound()
    audit(xuncha, web)
    said = xuncha("backup", "b/one.zip")
    assert said.code == 0
    assert "已备份 3 个文件" in said.out
    assert xuncha("backup", "b/one.zip").line == "b/one.zip 已经存在，请换一个文件名"
    said = xuncha("restore", "b/one.zip", "--data", "again")
    assert (said.code, said.out) == (0, "已恢复 3 个文件到 again\n")
    assert contents(Path("again")) == {p for p in contents(DATA) if not p.endswith(("-wal", "-shm"))}
    before = xuncha.facts()
    assert xuncha("audit", "--replay", "last", "--data", "again", "--out", "out", "--format", "json").code in (0, 1, 3)
    assert xuncha.facts() == before
    assert "已有数据" in xuncha("restore", "b/one.zip", "--data", "again").line
    assert list(Path("b").iterdir()) == [Path("b/one.zip")]


def test_a_backup_while_another_writes_is_of_one_state(xuncha, web):
    web.sound()
    audit(xuncha, web)
    stop = threading.Event()

    def write():
        with Store.open(DATA / "xuncha.db") as store:
            while not stop.is_set():
                now = datetime.now(CHINA)
                store.probes.add_round({}, started=now, finished=now, schedule="x")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert xuncha("backup", "one.zip").code == 0
    finally:
        stop.set()
        thread.join()
    assert xuncha("restore", "one.zip", "--data", "again").code == 0
    with closing(sqlite3.connect("again/xuncha.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_what_is_stopped_half_way_leaves_no_half_file(xuncha, web):
    """However big the data is: a watch that is told to stop does not wait for it."""
    web.sound()
    audit(xuncha, web)
    asked = iter([False, True])
    with pytest.raises(Interrupted):
        backups.backup(DATA, Path("copies") / "one.zip", lambda: next(asked))
    assert list(Path("copies").iterdir()) == []
    assert next(asked, None) is None
    made = orders.orders(Settings(), {"data": DATA, "out": Path("list"), "formats": ("xlsx",)})
    with pytest.raises(Interrupted):
        export(made, "last", lambda: True)
    assert not Path("list/annex.xlsx").exists()
    audit(xuncha, web)
    with closing(sqlite3.connect(DATA / "xuncha.db")) as db, db:
        db.execute("DELETE FROM findings")
        db.execute("UPDATE runs SET finished = '2020-01-01T00:00:00+08:00'")
    before = contents(DATA)
    with pytest.raises(Interrupted):
        retention.prune(made, 90, datetime.now(CHINA), stop=lambda: True)
    assert contents(DATA) == before
    assert retention.prune(made, 90, datetime.now(CHINA)).folders


@pytest.mark.parametrize("harm", ["not a zip", "cut", "changed", "outside", "no list"])
def test_a_damaged_backup_restores_nothing(xuncha, web, harm):
    web.page("/", "x")
    audit(xuncha, web)
    assert xuncha("backup", "good.zip").code == 0
    good = Path("good.zip").read_bytes()
    if harm == "not a zip":
        Path("bad.zip").write_bytes(b"x" * 100)
    elif harm == "cut":
        Path("bad.zip").write_bytes(good[: len(good) // 2])
    else:
        with zipfile.ZipFile("good.zip") as old, zipfile.ZipFile("bad.zip", "w") as new:
            for name in old.namelist():
                body = old.read(name)
                if name == "backup.json":
                    if harm == "no list":
                        continue
                    if harm == "outside":
                        listed = json.loads(body)
                        listed["files"] = {"../outside": "0", **listed["files"]}
                        body = json.dumps(listed).encode()
                if harm == "changed" and name == "xuncha.db":
                    body = body[:-1] + b"?"
                new.writestr(name, body)
    said = xuncha("restore", "bad.zip", "--data", "again")
    assert said.code == 2
    assert "不是完整的备份文件" in said.line
    assert contents(Path("again")) == set()
    assert not Path("outside").exists()


def test_prune_keeps_the_evidence_of_what_is_open(xuncha, web):
    web.sound()
    web.say("/c1/a17.html", 404)
    audit(xuncha, web)
    web.sound()
    audit(xuncha, web)
    with Store.open(DATA / "xuncha.db") as store:
        [seen, *_] = [e for e in store.ledger.entries() if standing(e, datetime.now(CHINA)).open]
    assert xuncha("ledger", "note", seen.fingerprint, "--act", "confirm", "--who", "县政府办").code == 0
    audit(xuncha, web)
    audit(xuncha, web)
    with Store.open(DATA / "xuncha.db") as store:
        assert any(
            e.rule == "broken-link" and not standing(e, datetime.now(CHINA)).open for e in store.ledger.entries()
        )
        runs = [DATA / "runs" / run.id for run in reversed(store.runs.rows())]
    first, confirmed, _, last = runs
    old = datetime.now(CHINA) - timedelta(days=400)
    with closing(sqlite3.connect(DATA / "xuncha.db")) as db, db:
        db.execute("UPDATE runs SET finished = ?", [old.isoformat()])

    def kept():
        return [run.name for run in runs if any(path.is_dir() for path in run.iterdir())]

    assert "请用 --days" in xuncha("prune").line
    said = xuncha("prune", "--days", 365, "--dry-run")
    assert said.code == 0
    assert kept() == [run.name for run in runs]
    xuncha.write("xuncha.toml", "[retention]\ndays = 365\n")
    assert xuncha("prune").code == 0
    # Where it was found first and last, and what was seen of it when it was confirmed.
    assert kept() == [first.name, confirmed.name, last.name]
    assert xuncha("evidence", seen.fingerprint, "--run", confirmed.name, "--out", "one.zip").code == 0
    assert xuncha("prune", "--days", 1000).out == "已删除 0 个检查的证据，0 MB；另有 0 个仍要保留\n"


def test_prune_keeps_what_a_run_that_is_not_done_has_gathered(xuncha, web):
    web.sound()
    audit(xuncha, web)
    audit(xuncha, web)
    audit(xuncha, web)
    old = (datetime.now(CHINA) - timedelta(days=400)).isoformat()
    with closing(sqlite3.connect(DATA / "xuncha.db")) as db, db:
        # Names of one second do not tell which run came first.
        runs = [DATA / "runs" / run for (run,) in db.execute("SELECT id FROM runs ORDER BY started")]
        first, parked, _ = runs
        db.execute("DELETE FROM findings")  # so that nothing is open
        db.execute("UPDATE runs SET started = ?, finished = ?", [old, old])
        db.execute("UPDATE runs SET finished = NULL WHERE id = ?", [parked.name])
        db.execute("UPDATE sites SET state = 'pending', result = NULL WHERE run = ?", [parked.name])
    assert xuncha("prune", "--days", 365).out == "已删除 1 个检查的证据，0 MB；另有 1 个仍要保留\n"
    assert not any(path.is_dir() for path in first.iterdir())
    assert any(path.is_dir() for path in parked.iterdir())
    assert xuncha("audit", "--resume", parked.name, "--format", "json", "--out", "again").code in (0, 1, 3)


def test_prune_removes_old_probes_and_turns_but_those_that_an_open_finding_rests_on(xuncha, web):
    web.sound()
    now, hour = datetime.now(CHINA), timedelta(hours=1)
    with Store.open(DATA / "xuncha.db") as store:
        for begins, state in ((200, ProbeState.DOWN), (100, ProbeState.UP), (8, ProbeState.UP)):
            for n in range(24 * 8):
                at = now - timedelta(days=begins) + n * hour
                probe = Probe(at, state, "x", say("超时，没有打开"), 0.4)
                store.probes.add_round({web.url: probe}, started=at, finished=at, schedule="探测")
                store.turns.add(Turn("探测", Task.PROBE, at, at, TurnState.DONE, say("-"), 0))
        store.turns.add(Turn("旧的", Task.BACKUP, at.replace(year=2020), at, TurnState.FAILED, say("-")))

    def left():
        with closing(sqlite3.connect(DATA / "xuncha.db")) as db:
            counts = "SELECT (SELECT count(*) FROM probes), (SELECT count(*) FROM rounds), (SELECT count(*) FROM turns)"
            return db.execute(counts).fetchone()

    while_down = (now - timedelta(days=192)).isoformat(timespec="seconds")
    assert xuncha("audit", web.url, "--as-of", while_down, "--rate", 0, "--format", "json", "--out", "out").code == 1
    with Store.open(DATA / "xuncha.db") as store:
        assert [e.rule for e in store.ledger.entries() if e.rule == "unreachable-home"] == ["unreachable-home"]
    assert left() == (576, 576, 577)
    told = "删除 192 次首页监测和 384 次日程执行的记录\n"
    assert xuncha("prune", "--records", 60, "--dry-run").out == f"可{told}"
    assert left() == (576, 576, 577)
    xuncha.write("xuncha.toml", "[retention]\nrecords = 60\n")
    assert xuncha("prune").out == f"已{told}"
    assert left() == (384, 384, 193), "the newest turn of every line stays"
    assert xuncha("prune").out == "已删除 0 次首页监测和 0 次日程执行的记录\n"
    assert "应是不小于35的整数" in xuncha("prune", "--records", 30).line


# Other versions


def applied(path):
    with closing(sqlite3.connect(path)) as db:
        return [name for (name,) in db.execute("SELECT name FROM _sqlite_migrations ORDER BY id")]


def test_a_store_of_a_newer_version_is_read_and_not_written(xuncha, web):
    web.page("/", "x")
    audit(xuncha, web)
    with closing(sqlite3.connect(DATA / "xuncha.db")) as db, db:
        db.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('xuncha', 'm999_new', '')")
        db.execute("ALTER TABLE runs ADD COLUMN new TEXT")
    with Store.open(DATA / "xuncha.db", read_only=True) as store:
        assert len(store.runs.rows()) == 1
    assert xuncha("runs").code == 0
    assert "由更新版本的 xuncha 建立" in xuncha("audit", web.url).line
    with pytest.raises(StoreError, match="m999_new"):
        Store.open(DATA / "xuncha.db")


@pytest.fixture
def full(xuncha, web):
    """A store with rows in every table: a quarter as a clerk would leave it."""
    web.sound()
    web.say("/c1/a17.html", 404)
    site = f'[[site]]\nurl = "{web.url}"\nname = "云岭县林业局"\norgan = "云岭县林业局"\n'
    notice = '[notice]\noffice = "政府办"\naddressee = "各部门"\nreport_to = "政府办"\n'
    line = '[[schedule]]\nname = "监测"\ntask = "probe"\nevery = "1 hours"\n'
    xuncha.write("xuncha.toml", site + notice + line)
    audit(xuncha, web)
    with Store.open(DATA / "xuncha.db") as store:
        [dead] = [e.fingerprint for e in store.ledger.entries() if e.rule == "broken-link"]
    audit(xuncha, web)
    steps = (
        ("ledger", "note", dead, "--act", "confirm", "--who", "政府办"),
        ("notice", "--form", "通报", "--run", "last", "--number", "1号", "--out", "notice"),
        (
            "ledger",
            "exempt",
            web.url,
            "--rule",
            "missing-meta",
            "--who",
            "甲",
            "--why",
            "改版",
            "--until",
            "2999-01-01",
        ),
        ("sample", "--rate", "100%", "--seed", "1"),
        ("announce", web.url, "2026-12-01", "2026-12-02", "停电"),
        ("watch", "--once", "监测"),
    )
    for words in steps:
        assert xuncha(*words).code == 0, words
    web.sound()
    assert xuncha("recheck", "--rate", 0, "--out", "again").code in (0, 1, 3)
    audit(xuncha, web)  # what is gone since
    with closing(sqlite3.connect(DATA / "xuncha.db")) as db:
        assert [table for table, rows in held(db).items() if not rows] == []
    return DATA / "xuncha.db"


def columns(db, table):
    return [row[1] for row in db.execute(f"PRAGMA table_info({table})")]


def held(db):
    """Table → its columns and rows."""
    tables = [
        name
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        if not name.startswith(("sqlite_", "_sqlite_"))
    ]
    return {
        table: [dict(zip(columns(db, table), row, strict=True)) for row in db.execute(f"SELECT * FROM {table}")]
        for table in tables
    }


def told(path, tables):
    """What the store says of it, in values, not in rows; of what lies in these tables."""
    with Store.open(path) as store:
        [url] = store.sites.homes()
        since, until = NEVER, NEVER.replace(year=2999)
        watched = store.probes.watched(url, since, until)
        said = {
            "runs": store.runs.rows(),
            "events": [[event.act for event in entry.events] for entry in store.ledger.entries()],
            "gone": [[(look.at, look.found) for look in entry.looks] for entry in store.ledger.entries()],
            "exemptions": store.ledger.exemptions(),
            "notices": store.notices.all(),
            "probes": watched.probes,
            "announcements": store.probes.announcements(),
            "samples": store.samples.all(),
            "items": store.visits.items(url),
            "turns": store.turns.newest_of_each("监测"),
            "findings": [
                [f.fingerprint for f in a.findings] for r in said_runs(store) for a in store.assessments.of(r)
            ],
            "rechecks": [a.rechecked for r in said_runs(store) for a in store.assessments.of(r)],
        }
    return {name: value for name, value in said.items() if name in tables}


def said_runs(store):
    return [run.id for run in store.runs.rows()]


NEVER = datetime(1999, 1, 1, tzinfo=CHINA)


def test_a_store_of_every_earlier_schema_is_brought_up(xuncha, full):
    """What a full store holds, as each earlier schema would have held it: all rows of all its tables stay, and the
    program reads in them what it did."""
    names = applied(full)
    with closing(sqlite3.connect(full)) as db:
        whole = held(db)
    for next_ in names[1:]:
        path = Path(next_) / "xuncha.db"
        path.parent.mkdir()
        db = Database(path)
        MIGRATIONS.apply(db, stop_before=next_)
        tables = held(db.conn)
        with db.conn:
            for table in tables:
                kept = columns(db.conn, table)
                db.conn.executemany(
                    f"INSERT INTO {table} ({', '.join(kept)}) VALUES ({', '.join('?' * len(kept))})",
                    [[row[column] for column in kept] for row in whole[table]],
                )
        before = held(db.conn)
        db.close()
        assert applied(path) == names[: names.index(next_)]
        assert xuncha("runs", "--data", path.parent).code == 0  # a command that only reads brings it up too
        assert applied(path) == names
        with closing(sqlite3.connect(path)) as db:
            now = held(db)
            assert now.keys() == whole.keys()
            for table, rows in before.items():
                assert [{name: row[name] for name in rows[0]} for row in now[table]] == rows, (next_, table)
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert told(path, before.keys()) == told(full, before.keys()), next_
