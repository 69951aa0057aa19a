"""The template of the notices: what the office may change in it, and what is refused before anything is written."""

import re
from datetime import date
from pathlib import Path

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports import wordfile, wording
from reports.background import Background
from reports.details import NoticeDetails
from reports.narrative import Narrative
from reports.tally import tally
from reports.wording import WordingError


@pytest.fixture
def toml(tmp_path):
    """A template with one thing replaced."""

    def change(old, new):
        file = tmp_path / "模板.toml"
        assert old in wording.source()
        file.write_text(wording.source().replace(old, new, 1), "utf-8")
        return file

    return change


@pytest.fixture(scope="module")
def taken_out():
    return wordfile.write(wording.default())


@pytest.fixture
def word(tmp_path, taken_out):
    """The template as a Word file, with the paragraphs of one sentence replaced."""

    def change(key, *texts, spoil=lambda document: None):
        file = tmp_path / "模板.docx"
        file.write_bytes(taken_out)
        document = Document(str(file))
        for row in [row for table in document.tables for row in table.rows if row.cells[0].text == key]:
            row.cells[1].text = texts[0]
            for text in texts[1:]:
                row.cells[1].add_paragraph(text)
        spoil(document)
        document.save(str(file))
        return file

    return change


def refusal(file):
    with pytest.raises(WordingError) as error:
        wording.load(file)
    said = str(error.value.message)
    assert said == str(error.value)
    assert "\n" not in said
    assert len(said) < 500
    assert file.name in said
    return said


def test_the_word_file_says_what_the_text_file_says(word, toml):
    assert wording.load(word("")) == wording.default()
    assert wording.load(toml("version = 2", "version = 2")) == wording.default()


def test_an_edited_sentence_stands_in_the_notice(word, run, edition, qualified):
    own = wording.load(word("overview.count", "此次{activity}查了{checked}家。"))
    assert own.digest != wording.default().digest
    text = Narrative(run, tally(run, [qualified]), edition, NoticeDetails(wording=own), Background())
    assert text.sections[0][1][0].text.startswith("此次抽查查了1家。该网站为")


def test_what_the_office_leaves_out_is_left_out(word, run, edition, qualified):
    own = wording.load(word("overview.reviews", ""))
    text = Narrative(run, tally(run, [qualified]), edition, NoticeDetails(wording=own), Background())
    assert not any("待人工复核" in sentence.text for _, sentences in text.sections for sentence in sentences)


def test_the_parts_of_a_title_may_be_more_or_fewer(word):
    assert wording.load(word("title.parts", "关于{period}", "检查情况的通报")).several("title.parts") == (
        "关于{period}",
        "检查情况的通报",
    )


def test_grades_may_be_added_and_the_highest_that_is_reached_counts(toml):
    own = wording.load(toml("100 = ", '95 = "甲"\n100 = '))
    assert own.grade(19, 20) == "甲"
    assert own.grade(9499, 10_000) == wording.default().grade(9, 10), "94.99% is not 95%"
    assert own.grade(0, 3) == own.one("grades.0")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("version = 2", "version = 1", "版本是 1，应是 2"),
        ("version = 2", "", "版本是 空的"),
        ("[lead]", "[leed]", "leed.text"),
        ('whole = "检查"', "", "缺少 activity.whole"),
        ('whole = "检查"', 'whole = "检查"\nsome = "x"', "activity.some"),
        ("{running}家，本次{activity}{checked}家，占{share}", "{runing}家，占{share}", "没有 {runing}"),
        ("占{share}{enough}", "占一部分{enough}", "少了 {share}"),
        ("{deadline}完成整改，并将", "尽快完成整改，并将", "demands.rectify 中少了 {deadline}"),
        ("{basis}要求", "{basis要求", "花括号"),
        ("{basis}要求", "{basis.__class__}要求", "basis.__class__"),
        ("{basis}要求", "{basis!r}要求", "{basis}"),
        ("{basis}要求", "{0}要求", "{0}"),
        ("{basis}要求", "{}要求", "没有 {}"),
        ('whole = "检查"', "whole = 3", "activity.whole 应是文字"),
        ('whole = "检查"', 'whole = ["检", "查"]', "应是一段文字"),
        ('whole = "检查"', f'whole = "{"长" * 3000}"', "超过"),
        ('"按期完成整改。", ', "", "应有 2 段文字，现有 1 段"),
        ("\n0 = ", "\n1 = ", "grades.0"),
        ("100 = ", "101 = ", "grades.101"),
        ("[activity]", "[activity", "TOML"),
    ],
)
def test_a_bad_template_is_refused_in_one_line(toml, old, new, told):
    assert told in refusal(toml(old, new))


def test_a_bad_word_template_is_refused_in_one_line(word, tmp_path):
    assert "少了 {share}" in refusal(word("overview.share", "共{running}家，查了{checked}家{enough}。"))
    assert "应有 2 段" in refusal(word("demands.rectify", "整改。{deadline}"))
    changed = f'<w:ins {nsdecls("w")} w:id="1" w:author="a"><w:r><w:t>新增</w:t></w:r></w:ins>'
    assert "修订标记" in refusal(
        word("", spoil=lambda d: d.tables[1].rows[1].cells[1].paragraphs[0]._p.append(parse_xml(changed)))
    )
    assert "出现了两次" in refusal(
        word("", spoil=lambda d: setattr(d.tables[2].rows[1].cells[0], "text", d.tables[2].rows[2].cells[0].text))
    )
    assert "缺少 title.parts" in refusal(
        word("", spoil=lambda d: d.tables[1]._tbl.getparent().remove(d.tables[1]._tbl))
    )
    for content in (b"", b"PK\x03\x04", b"not a document"):
        (tmp_path / "x.docx").write_bytes(content)
        assert "不是 Word 文件" in refusal(tmp_path / "x.docx")


def test_files_that_cannot_be_read_are_told(tmp_path):
    assert "nowhere.toml" in refusal(tmp_path / "nowhere.toml")
    assert "nowhere.docx" in refusal(tmp_path / "nowhere.docx")
    (tmp_path / "gbk.toml").write_bytes(wording.source().encode("gb18030"))
    assert "UTF-8" in refusal(tmp_path / "gbk.toml")


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200))
def test_any_text_is_a_template_or_refused_in_one_line(tmp_path: Path, text: str):
    file = tmp_path / "any.toml"
    file.write_bytes(text.encode("utf-8", "replace"))
    refusal(file)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_characters='"\\\r\n', exclude_categories=["Cs", "Cc"]), max_size=40))
def test_any_sentence_is_put_in_or_refused(toml, text: str):
    file = toml('contact = "联系人及联系电话：{contact}。"', f'contact = "{text}{{contact}}"')
    try:
        own = wording.load(file)
    except WordingError:
        assert re.search("[{}]", text)
    else:
        assert own.one("demands.contact").format(contact="甲").endswith("甲")


def test_the_deadline_of_the_office_stands_as_it_gave_it(run, edition, unqualified):
    details = NoticeDetails(issued=date(2026, 11, 24), due=date(2026, 12, 31))
    text = Narrative(run, tally(run, [unqualified]), edition, details, Background())
    assert any("2026年12月31日前完成整改" in s.text for _, sentences in text.sections for s in sentences)
    assert not text.assumed
