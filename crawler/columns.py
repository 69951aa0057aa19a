"""栏目: finding columns, reading their lists, dating their items. The one door to what the modules below it do.

`discovery` finds columns, `lists` reads a page's items, `selection` chooses among its lists, `rows`, `titles`, `heads`
and `outline` take its markup apart, `scripted` says why a list cannot be read, `kinds` holds the lexicon of names,
`dates` and `stamps` read what is written beside a link.
"""

from crawler.discovery import BLOCK, NAVIGATION, SUB, Candidate, candidates, confirm, entrance, subcandidates
from crawler.lists import Listing, date_items, listing, plain_address

__all__ = [
    "BLOCK",
    "NAVIGATION",
    "SUB",
    "Candidate",
    "Listing",
    "candidates",
    "confirm",
    "date_items",
    "entrance",
    "listing",
    "plain_address",
    "subcandidates",
]
