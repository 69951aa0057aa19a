"""The index of many sites: who is named where, what is counted, and that unseen never looks good."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from crawler.message import say
from reports.fleet import render_index
from reports.history import Gone, History, Past
from reports.language import Language
from reports.standing import Standing, standing
from rules.engine.assessment import Assessment, Run
from rules.engine.edition import Edition


@pytest.fixture
def standings(
    unqualified: Assessment, qualified: Assessment, undetermined: Assessment, run: Run, edition: Edition
) -> list[Standing]:
    """Three offices; of one nothing is known, of one there was a visit before."""
    first = unqualified.findings[0].fingerprint
    past = {first: Past(run.as_of, run.as_of, 1, "new", say("新发现"))}
    known = History(run.as_of - timedelta(days=9), past, (Gone("f" * 16, "broken-link", say("旧"), "http://x/"),))
    named = replace(qualified, site=replace(qualified.site, organ="清溪县政府办"))
    sites = [qualified, undetermined, unqualified, named, named]
    return [
        standing(number, one, edition, known if one is unqualified else History())
        for number, one in enumerate(sites, 1)
    ]


def words(document: str) -> str:
    body = document[document.index("<main>") : document.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_organs_are_ranked_by_what_is_known(run: Run, standings: list[Standing], edition: Edition) -> None:
    text = words(render_index(run, standings, edition))
    league = text[text.index("各主办单位") : text.index("各网站")]
    assert re.findall(r"([\d—]) (清溪县政府办|（没有登记主办单位）|云岭县人民政府办公室)", league) == [
        ("1", "（没有登记主办单位）"),  # one of its two was not judged, and does not count
        ("1", "清溪县政府办"),  # level
        ("3", "云岭县人民政府办公室"),
    ]
    assert "云岭县人民政府办公室 1 1 0 0 0% 14 14 1" in league
    assert "（没有登记主办单位） 2 0 1 1 100% 5 5 0" in league


def test_the_worst_sites_come_first_and_lead_to_their_page(
    run: Run, standings: list[Standing], edition: Edition
) -> None:
    document = render_index(run, standings, edition)
    sites = re.findall(r'<td><a href="(sites/[^"]+)"><bdi>([^<]+)', document)
    assert sites[:2] == [
        ("sites/003-www.yunling.gov.cn.html", "云岭县人民政府"),
        ("sites/002-jtj.yunling.gov.cn.html", "云岭县交通运输局"),
    ]
    assert len({href for href, _ in sites}) == 5
    text = words(document)
    assert "不合格 — 1.4 14 1 1 1 62 提前结束" in text
    assert "无法判定 — — — — — — 0 提前结束" in text


def test_the_map_tells_unseen_from_nothing_found(run: Run, standings: list[Standing], edition: Edition) -> None:
    document = render_index(run, standings, edition)
    heat = document[document.index('id="heat"') :]
    rows = {
        name: re.findall(r'<td class="(\w+)" title="([^"]*)">(?:<a href="([^"]*)">)?([^<]*)', cells)
        for name, cells in re.findall(r"<th scope=\"row\"><a [^>]*><bdi>([^<]+)</bdi></a>(.*?)</tr>", heat, re.DOTALL)
    }
    assert rows["云岭县人民政府"] == [
        ("h3", "1.4 6 处", "sites/003-www.yunling.gov.cn.html#s1-i1", "6"),
        ("h3", "2.15 9 处，其中 1 处待复核", "sites/003-www.yunling.gov.cn.html#s1-i2", "8"),
    ]
    assert [cell[0] for cell in rows["云岭县交通运输局"]] == ["blind", "none"]
    assert rows["云岭县交通运输局"][0][1] == "1.4 未检查"
    assert rows["清溪县人民政府"][0] == ("none", "1.4 未发现问题", "", "·")
    assert "good" not in re.sub(r'class="tag good"', "", heat)


def test_without_a_result_nothing_is_claimed(run: Run, undetermined: Assessment, edition: Edition) -> None:
    failed = replace(run, failures=(("https://lyj.yunling.gov.cn/", "检查进程意外退出"),))
    text = words(render_index(failed, [], edition))
    assert "没有检查不等于没有问题" in text
    assert "检查进程意外退出" in text
    only = render_index(run, [standing(1, undetermined, edition, History())], edition)
    assert not re.search(r'class="[^"]*\bgood\b', only[only.index("<main>") :])
    assert "100%" not in words(only)


def test_hostile_names_are_text_and_no_path(run: Run, hostile: Assessment, edition: Edition) -> None:
    one = standing(7, hostile, edition, History())
    assert one.file == "007-site.html"
    odd = replace(hostile, site=replace(hostile.site, url="http://../..\\x:99999/?"))
    assert re.fullmatch(r"008-[a-z0-9.-]+\.html", standing(8, odd, edition, History()).file)
    for language in (Language("zh"), Language("en")):
        document = render_index(run, [one], edition, language)
        assert document.count("<script>") == 1
        assert "<img" not in document
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", document)
        assert len(document) < 300_000
