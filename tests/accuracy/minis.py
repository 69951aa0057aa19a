# ruff: noqa: E501, S311 - markup reads best as it is; no secret hangs on these numbers
"""Small portals as a person writes them by hand to try the program: one home page, a few columns, plain HTML."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import frames
from portal import Column, Portal, fill, now

NAMES: dict[str, tuple[str, str, str]] = {
    "新闻动态": ("news", "news", "动态要闻"),
    "通知公告": ("notice", "notice", "通知公告"),
    "政策文件": ("policy", "policy", "政策文件"),
    "政策解读": ("explain", "explain", "政策解读"),
    "县情概况": ("static", "about", "概况信息"),
    "机构职能": ("static", "org", "机构职能"),
    "领导信息": ("static", "leaders", "领导信息"),
    "办事服务": ("static", "service", "办事服务"),
    "互动交流": ("static", "interact", "互动交流"),
}
"""Name → kind, folder, the section it is."""
NEEDED = (
    "概况信息",
    "机构职能",
    "领导信息",
    "动态要闻",
    "政策文件",
    "政策解读",
    "办事服务",
    "政府信息公开",
    "互动交流",
)
HOSTS = (
    ("www.yunling.gov.cn", "", ""),
    ("yunling.gov.cn", "", ""),
    ("www.yunling.com", "suffix", ""),
    ("www.yunling.gov.cn", "site-domain", "www.shiqiao.gov.cn"),
    ("www.yunling.gov.cn", "", "http://www.yunling.gov.cn/"),
    ("www.yunling.gov.cn", "", "yunling.gov.cn"),
    ("yunling.org.cn", "suffix", ""),
    ("www.yunling-gov.cn", "suffix", ""),
    ("zwgk.yunling.gov.cn", "", ""),
    ("www.yunling.gov.cn", "", "WWW.YUNLING.GOV.CN"),
)
_PICTURE = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + b"\x7f" * 900 + b"\xff\xd9"
SITE_META = ("SiteName", "SiteDomain", "SiteIDCode")
PAGES = ("li", "brackets", "chinese", "table", "p", "div", "before", "inside")


def minis(seed: int = 0, count: int = 170) -> Iterator[Portal]:
    for number in range(count):
        yield _mini(number + 1000 * seed)


def _row(style: str, path: str, title: str, day: date | None) -> str:
    link, told = f'<a href="{path}">{title}</a>', day.isoformat() if day else ""
    if day is None:
        return f"<li>{link}</li>\n"
    return {
        "li": f"<li>{link} {told}</li>\n",
        "brackets": f"<li>{link} <span>[{told}]</span></li>\n",
        "chinese": f"<li>{link}（{day.year}年{day.month}月{day.day}日）</li>\n",
        "table": f"<tr><td>{link}</td><td>{day:%Y/%m/%d}</td></tr>\n",
        "p": f"<p>{link} <small>{told}</small></p>\n",
        "div": f"<div>{link}<span class=date>{day:%Y.%m.%d}</span></div>\n",
        "before": f"<li><span>{told}</span> {link}</li>\n",
        "inside": f'<li><a href="{path}">{title} <time>{told}</time></a></li>\n',
    }[style]


def _rows(style: str, column: Column, most: int, *, dated: bool = True) -> str:
    if not column.items:
        return f"<p>{column.note}</p>" if column.note else ""
    rows = "".join(
        _row(style if dated else "li", i.path, i.title, i.day if dated else None) for i in column.items[:most]
    )
    if style == "table" and dated:
        return f"<table>{rows}</table>"
    return f"<ul>{rows}</ul>" if rows.startswith("<li") else rows


def _mini(seed: int) -> Portal:
    rng = random.Random(seed * 104_729 + 3)
    host, fault, stated = HOSTS[seed % len(HOSTS)]
    meta = seed % 3 == 0 or bool(stated)
    later = (0, 0, 0, 4, 10)[seed % 5]
    today = now().date() + timedelta(days=later)
    portal = Portal(
        f"mini {seed}", host, "云岭县人民政府", today, later=later, kind="portal" if seed % 4 else "department"
    )
    style = rng.choice(PAGES)
    names = [n for n in NAMES if rng.random() < (0.8 if seed % 2 else 0.55)]
    if not any(NAMES[n][0] != "static" for n in names):
        names.insert(0, "新闻动态")
    all_stale = rng.random() < 0.15
    build = _Pages(portal, rng, style, names, meta, stated)
    for name in names:
        kind, folder, _ = NAMES[name]
        column = Column(name, kind, f"/{folder}/" if seed % 2 else f"/{folder}.html")
        build.columns.append(column)
        if kind != "static":
            portal.columns.append(column)
            _state(column, portal, rng, all_stale=all_stale, suffix=f"/{folder}/" if seed % 3 else f"/{folder}_")
    build.write(("blocks", "blocks", "undated", "entrance")[rng.randrange(4)])
    for key in build.without:
        portal.plant("missing-mark", "/", frames.MARKS[key])
    _plant(portal, names, fault)
    return portal


def _state(column: Column, portal: Portal, rng: random.Random, *, all_stale: bool, suffix: str) -> None:
    draw = rng.random()
    address: Callable[[Column, int, date], str] = lambda c, n, d: f"{suffix}{n}.html"  # noqa: E731
    if not all_stale and draw < 0.12:
        column.note = rng.choice(("", "暂无信息", "暂无内容"))
        portal.plant("empty-column", column.path)
        return
    if not all_stale and draw < 0.14:  # what it has to tell is a picture
        column.note = '<img src="/images/plan.jpg" width="800">'
        portal.pages["/images/plan.jpg"], portal.types["/images/plan.jpg"] = _PICTURE, "image/jpeg"
        portal.plant("empty-column", column.path, certain=False)
        return
    if not all_stale and draw < 0.2:
        column.dates = "none"
        fill(column, 3, rng.randrange(3, 7), address, rng, portal.today)
        portal.plant("undated-column", column.path)
        portal.plant("stale-column", column.path)
        return
    if all_stale or draw < 0.33:
        newest = rng.randrange(16, 60) if column.kind == "news" else rng.randrange(190, 500)
        portal.plant("stale-column", column.path)
    else:
        newest = rng.randrange(portal.later, 13 if column.kind == "news" else 150)
    fill(column, newest, rng.randrange(1, 9), address, rng, portal.today)


class _Pages:
    def __init__(
        self, portal: Portal, rng: random.Random, style: str, names: list[str], meta: bool, stated: str
    ) -> None:
        self.portal, self.rng, self.style, self.names, self.meta, self.stated = portal, rng, style, names, meta, stated
        self.columns: list[Column] = []
        self.without = {key for key in frames.MARKS if rng.random() < 0.2}

    def write(self, home: str) -> None:
        portal = self.portal
        lists = [c for c in self.columns if c.kind != "static"]
        body = ""
        if home != "entrance":
            for column in lists:
                if column.items:
                    body += f"<h2>{column.name}</h2>" + _rows(self.style, column, 5, dated=home == "blocks")
        dead = ""
        if self.rng.random() < 0.4:
            portal.plant("broken-link", "/old/gone.html")
            dead = '<a href="/old/gone.html">专题</a>'
        self.page("/", "", {}, f"{body}{dead}")
        for column in self.columns:
            metas = dict.fromkeys(("ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType"), column.name)
            if column.kind == "static":
                text = "云岭县位于群山之间，辖八个乡镇，县人民政府设有办公室、教育体育局等工作部门。" * 4
                self.page(column.path, column.name, metas, f"<h2>{column.name}</h2><p>{text}</p>")
                continue
            self.page(column.path, column.name, metas, f"<h2>{column.name}</h2>{_rows(self.style, column, 99)}")
            for item in column.items:
                labels = {"ArticleTitle": item.title, "ContentSource": "县政府办"}
                if item.day:
                    labels["PubDate"] = f"{item.day} 10:00"
                elif self.meta:
                    portal.plant("missing-meta", item.path, certain=None)
                told = f"<p>发布时间：{item.day}</p>" if item.day else ""
                text = "各乡镇、各部门要提高认识，压实责任，确保各项措施落到实处。" * 3
                self.page(item.path, item.title, labels, f"<h1>{item.title}</h1>{told}<p>{text}</p>")
        shown = [c for c in lists if c.items]
        days = [c.newest for c in shown if c.newest is not None]
        undated = [c for c in shown if c.newest is None]
        if days and (portal.today - max(days)).days >= 14:
            # On the very day, or where an undated column may hide something new, it is for a person.
            past = (portal.today - max(days)).days > 14
            sure: bool | None = True if past and home == "blocks" and not undated else None
            portal.plant("stale-home", "/", certain=sure)
        if not self.meta:
            portal.plant("missing-meta", "/")
            for path in [p for p in portal.pages if p != "/"]:
                portal.plant("missing-meta", path, certain=False)

    def page(self, path: str, title: str, metas: dict[str, str], body: str) -> None:
        portal = self.portal
        nav = "".join(f'<li><a href="{c.path}">{c.name}</a></li>' for c in self.columns)
        site = {"SiteName": portal.title, "SiteDomain": self.stated or portal.host, "SiteIDCode": portal.code}
        if self.meta and path == "/" and portal.name.endswith("6"):
            del site["SiteIDCode"]
            portal.plant("missing-meta", path)
        tags = "".join(f'<meta name="{k}" content="{v}">' for k, v in {**site, **metas}.items()) if self.meta else ""
        foot = frames.foot("new", portal.code, self.without)
        foot = foot.replace('<img src="/images/red.png" alt="党政机关网站标识">', "党政机关网站标识").replace(
            '<img src="/images/jiucuo.png" alt="我为政府网站找错">', "我为政府网站找错"
        )
        portal.add(
            path,
            f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{title or portal.title}</title>{tags}</head><body>\n'
            f'<h1>{portal.title}</h1>\n<ul class="nav"><li><a href="/">首页</a></li>{nav}</ul>\n{body}\n<footer>{foot}</footer></body></html>',
        )
        for known in (
            "/sitemap.html",
            "/beian/",
            "/conac/",
            "/jiucuo.html?site_code=5399990001",
            "//beian.miit.gov.cn/",
        ):
            portal.pages.setdefault(known, f"<html><body><p>{'说明文字，供查阅。' * 30}</p></body></html>".encode())


def _plant(portal: Portal, names: list[str], fault: str) -> None:
    have = {NAMES[name][2] for name in names}
    for section in NEEDED:
        if section not in have:
            portal.plant("missing-section", "/", section)
    if fault:
        portal.plant("wrong-domain", "/")
