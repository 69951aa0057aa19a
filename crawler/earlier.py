"""What earlier visits saw of the items of a site's lists: since when each is known, and under which date. Data only.

No visit gathers it: whoever keeps the visits hands it in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b


@dataclass(frozen=True, slots=True)
class Sighted:
    since: date
    """The day of the first visit that saw it."""
    shown: date | None
    """The date that stood beside it then."""


Earlier = Mapping[int, Sighted]
"""By `key` of the item's address."""


def key(url: str) -> int:
    """63 bits of an address, which SQLite takes as they are: there are as many as items."""
    return int.from_bytes(blake2b(url.encode("utf-8", "surrogatepass"), digest_size=8).digest()) >> 1
