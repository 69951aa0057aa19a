"""Does the home page open, at this visit and over the days before, how fast, and over IPv6 too?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from crawler import outcome
from crawler.message import Message, say
from crawler.outcome import SignKind
from crawler.snapshot import NotGathered, Snapshot
from crawler.urls import domain, host
from rules import uptime
from rules.engine.rule import Problem, rule
from rules.page_links import is_file


@rule("unreachable-home", each="site", needs={"probes"})
def unreachable_home(
    snapshot: Snapshot,
    *,
    seconds: float = 15.0,
    days: int = 0,
    a_day: int = 20,
    share: float = 0.05,
    apart: int = 30,
) -> Iterator[Problem]:
    """首页打不开。

    查什么：
        连续监测的：监测时间点以前7天（每天24小时，从监测时间点往回算）内，首页有百分之几的次数打不开；每次监测只访问首页，
        15秒之内隔几秒问几次，都没有收到网页才算打不开。days为0的：只看这次检查时首页有没有打开。
    为什么：
        检查指标“站点无法访问”：监测1周，每天间隔性访问20次以上，超过（含）15秒网站仍打不开的次数累计占比超过（含）5%，
        单项否决。
    参数：
        seconds：超过（含）几秒算打不开，默认15。
        days：看监测时间点以前几天的监测记录；默认0，只看这次检查。
        a_day：每天至少监测几次，默认20。
        share：打不开的次数占几成就提示，默认0.05（5%）。
        apart：两次监测至少间隔几分钟，更密的不计，默认30。
    例：
        7天共监测168次，12次打不开，占7.1%；首页两次都返回服务器出错（HTTP 502）。
    改法：
        检查服务器和域名解析；计划内的维护事先报备（xuncha announce，或者在设置文件中写明），不算打不开。
    局限：
        每天都监测到规定的次数，而且打不开时同时监测的其他网站或对照网址能打开的，才能判定；次数不够、无从对照而打不开的次数
        已经够多的，转人工复核；其余的不作判断。报备维护期间的、本机网络不通的、网站拒绝程序访问的都不计入，另行列出。
        首页的源代码打开就算打开，不看图片和脚本。一次检查只能说明当时能否打开，总是转人工复核。
    """
    if days > 0:
        yield from uptime.problems(snapshot, days, seconds, a_day, share, timedelta(minutes=apart))
        return
    answer = snapshot.home_answer
    if answer is None or snapshot.saved:
        raise NotGathered(say("没有访问首页"))
    why: Message | None = None
    try:
        found = snapshot.home.answer
        if found.elapsed >= seconds:
            why = say("用了{took}秒", took=f"{found.elapsed:.1f}")
    except NotGathered as missing:
        sign = outcome.read(answer, headers={}, home=True)
        if sign.kind is not SignKind.SUSPECT:
            raise NotGathered(missing.why if sign.kind is SignKind.GOOD else sign.reason) from None
        why = sign.reason
    if why is not None:
        yield Problem(
            at=answer.asked,
            message=say("检查时首页打不开：{why}", why=why),
            certain=False,
            expected=say("首页在{limit}秒内打开", limit=f"{seconds:g}"),
            found=why,
        )


@rule("missing-ipv6", each="site", needs={"dns"})
def missing_ipv6(snapshot: Snapshot) -> Iterator[Problem]:
    """首页域名没有IPv6地址。

    查什么：
        首页的域名在域名系统（DNS）中有没有IPv6地址（AAAA记录）。
    为什么：
        检查指标“IPv6改造”：未完成IPv6改造的，扣分。没有AAAA记录，只有IPv6的用户就找不到网站。
    参数：
        无。
    例：
        域名 www.yunling.gov.cn 只有IPv4地址。
    改法：
        为网站开通IPv6访问，并在域名解析中添加AAAA记录。
    局限：
        只查首页域名有没有AAAA记录，不从IPv6网络访问网页，也不查二级、三级链接；有的单位网络的域名服务器滤去IPv6地址，
        所以没有的总是转人工复核。地址写成数字的、指定了解析地址的、域名服务器没有回答的，不作判断。
    """
    name = host(snapshot.home.url)
    if not domain(name):
        raise NotGathered(say("首页地址是数字或者内部名称，没有域名可查"))
    if snapshot.ipv6:
        return
    yield Problem(
        at=snapshot.home.url,
        message=say("首页域名{host}没有查到IPv6地址（AAAA记录）", host=name),
        certain=False,
        expected=say("域名有IPv6地址"),
        found=say("只有IPv4地址"),
    )


@rule("slow-home", each="site")
def slow_home(snapshot: Snapshot, *, seconds: float = 3.0) -> Iterator[Problem]:
    """首页打开慢。

    查什么：
        从发出请求到收完首页源代码所用的时间，包括跳转，不包括图片、样式和脚本。
    为什么：
        《政府网站发展指引》（国办发〔2017〕47号）的网页设计规范要求页面打开时间不宜超过3秒。它是设计建议，
        与“超过（含）15秒打不开”的单项否决不同。
    参数：
        seconds：超过几秒算慢，默认3。
    例：
        首页用了6.4秒才收完。
    改法：
        检查服务器和带宽，压缩首页源代码，减少跳转，启用缓存。
    局限：
        只测了一次，从检查所用的网络出发，本机网络慢也会如此，所以总是转人工复核；快而图片多的首页也可能显示得慢，
        这里看不出来。
    """
    answer = snapshot.home_answer
    if answer is None or is_file(answer) or not answer.ok:
        raise NotGathered(say("首页没有打开，没有测到时间"))
    if answer.elapsed <= seconds:
        return
    took = f"{answer.elapsed:.1f}"
    yield Problem(
        at=answer.url,
        message=say("首页用了{took}秒才打开，超过{limit}秒", took=took, limit=f"{seconds:g}"),
        certain=False,
        expected=say("首页在{limit}秒内打开", limit=f"{seconds:g}"),
        found=say("用了{took}秒", took=took),
    )
