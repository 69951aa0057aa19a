"""What an office keeps in its settings is added to an edition's parameters, and to nothing else."""

from __future__ import annotations

from types import SimpleNamespace

from rules.engine.edition import supplied


def test_entries_are_added_to_the_clauses_of_one_rule(kit: SimpleNamespace) -> None:
    clauses = (kit.clause("words", params={"more": {"甲": "乙"}}), kit.clause("stale", params={"days": 7}))
    edition = kit.edition(kit.indicator("1.4", "veto", *clauses))
    filled = supplied(edition, "words", more={"丙": "丁"})
    assert [c.params for c in filled.indicators[0].clauses] == [{"more": {"甲": "乙", "丙": "丁"}}, {"days": 7}]
    assert [c.params for c in edition.indicators[0].clauses] == [{"more": {"甲": "乙"}}, {"days": 7}]
