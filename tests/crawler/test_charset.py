"""Text comes out right whatever the page claims about itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.charset import decode, decode_as

TEXT = "云岭县人民政府办公室关于印发2026年政务公开工作要点的通知"
PAGE = f"<html><head><title>{TEXT}</title></head><body><p>{TEXT}。</p></body></html>"


def page(charset: str = "", before: str = "") -> str:
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">' if charset else ""
    return PAGE.replace("<head>", f"<head>{before}{meta}")


@pytest.mark.parametrize("label", ["gb2312", "GB2312", "gbk", "x-gbk", "gb_2312-80", "gb18030", "cp936", "GBK2312"])
@pytest.mark.parametrize("form", ["text/html; charset={}", 'text/html;Charset="{}"', "text/html; charset = '{}' ;", ""])
def test_gb_labels_are_gb18030(label: str, form: str) -> None:
    source = page("" if form else label)
    assert decode(source.encode("gb18030"), form.format(label)) == (source, "gb18030")


def test_characters_outside_gb2312_survive_a_gb2312_label() -> None:
    source = page("gb2312").replace("云岭县", "䶮镕㐱𠮷")
    assert decode(source.encode("gb18030"))[0] == source


@pytest.mark.parametrize(
    "header", ["", "text/html", "text/html; charset=utf-8", "text/html; charset=UTF8", "charset=utf-8,gbk"]
)
@pytest.mark.parametrize("meta", ["", "utf-8", "unicode", "iso-8859-1"])
def test_gbk_bytes_under_a_utf8_declaration(header: str, meta: str) -> None:
    source = page(meta)
    assert decode(source.encode("gb18030"), header) == (source, "gb18030")


@pytest.mark.parametrize(
    "header", ["", "text/html; charset=GBK", "text/html; charset=ISO-8859-1", "text/html; charset=big5"]
)
@pytest.mark.parametrize("meta", ["", "gb2312", "big5", "unicode"])
def test_utf8_bytes_under_another_declaration(header: str, meta: str) -> None:
    source = page(meta)
    assert decode(source.encode(), header) == (source, "utf-8")


def test_header_is_asked_before_meta() -> None:
    source = page("shift_jis").replace(TEXT, "廣東省")
    assert decode(source.encode("big5"), "text/html; charset=big5") == (source, "big5")


@pytest.mark.parametrize("before", ["<script>var x = 1;</script>" * 200, "<!-- " + "x" * 5000 + " -->"])
@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "big5"])
def test_meta_later_than_the_scanned_head(before: str, encoding: str) -> None:
    source = page(encoding, before).replace(
        "云岭县人民政府办公室关于印发2026年政务公开工作要点的通知", "本府公告本縣各機關學校依據行政程序法辦理"
    )
    assert decode(source.encode(encoding)) == (source, encoding)


def test_meta_within_four_kilobytes() -> None:
    source = page("shift_jis", " " * 3000).replace(TEXT, "日本最大級のポータルサイト")
    assert decode(source.encode("shift_jis")) == (source, "shift_jis")


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("shift_jis", "日本最大級のポータルサイト"),
        ("euc-jp", "日本最大級のポータルサイト"),
        ("euc-kr", "대한민국 정부 포털"),
        ("windows-1251", "Администрация города"),
        ("koi8-r", "Администрация города"),
    ],
)
@pytest.mark.parametrize("header", ["", "text/html; charset=iso-8859-1"])
def test_a_late_meta_is_believed_as_browsers_do(encoding: str, text: str, header: str) -> None:
    source = page(encoding, "<script>var x = 1;</script>" * 400).replace(f"{TEXT}。", text).replace(TEXT, text)
    assert decode(source.encode(encoding), header) == (source, encoding)


def test_the_word_charset_late_in_a_script_declares_nothing() -> None:
    source = page("", "<script src=a.js charset=big5></script>" * 300)
    assert decode(source.encode("gb18030")) == (source, "gb18030")


@pytest.mark.parametrize("quote", ["'", '"'])
def test_an_xml_declaration_counts_where_no_meta_does(quote: str) -> None:
    xml = f"<?xml version={quote}1.0{quote} encoding={quote}shift_jis{quote}?>"
    source = (xml + PAGE).replace(f"{TEXT}。", "日本最大級").replace(TEXT, "日本最大級のポータルサイト")
    assert decode(source.encode("shift_jis")) == (source, "shift_jis")
    assert decode((xml + page("gb2312")).encode("gb18030"))[1] == "gb18030"


@pytest.mark.parametrize("text", ["通知", "联通", "首页", "公告", "县", "一二三"])
@pytest.mark.parametrize("label", ["", "utf-8"])
def test_a_few_characters_of_gb_that_are_utf8_by_chance(text: str, label: str) -> None:
    source = page(label).replace(TEXT, text)
    assert decode(source.encode("gb18030"), f"text/html; charset={label}") == (source, "gb18030")


@pytest.mark.parametrize("text", ["𠮷𠀀𪚥㐱䶮𬬭", "䶮村㐱镇"])
@pytest.mark.parametrize("label", ["", "gb2312", "utf-8"])
def test_characters_of_four_bytes(text: str, label: str) -> None:
    source = page(label).replace(TEXT, text * 9)
    assert decode(source.encode("gb18030")) == (source, "gb18030")


def test_narrow_utf8_with_a_foreign_piece_stays_utf8() -> None:
    source = page("utf-8").replace(TEXT, "ئۇيغۇر ئاپتونوم رايونلۇق خەلق ھۆكۈمىتى " * 20)
    text, name = decode(source.encode() + "版权".encode("gb18030"))
    assert name == "utf-8"
    assert text.startswith(source)


def test_meta_in_a_comment_declares_nothing() -> None:
    source = page("", "<!-- <meta charset=shift_jis> -->")
    assert decode(source.encode("gb18030")) == (source, "gb18030")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
@pytest.mark.parametrize("header", ["", "text/html; charset=gbk", "text/html; charset=utf-16"])
def test_marks_and_nulls(encoding: str, header: str) -> None:
    text, name = decode(PAGE.encode(encoding), header)
    assert text == PAGE
    assert name in ("utf-8", "utf-16le", "utf-16be")


def test_a_mark_that_lies() -> None:
    assert decode(b"\xef\xbb\xbf" + PAGE.encode("gb18030"))[0].endswith(PAGE)


def test_a_foreign_include_spoils_only_itself() -> None:
    source = page("utf-8") * 5
    text, name = decode(source.encode() + "版权所有：云岭县人民政府".encode("gb18030"), "text/html; charset=utf-8")
    assert name == "utf-8"
    assert text.startswith(source)


def test_replacement_characters_of_the_author_are_not_errors() -> None:
    source = page("utf-8").replace("通知", "通\ufffd")
    assert decode(source.encode()) == (source, "utf-8")


def test_latin_text_stays_latin() -> None:
    source = "<p>Déclaration générale – l’été à Besançon, où naquit Noël</p>"
    assert decode(source.encode("cp1252"), "text/html; charset=iso-8859-1") == (source, "windows-1252")


def test_a_cut_character_does_not_change_the_encoding() -> None:
    body = page("utf-8").encode()
    cut = body[: body.index("通知".encode()) + 1]
    assert decode(cut)[1] == "utf-8"


@pytest.mark.parametrize(
    "label", ["rot13", "unicode_escape", "idna", "zlib", "\0", "", "中文", "x" * 10_000, "hz-gb-2312"]
)
def test_junk_labels_are_ignored(label: str) -> None:
    assert decode(PAGE.encode(), f"text/html; charset={label}") == (PAGE, "utf-8")


@given(st.binary(max_size=400), st.text(max_size=60))
def test_never_raises(body: bytes, content_type: str) -> None:
    text, name = decode(body, content_type)
    assert isinstance(text, str)
    assert decode_as(body, name) == text
    decode(body, f"text/html; charset={content_type}")


# WHATWG's gb18030 maps some private-use code points, and U+1E3F, otherwise than Python's.
ASSIGNED = st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn"), exclude_characters="\u1e3f")


@given(st.text(ASSIGNED, max_size=200), st.sampled_from(["utf-8", "gb18030"]))
def test_what_is_declared_truly_round_trips(text: str, encoding: str) -> None:
    # With a sentence beside it: a short string alone can be ambiguous.
    source = page(encoding) + text
    assert decode(source.encode(encoding), f"text/html; charset={encoding}") == (source, encoding)
