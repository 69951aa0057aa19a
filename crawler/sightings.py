"""Where a number of a person stands in a text, told without the number: what may be kept, shown and judged later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from crawler.message import Message
from crawler.numbers import NumberKind, find, mask, masked

_AROUND = 80  # characters of its line, on either side
_BEFORE = 24  # in which a label stands
_AFTER = 8
# The worked examples of GB 11643-1999, which explanations of the number quote.
_EXAMPLES = frozenset({"440524188001010014", "11010519491231002X"})
_DIGITS = "0123456789０１２３４５６７８９XxＸｘ"


@dataclass(frozen=True, slots=True)
class Sighting:
    kind: NumberKind
    which: int
    """The same for the same number: counted from 0 over the whole text or file."""
    shown: str
    """Masked."""
    line: str
    """What stands around it in its line, every number masked, white space squeezed."""
    at: int
    """Where `shown` begins in `line`."""
    where: Message | None = None
    """Page, row or line of a file."""

    @property
    def before(self) -> str:
        return self.line[max(self.at - _BEFORE, 0) : self.at]

    @property
    def after(self) -> str:
        return self.line[self.at + len(self.shown) :][:_AFTER]


def sightings(
    text: str, known: dict[str, int] | None = None, where: Callable[[int], Message] | None = None
) -> Iterator[Sighting]:
    """Every possible number in the text, in order, but the examples of the standard.

    `known`: the numbers met before, in other parts of the same file; new ones are added to it. `where`: the place of a
    line of the text, counted from 0.
    """
    known = {} if known is None else known
    line, counted = 0, 0
    for number in find(text):
        if number.digits in _EXAMPLES:
            continue
        shown = mask(number)
        before = _squeezed(_from_a_whole(text, text.rfind("\n", 0, number.start) + 1, number.start))
        after = _squeezed(_to_a_whole(text, number.stop, text.find("\n", number.stop)))
        which = known.setdefault(number.digits, len(known))
        line, counted = line + text.count("\n", counted, number.start), number.start
        place = where(line) if where is not None else None
        before = before.lstrip()
        yield Sighting(number.kind, which, shown, before + shown + after.rstrip(), len(before), place)


def _squeezed(text: str) -> str:
    """Masked; one blank for many, at the ends too."""
    inner = " ".join(text.split())
    lead, trail = (" " if text[:1].isspace() else ""), (" " if text[-1:].isspace() else "")
    return lead + masked(inner) + trail if inner else lead


def _from_a_whole(text: str, start: int, stop: int) -> str:
    """The end of the line before `stop`: not from the middle of a number on, which no mask would know."""
    cut = max(start, stop - _AROUND)
    return text[cut:stop] if cut == start else text[cut:stop].lstrip(_DIGITS)


def _to_a_whole(text: str, start: int, stop: int) -> str:
    stop = len(text) if stop < 0 else stop
    cut = min(stop, start + _AROUND)
    return text[start:cut] if cut == stop else text[start:cut].rstrip(_DIGITS)
