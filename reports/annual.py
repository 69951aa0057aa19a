"""监管年度报表: a year's inspections in figures, by quarter and as a whole. What no inspection knows is left blank."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from reports import styles
from reports.background import Background
from reports.details import NoticeDetails
from reports.official import OfficialDocument, TableColumn
from reports.phrases import BLANK, CHINESE, Speech
from reports.tally import tally
from reports.typography import title_lines
from rules.engine.assessment import Run
from rules.engine.edition import Edition


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a quarter, or of the year. Sites are counted once, whichever way they were visited."""

    qualified: int
    failed: int
    """Of the year: at least once."""
    undetermined: int
    notices: int
    """通报 and 整改通知书 that went out."""
    named: int
    """Findings in them, each counted once."""
    mended: int
    overdue: int

    @property
    def checked(self) -> int:
        return self.qualified + self.failed


def render(
    run: Run, edition: Edition, year: int, quarters: Sequence[Figures | None], whole: Figures, *, details: NoticeDetails
) -> bytes:
    """The form as a Word file in landscape. `quarters`: four, None where nothing was inspected."""
    text = Speech(run, tally(run, ()), edition, details, Background())
    wording = text.wording
    title = text.parts("annual.parts", year=year)
    document = OfficialDocument(
        title="".join(title),
        author=details.office,
        created=run.finished or run.started,
        header=wording.one("draft.header") if details.draft else "",
        watermark=wording.one("draft.watermark") if details.draft else "",
        landscape=True,
    )
    document.title(title_lines(title))
    document.blank()
    document.paragraph(text.phrase("annual.unit", unit=details.office or BLANK), styles.FLUSH)
    columns = [
        TableColumn(heading, 30 if place else 72, styles.CELL_CENTER if place else styles.CELL)
        for place, heading in enumerate(wording.several("annual.columns"))
    ]
    document.table(columns, _rows(text, [*quarters, whole]))
    document.paragraph(text.phrase("annual.note", year=year), styles.NOTE)
    document.paragraph(text.phrase("annual.signatures"), styles.NOTE)
    return document.to_bytes()


def _rows(text: Speech, columns: Sequence[Figures | None]) -> Iterator[tuple[str, ...]]:
    running = text.details.running

    def share(part: int, whole: int | None) -> str:
        return CHINESE.percent(part / whole) if whole and part <= whole else "—"

    asked: list[tuple[str, Callable[[Figures], str]]] = [
        ("running", lambda _: BLANK if running is None else str(running)),
        ("checked", lambda f: str(f.checked)),
        ("share", lambda f: share(f.checked, running)),
        ("qualified", lambda f: str(f.qualified)),
        ("failed", lambda f: str(f.failed)),
        ("rate", lambda f: share(f.qualified, f.checked)),
        ("undetermined", lambda f: str(f.undetermined)),
        ("notices", lambda f: str(f.notices)),
        ("named", lambda f: str(f.named)),
        ("mended", lambda f: str(f.mended)),
        ("overdue", lambda f: str(f.overdue)),
    ]
    for key, figure in asked:
        yield text.phrase(f"annual.{key}"), *("—" if f is None else figure(f) for f in columns)
    for title in (text.phrase("annual.accountable"), *text.wording.several("annual.office")):
        yield title, *[BLANK] * len(columns)
