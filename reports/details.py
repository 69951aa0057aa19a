"""What the office puts into a notice and no audit can know."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum

from crawler.message import say
from reports.text import line
from reports.wording import Wording
from rules.workdays import Holidays

_LIMIT = 200  # characters of one text
_MOST_DAYS = 1000
_BRACKETS = str.maketrans("[]［］【】()（）", "〔〕〔〕〔〕〔〕〔〕")


class Form(StrEnum):
    """What the office writes of an inspection, by its name."""

    CIRCULAR = "通报"
    """Of all sites, to all who are in charge of one."""
    ORDER = "整改通知书"
    """To one site: what it has to mend."""
    CHECKLIST = "自查表"
    """检查对象 by indicator, as a site that checks itself hands it in."""
    ANNUAL = "年度报表"
    """The figures of 政府网站监管年度报表 (国办函〔2018〕12号)."""


@dataclass(frozen=True, slots=True)
class NoticeDetails:
    """What the office knows and the run does not. Empty texts are left as blanks in the draft.

    Raises ValueError, with a Message, for a deadline of no or over a thousand days or a negative number of sites.
    """

    office: str = ""
    """发文机关, in full."""
    addressee: str = ""
    """主送机关, without the colon."""
    number: str = ""
    """文号, such as 云政办函〔2026〕18号; whatever brackets were typed, it has six-cornered ones."""
    period: str = ""
    """Such as 2026年第四季度; empty: the month of the 监测时间点."""
    area: str = ""
    """Such as 全县; empty: not said."""
    running: int | None = None
    """Sites running in the area: what the share of checked ones is taken of."""
    workdays: int = 10
    """整改期限 in working days after `issued`."""
    issued: date | None = None
    """成文日期; None: left blank, and the deadline is computed as if issued at the 监测时间点."""
    report_to: str = ""
    """Whom the rectification is reported to."""
    contact: str = ""
    """Person and telephone; empty: not printed."""
    required_share: float = 0.3
    """The least share of the running sites that an inspection must check (30% each quarter, as local
    rules under 国办发〔2017〕47号 have it)."""
    due: date | None = None
    """The deadline where the office sets it itself; None: `workdays` after `issued`."""
    wording: Wording | None = None
    """The office's own template; None: the one that comes with the program."""
    holidays: Holidays | None = None
    """The operator's list of days off and on, for years the calendar lacks and for local holidays."""
    draft: bool = True
    """Marked 草稿 on every page, with a last page that tells the drafter what is left to do."""

    def __post_init__(self) -> None:
        if not 1 <= self.workdays <= _MOST_DAYS:
            raise ValueError(
                say("整改期限 workdays 应为1至{most}的整数，现为{days}", most=_MOST_DAYS, days=self.workdays)
            )
        if self.running is not None and self.running < 0:
            raise ValueError(say("正常运行网站数 running 不能小于0，现为{sites}", sites=self.running))
        if not 0 <= self.required_share <= 1:
            raise ValueError(say("抽查比例 required_share 应为0至1的数，现为{share}", share=self.required_share))
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, str):
                object.__setattr__(self, field.name, line(value, _LIMIT))
        object.__setattr__(self, "number", self.number.translate(_BRACKETS))
