"""notice.docx: a 抽查通报, laid out as an official document (GB/T 9704-2012).

The sentences come from `narrative.py`, the order of the page from `letter.py`, the geometry from `official.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from reports import letter
from reports.background import Background
from reports.details import NoticeDetails
from reports.language import Language
from reports.letter import Letter
from reports.narrative import Narrative
from reports.tally import tally
from rules.engine.assessment import Assessment, Run
from rules.engine.edition import Edition

__all__ = ["NoticeDetails", "render"]


def render(
    run: Run,
    assessments: Sequence[Assessment],
    edition: Edition,
    language: Language,  # noqa: ARG001 - every report is called alike
    *,
    details: NoticeDetails = NoticeDetails(),  # noqa: B008 - frozen
    background: Background = Background(),  # noqa: B008 - frozen
) -> bytes:
    """The notice as a Word file. It is a Chinese official document: `language` does not change it."""
    text = Narrative(run, tally(run, assessments), edition, details, background)
    return letter.render(Letter(text.title, details.addressee, text.lead, text.sections), text, run)
