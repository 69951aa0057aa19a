"""Charts as inline SVG: small shapes whose colours come from the page, so that they are right in the dark and on paper.

A chart says nothing in words: the page names it and gives its figures beside it or as its label. None of it comes from
a page that was checked.

svg.py writes the elements. The charting libraries that draw SVG bring a style sheet, fonts, a white background and
4 to 21 KB for each drawing, and one of them a script from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import svg
from markupsafe import Markup

_STEP = 5
_SPARK_HEIGHT = 22
_STACK = 1000
_TREND_HEIGHT = 90
_TREND_STEP = 34
_TREND_BAR = 22


def sparkline(values: Sequence[int]) -> Markup:
    """A step each value, on a base line that is there where nothing is."""
    most = max((*values, 1))
    width = _STEP * len(values)
    outline = [svg.Point(0, _SPARK_HEIGHT)]
    for place, value in enumerate(values):
        high = _short(_SPARK_HEIGHT - (max(2.0, (_SPARK_HEIGHT - 1) * value / most) if value else 0.0))
        if not place or value != values[place - 1]:
            outline.append(svg.Point(_STEP * place, high))
        if place + 1 == len(values) or values[place + 1] != value:
            outline.append(svg.Point(_STEP * (place + 1), high))
    outline.append(svg.Point(width, _SPARK_HEIGHT))
    base = svg.Line(x1=0, y1=_SPARK_HEIGHT, x2=width, y2=_SPARK_HEIGHT, class_=["base"])
    return _svg("spark", width, _SPARK_HEIGHT + 1, [svg.Polygon(points=outline, class_=["bar"]), base])


def stack(parts: Iterable[tuple[str, int]]) -> Markup:
    """(class, number) side by side, as shares of the whole. What is there at all can be seen."""
    counted = [(name, number) for name, number in parts if number > 0]
    whole = sum(number for _, number in counted)
    shares = [(name, max(8.0, _STACK * number / whole)) for name, number in counted]
    scale = _STACK / sum(share for _, share in shares) if shares else 1
    return _stack(tuple((name, _short(share * scale)) for name, share in shares))


@lru_cache(1_000)  # most hosts look alike: every link opens
def _stack(shares: tuple[tuple[str, float], ...]) -> Markup:
    drawn: list[svg.Element] = []
    start = 0.0
    for name, share in shares:
        drawn.append(svg.Rect(x=_short(start), y=0, width=share, height=16, class_=[name]))
        start += share
    return _svg("stack", _STACK, 16, drawn, stretched=True)


def trend(visits: Sequence[tuple[str, int, int]]) -> Markup:
    """A column each visit: (class of its result, certain findings, those for review), the oldest first."""
    most = max((certain + review for _, certain, review in visits), default=0) or 1
    high, step, bar = _TREND_HEIGHT, _TREND_STEP, _TREND_BAR
    drawn: list[svg.Element] = []
    for place, (result, certain, review) in enumerate(visits):
        x, solid = step * place + (step - bar) / 2, high * certain / most
        if certain:
            drawn.append(_path([_bar(x, high, bar, max(2.0, solid))], "certain"))
        if review:
            drawn.append(_path([_bar(x, high - solid, bar, max(2.0, high * review / most))], "review"))
        drawn.append(svg.Circle(cx=_short(x + bar / 2), cy=high + 9, r=4, class_=[result]))
    drawn.append(svg.Path(d=[svg.M(0, high), svg.H(step * len(visits))], class_=["base"]))
    return _svg("trend", step * len(visits), high + 16, drawn)


def timeline(days: Sequence[Sequence[tuple[str, int]]]) -> Markup:
    """A column each day, of (class, number) one upon the other, the oldest first; a day of nothing is a gap."""
    most = max((sum(number for _, number in day) for day in days), default=0) or 1
    high, step, bar = _TREND_HEIGHT, _TREND_STEP, _TREND_BAR
    drawn: list[svg.Element] = []
    for place, day in enumerate(days):
        base = float(high)
        for name, number in day:
            if number:
                height = high * number / most
                drawn.append(_path([_bar(step * place + (step - bar) / 2, base, bar, height)], name))
                base -= height
    drawn.append(svg.Path(d=[svg.M(0, high), svg.H(step * len(days))], class_=["base"]))
    return _svg("trend", step * len(days), high + 1, drawn)


def _bar(x: float, base: float, width: float, height: float) -> list[svg.PathData]:
    return [svg.M(_short(x), _short(base)), svg.v(-_short(height)), svg.h(width), svg.v(_short(height)), svg.Z()]


def _path(bars: Iterable[list[svg.PathData]], name: str) -> svg.Element:
    return svg.Path(d=[step for bar in bars for step in bar], class_=[name])


def _svg(name: str, width: float, height: float, drawn: list[svg.Element], *, stretched: bool = False) -> Markup:
    # Hidden from a screen reader: what it shows is said in words where it stands.
    whole = svg.SVG(
        viewBox=svg.ViewBoxSpec(0, 0, width, height),
        preserveAspectRatio=svg.PreserveAspectRatio("none") if stretched else None,
        class_=["chart", name],
        extra={"aria-hidden": "true", "focusable": "false"},
        width=None if stretched else width,
        height=None if stretched else height,
        xmlns=None,
        elements=drawn,
    )
    return Markup(whole.as_str())  # noqa: S704 - numbers and our own class names only


def _short(number: float) -> float:
    return round(number, 1)
