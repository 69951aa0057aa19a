"""Files of the site's own are read within a budget; what stands in them is noted, and told again without a new look."""

from collections.abc import Sequence
from typing import Any

import papers
import pytest
from papers import PEOPLE, SHOWN

from crawler.archived import ArchivedSnapshot, open_snapshot
from crawler.file_clues import File, Unread

NEEDS = frozenset({"columns", "pages", "links", "attachments"})
TERMS = frozenset({"身份证"})
_BYTES = "application/octet-stream"
LIST = papers.word(rows=[["姓名", "身份证号"], ["甲某", PEOPLE[0]], ["乙某", PEOPLE[1]]])
LONG = papers.word(rows=[["姓名", "身份证号"], ["甲某", PEOPLE[0]]], ballast=70_000)
CLEAN = papers.word(["救助办法"], ballast=70_000)


def home(server: Any, *links: str) -> str:
    body = "".join(f"<li><a href='{link}'>附件{n}</a></li>" for n, link in enumerate(links))
    return server.on("/", server.answer(f"<html><title>云岭县</title><body><ul>{body}</ul>".encode()))


def serve(server: Any, path: str, body: bytes, *headers: str) -> str:
    """By ranges, as file servers do."""

    def answer(seen: Any) -> Sequence[bytes]:
        if seen.headers.get("if-none-match", "") in headers[0].split() if headers else False:
            return [server.answer(b"", *headers, status="304 Not Modified", content_type=_BYTES)]
        asked = seen.headers.get("range", "")
        if not asked:
            return [server.answer(body, *headers, content_type=_BYTES)]
        start, stop = (int(n) for n in asked.removeprefix("bytes=").split("-"))
        part = body[start : stop + 1]
        span = f"Content-Range: bytes {start}-{start + len(part) - 1}/{len(body)}"
        return [server.answer(part, span, *headers, status="206 Partial Content", content_type=_BYTES)]

    return server.on(path, answer)


def whole(server: Any, path: str) -> int:
    """How often all of it was asked for."""
    return sum(s.target == path and s.method == "GET" and "range" not in s.headers for s in server.seen)


def files(snapshot: ArchivedSnapshot) -> dict[str, File]:
    return {file.url.rpartition("/")[2]: file for page in snapshot.pages() for file in page.files}


def test_what_stands_in_files_is_noted_with_its_place(server: Any, go: Any) -> None:
    serve(server, "/a.docx", LIST)
    serve(server, "/b.docx", LONG)
    serve(server, "/c.pdf", papers.pdf(scans=1))
    server.on("/d.aspx", server.answer(LIST, content_type="application/octet-stream"))
    snapshot = go(home(server, "a.docx", "b.docx", "c.pdf", "d.aspx"), needs=NEEDS, terms=TERMS, scope="full")
    found = files(snapshot)
    assert found.keys() == {"a.docx", "b.docx", "c.pdf", "d.aspx"}
    assert [one.shown for one in found["a.docx"].clues.sightings] == list(SHOWN)
    assert str(found["b.docx"].clues.sightings[0].where) == "第1个表格第2行"
    assert found["d.aspx"].clues == found["a.docx"].clues
    assert found["a.docx"].clues.terms == TERMS
    assert found["c.pdf"].clues.unread is Unread.SCAN
    assert snapshot.coverage.skipped == {"file-scan": 1}
    assert snapshot.coverage.complete
    assert (whole(server, "/a.docx"), whole(server, "/b.docx"), whole(server, "/c.pdf")) == (0, 1, 0)
    assert snapshot.file(server.url("/b.docx")) == found["b.docx"].clues
    assert snapshot.file(server.url("/")) is None


def test_the_evidence_of_a_file_is_the_whole_of_it(server: Any, go: Any) -> None:
    from crawler.warc import read_response

    serve(server, "/b.docx", LONG)
    snapshot = go(home(server, "b.docx"), needs=NEEDS)
    evidence = snapshot.answer(server.url("/b.docx")).evidence
    assert read_response(snapshot._facts.folder / evidence.warc, evidence.offset, evidence.sha256)[1] == LONG


@pytest.mark.parametrize(
    ("plan", "code"),
    [({"max_files": 1}, "file-budget"), ({"max_file_bytes": 150_000}, "file-budget"), ({"max_files": 0}, "file-off")],
)
def test_the_budget_is_kept_and_told(server: Any, go: Any, plan: dict[str, int], code: str) -> None:
    for n in range(3):
        serve(server, f"/{n}.docx", LONG)
    snapshot = go(home(server, "0.docx", "1.docx", "2.docx"), needs=NEEDS, concurrency=1, **plan)
    read = 0 if code == "file-off" else 1
    assert sum(whole(server, f"/{n}.docx") for n in range(3)) == read
    assert snapshot.coverage.skipped == {code: 3 - read}
    assert sum(bool(file.clues.sightings) for file in files(snapshot).values()) == read


def test_files_are_asked_as_links_only_where_no_rule_reads_them(server: Any, go: Any) -> None:
    serve(server, "/b.docx", LONG)
    snapshot = go(home(server, "b.docx"), needs=NEEDS - {"attachments"})
    assert (whole(server, "/b.docx"), files(snapshot), snapshot.coverage.skipped) == (0, {}, {})


def test_files_of_others_archives_and_pictures_are_not_read(server: Any, other: Any, go: Any) -> None:
    serve(other, "/a.docx", LONG)
    serve(server, "/b.zip", papers.zipped({"word/document.xml": b"x" * 70_000}))
    server.on("/c.png", server.answer(b"\x89PNG\r\n" + bytes(99), content_type="image/png"))
    links = [f"http://files.example.com:{other.port}/a.docx", "b.zip", "c.png"]
    snapshot = go(home(server, *links), needs=NEEDS, hosts={"files.example.com": other.port})
    assert (whole(other, "/a.docx"), files(snapshot)) == (0, {})


@pytest.mark.parametrize("fault", ["too large", "breaks off", "gone"])
def test_a_file_that_does_not_come_whole_is_no_read_one(server: Any, go: Any, fault: str) -> None:
    head = LONG[: 64 * 1024]
    size = 11_000_000 if fault == "too large" else len(LONG)
    span = f"Content-Range: bytes 0-{len(head) - 1}/{size}"

    def answer(seen: Any) -> Sequence[Any]:
        asked = seen.headers.get("range", "")
        if asked.startswith("bytes=0-"):
            return [server.answer(head, span, status="206 Partial Content", content_type=_BYTES)]
        if asked:
            return [server.answer(b"", status="416 Range Not Satisfiable")]
        if fault == "gone":
            return [server.answer(b"", status="404 Not Found")]
        return [server.answer(LONG)[:70_000], server.CLOSE]

    server.on("/b.docx", answer)
    snapshot = go(home(server, "b.docx"), needs=NEEDS)
    wanted = Unread.LARGE if fault == "too large" else Unread.UNREACHED
    assert files(snapshot)["b.docx"].clues.unread is wanted
    assert whole(server, "/b.docx") == (0 if fault == "too large" else 1)


def test_a_second_visit_reads_again_only_what_accused(server: Any, go: Any, tmp_path: Any) -> None:
    serve(server, "/clean.docx", CLEAN, 'ETag: "1"')
    serve(server, "/list.docx", LONG, 'ETag: "2"')
    serve(server, "/handed-out", LIST, 'ETag: "3"')
    server.on("/p.html", server.answer("<html><title>页</title><p><a href=handed-out>名单</a></p>".encode()))
    address = home(server, "clean.docx", "list.docx", "p.html")
    before = files(go(address, needs=NEEDS, terms=TERMS, scope="full", folder=tmp_path / "a"))
    after = files(
        go(address, needs=NEEDS, terms=TERMS, scope="full", folder=tmp_path / "b", baseline=tmp_path / "a", max_files=1)
    )
    assert {name: file.clues for name, file in after.items()} == {name: file.clues for name, file in before.items()}
    assert (whole(server, "/clean.docx"), whole(server, "/list.docx")) == (1, 2)
    assert after["handed-out"].clues.sightings
    replayed = open_snapshot(tmp_path / "b")
    assert files(replayed) == after
    replayed.close()


def test_a_second_visit_reads_what_has_changed_or_is_looked_at_for_other_words(
    server: Any, go: Any, tmp_path: Any
) -> None:
    serve(server, "/clean.docx", CLEAN, 'ETag: "1"')
    address = home(server, "clean.docx")
    go(address, needs=NEEDS, terms=TERMS, folder=tmp_path / "a")
    go(address, needs=NEEDS, terms=TERMS | {"救助"}, folder=tmp_path / "b", baseline=tmp_path / "a")
    assert whole(server, "/clean.docx") == 2
    changed = CLEAN[:90_000] + LONG[90_000:]
    serve(server, "/clean.docx", changed, 'ETag: "3"')
    go(address, needs=NEEDS, terms=TERMS, folder=tmp_path / "c", baseline=tmp_path / "a")
    assert whole(server, "/clean.docx") == 3


def test_files_are_found_where_only_they_are_asked_for(server: Any, go: Any) -> None:
    serve(server, "/a.docx", LIST)
    snapshot = go(home(server, "a.docx"), needs=frozenset({"pages", "attachments"}))
    assert len(files(snapshot)["a.docx"].clues.sightings) == 2
