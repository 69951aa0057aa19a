"""Which list is the column's, when a page carries boxes, years, blocks and dates apart from their titles."""

# ruff: noqa: E501 - pages stand as they are read

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from crawler import html
from crawler.columns import date_items, entrance, listing
from crawler.dates import Published, resolve_years
from crawler.snapshot import Item
from crawler.stamps import Stamp

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
HOME = "http://www.yunling.gov.cn"
URL = f"{HOME}/tzgg/"
OWN = [
    ("/tzgg/101.html", "关于开展冬季消防安全检查的通知", "2026-05-03"),
    ("/tzgg/102.html", "云岭县义务教育招生公告", "2026-04-21"),
]
NEWS = [(f"/xw/20{n}.html", f"县政府召开第{n}次常务会议研究安全生产", f"2026-11-2{n}") for n in range(4)]


def ul(rows, template='<li><a href="{0}">{1}</a><span>{2}</span></li>'):
    return "<ul>" + "".join(template.format(*row) for row in rows) + "</ul>"


def page(body, title="通知公告-云岭县人民政府"):
    return f"<html><head><title>{title}</title></head><body>{body}</body></html>"


def look(body, *, title="通知公告-云岭县人民政府", **options):
    return listing(html.parse(page(body, title)), URL, fetched_at=AT, as_of=AT, **options)


def days(found):
    return [item.date and item.date.isoformat() for item in found.items]


@pytest.mark.parametrize("head", ["最新信息", "图文资讯", "本站公示栏", "热点推荐", "县内要闻"])
@pytest.mark.parametrize("order", ["before", "after"])
def test_a_box_neither_refreshes_nor_ages_a_column(head, order):
    box, own = f"<div><h3>{head}</h3>{ul(NEWS)}</div>", f"<div><h2>通知公告</h2>{ul(OWN)}</div>"
    assert days(look(box + own if order == "before" else own + box)) == ["2026-05-03", "2026-04-21"]


@pytest.mark.parametrize(
    "head",
    [
        "<div>当前位置：<a href=/>首页</a> &gt; <a href=/tzgg/>通知公告</a></div>",
        "<div>您的位置：首页 > 政务公开 > 通知公告</div>",
        "<div class=crumb><a href=/>首页</a>/<a href=/tzgg/>通知公告</a>/正文</div><h3>通知公告</h3>",
        "<h1>通知公告</h1>",
    ],
)
def test_the_page_is_named_by_its_breadcrumb_or_head_where_every_title_is_the_same(head):
    found = look(f"{head}{ul(OWN)}<div><h3>县内要闻</h3>{ul(NEWS)}</div>", title="云岭县人民政府")
    assert days(found) == ["2026-05-03", "2026-04-21"]


def test_the_name_of_the_link_that_leads_to_a_page_tells_its_list():
    body = f"<p>公示公告</p>{ul(OWN)}<p>县内要闻</p>{ul(NEWS)}"
    assert len(look(body, title="云岭县人民政府").items) == 6
    assert days(look(body, title="云岭县人民政府", name="公示公告")) == ["2026-05-03", "2026-04-21"]


def test_a_blank_column_with_a_box_is_blank():
    box = f"<div><h3>最新信息</h3>{ul(NEWS)}</div>"
    for body in (f"<h2>通知公告</h2><p>暂无信息</p>{box}", f"<h2>通知公告</h2>{box}"):
        found = look(body)
        assert (found.items, found.has_text, found.unobservable) == ((), False, None)


def test_a_head_of_the_newest_that_names_the_column_is_its_own():
    assert len(look(f"<h2>通知公告</h2><div><h3>最新公告</h3>{ul(OWN)}</div>").items) == 2


def test_a_box_beside_a_list_that_a_script_fills_proves_nothing():
    found = look(
        f'<h2>通知公告</h2><ul id="list"></ul><script>$.get("/api",function(d){{$("#list").html(d)}})</script><h3>最新信息</h3>{ul(NEWS)}'
    )
    assert found.items == ()
    assert found.unobservable is not None


def test_blocks_of_a_channel_all_count():
    blocks = "".join(
        f"<div><h3>{name}</h3>{ul([row])}</div>" for name, row in zip(["甲乡", "乙镇", "丙街道"], NEWS, strict=False)
    )
    assert len(look(f"<h2>乡镇动态</h2>{blocks}", title="乡镇动态").items) == 3


def test_every_list_of_a_home_page_is_wanted():
    body = f"<h2>通知公告</h2>{ul(OWN)}<h3>最新信息</h3>{ul(NEWS)}"
    assert len(look(body).items) == 2
    assert len(look(body, whole=True).items) == 6


def test_years_stand_over_the_lists():
    old = [("/tzgg/9.html", "关于表彰先进集体的通报决定", "09-25")]
    body = f"<h2>通知公告</h2><div><h4>2024年</h4>{ul(old)}</div><div><h4>2026年</h4>{ul([(a, t, d[5:]) for a, t, d in OWN])}</div>"
    assert days(look(body)) == ["2024-09-25", "2026-05-03", "2026-04-21"]


def test_dates_in_a_box_of_their_own_are_read_across():
    titles = ul(OWN, '<li><a href="{0}">{1}</a></li>')
    dates = ul(OWN, "<li>{2}</li>")
    for body in (f"<div>{titles}</div><div>{dates}</div>", f"<div>{dates}</div><div>{titles}</div>"):
        assert days(look(f"<h2>通知公告</h2>{body}")) == ["2026-05-03", "2026-04-21"]
    assert days(look(f"<h2>通知公告</h2><div>{titles}</div><div><li>2026-05-03</li></div>")) == [None, None]


def test_a_title_attribute_that_is_a_table_of_facts_dates_its_item():
    rows = ul(
        OWN, '<li><a href="{0}" title="文章标题：{1}&#13;&#10;作者：佚名&#13;&#10;更新时间：{2} 9:12:33">{1}</a></li>'
    )
    found = look(f"<h2>通知公告</h2>{rows}")
    assert days(found) == ["2026-05-03", "2026-04-21"]
    assert found.items[0].title == OWN[0][1]
    plain = ul(OWN, '<li><a href="{0}" title="关于{2}停水的通知公告">{1}</a></li>')
    assert days(look(f"<h2>通知公告</h2>{plain}")) == [None, None]


def test_a_time_of_day_above_dated_rows_is_of_today():
    rows = [("/tzgg/1.html", "关于临时停水的紧急通知", "09:30"), *OWN]
    assert days(look(f"<h2>通知公告</h2>{ul(rows)}"))[0] == "2026-11-24"
    lengths = [(a, t, f"0{n}:25") for n, (a, t, _) in enumerate(OWN, 3)]
    assert days(look(f"<h2>通知公告</h2>{ul(lengths)}")) == [None, None]


def test_the_head_of_an_article_element_is_no_page_head():
    rows = ul(
        OWN,
        '<article class="post"><header class="entry-header"><h2><a href="{0}">{1}</a></h2><time datetime="{2}T09:00:00+08:00">那天</time>'
        '<a href="/author/1">县政府办</a></header><p>摘要文字。<a href="{0}">阅读全文</a></p></article>',
    )
    assert days(look(f"<h2>通知公告</h2>{rows}")) == ["2026-05-03", "2026-04-21"]


def test_the_odd_row_of_a_table_of_two_columns_is_a_row():
    cells = [f'<td><a href="{a}">{t}</a></td><td>{d}</td>' for a, t, d in [*OWN, NEWS[0]]]
    table = f"<table><tr>{cells[0]}{cells[1]}</tr><tr>{cells[2]}</tr></table>"
    assert len(look(f"<h2>通知公告</h2>{table}").items) == 3


def test_script_links_and_logos_are_no_items():
    tools = '<a href="javascript:;">繁体</a><a href="javascript:void(0)" onclick="fold()">无障碍浏览</a><a href="/"><img src="l.png" alt="云岭县人民政府门户网站"></a>'
    assert len(look(f"{tools}<h2>通知公告</h2>{ul(OWN)}{tools}").items) == 2


def test_items_know_whether_their_article_was_read():
    items = (Item("/1.html", "一"), Item("/2.html", "二"), Item("/3.html", "三", "2026-11-03", date(2026, 11, 3)))
    seen = date_items(items, {"/1.html": Published()}.get)
    assert [item.opened for item in seen] == [True, False, False]


def test_a_list_in_no_order_ends():
    stamps = [Stamp(None, n % 12 + 1, n % 28 + 1, None, "") for n in range(7000)]
    assert all(day is not None and day.year >= 2024 for day in resolve_years(stamps, as_of=date(2026, 11, 24)))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<a href="/main.html">点击进入</a><a href="/beian">备案</a>', "/main.html"),
        ('<a href="index2.asp"><img src="a.jpg"></a><a href="index2.asp">进入网站 >></a>', "index2.asp"),
        ('<a href="/xw/">走进云岭</a>', None),
        ('<a href="/a">进入网站</a><a href="/b">进入首页</a>', None),
        ('<a href="/main.html">进入网站</a>' + '<a href="/x">栏目</a>' * 12, None),
        ("", None),
    ],
)
def test_a_welcome_page_leads_on(body, expected):
    assert entrance(html.parse(page(body))) == expected


@pytest.mark.parametrize(
    ("template", "dates"),
    [
        ('<li><a href="{0}">{1} ({3})</a></li>', ["2026-05-03", "2026-04-21", "2026-04-02"]),
        ('<li><a href="{0}">{1}</a><i>{4}</i></li>', ["2026-05-03", "2026-04-21", "2026-04-02"]),
        ('<li><a href="{0}">{1}（{5}）</a></li>', [None, None, None]),
    ],
)
def test_dates_that_close_a_title_or_are_written_with_a_dot(template, dates):
    rows = [*OWN, ("/tzgg/103.html", "云岭县自来水厂停水公告", "2026-04-02")]
    told = [
        (*row, row[2][5:], f"{int(row[2][5:7])}.{row[2][8:]}", f"{int(row[2][5:7])}月{int(row[2][8:])}日")
        for row in rows
    ]
    assert days(look(f"<h2>通知公告</h2>{ul(told, template)}")) == dates


def test_the_last_link_of_a_list_may_be_the_first_of_a_box():
    box = [OWN[0], *NEWS]
    assert days(look(f"<div><h2>通知公告</h2>{ul(OWN[:1])}</div><div><h3>最新信息</h3>{ul(box)}</div>")) == [
        "2026-05-03"
    ]


def test_a_list_of_one_item_ends_before_the_foot():
    foot = "<footer>主办单位：云岭县人民政府办公室 <a href='http://beian.miit.gov.cn/'>云ICP备00000001号-1</a></footer>"
    assert len(look(f"<h2>通知公告</h2>{ul(OWN[:1])}{foot}").items) == 1
    assert len(look(f"<h2>通知公告</h2>{ul(OWN)}{foot}").items) == 2


def test_files_under_the_page_s_own_name_are_items_and_channels_are_not():
    files = [("/tzgg/a.html", "县政府召开常务会议研究工作", ""), ("/tzgg/news1.html", "县领导调研秋收进展情况", "")]
    assert len(look(f"<h2>通知公告</h2>{ul(files)}").items) == 2
    channels = [("/tzgg/a/", "县政府及其部门的规范性文件", ""), ("/tzgg/b/", "重大建设项目批准和实施领域", "")]
    assert look(f"<h2>通知公告</h2>{ul(channels)}").items == ()
