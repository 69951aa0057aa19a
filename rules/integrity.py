"""What intruders leave in a page: words of betting and pornography, and links that readers are not to see."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from crawler.message import say
from crawler.page import Page
from rules.engine.rule import Problem, rule
from rules.excerpt import excerpt
from rules.injected import Sighting, in_text, in_title, may_say, speaks_of_crime, strong

_OFFICE = r"(?:人民)?政府|政务|(?:[省市区县州盟旗镇乡]|街道)(?:人民政府|政府|委|局|办)|管理委员会|管委会"
_SEVERAL = 3
"""So often an official text does not name a betting house."""
_WORD = 40


def _strong(_: Mapping[str, Any]) -> frozenset[str]:
    return strong()


@rule("tampered-page", each="page", terms=_strong)
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
    if not page.terms(strong()) or speaks_of_crime(page.title):
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
