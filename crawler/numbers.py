"""Numbers that name a person, as people write them: resident identity numbers, mobile phones, bank cards. Pure.

`find` tells only numbers that are possible: a resident number has its check digit, a birthday and a province; a card
has its check digit and the head of a bank. `mask` is the one way by which any of them may be shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class NumberKind(StrEnum):
    RESIDENT = "resident"
    """公民身份号码, GB 11643-1999: 18 characters, ISO 7064 MOD 11-2."""
    MOBILE = "mobile"
    CARD = "card"
    """UnionPay: 16 to 19 digits, Luhn (ISO/IEC 7812-1)."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text. Never print `digits`; print `mask(number)`."""

    kind: NumberKind
    digits: str
    """ASCII digits and X, without the separators."""
    start: int
    stop: int


# Where one may be: a run of digits, and of what people put between them. One class, so that it stays linear.
_REGION = re.compile(r"[0-9][0-9 \u00a0\u3000-]{9,}[0-9XxＸｘ]")
_WIDE = "０１２３４５６７８９"
_WIDE_REGION = re.compile(rf"[0-9{_WIDE}][0-9{_WIDE} \u00a0\u3000-]{{9,}}[0-9{_WIDE}XxＸｘ]")
_GAP = r"[ \u00a0\u3000-]?"
_RESIDENT = rf"\d{{6}}{_GAP}(?:18|19|20)\d\d{_GAP}\d{{4}}{_GAP}\d{{3}}[\dX]"
_MOBILE = rf"1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}"
_CARD = rf"[3-6]\d{{3}}(?:{_GAP}\d{{4}}){{3}}(?:{_GAP}\d{{1,3}})?"
_ONE = re.compile(
    rf"(?:(?<!\d)(?:(?P<resident>{_RESIDENT})|(?P<card>{_CARD}))|(?:(?<!\d)|(?<=\b86))(?P<mobile>{_MOBILE}))(?![\dX])"
)
# What makes a run of digits a part of something longer: a file's name, an address, a decimal.
_PART_BEFORE = re.compile(r"[A-Za-z0-9_/.=%&#-]")
_PART_AFTER = re.compile(r"[A-Za-z0-9_/=%&]|\.\w|-\w")
_COUNTRY = re.compile(r"(?:\+|00)86[ -]?\Z")

# GB/T 2260: the first two digits. 81 to 83: residence permits of residents of Hong Kong, Macao and Taiwan.
_PROVINCES = """
    11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83
"""
PROVINCES = frozenset(_PROVINCES.split())
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
# 62 is UnionPay's own (ISO/IEC 7812); the others are older heads that banks of this country still use.
_BANK_HEADS = ("62", "4367", "4563", "5187", "5213", "5240", "5268", "5522", "4392", "4512", "4682", "4696", "3568")
_MASKED = {NumberKind.RESIDENT: (2, 3), NumberKind.MOBILE: (3, 4), NumberKind.CARD: (4, 4)}
_PLAIN = {ord(wide): ord(plain) for wide, plain in zip("０１２３４５６７８９Ｘｘx", "0123456789XXX", strict=True)}


def find(text: str) -> Iterator[Number]:
    """Every possible number, in order; what is part of an address, a file's name or a longer number is none."""
    return (number for number in _every(text) if not _is_part(text, number))


def _regions(text: str) -> Iterator[re.Match[str]]:
    # Half the time of the pattern for both: nearly no page has full-width digits.
    pattern = _WIDE_REGION if any(digit in text for digit in _WIDE) else _REGION
    return pattern.finditer(text)


def _every(text: str) -> Iterator[Number]:
    for region in _regions(text):
        offset, plain = region.start(), region[0].translate(_PLAIN)
        for match in _ONE.finditer(plain):
            digits = "".join(c for c in match[0] if c.isalnum())
            kind = _kind(match.lastgroup or "", digits) if digits.isascii() else None
            if kind is not None:
                yield Number(kind, digits, offset + match.start(), offset + match.end())


def _kind(shape: str, digits: str) -> NumberKind | None:
    kind = NumberKind(shape)
    if kind is NumberKind.RESIDENT and is_card(digits):  # both are 18 digits
        return NumberKind.RESIDENT if is_resident(digits) else NumberKind.CARD
    return kind if _VALID[kind](digits) else None


def kinds(text: str) -> frozenset[NumberKind]:
    return frozenset(number.kind for number in find(text))


def mask(number: Number) -> str:
    """`35*************123`, `138****1234`, `6222***********0123`: as the notices ask for it."""
    head, tail = _MASKED[number.kind]
    return f"{number.digits[:head]}{'*' * (len(number.digits) - head - tail)}{number.digits[-tail:]}"


def masked(text: str) -> str:
    """The text with every number in it masked.

    >>> masked("联系电话：13812345678")
    '联系电话：138****5678'
    """
    numbers = [n for n in _every(text) if n.kind is not NumberKind.MOBILE or not _is_part(text, n)]
    pieces, at = [], 0
    for number in sorted((*numbers, *_run_together(text)), key=lambda n: n.start):
        if number.start >= at:
            pieces += [text[at : number.start], mask(number)]
            at = number.stop
    return "".join([*pieces, text[at:]]) if pieces else text


def _run_together(text: str) -> Iterator[Number]:
    """Resident numbers within longer runs of digits, as two cells make that lost what stood between them."""
    for region in _regions(text):
        plain = region[0].translate(_PLAIN)
        at = [i for i, c in enumerate(plain) if c.isalnum()]
        digits = "".join(plain[i] for i in at)
        for i in range(len(digits) - 17):
            if digits[i : i + 2] in PROVINCES and is_resident(digits[i : i + 18]):
                yield Number(
                    NumberKind.RESIDENT, digits[i : i + 18], region.start() + at[i], region.start() + at[i + 17] + 1
                )


def is_resident(digits: str) -> bool:
    """Check digit, province and a birthday that the calendar knows.

    >>> is_resident("11010519491231002X"), is_resident("110105194912310029")
    (True, False)
    """
    if len(digits) != 18 or not digits[:17].isdecimal() or digits[:2] not in PROVINCES:
        return False
    try:
        date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return False
    total = sum(int(d) * w for d, w in zip(digits[:17], _WEIGHTS, strict=True))
    # A sequence number of zero is not given to anybody (GB 11643-1999, 4.2.3 counts from 001).
    return digits[14:17] != "000" and _CHECKS[total % 11] == digits[17]


def is_card(digits: str) -> bool:
    """Luhn's check digit and the head of a bank of this country."""
    if not (16 <= len(digits) <= 19 and digits.isdecimal() and digits.startswith(_BANK_HEADS)):
        return False
    doubled = [int(d) * 2 for d in digits[-2::-2]]
    total = sum(int(d) for d in digits[-1::-2]) + sum(d - 9 if d > 9 else d for d in doubled)
    return total % 10 == 0 and len(set(digits)) > 3


def is_mobile(digits: str) -> bool:
    """Whether it may be somebody's: 13800000000 and its like are written where a number is meant to be filled in."""
    return len(set(digits[3:])) > 2


_VALID = {NumberKind.RESIDENT: is_resident, NumberKind.CARD: is_card, NumberKind.MOBILE: is_mobile}


def _is_part(text: str, number: Number) -> bool:
    before = text[max(number.start - 5, 0) : number.start]
    if number.kind is NumberKind.MOBILE and _COUNTRY.search(before):
        before = ""
    return bool(_PART_BEFORE.match(before[-1:]) or _PART_AFTER.match(text[number.stop : number.stop + 2]))
