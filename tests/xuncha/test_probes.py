"""Home pages watched: probe, announce, and what an audit makes of it."""

import json
from datetime import datetime, timedelta

import pytest

from crawler.message import say
from crawler.probe import Announced, Probe, ProbeState
from xuncha import probing
from xuncha.ledger import State, standing
from xuncha.parameters import CHINA
from xuncha.store import Store

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=CHINA)  # the moment of the small site
OUT = say("超时，没有打开")


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """What fails is not asked again after seconds."""
    ask = probing.probe
    monkeypatch.setattr(probing, "probe", lambda *args, **more: ask(*args, again=(), **more))


def settings(*urls, more=""):
    sites = "".join(f'[[site]]\nurl = "{url}"\nname = "网站{n}"\n' for n, url in enumerate(urls, 1))
    return f"{more}\n{sites}"


def watch(url, *, down=range(0), days=7, state=ProbeState.DOWN):
    """A probe every hour before NOW; those of these numbers found it shut."""
    with Store.open(path()) as store:
        for n in range(24 * days):
            moment = NOW - timedelta(hours=24 * days - n)
            found = state if n in down else ProbeState.UP
            store.probes.add_round({url: Probe(moment, found, "x", OUT, 0.4)}, started=moment, finished=moment)


def path():
    from pathlib import Path

    return Path("xuncha-data/xuncha.db")


def access(xuncha, web, *options):
    """The check 1.2 of an audit, and the finding of the watch."""
    said = xuncha(
        "audit", web.url, "--as-of", "2026-11-20T09:00", "--rate", 0, "--out", "out", "--format", "json", *options
    )
    assert said.code in (0, 1, 3)
    [site] = xuncha.data()["sites"]
    [check] = [c for c in site["checks"] if c["indicator"] == "1.2"]
    found = [f for f in site["findings"] if f["rule"] == "unreachable-home"]
    return site, check, found


def test_probes_are_told_and_kept(xuncha, webs):
    up, down = webs(), webs()
    up.page("/", "x")
    down.say("/", 503)
    xuncha.write("xuncha.toml", settings(up.url, down.url, "http://127.0.0.1:9/"))
    said = xuncha("probe")
    assert said.code == 1
    first, second, third, total = said.out.splitlines()
    assert first.startswith("网站1：打开了，用了0.")
    assert second == "网站2：打不开（服务器出错（HTTP 503））"
    assert third == "网站3：打不开（服务器拒绝连接）"
    assert total == "共监测 3 个首页：打开 1 个，打不开 2 个，不能判断 0 个"
    assert xuncha("probe", "网站1", "--quiet").code == 0
    with Store.open(path(), read_only=True) as store:
        until = datetime.now(CHINA)
        kept = [store.probes.watched(url, until - timedelta(hours=1), until).probes for url in (up.url, down.url)]
    assert [[probe.code for probe in probes] for probes in kept] == [["ok", "ok"], ["http-503"]]
    assert up.asked == ["GET /", "GET /"]


def test_our_own_outage_is_said_and_the_witness_believed(xuncha, web):
    xuncha.write("xuncha.toml", settings("http://127.0.0.1:9/", "http://127.0.0.2:9/"))
    said = xuncha("probe")
    assert said.code == 3
    assert said.out.count("可能是本机网络不通，不作判断") == 2
    web.page("/", "x")
    more = f'[watch]\nwitnesses = ["{web.url}"]\n'
    xuncha.write("xuncha.toml", settings("http://127.0.0.1:9/", "http://127.0.0.2:9/", more=more))
    assert xuncha("probe").code == 1
    assert web.asked == ["GET /"]


def test_a_neighbour_bears_witness(xuncha, web):
    web.page("/", "x")
    xuncha.write("xuncha.toml", settings("http://127.0.0.1:9/", web.url))
    said = xuncha("probe", "网站1")
    assert said.out.splitlines()[0] == "网站1：打不开（服务器拒绝连接）"
    assert web.asked == ["GET /"]


def test_quiet_hours_are_kept(xuncha, web):
    web.page("/", "x")
    now = datetime.now(CHINA)
    hours = f"{now - timedelta(hours=1):%H:%M}-{now + timedelta(hours=1):%H:%M}"
    xuncha.write("xuncha.toml", settings(web.url) + f'quiet = "{hours}"\n')
    said = xuncha("probe")
    assert (said.code, web.asked) == (0, [])
    assert "现在是免打扰时段" in said.out


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["probe"], "没有要检查的网站"),
        (["probe", "page.html"], "“page.html”是保存的网页，没有首页可以监测"),
        (["announce", "www.yunling.gov.cn", "2026-11-20"], "报备要写明网站、开始时间、结束时间和原因"),
        (["announce", "www.yunling.gov.cn", "2026-11-20", "2026-11-19", "停电"], "报备的结束时间应晚于开始时间"),
        (["announce", "www.yunling.gov.cn", "昨天", "2026-11-19", "停电"], "“昨天”不是日期"),
        (["announce", "--withdraw", "7"], "没有编号为 7 的报备"),
        (["announce", "x", "--withdraw", "7"], "--withdraw 只写编号"),
    ],
)
def test_mistakes_are_one_line(xuncha, words, line):
    xuncha.write("page.html", "<p>x")
    said = xuncha(*words)
    assert said.code == 2
    assert line in said.line


def test_a_week_of_probes_decides_the_veto(xuncha, web):
    web.sound()
    site, check, found = access(xuncha, web)
    assert (check["status"], found) == ("review", [])  # nobody watched
    assert "监测时间点以前7天没有监测记录" in check["why"]

    watch(web.url, down=range(30, 40))
    site, check, found = access(xuncha, web)
    assert (check["status"], check["rule"], site["verdict"]) == ("fail", "unreachable-home", "unqualified")
    assert "1.2" in site["vetoes"]
    [finding] = found
    assert "167次，10次打不开，占6.0%" in finding["message"]
    assert (finding["certain"], finding["part"], finding["evidence"]) == (True, "veto", None)
    assert finding["excerpt"].startswith("11-14 15:00、")
    assert [day["failed"] for day in site["availability"]] == [0, 10, 0, 0, 0, 0, 0]

    # Announced late, judged again from the same bytes.
    assert xuncha("announce", web.url, "2026-11-14T12:00", "2026-11-14T23:30", "机房停电").code == 0
    assert f"编号 1：127.0.0.1:{web.port}，2026-11-14 12:00 至 2026-11-14 23:30，机房停电\n" == xuncha("announce").out
    assert xuncha("audit", "--replay", "last", "--out", "again", "--format", "json").code in (0, 1, 3)
    [site] = xuncha.data("again")["sites"]
    assert [c["status"] for c in site["checks"] if c["indicator"] == "1.2"] == ["pass"]
    assert site["availability"][1]["announced"] == 12

    assert xuncha("announce", "--withdraw", "1").code == 0
    assert xuncha("announce").out == "没有报备过维护\n"


def test_a_week_without_faults_passes_and_a_finding_of_the_watch_stays_till_then(xuncha, web):
    web.sound()
    watch(web.url, down=range(30, 40))
    access(xuncha, web)
    with Store.open(path()) as store:
        [open_] = [e for e in store.ledger.entries() if e.rule == "unreachable-home"]
    xuncha(
        "audit", web.url, "--as-of", "2026-11-10T09:00", "--rate", 0, "--out", "out", "--format", "json"
    )  # no probes
    with Store.open(path()) as store:
        [same] = store.ledger.entries(fingerprint=open_.fingerprint)
        assert all(look.found for look in same.looks)
    # From a week on it is open again.
    with Store.open(path()) as store:
        store.probes.announce(web.url, Announced(NOW - timedelta(days=7), NOW - timedelta(days=5), "迟报"), NOW)
    _, check, found = access(xuncha, web)
    assert (check["status"], found) == ("pass", [])
    with Store.open(path()) as store:
        [gone] = store.ledger.entries(fingerprint=open_.fingerprint)
        assert not gone.looks[-1].found


def test_a_home_page_that_only_leads_on_is_open_again(xuncha, web):
    """The finding stands at the address that was asked; the page is elsewhere."""
    web.sound()
    index = web.answers["/"]
    web.say("/", 503)
    _, _, found = access(xuncha, web)
    assert [f["message"] for f in found] == ["检查时首页打不开：服务器出错（HTTP 503）"]
    web.answers["/index.html"] = index
    web.page("/", "", metas='<meta http-equiv="refresh" content="0;url=/index.html">')
    site, _, found = access(xuncha, web)
    assert (found, site["coverage"]["complete"]) == ([], True)
    with Store.open(path(), read_only=True) as store:
        [entry] = [entry for entry in store.ledger.entries() if entry.rule == "unreachable-home"]
    assert standing(entry, datetime.now(CHINA)).state is State.GONE


def test_settings_announce_too(xuncha, web):
    web.sound()
    watch(web.url, down=range(30, 40))
    more = '[[site.announced]]\nfrom = 2026-11-14T12:00:00\nto = 2026-11-14T23:30:00\nreason = "升级"\n'
    xuncha.write("xuncha.toml", settings(web.url) + more)
    assert "设置文件：网站1，2026-11-14 12:00 至 2026-11-14 23:30，升级" in xuncha("announce").out
    _, check, _ = access(xuncha, web)
    assert check["status"] == "pass"


def test_a_round_is_kept_whole_or_not_at_all(here):
    moment = NOW
    good = Probe(moment, ProbeState.UP, "ok", OUT, 0.1)
    with Store.open(path()) as store:
        with pytest.raises(Exception, match="CHECK"):
            store.probes.add_round(
                {"http://a/": good, "http://b/": Probe(moment, "odd", "x", OUT, 0.1)}, started=moment, finished=moment
            )
        assert store.probes.watched("http://a/", moment - timedelta(1), moment).probes == ()


def test_english(xuncha, web):
    web.page("/", "x")
    assert "open, in 0." in xuncha("probe", web.url, "--lang", "en").out
    assert json.dumps(xuncha("announce", "--lang", "en").out) == '"No maintenance was announced\\n"'
