"""How Chinese is set in an official document: numerals, punctuation, the width of a text and the shape of a title."""

from __future__ import annotations

import re
from collections.abc import Sequence
from unicodedata import east_asian_width

_TITLE_LINE = 19  # characters of 22 pt in 156 mm, with a little air


def chinese(number: int) -> str:
    """1 to 99: 一, 十, 十二, 二十, 二十一."""
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else digits[tens]) + ("十" if tens else "") + (digits[ones] if ones or not tens else "")


_HAN = r"\u3400-\u9fff“”《》〔〕（）"
_QUOTED = "“[^“”]*”"
_PUNCTUATION = {",": "，", ":": "：", ";": "；", "?": "？", "!": "！"}
_HALF = re.compile(rf"{_QUOTED}|(?<=[{_HAN}]) ?[,:;?!](?!//) ?|[,:;?!](?=[{_HAN}])")
_BRACKETS = re.compile(rf"{_QUOTED}|(?<=[{_HAN}])\(([^()]*)\)|\(([^()]*[{_HAN}][^()]*)\)")
_ISO_DATE = re.compile(rf"{_QUOTED}|(?<![A-Za-z0-9_/.=-])(\d{{4}})-(\d\d)-(\d\d)(?![A-Za-z0-9_/.=-])")


def formal(text: str) -> str:
    """A sentence as an official document has it: full-width punctuation beside Chinese, dates as 2026年3月1日.

    Addresses, and what stands between quotation marks, are left as they are.
    """
    text = _BRACKETS.sub(lambda m: _kept(m) or f"（{m[1] if m[1] is not None else m[2]}）", text)
    text = _HALF.sub(lambda m: _kept(m) or _PUNCTUATION[m[0].strip()], text)
    return _ISO_DATE.sub(lambda m: _kept(m) or f"{m[1]}年{int(m[2])}月{int(m[3])}日", text)


def _kept(match: re.Match[str]) -> str:
    return match[0] if match[0].startswith("“") else ""


def width(text: str) -> float:
    """In full-width characters."""
    if text.isascii():
        return len(text) / 2
    return sum(1.0 if east_asian_width(c) in "WFA" else 0.5 for c in text)


def title_lines(parts: Sequence[str]) -> list[str]:
    """The parts of a title in as few lines as can be, none of them split, shaped 梯形 or 菱形.

    That is: no line is shorter than both its neighbours, and they differ as little as that allows.
    """
    best: tuple[tuple[int, bool, float], list[str]] | None = None
    for breaks in range(2 ** (len(parts) - 1)):
        lines = [""]
        for number, part in enumerate(parts):
            if number and breaks >> (number - 1) & 1:
                lines.append("")
            lines[-1] += part
        widths = [width(text) for text in lines]
        if max(widths) > _TITLE_LINE and len(lines) < len(parts):
            continue
        hourglass = any(a > b < c for a, b, c in zip(widths, widths[1:], widths[2:], strict=False))
        cost = (len(lines), hourglass, max(widths) - min(widths))
        if best is None or cost < best[0]:
            best = (cost, lines)
    return best[1] if best else []
