"""What the operator wants done: the command line wins over the settings file, and that over the defaults."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.guard import Guard
from crawler.message import say
from crawler.plan import Plan
from crawler.probe import Announced
from crawler.site import SiteKind
from reports.details import NoticeDetails
from reports.wording import Wording
from rules.engine.assessment import Run
from xuncha import __version__, settings, settings_file
from xuncha.outputs import DEFAULT
from xuncha.parameters import CHINA, Mistake
from xuncha.settings import Settings
from xuncha.targets import Chosen
from xuncha.words import OfficeWords

SETTINGS = Path("xuncha.toml")
DATA = Path("xuncha-data")
EDITION = "cn-2019"
FAIL_ON = "deduct"


@dataclass(frozen=True, slots=True)
class Orders:
    """All defaults filled in."""

    plan: Plan
    data: Path
    out: Path | None = None
    """None: a folder of the run's own below `xuncha-report`."""
    formats: tuple[str, ...] = DEFAULT
    edition: str = EDITION
    """An edition's id, or the path of its file."""
    rule_modules: tuple[str, ...] = ()
    rule_folder: Path | None = None
    """Where `rule_modules` are looked for first: the settings file's folder."""
    words: OfficeWords = field(default_factory=OfficeWords)
    kind: SiteKind | None = None
    moment_known: bool = False
    executor: str = "inline"
    workers: int = 1
    cluster: str | None = None
    fail_on: str = FAIL_ON
    details: NoticeDetails = field(default_factory=NoticeDetails)
    quiet: bool = False
    json_log: bool = False
    demo: bool = False
    reuse: bool = True
    """Pages that have not changed since the last visit are not fetched, and not parsed, again."""
    schedule: str | None = None
    """The line of the schedule that the run is for."""
    after: tuple[str, ...] = ()
    """Tasks that are to follow the run."""
    follows: str | None = None
    """The run that this one follows."""
    sample: str | None = None
    """The draw whose sites are inspected."""
    announced: Mapping[str, tuple[Announced, ...]] = field(default_factory=dict)
    """Home address → maintenance that the settings announce. Always those of now: what is announced late counts too."""


def load_settings(path: Path | None) -> Settings:
    """The named settings file, else `xuncha.toml` where there is one."""
    if path is None and not SETTINGS.is_file():
        return Settings()
    return settings_file.load(path or SETTINGS)


def data_folder(config: Settings, given: Path | None) -> Path:
    """Raises Mistake where it is a file."""
    folder = given or config.run.data or DATA
    if folder.is_file():
        raise Mistake(say("数据目录 {path} 是文件，不是文件夹；请检查 --data 或设置中的 data", path=str(folder)))
    return folder


def orders(config: Settings, options: Mapping[str, Any]) -> Orders:
    """`options` are the command line's, None where nothing was said. Raises Mistake."""
    run = config.run
    workers = options.get("workers") or run.workers
    name = options.get("executor") or run.executor or ("threads" if (workers or 1) > 1 else "inline")
    if options.get("cluster") and name != "dask":
        raise Mistake(say("--cluster 只能和 --executor dask 一起使用"))
    if (options.get("workers") or 1) > 1 and name == "inline":
        raise Mistake(say("--executor inline 是逐个检查，不能用 --workers；可用 threads、processes 或 dask"))
    kind = options.get("kind")
    edition = options.get("edition") or run.edition or EDITION
    return Orders(
        plan=_plan(config, options),
        data=data_folder(config, options.get("data")),
        out=options.get("out"),
        formats=options.get("formats") or DEFAULT,
        edition=str(Path(edition).absolute()) if edition.endswith(".toml") else edition,
        rule_modules=config.rule_modules,
        rule_folder=config.path.absolute().parent if config.path is not None else None,
        words=OfficeWords.read(config),
        kind=SiteKind(kind) if kind else None,
        moment_known=options.get("as_of") is not None,
        executor=name,
        workers=1 if name == "inline" else workers or os.cpu_count() or 1,
        cluster=options.get("cluster"),
        fail_on=options.get("fail_on") or FAIL_ON,
        details=_details(config),
        quiet=bool(options.get("quiet")),
        json_log=bool(options.get("json_log")),
        reuse=_first(options.get("reuse"), run.reuse, True),
        announced=config.announced,
    )


def _first(*values: bool | None) -> bool:
    """The first that was said."""
    return next(value for value in values if value is not None)


def _details(config: Settings) -> NoticeDetails:
    given = settings.given(config.notice)
    template = given.pop("template", None)
    try:
        return NoticeDetails(**given, wording=worded(template) if template else None)
    except ValueError as error:
        raise Mistake(
            say("{file}：[notice] 有误：{why}", file=config.path.name if config.path else "", why=error.args[0])
        ) from error


def worded(template: Path) -> Wording:
    """The office's own wording. Raises WordingError."""
    from reports import wording

    return wording.load(template)


def _plan(config: Settings, options: Mapping[str, Any]) -> Plan:
    run = config.run

    def pick(name: str, default: Any) -> Any:  # noqa: ANN401
        for value in (options.get(name), getattr(run, name, None)):
            if value is not None:
                return value
        return default

    scope = pick("scope", "quick")
    guard = Guard(
        allow_private=bool(options.get("allow_private")),
        named=frozenset(h.lower() for h in run.allow_private or ()),
    )
    return Plan(
        as_of=options.get("as_of") or datetime.now(CHINA).replace(microsecond=0),
        scope=scope,
        max_pages=pick("max_pages", 500 if scope == "quick" else 10_000),
        max_files=pick("max_files", 20 if scope == "quick" else 50),
        max_file_bytes=pick("max_file_bytes", 20_000_000),
        max_seconds=pick("max_seconds", 3600.0),
        max_bytes=pick("max_bytes", 1024**3),
        rate=pick("rate", 5.0),
        concurrency=pick("concurrency", 4),
        ignore_robots=bool(run.ignore_robots),
        render=pick("render", "auto"),
        browser=run.browser or "",
        cloaking=pick("cloaking", "auto"),
        browser_sandbox=pick("browser_sandbox", True),
        agent=agent(config),
        software=f"xuncha/{__version__}",
        guard=guard,
    )


def agent(config: Settings) -> str:
    """The User-Agent: who asks, and how to reach them. ASCII, as RFC 9110 wants it."""
    contact = config.agent.contact or "contact not set"
    name = config.agent.name or "xuncha"
    text = f"{name}/{__version__} (website inspection; {contact})"
    return text.encode("ascii", "replace").decode()


def allowing(orders: Orders, hosts: frozenset[str]) -> Orders:
    """The hosts that the operator wrote down may be asked wherever they are."""
    guard = orders.plan.guard
    return replace(orders, plan=replace(orders.plan, guard=replace(guard, named=guard.named | hosts)))


# To the store and back: a run is resumed as it was begun.

_PLAN = tuple(f.name for f in fields(Plan) if f.name not in ("as_of", "needs", "terms", "guard"))


def stored(orders: Orders, chosen: Sequence[Chosen]) -> dict[str, Any]:
    """What JSON can hold of the orders, and the files of the sites that are saved pages."""
    plan, guard = orders.plan, orders.plan.guard
    return {
        "plan": {name: getattr(plan, name) for name in _PLAN},
        "guard": {"allow_private": guard.allow_private, "named": sorted(guard.named)},
        "edition": orders.edition,
        "rule_modules": list(orders.rule_modules),
        "rule_folder": str(orders.rule_folder) if orders.rule_folder else None,
        **asdict(orders.words),
        "kind": orders.kind,
        "moment_known": orders.moment_known,
        "formats": list(orders.formats),
        "out": str(orders.out.absolute()) if orders.out else None,
        "executor": orders.executor,
        "workers": orders.workers,
        "cluster": orders.cluster,
        "fail_on": orders.fail_on,
        "demo": orders.demo,
        "schedule": orders.schedule,
        "after": list(orders.after),
        "follows": orders.follows,
        "sample": orders.sample,
        "reuse": orders.reuse,
        "files": {c.site.url: [str(f.absolute()) for f in c.files] for c in chosen if c.files},
    }


def judged_by(orders: Orders, options: Mapping[str, Any]) -> Orders:
    """The edition, the rules and the kind of a stored run."""
    return replace(
        orders,
        edition=options["edition"],
        rule_modules=tuple(options["rule_modules"]),
        rule_folder=Path(options["rule_folder"]) if options.get("rule_folder") else None,
        words=OfficeWords.stored(options),
        kind=SiteKind(options["kind"]) if options["kind"] else None,
        moment_known=options["moment_known"],
    )


_MEASURE = ("as_of", "edition", "kind", "scope", "max_pages", "max_files", "max_seconds", "render")
_MANNER = ("rate", "concurrency")
_PLACE = ("executor", "workers", "cluster")


def restored(orders: Orders, run: Run, options: Mapping[str, Any], given: Mapping[str, Any]) -> Orders:
    """The orders of a stored run. `given`, this command line's options, may change how it goes on, not what is
    measured: one run has one measure. Raises Mistake."""
    said = {name: value for name, value in given.items() if value is not None}
    begun = {**options["plan"], "as_of": run.as_of, "edition": options["edition"], "kind": options["kind"]}
    for name in _MEASURE:
        if name in said and (orders.edition if name == "edition" else said[name]) != begun.get(name):
            option = f"--{name.replace('_', '-')}"
            raise Mistake(say("一次检查只有一个标准，--resume 时不能改 {option}；要改请重新检查", option=option))
    plan = {name: said.get(name, begun[name]) if name in _MANNER else begun[name] for name in _PLAN if name in begun}
    guard = Guard(
        allow_private=options["guard"]["allow_private"] or orders.plan.guard.allow_private,
        named=frozenset(options["guard"]["named"]),
    )
    again: dict[str, Any] = {} if any(name in said for name in _PLACE) else {name: options[name] for name in _PLACE}
    if "formats" not in said:
        again["formats"] = tuple(options["formats"])
    if "fail_on" not in said:
        again["fail_on"] = options["fail_on"]
    return replace(
        judged_by(orders, options),
        plan=replace(orders.plan, as_of=run.as_of, guard=guard, **plan),
        out=orders.out or (Path(options["out"]) if options["out"] else None),
        demo=bool(options.get("demo")),
        schedule=options.get("schedule"),
        sample=options.get("sample"),
        reuse=_first(said.get("reuse"), options.get("reuse"), True),
        **again,
    )
