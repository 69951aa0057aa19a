"""How one site of a stored run came to its verdict and its score: `xuncha explain RUN SITE`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crawler.message import say
from crawler.urls import host
from reports import scoresheet
from rules.engine.assessment import Assessment
from xuncha import log
from xuncha.inspection import load_edition
from xuncha.orders import Orders, judged_by
from xuncha.parameters import Mistake, spoken
from xuncha.progress import label
from xuncha.store import Store

_NAMED = 10  # sites in a complaint


def explain(orders: Orders, run_name: str, site: str) -> Iterator[str]:
    """Lines of text. `site`: its name, code, address or host, or a part of name or address that only one site has.

    Raises Mistake, StoreError, EditionError.
    """
    with log.to(orders.data), Store.open(orders.data / "xuncha.db", read_only=True) as store:
        run = store.runs.get(run_name)
        edition = load_edition(judged_by(orders, store.runs.options(run.id)))
        assessment = _chosen(run.id, list(store.assessments.of(run.id)), site)
        return scoresheet.lines(run, assessment, edition, spoken())


def _chosen(run: str, assessments: Sequence[Assessment], name: str) -> Assessment:
    known = [a.site for a in assessments]
    for same in (
        [name in (s.url, s.url.rstrip("/"), s.code, s.name) for s in known],
        [name == host(s.url) for s in known],
        [bool(name) and (name in s.name or name in s.url) for s in known],
    ):
        meant = [a for a, found in zip(assessments, same, strict=True) if found]
        if len(meant) == 1:
            return meant[0]
        if meant:
            names = tuple(a.site.url for a in meant[:_NAMED])
            raise Mistake(say("“{name}”对应多个网站：{known}；请写得更完整", name=name, known=names))
    if not known:
        raise Mistake(say("检查 {run} 中没有检查完的网站", run=run))
    names = tuple(label(s) for s in known[:_NAMED])
    raise Mistake(say("检查 {run} 中没有检查完的网站“{name}”；有：{known}", run=run, name=name, known=names))
