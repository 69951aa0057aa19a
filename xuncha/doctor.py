"""`xuncha doctor`: is this machine ready? One line a matter, with what to do about it. The network is asked nothing."""

from __future__ import annotations

import importlib.util
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from importlib import metadata
from pathlib import Path

from crawler.message import Message, say
from xuncha import orders, targets
from xuncha.parameters import CHINA, Mistake
from xuncha.register import SiteListError
from xuncha.settings import Settings, SettingsError

_LITTLE, _TOO_LITTLE = 2 * 1024**3, 100 * 1024**2  # bytes of free disk space
_LATE = 11  # from this month on deadlines reach into the next year
_NAME = re.compile(r"[A-Za-z0-9._-]+")


class Health(StrEnum):
    GOOD = "good"
    DOUBTFUL = "doubtful"
    """It works, and something is worth knowing."""
    BAD = "bad"


WORDS = {Health.GOOD: say("正常"), Health.DOUBTFUL: say("注意"), Health.BAD: say("不行")}


@dataclass(frozen=True, slots=True)
class Symptom:
    health: Health
    told: Message


def examine(settings_file: Path | None, data: Path | None) -> Iterator[Symptom]:
    """Everything that an inspection needs, in the order in which it is needed. Raises nothing."""
    yield from _python()
    yield from _libraries()
    config: Settings | None = None
    try:
        config = orders.load_settings(settings_file)
    except SettingsError as error:
        yield Symptom(Health.BAD, error.message)
    if config is not None:
        yield from _settings(config)
        yield from _browser(config)
    folder = orders.data_folder(config or Settings(), data)
    yield from _folder(folder)
    yield from _store(folder)
    yield from _clock(folder)
    yield from _calendar(config or Settings())
    yield from _trust()
    yield _extra("apprise", say("消息通知"), "notify")
    yield _extra("distributed", say("多机检查"), "fleet")


def _good(message: Message) -> Symptom:
    return Symptom(Health.GOOD, message)


def _python() -> Iterator[Symptom]:
    yield _good(say("Python {version}（{system}）", version=platform.python_version(), system=platform.system()))
    for stream in (sys.stdout, sys.stderr):
        encoding = getattr(stream, "encoding", None) or ""
        if encoding.lower().replace("-", "") not in ("utf8", "gbk", "gb18030", "cp936", ""):
            told = say("屏幕的编码是 {encoding}，显示不了中文；请设置环境变量 PYTHONUTF8=1", encoding=encoding)
            yield Symptom(Health.DOUBTFUL, told)
            return


def _libraries() -> Iterator[Symptom]:
    try:
        wanted = metadata.requires("xuncha") or []
    except metadata.PackageNotFoundError:
        yield Symptom(Health.DOUBTFUL, say("程序没有安装，是从源代码运行的，不知道需要哪些库"))
        return
    names = [match[0] for line in wanted if "extra ==" not in line and (match := _NAME.match(line))]
    missing = tuple(name for name in names if not _is_installed(name))
    if missing:
        yield Symptom(Health.BAD, say("缺少库 {names}；请重新安装 xuncha", names=missing))
    else:
        yield _good(say("需要的 {count} 个库都已安装", count=len(names)))


def _is_installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _settings(config: Settings) -> Iterator[Symptom]:
    from rules.engine.table import EditionError
    from xuncha.inspection import load_edition

    if config.path is None:
        yield Symptom(Health.DOUBTFUL, say("没有设置文件 {file}，用默认设置", file=str(orders.SETTINGS)))
    try:
        sites = targets.known_sites(config)
        edition = load_edition(orders.orders(config, {}))
    except (SiteListError, EditionError, SettingsError) as error:
        yield Symptom(Health.BAD, error.message)
        return
    except Mistake as error:
        yield Symptom(Health.BAD, Message(error.message))
        return
    if config.path is not None:
        yield _good(
            say(
                "设置文件 {file} 没有错误：网站 {sites} 个，检查指标 {edition}",
                file=config.path.name,
                sites=len(sites),
                edition=edition.id,
            )
        )
        if not config.agent.contact:
            yield Symptom(
                Health.DOUBTFUL, say("设置中没有写联系方式（[agent] contact），被检查的网站不知道找谁；请写电话或邮箱")
            )


def _browser(config: Settings) -> Iterator[Symptom]:
    """What draws pages that scripts draw; without it those columns are told as not seen."""
    from crawler.browser import Browser
    from xuncha.summary import UNDRAWN

    ready = orders.orders(config, {}).plan
    if ready.render == "never":
        yield _good(say("设置为不用浏览器打开由脚本绘制的网页"))
        return
    browser = Browser(ready.browser, sandbox=ready.browser_sandbox)
    if browser.off:
        yield Symptom(Health.DOUBTFUL, say("看不到由脚本绘制的网页：{advice}", advice=UNDRAWN[browser.off]))
    else:
        yield _good(say("由脚本绘制的网页可以用浏览器打开"))


def _folder(folder: Path) -> Iterator[Symptom]:
    place = folder.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        why = error.strerror or str(error)
        told = say("数据目录 {path} 不能写入（{why}）；请检查权限，或用 --data 指定别的", path=str(folder), why=why)
        yield Symptom(Health.BAD, told)
        return
    yield _good(say("数据目录 {path} 可以写入", path=str(folder)))
    free = shutil.disk_usage(place).free
    told = say("所在磁盘剩余 {gigabytes} GB", gigabytes=f"{free / 1024**3:.1f}")
    if free < _LITTLE:
        health = Health.BAD if free < _TOO_LITTLE else Health.DOUBTFUL
        yield Symptom(health, say("{told}，不够检查几个网站；请腾出空间", told=told))
    else:
        yield _good(told)


def _store(folder: Path) -> Iterator[Symptom]:
    from xuncha.store import Store
    from xuncha.store.database import StoreError

    path = folder / "xuncha.db"
    if not path.exists():
        yield _good(say("还没有数据库，第一次检查时建立"))
        return
    if _is_older(path):  # to open it would bring it up to date
        yield Symptom(Health.DOUBTFUL, say("数据库是旧版程序建立的，下次检查时自动升级；请先备份"))
        return
    try:
        with Store.open(path, read_only=True) as store:
            runs = store.runs.rows()
    except StoreError as error:
        yield Symptom(Health.BAD, error.message)
        return
    yield _good(say("数据库可以打开，有 {count} 次检查", count=len(runs)))


def _is_older(path: Path) -> bool:
    """A database of ours that lacks only what this version adds."""
    import sqlite3
    from contextlib import closing

    from sqlite_utils import Database

    from xuncha.store.migrations import MIGRATIONS, unknown_migrations

    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            db = Database(connection, execute_plugins=False)
            return bool(MIGRATIONS.applied(db) and MIGRATIONS.pending(db)) and not unknown_migrations(db)
    except sqlite3.Error:
        return False


def _clock(folder: Path) -> Iterator[Symptom]:
    """Against what this machine has seen: a clock that was set back makes findings older than they are."""
    now = datetime.now(UTC)
    shown = f"{now.astimezone(CHINA):%Y-%m-%d %H:%M}"
    seen = [Path(__file__), *(path for path in (folder / "xuncha.db",) if path.exists())]
    latest = max(datetime.fromtimestamp(path.stat().st_mtime, UTC) for path in seen)
    if (latest - now).total_seconds() > 60:
        yield Symptom(Health.BAD, say("时钟是 {now}（北京时间），早于已有的文件；请校准", now=shown))
    else:
        yield _good(say("时钟是 {now}（北京时间）", now=shown))


def _calendar(config: Settings) -> Iterator[Symptom]:
    from rules import workdays

    today = datetime.now(CHINA).date()
    years = (today.year, today.year + 1) if today.month >= _LATE else (today.year,)
    holidays = config.notice.holidays
    unknown = tuple(
        str(year)
        for year in years
        if workdays.add(date(year, 1, 1), 1, holidays=holidays).assumed
        and not any(day.year == year for day in holidays or ())
    )
    if unknown:
        yield Symptom(
            Health.DOUBTFUL,
            say(
                "日历没有 {years} 年的调休安排，整改期限按周一至周五推算；"
                "请更新 chinesecalendar，或在设置 [notice.holidays] 中写明",
                years=unknown,
            ),
        )
    else:
        yield _good(say("工作日历有 {years} 年的调休安排", years=tuple(map(str, years))))


def _trust() -> Iterator[Symptom]:
    import ssl

    from crawler.tls import strict

    count = strict().cert_store_stats()["x509_ca"]
    if count:
        yield _good(say("可以核对 HTTPS 证书（{version}，{count} 个根证书）", version=ssl.OPENSSL_VERSION, count=count))
    else:
        yield Symptom(Health.BAD, say("没有根证书，HTTPS 网站都会被当作证书有误；请重新安装 certifi"))


def _extra(module: str, what: Message, extra: str) -> Symptom:
    if importlib.util.find_spec(module) is not None:
        return _good(say("{what}的组件已安装", what=what))
    return _good(say('{what}的组件没有安装；需要时运行 pip install "xuncha[{extra}]"', what=what, extra=extra))
