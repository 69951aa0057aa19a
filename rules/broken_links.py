"""Links, attachments and images that do not open. The judging is done in `crawler/outcome.py`; here it is told."""

from __future__ import annotations

from collections.abc import Iterator

from crawler.message import Message, say
from crawler.outcome import Verdict
from crawler.page import Link, LinkKind
from crawler.snapshot import Snapshot
from crawler.urls import authority
from rules.engine.rule import Problem, rule
from rules.excerpt import excerpt

_NAME = 60  # characters of a link's text inside a sentence


@rule("broken-link", each="link")
def broken_link(link: Link) -> Iterator[Problem]:
    """页面上的链接打不开。

    查什么：
        站内、站外链接以及页面引用的样式、脚本文件，样式文件引用的字体，经网页跳转到的地址，表单（GET）的提交地址。同一地址在一次检查中至少请求两次，两次都是同一种错误
        （404、410、5xx、域名不能解析、拒绝连接、超时、返回“页面不存在”的提示页等）才算打不开。
    为什么：
        检查指标“可用性”：首页和其他页面上的链接（包括图片、附件、外部链接等）打不开或错误的，逐个扣分。
    参数：
        无。
    例：
        首页“网上办事”链接指向的页面两次请求都返回 404。
    改法：
        更正链接地址；对方网站已关停或栏目已撤并的，删除链接；本站页面已迁移的，在旧地址设置跳转。
    局限：
        只代表检查时的结果。几次结果不一致的转人工复核；对方拒绝访问（403、人机验证等）的不算打不开，
        由规则 blocked-host 按主机列出；需要登录后才能看到的链接不检查。样式文件引用的地址是否用在页面上、表单不填内容时
        出错是否正常，程序看不出来，只请人查看，不计分。POST 表单的地址不访问。
    """
    if link.kind is LinkKind.FORM:
        yield from _doubted(
            link,
            say("表单的提交地址{name}不填内容时打不开：请求{asked}次，{reason}", **_facts(link)),
            say("表单的提交地址可以打开"),
        )
        return
    if link.kind is LinkKind.ASSET and link.in_sheet:
        yield from _doubted(
            link,
            say("样式文件{via}引用的“{name}”打不开：请求{asked}次，{reason}", via=link.via, **_facts(link)),
            say("引用的文件可以打开"),
        )
        return
    if link.kind is LinkKind.PAGE and link.via:
        yield from _told(
            link,
            say("链接经{via}跳转到{name}，打不开：请求{asked}次，{reason}", via=link.via, **_facts(link)),
            say("链接经{via}跳转到{name}，未能确认能否打开：请求{asked}次，{reason}", via=link.via, **_facts(link)),
            say("链接可以打开"),
        )
        return
    if link.kind in (LinkKind.PAGE, LinkKind.ASSET):
        yield from _told(
            link,
            say("链接“{name}”打不开：请求{asked}次，{reason}", **_facts(link)),
            say("链接“{name}”未能确认能否打开：请求{asked}次，{reason}", **_facts(link)),
            say("链接可以打开"),
        )


@rule("broken-attachment", each="link")
def broken_attachment(link: Link) -> Iterator[Problem]:
    """附件不能下载或打开的不是文件。

    查什么：
        链接到文档、表格、压缩包等文件的地址。不能下载、文件为空（0字节）、下载到的是出错网页、文件不完整（PDF、ZIP 和
        docx、xlsx、ofd 等缺少结尾部分）的，都算。
        同一地址至少请求两次，结果相同才算。
    为什么：
        检查指标“可用性”包括附件；办事表格、文件附件应能正常下载。
    参数：
        无。
    例：
        “申请表.doc”两次请求返回的都是一个出错网页。
    改法：
        重新上传附件并更正链接；附件已失效的，在正文中说明并删除链接。
    局限：
        只看能否下载、是不是文件，不看文件内容是否正确。需要登录才能下载的不算打不开；由脚本转到文件的网页，转人工复核。
    """
    if link.kind is LinkKind.ATTACHMENT:
        yield from _told(
            link,
            say("附件“{name}”不能正常下载：请求{asked}次，{reason}", **_facts(link)),
            say("附件“{name}”未能确认能否下载：请求{asked}次，{reason}", **_facts(link)),
            say("附件可以下载"),
        )


@rule("broken-image", each="link")
def broken_image(link: Link) -> Iterator[Problem]:
    """图片不能显示。

    查什么：
        页面上和样式文件中引用的图片地址。同一地址至少请求两次，结果相同才算不能显示。
    为什么：
        检查指标“可用性”包括图片；图片不能显示影响阅读，也常使党政机关标识等必备标识缺失。
    参数：
        无。
    例：
        首页轮播图的图片地址两次请求都返回 404。
    改法：
        重新上传图片或更正地址；不再使用的图片从页面模板中删除。
    局限：
        脚本运行后才插入的图片看不到；图片内容是否得当不检查。样式文件引用的图片是否用在页面上，程序看不出来，只请人
        查看，不计分。
    """
    if link.kind is LinkKind.IMAGE and link.in_sheet:
        yield from _doubted(
            link,
            say("样式文件{via}引用的图片“{name}”打不开：请求{asked}次，{reason}", via=link.via, **_facts(link)),
            say("引用的图片可以打开"),
        )
    elif link.kind is LinkKind.IMAGE:
        yield from _told(
            link,
            say("图片“{name}”不能显示：请求{asked}次，{reason}", **_facts(link)),
            say("图片“{name}”未能确认能否显示：请求{asked}次，{reason}", **_facts(link)),
            say("图片可以显示"),
        )


@rule("blocked-host", each="site", needs={"links"})
def blocked_host(snapshot: Snapshot) -> Iterator[Problem]:
    """链接所在的主机拒绝程序访问，能否打开须人工查看。

    查什么：
        被拒绝访问（401、403、405、412、429、521等）或者要求人机验证的链接。一台主机只列一次，并写明有几个这样的链接。
    为什么：
        被防护设备拦截不等于打不开，不能算问题；但也没有查清，不能当作可以打开。
    参数：
        无。
    例：
        首页链接的备案网站对程序返回 HTTP 412，浏览器可以打开。
    改法：
        用浏览器打开所列链接；确实打不开的按链接打不开处理。检查本单位网站的，可以请网站管理员把检查程序加入白名单。
    局限：
        只能请人查看，不计分。
    """
    found: dict[str, tuple[Link, int]] = {}
    for link in snapshot.links():
        if link.outcome.verdict is Verdict.BLOCKED:
            # The smallest address: the order of visiting must not change what the finding is known by.
            first, count = found.get(authority(link.url), (link, 0))
            found[authority(link.url)] = (min(first, link, key=lambda one: one.url), count + 1)
    for host, (link, count) in found.items():
        yield Problem(
            at=link.url,
            on=link.on,
            message=say(
                "主机{host}的{count}个链接不让程序访问：{reason}", host=host, count=count, reason=link.outcome.reason
            ),
            excerpt=excerpt(link.text or link.raw),
            certain=False,
            expected=say("链接可以打开"),
            found=link.outcome.reason,
        )


def _told(link: Link, broken: Message, unsure: Message, expected: Message) -> Iterator[Problem]:
    # BLOCKED is one matter a host: blocked-host; PRIVATE belongs to private-link; SKIPPED was not asked.
    verdict = link.outcome.verdict
    if verdict not in (Verdict.BROKEN, Verdict.UNSURE):
        return
    yield Problem(
        at=link.url,
        on=link.on,
        message=broken if verdict is Verdict.BROKEN else unsure,
        excerpt=excerpt(link.text or link.raw),
        certain=verdict is Verdict.BROKEN,
        expected=expected,
        found=link.outcome.reason,
    )


def _doubted(link: Link, message: Message, expected: Message) -> Iterator[Problem]:
    """What surely does not open, and may harm nobody."""
    if link.outcome.verdict is Verdict.BROKEN:
        yield Problem(
            at=link.url,
            on=link.on,
            message=message,
            excerpt=excerpt(link.raw),
            certain=False,
            expected=expected,
            found=link.outcome.reason,
        )


def _facts(link: Link) -> dict[str, str | int | Message]:
    name = excerpt(link.text, _NAME) or excerpt(link.raw, _NAME) or excerpt(link.url, _NAME)
    return {"name": name, "asked": link.outcome.asked, "reason": link.outcome.reason}
