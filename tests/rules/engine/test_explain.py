"""The rules explained: the docstring's fixed shape, and the README that is made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import rules as package
from rules.engine.explain import HEADINGS, all_pages, page, parameters, sections, summary
from rules.engine.rule import Problem, Rule


def _quiet(column: Any, *, days: int = 14, kinds: list[str] = ["news"], must: str) -> Iterator[Problem]:  # noqa: B006
    """栏目没有声音。

    查什么：
        第一行，
        第二行 HTTP
        2 还有。

        另一段。
    为什么:
        因为 a|b。
    参数：
        days：天数，
        接着说；must：不是开头。
        kinds：类型。
        must：必填的。
    例：
        查什么：这不是标题，它有缩进。
    """
    yield from ()


@pytest.fixture
def quiet(kit: SimpleNamespace) -> Rule:
    made: Rule = kit.make_rule("quiet-column", "column", _quiet, {"articles"})
    return made


def test_sections_by_headings(quiet: Rule) -> None:
    assert summary(quiet) == "栏目没有声音。"
    found = sections(quiet)
    assert list(found) == ["查什么", "为什么", "参数", "例"]
    assert found["查什么"] == "第一行，第二行 HTTP 2 还有。\n另一段。"
    assert found["为什么"] == "因为 a|b。"
    assert found["例"] == "查什么：这不是标题，它有缩进。"


def test_parameters(quiet: Rule) -> None:
    assert parameters(quiet) == {"days": "天数，接着说；must：不是开头。", "kinds": "类型。", "must": "必填的。"}


def test_a_page(kit: SimpleNamespace, quiet: Rule) -> None:
    edition = kit.edition(
        kit.indicator("1.4", "veto", kit.clause(None), kit.clause("quiet-column")),
        kit.indicator("2.1", "deduct", kit.clause("other")),
    )
    text = page(quiet, [edition])
    assert text.startswith("## quiet-column\n\n栏目没有声音。\n\n检查对象：每个栏目　采集内容：articles、columns\n")
    assert "| `days` | 整数 | `14` | 天数，接着说；must：不是开头。 |" in text
    assert '| `kinds` | 列表（文字） | `["news"]` | 类型。 |' in text
    assert "| `must` | 文字 | 必填 | 必填的。 |" in text
    assert text.endswith("**用于**\n\n- test 指标 1.4 指标1.4，第 2 条（单项否决）：条款\n")
    assert "现有检查指标没有用到" in page(quiet, [])


def test_a_rule_without_a_docstring(kit: SimpleNamespace) -> None:
    bare = kit.make_rule("bare", "site", lambda _snapshot: iter(()))
    assert (summary(bare), sections(bare)) == ("", {})
    assert page(bare, []).startswith("## bare\n")


# The program's own rules.


@pytest.fixture(scope="module")
def own() -> Mapping[str, Rule]:
    """Other tests may have registered rules of theirs."""
    return {id_: r for id_, r in package.all_rules().items() if r.check.__module__ in package.MODULES}


def test_every_rule_is_explained_under_every_heading(own: Mapping[str, Rule]) -> None:
    assert own
    for rule in own.values():
        assert summary(rule).endswith("。"), rule.id
        assert "\n" not in summary(rule)
        assert list(sections(rule)) == list(HEADINGS), rule.id
        assert all(sections(rule).values()), rule.id


def test_every_parameter_is_explained_and_no_other(own: Mapping[str, Rule]) -> None:
    for rule in own.values():
        assert all(parameters(rule).values()), rule.id
        if not rule.parameters:
            assert sections(rule)["参数"] == "无。", rule.id


def test_the_readme_is_up_to_date(own: Mapping[str, Rule]) -> None:
    readme = Path(package.__file__).with_name("README.md")
    assert readme.read_text(encoding="utf-8") == all_pages(own), "run: xuncha explain --all > rules/README.md"
