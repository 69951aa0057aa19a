"""Kill -9 of `xuncha watch` at random moments over the bundled portal: is anything lost, doubled or half done?

    python bench/kills.py [TIMES]

Prints what was found; exit code 1 when something is not as it should be. POSIX.
"""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

# This folder has a reports.py of its own.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from rules.engine.assessment import Run  # noqa: E402
from xuncha.demo import Portal  # noqa: E402
from xuncha.parameters import CHINA  # noqa: E402
from xuncha.store import Store  # noqa: E402

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
    with Portal() as portal, tempfile.TemporaryDirectory() as name:
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
