"""The least Scrapy spider that checks links: every tag and attribute that Scrapy's own extractor knows, one host.

Run by `compare.py` with Scrapy's interpreter: `python spider.py URL CONCURRENCY`; prints one JSON object.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.http import HtmlResponse, Response
from scrapy.linkextractors.lxmlhtml import LxmlLinkExtractor

TAGS = ("a", "area", "link", "img", "script", "iframe", "frame", "source", "object", "embed", "input")
ATTRIBUTES = ("href", "src", "data")


class Spider(scrapy.Spider):  # type: ignore[misc]
    name = "links"

    def __init__(self, start: str, **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        self.start_urls = [start]
        self.host = urlsplit(start).netloc
        self.extractor = LxmlLinkExtractor(tags=TAGS, attrs=ATTRIBUTES, deny_extensions=(), unique=True)
        self.broken: list[str] = []
        self.pages = 0
        self.answers = 0

    def parse(self, response: Response, **_: object) -> Iterator[scrapy.Request]:
        self.answers += 1
        if response.status >= 400:
            self.broken.append(response.url)
        elif isinstance(response, HtmlResponse):
            self.pages += 1
            for link in self.extractor.extract_links(response):
                if urlsplit(link.url).netloc == self.host:
                    yield scrapy.Request(link.url)


def main(start: str, concurrency: int) -> None:
    process = CrawlerProcess(
        {
            "CONCURRENT_REQUESTS": concurrency,
            "CONCURRENT_REQUESTS_PER_DOMAIN": concurrency,
            "DOWNLOAD_DELAY": 0,
            "ROBOTSTXT_OBEY": False,
            "HTTPERROR_ALLOW_ALL": True,
            "RETRY_ENABLED": False,
            "TELNETCONSOLE_ENABLED": False,
            "LOG_LEVEL": "ERROR",
        }
    )
    crawler = process.create_crawler(Spider)
    process.crawl(crawler, start=start)
    process.start()
    spider = crawler.spider
    print(json.dumps({"pages": spider.pages, "unique": spider.answers, "broken": sorted(spider.broken)}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
