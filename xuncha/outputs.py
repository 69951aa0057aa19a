"""Which documents a run can be written as, and writing them: each whole, or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.message import Message, say
from xuncha.parameters import Mistake

if TYPE_CHECKING:
    from reports.details import NoticeDetails
    from reports.history import History
    from reports.language import Language
    from reports.rechecks import Line
    from rules.engine.assessment import Assessment, Run
    from rules.engine.edition import Edition

# The libraries behind the documents are slow to import; only those of the formats asked for are.


@dataclass(frozen=True, slots=True)
class Contents:
    """All that a document may tell."""

    run: Run
    assessments: Sequence[Assessment]
    edition: Edition
    language: Language
    details: NoticeDetails
    histories: Mapping[str, History]
    """By home address."""
    lines: Sequence[Line] = ()
    """Of a recheck."""
    exhibits: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Files with the evidence, relative to the documents, by home address and fingerprint."""


Write = Callable[[Contents], "str | bytes"]


@dataclass(frozen=True, slots=True)
class Format:
    file: str
    name: Message
    write: Write


def _html(c: Contents) -> str:
    from reports import findings

    return findings.render(c.run, c.assessments, c.edition, c.language, fixes=fix, histories=c.histories)


def _docx(c: Contents) -> bytes:
    from reports import notice

    return notice.render(c.run, c.assessments, c.edition, c.language, details=c.details)


def _xlsx(c: Contents) -> bytes:
    from reports import annex

    return annex.render(c.run, c.assessments, c.edition, c.language, histories=c.histories, exhibits=c.exhibits)


def _json(c: Contents) -> str:
    from reports import export

    return export.as_json(c.run, c.assessments, c.edition, c.language, c.histories)


def _csv(c: Contents) -> bytes:
    from reports import export

    return export.as_csv(c.run, c.assessments, c.edition, c.language, c.histories)


def _sarif(c: Contents) -> str:
    from reports import sarif

    return sarif.as_sarif(c.run, c.assessments, c.edition, c.language, c.histories)


def _junit(c: Contents) -> str:
    from reports import junit

    return junit.as_junit(c.run, c.assessments, c.edition, c.language, c.histories)


def _recheck_xlsx(c: Contents) -> bytes:
    from reports import rechecks

    return rechecks.as_xlsx(c.run, c.lines, c.language)


def _recheck_json(c: Contents) -> str:
    from reports import rechecks

    return rechecks.as_json(c.run, c.lines, c.language)


FORMATS: dict[str, Format] = {
    "html": Format("findings.html", say("检查报告"), _html),
    "docx": Format("notice.docx", say("通报初稿"), _docx),
    "xlsx": Format("annex.xlsx", say("问题清单"), _xlsx),
    "json": Format("findings.json", say("数据文件"), _json),
    "csv": Format("findings.csv", say("数据表格"), _csv),
    "sarif": Format("findings.sarif", say("SARIF 文件"), _sarif),
    "junit": Format("junit.xml", say("JUnit 文件"), _junit),
}
DEFAULT = ("html", "docx", "json")
RECHECK: dict[str, Format] = {
    "xlsx": Format("recheck.xlsx", say("复查情况表"), _recheck_xlsx),
    "json": Format("recheck.json", say("数据文件"), _recheck_json),
}
"""Of a run of scope `recheck`."""


def formats_of(run: Run) -> dict[str, Format]:
    return RECHECK if run.scope == "recheck" else FORMATS


@lru_cache
def fix(rule: str) -> str:
    """改法 of a rule, empty for one this program no longer has."""
    from rules import all_rules
    from rules.engine.explain import sections

    known = all_rules().get(rule)
    return sections(known).get("改法", "") if known else ""


def prepare(folder: Path) -> None:
    """Make the folder and make sure that files can be written there, before an hour of visiting is spent."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        why = error.strerror or str(error)
        raise Mistake(
            say("不能在 {folder} 写入报告（{why}），请用 --out 指定别的文件夹", folder=str(folder), why=why)
        ) from error


def write(
    folder: Path,
    formats: Sequence[str],
    contents: Contents,
) -> list[Path]:
    """Write the documents into `folder`; their paths, in the order of `formats`. Raises Mistake when one could not be
    written; the others are."""
    written: list[Path] = []
    failed: Mistake | None = None
    known = formats_of(contents.run)
    for name in formats:
        document = known[name].write(contents)
        try:
            written.append(put(folder / known[name].file, document, contents.run.id))
        except Mistake as mistake:
            failed = failed or mistake
    if failed is not None:
        raise failed
    return written


def put(path: Path, document: str | bytes, run: str) -> Path:
    """Write one document of `run`; its path. Raises Mistake."""
    data = document.encode("utf-8", "replace") if isinstance(document, str) else document
    try:
        return replace(path, data)
    except OSError as error:
        raise Mistake(
            say(
                "不能写入 {path}（{why}），文件是否正被打开？检查结果已保存，重写报告请运行：xuncha report {run}",
                path=str(path),
                why=error.strerror or str(error),
                run=run,
            )
        ) from error


def replace(path: Path, data: bytes) -> Path:
    """Write beside the old file, then put it in its place: a reader never sees half a report."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        new.write_bytes(data)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    return path
