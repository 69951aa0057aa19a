"""Sites, whatever run knew them."""

from __future__ import annotations

import json
from dataclasses import asdict

from crawler.quiet import Quiet
from crawler.site import Column, ColumnKind, Site, SiteKind
from xuncha.store.cells import Read, Row, as_json, storable
from xuncha.store.database import Tables


class Sites:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def at(self, url: str) -> Site:
        """The site at this home address, as the newest run that knew it did."""
        with self._tables.reading():
            [row] = self._tables.select("SELECT site_json FROM sites WHERE url = ? ORDER BY id DESC LIMIT 1", url)
            return read_site(row)

    def home(self, given: str) -> str | None:
        """The home address of the site that `given` names: as it is stored, with or without its last slash and scheme,
        or by the site's name or code where one site alone has it."""
        known = self.homes()
        for url in (given, f"{given}/", f"http://{given}", f"http://{given}/", f"https://{given}/"):
            if url in known:
                return url
        with self._tables.reading():
            found = self._tables.select(
                "SELECT DISTINCT url FROM sites WHERE ? <> '' AND ? IN (name, code)", given, given
            )
            return found[0]["url"] if len(found) == 1 else None

    def homes(self) -> set[str]:
        """The home address of every site there is."""
        with self._tables.reading():
            return {row["url"] for row in self._tables.select("SELECT DISTINCT url FROM sites")}


def site_row(site: Site) -> Row:
    return storable(
        {
            "url": site.url,
            "name": site.name,
            "code": site.code,
            "organ": site.organ,
            "kind": site.kind,
            "site_json": as_json(asdict(site)),
        }
    )


def read_site(row: Read) -> Site:
    data = json.loads(row["site_json"])
    columns = tuple(Column(**{**column, "kind": ColumnKind(column["kind"])}) for column in data["columns"])
    kind = None if data["kind"] is None else SiteKind(data["kind"])
    quiet = tuple(Quiet(*times) for times in data.get("quiet", ()))
    return Site(**{**data, "kind": kind, "quiet": quiet, "columns": columns})
