"""`--profile`: where the CPU time went."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from typing import Any

import pytest

from xuncha.profile import NAMES, Place, Samples, part, sampled, told

AS_OF = "2026-11-20T09:00"


def stack(*modules: str | None) -> list[Place]:
    return [Place(module, "f", 1, 1) for module in modules]


@pytest.mark.parametrize(
    ("modules", "wanted"),
    [
        (("turbohtml", "crawler/html", "crawler/harvest", "crawler/visit"), "parse"),
        (("crawler/harvest", "crawler/visit", "asyncio"), "links"),
        ((None, "re", "crawler/dates", "crawler/visit"), "columns"),
        (("sqlite3", "crawler/archive", "crawler/visit"), "store"),
        (("asyncio", "xuncha/audit"), "http"),
        (("turbohtml", "crawler/html", "rules/foot", "rules/engine/judge", "xuncha/audit"), "rules"),
        (("importlib", "crawler/visit"), "start"),
        (("importlib", "rules/engine/judge"), "rules"),
        ((None, "json"), "other"),
        ((), "other"),
    ],
)
def test_a_stack_works_for_one_part(modules: tuple[str | None, ...], wanted: str) -> None:
    assert part(stack(*modules)) == wanted


def test_shares_add_up_to_the_cpu_time() -> None:
    samples = Samples()
    for modules in (("crawler/html",), ("crawler/html",), ("rules/foot",), ()):
        samples.take(stack(*modules))
    samples.cpu = 2.0
    _, rows = told(samples, 10)
    assert rows[0] == (NAMES["parse"], 100.0, 0.5)
    assert sum(each for _, each, _ in rows) == pytest.approx(200.0)
    assert sum(share for *_, share in rows) == pytest.approx(1.0)


@pytest.mark.skipif(not hasattr(signal, "SIGPROF"), reason="no timer of CPU time on this system")
def test_samples_are_of_the_block_and_the_timer_ends_with_it() -> None:
    before = signal.getsignal(signal.SIGPROF)
    with pytest.raises(ZeroDivisionError), sampled() as samples:
        while samples.total < 3:
            sum(range(10_000))
        _ = 1 // 0
    assert samples.cpu > 0
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGPROF) is before


@pytest.mark.skipif(not hasattr(signal, "SIGPROF"), reason="no timer of CPU time on this system")
def test_an_audit_tells_where_its_time_went(xuncha: Any, webs: Callable[[], Any]) -> None:
    web = webs()
    web.sound()
    said = xuncha("audit", web.url, "--as-of", AS_OF, "--rate", 0, "--format", "json", "--profile")
    assert said.code == 0
    assert re.search(r"CPU 时间 \d+\.\d\d 秒，网页 \d+ 个，平均每个 \d+\.\d\d 毫秒（采样 \d+ 次）", said.out)
    assert re.search(r"(?m)^\S.+ +\d+\.\d{3} +\d+\.\d%$", said.out)
    assert "CPU" not in xuncha("audit", web.url, "--as-of", AS_OF, "--rate", 0, "--format", "json").out


def test_other_executors_cannot_be_profiled(xuncha: Any) -> None:
    said = xuncha("audit", "http://a.example/", "http://b.example/", "--workers", 2, "--profile")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "--executor inline" in said.err
