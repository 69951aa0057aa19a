"""The command line in process, and small sites on the loopback."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from crawler.plan import Plan
from reports.language import Language
from xuncha import orders
from xuncha.__main__ import main
from xuncha.parameters import speak

AS_OF = "2026-11-20T09:00"

_MARKS = (
    "党政机关网站标识 政府网站找错 主办单位：云岭县林业局 网站标识码：5399990012 云ICP备00000012号 "
    "滇公网安备53999902000012号 联系电话：0999-0000012 网站地图"
)


@pytest.fixture(autouse=True)
def chinese() -> None:
    """Each test begins as a process does: a command of an earlier one may have spoken English."""
    speak(Language("zh"))


def _metas(**metas: str) -> str:
    site = {"SiteName": "云岭县林业局", "SiteDomain": "127.0.0.1", "SiteIDCode": "5399990012"}
    return "".join(f'<meta name="{name}" content="{content}">' for name, content in (site | metas).items())


def _column(name: str) -> str:
    return _metas(ColumnName=name, ColumnDescription=name, ColumnKeywords=name, ColumnType=name)


def _article(column: str, title: str, day: str) -> str:
    named = {"ColumnName": column, "ColumnType": column, "ArticleTitle": title}
    return _metas(**named, PubDate=f"{day} 08:00", ContentSource="云岭县林业局")


_DISCLOSURE = ("政府信息公开指南", "政府信息公开制度", "法定主动公开内容", "政府信息公开年报", "依申请公开")

_PARTS = (
    "一、总体情况",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "六、其他需要报告的事项",
)
_TABLES = "第二十条第（一）项 本年制发件数 本年新收政府信息公开申请数量 结果维持 结果纠正 尚未审结"

_ARTICLE_12 = (
    "<p>政府信息的分类和编排体系、获取方式见目录。工作机构：云岭县林业局办公室，办公地址：滨河大道9号，办公时间：8:30至17:30，"
    "电话：0999-0000012，传真：0999-0000013，电子邮箱：gk@127.0.0.1。</p>"
)

_COLUMNS = (
    "机构职能",
    "领导信息",
    "部门动态",
    "通知公告",
    "政策文件",
    "政策解读",
    "政府信息公开",
    "办事服务",
    "互动交流",
    "本局概况",
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """The one line on standard error; more or less than one fails the test."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert "Traceback" not in self.err
        return lines[0]


@dataclass(frozen=True, slots=True)
class Clerk:
    """Types commands, in process, into the folder `here`; reads what they wrote."""

    here: Path
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: object) -> Said:
        self.capsys.readouterr()
        code = main([str(word) for word in words])
        said = self.capsys.readouterr()
        assert "Traceback" not in said.err
        return Said(code, said.out, said.err)

    def data(self, folder: str = "out") -> dict[str, Any]:
        """findings.json of a report folder."""
        read: dict[str, Any] = json.loads((self.here / folder / "findings.json").read_text("utf-8"))
        return read

    def facts(self, folder: str = "out") -> dict[str, list[Any]]:
        """What two runs over the same sites must agree on: everything but when they were."""
        return {
            site["site"]["url"]: [
                site["verdict"],
                site["vetoes"],
                [(c["indicator"], c["clause"], c["status"], c["problems"]) for c in site["checks"]],
                sorted(
                    (f["fingerprint"], f["at"], f["on"] or "", f["certain"], f["message"]) for f in site["findings"]
                ),
            ]
            for site in self.data(folder)["sites"]
        }

    def write(self, name: str, text: str) -> Path:
        path = self.here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in; suspects are asked again at once."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XUNCHA_DATA", raising=False)
    monkeypatch.setattr(orders, "Plan", functools.partial(Plan, confirm_after=0.05))
    return tmp_path


@pytest.fixture
def xuncha(here: Path, capsys: pytest.CaptureFixture[str]) -> Clerk:
    return Clerk(here, capsys)


@dataclass
class Web:
    """A site whose every answer is written down. Unknown paths get a 404."""

    answers: dict[str, tuple[int, Mapping[str, str], bytes]] = field(default_factory=dict)
    for_spiders: dict[str, tuple[int, Mapping[str, str], bytes]] = field(default_factory=dict)
    """What they are answered instead."""
    asked: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def page(self, path: str, body: str, *, title: str = "云岭县林业局", metas: str = "") -> None:
        html = f"<!DOCTYPE html><html><head><meta charset=utf-8><title>{title}</title>{metas}</head><body>{body}</body>"
        self.answers[path] = (200, {"Content-Type": "text/html; charset=utf-8"}, html.encode())

    def sound(self) -> None:
        """A small department's site with nothing wrong on it as of AS_OF."""
        links = "".join(f"<li><a href=/c{n}/>{name}</a></li>" for n, name in enumerate(_COLUMNS))
        news = "".join(
            f"<li><a href=/c2/a{n}.html>林区防火工作{n}</a><span>2026-11-1{n}</span></li>" for n in range(1, 4)
        )
        table = "<a href=/nb/2025bb.html>政府网站工作年度报表（2025年度）</a>"
        mailbox = "<a href=/xx/>局长信箱</a>"
        search = "<form action=/c1/><input type=search name=q></form>"
        self.page("/", f"{search}<ul>{links}</ul><ul>{news}</ul><p>{mailbox}{table}{_MARKS}</p>", metas=_metas())
        for n, name in enumerate(_COLUMNS):
            items = ""
            for day in (12, 17):
                at, title = f"/c{n}/a{day}.html", f"{name}内容{day}"
                items += f"<li><a href={at}>{title}</a><span>2026-11-{day}</span></li>"
                metas = _article(name, title, f"2026-11-{day}")
                self.page(
                    at, f"<h1>{title}</h1><p>发布时间：2026-11-{day} 08:00</p><p>正文</p>", title=title, metas=metas
                )
            parts = "".join(f"<a href=/d{part}.html>{title}</a>" for part, title in enumerate(_DISCLOSURE))
            beside = parts if name == "政府信息公开" else ""
            self.page(f"/c{n}/", f"<h1>{name}</h1>{beside}<ul>{items}</ul>", title=name, metas=_column(name))
        for part, title in enumerate(_DISCLOSURE):
            metas = _article("政府信息公开", title, "2026-11-12")
            body = f"<h1>{title}</h1><p>发布时间：2026-11-12 08:00</p>{_ARTICLE_12 if part == 0 else ''}"
            self.page(f"/d{part}.html", body, title=title, metas=metas)
        self._yearly()
        letters = (("2026-11-12", "2026-11-16", "已答复"), ("2026-11-18", "", "待答复"))
        rows = "".join(f"<tr><td>咨询林权登记</td><td>{a}</td><td>{b}</td><td>{c}</td></tr>" for a, b, c in letters)
        head = "<tr><th>来信标题</th><th>来信日期</th><th>答复日期</th><th>状态</th></tr>"
        self.page("/xx/", f"<h1>局长信箱</h1><table>{head}{rows}</table>", title="局长信箱", metas=_column("局长信箱"))
        for n in range(1, 4):
            title = f"林区防火工作{n}"
            metas = _article("部门动态", title, f"2026-11-1{n}")
            self.page(
                f"/c2/a{n}.html", f"<h1>{title}</h1><p>发布时间：2026-11-1{n} 08:00</p>", title=title, metas=metas
            )

    def _yearly(self) -> None:
        """The reports on 2025: on disclosure, in the form of its year, and the table on the website."""
        title = "云岭县林业局2025年政府信息公开工作年度报告"
        rows = f"<ul><li><a href=/nb/2025.html>{title}</a><span>2026-01-20</span></li></ul>"
        self.page(
            "/d3.html", f"<h1>政府信息公开年报</h1>{rows}", title="政府信息公开年报", metas=_column("政府信息公开年报")
        )
        parts = "".join(f"<p>{part}</p><p>按规定办理，没有遗漏。</p>" for part in _PARTS)
        body = f"<h1>{title}</h1><p>发布时间：2026-01-20 08:00</p>{parts}<p>{_TABLES}</p>"
        self.page("/nb/2025.html", body, title=title, metas=_article("政府信息公开年报", title, "2026-01-20"))
        title = "政府网站工作年度报表（2025年度）"
        metas = _article("政府信息公开", title, "2026-01-20")
        body = f"<h1>{title}</h1><p>发布时间：2026-01-20 08:00</p>"
        self.page("/nb/2025bb.html", body, title=title, metas=metas)

    def say(self, path: str, status: int, body: bytes = b"", kind: str = "text/plain", **headers: str) -> None:
        self.answers[path] = (status, {"Content-Type": kind, **headers}, body)


@pytest.fixture
def webs() -> Iterator[Callable[[], Web]]:
    """Make sites."""
    servers: list[tuple[ThreadingHTTPServer, Thread]] = []

    def make() -> Web:
        web = Web()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                web.asked.append(f"{self.command} {path}")
                answers = web.answers
                if "Baiduspider" in self.headers["User-Agent"]:
                    answers = answers | web.for_spiders
                status, headers, body = answers.get(path, (404, {"Content-Type": "text/html"}, b"<p>404"))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_HEAD = do_GET  # noqa: N815 - the base class's name

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Tests are quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        servers.append((server, thread))
        web.port = server.server_port
        return web

    yield make
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def web(webs: Callable[[], Web]) -> Web:
    return webs()
