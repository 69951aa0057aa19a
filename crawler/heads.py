"""What stands over a list: the head of its block, or of each column of its table."""

from __future__ import annotations

import re

from crawler.html import squeeze
from crawler.outline import Outline
from crawler.stamps import fold
from crawler.titles import is_stop

_LEVELS = 12
_LABELS = re.compile(r"名称|标题|题名|日期|时间|索引|文号|发布机构|发文|来源|序号|状态")
_COUNTS = re.compile(r"共\s*(?:有)?\s*\d+\s*[页条篇]|下一页|尾页|第\s*\d+\s*/?\s*\d*\s*页")
_CELLS = frozenset(
    {"选择", "编号", "点击", "点击数", "点击量", "浏览", "浏览量", "浏览次数", "部门", "栏目", "作者", "操作", "类别"}
)
_ABOVE = 24  # leaves before a list in which its head is looked for
_HEAD = 16  # characters
_PATH = re.compile(r"[>＞»›→]+|-+>")
_PERIOD = re.compile(r"(?:19|20)\d\d\s*年(?:度|\s*\d{1,2}\s*月)?")
_DATE = re.compile(r"[\d\s./\-年月日:|\[\]()T]*\d[\d\s./\-年月日:|\[\]()T]*")


def heading_before(outline: Outline, first: int) -> str:
    """The short text right before a list: its block's head, or the end of the breadcrumb. Heads of tables are none."""
    for i in range(first - 1, max(first - _ABOVE, -1), -1):
        leaf = outline.leaves[i]
        text = squeeze(leaf.text)
        if leaf.kind != "text" or not text or is_stop(text) or _COUNTS.search(text) or _is_table_head(outline, i, text):
            continue
        text = squeeze(_PATH.split(text)[-1]) or text
        if _PERIOD.fullmatch(text):
            return text
        if len(text) > _HEAD or _DATE.fullmatch(fold(text)):
            return ""  # the end of another list
        return text
    return ""


def _is_table_head(outline: Outline, leaf: int, text: str) -> bool:
    if len(text) > 8:
        return False
    return outline.tags[outline.leaves[leaf].parent] == "th" or _LABELS.search(text) is not None or text in _CELLS


def table_heads(outline: Outline, link: int) -> dict[int, str]:
    """Cell of a row → the head of its column, for rows of a table with a head (索引号, 名称, 发布日期)."""
    table = _ancestor(outline, link, "table")
    if table < 0 or outline.tags[table] != "table":
        return {}
    if table not in outline.heads:  # a table may hold a thousand lists
        outline.heads[table] = _heads(outline, table)
    return outline.heads[table]


def _heads(outline: Outline, table: int) -> dict[int, str]:
    heads: dict[int, str] = {}
    names: list[str] = []
    for at in range(table + 1, outline.ends[table]):
        if outline.tags[at] != "tr":
            continue
        cells = [c for c in outline.children(at) if outline.tags[c] in ("td", "th")]
        if not names:
            texts = [
                "".join(t.strip() for _, t in outline.texts(outline.leaf_from[c], outline.leaf_to[c])) for c in cells
            ]
            if len(texts) > 1 and sum(bool(_LABELS.search(t)) and len(t) <= 8 for t in texts) * 2 >= len(texts):
                names = texts
            elif outline.has_link(at) or at > table + 40:
                break
            continue
        if len(cells) == len(names):
            heads.update(zip(cells, names, strict=True))
    return heads


def _ancestor(outline: Outline, at: int, tag: str) -> int:
    for _ in range(_LEVELS):
        if at < 0 or outline.tags[at] == tag:
            return at
        at = outline.parents[at]
    return -1


def labelled(outline: Outline, heads: dict[int, str], leaf: int, text: str) -> str:
    """The text of a cell with its column's head as label: 发布日期：2026-11-03."""
    if not heads:
        return text
    at = outline.leaves[leaf].parent
    for _ in range(4):
        if at in heads:
            return f"{heads[at]}：{text}" if _LABELS.search(heads[at]) else text
        at = outline.parents[at]
        if at < 0:
            break
    return text
