"""Dates as people write them on government pages, and the traps between them."""

# ruff: noqa: DTZ001, E501, SIM905 - tables stand as they are read; some moments have no zone on purpose

from __future__ import annotations

import zlib
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler import html
from crawler.dates import (
    CHINA,
    SKETCH,
    Stamp,
    alike,
    dating,
    find_issued,
    find_shown,
    in_address,
    in_meta,
    on_page,
    published,
    published_by,
    read,
    resolve_years,
    year_in_address,
)
from crawler.snapshot import DateSource
from crawler.stamps import impossible

# 24 November 2026, one hour past midnight in China: still the 23rd in UTC.
AT = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)


def day(text: str) -> date | tuple[int, int] | None:
    stamp = read(text, fetched_at=AT)
    if stamp is None:
        return None
    return stamp.as_date or (stamp.month, stamp.day)


@pytest.mark.parametrize(
    "text",
    """2026-11-03
    2026/11/3
    2026.11.03
    2026年11月3日
    2026年11月03号
    20261103
    2026 - 11 - 03
    ２０２６－１１－０３
    2026-11-03 10∶08
    2026-11-03 10：08：30
    2026-11-03T20:00:00
    2026-11-03T08:00:00+08:00
    2026-11-02T20:00:00Z
    2026-11-03 10:12:44.0
    2026-11-03 24:00
    26-11-03
    [26-11-03]
    2026年11月3日 上午9:05
    2026年11月3日 09时05分
    2026-11-03 星期二
    2026年11月3日（星期二）
    星期二 2026-11-03
    10:17 2026-11-03
    [2026-11-03]
    【2026-11-03】
    （2026-11-03）
    〔2026-11-03〕
    ( 2026-11-03 )
    | 2026-11-03 |
    发布时间：2026-11-03
    发布日期: 2026-11-03 10:00
    日期：2026年11月3日
    日　期：2026-11-03
    时间:2026-11-03
    发布于 2026-11-03
    更新时间：2026-11-03
    03 / 2026-11
    03 2026.11
    03日 2026年11月
    2026-11 03
    2026年11月 03日
    11-03 2026
    11月3日 2026年
    2026 11-03
    2026 / 11-03
    2026年 11-03""".splitlines(),
)
def test_full_dates(text):
    assert day(text) == date(2026, 11, 3)


@pytest.mark.parametrize(
    "text", "11-03|[11-03]|(11-03)|11-3|11月3日|11月03日|11/03|03 11月|11-03 10:20|发布时间：11-03".split("|")
)
def test_year_less_dates(text):
    assert day(text) == (11, 3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("今天", TODAY),
        ("今天 10:20", TODAY),
        ("刚刚", TODAY),
        ("5分钟前", TODAY - timedelta(days=0)),
        ("30 秒前", TODAY),
        ("2小时前", TODAY - timedelta(days=1)),
        ("昨天 23:10", TODAY - timedelta(days=1)),
        ("前天", TODAY - timedelta(days=2)),
        ("3天前", TODAY - timedelta(days=3)),
    ],
)
def test_relative_dates_count_from_the_fetch_in_china(text, expected):
    assert day(text) == expected


@pytest.mark.parametrize(
    "text",
    """民国115年11月3日
    民国 115 年 11 月 3 日
    115-11-03
    115年11月3日
    41-11-03
    26-13-03
    26-11-03-4
    2026-02-30
    2026-13-01
    2026-00-10
    2025-02-29
    02-30
    13-01
    1899-01-01
    1989-12-31
    2101-01-01
    2026年11月
    2026-11
    11.03
    1/20
    20261399
    120261103
    云政发〔2026〕11号
    000014348/2020-35428
    关于2026年11月3日停水的通知
    2026-11-03停水
    2026年11月3日起施行
    成文日期：2026-11-03
    生成日期：2026-11-03
    施行日期：2026-11-03
    截止时间：2026-11-03
    会议时间：2026-11-03
    今天是2026年11月3日
    今天：2026年11月3日
    2026-11-03-001
    192.168.11.03
    2026-11-03 2026-11-04
    版本 2026.11.03.5
    12345678
    10:30
    """.splitlines(),
)
def test_what_is_no_publication_date(text):
    assert read(text.strip(), fetched_at=AT) is None


def test_time_and_raw_are_kept():
    assert read("发布时间：2026-11-03  9:05:07 来", fetched_at=AT) is None
    stamp = read("发布时间：2026-11-03  9:05:07", fetched_at=AT)
    assert stamp == Stamp(2026, 11, 3, "09:05:07", "2026-11-03 9:05:07")
    assert read("2026-11-03T20:00:00Z", fetched_at=AT) == Stamp(2026, 11, 4, "04:00:00", "2026-11-03T20:00:00Z")
    assert read("2026年11月3日下午3:20", fetched_at=AT).time == "15:20"


FORMS = ("{:%Y-%m-%d}", "{:%Y/%m/%d}", "{:%Y.%m.%d}", "{:%Y年%m月%d日}", "{:%Y%m%d}", "{:%d / %Y-%m}", "{:%d %Y.%m}",
         "{:%m-%d %Y}", "{:%Y %m-%d}", "【{:%Y-%m-%d}】", "发布时间：{:%Y-%m-%d %H:%M}", "{:%Y-%m-%dT%H:%M:%S}+08:00")  # fmt: skip


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 12, 31)), st.sampled_from(FORMS))
def test_reading_a_written_date_gives_it_back(moment, form):
    assert read(form.format(moment), fetched_at=AT).as_date == moment.date()


@settings(max_examples=300)
@given(
    st.text(alphabet="0123456789-/.年月日: []()（）发布时间成文期至今天前小时\n〔〕TZ+民国x", max_size=60)
    | st.text(max_size=60)
)
def test_reading_never_raises(text):
    stamp = read(text, fetched_at=AT)
    shown = find_shown(text, fetched_at=AT)
    find_issued(text, fetched_at=AT)
    for s in (stamp, shown):
        assert s is None or s.year is None or 1990 <= s.year <= 2100 or "前" in s.raw
    in_address(text)
    in_address(f"http://www.yunling.gov.cn/{text}")
    year_in_address(text, 2, 29)


ROWS = {
    "alone": ("2026-11-03", "2026-11-03"),
    "source before": ("来源：云岭县教育局 2026-11-03", "2026-11-03"),
    "source touching": ("云岭县教育局2026-11-03", "2026-11-03"),
    "info after": ("2026-11-03 来源：云岭县教育局 浏览：15", "2026-11-03"),
    "document number": ("云政发〔2026〕11号\n2026-11-03", "2026-11-03"),
    "index number": ("000014348/2020-35428\n云岭县教育局\n2020-08-05", "2020-08-05"),
    "labelled publication wins": ("发布日期：2026-11-03\n成文日期：2026-10-30", "2026-11-03"),
    "publication before execution": ("发布日期：2026-11-03\n施行日期：2026-12-01", "2026-11-03"),
    "two bare dates: the later column": ("2026-10-30\n2026-11-03", "2026-11-03"),
    "second one is a deadline to come": ("2026-11-03\n2026-12-31", "2026-11-03"),
    "range": ("2026-11-03 至 2026-12-03", "2026-11-03"),
    "range without spaces": ("2026.11.03-2026.11.09", "2026.11.03"),
    "range across elements": ("2026-11-03\n至\n2026-11-09", "2026-11-03"),
    "survey period": ("征集时间：2026-11-03至2026-12-03", "2026-11-03"),
    "start and end": ("开始时间：2026-11-03 结束时间：2026-12-03", "2026-11-03"),
    "deadline first": ("截止日期：2026-12-03\n2026-11-01", "2026-11-01"),
    "state before": ("失效\n2026-11-03", "2026-11-03"),
    "number of issue before": ("第3期\n2026-11-03", "2026-11-03"),
    "label in its own element": ("发布日期\n2026-11-03", "2026-11-03"),
    "answer after letter": ("来信日期：2026-10-01\n答复日期：2026-11-03", "2026-11-03"),
    "views before a year-less date": ("浏览：2015\n11-03", "11-03"),
    "views before a date": ("15\n2026-11-03", "2026-11-03"),
    "today": ("今天 15:30", "今天 15:30"),
    "published beats updated": ("更新时间：2026-11-20 发布时间：2026-11-03", "2026-11-03"),
    "event": ("会议时间：2026-11-03", None),
    "in force": ("自2026年11月3日起施行", None),
    "running text": ("2026年11月3日县政府常务会议通过", None),
    "summary": ("记者从2026-11-03 召开的会议上获悉，全县秋粮收购工作已经全面展开。", None),
    "issued only": ("成文日期：2026-11-03", None),
    "no date": ("云岭县人民政府办公室", None),
}


@pytest.mark.parametrize("case", ROWS)
def test_date_in_a_row(case):
    row, expected = ROWS[case]
    stamp = find_shown(row, fetched_at=AT)
    assert (stamp.raw if stamp else None) == expected


def test_document_date_is_found_apart():
    assert find_issued("索引号：1 生成日期：2026-11-03", fetched_at=AT).as_date == date(2026, 11, 3)
    assert find_issued("2026-11-03", fetched_at=AT) is None


# Years -----------------------------------------------------------------------------------------------------------


def stamps(text: str) -> list[Stamp | None]:
    return [None if word == "?" else read(word, fetched_at=AT) for word in text.split()]


YEARS = {
    "within the year": ("11-20 10-01 03-05", TODAY, "2026-11-20 2026-10-01 2026-03-05"),
    "over the turn": ("01-03 12-30 12-01", date(2026, 1, 5), "2026-01-03 2025-12-30 2025-12-01"),
    "December list in January": ("12-30 12-28 12-05", date(2026, 1, 5), "2025-12-30 2025-12-28 2025-12-05"),
    "two turns": (
        "03-05 01-10 11-20 06-01 02-01 10-10",
        TODAY,
        "2026-03-05 2026-01-10 2025-11-20 2025-06-01 2025-02-01 2024-10-10",
    ),
    "slow column": ("06-01 01-15 09-10", TODAY, "2026-06-01 2026-01-15 2025-09-10"),
    "a day ahead": ("11-25 11-24 11-20", TODAY, "2026-11-25 2026-11-24 2026-11-20"),
    "set ahead by mistake": ("11-28 11-20 11-18", TODAY, "2025-11-28 2026-11-20 2026-11-18"),
    "ascending": ("01-05 03-02 06-10 11-20", TODAY, "2026-01-05 2026-03-02 2026-06-10 2026-11-20"),
    "ascending over the turn": (
        "10-05 12-20 01-15 03-01",
        date(2026, 3, 9),
        "2025-10-05 2025-12-20 2026-01-15 2026-03-01",
    ),
    "pinned old item": ("03-15 11-20 11-18 11-05", TODAY, "2026-03-15 2026-11-20 2026-11-18 2026-11-05"),
    "two pinned": ("03-15 05-02 11-20 11-18 11-05", TODAY, "2026-03-15 2026-05-02 2026-11-20 2026-11-18 2026-11-05"),
    "pinned with a year": ("2021-05-01 11-20 11-18", TODAY, "2021-05-01 2026-11-20 2026-11-18"),
    "mixed": ("11-20 ? 10-01 2025-12-30 2025-11-30", TODAY, "2026-11-20 ? 2026-10-01 2025-12-30 2025-11-30"),
    "a little out of order": ("11-20 11-18 11-19 11-15", TODAY, "2026-11-20 2026-11-18 2026-11-19 2026-11-15"),
    "leap day": ("02-29 02-01", TODAY, "2024-02-29 2024-02-01"),
    "future with a year stands": ("2027-05-01 11-20", TODAY, "2027-05-01 2026-11-20"),
    "nothing": ("", TODAY, ""),
}


@pytest.mark.parametrize("case", YEARS)
def test_years(case):
    text, as_of, expected = YEARS[case]
    days = resolve_years(stamps(text), as_of=as_of)
    assert " ".join("?" if d is None else d.isoformat() for d in days) == expected


_STAMPS = st.lists(
    st.none()
    | st.dates(date(2024, 1, 1), date(2024, 12, 31)).map(lambda d: Stamp(None, d.month, d.day, None, ""))
    | st.dates(date(1990, 1, 1), date(2100, 12, 31)).map(lambda d: Stamp(d.year, d.month, d.day, None, "")),
    max_size=30,
)


@given(_STAMPS, st.dates(date(2000, 1, 1), date(2099, 1, 1)))
def test_years_are_never_in_the_future_nor_invented(rows, as_of):
    days = resolve_years(rows, as_of=as_of)
    assert len(days) == len(rows)
    for stamp, found in zip(rows, days, strict=True):
        assert (stamp is None) == (found is None)
        if stamp is None or found is None:
            continue
        assert (stamp.month, stamp.day) == (found.month, found.day)
        if stamp.year is None:
            assert found <= as_of + timedelta(days=1)
        else:
            assert found.year == stamp.year


@given(st.lists(st.integers(0, 40), min_size=1, max_size=60), st.dates(date(2000, 1, 1), date(2099, 1, 1)))
def test_a_steady_list_gets_its_own_years_back(gaps, as_of):
    real = []
    current = as_of
    for gap in gaps:
        current -= timedelta(days=gap)
        real.append(current)
    rows = [Stamp(None, d.month, d.day, None, "") for d in real]
    if any((d.month, d.day) == (2, 29) for d in real):
        return
    assert resolve_years(rows, as_of=as_of) == real


# Addresses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    """/tzgg/202611/t20261103_1.html
    /tzgg/t20261103_123456.shtml
    /art/2026/11/3/art_1_2.html
    /2026/11/03/a.html
    /2026-11-03/a.html
    /2026-11/03/content_5287353.htm
    /202611/03/1.html
    /2026/1103/c1.html
    /20261103/b5c2db3d781e4c7fbcfb6bed2fe2d982.html
    /202611/20261103_1.html
    /10462/10464/10684/10691/2026/11/3/10143316.shtml
    /202610/t20261103_1.html?from=20250101""".split(),
)
def test_day_in_an_address(path):
    assert in_address(f"http://www.yunling.gov.cn{path}") == date(2026, 11, 3)


@pytest.mark.parametrize(
    "path",
    """/202611/
    /202611/1.html
    /2026/11/a.html
    /1833316118612205569.html
    /content_20261399.html
    /content/post_20261103.html
    /20261399/a.html
    /20261103.html
    /10462/12/31/1.html
    /2026/13/01/a.html
    /t20261131_1.html
    /zwgk/115/11/03/a.html
    /W020261103523541696409.jpg
    /index.html?date=2026-11-03""".split(),
)
def test_no_day_in_an_address(path):
    assert in_address(f"http://www.yunling.gov.cn{path}") is None


def test_year_in_an_address():
    assert year_in_address("/a/202503/t20250315_1.html", 3, 15) == 2025
    assert year_in_address("/a/202501/t20250102_1.html", 12, 30) == 2024
    assert year_in_address("/a/202503/9.html", 3, 1) == 2025
    assert year_in_address("/a/202503/9.html", 11, 20) is None
    assert year_in_address("/a/9.html", 11, 20) is None


# Article pages ---------------------------------------------------------------------------------------------------

URL = "http://www.yunling.gov.cn/tzgg/202601/t20260102_9.html"


def article(body: str, head: str = "", title: str = "关于开展冬季消防安全检查的通知") -> html.Document:
    return html.parse(
        f"<html><head><title>{title}_云岭县人民政府</title>{head}</head><body>"
        "<div class=top>今天是2026年11月24日 星期二</div><div>当前位置：<a href=/>首页</a> &gt; 通知公告</div>"
        f"{body}<div class=foot>版权所有：云岭县人民政府 publishdate:2026/01/05 22:09:58</div></body></html>"
    )


H = "<h1>关于开展冬季消防安全检查的通知</h1>"
BODY = "<p>各乡镇人民政府：</p><p>会议于2026年12月1日召开。</p><p>报名时间：2026年12月7日</p><p>2026年10月30日</p>"

SHOWN = {
    "published": f"{H}<p>发布时间：2026-11-03 10:11 来源：云岭县应急管理局</p>{BODY}",
    "label 日期 after a wide space": f"{H}<p>来源：云溪镇　 日期：2026-11-03 15:28 打印 【字体：大中小】</p>{BODY}",
    "label 时间": f"{H}<p>时间：2026-11-03 10:17 来源：云岭县文化和旅游局 字号：默认 小 大</p>{BODY}",
    "no label, source after": f"{H}<p>2026年11月03日 09:15　来源：云岭日报</p>{BODY}",
    "no label, source before": f"{H}<p>来源： 云岭日报　2026-11-03 08:03</p>{BODY}",
    "label touching the source": f"{H}<p><span>来源：云岭县统计局</span><span>发布日期：2026-11-03</span> 【浏览字号 :大 中 小】</p>{BODY}",
    "alone under the title": f"{H}<p>2026-11-03</p>{BODY}",
    "in the title's line": f"<h1>关于开展冬季消防安全检查的通知 <small>( 2026-11-03)</small></h1>{BODY}",
    "in a table of facts": "<table><tr><td>索引号：</td><td>YL001/2026-1</td><td>生成日期：</td><td>2026-10-30</td></tr>"
    f"<tr><td>发文机关：</td><td>县政府</td><td>发布日期：</td><td>2026-11-03</td></tr></table>{H}{BODY}",
    "label and date on two lines": f"{H}<div><div>发布日期</div><div>2026年11月3日</div></div>{BODY}",
    "below the text": f"{H}<p>成文日期：2026-10-30</p>{BODY}<p>发布日期：2026-11-03　来源：县政府办</p>",
    "below the text, date in brackets": f"{H}{BODY}<p>（此件公开）</p><p>发布日期：（2026-11-03）</p>",
    "below the text, spread label": f"{H}{BODY}<p>（此件公开）</p><p>发 布 日 期 ： 2026-11-03</p>",
    "year-less": f"{H}<p>11-03 10:20　来源：云岭日报</p>{BODY}",
    "split over spans": f"{H}<p>发布日期：<span>2026</span>-<span>11</span>-<span>03</span></p>{BODY}",
}


@pytest.mark.parametrize("case", SHOWN)
def test_shown_on_the_page_beats_meta_and_address(case):
    document = article(SHOWN[case], '<meta name="PubDate" content="2026-06-06 10:00">')
    found = published(document, URL, fetched_at=AT)
    assert (found.date, found.source) == (date(2026, 11, 3), DateSource.SHOWN)


def test_an_article_is_read_once_for_all_its_dates():
    meta = '<meta name="PubDate" content="2026-06-06 10:00">'
    told = dating(article(f"{H}<p>发布时间：2026-11-03 10:11 来源：云岭县应急管理局</p>{BODY}", meta), fetched_at=AT)
    assert (told.shown, told.time, told.labelled) == (date(2026, 11, 3), "10:11", True)
    assert (told.meta, told.meta_raw) == (date(2026, 6, 6), "2026-06-06 10:00")
    assert published_by(told, URL).date == told.shown
    plain = dating(article(f"{H}<p>2026-11-03</p>{BODY}"), fetched_at=AT)
    assert (plain.shown, plain.labelled, plain.time) == (date(2026, 11, 3), False, "")
    old = dating(article(f"{H}<p>更新时间：2026-11-03</p>{BODY}"), fetched_at=AT)
    assert (old.shown, old.meta, old.updated) == (None, None, date(2026, 11, 3))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("2026-02-30", "2026-02-30"),
        ("发布时间：2026年13月1日 10:00", "2026年13月1"),
        ("２０２６－１１－３１", "２０２６－１１－３１"),
        ("0000-00-00 00:00:00", "0000-00-00"),
        ("1970-01-01", "1970-01-01"),
        ("2026-02-28", ""),
        ("1987-05-01", ""),
        ("1987-02-30", ""),
        ("YL001-2026-99-1234", ""),
        ("电话 0871-2026-99", ""),
        ("192.2026.13.1", ""),
    ],
)
def test_dates_that_no_calendar_has(text, wrong):
    assert impossible(text) == wrong


def test_an_impossible_date_of_an_article_is_told():
    shown = dating(article(f"{H}<p>发布时间：2026-02-30 10:11 来源：云岭日报</p>{BODY}"), fetched_at=AT)
    assert (shown.shown, shown.unread) == (None, "2026-02-30")
    plain = dating(article(f"{H}<p>来源：云岭日报　2026-02-30 09:00</p>{BODY}"), fetched_at=AT)
    assert (plain.shown, plain.unread) == (None, "2026-02-30")
    prose = dating(article(f"{H}<p>会议原定2026-02-30召开，后改期。</p>{BODY}"), fetched_at=AT)
    assert prose.unread == ""
    meta = dating(article(H + BODY, '<meta name="PubDate" content="2026-11-31 10:00">'), fetched_at=AT)
    assert (meta.meta, meta.unread) == (None, "2026-11-31")


PROSE = (
    "<p>今年以来，云岭县认真落实上级部署，扎实推进各项工作，全县粮食播种面积稳定在四十二万亩以上，秋粮收购工作平稳有序。</p>"
    * 4
)


def test_texts_are_told_apart_and_frames_are_not_texts():
    def digest(body, head=""):
        return dating(article(body, head), fetched_at=AT).text

    one = digest(f"{H}<p>发布时间：2026-11-03 来源：云岭日报</p>{PROSE}<p>浏览次数：17</p>")
    other = digest(f"<h1>另一个标题</h1><p>发布时间：2026-12-03 来源：县政府</p>{PROSE}<p>浏览次数：9</p>")
    assert one == other != ""
    assert digest(H + PROSE.replace("四十二", "四十三")) not in ("", one)
    assert digest(H + BODY) == ""
    assert digest("<p>版权所有：云岭县人民政府办公室，未经许可不得转载本网站的任何内容和图片资料等信息。</p>" * 9) == ""


NOT_SHOWN = {
    "nothing": H + BODY,
    "event right under the title": f"{H}<p>时间：2026年12月1日上午9时</p><p>地点：县政府会议室</p>",
    "execution": f"{H}<p>施行日期：2026-12-01</p>{BODY}",
    "issued": f"{H}<p>成文日期：2026-10-30　发文机关：县政府</p>{BODY}",
    "passed by": f"{H}<p>（2026年10月30日云岭县人民政府常务会议通过）</p>{BODY}",
    "a bidding deadline": f"{H}<p>截止时间：2026-12-01 来源：交易中心</p>{BODY}",
}


@pytest.mark.parametrize("case", NOT_SHOWN)
def test_other_dates_are_not_the_publication(case):
    document = article(NOT_SHOWN[case])
    assert on_page(document, fetched_at=AT).date is None
    assert published(document, URL, fetched_at=AT).source is DateSource.ADDRESS
    assert published(document, "http://www.yunling.gov.cn/a.html", fetched_at=AT).date is None


@pytest.mark.parametrize(
    "meta",
    [
        '<meta name="PubDate" content="2026-11-03 10:08">',
        '<META NAME="pubdate" CONTENT="2026-11-03 10∶08">',
        '<meta name="PubDate" content=""><meta name="PUBDATE" content="2026年11月03日">',
        '<meta name="publishdate" content="2026-11-03">',
        '<meta property="article:published_time" content="2026-11-03T09:00:00+08:00">',
        '<meta name="Maketime" content="2026-11-20"><meta name="PubDate" content="2026/11/3 8:00:00">',
    ],
)
def test_meta_beats_address(meta):
    found = published(article(H + BODY, meta), URL, fetched_at=AT)
    assert (found.date, found.source) == (date(2026, 11, 3), DateSource.META)


@pytest.mark.parametrize(
    "meta",
    [
        '<meta name="Maketime" content="2026-11-03"><meta name="Last-Modified" content="2026-11-03">',
        '<meta name="PubDate" content="">',
        '<meta name="PubDate" content="0001-01-01">',
        '<meta name="PubDate" content="null">',
    ],
)
def test_meta_that_says_nothing(meta):
    assert in_meta(article(H, meta), fetched_at=AT).date is None


def test_time_of_update_counts_only_after_meta():
    body = f"{H}<p>来源：县政府办　更新时间：2026-11-03 10:46</p>{BODY}"
    document = article(body, '<meta name="PubDate" content="2026-08-14">')
    assert published(document, URL, fetched_at=AT).date == date(2026, 8, 14)
    assert published(article(body), URL, fetched_at=AT).date == date(2026, 11, 3)


def test_a_naive_moment_is_china_time():
    assert read("今天", fetched_at=datetime(2026, 11, 24, 0, 30)).as_date == TODAY
    assert read("今天", fetched_at=datetime(2026, 11, 24, 0, 30, tzinfo=CHINA)).as_date == TODAY


@settings(max_examples=30)
@given(st.lists(st.integers(0, 10**6), min_size=SKETCH, max_size=300, unique=True), st.integers(0, 300))
def test_sketches_tell_how_much_of_two_texts_is_common(sentences: list[int], changed: int) -> None:
    def sketch(numbers: list[int]) -> tuple[int, ...]:
        return tuple(sorted(zlib.crc32(str(n).encode()) for n in numbers)[:SKETCH])

    other = [-n - 1 for n in sentences[:changed]] + sentences[changed:]
    common = len(sentences[changed:])
    share = common / (2 * len(sentences) - common)
    assert alike(sketch(sentences), sketch(sentences)) == 1
    assert abs(alike(sketch(sentences), sketch(other)) - share) < 0.45  # 32 of them: five deviations at worst
    assert alike(sketch(sentences), ()) == 0
