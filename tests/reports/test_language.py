"""The language of a document, and the promise that everything it can say is in the catalogue."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.message import say
from reports import msgids
from reports.language import Language, catalogue, compact
from reports.text import SENTENCE, line, plain

ZH, EN = Language("zh"), Language("en")


@pytest.mark.parametrize("package", msgids.PACKAGES)
def test_no_sentence_lacks_its_translation(package: str) -> None:
    assert msgids.missing(msgids.collect([package]), catalogue("en")) == []


def test_the_catalogue_has_no_sentence_that_nobody_says() -> None:
    said = {m.text for m in msgids.collect(msgids.PACKAGES)}
    assert set(catalogue("en")) <= said


def test_translations_fill_in_the_same_names() -> None:
    for template, translation in catalogue("en").items():
        assert msgids.names(template) == msgids.names(translation), template


def test_each_language_has_its_own_punctuation() -> None:
    """Law is quoted in neither: it stands in the edition."""
    for template, translation in catalogue("en").items():
        assert not re.search("[，。；：（）、？！《》]", translation), translation
        assert not re.search(r"[\u4e00-\u9fff][,;?!()]|[,;?!(][\u4e00-\u9fff]", template), template


def test_unknown_language_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="zh、en"):
        Language("fr")  # type: ignore[arg-type]


def test_a_sentence_is_translated_and_its_values_are_not() -> None:
    message = say("{code} {title}：{fact}", code="1.4", title="合格", fact=say("不合格"))
    assert ZH.text(message) == "1.4 合格：不合格"
    assert EN.text(message) == "1.4 合格: Non-compliant"


def test_names_are_listed_as_the_language_lists_them() -> None:
    assert (ZH.list(["甲", "乙"]), EN.list(["甲", "乙"])) == ("甲、乙", "甲, 乙")
    assert EN.say("{name}：{why}", name="--x", why=say("{words} 之一", words=("a", "b"))) == "--x: one of a, b"


def test_a_sentence_without_translation_stays_chinese() -> None:
    assert EN.text(say("没有这样一句{x}", x=1)) == "没有这样一句1"


def test_a_value_is_not_read_as_a_template() -> None:
    assert ZH.text(say("栏目“{name}”", name="{0}{name.__class__}%s")) == "栏目“{0}{name.__class__}%s”"


def test_dates_say_which_zone_they_are_in() -> None:
    at = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
    beijing = timezone(timedelta(hours=8))
    assert ZH.moment(at, beijing) == "2026年11月24日 09:30（北京时间）"
    assert EN.moment(at, beijing) == "November 24, 2026 09:30 (Beijing time)"
    assert ZH.moment(at) == "2026年11月24日 01:30（UTC+00:00）"
    assert ZH.moment(at, timezone(-timedelta(hours=3, minutes=30))) == "2026年11月23日 22:00（UTC-03:30）"
    assert ZH.date(date(2026, 1, 2)) == "2026年1月2日"
    assert compact(at, beijing) == "2026-11-24 09:30:00"


def test_numbers_and_durations() -> None:
    assert ZH.number(12045) == "12,045"
    assert ZH.number(87.5) == "87.5"
    assert ZH.duration(timedelta(seconds=40)) == "40秒"
    assert ZH.duration(timedelta(seconds=192)) == "3分12秒"
    assert EN.duration(timedelta(hours=2, minutes=5, seconds=9)) == "2 h 5 min"
    assert ZH.duration(timedelta(seconds=-1)) == "0秒"


def test_percentages_never_round_to_all_or_nothing() -> None:
    assert ZH.percent(0.0567) == "5.67%"
    assert ZH.percent(0.99999) == "99.99%"
    assert ZH.percent(0.00001) == "0.01%"
    assert (ZH.percent(0), ZH.percent(1)) == ("0%", "100%")


def test_halves_are_rounded_up_as_people_do() -> None:
    assert ZH.percent(0.12345) == "12.35%"
    assert ZH.percent(0.00125) == "0.13%"
    assert ZH.percent(1 / 8000) == "0.01%"
    assert (ZH.number(1.005), ZH.number(2.675), ZH.number(-0.125)) == ("1.01", "2.68", "-0.13")
    assert EN.percent(0.12345) == "12.35%"


@given(st.text(), st.integers(2, 50))
def test_any_text_becomes_fit_for_a_document(text: str, limit: int) -> None:
    for made in (plain(text, limit), line(text, limit)):
        assert len(made) <= limit
        made.encode()
        assert not any(ord(c) < 32 and c not in "\t\n\r" for c in made)


def test_what_is_cut_says_so() -> None:
    assert line("字" * 1_000_000) == "字" * (SENTENCE - 1) + "…"
    assert line(" " * 1_000_000 + "x") == "…"
    assert plain("a\x00b\ud800c\u202ed", 99) == "a\ufffdb\ufffdc\ufffdd"
    assert plain("ئۇيغۇر\u200f", 99) == "ئۇيغۇر\u200f"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "sayings"
    (folder / "templates").mkdir(parents=True)
    (folder / "__init__.py").write_text("", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "sayings"]:
        del sys.modules[name]


def test_sentences_are_found_in_code_and_templates(package: Path) -> None:
    (package / "a.py").write_text('x = say("外{r}", r=say("里"))\ny = self.language.say("一" "二")\n', "utf-8")
    (package / "templates" / "a.html.j2").write_text('{{ _("版{n}", n=1) }}{% if x %}{{ _("式") }}{% endif %}', "utf-8")
    found = {m.text: m.place for m in msgids.collect(["sayings"])}
    assert set(found) == {"外{r}", "里", "一二", "版{n}", "式"}
    assert found["一二"] == "sayings/a.py:2"


def test_the_help_of_commands_and_options_is_found(package: Path) -> None:
    source = """
@cli.command()
@click.option("--deep", help="深")
@click.version_option("1", help="版")
def look(deep):
    \"\"\"看一看。

    再看。
    \"\"\"

def other():
    \"\"\"不说给人听。\"\"\"
"""
    (package / "a.py").write_text(source, "utf-8")
    assert {m.text for m in msgids.collect(["sayings"])} == {"深", "版", "看一看。\n\n再看。"}


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("a.py", 'say(f"{x}")'),
        ("a.py", 'say("a" if x else "b")'),
        ("a.py", 'say(TABLE["x"])'),
        ("a.py", 'option("--x", help=f"{x}")'),
        ("a.html.j2", "{{ _(x) }}"),
    ],
)
def test_a_sentence_that_no_catalogue_can_know_is_an_error(package: Path, name: str, source: str) -> None:
    (package / name).write_text(source, "utf-8")
    with pytest.raises(msgids.NotLiteral, match=rf"sayings/{name}:1"):
        list(msgids.collect(["sayings"]))


def test_missing_sentences_are_entries_to_fill_in() -> None:
    wanted = [msgids.Msgid("甲{n}", "a.py:3"), msgids.Msgid("乙", "b.py:1"), msgids.Msgid("丙{n}", "b.py:2")]
    lacking = msgids.missing(wanted, {"乙": "B", "丙{n}": "C {m}"})
    assert [m.text for m in lacking] == ["甲{n}", "丙{n}"]
    entries = msgids.entries(lacking)
    assert "#: a.py:3\n" in entries
    assert 'msgid "甲{n}"\nmsgstr ""\n' in entries


def test_the_command_tells_what_is_missing() -> None:
    def ask(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-X", "utf8", "-m", "reports.language", *words]
        return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)

    complete = ask("--missing", *msgids.PACKAGES)
    assert (complete.returncode, complete.stdout.strip()) == (0, "")
    assert "0" in complete.stderr
    usage = ask()
    assert usage.returncode == 2
    assert "--missing" in usage.stderr
