"""The settings file (TOML). What may stand in it is listed once, in `xuncha/keys.py`. Paths are relative to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import date
from pathlib import Path
from typing import Any

from crawler.message import say
from crawler.probe import Announced
from crawler.site import Column, Site
from crawler.urls import Joiner, TargetKind, normalize
from xuncha.keys import ADDRESS, KEYS, LISTS
from xuncha.register import marks
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
from xuncha.settings_table import Table
from xuncha.toml import parsed
from xuncha.turns import Task

_FILES = ("register", "wrong_words", "former_leaders", "set_phrases")


def load(path: Path) -> Settings:
    """The settings in the file. Raises SettingsError for the first mistake in it."""
    file = path.name
    top = Table(file, "", "", parsed(path))
    run = Table(file, "run", "run", top.table("run")).values()
    notify = Table(file, "notify", "notify", top.table("notify")).values()
    retention = Table(file, "retention", "retention", top.table("retention")).values()
    notice_table = Table(file, "notice", "notice", top.table("notice"))
    holidays = _holidays(Table(file, "notice.holidays", "notice.holidays", notice_table.table("holidays")))
    values = top.values()
    site_tables = top.tables("site")
    sites = tuple(_site(table) for table in site_tables)
    seen: dict[str, int] = {}
    for number, site in enumerate(sites, start=1):
        for mark in marks(site):
            earlier = seen.setdefault(mark, number)
            if earlier != number:
                raise SettingsError(
                    say("{file}：site[{n}] 与 site[{m}] 是同一个网站，请合并", file=file, n=number, m=earlier)
                )
    folder = path.parent
    _placed(run, folder)
    _placed(retention, folder)
    _placed(notify, folder)
    notice = notice_table.values()
    _placed(notice, folder)
    return Settings(
        run=RunSettings(**run),
        agent=AgentSettings(**Table(file, "agent", "agent", top.table("agent")).values()),
        notice=NoticeSettings(**notice, holidays=holidays),
        watch=WatchSettings(**Table(file, "watch", "watch", top.table("watch")).values()),
        retention=RetentionSettings(**retention),
        notify=NotifySettings(**notify),
        schedule=_schedule(top.tables("schedule"), folder, RetentionSettings(**retention)),
        rule_modules=values.get("rule_modules", ()),
        **{name: folder / Path(values[name]).expanduser() for name in _FILES if name in values},
        sites=sites,
        announced={
            normalize(site.url) or site.url: found
            for site, table in zip(sites, site_tables, strict=True)
            if (found := _announced(table))
        },
        path=path,
    )


def _site(table: Table) -> Site:
    values = table.values()
    join = Joiner(values["url"]).join
    columns: list[Column] = []
    for inner in table.tables("column"):
        column = inner.values()
        target = join(column["url"])
        url = values["url"] if target.kind is TargetKind.SAME else target.url
        if target.kind not in (TargetKind.WEB, TargetKind.SAME):
            raise inner.wrong("url", ADDRESS.expected)
        if any(url == other.url for other in columns):
            raise inner.wrong("url", say("与本站其他栏目不同的网址"))
        columns.append(Column(**{**column, "url": url}, given=True))
    return Site(**values, columns=tuple(columns))


def _announced(site: Table) -> tuple[Announced, ...]:
    found = []
    for table in site.tables("announced"):
        values = table.values()
        if values["to"] <= values["from"]:
            raise table.wrong("to", say("晚于 from 的时间"))
        found.append(Announced(values["from"], values["to"], values["reason"]))
    return tuple(found)


_USED: Mapping[Task, frozenset[str]] = {
    Task.AUDIT: frozenset({"scope", "edition", "sites", "sample", "renew", "formats", "out", "after", "notify"}),
    Task.PROBE: frozenset({"sites", "notify"}),
    Task.RECHECK: frozenset({"out", "after", "notify"}),
    Task.NOTICE: frozenset({"out"}),
    Task.REVIEW: frozenset({"out"}),
    Task.BACKUP: frozenset(),
    Task.PRUNE: frozenset(),
}
"""Keys that not every line has a use for."""
_ALWAYS = frozenset({"name", "task", "cron", "every", "jitter", "quiet"})


def _schedule(tables: Sequence[Table], folder: Path, retention: RetentionSettings) -> tuple[ScheduleSettings, ...]:
    lines: list[ScheduleSettings] = []
    for table in tables:
        values = table.values()
        if ("cron" in values) == ("every" in values):
            raise SettingsError(
                say("{file}：{key} 中 cron 和 every 应写其中一项，而且只写一项", file=table.file, key=table.place)
            )
        _placed(values, folder)
        line = ScheduleSettings(**values)
        unused = [name for name in values if name not in _ALWAYS | _USED[line.task]]
        if unused:
            raise SettingsError(
                say(
                    "{file}：{key} 的 task 是 {task}，不用写 {names}",
                    file=table.file,
                    key=table.place,
                    task=line.task.value,
                    names=tuple(unused),
                )
            )
        # A folder is named after each: one that differs by letter case only is the same folder on Windows.
        if any(line.name.casefold() == other.name.casefold() for other in lines):
            raise table.wrong("name", say("与其他日程不同的名称"))
        if line.out is not None and any(line.out == other.out for other in lines):
            raise table.wrong("out", say("与其他日程不同的文件夹"))
        if line.renew and line.sample is None:
            raise table.wrong("renew", say("和 sample 一起写的"))
        if line.task in line.after:
            raise table.wrong("after", say("与 task 不同的事"))
        _provided(table, {line.task, *line.after}, retention)
        if line.every is not None and line.jitter >= line.every.step.total_seconds():
            raise table.wrong("jitter", say("小于 every 的秒数"))
        lines.append(line)
    return tuple(lines)


def _provided(table: Table, tasks: Set[Task], retention: RetentionSettings) -> None:
    """What the tasks of a line need is in [retention]."""
    if Task.BACKUP in tasks and retention.backups is None:
        raise SettingsError(
            say("{file}：{key} 要备份，请在 [retention] 中写明 backups", file=table.file, key=table.place)
        )
    if Task.PRUNE in tasks and retention.days is None and retention.records is None:
        raise SettingsError(
            say("{file}：{key} 要删除过期的，请在 [retention] 中写明 days 或 records", file=table.file, key=table.place)
        )


def _placed(values: dict[str, Any], folder: Path) -> None:
    """Paths are those of the settings file's folder."""
    for name in ("data", "out", "template", "backups", "secrets"):
        if name in values:
            values[name] = folder / Path(values[name]).expanduser()
    if "/" in values.get("browser", ""):  # else a name, looked for where programs are
        values["browser"] = str(folder / Path(values["browser"]).expanduser())
    if values.get("edition", "").endswith(".toml"):
        values["edition"] = str(folder / values["edition"])


def _holidays(table: Table) -> Mapping[date, bool] | None:
    values = table.values()
    off, worked = values.get("off", ()), values.get("worked", ())
    both = set(off) & set(worked)
    if both:
        raise table.wrong("worked", say("不在 off 中的日期（{day} 两处都有）", day=min(both).isoformat()))
    return {**dict.fromkeys(off, True), **dict.fromkeys(worked, False)} or None


def example() -> str:
    """A settings file that says every key there is, with what it means."""
    lines = ["# xuncha 设置文件。用 UTF-8 编码保存；路径都相对于本文件。"]
    for table, keys in KEYS.items():
        if table:
            lines += ["", f"[[{table}]]" if table in LISTS else f"[{table}]"]
        for name, key in keys.items():
            lines += [f"# {key.doc}（{key.kind.expected}）", f"{'' if key.shown else '# '}{name} = {key.example}"]
    return "\n".join(lines) + "\n"
