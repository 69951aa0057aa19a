"""What a visit covered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from crawler.facts import Facts
from crawler.outcome import SignKind
from crawler.snapshot import Coverage, HostLinks, Repeat, Trap, TrapReason
from crawler.templates import template, trunk
from crawler.urls import authority, domain, host

MOST_TOLD = 100  # traps, and repeated pages, that coverage names


def coverage(facts: Facts, *, complete: bool, outcomes: dict[str, int], hosts: tuple[HostLinks, ...]) -> Coverage:
    """What the visit saw of the site, and what it did not, with reasons. `outcomes`, `hosts`: of its links."""
    pages = facts.count("SELECT count(*) FROM pages")
    links = facts.count(
        "SELECT count(*) FROM (SELECT DISTINCT l.target FROM "
        "(SELECT target FROM anchors UNION ALL SELECT target FROM passages) l JOIN targets t ON t.id = l.target "
        "WHERE t.shares IS NOT NULL OR EXISTS (SELECT 1 FROM answers a WHERE a.target = l.target))"
    )
    sql = (
        "SELECT coalesce(skip, 'not-asked') AS why, count(*) FROM targets t WHERE skip IS NOT NULL OR "
        "shares IS NULL AND NOT EXISTS (SELECT 1 FROM answers a WHERE a.target = t.id) GROUP BY why ORDER BY why"
    )
    skipped: dict[str, int] = dict(facts.rows(sql))
    blocked: dict[str, None] = {}
    sql = "SELECT t.url, a.sign, a.code FROM answers a JOIN targets t ON t.id = a.target WHERE a.sign IN (?, ?, ?)"
    for url, sign, code in facts.rows(sql, [SignKind.BLOCKED, SignKind.SKIPPED, SignKind.PRIVATE]):
        if sign == SignKind.BLOCKED:
            blocked[authority(url)] = None
        else:
            skipped[code] = skipped.get(code, 0) + 1
    # The page as its scripts draw it was not looked at.
    skipped |= dict(facts.rows("SELECT code, count(*) FROM renderings WHERE code != '' GROUP BY code"))
    skipped |= dict(facts.rows("SELECT code, count(*) FROM files WHERE code != '' GROUP BY code"))
    reused = facts.count("SELECT count(*) FROM pages p JOIN bases b ON b.target = p.target WHERE b.unchanged <> ''")
    traps, repeats = tuple(_traps(facts)), tuple(_repeats(facts))
    return Coverage(pages, links, tuple(blocked), skipped, complete, traps, repeats, reused, outcomes, hosts)


def _traps(facts: Facts) -> list[Trap]:
    left: Counter[tuple[str, TrapReason]] = Counter()
    pages: dict[str, int] = dict(facts.rows("SELECT template, pages FROM traps ORDER BY template"))
    sql = "SELECT url, skip FROM targets WHERE skip IN ('trap', 'endless', 'hosts', 'variant') ORDER BY id"
    for url, reason in facts.rows(sql):
        name = f"*.{domain(host(url)) or host(url)}" if reason == "hosts" else template(url)
        left[trunk(name) if reason == "trap" and trunk(name) in pages else name, reason] += 1
    for name in pages:
        left[name, "trap"] += 0
    found = sorted(left.items(), key=lambda one: (-one[1], one[0]))[:MOST_TOLD]
    return [Trap(name, pages.get(name, 0) if reason == "trap" else 0, n, reason) for (name, reason), n in found]


def _repeats(facts: Facts) -> Iterator[Repeat]:
    sql = (
        "SELECT p.url, count(*) AS n FROM looks l JOIN pages p ON p.target = l.twin GROUP BY l.twin "
        "ORDER BY n DESC, l.twin LIMIT ?"
    )
    for url, addresses in facts.rows(sql, [MOST_TOLD]):
        yield Repeat(url, addresses)
