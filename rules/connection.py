"""How the site is reached: by HTTPS, with a certificate that browsers accept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from crawler.message import Message, say
from crawler.outcome import ours
from crawler.page import Answer, Failure, FailureKind
from crawler.snapshot import NotGathered, Snapshot
from crawler.urls import secure_twin
from crawler.weakness import WEAK, weakness
from rules.engine.rule import Problem, rule

# Said by the certificate's own dates, names and signature. Another authority may be that of a device on our own line.
_SURE = frozenset(
    {"tls-expired", "tls-not-yet-valid", "tls-name", "tls-self-signed", "tls-key", "tls-old", "tls-legacy"}
)
_SHUT = frozenset({FailureKind.REFUSED, FailureKind.TLS})
_UNASKED = frozenset({FailureKind.ROBOTS, FailureKind.PRIVATE})


@rule("weak-https", each="site", needs={"home", "https"})
def weak_https(snapshot: Snapshot, *, days: int = 30) -> Iterator[Problem]:
    """网站没有使用 HTTPS，或者证书有问题、即将到期。

    查什么：
        首页能不能用 HTTPS 打开；证书是否过期、是否发给这个域名、签发机构是否受信任、密钥和协议是否过时；
        证书在监测时间点后几天内到期。首页用 HTTP 打开的，再用 HTTPS 请求一次首页的地址。
    为什么：
        没有 HTTPS 的网页在传输途中可能被篡改、插入广告；证书有问题的，浏览器会拦住访问者并提示“不安全”。
    参数：
        days：证书剩余有效期少于多少天时提示。
    例：
        证书已过期，浏览器提示“您的连接不是私密连接”；服务器没有配置中间证书，部分手机打不开。
    改法：
        配置由受信任机构签发、包含全部域名和中间证书的证书，到期前更换；停用 TLS 1.1 及以下版本；把 HTTP 访问跳转到
        HTTPS。
    局限：
        证书链不被信任的，可能是检查所在网络的安全设备所致，转人工复核；按IP地址、本机地址或者非标准端口检查的，
        不知道正式网站的情况，也转人工复核；不检查证书是否已被吊销，不评价加密算法的强弱等级。
    """
    if snapshot.saved:
        raise NotGathered(say("检查的是保存的网页，不知道网站的证书"))
    home = snapshot.home
    if home.answer.weak:
        yield _problem(home.url, WEAK[home.answer.weak], certain=home.answer.weak in _SURE)
    elif home.url.startswith("https:"):
        yield from _expiring(snapshot, home.answer, days)
    else:
        yield from _twin(snapshot, home.url, days)


def _twin(snapshot: Snapshot, url: str, days: int) -> Iterator[Problem]:
    """The home page came by HTTP: is there one by HTTPS?"""
    secure = secure_twin(url)
    if secure is None:
        yield _problem(url, say("首页从HTTP地址打开，检查的可能是副本"), certain=False)
        return
    answer = snapshot.answer(secure)
    if answer is None:
        raise NotGathered(say("没有检查HTTPS地址"))
    if answer.failure is not None:
        yield _failed(url, answer.failure)
    elif not answer.ok:
        yield _problem(url, say("HTTPS地址返回 HTTP {status}", status=answer.status or 0), certain=False)
    elif answer.weak:
        yield _problem(url, WEAK[answer.weak], certain=answer.weak in _SURE)
    else:
        yield from _expiring(snapshot, answer, days)


def _failed(url: str, failure: Failure) -> Problem:
    if failure.kind in _UNASKED or ours(failure.detail):
        raise NotGathered(say("没有检查HTTPS地址"))
    weak = weakness(failure.detail) if failure.kind is FailureKind.TLS else ""
    if weak:
        return _problem(url, say("安全连接（HTTPS）没有建立：{why}", why=WEAK[weak]), certain=False)
    return _problem(url, say("网站不能用HTTPS打开"), certain=failure.kind in _SHUT)


def _expiring(snapshot: Snapshot, answer: Answer, days: int) -> Iterator[Problem]:
    if answer.expires is not None and answer.expires < snapshot.as_of + timedelta(days=days):
        last = answer.expires.astimezone(snapshot.as_of.tzinfo).date()
        yield _problem(answer.url, say("HTTPS证书将于{day}到期", day=last.isoformat()), certain=True)


def _problem(url: str, found: Message, *, certain: bool) -> Problem:
    return Problem(
        at=url,
        message=say("网站的HTTPS有问题：{found}", found=found),
        certain=certain,
        expected=say("网站用HTTPS打开，证书有效"),
        found=found,
    )
