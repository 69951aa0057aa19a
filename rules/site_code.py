"""The site's code (网站标识码) on the pages behind the home page: is it the site's own?"""

from __future__ import annotations

from collections.abc import Iterator

from crawler.message import say
from crawler.snapshot import NotGathered, Snapshot
from rules.engine.rule import Problem, rule
from rules.excerpt import excerpt
from rules.foot import CODE, plain, read_foot

_REGION = 2  # digits that name the province, in a code of ten


@rule("foreign-code", each="site", needs={"home", "pages"})
def foreign_code(snapshot: Snapshot) -> Iterator[Problem]:
    """页面的网站标识码是别的网站的。

    查什么：
        各页面META标签SiteIDCode的内容，同登记的网站标识码（没有登记的，同首页底部和首页META标签的）是否一致。
        首页自己的标识码见 missing-mark。
    为什么：
        网站标识码是网站的身份。内容页写着别的网站的标识码，多是照搬了别的网站的模板，会使统计和监测张冠李戴。
    参数：
        无。
    例：
        首页的标识码是5399990001，内容页的SiteIDCode是3300000020。
    改法：
        在栏目页、内容页的模板中改用本网站的标识码。
    局限：
        每个不一致的标识码只列一个页面。只有省级代码不同的才算确定，省级代码相同的可能是同一平台上的子网站，转人工复核。
        不知道本网站的标识码的，不作判断。
    """
    home = snapshot.home
    foot = read_foot(home)
    own = {plain(snapshot.site.code)} if CODE.fullmatch(plain(snapshot.site.code)) else {*foot.codes, *foot.meta_codes}
    if not own:
        raise NotGathered(say("不知道本网站的标识码"))
    places: dict[str, list[str]] = {}
    for page in snapshot.pages():
        if page.url == home.url:
            continue
        for content in page.metas.get("siteidcode", ()):
            codes = {code.lower() for code in CODE.findall(plain(content))}
            for code in sorted(codes if codes.isdisjoint(own) else ()):
                places.setdefault(code, []).append(page.url)
    for code, urls in places.items():
        yield Problem(
            at=min(urls),
            message=say(
                "{count}个页面META标签SiteIDCode写的是{code}，本网站的标识码是{own}",
                count=len(urls),
                code=code,
                own=tuple(sorted(own)),
            ),
            excerpt=excerpt(code),
            certain=all(_elsewhere(code, mine) for mine in own),
            expected=say("SiteIDCode是{own}", own=tuple(sorted(own))),
            found=say("写的是{code}", code=code),
            key=code,
        )


def _elsewhere(code: str, own: str) -> bool:
    """Both codes name a province, and not the same."""
    return code.isdigit() and own.isdigit() and code[:_REGION] != own[:_REGION]
