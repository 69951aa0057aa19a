"""Notification: to a real mail server and a real webhook on the loopback."""

import json
import os
import socket
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from crawler.message import say
from crawler.probe import Probe, ProbeState
from xuncha import news, notify
from xuncha.ledger import Act, Event
from xuncha.news import News
from xuncha.notify import Postman
from xuncha.parameters import Mistake
from xuncha.probing import Round
from xuncha.settings import NotifySettings, Settings
from xuncha.store import Store

# Apprise imports modules that Python will drop.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
DATA = Path("xuncha-data/xuncha.db")
NEWS = News(say("新发现 1 个，已消失 0 个，逾期 0 个"), (say("新发现：云岭县人民政府，链接打不开"),))
LONG = 20


class Mailbox:
    def __init__(self):
        self.letters = []
        self.came = threading.Event()

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        self.came.set()
        return "250 OK"


@pytest.fixture
def mailbox():
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        box.port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


class Journal:
    def __init__(self):
        self.lines = []
        self.grown = threading.Condition()

    def __call__(self, event, message, **facts):
        with self.grown:
            self.lines.append((event, str(message)))
            self.grown.notify_all()

    def wait(self, count):
        with self.grown:
            assert self.grown.wait_for(lambda: len(self.lines) >= count, LONG), self.lines


def test_a_mail_says_in_its_first_line_what_changed(mailbox, monkeypatch):
    monkeypatch.setenv(
        notify.VARIABLE, f"mailto://127.0.0.1:{mailbox.port}/?from=xuncha@yunling.test&to=office@yunling.test"
    )
    journal = Journal()
    postman = Postman(notify.sender(Settings()), journal)
    postman.post(NEWS)
    journal.wait(1)
    postman.close()
    [letter] = mailbox.letters
    assert letter["subject"] == "[xuncha] 新发现 1 个，已消失 0 个，逾期 0 个"
    text = letter.get_body(("plain",)).get_content()
    assert text.splitlines()[:2] == [str(NEWS.title), str(NEWS.lines[0])]
    assert journal.lines == [("notified", f"已发通知：{NEWS.title}")]


def test_a_webhook_is_told_again_after_a_failure_and_the_secret_is_in_no_log(web, monkeypatch, tmp_path, caplog):
    secret = tmp_path / "notify.secret"
    secret.write_text(f"# 群\njson://user:s3cret@127.0.0.1:{web.port}/hook-t0ken\n", "utf-8")
    secret.chmod(0o600)
    send, tries = notify.sender(Settings(notify=NotifySettings(secret))), []

    def once_failing(title, body):
        tries.append((title, body))
        return send(title, body)

    journal = Journal()
    postman = Postman(once_failing, journal, pause=0.0, retries=(0.01, 0.01))
    postman.post(NEWS)  # the hook is not there: 404
    journal.wait(3)
    assert [event for event, _ in journal.lines] == ["failed", "failed", "failed"]
    assert journal.lines[-1][1].startswith("通知没有发出，不再试")
    postman.close()
    assert len(tries) == 3
    told = json.dumps([journal.lines, [record.getMessage() for record in caplog.records]])
    assert "s3cret" not in told
    assert "t0ken" not in told


def test_a_webhook_receives_it(monkeypatch):
    received = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            received.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        monkeypatch.setenv(notify.VARIABLE, f"json://127.0.0.1:{server.server_port}/hook")
        assert notify.sender(Settings())("题目", "新发现 1 个\n第二行")
        thread.join()
    [(path, body)] = received
    assert (path, body["title"], body["message"]) == ("/hook", "题目", "新发现 1 个\n第二行")


def test_what_comes_within_the_pause_goes_out_together():
    sent, journal = [], Journal()
    first = threading.Event()

    def send(title, body):
        sent.append((title, body))
        first.set()
        return True

    postman = Postman(send, journal, pause=3600.0)
    postman.post(NEWS)
    assert first.wait(LONG)
    for _ in range(3):
        postman.post(NEWS)
    postman.close(LONG)  # the end: at once
    assert [title for title, _ in sent] == [
        "[xuncha] 新发现 1 个，已消失 0 个，逾期 0 个",
        "[xuncha] 有 3 次检查发现变化",
    ]
    assert sent[1][1].count(str(NEWS.title)) == 3


def test_a_sender_that_breaks_does_not_break_the_thread():
    journal = Journal()

    def send(title, body):
        raise RuntimeError("mailto://user:s3cret@host")

    postman = Postman(send, journal, retries=())
    postman.post(NEWS)
    journal.wait(1)
    postman.close()
    assert journal.lines == [("failed", f"通知没有发出，不再试：{NEWS.title}")]


@pytest.mark.skipif(os.name != "posix", reason="no modes there")
def test_a_secret_that_others_can_read_is_refused(tmp_path):
    secret = tmp_path / "notify.secret"
    secret.write_text("json://127.0.0.1/", "utf-8")
    secret.chmod(0o640)
    with pytest.raises(Mistake, match="chmod 600"):
        notify.sender(Settings(notify=NotifySettings(secret)))


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "没有写明通知谁"), ("nonsense://s3cret@x", "第 1 个通知地址不对"), ("json://x no-address", "第 2 个")],
)
def test_a_wrong_address_is_told_without_it(monkeypatch, text, words):
    monkeypatch.setenv(notify.VARIABLE, text)
    with pytest.raises(Mistake, match=words) as caught:
        notify.sender(Settings())
    assert "s3cret" not in str(caught.value)


# What is news


def audit(xuncha, web):
    said = xuncha("audit", web.url, "--as-of", "2026-11-20T09:00", "--rate", 0, "--out", "out", "--format", "json")
    assert said.code in (0, 1, 3)
    with Store.open(DATA, read_only=True) as store:
        return news.of_run(store, store.runs.rows()[0].id)


def test_only_what_changed_is_news(xuncha, web):
    web.sound()
    assert audit(xuncha, web) is None
    web.say("/c1/a17.html", 404)
    told = audit(xuncha, web)
    assert str(told.title).startswith("新发现 1 个，已消失 0 个")
    assert any(str(line).startswith("新发现：") for line in told.lines)
    assert audit(xuncha, web) is None  # it is there still: no news
    web.sound()
    assert str(audit(xuncha, web).title) == "新发现 0 个，已消失 1 个，逾期 0 个"


def test_what_is_overdue_is_told_once(xuncha, web):
    web.sound()
    web.say("/c1/a17.html", 404)
    audit(xuncha, web)
    now = datetime.now(UTC)
    with Store.open(DATA) as store:
        [entry] = [e for e in store.ledger.entries() if e.rule == "broken-link"]
        yesterday = (now - timedelta(days=1)).date()
        store.ledger.add([(entry, Event(now, Act.NOTIFY, "政府办", day=yesterday))])
    told = audit(xuncha, web)
    assert str(told.title) == "新发现 0 个，已消失 0 个，逾期 1 个"
    assert [str(line) for line in told.lines] == [f"逾期：{web.url[7:-1]}，{entry.message}"]
    assert audit(xuncha, web) is None


def test_a_home_page_that_goes_down_or_comes_back_is_news(here):
    now, url = datetime.now(UTC), "http://www.yunling.gov.cn/"
    titles = []
    with Store.open(DATA) as store:
        for n, state in enumerate([ProbeState.UP, ProbeState.DOWN, ProbeState.DOWN, ProbeState.OURS, ProbeState.UP]):
            found = Probe(now + timedelta(hours=n), state, "x", say("超时"), 1.0)
            store.probes.add_round({url: found}, started=found.at, finished=found.at)
            said = news.of_round(store, Round({url: found}, {url: "云岭"}, {}))
            titles.append(None if said is None else [str(line) for line in said.lines])
    assert titles == [None, ["打不开：云岭，超时"], None, None, ["恢复打开：云岭"]]


def test_many_lines_are_cut():
    many = replace(NEWS, lines=NEWS.lines * 30)
    assert len(news.joined([many, many]).lines) == 21
