"""Which documents a run can be written as, and writing them: each whole, or not at all."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler.message import say
from reports import annex, export, findings, junit, notice, sarif
from reports.details import NoticeDetails
from reports.language import Language
from rules import all_rules
from rules.engine.assessment import Assessment, Run
from rules.engine.edition import Edition
from rules.engine.explain import sections
from xuncha.parameters import Mistake

_log = logging.getLogger(__name__)

Write = Callable[[Run, Sequence[Assessment], Edition, Language, NoticeDetails], str | bytes]


@dataclass(frozen=True, slots=True)
class Format:
    file: str
    write: Write


FORMATS: dict[str, Format] = {
    "html": Format("findings.html", lambda r, a, e, lang, _: findings.render(r, a, e, lang, fixes=fix)),
    "docx": Format("notice.docx", lambda r, a, e, lang, details: notice.render(r, a, e, lang, details=details)),
    "xlsx": Format("annex.xlsx", lambda r, a, e, lang, _: annex.render(r, a, e, lang)),
    "json": Format("findings.json", lambda r, a, e, lang, _: export.as_json(r, a, e, lang)),
    "csv": Format("findings.csv", lambda r, a, e, lang, _: export.as_csv(r, a, e, lang)),
    "sarif": Format("findings.sarif", lambda r, a, e, lang, _: sarif.as_sarif(r, a, e, lang)),
    "junit": Format("junit.xml", lambda r, a, e, lang, _: junit.as_junit(r, a, e, lang)),
}
DEFAULT = ("html", "docx", "json")


def fix(rule: str) -> str:
    """改法 of a rule, empty for one this program no longer has."""
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
    run: Run,
    assessments: Sequence[Assessment],
    edition: Edition,
    language: Language,
    details: NoticeDetails,
) -> list[Path]:
    """Write the documents into `folder`; their paths, in the order of `formats`."""
    written = []
    for name in formats:
        document = FORMATS[name].write(run, assessments, edition, language, details)
        data = document.encode("utf-8", "replace") if isinstance(document, str) else document
        written.append(_replace(folder / FORMATS[name].file, data))
    return written


def _replace(path: Path, data: bytes) -> Path:
    """Write beside the old file, then put it in its place: a reader never sees half a report."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        new.write_bytes(data)
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        why = error.strerror or str(error)
        raise Mistake(say("不能写入 {path}（{why}）；文件是否正被打开？", path=str(path), why=why)) from error
    return path
