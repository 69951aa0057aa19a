"""Text from pages, made fit to stand in a document: no control character, no lone surrogate, no endless string."""

from __future__ import annotations

import re

# What XML 1.0 forbids (C0, surrogates, U+FFFE/U+FFFF), what terminals and editors act upon (C1), and the embeddings,
# overrides and isolates of UAX #9, which can make an address read as another one. Direction *marks* stay: Uyghur and
# Arabic pages need them, and they turn nothing around.
_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_SPACE = re.compile(r"\s+")

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the start of a formula (OWASP: CSV Injection), the full-width forms included, which
East Asian versions accept as well."""
ADDRESS = 8000
"""The longest address a document repeats in full, in characters (RFC 9110 section 4.1 asks servers for 8000 octets)."""
SENTENCE = 1000
"""The longest sentence or name a document repeats in full, in characters."""


def plain(text: str, limit: int) -> str:
    """`text` with every unfit character shown as U+FFFD, cut to `limit` characters with `…` as the last one."""
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isprintable():  # most are, and nothing unfit is
        return text
    return _UNFIT.sub("\ufffd", text)


def line(text: str, limit: int = SENTENCE) -> str:
    """As `plain`, in one line: white space collapsed."""
    if len(text) <= limit and text.isprintable() and "  " not in text:
        return text.strip(" ")
    # Cut before collapsing, so that a megabyte costs nothing; twice the limit leaves room for ordinary runs of blanks.
    head = text[: 2 * limit]
    rest = "…" if len(text) > len(head) else ""
    return plain(_SPACE.sub(" ", head).strip() + rest, limit)
