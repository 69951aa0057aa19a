"""The settings file (TOML): the sites, how they are visited and when, who signs the notice. What it does not say stays
None.

What may stand in it is listed once, in `xuncha/keys.py`. Paths are relative to the settings file.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from crawler.message import Message, say
from crawler.probe import Announced
from crawler.quiet import Quiet
from crawler.site import Column, Site
from crawler.urls import Joiner, TargetKind, normalize
from xuncha.cron import Cron, Every
from xuncha.keys import ADDRESS, KEYS, LISTS
from xuncha.register import marks
from xuncha.turns import Task


class SettingsError(Exception):
    """The settings file is wrong: file, key, what is wrong, what is expected, in one line. Lists count from 1."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class RunSettings:
    edition: str | None = None
    """An edition's id, or the path of its file."""
    scope: str | None = None
    rate: float | None = None
    concurrency: int | None = None
    max_pages: int | None = None
    max_files: int | None = None
    max_file_bytes: int | None = None
    max_seconds: float | None = None
    max_bytes: int | None = None
    reuse: bool | None = None
    data: Path | None = None
    executor: str | None = None
    workers: int | None = None
    render: str | None = None
    browser: str | None = None
    browser_sandbox: bool | None = None
    cloaking: str | None = None
    ignore_robots: bool | None = None
    allow_private: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class AgentSettings:
    name: str | None = None
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class NoticeSettings:
    """Named as in `reports.notice.NoticeDetails`."""

    office: str | None = None
    addressee: str | None = None
    number: str | None = None
    area: str | None = None
    running: int | None = None
    workdays: int | None = None
    report_to: str | None = None
    contact: str | None = None
    required_share: float | None = None
    template: Path | None = None
    """Read into `NoticeDetails.wording`."""
    holidays: Mapping[date, bool] | None = None
    """Date → is it a day off."""


@dataclass(frozen=True, slots=True)
class WatchSettings:
    timezone: ZoneInfo | None = None
    misfire_grace: int | None = None
    """Seconds."""
    listen: tuple[str, int] | None = None
    """Where /health and /metrics are; loopback only."""
    witnesses: tuple[str, ...] | None = None
    """Addresses that tell whether our own network works."""


@dataclass(frozen=True, slots=True)
class NotifySettings:
    secrets: Path | None = None
    """File of the addresses that are notified; only its owner may read it."""
    pause: int | None = None
    """Minutes between two messages."""


@dataclass(frozen=True, slots=True)
class RetentionSettings:
    days: int | None = None
    """Visit folders of runs that ended longer ago are pruned."""
    backups: Path | None = None
    """Folder of the backups that the schedule makes."""
    copies: int | None = None
    """So many of them are kept."""


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """One line of the schedule: `cron` or `every`, never both."""

    name: str
    task: Task = Task.AUDIT
    cron: Cron | None = None
    every: Every | None = None
    scope: str | None = None
    edition: str | None = None
    """An edition's id, or the path of its file."""
    sites: tuple[str, ...] | None = None
    """Names, codes or addresses; None for every site."""
    formats: tuple[str, ...] | None = None
    out: Path | None = None
    jitter: int = 0
    """Seconds."""
    quiet: tuple[Quiet, ...] = ()
    """Hours of the day in which it does not begin."""
    notify: bool = False
    """Tell of what changed."""


@dataclass(frozen=True, slots=True)
class Settings:
    run: RunSettings = field(default_factory=RunSettings)
    agent: AgentSettings = field(default_factory=AgentSettings)
    notice: NoticeSettings = field(default_factory=NoticeSettings)
    watch: WatchSettings = field(default_factory=WatchSettings)
    retention: RetentionSettings = field(default_factory=RetentionSettings)
    notify: NotifySettings = field(default_factory=NotifySettings)
    schedule: tuple[ScheduleSettings, ...] = ()
    rule_modules: tuple[str, ...] = ()
    wrong_words: Path | None = None
    former_leaders: Path | None = None
    set_phrases: Path | None = None
    register: Path | None = None
    sites: tuple[Site, ...] = ()
    """Of the file itself; `xuncha.register.merge` puts them together with the register's."""
    announced: Mapping[str, tuple[Announced, ...]] = field(default_factory=dict)
    """Home address → its announced maintenance."""
    path: Path | None = None


def given(table: RunSettings | AgentSettings | NoticeSettings | WatchSettings) -> dict[str, Any]:
    """What the file says: the fields that are not None, by name."""
    values = {f.name: getattr(table, f.name) for f in fields(table)}
    return {name: value for name, value in values.items() if value is not None}


def example() -> str:
    """A settings file that says every key there is, with what it means."""
    lines = ["# xuncha 设置文件。用 UTF-8 编码保存；路径都相对于本文件。"]
    for table, keys in KEYS.items():
        if table:
            lines += ["", f"[[{table}]]" if table in LISTS else f"[{table}]"]
        for name, key in keys.items():
            lines += [f"# {key.doc}（{key.kind.expected}）", f"{'' if key.shown else '# '}{name} = {key.example}"]
    return "\n".join(lines) + "\n"


# Reading


_FILES = ("register", "wrong_words", "former_leaders", "set_phrases")


def load(path: Path) -> Settings:
    """The settings in the file. Raises SettingsError for the first mistake in it."""
    file = path.name
    top = _Table(file, "", "", _parsed(path))
    run = _Table(file, "run", "run", top.table("run")).values()
    notify = _Table(file, "notify", "notify", top.table("notify")).values()
    retention = _Table(file, "retention", "retention", top.table("retention")).values()
    notice_table = _Table(file, "notice", "notice", top.table("notice"))
    holidays = _holidays(_Table(file, "notice.holidays", "notice.holidays", notice_table.table("holidays")))
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
        agent=AgentSettings(**_Table(file, "agent", "agent", top.table("agent")).values()),
        notice=NoticeSettings(**notice, holidays=holidays),
        watch=WatchSettings(**_Table(file, "watch", "watch", top.table("watch")).values()),
        retention=RetentionSettings(**retention),
        notify=NotifySettings(**notify),
        schedule=_schedule(top.tables("schedule"), folder),
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


@dataclass(frozen=True, slots=True)
class _Table:
    """One table of the file, read by its keys."""

    file: str
    name: str
    """In KEYS."""
    place: str
    """As an error calls it: `site[2].column[1]`."""
    raw: Mapping[str, Any]

    def values(self) -> dict[str, Any]:
        """What its keys say, checked; a key that is neither one of its own nor a table within it is refused."""
        keys = KEYS[self.name]
        inner = [table for table in KEYS if table and table.rpartition(".")[0] == self.name]
        known = [*keys, *(table.rpartition(".")[2] for table in inner)]
        for name in self.raw:
            if name not in known:
                raise self._unknown(name, known)
        found = {}
        for name, key in keys.items():
            if name in self.raw:
                try:
                    found[name] = key.kind.read(self.raw[name])
                except (ValueError, OverflowError):
                    raise self.wrong(name, key.kind.expected) from None
            elif key.required:
                raise SettingsError(
                    say(
                        "{file}：缺少 {key}，应为{expected}",
                        file=self.file,
                        key=self.key(name),
                        expected=key.kind.expected,
                    )
                )
        return found

    def table(self, name: str) -> Mapping[str, Any]:
        raw = self.raw.get(name, {})
        if not isinstance(raw, dict):
            raise self.wrong(name, say("一个表，写作 [{name}]", name=self.key(name)))
        return raw

    def tables(self, name: str) -> list[_Table]:
        table = f"{self.name}.{name}".lstrip(".")
        raw = self.raw.get(name, [])
        if not isinstance(raw, list) or not all(isinstance(one, dict) for one in raw):
            raise self.wrong(name, say("一个或几个表，写作 [[{name}]]", name=table))
        return [_Table(self.file, table, self.key(f"{name}[{n}]"), one) for n, one in enumerate(raw, start=1)]

    def key(self, name: str) -> str:
        return f"{self.place}.{name}".lstrip(".")

    def wrong(self, name: str, expected: Message) -> SettingsError:
        return SettingsError(
            say(
                "{file}：{key} 应为{expected}，现为 {value}",
                file=self.file,
                key=self.key(name),
                expected=expected,
                value=_shown(self.raw[name]),
            )
        )

    def _unknown(self, name: str, known: Sequence[str]) -> SettingsError:
        close = difflib.get_close_matches(name, known, n=1)
        key, words = _shown(self.key(name)), tuple(known)
        if close:
            return SettingsError(
                say(
                    "{file}：没有 {key} 这一项，是不是 {close}？可用的有：{known}",
                    file=self.file,
                    key=key,
                    close=close[0],
                    known=words,
                )
            )
        return SettingsError(say("{file}：没有 {key} 这一项，可用的有：{known}", file=self.file, key=key, known=words))


def _site(table: _Table) -> Site:
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


def _announced(site: _Table) -> tuple[Announced, ...]:
    found = []
    for table in site.tables("announced"):
        values = table.values()
        if values["to"] <= values["from"]:
            raise table.wrong("to", say("晚于 from 的时间"))
        found.append(Announced(values["from"], values["to"], values["reason"]))
    return tuple(found)


_UNUSED: Mapping[Task, tuple[str, ...]] = {
    Task.AUDIT: (),
    Task.PROBE: ("scope", "edition", "formats", "out"),
    Task.RECHECK: ("scope", "edition", "sites", "formats"),
    Task.NOTICE: ("scope", "edition", "sites", "formats"),
    Task.BACKUP: ("scope", "edition", "sites", "formats", "out"),
    Task.PRUNE: ("scope", "edition", "sites", "formats", "out"),
}


def _schedule(tables: Sequence[_Table], folder: Path) -> tuple[ScheduleSettings, ...]:
    lines: list[ScheduleSettings] = []
    for table in tables:
        values = table.values()
        if ("cron" in values) == ("every" in values):
            raise SettingsError(
                say("{file}：{key} 中 cron 和 every 应写其中一项，而且只写一项", file=table.file, key=table.place)
            )
        _placed(values, folder)
        line = ScheduleSettings(**values)
        unused = [name for name in _UNUSED[line.task] if name in values]
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
        if line.every is not None and line.jitter >= line.every.step.total_seconds():
            raise table.wrong("jitter", say("小于 every 的秒数"))
        lines.append(line)
    return tuple(lines)


def _placed(values: dict[str, Any], folder: Path) -> None:
    """Paths are those of the settings file's folder."""
    for name in ("data", "out", "template"):
        if name in values:
            values[name] = folder / Path(values[name]).expanduser()
    if "/" in values.get("browser", ""):  # else a name, looked for where programs are
        values["browser"] = str(folder / Path(values["browser"]).expanduser())
    if values.get("edition", "").endswith(".toml"):
        values["edition"] = str(folder / values["edition"])


def _holidays(table: _Table) -> Mapping[date, bool] | None:
    values = table.values()
    off, worked = values.get("off", ()), values.get("worked", ())
    both = set(off) & set(worked)
    if both:
        raise table.wrong("worked", say("不在 off 中的日期（{day} 两处都有）", day=min(both).isoformat()))
    return {**dict.fromkeys(off, True), **dict.fromkeys(worked, False)} or None


def _parsed(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise SettingsError(say("找不到设置文件 {path}", path=str(path))) from error
    except UnicodeDecodeError as error:
        raise SettingsError(say("{file} 不是 UTF-8 编码，请在记事本中另存为 UTF-8", file=path.name)) from error
    except OSError as error:
        detail = error.strerror or str(error)
        raise SettingsError(say("无法读取设置文件 {path}（{detail}）", path=str(path), detail=detail)) from error
    try:
        return tomllib.loads(text + "\n")  # so that a fault of the last line is told with its number
    except (ValueError, RecursionError) as error:
        raise SettingsError(_not_toml(path.name, text, error)) from error


def _not_toml(file: str, text: str, error: Exception) -> Message:
    """With its line where it is known, and in plain words where it is a fault that people make."""
    detail = " ".join(str(error).split())
    fault = next((fault for pattern, fault in _FAULTS if re.match(pattern, detail)), None)
    found = re.search(r"\(at line (\d+), column \d+\)", detail)
    if found is None:
        if fault is not None:
            return say("{file}：{fault}", file=file, fault=fault)
        return say("{file} 不是正确的 TOML：{detail}", file=file, detail=detail)
    number = int(found[1])
    line = text.split("\n")[number - 1].partition("#")[0]
    if re.search(r"=\s*[“”‘’]|[“”‘’]\s*$|＝", line):
        fault = say('用了中文引号或等号，应为英文的 " 和 =')
    elif "\\" in line:
        fault = say("双引号中不能直接写 \\，路径请改用 /")
    if fault is not None:
        return say("{file} 第{number}行：{fault}", file=file, number=number, fault=fault)
    return say("{file} 第{number}行不是正确的 TOML：{detail}", file=file, number=number, detail=detail)


_FAULTS = (  # tomllib's words, and those of a person
    (r"Cannot (overwrite|declare|mutate|redefine)|Duplicate", say("同一项或同一个表写了两次")),
    (r"Invalid value", say("等号后面的写法不对，文字应加英文双引号")),
    (r"Expected '=' after", say("缺少等号，应为“名称 = 值”")),
    (r"Expected newline", say("一行只能写一项，多出的文字请删去或在前面加 #")),
    (r"Invalid statement|Invalid initial character", say("应为“名称 = 值”或 [表名]")),
    (r"Unterminated string|Illegal character '\\n'|Expected \"'\"", say("引号没有配对")),
    (r"Unclosed array", say("列表没有写完整，各项之间应是英文逗号，最后应是 ]")),
    (r"Expected '\]", say("表名的方括号没有配对")),
)


def _shown(value: Any) -> str:  # noqa: ANN401
    """As it stands in the file, more or less, in one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    text = " ".join(str(value).split()) if not isinstance(value, str) else f"“{' '.join(value.split())}”"
    return text if len(text) <= 60 else text[:59] + "…"
