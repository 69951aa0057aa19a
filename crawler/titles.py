"""One link of a list: its title, the facts written into it, and the words that are never a title."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from crawler.html import squeeze
from crawler.outline import Outline
from crawler.stamps import MAY_HOLD, fold, read

# Characters of a title attribute that still is a line of facts.
_TOLD = 600
_STOP = re.compile(
    r"[\[【(（<《]*(?:更多|查看更多|more|首页|上一页|下一页|上页|下页|尾页|末页|最后一页|第一页|前一页|后一页|跳转|go|详情|详细|查看详情|"
    r"查看|查看全文|阅读全文|全文|下载|打印|关闭|收藏|加入收藏|设为首页|返回|返回顶部|返回首页|登录|注册|搜索|高级搜索|分享|无障碍|无障碍浏览|长者模式|简体|繁体|"
    r"[大中小]|默认|微信|微博|qq空间|english|手机版|收起|展开|展开全部|上一篇|下一篇|上一条|下一条|rss|\d{1,4}|[.…·>»›<«‹|]+)[\]】)）>》»›+]*",
    re.IGNORECASE,
)
_CHARS_OF_DATES = re.compile(r"[\d\s./\-年月日:|\[\]()T]+")
_BRACKETED = re.compile(r"[\[【]\s*([^\[\]【】]{4,20}?)\s*[\]】]")
# A date in round brackets closes a title when it is written in figures; 通报（11月3日） is part of its title.
_CLOSING = re.compile(r"[（(]\s*((?:(?:19|20)\d\d[-/.])?\d{1,2}[-/.]\d{1,2})\s*[)）]$")
_DIGIT = re.compile(r"\d")
# A title attribute that a system filled with a table of facts.
_FACTS = re.compile(r"^\s*(?:文章|信息)?标\s*题\s*[:：]|(?:发布|更新|录入|添加|公布)(?:时间|日期)\s*[:：]")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6", "dt")


@dataclass(slots=True)
class Run:
    """Links to one address that follow each other: a picture and its title."""

    links: list[int]
    raw: str
    text: str


def is_stop(text: str) -> bool:
    """Words of pagers and tools, never a title: 更多, 下一页, 打印, page numbers."""
    return _STOP.fullmatch(text.strip()) is not None


def words_of_picture(outline: Outline, link: int) -> str:
    element = outline.elements[link]
    title = squeeze(element.attr("title") or "")
    if title:
        return title
    return next(
        (leaf.text for leaf in outline.leaves[outline.leaf_from[link] : outline.leaf_to[link]] if leaf.kind == "image"),
        "",
    )


def title_of(outline: Outline, run: Run, fetched_at: datetime) -> tuple[str, list[str]]:
    """The title of a row, and the pieces of its link that are dates or labelled information."""
    words: list[str] = []
    dates: list[str] = []
    heading = ""
    for link in run.links:
        for leaf, text in outline.texts(outline.leaf_from[link], outline.leaf_to[link]):
            piece = squeeze(text)
            if outline.leaves[leaf].kind == "time" or is_date(piece, fetched_at):
                dates.append(piece)
                continue
            bracketed = _BRACKETED.search(piece) or _CLOSING.search(piece)
            if bracketed is not None and read(bracketed[1], fetched_at=fetched_at) is not None:
                dates.append(bracketed[1])
                piece = squeeze(piece.replace(bracketed[0], " "))
            if not piece or is_stop(piece):
                continue
            if not heading and _in_heading(outline, leaf, link):
                heading = piece
            words.append(piece)
    full = squeeze("".join(words)) if len(words) < 4 else squeeze(" ".join(words))
    named = _named(outline, run)
    if not words:
        return (named or run.text), dates
    if heading and len(words) > 1:
        return heading, dates + words
    if named and (full.endswith(("...", "…", "..")) or len(full) > 120):
        return named, dates + words[1:]
    if len(words) > 1 and len(full) > 80:
        return max(words[:3], key=len)[:200], dates + words
    return full[:300], dates


def is_date(piece: str, fetched_at: datetime) -> bool:
    if len(piece) > 80 or not MAY_HOLD.search(piece):
        return False
    folded = fold(piece)
    if not _DIGIT.search(folded):
        return read(piece, fetched_at=fetched_at) is not None
    return _CHARS_OF_DATES.fullmatch(folded) is not None or read(piece, fetched_at=fetched_at) is not None


def _named(outline: Outline, run: Run) -> str:
    """The link's title attribute, unless a system filled it with a table of facts (标题：… 作者：…)."""
    for link in run.links:
        raw = outline.elements[link].attr("title") or ""
        if raw and "\n" not in raw.strip() and not _FACTS.search(raw):
            return squeeze(raw)[:300]
    return ""


def told(outline: Outline, run: Run) -> list[str]:
    """What a title attribute tells beside the title: 标题：… 作者：… 更新时间：…, a line each."""
    lines: list[str] = []
    for link in run.links:
        raw = outline.elements[link].attr("title") or ""
        if _FACTS.search(raw) and len(raw) < _TOLD:
            lines += [line for line in map(squeeze, raw.splitlines()) if line]
    return lines


def _in_heading(outline: Outline, leaf: int, link: int) -> bool:
    at = outline.leaves[leaf].parent
    while at > link:
        if outline.tags[at] in _HEADINGS:
            return True
        at = outline.parents[at]
    return False
