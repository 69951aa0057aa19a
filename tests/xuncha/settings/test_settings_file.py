from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from crawler.probe import Announced
from crawler.quiet import Quiet
from crawler.site import Column, ColumnKind, Site, SiteKind
from xuncha import settings, settings_file
from xuncha.parameters import CHINA
from xuncha.settings import (
    AgentSettings,
    NoticeSettings,
    RunSettings,
    ScheduleSettings,
    Settings,
    WatchSettings,
)


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


def test_announced_maintenance(load, told):
    site = '[[site]]\nurl = "http://jy.yunling.gov.cn"\n[[site.announced]]\nreason = "停电"\n'
    [window] = load(site + "from = 2027-01-09T22:00:00\nto = '2027-01-10 06:00+07:00'").announced[
        "http://jy.yunling.gov.cn/"
    ]
    assert window == Announced(datetime(2027, 1, 9, 22, tzinfo=CHINA), datetime(2027, 1, 10, 7, tzinfo=CHINA), "停电")
    assert "to 应为晚于 from 的时间" in told(site + "from = 2027-01-09T22:00:00\nto = 2027-01-09T22:00:00")
    assert "应为日期和时间" in told(site + "from = 2027-01-09\nto = 2027-01-10T06:00:00")


def test_an_editions_id_is_no_path(load):
    assert load('run.edition = "cn-2019"').run.edition == "cn-2019"


def test_an_absolute_path_stays(load, tmp_path):
    elsewhere = tmp_path.parent / "elsewhere"
    assert load(f"run.data = '{elsewhere}'").run.data == elsewhere


def test_the_mark_that_notepad_puts_first_is_no_fault(load):
    assert load("\ufeff[run]\r\nrate = 1\r\n".encode()).run.rate == 1.0


def test_paths_are_those_of_the_settings_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("sub").mkdir()
    Path("sub/x.toml").write_text("register = 'a.csv'", encoding="utf-8")
    assert settings_file.load(Path("sub/x.toml")).register == Path("sub/a.csv")
