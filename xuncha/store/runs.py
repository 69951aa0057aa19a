"""Runs, and how far each of them is with its sites."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler.message import say
from crawler.site import Site
from rules.engine.assessment import Run
from xuncha.store.cells import Read, Row, as_json, iso, moments
from xuncha.store.database import StoreError, Tables
from xuncha.store.sites import read_site, site_row


@dataclass(frozen=True, slots=True)
class RunRow:
    """One line of `xuncha runs`."""

    id: str
    as_of: datetime
    started: datetime
    finished: datetime | None
    edition: str
    scope: str
    version: str
    sites: int
    qualified: int
    unqualified: int
    undetermined: int
    pending: int
    failed: int
    findings: int
    """Certain ones and those for review."""


_RUNS = """
    SELECT r.id, r.as_of, r.started, r.finished, r.edition, r.scope, r.version,
           count(s.id) AS sites,
           count(*) FILTER (WHERE s.result = 'qualified') AS qualified,
           count(*) FILTER (WHERE s.result = 'unqualified') AS unqualified,
           count(*) FILTER (WHERE s.result = 'undetermined') AS undetermined,
           count(*) FILTER (WHERE s.state = 'pending') AS pending,
           count(*) FILTER (WHERE s.state = 'failed') AS failed,
           (SELECT count(*) FROM findings f JOIN sites t ON t.id = f.site WHERE t.run = r.id) AS findings
    FROM runs r LEFT JOIN sites s ON s.run = r.id {which} GROUP BY r.id ORDER BY r.started DESC, r.id DESC
"""
NO_REPLAY = "NOT iif(json_valid(r.options), coalesce(json_extract(r.options, '$.replay'), '') <> '', 0)"
"""Of a run `r`: what is judged again was not looked at again."""


class Runs:
    """To read, a run is named by its id, a unique beginning of it, or `last`, which is no recheck; to write, by its
    id."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def start(self, run: Run, targets: Sequence[Site], *, options: Mapping[str, Any] | None = None) -> None:
        """Write the run and its sites, all pending. `options`: what JSON can hold, to resume with."""
        seen: set[str] = set()
        for site in targets:
            if site.url in seen:
                raise StoreError(say("审查对象中网址 {url} 出现两次；请只保留一个", url=site.url))
            seen.add(site.url)
        with self._tables.writing():
            if self._tables.select("SELECT 1 FROM runs WHERE id = ?", run.id):
                raise StoreError(say("{path} 中已有运行 {run}；请换一个编号", path=str(self._tables.path), run=run.id))
            self._tables.insert("runs", [_row(run, options or {})])
            self._tables.insert(
                "sites",
                (
                    {"run": run.id, "position": position, "state": "pending", **site_row(site)}
                    for position, site in enumerate(targets)
                ),
            )
            for url, reason in run.failures:
                self.claim(run.id, url, "failed", reason)

    def fail(self, run_id: str, site_url: str, reason: str) -> None:
        """The job of a site failed: our fault. A site that was saved stays saved."""
        with self._tables.writing():
            self.claim(run_id, site_url, "failed", reason)

    def finish(self, run_id: str, at: datetime) -> None:
        with self._tables.writing():
            if not self._tables.change("UPDATE runs SET finished = ? WHERE id = ?", at.isoformat(), run_id):
                raise self._no_run(run_id)

    def rows(self) -> list[RunRow]:
        """Newest first."""
        with self._tables.reading():
            return [_run_row(row) for row in self._tables.select(_RUNS.format(which=""))]

    def newest_of(self, schedule: str) -> RunRow | None:
        """The newest run that was begun for this line of the schedule, and not to follow another. By the order in
        which they were begun: the clock may have been set back."""
        which = """WHERE r.rowid = (
            SELECT max(rowid) FROM runs WHERE iif(json_valid(options), json_extract(options, '$.schedule') = ?
                AND json_extract(options, '$.follows') IS NULL, 0)
        )"""
        with self._tables.reading():
            return next((_run_row(row) for row in self._tables.select(_RUNS.format(which=which), schedule)), None)

    def get(self, run_id: str) -> Run:
        """The run, with the sites whose job failed."""
        with self._tables.reading():
            run_id = self.id(run_id)
            [row] = self._tables.select("SELECT * FROM runs WHERE id = ?", run_id)
            failed = self._tables.select(
                "SELECT url, reason FROM sites WHERE run = ? AND state = 'failed' ORDER BY position", run_id
            )
            return _read(row, failed)

    def options(self, run_id: str) -> dict[str, Any]:
        """What `start` was given, tuples as lists."""
        with self._tables.reading():
            [row] = self._tables.select("SELECT options FROM runs WHERE id = ?", self.id(run_id))
            return dict(json.loads(row["options"]))

    def visited(self, run_id: str) -> str:
        """The run whose visits were judged: itself, or the one that it replays."""
        return self.options(run_id).get("replay") or self.get(run_id).id

    def pending(self, run_id: str) -> list[Site]:
        """The sites that are not saved, in the order they were given: not yet begun, parked, or failed by our fault."""
        with self._tables.reading():
            found = self._tables.select(
                "SELECT site_json FROM sites WHERE run = ? AND state <> 'done' ORDER BY position", self.id(run_id)
            )
            return [read_site(row) for row in found]

    def sites(self, run_id: str) -> list[Site]:
        """Every site of the run, in the order they were given."""
        with self._tables.reading():
            found = self._tables.select("SELECT site_json FROM sites WHERE run = ? ORDER BY position", self.id(run_id))
            return [read_site(row) for row in found]

    def following(self, run_id: str) -> str | None:
        """The run that follows this one and is not done."""
        sql = """
            SELECT max(id) AS id FROM runs
            WHERE finished IS NULL AND iif(json_valid(options), json_extract(options, '$.follows'), NULL) = ?
        """
        with self._tables.reading():
            [row] = self._tables.select(sql, run_id)
            return None if row["id"] is None else str(row["id"])

    def rechecks(self) -> frozenset[str]:
        """Ids of the runs that were rechecks."""
        with self._tables.reading():
            return frozenset(row["id"] for row in self._tables.select("SELECT id FROM runs WHERE scope = 'recheck'"))

    def of_sample(self, sample: str) -> tuple[str, ...]:
        """Ids of the runs that inspect this draw."""
        sql = """
            SELECT id FROM runs WHERE iif(json_valid(options), json_extract(options, '$.sample'), NULL) = ? ORDER BY id
        """
        with self._tables.reading():
            return tuple(row["id"] for row in self._tables.select(sql, sample))

    def id(self, name: str) -> str:
        """The id that `name` means."""
        # `last` is the inspection begun last, whatever the clock said: it may have been set back.
        begun = self._tables.select("SELECT id, scope FROM runs ORDER BY rowid DESC")
        ids: list[str] = [row["id"] for row in begun]
        if name in ids:
            return name
        inspections = [row["id"] for row in begun if row["scope"] != "recheck"]
        meant = inspections[:1] if name == "last" else [known for known in ids if name and known.startswith(name)]
        if not meant:
            raise self._no_run(name)
        if len(meant) > 1:
            raise StoreError(say("“{name}”对应多次运行：{known}；请写得更完整", name=name, known=tuple(meant[:5])))
        return meant[0]

    def claim(self, run_id: str, url: str, state: str, reason: str | None) -> bool:
        """Set the state of a site that is not saved yet; False when it is."""
        sql = "UPDATE sites SET state = ?, reason = ? WHERE run = ? AND url = ? AND state <> 'done'"
        if self._tables.change(sql, state, reason, run_id, url):
            return True
        if not self._tables.select("SELECT 1 FROM runs WHERE id = ?", run_id):
            raise self._no_run(run_id)
        if not self._tables.select("SELECT 1 FROM sites WHERE run = ? AND url = ?", run_id, url):
            raise StoreError(say("运行 {run} 中没有网站 {url}", run=run_id, url=url))
        return False

    def _no_run(self, name: str) -> StoreError:
        path = str(self._tables.path)
        known = [row["id"] for row in self._tables.select("SELECT id FROM runs ORDER BY started DESC, id DESC LIMIT 5")]
        if not known:
            return StoreError(say("{path} 中还没有运行记录；请先运行一次审查", path=path))
        return StoreError(say("{path} 中没有运行“{name}”；最近的有：{known}", path=path, name=name, known=tuple(known)))


def _run_row(row: Read) -> RunRow:
    return RunRow(**{**row, **moments(row)})


def _row(run: Run, options: Mapping[str, Any]) -> Row:
    return {
        "id": run.id,
        "as_of": run.as_of.isoformat(),
        "started": run.started.isoformat(),
        "finished": iso(run.finished),
        "edition": run.edition,
        "scope": run.scope,
        "version": run.version,
        "options": as_json(dict(options)),
    }


def _read(row: Read, failures: Sequence[Read]) -> Run:
    return Run(
        id=row["id"],
        edition=row["edition"],
        scope=row["scope"],
        version=row["version"],
        failures=tuple((site["url"], site["reason"]) for site in failures),
        **moments(row),
    )
