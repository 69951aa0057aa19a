"""What a yearly report on disclosure holds: its parts and tables by the form of its year, and sums that must agree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crawler.html import Document, squeeze
from crawler.message import Message, say
from crawler.outline import Outline, Region
from crawler.page import Page
from crawler.urls import ATTACHMENTS, suffix
from rules.lexicon import table
from rules.lines import lines
from rules.page_links import page_links

_HEADING = re.compile(r"第?[一二三四五六七八九十]{1,2}(?:部分)?[、.．:： ]")
_LINES = {"new": "本年新收", "carried": "上年结转", "total": "总计", "left": "结转下年度"}
_ROW = re.compile(
    r"本年新收|上年结转|本年度办理结果|结转下年度"
)  # numbered like headings, in the table of applications
_LONGEST = 60  # characters of a heading; what follows in its line is text
_NUMBER = re.compile(r"\d{1,9}")
_LISTED = re.compile(
    r"主动公开[^。；\n]{0,30}?(?:信息|总数|总计|共)[^。；\n\d]{0,12}?(\d{1,9})条[^。\n]{0,20}?其中[:：，,]?([^。\n]{1,600})"
)
_SEVERAL = 3  # counts: fewer are examples
_COUNT = re.compile(r"(\d{1,9})条")
_MORE = re.compile(r"下一页|下页|查看全文|附件")
_BY_WAY = say("收到的申请按方式分列的件数")
_DISPUTES = (say("行政复议"), say("未经复议直接起诉"), say("复议后起诉"))
_ASKED = re.compile(
    r"(?:收到|受理)[^。；\n]{0,30}?申请[^。；\n\d]{0,12}?(\d{1,9})[件宗条份次][^。\n]{0,20}?其中[:：，,]?([^。\n]{1,600})"
)
_CHANNEL = re.compile(
    r"(?:当面|现场|窗口|来访|传真|网络|网上|在线|平台|电子邮[件箱]|信函|信件|邮寄|邮政)[^\d，,；;。]{0,10}?(\d{1,9})[件宗条份次]"
)
_WAY = re.compile(r"(?:当面|传真|网络|网上|电子邮件|信函|其他(?:形式|方式)?)申请")
_PERSONS, _RESULTS = 7, 15  # columns of figures in the tables of applications and of disputes


@dataclass(frozen=True, slots=True)
class Element:
    """One entry of `rules/words/annual_report.toml`."""

    key: str
    name: str
    is_table: bool
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """A report as it was read."""

    headings: tuple[str, ...]
    """The numbered ones, without blanks."""
    body: str
    """From the first heading on, without blanks."""
    pictures: bool
    """Pictures stand in the report: what is not in its text may be in them."""
    attached: bool
    """Files are attached to it, or a frame or another page holds a part of it."""

    def has(self, element: Element) -> bool:
        """A part has a heading, a table its words."""
        places = (self.body,) if element.is_table else self.headings
        return any(term in text for text in places for term in element.terms)

    def speaks_of(self, element: Element) -> bool:
        return any(term in self.body for term in element.terms)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Figures that should add up."""

    what: Message | str
    """A text is the report's own: what stands before the figures."""
    stated: int
    counted: int


def elements(year: int) -> tuple[Element, ...]:
    """What the report on that year must hold."""
    return tuple(
        Element(key, row["name"], row.get("table", False), tuple(row["terms"]))
        for key, row in table("annual_report").items()
        if row.get("from", 0) <= year <= row.get("to", 9999)
    )


def form_of(page: Page) -> Form:
    told = ["".join(line.split()) for line in lines(page.document)]
    starts = [i for i, line in enumerate(told) if _HEADING.match(line) and not _ROW.search(line[:_LONGEST])]
    headings = tuple(told[i][:_LONGEST] for i in starts)
    return Form(headings, "".join(told[starts[0] if starts else 0 :]), _has_pictures(page.document), _goes_on(page))


def disagreements(page: Page) -> Iterator[Disagreement]:
    """Sums that do not come out: in the tables of the form since 2019, and of an older report's categories."""
    for rows in _tables(page.document):
        yield from _persons(rows)
        yield from _results(rows)
        yield from _ways(rows)
    for line in lines(page.document):
        text = "".join(line.split())
        for match in _LISTED.finditer(text):
            counts = [int(count) for count in _COUNT.findall(match[2])]
            if len(counts) >= _SEVERAL and sum(counts) != int(match[1]):
                yield Disagreement(say("主动公开信息的分类条数"), int(match[1]), sum(counts))
        for match in _ASKED.finditer(text):
            counts = [int(count) for count in _CHANNEL.findall(match[2])]
            if len(counts) > 1 and sum(counts) != int(match[1]):
                yield Disagreement(_BY_WAY, int(match[1]), sum(counts))


def _persons(rows: Sequence[Sequence[str]]) -> Iterator[Disagreement]:
    """申请: natural persons and five kinds of bodies add up to 总计, and so do the kinds of results; what was new and
    carried over, to what was done and carried on."""
    named: dict[str, list[int]] = {}
    done_as: list[list[int]] = []
    for row in rows:
        figures, label = _figures(row, _PERSONS)
        if figures is None:
            continue
        if sum(figures[:-1]) != figures[-1]:
            yield Disagreement(label, figures[-1], sum(figures[:-1]))
        key = next((key for key, word in _LINES.items() if word in label), "")
        if key:
            named.setdefault(key, figures)
        else:
            done_as.append(figures)
    if "total" in named and len(done_as) >= _SEVERAL:
        sums = [sum(column) for column in zip(*done_as, strict=True)]
        wrong = next((pair for pair in zip(named["total"], sums, strict=True) if pair[0] != pair[1]), None)
        if wrong is not None:
            yield Disagreement(say("各类办理结果，同“总计”一行"), *wrong)
    if named.keys() == _LINES.keys():
        new, carried, total, left = (named[key][-1] for key in _LINES)
        given, done = new + carried, total + left
        if given != done:
            yield Disagreement(say("新收与结转之和，同办结与结转下年度之和"), given, done)


def _results(rows: Sequence[Sequence[str]]) -> Iterator[Disagreement]:
    """复议诉讼: three times four results and their 总计."""
    for row in rows:
        figures, _ = _figures(row, _RESULTS)
        if figures is None:
            continue
        for start, what in zip((0, 5, 10), _DISPUTES, strict=True):
            group = figures[start : start + 5]
            if sum(group[:-1]) != group[-1]:
                yield Disagreement(what, group[-1], sum(group[:-1]))


def _ways(rows: Sequence[Sequence[str]]) -> Iterator[Disagreement]:
    """The older table: applications received, and under it how they came."""
    total, counts = -1, list[int]()
    for row in rows:
        cells = [cell for cell in row if cell]
        label, figure = "".join(cells[:-1]), cells[-1] if cells and _NUMBER.fullmatch(cells[-1]) else ""
        if figure and ("收到申请数" in label or "收到申请总数" in label):
            total, counts = int(figure), []
        elif figure and total >= 0 and _WAY.search(label):
            counts.append(int(figure))
        elif total >= 0:
            break
    if len(counts) > 1 and sum(counts) != total:
        yield Disagreement(_BY_WAY, total, sum(counts))


def _figures(row: Sequence[str], count: int) -> tuple[list[int] | None, str]:
    """The last `count` cells of a row where they are figures and no other cell is; and what stands before them."""
    cells = [cell for cell in row if cell]
    if len(cells) < count or not all(_NUMBER.fullmatch(cell) for cell in cells[-count:]):
        return None, ""
    before = cells[:-count]
    if any(_NUMBER.fullmatch(cell) for cell in before):
        return None, ""
    return [int(cell) for cell in cells[-count:]], "".join(before)


def _tables(document: Document) -> Iterator[list[list[str]]]:
    for node in document.root.select("table"):
        yield [
            ["".join(cell.text.split()) for cell in row.select("td,th")]
            for row in node.select("tr")
            if row.select_one("table") is None
        ]


def _has_pictures(document: Document) -> bool:
    """A picture in the main content below the first heading."""
    outline = Outline.of(document)
    begun = False
    for leaf in outline.leaves:
        if leaf.kind == "text" and _HEADING.match(squeeze(leaf.text)):
            begun = True
        elif leaf.kind == "image" and begun and outline.regions[leaf.parent] is Region.MAIN:
            return True
    return False


def _goes_on(page: Page) -> bool:
    """Files, frames or further pages belong to it."""
    if page.document.root.select_one("iframe[src],embed,object[data],canvas") is not None:
        return True
    if any(url is not None and suffix(url) in ATTACHMENTS for _, url in page_links(page)):
        return True
    return _MORE.search(page.text) is not None
