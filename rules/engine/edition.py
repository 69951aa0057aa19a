"""One published edition of the catalogue: which clauses there are, which rule tests each, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any


class EditionError(Exception):
    """The edition file is wrong: file, indicator, what was expected."""


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
    bonus_gate: float
    indicators: tuple[Indicator, ...]
    service_group: str
    """The group that is not checked for departments without public services."""
    source_file: str = ""
