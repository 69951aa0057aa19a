"""The HTML of the review page. Everything from a site or from a person is text, in one line, with numbers masked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from crawler.message import Message, say
from crawler.numbers import masked
from reports import labels
from reports.language import Language
from reports.listing import address
from reports.summary import Catalogue
from reports.text import line
from rules.engine.assessment import Run
from xuncha.decision import CHOICES, Choice
from xuncha.ledger import State, described
from xuncha.parameters import CHINA
from xuncha.progress import label
from xuncha.review.docket import Item, Selection
from xuncha.review.door import Guest
from xuncha.review.filters import filters
from xuncha.review.journal import Batch

_TONES = {
    State.NEW: "warn",
    State.REVIEW: "warn",
    State.APPEALED: "warn",
    State.CONFIRMED: "fail",
    State.NOTIFIED: "fail",
    State.RECTIFYING: "fail",
    State.FAILED: "fail",
    State.OVERDUE: "fail",
    State.PASSED: "good",
    State.GONE: "good",
}
_KEYS = {Choice.CONFIRM: "1", Choice.REJECT: "1", Choice.MISTAKEN: "2", Choice.UPHOLD: "2", Choice.APPEAL: "3"}
_HEAD = 80  # characters of a sentence in a title


@dataclass(frozen=True, slots=True)
class Button:
    value: str
    word: str
    key: str
    needs_reason: bool


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One finding in the list."""

    key: str
    seen: str
    rule: str
    message: str
    at: str
    site: str
    state: str
    tone: str
    certain: bool


@dataclass(frozen=True, slots=True)
class Done:
    """One batch in the record."""

    name: str
    at: str
    who: str
    what: str
    why: str
    findings: tuple[tuple[str, str], ...]
    """Key and sentence of the first ones."""
    more: int
    valid: bool
    last: bool


class Pages:
    """All in one language."""

    def __init__(self, run: Run, catalogue: Catalogue, language: Language) -> None:
        self._run, self._catalogue, self._language = run, catalogue, language
        self._templates = Environment(
            loader=PackageLoader("xuncha", "review/templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def list(
        self,
        guest: Guest,
        items: Sequence[Item],
        found: Sequence[Item],
        shown: Sequence[Item],
        selection: Selection,
        number: int,
        pages: int,
        digest: str,
        draft: Mapping[str, str],
        until: str,
    ) -> str:
        query = selection.query()
        return self._render(
            "list.html.j2",
            guest,
            title=self._language.say("复核清单"),
            undecided=sum(item.undecided for item in items),
            total=len(items),
            found=len(found),
            lines=[self._line(item) for item in shown],
            filters=tuple(filters(items, selection, self._language)),
            words=selection.words,
            query=query,
            page=number,
            pages=pages,
            before=self._turned(query, number - 1) if number > 1 else "",
            after=self._turned(query, number + 1) if number < pages else "",
            digest=digest,
            buttons=self._buttons((Choice.CONFIRM, Choice.MISTAKEN, Choice.APPEAL)),
            draft=_draft(draft, until),
        )

    def finding(
        self,
        guest: Guest,
        item: Item,
        selection: Selection,
        place: tuple[int | None, int],
        beside: tuple[str | None, str | None],
        choices: Sequence[Choice],
        *,
        exchanges: bool,
        past: Iterable[tuple[datetime, Message]],
        batch: Batch | None,
        draft: Mapping[str, str],
        until: str,
    ) -> str:
        finding, text = item.finding, self._text
        rule = text(labels.rule(finding.rule))
        return self._render(
            "finding.html.j2",
            guest,
            title=f"{rule} · {_safe(label(item.site))}",
            item=self._line(item),
            rule=rule,
            facts=tuple(self._facts(item)),
            place=place[0],
            found=place[1],
            before=beside[0],
            after=beside[1],
            query=selection.query(),
            of_rule=Selection(rule=finding.rule).query(),
            of_host=Selection(host=item.host).query(),
            exchanges=exchanges,
            known=item.entry is not None,
            buttons=self._buttons(choices),
            dated=any(choice in (Choice.MISTAKEN, Choice.UPHOLD) for choice in choices),
            past=[(_clock(at), text(told)) for at, told in sorted(past, key=lambda one: one[0], reverse=True)],
            batch=None if batch is None else self._done(batch),
            draft=_draft(draft, until),
        )

    def record(self, guest: Guest, batches: Sequence[Batch], total: int) -> str:
        return self._render(
            "record.html.j2",
            guest,
            title=self._language.say("复核记录"),
            batches=[self._done(batch) for batch in batches],
            total=total,
        )

    def name(self, guest: Guest) -> str:
        return self._render("name.html.j2", guest, title=self._language.say("复核人"))

    def refused(self, why: Message, *, inside: bool = False) -> str:
        """`inside`: for a guest, who can go on."""
        return self._bare("refused.html.j2", why=self._text(why), inside=inside)

    def bare(self, why: Message) -> str:
        """In place of evidence."""
        return self._bare("bare.html.j2", why=self._text(why))

    # Within

    def _render(self, template: str, guest: Guest, **values: Any) -> str:  # noqa: ANN401
        notice, guest.notice = guest.notice, None
        return self._bare(
            template,
            who=guest.who,
            token=guest.token,
            run=self._run.id,
            notice=None if notice is None else self._text(notice.message),
            wrong=notice is not None and notice.wrong,
            undo="" if notice is None else notice.batch,
            undo_key="" if notice is None else notice.key,
            **values,
        )

    def _bare(self, template: str, **values: Any) -> str:  # noqa: ANN401
        language = self._language
        return self._templates.get_template(template).render(
            _=language.say, lang=language.tag, gap=language.gap, **values
        )

    def _text(self, message: Message) -> str:
        return masked(self._language.text(message))

    def _turned(self, query: str, page: int) -> str:
        return f"/{query}{'&' if query else '?'}page={page}"

    def _line(self, item: Item) -> Line:
        state = State.GONE if item.stands is None else item.stands.state
        told = say("不在台账中") if item.stands is None else described(item.stands)
        return Line(
            key=item.key,
            seen=item.version,
            rule=self._text(labels.rule(item.finding.rule)),
            message=self._text(item.finding.message),
            at=_safe(address(item.finding.at).text),
            site=_safe(label(item.site)),
            state=self._text(told),
            tone="idle" if item.stands is None else _TONES.get(state, "idle"),
            certain=item.finding.certain,
        )

    def _facts(self, item: Item) -> Iterator[Fact]:
        finding, text = item.finding, self._text
        yield _linked(self._language.say("网站"), item.site.url, f"{_safe(label(item.site))} ")
        yield _linked(self._language.say("问题地址"), finding.at)
        if finding.on and finding.on != finding.at:
            yield _linked(self._language.say("所在页面"), finding.on)
        for name, value in (
            (self._language.say("栏目"), finding.column or ""),
            (self._language.say("页面文字"), finding.excerpt),
            (self._language.say("应为"), text(finding.expected) if finding.expected else ""),
            (self._language.say("实为"), text(finding.found) if finding.found else ""),
        ):
            if value:
                yield Fact(name, _safe(value))
        yield Fact(
            self._language.say("指标"),
            self._language.list([text(self._catalogue.heading(code)) for code in finding.indicators]),
        )
        points = (
            self._language.say("扣 {points} 分", points=self._language.number(finding.points)) if finding.points else ""
        )
        certain = self._language.say("确定") if finding.certain else self._language.say("待复核")
        yield Fact(
            self._language.say("判定"),
            self._language.list([*filter(None, (text(labels.PARTS[finding.part]), points, certain))]),
        )
        if finding.fetched_at is not None:
            status = f"HTTP {finding.status} · " if finding.status else ""
            yield Fact(self._language.say("取得"), f"{status}{_clock(finding.fetched_at)}")
        yield Fact(self._language.say("编号"), line(finding.fingerprint))

    def _done(self, batch: Batch) -> Done:
        return Done(
            name=batch.name,
            at=_clock(batch.at),
            who=_safe(batch.who),
            what=self._text(batch.word),
            why=_safe(batch.why),
            findings=tuple((item.key, line(self._text(item.finding.message), _HEAD)) for item in batch.items[:3]),
            more=max(0, len(batch.items) - 3),
            valid=batch.valid,
            last=batch.last,
        )

    def _buttons(self, choices: Iterable[Choice]) -> tuple[Button, ...]:
        return tuple(
            Button(choice.value, self._text(CHOICES[choice]), _KEYS[choice], choice is not Choice.CONFIRM)
            for choice in choices
        )


def _draft(draft: Mapping[str, str], until: str) -> dict[str, str]:
    return {"why": draft.get("why", ""), "until": draft.get("until") or until, "which": draft.get("which", "")}


def _linked(name: str, url: str, before: str = "") -> Fact:
    shown = address(url)
    # A number in an address stays in it: then the address is shown masked, and leads nowhere.
    whole = shown.href is not None and masked(shown.href) == shown.href
    return Fact(name, f"{before}{_safe(shown.text)}", shown.href or "" if whole else "")


def _safe(text: str) -> str:
    return masked(line(text))


def _clock(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"


def resource(name: str) -> bytes:
    """A style sheet or script of ours."""
    return files("xuncha.review").joinpath("templates", name).read_bytes()
