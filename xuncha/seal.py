"""A zip that says of itself what is in it: written whole, and checked byte for byte.

`manifest.json` has the SHA-256 of every file, `manifest.sha256` that of the manifest, in the form of sha256sum. Whoever
changes a file and both of these is found out by the digest that was told when the file was written.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.message import Message, say
from xuncha.parameters import Mistake

MANIFEST, DIGEST = "manifest.json", "manifest.sha256"
_LARGEST = 1 << 30  # bytes that a file in a zip may unpack to when it is checked
_STRANGE = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, LookupError, TypeError, ValueError,
)  # fmt: skip
"""What the zip library and strange contents raise."""
_PACKED = (".gz", ".png")  # not again


def write(path: Path, files: Mapping[str, bytes], about: Mapping[str, Any], at: datetime) -> str:
    """Write the zip; the SHA-256 of its manifest, which begins with `about`. The same content gives the same bytes:
    times in it are `at`. Raises Mistake."""
    listed = [
        {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()
    ]
    manifest = json.dumps({**about, "files": listed}, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    digest = hashlib.sha256(manifest).hexdigest()
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
            for name, data in {**files, MANIFEST: manifest, DIGEST: f"{digest}  {MANIFEST}\n".encode()}.items():
                info = zipfile.ZipInfo(name, at.timetuple()[:6])
                info.compress_type = zipfile.ZIP_STORED if name.endswith(_PACKED) else zipfile.ZIP_DEFLATED
                info.external_attr = 0o644 << 16
                package.writestr(info, data)
    except OSError as error:
        raise Mistake(say("不能写入 {path}（{why}）", path=str(path), why=error.strerror or str(error))) from error
    return digest


def verify(path: Path) -> tuple[str, Sequence[Message]]:
    """The SHA-256 of the manifest, and what does not agree with it; nothing means that the file is whole."""
    try:
        with zipfile.ZipFile(path) as package:
            manifest = _read(package, MANIFEST)
            digest = hashlib.sha256(manifest).hexdigest()
            there = package.namelist()
            if DIGEST not in there:
                return digest, [say("缺少文件 {name}", name=DIGEST)]
            if _read(package, DIGEST) != f"{digest}  {MANIFEST}\n".encode():
                return digest, [say("清单 {name} 与 {digest} 不符", name=MANIFEST, digest=DIGEST)]
            listed = {str(f["name"]): f for f in json.loads(manifest)["files"]}
            return digest, list(_differences(package, there, listed))
    except OSError as error:
        raise Mistake(say("不能读取 {path}（{why}）", path=str(path), why=error.strerror or str(error))) from error
    except _STRANGE as error:
        raise Mistake(say("{path} 不是 xuncha evidence 写的证据文件，或者已经损坏", path=str(path))) from error


def _differences(
    package: zipfile.ZipFile, there: Sequence[str], listed: Mapping[str, Mapping[str, Any]]
) -> Iterator[Message]:
    for name, entry in listed.items():
        if name not in there:
            yield say("缺少文件 {name}", name=name)
        elif hashlib.sha256(_read(package, name)).hexdigest() != entry["sha256"]:
            yield say("文件 {name} 与清单不符", name=name)
    for name in dict.fromkeys(there):
        if name not in (*listed, MANIFEST, DIGEST):
            yield say("文件 {name} 不在清单中", name=name)
        if there.count(name) > 1:
            yield say("文件 {name} 出现多次", name=name)


def _read(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as file:
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ValueError(f"{name} is too large")
    return data
