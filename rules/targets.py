"""Where links lead: to places that nobody outside can reach. The asking is done in the crawler; here it is told."""

from __future__ import annotations

from collections.abc import Iterator

from crawler.message import say
from crawler.outcome import Verdict
from crawler.page import Link
from crawler.urls import host, looks_private
from rules.engine.rule import Problem, rule
from rules.excerpt import excerpt


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
