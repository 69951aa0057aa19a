"""The text of a PDF, page by page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from crawler.file_clues import Unread
from crawler.numbers import is_resident
from crawler.passage import FEW, MOST_PAGES, Parts, Passage, Unreadable, letters, on_page

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

_OUTLINES = 200  # shapes: text that was turned into curves, not a frame
# A narrow cell of a table breaks a number into lines.
_BROKEN = re.compile(r"[0-9]+(?:[ \t]*\r?\n[ \t]*(?:[0-9]+[Xx]?|[Xx])(?![0-9A-Za-z]))+")
_PIECES = 5  # lines
_RESIDENT = 18  # characters


def pdf(body: bytes) -> Parts:
    """Raises Unreadable; a file without text is one that holds only pictures."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        locked = error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD
        raise Unreadable(Unread.LOCKED if locked else Unread.DAMAGED) from error
    with document:
        count = len(document)
        for number in range(min(count, MOST_PAGES)):
            page = document[number]
            text = page.get_textpage().get_text_range()
            if letters(text) < FEW and _is_picture(page):
                yield None
            if text:
                yield Passage(mended(text), on_page(number + 1))
            page.close()
        if count > MOST_PAGES:
            raise Unreadable(Unread.LONG)


def _is_picture(page: PdfPage) -> bool:
    from pypdfium2 import raw

    kinds = (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_PATH)
    things = page.get_objects(filter=kinds, max_depth=3)
    return any(thing.type == raw.FPDF_PAGEOBJ_IMAGE or n > _OUTLINES for n, thing in enumerate(things))


def mended(text: str) -> str:
    """Resident numbers that were broken into lines made whole: check digit, birthday and province say that they are."""
    return _BROKEN.sub(lambda found: "\n".join(_joined(found[0].split())), text)


def _joined(runs: list[str]) -> Iterator[str]:
    at = 0
    while at < len(runs):
        several = (("".join(runs[at:to]).upper(), to) for to in range(at + 2, min(at + _PIECES, len(runs)) + 1))
        numbers = (one for one in several if len(one[0]) == _RESIDENT and is_resident(one[0]))
        whole, to = next(numbers, (runs[at], at + 1))
        yield whole
        at = to
