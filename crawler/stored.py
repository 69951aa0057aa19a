"""The text of a page as it lies in the evidence of a visit."""

from __future__ import annotations

from pathlib import Path

from crawler import charset
from crawler.exchange import decode_body
from crawler.page import Evidence
from crawler.warc import read_response


def text(folder: Path, where: Evidence, content_type: str, encoding: str = "") -> str:
    """The decoded HTML at `where`. `encoding`: as it was found when the page was read; empty: it is looked for.

    Raises OSError, and ValueError when what lies there is not what was stored.
    """
    headers, raw = read_response(folder / where.warc, where.offset, where.sha256)
    if where.rendered_by:
        return raw.decode("utf-8")
    body = decode_body(raw, headers.get("content-encoding", ""))
    return charset.decode(body, content_type)[0] if not encoding else charset.decode_as(body, encoding)
