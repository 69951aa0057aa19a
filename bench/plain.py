"""The stack one would write first: httpx, BeautifulSoup on lxml, urljoin, sqlite-utils, each with its defaults.

Run by `compare.py`: `python plain.py URL CONCURRENCY DATABASE`; prints one JSON object. Every page and link is stored,
as we do; no evidence, no rules, no second ask.
"""

from __future__ import annotations

import asyncio
import json
import sys
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx
from bs4 import BeautifulSoup
from sqlite_utils import Database

ATTRIBUTES = ("href", "src", "data", "background", "poster")


async def crawl(start: str, concurrency: int, db: Database) -> dict[str, object]:
    host = urlsplit(start).netloc
    queue: asyncio.Queue[str] = asyncio.Queue()
    queue.put_nowait(start)
    seen = {start}
    broken: list[str] = []
    pages = 0

    async def work(client: httpx.AsyncClient) -> None:
        nonlocal pages
        while True:
            url = await queue.get()
            try:
                response = await client.get(url)
                if response.status_code >= 400:
                    broken.append(url)
                elif "html" in response.headers.get("content-type", ""):
                    pages += 1
                    read(url, response)
            except httpx.HTTPError:
                broken.append(url)
            finally:
                queue.task_done()

    def read(url: str, response: httpx.Response) -> None:
        soup = BeautifulSoup(response.content, "lxml")
        title = soup.title.get_text(strip=True) if soup.title else ""
        db.table("pages").insert({"url": url, "title": title, "text": len(soup.get_text())}, pk="url", replace=True)
        rows = []
        for tag in soup.find_all(True):
            for attribute in ATTRIBUTES:
                raw = tag.get(attribute)
                if isinstance(raw, str):
                    target = urldefrag(urljoin(url, raw.strip())).url
                    if urlsplit(target).netloc == host:
                        rows.append({"page": url, "url": target, "tag": tag.name})
                        if target not in seen:
                            seen.add(target)
                            queue.put_nowait(target)
        db.table("links").insert_all(rows)

    async with httpx.AsyncClient(follow_redirects=True, timeout=20) as client:
        workers = [asyncio.create_task(work(client)) for _ in range(concurrency)]
        await queue.join()
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return {"pages": pages, "unique": len(seen), "broken": sorted(broken)}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(crawl(sys.argv[1], int(sys.argv[2]), Database(sys.argv[3])))))
