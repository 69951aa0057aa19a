"""Which addresses a visit may connect to. Kept apart from the transport, so that a plan can be read without it."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.message import Message
from crawler.urls import address_reason


@dataclass(frozen=True, slots=True)
class Guard:
    """Which addresses may be reached. `named`: hosts the operator wrote down, in ASCII and lower case."""

    allow_private: bool = False
    named: frozenset[str] = frozenset()
    hosts: tuple[tuple[str, tuple[str, int]], ...] = ()
    """Host → address and port to connect to instead of asking the resolver, as a hosts file: for the demo, and for a
    portal that is inspected before it goes live."""

    def fixed(self, host: str) -> tuple[str, int] | None:
        return dict(self.hosts).get(host)

    def refuses(self, host: str, address: str) -> Message | None:
        """Why a connection to `address`, found for `host`, must not be made; None when it may."""
        if self.allow_private or host.lower().rstrip(".") in self.named:
            return None
        return address_reason(address)
