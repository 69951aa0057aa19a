"""What is refused, and how it is told."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from xuncha import settings
from xuncha.keys import KEYS
from xuncha.settings import Settings, SettingsError


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
def test_a_wrong_value_is_named_with_its_place(told, text, words):
    line = told(text)
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
def test_a_wrong_column_is_named_with_its_place(told, text, words):
    good = "[[site]]\nurl = 'http://a.gov.cn'\n[[site.column]]\nname = 'x'\nurl = '/tz/'\n"
    assert words in told(f"{good}[[site.column]]\n{text}")


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
        ("name = 'a'\nevery = '1 days'\nsample = 30", "schedule[2].sample 应为大于 0、不超过 100% 的比例"),
        ("name = 'a'\nevery = '1 days'\nsample = '0%'", "schedule[2].sample"),
        ("name = 'a'\nevery = '1 days'\nrenew = true", "schedule[2].renew 应为和 sample 一起写的"),
        ("name = 'a'\nevery = '1 days'\nafter = 'backup'", "schedule[2].after 应为列表"),
        (
            "name = 'a'\nevery = '1 days'\nafter = ['audit']",
            "schedule[2].after 应为列表，至少一项，每一项是review",
        ),
        (
            "name = 'a'\nevery = '1 days'\ntask = 'recheck'\nafter = ['recheck']",
            "schedule[2].after 应为与 task 不同的事",
        ),
        ("name = 'a'\nevery = '1 days'\nafter = ['backup']", "schedule[2] 要备份，请在 [retention] 中写明 backups"),
        ("name = 'a'\nevery = '1 days'\ntask = 'prune'", "schedule[2] 要删除过期的，请在 [retention] 中写明 days"),
        ("name = 'a'\nevery = '1 days'\ntask = 'probe'\nsample = '1%'", "schedule[2] 的 task 是 probe，不用写 sample"),
        (
            "name = 'a'\nevery = '1 days'\ntask = 'notice'\nnotify = true",
            "schedule[2] 的 task 是 notice，不用写",
        ),
        ("name = 'a'\nevery = '1 hours'\ntask = 'probe'\nscope = 'full'", "schedule[2] 的 task 是 probe，不用写 scope"),
    ],
)
def test_a_wrong_line_of_the_schedule_is_named_with_its_place(told, text, words):
    text = f"[[schedule]]\nname = '每日b'\ncron = '0 2 * * *'\nout = 'reports'\n[[schedule]]\n{text}"
    assert words in told(text)


@pytest.mark.parametrize("name", ["每日", "control", "nul-1", "a.b", "a b", "每日（full）", "con1", "x" * 60])
def test_a_name_that_makes_a_folder(load, name):
    assert load(f"[[schedule]]\nname = '{name}'\nevery = '1 day'").schedule[0].name == name


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
