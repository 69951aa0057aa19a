import asyncio
import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import redirect_stderr, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import apscheduler.executors.base
import apscheduler.schedulers.base
import pytest
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED

from crawler.message import say
from crawler.probe import Probe, ProbeState
from crawler.prober import Stopped
from crawler.quiet import Quiet
from crawler.site import Site
from rules.engine.assessment import Run
from xuncha import inspection, journal, notify, orders, probing, pulse, schedule, tasks, watch
from xuncha.__main__ import main
from xuncha.cron import cron, every
from xuncha.demo import AS_OF, Portal
from xuncha.inspection import Ended
from xuncha.lock import alone
from xuncha.news import News
from xuncha.parameters import CHINA, Interrupted, Mistake
from xuncha.settings import RunSettings, ScheduleSettings, Settings, SettingsError, WatchSettings
from xuncha.store import Store
from xuncha.turns import Task, Turn, TurnState
from xuncha.watch import Watch

SITE = Site("http://www.yunling.gov.cn/", "云岭县人民政府")
NOON = datetime(2026, 11, 20, 12, 0, 30, tzinfo=CHINA)  # a Friday
DONE = "job done\n"
LONG = 20  # seconds a test waits for what should come at once


class Clock(datetime):
    """The clock that apscheduler and the watch look at, set by the test."""

    moment = NOON

    @classmethod
    def now(cls, tz=None):
        return cls.moment.astimezone(tz)


class Log(io.StringIO):
    """Standard error, with a way to wait for a line."""

    def __init__(self):
        super().__init__()
        self.grown = threading.Condition()

    def write(self, text):
        with self.grown:
            super().write(text)
            self.grown.notify_all()
        return len(text)

    def wait(self, text, times=1):
        with self.grown:
            assert self.grown.wait_for(lambda: self.getvalue().count(text) >= times, LONG), self.getvalue()

    @property
    def lines(self):
        return self.getvalue().replace(DONE, "").splitlines()

    @property
    def told(self):
        return [re.sub(r"^\S+ \S+ ", "", line) for line in self.lines]


class Office:
    """A watch whose runs are the test's own functions, called with the run in turn; then it is told to stop."""

    def __init__(self, tmp_path, log):
        self.data = tmp_path / "data"
        self.log = log
        self.config = Settings(sites=(SITE,))
        self.runs = []
        self.acts = []

    def schedule(self, *lines, **changes):
        self.config = replace(self.config, schedule=lines, **changes)

    def carry_out(self, orders, chosen, run):
        with Store.open(self.data / "xuncha.db") as store:
            run = replace(run, started=Clock.moment)
            store.runs.start(run, [c.site for c in chosen], options={"schedule": orders.schedule})
        return self._act(orders, run)

    def resume(self, orders, name, given):
        with Store.open(self.data / "xuncha.db") as store:
            return self._act(orders, store.runs.get(name), "resumed ")

    def _act(self, orders, run, how=""):
        self.runs.append(f"{how}{orders.schedule} {Clock.moment:%d %H:%M}")
        act = self.acts.pop(0)
        if not self.acts:
            stop()
        if act is not None:
            act()
        with Store.open(self.data / "xuncha.db") as store:
            store.runs.finish(run.id, Clock.moment)
        return Ended(run, (), ("json",), (Path("out") / "findings.json",), 3)

    def watch(self, **options):
        patience = threading.Timer(LONG, stop)  # a test that fails must end
        patience.start()
        try:
            with redirect_stderr(self.log):
                watching = Watch(self.load, self.data, **options)
                # Only then may the job be due again without overlapping itself.
                watching._clock.add_listener(lambda _: self.log.write(DONE), EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
                watching.run()
        finally:
            patience.cancel()

    def load(self):
        if isinstance(self.config, Exception):
            raise self.config
        return self.config

    def had(self, name, started, finished=None):
        """The store has this run already."""
        with Store.open(self.data / "xuncha.db") as store:
            run = Run(
                f"{started:%Y%m%d-%H%M%S}-{len(store.runs.rows())}", started, started, None, "cn-2019", "quick", "0"
            )
            store.runs.start(run, [SITE], options={"schedule": name})
            if finished is not None:
                store.runs.finish(run.id, finished)
            return run.id


def stop():
    signal.raise_signal(signal.SIGTERM)


def later(**step):
    Clock.moment += timedelta(**step)


@pytest.fixture
def office(tmp_path, monkeypatch):
    log = Log()
    office = Office(tmp_path, log)
    monkeypatch.setattr(Clock, "moment", NOON)
    for module in (apscheduler.schedulers.base, apscheduler.executors.base, watch, journal, tasks):
        monkeypatch.setattr(module, "datetime", Clock)
    monkeypatch.setattr(watch, "_STEP", 0.01)
    monkeypatch.setattr(inspection, "carry_out", office.carry_out)
    monkeypatch.setattr(inspection, "resume", office.resume)
    return office


@pytest.fixture(autouse=True)
def handlers():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    yield
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


NEWS = News(say("新发现 1 个，已消失 0 个，逾期 0 个"), ())
DAILY = ScheduleSettings("每日", cron=cron("30 2 * * *"))
MINUTELY = ScheduleSettings("每分钟", every=every("1 minutes"))


def on(office, text, act, times=1):
    """In a thread of its own: wait for this line of the log, then act."""

    def waits():
        try:
            office.log.wait(text, times)
            act()
        except BaseException:
            stop()
            raise

    thread = threading.Thread(target=waits)
    thread.start()
    return thread


# When it is due


def test_a_line_is_inspected_whenever_it_is_due(office):
    office.schedule(DAILY)
    office.acts = [None, None, None]
    waiting = [on(office, "下次检查", lambda: later(hours=15))]
    waiting += [on(office, DONE, lambda: later(hours=24), times) for times in (1, 2)]

    office.watch()

    for thread in waiting:
        thread.join()
    assert office.runs == ["每日 21 03:00", "每日 22 03:00", "每日 23 03:00"]
    assert office.log.told[:3] == [
        "开始值守，日程 1 项",
        "“每日”下次检查：2026-11-21 周六 02:30",
        "“每日”开始检查，网站 1 个",
    ]
    assert re.fullmatch(
        r"“每日”检查完毕，编号 \S+，退出码 3（有网站或指标没能检查），用时 \d+ 秒，报告在 out", office.log.told[3]
    )
    assert office.log.told[-1] == "已停止值守"


def test_an_overlapping_run_is_skipped(office):
    office.schedule(MINUTELY)

    def long():
        later(minutes=3)
        office.log.wait("上一次还没有检查完，跳过 2026-11-20 周五 12:04 的检查")

    office.acts = [long, None]
    waiting = [
        on(office, "下次检查", lambda: later(minutes=1)),
        on(office, DONE, lambda: later(minutes=1)),
    ]

    office.watch()

    for thread in waiting:
        thread.join()
    assert office.runs == ["每分钟 20 12:01", "每分钟 20 12:05"]
    assert sum("跳过" in line for line in office.log.told) == 1  # three times due, said once


def test_a_run_that_is_a_little_late_is_an_ordinary_one(office):
    office.schedule(DAILY)
    office.acts = [None]
    waiting = on(office, "下次检查", lambda: later(hours=15, minutes=29))

    office.watch()

    waiting.join()
    assert office.runs == ["每日 21 03:29"]
    assert "错过" not in office.log.getvalue()


@pytest.mark.parametrize(("grace", "late"), [(None, {"hours": 16}), (60, {"hours": 14, "minutes": 32})])
def test_what_the_machine_slept_through_is_caught_up_once(office, grace, late):
    office.schedule(DAILY, watch=WatchSettings(misfire_grace=grace))
    office.acts = [None]
    waiting = on(office, "下次检查", lambda: later(days=2, **late))

    office.watch()

    waiting.join()
    assert office.runs == [f"每日 {Clock.moment:%d %H:%M}"]
    assert [line for line in office.log.told if "错过" in line] == [
        "“每日”错过了 2026-11-23 周一 02:30 的检查，补做一次"
    ]


def test_a_clock_that_was_fast_and_is_set_right_delays_nothing(office):
    office.schedule(DAILY)
    office.acts = [None]
    waiting = [
        on(office, "“每日”下次检查：2026-11-21", lambda: later(days=-1000)),
        on(office, "“每日”下次检查：2024-02-25 周日 02:30", lambda: later(hours=15)),
    ]

    office.watch()

    for thread in waiting:
        thread.join()
    assert office.runs == ["每日 25 03:00"]
    assert office.log.told[2] == "时钟向回拨了 86400000 秒，重新安排日程"


def test_a_line_that_waited_behind_another_is_caught_up(office):
    office.schedule(DAILY, replace(DAILY, name="全站"))
    office.acts = [lambda: later(hours=5), None]
    waiting = on(office, "“全站”下次检查", lambda: later(hours=14, minutes=30))

    office.watch()

    waiting.join()
    first, second = office.runs
    assert {first[:2], second[:2]} == {"每日", "全站"}
    assert (first[3:], second[3:]) == ("21 02:30", "21 07:30")
    assert f"“{second[:2]}”错过了 2026-11-21 周六 02:30 的检查，补做一次" in office.log.told


# At the start


def test_what_was_left_half_done_goes_first_then_what_was_missed(office):
    office.schedule(DAILY, replace(DAILY, name="半途"), replace(DAILY, name="都有"), replace(DAILY, name="新的"))
    office.had("每日", NOON - timedelta(days=3), NOON - timedelta(days=3))
    office.had("半途", NOON.replace(hour=2, minute=30))
    office.had("都有", NOON - timedelta(days=2))
    office.acts = [None, None, None, None]
    waiting = on(office, "下次检查", lambda: later(seconds=1))

    office.watch()

    waiting.join()
    assert office.runs[0].startswith("resumed ")
    assert sorted(office.runs[:3]) == ["resumed 半途 20 12:00", "resumed 都有 20 12:00", "都有 20 12:00"]
    assert office.runs[3] == "每日 20 12:00"
    assert [line for line in office.log.told if "错过" in line] == [
        "“每日”错过了 2026-11-18 周三 02:30 的检查，补做一次",
        "“都有”错过了 2026-11-19 周四 02:30 的检查，补做一次",
    ]


def test_what_was_done_by_hand_is_not_missed(office):
    office.schedule(DAILY)
    office.had("每日", NOON - timedelta(hours=1), NOON - timedelta(minutes=50))
    office.acts = [None]
    waiting = on(office, "下次检查", lambda: later(hours=15))

    office.watch()

    waiting.join()
    assert office.runs == ["每日 21 03:00"]


def test_only_the_newest_run_of_a_line_is_gone_on_with(office):
    office.schedule(DAILY)
    office.had("每日", NOON - timedelta(days=9))
    office.had("每日", NOON - timedelta(hours=1), NOON - timedelta(minutes=50))
    office.had("别的", NOON - timedelta(days=1))
    waiting = on(office, "下次检查", stop)

    office.watch()

    waiting.join()
    assert office.runs == []


def test_two_watches_of_one_data_folder(office):
    office.schedule(DAILY)
    with (
        alone(office.data / "watch.lock", say("-")),
        pytest.raises(Mistake, match="已有 xuncha watch 在运行"),
    ):
        office.watch()
    waiting = on(office, "下次检查", stop)
    office.watch()  # the first is gone
    waiting.join()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"schedule": ()}, "没有日程"),
        ({"sites": ()}, "没有要检查的网站"),
        ({"schedule": (replace(DAILY, sites=("云岭",)),)}, "没有网站“云岭”"),
    ],
)
def test_what_is_wrong_is_told_before_the_night(office, changes, words):
    office.schedule(DAILY)
    office.config = replace(office.config, **changes)
    with pytest.raises(Mistake, match=words):
        office.watch()
    assert office.log.getvalue() == ""


# What goes wrong


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (SettingsError(say("名录不见了")), "“每分钟”没有检查完：名录不见了"),
        (RuntimeError("boom"), "“每分钟”没有检查完：程序自身出错（RuntimeError），详情见 "),
        (SystemExit(3), "“每分钟”没有检查完：程序自身出错（SystemExit），详情见 "),
    ],
)
def test_a_failing_run_does_not_end_the_watch(office, error, words):
    office.schedule(MINUTELY)

    def fails():
        raise error

    office.acts = [fails, None]
    waiting = [
        on(office, "下次检查", lambda: later(minutes=1)),
        on(office, DONE, lambda: later(minutes=1)),
    ]

    office.watch()

    for thread in waiting:
        thread.join()
    assert office.runs == ["每分钟 20 12:01", "每分钟 20 12:02"]
    assert any(line.startswith(words) for line in office.log.told), office.log.told


def test_one_line_is_not_inspected_by_two_programs(office):
    office.schedule(MINUTELY)
    waiting = [
        on(office, "下次检查", lambda: later(minutes=1)),
        on(office, "“每分钟”这次没有检查：日程“每分钟”正由另一个程序检查", stop),
    ]
    with alone(office.data / "watch-每分钟.lock", say("-")):
        office.watch()
    for thread in waiting:
        thread.join()
    assert office.runs == []


def test_a_log_that_nobody_reads_does_not_end_the_watch(office):
    class Gone(Log):
        def flush(self):
            raise BrokenPipeError

    office.log = Gone()
    office.schedule(DAILY)
    office.acts = [None]
    waiting = on(office, "下次检查", lambda: later(hours=15))
    office.watch()
    waiting.join()
    assert office.runs == ["每日 21 03:00"]


# Other tasks


PROBES = ScheduleSettings("探测", task=Task.PROBE, every=every("1 hours"))


def test_home_pages_are_probed_while_an_inspection_goes_on(office, monkeypatch):
    office.schedule(replace(DAILY, every=every("1 hours"), cron=None), PROBES)
    found = Probe(NOON, ProbeState.DOWN, "timeout", say("超时，没有打开"), 15.0)

    async def probe(homes, plan, **more):
        return dict.fromkeys(homes, found)

    monkeypatch.setattr(probing, "probe", probe)
    office.acts = [lambda: office.log.wait("“探测”共监测 1 个首页：打开 0 个，打不开 1 个")]
    waiting = on(office, "“探测”下次检查", lambda: later(hours=1))
    office.watch()
    waiting.join()
    assert "云岭县人民政府：打不开（超时，没有打开）" in office.log.told
    with Store.open(office.data / "xuncha.db") as store:
        [round_] = store.probes.rounds("探测", NOON - timedelta(days=3650))
        turns = {name: store.turns.newest(name) for name in ("探测", "每日")}
    assert round_.tzinfo is not None
    assert (turns["探测"].code, turns["探测"].state, turns["探测"].run) == (1, TurnState.DONE, None)
    assert (turns["每日"].code, turns["每日"].state) == (3, TurnState.DONE)
    assert turns["每日"].run is not None


def test_a_round_of_probes_is_given_up_at_the_end(office, monkeypatch):
    office.schedule(PROBES)

    async def never(homes, plan, *, witnesses, stop):
        threading.Timer(0, globals()["stop"]).start()
        while not stop():  # noqa: ASYNC110 - what it waits for is a flag
            await asyncio.sleep(0.01)
        raise Stopped

    monkeypatch.setattr(probing, "probe", never)
    waiting = on(office, "下次检查", lambda: later(hours=1))
    office.watch()
    waiting.join()
    assert office.log.told[-2:] == ["“探测”已停下，下次启动时继续", "已停止值守"]
    with Store.open(office.data / "xuncha.db") as store:
        assert store.probes.rounds("探测", NOON - timedelta(days=3650)) == []


def test_missed_probes_are_caught_up_once(office, monkeypatch):
    office.schedule(PROBES)
    before = NOON - timedelta(days=1)
    with Store.open(office.data / "xuncha.db") as store:
        store.turns.add(Turn("探测", Task.PROBE, before, before, TurnState.DONE, say("-"), 0))

    async def probe(homes, plan, **more):
        stop()
        return {url: Probe(NOON, ProbeState.UP, "ok", say("-"), 0.1) for url in homes}

    monkeypatch.setattr(probing, "probe", probe)
    waiting = on(office, "下次检查", lambda: later(seconds=1))
    office.watch()
    waiting.join()
    assert [line for line in office.log.told if "探测" in line and "下次" not in line] == [
        "“探测”错过了 2026-11-19 周四 13:00 的检查，补做一次",
        "“探测”共监测 1 个首页：打开 1 个，打不开 0 个，不能判断 0 个",
    ]


def test_quiet_hours_put_a_run_off(office):
    office.schedule(replace(DAILY, cron=cron("0 14 * * *"), quiet=(Quiet(13 * 60, 18 * 60),)))
    office.acts = [None]
    waiting = [
        on(office, "下次检查", lambda: later(hours=3)),
        on(office, "现在是免打扰时段，推迟到 2026-11-20 周五 18:00", lambda: later(hours=3)),
    ]
    office.watch()
    for thread in waiting:
        thread.join()
    assert office.runs == ["每日 20 18:00"]


def test_the_pulse_says_what_comes_and_what_goes_on(office):
    office.schedule(DAILY)
    seen = []

    def look():
        for _ in range(LONG * 100):
            found = pulse.read(office.data)
            if found is not None and found.busy:
                seen.append(found)
                return
            threading.Event().wait(0.01)

    office.acts = [look]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watch, "EVERY", 0.0)
        waiting = on(office, "下次检查", lambda: later(hours=15))
        office.watch()
        waiting.join()
    [found] = seen
    assert (found.pid, found.started, [*found.busy]) == (os.getpid(), NOON, ["每日"])
    assert found.upcoming["每日"] == datetime(2026, 11, 22, 2, 30, tzinfo=CHINA)
    assert pulse.read(office.data) is None  # it ended as it should


def test_health_and_metrics_on_a_port(office):
    office.schedule(DAILY, watch=WatchSettings(listen=("127.0.0.1", 0)))
    answers = {}

    def ask():
        port = re.search(r"在 (\S+) 提供", office.log.getvalue())[1]
        for path in ("health", "metrics", "else"):
            try:
                with urlopen(port + path, timeout=LONG) as answer:
                    answers[path] = answer.status, answer.read().decode()
            except HTTPError as error:
                with error:
                    answers[path] = error.code, error.read().decode()
        stop()

    waiting = on(office, "下次检查", ask)
    office.watch()
    waiting.join()
    assert answers["health"][0] == 200
    assert json.loads(answers["health"][1])["next"] == {"每日": "2026-11-21T02:30:00+08:00"}
    assert answers["metrics"][0] == 200
    assert 'xuncha_schedule_busy{schedule="每日"} 0.0' in answers["metrics"][1]
    assert answers["else"] == (404, "/health /metrics\n")


# Signals


def test_stopping_parks_the_run(office):
    office.schedule(DAILY)
    stops = []

    def parks():
        stops.extend(office.data.glob("runs/*/stop"))  # none before it is asked for
        [run] = [run for run in Store.open(office.data / "xuncha.db").runs.rows() if run.finished is None]
        folder = office.data / "runs" / run.id
        folder.mkdir(parents=True)
        for _ in range(LONG * 100):
            if (folder / "stop").exists():
                raise Interrupted(say("已中断"))
            office.log.flush()
            threading.Event().wait(0.01)
        pytest.fail("no stop file")

    office.acts = [parks]
    waiting = on(office, "下次检查", lambda: later(hours=15))

    office.watch()

    waiting.join()
    assert stops == []
    assert office.log.told[-3:] == ["正在停下", "“每日”已停下，下次启动时继续", "已停止值守"]


def test_what_waits_behind_a_parked_run_is_not_begun(office):
    office.schedule(DAILY, replace(DAILY, name="全站"))

    def parks():
        office.log.wait("正在停下")
        raise Interrupted(say("已中断"))

    office.acts = [parks]
    waiting = on(office, "“全站”下次检查", lambda: later(hours=15))

    office.watch()

    waiting.join()
    [run] = office.runs
    assert run.endswith(" 21 03:00")


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no SIGHUP here")
def test_the_settings_are_read_again(office):
    office.schedule(DAILY, replace(DAILY, name="全站"))

    def change():
        office.schedule(replace(DAILY, cron=cron("0 14 * * *")), replace(DAILY, name="新的"))
        signal.raise_signal(signal.SIGHUP)

    waiting = [
        on(office, "“全站”下次检查", change),
        on(office, "“新的”下次检查", lambda: later(hours=2)),
        on(office, DONE, lambda: later(hours=13)),
    ]
    office.acts = [None, None]

    office.watch()

    for thread in waiting:
        thread.join()
    assert office.runs == ["每日 20 14:00", "新的 21 03:00"]
    assert "已重新读取设置，日程 2 项" in office.log.told
    assert "“每日”下次检查：2026-11-20 周五 14:00" in office.log.told


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no SIGHUP here")
@pytest.mark.parametrize(
    ("new", "words"),
    [
        (Settings(sites=(SITE,)), "设置文件中没有日程"),
        (Settings(sites=(SITE,), schedule=(replace(DAILY, sites=("x",)),)), "没有网站“x”"),
        (Settings(sites=(SITE,), schedule=(replace(DAILY, edition="cn-1999"),)), "cn-1999"),
        (SettingsError(say("xuncha.toml 第3行：引号没有配对")), "引号没有配对"),
        (OSError("disk"), "程序自身出错（OSError）"),
    ],
)
def test_bad_settings_keep_the_old_schedule(office, new, words):
    office.schedule(DAILY)

    def change():
        office.config = new
        signal.raise_signal(signal.SIGHUP)

    waiting = [
        on(office, "下次检查", change),
        on(office, "仍按原来的日程", lambda: later(hours=15)),
    ]
    office.acts = [None]
    office.watch()
    for thread in waiting:
        thread.join()
    assert office.runs == ["每日 21 03:00"]
    [kept] = [line for line in office.log.told if "仍按原来的日程" in line]
    assert words in kept


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no SIGHUP here")
def test_those_who_are_told_are_read_again(office, monkeypatch):
    """Even where nothing else changed: the addresses stand outside of the settings."""
    office.schedule(DAILY)
    monkeypatch.setattr(tasks, "news_of", lambda errand, done: NEWS if done.run else None)
    told, sent = [], threading.Event()

    def sender(config):
        if "bad" in people:
            raise Mistake(say("第 1 个通知地址不对"))
        names = tuple(people)
        return lambda title, body: told.append(names) or sent.set() or True

    monkeypatch.setattr(notify, "sender", sender)
    people = ["bad"]
    steps = [
        ("“每日”下次检查", 1, lambda: office.schedule(replace(DAILY, notify=True))),  # nobody could be told so far
        ("第 1 个通知地址不对", 1, lambda: people.__setitem__(0, "甲")),
        ("已重新读取设置", 1, lambda: people.append("乙")),
    ]

    def change(act):
        act()
        signal.raise_signal(signal.SIGHUP)

    waiting = [on(office, text, lambda act=act: change(act), times) for text, times, act in steps]
    waiting.append(on(office, "已重新读取设置", lambda: later(hours=15), 2))
    office.acts = [None]
    office.watch()
    for thread in waiting:
        thread.join()
    assert sent.wait(LONG)
    assert told == [("甲", "乙")]


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no SIGHUP here")
def test_another_data_folder_needs_another_start(office, tmp_path):
    office.schedule(DAILY, run=RunSettings(data=office.data))
    given, office.data = office.data, None

    def change():
        office.config = replace(office.config, run=RunSettings(data=tmp_path / "other"))
        signal.raise_signal(signal.SIGHUP)

    waiting = [on(office, "下次检查", change), on(office, "run.data 改变后要重新启动", stop)]
    office.watch()
    for thread in waiting:
        thread.join()
    assert (given / "xuncha.db").exists()
    assert not (tmp_path / "other").exists()


def test_the_log_as_json(office):
    office.schedule(DAILY)
    office.acts = [None]
    waiting = on(office, "planned", lambda: later(hours=15))
    office.watch(json_log=True)
    waiting.join()
    events = [json.loads(line) for line in office.log.lines]
    assert [e["event"] for e in events] == ["started", "planned", "began", "ended", "stopping", "stopped"] or [
        e["event"] for e in events
    ] == ["started", "planned", "began", "stopping", "ended", "stopped"]
    assert {e["code"] for e in events if e["event"] == "ended"} == {3}
    assert events[0]["at"] == "2026-11-20T12:00:30+08:00"


# From the command line


HOME = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>云岭县人民政府</title></head>
<body><h1>云岭县人民政府</h1><ul><li><a href="/slow.html">通知公告</a></li></ul></body></html>"""


class Slow(BaseHTTPRequestHandler):
    """A site with a page that does not come before the gate is open."""

    gate = threading.Event()
    asked = threading.Event()

    def do_GET(self):
        if self.path == "/slow.html":
            self.asked.set()
            self.gate.wait(LONG)
        found = self.path in ("/", "/slow.html")
        body = HOME.encode() if found else b""
        with suppress(ConnectionError):  # whoever asked is gone
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

    def do_HEAD(self):
        self.do_GET()

    def log_message(self, *args):
        pass


@pytest.fixture
def slow():
    Slow.gate.clear()
    Slow.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        Slow.gate.set()
        server.shutdown()
        thread.join()


class Program:
    """`xuncha watch` in a process of its own."""

    def __init__(self, folder):
        command = [sys.executable, "-m", "xuncha", "watch", "--settings", "xuncha.toml", "--data", "data"]
        self.process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, encoding="utf-8")
        self.log = Log()
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self):
        for line in self.process.stderr:
            self.log.write(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(LONG)
        self.reader.join()
        self.process.stderr.close()


@pytest.mark.skipif(sys.platform == "win32", reason="a program cannot be asked to end there")
def test_a_run_is_parked_killed_and_gone_on_with(tmp_path, slow):
    (tmp_path / "xuncha.toml").write_text(
        f'[run]\nrate = 0\n[[schedule]]\nname = "每日"\ncron = "30 2 * * *"\nformats = ["json"]\n'
        f'[[site]]\nurl = "{slow}"\nname = "云岭县人民政府"\nkind = "portal"\n',
        encoding="utf-8",
    )
    old = datetime.now(CHINA) - timedelta(days=2)
    with Store.open(tmp_path / "data" / "xuncha.db") as store:
        store.runs.start(Run("20200101-1", old, old, None, "cn-2019", "quick", "0"), [], options={"schedule": "每日"})
        store.runs.finish("20200101-1", old)

    def newest():
        with Store.open(tmp_path / "data" / "xuncha.db", read_only=True) as store:
            return store.runs.newest_of("每日")

    with Program(tmp_path) as first:
        first.log.wait("补做一次")
        assert Slow.asked.wait(LONG)
        first.process.send_signal(signal.SIGTERM)
        assert first.process.wait(10) == 0
        first.reader.join()
        assert [line.rpartition(" ")[2] for line in first.log.lines[-3:]] == [
            "正在停下",
            "“每日”已停下，下次启动时继续",
            "已停止值守",
        ]
    parked = newest()
    assert parked.finished is None

    Slow.asked.clear()
    with Program(tmp_path) as second:
        second.log.wait(f"“每日”继续没有做完的检查 {parked.id}")
        assert Slow.asked.wait(LONG)
        second.process.kill()
        second.process.wait(LONG)
    assert newest() == parked

    Slow.gate.set()
    with Program(tmp_path) as third:
        third.log.wait(f"“每日”检查完毕，编号 {parked.id}，退出码 1")
        third.process.send_signal(signal.SIGINT)
        assert third.process.wait(10) == 0
    done = newest()
    assert done.id == parked.id
    assert done.finished is not None
    assert (done.sites, done.pending, done.failed) == (1, 0, 0)
    assert (tmp_path / "xuncha-report" / "每日" / parked.id / "findings.json").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="a program cannot be asked to end there")
def test_a_round_of_probes_that_is_killed_leaves_nothing_and_is_made_once(tmp_path, slow):
    (tmp_path / "xuncha.toml").write_text(
        f'[[schedule]]\nname = "探测"\ntask = "probe"\nevery = "1 days"\n[[site]]\nurl = "{slow}slow.html"\n',
        encoding="utf-8",
    )
    old, database = datetime.now(CHINA) - timedelta(days=2), tmp_path / "data" / "xuncha.db"
    with Store.open(database) as store:
        store.turns.add(Turn("探测", Task.PROBE, old, old, TurnState.DONE, say("-"), 0))

    def kept():
        with Store.open(database, read_only=True) as store:
            return len(store.probes.rounds("探测", old)), store.turns.newest("探测").finished > old

    for _ in range(2):
        Slow.asked.clear()
        with Program(tmp_path) as killed:
            killed.log.wait("补做一次")
            assert Slow.asked.wait(LONG)
            killed.process.kill()
            killed.process.wait(LONG)
        assert kept() == (0, False)
    Slow.gate.set()
    with Program(tmp_path) as last:
        last.log.wait("“探测”共监测 1 个首页：打开 1 个")
        last.process.send_signal(signal.SIGTERM)
        assert last.process.wait(10) == 0
    assert kept() == (1, True)


def test_once_inspects_the_bundled_portal(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with Portal() as portal:

        def resolved(config, asked):  # the portal's outside hosts are here too
            made = orders.orders(config, asked)
            guard = replace(made.plan.guard, hosts=tuple(portal.resolve.items()))
            return replace(made, plan=replace(made.plan, as_of=AS_OF, confirm_after=0.1, guard=guard))

        monkeypatch.setattr(schedule, "orders", resolved)
        Path("xuncha.toml").write_text(
            f'[run]\nrate = 0\n[[schedule]]\nname = "每日"\ncron = "30 2 * * *"\nformats = ["json", "csv"]\n'
            f'sites = ["5399990001"]\nout = "today"\n'
            f'[[site]]\nurl = "{portal.url}"\nname = "云岭县人民政府"\ncode = "5399990001"\nkind = "portal"\n'
            f'[[site]]\nurl = "http://jy.yunling.gov.cn/"\n',
            encoding="utf-8",
        )
        code = main(["watch", "--once", "每日", "--json-log"])
    assert code == 1
    output = capsys.readouterr()
    assert "云岭县人民政府" in output.out
    assert all(json.loads(line) for line in output.err.splitlines())
    assert sorted(path.name for path in Path("today").iterdir()) == ["findings.csv", "findings.json"]

    assert main(["watch", "--list"]) == 0
    name, upcoming, last = capsys.readouterr().out.splitlines()
    assert name == "每日（30 2 * * *）"
    assert upcoming.startswith("  接下来：")
    assert "网站 1 个，不合格 1 个，无法判定 0 个，没能检查 0 个" in last


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--once", "每月"], "没有名为“每月”的日程，现有：每日"),
        (["--once", "每日", "--list"], "--once 和 --list 不能同时使用"),
        (["--settings", "other.toml"], "找不到设置文件 other.toml"),
    ],
)
def test_a_mistake_is_one_line(tmp_path, monkeypatch, capsys, words, told):
    monkeypatch.chdir(tmp_path)
    Path("xuncha.toml").write_text('[[schedule]]\nname = "每日"\nevery = "1 days"\n', encoding="utf-8")
    assert main(["watch", *words]) == 2
    assert capsys.readouterr().err == f"{told}\n"
    assert {path.name for path in tmp_path.iterdir()} == {"xuncha.toml"}
