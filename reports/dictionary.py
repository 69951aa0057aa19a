"""The data dictionary of findings.json, written from its schema: `python -m reports.dictionary > reports/README.md`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

_HEAD = """\
# 数据字典 · Data dictionary

<!-- 由 `make dictionary` 从 findings.schema.json 生成。 Generated from findings.schema.json by `make dictionary`. -->

`findings.json` 的每个键：路径、中文名称、类型、说明。增加键不改变格式版本；改名、删除、改变含义则版本加一。
句子按报告的语言写，给人看；其余的不随语言变化。

Every key of `findings.json`: path, Chinese name, type, meaning. A new key does not raise the version of the format; a
key that is renamed, removed or changes its meaning does. Sentences are in the language of the report; nothing else
changes with it.
"""
_TYPES: Mapping[str, str] = {
    "string": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "true/false",
    "null": "null",
    "object": "object",
    "array": "array",
}


def page(schema: Mapping[str, Any]) -> str:
    """The dictionary as Markdown: a table for the document, and one for each part that has a name."""
    parts = [_HEAD, "\n".join(_table("findings.json", schema))]
    parts += ["\n".join(_table(name, part)) for name, part in schema["$defs"].items()]
    return "\n".join(f"{part}\n" for part in parts).rstrip("\n") + "\n"


def _table(name: str, part: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {name}"
    yield ""
    if told := part.get("description", ""):
        yield told
        yield ""
    yield "| 键 Key | 名称 | 类型 Type | 说明 Meaning |"
    yield "|---|---|---|---|"
    yield from _rows("", part)


def _rows(path: str, part: Mapping[str, Any]) -> Iterator[str]:
    for key, value in part.get("properties", {}).items():
        here = f"{path}{key}"
        told = str(value.get("description", "")).replace("|", "\\|")
        yield f"| `{here}` | {value.get('title', '')} | {_type(value)} | {told} |"
        if value.get("type") == "array" and "properties" in value.get("items", {}):
            yield from _rows(f"{here}[].", value["items"])
        else:
            yield from _rows(f"{here}.", value)


def _type(value: Mapping[str, Any]) -> str:
    if "$ref" in value:
        name = str(value["$ref"]).rpartition("/")[2]
        return f"[{name}](#{name})"
    if "anyOf" in value or "oneOf" in value:
        return " / ".join(_type(one) for one in value.get("anyOf", value.get("oneOf", ())))
    if "const" in value:
        return f"`{value['const']}`"
    if "enum" in value:
        return " / ".join("null" if one is None else f"`{one}`" for one in value["enum"])
    if value.get("type") == "array":
        return f"array: {_type(value.get('items', {}))}"
    kinds = value.get("type", "object")
    named = [_TYPES[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    return " / ".join(value["format"] if kind == "text" and "format" in value else kind for kind in named)


def main() -> int:
    schema = json.loads(files("reports").joinpath("findings.schema.json").read_text("utf-8"))
    sys.stdout.write(page(schema))
    return 0


if __name__ == "__main__":
    sys.exit(main())
