"""Notification: news to mail and chat groups, by Apprise (extra `notify`), in a thread of its own.

Where it goes is secret: addresses hold passwords and tokens. They come from the environment or from a file that only
its owner reads, and stand in no log.
"""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Condition, Thread
from time import monotonic
from typing import TYPE_CHECKING

from crawler.message import say
from reports.text import line
from xuncha.news import News, joined
from xuncha.parameters import Mistake, spoken

if TYPE_CHECKING:
    from xuncha.settings import Settings
    from xuncha.tasks import Told

VARIABLE = "XUNCHA_NOTIFY"
PAUSE = 600.0  # seconds between two messages
RETRIES = (60.0, 300.0, 900.0)
"""Seconds before each further try."""

Send = Callable[[str, str], bool]


def addresses(config: Settings) -> tuple[str, ...]:
    """Where news go to: Apprise's addresses, separated by white space or one a line. Raises Mistake."""
    words = os.environ.get(VARIABLE, "").split()
    if config.notify.secrets is not None:
        words += _secrets(config.notify.secrets)
    return tuple(dict.fromkeys(words))


def _secrets(path: Path) -> list[str]:
    try:
        mode = path.stat().st_mode
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
        raise Mistake(say("不能读取 {path}（{why}）", path=str(path), why=why)) from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Mistake(say("{path} 中有密码，只能由本人读写；请运行 chmod 600", path=str(path)))
    return [word for row in text.splitlines() if not row.lstrip().startswith("#") for word in row.split()]


def pause(config: Settings) -> float:
    """Seconds between two messages."""
    return PAUSE if config.notify.pause is None else config.notify.pause * 60.0


def sender(config: Settings) -> Send:
    """Raises Mistake where nobody is to be told, an address is wrong, or the extra is not installed."""
    found = addresses(config)
    if not found:
        raise Mistake(say("没有写明通知谁：请设置环境变量 {name}，或者 [notify] 的 secrets", name=VARIABLE))
    try:
        import apprise
    except ImportError as error:
        raise Mistake(say("发通知需要组件 notify（pip install apprise）")) from error
    # Its log quotes addresses.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    box = apprise.Apprise()
    for number, address in enumerate(found, start=1):
        if not box.add(address):
            raise Mistake(say("第 {n} 个通知地址不对，写法见 Apprise 的说明", n=number))
    return lambda title, body: bool(box.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT))


class Postman:
    """Sends in a thread of its own, so that no scan ever waits: not oftener than the pause, together what came
    meanwhile, and again after a while what failed."""

    def __init__(self, send: Send, tell: Told, *, pause: float = PAUSE, retries: Sequence[float] = RETRIES) -> None:
        self._send = send
        self._tell = tell
        self._pause = pause
        self._retries = retries
        self._waiting: list[News] = []
        self._bell = Condition()
        self._ended = False
        self._thread = Thread(target=self._run, name="notify", daemon=True)
        self._thread.start()

    def serve(self, send: Send, pause: float) -> None:
        """From now on send so; what waits goes that way too."""
        with self._bell:
            self._send, self._pause = send, pause
            self._bell.notify_all()

    def post(self, news: News) -> None:
        with self._bell:
            self._waiting.append(news)
            self._bell.notify_all()

    def close(self, seconds: float = 5.0) -> None:
        """What waits is tried once more, at once."""
        with self._bell:
            self._ended = True
            self._bell.notify_all()
        self._thread.join(seconds)

    def _run(self) -> None:
        sent = -self._pause
        while True:
            with self._bell:
                self._bell.wait_for(lambda: self._waiting or self._ended)
                while not self._ended and (left := sent + self._pause - monotonic()) > 0:
                    self._bell.wait(left)
                news, self._waiting = self._waiting, []
                ended = self._ended
            if news:
                self._deliver(joined(news))
                sent = monotonic()
            if ended:
                return

    def _deliver(self, news: News) -> None:
        text = spoken().text
        title = line(f"[xuncha] {text(news.title)}", 200)
        body = "\n".join(text(one) for one in (news.title, *news.lines))
        for number, wait in enumerate((*self._retries, None), start=1):
            if self._tried(title, body):
                self._tell("notified", say("已发通知：{title}", title=news.title))
                return
            if wait is None:
                break
            self._tell("failed", say("通知没有发出，已试 {n} 次，{s:g} 秒后再试", n=number, s=wait))
            with self._bell:
                if self._bell.wait_for(lambda: self._ended, wait):
                    break
        self._tell("failed", say("通知没有发出，不再试：{title}", title=news.title))

    def _tried(self, title: str, body: str) -> bool:
        try:
            return self._send(title, body)
        except Exception:  # noqa: BLE001 - whatever the library trips over quotes the address: it is not written down
            return False
