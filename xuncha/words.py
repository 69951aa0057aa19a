"""An office's own list of wrong words: a text file with one pair a line, the wrong form and the right one."""

from __future__ import annotations

import re
from pathlib import Path

from crawler.message import say
from xuncha.settings import SettingsError

_PAIR = re.compile(r"([^\s,，;；→]+)(?:\s*[,，;；→]\s*|\s+)([^\s,，;；→]+)")
_SHORTEST = 2


def wrong_words(path: Path) -> dict[str, str]:
    """Wrong → right. Blank lines and lines that begin with # are left out; UTF-8 or GB 18030, as editors here save it.

    Raises SettingsError with the line.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise SettingsError(say("wrong_words：无法读取 {path}（{why}）", path=str(path), why=why)) from None
    found: dict[str, str] = {}
    for number, line in enumerate(_text(raw, path).splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        pair = _PAIR.fullmatch(line.strip())
        if pair is None or len(pair[1]) < _SHORTEST or pair[1] == pair[2]:
            raise SettingsError(
                say(
                    "{path}：第 {line} 行应为“错写 正确写法”，中间用空格隔开，错写至少两个字",
                    path=str(path),
                    line=number,
                )
            )
        found[pair[1]] = pair[2]
    return found


def _text(raw: bytes, path: Path) -> str:
    for coding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(coding)
        except UnicodeDecodeError:
            continue
    raise SettingsError(say("wrong_words：{path} 不是文本文件", path=str(path)))
