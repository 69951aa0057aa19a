"""Any bytes a server may send are understood, or not, but never raise, and what is understood can be stored."""

import tracemalloc
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler import harvest
from crawler.archive import Archive
from crawler.exchange import Exchange, Reply
from crawler.frontier import Stage, Target
from crawler.harvest import Scene
from crawler.outcome import GOOD
from crawler.page import Answer, LinkKind, Role
from crawler.urls import authority

URL = "http://www.yunling.gov.cn/xw/index.html"
AT = datetime.fromisoformat("2026-11-24T09:30:00+08:00")
LONG = "<p>云岭县人民政府办公室主办，本页公布本县政务信息，欢迎监督。</p>" * 8


def reply(body: bytes, content_type: str = "text/html; charset=utf-8", **more: Any) -> Reply:
    media = content_type.partition(";")[0].strip().lower()
    answer = Answer(URL, URL, AT, 0.1, 200, media_type=media, size=len(body), **more)
    headers = (("Content-Type", content_type),)
    return Reply(
        answer, (Exchange(URL, "GET", AT, 0.1, (), 200, "OK", headers=headers, body=body),), body, content_type
    )


def scene(**more: Any) -> Scene:
    wanted: dict[str, Any] = {
        "stage": Stage.PAGE,
        "name": "",
        "depth": 1,
        "url": URL,
        "given": None,
        "columns_given": False,
        "internal": lambda url: authority(url) == "www.yunling.gov.cn",
        "scope": "full",
        "as_of": AT,
        "undated_articles": 5,
        "dated_articles": 2,
        "links_wanted": True,
    }
    return Scene(**(wanted | more))


def found(source: str, **more: Any) -> harvest.Harvest:
    answered = reply(source.encode())
    return harvest.harvest(answered.answer, harvest.read(answered), scene(**more))


# What is a page.


@pytest.mark.parametrize(
    ("body", "content_type", "is_page"),
    [
        (b"<html>x", "text/html", True),
        (b"x", "text/html", True),
        (b"<html>x", "application/xhtml+xml", True),
        (b"<!DOCTYPE html>x", "", True),
        (b"\xef\xbb\xbf  <html>x", "application/octet-stream", True),
        ("<html>云岭".encode("utf-16"), "text/plain", True),
        (b"\xff\xfe\x00\x01", "image/jpeg", False),
        (b"x", "text/plain", False),
        (b"%PDF", "application/pdf", False),
        (b"{}", "application/json", False),
        (b"", "text/html", False),
    ],
)
def test_what_is_a_page(body: bytes, content_type: str, is_page: bool) -> None:
    reading = harvest.read(reply(body, content_type))
    assert (reading.document is not None) == is_page
    assert reading.glimpse.html == is_page
    assert reading.glimpse.length == len(body)


def test_a_head_has_no_page() -> None:
    assert harvest.read(reply(b"<html>", method="HEAD")).document is None


# What a page leads to.


def test_links_each_once_with_the_best_text() -> None:
    links = found(f"<a href=/a.html></a><a href=/a.html>甲</a><a href=/a.html>乙</a><img src=/b.png>{LONG}").links
    assert [(link.anchor.url.rpartition("/")[2], link.anchor.text, link.anchor.kind) for link in links] == [
        ("a.html", "甲", LinkKind.PAGE),
        ("b.png", "", LinkKind.IMAGE),
    ]


def test_a_full_visit_follows_what_a_person_can_follow() -> None:
    source = (
        f"<a href=/a.html>甲</a><iframe src=/b.html></iframe><a href=/c.pdf>丙</a><a href=http://o.cn/>外</a>{LONG}"
    )
    stages = {link.anchor.url: link.stage for link in found(source).links}
    assert stages == {
        "http://www.yunling.gov.cn/a.html": Stage.PAGE,
        "http://www.yunling.gov.cn/b.html": Stage.PAGE,
        "http://www.yunling.gov.cn/c.pdf": Stage.LEAF,
        "http://o.cn/": Stage.LEAF,
    }
    assert {link.stage for link in found(source, scope="quick").links} == {Stage.LEAF}
    assert {link.anchor.url for link in found(source, links_wanted=False).links} == {
        "http://www.yunling.gov.cn/a.html",
        "http://www.yunling.gov.cn/b.html",
    }


def test_addresses_count_from_the_base() -> None:
    (link,) = found(f"<base href=/other/><a href=x>甲</a>{LONG}").links
    assert link.anchor.url == "http://www.yunling.gov.cn/other/x"


def test_a_query_counts_from_the_page_itself() -> None:
    links = found(f"<a href='?p=2'>甲</a><a href=' ?p=3'>乙</a><a href='http:?p=4'>丙</a>{LONG}").links
    assert [link.anchor.url for link in links] == [f"{URL}?p={n}" for n in (2, 3, 4)]


def test_an_anchor_of_many_pages_is_one() -> None:
    menu = "<a href=/a/>甲</a><a href=http://o.cn/>外</a>"
    one, other = (found(f"{text}{menu}{LONG}").links for text in ("", "<p>\n</p>"))
    assert [link.anchor for link in one] == [link.anchor for link in other]
    assert [link.line for link in one] != [link.line for link in other]


@pytest.mark.parametrize("base", ["", "javascript:0", "http://[bad", "data:x", "#", "//"])
def test_a_base_that_is_none(base: str) -> None:
    (link,) = found(f"<base href='{base}'><a href=x.html>甲</a>{LONG}").links
    assert link.anchor.url == "http://www.yunling.gov.cn/xw/x.html"


def test_a_page_other_than_home_does_not_lead_off_the_site() -> None:
    source = "<script>location='http://www.xishan.gov.cn/'</script>"
    assert found(source).onward is None
    home = found(source, stage=Stage.HOME).onward
    assert home is not None
    assert home.url == "http://www.xishan.gov.cn/"
    assert found(source, stage=Stage.HOME, may_leave=False).onward is None


@pytest.mark.parametrize(
    "to", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "mailto:a@b.c", "#", ""]
)
def test_a_page_is_sent_to_web_addresses_only(to: str) -> None:
    assert found(f"<meta http-equiv=refresh content='0;url={to}'>", stage=Stage.HOME).onward is None


def test_what_is_too_long_is_cut() -> None:
    page = found(f"<title>{'长' * 9000}</title><a href=/{'x' * 900}>{'字' * 900}</a>{LONG}", name="栏" * 900)
    assert page.facts is not None
    assert len(page.facts.title) == 500
    assert len(page.facts.column) == 100
    assert len(page.links[0].anchor.text) == 200
    assert len(page.links[0].anchor.raw) == 500


def test_a_flood_is_cut_and_said_to_be() -> None:
    page = found("".join(f"<a href={n}.html>x</a>" for n in range(6000)))
    assert len(page.links) == 5000
    assert page.cut
    assert not found(f"<a href=x>y</a>{LONG}").cut


# Anything.

WORDS = [
    "<html>",
    "<meta charset=gb2312>",
    "<meta charset='utf-16'>",
    "<meta name=ColumnName content=动态要闻>",
    "<meta name=ArticleTitle content='",
    "<meta http-equiv=refresh content='0;url=",
    "<base href='",
    "<frameset><frame src=",
    "<title>",
    "<ul><li><a href='",
    "'>云岭县召开会议部署重点工作</a> 2026-11-20",
    "<script>location='",
    "<style>a{b:url(",
    "<table background=",
    "<![CDATA[",
    "<!--",
    "&#xD800;",
    "&#0;",
    "\x00",
    "http://[::1]:99999/",
    "//",
    "?云",
    "%zz",
]
PIECES = st.one_of(st.sampled_from(WORDS).map(str.encode), st.binary(max_size=30))
TYPES = ["text/html", "text/html; charset=gb2312", "text/html; charset=\x00", "", "text/plain", "application/xhtml+xml"]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = Archive(tmp_path_factory.mktemp("any") / "visit", "xuncha")
    yield made
    made.close()


@settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.lists(PIECES, max_size=30).map(b"".join),
    content_type=st.sampled_from(TYPES),
    stage=st.sampled_from([Stage.HOME, Stage.COLUMN, Stage.ARTICLE, Stage.PAGE]),
    scope=st.sampled_from(["quick", "full"]),
)
def test_any_bytes(archive: Archive, body: bytes, content_type: str, stage: Stage, scope: Any) -> None:
    answered = reply(body, content_type)
    reading = harvest.read(answered)
    page = harvest.harvest(answered.answer, reading, scene(stage=stage, scope=scope))
    assert (page.onward is None) or (page.facts is None)
    target = Target(archive.next_target(), URL, stage, LinkKind.PAGE, internal=True)
    archive.add_target(target)
    archive.add_answer(target, answered, GOOD)
    if page.facts is not None:
        lines = {archive.add_anchor(target.id, link.anchor): link.line for link in page.links}
        archive.add_page(target.id, page.facts, lines)
        archive.commit()
        assert len(lines) == len(page.links)
        assert page.facts.role in set(Role)
        assert page.facts.title in archive.db["pages"].get(target.id)["title"]
    if page.column is not None:
        archive.add_column(page.column, target.id)
    for link in page.links:
        assert link.anchor.url.startswith(("http://", "https://"))
        assert link.anchor.url.isascii()


def test_long_addresses_do_not_stay_in_memory():
    pictures = "".join(f'<img src="data:image/png;base64,{n:06}{"A" * 20_000}">' for n in range(200))
    folders = "".join(f'<a href="/{n:06}{"a" * 20_000}">云岭</a>' for n in range(50))
    queries = f"<base href='/{'b' * 20_000}/'>" + "".join(f'<a href="?{n:06}">云岭</a>' for n in range(50))
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for source in (pictures, folders, queries):
            assert found(f"<html>{source}").facts is not None
        kept = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert kept < 500_000
