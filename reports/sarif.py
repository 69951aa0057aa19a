"""The findings as SARIF 2.1.0 (OASIS), for code-scanning services and editors."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from crawler.message import say
from reports import labels
from reports.export import evidence, stamp
from reports.history import Gone, Ground, History, Past
from reports.language import Language
from reports.summary import Catalogue, is_manual, status_of
from reports.text import ADDRESS, line, plain
from rules.engine.assessment import Assessment, Finding, Result, Run, Status
from rules.engine.edition import Edition, Part

_LEVELS = {Part.VETO: "error", Part.DEDUCT: "warning", Part.BONUS: "note", Part.ADVICE: "note"}


def as_sarif(
    run: Run,
    assessments: Sequence[Assessment],
    edition: Edition,
    language: Language,
    histories: Mapping[str, History] | None = None,
) -> str:
    """One SARIF run. What a person must confirm has kind `review`; what was not checked, and a site that could not be
    judged, is a notification of the tool: an empty list of results is no clean bill.

    `histories`: what is known of a site, by its home address. Beside a visit before, a result is `new` or `unchanged`,
    and one that the visit before left and this one looked for in vain is `absent`, of kind `pass`. What an office lets
    be is suppressed, with its reason.
    """
    catalogue = Catalogue(edition)
    known = [(a, (histories or {}).get(a.site.url, History())) for a in assessments]
    rules = list(
        dict.fromkeys(
            rule for a, history in known for rule in (*(f.rule for f in a.findings), *(g.rule for g in history.gone))
        )
    )
    places = {rule: place for place, rule in enumerate(rules)}
    invocation: dict[str, Any] = {
        "executionSuccessful": not run.failures and run.finished is not None,
        "startTimeUtc": _utc(run.started),
        "toolExecutionNotifications": list(_notifications(run, assessments, catalogue, language)),
    }
    if run.finished is not None:
        invocation["endTimeUtc"] = _utc(run.finished)
    log = {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "xuncha",
                        "version": line(run.version),
                        "language": language.tag,
                        "rules": [_rule(rule, assessments, catalogue, language) for rule in rules],
                    }
                },
                "automationDetails": {"id": line(run.id)},
                "language": language.tag,
                "invocations": [invocation],
                "results": [
                    _result(assessment, finding, places[finding.rule], language, history)
                    for assessment, history in known
                    for finding in assessment.findings
                ]
                + [
                    _absent(assessment, gone, places[gone.rule], language)
                    for assessment, history in known
                    for gone in history.gone
                ],
                "properties": {
                    "as_of": run.as_of.isoformat(timespec="seconds"),
                    "edition": line(run.edition),
                    "scope": line(run.scope),
                },
            }
        ],
    }
    return json.dumps(log, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _rule(rule: str, assessments: Sequence[Assessment], catalogue: Catalogue, language: Language) -> dict[str, Any]:
    codes = dict.fromkeys(c for a in assessments for f in a.findings if f.rule == rule for c in f.indicators)
    charged = [language.text(catalogue.heading(code)) for code in codes]
    described = {"fullDescription": {"text": language.list(charged)}} if charged else {}
    return {"id": line(rule), "shortDescription": {"text": language.text(labels.rule(rule))}} | described


def _result(
    assessment: Assessment, finding: Finding, place: int, language: Language, history: History
) -> dict[str, Any]:
    past = history.past.get(finding.fingerprint)
    result: dict[str, Any] = {
        "ruleId": line(finding.rule),
        "ruleIndex": place,
        "kind": "fail" if finding.certain else "review",
        # SARIF 3.27.10: the level of anything but a failure is none.
        "level": _LEVELS[finding.part] if finding.certain else "none",
        "message": {"text": language.text(finding.message)},
        "locations": [_location(finding.at)],
        "partialFingerprints": {"xuncha/v1": line(finding.fingerprint)},
        "properties": {
            "site": _site(assessment),
            "indicators": [line(code) for code in finding.indicators],
            "part": finding.part.value,
            "points": finding.points,
            "column": line(finding.column) if finding.column else None,
            "excerpt": line(finding.excerpt),
            "evidence": evidence(finding),
        }
        | (_standing(past) if past else {}),
    }
    if finding.on is not None:
        result["relatedLocations"] = [_location(finding.on) | {"message": {"text": language.say("所在页")}}]
    if past is not None:
        result["provenance"] = {"firstDetectionTimeUtc": _utc(past.first), "lastDetectionTimeUtc": _utc(past.last)}
        if history.previous is not None:
            result["baselineState"] = "new" if past.new else "unchanged"
        if past.ground is not None:
            result["suppressions"] = [_suppression(past.ground, language)]
    return result


def _standing(past: Past) -> dict[str, Any]:
    """Under the names findings.json has for it."""
    return {
        "first_seen": stamp(past.first),
        "last_confirmed": stamp(past.last),
        "times_seen": past.times,
        "state": past.code,
    }


def _suppression(ground: Ground, language: Language) -> dict[str, Any]:
    """SARIF 3.35: kept outside of what was looked at, here in the ledger."""
    return {
        "kind": "external",
        "status": "accepted",
        "justification": language.say("{who}：{why}", who=line(ground.who), why=line(ground.why)),
        "properties": {
            "kind": "exemption" if ground.exempt else "appeal",
            "until": ground.until.isoformat() if ground.until else None,
        },
    }


def _absent(assessment: Assessment, gone: Gone, place: int, language: Language) -> dict[str, Any]:
    return {
        "ruleId": line(gone.rule),
        "ruleIndex": place,
        "kind": "pass",
        "level": "none",
        "baselineState": "absent",
        "message": {"text": language.text(gone.message)},
        "locations": [_location(gone.at)],
        "partialFingerprints": {"xuncha/v1": line(gone.fingerprint)},
        "properties": {"site": _site(assessment)},
    }


def _site(assessment: Assessment) -> str:
    return line(assessment.site.name) or plain(assessment.site.url, ADDRESS)


def _notifications(
    run: Run, assessments: Sequence[Assessment], catalogue: Catalogue, language: Language
) -> Iterator[dict[str, Any]]:
    for url, reason in run.failures:
        yield _notification("error", url, language.say("没有完成检查：{reason}", reason=reason))
    for assessment in assessments:
        if assessment.result is Result.UNDETERMINED:
            why = assessment.why or labels.RESULTS[Result.UNDETERMINED]
            yield _notification("warning", assessment.site.url, language.say("无法判定：{why}", why=why))
        for check in assessment.checks:
            if check.status is not Status.UNCHECKED and not is_manual(check):
                continue
            title = catalogue.title(check.indicator)
            said = say("{code} {title}：{fact}", code=check.indicator, title=title, fact=status_of(check))
            yield _notification("note", assessment.site.url, language.text(said))


def _notification(level: str, url: str, text: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": line(text)}, "locations": [_location(url)]}


def _location(url: str) -> dict[str, Any]:
    # RFC 3986 characters only; what is percent-encoded already stays.
    uri = quote(plain(url, ADDRESS), safe="%/:?#[]@!$&'()*+,;=~-._")
    return {"physicalLocation": {"artifactLocation": {"uri": uri}}}


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
