"""What a rule derives from a snapshot is derived once, for all the parameter sets that an edition runs it with."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class once(Generic[T]):  # noqa: N801 - a decorator reads as a word
    """Remember the answer for the subject asked last, as long as that lives. The judge hands all runs of one rule the
    same view (rules/engine/trial.py).

    >>> class Page: ...
    >>> number = once(id)
    >>> page = Page()
    >>> number(page) == number(page) == id(page)
    True
    """

    def __init__(self, derive: Callable[[Any], T]) -> None:
        self._derive = derive
        self._last: tuple[weakref.ref[Any], T] | None = None

    def __call__(self, subject: Any) -> T:  # noqa: ANN401 - a snapshot, a page
        last = self._last
        if last is not None and last[0]() is subject:
            return last[1]
        value = self._derive(subject)
        self._last = (weakref.ref(subject, self._forget), value)
        return value

    def _forget(self, gone: weakref.ref[Any]) -> None:
        if self._last is not None and self._last[0] is gone:
            self._last = None
