"""Assessments: what one run came to at one site, whole. Its checks, findings and columns have rows of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple
from datetime import datetime
from typing import Any

from crawler.dates import in_china
from crawler.probe import Day
from crawler.site import SiteKind
from crawler.snapshot import Coverage, HostLinks, Repeat, Trap
from rules.engine.assessment import Assessment, Result
from xuncha.store.cells import Read, Row, as_json, message, message_cells, moments, storable
from xuncha.store.database import Tables
from xuncha.store.findings import check_row, column_row, finding_row, read_check, read_column, read_finding
from xuncha.store.rechecks import read_recheck, recheck_row
from xuncha.store.runs import Runs
from xuncha.store.sites import read_site, site_row

# The earliest sight of an item counts: an old visit may be judged again.
_ITEM = (
    "INSERT INTO items (url, item, since, shown) VALUES (?, ?, ?, ?) ON CONFLICT (url, item) DO UPDATE "
    "SET since = excluded.since, shown = excluded.shown WHERE excluded.since < since"
)


class Assessments:
    def __init__(self, tables: Tables, runs: Runs) -> None:
        self._tables, self._runs = tables, runs

    def save(self, run_id: str, assessment: Assessment) -> None:
        """Write one site whole. A site that was saved before stays as it is: a job may come back twice."""
        with self._tables.writing():
            if not self._runs.claim(run_id, assessment.site.url, "done", None):
                return
            [key] = self._tables.select("SELECT id FROM sites WHERE run = ? AND url = ?", run_id, assessment.site.url)
            site = key["id"]
            self._tables.update("sites", site, {**site_row(assessment.site), **_row(assessment)})
            self._tables.insert("checks", ({"site": site, **check_row(check)} for check in assessment.checks))
            self._tables.insert("findings", ({"site": site, **finding_row(finding)} for finding in assessment.findings))
            self._tables.insert("columns", ({"site": site, **column_row(column)} for column in assessment.columns))
            self._tables.insert("gone", ({"site": site, "fingerprint": gone} for gone in assessment.gone))
            self._tables.insert("rechecks", ({"site": site, **recheck_row(one)} for one in assessment.rechecked))
            self._tables.change_each(_ITEM, _item_rows(assessment))

    def of(self, run_id: str) -> Iterator[Assessment]:
        """The saved sites, in the order they were given, equal to what was saved; one at a time in memory."""
        with self._tables.reading():
            sites = self._tables.select(
                "SELECT id FROM sites WHERE run = ? AND state = 'done' ORDER BY position", self._runs.id(run_id)
            )
        return (self.one(site["id"]) for site in sites)

    def one(self, site: int) -> Assessment:
        with self._tables.reading():
            [row] = self._tables.select("SELECT * FROM sites WHERE id = ?", site)
            return _read(
                row,
                self._tables.select("SELECT * FROM checks WHERE site = ? ORDER BY id", site),
                self._tables.select("SELECT * FROM findings WHERE site = ? ORDER BY id", site),
                self._tables.select("SELECT * FROM columns WHERE site = ? ORDER BY id", site),
                self._tables.select("SELECT fingerprint FROM gone WHERE site = ? ORDER BY fingerprint", site),
                self._tables.select("SELECT * FROM rechecks WHERE site = ? ORDER BY fingerprint", site),
            )


def _row(assessment: Assessment) -> Row:
    """Without its site and its parts, which have rows of their own."""
    coverage = assessment.coverage
    return storable(
        {
            "kind": assessment.kind,
            "kind_guessed": assessment.kind_guessed,
            "result": assessment.result,
            "score": assessment.score,
            "score_is_estimate": assessment.score_is_estimate,
            "measured_points": assessment.measured_points,
            "vetoes": as_json(assessment.vetoes),
            **message_cells("why", assessment.why),
            "edition": assessment.edition,
            "as_of": assessment.as_of.isoformat(),
            "started": assessment.started.isoformat(),
            "finished": assessment.finished.isoformat(),
            "pages": coverage.pages,
            "links": coverage.links,
            "blocked_hosts": as_json(coverage.blocked_hosts),
            "skipped": as_json(dict(coverage.skipped)),
            "reused": coverage.reused,
            "complete": coverage.complete,
            "traps": as_json([astuple(trap) for trap in coverage.traps]),
            "repeats": as_json([astuple(repeat) for repeat in coverage.repeats]),
            "outcomes": as_json(dict(coverage.outcomes)),
            "hosts": as_json([(links.host, dict(links.outcomes)) for links in coverage.hosts]),
            "availability": as_json([_day_record(day) for day in assessment.availability]),
        }
    )


def _read(
    row: Read,
    checks: Sequence[Read],
    findings: Sequence[Read],
    columns: Sequence[Read],
    gone: Sequence[Read],
    rechecks: Sequence[Read],
) -> Assessment:
    return Assessment(
        site=read_site(row),
        kind=SiteKind(row["kind"]),
        kind_guessed=bool(row["kind_guessed"]),
        edition=row["edition"],
        result=Result(row["result"]),
        score=row["score"],
        score_is_estimate=bool(row["score_is_estimate"]),
        measured_points=row["measured_points"],
        vetoes=tuple(json.loads(row["vetoes"])),
        checks=tuple(map(read_check, checks)),
        findings=tuple(map(read_finding, findings)),
        columns=tuple(map(read_column, columns)),
        gone=tuple(one["fingerprint"] for one in gone),
        rechecked=tuple(map(read_recheck, rechecks)),
        coverage=Coverage(
            pages=row["pages"],
            links=row["links"],
            blocked_hosts=tuple(json.loads(row["blocked_hosts"])),
            skipped=json.loads(row["skipped"]),
            reused=row["reused"] or 0,
            complete=bool(row["complete"]),
            traps=tuple(Trap(*trap) for trap in json.loads(row["traps"] or "[]")),
            repeats=tuple(Repeat(*repeat) for repeat in json.loads(row["repeats"] or "[]")),
            outcomes=json.loads(row["outcomes"] or "{}"),
            hosts=tuple(HostLinks(*links) for links in json.loads(row["hosts"] or "[]")),
        ),
        why=message(row, "why"),
        availability=tuple(_day(day) for day in json.loads(row["availability"] or "[]")),
        **moments(row),
    )


def _day_record(day: Day) -> dict[str, Any]:
    return {**asdict(day), "begins": day.begins.isoformat(), "ends": day.ends.isoformat()}


def _day(data: Read) -> Day:
    return Day(
        **{**data, "begins": datetime.fromisoformat(data["begins"]), "ends": datetime.fromisoformat(data["ends"])}
    )


def _item_rows(assessment: Assessment) -> Iterator[tuple[str, int, str, str | None]]:
    """Of a visit; a recheck sees a part of the site only."""
    since = in_china(assessment.started).date().isoformat()
    for item, shown in assessment.items:
        yield assessment.site.url, item, since, shown.isoformat() if shown is not None else None
