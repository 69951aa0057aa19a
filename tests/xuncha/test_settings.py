from dataclasses import fields
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from crawler.plan import Plan
from crawler.probe import Announced
from crawler.quiet import Quiet
from crawler.site import Column, ColumnKind, Site, SiteKind
from reports.notice import NoticeDetails
from xuncha import settings
from xuncha.keys import KEYS
from xuncha.parameters import CHINA
from xuncha.settings import (
    AgentSettings,
    NoticeSettings,
    NotifySettings,
    RetentionSettings,
    RunSettings,
    ScheduleSettings,
    Settings,
    SettingsError,
    WatchSettings,
)


@pytest.fixture
def load(tmp_path):
    def loaded(text):
        path = tmp_path / "xuncha.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return settings.load(path)

    return loaded


def told(load, text):
    with pytest.raises(SettingsError) as caught:
        load(text)
    line = str(caught.value)
    assert line.isprintable()
    assert "xuncha.toml" in line
    return line


# What is read


def test_an_empty_file_says_nothing(load, tmp_path):
    assert load("") == Settings(path=tmp_path / "xuncha.toml")
    assert settings.given(load("").run) == {}


def test_a_whole_file(load, tmp_path):
    read = load("""
        register = "名录/sites.xlsx"
        rule_modules = ["yunling.rules", "云岭"]
        wrong_words = "名录/错写.txt"
        [run]
        edition = "editions/yunling.toml"
        scope = "full"
        rate = 0
        concurrency = 2
        max_pages = 100
        max_seconds = 90.5
        max_bytes = 1_000_000
        data = "data"
        executor = "processes"
        workers = 4
        render = "never"
        browser = "浏览器/chrome"
        browser_sandbox = false
        ignore_robots = true
        allow_private = ["Portal.intra", "10.1.2.3", "::1"]
        [agent]
        name = "yunling-xuncha"
        contact = "https://www.yunling.gov.cn/jiancha"
        [notice]
        office = "云岭县人民政府办公室"
        running = 0
        workdays = 15
        [notice.holidays]
        off = [2027-04-11, "2027-04-12"]
        worked = [2027-04-10]
        [watch]
        timezone = "Asia/Urumqi"
        misfire_grace = 600
        [[schedule]]
        name = "工作日"
        cron = "30 2 * * 1-5"
        [[schedule]]
        name = "全站"
        every = "2 days"
        scope = "full"
        edition = "editions/yunling.toml"
        sites = ["5399990001", "5399990001"]
        formats = ["html", "csv"]
        out = "reports/full"
        jitter = 60
        [[site]]
        url = "https://www.yunling.gov.cn/zw/"
        name = "云岭县人民政府"
        code = "5399990001"
        organ = "云岭县人民政府办公室"
        kind = "portal"
        [[site.column]]
        name = "通知公告"
        url = "tzgg/"
        kind = "notice"
        days = 20
        [[site.column]]
        name = "年报"
        url = "https://xxgk.yunling.gov.cn/nb?id=1#top"
        top = false
        archived = true
        [[site]]
        url = "jy.yunling.gov.cn"
        code = "BM99990002"
        services = false
        quiet = ["08:30-12:00", "22:00-6:00"]
    """)

    assert read.run == RunSettings(
        edition=str(tmp_path / "editions/yunling.toml"),
        scope="full",
        rate=0.0,
        concurrency=2,
        max_pages=100,
        max_seconds=90.5,
        max_bytes=1_000_000,
        data=tmp_path / "data",
        executor="processes",
        workers=4,
        render="never",
        browser=str(tmp_path / "浏览器/chrome"),
        browser_sandbox=False,
        ignore_robots=True,
        allow_private=("portal.intra", "10.1.2.3", "::1"),
    )
    assert read.agent == AgentSettings("yunling-xuncha", "https://www.yunling.gov.cn/jiancha")
    off = {date(2027, 4, 11): True, date(2027, 4, 12): True, date(2027, 4, 10): False}
    assert read.notice == NoticeSettings(office="云岭县人民政府办公室", running=0, workdays=15, holidays=off)
    assert read.watch == WatchSettings(ZoneInfo("Asia/Urumqi"), 600)
    workdays, full = read.schedule
    assert workdays.cron is not None
    assert workdays == ScheduleSettings("工作日", cron=workdays.cron)
    assert full.every is not None
    assert full.every.step == timedelta(days=2)
    assert full == ScheduleSettings(
        "全站",
        every=full.every,
        scope="full",
        edition=str(tmp_path / "editions/yunling.toml"),
        sites=("5399990001",),
        formats=("html", "csv"),
        out=tmp_path / "reports" / "full",
        jitter=60,
    )
    assert read.rule_modules == ("yunling.rules", "云岭")
    assert read.wrong_words == tmp_path / "名录" / "错写.txt"
    assert read.register == tmp_path / "名录" / "sites.xlsx"
    assert read.sites == (
        Site(
            "https://www.yunling.gov.cn/zw/",
            "云岭县人民政府",
            "5399990001",
            "云岭县人民政府办公室",
            SiteKind.PORTAL,
            columns=(
                Column("通知公告", "https://www.yunling.gov.cn/zw/tzgg/", ColumnKind.NOTICE, days=20, given=True),
                Column("年报", "https://xxgk.yunling.gov.cn/nb?id=1", top=False, archived=True, given=True),
            ),
        ),
        Site("http://jy.yunling.gov.cn/", code="bm99990002", services=False, quiet=(Quiet(510, 720), Quiet(1320, 360))),
    )


def test_announced_maintenance(load):
    site = '[[site]]\nurl = "http://jy.yunling.gov.cn"\n[[site.announced]]\nreason = "停电"\n'
    [window] = load(site + "from = 2027-01-09T22:00:00\nto = '2027-01-10 06:00+07:00'").announced[
        "http://jy.yunling.gov.cn/"
    ]
    assert window == Announced(datetime(2027, 1, 9, 22, tzinfo=CHINA), datetime(2027, 1, 10, 7, tzinfo=CHINA), "停电")
    assert "to 应为晚于 from 的时间" in told(load, site + "from = 2027-01-09T22:00:00\nto = 2027-01-09T22:00:00")
    assert "应为日期和时间" in told(load, site + "from = 2027-01-09\nto = 2027-01-10T06:00:00")


def test_an_editions_id_is_no_path(load):
    assert load('run.edition = "cn-2019"').run.edition == "cn-2019"


def test_an_absolute_path_stays(load, tmp_path):
    elsewhere = tmp_path.parent / "elsewhere"
    assert load(f"run.data = '{elsewhere}'").run.data == elsewhere


def test_the_mark_that_notepad_puts_first_is_no_fault(load):
    assert load("\ufeff[run]\r\nrate = 1\r\n".encode()).run.rate == 1.0


# The list of keys


def test_every_key_is_a_field_and_every_field_a_key():
    assert {*KEYS["run"]} == {f.name for f in fields(RunSettings)}
    assert {*KEYS["agent"]} == {f.name for f in fields(AgentSettings)}
    assert {*KEYS["notice"], "holidays"} == {f.name for f in fields(NoticeSettings)}
    assert {*KEYS["notify"]} == {f.name for f in fields(NotifySettings)}
    assert {*KEYS["retention"]} == {f.name for f in fields(RetentionSettings)}
    assert {*KEYS["watch"]} == {f.name for f in fields(WatchSettings)}
    assert {*KEYS["schedule"]} == {f.name for f in fields(ScheduleSettings)}
    tables = {"run", "agent", "notice", "watch", "retention", "notify", "schedule", "sites", "announced"}
    assert {*KEYS[""], *tables, "path"} == {f.name for f in fields(Settings)}
    assert {*KEYS["site"], "columns"} == {f.name for f in fields(Site)}
    assert {*KEYS["site.column"], "given", "evidence"} == {f.name for f in fields(Column)}
    assert {f.name for f in fields(NoticeSettings)} - {"template"} <= {f.name for f in fields(NoticeDetails)}


def test_the_example_says_every_key_and_is_good(load):
    text = settings.example()
    shown = load(text)
    for table, keys in KEYS.items():
        for name in keys:
            assert f"\n{name} = " in text or f"\n# {name} = " in text, (table, name)
    assert shown.sites[0].columns[0].url == "http://www.yunling.gov.cn/zwgk/tzgg/"
    uncommented = "\n".join(
        line.removeprefix("# ")
        if any(line.startswith(f"# {name} = ") for keys in KEYS.values() for name in keys if name != "every")
        else line
        for line in text.split("\n")
    )
    full = load(uncommented)
    [line] = full.schedule
    assert {f.name for f in fields(line) if getattr(line, f.name) is None} == {"every"}
    assert (
        load(text.replace("\ncron =", "\n# cron =").replace("\n# every =", "\nevery =")).schedule[0].every is not None
    )
    assert None not in (full.register, full.agent.contact, full.notice.running, full.sites[0].columns[0].days)


def test_the_example_shows_what_holds_without_it(load):
    plan = {f.name: f.default for f in fields(Plan)}
    told = settings.given(load(settings.example()).run)
    shared = plan.keys() & told.keys() - {"edition"}
    assert shared >= {"scope", "rate", "concurrency", "max_pages", "max_seconds", "max_bytes", "ignore_robots"}
    assert {name: told[name] for name in shared} == {name: plan[name] for name in shared}
    assert settings.given(load(settings.example()).notice)["workdays"] == NoticeDetails().workdays


# What is refused


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[run]\nrate = -1", ["run.rate 应为不小于 0 的数，现为 -1"]),
        ("[run]\nrate = true", ["run.rate", "现为 true"]),
        ("[run]\nrate = nan", ["run.rate"]),
        ("[run]\nrate = inf", ["run.rate"]),
        ("[run]\nrate = '5'", ["run.rate", "“5”"]),
        (f"[run]\nrate = {'9' * 400}", ["run.rate", "…"]),
        ("[run]\nconcurrency = 0", ["run.concurrency 应为不小于 1 的整数，现为 0"]),
        ("[run]\nconcurrency = 1.0", ["run.concurrency"]),
        ("[run]\nmax_pages = true", ["run.max_pages"]),
        ("[run]\nscope = 'all'", ["run.scope 应为quick、full 之一"]),
        ("[run]\nscope = []", ["run.scope"]),
        ("[run]\nexecutor = 'thread'", ["run.executor", "threads"]),
        ("[run]\nignore_robots = 1", ["run.ignore_robots 应为true 或 false"]),
        ("[run]\nrender = 'always'", ["run.render", "auto", "never"]),
        ("[run]\nbrowser_sandbox = 0", ["run.browser_sandbox"]),
        ("[run]\nbrowser = true", ["run.browser"]),
        ("[run]\nallow_private = 'localhost'", ["run.allow_private 应为列表"]),
        ("[run]\nallow_private = ['http://localhost']", ["run.allow_private", "主机名"]),
        ("[run]\ndata = ''", ["run.data"]),
        ("[run]\nedition = ' '", ["run.edition"]),
        ("[run]\nrates = 1", ["没有 “run.rates” 这一项，是不是 rate？", "max_pages"]),
        ('[run]\n"a\\nb" = 1', ["没有 “run.a b” 这一项，可用的有：edition"]),
        ("run = 3", ["run 应为一个表，写作 [run]，现为 3"]),
        ("[[run]]\nrate = 1", ["run 应为一个表"]),
        ("[runs]\nrate = 1", ["没有 “runs” 这一项，是不是 run？", "site"]),
        ("[agent]\ncontact = '云岭县政府办公室'", ["agent.contact", "电子邮箱或网址"]),
        ('[agent]\ncontact = "a@b.cn\\r\\nX-Evil: 1"', ["agent.contact"]),
        ("[agent]\nname = 'xun cha'", ["agent.name"]),
        ("[notice]\nworkdays = 0", ["notice.workdays"]),
        ("[notice]\nrunning = -3", ["notice.running"]),
        ('[notice]\noffice = "a\\nb"', ["notice.office 应为一行文字，现为 “a b”"]),
        ("[notice.holidays]\noff = ['2027-02-30']", ["notice.holidays.off", "日期，如 2027-01-01"]),
        ("[notice.holidays]\noff = [2027-02-03T00:00:00]", ["notice.holidays.off"]),
        ("[notice.holidays]\noff = 2027-02-03", ["notice.holidays.off", "现为 2027-02-03"]),
        ("[notice.holidays]\noff = [20270203]", ["notice.holidays.off"]),
        (
            "[notice.holidays]\noff = [2027-02-03]\nworked = [2027-02-03]",
            ["notice.holidays.worked", "2027-02-03 两处都有"],
        ),
        ("[notice]\nholidays = [2027-02-03]", ["notice.holidays 应为一个表，写作 [notice.holidays]"]),
        ("rule_modules = ['../evil.py']", ["rule_modules"]),
        ("[watch]\ntimezone = '北京'", ["watch.timezone 应为时区名称，如 Asia/Shanghai"]),
        ("[watch]\ntimezone = ''", ["watch.timezone"]),
        ("[watch]\ntimezone = 'Asia'", ["watch.timezone"]),
        ("[watch]\ntimezone = '../../etc/passwd'", ["watch.timezone"]),
        ("[watch]\ntimezone = 8", ["watch.timezone"]),
        ("[watch]\nmisfire_grace = 0", ["watch.misfire_grace 应为不小于 1 的整数"]),
        ("[watch]\nmisfire = 5", ["没有 “watch.misfire” 这一项，是不是 misfire_grace？"]),
        ("[schedule]\nname = 'a'", ["schedule 应为一个或几个表，写作 [[schedule]]"]),
        ("register = 3", ["register"]),
        ("[[site]]\nname = '云岭'", ["缺少 site[1].url，应为http:// 或 https:// 开头的网址"]),
        ("[site]\nurl = 'http://a.gov.cn'", ["site 应为一个或几个表，写作 [[site]]"]),
        ("site = ['http://a.gov.cn']", ["site 应为一个或几个表，写作 [[site]]"]),
        ("[[site]]\nurl = 'http://a.gov.cn'\n[[site]]\nurl = 'ftp://b.gov.cn'", ["site[2].url", "“ftp://b.gov.cn”"]),
        ("[[site]]\nurl = 'http://a.gov.cn'\ncode = 5399990001", ["site[1].code", "加引号", "现为 5399990001"]),
        ("[[site]]\nurl = 'http://a.gov.cn'\ncode = '539999'", ["site[1].code", "10 位数字"]),
        ("[[site]]\nurl = 'http://a.gov.cn'\nquiet = '8-18'", ["site[1].quiet 应为“时:分-时:分”", "现为 “8-18”"]),
        ("[[site]]\nurl = 'http://a.gov.cn'\nquiet = ['08:30-12:00', 14]", ["site[1].quiet", "如 08:30-18:00"]),
        ("[[site]]\nurl = 'http://a.gov.cn'\nquiet = ['08:00-20:00', '20:00-08:00']", ["site[1].quiet", "占满一天"]),
        ("[[site]]\nurl = 'http://a.gov.cn'\nquiet = 08:30:00", ["site[1].quiet"]),
        ("[[site]]\nurl = 'http://a.gov.cn'\nkind = '门户'", ["site[1].kind 应为portal、department 之一"]),
        ("[[site]]\nurl = 'http://a.gov.cn'\n[[site]]\nurl = 'https://A.gov.cn/'", ["site[2] 与 site[1] 是同一个网站"]),
        ("[[site]]\nurl = 'http://a.gov.cn'\n[[site.columns]]\nname = 'x'", ["“site[1].columns”", "是不是 column？"]),
    ],
)
def test_a_wrong_value_is_named_with_its_place(load, text, words):
    line = told(load, text)
    assert all(word in line for word in words), line
    assert len(line) < 250


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name = 'x'", "缺少 site[1].column[2].url"),
        ("name = ' '\nurl = '/x'", "site[1].column[2].name"),
        ("name = 'x'\nurl = 'ftp://a.gov.cn/'", "site[1].column[2].url"),
        ("name = 'x'\nurl = 'javascript:void(0)'", "site[1].column[2].url"),
        ("name = 'x'\nurl = 'http://'", "site[1].column[2].url"),
        ("name = 'x'\nurl = '/a b'", "site[1].column[2].url"),
        ("name = 'x'\nurl = 'http://a.gov.cn:80/tz/#top'", "与本站其他栏目不同的网址"),
        ("name = 'x'\nurl = '/x'\nkind = 'news,notice'", "site[1].column[2].kind"),
        ("name = 'x'\nurl = '/x'\ndays = 0", "site[1].column[2].days"),
        ("name = 'x'\nurl = '/x'\ngiven = true", "没有 “site[1].column[2].given” 这一项"),
    ],
)
def test_a_wrong_column_is_named_with_its_place(load, text, words):
    good = "[[site]]\nurl = 'http://a.gov.cn'\n[[site.column]]\nname = 'x'\nurl = '/tz/'\n"
    assert words in told(load, f"{good}[[site.column]]\n{text}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cron = '0 2 * * *'", "缺少 schedule[2].name"),
        ("name = 'a'", "schedule[2] 中 cron 和 every 应写其中一项，而且只写一项"),
        ("name = 'a'\ncron = '0 2 * * *'\nevery = '1 days'", "只写一项"),
        ("name = 'a'\ncron = '0 2 * *'", "schedule[2].cron 应为五个字段：分 时 日 月 周"),
        ("name = 'a'\ncron = '0 2 * * 1-5 root'", "schedule[2].cron"),
        ("name = 'a'\ncron = '@daily'", "schedule[2].cron"),
        ("name = 'a'\ncron = '60 2 * * *'", "schedule[2].cron"),
        ("name = 'a'\ncron = 2", "schedule[2].cron"),
        ("name = 'a'\nevery = '6'", "schedule[2].every 应为“数字 minutes”"),
        ("name = 'a'\nevery = '0 hours'", "schedule[2].every"),
        ("name = 'a'\nevery = '6 小时'", "schedule[2].every"),
        ("name = 'a'\nevery = '1.5 hours'", "schedule[2].every"),
        ("name = 'a'\nevery = '400 days'", "最长一年"),
        ("name = 'a'\nevery = 3600", "schedule[2].every"),
        ("name = 'a'\nevery = '1 minutes'\njitter = 60", "schedule[2].jitter 应为小于 every 的秒数"),
        ("name = 'a'\nevery = '1 days'\njitter = -1", "schedule[2].jitter"),
        ("name = 'a'\nevery = '1 days'\nscope = 'all'", "schedule[2].scope"),
        ("name = 'a'\nevery = '1 days'\nsites = []", "schedule[2].sites 应为列表，至少一项"),
        ("name = 'a'\nevery = '1 days'\nsites = 'x'", "schedule[2].sites"),
        ("name = 'a'\nevery = '1 days'\nformats = ['pdf']", "schedule[2].formats"),
        ("name = 'a'\nevery = '1 days'\nformats = []", "schedule[2].formats"),
        ("name = 'a'\nevery = '1 days'\nout = 'reports'", "schedule[2].out 应为与其他日程不同的文件夹"),
        ("name = '每日B'\nevery = '1 days'", "schedule[2].name 应为与其他日程不同的名称"),
        ("name = '../a'\nevery = '1 days'", "schedule[2].name 应为60 字以内的名称"),
        ("name = 'a\\b'\nevery = '1 days'", "schedule[2].name"),
        ("name = '.'\nevery = '1 days'", "schedule[2].name"),
        ("name = '..'\nevery = '1 days'", "schedule[2].name"),
        ("name = ''\nevery = '1 days'", "schedule[2].name"),
        ("name = ' a'\nevery = '1 days'", "schedule[2].name"),
        ("name = 'a.'\nevery = '1 days'", "schedule[2].name"),
        ("name = 'NUL'\nevery = '1 days'", "schedule[2].name"),
        ("name = 'com1.txt'\nevery = '1 days'", "schedule[2].name"),
        ("name = 'a'\nevery = '1 days'\nquiet = '1-2'", "schedule[2].quiet 应为“时:分-时:分”"),
        ("name = 'a'\nevery = '1 days'\nafter2 = '1'", "没有 “schedule[2].after2” 这一项"),
        ("name = 'a'\nevery = '1 hours'\ntask = 'ping'", "schedule[2].task 应为audit、probe"),
        ("name = 'a'\nevery = '1 hours'\ntask = 'probe'\nscope = 'full'", "schedule[2] 的 task 是 probe，不用写 scope"),
    ],
)
def test_a_wrong_line_of_the_schedule_is_named_with_its_place(load, text, words):
    text = f"[[schedule]]\nname = '每日b'\ncron = '0 2 * * *'\nout = 'reports'\n[[schedule]]\n{text}"
    assert words in told(load, text)


@pytest.mark.parametrize("name", ["每日", "control", "nul-1", "a.b", "a b", "每日（full）", "con1", "x" * 60])
def test_a_name_that_makes_a_folder(load, name):
    assert load(f"[[schedule]]\nname = '{name}'\nevery = '1 day'").schedule[0].name == name


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[run]\nrate = \n", "第2行：等号后面的写法不对"),
        ("[run]\n\nscope = quick", "第3行：等号后面的写法不对"),
        ("[run]\nscope = “quick”", "第2行：用了中文引号或等号"),
        ("[run]\nscope＝'quick'", "第2行：用了中文引号或等号"),
        ('[run]\nscope = "quick”', "第2行：用了中文引号或等号"),
        ('[run]\ndata = "C:\\Users\\xuncha"', "第2行：双引号中不能直接写 \\，路径请改用 /"),
        ('[run]\ndata = "D:\\巡查"', "第2行：双引号中不能直接写 \\"),
        ("[run]\nrate 5", "第2行：缺少等号"),
        ("[run]\nrate = 5 scope = 'quick'", "第2行：一行只能写一项"),
        ("[run]\nrate = 5\nrate = 6", "第3行：同一项或同一个表写了两次"),
        ("[run]\nrate = 5\n[run]\n", "第3行：同一项或同一个表写了两次"),
        ("[run]\n设置 = 1", "第2行：应为“名称 = 值”或 [表名]"),
        ('[run]\nscope = "quick\nrate = 1', "第2行：引号没有配对"),
        ("[run]\nscope = 'quick\nrate = 1", "xuncha.toml：引号没有配对"),
        ("[run]\nallow_private = ['a'，'b']", "第2行：列表没有写完整"),
        ("[run\nrate = 1", "第1行：表名的方括号没有配对"),
        ("[run]\nrate = 5 # 说明“五”\nx = 2027-13-45", "第3行"),
        ("[run]\nrate = " + "9" * 5000, "不是正确的 TOML"),
        ("a = " + "[" * 20_000, "xuncha.toml"),
        ("a = '", "xuncha.toml"),
        ("设置".encode("gb18030"), "不是 UTF-8 编码"),
        (b"PK\x03\x04\xff\xff", "不是 UTF-8 编码"),
        (b"\x00", "xuncha.toml"),
    ],
)
def test_what_is_no_toml_is_named_with_its_line(load, text, words):
    assert words in told(load, text)


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(SettingsError, match="找不到设置文件"):
        settings.load(tmp_path / "nothing.toml")
    with pytest.raises(SettingsError, match="无法读取"):
        settings.load(tmp_path)


anything = st.recursive(
    st.sampled_from(
        ["true", "-1", "0", "1.5", "nan", "''", "'x'", "'http://a.gov.cn'", "2027-01-01", "07:32:00", "'cn-2019'"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(st.sampled_from([name for keys in KEYS.values() for name in keys]), inner, max_size=3).map(
            lambda table: "{" + ", ".join(f"{name} = {value}" for name, value in table.items()) + "}"
        )
    ),
    max_leaves=6,
)
places = st.sampled_from([f"{table}.{name}".lstrip(".") for table, keys in KEYS.items() for name in ["", *keys]])


@given(st.dictionaries(places.map(lambda place: place.rstrip(".")).filter(bool), anything, max_size=4))
@hypothesis_settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_toml_is_read_or_refused_in_one_line(load, content):
    text = "\n".join(f"{place} = {value}" for place, value in content.items())
    try:
        assert isinstance(load(text), Settings)
    except SettingsError as error:
        assert str(error).isprintable()
        assert "xuncha.toml" in str(error)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
@hypothesis_settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_read_or_refused_in_one_line(load, text):
    try:
        assert settings.given(load(text).run) == {}
    except SettingsError as error:
        assert "\n" not in str(error)


def test_paths_are_those_of_the_settings_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("sub").mkdir()
    Path("sub/x.toml").write_text("register = 'a.csv'", encoding="utf-8")
    assert settings.load(Path("sub/x.toml")).register == Path("sub/a.csv")
