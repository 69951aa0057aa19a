"""Sites without end come to one; sites that are merely large are read whole."""

import itertools
from typing import Any

from crawler.outcome import Verdict
from crawler.site import Column, ColumnKind
from crawler.snapshot import Trap
from crawler.traps import HOSTS, LEAVES, LONG_PATIENCE, PATIENCE, Traps

SITE = "http://www.yunling.gov.cn"
# Sentences that no two pages share.
WORDS = [
    "".join(pair) for pair in itertools.product("县乡镇村街路桥河山水田林湖草沙", "长宽高深新旧东西南北上下前后左右")
]


def said(number: int) -> str:
    """An article's text: the `number`th of its kind."""
    chosen = (WORDS[number % 225], WORDS[(number * 7 + 3) % 225], WORDS[(number * 31 + 11) % 225])
    return f"{'与'.join(chosen)}工作会议召开，部署{WORDS[number // 225]}{WORDS[(number * 13 + 5) % 225]}等事项。"


def looked(traps: Traps, url: str, text: str, **more: bool) -> str | None:
    return traps.look(url, text, **({"again": False, "files": False} | more)).cut


MENU = "首页\n政务公开\n办事服务\n互动交流\n"


def test_ten_thousand_articles_are_no_trap() -> None:
    traps = Traps()
    for number in range(10_000):
        url = f"{SITE}/art/2026/11/3/art_123_{number}.html"
        assert looked(traps, url, f"{MENU}{said(number)}\n发布时间：2026-11-{number % 30}") is None


def test_a_calendar_is_cut() -> None:
    traps = Traps()
    cuts = [
        looked(traps, f"{SITE}/rl?month={year}-{month:02}", f"{MENU}{year}年{month}月\n日\n一\n二\n" + "\n".join("123"))
        for year in range(2026, 2034)
        for month in range(1, 13)
    ]
    assert cuts.index(f"{SITE}/rl?month") <= PATIENCE
    traps.cut(f"{SITE}/rl?month")
    assert traps.is_cut(f"{SITE}/rl?month=2099-01")
    assert not traps.is_cut(f"{SITE}/rl?day=1")
    assert not traps.is_cut(f"{SITE}/")


def test_one_list_in_every_order_is_cut() -> None:
    """Other bytes, other order, no new line."""
    traps = Traps()
    items = [said(number) for number in range(40)]
    cut = None
    for number in range(200):
        order = items[number % 40 :] + items[: number % 40]
        cut = cut or looked(traps, f"{SITE}/list?order={number}&page={number * 7}", MENU + "\n".join(order))
    assert cut == f"{SITE}/list?order&page"


def test_pages_of_a_register_are_no_trap() -> None:
    """Each page has ten titles of its own, and nothing else that is new."""
    traps = Traps()
    for page in range(300):
        titles = "\n".join(said(page * 10 + row) for row in range(10))
        assert looked(traps, f"{SITE}/list?page={page}", f"{MENU}{titles}\n上一页\n下一页") is None


def test_a_calendar_that_was_full_once_is_cut_later() -> None:
    traps = Traps()
    for number in range(400):
        assert looked(traps, f"{SITE}/rl/{number}/", MENU + said(number)) is None
    after = [looked(traps, f"{SITE}/rl/{number}/", f"{MENU}本月\n没有活动\n{number}") for number in range(400, 500)]
    assert f"{SITE}/rl/#/" in after


def test_scans_without_a_word_are_files_that_are_new() -> None:
    traps = Traps()
    for number in range(300):
        assert looked(traps, f"{SITE}/gb/{number}.html", MENU + f"第{number}版", files=True) is None


def test_one_new_page_begins_the_count_anew() -> None:
    traps = Traps()
    for number in range(PATIENCE * 4):
        text = MENU + said(number) if number % (PATIENCE - 1) == 0 else MENU
        assert looked(traps, f"{SITE}/x/{number}.html", text) is None


def test_ever_other_names_in_one_folder() -> None:
    traps = Traps()
    names = ("".join(letters) for letters in itertools.product("abcdefg", repeat=3))
    cuts = [looked(traps, f"{SITE}/tag/{name}/", MENU) for name in names]
    assert cuts.index(f"{SITE}/tag/…") <= LONG_PATIENCE
    traps.cut(f"{SITE}/tag/…")
    assert traps.is_cut(f"{SITE}/tag/zzz/")
    assert not traps.is_cut(f"{SITE}/tags/zzz/")


def test_hosts_without_end() -> None:
    traps = Traps()
    assert not any(traps.crowds(f"h{number}.example.cn") for number in range(HOSTS))
    assert traps.crowds("one.more.example.cn")
    assert not traps.crowds("h1.example.cn"), "known already"
    assert not traps.crowds("www.other.cn")


# Whole visits.


def html(title: str, text: str, *links: str) -> bytes:
    body = "".join(f"<li><a href='{link}'>去第{number}处</a></li>" for number, link in enumerate(links))
    return f"<title>{title}</title><body><ul>{body}</ul><p>{text}</p></body>".encode()


def test_an_endless_calendar(server: Any, go: Any) -> None:
    months = [(year, month) for year in range(2026, 2046) for month in range(1, 13)]
    for (year, month), (y, m) in itertools.pairwise(months):
        days = [f"/rl?day={year}-{month}-{day}" for day in range(1, 4)]
        server.on(
            f"/rl?month={year}-{month}", server.answer(html("日历", f"{year}年{month}月", f"/rl?month={y}-{m}", *days))
        )
        for day in days:
            server.on(day, server.answer(html("日程", f"{day}没有活动", "/")))
    server.on("/", server.answer(html("云岭县人民政府", "首页", "/rl?month=2026-1", "/a.html")))
    server.on("/a.html", server.answer(html("公告", said(1), "/gone.html")))
    snapshot = go(server.url("/"), scope="full")
    asked = [target for target in server.targets() if target.startswith("/rl?")]
    assert len(asked) <= 2 * (PATIENCE + LEAVES) + 8
    coverage = snapshot.coverage
    templates = {trap.template: trap for trap in coverage.traps}
    assert set(templates) == {f"{server.origin}/rl?month", f"{server.origin}/rl?day"}
    assert templates[f"{server.origin}/rl?month"].pages in range(PATIENCE, PATIENCE + 10)
    assert coverage.complete
    found = {link.url: link.outcome for link in snapshot.links()}
    assert found[server.url("/gone.html")].verdict is Verdict.BROKEN
    assert {o.verdict for u, o in found.items() if "/rl?" in u} == {Verdict.OK}


def test_what_is_left_of_a_trap_is_counted(server: Any, go: Any) -> None:
    many = [f"/x/{number}.html" for number in range(PATIENCE + LEAVES + 60)]
    for target in many:
        server.on(target, server.answer(html("查询结果", "没有找到相关内容", "/", f"/?from={len(target)}")))
    server.on("/", server.answer(html("云岭县人民政府", "首页", *many)))
    snapshot = go(server.url("/"), scope="full", concurrency=1)
    (trap,) = snapshot.coverage.traps
    assert (trap.template, trap.pages, trap.reason) == (f"{server.origin}/x/#.html", PATIENCE + 1, "trap")
    assert snapshot.coverage.skipped == {"trap": trap.skipped}
    assert len([t for t in server.targets() if t.startswith("/x/")]) == len(many) - trap.skipped
    assert trap.skipped == 59
    skipped = [link for link in snapshot.links() if link.outcome.verdict is Verdict.SKIPPED]
    assert {link.outcome.code for link in skipped} == {"trap"}
    assert snapshot.coverage.complete


def test_sessions_in_every_link(server: Any, go: Any) -> None:
    """Every answer writes a session of its own into its links."""
    places = [f"/{name}.jsp" for name in ("a", "b", "c", "d")]
    spelled = [f"{place};jsessionid={number:032X}" for number in range(12) for place in places]
    for number, (target, place) in enumerate(itertools.product(spelled, ["x"])):
        onward = [spelled[(number * 4 + step) % len(spelled)] for step in range(8)]
        server.on(target, server.answer(html(f"栏目{target[1]}", said(ord(target[1])) + place, *onward)))
    server.on("/", server.answer(html("云岭县人民政府", "首页", *spelled[:4])))
    snapshot = go(server.url("/"), scope="full")
    assert len(list(snapshot.pages())) == 5
    assert snapshot.coverage.complete
    assert all(link.outcome.verdict is Verdict.OK for link in snapshot.links())


def test_sessions_beyond_counting(server: Any, go: Any) -> None:
    """What is left of them is named for what it is."""
    spelled = [f"/a.jsp;jsessionid={number:032X}" for number in range(LEAVES + 30)]
    for target in spelled:
        server.on(target, server.answer(html("公告", said(1))))
    server.on("/", server.answer(html("云岭县人民政府", "首页", *spelled)))
    snapshot = go(server.url("/"), scope="full")
    assert snapshot.coverage.traps == (Trap(server.url("/a.jsp"), 0, 29, "variant"),)
    assert snapshot.coverage.skipped == {"variant": 29}
    assert len(list(snapshot.pages())) == 2


def test_the_order_of_parameters(server: Any, go: Any) -> None:
    one, two = "/list?a=1&b=2", "/list?b=2&a=1"
    for target in (one, two):
        server.on(target, server.answer(html(f"列表 {target}", said(3), "/")))
    server.on("/", server.answer(html("云岭县人民政府", "首页", one, two)))
    snapshot = go(server.url("/"), scope="full")
    assert [page.url for page in snapshot.pages()] == [server.url("/"), server.url(one)]
    assert {link.outcome.verdict for link in snapshot.links()} == {Verdict.OK}, "asked all the same, as a link"


def test_a_mirrored_tree_is_read_once(server: Any, go: Any) -> None:
    tree = {f"{number}.html": html(f"第{number}页", said(number), f"{number + 1}.html") for number in range(20)}
    for prefix in ("/a/", "/mirror/a/", "/old/a/"):
        for name, content in tree.items():
            server.on(prefix + name, server.answer(content))
    server.on("/", server.answer(html("云岭县人民政府", "首页", "/a/0.html", "/mirror/a/0.html", "/old/a/0.html")))
    column = Column("公告", server.url("/a/0.html"), ColumnKind.NOTICE, given=True)
    snapshot = go(server.url("/"), columns=[column], scope="full", concurrency=1)
    assert len(list(snapshot.pages())) == 21
    (repeat,) = snapshot.coverage.repeats
    assert (repeat.url, repeat.addresses) == (server.url("/a/0.html"), 2)
    assert not [target for target in server.targets() if target.startswith(("/mirror/a/1", "/old/a/1"))]
    twin = snapshot.page(server.url("/old/a/0.html"))
    assert twin is not None
    assert twin.url == server.url("/a/0.html")


def test_a_column_with_the_bytes_of_another_page_is_a_column(server: Any, go: Any) -> None:
    body = html("云岭县", said(4), "/x")
    server.on("/", server.answer(body))
    server.on("/xw/", server.answer(body))
    snapshot = go(server.url("/"), columns=[Column("要闻", server.url("/xw/"), ColumnKind.NEWS, given=True)])
    (view,) = snapshot.columns
    assert view.page is not None
    assert view.page.url == server.url("/xw/")
    assert snapshot.coverage.repeats == ()


def test_a_loop_of_folders(server: Any, go: Any) -> None:
    """Every folder answers with links to folders below it."""
    deep = ["/" + "".join(path) for depth in range(1, 8) for path in itertools.product(("a/", "b/"), repeat=depth)]
    for target in deep:
        server.on(target, server.answer(html("云岭县", f"当前位置 {target}", "a/", "b/")))
    server.on("/", server.answer(html("云岭县人民政府", "首页", "a/", "b/")))
    snapshot = go(server.url("/"), scope="full")
    assert len(server.targets()) < 2 * (PATIENCE + LEAVES)
    assert snapshot.coverage.traps
    assert snapshot.coverage.complete


def test_a_link_that_lengthens_its_own_path(server: Any, go: Any) -> None:
    """One relative link on a page that answers everywhere: /a/, /a/a/, /a/a/a/ …"""
    for depth in range(30):
        server.on("/" + "a/" * depth, server.answer(html("云岭县", f"{said(depth)}{said(depth + 400)}", "a/")))
    snapshot = go(server.url("/"), scope="full")
    assert len(server.targets()) < 12, "each says something new, and yet there is an end"
    (trap,) = snapshot.coverage.traps
    assert (trap.template, trap.reason, trap.skipped) == (server.url("/a/"), "endless", 1)
    assert snapshot.coverage.complete


def test_sub_domains_without_end(server: Any, other: Any, go: Any) -> None:
    """Every page of another organ's wildcard domain is a host of its own."""
    names = [f"p{number}.wildcard.example.cn" for number in range(HOSTS + 40)]
    other.on("/", other.answer(html("云岭县", "首页")))
    for half, target in enumerate(("/1.html", "/2.html")):
        many = [f"http://{name}/" for name in names[half * 270 : (half + 1) * 270]]
        server.on(target, server.answer(html(f"第{half}页", said(half), *many)))
    server.on("/", server.answer(html("云岭县人民政府", "首页", "/1.html", "/2.html")))
    snapshot = go(server.url("/"), scope="full", hosts=dict.fromkeys(names, other.port))
    assert snapshot.coverage.traps == (Trap("*.example.cn", 0, 40, "hosts"),)
    assert snapshot.coverage.skipped == {"hosts": 40}
    assert len({seen.headers["host"] for seen in other.seen}) == HOSTS
    assert snapshot.coverage.complete


def test_large_is_not_endless(server: Any, go: Any) -> None:
    articles = [f"/art/2026/11/{number % 30}/art_1_{number}.html" for number in range(150)]
    for number, target in enumerate(articles):
        server.on(target, server.answer(html(said(number), f"{said(number + 500)}{said(number + 900)}", "/")))
    server.on("/", server.answer(html("云岭县人民政府", "首页", *articles)))
    snapshot = go(server.url("/"), scope="full")
    assert snapshot.coverage.pages == 151
    assert (snapshot.coverage.traps, snapshot.coverage.skipped) == ((), {})


def test_a_parked_visit_remembers_what_was_stale(server: Any, go: Any) -> None:
    many = [f"/x/{number}.html" for number in range(PATIENCE + LEAVES + 60)]
    for target in many:
        server.on(target, server.answer(html("查询结果", "没有找到相关内容", "/")))
    server.on("/", server.answer(html("云岭县人民政府", "首页", *many)))
    snapshot = None
    while snapshot is None or not snapshot.coverage.complete:
        seen = itertools.count()
        snapshot = go(server.url("/"), scope="full", concurrency=1, stop=lambda seen=seen: next(seen) > 25)
    (trap,) = snapshot.coverage.traps
    assert trap.pages == PATIENCE + 1
    assert trap.skipped == 59
    assert snapshot.coverage.complete
