"""Judge: pure functions from what was gathered to what is wrong. Knows no network, no clock, no database."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from rules.engine.rule import Rule, registered

MODULES = (
    "rules.availability",
    "rules.connection",
    "rules.freshness",
    "rules.dates",
    "rules.broken_links",
    "rules.targets",
    "rules.places",
    "rules.sections",
    "rules.disclosure",
    "rules.annual_reports",
    "rules.search",
    "rules.identity",
    "rules.integrity",
    "rules.cloaking",
    "rules.privacy",
    "rules.wording",
    "rules.phrases",
    "rules.leaders",
    "rules.site_code",
    "rules.interaction",
    "rules.services",
    "rules.statistics",
    "rules.surveys",
)
"""The rule modules of the program, one theme each. A new module is written down here."""


def all_rules() -> Mapping[str, Rule]:
    """Every rule by id: those of MODULES and those of any other rule module that was imported before."""
    for module in MODULES:
        import_module(module)
    return registered()
