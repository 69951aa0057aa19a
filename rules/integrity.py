"""What intruders leave in a page: words of betting and pornography, and links that readers are not to see."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from crawler.hidden import Hidden, How, hidden_links
from crawler.message import Message, say
from crawler.page import Page
from crawler.urls import host, same_site
from rules.engine.rule import Problem, rule
from rules.excerpt import excerpt
from rules.injected import Sighting, in_text, in_title, may_say, speaks_of_crime, traces
from rules.lexicon import terms

_OFFICE = r"(?:人民)?政府|政务|(?:[省市区县州盟旗镇乡]|街道)(?:人民政府|政府|委|局|办)|管理委员会|管委会"
_SEVERAL = 3
"""So often an official text does not name a betting house."""
_WORD = 40
_SHOWN = 3  # links told of
_COVERT = frozenset({How.SIZE, How.POSITION, How.MARQUEE, How.CODED})
"""Ways of hiding that no menu, tab or pop-up needs."""
_HOW: Mapping[How, Message] = {
    How.NONE: say("用样式设为不显示"),
    How.SHEET: say("用样式表设为不显示"),
    How.SIZE: say("字号或者尺寸接近零"),
    How.POSITION: say("移到了屏幕以外"),
    How.MARQUEE: say("放在看不清的滚动条里"),
    How.NOSCRIPT: say("放在 noscript 里"),
    How.SCRIPT: say("由脚本设为不显示"),
    How.CODED: say("由编码过的脚本写出"),
    How.GATE: say("由脚本按访问者的浏览器或来源转去"),
}
# How the names of bodies end that a list of friendly links may hold in a folded part.
_BODY = re.compile(
    r"(?:网|网站|报|报社|日报|晚报|局|厅|委|会|院|所|校|学校|大学|银行|公司|集团|台|馆|中心|频道|政府|学会|协会|联合会|医院|联通|移动|电信|邮政"
    r"|微博|微信|公众号|客户端|站|园|论坛|博客|图书馆|办|处|部|署|社|库|图标|统计|分享|二维码)$"
)


def _traces(_: Mapping[str, Any]) -> frozenset[str]:
    return traces()


@rule("tampered-page", each="page", terms=_traces)
def tampered_page(page: Page, *, decide: bool = True) -> Iterator[Problem]:
    """页面中有博彩、色情等字样，疑被篡改。

    查什么：
        标题、META 关键词和描述里有没有博彩品牌、博彩玩法、色情、虚假钱包的字样；正文里有没有这样的字样紧挨着“人民政府”
        “区”“市”“局”，或者反复出现。字样见 rules/words/tampering.toml。同一句里说的是查处赌博、扫黄打非、反诈、
        彩票公益金的，不算；一个页面的标题说的是这些的，正文也不算。
    为什么：
        检查指标“安全、泄密事故等严重问题”：页面被挂马、内容被篡改没有及时有效处置造成严重安全事故的，单项否决。入侵者把标题和
        地名换成博彩网站的名称，让搜索引擎把它排在前面，打开网页往往看不出来。
    参数：
        decide：false 时一律转人工复核，用于必须由人判定的指标。
    例：
        年度报告的标题和正文中，“云岭县人民政府”都成了“某某体育人民政府”。
    改法：
        立即下线被改的页面，从备份恢复，查清入侵途径并修补；按网络安全事件的规定报告；请搜索引擎删除快照。
    局限：
        只认名单上的字样，新的品牌名要补进名单。图片、视频和脚本写出的内容看不到。只给搜索引擎看的内容要另外检查。
        正文中只出现一两次的，可能是正常报道，转人工复核；标题中只有可疑的搭配（如“体育”和“官网入口”）的，也转人工复核。
    """
    heads = [("title", page.title), *((name, page.meta(name)) for name in ("keywords", "description"))]
    suspect = may_say("\n".join(text for _, text in heads))
    seen = [(name, sighting) for name, text in heads for sighting in in_title(text)] if suspect else []
    places = {"title": say("标题"), "keywords": say("META 关键词"), "description": say("META 描述")}
    seen.sort(key=lambda each: not each[1].strong)
    if seen:
        name, sighting = seen[0]
        yield Problem(
            at=page.url,
            message=say(
                "{place}中有博彩、色情等字样“{word}”，疑被篡改", place=places[name], word=excerpt(sighting.word, _WORD)
            ),
            excerpt=excerpt(sighting.around),
            certain=decide and sighting.strong and not page.saved,
            expected=say("标题、关键词和描述与页面内容相符"),
            found=say("出现“{word}”", word=excerpt(sighting.word, _WORD)),
        )
        return
    if not page.terms(traces()) or speaks_of_crime(page.title):
        return
    found = list(in_text(page.text))
    beside = next((s for s in found if _is_beside_office(s)), None)
    if not found:
        return
    first = beside or found[0]
    yield Problem(
        at=page.url,
        message=say(
            "正文中有博彩、色情等字样“{word}”，共{count}处，疑被篡改",
            word=excerpt(first.word, _WORD),
            count=len(found),
        ),
        excerpt=excerpt(first.around),
        certain=decide and (beside is not None or len(found) >= _SEVERAL) and not page.saved,
        expected=say("正文中没有博彩、色情等字样"),
        found=say("出现“{word}”等{count}处", word=excerpt(first.word, _WORD), count=len(found)),
    )


def _is_beside_office(sighting: Sighting) -> bool:
    """The word stands where the name of a place should: bet365区人民政府."""
    return re.search(rf"{re.escape(sighting.word)}\w{{0,4}}?(?:{_OFFICE})", sighting.around.lower()) is not None


@rule("hidden-link", each="page")
def hidden_link(page: Page) -> Iterator[Problem]:
    """页面藏有指向外部网站的链接（暗链）。

    查什么：
        指向外部网站、而读者看不见的链接：样式设为不显示，字号或尺寸接近零，移到屏幕以外，放在飞快滚动或一个像素高的滚动条里，
        放在 noscript 里，由编码过的脚本（字符编码、Base64、打包）写出，或者由脚本按访问者的浏览器、搜索来源转去。
        注释里的不是链接；指向本网站、政府网站和 rules/words/familiar_hosts.txt 中网站（统计、分享、新闻媒体等）的不算，
        所以折叠的菜单有几百个链接也不算。
    为什么：
        暗链是网站被入侵的痕迹，让搜索引擎以为政府网站在推荐博彩、色情网站。
    参数：
        无。
    例：
        页脚的一个区域设为 display:none，里面是三个棋牌网站的链接。
    改法：
        删除这些链接或脚本，查清入侵途径并修补，检查同一模板的其他页面。
    局限：
        链接文字是博彩、色情字样的，或者用菜单用不着的办法藏了三个以上外部网站的，才算确定；其他的可能是折叠的友情链接
        或者弹窗，转人工复核。由单独的样式表文件隐藏的，要么有博彩、色情字样，要么用菜单用不着的办法藏了三个以上外部
        网站，才提出，后者转人工复核；样式表中只看最简单的选择符（一个类名或者标识），外部网站的样式表不看。
    """
    sheets = page.concealed
    if not (page.hides or sheets):
        return
    told = [link for link in hidden_links(page.document, page.url, sheets) if not _is_familiar(link, page)]
    worst = [link for link in told if may_say(link.text) and any(in_title(link.text))]
    by_sheet = [link for link in told if link.linked and link.how in _COVERT]
    many = len({host(link.url) for link in by_sheet}) >= _SEVERAL
    found = [link for link in told if not link.linked or link in worst or (many and link in by_sheet)]
    if not found:
        return
    covert = {host(link.url) for link in found if link.how in _COVERT and not link.linked}
    first = (worst or sorted(found, key=lambda link: link.how not in _COVERT))[0]
    names = tuple(dict.fromkeys(host(link.url) for link in (first, *found)))
    yield Problem(
        at=page.url,
        message=say(
            "页面藏有{count}个指向外部网站的链接，如 {host}（{how}）",
            count=len(found),
            host=excerpt(names[0], 60),
            how=_HOW[first.how],
        ),
        excerpt=excerpt("；".join(f"{link.text} {host(link.url)}".strip() for link in (first, *found)[: _SHOWN + 1])),
        certain=bool(worst or len(covert) >= _SEVERAL) and not page.saved,
        expected=say("外部链接都能看见"),
        found=say(
            "有{count}个看不见，指向{hosts}", count=len(found), hosts=tuple(excerpt(n, 60) for n in names[:_SHOWN])
        ),
    )


def _is_familiar(link: Hidden, page: Page) -> bool:
    if same_site(link.url, page.url) or is_familiar_host(host(link.url)):
        return True
    # A folded list of friendly links: the names of bodies, not of wares.
    folded = link.how not in _COVERT and link.how is not How.GATE
    return folded and not may_say(link.text) and _BODY.search(link.text) is not None


def is_familiar_host(name: str) -> bool:
    """A host that pages of government sites lead to for good reasons."""
    known = any(name == each or name.endswith(f".{each}") for each in terms("familiar_hosts"))
    return known or name.endswith((".edu.cn", ".mil.cn", ".cas.cn"))
