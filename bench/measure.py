"""Run one command and say what it cost: wall time, CPU of its process tree, peak memory. By GNU time and timeout."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# What `timeout` exits with after SIGINT sufficed, and after it had to kill.
_STOPPED = (124, 137)


# Python keeps its compiled modules, as it does for everybody who did not tell it not to.
COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds and MiB. `stopped`: it was still running at its time limit, so each figure is a lower bound."""

    wall: float
    user: float
    system: float
    peak: float
    code: int
    stopped: bool

    @property
    def cpu(self) -> float:
        return self.user + self.system


def missing_programs() -> list[str]:
    """The Debian packages to install before anything can be measured."""
    needed = {"nginx": "nginx-light", "/usr/bin/time": "time", "timeout": "coreutils"}
    return [package for program, package in needed.items() if shutil.which(program) is None]


def run(
    command: Sequence[str],
    *,
    folder: Path,
    limit: int,
    environment: Mapping[str, str] | None = None,
    stdout: Path | None = None,
) -> Cost:
    """Run `command` in `folder`, stopping it after `limit` seconds. Its output goes to files in that folder.

    GNU time is started between us and the command because the kernel counts a process's memory from its fork on: of a
    small program started by a large one, `ru_maxrss` would tell the size of the large one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    times = folder / "time.txt"
    wrapped = ["/usr/bin/time", "--quiet", "-f", "%e %U %S %M", "-o", str(times)]
    wrapped += ["timeout", "--signal=INT", "--kill-after=10", str(limit), *command]
    with (stdout or folder / "stdout.txt").open("wb") as out, (folder / "stderr.txt").open("wb") as err:
        code = subprocess.run(
            wrapped,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env={**os.environ, **COMPILED, **(environment or {})},
            check=False,
        ).returncode
    wall, user, system, peak = map(float, times.read_text("ascii").split()[-4:])
    return Cost(wall, user, system, peak / 1024, code, code in _STOPPED)
