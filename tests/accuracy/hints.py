# ruff: noqa: E501, S311 - markup reads best as it is; no secret hangs on these numbers
"""How often are the rules right that mostly ask a person to look? Portals with planted dates, exits and landings.

    python tests/accuracy/hints.py [--seed N] [--errors]

Each portal is served on the loopback and visited as any site is. A place is `certain` (there, and can be proved),
`review` (there, and a person must look) or `none` (it only looks like it). Of a rule that never accuses, a place that
was told of is found; certain findings about anything else are wrong.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import unquote, urlsplit

import frames
import told
from portal import OFFICES, TOPICS, TOWNS, Column, Portal, now
from told import Hints, Known

from rules.engine.assessment import Finding

RULES = ("suspect-date", "nearly-stale-column", "hijacked-link", "unannounced-exit")
NAMES = {
    "政务要闻": "news", "部门动态": "news", "乡镇动态": "news", "通知公告": "notice", "公示公告": "notice", "政府文件": "policy",
    "政策解读": "explain", "规划计划": "plan", "人事招考": "person",
}  # fmt: skip


# How nine systems show an article's date; the first six label it as that of publication.

HEADS: tuple[Callable[[str, str, str], str], ...] = (
    lambda t, d, c: f"<h1>{t}</h1><p>发布时间：{d} {c} 来源：县政府办公室</p>",
    lambda t, d, c: f"<h2 class=title>{t}</h2><div class=info><span>发布日期：{d}</span><span>浏览次数：<i id=n></i></span><span>【字体：大 中 小】</span></div>",
    lambda t, d, c: f"<table><tr><td>索引号：</td><td>YL001/2026-1</td><td>发布日期：</td><td>{d}</td></tr><tr><td>发文机关：</td><td>县政府</td><td>文号：</td><td></td></tr></table><h1>{t}</h1>",
    lambda t, d, c: f"<div class=arti_title>{t}</div><div><div>发布日期</div><div>{d}</div></div>",
    lambda t, d, c: f"<h1>{t}</h1><ul><li>来源：云岭县融媒体中心</li><li>发布时间：{d} {c}</li><li>点击数：128</li></ul>",
    lambda t, d, c: f"<CENTER><FONT size=5>{t}</FONT><BR>发布时间：{d}　作者：县政府办</CENTER>",
    lambda t, d, c: f"<h1>{t}</h1><p>来源：云岭日报　{d} {c}</p>",
    lambda t, d, c: f"<h1>{t}</h1><p>时间：{d} {c} 来源：县文旅局 字号：默认 小 大</p>",
    lambda t, d, c: f"<h1>{t}</h1><p>{d}</p>",
)  # fmt: skip
LABELLED = 6
_NEWS = 10  # days after which the reminder comes
ROWS: tuple[Callable[[str, str, str], str], ...] = (
    lambda u, t, d: f"<li><a href='{u}'>{t}</a><span>{d}</span></li>",
    lambda u, t, d: f"<li><span class=date>[{d}]</span><a href='{u}' title='{t}'>{t}</a></li>",
    lambda u, t, d: f"<tr><td><a href='{u}'>{t}</a></td><td>{d}</td></tr>",
    lambda u, t, d: f"<div class=row><a href='{u}'>{t}</a><em>{d}</em></div>",
)  # fmt: skip
_SENTENCES = (
    "会议强调，要压实工作责任，细化工作措施，加强协调配合，推动各项任务落到实处。",
    "下一步，将持续跟踪问效，及时研究解决推进中的困难和问题，切实提高群众满意度。",
    "各乡镇、各部门要结合实际制定实施方案，明确时间表和路线图，确保按期完成目标任务。",
    "全县共投入资金三千二百余万元，新建和改造设施四十余处，受益群众超过两万人。",
    "县直有关部门负责同志参加活动，现场回答了群众提出的问题，并发放宣传资料。",
)


def _text(rng: random.Random) -> str:
    picked = rng.sample(_SENTENCES, 4)
    return "".join(f"<p>{rng.choice(TOWNS)}围绕{rng.choice(TOPICS)}开展工作。{s}</p>" for s in picked)


def hints(seed: int = 0, count: int = 18) -> Iterator[Known]:
    for number in range(count):
        yield _Builder(number + 1000 * seed).build()


@dataclass(frozen=True, slots=True)
class _Article:
    path: str
    title: str
    listed: date
    shown: str
    """As the page shows it; empty: nowhere."""
    meta: str
    clock: str
    body: str
    sort: str
    expect: str = "none"
    time_in_list: str = ""


class _Builder:
    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = random.Random(seed * 6151 + 5)
        self.portal = Portal(f"hints {seed}", "www.yunling.gov.cn", "云岭县人民政府", now().date())
        self.hinted = Known(self.portal)
        self.serial = 1000
        self.sorts = list(_SORTS)
        self.rng.shuffle(self.sorts)

    @property
    def today(self) -> date:
        return self.portal.today

    def build(self) -> Known:
        columns = [Column(name, kind, f"/c{n}/") for n, (name, kind) in enumerate(NAMES.items(), 1)]
        self.names = [(c.name, c.path) for c in columns]
        for column in columns:
            self._column(column)
        self._home()
        for path in (
            "/sitemap.html",
            "/beian/",
            "/conac/",
            f"/jiucuo.html?site_code={self.portal.code}",
            "//beian.miit.gov.cn/",
        ):
            self.portal.pages[path] = "<html><body><p>说明文字，供查阅。</p></body></html>".encode()
        return self.hinted

    # Columns and their articles.

    def _column(self, column: Column) -> None:
        age = self._age(column)
        articles = self._pair(column, age)
        for n in range(self.rng.randrange(1, 4)):
            articles.append(self._article(column, age + 9 + 7 * n, "plain"))
        row = ROWS[self.seed % len(ROWS)]
        burst = column.kind == "plan" and self.seed % 2 == 0
        if burst:
            articles += self._burst(column, age, odd=self.seed % 4 == 0)
        rows = "".join(row(a.path, a.title, f"{a.listed}{a.time_in_list}") for a in articles)
        body = (
            f"<table>{rows}</table>"
            if rows.startswith("<tr")
            else f"<ul>{rows}</ul>"
            if rows.startswith("<li")
            else rows
        )
        metas = {"ColumnName": column.name, "ColumnType": column.name}
        self._page(column.path, column.name, metas, f"<h2>{column.name}</h2>{body}")
        for article in articles:
            self._write(column, article)

    def _age(self, column: Column) -> int:
        """Days since the newest item, and whether a reminder is due."""
        days = {"news": (0, _NEWS, 14), "notice": (0, 150, 180), "policy": (0, 150, 180)}.get(column.kind)
        if days is None:
            self.hinted.say("nearly-stale-column", column.path, "none", "no limit")
            return self.rng.randrange(1, 200)
        near = self.rng.random() < 0.35
        first, low, high = days
        late = 1 if low == _NEWS else 6  # five calendar months are 150 to 153 days
        fresh, stale = self.rng.randrange(first, low), self.rng.randrange(high + 10, high + 90)
        age = self.rng.randrange(low + late, high - 1) if near else self.rng.choice((fresh, stale))
        self.hinted.say("nearly-stale-column", column.path, "certain" if near else "none", "")
        return age

    def _pair(self, column: Column, age: int) -> list[_Article]:
        """The two newest, which a quick visit opens."""
        sort = self.sorts.pop() if self.sorts else "plain"
        if sort == "repeat":
            return self._repeat(column, age)
        return [self._article(column, age, sort), self._article(column, age + 1, "plain")]

    def _address(self, column: Column, day: date | None) -> str:
        self.serial += 1
        return (
            f"{column.path}{day:%Y%m}/t{day:%Y%m%d}_{self.serial}.html" if day else f"{column.path}{self.serial}.html"
        )

    def _article(self, column: Column, age: int, sort: str) -> _Article:
        rng = self.rng
        day = self.today - timedelta(days=age)
        title = f"{rng.choice(OFFICES)}{rng.choice(('部署', '推进', '检查', '研究'))}{rng.choice(TOPICS)}工作"
        clock = f"{rng.randrange(8, 19):02}:{rng.randrange(1, 60):02}"
        plain = _Article(
            self._address(column, rng.choice((day, None))),
            title,
            day,
            day.isoformat(),
            f"{day} {clock}",
            clock,
            _text(rng),
            sort,
        )
        change = _SORTS.get(sort)
        return change(self, column, plain, day) if change is not None else plain

    def _repeat(self, column: Column, age: int) -> list[_Article]:
        new = self._article(column, age, "plain")
        old_day = self.today - timedelta(days=age + 400)
        old = self._article(column, age + 400, "plain")
        old = replace(old, body=new.body, listed=old_day)
        return [replace(new, sort="repeat", expect="review"), old]

    def _burst(self, column: Column, age: int, *, odd: bool) -> list[_Article]:
        day = self.today - timedelta(days=min(age + 30, 60) if odd else age + 30)
        time = " 10:17" if odd else " 10:00"
        made = [replace(self._article(column, (self.today - day).days, "plain"), time_in_list=time) for _ in range(14)]
        first = made[0]
        made[0] = replace(first, sort="burst", expect="review") if odd else replace(first, sort="whole hour")
        return made

    def _write(self, column: Column, article: _Article) -> None:
        style = (self.seed + len(article.title)) % len(HEADS)
        if article.expect == "certain":
            style %= LABELLED
        elif article.sort == "unlabelled future":
            style = LABELLED + style % (len(HEADS) - LABELLED)
        metas = {"ArticleTitle": article.title, "ContentSource": "县政府办"}
        if article.meta:
            metas["PubDate"] = article.meta
        head = (
            HEADS[style](article.title, article.shown, article.clock) if article.shown else f"<h1>{article.title}</h1>"
        )
        self._page(article.path, article.title, metas, f"{head}{article.body}")
        self.hinted.say("suspect-date", article.path, article.expect, article.sort)

    # The home page and where it leads.

    def _home(self) -> None:
        style = self.seed % 4
        links = ""
        for n, (name, url, expect, body) in enumerate(_outside(self.rng, self.seed)):
            self.portal.pages[f"//{urlsplit(url).hostname}/"] = body.encode()
            told = "none" if style or _GOVERNMENT in url or "conac.cn" in url or "12377" in url else "review"
            ask = " onclick=\"return confirm('您将离开本网站，是否继续？')\"" if style == 1 else ""
            links += f"<a href='{url}'{ask}>{name}{n}</a> "
            self.hinted.say("hijacked-link", url.removeprefix("http:"), expect, name)
            self.hinted.say("unannounced-exit", url.removeprefix("http:"), told, name)
        script = {
            2: "<script src=/js/leaveSite.js></script>",
            3: "<script>$('a').click(function(){if(this.host!=location.host)layer.open({content:'您访问的链接即将离开“云岭县人民政府”门户网站 是否继续？'})})</script>",
        }.get(style, "")
        self.portal.pages["/js/leaveSite.js"] = b"//"
        self.portal.types["/js/leaveSite.js"] = "application/javascript"
        self._page("/", "", {}, f"<h2>友情链接</h2><div class=links>{links}</div>{script}")

    def _page(self, path: str, title: str, metas: dict[str, str], body: str) -> None:
        nav = frames.NAVS[sorted(frames.NAVS)[self.seed % len(frames.NAVS)]](self.names, {"政务公开": self.names})
        labels = {**frames.labels(self.portal), **metas}
        inner = (
            frames.logo() + nav + body + frames.foot(("new", "old", "pictures")[self.seed % 3], self.portal.code, set())
        )
        name = f"{title}-{self.portal.title}" if title else self.portal.title
        self.portal.add(path, frames.document(name, labels, inner, self.portal.charset, old=False))


# What may be the matter with an article's dates; the look-alikes after them.

Change = Callable[[_Builder, Column, _Article, date], _Article]


def _future(b: _Builder, c: Column, a: _Article, day: date) -> _Article:
    ahead = b.today + timedelta(days=b.rng.randrange(3, 60))
    return replace(a, listed=ahead, shown=str(ahead), meta=f"{ahead} 09:12", path=b._address(c, None), expect="certain")


def _future_unlabelled(b: _Builder, c: Column, a: _Article, day: date) -> _Article:
    ahead = b.today + timedelta(days=b.rng.randrange(3, 60))
    return replace(a, shown=str(ahead), meta="", path=b._address(c, None), expect="review", sort="unlabelled future")


def _future_listed(b: _Builder, c: Column, a: _Article, day: date) -> _Article:
    return replace(
        a, listed=b.today + timedelta(days=b.rng.randrange(3, 60)), path=b._address(c, None), expect="review"
    )


def _future_meta(b: _Builder, c: Column, a: _Article, day: date) -> _Article:
    return replace(a, shown="", meta=f"{b.today + timedelta(days=20)} 10:00", path=b._address(c, None), expect="review")


def _impossible(b: _Builder, c: Column, a: _Article, day: date) -> _Article:
    wrong = b.rng.choice((f"{day.year}-02-30", f"{day.year}-11-31", f"{day.year}-13-01", "0000-00-00"))
    return replace(a, shown=wrong, meta="", path=b._address(c, None), expect="review", sort="impossible")


def _impossible_meta(b: _Builder, c: Column, a: _Article, day: date) -> _Article:
    return replace(
        a,
        shown="",
        meta=b.rng.choice(("1970-01-01 08:00:00", f"{day.year}-02-30 10:00")),
        path=b._address(c, None),
        expect="review",
    )


def _meta_apart(b: _Builder, c: Column, a: _Article, day: date) -> _Article:
    other = day - timedelta(days=b.rng.randrange(45, 900))
    return replace(a, meta=f"{other} 10:00", expect="review")


def _old_address(b: _Builder, c: Column, a: _Article, day: date) -> _Article:
    old = day - timedelta(days=b.rng.randrange(60, 2000))
    return replace(a, path=b._address(c, old), expect="review")


def _old_page(b: _Builder, c: Column, a: _Article, day: date) -> _Article:
    old = day - timedelta(days=b.rng.randrange(60, 2000))
    return replace(a, shown=str(old), meta=f"{old} 10:00", path=b._address(c, None), expect="review")


def _migrated(b: _Builder, c: Column, a: _Article, day: date) -> _Article:
    return replace(a, path=b._address(c, day + timedelta(days=min(300, (b.today - day).days))))


def _draft_first(b: _Builder, c: Column, a: _Article, day: date) -> _Article:
    return replace(a, path=b._address(c, day - timedelta(days=b.rng.randrange(1, 25))))


def _meta_a_little(b: _Builder, c: Column, a: _Article, day: date) -> _Article:
    return replace(a, meta=f"{day - timedelta(days=b.rng.randrange(1, 20))} 23:50")


def _event_ahead(b: _Builder, c: Column, a: _Article, day: date) -> _Article:
    ahead = b.today + timedelta(days=40)
    return replace(
        a,
        title=f"云岭县{ahead.year + 1}年公开招聘教师公告",
        body=f"<p>报名时间：{ahead}至{ahead + timedelta(days=5)}。</p><p>笔试时间：{ahead.year + 1}年1月9日上午9:00。</p>{a.body}",
    )


def _document_date(b: _Builder, c: Column, a: _Article, day: date) -> _Article:
    return replace(a, body=f"<p>成文日期：{day - timedelta(days=200)}</p>{a.body}<p>{day - timedelta(days=200)}</p>")


def _deadline(b: _Builder, c: Column, a: _Article, day: date) -> _Article:
    return replace(a, body=f"<p>征求意见截止日期：{b.today + timedelta(days=30)}</p>{a.body}")


def _tomorrow(b: _Builder, c: Column, a: _Article, day: date) -> _Article:
    return replace(a, body=f"{a.body}<p>自{b.today + timedelta(days=1)}起施行，有效期至2099-12-31。</p>")


def _no_date(b: _Builder, c: Column, a: _Article, day: date) -> _Article:
    return replace(a, shown="", meta="", path=b._address(c, None))


_SORTS: dict[str, Change | None] = {
    "future": _future, "future unlabelled": _future_unlabelled, "future listed": _future_listed, "future meta": _future_meta,
    "impossible": _impossible, "impossible meta": _impossible_meta, "meta apart": _meta_apart, "old address": _old_address,
    "old page": _old_page, "repeat": None, "migrated": _migrated, "draft first": _draft_first, "meta a little": _meta_a_little,
    "event ahead": _event_ahead, "document date": _document_date, "deadline": _deadline, "tomorrow": _tomorrow, "no date": _no_date,
}  # fmt: skip


# Where the home page leads: name, address, what a person says of the landing, and what stands there.

_GOVERNMENT = ".gov.cn"
_LONG = "介绍本地的景区、线路、住宿、餐饮和特产，欢迎各地游客前来。" * 40


def _site(title: str, text: str) -> str:
    return (
        f"<!DOCTYPE html><html><head><meta charset=utf-8><title>{title}</title></head><body><p>{text}</p></body></html>"
    )


_TAKEN = (
    ("yunlinglv.com 域名出售", "该域名可以出售，有意者请联系。", "certain"),
    ("此域名正在出售 - 域名交易平台", "价格面议", "certain"),
    ("YUNLING.NET is for sale", "Buy this domain. The owner of this domain is offering it for sale.", "certain"),
    ("Domain parked", "Related searches: hotels, flights, insurance", "certain"),
    ("开云体育_开云(kaiyun)官网入口", "体育投注 真人视讯 电子游艺", "certain"),
    ("澳门真人娱乐-百家乐开户送彩金", "老虎机 六合彩 返水", "certain"),
    ("bet365体育投注_bet365官网", "欢迎", "certain"),
    ("成人视频在线-无码专区", "激情视频 福利视频", "certain"),
    ("yunlinglv.com", "您访问的域名已到期，请联系注册商续费。", "review"),
    ("首页", "百家乐 老虎机 六合彩 体育投注 真人娱乐 " * 30, "review"),
    ("云岭博彩资讯", _LONG, "review"),
    ("本站域名转让 云岭旅游", _LONG, "review"),
)
_SOUND = (
    ("云岭旅游网_云岭县旅游信息门户", _LONG),
    ("云岭新闻网", "警方打掉一个网络赌场，涉百家乐、六合彩，抓获犯罪嫌疑人二十名。" * 20),
    ("中国体育彩票_竞彩足球_快三开奖公告", "体彩公益金用于全民健身。" * 20),
    ("域名注册商帮助中心", "域名到期以后怎样续费？请登录控制台。" * 60),
    ("云岭半岛体育公园", _LONG),
    ("云岭渔具 捕鱼用品", _LONG),
    ("威尼斯人酒店预订", _LONG),
    ("云岭县第一中学", "学校简介" * 200),
    ("中国工商银行", "理财产品投资有风险，网上银行登录入口。" * 30),
    ("人民网", "人民网是人民日报社主办的网站。" * 60),
    ("云岭县农村信用合作社", "贷款利率" * 100),
    ("云岭葡萄庄园", "葡京葡萄酒品鉴会" * 2 + _LONG),
    ("娱乐城改造工程公示", _LONG),
    ("", ""),
)


def _outside(rng: random.Random, seed: int) -> Iterator[tuple[str, str, str, str]]:
    for n in range(4):
        title, text, expect = _TAKEN[(seed * 4 + n) % len(_TAKEN)]
        yield "旅游网", f"http://www.taken{seed}{n}.com/", expect, _site(title, text)
    for n in range(8):
        title, text = _SOUND[(seed * 8 + n) % len(_SOUND)]
        yield "友好单位", f"http://www.friend{seed}{n}.cn/", "none", _site(title, text)
    yield "省政府", "http://www.yn.gov.cn/", "none", _site("云南省人民政府", _LONG)
    yield "闲置域名处置", "http://ggzy.yunling2.gov.cn/", "none", _site("县属企业闲置域名转让公告", "域名转让公告")
    yield "标识", "http://bszs.conac.cn/", "none", _site("事业单位在线", "党政机关网站标识" * 20)
    yield (
        "举报中心",
        "http://www.12377.cn/",
        "none",
        _site("中央网信办违法和不良信息举报中心", "举报网络赌博、色情信息" * 20),
    )


# Measuring


def _told_at(finding: Finding) -> str:
    return _place(finding.at)


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}{unquote(parts.path)}"


def run(chosen: Sequence[Known], workers: int = 4) -> tuple[dict[str, Hints], list[str]]:
    return told.run(chosen, RULES, _told_at, _place, workers)


if __name__ == "__main__":
    told.main(__doc__, hints, 18, run)
