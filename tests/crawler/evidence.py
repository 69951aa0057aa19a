"""What a visit left behind, to be compared and checked."""

import dataclasses
from pathlib import Path
from typing import Any

from warcio.checker import Checker


def facts(snapshot: Any) -> dict[str, Any]:
    """Everything rules see, without order and without the moments of asking."""
    return {
        "links": {
            (
                link.url,
                link.kind,
                link.places,
                link.internal,
                link.outcome.verdict,
                link.outcome.code,
                link.via,
                # Which of several equal places comes first depends on which page came first.
                (link.on, link.on_role, link.text, link.raw, link.line) if link.places == 1 else "",
            )
            for link in snapshot.links()
        },
        "pages": {
            (p.url, p.role, p.title, p.column, p.script_drawn, p.source, p.answer.status, p.answer.media_type)
            for p in snapshot.pages()
        },
        "metas": {(p.url, tuple(p.metas.items())) for p in snapshot.pages()},
        "columns": [(v.name, v.url, v.kind, v.items, str(v.unobservable)) for v in snapshot.columns],
        "coverage": dataclasses.replace(snapshot.coverage, reused=0),
        "why": snapshot.why,
    }


def check(warc: Path) -> int:
    class Command:
        inputs = (str(warc),)
        verbose = False

    return Checker(Command()).process_all()
