# ruff: noqa: E501, S311 - markup reads best as it is; no secret hangs on these numbers
"""The portals to measure by: thirty content management systems with a dozen columns each, and many small ones."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from html import unescape
from urllib.parse import urljoin, urlsplit

import frames
from markups import DATELESS, FOR_KIND, render
from portal import Addresser, Column, Item, Portal, fill, now

DEAD, GONE, WALLED, FLAKY = "//dead.example.cn/x.html", "/zt/2023/old.html", "//wall.example.cn/", "//flaky.example.cn/"


@dataclass(frozen=True, slots=True)
class Cms:
    """One way of making a portal."""

    name: str
    column: Callable[[Column, int], str]
    article: Addresser
    markup: str
    nav: str = "list"
    foot: str = "new"
    block: str = "more"
    meta: bool = True
    charset: str = "utf-8"
    old: bool = False
    sides: tuple[str, ...] = ("menu", "new")
    host: str = "www.yunling.gov.cn"


def _jcms(c: Column, n: int) -> str:
    return f"/col/col{4200 + n}/index.html"


def _jart(c: Column, n: int, day: date) -> str:
    return f"/art/{day.year}/{day.month}/{day.day}/art_{len(c.name) * 37}_{n}.html"


def _pinyin(c: Column, n: int) -> str:
    return f"/{PINYIN[c.name][0]}/"


def _trs(c: Column, n: int, day: date) -> str:
    return f"{c.path}{day:%Y%m}/t{day:%Y%m%d}_{n}.html"


def _kaipu(c: Column, n: int, day: date) -> str:
    return f"{c.path.removesuffix('index.html')}content_{n}.html"


def _english(c: Column, n: int) -> str:
    return f"/{PINYIN[c.name][1]}/index.shtml"


def _plain(c: Column, n: int, day: date) -> str:
    return f"/info/{n % 97 + 1000}/{n}.htm"


CMSES = (
    Cms("jcms datastore", _jcms, _jart, "jcms_datastore"),
    Cms("jcms containers", _jcms, _jart, "jcms_containers", nav="hidden"),
    Cms("TRS", _pinyin, _trs, "trs", sides=("menu", "hot")),
    Cms("TRS month-day", _pinyin, _trs, "em_month_day", meta=False),
    Cms("开普", lambda c, n: f"/{PINYIN[c.name][0]}/index.html", _kaipu, "kaipu_i_before", block="tabs"),
    Cms("动易", lambda c, n: f"/Category_{n}/Index.aspx", lambda c, n, d: f"/Item/{n}.aspx", "table_td", nav="table", meta=False, foot="old"),
    Cms("WebForms", lambda c, n: f"/News/List.aspx?id={n}", lambda c, n, d: f"/News/Show.aspx?id={n}", "gridview", meta=False),
    Cms("ASP", lambda c, n: f"/list.asp?classid={n}", lambda c, n, d: f"/show.asp?id={n}", "old_table", nav="table", foot="old", meta=False, charset="gb2312", old=True, sides=("hot",)),
    Cms("动易 ASP", lambda c, n: f"/Article_Class2.asp?ClassID={n}", lambda c, n, d: f"/ArticleShow.asp?ArticleID={n}", "title_attribute", nav="bars", foot="old", meta=False, charset="gb2312", old=True, sides=("new",)),
    Cms("WordPress", lambda c, n: f"/category/{PINYIN[c.name][1]}/", lambda c, n, d: f"/archives/{n}", "wordpress", meta=False, sides=("widget",), block="head"),
    Cms("mobile", lambda c, n: f"/m/{PINYIN[c.name][1]}", lambda c, n, d: f"/m/detail?id={n}", "cards", nav="mobile", sides=()),
    Cms("dl", _english, _plain, "dl_split", sides=("menu",)),
    Cms("date block", _english, _plain, "date_block", foot="pictures", block="head"),
    Cms("thumbs", _pinyin, _plain, "thumbs", sides=("new", "hot")),
    Cms("facts line", lambda c, n: f"/content/column/67945{n}?pageIndex=1", lambda c, n, d: f"/content/article/14{n}", "under_title"),
    Cms("paragraphs", lambda c, n: f"/{PINYIN[c.name][1]}.html", lambda c, n, d: f"/{PINYIN[c.name][1]}/{n}.html", "paragraphs", meta=False, nav="bars"),
    Cms("by year", _pinyin, _kaipu, "by_year", sides=("menu",)),
    Cms("two columns", lambda c, n: f"/channels/{n}.html", lambda c, n, d: f"/contents/{n % 90}/{n}.html", "two_columns", nav="table", foot="old"),
    Cms("documents", _pinyin, _kaipu, "documents"),
    Cms("popup", lambda c, n: f"/public/column/42{n}?type=4", lambda c, n, d: f"/public/42/{n}.html", "popup", nav="hidden"),
    Cms("onclick", lambda c, n: f"/list/{n}.jhtml", lambda c, n, d: f"/{PINYIN[c.name][0]}/{n}.jhtml", "onclick", block="tabs", sides=("hot",)),
    Cms("relative", _english, _plain, "relative", nav="mobile", meta=False),
    Cms("category", _pinyin, _trs, "with_category"),
    Cms("inside link", _pinyin, lambda c, n, d: f"/view-{n}.html", "inside_link", nav="pictures", foot="pictures"),
    Cms("new icon", lambda c, n: f"/portal.php?mod=list&catid={n}", lambda c, n, d: f"/portal.php?mod=view&aid={n}", "new_icon", meta=False, sides=("new",)),
    Cms("divs", _english, _plain, "divs", block="tabs"),
    Cms("dt dd", _pinyin, _kaipu, "dt_dd", sides=("menu", "new", "hot")),
    Cms("half dates", lambda c, n: f"/class/{n}/", lambda c, n, d: f"/class/{n % 9}/{n}.html", "half_dates", meta=False, charset="gbk", old=True, nav="bars"),
    Cms("parallel", _pinyin, _kaipu, "parallel", meta=False, sides=("menu",)),
    Cms("plain", _english, _plain, "plain_li", meta=False, sides=(), nav="bars"),
    Cms("plain META", _pinyin, _trs, "plain_li", host="yl.gov.cn"),
    Cms("absolute links", _pinyin, _trs, "trs", sides=("hot",)),
)  # fmt: skip

# name → kind, pinyin, English, top
PINYIN = {
    "政务要闻": ("zwyw", "news"),
    "部门动态": ("bmdt", "departments"),
    "乡镇动态": ("xzdt", "towns"),
    "通知公告": ("tzgg", "notices"),
    "公示公告": ("gsgg", "public"),
    "政府文件": ("zfwj", "documents"),
    "规范性文件": ("gfxwj", "rules"),
    "政策解读": ("zcjd", "explain"),
    "人事招考": ("rszk", "recruit"),
    "规划计划": ("ghjh", "plans"),
    "财政预决算": ("czyjs", "budget"),
    "意见征集": ("yjzj", "opinions"),
    "县长信箱": ("xzxx", "mailbox"),
    "专题专栏": ("ztzl", "topics"),
    "公开制度": ("gkzd", "systems"),
    "公开年报": ("gknb", "reports"),
    "云岭概况": ("ylgk", "about"),
    "机构职能": ("jgzn", "functions"),
    "领导之窗": ("ldzc", "leaders"),
    "办事服务": ("bsfw", "services"),
    "互动交流": ("hdjl", "interaction"),
    "政府信息公开": ("zfxxgk", "disclosure"),
}
KINDS = {
    "政务要闻": "news", "部门动态": "news", "乡镇动态": "news", "通知公告": "notice", "公示公告": "notice",
    "政府文件": "policy", "规范性文件": "policy", "政策解读": "explain", "人事招考": "person", "规划计划": "plan",
    "财政预决算": "finance", "意见征集": "survey", "县长信箱": "message", "专题专栏": "other", "公开制度": "disclosure",
    "公开年报": "report",
}  # fmt: skip
FRESH = {"news": 9, "notice": 140, "policy": 150, "explain": 150, "message": 45}
STALE = {
    "news": (17, 300),
    "message": (70, 200),
    "person": (385, 900),
    "plan": (385, 900),
    "finance": (385, 900),
    "survey": (385, 700),
}
SECTIONS = {
    "云岭概况": "概况信息", "机构职能": "机构职能", "领导之窗": "领导信息", "办事服务": "办事服务",
}  # fmt: skip
UNDATED_KINDS = ("news", "notice", "policy", "explain", "plan")
NOTHING = (
    "暂无信息",
    "<p>暂无数据</p>",
    "<div class='nodata'>没有相关信息</div>",
    "<table><tr><td>暂无相关内容！</td></tr></table>",
)


def portals(seed: int = 0) -> Iterator[Portal]:
    """The rich ones: one a content management system; with a seed, their parts put together anew."""
    rng = random.Random(seed)
    for number, cms in enumerate(CMSES):
        yield _Builder(_mixed(cms, rng) if seed else cms, number + 1000 * seed).build()


def _mixed(cms: Cms, rng: random.Random) -> Cms:
    other = rng.choice(CMSES)
    sides = tuple(rng.sample(("menu", "new", "hot", "widget"), rng.randrange(4)))
    nav, foot, block = (
        rng.choice(sorted(frames.NAVS)),
        rng.choice(("new", "old", "pictures")),
        rng.choice(("more", "tabs", "head")),
    )
    markup = "divs" if other.markup.startswith("jcms") else other.markup
    name = f"{cms.name} with {other.name}"
    return replace(cms, name=name, markup=markup, nav=nav, foot=foot, block=block, sides=sides, meta=rng.random() < 0.5)


class _Builder:
    def __init__(self, cms: Cms, seed: int) -> None:
        self.rng = random.Random(seed * 7919 + 11)
        self.cms = cms
        later = (0, 0, 3, 0, 5)[seed % 5]
        today = now().date() + timedelta(days=later)
        self.portal = Portal(cms.name, cms.host, "云岭县人民政府", today, charset=cms.charset, later=later)
        self.all_stale = seed % 6 == 5
        self.without = set(self.rng.sample(sorted(frames.MARKS), self.rng.choice((0, 0, 1, 2))))
        self.missing = set(self.rng.sample(sorted(SECTIONS), self.rng.choice((0, 1, 1, 2))))
        self.fetched = now().date()
        self.yearless = cms.markup == "em_month_day"

    def build(self) -> Portal:
        portal = self.portal
        for n, (name, kind) in enumerate(KINDS.items(), 1):
            column = Column(name, kind, "", on_home=kind in ("news", "notice", "policy", "explain"))
            column.path = self.cms.column(column, 11 + n)
            self._fill(column, n)
            portal.columns.append(column)
        self._pages()
        self._links()
        self._plant_sites()
        complete(portal)
        return portal

    # Columns and their states.

    def _fill(self, column: Column, n: int) -> None:
        rng, portal = self.rng, self.portal
        column.markup = FOR_KIND.get(column.kind, "")
        draw = rng.random()
        if column.kind in ("other", "disclosure"):
            fill(column, rng.randrange(300, 1400), rng.randrange(1, 7), self.cms.article, rng, portal.today)
            column.markup = "trs" if self.yearless else column.markup
            return
        if column.kind == "report":
            fill(column, rng.randrange(200, 330), 1, self.cms.article, rng, portal.today)
            return
        stale = draw < 0.3 or self.all_stale
        if not self.all_stale and 0.3 <= draw < 0.38:
            column.note = rng.choice(NOTHING)
            column.on_home = False
            portal.plant(
                "empty-column", column.path, certain=None if column.kind in ("survey", "person", "message") else True
            )
            return
        if not self.all_stale and 0.38 <= draw < 0.52 and column.kind in UNDATED_KINDS:
            self._undated(column, stale=rng.random() < 0.5)
            return
        if stale:
            low, high = STALE.get(column.kind, (200, 600))
            newest = rng.randrange(low, high)
            portal.plant("stale-column", column.path)
        else:
            newest = rng.randrange(portal.later, FRESH.get(column.kind, 300) + 1)
        count = rng.choice((1, 2, 5, 12, 15, 20))
        fill(column, newest, count, self.cms.article, rng, portal.today)
        self._within_a_year(column)
        if len(column.items) > 3 and not self.yearless and rng.random() < 0.3:  # an old one that stays on top
            old = column.items.pop()
            day = (old.day or portal.today) - timedelta(days=700)
            column.items.insert(0, replace(old, day=day, path=self.cms.article(column, 777_000 + n, day)))
        elif (
            stale
            and not (self.yearless or column.markup)
            and len(column.items) > 3
            and self.cms.markup not in ("relative", "half_dates")
            and rng.random() < 0.2
        ):
            first = column.items[0]
            day = portal.today + timedelta(days=40)
            column.items.insert(
                0, Item("关于下月有关活动安排的预告", self.cms.article(column, 778_000 + n, day), day, first.number)
            )

    def _within_a_year(self, column: Column) -> None:
        """A list that shows no years shows nothing older than a year, or nobody could read it."""
        if not self.yearless:
            return
        kept = [i for i in column.items if i.day is not None and (self.portal.today - i.day).days < 330]
        if kept:
            column.items[:] = kept
        else:
            column.markup = column.markup or "trs"

    def _undated(self, column: Column, *, stale: bool) -> None:
        rng, portal = self.rng, self.portal
        column.markup = rng.choice(sorted(DATELESS))
        addressed = self.cms.article in (_trs, _jart)
        column.dates = rng.choice(("article", "none") if not addressed else ("article", "address"))
        low, high = STALE.get(column.kind, (200, 360))
        newest = rng.randrange(low, high) if stale else rng.randrange(portal.later, FRESH.get(column.kind, 300) + 1)
        fill(column, newest, rng.choice((5, 9, 14)), self.cms.article, rng, portal.today)
        portal.plant("undated-column", column.path)
        if column.dates == "none" and column.kind != "plan":
            portal.plant("stale-column", column.path)
        elif stale and column.dates != "none":
            portal.plant("stale-column", column.path, certain=False if column.dates == "address" else None)

    # Pages.

    def _pages(self) -> None:
        portal, cms = self.portal, self.cms
        tops = [(c.name, c.path) for c in portal.columns if c.name not in ("公开制度", "公开年报")]
        statics = [
            Column(name, "static", cms.column(Column(name, "static", ""), 70 + n))
            for n, name in enumerate(("云岭概况", "机构职能", "领导之窗", "办事服务", "互动交流", "政府信息公开"))
        ]
        shown = [c for c in statics if c.name not in self.missing]
        self.entries = [(c.name, c.path) for c in shown] + tops
        named = dict(self.entries)
        heads = {
            "走进云岭": ("云岭概况",), "政务公开": ("政府信息公开", "机构职能", "领导之窗", "政府文件", "规范性文件", "政策解读", "人事招考", "规划计划", "财政预决算"),
            "新闻中心": ("政务要闻", "部门动态", "乡镇动态", "通知公告", "公示公告"), "政民互动": ("互动交流", "意见征集", "县长信箱", "办事服务", "专题专栏"),
        }  # fmt: skip
        if "云岭概况" in self.missing:
            heads = {("发布云岭" if head == "走进云岭" else head): names for head, names in heads.items()}
            heads["发布云岭"] = ("专题专栏",)
        self.groups = {head: [(n, named[n]) for n in names if n in named] for head, names in heads.items()}
        for column in shown:
            self._static(column)
        for column in portal.columns:
            self._column(column)
        self._home()
        for path, title in (
            ("/sitemap.html", "网站地图"),
            ("/beian/", "备案信息"),
            ("/conac/", "标识"),
            ("/jiucuo.html?site_code=5399990001", "我为政府网站找错"),
        ):
            self._page(path, title, {}, f"<h1>{title}</h1><p>{'本页面用于说明网站的有关情况。' * 12}</p>")
        for n in range(3):
            self._file(f"/images/p{n}.jpg", "image/jpeg", b"\xff\xd8\xff\xe0" + b"0" * 400)
        for name in ("logo", "red", "jiucuo", "i", "g", *(f"n{n}" for n in range(30))):
            self._file(f"/images/{name}.png", "image/png", b"\x89PNG\r\n\x1a\n" + b"0" * 400)
        for name in ("dot", "new", "line"):
            self._file(f"/images/{name}.gif", "image/gif", b"GIF89a" + b"0" * 100)
        self._file("/css/style.css", "text/css", b"body{margin:0}")
        self._file("/js/jquery.min.js", "application/javascript", b"/*! jQuery */")

    def _file(self, path: str, kind: str, body: bytes) -> None:
        self.portal.pages[path] = body
        self.portal.types[path] = kind

    def _page(self, path: str, title: str, metas: dict[str, str], body: str) -> None:
        nav = frames.NAVS[self.cms.nav](self.entries, self.groups)
        foot = frames.foot(self.cms.foot, self.portal.code, self.without)
        site = frames.labels(self.portal) if self.cms.meta else {}
        inner = frames.today_banner(self.fetched) + frames.logo() + nav + body + foot
        name = f"{title}-{self.portal.title}" if title else self.portal.title
        self.portal.add(
            path,
            frames.document(
                name, {**site, **metas} if self.cms.meta else {}, inner, self.cms.charset, old=self.cms.old
            ),
        )

    def _sides(self, column: Column) -> str:
        around = [c for c in self.portal.columns if c.dates == "list"]
        boxes = {
            "menu": lambda: frames.side_menu("政务公开", [(c.name, c.path) for c in self.portal.columns][:8]),
            "new": lambda: frames.side_box("最新信息", around, self.portal.today, dated=True),
            "hot": lambda: frames.side_box("热点推荐", around, self.portal.today, dated=False),
            "widget": lambda: frames.side_widget(around),
        }
        return "".join(boxes[side]() for side in self.cms.sides)

    def _list(self, column: Column) -> str:
        html = render(column, self.cms.markup, self.fetched if self.cms.markup == "relative" else self.portal.today)
        return html.replace('href="/', f'href="http://{self.cms.host}/') if self.cms.name == "absolute links" else html

    def _column(self, column: Column) -> None:
        metas = {
            "ColumnName": column.name, "ColumnDescription": f"{column.name}栏目", "ColumnKeywords": column.name,
            "ColumnType": column.name,
        }  # fmt: skip
        if self.cms.meta and self.rng.random() < 0.12:
            del metas[self.rng.choice(("ColumnDescription", "ColumnKeywords"))]
            self.portal.plant("missing-meta", column.path)
        body = f'<div class="main"><div class="right">{frames.crumbs(column)}<h2>{column.name}</h2>{self._list(column)}</div>{self._sides(column)}</div>'
        self._page(column.path, column.name, metas, body)
        for item in column.items:
            labels = {"ArticleTitle": item.title, "ContentSource": "县政府办"}
            if column.dates in ("list", "article") and item.day is not None:
                labels["PubDate"] = f"{item.day} 09:30"
            elif self.cms.meta:
                self.portal.plant("missing-meta", item.path, certain=None)
            if self.cms.meta and item is column.items[0] and column.dates == "list" and self.rng.random() < 0.25:
                del labels["ContentSource"]
                self.portal.plant("missing-meta", item.path)
            text = frames.article(item.title, item.day, self.rng, dated=column.dates in ("list", "article"))
            self._page(item.path, item.title, labels, frames.crumbs(column) + text)

    def _static(self, column: Column) -> None:
        text = (
            "云岭县位于群山之间，辖八个乡镇（街道），常住人口二十三万人。县人民政府设有办公室、教育体育局等工作部门。"
            * 6
        )
        links = ""
        if column.name in ("办事服务", "互动交流", "政府信息公开"):
            inner = [
                (c.name, c.path)
                for c in self.portal.columns
                if c.name in ("公开制度", "公开年报", "意见征集", "县长信箱")
            ]
            links = frames.side_menu(column.name, inner)
        metas = {
            "ColumnName": column.name,
            "ColumnDescription": column.name,
            "ColumnKeywords": column.name,
            "ColumnType": column.name,
        }
        body = f'{frames.crumbs(column)}<div class="text"><h2>{column.name}</h2><p>{text}</p></div>{links}'
        self._page(column.path, column.name, metas, body)

    def _home(self) -> None:
        portal, cms = self.portal, self.cms
        blocks = []
        for column in portal.columns:
            if column.on_home and column.items:
                part = replace(column, items=column.items[:6])
                blocks.append(frames.block(column, cms.block, self._list(part)))
        others = [("国家政务服务平台", "http:" + WALLED), ("邻县政府网", "http:" + FLAKY)]
        body = (
            frames.slides(portal.columns)
            + "".join(blocks)
            + self.extra()
            + frames.friends([*others, *self.bad_links()])
        )
        self._page("/", "", {}, body)

    # Links and marks.

    def extra(self) -> str:
        portal = self.portal
        rows = [
            ("/zt/404.html", "关于网站“页面不存在”问题整改情况的说明"), ("/zt/ok.html", "优化营商环境"), ("/zt/login.html", "用户登录"),
        ]  # fmt: skip
        story = "有网民反映，访问部分栏目时提示404错误、页面不存在。经核查，系栏目调整所致，现已完成整改。" * 12
        self._page("/zt/404.html", rows[0][1], {}, f"<h1>{rows[0][1]}</h1><p>{story}</p>")
        self._page("/zt/ok.html", "优化营商环境", {}, f"<p>{'持续优化营商环境，激发市场活力。' * 20}</p>")
        self._page("/zt/login.html", "用户登录", {}, "<form><input name=u><input type=password name=p></form>")
        links = "".join(f'<a href="{path}">{text}</a>' for path, text in rows)
        self.bad_files = ["/files/bad.doc", "/files/gone.pdf"]
        good = [f"/files/good{n}.{kind}" for n, kind in enumerate(("doc", "xls", "pdf", "zip", "docx"))]
        for path in good:
            start, end = (
                (b"%PDF-1.4", b"startxref 0 %%EOF")
                if path.endswith("pdf")
                else (b"PK\x03\x04", b"PK\x05\x06" + bytes(18))
                if path[-1] in "px"
                else (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"")
            )
            self._file(path, "application/octet-stream", start + b"0" * 3000 + end)
        self._page("/files/bad.doc", "系统提示", {}, "<p>您访问的页面不存在</p>")
        for path in self.bad_files:
            portal.plant("broken-attachment", path)
        files = "".join(f'<a href="{path}">申请表</a>' for path in (*good, *self.bad_files))
        portal.plant("broken-image", "/images/gone.jpg")
        return f'<div class="zt">{links}{files}<img src="/images/gone.jpg" alt="活动"><img src="/images/p1.jpg"></div>'

    def bad_links(self) -> list[tuple[str, str]]:
        self.portal.plant("broken-link", GONE)
        self.portal.plant("broken-link", DEAD)
        return [("专题回顾", GONE), ("协会网站", "http:" + DEAD)]

    def _links(self) -> None:
        portal = self.portal
        fine = frames.document("可以打开的网站", {}, f"<p>{'欢迎访问本网站。' * 30}</p>", "utf-8", old=False).encode()
        for path, status in ((WALLED, (403,)), (FLAKY, (500, 200)), ("//beian.miit.gov.cn/", (200,))):
            portal.pages[path], portal.status[path], portal.types[path] = fine, status, "text/html; charset=utf-8"

    def _plant_sites(self) -> None:
        portal = self.portal
        for key in self.without:
            portal.plant("missing-mark", "/", frames.MARKS[key])
        for name in self.missing:
            portal.plant("missing-section", "/", SECTIONS[name])
        home = [c for c in portal.columns if c.on_home and c.items]
        newest = max((c.newest for c in home if c.newest is not None and c.newest <= portal.today), default=None)
        behind = max(
            (c.newest for c in portal.columns if c.newest is not None and c.newest <= portal.today), default=None
        )
        if newest is not None and behind is not None and (portal.today - newest).days >= 14:
            # On the very day, or where something new stands in a column only: for a person to look at.
            portal.plant("stale-home", "/", certain=(portal.today - max(newest, behind)).days > 14)
        if not self.cms.meta:
            portal.plant("missing-meta", "/")
            for path in portal.pages:
                if path != "/":
                    portal.plant("missing-meta", path, certain=False)


def complete(portal: Portal) -> None:
    """Give every address of the portal's own a page that links to one: pagers, archives, authors. Not the dead ones."""
    dead = {urlsplit(truth.at).path for truth in portal.truths if truth.rule.startswith("broken")}
    text = "更早的信息请联系县人民政府办公室查阅。" * 20
    more = f"<html><head><title>{portal.title}</title></head><body><p>{text}</p></body></html>"
    for path in [p for p in portal.pages if not p.startswith("//") and p not in portal.types]:
        source = portal.pages[path].decode(portal.charset)
        for raw in re.findall(r"""(?:href|src)=["']?([^"'\s>]+)""", source):
            target = urljoin(path, unescape(raw))
            if not target.startswith("/") or target.startswith("//") or target in portal.pages or target in dead:
                continue
            portal.add(target, more)
            portal.plant("missing-meta", target, certain=False)
