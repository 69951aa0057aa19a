"""What a column is for, told by its name as a clerk would tell it."""

# ruff: noqa: E501 - pages stand as they are read

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.kinds import UPDATED, is_archived, kind_of
from crawler.site import ColumnKind

NAMES = {
    "news": "政务动态 工作动态 部门动态 乡镇动态 要闻 政务要闻 动态要闻 今日云岭 云岭新闻 信访动态 公告动态 镇街动态 新闻中心 时政快讯 图片要闻",
    "notice": "通知公告 公示公告 公告公示 通知公示 公告 公示 通告 会议通知 重要通知 通知公告栏",
    "policy": "政策文件 政府文件 规范性文件 政策法规 法律法规 上级文件 县政府文件 办公室文件 政府规章",
    "explain": "政策解读 文件解读 政策文件解读 图解 一图读懂 解读回应",
    "person": "人事任免 人事信息 招考录用 招聘公告 公务员招录公告 任前公示",
    "plan": "规划计划 发展规划 工作计划 规划公示",
    "finance": "财政预决算 预算公示 三公经费 财政信息",
    "survey": "征集调查 民意征集 意见征集 网上调查 征集公告",
    "message": "县长信箱 咨询投诉 留言 互动交流 信访举报 政民互动 网上咨询",
    "service": "办事指南 办事服务 政务服务 便民服务",
    "disclosure": "规章制度 工作制度 公示制度 议事规则 政府信息公开指南 政府信息公开制度 法定主动公开内容 依申请公开 政务公开 政府信息公开目录",
    "report": "公开年报 政府信息公开年报 政府信息公开工作年度报告 政府网站工作年度报表",
    "static": "云岭概况 机构职能 领导之窗 领导信息 网站地图 联系我们 走进云岭 内设机构",
}
LOOK_ALIKES = "新闻出版局 政策性银行 公告栏建设 人事处 财政局 信访局 政策研究室 招商局 图片新闻 视频新闻 政府公报 新闻发布会 在线访谈 专题专栏 友情链接 数据开放"


@pytest.mark.parametrize(("kind", "name"), [(k, n) for k, names in NAMES.items() for n in names.split()])
def test_kind_by_name(kind, name):
    found, evidence = kind_of(name)
    assert found.value == kind
    assert str(evidence).startswith("栏目名称")


@pytest.mark.parametrize("name", LOOK_ALIKES.split())
def test_names_that_only_look_alike(name):
    assert kind_of(name)[0] is ColumnKind.OTHER


def test_spaces_and_additions_do_not_matter():
    assert kind_of("通 知 公 告")[0] is ColumnKind.NOTICE
    assert kind_of("政策文件（县政府办）")[0] is ColumnKind.POLICY
    assert kind_of(" 部门动态 >>")[0] is ColumnKind.NEWS


def test_type_and_address_speak_where_the_name_is_silent():
    def told(*names):
        kind, evidence = kind_of(*names)
        return kind, "" if evidence is None else str(evidence)

    assert told("区县热点", "工作动态") == (ColumnKind.NEWS, "META ColumnType“工作动态”")
    assert kind_of("近期", "信息公开，政策文件")[0] is ColumnKind.POLICY
    assert kind_of("通知公告", "工作动态")[0] is ColumnKind.NOTICE
    assert told("云溪", "首页", "http://www.yunling.gov.cn/zwgk/tzgg/") == (ColumnKind.NOTICE, "地址含“/tzgg/”")
    assert told("云溪", "", "http://www.yunling.gov.cn/zwgk/tzgg.html") == (ColumnKind.OTHER, "")
    assert told("云溪", "", "http://[") == (ColumnKind.OTHER, "")
    assert kind_of("") == (ColumnKind.OTHER, None)


def test_archived():
    assert is_archived("机构改革（已归档）")
    assert is_archived("历史归档")
    assert is_archived("专题", "本专题已归档，归档时间：2025-01-01，内容不再更新。")
    assert is_archived("专题", "疫情防控\n【已归档】\n列表")
    assert is_archived("专题", "本栏目已停止更新，最新信息请访问“通知公告”。")
    assert is_archived("专题", "该专题内容不再更新")
    assert not is_archived("督查", "县政府网站3个栏目停止更新被通报")
    assert not is_archived("档案工作", "全县3万卷档案已归档入库")
    assert not is_archived("归档管理办法")


def test_what_is_expected_to_update():
    assert {ColumnKind.NEWS, ColumnKind.NOTICE, ColumnKind.POLICY, ColumnKind.OTHER} <= UPDATED
    assert UPDATED.isdisjoint({ColumnKind.STATIC, ColumnKind.DISCLOSURE, ColumnKind.REPORT, ColumnKind.SERVICE})


def test_lexicon_says_nothing_twice_and_covers_every_kind():
    terms = tomllib.loads(files("crawler").joinpath("kinds.toml").read_text(encoding="utf-8"))["term"]
    assert {t["kind"] for t in terms} == {k.value for k in ColumnKind}
    paths = [p for t in terms for p in t.get("path", ())]
    assert len(paths) == len(set(paths))
    assert all(set(t) <= {"kind", "exact", "starts", "ends", "contains", "path"} for t in terms)


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_never_raises(name, column_type, url):
    kind, evidence = kind_of(name, column_type, url)
    assert isinstance(kind, ColumnKind)
    assert evidence or kind is ColumnKind.OTHER
    is_archived(name, column_type)
