# ruff: noqa: E501, S311 - markup reads best as it is; no secret hangs on these numbers
"""Portals about duties: yearly reports, a way to ask, messages, services, their guides, the guide to disclosure.

Each duty is kept, or broken, or kept in a way that looks broken, without regard to the others; the frame, the lists and
the encoding change from portal to portal.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

import frames
from duty_words import (
    ARTICLE_12,
    ELEMENTS,
    EXACT,
    GUIDES,
    LETTERS,
    NAMES,
    PARTS,
    SERVICES,
    TABLES,
    VAGUE,
    Letter,
    numerals,
)  # fmt: skip
from markups import MARKUPS
from portal import Item, Portal, now

RULES = (
    "missing-annual-report", "late-annual-report", "incomplete-annual-report", "missing-channel", "unanswered-message",
    "missing-service", "incomplete-guide", "vague-material", "incomplete-disclosure-guide", "foreign-code",
)  # fmt: skip
REVIEWED = ("vague-material", "incomplete-disclosure-guide")
"""Rules that only ever hand things to a person."""

_LISTS = (
    "plain_li",
    "trs",
    "table_td",
    "kaipu_i_before",
    "gridview",
    "old_table",
    "cards",
    "divs",
    "dt_dd",
    "new_icon",
)
_NAVS = ("list", "table", "bars", "mobile")
_SAY = (
    "各部门认真贯彻落实条例要求，不断扩大公开范围，规范公开程序，提高公开质量，按时办结各项事务，群众满意度稳步提升。"
)


def duties(seed: int = 0, count: int = 180) -> Iterator[Portal]:
    for number in range(count):
        yield _Maker(number, random.Random(seed * 7919 + number * 31 + 5)).portal


class _Maker:
    def __init__(self, number: int, rng: random.Random) -> None:
        self.rng, self.department = rng, number % 3 == 0
        self.title = "云岭县林业局" if self.department else "云岭县人民政府"
        self.host = "lyj.yunling.gov.cn" if self.department else "www.yunling.gov.cn"
        self.portal = portal = Portal(f"duty {number}", self.host, self.title, now().date())
        portal.kind = "department" if self.department else "portal"
        portal.charset = "gbk" if number % 4 == 1 else "utf-8"
        portal.rules = RULES
        self.nav, self.list, self.old = _NAVS[number % 4], _LISTS[number % len(_LISTS)], number % 5 == 2
        self.foot = ("new", "old", "pictures")[number % 3]
        self.made: dict[str, tuple[str, str, dict[str, str]]] = {}
        self.extra = ""
        self.entries: list[tuple[str, str]] = [
            ("机构职能", "/jgzn/"), ("领导信息", "/ldxx/"), ("要闻动态", "/xwdt/"), ("通知公告", "/tzgg/"),
            ("政策文件", "/zcwj/"), ("政策解读", "/zcjd/"), ("政府信息公开", "/zwgk/"),
        ]  # fmt: skip
        due = portal.today.year - (1 if portal.today > date(portal.today.year, 1, 31) else 2)
        if rng.random() < 0.4:
            title = f"云岭县政府网站工作年度报表（{due}年度）"
            self.extra = f'<a href="/nb/bb.html">{title}</a>'
            self._page("/nb/bb.html", title, f"<h1>{title}</h1><p>{_SAY}</p>")
        else:
            portal.plant("missing-annual-report", "/", certain=False)
        self.foreign: dict[str, str] = {}
        if (draw := rng.random()) < 0.35:  # a template brought along from elsewhere; or a site of the same province
            path = rng.choice(("/zwgk/zn.html", "/zwgk/ysq.html", "/tzgg/", "/jgzn/"))
            self.foreign[path] = rng.choice(("3300000020", "1400000045")) if draw < 0.25 else "5399990012"
            portal.plant("foreign-code", path, certain=draw < 0.25)
        for make in (self._channel, self._service, self._yearly, self._disclosure_guide):
            make()
        for name, path in self.entries[:6]:
            self._page(path, name, f"<h1>{name}</h1><p>{_SAY * 2}</p>")
        parts = [
            ("政府信息公开指南", "/zwgk/zn.html"),
            ("政府信息公开制度", "/zwgk/zd.html"),
            ("法定主动公开内容", "/zwgk/nr.html"),
            ("政府信息公开年报", "/zwgk/nb/"),
            ("依申请公开", "/zwgk/ysq.html"),
        ]
        links = "".join(f'<li><a href="{url}">{text}</a></li>' for text, url in parts)
        self._page("/zwgk/", "政府信息公开", f"<h1>政府信息公开</h1><ul>{links}</ul>")
        for name, path in (parts[1], parts[2], parts[4]):
            self._page(path, name, f"<h1>{name}</h1><p>{_SAY}</p>")
        home = f'<div class="box"><h2>关于本站</h2><p>{_SAY}</p></div>'
        self._page("/", "", home + self.extra)
        self._write()
        self._assets()

    # A way to ask.

    def _channel(self) -> None:
        rng, draw = self.rng, self.rng.random()
        box = rng.choice(
            (
                "局长信箱" if self.department else "县长信箱",
                "我要留言",
                "网上咨询",
                "在线咨询",
                "咨询建言",
                "意见建议",
                "留言板",
            )
        )
        if draw < 0.24:  # none that counts
            others = [
                ("网上信访", "/xf/"),
                ("纪检监察举报", "/jb/"),
                ("民意征集", "/zj/"),
                ("在线访谈", "/ft/"),
                ("网上调查", "/dc/"),
            ]
            for name, path in rng.sample(others, rng.randrange(0, 3)):
                self.entries.append((name, path))
                self._page(path, name, f"<h1>{name}</h1><p>{_SAY}</p>")
            self.portal.plant("missing-channel", "/", "咨询建言渠道")
            return
        if draw < 0.3:
            self.entries.append((box, "/xx/"))  # nothing is there
            self.portal.plant("missing-channel", "/", "咨询建言渠道")
            return
        if draw < 0.36:
            self.entries.append(("互动交流", "/hd/"))
            self._page("/hd/", "互动交流", f"<h1>互动交流</h1><p>{_SAY}</p>")
            self.portal.plant("missing-channel", "/", "咨询建言渠道", certain=False)
            return
        if draw < 0.4:  # under a name that somebody made up: nobody can tell without a look
            self.entries.append((rng.choice(("有话对县长说", "我有话说", "云岭夜话", "岭上心声", "民情快递")), "/xx/"))
            self._page("/xx/", "来信", f"<h1>来信</h1><p>{_SAY}</p>")
            self.portal.plant("missing-channel", "/", "咨询建言渠道", certain=False)
            return
        self.portal.look_alikes["missing-channel"] += 1
        if draw < 0.6:  # below, beside what does not count
            self.entries.append((rng.choice(("互动交流", "政民互动", "公众参与")), "/hd/"))
            self._page(
                "/hd/",
                "互动交流",
                f'<h1>互动交流</h1><ul><li><a href="/xx/">{box}</a></li><li><a href="/hd/zj.html">民意征集</a></li></ul>',
            )
            self._page("/hd/zj.html", "民意征集", f"<h1>民意征集</h1><p>{_SAY}</p>")
        else:
            self.entries.append((box, "/xx/"))
            if rng.random() < 0.5:
                self.entries.append(("网上信访", "/xf/"))
                self._page("/xf/", "网上信访", f"<h1>网上信访</h1><p>{_SAY}</p>")
        self._letters(box)

    def _letters(self, name: str) -> None:
        rng, today = self.rng, self.portal.today
        rows: list[Letter] = []
        for n in range(rng.randrange(4, 9)):
            topic = rng.choice(
                (
                    "咨询老年优待证办理",
                    "反映路灯整夜不亮",
                    "请问医保怎么转移",
                    "反映乡村道路损坏",
                    "建议增设公交站点",
                    "咨询住房补贴发放",
                    "反映未答复的旧信",
                    "已答复问题再次咨询",
                )
            )
            title, path = f"{topic}（{n}）", f"/xx/{n}.html"
            draw = rng.random()
            if draw < 0.12:
                asked, answered, state = (
                    today - timedelta(days=rng.randrange(100, 350)),
                    None,
                    rng.choice(("未回复", "待答复", "未答复", "待回复", "尚未回复", "未处理")),
                )
            elif draw < 0.2:  # within three months, and past fifteen working days
                asked, answered, state = today - timedelta(days=rng.randrange(40, 80)), None, "待回复"
            elif draw < 0.32:
                asked, answered, state = (
                    today - timedelta(days=rng.randrange(0, 12)),
                    None,
                    rng.choice(("待回复", "未答复", "办理中")),
                )
            elif draw < 0.4:
                asked, answered, state = (
                    today - timedelta(days=rng.randrange(100, 350)),
                    None,
                    rng.choice(("不予受理", "无效留言", "已退回")),
                )
            elif draw < 0.46:
                asked, answered, state = (
                    today - timedelta(days=rng.randrange(400, 900)),
                    None,
                    "未回复",
                )  # of years past
            elif draw < 0.52:
                asked, answered, state = today - timedelta(days=rng.randrange(100, 350)), None, "办理中"
            else:
                asked = today - timedelta(days=rng.randrange(10, 340))
                answered, state = (
                    asked + timedelta(days=rng.randrange(0, 8)),
                    rng.choice(("已回复", "已答复", "已办结")),
                )
            rows.append((title, path, asked, answered, state))
            age = (today - asked).days
            where = path
            if state in ("未回复", "待答复", "未答复", "待回复", "尚未回复", "未处理") and 93 < age < 360:
                self.portal.plant("unanswered-message", where)
            elif answered is None and 30 < age < 360 and state not in ("不予受理", "无效留言", "已退回"):
                self.portal.plant("unanswered-message", where, certain=None if state != "办理中" else False)
            else:
                self.portal.look_alikes["unanswered-message"] += 1
            self._page(path, title, f"<h1>{title}</h1><p>来信内容：{topic}，请有关部门核实。</p>")
        rows.sort(key=lambda row: row[2], reverse=True)
        self._page("/xx/", name, f"<h1>{name}</h1>{rng.choice(LETTERS)(rows)}<p>来信由办公室统一受理。</p>")

    # Services and their guides.

    def _service(self) -> None:
        rng, draw = self.rng, self.rng.random()
        name = rng.choice(("办事服务", "政务服务", "网上办事", "办事大厅", "便民服务", "办事指南"))
        if draw < 0.2:
            if rng.random() < 0.5:  # a title speaks of it
                self._page("/xwdt/9.html", "新闻", f"<h1>新闻</h1><p>{_SAY}</p>")
                self.extra += (
                    '<a href="/xwdt/9.html">县政务服务中心推出十项举措全力提升企业和群众办事满意度和获得感</a>'
                )
            self.portal.plant("missing-service", "/", "办事服务")
            return
        if draw < 0.26:
            self.entries.append((name, "/bsfw/"))
            self.portal.plant("missing-service", "/", "办事服务")
            return
        self.portal.look_alikes["missing-service"] += 1
        if draw < 0.34:
            self.entries.append((rng.choice(("一网通办", "政务服务网")), "http://zwfw.example.cn/"))
            self.portal.pages["//zwfw.example.cn/"] = (
                f"<html><title>政务服务网</title><body>{_SAY * 8}</body></html>".encode()
            )
            return
        self.entries.append((name, "/bsfw/"))
        rows = []
        for n in range(5):
            title = self._guide(f"/bsfw/{n}.html", n)
            rows.append(f'<li><a href="/bsfw/{n}.html">{title}</a></li>')
        self._page("/bsfw/", name, f"<h1>{name}</h1><ul>{''.join(rows)}</ul>", ColumnName=name, ColumnType="办事服务")

    def _guide(self, path: str, n: int) -> str:
        rng = self.rng
        service = SERVICES[(n * 7 + rng.randrange(len(SERVICES))) % len(SERVICES)]
        draw = rng.random()
        if draw < 0.1:
            title = rng.choice(
                (f"县政务服务中心开展{service}业务培训", f"关于暂停{service}业务的公告", f"{service}政策解读")
            )
            self._page(
                path,
                title,
                f"<h1>{title}</h1><p>近日，{_SAY}</p>",
                ArticleTitle=title,
                ColumnName="办事服务",
                ColumnType="办事服务",
            )
            self.portal.look_alikes["incomplete-guide"] += 1
            self.portal.look_alikes["vague-material"] += 1
            return title
        title = (
            service
            if rng.random() < 0.4
            else f"{service}{rng.choice(('办事指南', '办理指南', '服务指南', '申请须知'))}"
        )
        poor = draw < 0.4
        names = list(ELEMENTS)
        if poor:
            kept = sorted(rng.sample(range(8), rng.randrange(1, 4)))
            title = title if title != service else f"{service}办事指南"
        else:
            kept = sorted(set(range(8)) - set(rng.sample(range(1, 8), rng.randrange(0, 3))))
        rows = [(rng.choice(ELEMENTS[names[i]][0]), ELEMENTS[names[i]][1]) for i in kept]
        vague = 3 in kept and rng.random() < 0.3
        if 3 in kept:
            materials = rng.choice(VAGUE if vague else EXACT)
            rows = [(k, materials if v == ELEMENTS["materials"][1] else v) for k, v in rows]
        body = rng.choice(GUIDES)(rows)
        self._page(
            path, title, f"<h1>{title}</h1>{body}", ArticleTitle=title, ColumnName="办事服务", ColumnType="办事服务"
        )
        absent = 8 - len(set(kept) | {0})
        if absent >= 4:
            self.portal.plant("incomplete-guide", path)
        else:
            self.portal.look_alikes["incomplete-guide"] += 1
        if vague:
            self.portal.plant("vague-material", path, certain=False)
        else:
            self.portal.look_alikes["vague-material"] += 1
        return title

    # The yearly report.

    def _yearly(self) -> None:
        rng, today, portal = self.rng, self.portal.today, self.portal
        month = 1 if self.department else 3
        due = today.year - (1 if today > date(today.year, month, 31) else 2)
        limit = date(due + 1, month, 31)
        draw = rng.random()
        column, path = "/zwgk/nb/", f"/zwgk/nb/{due}.html"
        items: list[Item] = []
        number = 0

        def add(title: str, to: str, day: date) -> None:
            nonlocal number
            number += 1
            items.append(Item(title, to, day, number))

        def report(year: int, to: str, day: date) -> None:
            shape = rng.choice(
                (
                    "{t}{y}年政府信息公开工作年度报告",
                    "{t}{y}年度政府信息公开年度报告",
                    "{y}年{t}政府信息公开工作年报",
                    "{t}政府信息公开工作{y}年度报告",
                )
            )
            add(
                shape.format(
                    t=self.title if rng.random() < 0.8 else "", y=numerals(year) if rng.random() < 0.1 else year
                ),
                to,
                day,
            )

        if rng.random() < 0.3 and today >= date(due + 1, 4, 12):
            add(f"云岭县{due + 1}年政务公开工作要点", f"/zwgk/nb/yd{due}.html", date(due + 1, 4, 12))
        if not self.department and rng.random() < 0.3 and draw >= 0.25:
            add(f"云岭县教育体育局{due}年政府信息公开工作年度报告", f"/zwgk/nb/jtj{due}.html", date(due + 1, 1, 20))
        missing = draw < 0.25
        late = 0.25 <= draw < 0.5
        day = limit - timedelta(days=rng.randrange(0, 40))
        if late:
            day = min(limit + timedelta(days=rng.randrange(1, 60)), today)
            late = day > limit
        attached = not missing and rng.random() < 0.1
        if not missing:
            report(due, path.replace(".html", ".pdf") if attached else path, day)
        if late:
            portal.plant("late-annual-report", path.replace(".html", ".pdf") if attached else path)
        for back in (1, 2):
            report(due - back, f"/zwgk/nb/{due - back}.html", date(due - back + 1, month, 20))
        items.sort(key=lambda item: item.day or today, reverse=True)
        if missing:
            portal.plant("missing-annual-report", column)
        self._page(column, "政府信息公开年报", f"<h1>政府信息公开年报</h1>{MARKUPS[self.list](items, today)}")
        for item in items:
            if item.path.endswith(".pdf"):
                portal.pages[item.path] = b"%PDF-1.4\n" + b"0" * 2000
                portal.types[item.path] = "application/pdf"
            elif item.path == path:
                self._report(item, due)
            else:
                self._page(
                    item.path,
                    item.title,
                    f"<h1>{item.title}</h1><p>发布时间：{item.day} 09:00</p><p>{_SAY * 3}</p>",
                    ArticleTitle=item.title,
                    PubDate=f"{item.day} 09:00",
                )
        portal.look_alikes["late-annual-report"] += not late
        portal.look_alikes["missing-annual-report"] += not missing

    def _report(self, item: Item, year: int) -> None:
        rng, portal = self.rng, self.portal
        parts, tables = list(PARTS), list(TABLES)
        if rng.random() < 0.4:
            for key in rng.sample(parts, rng.randrange(0, 3)):
                parts.remove(key)
            tables = [key for key in tables if key.removeprefix("table-") in parts]
            for key in rng.sample(tables, rng.randrange(0, min(3, len(tables) + 1))):
                tables.remove(key)
        pictures = rng.random() < 0.1
        heads = rng.choice((0, 1))
        body = [
            "<p>本报告根据《中华人民共和国政府信息公开条例》编制，由总体情况、主动公开、申请办理、复议诉讼、存在问题和其他事项组成。</p>"
        ]
        shape = rng.choice(
            (
                "<p><strong>{h}</strong></p><p>{s}</p>",
                "<h3>{h}</h3><p>{s}</p>",
                "<p>{h}<br>{s}</p>",
                "<p style='text-indent:2em'><span>{h}。</span>{s}</p>",
            )
        )
        for number, key in zip("一二三四五六", parts, strict=False):
            body.append(shape.format(h=f"{number}、{PARTS[key][heads]}", s=_SAY))
            table = {
                "active": "table-active",
                "applications": "table-applications",
                "litigation": "table-litigation",
            }.get(key, "")
            if table in tables:
                body.append('<p><img src="/images/p1.jpg"></p>' if pictures else TABLES[table])
        told = f"<p>发布时间：{item.day} 09:00　来源：办公室</p>"
        self._page(
            item.path,
            item.title,
            f"<h1>{item.title}</h1>{told}<div id=zoom>{''.join(body)}</div>",
            ArticleTitle=item.title,
            PubDate=f"{item.day} 09:00",
        )
        told_of = {key: name for key, name in NAMES.items() if key not in parts and key not in tables}
        for name in told_of.values():
            # Pictures may be tables, and hold what the text does not.
            portal.plant("incomplete-annual-report", item.path, name, certain=None if pictures else True)
        portal.look_alikes["incomplete-annual-report"] += len(NAMES) - len(told_of)

    # The guide to disclosure.

    def _disclosure_guide(self) -> None:
        rng = self.rng
        lost = set(rng.sample(sorted(ARTICLE_12), rng.choice((0, 0, 0, 1, 1, 2))))
        told = [rng.choice(ways) for name, ways in ARTICLE_12.items() if name not in lost]
        told.insert(0, "为了更好地服务公众，制定本指南，供公民、法人和其他组织使用，并根据情况变化及时更新。" * 7)
        body = "".join(f"<p>{line}</p>" for line in told) if rng.random() < 0.7 else f"<p>{''.join(told)}</p>"
        self._page("/zwgk/zn.html", "政府信息公开指南", f"<h1>{self.title}政府信息公开指南</h1>{body}")
        for name in lost:
            self.portal.plant("incomplete-disclosure-guide", "/zwgk/zn.html", name, certain=False)
        self.portal.look_alikes["incomplete-disclosure-guide"] += len(ARTICLE_12) - len(lost)

    # Pages.

    def _page(self, path: str, title: str, body: str, **metas: str) -> None:
        self.made[path] = (title, body, metas)

    def _write(self) -> None:
        """When all is decided: the navigation stands on every page."""
        nav = frames.NAVS[self.nav](self.entries, {})
        foot = frames.foot(self.foot, self.portal.code, set())
        self.portal.look_alikes["foreign-code"] = len(self.made) - len(self.foreign)
        for path, (title, body, metas) in self.made.items():
            name = f"{title}-{self.title}" if title else self.title
            labels = {**frames.labels(self.portal), **metas}
            labels["SiteIDCode"] = self.foreign.get(path, self.portal.code)
            inner = frames.logo() + nav + body + foot
            self.portal.add(path, frames.document(name, labels, inner, self.portal.charset, old=self.old))

    def _assets(self) -> None:
        pages = self.portal.pages
        for known, title in (
            ("/sitemap.html", "网站地图"),
            ("/beian/", "备案"),
            ("/conac/", "标识"),
            ("/jiucuo.html?site_code=5399990001", "找错"),
            ("//beian.miit.gov.cn/", "备案"),
        ):
            pages.setdefault(
                known, f"<html><title>{title}</title><body><p>{'说明文字，供查阅。' * 30}</p></body></html>".encode()
            )
        for n in range(3):
            pages[f"/images/p{n}.jpg"] = b"\xff\xd8\xff\xe0" + b"0" * 400
            self.portal.types[f"/images/p{n}.jpg"] = "image/jpeg"
