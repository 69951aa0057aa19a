"""办事服务: are services offered, and do their guides tell what a person must know?"""

from __future__ import annotations

from collections.abc import Iterator

from crawler.message import Message, say
from crawler.page import Page
from crawler.snapshot import Snapshot
from rules.engine.rule import Problem, rule
from rules.excerpt import excerpt
from rules.guides import elements, guide_of
from rules.sections import lacking


@rule("missing-service", each="site", needs={"home", "columns", "links"})
def missing_service(snapshot: Snapshot) -> Iterator[Problem]:
    """没有提供办事服务。

    查什么：
        首页、栏目名称和栏目页的链接文字中，有没有办事服务、政务服务、办事指南等入口，能不能打开（叫法见
        rules/words/sections.toml 的 service）。
    为什么：
        检查指标“服务不实用”：未提供办事服务的，单项否决。没有对外服务职能的部门不检查。
    参数：
        无。
    例：
        首页和各栏目页上都没有办事服务的入口。
    改法：
        在首页设置办事服务入口，链接到本级政务服务平台或者本网站的办事栏目；入口打不开的，更正链接。
    局限：
        只看有没有入口、能不能打开，不看服务是否可用。导航由图片或脚本写出、只有名称相近的入口的，转人工复核。
    """
    yield from lacking(snapshot, ["service"])


def _is_guide(page: Page) -> bool:
    return guide_of(page) is not None


@rule("incomplete-guide", each="page", concerns=_is_guide)
def incomplete_guide(page: Page, *, missing: int = 4, decide: bool = True) -> Iterator[Problem]:
    """办事指南缺少重点要素。

    查什么：
        办事指南页面有没有八类重点要素的标题：事项名称、设定依据、申请条件、办理材料、办理地点、办理时间、联系电话、办理流程
        （叫法见 rules/words/guide.toml）。页面标题就是事项名称；写了办理时限的，也算有办理时间。
    为什么：
        检查指标“服务不实用”：办事指南重点要素类别缺失4类及以上的事项数量超过（含）5个的，单项否决。
    参数：
        missing：缺少多少类才提示，默认4。
        decide：写 false 的一律转人工复核。
    例：
        “农村危房改造补助申请”只写了申请条件和办理材料，没有依据、地点、时间、电话和流程。
    改法：
        按八类要素补齐；本单位没有的要素写明“无”。
    局限：
        只看有没有，不看内容是否准确。没有标题而正文中写到的，有图片、附件、框架、脚本或者在其他平台办理的，不能确定是不是办事
        指南的，转人工复核。只看打开了的页面。
    """
    guide = guide_of(page)
    if guide is None:
        return
    absent = [element for element in elements() if element.key not in guide.labelled]
    if len(absent) < missing:
        return
    surely = [element for element in absent if element.key not in guide.mentioned]
    yield Problem(
        at=page.url,
        column=page.meta("ColumnName") or page.column or None,
        message=say(
            "办事指南“{title}”缺少{count}类要素：{names}",
            title=excerpt(guide.title, 60),
            count=len(absent),
            names=_listed([Message(element.name) for element in absent]),
        ),
        excerpt=excerpt(guide.title),
        certain=decide and guide.sure and len(surely) >= missing,
        expected=say("写明八类重点要素"),
        found=say("有{count}类", count=len(elements()) - len(absent)),
    )


@rule("vague-material", each="page", concerns=_is_guide)
def vague_material(page: Page) -> Iterator[Problem]:
    """办事指南的材料写得含糊。

    查什么：
        办事指南“办理材料”一项中有没有“有关材料”“其他资料”“……等”一类不能确定是哪一份的写法。
    为什么：
        检查指标“办事指南”：材料有“有关”“其他”“等”一类模糊表述的，每处扣分。
    参数：
        无。
    例：
        办理材料写着“3.其他有关证明材料”。
    改法：
        把每一份材料的名称、份数写清楚；没有的删去。
    局限：
        是不是含糊由人判断，一律转人工复核。一个指南只列前5处；材料在附件或表格图片中的看不到。
    """
    guide = guide_of(page)
    if guide is None:
        return
    for number, line in enumerate(guide.vague):
        yield Problem(
            at=page.url,
            column=page.meta("ColumnName") or page.column or None,
            message=say(
                "办事指南“{title}”的材料写得含糊：{line}", title=excerpt(guide.title, 60), line=excerpt(line, 80)
            ),
            excerpt=excerpt(line),
            certain=False,
            expected=say("写明是哪一份材料"),
            key=str(number),
        )


@rule("missing-form", each="page", needs={"attachments"}, concerns=_is_guide)
def missing_form(page: Page) -> Iterator[Problem]:
    """办事指南提到表格，却没有提供。

    查什么：
        办事指南里写着要填的表格（××申请表、××登记表），页面上有没有附件、表格下载或者样表的链接。
    为什么：
        检查指标“表格样表”：办事指南提到表格但未提供空表、样表的，每个扣分。
    参数：
        无。
    例：
        “办理材料”写着“《农村危房改造补助申请表》一式两份”，页面上没有可以下载的表格。
    改法：
        把空白表格和填写样表作为附件放在指南里，或者链接到能下载的页面。
    局限：
        只看这一页有没有提供，不看表格是不是这一张、是不是空的。可以在其他平台在线填写、表格由脚本列出的不提示；
        一律转人工复核。
    """
    guide = guide_of(page)
    if guide is None or not guide.forms or guide.offers:
        return
    yield Problem(
        at=page.url,
        column=page.meta("ColumnName") or page.column or None,
        message=say(
            "办事指南“{title}”提到{forms}，没有提供空表或样表",
            title=excerpt(guide.title, 60),
            forms=tuple(excerpt(form, 40) for form in guide.forms),
        ),
        excerpt=excerpt(guide.title),
        certain=False,
        expected=say("提供空表和样表"),
    )


def _listed(names: list[Message]) -> Message:
    """The names in one sentence, each to be translated."""
    listed = names[-1]
    for name in reversed(names[:-1]):
        listed = say("{first}、{rest}", first=name, rest=listed)
    return listed
