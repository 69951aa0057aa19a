"""Is a page a guide to one public service (办事指南), and which of the eight elements does it tell?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from crawler.kinds import kind_of
from crawler.page import Page, Role
from crawler.site import ColumnKind
from crawler.urls import ATTACHMENTS, host, suffix
from rules.blank import shows_picture
from rules.foot import may_write
from rules.lexicon import table
from rules.lines import content
from rules.once import once
from rules.page_links import is_file, page_links
from rules.section import plain

_NAMED = re.compile(
    r"(?:办事|办理|服务|申请|申报|申办|办证|申领|登记|审批|许可)(?:指南|须知)|.{2,}(?:指南|办理流程|办事流程|服务流程)$"
)
_OTHER = re.compile(
    r"^(?:咨询|反映|请问|投诉|求助|建议|关于)|公开指南|旅游|游玩|就医|报考|招生|招聘|志愿|参会|政策指南|操作|采购|投资|避险|防范|观影|出行|编制|建设指南|技术|管理指南|评价|"
    r"工作指南|自救|消费|健康|防护|防灾|就业指导|通知|公告|解读|新闻|会议|培训|印发|发布|修订|征求|开展|举办|召开|调研|检查|推进"
)
_LIST = re.compile(r"(?:办事|办理|服务|申请)?(?:指南|须知)(?:列表|目录|大全|汇总|清单)?")
_SUBJECT = re.compile(
    r"办理|申请|登记|核发|审批|审核|备案|认定|补贴|补助|领取|申领|换发|补办|变更|注销|许可|缴费|缴纳|报销|转移|查询|年检|年审|鉴定|确认|救助|证$"
)
_NUMBERING = re.compile(
    r"^(?:[(（]?[一二三四五六七八九十\d]{1,3}[)）、.．:：]?|第[一二三四五六七八九十]{1,2}[、.．]?|[●◆■▲★·•※▪□○\-—])+"
)
_ONLINE = re.compile(r"在线办|网上办|我要办|在线申|立即办")
_LABEL = 16  # characters of a line that is a label and nothing else
_BESIDE = 4  # characters that a label may have beside an element's name
_SENTENCE = re.compile(r"[、，,;；。]|其他|其它|有关|相关(?!依据)|等")
_SEVERAL = 3  # links that make a list
_SURE = 3  # labelled elements that make a page a guide whatever its title
_VAGUE = re.compile(
    r"(?:其他|其它|有关|相关)(?:的)?(?:证明)?(?:材料|资料|证件|证明|文件|手续)"
    r"|(?<![高中同平对初上下劣优均相一二三四五六特甲乙丙])等(?:相关|有关|其他|其它)?(?=材料|资料|证明|证件|文件|手续|[。；;，,）)]|$)"
    r"|(?:规定|要求|需要|认为)(?:应当?|需要?)?(?:提供|提交)的(?:其他|其它|有关|相关)"
)
_MOST = 5  # vague words, and forms, told of one guide
_FORM = re.compile(
    r"《?([\u4e00-\u9fff]{2,24}?(?:申请|申报|登记|审批|备案|审核|确认|推荐|报名|变更|信息|认定|鉴定|核定|申领|补办|汇总)表)(?:格)?》?"
)
_NO_FORM = re.compile(r"时间表|一览表|课程表|成绩表|代表|图表|仪表|电表|水表|报表")
_DOWNLOAD = re.compile(r"表格?(?:下载|样本|范本|示例|\d|$)|样表|空表|示范文本|范本|下载|附件")


@dataclass(frozen=True, slots=True)
class Element:
    """One entry of `rules/words/guide.toml`."""

    key: str
    name: str
    terms: tuple[str, ...]
    mentions: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Guide:
    """A page that guides to one service."""

    title: str
    labelled: frozenset[str]
    """Keys of the elements that have a label."""
    mentioned: frozenset[str]
    """Keys of those that have one, or that the text speaks of."""
    sure: bool
    """The page is a guide beyond doubt, and nothing beside its text can hold an element."""
    vague: tuple[str, ...]
    """Lines of the materials that do not say which ones."""
    forms: tuple[str, ...]
    """Forms to be filled in that it speaks of."""
    offers: bool
    """There may be forms on it: it links to files, to what is named a form, or to another system."""


@cache
def elements() -> tuple[Element, ...]:
    """The eight, in the order of the clause."""
    return tuple(
        Element(
            key, row["name"], tuple(row["terms"]), re.compile("|".join(row["mentions"])) if row["mentions"] else None
        )
        for key, row in table("guide").items()
    )


@once
def guide_of(page: Page) -> Guide | None:
    """What the page tells as a guide; None where it is none."""
    if page.role is Role.HOME or not (page.answer.ok or is_file(page.answer)) or page.script_drawn:
        return None
    among = _is_among_services(page)
    if not (among or _NAMED.search(page.meta("ArticleTitle") or _first(page.title))):
        return None  # without a look at its document
    title = _title(page)
    if not title or _OTHER.search(title) or _LIST.fullmatch(title):
        return None
    named = _NAMED.search(title) is not None
    if not (named or (among and _SUBJECT.search(title))):
        return None
    body = list(_body(page, title))
    found = [(line, _element(line)) for line in body]
    labelled = {element.key for _, element in found if element is not None} | {"item"}
    if len(labelled) < 2 and (not (named and among) or page.role is Role.COLUMN or _is_list(page, body)):
        return None  # a list of guides, or about something else
    mentioned = labelled | {
        e.key for e in elements() if e.mentions is not None and any(e.mentions.search(line) for line in body)
    }
    sure = ((named and among) or len(labelled) > _SURE) and not _holds_more(page)
    return Guide(
        title, frozenset(labelled), frozenset(mentioned), sure, tuple(_vague(found)), _forms(body), _offers(page)
    )


def _is_list(page: Page, body: Sequence[str]) -> bool:
    """Most of its lines are links."""
    texts = {plain(ref.text) for ref, _ in page_links(page)}
    linked = sum(plain(line) in texts for line in body)
    return linked >= _SEVERAL and linked * 2 >= len(body)


def _title(page: Page) -> str:
    """The service's name, without the site's."""
    told = page.meta("ArticleTitle")
    if not told:
        heads = [" ".join(node.text.split()) for node in page.document.root.select("h1")]
        told = heads[0] if len(heads) == 1 and heads[0] else _first(page.title)
    return unicodedata.normalize("NFKC", "".join(told.split()))[:100]


def _first(title: str) -> str:
    return re.split(r"\s*[-_|—–]+\s*", title[:200])[0]


def _is_among_services(page: Page) -> bool:
    """Its column is one of services."""
    return kind_of(page.meta("ColumnName") or page.column, page.meta("ColumnType"), page.url)[0] is ColumnKind.SERVICE


def _body(page: Page, title: str) -> Iterator[str]:
    """The lines of the guide itself, from its title to the page's foot."""
    told = list(content(page.document))
    start = next((i for i, line in enumerate(told) if line.startswith(title[:12])), -1)
    yield from told[start + 1 :]


def _element(line: str) -> Element | None:
    """The element whose label a line is, or begins with."""
    bare = _NUMBERING.sub("", line).lstrip('【[〔(（《<“"').strip()
    label, colon, _ = bare.partition(":")
    whole = len(bare) <= _LABEL
    if not (whole or (colon and len(label) <= _LABEL)):
        return None
    if _SENTENCE.search(label):
        return None
    name = re.sub(r"[\W_]+|[(（].*$", "", label)
    best: Element | None = None
    length = 0
    for element in elements():
        for term in element.terms:
            if len(name) - len(term) > _BESIDE or len(term) <= length:
                continue
            if name.startswith(term) or name.endswith(term):
                best, length = element, len(term)
    return best


def _vague(found: Sequence[tuple[str, Element | None]]) -> Iterator[str]:
    """Lines between the label of the materials and the next label."""
    within = False
    told = 0
    for line, element in found:
        if element is not None:
            within = element.key == "materials"
        if within and told < _MOST:
            text = line if element is None else line.partition(":")[2]
            if _VAGUE.search(text):
                told += 1
                yield text


def _forms(body: Sequence[str]) -> tuple[str, ...]:
    found = (match[1] for line in body for match in _FORM.finditer(line))
    return tuple(dict.fromkeys(name for name in found if not _NO_FORM.search(name)))[:_MOST]


def _offers(page: Page) -> bool:
    if page.files or may_write(page.document) or page.document.root.select_one("iframe[src],embed,object[data]"):
        return True
    return any(
        url is not None
        and (suffix(url) in ATTACHMENTS or _ONLINE.search(ref.text) or _DOWNLOAD.search(plain(ref.text)))
        for ref, url in page_links(page)
    )


def _holds_more(page: Page) -> bool:
    """Pictures, files, frames, scripts or another system may tell what the text does not."""
    document = page.document
    if may_write(document) or document.root.select_one("iframe[src],embed,object[data],canvas,video") is not None:
        return True
    for ref, url in page_links(page):
        if url is None:
            continue
        if suffix(url) in ATTACHMENTS:
            return True
        if _ONLINE.search(ref.text) and host(url) != host(page.url):
            return True
    return shows_picture(document)
