"""Why the list of a page cannot be read from the page as it was served: a script or a frame brings it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlsplit

from crawler.html import Document
from crawler.message import Message, say
from crawler.outline import Outline, Region

_RECORD = re.compile(r"<record>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</record>", re.DOTALL | re.IGNORECASE)
_PLATFORMS = (
    ("gkmlpt", say("省级信息公开目录平台 gkmlpt")),
    ("dataproxy.jsp", say("大汉分页接口 dataproxy.jsp")),
    ("jpage", say("大汉分页组件 jpage")),
)
_ASKS = re.compile(
    r"\$\s*\.\s*(?:ajax|get|post|getJSON)\s*\(|\bfetch\s*\(|XMLHttpRequest|\baxios\b|\.load\s*\(|\bgetJSON\b|\bajax\w*\s*\(",
    re.IGNORECASE,
)
_FILLS = re.compile(r"innerHTML|\.html\s*\(|\.append\s*\(|appendTo|insertAdjacentHTML|document\.write|appendChild")
_MARKUP = re.compile(r"""["'`][^"'`\n]{0,200}<(?:li|tr|dl|dd|ul|a\s)""", re.IGNORECASE)
# Scripts that draw pagers, badges, counters and sharing buttons draw no lists.
_OTHER_WORK = re.compile(
    r"上一页|下一页|尾页|createPage|conac|jiucuo|beian|bdshare|share|weather|cnzz|hm\.baidu|访问量|浏览次数",
    re.IGNORECASE,
)
_TEMPLATE = re.compile(r"\{\{[^{}]{1,80}\}\}|\$\{[^{}]{1,80}\}|<%=?[^%]{1,80}%>|\[%[^%]{1,80}%\]")
_WAITING = re.compile(
    r"(?:数据|内容|页面|努力|拼命)?(?:正在)?加载中|正在加载|正在载入|载入中|请稍[候等后]|\bloading\b", re.IGNORECASE
)
# Words in a script's file name that tell it draws no column list.
_LIBRARY_WORDS = """
    jquery bootstrap swiper slick superslide layer layui laydate echarts html respond modernizr polyfill es json hm cnzz
    baidu conac share weather counter tongji statistics wza barrier aria jweixin qrcode video player public common base
    util utils nav menu top head header foot footer search scroll slide slider banner tab tabs focus float font print
    zoom rem flexible browser uaredirect wow animate placeholder cookie md calendar style global comm
"""
_LIBRARIES = frozenset(_LIBRARY_WORDS.split())
_FILLER_WORDS = "list data col column channel news article app main index page content vue react chunk"
_FILLERS = frozenset(_FILLER_WORDS.split())
_FRAME_NOISE = re.compile(
    r"weather|tianqi|conac|share|map|baidu|video|player|count|tongji|search|login|head|top|foot|bottom|nav|banner|about:",
    re.IGNORECASE,
)
_NOT_LISTS = re.compile(
    r"search|share|weather|top|foot|nav|code|qr|date|time|count|num|page|pager|map|banner|float|tip|back|logo|menu|login"
    r"|clear|line|bg|play|wza|badge|conac|ewm|font|hits|views",
    re.IGNORECASE,
)
_ENOUGH = 16
_NAME = 40
_APP_ROOTS = "#app,#root,#__nuxt,#__next,#___gatsby,app-root,[ng-app]"
_DIRECTIVES = "[v-for],[v-html],[ng-repeat],[ms-for],[wx\\:for]"
_REPEATS = ("v-for", "ng-repeat", "ms-for")
_LISTS = frozenset({"ul", "ol", "tbody", "dl"})
_CONTAINERS = frozenset({"ul", "ol", "tbody", "table", "div", "dl", "section", "td"})


def records(document: Document) -> str:
    """The rows a page carries as data for its script (大汉 `<datastore>`: HTML in CDATA) as one list, or nothing."""
    found: list[str] = []
    for node in document.root.select('script[type="text/xml"],script[type="text/plain"],xml,datastore,textarea'):
        text = node.text
        if "<record>" in text:
            found.extend(record.strip() for record in _RECORD.findall(text))
    html = "\n".join(record if "<" in record else unescape(record) for record in found if record)
    if re.search(r"<tr\b", html, re.IGNORECASE) and not re.search(r"<table\b", html, re.IGNORECASE):
        return f"<body><table><tbody>{html}</tbody></table></body>"
    return f"<body><ul>{html}</ul></body>" if html else ""


def reason(document: Document, outline: Outline, *, dated: bool, static: bool) -> Message | None:
    """Why the list cannot be read; None when nothing on the page could bring a list.

    Where dated rows were found (`dated`), two things count: a platform known to draw its lists, for then the rows are a
    sidebar's, and an empty list beside them that waits for a script: the newest items may come there. On a page of
    static text (`static`) only unmistakable signs count, not scripts that merely could fill something.
    A page that a browser drew has had its scripts run: there it counts what they left undone.
    """
    scripts = document.inline_scripts()
    sources = [node.attr("src") or "" for node in document.root.select("script[src]")]
    scene = _Scene(document, outline, scripts, sources)
    if document.rendered:
        return next(_undone(scene, dated=dated), None)
    why = next(_platform(scene), None)
    if why is None and dated:
        why = next(_beside(scene), None)
    if why is None and not dated:
        why = next(_sure(scene), None)
    if why is None and not (dated or static):
        why = next(_likely(scene), None)
    return why


@dataclass(frozen=True, slots=True)
class _Scene:
    document: Document
    outline: Outline
    scripts: list[str]
    """Inline scripts."""
    sources: list[str]
    """Addresses of the others."""


def _platform(scene: _Scene) -> Iterator[Message]:
    root = scene.document.root
    if root.select_one('datastore,script[type="text/xml"]') is not None:
        yield say("列表由脚本从页内数据绘制，数据无法识别")
    for word, name in _PLATFORMS:
        if any(word in text for text in (*scene.sources, *scene.scripts)):
            yield say("列表由脚本绘制（{name}）", name=name)


def _sure(scene: _Scene) -> Iterator[Message]:
    root = scene.document.root
    if root.select_one("frameset") is not None:
        yield say("页面由框架（frameset）拼成，列表在框架中")
    templates = root.select(
        'script[type="text/html"],script[type="text/x-template"],script[type="text/template"],template'
    )
    drawn = any(_MARKUP.search(f'"{node.html}') and _TEMPLATE.search(node.html) for node in templates)
    if drawn or root.select_one(_DIRECTIVES) is not None or _TEMPLATE.search(scene.document.text()):
        yield say("列表由脚本绘制，页面上只有模板")


def _beside(scene: _Scene) -> Iterator[Message]:
    outline = scene.outline
    foreign = [source for source in scene.sources if not _is_library(source)]
    asking = [script for script in scene.scripts if _ASKS.search(script)]
    for at, ident in _empty_containers(outline):
        if any(_names(script, ident) for script in asking):
            yield say("列表容器“{id}”是空的，由脚本填充", id=ident)
        elif outline.tags[at] in _LISTS and foreign:
            yield say("列表容器“{id}”是空的，可能由脚本 {script} 填充", id=ident, script=_short(foreign[-1]))
    for at, node in enumerate(outline.elements):
        if outline.regions[at] is Region.MAIN and any(node.attr(name) for name in _REPEATS):
            yield say("列表由脚本绘制，页面上只有模板")


def _likely(scene: _Scene) -> Iterator[Message]:
    app = scene.document.root.select_one(_APP_ROOTS)
    if app is not None and not app.text.strip() and (scene.sources or scene.scripts):
        yield say("页面是脚本应用的空壳，内容由脚本绘制")
    for script in scene.scripts:
        if _FILLS.search(script) and not _OTHER_WORK.search(script):
            if _MARKUP.search(script):
                yield say("列表由页内脚本拼接绘制")
            if _ASKS.search(script):
                yield say("列表由脚本向服务器另行请求")
    named = [ident for _, ident in _empty_containers(scene.outline)]
    for ident in named:
        if any(_names(script, ident) for script in scene.scripts):
            yield say("列表容器“{id}”是空的，由脚本填充", id=ident)
    foreign = [source for source in scene.sources if not _is_library(source)]
    if named and foreign:
        yield say("列表容器“{id}”是空的，可能由脚本 {script} 填充", id=named[0], script=_short(foreign[-1]))
    for at in scene.outline.frames:
        node = scene.outline.elements[at]
        source = node.attr("src") or ""
        hidden = "none" in (node.attr("style") or "") or (node.attr("height") or "") in ("0", "1")
        if source and not hidden and scene.outline.regions[at] is Region.MAIN and not _FRAME_NOISE.search(source):
            yield say("列表在内嵌框架 {url} 中", url=_short(source))


def waiting(document: Document) -> Message | None:
    """The words by which a page says that it is not done yet; None when it says nothing of the kind."""
    found = _WAITING.search(document.text())
    return say("用浏览器打开后，页面上仍写着“{text}”", text=found[0]) if found else None


def _undone(scene: _Scene, *, dated: bool) -> Iterator[Message]:
    root = scene.document.root
    if root.select_one("frameset") is not None:
        yield say("页面由框架（frameset）拼成，列表在框架中")
    if root.select_one(_DIRECTIVES) is not None or _TEMPLATE.search(scene.document.text()):
        yield say("用浏览器打开后，页面上仍只有模板")
    told = waiting(scene.document)
    if told is not None:
        yield told
    for at, ident in _empty_containers(scene.outline, by=("id", "class")):
        if scene.outline.tags[at] in _LISTS or any(_names(script, ident) for script in scene.scripts):
            yield say("用浏览器打开后，列表容器“{id}”仍是空的", id=ident[:_NAME])
    if not dated:
        yield say("用浏览器打开后，仍看不到有日期的列表")


def _names(script: str, ident: str) -> bool:
    """The script speaks of the element with this id."""
    return re.search(rf"""["'#]{re.escape(ident)}["'\s.)]""", script) is not None


def _empty_containers(outline: Outline, by: tuple[str, ...] = ("id",)) -> list[tuple[int, str]]:
    """Main-content elements that hold nothing at all, as lists do before a script fills them: position and name."""
    found = []
    for at, tag in enumerate(outline.tags):
        if tag not in _CONTAINERS or outline.regions[at] is not Region.MAIN:
            continue
        if outline.leaf_from[at] != outline.leaf_to[at]:
            continue
        ident = next(filter(None, map(outline.elements[at].attr, by)), "")
        if ident and not _NOT_LISTS.search(ident) and outline.ends[at] - at <= 3:
            found.append((at, ident))
        if len(found) == _ENOUGH:
            break
    return found


def _is_library(source: str) -> bool:
    words = set(re.findall(r"[a-z]+", source.partition("?")[0].rpartition("/")[2].lower()))
    return bool(words & _LIBRARIES) and not words & _FILLERS


def _short(address: str) -> str:
    try:
        path = urlsplit(address).path or address
    except ValueError:
        path = address
    return path[-60:]
