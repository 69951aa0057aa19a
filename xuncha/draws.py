"""`xuncha sample`: what the operator named is drawn from, the draw is recorded, and the year's coverage is told."""

from __future__ import annotations

import csv
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from crawler.message import Message, say
from crawler.site import Site, SiteKind
from crawler.urls import host, normalize
from reports.labels import SITE_KINDS
from rules.engine.assessment import Result
from rules.engine.kind import guess_kind
from xuncha import orders, sampling, targets
from xuncha.parameters import CHINA, Mistake, spoken
from xuncha.period import Period
from xuncha.register import HEADINGS, KINDS
from xuncha.sampling import Sample
from xuncha.store import Store
from xuncha.store.visits import Verdict


def carry_out(given: Sequence[str], out: Path | None, options: Mapping[str, Any]) -> Sample:
    """Draw, record, tell. The addresses go to standard output, what is to be known of them to standard error."""
    period = _period(options["period"], datetime.now(CHINA))
    config = orders.load_settings(None if any(map(targets.is_settings, given)) else options["settings_file"])
    chosen, config = targets.choose(given, config)
    if any(one.files for one in chosen):
        raise Mistake(say("保存的网页不能抽签，只能从网址、网站名录和设置文件抽取"))
    sites = [one.site for one in chosen]
    data = orders.data_folder(config, options["data"])
    lot = Lot(options["rate"], options["seed"], period, renew=options["renew"])
    sample, seen = draw(data, sites, lot, out)
    for message in (*_told(sample, sites), _coverage(sites, seen, sample.drawn, period)):
        click.echo(spoken().text(message), err=True)
    for url in sample.drawn:
        click.echo(url)
    return sample


@dataclass(frozen=True, slots=True)
class Lot:
    """How to draw."""

    rate: Fraction
    seed: str | None = None
    """None: any."""
    period: Period | None = None
    """None: this quarter."""
    renew: bool = False


def draw(data: Path, sites: Sequence[Site], lot: Lot, out: Path | None = None) -> tuple[Sample, frozenset[str]]:
    """Draw and record; the sample, and keys of the sites that were inspected in its year. `out`: where the drawn ones
    are written as a register. Raises Mistake, StoreError."""
    now = datetime.now(CHINA)
    period, seed = lot.period or _period(None, now), lot.seed or str(secrets.randbelow(1_000_000))
    with Store.open(data / "xuncha.db") as store:
        verdicts = store.visits.verdicts()
        failed = _failed(verdicts, period) | {
            site.url
            for notice in store.notices.all()
            if notice.period == str(period.before)
            for site in notice.sites
            if site.result is Result.UNQUALIFIED
        }
        seen = _inspected(verdicts, period)
        forced = {site.url for site in sites if _key(site.url) in set(map(_key, failed))}
        fresh = {site.url for site in sites if _key(site.url) not in seen}
        drawn = sampling.draw(sites, lot.rate, seed, forced=forced, stale=fresh if lot.renew else None)
        sample = Sample(
            id=f"s{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}",
            at=now,
            period=str(period),
            rate=f"{float(lot.rate):.4%}".rstrip("%").rstrip("0").rstrip(".") + "%",
            seed=seed,
            population=len(sites),
            digest=sampling.digest(sites),
            drawn=drawn,
            forced=tuple(sorted(forced)),
            renewed=lot.renew,
        )
        if out is not None:
            _write(out, [site for site in sites if site.url in set(drawn)], sample)
        store.samples.add(sample)
    return sample, seen


def show(options: Mapping[str, Any]) -> None:
    """What was drawn so far, and how many of the sites in the settings were inspected in the period's year."""
    config = orders.load_settings(options["settings_file"])
    period = _period(options["period"], datetime.now(CHINA))
    with Store.open(orders.data_folder(config, options["data"]) / "xuncha.db", read_only=True) as store:
        samples, verdicts = store.samples.all(), store.visits.verdicts()
        runs = {sample.id: store.runs.of_sample(sample.id) for sample in samples}
    text = spoken().text
    if not samples:
        click.echo(text(say("还没有抽过签")))
    for sample in samples:
        told = say(
            "{id}  {period}  {population} 个网站抽 {drawn} 个（{rate}，必抽 {forced} 个），种子 {seed}",
            id=sample.id,
            period=sample.period,
            population=sample.population,
            drawn=len(sample.drawn),
            rate=sample.rate,
            forced=len(sample.forced),
            seed=sample.seed,
        )
        click.echo(text(told))
        if runs[sample.id]:
            click.echo(f"    {text(say('检查编号：{run}', run=spoken().list(runs[sample.id])))}")
    sites = targets.known_sites(config)
    if sites:
        click.echo(text(_coverage(sites, _inspected(verdicts, period), (), period)))


def find(data: Path, name: str) -> Sample:
    """The recorded draw with this id, or the newest (`last`). Raises Mistake, StoreError."""
    with Store.open(data / "xuncha.db", read_only=True) as store:
        samples = store.samples.all()
    found = samples[:1] if name == "last" else [sample for sample in samples if sample.id == name]
    if not found:
        known = tuple(sample.id for sample in samples[:5])
        if not known:
            raise Mistake(say("还没有抽过签，请先运行 xuncha sample"))
        raise Mistake(say("没有抽签“{name}”；最近的有：{known}", name=name, known=known))
    return found[0]


def _period(text: str | None, now: datetime) -> Period:
    try:
        return Period.read(text) if text is not None else Period(now.year, 3, (now.month - 1) // 3 + 1)
    except ValueError as error:
        raise Mistake(error.args[0]) from error


def _failed(verdicts: Iterable[Verdict], period: Period) -> set[str]:
    """Home addresses of the sites whose newest verdict before the period was 不合格."""
    newest = {one.url: one for one in verdicts if one.at.astimezone(CHINA).date() < period.first}
    return {url for url, one in newest.items() if one.result is Result.UNQUALIFIED}


def _inspected(verdicts: Iterable[Verdict], period: Period) -> frozenset[str]:
    """Keys of the sites that came to a verdict in the year of the period."""
    year = Period(period.year, 12)
    return frozenset(_key(one.url) for one in verdicts if one.at in year)


def _key(url: str) -> str:
    return (normalize(url) or url).partition("://")[2].rstrip("/")


def _told(sample: Sample, sites: Sequence[Site]) -> Iterator[Message]:
    yield say(
        "抽签 {id}（{period}）：{population} 个网站按 {rate} 抽 {drawn} 个，"
        "其中最近一次检查不合格、必定抽中的 {forced} 个",
        id=sample.id,
        period=sample.period,
        population=sample.population,
        rate=sample.rate,
        drawn=len(sample.drawn),
        forced=len(sample.forced),
    )
    strata = sampling.by_stratum(sites, sample.drawn)
    for kind in SiteKind:
        own = [counts for one, counts in strata.items() if one.kind is kind]
        if own:
            yield say(
                "{kind}：{layers} 层 {total} 个，抽 {drawn} 个",
                kind=SITE_KINDS[kind],
                layers=len(own),
                total=sum(total for total, _ in own),
                drawn=sum(drawn for _, drawn in own),
            )
    yield say("种子 {seed}，名录指纹 {digest}：两样相同，抽到的就相同", seed=sample.seed, digest=sample.digest[:16])


def _coverage(sites: Sequence[Site], seen: frozenset[str], drawn: Iterable[str], period: Period) -> Message:
    population = {_key(site.url) for site in sites}
    before = len(population & seen)
    after = len(population & (seen | set(map(_key, drawn))))
    told = say(
        "{year} 年已检查 {seen} 个，占 {total} 个的 {share}",
        year=period.year,
        seen=before,
        total=len(population),
        share=f"{before / len(population):.1%}",
    )
    if after == before:
        return told
    share = f"{after / len(population):.1%}"
    return say("{told}；检查这一签后 {after} 个，占 {share}", told=told, after=after, share=share)


_KIND_NAMES = {kind: name for name, kind in reversed(tuple(KINDS.items()))}


def _write(path: Path, sites: Sequence[Site], sample: Sample) -> None:
    """A register that `xuncha audit` reads, and Excel too."""
    forced = set(sample.forced)
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            rows = csv.writer(file)
            rows.writerow([*(names[0] for names in HEADINGS.values()), "抽签编号", "必抽"])
            for site in sites:
                name = site.name or host(site.url)
                kind = _KIND_NAMES[site.kind or guess_kind(site.name, "")]
                rows.writerow(
                    [site.code, name, site.organ or name, site.url, kind, sample.id, "是" if site.url in forced else ""]
                )
    except OSError as error:
        raise Mistake(say("不能写入 {path}（{why}）", path=str(path), why=error.strerror or str(error))) from error
