"""What was asked of a site and what was not, as a report tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.snapshot import Coverage, Repeat, Trap
from reports import labels
from reports.language import Language
from reports.text import line

_SHOWN_HOSTS = 20
_SHOWN_TRAPS = 5


@dataclass(frozen=True, slots=True)
class CoverageView:
    pages: str
    links: str
    skipped: str
    blocked: str
    traps: tuple[str, ...]
    repeats: tuple[str, ...]
    complete: bool


def coverage_view(coverage: Coverage, language: Language) -> CoverageView:
    return CoverageView(
        pages=_pages(coverage, language),
        links=language.number(coverage.links),
        skipped=_skipped(coverage, language),
        blocked=_hosts(coverage.blocked_hosts, language),
        traps=_few([_trap(trap, language) for trap in coverage.traps], language),
        repeats=_few([_repeat(repeat, language) for repeat in coverage.repeats], language),
        complete=coverage.complete,
    )


def _pages(coverage: Coverage, language: Language) -> str:
    if not coverage.reused:
        return language.number(coverage.pages)
    return language.say(
        "{n}，其中 {same} 页与上次检查时相同", n=language.number(coverage.pages), same=language.number(coverage.reused)
    )


def _skipped(coverage: Coverage, language: Language) -> str:
    skipped = coverage.skipped
    if not skipped:
        return "0"
    reasons = [
        language.say("{reason} {n}", reason=labels.skip(reason), n=language.number(n))
        for reason, n in sorted(skipped.items(), key=lambda entry: -entry[1])
    ]
    return language.say("{n}（{reasons}）", n=language.number(sum(skipped.values())), reasons=language.list(reasons))


def _trap(trap: Trap, language: Language) -> str:
    template, pages, skipped = line(trap.template, 100), language.number(trap.pages), language.number(trap.skipped)
    if trap.reason == "endless":
        return language.say("{template}：地址无限增长，{skipped} 个没有访问", template=template, skipped=skipped)
    if trap.reason == "hosts":
        return language.say("{template}：主机过多，{skipped} 个地址没有访问", template=template, skipped=skipped)
    if trap.reason == "variant":
        return language.say(
            "{template}：同一地址的其他写法（会话标识、参数顺序等），{skipped} 个没有访问",
            template=template,
            skipped=skipped,
        )
    return language.say(
        "{template}：打开 {pages} 页后连续没有新内容，不再打开；{skipped} 个没有访问",
        template=template,
        pages=pages,
        skipped=skipped,
    )


def _repeat(repeat: Repeat, language: Language) -> str:
    others = language.number(repeat.addresses)
    return language.say("另有 {n} 个地址与 {page} 内容相同，只计一次", n=others, page=line(repeat.url, 100))


def _few(lines: Sequence[str], language: Language) -> tuple[str, ...]:
    if len(lines) <= _SHOWN_TRAPS:
        return tuple(lines)
    more = language.say("等 {n} 项", n=language.number(len(lines)))
    return (*lines[:_SHOWN_TRAPS], more)


def _hosts(hosts: Sequence[str], language: Language) -> str:
    shown = language.list([line(host, 100) for host in hosts[:_SHOWN_HOSTS]])
    if len(hosts) <= _SHOWN_HOSTS:
        return shown
    return language.say("{hosts} 等 {n} 个", hosts=shown, n=language.number(len(hosts)))
