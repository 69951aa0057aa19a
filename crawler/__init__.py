"""Gather: what did the site answer? The only package that touches the network.

This module re-exports data types only, so that rules and reports can name them without reaching an HTTP library.
"""

from crawler.message import Message, say
from crawler.outcome import Outcome, Verdict
from crawler.page import Answer, Evidence, Failure, FailureKind, Hop, Link, LinkKind, Page, Role
from crawler.site import Column, ColumnKind, Site, SiteKind
from crawler.snapshot import ColumnView, Coverage, DateSource, Item, NotGathered, Repeat, Snapshot, Trap

__all__ = [
    "Answer",
    "Column",
    "ColumnKind",
    "ColumnView",
    "Coverage",
    "DateSource",
    "Evidence",
    "Failure",
    "FailureKind",
    "Hop",
    "Item",
    "Link",
    "LinkKind",
    "Message",
    "NotGathered",
    "Outcome",
    "Page",
    "Repeat",
    "Role",
    "Site",
    "SiteKind",
    "Snapshot",
    "Trap",
    "Verdict",
    "say",
]
