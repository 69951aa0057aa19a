"""The parts of an assessment as rows, and back: checks, findings, columns."""

from __future__ import annotations

import json
from datetime import date

from crawler.message import Message
from crawler.page import Evidence
from rules.engine.assessment import Charge, Check, ColumnState, Finding, Status
from rules.engine.edition import Part
from xuncha.store.cells import Read, Row, as_json, iso, message, message_cells, moment, storable


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
            **message_cells("why", check.why),
            "verified": check.verified,
        }
    )


def read_check(row: Read) -> Check:
    return Check(
        indicator=row["indicator"],
        clause=row["clause"],
        rule=row["rule"],
        part=Part(row["part"]),
        status=Status(row["status"]),
        subjects=row["subjects"],
        problems=row["problems"],
        points=row["points"],
        why=message(row, "why"),
        verified=bool(row["verified"]),
    )


def finding_row(finding: Finding) -> Row:
    proof = finding.evidence
    return storable(
        {
            "fingerprint": finding.fingerprint,
            "rule": finding.rule,
            "indicator": next(iter(finding.indicators), None),
            "indicators": as_json(finding.indicators),
            "part": finding.part,
            "points": finding.points,
            "certain": finding.certain,
            "at_url": finding.at,
            "on_url": finding.on,
            "column_name": finding.column,
            "excerpt": finding.excerpt,
            **message_cells("message", finding.message),
            **message_cells("expected", finding.expected),
            **message_cells("found", finding.found),
            "http_status": finding.status,
            "fetched_at": iso(finding.fetched_at),
            "warc": proof.warc if proof else None,
            "warc_offset": proof.offset if proof else None,
            "sha256": proof.sha256 if proof else None,
            "charges": as_json([(c.indicator, c.clause, c.points) for c in finding.charges]),
            "rendered_by": proof.rendered_by if proof else "",
            "asked": finding.asked,
        }
    )


def read_finding(row: Read) -> Finding:
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
        expected=message(row, "expected"),
        found=message(row, "found"),
        evidence=_evidence(row),
        status=row["http_status"],
        fetched_at=moment(row["fetched_at"]),
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
            "newest": iso(column.newest),
            **message_cells("unobservable", column.unobservable),
            **message_cells("evidence", column.evidence),
            "archived": column.archived,
            "days": column.days,
            "updates": as_json(column.updates),
        }
    )


def read_column(row: Read) -> ColumnState:
    return ColumnState(
        name=row["name"],
        url=row["url"],
        kind=row["kind"],
        top=bool(row["top"]),
        items=row["items"],
        newest=None if row["newest"] is None else date.fromisoformat(row["newest"]),
        unobservable=message(row, "unobservable"),
        evidence=message(row, "evidence"),
        archived=bool(row["archived"]),
        days=row["days"],
        updates=tuple(json.loads(row["updates"])),
    )
