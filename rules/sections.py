"""Sections that a site must have: is there a way to each from the home page?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from crawler.kinds import kind_of
from crawler.message import Message, say
from crawler.outcome import Outcome, Verdict
from crawler.page import Page, Role
from crawler.snapshot import NotGathered, Snapshot
from crawler.urls import Joiner, TargetKind, same_site
from rules.blank import is_blank
from rules.engine.parameters import OneOf
from rules.engine.rule import Problem, rule
from rules.excerpt import excerpt
from rules.foot import may_write
from rules.lexicon import terms
from rules.once import once
from rules.page_links import is_file, page_links
from rules.section import SHORT, Section, known_sections, place_of, plain, section_of

_ENTRANCE = 6  # a home page with fewer named links is only an entrance
_SEEN = 3  # of all sections of the lexicon; fewer: the navigation was probably not in the source
_ENTER = re.compile(r"^(?:点击|请)?进入|enter", re.IGNORECASE)
_NAME = re.compile(r"[\u4e00-\u9fff]{3,8}")
_OFFICE = re.compile(
    r"(?:局|委|办|厅|处|科|站|队|院|校|所|馆|社|会|团|中心|公司|政府|省|市|县|区|旗|镇|乡|街道|村|园|网|部|署|库|法院)$|人大|政协|政府|常委|党建|纪委"
)
_NAVIGATION = ",".join(
    f"[{attr}*={word}] {tag}" for attr in ("class", "id") for word in ("nav", "menu") for tag in ("a",)
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A link of the home page. The head of a menu leads where the first link of its menu leads; `url` None: nowhere."""

    text: str
    url: str | None


@rule("missing-section", each="site", needs={"home", "columns", "links"})
def missing_section(snapshot: Snapshot, *, sections: list[Annotated[str, OneOf(known_sections)]]) -> Iterator[Problem]:
    """首页没有必备栏目的入口，或者入口打不开。

    查什么：
        按栏目名称的常见叫法（rules/words/sections.toml），在首页的链接文字、已发现的栏目名称和栏目页的链接文字中查找
        每个必备栏目的入口。找到的入口只要有一个能打开、打开后有内容，就算有。
    为什么：
        检查指标要求开设概况信息、机构职能、领导信息、动态要闻、政策文件、政策解读等栏目，并提供办事服务和互动交流；
        未开设的逐项扣分。
    参数：
        sections：要检查的栏目代号，见 rules/words/sections.toml。
    例：
        首页和各栏目页上都没有“政策解读”或类似名称的入口。
    改法：
        在首页导航中设置该栏目的入口，名称尽量用规范叫法；入口打不开的，更正链接或恢复栏目页面。
    局限：
        只看有没有入口、能不能打开、打开后是不是空的，不看内容是否齐全。名称特殊、导航用没有文字说明的图片或由脚本生成的，
        打开后只有导航和页脚的，转人工复核。
    """
    yield from lacking(snapshot, sections)


def lacking(snapshot: Snapshot, sections: Iterable[str]) -> Iterator[Problem]:
    """One Problem a section that has no entry, or none that opens. Needs home, columns and links.

    Raises NotGathered where the home page does not show its navigation.
    """
    wanted = [section_of(key) for key in sections]
    home = snapshot.home
    if home.script_drawn or home.document.root.select_one("frameset") is not None:
        raise NotGathered(say("首页内容由脚本或框架生成，看不到栏目入口"))
    ways = _ways(snapshot)
    if len({entry.text for entry in ways.entries}) < _ENTRANCE and not (ways.named and ways.still):
        if ways.still:
            raise NotGathered(say("首页只是入口页，没有栏目导航"))
        raise NotGathered(say("首页源代码中没有栏目导航，可能由脚本或框架生成，也可能首页只是入口页"))
    for section in wanted:
        own = [entry for entry in ways.entries if section.named(entry.text)]
        opening = [entry for entry in own if entry.url is not None and entry.url not in ways.dead]
        if opening and not _all_blank(snapshot, opening):
            continue
        if any(section.named(text) for text in ways.deeper) or _has_column(snapshot, section, ways.dead):
            continue
        yield _blank(home, section, opening[0]) if opening else _problem(home, section, own, ways)


@dataclass(frozen=True, slots=True)
class _Ways:
    """Where a reader can go from the home page, and from the pages behind it."""

    entries: tuple[_Entry, ...]
    """Of the home page, without the items of columns."""
    near: frozenset[str]
    """Texts of entries to the site itself, that name no section of the lexicon but 政府信息公开."""
    unread: frozenset[str]
    """Texts of entries to the site itself whose pages were not read: a section may stand behind them."""
    named: int
    """How many sections of the lexicon the entries name."""
    dead: Mapping[str, Outcome]
    deeper: frozenset[str]
    still: bool
    """Nothing in the home page can add to what is written in it, and it is not an entrance to another page."""
    sure: bool
    """What was not found is not there."""


@once
def _ways(snapshot: Snapshot) -> _Ways:
    home = snapshot.home
    articles = {item.url for column in snapshot.columns for item in column.items if item.date is not None}
    entries = tuple(entry for entry in _entries(home) if entry.url not in articles)
    dead, deeper = _asked(snapshot, articles)
    known = [section for section in map(section_of, known_sections()) if not section.within]
    texts = {entry.text for entry in entries}
    named = sum(any(section.named(text) for text in texts) for section in known)
    own = {entry.text for entry in entries if entry.url is None or same_site(entry.url, home.url)}
    # 政府信息公开 may hold any other section; an entry that is a section of its own is not another one's other name.
    others = [section for section in known if section.key != "disclosure"]
    near = frozenset(text for text in own if not any(section.named(text) for section in others))
    still = not (may_write(home.document) or any(_ENTER.search(text) for text in texts))
    sure = (named >= _SEEN or (named > 0 and still)) and not (
        snapshot.saved or _unnamed_navigation(home) or _unopened(snapshot, entries)
    )
    unread = frozenset(entry.text for entry in entries if entry.text in own and not _was_read(snapshot, entry))
    return _Ways(entries, near, unread, named, dead, frozenset(deeper), still, sure)


def _problem(home: Page, section: Section, own: list[_Entry], ways: _Ways) -> Problem:
    dead = ways.dead
    expected = say("首页有“{section}”栏目的入口，并且能打开", section=Message(section.name))
    broken = next((entry for entry in own if entry.url in dead), None)
    if broken is not None and all(entry.url in dead for entry in own):
        outcome = dead[broken.url or ""]
        return Problem(
            at=home.url,
            message=say(
                "“{section}”栏目的入口“{text}”打不开：请求{asked}次，{reason}",
                section=Message(section.name),
                text=excerpt(broken.text, 40),
                asked=outcome.asked,
                reason=outcome.reason,
            ),
            excerpt=excerpt(f"{broken.text} {broken.url}"),
            expected=expected,
            found=outcome.reason,
            key=section.key,
        )
    if own:
        return Problem(
            at=home.url,
            message=say(
                "“{section}”栏目的入口“{text}”没有可以打开的地址",
                section=Message(section.name),
                text=excerpt(own[0].text, 40),
            ),
            excerpt=excerpt(own[0].text),
            certain=False,
            expected=expected,
            found=say("入口由脚本打开，程序不能判断"),
            key=section.key,
        )
    # What stands under another section may be kept on another platform: there every entry counts.
    near = {entry.text for entry in ways.entries} if section.within else ways.near
    hint = min((text for text in near if section.hinted(text)), key=lambda text: (len(text), text), default=None)
    if hint is not None:
        return Problem(
            at=home.url,
            message=say(
                "首页没有名为“{section}”的栏目，请核对是否以“{text}”等名称设置",
                section=Message(section.name),
                text=excerpt(hint, 40),
            ),
            excerpt=excerpt(hint),
            certain=False,
            expected=expected,
            found=say("只有名称相近的链接“{text}”", text=excerpt(hint, 40)),
            key=section.key,
        )
    own_name = _own_name(section, home, ways)
    if own_name is not None:
        return Problem(
            at=home.url,
            message=say(
                "首页没有“{section}”栏目的入口，请核对“{text}”是不是",
                section=Message(section.name),
                text=excerpt(own_name, 40),
            ),
            excerpt=excerpt(own_name),
            certain=False,
            expected=expected,
            found=say("有看不出是什么栏目的链接“{text}”", text=excerpt(own_name, 40)),
            key=section.key,
        )
    return Problem(
        at=home.url,
        message=say("首页没有“{section}”栏目的入口", section=Message(section.name)),
        certain=ways.sure and not any(section.hinted(text) for text in ways.unread),
        expected=expected,
        found=say("在首页{count}个链接名称中没有找到", count=len({entry.text for entry in ways.entries})),
        key=section.key,
    )


def _own_name(section: Section, home: Page, ways: _Ways) -> str | None:
    """An entry of the site that nobody can tell from its name, and that may be the section under a name made up."""
    if not (section.place or section.free):
        return None
    place = place_of(home.meta("SiteName") or home.title) if section.place else ""
    return min(
        (text for text in ways.near if _is_strange(text) and (section.free or (place and place in text))),
        key=lambda text: (len(text), text),
        default=None,
    )


def _is_strange(text: str) -> bool:
    """The name of no column that is known, of no office and no place, and no furniture of a page."""
    if _NAME.fullmatch(text) is None or _OFFICE.search(text) or any(word in text for word in terms("furniture")):
        return False
    return kind_of(text)[1] is None and not any(section_of(key).hinted(text) for key in known_sections())


def _all_blank(snapshot: Snapshot, entries: Iterable[_Entry]) -> bool:
    """Every page that these lead to was read, and holds nothing but its frame, whatever scripts may do."""
    for entry in entries:
        page = snapshot.page(entry.url or "")
        if page is None or page.url == snapshot.home.url or may_write(page.document):
            return False
        if not is_blank(page, snapshot.as_of, entry.text):
            return False
    return True


def _blank(home: Page, section: Section, entry: _Entry) -> Problem:
    name = Message(section.name)
    return Problem(
        at=home.url,
        message=say("“{section}”栏目的入口“{text}”打开后没有内容", section=name, text=excerpt(entry.text, 40)),
        excerpt=excerpt(f"{entry.text} {entry.url}"),
        certain=False,
        expected=say("“{section}”栏目有内容", section=name),
        found=say("页面上只有导航和页脚"),
        key=section.key,
    )


def _entries(home: Page) -> Iterator[_Entry]:
    joiner = Joiner(home.url)
    if home.document.base:
        joiner = Joiner(joiner.join(home.document.base).url or home.url)
    for ref, url in page_links(home):
        text = plain(ref.text)
        if text and url is not None:
            yield _Entry(text, url)
    for node in home.document.root.select("a"):
        text = plain(node.text)
        if text and not _web(joiner, node.attr("href")):
            under = node.closest("li,dl,dd")
            ways = () if under is None else (_web(joiner, other.attr("href")) for other in under.select("a[href]"))
            yield _Entry(text, next(filter(None, ways), None))


def _web(joiner: Joiner, raw: str | None) -> str | None:
    """Where a link leads; None when it leads nowhere by itself: a menu head, a script."""
    target = joiner.join(raw or "")
    return target.url if target.kind is TargetKind.WEB else None


def _asked(snapshot: Snapshot, articles: set[str]) -> tuple[dict[str, Outcome], set[str]]:
    """Dead addresses, and the texts of live links that stand on column pages and landing pages."""
    dead: dict[str, Outcome] = {}
    deeper: set[str] = set()
    if snapshot.saved:  # nothing was asked: no link is known to be dead
        return dead, deeper
    for link in snapshot.links():
        if link.outcome.verdict is Verdict.BROKEN:
            dead[link.url] = link.outcome
        elif link.on_role in (Role.COLUMN, Role.OTHER) and link.url not in articles:
            deeper.add(plain(link.text))
    return dead, deeper


def _has_column(snapshot: Snapshot, section: Section, dead: Mapping[str, Outcome]) -> bool:
    return any(
        column.url not in dead
        and (column.answer is None or column.answer.ok or is_file(column.answer))
        and section.holds(column.kind, plain(column.name))
        for column in snapshot.columns
    )


def _was_read(snapshot: Snapshot, entry: _Entry) -> bool:
    if entry.url is None or len(entry.text) > SHORT:
        return True
    page = snapshot.page(entry.url)
    return page is not None and not page.script_drawn


def _unopened(snapshot: Snapshot, entries: Iterable[_Entry]) -> bool:
    """A landing page that sections are often found under was not opened: what it leads to is not known."""
    landing = set(terms("containers"))
    home = snapshot.home.url
    return any(
        entry.text in landing
        and entry.url is not None
        and same_site(entry.url, home)
        and snapshot.page(entry.url) is None
        for entry in entries
    )


def _unnamed_navigation(home: Page) -> bool:
    """Entries that show no words in the source: pictures without alt, image maps, frames."""
    root = home.document.root
    if any(
        re.search(r"nav|head|top|menu", node.attr("src") or "", re.IGNORECASE) for node in root.select("iframe[src]")
    ):
        return True
    if any(not (area.attr("alt") or area.attr("title")) for area in root.select("area[href]")):
        return True
    return any(
        not plain(node.text)
        and not any(node.attr(a) for a in ("title", "aria-label"))
        and node.select_one("img:not([alt])")
        for node in root.select(_NAVIGATION)
    )
