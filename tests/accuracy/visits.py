# ruff: noqa: E501, S311 - markup reads best as it is; no secret hangs on these numbers
"""Small sites about what one visit sees: search, disclosure, reminders, walls, private addresses, places in pages, and
pages that look otherwise to a search engine.

    python tests/accuracy/visits.py [--seed N] [--errors]

Each thing is there, or not there, or only looks like it, without regard to the others. What rules say is counted as in
told.py: told is found, and a certain finding where a person must look is wrong.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from urllib.parse import unquote

import frames
import told
from portal import TOPICS, TOWNS, Portal, now
from told import Hints, Known

from rules.engine.assessment import Finding

RULES = (
    "missing-search", "missing-disclosure", "nearly-stale-home", "private-link", "blocked-host", "missing-anchor",
    "cloaked-page",
)  # fmt: skip
CERTAIN = ("missing-search", "missing-disclosure", "nearly-stale-home", "private-link")
"""Rules whose findings here can all be proved, but for a few."""
NAMES = (
    ("要闻动态", "/xw/"),
    ("政府信息公开", "/zwgk/"),
    ("领导信息", "/ld/"),
    ("办事服务", "/fw/"),
    ("互动交流", "/hd/"),
)
_SAY = "各乡镇、各部门要提高认识，压实责任，加强协调配合，确保各项措施落到实处，切实提高群众满意度。"


def visits(seed: int = 0, count: int = 150) -> Iterator[Known]:
    for number in range(count):
        yield _Maker(number, random.Random(seed * 7919 + number * 101 + 17)).visited


# Ways to search, and what is none. Nothing here writes by script: that is for a person to look at.

_SEARCH = (
    "<form action=/so><input type=text name=q><input type=submit value=搜索></form>",
    "<div><input placeholder=请输入关键字><button>搜索</button></div>",
    "<a href=/so/>高级检索</a>",
    "<a href='/so/'><img src=/i/s.png alt=站内搜索></a>",
    "<iframe src=/search.html width=200 height=30></iframe>",
    "<form action='/search'><input name=wd type=search></form>",
    "<input class=ipt value=请输入您要找的内容><img src=/images/btn.gif>",
    "<li class=topsearch><a href=/jsearch/><i></i></a></li>",
    "<span onclick=\"location.href='/search/'\"><i></i></span>",
    "<textarea name=q rows=1></textarea><input type=image src=/i/s.png>",
)
_NO_SEARCH = (
    "",
    "<form action=/login method=post><input name=user><input type=password name=pw><input type=submit value=登录></form>",
    "<form action=/vote><input type=radio name=v>满意<input type=radio name=v>不满意<input type=submit value=投票></form>",
    "<a href=/xw/r.html title=我县开展冬季山林搜索救援综合演练>我县开展冬季山林搜索救援综合演练</a>",
    "<select><option>友情链接</option><option>省政府</option></select><div class=research><a href=/dc/>调查研究</a></div>",
)

# The disclosure column: names, and where they stand.

_PARTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "政府信息公开指南": ("zn", ("政府信息公开指南", "信息公开指南", "公开指南")),
    "政府信息公开制度": ("zd", ("政府信息公开制度", "公开制度", "政府信息公开条例")),
    "法定主动公开内容": ("nr", ("法定主动公开内容", "主动公开目录", "政府信息公开目录")),
    "政府信息公开年报": ("nb", ("政府信息公开年报", "信息公开年度报告", "公开年报")),
    "依申请公开": ("ysq", ("依申请公开", "依申请公开平台", "我要申请")),
}

# Addresses that nobody outside can reach, and names that only look like one.

_PRIVATE = (
    ("http://192.168.1.20/upload/1.doc", "certain"),
    ("http://10.3.4.5:8080/oa/", "certain"),
    ("http://localhost:8080/index.jsp", "certain"),
    ("http://127.0.0.1/a.html", "certain"),
    ("http://172.16.8.1/xt/", "certain"),
    ("http://[fe80::1]/", "certain"),
)
_OPEN = ("//10.example.cn/", "//192-168-1-20.example.cn/", "//localhost.example.com/", "//www.172168.example.net/")

# Walls, and answers that are none.

_CHALLENGE = "<html><body><script>document.cookie='__jsl_clearance=1';location.reload()</script></body></html>"
_WALLS = ((403, ""), (412, ""), (521, ""), (429, ""), (405, ""), (200, _CHALLENGE), (401, ""))
_NO_WALLS = ((200, ""), (404, ""), (500, ""), (410, ""), (200, f"<title>网站防护知识</title><p>{_SAY * 9}</p>"))

# What a search engine sees: (sort, expectation, what changes).

_BETTING = ("bet365体育在线官网", "开云体育app下载", "澳门威尼斯人官网入口", "亚博体育官方登录", "皇冠体育投注平台")
_VICE_SITE = "<title>澳门真人娱乐_百家乐_开户送彩金</title><p>真人视讯 老虎机 首存返水</p>"
_PLAIN_SITE = f"<title>云岭生活网</title><p>{'本网站介绍本地生活信息。' * 30}</p>"
_NOVEL = "".join(
    f"<p>{w}小说全文在线阅读，最新章节列表，主人公历尽艰辛终于找到了回家的路，全书由书友上传到本站，仅供试读。</p>"
    for w in "青云剑歌传奇江湖夜雨"
)


class _Maker:
    def __init__(self, number: int, rng: random.Random) -> None:
        self.number, self.rng = number, rng
        self.portal = portal = Portal(f"visit {number}", "www.yunling.gov.cn", "云岭县人民政府", now().date())
        portal.rules = RULES
        portal.charset = "gbk" if number % 4 == 1 else "utf-8"
        self.visited = Known(portal)
        self.nav = ("list", "table", "bars", "mobile")[number % 4]
        self.links: list[str] = []
        self.after = ""
        self._news()
        for make in (self._search, self._disclosure, self._private, self._walls, self._anchors):
            make()
        for name, path in NAMES[2:]:
            self._page(path, name, f"<h1>{name}</h1><p>{_SAY * 4}</p>")
        beside = f"<div class=links>{''.join(self.links)}</div>" if self.links else ""
        rows = "".join(self.rows)
        self._page(
            "/",
            "",
            f"{self.search}<div class=box><h2>要闻动态</h2><ul>{rows}</ul></div>{self.after}{beside}<p>您是第@COUNT@位访问者</p>",
        )
        for path in ("/", "/xw/"):
            self._cloak(path)
        for known in (
            "/sitemap.html",
            "/beian/",
            "/conac/",
            f"/jiucuo.html?site_code={portal.code}",
            "//beian.miit.gov.cn/",
            "/so",
            "/so/",
            "/search",
            "/search/",
            "/search.html",
            "/jsearch/",
            "/login",
            "/vote",
            "/xw/r.html",
            "/dc/",
        ):
            portal.pages.setdefault(
                known, f"<html><title>说明</title><body><p>{'说明文字，供查阅。' * 40}</p></body></html>".encode()
            )

    def say(self, rule: str, path: str, expect: str, sort: str = "") -> None:
        self.visited.say(rule, path, expect, sort)

    def _page(self, path: str, title: str, body: str) -> None:
        name = f"{title}-{self.portal.title}" if title else self.portal.title
        inner = frames.logo() + frames.NAVS[self.nav](NAMES, {}) + body + frames.foot("new", self.portal.code, set())
        self.portal.add(
            path,
            frames.document(name, frames.labels(self.portal), inner, self.portal.charset, old=self.number % 5 == 2),
        )

    # The newest item, and whether a reminder is due: from the 11th day to the 13th.

    def _news(self) -> None:
        age = self.rng.choice((11, 12, 13, 11, 12, 13, 0, 2, 5, 8, 9, 10, 14, 15, 20, 40, 1, 3, 4, 6, 7))
        self.say("nearly-stale-home", "/", "certain" if 10 < age < 14 else "none", f"{age} days")
        self.rows = []
        for n in range(14):
            day = self.portal.today - timedelta(days=age + 3 * n)
            title = f"{self.rng.choice(TOWNS)}扎实推进{self.rng.choice(TOPICS)}工作"
            self.rows.append(f'<li><a href="/xw/{n}.html">{title}</a><span>{day}</span></li>')
            self._page(
                f"/xw/{n}.html", title, f"<h1>{title}</h1><p>发布时间：{day} 09:00</p><p>{title}。{_SAY * 4}</p>"
            )
        self._page("/xw/", "要闻动态", f"<h1>要闻动态</h1><ul>{''.join(self.rows)}</ul>")

    def _search(self) -> None:
        there = self.rng.random() < 0.72
        self.search = self.rng.choice(_SEARCH if there else _NO_SEARCH)
        self.say("missing-search", "/", "none" if there else "certain", self.search[:40])

    def _disclosure(self) -> None:
        rng, links, beyond, spoken = self.rng, [], [], ""
        for part, (folder, names) in _PARTS.items():
            name, draw = rng.choice(names), rng.random()
            expect = "none"
            if draw < 0.1:
                expect = "certain"
            elif draw < 0.14:  # the words without a link
                expect, spoken = "review", f"{spoken}<p>{names[0]}正在整理。</p>"
            elif draw < 0.3:  # two clicks away
                beyond.append(f'<li><a href="/zwgk/{folder}/">{name}</a></li>')
            else:
                links.append(f'<li><a href="/zwgk/{folder}/">{name}</a></li>')
            self.say("missing-disclosure", f"/zwgk/#{part}", expect, name)
            self._page(f"/zwgk/{folder}/", name, f"<h1>{name}</h1><p>{_SAY * 3}</p>")
        more = ""
        if beyond:
            more = '<li><a href="/zwgk/more/">公开平台</a></li>'
            self._page("/zwgk/more/", "公开平台", f"<h1>公开平台</h1><ul>{''.join(beyond)}</ul><p>{_SAY}</p>")
        self._page(
            "/zwgk/", "政府信息公开", f"<h1>政府信息公开</h1><ul>{''.join(links)}{more}</ul>{spoken}<p>{_SAY * 2}</p>"
        )

    def _private(self) -> None:
        rng = self.rng
        for url, expect in rng.sample(_PRIVATE, 1) if rng.random() < 0.4 else ():
            self.links.append(f'<a href="{url}">内部系统</a>')
            self.say("private-link", url, expect)
        for path in rng.sample(_OPEN, 1):
            self.portal.pages[path] = _PLAIN_SITE.encode()
            self.portal.types[path] = "text/html; charset=utf-8"
            self.links.append(f'<a href="http:{path}">协会网站</a>')
            self.say("private-link", path, "none")

    def _walls(self) -> None:
        rng = self.rng
        for host, answers, expect in (
            ("www.wall.example.cn", _WALLS, "review"),
            ("www.open.example.cn", _NO_WALLS, "none"),
        ):
            if expect == "none" or rng.random() < 0.45:
                status, body = rng.choice(answers)
                for n in range(rng.randrange(1, 4)):
                    path = f"//{host}/{n}.html"
                    self.portal.pages[path] = (body or _PLAIN_SITE).encode()
                    self.portal.types[path] = "text/html; charset=utf-8"
                    self.portal.status[path] = (status,)
                    self.links.append(f'<a href="http:{path}">外部网站{n}</a>')
                self.say("blocked-host", f"//{host}/0.html", expect, f"{status}")

    def _anchors(self) -> None:
        rng, rows, there = self.rng, [], []
        for n, sort in enumerate(
            rng.sample(("id", "name", "chinese", "top", "clicked", "slash", "gone", "gone-chinese"), 4)
        ):
            name = {"chinese": f"第{n}章", "gone-chinese": f"附则{n}", "top": "top", "slash": f"!/p{n}"}.get(
                sort, f"s{n}"
            )
            click = ' onclick="return show(this)"' if sort == "clicked" else ""
            rows.append(f'<a href="#{name}"{click}>第{n}部分</a>')
            if sort in ("id", "chinese"):
                there.append(f'<h2 id="{name}">第{n}部分</h2><p>{_SAY}</p>')
            elif sort == "name":
                there.append(f'<a name="{name}"></a><p>{_SAY}</p>')
            if sort != "top":  # no browser needs a place for it
                self.say("missing-anchor", f"/ld/zn.html#{name}", "review" if sort.startswith("gone") else "none", sort)
        self._page("/ld/zn.html", "办事指南", f"<h1>办事指南</h1>{''.join(rows)}{''.join(there)}<p>{_SAY * 3}</p>")
        self.after = '<p><a href="/ld/zn.html">办事指南</a></p>'

    # The same page as others see it.

    def _cloak(self, path: str) -> None:
        rng, portal = self.rng, self.portal
        source = portal.pages[path].decode(portal.charset)
        who = rng.choice(("spider", "searcher"))
        title = source[source.index("<title>") + 7 : source.index("</title>")]
        bet = rng.choice(_BETTING)
        foreign = "".join(f'<a href="http://www.{n}{rng.randrange(100)}.example/">{{}}</a>' for n in "abc")
        sorts = {
            "title": ("certain", source.replace(f"<title>{title}", f"<title>{bet}")),
            "title beside": ("certain", source.replace(f"<title>{title}", f"<title>{bet}-{title}")),
            "keywords": ("certain", source.replace("</head>", f'<meta name="keywords" content="{bet},{bet}"></head>')),
            "text": (
                "certain",
                source.replace(
                    "</body>", f"<p>欢迎来到开云体育，开云体育最新地址，开云体育平台</p><p>{bet}</p></body>"
                ),
            ),
            "links": (
                "certain",
                source.replace("</body>", f"<div>{foreign.format(bet, '真人娱乐app下载', bet)}</div></body>"),
            ),
            "sent to gambling": ("certain", "//www.bw88qp.example/"),
            "script": (
                "review",
                source.replace("</head>", "<script src='http://js.k8s9d.example/a.js'></script></head>"),
            ),
            "sent elsewhere": ("review", "//www.yllife.example/"),
            "other title": ("review", source.replace(f"<title>{title}", "<title>Best Online Store 2026")),
            "other text": ("review", f"<html><head><title>{title}</title></head><body>{_NOVEL}</body></html>"),
            "three links": (
                "review",
                source.replace("</body>", f"<div>{foreign.format('友情', '链接', '推荐')}</div></body>"),
            ),
            "counter": ("none", source.replace("@COUNT@", "1203499")),
            "site name": ("none", source.replace(f"<title>{title}", f"<title>{title}_云岭县人民政府网")),
            "clock": ("none", source.replace("</body>", f"<p>现在是{portal.today} 10:21:33 星期二</p></body>")),
            "familiar script": (
                "none",
                source.replace("</head>", "<script src='http://hm.baidu.com/hm.js?123'></script></head>"),
            ),
            "greeting": ("none", source.replace("</body>", "<p>欢迎通过搜索引擎来到本网站</p></body>")),
            "police news": (
                "none",
                source.replace("</body>", "<p>县公安局打掉一个开设百家乐网络赌场的犯罪团伙</p></body>"),
            ),
            "own mirror": ("none", "//m.yunling.gov.cn/"),
            "wall": ("none", ""),
        }
        draw = rng.random()
        wanted = "certain" if draw < 0.2 else "review" if draw < 0.32 else "none"
        sort = rng.choice([name for name, (expect, _) in sorts.items() if expect == wanted])
        changed = sorts[sort][1] if draw < 0.7 else source
        # Where the home page turned a guise away, it is not worn again.
        expect = wanted if changed != source and (who, "/") not in portal.walls else "none"
        self.say("cloaked-page", path, expect, f"{sort} {who}" if changed != source else "the same")
        if sort == "wall" and changed != source:
            portal.walls.add((who, path))
        elif changed.startswith("//"):
            portal.moved[who, path] = f"http:{changed}"
            body = _VICE_SITE if "bw88" in changed else source if "yunling" in changed else _PLAIN_SITE
            portal.pages[changed] = f"<html><head>{body}</html>".encode("utf-8", "xmlcharrefreplace")
            portal.types[changed] = "text/html; charset=utf-8"
        else:
            portal.shown[who, path] = changed.encode(portal.charset, "xmlcharrefreplace")


# Measuring


def _told_at(finding: Finding) -> str:
    part = dict(finding.message.args).get("part") if finding.rule == "missing-disclosure" else None
    return unquote(f"{finding.at}#{part}" if part is not None else finding.at)


def run(chosen: Sequence[Known], workers: int = 4) -> tuple[dict[str, Hints], list[str]]:
    return told.run(chosen, RULES, _told_at, unquote, workers)


if __name__ == "__main__":
    told.main(__doc__, visits, 150, run)
