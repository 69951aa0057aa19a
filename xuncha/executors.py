"""Where jobs run: here one after another, in threads, in processes, or on a Dask cluster."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import ExitStack, contextmanager
from typing import Any, ParamSpec, TypeVar

from crawler.message import say

P = ParamSpec("P")
T = TypeVar("T")

NAMES = ("inline", "threads", "processes", "dask")
_MOST_PROCESSES = 60  # Windows can wait for no more


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
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(workers) as pool:
            yield pool
    elif name == "processes":
        import multiprocessing  # slow to import, and rarely used
        from concurrent.futures import ProcessPoolExecutor

        # spawn: the same on every system, and no fork of a process that runs threads.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(workers, _MOST_PROCESSES), mp_context=context, initializer=_deaf) as pool:
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
def _undisturbed() -> Iterator[None]:
    """Ctrl-C waits till the end of the block, where the system can do that: half a cluster cannot be closed. The
    workers that are started within never hear it."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _dask(workers: int, cluster: str | None) -> Iterator[Executor]:
    with ExitStack() as closing:
        with _undisturbed():
            client = _client(workers, cluster)
            if not cluster:
                closing.callback(client.cluster.close)
            closing.callback(client.close)
        if not cluster:
            client.run(_deaf)
        # pure=False: equal arguments are still two jobs.
        yield client.get_executor(pure=False)


def _client(workers: int, cluster: str | None) -> Any:  # noqa: ANN401 - distributed ships no types
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise ExecutorError(say("使用 dask 需要安装扩展：pip install 'xuncha[fleet]'")) from error
    try:
        if cluster:
            return _untyped(Client)(cluster, timeout=10)
        # What goes wrong in a job is told by whoever waits for it; distributed would print its traceback too.
        local = _untyped(LocalCluster)(
            n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL
        )
        return _untyped(Client)(local)
    except (OSError, ValueError) as error:  # no answer; no address
        raise ExecutorError(say("连不上 Dask 调度器 {address}：{why}", address=str(cluster), why=str(error))) from error
