"""The checks as JUnit XML, for build servers: a site is a suite, a clause is a case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from xml.etree import ElementTree as ET

from reports import labels
from reports.export import stamp
from reports.history import Gone, History
from reports.language import Language
from reports.summary import Catalogue, against, status_of
from reports.text import ADDRESS, line, plain
from rules.engine.assessment import Assessment, Check, Finding, Run, Status
from rules.engine.edition import Edition

_SHOWN = 100
"""Findings quoted in the text of one failed case."""


def as_junit(
    run: Run,
    assessments: Sequence[Assessment],
    edition: Edition,
    language: Language,
    histories: Mapping[str, History] | None = None,
) -> str:
    """A failed clause is a `failure`; one that was not checked, needs a person or does not apply is `skipped`, with the
    reason. A site whose job failed is an `error`: ours, not the site's.

    `histories`: what is known of a site, by its home address: a suite's `properties` count what is new, still there and
    gone, a finding says since when it is known, and `system-out` names what is gone.
    """
    catalogue = Catalogue(edition)
    root = ET.Element("testsuites", name=f"xuncha {line(run.id)}")
    for assessment in assessments:
        history = (histories or {}).get(assessment.site.url, History())
        root.append(_suite(assessment, catalogue, language, history, run.as_of.tzinfo))
    for url, reason in run.failures:
        name = plain(url, ADDRESS)
        suite = ET.SubElement(root, "testsuite", name=name)
        case = ET.SubElement(suite, "testcase", name=language.say("没有完成检查"), classname="xuncha")
        ET.SubElement(case, "error", type="job", message=line(reason))
        _count(suite)
    for total in ("tests", "failures", "errors"):
        root.set(total, str(sum(int(suite.get(total, "0")) for suite in root)))
    ET.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(
    assessment: Assessment, catalogue: Catalogue, language: Language, history: History, zone: tzinfo | None
) -> ET.Element:
    site = assessment.site
    suite = ET.Element(
        "testsuite",
        name=line(site.name) or plain(site.url, ADDRESS),
        timestamp=assessment.started.isoformat(timespec="seconds"),
        time=f"{max(0.0, (assessment.finished - assessment.started).total_seconds()):.3f}",
        url=plain(site.url, ADDRESS),
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("verdict", assessment.result.value),
        ("edition", line(assessment.edition)),
        *_changes(assessment, history),
    ):
        ET.SubElement(properties, "property", name=name, value=value)
    by_rule: dict[tuple[str, str], list[Finding]] = {}
    for finding in assessment.findings:
        for code in finding.indicators:
            by_rule.setdefault((code, finding.rule), []).append(finding)
    for check in assessment.checks:
        suite.append(_case(check, by_rule, catalogue, language, history, zone))
    if not assessment.checks:
        # A suite without a case would read as clean.
        case = ET.SubElement(suite, "testcase", name=language.text(labels.RESULTS[assessment.result]), classname="site")
        why = language.text(assessment.why) if assessment.why else language.say("没有检查任何条款")
        ET.SubElement(case, "skipped", type="undetermined", message=why)
    if history.gone:
        ET.SubElement(suite, "system-out").text = "\n".join(_gone(gone, language) for gone in history.gone)
    _count(suite)
    return suite


def _changes(assessment: Assessment, history: History) -> Iterator[tuple[str, str]]:
    if history.previous is None:
        return
    new = sum(history.new(finding.fingerprint) for finding in assessment.findings)
    yield "previous", stamp(history.previous)
    yield "new", str(new)
    yield "still", str(len(assessment.findings) - new)
    yield "gone", str(len(history.gone))


def _gone(gone: Gone, language: Language) -> str:
    return language.say("已消失：{what} {at}", what=gone.message, at=plain(gone.at, ADDRESS))


def _case(
    check: Check,
    by_rule: Mapping[tuple[str, str], Sequence[Finding]],
    catalogue: Catalogue,
    language: Language,
    history: History,
    zone: tzinfo | None,
) -> ET.Element:
    heading = language.text(catalogue.heading(check.indicator))
    case = ET.Element(
        "testcase",
        name=f"{heading} ({check.clause})",
        classname=line(check.rule or "manual"),
    )
    clause = catalogue.clause(check)
    if check.status is Status.FAIL:
        failure = ET.SubElement(case, "failure", type=check.part.value, message=language.text(against(check, clause)))
        findings = [f for f in by_rule.get((check.indicator, check.rule or ""), ()) if f.certain]
        told = [language.text(check.why)] if check.why else []
        told += [_told(finding, history, language, zone) for finding in findings[:_SHOWN]]
        if len(findings) > _SHOWN:
            told.append(language.say("另有 {n} 处，略", n=len(findings) - _SHOWN))
        failure.text = "\n".join(told)
    elif check.status is not Status.PASS:
        ET.SubElement(case, "skipped", type=check.status.value, message=language.text(status_of(check)))
    return case


def _told(finding: Finding, history: History, language: Language, zone: tzinfo | None) -> str:
    said = f"{language.text(finding.message)} {plain(finding.at, ADDRESS)}"
    past = history.past.get(finding.fingerprint)
    if past is None:
        return said
    known = [*([language.say("新增")] if history.new(finding.fingerprint) else ()), *past.told(language, zone)]
    return language.say("{what}（{more}）", what=said, more=language.list(known))


def _count(suite: ET.Element) -> None:
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    suite.set("errors", str(sum(case.find("error") is not None for case in cases)))
    suite.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))
