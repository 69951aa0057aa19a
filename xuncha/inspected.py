"""What a period's inspections came to, as a document may tell it: the last visit of each site, after review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from crawler.message import say
from crawler.urls import host
from reports.background import Place
from rules.engine.assessment import Assessment, Run
from rules.engine.review import corrected, reviewed
from xuncha import __version__
from xuncha.inspection import load_edition
from xuncha.ledger import REVIEWED, Entry, State, standing, stood
from xuncha.orders import Orders, judged_by
from xuncha.parameters import CHINA, Mistake
from xuncha.period import Period

if TYPE_CHECKING:
    from rules.engine.edition import Edition
    from xuncha.store import Store

_NAMED = 10  # in a complaint


@dataclass(frozen=True, slots=True)
class Inspected:
    run: Run
    """One run, or what several of them amount to."""
    runs: tuple[str, ...]
    edition: Edition
    assessments: tuple[Assessment, ...]
    ledger: Mapping[Place, Entry]
    """Of the sites' findings."""
    pending: int
    """Findings that await review."""

    @property
    def empty(self) -> bool:
        """Nothing was inspected."""
        return not self.assessments and not self.run.failures

    def open(self, site: Assessment, now: datetime) -> tuple[str, ...]:
        """The findings of the site that are there still."""
        return tuple(
            f.fingerprint
            for f in site.findings
            if (entry := self.ledger.get((site.site.url, f.fingerprint))) and standing(entry, now).open
        )


def inspected(
    orders: Orders,
    store: Store,
    period: Period,
    now: datetime,
    *,
    run: str | None = None,
    sites: Sequence[str] = (),
    draft: bool = False,
) -> Inspected:
    """The last judged visit of each site in the period, or those of `run`. A draft has what awaits review as well.

    Raises Mistake, StoreError, EditionError.
    """
    found, failures = _visits(store, period, run)
    found = _chosen(found, sites)
    if sites:
        failures = []
    runs = tuple(dict.fromkeys(id_ for id_, _ in found)) or ((store.runs.get(run).id,) if run else ())
    edition = _edition(orders, store, runs, [a.edition for _, a in found])
    ledger = entries(store, {a.site.url for _, a in found})
    judged = [_looked_at(a, edition, ledger, now, draft=draft) for _, a in found]
    return Inspected(
        run=_whole(store, runs, [a for a, _ in judged], failures, now),
        runs=runs,
        edition=edition,
        assessments=tuple(a for a, _ in judged),
        ledger=ledger,
        pending=sum(waiting for _, waiting in judged),
    )


def entries(store: Store, urls: set[str]) -> dict[Place, Entry]:
    return {(entry.site, entry.fingerprint): entry for url in sorted(urls) for entry in store.ledger.entries(url=url)}


def _visits(
    store: Store, period: Period, run: str | None
) -> tuple[list[tuple[str, Assessment]], list[tuple[str, str]]]:
    if run is None:
        since = datetime.combine(period.first, time(), CHINA)
        before = datetime.combine(period.last + timedelta(days=1), time(), CHINA)
        return store.visits.last(since, before)
    chosen = store.runs.get(run)
    return [(chosen.id, a) for a in store.assessments.of(chosen.id)], list(chosen.failures)


def _chosen(found: Sequence[tuple[str, Assessment]], words: Sequence[str]) -> list[tuple[str, Assessment]]:
    if not words:
        return list(found)
    chosen: dict[str, tuple[str, Assessment]] = {}
    for word in words:
        meant = [(run, a) for run, a in found if word in _marks(a)]
        if not meant:
            names = tuple(a.site.name or a.site.url for _, a in found[:_NAMED])
            raise Mistake(say("--site：没有检查过网站“{site}”，有：{known}", site=word, known=names))
        chosen |= {a.site.url: (run, a) for run, a in meant}
    return list(chosen.values())


def _marks(assessment: Assessment) -> set[str]:
    site = assessment.site
    return {mark for mark in (site.name, site.code, site.url, site.url.rstrip("/"), host(site.url)) if mark}


def _edition(orders: Orders, store: Store, runs: Sequence[str], used: Sequence[str]) -> Edition:
    several = tuple(dict.fromkeys(used))
    if len(several) > 1:
        raise Mistake(say("这些网站用了不同的检查指标：{editions}；请用 --run 指定一次检查", editions=several))
    return load_edition(judged_by(orders, store.runs.options(runs[0])) if runs else orders)


def _looked_at(
    assessment: Assessment, edition: Edition, ledger: Mapping[Place, Entry], now: datetime, *, draft: bool
) -> tuple[Assessment, int]:
    """The assessment after review, and how many of its findings await one."""
    confirmed, rejected = set(), set()
    for finding in assessment.findings:
        entry = ledger.get((assessment.site.url, finding.fingerprint))
        if entry is not None:
            state = stood(entry, assessment.finished, now).state
            if state in REVIEWED:
                confirmed.add(finding.fingerprint)
            elif state is State.UPHELD:
                rejected.add(finding.fingerprint)
    waiting = len({f.fingerprint for f in assessment.findings} - confirmed - rejected)
    judge = corrected if draft else reviewed
    return judge(assessment, edition, confirmed=confirmed, rejected=rejected), waiting


def _whole(
    store: Store,
    runs: Sequence[str],
    assessments: Sequence[Assessment],
    failures: Sequence[tuple[str, str]],
    now: datetime,
) -> Run:
    """What the documents call the run: of several runs, all of them."""
    known = [store.runs.get(id_) for id_ in runs]
    moments = [a.as_of for a in assessments] or [r.as_of for r in known] or [now]
    last = known[-1] if known else None
    return Run(
        id="、".join(runs) if len(runs) <= _NAMED else f"{'、'.join(runs[:_NAMED])}等{len(runs)}次",
        as_of=max(moments),
        started=min([a.started for a in assessments] or [now]),
        finished=max([a.finished for a in assessments] or [now]),
        edition=last.edition if last else "",
        scope=last.scope if last else "quick",
        version=__version__,
        failures=tuple(failures),
    )
