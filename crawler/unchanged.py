"""Asking only for what has changed: conditional requests (RFC 9110, 13.1), and when a 304 is believed.

A 304 is the server's word that a page is as it was, and an inspection must not hang on the word of a server that says
so to everybody. So what accuses by age is always read: the home page, whose time is measured, and the columns. A
suspect's second ask and the probe for missing pages send no conditions either. The first 304 of a kind of address
(origin, first folder and suffix: one server hands out files, and makes pages by several programs) is put to the proof:
asked with conditions that nothing can meet, it must hand out the very bytes we have. Who fails, or changes a page under
the same validator, is asked plainly for the rest of the visit; a weak ETag promises too little and is not sent. A body
that was not read for thirty days is read again, whatever the server says.

What is left: a server that is honest of the proved page and lies of another beside it is believed for thirty days, as
every browser believes it that comes back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from crawler.baseline import Baseline, Former, Same
from crawler.exchange import Reply
from crawler.target import Stage, Target
from crawler.urls import origin, suffix
from crawler.warc import Profile

_LONGEST = timedelta(days=30)
_IMPOSSIBLE = {"If-None-Match": '"xuncha-asks-for-the-whole"', "If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}

Get = Callable[[Mapping[str, str]], Awaitable[Reply]]


class Unchanged:
    def __init__(
        self,
        baseline: Baseline | None,
        *,
        pause: Callable[[str], Awaitable[None]],
        keep: Callable[[Reply], None],
    ) -> None:
        """`pause` waits for a turn at the host of an address; `keep` takes replies that are no target's answer."""
        self._baseline = baseline
        self._pause = pause
        self._keep = keep
        self._honest: dict[str, asyncio.Task[bool]] = {}
        self._liars: set[str] = set()

    async def ask(self, target: Target, get: Get) -> Reply:
        """`get`, given more headers to send, asks the target. Its reply says where its body is the former one."""
        former = self._baseline.former(target.url) if self._baseline is not None and not target.again else None
        if former is None:
            return await get({})
        conditions = self._conditions(target, former)
        reply = await get(conditions)
        if conditions and reply.answer.status == 304:
            same = await self._not_modified(former, reply, get)
            if same is not None:
                return same
            self._keep(reply)
            await self._pause(target.url)
            reply = await get({})
        return self._compared(former, reply)

    async def close(self) -> None:
        for proof in self._honest.values():
            proof.cancel()
        await asyncio.gather(*self._honest.values(), return_exceptions=True)

    def _conditions(self, target: Target, former: Former) -> dict[str, str]:
        """None for whom they were no proof; a body from the future tells of a clock that was set back."""
        age = datetime.now(UTC) - former.received
        if target.stage <= Stage.COLUMN or former.redirected or not timedelta() <= age <= _LONGEST:
            return {}
        if _kind(former.url) in self._liars:
            return {}
        sent = {}
        if former.etag.startswith('"'):
            sent["If-None-Match"] = former.etag
        if former.modified:
            sent["If-Modified-Since"] = former.modified
        return sent

    async def _not_modified(self, former: Former, reply: Reply, get: Get) -> Reply | None:
        """The former answer in the place of a 304; None when that cannot be believed, or its body is gone."""
        if reply.answer.hops or _says_otherwise(former, reply) or self._baseline is None:
            return None
        member = self._baseline.member(former)
        if member is None or not await self._is_honest(former, get):
            return None
        answer = replace(
            reply.answer,
            status=former.status,
            media_type=former.media_type,
            size=former.size,
            digest=former.digest,
        )
        same = Same(former, Profile.NOT_MODIFIED, member)
        return replace(reply, answer=answer, content_type=former.content_type, body=b"", same=same)

    async def _is_honest(self, former: Former, get: Get) -> bool:
        kind = _kind(former.url)
        if kind not in self._honest:
            self._honest[kind] = asyncio.create_task(self._prove(former, get))
        return await asyncio.shield(self._honest[kind]) and kind not in self._liars

    async def _prove(self, former: Former, get: Get) -> bool:
        await self._pause(former.url)
        reply = await get(_IMPOSSIBLE)
        self._keep(reply)
        proved = reply.answer.status == former.status and _has_bytes(former, reply)
        if not proved:
            self._liars.add(_kind(former.url))
        return proved

    def _compared(self, former: Former, reply: Reply) -> Reply:
        """The reply to a plain request, or to conditions that did not hold."""
        answer = reply.answer
        if answer.url != former.url or answer.status != former.status:
            return reply
        if not _has_bytes(former, reply):
            if _validator(former.etag, former.modified) == _validator(*_validators(reply)) != "":
                self._liars.add(_kind(former.url))
            return reply
        if reply.content_type != former.content_type:
            return reply
        last = reply.exchanges[-1]
        member = self._baseline.member(former) if self._baseline is not None and last.sha256 == former.sha256 else None
        if member is not None and member.headers.get("content-encoding") != reply.headers.get("content-encoding"):
            member = None
        return replace(reply, same=Same(former, Profile.IDENTICAL, member))


def _kind(url: str) -> str:
    folder, slash, _ = url.removeprefix(f"{origin(url)}/").partition("/")
    return f"{origin(url)}/{folder + slash if slash else ''} {suffix(url)}"


def _has_bytes(former: Former, reply: Reply) -> bool:
    if former.digest:
        return reply.answer.digest == former.digest
    return bool(reply.exchanges) and reply.exchanges[-1].sha256 == former.sha256


def _says_otherwise(former: Former, reply: Reply) -> bool:
    """A 304 carries what a 200 would have said (RFC 9110, 15.4.5): another ETag, or another type, is another page."""
    etag, _ = _validators(reply)
    if etag and former.etag and _opaque(etag) != _opaque(former.etag):
        return True
    said = reply.content_type.replace(" ", "").lower()
    return bool(said) and said not in (former.content_type.replace(" ", "").lower(), former.media_type)


def _validators(reply: Reply) -> tuple[str, str]:
    headers = reply.headers
    return headers.get("etag", ""), headers.get("last-modified", "")


def _validator(etag: str, modified: str) -> str:
    """The one a server compares: the ETag where there is one (RFC 9110, 13.2.2)."""
    return _opaque(etag) or modified


def _opaque(etag: str) -> str:
    return etag.removeprefix("W/")
