"""Numbers of persons: what is one, what only looks like one, and how it may be shown. All numbers here are made up."""

import re
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crawler.numbers import PROVINCES, NumberKind, find, is_card, is_resident, kinds, mask, masked

DAYS = st.dates(date(1900, 1, 1), date(2026, 1, 1))


def resident(province: str, day: date, serial: int) -> str:
    """A number with its check digit by ISO 7064 MOD 11-2, reckoned in another way than the program does."""
    digits = f"{province}0000{day:%Y%m%d}{serial:03d}"
    rest = 0
    for digit in digits:
        rest = (rest + int(digit)) * 2 % 11
    return digits + "0123456789X"[(12 - rest) % 11]


def card(digits: str) -> str:
    """The digits with Luhn's check digit behind them."""
    return next(digits + c for c in "0123456789" if is_card(digits + c))


RESIDENTS = st.builds(resident, st.sampled_from(sorted(PROVINCES)), DAYS, st.integers(1, 999))


@pytest.mark.parametrize("number", ["440524188001010014", "11010519491231002X"])
def test_the_examples_of_the_standard(number: str) -> None:
    assert is_resident(number)


@given(RESIDENTS, st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_is_seen(number: str, at: int, more: int) -> None:
    assert is_resident(number)
    if number[at] != "X":
        assert not is_resident(number[:at] + str((int(number[at]) + more) % 10) + number[at + 1 :])


@given(RESIDENTS)
def test_however_people_write_it(number: str) -> None:
    for written in (
        number,
        number.lower(),
        f"{number[:6]} {number[6:14]} {number[14:]}",
        f"{number[:6]}-{number[6:14]}-{number[14:]}",
        number.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)}),
    ):
        [found] = find(f"身份证号：{written}，特此公示")
        assert (found.kind, found.digits) == (NumberKind.RESIDENT, number)
        assert mask(found) == f"{number[:2]}{'*' * 13}{number[-3:]}"
        assert masked(f"身份证号：{written}，特此公示") == f"身份证号：{mask(found)}，特此公示"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("联系人手机13912345678", "139****5678"),
        ("手机：139-1234-5678", "139****5678"),
        ("手机：139 1234 5678", "139****5678"),
        ("电话 +8613912345678", "139****5678"),
        ("电话 +86 139 1234 5678", "139****5678"),
        ("账号6222021234567890128", None),
        ("账号" + "6222021234567890" + "123", None),
    ],
)
def test_telephones_and_cards(text: str, shown: str | None) -> None:
    assert [mask(n) for n in find(text) if n.kind is NumberKind.MOBILE] == ([shown] if shown else [])


@given(st.integers(10**12, 10**16 - 1))
def test_a_card_has_its_check_digit(digits: int) -> None:
    assume(len(set(str(digits))) > 3)
    number = card(f"62{digits}")
    [found] = [n for n in find(f"卡号：{number}（工资卡）") if n.kind is not NumberKind.MOBILE]
    assert found.digits == number
    if found.kind is NumberKind.CARD:
        assert masked(number) == f"{number[:4]}{'*' * (len(number) - 8)}{number[-4:]}"
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert not is_card(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "京公网安备11010102001234号",
        "统一社会信用代码：91110000100000000X",
        "upload/11010519491231002X.jpg",
        "11010519491231002X.jpg",
        "W11010519491231002X",
        "https://www.yunling.gov.cn/?id=11010519491231002X",
        "流水号1101051949123100212345",
        "2026112409301234567",
        "电话：0871-12345678",
        "400-123-4567",
        "13800000000",
        "3.13912345678",
        "t13912345678.html",
        "110105199902310020",
        "990105194912310024",
        "11010519491231",
    ],
)
def test_what_only_looks_like_one(text: str) -> None:
    assert list(find(text)) == []


def test_a_row_of_a_table_holds_several() -> None:
    number = resident("53", date(1980, 5, 17), 21)
    text = f"1 张某 {number} 13912345678\n2 李某 {number} 13987651234"
    assert [n.kind for n in find(text)] == [NumberKind.RESIDENT, NumberKind.MOBILE] * 2
    assert kinds(text) == {NumberKind.RESIDENT, NumberKind.MOBILE}


@given(RESIDENTS, st.text("0123456789", max_size=12))
def test_run_together_with_other_digits_it_is_masked_all_the_same(number: str, before: str) -> None:
    assert number not in masked(f"{before}{number}")


@given(st.text(st.sampled_from("0123456789xX -　云县./１２"), max_size=300))
def test_what_is_masked_holds_no_number(text: str) -> None:
    clean = masked(text)
    assert not list(find(clean))
    assert masked(clean) == clean


def test_a_page_of_nothing_but_digits_is_read_in_no_time() -> None:
    for hostile in ("1" * 200_000, "1 " * 100_000, "1" + " " * 200_000, "1-" * 100_000 + "x"):
        assert len(re.sub(r"\D", "", masked(hostile))) <= 200_000
