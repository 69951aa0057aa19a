"""Published vectors for addresses and encodings, read through the doors the crawl uses.

    python bench/vectors.py FOLDER [--all]

FOLDER holds `url/*.json` (the urltestdata of the web platform tests) and `encoding/**/*.dat` (the encoding tests of
html5lib); neither is part of this project. A base that is no address of a document is left out. Prints what differs and
why, with `--all` what agrees too; exit code 1 when something differs without a reason.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler import charset
from crawler.urls import Joiner, TargetKind, normalize

WEB = ("http:", "https:")
# What a document's address can begin with.
BASES = ("http://", "https://", "file://")


@dataclass(frozen=True, slots=True)
class Result:
    suite: str
    name: str
    want: str
    got: str
    why: str = ""
    """Why it is meant to differ."""

    @property
    def word(self) -> str:
        return "agree" if self.want == self.got else "by choice" if self.why else "DIFFERS"


def addresses(path: Path) -> Iterator[Result]:
    for case in json.loads(path.read_text("utf-8")):
        if isinstance(case, str):
            continue  # a heading
        base, raw = case.get("base"), case["input"]
        if base is None or base == "about:blank":
            yield Result("url", ascii(raw), _standing_alone(case), normalize(raw) or "none", _lax(raw))
        elif base.startswith(BASES):
            yield Result("url", f"{raw!a} on {base}", _promised(case, base), _joined(raw, base), _lax(raw))


def _lax(raw: str) -> str:
    if "xn--" in raw.lower() and raw.isascii():
        return "the library leaves it to DNS to refuse a name that is no valid Punycode: such a link is dead either way"
    return ""


def _standing_alone(case: dict[str, Any]) -> str:
    if case.get("failure") or case["protocol"] not in WEB:
        return "none"
    return _without(case["href"], case)


def _without(href: str, case: dict[str, Any]) -> str:
    """As it is asked: without the credentials and the fragment."""
    user, secret = case["username"], case["password"]
    named = f"{user}:{secret}@" if secret else f"{user}@" if user else ""
    return href.partition("#")[0].replace(f"//{named}", "//", 1)


def _promised(case: dict[str, Any], base: str) -> str:
    raw = case["input"].strip("".join(map(chr, range(0x21))))
    fragment = case.get("hash", "")[1:]
    if case.get("failure"):
        return "unreadable"
    if not raw or raw.startswith("#"):
        return f"the document #{fragment}"
    scheme = case["protocol"][:-1]
    if case["protocol"] in WEB or (scheme == "file" and base.startswith("file:")):
        return f"{_without(case['href'], case)} #{fragment}"
    return f"scheme {scheme}"


def _joined(raw: str, base: str) -> str:
    target = Joiner(base).join(raw)
    match target.kind:
        case TargetKind.WEB:
            return f"{target.url} #{target.fragment}"
        case TargetKind.SAME:
            return f"the document #{target.fragment}"
        case TargetKind.OTHER:
            return f"scheme {target.scheme}"
        case TargetKind.UNREADABLE:
            return "unreadable"


def encodings(path: Path) -> Iterator[Result]:
    for number, part in enumerate(path.read_bytes().split(b"#data\n")[1:], 1):
        body, _, rest = part.partition(b"\n#encoding\n")
        want = rest.split(b"\n")[0].decode("ascii").lower()
        got = charset.decode(body)[1]
        yield Result("encoding", f"{path.name} {number}", want, got, _reason(body, want, got))


def _reason(body: bytes, want: str, got: str) -> str:
    if want == "windows-1252" and body.isascii() and got == "utf-8":
        return "nothing is declared: ASCII reads the same in both, and links of such a page are sent in UTF-8"
    if got == "utf-8" and not body.isascii():
        try:
            body.decode("utf-8")
        except UnicodeDecodeError:
            return ""
        return "the bytes are UTF-8, whatever they declare: pages that say so wrongly are read as they are"
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--all", action="store_true", help="print what agrees too")
    options = parser.parse_args()
    results = [r for path in sorted(options.folder.glob("url/*.json")) for r in addresses(path)]
    results += [r for path in sorted(options.folder.glob("encoding/**/*.dat")) for r in encodings(path)]
    if not results:
        raise SystemExit(f"no vectors in {options.folder}")
    for one in results:
        if options.all or one.word == "DIFFERS":
            print(f"{one.word}: {one.name}: {one.want!r}, ours {one.got!r} {one.why}".rstrip())
    counts = Counter((one.suite, one.word) for one in results)
    for suite in ("url", "encoding"):
        print(suite, ", ".join(f"{counts[suite, word]} {word}" for word in ("agree", "by choice", "DIFFERS")))
    return int(any(one.word == "DIFFERS" for one in results))


if __name__ == "__main__":
    sys.exit(main())
