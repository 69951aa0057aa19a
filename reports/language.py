"""The language of a document: sentences, dates, numbers and durations.

Chinese is the language the program is written in, so it needs no catalogue. English is read from
`reports/locale/en/LC_MESSAGES/xuncha.po` at first use, through Babel; there is no compiled file to forget. Babel is
imported by the methods that use it: a run that writes no document needs none of it.

`python -m reports.language --missing [PACKAGE…]` prints what the English catalogue lacks, as entries to fill in.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Literal, get_args

from crawler.message import Message, Value, say
from reports.text import line

Code = Literal["zh", "en"]
_LOCALES: Mapping[Code, str] = {"zh": "zh_Hans_CN", "en": "en"}
_BEIJING = timedelta(hours=8)


@lru_cache
def catalogue(code: Code) -> Mapping[str, str]:
    """msgid → translation, for the entries that are translated and not fuzzy. Empty for Chinese."""
    if code == "zh":
        return {}
    from babel.messages.pofile import read_po

    with files("reports").joinpath("locale", code, "LC_MESSAGES", "xuncha.po").open("rb") as file:
        po = read_po(file, locale=code, abort_invalid=True)
    return {str(m.id): str(m.string) for m in po if m.id and m.string and not m.fuzzy}


@dataclass(frozen=True, slots=True)
class Language:
    """`Language("zh")` or `Language("en")`. A sentence that is not in the catalogue stays Chinese."""

    code: Code = "zh"

    def __post_init__(self) -> None:
        if self.code not in get_args(Code):
            raise ValueError(f"没有“{self.code}”语言的文本，可用：{'、'.join(get_args(Code))}")

    @property
    def tag(self) -> str:
        """BCP 47, for `lang` attributes."""
        return "zh-CN" if self.code == "zh" else self.code

    @property
    def gap(self) -> str:
        """What stands between a label with its colon and the value: nothing after a full-width one."""
        return "" if self.code == "zh" else " "

    def gettext(self, template: str) -> str:
        return catalogue(self.code).get(template, template)

    def text(self, message: Message) -> str:
        """The sentence in one line, fit for a document. Values (names, addresses) are quoted as they are."""
        return line(message.text(self.gettext))

    def say(self, template: str, /, **args: Value) -> str:
        """`text(say(…))`, for templates."""
        # What has nothing to fill in is said again for every row of a table.
        return self.text(say(template, **args)) if args else _fixed(self.code, template)

    def list(self, items: Sequence[str]) -> str:
        """`甲、乙、丙`, `A, B, C`."""
        return self.gettext("、").join(items)

    def date(self, day: date) -> str:
        """`2026年11月24日`, `November 24, 2026`."""
        from babel.dates import format_date

        return format_date(day, "long", locale=_LOCALES[self.code])

    def moment(self, at: datetime, zone: tzinfo | None = None) -> str:
        """Date and time to the minute with the zone's name, in `zone` or else in the moment's own."""
        from babel.dates import format_datetime

        here = at.astimezone(zone or at.tzinfo)
        clock = format_datetime(here, "HH:mm", locale=_LOCALES[self.code])
        return self.say("{date} {time}（{zone}）", date=self.date(here), time=clock, zone=zone_name(here))

    def number(self, value: float) -> str:
        """Grouped by thousands, up to two decimals, 四舍五入."""
        return _number(self.code, value)

    def percent(self, share: float) -> str:
        """`0.0567` → `5.67%`, 四舍五入. Less than the whole never reads as 100%, more than nothing never as 0%."""
        from babel.numbers import format_percent

        rounded = _rounded(share, 4)
        if 0 < share < 1:
            rounded = min(max(rounded, Decimal("0.0001")), Decimal("0.9999"))
        return format_percent(rounded, "#,##0.##%", locale=_LOCALES[self.code])

    def duration(self, length: timedelta) -> str:
        """In the two largest units: `2小时5分`, `3分12秒`, `40秒`."""
        seconds = max(0, round(length.total_seconds()))
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        if hours:
            return self.say("{hours}小时{minutes}分", hours=hours, minutes=minutes)
        if minutes:
            return self.say("{minutes}分{seconds}秒", minutes=minutes, seconds=seconds)
        return self.say("{seconds}秒", seconds=seconds)


@lru_cache(2_000)
def _fixed(code: Code, template: str) -> str:
    return Language(code).text(say(template))


@lru_cache(10_000)  # Babel takes a quarter of a millisecond, and a document is full of small numbers
def _number(code: Code, value: float) -> str:
    from babel.numbers import format_decimal

    return format_decimal(_rounded(value, 2), "#,##0.##", locale=_LOCALES[code])


def _rounded(value: float, places: int) -> Decimal:
    """Half away from zero, as people count: of the number as it is written, not of its binary neighbour."""
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def compact(at: datetime, zone: tzinfo | None = None) -> str:
    """`2026-11-24 09:30:05`, for table cells; the document says once which zone it means."""
    return at.astimezone(zone or at.tzinfo).replace(tzinfo=None).isoformat(" ", "seconds")


def zone_name(at: datetime) -> Message:
    """`北京时间`, or `UTC+09:00`."""
    offset = at.utcoffset() or timedelta()
    if offset == _BEIJING:
        return say("北京时间")
    hours, minutes = divmod(abs(round(offset.total_seconds() / 60)), 60)
    return Message(f"UTC{'-' if offset < timedelta() else '+'}{hours:02}:{minutes:02}")


def main(argv: list[str]) -> int:
    from reports import msgids

    if not argv or argv[0] != "--missing":
        print("用法：python -m reports.language --missing [包名…]", file=sys.stderr)
        return 2
    missing = msgids.missing(msgids.collect(argv[1:] or msgids.PACKAGES), catalogue("en"))
    print(msgids.entries(missing))
    print(f"英文目录缺 {len(missing)} 条", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
