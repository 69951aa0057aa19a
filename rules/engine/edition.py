"""One published edition of the catalogue: which clauses there are, which rule tests each, and what it costs.

The keys of an edition file are the fields below. `load` refuses what it does not know: a misspelt key would otherwise
be a clause that silently never fails.
"""

from __future__ import annotations

import hashlib
import inspect
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from importlib.resources import files
from pathlib import Path
from typing import Any

from crawler.message import say
from crawler.site import SiteKind
from rules.engine.parameters import described, fits
from rules.engine.rule import Rule
from rules.engine.subject import mistake
from rules.engine.table import EditionError, Table
from rules.excerpt import excerpt


class Part(StrEnum):
    VETO = "veto"
    DEDUCT = "deduct"
    BONUS = "bonus"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Clause:
    """One testable sentence of an indicator."""

    text: str
    rule: str | None
    """None: `manual`, a person must look."""
    params: Mapping[str, Any] = field(default_factory=dict)
    where: Mapping[str, Any] = field(default_factory=dict)
    """Attribute = value, or a list of values, on the subject: `{kind = ["news"]}`, `{on_role = "home"}`."""
    at_least: int = 1
    """超过(含)N个: the clause fails from N problems on."""
    share: float | None = None
    """The clause fails when problems / subjects is at least this."""
    points: float = 0.0
    """Deducted for each problem."""
    cap: float | None = None
    unless: tuple[str, ...] = ()
    """Indicators that, having charged the same place, make this clause leave it alone (不重复扣分)."""
    applies_to: str = "all"
    """`portal`, `department` or `all`."""
    source: str = ""
    verified: bool = False
    """False: wording or number was not seen in an official source: no certain score."""
    manual: str = ""
    """Why a person must look, where `manual` gives a reason instead of `true`."""
    unseen: str = ""
    """What a rule may not get to see: where it could not check, or saw nothing to check, a person must look, for this
    reason, as at a manual clause. Without it the clause stays unchecked, and an unchecked veto leaves the site
    undetermined."""
    since: date | None = None
    """`from` in the file: the clause counts for a 监测时间点 on or after this day."""
    until: date | None = None
    """The last day on which it counts."""


@dataclass(frozen=True, slots=True)
class Indicator:
    code: str
    part: Part
    group: str
    title: str
    points: float
    """Full points of the indicator (the cap of its deductions); 0 outside the scored parts."""
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    id: str
    title: str
    basis: str
    """文号, as a notice quotes it."""
    published: date
    pass_score: float
    """Below it a site is 不合格 (strictly: 低于60分)."""
    bonus_gate: float
    """Above it the bonus part is entered (strictly: 高于80分)."""
    indicators: tuple[Indicator, ...]
    service_group: str
    """The group that is not checked for departments without public services."""
    source_file: str = ""
    scored: tuple[SiteKind, ...] = (SiteKind.PORTAL,)
    """Kinds of site that the deduction and bonus parts are for: portals, unless an inspecting body ruled otherwise."""
    sha256: str = ""
    """Of the text it was read from, in UTF-8 with LF."""


_CODE = re.compile(r"[0-9A-Za-z._-]{1,32}")
_EDITION_KEYS = (
    "id", "title", "basis", "published", "pass_score", "bonus_gate", "service_group", "scored", "indicator",
)  # fmt: skip
_INDICATOR_KEYS = ("code", "part", "group", "title", "points", "clause")
_CLAUSE_KEYS = (
    "text", "rule", "manual", "unseen", "params", "where", "at_least", "share", "points", "cap", "unless", "applies_to",
    "source", "verified", "from", "until",
)  # fmt: skip
_APPLIES_TO = ("all", *(kind.value for kind in SiteKind))


def bundled() -> tuple[str, ...]:
    """Ids of the editions that come with the program."""
    folder = files("rules").joinpath("editions")
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


def load(id_or_path: str | Path, *, rules: Mapping[str, Rule] | None = None) -> Edition:
    """Read a bundled edition by its id (`cn-2019`) or an edition file (any Path, or text that names a .toml file).

    `rules` are the rules it may bind to; by default every rule of the program and of the modules imported so far.
    Raises EditionError.
    """
    if rules is None:
        from rules import all_rules

        rules = all_rules()
    file, source = _read(id_or_path)
    try:
        data = _parsed(source)
    except ValueError as error:  # TOMLDecodeError, and int() on thousands of digits
        raise EditionError(say("{file}：不是有效的 TOML：{detail}", file=file, detail=excerpt(str(error)))) from None
    except RecursionError:
        raise EditionError(say("{file}：不是有效的 TOML：嵌套过深", file=file)) from None
    edition = _edition(Table(data, file, say("文件顶层")), rules)
    return replace(edition, sha256=hashlib.sha256(source.encode()).hexdigest())


def supplied(edition: Edition, rule: str, **params: Mapping[str, Any] | tuple[str, ...]) -> Edition:
    """The edition with these entries added to tables and lists among the parameters of every clause of `rule`: what an
    office keeps in its settings rather than in an edition of its own."""

    def filled(clause: Clause) -> Clause:
        if clause.rule != rule:
            return clause
        added = {name: _joined(clause.params.get(name), entries) for name, entries in params.items()}
        return replace(clause, params={**clause.params, **added})

    indicators = tuple(replace(i, clauses=tuple(map(filled, i.clauses))) for i in edition.indicators)
    return replace(edition, indicators=indicators)


def _joined(own: Any, more: Mapping[str, Any] | tuple[str, ...]) -> Any:  # noqa: ANN401 - as TOML has it
    return {**(own or {}), **more} if isinstance(more, Mapping) else (*(own or ()), *more)


@lru_cache(maxsize=4)
def _parsed(source: str) -> dict[str, Any]:
    """A run reads its edition once for itself and once for each site. The tables are shared: nobody may change them."""
    return tomllib.loads(source)


def _read(id_or_path: str | Path) -> tuple[str, str]:
    """(name to show, text) of an edition file."""
    if isinstance(id_or_path, str) and not id_or_path.endswith(".toml"):
        if id_or_path not in bundled():
            shown = excerpt(id_or_path, 60)
            raise EditionError(
                say(
                    "没有名为“{id}”的检查指标；内置的有：{known}；自编指标请写文件名（以 .toml 结尾）",
                    id=shown,
                    known=tuple(bundled()),
                )
            )
        name = f"{id_or_path}.toml"
        return name, files("rules").joinpath("editions", name).read_text(encoding="utf-8")
    path = Path(id_or_path)
    shown = excerpt(str(path))
    try:
        return shown, path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise EditionError(say("{file}：没有这个文件", file=shown)) from None
    except UnicodeDecodeError:
        raise EditionError(say("{file}：不是 UTF-8 编码的文本文件", file=shown)) from None
    except (OSError, ValueError) as error:
        raise EditionError(say("{file}：无法读取：{detail}", file=shown, detail=excerpt(str(error)))) from None


def _edition(table: Table, rules: Mapping[str, Rule]) -> Edition:
    table.only(_EDITION_KEYS)
    indicators = tuple(
        _indicator(table, number, entry, rules) for number, entry in enumerate(table.take("indicator", list), 1)
    )
    if not indicators:
        raise table.wrong(say("没有任何指标"))
    codes = [indicator.code for indicator in indicators]
    for code in codes:
        if codes.count(code) > 1:
            raise table.wrong(say("指标编号“{code}”出现了不止一次", code=code))
    _check_unless(table, indicators)
    service_group = table.take("service_group", str, "")
    groups = tuple(dict.fromkeys(indicator.group for indicator in indicators if indicator.group))
    if service_group and service_group not in groups:
        shown = excerpt(service_group, 40)
        raise table.wrong(say("service_group“{value}”不是任何指标的 group；有：{known}", value=shown, known=groups))
    kinds = tuple(kind.value for kind in SiteKind)
    scored = table.texts("scored") if "scored" in table.data else (SiteKind.PORTAL.value,)
    for kind in scored:
        if kind not in kinds:
            shown = excerpt(kind, 40)
            raise table.wrong(say("“scored”没有“{value}”这个值；可用的值：{known}", value=shown, known=kinds))
    return Edition(
        id=table.words("id"),
        title=table.words("title"),
        basis=table.words("basis"),
        published=table.take("published", date),
        pass_score=table.number("pass_score", most=100),
        bonus_gate=table.number("bonus_gate", most=100),
        indicators=indicators,
        service_group=service_group,
        source_file=table.file,
        scored=tuple(SiteKind(kind) for kind in scored),
    )


def _indicator(parent: Table, number: int, entry: Any, rules: Mapping[str, Rule]) -> Indicator:  # noqa: ANN401
    numbered = say("第 {number} 个指标", number=number)
    if not isinstance(entry, dict):
        raise Table({}, parent.file, numbered).wrong(say("应为 [[indicator]] 表"))
    code = entry.get("code")
    named = isinstance(code, str) and _CODE.fullmatch(code) is not None
    table = Table(entry, parent.file, say("指标 {code}", code=str(code)) if named else numbered)
    table.only(_INDICATOR_KEYS)
    if not named:
        table.words("code")
        raise table.wrong(say("“code”只能用数字、字母和 . _ -，不超过 32 个字"))
    part = Part(table.choice("part", tuple(Part)))
    points = table.number("points", 0.0)
    if part is Part.DEDUCT and not points:
        raise table.wrong(say("扣分指标应写明“points”（该指标总分值）"))
    if part in (Part.VETO, Part.ADVICE) and points:
        raise table.wrong(say("“points”只用于扣分指标和加分指标"))
    clauses = tuple(
        _clause(table, part, position, item, rules) for position, item in enumerate(table.take("clause", list), 1)
    )
    if not clauses:
        raise table.wrong(say("没有任何条款（clause）"))
    return Indicator(
        code=table.words("code"),
        part=part,
        group=table.words("group") if part is Part.DEDUCT else table.take("group", str, ""),
        title=table.words("title"),
        points=points,
        clauses=clauses,
    )


def _clause(parent: Table, part: Part, number: int, entry: Any, rules: Mapping[str, Rule]) -> Clause:  # noqa: ANN401
    table = Table(entry, parent.file, say("{indicator} 第 {number} 条", indicator=parent.place, number=number))
    if not isinstance(entry, dict):
        raise table.wrong(say("应为 [[indicator.clause]] 表"))
    table.only(_CLAUSE_KEYS)
    manual = entry.get("manual", False)
    if not isinstance(manual, bool | str):
        raise table.wrong(say("“manual”应为 true 或需人工检查的原因"))
    if bool(manual) == ("rule" in entry):
        raise table.wrong(say("“rule”与“manual”应写一个，也只能写一个"))
    points = table.number("points", 0.0)
    if part is Part.BONUS and not manual:
        raise table.wrong(say("加分指标由人工评定，应写“manual”"))
    if part is not Part.DEDUCT and points:
        raise table.wrong(say("条款的“points”只用于扣分指标"))
    at_least = table.take("at_least", int, 1)
    if at_least < 1:
        raise table.wrong(say("“at_least”应为不小于 1 的整数"))
    params, where = table.take("params", dict, {}), table.take("where", dict, {})
    if manual and (params or where):
        raise table.wrong(say("人工检查的条款不用“params”和“where”"))
    unseen = table.words("unseen") if "unseen" in entry else ""
    if manual and unseen:
        raise table.wrong(say("“unseen”只用于写“rule”的条款"))
    since, until = table.take("from", date, None), table.take("until", date, None)
    if since and until and until < since:
        raise table.wrong(say("“until”早于“from”"))
    rule = None if manual else table.words("rule")
    if rule is not None:
        _check_binding(table, rule, params, where, rules)
    return Clause(
        text=table.words("text"),
        rule=rule,
        params=params,
        where=where,
        at_least=at_least,
        share=table.number("share", None, most=1),
        points=points,
        cap=table.number("cap", None),
        unless=table.texts("unless"),
        applies_to=table.choice("applies_to", _APPLIES_TO, "all"),
        source=table.take("source", str, ""),
        verified=table.take("verified", bool, False),
        manual=manual if isinstance(manual, str) else "",
        unseen=unseen,
        since=since,
        until=until,
    )


def _check_binding(
    table: Table, id_: str, params: Mapping[str, Any], where: Mapping[str, Any], rules: Mapping[str, Rule]
) -> None:
    rule = rules.get(id_)
    if rule is None:
        raise table.wrong(say("没有名为“{rule}”的规则；有：{known}", rule=excerpt(id_, 40), known=tuple(sorted(rules))))
    known = tuple(rule.parameters)
    for name, value in params.items():
        if name not in rule.parameters:
            shown = excerpt(name, 40)
            if not rule.parameters:
                raise table.wrong(say("规则 {rule} 没有参数，不能写“{name}”", rule=id_, name=shown))
            raise table.wrong(
                say("规则 {rule} 没有参数“{name}”；可用的参数：{known}", rule=id_, name=shown, known=known)
            )
        annotation = rule.types.get(name, Any)
        if not fits(value, annotation):
            kind = described(annotation)
            raise table.wrong(say("规则 {rule} 的参数“{name}”应为{kind}", rule=id_, name=name, kind=kind))
    for name, parameter in rule.parameters.items():
        if parameter.default is inspect.Parameter.empty and name not in params:
            raise table.wrong(say("规则 {rule} 缺少参数“{name}”；它的参数：{known}", rule=id_, name=name, known=known))
    wrong = mistake(rule.each, where)
    if wrong is not None:
        raise table.wrong(wrong)


def _check_unless(table: Table, indicators: tuple[Indicator, ...]) -> None:
    codes = tuple(indicator.code for indicator in indicators)
    for indicator in indicators:
        for number, clause in enumerate(indicator.clauses, 1):
            for code in clause.unless:
                if code not in codes:
                    place = say("指标 {code} 第 {number} 条", code=indicator.code, number=number)
                    what = say("“unless”中的指标“{code}”不存在；有：{known}", code=excerpt(code, 40), known=codes)
                    raise Table({}, table.file, place).wrong(what)
    try:
        charging_order(indicators)
    except CycleError as error:
        circle = " → ".join(error.args[1])
        raise table.wrong(say("“unless”互相引用成环：{circle}", circle=circle)) from None


def charging_order(indicators: tuple[Indicator, ...]) -> tuple[Indicator, ...]:
    """The indicators, each after those that its clauses name in `unless`. Raises graphlib.CycleError."""
    by_code = {indicator.code: indicator for indicator in indicators}
    order = TopologicalSorter({i.code: {code for clause in i.clauses for code in clause.unless} for i in indicators})
    return tuple(by_code[code] for code in order.static_order())
