"""What we are told about a site before we look at it: its name, its code, its home page, its columns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from crawler.message import Message
from crawler.quiet import Quiet


class SiteKind(StrEnum):
    """网站类型. Deductions and bonuses are counted for portals only (2019 indicators, 说明)."""

    PORTAL = "portal"
    DEPARTMENT = "department"


class ColumnKind(StrEnum):
    """What a column is for; it decides how fresh it must be. The lexicon of names is `crawler/columns.py`."""

    NEWS = "news"  # 动态要闻
    NOTICE = "notice"  # 通知公告
    POLICY = "policy"  # 政策文件
    EXPLAIN = "explain"  # 政策解读
    PERSON = "person"  # 人事
    PLAN = "plan"  # 规划计划
    FINANCE = "finance"  # 财政
    SURVEY = "survey"  # 征集调查
    MESSAGE = "message"  # 咨询留言
    SERVICE = "service"  # 办事服务
    DISCLOSURE = "disclosure"  # 政府信息公开
    REPORT = "report"  # 年报
    STATIC = "static"  # 概况, 机构职能, 领导信息 and other pages that are not lists
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Column:
    """栏目: a list of items at an address."""

    name: str
    url: str
    kind: ColumnKind = ColumnKind.OTHER
    top: bool = True
    """一级栏目: the home page leads straight to it."""
    archived: bool = False
    """Marked 已归档: nothing new is expected."""
    days: int | None = None
    """The operator's own limit for this column in days; None: the edition's."""
    given: bool = False
    """From the settings, not discovered: a person vouches for name and kind."""
    evidence: Message | None = None
    """Why it has this kind: the META or the name that decided. None for one that is given."""


@dataclass(frozen=True, slots=True)
class Site:
    """One website as the operator or the register names it. `url` is the home page."""

    url: str
    name: str = ""
    code: str = ""
    """网站标识码: ten digits, or bm and eight digits; empty when not known."""
    organ: str = ""
    """主办单位."""
    kind: SiteKind | None = None
    """None: guessed from the site's name, and said so."""
    services: bool = True
    """False: a department without public services (没有对外服务职能); 办事服务 is not checked."""
    columns: tuple[Column, ...] = ()
    """Empty: they are discovered."""
    quiet: tuple[Quiet, ...] = ()
    """Hours of the day in which it is asked nothing."""
