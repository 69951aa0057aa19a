"""The rows that the ledger is made of: what visits found, what people did, what was let be."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from crawler.message import Message, say
from crawler.numbers import masked
from xuncha.ledger import Act, Entry, Event, Exemption, Look
from xuncha.store.cells import Read, Row, iso, storable
from xuncha.store.database import StoreError, Tables
from xuncha.store.runs import NO_REPLAY

# A replay looks at nothing anew. A visit judged twice is one look.
_LOOKS = """
    SELECT s.url, f.fingerprint, s.finished, s.run, {what}
    FROM {table} f JOIN sites s ON s.id = f.site JOIN runs r ON r.id = s.run
    WHERE {whose} AND {no_replay}
    ORDER BY s.finished, s.run
"""
_FOUND = "s.name, f.rule, f.at_url, f.on_url, f.message_json, f.certain"


@dataclass(frozen=True, slots=True)
class Mark:
    """How much had been written at a moment: another one means that there is something new."""

    events: int = 0
    """The last one's row."""
    visits: int = -1
    """How many are judged."""
    exemptions: int = 0


class Ledger:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def entries(self, *, url: str | None = None, fingerprint: str = "") -> list[Entry]:
        """The ledger, by site and finding: of all sites, or of the one at `url`; of the findings that begin so."""
        with self._tables.reading():
            found = _queries(url=url is not None, fingerprint=bool(fingerprint))
            seen, gone, done = (self._tables.select(sql, url=url, fingerprint=fingerprint) for sql in found)
            return _entries(seen, gone, done, self.exemptions())

    def exemptions(self) -> list[Exemption]:
        """Those that no later one has replaced, in the order of time."""
        with self._tables.reading():
            return _exemptions(self._tables.select("SELECT * FROM exemptions ORDER BY id"))

    def exempt(self, exemption: Exemption) -> None:
        with self._tables.writing():
            self._tables.insert("exemptions", [_exemption_row(exemption)])

    def add(self, events: Sequence[tuple[Entry, Event]]) -> None:
        """Write down what was done, all or nothing: nothing, when one of the entries is not any more as it was read."""
        with self._tables.writing():
            for entry in {id(entry): entry for entry, _ in events}.values():
                if self.entries(url=entry.site, fingerprint=entry.fingerprint) != [entry]:
                    raise StoreError(
                        say("问题 {finding} 刚才有了新的记录，这次没有记入；请核对后重做", finding=entry.fingerprint)
                    )
            self._tables.insert("events", [event_row(entry, event) for entry, event in events])

    def mark(self) -> Mark:
        sql = """
            SELECT (SELECT coalesce(max(id), 0) FROM events) AS events,
                   (SELECT count(*) FROM sites WHERE state = 'done') AS visits,
                   (SELECT count(*) FROM exemptions) AS exemptions
        """
        with self._tables.reading():
            [row] = self._tables.select(sql)
            return Mark(**row)

    def noted_since(self, event: int) -> list[tuple[str, str]]:
        """Home address and fingerprint of the findings with an event after that one."""
        with self._tables.reading():
            found = self._tables.select("SELECT DISTINCT url, fingerprint FROM events WHERE id > ?", event)
            return [(row["url"], row["fingerprint"]) for row in found]


def _queries(*, url: bool, fingerprint: bool) -> tuple[str, str, str]:
    """What found them, what found them gone, what was done with them: of all sites or of the one at `:url`, of all
    findings or of those that begin with `:fingerprint`, hexadecimal."""
    # Only what is asked for: a condition that may be empty would use no index.
    asked = ["{table}.url = :url"] * url + ["f.fingerprint >= :fingerprint AND f.fingerprint < :fingerprint || 'g'"] * (
        fingerprint
    )
    whose = " AND ".join(asked) or "1"
    return (
        _LOOKS.format(table="findings", what=_FOUND, no_replay=NO_REPLAY, whose=whose.format(table="s")),
        _LOOKS.format(table="gone", what="NULL", no_replay=NO_REPLAY, whose=whose.format(table="s")),
        f"SELECT * FROM events f WHERE {whose.format(table='f')} ORDER BY id",
    )


def _entries(
    found: Iterable[Read], gone: Iterable[Read], done: Iterable[Read], let_be: Iterable[Exemption]
) -> list[Entry]:
    """The rows of `_queries` as entries, by site and finding, with the exemptions that may be theirs."""
    exempt: dict[tuple[str, str], list[Exemption]] = {}
    for one in let_be:
        exempt.setdefault((one.site, one.rule), []).append(one)
    told: dict[tuple[str, str], Read] = {}
    looks: dict[tuple[str, str], list[Look]] = {}
    for row in found:
        key = row["url"], row["fingerprint"]
        told[key] = row
        looks.setdefault(key, []).append(_look(row, found=True, certain=bool(row["certain"])))
    for row in gone:
        key = row["url"], row["fingerprint"]
        if key in looks:
            looks[key].append(_look(row, found=False))
    events: dict[tuple[str, str], list[Event]] = {}
    for row in done:
        events.setdefault((row["url"], row["fingerprint"]), []).append(_event(row))
    return [
        Entry(
            site=row["url"],
            name=row["name"],
            fingerprint=row["fingerprint"],
            rule=row["rule"],
            at=row["at_url"],
            on=row["on_url"],
            message=Message.from_json(json.loads(row["message_json"])),
            looks=tuple(sorted(looks[key], key=lambda look: look.at)),
            events=tuple(events.get(key, ())),
            exemptions=tuple(exempt.get((row["url"], row["rule"]), ())),
        )
        for key, row in sorted(told.items())
    ]


def _exemptions(let_be: Iterable[Read]) -> list[Exemption]:
    """Those that no later one has replaced, in the order of time."""
    newest = {
        (row["url"], row["rule"], row["below"]): Exemption(
            site=row["url"],
            rule=row["rule"],
            below=row["below"],
            at=datetime.fromisoformat(row["at"]),
            who=row["who"],
            why=row["why"],
            until=date.fromisoformat(row["until"]),
        )
        for row in let_be
    }
    return sorted(newest.values(), key=lambda one: one.at)


def _exemption_row(exemption: Exemption) -> Row:
    return storable(
        {
            "url": exemption.site,
            "rule": exemption.rule,
            "below": exemption.below,
            "at": exemption.at.isoformat(),
            "who": exemption.who,
            "why": exemption.why,
            "until": exemption.until.isoformat(),
        }
    )


def event_row(entry: Entry, event: Event) -> Row:
    return storable(
        {
            "url": entry.site,
            "fingerprint": entry.fingerprint,
            "at": event.at.isoformat(),
            "act": event.act,
            "who": event.who,
            "why": masked(event.why),  # people copy from pages
            "day": iso(event.day),
        }
    )


def _event(row: Read) -> Event:
    day = None if row["day"] is None else date.fromisoformat(row["day"])
    return Event(datetime.fromisoformat(row["at"]), Act(row["act"]), row["who"], row["why"], day)


def _look(row: Read, *, found: bool, certain: bool = True) -> Look:
    return Look(datetime.fromisoformat(row["finished"]), row["run"], found, certain)
