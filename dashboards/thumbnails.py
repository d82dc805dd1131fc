"""Small still pictures of figures, as SVG: for Dagster's metadata and for links to a figure.

They show the shape of what a figure draws and carry no numbers; whoever wants those opens the figure. Lines,
points and bars on two axes are drawn; a figure of another kind (a tree, a heat map) has no thumbnail.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from itertools import groupby
from math import isfinite, log10
from typing import Any

import plotly.graph_objects as go

from dashboards.figures.chart import Chart
from dashboards.theme import SERIES

WIDTH, HEIGHT, MARGIN = 320, 180, 10

Place = tuple[float, float]


@dataclass(frozen=True)
class _Mark:
    """Something to draw in the figure's own numbers: a line, points, or a bar from one place to another.

    `width` is that of its stroke in the picture.
    """

    kind: str
    places: list[Place]
    colour: str
    width: float = 2


def thumbnail(chart: Chart) -> str | None:
    """Draw a figure small; None where it has nothing that can be drawn so."""
    figure = chart.figure
    if figure is None or any(trace.type not in ("scatter", "bar") for trace in figure.data):
        return None
    marks = _marks(figure)
    places = [place for mark in marks for place in mark.places]
    if not places:
        return None
    edge = MARGIN + max(mark.width for mark in marks) / 2
    left, right = min(x for x, _ in places), max(x for x, _ in places)
    low, high = min(y for _, y in places), max(y for _, y in places)

    def scaled(place: Place) -> Place:
        across = (place[0] - left) / (right - left) if right > left else 0.5
        up = (place[1] - low) / (high - low) if high > low else 0.5
        return (
            round(MARGIN + across * (WIDTH - 2 * MARGIN), 1),
            round(HEIGHT - edge - up * (HEIGHT - 2 * edge), 1),
        )

    drawn = "".join(_svg(mark, [scaled(place) for place in mark.places]) for mark in marks)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f"<title>{escape(chart.title)}</title>{drawn}</svg>\n"
    )


def _marks(figure: go.Figure) -> list[_Mark]:
    marks = []
    rows = {place for trace in figure.data if trace.type == "bar" for place in _along(trace)}
    bar = max(2.0, min(40.0, 0.6 * (HEIGHT if _is_lying(figure) else WIDTH) / max(1, len(rows))))
    is_stacked = figure.layout.barmode in ("stack", "relative")
    filled: dict[float, float] = defaultdict(float)
    for number, trace in enumerate(figure.data):
        colour = _colour(trace, SERIES[number % len(SERIES)])
        points = _points(figure, trace)
        runs = [list(run) for is_known, run in groupby(points, lambda place: place is not None) if is_known]
        known = [place for run in runs for place in run if place is not None]
        if trace.type == "bar":
            is_lying = _is_lying(figure)
            for x, y in known:
                at, value = (y, x) if is_lying else (x, y)
                base = filled[at] if is_stacked else 0.0
                filled[at] += value
                ends = [(base, at), (base + value, at)] if is_lying else [(at, base), (at, base + value)]
                marks.append(_Mark("bar", ends, colour, bar))
            continue
        if "lines" in (trace.mode or "lines"):
            marks += [_Mark("line", [place for place in run if place], colour) for run in runs]
        if "markers" in (trace.mode or ""):
            marks.append(_Mark("points", known, colour))
    return marks


def _is_lying(figure: go.Figure) -> bool:
    return any(trace.orientation == "h" for trace in figure.data if trace.type == "bar")


def _along(trace: Any) -> list[Any]:
    """Give the places of a trace's bars on the axis that they stand on."""
    return list((trace.y if trace.orientation == "h" else trace.x) or ())


def _points(figure: go.Figure, trace: Any) -> list[Place | None]:
    """Give a trace's points in numbers; None where one has no place on its axes."""
    names: dict[str, int] = {}
    pairs = zip(trace.x if trace.x is not None else (), trace.y if trace.y is not None else (), strict=False)
    points: list[Place | None] = []
    for one, other in pairs:
        x, y = _number(one, figure.layout.xaxis.type, names), _number(other, figure.layout.yaxis.type, names)
        points.append(None if x is None or y is None else (x, y))
    return points


def _number(value: Any, axis: str | None, names: dict[str, int]) -> float | None:
    """Give a value's place on its axis: dates in seconds, words in the order in which they come."""
    if value is None:
        return None
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value).replace(tzinfo=UTC).timestamp()
        except ValueError:
            return float(names.setdefault(value, len(names)))
    number = float(value)
    if not isfinite(number) or (axis == "log" and number <= 0):
        return None
    return log10(number) if axis == "log" else number


def _svg(mark: _Mark, places: list[Place]) -> str:
    if mark.kind == "points":
        return "".join(f'<circle cx="{x}" cy="{y}" r="2.5" fill="{mark.colour}"/>' for x, y in places)
    path = " ".join(f"{x},{y}" for x, y in places)
    return f'<polyline points="{path}" fill="none" stroke="{mark.colour}" stroke-width="{mark.width:g}"/>'


def _colour(trace: Any, otherwise: str) -> str:
    """Give the colour of a trace where it has one; it goes into an attribute, so only plain ones pass."""
    for part in (trace.marker, None if trace.type == "bar" else trace.line):
        colour = part.color if part is not None else None
        if isinstance(colour, str) and colour.startswith("#") and colour[1:].isalnum():
            return colour
    return otherwise
