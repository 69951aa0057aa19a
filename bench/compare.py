"""Measure xuncha against other link checkers on three sites, and write the tables into BENCHMARKS.md.

    python bench/compare.py                         everything (about half an hour on two cores)
    python bench/compare.py --sites pg --peers lychee,wget --repeats 5 --dry

Rounds alternate: every tool once, then every tool again; slow tools run in the first rounds only. Ratios are taken
within a round, because a machine has faster and slower minutes.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import shlex
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import measure
import peers
import sites
import table
from check import Truth, differences, truth
from peers import Scene, Tool
from sites import Site
from table import Bench, Machine, Run


def main() -> int:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nginx is stopped too
    missing = measure.missing_programs()
    if missing:
        print(f"missing programs; apt-get install {' '.join(missing)}", file=sys.stderr)
        return 2
    scratch: Path = options.scratch
    scratch.mkdir(parents=True, exist_ok=True)
    folders = {}
    for source in sites.SOURCES:
        if source.name in options.sites:
            try:
                folders[source.name] = sites.prepare(source, scratch)
            except sites.MissingPackageError as error:
                print(error, file=sys.stderr)
    if not folders:
        return 2
    tools = [t for t in peers.ALL if t.name == "xuncha" or not options.peers or t.name in options.peers]
    scene = Scene(scratch, options.concurrency, scratch / "pages.txt")
    peers.install(scene, tools)
    _compile(scene)
    absent = [tool.name for tool in tools if not tool.present(scene)]
    tools = [tool for tool in tools if tool.present(scene)]
    machine = _machine()
    runs: list[Run] = []
    commands: dict[str, str] = {}
    pages: dict[str, Truth] = {}
    parts: dict[str, Mapping[str, object]] = {}
    with sites.serve(folders, scratch, options.port) as served:
        for site in served.values():
            known = pages[site.name] = truth(site, scratch)
            scene.pages.write_text("\n".join(known.page_urls) + "\n", "utf-8")
            _warm(site)
            for number in range(options.repeats):
                for tool in tools:
                    if tool.slow and (site.name not in options.slow_sites or number >= options.slow_repeats):
                        continue
                    runs.append(_measured(tool, site, scene, known, number, options.limit, commands))
                    _save(scratch, runs)
            parts[site.name] = _parts(site, scene)
    bench = Bench(
        machine=machine,
        sites=tuple(table.Measured(s.name, s.about, known.pages, len(known.status), len(known.broken))
                    for s in served.values() for known in (pages[s.name],)),
        tools=tuple((tool.name, tool.about, tool.version(scene)) for tool in tools),
        absent=tuple(absent),
        commands=commands,
        runs=tuple(runs),
        parts=parts,
        concurrency=options.concurrency,
        limit=options.limit,
    )  # fmt: skip
    text = table.markdown(bench)
    if options.dry:
        print(text)
    else:
        table.insert(peers.ROOT / "BENCHMARKS.md", text)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [source.name for source in sites.SOURCES]
    tools = [tool.name for tool in peers.ALL if tool.name != "xuncha"]
    parser.add_argument("--sites", type=_words(names), default=names, help=f"of {','.join(names)}")
    parser.add_argument("--peers", type=_words(tools), default=[], help=f"of {','.join(tools)}")
    parser.add_argument("--repeats", type=int, default=3, help="rounds (default 3)")
    parser.add_argument("--slow-repeats", type=int, default=1, help="rounds in which slow tools take part (default 1)")
    parser.add_argument(
        "--slow-sites", type=_words(names), default=["pg", "gov"], help="where slow tools take part (default pg,gov)"
    )
    parser.add_argument("--limit", type=int, default=120, help="seconds a tool may take for one site (default 120)")
    parser.add_argument("--concurrency", type=int, default=16, help="requests at once, for every tool (default 16)")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "xuncha-bench")
    parser.add_argument("--port", type=int, default=8180, help="first of the ports to serve at")
    parser.add_argument("--dry", action="store_true", help="print the tables instead of writing BENCHMARKS.md")
    return parser.parse_args()


def _words(known: Sequence[str]) -> Callable[[str], list[str]]:
    def read(text: str) -> list[str]:
        words = [word.strip() for word in text.split(",")]
        wrong = [word for word in words if word not in known]
        if wrong:
            raise argparse.ArgumentTypeError(f"no {', '.join(wrong)}; there are {', '.join(known)}")
        return words

    return read


def _measured(
    tool: Tool, site: Site, scene: Scene, known: Truth, number: int, limit: int, commands: dict[str, str]
) -> Run:
    folder = scene.scratch / "runs" / site.name / tool.name.replace(" ", "-")
    folder.mkdir(parents=True, exist_ok=True)
    command = tool.command(site, scene, folder)
    shown = shlex.join(str(word) for word in command)
    commands.setdefault(tool.name, _short(shown, scene))
    cost = measure.run(command, folder=folder, limit=limit, environment=tool.environment)
    try:
        result = tool.result(site, folder)
    except (OSError, ValueError, KeyError, IndexError, StopIteration) as error:
        why = f"stopped after {limit} s" if cost.stopped else f"exit code {cost.code}: {error}"
        run = Run(site.name, tool.name, number, cost, None, (), why)
    else:
        found = differences(site, known, result, stopped=cost.stopped)
        run = Run(site.name, tool.name, number, cost, result, tuple(found), "")
    broken = "" if run.result is None else f", {len(run.result.broken)} broken"
    print(
        f"{site.name:4} {number + 1} {tool.name:12} wall {cost.wall:7.2f} s, CPU {cost.cpu:7.2f} s, "
        f"{cost.peak:6.0f} MiB{broken}{' STOPPED' if cost.stopped else ''}{f' ({run.why})' if run.why else ''}",
        flush=True,
    )
    return run


def _short(command: str, scene: Scene) -> str:
    """Without the folders of this machine."""
    for long, short in (
        (str(scene.bin) + "/", ""),
        (str(scene.scratch / "node" / "node_modules" / ".bin") + "/", ""),
        (sys.executable, "python"),
        (str(peers.ROOT) + "/", ""),
        (str(scene.scratch), "$SCRATCH"),
    ):
        command = command.replace(long, short)
    return command


def _save(scratch: Path, runs: Sequence[Run]) -> None:
    """What was measured so far, should the rest not come."""
    text = json.dumps([dataclasses.asdict(run) for run in runs], default=sorted, ensure_ascii=False)
    (scratch / "runs.json").write_text(text, "utf-8")


def _parts(site: Site, scene: Scene) -> Mapping[str, object]:
    path = scene.scratch / "runs" / f"{site.name}.parts.json"
    text = scene.scratch / "runs" / f"{site.name}.parts.txt"
    command = [sys.executable, str(peers.BENCH / "parts.py"), site.url, "--json", str(path)]
    with text.open("wb") as out:
        environment = {**os.environ, **measure.COMPILED}
        subprocess.run([*command, "--concurrency", str(scene.concurrency)], stdout=out, check=True, env=environment)
    found: Mapping[str, object] = json.loads(path.read_text("utf-8"))
    return found


def _compile(scene: Scene) -> None:
    """Compile every Python tool beforehand, as pip does; some installers leave it to the first start."""
    ours = [
        sysconfig.get_path("purelib"),
        *(str(peers.ROOT / name) for name in ("crawler", "rules", "reports", "xuncha")),
    ]
    theirs = [str(path) for path in scene.bin.parent.glob("lib/python*/site-packages")]
    environment = {**os.environ, **measure.COMPILED}
    command = [sys.executable, "-m", "compileall", "-qq", *ours, *theirs]
    subprocess.run(command, check=False, env=environment)  # some packages ship files that are no Python


def _warm(site: Site) -> None:
    """Bring the files into the page cache, so that the first tool does not pay for the disk."""
    for path in site.folder.rglob("*"):
        if path.is_file():
            path.read_bytes()


def _machine() -> Machine:
    cpu = next(
        (line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
         if line.startswith("model name")),
        platform.processor(),
    )  # fmt: skip
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    nginx = subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=True).stderr.split("/")[-1].strip()
    return Machine(
        cpu=cpu,
        cores=os.cpu_count() or 1,
        memory=memory,
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        nginx=nginx,
        load=os.getloadavg(),
        date=datetime.now(UTC).date(),
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except sites.ServerError as error:
        sys.exit(str(error))
