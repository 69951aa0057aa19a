"""Which addresses are alike: what an address is whoever asks for it, and the template it is made from. Pure.

Digits and long tokens are folded, parameters sorted, repeated folders named once: a calendar, a register of articles
or a loop of relative links is one template each, however many addresses it has.
"""

from __future__ import annotations

import re

_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_DIGITS = re.compile(r"\d+")
# A file name or folder of this kind is a number in other clothes (UUID, hash, session), not a word.
_TOKEN = re.compile(r"(?=[^\d]*\d)[0-9A-Za-z_~-]{16,}|[0-9A-Za-z_~-]{40,}")
_NUMBER = re.compile(r"[\d.]+|\[.*")
_WORD = re.compile(r"[A-Za-z]{1,12}")
# Session ids in the path: Java's path parameter, and ASP.NET's cookieless folder.
_SESSION_PATH = re.compile(
    r";(?:jsessionid|phpsessid|sessionid|session_id|sid)=[^/;?]*|/\((?:[SAXF]\([^()/]*\))+\)(?=/)", re.IGNORECASE
)
_SESSION_NAMES = frozenset({"jsessionid", "phpsessid", "sessionid", "session_id", "aspsessionid", "sessid", "sid"})
_SESSION_VALUE = re.compile(r"(?=.*\d)[0-9A-Za-z,_!.-]{16,}")
# Parameters that keep caches from answering: a moment in seconds or milliseconds, a random fraction.
_MOMENT_NAMES = frozenset({"_", "_t", "t", "ts", "timestamp", "r", "rnd", "rand", "random", "nocache"})
_MOMENT = re.compile(r"\d{10,17}")
_FRACTION = re.compile(r"0?\.\d{6,}")


def identity(url: str) -> str:
    """The address without what changes from one asker or moment to the next, its parameters in order of name.

    Session ids (`;jsessionid=…`, `?PHPSESSID=…`, `/(S(…))/`), clock values and random fractions are left out. Two
    addresses of one identity are two spellings; which of them is asked is the caller's to say.
    """
    if "?" not in url and ";" not in url and "(" not in url:
        return url
    path, mark, query = url.partition("?")
    path = _SESSION_PATH.sub("", path)
    if not mark:
        return path
    kept = sorted(pair for pair in query.split("&") if pair and not _is_passing(pair))
    return f"{path}?{'&'.join(kept)}" if kept else path


def template(url: str) -> str:
    """`http://host/art/#/art_#_#.html` of an article, `http://host/list?page&sort=asc` of a list.

    Of a parameter its name, and its value only where that is a short word (`a=show`): many systems say by it which of
    their programs answers.
    """
    scheme, _, rest = identity(url).partition("://")
    path, mark, query = rest.partition("?")
    host, *segments = path.split("/")
    # One name a folder, wherever it stands: /a/b/a/b/ is /a/b/ again.
    folded = "/".join(dict.fromkeys(_folded(segment) for segment in segments))
    names = sorted({_parameter(pair) for pair in query.split("&")}) if mark else []
    name, colon, port = host.partition(":") if not host.startswith("[") else (host, "", "")
    if not _NUMBER.fullmatch(name):  # of an IP address every digit counts
        name = _DIGITS.sub("#", name)
    return f"{scheme}://{name}{colon}{port}/{folded}{mark}{'&'.join(names)}"


def trunk(template: str) -> str:
    """What a template grows from: its path without parameters, or the folder above it."""
    path, mark, _ = template.partition("?")
    return f"{path}?…" if mark else f"{path.rstrip('/').rpartition('/')[0]}/…"


def _folded(segment: str) -> str:
    stem, dot, extension = segment.rpartition(".")
    name = stem if dot else segment
    if _TOKEN.fullmatch(name):
        return f"*{dot}{extension}" if dot else "*"
    return _DIGITS.sub("#", _ESCAPES.sub("%", segment))


def _parameter(pair: str) -> str:
    name, _, value = pair.partition("=")
    name = _DIGITS.sub("#", name)
    return f"{name}={value}" if _WORD.fullmatch(value) else name


def _is_passing(pair: str) -> bool:
    name, _, value = pair.partition("=")
    name = name.lower()
    if name in _SESSION_NAMES or name.startswith("aspsessionid"):
        return _SESSION_VALUE.fullmatch(value) is not None
    if name in _MOMENT_NAMES and _MOMENT.fullmatch(value):
        return True
    return _FRACTION.fullmatch(value) is not None
