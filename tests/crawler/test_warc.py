"""The evidence: standard records that others can check, and bodies that come back as they were sent."""

import ssl
from datetime import UTC, datetime
from pathlib import Path
from uuid import RFC_4122, UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from crawler.exchange import Exchange
from crawler.extract import addresses, extract
from crawler.page import Answer, Failure, FailureKind
from crawler.warc import EvidenceFile, names_of, read_response, records, truncate

AT = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
URL = "http://www.yunling.gov.cn/a?b=%E4%BA%91"


def exchange(body: bytes = b"<p>x</p>", **more: object) -> Exchange:
    wanted = {"status": 200, "reason": "OK", "headers": (("Content-Type", "text/html"),), "body": body} | more
    return Exchange(URL, "GET", AT, 0.25, (("User-Agent", "xuncha"),), **wanted)


def check(path: Path) -> int:
    class Command:
        inputs = (str(path),)
        verbose = False

    return Checker(Command()).process_all()


def test_a_response_and_its_request(tmp_path: Path) -> None:
    path = tmp_path / "visit.warc.gz"
    file = EvidenceFile(path, "xuncha/1.0")
    evidence = file.write(exchange(server="192.0.2.7"))
    file.close()
    info, response, request = (
        (record.rec_type, dict(record.rec_headers.headers), record.http_headers, record.content_stream().read())
        for record in records(path)
    )
    assert info[0] == "warcinfo"
    assert info[1]["WARC-Date"].endswith("Z")
    assert b"xuncha/1.0" in info[3]
    assert response[0] == "response"
    assert response[1]["WARC-Target-URI"] == URL
    assert response[1]["WARC-Date"] == "2026-11-24T01:30:00Z"
    assert response[1]["WARC-IP-Address"] == "192.0.2.7"
    assert response[1]["WARC-Payload-Digest"] == f"sha256:{evidence.sha256}"
    assert response[2].statusline == "200 OK"
    assert response[3] == b"<p>x</p>"
    assert request[0] == "request"
    assert request[1]["WARC-Concurrent-To"] == response[1]["WARC-Record-ID"]
    assert request[2].get_header("User-Agent") == "xuncha"
    assert request[2].protocol == "GET"
    assert evidence.warc == "visit.warc.gz"
    assert check(path) == 0


def test_who_answered_stands_there_once(tmp_path: Path, certificate: Path) -> None:
    """What the name was resolved to, and the certificate: again only where they change."""
    path = tmp_path / "visit.warc.gz"
    pem = certificate.read_text("ascii")
    pem = pem[pem.index("-----BEGIN CERT") :]
    known = {"resolved": ("192.0.2.7", "2001:db8::7"), "certificate": ssl.PEM_cert_to_DER_cert(pem)}
    file = EvidenceFile(path, "xuncha")
    for more in (known, known, known | {"resolved": ("192.0.2.8",)}):
        file.write(exchange(**more))
    file.close()
    kept = [
        (r.rec_headers.get_header("WARC-Target-URI"), r.content_stream().read())
        for r in records(path)
        if r.rec_type == "resource"
    ]
    host = "www.yunling.gov.cn"
    assert kept == [
        (f"dns:{host}", f"{host}. IN A 192.0.2.7\r\n{host}. IN AAAA 2001:db8::7\r\n".encode()),
        (f"tls:{host}:443", pem.encode()),
        (f"dns:{host}", f"{host}. IN A 192.0.2.8\r\n".encode()),
    ]
    assert check(path) == 0
    found = extract(path, set(addresses(Answer(URL, URL, AT, 0.1))))
    pair = ("response", "request")
    assert [r.kind for r in found] == ["warcinfo", "resource", "resource", *pair, *pair, "resource", *pair]
    assert (found[1].head, found[2].head) == (kept[0][1].decode().strip(), pem.strip())
    assert found[3].text == "<p>x</p>"


def test_what_is_no_address_has_no_witness() -> None:
    assert names_of("http://[bad/") == names_of("http://x:99999/") == ("dns:", "tls::443")


def test_every_record_has_a_name_of_its_own(tmp_path: Path) -> None:
    """A urn:uuid each, in the file that is gone on with and in another one too (ISO 28500, 5.2)."""
    for path in (tmp_path / "a.warc.gz", tmp_path / "a.warc.gz", tmp_path / "b.warc.gz"):
        file = EvidenceFile(path, "xuncha")
        for _ in range(3):
            file.write(exchange())
        file.close()
    names = [
        record.rec_headers.get_header("WARC-Record-ID")
        for path in (tmp_path / "a.warc.gz", tmp_path / "b.warc.gz")
        for record in records(path)
    ]
    assert len(set(names)) == len(names) == 3 * 6 + 2
    for name in names:
        urn = name.removeprefix("<").removesuffix(">")
        assert UUID(urn).urn == urn
        assert (UUID(urn).variant, UUID(urn).version) == (RFC_4122, 4)


def test_what_never_answered_is_evidence_too(tmp_path: Path) -> None:
    path = tmp_path / "visit.warc.gz"
    file = EvidenceFile(path, "xuncha")
    failure = Failure(FailureKind.DNS, "Name or service not known")
    evidence = file.write(exchange(b"", status=None, failure=failure))
    file.close()
    *_, last = ((r.rec_type, r.rec_headers.get_header("WARC-Target-URI"), r.raw_stream.read()) for r in records(path))
    assert last[:2] == ("metadata", URL)
    assert b"failure: dns\r\ndetail: Name or service not known\r\n" in last[2]
    assert read_response(path, evidence.offset, evidence.sha256) == ({}, last[2])
    assert check(path) == 0


def test_a_body_that_was_cut_says_so(tmp_path: Path) -> None:
    file = EvidenceFile(tmp_path / "a.warc.gz", "xuncha")
    file.write(exchange(truncated=True))
    file.close()
    response = [r.rec_headers.get_header("WARC-Truncated") for r in records(tmp_path / "a.warc.gz")][1]
    assert response == "length"


def test_a_body_stands_without_its_chunks(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    file = EvidenceFile(path, "xuncha")
    evidence = file.write(exchange(b"5\r\n", headers=(("Transfer-Encoding", "chunked"), ("Server", "云岭\x80"))))
    file.close()
    headers, body = read_response(path, evidence.offset, evidence.sha256)
    assert body == b"5\r\n"
    assert headers["x-archive-orig-transfer-encoding"] == "chunked"
    assert "transfer-encoding" not in headers
    assert headers["server"] == "云岭\x80"
    assert check(path) == 0


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=5000),
    headers=st.lists(
        st.tuples(
            st.text("ABCabc-012", min_size=1, max_size=12).map("X-{}".format),
            st.text(max_size=40),
        ),
        max_size=5,
    ),
    reason=st.text(max_size=20),
    status=st.integers(100, 999),
)
def test_any_answer_comes_back(
    tmp_path: Path, body: bytes, headers: list[tuple[str, str]], reason: str, status: int
) -> None:
    path = tmp_path / "any.warc.gz"
    path.unlink(missing_ok=True)
    file = EvidenceFile(path, "xuncha")
    kept = [file.write(exchange(body, headers=tuple(headers), reason=reason, status=status)) for _ in range(2)]
    file.close()
    for evidence in kept:
        assert read_response(path, evidence.offset, evidence.sha256)[1] == body
    assert check(path) == 0


def test_half_a_record_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    file = EvidenceFile(path, "xuncha")
    evidence = file.write(exchange())
    file.flush()
    end = file.size
    file.write(exchange(b"y" * 5000))
    file.close()
    path.write_bytes(path.read_bytes()[:-20])
    truncate(path, end)
    again = EvidenceFile(path, "xuncha")
    third = again.write(exchange(b"z"))
    again.close()
    assert [r.rec_type for r in records(path)].count("warcinfo") == 1
    assert read_response(path, evidence.offset, evidence.sha256)[1] == b"<p>x</p>"
    assert read_response(path, third.offset, third.sha256)[1] == b"z"
    assert check(path) == 0


def test_nothing_to_drop(tmp_path: Path) -> None:
    truncate(tmp_path / "none.warc.gz", 0)
    assert not (tmp_path / "none.warc.gz").exists()


@pytest.mark.parametrize("offset", [0, 1, 17, 99_999])
def test_evidence_that_is_not_there(tmp_path: Path, offset: int) -> None:
    path = tmp_path / "a.warc.gz"
    file = EvidenceFile(path, "xuncha")
    evidence = file.write(exchange())
    file.close()
    with pytest.raises(ValueError, match=str(offset)):
        read_response(path, offset, evidence.sha256)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=400), keep=st.integers(0, 400))
def test_any_damage_is_a_value_error(tmp_path: Path, junk: bytes, keep: int) -> None:
    path = tmp_path / "damaged.warc.gz"
    path.unlink(missing_ok=True)
    file = EvidenceFile(path, "xuncha")
    evidence = file.write(exchange())
    file.close()
    content = path.read_bytes()
    path.write_bytes(content[: evidence.offset + keep] + junk)
    try:
        body = read_response(path, evidence.offset, evidence.sha256)[1]
    except ValueError:
        return
    assert body == b"<p>x</p>"


def test_others_can_read_it_member_by_member(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    file = EvidenceFile(path, "xuncha")
    offsets = [file.write(exchange(bytes([n]) * n)).offset for n in range(1, 5)]
    file.close()
    with path.open("rb") as stream:
        reader = ArchiveIterator(stream)
        seen = [reader.get_record_offset() for record in reader if record.rec_type == "response"]
    assert seen == offsets
