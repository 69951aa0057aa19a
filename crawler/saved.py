"""A visit of pages that were saved to disk: the same folder, the same snapshot, and no network at all.

Nothing was asked, so nothing is known about links; and a file says nothing about the moment it shows, unless the
operator names one (`--as-of`).
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Mapping, Sequence, Set
from datetime import UTC, datetime
from pathlib import Path

from crawler import harvest
from crawler.archive import Archive, unwritable
from crawler.archived import ArchivedSnapshot, open_snapshot
from crawler.exchange import Exchange, Reply
from crawler.harvest import Scene
from crawler.message import say
from crawler.outcome import GOOD
from crawler.page import Answer, LinkKind
from crawler.plan import Plan
from crawler.site import Site
from crawler.target import Stage, Target

_SUFFIXES = frozenset({".html", ".htm", ".shtml", ".xhtml"})
_HOME_NAMES = frozenset({"index", "default", "home"})


def pages_in(path: Path) -> list[Path]:
    """The saved pages of a file or a folder, sorted by path."""
    if path.is_file():
        return [path]
    return sorted(p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in _SUFFIXES)


def keep(site: Site, files: Sequence[Path], plan: Plan, folder: Path, *, moment_known: bool) -> ArchivedSnapshot:
    """Put saved pages into a visit folder. `site.url` is the file: address of the file or folder.

    `moment_known`: the operator said which moment the pages show, so freshness can be judged. Raises OSError for a
    file that cannot be read, crawler.archive.ArchiveError for a folder that cannot be written.
    """
    archive = Archive(folder, plan.software)
    try:
        archive.begin(site, plan.as_of, datetime.now(UTC), "saved", plan.needs - {"links"}, plan.terms)
        archive.set_meta(moment_known=str(int(moment_known)))
        known = {target.url for target, _, _ in archive.targets()}
        top = Path(os.path.commonpath([path.resolve().parent for path in files])) if files else folder
        addresses = {address for path in files for address in _addresses(path)}
        menu: dict[str, str] = {}
        # The home page first: its navigation names the columns among the others.
        for path in sorted(files, key=lambda p: (not _may_be_home(p, top), p)):
            if path.resolve().as_uri() not in known:
                menu |= _add(archive, path, plan, top, menu, addresses)
        why = None if archive.page_urls() else say("没有找到可以检查的网页")
        archive.finish(datetime.now(UTC), complete=why is None, why=why)
    except sqlite3.Error as error:
        raise unwritable(folder, error) from error
    finally:
        archive.close()
    return open_snapshot(folder)


def _may_be_home(path: Path, top: Path) -> bool:
    return path.resolve().parent == top and path.stem.lower() in _HOME_NAMES


def _addresses(path: Path) -> list[str]:
    """The addresses by which another saved page may link to this one."""
    own = path.resolve()
    return [own.as_uri(), f"{own.parent.as_uri()}/"] if path.stem.lower() in _HOME_NAMES else [own.as_uri()]


def _add(
    archive: Archive, path: Path, plan: Plan, top: Path, menu: Mapping[str, str], addresses: Set[str]
) -> dict[str, str]:
    """Store one page. Of a home page, what its navigation calls the others: address → name."""
    body = path.read_bytes()
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    url = path.resolve().as_uri()
    digest = hashlib.sha256(body).hexdigest()
    answer = Answer(url, url, at, 0.0, method="FILE", media_type="text/html", size=len(body), digest=digest)
    exchange = Exchange(url=url, method="FILE", at=at, elapsed=0.0, headers=(("Content-Type", "text/html"),), body=body)
    reply = Reply(answer, (exchange,), body, "text/html")
    reading = harvest.read(reply)
    if reading.document is None:
        return {}
    metas = reading.document.metas
    name = next((c for c in metas.get("columnname", ()) if c), "")
    name = name or next((menu[address] for address in _addresses(path) if address in menu), "")
    article = any(metas.get("articletitle", ())) or any(metas.get("pubdate", ()))
    if article:
        stage = Stage.ARTICLE
    elif name:
        stage = Stage.COLUMN
    elif _may_be_home(path, top):
        stage = Stage.HOME
    else:
        stage = Stage.PAGE
    scene = Scene(
        stage=stage,
        name=name,
        depth=0,
        url=url,
        given=None,
        columns_given=False,
        internal=lambda address: address in addresses,
        scope="quick",
        as_of=plan.as_of,
        undated_articles=0,
        dated_articles=0,
        links_wanted=True,
        may_leave=False,
        terms=plan.terms,
    )
    found = harvest.harvest(answer, reading, scene)
    target = Target(archive.next_target(), url, stage, LinkKind.PAGE, internal=True)
    archive.add_target(target)
    archive.add_answer(target, reply, GOOD)
    if found.facts is None:
        return {}
    archive.add_page(target.id, found.facts, {})
    if found.column is not None:
        archive.add_column(found.column, target.id)
    archive.commit()
    return {lead.url: lead.name for lead in found.leads if stage is Stage.HOME and lead.stage is Stage.COLUMN}
