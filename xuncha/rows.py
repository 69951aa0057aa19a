"""Values as rows of the main database, and back, equal field for field. The tables are in `xuncha/schema.py`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple
from datetime import UTC, date, datetime
from typing import Any

from crawler import outcome
from crawler.dates import in_china
from crawler.earlier import Sighted
from crawler.message import Message
from crawler.numbers import masked
from crawler.page import Evidence
from crawler.probe import Announced, Day, Probe, ProbeState
from crawler.quiet import Quiet
from crawler.site import Column, ColumnKind, Site, SiteKind
from crawler.snapshot import Coverage, HostLinks, Repeat, Trap
from reports.history import Visit
from rules.engine.assessment import (
    Assessment,
    Charge,
    Check,
    ColumnState,
    Finding,
    Mended,
    Rechecked,
    Result,
    Run,
    Status,
)
from rules.engine.edition import Part
from xuncha.ledger import Act, Entry, Event, Exemption, Look
from xuncha.sampling import Sample
from xuncha.turns import Task, Turn, TurnState

Row = dict[str, Any]
Read = Mapping[str, Any]


def run_row(run: Run, options: Mapping[str, Any]) -> Row:
    return {
        "id": run.id,
        "as_of": run.as_of.isoformat(),
        "started": run.started.isoformat(),
        "finished": _iso(run.finished),
        "edition": run.edition,
        "scope": run.scope,
        "version": run.version,
        "options": _json(dict(options)),
    }


def run(row: Read, failures: Sequence[Read]) -> Run:
    return Run(
        id=row["id"],
        edition=row["edition"],
        scope=row["scope"],
        version=row["version"],
        failures=tuple((site["url"], site["reason"]) for site in failures),
        **moments(row),
    )


def site_row(site: Site) -> Row:
    return storable(
        {
            "url": site.url,
            "name": site.name,
            "code": site.code,
            "organ": site.organ,
            "kind": site.kind,
            "site_json": _json(asdict(site)),
        }
    )


def site(row: Read) -> Site:
    data = json.loads(row["site_json"])
    columns = tuple(Column(**{**column, "kind": ColumnKind(column["kind"])}) for column in data["columns"])
    kind = None if data["kind"] is None else SiteKind(data["kind"])
    quiet = tuple(Quiet(*times) for times in data.get("quiet", ()))
    return Site(**{**data, "kind": kind, "quiet": quiet, "columns": columns})


def assessment_row(assessment: Assessment) -> Row:
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
            "vetoes": _json(assessment.vetoes),
            **_message_row("why", assessment.why),
            "edition": assessment.edition,
            "as_of": assessment.as_of.isoformat(),
            "started": assessment.started.isoformat(),
            "finished": assessment.finished.isoformat(),
            "pages": coverage.pages,
            "links": coverage.links,
            "blocked_hosts": _json(coverage.blocked_hosts),
            "skipped": _json(dict(coverage.skipped)),
            "reused": coverage.reused,
            "complete": coverage.complete,
            "traps": _json([astuple(trap) for trap in coverage.traps]),
            "repeats": _json([astuple(repeat) for repeat in coverage.repeats]),
            "outcomes": _json(dict(coverage.outcomes)),
            "hosts": _json([(links.host, dict(links.outcomes)) for links in coverage.hosts]),
            "availability": _json([_day_json(day) for day in assessment.availability]),
        }
    )


def assessment(
    row: Read,
    checks: Sequence[Read],
    findings: Sequence[Read],
    columns: Sequence[Read],
    gone: Sequence[Read],
    rechecks: Sequence[Read],
) -> Assessment:
    return Assessment(
        site=site(row),
        kind=SiteKind(row["kind"]),
        kind_guessed=bool(row["kind_guessed"]),
        edition=row["edition"],
        result=Result(row["result"]),
        score=row["score"],
        score_is_estimate=bool(row["score_is_estimate"]),
        measured_points=row["measured_points"],
        vetoes=tuple(json.loads(row["vetoes"])),
        checks=tuple(map(_check, checks)),
        findings=tuple(map(_finding, findings)),
        columns=tuple(map(_column, columns)),
        gone=tuple(one["fingerprint"] for one in gone),
        rechecked=tuple(map(rechecked, rechecks)),
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
        why=_message(row, "why"),
        availability=tuple(_day(day) for day in json.loads(row["availability"] or "[]")),
        **moments(row),
    )


def _day_json(day: Day) -> dict[str, Any]:
    return {**asdict(day), "begins": day.begins.isoformat(), "ends": day.ends.isoformat()}


def _day(data: Read) -> Day:
    return Day(
        **{**data, "begins": datetime.fromisoformat(data["begins"]), "ends": datetime.fromisoformat(data["ends"])}
    )


def item_rows(assessment: Assessment) -> Iterator[tuple[str, int, str, str | None]]:
    """Of a visit; a recheck sees a part of the site only."""
    since = in_china(assessment.started).date().isoformat()
    for item, shown in assessment.items:
        yield assessment.site.url, item, since, shown.isoformat() if shown is not None else None


def sighted(row: Read) -> tuple[int, Sighted]:
    shown = date.fromisoformat(row["shown"]) if row["shown"] else None
    return row["item"], Sighted(date.fromisoformat(row["since"]), shown)


def probe_row(url: str, probe: Probe) -> Row:
    opened = probe.state is ProbeState.UP
    return {
        "url": url,
        "at": utc(probe.at),
        "state": probe.state,
        "code": probe.code,
        **_message_row("reason", None if opened else probe.reason),
        "elapsed": probe.elapsed,
        "status": probe.status,
        "witnessed": probe.witnessed,
    }


def probe(row: Read) -> Probe:
    return Probe(
        at=datetime.fromisoformat(row["at"]),
        state=ProbeState(row["state"]),
        code=row["code"],
        reason=_message(row, "reason") or outcome.GOOD.reason,
        elapsed=row["elapsed"],
        status=row["status"],
        witnessed=bool(row["witnessed"]),
    )


def announced_row(url: str, announced: Announced, at: datetime) -> Row:
    return storable(
        {
            "url": url,
            "begins": utc(announced.begins),
            "ends": utc(announced.ends),
            "reason": announced.reason,
            "at": utc(at),
        }
    )


def announced(row: Read) -> Announced:
    return Announced(datetime.fromisoformat(row["begins"]), datetime.fromisoformat(row["ends"]), row["reason"])


def turn_row(turn: Turn) -> Row:
    return storable(
        {
            "schedule": turn.schedule,
            "task": turn.task,
            "started": utc(turn.started),
            "finished": utc(turn.finished),
            "state": turn.state,
            **_message_row("told", turn.told),
            "code": turn.code,
            "run": turn.run,
        }
    )


def turn(row: Read) -> Turn:
    return Turn(
        schedule=row["schedule"],
        task=Task(row["task"]),
        started=datetime.fromisoformat(row["started"]),
        finished=datetime.fromisoformat(row["finished"]),
        state=TurnState(row["state"]),
        told=Message.from_json(json.loads(row["told_json"])),
        code=row["code"],
        run=row["run"],
    )


def utc(moment: datetime) -> str:
    """Texts that compare as the moments do."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def recheck_row(rechecked: Rechecked) -> Row:
    return storable(
        {
            "fingerprint": rechecked.fingerprint,
            "mended": rechecked.mended,
            **_message_row("before", rechecked.before),
            **_message_row("why", rechecked.why),
        }
    )


def rechecked(row: Read) -> Rechecked:
    before = Message.from_json(json.loads(row["before_json"]))
    return Rechecked(row["fingerprint"], Mended(row["mended"]), before, _message(row, "why"))


def recheck_look(row: Read) -> Look:
    """`found` where something of it is left."""
    return _look(row, found=Mended(row["mended"]) in (Mended.NOT_FIXED, Mended.PARTLY))


def sample_row(sample: Sample) -> Row:
    lists = {"drawn": _json(sample.drawn), "forced": _json(sample.forced)}
    return storable({**asdict(sample), "at": sample.at.isoformat(), **lists})


def sample(row: Read) -> Sample:
    told = {name: tuple(json.loads(row[name])) for name in ("drawn", "forced")}
    return Sample(**{**row, **told, "at": datetime.fromisoformat(row["at"]), "renewed": bool(row["renewed"])})


def check_row(check: Check) -> Row:
    return storable(
        {
            "indicator": check.indicator,
            "clause": check.clause,
            "rule": check.rule,
            "part": check.part,
            "status": check.status,
            "subjects": check.subjects,
            "problems": check.problems,
            "points": check.points,
            **_message_row("why", check.why),
            "verified": check.verified,
        }
    )


def _check(row: Read) -> Check:
    return Check(
        indicator=row["indicator"],
        clause=row["clause"],
        rule=row["rule"],
        part=Part(row["part"]),
        status=Status(row["status"]),
        subjects=row["subjects"],
        problems=row["problems"],
        points=row["points"],
        why=_message(row, "why"),
        verified=bool(row["verified"]),
    )


def finding_row(finding: Finding) -> Row:
    proof = finding.evidence
    return storable(
        {
            "fingerprint": finding.fingerprint,
            "rule": finding.rule,
            "indicator": next(iter(finding.indicators), None),
            "indicators": _json(finding.indicators),
            "part": finding.part,
            "points": finding.points,
            "certain": finding.certain,
            "at_url": finding.at,
            "on_url": finding.on,
            "column_name": finding.column,
            "excerpt": finding.excerpt,
            **_message_row("message", finding.message),
            **_message_row("expected", finding.expected),
            **_message_row("found", finding.found),
            "http_status": finding.status,
            "fetched_at": _iso(finding.fetched_at),
            "warc": proof.warc if proof else None,
            "warc_offset": proof.offset if proof else None,
            "sha256": proof.sha256 if proof else None,
            "charges": _json([(c.indicator, c.clause, c.points) for c in finding.charges]),
            "rendered_by": proof.rendered_by if proof else "",
            "asked": finding.asked,
        }
    )


def _finding(row: Read) -> Finding:
    return Finding(
        fingerprint=row["fingerprint"],
        rule=row["rule"],
        indicators=tuple(json.loads(row["indicators"])),
        part=Part(row["part"]),
        points=row["points"],
        certain=bool(row["certain"]),
        at=row["at_url"],
        message=Message.from_json(json.loads(row["message_json"])),
        on=row["on_url"],
        column=row["column_name"],
        excerpt=row["excerpt"],
        expected=_message(row, "expected"),
        found=_message(row, "found"),
        evidence=_evidence(row),
        status=row["http_status"],
        fetched_at=_moment(row["fetched_at"]),
        charges=tuple(Charge(*charge) for charge in json.loads(row["charges"])),
        asked=row["asked"],
    )


def _evidence(row: Read) -> Evidence | None:
    if row["warc"] is None:
        return None
    return Evidence(row["warc"], row["warc_offset"], row["sha256"], row["rendered_by"])


def column_row(column: ColumnState) -> Row:
    return storable(
        {
            "name": column.name,
            "url": column.url,
            "kind": column.kind,
            "top": column.top,
            "items": column.items,
            "newest": _iso(column.newest),
            **_message_row("unobservable", column.unobservable),
            **_message_row("evidence", column.evidence),
            "archived": column.archived,
            "days": column.days,
            "updates": _json(column.updates),
        }
    )


def _column(row: Read) -> ColumnState:
    return ColumnState(
        name=row["name"],
        url=row["url"],
        kind=row["kind"],
        top=bool(row["top"]),
        items=row["items"],
        newest=None if row["newest"] is None else date.fromisoformat(row["newest"]),
        unobservable=_message(row, "unobservable"),
        evidence=_message(row, "evidence"),
        archived=bool(row["archived"]),
        days=row["days"],
        updates=tuple(json.loads(row["updates"])),
    )


def visit(row: Read) -> Visit:
    return Visit(
        datetime.fromisoformat(row["as_of"]), Result(row["result"]), row["score"], row["certain"], row["review"]
    )


# A replay looks at nothing anew. A visit judged twice is one look.
_LOOKS = """
    SELECT s.url, f.fingerprint, s.finished, s.run, {what}
    FROM {table} f JOIN sites s ON s.id = f.site JOIN runs r ON r.id = s.run
    WHERE {whose} AND NOT iif(json_valid(r.options), coalesce(json_extract(r.options, '$.replay'), '') <> '', 0)
    ORDER BY s.finished, s.run
"""
_FOUND = "s.name, f.rule, f.at_url, f.on_url, f.message_json, f.certain"


def ledger(*, url: bool, fingerprint: bool) -> tuple[str, str, str]:
    """What found them, what found them gone, what was done with them: of all sites or of the one at `:url`, of all
    findings or of those that begin with `:fingerprint`, hexadecimal."""
    # Only what is asked for: a condition that may be empty would use no index.
    asked = ["{table}.url = :url"] * url + ["f.fingerprint >= :fingerprint AND f.fingerprint < :fingerprint || 'g'"] * (
        fingerprint
    )
    whose = " AND ".join(asked) or "1"
    return (
        _LOOKS.format(table="findings", what=_FOUND, whose=whose.format(table="s")),
        _LOOKS.format(table="gone", what="NULL", whose=whose.format(table="s")),
        f"SELECT * FROM events f WHERE {whose.format(table='f')} ORDER BY id",
    )


def entries(
    found: Iterable[Read], gone: Iterable[Read], done: Iterable[Read], let_be: Iterable[Exemption]
) -> list[Entry]:
    """The rows of `ledger` as entries, by site and finding, with the exemptions that may be theirs."""
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


def exemptions(let_be: Iterable[Read]) -> list[Exemption]:
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


def exemption_row(exemption: Exemption) -> Row:
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
            "day": _iso(event.day),
        }
    )


def _event(row: Read) -> Event:
    day = None if row["day"] is None else date.fromisoformat(row["day"])
    return Event(datetime.fromisoformat(row["at"]), Act(row["act"]), row["who"], row["why"], day)


def _look(row: Read, *, found: bool, certain: bool = True) -> Look:
    return Look(datetime.fromisoformat(row["finished"]), row["run"], found, certain)


def moments(row: Read) -> dict[str, Any]:
    return {name: _moment(row[name]) for name in ("as_of", "started", "finished")}


def storable(row: Row) -> Row:
    """Half a surrogate pair, as hostile text may hold, is no Unicode text and SQLite refuses it: it becomes `?`."""
    return {name: _text(value) if isinstance(value, str) else value for name, value in row.items()}


def _text(value: str) -> str:
    return value.encode("utf-8", "replace").decode("utf-8")


def _message_row(name: str, message: Message | None) -> Row:
    if message is None:
        return {name: None, f"{name}_json": None}
    return {name: str(message), f"{name}_json": _json(message.as_json())}


def _message(row: Read, name: str) -> Message | None:
    text = row[f"{name}_json"]
    return None if text is None else Message.from_json(json.loads(text))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _iso(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
