"""A fuzz target: what any server may send, read as a visit reads it. No exception, no input over a second of CPU time.

    pip install atheris                                     (not among the dependencies; it has no wheels for Windows)
    python bench/fuzz.py --corpus FOLDER [--minutes 30] [--seed N]
    python bench/fuzz.py FILE…                              read these inputs once, without atheris

An input is one line, `MEDIA TYPE|CONTENT CODING|STAGE`, and a body. The first run fills FOLDER with pieces of the pages
of the bundled portal, in the encodings of the field. An input that fails is written to FOLDER/finds, one for each place
in the code: what it found becomes a test. Each process takes one core; run two with two folders.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

try:
    import atheris
except ImportError:
    atheris = None

if atheris is not None:
    with atheris.instrument_imports(include=["crawler", "protego"]):
        from crawler import columns, dates, discovery, harvest, outcome, robots, stylesheet
else:
    from crawler import columns, dates, discovery, harvest, outcome, robots, stylesheet
from crawler.columns import Candidate
from crawler.exchange import Exchange, Reply, decoded, retry_after
from crawler.frontier import Stage
from crawler.harvest import Scene
from crawler.page import Answer
from crawler.urls import Joiner, host, kind_of, looks_endless, looks_private, normalize, secure_twin

SECONDS = 1.0
LARGEST = 64 * 1024
MOST_DECODED = 4 * 1024 * 1024
URL = "http://www.yunling.gov.cn/zwgk/tzgg/index.html"
AT = datetime(2026, 11, 24, 9, 30, tzinfo=timezone(timedelta(hours=8)))
PORTAL = Path(__file__).parents[1] / "xuncha" / "portal" / "site"
STAGES = {"home": Stage.HOME, "column": Stage.COLUMN, "article": Stage.ARTICLE, "page": Stage.PAGE}
PIECE = 700
ENCODINGS = ("utf-8", "gb18030", "gbk", "utf-16", "utf-16-le", "big5")
WORDS = (
    '<a href="',
    "<base href=//",
    "<meta charset=gbk>",
    '<meta http-equiv=refresh content="0;url=',
    "<script>location.href='",
    "window.open('",
    "<table><tr><td>",
    "<ul><li>",
    "<select><option>",
    "<svg><a xlink:href=",
    "<template>",
    "<noscript>",
    "<![CDATA[",
    "<!--",
    "</",
    "style=background:url(",
    "@import '",
    "srcset=",
    "2026-11-24",
    "2026年11月24日",
    "发布时间：",
    "3小时前",
    "昨天",
    "（11-24）",
    "成文日期",
    "下一页",
    "更多>>",
    "&#x110000;",
    "&nbsp;",
    "\\u0000",
    "http://[::1",
    "http://xn--",
    "//@:",
    "javascript:void(0)",
    "%E4%BA%91%",
    "charset=",
    "createPageHTML(",
    "<record><![CDATA[",
    "User-agent: *\nDisallow: /*$",
)


class TooSlow(Exception):  # noqa: N818 - a find
    """An input took more than SECONDS of CPU time."""


class Wrong(Exception):  # noqa: N818 - a find
    """What must hold of every input does not hold."""


def one(data: bytes) -> None:
    """Read one input in every way a visit may. Raises whatever the crawler raises, TooSlow, or Wrong."""
    began = time.process_time()
    head, _, body = data.partition(b"\n")
    content_type, coding, stage = [*head.decode("latin-1").split("|"), "", "", ""][:3]
    for part in _parts(content_type, coding, STAGES.get(stage, Stage.COLUMN), body):
        part()
    took = time.process_time() - began
    if took > SECONDS:
        raise TooSlow(f"{took:.2f} s for {len(data)} bytes")


def _parts(content_type: str, coding: str, stage: Stage, body: bytes) -> list[Callable[[], object]]:
    body, failure = decoded(body, coding, MOST_DECODED)
    _must(len(body) <= MOST_DECODED, f"{len(body)} bytes decoded")
    answer = Answer(
        URL, URL, AT, 0.1, None if failure else 200, failure, media_type=content_type.partition(";")[0].strip().lower()
    )
    hop = Exchange(URL, "GET", AT, 0.1, status=200, headers=(("Content-Type", content_type), ("Location", coding)))
    reply = Reply(answer, (hop,), body, content_type)
    return [
        lambda: _page(reply, stage),
        lambda: list(harvest.sheet(answer, reply)),
        lambda: robots.read(reply, "xuncha"),
        lambda: _address(content_type),
        lambda: retry_after({"retry-after": coding}),
        lambda: [_line(line) for line in body[:4096].decode("utf-8", "replace").splitlines()[:8]],
    ]


def _page(reply: Reply, stage: Stage) -> None:
    reading = harvest.read(reply)
    glimpse = reading.glimpse
    sign = outcome.read(reply.answer, headers=reply.headers, body=reply.body, glimpse=glimpse)
    _must(bool(str(sign.reason)), "no reason")
    document = reading.document
    if document is None:
        return
    found = harvest.harvest(reply.answer, reading, _scene(stage))
    if found.onward is not None:
        _is_web(found.onward.url)
    for link in found.links:
        _is_address(link.anchor.url)
    for lead in found.leads:
        _is_web(lead.url)
    listed = columns.listing(document, URL, fetched_at=AT, as_of=AT, name="通知公告")
    _must(not (listed.items and listed.unobservable), "items of a list that cannot be read")
    for item in listed.items:
        _must(item.date is None or 1900 < item.date.year < 2200, f"an item of {item.date}")
    columns.confirm(Candidate("通知公告", URL, discovery.NAVIGATION), document, URL)
    dates.published(document, URL, fetched_at=AT)
    document.ids()


def _scene(stage: Stage) -> Scene:
    return Scene(
        stage=stage,
        name="通知公告",
        depth=1,
        url=URL,
        given=None,
        columns_given=False,
        internal=lambda url: host(url) == host(URL),
        scope="full",
        as_of=AT,
        undated_articles=5,
        dated_articles=5,
        links_wanted=True,
        may_leave=stage is not Stage.HOME,
    )


def _line(line: str) -> None:
    """A line of text, as a stamp beside a link and as an address."""
    dates.in_address(line)
    _address(line)
    list(stylesheet.addresses(line, attribute=True))


def _address(text: str) -> None:
    joined = Joiner(URL, "gbk").join(text)
    if joined.url is not None:
        _is_address(joined.url)
    known = normalize(text)
    if known is not None:
        _is_web(known)
        _must(normalize(known) == known, f"{known} becomes {normalize(known)}")
        looks_private(known)
        looks_endless(known)
        kind_of(known, "a")
        secure_twin(known)


def _is_address(url: str) -> None:
    """What is stored and asked: one line of ASCII without blanks."""
    _must(url.isascii() and url.isprintable() and " " not in url, f"an address {url!a}")


def _is_web(url: str) -> None:
    _is_address(url)
    _must(url.startswith(("http://", "https://")), f"not of the web: {url}")


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Wrong(otherwise)


def seeds() -> list[bytes]:
    """Pieces of the bundled portal's pages, and its styles, in the encodings of the field, said rightly and wrongly."""
    found = [b"text/plain||\nUser-agent: *\nDisallow: /x\nCrawl-delay: 5\n", b"text/html|gzip|\n\x1f\x8b\x08\x00"]
    for path in sorted(p for p in PORTAL.rglob("*") if p.suffix in (".html", ".css", ".htm", ".js")):
        text = path.read_text(encoding="utf-8", errors="replace")
        media = "text/css" if path.suffix == ".css" else "text/html"
        chance = random.Random(text)  # noqa: S311 - not for secrets
        at = chance.randrange(max(len(text) - PIECE, 1))
        named = chance.choice((f"; charset={chance.choice(ENCODINGS)}", ""))
        head = f"{media}{named}||{chance.choice(tuple(STAGES))}\n"
        found.append(head.encode() + text[at : at + PIECE].encode(chance.choice(ENCODINGS), "replace"))
    return found


def grown(data: bytes, size: int, seed: int) -> bytes:
    """Now and then one piece of an input many times over: what is not linear shows. Else libFuzzer's own change."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    if chance.random() > 1 / 64:
        return bytes(atheris.Mutate(data, size))
    start = data.find(b"\n") + 1
    at = chance.randrange(start, len(data) + 1)
    piece = data[at : at + chance.randint(1, 200)] or b"<a>"
    return (data[:at] + piece * (chance.choice((8, 64, 512, 4096)) or 1) + data[at:])[: min(size, LARGEST)]


def fuzz(corpus: Path, minutes: float, seed: int) -> None:
    """Run libFuzzer; does not return."""
    finds = corpus / "finds"
    inputs = corpus / "inputs"
    for folder in (finds, inputs):
        folder.mkdir(parents=True, exist_ok=True)
    if not any(inputs.iterdir()):
        for seed_input in seeds():
            (inputs / hashlib.sha256(seed_input).hexdigest()[:16]).write_bytes(seed_input)
    words = corpus / "words"
    lines = ("".join(f"\\x{byte:02x}" for byte in word.encode()) for word in WORDS)
    words.write_text("".join(f'"{line}"\n' for line in lines), encoding="ascii")
    known: set[str] = set()

    def target(data: bytes) -> None:
        try:
            one(data)
        except Exception as error:  # noqa: BLE001 - a find is kept, and the search goes on
            where = _place(error)
            if where not in known:
                known.add(where)
                name = hashlib.sha256(data).hexdigest()[:16]
                (finds / name).write_bytes(data)
                print(f"FIND {name}: {where}: {str(error)[:200]!r}", flush=True)

    arguments = [
        sys.argv[0],
        str(inputs),
        f"-max_total_time={minutes * 60:.0f}",
        f"-max_len={LARGEST}",
        f"-dict={words}",
        f"-seed={seed}",
        f"-artifact_prefix={finds}/",
        "-timeout=600",
        "-rss_limit_mb=3000",
        "-print_final_stats=1",
        "-len_control=0",
    ]
    atheris.Setup(arguments, target, custom_mutator=grown)
    atheris.Fuzz()


def _place(error: BaseException) -> str:
    """What was raised and where: one find a place."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if last is None or isinstance(error, TooSlow):
        return type(error).__name__
    return f"{type(error).__name__} at {Path(last.tb_frame.f_code.co_filename).name}:{last.tb_lineno}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=int(datetime.now(UTC).timestamp()))
    options = parser.parse_args()
    if options.files:
        for path in options.files:
            began = time.process_time()
            one(path.read_bytes())
            print(f"{path}: {time.process_time() - began:.2f} s")
        return 0
    if options.corpus is None:
        parser.error("name --corpus FOLDER, or inputs to read")
    if atheris is None:
        parser.error("atheris is not installed: pip install atheris")
    fuzz(options.corpus, options.minutes, options.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
