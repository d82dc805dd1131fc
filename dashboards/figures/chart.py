"""What a figure is, and the few helpers that all figures share.

A Chart carries the Plotly figure and the frame that is exactly what it draws; the page shows both. A figure
is made by a pure function of frames and the language: `def births(frame, t) -> Chart`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from html import escape
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.theme import GREY
from dashboards.words import cut, cut_end, is_wide


@dataclass(frozen=True)
class Chart:
    """One figure of a page. `figure` is None when there is nothing to draw; `empty` then says why."""

    name: str
    title: str
    subtitle: str
    alt: str
    table: pl.DataFrame
    figure: go.Figure | None
    note: str = ""
    empty: str = ""
    headings: dict[str, str] = field(default_factory=dict)
    #: Whether its x axis is of dates, so that the big releases can be drawn on it.
    is_dated: bool = False
    #: What is the same for all rows, by column: the CSV carries it beside them, so that it can stand alone
    #: (`scope`, `as_of_date`, `universe`, `weight`, `evidence`). On the page the words say it.
    context: dict[str, str | date | None] = field(default_factory=dict)


def nothing(name: str, title: str, reason: str) -> Chart:
    """Say why a figure has nothing to draw."""
    return Chart(name, title, "", "", pl.DataFrame(), None, empty=reason)


def _inert(text: str) -> str:
    """Escape what Plotly would read as HTML, or as mathematics between dollar signs."""
    return escape(text, quote=False).replace("$", "&#36;")


def label(text: str, length: int = 48) -> str:
    """Make text from the data safe for Plotly, which reads some HTML in labels, and short."""
    return _inert(cut(text, length))


def title_label(text: str, length: int = 48) -> str:
    """Make a population or another phrase from the data safe for Plotly, shortened at its end."""
    return _inert(cut_end(text, length))


def full(text: str) -> str:
    """Make text from the data safe for a hover, whole but for what no name needs."""
    lines, room = [""], 0
    for part in re.findall(r"[!-~]+|.", cut(text, 400)):
        width = sum(2 if is_wide(mark) else 1 for mark in part)
        if room + width > 60 and lines[-1]:
            lines, room = [*lines, ""], 0
        lines[-1], room = lines[-1] + part, room + width
    return "<br>".join(_inert(part.strip()) for part in lines)


def canvas(height: int, **layout: Any) -> go.Figure:
    """Make an empty figure of a height in pixels; its width is that of the page."""
    return go.Figure(layout={"height": height, "showlegend": False, **layout})


def on_phones(figure: go.Figure, **overrides: Any) -> None:
    """Set what the layout has instead below 600 px; `__` stands for a dot in the name of a property."""
    narrow = (figure.layout.meta or {}).get("narrow", {})
    mine = {key.replace("__", "."): value for key, value in overrides.items()}
    figure.layout.meta = {"narrow": {**narrow, **mine}}


def row_labels(figure: go.Figure, labels: Sequence[str], places: Sequence[float], lift: float) -> None:
    """Write a label above each horizontal row, at the left edge; it needs no margin, so it fits a phone."""
    mine = [
        {"text": text, "x": 0, "xref": "paper", "xanchor": "left", "y": place + lift, "yanchor": "middle",
         "font": {"size": 12}}
        for text, place in zip(labels, places, strict=True)
    ]  # fmt: skip
    # All at once: Plotly copies all annotations of a figure for each that is added.
    figure.layout.annotations = [*(one.to_plotly_json() for one in figure.layout.annotations), *mine]
    figure.update_yaxes(showticklabels=False, showgrid=False, fixedrange=True)


def vertical_mark(figure: go.Figure, when: date, text: str, *, level: int = 0, is_left: bool = False) -> None:
    """Draw a dotted vertical line at a date with a word at its top; `level` lowers the word."""
    figure.add_shape(
        type="line", x0=when.isoformat(), x1=when.isoformat(), y0=0, y1=1, yref="paper",
        line={"dash": "dot", "width": 1, "color": GREY}, layer="below",
    )  # fmt: skip
    figure.add_annotation(
        text=text, x=when.isoformat(), xanchor="right" if is_left else "left",
        xshift=-3 if is_left else 3, y=1, yref="paper", yanchor="top",
        yshift=-15 * level, font={"size": 11},
    )  # fmt: skip


def spread(values: Sequence[float], least: float) -> list[float]:
    """Move labels apart so that no two are nearer than `least`, keeping their order."""
    order = sorted(range(len(values)), key=lambda place: values[place])
    placed = list(values)
    for before, place in pairwise(order):
        placed[place] = max(placed[place], placed[before] + least)
    return placed


def isodates(values: Iterable[date | None]) -> list[str | None]:
    """Write dates as Plotly reads them."""
    return [None if value is None else value.isoformat() for value in values]


def with_gaps(
    dates: Sequence[date], values: Sequence[float], longest_gap_days: int
) -> tuple[list[str | None], list[float | None]]:
    """Give the points of a line with a break in it wherever the next point is too far away."""
    xs: list[str | None] = []
    ys: list[float | None] = []
    for place, (when, value) in enumerate(zip(dates, values, strict=True)):
        if place and (when - dates[place - 1]).days > longest_gap_days:
            xs.append(None)
            ys.append(None)
        xs.append(when.isoformat())
        ys.append(value)
    return xs, ys
