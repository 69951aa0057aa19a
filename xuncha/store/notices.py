"""Notices that went out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from crawler.message import say
from reports.details import Form
from rules.engine.assessment import Result
from xuncha.notices import Notice, Told, events
from xuncha.store.cells import Read, Row, storable
from xuncha.store.database import StoreError, Tables
from xuncha.store.ledger import Ledger, event_row


class Notices:
    def __init__(self, tables: Tables, ledger: Ledger) -> None:
        self._tables, self._ledger = tables, ledger

    def all(self) -> list[Notice]:
        """All that went out, in the order they were written down."""
        with self._tables.reading():
            return [
                _read(
                    row,
                    self._tables.select("SELECT * FROM notice_sites WHERE notice = ? ORDER BY url", row["number"]),
                    self._tables.select(
                        "SELECT * FROM notice_findings WHERE notice = ? ORDER BY url, fingerprint", row["number"]
                    ),
                )
                for row in self._tables.select("SELECT * FROM notices ORDER BY rowid")
            ]

    def add(self, issued: Sequence[Notice]) -> None:
        """Write down that they went out, and in the ledger what they named: all or nothing. Raises StoreError for a
        number that was used before, or a finding that cannot be notified."""
        with self._tables.writing():
            for notice in issued:
                if self._tables.select("SELECT 1 FROM notices WHERE number = ?", notice.number):
                    raise StoreError(say("文号 {number} 已经用过；请换一个文号", number=notice.number))
                entries = [entry for site in notice.sites for entry in self._ledger.entries(url=site.url)]
                try:
                    told = events(notice, entries)
                except ValueError as error:
                    raise StoreError(error.args[0]) from error
                self._tables.insert("notices", [storable(_row(notice))])
                self._tables.insert("notice_sites", map(storable, _site_rows(notice)))
                self._tables.insert("notice_findings", _finding_rows(notice))
                self._tables.insert("events", [event_row(entry, event) for entry, event in told])


def _row(notice: Notice) -> Row:
    return {
        "number": notice.number,
        "form": notice.form,
        "period": notice.period,
        "office": notice.office,
        "issued": notice.issued.isoformat(),
        "due": notice.due.isoformat() if notice.due else None,
        "who": notice.who,
        "at": notice.at.isoformat(),
        "runs": json.dumps(notice.runs),
        "template": notice.template,
        "sha256": notice.sha256,
    }


def _site_rows(notice: Notice) -> list[Row]:
    return [
        {"notice": notice.number, "url": site.url, "name": site.name, "result": site.result} for site in notice.sites
    ]


def _finding_rows(notice: Notice) -> list[Row]:
    return [
        {"notice": notice.number, "url": site.url, "fingerprint": finding}
        for site in notice.sites
        for finding in dict.fromkeys(site.findings)
    ]


def _read(row: Read, sites: Iterable[Read], findings: Iterable[Read]) -> Notice:
    named: dict[str, list[str]] = {}
    for one in findings:
        named.setdefault(one["url"], []).append(one["fingerprint"])
    return Notice(
        number=row["number"],
        form=Form(row["form"]),
        period=row["period"],
        office=row["office"],
        issued=date.fromisoformat(row["issued"]),
        due=date.fromisoformat(row["due"]) if row["due"] else None,
        who=row["who"],
        at=datetime.fromisoformat(row["at"]),
        runs=tuple(json.loads(row["runs"])),
        sites=tuple(
            Told(one["url"], one["name"], Result(one["result"]), tuple(named.get(one["url"], ()))) for one in sites
        ),
        template=row["template"],
        sha256=row["sha256"],
    )
