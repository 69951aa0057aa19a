"""Where jobs run: here one after another, in threads, in processes, or on a Dask cluster."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

from crawler.message import say

P = ParamSpec("P")
T = TypeVar("T")

NAMES = ("inline", "threads", "processes", "dask")


class ExecutorError(Exception):
    """The executor cannot be had: an extra is not installed, or no cluster answers."""


class Inline(Executor):
    """Runs a job when it is submitted. KeyboardInterrupt passes through at once."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - a future carries whatever its job raised
            future.set_exception(error)
        return future


@contextmanager
def executor(name: str, workers: int, cluster: str | None = None) -> Iterator[Executor]:
    """One of NAMES. `cluster`: address of a Dask scheduler; without it Dask starts workers on this machine."""
    if name == "inline":
        yield Inline()
    elif name == "threads":
        with ThreadPoolExecutor(workers) as pool:
            yield pool
    elif name == "processes":
        # spawn: the same on every system, and no fork of a process that runs threads.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, mp_context=context, initializer=_deaf) as pool:
            yield pool
    elif name == "dask":
        with _dask(workers, cluster) as pool:
            yield pool
    else:
        raise ExecutorError(say("没有名为“{name}”的执行方式，可用：{names}", name=name, names=NAMES))


def _untyped(thing: Any) -> Any:  # noqa: ANN401 - distributed ships no types
    return thing


def _deaf() -> None:
    """Ctrl-C is the coordinator's; workers are told by the stop file."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _dask(workers: int, cluster: str | None) -> Iterator[Executor]:
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise ExecutorError(say("使用 dask 需要安装扩展：pip install 'xuncha[fleet]'")) from error
    options: dict[str, Any] = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": None}
    try:
        client: Any = (
            _untyped(Client)(cluster, timeout=10) if cluster else _untyped(Client)(_untyped(LocalCluster)(**options))
        )
    except OSError as error:
        raise ExecutorError(say("连不上 Dask 调度器 {address}：{why}", address=str(cluster), why=str(error))) from error
    try:
        # pure=False: equal arguments are still two jobs.
        yield client.get_executor(pure=False)
    finally:
        local = client.cluster if not cluster else None
        client.close()
        if local is not None:
            local.close()
