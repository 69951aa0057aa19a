from dataclasses import fields

from crawler.plan import Plan
from crawler.site import Column, Site
from reports.notice import NoticeDetails
from xuncha import settings, settings_file
from xuncha.keys import KEYS
from xuncha.settings import (
    AgentSettings,
    NoticeSettings,
    NotifySettings,
    RetentionSettings,
    RunSettings,
    ScheduleSettings,
    Settings,
    WatchSettings,
)


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
    text = settings_file.example()
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
    told = settings.given(load(settings_file.example()).run)
    shared = plan.keys() & told.keys() - {"edition"}
    assert shared >= {"scope", "rate", "concurrency", "max_pages", "max_seconds", "max_bytes", "ignore_robots"}
    assert {name: told[name] for name in shared} == {name: plan[name] for name in shared}
    assert settings.given(load(settings_file.example()).notice)["workdays"] == NoticeDetails().workdays
