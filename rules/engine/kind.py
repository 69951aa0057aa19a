"""Is a site a government's portal or a department's? Guessed from names when nobody said."""

from __future__ import annotations

import re

from crawler.site import SiteKind

# What follows the owner's name in a site's name or title.
_TAIL = re.compile(r"(?:政府|官方|公众|信息|门户|互联网|政务|网上)*(?:网站|网页|网|官网|首页|主页|欢迎您|欢迎访问)+$")
_SEPARATORS = re.compile(r"[\s|｜_—–>»/\\-]+")
_NOISE = re.compile(r"^(?:欢迎访问|欢迎光临|欢迎来到)|[“”\"'《》【】\[\]()（）]")
# 中国·云岭, the form prescribed for portals; the point may be any dot.
_CHINA = re.compile(r"^中国[·•‧∙・.．]\S+")
# Departments of the State Council keep portals of their own; their local offices do not.
_MINISTRY = re.compile(
    r"^(?:中华人民共和国(?!.*[省市县区州盟旗]).*(?:部|委员会|署|总局|局|银行)|国家(?!.*[省市县区州盟旗]).*(?:局|委员会|署))$"
)
_ORGAN = re.compile(r"(?:局|委员会|管委会|委|厅|办公室|办|中心|部|署|处|院|所|站|队|会|馆|公司|学校|医院)$")
_TOWN = re.compile(r"(?:镇|乡|街道)(?:人民)?政府$")
_GOVERNMENT = re.compile(r"(?:人民政府|(?<=[省市县区州盟旗])政府)$")
_PORTAL = re.compile(r"政府(?:门户)?网|门户网站")
_SUFFIXED = re.compile(r"[省市县区州盟旗]$")


def guess_kind(name: str, title: str) -> SiteKind:
    """Portal or department, from the site's name, else its home page's title; a department when neither tells.

    That default accuses nobody: departments are judged by the vetoes alone. Towns and street offices count as
    departments too, since the scored parts are for 政府门户网站, which are kept from the county level up.
    """
    for text in (name, title):
        for segment in (*_SEPARATORS.split(text), text):
            kind = _kind(segment)
            if kind is not None:
                return kind
    return SiteKind.DEPARTMENT


def _kind(text: str) -> SiteKind | None:
    text = _NOISE.sub("", _SEPARATORS.sub("", text[:200]))
    owner = _TAIL.sub("", text)
    if _MINISTRY.search(owner):
        return SiteKind.PORTAL
    if _ORGAN.search(owner) or _TOWN.search(owner):
        return SiteKind.DEPARTMENT
    if _CHINA.search(text) or _GOVERNMENT.search(owner):
        return SiteKind.PORTAL
    if _PORTAL.search(text) or (owner != text and _SUFFIXED.search(owner)):
        return SiteKind.PORTAL
    return None
