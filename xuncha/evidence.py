"""`xuncha evidence`: everything that proves one finding in one zip, and the check that such a file is whole."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.archive import ArchiveError
from crawler.archived import ArchivedSnapshot, open_snapshot
from crawler.extract import Record, addresses, extract
from crawler.guise import Appearance
from crawler.message import Message, say
from crawler.numbers import masked
from crawler.page import Answer
from reports.exhibit import about, exhibit
from reports.language import Language
from rules.engine.assessment import Assessment, Finding, Run
from xuncha.inspection import visit_folder
from xuncha.orders import Orders
from xuncha.parameters import CHINA, Mistake, spoken
from xuncha.store import Store

MANIFEST = "manifest.json"
_README, _PAGE, _EXCHANGES, _WARC = "说明.txt", "page.html", "exchanges.txt", "records.warc.gz"
_PRIVACY, _CLOAKED = "exposed-identity", "cloaked-page"
_SCHEMA = 1
_LARGEST = 1 << 30  # bytes that a file in a zip may unpack to when it is checked


@dataclass(frozen=True, slots=True)
class Case:
    """A finding with where it comes from."""

    run: Run
    assessment: Assessment
    finding: Finding


def export(orders: Orders, run: str, fingerprint: str, out: Path | None, *, unmasked: bool = False) -> tuple[Path, str]:
    """Write the zip; its path and the SHA-256 of its manifest. `fingerprint` may be the beginning of one.

    Numbers of persons are masked. The original records cannot be; those of a page that exposes such numbers go in only
    when they are asked for (`unmasked`).
    """
    with Store.open(orders.data / "xuncha.db", read_only=True) as store:
        case = _case(store, run, fingerprint)
        source = store.runs.visited(case.run.id)
    folder = visit_folder(orders, source, case.assessment.site)
    whole = unmasked or case.finding.rule != _PRIVACY
    with closing(open_snapshot(folder)) as snapshot:
        files = _files(case, snapshot, folder, spoken(), whole=whole)
    manifest = _manifest(case, files)
    path = out or Path(f"xuncha-evidence-{case.finding.fingerprint}.zip")
    _write(path, {**files, MANIFEST: manifest}, case.run.started)
    return path, hashlib.sha256(manifest).hexdigest()


def verify(path: Path) -> tuple[str, Sequence[Message]]:
    """The SHA-256 of the manifest, and what does not agree with it; nothing means that the file is whole."""
    try:
        with zipfile.ZipFile(path) as package:
            manifest = _read(package, MANIFEST)
            listed = {str(f["name"]): f for f in json.loads(manifest)["files"]}
            return hashlib.sha256(manifest).hexdigest(), list(_differences(package, listed))
    except OSError as error:
        raise Mistake(say("不能读取 {path}（{why}）", path=str(path), why=error.strerror or str(error))) from error
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, KeyError, TypeError, ValueError) as error:
        raise Mistake(say("{path} 不是 xuncha evidence 写的证据文件，或者已经损坏", path=str(path))) from error


def _differences(package: zipfile.ZipFile, listed: Mapping[str, Mapping[str, Any]]) -> Iterator[Message]:
    there = [name for name in package.namelist() if name != MANIFEST]
    for name, entry in listed.items():
        if name not in there:
            yield say("缺少文件 {name}", name=name)
        elif hashlib.sha256(_read(package, name)).hexdigest() != entry["sha256"]:
            yield say("文件 {name} 与清单不符", name=name)
    for name in there:
        if name not in listed:
            yield say("文件 {name} 不在清单中", name=name)
    for name in sorted({name for name in there if there.count(name) > 1}):
        yield say("文件 {name} 出现多次", name=name)


def _read(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as file:
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ValueError(f"{name} is too large")
    return data


def _case(store: Store, run: str, fingerprint: str) -> Case:
    found_run = store.runs.get(run)
    found = [
        Case(found_run, assessment, finding)
        for assessment in store.assessments.of(found_run.id)
        for finding in assessment.findings
        if finding.fingerprint.startswith(fingerprint)
    ]
    if not fingerprint or not found:
        raise Mistake(
            say("检查 {run} 中没有问题“{finding}”；编号见 findings.json 和附件", run=found_run.id, finding=fingerprint)
        )
    if len(found) > 1:
        known = tuple(case.finding.fingerprint for case in found[:5])
        raise Mistake(say("“{finding}”对应多个问题：{known}；请写得更完整", finding=fingerprint, known=known))
    return found[0]


def _files(
    case: Case, snapshot: ArchivedSnapshot, folder: Path, language: Language, *, whole: bool
) -> dict[str, bytes]:
    records = _records(snapshot, folder, case.finding)
    files = {_EXCHANGES: _exchanges(records).encode("utf-8", "replace")}
    if whole:
        files[_WARC] = b"".join(record.member for record in records)
    page = _page(snapshot, case.finding, language, tuple(about(case.finding, language)))
    if page is not None:
        files[_PAGE] = page.encode("utf-8", "replace")
    readme = "\r\n".join(_readme(case, language, page=page is not None, whole=whole))
    files[_README] = masked(readme).encode("utf-8-sig")
    return files


def page(folder: Path, finding: Finding, language: Language) -> str | None:
    """The page of a finding, inert and masked, from a visit folder, to be shown beside what is said of it; None where
    there is none, as of an address that does not answer. Raises ArchiveError."""
    with closing(open_snapshot(folder)) as snapshot:
        return _page(snapshot, finding, language, ())


def pages(folder: Path, findings: Iterable[Finding], language: Language) -> Iterator[tuple[Finding, str]]:
    """As `page`, for those of several findings that have one."""
    with closing(open_snapshot(folder)) as snapshot:
        for finding in findings:
            shown = _page(snapshot, finding, language, tuple(about(finding, language)))
            if shown is not None:
                yield finding, shown


def exchanges(folder: Path, finding: Finding) -> str:
    """The heads of the requests and answers that a finding is about, masked. Raises ArchiveError."""
    with closing(open_snapshot(folder)) as snapshot:
        return _exchanges(_records(snapshot, folder, finding))


def _page(snapshot: ArchivedSnapshot, finding: Finding, language: Language, told: Sequence[str]) -> str | None:
    """`told`: what stands above it, before where it comes from."""
    found = _found(finding, snapshot)
    if found is None:
        return None
    answer, source = found
    head = "\n".join((*told, language.text(_when(answer))))
    return exhibit(source, finding, answer.url, masked(head), language)


def _records(snapshot: ArchivedSnapshot, folder: Path, finding: Finding) -> Sequence[Record]:
    from warcio.exceptions import ArchiveLoadFailed

    warc, urls = folder / "visit.warc.gz", set[str]()
    for url in (finding.at, finding.on):
        answer = snapshot.answer(url) if url else None
        urls.update(addresses(answer) if answer is not None else filter(None, [url]))
    for appearance in _appearances(finding, snapshot):
        urls.update(addresses(appearance.answer))
    try:
        records = extract(warc, urls)
    except OSError as error:
        why = error.strerror or str(error)
        raise ArchiveError(say("不能读取证据文件 {path}（{why}）", path=str(warc), why=why)) from error
    except (EOFError, zlib.error, ArchiveLoadFailed):
        records = []
    if not records:  # there is one about the file itself at least
        raise ArchiveError(say("证据文件已损坏，不能读取：{path}", path=str(warc)))
    return records


def _found(finding: Finding, snapshot: ArchivedSnapshot) -> tuple[Answer, str] | None:
    """The page of the finding, and its source: as the guise saw it that proves it, else as the visit did."""
    page = snapshot.page(finding.on or finding.at)
    if page is None:
        return None
    shown = (each for each in _appearances(finding, snapshot) if each.answer.evidence == finding.evidence)
    return next(((each.answer, each.source()) for each in shown), (page.answer, page.source))


def _appearances(finding: Finding, snapshot: ArchivedSnapshot) -> tuple[Appearance, ...]:
    page = snapshot.page(finding.at) if finding.rule == _CLOAKED else None
    return page.appearances if page is not None else ()


def _when(answer: Answer) -> Message:
    at, drawn = f"{answer.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}", answer.rendered
    if drawn is None:
        return say(
            "页面 {url}，{at}（北京时间）取得，正文 SHA-256 {digest}", url=answer.url, at=at, digest=answer.digest
        )
    return say(
        "页面 {url}，{at}（北京时间）取得，由脚本绘制；{browser} 画出的网页 SHA-256 {digest}",
        url=answer.url,
        at=at,
        browser=drawn.rendered_by,
        digest=drawn.sha256,
    )


def _readme(case: Case, language: Language, *, page: bool, whole: bool) -> Iterator[str]:
    text, run, site = language.text, case.run, case.assessment.site
    yield text(say("问题证据"))
    yield ""
    yield text(say("网站：{name} {url}", name=site.name or site.url, url=site.url))
    yield from about(case.finding, language)
    yield text(
        say(
            "规则 {rule}，指标 {indicators}（{edition}）",
            rule=case.finding.rule,
            indicators=case.finding.indicators,
            edition=run.edition,
        )
    )
    yield text(
        say(
            "检查编号 {run}，监测时间点 {as_of}，xuncha {version}",
            run=run.id,
            as_of=f"{run.as_of.astimezone(CHINA):%Y-%m-%d %H:%M}",
            version=run.version,
        )
    )
    yield ""
    if page:
        yield text(say("page.html：有问题的网页，脚本和链接已去除，问题位置已标出，可以直接打开"))
    yield text(say("exchanges.txt：有关的全部请求和应答的首部，按先后顺序"))
    if not whole:
        yield text(say("原始记录含个人信息，没有收入；确需时用 --unmasked 另行导出，并妥善保管"))
    else:
        yield text(say("records.warc.gz：有关的原始记录，WARC 1.1 格式（ISO 28500），与检查时保存的逐字节相同"))
    yield text(say("manifest.json：各文件的 SHA-256；核对请运行 xuncha evidence --verify 加本文件名"))


def _exchanges(records: Sequence[Record]) -> str:
    return masked("\n".join(_exchange_lines(records)))


def _exchange_lines(records: Sequence[Record]) -> Iterator[str]:
    for record in records:
        server = f" {record.server}" if record.server else ""
        yield f"=== {record.at} {record.kind} {record.url}{server} (offset {record.offset})"
        yield record.head
        yield ""


def _manifest(case: Case, files: Mapping[str, bytes]) -> bytes:
    run, finding = case.run, case.finding
    data = {
        "schema": _SCHEMA,
        "tool": {"name": "xuncha", "version": run.version},
        "run": run.id,
        "edition": run.edition,
        "as_of": run.as_of.isoformat(),
        "site": case.assessment.site.url,
        "finding": {
            "fingerprint": finding.fingerprint,
            "rule": finding.rule,
            "indicators": list(finding.indicators),
            "certain": finding.certain,
            "at": finding.at,
            "on": finding.on,
            "message": spoken().text(finding.message),
            "evidence": None
            if finding.evidence is None
            else {"warc": finding.evidence.warc, "offset": finding.evidence.offset, "sha256": finding.evidence.sha256},
        },
        "files": [
            {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in files.items()
        ],
    }
    return json.dumps(data, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def _write(path: Path, files: Mapping[str, bytes], at: datetime) -> None:
    """The same finding gives the same bytes: times in the zip are the run's."""
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
            for name, data in files.items():
                info = zipfile.ZipInfo(name, at.timetuple()[:6])
                info.compress_type = zipfile.ZIP_STORED if name.endswith(".gz") else zipfile.ZIP_DEFLATED
                info.external_attr = 0o644 << 16
                package.writestr(info, data)
    except OSError as error:
        raise Mistake(say("不能写入 {path}（{why}）", path=str(path), why=error.strerror or str(error))) from error
