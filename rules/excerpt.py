"""Text of a page, made fit to be quoted: one line, bounded, without characters that a reader cannot see."""

from __future__ import annotations

import unicodedata

from crawler.numbers import masked

LIMIT = 200
"""Characters of `Problem.excerpt`."""


def excerpt(text: str, limit: int = LIMIT) -> str:
    """`text` in one line of at most `limit` characters, cut with an ellipsis.

    Control, format (bidi marks, zero-width), private-use and surrogate characters become blanks: a page must not
    reorder, hide or break the report it is quoted in. Numbers of persons are masked (35*************123): no report,
    log or database may hold one.
    """
    # A page may hold megabytes in one attribute; what is cut away need not be cleaned.
    clean = "".join(" " if unicodedata.category(c)[0] == "C" else c for c in text[: limit * 20])
    line = masked(" ".join(clean.split()))
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
