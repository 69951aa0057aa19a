"""Is there nothing on a page but its frame?"""

from __future__ import annotations

from datetime import datetime

from crawler.lists import listing
from crawler.page import Page


def is_blank(page: Page, as_of: datetime, name: str = "") -> bool:
    """No list, no text, no board of links, nothing to fill in or to play. False where scripts may draw what is there.

    `name`: what the links to the page call it.
    """
    if page.script_drawn or holds_more(page):
        return False
    seen = listing(page.document, page.url, fetched_at=page.answer.at, as_of=as_of, name=name)
    return not (seen.items or seen.has_text or seen.unobservable is not None)


def holds_more(page: Page) -> bool:
    """The page is no list at all: a form, a frame, a player, a table, a picture of some size in its body."""
    root = page.document.root
    if root.select_one("iframe[src],object[data],embed[src],video,audio,canvas") is not None:
        return True
    return any(len(form.select("input:not([type=hidden]),textarea,select")) >= 3 for form in root.select("form"))
