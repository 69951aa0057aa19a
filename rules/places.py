"""Links to places within pages. The looking is done in the crawler; here it is told."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from crawler.message import say
from crawler.snapshot import Snapshot
from rules.engine.rule import Problem, rule
from rules.excerpt import excerpt


@rule("missing-anchor", each="site", needs={"links"})
def missing_anchor(snapshot: Snapshot) -> Iterator[Problem]:
    """链接指向网页中的某个位置，网页中没有这个位置。

    查什么：
        链接地址中“#”后面的名称，在所指的本站网页源代码中有没有对应的位置（任何元素的 id，或者 a 元素的 name）。
        只查本次检查读到的网页，同一位置只列一次。
    为什么：
        点击这样的链接，网页可以打开，但不会跳到要看的那一段；多为改版或重新排版后遗留。
    参数：
        无。
    例：
        公开指南页面上“三、依申请公开”的链接是“#ysqgk”，页面中没有这个位置。
    改法：
        更正链接中“#”后面的名称，或在网页的相应段落上补上同名的 id。
    局限：
        位置可能由脚本写出，链接也可能由脚本接管，所以只提示，由人查看，不计分。“#”“#top”“#!”开头的、含“/”“=”
        等符号的名称，带 onclick 等属性的页内链接，以及内容由脚本生成的网页，都不查。
    """
    for lost in snapshot.lost_places():
        page, _, name = lost.url.partition("#")
        shown = excerpt(unquote(name), 60)
        here = page == lost.on or lost.raw.startswith("#")
        label = excerpt(lost.text, 60) or excerpt(lost.raw, 60)
        yield Problem(
            at=lost.url,
            on=lost.on,
            key=name,
            message=say("链接“{name}”指向本页中的“#{place}”，页面中没有这个位置", name=label, place=shown)
            if here
            else say("链接“{name}”指向网页中的“#{place}”，所指网页中没有这个位置", name=label, place=shown),
            excerpt=excerpt(lost.text or lost.raw),
            certain=False,
            expected=say("网页中有名为“{place}”的位置", place=shown),
            found=say("网页中没有这个位置"),
        )
