"""Kill -9 of `xuncha watch` at random moments over the bundled portal, and in the middle of rounds of probes: is
anything lost, doubled or half done?

    python bench/kills.py [TIMES]

Prints what was found; exit code 1 when something is not as it should be. POSIX.
"""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

# This folder has a reports.py of its own.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from crawler.message import say  # noqa: E402
from rules.engine.assessment import Run  # noqa: E402
from xuncha.demo import Portal, Reply  # noqa: E402
from xuncha.parameters import CHINA  # noqa: E402
from xuncha.store import Store  # noqa: E402
from xuncha.turns import Task, Turn, TurnState  # noqa: E402

_SETTINGS = """
[run]
rate = 0
[[schedule]]
name = "full"
cron = "30 2 * * *"
scope = "full"
formats = ["json"]
[[schedule]]
name = "probes"
task = "probe"
every = "1 minutes"
[[site]]
url = "{url}"
name = "云岭县人民政府"
kind = "portal"
"""


def main(times: int) -> int:
    chance = random.Random(1)  # noqa: S311 - moments, no secrets
    with _Stalling() as portal, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "xuncha.toml").write_text(_SETTINGS.format(url=portal.url), encoding="utf-8")
        database = folder / "xuncha-data" / "xuncha.db"
        missed = datetime.now(CHINA) - timedelta(days=2)
        with Store.open(database) as store:  # so that the first start has something to make up for
            store.runs.start(
                Run("20200101-1", missed, missed, None, "cn-2019", "full", "0"), [], options={"schedule": "full"}
            )
            store.runs.finish("20200101-1", missed)
        for number in range(times):
            process = _watch(folder)
            time.sleep(chance.uniform(0.3, 4.0))
            process.kill()
            process.wait()
            print(f"kill {number + 1}: {_state(database)}", flush=True)
        for number in range(times):
            _forget(database)
            portal.stall()
            process = _watch(folder)
            if not portal.asked.wait(60):
                print("no home page was probed")
                return 1
            time.sleep(chance.uniform(0.0, 0.2))
            process.kill()
            process.wait()
            portal.gate.set()
            print(f"kill {number + 1} while probing: {_state(database)}", flush=True)
        process = _watch(folder)
        for _ in range(240):
            time.sleep(1)
            if _state(database)["unfinished"] == 0 and _state(database)["runs"] > 1:
                break
        began = time.monotonic()
        process.terminate()
        process.wait(30)
        print(f"SIGTERM: ended after {time.monotonic() - began:.1f} s, exit code {process.returncode}")
        faults = _faults(database)
        print("\n".join(faults) or f"{times} kills: nothing lost, nothing doubled, no half run")
        return 1 if faults else 0


class _Stalling(Portal):
    """The portal, which keeps a probe of its home page waiting while the gate is shut."""

    def __init__(self) -> None:
        super().__init__()
        self.gate, self.asked = threading.Event(), threading.Event()
        self.gate.set()

    def stall(self) -> None:
        self.asked.clear()
        self.gate.clear()

    def reply(self, method: str, host: str, target: str) -> Reply:
        if target == "/" and not self.gate.is_set():
            self.asked.set()
            self.gate.wait()
        return super().reply(method, host, target)


def _forget(database: Path) -> None:
    """As if the line had not probed for an hour: the next start makes up for it at once."""
    then = (datetime.now(CHINA) - timedelta(hours=1)).astimezone(UTC)
    now = datetime.now(CHINA)
    with Store.open(database) as store:
        store.turns.add(Turn("probes", Task.PROBE, then, then, TurnState.DONE, say("-"), 0))
        store.turns.prune(now)


def _watch(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "xuncha", "watch"], cwd=folder, stderr=subprocess.DEVNULL)


def _state(database: Path) -> dict[str, int]:
    with closing(sqlite3.connect(database)) as db:
        counts = {
            "runs": "SELECT count(*) FROM runs",
            "unfinished": "SELECT count(*) FROM runs WHERE finished IS NULL",
            "rounds": "SELECT count(*) FROM rounds",
        }
        return {name: db.execute(sql).fetchone()[0] for name, sql in counts.items()}


def _faults(database: Path) -> list[str]:
    faults = []
    with closing(sqlite3.connect(database)) as db:
        if db.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            faults.append("the database is damaged")
        for (run,) in db.execute("SELECT id FROM runs WHERE finished IS NULL"):
            faults.append(f"run {run} was not gone on with")
        made = db.execute("SELECT count(*) FROM runs").fetchone()[0] - 1
        if made != 1:
            faults.append(f"{made} runs instead of one that was gone on with")
        for site, state in db.execute("SELECT url, state FROM sites"):
            if state != "done":
                faults.append(f"{site} is {state}")
        pairs = Counter(db.execute("SELECT site, fingerprint FROM findings").fetchall())
        faults += [f"finding {key} is there {count} times" for (_, key), count in pairs.items() if count > 1]
        if not pairs:
            faults.append("no finding")
        halves = db.execute("SELECT count(*) FROM rounds WHERE id NOT IN (SELECT round FROM probes)").fetchone()[0]
        if halves:
            faults.append(f"{halves} rounds without probes")
    return faults


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
