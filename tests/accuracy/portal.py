"""What a made-up portal is: its columns, their items, its pages, and what is planted in it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))

TOWNS = ("青溪镇", "石桥镇", "柳湾乡", "东山镇", "河口镇", "南坪街道", "白沙乡", "大塘镇")
OFFICES = ("县教育体育局", "县农业农村局", "县水务局", "县住房城乡建设局", "县卫生健康局", "县应急管理局", "县民政局")
TOPICS = (
    "冬季安全生产", "森林草原防灭火", "农村饮水安全", "校园食品安全", "老旧小区改造", "高标准农田建设", "医疗保障",
    "文明城市创建", "道路交通安全", "营商环境优化", "残疾人就业帮扶", "秋冬季大气污染防治", "非物质文化遗产保护",
    "城乡居民养老保险", "地质灾害防治", "河湖长制", "农民工工资支付", "粮食收储", "公共场所卫生", "住房公积金",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list. `day` is the day a person would read as its date on this site; None: it stands nowhere."""

    title: str
    path: str
    day: date | None
    number: int


@dataclass(slots=True)
class Column:
    name: str
    kind: str
    path: str
    items: list[Item] = field(default_factory=list)
    top: bool = True
    """In the navigation or a block of the home page."""
    on_home: bool = False
    dates: str = "list"
    """Where the items' dates stand: `list`, `article`, `meta`, `address` or `none`."""
    note: str = ""
    """What an empty column's page says."""
    markup: str = ""
    """Of its list; empty: the portal's own."""

    @property
    def newest(self) -> date | None:
        return max((item.day for item in self.items if item.day is not None), default=None)


@dataclass(frozen=True, slots=True)
class Truth:
    """A problem that is there. `certain` False: the rule is expected to hand it to a person; None: either will do."""

    rule: str
    at: str
    key: str = ""
    certain: bool | None = True


@dataclass(slots=True)
class Portal:
    name: str
    """Of the portal in the table of results."""
    host: str
    title: str
    today: date
    home: str = "/"
    pages: dict[str, bytes] = field(default_factory=dict)
    """Path and query, or `//host/path` for outside hosts → body."""
    types: dict[str, str] = field(default_factory=dict)
    status: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """The answers one after another; the last goes on. What is not in `pages` is 404."""
    shown: dict[tuple[str, str], bytes] = field(default_factory=dict)
    """Who asks (`spider`, `searcher`) and path → body, where it is not that of `pages`. `@COUNT@` is another number at
    every ask."""
    moved: dict[tuple[str, str], str] = field(default_factory=dict)
    """Likewise, where they are sent to."""
    walls: set[tuple[str, str]] = field(default_factory=set)
    """Likewise, where they are refused."""
    charset: str = "utf-8"
    columns: list[Column] = field(default_factory=list)
    truths: list[Truth] = field(default_factory=list)
    later: int = 0
    """Days from the fetch to the 监测时间点."""
    rules: tuple[str, ...] = ()
    """The rules it is labelled for; none: those of the ordinary portals."""
    look_alikes: Counter[str] = field(default_factory=Counter)
    """Rule → how many things of this portal it must leave alone; where not told, all that the rule looked at."""
    kind: str = "portal"
    code: str = "5399990001"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def add(self, path: str, html: str) -> None:
        self.pages[path] = html.encode(self.charset, "xmlcharrefreplace")

    def plant(self, rule: str, path: str, key: str = "", *, certain: bool | None = True) -> None:
        at = f"http:{path}" if path.startswith("//") else self.url(path)
        self.truths.append(Truth(rule, at, key, certain))


Addresser = Callable[[Column, int, date], str]
"""Column, running number and date of an item → its path."""


def title_of(kind: str, rng: random.Random, today: date) -> str:
    town, office, topic = rng.choice(TOWNS), rng.choice(OFFICES), rng.choice(TOPICS)
    year = today.year - rng.randrange(3)
    past = today - timedelta(days=rng.randrange(400, 2000))
    shapes = {
        "news": (
            f"{town}扎实推进{topic}工作",
            f"县政府常务会议研究部署{topic}等工作",
            f"{office}组织开展{topic}专题培训",
            f"{town}：{topic}暖民心",
            f"我县1-{rng.randrange(3, 11)}月{topic}工作取得新进展",
            f"{past.year}年{past.month}月{past.day}日开工的{topic}项目通过验收",
        ),
        "notice": (
            f"关于做好{year}年{topic}有关工作的通告",
            f"云岭县{office[1:]}关于{topic}项目的公示",
            f"{town}{topic}项目招标公告（第{rng.randrange(2, 9)}号）",
            f"关于{past.month}月{past.day}日{topic}抽检结果的公告",
        ),
        "policy": (
            f"县政府办公室关于印发《云岭县{topic}实施办法》的通知（云政办发〔{year}〕{rng.randrange(1, 60)}号）",
            f"云岭县人民政府关于加强{topic}工作的意见",
            f"云岭县{topic}管理办法",
        ),
        "explain": (f"《云岭县{topic}实施办法》政策解读", f"一图读懂：云岭县{topic}行动方案"),
        "person": (
            f"云岭县{year}年{office[1:]}公开招聘工作人员公告",
            f"{office}任前公示（{year}年第{rng.randrange(2, 9)}号）",
        ),
        "plan": (f"云岭县“十五五”{topic}规划", f"云岭县{year}年{topic}工作计划"),
        "finance": (f"{office}{year}年部门预算公开说明", f"云岭县{year}年财政决算报告"),
        "survey": (f"关于《云岭县{topic}办法（征求意见稿）》公开征求意见的公告", f"{topic}满意度问卷调查"),
        "message": (f"咨询{town}{topic}办理流程", f"反映{town}{topic}问题", f"请问{topic}补贴什么时候发放"),
        "report": (f"{office}{year}年政府信息公开工作年度报告",),
        "other": (f"{office}：{topic}制度汇编", f"{topic}专题学习材料之{rng.randrange(2, 9)}"),
    }
    return rng.choice(shapes.get(kind, shapes["other"]))


def fill(column: Column, newest: int, count: int, address: Addresser, rng: random.Random, today: date) -> None:
    """Give a column `count` items, the first of them `newest` days old."""
    age, seen = newest, {item.title for item in column.items}
    for number in range(1, count + 1):
        day = today - timedelta(days=age)
        title = title_of(column.kind, rng, today)
        while title in seen:
            title = f"{rng.choice(TOWNS)}{title}"
        seen.add(title)
        serial = rng.randrange(100_000, 999_999)
        shown = None if column.dates == "none" else day
        column.items.append(Item(title, address(column, serial, day), shown, number))
        age += rng.randrange(0, 4) if column.kind == "news" else rng.randrange(1, 25)


def now() -> datetime:
    return datetime.now(CHINA)
