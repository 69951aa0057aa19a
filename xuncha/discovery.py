"""`xuncha discover`: which columns a site has, as a settings file for a person to confirm."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from crawler.archived import ArchivedSnapshot
from crawler.message import Message, say
from crawler.plan import Plan, Progress
from crawler.site import Site
from crawler.snapshot import ColumnView, NotGathered
from crawler.visit import visit
from reports.text import line
from rules.engine.kind import guess_kind
from xuncha.parameters import spoken
from xuncha.register import site_code


def discover(site: Site, plan: Plan, report: Callable[[Progress], None]) -> tuple[str, Message | None]:
    """The TOML, and why there is no column in it, if there is none. The links are not asked, only the pages that may be
    columns."""
    plan = replace(plan, needs=frozenset({"columns"}), dated_articles=0, undated_articles=1)
    # Windows refuses to remove a file that a scanner has open; the system clears its temporary folder in the end.
    with tempfile.TemporaryDirectory(prefix="xuncha-", ignore_cleanup_errors=True) as folder:
        snapshot = asyncio.run(visit(site, plan, Path(folder) / "visit", report=report))
        try:
            return _settings(snapshot)
        finally:
            snapshot.close()


def _settings(snapshot: ArchivedSnapshot) -> tuple[str, Message | None]:
    try:
        home = snapshot.home
    except NotGathered as error:
        return _comment(error.why), error.why
    name, code = home.meta("SiteName"), home.meta("SiteIDCode")
    lines = [
        _comment(say("请核对名称和种类，删去不需要的；种类决定多久必须更新")),
        "[[site]]",
        f"url = {_string(snapshot.site.url)}",
        f"name = {_string(name or home.title)}",
        *_code(code),
        f"kind = {_string(guess_kind(name, home.title).value)}  {_comment(say('按名称判断'))}",
    ]
    # The settings name an address once, and not the home page.
    views = {view.url: view for view in reversed(snapshot.columns)}
    columns = [view for view in snapshot.columns if views[view.url] is view]
    for view in columns:
        lines += ["", *_column(view)]
    why = None if columns else say("没有找到栏目：导航可能由脚本生成，请手工填写")
    if why is not None:
        lines += ["", _comment(why)]
    return "\n".join(lines), why


def _code(text: str) -> list[str]:
    if not text:
        return []
    try:
        return [f"code = {_string(site_code(text))}"]
    except ValueError:
        return [_comment(say("网页上的网站标识码“{code}”不对，应为 10 位数字，或 bm 加 8 位数字", code=line(text, 60)))]


def _column(view: ColumnView) -> list[str]:
    seen: Message
    if view.unobservable is not None:
        seen = view.unobservable
    elif view.newest is not None:
        seen = say("{items} 条，最新 {date}", items=len(view.items), date=view.newest.isoformat())
    else:
        seen = say("{items} 条，没有日期", items=len(view.items))
    lines = [
        _comment(seen),
        "[[site.column]]",
        f"name = {_string(view.name)}",
        f"url = {_string(view.url)}",
        f"kind = {_string(view.kind)}  {_comment(view.column.evidence or say('名称不在词表中'))}",
    ]
    if not view.column.top:
        lines.append("top = false")
    if view.column.archived:
        lines.append("archived = true")
    return lines


def _comment(message: Message) -> str:
    return f"# {line(spoken().text(message))}"


def _string(text: str) -> str:
    """A TOML basic string: JSON's escapes are all TOML's, but for U+007F."""
    return json.dumps(line(text), ensure_ascii=False).replace("\x7f", "\\u007f")
