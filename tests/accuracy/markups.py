# ruff: noqa: E501 - markup reads best as it is
"""How lists of information are marked up on real portals: one function a style, all of them of (items, today) → HTML.

Each is written after what a content management system or a county's own designer turns out, dates and all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from html import escape

from portal import Column, Item

Markup = Callable[[Sequence[Item], date], str]
MARKUPS: dict[str, Markup] = {}
DATELESS: dict[str, Markup] = {}
"""Styles that show no date at all."""


def markup(function: Markup) -> Markup:
    MARKUPS[function.__name__] = function
    return function


def dateless(function: Markup) -> Markup:
    DATELESS[function.__name__] = function
    return function


def cut(title: str, most: int = 18) -> str:
    return title if len(title) <= most else title[: most - 1] + "…"


def iso(day: date | None) -> str:
    return day.isoformat() if day else ""


@markup
def plain_li(items, today):
    rows = "".join(f'<li><a href="{i.path}">{i.title}</a> {iso(i.day)}</li>\n' for i in items)
    return f"<ul>\n{rows}</ul>"


@markup
def trs(items, today):
    rows = "".join(
        f'<li><span class="fr">{iso(i.day)}</span><a href="{i.path}" target="_blank" title="{escape(i.title)}">'
        f"{cut(i.title, 30)}</a></li>\n"
        for i in items
    )
    return (
        f'<div class="gl_list"><ul class="list_ul">{rows}</ul></div>'
        '<div class="page"><script>createPageHTML(12, 0, "index", "html");</script></div>'
    )


@markup
def jcms_datastore(items, today):
    records = "".join(
        f'<record><![CDATA[<li><a href="{i.path}" title="{escape(i.title)}">{i.title}</a>'
        f"<span>[{iso(i.day)}]</span></li>]]></record>"
        for i in items
    )
    return (
        '<div id="12345"><script type="text/xml"><datastore>\n<nextgroup><![CDATA[<a href="/module/web/jpage/dataproxy.jsp?'
        'page=1&amp;webid=1"></a>]]></nextgroup>\n<recordset>'
        f"{records}</recordset></datastore></script></div>"
    )


@markup
def jcms_containers(items, today):
    rows = "".join(f'<li><a href="{i.path}" target="_blank">{i.title}</a><b>{iso(i.day)}</b></li>' for i in items)
    return f'<div class="default_pgContainer"><ul>{rows}</ul></div><div class="default_pgPanel">共 45 条 每页 15 条 1/3 页</div>'


@markup
def kaipu_i_before(items, today):
    rows = "".join(f'<li><i>{iso(i.day)}</i><a href="{i.path}">{i.title}</a></li>' for i in items)
    return f'<ul class="newsList">{rows}</ul><div class="pagination"><a href="index_2.html">下一页</a><a href="index_9.html">尾页</a></div>'


@markup
def em_month_day(items, today):
    """A short title, its full length in the title attribute, and no year."""
    rows = "".join(
        f'<li><a href="{i.path}" title="{escape(i.title)}">{cut(i.title, 14)}</a><em>[{i.day:%m-%d}]</em></li>'
        for i in items
    )
    return f'<ul class="txtlist">{rows}</ul>'


@markup
def table_td(items, today):
    rows = "".join(
        f'<tr><td width="10"><img src="/images/dot.gif"></td><td><a href="{i.path}" class="a1">{i.title}</a></td>'
        f'<td width="90" align="right" class="time">{iso(i.day)}</td></tr>\n'
        for i in items
    )
    return f'<table width="98%" border="0" cellspacing="0">{rows}</table><p align="center">共45条 第1/3页 首页 上一页 <a href="?page=2">下一页</a></p>'


@markup
def gridview(items, today):
    """ASP.NET: a head row, a running number, a check box, and a pager that is script."""
    rows = "".join(
        f'<tr class="{"alt" if i.number % 2 else "row"}"><td><input type="checkbox" name="id"></td><td>{i.number}</td>'
        f'<td><a id="GridView1_ctl{i.number:02}_HyperLink1" href="{i.path}">{i.title}</a></td><td>办公室</td><td>{120 + i.number}</td>'
        f"<td>{i.day:%Y/%m/%d}</td></tr>"
        for i in items
    )
    pager = "".join(
        f"<td><a href=\"javascript:__doPostBack('GridView1','Page${n}')\">{n}</a></td>" for n in range(2, 6)
    )
    return (
        '<table id="GridView1" cellspacing="0" rules="all" border="1"><tr><th>选择</th><th>序号</th><th>标题</th><th>来源</th>'
        f"<th>点击数</th><th>发布时间</th></tr>{rows}<tr class='pager'><td colspan='6'><table><tr><td><span>1</span></td>{pager}"
        "</tr></table></td></tr></table>"
    )


@markup
def old_table(items, today):
    """Upper case, nested tables, a date in brackets inside a FONT."""
    rows = "".join(
        f"<TR><TD height=24 background=/images/line.gif><FONT color=#CC0000>·</FONT><A href={i.path} target=_blank>{i.title}</A>"
        f"&nbsp;<FONT color=gray>({i.day.year}-{i.day.month}-{i.day.day})</FONT></TD></TR>\n"
        for i in items
    )
    return f"<TABLE width=95% align=center><TR><TD><TABLE cellPadding=0 width=100%>{rows}</TABLE></TD></TR></TABLE>"


@markup
def wordpress(items, today):
    return "".join(
        f'<article id="post-{i.number}" class="post type-post hentry"><header class="entry-header"><h2 class="entry-title">'
        f'<a href="{i.path}" rel="bookmark">{i.title}</a></h2><div class="entry-meta"><span class="posted-on">发表于 '
        f'<time class="entry-date published" datetime="{iso(i.day)}T09:30:00+08:00">{i.day.year}年{i.day.month}月{i.day.day}日</time></span>'
        f'<span class="byline"> 由 <a href="/author/admin">县政府办</a></span></div></header><div class="entry-summary"><p>为进一步做好有关工作，'
        f'现将具体事项公布如下。</p><a class="more-link" href="{i.path}">阅读全文</a></div></article>\n'
        for i in items
    )


@markup
def cards(items, today):
    """Mobile first: the whole card is the link."""
    rows = "".join(
        f'<a class="card" href="{i.path}"><div class="card__title">{i.title}</div><div class="card__foot"><span>来源：县融媒体中心</span>'
        f"<span>{i.day:%Y.%m.%d}</span></div></a>"
        for i in items
    )
    return f'<div class="cards">{rows}</div><div class="load-more">加载更多</div>'


@markup
def dl_split(items, today):
    rows = "".join(
        f'<dl><dt><b>{i.day:%d}</b><span>{i.day:%Y-%m}</span></dt><dd><h4><a href="{i.path}">{i.title}</a></h4>'
        f'<p>近日，有关部门组织召开专题会议，对下一步工作作出安排。<a href="{i.path}">[详细]</a></p></dd></dl>'
        for i in items
    )
    return f'<div class="pic-list">{rows}</div>'


@markup
def date_block(items, today):
    rows = "".join(
        f'<li><a href="{i.path}"><span class="date"><b>{i.day:%d}</b>{i.day:%Y.%m}</span><span class="tit">{i.title}</span></a></li>'
        for i in items
    )
    return f'<ul class="date-list">{rows}</ul>'


@markup
def thumbs(items, today):
    rows = "".join(
        f'<li><a class="pic" href="{i.path}"><img src="/images/p{i.number % 3}.jpg" alt=""></a><div class="txt"><h3><a href="{i.path}">'
        f"{i.title}</a></h3><p>本次活动由县有关部门主办，各乡镇积极参与……</p><span>发布日期：{iso(i.day)}&nbsp;&nbsp;浏览次数：{15 * i.number}</span></div></li>"
        for i in items
    )
    return f'<ul class="pic-text">{rows}</ul>'


@markup
def under_title(items, today):
    """A line of facts under each title."""
    return "".join(
        f'<div class="item"><a href="{i.path}" class="tt">{i.title}</a><br>发布日期:{iso(i.day)} 浏览次数:{i.number + 11} 来源:办公室</div>'
        for i in items
    )


@markup
def paragraphs(items, today):
    return "".join(
        f'<p><span style="color:#999">·</span><a href="{i.path}">{i.title}</a>（{i.day.year}年{i.day.month}月{i.day.day}日）</p>\n'
        for i in items
    )


@markup
def by_year(items, today):
    """Nested lists: the year stands in the heading only."""
    years: dict[int, list[Item]] = {}
    for item in items:
        years.setdefault(item.day.year, []).append(item)
    blocks = "".join(
        f'<li class="year"><h4>{year}年</h4><ul>'
        + "".join(f'<li><span>{i.day.month}月{i.day.day}日</span> <a href="{i.path}">{i.title}</a></li>' for i in group)
        + "</ul></li>"
        for year, group in years.items()
    )
    return f'<ul class="timeline">{blocks}</ul>'


@markup
def title_attribute(items, today):
    """The old 动易: everything is in the title attribute."""
    rows = "".join(
        f'<tr><td>[<a href="/Class.asp?id=3">本站</a>] <a class="listA" href="{i.path}" title="文章标题：{escape(i.title)}&#13;&#10;'
        f'作    者：佚名&#13;&#10;更新时间：{iso(i.day)} 9:12:33&#13;&#10;点 击 数：{i.number + 40}">{cut(i.title, 20)}</a></td></tr>'
        for i in items
    )
    return f"<table>{rows}</table>"


@markup
def two_columns(items, today):
    cells = [f'<td><a href="{i.path}">{i.title}</a></td><td>{i.day:%Y-%m-%d}</td>' for i in items]
    rows = "".join(f"<tr>{''.join(cells[n : n + 2])}</tr>" for n in range(0, len(cells), 2))
    return f"<table class='two'>{rows}</table>"


@markup
def documents(items, today):
    """信息公开目录: the day it was made beside the day it was published."""
    rows = "".join(
        f'<tr><td>{i.number}</td><td>5399990001/2026-{i.number:05}</td><td><a href="{i.path}" title="{escape(i.title)}">{cut(i.title, 24)}</a></td>'
        f"<td>云政发〔{i.day.year}〕{i.number}号</td><td>{i.day - timedelta(days=9)}</td><td>{i.day}</td></tr>"
        for i in items
    )
    return (
        '<table class="xxgk_table"><thead><tr><th>序号</th><th>索引号</th><th>名称</th><th>文号</th><th>成文日期</th><th>发布日期</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


@markup
def popup(items, today):
    """A tip over each title, as 信息公开 lists have it."""
    rows = "".join(
        f'<li><a href="{i.path}">{i.title}</a><span class="date">{iso(i.day)}</span><div class="tip" style="display:none"><p>名称：{i.title}</p>'
        f"<p>索引号：539999/2021-{i.number:05}</p><p>发文日期：{i.day - timedelta(days=5)}</p><p>发布日期：{iso(i.day)}</p></div></li>"
        for i in items
    )
    return f'<ul class="zfxxgk_list">{rows}</ul>'


@markup
def onclick(items, today):
    rows = "".join(
        f'<li><a href="javascript:void(0)" onclick="window.open(\'{i.path}\')">{i.title}</a><span>{iso(i.day)} 10:2{i.number % 10}</span></li>'
        for i in items
    )
    return f'<ul class="layui-list">{rows}</ul>'


@markup
def relative(items, today):
    """今天, 昨天, 3天前, and the date itself when it is longer ago."""

    def told(day: date) -> str:
        age = (today - day).days
        return {0: "2小时前", 1: "昨天", 2: "2天前", 3: "3天前"}.get(age, f"{day:%Y-%m-%d}")

    rows = "".join(
        f'<div class="feed"><h3><a href="{i.path}">{i.title}</a></h3><div class="meta">县融媒体中心 · {told(i.day)}</div></div>'
        for i in items
    )
    return f'<section class="feeds">{rows}</section>'


@markup
def with_category(items, today):
    """Two links in a row: the column in brackets, then the title."""
    rows = "".join(
        f'<li><span class="cls"><a href="/zwgk/">[政务公开]</a></span><a href="{i.path}">{i.title}</a><span class="rt">{i.day:%Y年%m月%d日}</span></li>'
        for i in items
    )
    return f"<ul>{rows}</ul>"


@markup
def inside_link(items, today):
    rows = "".join(
        f'<li><a href="{i.path}"><p class="t">{i.title}</p><p class="d">{i.day:%Y/%m/%d} 09:1{i.number % 10}:22</p></a></li>'
        for i in items
    )
    return f'<ul class="mui-table-view">{rows}</ul>'


@markup
def new_icon(items, today):
    rows = "".join(
        f'<li>[{i.day:%Y-%m-%d}]&nbsp;<a href="{i.path}">{i.title}</a>'
        + ('<img src="/images/new.gif" alt="new">' if i.number < 3 else "")
        + "</li>"
        for i in items
    )
    return f'<ul class="list14">{rows}</ul>'


@markup
def parallel(items, today):
    """Titles in one box, their dates in another: a person reads across."""
    titles = "".join(f'<li><a href="{i.path}">{i.title}</a></li>' for i in items)
    days = "".join(f"<li>{iso(i.day)}</li>" for i in items)
    return f'<div class="row"><div class="l"><ul>{titles}</ul></div><div class="r"><ul>{days}</ul></div></div>'


@markup
def divs(items, today):
    """No list element at all, and a class name for everything."""
    rows = "".join(
        f'<div class="list-item"><div class="list-item-title"><a href="{i.path}">{i.title}</a></div><div class="list-item-date">{iso(i.day)}</div>'
        '<div class="clear"></div></div>'
        for i in items
    )
    return f'<div class="list-box">{rows}</div>'


@markup
def dt_dd(items, today):
    rows = "".join(f'<dt><a href="{i.path}">{i.title}</a></dt><dd>{iso(i.day)}</dd>' for i in items)
    return f"<dl>{rows}</dl>"


@markup
def half_dates(items, today):
    """Years of two digits."""
    rows = "".join(f'<li><a href="{i.path}">{i.title}</a> <small>{i.day:%y-%m-%d}</small></li>' for i in items)
    return f"<ul>{rows}</ul>"


@markup
def message_table(items, today):
    """编号, 标题, 提交时间, 答复时间, 状态: the last thing that happened is the answer."""
    rows = "".join(
        f'<tr><td>{i.day:%Y%m}{i.number:04}</td><td><a href="{i.path}">{i.title}</a></td><td>{i.day - timedelta(days=4)}</td><td>{i.day}</td>'
        "<td>已办结</td></tr>"
        for i in items
    )
    return f'<table class="xjlb"><tr><th>编号</th><th>标题</th><th>提交时间</th><th>答复时间</th><th>状态</th></tr>{rows}</table>'


@markup
def survey_range(items, today):
    """征集: from, to, and whether it is over. `day` is the day it began."""

    def state(day: date) -> str:
        return "进行中" if day + timedelta(days=30) >= today else "已结束"

    rows = "".join(
        f'<li><a href="{i.path}">{i.title}</a><p>征集时间：{i.day} 至 {i.day + timedelta(days=30)}</p><em>{state(i.day)}</em></li>'
        for i in items
    )
    return f'<ul class="zj">{rows}</ul>'


@dateless
def bare_li(items, today):
    return (
        "<ul class='list'>"
        + "".join(f'<li><a href="{i.path}" target="_blank">{i.title}</a></li>' for i in items)
        + "</ul>"
    )


@dateless
def bare_table(items, today):
    rows = "".join(f'<tr><td>{i.number}.</td><td><a href="{i.path}">{i.title}</a></td></tr>' for i in items)
    return f"<table>{rows}</table>"


@dateless
def bare_pictures(items, today):
    rows = "".join(
        f'<div class="pic"><a href="{i.path}"><img src="/images/p{i.number % 3}.jpg" alt="{escape(i.title)}"></a><a href="{i.path}">{cut(i.title)}</a></div>'
        for i in items
    )
    return f"<div class='pics'>{rows}</div>"


FOR_KIND = {"message": "message_table", "survey": "survey_range"}


def render(column: Column, own: str, today: date) -> str:
    """A column's list in its own style, its kind's, or the portal's."""
    if not column.items:
        return column.note
    name = column.markup or own
    return (MARKUPS.get(name) or DATELESS[name])(column.items, today)
