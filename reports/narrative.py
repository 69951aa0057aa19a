"""What a 抽查通报 says: the office's details and the figures of an inspection turned into sentences. How it looks is
`notice.py`'s.

What may be said is bounded: only certain findings are faults; undetermined sites, and sites whose audit failed on our
side, are named apart and stand in no rate; what the office must fill in is left as 〔　　〕, never invented. The
sentences are those of the template (`reports/wording.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from reports.labels import RESULTS
from reports.phrases import CHINESE, NAMES, Sentence, Speech, listing, quoted, site_name, sites
from reports.tally import Entry, by_kind, by_site, manual
from reports.typography import chinese
from rules.engine.assessment import Assessment
from rules.engine.review import awaits_review

_GENERAL = 5
"""From so many sites on, the share of compliant ones says something of all of them."""
_SITES, _FACTS = 5, 2
"""Named in the text: sites a kind of problem, facts a site. The annexes have the rest."""


class Narrative(Speech):
    """The texts of one notice, in order: `title`, `lead`, `sections`."""

    @property
    def title(self) -> list[str]:
        """In parts that no line break may split."""
        return self.parts("title.parts")

    @property
    def lead(self) -> str:
        return self.phrase("lead.text")

    @property
    def sections(self) -> list[tuple[str, list[Sentence]]]:
        """(heading, what stands under it)."""
        found = [
            (self.phrase("overview.heading"), [Sentence(t) for t in self._overview()]),
            (self.phrase("followup.heading"), [Sentence(t) for t in self._followup()]),
            (self.phrase("problems.heading"), list(self._problems())),
            (self.phrase("demands.heading"), list(self._demands())),
        ]
        return [(heading, sentences) for heading, sentences in found if sentences]

    def _overview(self) -> Iterator[str]:
        figures = self.figures
        if not figures.assessments and not figures.failures:
            yield self.phrase("overview.nothing")
            return
        if figures.checked:
            yield self._counted() + self._grade()
        if figures.unqualified:
            yield from self._failed()
        yield from self._undetermined()
        if figures.failures:
            yield self.phrase(f"overview.{'' if figures.assessments else 'only_'}failures")
        if found := "".join(self._found()):
            yield found
        if codes := manual(figures.assessments):
            yield self.phrase("overview.manual", titles=self.indicators(codes))

    def _undetermined(self) -> Iterator[str]:
        pending = [a for a in self.figures.undetermined if awaits_review(a)]
        others = [a for a in self.figures.undetermined if not awaits_review(a)]
        if others:
            key = "undetermined" if self.figures.checked or pending else "only_undetermined"
            yield self.phrase(f"overview.{key}", count=len(others), names=listing([site_name(a) for a in others]))
        if pending:
            names = listing([site_name(a) for a in pending])
            yield self.phrase("overview.pending", count=len(pending), names=names)

    def _counted(self) -> str:
        figures, running = self.figures, self.details.running
        if running is None or running < figures.checked:
            first = self.phrase("overview.count")
        elif running == figures.checked:
            first = self.phrase("overview.whole")
        else:
            enough = "enough" if figures.checked >= self.details.required_share * running else "short"
            share = CHINESE.percent(figures.checked / running)
            first = self.phrase("overview.share", share=share, enough=self.phrase(f"overview.{enough}"))
        if figures.checked == 1:
            (only,) = (*figures.qualified, *figures.unqualified)
            return first + self.phrase("overview.single", name=site_name(only), result=RESULTS[only.result])
        key = "mixed" if figures.qualified and figures.unqualified else "all_passed"
        return first + self.phrase(f"overview.{key if figures.qualified else 'all_failed'}")

    def _grade(self) -> str:
        """What the results amount to; of a few sites nothing is said in general."""
        if self.figures.checked < _GENERAL:
            return ""
        return self.wording.grade(len(self.figures.qualified), self.figures.checked).format_map(self._filled({}))

    def _failed(self) -> Iterator[str]:
        failed = self.figures.unqualified
        if len(failed) > NAMES:
            yield self.phrase("failed.causes", causes="；".join(self._causes()))
        yield self.phrase(f"failed.{'first' if len(failed) > NAMES else 'lead'}", shown=NAMES)
        for number, site in enumerate(failed[:NAMES], 1):
            yield f"{number}. {self._why(site)}" if len(failed) > 1 else self._why(site)

    def _causes(self) -> Iterator[str]:
        failed = self.figures.unqualified
        for code, count in Counter(code for site in failed for code in dict.fromkeys(site.vetoes)).most_common():
            yield self.phrase("failed.cause", title=self.indicators([code]), count=count)
        if low := sum(not site.vetoes for site in failed):
            yield self.phrase("failed.low", count=low, **{"pass": self.passing})

    def _why(self, site: Assessment) -> str:
        if site.vetoes:
            return self.phrase("failed.veto", name=site_name(site), indicators=self.indicators(site.vetoes))
        if site.score is None:
            return self.phrase("failed.unknown", name=site_name(site))
        key = "estimate" if site.score_is_estimate else "score"
        return self.phrase(
            f"failed.{key}", name=site_name(site), score=CHINESE.number(site.score), **{"pass": self.passing}
        )

    def _found(self) -> Iterator[str]:
        figures = self.figures
        if figures.problems:
            yield self.phrase("overview.problems", sites=sites(figures.problems))
        if len(figures.listed) > len(figures.problems):
            yield self.phrase("overview.advice")
        if figures.reviews:
            yield self.phrase("overview.reviews")

    def _followup(self) -> Iterator[str]:
        past = self.background.followup
        if past is None:
            return
        owed = past.named - past.upheld
        told = self.phrase(
            "followup.text",
            previous=past.period,
            named=past.named,
            sites=past.sites,
            today=CHINESE.date(past.today),
            mended=past.mended,
            mended_rate=CHINESE.percent(past.mended / owed) if owed else "—",
        )
        parts = [
            self.phrase(f"followup.{key}", count=count)
            + (self.phrase("followup.overdue", count=past.overdue) if key == "open" and past.overdue else "")
            for key in ("open", "unseen", "waiting", "back", "upheld")
            if (count := getattr(past, key))
        ]
        if parts:
            told += self.phrase("followup.rest", left=past.named - past.mended, parts="；".join(parts))
        yield told
        if past.late:
            yield self.phrase("followup.late", names=listing([quoted(late) for late in past.late]))
        if repeated := [
            self.phrase("followup.repeated", name=site_name(site), periods="、".join(periods))
            for site in self.figures.unqualified
            if (periods := self.background.failed_before.get(site.site.url))
        ]:
            yield self.phrase("followup.repeats", names=listing(repeated))

    def _problems(self) -> Iterator[Sentence]:
        figures = self.figures
        number = 0
        for kind, entries in by_kind(figures.problems):
            number += 1
            counts = {"sites": sites(entries), "count": len(entries)}
            title, headline = self.parts(f"problems.kinds.{kind.id}", **counts)
            yield Sentence(headline, f"（{chinese(number)}）{title}。")
            own = by_site(entries)
            for place, (site, of_site) in enumerate(own[:_SITES], 1):
                text = self._example(site, of_site)
                yield Sentence(f"{place}. {text}" if len(own) > 1 else text)
            if len(own) > _SITES:
                yield Sentence(self.phrase("problems.others", count=len(own) - _SITES))
        if not number:
            yield Sentence(self.phrase(f"problems.{'none' if figures.checked else 'none_checked'}"))
            if figures.checked and figures.undetermined:
                yield Sentence(self.phrase("problems.none_undetermined"))

    def _example(self, site: Assessment, entries: Sequence[Entry]) -> str:
        facts = list(dict.fromkeys(self.fact(e) for e in entries))[:_FACTS]
        key = "example_more" if len(entries) > len(facts) else "example"
        return self.phrase(f"problems.{key}", name=site_name(site), facts="；".join(facts), count=len(entries))

    def _demands(self) -> Iterator[Sentence]:
        figures, past = self.figures, self.background.followup
        late = [quoted(name) for name in past.late] if past is not None else []
        again = [site_name(a) for a in figures.unqualified if self.background.failed_before.get(a.site.url)]
        blamed = list(dict.fromkeys([*late, *again]))
        keys = ["urgent"] if any(e.kind.urgent for e in figures.problems) else []
        keys += ["rectify", "object"] if figures.problems else []
        keys += ["account"] if blamed else []
        keys += ["recheck"] if figures.undetermined or figures.failures else []
        for number, key in enumerate([*keys, "maintain"], 1):
            title, text = self.parts(f"demands.{key}", deadline=self.by_when(), names=listing(blamed))
            yield Sentence(text, f"（{chinese(number)}）{title}")
        if self.details.contact:
            yield Sentence(self.phrase("demands.contact"))
