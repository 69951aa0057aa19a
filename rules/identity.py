"""Whose site is it? The marks of the home page, the META labels, and the domain the site is served from."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Annotated
from urllib.parse import urlsplit

from crawler import dates
from crawler.message import Message, say
from crawler.outcome import Outcome, Verdict
from crawler.page import LinkKind, Page, Role
from crawler.snapshot import NotGathered, Snapshot
from crawler.urls import same_site
from rules.engine.parameters import OneOf
from rules.engine.rule import Problem, rule
from rules.excerpt import excerpt
from rules.foot import CODE, Foot, Mark, known_marks, mark_of, plain, read_foot
from rules.page_links import is_file

_RETIRED = "121.43.68.40"
"""Former host of the 找错 entry; pages still link to it."""
_CURRENT = ("zfwzgl.www.gov.cn", "pucha.kaipuyun.cn")
_STUB = 4_096  # bytes
_ERROR_TITLE = re.compile(
    r"(?:^|\D)(?:404|500|502|503)(?:\D|$)|页面(?:不存在|未找到|找不到)|Not Found|出错了|错误页", re.IGNORECASE
)


@rule("missing-mark", each="site", needs={"home", "links"})
def missing_mark(snapshot: Snapshot, *, marks: list[Annotated[str, OneOf(known_marks)]]) -> Iterator[Problem]:
    """首页缺少应当列明的标识，或者标识有误。

    查什么：
        首页上有没有党政机关网站标识、“我为政府网站找错”入口、网站标识码、ICP备案编号、公安机关备案标识、主办单位、
        联系方式和站点地图（写法见 rules/words/marks.toml）；网站标识码格式是否正确，与登记的标识码、META 标签
        SiteIDCode 和找错入口中的标识码是否一致；找错入口是否指向已停用的地址、能否打开。
    为什么：
        《政府网站发展指引》（国办发〔2017〕47号）要求底部功能区列明上述内容；检查指标“网站标识”每缺1项扣分，
        找错入口缺失或不可用另行扣分。
    参数：
        marks：要检查的标识代号，见 rules/words/marks.toml。检查 code 时一并核对标识码，检查 jiucuo 时一并核对入口。
    例：
        首页没有网站标识码；META 标签 SiteIDCode 写的是另一个网站的标识码。
    改法：
        在首页底部补上缺少的标识；标识码以全国政府网站信息报送系统登记的为准；找错入口按“我为政府网站找错”平台
        现行代码重新添加。
    局限：
        标识由脚本写出而源代码中看不到的，转人工复核；标识是图片又没有替代文字的，可能看不到；不核对备案编号真伪。
    """
    wanted = [mark_of(key) for key in marks]
    home = snapshot.home
    foot = read_foot(home)
    asked = "jiucuo" in marks and not snapshot.saved
    outcomes = _entry_outcomes(snapshot) if asked else {}
    for mark in wanted:
        if mark.key == "code":
            yield from _code(home, foot, mark, snapshot)
        elif not foot.has(mark):
            yield _absent(home, foot, mark, saved=snapshot.saved)
        elif mark.key == "jiucuo":
            yield from _fault_entry(home, foot, mark, outcomes)


def _absent(home: Page, foot: Foot, mark: Mark, *, saved: bool) -> Problem:
    part = foot.partly(mark)
    hidden = foot.hides(mark)
    if part:
        found = say("只有“{text}”", text=excerpt(part, 40))
    elif hidden:
        found = say("网页源代码中没有，可能由脚本写出")
    else:
        found = say("网页源代码中没有")
    return Problem(
        at=home.url,
        message=say("首页未标明{mark}", mark=Message(mark.name)),
        excerpt=excerpt(part),
        certain=not (part or hidden or home.script_drawn or saved),
        expected=say("首页标明{mark}", mark=Message(mark.name)),
        found=found,
        key=mark.key,
    )


def _code(home: Page, foot: Foot, mark: Mark, snapshot: Snapshot) -> Iterator[Problem]:
    if not foot.codes and foot.malformed:
        yield Problem(
            at=home.url,
            message=say("首页标明的网站标识码格式不正确：{code}", code=excerpt(foot.malformed[0], 40)),
            excerpt=excerpt(foot.malformed[0]),
            expected=say("10位数字，或者bm加8位数字"),
            found=say("写的是{code}", code=excerpt(foot.malformed[0], 40)),
            key=mark.key,
        )
    elif not foot.codes:
        yield _absent(home, foot, mark, saved=snapshot.saved)

    places = tuple(
        (name, codes)
        for name, codes in (
            (say("首页底部"), foot.codes),
            (say("META标签SiteIDCode"), foot.meta_codes),
            (say("找错入口"), foot.fault_codes),
        )
        if codes
    )
    own = plain(snapshot.site.code)
    if CODE.fullmatch(own):
        foreign = [(name, codes) for name, codes in places if own not in codes]
        # The page agrees with itself against the register: perhaps the register is what is wrong.
        against = len(foreign) == len(places) and len({codes for _, codes in foreign}) == 1
        for name, codes in foreign[:1]:
            yield _foreign(home, name, codes[0], say("登记的标识码是{code}", code=own), certain=not against)
    elif len(places) > 1 and not set.intersection(*(set(codes) for _, codes in places)):
        name, codes = places[1]
        yield _foreign(
            home,
            name,
            codes[0],
            say("{place}的标识码是{code}", place=places[0][0], code=places[0][1][0]),
            certain=False,
        )


def _foreign(home: Page, place: Message, code: str, expected: Message, *, certain: bool) -> Problem:
    return Problem(
        at=home.url,
        message=say("{place}的网站标识码{code}与本网站不符：{expected}", place=place, code=code, expected=expected),
        excerpt=code,
        certain=certain,
        expected=expected,
        found=say("{place}写的是{code}", place=place, code=code),
        key="code-foreign",
    )


def _entry_outcomes(snapshot: Snapshot) -> dict[str, Outcome]:
    """What the 找错 entry's addresses answered: its page and its script, not its picture."""
    entry = mark_of("jiucuo")
    return {
        link.url: link.outcome
        for link in snapshot.links()
        if link.kind in (LinkKind.PAGE, LinkKind.ASSET) and any(p.search(link.url) for p in entry.address)
    }


def _fault_entry(home: Page, foot: Foot, mark: Mark, outcomes: Mapping[str, Outcome]) -> Iterator[Problem]:
    """The entry is there: does it lead anywhere?"""
    retired = any(_RETIRED in place for place in foot.where(mark))
    current = any(host in place for place in foot.where(mark) for host in _CURRENT)
    broken = [(url, o) for url, o in sorted(outcomes.items()) if o.verdict is Verdict.BROKEN]
    dead = bool(broken) and len(broken) == len(outcomes)
    if retired and not current:
        yield Problem(
            at=home.url,
            message=say("“我为政府网站找错”入口指向已停用的地址{host}", host=_RETIRED),
            excerpt=excerpt(next(place for place in foot.where(mark) if _RETIRED in place)),
            certain=dead,
            expected=say("入口指向 zfwzgl.www.gov.cn"),
            found=say("入口指向 {host}", host=_RETIRED),
            key=mark.key,
        )
    elif dead:
        url, outcome = broken[0]
        yield Problem(
            at=home.url,
            message=say(
                "“我为政府网站找错”入口打不开：请求{asked}次，{reason}", asked=outcome.asked, reason=outcome.reason
            ),
            excerpt=excerpt(url),
            expected=say("入口可以打开"),
            found=outcome.reason,
            key=mark.key,
        )


@rule("missing-meta", each="page")
def missing_meta(page: Page, *, required: dict[str, list[str]]) -> Iterator[Problem]:
    """页面缺少规定的 META 标签，或者标签内容为空、日期无法识别。

    查什么：
        首页、栏目页和内容页的 META 标签（不区分大小写）：有没有、内容是否为空、PubDate 是否是能识别的日期。
        其他页面只查网站标签；其他页面一个规定标签都没有的，视为不是本网站内容管理系统的页面，不检查。
    为什么：
        《政府网站发展指引》附件2《网页设计规范》规定了网站、栏目、内容三级标签；“页面标签不规范”是常见的通报问题。
    参数：
        required：页面种类对应的标签名称。种类为 site（各种页面都要有的网站标签）、home、column、article、other。
    例：
        内容页缺少 ContentSource，SiteIDCode 的内容为空。
    改法：
        在页面模板的 head 中补上缺少的标签并填写内容；PubDate 写成“2026-11-24 09:30”的形式。
    局限：
        只看有没有内容，不看内容是否属实；栏目页、内容页上一个规定标签都没有的，可能属于另一个系统，转人工复核。
    """
    names = tuple(dict.fromkeys((*required.get("site", ()), *required.get(page.role.value, ()))))
    if not names or not (page.answer.ok or is_file(page.answer)) or _ERROR_TITLE.search(page.title):
        return
    all_names = {name.lower() for group in required.values() for name in group}
    bare = not any(name in page.metas for name in all_names)
    if bare and page.role is Role.OTHER:
        return
    missing = [name for name in names if name.lower() not in page.metas]
    empty = [name for name in names if name.lower() in page.metas and not page.meta(name)]
    published = page.meta("PubDate") if "pubdate" in (name.lower() for name in names) else ""
    malformed = bool(published) and not _is_date(published, page)
    if not (missing or empty or malformed) or _sends_on(page):
        return
    sure = not (page.script_drawn or (bare and page.role is not Role.HOME))
    yield Problem(
        at=page.url,
        message=_meta_message(tuple(missing), tuple(empty), excerpt(published, 40) if malformed else None),
        excerpt=excerpt(page.title),
        certain=sure,
        column=page.column or None,
        expected=say("有这些META标签并填写内容：{names}", names=names),
    )


def _sends_on(page: Page) -> bool:
    """Next to nothing stands on the page but where it sends its reader."""
    return page.answer.size < _STUB and page.document.client_redirect() is not None


def _meta_message(missing: tuple[str, ...], empty: tuple[str, ...], date: str | None) -> Message:
    """`date`: a PubDate that is none."""
    if date is not None and (missing or empty):
        return say("{rest}；PubDate的内容“{date}”不能识别为日期", rest=_meta_message(missing, empty, None), date=date)
    if date is not None:
        return say("META标签PubDate的内容“{date}”不能识别为日期", date=date)
    if missing and empty:
        return say("缺少META标签{missing}；META标签{empty}的内容为空", missing=missing, empty=empty)
    if missing:
        return say("缺少META标签{missing}", missing=missing)
    return say("META标签{empty}的内容为空", empty=empty)


@rule("wrong-domain", each="site", needs={"home", "pages"})
def wrong_domain(snapshot: Snapshot, *, suffixes: list[str] = [".gov.cn", ".政务"]) -> Iterator[Problem]:  # noqa: B006 - read only
    """网站域名不符合规定，或者与 META 标签标明的域名不一致。

    查什么：
        首页最终打开时的域名是否以规定的后缀结尾；META 标签 SiteDomain 标明的域名是不是这个域名；其他页面的 SiteDomain
        标明的是不是另一个网站的域名。
    为什么：
        国办函〔2018〕55号规定政府网站使用以 .gov.cn 为后缀的英文域名和以 .政务 为后缀的中文域名，不得使用其他后缀；
        首页从别的域名打开，可能是假冒网站、域名被冒用或者登记的网址已变更。
    参数：
        suffixes：允许的域名后缀。
    例：
        首页 www.yunling.gov.cn 跳转到了 www.yunling.com。
    改法：
        改用规定后缀的域名，并更新报备信息；域名属实而 SiteDomain 写错的，改正 META 标签。
    局限：
        按IP地址或者本机地址检查的（例如检查副本）、SiteDomain 写的是同一单位的上级或下级域名的，转人工复核。首页以外的
        页面，每个不符的域名只列一个页面，可能是照搬了别的网站的网页或者模板，也转人工复核；写上级或下级域名的不算。
    """
    home = snapshot.home
    if snapshot.saved:
        raise NotGathered(say("检查的是保存的网页，不知道网站的域名"))
    host = _unicode_host(home.url)
    copy = _is_copy(host)
    if not any(host.endswith(suffix) for suffix in map(_dotted, suffixes)):
        yield Problem(
            at=home.url,
            message=say("网站域名{host}不是规定的后缀", host=excerpt(host, 80)),
            certain=not copy,
            expected=say("域名以{suffixes}结尾", suffixes=tuple(suffixes)),
            found=say("首页的域名是{host}", host=excerpt(host, 80)),
            key="suffix",
        )
    stated = _stated_domains(home)
    if stated and _bare(host) not in map(_bare, stated):
        related = any(same_site(home.url, f"http://{other}/") for other in stated)
        told = tuple(excerpt(domain, 80) for domain in stated[:3])
        yield Problem(
            at=home.url,
            message=say("网站从{host}打开，META标签SiteDomain标明的是{stated}", host=excerpt(host, 80), stated=told),
            excerpt=excerpt(home.meta("SiteDomain")),
            certain=not (copy or related),
            expected=say("SiteDomain与网站域名一致"),
            found=say("SiteDomain写的是{stated}", stated=told),
            key="site-domain",
        )
    if not copy:
        yield from _other_domains(snapshot, stated)


def _other_domains(snapshot: Snapshot, known: tuple[str, ...]) -> Iterator[Problem]:
    """Pages behind the home page that say they are another site's. `known`: what is told of the home page itself."""
    home, places = snapshot.home, dict[str, list[str]]()
    for page in snapshot.pages():
        stated = () if page.url == home.url else _stated_domains(page)
        if stated and not any(other in known or same_site(page.url, f"http://{other}/") for other in stated):
            places.setdefault(stated[0], []).append(page.url)
    for other, urls in places.items():
        told = excerpt(other, 80)
        yield Problem(
            at=min(urls),
            message=say(
                "{count}个页面的META标签SiteDomain标明的是另一个网站的域名{stated}", count=len(urls), stated=told
            ),
            excerpt=told,
            certain=False,
            expected=say("SiteDomain与网站域名一致"),
            found=say("SiteDomain写的是{stated}", stated=told),
            key=f"site-domain {other}",
        )


def _is_date(text: str, page: Page) -> bool:
    return dates.read(text, fetched_at=page.answer.at) is not None


def _unicode_host(url: str) -> str:
    """The host in lower case, a Chinese domain in Chinese characters."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    labels = []
    for label in host.split("."):
        try:
            labels.append(label.encode("ascii").decode("idna") if label.startswith("xn--") else label)
        except UnicodeError:
            labels.append(label)
    return ".".join(labels).lower()


def _stated_domains(home: Page) -> tuple[str, ...]:
    """The hosts that SiteDomain names: one or several, with or without scheme and path."""
    found = []
    for content in home.metas.get("sitedomain", ()):
        for part in re.split(r"[\s,;|、]+", plain(content)):
            host = re.sub(r"^[a-z]+:/*", "", part).split("/")[0].partition(":")[0].strip(".")
            if "." in host and re.fullmatch(r"[\w.-]+", host):
                found.append(_unicode_host(f"http://{host}"))
    return tuple(dict.fromkeys(found))


def _bare(host: str) -> str:
    return host.removeprefix("www.")


def _dotted(suffix: str) -> str:
    return suffix if suffix.startswith(".") else f".{suffix}"


def _is_copy(host: str) -> bool:
    """The operator looks at a copy on this machine or network, not at the public site."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".test", ".internal", ".example"))
    return True
