# ruff: noqa: E501 - markup reads best as it is
"""What stands around a list on every page: navigation, breadcrumb, side boxes, foot; and the blocks of a home page."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from html import escape

from markups import cut
from portal import Column, Portal

Entry = tuple[str, str]
"""Text and address."""

MARKS: Mapping[str, str] = {
    "conac": "党政机关网站标识",
    "jiucuo": "“我为政府网站找错”入口",
    "code": "网站标识码",
    "icp": "ICP备案编号",
    "police": "公安机关备案标识",
    "organ": "主办单位",
    "contact": "联系方式",
    "sitemap": "站点地图",
}
"""Key → the name that a report gives it."""


def nav_list(entries: Sequence[Entry], groups: Mapping[str, Sequence[Entry]]) -> str:
    rows = "".join(f'<li><a href="{url}">{text}</a></li>' for text, url in entries)
    return f'<div class="nav"><ul><li><a href="/">首页</a></li>{rows}</ul></div>'


def nav_table(entries: Sequence[Entry], groups: Mapping[str, Sequence[Entry]]) -> str:
    cells = "".join(f"<td align=center><A href='{url}'><b>{text}</b></A></td>" for text, url in entries)
    return f"<table width=1000 bgcolor=#cc0000><tr><td><A href='/'>首页</A></td>{cells}</tr></table>"


def nav_bars(entries: Sequence[Entry], groups: Mapping[str, Sequence[Entry]]) -> str:
    return (
        "<p class=menu>" + " | ".join(f'<a href="{url}">{text}</a>' for text, url in [("首页", "/"), *entries]) + "</p>"
    )


def nav_hidden(entries: Sequence[Entry], groups: Mapping[str, Sequence[Entry]]) -> str:
    """Three or four heads; everything else is in menus that open when pointed at."""
    rows = []
    for head, subs in groups.items():
        links = "".join(f'<a href="{url}">{text}</a>' for text, url in subs)
        rows.append(
            f'<li class="m"><h3><a href="javascript:;">{head}</a></h3><div class="sub" style="display:none">{links}</div></li>'
        )
    return f'<div id="nav"><ul><li><h3><a href="/">首页</a></h3></li>{"".join(rows)}</ul></div>'


def nav_mobile(entries: Sequence[Entry], groups: Mapping[str, Sequence[Entry]]) -> str:
    rows = "".join(f'<a class="tab-item" href="{url}"><span>{text}</span></a>' for text, url in entries)
    return f'<header><button>☰</button><nav class="menu-drawer">{rows}</nav></header>'


def nav_pictures(entries: Sequence[Entry], groups: Mapping[str, Sequence[Entry]]) -> str:
    rows = "".join(
        f'<li><a href="{url}"><img src="/images/n{n}.png" alt="{text}"></a></li>'
        for n, (text, url) in enumerate(entries)
    )
    return f'<ul id="menu">{rows}</ul>'


NAVS: dict[str, Callable[[Sequence[Entry], Mapping[str, Sequence[Entry]]], str]] = {
    "list": nav_list,
    "table": nav_table,
    "bars": nav_bars,
    "hidden": nav_hidden,
    "mobile": nav_mobile,
    "pictures": nav_pictures,
}


def foot(style: str, code: str, without: set[str]) -> str:
    """All marks but `without`, written in one of three ways."""
    text = {
        "organ": "主办单位：云岭县人民政府办公室",
        "contact": "联系电话：0599-1234567",
        "icp": '<a href="http://beian.miit.gov.cn/">云ICP备05001234号-1</a>',
        "police": '<a href="/beian/">云公网安备 53999902000001号</a>',
        "code": f"网站标识码：{code}",
        "sitemap": '<a href="/sitemap.html">网站地图</a>',
        "conac": '<a href="/conac/"><img src="/images/red.png" alt="党政机关网站标识"></a>',
        "jiucuo": f'<a href="/jiucuo.html?site_code={code}"><img src="/images/jiucuo.png" alt="我为政府网站找错"></a>',
    }
    if style == "old":
        text |= {
            "organ": "主办：云岭县人民政府",
            "contact": "地址：云岭县人民路1号 电话：0599-1234567 邮编：000000",
            "icp": "云ICP备05001234号",
            "code": f"政府网站标识码:{code}",
            "sitemap": '<A href="/sitemap.html">站点地图</A>',
        }
    elif style == "pictures":
        text |= {
            "icp": '<img src="/images/i.png" alt="云ICP备05001234号">',
            "police": '<img src="/images/g.png" title="云公网安备53999902000001号">',
            "contact": '<a href="mailto:zfb@yunling.gov.cn">联系我们</a>',
            "sitemap": '<a href="/sitemap.html" title="网站地图"><i class="icon"></i></a>',
        }
    kept = "<br>".join(value for key, value in text.items() if key not in without)
    return f'<div class="footer">{kept}<br>建议使用1024×768以上分辨率浏览</div>'


def today_banner(today: date) -> str:
    return f'<div class="top">今天是{today.year}年{today.month}月{today.day}日 星期五 <a href="javascript:;" onclick="fold()">繁体</a> <a href="#">无障碍浏览</a></div>'


def logo() -> str:
    return '<div class="logo"><a href="/" title="云岭县人民政府门户网站"><img src="/images/logo.png" alt="云岭县人民政府"></a></div>'


def side_menu(name: str, entries: Sequence[Entry]) -> str:
    rows = "".join(f'<li><a href="{url}">{text}</a></li>' for text, url in entries)
    return f'<div class="left"><h2>{name}</h2><ul>{rows}</ul></div>'


def side_box(heading: str, columns: Sequence[Column], today: date, *, dated: bool) -> str:
    """The same box on every page: what is new, or what is read most."""
    items = sorted(
        (i for c in columns for i in c.items if i.day is not None), key=lambda i: i.day or today, reverse=True
    )
    rows = "".join(
        f'<li><a href="{i.path}">{cut(i.title, 16)}</a>'
        + (f"<span>{i.day:%m-%d}</span>" if dated and i.day else "")
        + "</li>"
        for i in items[:6]
    )
    return f'<div class="box"><h3>{heading}</h3><ul>{rows}</ul></div>'


def side_widget(columns: Sequence[Column]) -> str:
    """WordPress: recent posts, archives by month."""
    items = [i for c in columns for i in c.items[:1]]
    rows = "".join(f'<li><a href="{i.path}">{i.title}</a></li>' for i in items[:5])
    months = "".join(f'<li><a href="/archives/date/2026/{m:02}">2026年{m}月</a></li>' for m in range(11, 6, -1))
    return f'<aside><section class="widget"><h2>近期文章</h2><ul>{rows}</ul></section><section><h2>归档</h2><ul>{months}</ul></section></aside>'


def block(column: Column, style: str, rows: str) -> str:
    """A column's own block on the home page, with a way to the whole of it."""
    if style == "tabs":
        return f'<div class="tab"><div class="tab-hd"><a href="{column.path}">{column.name}</a></div><div class="tab-bd">{rows}</div></div>'
    if style == "more":
        return f'<div class="bk"><div class="bt"><span>{column.name}</span><a class="more" href="{column.path}">更多&gt;&gt;</a></div>{rows}</div>'
    return f'<div class="box"><h2><a href="{column.path}">{column.name}</a></h2>{rows}<p class="more"><a href="{column.path}">MORE+</a></p></div>'


def slides(columns: Sequence[Column]) -> str:
    items = [i for c in columns for i in c.items[:2] if c.kind == "news"][:4]
    rows = "".join(
        f'<li><a href="{i.path}"><img src="/images/p{i.number % 3}.jpg" alt="{escape(i.title)}"></a><p><a href="{i.path}">{cut(i.title)}</a></p></li>'
        for i in items
    )
    return f'<div class="swiper"><ul>{rows}</ul></div>'


def friends(addresses: Sequence[Entry]) -> str:
    rows = "".join(f'<a href="{url}" target="_blank">{text}</a> ' for text, url in addresses)
    options = '<select onchange="window.open(this.value)"><option>县直部门网站</option></select>'
    return f'<div class="links"><b>友情链接：</b>{rows}{options}</div>'


def document(title: str, metas: Mapping[str, str], body: str, charset: str, *, old: bool, shell: bool = False) -> str:
    tags = "\n".join(f'<meta name="{name}" content="{escape(value)}">' for name, value in metas.items())
    head = f"<title>{title}</title>\n{tags}\n<link rel='stylesheet' href='/css/style.css'><script src='/js/jquery.min.js'></script>"
    if shell:
        head = f"<title>{title}</title>{tags}<script>document.documentElement.className='js'</script>"
        return f'<!DOCTYPE html><html><head><meta charset="{charset}">{head}</head><body><noscript>请启用 JavaScript</noscript><div id="app"></div><script src="/js/app.4f2a.js"></script></body></html>'
    if old:
        return f'<HTML><HEAD><META http-equiv="Content-Type" content="text/html; charset={charset}">{head}</HEAD>\n<BODY>{body}</BODY></HTML>'
    return f'<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="{charset}">{head}</head>\n<body>\n{body}\n</body></html>'


def article(item_title: str, day: date | None, rng: random.Random, *, dated: bool) -> str:
    where = f"{rng.choice(('县政府办', '县融媒体中心'))}"
    facts = f"<span>来源：{where}</span><span>浏览次数：<em id='hits'>{rng.randrange(20, 900)}</em></span>"
    if dated and day is not None:
        facts = f"<span>发布时间：{day} 09:3{day.day % 10}</span>" + facts
    past = (day or date(2021, 3, 4)) - timedelta(days=380)
    text = "为深入贯彻落实上级决策部署，各乡镇、各部门要提高认识，压实责任，确保各项措施落到实处。" * 4
    return (
        f'<div class="article"><h1>{item_title}</h1><div class="info">{facts}</div><div class="content" id="zoom"><p>{text}</p>'
        f"<p>根据{past.year}年{past.month}月{past.day}日会议精神，现就有关事项通知如下。</p></div></div>"
    )


def crumbs(column: Column) -> str:
    return f'<div class="position">当前位置：<a href="/">首页</a> &gt; <a href="{column.path}">{column.name}</a></div>'


def labels(portal: Portal) -> dict[str, str]:
    return {"SiteName": portal.title, "SiteDomain": portal.host, "SiteIDCode": portal.code}
