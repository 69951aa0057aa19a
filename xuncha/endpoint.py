"""/health and /metrics on a loopback port, for supervisors and Prometheus. Off unless the settings name the port."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

from crawler.message import say
from xuncha.parameters import Mistake
from xuncha.store.database import StoreError

if TYPE_CHECKING:
    from xuncha.pulse import Pulse
    from xuncha.status import Status


@contextmanager
def served(
    address: tuple[str, int], health: Callable[[], tuple[bool, dict[str, Any]]], status: Callable[[], Status]
) -> Iterator[int]:
    """Answer as long as the block lasts; the port. `health`: cheap, asked every few seconds. Raises Mistake where the
    port cannot be had."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/health":
                good, facts = health()
                self._answer(200 if good else 503, "application/json", json.dumps(facts, ensure_ascii=False).encode())
            elif path == "/metrics":
                try:
                    self._answer(200, "text/plain; version=0.0.4; charset=utf-8", _metrics(status()))
                except ImportError:
                    self._answer(501, "text/plain; charset=utf-8", b"pip install prometheus-client\n")
                except (StoreError, Mistake, OSError) as error:
                    self._answer(503, "text/plain; charset=utf-8", f"{error}\n".encode())
            else:
                self._answer(404, "text/plain; charset=utf-8", b"/health /metrics\n")

        def _answer(self, code: int, kind: str, body: bytes) -> None:
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401
            """Whoever asks every few seconds is not worth a line."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
            """Whoever asked has gone."""

    try:
        server = Server(address, Handler)
    except OSError as error:
        where = f"{address[0]}:{address[1]}"
        raise Mistake(
            say("watch.listen：不能使用 {where}（{why}）", where=where, why=error.strerror or str(error))
        ) from error
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _metrics(status: Status) -> bytes:
    """In Prometheus' text format. Raises ImportError without the extra `metrics`."""
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    registry.register(_Collector(status))
    return generate_latest(registry)


Values = Sequence[tuple[list[str], float]]


class _Collector:
    def __init__(self, status: Status) -> None:
        self._status = status

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import GaugeMetricFamily

        for name, doc, labels, values in _gauges(self._status):
            family = GaugeMetricFamily(f"xuncha_{name}", doc, labels=labels)
            for words, value in values:
                family.add_metric(words, value)
            yield family


def _gauges(status: Status) -> Iterator[tuple[str, str, list[str], Values]]:
    """Name, what it means, names of its labels, and the values with their labels. Times are Unix times."""
    lines = status.lines
    yield "healthy", "1: nothing needs a person.", [], [([], not status.troubles)]
    yield "disk_free_bytes", "Free on the disk of the data folder.", [], [([], status.free)]
    if status.pulse is not None:
        yield from _of_pulse(status.pulse, [line.line.name for line in lines])
    turns = [line.turn for line in lines if line.turn is not None]
    finished = [([turn.schedule], turn.finished.timestamp()) for turn in turns]
    yield "schedule_last_seconds", "When the last turn ended.", ["schedule"], finished
    codes = [([turn.schedule], -1.0 if turn.code is None else turn.code) for turn in turns]
    yield "schedule_last_code", "Its exit code; -1: it was not done.", ["schedule"], codes
    shares = [
        ([line.line.name, span], share)
        for line in lines
        for span, share in (("day", line.day), ("week", line.week))
        if share is not None
    ]
    for what in ("planned", "made"):
        values = [(words, float(getattr(share, what))) for words, share in shares]
        yield f"probe_rounds_{what}", f"Rounds of probes {what}.", ["schedule", "span"], values
    for what, doc in (
        ("counted", "Probes of the last seven days that found the home page open or surely shut."),
        ("failed", "Of those, shut."),
        ("ours", "Probes during an outage of our own network."),
    ):
        pages = [([page.url], float(page.seen.sum(what))) for page in status.homes]
        yield f"home_probes_{what}", doc, ["url"], pages


def _of_pulse(beat: Pulse, names: Sequence[str]) -> Iterator[tuple[str, str, list[str], Values]]:
    yield "watch_started_seconds", "When the watch began.", [], [([], beat.started.timestamp())]
    for name, doc, count in (
        ("skipped", "Runs left out because the one before was not done, since the start.", beat.skipped),
        ("missed", "Runs that came late and were caught up once, since the start.", beat.missed),
        ("failed", "Runs that were not done, since the start.", beat.failed),
    ):
        yield f"runs_{name}", doc, [], [([], count)]
    due = [([name], moment.timestamp()) for name, moment in beat.upcoming.items() if moment]
    yield "schedule_next_seconds", "When the line is due.", ["schedule"], due
    yield "schedule_busy", "1: at work now.", ["schedule"], [([name], float(name in beat.busy)) for name in names]
