"""The links that stand on one page, as a person can follow them; and whether a page came from a server at all."""

from __future__ import annotations

from collections.abc import Iterator

from crawler.html import Ref
from crawler.page import Answer, Page
from crawler.urls import Joiner, TargetKind


def page_links(page: Page) -> Iterator[tuple[Ref, str | None]]:
    """Each clickable link with its absolute address, written as `Link.url` is; None where it leads to no web page."""
    document = page.document
    joiner = Joiner(page.url)
    if document.base:
        joiner = Joiner(joiner.join(document.base).url or page.url)
    for ref in document.refs():
        if ref.tag in ("a", "area") or ref.attr == "onclick":
            target = joiner.join(ref.raw)
            yield ref, target.url if target.kind is TargetKind.WEB else None


def is_file(answer: Answer) -> bool:
    """A file that was read from disk: it has no status and did not fail."""
    return answer.status is None and answer.failure is None
