"""A run as a folder of pages: an index of all sites, and one page a site. One site is in memory at a time."""

from __future__ import annotations

from pathlib import Path

from xuncha import log, outputs
from xuncha.audit import rare_collections
from xuncha.inspection import history, load_edition, report_folder
from xuncha.orders import Orders, judged_by
from xuncha.parameters import spoken
from xuncha.store import Store


def write(orders: Orders, name: str) -> tuple[Path, int]:
    """The path of the index, and how many sites have a page."""
    # Not before they are needed: they bring the template engine.
    from reports.findings import render
    from reports.fleet import FOLDER, INDEX, render_index
    from reports.standing import standing

    with rare_collections(), log.to(orders.data), Store.open(orders.data / "xuncha.db", read_only=True) as store:
        run = store.runs.get(name)
        orders = judged_by(orders, store.runs.options(run.id))
        edition, language = load_edition(orders), spoken()
        folder = report_folder(orders, run)
        outputs.prepare(folder / FOLDER)
        standings = []
        for number, assessment in enumerate(store.assessments.of(run.id), 1):
            past = history(store, run, assessment)
            one = standing(number, assessment, edition, past)
            page = render(
                run,
                [assessment],
                edition,
                language,
                fixes=outputs.fix,
                histories={assessment.site.url: past},
                index=f"../{INDEX}",
            )
            outputs.put(folder / FOLDER / one.file, page, run.id)
            standings.append(one)
        index = outputs.put(folder / INDEX, render_index(run, standings, edition, language), run.id)
    return index, len(standings)
