"""What stands in a file is found where it stands; a file that cannot be read says why; a hostile one does no harm."""

import asyncio

import papers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from papers import PEOPLE, SHOWN

from crawler.file_clues import FileClues, Unread, dumps, loads
from crawler.file_reader import FileReader, clues_of
from crawler.passage import MOST_PAGES
from crawler.pdf_text import mended
from crawler.sightings import sightings

TERMS = frozenset({"身份证", "低保", "户主"})


def places(clues: FileClues) -> list[tuple[str, str]]:
    return [(one.shown, str(one.where)) for one in clues.sightings]


ROWS = [["序号", "姓名", "身份证号"], ["1", "甲某某", PEOPLE[0]], ["2", "乙某某", PEOPLE[1]]]
TABLES = {
    "docx": (papers.word(["低保对象公示"], ROWS), [f"第1个表格第{n}行" for n in (2, 3)]),
    "xlsx": (papers.workbook({"名单": [[], *ROWS]}), [f"工作表“名单”第{n}行" for n in (3, 4)]),
    "xls": (papers.workbook({"a": [["x"]], "b": ROWS}, hidden=["b"]), [f"隐藏的工作表“b”第{n}行" for n in (2, 3)]),
    "csv": ("\n".join(map(",".join, ROWS)).encode("gb18030"), ["第2行", "第3行"]),
    "pdf": (papers.pdf(["1", PEOPLE[0]], ["2", PEOPLE[1]]), ["第1页", "第2页"]),
    "ofd": (papers.ofd(["1", PEOPLE[0]], [PEOPLE[1]]), ["第1页", "第2页"]),
    "doc": (b"<html><body><p>1</p>" + b"".join(b"<p>%s</p>" % p.encode() for p in PEOPLE), ["第2行", "第3行"]),
}


@pytest.mark.parametrize("name", TABLES)
def test_numbers_are_found_where_they_stand(name: str) -> None:
    body, where = TABLES[name]
    found = clues_of(body, name, TERMS)
    assert places(found) == list(zip(SHOWN, where, strict=True))
    assert found.unread is None
    assert found.terms == (TERMS & {"身份证"} if name in ("xlsx", "xls", "csv") else found.terms)
    assert loads(dumps(found)) == found
    assert all(person not in dumps(found) for person in PEOPLE)


def test_a_number_stands_after_the_name_of_its_column() -> None:
    found = clues_of(papers.workbook({"a": [["姓名", "联系电话"], ["甲", 13912345678]]}), "xlsx", TERMS)
    assert [one.before.split()[-1] for one in found.sightings] == ["联系电话："]


def test_the_same_number_is_one_number_in_the_whole_file() -> None:
    found = clues_of(papers.pdf([PEOPLE[0]], [PEOPLE[1], PEOPLE[0]]), "pdf", TERMS)
    assert [one.which for one in found.sightings] == [0, 1, 0]


@pytest.mark.parametrize("cut", [1, 6, 13, 17])
def test_a_number_that_a_narrow_cell_breaks_is_whole(cut: int) -> None:
    for person in (*PEOPLE, "53000020030930007X"):
        broken = f"1 {person[:cut]}\r\n{person[cut:]}\r\n13812345678\r\n2"
        assert mended(broken) == f"1 {person}\n13812345678\n2"


def test_lines_of_figures_are_not_put_together() -> None:
    table = "2023\n5300001980\n05170211\n1200\n7.5\n2024"
    assert mended(table).split() == table.split()


_PICTURES = papers.zipped({"word/document.xml": papers.document_xml(""), "word/media/a.png": b"x"})
_LOCKED = papers.zipped({"word/document.xml": b"x"}).replace(
    b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0\1\0"
)
UNREAD = {
    "scan": (papers.pdf(scans=2), "pdf", Unread.SCAN),
    "partly": (papers.pdf(["notice of the county " * 2], scans=1), "pdf", Unread.PARTLY_SCAN),
    "pictures in Word": (_PICTURES, "docx", Unread.SCAN),
    "long": (papers.pdf(*[["a"]] * (MOST_PAGES + 1)), "pdf", Unread.LONG),
    "old Word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "doc", Unread.FORMAT),
    "locked": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "docx", Unread.LOCKED),
    "locked zip": (_LOCKED, "docx", Unread.LOCKED),
    "another archive": (papers.zipped({"a.txt": b"x"}), "docx", Unread.FORMAT),
    "no document": (b"GIF89a", "doc", Unread.FORMAT),
    "cut": (papers.word(["x"])[:-40], "docx", Unread.DAMAGED),
    "no XML": (papers.zipped({"word/document.xml": b"<a><b>"}), "docx", Unread.DAMAGED),
    "no PDF": (b"%PDF-1.7 and nothing", "pdf", Unread.DAMAGED),
    "zip bomb": (papers.zip_bomb(), "docx", Unread.LARGE),
    "far cell": (papers.far_cell(), "xlsx", Unread.DAMAGED),
}


@pytest.fixture(scope="module")
def read() -> dict[str, FileClues]:
    """Everything through one reader, in its own process; hostile files between the others."""

    async def all_of() -> dict[str, FileClues]:
        reader = FileReader(TERMS)
        try:
            told = {name: await reader.read(body, kind) for name, (body, kind, _) in UNREAD.items()}
            told["pages without end"] = await reader.read(papers.pdf(["a"], count=2**31 - 1), "pdf")
            told["laughs"] = await reader.read(papers.entity_bomb(), "docx")
            told["lie"] = await reader.read(papers.lying_bomb(), "xlsx")
            told["after"] = await reader.read(TABLES["docx"][0], "docx")
        finally:
            reader.close()
        return told

    return asyncio.run(all_of())


@pytest.mark.parametrize("name", UNREAD)
def test_a_file_that_cannot_be_read_says_why(read: dict[str, FileClues], name: str) -> None:
    assert read[name].unread is UNREAD[name][2]
    assert read[name].sightings == ()


def test_hostile_files_do_no_harm(read: dict[str, FileClues]) -> None:
    assert len(read["laughs"].sightings) <= 1
    assert read["lie"].unread is not None
    assert read["pages without end"].unread in (None, Unread.LONG, Unread.DAMAGED)
    assert places(read["after"]) == list(zip(SHOWN, TABLES["docx"][1], strict=True))


def test_a_reader_that_hangs_or_dies_is_replaced() -> None:
    async def both() -> tuple[FileClues, FileClues]:
        reader = FileReader(TERMS, seconds=0.0)
        try:
            late = await reader.read(TABLES["docx"][0], "docx")
            reader.seconds = 20.0
            return late, await reader.read(TABLES["csv"][0], "csv")
        finally:
            reader.close()

    late, after = asyncio.run(both())
    assert (late.unread, late.sightings) == (Unread.SLOW, ())
    assert len(after.sightings) == 2


def test_sightings_hold_no_number_and_no_piece_of_one() -> None:
    crowd = " ".join(f"甲某{n} {PEOPLE[n % 2]} 139{n:04}5678" for n in range(40))
    for one in sightings(crowd):
        assert one.line[one.at : one.at + len(one.shown)] == one.shown
        digits = "".join(c if c.isdigit() else " " for c in one.line).split()
        assert all(len(run) < 8 for run in digits), one.line


@given(body=st.binary(max_size=300), name=st.sampled_from(["docx", "csv", "txt", "ofd", "doc", "xls"]))
def test_no_bytes_break_the_reader(body: bytes, name: str) -> None:
    clues_of(body, name, TERMS)


@settings(max_examples=60)
@given(at=st.integers(0, 2**31), bits=st.integers(1, 255))
def test_no_flipped_bits_break_the_reader(at: int, bits: int) -> None:
    whole = bytearray(TABLES["docx"][0])
    whole[at % len(whole)] ^= bits
    clues_of(bytes(whole), "docx", TERMS)
