"""互动交流: can the public ask, and is it answered?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated

from crawler.lists import listing
from crawler.message import say
from crawler.page import Page
from crawler.site import ColumnKind
from crawler.snapshot import ColumnView, NotGathered, Snapshot
from rules import workdays
from rules.engine.parameters import Written
from rules.engine.rule import Problem, rule
from rules.excerpt import excerpt
from rules.freshness import before, later
from rules.letters import Letter, State, letters
from rules.page_links import is_file
from rules.sections import lacking

_LIMIT = r"([1-9]\d{0,2}) (workday|month)s?"
_TRIAL = re.compile(r"测试|试一试|试试|^test|^[\W\d_a-z]*$", re.IGNORECASE)
_PAGER = re.compile(r"下一页|下页|尾页|末页|共\s*(?:[2-9]|\d\d+)\s*页|\b1\s*/\s*(?:[2-9]|\d\d+)\b")


@rule("missing-channel", each="site", needs={"home", "columns", "links"})
def missing_channel(snapshot: Snapshot) -> Iterator[Problem]:
    """没有网上咨询建言渠道。

    查什么：
        首页、栏目名称和栏目页的链接文字中，有没有信箱、留言、咨询、建言等渠道的入口，能不能打开（叫法见
        rules/words/sections.toml 的 channel）。网上信访、纪检举报、在线访谈、调查征集不算。
    为什么：
        检查指标“互动回应差”：未提供网上有效咨询建言渠道（网上信访、纪检举报等专门渠道除外）的，单项否决。
    参数：
        无。
    例：
        首页的“互动交流”下面只有“网上信访”和“纪检举报”。
    改法：
        开设信箱、留言板或者在线咨询，在首页设置入口，并安排专人受理。
    局限：
        只看有没有入口、能不能打开；能不能提交、有没有人受理，须实际试用。只有“互动交流”一类名称、没有看到具体渠道的，
        导航由图片或脚本写出的，转人工复核。
    """
    yield from lacking(snapshot, ["channel"])


@rule("unanswered-message", each="column")
def unanswered_message(
    column: ColumnView,
    *,
    limit: Annotated[str, Written(_LIMIT, "如“3 months”、“15 workdays”")],
    exempt: list[str],
    late_answers: bool = False,
    within: Annotated[str, Written(r"\d{1,2} (?:month|year)s?", "如“1 year”")] = "1 year",
) -> Iterator[Problem]:
    """留言超过期限没有答复。

    查什么：
        咨询留言类栏目第一页上写明未答复、待回复一类状态的留言，从提交之日到监测时间点是否超过期限。
        late_answers 为 true 时，也查从提交到答复是否超过期限。
    为什么：
        检查指标“互动回应差”：监测时间点前1年内，政务咨询类栏目存在超过3个月未回应有效留言的现象，单项否决。
    参数：
        limit：期限，如“3 months”（自然月）、“15 workdays”（工作日，含调休）。
        exempt：栏目名称含有这些词的不查。
        late_answers：答复了但超过期限的也列出。
        within：只看监测时间点前多长时间内提交的，默认1年。
    例：
        “县长信箱”中2026年6月3日提交的留言，到11月24日状态仍是“未回复”。
    改法：
        尽快答复；无效的留言标明不予受理的理由。
    局限：
        只看第一页。写“办理中”“已受理”、答复日期空着、可能是测试的留言，正好在期限当天的，转人工复核。没有写明未答复的留言的，
        说明不了什么：没有公开的须查看后台，不作判断。日历中没有的年份只按星期计算工作日，转人工复核。
    """
    if column.kind != ColumnKind.MESSAGE or column.column.archived or any(word in column.name for word in exempt):
        return
    page = _readable(column)
    today = column.as_of.date()
    found = [letter for letter in letters(page) if letter.asked is None or letter.asked >= before(today, within)]
    if not found:
        raise NotGathered(say("栏目“{name}”没有看到公开的留言", name=excerpt(column.name, 40)))
    told = False
    for letter in found:
        problem = _overdue(column, letter, today, limit)
        if problem is None and late_answers:
            problem = _answered_late(column, letter, limit)
        if problem is not None:
            told = True
            yield problem
    waiting = any(_is_open(letter) and letter.asked is not None for letter in found)
    if not told and not (waiting and _is_whole(column, page, today, within)):
        raise NotGathered(
            say("栏目“{name}”只看得到已经答复的或者第一页的留言，其余的须查看后台", name=excerpt(column.name, 40))
        )


def _readable(column: ColumnView) -> Page:
    """The page of the column, where it opened and is no shell."""
    page = column.page
    if column.answer is not None and not (column.answer.ok or is_file(column.answer)):
        raise NotGathered(say("栏目页面没有打开"))
    if page is None or page.script_drawn:
        raise NotGathered(column.unobservable or say("栏目页面的内容由脚本生成，看不到列表"))
    if page.saved:
        raise NotGathered(say("检查的是保存的网页，没有指明它是什么时候的，不能判断是否答复"))
    return page


def _is_whole(column: ColumnView, page: Page, today: date, within: str) -> bool:
    """The page shows every message of the time that counts."""
    listed = listing(page.document, page.url, fetched_at=page.answer.at, as_of=column.as_of, name=column.name)
    if listed.next_page is None and not _PAGER.search(page.text):
        return True
    return any(letter.asked is not None and letter.asked < before(today, within) for letter in letters(page))


def _is_open(letter: Letter) -> bool:
    return letter.state in (State.WAITING, State.PENDING) or (letter.state is State.UNTOLD and letter.blank)


def _overdue(column: ColumnView, letter: Letter, today: date, limit: str) -> Problem | None:
    """The message waits for longer than the limit."""
    if not _is_open(letter) or letter.asked is None or letter.answered is not None:
        return None
    last, assumed = _last_day(letter.asked, limit)
    if today < last:
        return None
    return Problem(
        at=letter.url,
        on=column.url if letter.url != column.url else None,
        column=column.name,
        message=say(
            "{asked}提交的留言“{title}”截至监测时间点{today}没有答复，已{age}天",
            asked=letter.asked.isoformat(),
            title=excerpt(letter.title, 60),
            today=today.isoformat(),
            age=(today - letter.asked).days,
        ),
        excerpt=excerpt(f"{letter.title} {letter.told}"),
        certain=letter.state is State.WAITING
        and letter.labelled
        and today > last
        and not (assumed or _TRIAL.search(letter.title)),
        expected=say("{last}以前答复", last=last.isoformat()),
        found=say("状态写的是“{told}”", told=excerpt(letter.told, 40)) if letter.told else say("答复日期空着"),
        key=f"{letter.asked.isoformat()} {letter.title[:60]}",
    )


def _answered_late(column: ColumnView, letter: Letter, limit: str) -> Problem | None:
    if letter.asked is None or letter.answered is None or letter.answered < letter.asked:
        return None
    last, assumed = _last_day(letter.asked, limit)
    if letter.answered <= last:
        return None
    return Problem(
        at=letter.url,
        on=column.url if letter.url != column.url else None,
        column=column.name,
        message=say(
            "{asked}提交的留言“{title}”{answered}才答复，超过了期限{last}",
            asked=letter.asked.isoformat(),
            title=excerpt(letter.title, 60),
            answered=letter.answered.isoformat(),
            last=last.isoformat(),
        ),
        excerpt=excerpt(letter.title),
        certain=letter.labelled and not (assumed or _TRIAL.search(letter.title)),
        expected=say("{last}以前答复", last=last.isoformat()),
        found=say("答复日期是{day}", day=letter.answered.isoformat()),
        key=f"{letter.asked.isoformat()} {letter.title[:60]}",
    )


def _last_day(asked: date, limit: str) -> tuple[date, bool]:
    """The last day on which an answer is in time, and whether the calendar had to be guessed."""
    match = re.fullmatch(_LIMIT, limit)
    if match is None:
        raise ValueError(f"期限“{limit}”无法识别：应如 3 months、15 workdays")
    if match[2] == "month":
        return later(asked, limit), False
    deadline = workdays.add(asked, int(match[1]))
    return deadline.date, deadline.assumed
