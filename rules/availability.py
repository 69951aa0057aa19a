"""Does the home page open, and how fast?"""

from __future__ import annotations

from collections.abc import Iterator

from crawler.message import say
from crawler.snapshot import NotGathered, Snapshot
from rules.engine.rule import Problem, rule
from rules.page_links import is_file


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
