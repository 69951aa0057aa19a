"""The visible text of a tree, one line a block and one line a row of a table. Linear, however tables are nested."""

from __future__ import annotations

import re

from turbohtml import Document, Element, Text

_UNSEEN = frozenset({"head", "title", "script", "style"})
_CELLS = frozenset({"td", "th"})
_BLOCK_TAGS = """
    address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form frameset h1 h2 h3 h4 h5 h6 header hr legend li main menu nav ol p pre section summary table tbody tfoot
    thead tr ul
"""
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_SPACE = re.compile(r"[ \t\n\r\f]+")
_CELL = "  "
_NEAR = 40  # elements between a table and the cell it stands in


def plain(root: Document | Element) -> str:
    """What a person reads of `root`, without script, style and template.

    Cells of a row are parted by two spaces; where a cell holds another table the outer one only lays the page out, and
    the cell is a line of its own.
    """
    frames = _frames(root)
    unseen = {node for template in root.select("template") for node in template.descendants}
    pieces: list[str] = []
    for node in root.descendants:
        if node in unseen:
            continue
        if isinstance(node, Element):
            tag = node.tag
            if tag in _CELLS:
                pieces.append("\n" if node in frames else _CELL)
            elif tag in _BLOCKS:
                pieces.append("\n")
        elif isinstance(node, Text):
            parent, before = node.parent, node.previous_sibling
            tag = parent.tag if isinstance(parent, Element) else ""
            if tag in _UNSEEN:
                continue
            if isinstance(before, Element) and before.tag in _BLOCKS:
                pieces.append("\n")
            pieces.append(node.data if tag == "pre" else _SPACE.sub(" ", node.data))
    lines = (line.strip(" ") for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def _frames(root: Document | Element) -> set[Element]:
    """Cells that hold a table."""
    found: set[Element] = set()
    for table in root.select("table"):
        above = table.parent
        for _ in range(_NEAR):
            if not isinstance(above, Element) or above.tag in _CELLS:
                break
            above = above.parent
        if isinstance(above, Element) and above.tag in _CELLS:
            found.add(above)
    return found
