"""Many sites: wherever the jobs run, the findings are the same, and a job that dies takes nobody with it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent import futures
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.message import Message, say
from crawler.plan import Plan
from crawler.site import Site
from rules.engine.assessment import Assessment
from xuncha import fleet
from xuncha.audit import Job, Parked
from xuncha.executors import ExecutorError, Inline, executor
from xuncha.parameters import CHINA

AS_OF = "2026-11-20T09:00"


@pytest.fixture
def three(xuncha: Any, webs: Callable[[], Any]) -> Any:
    """A settings file of three sites, each with another fault."""
    sites = [webs() for _ in range(3)]
    text = '[run]\nrate = 0\n[notice]\noffice = "云岭县人民政府办公室"\n'
    for number, site in enumerate(sites):
        site.sound()
        del site.answers[f"/c{number + 3}/a12.html"]
        text += (
            f'[[site]]\nurl = "{site.url}"\nname = "第{number + 1}个局"\ncode = "539999000{number}"\nkind = "portal"\n'
        )
    xuncha.write("xuncha.toml", text)
    return xuncha


def audit(three: Any, name: str, *words: object) -> Any:
    return three("audit", "--as-of", AS_OF, "--out", name, "--format", "json", "--executor", name, *words)


@pytest.mark.parametrize("name", ["threads", "processes", "dask"])
def test_every_executor_finds_the_same(three: Any, name: str) -> None:
    said = audit(three, "inline")
    assert said.code == 1
    assert len(three.facts("inline")) == 3
    assert all("broken-link" in str(three.data("inline")["sites"][n]["findings"]) for n in range(3))
    assert audit(three, name, "--workers", 2).code == 1
    assert three.facts(name) == three.facts("inline")
    assert [*three.facts(name)] == [*three.facts("inline")], "in the order of the settings"
    assert three.data(name)["run"]["failures"] == []


def test_workers_alone_mean_threads(three: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    used = []
    monkeypatch.setattr(futures, "ThreadPoolExecutor", lambda n: used.append(n) or ThreadPoolExecutor(n))
    assert three("audit", "--as-of", AS_OF, "--workers", 2, "--out", "out", "--format", "json").code == 1
    assert used == [2]
    assert three("audit", "--as-of", AS_OF, "--workers", 99, "--out", "out", "--format", "json").code == 1
    assert used == [2, 3], "no more than there are sites"


def test_a_worker_that_dies_is_a_fault_of_ours(three: Any, here: Path) -> None:
    # A rule that ends its process, on one site only.
    three.write(
        "deadly.py",
        "import os\nfrom rules.engine.rule import rule\n"
        '@rule("deadly", each="site")\n'
        "def deadly(snapshot):\n"
        '    """致命。"""\n'
        '    if "第2个" in snapshot.site.name and os.path.exists("deadly.on"):\n'
        "        os._exit(1)\n"
        "    yield from ()\n",
    )
    three.write(
        "own.toml",
        'id = "own"\ntitle = "自编"\nbasis = "无"\npublished = 2026-01-01\npass_score = 60\nbonus_gate = 80\n'
        '[[indicator]]\ncode = "1"\npart = "veto"\ntitle = "一"\n'
        '[[indicator.clause]]\ntext = "一"\nrule = "deadly"\nverified = true\n',
    )
    settings = Path("xuncha.toml").read_text("utf-8")
    three.write("xuncha.toml", 'rule_modules = ["deadly"]\n' + settings.replace("[run]", '[run]\nedition = "own.toml"'))
    Path("deadly.on").touch()
    said = audit(three, "processes", "--workers", 1)
    assert said.code == 3, said.err
    data = three.data("processes")
    assert len(data["sites"]) + len(data["run"]["failures"]) == 3
    assert data["run"]["failures"]
    assert "工作进程意外退出" in said.out
    Path("deadly.on").unlink()
    assert three("audit", "--resume", "last").code == 0
    assert len(three.data("processes")["sites"]) == 3


def test_dask_that_cannot_be_had(three: Any) -> None:
    said = audit(three, "dask", "--cluster", "127.0.0.1:bad")
    assert said.code == 2
    assert "连不上 Dask 调度器 127.0.0.1:bad" in said.line
    assert "还没有" in three("runs").out, "nothing was begun"


def test_dask_that_is_not_installed(three: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    said = audit(three, "dask")
    assert (said.code, "xuncha[fleet]" in said.line) == (2, True)


def test_an_unknown_executor() -> None:
    with pytest.raises(ExecutorError) as error, executor("cloud", 1):
        pass
    assert "inline、threads、processes、dask" in str(error.value)


# The fleet itself


def job(number: int, folder: Path, host: str = "") -> Job:
    return Job(
        site=Site(f"http://{host or f'h{number}'}.yunling.gov.cn/{number}"),
        plan=Plan(as_of=datetime(2026, 11, 20, tzinfo=CHINA)),
        folder=folder / str(number),
        edition="cn-2019",
    )


def run(jobs: Sequence[Job], pool: Executor, work: Callable[[Job], Any], folder: Path, many: int = 4) -> list[Any]:
    return list(fleet.run(jobs, pool, work, in_flight=many, stop_file=folder / "stop"))


def test_never_two_jobs_on_one_host(tmp_path: Path) -> None:
    lock, busy, together = threading.Lock(), set(), []

    def work(job: Job) -> Any:
        host = job.site.url.split("/")[2]
        with lock:
            together.append(host in busy)
            busy.add(host)
        threading.Event().wait(0.002)
        with lock:
            busy.discard(host)
        return job.site.url

    jobs = [job(n, tmp_path, host=f"h{n % 3}") for n in range(12)]
    with ThreadPoolExecutor(6) as pool:
        done = run(jobs, pool, work, tmp_path, many=6)
    assert sorted(d.assessment for d in done) == sorted(j.site.url for j in jobs)
    assert not any(together)


def test_the_limit_of_jobs_in_flight(tmp_path: Path) -> None:
    lock, now, most = threading.Lock(), [0], [0]

    def work(job: Job) -> Any:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        threading.Event().wait(0.002)
        with lock:
            now[0] -= 1
        return job

    with ThreadPoolExecutor(8) as pool:
        run([job(n, tmp_path) for n in range(12)], pool, work, tmp_path, many=3)
    assert most[0] <= 3


def test_an_inline_job_is_told_before_the_next_begins(tmp_path: Path) -> None:
    order: list[str] = []

    def work(job: Job) -> Any:
        order.append(f"work {job.folder.name}")
        return job

    jobs = [job(n, tmp_path) for n in range(3)]
    ends = fleet.run(jobs, Inline(), work, in_flight=4, stop_file=tmp_path / "stop")
    order.extend(f"told {done.job.folder.name}" for done in ends)
    assert order == ["work 0", "told 0", "work 1", "told 1", "work 2", "told 2"]


class Interrupting(Executor):
    """Ctrl-C comes while the `at`-th job is handed out."""

    def __init__(self, at: int) -> None:
        self._at = at

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self._at -= 1
        if self._at == 0:
            raise KeyboardInterrupt
        return Inline().submit(fn, *args, **kwargs)


def test_an_interrupt_is_raised_when_what_ran_has_ended(tmp_path: Path) -> None:
    heard, told = [], []
    ends = fleet.run(
        [job(n, tmp_path) for n in range(4)],
        Interrupting(3),
        lambda job: job,  # type: ignore[arg-type, return-value]
        in_flight=4,
        stop_file=tmp_path / "stop",
        interrupted=lambda: heard.append(1),
    )
    with pytest.raises(KeyboardInterrupt):
        told.extend(done.job.folder.name for done in ends)
    assert (told, heard) == (["0", "1"], [1])


def test_a_job_that_parks_stops_the_run(tmp_path: Path) -> None:
    def work(job: Job) -> Assessment:
        raise Parked(job.site.url)

    with pytest.raises(KeyboardInterrupt):
        run([job(n, tmp_path) for n in range(3)], Inline(), work, tmp_path)


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (ValueError("a\nb"), "ValueError: a b"),
        (OSError(28, "No space left on device"), "OSError: [Errno 28] No space left on device"),
        (ExecutorError(say("连不上 {what}", what="甲")), "连不上 甲"),
        (RecursionError(), "RecursionError: "),
        (ValueError("x" * 5000), "ValueError: " + "x" * 300),
    ],
)
def test_a_fault_is_one_line(tmp_path: Path, error: Exception, fault: str) -> None:
    def work(job: Job) -> Assessment:
        raise error

    [done] = run([job(0, tmp_path)], Inline(), work, tmp_path)
    assert isinstance(done.fault, Message)
    assert (str(done.fault), done.assessment) == (fault, None)


def test_workers_do_not_hear_ctrl_c() -> None:
    with executor("processes", 1) as pool:
        assert pool.submit(os.getpid).result() != os.getpid()
        assert pool.submit(_sigint_is_ignored).result()


def _sigint_is_ignored() -> bool:
    import signal

    return signal.getsignal(signal.SIGINT) is signal.SIG_IGN
