"""What the settings file says: the sites, how they are visited and when, who signs the notice. What it does not say
stays None. `xuncha.settings_file` reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from crawler.message import Message
from crawler.probe import Announced
from crawler.quiet import Quiet
from crawler.site import Site
from xuncha.cron import Cron, Every
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
    records: int | None = None
    """Days: probes and turns that are older are pruned."""
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
    sample: Fraction | None = None
    """So many of the sites are drawn each time, and only those are inspected."""
    renew: bool = False
    """Sites that were not inspected in the year are drawn first."""
    formats: tuple[str, ...] | None = None
    out: Path | None = None
    after: tuple[Task, ...] = ()
    """What is done when the run is done, in this order."""
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
