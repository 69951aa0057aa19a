"""xuncha status, the pulse and the metrics."""

import json
import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from crawler.message import say
from crawler.probe import Probe, ProbeState
from xuncha import endpoint, orders, pulse, settings_file, status
from xuncha.lock import alone
from xuncha.parameters import CHINA
from xuncha.pulse import Pulse
from xuncha.settings import SettingsError, WatchSettings
from xuncha.store import Store
from xuncha.turns import Task, Turn, TurnState

NOON = datetime(2026, 11, 20, 12, 0, 30, tzinfo=CHINA)
HOME = "http://www.yunling.gov.cn/"
SCHEDULE = f"""
[[schedule]]
name = "探测"
task = "probe"
every = "1 hours"
[[schedule]]
name = "每日"
cron = "30 2 * * *"
[[site]]
url = "{HOME}"
name = "云岭县人民政府"
"""


@pytest.fixture
def config(xuncha):
    """The settings of a watch that has probed for ten days, and left out three hours yesterday."""
    with Store.open(Path("xuncha-data/xuncha.db")) as store:
        for hour in range(1, 24 * 10 + 1):
            at = NOON - timedelta(hours=24 * 10 - hour) - timedelta(seconds=29)
            if 24 * 9 < hour < 24 * 9 + 4:
                continue
            state = ProbeState.DOWN if hour == 200 else ProbeState.UP
            probe = Probe(at, state, "x", say("超时，没有打开"), 0.4)
            store.probes.add_round({HOME: probe}, started=at, finished=at, schedule="探测")
        store.turns.add(Turn("探测", Task.PROBE, NOON, NOON, TurnState.DONE, say("都打开了"), 0))
        store.turns.add(Turn("每日", Task.AUDIT, NOON, NOON, TurnState.FAILED, say("“每日”没有检查完：磁盘已满")))
    return settings_file.load(xuncha.write("xuncha.toml", SCHEDULE))


def gathered(config, now=NOON + timedelta(minutes=2)):  # what was due two minutes ago should be there
    return status.gather(config, orders.data_folder(config, None), now)


def test_the_share_of_probes_that_were_made(config):
    found = gathered(config)
    probes, daily = found.lines
    assert (probes.day.planned, probes.day.made) == (24, 21)
    assert (probes.week.planned, probes.week.made) == (168, 165)
    assert daily.day is None
    [page] = found.homes
    assert (page.seen.sum("counted"), page.seen.sum("failed")) == (165, 1)
    assert [str(trouble) for trouble in found.troubles] == [
        "xuncha watch 没有在运行，日程不会执行",
        "“探测”最近24小时只做了应做的88%",
        "“每日”没有检查完：磁盘已满",
    ]


def test_what_was_planned_before_the_line_was_there_was_not_missed(config):
    with Store.open(Path("xuncha-data/xuncha.db")) as store:
        at = NOON - timedelta(hours=3)
        store.probes.add_round({}, started=at, finished=at, schedule="新的")
    new = settings_file.load(Path("xuncha.toml")).schedule[0]
    found = gathered(replace(config, schedule=(replace(new, name="新的"), replace(new, name="还没有"))))
    assert [(line.week.planned, line.week.made) for line in found.lines] == [(3, 1), (0, 0)]
    assert found.lines[1].week.part is None


def test_a_watch_that_lives(config, monkeypatch):
    data = orders.data_folder(config, None)
    beat = Pulse(
        7,
        "0.1.0",
        NOON,
        NOON + timedelta(minutes=2),
        {"探测": NOON + timedelta(hours=1)},
        {"每日": "20261120-1"},
        1,
        2,
        3,
    )
    pulse.write(data, beat)
    assert pulse.read(data) == beat
    with alone(data / "watch.lock", say("-")):
        found = gathered(config)
        assert found.running
        lines = [(str(one), [str(more) for more in below]) for one, below in status.told(found, config)]
        assert "xuncha watch 没有响应，请重新启动" in {
            str(t) for t in gathered(config, NOON + timedelta(minutes=5)).troubles
        }
    assert any(one.startswith("提示：[watch] 中没有写对照网址") for one, _ in lines)
    witnessed = replace(config, watch=WatchSettings(witnesses=("https://www.gov.cn/",)))
    assert not any(str(one).startswith("提示") for one, _ in status.told(found, witnessed))
    assert lines[:3] == [
        ("值守：正在运行（进程 7，自 2026-11-20 周五 12:00）", []),
        (
            "探测（1 hours）",
            [
                "下一次：2026-11-20 周五 13:00",
                "上一次：2026-11-20 周五 12:00，都打开了",
                "最近24小时应监测 24 轮，做了 21 轮（88%）",
                "最近7天应监测 168 轮，做了 165 轮（98%）",
            ],
        ),
        ("每日（30 2 * * *）", ["正在进行", "下一次：2026-11-21 周六 02:30", "上一次：还没有做过"]),
    ]
    assert "云岭县人民政府：最近7天监测 165 次，打不开 1 次（0.6%）" in {one for one, _ in lines}


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"pid": 1, "next": 3}', '{"next": {"x": "yesterday"}}'])
def test_a_damaged_pulse_is_none(tmp_path, text):
    (tmp_path / pulse.NAME).write_text(text, "utf-8")
    assert pulse.read(tmp_path) is None


def test_a_full_disk_is_told(config, monkeypatch):
    usage = shutil.disk_usage(".")._replace(free=5 * 1024**2)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert "数据目录所在磁盘只剩 5 MB" in {str(trouble) for trouble in gathered(config).troubles}


def test_the_command(config, xuncha):
    said = xuncha("status")
    assert said.code == 1
    assert "值守：没有运行\n" in said.out
    assert "注意：xuncha watch 没有在运行，日程不会执行\n" in said.out
    data = json.loads(xuncha("status", "--json").out)
    assert (data["running"], data["healthy"], data["watch"]) == (False, False, None)
    assert data["schedule"][1]["state"] == "failed"
    xuncha.write("empty.toml", "")
    said = xuncha("status", "--settings", "empty.toml", "--data", "nowhere")
    assert (said.code, said.out) == (0, "值守：没有运行\n没有日程，也没有监测过首页：值守没有可以判断的\n")
    assert not Path("nowhere").exists()


def test_metrics_are_prometheus_text(config):
    data = orders.data_folder(config, None)
    pulse.write(data, Pulse(7, "0.1.0", NOON, NOON, {"探测": NOON}, {"每日": None}, 1, 2, 3))
    text = endpoint._metrics(gathered(config)).decode()
    values = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert values["xuncha_healthy",] == 0
    assert values["xuncha_probe_rounds_made", "探测", "week"] == 165
    assert values["xuncha_probe_rounds_planned", "探测", "day"] == 24
    assert values["xuncha_home_probes_failed", HOME] == 1
    assert values["xuncha_schedule_last_code", "每日"] == -1
    assert values["xuncha_schedule_busy", "每日"] == 1
    assert values["xuncha_runs_missed",] == 2
    assert values["xuncha_schedule_next_seconds", "探测"] == NOON.timestamp()


def test_a_port_that_is_taken_and_a_watch_that_stands_still():
    with endpoint.served(("127.0.0.1", 0), lambda: (False, {"at": "x"}), lambda: pytest.fail("not asked")) as port:
        from urllib.error import HTTPError
        from urllib.request import urlopen

        with pytest.raises(HTTPError) as caught:
            urlopen(f"http://127.0.0.1:{port}/health", timeout=20)
        with caught.value as answer:
            assert (answer.code, json.loads(answer.read())) == (503, {"at": "x"})
        with pytest.raises(Exception, match=f"不能使用 127.0.0.1:{port}"):
            endpoint.served(("127.0.0.1", port), lambda: (True, {}), lambda: None).__enter__()


@pytest.mark.parametrize("listen", ["0.0.0.0:9464", "192.168.1.5:9464", "9464", "127.0.0.1", "127.0.0.1:99999", "x:1"])
def test_only_the_loopback_is_served(xuncha, listen):
    path = xuncha.write("xuncha.toml", f'[watch]\nlisten = "{listen}"')
    with pytest.raises(SettingsError, match="本机回环地址和端口"):
        settings_file.load(path)


def test_rechecks_and_drafts_are_lines_of_the_schedule(xuncha, web):
    web.sound()
    web.say("/c1/a17.html", 404)
    lines = "".join(
        f'[[schedule]]\nname = "{name}"\ntask = "{task}"\nevery = "1 days"\n'
        for name, task in (("复查", "recheck"), ("通报", "notice"), ("首页", "probe"), ("检查", "audit"))
    )
    xuncha.write("xuncha.toml", f'[run]\nrate = 0\n{lines}[[site]]\nurl = "{web.url}"\nname = "云岭县林业局"\n')
    assert xuncha("watch", "--once", "检查").code == 1
    said = xuncha("watch", "--once", "复查")
    assert "未整改" in said.out
    assert said.code in (1, 3)
    said = xuncha("watch", "--once", "通报")
    assert (said.code, "的通报初稿：" in said.out) == (0, True)
    assert xuncha("watch", "--once", "首页").out == "“首页”共监测 1 个首页：打开 1 个，打不开 0 个，不能判断 0 个\n"
    listed = xuncha("watch", "--list").out
    assert listed.count("上一次：还没有检查过") == 0
    with Store.open(Path("xuncha-data/xuncha.db")) as store:
        found = {name: store.turns.newest(name) for name in ("复查", "通报", "首页", "检查")}
    assert {turn.state for turn in found.values()} == {TurnState.DONE}
    assert {name for name, turn in found.items() if turn.run} == {"复查", "检查"}
