"""Visits: what inspections came to at a site over time, across the runs. A replay or a recheck is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from crawler.earlier import Sighted
from reports.history import Visit
from rules.engine.assessment import Assessment, Result, Run
from xuncha.store.assessments import Assessments
from xuncha.store.cells import Read
from xuncha.store.database import Tables
from xuncha.store.runs import NO_REPLAY, Runs


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one inspection came to at one site."""

    url: str
    at: datetime
    result: Result
    run: str


class Visits:
    def __init__(self, tables: Tables, runs: Runs, assessments: Assessments) -> None:
        self._tables, self._runs, self._assessments = tables, runs, assessments

    def last(self, since: datetime, before: datetime) -> tuple[list[tuple[str, Assessment]], list[tuple[str, str]]]:
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
        with self._tables.reading():
            found = self._tables.select(sql, since.isoformat(), before.isoformat())
        judged = [(row["run"], self._assessments.one(row["id"])) for row in found if row["state"] == "done"]
        return judged, [(row["url"], row["reason"] or "") for row in found if row["state"] == "failed"]

    def before(self, url: str, moment: datetime) -> datetime | None:
        """When the site at `url` was visited last before, and judged; replays are no visits."""
        sql = f"""
            SELECT max(s.finished) AS finished FROM sites s JOIN runs r ON r.id = s.run
            WHERE s.url = ? AND s.state = 'done' AND s.result <> 'undetermined' AND s.finished < ?
              AND {NO_REPLAY}
        """
        with self._tables.reading():
            [row] = self._tables.select(sql, url, moment.isoformat())
            return None if row["finished"] is None else datetime.fromisoformat(row["finished"])

    def trend(self, run_id: str, url: str, most: int = 12) -> list[Visit]:
        """What this run and the ones before it came to at the site, oldest first: of those that looked as far and
        judged by the same edition, for others do not compare. Replays are no visits."""
        sql = f"""
            SELECT s.as_of, s.result, s.score, s.finished,
                   (SELECT count(*) FROM findings f WHERE f.site = s.id AND f.certain) AS certain,
                   (SELECT count(*) FROM findings f WHERE f.site = s.id AND NOT f.certain) AS review
            FROM sites s JOIN runs r ON r.id = s.run JOIN runs this ON this.id = :run
            JOIN sites own ON own.run = this.id AND own.url = s.url
            WHERE s.url = :url AND s.state = 'done' AND r.edition = this.edition AND r.scope = this.scope
              AND s.finished <= own.finished
              AND {NO_REPLAY}
            ORDER BY s.finished DESC LIMIT :most
        """
        with self._tables.reading():
            found = self._tables.select(sql, run=run_id, url=url, most=most)
            return [_read(row) for row in reversed(found)]

    def newest_good(self, url: str) -> tuple[Run, Assessment] | None:
        """The newest inspection of the site that came to a verdict; rechecks and replays are none."""
        sql = f"""
            SELECT s.id, s.run FROM sites s JOIN runs r ON r.id = s.run
            WHERE s.url = ? AND s.state = 'done' AND s.result <> 'undetermined' AND r.scope <> 'recheck'
              AND {NO_REPLAY}
            ORDER BY s.finished DESC, s.run DESC LIMIT 1
        """
        with self._tables.reading():
            found = self._tables.select(sql, url)
            return (self._runs.get(found[0]["run"]), self._assessments.one(found[0]["id"])) if found else None

    def verdicts(self) -> list[Verdict]:
        """Of every inspection that came to one, in the order of time; rechecks and replays come to none."""
        sql = f"""
            SELECT s.url, s.finished, s.result, s.run FROM sites s JOIN runs r ON r.id = s.run
            WHERE s.state = 'done' AND s.result <> 'undetermined' AND r.scope <> 'recheck'
              AND {NO_REPLAY}
        """
        with self._tables.reading():
            found = [
                Verdict(row["url"], datetime.fromisoformat(row["finished"]), Result(row["result"]), row["run"])
                for row in self._tables.select(sql)
            ]
            return sorted(found, key=lambda verdict: verdict.at)

    def items(self, url: str) -> dict[int, Sighted]:
        """What is known of the items of the site at `url`."""
        with self._tables.reading():
            return dict(map(_sighted, self._tables.select("SELECT item, since, shown FROM items WHERE url = ?", url)))


def _read(row: Read) -> Visit:
    return Visit(
        datetime.fromisoformat(row["as_of"]), Result(row["result"]), row["score"], row["certain"], row["review"]
    )


def _sighted(row: Read) -> tuple[int, Sighted]:
    shown = date.fromisoformat(row["shown"]) if row["shown"] else None
    return row["item"], Sighted(date.fromisoformat(row["since"]), shown)
