"""From bytes to text, as pages of this field need it: what is declared is believed only while it decodes.

Labels and decoders are those of the WHATWG Encoding Standard (turbohtml registers them as `whatwg-*` codecs). The
whole GB family is read as gb18030, which contains the others: pages that say gb2312 hold characters of GBK.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

import turbohtml
from turbohtml import detect

# A declaration is looked for in this many bytes; the standard's 1,024 are too few for pages with long leading scripts.
_HEAD = 4096
# In so many where everything surer has failed: browsers take a META however late it comes.
_LATE = 1 << 16
# More U+FFFD than this share of the text, and the declaration is not believed.
_WRONG = 0.001
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([^\s"';,]+)""", re.IGNORECASE)
_GB = re.compile(r"(?:x-|cs|cn-)?gb|chinese$|iso-ir-58$|(?:cp|ms|windows-)936$|euc-cn$", re.IGNORECASE)
_UTF8 = re.compile(r"utf[-_]?8", re.IGNORECASE)
# Servers and editors that know nothing about a page say these; no page in Chinese is written in them.
_WEAK = frozenset({"windows-1252", "x-user-defined", "replacement"})
_DECLARATION = re.compile(rb"charset", re.IGNORECASE)
_XML = re.compile(rb"""<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([\w.:-]{1,40})["']""")
# UTF-8's first bytes of two-byte and of longer characters: Latin to Arabic, and everything Chinese.
_NARROW = bytes(range(0xC2, 0xE0))
_WIDE = bytes(range(0xE0, 0xF5))
_HIGH = bytes(range(0x80, 0x100))
_ASCII = bytes(range(0x80))
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")
# How a document in UTF-16 begins; in no other encoding does one.
_WIDE_LE = re.compile(rb"(?:[ \t\r\n]\0)*<\0[!?a-zA-Z]\0")
_WIDE_BE = re.compile(rb"(?:\0[ \t\r\n])*\0<\0[!?a-zA-Z]")
_SAMPLE = 1536
_CHANCE = 64
_DETECTED = 8192


def decode(body: bytes, content_type: str = "") -> tuple[str, str]:
    """The text of `body` and the name of the encoding it was read in (WHATWG's name, lower case; GB is `gb18030`).

    `content_type` is the whole Content-Type header. Never raises: what cannot be read becomes U+FFFD. A byte-order
    mark is not part of the text.
    """
    marked = _marked(body)
    if marked is not None:
        text, name = marked
        return marked if name != "utf-8" or _readable(text) else _guess(body)
    declared = _from_header(content_type)
    if declared is None or declared in _WEAK:
        declared = _from_meta(body[:_HEAD]) or declared
    wide = _utf_16_by_nulls(body)
    if wide is not None:
        return _read(body, wide), wide
    if body.isascii() and declared is not None and not declared.startswith("utf-16"):
        return _read(body, declared), declared
    well_formed = _as_utf8(body, declared)
    if well_formed is not None:
        return well_formed, "utf-8"
    if (declared is None or declared in _WEAK) and _DECLARATION.search(body, _HEAD, _LATE):
        declared = _from_meta(body[:_LATE]) or declared
    if declared in (None, "utf-8") or declared in _WEAK or declared.startswith("utf-16"):
        return _guess(body)
    text = _read(body, declared)
    return (text, declared) if _readable(text) else _guess(body)


def decode_as(body: bytes, name: str) -> str:
    """The text of `body` in the encoding that `decode` named for it."""
    marked = _marked(body)
    return marked[0] if marked is not None and marked[1] == name else _read(body, name)


def _marked(body: bytes) -> tuple[str, str] | None:
    """Text and encoding, where a byte-order mark leads."""
    if body.startswith(codecs.BOM_UTF8):
        return _read(body[3:], "utf-8"), "utf-8"
    if body.startswith(codecs.BOM_UTF16_LE):
        return body[2:].decode("utf-16-le", "replace"), "utf-16le"
    if body.startswith(codecs.BOM_UTF16_BE):
        return body[2:].decode("utf-16-be", "replace"), "utf-16be"
    return None


def _from_header(content_type: str) -> str | None:
    names = (_name(match[1]) for match in _HEADER.finditer(content_type))
    return next((name for name in names if name is not None), None)


def _from_meta(head: bytes) -> str | None:
    """What META declares, by the standard's own scan: comments do not count, UTF-16 in a META means UTF-8. Else what an
    XML declaration says."""
    name = _name(turbohtml.parse(head).encoding or "")
    if name is None or name in _WEAK:
        xml = _XML.match(head)
        name = _name(xml[1].decode("ascii")) if xml else None
    # windows-1252 is also the parser's word for "nothing is declared".
    return None if name in _WEAK else name


@lru_cache(maxsize=256)
def _name(label: str) -> str | None:
    """The encoding's name for a label as pages write it; None when nobody knows it."""
    if _GB.match(label):
        return "gb18030"
    if _UTF8.match(label):
        return "utf-8"
    try:
        return (turbohtml.parse(b"", encoding=label).encoding or "").lower() or None
    except (LookupError, ValueError):
        return None


def _read(body: bytes, name: str) -> str:
    return body.decode(f"whatwg-{name}", "replace")


def _readable(text: str) -> bool:
    return text.count("\ufffd") <= len(text) * _WRONG


def _as_utf8(body: bytes, declared: str | None) -> str | None:
    """The text, where it is well-formed and, under another declaration, in characters GB bytes do not form by chance.

    A cut last character is no error: the body may be the first part of a longer one.
    """
    try:
        text, used = codecs.utf_8_decode(body, "strict", False)
    except UnicodeDecodeError:
        return None
    if declared in (None, "utf-8") or declared in _WEAK or _count(body, _WIDE) > _count(body, _NARROW):
        return text if used == len(body) else f"{text}\ufffd"
    return None


def _count(body: bytes, these: bytes) -> int:
    return len(body) - len(body.translate(None, these))


def _utf_16_by_nulls(body: bytes) -> str | None:
    """UTF-16 without its mark: every tag then has a null beside each letter, always on the same side."""
    if _WIDE_LE.match(body):
        return "utf-16le"
    if _WIDE_BE.match(body):
        return "utf-16be"
    head = body[: _HEAD // 8]
    if head.count(0) < len(head) // 4 or not head:
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > 4 * even:
        return "utf-16le"
    return "utf-16be" if even > 4 * odd else None


def _mostly_utf8(body: bytes) -> bool:
    """UTF-8 with foreign pieces, as includes in another encoding leave them."""
    high = body.translate(None, _ASCII)
    # Samples: CPython needs 0.4 µs for each error, and a page in GBK is nothing but errors.
    step = max(len(high) // 4, _SAMPLE)
    sample = b"".join(high[at : at + _SAMPLE] for at in range(0, len(high), step))
    good = sample.decode("utf-8", "ignore").encode("utf-8")
    if _count(good, _WIDE) > _count(good, _NARROW):
        return len(good) > 0.7 * len(sample)
    # Two bytes of GB are a character of UTF-8 by chance once in seven times; of a few, all may be.
    return len(good) > 0.9 * len(sample) and len(sample) > _CHANCE


def _guess(body: bytes) -> tuple[str, str]:
    """Text and encoding by the bytes alone."""
    if _mostly_utf8(body):
        return _read(body, "utf-8"), "utf-8"
    # The detector is right on a few hundred characters and needs 0.2 µs a byte. What META says was disproved above.
    first = _HIGH_BYTE.search(body)
    window = body[first.start() :][:_DETECTED] if first else body[:_DETECTED]
    match = detect.detect(_DECLARATION.sub(b"xxxxxxx", window))
    if match.encoding == "Big5" and match.confidence > 0.9:
        return _read(body, "big5"), "big5"
    text = _read(body, "gb18030")
    if _readable(text) or match.codec is None or match.encoding == "GBK":
        return text, "gb18030"
    other = body.decode(match.codec, "replace")
    # Single-byte encodings decode anything: they win only where GB fails broadly, as it does on real Latin text.
    if other.count("\ufffd") < text.count("\ufffd") and text.count("\ufffd") * 4 > _count(body, _HIGH):
        return other, _name(match.encoding or "") or "windows-1252"
    return text, "gb18030"
