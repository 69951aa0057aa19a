"""What a reviewer may ask for, and what is answered. Knows no HTTP library: forms and addresses in, replies out.

Everything here runs in one thread, that of the store. What a person wrote is never lost: what cannot be written stands
in the form again, with one line that says why.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from crawler.archive import ArchiveError
from crawler.message import Message, say
from crawler.site import Site
from reports.text import line
from xuncha import evidence
from xuncha.decision import CHOICES, Choice, Decision, fitting, obstacle
from xuncha.ledger import Act, Entry, Event, State
from xuncha.parameters import CHINA, spoken
from xuncha.review import journal
from xuncha.review.docket import ALL, Docket, Item, Selection, beside
from xuncha.review.door import Guest, Notice
from xuncha.review.journal import Batch
from xuncha.review.page import Pages
from xuncha.store.database import StoreError

HOLDS = 365
"""Days that a mistake of ours holds, where nothing else is said."""
_SHOWN = 100  # rows of one page of the list
NAME = 40  # characters
_REASON = 500
_LOOK_BACK = 50  # batches that the record shows

_NAMELESS = say("先写您的姓名或单位")

Form = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Reply:
    body: str = ""
    status: int = 200
    kind: str = "html"
    """`html`, `exhibit` (of a site: it may do nothing) or `text`."""
    to: str = ""
    """Go there instead."""


class Desk:
    def __init__(self, docket: Docket, pages: Pages, folder: Callable[[Site], Path]) -> None:
        """`folder`: where the visit of a site lies."""
        self._docket, self._pages, self._folder = docket, pages, folder

    # To read

    def list(self, guest: Guest, query: Mapping[str, str]) -> Reply:
        items, selection = list(self._docket.items().values()), Selection.of(query)
        found = [item for item in items if selection.holds(item)]
        pages = max(1, -(-len(found) // _SHOWN))
        given = query.get("page", "")
        number = min(max(1, int(given) if given.isdecimal() and len(given) < 6 else 1), pages)
        shown = found[(number - 1) * _SHOWN : number * _SHOWN]
        return Reply(
            self._pages.list(
                guest,
                items,
                found,
                shown,
                selection,
                number,
                pages,
                _digest(found),
                guest.drafts.get("many", {}),
                _in_days(HOLDS),
            )
        )

    def finding(self, guest: Guest, key: str, query: Mapping[str, str]) -> Reply:
        items = self._docket.items()
        if key not in items:
            return self._missing()
        selection, ordered = Selection.of(query), list(items.values())
        found = [item for item in ordered if selection.holds(item)]
        item = items[key]
        place = next((number for number, one in enumerate(found, 1) if one.key == key), None)
        choices = fitting(item.stands.state) if item.stands is not None and item.stands.open else ()
        return Reply(
            self._pages.finding(
                guest,
                item,
                selection,
                (place, len(found)),
                beside(ordered, found, key),
                choices,
                exchanges=query.get("view") == "exchanges",
                past=self._docket.history(item),
                batch=journal.last(item),
                draft=guest.drafts.get(key, {}),
                until=_in_days(HOLDS),
            )
        )

    def exhibit(self, key: str) -> Reply:
        """The page as it was saved."""
        return self._evidence(key, self._page)

    def exchanges(self, key: str) -> Reply:
        return self._evidence(key, lambda item: Reply(evidence.exchanges(self._visit(item), item.finding), kind="text"))

    def _evidence(self, key: str, show: Callable[[Item], Reply]) -> Reply:
        item = self._docket.items().get(key)
        if item is None:
            return self._missing()
        try:
            return show(item)
        except ArchiveError as error:
            return Reply(self._pages.bare(error.args[0]))

    def _page(self, item: Item) -> Reply:
        page = evidence.page(self._visit(item), item.finding, spoken())
        if page is None:
            return Reply(self._pages.bare(say("这个问题没有保存的网页，请看请求和应答")))
        return Reply(page, kind="exhibit")

    def _visit(self, item: Item) -> Path:
        return self._folder(item.site)

    def record(self, guest: Guest) -> Reply:
        batches = journal.batches(self._docket.items().values())
        return Reply(self._pages.record(guest, batches[:_LOOK_BACK], len(batches)))

    def name(self, guest: Guest) -> Reply:
        return Reply(self._pages.name(guest))

    def _missing(self) -> Reply:
        return Reply(self._pages.refused(say("没有这一页"), inside=True), status=404)

    # To write. The answer to a form is always another page (so a reload sends nothing again).

    def rename(self, guest: Guest, form: Form) -> Reply:
        who = line(_one(form, "who"), NAME)
        if who:
            guest.who = who
            return Reply(to="/")
        guest.notice = Notice(say("要写姓名或单位"), wrong=True)
        return Reply(to="/name")

    def decide(self, guest: Guest, key: str, query: Mapping[str, str], form: Form) -> Reply:
        items, selection = self._docket.items(), Selection.of(query)
        if key not in items:
            return self._missing()
        item = items[key]
        why_not = self._decided(guest, [item], {key: _one(form, "seen")}, form)
        if why_not is not None:
            return self._again(guest, key, form, why_not, f"/finding/{key}{selection.query()}")
        guest.drafts.pop(key, None)
        ordered = list(self._docket.items().values())
        after = beside(ordered, [one for one in ordered if selection.holds(one)], key)[1]
        return Reply(to=f"/finding/{after}{selection.query()}" if after else f"/{selection.query()}")

    def decide_many(self, guest: Guest, query: Mapping[str, str], form: Form) -> Reply:
        items, selection = self._docket.items(), Selection.of(query)
        back = f"/{selection.query()}"
        if _one(form, "which") == ALL:
            wanted = [item for item in items.values() if selection.holds(item)]
            if _digest(wanted) != _one(form, "all"):
                why = say("筛选出的问题在您打开页面后有了变化，一个也没有记入；请核对后重新提交")
                return self._again(guest, "many", form, why, back)
            seen = {item.key: item.version for item in wanted}
        else:
            seen = {key: version for key, _, version in (given.partition(" ") for given in form.get("item", ()))}
            wanted = [items[key] for key in seen if key in items]
        why_not = say("没有勾选问题，一个也没有记入") if not wanted else self._decided(guest, wanted, seen, form)
        if why_not is not None:
            return self._again(guest, "many", form, why_not, back)
        guest.drafts.pop("many", None)
        return Reply(to=back)

    def _decided(self, guest: Guest, items: Sequence[Item], seen: Mapping[str, str], form: Form) -> Message | None:
        """Why nothing was written; None when all was."""
        decision = _decision(guest, form)
        if isinstance(decision, Message):
            return decision
        now, written = datetime.now(CHINA), list[tuple[Entry, Event]]()
        for item in items:
            events = decision.events(now)
            if item.entry is None:
                why_not: Message | None = say("台账中没有这个问题，不能记")
            elif item.version != seen.get(item.key):
                why_not = say("在您打开页面后有了新的记录，请看过再定")
            elif item.stands is not None and item.stands.state is State.APPEALED and decision.choice is Choice.CONFIRM:
                why_not = say("有申诉还没有结果，请打开这个问题逐个处理")
            else:
                why_not = obstacle(item.entry, events)
                written += [(item.entry, event) for event in events]
            if why_not is not None:
                return say("没有记入：{finding} {why}", finding=item.finding.fingerprint, why=why_not)
        why_not = self._written(written)
        if why_not is None:
            told = say("{choice} {count} 个问题，已记入", choice=CHOICES[decision.choice], count=len(items))
            key = items[0].key if len(items) == 1 else ""
            guest.notice = Notice(told, batch=journal.name(now, guest.who), key=key)
        return why_not

    def take_back(self, guest: Guest, query: Mapping[str, str], form: Form) -> Reply:
        """The batch, or of it the one finding that the form names."""
        items, key = self._docket.items(), _one(form, "key")
        back = f"/finding/{key}{Selection.of(query).query()}" if key in items else "/record"
        among = [items[key]] if key in items else list(items.values())
        batch = next((one for one in journal.batches(among) if one.name == _one(form, "batch")), None)
        why_not = say("没有可以撤销的记录") if batch is None else self._withdrawn(guest, batch)
        if why_not is not None:
            guest.notice = Notice(why_not, wrong=True)
        elif batch is not None:
            guest.notice = Notice(say("已撤销 {count} 个问题的“{choice}”", count=len(batch.items), choice=batch.word))
        return Reply(to=back)

    def _withdrawn(self, guest: Guest, batch: Batch) -> Message | None:
        """Why it was not taken back; None when it was."""
        if not guest.who:
            return _NAMELESS
        if not batch.last:
            return say("没有撤销：其中有的问题之后又有了新的记录，请打开那些问题逐个撤销")
        event = Event(datetime.now(CHINA), Act.WITHDRAW, guest.who)
        return self._written([(item.entry, event) for item in batch.items if item.entry is not None])

    def _written(self, events: Sequence[tuple[Entry, Event]]) -> Message | None:
        try:
            self._docket.write(events)
        except StoreError as error:
            return error.message
        return None

    @staticmethod
    def _again(guest: Guest, place: str, form: Form, why: Message, to: str) -> Reply:
        guest.drafts[place] = {name: _one(form, name) for name in ("why", "until", "which")}
        guest.notice = Notice(why, wrong=True)
        return Reply(to=to)


def _decision(guest: Guest, form: Form) -> Decision | Message:
    """What the form says, or what is wrong with it."""
    if not guest.who:
        return _NAMELESS
    given, until = _one(form, "choice"), _one(form, "until")
    if given not in list(Choice):
        return say("没有选择复核意见")
    try:
        day = date.fromisoformat(until) if until else None
    except ValueError:
        return say("“{value}”不是日期，应如 2026-11-20", value=line(until, NAME))
    decision = Decision(Choice(given), guest.who, line(_one(form, "why"), _REASON), day)
    if decision.lacks_reason:
        return say("{choice}要写理由", choice=CHOICES[decision.choice])
    if decision.choice in (Choice.MISTAKEN, Choice.UPHOLD) and day is None:
        return say("{choice}要写有效期", choice=CHOICES[decision.choice])
    return decision


def _one(form: Form, name: str) -> str:
    return next(iter(form.get(name, ())), "")


def _digest(items: Sequence[Item]) -> str:
    told = "\n".join(f"{item.key} {item.version}" for item in items)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _in_days(days: int) -> str:
    return (datetime.now(CHINA).date() + timedelta(days=days)).isoformat()
