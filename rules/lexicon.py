"""The word lists in `rules/words/`: plain data, edited without touching code."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def terms(name: str) -> tuple[str, ...]:
    """The terms of `rules/words/<name>.txt`: one a line; blank lines and lines that start with # are left out."""
    lines = (line.strip() for line in _read(f"{name}.txt").splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


@cache
def table(name: str) -> dict[str, Any]:
    """`rules/words/<name>.toml`, for lists whose terms have more than one field. Read it, never change it."""
    return tomllib.loads(_read(f"{name}.toml"))


def _read(file: str) -> str:
    return files("rules").joinpath("words", file).read_text(encoding="utf-8")
