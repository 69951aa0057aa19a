"""Is there nothing on a page but its frame?"""

from __future__ import annotations

from datetime import datetime

from crawler.html import Document
from crawler.lists import listing
from crawler.outline import Outline, Region
from crawler.page import Page

_BEFORE = 12  # texts, links and pictures that may stand between a picture and the text it belongs to


def is_blank(page: Page, as_of: datetime, name: str = "") -> bool:
    """No list, no text, no board of links, nothing to fill in or to play. False where scripts may draw what is there.

    `name`: what the links to the page call it.
    """
    if page.script_drawn or holds_more(page):
        return False
    seen = listing(page.document, page.url, fetched_at=page.answer.at, as_of=as_of, name=name)
    return not (seen.items or seen.has_text or seen.unobservable is not None)


def holds_more(page: Page) -> bool:
    """The page is no list at all: a form, a frame, a player."""
    root = page.document.root
    if root.select_one("iframe[src],object[data],embed[src],video,audio,canvas") is not None:
        return True
    return any(len(form.select("input:not([type=hidden]),textarea,select")) >= 3 for form in root.select("form"))


def shows_picture(document: Document) -> bool:
    """A picture stands in the page's body, below some text of it: it is no logo of the page's head."""
    outline = Outline.of(document)
    body = [outline.regions[leaf.parent] is Region.MAIN for leaf in outline.leaves]
    for at, leaf in enumerate(outline.leaves):
        if leaf.kind == "image" and body[at]:
            before = range(max(0, at - _BEFORE), at)
            if any(body[n] and outline.leaves[n].kind == "text" for n in before):
                return True
    return False
