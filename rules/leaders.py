"""Leaders who have left office and are still shown as if they were in it. The list is the office's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any

from crawler.message import say
from crawler.page import Page, Role
from rules.engine.parameters import Written
from rules.engine.rule import Problem, rule
from rules.excerpt import excerpt

_AROUND = 20
_NEAR = 10  # characters in which a title stands
_SHORT = 2  # characters of a name that is part of many others
_BLANKS = ("", " ", "\u3000", "\u00a0")  # which names of two characters are set with
_LEADERS = re.compile(r"领导|班子|机构|简介|简历|分工|之窗")
_TITLES = re.compile(
    r"书记|主席|主任|[省市县区镇乡州旗局厅处科部院校所站队]长|常委|委员|秘书长|同志|副[省市县区镇乡州旗局厅处科部院校所站队]长"
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_NONE: Mapping[str, str] = MappingProxyType({})

Day = Annotated[str, Written(r"|\d{4}-\d\d-\d\d", "空，或离任日期如 2026-05-01")]


def _terms(params: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(form for name in params["names"] for form in _forms(name))


@rule("former-leader", each="page", terms=_terms, office=("names", "former_leaders"))
def former_leader(page: Page, *, names: Mapping[str, Day] = _NONE) -> Iterator[Problem]:
    """页面仍显示已离任人员。

    查什么：
        设置文件的 former_leaders 名单上的人，写了离任日期的，看领导信息、机构职能类的页面和离任以后发布的稿件里还有
        没有；没有写日期的（如因违法违纪被查处的），看所有打开了的页面。两个字的姓名，中间空一格的也算。
    为什么：
        领导信息不准确是扣分项；通报中点名过撤换多时的负责人仍在网上，并要求全面清理因违法违纪被处理的领导信息。
    参数：
        names：姓名 = 离任日期（不限日期的写空字）；设置文件的 former_leaders 加在这里。
    例：
        某副县长2024年5月离任，“领导之窗”2026年仍有他的照片和分工。
    改法：
        撤下或更新领导信息；应当清理的旧稿件一并处理，并检查网站地图、搜索结果和栏目首页。
    局限：
        只认姓名，同名的人也会指出，一律转人工复核；两个字的姓名只看前后有职务或者单独成词的。离任以前的旧稿件不提示。图片上的
        姓名看不到。没有设置名单的不检查。
    """
    there = page.terms(frozenset(form for name in names for form in _forms(name)))
    if not there:
        return
    text = page.words
    for name, day in names.items():
        if there.isdisjoint(_forms(name)) or not _is_out_of_date(page, day):
            continue
        places = [m.start() for m in _pattern(name).finditer(text) if len(name) > _SHORT or _is_a_name(text, m)]
        if not places:
            continue
        at, count = places[0], len(places)
        yield Problem(
            at=page.url,
            column=page.column or None,
            message=say("页面仍有{day}离任的“{name}”，共{count}处", day=day, name=excerpt(name, 20), count=count)
            if day
            else say("页面有应清理的“{name}”，共{count}处", name=excerpt(name, 20), count=count),
            excerpt=excerpt(text[max(at - _AROUND, 0) : at + len(name) + _AROUND]),
            certain=False,
            expected=say("领导信息及时更新"),
            key=name,
        )


def _forms(name: str) -> tuple[str, ...]:
    return tuple(blank.join(name) for blank in _BLANKS) if len(name) == _SHORT else (name,)


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(r"[ \u3000\u00a0]?".join(map(re.escape, name)) if len(name) == _SHORT else re.escape(name))


def _is_out_of_date(page: Page, day: str) -> bool:
    """The page tells of today, or of a day after the person had left."""
    if not day:
        return True
    told = page.dating
    shown = (told.shown or told.meta) if told is not None else None
    if shown is not None:
        return shown > date.fromisoformat(day)
    about = f"{page.title} {page.column} {page.meta('ColumnName')}"
    return page.role is not Role.HOME and _LEADERS.search(about) is not None


def _is_a_name(text: str, found: re.Match[str]) -> bool:
    """Two characters are a name where a title stands by them, or nothing does."""
    before, after = text[max(found.start() - _NEAR, 0) : found.start()], text[found.end() : found.end() + _NEAR]
    if _TITLES.search(before) or _TITLES.match(after.lstrip()):
        return True
    return not (_HAN.match(before[-1:]) or _HAN.match(after[:1]))
