"""The papers of a period: which there are, what their files are called, and writing each."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from crawler.message import say
from crawler.urls import host
from reports.background import Background
from reports.details import Form, NoticeDetails
from reports.tally import Tally, tally
from xuncha.inspected import Inspected
from xuncha.ledger import past
from xuncha.parameters import Mistake

_SEVERAL = (Form.ORDER, Form.CHECKLIST)
"""One a site."""


@dataclass(frozen=True, slots=True)
class Paper:
    form: Form
    file: str
    """Without its ending."""
    annex: str
    """"": it has none."""
    seen: Inspected
    """With the sites that it tells of."""
    details: NoticeDetails

    @property
    def figures(self) -> Tally:
        return tally(self.seen.run, self.seen.assessments)

    @property
    def due(self) -> date | None:
        """To be mended by; None where nothing is, or where it is not known yet."""
        details = self.details
        if not self.figures.problems:
            return None
        if details.due is not None or details.issued is None:
            return details.due
        from rules import workdays

        return workdays.add(details.issued, details.workdays, holidays=details.holidays).date

    # The libraries behind the files are slow to import.

    def body(self, past: Background) -> bytes:
        """The Word file."""
        seen = self.seen
        given: dict[str, Any] = {"details": self.details, "background": past}
        if self.form is Form.CIRCULAR:
            from reports import notice
            from reports.language import Language

            return notice.render(seen.run, seen.assessments, seen.edition, Language(), **given)
        (site,) = seen.assessments
        if self.form is Form.ORDER:
            from reports import order

            return order.render(seen.run, site, seen.edition, **given)
        from reports import checklist

        return checklist.render(seen.run, site, seen.edition, **given)

    def list(self, now: datetime) -> bytes:
        """The workbook."""
        from reports import annex
        from reports.history import History, Past
        from reports.language import Language

        seen = self.seen
        known: dict[str, dict[str, Past]] = {}
        for (url, fingerprint), entry in seen.ledger.items():
            known.setdefault(url, {})[fingerprint] = past(entry, now)
        return annex.render(
            seen.run,
            seen.assessments,
            seen.edition,
            Language(),
            due=self.due,
            draft=self.details.draft,
            histories={url: History(past=found) for url, found in known.items()},
        )


def papers(form: Form, seen: Inspected, details: NoticeDetails) -> list[Paper]:
    """Of all sites, or one of each. A draft never takes the place of what went out. Raises Mistake."""
    mark = "-draft" if details.draft else ""
    if form not in _SEVERAL:
        return [Paper(form, f"notice{mark}", f"annex{mark}", seen, details)]
    alone = [replace(seen, assessments=(a,), run=replace(seen.run, failures=())) for a in seen.assessments]
    if form is Form.CHECKLIST:
        return [Paper(form, f"checklist{mark}-{key}", "", one, details) for key, one in _keyed(alone)]
    alone = [one for one in alone if tally(one.run, one.assessments).problems]
    if not alone:
        raise Mistake(
            say("没有问题可以通知")
            if details.draft
            else say("没有经复核确认的问题，不能出整改通知书；复核见 xuncha review，先看初稿请加 --draft")
        )
    numbers = _numbers(details.number, len(alone))
    return [
        Paper(form, f"order{mark}-{key}", f"annex{mark}-{key}", one, replace(details, number=number))
        for (key, one), number in zip(_keyed(alone), numbers, strict=True)
    ]


def _keyed(alone: Sequence[Inspected]) -> list[tuple[str, Inspected]]:
    """With what the files of each site are called: its code, or its host."""
    found: dict[str, Inspected] = {}
    for one in alone:
        site = one.assessments[0].site
        key = re.sub(r"[^a-z0-9.-]+", "-", (site.code or host(site.url) or "site").lower())[:60].strip(".-") or "site"
        if key in found:
            key = f"{key}-{hashlib.sha256(site.url.encode('utf-8', 'replace')).hexdigest()[:8]}"
        found[key] = one
    return list(found.items())


def _numbers(first: str, count: int) -> list[str]:
    """文号 for so many documents, counted up from the first."""
    shape = re.fullmatch(r"(.*?)([0-9]+)(\D*)", first)
    if shape is None:
        if first and count > 1:
            raise Mistake(say("--number：“{number}”中没有序号，不能依次编 {count} 份", number=first, count=count))
        return [first] * count
    head, digits, tail = shape.groups()
    return [f"{head}{int(digits) + step}{tail}" for step in range(count)]
