"""A line that breaks now and then changes no verdict: the portal, audited through a proxy that spoils answers."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from loopback import Loopback, reset

from crawler.guard import Guard
from crawler.plan import Plan
from crawler.site import Site
from rules.engine.assessment import Assessment
from xuncha.audit import Job, audit
from xuncha.demo import AS_OF, OWN_NAME, Portal

KINDS = ("reset", "reset-in-head", "reset-in-body", "cut-in-head", "cut-in-body", "late")
SHARE = 0.4


class Proxy:
    """Hands requests on to `port`. A first ask is spoilt by chance, the same for the same seed whatever the order of
    asking; what is asked on a connection of its own, as all second asks are, is not: the fault has passed by then.
    """

    def __init__(self, port: int, seed: int | None) -> None:
        self._port, self._seed = port, seed
        self._asked: Counter[bytes] = Counter()
        self.done: Counter[str] = Counter()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            start = await reader.readexactly(1)
            if start == b"\x16":  # the portal speaks no TLS
                return
            head = start + await reader.readuntil(b"\r\n\r\n")
            chance = self._chance(head)
            kind = chance.choice(KINDS) if chance is not None and chance.random() < SHARE else "whole"
            self.done[kind] += 1
            if not await self._send(kind, await self._answer(head), chance, writer):
                return

    def _chance(self, head: bytes) -> random.Random | None:
        """None: nothing may happen to this request."""
        first, _, rest = head.partition(b"\r\n")
        host = rest.partition(b"\r\n")[0]
        self._asked[first + host] += 1
        if self._seed is None or b"connection: close" in head.lower():
            return None
        return random.Random(f"{self._seed} {first!r} {host!r} {self._asked[first + host]}")  # noqa: S311 - no secret

    async def _answer(self, head: bytes) -> bytes:
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            first, _, rest = head.partition(b"\r\n")
            kept = [line for line in rest.split(b"\r\n") if line and not line.lower().startswith(b"connection:")]
            back.write(b"\r\n".join([first, *kept, b"Connection: close", b"", b""]))
            return (await there.read()).replace(b"Connection: close\r\n", b"")
        finally:
            back.close()

    @staticmethod
    async def _send(kind: str, answer: bytes, chance: random.Random | None, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection goes on."""
        body = answer.find(b"\r\n\r\n") + 4
        if kind == "late":
            await asyncio.sleep(0.05)
        if chance is None or kind in ("whole", "late") or (kind.endswith("in-body") and body == len(answer)):
            writer.write(answer)
            await writer.drain()
            return True
        if kind.endswith("in-head"):
            writer.write(answer[: chance.randrange(body)])
        elif kind.endswith("in-body"):
            writer.write(answer[: chance.randrange(body, len(answer))])
        await writer.drain()
        if kind.startswith("reset"):
            reset(writer)
        return False


Judged = Callable[[int | None], tuple[Assessment, Counter[str]]]


@pytest.fixture
def judged(tmp_path: Path) -> Judged:
    """judged(seed) audits the portal through a proxy of that seed; None: one that spoils nothing."""

    def run(seed: int | None) -> tuple[Assessment, Counter[str]]:
        with Portal() as portal, Loopback() as loopback:
            proxy = Proxy(int(portal.url.rstrip("/").rpartition(":")[2]), seed)
            port = loopback.listen(proxy)
            guard = Guard(hosts=tuple((name, ("127.0.0.1", port)) for name in (OWN_NAME, *portal.resolve)))
            plan = Plan(as_of=AS_OF, rate=0, confirm_after=0.0, guard=guard)
            site = Site(f"http://{OWN_NAME}/ylx/", "云岭县人民政府")
            return audit(Job(site, plan, tmp_path / str(seed), "cn-2019")), proxy.done

    return run


def facts(assessment: Assessment) -> dict[str, Any]:
    """What must not change. How often an address was asked may."""
    return {
        "result": (assessment.result, assessment.score, assessment.vetoes),
        "checks": [(c.indicator, c.clause, c.status, c.subjects) for c in assessment.checks],
        "findings": sorted((f.rule, f.fingerprint, f.certain, f.points) for f in assessment.findings),
        "coverage": assessment.coverage,
    }


@pytest.mark.parametrize("seed", range(3))
def test_faults_that_pass_change_nothing(judged: Judged, seed: int) -> None:
    whole, undisturbed = judged(None)
    disturbed, faults = judged(seed)
    assert set(undisturbed) == {"whole"}
    assert set(faults) == {"whole", *KINDS}
    assert whole.findings
    assert facts(disturbed) == facts(whole)
