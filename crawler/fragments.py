"""What stands behind the `#` of an address, and the places of a page it may name (HTML Standard, "scrolling to a
fragment").
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from urllib.parse import unquote
from zlib import crc32

from crawler.remembered import remembered

# Written for a script to catch the click; they name no place, and browsers stay where they are.
_NOWHERE = frozenset({"top", "none", "nogo", "nolink", "this", "self", "void", "null", "undefined", "javascript"})
# `#!/news`, `#/list?page=2`, `#tab=3`: the state of a script. `##`: nothing at all.
_STATE = re.compile(r"^[!#]|[/?=&{}]")
_LONGEST = 300
_TEXT_DIRECTIVE = ":~:"
# Put before every name an author gives, and taken off by a script, in texts that come from Markdown.
_PREFIXES = ("", "user-content-")


@remembered(1 << 10)
def meant(fragment: str) -> str:
    """The name of the place a fragment leads to, percent-encoded or not; empty where it leads to none in particular."""
    name = fragment.partition(_TEXT_DIRECTIVE)[0]
    plain = unquote(name)
    # What is no UTF-8 was meant in the encoding of the page.
    if not plain or "\ufffd" in plain or len(name) > _LONGEST or plain.lower() in _NOWHERE or _STATE.search(plain):
        return ""
    return name


def pack(names: Iterable[str]) -> bytes:
    """The names of a page's places in four bytes each. Two may fall together: then a lost place is taken for found."""
    found = sorted({crc32(name.encode("utf-8", "replace")) for name in names})
    return struct.pack(f"<{len(found)}I", *found)


def unpack(packed: bytes) -> frozenset[int]:
    return frozenset(struct.unpack(f"<{len(packed) // 4}I", packed))


def leads(name: str, places: frozenset[int]) -> bool:
    """`name` is one of the packed `places`: as it stands or decoded, as browsers look for it."""
    forms = (prefix + form for form in (name, unquote(name)) for prefix in _PREFIXES)
    return any(crc32(form.encode("utf-8", "replace")) in places for form in forms)
