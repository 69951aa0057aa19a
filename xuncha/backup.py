"""`xuncha backup` and `xuncha restore`: the data folder as one file, taken while a watch goes on writing.

The main database comes first: what it says is done lay in its folder before that. Databases are copied by SQLite
itself, in one state; a WARC file only ever grows, so a copy taken after its database holds all that it speaks of.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath

from crawler.message import say
from xuncha import __version__
from xuncha.lock import alone
from xuncha.parameters import Interrupted, Mistake
from xuncha.schedule import LOCK
from xuncha.store import Store

_LIST = "backup.json"
_DATABASES = (".db",)
_LEFT_OUT = (".lock", ".db-wal", ".db-shm", ".new")
_PASSING = frozenset({"stop", "watch.json"})
_PIECE = 1024 * 1024


def backup(data: Path, file: Path, stop: Callable[[], bool] = lambda: False) -> int:
    """Write everything into one ZIP file, whole or not at all; how many files it holds. Raises Mistake, StoreError, and
    Interrupted where `stop` said true before its end."""
    with Store.open(data / "xuncha.db", read_only=True):
        pass  # there is one, and this version reads it
    if file.exists():
        raise Mistake(say("{path} 已经存在，请换一个文件名", path=str(file)))
    part = file.with_name(file.name + ".part")
    try:
        file.absolute().parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            digests = {name: _add(archive, path, name, stop) for path, name in _files(data)}
            listed = {"program": "xuncha", "version": __version__, "files": digests}
            archive.writestr(_LIST, json.dumps(listed, ensure_ascii=False, indent=1))
        part.replace(file)
    except (OSError, sqlite3.Error) as error:
        part.unlink(missing_ok=True)
        raise Mistake(say("备份没有完成（{why}）", why=str(error))) from error
    except Interrupted:
        part.unlink(missing_ok=True)
        raise
    return len(digests)


def restore(file: Path, data: Path) -> int:
    """Lay the files of a backup into a new data folder, each compared with its digest; how many. Raises Mistake, and
    then leaves nothing."""
    if (data / "xuncha.db").exists() or (data / "runs").exists():
        raise Mistake(say("{path} 中已有数据；请恢复到新的数据目录，或先移走原来的", path=str(data)))
    with alone(data / LOCK, say("数据目录 {data} 已有 xuncha watch 在运行", data=str(data))):
        new = Path(tempfile.mkdtemp(prefix=".restore-", dir=data))
        try:
            with zipfile.ZipFile(file) as archive:
                digests: dict[str, str] = json.loads(archive.read(_LIST))["files"]
                for name, digest in digests.items():
                    _extract(archive, name, digest, new)
            # The main database last: a folder without one is not taken for data.
            for path in sorted(new.iterdir(), key=lambda path: path.name == "xuncha.db"):
                path.replace(data / path.name)
        except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError) as error:
            raise Mistake(say("{path} 不是完整的备份文件（{why}）", path=str(file), why=str(error))) from error
        finally:
            shutil.rmtree(new, ignore_errors=True)
    return len(digests)


def _files(data: Path) -> Iterator[tuple[Path, str]]:
    """The main database, then of each folder the databases before the rest."""
    yield data / "xuncha.db", "xuncha.db"
    rest = [path for path in sorted(data.rglob("*")) if path.is_file() and path != data / "xuncha.db"]
    for path in sorted(rest, key=lambda path: (path.parent, path.suffix not in _DATABASES)):
        inside = path.relative_to(data)
        hidden = any(part.startswith(".restore-") for part in inside.parts)
        if not hidden and not path.name.endswith(_LEFT_OUT) and path.name not in _PASSING:
            yield path, inside.as_posix()


def _add(archive: zipfile.ZipFile, path: Path, name: str, stop: Callable[[], bool]) -> str:
    """The SHA-256 of what was written."""
    seen = hashlib.sha256()
    packed = zipfile.ZIP_STORED if path.suffix == ".gz" else zipfile.ZIP_DEFLATED
    entry = zipfile.ZipInfo.from_file(path, name)
    entry.compress_type = packed
    with _still(path) as copy, copy.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
        left = copy.stat().st_size  # a file that grows meanwhile is copied as it was
        while left and (piece := source.read(min(_PIECE, left))):
            if stop():
                raise Interrupted(say("已中断，没有备份"))
            left -= len(piece)
            seen.update(piece)
            target.write(piece)
    return seen.hexdigest()


@contextmanager
def _still(path: Path) -> Iterator[Path]:
    """The file; of a database a copy of one state of it."""
    if path.suffix not in _DATABASES:
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        source = sqlite3.connect(path.resolve().as_uri() + "?mode=ro", uri=True, timeout=10)
        with closing(source), closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        yield copy


def _extract(archive: zipfile.ZipFile, name: str, digest: str, folder: Path) -> None:
    inside = PurePosixPath(name)
    if inside.is_absolute() or ".." in inside.parts or "\\" in name or ":" in name:
        raise ValueError(name)
    path = folder.joinpath(*inside.parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    seen = hashlib.sha256()
    with archive.open(name) as source, path.open("wb") as target:
        while piece := source.read(_PIECE):
            seen.update(piece)
            target.write(piece)
    if seen.hexdigest() != digest:
        raise ValueError(name)
