"""The database file: opened and brought up to date, locked while it is written, and its troubles told in one line."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from sqlite_utils import Database

from crawler.message import Message, say
from xuncha.store.cells import Row
from xuncha.store.migrations import MIGRATIONS, unknown_migrations


class StoreError(Exception):
    """The database cannot be used, or does not hold what was asked for: path, what, what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


class Tables:
    """The tables of one open file, in one thread. Every block and method raises StoreError."""

    def __init__(self, db: Database, path: Path) -> None:
        self._db = db
        self.path = path

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False, patience: float = 10.0) -> Tables:
        """Open the database file, and make it (and its folder) unless `read_only`. `patience`: seconds to wait for
        another program's lock."""
        if path.is_dir():
            raise StoreError(say("{path} 是文件夹，不是数据库文件；请检查数据目录的设置", path=str(path)))
        if read_only and not path.exists():
            raise StoreError(say("没有找到数据库 {path}；请检查数据目录的设置，或先运行一次审查", path=str(path)))
        if not read_only:
            _make_folder(path.parent)
        if read_only and _outdated(path, patience):
            cls.open(path, patience=patience).close()  # brought up to date
        with _explained(path):
            connection = _connect(path, read_only=read_only, patience=patience)
            try:
                db = Database(connection, execute_plugins=False)
                _prepare(db, path, read_only=read_only)
            except BaseException:
                connection.close()
                raise
        return cls(db, path)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """All that the block writes, or nothing of it."""
        with _explained(self.path), _locked(self._db):
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A row that makes no value any more was changed by hand, or the file is damaged."""
        try:
            with _explained(self.path):
                yield
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise StoreError(
                say(
                    "{path} 中有记录无法还原（{detail}），可能被其他工具改过；请用备份恢复",
                    path=str(self.path),
                    detail=" ".join(str(error).split()),
                )
            ) from error

    def select(self, sql: str, *values: object, **named: object) -> list[Row]:
        """The rows, with the values bound to `?` or to names."""
        return self._db.execute_returning_dicts(sql, named or values)

    def insert(self, table: str, records: Iterable[Row]) -> None:
        self._db.table(table).insert_all(records)

    def add(self, table: str, record: Row) -> int:
        """Insert one; its key."""
        return int(self._db.table(table).insert(record).last_pk or 0)

    def update(self, table: str, key: int, record: Row) -> None:
        self._db.table(table).update(key, record)

    def change(self, sql: str, *values: object) -> int:
        """How many rows it changed."""
        return self._db.execute(sql, values).rowcount

    def change_each(self, sql: str, records: Iterable[Sequence[object]]) -> None:
        self._db.conn.executemany(sql, records)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            say(
                "无法建立数据目录 {path}（{detail}）；请检查路径和写权限，或另选数据目录",
                path=str(folder),
                detail=error.strerror or str(error),
            )
        ) from error


def _connect(path: Path, *, read_only: bool, patience: float) -> sqlite3.Connection:
    if not read_only:
        return sqlite3.connect(path, timeout=patience)
    uri = path.resolve().as_uri() + "?mode=ro"
    connection = sqlite3.connect(uri, uri=True, timeout=patience)
    try:
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    except sqlite3.OperationalError as error:
        connection.close()
        # In a folder that cannot be written, WAL's side files cannot be made. When there are none, nobody is writing.
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY) or (
            path.with_name(path.name + "-wal").exists()
        ):
            raise
        connection = sqlite3.connect(uri + "&immutable=1", uri=True, timeout=patience)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _outdated(path: Path, patience: float) -> bool:
    """A store of an earlier version, that may be written: whoever only reads it brings it up to date."""
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        return False
    with _explained(path), closing(_connect(path, read_only=True, patience=patience)) as connection:
        db = Database(connection, execute_plugins=False)
        return bool(MIGRATIONS.applied(db)) and not unknown_migrations(db) and bool(MIGRATIONS.pending(db))


def _prepare(db: Database, path: Path, *, read_only: bool) -> None:
    newer = unknown_migrations(db)
    if newer and read_only:
        return  # what this version knows of it is there: a schema is only ever added to
    if newer:
        raise StoreError(
            say("{path} 由更新版本的 xuncha 建立（含 {names}）；请升级后再用", path=str(path), names=tuple(newer))
        )
    if not read_only:
        with _locked(db):
            # Under the lock: of two programs that start together one migrates, and the other then finds it done.
            if not MIGRATIONS.applied(db) and set(db.table_names()) - {MIGRATIONS.migrations_table}:
                raise StoreError(say("{path} 是其他程序的数据库；请检查数据目录的设置，或另选数据目录", path=str(path)))
            MIGRATIONS.apply(db)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA foreign_keys = ON")
    elif MIGRATIONS.pending(db):
        raise StoreError(
            say("{path} 不是本版本 xuncha 的数据库；若由旧版建立，请先运行一次审查使其升级", path=str(path))
        )


@contextmanager
def _locked(db: Database) -> Iterator[None]:
    """A transaction that takes the write lock first: one that reads before it writes (`db.atomic()`) is refused at
    once when another program writes, however patient it is."""
    db.execute("BEGIN IMMEDIATE")
    try:
        with db.atomic():
            yield
        db.commit()
    except BaseException:
        db.rollback()
        raise


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what SQLite says about the file into a StoreError; a mistake in our SQL stays what it is."""
    try:
        yield
    except sqlite3.Error as error:
        # The one operational error without a code is Python's own: a text in the file is not UTF-8.
        unreadable = sqlite3.SQLITE_CORRUPT if isinstance(error, sqlite3.OperationalError) else 0
        code = getattr(error, "sqlite_errorcode", unreadable)
        primary = code & 0xFF  # of an extended one
        if primary == sqlite3.SQLITE_IOERR and shutil.disk_usage(path.parent).free < _NO_ROOM:
            primary = sqlite3.SQLITE_FULL  # as SQLite calls it where the file beside the database finds no room
        tell = _CAUSES.get(primary)
        if tell is None:
            raise
        raise StoreError(tell(str(path), str(error))) from error


_NO_ROOM = 64 * 1024  # bytes: SQLite asks for 32 KiB at a time

_CAUSES: Mapping[int, Callable[[str, str], Message]] = {
    sqlite3.SQLITE_NOTADB: lambda path, _: say(
        "{path} 不是数据库文件；请检查数据目录的设置，或移走该文件后重试", path=path
    ),
    sqlite3.SQLITE_CORRUPT: lambda path, _: say("{path} 已损坏；请用备份恢复，或移走该文件后重新审查", path=path),
    sqlite3.SQLITE_BUSY: lambda path, _: say("{path} 正被另一个程序占用；请关闭正在使用它的程序后重试", path=path),
    sqlite3.SQLITE_READONLY: lambda path, _: say(
        "{path} 不能写入；请检查该文件及所在文件夹的写权限，或另选数据目录", path=path
    ),
    sqlite3.SQLITE_CANTOPEN: lambda path, _: say(
        "无法打开或建立 {path}；请检查路径和读写权限，或另选数据目录", path=path
    ),
    sqlite3.SQLITE_FULL: lambda path, _: say("{path} 所在磁盘已满；请腾出空间后继续", path=path),
    sqlite3.SQLITE_IOERR: lambda path, detail: say(
        "读写 {path} 出错（{detail}）；请检查磁盘或网络盘", path=path, detail=detail
    ),
}
