"""`xuncha notice`: what a period's inspections found is worded, written, and, unless it is a draft, written down."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from crawler.message import Message, say
from crawler.urls import host
from reports.background import Background
from reports.details import Form, NoticeDetails
from reports.tally import Tally, name, tally
from rules.engine.assessment import Assessment
from xuncha import followup, log, outputs
from xuncha.inspected import Inspected, entries, inspected
from xuncha.notices import Notice, Told
from xuncha.orders import Orders
from xuncha.parameters import CHINA, Mistake, spoken
from xuncha.period import Period
from xuncha.store import Store

_SENT = (Form.CIRCULAR, Form.ORDER)
"""Forms that ask a site to mend something: the others are no notice."""
_SEVERAL = (Form.ORDER, Form.CHECKLIST)
"""One document a site."""


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


@dataclass(frozen=True, slots=True)
class _Document:
    file: str
    """Without its ending."""
    annex: str
    """"": it has none."""
    seen: Inspected
    """With the sites that it tells of."""
    details: NoticeDetails

    @property
    def figures(self) -> Tally:
        return tally(self.seen.run, self.seen.assessments)


def issue(orders: Orders, wanted: Wanted, now: datetime | None = None) -> Issued:
    """Write the documents, and keep the record of what went out. Raises Mistake, StoreError, EditionError."""
    now = now or datetime.now(CHINA)
    path = orders.data / "xuncha.db"
    with log.to(orders.data), Store.open(path, read_only=wanted.draft or not path.exists()) as store:
        period = wanted.period or _quarter(store.run(wanted.run or "last").as_of)
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
            return Issued((_write(folder, f"annual{_mark(wanted)}.docx", data),))
        seen = inspected(orders, store, period, now, run=wanted.run, sites=wanted.sites, draft=wanted.draft)
        if seen.empty:
            raise Mistake(
                say("{period}没有检查过网站；请先运行 xuncha audit，或用 --run 指定一次检查", period=period.name)
            )
        documents = _documents(wanted, seen, details)
        sending = wanted.form in _SENT and not wanted.draft
        if sending:
            _complete(wanted.form, documents, {notice.number for notice in store.notices()})
            _untouched(folder, documents)
        past = _background(store, period, seen, now)
        outputs.prepare(folder)
        files, sent = [], []
        try:
            for document in documents:
                body = _body(wanted.form, document, past)
                files.append(_write(folder, f"{document.file}.docx", body))
                if document.annex:
                    files.append(_write(folder, f"{document.annex}.xlsx", _annex(document)))
                if sending:
                    sent.append(_notice(wanted.form, document, period, body, now))
            if sent:
                store.add_notices(sent)
        except BaseException:
            for file in files if sending else ():  # what is not written down did not go out
                file.unlink(missing_ok=True)
            raise
    return Issued(tuple(files), tuple(sent), tuple(_remarks(seen, documents, draft=wanted.draft)))


def _quarter(moment: datetime) -> Period:
    day = moment.astimezone(CHINA)
    return Period(day.year, 3, (day.month + 2) // 3)


def _mark(wanted: Wanted) -> str:
    """A draft never takes the place of what went out."""
    return "-draft" if wanted.draft else ""


def _background(store: Store, period: Period, seen: Inspected, now: datetime) -> Background:
    notices = store.notices()
    told = {url for notice in followup.previous(period, notices) for url, _ in notice.findings}
    known = {**entries(store, told), **seen.ledger}
    return followup.background(period, seen.assessments, notices, known, now)


# The documents


def _documents(wanted: Wanted, seen: Inspected, details: NoticeDetails) -> list[_Document]:
    mark = _mark(wanted)
    if wanted.form not in _SEVERAL:
        return [_Document(f"notice{mark}", f"annex{mark}", seen, details)]
    alone = [replace(seen, assessments=(a,), run=replace(seen.run, failures=())) for a in seen.assessments]
    if wanted.form is Form.CHECKLIST:
        return [_Document(f"checklist{mark}-{key}", "", one, details) for key, one in _keyed(alone)]
    alone = [one for one in alone if tally(one.run, one.assessments).problems]
    if not alone:
        raise Mistake(
            say("没有问题可以通知")
            if wanted.draft
            else say("没有经复核确认的问题，不能出整改通知书；复核见 xuncha review，先看初稿请加 --draft")
        )
    numbers = _numbers(details.number, len(alone))
    return [
        _Document(f"order{mark}-{key}", f"annex{mark}-{key}", one, replace(details, number=number))
        for (key, one), number in zip(_keyed(alone), numbers, strict=True)
    ]


def _keyed(alone: Sequence[Inspected]) -> list[tuple[str, Inspected]]:
    """With what the files of each site are called: its code, or its host."""
    found: dict[str, Inspected] = {}
    for one in alone:
        site = one.assessments[0].site
        key = re.sub(r"[^a-z0-9.-]+", "-", (site.code or host(site.url) or "site").lower())[:60].strip(".-") or "site"
        if key in found:
            key = f"{key}-{hashlib.sha256(site.url.encode('utf-8', 'replace')).hexdigest()[:8]}"
        found[key] = one
    return list(found.items())


def _numbers(first: str, count: int) -> list[str]:
    """文号 for so many documents, counted up from the first."""
    shape = re.fullmatch(r"(.*?)([0-9]+)(\D*)", first)
    if shape is None:
        if first and count > 1:
            raise Mistake(say("--number：“{number}”中没有序号，不能依次编 {count} 份", number=first, count=count))
        return [first] * count
    head, digits, tail = shape.groups()
    return [f"{head}{int(digits) + step}{tail}" for step in range(count)]


def _body(form: Form, document: _Document, past: Background) -> bytes:
    """The Word file. The libraries behind it are slow to import."""
    seen, details = document.seen, document.details
    if form is Form.CIRCULAR:
        from reports import notice
        from reports.language import Language

        return notice.render(seen.run, seen.assessments, seen.edition, Language(), details=details, background=past)
    (site,) = seen.assessments
    if form is Form.ORDER:
        from reports import order

        return order.render(seen.run, site, seen.edition, details=details, background=past)
    from reports import checklist

    return checklist.render(seen.run, site, seen.edition, details=details, background=past)


def _annex(document: _Document) -> bytes:
    from reports import annex
    from reports.language import Language

    seen = document.seen
    return annex.render(
        seen.run, seen.assessments, seen.edition, Language(), due=_due(document), draft=document.details.draft
    )


def _due(document: _Document) -> date | None:
    """To be mended by; None where nothing is, or where it is not known yet."""
    details = document.details
    if not document.figures.problems:
        return None
    if details.due is not None or details.issued is None:
        return details.due
    from rules import workdays

    return workdays.add(details.issued, details.workdays, holidays=details.holidays).date


def _write(folder: Path, file: str, data: bytes) -> Path:
    try:
        return outputs.replace(folder / file, data)
    except OSError as error:
        why = error.strerror or str(error)
        raise Mistake(say("不能写入 {path}（{why}），文件是否正被打开？", path=str(folder / file), why=why)) from error


# The record


def _untouched(folder: Path, documents: Sequence[_Document]) -> None:
    """What went out is not written over. Raises Mistake."""
    for document in documents:
        path = folder / f"{document.file}.docx"
        if path.exists():
            raise Mistake(say("{path} 已经存在，是以前印发的；请用 --out 指定别的文件夹", path=str(path)))


def _complete(form: Form, documents: Sequence[_Document], used: set[str]) -> None:
    """Nothing goes out with blanks in it, nor twice under one number. Raises Mistake."""
    details = documents[0].details
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
        due = _due(document)
        if due is not None and details.issued is not None and due < details.issued:
            raise Mistake(
                say("整改期限 {due} 早于成文日期 {issued}", due=due.isoformat(), issued=details.issued.isoformat())
            )


def _notice(form: Form, document: _Document, period: Period, body: bytes, now: datetime) -> Notice:
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
        form=form,
        period=str(period),
        office=details.office,
        issued=details.issued,
        due=_due(document) if any(site.findings for site in told) else None,
        who=details.office,
        at=now,
        runs=seen.runs,
        sites=tuple(sorted(told, key=lambda site: site.url)),
        template=(details.wording or wording.default()).label,
        sha256=hashlib.sha256(body).hexdigest(),
    )


def _told(assessment: Assessment, findings: set[str]) -> Told:
    return Told(assessment.site.url, name(assessment.site), assessment.result, tuple(sorted(findings)))


def _remarks(seen: Inspected, documents: Sequence[_Document], *, draft: bool) -> Iterator[Message]:
    if seen.pending and draft:
        yield say("有 {count} 个问题尚未复核，正式印发时不列入；复核见 xuncha review", count=seen.pending)
    elif seen.pending:
        yield say("有 {count} 个问题尚未复核，没有列入；复核见 xuncha review", count=seen.pending)
    from rules import workdays

    for details in {document.details.workdays: document.details for document in documents}.values():
        day = details.issued or seen.run.as_of.date()
        deadline = workdays.add(day, details.workdays, holidays=details.holidays)
        if details.due is None and deadline.assumed:
            yield say(
                "日历缺少 {year} 年的放假调休安排，整改期限按周一至周五推算，请核对",
                year=deadline.date.year,
            )
