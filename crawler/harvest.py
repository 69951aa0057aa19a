"""What one fetched page leads to: its facts, the column it is, the addresses to open next, the links on it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from turbohtml import Element

from crawler import charset, clues, columns, dates, documents, fragments, hidden, html, numbers, stylesheet
from crawler.archive import Anchor, PageFacts
from crawler.clues import Clues
from crawler.columns import Candidate
from crawler.exchange import Reply
from crawler.outcome import Glimpse
from crawler.page import Answer, LinkKind, Role
from crawler.plan import Scope
from crawler.remembered import LONGEST
from crawler.rendering import column_lacks, column_needs, home_lacks, home_needs
from crawler.site import Column, ColumnKind
from crawler.target import Stage
from crawler.urls import ATTACHMENTS, Joiner, kind_of, origin, suffix

# Elements whose address a person can go to; the others are parts of the page.
_FOLLOWED = frozenset({"a", "area", "iframe", "frame", "meta"})
_GONE_TO = frozenset({"a", "area"})
_EXCERPT = 200
_TITLE = 500  # a title stands beside every link of its page
_NAME = 100
_MOST_LINKS = 5000  # of one page; the fullest real one has a third of it
_WEB = ("http://", "https://")
_REMEMBERED = 1 << 10  # addresses, and anchors: menus stand on every page
_GLIMPSE = 2000  # characters: more than any error page, less than the whole of a long one


@dataclass(frozen=True, slots=True)
class Reading:
    """A body made readable: its HTML document where it is one, and what the outcome needs to see of it."""

    document: html.Document | None
    encoding: str
    glimpse: Glimpse


@dataclass(frozen=True, slots=True)
class Lead:
    """An address that the visit should know, and why."""

    url: str
    stage: Stage
    kind: LinkKind = LinkKind.PAGE
    name: str = ""


class FoundLink(NamedTuple):
    """A link of a page. A plain tuple: a page has hundreds."""

    anchor: Anchor
    stage: Stage
    """PAGE where the visit goes on, LEAF where it only asks."""
    line: int


@dataclass(frozen=True, slots=True, eq=False)
class _Way:
    """Where an attribute leads."""

    url: str
    """The web address; empty when it is none."""
    key: tuple[str, LinkKind]
    raw: str
    goes: bool
    """A person can go there, to a page."""
    site: str
    spot: Mapping[tuple[str, str], None]
    """The address and the name of the place in the page; nothing when it names none."""


@dataclass(frozen=True, slots=True)
class Harvest:
    """`onward`: the page only sends its reader on, by script or META refresh; then there is nothing else."""

    onward: Lead | None = None
    facts: PageFacts | None = None
    column: Column | None = None
    leads: tuple[Lead, ...] = ()
    links: tuple[FoundLink, ...] = ()
    undrawn: bool = False
    """What the page is for is drawn by script: a browser could show it."""
    cut: bool = False
    """The page holds more links than any page; the rest were left out."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What must be known to understand a page: who asked for it and what the site is."""

    stage: Stage
    name: str
    depth: int
    url: str
    """The address as it was queued."""
    given: Column | None
    """The operator's column at this address."""
    columns_given: bool
    """The operator named the columns: none is discovered."""
    internal: Callable[[str], bool]
    scope: Scope
    as_of: datetime
    undated_articles: int
    dated_articles: int
    links_wanted: bool
    may_leave: bool = True
    """Whether a page that only sends its reader on is followed."""
    terms: frozenset[str] = frozenset()
    """Looked for in the page's words."""
    rendered: bool = False
    """Whether it matters what scripts draw."""


def read(reply: Reply) -> Reading:
    """Decode and parse a body once, for everybody."""
    answer, body = reply.answer, reply.body
    if not body or answer.method == "HEAD":
        return Reading(None, "", Glimpse())
    start = body[:1024].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    tagged = start.startswith(
        (b"<!doctype html", b"<html", b"<head", b"<script", b"<meta", b"<body", b"<title", b"<!--")
    )
    wide = body[:2] in (b"\xff\xfe", b"\xfe\xff")
    typed = answer.media_type in ("text/html", "application/xhtml+xml")
    if documents.is_file(body) or not (
        typed or tagged or (wide and not answer.media_type.startswith(("image/", "application/")))
    ):
        return Reading(None, "", Glimpse(length=len(body), cut=documents.is_cut(reply)))
    text, encoding = charset.decode(body, reply.content_type)
    document = html.parse(text)
    glimpse = Glimpse(
        title=document.title[:_TITLE],
        text=html.squeeze(document.text()[:_GLIMPSE]),
        html=True,
        length=len(body),
        login=document.root.select_one("input[type=password]") is not None,
        office="urn:schemas-microsoft-com:office" in text[:2000],
        leads_on=suffix(answer.asked) in ATTACHMENTS
        and (document.script_drawn or document.client_redirect() is not None),
    )
    return Reading(document, encoding, glimpse)


def harvest(answer: Answer, reading: Reading, scene: Scene) -> Harvest:
    """Understand one page. `reading.document` must be there."""
    document = reading.document
    if document is None:
        return Harvest()
    joiner = _joiner(answer, document, reading.encoding)
    onward = _onward(answer, document, scene, joiner)
    if onward is not None:
        return Harvest(onward=onward)
    role, column = _role(answer, document, scene)
    ids = document.ids()
    places = fragments.pack(ids)
    links, strange, spots = _links(document, joiner, scene, answer.url, ids)
    facts = PageFacts(
        url=answer.url,
        role=role,
        title=document.title[:_TITLE],
        metas=document.metas,
        encoding=reading.encoding,
        column=(column.name if column else scene.name)[:_NAME],
        script_drawn=document.script_drawn,
        clues=_clues(document, answer.url, strange, scene.terms),
        dating=dates.dating(document, fetched_at=answer.at) if role is Role.ARTICLE else None,
        places=places,
        spots=tuple(spots),
    )
    listed = _listing(answer, document, scene, column) if column is not None else None
    leads = tuple(_leads(answer, document, scene, role, column, listed))
    return Harvest(
        None,
        facts,
        column,
        leads,
        tuple(links[:_MOST_LINKS]),
        undrawn=scene.rendered and _undrawn(answer, document, scene, column, listed),
        cut=len(links) > _MOST_LINKS,
    )


def shown(reply: Reply, reading: Reading, scene: Scene) -> tuple[Reply, Reading]:
    """The reply and its reading as the browser that drew the page shows it, where that tells more than the page does;
    else with the reason why not.
    """
    rendering, served = reply.rendering, reading.document
    if rendering is None or served is None or not rendering.html:
        return reply, reading
    drawn = html.parse(rendering.html, rendered=True)
    if scene.stage is Stage.HOME:
        lack = home_lacks(served, drawn, reply.answer, scene.as_of)
    else:
        _, column = _role(reply.answer, drawn, scene)
        lack = column_lacks(drawn, reply.answer, scene.as_of, column.name if column else scene.name)
    if lack is not None:
        return replace(reply, rendering=replace(rendering, html="", why=lack)), reading
    return reply, replace(reading, document=drawn)


def undrawn(answer: Answer, reading: Reading, scene: Scene) -> bool:
    """What the page is for is drawn by script: a browser could show it."""
    document = reading.document
    if document is None or _onward(answer, document, scene, _joiner(answer, document, reading.encoding)) is not None:
        return False
    _, column = _role(answer, document, scene)
    return _undrawn(answer, document, scene, column, _listing(answer, document, scene, column) if column else None)


def _undrawn(
    answer: Answer,
    document: html.Document,
    scene: Scene,
    column: Column | None,
    listed: columns.Listing | None,
) -> bool:
    if document.rendered:
        return False
    if scene.stage is Stage.HOME:
        return home_needs(document, answer, scene.as_of)
    return column is not None and listed is not None and column_needs(document, column, listed)


def _joiner(answer: Answer, document: html.Document, encoding: str) -> Joiner:
    base = Joiner(answer.url).join(document.base).url if document.base else None
    return Joiner(base or answer.url, encoding or "utf-8")


def _onward(answer: Answer, document: html.Document, scene: Scene, joiner: Joiner) -> Lead | None:
    """Where a page that only sends its reader on leads."""
    target = document.client_redirect()
    if target is None and scene.stage is Stage.HOME:
        target = columns.entrance(document)
    onward = (joiner.join(target).url if target else None) or ""
    may_leave = scene.may_leave and (scene.stage is Stage.HOME or scene.internal(onward))
    if onward.startswith(_WEB) and onward not in (answer.url, scene.url) and may_leave:
        return Lead(onward, scene.stage, name=scene.name)
    return None


def _listing(answer: Answer, document: html.Document, scene: Scene, column: Column) -> columns.Listing | None:
    """What a column lists; None for one that is no list."""
    if column.kind is ColumnKind.STATIC or column.archived:
        return None
    return columns.listing(document, answer.url, fetched_at=answer.at, as_of=scene.as_of, name=column.name)


def _role(answer: Answer, document: html.Document, scene: Scene) -> tuple[Role, Column | None]:
    if scene.stage is Stage.HOME:
        return Role.HOME, None
    if scene.given is not None:
        return Role.COLUMN, scene.given
    is_article = any(document.metas.get("articletitle", ()))
    named = (scene.name or next((c for c in document.metas.get("columnname", ()) if c), ""))[:_NAME]
    wanted = scene.stage is Stage.COLUMN or (
        scene.scope == "full" and scene.stage is Stage.PAGE and bool(document.metas.get("columnname"))
    )
    if wanted and named and not is_article and not scene.columns_given:
        candidate = Candidate(named, scene.url, columns.NAVIGATION if scene.depth <= 1 else columns.SUB)
        column = columns.confirm(candidate, document, answer.url, fetched_at=answer.at)
        if column is not None:
            return Role.COLUMN, column
    return (Role.ARTICLE if is_article or scene.stage is Stage.ARTICLE else Role.OTHER), None


def _leads(
    answer: Answer,
    document: html.Document,
    scene: Scene,
    role: Role,
    column: Column | None,
    listed: columns.Listing | None,
) -> Iterator[Lead]:
    if role is Role.HOME and not scene.columns_given:
        for candidate in columns.candidates(document, answer.url, internal=scene.internal, fetched_at=answer.at):
            yield Lead(candidate.url, Stage.COLUMN, name=candidate.name)
    if column is None:
        return
    if not scene.columns_given:
        for sub in columns.subcandidates(document, answer.url, internal=scene.internal, fetched_at=answer.at):
            yield Lead(sub.url, Stage.COLUMN, name=sub.name)
    if listed is None:
        return
    # The newest articles: their META dates the items that show no date.
    articles = [i for i in listed.items if scene.internal(i.url) and kind_of(i.url, "a") is LinkKind.PAGE]
    undated = [i for i in articles if i.date is None][: scene.undated_articles]
    for item in dict.fromkeys((*articles[: scene.dated_articles], *undated)):
        yield Lead(item.url, Stage.ARTICLE, name=column.name)


def _clues(document: html.Document, url: str, strange: list[tuple[str, Element]], terms: frozenset[str]) -> Clues:
    text = clues.words(document)
    hides = any(True for _ in hidden.covered(document, strange)) or any(True for _ in hidden.spelt(document, url))
    return Clues(clues.occurring(terms, text), numbers.kinds(text), hides, hidden.around(strange))


def _links(
    document: html.Document, joiner: Joiner, scene: Scene, own: str, ids: Set[str]
) -> tuple[list[FoundLink], list[tuple[str, Element]], list[tuple[str, str]]]:
    """Each address once a page, with the text of the first link that has one; every link to another's host; and the
    places in pages that links name.
    """
    strange: list[tuple[str, Element]] = []
    foreign: dict[str, bool] = {}  # site → whether it is another's
    found: dict[tuple[str, LinkKind], FoundLink] = {}
    spots: dict[tuple[str, str], None] = {}
    within: list[tuple[str, str, str, Element]] = []
    full, wanted, encoding = scene.scope == "full", scene.links_wanted, joiner.encoding
    inside: dict[str, bool] = {}  # site → whether its pages are ours to read
    for tag, attr, raw, node in document.places():
        if raw.startswith("#"):  # a place in the page itself
            within.append((tag, attr, raw, node))
            continue
        base = joiner.base_of(raw)
        short = len(base) + len(raw) <= LONGEST
        way = (_way if short else _new_way)(raw, tag, attr, base, encoding)
        spots.update(way.spot)
        url, key = way.url, way.key
        if tag in hidden.FOLLOWED:
            other = foreign.get(way.site)
            if other is None:
                other = foreign[way.site] = hidden.is_foreign(url, own)
            if other:
                strange.append((url, node))
        if not url or (key in found and found[key].anchor.text):
            continue
        follow = full and way.goes
        if follow:
            mine = inside.get(way.site)
            if mine is None:
                mine = inside[way.site] = scene.internal(url)
            follow = mine
        if not (follow or wanted):
            continue
        text = document.label(node)
        if key not in found or text:
            anchor = (_anchor if short else _new_anchor)(way, text[:_EXCERPT])
            found[key] = FoundLink(anchor, Stage.PAGE if follow else Stage.LEAF, node.source_line or 0)
            if len(found) > _MOST_LINKS:
                break
    spots.update((("", name), None) for name in _lacking(document, joiner, within, ids))
    return list(found.values()), strange, list(spots)[:_MOST_LINKS] if wanted else []


def _lacking(
    document: html.Document, joiner: Joiner, within: list[tuple[str, str, str, Element]], ids: Set[str]
) -> Iterator[str]:
    """Places in the page itself that links lead to and that it has not. With a `<base>` they are another page's."""
    links = [] if document.base is not None else within
    places = fragments.unpack(fragments.pack(ids))
    for tag, attr, raw, node in links:
        if raw[1:] not in ids and attr == "href" and tag in _GONE_TO:
            name = fragments.meant(joiner.join(raw).fragment)
            if name and not (fragments.leads(name, places) or html.is_clicked(node)):
                yield name


def sheet(answer: Answer, reply: Reply) -> Iterator[Anchor]:
    """What a style sheet leads to, one by one and no more than a page may; nothing where a browser would read none."""
    if answer.media_type not in ("", "text/css"):
        return
    text = charset.decode(reply.body, reply.content_type)[0]
    joiner, found = Joiner(answer.url), set[str]()
    for raw in stylesheet.addresses(text):
        way = _new_way(raw, "style", "style", joiner.base_of(raw), joiner.encoding)
        if way.url and way.url not in found:
            found.add(way.url)
            yield Anchor(*way.key, "", raw[:500], goes=False)
            if len(found) >= _MOST_LINKS:
                return


def _new_way(raw: str, tag: str, attr: str, base: str, encoding: str) -> _Way:
    target = Joiner(base, encoding).join(raw)
    url = target.url or ""
    kind = kind_of(url, tag, attr)
    goes = kind is LinkKind.PAGE and tag in _FOLLOWED
    name = fragments.meant(target.fragment) if goes and tag in _GONE_TO and target.fragment else ""
    return _Way(url, (url, kind), raw[:500], goes, origin(url) or url, {(url, name): None} if name else {})


def _new_anchor(way: _Way, text: str) -> Anchor:
    return Anchor(*way.key, text, way.raw, way.goes)


_way = lru_cache(maxsize=_REMEMBERED)(_new_way)
_anchor = lru_cache(maxsize=_REMEMBERED)(_new_anchor)


def forget() -> None:
    """Give up the memory of what is remembered of a site's addresses: another site has others."""
    _way.cache_clear()
    _anchor.cache_clear()
