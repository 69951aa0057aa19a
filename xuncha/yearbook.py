"""The figures of 政府网站监管年度报表: a year's inspections by quarter, from the store and the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from crawler.message import say
from reports import annual
from reports.annual import Figures
from reports.details import Form, NoticeDetails
from rules.engine.assessment import Result
from xuncha import followup
from xuncha.inspected import Inspected, entries, inspected
from xuncha.notices import Notice
from xuncha.orders import Orders
from xuncha.parameters import Mistake
from xuncha.period import Period
from xuncha.store import Store


def render(orders: Orders, store: Store, year: Period, details: NoticeDetails, now: datetime) -> bytes:
    """The form. Raises Mistake for a period that is no year, or in which nothing was inspected."""
    if year.months != 12:
        raise Mistake(say("年度报表的 --period 应是一年，如 {year}", year=str(year.year)))
    notices = store.notices.all()
    seen = [inspected(orders, store, quarter, now, draft=details.draft) for quarter in year.quarters()]
    told = [one for one in seen if not one.empty]
    if not told:
        raise Mistake(
            say("{period}没有检查过网站（演示不算）；请先运行 xuncha audit，或用 --run 指定", period=year.name)
        )
    sent = [_within(quarter, notices) for quarter in year.quarters()]
    results = [_results(one, of_quarter) for one, of_quarter in zip(seen, sent, strict=True)]
    columns = [
        _figures([found], of_quarter, store, now) if found else None
        for found, of_quarter in zip(results, sent, strict=True)
    ]
    whole = _figures(results, _within(year, notices), store, now)
    return annual.render(told[-1].run, told[-1].edition, year.year, columns, whole, details=details)


def _within(period: Period, notices: Sequence[Notice]) -> list[Notice]:
    return [
        n for n in notices if period.first <= Period.read(n.period).first and Period.read(n.period).last <= period.last
    ]


def _results(seen: Inspected, sent: Sequence[Notice]) -> dict[str, Result]:
    """Home address → result: as the 通报 of the quarter told it, else as the last visit has it."""
    found = {a.site.url: a.result for a in seen.assessments}
    return found | {site.url: site.result for n in sent if n.form is Form.CIRCULAR for site in n.sites}


def _figures(quarters: Sequence[Mapping[str, Result]], sent: Sequence[Notice], store: Store, now: datetime) -> Figures:
    """A site that failed once in the time has failed; one that could be judged once has been checked."""
    results: dict[str, set[Result]] = {}
    for quarter in quarters:
        for url, result in quarter.items():
            results.setdefault(url, set()).add(result)
    failed = sum(Result.UNQUALIFIED in found for found in results.values())
    undetermined = sum(found == {Result.UNDETERMINED} for found in results.values())
    ledger = entries(store, {url for notice in sent for url, _ in notice.findings})
    became = list(followup.outcomes(sent, ledger, now).values())
    return Figures(
        qualified=len(results) - failed - undetermined,
        failed=failed,
        undetermined=undetermined,
        notices=len(sent),
        named=len(became),
        mended=became.count("mended"),
        overdue=became.count("overdue"),
    )
