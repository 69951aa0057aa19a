"""Every row of the table of outcomes, and that nothing but the same fault twice ever accuses."""

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.message import say
from crawler.outcome import (
    GOOD,
    OF_ORIGIN,
    Glimpse,
    Missing,
    Outcome,
    Reach,
    Sign,
    SignKind,
    Verdict,
    comes_first,
    conclude,
    of_origin,
    read,
    share,
    weigh,
)
from crawler.page import NO_CONNECTION, Answer, Failure, FailureKind, Hop

URL = "http://www.yunling.gov.cn/x"
LONG = "云岭县人民政府今天召开常务会议，研究部署近期重点工作。" * 80
MEDIUM = "云岭县人民政府门户网站首页政务公开办事服务互动交流" * 20


def answer(
    status: int | None = 200, failure: Failure | None = None, hops: tuple[Hop, ...] = (), url: str = URL
) -> Answer:
    return Answer(URL, url, datetime(2026, 11, 24, tzinfo=UTC), 0.1, status, failure, hops)


def seen(status: int = 200, **given) -> tuple[str, str]:
    text = given.pop("text", None)
    glimpse = given.pop("glimpse", None if text is None else Glimpse(text=text, html=True, length=len(text)))
    sign = read(answer(status, **given.pop("answer", {})), headers=given.pop("headers", {}), glimpse=glimpse, **given)
    return sign.kind.value, sign.code


def failed(kind: FailureKind, detail: str = "") -> Sign:
    return read(answer(None, Failure(kind, detail)), headers={})


# What one ask says.


@pytest.mark.parametrize("status", [200, 201, 202, 203, 204, 205, 206])
def test_2xx_is_good(status: int) -> None:
    assert seen(status) == ("good", "ok")
    assert seen(status, text=LONG) == ("good", "ok")


@pytest.mark.parametrize("status", [401, 403, 405, 407, 412, 418, 429, 451, 521, 999])
def test_a_refusal_is_blocked_and_no_fault(status: int) -> None:
    assert seen(status) == ("blocked", f"http-{status}")
    assert seen(status, document_expected=True) == ("blocked", f"http-{status}")


@pytest.mark.parametrize("status", [404, 410, 500, 501, 502, 503, 504, 508, 599])
def test_gone_and_server_faults_are_suspect(status: int) -> None:
    assert seen(status) == ("suspect", f"http-{status}")
    assert seen(status, text=LONG) == ("suspect", f"http-{status}")


@pytest.mark.parametrize("status", [100, 300, 304, 305, 400, 402, 406, 409, 411, 414, 416, 421, 425, 431, 600])
def test_the_rest_is_unclear(status: int) -> None:
    assert seen(status)[0] == "unclear"


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (FailureKind.DNS, "dns"),
        (FailureKind.REFUSED, "refused"),
        (FailureKind.TIMEOUT, "timeout"),
        (FailureKind.TLS, "tls"),
        (FailureKind.RESET, "reset"),
        (FailureKind.PROTOCOL, "protocol"),
        (FailureKind.REDIRECTS, "redirects"),
    ],
)
def test_failures_are_suspect(kind: FailureKind, code: str) -> None:
    sign = failed(kind)
    assert (sign.kind, sign.code) == (SignKind.SUSPECT, code)


def test_every_failure_has_a_sign() -> None:
    assert {kind for kind in FailureKind if failed(kind).reason} == set(FailureKind)


def test_failures_that_are_no_fault() -> None:
    assert failed(FailureKind.TOO_LARGE).kind is SignKind.GOOD
    assert failed(FailureKind.ROBOTS).kind is SignKind.SKIPPED
    assert failed(FailureKind.PRIVATE).kind is SignKind.PRIVATE


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        (FailureKind.DNS, "temporary failure in name resolution (EAI_AGAIN): getaddrinfo failed"),
        (FailureKind.DNS, "Cannot connect to host x:80 [Temporary failure in name resolution]"),
        (FailureKind.REFUSED, "network is unreachable: 向一个无法连接的网络尝试了一个套接字操作。"),
        (FailureKind.REFUSED, "no route to host: Le nom d’hôte"),
        (FailureKind.TIMEOUT, f"{NO_CONNECTION}: network is down"),
        (FailureKind.REFUSED, "too many open files: accept"),
        (FailureKind.REFUSED, "cannot assign requested address: x"),
    ],
)
def test_our_own_network_accuses_nobody(kind: FailureKind, detail: str) -> None:
    assert failed(kind, detail).kind is SignKind.UNCLEAR


@pytest.mark.parametrize(
    "body",
    [
        b"<script>document.cookie='__jsl_clearance=1'</script>",  # 加速乐
        b"<script>$_ts=window['$_ts'];</script>",  # 瑞数
        b"<script>window._cf_chl_opt={}</script>",  # Cloudflare
        b"<script>var arg1='';document.cookie='acw_sc__v2='</script>",
        b"<script src=/_guard/auto.js></script>",
    ],
)
@pytest.mark.parametrize("status", [200, 202, 403, 503, 521])
def test_a_challenge_is_blocked(body: bytes, status: int) -> None:
    empty = Glimpse(html=True, length=len(body))
    assert seen(status, body=body, glimpse=empty) == ("blocked", "challenge")


@pytest.mark.parametrize(
    "text",
    ["Just a moment...", "您的访问被拦截", "请求被拒绝 网站防火墙", "请完成验证 安全验证", "Access Denied", "创宇盾"],
)
def test_the_page_of_a_wall_is_blocked(text: str) -> None:
    assert seen(200, text=text) == ("blocked", "challenge")
    assert seen(503, text=text) == ("blocked", "challenge")


def test_a_wall_that_says_so_in_a_header() -> None:
    assert seen(503, headers={"cf-mitigated": "challenge"}) == ("blocked", "challenge")


def test_an_article_about_walls_is_an_article() -> None:
    body = "<p>人机验证 __jsl_clearance 访问被拦截</p>".encode()
    assert seen(200, body=body, text=LONG + "人机验证 访问被拦截") == ("good", "ok")


def test_a_plain_404_of_a_firewall_is_a_404() -> None:
    assert seen(404, text="Access Denied") == ("suspect", "http-404")


# Soft 404.

SAYING_SO = [
    "抱歉，您访问的页面不存在",
    "页面未找到",
    "该信息已被删除",
    "404 Not Found",
    "找不到该页面",
    "您要查找的网页已删除",
    "文章不存在",
]


@pytest.mark.parametrize("text", SAYING_SO)
def test_a_short_page_that_says_it_is_not_there(text: str) -> None:
    assert seen(200, text=text) == ("suspect", "soft-404")
    assert seen(200, text=text, home=True) == ("good", "ok"), "the home page is never a soft 404"
    assert seen(200, text=text, document_expected=True) == ("suspect", "error-page")


@pytest.mark.parametrize("text", SAYING_SO)
def test_inside_a_template_the_words_need_the_probe(text: str) -> None:
    page = Glimpse(title="云岭县人民政府", text=f"{MEDIUM}{text}", html=True, length=900)
    same = Missing(200, "http://www.yunling.gov.cn/probe", page.title, page.text)
    assert seen(200, glimpse=page) == ("good", "ok")
    assert seen(200, glimpse=page, missing=same) == ("suspect", "soft-404")
    assert seen(200, glimpse=page, missing=Missing(404, same.url, page.title, page.text)) == ("good", "ok")
    assert seen(200, glimpse=page, missing=Missing(None)) == ("good", "ok")
    other = Missing(200, same.url, page.title, "完全不同的另一个页面" * 30)
    assert seen(200, glimpse=page, missing=other) == ("good", "ok")


def test_sent_to_the_error_page_itself() -> None:
    error = "http://www.yunling.gov.cn/error.html"
    sent = {"hops": (Hop(URL, 302, error),), "url": error}
    missing = Missing(200, error, "提示", "您访问的页面不存在")
    assert seen(200, text=MEDIUM, answer=sent, missing=missing) == ("suspect", "soft-404")
    home = Missing(200, error, "云岭县人民政府", MEDIUM)
    assert seen(200, text=MEDIUM, answer=sent, missing=home) == ("good", "ok"), "sent home, as many sites do"


@pytest.mark.parametrize("text", SAYING_SO)
def test_a_long_page_that_speaks_of_404_is_a_page(text: str) -> None:
    missing = Missing(200, URL, "", LONG + text)
    assert seen(200, text=text + LONG, missing=missing) == ("good", "ok")


def test_a_short_page_that_says_nothing_is_a_page() -> None:
    assert seen(200, text="云岭县人民政府办公室电话") == ("good", "ok")
    assert seen(200, text="") == ("good", "ok")


# Documents.


@pytest.mark.parametrize(
    ("glimpse", "expected"),
    [
        (Glimpse(length=4096), ("good", "ok")),
        (Glimpse(length=0), ("suspect", "empty-file")),
        (Glimpse(text="出错了", html=True, length=90), ("suspect", "error-page")),
        (Glimpse(text=LONG, html=True, length=9000), ("suspect", "error-page")),
        (Glimpse(text="用户登录", html=True, length=90, login=True), ("blocked", "login")),
        (Glimpse(text=LONG, html=True, length=9000, office=True), ("good", "ok")),
        (Glimpse(title="统一身份认证平台", html=True, length=90), ("blocked", "login")),
        (Glimpse(title="Sign in", html=True, length=90), ("blocked", "login")),
        (Glimpse(text="正在下载", html=True, length=90, leads_on=True), ("unclear", "script-page")),
        (Glimpse(length=4096, cut=True), ("suspect", "cut-file")),
    ],
)
def test_documents(glimpse: Glimpse, expected: tuple[str, str]) -> None:
    assert seen(200, glimpse=glimpse, document_expected=True) == expected


def test_an_empty_page_is_not_an_empty_file() -> None:
    assert seen(200, glimpse=Glimpse()) == ("good", "ok")


def test_nothing_is_said_of_a_body_that_was_not_asked_for() -> None:
    assert seen(200, document_expected=True) == ("good", "ok")


# What all asks say together.

GONE = read(answer(404), headers={})
ERROR = read(answer(500), headers={})
WALL = read(answer(403), headers={})
UNCLEAR = read(answer(400), headers={})
DEAD = failed(FailureKind.DNS)
OFFLINE = failed(FailureKind.DNS, "temporary failure in name resolution")
PRIVATE = failed(FailureKind.PRIVATE)
ROBOTS = failed(FailureKind.ROBOTS)
ALL = [GOOD, GONE, ERROR, WALL, UNCLEAR, DEAD, OFFLINE, PRIVATE, ROBOTS]


@pytest.mark.parametrize(
    ("signs", "verdict", "code"),
    [
        ([], Verdict.SKIPPED, "not-asked"),
        ([GOOD], Verdict.OK, "ok"),
        ([GONE], Verdict.UNSURE, "http-404"),
        ([GONE, GONE], Verdict.BROKEN, "http-404"),
        ([GONE, GOOD], Verdict.OK, "ok"),
        ([GONE, ERROR], Verdict.UNSURE, "mixed"),
        ([GONE, WALL], Verdict.BLOCKED, "http-403"),
        ([WALL], Verdict.BLOCKED, "http-403"),
        ([GONE, UNCLEAR], Verdict.UNSURE, "http-400"),
        ([DEAD, DEAD], Verdict.BROKEN, "dns"),
        ([DEAD, OFFLINE], Verdict.UNSURE, "resolver"),
        ([OFFLINE, OFFLINE], Verdict.UNSURE, "resolver"),
        ([PRIVATE], Verdict.PRIVATE, "private"),
        ([ROBOTS], Verdict.SKIPPED, "robots"),
    ],
)
def test_the_signs_of_one_visit(signs: list[Sign], verdict: Verdict, code: str) -> None:
    found = conclude(signs)
    assert (found.verdict, found.code, found.asked) == (verdict, code, len(signs))


@pytest.mark.parametrize("signs", list(product(ALL, repeat=2)))
def test_only_the_same_fault_twice_accuses(signs: tuple[Sign, Sign]) -> None:
    accused = conclude(signs).verdict is Verdict.BROKEN
    assert accused == (signs[0] == signs[1] and signs[0].kind is SignKind.SUSPECT)


@given(st.lists(st.sampled_from(ALL), max_size=4))
def test_one_good_answer_acquits(signs: list[Sign]) -> None:
    assert conclude([*signs, GOOD]).verdict is Verdict.OK


@given(st.lists(st.sampled_from(ALL), max_size=1))
def test_nothing_asked_less_than_twice_is_broken(signs: list[Sign]) -> None:
    assert conclude(signs).verdict is not Verdict.BROKEN


# One address stands for its origin.


@pytest.mark.parametrize("kind", list(FailureKind))
def test_which_faults_are_the_origins(kind: FailureKind) -> None:
    expected = kind in (FailureKind.DNS, FailureKind.REFUSED, FailureKind.TLS)
    assert comes_first(Failure(kind)) == expected
    assert of_origin(answer(None, Failure(kind)), failed(kind)) == expected


def test_a_silent_page_is_not_a_silent_host() -> None:
    assert not comes_first(Failure(FailureKind.TIMEOUT, "not finished within 30 s"))
    assert comes_first(Failure(FailureKind.TIMEOUT, f"{NO_CONNECTION}: Connection timeout"))


def test_a_redirect_to_a_dead_host_is_not_the_askeds_fault() -> None:
    hop = (Hop(URL, 302, "http://gone.example.cn/"),)
    assert not of_origin(answer(None, Failure(FailureKind.DNS), hop), DEAD)


@pytest.mark.parametrize("status", [404, 500, 403, 400, 200])
def test_what_a_server_says_of_an_address_is_of_the_address(status: int) -> None:
    assert not of_origin(answer(status), read(answer(status), headers={}))


def test_a_limit_on_whoever_asks_is_the_origins() -> None:
    assert of_origin(answer(429), read(answer(429), headers={}))


def test_others_share_what_was_confirmed() -> None:
    found = share([], [DEAD, DEAD])
    assert (found.verdict, found.code, found.asked) == (Verdict.BROKEN, "dns", 0)
    assert share([DEAD], [DEAD, DEAD]).verdict is Verdict.BROKEN
    assert share([], [DEAD]).verdict is Verdict.UNSURE, "never confirmed"
    assert share([failed(FailureKind.REFUSED)], [DEAD, DEAD]).verdict is Verdict.UNSURE
    assert share([], [OFFLINE, OFFLINE]).verdict is Verdict.UNSURE
    limited = read(answer(429), headers={})
    assert share([], [limited, limited]).verdict is Verdict.BLOCKED
    assert "2" in str(found.reason)


@pytest.mark.parametrize("code", sorted({"dns", "refused", "no-connection", "tls", "timeout", "reset"}))
def test_a_broken_link_in_the_light_of_its_host(code: str) -> None:
    found = Outcome(Verdict.BROKEN, code, say("x"), 2)
    assert weigh(found, Reach()) is found, "never a word from that host"
    for reach in (Reach(away=True), Reach(answered=True), Reach(answered=True, control=False)):
        assert weigh(found, reach).verdict is Verdict.UNSURE
    controlled = weigh(found, Reach(answered=True, control=True)).verdict
    assert controlled is (Verdict.UNSURE if code in OF_ORIGIN else Verdict.BROKEN)


@pytest.mark.parametrize("verdict", [v for v in Verdict if v is not Verdict.BROKEN])
@pytest.mark.parametrize("reach", [Reach(away=True), Reach(answered=True), Reach()])
def test_the_light_of_the_host_changes_no_other(verdict: Verdict, reach: Reach) -> None:
    found = Outcome(verdict, "dns", say("x"))
    assert weigh(found, reach) is found


@pytest.mark.parametrize("code", ["http-404", "http-500", "soft-404", "error-page", "empty-file", "redirects"])
def test_what_a_server_said_stands(code: str) -> None:
    found = Outcome(Verdict.BROKEN, code, say("x"), 2)
    assert weigh(found, Reach(answered=True, control=False, away=True)) is found
