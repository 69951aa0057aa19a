"""Portal or department, from a name."""

from __future__ import annotations

import pytest

from crawler.site import SiteKind
from rules.engine.kind import guess_kind

PORTALS = [
    ("云岭县人民政府", ""),
    ("", "“中国·云岭”门户网站"),
    ("", "云岭县人民政府门户网站-首页"),
    ("", "欢迎访问云岭县人民政府网站！"),
    ("", "云岭政府网"),
    ("", "云岭市政府门户网站"),
    ("", "云岭县 人民政府"),
    ("", "首页_云岭县人民政府"),
    ("", "中国云岭门户网站"),
    ("中华人民共和国云岭部", ""),
]
DEPARTMENTS = [
    ("云岭县教育局", ""),
    ("云岭县教育局", "云岭县人民政府"),
    ("云岭县人民政府办公室", ""),
    ("", "云岭县教育局门户网站"),
    ("", "首页 - 云岭县教育局"),
    ("", "云岭县水务局_云岭县人民政府"),
    ("", "云岭县政务服务中心"),
    ("云岭县发展和改革局（云岭县粮食和物资储备局）", ""),
    ("国家税务总局云岭县税务局", ""),
    ("中华人民共和国云岭海关", ""),
    ("云岭县城关镇人民政府", ""),
    ("云岭经济技术开发区管理委员会", ""),
    ("", ""),
    ("", "404 Not Found"),
    ("", "网站" * 50_000),
]


@pytest.mark.parametrize(("name", "title"), PORTALS)
def test_portals(name: str, title: str) -> None:
    assert guess_kind(name, title) is SiteKind.PORTAL


@pytest.mark.parametrize(("name", "title"), DEPARTMENTS)
def test_departments(name: str, title: str) -> None:
    assert guess_kind(name, title) is SiteKind.DEPARTMENT
