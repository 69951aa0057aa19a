"""TOML as people write it: a fault of it is told with its line, in plain words."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from crawler.message import Message, say
from xuncha.settings import SettingsError


def parsed(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise SettingsError(say("找不到设置文件 {path}", path=str(path))) from error
    except UnicodeDecodeError as error:
        raise SettingsError(say("{file} 不是 UTF-8 编码，请在记事本中另存为 UTF-8", file=path.name)) from error
    except OSError as error:
        detail = error.strerror or str(error)
        raise SettingsError(say("无法读取设置文件 {path}（{detail}）", path=str(path), detail=detail)) from error
    try:
        return tomllib.loads(text + "\n")  # so that a fault of the last line is told with its number
    except (ValueError, RecursionError) as error:
        raise SettingsError(_not_toml(path.name, text, error)) from error


def _not_toml(file: str, text: str, error: Exception) -> Message:
    """With its line where it is known, and in plain words where it is a fault that people make."""
    detail = " ".join(str(error).split())
    fault = next((fault for pattern, fault in _FAULTS if re.match(pattern, detail)), None)
    found = re.search(r"\(at line (\d+), column \d+\)", detail)
    if found is None:
        if fault is not None:
            return say("{file}：{fault}", file=file, fault=fault)
        return say("{file} 不是正确的 TOML：{detail}", file=file, detail=detail)
    number = int(found[1])
    line = text.split("\n")[number - 1].partition("#")[0]
    if re.search(r"=\s*[“”‘’]|[“”‘’]\s*$|＝", line):
        fault = say('用了中文引号或等号，应为英文的 " 和 =')
    elif "\\" in line:
        fault = say("双引号中不能直接写 \\，路径请改用 /")
    if fault is not None:
        return say("{file} 第{number}行：{fault}", file=file, number=number, fault=fault)
    return say("{file} 第{number}行不是正确的 TOML：{detail}", file=file, number=number, detail=detail)


_FAULTS = (  # tomllib's words, and those of a person
    (r"Cannot (overwrite|declare|mutate|redefine)|Duplicate", say("同一项或同一个表写了两次")),
    (r"Invalid value", say("等号后面的写法不对，文字应加英文双引号")),
    (r"Expected '=' after", say("缺少等号，应为“名称 = 值”")),
    (r"Expected newline", say("一行只能写一项，多出的文字请删去或在前面加 #")),
    (r"Invalid statement|Invalid initial character", say("应为“名称 = 值”或 [表名]")),
    (r"Unterminated string|Illegal character '\\n'|Expected \"'\"", say("引号没有配对")),
    (r"Unclosed array", say("列表没有写完整，各项之间应是英文逗号，最后应是 ]")),
    (r"Expected '\]", say("表名的方括号没有配对")),
)
