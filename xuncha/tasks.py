"""What a line of the schedule does when it is due: one function a task. The watch says when."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from functools import partial, reduce
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

from crawler.message import Message, say
from crawler.probe import ProbeState
from reports.details import Form
from rules.engine.assessment import Mended
from xuncha import inspection, log, news, probing, rechecking, retention
from xuncha.backup import backup
from xuncha.inspection import Ended
from xuncha.issuing import Wanted, issue
from xuncha.news import News
from xuncha.orders import Orders
from xuncha.parameters import CHINA, Interrupted, Mistake
from xuncha.period import Period
from xuncha.probing import Round
from xuncha.progress import ending, label
from xuncha.schedule import line_of, numbered, one_of, prepared
from xuncha.settings import ScheduleSettings, Settings
from xuncha.store import Store
from xuncha.store.database import StoreError
from xuncha.targets import Chosen
from xuncha.turns import Task, Turn, TurnState

_COPIES = 7  # backups that are kept
_CODES = {0: say("没有发现问题"), 1: say("发现问题"), 3: say("有网站或指标没能检查")}


class Told(Protocol):
    """What happens, for the journal."""

    def __call__(self, event: str, message: Message, **facts: object) -> None: ...


@dataclass(frozen=True, slots=True)
class Errand:
    """One line that is due."""

    config: Settings
    line: ScheduleSettings
    data: Path
    given: Mapping[str, Any]
    """Options of the command line."""
    tell: Told
    stop: Callable[[], bool] = lambda: False
    """Asked by what cannot be parked."""
    working: Callable[[str], None] = lambda _: None
    """Told the number of the run as soon as there is one: it can be parked by its stop file."""
    parked: str | None = None
    """The run that is to be gone on with."""
    follows: str | None = None
    """The run after which it is done, where it is not the line's own task."""


@dataclass(frozen=True, slots=True)
class Done:
    told: Message
    code: int
    run: str | None = None
    ended: Ended | None = None
    round: Round | None = None


def carry_out(errand: Errand) -> Done:
    """Do it, and keep in the store what came of it. Raises whatever goes wrong, Interrupted among it. What is to
    follow a run (`left`) is not done here."""
    name, started = errand.line.name, datetime.now(CHINA)
    done: Done | None = None
    state, told = TurnState.FAILED, say("“{name}”没有做完", name=name)
    try:
        done = _TASKS[errand.line.task](errand)
        state, told = TurnState.DONE, done.told
    except (Interrupted, KeyboardInterrupt):
        state, told = TurnState.PARKED, stopped(name)
        raise
    except Exception as error:
        told = failed(name, error)
        raise
    finally:
        turn = Turn(
            schedule=name,
            task=errand.line.task,
            started=started,
            finished=datetime.now(CHINA),
            state=state,
            told=told,
            code=done.code if done is not None else None,
            run=errand.follows or (done.run if done is not None else errand.parked),
        )
        _keep(errand, turn)
    return done


def _keep(errand: Errand, turn: Turn) -> None:
    try:
        with Store.open(errand.data / "xuncha.db") as store:
            store.turns.add(turn)
    except StoreError as error:
        name = turn.schedule
        errand.tell("failed", say("“{name}”的结果没有记入数据库：{why}", name=name, why=why(error)), schedule=name)


@dataclass(frozen=True, slots=True)
class Left:
    """What is still to be done of a run that a line of the schedule began."""

    itself: bool
    """It is not done, or its documents may not be."""
    after: tuple[Task, ...]
    """What has not followed it yet. What failed has been tried."""

    def __bool__(self) -> bool:
        return self.itself or bool(self.after)


def left(data: Path, name: str) -> Left:
    """Raises StoreError."""
    with Store.open(data / "xuncha.db", read_only=True) as store:
        run, options, found = store.runs.get(name), store.runs.options(name), store.turns.of_run(name)
    own = Task.RECHECK if run.scope == "recheck" else Task.AUDIT
    tried = {task for task, state in found if state is not TurnState.PARKED}
    # A run of an earlier version, or one by hand, does not say what is to follow it: nothing is.
    known = "after" in options and options.get("schedule") is not None
    after = tuple(task for task in map(Task, options.get("after", ())) if task not in tried)
    return Left(run.finished is None or (known and (own, TurnState.DONE) not in found), after)


def following(errand: Errand, task: Task, run: str | None) -> Errand:
    """What is to be done after the errand, which made this run, or none."""
    parked = None
    if task is Task.RECHECK and run is not None:
        with Store.open(errand.data / "xuncha.db", read_only=True) as store:
            parked = store.runs.following(run)
    line = replace(errand.line, task=task, formats=None, after=())
    return replace(errand, line=line, parked=parked, follows=run)


def once(config: Settings, data: Path, name: str, given: Mapping[str, Any], tell: Told) -> Iterator[Done]:
    """Do one line now, and then what is to follow it. SIGTERM parks it as Ctrl-C does. Raises Mistake."""
    line = line_of(config, name)
    old = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with one_of(data, line):
            errand = Errand(config, line, data, given, tell)
            done = carry_out(errand)
            yield done
            for task in left(data, done.run).after if done.run is not None else line.after:
                yield carry_out(following(errand, task, done.run))
    finally:
        signal.signal(signal.SIGTERM, old)


def stopped(name: str) -> Message:
    return say("“{name}”已停下，下次启动时继续", name=name)


def failed(name: str, error: BaseException) -> Message:
    return say("“{name}”没有检查完：{why}", name=name, why=why(error))


def why(error: BaseException) -> Message:
    """What an exception says to a person; a fault of ours is written down in the log."""
    said = error.args[0] if error.args else None
    if isinstance(said, Message):
        return said
    if isinstance(error, Mistake):
        return say("{why}", why=error.message)
    path = log.record(error)
    return say("程序自身出错（{kind}），详情见 {path}", kind=type(error).__name__, path=str(path or "-"))


def news_of(errand: Errand, done: Done) -> News | None:
    """What it changed that people want to hear of. Raises StoreError."""
    with Store.open(errand.data / "xuncha.db", read_only=True) as store:
        if done.round is not None:
            return news.of_round(store, done.round)
        return news.of_run(store, done.run) if done.run is not None else None


def _audit(errand: Errand) -> Done:
    """A new run, or the rest of a parked one."""
    name, began = errand.line.name, monotonic()
    tell = partial(errand.tell, schedule=name)
    asked, chosen = prepared(errand.config, errand.line, errand.given)
    if errand.parked is None:
        if errand.line.sample is not None:
            asked, chosen = _drawn(errand, asked, chosen)
        tell("began", say("“{name}”开始检查，网站 {count} 个", name=name, count=len(chosen)))
        asked, run = numbered(asked)
        errand.working(run.id)
        ended = inspection.carry_out(asked, chosen, run)
    else:
        tell("resumed", say("“{name}”继续没有做完的检查 {run}", name=name, run=errand.parked), run=errand.parked)
        errand.working(errand.parked)
        ended = inspection.resume(asked, errand.parked, {})
    for assessment in ended.assessments:
        tell("assessed", ending(label(assessment.site), assessment, None), site=assessment.site.url)
    for url, reason in ended.run.failures:
        told = say("{site}：没有检查完，与网站无关（{fault}）", site=url, fault=reason)
        tell("failed", told, site=url)
    told = say(
        "“{name}”检查完毕，编号 {run}，退出码 {code}（{meaning}），用时 {seconds} 秒，报告在 {folder}",
        name=name,
        run=ended.run.id,
        code=ended.exit_code,
        meaning=_CODES[ended.exit_code],
        seconds=round(monotonic() - began),
        folder=str(ended.files[0].parent),
    )
    tell("ended", told, run=ended.run.id, code=ended.exit_code)
    return Done(told, ended.exit_code, ended.run.id, ended)


def _drawn(errand: Errand, asked: Orders, sites: Sequence[Chosen]) -> tuple[Orders, list[Chosen]]:
    """Some of the sites; the draw is on record."""
    from xuncha import draws

    name, line = errand.line.name, errand.line
    lot = draws.Lot(line.sample or Fraction(1), renew=line.renew)
    sample, _ = draws.draw(asked.data, [one.site for one in sites], lot)
    told = say(
        "“{name}”抽签 {id}：{population} 个网站抽 {drawn} 个，其中必定抽中的 {forced} 个，种子 {seed}",
        name=name,
        id=sample.id,
        population=sample.population,
        drawn=len(sample.drawn),
        forced=len(sample.forced),
        seed=sample.seed,
    )
    errand.tell("drawn", told, schedule=name, sample=sample.id)
    return replace(asked, sample=sample.id), [one for one in sites if one.site.url in sample.drawn]


def _probe(errand: Errand) -> Done:
    """One round; each home page that was not open has a line."""
    name = errand.line.name
    asked, chosen = prepared(errand.config, errand.line, errand.given)
    done = probing.carry_out(asked, errand.config, [one.site for one in chosen], schedule=name, stop=errand.stop)
    *each, total = probing.told(done)
    for told, found in zip(each, done.probes.values(), strict=False):
        if found.state is not ProbeState.UP:
            errand.tell("probed", told, schedule=name, state=found.state.value)
    told = say("“{name}”{total}", name=name, total=total)
    errand.tell("ended", told, schedule=name, code=done.exit_code)
    return Done(told, done.exit_code, round=done)


def _recheck(errand: Errand) -> Done:
    """Every open finding."""
    name = errand.line.name
    asked, _ = prepared(errand.config, errand.line, errand.given)
    asked = replace(asked, formats=rechecking.FORMATS, follows=errand.follows)
    try:
        if errand.parked is None:
            asked, run = numbered(asked)
            errand.working(run.id)
            ended = rechecking.look_again(errand.config, asked, run=run)
        else:
            errand.working(errand.parked)
            ended = inspection.resume(asked, errand.parked, {})
    except rechecking.Nothing as nothing:
        told = say("“{name}”：{why}", name=name, why=nothing.message)
        errand.tell("ended", told, schedule=name, code=0)
        return Done(told, 0)
    counts = Counter(line.rechecked.mended for line in ended.lines)
    told = say(
        "“{name}”复查完毕，编号 {run}：{count} 个问题，已整改 {fixed} 个，未整改 {left} 个，未能复查 {untested} 个",
        name=name,
        run=ended.run.id,
        count=len(ended.lines),
        fixed=counts[Mended.FIXED] + counts[Mended.GONE],
        left=counts[Mended.NOT_FIXED] + counts[Mended.PARTLY],
        untested=counts[Mended.UNTESTED],
    )
    errand.tell("ended", told, schedule=name, run=ended.run.id, code=ended.exit_code)
    return Done(told, ended.exit_code, ended.run.id)


_SETTLING = timedelta(days=15)  # a draft made so soon after a quarter is of that quarter


def _notice(errand: Errand) -> Done:
    """The draft of the circular of the quarter that is ending, or has just ended. A person sends it."""
    name = errand.line.name
    asked, _ = prepared(errand.config, errand.line, errand.given)
    day = (datetime.now(CHINA) - _SETTLING).date()
    period = Period(day.year, 3, (day.month + 2) // 3)
    issued = issue(asked, Wanted(Form.CIRCULAR, period, draft=True, out=asked.out))
    files = tuple(map(str, issued.files))
    told = say("“{name}”写好了{period}的通报初稿：{files}", name=name, period=period.name, files=files)
    errand.tell("ended", told, schedule=name, code=0)
    return Done(told, 0)


def _review(errand: Errand) -> Done:
    """The list that people fill in, of the run that it follows, or of the newest inspection."""
    from xuncha.review.export import export

    name, run = errand.line.name, errand.follows or "last"
    asked, _ = prepared(errand.config, errand.line, errand.given)
    with Store.open(asked.data / "xuncha.db", read_only=True) as store:
        out = store.runs.options(run).get("out")
    beside = Path(out) if out is not None and errand.line.out is None else errand.line.out
    ended = export(replace(asked, formats=("xlsx",), out=beside), run, errand.stop)
    told = say(
        "“{name}”导出了检查 {run} 的问题清单，供人复核：{path}", name=name, run=ended.run.id, path=str(ended.files[0])
    )
    errand.tell("ended", told, schedule=name, run=ended.run.id, code=0)
    return Done(told, 0, ended.run.id)


def _backup(errand: Errand) -> Done:
    """A new file; of the older ones as many are kept as the settings say."""
    name, kept = errand.line.name, errand.config.retention
    if kept.backups is None:
        raise ValueError(errand.line)
    file = kept.backups / f"xuncha-{datetime.now(CHINA):%Y%m%d-%H%M%S}.zip"
    count = backup(errand.data, file, errand.stop)
    for old in sorted(kept.backups.glob("xuncha-*.zip"))[: -(kept.copies or _COPIES)]:
        old.unlink(missing_ok=True)
    told = say("“{name}”备份了 {count} 个文件：{path}", name=name, count=count, path=str(file))
    errand.tell("ended", told, schedule=name, code=0)
    return Done(told, 0)


def _prune(errand: Errand) -> Done:
    name, kept = errand.line.name, errand.config.retention
    asked, _ = prepared(errand.config, errand.line, errand.given)
    done = retention.carry_out(asked, kept.days, kept.records, datetime.now(CHINA), stop=errand.stop)
    told = say("“{name}”：{why}", name=name, why=reduce(_and, done))
    errand.tell("ended", told, schedule=name, code=0)
    return Done(told, 0)


def _and(one: Message, other: Message) -> Message:
    return say("{one}；{other}", one=one, other=other)


_TASKS: Mapping[Task, Callable[[Errand], Done]] = {
    Task.AUDIT: _audit,
    Task.PROBE: _probe,
    Task.RECHECK: _recheck,
    Task.NOTICE: _notice,
    Task.REVIEW: _review,
    Task.BACKUP: _backup,
    Task.PRUNE: _prune,
}
