"""Values as the rows of a visit's database hold them, both ways."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any

from crawler.outcome import Sign
from crawler.page import Answer, Dating, Evidence, Failure, FailureKind, Hop
from crawler.quiet import Quiet
from crawler.site import Column, ColumnKind, Site, SiteKind

ANSWER_FIELDS = (
    "a.asked, a.url, a.at, a.elapsed, a.status, a.failure, a.detail, a.hops, a.method, a.media_type, a.size, a.digest, "
    "a.server, a.warc, a.offset, a.sha256, a.weak, a.expires, a.attempt"
)
"""Of the table `answers`, named `a`, as `answer_from` takes them."""


def answer_from(row: Sequence[Any]) -> Answer:
    asked, url, at, elapsed, status, failure, detail, hops, method, media, *rest = row
    size, digest, server, warc, offset, sha, weak, expires, attempt = rest
    return Answer(
        asked=asked,
        url=url,
        at=datetime.fromisoformat(at),
        elapsed=elapsed,
        status=status,
        failure=Failure(FailureKind(failure), detail) if failure else None,
        hops=tuple(Hop(**h) for h in json.loads(hops)),
        method=method,
        media_type=media,
        size=size,
        digest=digest,
        server=server,
        weak=weak,
        expires=datetime.fromisoformat(expires) if expires else None,
        evidence=Evidence(warc, offset, sha) if warc else None,
        times=attempt,
    )


def dating_from(text: str) -> Dating:
    data = json.loads(text)
    days = {name: date.fromisoformat(data[name]) for name in ("shown", "meta", "updated") if name in data}
    return Dating(**data | days | {"sketch": tuple(data.get("sketch", ()))})


def site_from(data: dict[str, Any]) -> Site:
    found = tuple(Column(**{**c, "kind": ColumnKind(c["kind"])}) for c in data.pop("columns"))
    kind = data.pop("kind")
    quiet = tuple(Quiet(*times) for times in data.pop("quiet", ()))
    return Site(**data, kind=SiteKind(kind) if kind else None, quiet=quiet, columns=found)


def answer_row(target: int, attempt: int, answer: Answer, content_type: str, sign: Sign) -> tuple[Any, ...]:
    evidence = answer.evidence
    return (
        target,
        attempt,
        answer.url,
        answer.at.isoformat(),
        answer.elapsed,
        answer.status,
        answer.failure.kind if answer.failure else None,
        answer.failure.detail if answer.failure else "",
        json.dumps([asdict(h) for h in answer.hops], ensure_ascii=False) if answer.hops else "[]",
        answer.method,
        answer.media_type,
        content_type,
        answer.size,
        answer.digest,
        answer.server,
        evidence.warc if evidence else None,
        evidence.offset if evidence else None,
        evidence.sha256 if evidence else None,
        sign.kind,
        sign.code,
        json.dumps(sign.reason.as_json(), ensure_ascii=False),
        answer.asked,
        answer.weak,
        answer.expires.isoformat() if answer.expires else None,
    )


_DATING = tuple(field.name for field in fields(Dating))


def dating_json(told: Dating) -> str:
    """What there is of it; days as ISO 8601."""
    values = ((name, getattr(told, name)) for name in _DATING)  # asdict would copy the sketch, of every article
    return json.dumps({name: value for name, value in values if value}, ensure_ascii=False, default=str)


def site_json(site: Site) -> str:
    return json.dumps(asdict(site), ensure_ascii=False)
