"""From an Answer to an Outcome: the state machine that decides whether a link is broken.

Each ask of an address gives one Sign (`read`), and the Signs of one visit give the Outcome (`conclude`):

    ask ──good──────────────────────────────→ ok
     ├──blocked (a wall answered) ──────────→ blocked    never broken
     ├──private / skipped ──────────────────→ private / skipped
     ├──unclear (400, 406, our own network) → unsure
     └──suspect ──→ asked again later, GET, fresh connection
                      ├──good ──────────────→ ok
                      ├──blocked ───────────→ blocked
                      ├──same fault ────────→ broken
                      └──another fault, or never asked again → unsure

A site whose secure connection is weak (crawler.tls) and that answers all the same is ok, with a code that names the
weakness: a browser warns, and lets its reader in. Whatever else came over such a connection accuses nobody: who knows
who said it. It is unclear.

Suspect are 404, 410, 5xx, DNS, refused, reset, timeout, TLS, a protocol fault, a redirect loop, a soft 404, an HTML
error page under the name of a document, an empty file, and one that lacks its end. Everything here is pure: the visit
asks, this module judges.

A fault that came before anything was sent (`of_origin`) tells nothing of an address and all of its origin: one address
is asked and asked again, the others `share` what it came to. And where the origin did answer for another address in the
same visit, such a fault accuses nobody: it may be us whom it does not want (`weigh`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from crawler.message import Message, say
from crawler.page import NO_CONNECTION, Answer, Failure, FailureKind
from crawler.weakness import WEAK, weakness


class Verdict(StrEnum):
    OK = "ok"
    BROKEN = "broken"
    BLOCKED = "blocked"
    UNSURE = "unsure"
    PRIVATE = "private"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known of a link's target. Only BROKEN accuses, and it was seen at least twice."""

    verdict: Verdict
    code: str
    """Stable reason: `http-404`, `dns`, `soft-404`, `error-page`, `empty-file`, `cut-file`, `challenge`, `robots`,
    `limit`, `tls-expired` …"""
    reason: Message
    asked: int = 1
    """How many times it was asked in this visit."""


class SignKind(StrEnum):
    GOOD = "good"
    SUSPECT = "suspect"
    BLOCKED = "blocked"
    UNCLEAR = "unclear"
    PRIVATE = "private"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Sign:
    """What one ask of an address says."""

    kind: SignKind
    code: str
    reason: Message


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What the judge sees of a body: enough to tell a page from an error page. Texts are squeezed."""

    title: str = ""
    text: str = ""
    """Visible text of an HTML body; empty for other bodies."""
    html: bool = False
    length: int = 0
    """Bytes of the decoded body that were read."""
    login: bool = False
    """The page asks for a password."""
    office: bool = False
    """HTML written by an office program, which is what some .doc files truly are."""
    leads_on: bool = False
    """A page under the name of a document that a script, or META refresh, may turn into it."""
    cut: bool = False
    """A file whose end was seen, and is not the end of such a file."""


@dataclass(frozen=True, slots=True)
class Missing:
    """How a host answers for an address that cannot exist: the soft 404 probe. `status` None: it could not be asked."""

    status: int | None
    url: str = ""
    title: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """What else the visit saw of the origin that failed."""

    answered: bool = False
    """It answered for some address in this visit."""
    control: bool | None = None
    """Asked once more for an address that had been good, after everything else: whether it was. None: not asked."""
    away: bool = False
    """No outside site answered at all: this machine may have no way out."""


GOOD = Sign(SignKind.GOOD, "ok", say("可以打开"))
# What comes before a path is sent: name, connection, certificate; and a limit on whoever asks.
OF_ORIGIN = frozenset({"dns", "refused", "no-connection", "tls", "resolver", "no-route", "http-429"})
_OF_NETWORK = frozenset({"dns", "refused", "no-connection", "tls", "timeout", "reset"})

# A wall, a login or a rate limit answered, not the site: DESIGN section 6, "blocked".
_BLOCKED_STATUS = frozenset({401, 403, 405, 407, 412, 418, 429, 451, 521, 999})
_CHALLENGE_HEADERS = {"cf-mitigated": "challenge"}
# Marks of challenge pages: 加速乐, 瑞数, Cloudflare, and the block texts of firewalls. Each is unlikely in a real page.
_CHALLENGE_BODY = re.compile(
    r"__jsl_clearance|\$_ts\s*=|_\$[a-zA-Z0-9]{2}\(\)|cf-browser-verification|challenge-platform|cf_chl_opt|"
    r"acw_sc__v2|aliyun_waf|/_guard/|slider_captcha|yunsuo_session"
)
_CHALLENGE_TEXT = re.compile(
    r"Just a moment\.\.\.|Checking your browser|访问被(?:拦截|阻断)|已被[^，。！,.!]{0,16}(?:拦截|阻断)|请求被拒绝|"
    r"网站防火墙|安全验证|人机验证|创宇盾|D盾_拦截|疑似(?:黑客)?攻击|访问过于频繁|您的访问出错了|Web应用防火墙|"
    r"请完成验证|Access Denied"
)
# What a page says that is not there. Only short pages are believed: an article may speak of 404 at length.
_GONE_TEXT = re.compile(
    r"页面(?:不存在|未找到|找不到|已(?:被)?(?:删除|移除|下线))|(?:您|你)?(?:要)?(?:访问|查找|浏览|请求)的(?:页面|网页|内容|文件|信息|栏目|文章)"
    r"(?:不存在|未找到|找不到|已(?:被)?删除|可能已)|找不到(?:该|此|您要|相关)?(?:的)?(?:页面|网页|文件)|无法找到(?:该|此)?(?:页|网页|资源)|"
    r"(?:该|此)(?:信息|文章|栏目|页面|内容)(?:不存在|已(?:被)?(?:删除|撤销|下线))|(?:文章|信息|栏目|内容)不存在|"
    r"404\s*(?:错误|Not Found|页面|-)|Page Not Found|Not Found|HTTP\s*404|error\s*404",
    re.IGNORECASE,
)
_GONE_TITLE = re.compile(
    r"(?:^|\D)404(?:\D|$)|页面(?:不存在|未找到|找不到)|Not Found|出错(?:了|啦)|错误页|找不到页面", re.IGNORECASE
)
_LOGIN_TITLE = re.compile(r"登[录陆]|身份认证|\b(?:log|sign)[ -]?in\b", re.IGNORECASE)
_LOGIN_URL = re.compile(r"[/.](?:login|signin|sso|cas|passport|oauth2?)\b", re.IGNORECASE)
_SHORT = 300  # characters of visible text: an error page without the site's navigation
_MEDIUM = 1500  # an error page inside the site's full template
_ALIKE = 0.9


def read(
    answer: Answer,
    *,
    headers: Mapping[str, str],
    body: bytes = b"",
    glimpse: Glimpse | None = None,
    document_expected: bool = False,
    missing: Missing | None = None,
    home: bool = False,
) -> Sign:
    """The Sign of one answer.

    `headers`: of the last hop, lower-case names. `body`: its first bytes, for challenge marks. `glimpse`: None when no
    body was asked for (HEAD). `document_expected`: the address names a document (.pdf, .doc, …). `missing`: the host's
    probe. `home`: the site's home page, which is never a soft 404.
    """
    sign = _read(answer, headers, body, glimpse, document_expected, missing, home)
    return _over_weak(sign, answer.weak) if answer.weak else sign


def _read(  # noqa: PLR0911 - one branch a row of the table in DESIGN section 6
    answer: Answer,
    headers: Mapping[str, str],
    body: bytes,
    glimpse: Glimpse | None,
    document_expected: bool,
    missing: Missing | None,
    home: bool,
) -> Sign:
    if answer.failure is not None:
        return _failure(answer.failure.kind, answer.failure.detail)
    status = answer.status or 0
    if _challenged(status, headers, body, glimpse):
        return Sign(
            SignKind.BLOCKED, "challenge", say("对方要求人机验证或被防护设备拦截（HTTP {status}）", status=status)
        )
    if status in _BLOCKED_STATUS:
        return Sign(SignKind.BLOCKED, f"http-{status}", say("对方拒绝访问（HTTP {status}）", status=status))
    if status in (404, 410):
        return Sign(SignKind.SUSPECT, f"http-{status}", say("页面不存在（HTTP {status}）", status=status))
    if 500 <= status <= 599:
        return Sign(SignKind.SUSPECT, f"http-{status}", say("服务器出错（HTTP {status}）", status=status))
    if not 200 <= status <= 299:
        return Sign(SignKind.UNCLEAR, f"http-{status}", say("不能判断（HTTP {status}）", status=status))
    if glimpse is None or status in (204, 205):
        return GOOD
    if document_expected:
        return _document(answer, glimpse)
    if glimpse.html and not home and soft_404(answer, glimpse, missing):
        return Sign(
            SignKind.SUSPECT, "soft-404", say("返回的是“页面不存在”一类的提示页（HTTP {status}）", status=status)
        )
    return GOOD


def conclude(signs: Sequence[Sign]) -> Outcome:
    """The Outcome of all asks of one address in one visit, in the order they were made."""
    if not signs:
        return Outcome(Verdict.SKIPPED, "not-asked", say("没有检查"), asked=0)
    asked = len(signs)
    for kind, verdict in (
        (SignKind.GOOD, Verdict.OK),
        (SignKind.PRIVATE, Verdict.PRIVATE),
        (SignKind.SKIPPED, Verdict.SKIPPED),
        (SignKind.BLOCKED, Verdict.BLOCKED),
        (SignKind.UNCLEAR, Verdict.UNSURE),
    ):
        sign = next((s for s in signs if s.kind is kind), None)
        if sign is not None:
            return Outcome(verdict, sign.code, sign.reason, asked)
    last = signs[-1]
    if asked == 1:
        return Outcome(Verdict.UNSURE, last.code, say("只检查了一次，未能复核：{fault}", fault=last.reason), asked)
    if len({s.code for s in signs}) > 1:
        mixed = say("几次检查结果不一致：先是{first}，后是{last}", first=signs[0].reason, last=last.reason)
        return Outcome(Verdict.UNSURE, "mixed", mixed, asked)
    return Outcome(Verdict.BROKEN, last.code, last.reason, asked)


def of_origin(answer: Answer, sign: Sign) -> bool:
    """The fault is the asked origin's, whatever was asked of it: not a page's, and not a redirect's target's."""
    return sign.code in OF_ORIGIN and not answer.hops


def is_suspect(kind: SignKind, code: str) -> bool:
    """What must be asked again before anything is said."""
    return kind is SignKind.SUSPECT or code in OF_ORIGIN


def broke_off(answer: Answer) -> bool:
    """The connection was there, and ended before the answer did."""
    return answer.failure is not None and answer.failure.kind is FailureKind.RESET


def by_chance(answer: Answer) -> bool:
    """There may be an answer the next moment: nothing that is asked once only should hang on this one."""
    failure = answer.failure
    return broke_off(answer) or (
        failure is not None and failure.kind is FailureKind.TIMEOUT and not comes_first(failure)
    )


def comes_first(failure: Failure) -> bool:
    """The failure came before a path was sent, so it would have come for any other of the origin."""
    return _failure(failure.kind, failure.detail).code in OF_ORIGIN


def share(own: Sequence[Sign], witness: Sequence[Sign]) -> Outcome:
    """The Outcome of an address whose origin did not answer for another one, the `witness`, asked twice."""
    found = conclude([*own, *witness])
    reason = say("所在网站没有回应（以另一地址检查{n}次）：{why}", n=len(witness), why=found.reason)
    return Outcome(found.verdict, found.code, reason, len(own))


def weigh(found: Outcome, reach: Reach) -> Outcome:
    """A broken Outcome in the light of what else the visit saw: is it surely the other side?"""
    if found.verdict is not Verdict.BROKEN or found.code not in _OF_NETWORK:
        return found
    if reach.away:
        reason = say("检查时所有外部网站都连不上，可能是本机网络所限：{why}", why=found.reason)
    elif reach.answered and (found.code not in ("timeout", "reset") or not reach.control):
        reason = say("该网站在检查中曾经可以访问，后来不回应，可能是对方限制访问：{why}", why=found.reason)
    else:
        return found
    return Outcome(Verdict.UNSURE, "vantage", reason, found.asked)


def soft_404(answer: Answer, glimpse: Glimpse, missing: Missing | None) -> bool:
    """A 200 answer that says “not here”.

    The words alone convict a short page; inside a full template they need the probe's agreement; the probe alone
    convicts only by a redirect to the very error page it was itself sent to. A long page is never a soft 404.
    """
    if len(glimpse.text) > _MEDIUM:
        return False
    says_gone = bool(_GONE_TEXT.search(glimpse.text) or _GONE_TITLE.search(glimpse.title))
    if says_gone and len(glimpse.text) <= _SHORT:
        return True
    if missing is None or missing.status is None or not 200 <= missing.status <= 299:
        return False
    sent_to_error_page = bool(answer.hops) and answer.url == missing.url and _GONE_TEXT.search(missing.text) is not None
    return sent_to_error_page or (says_gone and glimpse.title == missing.title and _alike(glimpse.text, missing.text))


def is_settled(glimpse: Glimpse) -> bool:
    """Of a good answer: its body alone made it good, whatever the host says of addresses that cannot exist."""
    return not glimpse.html or len(glimpse.text) > _MEDIUM


def _challenged(status: int, headers: Mapping[str, str], body: bytes, glimpse: Glimpse | None) -> bool:
    if any(mark in headers.get(name, "").lower() for name, mark in _CHALLENGE_HEADERS.items()):
        return True
    if glimpse is None or len(glimpse.text) > _SHORT or status in (404, 410):
        return False
    if _CHALLENGE_BODY.search(body[:65536].decode("latin-1")):
        return True
    return glimpse.html and _CHALLENGE_TEXT.search(f"{glimpse.title} {glimpse.text}") is not None


def _document(answer: Answer, glimpse: Glimpse) -> Sign:
    if glimpse.length == 0:
        return Sign(SignKind.SUSPECT, "empty-file", say("文件是空的（0字节）"))
    if glimpse.html and not glimpse.office:
        if glimpse.login or _LOGIN_TITLE.search(glimpse.title) or (answer.hops and _LOGIN_URL.search(answer.url)):
            return Sign(SignKind.BLOCKED, "login", say("需要登录才能下载"))
        if glimpse.leads_on:
            return Sign(SignKind.UNCLEAR, "script-page", say("打开的是由脚本继续的网页，不能判断能否下载"))
        return Sign(SignKind.SUSPECT, "error-page", say("打开的是网页，不是文件"))
    if glimpse.cut:
        return Sign(SignKind.SUSPECT, "cut-file", say("文件不完整，缺少结尾部分"))
    return GOOD


_FAILURES = {
    FailureKind.DNS: Sign(SignKind.SUSPECT, "dns", say("域名不能解析")),
    FailureKind.REFUSED: Sign(SignKind.SUSPECT, "refused", say("服务器拒绝连接")),
    FailureKind.TIMEOUT: Sign(SignKind.SUSPECT, "timeout", say("超时，没有打开")),
    FailureKind.TLS: Sign(SignKind.SUSPECT, "tls", say("安全连接（HTTPS）失败")),
    FailureKind.RESET: Sign(SignKind.SUSPECT, "reset", say("连接被中断")),
    FailureKind.PROTOCOL: Sign(SignKind.SUSPECT, "protocol", say("服务器的回答不符合HTTP协议")),
    FailureKind.REDIRECTS: Sign(SignKind.SUSPECT, "redirects", say("跳转次数过多或循环跳转")),
    FailureKind.TOO_LARGE: Sign(SignKind.GOOD, "too-large", say("可以打开，内容超过大小上限，未读完")),
    FailureKind.ROBOTS: Sign(SignKind.SKIPPED, "robots", say("robots.txt 不允许访问，未检查")),
    FailureKind.PRIVATE: Sign(SignKind.PRIVATE, "private", say("指向内部网络地址，未访问")),
}


def _over_weak(sign: Sign, code: str) -> Sign:
    """What came over a connection that nobody checked."""
    if sign.kind is SignKind.GOOD:
        return Sign(SignKind.GOOD, code, say("可以打开，但浏览器会提示不安全：{why}", why=WEAK[code]))
    if sign.kind is SignKind.SUSPECT:
        reason = say("{fault}；但{why}，不能确认是该网站的回答", fault=sign.reason, why=WEAK[code])
        return Sign(SignKind.UNCLEAR, sign.code, reason)
    return sign


_NO_RULES = Sign(SignKind.SKIPPED, "robots", say("robots.txt 读取失败，按规定不访问，未检查"))
_NO_RESOLVER = Sign(SignKind.UNCLEAR, "resolver", say("本机暂时不能解析域名，不能判断"))
_NO_ROUTE = Sign(SignKind.UNCLEAR, "no-route", say("本机网络不通，不能判断"))
_NO_ANSWER = Sign(SignKind.SUSPECT, "no-connection", say("连接超时，服务器没有回应"))
_CONNECTING = frozenset({FailureKind.REFUSED, FailureKind.TIMEOUT, FailureKind.RESET})


def _failure(kind: FailureKind, detail: str) -> Sign:
    if kind is FailureKind.ROBOTS and detail == "unreachable":
        return _NO_RULES
    if kind is FailureKind.DNS and ours(detail):
        return _NO_RESOLVER
    if kind in _CONNECTING and ours(detail):
        return _NO_ROUTE
    if kind is FailureKind.TIMEOUT and detail.startswith(NO_CONNECTION):
        return _NO_ANSWER
    if kind is FailureKind.TLS and (weak := weakness(detail)):
        # Somebody was there who does not want a connection like ours. A browser may do better.
        kind_of_sign = SignKind.BLOCKED if weak == "tls-client" else SignKind.UNCLEAR
        return Sign(kind_of_sign, weak, say("安全连接（HTTPS）没有建立：{why}", why=WEAK[weak]))
    return _FAILURES[kind]


# In the words that crawler/transport.py gives to the numbers of every system: the systems' own are translated.
_OURS = (
    "temporary failure in name resolution",
    "network is unreachable",
    "network is down",
    "no route to host",
    "cannot assign requested address",
    "too many open files",
    "no buffer space available",
    "could not contact dns servers",
)


def ours(detail: str) -> bool:
    """The failure speaks of this machine or its network, not of the other side."""
    text = detail.lower()
    return any(mark in text for mark in _OURS)


def _alike(a: str, b: str) -> bool:
    """Nearly the same words: shared character pairs over all (Jaccard), cheap and indifferent to a changing date."""
    pairs_a = {a[i : i + 2] for i in range(len(a) - 1)}
    pairs_b = {b[i : i + 2] for i in range(len(b) - 1)}
    union = pairs_a | pairs_b
    return not union or len(pairs_a & pairs_b) / len(union) >= _ALIKE
