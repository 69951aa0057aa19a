"""整改通知书: to the organ in charge of one site, what it has to mend and until when. Laid out as `notice.py`'s."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reports import letter
from reports.background import Background
from reports.details import NoticeDetails
from reports.labels import RESULTS
from reports.letter import Letter
from reports.phrases import CHINESE, Sentence, Speech, listing, site_name
from reports.tally import by_kind, tally
from reports.text import line
from reports.typography import chinese
from rules.engine.assessment import Assessment, Run
from rules.engine.edition import Edition

_FACTS = 5
"""Facts a kind of problem; the annex has the rest."""


def render(
    run: Run, assessment: Assessment, edition: Edition, *, details: NoticeDetails, background: Background
) -> bytes:
    """The order as a Word file, with the list of the site's problems."""
    unit = line(assessment.site.organ or assessment.site.name, 100)
    text = _Order(run, tally(replace(run, failures=()), [assessment]), edition, details, background)
    sections = [(heading, sentences) for heading, sentences in text.sections() if sentences]
    return letter.render(Letter(text.title, unit, text.lead, sections), text, run)


class _Order(Speech):
    @property
    def annexes(self) -> dict[str, str]:
        return {"problems": self.wording.one("annex.problems")} if self.figures.listed else {}

    @property
    def _site(self) -> Assessment:
        (site,) = self.figures.assessments
        return site

    @property
    def title(self) -> list[str]:
        return self.parts("order.parts", site=site_name(self._site))

    @property
    def lead(self) -> str:
        site = self._site.site
        marks = [f"网站标识码：{line(site.code, 20)}"] if site.code else []
        return self.phrase(
            "order.lead",
            site=site_name(self._site),
            marks="，".join([*marks, f"首页网址：{line(site.url, 200)}"]),
            result=str(RESULTS[self._site.result]),
            unit=line(site.organ, 100),
        )

    def sections(self) -> Iterator[tuple[str, list[Sentence]]]:
        yield self.phrase("order.found"), [Sentence(text) for text in self._found()]
        yield self.phrase("order.problems"), list(self._problems())
        yield self.phrase("order.demands"), list(self._demands())

    def _found(self) -> Iterator[str]:
        site, problems = self._site, self.figures.problems
        passing = {"pass": self.passing}
        if site.vetoes:
            yield self.phrase("order.veto", indicators=self.indicators(site.vetoes))
        elif site in self.figures.unqualified and site.score is not None:
            key = "estimate" if site.score_is_estimate else "score"
            yield self.phrase(f"order.{key}", score=CHINESE.number(site.score), **passing)
        elif problems:
            yield self.phrase("order.undetermined" if site in self.figures.undetermined else "order.none")
        if problems:
            yield self.phrase("order.count", count=len(problems))
        again = [n for e in problems if (n := self._noticed(e.finding.fingerprint))]
        if again:
            numbers = listing(list(dict.fromkeys(again)), 3)
            yield self.phrase("order.again", count=len(again), numbers=numbers)

    def _noticed(self, fingerprint: str) -> str:
        return self.background.noticed.get((self._site.site.url, fingerprint), "")

    def _problems(self) -> Iterator[Sentence]:
        for number, (kind, entries) in enumerate(by_kind(self.figures.problems), 1):
            title, _ = self.wording.several(f"problems.kinds.{kind.id}")
            heading = self.phrase("order.kind", title=title, count=len(entries))
            facts = list(dict.fromkeys(self.fact(entry) for entry in entries))
            shown = facts[:_FACTS]
            texts = (
                [f"{place}. {text}。" for place, text in enumerate(shown, 1)] if len(facts) > 1 else [f"{shown[0]}。"]
            )
            yield Sentence(texts[0] if len(texts) == 1 else "", f"（{chinese(number)}）{heading}")
            yield from map(Sentence, texts if len(texts) > 1 else ())
            if len(entries) > len(shown):
                yield Sentence(self.phrase("order.more", count=len(entries) - len(shown)))

    def _demands(self) -> Iterator[Sentence]:
        problems = self.figures.problems
        keys = ["urgent"] if any(e.kind.urgent for e in problems) else []
        keys += ["rectify", "object"] if problems else []
        keys += ["account"] if any(self._noticed(e.finding.fingerprint) for e in problems) else []
        for number, key in enumerate(keys, 1):
            title, text = self.parts(f"order.{key}", deadline=self.by_when())
            yield Sentence(text, f"（{chinese(number)}）{title}")
        if self.details.contact:
            yield Sentence(self.phrase("order.contact", contact=self.details.contact))
