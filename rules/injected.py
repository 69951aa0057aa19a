"""Words that intruders write into a page: betting, pornography, false wallets. `rules/words/tampering.toml` lists them.

A word alone proves little: the same names stand in what the police publish. What matters is where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from crawler.clues import occurring
from rules.lexicon import table

_BETWEEN_LATIN = re.compile(r"(?<=[a-z0-9])[\W_]+(?=[a-z0-9])")
_MARKS = re.compile(r"[^\w\x01]+|_+")
# Titles are made of parts: 登录开云体育-云岭县公安局. The name of a police office must not excuse the rest.
_PARTS = re.compile(r"\s*[-_|—–＿｜>»]+\s*|\s{2,}|\n")
# What makes a brand's name the beginning of an ordinary word: 半岛体育公园, 金沙娱乐场所.
_ORDINARY = re.compile(
    r"公园|广场|馆|中心|场|设施|局|学[校院]|用品|俱乐部|文化|产业|节|运动|小镇|健身|赛|器材|协会|旅游|训练|基地|公司|教育|彩票|总会|总局|事业|项目|活动|委员"
)
_SUFFIXES = ("体育", "官网", "官方", "娱乐", "电竞", "平台", "app")
_GROUPS = ("brands", "lottery", "adult", "wallet")
_PAIRS = ("gaming", "calls", "porn", "lure")
# Lotteries of the state, and what grown-ups learn.
_HONEST = re.compile(
    r"(?:福利|体育)彩票|成人(?:教育|高考|高等|学历|中专|技术|礼|仪式|继续|用|疫苗|社区|学校|培训|自考|组|片剂)"
)


@dataclass(frozen=True, slots=True)
class Sighting:
    """One such word, and what stands around it."""

    word: str
    around: str
    strong: bool
    """It means nothing else."""


@cache
def strong() -> frozenset[str]:
    """The words that mean nothing else; also as they are written with a dot before the last part (半岛·体育)."""
    words = {word for group in _GROUPS for word in table("tampering")[group]}
    dotted = {f"{word[: -len(end)]}·{end}" for word in words for end in _SUFFIXES if word.endswith(end) and word != end}
    return frozenset(words | dotted)


def _plain(text: str) -> str:
    """Small letters without marks and blanks; two words of Latin letters stay two."""
    return _MARKS.sub("", _BETWEEN_LATIN.sub("\x01", text.lower()))


@cache
def traces() -> frozenset[str]:
    """What a visit looks for in the words of pages: the strong words, and how some of them mix capitals (1xBet)."""
    return strong().union(table("tampering")["spellings"])


def may_say(text: str) -> bool:
    """Whether `in_title` need be asked: quick, and right when it says no."""
    return bool(occurring(_title_words(), _plain(text)))


def in_title(text: str) -> Iterator[Sighting]:
    """What is wrong with a title (or META keywords, or description), part by part; at most one sighting a part."""
    for part in _PARTS.split(text):
        plain = _plain(part)
        there = occurring(_title_words(), plain)  # nearly always empty: the rest is for the few titles that are not
        if not there or speaks_of_crime(plain):
            continue
        match = next(_occurrences(_strong_pattern(), plain), None)
        if match is not None:
            yield Sighting(match[0], part, strong=True)
            continue
        words = _suspect(there, plain)
        if words:
            yield Sighting("、".join(words), part, strong=False)


def in_text(text: str) -> Iterator[Sighting]:
    """Every strong word in a text that does not speak of what the police or a lottery fund did, line by line."""
    for line in text.split("\n"):
        low = line.lower()
        matches = list(_occurrences(_strong_pattern(), low))
        if matches and not speaks_of_crime(low):
            for match in matches:
                around = line[max(match.start() - 40, 0) : match.end() + 40]
                yield Sighting(match[0], around, strong=True)


def speaks_of_crime(text: str) -> bool:
    """The text is about gambling or pornography as an offence, or about a lottery's fund."""
    return any(word in text for word in table("tampering")["innocent"])


@cache
def _title_words() -> frozenset[str]:
    return strong().union(*(table("tampering")[name] for name in _PAIRS))


def _suspect(there: frozenset[str], plain: str) -> list[str]:
    lists, plain = table("tampering"), _HONEST.sub("", plain)
    gaming, calls, porn, lure = ([w for w in lists[name] if w in there and _stands(w, plain)] for name in _PAIRS)
    if gaming and calls:
        return [gaming[0], calls[0]]
    return [*porn, *lure][:2] if porn and len(porn) + len(lure) > 1 else []


def _stands(word: str, plain: str) -> bool:
    return any(True for _ in _occurrences(re.compile(re.escape(word)), plain))


@cache
def _strong_pattern() -> re.Pattern[str]:
    # The longest first: what is told is the whole name.
    return re.compile("|".join(map(re.escape, sorted(strong(), key=lambda w: (-len(w), w)))))


def _occurrences(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Matches that are no part of a longer Latin word or number, nor the beginning of an ordinary name."""
    for match in pattern.finditer(text):
        before, after = text[: match.start()][-1:], text[match.end() :][:1]
        if _joined(before, match[0][0]) or _joined(match[0][-1], after):
            continue
        if match[0].endswith(("体育", "娱乐")) and _ORDINARY.match(text, match.end()):
            continue
        yield match


def _joined(left: str, right: str) -> bool:
    return left.isascii() and left.isalnum() and right.isascii() and right.isalnum()
