"""`xuncha review serve`: from the command line to a page in the browser, until it is told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import click
from aiohttp import web

from crawler.message import Message, say
from reports.summary import Catalogue
from reports.text import line
from rules.engine.assessment import Run
from xuncha import log
from xuncha.inspection import load_edition, visit_folder
from xuncha.orders import Orders, judged_by
from xuncha.parameters import Mistake, spoken
from xuncha.review.desk import NAME, Desk
from xuncha.review.docket import Docket
from xuncha.review.door import Door, is_loopback
from xuncha.review.page import Pages
from xuncha.review.server import Server, listen, told_to_stop
from xuncha.store import Store


def _tell(message: Message) -> None:
    click.echo(spoken().text(message))


def serve(
    orders: Orders,
    name: str,
    *,
    host: str,
    port: int,
    who: str,
    network: bool,
    until: Callable[[], Awaitable[object]] = told_to_stop,
    tell: Callable[[Message], None] = _tell,
    patience: float = 5.0,
) -> None:
    """`patience`: seconds to wait for another program's lock. Raises Mistake, StoreError, EditionError."""
    if not network and not is_loopback(host):
        raise Mistake(
            say(
                "--host {host}：复核页面只在本机打开，因为它不加密，同一网络的人可以看到并改动；"
                "确需从其他电脑打开，请加 --allow-network",
                host=host,
            )
        )
    path = orders.data / "xuncha.db"
    with log.to(orders.data), ThreadPoolExecutor(1) as worker:
        with Store.open(path, read_only=True, patience=patience) as reading:
            run = reading.runs.get(name)
            orders = judged_by(orders, reading.runs.options(run.id))
            visited = reading.runs.visited(run.id)
        pages = Pages(run, Catalogue(load_edition(orders)), spoken())
        # A connection stays in the thread that made it.
        store = worker.submit(partial(Store.open, path, patience=patience)).result()
        try:
            desk = Desk(Docket(store, run.id), pages, partial(visit_folder, orders, visited))
            app = partial(_app, desk, pages, worker, host, line(who, NAME), run, tell)
            asyncio.run(listen(host, port, app, until))
        finally:
            worker.submit(store.close).result()
    tell(say("复核页面已关闭"))


def _app(
    desk: Desk,
    pages: Pages,
    worker: ThreadPoolExecutor,
    host: str,
    who: str,
    run: Run,
    tell: Callable[[Message], None],
    port: int,
) -> web.Application:
    door = Door(host, port, who)

    def again() -> None:
        tell(say("已打开。换浏览器或另一人复核，请用：{address}", address=door.address))

    tell(say("复核检查 {run}，请在浏览器中打开（只能用一次）：{address}", run=run.id, address=door.address))
    tell(say("按 Ctrl-C 停止"))
    return Server(desk, pages, door, worker, again).app()
