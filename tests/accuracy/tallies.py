# ruff: noqa: E501, S311 - markup reads best as it is; no secret hangs on these numbers
"""Portals about what must be counted in public: the figures of services and of letters, and the surveys of a year.

    python tests/accuracy/tallies.py [--seed N] [--errors]

Four navigations, ten lists, twelve ways of publishing figures. The rules never accuse: what is told is for a person.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

import frames
import told
from markups import MARKUPS
from portal import TOPICS, TOWNS, Item, Portal, now
from told import Hints, Known, Place

from rules.engine.assessment import Finding

RULES = ("few-surveys", "missing-statistics", "stale-statistics")
_LISTS = ("plain_li", "trs", "table_td", "kaipu_i_before", "gridview", "old_table", "wordpress", "cards", "inside_link", "dt_dd")  # fmt: skip
_NAVS = ("list", "table", "bars", "mobile")
_SAY = "各乡镇、各部门要提高认识，压实责任，加强协调配合，确保各项措施落到实处，切实提高群众满意度。"
_PLACES = {"service": ("办事服务", "/fw/"), "message": ("互动交流", "/hd/")}
_NAMES = {
    "service": ("办件统计", "办事统计", "办件数据统计", "政务服务办件统计", "办事情况统计"),
    "message": ("留言统计", "信件统计", "来信办理情况统计", "互动统计", "留言受理反馈统计"),
}
# Words near to those that are meant: none of them is about services or letters.
_OTHER_FIGURES = ("统计公报", "县统计局", "农业普查统计", "经济运行数据", "统计信息", "月度统计数据")
_THING = {"service": "办件", "message": "留言"}

Shape = Callable[[str, date], str]
"""What is counted and the last day of its period → what the page shows."""


def _rows(thing: str) -> str:
    rows = (("受理", 1203), ("办结", 1187), ("按时办结率", "99.2%"), ("满意", 1102))
    return "".join(f"<tr><td>{thing}{name}</td><td>{n}</td></tr>" for name, n in rows)


def _half(day: date) -> str:
    return f"{day.year}年{'上' if day.month <= 6 else '下'}半年"


def _month_before(day: date) -> date:
    return day.replace(day=1) - timedelta(days=1)


_QUARTERS = "一二三四"
MONTHLY: tuple[Shape, ...] = (
    lambda t, d: f"<p>统计时段：{d.year}年{d.month}月</p><table>{_rows(t)}</table>",
    lambda t, d: f"<p>截至{d.year}年{d.month}月{d.day}日，累计受理{t}12034件，办结12011件。</p>",
    lambda t, d: f"<table><tr><th>{d.year}年1-{d.month}月</th><th>数量</th></tr>{_rows(t)}</table>",
    lambda t, d: f"<p>（{d.year}年1—{d.month}月）</p><table>{_rows(t)}</table>",
    lambda t, d: f"<div><b>{t}数量</b><span>{d:%Y-%m}</span></div><table>{_rows(t)}</table>",
    lambda t, d: (
        f"<table><tr><td>月份</td><td>受理</td></tr><tr><td>{d.year}年{d.month}月</td><td>317</td></tr><tr><td>{_month_before(d).year}年{_month_before(d).month}月</td><td>298</td></tr></table>"
    ),
    lambda t, d: f"<div class=title>{t}情况</div><div>发布日期：{d}</div><p><img src=/i/chart.png></p>",
    lambda t, d: f"<p>统计起止日期：{d.replace(day=1)} 至 {d}</p><table>{_rows(t)}</table>",
)
# Periods that end where a quarter or a half year does.
QUARTERLY: tuple[Shape, ...] = (
    lambda t, d: f"<h3>{d.year}年第{_QUARTERS[d.month // 3 - 1]}季度{t}情况</h3><table>{_rows(t)}</table>",
    lambda t, d: f"<h3>{d.year}年{_QUARTERS[d.month // 3 - 1]}季度</h3><table>{_rows(t)}</table>",
)
# Of this very day; or of none.
LIVE: tuple[Shape, ...] = (
    lambda t, d: f"<ul><li>今日{t}12件</li><li>本月{t}345件</li><li>累计{t}12034件</li></ul>",
    lambda t, d: f"<p>实时{t}：今日受理 31 件，本周受理 211 件</p>",
)
DATELESS: tuple[Shape, ...] = (
    lambda t, d: f"<p>累计受理{t}12034件，办结12011件。</p>",
    lambda t, d: "<div id=chart></div><script src=/js/echarts.min.js></script><script>draw('chart')</script>",
)
_RESULTS = ("征求意见采纳情况的反馈", "问卷调查结果公布", "民生实事征集结果", "意见征集情况汇总")


def tallies(seed: int = 0, count: int = 165) -> Iterator[Known]:
    for number in range(count):
        yield _Maker(number, random.Random(seed * 7919 + number * 57 + 11)).visited


class _Maker:
    def __init__(self, number: int, rng: random.Random) -> None:
        self.number, self.rng = number, rng
        self.portal = portal = Portal(f"tally {number}", "www.yunling.gov.cn", "云岭县人民政府", now().date())
        portal.rules, portal.charset = RULES, "gbk" if number % 4 == 1 else "utf-8"
        self.visited = Known(portal)
        self.nav, self.list = _NAVS[number % 4], _LISTS[number % len(_LISTS)]
        self.entries = [("要闻动态", "/xw/"), ("通知公告", "/tz/"), *_PLACES.values()]
        self.within: dict[str, str] = {path: "" for _, path in _PLACES.values()}
        self.home = ""
        self._surveys()
        for of in _PLACES:
            self._figures(of)
        self._news("/xw/", "要闻动态")
        self._news("/tz/", "通知公告")
        for of, (name, path) in _PLACES.items():
            self._page(path, name, f"<h1>{name}</h1>{self.within[path]}<p>{_SAY * 3}</p>")
            del of
        rows = "".join(f"<li><a href='/xw/{n}.html'>{t}</a></li>" for n, t in enumerate(self.titles))
        self._page("/", "", f"<div class=box><h2>要闻动态</h2><ul>{rows}</ul></div>{self.home}")

    def say(self, rule: str, of: str, expect: str, sort: str) -> None:
        self.visited.places.append(Place(rule, of, expect, sort))

    def _page(self, path: str, title: str, body: str, **metas: str) -> None:
        portal = self.portal
        name = f"{title}-{portal.title}" if title else portal.title
        banner = frames.today_banner(portal.today) if self.number % 3 == 0 else ""
        inner = f"{banner}{frames.logo()}{frames.NAVS[self.nav](self.entries, {})}{body}{frames.foot(('new', 'old', 'pictures')[self.number % 3], portal.code, set())}"
        labels = {**frames.labels(portal), **metas}
        portal.add(path, frames.document(name, labels, inner, portal.charset, old=self.number % 5 == 2))

    def _news(self, path: str, name: str) -> None:
        items = []
        for n in range(8):
            title = f"{self.rng.choice(TOWNS)}扎实推进{self.rng.choice(TOPICS)}工作{n}"
            items.append(Item(title, f"{path}{n}.html", self.portal.today - timedelta(days=2 + 4 * n), n + 1))
            self._page(
                f"{path}{n}.html",
                title,
                f"<h1>{title}</h1><p>发布时间：{items[-1].day} 09:00</p><p>{_SAY * 3}</p>",
            )
        self.titles = [item.title for item in items]
        self._page(path, name, f"<h1>{name}</h1>{MARKUPS[self.list](items, self.portal.today)}")

    # The figures of services, and of letters.

    def _figures(self, of: str) -> None:
        rng, draw = self.rng, self.rng.random()
        column, within = _PLACES[of]
        name, path, thing = rng.choice(_NAMES[of]), f"{within}tj/", _THING[of]
        if draw < 0.28:  # none; perhaps others
            if rng.random() < 0.6:
                other = rng.choice(_OTHER_FIGURES)
                self.home += f"<p><a href='/sj/'>{other}</a></p>"
                self._page("/sj/", other, f"<h1>{other}</h1><p>2025年全县生产总值增长5.2%。</p>")
            self.say("missing-statistics", of, "review", "none")
            return
        self.say("missing-statistics", of, "none", name)
        if draw < 0.36:  # nobody can say of when they are
            body, sort, expect = rng.choice(DATELESS)(thing, self.portal.today), "no date", "none"
        elif draw < 0.44:
            body, sort, expect = rng.choice(LIVE)(thing, self.portal.today), "live", "none"
        else:
            stale = draw < 0.7
            body, sort = self._dated(thing, name, path, stale=stale)
            expect = "review" if stale else "none"
        self.say("stale-statistics", of, expect, sort)
        where = rng.random()
        if where < 0.25:  # in the navigation
            self.entries.append((name, path))
        elif where < 0.5:  # on the page of the column
            self.within[within] += f"<ul><li><a href='{path}'>{name}</a></li></ul>"
        elif where < 0.6:  # a picture
            self.within[within] += f"<a href='{path}'><img src=/i/tj.png alt={name}></a>"
        elif where < 0.85 and "list" not in sort:  # the figures themselves, on that page
            self.within[within] += f"<div class=tj><h2>{name}</h2>{body}</div>"
            return
        else:
            self.home += f"<div class=side><a href='{path}'>{name}</a></div>"
        self._page(path, name, f"<h1>{name}</h1>{body}", ColumnName=name, ColumnType=column)

    def _dated(self, thing: str, name: str, path: str, *, stale: bool) -> tuple[str, str]:
        """Figures of a period that ended in these three months, or before them."""
        rng, today = self.rng, self.portal.today
        last = today.replace(day=1) - timedelta(days=1)
        for _ in range(rng.randrange(5, 24) if stale else rng.randrange(0, 2)):
            last = _month_before(last)
        draw = rng.random()
        if draw < 0.6:
            n = rng.randrange(len(MONTHLY))
            return MONTHLY[n](thing, last), f"monthly {n} {last}"
        if draw < 0.8:
            while last.month % 3:
                last = _month_before(last)
            if stale or (today - last).days < 85:
                if rng.random() < 0.3 and last.month in (6, 12) and stale:
                    return f"<p>{_half(last)}</p><table>{_rows(thing)}</table>", f"half year {last}"
                return rng.choice(QUARTERLY)(thing, last), f"quarterly {last}"
            last = today.replace(day=1) - timedelta(days=1)
        items, day = [], last
        for n in range(6):
            title = f"{day.year}年{day.month}月{name}"
            shown = min(day + timedelta(days=4), today)
            items.append(Item(title, f"{path}{n}.html", shown, n + 1))
            self._page(
                f"{path}{n}.html", title, f"<h1>{title}</h1><p>发布时间：{shown}</p><table>{_rows(thing)}</table>"
            )
            day = _month_before(day)
        return MARKUPS[self.list](items, today), f"list {last}"

    # The surveys of a year.

    def _surveys(self) -> None:
        rng, today = self.rng, self.portal.today
        if (draw := rng.random()) < 0.06:  # no such column; words near to its name
            self.entries.append((rng.choice(("调查研究", "土地征收", "投资指南")), "/dy/"))
            self._page("/dy/", "说明", f"<h1>说明</h1><p>{_SAY * 3}</p>")
            self.say("few-surveys", "", "review", "no column")
            return
        few = draw < 0.36
        names = rng.sample(
            ("民意征集", "意见征集", "网上调查", "征求意见", "问卷调查"), 2 if rng.random() < 0.25 else 1
        )
        wanted = rng.randrange(0, 6) if few else rng.randrange(6, 12)
        days = sorted((today - timedelta(days=rng.randrange(1, 360)) for _ in range(wanted)), reverse=True)
        self.say("few-surveys", "", "review" if few else "none", f"{wanted} in {len(names)}")
        under = rng.random() < 0.5
        for at, name in enumerate(names):
            path = f"/hd/zj{at}/"
            mine = [(day, self._survey(n)) for n, day in enumerate(days) if n % len(names) == at]
            results = [
                (today - timedelta(days=rng.randrange(3, 300)), rng.choice(_RESULTS)) for _ in range(rng.randrange(4))
            ]
            past = [(today - timedelta(days=370 + 40 * n), self._survey(n)) for n in range(rng.randrange(1, 6))]
            items = []
            for n, (day, about) in enumerate(sorted([*mine, *results, *past], reverse=True)):
                title = f"{about}（{n}）" if rng.random() < 0.2 else f"{rng.choice(TOWNS)}{about}"
                items.append(Item(title, f"{path}{n}.html", day, n + 1))
                ends = day + timedelta(days=20)
                text = f"<h1>{title}</h1><p>发布时间：{day}</p><p>征集时间：{day}至{ends}。</p><p>{_SAY}</p>"
                self._page(f"{path}{n}.html", title, text, ColumnName=name)
            style = "survey_range" if rng.random() < 0.3 and not results else self.list
            body = f"<h1>{name}</h1>{MARKUPS[style](items, today)}"
            self._page(path, name, body, ColumnName=name, ColumnType="征集调查")
            if under:
                self.within["/hd/"] += f"<ul><li><a href='{path}'>{name}</a></li></ul>"
            else:
                self.entries.append((name, path))

    def _survey(self, n: int) -> str:
        topic = self.rng.choice(TOPICS)
        return (
            f"关于《云岭县{topic}办法（征求意见稿）》公开征求意见的公告",
            f"{topic}满意度问卷调查",
            f"关于征集{topic}意见建议的公告",
            f"{topic}网上调查",
        )[n % 4]


# Measuring


def _told_at(finding: Finding) -> str:
    """The rules tell of a site, once for each sort of figures."""
    if finding.rule == "few-surveys":
        return ""
    return "message" if "留言" in str(finding.message) else "service"


def run(chosen: Sequence[Known], workers: int = 4) -> tuple[dict[str, Hints], list[str]]:
    return told.run(chosen, RULES, _told_at, str, workers)


if __name__ == "__main__":
    told.main(__doc__, tallies, 165, run)
