"""Files told by their first and last bytes; what was not seen accuses nobody."""

import io
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import documents
from crawler.exchange import Exchange, Reply
from crawler.page import Answer

AT = datetime(2026, 11, 24, tzinfo=UTC)
URL = "http://www.yunling.gov.cn/a.bin"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nxref\n0 1\ntrailer<</Size 1>>\nstartxref\n28\n%%EOF\n"


def zipped(comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("word/document.xml"), "申请表" * 99)  # of no day: tests are named after it
        archive.comment = comment
    return out.getvalue()


def reply(
    body: bytes,
    status: int = 200,
    headers: dict[str, str] | None = None,
    *,
    truncated: bool = False,
    tail: bytes | None = None,
) -> Reply:
    exchange = Exchange(URL, "GET", AT, 0.1, status=status, headers=tuple((headers or {}).items()), truncated=truncated)
    return Reply(Answer(URL, URL, AT, 0.1, status), (exchange,), body, tail=tail)


@pytest.mark.parametrize(
    "body", [PDF, b"\xef\xbb\xbf\r\n" + PDF, zipped(), zipped(b"x" * 65_535), PDF + b"<!-- ad -->" * 9]
)
def test_a_whole_file_has_its_end(body: bytes) -> None:
    assert not documents.is_cut(reply(body))
    assert documents.is_file(body)
    assert documents.has_end(body)


@pytest.mark.parametrize("body", [PDF, zipped(), zipped(b"notice")], ids=["pdf", "zip", "zip-with-comment"])
def test_a_cut_file_does_not(body: bytes) -> None:
    assert documents.is_cut(reply(body[: len(body) // 2]))
    part = {"Content-Range": f"bytes 0-{len(body) // 2 - 1}/{len(body) // 2}"}
    assert documents.is_cut(reply(body[: len(body) // 2], 206, part))


@pytest.mark.parametrize("body", [PDF[:20], zipped()[:20]], ids=["pdf", "zip"])
def test_nothing_is_said_where_the_end_was_not_seen(body: bytes) -> None:
    assert not documents.is_cut(reply(body, truncated=True))
    assert not documents.is_cut(reply(body, 206, {"Content-Range": "bytes 0-19/4000"}, truncated=True))
    assert not documents.is_cut(reply(body, 206))
    assert not documents.is_cut(reply(body, 206, {"Content-Range": "bytes 0-19/*"}))


def test_the_end_that_was_asked_for_decides() -> None:
    part = {"Content-Range": "bytes 0-19/400000"}
    assert documents.is_cut(reply(PDF[:20], 206, part, tail=bytes(2048)))
    assert not documents.is_cut(reply(PDF[:20], 206, part, tail=bytes(2000) + PDF[-40:]))


@pytest.mark.parametrize(
    "body", [b"", b"x", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf1", "申请表".encode(), b"Rar!\x1a\x07"]
)
def test_other_files_have_no_mark_at_their_end(body: bytes) -> None:
    assert not documents.has_end(body)
    assert not documents.is_cut(reply(body))


@pytest.mark.parametrize("body", [b"", b"<!DOCTYPE html>", b"<html>%PDF-", "申请表".encode(), b"PK yard"])
def test_pages_and_texts_are_no_files(body: bytes) -> None:
    assert not documents.is_file(body)


@pytest.mark.parametrize(
    ("status", "headers", "size"),
    [
        (200, {"Content-Length": "12"}, 12),
        (206, {"Content-Range": "bytes 0-9/12"}, 12),
        (206, {"Content-Range": "Bytes  0-9/12", "Content-Length": "10"}, 12),
        (206, {"Content-Range": "bytes 0-9/*", "Content-Length": "10"}, None),
        (206, {"Content-Range": "bytes 2-9/12"}, None),
        (206, {"Content-Length": "10"}, None),
        (200, {}, None),
        (200, {"Content-Length": "-1"}, None),
        (200, {"Content-Length": "9" * 5000}, None),
        (200, {"Content-Length": "12", "Content-Encoding": "gzip"}, None),
        (404, {"Content-Length": "12"}, None),
    ],
)
def test_size(status: int, headers: dict[str, str], size: int | None) -> None:
    assert documents.size(reply(b"0123456789", status, headers)) == size


@pytest.mark.parametrize(
    ("status", "stands", "body", "piece"),
    [
        (206, "bytes 8-11/12", b"abcd", b"abcd"),
        (206, "bytes 8-11/12", b"abc", None),
        (206, "bytes 0-3/12", b"abcd", None),
        (206, "bytes 8-11/13", b"abcd", None),
        (206, "", b"abcd", None),
        (200, "bytes 8-11/12", b"abcd", None),
    ],
)
def test_piece(status: int, stands: str, body: bytes, piece: bytes | None) -> None:
    assert documents.piece(reply(body, status, {"Content-Range": stands}), 8, 12) == piece


@given(
    st.binary(max_size=200), st.binary(max_size=200) | st.none(), st.sampled_from([200, 206, 404]), st.text(max_size=40)
)
def test_only_known_kinds_are_ever_cut(body: bytes, tail: bytes | None, status: int, stands: str) -> None:
    said = reply(body, status, {"Content-Range": stands, "Content-Length": stands}, tail=tail)
    documents.size(said)
    documents.piece(said, 0, 10)
    assert documents.has_end(body) or not documents.is_cut(said)
