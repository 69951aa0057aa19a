"""A letter of the office: number, title, addressee, text, annexes, signature, in the order of GB/T 9704-2012."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports import styles
from reports.details import NoticeDetails
from reports.official import OfficialDocument
from reports.phrases import BLANK, CHINESE, Sentence, Speech
from reports.remarks import remarks
from reports.styles import LEVEL_1
from reports.tables import problems, results
from reports.typography import chinese, title_lines
from rules.engine.assessment import Run

_ANNEXES = {"results": results, "problems": problems}
_WIDE = ("problems",)
_NO_NUMBER = "〔　　　　〕　　号"


@dataclass(frozen=True, slots=True)
class Letter:
    title: Sequence[str]
    """In parts that no line break may split."""
    addressee: str
    """Without the colon."""
    lead: str
    sections: Sequence[tuple[str, Sequence[Sentence]]]
    """(heading, what stands under it)."""


def render(letter: Letter, text: Speech, run: Run) -> bytes:
    """The letter as a Word file, with its annexes on pages of their own; a draft is marked on every page and ends in
    a page for the drafter."""
    details, wording = text.details, text.wording
    document = OfficialDocument(
        title="".join(letter.title),
        author=details.office,
        created=run.finished or run.started,
        header=wording.one("draft.header") if details.draft else "",
        watermark=wording.one("draft.watermark") if details.draft else "",
    )
    _body(document, letter, details, list(text.annexes.values()))
    for key, title in text.annexes.items():
        document.sheet(text.label(key), title, landscape=key in _WIDE)
        _ANNEXES[key](document, text)
    if details.draft:
        document.sheet("", wording.one("draft.heading"))
        document.paragraph(wording.one("draft.lead"), styles.REMARK)
        for number, remark in enumerate(remarks(text), 1):
            document.paragraph(f"{number}. {remark}", styles.REMARK)
    return document.to_bytes()


def _body(document: OfficialDocument, letter: Letter, details: NoticeDetails, annexes: Sequence[str]) -> None:
    document.paragraph(details.number or _NO_NUMBER, styles.NUMBER)
    document.blank()
    document.title(title_lines(letter.title))
    document.blank()
    document.paragraph(f"{letter.addressee.rstrip(':： ') or BLANK}：", styles.ADDRESSEE)
    document.paragraph(letter.lead)
    for number, (heading, sentences) in enumerate(letter.sections, 1):
        document.paragraph(f"{chinese(number)}、{heading}", LEVEL_1)
        for place, sentence in enumerate(sentences, 1):
            # The signature may not stand on a page without text.
            last = number == len(letter.sections) and place == len(sentences)
            document.paragraph(sentence.text, lead=sentence.lead, keep=last)
    if annexes:
        document.blank(keep=True)
        document.annex_list(annexes)
    document.blank(keep=True)
    document.blank(keep=True)
    blank = f"{BLANK}年{BLANK}月{BLANK}日"
    document.sign_off(details.office or BLANK, CHINESE.date(details.issued) if details.issued else blank)
