# ruff: noqa: E501, S311 - markup reads best as it is; no secret hangs on these numbers
"""How often are the rules about text right? Pages written by hand in nine frames, each with what a person would say of it.

    python tests/accuracy/texts.py [--errors]

The rules are asked as after a visit, with the clues of the crawl, and again without them: both must say the same. A page
is `certain` (the fault is there and can be proved), `review` (a person must look) or `none` (it only looks like one).
What the rules do not know at all (a betting house that no list names) is among the pages too.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from measure import Figures

from crawler import harvest
from crawler.exchange import Reply
from crawler.frontier import Stage
from crawler.harvest import Scene
from crawler.page import Answer, Page, Role
from rules import all_rules

RULES = (
    "tampered-page", "hidden-link", "exposed-identity", "wrong-word", "altered-phrase", "former-leader", "undated-survey",
    "missing-form",
)  # fmt: skip
REVIEWED = frozenset({"wrong-word", "altered-phrase", "former-leader", "undated-survey", "missing-form"})
"""Rules that never accuse: their figures are of reviews."""
STILL = frozenset({"missing-form"})
"""Rules that say nothing of a page with a script that may write: they are asked in the other frames."""
AT = datetime.fromisoformat("2026-11-24T09:30:00+08:00")
URL = "https://www.yunling.gov.cn/xw/1.html"


@dataclass(frozen=True, slots=True)
class Text:
    """One page. `expect`: what a person says of it, for the rule."""

    rule: str
    expect: str
    title: str
    body: str
    head: str = ""


# What stands around the text: the menus and feet of nine portals, with the numbers that feet have.

_FOOT = "主办单位：云岭县人民政府办公室 网站标识码：5399990001 滇ICP备05000002号-1 滇公网安备 53010202000123号 联系电话：0871-63610000 邮编 650000"
_MENU = ("走进云岭", "政务公开", "办事服务", "互动交流", "体育健身", "文化娱乐", "手机版", "网站地图")


def _menu(pattern: str) -> str:
    return "".join(pattern.format(n=n, name=name) for n, name in enumerate(_MENU))


FRAMES: tuple[Callable[[str], str], ...] = (
    lambda body: f"<div class=nav>{_menu('<a href=/l{n}/>{name}</a>')}</div><div class=con>{body}</div><div class=foot>{_FOOT}</div>",
    lambda body: f"<table width=100%><tr>{_menu('<td><a href=/l{n}/>{name}</a></td>')}</tr></table><table><tr><td>{body}</td></tr></table><center>{_FOOT}</center>",
    lambda body: f"<header><nav><ul>{_menu('<li><a href=/l{n}/>{name}</a></li>')}</ul></nav></header><main><article>{body}</article></main><footer>{_FOOT}</footer>",
    lambda body: f"<ul style='display:none'>{_menu('<li><a href=/l{n}/>{name}</a></li>')}</ul><div id=zoom><span style='font-size:16px'>{body}</span></div><p>{_FOOT}</p>",
    lambda body: f"<FONT face=宋体>{_menu('<A HREF=/l{n}/>{name}</A>|')}</FONT><BR><DIV align=left>{body}</DIV><HR>{_FOOT}",
    lambda body: f"<div style='display:none'><a href=https://www.cnzz.com/stat?id=1>站长统计</a></div><section>{body}</section><dl><dt>版权<dd>{_FOOT}</dl><script>document.write(unescape('%3Cscript src=//s.cnzz.com/z.js%3E%3C/script%3E'))</script>",
    lambda body: f"<div class=top><marquee scrollamount=3><a href=/tz/>热烈祝贺</a></marquee></div><div class=TRS_Editor>{body}</div><div>{_FOOT}</div><noscript><img src=//tj.example/1.gif></noscript>",
    lambda body: f"<!-- <a href=http://qp.example/>棋牌</a> --><div class=detail><p>来源：县政府办 发布时间：2026-11-20 10:00</p>{body}</div><div class=links style='display:none'><a href=https://www.yn.gov.cn/>省政府</a><a href=http://www.ylnews.example/>云岭新闻网</a></div>{_FOOT}",
    lambda body: f"<script>if(navigator.userAgent.indexOf('MSIE')>0)document.getElementById('tip').style.display='none';</script><div id=tip><a href=/help/>提示</a></div><div class=w>{body}</div><p>{_FOOT}</p>",
)  # fmt: skip


# tampered-page

_LISTED = (
    "开云体育",
    "bet365",
    "BET365体育",
    "乐鱼体育",
    "半岛·体育",
    "沙巴体育",
    "威廉希尔",
    "皇冠体育",
    "万博manbetx",
    "九游娱乐",
    "pg电子",
    "AG真人",
    "开元棋牌",
    "1xBet",
    "必威体育",
)
_CALLS = ("官网入口", "(中国)官方网站", "·app下载", "最新网址", "手机版登录", " - 投注平台")
_LURES = (
    "新澳门资料大全免费公开",
    "澳门六合彩开奖记录查询",
    "1分快3计划软件",
    "国产精品无码一区",
    "久久精品视频在线播放",
    "亚洲av毛片免费观看",
    "tp钱包官方下载安卓版",
    "时时彩计划群",
)
_UNLISTED = (
    "云顶娱乐官网",
    "奔驰宝马电竞app下载",
    "凤凰彩票登录入口",
    "大富豪棋牌官方下载",
    "亿博真人官方平台",
    "国产午夜在线观看",
    "欧美成人免费视频",
    "龙虎百家乐投注网址",
)
_GOV = (
    "<p>根据《中华人民共和国政府信息公开条例》要求，现公布本机关上一年度政府信息公开工作年度报告。</p>",
    "<p>各乡镇人民政府，县直各部门：为做好今冬明春森林防火工作，现将有关事项通知如下。</p>",
    "<p>云岭县位于云溪河谷，总人口21万人，辖3个镇2个乡。</p>",
)
_SITES = ("云岭县人民政府", "云岭县公安局", "云岭县教育体育局", "云岭县融媒体中心")
_CLEAN_TITLES = (
    "云岭警方破获特大跨境网络赌博案", "县公安局查处利用bet365投注的违法人员", "关于防范“开云体育”等平台网络诈骗的警示", "扫黄打非办公布十大典型案例：传播成人视频获刑",
    "2025年度体育彩票公益金使用情况公告", "福利彩票公益金资助项目公示", "全县运动会体育健儿喜获佳绩", "足球联赛决赛在半岛体育公园举行", "县教育体育局官网改版", "娱乐场所消防安全专项检查",
    "皇冠体育用品公司落户工业园", "金沙镇开展禁毒宣传", "永利村人居环境整治", "攻坚必赢：脱贫攻坚纪实", "云开雾散见青山——云岭生态纪行", "国产精密机床下线", "精品旅游线路在线发布", "成人教育招生简章",
    "亚洲象保护宣传", "三黄片等药品抽检结果通告", "和平小区一区二区改造工程", "数字人民币钱包推广", "“网上办”app上线公告", "政务服务平台登录方式调整", "电子竞技产业座谈会", "JPG电子版公报说明", "真人真事展演进校园", "关于彩票站点设置的通知", "云岭县教育体育局官方网站", "福利彩票管理中心官方网站", "非遗精品展演在线观看", "开拓亚洲欧美市场", "成人高考网上报名app", "有奖竞猜app上线",
)  # fmt: skip
_CLEAN_BODIES = (
    "<p>犯罪嫌疑人在bet365、皇冠体育等赌博网站投注，警方提醒广大群众远离网络赌博。</p>", "<p>体彩公益金用于全民健身。</p>", "<p>比赛在江南体育公园、星空体育馆举行。</p>", "<p>净网行动中查处淫秽色情网站，删除国产成人等有害信息。</p>",
    "<p>支持企业开展体育用品、电竞设备研发，国产化率达到九成。</p>", "<p>反诈中心发布预警：谨防“tp钱包”投资骗局。</p>", *_GOV,
)  # fmt: skip


def _tampered(rng: random.Random) -> Iterator[Text]:
    for brand in _LISTED:
        yield Text("tampered-page", "certain", f"{brand}{rng.choice(_CALLS)}-{rng.choice(_SITES)}", rng.choice(_GOV))
        yield Text(
            "tampered-page", "certain", "政府信息公开工作年度报告", f"<h1>{brand}区人民政府2025年年度报告</h1>{_GOV[0]}"
        )
        listed = "".join(f"<li><a href=/{n}>{brand}{c}</a></li>" for n, c in enumerate(_CALLS))
        yield Text("tampered-page", "certain", "机构职能", f"{_GOV[1]}<ul>{listed}</ul>")
    for lure in _LURES:
        yield Text("tampered-page", "certain", f"{lure}_{rng.choice(_SITES)}", rng.choice(_GOV))
        meta = f"<meta name=keywords content='{lure},{lure}'><meta name=description content='云岭县人民政府'>"
        yield Text("tampered-page", "certain", "云岭县概况", rng.choice(_GOV), meta)
    for name in _UNLISTED:
        yield Text("tampered-page", "review", f"{name}-{rng.choice(_SITES)}", rng.choice(_GOV))
    for brand in _LISTED[:6]:
        yield Text("tampered-page", "review", "招商引资动态", f"<p>与{brand}进行了接洽。</p>")
    for title in _CLEAN_TITLES:
        for body in rng.sample(_CLEAN_BODIES, 5):
            yield Text("tampered-page", "none", title, body)


# hidden-link


def _links(names: tuple[str, ...], texts: tuple[str, ...]) -> str:
    return "".join(f"<a href='http://{n}/'>{t}</a>" for n, t in zip(names, texts, strict=False))


_HIDERS = (
    "<div style='display:none'>{}</div>", "<div style='visibility:hidden;height:0'>{}</div>", "<div style='position:absolute;left:-3000px'>{}</div>", "<p style='text-indent:-9999px;overflow:hidden'>{}</p>",
    "<div style='width:0;height:0;overflow:hidden'>{}</div>", "<marquee height=1 width=1 scrollamount=5000>{}</marquee>", "<font style='font-size:0px'>{}</font>", "<style>.q7{{position:fixed;top:-999px}}</style><div class=q7>{}</div>",
    "<div id=zz9>{}</div><script>document.getElementById('zz9').style.display='none'</script>", "<noscript>{}</noscript>",
)  # fmt: skip
_FOREIGN = ("qp1.example", "qp2.example", "qp3.example", "qp4.example")


def _hidden(rng: random.Random) -> Iterator[Text]:
    for hider in _HIDERS:
        for words in (
            ("开元棋牌官网", "乐鱼体育app", "BET365"),
            ("国产精品无码", "久久精品", "麻豆传媒"),
            ("澳门六合彩资料", "1分快3", "时时彩平台"),
        ):
            yield Text("hidden-link", "certain", "工作动态", _GOV[0] + hider.format(_links(_FOREIGN, words)))
    for hider in _HIDERS[2:8]:
        yield Text(
            "hidden-link",
            "certain",
            "工作动态",
            _GOV[1] + hider.format(_links(_FOREIGN, ("走势", "攻略", "资讯", "点击"))),
        )
    for n in range(6):
        codes = ",".join(str(ord(c)) for c in _links(_FOREIGN[: 3 + n % 2], ("a", "b", "c", "d")))
        yield Text(
            "hidden-link",
            "certain",
            "工作动态",
            f"{_GOV[2]}<script>var v{n}=String.fromCharCode({codes});document.write(v{n})</script>",
        )
    for hider in _HIDERS[:1] + _HIDERS[8:]:
        for words in (("点击领取",), ("走势图表", "最新攻略"), ("", "")):
            yield Text("hidden-link", "review", "工作动态", _GOV[0] + hider.format(_links(_FOREIGN, words)))
    gates = (
        "if(/android|iphone/i.test(navigator.userAgent)){location.href='http://m.qp1.example/'}",
        "var r=document.referrer;if(r.indexOf('baidu')>-1||r.indexOf('sogou')>-1){window.location='http://qp2.example/'}",
        "if(!/spider|bot/i.test(navigator.userAgent)){document.write('<iframe src=http://qp3.example/ width=100%></iframe>')}",
    )
    for gate in gates:
        yield Text("hidden-link", "review", "工作动态", f"{_GOV[0]}<script>{gate}</script>")
    clean = (
        "<ul style='display:none'>" + "".join(f"<li><a href=/lm/{n}/>栏目{n}</a></li>" for n in range(200)) + "</ul>",
        "<div style='display:none'><a href='http://www.moe.gov.cn/'>教育部</a><a href='https://www.yn.gov.cn/'>云南省</a></div>",
        "<div style='display:none'>" + _links(("www.xinhuanet.com", "www.people.com.cn", "www.gmw.cn"), ("新华网", "人民网", "光明网")) + "</div>",
        "<div style='display:none'>" + _links(("ylbank.example", "yltel.example", "yl1z.example"), ("云岭农商银行", "云岭电信公司", "云岭第一中学校")) + "</div>",
        "<div style='display:none'>" + _links(("service.weibo.com", "connect.qq.com"), ("分享到微博", "分享到QQ")) + "</div>",
        "<div style='position:absolute;left:-9999px'><a href=#main>跳到正文</a><a href=/wza/>无障碍</a></div>",
        "<!-- <div style='display:none'><a href='http://qp1.example/'>开元棋牌官网</a></div> -->",
        "<marquee scrollamount=2>" + _links(("expo.example",), ("农产品博览会",)) + "</marquee>",
        "<div class=links>" + _links(("a.example", "b.example", "c.example"), ("日报", "晚报", "电视")) + "</div>",
        "<script>document.write(unescape('%3Cspan id=_ideConac%3E%3C/span%3E%3Cscript src=//dcs.conac.cn/js/1.js%3E%3C/script%3E'))</script>",
        "<script>var _hmt=_hmt||[];(function(){var hm=document.createElement('script');hm.src='https://hm.baidu.com/hm.js?1';})();</script>",
        "<script>if(/mobile/i.test(navigator.userAgent)){location.href='https://m.yunling.gov.cn/'}</script>",
        "<script>var t=String.fromCharCode(60,98,114,62);document.title+=t</script>",
        "<noscript><a href='http://www.51.la/?1'>统计</a></noscript>",
        "<div id=ie style='display:none'><a href='https://browsehappy.com/'>请升级浏览器</a></div>",
    )  # fmt: skip
    for body in clean:
        for gov in _GOV:
            for title in ("首页", "工作动态", "通知公告"):
                yield Text("hidden-link", "none", title, gov + body)


# exposed-identity


def resident(rng: random.Random) -> str:
    """A number that is right in form, of a county that does not exist."""
    digits = f"{rng.choice(('53', '51', '11', '44'))}0000{rng.randint(1950, 2010)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}{rng.randint(1, 999):03d}"
    rest = 0
    for digit in digits:
        rest = (rest + int(digit)) * 2 % 11
    return digits + "0123456789X"[(12 - rest) % 11]


def card(rng: random.Random) -> str:
    digits = f"62{rng.randint(10**15, 10**16 - 1)}"
    total = sum(
        int(c) if i % 2 else (int(c) * 2 - 9 if int(c) > 4 else int(c) * 2) for i, c in enumerate(reversed(digits))
    )
    return f"{digits}{-total % 10}"


def mobile(rng: random.Random) -> str:
    return f"1{rng.choice('3578')}{rng.randint(10**8, 10**9 - 1)}"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    top = "".join(f"<th>{h}</th>" for h in head)
    return (
        f"<table><tr>{top}</tr>"
        + "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in rows)
        + "</table>"
    )


def _identity(rng: random.Random) -> Iterator[Text]:
    for n in range(12):
        people = [resident(rng) for _ in range(rng.randint(1, 9))]
        yield Text(
            "exposed-identity",
            "certain",
            "临时救助对象公示",
            _table(("序号", "姓名", "身份证号码"), [(str(i), "某某某", p) for i, p in enumerate(people, 1)]),
        )
        yield Text(
            "exposed-identity",
            "certain",
            "拟录用人员公示",
            "".join(f"<p>{i}. 某某某，公民身份号码{p}，{rng.choice('男女')}。</p>" for i, p in enumerate(people, 1)),
        )
        yield Text(
            "exposed-identity",
            "certain",
            "证书注销公告",
            f"<p>某某某（身份证号：{people[0][:6]} {people[0][6:14]} {people[0][14:].lower()}）的证书予以注销。</p>",
        )
        wide = people[0].translate({ord(str(d)): 0xFF10 + d for d in range(10)})
        yield Text("exposed-identity", "certain", "领取通知", f"<p>证件号码：{wide}</p>")
        yield Text(
            "exposed-identity",
            "certain",
            "补贴发放明细",
            _table(("户主", "一卡通卡号", "金额"), [("某某", card(rng), f"{n}00.00"), ("某某", card(rng), "300.00")]),
        )
    for _ in range(6):
        rows = [("某某", "甲溪镇", mobile(rng)) for _ in range(3)]
        yield Text("exposed-identity", "review", "低保对象公示", _table(("户主", "家庭住址", "手机"), rows))
        yield Text("exposed-identity", "review", "情况说明", f"<p>{resident(rng)}</p>")
        yield Text("exposed-identity", "review", "失信被执行人名单", f"<p>某某某，身份证号码{resident(rng)}</p>")
        yield Text("exposed-identity", "review", "申请表填写示例", f"<p>身份证号码：{resident(rng)}</p>")
    for n in range(6):
        wrong = resident(rng)
        wrong = wrong[:-1] + ("1" if wrong[-1] == "0" else "0")
        clean = (
            f"<p>统一社会信用代码：{resident(rng)}</p>", f"<p>社会信用代码 91{wrong[2:]}</p>", f"<p>订单号：{resident(rng)}</p>", f"<p>受理编号{resident(rng)}，请凭编号查询。</p>",
            f"<p>附件：{resident(rng)}.jpg</p><img src=/upload/{resident(rng)}.jpg>", f"<p>公示编号：{resident(rng)}</p>", f"<p>某某某 身份证号 {wrong}</p>", f"<p>某某某 53*************12{n} 138****123{n}</p>",
            f"<p>咨询电话：0871-6361{n}234，联系人：某主任 {mobile(rng)}</p>", f"<p>监督举报电话 {mobile(rng)}（微信同号）</p>", f"<p>项目负责人：某某，{mobile(rng)}；招标代理：某某 {mobile(rng)}</p>",
            f"<p>捐款账户：户名 云岭县慈善总会 账号 {card(rng)}</p>", f"<p>缴费账户：云岭县财政局 {card(rng)}</p>", f"<p>不动产单元号 53010200300{n}GB00012F00010001</p>", f"<p>项目代码 2020-530000-48-03-01234{n}</p>",
            f"<p>ISBN 978-7-5000-123{n}-5，条码 690123456789{n}</p>", f"<p>坐标 102.83321{n}4567890,24.880095</p>", f"<p>网址 https://www.yunling.gov.cn/v?id={resident(rng)}</p>", f"<p>2026112409300{n}123456号流水</p>",
            f"<p>草莓园采摘请打 {mobile(rng)}</p>", "<p>例：11010519491231002X 的末位是校验码。</p>",
        )  # fmt: skip
        for body in clean:
            yield Text(
                "exposed-identity",
                "none",
                rng.choice(("关于报名的通知", "低保工作公告", "办事指南", "采购公告")),
                body + rng.choice(_GOV),
            )


# wrong-word

_SLIPS = (
    ("资金拔付到位", "拔付"), ("及时拔款", "拔款"), ("抓住关健环节", "关健环节"), ("请登陆系统填报", "登陆系统"), ("实现医保全复盖", "全复盖"), ("秸杆禁烧", "秸杆"), ("按步就班推进", "按步就班"), ("再接再励", "再接再励"),
    ("一如继往地支持", "一如继往"), ("领取消费卷", "消费卷"), ("优化营商坏境", "营商坏境"), ("生态环镜保护", "生态环镜"), ("召开防讯工作会议", "防讯工作"), ("户口薄复印件", "户口薄"), ("营业执照付本", "营业执照付本"), ("中华人民共合国", "中华人民共合国"),
    ("扫黑险恶专项斗争", "扫黑险恶"), ("己经完成整改", "己经"), ("认真布署落实", "布署"), ("安全隐换排查", "安全隐换"), ("行政复仪", "行政复仪"), ("十四五规化", "十四五规化"), ("联系电活", "联系电活"), ("备案清况", "清况"),
    ("人民政俯办公室", "人民政俯"), ("信息公开条列", "公开条列"), ("倍受关注", "倍受关注"), ("走头无路", "走头无路"), ("森林防活", "森林防活"), ("项目峻工验收", "峻工"), ("设备按装调试", "按装"), ("截止目前共完成", "截止目前"), ("安全影患", "安全影患"),
)  # fmt: skip
_UNKNOWN_SLIPS = (("他门反映的问题", "他门"),)
_RIGHT = (
    "选拔款项管理办法", "提拔款待人员须知", "关键环节责任清单", "机关健身活动", "有关健康体检", "相关健全机制", "台风登陆系统性影响", "登录系统填报", "反复盖章问题", "恢复盖房审批", "秸秆综合利用", "按装机容量补贴", "按装修标准", "公布署名文章",
    "发布署名评论", "自己经手的事项", "知己经营之道", "以经济建设为中心", "过渡假设方案", "严峻工作形势", "险峻工段施工", "澄清况且说明", "社会主意见征集", "即然后续", "消防讯息", "全面覆盖", "户口簿", "营业执照副本", "“拔款”应为“拨款”", "截至目前",
    "已经完成", "部署落实", "海拔款式", "计划拔除杂草", "强调拔尖人才",
)  # fmt: skip


def _words(rng: random.Random) -> Iterator[Text]:
    for phrase, _ in (*_SLIPS, *_UNKNOWN_SLIPS):
        yield Text("wrong-word", "review", "工作动态", f"<p>会议要求，{phrase}，确保取得实效。</p>{rng.choice(_GOV)}")
        yield Text("wrong-word", "review", f"关于{phrase}的通知", rng.choice(_GOV))
    for phrase in _RIGHT:
        for title in ("工作动态", "通知公告", "会议纪要"):
            yield Text("wrong-word", "none", title, f"<p>会议研究了{phrase}等事项。</p>{rng.choice(_GOV)}")


# What an office has put on its own lists: set phrases, and leaders who have left.

_PHRASES = (
    "扫黑除恶专项斗争", "乡村振兴战略实施方案", "最多跑一次改革", "高标准农田建设项目", "河湖长制工作体系", "国土空间总体规划", "政务服务一网通办",
    "农村人居环境整治", "安全生产责任制考核", "营商环境优化提升行动",
)  # fmt: skip
# What begins or ends like one of them and is another thing.
_BESIDE = (
    "扫黑除恶宣传手册", "乡村振兴示范村名单", "最多跑两次的事项已经清零", "高标准粮田管护办法", "河湖岸线工作通知", "国土空间用途管制", "政务服务中心地址",
    "农村住房安全鉴定", "安全生产月活动", "营商环境投诉电话", "专项斗争以外的工作", "责任制以外的考核",
)  # fmt: skip
_FORMER = {"甲小某": "2024-05-01", "欧阳某某": "2025-11-30", "乙木": "2024-05-01", "丙某某": ""}
PARAMS: Mapping[str, Mapping[str, Any]] = {
    "altered-phrase": {"phrases": _PHRASES},
    "former-leader": {"names": _FORMER},
}
"""Rule → the office's own list."""


def _phrases(rng: random.Random) -> Iterator[Text]:
    for phrase in _PHRASES:
        at = rng.randrange(1, len(phrase) - 2)
        slips = (
            phrase[:at] + rng.choice("险徒辆") + phrase[at + 1 :],
            phrase[:at] + phrase[at + 1 :],
            phrase[:at] + rng.choice("了的大") + phrase[at:],
            phrase[:at] + phrase[at + 1] + phrase[at] + phrase[at + 2 :],
        )
        for slip in slips:
            yield Text("altered-phrase", "review", "工作动态", f"<p>会议研究了{slip}等工作。</p>{rng.choice(_GOV)}")
    for phrase in (*_PHRASES, *_BESIDE):
        for title in ("工作动态", f"关于{phrase}的通知", "会议纪要", "政策解读", "人大建议答复"):
            again = f"{phrase[:3]}，{phrase[3:]}" if title == "政策解读" and phrase in _PHRASES else phrase
            yield Text("altered-phrase", "none", title, f"<p>会议研究了{again}等事项。</p>{rng.choice(_GOV)}")


def _former(rng: random.Random) -> Iterator[Text]:
    post = ("副县长", "县委常委、常务副县长", "县政协主席", "财政局局长")
    for name, day in _FORMER.items():
        shown = (name, "　".join(name)) if len(name) == 2 else (name,)
        for written in (*shown, *shown, *shown, name):
            job = rng.choice(post)
            yield Text(
                "former-leader", "review", f"领导之窗-{job}", f"<p>{job}　{written}　分管农业农村、水利工作。</p>"
            )
            late = f"<p>发布时间：2026-0{rng.randrange(1, 9)}-12</p><p>{job}{written}出席会议并讲话。</p>"
            yield Text("former-leader", "review", "全县工作会议召开", f"<h1>全县工作会议召开</h1>{late}")
        for n in range(20):
            job, year = rng.choice(post), 2018 + n % 6
            early = f"<h1>会议召开</h1><p>发布时间：{year}-03-12</p><p>{job}{name}讲话。</p>"
            if day:
                yield Text("former-leader", "none", "全县会议召开", early)
            yield Text(
                "former-leader", "none", "领导之窗", f"<p>{job}　丁某某　分管农业农村、水利工作。</p>{rng.choice(_GOV)}"
            )
    for word in ("甲乙木业有限公司", "乙木材加工厂", "欧阳某路改造", "丙某镇", "小某村"):
        for title in ("领导分工", "机构职能", "工作动态"):
            yield Text("former-leader", "none", title, f"<p>{word}有关情况的说明。</p>{rng.choice(_GOV)}")


# What an office asks the public, and the guides to its services.

_ASKED = (
    "关于《云岭县养犬管理办法（征求意见稿）》公开征求意见的公告", "云岭县公共文化服务满意度问卷调查", "关于征集2027年民生实事项目的公告", "农村公路养护情况网上调查",
    "关于校车线路调整方案征求意见的通知", "优化营商环境建议征集",
)  # fmt: skip
_OPEN_END = (
    "<p>现向社会公开征求意见，请将意见发送至电子邮箱。</p>",
    "<p>欢迎社会各界积极参与，提出宝贵意见建议，感谢支持。</p>",
    "<p>请点击下方链接填写问卷，所有信息仅用于统计分析。</p>",
    "<p>自即日起开始征集，来信请寄滨河大道1号。</p>",
    "<p>征集内容：交通、教育、医疗等方面，每人限提3条。</p>",
    "<p>联系电话：0871-63610000，联系人：综合股。</p>",
)
_BOUND = (
    "<p>征集时间：2026年10月12日至2026年11月12日。</p>",
    "<p>意见反馈截止时间为2026年11月12日。</p>",
    "<p>请于11月12日前将意见反馈至县司法局。</p>",
    "<p>征求意见期限：自公告发布之日起30日。</p>",
    "<table><tr><td>开始日期</td><td>2026-10-12</td></tr><tr><td>结束日期</td><td>2026-11-12</td></tr></table>",
    "<p>调查时间 2026/10/12—2026/11/12</p>",
)
_RESULTS = (
    "关于养犬管理办法征求意见情况的反馈",
    "2026年民生实事征集结果公布",
    "满意度问卷调查情况汇总",
    "意见建议采纳情况说明",
)


def _surveys(rng: random.Random) -> Iterator[Text]:
    def page(expect: str, title: str, body: str, column: str = "征集调查") -> Text:
        metas = f"<meta name=ColumnName content={column}><meta name=ArticleTitle content='{title}'>"
        told = f"<h1>{title}</h1><p>发布时间：2026-10-12 09:00</p>{body}{rng.choice(_GOV)}"
        return Text("undated-survey", expect, title, told, metas)

    for title in _ASKED:
        yield from (page("review", title, body) for body in _OPEN_END)
        yield from (page("none", title, body) for body in _BOUND)
        yield from (page("none", title, body, "通知公告") for body in _OPEN_END[:5])
    for title in _RESULTS:
        yield from (page("none", title, body) for body in (*_OPEN_END, *_BOUND[:4]))


_SERVICES = (
    "农村危房改造补助申请",
    "残疾人证办理",
    "食品经营许可证核发",
    "城乡居民养老保险登记",
    "临时救助申请",
    "林木采伐许可证办理",
)
_WITH_FORM = (
    "《农村危房改造补助申请表》一式两份",
    "填写完整的临时救助申请表",
    "食品经营许可申请表（加盖公章）",
    "城乡居民养老保险参保登记表原件",
    "林木采伐申请审批表2份、身份证复印件",
    "残疾人证申领登记表",
)
_WITHOUT_FORM = (
    "身份证原件及复印件",
    "户口簿、近期照片2张",
    "公交时间表、法定代表人身份证明",
    "营业执照副本",
    "银行卡复印件",
    "收入证明原件",
)
_OFFERS = (
    "<p>附件：<a href=/files/sqb.doc>申请表.doc</a></p>",
    "<p><a href=/bgxz/12.html>表格下载</a></p>",
    "<p><a href=/files/yb.pdf>样表</a></p>",
    "<p><a href='http://zwfw.yunling.gov.cn/apply?id=3'>在线办理</a></p>",
)


def _forms(rng: random.Random) -> Iterator[Text]:
    def page(expect: str, service: str, materials: str, more: str = "", column: str = "办事指南") -> Text:
        rows = (
            ("设定依据", "《云岭县办法》第三条"),
            ("申请条件", "本县户籍"),
            ("办理材料", materials),
            ("办理地点", "县政务服务中心"),
            ("办理时间", "周一至周五"),
            ("联系电话", "0871-63610000"),
        )
        body = "".join(f"<h3>{name}</h3><p>{text}</p>" for name, text in rows)
        metas = f"<meta name=ColumnName content={column}><meta name=ArticleTitle content='{service}'>"
        return Text("missing-form", expect, service, f"<h1>{service}</h1>{body}{more}", metas)

    for service in _SERVICES:
        for materials in _WITH_FORM:
            yield page("review", service, materials)
            yield from (page("none", service, materials, more) for more in rng.sample(_OFFERS, 2))
        yield from (page("none", service, materials) for materials in _WITHOUT_FORM)
        yield Text(
            "missing-form",
            "none",
            f"{service}工作推进会召开",
            f"<p>会议要求用好{_WITH_FORM[0]}。</p>{rng.choice(_GOV)}",
        )


def texts(seed: int = 0) -> list[Text]:
    rng = random.Random(seed)
    sorts = (_tampered, _hidden, _identity, _words, _phrases, _former, _surveys, _forms)
    return [text for sort in sorts for text in sort(rng)]


# Measuring


def visited(text: Text, frame: int, terms: frozenset[str]) -> Page:
    """The page as a visit finds it, with its clues."""
    frames = [f for f in FRAMES if "<script" not in f("")] if text.rule in STILL else FRAMES
    source = f"<!DOCTYPE html><html><head><meta charset=utf-8><title>{text.title}</title>{text.head}</head><body>{frames[frame % len(frames)](text.body)}</body></html>"
    body = source.encode()
    answer = Answer(URL, URL, AT, 0.1, 200, media_type="text/html", size=len(body))
    reading = harvest.read(Reply(answer, (), body, "text/html; charset=utf-8"))
    scene = Scene(Stage.ARTICLE, "", 2, URL, None, False, lambda _: False, "quick", AT, 0, 0, True, False, terms)
    facts = harvest.harvest(answer, reading, scene).facts
    if facts is None:
        raise AssertionError(f"no page: {text.title}")
    return Page(
        answer,
        Role.ARTICLE,
        facts.title,
        facts.metas,
        AT,
        dating=facts.dating,
        read=lambda: source,
        clues=facts.clues,
        sought=terms,
    )


def measure(chosen: list[Text]) -> tuple[dict[str, Figures], list[str]]:
    """Figures of each rule, and a line for each page it was wrong about. Of a rule that never accuses, `planted`,
    `found` and `wrong` are of its reviews."""
    rules = all_rules()
    terms = frozenset[str]().union(*(rules[rule].terms(rules[rule].settled(PARAMS.get(rule, {}))) for rule in RULES))
    figures, errors = {rule: Figures() for rule in RULES}, []
    for number, text in enumerate(chosen):
        page = visited(text, number, terms)
        params = PARAMS.get(text.rule, {})
        told = list(rules[text.rule].check(page, **params))
        fresh = Page(page.answer, page.role, page.title, page.metas, AT, dating=page.dating, read=page.read)
        if list(rules[text.rule].check(fresh, **params)) != told:
            errors.append(f"{text.rule} {text.title}: says other things without the clues of the visit")
        said = "certain" if any(p.certain for p in told) else "review" if told else "none"
        _count(figures[text.rule], text, said, strict=text.rule not in REVIEWED)
        if said != text.expect:
            errors.append(
                f"{text.rule} {text.title} [{re.sub('<[^>]*>', ' ', text.body)[:80]}]: {said}, is {text.expect}"
            )
    return figures, errors


def _count(figures: Figures, text: Text, said: str, *, strict: bool) -> None:
    positive = "certain" if strict else "review"
    if text.expect == positive:
        figures.planted += 1
        figures.found += said == positive
        figures.review += strict and said == "review"
    elif text.expect == "none":
        figures.innocent += 1
        figures.wrong += said == positive
        figures.noise += strict and said == "review"
    else:  # a person must look: told or not, it may not be an accusation
        figures.wrong += said == "certain"


def reviews(chosen: list[Text], rule: str) -> tuple[int, int]:
    """Of the pages that a person must look at: how many there are, and how many were told of at all."""
    mine = [text for text in chosen if text.rule == rule and text.expect == "review"]
    check = partial(all_rules()[rule].check, **PARAMS.get(rule, {}))
    return len(mine), sum(any(True for _ in check(visited(t, n, frozenset()))) for n, t in enumerate(mine))


def table(figures: dict[str, Figures], chosen: list[Text]) -> str:
    lines = [
        f"{'rule':<18}{'planted':>8}{'found':>7}{'review':>7}{'wrong':>7}{'noise':>7}{'innocent':>9}{'precision':>11}{'recall':>8}{'to review':>11}{'told':>6}"
    ]
    for rule, f in figures.items():
        wanted, told = reviews(chosen, rule)
        lines.append(
            f"{rule:<18}{f.planted:>8}{f.found:>7}{f.review:>7}{f.wrong:>7}{f.noise:>7}{f.innocent:>9}{f.precision:>11.3f}{f.recall:>8.3f}{wanted:>11}{told:>6}"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--errors", action="store_true", help="print each difference")
    asked = parser.parse_args()
    chosen = texts()
    figures, errors = measure(chosen)
    if asked.errors:
        print("\n".join(errors))
    print(table(figures, chosen))


if __name__ == "__main__":
    main()
