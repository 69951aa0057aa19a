"""`xuncha evidence`: one finding's proof in one file, and the check of such a file."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from xuncha import __version__

AS_OF = "2026-11-20T09:00"
EVIL = (
    "<script>alert(1)</script><img src=x onerror=alert(2)><iframe src=http://evil.example/></iframe>"
    '<base href="/"><meta http-equiv=refresh content="0;url=http://evil.example/"><!-- <b>secret</b> -->'
    "<form action=http://evil.example/><button formaction=http://evil.example/>x</button></form>"
    "<a href=javascript:alert(3)>y</a><svg><a xlink:href=http://evil.example/>z</a></svg>"
)


@dataclass
class Bench:
    xuncha: Any
    url: str
    folder: Path

    def finding(self, rule: str) -> dict[str, Any]:
        return next(f for f in self.xuncha.data("out")["sites"][0]["findings"] if f["rule"] == rule)

    def package(self, rule: str) -> dict[str, bytes]:
        said = self.xuncha("evidence", self.finding(rule)["fingerprint"], "--out", "e.zip")
        assert (said.code, said.err) == (0, "")
        with zipfile.ZipFile(self.folder / "e.zip") as file:
            return {name: file.read(name) for name in file.namelist()}


@pytest.fixture
def bench(xuncha: Any, webs: Callable[[], Any], here: Path) -> Bench:
    web = webs()
    web.sound()
    kind, headers, body = web.answers["/c4/"]
    web.answers["/c4/"] = (kind, headers, body.replace(b"<h1>", EVIL.encode() + b"<h1>"))
    del web.answers["/c4/a12.html"]
    said = xuncha("audit", web.url, "--as-of", AS_OF, "--rate", 0, "--out", "out", "--format", "json")
    assert said.code == 1
    return Bench(xuncha, web.url, here)


def test_the_page_is_inert_and_the_spot_is_marked(bench: Bench) -> None:
    page = bench.package("broken-link")["page.html"].decode()
    for moves in ("<script", "<iframe", "<base", "refresh", "onerror", "secret", ' src="', ' href="', ' action="'):
        assert moves not in page
    assert "javascript" not in page.replace("data-href", "href").split("href=")[0]
    assert page.index("default-src 'none'") < page.index("<body>")
    [spot] = [part for part in page.split("<a ") if 'id="xuncha-spot"' in part]
    assert "/c4/a12.html" in spot
    assert "政策文件内容12" in spot


def test_every_ask_of_the_address_and_its_page_is_there_byte_for_byte(bench: Bench) -> None:
    package, finding = bench.package("broken-link"), bench.finding("broken-link")
    records = list(ArchiveIterator(io.BytesIO(package["records.warc.gz"])))
    about = [(r.rec_type, r.rec_headers.get_header("WARC-Target-URI")) for r in records]
    assert about.count(("response", finding["at"])) >= 2, "a suspect is asked twice"
    assert ("response", finding["on"]) in about
    assert {url for _, url in about} == {finding["at"], finding["on"], None}
    [stored] = bench.folder.glob("xuncha-data/runs/*/*/visit.warc.gz")
    whole, offset = stored.read_bytes(), finding["evidence"]["offset"]
    assert whole[offset : offset + 200] in package["records.warc.gz"]
    assert b" 404 " in package["exchanges.txt"]
    assert b"GET /c4/a12.html HTTP/1.1" in package["exchanges.txt"]


def test_the_manifest_names_finding_and_files(bench: Bench) -> None:
    package, finding = bench.package("broken-link"), bench.finding("broken-link")
    manifest = json.loads(package["manifest.json"])
    assert {f["name"] for f in manifest["files"]} == set(package) - {"manifest.json", "manifest.sha256"}
    digest = hashlib.sha256(package["manifest.json"]).hexdigest()
    assert package["manifest.sha256"] == f"{digest}  manifest.json\n".encode()
    assert manifest["edition"] == "cn-2019"
    exported = manifest["exported"]
    assert (exported["version"], exported["edition_published"]) == (__version__, "2019-04-18")
    assert {len(exported[key]) for key in ("rule_sha256", "edition_sha256")} == {64}
    assert manifest["finding"]["fingerprint"] == finding["fingerprint"]
    assert manifest["finding"]["evidence"]["sha256"] == finding["evidence"]["sha256"]
    told = package["说明.txt"].decode("utf-8-sig")
    assert finding["message"] in told
    assert f"访问 {finding['at']}，本次检查共 2 次" in told
    assert "→ HTTP 404，服务器 127.0.0.1" in told
    assert "没有网页截图" in told or "screenshot.png" in told


def test_the_same_finding_gives_the_same_bytes(bench: Bench) -> None:
    bench.package("broken-link")
    first = (bench.folder / "e.zip").read_bytes()
    bench.package("broken-link")
    assert (bench.folder / "e.zip").read_bytes() == first


def test_of_a_replay_the_evidence_is_the_first_visits(bench: Bench) -> None:
    first = bench.package("broken-link")
    assert bench.xuncha("audit", "--replay", "last", "--out", "out", "--format", "json").code == 1
    second = bench.package("broken-link")
    assert second["records.warc.gz"] == first["records.warc.gz"]


def rewritten(path: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    with zipfile.ZipFile(path) as file:
        files = {name: file.read(name) for name in file.namelist()}
    change(files)
    with zipfile.ZipFile(path, "w") as file:
        for name, data in files.items():
            file.writestr(name, data)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda files: files.update({"page.html": files["page.html"] + b" "}), "page.html 与清单不符"),
        (lambda files: files.pop("exchanges.txt"), "缺少文件 exchanges.txt"),
        (lambda files: files.update({"more.txt": b"x"}), "more.txt 不在清单中"),
    ],
)
def test_what_was_changed_is_named(bench: Bench, change: Callable[[dict[str, bytes]], None], told: str) -> None:
    bench.package("broken-link")
    assert bench.xuncha("evidence", "--verify", "e.zip").code == 0
    rewritten(bench.folder / "e.zip", change)
    said = bench.xuncha("evidence", "--verify", "e.zip")
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert told in said.err


def test_one_byte_of_any_file_is_missed(bench: Bench) -> None:
    package = bench.package("broken-link")
    assert set(package) >= {
        "page.html",
        "exchanges.txt",
        "records.warc.gz",
        "说明.txt",
        "manifest.json",
        "manifest.sha256",
    }
    for name, data in package.items():
        bench.package("broken-link")
        middle = len(data) // 2
        changed = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
        rewritten(bench.folder / "e.zip", lambda files, name=name, changed=changed: files.update({name: changed}))
        said = bench.xuncha("evidence", "--verify", "e.zip")
        assert (said.code, said.err.count("\n")) == (1, 1), name
        assert name in said.err
        assert "完整" not in said.out


def test_a_manifest_without_its_digest_is_not_whole(bench: Bench) -> None:
    bench.package("broken-link")
    rewritten(bench.folder / "e.zip", lambda files: files.pop("manifest.sha256"))
    said = bench.xuncha("evidence", "--verify", "e.zip")
    assert (said.code, said.err) == (1, "缺少文件 manifest.sha256\n")


def test_with_a_browser_there_is_a_picture_of_the_page(bench: Bench, browser: Any) -> None:
    bench.xuncha.write("s.toml", "[run]\nbrowser_sandbox = false\n")
    said = bench.xuncha(
        "evidence", bench.finding("broken-link")["fingerprint"], "--out", "e.zip", "--settings", "s.toml"
    )
    assert (said.code, said.err) == (0, "")
    with zipfile.ZipFile(bench.folder / "e.zip") as package:
        picture, told = package.read("screenshot.png"), package.read("说明.txt").decode("utf-8-sig")
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert int.from_bytes(picture[16:20]) == 1366
    assert "整页截图，上方印有时间和网址（Chromium " in told
    assert bench.xuncha("evidence", "--verify", "e.zip").code == 0


def test_records_with_numbers_of_persons_are_left_out_whatever_the_finding_is(
    xuncha: Any, webs: Callable[[], Any], here: Path
) -> None:
    web = webs()
    web.sound()
    kind, headers, body = web.answers["/c4/"]
    number = "11010519491231002X"  # of the standard itself (GB 11643-1999)
    web.answers["/c4/"] = (kind, headers, body.replace(b"<h1>", f"<p>身份证号 {number}</p><h1>".encode()))
    del web.answers["/c4/a12.html"]
    xuncha("audit", web.url, "--as-of", AS_OF, "--rate", 0, "--out", "out", "--format", "json")
    bench = Bench(xuncha, web.url, here)
    package = bench.package("broken-link")
    assert "records.warc.gz" not in package
    assert not [name for name, data in package.items() if number.encode() in data]
    assert "没有收入" in package["说明.txt"].decode("utf-8-sig")


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 and nothing", b"x" * 1000])
def test_no_evidence_file_is_one_line(bench: Bench, data: bytes) -> None:
    (bench.folder / "x.zip").write_bytes(data)
    said = bench.xuncha("evidence", "--verify", "x.zip")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "x.zip" in said.err


@pytest.mark.parametrize("manifest", [b"[]", b"{}", b'{"files": [1]}', b'{"files": [{"name": "a"}]}', b"\xff"])
def test_a_strange_manifest_is_one_line(bench: Bench, manifest: bytes) -> None:
    with zipfile.ZipFile(bench.folder / "x.zip", "w") as file:
        file.writestr("manifest.json", manifest)
        file.writestr("manifest.sha256", f"{hashlib.sha256(manifest).hexdigest()}  manifest.json\n")
        file.writestr("a", b"")
    said = bench.xuncha("evidence", "--verify", "x.zip")
    assert (said.code, said.err.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("zzzz",), "没有问题“zzzz”"),
        (("",), "没有问题“”"),
        ((), "问题编号"),
        (("abc", "--verify", "e.zip"), "问题编号"),
        (("abc", "--run", "20200101"), "20200101"),
        (("--verify", "none.zip"), "none.zip"),
    ],
)
def test_mistakes_are_one_line(bench: Bench, words: tuple[str, ...], told: str) -> None:
    said = bench.xuncha("evidence", *words)
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert told in said.err


def test_evidence_that_is_gone_is_said(bench: Bench) -> None:
    finding = bench.finding("broken-link")
    [stored] = bench.folder.glob("xuncha-data/runs/*/*/visit.warc.gz")
    stored.unlink()
    said = bench.xuncha("evidence", finding["fingerprint"])
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "visit.warc.gz" in said.err


def test_what_only_a_spider_was_shown_is_in_the_package(xuncha: Any, webs: Callable[[], Any], here: Path) -> None:
    web = webs()
    web.sound()
    status, headers, body = web.answers["/"]
    bet = "开云体育官网-kaiyun体育app下载"
    web.for_spiders["/"] = (status, headers, body.replace("<title>云岭县林业局".encode(), f"<title>{bet}".encode()))
    chosen = xuncha.write("s.toml", f'[run]\nrate = 0\ncloaking = "always"\n[[site]]\nurl = "{web.url}"\n')
    assert xuncha("audit", chosen, "--as-of", AS_OF, "--out", "out", "--format", "json").code == 0
    bench = Bench(xuncha, web.url, here)
    told = bench.finding("cloaked-page")
    assert (told["at"], told["certain"], told["asked"], told["indicators"]) == (web.url, True, 2, ["5.7", "1.1"])
    files = bench.package("cloaked-page")
    assert files["exchanges.txt"].decode().count("+http://www.baidu.com/search/spider.html) xuncha/") == 2
    shown = [r.content_stream().read() for r in ArchiveIterator(io.BytesIO(files["records.warc.gz"])) if r.http_headers]
    assert sum(bet.encode() in body for body in shown) == 2
    first = list(web.asked)
    xuncha("audit", "--replay", "last", "--out", "out", "--format", "json")
    again = bench.finding("cloaked-page")
    assert (again["fingerprint"], again["evidence"]) == (told["fingerprint"], told["evidence"])
    assert web.asked == first
