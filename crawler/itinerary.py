"""What a visit looks at when it is not the whole site: the places to be seen again at a recheck (复查)."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.harvest import Lead
from crawler.site import Column


@dataclass(frozen=True, slots=True)
class Itinerary:
    """The home page is always looked at: by it a visit knows whose site it is."""

    leads: tuple[Lead, ...] = ()
    """Pages to be read, then links to be asked. The hosts of the pages are the site's own."""
    columns: tuple[Column, ...] = ()
    """To be read as the columns that they were; each is told of whether it opens or not. Not looked at where `wide`:
    then the site's own are, or they are discovered anew."""
    onward: bool = False
    """The newest articles of the columns are opened too: they date lists that show no dates."""
    wide: bool = False
    """Whatever a quick visit opens is opened: it is about the site as a whole."""
    new_links: bool = False
    """Links on the pages read are asked where no earlier visit knew them: what was missing may be behind one."""
