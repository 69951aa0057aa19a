"""A made-up county portal for measuring: 20 columns of 5 list pages and 95 articles, half of them in GBK.

The same bytes every time: one seed, our own words, no text of anybody's. 2,002 pages of about 53 KB with some 145
links each, the markup of an office program, unclosed tags, script between the text, 3,800 small PDF files, and planted
faults: 185 addresses that do not exist, written as links, attachments, images and scripts, and 9 more in inline styles.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random

COLUMNS = 20
LISTS = 5
ARTICLES = 95
PAGE_BYTES = 53_000
_LAST_DAY = date(2026, 11, 20)
_NAME = "云岭县人民政府"

_TITLES = [
    "政务要闻",
    "部门动态",
    "乡镇动态",
    "通知公告",
    "政策文件",
    "政策解读",
    "规划计划",
    "财政信息",
    "人事信息",
    "重点项目",
    "行政执法",
    "应急管理",
    "乡村振兴",
    "教育信息",
    "医疗卫生",
    "社会救助",
    "生态环境",
    "住房保障",
    "招标采购",
    "建议提案",
]
_PLACES = [
    "云岭县",
    "青石镇",
    "白水乡",
    "柳河镇",
    "松岗乡",
    "望月街道",
    "南坪街道",
    "石桥镇",
    "双溪乡",
    "东坝镇",
    "龙井村",
    "大湾村",
    "新田社区",
]
_OFFICES = [
    "县政府办公室",
    "县发展和改革局",
    "县教育和体育局",
    "县财政局",
    "县农业农村局",
    "县住房和城乡建设局",
    "县交通运输局",
    "县水务局",
    "县卫生健康局",
    "县应急管理局",
    "县审计局",
    "县市场监督管理局",
    "县林业和草原局",
    "县政务服务中心",
]
_TIMES = ["今年以来", "近日", "上半年", "第三季度", "本月上旬", "汛期前", "入冬以来", "节日期间", "本周", "年初"]
_DEEDS = [
    "召开专题会议",
    "开展实地检查",
    "推进项目建设",
    "组织业务培训",
    "落实包保责任",
    "办理群众来信",
    "完善工作台账",
    "公布办事流程",
    "整治老旧管网",
    "修复水毁道路",
    "发放春耕物资",
    "更新设备设施",
    "压减办理时限",
    "核查安全隐患",
    "走访困难家庭",
    "征求公众意见",
]
_THINGS = [
    "农村饮水工程",
    "县乡公路",
    "学校食堂",
    "卫生院门诊",
    "保障性住房",
    "防火通道",
    "河道堤防",
    "冷链仓库",
    "政务大厅窗口",
    "养老服务站",
    "产业园标准厂房",
    "污水处理站",
    "公共停车场",
    "村级活动室",
    "文化广场",
    "农机合作社",
]
_AIMS = [
    "确保任务按期完成",
    "方便群众就近办事",
    "消除各类风险隐患",
    "提高财政资金使用效益",
    "保持良好运行秩序",
    "带动农户稳定增收",
    "改善人居环境",
    "让企业少跑路",
    "守住安全底线",
    "接受社会监督",
]
_NUMBERS = ["三十二", "四十五", "一百零六", "二百一十", "十七", "八十八", "六十", "九十三", "十二", "一百五十"]
_FORMS = (
    "{time}，{office}在{place}{deed}，涉及{thing}{number}处，{aim}。",
    "{office}负责人表示，将继续{deed}，把{thing}作为重点，{aim}。",
    "据介绍，{place}已有{number}户受益，{thing}投入使用后，{office}还将{deed}。",
    "按照县政府部署，{place}和{office}共同{deed}，对{thing}逐项登记，{aim}。",
    "会议要求，各乡镇要对照清单{deed}，{time}重点做好{thing}相关工作，{aim}。",
)


@dataclass(slots=True)
class Portal:
    """What was written, and what was planted in it."""

    folder: Path
    columns: int = COLUMNS
    articles: int = ARTICLES
    pages: int = 0
    planted: dict[str, str] = field(default_factory=dict)
    """Path of each missing address → the element it stands in."""

    def write(self, path: str, data: bytes) -> None:
        target = self.folder / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

    def page(self, path: str, text: str, encoding: str) -> None:
        self.write(path, text.encode(encoding, "xmlcharrefreplace"))
        self.pages += 1


def build(folder: Path, *, columns: int = COLUMNS, articles: int = ARTICLES) -> Portal:
    """Write the portal into `folder`, which should be empty, and `planted.json` beside it."""
    portal = Portal(folder, columns, articles)
    random = Random("xuncha bench portal")  # noqa: S311 - for the same bytes, not for secrets
    faults = _plan_faults(portal, random)
    for number in range(columns):
        encoding = "gbk" if number % 2 == 0 else "utf-8"
        for k in range(1, LISTS + 1):
            portal.page(_list_path(number, k), _list_page(portal, number, k, random), encoding)
        for k in range(articles):
            portal.page(_article_path(number, k), _article(portal, number, k, random, faults), encoding)
            for file in (1, 2):
                portal.write(_file_path(number, k, file), _pdf(f"{number}-{k}-{file}"))
    portal.page("/index.html", _home(portal, random), "utf-8")
    portal.page("/map.html", _map(portal, random), "utf-8")
    portal.write("/css/site.css", b"body{font-size:16px;line-height:1.8}\n" * 60)
    portal.write("/js/site.js", b"function go(u){window.location.href=u;}\n" * 80)
    portal.write("/img/logo.png", _PNG)
    portal.write("/img/party.png", _PNG)
    record = json.dumps(portal.planted, ensure_ascii=False, indent=1, sort_keys=True)
    (folder.parent / f"{folder.name}.planted.json").write_text(record, "utf-8")
    return portal


def _plan_faults(portal: Portal, random: Random) -> dict[tuple[int, int], list[str]]:
    """(column, article) → the pieces of markup whose addresses do not exist."""
    kinds = (
        ("a", 100, '<a href="{}">有关报道</a>', "/{folder}/old/{n}.html"),
        ("a", 45, '<a href="{}">附件下载</a>', "/{folder}/file/lost-{n}.pdf"),
        ("img", 30, '<img src="{}" alt="现场图片">', "/{folder}/img/lost-{n}.jpg"),
        ("script", 6, '<script src="{}"></script>', "/js/lost-{n}.js"),
        ("iframe", 4, '<iframe src="{}" width=300 height=80></iframe>', "/{folder}/frame-{n}.html"),
        ("style attribute", 9, '<div style="background:url({})">&nbsp;</div>', "/{folder}/img/back-{n}.gif"),
    )
    share = portal.columns * portal.articles / (COLUMNS * ARTICLES)
    places = [(c, a) for c in range(portal.columns) for a in range(portal.articles)]
    found: dict[tuple[int, int], list[str]] = {}
    for element, count, markup, shape in kinds:
        for n in range(max(1, round(count * share))):
            column, article = random.choice(places)
            path = shape.format(folder=_folder(column), n=n)
            portal.planted[path] = element
            found.setdefault((column, article), []).append(markup.format(path))
    return found


def _folder(column: int) -> str:
    return f"col{column:02d}"


def _list_path(column: int, number: int) -> str:
    return f"/{_folder(column)}/index{'' if number == 1 else f'_{number}'}.html"


def _article_path(column: int, number: int) -> str:
    day = _day(column, number)
    return f"/{_folder(column)}/{day:%Y%m}/t{day:%Y%m%d}_{column * 1000 + number + 100000}.html"


def _file_path(column: int, number: int, file: int) -> str:
    return f"/{_folder(column)}/file/P{column * 1000 + number + 200000}-{file}.pdf"


def _day(column: int, number: int) -> date:
    return _LAST_DAY - timedelta(days=number * 3 + column % 5)


def _headline(column: int, number: int) -> str:
    random = Random(f"{column}/{number}")  # noqa: S311
    return f"{random.choice(_PLACES)}{random.choice(_DEEDS)}（{column + 1}之{number + 1}）"


def _sentence(random: Random) -> str:
    return random.choice(_FORMS).format(
        time=random.choice(_TIMES),
        office=random.choice(_OFFICES),
        place=random.choice(_PLACES),
        deed=random.choice(_DEEDS),
        thing=random.choice(_THINGS),
        number=random.choice(_NUMBERS),
        aim=random.choice(_AIMS),
    )


def _paragraph(random: Random) -> str:
    """As an office program saves it: a span a phrase, its own attributes, nothing closed in a hurry."""
    spans = "".join(
        "<span lang=EN-US style='font-size:16.0pt;font-family:仿宋_GB2312;mso-hansi-font-family:宋体;color:black'>"
        f"{_sentence(random)}<o:p></o:p></span>"
        for _ in range(3)
    )
    return f"<p class=MsoNormal style='text-indent:32.0pt;line-height:200%;mso-pagination:widow-orphan'>{spans}\n"


def _script(number: int) -> str:
    return (
        '<script type="text/javascript">\n<!--\n'
        f"var column={number};var names=[];\n"
        + "".join(f'names[{i}]="<a href=\\"#n{i}\\">" + column + "</a>";\n' for i in range(20))
        + "if(column<0){document.write('<div class=\"tip\">'+names.join('')+'</div>');}\n//-->\n</script>\n"
    )


def _head(title: str, metas: dict[str, str], encoding: str) -> str:
    given = {"SiteName": _NAME, "SiteDomain": "127.0.0.1", "SiteIDCode": "5399990001", **metas}
    lines = "".join(f'<meta name="{name}" content="{value}">\n' for name, value in given.items())
    charset = "gb2312" if encoding == "gbk" else "utf-8"
    return (
        f'<!DOCTYPE html>\n<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html; charset={charset}">\n'
        f'<title>{title}</title>\n{lines}<link rel="stylesheet" href="/css/site.css">\n'
        '<script src="/js/site.js"></script>\n</head>\n<body>\n<div class="top"><img src="/img/logo.png" alt="云岭县">'
        '</div>\n<div class="nav"><ul>\n<li><a href="/index.html">首页</a>\n'
    )


def _navigation(portal: Portal) -> str:
    items = (f'<li><a href="{_list_path(c, 1)}">{_TITLES[c % 20]}</a>\n' for c in range(portal.columns))
    return "".join(items) + "</ul></div>\n"


_FOOT = """<div class="foot"><p>主办单位：云岭县人民政府　承办单位：云岭县人民政府办公室</p>
<p>网站标识码：5399990001　<a href="/map.html">网站地图</a>　联系电话：0000-1234567</p>
<img src="/img/party.png" alt="党政机关"></div>
</body></html>
"""


def _fill(start: str, end: str, encoding: str, random: Random) -> str:
    """Paragraphs between `start` and `end` until the page has its size."""
    size = len((start + end).encode(encoding, "xmlcharrefreplace"))
    parts = []
    while size < PAGE_BYTES:
        parts.append(_paragraph(random))
        size += len(parts[-1].encode(encoding, "xmlcharrefreplace"))
    return start + "".join(parts) + end


def _items(column: int, numbers: list[int]) -> str:
    return "".join(
        f'<li><a href="{_article_path(column, n)}" title="{_headline(column, n)}">{_headline(column, n)}</a>'
        f"<span>{_day(column, n):%Y-%m-%d}</span></li>\n"
        for n in numbers
    )


def _related(portal: Portal, column: int, number: int, count: int) -> str:
    """Links below an article: near articles of this column and of the next."""
    near = [(column, (number + k) % portal.articles) for k in range(1, count // 2)]
    near += [((column + 1) % portal.columns, (number + k) % portal.articles) for k in range(count - len(near))]
    links = (f'<li><a href="{_article_path(c, n)}">{_headline(c, n)}</a></li>\n' for c, n in near)
    return f'<div class="side"><h3>相关阅读</h3><ul>\n{"".join(links)}</ul></div>\n'


def _directory(portal: Portal) -> str:
    """Every list page of the site by its number, above the foot of a list page."""
    return f'<div class="directory">\n{_all_lists(portal)}</div>\n'


def _all_lists(portal: Portal) -> str:
    def numbers(column: int) -> str:
        return "".join(f'<a href="{_list_path(column, k)}">{k}</a>\n' for k in range(1, LISTS + 1))

    return "".join(f"<p>{_TITLES[c % 20]}：\n{numbers(c)}" for c in range(portal.columns))


def _list_page(portal: Portal, column: int, number: int, random: Random) -> str:
    encoding = "gbk" if column % 2 == 0 else "utf-8"
    size = -(-portal.articles // LISTS)
    numbers = list(range((number - 1) * size, min(number * size, portal.articles)))
    pages = "".join(f'<a href="{_list_path(column, k)}">{k}</a>\n' for k in range(1, LISTS + 1))
    start = (
        _head(f"{_TITLES[column % 20]}_{_NAME}", {"ColumnName": _TITLES[column % 20]}, encoding)
        + _navigation(portal)
        + f'<div class="list"><h2>{_TITLES[column % 20]}</h2><ul>\n{_items(column, numbers)}</ul></div>\n'
        + f'<div class="pages">{pages}</div>\n'
    )
    end = _directory(portal) + _script(column) + _FOOT
    return _fill(start, end, encoding, random)


def _article(portal: Portal, column: int, number: int, random: Random, faults: dict[tuple[int, int], list[str]]) -> str:
    encoding = "gbk" if column % 2 == 0 else "utf-8"
    title, day = _headline(column, number), _day(column, number)
    metas = {
        "ColumnName": _TITLES[column % 20],
        "ArticleTitle": title,
        "PubDate": f"{day:%Y-%m-%d} 09:{number % 60:02d}",
        "ContentSource": _OFFICES[number % len(_OFFICES)],
    }
    start = (
        _head(f"{title}_{_NAME}", metas, encoding)
        + _navigation(portal)
        + f'<div class="article"><h1>{title}</h1>\n'
        + f'<div class="info">发布日期：{day:%Y-%m-%d}　来源：{metas["ContentSource"]}</div>\n'
        + "".join(f"<p>{markup}</p>\n" for markup in faults.get((column, number), ()))
    )
    files = "".join(f'<p>附件：<a href="{_file_path(column, number, f)}">{title}附件{f}.pdf</a>\n' for f in (1, 2))
    end = f"{files}</div>\n{_related(portal, column, number, 116)}{_script(column)}{_FOOT}"
    return _fill(start, end, encoding, random)


def _home(portal: Portal, random: Random) -> str:
    blocks = "".join(
        f'<div class="block"><h3><a href="{_list_path(c, 1)}">{_TITLES[c % 20]}</a></h3><ul>\n'
        f"{_items(c, list(range(min(6, portal.articles))))}</ul></div>\n"
        for c in range(portal.columns)
    )
    return _fill(_head(_NAME, {}, "utf-8") + _navigation(portal) + blocks + _script(0), _FOOT, "utf-8", random)


def _map(portal: Portal, random: Random) -> str:
    start = _head(f"网站地图_{_NAME}", {}, "utf-8") + _navigation(portal) + _all_lists(portal)
    return _fill(start, _FOOT, "utf-8", random)


def _pdf(text: str) -> bytes:
    """The smallest PDF that readers open: one empty page."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    )
    out = f"%PDF-1.4\n%{text}\n".encode("ascii")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(out)
    return out + b"xref\n0 4\n0000000000 65535 f \n%strailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        table,
        start,
    )


# One transparent pixel.
_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001000577"
    "a4a20000000049454e44ae426082"
)
