"""What a page shows to search engines and keeps from people. The asking is done in the crawler; here it is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from crawler.guise import OTHERS, Appearance, Guise, Looks
from crawler.message import Message, say
from crawler.page import Answer, Landing, Page
from crawler.snapshot import NotGathered
from crawler.urls import host, is_government, same_site
from rules.engine.rule import Problem, rule
from rules.excerpt import excerpt
from rules.injected import in_text, in_title, may_say, speaks_of_crime
from rules.integrity import is_familiar_host
from rules.targets import taken

_SEVERAL = 3  # words in a text, or other sites: fewer may be chance
_FULL = 200  # characters of a page that is more than a notice
_MOST = 0.5  # of a page's text: then it is another page
_ALIKE = 0.3  # titles that share less than this are not two forms of one
_WORD = 40
_SHOWN = 3
_WHO: Mapping[Guise, Message] = {
    Guise.SPIDER: say("百度蜘蛛"),
    Guise.SEARCHER: say("从百度搜索点入的访问者"),
}


@dataclass(frozen=True, slots=True)
class _Finding:
    what: Message
    excerpt: str
    certain: bool


@rule("cloaked-page", each="page", needs={"guises"})
def cloaked_page(page: Page, *, decide: bool = True) -> Iterator[Problem]:
    """页面给搜索引擎看的内容与给公众看的不同。

    查什么：
        首页和两个内页，分别以本程序的名义、以百度蜘蛛的名义、以从百度搜索点入的访问者的名义访问，比较最终打开的网站、
        标题、META 关键词和描述、指向和引用的外部网站、正文。计数、日期、先后顺序不同的不算；有不同的都再访问一次，
        两次都不同才提出。
    为什么：
        检查指标“安全、泄密事故等严重问题”：页面被挂马、内容被篡改没有及时有效处置造成严重安全事故的，单项否决。入侵者
        常常只让搜索引擎、或者只让从搜索引擎点入的人看到博彩、色情内容，直接输入网址打开时一切正常，所以单位自己往往
        发现不了。
    参数：
        decide：false 时一律转人工复核，用于必须由人判定的指标。
    例：
        公众看到的标题是“云岭县人民政府”，百度蜘蛛看到的是“某某体育官网入口”；从百度搜索点入就被转到棋牌网站。
    改法：
        检查网站程序、服务器配置和统计脚本中按访问者来源或名称（User-Agent、Referer）判断的代码，查清入侵途径并修补，
        从备份恢复；请搜索引擎删除快照。
    局限：
        只在全站检查时，或者设置中写明 cloaking = "always" 时访问。含有博彩、色情字样或者转到这类网站的才算确定，其余转
        人工复核；给搜索引擎看的内容多于公众看到的脚本页面（预渲染）不算。按 IP 地址识别蜘蛛的、只对手机或者某些地区
        这样做的看不出来；防火墙拒绝的不作判断。
    """
    if page.saved:
        raise NotGathered(say("检查的是保存的网页，不知道网站给搜索引擎看的是什么"))
    if not page.appearances:
        raise NotGathered(say("本次检查没有以搜索引擎的名义访问网页"))
    own = _shown(page.appearances, Guise.SELF)
    unknown: Message | None = None
    suspicion: Problem | None = None
    for guise in OTHERS:
        asked = [each for each in page.appearances if each.guise is guise]
        refused = next((each.refused for each in asked if each.refused is not None), None)
        if refused is not None or not asked:
            why = refused or say("没有访问")
            unknown = unknown or say("以{who}的名义访问：{why}", who=_WHO[guise], why=why)
        if len(asked) < 2 or refused is not None:
            continue
        seen = _shown(page.appearances, guise)
        if len(own) < 2:
            unknown = unknown or say("再次访问时没有取得网页，不能确定")
        elif (found := next(_differences(own, seen), None)) is not None:
            proof = replace(asked[-1].answer, times=len(asked))
            problem = _problem(page, guise, found, proof, certain=decide and found.certain)
            if problem.certain:
                yield problem
                return
            suspicion = suspicion or problem
        elif _is_notice(own, seen):
            unknown = unknown or say("以{who}的名义访问：只有简短的提示", who=_WHO[guise])
    if suspicion is not None:
        yield suspicion
    elif unknown is not None:
        raise NotGathered(unknown)


def _shown(appearances: Sequence[Appearance], guise: Guise) -> list[Looks]:
    return [each.looks for each in appearances if each.guise is guise and each.refused is None]


def _problem(page: Page, guise: Guise, found: _Finding, proof: Answer, *, certain: bool) -> Problem:
    return Problem(
        at=page.url,
        message=say("{who}看到的与公众看到的不同：{what}", who=_WHO[guise], what=found.what),
        excerpt=found.excerpt,
        certain=certain,
        expected=say("搜索引擎和公众看到同样的内容"),
        found=found.what,
        proof=proof,
    )


def _differences(own: Sequence[Looks], seen: Sequence[Looks]) -> Iterator[_Finding]:
    """What all of `seen` show and none of `own`, the worst first."""
    told = [finding for check in _CHECKS for finding in check(own, seen)]
    yield from sorted(told, key=lambda finding: not finding.certain)


def _elsewhere(own: Sequence[Looks], seen: Sequence[Looks]) -> Iterator[_Finding]:
    """They are sent to another site."""
    ends = [look.onward or look.url for look in seen]
    known = [place for look in own for place in (look.url, look.onward) if place]
    if any(same_site(end, place) or is_government(host(end)) for end in ends for place in known):
        return
    end, last = ends[-1], seen[-1]
    landing = Landing(end) if last.onward else Landing(end, last.title, "\n".join(last.lines.values()))
    vice = taken(known[0], landing)
    name = excerpt(host(end), 60)
    if vice is not None:
        what, words, certain = vice
        yield _Finding(say("打开的是{what}（{host}）", what=what, host=name), excerpt(words), certain)
    else:
        yield _Finding(say("打开的是另一个网站 {host}", host=name), excerpt(last.title or end), certain=False)


def _words(own: Sequence[Looks], seen: Sequence[Looks]) -> Iterator[_Finding]:
    """They read words of betting and pornography."""
    heads = [_said(look) for look in seen]
    known = {word for look in own for word in _said(look)}
    for word, (around, strong) in heads[-1].items():
        if word not in known and all(word in head for head in heads):
            what = say("标题、关键词或者描述中有博彩、色情等字样“{word}”", word=excerpt(word, _WORD))
            yield _Finding(what, excerpt(around), strong)
    lines = "\n".join(_new_lines(own, seen).values())
    if speaks_of_crime(seen[-1].title):
        return
    told = list(in_text(lines))
    if told:
        what = say("正文中有博彩、色情等字样“{word}”，共{count}处", word=excerpt(told[0].word, _WORD), count=len(told))
        yield _Finding(what, excerpt(told[0].around), len(told) >= _SEVERAL)


def _said(look: Looks) -> dict[str, tuple[str, bool]]:
    """Each such word in the title and the labels → what stands around it, and whether it means nothing else."""
    heads = (look.title, *look.labels)
    if not may_say("\n".join(heads)):
        return {}
    return {s.word: (s.around, s.strong) for head in heads for s in in_title(head)}


def _sites(own: Sequence[Looks], seen: Sequence[Looks]) -> Iterator[_Finding]:
    """They are led to other sites, or given others' scripts."""
    known = {name for look in own for name in (*look.leads, *look.loads)}
    leads = {name: text for name, text in seen[-1].leads.items() if all(name in look.leads for look in seen)}
    leads = {name: text for name, text in leads.items() if name not in known and not _is_known(name)}
    vice = {name: text for name, text in leads.items() if may_say(text) and any(in_title(text))}
    if vice or (len(leads) >= _SEVERAL and _is_full(own)):
        names = tuple(excerpt(name, 60) for name in (vice or leads))[:_SHOWN]
        what = say("多出{count}个外部网站的链接，如 {hosts}", count=len(leads), hosts=names)
        words = "；".join(f"{text} {name}".strip() for name, text in (vice or leads).items())
        yield _Finding(what, excerpt(words), bool(vice))
    loads = [name for name in seen[-1].loads if all(name in look.loads for look in seen)]
    loads = sorted(name for name in loads if name not in known and not _is_known(name))
    if loads:
        names = tuple(excerpt(name, 60) for name in loads[:_SHOWN])
        what = say("多出外部网站 {hosts} 的脚本或者框架", hosts=names)
        yield _Finding(what, excerpt("；".join(loads)), certain=False)


def _title(own: Sequence[Looks], seen: Sequence[Looks]) -> Iterator[_Finding]:
    """They read another title."""
    if _is_notice(own, seen):
        return
    titles, known = [look.title for look in seen], [look.title for look in own]
    if all(titles) and all(known) and max(_alike(a, b) for a in titles for b in known) < _ALIKE:
        what = say("标题是“{title}”", title=excerpt(titles[-1], _WORD))
        yield _Finding(what, excerpt(titles[-1]), certain=False)


def _alike(a: str, b: str) -> float:
    return SequenceMatcher(None, a[:200], b[:200], autojunk=False).ratio()


def _text(own: Sequence[Looks], seen: Sequence[Looks]) -> Iterator[_Finding]:
    """They read another text. More than a person reads is no fault: pages that scripts draw are drawn for robots."""
    if not (_is_full(own) and _is_full(seen)):
        return
    new, lost = _new_lines(own, seen), _new_lines(seen, own)
    if _size(new) >= _MOST * _size(seen[-1].lines) and _size(lost) >= _MOST * _size(own[-1].lines):
        words = next(iter(new.values()))
        yield _Finding(say("正文是另外的内容"), excerpt(words), certain=False)


_CHECKS = (_elsewhere, _words, _sites, _title, _text)


def _new_lines(own: Sequence[Looks], seen: Sequence[Looks]) -> dict[str, str]:
    known = [look.lines for look in own]
    shared = (item for item in seen[-1].lines.items() if all(item[0] in look.lines for look in seen))
    return {plain: line for plain, line in shared if not any(plain in lines for lines in known)}


def _size(lines: Mapping[str, str]) -> int:
    return sum(map(len, lines))


def _is_full(shown: Sequence[Looks]) -> bool:
    return all(_size(look.lines) >= _FULL for look in shown)


def _is_notice(own: Sequence[Looks], seen: Sequence[Looks]) -> bool:
    """A short page instead of a long one: a wall that does not say so by its status."""
    return _is_full(own) and not any(_size(look.lines) >= _FULL for look in seen)


def _is_known(name: str) -> bool:
    return is_government(name) or is_familiar_host(name)
