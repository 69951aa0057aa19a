"""How a visit goes about it, decided before it starts; and where it stands, told while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from crawler.guard import Guard

Scope = Literal["quick", "full", "recheck"]
"""`recheck`: the places of an itinerary (crawler/itinerary.py), each as a quick visit looks at it."""
Render = Literal["auto", "never"]
RENDER: tuple[str, ...] = get_args(Render)
Cloaking = Literal["auto", "always", "never"]
CLOAKING: tuple[str, ...] = get_args(Cloaking)


@dataclass(frozen=True, slots=True)
class Plan:
    """How far, how fast and how politely. Times in seconds, sizes in bytes."""

    as_of: datetime
    scope: Scope = "quick"
    needs: frozenset[str] = frozenset({"columns", "pages", "links"})
    terms: frozenset[str] = frozenset()
    """What the rules look for in the text of pages: noted while the document is at hand (crawler/clues.py)."""
    max_pages: int = 500
    max_seconds: float = 3600.0
    max_bytes: int = 1024**3
    max_files: int = 20
    """Files of the site whose text is read; 0: none."""
    max_file_bytes: int = 20_000_000
    """Of them together."""
    rate: float = 5.0
    """Requests a second and host; 0: no limit."""
    concurrency: int = 4
    """Requests at once and host."""
    in_flight: int = 64
    """Requests at once over all hosts."""
    confirm_after: float = 3.0
    """At least this long between the two asks of a suspect."""
    robots_after: float = 30.0
    """At least this long between two asks of a robots.txt that its server failed to give."""
    home_seconds: float = 15.0
    """超过(含)15秒 the home page counts as not opened (2019 indicators, 站点无法访问)."""
    undated_articles: int = 5
    """Articles opened in a column whose list shows no dates."""
    dated_articles: int = 2
    ignore_robots: bool = False
    render: Render = "auto"
    """`auto`: a home page or column that scripts draw is shown by a browser, where there is one."""
    browser: str = ""
    """Path of the browser; empty: it is looked for."""
    render_seconds: float = 30.0
    """Of a page's scripts, without those in which the page waits for answers."""
    browser_sandbox: bool = True
    """False: the browser may run without its sandbox, as it must for root."""
    cloaking: Cloaking = "auto"
    """Whether three pages are asked in other guises too (crawler/guise.py); `auto`: in full scope."""
    agent: str = "xuncha"
    """The User-Agent header."""
    software: str = "xuncha"
    guard: Guard = field(default_factory=Guard)

    @property
    def disguises(self) -> bool:
        wanted = self.cloaking == "always" or (self.cloaking == "auto" and self.scope == "full")
        return wanted and "guises" in self.needs


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a visit stands, for a person who watches."""

    pages: int
    asked: int
    queued: int
    host: str
    seconds: float
    suspects: int
    quiet_until: datetime | None = None
    """The visit waits for the end of the site's quiet hours."""
