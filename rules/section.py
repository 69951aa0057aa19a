"""The names that a section of a government site goes by: `rules/words/sections.toml`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rules.lexicon import table

_PLACE = re.compile(
    r"^(?:[\u4e00-\u9fff]*[省市州盟])?([\u4e00-\u9fff]{2,}?)(?:[\u4e00-\u9fff]{1,4}族)*(?:自治)?[省市县区州旗镇乡](?=人民|政府|门户|[\u4e00-\u9fff]*[局委办厅]|$)"
)
SHORT = 8
"""Characters of a link that may be another name of a section."""
LONG = 12
"""The same, of one that has other names than a word or two."""


@dataclass(frozen=True, slots=True)
class Section:
    """One required section and its names."""

    key: str
    name: str
    terms: tuple[str, ...]
    exceptions: tuple[str, ...]
    hints: tuple[str, ...]
    kinds: tuple[str, ...]
    within: tuple[str, ...] = ()
    """Sections that it often stands under: an entry of theirs may hold it."""
    place: bool = False
    """It is often named by the name of the place."""
    free: bool = False
    """Its names are often made up, and a site fails for want of it: an entry of an unknown name may be it."""

    def holds(self, kind: str, name: str) -> bool:
        """A column of that kind and name belongs to this section."""
        return (kind in self.kinds and not self._excepted(name)) or self.named(name)

    def named(self, text: str) -> bool:
        """The text of a link is a name of this section, not a sentence that speaks of it."""
        if _any_of(self.terms).search(text) is None or self._excepted(text):  # as nearly every text
            return False
        return any(_is_name(term, text) for term in self.terms)

    def hinted(self, text: str) -> bool:
        """It may be this section under a name that the lexicon does not know."""
        if len(text) > (LONG if self.within else SHORT) or self._excepted(text):
            return False
        return any(word in text for word in (*self.hints, *self.terms))

    def _excepted(self, text: str) -> bool:
        return any(word in text for word in self.exceptions)


def known_sections() -> Iterable[str]:
    """The keys of `rules/words/sections.toml`."""
    return table("sections")


def section_of(key: str) -> Section:
    """The section of that key; ValueError names the known ones."""
    data = table("sections").get(key)
    if data is None:
        raise ValueError(f"没有代号为 {key} 的栏目；已有的代号：{'、'.join(known_sections())}")
    return Section(
        key,
        data["name"],
        tuple(data["terms"]),
        tuple(data["except"]),
        tuple(data["hints"]),
        tuple(data["kinds"]),
        tuple(data.get("within", ())),
        data.get("place", False),
        data.get("free", False),
    )


def plain(text: str) -> str:
    """Letters and digits only, full width made half: “ > 领导之窗 ” and “领导之窗” are one name."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text[:200]))


def place_of(name: str) -> str:
    """The place that a site's name begins with, without what sort of place it is; empty where it names none.

    >>> place_of("云岭县人民政府门户网站"), place_of("云南省云岭县人民政府")
    ('云岭', '云岭')
    """
    match = _PLACE.search(plain(name))
    return match[1] if match is not None else ""


@lru_cache(maxsize=128)
def _any_of(terms: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, terms)) or r"(?!)")


def _is_name(term: str, text: str) -> bool:
    extra = len(text) - len(term)
    if text.startswith(term) or text.endswith(term):
        return 0 <= extra <= 8
    return extra <= 3 and term in text
