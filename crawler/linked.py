"""The links of a visit: where each stands, and what came of asking it.

Where a link failed, what else the visit saw is weighed: whether its origin answered anything, and whether this machine
reaches the outside at all (crawler.outcome.weigh).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache, partial
from typing import Any

from crawler import outcome
from crawler.covered import MOST_TOLD
from crawler.facts import Facts
from crawler.message import Message, say
from crawler.outcome import Outcome, Reach, Sign, SignKind, Verdict
from crawler.page import Answer, Landing, Link, LinkKind, Role
from crawler.snapshot import HostLinks
from crawler.urls import address_reason, host, origin

_NOWHERE = (".invalid", ".example")  # names that lead nowhere from any machine (RFC 6761, 6.4 and 6.5)
_SEVERAL = 3  # outside hosts: so many dead ones at once, and not one alive, are rather our own way out
SKIP_REASONS = {
    "max-pages": say("超过页数上限，没有检查"),
    "max-seconds": say("超过时间上限，没有检查"),
    "max-bytes": say("超过流量上限，没有检查"),
    "interrupted": say("检查被中断，没有检查"),
    "trap": say("同类地址接连没有新内容，没有检查"),
    "endless": say("疑似无限循环的地址，没有检查"),
    "hosts": say("同一域名下的主机过多，没有检查"),
    "variant": say("同一地址的另一种写法，没有检查"),
    "not-needed": say("本次检查不需要访问"),
}
# What its own asks say, what those of the target say whose silence it shares, and where the last of its own ended.
_SIGNS = """
       (SELECT json_group_array(json_object('sign', a.sign, 'code', a.code, 'reason', json(a.reason)))
          FROM (SELECT * FROM answers WHERE target = t.id ORDER BY attempt) a),
       (SELECT json_group_array(json_object('sign', a.sign, 'code', a.code, 'reason', json(a.reason)))
          FROM (SELECT * FROM answers WHERE target = t.shares ORDER BY attempt) a),
       (SELECT url FROM answers WHERE target = t.id ORDER BY attempt DESC LIMIT 1)"""
_TARGETS = f"""
SELECT t.url, t.internal, t.skip, t.shares, {_SIGNS}
FROM targets t WHERE t.id IN (SELECT target FROM anchors UNION SELECT target FROM passages)
"""
# The best place of each target: the home page, then columns, then articles, then the order of visiting.
# SQLite takes the bare columns of a min() from the row that has it. A form's address that is also linked to is told of
# as a link. What stands in no page is told of once, after the rest, at the best place of what leads to it.
_LINKS = f"""
WITH stands AS (
  SELECT l.key AS anchor, l.value AS line, count(*) AS places,
         min(CASE p.role WHEN 'home' THEN 0 WHEN 'column' THEN 1 WHEN 'article' THEN 2 ELSE 3 END * 1000000000
             + p.target) AS rank
  FROM pages p, json_each(p.links) l GROUP BY l.key
), best AS MATERIALIZED (
  SELECT a.target, a.kind, a.text, a.raw, s.line, sum(s.places) AS places, min(s.rank) AS rank
  FROM stands s JOIN anchors a ON a.id = s.anchor GROUP BY a.target, a.kind
), told AS (
  SELECT target, kind, text, raw, line, places, rank, 0 AS via
  FROM best WHERE kind != 'form' OR target NOT IN (SELECT target FROM best WHERE kind != 'form')
  UNION ALL
  SELECT p.target, p.kind, '', p.raw, 0, r.places, r.rank, min(p.via)
  FROM passages p
  JOIN (SELECT target, sum(places) AS places, min(rank) AS rank FROM best GROUP BY target) r ON r.target = p.root
  WHERE p.target NOT IN (SELECT target FROM best)
  GROUP BY p.target, p.kind
)
SELECT t.url AS url, b.kind, t.internal, t.skip, t.shares, b.places, b.text, b.raw, b.line, p.url, p.role, p.title,
       {_SIGNS},
       coalesce(v.url, '')
FROM told b
JOIN targets t ON t.id = b.target
JOIN pages p ON p.target = b.rank % 1000000000
LEFT JOIN targets v ON v.id = b.via
ORDER BY b.via != 0, b.target, b.kind
"""


class Linked:
    """Every link of the site once, as often as one iterates."""

    def __init__(self, facts: Facts, home: Answer | None, look: Callable[[str], Landing | None]) -> None:
        self._facts = facts
        self._home = home
        self._look = look
        self._kept = False

    def __iter__(self) -> Iterator[Link]:
        if not self._kept:
            # All pages are gone through to find the best place of every link: once.
            self._facts.keep("linked", _LINKS)
            self._kept = True
        for row in self._facts.rows("SELECT * FROM linked ORDER BY rowid"):
            yield self._link(row)

    def by_host(self) -> tuple[dict[str, int], tuple[HostLinks, ...]]:
        """What became of the link targets: all together, and by host."""
        total: Counter[str] = Counter()
        hosts: dict[str, Counter[str]] = {}
        for url, *known in self._facts.rows(_TARGETS):
            verdict = self._outcome(url, *known).verdict.value
            total[verdict] += 1
            hosts.setdefault(host(url) or url, Counter())[verdict] += 1
        good = Verdict.OK.value
        ranked = sorted(hosts.items(), key=lambda one: (one[1][good] - one[1].total(), -one[1].total(), one[0]))
        return dict(total), tuple(HostLinks(name, dict(counts)) for name, counts in ranked[:MOST_TOLD])

    # What else the visit saw, when a link failed.

    @cached_property
    def _spoken(self) -> set[str]:
        """Origins that answered anything at all."""
        found: set[str] = set()
        for url, status, hops in self._facts.rows("SELECT url, status, hops FROM answers"):
            if status is not None:
                found.add(origin(url))
            if hops != "[]":
                found.update(origin(hop["url"]) for hop in json.loads(hops))
        return found

    @cached_property
    def _controls(self) -> dict[str, bool]:
        return {name: bool(good) for name, good in self._facts.rows("SELECT origin, good FROM controls")}

    @cached_property
    def _away(self) -> bool:
        """Nothing shows that this machine reaches the outside: no outside site answered, and either several were asked,
        or the site itself is no proof of a way out."""
        failed: set[str] = set()
        sql = (
            "SELECT a.url, a.status FROM targets t JOIN answers a ON a.target = t.id "
            "WHERE NOT t.internal AND a.sign NOT IN ('private', 'skipped')"
        )
        for url, status in self._facts.rows(sql):
            if status is not None:
                return False
            failed.add(host(url))
        if len(failed) >= _SEVERAL:
            return True
        home = self._home
        return home is None or not home.server or address_reason(home.server) is not None or _is_number(host(home.url))

    def _link(self, row: Sequence[Any]) -> Link:
        (url, kind, internal, skip, shares, places, text, raw, line, on, role, title, own, witness, last, via) = row
        found = self._outcome(url, internal, skip, shares, own, witness, last)
        link = Link(url, LinkKind(kind), on, Role(role), title, text, raw, line, places, bool(internal), found, via)
        return link if internal or found.asked == 0 else replace(link, look=partial(self._look, url))

    def _outcome(
        self, url: str, internal: int, skip: str | None, shares: int | None, own: str, witness: str, last: str | None
    ) -> Outcome:
        signs = _signs(own)
        if not signs and skip:
            return Outcome(Verdict.SKIPPED, skip, SKIP_REASONS[skip], asked=0)
        found = outcome.share(signs, _signs(witness)) if shares is not None else outcome.conclude(signs)
        if found.verdict is not Verdict.BROKEN:
            return found
        name = origin(last or url)
        away = self._away and not internal and not host(last or url).endswith(_NOWHERE)
        return outcome.weigh(found, Reach(name in self._spoken, self._controls.get(name), away))


@lru_cache(maxsize=512)
def _signs(text: str | None) -> tuple[Sign, ...]:
    return tuple(
        Sign(SignKind(s["sign"]), s["code"], Message.from_json(s["reason"]))
        for s in json.loads(text or "[]")
        if s["sign"]
    )


def _is_number(name: str) -> bool:
    """The host is an address, not a name: reaching it says nothing of names."""
    return ":" in name or name.replace(".", "").isdigit()
