"""Pages whose scripts mean harm, shown in the browser: each is bounded, and none reaches what the visit may not."""

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.guard import Guard
from crawler.site import Column, ColumnKind

NEWEST = "2026-10-10"
HOST = "localhost"  # a secure context, where service workers and the like may be had
SHELL = (
    "<!DOCTYPE html><html><head><meta charset=utf-8><title>工作动态</title></head><body>"
    "<div class=main><ul id=list></ul></div><div class=foot>主办单位：云岭县人民政府</div>"
    "{more}<script>{script}</script><script>{fill}</script></body></html>"
)
FILL = (
    "fetch('/rows.json').then(r => r.json()).then(rows => {document.getElementById('list').innerHTML = rows.map(row => "
    "'<li><a href=\"' + row.url + '\">' + row.title + '</a><span>' + row.date + '</span></li>').join('')});"
)


@pytest.fixture
def udp() -> Iterator[socket.socket]:
    """Hears whoever asks by UDP."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.setblocking(False)
        yield listener


def heard(udp: socket.socket) -> bytes:
    try:
        return udp.recv(100)
    except BlockingIOError:
        return b""


@pytest.fixture
def told(server: Any, go: Any, browser: Any) -> Any:
    """told(cases) visits a column for each: name → (script, more HTML). What is said of each, and how new it is."""

    def run(cases: dict[str, tuple[str, str]], **plan: Any) -> dict[str, str]:
        rows = [
            {"url": f"/a/{n}.html", "title": f"云岭县召开第{n}次会议", "date": f"2026-10-{n:02}"} for n in range(1, 11)
        ]
        server.on("/rows.json", server.answer(json.dumps(rows).encode(), content_type="application/json"))
        links = "".join(f"<a href=/x{n}>{n}</a>" for n in range(5))
        server.on("/", server.answer(f"<html><body>{links}<p>{'云岭县' * 200}</p></body></html>".encode()))
        given = []
        for n, (name, (script, more)) in enumerate(cases.items()):
            server.on(f"/{n}/", server.answer(SHELL.format(script=script, more=more, fill=FILL).encode()))
            given.append(Column(name, f"http://{HOST}/{n}/", ColumnKind.NEWS))
        # The site's own host leads here; this machine's address itself may not be asked.
        guard = Guard(hosts=((HOST, ("127.0.0.1", server.port)),))
        wanted = {"needs": frozenset({"columns"}), "guard": guard} | browser | plan
        views = go(f"http://{HOST}/", columns=given, **wanted).columns
        return {v.name: str(v.newest) if v.unobservable is None else str(v.unobservable) for v in views}

    return run


def test_scripts_without_end_are_cut_off(server: Any, told: Any) -> None:
    """And the browser goes on with the next page."""
    grow = "for (let i = 0; i < 9999; i++) document.body.append(document.createElement('p'))"
    cases = {
        "循环": ("for (;;) {}", ""),
        "承诺": ("(async () => {for (;;) await 0})()", ""),
        "地址栏": ("for (let i = 0;; i++) history.pushState(0, '', '?' + i)", ""),
        "定时器": ("const again = () => {for (let i = 0; i < 9; i++) setTimeout(again)}; again()", ""),
        "疯长": (f"setInterval(() => {{{grow}}}, 1)", ""),
        "长属性": ("document.body.title = 'x'.repeat(1e8)", ""),
        "深": (
            "let e = document.body; for (let i = 0; i < 6e4; i++) e = e.appendChild(document.createElement('b'))",
            "",
        ),
        "对象": ("const a = []; for (;;) a.push(new Array(1e6).fill(a.length))", ""),
        "缓冲": ("const a = []; for (let i = 1;; i++) a.push(new Uint8Array(1e8).fill(i))", ""),
        "请求": ("for (let i = 0; i < 9999; i++) fetch('/rows.json?' + i)", ""),
        "框架": ("for (let i = 0; i < 999; i++) document.write('<iframe src=/frame></iframe>'); for (;;) {}", ""),
        "好": ("", ""),
    }
    found = told(cases, render_seconds=12.0)
    assert found.pop("好") == NEWEST
    why = ("没有运行完", "内容过多", "浏览器打开页面时中断", "地址过多", "HTTP 404")
    assert {name: any(word in text for word in why) for name, text in found.items()} == dict.fromkeys(found, True), (
        found
    )
    assert len(server.seen) < 300


def test_what_a_page_does_to_the_browser_stays_there(
    server: Any, other: Any, told: Any, udp: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of these pages draws its list all the same."""
    for name in ("xdg-open", "xdg-email"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\necho $0 $@ >> {tmp_path}/started\n", encoding="ascii")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    there, port = f"127.0.0.1:{other.port}", udp.getsockname()[1]
    ice = f"[{{urls: 'stun:127.0.0.1:{port}'}}, {{urls: 'turn:{there}?transport=tcp', username: 'a', credential: 'b'}}]"
    call = f"p = new W.RTCPeerConnection({{iceServers: {ice}}}); p.createDataChannel('x');"
    call += "p.createOffer().then(o => p.setLocalDescription(o))"
    reach = f"new WebSocket('ws://{there}/'); fetch('http://{there}/')"
    parts = (
        f"<iframe src=http://{there}/></iframe><object data=http://{there}/></object><embed src=http://{there}/>"
        f"<img src=http://{there}/><video src=http://{there}/></video><link rel=stylesheet href=http://{there}/>"
        f"<link rel=icon href=http://{there}/><link rel=preconnect href=http://{there}/>"
        f"<link rel=prefetch href=http://{there}/><form id=f target=t method=post action=http://{there}/></form>"
        "<iframe name=t></iframe><script>f.submit()</script>"
        '<script type=speculationrules>{"prefetch": [{"urls": ["http://'
        + there
        + '/"], "eagerness": "immediate"}]}</script>'
    )
    tamper = (
        "Document.prototype.getElementsByTagName = () => ({length: 'x'}); window.Set = null;"
        "Node.prototype.cloneNode = () => null; Event.prototype.preventDefault = () => 0;"
        "Object.defineProperty(document, 'links', {get: () => ({length: {}})});"
        "Object.defineProperty(Element.prototype, 'outerHTML', {get: () => 'x'}); RegExp.prototype.test = () => true;"
    )
    frame = "const f = document.createElement('iframe'); document.body.append(f);"
    cases = {
        "对话框": ("for (let i = 0; i < 9; i++) {alert(1); confirm(2); prompt(3)}; print()", ""),
        "离开前": ("addEventListener('beforeunload', e => {e.preventDefault(); for (;;) {}})", ""),
        "窗口": ("for (let i = 0; i < 99; i++) window.open('/window')", ""),
        "新窗口": (
            "document.links[0].target = '_blank'; for (let i = 0; i < 99; i++) document.links[0].click()",
            "<a href=/window>x</a>",
        ),
        "下载": (
            "const a = document.links[0]; a.download = 'x.exe'; for (let i = 0; i < 99; i++) a.click()",
            "<a href='data:,x'>x</a>",
        ),
        "后台": ("navigator.serviceWorker.register('/worker.js').catch(() => 0)", ""),
        "后台二": (
            "ServiceWorkerContainer.prototype.register.call(navigator.serviceWorker, '/worker.js').catch(() => 0)",
            "",
        ),
        "共享": (f"new SharedWorker(URL.createObjectURL(new Blob([`{reach}`])))", ""),
        "通话": (f"W = window; {call}", ""),
        "框架里": (f"{frame} W = f.contentWindow; {call}", ""),
        "快速": (f"new WebTransport('https://127.0.0.1:{port}/').ready.catch(() => 0)", ""),
        "部件": (f"navigator.sendBeacon('http://{there}/', 'x')", parts),
        "权限": ("navigator.geolocation.getCurrentPosition(() => 0); Notification.requestPermission()", ""),
        "写信": ("location.href = 'mailto:' + 'a@b.cn'", "<iframe src=mailto:a@b.cn></iframe>"),
        "改写": (
            f"{tamper} location.href = 'mailto:' + 'a@b.cn'",
            "<form name=links></form><img name=documentElement>",
        ),
        "文件": ("fetch('file:///etc/passwd').catch(() => 0)", "<iframe src=file:///etc/passwd></iframe>"),
    }
    assert told(cases) == dict.fromkeys(cases, NEWEST)
    assert (other.connections, heard(udp), (tmp_path / "started").exists()) == (0, b"", False)
    assert not set(server.targets()) & {"/window", "/worker.js"}


def test_what_a_page_may_not_reach_leaves_it_unsure(server: Any, other: Any, told: Any) -> None:
    there = f"127.0.0.1:{other.port}"
    inner, onward = "指向内部网络地址，没有访问", f"页面要转到 http://{there}/"
    cases = {
        "取": (f"fetch('http://{there}/')", "", inner),
        "悄悄取": (f"fetch('http://{there}/', {{mode: 'no-cors', keepalive: true}})", "", inner),
        "六": ("fetch('http://[::1]/')", "", inner),
        "元数据": ("fetch('http://169.254.169.254/')", "", inner),
        "转向": ("fetch('/redirect')", "", inner),
        "脚本": ("", f"<script src=http://{there}/></script>", inner),
        "套接字": (f"new WebSocket('ws://{there}/')", "", "WebSocket"),
        "工人": (f"new Worker(URL.createObjectURL(new Blob([`new WebSocket('ws://{there}/')`])))", "", "Worker"),
        "事件": (f"new EventSource('http://{there}/')", "", "eventsource"),
        "转走": (f"setTimeout(() => location.replace('http://{there}/'))", "", onward),
        "刷新": (f"document.write('<meta http-equiv=refresh content=\"0;url=http://{there}/\">')", "", onward),
        "提交": ("document.forms[0].submit()", f"<form action=http://{there}/ method=post></form>", onward),
        "拦住": (
            f"addEventListener('beforeunload', e => e.preventDefault()); setTimeout(() => location.replace('http://{there}/'))",
            "",
            onward,
        ),
        "文件": ("setTimeout(() => location.replace('/file' + '.zip'))", "", "页面要转到"),
        "重来": ("setTimeout(() => location.reload())", "", "页面要转到"),
    }
    server.on("/redirect", server.redirect(f"http://{there}/"))
    found = told({name: (script, more) for name, (script, more, _) in cases.items()})
    assert {name: words in found[name] for name, (*_, words) in cases.items()} == dict.fromkeys(cases, True), found
    assert (other.connections, "/file.zip" in server.targets()) == (0, False)
