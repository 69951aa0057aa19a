"""What a person sees as a column's list is what `listing` gives, whatever the markup; and nothing else is."""

# ruff: noqa: E501 - pages stand as they are read

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler import html
from crawler.columns import BLOCK, NAVIGATION, SUB, Candidate, candidates, confirm, date_items, listing, subcandidates
from crawler.dates import Published, published
from crawler.site import ColumnKind
from crawler.snapshot import DateSource, Item

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
HOST = "http://www.yunling.gov.cn"
URL = f"{HOST}/zwgk/tzgg/index.html"

PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>通知公告 - 云岭县人民政府</title>
<meta name="ColumnName" content="通知公告"><script src="/js/jquery.min.js"></script><script src="/js/common.js"></script>
</head><body>
<div class="top">今天是2026年11月24日 星期二 <a href="/login.html">登录</a> <a href="/wap/">手机版</a></div>
<div class="nav"><ul><li><a href="/">首页</a></li><li><a href="/zwgk/">政务公开</a></li><li><a href="/zwdt/">政务动态</a></li>
<li><a href="/hdjl/">互动交流</a></li><li><a href="/bsfw/">办事服务</a></li></ul></div>
<div class="position">当前位置：<a href="/">首页</a> &gt; <a href="/zwgk/">政务公开</a> &gt; <a href="/zwgk/tzgg/">通知公告</a></div>
<div class="wrap"><div class="left"><h3>政务公开</h3><ul class="lm"><li class="on"><a href="/zwgk/tzgg/index.html">通知公告</a></li>
<li><a href="/zwgk/zcwj/">政策文件</a></li><li><a href="/zwgk/rsxx/">人事信息</a></li></ul></div>
<div class="right"><h2>通知公告</h2>
%s
</div></div>
<div class="footer"><p>主办单位：云岭县人民政府办公室 网站标识码：5399990001 <a href="https://beian.miit.gov.cn/">云ICP备00000001号</a></p>
<p>地址：云岭县云溪路1号 电话：0000-1234567 最后更新：2026-11-23</p></div></body></html>"""

TITLES = ("关于开展冬季消防安全检查的通知", "云岭县2026年义务教育招生公告", "云岭县自来水厂停水公告")
DAYS = ("2026-11-03", "2026-10-21", "2026-09-08")


def look(body: str, url: str = URL, page: str = PAGE):
    return listing(html.parse(page.replace("%s", body)), url, fetched_at=AT, as_of=AT)


def rows(template: str, *, sep: str = "\n") -> str:
    return sep.join(
        template.format(
            url=f"./202609/art{n}_10{n}.html",
            title=title,
            day=day,
            y=day[:4],
            m=day[5:7],
            d=day[8:],
            zh=f"{day[:4]}年{int(day[5:7])}月{int(day[8:])}日",
            n=n,
        )
        for n, (title, day) in enumerate(zip(TITLES, DAYS, strict=True), 1)
    )


STYLES = {
    "ul, span after": f"<ul>{rows('<li><a href={url}>{title}</a><span>{day}</span></li>')}</ul>",
    "ul, span before": f"<ul>{rows('<li><span>{day}</span><a href={url}>{title}</a></li>')}</ul>",
    "ul, span inside link": f"<ul>{rows('<li><a href={url}><span>{day}</span>{title}</a></li>')}</ul>",
    "title and date in link": f"<div>{rows('<a href={url}><em>{title}</em><i>{day}</i></a>')}</div>",
    "bracket in link text": f"<ul>{rows('<li><a href={url}>{title} [{day}]</a></li>')}</ul>",
    "bracket text after": f"<ul>{rows('<li>·<a href={url}>{title}</a> [{day}]</li>')}</ul>",
    "parenthesis, p": f"<div>{rows('<p>·<a href={url}>{title}</a>({day})</p>')}</div>",
    "year-less": f"<ul>{rows('<li><a href={url}>{title}</a><em>[{m}-{d}]</em></li>')}</ul>",
    "Chinese date": f"<ul>{rows('<li><a href={url}>{title}</a><b>{zh}</b></li>')}</ul>",
    "br separated": rows("<a href={url}>{title}</a>&nbsp;{day}<br>"),
    "br separated, date first": "<div>" + rows("<font>{day}</font> <a href={url}>{title}</a><br>") + "</div>",
    "table": "<table>" + rows("<tr><td>{n}</td><td><a href={url}>{title}</a></td><td>{day}</td></tr>") + "</table>",
    "table with head": "<table><tr><th>索引号</th><th>名称</th><th>文号</th><th>生成日期</th><th>发布日期</th></tr>"
    + rows(
        "<tr><td>YL00{n}/2026-0001{n}</td><td><a href={url}>{title}</a></td><td>云政发〔2026〕{n}号</td>"
        "<td>2026-01-0{n}</td><td>{day}</td></tr>"
    )
    + "</table>",
    "head in td, publication before": "<table><tr><td>标题</td><td>发布日期</td><td>施行日期</td></tr>"
    + rows("<tr><td><a href={url}>{title}</a></td><td>{day}</td><td>2026-12-0{n}</td></tr>")
    + "</table>",
    "nested tables": "<table width=100%><tr><td>"
    + rows(
        "<table><tr><td width=10><img src=dot.gif></td><td><table><tr><td><a href={url}>{title}</a></td></tr></table>"
        "</td><td>{day}</td></tr></table>"
    )
    + "</td></tr></table>",
    "row a table in a row": "<table>"
    + rows("<tr><td><table><tr><td><a href={url}>{title}</a></td><td>[{day}]</td></tr></table></td></tr>")
    + "</table>",
    "dl per row, split date": rows(
        "<dl><dt><b>{d}</b><span>{y}-{m}</span></dt><dd><a href={url}>{title}</a><p>简介文字。</p></dd></dl>"
    ),
    "one dl, dt date then dd link": "<dl>" + rows("<dt>{day}</dt><dd><a href={url}>{title}</a></dd>") + "</dl>",
    "one dl, dt link then dd date": "<dl>" + rows("<dt><a href={url}>{title}</a></dt><dd>{day}</dd>") + "</dl>",
    "month-day above year": "<ul>"
    + rows("<li><div><b>{m}-{d}</b><i>{y}</i></div><a href={url}>{title}</a></li>")
    + "</ul>",
    "day over year.month": "<ul>"
    + rows("<li><a href={url}><div><b>{d}</b><i>{y}.{m}</i></div><h4>{title}</h4></a></li>")
    + "</ul>",
    "cards": rows(
        "<div class=card><a href={url}><img src=a{n}.jpg alt={title}></a><h3><a href={url}>{title}</a></h3>"
        "<p>2026年8月1日，县委常委会召开会议，研究部署下一步工作。</p><span>{day}</span></div>"
    ),
    "card, all in link": rows(
        "<div class=item><a href={url}><img src=a{n}.jpg><h3>{title}</h3><p>9月1日至9日，全县开展了为期九天的安全生产大检查，"
        "共出动检查人员三百余人次，整改隐患五十余处，取得了明显成效。</p><span>{day}</span></a></div>"
    ),
    "time element": rows(
        "<article><h3><a href={url}>{title}</a></h3><time datetime={day}T08:00:00+08:00>{m}/{d}</time></article>"
    ),
    "image and title": "<ul>"
    + rows(
        "<li><a href={url}><img src=p{n}.jpg></a><a href={url}>{title}</a><a href={url}>[详细]</a><span>{day}</span></li>"
    )
    + "</ul>",
    "department tag": "<ul>"
    + rows("<li>[<a href=/bm/{n}/>教育局</a>] <a href={url}>{title}</a><span>{day}</span></li>")
    + "</ul>",
    "source and views": "<ul>"
    + rows(
        "<li><a href={url}>{title}</a><p>来源：云岭县融媒体中心 发布时间：{day} 浏览次数：{n}</p></li>"
    )
    + "</ul>",
    "groups of five": "<ul class=l><li><a href=./1_1.html>第一条公告的标题</a><span>2026-11-20</span></li></ul><ul class=l>"
    + rows("<li><a href={url}>{title}</a><span>{day}</span></li>")
    + "</ul>",
    "two rows a table row": "<table><tr>"
    + rows("<td><a href={url}>{title}</a></td><td>{day}</td>", sep="")
    + "</tr></table>",
    "date grid of .NET": "<table id=GridView1><tr><th>标题</th><th>时间</th></tr>"
    + rows("<tr><td><a href={url}>{title}</a></td><td>{day} 0:00:00</td></tr>")
    + "<tr><td colspan=2><table><tr><td>1</td><td><a href=\"javascript:__doPostBack('x','Page$2')\">2</a></td></tr></table></table>",
    "short attachment beside": "<ul>"
    + rows("<li><a href={url}>{title}</a><a href=f{n}.pdf>附件下载</a><span>{day}</span></li>")
    + "</ul>",
    "line items between": "<ul>"
    + rows("<li><a href={url}>{title}</a><span>{day}</span></li>", sep="<li class=line></li>")
    + "</ul>",
    "click by script": "<ul>"
    + rows("""<li onclick="window.open('{url}')"><a href="javascript:void(0)" onclick="window.open('{url}')">{title}</a>"""
           "<span>{day}</span></li>")
    + "</ul>",
    "class names of layout": "<div class='margin-top-15 bg-bottom'><ul class='link-list-top'>"
    + rows("<li class='head-line'><a href={url}>{title}</a><span>{day}</span></li>")
    + "</ul></div>",
    "form around everything": "<form id=form1 action=./ method=post><ul>"
    + rows("<li><a href={url}>{title}</a><span>{day}</span></li>")
    + "</ul></form>",
    "unclosed li": "<ul>" + rows("<li><a href={url}>{title}</a><span>{day}</span>") + "</ul>",
    "records of a datastore": "<div id=c1><script type='text/xml'><datastore><totalrecord>3</totalrecord><recordset>"
    + rows("<record><![CDATA[<li><a href='{url}'>{title}</a><span>{day}</span></li>]]></record>")
    + "</recordset></datastore></script></div><script src=/script/jpage.js></script>",
    "table rows of a datastore": "<div id=c1><script type='text/xml'><datastore><recordset>"
    + rows("<record><![CDATA[<tr><td><a href='{url}'>{title}</a></td><td>{day}</td></tr>]]></record>")
    + "</recordset></datastore></script></div>",
}  # fmt: skip


@pytest.mark.parametrize("style", STYLES)
def test_markup_styles(style):
    found = look(STYLES[style])
    items = [i for i in found.items if i.title != "第一条公告的标题"]
    assert [i.title for i in items] == list(TITLES)
    assert [i.date for i in items] == [date.fromisoformat(day) for day in DAYS]
    assert all(i.source is DateSource.SHOWN and i.shown for i in items)
    assert [i.url for i in items] == [f"{HOST}/zwgk/tzgg/202609/art{n}_10{n}.html" for n in (1, 2, 3)]
    assert found.unobservable is None
    assert found.dated == len(found.items)


def test_list_without_dates_is_told_from_menus():
    found = look(f"<ul>{rows('<li><a href={url}>{title}</a></li>')}</ul>")
    assert [i.title for i in found.items] == list(TITLES)
    assert [(i.date, i.shown, i.source) for i in found.items] == [(None, "", None)] * 3
    assert (found.dated, found.unobservable) == (0, None)


def test_a_menu_right_above_a_list_is_no_part_of_it():
    menu = "".join(f"<li><a href=/c{n}/>{name}</a></li>" for n, name in enumerate(("机构职能", "领导信息", "部门动态")))
    found = look(f"<ul>{menu}</ul><ul>{rows('<li><a href={url}>{title}</a><span>{day}</span></li>')}</ul>")
    assert [i.title for i in found.items] == list(TITLES)


def test_date_in_the_title_is_not_the_shown_date():
    found = look(
        "<ul><li><a href=1_100.html>关于2026年11月20日停水的通知</a></li>"
        "<li><a href=1_101.html>2026-11-19全县空气质量日报</a></li>"
        "<li><a href=1_102.html>云岭县2026年11月18日农贸市场价格监测 2026-11-18</a></li></ul>"
    )
    assert [(i.date, i.shown) for i in found.items] == [(None, "")] * 3


def test_document_date_counts_last():
    found = look(
        "<table><tr><th>标题</th><th>文号</th><th>成文日期</th></tr>"
        "<tr><td><a href=./202611/t20261110_2.html>云岭县人民政府关于印发规划的通知</a></td><td>云政发〔2026〕2号</td><td>2026-04-01</td></tr>"
        "<tr><td><a href=./b/1003.html>云岭县人民政府关于防汛工作的通知</a></td><td>云政发〔2026〕3号</td><td>2026-03-01</td></tr>"
        "<tr><td><a href=./b/1004.html>云岭县人民政府关于春耕工作的通知</a></td><td>云政发〔2026〕4号</td><td>2026-02-01</td></tr></table>"
    )
    assert [i.date for i in found.items] == [None] * 3
    assert [i.shown for i in found.items] == ["2026-04-01", "2026-03-01", "2026-02-01"]
    meta = {found.items[1].url: Published(date(2026, 3, 9), DateSource.META, "2026-03-09")}
    dated = date_items(found.items, meta.get)
    assert [(i.date, i.source) for i in dated] == [
        (date(2026, 11, 10), DateSource.ADDRESS),
        (date(2026, 3, 9), DateSource.META),
        (date(2026, 2, 1), DateSource.SHOWN),
    ]


def test_shown_date_beats_meta_beats_address():
    shown = Item(f"{HOST}/a/202601/t20260101_1.html", "题", "2026-11-03", date(2026, 11, 3), DateSource.SHOWN)
    bare = Item(f"{HOST}/a/202601/t20260102_2.html", "题")
    nothing = Item(f"{HOST}/a/b.html", "题")
    article = Published(date(2026, 5, 5), DateSource.META, "2026-05-05")
    assert date_items([shown], lambda _: article) == (shown,)
    assert date_items([bare], lambda _: article)[0].date == date(2026, 5, 5)
    assert date_items([bare], lambda _: Published())[0].source is DateSource.ADDRESS
    assert date_items([nothing], lambda _: None) == (nothing,)


def test_year_less_dates_take_their_year_from_the_address():
    found = look(
        "<ul><li><a href=./202503/t20250315_1.html>云岭县公开招聘教师公告</a><i>03-15</i></li>"
        "<li><a href=./202411/t20241120_2.html>云岭县征兵工作公告全文</a><i>11-20</i></li>"
        "<li><a href=./202401/9.html>云岭县春节放假安排公告</a><i>01-28</i></li></ul>"
    )
    assert [i.date for i in found.items] == [date(2025, 3, 15), date(2024, 11, 20), date(2024, 1, 28)]


def test_side_lists_give_no_items():
    side = (
        "<div class=box><h3>热点信息</h3><ul>"
        + rows("<li><a href=/rd/{n}00.html>热点{title}</a><span>2026-11-2{n}</span></li>")
        + "</ul></div><div class='hot'><ul>"
        + rows("<li><a href=/hot/{n}00.html>热门{title}</a><span>2026-11-2{n}</span></li>")
        + "</ul></div>"
    )
    found = look(STYLES["ul, span after"] + side)
    assert [i.title for i in found.items] == list(TITLES)
    assert look(side).items == ()


def test_column_named_like_a_sidebar_keeps_its_list():
    page = PAGE.replace("通知公告", "区县热点")
    assert len(look("<h3>区县热点</h3>" + STYLES["ul, span after"], page=page).items) == 3


def test_with_a_pager_only_the_list_before_it():
    box = "<div class=box><ul>" + rows("<li><a href=/x/{n}00.html>别栏{title}</a>{day}</li>") + "</ul></div>"
    pager = '<div class=p><a href="index.html">首页</a><a href="index_1.html">下一页</a><a href="index_9.html">尾页</a></div>'
    found = look(f"<ol>{rows('<li><a href={url}>{title}</a><span>{day}</span></li>')}</ol>{pager}{box}")
    assert [i.title for i in found.items] == list(TITLES)
    assert found.next_page == f"{HOST}/zwgk/tzgg/index_1.html"


def test_counts_above_the_list_are_no_pager():
    box = "<div class=box><ul>" + rows("<li><a href=/x/{n}00.html>别栏{title}</a>{day}</li>") + "</ul></div>"
    found = look(
        f"{box}<p>共有 3 条信息 下一页</p><ol>"
        + "".join(f"<li><a href=./{n}_1.html>第{n}号公告的标题</a><span>2026-11-0{n}</span></li>" for n in range(1, 10))
        + "</ol>"
        + "".join(f"<ol><li><a href=./{n}_1.html>第{n}号公告的标题</a>2026-10-{n}</li></ol>" for n in range(10, 12))
    )
    assert {f"第{n}号公告的标题" for n in range(1, 10)} <= {i.title for i in found.items}


def test_dated_sidebar_beside_a_list_drawn_by_script_proves_nothing():
    box = (
        "<div class=box><h4>公开信息</h4><ul>"
        + rows("<li><a href=/x/{n}00.html>别栏{title}</a>{day}</li>")
        + "</ul></div>"
    )
    for drawn in ("empty datastore", "dataproxy", "gkmlpt"):
        found = look(DRAWN[drawn] + box)
        assert (found.items, found.dated) == ((), 0)
        assert found.unobservable is not None
    found = look(STYLES["records of a datastore"] + box)
    assert [i.title for i in found.items] == list(TITLES)


def test_undated_sidebar_beside_a_list_drawn_by_script_proves_nothing():
    box = (
        "<div class=box><h4>公开信息</h4><ul>" + rows("<li><a href=/x/{n}00.html>别栏{title}</a></li>") + "</ul></div>"
    )
    assert look(DRAWN["ajax"] + box).unobservable is not None


def test_hot_block_of_a_home_page_counts():
    page = "".join(
        f"<div><h3>{name}</h3><ul><li><a href=/{n}_1.html>{name}第一条信息</a><span>2026-11-{n}</span></li>"
        f"<li><a href=/{n}_2.html>{name}第二条信息</a><span>2026-10-{n}</span></li></ul></div>"
        for n, name in ((10, "政务要闻"), (11, "部门动态"), (12, "通知公告"), (20, "热点关注"))
    )
    assert max(i.date for i in look(page).items) == date(2026, 11, 20)


def test_year_less_dates_newer_than_the_moment_of_judgement():
    body = (
        "<ul>"
        + "".join(
            f"<li><a href={n}.html>第{n}号公告的标题</a><i>{d}</i></li>"
            for n, d in enumerate(("11-20", "11-18", "09-28", "09-20"))
        )
        + "</ul>"
    )
    found = listing(html.parse(PAGE.replace("%s", body)), URL, fetched_at=AT, as_of=date(2026, 9, 30))
    assert [i.date for i in found.items] == [
        date(2026, 11, 20),
        date(2026, 11, 18),
        date(2026, 9, 28),
        date(2026, 9, 20),
    ]
    old = listing(html.parse(PAGE.replace("%s", body)), URL, fetched_at=AT, as_of=date(2020, 12, 1))
    assert old.items[0].date == date(2020, 11, 20)


def test_pager_drawn_by_script():
    found = look(STYLES["table"] + '<script>createPageHTML(5, 0, "index", "html");</script>')
    assert found.next_page == f"{HOST}/zwgk/tzgg/index_1.html"
    last = look(STYLES["table"] + '<script>createPageHTML(5, 4, "index", "html");</script>')
    assert last.next_page is None


def test_channel_page_gives_the_items_of_all_its_lists():
    blocks = "".join(
        f"<div class=block><h3><a href=/zwgk/{c}/>{name}</a><a class=more href=/zwgk/{c}/>更多&gt;&gt;</a></h3><ul>"
        + rows(f"<li><a href=/zwgk/{c}/{{n}}00.html>{name}{{title}}</a><span>{{day}}</span></li>")
        + "</ul></div>"
        for c, name in (("zcwj", "政策文件"), ("rsxx", "人事信息"))
    )
    found = look(blocks)
    assert len(found.items) == 6
    assert {i.title for i in found.items}.isdisjoint({"政策文件", "人事信息", "更多>>"})


def test_one_item_is_a_list():
    found = look("<ul><li><a href=1_100.html>唯一一条公告的标题</a><span>2026-11-03</span></li></ul>")
    assert [(i.title, i.date) for i in found.items] == [("唯一一条公告的标题", date(2026, 11, 3))]


def test_one_item_in_a_page_laid_out_by_tables():
    page = (
        "<TABLE width=1000><TR><TD><A href=/><IMG src=logo.png alt=云岭县人民政府></A></TD><TD>2026年11月24日</TD></TR>"
        "<TR><TD colspan=2><A href=/>首页</A>|<A href=/zwgk/>政务公开</A></TD></TR>"
        "<TR><TD><TABLE><TR><TD><A href=1_1.html>云岭县政府信息主动公开审查制度</A></TD><TD>2025-05-19</TD></TR></TABLE></TD></TR>"
        "<TR><TD>主办单位：云岭县人民政府办公室 网站标识码：5399990001</TD></TR></TABLE>"
    )
    found = look("", page=page)
    assert [(i.title, i.date) for i in found.items] == [("云岭县政府信息主动公开审查制度", date(2025, 5, 19))]


def test_rows_a_script_opens_count_at_the_column_itself():
    found = look(
        "<table><tr><td><a href='javascript:;' onclick='show(1)'>关于路灯不亮的来信</a></td><td>2026-11-01</td></tr>"
        "<tr><td><a href='javascript:;' onclick='show(2)'>关于公交线路的来信</a></td><td>2026-10-01</td></tr></table>"
    )
    assert [(i.url, i.title, i.date) for i in found.items] == [
        (URL, "关于路灯不亮的来信", date(2026, 11, 1)),
        (URL, "关于公交线路的来信", date(2026, 10, 1)),
    ]


def test_truncated_title_is_taken_from_its_attribute():
    body = "<ul><li><a href=1_1.html title='关于开展冬季消防安全检查的通知'>关于开展冬季消防...</a>2026-11-03</li></ul>"
    assert look(body).items[0].title == "关于开展冬季消防安全检查的通知"
    facts = "标题：关于检查的通知&#10;作者：某&#10;更新时间：2026-1-1"
    body = f"<ul><li><a href=1_1.html title='{facts}'>关于检查的通知...</a>2026-11-03</li></ul>"
    assert look(body).items[0].title == "关于检查的通知..."


def test_base_element_is_honoured():
    page = PAGE.replace("<head>", "<head><base href='/other/'>")
    assert look(STYLES["ul, span after"], page=page).items[0].url == f"{HOST}/other/202609/art1_101.html"


BLANK = {
    "nothing at all": "",
    "empty ul": "<ul class=list></ul>",
    "empty table with head": "<table><tr><th>标题</th><th>发布日期</th></tr></table>",
    "said so": "<ul><li>暂无信息</li></ul>",
    "said so with a static pager": "<div class=list></div><p>共 0 条</p><script>createPageHTML(0,0,'index','html')</script>",
    "said so, other words": "<p>没有找到相关内容</p>",
    "empty id, known scripts only": "<ul id=newslist></ul><script src=/js/jquery-3.1.min.js></script>",
    "counter and share scripts": "<script>$.get('/hits?id=1',function(d){$('#hits').html(d)});var hm='hm.baidu';</script>"
    "<script>window._bd_share_config={};document.write('<script src=share.js>')</script>",
}


@pytest.mark.parametrize("case", BLANK)
def test_blank_column(case):
    found = look(BLANK[case])
    assert (found.items, found.unobservable, found.has_text) == ((), None, False)


DRAWN = {
    "empty datastore": "<div id=c1><script type='text/xml'><datastore><nextgroup></nextgroup></datastore></script></div>",
    "dataproxy": "<div id=c1></div><script>jpage({url:'/module/web/jpage/dataproxy.jsp?columnid=1'})</script>",
    "gkmlpt": "<div id=x></div><script src='/gkmlpt/dist/app.js'></script>",
    "mustache": "<ul><li v-for='i in rows'><a :href='i.url'>{{ i.title }}</a><span>{{ i.date }}</span></li></ul>",
    "template script": "<ul id=l></ul><script type='text/html' id=t><li><a href='<%=url%>'><%=title%></a></li></script>",
    "app root": "<div id=app></div><script src=/js/chunk-1.js></script>",
    "ajax": "<ul id=l></ul><script>$.ajax({url:'/api/list',success:function(d){$('#l').html(d.html)}})</script>",
    "fetch": "<div id=data></div><script>fetch('/api').then(r=>r.json()).then(d=>{document.all.data.innerHTML=d.s})</script>",
    "builds rows": "<div id=d></div><script>rows.forEach(function(r){s+='<li><a href='+r.u+'>'+r.t+'</a></li>'});"
    "d.innerHTML=s</script>",
    "document.write of a list": "<script>for(i=0;i<9;i++)document.write('<li><a href='+u[i]+'>'+t[i]+'</a></li>')</script>",
    "named container": "<div id=data-list></div><script>loadRows('data-list', 15)</script>",
    "unknown script beside an empty container": "<ul id=newslist></ul><script src=/js/list.js></script>",
    "iframe": "<iframe src=/inner/list.jsp?cid=3 width=100% height=800></iframe>",
    "said blank, then asks": "<p id=none>暂无数据</p><ul id=l></ul><script>$.getJSON('/api',function(d){$('#l').append(d)})"
    "</script>",
}


@pytest.mark.parametrize("case", DRAWN)
def test_list_drawn_by_script_is_unobservable_never_blank(case):
    found = look(DRAWN[case])
    assert found.items == ()
    assert found.unobservable is not None
    assert "{" not in str(found.unobservable)


def test_frameset():
    found = listing(html.parse("<frameset><frame src=a><frame src=b></frameset>"), URL, fetched_at=AT, as_of=AT)
    assert found.unobservable is not None


STATIC = {
    "text": "<div class=con><p>云岭县地处群山环抱的云溪河谷地，总面积1860平方公里，辖3个镇、2个乡和1个街道，总人口21万人。</p></div>",
    "picture": "<div class=article><img src=jgt.png alt=机构设置图></div>",
    "board": "<ul class=board><li><a href=http://zwfw.yunling.gov.cn/>个人办事</a></li><li><a href=http://a.example/>法人办事</a></li></ul>",
}


@pytest.mark.parametrize("case", STATIC)
def test_static_page_is_not_blank(case):
    found = look(STATIC[case])
    assert (found.items, found.unobservable, found.has_text) == ((), None, True)


# Columns ---------------------------------------------------------------------------------------------------------

HOME = """<html><head><title>云岭县人民政府</title></head><body>
<div class="top"><a href="/login">登录</a><a href="/wap/">手机版</a><a href="/search/">高级搜索</a></div>
<ul class="nav"><li><a href="/index.html">首页</a></li><li><a href="/zwdt/">政务动态</a>
<div style="display:none"><a href="/zwdt/ylyw/">云岭要闻</a><a href="/zwdt/xzdt/">乡镇动态</a></div></li>
<li><a href="/zwgk/">政务公开</a></li><li><a href="http://mail.other.example/">邮箱</a></li>
<li><a href="http://www.other.gov.cn/xxgk/">信息公开</a></li></ul>
<div class="block"><div class="hd"><h2>通知公告</h2><a class="more" href="/tzgg/">更多&gt;&gt;</a></div>
<ul><li><a href="/tzgg/202611/t20261103_1.html">重要公告</a><span>11-03</span></li>
<li><a href="/tzgg/1002.html">停水公告</a><span>11-02</span></li></ul></div>
<div class="block"><ul class="tab"><li>政策文件</li><li class="on">政策解读</li></ul><ul><li><a href="/zcjd/202611/t20261101_1.html">一图读懂云岭规划</a>
<span>2026-11-01</span></li></ul><a href="/zcjd/" title="更多"><img src="more.gif"></a></div>
<div class="block"><h3><a href="/rsxx/">人事信息</a></h3><a href="/rsxx/index.html">MORE</a></div>
<p><a href="/zfgzbg/2026.pdf">政府工作报告</a> <a href="/zwgk/202601/t20260101_9.html">县长致辞</a> <a href="/xzxx/"><img alt="县长信箱" src="x.png"></a></p>
<div class="foot"><a href="/gywm/">关于我们</a> 主办单位：云岭县人民政府办公室</div></body></html>"""


def internal(url: str) -> bool:
    return url.startswith(HOST)


def test_candidates_of_a_home_page():
    found = candidates(html.parse(HOME), f"{HOST}/", internal=internal)
    assert [(c.name, c.url.removeprefix(HOST), c.where) for c in found] == [
        ("政务动态", "/zwdt/", NAVIGATION),
        ("云岭要闻", "/zwdt/ylyw/", NAVIGATION),
        ("乡镇动态", "/zwdt/xzdt/", NAVIGATION),
        ("政务公开", "/zwgk/", NAVIGATION),
        ("通知公告", "/tzgg/", BLOCK),
        ("政策解读", "/zcjd/", BLOCK),
        ("人事信息", "/rsxx/", BLOCK),
        ("县长信箱", "/xzxx/", BLOCK),
    ]


def test_subcandidates_of_a_channel_page():
    found = subcandidates(html.parse(PAGE.replace("%s", "")), f"{HOST}/zwgk/", internal=internal)
    assert [(c.name, c.url.removeprefix(HOST), c.where) for c in found] == [
        ("通知公告", "/zwgk/tzgg/index.html", SUB),
        ("政策文件", "/zwgk/zcwj/", SUB),
        ("人事信息", "/zwgk/rsxx/", SUB),
    ]


def column(name: str, source: str, url: str = URL, where: str = NAVIGATION):
    return confirm(Candidate(name, url, where), html.parse(source), url)


def test_confirm_by_meta_in_any_case():
    source = "<meta name=columnname content=区县热点><meta name=COLUMNTYPE content=工作动态><p>空</p>"
    found = column("区县热点", source, f"{HOST}/a/b/")
    assert found is not None
    assert (found.name, found.kind, found.top, str(found.evidence)) == (
        "区县热点",
        ColumnKind.NEWS,
        True,
        "META ColumnType“工作动态”",
    )
    assert column("", source, f"{HOST}/a/b/", SUB).name == "区县热点"
    assert not column("", source, f"{HOST}/a/b/", SUB).top


def test_confirm_a_blank_column_by_its_name():
    found = column("通知公告", PAGE.replace("%s", "").replace('name="ColumnName"', 'name="x"'))
    assert found is not None and found.kind is ColumnKind.NOTICE


def test_confirm_by_the_shape_of_its_list():
    page = "<body>%s</body>"
    assert column("云溪风采", page.replace("%s", STYLES["ul, span after"]), f"{HOST}/a/b/") is not None
    assert column("云溪风采", page.replace("%s", "<p>一些文字</p>"), f"{HOST}/a/b/") is None


NO_COLUMNS = {
    "article by META": "<meta name=ArticleTitle content=关于公告的公告><meta name=ColumnName content=通知公告>",
    "article without META": "<title>关于停水的公告</title><h1>关于停水的公告</h1><p>发布时间：2026-11-03 来源：云岭县水务局</p><p>正文。</p>",
    "login": "<meta name=ColumnName content=通知公告><form><input type=password></form>",
}


@pytest.mark.parametrize("case", NO_COLUMNS)
def test_not_a_column(case):
    assert column("通知公告", NO_COLUMNS[case]) is None


def test_article_address_is_no_column_but_a_static_page_may_have_one():
    source = "<meta name=ArticleTitle content=云岭概况><p>云岭县地处群山之间。</p>"
    assert column("通知公告", PAGE, f"{HOST}/zwgk/202611/t20261103_1.html") is None
    found = column("云岭概况", source, f"{HOST}/zjyl/202611/t20261103_1.html")
    assert found is not None and found.kind is ColumnKind.STATIC


def test_archived_column():
    assert column("通知公告", PAGE.replace("%s", "<p>本栏目已归档，内容不再更新。</p>")).archived
    assert not column("通知公告", PAGE.replace("%s", "<p>全县3万卷档案已归档入库。</p>")).archived


# Hostile input ---------------------------------------------------------------------------------------------------

_PIECES = st.sampled_from(
    ["<ul>", "</ul>", "<li>", "<tr>", "<td>", "<table>", "</table>", "<dl><dt>", "<dd>", "<a href=1_1.html>", "<a href=''>",
     "<a href='http://[::1'>", "</a>", "2026-11-03", "02-30", "03", "2026-11", "[11-03]", "标题文字很长的一条新闻", "更多", "下一页", "<br>",
     "<script>document.write('<li>')</script>", "<div class=nav>", "<div class='hot foot'>", "</div>", "<time datetime=x>",
     "<template><a href=q>t</a></template>", "<iframe src=//>", "{{x}}", "<base href='::'>", "<record><![CDATA[x]]></record>",
     "<script type=text/xml><record><![CDATA[<tr>]]></record></script>", "<span onclick=\"open('x')\">", "\u2236", "0", "\x00"]
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(_PIECES, max_size=40).map("".join), st.sampled_from([URL, "", "http://[", "ftp://x/"]))
def test_never_raises(body, url):
    document = html.parse(f"<body>{body}")
    found = listing(document, url, fetched_at=AT, as_of=AT)
    assert found.dated <= len(found.items)
    assert found.unobservable is None or not found.items
    date_items(found.items, lambda _: None)
    candidates(document, url, internal=lambda _: True)
    subcandidates(document, url, internal=lambda _: True)
    confirm(Candidate("通知公告", url, BLOCK), document, url)


def test_deep_and_long_pages_are_read():
    deep = look("<div>" * 400 + "<a href=1_1.html>深处的一条公告标题</a> 2026-11-03")
    assert [i.date for i in deep.items] == [date(2026, 11, 3)]
    look(
        "<div>" * 20000 + "<a href=1_1.html>深处的一条公告标题</a> 2026-11-03"
    )  # the parser flattens what is deeper than 512
    row = "<li><a href=./a/{0}_1.html>第{0}条公告的标题</a><span>2026-11-03</span></li>"
    assert len(look("<ul>" + "".join(row.format(n) for n in range(5000)) + "</ul>").items) == 5000


@pytest.mark.parametrize("written", ["二〇二六年十一月十八日", "十一月十八日", "Nov 18, 2026", "18 November 2026"])
def test_a_date_in_a_writing_that_is_not_read_is_not_no_date(written: str) -> None:
    body = "<ul>" + rows("<li><a href='{url}'>{title}</a><span>" + written + "</span></li>") + "</ul>"
    assert [(item.date, item.shown) for item in look(body).items] == [(None, written)] * 3


def test_a_date_in_a_summary_is_no_date_of_the_row() -> None:
    text = "十月一日国庆节期间，全县各景区秩序井然，游客接待量创下历史新高，消费市场持续活跃，商贸流通平稳有序。"
    body = "<ul>" + rows("<li><a href='{url}'>{title}</a><p>" + text + "</p></li>") + "</ul>"
    assert [item.shown for item in look(body).items] == [""] * 3


def test_an_article_whose_date_is_not_read_speaks_against_no_one() -> None:
    page = html.parse("<title>会议</title><h1>会议</h1><p>发布时间：二〇二六年十一月十八日</p><p>正文。</p>")
    told = published(page, "http://www.yunling.gov.cn/xw/1.html", fetched_at=AT)
    assert (told.date, told.shown) == (None, "二〇二六年十一月十八日")
    [item] = date_items([Item("http://www.yunling.gov.cn/xw/1.html", "会议")], lambda _: told)
    assert (item.date, item.shown, item.opened) == (None, "二〇二六年十一月十八日", True)


@pytest.mark.parametrize(
    "empty",
    [
        "<ul id=xwlist></ul><script>$.get('/api/xw', function (d) { $('#xwlist').html(d); });</script>",
        "<div id=xwlist></div><script>fetch('/api/xw').then(draw('xwlist'))</script>",
        "<ul id=xwlist></ul><script src=/js/xw.js></script>",
        "<ul><li v-for='x in list'><a>{{x.title}}</a></li></ul>",
    ],
)
def test_an_old_list_beside_one_that_a_script_fills_proves_nothing(empty: str) -> None:
    """The newest items may come into the empty one."""
    kept = "<ul>" + rows("<li><a href='{url}'>{title}</a><span>{day}</span></li>") + "</ul>"
    found = look(f"<div class=main><h2>动态</h2>{empty}{kept}</div>")
    assert (found.items, found.unobservable is not None) == ((), True)


@pytest.mark.parametrize(
    "other",
    [
        "<div id=hits></div><script>$.get('/hits', function (d) { $('#hits').text(d); });</script>",
        "<div id=xwlist></div><script src=/js/xw.js></script>",
        "<ul id=xwlist></ul><script src=/js/jquery.min.js></script>",
        "<script>$.get('/api/user', function (d) { show(d); });</script>",
    ],
)
def test_a_script_that_fills_no_list_hides_no_list(other: str) -> None:
    kept = "<ul>" + rows("<li><a href='{url}'>{title}</a><span>{day}</span></li>") + "</ul>"
    found = look(f"<div class=main><h2>动态</h2>{other}{kept}</div>")
    assert (len(found.items), found.unobservable) == (3, None)
