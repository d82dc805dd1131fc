"""Small parts of marks: whiskers and bands of intervals, the dot before a label, room for names of lines."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

from dashboards.words import is_wide

#: About so many pixels wide is the drawing on a phone, and a narrow sign of a name.
PHONE_WIDTH, SIGN = 280, 6.2

Ends = Sequence[float | None]


def whiskers(
    values: Sequence[float], lower: Ends, upper: Ends, colour: str, *, thickness: float = 1.4, width: int = 3
) -> dict[str, Any]:
    """Give the ends of intervals as Plotly takes them, as distances; an unknown end is not drawn."""
    return {
        "type": "data",
        "symmetric": False,
        "color": colour,
        "thickness": thickness,
        "width": width,
        "array": [0 if end is None else end - one for one, end in zip(values, upper, strict=True)],
        "arrayminus": [0 if end is None else one - end for one, end in zip(values, lower, strict=True)],
    }


def band(
    xs: Sequence[Any], lower: Ends, upper: Ends, colour: str, *, opacity: float = 0.18, name: str = ""
) -> go.Scatter:
    """Shade what lies between two lines; a None among the places parts it as it parts a line."""
    outline_x: list[Any] = []
    outline_y: list[float | None] = []
    for first, last in _runs(xs):
        if outline_x:
            outline_x, outline_y = [*outline_x, None], [*outline_y, None]
        run = slice(first, last)
        outline_x += [*xs[run], *reversed(xs[run])]
        outline_y += [*upper[run], *reversed(lower[run])]
    return go.Scatter(
        x=outline_x, y=outline_y, mode="lines", fill="toself", fillcolor=colour, opacity=opacity,
        line={"width": 0}, hoverinfo="skip", name=name, showlegend=bool(name),
    )  # fmt: skip


def _runs(xs: Sequence[Any]) -> list[tuple[int, int]]:
    """Give the beginning and the end of each stretch between gaps."""
    gaps = [-1, *(place for place, x in enumerate(xs) if x is None), len(xs)]
    return [(gap + 1, end) for gap, end in pairwise(gaps) if end > gap + 1]


def dot(colour: str) -> str:
    """Begin a label with a dot in the colour of its line; the words keep the ink that can be read."""
    return f'<span style="color:{colour}">●</span> '


def stroke(colour: str) -> str:
    """Begin a label at the end of a line, where a dot would look like one more point of it."""
    return f'<span style="color:{colour}">━</span> '


def room_for(names: Sequence[str]) -> float:
    """Say how many times as long as its lines an axis is on a phone, so that their names fit behind them."""
    signs = max(sum(2 if is_wide(mark) else 1 for mark in name) for name in names)
    return PHONE_WIDTH / max(PHONE_WIDTH - SIGN * (signs + 5), PHONE_WIDTH / 3)
