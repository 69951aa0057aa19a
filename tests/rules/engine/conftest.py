"""A small snapshot in memory, rules of three lines, and editions built by hand: the arithmetic is what is tested."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, get_type_hints

import pytest

from crawler.message import Message, say
from crawler.outcome import Outcome, Verdict
from crawler.page import Answer, Evidence, Link, LinkKind, LostPlace, Page, Role
from crawler.probe import Watched
from crawler.site import Column, ColumnKind, Site, SiteKind
from crawler.snapshot import ColumnView, Coverage, NotGathered
from rules.engine.assessment import Assessment, Check, Finding
from rules.engine.edition import Clause, Edition, Indicator, Part
from rules.engine.judge import judge
from rules.engine.rule import Problem, Rule

HOME = "http://www.yunling.gov.cn/"
AS_OF = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def answer(url: str, status: int = 200, **more: Any) -> Answer:
    return Answer(url, url, AS_OF, 0.1, status, evidence=Evidence("visit.warc.gz", len(url), "00"), **more)


def page(url: str = HOME, role: Role = Role.HOME, title: str = "云岭县人民政府", **more: Any) -> Page:
    return Page(answer(url), role, title, more.pop("metas", {}), AS_OF, **more)


def column(name: str, kind: ColumnKind = ColumnKind.NEWS, *, url: str = "", **more: Any) -> ColumnView:
    unobservable = more.pop("unobservable", None)
    url = url or f"{HOME}{name}/"
    return ColumnView(Column(name, url, kind, **more), AS_OF, answer(url), None, unobservable=unobservable)


def link(name: str, verdict: Verdict = Verdict.OK, role: Role = Role.HOME, kind: LinkKind = LinkKind.PAGE) -> Link:
    outcome = Outcome(verdict, "http-404", say("返回 404"), 2)
    return Link(f"{HOME}{name}", kind, HOME, role, "云岭县人民政府", name, name, 1, 1, True, outcome)


@dataclass
class Memory:
    """crawler.snapshot.Snapshot, from lists. A Message in place of something means it was not gathered."""

    site: Site = field(default_factory=lambda: Site(HOME, "云岭县人民政府"))
    as_of: datetime = AS_OF
    saved: bool = False
    home_page: Page | Message = field(default_factory=page)
    column_views: tuple[ColumnView, ...] | Message = ()
    page_list: Iterable[Page] | Callable[[], Iterator[Page]] | Message = ()
    link_list: Iterable[Link] | Message = ()
    answers: Mapping[str, Answer] = field(default_factory=dict)
    watched: Watched = field(default_factory=Watched)
    coverage: Coverage = field(default_factory=lambda: Coverage(pages=1))
    read: list[str] = field(default_factory=list)
    """What was streamed, in order."""

    @property
    def home_answer(self) -> Answer | None:
        return self.home_page.answer if isinstance(self.home_page, Page) else None

    @property
    def home(self) -> Page:
        return _there(self.home_page)

    @property
    def columns(self) -> tuple[ColumnView, ...]:
        return _there(self.column_views)

    def pages(self, role: Role | None = None) -> Iterator[Page]:
        self.read.append("pages")
        pages = _there(self.page_list)
        for found in pages() if callable(pages) else pages:
            if role in (None, found.role):
                yield found
            del found

    def links(self) -> Iterator[Link]:
        self.read.append("links")
        yield from _there(self.link_list)

    def lost_places(self) -> Iterator[LostPlace]:
        self.read.append("lost_places")
        _there(self.link_list)
        return iter(())

    def answer(self, url: str) -> Answer | None:
        return self.answers.get(url)

    def page(self, url: str) -> Page | None:
        return next(self.pages(), None)


def _there(thing: Any) -> Any:
    if isinstance(thing, Message):
        raise NotGathered(thing)
    return thing


def make_rule(id_: str, each: str, check: Callable[..., Iterator[Problem]], needs: Iterable[str] = ()) -> Rule:
    """A rule that is not entered in the program's own list."""
    parameters = {n: p for n, p in inspect.signature(check).parameters.items() if p.kind is p.KEYWORD_ONLY}
    own = {"column": {"columns"}, "page": {"pages"}, "link": {"links"}, "site": set()}[each]
    return Rule(id_, each, frozenset(needs) | own, check, parameters, get_type_hints(check, include_extras=True))


def stale(view: ColumnView, *, days: int = 14) -> Iterator[Problem]:
    """Archived stands for stale, the name's first letter for what happens."""
    if view.name.startswith("!"):
        raise ValueError(f"不能读 {view.name}")
    view.observed()
    if view.column.archived:
        yield Problem(view.url, say("“{name}”超过{days}天未更新", name=view.name, days=days), column=view.name)
    if view.name.startswith("?"):
        yield Problem(view.url, say("“{name}”日期在期限当天", name=view.name), certain=False, column=view.name)


def empty(view: ColumnView) -> Iterator[Problem]:
    if view.column.archived:
        yield Problem(view.url, say("“{name}”没有内容", name=view.name), column=view.name)


def broken(target: Link) -> Iterator[Problem]:
    if target.outcome.verdict is Verdict.BROKEN:
        yield Problem(target.url, say("打不开"), on=target.on)


def bare(target: Page) -> Iterator[Problem]:
    if not target.meta("SiteName"):
        yield Problem(target.url, say("缺少 SiteName"))


def missing(snapshot: Any, *, sections: list[str]) -> Iterator[Problem]:
    home = snapshot.home
    for section in sections:
        if section.startswith("?"):
            yield Problem(home.url, say("可能没有{section}", section=section), certain=False, key=section)
        elif section.startswith("-"):
            yield Problem(home.url, say("没有{section}", section=section), key=section)


RULES: dict[str, Rule] = {
    rule.id: rule
    for rule in (
        make_rule("stale", "column", stale),
        make_rule("empty", "column", empty),
        make_rule("broken", "link", broken),
        make_rule("bare", "page", bare),
        make_rule("missing", "site", missing, {"home"}),
    )
}


def clause(rule: str | None, **more: Any) -> Clause:
    more.setdefault("verified", True)
    more["unless"] = tuple(more.pop("unless", ()))
    return Clause("条款", rule, **more)


def indicator(code: str, part: str, *clauses: Clause, points: float = 0.0, group: str = "") -> Indicator:
    return Indicator(code, Part(part), group, f"指标{code}", points, clauses)


def edition(*indicators: Indicator, **more: Any) -> Edition:
    return Edition("test", "测试", "测试", date(2019, 4, 18), 60, 80, indicators, more.pop("service_group", ""), **more)


def absent(code: str, lost: float, points: float = 100, **more: Any) -> Indicator:
    """A deduct indicator of `points` that loses `lost` of them."""
    sections = ["-甲"] if lost else ["甲"]
    return indicator(
        code, "deduct", clause("missing", params={"sections": sections}, points=lost, **more), points=points
    )


def judged(
    snapshot: Memory, *indicators: Indicator, kind: SiteKind | None = SiteKind.PORTAL, **more: Any
) -> Assessment:
    rules = {**RULES, **more.pop("rules", {})}
    return judge(
        snapshot,
        edition(*indicators, **more),
        kind=kind,
        started=AS_OF,
        finished=AS_OF,
        rules=rules,  # type: ignore[arg-type]
    )


def check(assessment: Assessment, code: str, number: int = 1) -> Check:
    return next(c for c in assessment.checks if (c.indicator, c.clause) == (code, number))


def finding(assessment: Assessment, at: str) -> Finding:
    return next(f for f in assessment.findings if f.at == at or f.column == at)


@pytest.fixture(scope="session")
def kit() -> SimpleNamespace:
    """Everything above: test modules cannot import each other."""
    names = (
        "HOME AS_OF RULES Memory absent answer check clause column edition finding indicator judged link make_rule page"
    )
    return SimpleNamespace(**{name: globals()[name] for name in names.split()}, replace=replace)
