"""What the operator named on the command line, made into sites: addresses, saved pages, settings files, registers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from crawler.message import Message, say
from crawler.site import Site
from crawler.urls import host, is_public, normalize
from reports.text import line
from xuncha import register, settings_file
from xuncha.parameters import Mistake
from xuncha.settings import Settings

_REGISTERS = (".csv", ".xlsx")
_PAGES = (".html", ".htm", ".shtml", ".xhtml")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d+(/|$))", re.IGNORECASE)  # not host:port
_SHOWN = 80  # characters of a target in a message
_DRIVE = re.compile(r"[a-z]:", re.IGNORECASE)


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
    files = [t for t in targets if is_settings(t)]
    if len(files) > 1:
        raise Mistake(say("一次只能用一个设置文件，现有：{files}", files=tuple(files)))
    if files:
        config = settings_file.load(Path(files[0]))
    for target in targets:
        if is_settings(target):
            chosen += [Chosen(site) for site in known_sites(config)]
            continue
        path = _path(target)
        if path is None:
            chosen.append(Chosen(_address(target, config)))
        elif path.suffix.lower() in _REGISTERS and path.is_file():
            chosen += [Chosen(site) for site in register.load(path)]
        else:
            chosen.append(_saved(path))
    if not targets:
        chosen = [Chosen(site) for site in known_sites(config)]
    if not chosen:
        raise Mistake(say("没有要检查的网站：请给出网址、保存的网页，或者在设置文件中写明 [[site]] 或 register"))
    return _once(chosen), config


def address(target: str) -> Site:
    """One website by its address. Raises Mistake."""
    return _address(target, Settings())


def hosts(site: Site) -> frozenset[str]:
    """The host names the operator wrote down with this site: its home page's and its columns'."""
    found = (urlsplit(url).hostname for url in (site.url, *(c.url for c in site.columns)))
    return frozenset(h for h in found if h)


def is_settings(target: str) -> bool:
    """A settings file is meant."""
    return target.lower().endswith(".toml") and not target.lower().startswith(("http://", "https://"))


def _path(target: str) -> Path | None:
    """The file or folder that is meant; None for what should be an address."""
    if target.lower().startswith("file:"):
        from urllib.request import url2pathname  # what it imports is slow

        parts = urlsplit(target)
        name = parts.path if parts.netloc in ("", "localhost") else f"//{parts.netloc}{parts.path}"
        path = Path(url2pathname(name))
    elif not target.strip() or (_SCHEME.match(target) and not _DRIVE.match(target)):
        return None
    else:
        path = Path(target)
    try:
        found = path.exists()
    except (OSError, ValueError):  # too long for a name, or with a null character
        found = False
    if found:
        return path
    if target.lower().startswith("file:") or _DRIVE.match(target):
        raise Mistake(say("找不到文件或文件夹 {path}", path=str(path)))
    return None


def _saved(path: Path) -> Chosen:
    from crawler.saved import pages_in

    suffixes = _PAGES
    if path.is_file() and path.suffix.lower() not in suffixes:
        raise Mistake(
            say(
                "不认识 {path}：应是保存的网页（{suffixes}）、文件夹、设置文件（.toml）或网站名录（.csv、.xlsx）",
                path=str(path),
                suffixes=suffixes,
            )
        )
    try:
        files = tuple(pages_in(path))
        for file in files:
            with file.open("rb"):
                pass
    except OSError as error:
        raise Mistake(
            say("不能读取 {path}（{why}）", path=error.filename or str(path), why=error.strerror or str(error))
        ) from error
    if not files:
        raise Mistake(say("文件夹 {path} 中没有保存的网页（{suffixes}）", path=str(path), suffixes=suffixes))
    return Chosen(Site(path.absolute().as_uri(), name=path.absolute().name), files)


def _address(target: str, config: Settings) -> Site:
    """A site of the settings by code, name or address; else a site that is only an address."""
    sites = known_sites(config)
    for site in sites:
        if target and target in (site.code, site.name):
            return site
    url = normalize(target if "://" in target else f"http://{target}")
    if url is None or ("://" not in target and not _plausible(host(url))):
        raise Mistake(_not_understood(target))
    if "@" in urlsplit(target).netloc:
        raise Mistake(say("网址中不能有用户名和密码"))
    return next((replace(s, url=url) for s in sites if normalize(s.url) == url), Site(url))


def _plausible(name: str) -> bool:
    """Typed without a scheme, it is an address only if it could stand on the internet; `sites.csv` could not."""
    try:
        ip_address(name)
    except ValueError:
        return name == "localhost" or is_public(name)
    return True


def _not_understood(target: str) -> Message:
    target = line(target, _SHOWN)
    if "://" in target:
        return say("“{target}”不是能检查的网址，应如 http://www.yunling.gov.cn/", target=target)
    if target.lower().endswith((*_PAGES, *_REGISTERS)) or "/" in target or "\\" in target:
        return say(
            "找不到“{target}”：不是存在的文件或文件夹，也不是网址（网址应以 http:// 或 https:// 开头）", target=target
        )
    return say(
        "“{target}”既不是网址（应以 http:// 或 https:// 开头），也不是存在的文件、文件夹或设置文件中的网站",
        target=target,
    )


def _once(chosen: Sequence[Chosen]) -> list[Chosen]:
    """Each site once, in the order given."""
    return list({normalize(c.site.url) or c.site.url: c for c in chosen}.values())
