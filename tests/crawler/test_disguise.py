"""Pages asked as a search engine's robot and as its reader: how often, how, and what is kept of it."""

import itertools

import pytest

from crawler.archived import open_snapshot
from crawler.guise import Guise, differ, looks
from crawler.html import parse
from crawler.page import FailureKind, Role
from crawler.warc import records

HOME = "<html><head><title>云岭县人民政府</title></head><body><nav><a href='/xw/'>云岭要闻</a></nav>{}</body></html>"
LIST = "<html><head><title>云岭要闻</title><meta name=ColumnName content=云岭要闻></head><body><h1>云岭要闻</h1><ul>"
LIST += "".join(f"<li><a href='/xw/{n}.html'>云岭县召开第{n}次会议</a> 2026-11-{n:02}</li>" for n in range(1, 21))
ARTICLE = (
    "<html><head><title>会议</title><meta name=ArticleTitle content=会议></head><body>会议要求认真落实。</body></html>"
)
BET = "<html><head><title>bet365体育在线官网</title></head><body>开户送彩金</body></html>"
NEEDS = frozenset({"columns", "pages", "links", "guises"})


def is_spider(seen):
    return "Baiduspider" in seen.headers.get("user-agent", "")


def comes_from_a_search(seen):
    return "baidu.com" in seen.headers.get("referer", "")


@pytest.fixture
def site(server):
    """Tell it how the home page answers; the rest is a column of twenty articles."""

    def serve(home=lambda _: [server.answer(HOME.format("").encode())], robots="User-agent: *\nAllow: /"):
        server.on("/robots.txt", server.answer(robots.encode(), content_type="text/plain"))
        server.on("/", home)
        server.on("/xw/", server.answer(LIST.encode()))
        for n in range(1, 21):
            server.on(f"/xw/{n}.html", server.answer(ARTICLE.replace("会议", f"会议{n}").encode()))
        return server.url("/")

    return serve


def audit(go, url, **plan):
    return go(url, **{"needs": NEEDS, "cloaking": "always", "agent": "xuncha/1 (test@example.cn)", **plan})


def guises(snapshot, role=Role.HOME):
    page = next(snapshot.pages(role))
    return [(each.guise.value, each.looks.title if each.refused is None else "") for each in page.appearances]


def test_three_pages_are_asked_in_two_more_ways(go, site, server):
    snapshot = audit(go, site())
    asked = [seen.target for seen in server.seen if is_spider(seen)]
    assert len(asked) == len(set(asked)) == 3
    assert asked[0] == "/"
    assert "/xw/" in asked
    assert [seen.target for seen in server.seen if comes_from_a_search(seen)] == asked
    assert guises(snapshot) == [(guise, "云岭县人民政府") for guise in ("self", "searcher", "spider")]
    assert sum(bool(page.appearances) for page in snapshot.pages()) == 3


def test_every_request_says_who_asks(go, site, server):
    audit(go, site())
    assert all("xuncha/1 (test@example.cn)" in seen.headers["user-agent"] for seen in server.seen)


def test_the_evidence_holds_how_each_was_asked(go, site):
    snapshot = audit(go, site())
    page = next(snapshot.pages(Role.HOME))
    spider = next(each.answer for each in page.appearances if each.guise is Guise.SPIDER)
    heads = [
        r.http_headers.get_header("user-agent")
        for r in records(snapshot._facts.folder / "visit.warc.gz")
        if r.rec_type == "request"
    ]
    assert sum("Baiduspider" in head for head in heads) == 3
    assert spider.evidence is not None
    assert spider.evidence.offset != page.answer.evidence.offset


def test_what_a_guise_sees_otherwise_is_asked_again_on_both_sides(go, site, server):
    snapshot = audit(
        go, site(lambda seen: [server.answer(BET.encode() if is_spider(seen) else HOME.format("").encode())])
    )
    own, bet = "云岭县人民政府", "bet365体育在线官网"
    assert sorted(guises(snapshot)) == [
        ("searcher", own),
        ("self", own),
        ("self", own),
        ("spider", bet),
        ("spider", bet),
    ]
    assert sum(seen.target == "/" for seen in server.seen if is_spider(seen)) == 2
    assert sum(is_spider(seen) for seen in server.seen) == 4  # the other two pages once


def test_a_counter_does_not_make_it_ask_again(go, site, server):
    count = itertools.count(100)
    snapshot = audit(go, site(lambda _: [server.answer(HOME.format(f"<p>您是第 {next(count)} 位访问者</p>").encode())]))
    assert len(guises(snapshot)) == 3


def test_who_comes_from_a_search_may_be_sent_elsewhere(go, site, server, other):
    other.on("/", other.answer(BET.encode()))
    home = HOME.format("").encode()
    away = f"http://www.bw88qp.com:{other.port}/"
    url = site(lambda seen: [server.redirect(away) if comes_from_a_search(seen) else server.answer(home)])
    snapshot = audit(go, url, hosts={"www.bw88qp.com": other.port})
    page = next(snapshot.pages(Role.HOME))
    seen = [each.looks.url for each in page.appearances if each.guise is Guise.SEARCHER]
    assert seen == [away, away]


def test_a_wall_is_run_into_once(go, site, server):
    home, wall = HOME.format("").encode(), server.answer(b"no", status="403 Forbidden")
    snapshot = audit(go, site(lambda seen: [wall if is_spider(seen) else server.answer(home)]))
    assert [seen.target for seen in server.seen if is_spider(seen)] == ["/"]
    refused = [each.guise for each in next(snapshot.pages(Role.HOME)).appearances if each.refused is not None]
    assert refused == [Guise.SPIDER]


def test_robots_txt_may_forbid_the_robot_alone(go, site, server):
    snapshot = audit(go, site(robots="User-agent: Baiduspider\nDisallow: /\n\nUser-agent: *\nAllow: /"))
    assert not any(is_spider(seen) for seen in server.seen)
    assert server.targets().count("/robots.txt") == 1
    assert sum(comes_from_a_search(seen) for seen in server.seen) == 3
    spider = next(each for each in next(snapshot.pages(Role.HOME)).appearances if each.guise is Guise.SPIDER)
    assert spider.answer.failure.kind is FailureKind.ROBOTS


@pytest.mark.parametrize(
    "plan",
    [
        {"cloaking": "never", "scope": "full"},
        {"cloaking": "auto", "scope": "quick"},
        {"cloaking": "always", "needs": NEEDS - {"guises"}},
    ],
)
def test_nobody_is_disguised_unless_it_is_wanted(go, site, server, plan):
    snapshot = audit(go, site(), **plan)
    assert not any(is_spider(seen) or comes_from_a_search(seen) for seen in server.seen)
    assert not any(page.appearances for page in snapshot.pages())


def test_the_whole_site_is_asked_in_disguise_by_itself(go, site, server):
    audit(go, site(), cloaking="auto", scope="full")
    assert sum(is_spider(seen) for seen in server.seen) == 3


def test_a_parked_visit_asks_the_rest_when_it_goes_on(go, site, server, tmp_path):
    url = site()
    stopped = audit(go, url, folder=tmp_path / "v", stop=lambda: any(map(is_spider, server.seen)))
    assert sum(bool(page.appearances) for page in stopped.pages()) == 1
    stopped.close()
    audit(go, url, folder=tmp_path / "v")
    assert sum(map(is_spider, server.seen)) == 3
    with_all = open_snapshot(tmp_path / "v")
    assert sum(bool(page.appearances) for page in with_all.pages()) == 3
    with_all.close()


@pytest.mark.parametrize(
    ("other", "changed"),
    [
        ("<title>甲</title><p>今天是2026年11月24日 09:30</p>", False),
        ("<title>甲</title><p>今天是2026年11月25日，星期三</p>", True),
        ("<title>乙</title><p>今天是2026年11月24日</p>", True),
        ("<title>甲</title><p>今天是2026年11月24日</p><a href=/x.html>更多</a>", False),
        ("<title>甲</title><p>今天是2026年11月24日</p><a href=//www.other.com/>友</a>", True),
        ("<title>甲</title><p>今天是2026年11月24日</p><script src=//cdn.other.com/a.js></script>", True),
        ("<title>甲</title><meta name=keywords content=乙><p>今天是2026年11月24日</p>", True),
        ("<title>甲</title><meta http-equiv=refresh content='0;url=/a'><p>今天是2026年11月24日</p>", True),
    ],
)
def test_what_counts_as_different(other, changed):
    url = "https://www.yunling.gov.cn/"
    own = looks(parse("<title>甲</title><p>今天是2026年11月24日</p>"), url)
    assert differ(own, looks(parse(other), url)) is changed
