"""What a 抽查通报 says: the office's details and a run's figures turned into sentences. How it looks is `notice.py`'s.

What may be said is bounded: only certain findings are faults; undetermined sites, and sites whose audit failed on our
side, are named apart and stand in no rate; what the office must fill in is left as 〔　　〕, never invented. The
sentences are in `templates/notice.toml`.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from reports.details import NoticeDetails
from reports.labels import RESULTS
from reports.language import Language
from reports.summary import Catalogue, is_unchecked
from reports.tally import Entry, Tally, by_kind, by_site, manual, name
from reports.text import line
from reports.typography import chinese, formal
from rules import workdays
from rules.engine.assessment import Assessment, Run
from rules.engine.edition import Edition

BLANK = "〔　　〕"
CHINESE = Language("zh")
_SITES, _FACTS, _NAMES = 5, 2, 10
"""Named in the text: sites a kind of problem, facts a site, names in a list. The annexes have the rest."""
_FACT = 150  # characters


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    lead: str = ""
    """The heading of the second level that the text runs on from, such as (一)栏目更新不及时。"""


class Narrative:
    """The texts of one notice, in order: `parts`, `lead`, `sections`, `annexes`, `remarks`."""

    def __init__(self, run: Run, figures: Tally, edition: Edition, details: NoticeDetails) -> None:
        self.figures, self.details = figures, details
        self._run, self._edition = run, edition
        self._as_of = run.as_of.date()
        self.catalogue = Catalogue(edition)
        self._deadline = workdays.add(details.issued or self._as_of, details.workdays, holidays=details.holidays)
        whole = details.running is not None and details.running == figures.checked > 0
        self._words: dict[str, Any] = {
            "office": details.office or BLANK,
            "area": details.area,
            "period": details.period or f"{self._as_of.year}年{self._as_of.month}月",
            "activity": self.wording("activity", "whole" if whole else "sample"),
            "basis": _basis(edition),
            "as_of": CHINESE.date(self._as_of),
            "running": details.running,
            "checked": figures.checked,
            "qualified": len(figures.qualified),
            "failed": len(figures.unqualified),
            "undetermined": len(figures.undetermined),
            "failures": len(figures.failures),
            "problems": len(figures.problems),
            "reviews": figures.reviews,
            "rate": "" if figures.rate is None else CHINESE.percent(figures.rate),
            "advice": len(figures.listed) - len(figures.problems),
            "results": self.label("results"),
            "list": self.label("problems"),
            "contact": details.contact,
            "report_to": details.report_to or BLANK,
            "run": run.id,
        }

    @staticmethod
    def wording(section: str, key: str) -> Any:  # noqa: ANN401 - a text, a list or a table
        return _wording()[section][key]

    @property
    def parts(self) -> list[str]:
        """The title in parts that no line break may split."""
        return [p.format_map(self._words) for p in self.wording("title", "parts")]

    @property
    def lead(self) -> str:
        return self._say("lead", "text")

    @property
    def annexes(self) -> list[str]:
        """Keys of [annex], in order: `results` lists the sites, `problems` the findings."""
        sites = self.figures.assessments or self.figures.failures
        return [*(["results"] if sites else []), *(["problems"] if self.figures.listed else [])]

    def label(self, key: str) -> str:
        """附件1, 附件2; a lone annex has no number, one that is not there no label."""
        annexes = self.annexes
        if key not in annexes:
            return ""
        number = str(annexes.index(key) + 1) if len(annexes) > 1 else ""
        return f"{self.wording('annex', 'label')}{number}"

    @property
    def sections(self) -> list[tuple[str, list[Sentence]]]:
        """(heading, what stands under it)."""
        return [
            (self.wording("overview", "heading"), [Sentence(t) for t in self._overview()]),
            (self.wording("problems", "heading"), list(self._problems())),
            (self.wording("demands", "heading"), list(self._demands())),
        ]

    def _say(self, section: str, key: str, **more: object) -> str:
        return str(self.wording(section, key)).format_map({**self._words, **more})

    def _overview(self) -> Iterator[str]:
        figures = self.figures
        if not figures.assessments and not figures.failures:
            yield self._say("overview", "nothing")
            return
        if figures.checked:
            yield self._counted()
        if figures.unqualified:
            yield from self._failed()
        if figures.undetermined:
            names = listing([quoted(a) for a in figures.undetermined])
            yield self._say("overview", "undetermined" if figures.checked else "only_undetermined", names=names)
        if figures.failures:
            yield self._say("overview", "failures" if figures.assessments else "only_failures")
        if found := "".join(self._found()):
            yield found
        if codes := manual(figures.assessments):
            yield self._say("overview", "manual", titles=self._indicators(codes))

    def _counted(self) -> str:
        figures, running = self.figures, self.details.running
        if running is None or running < figures.checked:
            first = self._say("overview", "count")
        elif running == figures.checked:
            first = self._say("overview", "whole")
        else:
            first = self._say("overview", "share", share=CHINESE.percent(figures.checked / running))
        if figures.checked == 1:
            (only,) = (*figures.qualified, *figures.unqualified)
            return first + self._say("overview", "single", name=quoted(only), result=RESULTS[only.result])
        key = "mixed" if figures.qualified and figures.unqualified else "all_passed"
        return first + self._say("overview", key if figures.qualified else "all_failed")

    def _failed(self) -> Iterator[str]:
        failed = self.figures.unqualified
        if len(failed) > _NAMES:
            yield self._say("failed", "causes", causes="；".join(self._causes()))
        yield self._say("failed", "first" if len(failed) > _NAMES else "lead", shown=_NAMES)
        for number, site in enumerate(failed[:_NAMES], 1):
            yield f"{number}. {self._why(site)}" if len(failed) > 1 else self._why(site)

    def _causes(self) -> Iterator[str]:
        failed = self.figures.unqualified
        for code, count in Counter(code for site in failed for code in dict.fromkeys(site.vetoes)).most_common():
            yield self._say("failed", "cause", title=self._indicators([code]), count=count)
        if low := sum(not site.vetoes for site in failed):
            yield self._say("failed", "low", count=low, **self._pass)

    @property
    def _pass(self) -> dict[str, str]:
        return {"pass": CHINESE.number(self._edition.pass_score)}

    def _why(self, site: Assessment) -> str:
        if site.vetoes:
            return self._say("failed", "veto", name=quoted(site), indicators=self._indicators(site.vetoes))
        if site.score is None:
            return self._say("failed", "unknown", name=quoted(site))
        key = "estimate" if site.score_is_estimate else "score"
        return self._say("failed", key, name=quoted(site), score=CHINESE.number(site.score), **self._pass)

    def _found(self) -> Iterator[str]:
        figures = self.figures
        if figures.problems:
            yield self._say("overview", "problems", sites=_sites(figures.problems))
        if len(figures.listed) > len(figures.problems):
            yield self._say("overview", "advice")
        if figures.reviews:
            yield self._say("overview", "reviews")

    def _problems(self) -> Iterator[Sentence]:
        figures = self.figures
        number = 0
        for kind, entries in by_kind(figures.problems):
            number += 1
            title, headline = self.wording("problems", "kinds")[kind.id]
            counts = {"sites": _sites(entries), "count": len(entries)}
            yield Sentence(headline.format_map({**self._words, **counts}), f"（{chinese(number)}）{title}。")
            sites = by_site(entries)
            for place, (site, own) in enumerate(sites[:_SITES], 1):
                yield Sentence(f"{place}. {self._example(site, own)}" if len(sites) > 1 else self._example(site, own))
            if len(sites) > _SITES:
                yield Sentence(self._say("problems", "others", count=len(sites) - _SITES))
        if not number:
            yield Sentence(self._say("problems", "none" if figures.checked else "none_checked"))
            if figures.checked and figures.undetermined:
                yield Sentence(self._say("problems", "none_undetermined"))

    def _example(self, site: Assessment, entries: Sequence[Entry]) -> str:
        facts = list(dict.fromkeys(fact(e) for e in entries))[:_FACTS]
        key = "example_more" if len(entries) > len(facts) else "example"
        return self._say("problems", key, name=quoted(site), facts="；".join(facts), count=len(entries))

    def _demands(self) -> Iterator[Sentence]:
        figures = self.figures
        keys = ["urgent"] if any(e.kind.urgent for e in figures.problems) else []
        keys += ["rectify", "object"] if figures.problems else []
        keys += ["recheck"] if figures.undetermined or figures.failures else []
        for number, key in enumerate([*keys, "maintain"], 1):
            title, text = self.wording("demands", key)
            words = {**self._words, "deadline": self._by_when()}
            yield Sentence(text.format_map(words), f"（{chinese(number)}）{title}")
        if self.details.contact:
            yield Sentence(self._say("demands", "contact"))

    def _by_when(self) -> str:
        day = CHINESE.date(self._deadline.date)
        key = "deadline" if self.details.issued else "deadline_draft"
        text = self._say("demands", key, days=self.details.workdays, date=day, issued=CHINESE.date(self._as_of))
        return self._say("demands", "assumed", deadline=text) if self._deadline.assumed else text

    def remarks(self) -> Iterator[str]:
        """For the drafter only: what is left to fill in, to look at, and to doubt."""
        figures, details = self.figures, self.details
        yield self._say("draft", "source")
        blanks = [label for label, value in self._blanks() if not value]
        if blanks:
            yield self._say("draft", "blanks", names="、".join(blanks))
        if figures.problems and not details.issued:
            yield self._say("draft", "issued")
        if figures.problems and self._deadline.assumed:
            yield self._say("draft", "assumed", year=self._deadline.date.year)
        if details.running is not None and details.running < figures.checked:
            yield self._say("draft", "running")
        if figures.reviews:
            yield self._say("draft", "reviews")
        if codes := manual(figures.assessments):
            yield self._say("draft", "manual", titles=self._indicators(codes, len(codes)))
        unchecked = [n for a in figures.assessments if (n := sum(map(is_unchecked, a.checks)))]
        if unchecked:
            yield self._say("draft", "unchecked", count=sum(unchecked), sites=len(unchecked))
        for key, sites in (
            ("incomplete", [a for a in figures.assessments if not a.coverage.complete]),
            ("estimate", [a for a in figures.assessments if a.score is not None and a.score_is_estimate]),
            ("guessed", [a for a in figures.assessments if a.kind_guessed]),
        ):
            if sites:
                yield self._say("draft", key, count=len(sites), names=listing([quoted(a) for a in sites]))
        if figures.failures:
            yield self._say("draft", "failures", names=listing([line(url, 80) for url, _ in figures.failures]))

    def _blanks(self) -> Iterator[tuple[str, object]]:
        yield "发文机关", self.details.office
        yield "主送机关", self.details.addressee
        yield "文号", self.details.number
        yield "成文日期", self.details.issued
        if self.figures.problems:
            yield "整改情况报送对象", self.details.report_to

    def _indicators(self, codes: Sequence[str], limit: int = 4) -> str:
        names = list(dict.fromkeys(line(str(self.catalogue.title(code)), 60) for code in codes))
        return listing(names, limit) + (f"{len(names)}项指标" if len(names) > limit else "")


@lru_cache
def _wording() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(files("reports").joinpath("templates", "notice.toml").read_text("utf-8"))


def _basis(edition: Edition) -> str:
    """《检查指标》(文号); a basis that is a title in brackets of its own is quoted as it is."""
    if "《" in edition.basis:
        return edition.basis
    title = edition.title if "《" in edition.title else f"《{edition.title}》"
    return f"{title}（{edition.basis}）" if edition.basis else title


def quoted(assessment: Assessment) -> str:
    """“云岭县水利局”网站, as notices name sites."""
    called = name(assessment.site)
    return f"“{called}”" + ("" if called.endswith(("网", "网站")) else "网站")


def listing(names: Sequence[str], limit: int = _NAMES) -> str:
    """甲、乙、丙; past `limit`: 甲、乙等."""
    return "、".join(names[:limit]) + ("等" if len(names) > limit else "")


def fact(entry: Entry) -> str:
    """The finding's sentence, with its column where the sentence does not name it, without the full stop."""
    text = formal(CHINESE.text(entry.finding.message)).rstrip("。；，.;, ")
    column = line(entry.finding.column or "", 40)
    if column and column not in text:
        text = f"“{column}”栏目{text}"
    return line(text, _FACT)


def _sites(entries: Iterable[Entry]) -> int:
    return len({id(e.assessment) for e in entries})
