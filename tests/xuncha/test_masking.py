"""Whatever a page shows of a person, no report, log or database of ours shows it again. The numbers are made up."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from xuncha.outputs import FORMATS

PERSON, PHONE, CARD = "530000198005170217", "13912345678", "6222020000123456780"


@pytest.fixture
def numbers() -> tuple[str, str, str]:
    from crawler.numbers import is_card, is_mobile, is_resident

    person = next(f"{PERSON[:17]}{c}" for c in "0123456789X" if is_resident(f"{PERSON[:17]}{c}"))
    card = next(f"{CARD[:18]}{c}" for c in "0123456789" if is_card(f"{CARD[:18]}{c}"))
    assert is_mobile(PHONE)
    return person, PHONE, card


def texts(folder: Path) -> Iterator[tuple[Path, str]]:
    """Everything in the files but the evidence, which is what the site sent: documents unpacked, databases as bytes."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("visit.")):
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                for name in packed.namelist():
                    yield path / name, packed.read(name).decode("utf-8", "replace")
        else:
            yield path, path.read_bytes().decode("utf-8", "replace")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_output_holds_a_whole_number(xuncha: Any, web: Any, numbers: tuple[str, str, str], language: str) -> None:
    person, phone, card = numbers
    web.sound()
    spaced = f"{person[:6]} {person[6:14]} {person[14:]}"
    rows = f"<tr><td>甲某</td><td>{person}</td><td>{phone}</td><td>{card}</td></tr>"
    title = f"关于{person}号当事人的公告"
    body = (
        f"<h1>{title}</h1><p>发布时间：2026-11-12 08:00</p><table><tr><th>户主</th><th>身份证号</th><th>手机</th>"
        f"<th>一卡通卡号</th></tr>{rows}{rows.replace(phone, '13887654321')}</table><p>身份证号 {spaced}</p>"
        f"<a href=/gone.html>公民身份号码 {person} 甲某 手机 {phone}</a> <img src=/gone.png alt='卡号 {card}'>"
        f"<a href=/gone.pdf>{spaced}</a><a href=/list.csv>名单 {person}</a>"
    )
    web.say(
        "/list.csv", 200, f"户主,身份证号,手机\n甲某,{person},{phone}\n乙某,{person},13887654321\n".encode(), "text/csv"
    )
    web.page("/c3/a12.html", body, title=title)
    out = xuncha.here / "out"
    said = xuncha(
        "--lang", language, "audit", web.url, "--allow-private", "--rate", 0, "--as-of", "2026-11-20T09:00",
        "--format", ",".join(FORMATS), "--out", out, "--data", xuncha.here / "data",
    )  # fmt: skip
    found = [f for f in xuncha.data()["sites"][0]["findings"] if f["rule"] == "exposed-identity"]
    assert len(found) == 5
    assert {f["at"].rpartition("/")[2] for f in found} == {"a12.html", "list.csv"}
    assert f"{person[:2]}{'*' * 13}{person[-3:]}" in "".join(f["message"] for f in found)
    assert "139****5678" in "".join(f["message"] for f in found)
    read = [*texts(out), *texts(xuncha.here / "data"), (Path("stdout"), said.out), (Path("stderr"), said.err)]
    assert {path.name for path, _ in read} >= {form.file for form in FORMATS.values() if not form.file.endswith("x")}
    for path, text in read:
        digits = re.sub(r"[ \u00a0-]", "", text)
        for number in numbers:
            assert number not in digits, f"{path} shows a whole number"


def test_the_evidence_of_it_is_masked_too(xuncha: Any, web: Any, numbers: tuple[str, str, str]) -> None:
    person, phone, card = numbers
    web.sound()
    split = f"<b>{person[:8]}</b><i>{person[8:]}</i>"
    web.page(
        "/c3/a12.html",
        f"<p>发布时间：2026-11-12 08:00</p><p title='{phone}'>身份证号 {person}，手机 {phone}，一卡通卡号 {card}</p>"
        f"<p>{split}</p><!-- {person} --><a href='/x?id={person}'>查询</a>",
    )
    told = ("audit", web.url, "--rate", 0, "--as-of", "2026-11-20T09:00", "--format", "json", "--out", "out")
    xuncha(*told)
    found = next(f for f in xuncha.data()["sites"][0]["findings"] if f["rule"] == "exposed-identity")
    said = xuncha("evidence", found["fingerprint"], "--out", "e.zip")
    assert (said.code, said.err) == (0, "")
    with zipfile.ZipFile(xuncha.here / "e.zip") as packed:
        assert "records.warc.gz" not in packed.namelist()
        for name in packed.namelist():
            digits = re.sub(r"<[^>]*>|[ -]", "", packed.read(name).decode("utf-8"))
            assert not [number for number in numbers if number in digits], name
        assert "--unmasked" in packed.read("说明.txt").decode("utf-8")
    assert xuncha("evidence", "--verify", "e.zip").code == 0
    assert xuncha("evidence", found["fingerprint"], "--out", "all.zip", "--unmasked").code == 0
    with zipfile.ZipFile(xuncha.here / "all.zip") as packed:
        assert "records.warc.gz" in packed.namelist()
