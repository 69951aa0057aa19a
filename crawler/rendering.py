"""A page as a browser draws it: which pages need one, and whether what was drawn shows what the page is for. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crawler import columns, scripted
from crawler.html import Document
from crawler.message import Message, say
from crawler.page import Answer
from crawler.site import Column, ColumnKind

NO_BROWSER = "no-browser"
"""The component or the browser is not installed."""
ROOT = "browser-root"
"""Root cannot have the sandbox, and nobody said that it may go without."""
FAILED = "browser-failed"
"""It does not start, or breaks off again and again."""
REASONS = {
    NO_BROWSER: say("没有安装 browser 组件或 Chromium 浏览器"),
    ROOT: say("以 root 身份运行，浏览器不能启用沙箱"),
    FAILED: say("浏览器没有启动，或一再中断"),
}
"""Why there was no browser for a page that needs one."""

_FOOT = ("标识码", "公网安备", "ICP备", "主办")
_SOME = 2


@dataclass(frozen=True, slots=True)
class Rendering:
    """What a browser made of a page; `html` is empty where that proves nothing, and `why` says why."""

    at: datetime
    by: str = ""
    """Name and version of the browser; empty when there was none."""
    html: str = ""
    why: Message | None = None
    code: str = ""
    """One of REASONS; empty when there was a browser."""
    size: int = 0
    """Bytes that the page's scripts had transferred."""


def home_needs(document: Document, answer: Answer, as_of: datetime) -> bool:
    """The home page, or what is new on it, or its foot is drawn by script."""
    if document.script_drawn or _home_list(document, answer, as_of).unobservable is not None:
        return True
    return not has_foot(document) and document.root.select_one("script") is not None


def has_foot(document: Document) -> bool:
    """The page shows some of what a government site must say of itself (国办发〔2017〕47号, 底部功能区)."""
    text = document.text()
    return sum(mark in text for mark in _FOOT) >= _SOME


def column_needs(document: Document, column: Column, listing: columns.Listing) -> bool:
    """The list of a column that should be updated is drawn by script."""
    lists = column.kind is not ColumnKind.STATIC and not column.archived
    return lists and (listing.unobservable is not None or document.script_drawn)


def home_lacks(served: Document, drawn: Document, answer: Answer, as_of: datetime) -> Message | None:
    """Why the home page as a browser drew it tells no more than it did as served; None when it does."""
    if not served.script_drawn:
        for_its_list = _home_list(served, answer, as_of).unobservable is not None
        lack = _home_list(drawn, answer, as_of).unobservable
        return lack if for_its_list or lack is not None or has_foot(drawn) else say("用浏览器打开后，页面底部仍是空的")
    return say("用浏览器打开后，页面仍是空的") if drawn.script_drawn else scripted.waiting(drawn)


def column_lacks(drawn: Document, answer: Answer, as_of: datetime, name: str) -> Message | None:
    """Why the list of a column cannot be read even as a browser drew it; None when it can."""
    if drawn.script_drawn:
        return say("用浏览器打开后，页面仍是空的")
    return columns.listing(drawn, answer.url, fetched_at=answer.at, as_of=as_of, name=name).unobservable


def _home_list(document: Document, answer: Answer, as_of: datetime) -> columns.Listing:
    return columns.listing(document, answer.url, fetched_at=answer.at, as_of=as_of, whole=True)
