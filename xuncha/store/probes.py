"""Home pages that are watched: rounds of probes, and maintenance that was announced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from crawler import outcome
from crawler.probe import Announced, Probe, ProbeState, Watched
from xuncha.store.cells import Read, Row, message, message_cells, storable, utc
from xuncha.store.database import Tables


class Probes:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add_round(
        self, probes: Mapping[str, Probe], *, started: datetime, finished: datetime, schedule: str | None = None
    ) -> None:
        """Write one round of probes whole: home address → probe."""
        with self._tables.writing():
            times = {"started": utc(started), "finished": utc(finished)}
            key = self._tables.add("rounds", {"schedule": schedule, **times})
            self._tables.insert("probes", ({"round": key, **_probe_row(url, probe)} for url, probe in probes.items()))

    def watched(self, url: str, since: datetime, until: datetime) -> Watched:
        """What is known of the home page at `url` after `since`, up to `until`."""
        between = url, utc(since), utc(until)
        with self._tables.reading():
            probes = self._tables.select(
                "SELECT * FROM probes WHERE url = ? AND at > ? AND at <= ? ORDER BY at, id", *between
            )
            windows = self._tables.select(
                "SELECT * FROM announcements WHERE url = ? AND ends > ? AND begins <= ? AND withdrawn IS NULL"
                " ORDER BY begins, id",
                *between,
            )
            return Watched(tuple(map(_read_probe, probes)), tuple(map(_read_announced, windows)))

    def rounds(self, schedule: str, since: datetime) -> list[datetime]:
        """When the rounds of probes of this line began, after `since`."""
        sql = "SELECT started FROM rounds WHERE schedule = ? AND started > ? ORDER BY started"
        with self._tables.reading():
            return [datetime.fromisoformat(row["started"]) for row in self._tables.select(sql, schedule, utc(since))]

    def first_round(self, schedule: str) -> datetime | None:
        with self._tables.reading():
            [row] = self._tables.select("SELECT min(started) AS first FROM rounds WHERE schedule = ?", schedule)
            return None if row["first"] is None else datetime.fromisoformat(row["first"])

    def prune(self, before: datetime, kept: Iterable[tuple[str, datetime, datetime]], *, dry: bool = False) -> int:
        """Remove what was probed before, and the rounds that nothing is left of; how many probes. `kept`: home address
        and span of those that stay. `dry`: only count them."""
        spans: dict[str, list[tuple[str, str]]] = {}
        for url, since, until in kept:
            spans.setdefault(url, []).append((utc(since), utc(until)))
        with self._tables.writing():
            count = 0
            for row in self._tables.select("SELECT DISTINCT url FROM probes"):
                stays = _merged(spans.get(row["url"], []))
                which = " AND ".join(["url = ? AND at < ?", *["NOT at BETWEEN ? AND ?"] * len(stays)])
                values = row["url"], utc(before), *(moment for span in stays for moment in span)
                if dry:
                    [found] = self._tables.select(f"SELECT count(*) AS n FROM probes WHERE {which}", *values)
                    count += found["n"]
                else:
                    count += self._tables.change(f"DELETE FROM probes WHERE {which}", *values)
            if not dry:
                sql = "DELETE FROM rounds WHERE started < ? AND id NOT IN (SELECT round FROM probes)"
                self._tables.change(sql, utc(before))
        return count

    def announce(self, url: str, announced: Announced, at: datetime) -> int:
        """Write maintenance of a site down; its number."""
        with self._tables.writing():
            return self._tables.add("announcements", _announced_row(url, announced, at))

    def withdraw(self, number: int, at: datetime) -> bool:
        """Take an announcement back; False when there is none of this number that holds."""
        with self._tables.writing():
            sql = "UPDATE announcements SET withdrawn = ? WHERE id = ? AND withdrawn IS NULL"
            return bool(self._tables.change(sql, utc(at), number))

    def announcements(self) -> list[tuple[int, str, Announced]]:
        """Number, home address and time of those that hold, by site and time."""
        with self._tables.reading():
            found = self._tables.select("SELECT * FROM announcements WHERE withdrawn IS NULL ORDER BY url, begins, id")
            return [(row["id"], row["url"], _read_announced(row)) for row in found]


def _merged(spans: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Spans that touch as one: a finding that is seen every day rests on one long span."""
    merged: list[tuple[str, str]] = []
    for since, until in sorted(spans):
        if merged and since <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], until)
        else:
            merged.append((since, until))
    return merged


def _probe_row(url: str, probe: Probe) -> Row:
    opened = probe.state is ProbeState.UP
    return {
        "url": url,
        "at": utc(probe.at),
        "state": probe.state,
        "code": probe.code,
        **message_cells("reason", None if opened else probe.reason),
        "elapsed": probe.elapsed,
        "status": probe.status,
        "witnessed": probe.witnessed,
    }


def _read_probe(row: Read) -> Probe:
    return Probe(
        at=datetime.fromisoformat(row["at"]),
        state=ProbeState(row["state"]),
        code=row["code"],
        reason=message(row, "reason") or outcome.GOOD.reason,
        elapsed=row["elapsed"],
        status=row["status"],
        witnessed=bool(row["witnessed"]),
    )


def _announced_row(url: str, announced: Announced, at: datetime) -> Row:
    return storable(
        {
            "url": url,
            "begins": utc(announced.begins),
            "ends": utc(announced.ends),
            "reason": announced.reason,
            "at": utc(at),
        }
    )


def _read_announced(row: Read) -> Announced:
    return Announced(datetime.fromisoformat(row["begins"]), datetime.fromisoformat(row["ends"]), row["reason"])
