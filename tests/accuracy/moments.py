# ruff: noqa: S311 - no secret hangs on these numbers
"""Facts of one moment: how long the home page took, how its secure connection was, whether it has an IPv6 address; and
of a week of probes.

    python tests/accuracy/moments.py

No network: answers are written down as the crawler hands them on, with the words of OpenSSL for failures, and the
system's resolver answers what a resolver may answer.
"""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

from told import Hints, table

from crawler.guard import Guard
from crawler.ipv6 import has_ipv6
from crawler.message import say
from crawler.page import Answer, Failure, FailureKind, Page, Role
from crawler.probe import Announced, Probe, ProbeState, Watched
from crawler.site import Site
from crawler.snapshot import NotGathered
from crawler.weakness import weakness
from rules import all_rules

RULES = ("slow-home", "weak-https", "missing-ipv6", "unreachable-home")
PARAMS: Mapping[str, Mapping[str, Any]] = {"unreachable-home": {"days": 7}}
AT = datetime.fromisoformat("2026-11-24T09:30:00+08:00")
NAME = "www.yunling.gov.cn"
HOME, SECURE = f"http://{NAME}/", f"https://{NAME}/"


@dataclass(frozen=True, slots=True)
class Moment:
    """What was seen of one site. `expect`: `certain`, `review`, or `none`; not to be judged is none."""

    rule: str
    expect: str
    sort: str
    home: Answer
    twin: Answer | None = None
    """What the home page's HTTPS address answered, where it came by HTTP."""
    ipv6: bool | None = None
    watched: Watched = field(default_factory=Watched)


@dataclass(frozen=True, slots=True)
class _Seen:
    """The part of a Snapshot that these rules look at."""

    moment: Moment
    as_of: datetime = AT
    saved: bool = False

    @property
    def site(self) -> Site:
        return Site(HOME)

    @property
    def watched(self) -> Watched:
        return self.moment.watched

    @property
    def home_answer(self) -> Answer:
        return self.moment.home

    @property
    def home(self) -> Page:
        if not self.moment.home.ok:
            raise NotGathered(say("首页没有打开"))
        return Page(self.moment.home, Role.HOME, "云岭县人民政府", {}, AT)

    @property
    def ipv6(self) -> bool:
        if self.moment.ipv6 is None:
            raise NotGathered(say("没有查到域名有没有IPv6地址"))
        return self.moment.ipv6

    def answer(self, url: str) -> Answer | None:
        return self.moment.twin if url == SECURE else None


def _answer(url: str, **more: Any) -> Answer:
    return Answer(url, url, AT, **{"elapsed": 0.4, "status": 200, **more})


# How long it took.


def _slow(rng: random.Random) -> Iterator[Moment]:
    for _ in range(45):
        took = rng.choice((rng.uniform(3.01, 5), rng.uniform(5, 14.9)))
        yield Moment("slow-home", "review", f"{took:.2f}", _answer(rng.choice((HOME, SECURE)), elapsed=took))
    for n in range(110):
        took = rng.choice((0.05, 0.9, 2.0, 2.9, 3.0, rng.uniform(0.1, 3)))
        if n % 5 == 0:  # nothing was measured: no page came
            status = rng.choice((404, 500, 503, 403))
            yield Moment("slow-home", "none", f"{status}", _answer(HOME, elapsed=took + 9, status=status))
        else:
            yield Moment("slow-home", "none", f"{took:.2f}", _answer(HOME, elapsed=took))


# The secure connection: what OpenSSL says of it, and what a person would. The crawler asks once more without checking:
# most answer all the same, and then the page came over a weak connection.

_CERTIFICATES = (
    ("certificate verify failed: certificate has expired", "certain"),
    ("certificate verify failed: certificate is not yet valid", "certain"),
    ("certificate verify failed: Hostname mismatch, certificate is not valid for 'www.yunling.gov.cn'.", "certain"),
    ("certificate verify failed: self-signed certificate", "certain"),
    ("certificate verify failed: self signed certificate", "certain"),
    ("certificate verify failed: EE certificate key too weak", "certain"),
    ("[SSL: DH_KEY_TOO_SMALL] dh key too small", "certain"),
    ("[SSL: UNSUPPORTED_PROTOCOL] unsupported protocol", "certain"),
    ("[SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version", "certain"),
    ("[SSL: UNSAFE_LEGACY_RENEGOTIATION_DISABLED] unsafe legacy renegotiation disabled", "certain"),
    ("certificate verify failed: self-signed certificate in certificate chain", "review"),
    ("certificate verify failed: unable to get local issuer certificate", "review"),
    ("certificate verify failed: unable to verify the first certificate", "review"),
)
_SILENT = (
    (FailureKind.REFUSED, "Connection refused", "certain"),
    (FailureKind.TLS, "[SSL: WRONG_VERSION_NUMBER] wrong version number", "certain"),
    (FailureKind.TLS, "[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] sslv3 alert handshake failure", "review"),
    (FailureKind.TIMEOUT, "no connection within 10 s", "review"),
    (FailureKind.RESET, "Connection reset by peer", "review"),
)
_NOT_ASKED = ((FailureKind.ROBOTS, "rules"), (FailureKind.PRIVATE, "10.0.0.1"), (FailureKind.DNS, "No route to host"))


def _https(rng: random.Random) -> Iterator[Moment]:
    for detail, expect in _CERTIFICATES:
        code = weakness(detail)
        for _ in range(2):
            yield Moment("weak-https", expect, detail, _answer(SECURE, weak=code))
            yield Moment("weak-https", expect, detail, _answer(HOME), _answer(SECURE, weak=code))
    for kind, detail, expect in _SILENT:
        yield Moment("weak-https", expect, detail, _answer(HOME), _failed(kind, detail))
    for days in (-1, 0, 3, 12, 20, 29, 29.9):
        yield Moment("weak-https", "certain", f"{days} days", _answer(SECURE, expires=AT + timedelta(days=days)))
    for status in (404, 500, 403):
        yield Moment("weak-https", "review", f"{status}", _answer(HOME), _answer(SECURE, status=status))
    for n in range(120):
        left = timedelta(days=rng.choice((30.1, 31, 60, 89, 200, 364)))
        if n % 8 == 0:
            kind, detail = rng.choice(_NOT_ASKED)
            yield Moment("weak-https", "none", detail, _answer(HOME), _failed(kind, detail))
        elif n % 8 == 1:
            yield Moment("weak-https", "none", "not asked", _answer(HOME))
        elif n % 2:
            yield Moment("weak-https", "none", f"{left.days} days", _answer(SECURE, expires=AT + left))
        else:
            yield Moment("weak-https", "none", f"{left.days} days", _answer(HOME), _answer(SECURE, expires=AT + left))


def _failed(kind: FailureKind, detail: str) -> Answer:
    return _answer(SECURE, status=None, failure=Failure(kind, detail))


# What the resolver says of the name.

_V6, _MAPPED = ("2409:8c54::1", 0, 0, 0), ("::ffff:1.2.3.4", 0, 0, 0)


def _says(*addresses: tuple[Any, ...]) -> Callable[..., Any]:
    return lambda *_, **__: [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", address) for address in addresses]


def _fails(error: Exception) -> Callable[..., Any]:
    def resolve(*_: Any, **__: Any) -> Any:
        raise error

    return resolve


def _names(rng: random.Random) -> Iterator[tuple[str, str, Callable[..., Any]]]:
    """A host, what a person would say, and the resolver."""
    none = [_fails(socket.gaierror(getattr(socket, code), "")) for code in ("EAI_NODATA", "EAI_NONAME")]
    unknown = [_fails(socket.gaierror(socket.EAI_AGAIN, "")), _fails(socket.gaierror(socket.EAI_FAIL, ""))]
    unknown += [_fails(TimeoutError()), _fails(OSError(5, "")), _fails(UnicodeError()), _says(_MAPPED)]
    there = [_says(_V6), _says(_MAPPED, _V6), _says(("2001:da8::9", 0, 0, 0), _V6)]
    for _ in range(40):
        yield rng.choice((NAME, "www.xn--fiqs8s.xn--zfr164b", "yunling.gov.cn")), "review", rng.choice(none)
    for n in range(120):
        name = rng.choice((NAME, "zwgk.yunling.gov.cn"))
        resolver = rng.choice(there if n % 3 else unknown)
        if n % 10 == 0:  # no name at all: nothing is asked
            name, resolver = rng.choice(("203.0.113.7", "2001:db8::7")), none[0]
        yield name, "none", resolver


def _ipv6(rng: random.Random) -> Iterator[Moment]:
    for name, expect, resolver in _names(rng):
        with mock.patch("socket.getaddrinfo", resolver):
            known = asyncio.run(has_ipv6(name, Guard()))
        host = f"[{name}]" if ":" in name else name
        yield Moment("missing-ipv6", expect, name, _answer(f"http://{host}/"), ipv6=known)


# A week of probes, one an hour, of which some failed. The truth is counted here by hand.

_HOURS = 7 * 24
_DOWN = ("timeout", "refused", "http-502", "http-503", "dns")


def _probe(at: datetime, state: ProbeState = ProbeState.UP, code: str = "ok", **more: Any) -> Probe:
    return Probe(at, state, code, say("{code}", code=code), **{"elapsed": 0.8, **more})


def _shut(rng: random.Random, at: datetime, *, witnessed: bool = True) -> Probe:
    if witnessed and rng.random() < 0.3:  # it came, and too late
        return _probe(at, elapsed=rng.choice((15.0, 15.1, 22.0)))
    return _probe(at, ProbeState.DOWN, rng.choice(_DOWN), elapsed=15.0, witnessed=witnessed)


def _week(rng: random.Random, failed: int, *, hours: int = _HOURS, witnessed: bool = True) -> list[Probe]:
    """The last `hours`, an hour apart."""
    shut = set(rng.sample(range(hours), failed))
    times = [AT - timedelta(hours=n) for n in range(hours)]
    return [_shut(rng, at, witnessed=witnessed) if n in shut else _probe(at) for n, at in enumerate(times)][::-1]


def _weeks(rng: random.Random) -> Iterator[tuple[str, str, Watched]]:
    """What a person would say, why, and the watch."""
    for _ in range(40):  # 9 of 168 are 5.4 %
        failed = rng.choice((9, 10, 12, 30, 80, 168))
        yield "certain", f"{failed} of {_HOURS}", Watched(tuple(_week(rng, failed)))
    for _ in range(6):  # 7 of 140 are 5 %, which is too often
        shut = set(rng.sample(range(140), 7))
        times = [AT - timedelta(minutes=72 * n) for n in range(140)]
        yield (
            "certain",
            "at the edge",
            Watched(tuple(_shut(rng, t) if n in shut else _probe(t) for n, t in enumerate(times))[::-1]),
        )
    for _ in range(10):
        yield "review", "nothing else answered", Watched(tuple(_week(rng, 30, witnessed=False)))
        yield "review", "three days", Watched(tuple(_week(rng, 40, hours=72)))
    for n in range(120):
        failed = rng.choice((0, 0, 1, 3, 7, 8))  # 8 of 168 are 4.8 %
        week = _week(rng, failed)
        begins = AT - timedelta(days=rng.randrange(1, 7), hours=3)
        window = Announced(begins, begins + timedelta(hours=rng.randrange(2, 9)), "系统升级")
        if n % 6 == 0:  # announced
            week = [_shut(rng, p.at) if window.covers(p.at) else p for p in _week(rng, min(failed, 5))]
            yield "none", "announced", Watched(tuple(week), (window,))
        elif n % 6 == 1:  # our own outage, short
            days = {p.at.date(): p.at for p in week if p.state is ProbeState.UP}
            lost = set(days.values())
            week = [
                _probe(p.at, ProbeState.OURS, "no-way-out") if p.at in lost else p for p in _week(rng, min(failed, 5))
            ]
            yield "none", "ours", Watched(tuple(week))
        elif n % 6 == 2:  # the week before
            before = [_shut(rng, AT - timedelta(days=7, hours=h)) for h in range(1, 100)]
            yield "none", "before", Watched((*before[::-1], *week))
        elif n % 6 == 3:  # asked again and again while it was shut
            first = week[5]
            again = [_shut(rng, first.at + timedelta(minutes=m)) for m in range(1, 29)]
            yield "none", "rapid", Watched((*_week(rng, min(failed, 5))[:6], *again, *_week(rng, min(failed, 5))[6:]))
        elif n % 6 == 4:  # slow, but there
            yield (
                "none",
                "slow",
                Watched(
                    tuple(_probe(AT - timedelta(hours=h), elapsed=rng.uniform(9, 14.9)) for h in range(_HOURS))[::-1]
                ),
            )
        else:
            yield "none", f"{failed} of {_HOURS}", Watched(tuple(week))


def _watches(rng: random.Random) -> Iterator[Moment]:
    for expect, sort, watched in _weeks(rng):
        yield Moment("unreachable-home", expect, sort, _answer(HOME), watched=watched)


def moments(seed: int = 0) -> list[Moment]:
    rng = random.Random(seed)
    return [*_slow(rng), *_https(rng), *_ipv6(rng), *_watches(rng)]


def measure(chosen: list[Moment]) -> tuple[dict[str, Hints], list[str]]:
    rules, figures, errors = all_rules(), {rule: Hints() for rule in RULES}, []
    for moment in chosen:
        told = []
        with suppress(NotGathered):
            told += rules[moment.rule].check(_Seen(moment), **PARAMS.get(moment.rule, {}))
        said = "certain" if any(p.certain for p in told) else "review" if told else "none"
        figures[moment.rule].count(moment.expect, said)
        if said != moment.expect:
            errors.append(f"{moment.rule} {moment.sort}: {said}, is {moment.expect}")
    return figures, errors


if __name__ == "__main__":
    total, wrong = measure(moments())
    print("\n".join(wrong))
    print(table(total))
