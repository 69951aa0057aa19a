"""Who may come in. Any page open in the clerk's browser, and any program on the machine, can knock on a loopback port.

- The address printed holds a key that opens once; what opens afterwards is a cookie (HttpOnly, SameSite=Strict).
- The Host must be one of ours: a foreign name that was made to resolve to this machine (DNS rebinding) is refused.
- Whoever writes must say that the form came from here (Origin) and send the token that stands in each form.
"""

from __future__ import annotations

import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address

from crawler.message import Message, say

_WILD = frozenset({"0.0.0.0", "::"})  # noqa: S104 - told apart, not bound here


class Refused(Exception):  # noqa: N818 - what happened to the guest
    """Its one argument is a Message that says why."""


@dataclass(slots=True)
class Notice:
    """One line on the next page that is shown."""

    message: Message
    wrong: bool = False
    batch: str = ""
    """What it can be taken back by."""
    key: str = ""
    """The one finding that it is about."""


@dataclass(slots=True)
class Guest:
    """One browser that came in."""

    who: str
    """Empty: not said yet."""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    """Stands in each form."""
    notice: Notice | None = None
    drafts: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """What was typed and could not be written, by the place of its form."""


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class Door:
    def __init__(self, host: str, port: int, who: str) -> None:
        self._host, self._port, self._who = host, port, who
        self._key = secrets.token_urlsafe(24)
        self._guests: dict[str, Guest] = {}
        self.cookie = f"xuncha-review-{port}"
        """A name of its own: cookies do not tell ports apart."""

    @property
    def address(self) -> str:
        """What opens once."""
        name = socket.gethostname() if self._host in _WILD else self._host
        return f"http://{_bracketed(name)}:{self._port}/enter?key={self._key}"

    def enter(self, key: str) -> str:
        """The value of a cookie for the one-time key, which is another one from then on. Raises Refused."""
        if not _same(key, self._key):
            raise Refused(say("这个网址已经用过，或者不完整；请用命令窗口中最后显示的网址"))
        self._key = secrets.token_urlsafe(24)
        cookie = secrets.token_urlsafe(24)
        self._guests[cookie] = Guest(self._who)
        return cookie

    def guest(self, cookie: str) -> Guest:
        """Raises Refused."""
        guest = self._guests.get(cookie)
        if guest is None:
            raise Refused(say("请用命令窗口中显示的网址打开复核页面；什么也没有记入"))
        return guest

    def check_host(self, host: str) -> None:
        """Raises Refused for a Host that is not this server's."""
        name, _, port = host.rpartition(":")
        if port != str(self._port) or not self._is_ours(name.removeprefix("[").removesuffix("]").lower()):
            raise Refused(say("不接受用网址“{host}”打开", host=host))

    def _is_ours(self, name: str) -> bool:
        if self._host in _WILD:
            # A number cannot be made to mean another machine; of names only our own.
            return _is_number(name) or name in ("localhost", socket.gethostname().lower())
        if is_loopback(self._host):
            return is_loopback(name)
        return name == self._host.lower()

    @staticmethod
    def check_origin(origin: str, host: str) -> None:
        """Raises Refused for a form of another site, or of one that does not say."""
        if origin != f"http://{host}":
            raise Refused(say("这个请求不是从复核页面发出的，什么也没有记入"))

    @staticmethod
    def check_form(guest: Guest, form: Mapping[str, str]) -> None:
        """Raises Refused for a form that is not one of this guest's."""
        if not _same(form.get("token", ""), guest.token):
            raise Refused(say("这个表单是以前打开的，什么也没有记入；请返回、刷新页面后重新提交"))


def _same(given: str, own: str) -> bool:
    return secrets.compare_digest(given.encode("utf-8", "replace"), own.encode())


def _is_number(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
