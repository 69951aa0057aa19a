"""What the resolver says of IPv6, and what it leaves open."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from crawler.guard import Guard
from crawler.ipv6 import has_ipv6

STREAM = (socket.AF_INET6, socket.SOCK_STREAM, 6, "")


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Any:
    """resolver(answer) makes the system's resolver say that, or raise it; returns what it was asked."""

    def say(answer: Any) -> list[Any]:
        asked: list[Any] = []

        def getaddrinfo(host: str, port: Any, family: int = 0, *_: Any, **__: Any) -> Any:
            asked.append((host, family))
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return asked

    return say


def known(name: str, guard: Guard | None = None) -> bool | None:
    return asyncio.run(has_ipv6(name, guard or Guard()))


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ([(*STREAM, ("2001:da8::1", 0, 0, 0))], True),
        ([(*STREAM, ("::ffff:1.2.3.4", 0, 0, 0))], None),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), False),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), None),
        (socket.gaierror(socket.EAI_FAIL, "Non-recoverable failure in name resolution"), None),
        (OSError("no network"), None),
        (UnicodeError("label too long"), None),
    ],
)
def test_what_the_resolver_says(resolver: Any, answer: Any, told: bool | None) -> None:
    asked = resolver(answer)
    assert known("www.yunling.gov.cn") is told
    assert asked == [("www.yunling.gov.cn", socket.AF_INET6)]


@pytest.mark.parametrize("name", ["", "127.0.0.1", "2001:da8::1", "fixed.gov.cn"])
def test_nobody_is_asked_about_an_address_or_a_fixed_host(resolver: Any, name: str) -> None:
    asked = resolver(AssertionError("asked"))
    assert known(name, Guard(hosts=(("fixed.gov.cn", ("127.0.0.1", 80)),))) is None
    assert asked == []
