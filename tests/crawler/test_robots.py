"""robots.txt as RFC 9309 reads it, asked once, and never mistaken for a page."""

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.fetch import Reply, refusal
from crawler.page import Answer, FailureKind
from crawler.robots import Robots

SITE = "http://www.yunling.gov.cn"
RULES = b"""\
User-agent: *
Disallow: /admin/
Allow: /admin/open.html
Disallow: /*.bak$
Crawl-delay: 2

User-agent: Baiduspider
Disallow: /

Sitemap: /sitemap.xml
Sitemap: http://www.yunling.gov.cn/sitemap.xml
Sitemap: mailto:nobody
"""


def reply(body: bytes = b"", status: int = 200, content_type: str = "text/plain") -> Reply:
    answer = Answer(f"{SITE}/robots.txt", f"{SITE}/robots.txt", datetime.now(UTC), 0.0, status=status)
    return Reply(answer, (), body, content_type)


def loaded(answer: Reply, url: str = f"{SITE}/a", **options: bool | str) -> tuple[Robots, bool]:
    async def get(_: str) -> Reply:
        return answer

    robots = Robots(get, **options)  # type: ignore[arg-type]
    return robots, asyncio.run(robots.allowed(url))


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True),
        ("/admin/", False),
        ("/admin/x?y=1", False),
        ("/admin/open.html", True),
        ("/a.bak", False),
        ("/a.bak?x", True),
        ("/robots.txt", True),
    ],
)
def test_rules(path: str, allowed: bool) -> None:
    robots, answer = loaded(reply(RULES), SITE + path)
    assert answer is allowed
    assert robots.state(SITE) == "rules"


def test_delay_and_sitemaps() -> None:
    robots, _ = loaded(reply(RULES))
    assert robots.delay(SITE) == 2
    assert robots.sitemaps(SITE) == (f"{SITE}/sitemap.xml",)
    assert robots.delay("http://other.yunling.gov.cn") is None
    assert robots.sitemaps("http://other.yunling.gov.cn") == ()
    assert robots.state("http://other.yunling.gov.cn") is None


@pytest.mark.parametrize(
    ("written", "delay"), [("3600", 30), ("0", None), ("-1", None), ("nan", None), ("abc", None), ("0.5", 0.5)]
)
def test_delays_are_bounded(written: str, delay: float | None) -> None:
    robots, _ = loaded(reply(f"User-agent: *\nCrawl-delay: {written}\n".encode()))
    assert robots.delay(SITE) == delay


def test_our_own_group_comes_before_the_common_one() -> None:
    text = b"User-agent: *\nDisallow: /\n\nUser-agent: Xuncha\nDisallow: /private/\n"
    assert loaded(reply(text))[1] is True
    assert loaded(reply(text), f"{SITE}/private/a")[1] is False
    assert loaded(reply(text), agent="otherbot")[1] is False


def test_groups_of_others_do_not_bind_us() -> None:
    text = b"User-agent: a\nUser-agent: b # c\nDisallow: /\nUser-agent: notxuncha\nDisallow: /\n"
    assert loaded(reply(text))[1] is True


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings(encoding: str) -> None:
    text = "# 云岭县人民政府\nUser-agent: *\nDisallow: /内部/\n"
    assert loaded(reply(text.encode(encoding)), f"{SITE}/%E5%86%85%E9%83%A8/a")[1] is False


@pytest.mark.parametrize(
    "page",
    [
        b"<!DOCTYPE html><html><body>User-agent: *\nDisallow: /</body></html>",
        b"\xef\xbb\xbf\r\n\r\n<!-- 404 -->\n<html>\nUser-agent: *\nDisallow: /\n",
        b"<script>location='/'</script>\nUser-agent: *\nDisallow: /",
        b"<?xml version='1.0'?><html>\nUser-agent: *\nDisallow: /",
    ],
)
@pytest.mark.parametrize("content_type", ["text/html", "text/plain", ""])
def test_a_page_under_200_holds_no_rules(page: bytes, content_type: str) -> None:
    robots, allowed = loaded(reply(page, content_type=content_type))
    assert (robots.state(SITE), allowed) == ("html", True)


def test_rules_under_a_wrong_media_type_are_rules() -> None:
    assert loaded(reply(RULES, content_type="text/html"), f"{SITE}/admin/")[1] is False


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 304, 301])
def test_4xx_allows_everything(status: int) -> None:
    robots, allowed = loaded(reply(RULES, status), f"{SITE}/admin/")
    assert (robots.state(SITE), allowed) == ("absent", True)


@pytest.mark.parametrize("status", [500, 502, 503, 599])
def test_5xx_allows_nothing(status: int) -> None:
    robots, allowed = loaded(reply(RULES, status))
    assert (robots.state(SITE), allowed) == ("unreachable", False)


@pytest.mark.parametrize("kind", FailureKind)
def test_failures(kind: FailureKind) -> None:
    robots, allowed = loaded(refusal(f"{SITE}/robots.txt", kind, "why"))
    failure = robots.failure(SITE)
    assert failure is not None
    assert failure.kind is kind
    absent = kind in (FailureKind.REDIRECTS, FailureKind.TOO_LARGE)
    assert (robots.state(SITE), allowed) == (("absent", True) if absent else ("unreachable", False))


def test_ignored_files_are_not_asked() -> None:
    async def get(_: str) -> Reply:
        raise AssertionError

    robots = Robots(get, ignore=True)
    assert asyncio.run(robots.allowed(f"{SITE}/admin/")) is True
    assert robots.delay(SITE) is None


def test_each_origin_is_asked_once_by_however_many() -> None:
    asked: list[str] = []

    async def get(url: str) -> Reply:
        asked.append(url)
        await asyncio.sleep(0)
        return reply(RULES)

    async def run() -> None:
        robots = Robots(get)
        urls = [f"{SITE}/{n}" for n in range(20)] + ["https://www.yunling.gov.cn:8443/a", f"{SITE}/admin/"]
        answers = await asyncio.gather(*map(robots.allowed, urls))
        assert answers == [True] * 21 + [False]

    asyncio.run(run())
    assert asked == [f"{SITE}/robots.txt", "https://www.yunling.gov.cn:8443/robots.txt"]


def test_a_cancelled_first_caller_leaves_the_question_to_the_next() -> None:
    asked = 0

    async def get(_: str) -> Reply:
        nonlocal asked
        asked += 1
        if asked == 1:
            await asyncio.Event().wait()
        return reply(RULES)

    async def run() -> None:
        robots = Robots(get)
        first = asyncio.create_task(robots.allowed(f"{SITE}/a"))
        second = asyncio.create_task(robots.allowed(f"{SITE}/admin/"))
        await asyncio.sleep(0)
        first.cancel()
        assert await second is False

    asyncio.run(run())
    assert asked == 2


def test_only_the_first_500_kib_are_read() -> None:
    text = b"User-agent: *\nDisallow: /a\n" + b"# padding\n" * 60_000 + b"Disallow: /b\n"
    assert loaded(reply(text), f"{SITE}/a")[1] is False
    assert loaded(reply(text), f"{SITE}/b")[1] is True


def test_many_agents_with_many_rules() -> None:
    agents = b"".join(b"User-agent: a%d\n" % n for n in range(10_000))
    text = agents + b"User-agent: *\n" + b"".join(b"Disallow: /%d\n" % n for n in range(10_000))
    assert loaded(reply(text), f"{SITE}/77")[1] is False
    assert loaded(reply(text), f"{SITE}/x")[1] is True


@given(
    st.one_of(
        st.binary(max_size=300), st.text(max_size=200).map(lambda s: f"User-agent: *\n{s}".encode("utf-8", "replace"))
    )
)
def test_never_raises(body: bytes) -> None:
    robots, allowed = loaded(reply(body), f"{SITE}/a?b=c")
    assert isinstance(allowed, bool)
    robots.delay(SITE)
    robots.sitemaps(SITE)


WORDS = st.sampled_from(
    ["User-agent: *", "User-agent: xuncha", "user agent other", "Disallow: /", "Disallow: /a", "Allow: /a", "#", ""]
)


@given(st.lists(WORDS, max_size=12), st.sampled_from(["/", "/a", "/b"]))
def test_renaming_other_agents_changes_nothing_for_us(lines: list[str], path: str) -> None:
    from protego import Protego

    text = "\n".join(lines)
    assert loaded(reply(text.encode()), SITE + path)[1] == Protego.parse(text).can_fetch(SITE + path, "xuncha")
