"""`xuncha notice`: what a period's inspections found is worded, written, and, unless it is a draft, written down."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from crawler.message import Message, say
from reports.background import Background
from reports.details import Form
from reports.tally import name
from rules.engine.assessment import Assessment
from rules.engine.review import awaits_review
from xuncha import followup, log, outputs
from xuncha.inspected import Inspected, entries, inspected
from xuncha.notices import Notice, Told
from xuncha.orders import Orders
from xuncha.papers import Paper, papers
from xuncha.parameters import CHINA, Mistake, spoken
from xuncha.period import Period
from xuncha.store import Store

_SENT = (Form.CIRCULAR, Form.ORDER)
"""Forms that ask a site to mend something: the others are no notice."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    form: Form
    period: Period | None = None
    """None: the quarter of `run`."""
    run: str | None = None
    """None: of each site the last visit in the period."""
    draft: bool = False
    sites: tuple[str, ...] = ()
    """Names, codes, addresses or hosts; empty: all."""
    out: Path | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    files: tuple[Path, ...]
    notices: tuple[Notice, ...] = ()
    """Written down."""
    remarks: tuple[Message, ...] = ()
    """What the clerk should know."""


def issue(orders: Orders, wanted: Wanted, now: datetime | None = None) -> Issued:
    """Write the documents, and keep the record of what went out. Raises Mistake, StoreError, EditionError."""
    now = now or datetime.now(CHINA)
    path = orders.data / "xuncha.db"
    with log.to(orders.data), Store.open(path, read_only=wanted.draft or not path.exists()) as store:
        period = wanted.period or _quarter(store.runs.get(wanted.run or "last").as_of)
        details = replace(orders.details, period=period.name, draft=wanted.draft)
        if not wanted.draft and wanted.form in _SENT and details.issued is None:
            details = replace(details, issued=now.astimezone(CHINA).date())
        folder = wanted.out or Path("xuncha-report") / f"notice-{period}"
        if wanted.form is Form.ANNUAL:
            if wanted.run or wanted.sites:
                raise Mistake(say("年度报表写一年的全部检查，不能和 --run、--site 一起使用"))
            from xuncha import yearbook

            data = yearbook.render(orders, store, period, details, now)
            outputs.prepare(folder)
            return Issued((_write(folder, f"annual{'-draft' if wanted.draft else ''}.docx", data),))
        seen = inspected(orders, store, period, now, run=wanted.run, sites=wanted.sites, draft=wanted.draft)
        if seen.empty:
            raise Mistake(
                say("{period}没有检查过网站（演示不算）；请先运行 xuncha audit，或用 --run 指定", period=period.name)
            )
        documents = papers(wanted.form, seen, details)
        sending = wanted.form in _SENT and not wanted.draft
        if sending:
            _complete(documents, {notice.number for notice in store.notices.all()})
            _untouched(folder, documents)
        past = _background(store, period, seen, now)
        outputs.prepare(folder)
        files, sent = [], []
        try:
            for document in documents:
                body = document.body(past)
                files.append(_write(folder, f"{document.file}.docx", body))
                if document.annex:
                    files.append(_write(folder, f"{document.annex}.xlsx", document.list(now)))
                if sending:
                    sent.append(_notice(document, period, body, now))
            if sent:
                store.notices.add(sent)
        except BaseException:
            for file in files if sending else ():  # what is not written down did not go out
                file.unlink(missing_ok=True)
            raise
    return Issued(tuple(files), tuple(sent), tuple(_remarks(seen, documents, draft=wanted.draft)))


def _quarter(moment: datetime) -> Period:
    day = moment.astimezone(CHINA)
    return Period(day.year, 3, (day.month + 2) // 3)


def _background(store: Store, period: Period, seen: Inspected, now: datetime) -> Background:
    notices = store.notices.all()
    told = {url for notice in followup.previous(period, notices) for url, _ in notice.findings}
    known = {**entries(store, told), **seen.ledger}
    return followup.background(period, seen.assessments, notices, known, now)


def _write(folder: Path, file: str, data: bytes) -> Path:
    try:
        return outputs.replace(folder / file, data)
    except OSError as error:
        why = error.strerror or str(error)
        raise Mistake(say("不能写入 {path}（{why}），文件是否正被打开？", path=str(folder / file), why=why)) from error


# The record


def _untouched(folder: Path, documents: Sequence[Paper]) -> None:
    """What went out is not written over. Raises Mistake."""
    for document in documents:
        for path in (folder / f"{document.file}.docx", folder / f"{document.annex}.xlsx"):
            if path.exists():
                raise Mistake(say("{path} 已经存在；印发的文件不覆盖别的，请用 --out 指定别的文件夹", path=str(path)))


def _complete(documents: Sequence[Paper], used: set[str]) -> None:
    """Nothing goes out with blanks in it, nor twice under one number. Raises Mistake."""
    details, form = documents[0].details, documents[0].form
    told = any(document.figures.problems for document in documents)
    fields = [
        (say("发文机关"), details.office),
        (say("文号（--number）"), details.number),
        (say("主送机关"), details.addressee if form is Form.CIRCULAR else "—"),
        (say("整改情况报送对象（report_to）"), details.report_to or not told),
    ]
    lacking = [label for label, value in fields if not value]
    if lacking:
        names = tuple(map(spoken().text, lacking))
        raise Mistake(say("正式印发前请填写：{names}，写在设置文件 [notice] 中；先看初稿请加 --draft", names=names))
    for document in documents:
        if document.details.number in used:
            raise Mistake(say("文号 {number} 已经用过；请换一个文号", number=document.details.number))
        site = document.seen.assessments[0].site if form is Form.ORDER else None
        if site is not None and not (site.organ or site.name):
            raise Mistake(say("{site} 没有主办单位和名称，不能出整改通知书；请写入名录", site=site.url))
        due = document.due
        if due is not None and details.issued is not None and due < details.issued:
            raise Mistake(
                say("整改期限 {due} 早于成文日期 {issued}", due=due.isoformat(), issued=details.issued.isoformat())
            )


def _notice(document: Paper, period: Period, body: bytes, now: datetime) -> Notice:
    from reports import wording

    details, seen = document.details, document.seen
    if details.issued is None:
        raise ValueError("a notice has a date")
    named: dict[str, list[str]] = {}
    for entry in document.figures.problems:
        named.setdefault(entry.assessment.site.url, []).append(entry.finding.fingerprint)
    told = tuple(_told(a, set(named.get(a.site.url, ())) & set(seen.open(a, now))) for a in seen.assessments)
    return Notice(
        number=details.number,
        form=document.form,
        period=str(period),
        office=details.office,
        issued=details.issued,
        due=document.due if any(site.findings for site in told) else None,
        who=details.office,
        at=now,
        runs=seen.runs,
        sites=tuple(sorted(told, key=lambda site: site.url)),
        template=(details.wording or wording.default()).label,
        sha256=hashlib.sha256(body).hexdigest(),
    )


def _told(assessment: Assessment, findings: set[str]) -> Told:
    return Told(assessment.site.url, name(assessment.site), assessment.result, tuple(sorted(findings)))


def _remarks(seen: Inspected, documents: Sequence[Paper], *, draft: bool) -> Iterator[Message]:
    if seen.pending and draft:
        yield say("有 {count} 个问题尚未复核，正式印发时不列入；复核见 xuncha review", count=seen.pending)
    elif seen.pending:
        yield say("有 {count} 个问题尚未复核，没有列入；复核见 xuncha review", count=seen.pending)
    waiting = tuple(name(a.site) for a in seen.assessments if awaits_review(a))
    if waiting:
        yield say("问题没有复核完、写为暂不判定的网站：{names}", names=waiting)
    from rules import workdays

    for details in {document.details.workdays: document.details for document in documents}.values():
        day = details.issued or seen.run.as_of.date()
        deadline = workdays.add(day, details.workdays, holidays=details.holidays)
        if details.due is None and deadline.assumed:
            yield say(
                "日历缺少 {year} 年的放假调休安排，整改期限按周一至周五推算，请核对",
                year=deadline.date.year,
            )
