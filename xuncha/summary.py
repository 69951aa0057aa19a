"""What a person sees when a run has ended: the verdicts, what to know about them, where the files are, what to do."""

from __future__ import annotations

import os
import shutil
import sys
import webbrowser
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from crawler.message import Message, say
from crawler.site import SiteKind
from reports.labels import MENDED
from rules.engine.assessment import Assessment
from xuncha.help import wrap
from xuncha.outputs import formats_of
from xuncha.parameters import CHINA, spoken
from xuncha.profile import told
from xuncha.progress import RESULTS, label

if TYPE_CHECKING:
    from xuncha.inspection import Ended
    from xuncha.profile import Samples
    from xuncha.store.runs import RunRow

_KINDS = {SiteKind.PORTAL: say("政府门户网站"), SiteKind.DEPARTMENT: say("部门网站")}

UNDRAWN = {
    "no-browser": say("需要安装 browser 组件（pip install playwright psutil）和 Chromium、Chrome 或 Edge 浏览器"),
    "browser-root": say(
        "以 root 身份运行时浏览器不能启用沙箱，请换普通用户运行，或在设置文件 [run] 中写 browser_sandbox = false"
    ),
    "browser-failed": say("浏览器没有启动，或一再中断"),
}


def show(ended: Ended) -> None:
    if ended.run.scope == "recheck":
        _show_recheck(ended)
        return
    text = spoken().text
    if ended.assessments:
        heads = (say("网站"), say("结果"), say("得分"), say("问题"), say("待复核"), say("网页"), say("链接"))
        _print(heads, [_row(assessment) for assessment in ended.assessments], numbers=4)
    for message in _remarks(ended):
        click.echo(text(message))
    show_files(ended)
    click.echo(text(_next(ended)))


def show_files(ended: Ended) -> None:
    text = spoken().text
    click.echo(text(say("检查编号：{run}", run=ended.run.id)))
    for name, path in zip(ended.formats, ended.files, strict=True):
        click.echo(text(say("{what}：{path}", what=formats_of(ended.run)[name].name, path=str(path))))


def _show_recheck(ended: Ended) -> None:
    """What became of each finding, by site."""
    text = spoken().text
    columns = shutil.get_terminal_size().columns
    for site, own in groupby(ended.lines, key=lambda line: line.site):
        click.echo(text(say("{site}：", site=label(site))))
        for one in own:
            click.echo(f"  {one.fingerprint}  {text(MENDED[one.rechecked.mended])}")
            why = one.rechecked.why
            for message in dict.fromkeys(map(text, (one.message, *([why] if why is not None else [])))):
                for part in wrap(message, columns - 20):
                    click.echo(f"{'':20}{part}")
    for url, reason in ended.run.failures:
        click.echo(text(say("{site}：没有检查完，与网站无关（{fault}）", site=url, fault=reason)))
    counts = Counter(one.rechecked.mended for one in ended.lines)
    told = tuple(text(say("{what} {count} 个", what=MENDED[m], count=counts[m])) for m in MENDED if counts[m])
    if told:
        click.echo(text(say("共复查 {count} 个问题：{told}", count=len(ended.lines), told=told)))
    show_files(ended)


def show_runs(runs: Sequence[RunRow]) -> None:
    if not runs:
        click.echo(spoken().text(say("还没有做过检查")))
        return
    heads = (
        say("检查编号"),
        say("监测时间点"),
        say("指标"),
        say("网站"),
        say("不合格"),
        say("未判定"),
        say("未完成"),
        say("问题"),
    )
    _print(heads, [_run_row(run) for run in runs], numbers=5, copied=True)


def show_profile(samples: Samples, pages: int) -> None:
    """CPU time a page, by part."""
    head, rows = told(samples, pages)
    click.echo(spoken().text(head))
    heads = (say("用在哪里"), say("毫秒/页"), say("占比"))
    text = spoken().text
    _print(heads, [(text(name), f"{each:.3f}", f"{share:.1%}") for name, each, share in rows], numbers=2)


def open_report(ended: Ended) -> None:
    """Open the report in a browser, or say that there is none."""
    open_page(next(path for name, path in zip(ended.formats, ended.files, strict=True) if name == "html"))


def open_page(page: Path) -> None:
    """Open a file of ours in a browser, or say that there is none."""
    if not has_screen() or not webbrowser.open(page.absolute().as_uri()):
        click.echo(spoken().text(say("没有可用的浏览器，请自行打开 {path}", path=str(page))), err=True)


def has_screen() -> bool:
    """On a server `webbrowser` would start a text browser in the middle of the output, or none."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))


def _print(heads: Sequence[Message], rows: Sequence[tuple[str, ...]], *, numbers: int, copied: bool = False) -> None:
    """A table as wide as the terminal at most; the last `numbers` columns are numbers.

    `copied`: people copy the first column from here, so that it stays in one line.
    """
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for position, head in enumerate(heads):
        number = position >= len(heads) - numbers
        table.add_column(
            spoken().text(head),
            overflow="fold",
            justify="right" if number else "left",
            no_wrap=copied and position == 0,
        )
    for row in rows:
        table.add_row(*row)
    console = Console(highlight=False, markup=False, emoji=False)
    for line in console.render_lines(table, pad=False):
        click.echo("".join(segment.text for segment in line).rstrip())


def _row(assessment: Assessment) -> tuple[str, ...]:
    certain = sum(f.certain for f in assessment.findings)
    figures = (certain, len(assessment.findings) - certain, assessment.coverage.pages, assessment.coverage.links)
    text = spoken().text
    return (label(assessment.site), text(_verdict(assessment)), text(_score(assessment)), *map(str, figures))


def _run_row(run: RunRow) -> tuple[str, ...]:
    figures: list[int | str] = [run.sites, run.unqualified, run.undetermined, run.pending + run.failed, run.findings]
    edition = run.edition
    if run.scope == "recheck":  # it comes to no verdict
        edition, figures[1:3] = spoken().say("复查"), ("—", "—")
    return (run.id, f"{run.as_of.astimezone(CHINA):%Y-%m-%d %H:%M}", edition, *map(str, figures))


def _verdict(assessment: Assessment) -> Message:
    if assessment.vetoes:
        return say("{result}（单项否决 {codes}）", result=RESULTS[assessment.result], codes=assessment.vetoes)
    return RESULTS[assessment.result]


def _score(assessment: Assessment) -> Message:
    if assessment.score is None:
        return say("—")
    score = spoken().number(assessment.score)
    return say("{score}（估算）", score=score) if assessment.score_is_estimate else say("{score}", score=score)


def _remarks(ended: Ended) -> Iterator[Message]:
    """What must be known to read the table rightly."""
    for assessment in ended.assessments:
        site = label(assessment.site)
        if assessment.why is not None:
            yield say("{site}：{why}", site=site, why=assessment.why)
        elif not assessment.coverage.complete:
            yield say("{site}：访问没有完成，结论只对已检查的部分有效", site=site)
    for url, reason in ended.run.failures:
        yield say("{site}：没有检查完，与网站无关（{fault}）", site=url, fault=reason)
    if ended.pending > len(ended.run.failures):
        yield say("还有 {count} 个网站没有检查", count=ended.pending - len(ended.run.failures))
    for code, advice in UNDRAWN.items():
        pages = sum(a.coverage.skipped.get(code, 0) for a in ended.assessments)
        if pages:
            yield say("{count} 个网页由脚本绘制，看不到内容：{advice}", count=pages, advice=advice)
    for kind, name in _KINDS.items():
        guessed = [label(a.site) for a in ended.assessments if a.kind_guessed and a.kind is kind and a.coverage.pages]
        if len(guessed) > 3:
            yield say("按名称作为{kind}检查的有 {count} 个；如不对，请用 --kind 指定", kind=name, count=len(guessed))
        elif guessed:
            yield say("按名称作为{kind}检查：{sites}；如不对，请用 --kind 指定", kind=name, sites=tuple(guessed))


def _next(ended: Ended) -> Message:
    """One sentence."""
    if ended.pending:
        return say("下一步：运行 xuncha audit --resume {run}，检查未完成的网站", run=ended.run.id)
    if not any(a.coverage.pages for a in ended.assessments):
        return say("下一步：没有取得任何网页，不能得出结论；请核对网址和网络后重新检查")
    if not any(a.findings for a in ended.assessments):
        return say("下一步：没有发现问题；未能检查和须人工检查的指标见检查报告")
    if "docx" in ended.formats:
        return say("下一步：对照检查报告逐条核实问题（“待复核”的须人工判断），再修改通报初稿")
    return say("下一步：逐条核实问题，“待复核”的须人工判断")
