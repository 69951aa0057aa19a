"""What may stand in the settings file. Its reading, its error messages and its example are made of this."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from ipaddress import ip_address
from typing import Any
from zoneinfo import ZoneInfo

from crawler import quiet
from crawler.message import Message, say
from crawler.plan import CLOAKING, RENDER
from crawler.site import ColumnKind, SiteKind
from xuncha.cron import cron, every
from xuncha.executors import NAMES as EXECUTORS
from xuncha.outputs import FORMATS
from xuncha.parameters import CHINA, share
from xuncha.register import home_address, site_code
from xuncha.turns import AFTER, Task


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value must be. `read` returns it as the program uses it, or raises ValueError."""

    expected: Message
    read: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Key:
    doc: Message
    kind: Kind
    example: str
    """In TOML."""
    required: bool = False
    shown: bool = True
    """False: `example` has it as a comment."""


def _a(kind: type, read: Callable[[Any], Any] = lambda value: value) -> Callable[[Any], Any]:
    """A value of exactly this type: true is no integer, a date with a time is no date."""

    def checked(value: Any) -> Any:  # noqa: ANN401 - whatever TOML holds
        if type(value) is not kind:
            raise ValueError(value)
        return read(value)

    return checked


def _that(holds: bool, value: Any) -> Any:  # noqa: ANN401
    if not holds:
        raise ValueError(value)
    return value


def _pattern(pattern: str, expected: Message) -> Kind:
    return Kind(expected, _a(str, lambda text: _that(re.fullmatch(pattern, text) is not None, text)))


def _integer(low: int) -> Kind:
    return Kind(say("不小于 {low} 的整数", low=low), _a(int, lambda number: _that(number >= low, number)))


def _number(low: float, expected: Message) -> Kind:
    def read(value: Any) -> float:  # noqa: ANN401
        return float(_that(type(value) in (int, float) and math.isfinite(value) and value >= low, value))

    return Kind(expected, read)


def _one_of(words: Iterable[str], make: Callable[[str], Any] = str) -> Kind:
    known = tuple(words)
    return Kind(say("{words} 之一", words=known), _a(str, lambda word: make(_that(word in known, word))))


def _list(item: Kind) -> Kind:
    return Kind(say("列表，每一项是{item}", item=item.expected), _a(list, lambda items: tuple(map(item.read, items))))


def _some(item: Kind) -> Kind:
    return Kind(
        say("列表，至少一项，每一项是{item}", item=item.expected),
        _a(list, lambda items: tuple(dict.fromkeys(map(item.read, _that(bool(items), items))))),
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, LookupError) as error:  # a folder of zones; no such zone, or no zones on this computer
        raise ValueError(name) from error


def _day(value: Any) -> Any:  # noqa: ANN401
    return value if type(value) is date else _a(str, date.fromisoformat)(value)


def _moment(value: Any) -> datetime:  # noqa: ANN401
    """China's time where no zone is given."""
    moment = value if type(value) is datetime else datetime.fromisoformat(_a(str)(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)


def _loopback(text: str) -> tuple[str, int]:
    """Whoever is on the network need not know how the office works."""
    host, _, port = text.rpartition(":")
    address = ip_address("127.0.0.1" if host == "localhost" else host.strip("[]"))
    return str(_that(address.is_loopback, address)), _that(0 <= int(port) < 65536, int(port))


def _quiet(value: Any) -> Any:  # noqa: ANN401
    texts = [value] if type(value) is str else _a(list)(value)
    times = tuple(quiet.parse(_a(str)(text)) for text in texts)
    return _that(not quiet.is_whole_day(times), times)


def _words(kinds: Iterable[StrEnum]) -> list[str]:
    return [kind.value for kind in kinds]


_TEXT = _pattern(r"[^\x00-\x1f\x7f]*", say("一行文字"))
_NAME = _pattern(r"[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*", say("一行文字，不能为空"))
_PATH = _pattern(r"[^\x00-\x1f\x7f]+", say("文件或文件夹的路径（用 / 分隔）"))
_BOOLEAN = Kind(say("true 或 false"), _a(bool))
_DAYS = _list(Kind(say("日期，如 2027-01-01"), _day))
_MOMENT = Kind(say("日期和时间，如 2027-01-09T22:00:00"), _moment)
_HOST = Kind(
    say("主机名或 IP 地址，不带 http:// 和端口"),
    _a(str, lambda host: _that(re.fullmatch(r"[a-z0-9._-]+|[0-9a-f:.]+", host.lower()) is not None, host.lower())),
)
# A folder is named after it, on any system.
_FOLDER_NAME = _pattern(
    r"(?i)(?!(con|prn|aux|nul|com\d|lpt\d)(\.|$))(?![ .])[^\x00-\x1f\x7f/\\:*?\"<>|]{1,60}(?<![ .])",
    say('60 字以内的名称，不含 / \\ : * ? " < > |，首尾不是空格或句点'),
)
_CRON = Kind(say("五个字段：分 时 日 月 周（周日为 0 或 7），如 30 2 * * 1-5"), _a(str, cron))
_EVERY = Kind(say("“数字 minutes”、“数字 hours”或“数字 days”，最长一年，如 6 hours"), _a(str, every))
_ZONE = Kind(say("时区名称，如 Asia/Shanghai"), _a(str, _zone))
_QUIET = Kind(
    say("“时:分-时:分”，如 08:30-18:00，可跨零点；多段写成列表，合起来不能占满一天"),
    _quiet,
)
ADDRESS = _pattern(r"\S+", say("网址，可以是相对网站首页的"))

KEYS: Mapping[str, Mapping[str, Key]] = {
    "": {
        "register": Key(
            say("网站名录，CSV 或 XLSX，表头含网站标识码、网站名称、主办单位、首页网址、网站类型"),
            _PATH,
            '"sites.csv"',
            shown=False,
        ),
        "rule_modules": Key(
            say("自定义规则所在的 Python 模块"),
            _list(_pattern(r"[^\W\d]\w*(\.[^\W\d]\w*)*", say("Python 模块名"))),
            '["yunling.rules"]',
            shown=False,
        ),
        "wrong_words": Key(
            say("本单位的错写名单，文本文件，每行一条：错写、空格、正确写法"), _PATH, '"错写.txt"', shown=False
        ),
        "former_leaders": Key(
            say("已离任、应清理的人员名单，文本文件，每行一人：姓名，可在空格后写离任日期"),
            _PATH,
            '"离任.txt"',
            shown=False,
        ),
        "set_phrases": Key(say("固定提法的正确写法，文本文件，每行一条"), _PATH, '"提法.txt"', shown=False),
    },
    "run": {
        "edition": Key(say("检查指标的版本，或自编指标文件（.toml）的路径"), _NAME, '"cn-2019"'),
        "scope": Key(say("检查范围：quick 为首页、栏目和最新文章，full 为全站"), _one_of(("quick", "full")), '"quick"'),
        "rate": Key(say("对每台主机每秒最多请求几次，0 为不限"), _number(0, say("不小于 0 的数")), "5.0"),
        "concurrency": Key(say("对每台主机同时最多几个请求"), _integer(1), "4"),
        "max_pages": Key(say("每个网站最多打开几个网页"), _integer(1), "500"),
        "max_files": Key(say("每个网站最多读取几个附件的内容，0 为不读取"), _integer(0), "20"),
        "max_file_bytes": Key(say("每个网站为读取附件最多下载多少字节"), _integer(1), "20_000_000"),
        "max_seconds": Key(say("每个网站最多检查多少秒"), _number(1, say("不小于 1 的数")), "3600"),
        "max_bytes": Key(say("每个网站最多下载多少字节"), _integer(1), "1_073_741_824"),
        "reuse": Key(say("与上次检查时相同的网页不再下载和解析"), _BOOLEAN, "true"),
        "data": Key(say("数据目录：数据库和每次检查的存档"), _PATH, '"xuncha-data"'),
        "executor": Key(say("多个网站如何同时检查"), _one_of(EXECUTORS), '"inline"'),
        "workers": Key(say("同时检查几个网站"), _integer(1), "1"),
        "render": Key(
            say("由脚本绘制的首页和栏目是否用浏览器打开：auto 有浏览器就打开，never 不打开"), _one_of(RENDER), '"auto"'
        ),
        "browser": Key(
            say("浏览器程序（Chromium、Chrome、Edge）的路径或名称，不写则自动查找"),
            _PATH,
            '"/usr/bin/chromium"',
            shown=False,
        ),
        "browser_sandbox": Key(
            say("浏览器必须启用沙箱；以 root 身份运行时不能启用，false 表示没有沙箱也打开"), _BOOLEAN, "true"
        ),
        "cloaking": Key(
            say(
                "是否另以百度蜘蛛的名义、再以从百度搜索点入的名义访问首页和两个内页，查看有没有只给搜索引擎看的内容；"
                "请求中仍写明本程序的名称和联系方式。auto 只在全站检查时，always 每次，never 从不"
            ),
            _one_of(CLOAKING),
            '"auto"',
        ),
        "ignore_robots": Key(say("不受 robots.txt 限制，仅供依职权检查的主管单位使用"), _BOOLEAN, "false"),
        "allow_private": Key(say("允许访问的内部网络主机"), _list(_HOST), "[]"),
    },
    "agent": {
        "name": Key(say("访问网站时自报的名称"), _pattern(r"[A-Za-z0-9._-]+", say("字母、数字和 . _ -")), '"xuncha"'),
        "contact": Key(
            say("随访问请求发给各网站的联系方式，便于对方核实"),
            _pattern(r"[!-~]+", say("电子邮箱或网址（不含空格和汉字）")),
            '"jiancha@yunling.gov.cn"',
            shown=False,
        ),
    },
    "notice": {
        "office": Key(say("通报的发文机关"), _TEXT, '"云岭县人民政府办公室"'),
        "addressee": Key(say("主送机关"), _TEXT, '"各乡镇人民政府，县政府各部门"'),
        "number": Key(say("发文字号，空着则留待填写"), _TEXT, '""'),
        "area": Key(say("检查的地域"), _TEXT, '"全县"'),
        "running": Key(say("正在运行的网站总数，用于计算抽查比例"), _integer(0), "30", shown=False),
        "required_share": Key(
            say("每次检查至少应占正在运行的网站的比例"),
            Kind(say("0 至 1 的数"), lambda value: _that(_number(0, say("")).read(value) <= 1, float(value))),
            "0.3",
        ),
        "workdays": Key(say("整改期限，工作日"), _integer(1), "10"),
        "report_to": Key(say("整改情况报送给谁"), _TEXT, '"县政府办公室政务公开股"'),
        "contact": Key(say("联系人和电话，空着则不印"), _TEXT, '""'),
        "template": Key(
            say("通报文字的模板，用 xuncha notice --template-out 取出后修改"), _PATH, '"通报模板.docx"', shown=False
        ),
    },
    "notice.holidays": {
        "off": Key(say("日历之外的休息日"), _DAYS, "[]"),
        "worked": Key(say("日历之外的上班日（调休）"), _DAYS, "[]"),
    },
    "watch": {
        "timezone": Key(say("日程所用的时区"), _ZONE, '"Asia/Shanghai"'),
        "misfire_grace": Key(say("晚于预定时间多少秒以内照常检查，更晚的记为错过，只补做一次"), _integer(1), "3600"),
        "listen": Key(
            say("在本机的这个地址和端口提供 /health（是否正常）和 /metrics（Prometheus 指标），不写则不提供"),
            Kind(say("本机回环地址和端口，如 127.0.0.1:9464"), _a(str, _loopback)),
            '"127.0.0.1:9464"',
            shown=False,
        ),
        "witnesses": Key(
            say("对照网址：监测的首页都打不开时访问它们，看是不是本机网络不通"),
            _list(Kind(say("http:// 或 https:// 开头的网址"), _a(str, home_address))),
            '["https://www.gov.cn/"]',
            shown=False,
        ),
    },
    "notify": {
        "secrets": Key(
            say("通知地址的文件（Apprise 写法，每行一个；含密码，权限须为 600），也可写在环境变量 XUNCHA_NOTIFY"),
            _PATH,
            '"notify.secret"',
            shown=False,
        ),
        "pause": Key(say("两次通知至少间隔几分钟，其间的合并发出"), _integer(0), "10", shown=False),
    },
    "retention": {
        "days": Key(say("保留最近多少天检查的证据，更早的由 xuncha prune 删除"), _integer(90), "730", shown=False),
        "records": Key(
            say("保留最近多少天的首页监测记录和日程执行记录，更早的由 xuncha prune 删除，不写则不删除"),
            _integer(35),
            "400",
            shown=False,
        ),
        "backups": Key(say("日程备份（task 为 backup）写到哪个文件夹"), _PATH, '"backups"', shown=False),
        "copies": Key(say("日程备份保留最近几份"), _integer(1), "7", shown=False),
    },
    "schedule": {
        "name": Key(say("日程名称，也是报告文件夹的名称"), _FOLDER_NAME, '"每日"', required=True),
        "task": Key(
            say(
                "做什么：audit 检查网站，probe 监测首页能不能打开（指标要求每天 20 次以上，可写 60 minutes），"
                "recheck 复查没有了结的问题，notice 起草季度通报（初稿），review 导出最近一次检查的问题清单供人复核，"
                "backup 备份，prune 删除过期的证据和记录"
            ),
            _one_of(_words(Task), Task),
            '"audit"',
            shown=False,
        ),
        "cron": Key(say("何时检查，与 every 任选其一：分 时 日 月 周"), _CRON, '"30 2 * * 1-5"'),
        "every": Key(say("每隔多久检查一次，与 cron 任选其一，从零点算起"), _EVERY, '"6 hours"', shown=False),
        "scope": Key(say("检查范围，不写则按 [run]"), _one_of(("quick", "full")), '"quick"', shown=False),
        "edition": Key(say("检查指标，不写则按 [run]"), _NAME, '"cn-2019"', shown=False),
        "sites": Key(
            say("检查哪些网站，写名称、网站标识码或网址，不写则为全部"), _some(_NAME), '["5399990001"]', shown=False
        ),
        "sample": Key(
            say("每次抽取多少网站来检查，按类型、地区和主办单位分层，上一期不合格的必定抽中；不写则全部检查"),
            Kind(say("大于 0、不超过 100% 的比例，如 30% 或 0.3"), lambda value: share(str(value))),
            '"30%"',
            shown=False,
        ),
        "renew": Key(say("先抽本年还没有检查过的网站"), _BOOLEAN, "true", shown=False),
        "formats": Key(say("报告格式"), _some(_one_of(FORMATS)), '["html", "docx", "json"]', shown=False),
        "out": Key(
            say("报告文件夹，每次检查都写在这里，不写则为 xuncha-report/日程名称/检查编号"),
            _PATH,
            '"reports"',
            shown=False,
        ),
        "after": Key(
            say("检查或复查做完以后接着做什么，依次写：review、recheck、notice、backup、prune，意思同 task"),
            _some(_one_of(_words(AFTER), Task)),
            '["review", "backup"]',
            shown=False,
        ),
        "jitter": Key(say("随机推迟最多多少秒，以免多项同时开始"), _integer(0), "0"),
        "quiet": Key(say("免打扰时段（北京时间），其间不开始，等过后再做"), _QUIET, '"08:30-18:00"', shown=False),
        "notify": Key(say("有变化（新发现、已消失、逾期、首页打不开）时发通知"), _BOOLEAN, "false", shown=False),
    },
    "site": {
        "url": Key(
            say("网站首页"),
            Kind(say("http:// 或 https:// 开头的网址"), _a(str, home_address)),
            '"http://www.yunling.gov.cn/"',
            required=True,
        ),
        "name": Key(say("网站名称"), _TEXT, '"云岭县人民政府"'),
        "code": Key(
            say("网站标识码"), Kind(say("10 位数字，或 bm 加 8 位数字（加引号）"), _a(str, site_code)), '"5399990001"'
        ),
        "organ": Key(say("主办单位"), _TEXT, '"云岭县人民政府办公室"'),
        "kind": Key(
            say("网站类型：portal 门户网站，department 部门网站"), _one_of(_words(SiteKind), SiteKind), '"portal"'
        ),
        "services": Key(say("有对外服务职能；false 则不检查办事服务"), _BOOLEAN, "true"),
        "quiet": Key(
            say("免打扰时段（北京时间），其间不访问这个网站，等过后再检查"), _QUIET, '"08:30-18:00"', shown=False
        ),
    },
    "site.column": {
        "name": Key(say("栏目名称"), _NAME, '"通知公告"', required=True),
        "url": Key(say("栏目网址"), ADDRESS, '"/zwgk/tzgg/"', required=True),
        "kind": Key(say("栏目类型，决定应多久更新一次"), _one_of(_words(ColumnKind), ColumnKind), '"notice"'),
        "top": Key(say("首页上的一级栏目"), _BOOLEAN, "true"),
        "archived": Key(say("已归档，不再要求更新"), _BOOLEAN, "false"),
        "days": Key(say("本栏目自定的更新期限，天；不写则按指标"), _integer(1), "30", shown=False),
    },
    "site.announced": {
        "from": Key(say("报备的维护从何时开始，其间打不开不计入"), _MOMENT, "2027-01-09T22:00:00", required=True),
        "to": Key(say("到何时结束"), _MOMENT, "2027-01-10T06:00:00", required=True),
        "reason": Key(say("为什么"), _NAME, '"机房停电检修"', required=True),
    },
}
"""Table → its keys; "" is the top of the file."""

LISTS = frozenset({"schedule", "site", "site.column", "site.announced"})
"""Tables that may stand several times."""
