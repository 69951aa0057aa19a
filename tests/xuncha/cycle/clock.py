"""What time it is, for the whole program and for apscheduler: a test sets the clock forward."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from types import ModuleType

import apscheduler.executors.base
import apscheduler.schedulers.base
import pytest

import crawler
import reports
import rules
import xuncha as program


class _Kind(type):
    def __instancecheck__(cls, one: object) -> bool:
        return isinstance(one, datetime)


class Clock:
    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._ahead = timedelta()
        clock = self

        class Shifted(datetime, metaclass=_Kind):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
                return datetime.now(tz) + clock._ahead

        for module in _modules():
            if getattr(module, "datetime", None) is datetime:
                patch.setattr(module, "datetime", Shifted)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def set(self, moment: datetime) -> None:
        self._ahead = moment - datetime.now(UTC)


def _modules() -> Iterator[ModuleType]:
    yield from (apscheduler.schedulers.base, apscheduler.executors.base)
    for package in (crawler, rules, reports, program):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)
