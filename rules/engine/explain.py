"""What each rule checks, in words: the docstrings as pages. `xuncha explain --all` prints rules/README.md with it.

A rule's docstring begins with one line that says what is wrong. Then come the six HEADINGS, in this order, each alone
on its line and ending with a colon (： or :), each with its text indented below it. Under 参数 every parameter begins a
line: its name, a colon, what it means; a rule without parameters says 无。
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping

from rules.engine.edition import Edition, Part, bundled, load
from rules.engine.parameters import described
from rules.engine.rule import Rule

HEADINGS = ("查什么", "为什么", "参数", "例", "改法", "局限")
_EACH = {"site": "网站", "column": "每个栏目", "page": "每个页面", "link": "每个链接"}
_PARTS = {Part.VETO: "单项否决", Part.DEDUCT: "扣分", Part.BONUS: "加分", Part.ADVICE: "提示"}
_HEADING = re.compile(rf"({'|'.join(HEADINGS)})[：:]\s*")
_PARAMETER = re.compile(r"(\w+)[：:]\s*(.*)", re.DOTALL)
_INTRODUCTION = """\
# 规则

<!-- 本文件由 `xuncha explain --all` 生成，请改规则的说明文字，不要改这里。 -->

一条规则是一个函数：看一个对象（网站、栏目、页面或链接），说出哪里不对。它不知道法规、分值和时钟；
哪条指标用哪条规则、扣几分，写在 `rules/editions/` 里的检查指标文件中。
"""
_ADDING = """\
## 增加一条规则

1. 在相应主题的模块里写一个函数，用 `@rule("编号", each=…)` 登记。编号是“出了什么问题”，英文小写加连字符，定了不再改。
   说明文字的第一行写问题，以下依次为“查什么”“为什么”“参数”“例”“改法”“局限”，各占一行并以冒号结尾，正文缩进。
2. 在 `tests/rules/cases/<编号>/` 放样例：合格、不合格、可容忍、拿不准各一种。
3. 在 `rules/editions/` 的检查指标文件里写一条 `[[indicator.clause]]`，指明规则和参数。
4. 运行 `xuncha explain --all > rules/README.md`。

新的主题模块要写进 `rules/__init__.py` 的 `MODULES`。
"""


def summary(rule: Rule) -> str:
    """The first line of the docstring: what is wrong."""
    return rule.doc.partition("\n")[0].strip()


def sections(rule: Rule) -> dict[str, str]:
    """The text under each heading that the docstring has, in its order; lines of one paragraph are joined."""
    found: dict[str, list[str]] = {}
    lines: list[str] | None = None
    for line in rule.doc.splitlines()[1:]:
        heading = _HEADING.fullmatch(line)
        if heading is not None:
            lines = found.setdefault(heading[1], [])
        elif lines is not None:
            lines.append(line.strip())
    return {name: "\n".join(_paragraphs(lines, rule if name == "参数" else None)) for name, lines in found.items()}


def parameters(rule: Rule) -> dict[str, str]:
    """What the docstring says of each parameter; empty where it says nothing."""
    told = dict.fromkeys(rule.parameters, "")
    for line in sections(rule).get("参数", "").splitlines():
        match = _PARAMETER.fullmatch(line)
        if match is not None and match[1] in told:
            told[match[1]] = match[2]
    return told


def page(rule: Rule, editions: Iterable[Edition] | None = None) -> str:
    """One rule as a section in Markdown: its docstring, its parameters, and the clauses of `editions` that use it.

    Without `editions` the bundled ones are quoted.
    """
    if editions is None:
        editions = [load(id_) for id_ in bundled()]
    texts = sections(rule)
    needs = "、".join(sorted(rule.needs)) or "无"
    parts = [f"## {rule.id}", summary(rule), f"检查对象：{_EACH[rule.each]}　采集内容：{needs}"]
    for heading in HEADINGS:
        if heading == "参数" and rule.parameters:
            parts.append("\n".join(("**参数**", "", *_parameter_table(rule))))
        elif heading in texts:
            parts.append(f"**{heading}**　{texts[heading]}")
    uses = list(_uses(rule, editions))
    parts.append("\n".join(("**用于**", "", *uses)) if uses else "**用于**　现有检查指标没有用到。")
    return "\n\n".join(parts) + "\n"


def all_pages(rules: Mapping[str, Rule] | None = None) -> str:
    """Every rule, with an index: the content of rules/README.md. Only bundled editions are quoted."""
    if rules is None:
        from rules import all_rules

        rules = all_rules()
    editions = [load(id_, rules=rules) for id_ in bundled()]
    listed = [rules[id_] for id_ in sorted(rules)]  # the order of registration depends on what was imported first
    index = ["| 规则 | 检查对象 | 问题 |", "|---|---|---|"]
    index += [f"| [{r.id}](#{r.id}) | {_EACH[r.each]} | {_cell(summary(r))} |" for r in listed]
    pages = (page(rule, editions) for rule in listed)
    return "\n".join((_INTRODUCTION, "\n".join(index), "", *pages, _ADDING))


def _paragraphs(lines: Iterable[str], rule: Rule | None) -> Iterator[str]:
    """Lines joined into paragraphs; a blank line, or the name of one of `rule`'s parameters, begins a new one."""
    text = ""
    for line in (*lines, ""):
        match = _PARAMETER.fullmatch(line) if rule is not None else None
        begins = match is not None and rule is not None and match[1] in rule.parameters
        if text and (not line or begins):
            yield text
            text = ""
        # Chinese lines join without a blank; two words of Latin letters or digits do not.
        apart = bool(text) and text[-1].isascii() and text[-1].isalnum() and line[:1].isascii() and line[:1].isalnum()
        text += f" {line}" if apart else line


def _parameter_table(rule: Rule) -> Iterator[str]:
    yield "| 参数 | 类型 | 默认值 | 说明 |"
    yield "|---|---|---|---|"
    for name, told in parameters(rule).items():
        default = rule.parameters[name].default
        shown = "必填" if default is inspect.Parameter.empty else f"`{_toml(default)}`"
        yield f"| `{name}` | {_cell(described(rule.types[name]))} | {_cell(shown)} | {_cell(told)} |"


def _toml(value: object) -> str:
    """A default as it would be written in an edition file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _uses(rule: Rule, editions: Iterable[Edition]) -> Iterator[str]:
    for edition in editions:
        for indicator in edition.indicators:
            for number, clause in enumerate(indicator.clauses, 1):
                if clause.rule == rule.id:
                    where = f"{edition.id} 指标 {indicator.code} {indicator.title}，第 {number} 条"
                    yield f"- {where}（{_PARTS[indicator.part]}）：{clause.text}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", "<br>")
