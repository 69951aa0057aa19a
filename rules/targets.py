"""Where links lead: to places that nobody outside can reach, to domains that have changed hands, out of the site.
The asking is done in the crawler; here it is told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from crawler.message import Message, say
from crawler.outcome import Verdict
from crawler.page import Landing, Link, LinkKind, Page
from crawler.snapshot import Snapshot
from crawler.urls import domain, host, is_government, looks_private
from rules.engine.rule import Problem, rule
from rules.excerpt import excerpt
from rules.injected import in_text, in_title, may_say, speaks_of_crime
from rules.lexicon import table, terms

_SHORT = 600  # characters of text: a page that says little more than that its domain is for sale
_PROMPT = re.compile(
    r"(?:离开|跳出|退出)(?:本|该|此|当前)?(?:网站|站|网|页面|政府网站)|(?:即将|将要|将会|正在|是否|确[定认](?:要)?)\s*(?:离开|跳转|前往|访问外部)|"
    r"非(?:本站|本网站|政府网站)(?:的)?(?:链接|网站|内容)|(?:外部|第三方|站外)(?:链接|网站)|不(?:在|属于)(?:本|该)(?:网)?站"
)
_HANDLER = re.compile(
    r"confirm|alert|leave|exit|jump|outlink|prompt|tishi|tiaozhuan|likai|离开|跳转|提示", re.IGNORECASE
)
_PROMPT_SCRIPT = re.compile(
    r"leave|exlink|outlink|out_?side|external|jump|tiaozhuan|likai|lz_?tz|wailian", re.IGNORECASE
)


@rule("private-link", each="link")
def private_link(link: Link) -> Iterator[Problem]:
    """链接指向内部网络地址，公众打不开。

    查什么：
        链接、图片、附件的地址是不是本机（localhost、127.0.0.1）或内部网络（10.×、172.16至172.31.×、192.168.×等）地址，
        或者域名只能解析到这样的地址。程序不访问这些地址。
    为什么：
        这样的链接只有在单位内部网络中才可能打开，多为编辑时从内部系统复制而来，既打不开，又暴露内部网络地址。
    参数：
        无。
    例：
        通知中附件“申请表.doc”的地址是 http://192.168.1.20/upload/1.doc。
    改法：
        把文件上传到本网站，链接改为公开地址；内部系统的入口从公开页面上删除。
    局限：
        域名在检查所用的网络中解析到内部地址、在外面却能打开的情况也有，所以写域名的转人工复核；
        被检查的网站本身就在内部网络中的，也转人工复核。
    """
    if link.outcome.verdict is not Verdict.PRIVATE:
        return
    name = host(link.url)
    yield Problem(
        at=link.url,
        on=link.on,
        message=say(
            "链接“{name}”指向内部网络地址{host}，公众打不开",
            name=excerpt(link.text, 60) or excerpt(link.raw, 60),
            host=excerpt(name, 60),
        ),
        excerpt=excerpt(link.text or link.raw),
        certain=looks_private(link.url) is not None and looks_private(link.on) is None,
        expected=say("链接指向公众可以访问的地址"),
        found=say("地址是{host}", host=excerpt(name, 60)),
    )


@rule("hijacked-link", each="link", needs={"landings"})
def hijacked_link(link: Link) -> Iterator[Problem]:
    """外部链接的域名已经易主：现在是赌博、色情、停放或者待售的页面。

    查什么：
        指向其他网站的链接，最后落到什么主机、那里的标题和文字是什么：是不是域名停放、出售的页面，是不是赌博、色情网站。
        每个外部主机看一个网页。词表是 rules/words/parked.toml 和 tampering.toml。
    为什么：
        检查指标“安全、泄密事故等严重问题”列有发布或链接反动、暴力、色情等内容；以前正常的外部网站，域名到期后被人抢注，
        链接就指向了赌博或者广告页面，通报中多次点名。
    参数：
        无。
    例：
        友情链接“云岭旅游网”打开后是“本域名正在出售”。
    改法：
        立即撤下链接；定期检查所有外部链接现在是什么网站。
    局限：
        跳转到域名买卖平台的、标题说得明白的才算确定，其余转人工复核。只看服务器返回的文字，用脚本或者按来访者显示不同内容的看不出来；
        拒绝程序访问的不作判断。
    """
    landing = link.look() if link.kind is LinkKind.PAGE and link.outcome.verdict is Verdict.OK else None
    if landing is None:
        return
    told = taken(link.url, landing)
    if told is None:
        return
    what, excerpted, certain = told
    yield Problem(
        at=link.url,
        on=link.on,
        message=say(
            "链接“{name}”现在打开的是{what}（{host}）",
            name=excerpt(link.text, 60) or excerpt(link.raw, 60),
            what=what,
            host=excerpt(host(landing.url), 60),
        ),
        excerpt=excerpt(excerpted),
        certain=certain,
        expected=say("链接指向原来的网站"),
        found=what,
    )


_PARKED = say("域名停放或者出售的页面")
_VICE = say("疑似赌博或者色情网站")
_MANY = 4  # different words of betting and pornography in what stands there


def taken(url: str, landing: Landing) -> tuple[Message, str, bool] | None:
    """What the domain of `url` has become, seen from where it leads; by which words, and whether that is beyond doubt.

    None when nothing is wrong.
    """
    name = host(landing.url)
    lists: Mapping[str, Any] = table("parked")
    if name != host(url) and _is_one_of(name, lists["hosts"]):
        return _PARKED, landing.title or name, True
    if is_government(name):
        return None
    return _parked(landing, lists) or _vice(landing, lists)


def _parked(landing: Landing, lists: Mapping[str, Any]) -> tuple[Message, str, bool] | None:
    brief = len(landing.text) <= _SHORT
    if _said(landing.title, lists["titles"]):
        return _PARKED, landing.title, brief
    sold = _said(landing.text, lists["texts"]) if brief else set()
    return (_PARKED, "、".join(sorted(sold)), False) if sold else None


def _vice(landing: Landing, lists: Mapping[str, Any]) -> tuple[Message, str, bool] | None:
    title, text = landing.title, landing.text
    if _said(title, lists["lottery_offices"]) or speaks_of_crime(title):
        return None
    seen = list(in_title(title)) if may_say(title) else []
    words = _said(title, lists["vice"])
    if seen or words - set(lists["weak"]) or len(words) > 1:
        return _VICE, title, len(words) > 1 or any(sighting.strong for sighting in seen)
    words = _said(text, lists["vice"]) | {sighting.word for sighting in in_text(text)}
    if len(words) < _MANY or speaks_of_crime(text):
        return None
    return _VICE, "、".join(sorted(words)[:_MANY]), False


def _is_one_of(name: str, hosts: list[str]) -> bool:
    return any(name == known or name.endswith(f".{known}") for known in hosts)


def _said(text: str, phrases: list[str]) -> set[str]:
    low = text.lower()
    return {phrase for phrase in phrases if phrase in low}


@rule("unannounced-exit", each="site", needs={"links", "pages"})
def unannounced_exit(snapshot: Snapshot) -> Iterator[Problem]:
    """打开非政府网站的链接时没有提示。

    查什么：
        指向非政府网站（域名不是 .gov.cn、.政务）的链接，链接上、所在的页面上有没有离开本网站的提示。
        每个外部主机只提示一次；政府网站必须放置的标识、举报入口等不查（rules/words/no_exit_prompt.txt）。
    为什么：
        《政府网站发展指引》（国办发〔2017〕47号）要求打开非政府网站链接时应有提示信息。
    参数：
        无。
    例：
        友情链接“云岭旅游网”（www.yunlinglvyou.com）直接打开，没有“您将离开本网站”的提示。
    改法：
        在网站模板中给非政府网站的链接统一加上离开本网站的提示。
    局限：
        提示多由脚本弹出，源代码中不一定看得到，所以总是转人工复核；页面或者脚本中有提示字样的，当作有提示。
    """
    exits: dict[str, Link] = {}
    for link in snapshot.links():
        if not link.internal and link.kind is LinkKind.PAGE and link.outcome.verdict in _OPENS:
            name = host(link.url)
            if name and not is_government(name) and not _is_one_of(name, list(terms("no_exit_prompt"))):
                # The smallest address: the order of visiting must not change what the finding is known by.
                outside = domain(name) or name
                exits[outside] = min(exits.get(outside, link), link, key=lambda one: one.url)
    announcing: dict[str, bool] = {}
    for link in exits.values():
        page = snapshot.page(link.on)
        if page is None:
            continue
        if link.on not in announcing:
            announcing[link.on] = _announces(page)
        if announcing[link.on] or _asks(page, link.raw):
            continue
        yield Problem(
            at=link.url,
            on=link.on,
            message=say(
                "链接“{name}”指向非政府网站{host}，没有看到离开本网站的提示",
                name=excerpt(link.text, 60) or excerpt(link.raw, 60),
                host=excerpt(host(link.url), 60),
            ),
            excerpt=excerpt(link.text or link.raw),
            certain=False,
            expected=say("打开以前有离开本网站的提示"),
            found=say("源代码中没有提示"),
        )


_OPENS = (Verdict.OK, Verdict.BLOCKED, Verdict.UNSURE)


def _announces(page: Page) -> bool:
    """The page's words or scripts speak of leaving, or a script is called so: then links may well be announced."""
    if _PROMPT.search(page.text):
        return True
    scripts = page.document.root.select("script")
    return any(
        _PROMPT_SCRIPT.search((s.attr("src") or "").rpartition("/")[2]) or _PROMPT.search(s.text) for s in scripts
    )


def _asks(page: Page, raw: str) -> bool:
    """The link has a handler of its own that asks or tells."""
    for node in page.document.root.select("a[onclick]"):
        if (node.attr("href") or "").strip() == raw.strip() and _HANDLER.search(node.attr("onclick") or ""):
            return True
    return False
