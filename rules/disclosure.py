"""The disclosure column (政府信息公开专栏): does it hold what it must hold?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated

from crawler.message import Message, say
from crawler.outcome import Outcome, Verdict
from crawler.page import Page
from crawler.site import ColumnKind
from crawler.snapshot import NotGathered, Snapshot
from crawler.urls import same_site
from rules.engine.parameters import OneOf
from rules.engine.rule import Problem, rule
from rules.excerpt import excerpt
from rules.foot import may_write
from rules.lexicon import table
from rules.page_links import page_links
from rules.section import plain, section_of

_LONGER = 8  # characters that a link may have beside the name of a part


@dataclass(frozen=True, slots=True)
class _Way:
    text: str
    url: str


def _known() -> Iterable[str]:
    return table("disclosure")


@rule("missing-disclosure", each="site", needs={"home", "columns", "pages", "links"})
def missing_disclosure(snapshot: Snapshot, *, parts: list[Annotated[str, OneOf(_known)]]) -> Iterator[Problem]:
    """政府信息公开专栏缺少应有的内容。

    查什么：
        从首页的“政府信息公开”栏目出发，两次点击之内有没有公开指南、公开制度、法定主动公开内容、公开年报和依申请公开的
        入口（叫法见 rules/words/disclosure.toml），入口能不能打开。
    为什么：
        《政府信息公开条例》（国务院令第711号）和国办公开办函〔2019〕61号要求各级行政机关在统一的专栏中公布这些内容。
    参数：
        parts：要检查的内容代号，见 rules/words/disclosure.toml。
    例：
        政府信息公开专栏有指南、制度和年报，没有依申请公开的入口。
    改法：
        在政府信息公开专栏中按规定名称设置入口；入口打不开的，更正链接。
    局限：
        只看有没有入口，不看内容。专栏由脚本写出、设在其他网站，或者页面没有检查到的，不能判断；页面上另有会写出内容的
        脚本、或者有字样没有链接的，转人工复核。首页没有政府信息公开栏目的，见 missing-section。
    """
    wanted = [(key, table("disclosure")[key]) for key in parts]
    home = snapshot.home
    entries = _entries(snapshot)
    if not entries:
        raise NotGathered(say("没有取得政府信息公开栏目的页面"))
    if any(page.script_drawn or page.document.root.select_one("frameset,iframe[src]") for page in entries):
        raise NotGathered(say("政府信息公开栏目由脚本或框架生成，看不到其中的入口"))
    ways = [way for page in (*entries, *_behind(snapshot, entries), home) for way in _ways(page)]
    dead = {} if snapshot.saved else _dead(snapshot)
    writes = any(may_write(page.document) for page in entries)
    for key, part in wanted:
        own = [way for way in ways if any(_names(term, way.text) for term in part["terms"])]
        if not any(way.url not in dead for way in own):
            yield _problem(entries[0], key, part, own, dead, writes=writes or snapshot.saved)


def _problem(
    entry: Page, key: str, part: dict[str, list[str]], own: list[_Way], dead: dict[str, Outcome], *, writes: bool
) -> Problem:
    name = Message(str(part["name"]))
    expected = say("政府信息公开专栏有“{part}”的入口，并且能打开", part=name)
    if own:
        outcome = dead[own[0].url]
        return Problem(
            at=entry.url,
            message=say(
                "“{part}”的入口“{text}”打不开：请求{asked}次，{reason}",
                part=name,
                text=excerpt(own[0].text, 40),
                asked=outcome.asked,
                reason=outcome.reason,
            ),
            excerpt=excerpt(f"{own[0].text} {own[0].url}"),
            expected=expected,
            found=outcome.reason,
            key=key,
        )
    text = _plain_text(entry)
    word = next((term for term in part["terms"] if term in text), "")
    return Problem(
        at=entry.url,
        message=say("政府信息公开专栏没有“{part}”的入口", part=name),
        excerpt=word,
        certain=not (word or writes),
        expected=expected,
        found=say("有“{word}”字样，没有链接", word=word) if word else say("两次点击之内没有这样的链接"),
        key=key,
    )


def _entries(snapshot: Snapshot) -> list[Page]:
    """Pages of the site that are its disclosure column, by what the visit found and by what the home page calls so."""
    section = section_of("disclosure")
    found = {
        column.page.url: column.page
        for column in snapshot.columns
        if column.page is not None and (column.kind == ColumnKind.DISCLOSURE or section.named(plain(column.name)))
    }
    for way in _ways(snapshot.home):
        page = snapshot.page(way.url) if section.named(way.text) else None
        if page is not None and page.url != snapshot.home.url:
            found.setdefault(page.url, page)
    return list(found.values())


def _behind(snapshot: Snapshot, entries: list[Page]) -> Iterator[Page]:
    """The pages one click behind the column, as far as they were read."""
    seen = {page.url for page in entries}
    for entry in entries:
        for way in _ways(entry):
            page = snapshot.page(way.url) if same_site(way.url, entry.url) else None
            if page is not None and page.url not in seen:
                seen.add(page.url)
                yield page


def _ways(page: Page) -> Iterator[_Way]:
    for ref, url in page_links(page):
        text = plain(ref.text)
        if text and url is not None:
            yield _Way(text, url)


def _dead(snapshot: Snapshot) -> dict[str, Outcome]:
    return {link.url: link.outcome for link in snapshot.links() if link.outcome.verdict is Verdict.BROKEN}


def _names(term: str, text: str) -> bool:
    return term in text and len(text) - len(term) <= _LONGER


def _plain_text(page: Page) -> str:
    """The page's text without blanks, so that words set apart for looks are found."""
    return "".join(page.text.split())
