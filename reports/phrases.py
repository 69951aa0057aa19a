"""How documents of the office put things: names, facts, dates, and the words that fill a template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from reports import wording
from reports.background import Background
from reports.details import NoticeDetails
from reports.language import Language
from reports.summary import Catalogue
from reports.tally import Entry, Tally, name
from reports.text import line, plain
from reports.typography import formal
from rules import workdays
from rules.engine.assessment import Assessment, Run
from rules.engine.edition import Edition

BLANK = "〔　　〕"
CHINESE = Language("zh")
NAMES = 10
"""Names in a list that stands in the text. The annexes have the rest."""
_FACT = 150  # characters
_LONGEST = 4000  # characters that are filled into one place


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    lead: str = ""
    """The heading of the second level that the text runs on from, such as (一)栏目更新不及时。"""


class Speech:
    """The template's sentences, filled with what was found."""

    def __init__(
        self, run: Run, figures: Tally, edition: Edition, details: NoticeDetails, background: Background
    ) -> None:
        self.figures, self.details, self.background = figures, details, background
        self.catalogue = Catalogue(edition)
        self.wording = details.wording or wording.default()
        self._edition = edition
        self.span = days([a.as_of.date() for a in figures.assessments] or [run.as_of.date()])
        self._last = max((a.as_of.date() for a in figures.assessments), default=run.as_of.date())
        whole = details.running is not None and details.running == figures.checked > 0
        self.deadline = workdays.add(details.issued or self._last, details.workdays, holidays=details.holidays)
        self._words: dict[str, Any] = {
            "office": details.office or BLANK,
            "area": details.area,
            "period": details.period or f"{self._last.year}年{self._last.month}月",
            "activity": self.wording.one("activity.whole" if whole else "activity.sample"),
            "basis": _basis(edition),
            "as_of": self.span,
            "running": details.running if details.running is not None else BLANK,
            "checked": figures.checked,
            "qualified": len(figures.qualified),
            "failed": len(figures.unqualified),
            "undetermined": len(figures.undetermined),
            "failures": len(figures.failures),
            "problems": len(figures.problems),
            "reviews": figures.reviews,
            "rate": "" if figures.rate is None else CHINESE.percent(figures.rate),
            "required": CHINESE.percent(details.required_share),
            "advice": len(figures.listed) - len(figures.problems),
            "contact": details.contact,
            "report_to": details.report_to or BLANK,
            "run": run.id,
        }
        self._words |= {"results": self.label("results"), "list": self.label("problems")}

    @property
    def annexes(self) -> dict[str, str]:
        """Key → title, in order: `results` lists the sites, `problems` the findings."""
        keys = (["results"] if self.figures.assessments or self.figures.failures else []) + (
            ["problems"] if self.figures.listed else []
        )
        return {key: self.wording.one(f"annex.{key}") for key in keys}

    def label(self, key: str) -> str:
        """附件1, 附件2; a lone annex has no number, one that is not there no label."""
        annexes = list(self.annexes)
        if key not in annexes:
            return ""
        return self.wording.one("annex.label") + (str(annexes.index(key) + 1) if len(annexes) > 1 else "")

    def phrase(self, key: str, **more: object) -> str:
        return self.wording.one(key).format_map(self._filled(more))

    def parts(self, key: str, **more: object) -> list[str]:
        """Several texts: the parts of a title, a heading and what follows it."""
        words = self._filled(more)
        return [part.format_map(words) for part in self.wording.several(key)]

    def _filled(self, more: Mapping[str, object]) -> dict[str, object]:
        """What is filled in comes from pages, registers and the ledger: it is made fit for a document here."""
        words = {**self._words, **more}
        return {name: plain(word, _LONGEST) if isinstance(word, str) else word for name, word in words.items()}

    def indicators(self, codes: Sequence[str], limit: int = 4) -> str:
        names = list(dict.fromkeys(line(str(self.catalogue.title(code)), 60) for code in codes))
        return listing(names, limit) + (f"{len(names)}项指标" if len(names) > limit else "")

    def fact(self, entry: Entry) -> str:
        """The finding as a half sentence, and whether it has been mended meanwhile."""
        place = entry.assessment.site.url, entry.finding.fingerprint
        return fact(entry) + (self.wording.one("annex.mended") if place in self.background.mended else "")

    @property
    def passing(self) -> str:
        return CHINESE.number(self._edition.pass_score)

    @property
    def due(self) -> date:
        """Until when it is to be mended."""
        return self.details.due or self.deadline.date

    @property
    def assumed(self) -> bool:
        """The deadline was counted by weekdays only: the calendar lacks a year."""
        return self.details.due is None and self.deadline.assumed

    def by_when(self) -> str:
        day = CHINESE.date(self.due)
        if self.details.due is not None:
            return self.phrase("demands.deadline_fixed", date=day)
        key = "demands.deadline" if self.details.issued else "demands.deadline_draft"
        text = self.phrase(key, days=self.details.workdays, date=day, issued=CHINESE.date(self._last))
        return self.phrase("demands.assumed", deadline=text) if self.assumed else text


def _basis(edition: Edition) -> str:
    """《检查指标》(文号); a basis that is a title in brackets of its own is quoted as it is."""
    if "《" in edition.basis:
        return edition.basis
    title = edition.title if "《" in edition.title else f"《{edition.title}》"
    return f"{title}（{edition.basis}）" if edition.basis else title


def days(dates: Sequence[date]) -> str:
    """2026年11月24日; of several 2026年10月8日至11月24日."""
    first, last = min(dates), max(dates)
    if first == last:
        return CHINESE.date(last)
    end = CHINESE.date(last)
    return f"{CHINESE.date(first)}至{end.partition('年')[2] if first.year == last.year else end}"


def quoted(called: str) -> str:
    """“云岭县水利局”网站, as notices name sites."""
    called = line(called, 60)
    return f"“{called}”" + ("" if called.endswith(("网", "网站")) else "网站")


def site_name(assessment: Assessment) -> str:
    return quoted(name(assessment.site))


def listing(names: Sequence[str], limit: int = NAMES) -> str:
    """甲、乙、丙; past `limit`: 甲、乙等."""
    return "、".join(names[:limit]) + ("等" if len(names) > limit else "")


def fact(entry: Entry) -> str:
    """The finding's sentence, with its column where the sentence does not name it, without the full stop."""
    text = formal(CHINESE.text(entry.finding.message)).rstrip("。；，.;, ")
    column = line(entry.finding.column or "", 40)
    if column and column not in text:
        text = f"“{column}”栏目{text}"
    return line(text, _FACT)


def sites(entries: Iterable[Entry]) -> int:
    return len({id(e.assessment) for e in entries})
