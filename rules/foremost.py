"""The column that stands for several, where a finding is about them all."""

from __future__ import annotations

from collections.abc import Iterable

from crawler.snapshot import ColumnView


def foremost(views: Iterable[ColumnView]) -> ColumnView | None:
    """The one nearest to the root of its site. It is not the one that was found first: the order of visiting must not
    change what a finding is known by."""
    return min(views, key=lambda view: (view.url.count("/"), view.url), default=None)
