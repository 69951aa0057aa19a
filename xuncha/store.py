"""The main database: which sites a run has, and what was found there. Its tables are in `xuncha/schema.py`.

One process writes (the coordinator), any number may read meanwhile. A site is written in one transaction, so a run
that was killed holds whole sites only and is resumed from its pending ones.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlite_utils import Database

from crawler.earlier import Sighted
from crawler.message import Message, say
from crawler.probe import Announced, Probe, Watched
from crawler.site import Site
from reports.history import Visit
from rules.engine.assessment import Assessment, Rechecked, Result, Run
from xuncha import notices, rows
from xuncha.ledger import Entry, Event, Exemption, Look
from xuncha.notices import Notice
from xuncha.sampling import Sample
from xuncha.schema import MIGRATIONS, unknown_migrations
from xuncha.turns import Turn


class StoreError(Exception):
    """The database cannot be used, or does not hold what was asked for: path, what, what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


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


@dataclass(frozen=True, slots=True)
class Mark:
    """How much had been written at a moment: another one means that there is something new."""

    events: int = 0
    """The last one's row."""
    visits: int = -1
    """How many are judged."""
    exemptions: int = 0


# The earliest sight of an item counts: an old visit may be judged again.
_ITEM = (
    "INSERT INTO items (url, item, since, shown) VALUES (?, ?, ?, ?) ON CONFLICT (url, item) DO UPDATE "
    "SET since = excluded.since, shown = excluded.shown WHERE excluded.since < since"
)
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


def _run_row(row: rows.Row) -> RunRow:
    return RunRow(**{**row, **rows.moments(row)})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one inspection came to at one site."""

    url: str
    at: datetime
    result: Result
    run: str


class Store:
    """Made by `Store.open`; use it as a context manager, in one thread. Every method raises StoreError. To read, a run
    is named by its id, a unique beginning of it, or `last`, which is no recheck; to write, by its id."""

    def __init__(self, db: Database, path: Path) -> None:
        self._db = db
        self._path = path

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False, patience: float = 10.0) -> Store:
        """Open the database file, and make it (and its folder) unless `read_only`. `patience`: seconds to wait for
        another program's lock."""
        if path.is_dir():
            raise StoreError(say("{path} 是文件夹，不是数据库文件；请检查数据目录的设置", path=str(path)))
        if read_only and not path.exists():
            raise StoreError(say("没有找到数据库 {path}；请检查数据目录的设置，或先运行一次审查", path=str(path)))
        if not read_only:
            _make_folder(path.parent)
        if read_only and _outdated(path, patience):
            with cls.open(path, patience=patience):
                pass  # brought up to date
        with _explained(path):
            connection = _connect(path, read_only=read_only, patience=patience)
            try:
                db = Database(connection, execute_plugins=False)
                _prepare(db, path, read_only=read_only)
            except BaseException:
                connection.close()
                raise
        return cls(db, path)

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Writing

    def start_run(self, run: Run, targets: Sequence[Site], *, options: Mapping[str, Any] | None = None) -> None:
        """Write the run and its sites, all pending. `options`: what JSON can hold, to resume with."""
        seen: set[str] = set()
        for site in targets:
            if site.url in seen:
                raise StoreError(say("审查对象中网址 {url} 出现两次；请只保留一个", url=site.url))
            seen.add(site.url)
        with self._writing():
            if self._rows("SELECT 1 FROM runs WHERE id = ?", run.id):
                raise StoreError(say("{path} 中已有运行 {run}；请换一个编号", path=str(self._path), run=run.id))
            self._insert("runs", [rows.run_row(run, options or {})])
            self._insert(
                "sites",
                (
                    {"run": run.id, "position": position, "state": "pending", **rows.site_row(site)}
                    for position, site in enumerate(targets)
                ),
            )
            for url, reason in run.failures:
                self._claim(run.id, url, "failed", reason)

    def save(self, run_id: str, assessment: Assessment) -> None:
        """Write one site whole. A site that was saved before stays as it is: a job may come back twice."""
        with self._writing():
            if not self._claim(run_id, assessment.site.url, "done", None):
                return
            [key] = self._rows("SELECT id FROM sites WHERE run = ? AND url = ?", run_id, assessment.site.url)
            site = key["id"]
            self._db.table("sites").update(site, {**rows.site_row(assessment.site), **rows.assessment_row(assessment)})
            self._insert("checks", ({"site": site, **rows.check_row(check)} for check in assessment.checks))
            self._insert("findings", ({"site": site, **rows.finding_row(finding)} for finding in assessment.findings))
            self._insert("columns", ({"site": site, **rows.column_row(column)} for column in assessment.columns))
            self._insert("gone", ({"site": site, "fingerprint": gone} for gone in assessment.gone))
            self._insert("rechecks", ({"site": site, **rows.recheck_row(one)} for one in assessment.rechecked))
            self._db.conn.executemany(_ITEM, rows.item_rows(assessment))

    def fail(self, run_id: str, site_url: str, reason: str) -> None:
        """The job of a site failed: our fault. A site that was saved stays saved."""
        with self._writing():
            self._claim(run_id, site_url, "failed", reason)

    def finish(self, run_id: str, at: datetime) -> None:
        with self._writing():
            changed = self._db.execute("UPDATE runs SET finished = ? WHERE id = ?", [at.isoformat(), run_id])
            if not changed.rowcount:
                raise self._no_run(run_id)

    # Reading

    def runs(self) -> list[RunRow]:
        """Newest first."""
        with self._reading():
            return [_run_row(row) for row in self._rows(_RUNS.format(which=""))]

    def newest_of(self, schedule: str) -> RunRow | None:
        """The newest run that was begun for this line of the schedule."""
        which = """WHERE r.id = (
            SELECT max(id) FROM runs WHERE iif(json_valid(options), json_extract(options, '$.schedule'), NULL) = ?
        )"""
        with self._reading():
            return next((_run_row(row) for row in self._rows(_RUNS.format(which=which), schedule)), None)

    def run(self, run_id: str) -> Run:
        """The run, with the sites whose job failed."""
        with self._reading():
            run_id = self._id(run_id)
            [row] = self._rows("SELECT * FROM runs WHERE id = ?", run_id)
            failed = self._rows(
                "SELECT url, reason FROM sites WHERE run = ? AND state = 'failed' ORDER BY position", run_id
            )
            return rows.run(row, failed)

    def options(self, run_id: str) -> dict[str, Any]:
        """What `start_run` was given, tuples as lists."""
        with self._reading():
            [row] = self._rows("SELECT options FROM runs WHERE id = ?", self._id(run_id))
            return dict(json.loads(row["options"]))

    def visited(self, run_id: str) -> str:
        """The run whose visits were judged: itself, or the one that it replays."""
        return self.options(run_id).get("replay") or self.run(run_id).id

    def pending(self, run_id: str) -> list[Site]:
        """The sites that are not saved, in the order they were given: not yet begun, parked, or failed by our fault."""
        with self._reading():
            found = self._rows(
                "SELECT site_json FROM sites WHERE run = ? AND state <> 'done' ORDER BY position", self._id(run_id)
            )
            return [rows.site(row) for row in found]

    def sites(self, run_id: str) -> list[Site]:
        """Every site of the run, in the order they were given."""
        with self._reading():
            found = self._rows("SELECT site_json FROM sites WHERE run = ? ORDER BY position", self._id(run_id))
            return [rows.site(row) for row in found]

    def assessments(self, run_id: str) -> Iterator[Assessment]:
        """The saved sites, in the order they were given, equal to what was saved; one at a time in memory."""
        with self._reading():
            sites = self._rows(
                "SELECT id FROM sites WHERE run = ? AND state = 'done' ORDER BY position", self._id(run_id)
            )
        return (self._assessment(site["id"]) for site in sites)

    def _assessment(self, site: int) -> Assessment:
        with self._reading():
            [row] = self._rows("SELECT * FROM sites WHERE id = ?", site)
            return rows.assessment(
                row,
                self._rows("SELECT * FROM checks WHERE site = ? ORDER BY id", site),
                self._rows("SELECT * FROM findings WHERE site = ? ORDER BY id", site),
                self._rows("SELECT * FROM columns WHERE site = ? ORDER BY id", site),
                self._rows("SELECT fingerprint FROM gone WHERE site = ? ORDER BY fingerprint", site),
                self._rows("SELECT * FROM rechecks WHERE site = ? ORDER BY fingerprint", site),
            )

    def last_visits(
        self, since: datetime, before: datetime
    ) -> tuple[list[tuple[str, Assessment]], list[tuple[str, str]]]:
        """Of each site its last visit whose check date lies between the two: (run, assessment), and (home address,
        reason) of the sites that our own job failed at. A visit that could not judge a site gives way to one that
        could. Replays, rechecks and the demo are no visits."""
        sql = """
            SELECT id, run, url, state, reason FROM (
                SELECT s.id, s.run, s.url, s.code, s.state, s.reason, row_number() OVER (
                    PARTITION BY s.url
                    ORDER BY s.state <> 'done', s.result = 'undetermined', julianday(s.finished) DESC, s.run DESC
                ) AS place
                FROM sites s JOIN runs r ON r.id = s.run
                WHERE s.state IN ('done', 'failed') AND r.scope IN ('quick', 'full')
                  AND julianday(coalesce(s.as_of, r.as_of)) >= julianday(?)
                  AND julianday(coalesce(s.as_of, r.as_of)) < julianday(?)
                  AND NOT iif(json_valid(r.options), coalesce(json_extract(r.options, '$.replay'), '') <> ''
                      OR coalesce(json_extract(r.options, '$.demo'), 0), 0)
            ) WHERE place = 1 ORDER BY code, url
        """
        with self._reading():
            found = self._rows(sql, since.isoformat(), before.isoformat())
        judged = [(row["run"], self._assessment(row["id"])) for row in found if row["state"] == "done"]
        return judged, [(row["url"], row["reason"] or "") for row in found if row["state"] == "failed"]

    def visited_before(self, url: str, moment: datetime) -> datetime | None:
        """When the site at `url` was visited last before, and judged; replays are no visits."""
        sql = """
            SELECT max(s.finished) AS finished FROM sites s JOIN runs r ON r.id = s.run
            WHERE s.url = ? AND s.state = 'done' AND s.result <> 'undetermined' AND s.finished < ?
              AND NOT iif(json_valid(r.options), coalesce(json_extract(r.options, '$.replay'), '') <> '', 0)
        """
        with self._reading():
            [row] = self._rows(sql, url, moment.isoformat())
            return None if row["finished"] is None else datetime.fromisoformat(row["finished"])

    def visits(self, run_id: str, url: str, most: int = 12) -> list[Visit]:
        """What this run and the ones before it came to at the site, oldest first: of those that looked as far and
        judged by the same edition, for others do not compare. Replays are no visits."""
        sql = """
            SELECT s.as_of, s.result, s.score, s.finished,
                   (SELECT count(*) FROM findings f WHERE f.site = s.id AND f.certain) AS certain,
                   (SELECT count(*) FROM findings f WHERE f.site = s.id AND NOT f.certain) AS review
            FROM sites s JOIN runs r ON r.id = s.run JOIN runs this ON this.id = :run
            JOIN sites own ON own.run = this.id AND own.url = s.url
            WHERE s.url = :url AND s.state = 'done' AND r.edition = this.edition AND r.scope = this.scope
              AND s.finished <= own.finished
              AND NOT iif(json_valid(r.options), coalesce(json_extract(r.options, '$.replay'), '') <> '', 0)
            ORDER BY s.finished DESC LIMIT :most
        """
        with self._reading():
            found = list(self._db.query(sql, {"run": run_id, "url": url, "most": most}))
            return [rows.visit(row) for row in reversed(found)]

    def newest_good(self, url: str) -> tuple[Run, Assessment] | None:
        """The newest inspection of the site that came to a verdict; rechecks and replays are none."""
        sql = """
            SELECT s.id, s.run FROM sites s JOIN runs r ON r.id = s.run
            WHERE s.url = ? AND s.state = 'done' AND s.result <> 'undetermined' AND r.scope <> 'recheck'
              AND NOT iif(json_valid(r.options), coalesce(json_extract(r.options, '$.replay'), '') <> '', 0)
            ORDER BY s.finished DESC, s.run DESC LIMIT 1
        """
        with self._reading():
            found = self._rows(sql, url)
            return (self.run(found[0]["run"]), self._assessment(found[0]["id"])) if found else None

    def rechecks(self) -> frozenset[str]:
        """Ids of the runs that were rechecks."""
        with self._reading():
            return frozenset(row["id"] for row in self._rows("SELECT id FROM runs WHERE scope = 'recheck'"))

    def rechecked(self, entry: Entry) -> list[tuple[Look, Rechecked]]:
        """What rechecks said of the finding, in the order of time; also of those that could not test it."""
        sql = """
            SELECT c.*, s.finished, s.run FROM rechecks c JOIN sites s ON s.id = c.site
            WHERE s.url = ? AND c.fingerprint = ? ORDER BY s.finished, s.run
        """
        with self._reading():
            return [
                (rows.recheck_look(row), rows.rechecked(row)) for row in self._rows(sql, entry.site, entry.fingerprint)
            ]

    def verdicts(self) -> list[Verdict]:
        """Of every inspection that came to one, in the order of time; rechecks and replays come to none."""
        sql = """
            SELECT s.url, s.finished, s.result, s.run FROM sites s JOIN runs r ON r.id = s.run
            WHERE s.state = 'done' AND s.result <> 'undetermined' AND r.scope <> 'recheck'
              AND NOT iif(json_valid(r.options), coalesce(json_extract(r.options, '$.replay'), '') <> '', 0)
        """
        with self._reading():
            found = [
                Verdict(row["url"], datetime.fromisoformat(row["finished"]), Result(row["result"]), row["run"])
                for row in self._rows(sql)
            ]
            return sorted(found, key=lambda verdict: verdict.at)

    def samples(self) -> list[Sample]:
        """Every draw, newest first."""
        with self._reading():
            return [rows.sample(row) for row in self._rows("SELECT * FROM samples ORDER BY rowid DESC")]

    def runs_of_sample(self, sample: str) -> tuple[str, ...]:
        """Ids of the runs that inspect this draw."""
        sql = """
            SELECT id FROM runs WHERE iif(json_valid(options), json_extract(options, '$.sample'), NULL) = ? ORDER BY id
        """
        with self._reading():
            return tuple(row["id"] for row in self._rows(sql, sample))

    def add_sample(self, sample: Sample) -> None:
        with self._writing():
            self._insert("samples", [rows.sample_row(sample)])

    def site(self, url: str) -> Site:
        """The site at this home address, as the newest run that knew it did."""
        with self._reading():
            [row] = self._rows("SELECT site_json FROM sites WHERE url = ? ORDER BY id DESC LIMIT 1", url)
            return rows.site(row)

    def home(self, given: str) -> str | None:
        """The home address of the site that `given` names: as it is stored, with or without its last slash and scheme,
        or by the site's name or code where one site alone has it."""
        known = self.homes()
        for url in (given, f"{given}/", f"http://{given}", f"http://{given}/", f"https://{given}/"):
            if url in known:
                return url
        with self._reading():
            found = self._rows("SELECT DISTINCT url FROM sites WHERE ? <> '' AND ? IN (name, code)", given, given)
            return found[0]["url"] if len(found) == 1 else None

    def homes(self) -> set[str]:
        """The home address of every site there is."""
        with self._reading():
            return {row["url"] for row in self._rows("SELECT DISTINCT url FROM sites")}

    def entries(self, *, url: str | None = None, fingerprint: str = "") -> list[Entry]:
        """The ledger, by site and finding: of all sites, or of the one at `url`; of the findings that begin so."""
        which = {"url": url, "fingerprint": fingerprint}
        with self._reading():
            found = rows.ledger(url=url is not None, fingerprint=bool(fingerprint))
            seen, gone, done = (self._db.execute_returning_dicts(sql, which) for sql in found)
            return rows.entries(seen, gone, done, self.exemptions())

    def exemptions(self) -> list[Exemption]:
        """Those that no later one has replaced, in the order of time."""
        with self._reading():
            return rows.exemptions(self._rows("SELECT * FROM exemptions ORDER BY id"))

    def add_exemption(self, exemption: Exemption) -> None:
        with self._writing():
            self._insert("exemptions", [rows.exemption_row(exemption)])

    def add_events(self, events: Sequence[tuple[Entry, Event]]) -> None:
        """Write down what was done, all or nothing: nothing, when one of the entries is not any more as it was read."""
        with self._writing():
            for entry in {id(entry): entry for entry, _ in events}.values():
                if self.entries(url=entry.site, fingerprint=entry.fingerprint) != [entry]:
                    raise StoreError(
                        say("问题 {finding} 刚才有了新的记录，这次没有记入；请核对后重做", finding=entry.fingerprint)
                    )
            self._insert("events", [rows.event_row(entry, event) for entry, event in events])

    def mark(self) -> Mark:
        sql = """
            SELECT (SELECT coalesce(max(id), 0) FROM events) AS events,
                   (SELECT count(*) FROM sites WHERE state = 'done') AS visits,
                   (SELECT count(*) FROM exemptions) AS exemptions
        """
        with self._reading():
            [row] = self._rows(sql)
            return Mark(**row)

    def noted_since(self, event: int) -> list[tuple[str, str]]:
        """Home address and fingerprint of the findings with an event after that one."""
        with self._reading():
            found = self._rows("SELECT DISTINCT url, fingerprint FROM events WHERE id > ?", event)
            return [(row["url"], row["fingerprint"]) for row in found]

    def notices(self) -> list[Notice]:
        """All that went out, in the order they were written down."""
        with self._reading():
            return [
                notices.read(
                    row,
                    self._rows("SELECT * FROM notice_sites WHERE notice = ? ORDER BY url", row["number"]),
                    self._rows(
                        "SELECT * FROM notice_findings WHERE notice = ? ORDER BY url, fingerprint", row["number"]
                    ),
                )
                for row in self._rows("SELECT * FROM notices ORDER BY rowid")
            ]

    def add_notices(self, issued: Sequence[Notice]) -> None:
        """Write down that they went out, and in the ledger what they named: all or nothing. Raises StoreError for a
        number that was used before, or a finding that cannot be notified."""
        with self._writing():
            for notice in issued:
                if self._rows("SELECT 1 FROM notices WHERE number = ?", notice.number):
                    raise StoreError(say("文号 {number} 已经用过；请换一个文号", number=notice.number))
                entries = [entry for site in notice.sites for entry in self.entries(url=site.url)]
                try:
                    told = notices.events(notice, entries)
                except ValueError as error:
                    raise StoreError(error.args[0]) from error
                self._insert("notices", [rows.storable(notices.notice_row(notice))])
                self._insert("notice_sites", map(rows.storable, notices.site_rows(notice)))
                self._insert("notice_findings", notices.finding_rows(notice))
                self._insert("events", [rows.event_row(entry, event) for entry, event in told])

    # Home pages that are watched

    def add_round(
        self, probes: Mapping[str, Probe], *, started: datetime, finished: datetime, schedule: str | None = None
    ) -> None:
        """Write one round of probes whole: home address → probe."""
        with self._writing():
            times = {"started": rows.utc(started), "finished": rows.utc(finished)}
            key = self._db.table("rounds").insert({"schedule": schedule, **times}).last_pk
            self._insert("probes", ({"round": key, **rows.probe_row(url, probe)} for url, probe in probes.items()))

    def watched(self, url: str, since: datetime, until: datetime) -> Watched:
        """What is known of the home page at `url` after `since`, up to `until`."""
        between = url, rows.utc(since), rows.utc(until)
        with self._reading():
            probes = self._rows("SELECT * FROM probes WHERE url = ? AND at > ? AND at <= ? ORDER BY at, id", *between)
            windows = self._rows(
                "SELECT * FROM announcements WHERE url = ? AND ends > ? AND begins <= ? AND withdrawn IS NULL"
                " ORDER BY begins, id",
                *between,
            )
            return Watched(tuple(map(rows.probe, probes)), tuple(map(rows.announced, windows)))

    def earlier(self, url: str) -> dict[int, Sighted]:
        """What is known of the items of the site at `url`."""
        with self._reading():
            return dict(map(rows.sighted, self._rows("SELECT item, since, shown FROM items WHERE url = ?", url)))

    def announce(self, url: str, announced: Announced, at: datetime) -> int:
        """Write maintenance of a site down; its number."""
        with self._writing():
            key = self._db.table("announcements").insert(rows.announced_row(url, announced, at)).last_pk
            return int(key or 0)

    def withdraw(self, number: int, at: datetime) -> bool:
        """Take an announcement back; False when there is none of this number that holds."""
        with self._writing():
            sql = "UPDATE announcements SET withdrawn = ? WHERE id = ? AND withdrawn IS NULL"
            return bool(self._db.execute(sql, [rows.utc(at), number]).rowcount)

    def announcements(self) -> list[tuple[int, str, Announced]]:
        """Number, home address and time of those that hold, by site and time."""
        with self._reading():
            found = self._rows("SELECT * FROM announcements WHERE withdrawn IS NULL ORDER BY url, begins, id")
            return [(row["id"], row["url"], rows.announced(row)) for row in found]

    # The schedule

    def add_turn(self, turn: Turn) -> None:
        with self._writing():
            self._insert("turns", [rows.turn_row(turn)])

    def newest_turn(self, schedule: str) -> Turn | None:
        """The newest turn of this line that was not parked."""
        sql = "SELECT * FROM turns WHERE schedule = ? AND state <> 'parked' ORDER BY started DESC, id DESC LIMIT 1"
        with self._reading():
            return next((rows.turn(row) for row in self._rows(sql, schedule)), None)

    def rounds(self, schedule: str, since: datetime) -> list[datetime]:
        """When the rounds of probes of this line began, after `since`."""
        sql = "SELECT started FROM rounds WHERE schedule = ? AND started > ? ORDER BY started"
        with self._reading():
            return [datetime.fromisoformat(row["started"]) for row in self._rows(sql, schedule, rows.utc(since))]

    def first_round(self, schedule: str) -> datetime | None:
        with self._reading():
            [row] = self._rows("SELECT min(started) AS first FROM rounds WHERE schedule = ?", schedule)
            return None if row["first"] is None else datetime.fromisoformat(row["first"])

    # Within

    def _id(self, name: str) -> str:
        """The id that `name` means."""
        # `last` is the inspection begun last, whatever the clock said: it may have been set back.
        begun = self._rows("SELECT id, scope FROM runs ORDER BY rowid DESC")
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

    def _no_run(self, name: str) -> StoreError:
        path = str(self._path)
        known = [row["id"] for row in self._rows("SELECT id FROM runs ORDER BY started DESC, id DESC LIMIT 5")]
        if not known:
            return StoreError(say("{path} 中还没有运行记录；请先运行一次审查", path=path))
        return StoreError(say("{path} 中没有运行“{name}”；最近的有：{known}", path=path, name=name, known=tuple(known)))

    def _claim(self, run_id: str, url: str, state: str, reason: str | None) -> bool:
        """Set the state of a site that is not saved yet; False when it is."""
        changed = self._db.execute(
            "UPDATE sites SET state = ?, reason = ? WHERE run = ? AND url = ? AND state <> 'done'",
            [state, reason, run_id, url],
        )
        if changed.rowcount:
            return True
        if not self._rows("SELECT 1 FROM runs WHERE id = ?", run_id):
            raise self._no_run(run_id)
        if not self._rows("SELECT 1 FROM sites WHERE run = ? AND url = ?", run_id, url):
            raise StoreError(say("运行 {run} 中没有网站 {url}", run=run_id, url=url))
        return False

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with _explained(self._path), _locked(self._db):
            yield

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """A row that makes no value any more was changed by hand, or the file is damaged."""
        try:
            with _explained(self._path):
                yield
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise StoreError(
                say(
                    "{path} 中有记录无法还原（{detail}），可能被其他工具改过；请用备份恢复",
                    path=str(self._path),
                    detail=" ".join(str(error).split()),
                )
            ) from error

    def _rows(self, sql: str, *values: object) -> list[rows.Row]:
        return self._db.execute_returning_dicts(sql, values)

    def _insert(self, table: str, records: Sequence[rows.Row] | Iterator[rows.Row]) -> None:
        self._db.table(table).insert_all(records)


# Opening


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            say(
                "无法建立数据目录 {path}（{detail}）；请检查路径和写权限，或另选数据目录",
                path=str(folder),
                detail=error.strerror or str(error),
            )
        ) from error


def _connect(path: Path, *, read_only: bool, patience: float) -> sqlite3.Connection:
    if not read_only:
        return sqlite3.connect(path, timeout=patience)
    uri = path.resolve().as_uri() + "?mode=ro"
    connection = sqlite3.connect(uri, uri=True, timeout=patience)
    try:
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    except sqlite3.OperationalError as error:
        connection.close()
        # In a folder that cannot be written, WAL's side files cannot be made. When there are none, nobody is writing.
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY) or (
            path.with_name(path.name + "-wal").exists()
        ):
            raise
        connection = sqlite3.connect(uri + "&immutable=1", uri=True, timeout=patience)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _outdated(path: Path, patience: float) -> bool:
    """A store of an earlier version, that may be written: whoever only reads it brings it up to date."""
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        return False
    with _explained(path), closing(_connect(path, read_only=True, patience=patience)) as connection:
        db = Database(connection, execute_plugins=False)
        return bool(MIGRATIONS.applied(db)) and not unknown_migrations(db) and bool(MIGRATIONS.pending(db))


def _prepare(db: Database, path: Path, *, read_only: bool) -> None:
    newer = unknown_migrations(db)
    if newer and read_only:
        return  # what this version knows of it is there: a schema is only ever added to
    if newer:
        raise StoreError(
            say("{path} 由更新版本的 xuncha 建立（含 {names}）；请升级后再用", path=str(path), names=tuple(newer))
        )
    if not read_only:
        with _locked(db):
            # Under the lock: of two programs that start together one migrates, and the other then finds it done.
            if not MIGRATIONS.applied(db) and set(db.table_names()) - {MIGRATIONS.migrations_table}:
                raise StoreError(say("{path} 是其他程序的数据库；请检查数据目录的设置，或另选数据目录", path=str(path)))
            MIGRATIONS.apply(db)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA foreign_keys = ON")
    elif MIGRATIONS.pending(db):
        raise StoreError(
            say("{path} 不是本版本 xuncha 的数据库；若由旧版建立，请先运行一次审查使其升级", path=str(path))
        )


@contextmanager
def _locked(db: Database) -> Iterator[None]:
    """A transaction that takes the write lock first: one that reads before it writes (`db.atomic()`) is refused at
    once when another program writes, however patient it is."""
    db.execute("BEGIN IMMEDIATE")
    try:
        with db.atomic():
            yield
        db.commit()
    except BaseException:
        db.rollback()
        raise


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what SQLite says about the file into a StoreError; a mistake in our SQL stays what it is."""
    try:
        yield
    except sqlite3.Error as error:
        # The one operational error without a code is Python's own: a text in the file is not UTF-8.
        unreadable = sqlite3.SQLITE_CORRUPT if isinstance(error, sqlite3.OperationalError) else 0
        code = getattr(error, "sqlite_errorcode", unreadable)
        primary = code & 0xFF  # of an extended one
        if primary == sqlite3.SQLITE_IOERR and shutil.disk_usage(path.parent).free < _NO_ROOM:
            primary = sqlite3.SQLITE_FULL  # as SQLite calls it where the file beside the database finds no room
        tell = _CAUSES.get(primary)
        if tell is None:
            raise
        raise StoreError(tell(str(path), str(error))) from error


_NO_ROOM = 64 * 1024  # bytes: SQLite asks for 32 KiB at a time

_CAUSES: Mapping[int, Callable[[str, str], Message]] = {
    sqlite3.SQLITE_NOTADB: lambda path, _: say(
        "{path} 不是数据库文件；请检查数据目录的设置，或移走该文件后重试", path=path
    ),
    sqlite3.SQLITE_CORRUPT: lambda path, _: say("{path} 已损坏；请用备份恢复，或移走该文件后重新审查", path=path),
    sqlite3.SQLITE_BUSY: lambda path, _: say("{path} 正被另一个程序占用；请关闭正在使用它的程序后重试", path=path),
    sqlite3.SQLITE_READONLY: lambda path, _: say(
        "{path} 不能写入；请检查该文件及所在文件夹的写权限，或另选数据目录", path=path
    ),
    sqlite3.SQLITE_CANTOPEN: lambda path, _: say(
        "无法打开或建立 {path}；请检查路径和读写权限，或另选数据目录", path=path
    ),
    sqlite3.SQLITE_FULL: lambda path, _: say("{path} 所在磁盘已满；请腾出空间后继续", path=path),
    sqlite3.SQLITE_IOERR: lambda path, detail: say(
        "读写 {path} 出错（{detail}）；请检查磁盘或网络盘", path=path, detail=detail
    ),
}
