"""A site whose secure connection is weak is weak, not down: a browser warns, and lets its reader in."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import pytest
from loopback import Loopback

import crawler
import reports
import rules
import xuncha
from crawler import fetch, tls
from crawler.archived import ArchivedSnapshot
from crawler.fetch import Fetcher
from crawler.guard import Guard
from crawler.outcome import Verdict
from crawler.warc import records
from crawler.weakness import weakness

# Made for these tests; they protect nothing. Valid 2020 to 2120 unless their names say otherwise.
CERTIFICATES = Path(__file__).with_name("certificates")
HOST = "www.yunling.gov.cn"
NEWS = "www.xishan.gov.cn"
BODY = (
    "<html><head><meta charset=utf-8><title>云岭县人民政府</title></head><body><p>政务公开</p></body></html>".encode()
)


def context(name: str, change: Callable[[ssl.SSLContext], None] = lambda _: None) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.set_ciphers("ALL:@SECLEVEL=0")
    made.load_cert_chain(CERTIFICATES / f"{name}.pem")
    with warnings.catch_warnings():  # old versions are what is tested
        warnings.simplefilter("ignore", DeprecationWarning)
        change(made)
    return made


def tls_10(made: ssl.SSLContext) -> None:
    made.minimum_version = made.maximum_version = ssl.TLSVersion.TLSv1


def tls_11(made: ssl.SSLContext) -> None:
    made.minimum_version = made.maximum_version = ssl.TLSVersion.TLSv1_1


def short_dh(made: ssl.SSLContext) -> None:
    made.maximum_version = ssl.TLSVersion.TLSv1_2
    made.set_ciphers("DHE-RSA-AES128-GCM-SHA256@SECLEVEL=0")
    made.load_dh_params(CERTIFICATES / "short-dh.pem")


def cbc_only(made: ssl.SSLContext) -> None:
    made.maximum_version = ssl.TLSVersion.TLSv1_2
    made.set_ciphers("AES128-SHA@SECLEVEL=0")


WEAK: dict[str, tuple[ssl.SSLContext, str]] = {
    "out of date": (context("expired"), "tls-expired"),
    "of next century": (context("not-yet-valid"), "tls-not-yet-valid"),
    "for another name": (context("other-name"), "tls-name"),
    "without its intermediate": (context("no-intermediate"), "tls-chain"),
    "signed by itself": (context("self-signed"), "tls-self-signed"),
    "with a short key": (context("short-key"), "tls-key"),
    "with a short key exchange": (context("rsa", short_dh), "tls-key"),
    "TLS 1.0 only": (context("good", tls_10), "tls-old"),
    "TLS 1.1 only": (context("good", tls_11), "tls-old"),
    "ciphers without forward secrecy only": (context("rsa", cbc_only), "tls-old"),
}


class Talkative:
    """A server that tells its client why it hangs up, as web servers do and asyncio does not."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join(10)
        self._listener.close()

    _over = False

    def _run(self) -> None:
        while not self._over:
            line, _ = self._listener.accept()
            line.settimeout(10)
            with self._tls.wrap_socket(line, server_side=True, do_handshake_on_connect=False) as secure:
                try:
                    self._answer(secure)
                except OSError:
                    with contextlib.suppress(OSError):  # the client left first
                        socket.socket.shutdown(secure, socket.SHUT_WR)
                        while socket.socket.recv(secure, 65536):
                            pass  # else its last words would be lost with what was not read

    @staticmethod
    def _answer(line: ssl.SSLSocket) -> None:
        line.do_handshake()
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(BODY)}\r\nConnection: close\r\n\r\n".encode()
        line.sendall(head if line.recv(65536).startswith(b"HEAD") else head + BODY)


class Site:
    """Answers everything with `head` and `body`; remembers the heads of what was asked."""

    def __init__(self, status: str = "200 OK", body: bytes = BODY, *headers: str) -> None:
        self.asked: list[str] = []
        lines = (f"HTTP/1.1 {status}", "Content-Type: text/html", f"Content-Length: {len(body)}", *headers)
        self._answer = "\r\n".join((*lines, "", "")).encode() + body

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.asked.append(head)
            end = self._answer.find(b"\r\n\r\n") + 4
            writer.write(self._answer[:end] if head.startswith("HEAD") else self._answer)
            await writer.drain()


@pytest.fixture(autouse=True)
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our authority beside the world's, as on a machine where it is installed."""
    made = ssl.create_default_context()
    made.load_verify_locations(CERTIFICATES / "root.pem")
    monkeypatch.setattr(tls, "strict", lambda: made)


def told(snapshot: ArchivedSnapshot, url: str) -> tuple[Verdict, str]:
    return next((k.outcome.verdict, k.outcome.code) for k in snapshot.links() if k.url == url)


def linked(loopback: Loopback, go: Any, *urls: str, **hosts: int) -> ArchivedSnapshot:
    """A visit of a home page that links to `urls`."""
    links = "".join(f"<a href='{url}'>链接{n}</a>" for n, url in enumerate((*urls, "http://www.shilin.gov.cn/")))
    hosts["www.shilin.gov.cn"] = loopback.listen(Site())  # there is a way out
    home = loopback.listen(Site("200 OK", f"<meta charset=utf-8>{links}".encode()))
    return go(f"http://{NEWS}/", hosts={NEWS: home, **{name.replace("_", "."): port for name, port in hosts.items()}})


@pytest.mark.parametrize("name", WEAK)
def test_a_weak_site_is_not_down(loopback: Loopback, go: Any, name: str) -> None:
    server, code = WEAK[name]
    with Talkative(server) as there:
        snapshot = linked(loopback, go, f"https://{HOST}/", **{HOST: there.port})
    assert told(snapshot, f"https://{HOST}/") == (Verdict.OK, code)
    answer = snapshot.answer(f"https://{HOST}/")
    assert (answer.weak, answer.status, answer.expires) == (code, 200, None)
    assert any("可以打开，但" in str(link.outcome.reason) for link in snapshot.links())


def test_an_old_server_that_hangs_up_without_a_word_is_not_down(loopback: Loopback, go: Any) -> None:
    port = loopback.listen(Site(), context("good", tls_10))
    snapshot = linked(loopback, go, f"https://{HOST}/", **{HOST: port})
    assert told(snapshot, f"https://{HOST}/") == (Verdict.OK, "tls-old")


def test_a_sound_server_that_hangs_up_once_is_sound(loopback: Loopback, go: Any) -> None:
    met = 0
    port = loopback.listen(Site(), context("good"))

    async def first_reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal met
        met += 1
        if met == 1:
            await reader.read(1000)
            return
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pipe(reader, back), pipe(there, writer))

    snapshot = linked(loopback, go, f"https://{HOST}/", **{HOST: loopback.listen(first_reset)})
    assert told(snapshot, f"https://{HOST}/") == (Verdict.OK, "ok")


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


def test_a_sound_site_is_sound(loopback: Loopback, go: Any) -> None:
    snapshot = linked(loopback, go, f"https://{HOST}/", **{HOST: loopback.listen(Site(), context("good"))})
    assert told(snapshot, f"https://{HOST}/") == (Verdict.OK, "ok")
    answer = snapshot.answer(f"https://{HOST}/")
    assert answer.weak == ""
    assert answer.expires.year == 2120


def test_a_weak_home_page_is_read_and_marked(loopback: Loopback, go: Any) -> None:
    port = loopback.listen(Site(), context("expired"))
    snapshot = go(f"https://{HOST}/", hosts={HOST: port})
    assert snapshot.home.title == "云岭县人民政府"
    assert (snapshot.home.answer.weak, snapshot.home_answer.weak) == ("tls-expired", "tls-expired")
    assert snapshot.coverage.complete


def test_the_failed_check_stays_in_the_evidence(loopback: Loopback, go: Any, tmp_path: Path) -> None:
    port = loopback.listen(Site(), context("expired"))
    go(f"https://{HOST}/", hosts={HOST: port})
    kept = [(r.rec_type, r.raw_stream.read()) for r in records(tmp_path / "visit0" / "visit.warc.gz")]
    assert any(kind == "metadata" and b"certificate has expired" in body for kind, body in kept)


@pytest.mark.parametrize("status", ["404 Not Found", "500 Internal Server Error"])
def test_a_fault_told_over_it_accuses_nobody(loopback: Loopback, go: Any, status: str) -> None:
    site = Site(status)
    snapshot = linked(loopback, go, f"https://{HOST}/", **{HOST: loopback.listen(site, context("expired"))})
    assert told(snapshot, f"https://{HOST}/") == (Verdict.UNSURE, f"http-{status[:3]}")


def test_a_wall_is_a_wall_over_it(loopback: Loopback, go: Any) -> None:
    snapshot = linked(
        loopback, go, f"https://{HOST}/", **{HOST: loopback.listen(Site("403 Forbidden"), context("expired"))}
    )
    assert told(snapshot, f"https://{HOST}/") == (Verdict.BLOCKED, "http-403")


def test_the_way_over_a_weak_site_is_weak(loopback: Loopback, go: Any) -> None:
    there = f"http://{NEWS}/other"
    weak = loopback.listen(Site("302 Found", b"", f"Location: {there}"), context("expired"))
    snapshot = linked(loopback, go, f"https://{HOST}/", **{HOST: weak})
    assert told(snapshot, f"https://{HOST}/") == (Verdict.OK, "tls-expired")


def test_plain_text_where_tls_was_expected_is_down(loopback: Loopback, go: Any) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    snapshot = linked(loopback, go, f"https://{HOST}/", **{HOST: loopback.listen(plain)})
    assert told(snapshot, f"https://{HOST}/") == (Verdict.BROKEN, "tls")


def test_a_server_that_asks_for_the_users_certificate_is_closed_to_us(loopback: Loopback, go: Any) -> None:
    def ask(made: ssl.SSLContext) -> None:
        made.verify_mode = ssl.CERT_REQUIRED
        made.load_verify_locations(CERTIFICATES / "root.pem")

    with Talkative(context("good", ask)) as there:
        snapshot = linked(loopback, go, f"https://{HOST}/", **{HOST: there.port})
    assert told(snapshot, f"https://{HOST}/") == (Verdict.BLOCKED, "tls-client")


def alert(number: int) -> Callable[..., Any]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(bytes((21, 3, 3, 0, 2, 2, number)))  # RFC 8446, 6: a fatal alert
        await writer.drain()

    return serve


def test_nothing_in_common_is_not_down(loopback: Loopback, go: Any) -> None:
    """As servers answer that speak national ciphers only: the browsers made for them get in."""
    snapshot = linked(loopback, go, f"https://{HOST}/", **{HOST: loopback.listen(alert(40))})
    assert told(snapshot, f"https://{HOST}/") == (Verdict.UNSURE, "tls-handshake")


def test_an_alert_that_no_browser_gets_past_is_down(loopback: Loopback, go: Any) -> None:
    snapshot = linked(loopback, go, f"https://{HOST}/", **{HOST: loopback.listen(alert(80))})
    assert told(snapshot, f"https://{HOST}/") == (Verdict.BROKEN, "tls")


def test_no_credentials_go_where_nobody_was_checked(loopback: Loopback) -> None:
    """Neither headers of the caller's nor a cookie of a site that was checked."""
    weak = Site()
    sound = Site("302 Found", b"", "Set-Cookie: session=secret", "Location: https://old.yunling.gov.cn/")
    ports = {
        HOST: loopback.listen(sound, context("good")),
        "old.yunling.gov.cn": loopback.listen(weak, context("expired")),
    }

    async def run() -> fetch.Reply:
        guard = Guard(hosts=tuple((name, ("127.0.0.1", port)) for name, port in ports.items()))
        async with Fetcher(agent="xuncha", guard=guard) as fetcher:
            mine = {"Authorization": "Basic c2VjcmV0", "Referer": f"https://{HOST}/inside"}
            await fetcher.fetch("https://old.yunling.gov.cn/", headers=mine)
            return await fetcher.fetch(f"https://{HOST}/")

    reply = asyncio.run(run())
    assert reply.answer.weak == "tls-name"
    assert len(weak.asked) == 2
    for head in weak.asked:
        assert not {"authorization", "referer", "cookie"} & {
            line.partition(":")[0].lower() for line in head.splitlines()
        }


def test_cookies_of_the_weak_site_itself_go_back_to_it(loopback: Loopback, go: Any) -> None:
    """Many systems hand one out and redirect to the same address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            if b"cookie: seen=1" in head:
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            else:
                writer.write(b"HTTP/1.1 302 Found\r\nSet-Cookie: seen=1\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()

    snapshot = linked(loopback, go, f"https://{HOST}/", **{HOST: loopback.listen(serve, context("expired"))})
    assert told(snapshot, f"https://{HOST}/") == (Verdict.OK, "tls-expired")


def test_a_known_weak_site_is_not_shaken_hands_with_twice_a_page(loopback: Loopback) -> None:
    site = Site()
    port = loopback.listen(site, context("expired"))

    async def run() -> list[fetch.Reply]:
        async with Fetcher(agent="xuncha", guard=Guard(hosts=((HOST, ("127.0.0.1", port)),))) as fetcher:
            return [await fetcher.fetch(f"https://{HOST}/{n}") for n in range(3)]

    replies = asyncio.run(run())
    assert [len(reply.exchanges) for reply in replies] == [2, 1, 1]
    assert {reply.answer.weak for reply in replies} == {"tls-expired"}


_BOTH_WAYS = """
import asyncio, json, sys
from crawler.fetch import Fetcher
from crawler.guard import Guard
from crawler.libraries import aiohttp

async def run(host, port):
    async with aiohttp.ClientSession() as session:
        try:
            async with session.get(f"https://127.0.0.1:{port}/", server_hostname=host) as answer:
                theirs = answer.status
        except aiohttp.ClientConnectorCertificateError:
            theirs = None
    async with Fetcher(agent="xuncha", guard=Guard(hosts=((host, ("127.0.0.1", port)),))) as fetcher:
        answer = (await fetcher.fetch(f"https://{host}/")).answer
    return [theirs, answer.status, answer.weak]

print(json.dumps(asyncio.run(run(sys.argv[1], int(sys.argv[2])))))
"""


def test_who_names_no_authorities_trusts_nobody(loopback: Loopback) -> None:
    """In a process of its own, whose system trusts our authority: the library alone does not, the crawler does."""
    port = loopback.listen(Site(), context("good"))
    env = {**os.environ, "SSL_CERT_FILE": str(CERTIFICATES / "root.pem")}
    command = [sys.executable, "-c", _BOTH_WAYS, HOST, str(port)]
    told = subprocess.run(command, capture_output=True, text=True, env=env, check=True, timeout=60)
    assert json.loads(told.stdout) == [None, 200, ""]


def test_every_connection_names_its_authorities() -> None:
    """Wherever the program has the library connect, it says whom to trust."""
    found = []
    for package in (crawler, rules, reports, xuncha):
        for path in Path(str(package.__file__)).parent.rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(call, ast.Call):
                    continue
                name = ast.unparse(call.func).rpartition(".")[2]
                if name in {"ClientRequest", "ClientSession", "create_connection", "open_connection"}:
                    found.append((path.name, name, {keyword.arg for keyword in call.keywords}))
    by_library = [names for _, name, names in found if name.startswith("Client")]
    assert by_library
    assert all("ssl" in names for names in by_library)
    # One raw socket, wrapped by hand (crawler.tolerant).
    assert [(file, name) for file, name, _ in found if not name.startswith("Client")] == [
        ("tolerant.py", "create_connection")
    ]


def test_a_private_address_stays_private(loopback: Loopback) -> None:
    port = loopback.listen(Site(), context("expired"))

    async def run() -> fetch.Reply:
        async with Fetcher(agent="xuncha", guard=Guard()) as fetcher:
            return await fetcher.fetch(f"https://127.0.0.1:{port}/")

    assert asyncio.run(run()).answer.failure.kind == "private"


@pytest.mark.parametrize(
    ("detail", "code"),
    [
        ("[SSL: UNSAFE_LEGACY_RENEGOTIATION_DISABLED] unsafe legacy renegotiation disabled (_ssl.c:992)", "tls-legacy"),
        ("[SSL: DH_KEY_TOO_SMALL] dh key too small (_ssl.c:992)", "tls-key"),
        ("certificate verify failed: self-signed certificate in certificate chain (_ssl.c:992)", "tls-chain"),
        ("certificate verify failed: EE certificate key too weak (_ssl.c:992)", "tls-key"),
        ("certificate verify failed: CA signature digest algorithm too weak", "tls-key"),
        ("certificate verify failed: something new", "tls-chain"),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:992)", ""),
        ("", ""),
    ],
)
def test_the_words_of_openssl(detail: str, code: str) -> None:
    assert weakness(detail) == code
