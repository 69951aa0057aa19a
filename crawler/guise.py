"""A page asked in another guise: as a search engine's robot, or as a reader who comes from a search engine.

Intruders often show what they put into a page to these only (cloaking), so that whoever types the address sees nothing.
How an answer in a guise may differ from the visit's own is told here; what that means is judged by rules. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import quote

from crawler.html import Document, parse
from crawler.urls import Joiner, domain, host

if TYPE_CHECKING:
    from crawler.message import Message
    from crawler.page import Answer


class Guise(StrEnum):
    SELF = "self"
    """As the visit asks everything."""
    SPIDER = "spider"
    """With the name of Baidu's robot, and our own after it."""
    SEARCHER = "searcher"
    """With a page of Baidu's results as the referrer."""


OTHERS = (Guise.SEARCHER, Guise.SPIDER)
"""In the order of asking: a firewall may take the name of a spider amiss, and shut us out altogether."""
SPIDER_TOKEN = "baiduspider"  # noqa: S105 - a product token of robots.txt
"""Whose rules a robots.txt may hold for the guise."""
_SPIDER = "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)"
_LOADS = frozenset({"script", "iframe", "frame"})
_LEADS = frozenset({"a", "area", "form"})
# What a counter, a clock or a session changes: digits, and everything that is no word.
_CHANGING = re.compile(r"[\W\d_]+")
_SHORT = 4  # characters of a line that tells nothing


def headers(guise: Guise, agent: str, url: str) -> dict[str, str]:
    """What a request in a guise says otherwise than the visit does. It never hides who asks: `agent`, the visit's own
    User-Agent, stands in all of them.
    """
    if guise is Guise.SPIDER:
        return {"User-Agent": f"{_SPIDER} {agent}"}
    return {"Referer": f"https://www.baidu.com/s?wd={quote(host(url))}"} if guise is Guise.SEARCHER else {}


@dataclass(frozen=True, slots=True)
class Looks:
    """What can be compared of a page, without what changes from one minute to the next."""

    url: str
    """Where the answer came from in the end."""
    title: str
    labels: tuple[str, str]
    """META keywords and description."""
    onward: str
    """Where the page sends its reader; empty when it stays."""
    leads: dict[str, str]
    """Registrable domain of other sites that it links to → the text of the first such link."""
    loads: frozenset[str]
    """Registrable domains of other sites whose scripts and frames it brings in."""
    lines: dict[str, str]
    """A line of its text without digits and marks → as it stands. Their order is left out, and short ones are."""


def looks(document: Document, url: str) -> Looks:
    """`url`: the final address."""
    base = Joiner(url).join(document.base).url if document.base else None
    joiner, own = Joiner(base or url), domain(host(url)) or host(url)
    leads: dict[str, str] = {}
    loads: set[str] = set()
    for tag, _, raw, node in document.places():
        if tag in _LOADS or tag in _LEADS:
            name = host(joiner.join(raw).url or "")
            site = domain(name) or name
            if site and site != own and tag in _LOADS:
                loads.add(site)
            elif site and site != own:
                leads[site] = leads.get(site) or document.label(node)
    onward = document.client_redirect()
    lines: dict[str, str] = {}
    for line in document.text().split("\n"):
        plain = _CHANGING.sub("", line).lower()
        if len(plain) >= _SHORT:
            lines.setdefault(plain, line)
    return Looks(
        url=url,
        title=document.title,
        labels=(_meta(document, "keywords"), _meta(document, "description")),
        onward=(joiner.join(onward).url if onward else None) or "",
        leads=leads,
        loads=frozenset(loads),
        lines=lines,
    )


def _meta(document: Document, name: str) -> str:
    return next((content for content in document.metas.get(name, ()) if content), "")


def differ(own: Looks, other: Looks) -> bool:
    """Whether what a guise was shown holds anything that the page itself does not: then both must be asked again."""
    return (
        host(own.url) != host(other.url)
        or own.title != other.title
        or own.labels != other.labels
        or other.onward not in ("", own.onward)
        or not other.leads.keys() <= own.leads.keys()
        or not other.loads <= own.loads
        or not other.lines.keys() <= own.lines.keys()
    )


def _nothing() -> str:
    return ""


@dataclass(frozen=True)
class Appearance:
    """What a page answered to one who asked in some guise. Of a guise that saw something else there are two, and two of
    the visit's own: what is in both of the one and in none of the other is no accident.
    """

    guise: Guise
    answer: Answer
    refused: Message | None = None
    """Why there is no page to compare; None when there is."""
    source: Callable[[], str] = field(default=_nothing, repr=False, compare=False)
    """Reads the decoded HTML back from the evidence, anew at each call."""

    @cached_property
    def looks(self) -> Looks:
        return looks(parse(self.source()), self.answer.url)
