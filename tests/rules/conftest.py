"""A Snapshot in memory, and the reader of rule cases (`cases/<rule-id>/<name>.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from crawler import columns, dates, fragments, html
from crawler.earlier import Sighted, key
from crawler.file_clues import File, FileClues, Unread
from crawler.file_reader import clues_of
from crawler.frontier import Stage
from crawler.guise import Appearance, Guise
from crawler.harvest import Harvest, Reading, Scene, harvest
from crawler.hidden import concealed
from crawler.message import Message, say
from crawler.outcome import Glimpse, Outcome, Verdict
from crawler.page import Answer, Evidence, Failure, FailureKind, Landing, Link, LinkKind, LostPlace, Page, Role
from crawler.probe import Announced, Probe, ProbeState, Watched
from crawler.site import Column, ColumnKind, Site, SiteKind
from crawler.snapshot import ColumnView, Coverage, DateSource, Item, NotGathered
from rules import all_rules
from rules.engine.rule import Problem, Rule

CHINA = timezone(timedelta(hours=8))
AS_OF = datetime(2026, 11, 24, 9, 30, tzinfo=CHINA)
HOME = "https://www.yunling.gov.cn/"


@dataclass(frozen=True)
class MemorySnapshot:
    """crawler.snapshot.Snapshot, made of what a test holds in its hands."""

    site: Site
    as_of: datetime = AS_OF
    home_page: Page | None = None
    columns: tuple[ColumnView, ...] = ()
    other_pages: tuple[Page, ...] = ()
    asked_links: tuple[Link, ...] | None = ()
    """None: links were not asked."""
    saved: bool = False
    has_ipv6: bool | None = None
    """None: nobody could tell."""
    failed_home: Answer | None = None
    """What came instead of a home page."""
    answers: tuple[Answer, ...] = ()
    """Of addresses that are no page."""
    watched: Watched = field(default_factory=Watched)
    earlier: Mapping[int, Sighted] = field(default_factory=dict)
    coverage: Coverage = field(default_factory=Coverage)

    @property
    def home_answer(self) -> Answer | None:
        return self.home_page.answer if self.home_page else self.failed_home

    @property
    def ipv6(self) -> bool:
        if self.has_ipv6 is None:
            raise NotGathered(say("没有查到域名有没有IPv6地址"))
        return self.has_ipv6

    @property
    def home(self) -> Page:
        if self.home_page is None:
            raise NotGathered(say("首页没有打开"))
        return self.home_page

    def pages(self, role: Role | None = None) -> Iterator[Page]:
        every = (self.home_page, *(view.page for view in self.columns), *self.other_pages)
        return (page for page in every if page is not None and role in (None, page.role))

    def links(self) -> Iterator[Link]:
        if self.asked_links is None:
            raise NotGathered(say("本次检查没有访问链接"))
        return iter(self.asked_links)

    def lost_places(self) -> Iterator[LostPlace]:
        """As the archive finds them."""
        if self.asked_links is None:
            raise NotGathered(say("本次检查没有访问链接"))
        read = {page.url: harvested(page) for page in self.pages()}
        for on, found in read.items():
            for url, name in found.facts.spots if found.facts else ():
                there = read[url or on].facts if (url or on) in read else None
                if there is None or there.script_drawn:
                    continue
                if not fragments.leads(name, fragments.unpack(there.places)):
                    yield LostPlace(f"{url or on}#{name}", on, "", f"#{name}", 0)

    def file(self, url: str) -> FileClues | None:
        return next((file.clues for page in self.pages() for file in page.files if file.url == url), None)

    def answer(self, url: str) -> Answer | None:
        page = self.page(url)
        return page.answer if page else next((answer for answer in self.answers if url == answer.asked), None)

    def unread(self, url: str) -> Message:
        return say("没有打开")

    def page(self, url: str) -> Page | None:
        return next((page for page in self.pages() if url in (page.url, page.answer.asked)), None)


def harvested(page: Page) -> Harvest:
    scene = Scene(
        stage=Stage.PAGE,
        name="",
        depth=1,
        url=page.url,
        given=None,
        columns_given=True,
        internal=lambda url: url.startswith(HOME),
        scope="full",
        as_of=page.as_of,
        undated_articles=0,
        dated_articles=0,
        links_wanted=True,
        may_leave=False,
    )
    return harvest(page.answer, Reading(page.document, "utf-8", Glimpse()), scene)


@dataclass(frozen=True)
class Case:
    rule: str
    expect: str
    why: str
    params: Mapping[str, Any]
    problems: tuple[Mapping[str, Any], ...]
    unchecked: bool
    """The rule must say that it cannot tell (NotGathered)."""
    snapshot: MemorySnapshot


@dataclass(frozen=True)
class Verdicts:
    """What a rule said about every subject of a snapshot."""

    problems: tuple[Problem, ...]
    unchecked: tuple[str, ...]


def make_page(source: str, *, url: str = HOME, role: Role = Role.HOME, as_of: datetime = AS_OF, **more: Any) -> Page:
    document = html.parse(source, rendered=more.get("rendered", False))
    status = more.pop("status", 200)
    saved = more.pop("saved", False)
    moment = more.pop("moment_known", False)
    secure = {key: more.pop(key) for key in ("weak", "expires") if key in more}
    guises, sheets = more.pop("guise", ()), more.pop("sheets", ())
    if more.pop("rendered", False):
        secure["rendered"] = Evidence("visit.warc.gz", 0, "", rendered_by="Chromium 130")
    answer = Answer(url, url, as_of, 0.4, None if saved else status, method="FILE" if saved else "GET", **secure)
    page = Page(
        answer=answer,
        role=role,
        title=document.title,
        metas=document.metas,
        as_of=as_of,
        script_drawn=more.pop("script_drawn", document.script_drawn),
        saved=saved and not moment,
        dating=dates.dating(document, fetched_at=as_of) if role is Role.ARTICLE else None,
        read=lambda: source,
        appearances=tuple(make_appearances(answer, source, guises)),
        **more,
    )
    return with_sheets(page, sheets) if sheets else page


def with_sheets(page: Page, sheets: Sequence[str]) -> Page:
    """As after a visit: with the clues of the page, and what its linked style sheets hide."""
    hides = {name: how for sheet in sheets for name, how in concealed(sheet).items()}
    facts = harvested(page).facts
    find = lambda names: {name: how for name, how in hides.items() if name in names}  # noqa: E731
    return replace(page, clues=facts.clues if facts else None, find_concealed=find)


def make_appearances(answer: Answer, source: str, guises: Sequence[Mapping[str, Any]]) -> Iterator[Appearance]:
    """As the archive makes them. Each of `guises` is one ask: `guise`, and `html` (and `url`), `refused`, or nothing
    for the page itself once more."""
    asks = [{"guise": "self"}, *guises] if guises else []
    for ask in asks:
        url, text = ask.get("url", answer.url), ask.get("html", source)
        refused = say("{text}", text=ask["refused"]) if "refused" in ask else None
        yield Appearance(Guise(ask["guise"]), replace(answer, url=url), refused, partial(str, text))


def make_file(data: Mapping[str, Any], terms: frozenset[str]) -> File:
    """What the visit notes of a file with this `content`; `unread`: why it did not read it, or not all."""
    clues = clues_of(data.get("content", "").encode(), "txt", terms)
    unread = Unread(data["unread"]) if "unread" in data else None
    return File(data["url"], data.get("text", ""), replace(clues, unread=unread))


def make_link(**data: Any) -> Link:
    verdict = Verdict(data.get("verdict", "ok"))
    reason = say("{text}", text=data.get("reason", "可以打开" if verdict is Verdict.OK else "页面不存在（HTTP 404）"))
    return Link(
        url=data["url"],
        kind=LinkKind(data.get("kind", "page")),
        on=data.get("on", HOME),
        on_role=Role(data.get("on_role", "home")),
        on_title=data.get("on_title", "云岭县人民政府"),
        text=data.get("text", ""),
        raw=data.get("raw", data["url"]),
        line=1,
        places=1,
        internal=data.get("internal", True),
        outcome=Outcome(verdict, data.get("code", verdict.value), reason, data.get("asked", 2)),
        via=data.get("via", ""),
        look=lambda: Landing(**data["landing"]) if "landing" in data else None,
    )


def make_answer(data: Mapping[str, Any], as_of: datetime) -> Answer:
    failure = Failure(FailureKind(data["failure"]), data.get("detail", "")) if "failure" in data else None
    status = None if failure else data.get("status", 200)
    more = {key: data[key] for key in ("weak", "expires") if key in data}
    return Answer(data["url"], data["url"], as_of, 0.4, status, failure, **more)


def make_column(data: Mapping[str, Any], as_of: datetime, *, saved: bool = False, moment: bool = False) -> ColumnView:
    """As the archive makes it: the items are read from `html` unless the case names them."""
    column = Column(
        name=data["name"],
        url=data.get("url", HOME + "zwgk/"),
        kind=ColumnKind(data.get("kind", "other")),
        top=data.get("top", True),
        archived=data.get("archived", False),
        days=data.get("days"),
        given=data.get("given", False),
    )
    page = None
    if "html" in data:
        page = make_page(
            data["html"],
            url=data.get("final_url", column.url),
            role=Role.COLUMN,
            as_of=as_of,
            status=data.get("status", 200),
            column=column.name,
            saved=saved,
            moment_known=moment,
            **({"script_drawn": True} if data.get("script_drawn") else {}),
        )
    status = data.get("status", 200)
    answer = page.answer if page else Answer(column.url, column.url, as_of, 0.4, status)
    unobservable = say("{text}", text=data["unobservable"]) if "unobservable" in data else None
    if "item" in data or page is None:
        items = tuple(_item(item) for item in data.get("item", ()))
    else:
        found = columns.listing(page.document, page.url, fetched_at=page.answer.at, as_of=as_of)
        items = columns.date_items(found.items, lambda _: dates.Published())
        unobservable = unobservable or found.unobservable
    return ColumnView(column, as_of, answer, page, items, unobservable)


def read_case(path: Path) -> Case:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    as_of = data.get("as_of", AS_OF)
    site = Site(
        **{"url": HOME, "name": "云岭县人民政府", "code": "5399990001", **data.get("site", {}), "kind": SiteKind.PORTAL}
    )
    saved, moment = data.get("saved", False), data.get("moment_known", False)
    home = data.get("home", {})
    options = {
        k: home[k] for k in ("url", "status", "script_drawn", "weak", "expires", "guise", "rendered") if k in home
    }
    home_page = (
        make_page(home["html"], as_of=as_of, saved=saved, moment_known=moment, **options) if "html" in home else None
    )
    rule = all_rules()[path.parent.name]
    terms = rule.terms(rule.settled(data.get("params", {})))
    pages = tuple(
        make_page(
            page["html"],
            find_files=partial(tuple, [make_file(file, terms) for file in page.get("file", ())]),
            url=page.get("url", HOME + "a.html"),
            role=Role(page.get("role", "article")),
            as_of=as_of,
            status=page.get("status", 200),
            column=page.get("column", ""),
            saved=saved,
            moment_known=moment,
            guise=page.get("guise", ()),
            sheets=page.get("sheets", ()),
            **({"script_drawn": True} if page.get("script_drawn") else {}),
        )
        for page in data.get("page", ())
    )
    return Case(
        rule=path.parent.name,
        expect=data["expect"],
        why=data["why"],
        params=data.get("params", {}),
        problems=tuple(data.get("problems", ())),
        unchecked=data.get("unchecked", False),
        snapshot=MemorySnapshot(
            site=site,
            as_of=as_of,
            home_page=home_page,
            columns=tuple(make_column(c, as_of, saved=saved, moment=moment) for c in data.get("column", ())),
            other_pages=pages,
            asked_links=tuple(make_link(**link) for link in data.get("link", ())) if not saved else None,
            saved=saved,
            has_ipv6=data.get("ipv6"),
            failed_home=_failed(home, as_of) if "failure" in home or "html" not in home else None,
            answers=tuple(make_answer(answer, as_of) for answer in data.get("answer", ())),
            watched=_watched(data),
            earlier={key(one["url"]): Sighted(one["since"], one.get("shown")) for one in data.get("earlier", ())},
            coverage=replace(Coverage(), complete=data.get("complete", True)),
        ),
    )


def _watched(data: Mapping[str, Any]) -> Watched:
    """`[[watched]]`: so many probes (`count`), so many `minutes` apart, from `first` or after those of the table
    before; `[[announced]]`."""
    probes: list[Probe] = []
    following = AS_OF
    for run in data.get("watched", ()):
        at, step = run.get("first", following), timedelta(minutes=run.get("minutes", 60))
        state, seconds = ProbeState(run.get("state", "up")), run.get("seconds", 0.4)
        reason, witnessed = say("{text}", text=run.get("reason", "超时，没有打开")), run.get("witnessed", True)
        probes += [Probe(at + n * step, state, "x", reason, seconds, witnessed=witnessed) for n in range(run["count"])]
        following = at + run["count"] * step
    windows = tuple(Announced(w["begins"], w["ends"], w["reason"]) for w in data.get("announced", ()))
    return Watched(tuple(sorted(probes, key=lambda probe: probe.at)), windows)


def _failed(home: Mapping[str, Any], as_of: datetime) -> Answer | None:
    """The answer to a case's `[home]` that brought no page; None where nothing is said of it."""
    if not home:
        return None
    failure = Failure(FailureKind(home["failure"]), home.get("detail", "")) if "failure" in home else None
    status = None if failure else home.get("status", 200)
    return Answer(HOME, HOME, as_of, home.get("elapsed", 0.4), status, failure)


def try_rule(rule: Rule, snapshot: MemorySnapshot, params: Mapping[str, Any]) -> Verdicts:
    """The rule over every subject of the snapshot; what it raises otherwise than NotGathered is raised."""
    subjects: Iterator[Any] = {
        "site": lambda: iter((snapshot,)),
        "column": lambda: iter(snapshot.columns),
        "page": snapshot.pages,
        "link": snapshot.links,
    }[rule.each]()
    problems: list[Problem] = []
    unchecked: list[str] = []
    for subject in subjects:
        try:
            problems.extend(rule.check(subject, **params))
        except NotGathered as missing:
            unchecked.append(str(missing.why))
    return Verdicts(tuple(problems), tuple(unchecked))


def _item(data: Mapping[str, Any]) -> Item:
    shown = data.get("shown", data["date"].isoformat() if "date" in data and "source" not in data else "")
    source = DateSource(data.get("source", "shown")) if "date" in data else None
    url, opened = data.get("url", f"{HOME}{data['title']}.html"), data.get("opened", False)
    return Item(url, data["title"], shown, data.get("date"), source, opened)


@pytest.fixture
def load() -> Callable[[Path], Case]:
    return read_case


@pytest.fixture
def tried() -> Callable[[Rule, MemorySnapshot, Mapping[str, Any]], Verdicts]:
    return try_rule


@pytest.fixture
def page_of() -> Callable[..., Page]:
    return make_page


@pytest.fixture
def link_of() -> Callable[..., Link]:
    return make_link


@pytest.fixture
def column_of() -> Callable[..., ColumnView]:
    return make_column


@pytest.fixture
def snapshot_of() -> type[MemorySnapshot]:
    return MemorySnapshot
