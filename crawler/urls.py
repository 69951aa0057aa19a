"""Addresses, as a browser reads them (WHATWG URL Standard, by ada), and what can be told from an address alone."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING
from urllib.parse import quote_from_bytes, unquote

import ada_url

from crawler.message import Message, say
from crawler.page import LinkKind
from crawler.remembered import LONGEST, remembered

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_WEB = ("http://", "https://")
# Joins remembered; pages of one folder share their menus. About 400 bytes each.
_REMEMBERED = 1 << 12
# What the standard strips from both ends of an address and what it deletes inside (4.4 "basic URL parser").
_ENDS = "".join(map(chr, range(0x21)))
_INSIDE = re.compile(r"[\t\n\r]")
# "?query", and "http:" with nothing or a relative path after it: the document's own name matters.
_WHOLE_BASE = re.compile(r"[\x00-\x20]*(?:\?|https?:(?!//))", re.IGNORECASE)
_FROM_ROOT = ("/", *_WEB)
# Scheme and authority in plain writing, as nearly every address has them; any other is left to the parser.
_SITE = re.compile(r"https?://[0-9A-Za-z][0-9A-Za-z.-]*(?::\d+)?(?=/)")

# Documents, sheets, slides, archives, media; WPS, OFD and CEB are this field's own.
_ATTACHMENTS = """
    doc docx docm dot dotx rtf wps wpt odt pages pdf ofd ceb cebx caj txt md csv xls xlsx xlsm xlt xltx et ett ods
    ppt pptx pps ppsx dps odp zip rar 7z tar gz tgz bz2 xz iso apk exe msi dwg shp epub
    mp3 mp4 wav wma wmv avi mov flv mkv m4a m4v mpg mpeg rm rmvb swf
"""
ATTACHMENTS = frozenset(_ATTACHMENTS.split())
IMAGES = frozenset({"jpg", "jpeg", "jpe", "jfif", "png", "gif", "bmp", "webp", "svg", "ico", "tif", "tiff", "avif"})
_IMAGE_TAGS = frozenset({"img", "image", "feImage", "use", "input", "body", "table", "tr", "th", "td"})
_ASSET_TAGS = frozenset({"script", "link", "style", "video", "audio", "track", "source", "embed", "object"})
# The longest address every browser and server of this field takes; the deepest of 6,901 real ones has 8 segments.
_LONGEST = 2083
_DEEPEST = 20
_LABELS = 10  # of a host's name
_REPEATS = 3
_LOCAL_NAMES = ("localhost", "local", "localdomain", "internal", "lan", "home.arpa", "test", "example", "invalid")
_NAT64 = IPv6Network("64:ff9b::/96")
_GLOBAL_V6 = IPv6Network("2000::/3")
# IANA special-purpose blocks that `ipaddress` of Python 3.11 takes for global, in whole or in part.
_SPECIAL = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv6Network("2001::/23"),
    IPv6Network("3fff::/20"),
)
# Public by number, yet answered by the cloud's own metadata service.
_METADATA = frozenset({IPv4Address("168.63.129.16")})


class TargetKind(StrEnum):
    WEB = "web"
    """An http(s) address, or a file: address in a saved page; `url` and `fragment` hold it."""
    OTHER = "other"
    """Another scheme, in `scheme`: mailto, tel, javascript, data, file …"""
    SAME = "same"
    """The document itself, or a place in it (`fragment`)."""
    UNREADABLE = "unreadable"
    """No browser can make an address of it."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a raw attribute leads to."""

    kind: TargetKind
    url: str | None = None
    """Absolute, percent-encoded as it is asked, without fragment; None unless the kind is `WEB`."""
    fragment: str = ""
    """Percent-encoded, without the `#`."""
    scheme: str = ""
    """Lower case; empty for `SAME` and `UNREADABLE`."""


_UNREADABLE = Target(TargetKind.UNREADABLE)


def normalize(url: str) -> str | None:
    """The http(s) address as it is asked: host in ASCII, no fragment, no credentials, no default port; else None."""
    try:
        href = ada_url.normalize_url(url)
    except ValueError:
        whole = _whole(url)
        return None if whole == url else normalize(whole)
    return _asked(href)[0] if href.startswith(_WEB) else None


class Joiner:
    """Joins what stands in one document. `base` is the document's address, or its `<base href>` joined to it.

    `encoding` is the document's: browsers encode the query of a link in it (and everything else in UTF-8).
    """

    __slots__ = ("_base", "encoding", "folder", "root")

    def __init__(self, base: str, encoding: str = "utf-8") -> None:
        site = _SITE.match(base)
        if site is None:  # not as it is asked, so perhaps without a path
            base = normalize(base) or base
            site = _SITE.match(base)
        self._base = base
        self.encoding = _output_encoding(encoding)
        # Nearly everything joins the same from any document of the folder.
        self.folder = base.partition("#")[0].partition("?")[0].rpartition("/")[0] + "/"
        # What begins at the site's root, or is absolute, joins the same from any of the site's documents.
        self.root = f"{site[0]}/" if site else self.folder

    def base_of(self, raw: str) -> str:
        """The base that `raw` counts from: the widest of document, folder and root that gives the same address."""
        if raw.startswith(_FROM_ROOT):
            return self.root
        return self._base if _WHOLE_BASE.match(raw) else self.folder

    def join(self, raw: str) -> Target:
        stripped = _INSIDE.sub("", raw.strip(_ENDS))
        if not stripped:
            return Target(TargetKind.SAME)
        if stripped[0] == "#":
            return Target(TargetKind.SAME, fragment=_joined(self.folder, stripped).fragment)
        if not stripped.isascii() and "?" in stripped and self.encoding != "utf-8":
            stripped = _encode_query(stripped, self.encoding)
        return _joined(self.base_of(stripped), stripped)


def _joined(base: str, raw: str) -> Target:
    return (_remembered if len(base) + len(raw) <= LONGEST else _join)(base, raw)


def _join(base: str, raw: str) -> Target:
    try:
        href = ada_url.join_url(base, raw)
    except ValueError:
        whole = _whole(raw)
        return _UNREADABLE if whole == raw else _join(base, whole)
    # What a saved page links to beside itself is a page like itself.
    if href.startswith(_WEB) or (href.startswith("file:") and base.startswith("file:")):
        url, fragment = _asked(href)
        return Target(TargetKind.WEB, url, fragment, url.partition(":")[0])
    return Target(TargetKind.OTHER, scheme=href.partition(":")[0])


_remembered = lru_cache(maxsize=_REMEMBERED)(_join)


def _whole(text: str) -> str:
    """Halves of characters put together, or replaced (Infra Standard, "convert into a scalar value string")."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _asked(href: str) -> tuple[str, str]:
    """A serialized address without its credentials, and its fragment."""
    url, _, fragment = href.partition("#")
    scheme, _, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    if "@" in authority:
        url = f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"
    return url, fragment


@cache
def _output_encoding(encoding: str) -> str:
    """Encoding Standard, "get an output encoding"; UTF-8 also where Python has no encoder."""
    try:
        return "utf-8" if encoding.startswith("utf-16") else codecs.lookup(encoding).name
    except LookupError:
        return "utf-8"


def _encode_query(raw: str, encoding: str) -> str:
    """URL Standard, "percent-encode after encoding": characters the encoding lacks become `&#…;`."""
    rest, hash_, fragment = raw.partition("#")
    path, mark, query = rest.partition("?")
    encoded = "".join(
        c if c.isascii() else quote_from_bytes(c.encode(encoding, "xmlcharrefreplace"), safe="") for c in query
    )
    return path + mark + encoded + hash_ + fragment


def origin(url: str) -> str:
    """`https://host[:port]` of an http(s) address; empty for anything else."""
    site = _SITE.match(url)
    return _origin(site[0] if site else url)


def authority(url: str) -> str:
    """`host[:port]` of an http(s) address: where politeness counts; empty for anything else."""
    return origin(url).rpartition("/")[2]


@remembered(1 << 10)
def _origin(url: str) -> str:
    href = normalize(url)
    return "/".join(href.split("/", 3)[:3]) if href else ""


@remembered(1 << 10)
def host(url: str) -> str:
    """The host of an http(s) address in ASCII, without port; an IPv6 address without its brackets; else empty."""
    name = authority(url)
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0]


def secure_twin(url: str) -> str | None:
    """The same address by HTTPS; None where nobody can know it: another port than 80, a number for a name, https."""
    name = host(url)
    if not url.startswith("http://") or authority(url) != name or name.replace(".", "").isdigit() or "." not in name:
        return None
    return f"https{url.removeprefix('http')}"


def same_site(a: str, b: str) -> bool:
    """The two addresses are under one registrable domain (or on one host, where there is none)."""
    left, right = host(a), host(b)
    return bool(left) and (left == right or (domain(left) == domain(right) != ""))


@remembered(1 << 10)
def domain(name: str) -> str:
    """The registrable domain of a host name; empty where it has none."""
    return _suffixes().privatesuffix(name) or ""


def is_public(name: str) -> bool:
    """The host stands under a public suffix, as every name on the internet does; a file's name does not."""
    return domain(name.rstrip(".")) != ""


@cache
def _suffixes() -> PublicSuffixList:
    # Read on first use: the list that comes with the library, of 10,000 suffixes, private ones among them.
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_unknown=False)


def is_government(name: str) -> bool:
    """The host is under .gov.cn or .政务 (xn--zfr164b). Names of other countries' governments are not meant."""
    name = name.lower().rstrip(".")
    return name == "gov.cn" or name.endswith((".gov.cn", ".xn--zfr164b", ".政务"))


@remembered(1 << 10)
def suffix(url: str) -> str:
    """The file name's extension in lower case, without the dot; empty where the path has none."""
    path = url.partition("#")[0].partition("?")[0]
    name = unquote(path.split("/", 3)[3] if path.count("/") >= 3 else "").rpartition("/")[2]
    stem, dot, extension = name.rpartition(".")
    return extension.strip().lower() if dot and stem else ""


def kind_of(url: str, tag: str, attr: str = "") -> LinkKind:
    """What a link leads to, by its address and by the element (and attribute) it stands in."""
    extension = suffix(url)
    if tag == "form" and attr != "onclick":
        return LinkKind.FORM
    if tag in _IMAGE_TAGS and attr not in ("onclick", "style"):
        return LinkKind.IMAGE
    if tag in _ASSET_TAGS or attr == "style":
        return LinkKind.IMAGE if extension in IMAGES else LinkKind.ASSET
    if extension in ATTACHMENTS:
        return LinkKind.ATTACHMENT
    return LinkKind.IMAGE if extension in IMAGES else LinkKind.PAGE


def looks_endless(url: str) -> bool:
    """An address of the kind that breeds others without end, and never new content.

    Relative links that pile up folders or names of a host, forms that pile up parameters. Session ids are no sign of
    it: some systems write one into every link for whoever brings no cookie.
    """
    path, _, query = url.partition("#")[0].partition("?")
    if path.count(".", 0, path.find("/", 8)) > _LABELS:
        return True
    segments = [s for s in path.split("/")[3:] if s]
    names = [pair.partition("=")[0] for pair in query.split("&") if pair]
    return len(url) > _LONGEST or len(segments) > _DEEPEST or _most(segments) > _REPEATS or _most(names) > _REPEATS


def _most(words: list[str]) -> int:
    return max(Counter(words).values(), default=0)


def looks_private(url: str) -> Message | None:
    """Why an http(s) address cannot be meant for the public, told without asking anyone; None when it may be."""
    name = host(url).rstrip(".")
    if name == "localhost" or name.endswith(tuple(f".{local}" for local in _LOCAL_NAMES)):
        return say("主机名“{host}”只在本机或内部网络有效", host=name)
    return address_reason(name)


def address_reason(address: str) -> Message | None:
    """Why an IP address is not on the public internet; None when it is, or when this is not an IP address.

    Stricter than `ipaddress.is_global`: multicast, reserved and metadata addresses are refused, and addresses that
    carry an IPv4 address in them (mapped, 6to4, NAT64) are judged by that.
    """
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    inner = _inner(ip)
    if inner is not None:
        ip = inner
    if ip.is_loopback or ip.is_unspecified:
        return say("{address} 是本机地址", address=address)
    if ip.is_link_local or ip in _METADATA:
        return say("{address} 是链路本地或云主机元数据地址", address=address)
    outside = (ip.version == 6 and ip not in _GLOBAL_V6) or any(ip in block for block in _SPECIAL)
    if outside or ip.is_multicast or ip.is_reserved or not ip.is_global:
        return say("{address} 是内部网络或保留地址", address=address)
    return None


def _inner(ip: IPv4Address | IPv6Address) -> IPv4Address | None:
    if isinstance(ip, IPv4Address):
        return None
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
