"""`xuncha evidence`: everything that proves one finding, in one zip (xuncha/seal.py)."""

from __future__ import annotations

import hashlib
import inspect
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from crawler.archive import ArchiveError
from crawler.archived import ArchivedSnapshot, open_snapshot
from crawler.browser import BrowserGone
from crawler.extract import Record, addresses, extract
from crawler.guise import Appearance
from crawler.message import Message, say
from crawler.numbers import NumberKind, kinds, masked
from crawler.page import Answer
from crawler.picture import Picture, take
from crawler.plan import Plan
from crawler.rendering import REASONS
from reports.exhibit import about, exhibit
from reports.language import Language
from rules import all_rules
from rules.engine.assessment import Assessment, Finding, Run
from rules.engine.edition import Edition
from rules.engine.table import EditionError
from xuncha import __version__, seal
from xuncha.inspection import load_edition, visit_folder
from xuncha.orders import Orders, judged_by
from xuncha.parameters import CHINA, Mistake, spoken
from xuncha.settings import SettingsError
from xuncha.store import Store

_README, _PAGE, _EXCHANGES, _WARC, _PICTURE = (
    "说明.txt",
    "page.html",
    "exchanges.txt",
    "records.warc.gz",
    "screenshot.png",
)
_PRIVACY, _CLOAKED = "exposed-identity", "cloaked-page"
_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Case:
    """A finding with where it comes from."""

    run: Run
    assessment: Assessment
    finding: Finding
    edition: Edition | None = None
    """As it is now; None where it can no longer be read."""


def export(orders: Orders, run: str, fingerprint: str, out: Path | None, *, unmasked: bool = False) -> tuple[Path, str]:
    """Write the zip; its path and the SHA-256 of its manifest. `fingerprint` may be the beginning of one.

    Numbers of persons are masked. The original records cannot be; those of a page that shows such numbers go in only
    when they are asked for (`unmasked`).
    """
    with Store.open(orders.data / "xuncha.db", read_only=True) as store:
        case = _case(store, run, fingerprint)
        source = store.runs.visited(case.run.id)
        orders = judged_by(orders, store.runs.options(case.run.id))
    with suppress(EditionError, SettingsError):  # it was deleted since: the rest is proof all the same
        case = replace(case, edition=load_edition(orders))
    folder = visit_folder(orders, source, case.assessment.site)
    with closing(open_snapshot(folder)) as snapshot:
        whole = unmasked or not _exposing(case.finding, snapshot)
        files = _files(case, snapshot, folder, spoken(), orders.plan, whole=whole)
    path = out or Path(f"xuncha-evidence-{case.finding.fingerprint}.zip")
    return path, seal.write(path, files, _about(case), case.run.started)


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


def _exposing(finding: Finding, snapshot: ArchivedSnapshot) -> bool:
    """The records show whole numbers of persons: the finding is about them, or some that are nobody else's business
    stand on the same page. A telephone alone does not keep a page out of its own proof."""
    pages = (snapshot.page(url) for url in dict.fromkeys((finding.at, finding.on)) if url)
    shown = (kinds(page.text) - {NumberKind.MOBILE} for page in pages if page is not None)
    return finding.rule == _PRIVACY or any(shown)


def _files(
    case: Case, snapshot: ArchivedSnapshot, folder: Path, language: Language, plan: Plan, *, whole: bool
) -> dict[str, bytes]:
    records = _records(snapshot, folder, case.finding)
    files = {_EXCHANGES: _exchanges(records, whole=whole).encode("utf-8", "replace")}
    if whole:
        files[_WARC] = b"".join(record.member for record in records)
    said = language.text
    told = []
    page = _page(snapshot, case.finding, language, tuple(about(case.finding, language)))
    if page is not None:
        files[_PAGE] = page.encode("utf-8", "replace")
        told.append(said(say("page.html：有问题的网页，脚本和链接已去除，问题位置已标出，可以直接打开")))
        try:
            picture = take(page, plan.browser, sandbox=plan.browser_sandbox)
        except BrowserGone as gone:
            told.append(said(say("没有网页截图：{why}", why=REASONS[gone.code])))
        else:
            files[_PICTURE] = picture.png
            told.append(said(_pictured(picture)))
    readme = "\r\n".join((*_readme(case, snapshot, language), *told, *_rest(language, whole=whole)))
    files[_README] = masked(readme).encode("utf-8-sig")
    return files


def _pictured(picture: Picture) -> Message:
    """The site's own style sheets and images are not in it: a visit does not keep them."""
    if picture.whole:
        return say("screenshot.png：page.html 的整页截图，上方印有时间和网址（{browser}）", browser=picture.by)
    return say("screenshot.png：page.html 的截图，网页过长，只截到上半部分（{browser}）", browser=picture.by)


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
        return _exchanges(_records(snapshot, folder, finding), whole=False)


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


def _readme(case: Case, snapshot: ArchivedSnapshot, language: Language) -> Iterator[str]:
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
    for url in dict.fromkeys(filter(None, (case.finding.at, case.finding.on))):
        answer = snapshot.answer(url)
        if answer is not None:
            yield from map(text, _way(answer))
    yield ""


def _way(answer: Answer) -> Iterator[Message]:
    """When it was asked, which way it went, what came, and by whose certificate."""
    yield say(
        "{at}（北京时间）访问 {url}，本次检查共 {times} 次，最后一次用时 {seconds} 秒",
        at=f"{answer.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}",
        url=answer.asked,
        times=answer.times,
        seconds=f"{answer.elapsed:.1f}",
    )
    for hop in answer.hops:
        yield say("→ HTTP {status}，转到 {url}", status=hop.status, url=hop.to)
    if answer.failure is not None:
        yield say("→ 没有应答：{kind} {detail}", kind=answer.failure.kind.value, detail=answer.failure.detail)
    elif answer.status is not None:
        yield say("→ HTTP {status}，服务器 {server}", status=answer.status, server=answer.server or "—")
    if answer.expires is not None:
        yield say("→ 证书有效期至 {day}", day=f"{answer.expires.astimezone(CHINA):%Y-%m-%d %H:%M}")


def _rest(language: Language, *, whole: bool) -> Iterator[str]:
    text = language.text
    yield text(say("exchanges.txt：有关的全部请求和应答，域名解析结果和服务器证书，按先后顺序"))
    if whole:
        yield text(say("records.warc.gz：有关的原始记录，WARC 1.1 格式（ISO 28500），与检查时保存的逐字节相同"))
    else:
        yield text(say("原始记录含个人信息，没有收入；确需时用 --unmasked 另行导出，并妥善保管"))
    yield text(say("manifest.json、manifest.sha256：各文件的 SHA-256；核对请运行 xuncha evidence --verify 加本文件名"))


def _exchanges(records: Sequence[Record], *, whole: bool) -> str:
    """`whole`: with what was answered, where that is text. Numbers that mark-up cuts in pieces cannot be masked."""
    return masked("\n".join(_exchange_lines(records, whole=whole)))


def _exchange_lines(records: Sequence[Record], *, whole: bool) -> Iterator[str]:
    for record in records:
        server = f" {record.server}" if record.server else ""
        yield f"=== {record.at} {record.kind} {record.url}{server} (offset {record.offset})"
        yield record.head
        yield ""
        if whole and record.text:
            yield record.text
            yield ""


def _about(case: Case) -> dict[str, Any]:
    run, finding, edition = case.run, case.finding, case.edition
    evidence = finding.evidence
    return {
        "schema": _SCHEMA,
        "tool": {"name": "xuncha", "version": run.version},
        "run": run.id,
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
            if evidence is None
            else {"warc": evidence.warc, "offset": evidence.offset, "sha256": evidence.sha256},
        },
        "edition": run.edition,
        # By what it can be checked again: the run says which version judged it, these are those of the export.
        "exported": {
            "version": __version__,
            "rule_sha256": _source_digest(finding.rule),
            "edition_published": edition.published.isoformat() if edition else None,
            "edition_basis": edition.basis if edition else None,
            "edition_sha256": edition.sha256 if edition else None,
        },
    }


def _source_digest(rule: str) -> str | None:
    """SHA-256 of the module that the rule is in; None for a rule that is no longer there."""
    known = all_rules().get(rule)
    if known is None:
        return None
    return hashlib.sha256(inspect.getsource(inspect.getmodule(known.check) or known.check).encode()).hexdigest()
