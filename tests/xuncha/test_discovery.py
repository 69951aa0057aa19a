"""`xuncha discover` prints a settings file that `xuncha audit` takes as it is."""

from __future__ import annotations

import tomllib
from typing import Any
from urllib.parse import urlsplit

import pytest

from xuncha.demo import AS_OF, Portal


def test_the_portal_s_columns_go_round(xuncha: Any) -> None:
    with Portal() as portal:
        found = xuncha("discover", portal.url, "--rate", 0, "--quiet")
        assert (found.code, found.err) == (0, "")
        [site] = tomllib.loads(found.out)["site"]
        assert (site["name"], site["kind"], site["code"]) == ("云岭县人民政府", "portal", "5399990001")
        kinds = {urlsplit(c["url"]).path: c["kind"] for c in site["column"]}
        assert kinds["/ylx/tzgg/"] == "notice"
        assert kinds["/ylx/xwdt/ylyw/"] == "news"
        kinds_said = [line for line in found.out.splitlines() if line.startswith("kind = ")]
        assert len(kinds_said) == 1 + len(site["column"])
        assert all("  # " in line for line in kinds_said), "every kind has its evidence"
        path = xuncha.write("sites.toml", found.out)
        words = ("--rate", 0, "--as-of", AS_OF.isoformat(), "--out", "out", "--format", "json")
        said = xuncha("audit", "--settings", path, *words)
        assert said.code == 1, said.err
        given = {c["url"] for c in site["column"]}
        audited = {c["url"]: c["kind"] for c in xuncha.data()["sites"][0]["columns"]}
        assert audited.keys() == given
        assert all(audited[c["url"]] == c["kind"] for c in site["column"])


def test_what_stands_on_the_page_cannot_leave_its_string(xuncha: Any, web: Any) -> None:
    web.sound()
    evil = 'x"\n[[site]]\nurl = "http://evil.invalid/"\n# \\ \x7f \u2028 &quot;&#10;[run]&#10;rate=0'
    metas = '<meta name=SiteName content="林&quot;&#10;业&#127;局">'
    metas += '<meta name=SiteIDCode content="53&quot;&#10;x = 1">'
    web.page(
        "/",
        "<ul><li><a href=/c2/>部门动态&quot;&#10;[[site]]</a></li><li><a href=/c3/>通知公告\\</a></li></ul>",
        title=evil,
        metas=metas,
    )
    found = xuncha("discover", web.url, "--rate", 0, "--quiet")
    data = tomllib.loads(found.out)
    assert data.keys() == {"site"}
    [site] = data["site"]
    assert site["url"] == web.url
    assert "code" not in site
    assert "不对，应为 10 位数字" in found.out
    xuncha.write("xuncha.toml", found.out)
    assert xuncha("audit", "--rate", 0, "--out", "out", "--format", "json").code in (0, 1, 3)


def test_a_site_that_cannot_be_opened(xuncha: Any) -> None:
    said = xuncha("discover", "http://127.0.0.1:9/", "--rate", 0, "--quiet")
    assert said.code == 3
    assert tomllib.loads(said.out) == {}
    assert "127.0.0.1:9：没有取得首页" in said.line


def test_a_page_without_columns(xuncha: Any, web: Any) -> None:
    web.page("/", "<p>建设中</p>")
    said = xuncha("discover", web.url, "--rate", 0, "--quiet")
    assert said.code == 3
    assert tomllib.loads(said.out)["site"][0]["url"] == web.url
    assert "没有找到栏目" in said.line


@pytest.mark.parametrize("target", ["x.html", "."])
def test_only_a_website_can_be_discovered(xuncha: Any, target: str) -> None:
    xuncha.write("x.html", "<title>x</title>")
    said = xuncha("discover", target)
    assert (said.code, said.out) == (2, "")
