"""`xuncha discover`: which columns a site has, as a piece of settings file for a person to confirm."""

from __future__ import annotations

import asyncio
import json
import tempfile
from dataclasses import replace
from pathlib import Path

from crawler.archived import ArchivedSnapshot
from crawler.message import say
from crawler.plan import Plan
from crawler.site import Site
from crawler.snapshot import ColumnView, NotGathered
from crawler.visit import visit
from reports.language import Language
from reports.text import line
from rules.engine.kind import guess_kind
from xuncha.parameters import spoken


def discover(site: Site, plan: Plan) -> tuple[str, int]:
    """The TOML and the number of columns found. The links are not asked, only the pages that may be columns."""
    plan = replace(plan, needs=frozenset({"columns"}), dated_articles=0, undated_articles=1)
    with tempfile.TemporaryDirectory(prefix="xuncha-") as folder:
        snapshot = asyncio.run(visit(site, plan, Path(folder) / "visit"))
        try:
            return _toml(snapshot, spoken()), len(snapshot.columns)
        finally:
            snapshot.close()


def _toml(snapshot: ArchivedSnapshot, language: Language) -> str:
    try:
        home = snapshot.home
    except NotGathered as error:
        return f"# {language.text(error.why)}"
    name = home.meta("SiteName") or home.title
    lines = [
        f"# {language.say('请核对名称和种类，把需要的写进设置文件；种类决定多久必须更新')}",
        "[[site]]",
        f"url = {_string(snapshot.site.url)}",
        f"name = {_string(name)}",
        f"kind = {_string(guess_kind(home.meta('SiteName'), home.title).value)}",
    ]
    if home.meta("SiteIDCode"):
        lines.insert(-1, f"code = {_string(home.meta('SiteIDCode'))}")
    for column in snapshot.columns:
        lines += ["", *_column(column, language)]
    if not snapshot.columns:
        lines += ["", f"# {language.say('没有找到栏目：导航可能由脚本生成，请手工填写')}"]
    return "\n".join(lines)


def _column(view: ColumnView, language: Language) -> list[str]:
    if view.unobservable is not None:
        seen = language.text(view.unobservable)
    elif view.newest is not None:
        seen = language.say("{items} 条，最新 {date}", items=len(view.items), date=view.newest.isoformat())
    else:
        seen = language.say("{items} 条，没有日期", items=len(view.items))
    why = language.text(view.column.evidence or say("名称不在词表中"))
    lines = [
        f"# {line(seen)}",
        "[[site.column]]",
        f"name = {_string(view.name)}",
        f"url = {_string(view.url)}",
        f"kind = {_string(view.kind)}  # {why}",
    ]
    if not view.column.top:
        lines.append("top = false")
    if view.column.archived:
        lines.append("archived = true")
    return lines


def _string(text: str) -> str:
    """A TOML basic string: JSON's escapes are all TOML's, but for U+007F."""
    return json.dumps(line(text), ensure_ascii=False).replace("\x7f", "\\u007f")
