"""Which pages are columns: entries of the navigation and heads of blocks on the home page, confirmed by the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from crawler.dates import in_address, on_page
from crawler.html import Document, squeeze
from crawler.kinds import is_archived, kind_of
from crawler.lists import base_of, listing, plain_address
from crawler.outline import Outline, Region
from crawler.rows import groups
from crawler.site import Column, ColumnKind
from crawler.stamps import CHINA, read
from crawler.titles import is_stop
from crawler.urls import ATTACHMENTS, IMAGES, Joiner, suffix

NAVIGATION, BLOCK, SUB = "导航", "首页板块", "二级栏目"
# Discovery looks at the shape of lists; no window is counted from this moment.
_MOMENT = datetime(2100, 1, 1, tzinfo=CHINA)
_LONGEST = 14
_MORE = re.compile(
    r"[\[【(（<《]*\s*(?:查看|阅读)?更多(?:内容|信息)?\s*[\]】)）>》»›+]*|more\s*[>»›+]*|\+|[>»›]{2,}", re.IGNORECASE
)
_NO_COLUMN = re.compile(
    r"个人中心|^EN$|^@|登录|登陆|注册|退出|客户端|APP|微信|微博|公众号|抖音|头条号|小程序|手机版|移动版|触屏|搜索|检索|无障碍|长者|关怀|适老|邮箱|RSS|"
    r"English|繁体|简体|설|日本語|русск|français|设为首页|加入收藏|收藏本站|网站首页|^首页$|返回|智能问答|智能机器人|网站支持IPv6|"
    r"^\d|[。，？！；]|ICP|公网安备|标识码",
    re.IGNORECASE,
)
_ENTER = re.compile(
    r"[>»›\s]*(?:请|点击)*(?:进入|访问)(?:网站|首页|主页|门户|本站|官网|主站|页面)*[>»›\s]*|enter", re.IGNORECASE
)
_ENTRANCE = 10  # links at most of a welcome page, its foot included
_NO_ADDRESS = re.compile(r"login|register|logout|/search|sitesearch|/app/|/cas/|/oauth|/sso", re.IGNORECASE)
_ARTICLE = re.compile(r"/(?:t\d{8}_\d+|art_\d+_\d+|content_\d+|post_\d+|\d{5,})\.\w+$", re.IGNORECASE)
_CURRENT = re.compile(r"\b(?:on|cur|curr|current|active|selected|hover|now)\b")
# Pages with these names are what they are even when the system made an article of them.
_PAGES = frozenset({ColumnKind.STATIC, ColumnKind.DISCLOSURE, ColumnKind.REPORT, ColumnKind.SERVICE})


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that may be a column, under the name its link gives it."""

    name: str
    url: str
    where: str
    """NAVIGATION, BLOCK or SUB: where the link stands."""


def entrance(home: Document) -> str | None:
    """The address, as it stands, that a welcome page (点击进入) leads to; None when the page is a home page itself."""
    links = home.root.select("a[href]")
    if len(links) > _ENTRANCE:
        return None
    ways = {
        link.attr("href") or "" for link in links if _ENTER.fullmatch(squeeze(link.text or link.attr("title") or ""))
    }
    return ways.pop() if len(ways) == 1 else None


def candidates(
    home: Document, home_url: str, *, internal: Callable[[str], bool], fetched_at: datetime = _MOMENT
) -> list[Candidate]:
    """Addresses the home page leads to that may be columns: navigation first, then the heads of its blocks.

    A 更多 link takes its block's name. No articles, attachments, other sites, searches, logins; not the home page.
    """
    found = _candidates(home, home_url, internal, BLOCK, fetched_at)
    return [c for c in found if c.where == NAVIGATION] + [c for c in found if c.where != NAVIGATION]


def subcandidates(
    document: Document, url: str, *, internal: Callable[[str], bool], fetched_at: datetime = _MOMENT
) -> list[Candidate]:
    """Second-level columns that a channel page leads to: its own menu and the heads of its blocks.

    From the navigation, which every page carries, only addresses below the page's own directory count.
    """
    directory = _directory(url)
    below = len(directory) > len("https://") and directory.count("/") > 3
    return [
        Candidate(c.name, c.url, SUB)
        for c in _candidates(document, url, internal, SUB, fetched_at)
        if (below and c.url.startswith(directory))
        or (c.where == SUB and not url.startswith(plain_address(c.url) + "/"))
    ]


def confirm(candidate: Candidate, document: Document, url: str, *, fetched_at: datetime = _MOMENT) -> Column | None:
    """The column at `url`, or None when the page is an article, a login or no column.

    A page that names itself by META ColumnName or ColumnType is one, and so is one whose name tells its kind, an empty
    one too; any other needs a list of dated items, or one that scripts draw.
    """
    column_name = _meta(document, "columnname")
    column_type = _meta(document, "columntype")
    name = candidate.name or column_name or re.split(r"\s*[-_|—–]\s*", document.title)[0]
    kind, evidence = kind_of(name, column_type, url)
    is_page = kind_of(name)[0] in _PAGES
    if document.root.select_one('input[type="password"]') is not None:
        return None
    if not is_page and (_meta(document, "articletitle") or in_address(url) is not None):
        return None
    if not (column_name or column_type):
        found = listing(document, url, fetched_at=fetched_at, as_of=fetched_at, name=name)
        listed = found.dated > 0 or found.unobservable is not None
        if not listed and not evidence:
            return None
        if not listed and not is_page and on_page(document, fetched_at=_MOMENT).date is not None:
            return None
    return Column(
        name,
        url,
        kind,
        top=candidate.where != SUB,
        archived=is_archived(name, document.text()[:20000]),
        evidence=evidence,
    )


def _candidates(
    document: Document, url: str, internal: Callable[[str], bool], main: str, fetched_at: datetime
) -> list[Candidate]:
    outline = Outline.of(document)
    joiner = Joiner(base_of(document, url))
    items = _item_links(outline, fetched_at)
    found: dict[str, Candidate] = {}
    for link in outline.links:
        target = joiner.join(outline.targets[link]).url if outline.targets[link] else None
        if not target or plain_address(target) in found or not _may_be_column(target, url) or not internal(target):
            continue
        if link in items or outline.regions[link] in (Region.FOOT, Region.CRUMB):
            continue
        name = _name(outline, link)
        if name:
            where = NAVIGATION if outline.regions[link] is Region.NAV else main
            found[plain_address(target)] = Candidate(name, target, where)
    return list(found.values())


def _item_links(outline: Outline, fetched_at: datetime) -> set[int]:
    """The links of dated rows: items, not columns."""
    links: set[int] = set()
    for group in groups(outline, fetched_at=fetched_at):
        for row in group.rows:
            if row.stamp is not None:
                links.update(row.links)
    return links


def _may_be_column(target: str, page: str) -> bool:
    if plain_address(target) == plain_address(page) or suffix(target) in ATTACHMENTS | IMAGES:
        return False
    return in_address(target) is None and not _ARTICLE.search(target) and not _NO_ADDRESS.search(target)


def _name(outline: Outline, link: int) -> str:
    element = outline.elements[link]
    text = squeeze(element.text) or squeeze(element.attr("title") or "")
    if not text:
        text = next(
            (
                leaf.text
                for leaf in outline.leaves[outline.leaf_from[link] : outline.leaf_to[link]]
                if leaf.kind == "image"
            ),
            "",
        )
    if _MORE.fullmatch(text) or not text:
        title = squeeze(element.attr("title") or "")
        text = title if title and not _MORE.fullmatch(title) and not is_stop(title) else _block_name(outline, link)
    text = _MORE.sub("", text).strip(" ·•|-—>》»[]【】") if "更多" in text else text
    compact = re.sub(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])", "", text)
    if not 2 <= len(compact) <= _LONGEST or is_stop(compact) or _NO_COLUMN.search(compact):
        return ""
    return compact


def _block_name(outline: Outline, more: int) -> str:
    """The head of the block that a 更多 link belongs to: the first short text of the nearest element around it."""
    at = more
    here = outline.leaf_from[more]
    for _ in range(5):
        at = outline.parents[at]
        if at < 0 or outline.tags[at] == "body":
            break
        texts = list(_heads(outline, outline.leaf_from[at], here))
        if texts:
            return next((text for text, leaf in texts if _is_current(outline, leaf, at)), texts[0][0])
        if any(True for _ in outline.texts(outline.leaf_from[at], here)):
            break
    return ""


def _heads(outline: Outline, start: int, stop: int) -> Iterator[tuple[str, int]]:
    """The short texts a block begins with; they end where its items begin."""
    for leaf, raw in outline.texts(start, stop):
        text = squeeze(raw).strip("[]【】|·>")
        if not text or is_stop(text):
            continue
        if len(text) > _LONGEST or read(text, fetched_at=_MOMENT) is not None:
            return
        yield text, leaf


def _is_current(outline: Outline, leaf: int, within: int) -> bool:
    at = outline.leaves[leaf].parent
    while at > within:
        if _CURRENT.search(outline.elements[at].attr("class") or ""):
            return True
        at = outline.parents[at]
    return False


def _directory(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[0] + "/"


def _meta(document: Document, name: str) -> str:
    return next((content for content in document.metas.get(name, ()) if content), "")
