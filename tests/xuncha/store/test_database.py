import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from assessed import PORTAL, SCHOOLS, WATER, assessment, finding, make_run, raw

from xuncha.store import Store
from xuncha.store.database import StoreError

# Whole or not at all


def test_a_save_that_breaks_leaves_nothing_behind(store):
    store.runs.start(make_run(), [PORTAL])

    with pytest.raises(OverflowError):
        store.assessments.save(make_run().id, assessment(findings=(finding(1), finding(2, status=2**70))))

    assert store.runs.pending("last") == [PORTAL]
    assert list(store.assessments.of("last")) == []
    assert store.runs.rows()[0].findings == 0
    store.assessments.save(make_run().id, assessment())
    assert list(store.assessments.of("last")) == [assessment()]


def test_a_process_killed_in_the_middle_of_a_save_leaves_nothing_behind(path):
    killed = """
        import os, sys
        from dataclasses import replace
        from pathlib import Path
        sys.path.insert(0, sys.argv[2])
        from assessed import PORTAL, SCHOOLS, assessment, make_run
        from xuncha.store import Store

        class Killing(tuple):
            def __iter__(self):
                os._exit(9)

        with Store.open(Path(sys.argv[1])) as store:
            store.runs.start(make_run(), [PORTAL, SCHOOLS])
            store.assessments.save(make_run().id, assessment(PORTAL))
            store.assessments.save(make_run().id, replace(assessment(SCHOOLS), columns=Killing()))
    """
    ended = subprocess.run([sys.executable, "-c", dedent(killed), path, Path(__file__).parent], check=False)

    assert ended.returncode == 9
    with Store.open(path) as store:
        assert list(store.assessments.of("last")) == [assessment(PORTAL)]
        assert store.runs.pending("last") == [SCHOOLS]
        assert store.runs.rows()[0].findings == 2
        store.assessments.save(make_run().id, assessment(SCHOOLS))
        assert store.runs.pending("last") == []


def test_readers_go_on_while_another_writes(store, path):
    store.runs.start(make_run(), [PORTAL, SCHOOLS, WATER])
    store.assessments.save(make_run().id, assessment(PORTAL))
    store.assessments.save(make_run().id, assessment(SCHOOLS))

    with Store.open(path, read_only=True, patience=0) as reader, raw(path) as writer:
        found = reader.assessments.of("last")
        assert next(found) == assessment(PORTAL)
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM findings")
        assert next(found) == assessment(SCHOOLS)
        assert reader.runs.rows()[0].findings == 4
        writer.rollback()
        store.assessments.save(make_run().id, assessment(WATER))
        assert reader.runs.rows()[0].findings == 6


def test_a_second_writer_that_read_before_may_write(store, path):
    store.runs.start(make_run(), [PORTAL, SCHOOLS])
    with Store.open(path, patience=0) as other:
        assert other.runs.pending("last") == [PORTAL, SCHOOLS]
        store.assessments.save(make_run().id, assessment(PORTAL))
        other.assessments.save(make_run().id, assessment(SCHOOLS))
        assert store.runs.pending("last") == []


# The file


def test_a_reader_cannot_write(store, path):
    store.runs.start(make_run(), [PORTAL])
    with Store.open(path, read_only=True) as reader:
        with pytest.raises(StoreError, match="不能写入"):
            reader.runs.fail(make_run().id, PORTAL.url, "x")
        assert reader.runs.pending("last") == [PORTAL]


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("这是一个文本文件，不是数据库\n".encode() * 20, "不是数据库文件"),
        (b"SQLite format 3\0" + b"\xff" * 4096, "不是数据库文件|已损坏"),
    ],
)
def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path, content, told, read_only):
    path = tmp_path / "xuncha.db"
    path.write_bytes(content)

    with pytest.raises(StoreError, match=told) as caught:
        Store.open(path, read_only=read_only)

    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == content


def test_a_damaged_database_is_told_wherever_the_damage_shows(path, tmp_path):
    with Store.open(path) as store:
        store.runs.start(make_run(), [PORTAL])
        store.assessments.save(make_run().id, assessment(findings=tuple(finding(n) for n in range(200))))
    whole = path.read_bytes()
    damaged = tmp_path / "damaged.db"
    told = 0
    for page in range(1, len(whole) // 4096):
        damaged.write_bytes(whole[: page * 4096] + b"\xa5" * 4096 + whole[(page + 1) * 4096 :])
        try:
            with Store.open(damaged) as store:
                store.runs.rows()
                assert list(store.assessments.of("last"))
        except StoreError as error:
            told += 1
            assert str(damaged) in str(error)
    assert told > 20


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE findings SET message_json = '{'",
        "UPDATE findings SET message_json = '[]'",
        "UPDATE findings SET message_json = NULL",
        "UPDATE findings SET part = 'x'",
        "UPDATE findings SET message_json = CAST(x'ff' AS TEXT)",
        "UPDATE sites SET as_of = '昨天'",
        "UPDATE sites SET site_json = '{}'",
        "UPDATE sites SET vetoes = NULL",
    ],
)
def test_a_row_changed_by_hand_is_told(store, path, change):
    store.runs.start(make_run(), [PORTAL])
    store.assessments.save(make_run().id, assessment())
    with raw(path) as db, db:
        db.execute("PRAGMA writable_schema = ON")
        db.execute("UPDATE sqlite_master SET sql = replace(sql, 'message_json  TEXT NOT NULL', 'message_json TEXT')")
    with raw(path) as db, db:
        db.execute(change)

    with Store.open(path) as again, pytest.raises(StoreError, match=r"xuncha\.db"):
        list(again.assessments.of("last"))


def test_a_locked_database_is_told(store, path):
    with raw(path) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="正被另一个程序占用"):
            Store.open(path, patience=0)


def test_a_newer_schema_is_read_and_not_written(store, path):
    with raw(path) as db, db:
        db.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('xuncha', 'm999_x', '')")
        db.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('other', 'mine', '')")

    with pytest.raises(StoreError, match=r"更新版本.*m999_x"):
        Store.open(path)
    with Store.open(path, read_only=True) as reader:
        assert reader.runs.rows() == []


def test_another_programs_database_is_left_alone(tmp_path):
    path = tmp_path / "xuncha.db"
    with raw(path) as db, db:
        db.execute("CREATE TABLE runs (id)")
    before = path.read_bytes()

    with pytest.raises(StoreError, match="其他程序的数据库"):
        Store.open(path)
    with pytest.raises(StoreError, match="不是本版本"):
        Store.open(path, read_only=True)
    assert path.read_bytes() == before


def test_a_place_where_no_database_can_be_is_told(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("x", encoding="utf-8")

    for path in (tmp_path, blocked / "xuncha.db", blocked / "deeper" / "xuncha.db"):
        with pytest.raises(StoreError, match="数据目录"):
            Store.open(path)
    with pytest.raises(StoreError, match="没有找到"):
        Store.open(tmp_path / "nothing.db", read_only=True)
    assert not (tmp_path / "nothing.db").exists()


def test_a_path_with_signs_of_an_address_is_a_path(tmp_path):
    path = tmp_path / "100% 数据?mode=memory#1" / "xuncha.db"
    with Store.open(path) as store:
        store.runs.start(make_run(), [PORTAL])
    assert path.is_file()
    with Store.open(path, read_only=True) as store:
        assert store.runs.pending("last") == [PORTAL]


def test_a_copy_of_the_file_alone_is_the_whole_store(path, tmp_path):
    with Store.open(path) as store:
        store.runs.start(make_run(), [PORTAL])
        store.assessments.save(make_run().id, assessment())
    copy = shutil.copy(path, tmp_path / "copy.db")

    with Store.open(copy, read_only=True) as store:
        assert list(store.assessments.of("last")) == [assessment()]
