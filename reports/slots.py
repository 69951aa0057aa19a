"""What may be filled into the sentences of the notices' template, by sentence."""

from __future__ import annotations

SHARED = frozenset(
    {
        "office", "area", "period", "activity", "basis", "as_of", "running", "checked", "qualified", "failed",
        "undetermined", "failures", "problems", "reviews", "rate", "required", "advice", "results", "list", "contact",
        "report_to", "run",
    }
)  # fmt: skip
"""Words that every sentence may hold."""
_OWN = {
    "overview.share": "share* enough",
    "overview.single": "name* result*",
    "overview.undetermined": "count* names",
    "overview.pending": "count* names",
    "overview.only_undetermined": "names",
    "overview.problems": "sites",
    "overview.manual": "titles*",
    "failed.lead": "shown",
    "failed.first": "shown",
    "failed.causes": "causes*",
    "failed.cause": "title* count*",
    "failed.low": "count* pass*",
    "failed.veto": "name* indicators*",
    "failed.score": "name* score* pass",
    "failed.estimate": "name* score* pass",
    "failed.unknown": "name*",
    "followup.text": "previous named* sites mended* mended_rate today",
    "followup.rest": "left* parts*",
    "followup.upheld": "count*",
    "followup.waiting": "count*",
    "followup.open": "count*",
    "followup.unseen": "count*",
    "followup.overdue": "count*",
    "followup.back": "count*",
    "followup.late": "names*",
    "followup.repeats": "names*",
    "followup.repeated": "name* periods*",
    "problems.example": "name* facts*",
    "problems.example_more": "name* facts* count*",
    "problems.others": "count*",
    "demands.urgent": "deadline",
    "demands.rectify": "deadline*",
    "demands.object": "deadline",
    "demands.recheck": "deadline",
    "demands.account": "names deadline",
    "demands.maintain": "deadline",
    "demands.contact": "contact*",
    "demands.deadline": "days date*",
    "demands.deadline_draft": "days date* issued*",
    "demands.deadline_fixed": "date*",
    "demands.assumed": "deadline*",
    "order.parts": "site",
    "order.lead": "site* marks result unit",
    "order.veto": "indicators*",
    "order.score": "score* pass",
    "order.estimate": "score* pass",
    "order.count": "count*",
    "order.again": "count* numbers",
    "order.kind": "title* count*",
    "order.more": "count*",
    "order.urgent": "deadline",
    "order.rectify": "deadline*",
    "order.object": "deadline",
    "order.account": "deadline",
    "order.contact": "contact*",
    "checklist.object": "name*",
    "checklist.span": "span*",
    "checklist.result": "result*",
    "checklist.found": "count* facts*",
    "checklist.found_more": "count* facts*",
    "checklist.suspected": "count*",
    "checklist.unchecked": "why*",
    "checklist.manual": "why",
    "checklist.not_applicable": "why",
    "annual.parts": "year",
    "annual.unit": "unit",
    "annual.note": "year",
    "annex.problems_cut": "total* shown*",
    "draft.blanks": "names*",
    "draft.assumed": "year*",
    "draft.manual": "titles*",
    "draft.unchecked": "count* sites*",
    "draft.incomplete": "count* names*",
    "draft.estimate": "count*",
    "draft.guessed": "count* names*",
    "draft.failures": "names*",
    "draft.below": "share*",
}
"""Words of single sentences besides; those with a star may not be left out."""
_KINDS = "problems.kinds."
_KIND = "sites* count"
_NEEDED = {
    "title.parts": "period",
    "overview.share": "running checked",
    "overview.whole": "running checked",
    "overview.count": "checked",
    "overview.mixed": "qualified failed rate",
    "overview.all_passed": "rate",
    "overview.all_failed": "rate",
    "overview.failures": "failures",
    "overview.problems": "problems",
    "failed.lead": "failed",
}


def words(key: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(words that the sentence must hold, further words of its own that it may hold)."""
    own = (_KIND if key.startswith(_KINDS) else _OWN.get(key, "")).split()
    needed = (*_NEEDED.get(key, "").split(), *(word[:-1] for word in own if word.endswith("*")))
    return needed, tuple(word for word in own if not word.endswith("*"))
