"""httpx and aiohttp, imported without what an audit never uses; that was a quarter of the time one takes to start.

httpx imports the command that comes with it where rich is there, and rich is ours. aiohttp reads the system's
certificate authorities, twice, into contexts of its own; `crawler/transport.py` names a context for every https
connection, made at the first one. aiohttp's own trust nobody then: a session that forgot to name one is
refused, never deceived.
"""

from __future__ import annotations

import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident

_COMMAND = "httpx._main"


@contextmanager
def _without_command() -> Iterator[None]:
    """A module that is None in `sys.modules` cannot be imported (so the reference of `import`); httpx does without, as
    where that extra is missing."""
    if _COMMAND in sys.modules:
        yield
        return
    sys.modules[_COMMAND] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[_COMMAND]


class _Roots:
    """`SSLContext.set_default_verify_paths` that does nothing for one thread."""

    def __init__(self) -> None:
        self._real, self._thread = ssl.SSLContext.set_default_verify_paths, get_ident()

    def __get__(self, context: ssl.SSLContext, _: type) -> object:
        return self._nothing if get_ident() == self._thread else self._real.__get__(context)

    @staticmethod
    def _nothing() -> None:
        """No authority is read."""


@contextmanager
def _without_authorities() -> Iterator[None]:
    ssl.SSLContext.set_default_verify_paths = _Roots()  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        del ssl.SSLContext.set_default_verify_paths  # the C class's shows again


with _without_command():
    import httpx
with _without_authorities():
    import aiohttp
    from aiohttp.abc import AbstractResolver, ResolveResult
    from aiohttp.http import HttpProcessingError

__all__ = ["AbstractResolver", "HttpProcessingError", "ResolveResult", "aiohttp", "httpx"]
