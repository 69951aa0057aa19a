"""How a person checks a finding by hand, without this program: what to open, and what to look at."""

from __future__ import annotations

from collections.abc import Mapping

from crawler.message import Message, say

_LINK = say(
    "在浏览器中打开所在页，找到这个链接点开；隔一段时间、换一个网络再试一次。两次都打不开，问题属实；能打开的，记下时间并申诉。"
)
_FILE = say("在浏览器中打开所在页，点这个附件，看能不能下载、下载后能不能打开，再看是不是文件本身而不是网页。")
_DATES = say(
    "打开栏目，逐条看显示的日期（翻到第二页，留意置顶的旧信息），与监测时间点相比。列表没有日期的，点开最上面几条看。"
)
_HOME = say("打开首页，找出发布日期最近的一条信息，与监测时间点相比；再到各栏目看有没有更新而首页没有的。")
_SOURCE = say(
    "打开问题页面，按 Ctrl+U 看网页源代码，按 Ctrl+F 查找页面文字或地址；网页上看不见而源代码里有的，问题属实。"
)
_SECTION = say("从首页开始，两次点击之内找这项内容；换个叫法（同义的栏目名）、看导航和页脚，再用站内搜索找一次。")
_FOOT = say("打开首页，翻到最下面，看有没有这项标识、点它能不能打开；由脚本显示的，等页面完全显示后再看。")
_REPORT = say("打开政府信息公开年报栏目，找所报年度的报告，看发布日期和报告的各部分、表格，自己把数字加一遍。")
_LETTERS = say("打开互动交流栏目，看来信的日期和答复的日期；没有日期的，看最近一条是什么时候的事。")
_GUIDE = say("打开这份办事指南，对照应有的要素逐项看，附件里有的也算。")

_BY_HAND: Mapping[str, Message] = {
    "unreachable-home": say("用手机流量和办公网各打开一次首页，计时15秒；间隔一小时再试，记下每次的时间和结果。"),
    "slow-home": say("清空浏览器缓存后打开首页，按 F12 看“网络”一栏中第一项用了多少时间，试三次。"),
    "stale-home": _HOME,
    "nearly-stale-home": _HOME,
    "stale-column": _DATES,
    "nearly-stale-column": _DATES,
    "undated-column": _DATES,
    "empty-column": say("打开栏目，等页面完全显示，看有没有一条信息；再看下级栏目里有没有。"),
    "suspect-date": say("打开这篇信息，把页面显示的日期与网页源代码中的 PubDate、网址中的日期、正文所说的日子对一遍。"),
    "blocked-host": say("用浏览器打开这个地址：浏览器能打开的，是对方不让程序访问，不算问题。"),
    "broken-link": _LINK,
    "broken-image": say("打开所在页，看这张图片显示不显示；在图片位置点右键“在新标签页中打开图片”再看一次。"),
    "broken-attachment": _FILE,
    "hijacked-link": say(
        "在浏览器的无痕窗口中打开这个链接，看到的单位和内容与链接文字是不是一回事。不要在办公电脑上登录或者下载。"
    ),
    "private-link": say("打开所在页，把鼠标停在链接上看左下角的地址；用手机流量打开它，打不开的，问题属实。"),
    "missing-anchor": say("打开所在页点这个链接，看页面有没有跳到所说的位置。"),
    "unannounced-exit": say("打开所在页点这个链接，看离开本网站以前有没有提示。"),
    "missing-section": _SECTION,
    "missing-disclosure": _SECTION,
    "missing-search": _SECTION,
    "missing-channel": _SECTION,
    "missing-service": _SECTION,
    "incomplete-disclosure-guide": say("打开政府信息公开指南，对照条例第十二条所列的内容逐项看。"),
    "missing-annual-report": _REPORT,
    "late-annual-report": _REPORT,
    "incomplete-annual-report": _REPORT,
    "missing-mark": _FOOT,
    "foreign-code": say("看首页底部和网页源代码中的网站标识码，与报备的标识码逐位相对。"),
    "wrong-domain": say("看浏览器地址栏的域名，与报备的域名相对。"),
    "missing-meta": say("打开问题页面，按 Ctrl+U 看网页源代码，按 Ctrl+F 查找所缺标签的名称，看有没有、有没有内容。"),
    "unanswered-message": _LETTERS,
    "incomplete-guide": _GUIDE,
    "vague-material": _GUIDE,
    "tampered-page": _SOURCE,
    "hidden-link": _SOURCE,
    "cloaked-page": say("先直接打开这个页面，再从搜索引擎搜索网站名称、点结果进入，看两次的标题和内容是不是一样。"),
    "exposed-identity": say(
        "打开问题页面或者附件，找到这一处，看是不是完整的证件号码、手机号码或者银行卡号。不要截图外传。"
    ),
    "wrong-word": say("打开问题页面，按 Ctrl+F 查找这个词，读上下文，看是写错了还是引用、专名。"),
    "weak-https": say("在浏览器地址栏输入 https:// 开头的首页地址，看有没有安全警告，点锁形图标看证书的单位和到期日。"),
    "missing-ipv6": say("在命令行运行 nslookup -type=AAAA 加上域名，看有没有地址；换一个域名服务器再试。"),
}
_ANY = say("打开问题地址和所在页，把“应为”“实为”与看到的逐项相对。")


def by_hand(rule: str) -> Message:
    """In a few steps; for a rule that is not ours, what holds for any."""
    return _BY_HAND.get(rule, _ANY)
