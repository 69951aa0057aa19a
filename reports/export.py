"""The findings as data: JSON (DESIGN's contract, `findings.schema.json`) and CSV.

SARIF and JUnit, for the machines of others, are `reports/sarif.py` and `reports/junit.py`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crawler.message import Message, say
from crawler.outcome import Verdict
from crawler.probe import Day
from reports import labels
from reports.history import Ground, History, Past
from reports.language import Language, compact
from reports.summary import Catalogue
from reports.tally import JUDGEMENTS, judgement
from reports.text import ADDRESS, FORMULA, SENTENCE, line, plain
from rules.engine.assessment import Assessment, Check, ColumnState, Finding, Run
from rules.engine.edition import Edition

SCHEMA = 1
"""Raised when a key is renamed, removed or changes its meaning; a new key does not raise it."""
_CSV_HEAD = (
    say("网站名称"),
    say("网站标识码"),
    say("首页网址"),
    say("网站结论"),
    say("指标"),
    say("指标类别"),
    say("规则"),
    say("判定"),
    say("是否确定"),
    say("扣分"),
    say("问题描述"),
    say("问题地址"),
    say("所在页地址"),
    say("栏目"),
    say("应为"),
    say("实为"),
    say("页面文字"),
    say("HTTP状态"),
    say("访问时间"),
    say("证据文件"),
    say("证据位置"),
    say("证据SHA-256"),
    say("问题编号"),
    say("首次发现"),
    say("最近确认"),
    say("看到的次数"),
    say("台账情况"),
)


def as_json(
    run: Run,
    assessments: Sequence[Assessment],
    edition: Edition,  # noqa: ARG001
    language: Language,
    histories: Mapping[str, History] | None = None,
) -> str:
    """`findings.json`: see `findings.schema.json`. Sentences are in `language`, codes never change with it.

    `histories`: what is known of a site, by its home address.
    """
    known = histories or {}
    data = {
        "schema": SCHEMA,
        "tool": {"name": "xuncha", "version": line(run.version)},
        "run": {
            "id": line(run.id),
            "as_of": stamp(run.as_of),
            "started": stamp(run.started),
            "finished": stamp(run.finished) if run.finished else None,
            "edition": line(run.edition),
            "scope": line(run.scope),
            "failures": [{"url": plain(url, ADDRESS), "reason": line(reason)} for url, reason in run.failures],
        },
        "sites": [_site(a, language, known.get(a.site.url, History())) for a in assessments],
    }
    return json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def as_csv(
    run: Run,
    assessments: Sequence[Assessment],
    edition: Edition,
    language: Language,
    histories: Mapping[str, History] | None = None,
) -> bytes:
    """One row a finding; UTF-8 with a byte order mark, so that spreadsheets read it as what it is.

    `histories`: what is known of a site, by its home address: since when, and how it stands in the ledger.
    A cell of text that a spreadsheet could take for a formula starts with an apostrophe; strip it to get the text.
    """
    catalogue = Catalogue(edition)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([language.text(title) for title in _CSV_HEAD])
    for assessment in assessments:
        history = (histories or {}).get(assessment.site.url, History())
        for finding in assessment.findings:
            past = history.past.get(finding.fingerprint)
            writer.writerow(_csv_row(run, assessment, finding, past, catalogue, language))
    return out.getvalue().encode("utf-8-sig")


def stamp(at: datetime) -> str:
    """ISO 8601 with offset, to the second."""
    return at.isoformat(timespec="seconds")


def _site(assessment: Assessment, language: Language, history: History) -> dict[str, Any]:
    site, coverage = assessment.site, assessment.coverage
    return {
        "site": {
            "name": line(site.name),
            "url": plain(site.url, ADDRESS),
            "code": line(site.code),
            "organ": line(site.organ),
            "kind": assessment.kind.value,
            "kind_guessed": assessment.kind_guessed,
        },
        "edition": line(assessment.edition),
        "as_of": stamp(assessment.as_of),
        "started": stamp(assessment.started),
        "finished": stamp(assessment.finished),
        "verdict": assessment.result.value,
        "why": _said(assessment.why, language),
        "score": assessment.score,
        "score_is_estimate": assessment.score_is_estimate,
        "measured_points": assessment.measured_points,
        "vetoes": [line(code) for code in assessment.vetoes],
        "coverage": {
            "pages": coverage.pages,
            "links": coverage.links,
            "blocked_hosts": [line(host) for host in coverage.blocked_hosts],
            "skipped": {line(reason): n for reason, n in coverage.skipped.items()},
            "reused": coverage.reused,
            "complete": coverage.complete,
            "traps": [
                {
                    "template": plain(trap.template, ADDRESS),
                    "reason": trap.reason,
                    "pages": trap.pages,
                    "skipped": trap.skipped,
                }
                for trap in coverage.traps
            ],
            "repeats": [{"at": plain(r.url, ADDRESS), "addresses": r.addresses} for r in coverage.repeats],
            "outcomes": _outcomes(coverage.outcomes),
            "hosts": [{"host": line(links.host), **_outcomes(links.outcomes)} for links in coverage.hosts],
        },
        "availability": [_day(day) for day in assessment.availability],
        "checks": [_check(check, language) for check in assessment.checks],
        "columns": [_column(column, language) for column in assessment.columns],
        "findings": [_finding(f, language, history) for f in assessment.findings],
        "previous": stamp(history.previous) if history.previous else None,
        "gone": [
            {
                "fingerprint": line(gone.fingerprint),
                "rule": line(gone.rule),
                "at": plain(gone.at, ADDRESS),
                "message": language.text(gone.message),
            }
            for gone in history.gone
        ],
    }


def _outcomes(counts: Mapping[str, int]) -> dict[str, int]:
    return {verdict.value: counts.get(verdict.value, 0) for verdict in Verdict}


def _day(day: Day) -> dict[str, Any]:
    counts = ("counted", "failed", "doubtful", "unsure", "ours", "announced")
    return {"from": stamp(day.begins), "to": stamp(day.ends), **{name: getattr(day, name) for name in counts}}


def _check(check: Check, language: Language) -> dict[str, Any]:
    return {
        "indicator": line(check.indicator),
        "clause": check.clause,
        "rule": line(check.rule) if check.rule else None,
        "part": check.part.value,
        "status": check.status.value,
        "subjects": check.subjects,
        "problems": check.problems,
        "points": check.points,
        "verified": check.verified,
        "why": _said(check.why, language),
    }


def _column(column: ColumnState, language: Language) -> dict[str, Any]:
    return {
        "name": line(column.name),
        "url": plain(column.url, ADDRESS),
        "kind": line(column.kind),
        "top": column.top,
        "items": column.items,
        "newest": column.newest.isoformat() if column.newest else None,
        "unobservable": _said(column.unobservable, language),
        "evidence": language.text(column.evidence) if column.evidence else "",
        "archived": column.archived,
        "days": column.days,
        "updates": list(column.updates),
    }


def _finding(finding: Finding, language: Language, history: History) -> dict[str, Any]:
    past = history.past.get(finding.fingerprint)
    return {
        "fingerprint": line(finding.fingerprint),
        "rule": line(finding.rule),
        "indicator": line(finding.indicator),
        "indicators": [line(code) for code in finding.indicators],
        "part": finding.part.value,
        "points": finding.points,
        "certain": finding.certain,
        "at": plain(finding.at, ADDRESS),
        "on": plain(finding.on, ADDRESS) if finding.on is not None else None,
        "column": line(finding.column) if finding.column is not None else None,
        "message": language.text(finding.message),
        "expected": _said(finding.expected, language),
        "found": _said(finding.found, language),
        "excerpt": plain(finding.excerpt, SENTENCE),
        "evidence": evidence(finding),
        "asked": finding.asked,
        "first_seen": stamp(past.first) if past else None,
        "last_confirmed": stamp(past.last) if past else None,
        "times_seen": past.times if past else None,
        "state": past.code if past else None,
        "new": history.new(finding.fingerprint) if history.previous and past else None,
        "let_be": _ground(past.ground) if past and past.ground else None,
    }


def _ground(ground: Ground) -> dict[str, Any]:
    return {
        "kind": "exemption" if ground.exempt else "appeal",
        "by": line(ground.who),
        "why": plain(ground.why, SENTENCE),
        "until": ground.until.isoformat() if ground.until else None,
    }


def evidence(finding: Finding) -> dict[str, Any] | None:
    """Where the proof of a finding lies; None when no answer of its own proves it."""
    if finding.evidence is None:
        return None
    return {
        "warc": line(finding.evidence.warc),
        "offset": finding.evidence.offset,
        "sha256": line(finding.evidence.sha256),
        "status": finding.status,
        "fetched_at": stamp(finding.fetched_at) if finding.fetched_at else None,
        "rendered_by": line(finding.evidence.rendered_by) or None,
    }


def _said(message: Message | None, language: Language) -> str | None:
    return language.text(message) if message is not None else None


def _csv_row(
    run: Run, assessment: Assessment, finding: Finding, past: Past | None, catalogue: Catalogue, language: Language
) -> list[str | int]:
    proof, zone = finding.evidence, run.as_of.tzinfo
    texts = language.text
    return [
        _cell(assessment.site.name),
        _cell(assessment.site.code),
        _cell(assessment.site.url),
        texts(labels.RESULTS[assessment.result]),
        # Code and title in one cell: alone, "2.10" would become the number 2.1.
        _cell(language.list([texts(catalogue.heading(code)) for code in finding.indicators])),
        texts(labels.PARTS[finding.part]),
        _cell(finding.rule),
        texts(JUDGEMENTS[judgement(assessment, finding)]),
        language.say("确定") if finding.certain else language.say("待复核"),
        f"{finding.points:g}",
        _cell(texts(finding.message)),
        _cell(finding.at),
        _cell(finding.on or ""),
        _cell(finding.column or ""),
        _cell(texts(finding.expected) if finding.expected else ""),
        _cell(texts(finding.found) if finding.found else ""),
        _cell(finding.excerpt),
        finding.status if finding.status is not None else "",
        compact(finding.fetched_at, zone) if finding.fetched_at else "",
        _cell(proof.warc if proof else ""),
        proof.offset if proof else "",
        _cell(proof.sha256 if proof else ""),
        _cell(finding.fingerprint),
        compact(past.first, zone) if past else "",
        compact(past.last, zone) if past else "",
        past.times if past else "",
        _cell(texts(past.stands)) if past else "",
    ]


def _cell(text: str) -> str:
    """One line of text that no spreadsheet evaluates. Addresses keep their length, up to what JSON keeps."""
    cell = line(text, ADDRESS)
    return f"'{cell}" if cell.startswith(FORMULA) else cell
