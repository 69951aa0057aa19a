"""An edition file is read strictly: every mistake is one line that names file, place and what is known."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.site import ColumnKind, SiteKind
from rules.engine.edition import EditionError, Part, bundled, charging_order, load
from rules.engine.parameters import OneOf, Written, described, fits
from rules.engine.rule import Problem, Rule
from rules.engine.subject import ATTRIBUTES, mistake, selector

GOOD = """
id = "yl-2026"
title = "云岭县检查指标"
basis = "云政办函〔2026〕3号"
published = 2026-01-05
pass_score = 60
bonus_gate = 80
service_group = "办事服务"
scored = ["portal", "department"]

[[indicator]]
code = "1.4"
part = "veto"
title = "栏目不更新"
  [[indicator.clause]]
  text = "累计超过（含）5个未更新。"
  rule = "stale"
  params = { days = { news = 14, policy = "6 months" } }
  where = { kind = ["news", "policy"], top = true }
  at_least = 5
  source = "试行"
  verified = true
  [[indicator.clause]]
  text = "其他情形。"
  manual = "须人工核对"
  applies_to = "portal"
  from = 2026-01-01
  until = 2026-12-31

[[indicator]]
code = "2.1"
part = "deduct"
group = "办事服务"
title = "可用性"
points = 100
  [[indicator.clause]]
  text = "每个扣0.1分。"
  rule = "broken"
  share = 0.5
  points = 0.1
  cap = 5
  unless = ["1.4"]
  [[indicator.clause]]
  text = "人工。"
  manual = true
"""


def _stale(view: Any, *, days: dict[ColumnKind, int | str], undated: bool = True) -> Iterator[Problem]:
    yield from ()


def _broken(link: Any) -> Iterator[Problem]:
    yield from ()


def _missing(snapshot: Any, *, sections: list[str], least: float = 0.5) -> Iterator[Problem]:
    yield from ()


@pytest.fixture
def known(kit: SimpleNamespace) -> dict[str, Rule]:
    made = (
        kit.make_rule("stale", "column", _stale),
        kit.make_rule("broken", "link", _broken),
        kit.make_rule("missing", "site", _missing),
    )
    return {rule.id: rule for rule in made}


def _load(tmp_path: Path, text: str, known: Mapping[str, Rule]) -> Any:
    path = tmp_path / "yl.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, rules=known)


def test_a_good_edition(tmp_path: Path, known: dict[str, Rule]) -> None:
    edition = _load(tmp_path, GOOD, known)
    assert (edition.id, edition.basis, edition.published) == ("yl-2026", "云政办函〔2026〕3号", date(2026, 1, 5))
    assert (edition.pass_score, edition.bonus_gate, edition.service_group) == (60.0, 80.0, "办事服务")
    assert edition.scored == (SiteKind.PORTAL, SiteKind.DEPARTMENT)
    assert edition.source_file.endswith("yl.toml")
    veto, deduct = edition.indicators
    assert (veto.code, veto.part, veto.group, veto.points) == ("1.4", Part.VETO, "", 0.0)
    first, second = veto.clauses
    assert (first.rule, first.at_least, first.verified, first.source) == ("stale", 5, True, "试行")
    assert first.params == {"days": {"news": 14, "policy": "6 months"}}
    assert first.where == {"kind": ["news", "policy"], "top": True}
    assert (second.rule, second.manual, second.applies_to) == (None, "须人工核对", "portal")
    assert (second.since, second.until, second.verified) == (date(2026, 1, 1), date(2026, 12, 31), False)
    third, fourth = deduct.clauses
    assert (third.share, third.points, third.cap, third.unless) == (0.5, 0.1, 5.0, ("1.4",))
    assert (fourth.rule, fourth.manual) == (None, "")
    assert pickle.loads(pickle.dumps(edition)) == edition  # noqa: S301 - our own


def test_a_byte_order_mark_is_no_obstacle(tmp_path: Path, known: dict[str, Rule]) -> None:
    assert _load(tmp_path, "\ufeff" + GOOD, known).id == "yl-2026"  # Notepad writes one


TOP = "id、title、basis、published、pass_score、bonus_gate、service_group、scored、indicator"
INDICATOR = "code、part、group、title、points、clause"
CLAUSE = (
    "text、rule、manual、unseen、params、where、at_least、share、points、cap、unless、applies_to、source、verified、"
    "from、until"
)
KINDS = (
    "news、notice、policy、explain、person、plan、finance、survey、message、service、disclosure、report、static、other"
)
C1 = "指标 1.4 第 1 条："
C2 = "指标 1.4 第 2 条："
D1 = "指标 2.1 第 1 条："
MISTAKES: dict[str, tuple[str, str, str]] = {
    "unknown key": ("id =", "idd = 1\nid =", f"文件顶层：不认识“idd”；可用的键：{TOP}"),
    "unknown indicator key": ('title = "栏目', 'titel = ""\ntitle = "栏目',
        f"指标 1.4：不认识“titel”；可用的键：{INDICATOR}"),
    "unknown clause key": ("at_least = 5", "atleast = 5", f"{C1}不认识“atleast”；可用的键：{CLAUSE}"),
    "key with a line break": ("id =", '"a\\nb" = 1\nid =', f"文件顶层：不认识“a b”；可用的键：{TOP}"),
    "missing title": ('title = "云岭县检查指标"', "", "文件顶层：缺少“title”"),
    "empty basis": ("云政办函〔2026〕3号", " ", "文件顶层：“basis”不能为空"),
    "date as text": ("published = 2026-01-05", 'published = "2026-01-05"', "文件顶层：“published”应为日期"),
    "date with time": ("published = 2026-01-05", "published = 2026-01-05T08:00:00", "文件顶层：“published”应为日期"),
    "pass mark over 100": ("pass_score = 60", "pass_score = 600", "文件顶层：“pass_score”应在 0 与 100 之间"),
    "pass mark true": ("pass_score = 60", "pass_score = true", "文件顶层：“pass_score”应为数"),
    "pass mark nan": ("pass_score = 60", "pass_score = nan", "文件顶层：“pass_score”应在 0 与 100 之间"),
    "service group": ('service_group = "办事服务"', 'service_group = "服务"',
        "文件顶层：service_group“服务”不是任何指标的 group；有：办事服务"),
    "scored kind": ('"department"]', '"bureau"]', "文件顶层：“scored”没有“bureau”这个值；可用的值：portal、department"),
    "scored not a list": ('scored = ["portal", "department"]', 'scored = "portal"', "文件顶层：“scored”应为列表"),
    "code twice": ('code = "2.1"', 'code = "1.4"', "文件顶层：指标编号“1.4”出现了不止一次"),
    "code missing": ('code = "1.4"\n', "", "第 1 个指标：缺少“code”"),
    "code a number": ('code = "2.1"', "code = 2.1", "第 2 个指标：“code”应为文字"),
    "code odd": ('code = "2.1"', 'code = "二、1"', "第 2 个指标：“code”只能用数字、字母和 . _ -，不超过 32 个字"),
    "part unknown": ('part = "veto"', 'part = "Veto"',
        "指标 1.4：“part”没有“Veto”这个值；可用的值：veto、deduct、bonus、advice"),
    "points on a veto": ('part = "veto"', 'part = "veto"\npoints = 5', "指标 1.4：“points”只用于扣分指标和加分指标"),
    "no points on a deduction": ("points = 100", "", "指标 2.1：扣分指标应写明“points”（该指标总分值）"),
    "negative points": ("points = 100", "points = -100", "指标 2.1：“points”应为不小于 0 的数"),
    "endless points": ("points = 100", "points = inf", "指标 2.1：“points”应为不小于 0 的数"),
    "no group on a deduction": ('\ngroup = "办事服务"', "", "指标 2.1：缺少“group”"),
    "negative clause points": ("points = 0.1", "points = -0.1", f"{D1}“points”应为不小于 0 的数"),
    "points as text": ("points = 0.1", 'points = "0.1"', f"{D1}“points”应为数"),
    "points in a veto clause": ("at_least = 5", "points = 1", f"{C1}条款的“points”只用于扣分指标"),
    "negative cap": ("cap = 5", "cap = -5", f"{D1}“cap”应为不小于 0 的数"),
    "share over one": ("share = 0.5", "share = 1.5", f"{D1}“share”应在 0 与 1 之间"),
    "share below zero": ("share = 0.5", "share = -0.1", f"{D1}“share”应在 0 与 1 之间"),
    "at_least zero": ("at_least = 5", "at_least = 0", f"{C1}“at_least”应为不小于 1 的整数"),
    "at_least a fraction": ("at_least = 5", "at_least = 5.0", f"{C1}“at_least”应为整数"),
    "at_least true": ("at_least = 5", "at_least = true", f"{C1}“at_least”应为整数"),
    "verified as text": ("verified = true", 'verified = "yes"', f"{C1}“verified”应为true 或 false"),
    "rule and manual": ('rule = "stale"', 'rule = "stale"\nmanual = true',
        f"{C1}“rule”与“manual”应写一个，也只能写一个"),
    "neither": ('rule = "stale"\n', "", f"{C1}“rule”与“manual”应写一个，也只能写一个"),
    "manual false": ("manual = true", "manual = false", "指标 2.1 第 2 条：“rule”与“manual”应写一个，也只能写一个"),
    "unseen of a manual clause": ("manual = true", 'manual = true\nunseen = "后台"',
        "指标 2.1 第 2 条：“unseen”只用于写“rule”的条款"),
    "manual a number": ("manual = true", "manual = 1", "指标 2.1 第 2 条：“manual”应为 true 或需人工检查的原因"),
    "params of a manual clause": ("manual = true", "manual = true\nwhere = { top = true }",
        "指标 2.1 第 2 条：人工检查的条款不用“params”和“where”"),
    "bonus by rule": ('part = "deduct"', 'part = "bonus"', f"{D1}加分指标由人工评定，应写“manual”"),
    "text missing": ('text = "累计超过（含）5个未更新。"\n', "", f"{C1}缺少“text”"),
    "unknown rule": ('rule = "stale"', 'rule = "stale-colum"',
        f"{C1}没有名为“stale-colum”的规则；有：broken、missing、stale"),
    "rule a number": ('rule = "stale"', "rule = 3", f"{C1}“rule”应为文字"),
    "unknown parameter": ("days = {", "day = 1, days = {",
        f"{C1}规则 stale 没有参数“day”；可用的参数：days、undated"),
    "parameter of a rule without any": ('rule = "broken"', 'rule = "broken"\nparams = { days = 3 }',
        f"{D1}规则 broken 没有参数，不能写“days”"),
    "missing parameter": ("days = { news = 14, policy = \"6 months\" }", "undated = true",
        f"{C1}规则 stale 缺少参数“days”；它的参数：days、undated"),
    "parameter of the wrong type": ("days = { news = 14, policy = \"6 months\" }", "days = 14",
        f"{C1}规则 stale 的参数“days”应为表（{KINDS} = 整数或文字）"),
    "parameter with an unknown kind": ("news = 14", "newz = 14",
        f"{C1}规则 stale 的参数“days”应为表（{KINDS} = 整数或文字）"),
    "params not a table": ("params = { days = { news = 14, policy = \"6 months\" } }", "params = 14",
        f"{C1}“params”应为表"),
    "where unknown": ("top = true", "role = true",
        f"{C1}where 中的“role”不是检查对象的属性；可用的属性：name、url、kind、top、archived、given"),
    "where of another subject": ("share = 0.5", "where = { top = true }",
        f"{D1}where 中的“top”不是检查对象的属性；可用的属性：url、on、kind、on_role、internal、outcome"),
    "where value unknown": ('"policy"]', '"polizy"]', f"{C1}where 中“kind”没有“polizy”这个值；可用的值：{KINDS}"),
    "where value of another type": ("top = true", 'top = "true"', f"{C1}where 中的“top”应为 true 或 false"),
    "where value a number": ('kind = ["news", "policy"]', "kind = 3", f"{C1}where 中的“kind”应为文字或文字列表"),
    "where value nothing": ('kind = ["news", "policy"]', "kind = []", f"{C1}where 中的“kind”没有列出任何值"),
    "unless unknown": ('unless = ["1.4"]', 'unless = ["1.5"]', f"{D1}“unless”中的指标“1.5”不存在；有：1.4、2.1"),
    "unless itself": ('unless = ["1.4"]', 'unless = ["2.1"]', "文件顶层：“unless”互相引用成环：2.1 → 2.1"),
    "unless a circle": ("at_least = 5", 'unless = ["2.1"]', "文件顶层：“unless”互相引用成环：1.4 → 2.1 → 1.4"),
    "unless a text": ('unless = ["1.4"]', 'unless = "1.4"', f"{D1}“unless”应为列表"),
    "unless of numbers": ('unless = ["1.4"]', "unless = [1.4]", f"{D1}“unless”应为文字列表"),
    "applies_to unknown": ('applies_to = "portal"', 'applies_to = "门户"',
        f"{C2}“applies_to”没有“门户”这个值；可用的值：all、portal、department"),
    "until before from": ("until = 2026-12-31", "until = 2025-12-31", f"{C2}“until”早于“from”"),
}  # fmt: skip


@pytest.mark.parametrize("mistake_", MISTAKES)
def test_a_mistake_is_told_in_one_line(tmp_path: Path, known: dict[str, Rule], mistake_: str) -> None:
    old, new, line = MISTAKES[mistake_]
    assert old in GOOD
    with pytest.raises(EditionError) as caught:
        _load(tmp_path, GOOD.replace(old, new, 1), known)
    assert str(caught.value) == f"{tmp_path / 'yl.toml'}：{line}"
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "文件顶层：缺少“indicator”"),
        ("indicator = []", "文件顶层：没有任何指标"),
        ("indicator = [3]", "第 1 个指标：应为 [[indicator]] 表"),
        ('[[indicator]]\ncode = "1"\npart = "veto"\ntitle = "x"', "指标 1：缺少“clause”"),
        ('[[indicator]]\ncode = "1"\npart = "veto"\ntitle = "x"\nclause = []', "指标 1：没有任何条款（clause）"),
        (
            '[[indicator]]\ncode = "1"\npart = "veto"\ntitle = "x"\nclause = [3]',
            "指标 1 第 1 条：应为 [[indicator.clause]] 表",
        ),
        ("indicator = 3", "文件顶层：“indicator”应为列表"),
    ],
)
def test_a_file_of_another_shape(tmp_path: Path, known: dict[str, Rule], text: str, line: str) -> None:
    with pytest.raises(EditionError) as caught:
        _load(tmp_path, text, known)
    assert str(caught.value) == f"{tmp_path / 'yl.toml'}：{line}"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a = \n", "不是有效的 TOML："),
        (b"a = 1\na = 2\n", "不是有效的 TOML："),
        (b"a = " + b"[" * 5000, "不是有效的 TOML："),
        (b"a = " + b"9" * 5000, "不是有效的 TOML："),
        ("id = '云岭'".encode("gb18030"), "不是 UTF-8 编码的文本文件"),
        (None, "没有这个文件"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, known: dict[str, Rule], content: bytes | None, told: str) -> None:
    path = tmp_path / "yl.toml"
    if content is not None:
        path.write_bytes(content)
    for name in (path, str(path)):
        with pytest.raises(EditionError) as caught:
            load(name, rules=known)
        assert str(caught.value).startswith(f"{path}：{told}")
        assert "\n" not in str(caught.value)


def test_a_folder_is_no_edition(tmp_path: Path, known: dict[str, Rule]) -> None:
    with pytest.raises(EditionError, match="：无法读取："):
        load(tmp_path, rules=known)


@pytest.mark.parametrize("name", ["cn-2091", "../editions/cn-2019", "", "cn\n2019"])
def test_an_unknown_id_names_the_known(known: dict[str, Rule], name: str) -> None:
    with pytest.raises(EditionError) as caught:
        load(name, rules=known)
    assert "内置的有：cn-2015、cn-2019" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "cn-2019" in bundled()


def test_an_error_crosses_processes(known: dict[str, Rule]) -> None:
    with pytest.raises(EditionError) as caught:
        load("nowhere", rules=known)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301 - our own


@settings(max_examples=200)
@given(data=st.data())
def test_no_file_is_a_crash(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Any value in the place of any other: an edition or one line, nothing else."""
    values = ["3", "-1", "nan", "true", '""', '"x"', "[]", "[3]", "[[]]", "{}", "{ a = { b = 1 } }", "2026-01-01"]
    lines = GOOD.splitlines()
    number = data.draw(st.sampled_from([n for n, line in enumerate(lines) if "=" in line]))
    lines[number] = f"{lines[number].split('=')[0]} = {data.draw(st.sampled_from(values))}"
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    try:
        load(path, rules={})
    except EditionError as error:
        assert "\n" not in str(error)


def test_indicators_are_charged_after_those_they_defer_to(kit: SimpleNamespace) -> None:
    made = tuple(
        kit.indicator(code, "deduct", kit.clause("stale", unless=unless))
        for code, unless in (("a", ["b"]), ("b", ["c"]), ("c", []), ("d", []))
    )
    order = [indicator.code for indicator in charging_order(made)]
    assert order.index("c") < order.index("b") < order.index("a")
    assert sorted(order) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("value", "annotation", "yes"),
    [
        (3, int, True),
        (True, int, False),
        (3.5, int, False),
        (3, float, True),
        (True, float, False),
        ("3", float, False),
        (True, bool, True),
        (1, bool, False),
        ("x", str, True),
        ("x", str | None, True),
        (3, str | None, False),
        (["a"], list[str], True),
        ("a", list[str], False),
        ([3], list[str], False),
        (["a"], tuple[str, ...], True),
        ({"a": 3}, dict[str, int | str], True),
        ({"a": 3.5}, dict[str, int | str], False),
        ({"a": ["b"]}, dict[str, list[str]], True),
        ({"a": "b"}, Mapping[str, list[str]], False),
        ("a", Literal["a", "b"], True),
        ("c", Literal["a", "b"], False),
        ("news", ColumnKind, True),
        ("newz", ColumnKind, False),
        ({"x": 1}, dict, True),
        ([1], list, True),
        (object(), Any, True),
        (["b"], list[Annotated[str, OneOf(lambda: ("a", "b"))]], True),
        (["c"], list[Annotated[str, OneOf(lambda: ("a", "b"))]], False),
        ([3], list[Annotated[str, OneOf(lambda: ("a", "b"))]], False),
        ("6 months", Annotated[int | str, Written(r"\d+ months", "")], True),
        (6, Annotated[int | str, Written(r"\d+ months", "")], True),
        ("6 mnths", Annotated[int | str, Written(r"\d+ months", "")], False),
        (6.5, Annotated[int | str, Written(r"\d+ months", "")], False),
        ("x", Annotated[str, "a remark"], True),
    ],
)
def test_values_fit_annotations(value: Any, annotation: Any, yes: bool) -> None:
    assert fits(value, annotation) is yes


def test_annotations_in_words() -> None:
    assert described(dict[str, int | str]) == "表（文字 = 整数或文字）"
    assert described(list[str]) == "列表（文字）"
    assert described(Literal["a", "b"]) == "a、b"
    assert described(bool) == "true 或 false"
    assert described(list[Annotated[str, OneOf(lambda: ("a", "b"))]]) == "列表（a、b）"
    assert described(Annotated[int | str, Written(r"\d+ months", "天数或者如 6 months")]) == "天数或者如 6 months"
    assert described(Annotated[int, "a remark"]) == "整数"


def test_every_attribute_can_be_read(kit: SimpleNamespace) -> None:
    subjects = {"site": kit.Memory(), "column": kit.column("动态"), "page": kit.page(), "link": kit.link("a")}
    for each, attributes in ATTRIBUTES.items():
        for name, attribute in attributes.items():
            value = attribute.read(subjects[each])
            assert isinstance(value, attribute.type), (each, name)
            assert not attribute.values or value in attribute.values
            told = value.value if hasattr(value, "value") else value
            assert mistake(each, {name: told}) is None
            assert selector(each, {name: told})(subjects[each])
            assert selector(each, {name: [told]})(subjects[each])
    assert not selector("column", {"kind": "policy", "top": True})(subjects["column"])
