"""What the operator named on the command line, made into sites: addresses, saved pages, settings files, registers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from crawler.message import say
from crawler.saved import pages_in
from crawler.site import Site
from crawler.urls import normalize
from xuncha import register, settings
from xuncha.parameters import Mistake
from xuncha.settings import Settings

_REGISTERS = (".csv", ".xlsx")
_PAGES = (".html", ".htm", ".shtml", ".xhtml")


@dataclass(frozen=True, slots=True)
class Chosen:
    site: Site
    files: tuple[Path, ...] = ()
    """Saved pages; empty for a site to be visited."""


def known_sites(config: Settings) -> tuple[Site, ...]:
    """The sites of the settings file and of the register it names, each once."""
    if config.register is None:
        return config.sites
    return register.merge(register.load(config.register), config.sites)


def choose(targets: Sequence[str], config: Settings) -> tuple[list[Chosen], Settings]:
    """The sites to audit, and the settings to use: those given, or those of a settings file among the targets.

    Raises Mistake, SettingsError, SiteListError.
    """
    chosen: list[Chosen] = []
    for target in targets:
        path = Path(target)
        suffix = path.suffix.lower()
        if suffix == ".toml" and not target.startswith(("http://", "https://")):
            config = settings.load(path)
            chosen += [Chosen(site) for site in known_sites(config)]
        elif suffix in _REGISTERS and path.is_file():
            chosen += [Chosen(site) for site in register.load(path)]
        elif path.exists():
            chosen.append(_saved(path))
        else:
            chosen.append(Chosen(_address(target, config)))
    if not targets:
        chosen = [Chosen(site) for site in known_sites(config)]
    if not chosen:
        raise Mistake(say("没有要检查的网站：请给出网址、保存的网页，或者在设置文件中写明 [[site]] 或 register"))
    return _once(chosen), config


def _saved(path: Path) -> Chosen:
    try:
        files = tuple(pages_in(path))
    except OSError as error:
        raise Mistake(say("不能读取 {path}（{why}）", path=str(path), why=error.strerror or str(error))) from error
    if path.is_file() and path.suffix.lower() not in _PAGES:
        expected = say(
            "应是保存的网页（{suffixes}）、文件夹、设置文件（.toml）或网站名录（.csv、.xlsx）",
            suffixes="、".join(_PAGES),
        )
        raise Mistake(say("不认识 {path}：{expected}", path=str(path), expected=expected))
    if not files:
        raise Mistake(say("文件夹 {path} 中没有保存的网页（{suffixes}）", path=str(path), suffixes="、".join(_PAGES)))
    return Chosen(Site(path.resolve().as_uri(), name=path.name), files)


def _address(target: str, config: Settings) -> Site:
    """A site of the settings by code, name or address; else a site that is only an address."""
    for site in known_sites(config):
        if target in (site.code, site.name) and target:
            return site
    text = target if "://" in target else f"http://{target}"
    url = normalize(text)
    host = urlsplit(url).hostname if url else None
    plausible = host is not None and ("." in host or ":" in host or host == "localhost")
    if url is None or not plausible or (target.lower().endswith(_PAGES) and "://" not in target):
        raise Mistake(say("“{target}”既不是网址，也不是存在的文件或文件夹", target=target))
    return next((replace(s, url=url) for s in known_sites(config) if normalize(s.url) == url), Site(url))


def _once(chosen: Sequence[Chosen]) -> list[Chosen]:
    """Each site once, in the order given."""
    return list({normalize(c.site.url) or c.site.url: c for c in chosen}.values())


def hosts(site: Site) -> frozenset[str]:
    """The host names the operator wrote down with this site: its home page's and its columns'."""
    found = (urlsplit(url).hostname for url in (site.url, *(c.url for c in site.columns)))
    return frozenset(h for h in found if h)
