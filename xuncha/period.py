"""A period that is inspected and told of: a year, a quarter or a month, in Beijing time."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime

from crawler.message import say
from reports.typography import chinese
from xuncha.parameters import CHINA

_SHAPE = re.compile(r"(20\d\d)(?:[Qq]([1-4])|-(0?[1-9]|1[0-2]))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Period:
    """`Period.read("2026Q4")`: October to December of 2026."""

    year: int
    months: int
    """How long it is: 12, 3 or 1."""
    number: int = 1
    """Which quarter or month of the year, from 1."""

    @classmethod
    def read(cls, text: str) -> Period:
        """`2026`, `2026Q4` or `2026-11`. Raises ValueError, with a Message."""
        shape = _SHAPE.fullmatch(text.strip())
        if shape is None:
            raise ValueError(say("“{text}”不是时期，应如 2026Q4（季度）、2026-11（月）或 2026（年）", text=text))
        year, quarter, month = shape.groups()
        if quarter:
            return cls(int(year), 3, int(quarter))
        return cls(int(year), 1, int(month)) if month else cls(int(year), 12)

    def __str__(self) -> str:
        """As it is read."""
        if self.months == 12:
            return str(self.year)
        return f"{self.year}Q{self.number}" if self.months == 3 else f"{self.year}-{self.number:02}"

    @property
    def name(self) -> str:
        """As a Chinese document calls it: `2026年第四季度`."""
        if self.months == 12:
            return f"{self.year}年"
        return f"{self.year}年第{chinese(self.number)}季度" if self.months == 3 else f"{self.year}年{self.number}月"

    @property
    def before(self) -> Period:
        """The one before it, of the same length."""
        if self.number > 1:
            return Period(self.year, self.months, self.number - 1)
        return Period(self.year - 1, self.months, 12 // self.months)

    @property
    def first(self) -> date:
        return date(self.year, (self.number - 1) * self.months + 1, 1)

    @property
    def last(self) -> date:
        month = self.number * self.months
        return date(self.year, month, monthrange(self.year, month)[1])

    def __contains__(self, moment: datetime) -> bool:
        return self.first <= moment.astimezone(CHINA).date() <= self.last

    def quarters(self) -> tuple[Period, ...]:
        """The quarters of a year."""
        return tuple(Period(self.year, 3, number) for number in (1, 2, 3, 4))
