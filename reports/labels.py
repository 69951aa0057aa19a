"""What the states and kinds are called in front of people."""

from __future__ import annotations

from collections.abc import Mapping

from crawler.message import Message, say
from crawler.outcome import Verdict
from crawler.site import ColumnKind, SiteKind
from rules.engine.assessment import Mended, Result, Status
from rules.engine.edition import Part

RESULTS: Mapping[Result, Message] = {
    Result.QUALIFIED: say("合格"),
    Result.UNQUALIFIED: say("不合格"),
    Result.UNDETERMINED: say("无法判定"),
}

BELOW = say("有问题，未达到限度")
"""Of a clause that problems were found for, fewer than it takes to break it."""
STATUSES: Mapping[Status, Message] = {
    Status.PASS: say("未发现问题"),
    Status.FAIL: say("不符合"),
    Status.REVIEW: say("待人工复核"),
    Status.UNCHECKED: say("未检查"),
    Status.NOT_APPLICABLE: say("不适用"),
}
MANUAL = say("需人工检查")

MENDED: Mapping[Mended, Message] = {
    Mended.FIXED: say("已整改"),
    Mended.PARTLY: say("部分整改"),
    Mended.NOT_FIXED: say("未整改"),
    Mended.GONE: say("网页已撤下"),
    Mended.UNTESTED: say("未能复查"),
}
"""What a recheck says of a finding."""

PARTS: Mapping[Part, Message] = {
    Part.VETO: say("单项否决"),
    Part.DEDUCT: say("扣分"),
    Part.BONUS: say("加分"),
    Part.ADVICE: say("建议"),
}

SITE_KINDS: Mapping[SiteKind, Message] = {
    SiteKind.PORTAL: say("政府门户网站"),
    SiteKind.DEPARTMENT: say("部门网站"),
}

OUTCOMES: Mapping[Verdict, Message] = {
    Verdict.OK: say("能打开"),
    Verdict.BROKEN: say("打不开"),
    Verdict.BLOCKED: say("拒绝访问"),
    Verdict.UNSURE: say("不能确定"),
    Verdict.PRIVATE: say("内部地址"),
    Verdict.SKIPPED: say("没有访问"),
}
"""What became of a link."""

COLUMN_KINDS: Mapping[ColumnKind, Message] = {
    ColumnKind.NEWS: say("动态要闻"),
    ColumnKind.NOTICE: say("通知公告"),
    ColumnKind.POLICY: say("政策文件"),
    ColumnKind.EXPLAIN: say("政策解读"),
    ColumnKind.PERSON: say("人事信息"),
    ColumnKind.PLAN: say("规划计划"),
    ColumnKind.FINANCE: say("财政信息"),
    ColumnKind.SURVEY: say("征集调查"),
    ColumnKind.MESSAGE: say("咨询留言"),
    ColumnKind.SERVICE: say("办事服务"),
    ColumnKind.DISCLOSURE: say("政府信息公开"),
    ColumnKind.REPORT: say("政府信息公开年报"),
    ColumnKind.STATIC: say("固定内容"),
    ColumnKind.OTHER: say("其他"),
}

SCOPES: Mapping[str, Message] = {
    "quick": say("快速检查（首页、栏目、最新文章及其链接）"),
    "full": say("全站检查"),
    "recheck": say("复查（只看未了结问题所在的位置）"),
}

RULES: Mapping[str, Message] = {
    "unreachable-home": say("站点无法访问"),
    "slow-home": say("首页打开慢"),
    "stale-home": say("首页长期未更新"),
    "stale-column": say("栏目长期未更新"),
    "nearly-stale-home": say("首页快到更新期限"),
    "nearly-stale-column": say("栏目快到更新期限"),
    "empty-column": say("空白栏目"),
    "undated-column": say("条目未注明日期"),
    "suspect-date": say("日期可疑"),
    "blocked-host": say("链接不让程序访问"),
    "broken-link": say("链接打不开"),
    "broken-attachment": say("附件打不开"),
    "broken-image": say("图片打不开"),
    "hijacked-link": say("外链已被他人占用"),
    "private-link": say("链接指向内部地址"),
    "missing-anchor": say("网页中没有链接所指的位置"),
    "unannounced-exit": say("离开网站没有提示"),
    "missing-section": say("缺少应设栏目"),
    "missing-disclosure": say("缺少信息公开内容"),
    "incomplete-disclosure-guide": say("信息公开指南不全"),
    "missing-annual-report": say("缺少年度报告"),
    "late-annual-report": say("年度报告发布晚"),
    "incomplete-annual-report": say("年度报告内容不全"),
    "missing-mark": say("缺少网站标识"),
    "foreign-code": say("标识码不是本网站的"),
    "wrong-domain": say("域名不符合要求"),
    "missing-meta": say("缺少页面标签"),
    "missing-search": say("没有站内搜索"),
    "missing-channel": say("没有咨询渠道"),
    "unanswered-message": say("留言未答复"),
    "missing-service": say("没有办事服务"),
    "incomplete-guide": say("办事指南要素不全"),
    "vague-material": say("办事材料含糊"),
    "missing-form": say("没有提供表格"),
    "missing-statistics": say("没有统计数据"),
    "stale-statistics": say("统计数据陈旧"),
    "few-surveys": say("征集调查太少"),
    "undated-survey": say("征集调查没有起止日期"),
    "tampered-page": say("页面疑被篡改"),
    "hidden-link": say("隐藏的外部链接"),
    "cloaked-page": say("对搜索引擎显示另一内容"),
    "exposed-identity": say("泄露个人信息"),
    "wrong-word": say("用词差错"),
    "altered-phrase": say("固定提法走样"),
    "former-leader": say("仍显示已离任人员"),
    "weak-https": say("安全连接（HTTPS）不合要求"),
    "missing-ipv6": say("不支持IPv6"),
}

SKIPS: Mapping[str, Message] = {
    "max-pages": say("超过页数上限"),
    "max-seconds": say("超过时间上限"),
    "max-bytes": say("超过流量上限"),
    "interrupted": say("检查被中断"),
    "trap": say("同类地址接连没有新内容"),
    "endless": say("疑似无限循环的地址"),
    "hosts": say("同一域名下的主机过多"),
    "variant": say("同一地址的另一种写法"),
    "not-needed": say("本次不需要访问"),
    "not-asked": say("没有检查"),
    "robots": say("robots.txt 不允许访问"),
    "private": say("指向内部网络地址"),
    "no-browser": say("由脚本绘制，没有浏览器可用"),
    "browser-root": say("由脚本绘制，以 root 身份不能用浏览器打开"),
    "browser-failed": say("由脚本绘制，浏览器没有启动或中断"),
    "file-scan": say("附件是扫描件或图片，没有文字可查"),
    "file-partly-scan": say("附件有的页是扫描件或图片，没有文字可查"),
    "file-locked": say("附件设有打开密码"),
    "file-damaged": say("附件不能读取，可能已损坏"),
    "file-format": say("附件是本程序不能读取的格式"),
    "file-large": say("附件过大，没有读取"),
    "file-long": say("附件过长，只读了前面的部分"),
    "file-slow": say("附件读取时间过长，没有读完"),
    "file-budget": say("超过读取附件的上限"),
    "file-off": say("按设置没有读取附件"),
    "file-unreached": say("附件没有完整取得"),
    "file-no-reader": say("附件不能读取：本机不能启动读取程序"),
}
"""Coverage.skipped: why a known address was not asked."""


def skip(reason: str) -> Message:
    """The label of a reason in `Coverage.skipped`; a reason of its own words speaks for itself."""
    return SKIPS.get(reason) or Message(reason)


def column_kind(kind: str) -> Message:
    """The label of `ColumnState.kind`."""
    return COLUMN_KINDS[ColumnKind(kind)] if kind in set(ColumnKind) else Message(kind)


def rule(id_: str) -> Message:
    """What a rule finds, in a few words; the id of a rule that is not ours."""
    return RULES.get(id_) or Message(id_)
