"""The main database for Datasette: what its tables and columns are, what to ask of them, what to sort them by.

    python -m xuncha.browsing xuncha-data/xuncha.db > metadata.json
    datasette xuncha-data/xuncha.db --metadata metadata.json

`make datasette` does both.
"""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Chinese and English beside each other: Datasette shows one text to everybody.
_TABLES: Mapping[str, tuple[str, str]] = {
    "runs": ("每次检查一行。", "One row a run."),
    "sites": ("每次检查中的每个网站一行：结论、得分、检查范围。", "One row a site of a run: verdict, score, coverage."),
    "checks": ("每个网站的每个条款一行。", "One row a clause that was tried at a site."),
    "findings": ("每次检查发现的每个问题一行。", "One row a finding of a run."),
    "columns": ("每个网站的每个栏目一行。", "One row a column of a site."),
    "gone": (
        "以前发现、这次找过而没有的问题。",
        "Findings of earlier visits that this one looked for and did not find.",
    ),
    "events": ("台账：对问题做了什么，只增不改。", "The ledger: what was done with findings; only ever added to."),
    "exemptions": (
        "豁免：哪个网站的哪条规则，到哪天为止。",
        "Exemptions: which rule at which site, and until which day.",
    ),
    "notices": ("发出的通报和通知，只增不改。", "Notices that went out; only ever added to."),
    "notice_sites": ("每份通报涉及的网站。", "The sites that a notice speaks of."),
    "notice_findings": ("每份通报点到的问题。", "The findings that a notice names."),
    "rounds": ("每轮首页监测一行。", "One row a round of probes."),
    "probes": ("每次访问首页一行。", "One row a probe of a home page."),
    "announcements": ("已报备的维护。", "Maintenance that was announced."),
    "rechecks": ("复查的结果。", "What a recheck came to."),
    "samples": ("抽样名单及其来历。", "Samples of sites, and how they were drawn."),
    "turns": ("计划中每一次到时的任务及其结果。", "What became of each time that a line of the schedule was due."),
    "items": ("栏目条目首次看到的日子。", "When an item of a column was seen first."),
    "latest_findings": ("每个网站最近一次检查的问题。", "The findings of each site's latest visit."),
}
_FACETS: Mapping[str, tuple[str, ...]] = {
    "runs": ("edition", "scope"),
    "sites": ("run", "result", "kind", "organ"),
    "checks": ("status", "part", "indicator", "rule"),
    "findings": ("rule", "indicator", "part", "certain", "column_name"),
    "columns": ("kind", "top"),
    "events": ("act", "who"),
    "probes": ("state", "code"),
    "latest_findings": ("organ", "result", "rule", "part", "certain"),
}


@dataclass(frozen=True, slots=True)
class Query:
    title: str
    english: str
    sql: str


QUERIES: Mapping[str, Query] = {
    "latest_results": Query(
        "各网站最近一次的结论",
        "The latest verdict of each site",
        """
        SELECT s.name, s.organ, s.url, s.result, s.score, s.as_of, s.pages, s.links,
               (SELECT count(*) FROM findings f WHERE f.site = s.id AND f.certain) AS certain,
               (SELECT count(*) FROM findings f WHERE f.site = s.id AND NOT f.certain) AS review
        FROM sites s
        WHERE s.id = (SELECT l.id FROM sites l WHERE l.url = s.url AND l.state = 'done' ORDER BY l.run DESC LIMIT 1)
        ORDER BY s.result = 'qualified', certain DESC
        """,
    ),
    "organs": Query(
        "一次检查中各主办单位的合格率",
        "Pass rate of each organ in a run",
        """
        SELECT organ, count(*) AS sites,
               sum(result = 'qualified') AS qualified, sum(result = 'unqualified') AS unqualified,
               sum(result = 'undetermined') AS undetermined,
               round(100.0 * sum(result = 'qualified') / nullif(sum(result <> 'undetermined'), 0), 2) AS pass_rate
        FROM sites WHERE run = coalesce(nullif(:run, ''), (SELECT max(id) FROM runs)) AND state = 'done'
        GROUP BY organ ORDER BY pass_rate, unqualified DESC
        """,
    ),
    "to_review": Query(
        "待复核的问题",
        "Findings that await review",
        """
        SELECT name, indicator, rule, message, at_url, on_url, excerpt, fetched_at, fingerprint
        FROM latest_findings WHERE NOT certain ORDER BY name, indicator
        """,
    ),
    "long_standing": Query(
        "多次看到仍未改正的问题",
        "Findings seen again and again",
        """
        SELECT s.name, f.rule, f.message, f.at_url, count(DISTINCT s.run) AS times,
               min(s.finished) AS first_seen, max(s.finished) AS last_confirmed, f.fingerprint
        FROM findings f JOIN sites s ON s.id = f.site
        WHERE f.certain AND EXISTS (
            SELECT 1 FROM latest_findings l WHERE l.home = s.url AND l.fingerprint = f.fingerprint)
        GROUP BY s.url, f.fingerprint HAVING times > 1 ORDER BY times DESC, first_seen
        """,
    ),
    "by_indicator": Query(
        "一次检查中各指标的问题数",
        "Findings of each indicator in a run",
        """
        SELECT f.indicator, f.part, f.rule, count(DISTINCT f.site) AS sites, sum(f.certain) AS certain,
               sum(NOT f.certain) AS review, round(sum(f.points), 2) AS points
        FROM findings f JOIN sites s ON s.id = f.site
        WHERE s.run = coalesce(nullif(:run, ''), (SELECT max(id) FROM runs))
        GROUP BY f.indicator, f.part, f.rule ORDER BY certain DESC
        """,
    ),
    "oldest_columns": Query(
        "最久没有更新的栏目",
        "Columns without an update for longest",
        """
        SELECT s.name AS site, c.name AS column, c.kind, c.newest,
               cast(julianday(substr(s.as_of, 1, 10)) - julianday(c.newest) AS INTEGER) AS days, c.items, c.url
        FROM columns c JOIN sites s ON s.id = c.site
        WHERE s.run = coalesce(nullif(:run, ''), (SELECT max(id) FROM runs)) AND c.newest IS NOT NULL AND NOT c.archived
        ORDER BY days DESC
        """,
    ),
    "links_by_host": Query(
        "一次检查中各主机的链接",
        "Links of each host in a run",
        """
        SELECT json_extract(h.value, '$[0]') AS host, count(*) AS sites,
               sum(coalesce(json_extract(h.value, '$[1].ok'), 0)) AS ok,
               sum(coalesce(json_extract(h.value, '$[1].broken'), 0)) AS broken,
               sum(coalesce(json_extract(h.value, '$[1].blocked'), 0)) AS blocked,
               sum(coalesce(json_extract(h.value, '$[1].unsure'), 0)) AS unsure
        FROM sites s, json_each(s.hosts) h
        WHERE s.run = coalesce(nullif(:run, ''), (SELECT max(id) FROM runs))
        GROUP BY host ORDER BY broken DESC, blocked DESC
        """,
    ),
}
_COLUMN = re.compile(r"^[\s,]*(?!CREATE\b)(\w+)\s+[A-Z][^\n]*?--\s*(.*)$", re.MULTILINE)
_FIRST = re.compile(r"^CREATE TABLE [^\n]*?--\s*(.*)$", re.MULTILINE)


def metadata(path: Path) -> dict[str, Any]:
    """What Datasette shows beside the database at `path`, whose schema says what its columns are."""
    with sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True) as db:
        rows = db.execute("SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
    db.close()
    tables = {name: _table(name, sql) for name, sql in rows if not name.startswith(("sqlite_", "_"))}
    hidden = {name: {"hidden": True} for name, _ in rows if name.startswith("_")}
    queries = {
        name: {"title": f"{query.title} · {query.english}", "sql": "\n".join(map(str.rstrip, _dedented(query.sql)))}
        for name, query in QUERIES.items()
    }
    return {
        "title": "巡查 · xuncha",
        "description": "检查的结果和台账，只读。 · Results of the inspections and the ledger, read only.",
        "databases": {path.stem: {"tables": tables | hidden, "queries": queries}},
    }


def _dedented(sql: str) -> list[str]:
    return [line[8:] for line in sql.strip("\n").splitlines()]


def _table(name: str, sql: str) -> dict[str, Any]:
    comment = _FIRST.search(sql)
    told = " · ".join(_TABLES[name]) if name in _TABLES else comment[1] if comment else name
    table: dict[str, Any] = {"description": told, "columns": dict(_COLUMN.findall(sql))}
    if name in _FACETS:
        table["facets"] = list(_FACETS[name])
    if name in ("runs", "sites", "findings", "events", "probes"):
        table["sort_desc"] = "id"
    return table


def main(argv: list[str]) -> int:
    if len(argv) != 1 or not Path(argv[0]).is_file():
        print("用法：python -m xuncha.browsing 数据目录/xuncha.db > metadata.json（先做一次检查）", file=sys.stderr)
        return 2
    json.dump(metadata(Path(argv[0])), sys.stdout, ensure_ascii=False, indent=1)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
